"""A step that waits: for a condition to become true, or for a date (its due date; re-dating it moves the end)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jump.engines.cases.definitions import StepDef
from jump.engines.cases.models import Step
from jump.engines.cases.services.procedures import facts

if TYPE_CHECKING:
    from jump.engines.cases.services.procedures.moving import Work


def has_begun(step: Step) -> bool:
    return step.asking > 0


def begin(work: Work, step: Step, definition: StepDef) -> None:
    """Nothing is asked of anybody."""
    step.asking = 1
    step.save(update_fields=["asking"])


def outcome(work: Work, step: Step, definition: StepDef) -> str | None:
    if definition.until and facts.holds(definition.until, work.case, work.procedure, as_of=work.on)[0]:
        return "done"
    is_dated = definition.after_days is not None or definition.after_months is not None
    return "done" if is_dated and step.due_on is not None and work.on >= step.due_on else None
