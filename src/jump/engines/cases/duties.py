"""Cases' answers to the questions that every engine answers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting, told
from jump.base.i18n import text
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.cases.definitions import procedure as procedure_named
from jump.engines.cases.models import (
    Attendance,
    Case,
    Course,
    Enrolment,
    ExpectedReport,
    Session,
    Step,
    Task,
    WorkerMonth,
)
from jump.engines.cases.models.procedures import OPEN_STATES
from jump.engines.cases.queries.courses import coverage_of
from jump.engines.cases.queries.lights import light
from jump.engines.cases.queries.procedures import OPEN_COLUMNS, open_rows, open_views
from jump.engines.cases.queries.tasks import open_tasks
from jump.engines.cases.types import CaseState, Light, OpenStep, SessionState, StepKind
from jump.engines.parties import api as parties

REF_KINDS = frozenset({"cas", "stp", "ses", "crs", "tsk", "mth"})
CHUNK = 2_000
DUE_LIMIT = 200


def describe(actor: Actor, ref: Ref) -> Description | None:
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """What these are, as far as the reader may see them. One or two statements for each kind."""
    found: dict[Ref, Description] = {}
    by_kind: dict[str, list[Ref]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref)
    tables = {"cas": _cases, "stp": _steps, "ses": _sessions, "crs": _courses, "tsk": _tasks, "mth": _months}
    for kind, mine in by_kind.items():
        if kind in tables:
            found.update((one.ref, one) for one in tables[kind](actor, mine))
    return found


def _cases(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    """A case rests on what its steps were given, the letter first; then on its subject."""
    rows = Case.objects.visible_to(actor).select_related("scope").filter(ref__in=refs).prefetch_related("steps")
    for row in rows:
        declared = procedure_named(row.procedure, row.procedure_version)
        proofs = [Ref(proof) for step in sorted(row.steps.all(), key=_in_order) for proof in step.proofs]
        yield Description(
            ref=Ref(row.ref),
            kind=_("case"),
            title=row.title,
            detail=text(declared.title),
            on=row.opened_on,
            place=row.scope.title,
            url_name="cases:case",
            url_args=(row.ref,),
            sources=tuple(dict.fromkeys([*proofs, Ref(row.subject_ref)])),
        )


def _in_order(step: Step) -> int:
    return int(step.pk)


def _steps(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    visible = Case.objects.visible_to(actor)
    for row in Step.objects.filter(ref__in=refs, case__in=visible).select_related("case__scope"):
        declared = procedure_named(row.case.procedure, row.case.procedure_version)
        yield Description(
            ref=Ref(row.ref),
            kind=_("step"),
            title=text(declared.steps[row.key].title),
            detail=row.case.title,
            on=row.done_on or row.entered_on,
            place=row.case.scope.title,
            url_name="cases:step",
            url_args=(row.ref,),
            sources=(*(Ref(proof) for proof in row.proofs), Ref(row.case.ref)),
        )


def _sessions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Session.objects.visible_to(actor).select_related("scope", "step__case").prefetch_related("reports")
    for row in rows.filter(ref__in=refs):
        made = [Ref(product["ref"]) for product in row.products if product["ref"]]
        reports = [Ref(report.submission_ref) for report in row.reports.all() if report.submission_ref]
        case = [Ref(row.step.case.ref)] if row.step is not None else []
        yield Description(
            ref=Ref(row.ref),
            kind=_("gathering"),
            title=row.name,
            detail=row.kind.replace("_", " "),
            on=row.held_on,
            place=row.scope.title,
            url_name="cases:session",
            url_args=(row.ref,),
            sources=(*made, *reports, *case),
        )


def _courses(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Course.objects.visible_to(actor).select_related("scope").prefetch_related("sessions").filter(ref__in=refs)
    for row in rows:
        yield Description(
            ref=Ref(row.ref),
            kind=_("course"),
            title=row.title,
            on=row.starts_on,
            place=row.scope.title,
            url_name="training:course",
            url_args=(row.ref,),
            sources=tuple(Ref(one.ref) for one in row.sessions.all()),
        )


def _months(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    """A signed month rests on the records that it counts."""
    for row in WorkerMonth.objects.visible_to(actor).select_related("scope").filter(ref__in=refs):
        counted = [Ref(ref) for one in row.counts.values() for ref in one["refs"] if Ref(ref).kind in ("ses", "tsk")]
        yield Description(
            ref=Ref(row.ref),
            kind=_("month of a worker"),
            title=f"{row.month:%Y-%m}",
            on=row.signed_on,
            place=row.scope.title,
            url_name="workers:month",
            url_args=(row.worker_ref, f"{row.month:%Y-%m}"),
            sources=tuple(dict.fromkeys(counted)),
        )


def _tasks(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Task.objects.visible_to(actor).select_related("scope").filter(ref__in=refs):
        yield Description(
            ref=Ref(row.ref),
            kind=_("task"),
            title=row.title,
            on=row.due_on,
            place=row.scope.title,
            url_name="tasks:list",
            sources=tuple(Ref(one) for one in (row.proof_ref, row.about_ref) if one),
        )


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date) -> Iterator[Waiting]:
    """What waits for this actor: steps and tasks of the actor's roles; for coordinators also what is late at others."""
    roles = actor.roles
    follows_up = actor.is_system or bool(roles & {"programme_coordinator", "national_coordinator"})

    def steps(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for step in open_views(found, as_of):
            is_mine = step.by_role in roles
            if step.kind in (StepKind.WAIT, StepKind.DECISION, StepKind.EFFECT):
                is_mine = False  # the decider's own list has the round; nobody works on a wait
            presses = step.light is Light.BAD or step.over_run_days or step.detail
            if is_mine or (follows_up and presses):
                yield Due(
                    step.ref,
                    f"{step.case_title}: {step.title}",
                    _step_words(step),
                    step.due_on,
                    "bad" if step.over_run_days else step.light.value,
                    "cases:step",
                    (step.ref,),
                )

    def tasks(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            days = max(0, (as_of - row["due_on"]).days) if row["due_on"] is not None else 0
            yield Due(
                Ref(row["ref"]),
                row["title"],
                _("%(days)s days late") % {"days": days} if days else "",
                row["due_on"],
                light(row["due_on"], as_of, is_open=True).value,
                "tasks:list",
            )

    def reports(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                Ref(row["session__ref"]),
                _("Report missing: %(title)s") % {"title": row["session__title"]},
                "",
                row["session__ended_on"] or row["session__held_on"],
                "warn",
                "cases:session",
                (row["session__ref"],),
            )

    mine = Q(by_role__in=roles)
    if follows_up:
        mine |= Q(due_on__lt=as_of) | Q(planned_end_on__lt=as_of) | ~Q(detail="")
    yield Waiting((Question(open_rows(actor).filter(mine)[:DUE_LIMIT], OPEN_COLUMNS),), steps)

    owned = Q(owner_role__in=roles)
    if actor.party_ref is not None:
        owned |= Q(owner_ref=actor.party_ref)
    if follows_up:
        owned |= Q(due_on__lt=as_of)
    yield Waiting((Question(open_tasks(actor).filter(owned)[:DUE_LIMIT], ("ref", "title", "due_on")),), tasks)

    missing = ExpectedReport.objects.filter(submission_ref="", session__state=SessionState.HELD)
    if not follows_up:
        missing = missing.filter(from_ref__in=actor.row_refs)
    if follows_up or actor.row_refs:
        rows = missing.filter(session__in=Session.objects.visible_to(actor)).order_by("session__held_on")[:DUE_LIMIT]
        columns = ("session__ref", "session__title", "session__ended_on", "session__held_on")
        yield Waiting((Question(rows, columns),), reports)


def _step_words(step: OpenStep) -> str:
    if step.over_run_days:
        return _("%(days)s days over the planned length") % {"days": step.over_run_days}
    return step.detail


def facts(*, as_of: date) -> Iterator[Fact]:
    """Cases opened, steps done, gatherings held and people at them. Streamed, in constant memory."""
    for case in Case.objects.filter(opened_on__lte=as_of).select_related("scope").order_by("pk").iterator(CHUNK):
        is_closed = case.closed_on is not None and case.closed_on <= as_of
        yield Fact(
            kind="cases.case",
            ref=Ref(case.ref),
            scope=case.scope.path,
            on=case.opened_on,
            until=case.closed_on if is_closed else None,
            party=Ref(case.subject_ref),
            codes={
                "procedure": case.procedure.rpartition(".")[2],
                "state": CaseState.CLOSED.value if is_closed else CaseState.OPEN.value,
                "outcome": case.outcome if is_closed else "",
            },
            sources=(Ref(case.ref),),
        )
    rows = Step.objects.filter(done_on__lte=as_of).exclude(state__in=OPEN_STATES).select_related("case__scope")
    for step in rows.order_by("pk").iterator(CHUNK):
        assert step.done_on is not None
        yield Fact(
            kind="cases.step",
            ref=Ref(step.ref),
            scope=step.case.scope.path,
            on=step.done_on,
            party=Ref(step.case.subject_ref),
            value=Decimal((step.done_on - step.entered_on).days),
            codes={
                "procedure": step.case.procedure.rpartition(".")[2],
                "step": step.key,
                "kind": step.kind,
                "state": step.state,
                "outcome": step.outcome,
                "round": step.round,
                "in_time": step.due_on is None or step.done_on <= step.due_on,
            },
            sources=(*(Ref(proof) for proof in step.proofs), Ref(step.case.ref)),
        )
    yield from _session_facts(as_of)
    yield from _training_facts(as_of)


def _training_facts(as_of: date) -> Iterator[Fact]:
    """Who completed which course, given by whom; and each community that a curriculum was planned for."""
    rows = Enrolment.objects.filter(completed_on__lte=as_of).select_related("course__scope").order_by("pk")
    people = [Ref(one) for one in rows.values_list("person_ref", flat=True)]
    codes = parties.codes_of(people, as_of) if people else {}
    for one in rows.iterator(CHUNK):
        assert one.completed_on is not None
        known = codes.get(Ref(one.person_ref), {})
        yield Fact(
            kind="cases.trained",
            ref=Ref(one.course.ref),
            scope=one.course.scope.path,
            on=one.completed_on,
            party=Ref(one.person_ref) if one.person_ref else None,
            codes={
                "curriculum": one.course.curriculum.rpartition(".")[2],
                "level": one.course.level,
                "delivered_by": one.course.delivered_by,
                "certified": bool(one.certificate_ref),
                "sex": str(known.get("sex") or "not_stated"),
                "age_group": str(known.get("age_group") or "not_stated"),
            },
            sources=(Ref(one.course.ref),),
        )
    planned = Course.objects.filter(starts_on__lte=as_of)
    met = Session.objects.filter(held_on__lte=as_of).exclude(state=SessionState.CANCELLED).exclude(curriculum="")
    for view in coverage_of(planned, met):
        for path in view.planned:
            home = node(path)
            yield Fact(
                kind="cases.training_place",
                ref=Ref(home.ref),
                scope=path,
                on=as_of,
                party=Ref(home.ref),
                codes={"curriculum": view.curriculum.rpartition(".")[2], "trained": path in view.trained},
                sources=(Ref(home.ref),),
            )


def _session_facts(as_of: date) -> Iterator[Fact]:
    held = Session.objects.filter(state=SessionState.HELD, held_on__lte=as_of).select_related("scope", "step")
    for session in held.order_by("pk").prefetch_related("attendance").iterator(CHUNK):
        codes: dict[str, str | bool | int] = {
            "kind": session.kind,
            "curriculum": session.curriculum.rpartition(".")[2],
            "step": session.step.key if session.step is not None else "",
            "minutes": bool(session.minutes.strip()),
        }
        loose = sum(session.totals.values())
        people = [one for one in session.attendance.all() if one.attended]
        yield Fact(
            kind="cases.session",
            ref=Ref(session.ref),
            scope=session.scope.path,
            on=session.held_on,
            codes={**codes, "people": len(people) + loose},
            sources=(Ref(session.ref),),
        )
        for one in people:
            yield Fact(
                kind="cases.attendance",
                ref=Ref(session.ref),
                scope=session.scope.path,
                on=session.held_on,
                party=Ref(one.person_ref) if one.person_ref else None,
                codes={
                    **codes,
                    "sex": one.sex,
                    "age_group": one.age_group,
                    "role": one.role,
                    "listed": bool(one.person_ref),
                },
                sources=(Ref(session.ref),),
            )
        for name, number in session.totals.items():
            sex, _colon, age_group = name.partition(":")
            yield Fact(
                kind="cases.attendance",
                ref=Ref(session.ref),
                scope=session.scope.path,
                on=session.held_on,
                value=Decimal(number),
                codes={**codes, "sex": sex, "age_group": age_group, "role": "participant", "listed": False},
                sources=(Ref(session.ref),),
            )


def export(actor: Actor, scope: str, as_of: date) -> Iterator[Mapping[str, Any]]:
    """Cases with their steps, gatherings with their people (as references), tasks: at and under a node."""
    rows = Case.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of)
    for case in rows.select_related("scope").prefetch_related("steps").order_by("pk").iterator(CHUNK):
        yield {
            "kind": "case",
            "ref": case.ref,
            "procedure": case.procedure,
            "version": case.procedure_version,
            "subject": case.subject_ref,
            "scope": case.scope.path,
            "title": case.title,
            "state": case.state,
            "outcome": case.outcome,
            "opened_on": case.opened_on,
            "closed_on": case.closed_on,
            "steps": [
                {
                    "ref": step.ref,
                    "key": step.key,
                    "round": step.round,
                    "state": step.state,
                    "entered_on": step.entered_on,
                    "due_on": step.due_on,
                    "done_on": step.done_on,
                    "outcome": step.outcome,
                    "proofs": step.proofs,
                }
                for step in sorted(case.steps.all(), key=_in_order)
            ],
        }
    gatherings = Session.objects.visible_to(actor).under(scope).filter(held_on__lte=as_of)
    for session in gatherings.select_related("scope").prefetch_related("attendance").order_by("pk").iterator(CHUNK):
        yield {
            "kind": "session",
            "ref": session.ref,
            "session_kind": session.kind,
            "title": session.title,
            "scope": session.scope.path,
            "state": session.state,
            "held_on": session.held_on,
            "ended_on": session.ended_on,
            "agenda": session.agenda,
            "products": session.products,
            "issues": session.issues,
            "totals": session.totals,
            "minutes": session.minutes,
            "attendance": [
                {
                    "person": one.person_ref,
                    "role": one.role,
                    "sex": one.sex,
                    "age_group": one.age_group,
                    "attended": one.attended,
                }
                for one in session.attendance.all()
            ],
        }
    for task in Task.objects.visible_to(actor).under(scope).select_related("scope").order_by("pk").iterator(CHUNK):
        yield {
            "kind": "task",
            "ref": task.ref,
            "title": task.title,
            "about": task.about_ref,
            "owner_role": task.owner_role,
            "scope": task.scope.path,
            "due_on": task.due_on,
            "state": task.state,
            "finished_on": task.finished_on,
        }


def forget(person: Ref, as_of: date) -> int:
    """A person's attendance stays as a number without a person: sex and age group are kept, the reference goes."""
    return int(Attendance.objects.filter(person_ref=person).update(person_ref="", group_ref=""))
