"""The sheets of an XLSForm as written: every row with its number, so that a finding can name sheet, row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import Any

from jump.engines.evidence.definitions import xpath

SHEETS = ("survey", "choices", "settings", "entities", "external_choices")
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?\s*([^}\s]+)\s*\}")
_XML_NAME = re.compile(r"^[A-Za-z_][\w.\-]*$")

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
_FROM_FILE = frozenset({"select_one_from_file", "select_multiple_from_file", "select_one_external"})
_BEGIN = {"begin_group": "group", "begin_repeat": "repeat"}
_END = {"end_group": "group", "end_repeat": "repeat"}
EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "required", "repeat_count", "read_only")
_HEADINGS = {
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
}


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
    """The sheets of one form, and what was wrong with the file itself."""

    kind: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    headings: dict[str, list[str]] = field(default_factory=dict)

    def of(self, sheet: str) -> list[Row]:
        return self.rows.get(sheet, [])


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
    """Read the sheets. Raises ValueError where the bytes are neither a workbook nor text."""
    kind = kind_of(content)
    sheets = Sheets(kind)
    if kind == ".md":
        for name, number, line, cells in _markdown(content.decode("utf-8-sig")):
            _add(sheets, name, number, line, cells)
    else:
        for name, number, cells in _workbook(content, kind):
            _add(sheets, name, number, 0, cells)
    return sheets


def _add(sheets: Sheets, name: str, number: int, line: int, cells: list[str]) -> None:
    if name not in sheets.headings:
        sheets.headings[name] = [_heading(cell) for cell in cells]
        sheets.rows[name] = []
        return
    filled = {
        heading: cell for heading, cell in zip(sheets.headings[name], cells, strict=False) if heading and cell != ""
    }
    if filled:
        sheets.rows[name].append(Row(number, filled, line))


def _heading(cell: str) -> str:
    plain = cell.strip()
    if "::" in plain and plain.lower() not in _HEADINGS:
        return plain
    plain = plain.lower()
    return _HEADINGS.get(plain, plain)


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


def _workbook(content: bytes, kind: str) -> Iterator[tuple[str, int, list[str]]]:
    if kind == ".xlsx":
        from openpyxl import load_workbook

        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets:
            name = sheet.title.strip().lower()
            if name in SHEETS:
                for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                    yield name, number, [_cell(value) for value in values]
        return
    import xlrd

    old = xlrd.open_workbook(file_contents=content)
    for sheet in old.sheets():
        name = sheet.name.strip().lower()
        if name in SHEETS:
            for number in range(sheet.nrows):
                yield name, number + 1, [_cell(value) for value in sheet.row_values(number)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


# What can be seen in the sheets ----------------------------------------------------------------------


def problems(sheets: Sheets) -> list[Problem]:
    """Everything wrong that can be seen in the cells, all at once: a form is mended in one go."""
    return list(_problems(sheets))


def _problems(sheets: Sheets) -> Iterator[Problem]:
    if not sheets.of("survey"):
        yield Problem("survey", 0, "", "There is no sheet called survey with rows in it.", "Add it.")
        return
    missing = [heading for heading in ("type",) if heading not in sheets.headings["survey"]]
    if missing:
        yield Problem("survey", 1, "type", "The heading row has no column type.", "Add the column.")
        return
    yield from _choice_problems(sheets)
    yield from _row_problems(sheets)
    yield from _nesting_problems(sheets)
    yield from _reference_problems(sheets)


def _problem(sheet: str, row: Row, column: str, message: str, what_to_do: str) -> Problem:
    return Problem(sheet, row.number, column, message, what_to_do, row.line)


def _is_yes(text: str) -> bool:
    return text.strip().lower() in ("yes", "true", "1", "true()", "on")


def _choice_problems(sheets: Sheets) -> Iterator[Problem]:
    settings = sheets.of("settings")
    allowed = bool(settings) and _is_yes(settings[0].get("allow_choice_duplicates"))
    first: dict[tuple[str, str], int] = {}
    for row in sheets.of("choices"):
        name, code = row.get("list_name"), row.get("name")
        if not name and code:
            yield _problem("choices", row, "list_name", "The choice belongs to no list.", "Fill list_name.")
        elif name and not code:
            yield _problem("choices", row, "name", f"A choice of the list {name} has no name.", "Give it one.")
        elif (name, code) in first and not allowed:
            yield _problem(
                "choices",
                row,
                "name",
                f"The list {name} has the choice {code} twice; the first is in row {first[name, code]}.",
                "Give each choice its own name, or set allow_choice_duplicates to yes.",
            )
        first.setdefault((name, code), row.number)


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


def _is_known(kind: str, row: Row) -> bool:
    if kind in _BEGIN or kind in SELECTS or kind in QUESTION_TYPES or kind in METADATA:
        return True
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT  # half a second, and seldom needed

    return " ".join(row.get("type").split()) in QUESTION_TYPE_DICT


def _row_problems(sheets: Sheets) -> Iterator[Problem]:
    lists = {row.get("list_name") for row in sheets.of("choices")}
    names = {row.get("name") for row in sheets.of("survey")}
    for row in sheets.of("survey"):
        kind, chosen = type_of(row)
        name = row.get("name")
        if not kind:
            if name:
                yield _problem("survey", row, "type", f"The question {name} has no type.", "Give it one.")
            continue
        if kind in _END:
            continue
        if not _is_known(kind, row):
            yield _problem(
                "survey",
                row,
                "type",
                f"There is no question type {row.get('type')!r}.",
                "Use one such as text or date.",
            )
            continue
        if not name and kind not in _BEGIN and kind not in METADATA:
            yield _problem("survey", row, "name", f"A question of type {row.get('type')} has no name.", "Give it one.")
        if name and not _XML_NAME.match(name):
            yield _problem(
                "survey",
                row,
                "name",
                f"{name!r} cannot be a name.",
                "Begin with a letter; use letters, figures, - and _ and no blank.",
            )
        if kind in SELECTS and kind not in _FROM_FILE:
            reference = _REFERENCE.match(chosen)
            if not chosen:
                yield _problem(
                    "survey", row, "type", "The question names no list of choices.", "Add it after the type."
                )
            elif reference:
                if reference[1] not in names:
                    yield _problem(
                        "survey", row, "type", f"There is no question {reference[1]}.", "Check the name in ${ }."
                    )
            elif chosen not in lists:
                yield _problem(
                    "survey",
                    row,
                    "type",
                    f"The list {chosen} is not on the sheet choices.",
                    "Add its choices, or correct the name.",
                )


def _nesting_problems(sheets: Sheets) -> Iterator[Problem]:
    open_: list[tuple[str, Row, set[str]]] = [("", Row(0, {}), set())]
    for row in sheets.of("survey"):
        kind, _chosen = type_of(row)
        if kind in _END:
            began, _start, _names = open_[-1]
            if began != _END[kind]:
                wanted = f"end_{began}" if began else "nothing"
                yield _problem("survey", row, "type", f"{kind} closes what is not open.", f"Here {wanted} is expected.")
                return
            open_.pop()
            continue
        name = row.get("name")
        if name:
            if name in open_[-1][2]:
                yield _problem(
                    "survey",
                    row,
                    "name",
                    f"The name {name} stands twice in the same part.",
                    "Give one of them another.",
                )
            open_[-1][2].add(name)
        if kind in _BEGIN:
            open_.append((_BEGIN[kind], row, set()))
    for began, start, _names in open_[1:]:
        yield _problem("survey", start, "type", f"This {began} is never closed.", f"Add a row end_{began}.")


def _reference_problems(sheets: Sheets) -> Iterator[Problem]:
    names = {row.get("name") for row in sheets.of("survey")} | {type_of(row)[0] for row in sheets.of("survey")}
    for row in sheets.of("survey"):
        for heading, cell in row.cells.items():
            for reference in _REFERENCE.findall(cell):
                if reference not in names:
                    yield _problem(
                        "survey", row, heading, f"${{{reference}}} is not a question of this form.", "Check the name."
                    )
            if (
                heading in EXPRESSIONS
                and cell.strip()
                and not _is_yes(cell)
                and cell.strip().lower() not in ("no", "false")
            ):
                yield from _expression_problems(row, heading, cell)


def _expression_problems(row: Row, heading: str, cell: str) -> Iterator[Problem]:
    plain = _REFERENCE.sub("/data/x", cell)
    try:
        xpath.parse(plain)
    except xpath.BadExpression as error:
        yield _problem("survey", row, heading, f"This cannot be read: {error}.", "Check brackets, quotes and names.")


def data_classes(sheets: Sheets) -> dict[str, str]:
    """The column data_class of the survey: question name to P1, P2 or P3. A group's class holds for what is in it."""
    found: dict[str, str] = {}
    inherited: list[str] = [""]
    for row in sheets.of("survey"):
        kind, _chosen = type_of(row)
        if kind in _END:
            inherited.pop()
            continue
        stated = row.get("data_class").upper() or inherited[-1]
        if kind in _BEGIN:
            inherited.append(stated)
        elif stated and row.get("name"):
            found[row.get("name")] = stated
    return found
