"""A step that asks for a form: it is done when as many accepted submissions have come as it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jump.engines.cases.definitions import StepDef
from jump.engines.cases.models import Step
from jump.engines.cases.types import StepState

if TYPE_CHECKING:
    from jump.engines.cases.services.procedures.moving import Work


def has_begun(step: Step) -> bool:
    return step.state == StepState.HERE


def begin(work: Work, step: Step, definition: StepDef) -> None:
    """Somebody may fill the form now."""
    step.state = StepState.HERE.value
    step.save(update_fields=["state"])


def outcome(work: Work, step: Step, definition: StepDef) -> str | None:
    return "done" if len(step.proofs) >= definition.min else None
