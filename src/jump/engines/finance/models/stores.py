"""Stores in kind: lots, movements of grain and money, loans of grain, price bands, counts and seasons."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.finance.types.stores import CountState, SeasonState, StoreMoveKind, StoreMoveState


class Store(Scoped):
    """A stock of one sort of goods that a group keeps in its village, under a product of a package.

    Every lot is an account of the ledger in the unit of the goods, which the ledger never lets fall below zero.
    """

    data_class = "F"

    ref = RefField(kind="sto")
    product = models.CharField(max_length=120)
    product_version = models.CharField(max_length=40)
    product_title = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    goods = models.JSONField(default=dict)
    owner = PointerField()
    book = PointerField()
    unit = models.CharField(max_length=12)
    decimals = models.PositiveSmallIntegerField()
    unit_words = models.JSONField(default=dict)
    currency = models.CharField(max_length=3)
    terms = models.JSONField(default=dict)
    opened_on = models.DateField()
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return str(self.ref)


class PriceBand(Scoped):
    """Between which prices one unit may be sold, from a day on: of one store, or at a place between stores."""

    data_class = "F"

    ref = RefField(kind="bnd")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, null=True, related_name="bands")
    unit = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    floor_minor = models.BigIntegerField()
    ceiling_minor = models.BigIntegerField()
    valid_from = models.DateField()
    basis = models.JSONField(default=dict)
    decision = PointerField(blank=True)
    declared_by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(floor_minor__gt=0, ceiling_minor__gte=F("floor_minor")), name="finance_band_possible"
            ),
        ]


class StoreSeason(models.Model):
    """One season of a store, from restocking to the closing of its account."""

    ref = RefField(kind="ssn")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="seasons")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    state = models.CharField(max_length=10, default=SeasonState.RUNNING.value)
    opening_minor = models.BigIntegerField(default=0)
    closing_minor = models.BigIntegerField(null=True)
    result_minor = models.BigIntegerField(null=True)
    split = models.JSONField(default=dict)
    proposed_by = models.CharField(max_length=120, blank=True, default="")
    approved_by = models.CharField(max_length=120, blank=True, default="")
    entry = PointerField(blank=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in SeasonState]), name="finance_season_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | (~Q(proposed_by=F("approved_by")) & ~Q(approved_by="")),
                name="finance_season_four_eyes",
            ),
            models.UniqueConstraint(fields=["store"], condition=~Q(state="closed"), name="finance_season_one_running"),
        ]


class GrainLoan(models.Model):
    """Grain lent to a member, to be given back in grain with a margin. What is owed is an account of the ledger."""

    ref = RefField(kind="grl")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="loans")
    party = PointerField()
    lent_minor = models.BigIntegerField()
    margin = models.DecimalField(max_digits=6, decimal_places=4)
    due_minor = models.BigIntegerField()
    cost_minor = models.BigIntegerField()
    lent_on = models.DateField()
    due_on = models.DateField()
    account = PointerField(unique=True, db_index=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(lent_minor__gt=0, due_minor__gte=F("lent_minor")), name="finance_grain_loan_amounts"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("lent_on")), name="finance_grain_loan_days"),
        ]


class StoreMove(models.Model):
    """Grain, and the money or the promise that goes with it. What leaves unpaid, and money out, needs two people."""

    ref = RefField(kind="stm")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="moves")
    book = PointerField(db_index=False)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10)
    on = models.DateField()
    quantity_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField(null=True)
    amount_minor = models.BigIntegerField(default=0)
    cost_minor = models.BigIntegerField(default=0)
    party = PointerField(blank=True)
    loan = models.ForeignKey(GrainLoan, on_delete=models.PROTECT, null=True, related_name="moves")
    season = models.ForeignKey(StoreSeason, on_delete=models.PROTECT, null=True, related_name="moves")
    mark = models.CharField(max_length=40, blank=True, default="")
    quality = models.CharField(max_length=120, blank=True, default="")
    due_on = models.DateField(null=True)
    receipt = models.CharField(max_length=40, blank=True, default="")
    memo = models.CharField(max_length=200, blank=True, default="")
    prepared_by = models.CharField(max_length=120)
    booked_by = models.CharField(max_length=120, blank=True, default="")
    entry = PointerField(blank=True)
    undone_entry = PointerField(blank=True)
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in StoreMoveKind]), name="finance_store_move_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in StoreMoveState]), name="finance_store_move_state"
            ),
            models.CheckConstraint(
                condition=Q(quantity_minor__gt=0)
                | Q(quantity_minor=0, kind__in=["cost", "contributed"], amount_minor__gt=0),
                name="finance_store_move_positive",
            ),
            # Four eyes where money leaves, or grain that nobody paid for, also in the database.
            models.CheckConstraint(
                condition=~Q(kind__in=["bought", "cost", "lent", "given", "lost", "sent", "received"], state="booked")
                | (~Q(prepared_by=F("booked_by")) & ~Q(booked_by="")),
                name="finance_store_move_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["book", "receipt"],
                condition=~Q(receipt="") & Q(state__in=["prepared", "booked"]),
                name="finance_store_receipt_once",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["store", "on", "id"], name="finance_store_move_by_day"),
        ]


class StockLot(models.Model):
    """One receipt of goods, kept apart: where it came from, how good it is, what it cost."""

    ref = RefField(kind="lot")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="lots")
    mark = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    quality = models.CharField(max_length=120, blank=True, default="")
    received_on = models.DateField()
    received_minor = models.BigIntegerField()
    account = PointerField(unique=True, db_index=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["store", "mark"], name="finance_lot_mark_once"),
            models.CheckConstraint(condition=Q(received_minor__gt=0), name="finance_lot_positive"),
        ]


class LotMove(models.Model):
    """What one movement put into a lot (above zero) or took from it (below zero), and what that had cost."""

    move = models.ForeignKey(StoreMove, on_delete=models.PROTECT, related_name="parts")
    lot = models.ForeignKey(StockLot, on_delete=models.PROTECT, related_name="parts")
    quantity_minor = models.BigIntegerField()
    cost_minor = models.BigIntegerField()


class StockCount(models.Model):
    """A count of every lot, written down by one person and confirmed by another."""

    ref = RefField(kind="stc")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="counts")
    on = models.DateField()
    state = models.CharField(max_length=10, default=CountState.WRITTEN.value)
    written_by = models.CharField(max_length=120)
    confirmed_by = models.CharField(max_length=120, blank=True, default="")
    move = models.ForeignKey(StoreMove, on_delete=models.PROTECT, null=True, related_name="counts")
    why = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~Q(state="confirmed") | (~Q(written_by=F("confirmed_by")) & ~Q(confirmed_by="")),
                name="finance_stock_count_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["store"], condition=Q(state="written"), name="finance_stock_count_one_open"
            ),
        ]


class StockCountLine(models.Model):
    """One lot as it stood in the book and as it was counted."""

    count = models.ForeignKey(StockCount, on_delete=models.PROTECT, related_name="lines")
    lot = models.ForeignKey(StockLot, on_delete=models.PROTECT, related_name="+")
    book_minor = models.BigIntegerField()
    counted_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(counted_minor__gte=0), name="finance_stock_counted"),
            models.UniqueConstraint(fields=["count", "lot"], name="finance_stock_count_lot_once"),
        ]
