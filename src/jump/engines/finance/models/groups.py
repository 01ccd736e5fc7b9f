"""Savings groups with one box: cycles, and the facts of their meetings."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.core.savings import BoxKind
from jump.engines.finance.types.groups import CycleState


class GroupCycle(Scoped):
    """One cycle of a savings group: a price of a share and the rules that the members agreed, until the share-out."""

    data_class = "F"

    ref = RefField(kind="cyc")
    group = PointerField()
    book = PointerField()
    currency = models.CharField(max_length=3)
    share_value_minor = models.BigIntegerField()
    shares_per_meeting_max = models.PositiveIntegerField(default=5)
    loan_multiple = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    opening_cash_minor = models.BigIntegerField(default=0)
    opening_social_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, default=CycleState.RUNNING.value)
    shared_on = models.DateField(null=True)
    carried_minor = models.BigIntegerField(default=0)
    proposed_by = models.CharField(max_length=120, blank=True, default="")
    approved_by = models.CharField(max_length=120, blank=True, default="")
    entry = PointerField(blank=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(share_value_minor__gt=0), name="finance_cycle_share"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="finance_cycle_days"),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in CycleState]), name="finance_cycle_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="shared") | (~Q(proposed_by=F("approved_by")) & ~Q(approved_by="")),
                name="finance_cycle_four_eyes",
            ),
            models.UniqueConstraint(fields=["group"], condition=~Q(state="shared"), name="finance_cycle_one_running"),
        ]


class BoxMeeting(models.Model):
    """One meeting: written down by one person, booked when another has counted the whole box."""

    ref = RefField(kind="bxm")
    cycle = models.ForeignKey(GroupCycle, on_delete=models.PROTECT, related_name="meetings")
    on = models.DateField()
    is_booked = models.BooleanField(default=False)
    entered_by = models.CharField(max_length=120)
    counted_by = models.CharField(max_length=120, blank=True, default="")
    counted_minor = models.BigIntegerField(null=True)
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(is_booked=False) | (~Q(entered_by=F("counted_by")) & ~Q(counted_by="")),
                name="finance_box_meeting_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(is_booked=False), name="finance_box_meeting_one_open"
            ),
        ]


class BoxFactRow(models.Model):
    """One fact of a meeting, as `core.savings.BoxFact` reads it."""

    meeting = models.ForeignKey(BoxMeeting, on_delete=models.PROTECT, related_name="facts")
    kind = models.CharField(max_length=12)
    member = PointerField(blank=True)
    amount_minor = models.BigIntegerField(default=0)
    shares = models.PositiveIntegerField(default=0)
    charge_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in BoxKind]), name="finance_box_fact_kind"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, charge_minor__gte=0), name="finance_box_fact_amounts"
            ),
        ]
