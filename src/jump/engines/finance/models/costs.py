"""What it costs to run a fund: prepared by one person, paid by another."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.engines.finance.models.funds import Fund


class FundCost(models.Model):
    """A running cost of a fund: the bookkeeper's pay, paper, travel to borrowers."""

    PREPARED, PAID, DROPPED = "prepared", "paid", "dropped"

    ref = RefField(kind="fco")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="costs")
    what = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    on = models.DateField()
    proof = PointerField(blank=True)
    state = models.CharField(max_length=8, default=PREPARED)
    prepared_by = models.CharField(max_length=120)
    paid_by = models.CharField(max_length=120, blank=True, default="")
    why_dropped = models.CharField(max_length=200, blank=True, default="")
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_fund_cost_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "paid", "dropped"]), name="finance_fund_cost_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | (~Q(prepared_by=F("paid_by")) & ~Q(paid_by="") & ~Q(entry="")),
                name="finance_fund_cost_four_eyes",
            ),
        ]
