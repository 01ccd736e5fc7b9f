"""Markets that growers run themselves: scale checks, tickets and loads."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.types.markets import ScaleMoment, TicketState


class Market(Scoped):
    """A market that a group runs for a buyer: it weighs, grades and pays, and earns a commission for that."""

    data_class = "F"

    ref = RefField(kind="mkt")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    goods = models.JSONField(default=dict)
    owner = PointerField()
    company = PointerField()
    book = PointerField()
    unit = models.CharField(max_length=12)
    decimals = models.PositiveSmallIntegerField()
    unit_words = models.JSONField(default=dict)
    currency = models.CharField(max_length=3)
    grades = models.JSONField(default=list)
    terms = models.JSONField(default=dict)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    close_entry = PointerField(blank=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="finance_market_days"
            ),
        ]


class ScaleCheck(models.Model):
    """What the scale showed for a known weight."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="checks")
    on = models.DateField()
    moment = models.CharField(max_length=6)
    known_minor = models.BigIntegerField()
    shown_minor = models.BigIntegerField()
    is_good = models.BooleanField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(moment__in=[one.value for one in ScaleMoment]), name="finance_scale_moment"
            ),
            models.CheckConstraint(condition=Q(known_minor__gt=0, shown_minor__gte=0), name="finance_scale_weights"),
        ]


class MarketLoad(models.Model):
    """One truck from the market to the factory, with its waybill."""

    ref = RefField(kind="mld")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="loads")
    waybill = models.CharField(max_length=40)
    on = models.DateField()
    village_minor = models.BigIntegerField()
    factory_minor = models.BigIntegerField(null=True)
    factory_on = models.DateField(null=True)
    entry = PointerField(blank=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(village_minor__gt=0), name="finance_load_positive"),
            models.UniqueConstraint(fields=["market", "waybill"], name="finance_load_waybill_once"),
        ]


class WeighingTicket(models.Model):
    """One weighing of one grower. Weighed by one person, accepted by another, paid by one who did not accept it."""

    ref = RefField(kind="tkt")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="tickets")
    load = models.ForeignKey(MarketLoad, on_delete=models.PROTECT, null=True, related_name="tickets")
    on = models.DateField()
    serial = models.CharField(max_length=40)
    grower = PointerField()
    grade = models.CharField(max_length=40)
    gross_minor = models.BigIntegerField()
    tare_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField()
    premium_price_minor = models.BigIntegerField(default=0)
    value_minor = models.BigIntegerField(default=0)
    premium_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField(default=0)
    dues_minor = models.BigIntegerField(default=0)
    payable_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, default=TicketState.WEIGHED.value)
    weighed_by = models.CharField(max_length=120)
    accepted_by = models.CharField(max_length=120, blank=True, default="")
    paid_by = models.CharField(max_length=120, blank=True, default="")
    paid_on = models.DateField(null=True)
    receipt = models.CharField(max_length=40, blank=True, default="")
    entry = PointerField(blank=True)
    paid_entry = PointerField(blank=True)
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in TicketState]), name="finance_ticket_state"
            ),
            models.CheckConstraint(
                condition=Q(tare_minor__gte=0, net_minor__gt=0, net_minor=F("gross_minor") - F("tare_minor")),
                name="finance_ticket_weights",
            ),
            models.CheckConstraint(
                condition=Q(value_minor=F("credit_minor") + F("dues_minor") + F("payable_minor")),
                name="finance_ticket_adds_up",
            ),
            models.UniqueConstraint(
                fields=["market", "serial"], condition=~Q(state="dropped"), name="finance_ticket_serial_once"
            ),
            # Four eyes on what is posted and on what is paid, also in the database.
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "paid"]) | (~Q(weighed_by=F("accepted_by")) & ~Q(accepted_by="")),
                name="finance_ticket_accepted_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | (~Q(accepted_by=F("paid_by")) & ~Q(paid_by="")),
                name="finance_ticket_paid_by_another",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["market", "state", "on"], name="finance_ticket_by_state"),
        ]
