"""Posting a file that was found right: set by set, in one transaction, once for the same content."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring
from typing import Any

from django.db import IntegrityError, connection

from jump.base import clock
from jump.base.actors import Actor, can
from jump.base.audit import record
from jump.base.refs import new_refs
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Account as AccountRow
from jump.engines.ledger.models import Book, Imported, Period
from jump.engines.ledger.models.refusals import ImportRefused
from jump.engines.ledger.queries.units import decimals_of
from jump.engines.ledger.services import writing
from jump.engines.ledger.services.booking import check_free, check_months, locked_accounts, posting_transaction
from jump.engines.ledger.services.books import open_account
from jump.engines.ledger.services.importing.checking import NO_LABELS, Account, Plan, check_tables
from jump.engines.ledger.services.importing.reading import read_tables
from jump.engines.ledger.types import LABELS, ImportView, PeriodState, RowProblem

_PART = 5_000  # entries whose rows are in memory at once


def check_import(actor: Actor, *, book_ref: Ref, file_name: str, data: bytes) -> list[RowProblem]:
    """Every problem of a file, by sheet, row and column, without posting anything. Empty: it can be taken over."""
    return _plan(actor, _book(book_ref), file_name, data).problems


def import_book(actor: Actor, *, book_ref: Ref, file_name: str, data: bytes) -> ImportView:
    """Take over opening balances and history from a spreadsheet. The same content again is the same import.

    All rows are checked first. Raises ImportRefused with every problem (sheet, row, column, code, text) in its facts;
    then nothing of the file was posted. The right to post is the caller's to check.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    book = _book(book_ref)
    known = _known(book, sha256)
    if known is not None:
        return known
    with writing.room_for_many():
        return _check_and_take(actor, book, file_name, data, sha256)


def _check_and_take(actor: Actor, book: Book, file_name: str, data: bytes, sha256: str) -> ImportView:
    plan = _plan(actor, book, file_name, data)
    if plan.count:
        rows = [
            {"sheet": one.sheet, "row": one.row, "column": one.column, "code": one.code, "text": one.text}
            for one in plan.problems
        ]
        raise ImportRefused(count=plan.count, rows=rows, file=file_name)
    try:
        with posting_transaction():
            return _take(actor, book, file_name, sha256, plan)
    except IntegrityError:
        # Somebody else sent the same file at the same time: then theirs is the one.
        known = _known(book, sha256)
        if known is None:
            raise
        return known


def _book(book_ref: Ref) -> Book:
    book: Book | None = Book.objects.select_related("scope").filter(ref=book_ref).first()
    if book is None:
        raise NotFound(ref=book_ref)
    return book


def _known(book: Book, sha256: str) -> ImportView | None:
    row = Imported.objects.filter(book=book, sha256=sha256).first()
    return None if row is None else _view(row, Ref(book.ref), is_new=False)


def _view(row: Imported, book_ref: Ref, *, is_new: bool) -> ImportView:
    return ImportView(Ref(row.ref), book_ref, row.file_name, row.sha256, row.entries, row.lines, is_new)


def _plan(actor: Actor, book: Book, file_name: str, data: bytes) -> Plan:
    states = dict(Period.objects.filter(book=book).values_list("month", "state"))
    may_seal = can(actor, "ledger.seal", book.scope.path)
    sealed = [month for month, state in states.items() if state == PeriodState.SEALED]
    plan = Plan(
        accounts={
            row.code: Account(row.code, row.unit, row.kind, pk=row.pk, ref=row.ref)
            for row in AccountRow.objects.filter(book=book)
        },
        decimals=decimals_of(),
        months={m: state for m, state in states.items() if state == PeriodState.CLOSING and not may_seal},
        sealed_to=max(sealed, default=0),
    )
    check_tables(plan, read_tables(file_name, data))
    return plan


def _take(actor: Actor, book: Book, file_name: str, sha256: str, plan: Plan) -> ImportView:
    book_ref = Ref(book.ref)
    row = Imported.objects.create(
        book=book,
        sha256=sha256,
        file_name=file_name[-200:],
        entries=len(plan.entries),
        lines=plan.lines,
        at=clock.now(),
        by=actor.key,
    )
    for account in plan.opened:
        account.ref = open_account(
            actor,
            book_ref=book_ref,
            code=account.code,
            title=account.title,
            kind=account.kind,
            unit=account.unit,
            floor_minor=None,
        )
    fresh = dict(AccountRow.objects.filter(book=book).values_list("code", "pk"))
    for account in plan.opened:
        account.pk = fresh[account.code]
    if plan.entries:
        _post(actor, book, row, plan)
    record(actor, "ledger.imported", book_ref, facts={"file": file_name, "sha256": sha256, "lines": row.lines})
    return _view(row, book_ref, is_new=True)


def _post(actor: Actor, book: Book, row: Imported, plan: Plan) -> None:
    moves: dict[int, int] = defaultdict(int)
    months: dict[tuple[int, int], list[int]] = {}
    refs: dict[int, Ref] = {}
    for entry in plan.entries:
        month = entry.month
        for account, amount, _labels in entry.lines:
            pk = account.pk
            moves[pk] += amount
            sides = months.get((pk, month))
            if sides is None:
                sides = months[pk, month] = [0, 0]
                refs[pk] = Ref(account.ref)
            if amount > 0:
                sides[0] += amount
            else:
                sides[1] -= amount
    found, held = locked_accounts(Ref(book.ref), set(refs.values()))
    states = Period.objects.filter(book=book).values_list("month", "state")
    check_months(actor, found, dict(states), {month for _pk, month in months})
    check_free({refs[pk]: move for pk, move in moves.items()}, held)
    shared = writing.Shared(book.pk, writing.written_at(row.at), actor.key, f"bat-{secrets.token_hex(8)}")
    writing.open_batch(shared.batch)
    numbers = writing.entry_numbers(len(plan.entries))
    for entries, lines in writing.ahead(_rows(book, row, plan, shared, numbers, connection.vendor)):
        writing.insert_entries(entries)
        lines.insert()
    writing.move_balances(moves, months)
    writing.close_batch(shared.batch)


def _rows(
    book: Book, row: Imported, plan: Plan, shared: writing.Shared, numbers: Sequence[int], vendor: str
) -> Iterator[tuple[writing.Load, writing.Load]]:
    """Rows made ready in parts, with numbers, references and digests as `content_digest` makes them."""
    source = row.ref
    head = f'["{book.ref}","'
    tail_source = f',"{source}","'
    prefix = f"import:{row.sha256[:16]}:"
    sha256, quoted = hashlib.sha256, encode_basestring
    whole = any(entry.value_on for entry in plan.entries)
    has_labels = plan.has_labels
    for start in range(0, len(plan.entries), _PART):
        part = plan.entries[start : start + _PART]
        entries: list[writing.EntryRow] = []
        lines: list[writing.LineRow] = []
        for entry, ref, number in zip(part, new_refs("ety", len(part)), numbers[start : start + _PART], strict=True):
            day, key, value_on = entry.day, prefix + entry.key, entry.value_on
            said: list[str] = []
            for position, (account, amount, labels) in enumerate(entry.lines, start=1):
                if labels is NO_LABELS:
                    said.append(f'["{account.ref}",{amount},{{}}]')
                else:
                    said.append(f'["{account.ref}",{amount},{_labels(labels)}]')
                line = (number, position, account.pk, day, amount)
                lines.append((*line, *labels) if has_labels else line)
            text = f'{head}{day}",{quoted(entry.memo)}{tail_source}{quoted(key)[1:]},"",[{",".join(said)}]' + (
                f',{{"value_on":"{value_on}"}}]' if value_on else "]"
            )
            digest = sha256(text.encode()).hexdigest()
            own = (number, ref, day, entry.month, entry.memo, source, key, digest)
            entries.append((*own, None, value_on) if whole else own)
        yield (
            writing.entry_load(vendor, shared, entries).write_out(),
            writing.line_load(vendor, lines).write_out(),
        )


def _labels(labels: Any) -> str:
    given = sorted((name, value) for name, value in zip(LABELS, labels, strict=True) if value)
    return "{" + ",".join(f"{encode_basestring(name)}:{encode_basestring(value)}" for name, value in given) + "}"
