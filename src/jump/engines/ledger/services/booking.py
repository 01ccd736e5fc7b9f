"""Booking drafts: every check of a posting, then its rows. Every way of posting ends here."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, can
from jump.base.db import DiskFull as BaseDiskFull
from jump.base.db import write_transaction
from jump.base.refs import new_refs
from jump.base.refusals import BadInput, NotFound
from jump.core.posting import LINES_MIN, LineOutOfRange, PostingLine, problems_of
from jump.core.posting import Unbalanced as NotBalanced
from jump.core.units import Ref
from jump.engines.ledger.models import Book, Entry, Exchange
from jump.engines.ledger.models.chain import content_digest
from jump.engines.ledger.models.functions import PERIOD_LOCK
from jump.engines.ledger.models.refusals import (
    AccountUnknown,
    AlreadyReversed,
    BelowFloor,
    DiskFull,
    KeyReused,
    LabelUnknown,
    OtherUnit,
    PeriodClosed,
    TooFewLines,
    Unbalanced,
    UnitMixed,
)
from jump.engines.ledger.queries.entries import entry as entry_view
from jump.engines.ledger.services import statements, writing
from jump.engines.ledger.services.lapsing import lapse_due
from jump.engines.ledger.types import LABELS, EntryView, ExchangeView, Line, LineView, PeriodState, Posting

MEMO_LENGTH = 300
NO_REF = Ref("")
_PLAIN = 2**53


@contextmanager
def posting_transaction() -> Iterator[None]:
    """A durable transaction around postings: what it confirms survives a power cut; a full disk is ledger.disk_full."""
    try:
        with write_transaction(durable=True):
            yield
    except DiskFull:
        raise
    except BaseDiskFull as full:
        raise DiskFull(**full.facts) from full


@dataclass(slots=True)
class Draft:
    """One entry on its way."""

    posting: Posting
    reverses_id: int | None = None
    reverses_ref: Ref | None = None
    exchange: ExchangeView | None = None
    number: int | None = None  # where the entry has its number before it is written
    ref: Ref = NO_REF
    digest: str = ""

    def check(self) -> None:
        """What can be said without the database."""
        said = self.posting
        if not said.lines:
            raise TooFewLines(lines=0)
        for line in said.lines:
            if type(line.amount_minor) is not int:
                raise BadInput({"amount": [_("An amount is a whole number of the smallest unit.")]})
            for label in line.labels:
                if label not in LABELS:
                    raise LabelUnknown(label=label)
        if not said.key or len(said.key) > 200 or len(said.memo) > MEMO_LENGTH:
            raise BadInput({"memo": [_("The note or the key is too long, or the key is missing.")]})


@dataclass(frozen=True, slots=True)
class Found:
    """The book that is posted to."""

    pk: int
    path: str


@dataclass(frozen=True, slots=True)
class Held:
    """An account as found and locked."""

    pk: int
    ref: Ref
    code: str
    title: str
    unit: str
    balance_minor: int
    sign: int
    floor_minor: int | None
    reserved_minor: int


def book_drafts(actor: Actor, *, book_ref: Ref, drafts: Sequence[Draft]) -> tuple[EntryView, ...]:
    """Book what `post_many`, `reverse`, `exchange` and `post_hold` have put together: all of it or nothing."""
    if not drafts:
        return ()
    for draft in drafts:
        draft.check()
    with posting_transaction():
        book, held = locked_accounts(book_ref, {line.account_ref for draft in drafts for line in draft.posting.lines})
        for draft in drafts:
            _check_units(draft.posting.lines, held)
            _check_sums(draft.posting.lines, held)
            draft.digest = digest_of(book_ref, draft)
        known, closed = _known(book.pk, drafts)
        new: dict[str, Draft] = {}
        for draft in drafts:
            _same_or_refuse(draft, known)
            if draft.posting.key in new and new[draft.posting.key].digest != draft.digest:
                raise KeyReused(key=draft.posting.key)
            if draft.posting.key not in known:
                new.setdefault(draft.posting.key, draft)
        made: dict[str, EntryView] = {}
        if new:
            check_months(actor, book, closed, {month_of(draft.posting.occurred_on) for draft in new.values()})
            check_free(_moves(new.values()), held)
            made = _write(actor, book.pk, book_ref, list(new.values()), held)
        return tuple(made.get(draft.posting.key) or entry_view(Ref(known[draft.posting.key][0])) for draft in drafts)


def locked_accounts(book_ref: Ref, refs: set[Ref]) -> tuple[Found, dict[Ref, Held]]:
    """The book, and these accounts of it, locked on PostgreSQL. One statement."""
    wanted = sorted(refs)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(statements.ACCOUNTS["postgresql"], [PERIOD_LOCK, book_ref, wanted])
        else:
            cursor.execute(statements.ACCOUNTS["sqlite"], [book_ref, json.dumps(wanted)])
        rows = cursor.fetchall()
    held = {Ref(row[3]): Held(row[2], Ref(row[3]), *row[4:]) for row in rows}
    for ref in wanted:
        if ref not in held:
            if not Book.objects.filter(ref=book_ref).exists():
                raise NotFound(ref=book_ref)
            raise AccountUnknown(account=ref)
    return Found(rows[0][0], rows[0][1]), held


def _known(book_id: int, drafts: Sequence[Draft]) -> tuple[dict[str, tuple[str, str]], dict[int, str]]:
    """Keys used before, with their entry and digest; and the months of these entries that are not open."""
    keys = [draft.posting.key for draft in drafts]
    months = sorted({month_of(draft.posting.occurred_on) for draft in drafts})
    among: list[Any] = [keys, months] if connection.vendor == "postgresql" else [json.dumps(keys), json.dumps(months)]
    with connection.cursor() as cursor:
        cursor.execute(statements.KNOWN[connection.vendor], [book_id, among[0], book_id, among[1], book_id])
        rows = cursor.fetchall()
    known = {key: (ref, digest) for key, ref, digest in rows if key}
    return known, {int(month): state for key, month, state in rows if not key and month is not None}


def _check_units(lines: Sequence[Line], held: Mapping[Ref, Held]) -> None:
    for line in lines:
        account = held[line.account_ref]
        if line.unit and line.unit != account.unit:
            raise OtherUnit(account=account.code, account_unit=account.unit, asked_unit=line.unit)


def _check_sums(lines: Sequence[Line], held: Mapping[Ref, Held]) -> None:
    """What makes lines an entry is said by `core.posting`; here its problems become refusals."""
    if _plainly_sums(lines, held):
        return
    wrong: dict[str, int] = {}
    for problem in problems_of(
        [PostingLine(one.account_ref, held[one.account_ref].unit, one.amount_minor) for one in lines]
    ):
        if isinstance(problem, NotBalanced):
            wrong[str(problem.facts["unit"])] = int(str(problem.facts["off_minor"]))
        elif isinstance(problem, LineOutOfRange):
            raise BadInput({"amount": [_("This amount is too large to be kept exactly.")]})
        else:
            raise TooFewLines(lines=len(lines))
    if len(wrong) > 1 and sum(wrong.values()) == 0:
        raise UnitMixed(units=", ".join(sorted(wrong)))
    for unit, total in sorted(wrong.items()):
        raise Unbalanced(unit=unit, difference_minor=total)


def _plainly_sums(lines: Sequence[Line], held: Mapping[Ref, Held]) -> bool:
    """Whether lines of one unit, small enough for any sum, come to nothing: then nothing else need be asked."""
    total = 0
    unit = held[lines[0].account_ref].unit
    for line in lines:
        amount = line.amount_minor
        if not amount or not -_PLAIN < amount < _PLAIN or held[line.account_ref].unit != unit:
            return False
        total += amount
    return not total and len(lines) >= LINES_MIN


def digest_of(book_ref: Ref, draft: Draft) -> str:
    """The digest of everything that the draft says."""
    said = draft.posting
    return content_digest(
        book_ref=book_ref,
        occurred_on=said.occurred_on,
        memo=said.memo,
        source_ref=said.source_ref,
        key=said.key,
        reverses_ref=draft.reverses_ref or "",
        lines=[(line.account_ref, line.amount_minor, line.labels) for line in said.lines],
        value_on=value_day(said.value_on, said.occurred_on),
        exchange=draft.exchange,
    )


def _same_or_refuse(draft: Draft, known: Mapping[str, tuple[str, str]]) -> None:
    before = known.get(draft.posting.key)
    if before is not None and before[1] != draft.digest:
        raise KeyReused(key=draft.posting.key, entry=before[0])


def check_months(actor: Actor, book: Found, closed: Mapping[int, str], months: set[int]) -> None:
    """Refuse a month that is sealed, or lies before a sealed one; a closing month is for those who may seal."""
    sealed_to = max((month for month, state in closed.items() if state == PeriodState.SEALED), default=0)
    for month in sorted(months):
        state = PeriodState.SEALED.value if month <= sealed_to else closed.get(month, "")
        if state == PeriodState.SEALED or (state == PeriodState.CLOSING and not can(actor, "ledger.seal", book.path)):
            raise PeriodClosed(month=f"{month // 100}-{month % 100:02}", state=state)


def _moves(drafts: Iterable[Draft]) -> dict[Ref, int]:
    moves: dict[Ref, int] = defaultdict(int)
    for draft in drafts:
        for line in draft.posting.lines:
            moves[line.account_ref] += line.amount_minor
    return moves


def check_free(moves: Mapping[Ref, int], held: Mapping[Ref, Held]) -> None:
    """Refuse what would take an account below its least amount, or what holds have reserved on it."""
    for ref, move in sorted(moves.items(), key=lambda item: held[item[0]].pk):
        account = held[ref]
        asked = -move * account.sign
        if account.floor_minor is None or asked <= 0:
            continue
        free = account.balance_minor * account.sign - account.floor_minor - account.reserved_minor
        reserved = account.reserved_minor
        if asked > free and reserved:
            lapsed = lapse_due([account.pk])
            free, reserved = free + lapsed, reserved - lapsed
        if asked > free:
            facts = {"reserved_minor": reserved} if reserved else {}
            raise BelowFloor(account=account.code, held_minor=free, asked_minor=asked, unit=account.unit, **facts)


def month_of(day: date) -> int:
    """June 2004 is 200406."""
    return day.year * 100 + day.month


def _write(
    actor: Actor, book_id: int, book_ref: Ref, drafts: Sequence[Draft], held: Mapping[Ref, Held]
) -> dict[str, EntryView]:
    at = clock.now()
    batch = f"bat-{secrets.token_hex(8)}"
    # What was drawn on the straight way is kept, so that a seed gives the same references on every database.
    unnamed = [draft for draft in drafts if draft.ref == NO_REF]
    for draft, ref in zip(unnamed, new_refs("ety", len(unnamed)), strict=True):
        draft.ref = ref
    shared = writing.Shared(book_id, writing.written_at(at), actor.key, batch)
    lines = sum(len(draft.posting.lines) for draft in drafts)
    if connection.vendor == "postgresql" and lines < writing.MANY and drafts[0].number is None:
        numbers = writing.write_small(
            shared,
            [_entry_row(one, 0, whole=True) for one in drafts],
            [row for one in drafts for row in _line_rows(one, one.ref, held, labelled=True)],
        )
    else:
        ids = [drafts[0].number] if drafts[0].number is not None else writing.entry_numbers(len(drafts))
        whole = any(one.reverses_id or one.posting.value_on for one in drafts)
        labelled = any(line.labels for one in drafts for line in one.posting.lines)
        taken = writing.write_many(
            shared,
            [_entry_row(one, pk, whole=whole) for one, pk in zip(drafts, ids, strict=True)],
            [row for one, pk in zip(drafts, ids, strict=True) for row in _line_rows(one, pk, held, labelled=labelled)],
        )
        for draft, took in zip(drafts, taken, strict=True):
            draft.ref = Ref(took)
        numbers = {draft.ref: pk for draft, pk in zip(drafts, ids, strict=True)}
    _write_rates(drafts, numbers)
    made = {
        draft.posting.key: _as_view(draft, numbers[draft.ref], book_ref, at, actor.key, held)
        for draft in drafts
        if draft.ref in numbers
    }
    left = [draft for draft in drafts if draft.ref not in numbers]
    return {**made, **_written_by_others(actor, book_id, book_ref, left, held)} if left else made


def _written_by_others(
    actor: Actor, book_id: int, book_ref: Ref, drafts: Sequence[Draft], held: Mapping[Ref, Held]
) -> dict[str, EntryView]:
    """Between our look and our write somebody took a key, or reversed the same entry; or a reference was taken."""
    known, _closed = _known(book_id, drafts)
    again: list[Draft] = []
    for draft in drafts:
        _same_or_refuse(draft, known)
        if draft.posting.key not in known:
            if draft.reverses_id and Entry.objects.filter(reverses_id=draft.reverses_id).exists():
                raise AlreadyReversed(entry=draft.reverses_ref or "", by="")
            draft.ref = NO_REF
            again.append(draft)
    views = {draft.posting.key: entry_view(Ref(known[draft.posting.key][0])) for draft in drafts if draft not in again}
    return {**views, **_write(actor, book_id, book_ref, again, held)} if again else views


def _write_rates(drafts: Sequence[Draft], numbers: Mapping[str, int]) -> None:
    rates = [
        Exchange(
            entry_id=numbers[draft.ref],
            given=draft.exchange.given,
            wanted=draft.exchange.wanted,
            rate=draft.exchange.rate,
            rate_on=draft.exchange.rate_on,
            origin=draft.exchange.origin,
        )
        for draft in drafts
        if draft.exchange is not None and draft.ref in numbers
    ]
    if rates:
        Exchange.objects.bulk_create(rates)


def _entry_row(draft: Draft, pk: int, *, whole: bool) -> writing.EntryRow:
    """The columns of `statements.ENTRY_COLUMNS`, in their order; the last two only for a whole row."""
    said = draft.posting
    row = (
        pk,
        draft.ref,
        said.occurred_on.isoformat(),
        month_of(said.occurred_on),
        said.memo,
        said.source_ref,
        said.key,
        draft.digest,
    )
    if not whole:
        return row
    value_on = value_day(said.value_on, said.occurred_on)
    return (*row, draft.reverses_id, value_on.isoformat() if value_on else None)


def value_day(value_on: date | None, occurred_on: date) -> date | None:
    """The true day, where it is not the day in the books."""
    return None if value_on == occurred_on else value_on


_NO_LABELS = ("",) * len(LABELS)


def _line_rows(
    draft: Draft, entry: str | int, held: Mapping[Ref, Held], *, labelled: bool
) -> Iterator[writing.LineRow]:
    """The columns of `statements.LINE_COLUMNS`, the first being what names the entry."""
    said = draft.posting
    day = said.occurred_on.isoformat()
    for position, line in enumerate(said.lines, start=1):
        row = (entry, position, held[line.account_ref].pk, day, line.amount_minor)
        given = line.labels
        if not labelled:
            yield row
        else:
            yield (*row, *([given.get(label, "") for label in LABELS] if given else _NO_LABELS))


def _as_view(draft: Draft, number: int, book_ref: Ref, at: datetime, by: str, held: Mapping[Ref, Held]) -> EntryView:
    said = draft.posting
    return EntryView(
        ref=draft.ref,
        number=number,
        book_ref=book_ref,
        occurred_on=said.occurred_on,
        recorded_at=at,
        memo=said.memo,
        source_ref=said.source_ref,
        by=by,
        reverses=draft.reverses_ref,
        reversed_by=None,
        lines=tuple(
            LineView(
                line.account_ref,
                held[line.account_ref].code,
                held[line.account_ref].title,
                held[line.account_ref].unit,
                line.amount_minor,
                {name: value for name, value in line.labels.items() if value},
            )
            for line in said.lines
        ),
        value_on=value_day(said.value_on, said.occurred_on),
        exchange=draft.exchange,
    )
