"""Savings accounts of members and groups, and everything that moves on them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.models.funds import Fund
from jump.engines.finance.types.savings import MovementKind, MovementState, SavingsForm, SavingsState


class SavingsAccount(Scoped):
    """Money that a person or a group keeps with a fund or with its own group, under a product of a package.

    What is saved is the balance of one account of the ledger, which the ledger never lets fall below zero.
    """

    data_class = "F"

    ref = RefField(kind="sav")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    form = models.CharField(max_length=12)
    owner = PointerField()
    group = PointerField(blank=True)
    holder = PointerField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, null=True, related_name="savings")
    book = PointerField()
    account = PointerField(unique=True, db_index=False)
    currency = models.CharField(max_length=3)
    terms = models.JSONField(default=dict)
    opened_on = models.DateField()
    matures_on = models.DateField(null=True)
    interest_until = models.DateField(null=True)
    state = models.CharField(max_length=8, default=SavingsState.OPEN.value)
    closed_on = models.DateField(null=True)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(form__in=[one.value for one in SavingsForm]), name="finance_savings_form"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True) | Q(state="closed", closed_on__isnull=False),
                name="finance_savings_state",
            ),
            models.CheckConstraint(
                condition=Q(matures_on__isnull=True) | Q(matures_on__gte=F("opened_on")), name="finance_savings_days"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "opened_on"], name="finance_savings_opened"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class SavingsMovement(models.Model):
    """A deposit, a withdrawal (prepared by one person, paid by another) or interest of a period."""

    ref = RefField(kind="smv")
    account = models.ForeignKey(SavingsAccount, on_delete=models.PROTECT, related_name="movements")
    book = PointerField(db_index=False)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    closes = models.BooleanField(default=False)
    receipt = models.CharField(max_length=40, blank=True, default="")
    prepared_by = models.CharField(max_length=120)
    booked_by = models.CharField(max_length=120, blank=True, default="")
    entry = PointerField(blank=True)
    undone_entry = PointerField(blank=True)
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in MovementKind]), name="finance_movement_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in MovementState]), name="finance_movement_state"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | Q(amount_minor=0, kind="interest") | Q(amount_minor=0, closes=True),
                name="finance_movement_positive",
            ),
            models.CheckConstraint(
                condition=~Q(kind="interest") | Q(period_from__isnull=False, period_to__gte=F("period_from")),
                name="finance_movement_period",
            ),
            # Interest of a period once.
            models.UniqueConstraint(
                fields=["account", "period_to"],
                condition=Q(kind="interest", state="booked"),
                name="finance_movement_interest_once",
            ),
            # Four eyes where money leaves, also in the database.
            models.CheckConstraint(
                condition=~Q(kind="withdrawal", state="booked") | (~Q(prepared_by=F("booked_by")) & ~Q(booked_by="")),
                name="finance_movement_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["book", "receipt"],
                condition=~Q(receipt="") & Q(state__in=["prepared", "booked"]),
                name="finance_movement_receipt_once",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account", "on", "id"], name="finance_movement_by_day"),
        ]


class SavingsNotice(models.Model):
    """Notice of a withdrawal, where the product asks for it. One notice, one withdrawal."""

    account = models.ForeignKey(SavingsAccount, on_delete=models.PROTECT, related_name="notices")
    amount_minor = models.BigIntegerField()
    given_on = models.DateField()
    free_on = models.DateField()
    movement = models.ForeignKey(SavingsMovement, on_delete=models.PROTECT, null=True, related_name="notices")
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="finance_notice_positive"),
            models.CheckConstraint(condition=Q(free_on__gte=F("given_on")), name="finance_notice_days"),
        ]
