"""The rows of a spreadsheet as submissions: each cell an answer, each problem at its cell, memory bounded.

Rows of repeats stand on sheets of their own and name the key of the row that they belong to; they are put into a
temporary database on disk first, so that a file of any size is joined without holding it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base import i18n
from jump.core.units import Ref
from jump.engines.evidence.definitions.answers import NotUnderstood
from jump.engines.evidence.definitions.kept import UnknownForm, form_version
from jump.engines.evidence.definitions.spreadsheet.cells import Choices, answer_of, text_of
from jump.engines.evidence.definitions.spreadsheet.columns import ABOUT, DAY, KEY, PARENT, PLACE, Table
from jump.engines.evidence.definitions.spreadsheet.reading import ROWS_MAX, Row, SpreadsheetTooLarge, Workbook
from jump.engines.evidence.definitions.spreadsheet.writing import HEAD_ROWS, HIDDEN, Heading, Mark, Plan, template
from jump.engines.evidence.models import FormVersion
from jump.engines.evidence.queries.batches import is_about_a_place, place_names, places_for
from jump.engines.evidence.services.many import Judged, judge
from jump.engines.evidence.services.refusals import AnswersInvalid, SheetOfAnotherForm, SheetUnreadable
from jump.engines.evidence.types import NewSubmission
from jump.engines.parties import api as parties

SOURCE = "sheet"
REPEATS_MAX = 500_000
_STORE = """
CREATE TABLE child (path TEXT, parent TEXT, key TEXT, number INTEGER, answers TEXT, is_bad INTEGER, is_used INTEGER);
CREATE INDEX child_of ON child (path, parent, number);
CREATE TABLE own (key TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
CREATE TABLE twin (digest TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID;
CREATE TABLE mark (path TEXT, number INTEGER, place INTEGER, message TEXT, what TEXT);
"""


@dataclass(slots=True)
class RowFound:
    """A row of the main sheet: the key under which it is kept, what it says, what the form made of it (None: not)."""

    number: int
    key: str
    digest: str
    judged: Judged | None
    own_key: str = ""


@dataclass(slots=True)
class _Sheet:
    """One sheet of the file that belongs to a table of the form."""

    table: Table
    title: str
    columns: dict[str, int]  # heading -> column
    fields: list[tuple[int, Mapping[str, Any], Choices | None]] = field(default_factory=list)
    merged: dict[int, tuple[str, int]] = field(default_factory=dict)  # row -> (merged cells, their first column)


@dataclass(slots=True)
class _Whole:
    """The answers of one form put together from its sheets, and which row of which sheet said what."""

    answers: dict[str, Any]
    rows_at: dict[str, tuple[str, int]]
    is_bad: bool = False


class Reading:
    """One pass over a spreadsheet. `close` drops what was kept on disk."""

    def __init__(self, book: Workbook, held: FormVersion, *, scope: str, on: date, language: str) -> None:
        self.book, self.held, self.scope, self.on = book, held, scope, on
        self.language = _hidden(book).get("language") or language
        self.places = places_for(scope)
        self.by_place = _by_any_name(self.places)
        self.of_place = is_about_a_place(held.settings)
        self.template = template(
            form_id=held.form.form_id,
            version=held.version,
            title=i18n.text(held.title, self.language),
            schema=held.schema,
            places=list(place_names(self.places)),
            asks_about=not self.of_place,
            language=self.language,
        )
        self.choices = {name: Choices(rows) for name, rows in held.schema["lists"].items()}
        self.rows_bad = 0
        self.store = sqlite3.connect("", isolation_level=None)  # "": a temporary database on disk, gone when closed
        self.store.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_STORE}")
        self.sheets: dict[str, _Sheet] = {}
        for plan in self.template.plans:
            self._find_sheet(plan)
        if "" not in self.sheets:
            raise SheetUnreadable(name=book.name, what=_("the key column and the names of the questions are missing"))
        for sheet in self.sheets.values():
            self._note_merged(sheet)

    def close(self) -> None:
        self.store.close()

    # What the file is ----------------------------------------------------------------------------

    @staticmethod
    def version_of(book: Workbook, latest: FormVersion) -> FormVersion:
        """The version of the form that the file was made from. Raises SheetOfAnotherForm, SheetUnreadable."""
        said = _hidden(book)
        if said.get("form") and said["form"] != latest.form.form_id:
            raise SheetOfAnotherForm(found=said["form"], wanted=latest.form.form_id)
        if not any(_names(book, title) for title in book.titles):
            raise SheetUnreadable(name=book.name, what=_("the key column and the names of the questions are missing"))
        try:
            return form_version(latest.form.form_id, said.get("version") or None)
        except UnknownForm:
            return latest

    @property
    def titles(self) -> dict[str, str]:
        """The sheets of the form by the path of their table, as the file calls them."""
        return {path: sheet.title for path, sheet in self.sheets.items()}

    def _find_sheet(self, plan: Plan) -> None:
        wanted = f"{PARENT} {plan.table.path}" if plan.table.path else KEY
        for title in self.book.titles:
            columns = _names(self.book, title)
            if wanted not in columns or (not plan.table.path and any(one.startswith(PARENT) for one in columns)):
                continue
            if plan.table.path:
                columns[PARENT] = columns.pop(wanted)
            sheet = _Sheet(plan.table, title, columns)
            self._read_headings(plan, sheet)
            self.sheets[plan.table.path] = sheet
            return

    def _read_headings(self, plan: Plan, sheet: _Sheet) -> None:
        """Follow the file's own order of columns; a name that the form does not have is a problem, no name is none."""
        known = {heading.name: heading for heading in plan.headings}
        by_column = {column: name for name, column in sheet.columns.items()}
        labels = next((row.cells for row in self.book.rows(sheet.title, HEAD_ROWS) if row.number == 2), {})
        headings = []
        for column in range(1, max([*by_column, *labels, 1]) + 1):
            name = by_column.get(column, "")
            heading = known.get(name)
            headings.append(heading or Heading("", text_of(labels.get(column)), kind="own"))
            if heading is None and name:
                message = _("This form has no question of this name: %(name)s.") % {"name": name[:60]}
                self._mark(plan.table.path, 1, column, message, _("Take the template of the current version."))
            elif heading is not None and heading.question is not None:
                question = heading.question
                sheet.fields.append((column, question, self.choices.get(question.get("list", ""))))
        plan.headings, plan.title = headings, sheet.title

    def _note_merged(self, sheet: _Sheet) -> None:
        mine = set(sheet.columns.values())
        for written, rows, columns in self.book.merged(sheet.title, HEAD_ROWS):
            if mine.isdisjoint(columns):
                continue
            message = _("The cells %(cells)s are merged.") % {"cells": written}
            self._mark(sheet.table.path, rows[0], columns[0], message, _("Unmerge them and fill each cell."))
            for number in rows[: ROWS_MAX + HEAD_ROWS]:
                sheet.merged[number] = (written, columns[0])

    # Problems ------------------------------------------------------------------------------------

    def _mark(self, path: str, number: int, column: int, message: str, what_to_do: str) -> None:
        values = (path, number, column, message, what_to_do)
        self.store.execute("INSERT INTO mark VALUES (?, ?, ?, ?, ?)", values)

    @property
    def problems_count(self) -> int:
        return int(self.store.execute("SELECT count(*) FROM mark").fetchone()[0])

    def problems(self, limit: int) -> Iterator[Mark]:
        """The first problems: those of the main sheet first, in the order of the rows."""
        yield from self._marks("ORDER BY path, number, place LIMIT ?", limit)

    def problems_of(self, path: str) -> Iterator[Mark]:
        """All problems of one sheet, in the order of the rows."""
        yield from self._marks("WHERE path = ? ORDER BY number, place", path)

    def _marks(self, which: str, value: Any) -> Iterator[Mark]:
        for path, number, column, message, what in self.store.execute(f"SELECT * FROM mark {which}", (value,)):
            yield Mark(self.sheets[path].title, number, column, message, what)

    def heading_of(self, mark: Mark) -> str:
        """The heading above a marked cell."""
        for plan in self.template.plans:
            if plan.title == mark.title and 0 < mark.column <= len(plan.headings):
                return plan.headings[mark.column - 1].label
        return ""

    def add_changed(self, row: RowFound) -> None:
        """A row whose key is known with other answers."""
        message = _("The key %(key)s was sent before, with other answers.") % {"key": row.own_key[:60]}
        what = _("Correct the form itself, or give this row a key of its own.")
        self._mark("", row.number, self.sheets[""].columns.get(KEY, 0), message, what)
        self.rows_bad += 1
        row.judged = None

    # Rows ----------------------------------------------------------------------------------------

    def raw_rows(self, path: str) -> Iterator[Row]:
        """The rows of a sheet as they are in the file."""
        return self.book.rows(self.sheets[path].title)

    def steps(self, size: int) -> Iterator[list[RowFound]]:
        """The rows of the main sheet, so many at a time, each judged. Problems are noted as they are found."""
        self._take_repeats()
        waiting: list[RowFound] = []
        count = 0
        for row in self.raw_rows(""):
            if row.number <= HEAD_ROWS or not self._says_something(self.sheets[""], row):
                continue
            count += 1
            if count > ROWS_MAX:
                raise SpreadsheetTooLarge(name=self.book.name, what=_("it has more than 100,000 rows"))
            found = self._main_row(row)
            self.rows_bad += found.judged is None
            waiting.append(found)
            if len(waiting) == size:
                yield waiting
                waiting = []
        if waiting:
            yield waiting
        self._mark_orphans()

    def _says_something(self, sheet: _Sheet, row: Row) -> bool:
        return any(text_of(row.cells.get(column)) for column in sheet.columns.values() if column in row.cells)

    def _take_repeats(self) -> None:
        """Put the rows of all repeats into the store, each under the key of the row it belongs to."""
        count = 0
        self.store.execute("BEGIN")
        for path, sheet in self.sheets.items():
            if not path:
                continue
            for row in self.raw_rows(path):
                if row.number <= HEAD_ROWS or not self._says_something(sheet, row):
                    continue
                count += 1
                if count > REPEATS_MAX:
                    raise SpreadsheetTooLarge(name=self.book.name, what=_("it has more than 500,000 rows of repeats"))
                answers, is_bad = self._answers(sheet, row)
                parent = text_of(row.cells.get(sheet.columns[PARENT]))
                if not parent:
                    message = _("It does not say which row it belongs to.")
                    self._mark(path, row.number, sheet.columns[PARENT], message, _("Write the key of that row."))
                    self.rows_bad += 1
                key = text_of(row.cells.get(sheet.columns.get(KEY, 0)))
                values = (path, parent, key, row.number, json.dumps(answers), is_bad, not parent)
                self.store.execute("INSERT INTO child VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        self.store.execute("COMMIT")

    def _answers(self, sheet: _Sheet, row: Row) -> tuple[dict[str, Any], bool]:
        """The answers of one row; what a cell does not say clearly is marked there."""
        answers: dict[str, Any] = {}
        is_bad = row.number in sheet.merged
        for column, question, choices in sheet.fields:
            value = row.cells.get(column)
            if value is None:
                continue
            try:
                answer = answer_of(question, value, choices)
            except NotUnderstood as error:
                self._mark(sheet.table.path, row.number, column, error.message, error.what_to_do)
                is_bad = True
                continue
            if answer is not None:
                answers[question["key"]] = answer
        return answers, is_bad

    def _main_row(self, row: Row) -> RowFound:
        sheet = self.sheets[""]
        answers, is_bad = self._answers(sheet, row)
        own_key = text_of(row.cells.get(sheet.columns.get(KEY, 0)))[:120]
        whole = _Whole(answers, {"": ("", row.number)}, is_bad)
        if own_key:
            whole.is_bad |= self._is_twin(own_key, row.number)
            self._join(sheet.table, own_key, whole.answers, "", whole)
        on, about, scope = self._day(row, whole), self._about(row, whole), self.scope
        place = self._place(row, whole)
        if place is not None:
            scope = place.scope
            about = about or (place.ref if self.of_place else None)
        given = self._given(row, DAY)
        digest = _digest([text_of(given), about or "", whole.answers])
        key = self._key(scope, own_key, digest)
        new = NewSubmission(whole.answers, scope=scope, on=on or self.on, key=key, about=about)
        judged = self._judged(new, row, whole)
        return RowFound(row.number, key, digest, None if whole.is_bad else judged, own_key)

    def _key(self, scope: str, own_key: str, digest: str) -> str:
        """The key of a row: from its own key, else from all that it says and how often the file said that before."""
        form = self.held.form.form_id
        if own_key:
            return f"sheet:{_digest([form, scope, 'key', own_key])}"
        found = self.store.execute(
            "INSERT INTO twin VALUES (?, 1) ON CONFLICT (digest) DO UPDATE SET times = times + 1 RETURNING times",
            (_digest([scope, digest]),),
        ).fetchone()
        return f"sheet:{_digest([form, scope, 'says', digest, found[0]])}"

    def _is_twin(self, own_key: str, number: int) -> bool:
        found = self.store.execute("SELECT number FROM own WHERE key = ?", (own_key,)).fetchone()
        if found is None:
            self.store.execute("INSERT INTO own VALUES (?, ?)", (own_key, number))
            return False
        message = _("The key %(key)s stands in row %(row)s already.") % {"key": own_key[:60], "row": found[0]}
        what = _("Give each row a key of its own, or take the second one out.")
        self._mark("", number, self.sheets[""].columns[KEY], message, what)
        return True

    def _join(self, table: Table, key: str, into: dict[str, Any], prefix: str, whole: _Whole) -> None:
        """Put the rows of repeats under the row that they belong to."""
        for below in table.children:
            if below.path not in self.sheets:
                continue
            rows = self.store.execute(
                "SELECT key, number, answers, is_bad FROM child WHERE path = ? AND parent = ? ORDER BY number",
                (below.path, key),
            ).fetchall()
            if not rows:
                continue
            self.store.execute("UPDATE child SET is_used = 1 WHERE path = ? AND parent = ?", (below.path, key))
            entries = []
            for number, (own_key, at, answers, is_bad) in enumerate(rows):
                entry = json.loads(answers)
                path = f"{prefix}{below.key}.{number}."
                whole.rows_at[path] = (below.path, at)
                whole.is_bad |= bool(is_bad)
                if own_key:
                    self._join(below, own_key, entry, path, whole)
                entries.append(entry)
            into[below.key] = entries

    def _mark_orphans(self) -> None:
        for path, parent, number in self.store.execute(
            "SELECT path, parent, number FROM child WHERE NOT is_used ORDER BY path, number"
        ).fetchall():
            sheet = self.sheets[path]
            above = self.sheets[sheet.table.parent.path if sheet.table.parent is not None else ""]
            facts = {"sheet": above.title, "key": parent[:60]}
            message = _("No row on the sheet %(sheet)s has the key %(key)s.") % facts
            self._mark(path, number, sheet.columns[PARENT], message, _("Correct the key here or there."))
            self.rows_bad += 1

    # What a row says of itself -------------------------------------------------------------------

    def _given(self, row: Row, name: str) -> Any:
        return row.cells.get(self.sheets[""].columns.get(name, 0))

    def _own_problem(self, row: Row, name: str, message: str, what_to_do: str, whole: _Whole) -> None:
        self._mark("", row.number, self.sheets[""].columns.get(name, 0), message, what_to_do)
        whole.is_bad = True

    def _day(self, row: Row, whole: _Whole) -> date | None:
        try:
            text = answer_of({"type": "date"}, self._given(row, DAY), None)
            return date.fromisoformat(text) if text else self.on
        except NotUnderstood as error:
            self._own_problem(row, DAY, error.message, error.what_to_do, whole)
        except ValueError:
            message = _("There is no such date: %(text)s.") % {"text": text_of(self._given(row, DAY))[:40]}
            self._own_problem(row, DAY, message, _("Write the date as year-month-day, for example 2004-03-01."), whole)
        return None

    def _place(self, row: Row, whole: _Whole) -> parties.PlaceView | None:
        text = text_of(self._given(row, PLACE))
        if not text:
            return next((place for place in self.places if place.scope == self.scope), None)
        found = self.by_place.get(text.casefold(), [])
        if len(found) == 1:
            return found[0]
        message = _("There is no place %(name)s here.") if not found else _("Several places are called %(name)s.")
        what = _("Choose one from the list, or write its number.")
        self._own_problem(row, PLACE, message % {"name": text[:60]}, what, whole)
        return None

    def _about(self, row: Row, whole: _Whole) -> Ref | None:
        text = text_of(self._given(row, ABOUT))
        if not text:
            return None
        if Ref(text).is_well_formed:
            return Ref(text)
        message = _("%(text)s is not a number of JUMP.") % {"text": text[:40]}
        self._own_problem(row, ABOUT, message, _("Write it as it stands on its page, such as grp-7K3MPQ2X."), whole)
        return None

    def _judged(self, new: NewSubmission, row: Row, whole: _Whole) -> Judged | None:
        """What the form says of the row; each error at its cell, unless the cell is marked already."""
        try:
            return judge(self.held, new, SOURCE)
        except AnswersInvalid as refusal:
            for error in refusal.found:
                prefix, _dot, key = error.path.rpartition(".")
                path, number = whole.rows_at.get(f"{prefix}." if prefix else "", ("", row.number))
                column = self.sheets[path].columns.get(DAY if error.path == "on" else key, 0)
                if not self._is_marked(path, number, column):
                    self._mark(path, number, column, error.message, error.what_to_do)
            whole.is_bad = True
            return None

    def _is_marked(self, path: str, number: int, column: int) -> bool:
        """Marks are few, and only those written last can be of this row."""
        last = "SELECT * FROM mark ORDER BY rowid DESC LIMIT 200"
        asked = f"SELECT 1 FROM ({last}) WHERE path = ? AND number = ? AND place = ?"
        return self.store.execute(asked, (path, number, column)).fetchone() is not None


def _by_any_name(places: list[parties.PlaceView]) -> dict[str, list[parties.PlaceView]]:
    found: dict[str, list[parties.PlaceView]] = {}
    shown = {place.ref: name for name, place in place_names(places).items()}
    for place in places:
        names = (place.name, place.code, str(place.ref), place.scope, shown.get(place.ref, ""))
        for name in {one.casefold() for one in names if one}:
            found.setdefault(name, []).append(place)
    return found


def _hidden(book: Workbook) -> dict[str, str]:
    """What the hidden sheet says: form, version, language. Empty where somebody took the sheet out."""
    if HIDDEN not in book.titles:
        return {}
    return {text_of(row.cells.get(1)): text_of(row.cells.get(2)) for row in book.rows(HIDDEN, 10)}


def _names(book: Workbook, title: str) -> dict[str, int]:
    """The names of the questions in the first row of a sheet, with their columns; empty for a sheet of another kind."""
    first = next(iter(book.rows(title, 1)), None)
    if first is None:
        return {}
    found = {text_of(value): column for column, value in first.cells.items() if text_of(value)}
    return found if any(name == KEY or name.startswith(PARENT) for name in found) else {}


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
