"""What reports changes, and the documents it makes."""

from datetime import date

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.reports.queries import edition, last_half_year
from jump.engines.reports.services.editions import distribute, mark_read, publish
from jump.engines.reports.services.iati import iati_activities
from jump.engines.reports.services.lessons import add_lesson, note_use, publish_lesson
from jump.engines.reports.services.progress import make_progress_report, programme_scope
from jump.engines.reports.services.render import render
from jump.engines.reports.services.works import (
    add_work,
    begin_edition,
    note_test,
    publish_edition,
    withdraw_edition,
    write_edition,
)
from jump.engines.reports.types import Format, Rendered


def six_monthly(
    actor: Actor,
    *,
    half_year: str | None = None,
    scope: str | None = None,
    format: Format | str = Format.PDF,
    language: str = "en",
) -> Rendered:
    """The six-monthly progress report of a half-year (the last one that ended), made, kept and rendered."""
    ref = make_progress_report(
        actor,
        period_name=half_year or last_half_year(actor),
        scope=scope or programme_scope(actor),
        language=language,
    )
    return rendered(actor, edition_ref=ref, format=format)


def rendered(actor: Actor, *, edition_ref: Ref, format: Format | str) -> Rendered:
    """An edition as a file. Raises PdfUnavailable where PDFs cannot be made."""
    view = edition(actor, edition_ref)
    wanted = Format(format)
    name = f"{view.template.rpartition('.')[2].replace('_', '-')}-{view.period}-{view.language}-{view.number}"
    return Rendered(name, view.title, wanted, render(view, wanted), view.ref)


def iati(actor: Actor, *, scope: str | None, as_of: date) -> bytes:
    """IATI 2.03 activities of the programme, or of a part of it."""
    return iati_activities(actor, scope=scope, as_of=as_of)


__all__ = [
    "add_lesson",
    "add_work",
    "begin_edition",
    "distribute",
    "iati",
    "make_progress_report",
    "mark_read",
    "note_test",
    "note_use",
    "publish",
    "publish_edition",
    "publish_lesson",
    "rendered",
    "six_monthly",
    "withdraw_edition",
    "write_edition",
]
