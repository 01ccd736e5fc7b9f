"""What is decided about a budget: how overhead is read, what is still to come, the provision, bridges over a gap."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.models.budgets import Budget, BudgetCell, Spend


class SupportBaseChoice(models.Model):
    """Which reading of the agency's percent holds from a day on: who chose it, and why. Earlier choices stay."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="support_choices")
    base = models.CharField(max_length=8)
    why = models.TextField()
    decision = PointerField(blank=True)
    on = models.DateField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(base__in=["total", "direct"]), name="finance_support_base"),
        ]


class CellEstimate(models.Model):
    """What somebody expected on a day to be still spent out of a cell, beside what was committed then."""

    cell = models.ForeignKey(BudgetCell, on_delete=models.PROTECT, related_name="estimates")
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    used_minor = models.BigIntegerField()  # spent and committed on that day
    why = models.TextField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="finance_estimate_not_negative"),
        ]


class ProvisionUse(models.Model):
    """Money of the provision asked for by one person and released by another (000, 11.1(13))."""

    ASKED, RELEASED, DROPPED = "asked", "released", "dropped"

    ref = RefField(kind="pvu")
    from_cell = models.ForeignKey(BudgetCell, on_delete=models.PROTECT, related_name="+")
    to_cell = models.ForeignKey(BudgetCell, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    why = models.TextField()
    decision = PointerField(blank=True)
    asked_by = models.CharField(max_length=120)
    asked_on = models.DateField()
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_on = models.DateField(null=True)
    state = models.CharField(max_length=8, default="asked")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_provision_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "released", "dropped"]), name="finance_provision_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | (~Q(asked_by=F("decided_by")) & ~Q(decided_by="") & ~Q(decision="")),
                name="finance_provision_four_eyes",
            ),
        ]


class BridgePost(Scoped):
    """The pay of a project's professional while no other donor is found: by month, until a day (000, 11.1(4))."""

    data_class = "F"

    ref = RefField(kind="brg")
    cell = models.ForeignKey(BudgetCell, on_delete=models.PROTECT, related_name="bridges")
    post = PointerField()
    title = models.CharField(max_length=200)
    line = models.CharField(max_length=80)
    stage = models.CharField(max_length=80)
    monthly_minor = models.BigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    why = models.TextField()
    replaced_by = models.CharField(max_length=80, blank=True, default="")
    replaced_on = models.DateField(null=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(monthly_minor__gt=0), name="finance_bridge_positive"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="finance_bridge_days"),
            models.CheckConstraint(
                condition=Q(replaced_by="", replaced_on__isnull=True)
                | (~Q(replaced_by="") & Q(replaced_on__isnull=False)),
                name="finance_bridge_replaced",
            ),
        ]


class BridgePayment(models.Model):
    """One month of a bridge, paid once."""

    bridge = models.ForeignKey(BridgePost, on_delete=models.PROTECT, related_name="payments")
    month = models.DateField()
    spend = models.OneToOneField(Spend, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["bridge", "month"], name="finance_bridge_month_once"),
        ]
