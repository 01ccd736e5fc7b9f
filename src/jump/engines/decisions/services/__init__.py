"""What decisions can do. Signatures stand; bodies follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from jump.base.actors import Actor
from jump.core.units import Ref

from ..types import Choice


def open_round(actor: Actor, *, definition: str, scope: str, opens_on: date, closes_on: date, panel: Sequence[int], title: str = "", key: str = "") -> Ref: raise NotImplementedError
def enter(actor: Actor, *, definition: str, candidate_ref: Ref, subject_ref: Ref, scope: str, answer_to: str = "", facts: Mapping[str, object] | None = None, on: date, key: str) -> Ref: raise NotImplementedError
def withdraw(actor: Actor, *, candidate_ref: Ref, why: str, on: date) -> None: raise NotImplementedError
def invite_again(actor: Actor, *, round_ref: Ref, outcome_ref: Ref, why: str, on: date) -> Ref: raise NotImplementedError  # a reserve or declined candidate of an earlier round (SELECT-09)
def declare_interest(actor: Actor, *, round_ref: Ref, candidate_ref: Ref, has_interest: bool, what: str = "") -> None: raise NotImplementedError
def score(actor: Actor, *, candidate_ref: Ref, scores: Mapping[str, int], comments: Mapping[str, str] | None = None, proofs: Mapping[str, Ref] | None = None) -> None: raise NotImplementedError
def record_computed(actor: Actor, *, candidate_ref: Ref, criterion: str, value: Decimal, sources: Sequence[Ref]) -> None: raise NotImplementedError
def close_scoring(actor: Actor, *, round_ref: Ref, on: date) -> None: raise NotImplementedError
def decide(actor: Actor, *, round_ref: Ref, outcomes: Sequence[Choice], minutes: str, present: Sequence[int], on: date) -> None: raise NotImplementedError
def publish(actor: Actor, *, round_ref: Ref, on: date) -> tuple[Ref, ...]: raise NotImplementedError  # outcome refs
def set_ballot(actor: Actor, *, candidate_ref: Ref, electorate: int, quorum_percent: int, method: str, on: date) -> Ref: raise NotImplementedError
def hold_ballot(actor: Actor, *, candidate_ref: Ref, counts: Mapping[str, int], session_ref: Ref | None, on: date) -> None: raise NotImplementedError
def constitute(actor: Actor, *, kind: str, title: str, scope: str, on: date, required_classes: Sequence[str] = (), quorum_percent: int = 50, secretary_role: str = "national_coordinator", about_ref: Ref | None = None, parent_ref: Ref | None = None, mandate: str = "", products: Sequence[str] = (), definition: str = "", key: str = "") -> Ref: raise NotImplementedError
def seat(actor: Actor, *, committee_ref: Ref, party_ref: Ref, seat_class: str, office: str = "member", body_ref: Ref | None = None, decided_by: Ref | None = None, on: date) -> None: raise NotImplementedError
def end_seat(actor: Actor, *, committee_ref: Ref, party_ref: Ref, why: str, on: date) -> None: raise NotImplementedError
def resolve(actor: Actor, *, committee_ref: Ref, text: str, votes_for: int, votes_against: int, abstentions: int = 0, session_ref: Ref | None = None, linked_programme: str = "", on: date, key: str = "") -> Ref: raise NotImplementedError  # a resolution
def appeal(actor: Actor, *, outcome_ref: Ref, grounds: str, on: date) -> Ref: raise NotImplementedError
def answer_appeal(actor: Actor, *, appeal_ref: Ref, upheld: bool, answer: str, on: date) -> None: raise NotImplementedError
