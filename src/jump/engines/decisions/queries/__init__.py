"""What decisions can tell, scoped to who asks; scores only when they are no longer sealed."""

from jump.engines.decisions.queries.ballots import ballot
from jump.engines.decisions.queries.committees import committee, committees
from jump.engines.decisions.queries.ranking import my_scores, ranking
from jump.engines.decisions.queries.rounds import (
    appeals,
    candidate,
    count_rounds,
    kept_for_later,
    outcome,
    outcomes,
    round_,
    rounds,
    waiting,
)

__all__ = [
    "appeals",
    "ballot",
    "candidate",
    "committee",
    "committees",
    "count_rounds",
    "kept_for_later",
    "my_scores",
    "outcome",
    "outcomes",
    "ranking",
    "round_",
    "rounds",
    "waiting",
]
