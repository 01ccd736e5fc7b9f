"""Activities of the framework at a place, and the proof that an output was reached (LOGFRAME-03, LOGFRAME-04)."""

from datetime import date

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.results.models import Activity, Node, OutputProof, Plan
from jump.engines.results.services.refusals import ActivityClosed, ProofMissing, ReasonMissing, UnknownNode
from jump.engines.results.types import ActivityState, Level

CLOSED = (ActivityState.DONE, ActivityState.DROPPED)


def may_plan(actor: Actor, scope: str) -> None:
    """Whoever works on cases at a place, or decides there, plans its activities."""
    if not can(actor, "cases.work", scope):
        require(actor, "results.freeze", scope)


def plan_activity(
    actor: Actor,
    *,
    node: str,
    scope: str,
    title: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    owner: str = "",
    budget_line: str = "",
    plan_ref: Ref | str = "",
    key: str = "",
) -> Ref:
    """Plan an activity of the framework at a place."""
    may_plan(actor, scope)
    if starts_on and ends_on and ends_on < starts_on:
        from django.utils.translation import gettext as _

        raise BadInput({"ends_on": [_("An activity cannot end before it begins.")]})
    with write_transaction():
        if key and (found := Activity.objects.filter(key=key).first()) is not None:
            return Ref(found.ref)
        known_node(node, Level.ACTIVITY)
        plan = Plan.objects.filter(ref=plan_ref).first() if plan_ref else None
        if plan_ref and plan is None:
            raise NotFound(ref=plan_ref)
        made = Activity.objects.create(
            scope_id=node_id(scope),
            node_id=node,
            title=title.strip(),
            state=ActivityState.PLANNED,
            starts_on=starts_on,
            ends_on=ends_on,
            owner=owner,
            budget_line=budget_line,
            plan=plan,
            key=key or None,
        )
        record(actor, "results.activity.plan", made.ref, facts={"node": node, "scope": scope})
        return Ref(made.ref)


def start_activity(actor: Actor, *, ref: Ref, on: date) -> None:
    """The work has begun. Starting it again changes nothing."""
    with write_transaction():
        row = _open(actor, ref)
        if row.state == ActivityState.PLANNED:
            row.state, row.starts_on = ActivityState.RUNNING, on
            row.save(update_fields=["state", "starts_on"])
            record(actor, "results.activity.start", row.ref)


def finish_activity(actor: Actor, *, ref: Ref, on: date, evidence_ref: Ref | str, note: str = "") -> None:
    """The work is done, and this proves it."""
    if not evidence_ref:
        raise ProofMissing
    with write_transaction():
        row = _open(actor, ref)
        row.state, row.done_on, row.evidence_ref = ActivityState.DONE, on, evidence_ref
        row.note = note.strip() or row.note
        row.save(update_fields=["state", "done_on", "evidence_ref", "note"])
        record(actor, "results.activity.finish", row.ref, facts={"evidence": evidence_ref})


def drop_activity(actor: Actor, *, ref: Ref, on: date, why: str) -> None:
    """The work will not be done. It stays on the books as planned and dropped, and is never counted as done."""
    if not why.strip():
        raise ReasonMissing
    with write_transaction():
        row = _open(actor, ref)
        row.state, row.note = ActivityState.DROPPED, why.strip()
        row.save(update_fields=["state", "note"])
        record(actor, "results.activity.drop", row.ref, why=why, facts={"on": on.isoformat()})


def prove_output(
    actor: Actor,
    *,
    node: str,
    scope: str,
    on: date,
    evidence_ref: Ref | str,
    is_reached: bool = True,
    note: str = "",
) -> Ref:
    """Judge by its evidence whether an output was reached at a place. The latest judgement counts, all stay."""
    require(actor, "evidence.review", scope)
    if not evidence_ref:
        raise ProofMissing
    with write_transaction():
        known_node(node, Level.OUTPUT)
        made = OutputProof.objects.create(
            scope_id=node_id(scope),
            node_id=node,
            on=on,
            is_reached=is_reached,
            evidence_ref=evidence_ref,
            by=actor.key,
            note=note,
            recorded_at=clock.now(),
        )
        record(actor, "results.output", made.ref, facts={"node": node, "reached": is_reached})
        return Ref(made.ref)


def known_node(node: str, level: Level) -> Node:
    """The node of this id in the latest framework that has it."""
    found = Node.objects.filter(node_id=node, level=level).order_by("-framework_id").first()
    if found is None:
        raise UnknownNode(node=node)
    return found


def _open(actor: Actor, ref: Ref) -> Activity:
    row: Activity | None = Activity.objects.locked().select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    may_plan(actor, row.scope.path)
    if row.state in CLOSED:
        raise ActivityClosed(activity=row.ref)
    return row
