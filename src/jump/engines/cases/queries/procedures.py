"""Reading cases and their steps. A list costs two statements, whatever its length; one case some ten."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F, QuerySet

from jump.base import clock
from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases.definitions import Procedure, StepDef
from jump.engines.cases.definitions import procedure as procedure_named
from jump.engines.cases.models import Case, Step
from jump.engines.cases.models.procedures import OPEN_STATES
from jump.engines.cases.queries.lights import light
from jump.engines.cases.services.procedures import facts as case_facts
from jump.engines.cases.services.procedures import moving
from jump.engines.cases.services.procedures.moving import Work
from jump.engines.cases.types import (
    CaseRow,
    CaseState,
    CaseView,
    DatingView,
    Light,
    OpenStep,
    StepKind,
    StepState,
    StepView,
)


def case(actor: Actor, ref: Ref) -> CaseView:
    """A case with its whole road. Raises NotFound."""
    found = Case.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    as_of = clock.today()
    work = Work(actor, found, procedure_named(found.procedure, found.procedure_version), as_of)
    entered = found.steps.prefetch_related("datings", "waivers").order_by("round", "pk")
    steps = _along(found, work.procedure, entered, lambda step, asked: _step_view(work, step, asked, as_of))
    return _case_view(found, steps, case_facts.of_case(found, work.procedure, ("steps", "sessions"), as_of=as_of))


def _along(
    found: Case, declared: Procedure, entered: Iterable[Step], view: Callable[[Step, StepDef], StepView]
) -> list[StepView]:
    """The steps of a case in the order of its procedure: each as often as it was entered, or once as still to come."""
    rows: dict[str, list[Step]] = {}
    for step in entered:
        rows.setdefault(step.key, []).append(step)
    views: list[StepView] = []
    for key, definition in declared.steps.items():
        views += [view(step, definition) for step in rows.get(key, ())] or [_to_come(found, definition)]
    return views


def _case_view(found: Case, steps: Sequence[StepView], facts: Mapping[str, Any]) -> CaseView:
    return CaseView(
        ref=Ref(found.ref),
        procedure=found.procedure,
        version=found.procedure_version,
        subject_ref=Ref(found.subject_ref),
        scope=found.scope.path,
        title=found.title,
        state=CaseState(found.state),
        outcome=found.outcome,
        opened_on=found.opened_on,
        closed_on=found.closed_on,
        steps=tuple(steps),
        facts=facts,
    )


def _selected(
    actor: Actor, *, procedure: str, scope: str, state: str, step: str, subject_ref: Ref | None
) -> QuerySet[Case]:
    rows: QuerySet[Case] = Case.objects.visible_to(actor)
    if procedure:
        rows = rows.filter(procedure=procedure)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    if state:
        rows = rows.filter(state=state)
    if subject_ref:
        rows = rows.filter(subject_ref=subject_ref)
    if step:
        rows = rows.filter(pk__in=Step.objects.filter(key=step, state__in=OPEN_STATES).values("case_id"))
    return rows


def cases(
    actor: Actor,
    *,
    procedure: str = "",
    scope: str = "",
    state: str = "",
    step: str = "",
    subject_ref: Ref | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[CaseRow]:
    """Cases, newest first, with what is open in each; `step` is the key of a step that must be open."""
    rows = _selected(actor, procedure=procedure, scope=scope, state=state, step=step, subject_ref=subject_ref)
    page = list(rows.select_related("scope").order_by("-opened_on", "-pk")[offset : offset + limit])
    return _rows(page, clock.today())


def count_cases(
    actor: Actor,
    *,
    procedure: str = "",
    scope: str = "",
    state: str = "",
    step: str = "",
    subject_ref: Ref | None = None,
) -> int:
    return _selected(actor, procedure=procedure, scope=scope, state=state, step=step, subject_ref=subject_ref).count()


def case_row(
    actor: Actor, *, ref: Ref | None = None, step_ref: Ref | None = None, proof_ref: Ref | None = None
) -> CaseRow:
    """One case as in a list, by its own reference, by that of a step or of a step's proof. Raises NotFound."""
    rows = Case.objects.visible_to(actor).select_related("scope").order_by("-opened_on", "-pk")
    if proof_ref is not None:
        rows = rows.filter(pk__in=Step.objects.filter(proof_ref=proof_ref).values("case_id"))
    elif step_ref is not None:
        rows = rows.filter(pk__in=Step.objects.filter(ref=step_ref).values("case_id"))
    else:
        rows = rows.filter(ref=ref)
    found = _rows(list(rows[:1]), clock.today())
    if not found:
        raise NotFound(ref=proof_ref or step_ref or ref)
    return found[0]


def road(actor: Actor, *, subject_ref: Ref, procedures: Iterable[str]) -> CaseView | None:
    """The road of a subject without gates and facts, for a page that shows much else: two statements.

    Its open case of these procedures, the longest first, else the last one that was closed.
    """
    rows = list(
        Case.objects.visible_to(actor)
        .select_related("scope")
        .filter(subject_ref=subject_ref, procedure__in=list(procedures))
        .order_by("-opened_on", "-pk")
    )
    declared = {row.pk: procedure_named(row.procedure, row.procedure_version) for row in rows}
    found = min(rows, key=lambda row: (row.state != CaseState.OPEN, -len(declared[row.pk].steps)), default=None)
    if found is None:
        return None
    as_of = clock.today()
    entered = found.steps.order_by("round", "pk")
    steps = _along(found, declared[found.pk], entered, lambda step, asked: _bare_step(found, step, asked, as_of))
    return _case_view(found, steps, {})


def _rows(page: Sequence[Case], as_of: date) -> list[CaseRow]:
    steps: dict[int, list[Step]] = {}
    for step in Step.objects.filter(case__in=page).order_by("pk"):
        steps.setdefault(step.case_id, []).append(step)
    found = []
    for row in page:
        declared = procedure_named(row.procedure, row.procedure_version)
        mine = steps.get(row.pk, [])
        open_ = [step for step in mine if step.state in OPEN_STATES]
        due_on = min((step.due_on for step in open_ if step.due_on), default=None)
        done = {step.key for step in mine} - {step.key for step in open_}
        found.append(
            CaseRow(
                ref=Ref(row.ref),
                procedure=row.procedure,
                version=row.procedure_version,
                subject_ref=Ref(row.subject_ref),
                scope=row.scope.path,
                title=row.title,
                state=CaseState(row.state),
                outcome=row.outcome,
                opened_on=row.opened_on,
                closed_on=row.closed_on,
                open_steps=tuple((step.key, text(declared.steps[step.key].title)) for step in open_),
                steps_done=len(done),
                steps_total=len(declared.steps),
                due_on=due_on,
                light=light(due_on, as_of, is_open=row.state == CaseState.OPEN),
            )
        )
    return found


def case_of(subject_ref: Ref, procedure: str) -> Ref | None:
    """The open case of this procedure for this subject. For rules; pages ask `cases`."""
    found = Case.objects.filter(subject_ref=subject_ref, procedure=procedure, state=CaseState.OPEN)
    ref = found.values_list("ref", flat=True).first()
    return Ref(ref) if ref else None


def step(actor: Actor, ref: Ref) -> StepView:
    """One step that was entered, with its gates as they stand. Raises NotFound."""
    found = (
        Step.objects.filter(ref=ref, case__in=Case.objects.visible_to(actor))
        .select_related("case__scope")
        .prefetch_related("datings", "waivers")
        .first()
    )
    if found is None:
        raise NotFound(ref=ref)
    as_of = clock.today()
    declared = procedure_named(found.case.procedure, found.case.procedure_version)
    work = Work(actor, found.case, declared, as_of)
    return _step_view(work, found, declared.steps[found.key], as_of)


def _step_view(work: Work, step: Step, definition: StepDef, as_of: date) -> StepView:
    return dataclasses.replace(
        _bare_step(work.case, step, definition, as_of),
        gates=moving.gates(work, step, definition),
        datings=tuple(
            DatingView(one.old_due_on, one.new_due_on, one.why, one.by_name, one.on) for one in step.datings.all()
        ),
    )


def _bare_step(case: Case, step: Step, definition: StepDef, as_of: date) -> StepView:
    """A step as its own row tells it, without gates and changed dates."""
    is_open = step.state in OPEN_STATES
    return StepView(
        ref=Ref(step.ref),
        case_ref=Ref(case.ref),
        key=step.key,
        round=step.round,
        title=text(definition.title),
        kind=definition.kind,
        state=StepState(step.state),
        by_role=step.by_role,
        entered_on=step.entered_on,
        due_on=step.due_on,
        done_on=step.done_on,
        outcome=step.outcome,
        detail=step.detail,
        light=light(step.due_on, as_of, is_open=is_open),
        asks=step.asks,
        session_kind=definition.session_kind if definition.kind is StepKind.SESSION else "",
        optional=definition.optional,
        proof_ref=Ref(step.proof_ref) if step.proof_ref else None,
        refused_code=step.refused_code,
        refused_facts={name: str(value) for name, value in step.answer_facts.items()} if step.refused_code else {},
        over_run_days=over_run_days(step, as_of),
        length_months=definition.length_months,
        provenance=definition.provenance,
    )


def _to_come(case: Case, definition: StepDef) -> StepView:
    return StepView(
        ref=None,
        case_ref=Ref(case.ref),
        key=definition.key,
        round=0,
        title=text(definition.title),
        kind=definition.kind,
        state=StepState.TODO,
        by_role=definition.by,
        entered_on=None,
        due_on=None,
        done_on=None,
        outcome="",
        detail="",
        light=Light.GOOD,
        asks=definition.asks,
        session_kind=definition.session_kind if definition.kind is StepKind.SESSION else "",
        optional=definition.optional,
        length_months=definition.length_months,
        provenance=definition.provenance,
    )


def over_run_days(step: Step, as_of: date) -> int:
    """Days that a stage has taken beyond its planned length, until today or until it was left (PROG-07)."""
    if step.planned_end_on is None:
        return 0
    return max(0, ((step.done_on or as_of) - step.planned_end_on).days)


OPEN_COLUMNS = (
    "ref",
    "case__ref",
    "case__procedure",
    "case__procedure_version",
    "case__title",
    "case__subject_ref",
    "case__scope__path",
    "key",
    "state",
    "by_role",
    "due_on",
    "planned_end_on",
    "detail",
)


def _open(actor: Actor, *, scope: str, by_role: str, as_of: date, late_only: bool) -> QuerySet[Step]:
    rows = Step.objects.filter(
        state__in=OPEN_STATES, case__state=CaseState.OPEN, case__in=Case.objects.visible_to(actor)
    )
    if scope:
        rows = rows.filter(case__scope__path__startswith=scope)
    if by_role:
        rows = rows.filter(by_role=by_role)
    if late_only:
        rows = rows.filter(due_on__lt=as_of)
    return rows


def open_steps(
    actor: Actor,
    *,
    scope: str = "",
    by_role: str = "",
    as_of: date,
    late_only: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[OpenStep]:
    """Open steps, oldest due date first, each with its light: who follows whom up (CER-12)."""
    page = open_rows(actor, scope=scope, by_role=by_role, as_of=as_of, late_only=late_only)[offset : offset + limit]
    return list(open_views(page.values(*OPEN_COLUMNS), as_of))


def open_rows(
    actor: Actor, *, scope: str = "", by_role: str = "", as_of: date | None = None, late_only: bool = False
) -> QuerySet[Step]:
    """The rows of `open_steps`, in its order."""
    rows = _open(actor, scope=scope, by_role=by_role, as_of=as_of or clock.today(), late_only=late_only)
    return rows.order_by(F("due_on").asc(nulls_last=True), "pk")


def count_open_steps(actor: Actor, *, scope: str = "", by_role: str = "", as_of: date, late_only: bool = False) -> int:
    return _open(actor, scope=scope, by_role=by_role, as_of=as_of, late_only=late_only).count()


def over_runs(actor: Actor, *, scope: str = "", as_of: date) -> list[OpenStep]:
    """Stages that take longer than planned, longest over-run first (PROG-07)."""
    rows = _open(actor, scope=scope, by_role="", as_of=as_of, late_only=False).filter(planned_end_on__lt=as_of)
    return list(open_views(rows.order_by("planned_end_on", "pk").values(*OPEN_COLUMNS), as_of))


def open_views(rows: Iterable[Mapping[str, Any]], as_of: date) -> Iterator[OpenStep]:
    """Open steps from rows with the columns above."""
    declared: dict[tuple[str, str], Procedure] = {}
    for row in rows:
        version = (row["case__procedure"], row["case__procedure_version"])
        if version not in declared:
            declared[version] = procedure_named(*version)
        definition = declared[version].steps[row["key"]]
        planned_end_on = row["planned_end_on"]
        yield OpenStep(
            ref=Ref(row["ref"]),
            case_ref=Ref(row["case__ref"]),
            procedure=row["case__procedure"],
            case_title=row["case__title"],
            subject_ref=Ref(row["case__subject_ref"]),
            scope=row["case__scope__path"],
            key=row["key"],
            title=text(definition.title),
            kind=definition.kind,
            state=StepState(row["state"]),
            by_role=row["by_role"],
            due_on=row["due_on"],
            light=light(row["due_on"], as_of, is_open=True),
            over_run_days=max(0, (as_of - planned_end_on).days) if planned_end_on is not None else 0,
            detail=row["detail"],
        )
