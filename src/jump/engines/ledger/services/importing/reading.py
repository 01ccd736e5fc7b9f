"""Spreadsheets as tables of text: CSV and XLSX, sheet by sheet, rows numbered as people see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from jump.base.refusals import BadInput

# What a column may be called, in small letters.
COLUMNS: dict[str, tuple[str, ...]] = {
    "day": ("date", "day", "occurred_on"),
    "value_on": ("value date", "value_on", "value day"),
    "entry": ("entry", "voucher", "receipt", "number", "no"),
    "memo": ("memo", "text", "description", "note"),
    "account": ("account", "code", "account code"),
    "title": ("title", "name", "account name"),
    "kind": ("kind", "account kind"),
    "unit": ("unit", "currency"),
    "debit": ("debit",),
    "credit": ("credit",),
    "amount": ("amount",),
    "debit_account": ("debit account", "debit_account"),
    "credit_account": ("credit account", "credit_account"),
    "floor": ("floor", "least"),
    "label_line": ("line",),
    "label_place": ("place",),
    "label_stage": ("stage",),
    "label_activity": ("activity",),
    "label_source": ("source",),
    "label_type": ("type",),
}
_MEANS = {name: column for column, names in COLUMNS.items() for name in names}
_SIZE_MAX = 400 * 1024 * 1024


@dataclass(slots=True)
class Table:
    """One sheet: where each known column stands, what the columns were called, and the rows below."""

    sheet: str
    at: dict[str, int]
    called: dict[str, str]
    unknown: list[str]
    width: int
    rows: Iterator[tuple[int, Sequence[str]]]


def read_tables(file_name: str, data: bytes) -> list[Table]:
    """The sheets of a file that have anything in them. Raises BadInput for what is no spreadsheet."""
    if len(data) > _SIZE_MAX:
        raise BadInput({"file": [_("The file is too large.")]})
    if data[:4] == b"PK\x03\x04":
        return _workbook(data)
    return _text(PurePath(file_name).stem or "file", data)


def _text(sheet: str, data: bytes) -> list[Table]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text[:4096]:
        raise BadInput({"file": [_("This is neither a CSV file nor an XLSX workbook.")]})
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows: Iterator[Sequence[str]] = iter(reader)
    return _table(sheet, enumerate(rows, start=1))


def _workbook(data: bytes) -> list[Table]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as error:  # the reader raises whatever its parts raise
        raise BadInput({"file": [_("This workbook cannot be opened.")]}) from error
    found: list[Table] = []
    for sheet in book.worksheets:
        rows = (tuple(map(_cell, row)) for row in sheet.iter_rows(values_only=True))
        found += _table(sheet.title, enumerate(rows, start=1))
    return found


def _cell(value: Any) -> str:
    """A cell as text: days as ISO, numbers in plain digits with the fifteen places that a spreadsheet keeps."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        text = f"{value:.15g}"
        return text if "e" not in text else f"{value:f}"
    return str(value)


def _table(sheet: str, rows: Iterator[tuple[int, Sequence[str]]]) -> list[Table]:
    for _number, head in rows:
        names = [cell.strip() for cell in head]
        if any(names):
            break
    else:
        return []
    at: dict[str, int] = {}
    called: dict[str, str] = {}
    unknown: list[str] = []
    for place, name in enumerate(names):
        column = _MEANS.get(name.lower())
        if column is not None and column not in at:
            at[column], called[column] = place, name
        elif name:
            unknown.append(name)
    return [Table(sheet, at, called, unknown, len(names), rows)]
