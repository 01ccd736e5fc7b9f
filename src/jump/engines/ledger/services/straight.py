"""PostgreSQL: one plain entry by one call of the database's function, in one journey there and back.

Statement by statement a posting takes eight journeys, and each statement is planned anew: with eight writers that cost
four times as much as the posting itself. What the function (`models.functions`) finds not plainly right it leaves
unwritten, and the long way (`booking`) refuses by name or finds the earlier entry.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connections

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
_LINES_MAX = 60  # arrays are searched from their beginning
_SIZE_MAX = 2**62


def book_straight(actor: Actor, book_ref: Ref, draft: Draft) -> EntryView | None:
    """Book one entry if it is plain; None where nothing was written and the long way must tell why."""
    draft.check()
    said = draft.posting
    touched = _touched(said.lines)
    if touched is None:
        return None
    draft.digest, draft.ref, at = digest_of(book_ref, draft), new_refs("ety", 1)[0], clock.now()
    value_on = value_day(said.value_on, said.occurred_on)
    asked = (
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
        _numbers([move for move, _debit in touched.values()]),
        _numbers([debit for _move, debit in touched.values()]),
        _texts([line.account_ref for line in said.lines]),
        _numbers([line.amount_minor for line in said.lines]),
        _labels(said.lines),
    )
    try:
        number, refs, codes, titles, unit = _call(asked)
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


def _call(asked: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the function answers. Outside any transaction the call is its own; inside one it has a savepoint."""
    link = connections[DEFAULT_DB_ALIAS]
    if link.in_atomic_block or not link.get_autocommit():
        with posting_transaction():
            return _answer(link, asked)
    try:
        return _answer(link, asked)
    except OperationalError as error:
        if says_disk_full(error):
            raise DiskFull from error
        raise


def _answer(link: Any, asked: tuple[Any, ...]) -> tuple[Any, ...]:
    """The server prepares the call once for the connection; Django's log and errors stay around it.

    Where a pooler hands out another connection for each transaction nothing is prepared: Django's setting
    DISABLE_SERVER_SIDE_CURSORS says so.
    """
    link.close_if_health_check_failed()
    link.ensure_connection()
    kind = _cursor(prepare=not link.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"))
    plain = kind(link.connection)
    with link.make_debug_cursor(plain) if link.queries_logged else link.make_cursor(plain) as cursor:
        cursor.execute(_CALL, asked)
        found: tuple[Any, ...] = cursor.fetchone()
    return found


@cache
def _cursor(*, prepare: bool) -> type[Any]:
    from psycopg import Cursor  # here, since a server on SQLite needs no driver of PostgreSQL

    class Calling(Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **_how: Any) -> Any:
            return super().execute(query, params, prepare=prepare)

    return Calling


def _touched(lines: Sequence[Line]) -> dict[Ref, list[int]] | None:
    """By how much each account moves, and what goes into it; None where the lines are no plain entry of one unit."""
    touched: dict[Ref, list[int]] = {}
    total = size = 0
    unit = ""
    for line in lines:
        amount = line.amount_minor
        if not amount or (line.unit and unit and line.unit != unit):
            return None
        unit = unit or line.unit
        sums = touched.setdefault(line.account_ref, [0, 0])
        sums[0] += amount
        if amount > 0:
            sums[1] += amount
        total, size = total + amount, size + abs(amount)
    return None if total or not 2 <= len(lines) <= _LINES_MAX or size > _SIZE_MAX else touched


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
