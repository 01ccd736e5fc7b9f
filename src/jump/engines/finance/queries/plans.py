"""What a budget will come to, what was asked of the provision, and bridges until a donor is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.budgets import ForecastBasis, forecast, run_rate
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import BridgePost, Budget, CellEstimate, ProvisionUse
from jump.engines.finance.models.refusals import LineUnknown
from jump.engines.finance.queries.budgets import (
    budget_row,
    cells,
    months_of,
    seen_cells,
)
from jump.engines.finance.types import CellView
from jump.engines.finance.types.donors import BridgeView, ForecastRow, ProvisionView

FORECAST_GROUPS = ("country", "place", "stage", "type", "line")


def bridge_row(actor: Actor, ref: Ref) -> BridgePost:
    """The row behind a reference, if this actor may see it."""
    rows = BridgePost.objects.visible_to(actor).select_related("scope", "cell__budget__scope")
    row: BridgePost | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def budget_time(row: Budget) -> tuple[date, date] | None:
    """From when to when the package says that the budget runs."""
    starts, ends = row.rules.get("starts_on"), row.rules.get("ends_on")
    return (date.fromisoformat(str(starts)), date.fromisoformat(str(ends))) if starts and ends else None


def budget_forecast(
    actor: Actor,
    *,
    as_of: date,
    budget_ref: Ref | None = None,
    group_by: Sequence[str] = ("country", "stage", "type"),
    seen: Sequence[CellView] | None = None,
) -> list[ForecastRow]:
    """What each group of cells will have cost: spend so far + commitments + what is still planned, and by run rate.

    Computed for each cell and added up, so that every grouping comes to the same total. `bases` says what "still
    planned" rests on in the group: an estimate of a person, or else the whole rest of the plan. The run rate is carried
    from the first to the last day of the budget; None where the package gives no days. `seen` are the cells of that
    day, where the caller has them already.
    """
    for name in group_by:
        if name not in FORECAST_GROUPS:
            raise LineUnknown(what="grouping", given=name)
    row = budget_row(actor, budget_ref)
    found = cells(actor, budget_ref=Ref(row.ref), as_of=as_of) if seen is None else seen
    estimates = _estimates([cell.ref for cell in found], as_of)
    time = budget_time(row)
    sums: dict[tuple[str, ...], dict[str, Any]] = {}
    for cell in found:
        estimate = estimates.get(cell.ref)
        will = forecast(
            plan_minor=cell.plan.amount_minor,
            spent_minor=cell.spent.amount_minor,
            committed_minor=cell.committed.amount_minor,
            estimate_minor=estimate.amount_minor if estimate else None,
            used_at_estimate_minor=estimate.used_minor if estimate else 0,
        )
        group = sums.setdefault(
            tuple(getattr(cell, name) for name in group_by),
            {"plan": 0, "committed": 0, "spent": 0, "still": 0, "total": 0, "bases": set()},
        )
        group["plan"] += cell.plan.amount_minor
        group["committed"] += cell.committed.amount_minor
        group["spent"] += cell.spent.amount_minor
        group["still"] += will.still_planned_minor
        group["total"] += will.total_minor
        group["bases"].add(will.basis)
    return [_forecast_row(row, dict(zip(group_by, key, strict=True)), sums[key], time, as_of) for key in sorted(sums)]


def _forecast_row(
    row: Budget, key: Mapping[str, str], group: Mapping[str, Any], time: tuple[date, date] | None, as_of: date
) -> ForecastRow:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    pace = run_rate(spent_minor=group["spent"], starts_on=time[0], as_of=as_of, ends_on=time[1]) if time else None
    return ForecastRow(
        key,
        money(group["plan"]),
        money(group["committed"]),
        money(group["spent"]),
        money(group["still"]),
        money(group["total"]),
        money(pace) if pace is not None else None,
        tuple(one for one in ForecastBasis if one in group["bases"]),
    )


def _estimates(refs: list[Ref], as_of: date) -> dict[Ref, CellEstimate]:
    """The last estimate of each cell."""
    rows = CellEstimate.objects.filter(cell__ref__in=refs, on__lte=as_of).select_related("cell")
    return {Ref(one.cell.ref): one for one in rows.order_by("on", "id")}


def provision_uses(actor: Actor, *, budget_ref: Ref | None = None, state: str = "") -> list[ProvisionView]:
    """What was asked of the provision, the latest first."""
    row = budget_row(actor, budget_ref)
    rows = ProvisionUse.objects.filter(from_cell__budget=row, to_cell__in=seen_cells(actor, row))
    if state:
        rows = rows.filter(state=state)
    return [
        ProvisionView(
            Ref(one.ref),
            Ref(one.from_cell.ref),
            Ref(one.to_cell.ref),
            (one.to_cell.country, one.to_cell.stage, one.to_cell.type),
            Money(one.amount_minor, row.currency),
            one.why,
            Ref(one.decision) if one.decision else None,
            one.asked_by,
            one.asked_on,
            one.decided_by,
            one.decided_on,
            one.state,
        )
        for one in rows.select_related("from_cell", "to_cell").order_by("-asked_on", "-id")
    ]


def provision_cells(actor: Actor, *, budget_ref: Ref | None = None) -> list[Ref]:
    """The cells in which the provision is held."""
    row = budget_row(actor, budget_ref)
    lines = list(row.rules.get("provision_lines") or ())
    return [Ref(ref) for ref in row.cells.filter(line__in=lines).order_by("id").values_list("ref", flat=True)]


def bridges(actor: Actor, *, as_of: date, scope: str = "", open_only: bool = False) -> list[BridgeView]:
    """Professionals paid until another donor is found: those that end first stand first."""
    rows = BridgePost.objects.visible_to(actor).under(scope).select_related("scope", "cell__budget")
    paid = rows.annotate(
        months_paid=Count("payments", filter=Q(payments__spend__on__lte=as_of)),
        paid_minor=Sum("payments__spend__amount_minor", filter=Q(payments__spend__on__lte=as_of)),
    )
    views = [_bridge(row, as_of) for row in paid.prefetch_related("payments").order_by("ends_on", "id")]
    return [one for one in views if not (open_only and one.is_over)]


def bridge(actor: Actor, ref: Ref, *, as_of: date) -> BridgeView:
    """One of them."""
    bridge_row(actor, ref)
    return next(one for one in bridges(actor, as_of=as_of) if one.ref == ref)


def _bridge(row: Any, as_of: date) -> BridgeView:
    months = months_of(row)
    done = {one.month for one in row.payments.all()}
    left = [month for month in months if month not in done]
    currency = row.cell.budget.currency
    return BridgeView(
        ref=Ref(row.ref),
        title=row.title,
        post_ref=Ref(row.post),
        scope=row.scope.path,
        line=row.line,
        monthly=Money(row.monthly_minor, currency),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        why=row.why,
        months=len(months),
        months_paid=row.months_paid,
        paid=Money(int(row.paid_minor or 0), currency),
        still_to_pay=Money(row.monthly_minor * len(left), currency),
        replaced_by=row.replaced_by,
        replaced_on=row.replaced_on,
        next_month=left[0] if left else None,
    )
