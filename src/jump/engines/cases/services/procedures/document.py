"""A step that asks for a document of several forms: it is done when a complete version was frozen and given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jump.engines.cases.definitions import StepDef
from jump.engines.cases.models import Step
from jump.engines.cases.services.procedures.form import begin, has_begun

if TYPE_CHECKING:
    from jump.engines.cases.services.procedures.moving import Work

__all__ = ["begin", "has_begun", "outcome"]


def outcome(work: Work, step: Step, definition: StepDef) -> str | None:
    return "done" if step.proofs else None
