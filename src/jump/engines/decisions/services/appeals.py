"""Appeals against published outcomes, answered by somebody who took no part in the decision."""

from datetime import date, timedelta

from jump.base import audit
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.decisions.models import Appeal, Outcome
from jump.engines.decisions.services.access import is_on_panel, require_decider
from jump.engines.decisions.services.refusals import AppealLate, AppealOpen, NotDecided, ReasonMissing, SamePanel

APPEAL_DAYS = 30  # our default


def appeal(actor: Actor, *, outcome_ref: Ref, grounds: str, on: date) -> Ref:
    """Lodge an appeal, with its grounds, within 30 days of the publication."""
    with write_transaction():
        outcome = Outcome.objects.select_related("candidate__scope", "candidate__round").filter(ref=outcome_ref).first()
        if outcome is None:
            raise NotFound(ref=outcome_ref)
        require(actor, "evidence.submit", outcome.candidate.scope.path)
        if outcome.published_on is None:
            raise NotDecided(outcome=outcome_ref)
        until = outcome.published_on + timedelta(days=APPEAL_DAYS)
        if on > until:
            raise AppealLate(outcome=outcome_ref, until=until)
        if not grounds.strip():
            raise ReasonMissing(count=1, candidates=[outcome_ref])
        if Appeal.objects.filter(outcome=outcome, state="open").exists():
            raise AppealOpen(outcome=outcome_ref)
        made = Appeal.objects.create(outcome=outcome, grounds=grounds.strip(), lodged_on=on, lodged_by=actor.key)
        audit.record(actor, "decisions.appeal", made.ref, facts={"outcome": outcome_ref})
    return Ref(made.ref)


def answer_appeal(actor: Actor, *, appeal_ref: Ref, upheld: bool, answer: str, on: date) -> None:
    """Answer an appeal, with reasons. The outcome itself stays; an upheld one is invited to a later round."""
    with write_transaction():
        found = Appeal.objects.select_related("outcome__candidate__round__scope").filter(ref=appeal_ref).first()
        if found is None:
            raise NotFound(ref=appeal_ref)
        round_ = found.outcome.candidate.round
        assert round_ is not None
        require_decider(actor, round_)
        if is_on_panel(actor, round_) or actor.key == round_.decided_by:
            raise SamePanel(appeal=appeal_ref)
        if not answer.strip():
            raise ReasonMissing(count=1, candidates=[appeal_ref])
        if found.state != "open":
            raise NotFound(ref=appeal_ref)
        found.state = "upheld" if upheld else "dismissed"
        found.answer = answer.strip()
        found.answered_on = on
        found.answered_by = actor.key
        found.save(update_fields=["state", "answer", "answered_on", "answered_by"])
        audit.record(actor, "decisions.answer_appeal", appeal_ref, why=answer.strip(), facts={"upheld": upheld})
