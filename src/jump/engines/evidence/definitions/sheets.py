"""The sheets of an XLSForm as written: every row with its number, so that a finding can name sheet, row and column.

What the bytes are is read from the bytes. A workbook is read once, within limits on its unpacked size, rows and
columns; pyxform is given the rows that were read here, so that both speak of the same cells.
"""

from __future__ import annotations

import os
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _

SHEETS = ("survey", "choices", "settings", "entities", "external_choices", "osm")
BYTES_MAX = 20_000_000
UNPACKED_MAX = 100_000_000
PARTS_MAX = 5_000
COLUMNS_MAX = 300
CELL_MAX = 32_767  # what a cell of a workbook holds
ROWS_MAX: Mapping[str, int] = {"survey": 5_000, "settings": 10, "entities": 200}
OTHER_ROWS_MAX = 50_000
PHYSICAL_MAX = 200_000

QUESTION_TYPES: Mapping[str, str] = {
    "text": "text",
    "string": "text",
    "note": "note",
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "range": "range",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "date_time": "datetime",
    "geopoint": "geopoint",
    "gps": "geopoint",
    "location": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
    "acknowledge": "acknowledge",
    "trigger": "acknowledge",
    "image": "image",
    "photo": "image",
    "audio": "audio",
    "video": "video",
    "file": "file",
    "calculate": "calculate",
    "hidden": "hidden",
    "xml_external": "external",
    "csv_external": "external",
    "background_audio": "audio",
    "background_geopoint": "geopoint",
    "start_geopoint": "geopoint",
    "email": "hidden",
}
# What the device or the server fills in.
METADATA = frozenset(
    {
        "start",
        "end",
        "today",
        "deviceid",
        "device_id",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "audit",
    }
)
SELECTS = {
    "select_one": "select_one",
    "select_multiple": "select_multiple",
    "select_one_external": "select_one",
    "select_one_from_file": "select_one",
    "select_multiple_from_file": "select_multiple",
    "select": "select_one",
    "rank": "rank",
}
FROM_FILE = frozenset({"select_one_from_file", "select_multiple_from_file", "select_one_external"})
BEGIN = {"begin_group": "group", "begin_repeat": "repeat"}
END = {"end_group": "group", "end_repeat": "repeat"}
EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "required", "repeat_count", "read_only")

HEADINGS = {
    "relevance": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "bind::relevant": "relevant",
    "bind::constraint": "constraint",
    "bind::calculate": "calculation",
    "bind::required": "required",
    "list name": "list_name",
    "value": "name",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "caption": "label",
    "command": "type",
    "tag": "name",
    "constraint message": "constraint_message",
    "constraining_message": "constraint_message",
    "required message": "required_message",
    "requiredmsg": "required_message",
}


class NotAForm(ValueError):
    """The file as a whole cannot be read; `what_to_do` says how to go on, `sheet` and `row` where, if known."""

    def __init__(self, message: str, what_to_do: str, sheet: str = "", row: int = 0) -> None:
        super().__init__(message)
        self.what_to_do = what_to_do
        self.sheet = sheet
        self.row = row


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a form, where to the cell, and what to do about it. `line` is for text files."""

    sheet: str
    row: int
    column: str
    message: str
    what_to_do: str
    line: int = 0

    @property
    def where(self) -> str:
        at = [
            f"sheet {self.sheet}",
            f"row {self.row}" if self.row else "",
            f"column {self.column}" if self.column else "",
        ]
        return ", ".join(part for part in at if part)

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.what_to_do}".rstrip()

    def as_row(self) -> dict[str, Any]:
        """As it is kept beside the form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet by column heading (small letters), its number as the sheet shows it, its line in the file."""

    number: int
    cells: Mapping[str, str]
    line: int = 0

    def get(self, heading: str) -> str:
        return self.cells.get(heading, "")


@dataclass(slots=True)
class Sheets:
    """The sheets of one form.

    `rows` are the filled rows under small-letter headings; `written` has every row below the headings, blank ones too,
    under the headings as they are spelled: pyxform counts those.
    """

    kind: str
    names: list[str] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    headings: dict[str, list[str]] = field(default_factory=dict)
    spelled: dict[str, list[str]] = field(default_factory=dict)
    written: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def of(self, sheet: str) -> list[Row]:
        return self.rows.get(sheet, [])

    def workbook(self) -> dict[str, Any]:
        """The same rows in the shape that pyxform reads; a copy, for pyxform changes what it is given."""
        made: dict[str, Any] = {"sheet_names": list(self.names)}
        for name, rows in self.written.items():
            made[name] = [dict(row) for row in rows]
            made[f"{name}_header"] = [{heading: None for heading in self.spelled[name] if heading}]
        return made


def kind_of(content: bytes) -> str:
    """What the bytes are, whatever the file is called: .xlsx, .xls or .md.

    >>> kind_of(b"| survey |"), kind_of(bytes.fromhex("504b0304")), kind_of(bytes.fromhex("d0cf11e0"))
    ('.md', '.xlsx', '.xls')
    """
    if content.startswith(b"PK\x03\x04"):
        return ".xlsx"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    return ".md"


def read(content: bytes) -> Sheets:
    """Read the sheets. Raises NotAForm; any other exception means a workbook that is damaged."""
    if len(content) > BYTES_MAX:
        raise NotAForm(
            _("The file has more than %(max)s MB.") % {"max": BYTES_MAX // 1_000_000},
            _("Put pictures and long lists into files of their own."),
        )
    if not content.strip(b"\0 \r\n\t"):
        raise NotAForm(_("The file is empty."), _("Choose the file of the form again."))
    sheets = Sheets(kind_of(content))
    if sheets.kind == ".md":
        _read_text(sheets, content)
    elif sheets.kind == ".xlsx":
        _read_xlsx(sheets, content)
    else:
        _read_xls(sheets, content)
    return sheets


def _again() -> str:
    return _("Open it in a spreadsheet program and save it again as .xlsx.")


# Text ------------------------------------------------------------------------------------------------


def _read_text(sheets: Sheets, content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAForm(_("The file is neither a workbook nor text."), _again()) from None
    for name, number, line, cells in _markdown(text):
        if number == 1:
            sheets.names.append(name)
        _add(sheets, name, number, line, cells)
    if not sheets.names:
        raise NotAForm(
            _("The file is text without the tables of a form."),
            _("Send an .xlsx or .xls workbook with a sheet survey."),
        )


def _markdown(text: str) -> Iterator[tuple[str, int, int, list[str]]]:
    sheet, number = "", 0
    for line, written in enumerate(text.splitlines(), start=1):
        if not written.strip().startswith("|"):
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", written.strip())[1:-1]]
        if cells and cells[0]:
            sheet, number = cells[0].lower(), 0
            continue
        if sheet in SHEETS and not all(re.fullmatch(r":?-*:?", cell) for cell in cells):
            number += 1
            yield sheet, number, line, cells[1:]


# Workbooks -------------------------------------------------------------------------------------------


def _read_xlsx(sheets: Sheets, content: bytes) -> None:
    from openpyxl import load_workbook

    _check_archive(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about extensions of the workbook, none of which a form uses
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        _read_sheets(sheets, book)


def _read_sheets(sheets: Sheets, book: Any) -> None:
    sheets.names = [sheet.title for sheet in book.worksheets]
    alone = len(sheets.names) == 1
    for sheet in book.worksheets:
        name = sheet.title.strip().lower()
        if name not in SHEETS and alone:
            name = "survey"
        if name in SHEETS and name not in sheets.headings:
            sheet.reset_dimensions()
            first = next(sheet.iter_rows(values_only=True, max_col=COLUMNS_MAX, max_row=1), ())
            _add(sheets, name, 1, 0, [_cell(value) for value in first])
            width = len(sheets.headings[name])
            if width:
                rows = sheet.iter_rows(values_only=True, min_row=2, max_col=width, max_row=PHYSICAL_MAX)
                for number, values in enumerate(rows, start=2):
                    _add(sheets, name, number, 0, [_cell(value) for value in values])


def _check_archive(content: bytes) -> None:
    """What a zip says of itself bounds what is unpacked: the reader stops at the sizes in its directory."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise NotAForm(_("The workbook is damaged."), _again()) from None
    names = {part.filename for part in parts}
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        raise NotAForm(
            _("The workbook unpacks to more than %(max)s MB.") % {"max": UNPACKED_MAX // 1_000_000},
            _("Take out what is not part of the form: pictures, blank rows with formats, other sheets."),
        )
    if any(part.flag_bits & 1 for part in parts):
        raise NotAForm(_("The file is protected with a password."), _("Save it without a password and send it again."))
    if "xl/workbook.xml" not in names and not any(name.endswith("workbook.xml") for name in names):
        raise NotAForm(_("The file is a packed folder, but no Excel workbook."), _again())


def _read_xls(sheets: Sheets, content: bytes) -> None:
    import xlrd

    if "EncryptedPackage".encode("utf-16-le") in content:
        raise NotAForm(_("The file is protected with a password."), _("Save it without a password and send it again."))
    try:
        with open(os.devnull, "w") as silent:
            book = xlrd.open_workbook(file_contents=content, logfile=silent, on_demand=True)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise NotAForm(
                _("The file is protected with a password."), _("Save it without a password and send it again.")
            ) from None
        raise NotAForm(_("The file is no Excel workbook, or a damaged one."), _again()) from None
    sheets.names = book.sheet_names()
    for title in sheets.names:
        name = title.strip().lower()
        if name not in SHEETS and len(sheets.names) == 1:
            name = "survey"
        if name not in SHEETS or name in sheets.headings:
            continue
        sheet = book.sheet_by_name(title)
        for number in range(sheet.nrows):
            cells = [_old_cell(cell, book.datemode) for cell in sheet.row(number)[:COLUMNS_MAX]]
            _add(sheets, name, number + 1, 0, cells)
        book.unload_sheet(title)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _old_cell(cell: Any, datemode: int) -> str:
    import xlrd
    from xlrd.biffh import error_text_from_code

    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(cell.value, datemode)
        except (xlrd.xldate.XLDateError, ValueError, OverflowError):
            return str(cell.value)
        return str(moment.time() if cell.value < 1 else moment)
    return _cell(cell.value)


def _clean(text: str) -> str:
    """A cell without blanks at its ends, without the control characters that no XML may hold."""
    return _CONTROL.sub("", text.replace("\u00a0", " ")).strip()[:CELL_MAX]


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


# Rows ------------------------------------------------------------------------------------------------


def _add(sheets: Sheets, name: str, number: int, line: int, cells: Sequence[str]) -> None:
    if name not in sheets.headings:
        while cells and not cells[-1]:
            cells = cells[:-1]
        sheets.spelled[name] = [" ".join(cell.split()) for cell in cells]
        sheets.headings[name] = [_heading(cell) for cell in sheets.spelled[name]]
        sheets.rows[name], sheets.written[name] = [], []
        return
    filled = {heading: cell for heading, cell in zip(sheets.headings[name], cells, strict=False) if heading and cell}
    if not filled:
        return
    rows, written = sheets.rows[name], sheets.written[name]
    limit = ROWS_MAX.get(name, OTHER_ROWS_MAX)
    if len(rows) >= limit:
        if name == "survey":
            what = _("Divide the form into several.")
        else:
            what = _("Put long lists into a CSV file and choose with select_one_from_file.")
        raise NotAForm(_("The sheet has more than %(max)s rows.") % {"max": limit}, what, name, number)
    rows.append(Row(number, filled, line))
    written.extend({} for _blank in range(number - 2 - len(written)))
    written.append(
        {heading: cell for heading, cell in zip(sheets.spelled[name], cells, strict=False) if heading and cell}
    )


def _heading(cell: str) -> str:
    if "::" in cell and cell.lower() not in HEADINGS:
        return cell
    plain = cell.lower()
    return HEADINGS.get(plain, plain)


def type_of(row: Row) -> tuple[str, str]:
    """The type of a survey row in our words, and the list that it chooses from.

    >>> type_of(Row(2, {"type": "select one sex or_other"}))
    ('select_one', 'sex')
    """
    words = row.get("type").strip().split()
    if not words:
        return "", ""
    joined = "_".join(words).lower().replace("-", "_")
    for start in ("begin_group", "begin_repeat", "end_group", "end_repeat"):
        if joined in (start, start.replace("_", "")):
            return start, ""
    for plain, kind in (
        ("select_all_that_apply_from", "select_multiple"),
        ("select_one_from_file", "select_one_from_file"),
        ("select_multiple_from_file", "select_multiple_from_file"),
        ("select_one_external", "select_one_external"),
        ("select_multiple", "select_multiple"),
        ("select_one", "select_one"),
        ("select1", "select_one"),
        ("select", "select_one"),
        ("rank", "rank"),
    ):
        if joined == plain or joined.startswith(plain + "_"):
            count = len(plain.split("_")) if len(words) > 1 and "_" not in words[0] else 1
            rest = [word for word in words[count:] if word.lower() not in ("or_other", "or", "other", "from")]
            return kind, rest[0] if rest else ""
    return joined, ""


def data_classes(sheets: Sheets) -> dict[str, str]:
    """The column data_class of the survey: question name to P1, P2 or P3. A group's class holds for what is in it."""
    found: dict[str, str] = {}
    inherited: list[str] = [""]
    for row in sheets.of("survey"):
        kind, _chosen = type_of(row)
        if kind in END:
            inherited.pop()
            continue
        stated = row.get("data_class").upper() or inherited[-1]
        if kind in BEGIN:
            inherited.append(stated)
        elif stated and row.get("name"):
            found[row.get("name")] = stated
    return found
