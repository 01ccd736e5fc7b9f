"""Taking back a booked step of ownership: prepared with its reason, approved by a second person, booked as a mirror.

Every step was worked out from what the steps before it left, so only the last one that stands can be taken back; what
is older goes after those that rest upon it. Nothing is deleted from the books: the entry of the first step stays, its
opposite stands beside it on the day of taking back, and what was told of a day before stays as it was told.
"""

from __future__ import annotations

from datetime import date

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.finance.models import OwnershipStep
from jump.engines.finance.models.ownership_refusals import LaterStepsRest, NotTakenBack, StakeUnknown
from jump.engines.finance.models.refusals import DecisionMissing
from jump.engines.finance.queries.ownership.steps import step_row
from jump.engines.finance.services.ownership.steps import RULES, Asked, Rule, Worked, prepare_step
from jump.engines.finance.types.ownership import StepKind, StepState

_NAMED = 5


def take_back_step(actor: Actor, *, step_ref: Ref, why: str, on: date, key: str) -> Ref:
    """Prepare that a booked step is taken back on a day, and return the step that does it. The same key prepares once.

    A second person approves it as every step. Refused where the step is not booked, or later ones rest upon it.
    """
    subject_ref = Ref(step_row(actor, step_ref).subject)
    asked = {"step": str(step_ref), "why": why.strip()}
    return prepare_step(actor, subject_ref=subject_ref, kind=StepKind.TAKE_BACK, asked=asked, on=on, key=key)


def _take_back(asked: Asked) -> Worked:
    """`step` is taken back, for the reason `why`."""
    row = _of(asked)
    if not asked.given["why"]:
        raise DecisionMissing()
    if row.state != StepState.BOOKED or row.kind == StepKind.TAKE_BACK:
        raise NotTakenBack(state=row.state, step=row.ref)
    later = _standing_after(row)
    if later:
        raise LaterStepsRest(later=", ".join(later))
    return Worked(
        figures={"total_minor": row.amount_minor},
        amount_minor=row.amount_minor,
        shares=row.shares,
        party=row.party,
        about=row.ref,
        reverses=row.entry,
    )


def _keep_taking_back(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    row = _of(asked)
    row.state, row.why = StepState.REVERSED.value, str(asked.given["why"])[:300]
    row.save(update_fields=["state", "why"])
    undo = RULES[StepKind(row.kind)].undo
    if undo is not None:
        undo(asked.subject, row, step)


def _of(asked: Asked) -> OwnershipStep:
    row: OwnershipStep | None = OwnershipStep.objects.filter(ref=asked.given["step"], subject=asked.subject.ref).first()
    if row is None:
        raise StakeUnknown(given=asked.given["step"])
    return row


def _standing_after(row: OwnershipStep) -> list[str]:
    """The steps that stand and were booked after this one, the latest first. Days of booked steps never go back."""
    rows = OwnershipStep.objects.filter(subject=row.subject, state=StepState.BOOKED, on__gte=row.on)
    rows = rows.exclude(kind=StepKind.TAKE_BACK).order_by("-on", "-turn", "-id")
    place = (row.on, row.turn, row.pk)
    later = [ref for ref, *at in rows.values_list("ref", "on", "turn", "pk") if tuple(at) > place]
    return later[:_NAMED]


RULES[StepKind.TAKE_BACK] = Rule(_take_back, "step why", _keep_taking_back)
