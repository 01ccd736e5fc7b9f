"""Answers to what a step asked of another engine: what was decided, what was done, or why it was refused."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from jump.base import audit
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases.definitions import StepDef
from jump.engines.cases.models import Step
from jump.engines.cases.models.procedures import OPEN_STATES
from jump.engines.cases.services.procedures import moving
from jump.engines.cases.services.procedures.moving import Work
from jump.engines.cases.services.refusals import AlreadyAnswered, StepNotHere, UnknownOutcome, UnknownQuestion
from jump.engines.cases.types import StepKind

REFUSED = "refused"
ASKED = "asked"


def answer(
    actor: Actor,
    *,
    key: str,
    outcome: str,
    proof_ref: Ref | None = None,
    facts: Mapping[str, object] | None = None,
    on: date,
) -> None:
    """Bring a waiting step its answer and move the case on. Once: the same answer again changes nothing.

    `refused` carries in `facts` a `code` and what the refusal said; the procedure's `on_refused` says what then
    follows, else the step keeps waiting and shows why, until somebody asks again. An answer that comes after the
    step was left by another way (reopened, closed) is written to the trail and changes nothing.
    """
    step_ref, number, is_receipt = _parts(key)
    given = dict(facts or {})
    with write_transaction():
        step = Step.objects.filter(ref=step_ref).select_related("case__scope").first()
        if step is None:
            raise UnknownQuestion(key=key)
        require(actor, "cases.work", step.case.scope.path)
        work = moving.work_on(actor, step.case_id, on)
        step.refresh_from_db()
        definition = work.procedure.steps[step.key]
        if is_receipt and outcome != REFUSED:
            return
        if number == step.asking and step.answered:
            if step.answered != outcome:
                raise AlreadyAnswered(step=step.ref, title=text(definition.title), outcome=step.answered)
            return
        if number != step.asking or step.state not in OPEN_STATES:
            audit.record(actor, "cases.answer_too_late", step.ref, facts={"key": key, "outcome": outcome})
            return
        audit.record(
            actor, "cases.answer", step.ref, facts={"key": key, "outcome": outcome, "proof": str(proof_ref or "")}
        )
        # A panel may call an outcome "refused" too; a refusal of the request itself comes as a receipt, or from
        # an effect.
        if is_receipt or (outcome == REFUSED and step.kind == StepKind.EFFECT and not definition.branches_on(REFUSED)):
            _refused(work, step, definition, given)
        else:
            if definition.following(outcome) is None:
                raise UnknownOutcome(title=text(definition.title), outcome=outcome, case=work.case.ref, step=step.ref)
            _accept(work, step, outcome, proof_ref, given)
        moving.settle(work)


def _parts(key: str) -> tuple[Ref, int, bool]:
    parts = key.split(":")
    if len(parts) not in (3, 4) or parts[0] != "cases" or not parts[2].isdigit():
        raise UnknownQuestion(key=key)
    return Ref(parts[1]), int(parts[2]), len(parts) == 4 and parts[3] == ASKED


def _accept(work: Work, step: Step, outcome: str, proof_ref: Ref | None, given: Mapping[str, Any]) -> None:
    step.answered = outcome
    step.answer_facts = _json(given)
    step.refused_code = ""
    step.save(update_fields=["answered", "answer_facts", "refused_code"])
    if proof_ref is not None:
        moving.give_proof(step, proof_ref)
    kept = given.get("bound") if step.kind == StepKind.EFFECT else given.get("keep")
    if isinstance(kept, Mapping) and kept:
        work.case.bound = {**work.case.bound, **_json(kept)}
        work.case.save(update_fields=["bound"])


def _refused(work: Work, step: Step, definition: StepDef, given: Mapping[str, Any]) -> None:
    """Keep why; go where the procedure says, or stay."""
    step.refused_code = str(given.get("code") or "")
    step.answer_facts = _json(given)
    step.detail = str(given.get("message") or "")
    if definition.on_refused:
        step.answered = REFUSED
        step.save(update_fields=["answered", "refused_code", "answer_facts", "detail"])
        moving.finish(work, step, REFUSED)
    else:
        step.save(update_fields=["refused_code", "answer_facts", "detail"])


def ask_again(actor: Actor, *, step_ref: Ref, on: date) -> None:
    """After a refusal: ask once more, under a new key. An answer to the old question no longer counts."""
    with write_transaction():
        step = Step.objects.filter(ref=step_ref).select_related("case__scope").first()
        if step is None:
            raise NotFound(ref=step_ref)
        require(actor, "cases.work", step.case.scope.path)
        work = moving.work_on(actor, step.case_id, on)
        step.refresh_from_db()
        definition = work.procedure.steps[step.key]
        if step.state not in OPEN_STATES or not step.refused_code:
            raise StepNotHere(step=step_ref, case=work.case.ref, title=text(definition.title), state=step.state)
        moving.KINDS[definition.kind].begin(work, step, definition)
        audit.record(actor, "cases.ask_again", step_ref, facts={"asking": step.asking})


def _json(value: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(value, cls=DjangoJSONEncoder))
    return plain
