"""Books, accounts, entries with their lines, and what is derived from them.

Entry, Line, Closing and Link are append-only: triggers of the database refuse every change (`guards`). An entry points
at its *closing row* by a deferred foreign key; that row is inserted last and its trigger refuses an entry with
fewer than two lines or with a unit that does not sum to zero. So no transaction commits an entry that is open or
out of balance.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.ledger.types import LABELS, AccountKind, PeriodState


class Book(Scoped):
    """A set of accounts that belong together: a fund's, a budget's, an enterprise's."""

    data_class = "F"

    ref = RefField(kind="bok")
    owner = PointerField(unique=True, db_index=False)
    title = models.CharField(max_length=200)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.ref)


class Account(models.Model):
    """One thing counted in one unit. Book, code, kind and unit never change (guarded)."""

    ref = RefField(kind="acc")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="accounts")
    code = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    unit = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "code"], name="ledger_account_code_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in AccountKind]), name="ledger_account_kind"
            ),
            models.CheckConstraint(condition=~Q(unit=""), name="ledger_account_unit"),
        ]

    def __str__(self) -> str:
        return str(self.code)


class Balance(models.Model):
    """What an account holds now: the sum of its lines, moved only by posting, never below its floor."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="holding")
    balance_minor = models.BigIntegerField(default=0)
    sign = models.SmallIntegerField()
    floor_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(floor_minor__isnull=True) | Q(floor_minor__lte=F("balance_minor") * F("sign")),
                name="ledger_balance_floor",
            ),
            models.CheckConstraint(condition=Q(sign__in=[1, -1]), name="ledger_balance_sign"),
        ]


class Movement(models.Model):
    """What went into and out of an account in one month, so that a balance of the past costs no scan of lines."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="movements")
    month = models.IntegerField()
    debit_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["account", "month"], name="ledger_movement_once"),
            models.CheckConstraint(condition=Q(debit_minor__gte=0, credit_minor__gte=0), name="ledger_movement_sides"),
        ]


class Period(models.Model):
    """A month of a book that is no longer open to everyone. A month without a row is open."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="periods")
    month = models.IntegerField()
    state = models.CharField(max_length=8, default=PeriodState.OPEN.value)
    changed_at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "month"], name="ledger_period_once"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in PeriodState]), name="ledger_period_state"
            ),
        ]


class Closing(models.Model):
    """The last row of an entry. It exists only if the entry has two lines or more and every unit sums to zero."""

    entry_ref = models.CharField(max_length=24, primary_key=True)


class Entry(models.Model):
    """One thing that happened, in lines that sum to zero. Never changed; a mistake is reversed by another entry."""

    ref = RefField(kind="ety")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="entries")
    occurred_on = models.DateField()
    month = models.IntegerField()
    recorded_at = models.DateTimeField()
    memo = models.CharField(max_length=300)
    source = PointerField(blank=True)
    key = models.CharField(max_length=200)
    by = models.CharField(max_length=120)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    content_sha256 = models.CharField(max_length=64)
    closing = models.ForeignKey(Closing, on_delete=models.DO_NOTHING, db_index=False, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "key"], name="ledger_entry_key_once"),
            models.CheckConstraint(condition=Q(closing=F("ref")), name="ledger_entry_own_closing"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["book", "occurred_on"], name="ledger_entry_by_day")]

    def __str__(self) -> str:
        return str(self.ref)


class Line(models.Model):
    """One account of an entry and by how much it moved (debit positive), with the labels its poster gave."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    position = models.SmallIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines", db_index=False)
    occurred_on = models.DateField()
    amount_minor = models.BigIntegerField()
    label_line = models.CharField(max_length=80, blank=True, default="")
    label_place = models.CharField(max_length=200, blank=True, default="")
    label_stage = models.CharField(max_length=80, blank=True, default="")
    label_activity = models.CharField(max_length=80, blank=True, default="")
    label_source = models.CharField(max_length=80, blank=True, default="")
    label_type = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["entry", "position"], name="ledger_line_position_once"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_line_not_zero"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["account", "occurred_on"], name="ledger_line_by_account")]


class Link(models.Model):
    """A closed entry's place in the hash chain of its book. Written in batches by the sealer, never changed."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="links")
    position = models.BigIntegerField()
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "position"], name="ledger_link_position_once")
        ]


LABEL_COLUMNS: dict[str, str] = {label: f"label_{label}" for label in LABELS}
