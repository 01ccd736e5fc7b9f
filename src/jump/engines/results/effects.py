"""What declared data may cause in results. Each is safe to repeat."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base import clock
from jump.base.consequences import Left, WayBack
from jump.base.outbox import Cause
from jump.core.units import Ref
from jump.engines.results.models import Activity, Baseline
from jump.engines.results.services.activities import finish_activity, plan_activity, start_activity
from jump.engines.results.services.compute import compute, fill_series
from jump.engines.results.services.targets import indicator_row, withdraw_baseline
from jump.engines.results.services.targets import set_baseline as keep_baseline
from jump.engines.results.types import ActivityState


def recompute(cause: Cause) -> Mapping[str, Any]:
    """Compute the current values anew, and one past half-year that has none: after some runs the series is whole."""
    ref = compute(cause.actor, as_of=clock.today())
    fill_series(cause.actor, upto=clock.today(), at_most=1)
    return {"ref": ref}


def set_baseline(
    cause: Cause, *, indicator: str, scope: str, value: str | int, on: str | date | None = None
) -> Mapping[str, Any]:
    """Keep a baseline that an accepted form found (INDICATORS-02); it goes with the form."""
    standing = Baseline.objects.standing().filter(scope_path=scope, source_ref=cause.ref or "")
    if cause.ref and (row := standing.filter(indicator=indicator_row(indicator)).first()) is not None:
        return {"ref": row.ref, "made": True}
    day = on if isinstance(on, date) else date.fromisoformat(str(on)[:10]) if on else cause.on
    ref = keep_baseline(
        cause.actor,
        indicator=indicator,
        scope=scope,
        value=Decimal(str(value)),
        on=day,
        source_ref=cause.ref or "",
    )
    return {"ref": ref, "made": True}


def drop_baseline(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A baseline whose form stands no more counts no more; figures frozen with it keep it."""
    withdraw_baseline(cause.actor, ref=Ref(str(result["ref"])), why=str(cause.ref))
    return None


def activity_report(
    cause: Cause,
    *,
    activity: str,
    scope: str,
    state: str,
    title: str | None = "",
    owner: str | None = "",
    on: str | date | None = None,
) -> Mapping[str, Any]:
    """An accepted activity report: plans, starts or finishes the activity at this place, with the report as proof."""
    day = on if isinstance(on, date) else date.fromisoformat(str(on)[:10]) if on else cause.on
    open_states = (ActivityState.PLANNED, ActivityState.RUNNING)
    row = Activity.objects.filter(node_id=activity, scope__path=scope, state__in=open_states).order_by("pk").first()
    done = Activity.objects.filter(node_id=activity, scope__path=scope, evidence_ref=cause.ref or "-").first()
    if done is not None:
        return {"ref": done.ref}
    ref = (
        Ref(row.ref)
        if row is not None
        else plan_activity(
            cause.actor,
            node=activity,
            scope=scope,
            title=title or "",
            starts_on=day,
            owner=owner or "",
            key=f"{cause.key}:plan",
        )
    )
    if state in (ActivityState.RUNNING, ActivityState.DONE):
        start_activity(cause.actor, ref=ref, on=day)
    if state == ActivityState.DONE:
        finish_activity(cause.actor, ref=ref, on=day, evidence_ref=cause.ref or "")
    return {"ref": ref}


def plan_item(
    cause: Cause,
    *,
    activity: str,
    scope: str,
    title: str | None = "",
    starts_on: str | None = None,
    ends_on: str | None = None,
    owner: str | None = "",
    budget_line: str | None = "",
    plan_ref: str | None = "",
) -> Mapping[str, Any]:
    """Plan an activity that an accepted dossier or form names."""
    ref = plan_activity(
        cause.actor,
        node=activity,
        scope=scope,
        title=title or "",
        starts_on=date.fromisoformat(starts_on[:10]) if starts_on else None,
        ends_on=date.fromisoformat(ends_on[:10]) if ends_on else None,
        owner=owner or "",
        budget_line=budget_line or "",
        plan_ref=plan_ref or "",
        key=cause.key,
    )
    return {"ref": ref}


EFFECTS = {
    "results.recompute": recompute,
    "results.set_baseline": set_baseline,
    "results.activity_report": activity_report,
    "results.plan_item": plan_item,
}

TAKE_BACK = {"results.set_baseline": WayBack(drop_baseline)}
