"""Giving a step what it asks for; leaving an optional step out."""

from datetime import date

from django.db.models import Q, QuerySet

from jump.base import audit
from jump.base.actors import Actor, require, system_actor
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.prepared import Prepared
from jump.base.refusals import NotFound
from jump.core import expressions
from jump.core.units import Ref
from jump.engines.cases.definitions import procedure
from jump.engines.cases.models import Case, Step
from jump.engines.cases.models.procedures import OPEN_STATES
from jump.engines.cases.services.keys import one_at_a_time
from jump.engines.cases.services.procedures import moving
from jump.engines.cases.services.procedures.moving import Work
from jump.engines.cases.services.refusals import (
    GateClosed,
    NotOptional,
    ReasonMissing,
    StepNotHere,
    WrongStepKind,
)
from jump.engines.cases.types import CaseState, StepKind, StepState
from jump.engines.evidence import api as evidence


def step_to_work_on(actor: Actor, step_ref: Ref, kind: StepKind | None, on: date) -> tuple[Work, Step]:
    """The open step, its case locked, the actor's right checked, its entry gates passed. Refuses otherwise.

    Called inside a write transaction.
    """
    step = Step.objects.filter(ref=step_ref).select_related("case__scope").first()
    if step is None:
        raise NotFound(ref=step_ref)
    require(actor, "cases.work", step.case.scope.path)
    work = moving.work_on(actor, step.case_id, on)
    step.refresh_from_db()
    definition = work.procedure.steps[step.key]
    if kind is not None and step.kind != kind:
        raise WrongStepKind(step=step_ref, title=text(definition.title), asks=definition.asks or step.kind)
    if work.case.state != CaseState.OPEN or step.state not in OPEN_STATES:
        raise StepNotHere(step=step_ref, case=work.case.ref, title=text(definition.title), state=step.state)
    if step.state == StepState.WAITING:
        moving.settle(work)  # a gate may have become true since anybody looked
        step.refresh_from_db()
    if step.state == StepState.WAITING and kind in (StepKind.FORM, StepKind.SESSION, StepKind.DOCUMENT):
        missing = [gate for gate in moving.gates(work, step, definition, "entry") if not gate.passed]
        raise GateClosed(
            step=step_ref,
            case=work.case.ref,
            gates=[gate.name for gate in missing],
            missing=", ".join(gate.text for gate in missing),
        )
    return work, step


def record_form(actor: Actor, *, step_ref: Ref, submission_ref: Ref, on: date) -> None:
    """Give a step the accepted submission of the form that it asks for. Giving the same one twice changes nothing."""
    with write_transaction():
        known = Step.objects.filter(ref=step_ref, proofs__isnull=False).first()
        if known is not None and str(submission_ref) in known.proofs:
            return
        work, step = step_to_work_on(actor, step_ref, StepKind.FORM, on)
        submission = evidence.submission(system_actor("recording a form"), submission_ref)
        if submission.form != step.asks or submission.state != "accepted":
            definition = work.procedure.steps[step.key]
            raise WrongStepKind(
                step=step_ref,
                title=text(definition.title),
                asks=step.asks,
                given=submission.form,
                state=str(submission.state),
            )
        moving.give_proof(step, submission_ref)
        audit.record(actor, "cases.record_form", step_ref, facts={"submission": submission_ref})
        moving.settle(work)


def record_document(actor: Actor, *, step_ref: Ref, dossier_version_ref: Ref, on: date) -> None:
    """Give a step the frozen version of the document that it asks for."""
    with write_transaction():
        known = Step.objects.filter(ref=step_ref).first()
        if known is not None and str(dossier_version_ref) in known.proofs:
            return
        work, step = step_to_work_on(actor, step_ref, StepKind.DOCUMENT, on)
        version = evidence.dossier_version(system_actor("recording a document"), dossier_version_ref)
        given = evidence.dossier(system_actor("recording a document"), version.dossier_ref)
        is_about = given.about in (work.case.ref, work.case.subject_ref, step.ref)
        if given.definition != step.asks or not is_about or version.numerator < version.denominator:
            definition = work.procedure.steps[step.key]
            raise WrongStepKind(
                step=step_ref,
                title=text(definition.title),
                asks=step.asks,
                given=given.definition,
                filled=version.numerator,
                needed=version.denominator,
            )
        moving.give_proof(step, dossier_version_ref)
        audit.record(actor, "cases.record_document", step_ref, facts={"version": dossier_version_ref})
        moving.settle(work)


def skip_step(actor: Actor, *, step_ref: Ref, why: str, on: date) -> None:
    """Leave out a step that the procedure calls optional, with a reason."""
    with write_transaction():
        work, step = step_to_work_on(actor, step_ref, None, on)
        definition = work.procedure.steps[step.key]
        if not definition.optional:
            raise NotOptional(step=step_ref, title=text(definition.title))
        if not why.strip():
            raise ReasonMissing(step=step_ref)
        moving.finish(work, step, "done", state=StepState.SKIPPED, detail=why.strip())
        moving.settle(work)


def _open_cases(**about: str) -> QuerySet[Case, tuple[int]]:
    return Case.objects.filter(state=CaseState.OPEN, **about).values_list("pk")


# The open cases that something is about: the case itself (or a case about it), one of its steps, or its subject.
_CASES = {
    "stp": Prepared(lambda ref: _open_cases(steps__ref=ref)),
    "cas": Prepared(lambda ref: _open_cases().filter(Q(ref=ref) | Q(subject_ref=ref))),
}
_CASES_OF_SUBJECT = Prepared(lambda ref: _open_cases(subject_ref=ref))
_CASES_GIVEN = Prepared(lambda ref: _open_cases(steps__proof_ref=ref).distinct())
_OPEN_STEPS = Prepared(
    lambda pk: Step.objects.filter(state__in=OPEN_STATES, case_id=pk).select_related("case").order_by("pk")
)


def form_accepted(actor: Actor, *, submission_ref: Ref, form: str, about: Ref | None, on: date) -> int:
    """A form was accepted: whatever waited for it goes on. Returns how many steps and tasks it served.

    A step whose entry gates are still closed keeps the submission and goes on when they open: nothing is lost.
    """
    from jump.engines.cases.services.tasks import finish_by_form

    if about is None:
        return 0
    served = 0
    with write_transaction():
        one_at_a_time(f"forms about {about}")
        of_case: dict[int, list[Step]] = {}
        found = _CASES.get(about.kind, _CASES_OF_SUBJECT)
        for (pk,) in found.rows(about):  # most forms are about something that no case is about
            of_case[pk] = _OPEN_STEPS.rows(pk)
        touched = []
        for pk, steps in of_case.items():
            given = 0
            for step in steps:
                is_asked = step.kind == StepKind.FORM and step.asks == form
                if not is_asked or about not in (step.ref, step.case.ref, step.case.subject_ref):
                    continue
                if str(submission_ref) not in step.proofs:
                    moving.give_proof(step, submission_ref)
                    audit.record(actor, "cases.record_form", step.ref, facts={"submission": submission_ref})
                    given += 1
            served += given
            if given or any(_rests_on(step, form) for step in steps):
                touched.append(pk)
        served += finish_by_form(actor, form=form, about=about, proof_ref=submission_ref, on=on)
        for pk in sorted(touched):
            moving.settle(moving.work_on(actor, pk, on))
    return served


def task_settled(actor: Actor, *, source: str, on: date) -> None:
    """A task that a form caused was finished or dropped: the case that was given this form may go on where a gate asks
    for its tasks. Inside a write transaction.
    """
    for (pk,) in _CASES_GIVEN.rows(source):
        if any(_asks_for_tasks(step) for step in _OPEN_STEPS.rows(pk)):
            moving.settle(moving.work_on(actor, pk, on))


def _asks_for_tasks(step: Step) -> bool:
    definition = procedure(step.case.procedure, step.case.procedure_version).steps[step.key]
    conditions = (*(gate.needs for gate in definition.gates), definition.until, definition.outcome)
    names = {name for condition in conditions if condition for name in expressions.parse(condition).names}
    return any(name.startswith("tasks.") for name in names)


# What a case knows of these changes only through cases itself, which looks again when it does.
_NOT_BY_FORMS = frozenset({"case", "held", "scope", "sessions", "steps", "title"})


def _rests_on(step: Step, form: str) -> bool:
    """Whether a newly accepted form can open a gate of this step, end its waiting, or change where it leads."""
    definition = procedure(step.case.procedure, step.case.procedure_version).steps[step.key]
    needs = [gate.needs for gate in definition.gates]  # what a curriculum asks besides speaks of sessions alone
    short = form.rpartition(".")[2]
    for condition in (*needs, definition.until, definition.outcome):
        for name in expressions.parse(condition).names if condition else ():
            first, _, rest = name.partition(".")
            if first in ("answers", "submissions"):
                if rest.partition(".")[0] == short:
                    return True
            elif first not in _NOT_BY_FORMS:
                return True
    return definition.kind is StepKind.WAIT
