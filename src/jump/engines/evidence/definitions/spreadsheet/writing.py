"""A form as a workbook to be filled in, and the same workbook again with what is wrong marked in its cells.

Both are written row by row by one function: the marked copy of a file of 100,000 rows costs no more memory than the
empty one. Row 1 holds the names of the questions (hidden, it is what the upload goes by), row 2 their labels, row 3
what to write; the rows below are free, the head is protected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from jump.base import i18n
from jump.engines.evidence.definitions.spreadsheet.cells import Broken, with_code
from jump.engines.evidence.definitions.spreadsheet.columns import (
    ABOUT,
    DAY,
    KEY,
    PARENT,
    PLACE,
    Field,
    Table,
    is_typed_in,
    tables_of,
)
from jump.engines.evidence.definitions.spreadsheet.reading import ROWS_MAX, Row

HEAD_ROWS = 3
HIDDEN = "_jump"
COMMENTS_MAX = 2_000
LISTED_MAX = 10_000
PROMPT_MAX, TITLE_MAX = 250, 31
EXPLAINED_CHOICES_MAX = 12
FORMATS: Mapping[str, str] = {
    "integer": "0",
    "decimal": "General",
    "range": "General",
    "date": "yyyy-mm-dd",
    "time": "hh:mm",
    "datetime": "yyyy-mm-dd hh:mm",
}
_UNSAFE = re.compile(r"[\[\]:*?/\\']")
_LIMIT = re.compile(r"\.\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
_OPERATORS: Mapping[str, Any] = {
    ">=": "greaterThanOrEqual",
    "<=": "lessThanOrEqual",
    ">": "greaterThan",
    "<": "lessThan",
}
_HEAD_FILL = PatternFill("solid", fgColor="E8EEF2")
_BAD_FILL = PatternFill("solid", fgColor="F8D7D3")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong in a cell: sheet and row as the reader sees them; column 0 is the whole row."""

    title: str
    row: int
    column: int
    message: str
    what_to_do: str = ""


@dataclass(slots=True)
class Heading:
    """One column of a sheet: the name that the upload goes by, and what a person reads."""

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    question: Field | None = None
    list_name: str = ""
    is_needed: bool = False


@dataclass(slots=True)
class Plan:
    """One sheet of the workbook."""

    table: Table
    title: str
    headings: list[Heading] = field(default_factory=list)


@dataclass(slots=True)
class Template:
    """Everything that a form's workbook says in one language."""

    form_id: str
    version: str
    title: str
    language: str
    plans: list[Plan]
    lists: dict[str, list[tuple[str, str]]]  # by name: (what stands in the drop-down, its code)


def template(
    *,
    form_id: str,
    version: str,
    title: str,
    schema: Mapping[str, Any],
    places: Sequence[str],
    asks_about: bool,
    language: str,
) -> Template:
    """Plan the workbook of a form: `places` may be chosen per row; `asks_about` where a row says whom it is about."""
    lists = {PLACE: [(name, "") for name in places]} if places else {}
    for name, choices in schema["lists"].items():
        lists[name] = _shown(choices, language)
    plans: list[Plan] = []
    for table in tables_of(schema["fields"], is_typed_in):
        shown = i18n.text(table.repeat.get("label"), language) if table.repeat is not None else title
        plan = Plan(table, sheet_title(shown or table.key, [one.title for one in plans]))
        plan.headings = _own_headings(table, bool(places), asks_about)
        plan.headings += [_heading(one, schema, language) for one in table.columns]
        plans.append(plan)
    return Template(form_id, version, title, language, plans, lists)


def sheet_title(wanted: str, taken: Sequence[str]) -> str:
    """A title that a sheet may have, and that no other sheet has."""
    plain = " ".join(_UNSAFE.sub(" ", wanted).split())[:TITLE_MAX].strip() or "JUMP"
    lower = {one.casefold() for one in taken}
    number = 2
    found = plain
    while found.casefold() in lower or found.casefold() in (HIDDEN, "history"):
        found = f"{plain[: TITLE_MAX - 4]} {number}"
        number += 1
    return found


def _shown(choices: Sequence[Mapping[str, Any]], language: str) -> list[tuple[str, str]]:
    labels = [i18n.text(one.get("label"), language) or str(one["code"]) for one in choices]
    twice = {label for label in labels if labels.count(label) > 1} if len(labels) < 5_000 else set()
    return [
        (with_code(label, one["code"]) if label in twice else label, str(one["code"]))
        for label, one in zip(labels, choices, strict=True)
    ]


def _own_headings(table: Table, has_places: bool, asks_about: bool) -> list[Heading]:
    key = Heading(
        KEY,
        _("Key"),
        _("Your own number of this row, such as that of the paper form. Rows on other sheets name it."),
    )
    if table.parent is not None:
        above = Heading(
            PARENT, _("Belongs to key"), _("The key of the row above that this one belongs to."), is_needed=True
        )
        return [above, *([key] if table.children else [])]
    made = [key, Heading(DAY, _("Day"), _("The day it happened. Empty: the day given at the upload."), "date")]
    if has_places:
        hint = _("Choose. Empty: the place given at the upload.")
        made.append(Heading(PLACE, _("Place"), hint, list_name=PLACE))
    if asks_about:
        made.append(Heading(ABOUT, _("About"), _("The number of whom or what it is about, such as grp-7K3MPQ2X.")))
    return made


def _heading(one: Field, schema: Mapping[str, Any], language: str) -> Heading:
    kind = one["type"]
    named = one.get("list", "") if one.get("list", "") in schema["lists"] else ""
    says = {
        "integer": _("A whole number."),
        "decimal": _("A number."),
        "range": _("A number."),
        "date": _("A day: 2004-03-01."),
        "time": _("A time: 14:30."),
        "datetime": _("Day and time: 2004-03-01 14:30."),
        "geopoint": _("Latitude and longitude, with a blank between."),
        "select_one": _("Choose from the list."),
        "acknowledge": _("OK, where it was agreed to."),
    }.get(kind, "")
    if kind in ("select_multiple", "rank"):
        says = _codes_said(schema["lists"].get(named, ()), language)
    if one.get("relevant"):
        says = f"{says} {_('Not asked in every case.')}".strip()
    hint = i18n.text(one.get("hint"), language)
    return Heading(
        name=one["key"],
        label=i18n.text(one.get("label"), language) or one["name"],
        hint=f"{hint} {says}".strip(),
        kind=kind,
        question=one,
        list_name=named if kind == "select_one" else "",
        is_needed=one.get("required") == "true()" and not one.get("relevant"),
    )


def _codes_said(choices: Sequence[Mapping[str, Any]], language: str) -> str:
    said = [f"{one['code']} = {i18n.text(one.get('label'), language)}" for one in choices[:EXPLAINED_CHOICES_MAX]]
    more = " …" if len(choices) > EXPLAINED_CHOICES_MAX else ""
    return _("One or several, with commas between: %(codes)s") % {"codes": "; ".join(said) + more}


# Writing -------------------------------------------------------------------------------------------------


def write(
    made: Template,
    out: IO[bytes],
    *,
    rows: Mapping[str, Iterable[Row]] | None = None,
    marks: Mapping[str, Iterable[Mark]] | None = None,
    listed: Iterable[Mark] = (),
) -> None:
    """Write the workbook: empty, or with the rows of an upload and what is wrong in them.

    `rows` and `marks` are by the path of the table, both in the order of their rows; a heading without a name is a
    column that the form does not know and is copied as it is; `listed` is what the sheet of problems says.
    """
    book = Workbook(write_only=True)
    if marks is not None:
        _write_problems(book, listed)
    budget = [COMMENTS_MAX]
    for plan in made.plans:
        sheet = book.create_sheet(plan.title)
        _lay_out(made, plan, sheet)
        if rows is not None:
            _write_rows(plan, sheet, rows.get(plan.table.path, ()), (marks or {}).get(plan.table.path, ()), budget)
    _write_guide(book, made)
    _write_lists(book, made)
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "hidden"
    for line in (("form", made.form_id), ("version", made.version), ("language", made.language)):
        hidden.append(list(line))
    book.save(out)


def _lay_out(made: Template, plan: Plan, sheet: Any) -> None:
    sheet.freeze_panes = sheet_cell(1, HEAD_ROWS)
    sheet.sheet_view.rightToLeft = i18n.direction(made.language) == "rtl"
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)  # False: it is not forbidden
    for number, heading in enumerate(plan.headings, start=1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width = min(max(len(heading.label) + 2, 14), 32)
        column.protection = Protection(locked=False)
        column.number_format = FORMATS.get(heading.kind, "@")
        validation = _validation(made, heading, number)
        if validation is not None:
            sheet.data_validations.append(validation)
    for number in range(len(plan.headings) + 1, len(plan.headings) + 40):  # room for columns of one's own
        sheet.column_dimensions[get_column_letter(number)].protection = Protection(locked=False)
    sheet.row_dimensions[1].hidden = True
    sheet.row_dimensions[2].height = 34
    sheet.row_dimensions[3].height = 48
    names = [f"{PARENT} {plan.table.path}" if one.name == PARENT else one.name for one in plan.headings]
    labels = [f"{heading.label} *" if heading.is_needed else heading.label for heading in plan.headings]
    hints = [heading.hint for heading in plan.headings]
    sheet.append([_head_cell(sheet, text) for text in names])
    sheet.append([_head_cell(sheet, text, is_bold=True) for text in labels])
    sheet.append([_head_cell(sheet, text) for text in hints])


def sheet_cell(column: int, row: int) -> str:
    """The cell after so many columns and rows.

    >>> sheet_cell(1, 3)
    'B4'
    """
    return f"{get_column_letter(column + 1)}{row + 1}"


def _head_cell(sheet: Any, text: str, *, is_bold: bool = False) -> Any:
    cell = text_cell(sheet, text)
    cell.font = Font(bold=is_bold, size=11 if is_bold else 9, italic=not is_bold)
    cell.fill = _HEAD_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def text_cell(sheet: Any, text: str) -> Any:
    """A cell of text that no spreadsheet program takes for a formula."""
    cell = WriteOnlyCell(sheet, value=_printable(text))
    cell.data_type = "s"
    return cell


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)[:32_000]


def _validation(made: Template, heading: Heading, number: int) -> DataValidation | None:
    found: DataValidation | None = None
    if heading.list_name and made.lists.get(heading.list_name):
        column = get_column_letter(2 * list(made.lists).index(heading.list_name) + 1)
        last = len(made.lists[heading.list_name]) + 1
        found = DataValidation(
            type="list", formula1=f"'{_lists_title()}'!${column}$2:${column}${last}", allow_blank=True
        )
        found.error = _("Choose one from the list.")
    elif heading.kind in ("integer", "decimal", "range"):
        found = _number_validation(heading)
    elif heading.kind == "date":
        found = DataValidation(type="date", operator="between", formula1="DATE(1900,1,1)", formula2="DATE(2100,12,31)")
        found.error = _("Write the date as year-month-day, for example 2004-03-01.")
    elif heading.kind == "time":
        found = DataValidation(type="time", operator="between", formula1="0", formula2="0.999999")
        found.error = _("Write 14:30.")
    elif heading.hint:
        found = DataValidation()
    if found is None:
        return None
    question = heading.question or {}
    told = i18n.text(question.get("constraint_message"), made.language)
    if told and found.type is not None:
        found.error = told
    found.error = (found.error or "")[:PROMPT_MAX] or None
    found.showErrorMessage = found.type is not None
    found.promptTitle = heading.label[:32] or None
    found.prompt = heading.hint[:PROMPT_MAX] or None
    found.showInputMessage = bool(heading.hint)
    found.allow_blank = True
    letter = get_column_letter(number)
    found.add(f"{letter}{HEAD_ROWS + 1}:{letter}{HEAD_ROWS + ROWS_MAX}")
    return found


def _number_validation(heading: Heading) -> DataValidation:
    """The type, and the limits that the constraint states plainly; what else it asks is checked at the upload."""
    question = heading.question or {}
    step = str((question.get("parameters") or {}).get("step", "1" if heading.kind == "range" else ""))
    is_whole = heading.kind == "integer" or (heading.kind == "range" and "." not in step)
    kind: Any = "whole" if is_whole else "decimal"
    limits = limits_of(str(question.get("constraint") or ""))
    parameters = question.get("parameters") or {}
    if heading.kind == "range" and "start" in parameters and "end" in parameters:
        limits = [(">=", str(parameters["start"])), ("<=", str(parameters["end"]))]
    lower = next((one for one in limits if one[0][0] == ">"), None)
    upper = next((one for one in limits if one[0][0] == "<"), None)
    error = _("Write a whole number, for example 12.") if is_whole else _("Write a number, for example 12.5.")
    if lower and upper and lower[0] == ">=" and upper[0] == "<=":
        made = DataValidation(type=kind, operator="between", formula1=lower[1], formula2=upper[1])
    elif lower or upper:
        sign, limit = lower or upper or ("", "")
        made = DataValidation(type=kind, operator=_OPERATORS[sign], formula1=limit)
    else:
        made = DataValidation(type=kind, operator="between", formula1="-1E+15", formula2="1E+15")
    made.error = error
    return made


def limits_of(constraint: str) -> list[tuple[str, str]]:
    """The plain limits among what a constraint asks for at once.

    >>> limits_of(". >= 0 and . <= 100"), limits_of(". > 0 or . = -9")
    ([('>=', '0'), ('<=', '100')], [])
    """
    if " or " in constraint:
        return []
    found = [_LIMIT.fullmatch(part.strip().strip("()").strip()) for part in constraint.split(" and ")]
    return [(one[1], one[2]) for one in found if one is not None]


def _write_rows(plan: Plan, sheet: Any, rows: Iterable[Row], marks: Iterable[Mark], budget: list[int]) -> None:
    free = [_style(sheet, FORMATS.get(heading.kind, "@")) for heading in plan.headings]
    bad = [_style(sheet, FORMATS.get(heading.kind, "@"), _BAD_FILL) for heading in plan.headings]
    other, other_bad = _style(sheet, "General"), _style(sheet, "General", _BAD_FILL)
    waiting = iter(marks)
    mark = next(waiting, None)
    at = HEAD_ROWS
    for row in rows:
        if row.number <= HEAD_ROWS:
            continue
        for _gap in range(row.number - at - 1):
            sheet.append([])
        at = row.number
        here: dict[int, list[Mark]] = {}
        while mark is not None and mark.row <= row.number:
            if mark.row == row.number:
                here.setdefault(max(mark.column, 1), []).append(mark)
            mark = next(waiting, None)
        cells: list[Any] = []
        for number in range(1, max([*row.cells, *here, 1]) + 1):
            found = here.get(number, [])
            value = row.cells.get(number)
            if value is None and not found:
                cells.append(None)
                continue
            known = number <= len(free)
            cell = _value_cell(sheet, value)
            cell._style = (bad[number - 1] if known else other_bad) if found else free[number - 1] if known else other
            if found and budget[0] > 0:
                budget[0] -= 1
                text = "\n".join(f"{one.message} {one.what_to_do}".strip() for one in found)
                cell.comment = Comment(_printable(text), "JUMP", height=120, width=320)
            cells.append(cell)
        sheet.append(cells)


def _value_cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, Broken):
        value = value.text
    if isinstance(value, str):
        return text_cell(sheet, value)
    return WriteOnlyCell(sheet, value=value)


def _style(sheet: Any, number_format: str, fill: PatternFill | None = None) -> Any:
    cell: Any = WriteOnlyCell(sheet)
    cell.number_format = number_format
    cell.protection = Protection(locked=False)
    if fill is not None:
        cell.fill = fill
    return cell._style


def _write_problems(book: Workbook, listed: Iterable[Mark]) -> None:
    sheet = book.create_sheet(sheet_title(_("Problems"), []))
    for letter, width in zip("ABCDE", (24, 8, 8, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    heads = (_("Sheet"), _("Row"), _("Column"), _("What is wrong"), _("What to do"))
    sheet.append([_head_cell(sheet, text, is_bold=True) for text in heads])
    for mark in listed:
        column = get_column_letter(mark.column) if mark.column else ""
        texts = [mark.title, "", column, mark.message, mark.what_to_do]
        cells = [text_cell(sheet, text) for text in texts]
        cells[1] = mark.row
        sheet.append(cells)


def _lists_title() -> str:
    return sheet_title(_("Lists"), [])


def _write_lists(book: Workbook, made: Template) -> None:
    """For each list two columns: what stands in the drop-down, and its code."""
    sheet = book.create_sheet(_lists_title())
    for number in range(1, 2 * len(made.lists) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 24
    sheet.protection.sheet = True
    heads: list[str] = []
    for name in made.lists:
        heads += [_("Place") if name == PLACE else name, _("code")]
    sheet.append([_head_cell(sheet, text, is_bold=True) for text in heads])
    longest = max((len(rows) for rows in made.lists.values()), default=0)
    for number in range(longest):
        line: list[Any] = []
        for rows in made.lists.values():
            line += [text_cell(sheet, text) for text in rows[number]] if number < len(rows) else [None, None]
        sheet.append(line)


def _write_guide(book: Workbook, made: Template) -> None:
    sheet = book.create_sheet(sheet_title(_("How to fill this in"), [one.title for one in made.plans]))
    for letter, width in zip("ABCD", (28, 36, 70, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    lines = [
        _("One row is one filled form. Write below the headings; leave the headings as they are."),
        _("A star marks what is always needed. Nothing is saved before you have seen what is right and what is not."),
        _("The same file may be sent again: rows that are there already are left alone."),
        _("Columns of your own to the right of the form are not read."),
    ]
    if len(made.plans) > 1:
        lines.append(
            _("What a form asks several times stands on a sheet of its own; each row there names the key of its form.")
        )
    sheet.append([_head_cell(sheet, f"{made.title} · {made.form_id} {made.version}", is_bold=True)])
    for line in lines:
        sheet.append([text_cell(sheet, line)])
    sheet.append([])
    heads = (_("Sheet"), _("Column"), _("What to write"), _("Needed"))
    sheet.append([_head_cell(sheet, text, is_bold=True) for text in heads])
    for plan in made.plans:
        for heading in plan.headings:
            needed = _("always") if heading.is_needed else ""
            texts = (plan.title, heading.label, heading.hint, needed)
            sheet.append([text_cell(sheet, text) for text in texts])


def first(marks: Iterable[Mark], limit: int = LISTED_MAX) -> Iterator[Mark]:
    """The first marks of many."""
    for number, mark in enumerate(marks):
        if number >= limit:
            return
        yield mark
