"""Activities, outputs and plans as people see them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from jump.base import clock
from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.results.models import Activity, Node, OutputProof, Plan
from jump.engines.results.queries.access import place_of
from jump.engines.results.queries.frameworks import number_of
from jump.engines.results.queries.values import Ground
from jump.engines.results.types import (
    ActivityState,
    ActivityView,
    Level,
    OutputState,
    OutputStatus,
    PlanKind,
    PlanSection,
    PlanView,
)


def activities(
    actor: Actor,
    *,
    scope: str = "",
    node: str = "",
    state: ActivityState | str = "",
    plan_ref: Ref | None = None,
    limit: int = 200,
    offset: int = 0,
) -> list[ActivityView]:
    """Activities at and under a place, by their number and start. Two queries."""
    rows = Activity.objects.visible_to(actor).under(scope).select_related("scope", "plan")
    if node:
        rows = rows.filter(node_id__in=[node, *_below(node)])
    if state:
        rows = rows.filter(state=ActivityState(state))
    if plan_ref:
        rows = rows.filter(plan__ref=plan_ref)
    page = list(rows.order_by("node_id", "starts_on", "pk")[offset : offset + limit])
    return _views(page)


def late_activities(actor: Actor) -> QuerySet[Any]:
    """The rows of what should be over where this actor works, with the words of their node. By number and start."""
    here = Q(pk__in=[])
    for path in actor.paths_with("cases.work"):
        here |= Q(scope__path__startswith=path)
    words = Node.objects.filter(node_id=OuterRef("node_id")).order_by("-framework_id").values("text")[:1]
    rows: QuerySet[Any] = Activity.objects.visible_to(actor).filter(
        here, state__in=[ActivityState.PLANNED, ActivityState.RUNNING], ends_on__lt=clock.today()
    )
    rows = rows.annotate(node_words=Subquery(words))
    return rows.order_by("node_id", "starts_on", "pk")


def activity(actor: Actor, ref: Ref) -> ActivityView:
    row = Activity.objects.visible_to(actor).select_related("scope", "plan").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _views([row])[0]


def _below(node: str) -> list[str]:
    return list(Node.objects.filter(parent__node_id=node).values_list("node_id", flat=True).distinct())


def _views(rows: list[Activity]) -> list[ActivityView]:
    found = Node.objects.filter(node_id__in={row.node_id for row in rows}).order_by("framework_id")
    nodes = {one.node_id: one for one in found}
    day = clock.today()
    return [_view(row, nodes, day) for row in rows]


def _view(row: Activity, nodes: Mapping[str, Node], day: date) -> ActivityView:
    node = nodes.get(row.node_id)
    is_open = row.state in (ActivityState.PLANNED, ActivityState.RUNNING)
    return ActivityView(
        ref=Ref(row.ref),
        node=row.node_id,
        node_text=text(node.text) if node is not None else row.node_id,
        activity_group=node.activity_group if node is not None else "",
        focus_area=node.focus_area if node is not None else "",
        scope=row.scope.path,
        place=row.scope.title,
        title=row.title or (text(node.text) if node is not None else row.node_id),
        state=ActivityState(row.state),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        done_on=row.done_on,
        owner=row.owner,
        evidence_ref=Ref(row.evidence_ref) if row.evidence_ref else None,
        plan_ref=Ref(row.plan.ref) if row.plan is not None else None,
        budget_line=row.budget_line,
        note=row.note,
        is_late=is_open and row.ends_on is not None and row.ends_on < day,
    )


def output_status(
    actor: Actor, *, scope: str = "", as_of: date | None = None, ground: Ground | None = None
) -> list[OutputStatus]:
    """Every output at a place: achieved by its own evidence, never by a count of activities. Four queries."""
    place = ground.place if ground is not None else place_of(actor, scope)
    day = as_of or clock.today()
    outputs: dict[str, Node] = {}
    parents: dict[str, str] = {}
    for node in Node.objects.filter(level__in=[Level.OUTPUT, Level.ACTIVITY]).select_related("parent").order_by("pk"):
        if node.level == Level.OUTPUT:
            outputs[node.node_id] = node
        elif node.parent is not None:
            parents[node.node_id] = node.parent.node_id
    counts: dict[str, dict[str, int]] = {}
    for node_id, state in Activity.objects.visible_to(actor).under(place.path).values_list("node_id", "state"):
        held = counts.setdefault(parents.get(node_id, ""), {})
        held[state] = held.get(state, 0) + 1
    proofs: dict[str, list[OutputProof]] = {}
    seen = OutputProof.objects.visible_to(actor).under(place.path).filter(on__lte=day)
    for proof in seen.order_by("on", "pk"):
        proofs.setdefault(proof.node_id, []).append(proof)
    return [
        _status(node, place.path, counts.get(node_id, {}), proofs.get(node_id, []))
        for node_id, node in sorted(outputs.items(), key=lambda one: one[1].position)
    ]


def _status(node: Node, scope: str, counts: Mapping[str, int], proofs: list[OutputProof]) -> OutputStatus:
    reached = bool(proofs) and proofs[-1].is_reached
    done, running, planned = (counts.get(state, 0) for state in ("done", "running", "planned"))
    if reached:
        state = OutputState.ACHIEVED
    elif done and not running and not planned:
        state = OutputState.EVIDENCE_MISSING
    elif done or running:
        state = OutputState.UNDER_WAY
    else:
        state = OutputState.NOT_STARTED
    return OutputStatus(
        node=node.node_id,
        number=number_of(node.node_id),
        text=text(node.text),
        scope=scope,
        state=state,
        planned=planned,
        running=running,
        done=done,
        dropped=counts.get("dropped", 0),
        evidence=tuple(Ref(proof.evidence_ref) for proof in proofs if proof.is_reached) if reached else (),
        achieved_on=proofs[-1].on if reached else None,
    )


def plans(actor: Actor, *, scope: str = "", kind: PlanKind | str = "", latest_only: bool = True) -> list[PlanView]:
    """Plans at and under a place, without their activities; of several versions the latest."""
    rows = Plan.objects.visible_to(actor).under(scope).select_related("scope")
    if kind:
        rows = rows.filter(kind=PlanKind(kind))
    found: dict[tuple[int, str, date], Plan] = {}
    everything = list(rows.order_by("scope__path", "kind", "starts_on", "version"))
    for row in everything:
        found[row.scope_id, row.kind, row.starts_on] = row
    return [_plan_view(row, ()) for row in (found.values() if latest_only else everything)]


def plan(actor: Actor, ref: Ref) -> PlanView:
    """One plan with its activities; an overall plan also shows those of the plans it was rolled up from."""
    row = Plan.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    mine = Activity.objects.visible_to(actor).filter(plan__ref__in=[row.ref, *row.rolled_up_from])
    listed = list(mine.select_related("scope", "plan").order_by("node_id", "starts_on", "pk")[:1_000])
    return _plan_view(row, _views(listed))


def _plan_view(row: Plan, listed: Iterable[ActivityView]) -> PlanView:
    return PlanView(
        ref=Ref(row.ref),
        kind=PlanKind(row.kind),
        title=row.title,
        scope=row.scope.path,
        place=row.scope.title,
        version=row.version,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        made_on=row.made_on,
        made_by=row.made_by,
        approved_on=row.approved_on,
        approved_by=row.approved_by,
        sections=tuple(PlanSection(**one) for one in row.sections),
        activities=tuple(listed),
        rolled_up_from=tuple(Ref(ref) for ref in row.rolled_up_from),
    )
