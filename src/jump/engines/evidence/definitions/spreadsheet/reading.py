"""Reading an .xlsx file row by row, in memory that does not grow with its rows, and saying what it is if it is none.

A workbook is a zip of XML, written by anybody: its sizes are bounded before a byte is unpacked, a document type is
refused, and only cells are read. Formulas are never worked out: what the spreadsheet program last saved counts.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext_lazy as _
from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from jump.base.refusals import Refusal
from jump.engines.evidence.definitions.spreadsheet.cells import Broken

BYTES_MAX = 60_000_000
UNPACKED_MAX = 1_500_000_000
SHARED_TEXT_MAX = 200_000_000
PARTS_MAX = 2_000
ROWS_MAX = 100_000
COLUMNS_MAX = 2_000
MERGES_MAX = 10_000
CHUNK = 1 << 20
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)\"")
_HEAD = 4_096


class NotASpreadsheet(Refusal):
    """The bytes are not those of an .xlsx workbook, whatever the file is called."""

    code = "evidence.not_a_spreadsheet"
    http_status = 415
    message = _("The file %(name)s is not an Excel workbook (.xlsx): %(what)s.")
    what_to_do = _("Open it in Excel or LibreOffice, save it as .xlsx without a password, and send that.")


class SpreadsheetTooLarge(Refusal):
    """More than is taken in at once."""

    code = "evidence.spreadsheet_too_large"
    http_status = 413
    message = _("The file %(name)s is too large: %(what)s.")
    what_to_do = _("Divide it into several files and send them one after the other.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty: its number as the spreadsheet shows it, its cells by column (from 1)."""

    number: int
    cells: Mapping[int, Any]


class _Cells(WorkSheetParser):
    """openpyxl's reader of a sheet, which also tells a formula without a saved result from an empty cell."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["value"] = Broken("", is_formula=True)
        elif cell["data_type"] == "e":
            cell["value"] = Broken(str(cell["value"]))
        return cell


class Workbook:
    """An open workbook: the names of its sheets, and the rows of each."""

    def __init__(self, book: Any, name: str) -> None:
        self._book = book
        self._sheets = {sheet.title: sheet for sheet in book.worksheets}
        self.name = name

    @property
    def titles(self) -> list[str]:
        return list(self._sheets)

    def rows(self, title: str, last: int | None = None) -> Iterator[Row]:
        """The rows of a sheet that have something in them, in order. Raises NotASpreadsheet, SpreadsheetTooLarge."""
        sheet = self._sheets[title]
        with self._book._archive.open(sheet._worksheet_path) as source:
            parser = _Cells(
                source,
                sheet._shared_strings,
                data_only=True,
                epoch=self._book.epoch,
                date_formats=self._book._date_formats,
                timedelta_formats=self._book._timedelta_formats,
            )
            try:
                for number, cells in parser.parse():
                    if last is not None and number > last:
                        return
                    filled = {
                        cell["column"]: cell["value"]
                        for cell in cells
                        if cell["value"] is not None and cell["column"] <= COLUMNS_MAX
                    }
                    if filled:
                        yield Row(number, filled)
            except (etree.XMLSyntaxError, ParseError, ValueError, KeyError, IndexError) as error:
                raise NotASpreadsheet(
                    name=self.name, what=_("the sheet %(title)s is damaged") % {"title": title}
                ) from error

    def merged(self, title: str, below: int) -> list[tuple[str, range, range]]:
        """Merged cells that reach below a row: (as written, rows, columns)."""
        found: list[tuple[str, range, range]] = []
        with self._book._archive.open(self._sheets[title]._worksheet_path) as source:
            rest = b""
            while chunk := source.read(CHUNK):
                text = rest + chunk
                end = 0
                for match in _MERGED.finditer(text):
                    end = match.end()
                    left, top, right, bottom = (int(one or 0) for one in range_boundaries(match[1].decode()))
                    if bottom > below and len(found) < MERGES_MAX:
                        found.append(
                            (match[1].decode(), range(max(top, below + 1), bottom + 1), range(left, right + 1))
                        )
                rest = text[max(end, len(text) - 200) :]
        return found


@contextmanager
def opened(file: IO[bytes], *, name: str) -> Iterator[Workbook]:
    """The workbook in a file. Raises NotASpreadsheet, SpreadsheetTooLarge."""
    head = file.read(_HEAD)
    file.seek(0)
    _check_head(head, name)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_parts(archive, name)
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Refusal:
        raise
    except Exception as error:  # a zip or XML that is broken breaks in many ways; all mean the same
        raise NotASpreadsheet(name=name, what=_("it is damaged")) from error
    try:
        yield Workbook(book, name)
    finally:
        book.close()


def _check_head(head: bytes, name: str) -> None:
    what: Any = None
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        what = _("it is an old .xls file, or it has a password")
    elif head.startswith(b"%PDF-"):
        what = _("it is a PDF")
    elif not head:
        what = _("it is empty")
    elif not head.startswith(b"PK\x03\x04"):
        what = _("it is another kind of file, such as CSV")
    elif b"mimetypeapplication/vnd.oasis" in head[:100]:
        what = _("it is an OpenDocument file")
    if what is not None:
        raise NotASpreadsheet(name=name, what=what)


def _check_parts(archive: zipfile.ZipFile, name: str) -> None:
    """The sizes that the zip declares, and no document type in any XML. zipfile never unpacks more than is declared."""
    parts = archive.infolist()
    if not any(part.filename.endswith("workbook.xml") for part in parts):
        raise NotASpreadsheet(name=name, what=_("it is a zip file of something else"))
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        raise SpreadsheetTooLarge(name=name, what=_("unpacked it would fill more than 1.5 GB"))
    for part in parts:
        if "sharedStrings" in part.filename and part.file_size > SHARED_TEXT_MAX:
            raise SpreadsheetTooLarge(name=name, what=_("it holds more than 200 MB of text"))
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as content:
                if b"<!DOCTYPE" in content.read(_HEAD).replace(b"\x00", b""):
                    raise NotASpreadsheet(name=name, what=_("it holds a document type, which no spreadsheet needs"))
