"""Books, accounts, entries with their lines, and what is derived from them.

Batch, Entry, Line, Closing and Link are append-only: triggers of the database refuse every change (`guards`). What one
posting writes is a *batch*. The batch points at its *closing row* by a deferred foreign key; that row is inserted last
and its trigger refuses a batch with an entry of fewer than two lines or with a unit that does not sum to zero. So no
transaction commits an entry that is open or out of balance. Entries and lines name book, account and entry without
foreign keys of the database: the guards check them set by set, and what they name is never deleted.
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


class Unit(models.Model):
    """A commodity that is counted: bags of 50 kg, days of labour, shares. Currencies of ISO 4217 are no rows."""

    code = models.CharField(max_length=12, primary_key=True)
    title = models.CharField(max_length=120)
    decimals = models.SmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(decimals__gte=0, decimals__lte=9), name="ledger_unit_decimals"),
            models.CheckConstraint(condition=~Q(code=""), name="ledger_unit_code"),
        ]

    def __str__(self) -> str:
        return str(self.code)


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
    """What an account holds now: the sum of its lines, moved only by posting.

    What is above the floor and not reserved by holds is free; less than nothing is never free.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="holding")
    balance_minor = models.BigIntegerField(default=0)
    sign = models.SmallIntegerField()
    floor_minor = models.BigIntegerField(null=True)
    reserved_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(floor_minor__isnull=True)
                | Q(floor_minor__lte=F("balance_minor") * F("sign") - F("reserved_minor")),
                name="ledger_balance_floor",
            ),
            models.CheckConstraint(
                condition=Q(reserved_minor=0) | Q(reserved_minor__gt=0, floor_minor__isnull=False),
                name="ledger_balance_reserved",
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
    """The last row of a batch. It exists only if each entry has two lines or more and every unit sums to zero."""

    entry_ref = models.CharField(max_length=24, primary_key=True)


class Batch(models.Model):
    """The first row of what one posting writes: open until its closing row is there, and never committed open."""

    ref = models.CharField(max_length=24, primary_key=True)
    closing = models.ForeignKey(Closing, on_delete=models.DO_NOTHING, db_index=False, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(closing=F("ref")), name="ledger_batch_own_closing")
        ]


class Entry(models.Model):
    """One thing that happened, in lines that sum to zero. Never changed; a mistake is reversed by another entry.

    `occurred_on` is the day in the books; `value_on` the day on which it was true, where the books of that day were
    closed already.
    """

    ref = RefField(kind="ety")
    book = models.ForeignKey(
        Book, on_delete=models.PROTECT, related_name="entries", db_index=False, db_constraint=False
    )
    occurred_on = models.DateField()
    month = models.IntegerField()
    recorded_at = models.DateTimeField()
    memo = models.CharField(max_length=300)
    source = models.CharField(max_length=24, blank=True, default="")  # a pointer; its index is below
    key = models.CharField(max_length=200)
    by = models.CharField(max_length=120)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    content_sha256 = models.CharField(max_length=64)
    closing = models.ForeignKey(
        Closing, on_delete=models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    value_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "key"], name="ledger_entry_key_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["book", "occurred_on"], name="ledger_entry_by_day"),
            models.Index(fields=["closing"], name="ledger_entry_by_batch"),
            models.Index(fields=["source"], name="ledger_entry_by_source"),
            models.Index(
                fields=["book", "value_on"], name="ledger_entry_by_value", condition=Q(value_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class Line(models.Model):
    """One account of an entry and by how much it moved (debit positive), with the labels its poster gave."""

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    position = models.SmallIntegerField()
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
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

    @property
    def labels(self) -> dict[str, str]:
        """The labels that its poster gave."""
        return {name: value for name, column in LABEL_COLUMNS.items() if (value := getattr(self, column))}


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


class Exchange(models.Model):
    """The rate of an entry that changes one unit into another, and the day and origin of the rate."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="exchange")
    given = models.CharField(max_length=12)
    wanted = models.CharField(max_length=12)
    rate = models.DecimalField(max_digits=28, decimal_places=12)
    rate_on = models.DateField()
    origin = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(rate__gt=0), name="ledger_exchange_rate"),
        ]


class Seal(models.Model):
    """What was proved when a month was sealed. `root` depends on the seal before, the chain and every balance."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="seals")
    month = models.IntegerField()
    entries = models.BigIntegerField()
    position = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    trial_sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    root = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["book", "month"], name="ledger_seal_once")]


class Imported(models.Model):
    """A file of old books that was taken over whole. The same content is taken over once."""

    ref = RefField(kind="imp")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="imports")
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    entries = models.BigIntegerField()
    lines = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "sha256"], name="ledger_imported_once")
        ]


LABEL_COLUMNS: dict[str, str] = {label: f"label_{label}" for label in LABELS}
