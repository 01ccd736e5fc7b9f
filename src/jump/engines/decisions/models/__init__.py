"""The tables of decisions: rounds with their candidates and scores, ballots, committees."""

from jump.engines.decisions.models.committees import Committee, Resolution, Seat
from jump.engines.decisions.models.rounds import (
    Appeal,
    Ballot,
    Candidate,
    ComputedScore,
    Interest,
    Outcome,
    Panelist,
    Round,
    Score,
)

__all__ = [
    "Appeal",
    "Ballot",
    "Candidate",
    "Committee",
    "ComputedScore",
    "Interest",
    "Outcome",
    "Panelist",
    "Resolution",
    "Round",
    "Score",
    "Seat",
]
