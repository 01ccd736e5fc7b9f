"""Reading tasks."""

import random
from collections.abc import Iterable
from datetime import date

from django.db.models import F, Q, QuerySet

from jump.base import clock
from jump.base.actors import Actor, system_actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases.models import Task
from jump.engines.cases.queries.lights import light
from jump.engines.cases.types import TaskState, TaskView
from jump.engines.parties import api as parties

IN_ONE_LOT_MAX = 10_000


def _visible(actor: Actor) -> QuerySet[Task]:
    """Tasks in the actor's places, and those that name the actor as owner."""
    seen: QuerySet[Task] = Task.objects.visible_to(actor)
    if actor.party_ref:
        seen = seen | Task.objects.filter(owner_ref=actor.party_ref)
    return seen


def task(actor: Actor, ref: Ref) -> TaskView:
    """One task. Raises NotFound."""
    found = _visible(actor).select_related("scope").filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    return _view(found, clock.today())


def _selected(
    actor: Actor, *, scope: str, state: str, owner_role: str, about: Ref | None, as_of: date, late_only: bool
) -> QuerySet[Task]:
    rows = _visible(actor)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    if state:
        rows = rows.filter(state=state)
    if owner_role:
        rows = rows.filter(owner_role=owner_role)
    if about:
        rows = rows.filter(about_ref=about)
    if late_only:
        rows = rows.filter(Q(state=TaskState.OPEN, due_on__lt=as_of) | Q(finished_on__gt=F("due_on")))
    return rows


def tasks(
    actor: Actor,
    *,
    scope: str = "",
    state: str = "",
    owner_role: str = "",
    about: Ref | None = None,
    as_of: date,
    late_only: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[TaskView]:
    """Tasks by due date. `late_only`: open and overdue, or finished after their date."""
    rows = _selected(
        actor, scope=scope, state=state, owner_role=owner_role, about=about, as_of=as_of, late_only=late_only
    )
    page = rows.select_related("scope").order_by(F("due_on").asc(nulls_last=True), "pk")[offset : offset + limit]
    return [_view(row, as_of) for row in page]


def open_tasks(actor: Actor) -> QuerySet[Task]:
    """The rows of open tasks that this actor may see, by due date."""
    return _visible(actor).filter(state=TaskState.OPEN).order_by(F("due_on").asc(nulls_last=True), "pk")


def count_tasks(
    actor: Actor,
    *,
    scope: str = "",
    state: str = "",
    owner_role: str = "",
    about: Ref | None = None,
    as_of: date,
    late_only: bool = False,
) -> int:
    return _selected(
        actor, scope=scope, state=state, owner_role=owner_role, about=about, as_of=as_of, late_only=late_only
    ).count()


def task_views(rows: Iterable[Task], *, as_of: date) -> list[TaskView]:
    """These rows as others see them."""
    return [_view(row, as_of) for row in rows]


def _view(row: Task, as_of: date) -> TaskView:
    is_open = row.state == TaskState.OPEN
    until = as_of if is_open else row.finished_on
    late = max(0, (until - row.due_on).days) if row.due_on is not None and until is not None else 0
    return TaskView(
        ref=Ref(row.ref),
        title=row.title,
        about=Ref(row.about_ref) if row.about_ref else None,
        owner_role=row.owner_role,
        owner_ref=Ref(row.owner_ref) if row.owner_ref else None,
        scope=row.scope.path,
        due_on=row.due_on,
        state=TaskState(row.state),
        finished_on=row.finished_on,
        note=row.note,
        proof_ref=Ref(row.proof_ref) if row.proof_ref else None,
        source=row.source,
        asks=row.asks,
        light=light(row.due_on, as_of, is_open=is_open),
        days_late=late,
    )


def groups_by_lot(*, kind: str, scope: str, lot: str) -> list[Ref]:
    """The active groups of this kind at and under a place, each once, in an order that follows from the lot alone."""
    found = parties.groups(system_actor("drawing a lot"), scope=scope, kind=kind, limit=IN_ONE_LOT_MAX)
    ordered = sorted(one.ref for one in found if one.same_as is None and one.status is parties.StatusCode.ACTIVE)
    random.Random(lot).shuffle(ordered)
    return ordered
