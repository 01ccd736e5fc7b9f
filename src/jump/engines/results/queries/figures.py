"""Frozen figures and current values with their inputs: what the walk back starts from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.results.models import FactChunk, Figure, FigureChunk, FigureSet, Value
from jump.engines.results.queries.access import PUBLIC_KINDS, may_read, sees_all
from jump.engines.results.queries.indicators import plain_or_none
from jump.engines.results.services.compute.gather import Chunk, gather, in_cell, inputs_of
from jump.engines.results.services.compute.measures import Measure, Row, read_measure
from jump.engines.results.services.compute.run import decimal_of
from jump.engines.results.types import FigureSetView, FigureView, InputView

INPUTS_SHOWN = 50


def figure_sets(actor: Actor) -> list[FigureSetView]:
    """Every frozen period, the latest first."""
    return [_set_view(row) for row in FigureSet.objects.order_by("-ends_on", "-revision")]


def figure_set(actor: Actor, ref: Ref) -> FigureSetView:
    row = FigureSet.objects.filter(ref=ref).first() or FigureSet.objects.filter(period=ref).order_by("revision").last()
    if row is None:
        raise NotFound(ref=ref)
    return _set_view(row)


def _set_view(row: FigureSet) -> FigureSetView:
    return FigureSetView(
        ref=Ref(row.ref),
        period=row.period,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        as_of=row.as_of,
        frozen_at=row.frozen_at,
        frozen_by=row.frozen_by,
        figures=row.figures_count,
        digest=row.digest,
        revision=row.revision,
        why=row.why,
    )


def figures(
    actor: Actor,
    *,
    set_ref: Ref,
    indicator: str = "",
    scope: str = "",
    whole_only: bool = False,
    limit: int = 1_000,
    offset: int = 0,
) -> list[FigureView]:
    """Figures of a frozen set, without their inputs. Two queries."""
    rows = (
        Figure.objects.filter(figure_set__ref=set_ref)
        .select_related("figure_set", "indicator", "version", "scope")
        .order_by("indicator__position", "scope__path", "dimension", "category")
    )
    if indicator:
        rows = rows.filter(indicator__full_id=indicator)
    if scope:
        rows = rows.filter(scope__path=scope)
    if whole_only:
        rows = rows.filter(dimension="")
    views = (_view(actor, row, (), 0) for row in rows[offset : offset + limit])
    return [view for view, row in zip(views, rows[offset : offset + limit], strict=True) if _may_see(actor, row)]


def figure(actor: Actor, ref: Ref, *, limit: int = INPUTS_SHOWN, offset: int = 0) -> FigureView:
    """A frozen figure or a current value, with a page of the facts it was computed from.

    Who sees aggregates only is told how many facts there are, and not which.
    """
    row = _row(ref)
    if row is None or not _may_see(actor, row):
        raise NotFound(ref=ref)
    if isinstance(row, Value):
        may_read(actor)
    inputs: tuple[InputView, ...] = ()
    total = 0
    hidden = row.is_small and not sees_all(actor, row.scope.path, row.dimension)
    if not hidden:
        total = count_inputs(row)
    if sees_all(actor, row.scope.path, row.dimension):
        inputs = tuple(
            InputView(
                ref=Ref(fact.ref),
                fact=kind,
                party=Ref(fact.party) if fact.party else None,
                scope=place,
                on=fact.on,
                amount=amount,
                role=role,
            )
            for role, kind, place, fact, amount in islice(_inputs(row), offset, offset + limit)
        )
    return _view(actor, row, inputs, total)


def source_refs(row: Figure | Value, limit: int) -> tuple[Ref, ...]:
    """The first records behind a figure, each once: what the walk back follows."""
    found = dict.fromkeys(Ref(fact.ref) for _role, _kind, _place, fact, _amount in islice(_inputs(row), limit * 2))
    return tuple(found)[:limit]


def _row(ref: Ref) -> Figure | Value | None:
    if Ref(ref).kind == "fig":
        return Figure.objects.select_related("figure_set", "indicator", "version", "scope").filter(ref=ref).first()
    return Value.objects.select_related("computation", "indicator", "version", "scope").filter(ref=ref).first()


def _may_see(actor: Actor, row: Figure | Value) -> bool:
    return row.scope.kind in PUBLIC_KINDS or sees_all(actor, row.scope.path)


def as_of_of(row: Figure | Value) -> tuple[date, date | None]:
    if isinstance(row, Figure):
        return row.figure_set.as_of, row.figure_set.starts_on
    return row.computation.as_of, None


def chunks_of(row: Figure | Value, measure: Measure) -> Iterator[Chunk]:
    """The packed facts at and under the place of a figure, of the kinds that its definition uses."""
    for one in _packs(row, measure).iterator(100):
        yield Chunk(one.kind, one.scope_path, one.codes, one.count, bytes(one.rows))


def _packs(row: Figure | Value, measure: Measure) -> QuerySet[Any]:
    found: QuerySet[Any] = (
        FigureChunk.objects.filter(figure_set=row.figure_set)
        if isinstance(row, Figure)
        else FactChunk.objects.filter(computation=row.computation)
    )
    kinds = {term.fact for term in measure.terms}
    return found.filter(kind__in=kinds, scope_path__startswith=row.scope.path).order_by("pk")


def measure_of(row: Figure | Value) -> Measure:
    measure = read_measure(row.indicator.full_id, row.version.version, row.version.data)
    assert measure is not None, "only what is measured has a value"
    return measure


def _inputs(row: Figure | Value) -> Iterator[tuple[str, str, str, Row, Decimal]]:
    measure = measure_of(row)
    as_of, starts_on = as_of_of(row)
    yield from inputs_of(
        chunks_of(row, measure), measure, as_of=as_of, period_start=starts_on, cell=(row.dimension, row.category)
    )


def count_inputs(row: Figure | Value) -> int:
    """How many facts stand behind a figure; those below and above the line of a ratio are counted once each.

    Packs are only opened where the definition asks row by row or for a period.
    """
    measure = measure_of(row)
    as_of, _starts_on = as_of_of(row)
    if measure.is_latest or measure.window == "period" or any(term.is_by_row for term in measure.terms):
        return sum(1 for _one in _inputs(row))
    cell = (row.dimension, row.category)
    packs = _packs(row, measure).values_list("kind", "codes", "count")
    return sum(
        count
        for kind, codes, count in packs
        for term in measure.terms
        if term.fact == kind and in_cell(codes, cell) and term.accepts(codes, as_of)
    )


def _view(actor: Actor, row: Figure | Value, inputs: tuple[InputView, ...], total: int) -> FigureView:
    hidden = row.is_small and not sees_all(actor, row.scope.path, row.dimension)
    data = row.version.data
    frozen = row.figure_set if isinstance(row, Figure) else None
    as_of, _starts = as_of_of(row)
    return FigureView(
        ref=Ref(row.ref),
        set_ref=Ref(frozen.ref) if frozen else None,
        period=frozen.period if frozen else "",
        indicator=row.indicator.full_id,
        indicator_title=text(data["title"]),
        definition=text(data["definition"]),
        unit=str(data["unit"]),
        definition_version=row.version.version,
        scope=row.scope.path,
        place=row.scope.title,
        dimension=row.dimension,
        category=row.category,
        value=None if hidden else plain_or_none(row.value),
        numerator=None if hidden else plain_or_none(row.numerator),
        denominator=None if hidden else plain_or_none(row.denominator),
        lower=None if hidden else plain_or_none(row.lower),
        upper=None if hidden else plain_or_none(row.upper),
        n=0 if hidden else row.n,
        as_of=as_of,
        frozen_at=frozen.frozen_at if frozen else None,
        frozen_by=frozen.frozen_by if frozen else "",
        target=plain_or_none(row.target) if isinstance(row, Figure) else None,
        baseline=plain_or_none(row.baseline) if isinstance(row, Figure) else None,
        is_hidden=hidden,
        inputs=inputs,
        inputs_total=total,
    )


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A figure computed again from its own frozen inputs and definition."""

    ref: Ref
    stored: Decimal | None
    computed: Decimal | None

    @property
    def agrees(self) -> bool:
        return self.stored == self.computed


def reproduce(ref: Ref) -> Reproduction:
    """Compute a figure anew from what was kept with it, reading no record of today (invariant 6)."""
    row = _row(ref)
    if row is None:
        raise NotFound(ref=ref)
    from jump.base.duties import Fact

    measure = measure_of(row)
    as_of, starts_on = as_of_of(row)
    facts = (
        Fact(
            kind=chunk.kind,
            ref=Ref(one.ref),
            scope=chunk.scope,
            on=one.on,
            value=one.value,
            party=Ref(one.party) if one.party else None,
            until=one.until,
            codes={**{name: code for name, code in chunk.codes.items() if code is not None}, **one.extra},
        )
        for chunk in chunks_of(row, measure)
        for one in chunk.rows()
    )
    found = gather(facts, [measure], as_of=as_of, period_start=starts_on, keep_rows=False)
    wanted = (row.scope.path, row.dimension, row.category)
    value = next((one for one in found.values if (one.scope, one.dimension, one.category) == wanted), None)
    return Reproduction(Ref(row.ref), row.value, decimal_of(value.value) if value is not None else None)
