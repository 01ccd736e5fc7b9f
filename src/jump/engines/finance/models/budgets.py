"""Budgets: cells of country, stage and type; what was spent; sources, rates and assets."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.core.budgets import Rule


class Budget(Scoped):
    """The budget of a programme, declared by a package. Totals are computed from its cells, never typed."""

    data_class = "F"

    ref = RefField(kind="bud")
    title = models.CharField(max_length=200)
    definition = models.CharField(max_length=120)
    definition_version = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    pledge_minor = models.BigIntegerField(default=0)
    rules = models.JSONField(default=dict)
    book = PointerField(unique=True, db_index=False)
    declared_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scope", "definition"], name="finance_budget_once")
        ]


class BudgetCell(models.Model):
    """A planned sum for a place, a stage and a type (and a line, where the plan goes so far)."""

    ref = RefField(kind="cel")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="cells")
    place = models.CharField(max_length=200)
    country = models.CharField(max_length=20)
    stage = models.CharField(max_length=80)
    type = models.CharField(max_length=80)
    line = models.CharField(max_length=80, blank=True, default="")
    amount_minor = models.BigIntegerField()
    printed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["budget", "place", "stage", "type", "line"], name="finance_budget_cell_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="finance_budget_cell_not_negative"),
        ]


class BudgetChange(models.Model):
    """A move of planned money between cells, with its reason: the log of revisions."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="changes")
    from_cell = models.ForeignKey(BudgetCell, on_delete=models.PROTECT, null=True, related_name="+")
    to_cell = models.ForeignKey(BudgetCell, on_delete=models.PROTECT, null=True, related_name="+")
    amount_minor = models.BigIntegerField()
    why = models.TextField()
    decision = PointerField(blank=True)
    on = models.DateField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)


class Spend(Scoped):
    """Money spent out of a cell: the amount as paid, the amount in the budget's currency, and the entry."""

    data_class = "F"

    ref = RefField(kind="spd")
    cell = models.ForeignKey(BudgetCell, on_delete=models.PROTECT, related_name="spends")
    contract = models.ForeignKey("Contract", on_delete=models.PROTECT, null=True, related_name="spends")
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    paid_currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=24, decimal_places=12)
    on = models.DateField()
    line = models.CharField(max_length=80)
    stage = models.CharField(max_length=80)
    type = models.CharField(max_length=80)
    source = models.CharField(max_length=80)
    activity = models.CharField(max_length=80, blank=True, default="")
    memo = models.CharField(max_length=300)
    proof = PointerField(blank=True)
    entry = PointerField()
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            # Below zero is money of a grant that came back to the cell it was paid from.
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | Q(amount_minor__lt=0, paid_minor__lt=0, contract__isnull=False),
                name="finance_spend_or_refund",
            )
        ]


class FundingSource(models.Model):
    """Who pays a budget, how much is pledged, for where and when. The primary donor's money is core."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="sources")
    code = models.CharField(max_length=80)
    kind = models.CharField(max_length=80, blank=True, default="")  # what the stage rules call it; empty: its code
    allocation = models.CharField(max_length=16, default=Rule.PROPORTIONAL.value)
    title = models.CharField(max_length=200)
    donor = PointerField(blank=True)
    is_core = models.BooleanField(default=False)
    pledged_minor = models.BigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    place = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["budget", "code"], name="finance_source_once"),
            models.UniqueConstraint(fields=["budget"], condition=Q(is_core=True), name="finance_source_one_core"),
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="finance_source_days"),
            models.CheckConstraint(
                condition=Q(allocation__in=[one.value for one in Rule]), name="finance_source_allocation"
            ),
        ]


class ExchangeRate(models.Model):
    """What one unit of a currency was worth in another on a day. A rate holds until the next one."""

    given = models.CharField(max_length=3)
    wanted = models.CharField(max_length=3)
    on = models.DateField()
    rate = models.DecimalField(max_digits=24, decimal_places=12)
    source = models.CharField(max_length=200)
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["given", "wanted", "on"], name="finance_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="finance_rate_positive"),
        ]


class Asset(Scoped):
    """Something bought that lasts, who holds it, and the deed by which it was handed over."""

    data_class = "F"

    ref = RefField(kind="ast")
    title = models.CharField(max_length=200)
    spend = models.ForeignKey(Spend, on_delete=models.PROTECT, related_name="assets")
    cost_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    bought_on = models.DateField()
    holder = PointerField()
    state = models.CharField(max_length=12, default="held")
    handed_over_on = models.DateField(null=True)
    deed = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)


class AssetEvent(models.Model):
    """What happened to a thing that lasts: who keeps it, in what state it was found, what it cost to keep working."""

    CUSTODY, CHECK, OPERATION, MAINTENANCE = "custody", "check", "operation", "maintenance"

    ref = RefField(kind="aev")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12)
    on = models.DateField()
    holder = PointerField(blank=True)
    condition = models.CharField(max_length=12, blank=True, default="")
    spend = models.OneToOneField(Spend, on_delete=models.PROTECT, null=True, related_name="keeps")
    note = models.CharField(max_length=300, blank=True, default="")
    proof = PointerField(blank=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(kind="custody", spend__isnull=True) & ~Q(holder="")
                | Q(kind="check", spend__isnull=True) & ~Q(condition="")
                | Q(kind__in=["operation", "maintenance"], spend__isnull=False),
                name="finance_asset_event_kind",
            ),
        ]
