"""Work plans: of the whole, of a project, of a year, of a country and of a region (WORKPLAN-01 to -05)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.results.models import Plan
from jump.engines.results.services.activities import may_plan
from jump.engines.results.services.refusals import OwnWork, PhaseOutMissing, PlanApproved, PlanIncomplete
from jump.engines.results.types import PlanKind, PlanSection

PHASE_OUT = "phase_out"


def make_plan(
    actor: Actor,
    *,
    kind: PlanKind | str,
    title: str,
    scope: str,
    starts_on: date,
    ends_on: date,
    sections: Sequence[PlanSection] = (),
    on: date,
    key: str = "",
    rolled_up_from: Sequence[Ref] = (),
) -> Ref:
    """A plan, or the next version of the plan of the same kind, place and start.

    An annual plan must say how the programme will leave: a section `phase_out` with content.
    """
    may_plan(actor, scope)
    kind = PlanKind(kind)
    if not title.strip() or ends_on <= starts_on:
        raise PlanIncomplete(what="title" if not title.strip() else "period")
    if kind is PlanKind.ANNUAL and not any(one.key == PHASE_OUT and one.text.strip() for one in sections):
        raise PhaseOutMissing
    with write_transaction():
        if key and (found := Plan.objects.filter(key=key).first()) is not None:
            return Ref(found.ref)
        before = Plan.objects.filter(scope_id=node_id(scope), kind=kind, starts_on=starts_on).order_by("version").last()
        made = Plan.objects.create(
            scope_id=node_id(scope),
            kind=kind,
            title=title.strip(),
            version=before.version + 1 if before is not None else 1,
            starts_on=starts_on,
            ends_on=ends_on,
            made_on=on,
            made_by=actor.key,
            sections=[asdict(one) for one in sections],
            rolled_up_from=[str(ref) for ref in rolled_up_from],
            key=key or None,
        )
        record(actor, "results.plan.make", made.ref, facts={"kind": str(kind), "scope": scope})
        return Ref(made.ref)


def approve_plan(actor: Actor, *, ref: Ref, on: date) -> None:
    """Approve a plan; from then on it is kept as it is. Its maker does not approve it."""
    with write_transaction():
        row: Plan | None = Plan.objects.locked().select_related("scope").filter(ref=ref).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, "decisions.decide", row.scope.path)
        if row.made_by == actor.key:
            raise OwnWork
        if row.approved_on is not None:
            if row.approved_by == actor.key:
                return
            raise PlanApproved(approved_on=row.approved_on)
        row.approved_on, row.approved_by = on, actor.key
        row.save(update_fields=["approved_on", "approved_by"])
        record(actor, "results.plan.approve", row.ref)


def roll_up_plans(
    actor: Actor, *, scope: str, title: str, starts_on: date, ends_on: date, on: date, key: str = ""
) -> Ref:
    """The overall plan from the latest approved plan of every place below (WORKPLAN-02): it names them."""
    approved: dict[tuple[int, str], Plan] = {}
    rows = Plan.objects.under(scope).exclude(kind=PlanKind.OVERALL).filter(approved_on__isnull=False)
    for row in rows.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).order_by("approved_on", "version"):
        approved[row.scope_id, row.kind] = row
    chosen = sorted(approved.values(), key=lambda one: one.ref)
    return make_plan(
        actor,
        kind=PlanKind.OVERALL,
        title=title,
        scope=scope,
        starts_on=starts_on,
        ends_on=ends_on,
        on=on,
        key=key,
        rolled_up_from=[Ref(row.ref) for row in chosen],
    )
