"""Trade between stores: what one can give and another lacks, what a way costs, and exchanges."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import RefField
from jump.engines.finance.models.stores import Store, StoreMove
from jump.engines.finance.types.exchanges import ExchangeState, OfferKind


class ExchangeOffer(models.Model):
    """What a store can give at a price, or what it lacks and the most one unit may cost with transport."""

    ref = RefField(kind="xof")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="offers")
    kind = models.CharField(max_length=8)
    quantity_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField()
    on = models.DateField()
    until = models.DateField(null=True)
    is_withdrawn = models.BooleanField(default=False)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in OfferKind]), name="finance_offer_kind"),
            models.CheckConstraint(condition=Q(quantity_minor__gt=0, price_minor__gt=0), name="finance_offer_amounts"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("on")), name="finance_offer_days"),
        ]


class TransportWay(models.Model):
    """What it costs to bring one unit from one store to another, from a day on."""

    from_store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="ways_out")
    to_store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="ways_in")
    per_unit_minor = models.BigIntegerField()
    valid_from = models.DateField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(per_unit_minor__gte=0), name="finance_way_cost"),
            models.CheckConstraint(condition=~Q(from_store=F("to_store")), name="finance_way_leads_away"),
        ]


class StoreExchange(models.Model):
    """One trade: agreed by one person, and booked in both stores when a second one says what arrived."""

    ref = RefField(kind="xch")
    offer = models.ForeignKey(ExchangeOffer, on_delete=models.PROTECT, related_name="sold")
    need = models.ForeignKey(ExchangeOffer, on_delete=models.PROTECT, related_name="bought")
    state = models.CharField(max_length=8, default=ExchangeState.AGREED.value)
    quantity_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField()
    transport_minor = models.BigIntegerField()
    on = models.DateField()
    waybill = models.CharField(max_length=40, blank=True, default="")
    arrived_minor = models.BigIntegerField(null=True)
    sent = models.OneToOneField(StoreMove, on_delete=models.PROTECT, related_name="exchange_out")
    received = models.OneToOneField(StoreMove, on_delete=models.PROTECT, related_name="exchange_in")
    prepared_by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in ExchangeState]), name="finance_exchange_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="arrived")
                | (~Q(prepared_by=F("approved_by")) & ~Q(approved_by="") & ~Q(waybill="") & Q(arrived_minor__gt=0)),
                name="finance_exchange_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(arrived_minor__isnull=True) | Q(arrived_minor__lte=F("quantity_minor")),
                name="finance_exchange_arrived",
            ),
        ]
