"""Funds: what came in, by which rules it is lent, what is promised."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.types import Contributor


class Fund(Scoped):
    """A revolving loan fund or a seed fund, with a book of its own, owned by a partner or a community."""

    data_class = "F"

    ref = RefField(kind="fnd")
    title = models.CharField(max_length=200)
    owner = PointerField()
    currency = models.CharField(max_length=3)
    book = PointerField(unique=True, db_index=False)
    opened_on = models.DateField()
    bookkeeper = PointerField(blank=True)
    bookkeeper_proof = PointerField(blank=True)
    key = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="finance_fund_key_once")
        ]

    def __str__(self) -> str:
        return str(self.ref)


class RuleSet(models.Model):
    """One version of a fund's rules, dated, with who was asked. Earlier versions stay."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="rule_sets")
    version = models.PositiveIntegerField()
    valid_from = models.DateField()
    definition = models.CharField(max_length=120, blank=True, default="")
    parameters = models.JSONField(default=dict)
    consulted = models.JSONField(default=dict)
    adopted_by = models.CharField(max_length=120)
    signed = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["fund", "version"], name="finance_rules_version_once"),
            models.UniqueConstraint(
                fields=["fund", "signed"], condition=~Q(signed=""), name="finance_rules_signed_once"
            ),
        ]


class FundHandOver(models.Model):
    """A fund passes to another owner: counted and prepared by one person, signed by another (000, 2.9)."""

    PREPARED, DONE, DROPPED = "prepared", "done", "dropped"

    ref = RefField(kind="fho")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="hand_overs")
    from_owner = PointerField()
    to_owner = PointerField()
    counted_on = models.DateField()
    counted = models.JSONField(default=dict)
    count = PointerField(blank=True)
    deed = PointerField(blank=True)
    on = models.DateField(null=True)
    state = models.CharField(max_length=8, default="prepared")
    prepared_by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "done", "dropped"]), name="finance_hand_over_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | (~Q(prepared_by=F("approved_by")) & ~Q(approved_by="") & ~Q(deed="") & Q(on__isnull=False)),
                name="finance_hand_over_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["fund"], condition=Q(state="prepared"), name="finance_hand_over_one_prepared"
            ),
        ]


class Contribution(models.Model):
    """Money put into a fund, by the kind of its source."""

    ref = RefField(kind="cnt")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="contributions")
    source = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()
    on = models.DateField()
    entry = PointerField()
    key = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["fund", "key"], name="finance_contribution_key_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_contribution_positive"),
            models.CheckConstraint(
                condition=Q(source__in=[one.value for one in Contributor]), name="finance_contribution_source"
            ),
        ]


class InterestUse(models.Model):
    """Interest taken out of a fund for community services, by a decision (000, 8.3(4))."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="interest_uses")
    amount_minor = models.BigIntegerField()
    purpose = models.CharField(max_length=200)
    decision = PointerField()
    on = models.DateField()
    entry = PointerField()
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_interest_use_positive")
        ]


class Reservation(models.Model):
    """Money promised by a decision until a contract takes it up: so that no sum is promised twice."""

    HELD, USED, RELEASED = "held", "used", "released"

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, null=True, related_name="reservations")
    cell = models.ForeignKey("BudgetCell", on_delete=models.PROTECT, null=True, related_name="reservations")
    amount_minor = models.BigIntegerField()
    cause = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=8, default="held")
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_reservation_positive"),
            models.CheckConstraint(
                condition=Q(fund__isnull=False, cell__isnull=True) | Q(fund__isnull=True, cell__isnull=False),
                name="finance_reservation_one_home",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "used", "released"]), name="finance_reservation_state"
            ),
        ]
