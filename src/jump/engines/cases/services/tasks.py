"""Tasks: who owes what by when.

Rhythms come from the calendar of a package; forms and gatherings finish what asks for them.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import F, Q

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.prepared import Prepared
from jump.base.refusals import NotFound
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.cases.definitions import rhythms
from jump.engines.cases.models import Task
from jump.engines.cases.services.keys import digest_of, one_at_a_time
from jump.engines.cases.services.refusals import CaseKeyReused, ReasonMissing, TaskClosed
from jump.engines.cases.types import TaskState

_WAITING = Prepared(
    lambda form, about, proof: (
        Task.objects.filter(state=TaskState.OPEN, asks=form, about_ref=about)
        .exclude(source=proof)
        .order_by("due_on", "pk")[:1]
    )
)


def add_task(
    actor: Actor,
    *,
    title: str,
    about: Ref | None,
    owner_role: str,
    scope: str,
    due_on: date | None,
    key: str,
    owner_ref: Ref | None = None,
    asks: str = "",
    source: str = "",
) -> Ref:
    """Give somebody something to do. The same key gives the same task.

    `asks` names the form that finishes the task when it is accepted, or `session:<kind>` for a gathering that does.
    """
    require(actor, "cases.work", scope)
    digest = digest_of(title, about, owner_role, scope, due_on)
    with write_transaction():
        one_at_a_time(f"task {key}")
        known = Task.objects.filter(key=key).first()
        if known is not None:
            if known.key_digest != digest:
                raise CaseKeyReused(key=key)
            return Ref(known.ref)
        task = Task.objects.create(
            scope=node(scope),
            title=title,
            about_ref=str(about or ""),
            owner_role=owner_role,
            owner_ref=str(owner_ref or ""),
            due_on=due_on,
            asks=asks,
            source=source,
            added_by=actor.key,
            recorded_at=clock.now(),
            key=key,
            key_digest=digest,
        )
        audit.record(actor, "cases.add_task", task.ref, facts={"about": str(about or ""), "owner": owner_role})
    return Ref(task.ref)


def finish_task(actor: Actor, *, ref: Ref, on: date, note: str = "", proof_ref: Ref | None = None) -> None:
    """Say that a task is done. Saying it twice changes nothing."""
    with write_transaction():
        task = _task(actor, ref)
        if task.state == TaskState.DROPPED:
            raise TaskClosed(task=ref, state=task.state)
        if task.state == TaskState.OPEN:
            _finish(actor, task, on=on, note=note, proof_ref=proof_ref)


def drop_task(actor: Actor, *, ref: Ref, why: str) -> None:
    """Say that a task is no longer to be done, with a reason."""
    with write_transaction():
        task = _task(actor, ref)
        if task.state != TaskState.OPEN:
            raise TaskClosed(task=ref, state=task.state)
        if not why.strip():
            raise ReasonMissing(task=ref)
        task.state = TaskState.DROPPED.value
        task.note = why.strip()
        task.save(update_fields=["state", "note"])
        audit.record(actor, "cases.drop_task", ref, why=why.strip())
        _tell_its_case(actor, task, clock.today())


def plan_calendar(
    actor: Actor,
    *,
    package: str,
    scope: str,
    starts_on: date,
    until: date,
    about: Ref | None = None,
    only: Sequence[str] = (),
) -> int:
    """Write down what the calendar of a package makes due for a place, up to a day. Safe to repeat.

    Takes the rhythms that are declared for this kind of place (`for: programme|country|project`). Returns how
    many tasks are new.
    """
    require(actor, "cases.work", scope)
    home = node(scope)
    new = 0
    with write_transaction():
        for rhythm in rhythms(package):
            if rhythm.scope_kind != home.kind or (only and rhythm.id not in only):
                continue
            for period_starts_on, due_on in rhythm.periods(starts_on, until):
                _task_made, is_new = Task.objects.get_or_create(
                    key=f"calendar:{rhythm.id}:{scope}:{due_on.isoformat()}",
                    defaults={
                        "scope": home,
                        "title": rhythm.title,
                        "about_ref": str(about or ""),
                        "owner_role": rhythm.by,
                        "due_on": due_on + timedelta(days=rhythm.grace_days),
                        "period_starts_on": period_starts_on,
                        "asks": rhythm.asks,
                        "source": f"calendar:{rhythm.id}",
                        "added_by": actor.key,
                        "recorded_at": clock.now(),
                    },
                )
                new += is_new
        if new:
            audit.record(
                actor, "cases.plan_calendar", about or "", facts={"package": package, "scope": scope, "new": new}
            )
    return new


def finish_by_form(actor: Actor, *, form: str, about: Ref, proof_ref: Ref, on: date) -> int:
    """An accepted form finishes the oldest open task that asks for it about the same thing.

    Not the one that it caused itself: that is for the next form. Inside a write transaction.
    """
    task = _WAITING.first(form, about, proof_ref)
    if task is None or Task.objects.filter(asks=form, about_ref=about, proof_ref=proof_ref).exists():
        return 0
    _finish(actor, task, on=on, note="", proof_ref=proof_ref)
    return 1


def finish_by_session(
    actor: Actor, *, kind: str, scope: str, about: Sequence[str], held_on: date, proof_ref: Ref
) -> int:
    """A gathering finishes the open task of its kind, at its place, in whose period it was held.

    A period in which none was held keeps its task open: it is late, and listed (CER-18).
    """
    tasks = Task.objects.filter(state=TaskState.OPEN, asks=f"session:{kind}", scope__path=scope)
    tasks = tasks.filter(Q(period_starts_on__isnull=True) | Q(period_starts_on__lte=held_on))
    tasks = tasks.filter(Q(about_ref="") | Q(about_ref__in=list(about)) | Q(period_starts_on__isnull=False))
    task = tasks.order_by(F("period_starts_on").desc(nulls_last=True), "due_on", "pk").first()
    if task is None:
        return 0
    _finish(actor, task, on=held_on, note="", proof_ref=proof_ref)
    return 1


def _task(actor: Actor, ref: Ref) -> Task:
    task: Task | None = Task.objects.locked().select_related("scope").filter(ref=ref).first()
    if task is None:
        raise NotFound(ref=ref)
    require(actor, "cases.work", task.scope.path)
    return task


def _finish(actor: Actor, task: Task, *, on: date, note: str, proof_ref: Ref | None) -> None:
    task.state = TaskState.DONE.value
    task.finished_on = on
    task.note = note
    task.proof_ref = str(proof_ref or "")
    task.save(update_fields=["state", "finished_on", "note", "proof_ref"])
    audit.record(actor, "cases.finish_task", task.ref, facts={"proof": task.proof_ref, "on": on.isoformat()})
    _tell_its_case(actor, task, on)


def _tell_its_case(actor: Actor, task: Task, on: date) -> None:
    from jump.engines.cases.services.procedures.recording import task_settled

    if task.source.startswith("sub-"):  # a gate may ask for the tasks that a form caused
        task_settled(actor, source=task.source, on=on)
