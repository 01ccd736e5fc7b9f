"""A table as a spreadsheet: the same columns, real numbers and dates, frozen heading, a second sheet that explains."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from jump.base import clock
from jump.core.money import Money
from jump.web import formats

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH_MAX = 48
_UNSAFE = re.compile(r"[\[\]:*?/\\]")


def wants_excel(query: Any) -> bool:
    """Whether this address asks for the spreadsheet of the page."""
    return bool(query.get("as") == "excel")


def spreadsheet(
    title: str,
    head: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Any]],
    *,
    about: Sequence[str] = (),
) -> HttpResponse:
    """A file with two sheets. `head` is (name, what it means) of each column; money becomes a number of major units."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _UNSAFE.sub(" ", title)[:31] or "JUMP"
    sheet.append([name for name, _meaning in head])
    widths = [len(name) for name, _meaning in head]
    for row in rows:
        cells = [_plain(value) for value in row]
        sheet.append(cells)
        widths = [max(width, len(str(value))) for width, value in zip(widths, cells, strict=False)]
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column in sheet.iter_rows(min_row=2):
        for cell in column:
            _guard(cell)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 2, WIDTH_MAX)
    sheet.freeze_panes = "A2"
    explained: Any = book.create_sheet(_("About"))
    explained.append([title])
    explained.append([_("As of"), formats.day(clock.today())])
    for line in about:
        explained.append([line])
    explained.append([])
    for name, meaning in head:
        explained.append([name, meaning])
    explained["A1"].font = Font(bold=True)
    explained.column_dimensions["A"].width = 28
    explained.column_dimensions["B"].width = 80
    out = io.BytesIO()
    book.save(out)
    answer = HttpResponse(out.getvalue(), content_type=EXCEL)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slugify(title) or "jump"}.xlsx"'
    return answer


def _plain(value: Any) -> Any:
    """A value that a spreadsheet counts with; text stays text."""
    if isinstance(value, Money):
        return value.major
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | float | Decimal | date):
        return value
    return str(value)


def _guard(cell: Cell) -> None:
    """What begins like a formula is text: nobody's name may calculate."""
    if isinstance(cell.value, str) and cell.value[:1] in "=+-@":
        cell.data_type = "s"
        cell.quotePrefix = True
