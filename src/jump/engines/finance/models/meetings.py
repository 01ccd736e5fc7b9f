"""Money collected at a group's meeting: written down by one person, provisional until a second one has counted it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.types.meetings import CollectionState


class Collection(Scoped):
    """One meeting's sheet. Nothing is booked before the count agrees with it."""

    data_class = "F"

    ref = RefField(kind="col")
    group = PointerField()
    currency = models.CharField(max_length=3)
    on = models.DateField()
    state = models.CharField(max_length=12, default=CollectionState.PROVISIONAL.value)
    entered_by = models.CharField(max_length=120)
    entered_at = models.DateTimeField()
    counted_by = models.CharField(max_length=120, blank=True, default="")
    counted_on = models.DateField(null=True)
    counted_minor = models.BigIntegerField(null=True)
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in CollectionState]), name="finance_collection_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | (~Q(entered_by=F("counted_by")) & ~Q(counted_by="")),
                name="finance_collection_four_eyes",
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["group", "on"], name="finance_collection_by_day")]

    def __str__(self) -> str:
        return str(self.ref)


class CollectionLine(models.Model):
    """What one member paid for one loan or into one savings account."""

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    party = PointerField()
    target = PointerField()
    amount_minor = models.BigIntegerField()
    made = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["collection", "number"], name="finance_collection_line_once"),
            models.UniqueConstraint(fields=["collection", "target"], name="finance_collection_target_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_collection_line_positive"),
        ]


class GrantException(Scoped):
    """Why a start-up grant may be given: lenders refused, or there is none (000, 11.1(8))."""

    data_class = "F"

    ref = RefField(kind="gex")
    party = PointerField()
    lenders = models.JSONField(default=list)
    no_lender_at_all = models.BooleanField(default=False)
    why = models.CharField(max_length=600)
    proof = PointerField(blank=True)
    on = models.DateField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)
