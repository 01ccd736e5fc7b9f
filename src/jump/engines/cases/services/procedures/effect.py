"""A step that makes another engine do something, and waits until it is done or refused.

What the calls give back under a name (`bind`) stays with the case, for later steps. A refusal comes back with its
code and facts; the procedure says with `on_refused` what then follows, else the step waits until somebody asks
again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jump.base import outbox
from jump.base.outbox import EffectCall
from jump.core.units import Ref
from jump.engines.cases.definitions import StepDef
from jump.engines.cases.models import Step
from jump.engines.cases.services.procedures import facts
from jump.engines.cases.services.procedures.decision import has_begun, outcome

if TYPE_CHECKING:
    from jump.engines.cases.services.procedures.moving import Work

__all__ = ["begin", "has_begun", "outcome"]


def begin(work: Work, step: Step, definition: StepDef) -> None:
    """Cause the calls, and wait."""
    step.asking += 1
    step.answered = ""
    step.refused_code = ""
    step.detail = ""
    step.save(update_fields=["asking", "answered", "refused_code", "detail"])
    key = f"cases:{step.ref}:{step.asking}"
    asked = [{**call.args, "for each": call.for_each} for call in definition.calls]
    known = facts.for_calls(work.case, work.procedure, asked, as_of=work.on)
    known.update(step=str(step.ref), about=str(work.case.subject_ref))
    bound = {call.bind: f"${call.bind}" for call in definition.calls if call.bind and not call.for_each}
    outbox.after_commit(
        # The last call hands back everything that was bound on the way, so that the case can keep it.
        [*definition.calls, EffectCall("cases.keep", {"bound": bound})],
        key=key,
        ref=Ref(work.case.ref),
        actor=work.actor,
        on=work.on,
        facts=known,
        answer_to=key,
    )
