"""Reads of spreadsheets that came in, and the template that a person fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from django.db.models import Count, Q
from openpyxl.utils import get_column_letter

from jump.base import files, i18n
from jump.base.actors import Actor, can, system_actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions.kept import form_version
from jump.engines.evidence.definitions.spreadsheet.writing import template, write
from jump.engines.evidence.models import SheetBatch
from jump.engines.evidence.types import SheetProblem, SheetState, SheetView, SubmissionState
from jump.engines.parties import api as parties

PLACES_SHOWN_MAX = 5_000

_STILL = Count(
    "rows", filter=Q(rows__submission__state__in=[SubmissionState.RECEIVED, SubmissionState.SENT_BACK]), distinct=True
)


def places_for(scope: str) -> list[parties.PlaceView]:
    """The places that a row may name: at or below the place of the upload."""
    return parties.places(system_actor("evidence"), scope=scope)


def place_names(places: list[parties.PlaceView]) -> dict[str, parties.PlaceView]:
    """Each place under the name that the drop-down shows: with its code where two have the same name."""
    names = [place.name for place in places]
    return {
        place.name if names.count(place.name) == 1 else f"{place.name} ({place.code or place.ref})": place
        for place in places[:PLACES_SHOWN_MAX]
    }


def is_about_a_place(settings: Mapping[str, Any]) -> bool:
    """Whether a form is about the place where it is filled, so that no row has to say whom it is about."""
    about = settings.get("about")
    return about == "place" or (about is None and settings.get("subject") in ("community", "country"))


def sheet(actor: Actor, ref: Ref) -> SheetView:
    """One spreadsheet, for who sent it and for those who review at its place. Raises NotFound."""
    return _views([_row(actor, ref)])[0]


def sheets(actor: Actor, *, form: str, limit: int = 20) -> list[SheetView]:
    """The spreadsheets that this actor sent for a form, the newest first. One statement."""
    rows = SheetBatch.objects.filter(by_key=actor.key, form_version__form__form_id=form)
    return _views(list(_joined(rows).order_by("-made_at", "-pk")[:limit]))


def sheet_file(actor: Actor, ref: Ref, *, marked: bool = False) -> tuple[Any, str]:
    """The file as it came, or with what is wrong marked in it: open, with its name. For who sent it alone."""
    row = _row(actor, ref)
    wanted = row.marked_ref if marked else row.file_ref
    if not wanted or (row.by_key != actor.key and not actor.is_system):
        raise NotFound(ref=ref)
    kept = files.kept(Ref(wanted))
    return files.opened(kept.ref), kept.name


def write_template(actor: Actor, out: IO[bytes], *, form: str, language: str, version: str | None = None) -> str:
    """Write the workbook of a form in a language; returns a name for the file.

    Its places are those where this actor may send the form; a file filled by one may be sent by another.
    """
    held = form_version(form, version)
    places = [place for path in actor.paths_with("evidence.submit") for place in places_for(path)]
    made = template(
        form_id=held.form.form_id,
        version=held.version,
        title=i18n.text(held.title, language),
        schema=held.schema,
        places=list(place_names(list({place.ref: place for place in places}.values()))),
        asks_about=not is_about_a_place(held.settings),
        language=language,
    )
    write(made, out)
    return f"{held.form.form_id.rpartition('.')[2]}-{held.version}.xlsx"


def _row(actor: Actor, ref: Ref) -> SheetBatch:
    row = _joined(SheetBatch.objects.filter(ref=ref)).first()
    if row is None or not (actor.is_system or row.by_key == actor.key or can(actor, "evidence.review", row.scope.path)):
        raise NotFound(ref=ref)
    found: SheetBatch = row
    return found


def _joined(rows: Any) -> Any:
    return (
        rows.select_related("scope", "form_version__form")
        .defer("form_version__xform", "form_version__schema", "form_version__settings")
        .annotate(still=_STILL)
    )


def _views(rows: Sequence[Any]) -> list[SheetView]:
    return [
        SheetView(
            ref=Ref(row.ref),
            form=row.form_version.form.form_id,
            version=row.form_version.version,
            title=i18n.text(row.form_version.title),
            scope=row.scope.path,
            name=row.name,
            on=row.on,
            state=SheetState(row.state),
            by=row.by_title,
            by_key=row.by_key,
            made_at=row.made_at,
            rows_read=row.rows_read,
            rows_good=row.rows_good,
            rows_bad=row.rows_bad,
            rows_known=row.rows_known,
            rows_made=row.rows_made,
            rows_undone=row.rows_undone,
            rows_waiting=row.still,
            problems=tuple(
                SheetProblem(title, number, get_column_letter(column) if column else "", heading, message, what)
                for title, number, column, heading, message, what in row.problems
            ),
            problems_count=row.problems_count,
            has_marked=bool(row.marked_ref),
            has_file=bool(row.file_ref),
            refused_code=row.refused_code,
            refused_words=row.refused_words,
            why_undone=row.why_undone,
        )
        for row in rows
    ]
