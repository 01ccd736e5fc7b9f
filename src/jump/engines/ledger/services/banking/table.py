"""A bank's table: how it is cut and written, and what its columns may mean. No two banks write the same one."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jump.engines.ledger.types.banking import COLUMNS, Reading, TableView

DELIMITERS = (";", ",", "\t", "|")
ROWS_MAX = 20_000
SHOWN = 5
_SAMPLE = 200

# Words of heads in the languages of the programmes and their banks, in small letters.
_NAMES: dict[str, tuple[str, ...]] = {
    "day": (
        "date",
        "booking date",
        "posting date",
        "post date",
        "transaction date",
        "trans date",
        "entry date",
        "datum",
        "buchungstag",
        "date opération",
        "date operation",
        "date de comptabilisation",
        "fecha",
        "fecha operación",
        "data",
    ),
    "value_day": ("value date", "val date", "valuta", "date valeur", "date de valeur", "fecha valor"),
    "text": (
        "description",
        "details",
        "particulars",
        "narrative",
        "memo",
        "text",
        "remarks",
        "transaction details",
        "verwendungszweck",
        "libellé",
        "libelle",
        "concepto",
        "descripción",
    ),
    "reference": (
        "reference",
        "ref",
        "ref no",
        "ref no.",
        "reference no",
        "transaction id",
        "cheque no",
        "check number",
        "référence",
        "referencia",
    ),
    "amount": ("amount", "transaction amount", "betrag", "montant", "importe", "umsatz"),
    "money_in": (
        "credit",
        "credits",
        "deposit",
        "deposits",
        "money in",
        "paid in",
        "crédit",
        "abono",
        "haben",
        "haber",
    ),
    "money_out": (
        "debit",
        "debits",
        "withdrawal",
        "withdrawals",
        "money out",
        "paid out",
        "débit",
        "cargo",
        "soll",
        "debe",
    ),
    "direction": ("dr/cr", "cr/dr", "d/c", "c/d", "type", "soll/haben", "sens"),
    "balance": ("balance", "running balance", "closing balance", "saldo", "solde", "available balance"),
}
_HAS_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text below a head; `head_at` is the row of the head as people count rows, from 1."""

    head: tuple[str, ...]
    head_at: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str
    encoding: str


class NoTable(Exception):
    """The bytes are no table that can be read; `args[0]` is why."""


def open_table(data: bytes) -> Table:
    """Find out encoding, delimiter and head. Raises NoTable."""
    text, encoding = _decoded(data)
    lines = text.splitlines(keepends=True)
    if len(lines) > ROWS_MAX + 100:
        raise NoTable("too_many_rows")
    delimiter = _delimiter(lines)
    try:
        rows = [tuple(cell.strip() for cell in row) for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        raise NoTable("not_a_table") from None
    at = _head_at(rows)
    if at is None:
        raise NoTable("no_head")
    width = len(rows[at])
    head = _told_apart(rows[at])
    below = tuple(
        (number, (*row[:width], *("",) * (width - len(row))))
        for number, row in enumerate(rows[at + 1 :], start=at + 2)
        if any(row)
    )
    return Table(head, at + 1, below, delimiter, encoding)


def view(table: Table) -> TableView:
    """What a person sees before saying what the columns mean."""
    return TableView(
        head=table.head,
        rows=tuple(row for _number, row in table.rows[:SHOWN]),
        count=len(table.rows),
        delimiter=table.delimiter,
        encoding=table.encoding,
        guess=guess(table.head),
    )


def guess(head: Sequence[str]) -> Reading:
    """What the columns may mean, by their names. Only a beginning: a person says."""
    found: dict[str, str] = {}
    plain = {name: " ".join(name.casefold().split()) for name in head}
    for column in COLUMNS:
        for wanted in _NAMES[column]:
            hit = next((name for name in head if plain[name] == wanted and name not in found.values()), None)
            if hit is not None:
                found[column] = hit
                break
    if "amount" in found and "money_in" in found and "money_out" in found:
        del found["amount"]
    return Reading(**found)


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError:
                raise NoTable("not_a_table") from None
    if b"\x00" in data:
        raise NoTable("not_a_table")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "windows-1252"


def _delimiter(lines: Sequence[str]) -> str:
    """The mark that cuts most rows into the same number of cells; among equals, into more of them."""
    best, chosen = (0, 0), ","
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    for mark in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(sample, delimiter=mark))
        except csv.Error:
            continue
        width, rows = max(
            ((width, rows) for width, rows in widths.items() if width > 1), default=(0, 0), key=lambda one: one[1]
        )
        if (rows, width) > best:
            best, chosen = (rows, width), mark
    return chosen


def _head_at(rows: Sequence[tuple[str, ...]]) -> int | None:
    """The first row as wide as most rows whose cells are words: banks write a few lines of their own above it."""
    widths = Counter(len(row) for row in rows[:_SAMPLE] if len(row) > 1)
    if not widths:
        return None
    width = widths.most_common(1)[0][0]
    for at, row in enumerate(rows[:_SAMPLE]):
        words = [cell for cell in row if cell]
        if len(row) >= width and len(words) > 1 and not any(_HAS_DIGIT.search(cell) for cell in words):
            return at
    return None


def _told_apart(head: Sequence[str]) -> tuple[str, ...]:
    """Names of columns, each once: an empty one is its number, one that comes again has a number behind it."""
    seen: Counter[str] = Counter()
    found = []
    for at, name in enumerate(head, start=1):
        plain = name or f"({at})"
        seen[plain] += 1
        found.append(plain if seen[plain] == 1 else f"{plain} ({seen[plain]})")
    return tuple(found)
