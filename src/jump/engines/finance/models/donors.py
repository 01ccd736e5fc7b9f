"""What donors and partners promise to a budget and what comes, in money and in kind; what a unit in kind is worth."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.models.budgets import Budget
from jump.engines.finance.types.donors import PledgeKind


class FundingPledge(Scoped):
    """A promise to a budget in money, facilities, expertise or another kind, with what alone it may be used for."""

    data_class = "F"

    ref = RefField(kind="ple")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="pledges")
    party = PointerField()
    source = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    what = models.CharField(max_length=80, blank=True, default="")
    unit = models.CharField(max_length=12, blank=True, default="")
    quantity_minor = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField()  # in the budget's currency
    given_minor = models.BigIntegerField()  # as promised, in the donor's currency
    given_currency = models.CharField(max_length=3)
    earmark = models.JSONField(default=dict)
    on = models.DateField()
    until = models.DateField(null=True)
    proof = PointerField(blank=True)
    note = models.CharField(max_length=300, blank=True, default="")
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0, given_minor__gt=0), name="finance_funding_positive"),
            models.CheckConstraint(
                condition=Q(kind="money", unit="", quantity_minor=0)
                | Q(kind__in=[one.value for one in PledgeKind if one != PledgeKind.MONEY], quantity_minor__gt=0),
                name="finance_funding_kind",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("on")), name="finance_funding_days"
            ),
        ]


class BudgetContribution(Scoped):
    """What came in for a budget, in money or valued in kind: as given, with the rate, and in the budget's currency."""

    data_class = "F"

    ref = RefField(kind="bct")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="contributions")
    pledge = models.ForeignKey(FundingPledge, on_delete=models.PROTECT, null=True, related_name="receipts")
    party = PointerField(blank=True)
    source = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    what = models.CharField(max_length=80, blank=True, default="")
    unit = models.CharField(max_length=12, blank=True, default="")
    quantity_minor = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField()
    given_minor = models.BigIntegerField()
    given_currency = models.CharField(max_length=3)
    rate_minor = models.BigIntegerField(default=0)  # of one unit in kind, in the currency given
    stage = models.CharField(max_length=80, blank=True, default="")
    line = models.CharField(max_length=80, blank=True, default="")
    on = models.DateField()
    proof = PointerField(blank=True)
    entry = PointerField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, given_minor__gt=0), name="finance_contributed_positive"
            ),
            models.CheckConstraint(
                condition=Q(kind="money", quantity_minor=0)
                | Q(kind__in=[one.value for one in PledgeKind if one != PledgeKind.MONEY], quantity_minor__gt=0),
                name="finance_contributed_kind",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["budget", "source", "on"], name="finance_contributed_source"),
        ]


class InKindRate(models.Model):
    """What one unit of something given is worth at a place, from a day on. A rate holds until the next one."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="in_kind_rates")
    place = models.CharField(max_length=200)
    what = models.CharField(max_length=80)
    unit = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    rate_minor = models.BigIntegerField()
    valid_from = models.DateField()
    source = models.CharField(max_length=200)
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["budget", "place", "what", "unit", "valid_from"], name="finance_in_kind_rate_once"
            ),
            models.CheckConstraint(condition=Q(rate_minor__gt=0), name="finance_in_kind_rate_positive"),
        ]
