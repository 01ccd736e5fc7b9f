"""Are we on course? The headline indicator with its forecast and its chance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.base.scopes import ScopeNode
from jump.core.calendars import Period
from jump.core.indicators import NOT_STATED, planned_to_date
from jump.core.units import Ref, rounded_fraction
from jump.engines.results.models import Computation, Figure, Indicator, Value
from jump.engines.results.models.values import CURRENT
from jump.engines.results.queries.access import place_of, place_seen
from jump.engines.results.queries.indicators import indicator_rows
from jump.engines.results.queries.values import SEXES, held_for, latest_computation, table_row, value_view
from jump.engines.results.services.compute.run import programme_start
from jump.engines.results.types import Forecast, HeadlineView, IndicatorView, Light, ValueView


def headline(actor: Actor, *, scope: str = "", starts_on: date | None = None) -> HeadlineView:
    """Are we on course? The headline indicator, its forecast and its chance, from stored values only.

    Open to everyone: it is the figure the programme answers for. Raises NotFound where no package has a headline.
    ``starts_on`` is the programme's first day, where the caller knows it.
    """
    view, row = headline_indicator()
    known = Value.objects.filter(computation__slot=CURRENT, indicator=row).select_related("computation", "scope")
    rows = list(known.filter(scope__path=scope)) if scope else []
    if rows:
        pass_, place = rows[0].computation, place_seen(actor, rows[0].scope)
    else:
        pass_, place = latest_computation(), place_of(actor, scope)
        rows = list(Value.objects.filter(computation=pass_, indicator=row, scope=place)) if pass_ is not None else []
    value = value_view(actor, view, row, place, rows, pass_, held_for([place.path], [row.pk]))
    if pass_ is None:
        starts_on = None
    elif starts_on is None:
        starts_on = programme_start(pass_.as_of)
    last_figure = None
    if value.ref is None:
        frozen = Figure.objects.filter(indicator=row, scope=place, dimension="")
        last_figure = frozen.order_by("-figure_set__as_of", "-pk").first()
    return headline_view(view, value, place, pass_, starts_on, last_figure)


def headline_indicator() -> tuple[IndicatorView, Indicator]:
    found = next(((view, row) for view, row in indicator_rows() if view.is_headline), None)
    if found is None:
        raise NotFound(ref="headline")
    return found


def headline_view(
    view: IndicatorView,
    value: ValueView,
    place: ScopeNode,
    pass_: Computation | None,
    starts_on: date | None,
    last_figure: Figure | None,
) -> HeadlineView:
    """The headline from its value; the forecast is that of the programme."""
    line = table_row(view, value, starts_on) if starts_on is not None else None
    expected = None
    if (
        starts_on is not None
        and value.target is not None
        and value.target_by is not None
        and value.target_by > starts_on
    ):
        base = Fraction(value.baseline or 0)
        over = Period(starts_on, value.target_by)
        expected = planned_to_date(baseline=base, target=Fraction(value.target), over=over, as_of=value.as_of)
    forecast = (
        forecast_view(pass_.forecast) if pass_ is not None and pass_.forecast and place.kind == "programme" else None
    )
    women, men, rest = (value.part(category) for category in (*SEXES, NOT_STATED))
    return HeadlineView(
        indicator=view.id,
        title=view.title,
        jobs=value.value,
        target=value.target,
        target_by=value.target_by,
        women=women.value if women is not None else None,
        men=men.value if men is not None else None,
        not_stated=rest.value if rest is not None else None,
        as_of=value.as_of if pass_ is not None else None,
        figure_ref=value.ref or (Ref(last_figure.ref) if last_figure is not None else None),
        starts_on=starts_on,
        share=line.share if line is not None else None,
        share_of_time=line.share_of_time if line is not None else None,
        expected_by_now=rounded_fraction(expected, 0) if expected is not None else None,
        light=line.light if line is not None else Light.NONE,
        forecast=forecast,
        chance=forecast.chance if forecast is not None else None,
    )


def forecast_view(stored: Mapping[str, Any]) -> Forecast | None:
    """The stored forecast; None where it has no chance to tell (no target)."""
    if stored.get("chance") is None:
        return None
    assumptions = (
        (_("Jobs that began in a month, on average"), stored["starts_monthly"]),
        (_("Months of verified history used"), str(stored["history_months"])),
        (_("Share of jobs that ended in a month"), stored["exit_rate_monthly"]),
    )
    return Forecast(
        months=tuple(date.fromisoformat(day) for day in stored["months"]),
        lowest=tuple(stored["p10"]),
        low=tuple(stored["p25"]),
        middle=tuple(stored["p50"]),
        high=tuple(stored["p75"]),
        highest=tuple(stored["p90"]),
        chance=Decimal(stored["chance"]),
        draws=stored["draws"],
        seed=stored["seed"],
        assumptions=assumptions,
    )
