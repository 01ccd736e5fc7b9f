"""Entries for what only the bank knows (a charge, interest): one person prepares, another approves and so posts."""

from __future__ import annotations

from datetime import date

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import locked, write_transaction
from jump.base.refusals import BadInput, NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Line
from jump.engines.ledger.models.bank_refusals import LineTaken, LineUnknown, NotOpen, OtherPersonNeeded
from jump.engines.ledger.models.banking import BankEntry, BankLine, BankMatchPart
from jump.engines.ledger.models.refusals import AccountUnknown
from jump.engines.ledger.queries.banking import bank_entry_view
from jump.engines.ledger.services.banking.accounts import APPROVE, RECONCILE, locked_bank, seen_account
from jump.engines.ledger.services.banking.matching import match_lines
from jump.engines.ledger.services.books import open_account
from jump.engines.ledger.services.posting import post
from jump.engines.ledger.types import Line as PostedLine
from jump.engines.ledger.types.banking import BankEntryView, PrepareState

# What every bank does and no book foresees: (title, kind). Opened where it is first needed.
BANK_CODES: dict[str, tuple[str, str]] = {
    "bank_charges": ("Bank charges", "expense"),
    "bank_interest": ("Interest from the bank", "income"),
}


def prepare_bank_entry(
    actor: Actor, *, bank_line_ref: Ref, other_code: str, memo: str, occurred_on: date | None = None
) -> Ref:
    """Prepare an entry between the bank's account and another of the same book, for a line that nobody booked.

    It is booked on the bank's day, or on `occurred_on` where the books of that day are closed; then the bank's day is
    its value date. The accounts `bank_charges` and `bank_interest` are opened where they are first needed. Nothing is
    posted before `approve_bank_entry`.
    """
    line = _line(bank_line_ref)
    account = seen_account(actor, Ref(line.account.account.ref))
    require(actor, RECONCILE, account.book.scope.path)
    if not memo.strip():
        raise BadInput({"memo": ["Say what it is."]})
    with write_transaction():
        locked_bank(actor, account)
        if other_code in BANK_CODES:
            title, kind = BANK_CODES[other_code]
            book = Ref(account.book.ref)
            open_account(actor, book_ref=book, code=other_code, title=title, kind=kind, unit=account.unit)
        other = Account.objects.filter(book=account.book, code=other_code, unit=account.unit).first()
        if other is None or other.pk == account.pk:
            raise AccountUnknown(account=other_code)
        _check_open(line)
        day = occurred_on or line.booked_on
        row = BankEntry.objects.create(
            bank_line=line,
            other=other,
            memo=memo.strip()[:200],
            occurred_on=day,
            value_on=line.booked_on if day != line.booked_on else None,
            prepared_at=clock.now(),
            prepared_by=actor.key,
        )
        record(actor, "ledger.bank_entry_prepared", Ref(row.ref))
    return Ref(row.ref)


def approve_bank_entry(actor: Actor, *, entry_ref: Ref) -> BankEntryView:
    """Post what somebody else prepared, and match it with its line. Asking twice posts once."""
    row = _prepared(entry_ref)
    account = seen_account(actor, Ref(row.bank_line.account.account.ref))
    require(actor, APPROVE, account.book.scope.path)
    with write_transaction():
        bank = locked_bank(actor, account)
        row = locked(BankEntry.objects.filter(pk=row.pk)).get()
        if row.state == PrepareState.DONE:
            return bank_entry_view(_prepared(entry_ref))
        if row.state != PrepareState.PREPARED:
            raise NotOpen(ref=entry_ref)
        if row.prepared_by == actor.key:
            raise OtherPersonNeeded(prepared_by=row.prepared_by)
        row = _prepared(entry_ref)
        line = row.bank_line
        _check_open(line, but=row)
        posted = post(
            actor,
            book_ref=Ref(account.book.ref),
            memo=row.memo,
            occurred_on=row.occurred_on,
            value_on=row.value_on,
            lines=[
                PostedLine(Ref(account.ref), line.amount_minor),
                PostedLine(Ref(row.other.ref), -line.amount_minor),
            ],
            source_ref=Ref(line.ref),
            key=f"bank:{row.ref}",
        )
        made = Line.objects.select_related("entry").get(entry__ref=posted.ref, account=account)
        BankEntry.objects.filter(pk=row.pk).update(
            state=PrepareState.DONE.value, decided_at=clock.now(), decided_by=actor.key, entry_id=made.entry_id
        )
        match_lines(actor, bank, account, [line], [made])
        record(actor, "ledger.bank_entry_approved", entry_ref)
    return bank_entry_view(_prepared(entry_ref))


def drop_bank_entry(actor: Actor, *, entry_ref: Ref, why: str) -> None:
    """Give up an entry that was prepared. Its line is open again."""
    row = _prepared(entry_ref)
    account = seen_account(actor, Ref(row.bank_line.account.account.ref))
    require(actor, RECONCILE, account.book.scope.path)
    with write_transaction():
        locked_bank(actor, account)
        row = locked(BankEntry.objects.filter(pk=row.pk)).get()
        if row.state == PrepareState.DROPPED:
            return
        if row.state != PrepareState.PREPARED:
            raise NotOpen(ref=entry_ref)
        BankEntry.objects.filter(pk=row.pk).update(
            state=PrepareState.DROPPED.value, decided_at=clock.now(), decided_by=actor.key
        )
        record(actor, "ledger.bank_entry_dropped", entry_ref, why=why)


def _line(ref: Ref) -> BankLine:
    found = BankLine.objects.select_related("account__account").filter(ref=ref).first()
    if found is None:
        raise LineUnknown(line=ref)
    return found


def _prepared(ref: Ref) -> BankEntry:
    rows = BankEntry.objects.select_related("bank_line__account__account", "other", "entry")
    found = rows.filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    return found


def _check_open(line: BankLine, but: BankEntry | None = None) -> None:
    part = BankMatchPart.objects.filter(bank_line=line, is_live=True).select_related("match").first()
    if part is not None:
        raise LineTaken(line=line.ref, match=part.match.ref)
    waiting = BankEntry.objects.filter(bank_line=line, state=PrepareState.PREPARED.value)
    if but is not None:
        waiting = waiting.exclude(pk=but.pk)
    other = waiting.values_list("ref", flat=True).first()
    if other is not None:
        raise LineTaken(line=line.ref, match=other)
