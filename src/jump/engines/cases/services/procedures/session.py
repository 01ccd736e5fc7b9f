"""A step that asks for a gathering: it is done when one was held; attendance and order are gates of its curriculum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jump.engines.cases.definitions import StepDef
from jump.engines.cases.models import Step
from jump.engines.cases.services.procedures.form import begin, has_begun
from jump.engines.cases.types import SessionState

if TYPE_CHECKING:
    from jump.engines.cases.services.procedures.moving import Work

__all__ = ["begin", "has_begun", "outcome"]


def outcome(work: Work, step: Step, definition: StepDef) -> str | None:
    held = step.sessions.filter(state=SessionState.HELD).count()
    return "done" if held >= definition.min else None
