"""A vote among the people concerned: its rules are set before it, by them, and its count decides (SELECT-10)."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from jump.base import audit
from jump.base.actors import Actor, can
from jump.base.db import write_transaction
from jump.base.refusals import BadInput, NotAllowed
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions.models import Ballot, Candidate, Round
from jump.engines.decisions.services.access import as_system, candidate_in_round, is_on_panel
from jump.engines.decisions.services.refusals import BallotCount, BallotRules, RoundNotOpen, UnknownOutcome
from jump.engines.decisions.types import Method, RoundState

METHODS = frozenset({"show_of_hands", "secret", "consensus"})


def set_ballot(actor: Actor, *, candidate_ref: Ref, electorate: int, quorum_percent: int, method: str, on: date) -> Ref:
    """Write down who may vote, how many must, and how; once, before the vote."""
    with write_transaction():
        candidate, round_ = _ballot_round(actor, candidate_ref)
        if Ballot.objects.filter(candidate=candidate).exists():
            raise BallotRules(candidate=candidate_ref)
        errors: dict[str, list[str]] = {}
        if electorate <= 0:
            errors["electorate"] = [_("At least one person may vote.")]
        if not 0 <= quorum_percent <= 100:
            errors["quorum_percent"] = [_("Give a number from 0 to 100.")]
        if method not in METHODS:
            errors["method"] = [_("Use show of hands, secret or consensus.")]
        if errors:
            raise BadInput(errors)
        ballot = Ballot.objects.create(
            candidate=candidate,
            electorate=electorate,
            quorum_percent=quorum_percent,
            method=method,
            rules_set_on=on,
        )
        audit.record(
            actor,
            "decisions.set_ballot",
            candidate_ref,
            facts={"electorate": electorate, "quorum": quorum_percent, "method": method, "round": round_.ref},
        )
    return Ref(ballot.ref)


def hold_ballot(
    actor: Actor, *, candidate_ref: Ref, counts: Mapping[str, int], session_ref: Ref | None, on: date
) -> None:
    """Record the count of a vote. After a vote without quorum or with a tie it is held again; a result stands.

    The options are those declared; where a cooperative is one of them, "no cooperative" is another.
    """
    from jump.engines.decisions.queries.ballots import winner_of

    with write_transaction():
        candidate, round_ = _ballot_round(actor, candidate_ref)
        ballot = Ballot.objects.filter(candidate=candidate).first()  # its round is locked, so nobody else writes it now
        if ballot is None or winner_of(ballot) or on < ballot.rules_set_on:
            raise BallotRules(candidate=candidate_ref)
        options = [str(option["id"]) for option in round_.rules.get("options") or ()]
        for option, votes in counts.items():
            if option not in options:
                raise UnknownOutcome(outcome=option, outcomes=", ".join(options))
            if votes < 0:
                raise BadInput({option: [_("A number of votes is 0 or more.")]})
        if sum(counts.values()) > ballot.electorate:
            raise BallotCount(votes=sum(counts.values()), electorate=ballot.electorate)
        if session_ref is not None:
            cases.session(as_system(actor), session_ref)  # the meeting exists
        ballot.counts = {option: int(counts.get(option, 0)) for option in options}
        ballot.held_on = on
        ballot.session_ref = str(session_ref or "")
        ballot.save(update_fields=["counts", "held_on", "session_ref"])
        audit.record(actor, "decisions.hold_ballot", candidate_ref, facts={"counts": ballot.counts})


def _ballot_round(actor: Actor, candidate_ref: Ref) -> tuple[Candidate, Round]:
    candidate, round_ = candidate_in_round(candidate_ref)
    if not (can(actor, "cases.work", candidate.scope.path) or is_on_panel(actor, round_)):
        raise NotAllowed(right="cases.work", scope=candidate.scope.path, who=actor.name)
    if round_.method != Method.BALLOT or round_.state != RoundState.OPEN:
        raise RoundNotOpen(round=round_.ref, state=round_.state)
    return candidate, round_
