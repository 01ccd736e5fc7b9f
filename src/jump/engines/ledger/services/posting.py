"""Posting: the one way in which a balance moves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, can
from jump.base.db import DiskFull as BaseDiskFull
from jump.base.db import write_transaction
from jump.base.refs import new_ref
from jump.base.refusals import BadInput, NotFound
from jump.core.posting import LineOutOfRange, PostingLine, problems_of
from jump.core.posting import Unbalanced as NotBalanced
from jump.core.units import Ref
from jump.engines.ledger.models import Balance, Book, Entry
from jump.engines.ledger.models.chain import content_digest
from jump.engines.ledger.models.refusals import (
    AccountUnknown,
    AlreadyReversed,
    BelowFloor,
    DiskFull,
    KeyReused,
    LabelUnknown,
    PeriodClosed,
    TooFewLines,
    Unbalanced,
    UnitMixed,
)
from jump.engines.ledger.queries.entries import entry as entry_view
from jump.engines.ledger.services import statements
from jump.engines.ledger.types import LABELS, EntryView, Line, LineView, PeriodState, Posting

MEMO_LENGTH = 300
NO_REF = Ref("")
# Postings hold this lock of PostgreSQL shared, the sealing of a month alone: so no entry slips into a sealed month.
PERIOD_LOCK = 7101


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


def post(
    actor: Actor,
    *,
    book_ref: Ref,
    memo: str,
    occurred_on: date,
    lines: Sequence[Line],
    source_ref: Ref,
    key: str,
) -> EntryView:
    """Book one entry. The same key and content again returns the first entry; the same key with other content refuses.

    The right to post is the caller's to check: the ledger knows no loans and no budgets. A memo stays for ever, so it
    holds references and no names.
    """
    return post_many(actor, book_ref=book_ref, postings=[Posting(memo, occurred_on, tuple(lines), source_ref, key)])[0]


def post_many(actor: Actor, *, book_ref: Ref, postings: Sequence[Posting]) -> tuple[EntryView, ...]:
    """Book many entries of one book, all or none, in the few statements that one entry takes."""
    drafts = [_Draft(posting) for posting in postings]
    return _book(actor, book_ref=book_ref, drafts=drafts)


def reverse(actor: Actor, *, entry_ref: Ref, why: str, on: date, key: str) -> EntryView:
    """Undo an entry by its mirror image. An entry is reversed once; a reversal is not reversed."""
    with posting_transaction():
        first = Entry.objects.select_related("book", "reversed_by").filter(ref=entry_ref).first()
        if first is None:
            raise NotFound(ref=entry_ref)
        mirror = [
            Line(Ref(line.account.ref), -line.amount_minor, {name: getattr(line, f"label_{name}") for name in LABELS})
            for line in first.lines.select_related("account").order_by("position")
        ]
        posting = Posting(f"Reversal of {entry_ref}: {why}"[:MEMO_LENGTH], on, tuple(mirror), Ref(first.source), key)
        draft = _Draft(posting, reverses_id=first.pk, reverses_ref=Ref(first.ref))
        earlier = Entry.objects.filter(reverses=first).exclude(key=key).values_list("ref", flat=True).first()
        if earlier is not None or first.reverses_id is not None:
            raise AlreadyReversed(entry=entry_ref, by=earlier or first.ref)
        return _book(actor, book_ref=Ref(first.book.ref), drafts=[draft])[0]


def balance_locked(account_ref: Ref) -> int:
    """What the account holds (debit positive), kept as it is until the transaction ends."""
    return balances_locked([account_ref])[account_ref]


def balances_locked(account_refs: Sequence[Ref]) -> dict[Ref, int]:
    """What several accounts hold, locked in the order of their ids until the transaction ends."""
    rows = Balance.objects.filter(account__ref__in=account_refs).order_by("account_id")
    if connection.vendor != "sqlite":
        rows = rows.select_for_update(of=("self",))
    found = {Ref(ref): held for ref, held in rows.values_list("account__ref", "balance_minor")}
    for ref in account_refs:
        if ref not in found:
            raise AccountUnknown(account=ref)
    return found


# --- inside -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """One entry on its way."""

    posting: Posting
    reverses_id: int | None = None
    reverses_ref: Ref | None = None
    ref: Ref = NO_REF
    digest: str = ""

    def check(self) -> None:
        """What can be said without the database."""
        said = self.posting
        if not said.lines:
            raise TooFewLines(lines=0)
        for line in said.lines:
            for label in line.labels:
                if label not in LABELS:
                    raise LabelUnknown(label=label)
        if not said.key or len(said.key) > 200 or len(said.memo) > MEMO_LENGTH:
            raise BadInput({"memo": [_("The note or the key is too long, or the key is missing.")]})


@dataclass(frozen=True, slots=True)
class _Found:
    """The book that is posted to."""

    pk: int
    path: str


@dataclass(frozen=True, slots=True)
class _Held:
    """An account as found and locked."""

    pk: int
    ref: Ref
    code: str
    title: str
    unit: str
    balance_minor: int
    sign: int
    floor_minor: int | None


def _book(actor: Actor, *, book_ref: Ref, drafts: Sequence[_Draft]) -> tuple[EntryView, ...]:
    if not drafts:
        return ()
    for draft in drafts:
        draft.check()
    with posting_transaction():
        book, held = _accounts(book_ref, {line.account_ref for draft in drafts for line in draft.posting.lines})
        for draft in drafts:
            _check_sums(draft.posting.lines, held)
            draft.digest = _digest(book_ref, draft)
        known, closed = _known(book.pk, drafts)
        new: dict[str, _Draft] = {}
        for draft in drafts:
            _same_or_refuse(draft, known)
            if draft.posting.key in new and new[draft.posting.key].digest != draft.digest:
                raise KeyReused(key=draft.posting.key)
            if draft.posting.key not in known:
                new.setdefault(draft.posting.key, draft)
        made: dict[str, EntryView] = {}
        if new:
            _check_months(actor, book, closed, {month_of(draft.posting.occurred_on) for draft in new.values()})
            _check_floors(list(new.values()), held)
            made = _write(actor, book.pk, book_ref, list(new.values()), held)
        return tuple(made.get(draft.posting.key) or entry_view(Ref(known[draft.posting.key][0])) for draft in drafts)


def _accounts(book_ref: Ref, refs: set[Ref]) -> tuple[_Found, dict[Ref, _Held]]:
    """The book, and these accounts of it, locked on PostgreSQL. One statement."""
    wanted = sorted(refs)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(statements.ACCOUNTS["postgresql"], [PERIOD_LOCK, book_ref, wanted])
        else:
            cursor.execute(statements.ACCOUNTS["sqlite"], [book_ref, json.dumps(wanted)])
        rows = cursor.fetchall()
    held = {Ref(row[3]): _Held(row[2], Ref(row[3]), *row[4:]) for row in rows}
    for ref in wanted:
        if ref not in held:
            if not Book.objects.filter(ref=book_ref).exists():
                raise NotFound(ref=book_ref)
            raise AccountUnknown(account=ref)
    return _Found(rows[0][0], rows[0][1]), held


def _known(book_id: int, drafts: Sequence[_Draft]) -> tuple[dict[str, tuple[str, str]], dict[int, str]]:
    """Keys used before, with their entry and digest; and the months of these entries that are not open."""
    keys = [draft.posting.key for draft in drafts]
    months = sorted({month_of(draft.posting.occurred_on) for draft in drafts})
    among: list[Any] = [keys, months] if connection.vendor == "postgresql" else [json.dumps(keys), json.dumps(months)]
    with connection.cursor() as cursor:
        cursor.execute(statements.KNOWN[connection.vendor], [book_id, among[0], book_id, among[1]])
        rows = cursor.fetchall()
    known = {key: (ref, digest) for key, ref, digest in rows if key}
    return known, {int(month): state for key, month, state in rows if not key}


def _check_sums(lines: Sequence[Line], held: Mapping[Ref, _Held]) -> None:
    """What makes lines an entry is said by `core.posting`; here its problems become refusals."""
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


def _digest(book_ref: Ref, draft: _Draft) -> str:
    said = draft.posting
    return content_digest(
        book_ref=book_ref,
        occurred_on=said.occurred_on,
        memo=said.memo,
        source_ref=said.source_ref,
        key=said.key,
        reverses_ref=draft.reverses_ref or "",
        lines=[(line.account_ref, line.amount_minor, line.labels) for line in said.lines],
    )


def _same_or_refuse(draft: _Draft, known: Mapping[str, tuple[str, str]]) -> None:
    before = known.get(draft.posting.key)
    if before is not None and before[1] != draft.digest:
        raise KeyReused(key=draft.posting.key, entry=before[0])


def _check_months(actor: Actor, book: _Found, closed: Mapping[int, str], months: set[int]) -> None:
    for month in sorted(months & set(closed)):
        state = closed[month]
        if state == PeriodState.SEALED or (state == PeriodState.CLOSING and not can(actor, "ledger.seal", book.path)):
            raise PeriodClosed(month=f"{month // 100}-{month % 100:02}", state=state)


def _check_floors(drafts: Sequence[_Draft], held: Mapping[Ref, _Held]) -> None:
    moves: dict[Ref, int] = defaultdict(int)
    for draft in drafts:
        for line in draft.posting.lines:
            moves[line.account_ref] += line.amount_minor
    for ref, move in sorted(moves.items(), key=lambda item: held[item[0]].pk):
        account = held[ref]
        after = (account.balance_minor + move) * account.sign
        if account.floor_minor is not None and move * account.sign < 0 and after < account.floor_minor:
            raise BelowFloor(
                account=account.code,
                held_minor=account.balance_minor * account.sign - account.floor_minor,
                asked_minor=-move * account.sign,
                unit=account.unit,
            )


def month_of(day: date) -> int:
    """June 2004 is 200406."""
    return day.year * 100 + day.month


def _write(
    actor: Actor, book_id: int, book_ref: Ref, drafts: Sequence[_Draft], held: Mapping[Ref, _Held]
) -> dict[str, EntryView]:
    at = clock.now()
    entry_rows: list[dict[str, Any]] = []
    line_rows: list[dict[str, Any]] = []
    for draft in drafts:
        draft.ref = new_ref("ety")
        entry_rows.append(_entry_row(draft, book_id, at, actor.key))
        line_rows.extend(_line_rows(draft, held))
    numbers = _insert(entry_rows, line_rows)
    if len(numbers) < len(drafts):
        # Somebody else's transaction took a key, or the reversal of the same entry, between our look and our write.
        known, _closed = _known(book_id, drafts)
        for draft in drafts:
            _same_or_refuse(draft, known)
            if draft.posting.key not in known:
                raise AlreadyReversed(entry=draft.reverses_ref or "", by="")
        return {draft.posting.key: entry_view(Ref(known[draft.posting.key][0])) for draft in drafts}
    return {draft.posting.key: _as_view(draft, numbers[draft.ref], book_ref, at, actor.key, held) for draft in drafts}


def _entry_row(draft: _Draft, book_id: int, at: datetime, by: str) -> dict[str, Any]:
    said = draft.posting
    # SQLite keeps instants as Django writes them: UTC without an offset.
    written_at = at if connection.vendor == "postgresql" else at.astimezone(UTC).replace(tzinfo=None)
    return {
        "ref": draft.ref,
        "book_id": book_id,
        "occurred_on": said.occurred_on.isoformat(),
        "month": month_of(said.occurred_on),
        "recorded_at": str(written_at),
        "memo": said.memo,
        "source": said.source_ref,
        "key": said.key,
        "by": by,
        "reverses_id": draft.reverses_id,
        "content_sha256": draft.digest,
    }


def _line_rows(draft: _Draft, held: Mapping[Ref, _Held]) -> Iterator[dict[str, Any]]:
    said = draft.posting
    for position, line in enumerate(said.lines, start=1):
        row: dict[str, Any] = {
            "entry_ref": draft.ref,
            "position": position,
            "account_id": held[line.account_ref].pk,
            "occurred_on": said.occurred_on.isoformat(),
            "month": month_of(said.occurred_on),
            "amount_minor": line.amount_minor,
        }
        for label in LABELS:
            row[f"label_{label}"] = line.labels.get(label, "")
        yield row


def _insert(entry_rows: list[dict[str, Any]], line_rows: list[dict[str, Any]]) -> dict[str, int]:
    """Write the rows; returns the number of each entry by its ref."""
    texts = {"entries": json.dumps(entry_rows), "lines": json.dumps(line_rows)}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(statements.POSTGRESQL, [texts["entries"], texts["lines"]])
        else:
            for sql, which in statements.SQLITE:
                cursor.execute(sql, [texts[which]])
            cursor.execute(statements.SQLITE_NUMBERS, [texts["entries"]])
        return dict(cursor.fetchall())


def _as_view(draft: _Draft, number: int, book_ref: Ref, at: datetime, by: str, held: Mapping[Ref, _Held]) -> EntryView:
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
    )
