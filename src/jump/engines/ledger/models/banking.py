"""Bank statements beside the books: what a bank says, which lines belong together, and reconciliations.

Nothing here moves a balance. Statements, their lines and the items of a reconciliation are append-only; a match can be
taken back until a signed reconciliation holds it; a signed reconciliation never changes (`guards`). What a bank wrote
in a line may hold a name, so that text alone may be blanked.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.engines.ledger.models.tables import Account, Entry, Line
from jump.engines.ledger.types.banking import MatchState, PrepareState


class BankAccount(models.Model):
    """An account that a bank sends statements of: its number there, and how the bank's table is read."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="bank")
    number = models.CharField(max_length=40, blank=True, default="")
    reading = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    by = models.CharField(max_length=120)


class BankStatement(models.Model):
    """A statement that was taken in whole: its two balances agree with its lines. The same one is taken once."""

    ref = RefField(kind="bst")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="statements")
    form = models.CharField(max_length=8)
    number = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    file = PointerField(blank=True, db_index=False)
    file_name = models.CharField(max_length=200)
    opens_on = models.DateField()
    closes_on = models.DateField()
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    lines_new = models.IntegerField()
    lines_known = models.IntegerField()
    taken_at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["account", "number", "closes_on"], name="ledger_bankstatement_once"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="ledger_bankstatement_days"),
            models.CheckConstraint(condition=~Q(number=""), name="ledger_bankstatement_number"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class BankLine(models.Model):
    """One line of a statement: money in is above zero. Known again by its digest, whatever statement repeats it."""

    ref = RefField(kind="bln")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="bank_lines", db_index=False)
    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="bank_lines")
    position = models.IntegerField()
    booked_on = models.DateField()
    value_on = models.DateField(null=True)
    amount_minor = models.BigIntegerField()
    reference = models.CharField(max_length=120, blank=True, default="")
    text = models.CharField(max_length=500, blank=True, default="")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["account", "digest"], name="ledger_bankline_once"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_bankline_not_zero"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["account", "booked_on"], name="ledger_bankline_by_day")]

    def __str__(self) -> str:
        return str(self.ref)


class Reconciliation(models.Model):
    """The books and the bank on one day: prepared by one person, signed by another, then never changed."""

    ref = RefField(kind="brc")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="reconciliations")
    as_of = models.DateField()
    state = models.CharField(max_length=8, default=PrepareState.PREPARED.value)
    book_minor = models.BigIntegerField()
    transit_minor = models.BigIntegerField()
    bank_minor = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    why = models.CharField(max_length=600, blank=True, default="")
    prepared_at = models.DateTimeField()
    prepared_by = models.CharField(max_length=120)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state=PrepareState.PREPARED.value),
                name="ledger_reconciliation_one_open",
            ),
            models.CheckConstraint(
                condition=Q(bank_minor=F("book_minor") + F("transit_minor")), name="ledger_reconciliation_agrees"
            ),
            models.CheckConstraint(
                condition=Q(state=PrepareState.DONE.value, signed_at__isnull=False)
                & ~Q(signed_by=F("prepared_by"))
                & ~Q(signed_by="")
                | Q(state__in=[PrepareState.PREPARED.value, PrepareState.DROPPED.value], signed_at__isnull=True),
                name="ledger_reconciliation_two_people",
            ),
            models.CheckConstraint(condition=Q(replaces__isnull=True) | ~Q(why=""), name="ledger_reconciliation_why"),
        ]

    def __str__(self) -> str:
        return str(self.ref)


class ReconciliationItem(models.Model):
    """A line of the books that the bank had not booked on that day, or had booked before the books did."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="items")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["reconciliation", "line"], name="ledger_reconciliationitem_once")
        ]


class BankMatch(models.Model):
    """Lines of the bank and of the books that a person found to be the same money. It posts nothing."""

    ref = RefField(kind="bmt")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="matches")
    state = models.CharField(max_length=8, default=MatchState.LIVE.value)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=120, blank=True, default="")
    why = models.CharField(max_length=600, blank=True, default="")
    held_by = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, null=True, related_name="matches")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state=MatchState.LIVE.value, undone_at__isnull=True)
                | Q(state=MatchState.UNDONE.value, undone_at__isnull=False),
                name="ledger_bankmatch_state",
            )
        ]

    def __str__(self) -> str:
        return str(self.ref)


class BankMatchPart(models.Model):
    """One line of a match, of the bank or of the books. A line is in one live match at most."""

    match = models.ForeignKey(BankMatch, on_delete=models.PROTECT, related_name="parts")
    bank_line = models.ForeignKey(BankLine, on_delete=models.PROTECT, null=True, related_name="parts", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["bank_line"], condition=Q(is_live=True), name="ledger_matched_bank_once"),
            models.UniqueConstraint(fields=["line"], condition=Q(is_live=True), name="ledger_matched_line_once"),
            models.CheckConstraint(
                condition=Q(bank_line__isnull=True, line__isnull=False) | Q(bank_line__isnull=False, line__isnull=True),
                name="ledger_bankmatchpart_one_side",
            ),
        ]


class BankEntry(models.Model):
    """An entry for a line that only the bank knows (a charge, interest): prepared by one, posted by another."""

    ref = RefField(kind="bpe")
    bank_line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="prepared")
    other = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    memo = models.CharField(max_length=200)
    occurred_on = models.DateField()
    value_on = models.DateField(null=True)
    state = models.CharField(max_length=8, default=PrepareState.PREPARED.value)
    prepared_at = models.DateTimeField()
    prepared_by = models.CharField(max_length=120)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="from_bank")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["bank_line"],
                condition=Q(state=PrepareState.PREPARED.value),
                name="ledger_bankentry_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state=PrepareState.PREPARED.value, entry__isnull=True, decided_at__isnull=True)
                | Q(state=PrepareState.DROPPED.value, entry__isnull=True, decided_at__isnull=False)
                | Q(state=PrepareState.DONE.value, entry__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("prepared_by")),
                name="ledger_bankentry_two_people",
            ),
        ]

    def __str__(self) -> str:
        return str(self.ref)
