"""Submissions of a form for other programs, page by page: memory does not grow with their number.

Each page is read by key and masked for its reader exactly as a page of the site is. The tables are those of the
spreadsheet road: one for the form, one for each repeat, tied by the number of the submission.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any, TypeAlias

from django.db.models import Max, Q
from django.utils.translation import gettext as _
from openpyxl import Workbook

from jump.base import i18n
from jump.base.actors import Actor
from jump.engines.evidence.definitions.kept import form_version, versions_of
from jump.engines.evidence.definitions.spreadsheet.columns import Field, Table, is_answered, merged_tables
from jump.engines.evidence.definitions.spreadsheet.writing import sheet_title, text_cell
from jump.engines.evidence.models import FormVersion, Submission
from jump.engines.evidence.queries.submissions import MASK, views_of
from jump.engines.evidence.types import ExportAsked, SubmissionState, SubmissionView

PAGE = 1_000
SHEET_ROWS_MAX = 1_048_575  # below the heading
CELL_TEXT_MAX = 32_767
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
GEO = frozenset({"geopoint", "geotrace", "geoshape"})
BYTES = 1 << 16
OWN_COLUMNS = ("submission", "version", "day", "received_at", "state", "place", "about", "by", "source")
Line: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True)
class _Columns:
    """One table of an export: its headings, and how each answer of a row is shown."""

    table: Table
    headings: list[str]
    shown: list[tuple[str, Callable[[Any], Any]]]


# Reading -----------------------------------------------------------------------------------------------


def export_rows(actor: Actor, asked: ExportAsked) -> Any:
    """The rows of an export as a queryset, in the order they came in: what this reader may see and take out.

    In bulk go out the places where a role of the reader exports (actors.md, letter x), and elsewhere what the reader
    sent or is told of by name (rule 6).
    """
    held = form_version(asked.form)
    rows = Submission.objects.visible_to(actor).under(asked.scope).filter(form_version__form=held.form)
    rows = rows.filter(_may_go_out(actor))
    rows = rows.exclude(state=SubmissionState.DRAFT)
    if asked.since is not None:
        rows = rows.filter(on__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(on__lte=asked.until)
    if asked.state:
        rows = rows.filter(state=SubmissionState(asked.state))
    return rows.order_by("pk")


def _may_go_out(actor: Actor) -> Q:
    may = Q(by_key=actor.key) | Q(ref__in=actor.row_refs) | Q(about_ref__in=actor.row_refs)
    for path in actor.paths_exporting("P1"):
        may |= Q(scope__path__startswith=path)
    return may


def count_export(actor: Actor, asked: ExportAsked) -> int:
    """How many submissions an export would hold."""
    return int(export_rows(actor, asked).count())


def pages_of(actor: Actor, rows: Any, *, size: int = PAGE, after: int = 0) -> Iterator[list[SubmissionView]]:
    """Submissions in pages by their key, masked for the reader. What comes in meanwhile is not in it."""
    last = rows.order_by().aggregate(last=Max("pk"))["last"]
    rows = rows.select_related("scope")
    while last is not None and after < last:
        page = list(rows.filter(pk__gt=after, pk__lte=last)[:size])
        if not page:
            return
        after = page[-1].pk
        yield views_of(actor, page, bare=True)


def tables_of_form(form: str) -> list[Table]:
    """The tables of all versions of a form: the latest version's questions first, then what earlier ones asked."""
    return merged_tables([held.schema["fields"] for held in _versions(form)], is_answered)


def _versions(form: str) -> list[FormVersion]:
    latest = form_version(form)
    found = versions_of(FormVersion.objects.filter(form=latest.form))
    return sorted(found.values(), key=lambda held: (held.installed_at, held.pk), reverse=True)


def rows_of(table: Table, view: SubmissionView) -> Iterator[tuple[tuple[int, ...], Mapping[str, Any]]]:
    """The rows of one submission in a table: where each stands (its number in each repeat above), and its answers."""
    yield from entries_at(table.path, view.answers)


def entries_at(path: str, answers: Mapping[str, Any]) -> Iterator[tuple[tuple[int, ...], Mapping[str, Any]]]:
    """The entries of a repeat by its path; for the path "" the answers themselves."""
    yield from _entries(path.split(".") if path else [], answers, ())


def _entries(
    path: Sequence[str], answers: Mapping[str, Any], at: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], Mapping[str, Any]]]:
    if not path:
        yield at, answers
        return
    for number, entry in enumerate(answers.get(path[0]) or (), start=1):
        yield from _entries(path[1:], entry, (*at, number))


# Tables -------------------------------------------------------------------------------------------------


def _columns(form: str, in_words: bool) -> list[_Columns]:
    lists: dict[str, list[Mapping[str, Any]]] = {}
    for held in _versions(form):
        for name, choices in held.schema["lists"].items():
            lists.setdefault(name, choices)
    made = []
    for table in tables_of_form(form):
        headings = _own_headings(table, in_words)
        headings += [(i18n.text(one.get("label")) or one["name"]) if in_words else one["key"] for one in table.columns]
        shown = [(one["key"], _shown(one, lists if in_words else {})) for one in table.columns]
        made.append(_Columns(table, headings, shown))
    return made


def _own_headings(table: Table, in_words: bool) -> list[str]:
    if table.path:
        return [_("Submission"), _("Row")] if in_words else ["submission", "row"]
    if not in_words:
        return list(OWN_COLUMNS)
    names = (_("Submission"), _("Version"), _("Day"), _("Received"), _("State"), _("Place"), _("About"))
    return [*names, _("By"), _("Source")]


def _shown(one: Field, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> Callable[[Any], Any]:
    labels = {str(choice["code"]): i18n.text(choice.get("label")) for choice in lists.get(one.get("list", ""), ())}
    between = "; " if labels else " "

    def show(value: Any) -> Any:
        if isinstance(value, list):
            return between.join(labels.get(str(code)) or str(code) for code in value)
        if isinstance(value, str) and labels:
            return labels.get(value) or value
        return value

    return show


def _line(columns: _Columns, view: SubmissionView, at: tuple[int, ...], answers: Mapping[str, Any]) -> Line:
    if columns.table.path:
        own: Line = [str(view.ref), ".".join(map(str, at))]
    else:
        own = [
            str(view.ref), view.version, view.on, view.received_at, view.state.value, view.scope,
            str(view.about or ""), view.by_name or view.by, view.source,
        ]  # fmt: skip
    return own + [show(answers.get(key)) for key, show in columns.shown]


# CSV, and CSV files in a zip ----------------------------------------------------------------------------


def csv_chunks(actor: Actor, asked: ExportAsked) -> Iterator[bytes]:
    """One table as CSV; cells that a spreadsheet would take for a formula are text."""
    table = _CsvTable(_columns(asked.form, asked.in_words)[0])
    yield table.taken()
    for page in pages_of(actor, export_rows(actor, asked)):
        for view in page:
            table.add(view)
        yield table.taken()


def csv_zip_chunks(actor: Actor, asked: ExportAsked) -> Iterator[bytes]:
    """A form with repeats as a zip of CSV files, one for each table. Submissions are read once, so that every file
    tells of the same: the first table is written as it is read, the others wait in temporary files.
    """
    sink = _Sink()
    first, *others = [_CsvTable(columns) for columns in _columns(asked.form, asked.in_words)]
    with ExitStack() as opened, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        waiting = [(one, opened.enter_context(TemporaryFile())) for one in others]
        with first.member_of(archive) as out:
            for page in pages_of(actor, export_rows(actor, asked)):
                for view in page:
                    first.add(view)
                    for one, _file in waiting:
                        one.add(view)
                out.write(first.taken())
                yield from sink.taken()
                for one, file in waiting:
                    file.write(one.taken())
            out.write(first.taken())
        for one, file in waiting:
            file.write(one.taken())
            file.seek(0)
            with one.member_of(archive) as out:
                while chunk := file.read(BYTES):
                    out.write(chunk)
                    yield from sink.taken()
    yield from sink.taken()


class _Sink(io.RawIOBase):
    """Takes what the zip writes and gives it on; nothing stays here."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def taken(self) -> list[bytes]:
        waiting, self._waiting = self._waiting, []
        return waiting


class _CsvTable:
    """The lines of one table; what was taken is not kept."""

    def __init__(self, columns: _Columns) -> None:
        self.columns = columns
        self._out = io.StringIO()
        self._out.write("\ufeff")  # so that Excel reads the letters right
        self._writer = csv.writer(self._out)
        self._writer.writerow([defused(text) for text in columns.headings])

    def add(self, view: SubmissionView) -> None:
        for at, answers in rows_of(self.columns.table, view):
            self._writer.writerow([_csv_cell(value) for value in _line(self.columns, view, at, answers)])

    def taken(self) -> bytes:
        lines = self._out.getvalue().encode()
        self._out.seek(0)
        self._out.truncate()
        return lines

    def member_of(self, archive: zipfile.ZipFile) -> IO[bytes]:
        name = f"{self.columns.table.path or 'submissions'}.csv"
        member = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        return archive.open(member, "w", force_zip64=True)


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return defused(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date | datetime) else value


def defused(text: str) -> str:
    """Text that no spreadsheet program takes for a formula.

    >>> defused("=cmd()"), defused("@SUM"), defused("Maria")
    ("'=cmd()", "'@SUM", 'Maria')
    """
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


# Excel --------------------------------------------------------------------------------------------------


def xlsx_chunks(actor: Actor, asked: ExportAsked) -> Iterator[bytes]:
    """A workbook with a sheet for each table, written row by row into a temporary file. A full sheet has a next one."""
    with TemporaryFile() as out:
        book = Workbook(write_only=True)
        sheets = [_Sheets(book, columns) for columns in _columns(asked.form, asked.in_words)]
        for page in pages_of(actor, export_rows(actor, asked)):
            for view in page:
                for one in sheets:
                    for at, answers in rows_of(one.columns.table, view):
                        one.append(_line(one.columns, view, at, answers))
        book.save(out)
        out.seek(0)
        while chunk := out.read(BYTES):
            yield chunk


class _Sheets:
    """The sheets of one table: a next one where the last is full."""

    def __init__(self, book: Any, columns: _Columns) -> None:
        self.book, self.columns = book, columns
        self._begin()

    def _begin(self) -> None:
        wanted = self.columns.table.path or "submissions"
        self.sheet = self.book.create_sheet(sheet_title(wanted, [one.title for one in self.book.worksheets]))
        self.sheet.freeze_panes = "A2"
        self.sheet.append([text_cell(self.sheet, text) for text in self.columns.headings])
        self.count = 0

    def append(self, line: Line) -> None:
        if self.count == SHEET_ROWS_MAX:
            self._begin()
        self.count += 1
        self.sheet.append([self._cell(value) for value in line])

    def _cell(self, value: Any) -> Any:
        if isinstance(value, str):
            if value.startswith(FORMULA_SIGNS) or len(value) > CELL_TEXT_MAX or not value.isprintable():
                return text_cell(self.sheet, value)
            return value
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value


# JSON ---------------------------------------------------------------------------------------------------


def json_line(view: SubmissionView) -> dict[str, Any]:
    """A submission as the API shows it: what is masked for this reader is named."""
    return {
        "ref": view.ref,
        "form": view.form,
        "version": view.version,
        "on": view.on,
        "received_at": view.received_at,
        "state": view.state.value,
        "scope": view.scope,
        "about": view.about,
        "by": view.by_name or view.by,
        "source": view.source,
        "answers": view.answers,
        "masked": sorted(view.masked),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value)} is no answer")


def _dumps(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def jsonl_chunks(actor: Actor, asked: ExportAsked) -> Iterator[bytes]:
    """One submission a line, repeats inside."""
    for page in pages_of(actor, export_rows(actor, asked)):
        yield "".join(f"{_dumps(json_line(view))}\n" for view in page).encode()


def json_chunks(actor: Actor, asked: ExportAsked) -> Iterator[bytes]:
    """One array of submissions, repeats inside."""
    lines = (_dumps(json_line(view)) for page in pages_of(actor, export_rows(actor, asked)) for view in page)
    yield from _array(f'{{"form": {_dumps(form_version(asked.form).form.form_id)}, "submissions": [', lines, "]}\n")


def _array(before: str, lines: Iterable[str], after: str) -> Iterator[bytes]:
    waiting, size, comma = [before], 0, "\n"
    for line in lines:
        waiting.append(f"{comma}{line}")
        size += len(line)
        comma = ",\n"
        if size >= BYTES:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield ("".join(waiting) + after).encode()


# GeoJSON ------------------------------------------------------------------------------------------------


def geojson_chunks(actor: Actor, asked: ExportAsked) -> Iterator[bytes]:
    """A feature for each place on the map that was answered and that this reader may see, in repeats too."""
    tables = [table for table in tables_of_form(asked.form) if any(one["type"] in GEO for one in table.columns)]
    lines = (
        _dumps(feature)
        for page in pages_of(actor, export_rows(actor, asked))
        for view in page
        for table in tables
        for at, answers in rows_of(table, view)
        for feature in _features(table, view, at, answers)
    )
    yield from _array('{"type": "FeatureCollection", "features": [', lines, "]}\n")


def _features(
    table: Table, view: SubmissionView, at: tuple[int, ...], answers: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    places = [one for one in table.columns if one["type"] in GEO]
    plain = {
        one["key"]: answers[one["key"]] for one in table.columns if one["type"] not in GEO and one["key"] in answers
    }
    for one in places:
        geometry = geometry_of(one["type"], answers.get(one["key"]))
        if geometry is not None:
            own = {
                "ref": view.ref,
                "on": view.on,
                "state": view.state.value,
                "scope": view.scope,
                "question": one["key"],
            }
            if at:
                own["row"] = ".".join(map(str, at))
            yield {"type": "Feature", "geometry": geometry, "properties": {**own, **plain}}


def geometry_of(kind: str, value: Any) -> dict[str, Any] | None:
    """A place on the map as GeoJSON: longitude first, the height where there is one. None for what is no place.

    >>> geometry_of("geopoint", "14.6 121.0 30 5")
    {'type': 'Point', 'coordinates': [121.0, 14.6, 30.0]}
    """
    if not isinstance(value, str) or value == MASK:
        return None
    try:
        points = [_position(part) for part in value.split(";") if part.strip()]
    except (ValueError, IndexError):
        return None
    if not points:
        return None
    if kind == "geopoint":
        return {"type": "Point", "coordinates": points[0]}
    if kind == "geotrace":
        return {"type": "LineString", "coordinates": points} if len(points) > 1 else None
    closed = points if points[0] == points[-1] else [*points, points[0]]
    return {"type": "Polygon", "coordinates": [closed]} if len(closed) > 3 else None


def _position(text: str) -> list[float]:
    numbers = [float(part) for part in text.replace(",", " ").split()]
    height = numbers[2:3] if len(numbers) > 2 and numbers[2] else []
    return [numbers[1], numbers[0], *height]
