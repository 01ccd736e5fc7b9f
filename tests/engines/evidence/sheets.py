"""Spreadsheets as people fill them: the template of a form with rows written into it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import load_workbook

from jump.base import outbox
from jump.engines.evidence import api as evidence
from tests.makers import DAY

FIRST = 4  # the first row below the headings


def template(actor: Any, form: str = "trial.visit", language: str = "en") -> Any:
    """The template of a form, open in openpyxl."""
    out = io.BytesIO()
    evidence.write_template(actor, out, form=form, language=language)
    return load_workbook(io.BytesIO(out.getvalue()))


def filled(
    actor: Any,
    rows: Sequence[Mapping[str, Any]],
    *,
    form: str = "trial.visit",
    repeats: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    change: Callable[[Any], None] | None = None,
    language: str = "en",
) -> io.BytesIO:
    """A template with these rows, by the names of the questions; repeats by the title of their sheet."""
    book = template(actor, form, language)
    _write(book.worksheets[0], rows)
    for title, entries in (repeats or {}).items():
        _write(book[title], entries)
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def _write(sheet: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    at = {str(cell.value).split(" ")[0]: cell.column for cell in sheet[1] if cell.value}
    for number, row in enumerate(rows, start=FIRST):
        for name, value in row.items():
            sheet.cell(number, at[name], value)


def visit(**changes: Any) -> dict[str, Any]:
    """A row that the visit form takes as it is."""
    row = {"visited_on": "2004-03-01", "host": "Maria Santos", "is_open": "Yes", "sales": 120.5, **changes}
    return {name: value for name, value in row.items() if value is not None}


def upload(actor: Any, file: io.BytesIO, **asked: Any) -> evidence.SheetView:
    """Send a spreadsheet and wait until it is checked."""
    content = {
        "form": "trial.visit",
        "scope": "trial/asia/PH/riverside/",
        "on": DAY,
        "name": "visits.xlsx",
        "language": "en",
    }
    view = evidence.upload_sheet(actor, file=file, **{**content, **asked})
    outbox.drain()
    return evidence.sheet(actor, view.ref)


def take_in(actor: Any, view: evidence.SheetView, **how: Any) -> evidence.SheetView:
    """Take a checked spreadsheet in and wait until it is done."""
    evidence.import_sheet(actor, ref=view.ref, **how)
    outbox.drain()
    return evidence.sheet(actor, view.ref)


def told(view: evidence.SheetView) -> list[tuple[str, int, str, str]]:
    """The problems as (sheet, row, column, message)."""
    return [(one.sheet, one.row, one.column, one.message) for one in view.problems]
