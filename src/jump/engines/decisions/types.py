"""What crosses the door of decisions: frozen views and the few plain inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.units import Ref


class RoundState(StrEnum):
    OPEN = "open"  # candidates come in, panel members declare interests and score
    SCORED = "scored"  # scoring is closed
    DECIDED = "decided"  # the panel has decided; not yet told to anybody
    PUBLISHED = "published"  # told to everybody; nothing changes any more


class Method(StrEnum):
    WEIGHTED = "weighted"
    SCREENING = "screening"
    BALLOT = "ballot"


class CandidateState(StrEnum):
    WAITING = "waiting"  # no open round yet
    IN_ROUND = "in_round"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion as frozen when the round opened."""

    id: str
    title: str
    help: str
    weight: Decimal
    scale_min: int
    scale_max: int
    screening: bool
    computed: bool
    evidence: bool


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """One outcome that the round can give."""

    id: str
    title: str
    good: bool
    reserve: bool
    reason_required: bool


@dataclass(frozen=True, slots=True)
class PanelMember:
    user_id: int
    name: str
    candidates_scored: int
    candidates_to_score: int
    interests: int


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate: what is to be decided about (`candidate_ref`, often a case) and whom it concerns (`subject_ref`)."""

    ref: Ref
    round_ref: Ref | None
    definition: str
    candidate_ref: Ref
    subject_ref: Ref
    scope: str
    state: CandidateState
    facts: Mapping[str, object]
    entered_on: date
    outcome: str
    outcome_ref: Ref | None
    my_interest: bool | None  # None: not declared yet, or the reader is not on the panel


@dataclass(frozen=True, slots=True)
class RoundView:
    ref: Ref
    definition: str
    version: str
    title: str
    scope: str
    state: RoundState
    method: Method
    opens_on: date
    closes_on: date
    decided_on: date | None
    published_on: date | None
    criteria: tuple[CriterionView, ...]
    outcomes: tuple[OutcomeChoice, ...]
    options: tuple[tuple[str, str], ...]  # of a ballot: id and title, "no_cooperative" among them where declared
    panel: tuple[PanelMember, ...]
    panel_min: int
    candidates: tuple[CandidateView, ...]
    minutes: str
    present: tuple[int, ...]
    scores_complete: bool
    i_am_on_panel: bool


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round in a list."""

    ref: Ref
    definition: str
    title: str
    scope: str
    state: RoundState
    method: Method
    opens_on: date
    closes_on: date
    candidates: int
    i_am_on_panel: bool


@dataclass(frozen=True, slots=True)
class MyScore:
    """What one panel member gave one candidate; empty where nothing is given yet."""

    candidate_ref: Ref
    has_interest: bool | None
    scores: Mapping[str, int]
    comments: Mapping[str, str]
    complete: bool


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One place in the computed ranking.

    `hidden`: the reader declared an interest here, so score and rank are not told.
    """

    candidate_ref: Ref
    subject_ref: Ref
    rank: int | None
    tied: bool
    score: Decimal | None
    by_criterion: Mapping[str, Decimal]
    screened_out: tuple[str, ...]
    scorers: int
    hidden: bool
    incomplete: bool
    suggests: str = ""  # the outcome that the declared bands of points suggest; the panel decides


@dataclass(frozen=True, slots=True)
class RankingView:
    round_ref: Ref
    rows: tuple[RankingRow, ...]
    method: Method
    ties: tuple[tuple[Ref, ...], ...]
    spread: Mapping[Ref, Decimal]  # highest minus lowest total among the scorers, per candidate


@dataclass(frozen=True, slots=True)
class Choice:
    """What the panel decides about one candidate. The reason is required for a departure from the ranking."""

    candidate_ref: Ref
    outcome: str
    reason: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """A decision about one candidate, with its place in the computed ranking and whether the panel departed from it."""

    ref: Ref
    round_ref: Ref
    candidate_ref: Ref  # the candidate in the round ("can-…")
    about_ref: Ref  # what was decided about (often a case)
    subject_ref: Ref
    scope: str
    outcome: str
    title: str
    good: bool
    reserve: bool
    reason: str
    conditions: tuple[str, ...]
    rank: int | None
    score: Decimal | None
    departs: bool
    decided_on: date
    published_on: date | None


@dataclass(frozen=True, slots=True)
class BallotView:
    """A vote among the people concerned: rules set before the vote, counts after it."""

    ref: Ref
    candidate_ref: Ref
    electorate: int
    quorum_percent: int
    method: str  # show_of_hands | secret | consensus
    rules_set_on: date
    held_on: date | None
    counts: Mapping[str, int]
    present: int
    quorum_met: bool | None
    winner: str  # empty: not held yet, or a tie
    session_ref: Ref | None


@dataclass(frozen=True, slots=True)
class SeatView:
    party_ref: Ref  # the person who sits
    body_ref: Ref | None  # the organisation or group the person speaks for
    seat_class: str
    office: str  # chair | secretary | member
    starts_on: date
    ends_on: date | None
    decided_by: Ref | None  # the resolution that gave the seat


@dataclass(frozen=True, slots=True)
class ResolutionView:
    ref: Ref
    committee_ref: Ref
    session_ref: Ref | None
    number: int
    text: str
    votes_for: int
    votes_against: int
    abstentions: int
    seats: int
    present: int
    passed: bool
    linked_programme: str
    on: date


@dataclass(frozen=True, slots=True)
class CommitteeView:
    ref: Ref
    kind: str
    title: str
    scope: str
    about_ref: Ref | None
    parent_ref: Ref | None
    mandate: str
    products: tuple[str, ...]
    quorum_percent: int
    secretary_role: str
    required_classes: tuple[str, ...]
    missing_classes: tuple[str, ...]
    constituted_on: date
    ended_on: date | None
    seats: tuple[SeatView, ...]
    resolutions: tuple[ResolutionView, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every class that must be represented is."""
        return not self.missing_classes


@dataclass(frozen=True, slots=True)
class AppealView:
    ref: Ref
    outcome_ref: Ref
    grounds: str
    state: str  # open | upheld | dismissed
    lodged_on: date
    answer: str
    answered_on: date | None
