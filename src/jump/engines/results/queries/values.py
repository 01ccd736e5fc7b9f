"""Values and tables: read from what the last computation kept, in a few queries each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.base.scopes import ScopeNode
from jump.core.calendars import AGE_BANDS, Period
from jump.core.indicators import NOT_STATED, achievement, light, planned_to_date
from jump.core.indicators import Light as CoreLight
from jump.core.units import Ref, rounded_fraction
from jump.engines.results.models import Baseline, Computation, Indicator, Target, Value
from jump.engines.results.models.values import CURRENT
from jump.engines.results.queries.access import may_read, place_of, sees_all
from jump.engines.results.queries.indicators import indicator_rows, one_indicator, plain, plain_or_none
from jump.engines.results.services.compute.run import programme_start
from jump.engines.results.types import (
    ComputationView,
    IndicatorView,
    Light,
    Part,
    ScopeRow,
    TableRow,
    ValueView,
)

SEXES = ("female", "male")
ZERO = Decimal(0)
LIGHTS = {
    CoreLight.GREEN: Light.GOOD,
    CoreLight.AMBER: Light.WARN,
    CoreLight.RED: Light.BAD,
    CoreLight.NONE: Light.NONE,
}
COUNTED = ("count", "distinct", "sum")


def computation(actor: Actor, as_of: date | None = None, *, ground: Ground | None = None) -> ComputationView | None:
    """The pass that pages read; None before the first."""
    may_read(actor)
    row = ground.computation if ground is not None else latest_computation(as_of)
    if row is None:
        return None
    return ComputationView(
        ref=Ref(row.ref),
        as_of=row.as_of,
        finished_at=row.finished_at,
        facts=row.facts,
        values=row.values_count,
        seconds=Decimal(row.milliseconds) / 1000,
        problems=tuple(row.problems),
    )


def latest_computation(as_of: date | None = None) -> Computation | None:
    """The current pass, or the one kept for a day, or the last one before it."""
    if as_of is None:
        return Computation.objects.filter(slot=CURRENT).first()
    return Computation.objects.filter(as_of__lte=as_of).order_by("-as_of", "slot").first()


@dataclass(frozen=True, slots=True)
class Held:
    """Targets and baselines by indicator and place."""

    targets: Mapping[tuple[int, str], tuple[Target, ...]]
    baselines: Mapping[tuple[int, str], Baseline]

    def target(self, indicator: int, scope: str, as_of: date) -> Target | None:
        """The next target that is due on or after the day, else the last one."""
        found = self.targets.get((indicator, scope), ())
        ahead = [one for one in found if one.by >= as_of]
        return ahead[0] if ahead else (found[-1] if found else None)


def held_for(scopes: Iterable[str], indicators: Iterable[int] | None = None) -> Held:
    """Two queries."""
    paths = list(scopes)
    goals = Target.objects.filter(scope_path__in=paths, dimension="").order_by("by", "pk")
    starts = Baseline.objects.standing().filter(scope_path__in=paths).order_by("pk")
    if indicators is not None:
        keys = list(indicators)
        goals, starts = goals.filter(indicator__in=keys), starts.filter(indicator__in=keys)
    latest: dict[tuple[int, str, date], Target] = {}
    for goal in goals:
        latest[goal.indicator_id, goal.scope_path, goal.by] = goal
    targets: dict[tuple[int, str], tuple[Target, ...]] = {}
    for (indicator, scope, _by), goal in sorted(latest.items(), key=lambda one: one[0][2]):
        targets[indicator, scope] = (*targets.get((indicator, scope), ()), goal)
    return Held(targets, {(start.indicator_id, start.scope_path): start for start in starts})


@dataclass(frozen=True, slots=True)
class Ground:
    """What several answers about one place rest on, so that a page reads it once."""

    place: ScopeNode
    computation: Computation | None
    held: Held
    starts_on: date


# one value -------------------------------------------------------------------------------------------


def current(
    actor: Actor, *, indicator: str, scope: str = "", as_of: date | None = None, ground: Ground | None = None
) -> ValueView:
    """An indicator at a place with its lines by sex, age and so on. Raises results.unknown_indicator, NotFound."""
    may_read(actor)
    place = ground.place if ground is not None else place_of(actor, scope)
    view, row = one_indicator(indicator)
    pass_ = ground.computation if ground is not None else latest_computation(as_of)
    rows = list(Value.objects.filter(computation=pass_, indicator=row, scope=place)) if pass_ is not None else []
    held = ground.held if ground is not None else held_for([place.path], [row.pk])
    return value_view(actor, view, row, place, rows, pass_, held)


def value_view(
    actor: Actor,
    view: IndicatorView,
    row: Indicator,
    place: ScopeNode,
    rows: Sequence[Any],
    pass_: Computation | None,
    held: Held,
) -> ValueView:
    """One value from its rows. What is counted and has no row is zero; what is divided and has none is not defined."""
    as_of = pass_.as_of if pass_ is not None else date.min
    all_seen = sees_all(actor, place.path)
    whole = next((one for one in rows if not one.dimension), None)
    is_zero = pass_ is not None and whole is None and view.aggregate in COUNTED and not view.is_planned
    hidden = whole is not None and whole.is_small and not all_seen
    goal = held.target(row.pk, place.path, as_of)
    start = held.baselines.get((row.pk, place.path))
    parts = () if pass_ is None else parts_of(view, rows, partial(sees_all, actor, place.path))
    return ValueView(
        ref=Ref(whole.ref) if whole is not None else None,
        indicator=view.id,
        indicator_title=view.title,
        unit=view.unit,
        scope=place.path,
        place=place.title,
        value=None if hidden else (ZERO if is_zero else plain_or_none(whole.value) if whole is not None else None),
        numerator=None if hidden or whole is None else plain_or_none(whole.numerator),
        denominator=None if hidden or whole is None else plain_or_none(whole.denominator),
        lower=None if hidden or whole is None else plain_or_none(whole.lower),
        upper=None if hidden or whole is None else plain_or_none(whole.upper),
        n=0 if hidden or whole is None else whole.n,
        as_of=as_of,
        target=plain(goal.value) if goal is not None else None,
        target_by=goal.by if goal is not None else None,
        baseline=plain(start.value) if start is not None else None,
        baseline_on=start.on if start is not None else None,
        parts=parts,
        is_hidden=hidden,
        is_planned=view.is_planned,
        planned_reason=view.planned_reason,
    )


def parts_of(view: IndicatorView, rows: Sequence[Any], all_seen: Callable[[str], bool]) -> tuple[Part, ...]:
    """The lines of every split, small ones only where `all_seen` says so of the dimension.

    "Not stated" is always one of them, so that nothing disappears.
    """
    found: list[Part] = []
    by_cell = {(one.dimension, one.category): one for one in rows if one.dimension}
    for dimension in view.disaggregate:
        there = {category for held, category in by_cell if held == dimension}
        cells_seen = all_seen(dimension)
        for category in _ordered(dimension, there):
            row = by_cell.get((dimension, category))
            hidden = row is not None and row.is_small and not cells_seen
            nothing = ZERO if view.aggregate in COUNTED else None
            found.append(
                Part(
                    dimension=dimension,
                    category=category,
                    title=category_title(category),
                    value=None if hidden else (plain_or_none(row.value) if row is not None else nothing),
                    numerator=None if hidden or row is None else plain_or_none(row.numerator),
                    denominator=None if hidden or row is None else plain_or_none(row.denominator),
                    n=0 if hidden or row is None else row.n,
                    ref=Ref(row.ref) if row is not None else None,
                    is_hidden=hidden,
                )
            )
    return tuple(found)


def _ordered(dimension: str, there: set[str]) -> list[str]:
    """Categories in the order people expect; "not stated" last."""
    first: Sequence[str] = ()
    if dimension == "sex":
        first = SEXES
    elif dimension == "age_group":
        first = tuple(band.code for band in AGE_BANDS)
    return [*first, *sorted(there - set(first) - {NOT_STATED}), NOT_STATED]


def category_title(category: str) -> str:
    """A category in words; codes of packages are shown as they are, without underscores."""
    words = {
        "female": _("Women"),
        "male": _("Men"),
        "other": _("Other"),
        NOT_STATED: _("Not stated"),
        "under_15": _("Under 15"),
        "15_24": _("15 to 24"),
        "25_34": _("25 to 34"),
        "35_54": _("35 to 54"),
        "55_over": _("55 and over"),
        "yes": _("Yes"),
        "no": _("No"),
    }
    return words.get(category, category.replace("_", " "))


# tables ----------------------------------------------------------------------------------------------


def ground_of(actor: Actor, *, scope: str = "", as_of: date | None = None) -> Ground:
    """What `table`, `output_status` and `computation` of a place have in common. Five queries."""
    place, pass_ = place_of(actor, scope), latest_computation(as_of)
    starts_on = programme_start(pass_.as_of if pass_ is not None else date.today())
    return Ground(place, pass_, held_for([place.path]), starts_on)


def table(
    actor: Actor, *, scope: str = "", as_of: date | None = None, package: str = "", ground: Ground | None = None
) -> list[TableRow]:
    """Every indicator at a place: baseline, target, actual, gap, light and lines. A constant number of queries.

    With a ground (from `ground_of`, or that of a `course`) only the values are read.
    """
    may_read(actor)
    if ground is None:
        ground = ground_of(actor, scope=scope, as_of=as_of)
    place, pass_, held = ground.place, ground.computation, ground.held
    rows: dict[int, list[Value]] = {}
    if pass_ is not None:
        for value in Value.objects.filter(computation=pass_, scope=place):
            rows.setdefault(value.indicator_id, []).append(value)
    return [
        table_row(view, value_view(actor, view, row, place, rows.get(row.pk, []), pass_, held), ground.starts_on)
        for view, row in indicator_rows(package=package)
    ]


def table_row(view: IndicatorView, value: ValueView, starts_on: date) -> TableRow:
    share, share_of_time, colour = None, None, Light.NONE
    gap = value.target - value.value if value.target is not None and value.value is not None else None
    if value.target is not None and value.target_by is not None and value.target_by > starts_on:
        over = Period(starts_on, value.target_by)
        share_of_time = ratio(max((value.as_of - starts_on).days + 1, 0), over.days, most=1)
        if value.value is not None:
            base = Fraction(value.baseline or 0)
            share = ratio(Fraction(value.value) - base, Fraction(value.target) - base)
            planned = planned_to_date(baseline=base, target=Fraction(value.target), over=over, as_of=value.as_of)
            colour = LIGHTS[light(achievement(Fraction(value.value), planned, baseline=base))]
    return TableRow(
        indicator=view,
        value=value,
        baseline=value.baseline,
        target=value.target,
        target_by=value.target_by,
        gap=gap,
        share=share,
        share_of_time=share_of_time,
        light=colour,
        light_text=light_text(colour, value),
    )


def light_text(colour: Light, value: ValueView) -> str:
    if value.is_planned:
        return _("No data yet")
    if value.is_hidden:
        return _("Hidden")
    return {
        Light.GOOD: _("On course"),
        Light.WARN: _("A little behind"),
        Light.BAD: _("Behind"),
        Light.NONE: _("No target"),
    }[colour]


def ratio(part: Fraction | int, whole: Fraction | int, most: int | None = None) -> Decimal | None:
    if not whole:
        return None
    found = Fraction(part) / Fraction(whole)
    return rounded_fraction(min(found, Fraction(most)) if most is not None else found, 4)


def by_scope(
    actor: Actor,
    *,
    indicator: str,
    kind: str = "country",
    scope: str = "",
    as_of: date | None = None,
    ground: Ground | None = None,
) -> list[ScopeRow]:
    """An indicator at every place of a kind. A constant number of queries, however many places."""
    may_read(actor)
    top = ground.place if ground is not None else place_of(actor, scope)
    view, row = one_indicator(indicator)
    pass_ = ground.computation if ground is not None else latest_computation(as_of)
    places = [
        node
        for node in ScopeNode.objects.filter(kind=kind, path__startswith=top.path).order_by("path")
        if kind != "enterprise" or sees_all(actor, node.path)
    ]
    rows: dict[int, list[Value]] = {}
    if pass_ is not None:
        for value in Value.objects.filter(computation=pass_, indicator=row, scope__in=[node.pk for node in places]):
            rows.setdefault(value.scope_id, []).append(value)
    held = held_for([node.path for node in places], [row.pk])
    return scope_rows(actor, view, row, places, rows, pass_, held)


def scope_rows(
    actor: Actor,
    view: IndicatorView,
    row: Indicator,
    places: Iterable[ScopeNode],
    rows: Mapping[int, Sequence[Value]],
    pass_: Computation | None,
    held: Held,
) -> list[ScopeRow]:
    """An indicator place by place; ``rows`` are its values by the place's key."""
    found: list[ScopeRow] = []
    for node in places:
        value = value_view(actor, view, row, node, rows.get(node.pk, []), pass_, held)
        share = (
            ratio(Fraction(value.value), Fraction(value.target)) if value.target and value.value is not None else None
        )
        found.append(
            ScopeRow(
                scope=node.path,
                place=node.title,
                ref=node.ref,
                value=value,
                target=value.target,
                share=share,
                women=value.part("female"),
                men=value.part("male"),
            )
        )
    return found
