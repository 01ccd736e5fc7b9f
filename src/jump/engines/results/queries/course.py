"""The headline with all that the first page tells of it, read once for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.base.scopes import ScopeNode
from jump.engines.results.models import Computation, Figure, FigureSet, Indicator, Value
from jump.engines.results.models.values import CURRENT
from jump.engines.results.queries.access import may_read, root_among, sees_all
from jump.engines.results.queries.headline import headline_indicator, headline_view
from jump.engines.results.queries.indicators import indicator_rows, plain_or_none
from jump.engines.results.queries.series import points_of
from jump.engines.results.queries.values import Ground, held_for, scope_rows, value_view
from jump.engines.results.services.compute.run import programme_start
from jump.engines.results.types import HeadlineView, IndicatorView, ScopeRow, SeriesPoint, ValueView

HALF_YEAR = 6


@dataclass(frozen=True, slots=True)
class Course:
    """The headline of the programme, over time, and at every place of a kind.

    ``beside`` holds the whole values of other indicators by place, also that of the programme. ``ground`` is for
    `table`.
    """

    headline: HeadlineView
    scope: str
    places: tuple[ScopeRow, ...]
    points: tuple[SeriesPoint, ...]
    beside: Mapping[str, Mapping[str, ValueView]]
    ground: Ground


def course(actor: Actor, *, kind: str = "country", beside: Sequence[str] = ()) -> Course:
    """What `headline`, `by_scope` and `series` say of the headline, in eight queries together, however many places.

    Indicators of ``beside`` that no package has are left out. Raises NotFound where no package has a headline.
    """
    may_read(actor)
    nodes = list(ScopeNode.objects.filter(kind__in=["programme", kind]).order_by("path"))
    place = root_among(actor, [node for node in nodes if node.kind == "programme"])
    if place is None:
        raise NotFound(ref="programme")
    places = [node for node in nodes if node.kind == kind and node.path.startswith(place.path)]
    view, row = headline_indicator()
    others = [(other, its) for other, its in indicator_rows() if other.id in beside]
    passes = list(Computation.objects.defer("problems").order_by("as_of"))
    pass_ = next((one for one in passes if one.slot == CURRENT), None)
    whole, over_time = _values(place, places, row, [its for _other, its in others], passes, pass_)
    held = held_for([place.path, *(node.path for node in places)])
    frozen = list(
        Figure.objects.filter(indicator=row, scope=place, dimension="").select_related("figure_set").order_by("pk")
    )
    known = sorted({*(one.as_of for one in passes), *FigureSet.objects.values_list("as_of", flat=True)})
    starts_on = programme_start(pass_.as_of if pass_ is not None else known[0] if known else date.today())

    def value(of: IndicatorView, its: Indicator, node: ScopeNode) -> ValueView:
        return value_view(actor, of, its, node, whole.get((its.pk, node.pk), []), pass_, held)

    return Course(
        headline=headline_view(
            view,
            value(view, row, place),
            place,
            pass_,
            starts_on if pass_ is not None else None,
            max(frozen, key=lambda one: (one.figure_set.as_of, one.pk), default=None),
        ),
        scope=place.path,
        places=tuple(
            scope_rows(
                actor, view, row, places, {node.pk: whole.get((row.pk, node.pk), []) for node in places}, pass_, held
            )
        ),
        points=tuple(
            points_of(
                view,
                sees_all(actor, place.path),
                starts_on,
                HALF_YEAR,
                known,
                over_time,
                {one.figure_set.as_of: one for one in frozen},
            )
            if known
            else ()
        ),
        beside={other.id: {node.path: value(other, its, node) for node in (place, *places)} for other, its in others},
        ground=Ground(place, pass_, held, starts_on),
    )


def _values(
    place: ScopeNode,
    places: Sequence[ScopeNode],
    row: Indicator,
    others: Sequence[Indicator],
    passes: Sequence[Computation],
    pass_: Computation | None,
) -> tuple[dict[tuple[int, int], list[Value]], dict[date, Value]]:
    """The current values by indicator and place, and the headline's whole value by the day of its pass: one query."""
    if not passes:
        return {}, {}
    wanted = Q(computation__in=passes, indicator=row, scope=place, dimension="", category="")
    if pass_ is not None:
        here = [place, *places]
        wanted |= Q(computation=pass_, indicator=row, scope__in=here)
        wanted |= Q(computation=pass_, indicator__in=others, scope__in=here, dimension="")
    current: dict[tuple[int, int], list[Value]] = {}
    over_time: dict[date, Value] = {}
    day_of = {one.pk: one.as_of for one in passes}
    for value in Value.objects.filter(wanted):
        if pass_ is not None and value.computation_id == pass_.pk:
            current.setdefault((value.indicator_id, value.scope_id), []).append(value)
        if value.indicator_id == row.pk and value.scope_id == place.pk and not value.dimension:
            over_time[day_of[value.computation_id]] = value
    return current, over_time


def whole_value(actor: Actor, *, indicator: str, scope: str) -> Decimal | None:
    """The current whole value of an indicator by its full id at a place; None where there is none or it is small.

    Open to everyone, like the headline: it stands in the head of every page. One query.
    """
    rows = Value.objects.filter(
        computation__slot=CURRENT, indicator__full_id=indicator, scope__path=scope, dimension="", category=""
    )
    found = rows.first()
    if found is None or (found.is_small and not sees_all(actor, scope)):
        return None
    return plain_or_none(found.value)
