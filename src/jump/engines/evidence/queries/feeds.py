"""Submissions of a form page by page for programs that come back for the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions.spreadsheet.columns import Table
from jump.engines.evidence.models import Submission
from jump.engines.evidence.queries.exports import entries_at, export_rows, tables_of_form
from jump.engines.evidence.queries.submissions import views_of
from jump.engines.evidence.types import ExportAsked, ExportColumn, ExportTable, FeedPage, SubmissionView

COLUMNS: Mapping[str, str] = {
    "received_at": "received_at",
    "day": "on",
    "state": "state",
    "version": "form_version__version",
    "place": "scope__path",
}
SIGNS: Mapping[str, str] = {"eq": "", "lt": "__lt", "le": "__lte", "gt": "__gt", "ge": "__gte"}


def export_tables(form: str) -> tuple[ExportTable, ...]:
    """The tables of all versions of a form: the main one first, each repeat after the one that holds it."""
    return tuple(_table_view(table) for table in tables_of_form(form))


def _table_view(table: Table) -> ExportTable:
    above = str(table.repeat["xpath"]) if table.repeat is not None else "/data"
    columns = []
    for one in table.columns:
        *groups, name = str(one["xpath"]).removeprefix(above).strip("/").split("/")
        columns.append(ExportColumn(tuple(groups), name, one["key"], one["type"]))
    return ExportTable(table.path, tuple(columns), tuple(child.key for child in table.children))


def export_entries(table: ExportTable, view: SubmissionView) -> Iterator[tuple[tuple[int, ...], Mapping[str, Any]]]:
    """The rows of one submission in a table: its number in each repeat above (from 1), and its answers."""
    yield from entries_at(table.path, view.answers)


def feed(actor: Actor, form: str, *, where: Any = None, after: str = "", skip: int = 0, limit: int = 1_000) -> FeedPage:
    """A page of what this reader may see of a form, after the submission with the reference `after`.

    `where` is a condition: ("day", "ge", date) with a name of COLUMNS, or ("and", a, b), ("or", a, b), ("not", a).
    Raises NotFound where `after` names nothing.
    """
    rows = _rows(actor, form, where)
    if after:
        rows = rows.filter(pk__gt=_key_of(after))
    found = list(rows.select_related("scope")[skip : skip + limit + 1])
    return FeedPage(tuple(views_of(actor, found[:limit], bare=True)), len(found) <= limit)


def feed_one(actor: Actor, form: str, ref: Ref) -> SubmissionView:
    """One submission of a form. Raises NotFound."""
    found = list(_rows(actor, form, None).select_related("scope").filter(ref=ref))
    if not found:
        raise NotFound(ref=ref)
    return views_of(actor, found, bare=True)[0]


def count_feed(actor: Actor, form: str, where: Any = None) -> int:
    """How many submissions a feed holds."""
    return int(_rows(actor, form, where).count())


def _key_of(ref: str) -> int:
    found = Submission.objects.filter(ref=ref).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    return int(found)


def _rows(actor: Actor, form: str, where: Any) -> Any:
    rows = export_rows(actor, ExportAsked(form))
    return rows.filter(_condition(where)) if where is not None else rows


def _condition(where: Any) -> Q:
    if where[0] == "and":
        return _condition(where[1]) & _condition(where[2])
    if where[0] == "or":
        return _condition(where[1]) | _condition(where[2])
    if where[0] == "not":
        return ~_condition(where[1])
    name, sign, value = where
    return Q(**{f"{COLUMNS[name]}{SIGNS[sign]}": value})
