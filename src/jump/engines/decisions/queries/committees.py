"""Reading committees, their seats on a day, and their resolutions."""

from datetime import date

from django.db.models import QuerySet

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.decisions.models import Committee
from jump.engines.decisions.services.committees import missing_classes
from jump.engines.decisions.types import CommitteeView, ResolutionView, SeatView


def committee(actor: Actor, ref: Ref, *, as_of: date | None = None) -> CommitteeView:
    """One committee; with a day, the seats held on that day, else all seats ever held. Raises NotFound."""
    found = _rows(Committee.objects.visible_to(actor).filter(ref=ref)).first()
    if found is None:
        raise NotFound(ref=ref)
    return _view(found, as_of)


def committees(
    actor: Actor,
    *,
    scope: str = "",
    kind: str = "",
    about_ref: Ref | None = None,
    parent_ref: Ref | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[CommitteeView]:
    """Committees, by title. Three statements."""
    rows: QuerySet[Committee] = Committee.objects.visible_to(actor)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    if kind:
        rows = rows.filter(kind=kind)
    if about_ref:
        rows = rows.filter(about_ref=about_ref)
    if parent_ref:
        rows = rows.filter(parent__ref=parent_ref)
    return [_view(row, None) for row in _rows(rows).order_by("title", "pk")[offset : offset + limit]]


def _rows(rows: QuerySet[Committee]) -> QuerySet[Committee]:
    return rows.select_related("scope", "parent").prefetch_related("seats", "resolutions")


def _view(row: Committee, as_of: date | None) -> CommitteeView:
    seats = [
        seat
        for seat in row.seats.all()
        if as_of is None or (seat.starts_on <= as_of and (seat.ends_on is None or seat.ends_on > as_of))
    ]
    return CommitteeView(
        ref=Ref(row.ref),
        kind=row.kind,
        title=row.title,
        scope=row.scope.path,
        about_ref=Ref(row.about_ref) if row.about_ref else None,
        parent_ref=Ref(row.parent.ref) if row.parent is not None else None,
        mandate=row.mandate,
        products=tuple(row.products),
        quorum_percent=row.quorum_percent,
        secretary_role=row.secretary_role,
        required_classes=tuple(row.required_classes),
        missing_classes=missing_classes(row, as_of),
        constituted_on=row.constituted_on,
        ended_on=row.ended_on,
        seats=tuple(
            SeatView(
                party_ref=Ref(seat.party_ref),
                body_ref=Ref(seat.body_ref) if seat.body_ref else None,
                seat_class=seat.seat_class,
                office=seat.office,
                starts_on=seat.starts_on,
                ends_on=seat.ends_on,
                decided_by=Ref(seat.decided_by) if seat.decided_by else None,
            )
            for seat in seats
        ),
        resolutions=tuple(
            ResolutionView(
                ref=Ref(one.ref),
                committee_ref=Ref(row.ref),
                session_ref=Ref(one.session_ref) if one.session_ref else None,
                number=one.number,
                text=one.text,
                votes_for=one.votes_for,
                votes_against=one.votes_against,
                abstentions=one.abstentions,
                seats=one.seats,
                present=one.votes_for + one.votes_against + one.abstentions,
                passed=one.passed,
                linked_programme=one.linked_programme,
                on=one.on,
            )
            for one in row.resolutions.all()
        ),
    )
