"""Run a pass and keep what it found: values that pages read, and the facts they rest on."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection, transaction

from jump.base import clock, duties
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.outbox import EffectCall, after_commit
from jump.base.scopes import ScopeNode
from jump.core.units import Ref, rounded_fraction
from jump.engines.parties import api as parties
from jump.engines.results.models import Computation, FactChunk, Indicator, IndicatorVersion, Value
from jump.engines.results.models.indicators import PLACES
from jump.engines.results.models.values import CURRENT
from jump.engines.results.services.compute.forecast import forecast_of
from jump.engines.results.services.compute.gather import CellValue, Gathered, gather
from jump.engines.results.services.compute.measures import Measure, calendar_start, period_name, period_of, read_measure
from jump.engines.results.services.compute.small import Cell, cell_of, small_cells

RECOMPUTE = "results.recompute"
PUBLIC_KINDS = ("programme", "region", "country", "project")
BATCH = 1_000
WRITTEN = ("value", "numerator", "denominator", "lower", "upper", "n", "is_small", "run", "version")


@dataclass(frozen=True, slots=True)
class Defined:
    """A measure with the rows that define it."""

    measure: Measure
    indicator: Indicator
    version: IndicatorVersion


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pass, ready to be kept."""

    as_of: date
    defined: list[Defined]
    gathered: Gathered
    small: set[tuple[int, Cell]]
    places: Mapping[str, int]
    forecast: dict[str, Any] | None
    milliseconds: int


def compute(actor: Actor, *, as_of: date) -> Ref:
    """Compute every indicator at every place as of a day, from the facts of all engines, in one pass.

    Today's values are the current ones that pages read; values of another day are kept beside them, for series.
    """
    require(actor, "results.read")
    slot = CURRENT if as_of == clock.today() else as_of.isoformat()
    with one_picture():
        outcome = work_out(as_of=as_of)
    return keep(actor, outcome, slot=slot)


@contextmanager
def one_picture() -> Iterator[None]:
    """On PostgreSQL all reads of a pass see one moment. On SQLite a pass that must be exact runs inside a write."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def defined_measures() -> list[Defined]:
    """The latest version of every indicator that measures something."""
    latest: dict[int, IndicatorVersion] = {}
    for version in IndicatorVersion.objects.select_related("indicator").order_by("pk"):
        latest[version.indicator.pk] = version
    found: list[Defined] = []
    for version in sorted(latest.values(), key=lambda one: (one.indicator.package, one.indicator.position)):
        measure = read_measure(version.indicator.full_id, version.version, version.data)
        if measure is not None:
            found.append(Defined(measure, version.indicator, version))
    return found


def work_out(*, as_of: date, period_start: date | None = None) -> Outcome:
    """The pass itself; nothing is written."""
    began = time.perf_counter()
    defined = defined_measures()
    nodes = list(ScopeNode.objects.values_list("path", "pk", "kind"))
    measures = [one.measure for one in defined]
    gathered = gather(
        duties.facts(as_of),
        measures,
        as_of=as_of,
        period_start=period_start,
        scopes={path: kind for path, _pk, kind in nodes},
    )
    small = small_cells(gathered.values, measures, {path: kind for path, _pk, kind in nodes if kind in PUBLIC_KINDS})
    return Outcome(
        as_of=as_of,
        defined=defined,
        gathered=gathered,
        small=small,
        places={path: pk for path, pk, _kind in nodes},
        forecast=forecast_of(defined, gathered, as_of=as_of),
        milliseconds=int((time.perf_counter() - began) * 1000),
    )


def keep(actor: Actor, outcome: Outcome, *, slot: str) -> Ref:
    """Replace what the slot held. A value keeps its reference, so that links to it go on working."""
    with write_transaction():
        computation, _made = Computation.objects.get_or_create(
            slot=slot, defaults={"as_of": outcome.as_of, "finished_at": clock.now()}
        )
        run = computation.run + 1
        rows = [
            Value(
                computation=computation,
                indicator=outcome.defined[value.measure].indicator,
                version=outcome.defined[value.measure].version,
                run=run,
                **value_columns(value, outcome),
            )
            for value in outcome.gathered.values
        ]
        Value.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["computation", "indicator", "scope", "dimension", "category"],
            update_fields=list(WRITTEN),
        )
        Value.objects.filter(computation=computation).exclude(run=run).delete()
        FactChunk.objects.filter(computation=computation).delete()
        FactChunk.objects.bulk_create(
            [FactChunk(computation=computation, run=run, **columns) for columns in chunk_columns(outcome)],
            batch_size=BATCH,
        )
        Computation.objects.filter(pk=computation.pk).update(
            as_of=outcome.as_of,
            run=run,
            finished_at=clock.now(),
            facts=outcome.gathered.facts,
            values_count=len(rows),
            milliseconds=outcome.milliseconds,
            problems=outcome.gathered.problems,
            forecast=outcome.forecast,
        )
        record(actor, "results.compute", computation.ref, facts={"as_of": outcome.as_of.isoformat(), "run": run})
        return Ref(computation.ref)


def value_columns(value: CellValue, outcome: Outcome) -> dict[str, Any]:
    """What a value and a frozen figure both keep."""
    return {
        "scope_id": outcome.places[value.scope],
        "dimension": value.dimension,
        "category": value.category[:60],
        "value": decimal_of(value.value),
        "numerator": decimal_of(value.numerator),
        "denominator": decimal_of(value.denominator),
        "lower": decimal_of(value.lower),
        "upper": decimal_of(value.upper),
        "n": value.n,
        "is_small": (value.measure, cell_of(value)) in outcome.small,
    }


def chunk_columns(outcome: Outcome) -> Iterator[dict[str, Any]]:
    for chunk in outcome.gathered.chunks:
        yield {
            "kind": chunk.kind,
            "scope_path": chunk.scope,
            "codes": dict(chunk.codes),
            "count": chunk.count,
            "rows": chunk.packed,
        }


def decimal_of(value: Fraction | None) -> Decimal | None:
    return None if value is None else rounded_fraction(value, PLACES)


def fill_series(
    actor: Actor, *, upto: date, by: str = "half_year", only_missing: bool = True, at_most: int | None = None
) -> int:
    """Compute the end of every period of the programme up to a day that has no values yet; returns how many.

    The end that is today is the current computation's own. With `at_most` the latest missing ones come first.
    """
    require(actor, "results.read")
    months = {"half_year": 6, "quarter": 3, "year": 12}[by]
    held = set(Computation.objects.values_list("slot", flat=True)) if only_missing else set()
    made = 0
    for ends_on in reversed(period_ends(upto=upto, months=months)):
        if made == at_most:
            break
        if ends_on.isoformat() not in held and ends_on != clock.today():
            compute(actor, as_of=ends_on)
            made += 1
    return made


def period_ends(*, upto: date, months: int) -> list[date]:
    """Last days of the calendar periods since the programme began that are over on a day."""
    start = calendar_start(programme_start(upto), months)
    ends: list[date] = []
    while True:
        name = period_name(start, months)
        last = period_of(name)[1]
        if last > upto:
            return ends
        ends.append(last)
        start = date.fromordinal(last.toordinal() + 1)


def programme_start(fallback: date) -> date:
    """When the programme began; without one, the year of the day given."""
    programme = parties.first_programme()
    return programme[1] if programme is not None else date(fallback.year, 1, 1)


def recompute_later(actor: Actor, *, on: date) -> None:
    """Ask for new figures behind the page. Many who ask while one waits are served by that one."""
    with write_transaction():
        after_commit([EffectCall(RECOMPUTE)], key=RECOMPUTE, actor=actor, on=on, once=True)
