"""How a case moves: entering a step, looking whether it can be left, leaving it. Called inside a write transaction.

A step asks for something (`kinds` knows what, one module per kind). When it has come and the exit gates pass, the
step is done and what follows is entered; entry gates keep a step waiting before anybody may work on it. Nothing
here is undone: a step that is entered again is a new row with the next round number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import ModuleType

from django.utils.translation import gettext as _

from jump.base import audit
from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.prepared import Prepared
from jump.core import expressions
from jump.core.units import Ref
from jump.engines.cases.definitions import CLOSED, GateDef, Procedure, StepDef, curriculum, procedure
from jump.engines.cases.models import Case, Step
from jump.engines.cases.models.procedures import OPEN_STATES
from jump.engines.cases.services.procedures import decision, document, effect, facts, form, session, wait
from jump.engines.cases.services.refusals import UnknownOutcome
from jump.engines.cases.types import CaseState, GateView, StepKind, StepState

KINDS: Mapping[StepKind, ModuleType] = {
    StepKind.FORM: form,
    StepKind.SESSION: session,
    StepKind.DECISION: decision,
    StepKind.EFFECT: effect,
    StepKind.DOCUMENT: document,
    StepKind.WAIT: wait,
}


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work on one case: who, on which day, under which version of the procedure."""

    actor: Actor
    case: Case
    procedure: Procedure
    on: date


_LOCKED = Prepared(lambda pk: Case.objects.locked().select_related("scope").filter(pk=pk))
_STEPS = Prepared(lambda pk: Step.objects.filter(case_id=pk).order_by("pk"))
_OPEN_STEPS = Prepared(lambda pk: Step.objects.filter(case_id=pk, state__in=OPEN_STATES).order_by("pk"))


def work_on(actor: Actor, case_pk: int, on: date) -> Work:
    """The case, locked until the transaction ends."""
    case = _LOCKED.first(case_pk)
    assert case is not None, "a case is never deleted"
    return Work(actor, case, procedure(case.procedure, case.procedure_version), on)


def open_steps(work: Work) -> list[Step]:
    steps = _OPEN_STEPS.rows(work.case.pk)
    for step in steps:
        step.case = work.case
    return steps


def enter(work: Work, key: str) -> Step | None:
    """Enter a step, as a new round if it was entered before. None while it still waits for others to be finished."""
    definition = work.procedure.steps[key]
    latest = {step.key: step for step in _STEPS.rows(work.case.pk)}
    if any(other not in latest or latest[other].state in OPEN_STATES for other in definition.waits_for):
        return None
    before = latest.get(key)
    if before is not None and before.state in OPEN_STATES:
        return before
    made = Step.objects.create(
        case=work.case,
        key=key,
        round=1 if before is None else before.round + 1,
        kind=definition.kind.value,
        state=StepState.WAITING.value,
        by_role=definition.by,
        asks=definition.asks,
        entered_on=work.on,
        due_on=definition.due_on(work.on),
        planned_end_on=definition.planned_end_on(work.on),
    )
    return made


def settle(work: Work) -> int:
    """Move the case as far as it can go now. Returns how many steps were finished."""
    finished = 0
    moved = True
    while moved and work.case.state == CaseState.OPEN:
        moved = False
        for step in open_steps(work):
            definition = work.procedure.steps[step.key]
            kind = KINDS[definition.kind]
            if step.state == StepState.WAITING and not kind.has_begun(step):
                if not passes(work, step, definition, "entry"):
                    continue
                kind.begin(work, step, definition)
            outcome = kind.outcome(work, step, definition)
            if outcome is None or not passes(work, step, definition, "exit"):
                continue
            if definition.outcome and outcome == "done":
                said = facts.value(definition.outcome, work.case, work.procedure, as_of=work.on)
                if said is None:
                    continue
                outcome = str(said).lower() if isinstance(said, bool) else str(said)
            finish(work, step, outcome)
            finished += 1
            moved = True
            break
    return finished


def finish(work: Work, step: Step, outcome: str, *, state: StepState = StepState.DONE, detail: str = "") -> None:
    """Leave a step with this outcome and enter what follows, or close the case."""
    definition = work.procedure.steps[step.key]
    following = definition.following(outcome)
    if step.refused_code and definition.on_refused and not definition.branches_on(outcome):
        following = (definition.on_refused,)
    if following is None and state in (StepState.SKIPPED, StepState.WAIVED):
        following = ()
    if following is None:
        raise UnknownOutcome(title=text(definition.title), outcome=outcome, case=work.case.ref, step=step.ref)
    step.state = state.value
    step.done_on = work.on
    step.outcome = outcome
    if detail:
        step.detail = detail
    step.save(update_fields=["state", "done_on", "outcome", "detail"])
    audit.record(
        work.actor,
        "cases.step_left",
        step.ref,
        facts={"case": work.case.ref, "step": step.key, "outcome": outcome, "state": state.value},
    )
    go(work, following, outcome)


def go(work: Work, following: tuple[str, ...], outcome: str) -> None:
    """Enter what follows; close the case where nothing does and nothing is open."""
    for key in following:
        if key == CLOSED:
            close(work, outcome)
            return
        enter(work, key)
    if not following and not open_steps(work):
        close(work, outcome if outcome not in ("done", "") else "completed")


def close(work: Work, outcome: str) -> None:
    """Close the case; steps that are still open are left out."""
    for step in open_steps(work):
        step.state = StepState.SKIPPED.value
        step.done_on = work.on
        step.save(update_fields=["state", "done_on"])
    work.case.state = CaseState.CLOSED.value
    work.case.closed_on = work.on
    work.case.outcome = outcome
    work.case.save(update_fields=["state", "closed_on", "outcome"])
    audit.record(work.actor, "cases.closed", work.case.ref, facts={"outcome": outcome})


# Gates ----------------------------------------------------------------------------------------------


def gate_defs(step: StepDef, version_of: Procedure) -> tuple[GateDef, ...]:
    """The gates declared at the step, and those that its curriculum brings: the right order, and enough people."""
    found = list(step.gates)
    attendance_min, waivable_by = step.attendance_min, "national_coordinator"
    if step.kind is StepKind.SESSION and step.asks:
        own = step.asks.startswith(f"{version_of.package}.")
        taught = curriculum(step.asks, version_of.version if own else None)
        waivable_by = taught.waivable_by
        attendance_min = taught.attendance_min if attendance_min is None else attendance_min
        for other in taught.after:
            short = other.rpartition(".")[2]
            title = curriculum(other).title
            found.append(GateDef(f"after_{short}", title, f"held.{short}", waivable_by, "entry"))
    if attendance_min:
        words = _("At least %(count)s people took part") % {"count": attendance_min}
        needs = f"sessions.{step.key}.people >= {attendance_min}"
        found.append(GateDef("attendance", words, needs, waivable_by, "exit"))
    return tuple(found)


def gates(work: Work, step: Step, definition: StepDef, at: str = "") -> tuple[GateView, ...]:
    """The gates of a step as they stand now. Of a step that was left they are as they were then: passed or waived."""
    declared = [gate for gate in gate_defs(definition, work.procedure) if not at or gate.at == at]
    if not declared:
        return ()
    waivers = {waiver.gate: waiver for waiver in step.waivers.all()}
    is_open = step.state in OPEN_STATES
    names = {name for gate in declared for name in expressions.parse(gate.needs).names} if is_open else set()
    known = facts.of_case(work.case, work.procedure, names, as_of=work.on) if is_open else {}
    found = []
    for gate in declared:
        met, why = facts.holds_with(gate.needs, known) if is_open else (gate.id not in waivers, "")
        waiver = waivers.get(gate.id)
        found.append(
            GateView(
                name=gate.id,
                text=text(gate.text),
                met=met,
                waived=waiver is not None,
                why=f"{waiver.by_name}: {waiver.why}" if waiver is not None else why,
                at=gate.at,
                waivable_by=gate.waivable_by,
            )
        )
    return tuple(found)


def passes(work: Work, step: Step, definition: StepDef, at: str) -> bool:
    return all(gate.passed for gate in gates(work, step, definition, at))


def give_proof(step: Step, proof_ref: Ref) -> None:
    """Keep what was given to a step, in order; the last one is its proof."""
    if proof_ref not in step.proofs:
        step.proofs = [*step.proofs, str(proof_ref)]
    step.proof_ref = str(proof_ref)
    step.save(update_fields=["proofs", "proof_ref"])
