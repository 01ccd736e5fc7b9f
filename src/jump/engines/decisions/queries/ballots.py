"""Reading votes."""

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.decisions.models import Ballot
from jump.engines.decisions.queries.visible import visible_candidates
from jump.engines.decisions.types import BallotView


def quorum_met(ballot: Ballot) -> bool | None:
    """Whether enough people voted; None before the vote."""
    if ballot.held_on is None:
        return None
    return bool(sum(ballot.counts.values()) * 100 >= ballot.electorate * ballot.quorum_percent)


def winner_of(ballot: Ballot) -> str:
    """The option with the most votes; empty before the vote, without quorum, and on a tie."""
    if not quorum_met(ballot) or not any(ballot.counts.values()):
        return ""
    most = max(ballot.counts.values())
    first = [option for option, votes in ballot.counts.items() if votes == most]
    return first[0] if len(first) == 1 else ""


def ballot(actor: Actor, candidate_ref: Ref) -> BallotView | None:
    """The vote on a candidate, or None where its rules are not set yet."""
    row = (
        Ballot.objects.filter(candidate__ref=candidate_ref, candidate__in=visible_candidates(actor))
        .select_related("candidate")
        .first()
    )
    if row is None:
        return None
    return BallotView(
        ref=Ref(row.ref),
        candidate_ref=Ref(row.candidate.ref),
        electorate=row.electorate,
        quorum_percent=row.quorum_percent,
        method=row.method,
        rules_set_on=row.rules_set_on,
        held_on=row.held_on,
        counts=dict(row.counts),
        present=sum(row.counts.values()),
        quorum_met=quorum_met(row),
        winner=winner_of(row),
        session_ref=Ref(row.session_ref) if row.session_ref else None,
    )
