"""Opening a case, opening a step of it again, closing it by hand."""

from collections.abc import Mapping
from datetime import date

from jump.base import audit, clock, search
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.cases.definitions import procedure as procedure_named
from jump.engines.cases.models import Case, Step
from jump.engines.cases.services.keys import digest_of, one_at_a_time
from jump.engines.cases.services.procedures import moving
from jump.engines.cases.services.procedures.moving import Work
from jump.engines.cases.services.refusals import (
    AlreadyOpen,
    CaseClosed,
    CaseKeyReused,
    ReasonMissing,
    UnknownStep,
)
from jump.engines.cases.types import CaseState, StepKind, StepState
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties


def open_case(
    actor: Actor,
    *,
    procedure: str,
    subject_ref: Ref,
    scope: str,
    on: date,
    key: str,
    facts: Mapping[str, object] | None = None,
    title: str = "",
    submission_ref: Ref | None = None,
) -> Ref:
    """Open a case of this procedure for this subject, in the version that is installed now.

    `submission_ref` is the accepted form that opens it, if the first step asks for that form (a letter of interest).
    The same key gives the same case. A second case of the same procedure for the same subject is refused while
    the first is open (cases.already_open).
    """
    require(actor, "cases.open", scope)
    digest = digest_of(procedure, subject_ref, scope, on, facts, submission_ref)
    with write_transaction():
        one_at_a_time(f"case {key}", f"case of {procedure} for {subject_ref}")
        known = Case.objects.filter(key=key).first()
        if known is not None:
            if known.key_digest != digest:
                raise CaseKeyReused(key=key)
            return Ref(known.ref)
        declared = procedure_named(procedure)
        live = Case.objects.filter(procedure=declared.id, subject_ref=subject_ref, state=CaseState.OPEN).first()
        if live is not None:
            raise AlreadyOpen(case=live.ref, subject=subject_ref, procedure=declared.id, title=live.title)
        case = Case.objects.create(
            scope=node(scope),
            procedure=declared.id,
            procedure_version=declared.version,
            row_class=declared.data_class,
            subject_ref=subject_ref,
            title=title or _title_of(actor, subject_ref) or text(declared.title),
            opened_on=on,
            opened_by=actor.key,
            recorded_at=clock.now(),
            bound=dict(facts or {}),
            key=key,
            key_digest=digest,
        )
        audit.record(actor, "cases.open", case.ref, facts={"procedure": declared.id, "version": declared.version})
        search.put(
            Ref(case.ref), title=case.title, scope=scope, data_class=Case.data_class, detail=text(declared.title)
        )
        work = Work(actor, case, declared, on)
        for first in declared.start:
            step = moving.enter(work, first)
            if step is not None and submission_ref is not None and _asks_for(step, submission_ref):
                moving.give_proof(step, submission_ref)
        moving.settle(work)
    return Ref(case.ref)


def _title_of(actor: Actor, subject_ref: Ref) -> str:
    """What places and groups are called. People are not named in titles: names live with parties only."""
    if subject_ref.kind in ("plc", "grp", "org"):
        return parties.names(actor, [subject_ref]).get(subject_ref, "")
    return ""


def _asks_for(step: Step, submission_ref: Ref) -> bool:
    if step.kind != StepKind.FORM:
        return False
    from jump.base.actors import system_actor

    return evidence.submission(system_actor("opening a case"), submission_ref).form == step.asks


def reopen(actor: Actor, *, case_ref: Ref, step: str, why: str, on: date) -> Ref:
    """Enter a step of a case again, with a reason; what was done stays. Steps that are open now are left out.

    Works on an open and on a closed case. Returns the new step.
    """
    with write_transaction():
        found = Case.objects.filter(ref=case_ref).select_related("scope").first()
        if found is None:
            raise NotFound(ref=case_ref)
        require(actor, "cases.work", found.scope.path)
        if not why.strip():
            raise ReasonMissing(case=case_ref)
        work = moving.work_on(actor, found.pk, on)
        if step not in work.procedure.steps:
            raise UnknownStep(case=case_ref, step=step)
        if work.case.state == CaseState.CLOSED:
            other = Case.objects.filter(
                procedure=work.case.procedure, subject_ref=work.case.subject_ref, state=CaseState.OPEN
            ).first()
            if other is not None:
                raise AlreadyOpen(
                    case=other.ref, subject=other.subject_ref, procedure=other.procedure, title=other.title
                )
            work.case.state = CaseState.OPEN.value
            work.case.closed_on = None
            work.case.outcome = ""
            work.case.save(update_fields=["state", "closed_on", "outcome"])
        for standing in moving.open_steps(work):
            standing.state = StepState.SKIPPED.value
            standing.done_on = on
            standing.detail = why.strip()
            standing.save(update_fields=["state", "done_on", "detail"])
        made = moving.enter(work, step)
        if made is None:  # it waits for other steps: whoever reopens it by name means it
            raise UnknownStep(case=case_ref, step=step)
        made.detail = why.strip()
        made.save(update_fields=["detail"])
        audit.record(actor, "cases.reopen", case_ref, why=why.strip(), facts={"step": step, "round": made.round})
        moving.settle(work)
    return Ref(made.ref)


def close_case(actor: Actor, *, case_ref: Ref, outcome: str, why: str, on: date) -> None:
    """Close a case by hand, with a reason: the community withdrew, the enterprise ended."""
    with write_transaction():
        found = Case.objects.filter(ref=case_ref).select_related("scope").first()
        if found is None:
            raise NotFound(ref=case_ref)
        require(actor, "cases.work", found.scope.path)
        if not why.strip():
            raise ReasonMissing(case=case_ref)
        work = moving.work_on(actor, found.pk, on)
        if work.case.state == CaseState.CLOSED:
            raise CaseClosed(case=case_ref)
        moving.close(work, outcome)
        audit.record(actor, "cases.close", case_ref, why=why.strip(), facts={"outcome": outcome})


def set_facts(actor: Actor, *, case_ref: Ref, facts: Mapping[str, object], on: date) -> None:
    """Keep facts with a case under their names, and look whether they move it on."""
    with write_transaction():
        found = Case.objects.filter(ref=case_ref).select_related("scope").first()
        if found is None:
            raise NotFound(ref=case_ref)
        require(actor, "cases.work", found.scope.path)
        work = moving.work_on(actor, found.pk, on)
        work.case.bound = {**work.case.bound, **facts}
        work.case.save(update_fields=["bound"])
        audit.record(actor, "cases.set_facts", case_ref, facts={"names": sorted(facts)})
        if work.case.state == CaseState.OPEN:
            moving.settle(work)


def look_again(actor: Actor, *, on: date, case_ref: Ref | None = None) -> int:
    """Look whether waits are over and gates have become true. Run daily, and after anything that may have moved a gate.

    Each case in a transaction of its own, so that one that cannot move does not hold up the others.
    """
    require(actor, "cases.work")
    cases = Case.objects.filter(state=CaseState.OPEN)
    if case_ref is not None:
        cases = cases.filter(ref=case_ref)
    else:
        cases = cases.filter(steps__state=StepState.WAITING).distinct()
    finished = 0
    for pk in list(cases.order_by("pk").values_list("pk", flat=True)):
        with write_transaction():
            finished += moving.settle(moving.work_on(actor, pk, on))
    return finished
