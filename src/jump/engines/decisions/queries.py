"""What decisions can tell. Signatures stand; bodies follow."""

from __future__ import annotations

from datetime import date

from jump.base.actors import Actor
from jump.core.units import Ref

from .types import AppealView, BallotView, CandidateView, CommitteeView, MyScore, OutcomeView, RankingView, RoundRow, RoundView


def round_(actor: Actor, ref: Ref) -> RoundView: raise NotImplementedError
def rounds(actor: Actor, *, definition: str = "", scope: str = "", state: str = "", limit: int = 50, offset: int = 0) -> list[RoundRow]: raise NotImplementedError
def count_rounds(actor: Actor, *, definition: str = "", scope: str = "", state: str = "") -> int: raise NotImplementedError
def candidate(actor: Actor, ref: Ref) -> CandidateView: raise NotImplementedError
def waiting(actor: Actor, *, definition: str = "", scope: str = "", limit: int = 50, offset: int = 0) -> list[CandidateView]: raise NotImplementedError  # entered, no round yet
def kept_for_later(actor: Actor, *, definition: str, scope: str = "") -> list[OutcomeView]: raise NotImplementedError  # reserve and declined (SELECT-09)
def my_scores(actor: Actor, round_ref: Ref) -> list[MyScore]: raise NotImplementedError
def ranking(actor: Actor, round_ref: Ref) -> RankingView: raise NotImplementedError
def outcomes(actor: Actor, *, round_ref: Ref | None = None, about_ref: Ref | None = None, subject_ref: Ref | None = None) -> list[OutcomeView]: raise NotImplementedError
def outcome(actor: Actor, ref: Ref) -> OutcomeView: raise NotImplementedError
def ballot(actor: Actor, candidate_ref: Ref) -> BallotView | None: raise NotImplementedError
def committee(actor: Actor, ref: Ref, *, as_of: date | None = None) -> CommitteeView: raise NotImplementedError
def committees(actor: Actor, *, scope: str = "", kind: str = "", limit: int = 50, offset: int = 0) -> list[CommitteeView]: raise NotImplementedError
def appeals(actor: Actor, *, outcome_ref: Ref | None = None, scope: str = "") -> list[AppealView]: raise NotImplementedError
