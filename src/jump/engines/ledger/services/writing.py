"""Putting rows of entries into the tables, a few or a million. What may be put there is settled before (`posting`)."""

from __future__ import annotations

import contextvars
import gc
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction

from jump.base.refs import new_refs
from jump.engines.ledger.services import statements

MANY = 200  # lines from which COPY is quicker than a JSON parameter
_ROWS = 500  # rows of one INSERT on SQLite
_COPY_ROWS = 20_000  # rows of one COPY, whose guards ask once for all of them
_SENT_ROWS = 2_000  # rows that are sent at once, so that the server works while the next are written out
_TRIES = 8
_ROOM_KB = 256 * 1024

EntryRow = tuple[Any, ...]  # in the order of ENTRY_COLUMNS; the last two are left out where no entry has any
LineRow = tuple[Any, ...]  # in the order of LINE_COLUMNS; the labels may be left out where no line has any
Part = TypeVar("Part")
SHORT_ENTRY = len(statements.ENTRY_COLUMNS) - 2
MONTH_AT = statements.ENTRY_COLUMNS.index("month")


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


def write_small(shared: Shared, entries: Sequence[EntryRow], lines: Sequence[LineRow]) -> dict[str, int]:
    """PostgreSQL: a few entries in two statements. Returns ref and number of those written; used keys are left out.

    Lines name their entry by its reference.
    """
    columns = (*statements.ENTRY_COLUMNS[1:], *statements.BATCH_COLUMNS)
    line_columns = ("entry_ref", *statements.LINE_COLUMNS[1:])
    said = [dict(zip(columns, (*row[1:], *shared.row), strict=True)) for row in entries]
    with connection.cursor() as cursor:
        given = [dict(zip(line_columns, line, strict=True)) for line in lines]
        cursor.execute(statements.SMALL, [json.dumps(said), json.dumps(given)])
        numbers = dict(cursor.fetchall())
        if numbers:
            cursor.execute(statements.CLOSE_BATCH, [shared.batch])
    return numbers


def write_many(shared: Shared, entries: list[EntryRow], lines: Sequence[LineRow]) -> list[str]:
    """Open the batch, write its entries and lines set by set, move balances and months, close it.

    Returns the references of the entries: one that is taken already is replaced by another.
    """
    open_batch(shared.batch)
    refs: list[str] = []
    for at in range(0, len(entries), _COPY_ROWS):
        refs += insert_entries(entry_load(connection.vendor, shared, entries[at : at + _COPY_ROWS]))
    for at in range(0, len(lines), _COPY_ROWS):
        line_load(connection.vendor, lines[at : at + _COPY_ROWS]).insert()
    _move({row[0]: row[MONTH_AT] for row in entries}, lines)
    close_batch(shared.batch)
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


@dataclass(frozen=True, slots=True)
class Shared:
    """What all entries of a batch say alike, in the order of BATCH_COLUMNS."""

    book_id: int
    recorded_at: str
    by: str
    batch: str

    @property
    def row(self) -> tuple[Any, ...]:
        return (self.book_id, self.recorded_at, self.by, self.batch)


@dataclass(slots=True)
class Load:
    """Rows of one statement, in the words of the database. They are written out beside the transaction: see `ahead`."""

    vendor: str
    table: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    shared_columns: tuple[str, ...] = ()
    shared: tuple[Any, ...] = ()
    written: list[Any] = field(default_factory=list)

    def write_out(self) -> Load:
        self.written = list(self._write())
        return self

    def _write(self) -> Iterator[Any]:
        """The text of COPY in pieces, or the values of one INSERT after the other."""
        if self.vendor == "postgresql":
            tail = _row_as_text(("", *self.shared)) + "\n"
            may_lack = self.columns[-1] == statements.ENTRY_COLUMNS[-1]
            for at in range(0, len(self.rows), _SENT_ROWS):
                yield _as_text(self.rows[at : at + _SENT_ROWS], tail, may_lack=may_lack)
        else:
            for at in range(0, len(self.rows), _ROWS):
                yield [*self.shared, *chain.from_iterable(self.rows[at : at + _ROWS])]

    def insert(self) -> None:
        written = self.written or self._write()
        if self.vendor == "postgresql":
            names = ", ".join(f'"{column}"' for column in (*self.columns, *self.shared_columns))
            sql = f"COPY {self.table} ({names}) FROM STDIN"
            with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(sql) as copy:
                for text in written:
                    copy.write(text)
            return
        width = len(self.columns)
        with connection.wrap_database_errors:  # past the query log, which would write down every one of the rows
            for values in written:
                rows = (len(values) - len(self.shared)) // width
                connection.connection.execute(_many_rows(self.table, self.shared_columns, self.columns, rows), values)


def entry_load(vendor: str, shared: Shared, entries: Sequence[EntryRow]) -> Load:
    """Entries in the order of ENTRY_COLUMNS."""
    columns = statements.ENTRY_COLUMNS[: len(entries[0])]
    return Load(vendor, "ledger_entry", columns, entries, statements.BATCH_COLUMNS, shared.row)


def line_load(vendor: str, lines: Sequence[LineRow]) -> Load:
    """Lines in the order of LINE_COLUMNS, with all labels or with none."""
    width = len(lines[0])
    none = statements.LINE_COLUMNS[width:]
    return Load(vendor, "ledger_line", statements.LINE_COLUMNS[:width], lines, none, ("",) * len(none))


def ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """The next part is made while the database is busy with this one. Who makes parts asks nothing of the database."""

    def make() -> Part | None:
        return next(parts, None)

    with ThreadPoolExecutor(1) as hand:
        context = contextvars.copy_context()
        coming = hand.submit(context.run, make)
        while (part := coming.result()) is not None:
            coming = hand.submit(context.run, make)
            yield part


def insert_entries(load: Load) -> list[str]:
    """Insert a load of entries; returns their references, another where one was taken."""
    for left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():  # of a load in many statements, either all or none
                load.insert()
            break
        except IntegrityError as error:
            # Of a million references one may be taken: forty random bits.
            if not left or not _says_ref_taken(error):
                raise
            fresh = new_refs("ety", len(load.rows))
            load.rows = [(row[0], ref, *row[2:]) for row, ref in zip(load.rows, fresh, strict=True)]
            load.written = []
    return [row[1] for row in load.rows]


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
def _many_rows(table: str, shared: tuple[str, ...], columns: tuple[str, ...], rows: int) -> str:
    """An INSERT of many rows. What they share is given once, and called by its number."""
    called = [f"?{number}" for number in range(1, len(shared) + 1)]
    names = ", ".join(f'"{column}"' for column in (*shared, *columns))
    one = f"({', '.join([*called, *'?' * len(columns)])})"
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([one] * rows)}"


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _as_text(rows: Sequence[tuple[Any, ...]], tail: str, *, may_lack: bool) -> str:
    """Rows in the text format of COPY, all with the same tail. Cell by cell only where some cell needs it."""
    if not may_lack:
        texts = ["\t".join(map(str, row)) for row in rows]
        whole = "\n".join(texts)
        tabs = (len(rows[0]) - 1) * len(rows)
        is_plain = whole.count("\t") == tabs and whole.count("\n") == len(rows) - 1
        if is_plain and "\\" not in whole and "\r" not in whole:
            return tail.join(texts) + tail
    return tail.join(map(_row_as_text, rows)) + tail


def _row_as_text(row: tuple[Any, ...]) -> str:
    return "\t".join(["\\N" if cell is None else str(cell).translate(_ESCAPED) for cell in row])
