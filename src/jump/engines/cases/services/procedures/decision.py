"""A step that waits for a decision: it enters the case as a candidate and waits for the answer.

Cases do not know who decides. The effect `decisions.enter` carries the key under which the answer comes back; that the
candidate was taken in is told under the same key with `:asked` behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jump.base import outbox
from jump.base.outbox import EffectCall
from jump.core.units import Ref
from jump.engines.cases.definitions import StepDef
from jump.engines.cases.models import Step
from jump.engines.cases.services.procedures import facts

if TYPE_CHECKING:
    from jump.engines.cases.services.procedures.moving import Work


def has_begun(step: Step) -> bool:
    return step.asking > 0


def begin(work: Work, step: Step, definition: StepDef) -> None:
    """Ask, and wait."""
    step.asking += 1
    step.answered = ""
    step.refused_code = ""
    step.detail = ""
    step.save(update_fields=["asking", "answered", "refused_code", "detail"])
    key = f"cases:{step.ref}:{step.asking}"
    args = {
        "round": definition.asks,
        "candidate": str(work.case.ref),
        "subject": str(work.case.subject_ref),
        "scope": work.case.scope.path,
        "answer_to": key,
        "facts": {"title": "$title", **definition.facts},  # by name: a title may begin with a dollar sign
    }
    outbox.after_commit(
        [EffectCall("decisions.enter", args)],
        key=key,
        ref=Ref(work.case.ref),
        actor=work.actor,
        on=work.on,
        facts=facts.for_calls(work.case, work.procedure, [definition.facts], as_of=work.on),
        answer_to=f"{key}:asked",
    )


def outcome(work: Work, step: Step, definition: StepDef) -> str | None:
    return step.answered or None
