"""Figures that others printed, and the readings chosen where they disagree (EVIDENCE-01 to -03)."""

from decimal import Decimal, InvalidOperation

from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.results.models import Reading, ReferenceFigure
from jump.engines.results.types import ReadingView, ReferenceFigureView


def reference_figures(
    actor: Actor, *, kind: str = "", package: str = "", q: str = "", limit: int = 500, offset: int = 0
) -> list[ReferenceFigureView]:
    """Printed figures with their citations. They are quoted, never counted, and open to everyone."""
    rows = ReferenceFigure.objects.order_by("package", "position")
    if package:
        rows = rows.filter(package=package)
    found = [figure_view(row) for row in rows]
    wanted = q.casefold()
    found = [
        one
        for one in found
        if (not kind or one.kind == kind) and (not wanted or wanted in f"{one.claim} {one.id}".casefold())
    ]
    return found[offset : offset + limit]


def reference_figure(actor: Actor, id: str) -> ReferenceFigureView:
    row = ReferenceFigure.objects.filter(full_id=id).first() or ReferenceFigure.objects.filter(ref=id).first()
    if row is None:
        raise NotFound(ref=id)
    return figure_view(row)


def figure_view(row: ReferenceFigure) -> ReferenceFigureView:
    data = row.data
    return ReferenceFigureView(
        ref=Ref(row.ref),
        id=row.full_id,
        claim=text(data.get("title") or data.get("claim") or row.full_id),
        value=_number(data.get("value")),
        value_text=str(data.get("value") if data.get("value") is not None else ""),
        unit=str(data.get("unit") or ""),
        qualifier=str(data.get("qualifier") or ""),
        kind=str(data.get("kind") or ""),
        geography=text(data.get("geography") or ""),
        period=text(data.get("period") or ""),
        source=text(data.get("source_title") or data.get("source") or ""),
        section=str(data.get("section") or ""),
        as_of=str(data.get("date") or data.get("as_of") or ""),
        note=text(data.get("note") or ""),
    )


def readings(actor: Actor, *, package: str = "") -> list[ReadingView]:
    """Every contradiction: the figures that disagree, all on show, the reading used, and why. Two queries."""
    rows = Reading.objects.order_by("package", "position")
    if package:
        rows = rows.filter(package=package)
    known = {row.full_id: figure_view(row) for row in ReferenceFigure.objects.all()}
    found: list[ReadingView] = []
    for row in rows:
        data = row.data
        ids = [one if "." in one else f"{row.package}.{one}" for one in data["figures"]]
        chosen = str(data["chosen"])
        chosen_figure = known.get(chosen if "." in chosen else f"{row.package}.{chosen}")
        found.append(
            ReadingView(
                ref=Ref(row.ref),
                id=row.full_id,
                text=text(data["text"]),
                figures=tuple(known[one] for one in ids if one in known),
                chosen=chosen,
                chosen_value=chosen_figure.value_text if chosen_figure is not None else chosen,
                why=text(data["why"]),
                strength=str(data.get("strength") or ""),
                source=str(data.get("section") or data.get("source") or ""),
            )
        )
    return found


def _number(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
