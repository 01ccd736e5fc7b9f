"""Letting a gate pass, or a whole step, with a reason, by the role that the procedure names."""

from datetime import date

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases.models import GateWaiver, Step
from jump.engines.cases.models.procedures import OPEN_STATES
from jump.engines.cases.services.procedures import moving
from jump.engines.cases.services.refusals import NoSuchGate, NotWaivable, ReasonMissing, StepNotHere
from jump.engines.cases.types import CaseState, StepState

WHOLE_STEP = "step"


def waive(actor: Actor, *, step_ref: Ref, gate: str, why: str, on: date) -> None:
    """Let a gate pass although its condition does not hold. The reason and the name stay on the record.

    `gate="step"` waives the step itself, where the procedure says who may. Waiving twice changes nothing.
    """
    with write_transaction():
        step = Step.objects.filter(ref=step_ref).select_related("case__scope").first()
        if step is None:
            raise NotFound(ref=step_ref)
        scope = step.case.scope.path
        require(actor, "cases.waive", scope)
        work = moving.work_on(actor, step.case_id, on)
        step.refresh_from_db()
        definition = work.procedure.steps[step.key]
        if work.case.state != CaseState.OPEN or step.state not in OPEN_STATES:
            raise StepNotHere(step=step_ref, case=work.case.ref, title=text(definition.title), state=step.state)
        declared = {one.id: one.waivable_by for one in moving.gate_defs(definition, work.procedure)}
        if gate == WHOLE_STEP and gate not in declared:
            declared[gate] = definition.waivable_by
        if gate not in declared:
            raise NoSuchGate(step=step_ref, gate=gate, title=text(definition.title))
        if not _holds(actor, declared[gate], scope):
            raise NotWaivable(step=step_ref, gate=gate, role=declared[gate])
        if not why.strip():
            raise ReasonMissing(step=step_ref, gate=gate)
        made, is_new = GateWaiver.objects.get_or_create(
            step=step,
            gate=gate,
            defaults={"why": why.strip(), "by": actor.key, "by_name": actor.name, "on": on, "at": clock.now()},
        )
        if not is_new:
            return
        audit.record(actor, "cases.waive", step_ref, why=made.why, facts={"gate": gate, "case": work.case.ref})
        if gate == WHOLE_STEP and gate not in {one.id for one in moving.gate_defs(definition, work.procedure)}:
            moving.finish(work, step, "done", state=StepState.WAIVED, detail=made.why)
        moving.settle(work)


def _holds(actor: Actor, role: str, scope: str) -> bool:
    """Whether the actor holds the named role at this place. A gate that names no role cannot be waived."""
    return bool(role) and any(grant.role == role and scope.startswith(grant.path) for grant in actor.grants)
