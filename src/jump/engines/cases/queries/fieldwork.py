"""Reading the work of extension workers: their days and months, who was supervised, who is placed at the end."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Q

from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.calendars import add_months, month_end
from jump.core.units import Ref
from jump.engines.cases.definitions import procedure as procedure_named
from jump.engines.cases.models import Attendance, Case, Session, Step, Task, WorkerMonth
from jump.engines.cases.queries.gatherings import clusters, session_view, sessions_with_people
from jump.engines.cases.queries.tasks import task_views
from jump.engines.cases.types import CaseState, SessionState, SessionView, TaskState
from jump.engines.cases.types.fieldwork import (
    IN_SERVICE,
    SUPERVISION,
    TECHNICAL_TRAINING,
    VISIT,
    AbsorptionRow,
    AbsorptionView,
    DayPlan,
    MeetingRhythm,
    MonthCount,
    MonthView,
    SupervisionRow,
)
from jump.engines.parties import api as parties


def week(actor: Actor, worker_ref: Ref, day: date) -> list[DayPlan]:
    """The seven days from the Monday of this day's week: what is planned, what was held, which tasks are due.

    Tasks are those that name the worker as owner. A fixed number of statements.
    """
    monday = day - timedelta(days=day.weekday())
    return days(actor, worker_ref, since=monday, until=monday + timedelta(days=6))


def days(actor: Actor, worker_ref: Ref, *, since: date, until: date) -> list[DayPlan]:
    """Each day of a period with its sessions and tasks: the plan of a week, a month, or today's visits on a phone."""
    rows = list(
        sessions_with_people(
            Session.objects.visible_to(actor)
            .filter(held_on__gte=since, held_on__lte=until, hosts__icontains=str(worker_ref))
            .exclude(state=SessionState.CANCELLED)
        ).order_by("held_on", "pk")
    )
    cluster = clusters(rows)
    held: dict[date, list[SessionView]] = {}
    for row in rows:
        held.setdefault(row.held_on, []).append(session_view(row, cluster))
    due: dict[date, list[Task]] = {}
    for task in (
        Task.objects.filter(owner_ref=worker_ref, due_on__gte=since, due_on__lte=until)
        .exclude(state=TaskState.DROPPED)
        .select_related("scope")
        .order_by("due_on", "pk")
    ):
        assert task.due_on is not None
        due.setdefault(task.due_on, []).append(task)
    return [
        DayPlan(day, tuple(held.get(day, ())), tuple(task_views(due.get(day, ()), as_of=day)))
        for day in (since + timedelta(days=number) for number in range((until - since).days + 1))
    ]


def visit_of(worker_ref: Ref, *, to_ref: Ref, on: date) -> SessionView | None:
    """The visit of a worker to this place on this day that no form has told of yet, a planned one first. For rules."""
    rows = Session.objects.filter(kind=VISIT, held_on=on, hosts__icontains=str(worker_ref))
    for row in sessions_with_people(rows.exclude(state=SessionState.CANCELLED)).order_by(
        "-state", "pk"
    ):  # planned ones first
        if to_ref in row.about and not any(Ref(one["ref"]).kind == "sub" for one in row.products):
            return session_view(row)
    return None


def travel(actor: Actor, worker_ref: Ref, *, since: date, until: date) -> Mapping[str, int]:
    """Kilometres, and cost by currency in minor units, of a worker's visits that were made in a period."""
    rows = Session.objects.visible_to(actor).filter(
        held_on__gte=since, held_on__lte=until, hosts__icontains=str(worker_ref), state=SessionState.HELD
    )
    found: dict[str, int] = {"km": 0}
    for km, cost, currency in rows.order_by().values_list("travel_km", "cost_minor", "currency"):
        found["km"] += km or 0
        if cost is not None:
            found[currency] = found.get(currency, 0) + cost
    return found


# Months -----------------------------------------------------------------------------------------------------------


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def counts_of_month(worker_ref: Ref, month: date) -> tuple[MonthCount, ...]:
    """What a worker did in a month, each figure with the records behind it; made from what was recorded, never typed.

    Visits made, communities and groups reached (each once), sessions given, different people met (listed ones),
    kilometres, tasks done, visits planned and not made.
    """
    first, last = first_of_month(month), month_end(month)
    rows = list(
        Session.objects.filter(held_on__gte=first, held_on__lte=last, hosts__icontains=str(worker_ref))
        .exclude(state=SessionState.CANCELLED)
        .order_by("held_on", "pk")
    )
    held = [row for row in rows if row.state == SessionState.HELD]
    visits = [row for row in held if row.kind == VISIT]
    given = [row for row in held if row.kind not in (VISIT, SUPERVISION)]
    reached: dict[str, str] = {}
    for row in visits:
        for ref in row.about:
            if Ref(ref).kind in ("plc", "grp"):
                reached.setdefault(ref, row.ref)
    came = list(
        Attendance.objects.filter(session__in=held, attended=True)
        .exclude(person_ref__in=["", str(worker_ref)])
        .values_list("person_ref", "session__ref")
    )
    listed = {person for person, _session in came}
    met = {session for _person, session in came}
    people = set(parties.cluster_of(sorted(listed)).values()) if listed else set()
    done = Task.objects.filter(
        owner_ref=worker_ref, state=TaskState.DONE, finished_on__gte=first, finished_on__lte=last
    ).order_by("finished_on", "pk")
    return (
        _count("visits", visits),
        MonthCount("places", len(reached), tuple(Ref(ref) for ref in reached)),
        _count("sessions", given),
        MonthCount("people", len(people), tuple(Ref(row.ref) for row in held if row.ref in met)),
        MonthCount("km", sum(row.travel_km or 0 for row in held), tuple(Ref(row.ref) for row in held if row.travel_km)),
        MonthCount("tasks", len(done), tuple(Ref(task.ref) for task in done)),
        _count("not_made", [row for row in rows if row.state == SessionState.PLANNED and row.kind == VISIT]),
    )


def _count(key: str, rows: Sequence[Session]) -> MonthCount:
    return MonthCount(key, len(rows), tuple(Ref(row.ref) for row in rows))


def worker_month(actor: Actor, worker_ref: Ref, month: date) -> MonthView:
    """A worker's month as it was signed, or as it stands now. For the worker and for who sees them. Raises NotFound."""
    _seen(actor, worker_ref)
    first = first_of_month(month)
    now = counts_of_month(worker_ref, first)
    row = WorkerMonth.objects.filter(worker_ref=worker_ref, month=first).first()
    if row is None:
        return MonthView(None, worker_ref, first, now)
    signed = tuple(
        MonthCount(key, one["number"], tuple(Ref(ref) for ref in one["refs"])) for key, one in row.counts.items()
    )
    order = {one.key: number for number, one in enumerate(now)}
    return MonthView(
        ref=Ref(row.ref),
        worker_ref=worker_ref,
        month=first,
        counts=tuple(sorted(signed, key=lambda one: order.get(one.key, len(order)))),
        signed_on=row.signed_on,
        signed_by=row.signed_by,
        read_on=row.read_on,
        read_by=row.read_by,
        note=row.note,
        answer=row.answer,
        changed_since={(one.key, one.number) for one in signed} != {(one.key, one.number) for one in now},
    )


def _seen(actor: Actor, worker_ref: Ref) -> None:
    if actor.is_system or actor.party_ref == worker_ref:
        return
    if not any(one.from_ref == worker_ref for one in parties.relations(actor, of=worker_ref, kind="assignment")):
        raise NotFound(ref=worker_ref)


# Supervision ------------------------------------------------------------------------------------------------------


def workers(actor: Actor, *, scope: str = "", as_of: date) -> dict[Ref, str]:
    """Extension workers who are in charge of somebody on this day, where this actor may look, by name."""
    found = {one.worker_ref: one.name for one in parties.caseload(actor, scope=scope, as_of=as_of)}
    return dict(sorted(found.items(), key=lambda one: (one[1].casefold(), one[0])))


def supervision_overview(actor: Actor, *, scope: str = "", since: date, until: date) -> list[SupervisionRow]:
    """Every worker of a period with the supervision and technical training they had; who had none is shown first.

    Workers are those in charge of somebody on the last day. A fixed number of statements, whatever their number.
    """
    mine = workers(actor, scope=scope, as_of=until)
    rows = list(
        sessions_with_people(
            Session.objects.visible_to(actor).filter(
                kind__in=[SUPERVISION, TECHNICAL_TRAINING, IN_SERVICE],
                state=SessionState.HELD,
                held_on__gte=since,
                held_on__lte=until,
            )
        ).order_by("held_on", "pk")
    )
    cluster = clusters(rows)
    signed = set(
        WorkerMonth.objects.filter(
            worker_ref__in=list(mine), month__gte=first_of_month(since), month__lte=until
        ).values_list("worker_ref", flat=True)
    )
    about: dict[str, list[SessionView]] = {}
    trained: dict[str, list[SessionView]] = {}
    met: dict[str, int] = {}
    for row in rows:
        view = session_view(row, cluster)
        if row.kind == SUPERVISION:
            for ref in row.about:
                about.setdefault(ref, []).append(view)
            continue
        for one in row.attendance.all():
            if not (one.attended and one.person_ref):
                continue
            if row.kind == TECHNICAL_TRAINING:
                trained.setdefault(one.person_ref, []).append(view)
            else:
                met[one.person_ref] = met.get(one.person_ref, 0) + 1
    found = [
        SupervisionRow(
            ref,
            name,
            tuple(about.get(ref, ())),
            tuple(trained.get(ref, ())),
            met.get(ref, 0),
            ref in signed,
        )
        for ref, name in mine.items()
    ]
    return sorted(found, key=lambda row: (not row.is_missing, row.name.casefold()))


def meeting_rhythm(
    actor: Actor, *, kind: str = IN_SERVICE, scope: str = "", since: date, until: date
) -> list[MeetingRhythm]:
    """Each month of a period and the meetings of this kind held in it; a month without one stands there empty."""
    rows = Session.objects.visible_to(actor).filter(
        kind=kind, state=SessionState.HELD, held_on__gte=since, held_on__lte=until
    )
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    held: dict[date, list[Ref]] = {}
    for ref, day in rows.order_by("held_on", "pk").values_list("ref", "held_on"):
        held.setdefault(first_of_month(day), []).append(Ref(ref))
    found = []
    month = first_of_month(since)
    while month <= until:
        found.append(MeetingRhythm(month, tuple(held.get(month, ()))))
        month = add_months(month, 1)
    return found


# Absorption -------------------------------------------------------------------------------------------------------


def absorption(actor: Actor, *, procedure: str, scope: str = "", as_of: date) -> AbsorptionView:
    """Every worker and how their absorption stands: the case of this procedure about them, settled when it closed.

    Workers are those who were in charge of somebody at any time up to this day; who has no case yet is shown first.
    """
    ever = {one.from_ref for one in parties.relations(actor, kind="assignment") if one.starts_on <= as_of}
    if scope:
        here = {one.worker_ref for one in parties.caseload(actor, scope=scope, as_of=as_of)}
        ever = {ref for ref in ever if ref in here or parties.scope_of(ref).startswith(scope)}
    names = parties.names(actor, sorted(ever))
    cases = {
        case.subject_ref: case
        for case in Case.objects.filter(procedure=procedure, subject_ref__in=list(ever), opened_on__lte=as_of)
        .prefetch_related("steps")
        .order_by("pk")
    }
    rows = [
        AbsorptionRow(
            ref,
            names[ref],
            Ref(case.ref) if case is not None else None,
            _where(case),
            _outcome(case, as_of),
        )
        for ref in sorted(ever)
        for case in [cases.get(ref)]
    ]
    return AbsorptionView(tuple(sorted(rows, key=lambda row: (row.is_settled, row.case_ref is not None, row.name))))


def _where(case: Case | None) -> str:
    """The title of the step at which the case stands."""
    if case is None or case.state == CaseState.CLOSED:
        return ""
    here = [step for step in case.steps.all() if step.done_on is None]
    declared = procedure_named(case.procedure, case.procedure_version)
    return text(declared.steps[here[-1].key].title) if here else ""


def _outcome(case: Case | None, as_of: date) -> str:
    """What the last step of a closed case said; empty while the case is open."""
    if case is None or case.closed_on is None or case.closed_on > as_of:
        return ""
    said: list[Step] = [step for step in sorted(case.steps.all(), key=lambda one: one.pk) if step.outcome]
    return said[-1].outcome if said else case.outcome or "closed"


def months_to_read(actor: Actor, *, scope: str = "", limit: int = 50) -> list[MonthView]:
    """Signed months that nobody has read yet, where this actor reviews; oldest first."""
    paths = actor.paths_with("evidence.review")
    here = Q()
    for path in paths:
        here |= Q(scope__path__startswith=path)
    if not paths:
        return []
    rows = WorkerMonth.objects.visible_to(actor).filter(here, read_on__isnull=True, scope__path__startswith=scope)
    return [
        MonthView(
            Ref(row.ref),
            Ref(row.worker_ref),
            row.month,
            tuple(MonthCount(key, one["number"], ()) for key, one in row.counts.items()),
            row.signed_on,
            row.signed_by,
        )
        for row in rows.order_by("month", "pk")[:limit]
    ]
