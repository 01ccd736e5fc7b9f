"""Putting rows of entries into the tables, a few or a million. What may be put there is settled before (`posting`)."""

from __future__ import annotations

import gc
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import IntegrityError, connection, transaction

from jump.base.refs import new_refs
from jump.engines.ledger.services import statements

MANY = 200  # lines from which COPY is quicker than a JSON parameter
_ROWS = 500  # rows of one INSERT on SQLite
_COPY_ROWS = 20_000
_TRIES = 8
_ROOM_KB = 256 * 1024

EntryRow = tuple[Any, ...]  # in the order of ENTRY_COLUMNS
LineRow = tuple[Any, ...]  # in the order of LINE_COLUMNS; the labels may be left out where no line has any


def written_at(at: datetime) -> str:
    """An instant as the columns hold it: SQLite keeps UTC without an offset, as Django writes it."""
    return str(at if connection.vendor == "postgresql" else at.astimezone(UTC).replace(tzinfo=None))


def entry_numbers(count: int) -> Sequence[int]:
    """Numbers for so many entries, rising. On SQLite the writer lock keeps them ours."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(statements.NEXT_IDS["postgresql"], [count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(statements.NEXT_IDS["sqlite"])
        last = int(cursor.fetchone()[0])
    return range(last + 1, last + 1 + count)


def write_small(entries: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]]) -> dict[str, int]:
    """PostgreSQL: a few entries in two statements. Returns ref and number of those written; used keys are left out."""
    with connection.cursor() as cursor:
        cursor.execute(statements.SMALL, [json.dumps(entries), json.dumps(lines)])
        numbers = dict(cursor.fetchall())
        if numbers:
            cursor.execute(statements.CLOSE_BATCH, [entries[0]["closing_id"]])
    return numbers


def write_many(batch: str, entries: list[EntryRow], lines: Sequence[LineRow]) -> list[str]:
    """Open the batch, write its entries and lines set by set, move balances and months, close it.

    Returns the references of the entries: one that is taken already is replaced by another.
    """
    open_batch(batch)
    refs = insert_entries(entries)
    insert_lines(lines)
    _move({row[0]: row[4] for row in entries}, lines)
    close_batch(batch)
    return refs


@contextmanager
def room_for_many() -> Iterator[None]:
    """While very many rows are written: no search for rubbish among millions of rows that are all in use, and on SQLite
    room in memory for the indices, which are touched all over."""
    collecting = gc.isenabled()
    gc.disable()
    before: int | None = None
    try:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA cache_size")
                before = int(cursor.fetchone()[0])
                cursor.execute(f"PRAGMA cache_size = -{_ROOM_KB}")
        yield
    finally:
        if collecting:
            gc.enable()
        if before is not None:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA cache_size = {before}")


def open_batch(batch: str) -> None:
    """From now on entries may be written under this name, until the batch is closed."""
    with connection.cursor() as cursor:
        cursor.execute(statements.OPEN_BATCH, [batch, batch])


def close_batch(batch: str) -> None:
    """Let the database check every entry of the batch and close it for ever."""
    with connection.cursor() as cursor:
        cursor.execute(statements.CLOSE_BATCH, [batch])


def insert_lines(lines: Sequence[LineRow]) -> None:
    """Lines in the order of LINE_COLUMNS, with all labels or with none."""
    columns = statements.LINE_COLUMNS[: len(lines[0])]
    if connection.vendor == "postgresql":
        if len(columns) < len(statements.LINE_COLUMNS):
            none = ("",) * (len(statements.LINE_COLUMNS) - len(columns))
            columns, lines = statements.LINE_COLUMNS, [(*line, *none) for line in lines]
        _copy("ledger_line", columns, lines)
    else:
        _insert("ledger_line", columns, lines)


def insert_entries(entries: list[EntryRow]) -> list[str]:
    """Entries in the order of ENTRY_COLUMNS; returns their references, another where one was taken."""
    refs: list[str] = []
    put: Callable[[str, Sequence[str], Sequence[tuple[Any, ...]]], None]
    put, size = (_copy_in_savepoint, _COPY_ROWS) if connection.vendor == "postgresql" else (_insert, _ROWS)
    for start in range(0, len(entries), size):
        part = entries[start : start + size]
        for left in reversed(range(_TRIES)):
            try:
                put("ledger_entry", statements.ENTRY_COLUMNS, part)
                break
            except IntegrityError as error:
                # Of a million references one may be taken: forty random bits.
                if not left or not _says_ref_taken(error):
                    raise
                fresh = new_refs("ety", len(part))
                part = [(row[0], ref, *row[2:]) for row, ref in zip(part, fresh, strict=True)]
        refs += [row[1] for row in part]
    return refs


def _says_ref_taken(error: IntegrityError) -> bool:
    text = str(error)
    return "ledger_entry.ref" in text or "ledger_entry_ref_" in text


def _move(month_of: dict[int, int], lines: Sequence[LineRow]) -> None:
    moves: dict[int, int] = defaultdict(int)
    months: dict[tuple[int, int], list[int]] = {}
    for entry_id, _position, account_id, _on, amount, *_labels in lines:
        moves[account_id] += amount
        sides = months.setdefault((account_id, month_of[entry_id]), [0, 0])
        if amount > 0:
            sides[0] += amount
        else:
            sides[1] -= amount
    move_balances(moves, months)


def move_balances(moves: dict[int, int], months: dict[tuple[int, int], list[int]]) -> None:
    """Add the sums of new lines to balances and months, accounts in the order of their ids."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            accounts, keys = sorted(moves), sorted(months)
            cursor.execute(statements.MOVE_SET, [accounts, [moves[account] for account in accounts]])
            columns = [[key[0] for key in keys], [key[1] for key in keys]]
            sides = [[months[key][side] for key in keys] for side in (0, 1)]
            cursor.execute(statements.IN_MONTH_SET, [*columns, *sides])
            return
        cursor.executemany(statements.MOVE, [(moves[account], account) for account in sorted(moves)])
        cursor.executemany(statements.IN_MONTH, [(*key, *months[key]) for key in sorted(months)])


@lru_cache(maxsize=64)
def _many_rows(table: str, columns: tuple[str, ...], rows: int) -> str:
    empty = statements.LINE_COLUMNS[len(columns) :] if table == "ledger_line" else ()
    one = f"({', '.join([*'?' * len(columns), *(chr(39) * 2 for _label in empty)])})"
    names = ", ".join(f'"{column}"' for column in (*columns, *empty))
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([one] * rows)}"


def _insert(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """SQLite: hundreds of rows by one statement, past the query log, which would write down every one of them."""
    names = tuple(columns)
    with connection.wrap_database_errors:
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            connection.connection.execute(_many_rows(table, names, len(part)), list(chain.from_iterable(part)))


def _copy_in_savepoint(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        _copy(table, columns, rows)


def _copy(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """PostgreSQL: rows by COPY, in its text format."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        for start in range(0, len(rows), _COPY_ROWS):
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write(_as_text(rows[start : start + _COPY_ROWS]))


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _as_text(rows: Iterable[tuple[Any, ...]]) -> str:
    return "".join([_row_as_text(row) for row in rows])


def _row_as_text(row: tuple[Any, ...]) -> str:
    if None not in row:
        text = "\t".join(map(str, row))
        if text.count("\t") == len(row) - 1 and not ("\\" in text or "\n" in text or "\r" in text):
            return text + "\n"
    cells = ["\\N" if cell is None else cell.translate(_ESCAPED) if type(cell) is str else str(cell) for cell in row]
    return "\t".join(cells) + "\n"
