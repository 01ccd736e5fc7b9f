"""Targets and baselines: only ever added, so a past report keeps the ones it was held against."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.results.models import Baseline, Indicator, Target, WithdrawnBaseline
from jump.engines.results.services.refusals import ReasonMissing, SplitMismatch, UnknownIndicator


def indicator_row(indicator: str) -> Indicator:
    """The indicator by its full id or reference. There is no value, target or baseline without a definition."""
    row = (
        Indicator.objects.filter(full_id=indicator).first()
        or Indicator.objects.filter(ref=indicator).first()
        or Indicator.objects.filter(full_id__endswith=f".{indicator}").order_by("pk").first()
    )
    if row is None:
        raise UnknownIndicator(indicator=indicator)
    return row


def set_target(
    actor: Actor,
    *,
    indicator: str,
    scope: str,
    by: date,
    value: Decimal | int,
    dimension: str = "",
    category: str = "",
    why: str = "",
) -> Ref:
    """A target for a place and a day. Changing one needs a reason; the old one stays on record."""
    require(actor, "results.freeze", scope)
    with write_transaction():
        row = indicator_row(indicator)
        node(scope)
        before = _latest(row, scope, by, dimension, category)
        if before is not None and before.value == Decimal(value):
            return Ref(before.ref)
        if before is not None and not why.strip():
            raise ReasonMissing
        return Ref(_add(actor, row, scope, by, Decimal(value), dimension, category, why).ref)


def split_target(
    actor: Actor,
    *,
    indicator: str,
    scope: str,
    by: date,
    parts: Mapping[str, Decimal | int],
    dimension: str = "",
    why: str = "",
) -> tuple[Ref, ...]:
    """Split a target over places (keys are paths) or, with a dimension, over categories (keys are codes).

    Refuses parts that do not add up to the target (results.split_mismatch, PROG-03); then nothing is changed.
    """
    require(actor, "results.freeze", scope)
    with write_transaction():
        row = indicator_row(indicator)
        whole = _latest(row, scope, by, "", "")
        total = whole.value if whole is not None else Decimal(0)
        summed = sum((Decimal(part) for part in parts.values()), Decimal(0))
        if whole is None or summed != total:
            raise SplitMismatch(parts=str(_plain(summed)), total=str(_plain(total)), scope=scope)
        made: list[Ref] = []
        for key, part in parts.items():
            place, category = (scope, key) if dimension else (key, "")
            node(place)
            made.append(Ref(_add(actor, row, place, by, Decimal(part), dimension, category, why).ref))
        return tuple(made)


def set_baseline(
    actor: Actor,
    *,
    indicator: str,
    scope: str,
    value: Decimal | int,
    on: date,
    source_ref: Ref | str = "",
    note: str = "",
) -> Ref:
    """Where an indicator stood at a place before the work began (INDICATORS-02)."""
    require(actor, "evidence.review", scope)
    with write_transaction():
        row = indicator_row(indicator)
        node(scope)
        made = Baseline.objects.create(
            indicator=row,
            scope_path=scope,
            value=Decimal(value),
            on=on,
            source_ref=source_ref,
            note=note,
            set_at=clock.now(),
            set_by=actor.key,
        )
        record(actor, "results.baseline", made.ref, facts={"indicator": row.full_id, "scope": scope})
        return Ref(made.ref)


def withdraw_baseline(actor: Actor, *, ref: Ref, why: str) -> None:
    """A baseline whose form was corrected or taken back counts no more: the one before it is in force again.

    Figures that were frozen with it keep it. Twice is once.
    """
    with write_transaction():
        row = Baseline.objects.filter(ref=ref).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, "evidence.review", row.scope_path)
        if not why.strip():
            raise ReasonMissing
        _kept, is_new = WithdrawnBaseline.objects.get_or_create(
            baseline=row, defaults={"at": clock.now(), "by": actor.key, "why": why.strip()[:200]}
        )
        if is_new:
            record(actor, "results.withdraw_baseline", ref, why=why)


def _latest(row: Indicator, scope: str, by: date, dimension: str, category: str) -> Target | None:
    return (
        Target.objects.filter(indicator=row, scope_path=scope, by=by, dimension=dimension, category=category)
        .order_by("pk")
        .last()
    )


def _add(
    actor: Actor, row: Indicator, scope: str, by: date, value: Decimal, dimension: str, category: str, why: str
) -> Target:
    made = Target.objects.create(
        indicator=row,
        scope_path=scope,
        by=by,
        value=value,
        dimension=dimension,
        category=category,
        set_at=clock.now(),
        set_by=actor.key,
        why=why.strip(),
    )
    record(actor, "results.target", made.ref, why=why, facts={"indicator": row.full_id, "scope": scope})
    return made


def _plain(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
