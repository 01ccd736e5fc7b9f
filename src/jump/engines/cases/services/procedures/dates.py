"""Moving a due date, with a reason; the old one is kept (PROG-07)."""

from datetime import date

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases.models import Step, StepDating
from jump.engines.cases.models.procedures import OPEN_STATES
from jump.engines.cases.services.procedures import moving
from jump.engines.cases.services.refusals import DateImpossible, ReasonMissing, StepNotHere
from jump.engines.cases.types import CaseState


def re_date(actor: Actor, *, step_ref: Ref, due_on: date, why: str) -> None:
    """Give an open step another due date. The planned length of a stage is not moved: its over-run stays visible."""
    with write_transaction():
        step = Step.objects.filter(ref=step_ref).select_related("case__scope").first()
        if step is None:
            raise NotFound(ref=step_ref)
        require(actor, "cases.work", step.case.scope.path)
        work = moving.work_on(actor, step.case_id, clock.today())
        step.refresh_from_db()
        if work.case.state != CaseState.OPEN or step.state not in OPEN_STATES:
            title = text(work.procedure.steps[step.key].title)
            raise StepNotHere(step=step_ref, case=work.case.ref, title=title, state=step.state)
        if not why.strip():
            raise ReasonMissing(step=step_ref)
        if due_on < step.entered_on:
            raise DateImpossible(day=due_on, why=f"The step was entered on {step.entered_on}.", step=step_ref)
        if due_on == step.due_on:
            return
        StepDating.objects.create(
            step=step,
            old_due_on=step.due_on,
            new_due_on=due_on,
            why=why.strip(),
            by=actor.key,
            by_name=actor.name,
            on=work.on,
            at=clock.now(),
        )
        step.due_on = due_on
        step.save(update_fields=["due_on"])
        audit.record(actor, "cases.re_date", step_ref, why=why.strip(), facts={"due_on": due_on.isoformat()})
