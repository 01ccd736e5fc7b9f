"""Freeze the figures of a period with their inputs and definitions. What was frozen never changes."""

import hashlib
from datetime import date
from typing import Any

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.core.units import Ref
from jump.engines.results.models import Baseline, Figure, FigureChunk, FigureSet, Target
from jump.engines.results.services.compute.measures import period_of
from jump.engines.results.services.compute.run import (
    BATCH,
    Outcome,
    chunk_columns,
    one_picture,
    value_columns,
    work_out,
)
from jump.engines.results.services.refusals import PeriodOpen, UnknownPeriod


def freeze(actor: Actor, *, period: str, on: date, why: str = "") -> Ref:
    """Freeze all figures as of the last day of a period such as 2004-H1.

    A period that is frozen stays so: asking again gives the same set. A correction (`why`) makes a further revision
    beside it, and both stay.
    """
    require(actor, "results.freeze")
    try:
        starts_on, ends_on = period_of(period)
    except (ValueError, KeyError):
        raise UnknownPeriod(period=period) from None
    if on < ends_on:
        raise PeriodOpen(period=period, ends_on=ends_on)
    with write_transaction():
        last = FigureSet.objects.filter(period=period).order_by("revision").last()
        if last is not None and not why:
            return Ref(last.ref)
        with one_picture():
            outcome = work_out(as_of=ends_on, period_start=starts_on)
        columns = [value_columns(value, outcome) for value in outcome.gathered.values]
        figure_set = FigureSet.objects.create(
            period=period,
            revision=last.revision + 1 if last is not None else 1,
            why=why,
            starts_on=starts_on,
            ends_on=ends_on,
            as_of=ends_on,
            frozen_on=on,
            frozen_at=clock.now(),
            frozen_by=actor.key,
            definitions={one.measure.id: [one.version.version, one.version.digest] for one in outcome.defined},
            digest=digest_of(outcome, columns),
            figures_count=len(columns),
            facts=outcome.gathered.facts,
            forecast=outcome.forecast,
        )
        _keep_figures(figure_set, outcome, columns)
        FigureChunk.objects.bulk_create(
            [FigureChunk(figure_set=figure_set, **chunk) for chunk in chunk_columns(outcome)], batch_size=BATCH
        )
        record(
            actor,
            "results.freeze",
            figure_set.ref,
            why=why,
            facts={"period": period, "figures": len(columns), "digest": figure_set.digest},
        )
        return Ref(figure_set.ref)


def _keep_figures(figure_set: FigureSet, outcome: Outcome, columns: list[dict[str, Any]]) -> None:
    targets: dict[tuple[int, str, str, str], Target] = {}
    for target in Target.objects.order_by("pk"):
        targets[target.indicator_id, target.scope_path, target.dimension, target.category] = target
    baselines: dict[tuple[int, str], Baseline] = {}
    for baseline in Baseline.objects.standing().order_by("pk"):
        baselines[baseline.indicator_id, baseline.scope_path] = baseline
    rows = []
    for value, column in zip(outcome.gathered.values, columns, strict=True):
        defined = outcome.defined[value.measure]
        held = targets.get((defined.indicator.pk, value.scope, value.dimension, value.category))
        start = baselines.get((defined.indicator.pk, value.scope)) if not value.dimension else None
        rows.append(
            Figure(
                figure_set=figure_set,
                indicator=defined.indicator,
                version=defined.version,
                target=held.value if held else None,
                target_by=held.by if held else None,
                baseline=start.value if start else None,
                **column,
            )
        )
    Figure.objects.bulk_create(rows, batch_size=BATCH)


def digest_of(outcome: Outcome, columns: list[dict[str, Any]]) -> str:
    """A fingerprint of all figures of the set, printed in the report."""
    lines = sorted(
        f"{outcome.defined[value.measure].measure.id}|{value.scope}|{value.dimension}|{value.category}|{column['value']}"
        for value, column in zip(outcome.gathered.values, columns, strict=True)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
