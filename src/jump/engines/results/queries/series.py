"""An indicator over time: what was computed or frozen for the ends of periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.results.models import Computation, Figure, FigureSet, Value
from jump.engines.results.queries.access import may_read, place_of, sees_all
from jump.engines.results.queries.indicators import one_indicator, plain_or_none
from jump.engines.results.queries.values import COUNTED, ZERO, Ground
from jump.engines.results.services.compute.measures import calendar_start, period_name, period_of
from jump.engines.results.services.compute.run import programme_start
from jump.engines.results.types import IndicatorView, SeriesPoint


def series(
    actor: Actor,
    *,
    indicator: str,
    scope: str = "",
    by: str = "half_year",
    dimension: str = "",
    category: str = "",
    ground: Ground | None = None,
) -> list[SeriesPoint]:
    """The value at the end of every period that was computed or frozen. A frozen figure goes before a computed one."""
    may_read(actor)
    place = ground.place if ground is not None else place_of(actor, scope)
    view, row = one_indicator(indicator)
    months = {"half_year": 6, "quarter": 3, "year": 12}[by]
    cell = {"indicator": row, "scope": place, "dimension": dimension, "category": category}
    passes = {one.pk: one.as_of for one in Computation.objects.order_by("as_of")}
    values = {passes[one.computation_id]: one for one in Value.objects.filter(computation__in=passes, **cell)}
    frozen = {
        one.figure_set.as_of: one for one in Figure.objects.filter(**cell).select_related("figure_set").order_by("pk")
    }
    known = sorted({*passes.values(), *FigureSet.objects.values_list("as_of", flat=True)})
    if not known:
        return []
    begun_on = ground.starts_on if ground is not None else programme_start(known[0])
    return points_of(view, sees_all(actor, place.path), begun_on, months, known, values, frozen)


def points_of(
    view: IndicatorView,
    all_seen: bool,
    begun_on: date,
    months: int,
    known: Sequence[date],
    values: Mapping[date, Value],
    frozen: Mapping[date, Figure],
) -> list[SeriesPoint]:
    """The points at the ends of periods among the days for which anything was computed or frozen."""
    points: list[SeriesPoint] = []
    start = calendar_start(begun_on, months)
    while start <= known[-1]:
        name = period_name(start, months)
        last = period_of(name)[1]
        if last in known:
            held = frozen.get(last) or values.get(last)
            hidden = held is not None and held.is_small and not all_seen
            nothing = ZERO if view.aggregate in COUNTED else None
            points.append(
                SeriesPoint(
                    period=name,
                    starts_on=start,
                    ends_on=last,
                    value=None if hidden else plain_or_none(held.value) if held is not None else nothing,
                    numerator=None if hidden or held is None else plain_or_none(held.numerator),
                    denominator=None if hidden or held is None else plain_or_none(held.denominator),
                    ref=Ref(held.ref) if held is not None else None,
                    is_frozen=last in frozen,
                    is_hidden=hidden,
                )
            )
        start = date.fromordinal(last.toordinal() + 1)
    return points
