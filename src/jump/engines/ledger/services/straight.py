"""PostgreSQL: one plain entry by one call of the database's function, in one journey there and back.

Statement by statement a posting takes eight journeys, and each statement is planned anew: with eight writers that cost
four times as much as the posting itself. What the function (`models.functions`) finds not plainly right it leaves
unwritten, and the long way (`booking`) refuses by name or finds the earlier entry.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import IntegrityError, OperationalError, connection
from django.db.backends.utils import CursorWrapper

from jump.base import clock
from jump.base.actors import Actor
from jump.base.db import says_disk_full
from jump.base.refs import new_refs
from jump.core.units import Ref
from jump.engines.ledger.models.refusals import DiskFull
from jump.engines.ledger.services.booking import Draft, digest_of, posting_transaction, value_day
from jump.engines.ledger.types import LABELS, EntryView, Line, LineView

_CALL = (
    "SELECT number, refs, codes, titles, unit FROM ledger_post(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, "
    "%s, %s, %s, %s)"
)
_AMOUNT_MAX = 2**62


def book_straight(actor: Actor, book_ref: Ref, draft: Draft) -> EntryView | None:
    """Book one entry if it is plain; None where nothing was written and the long way must tell why."""
    draft.check()
    said = draft.posting
    touched = _touched(said.lines)
    if touched is None:
        return None
    draft.digest, draft.ref, at = digest_of(book_ref, draft), new_refs("ety", 1)[0], clock.now()
    value_on = value_day(said.value_on, said.occurred_on)
    try:
        with _own_transaction(), _cursor() as cursor:
            cursor.execute(
                _CALL,
                [
                    book_ref,
                    draft.ref,
                    said.occurred_on,
                    at,
                    said.memo,
                    said.source_ref,
                    said.key,
                    actor.key,
                    draft.digest,
                    f"bat-{secrets.token_hex(8)}",
                    value_on,
                    next((line.unit for line in said.lines if line.unit), ""),
                    _texts(touched),
                    _numbers(debit for debit, _credit in touched.values()),
                    _numbers(credit for _debit, credit in touched.values()),
                    _texts(line.account_ref for line in said.lines),
                    _numbers(line.amount_minor for line in said.lines),
                    _labels(said.lines),
                ],
            )
            number, refs, codes, titles, unit = cursor.fetchone()
    except IntegrityError:
        return None  # somebody took the key, or the reference, between our look and our write
    if number is None:
        return None
    found = {ref: (code, title) for ref, code, title in zip(refs, codes, titles, strict=True)}
    return EntryView(
        ref=draft.ref,
        number=number,
        book_ref=book_ref,
        occurred_on=said.occurred_on,
        recorded_at=at,
        memo=said.memo,
        source_ref=said.source_ref,
        by=actor.key,
        reverses=None,
        reversed_by=None,
        lines=tuple(
            LineView(
                line.account_ref,
                *found[line.account_ref],
                unit,
                line.amount_minor,
                {name: value for name, value in line.labels.items() if value},
            )
            for line in said.lines
        ),
        value_on=value_on,
        exchange=None,
    )


def _cursor() -> CursorWrapper:
    """A cursor whose statements the server prepares once for the connection, with Django's log and errors around it.

    Where a pooler hands out another connection for each transaction nothing is prepared: Django's setting
    DISABLE_SERVER_SIDE_CURSORS says so.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    plain = _prepared_cursor()(connection.connection)
    return connection.make_debug_cursor(plain) if connection.queries_logged else connection.make_cursor(plain)


@cache
def _prepared_cursor() -> type[Any]:
    from psycopg import Cursor  # here, since a server on SQLite needs no driver of PostgreSQL

    class Prepared(Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **_how: Any) -> Any:
            prepare = not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
            return super().execute(query, params, prepare=prepare)

    return Prepared


@contextmanager
def _own_transaction() -> Iterator[None]:
    """Outside any transaction the one statement is its own; inside one it is a savepoint, as every posting is."""
    if connection.in_atomic_block or not connection.get_autocommit():
        with posting_transaction():
            yield
        return
    try:
        yield
    except OperationalError as error:
        if says_disk_full(error):
            raise DiskFull from error
        raise


def _touched(lines: Sequence[Line]) -> dict[Ref, list[int]] | None:
    """What goes into and out of each account; None where the lines are no plain entry of one unit."""
    touched: dict[Ref, list[int]] = {}
    total = size = 0
    unit = ""
    for line in lines:
        amount = line.amount_minor
        if not amount or (line.unit and unit and line.unit != unit):
            return None
        unit = unit or line.unit
        sides = touched.setdefault(line.account_ref, [0, 0])
        if amount > 0:
            sides[0] += amount
        else:
            sides[1] -= amount
        total, size = total + amount, size + abs(amount)
    return None if total or len(lines) < 2 or size > _AMOUNT_MAX else touched


def _labels(lines: Sequence[Line]) -> str | None:
    if not any(line.labels for line in lines):
        return None
    return _texts(line.labels.get(label, "") for line in lines for label in LABELS)


def _numbers(numbers: Iterable[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"


def _texts(texts: Iterable[str]) -> str:
    """Texts as PostgreSQL reads an array: each in quotes, so that none can be read as anything else."""
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(quoted) + '"}'
