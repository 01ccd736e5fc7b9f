"""What crosses the door of the jobs engine: terms, states and views of posts, job spells and their proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.jobs import Sustained, Terms
from jump.core.money import Money
from jump.core.units import Ref

__all__ = [
    "Floor",
    "Floors",
    "FollowUpView",
    "JobView",
    "Kind",
    "Method",
    "MissingView",
    "PostView",
    "StaffCost",
    "State",
    "Sustained",
    "Terms",
    "VerificationView",
]


class Kind(StrEnum):
    """What a programme did for a job. Never changes after the claim, and kinds are never added together.

    created: did not exist before. preserved: existed and was under a proven threat (CONVERT-06). secured: traditional
    work made safe for the person who does it, or obtained from an employer (INDISCO-10). placed: a person started in a
    job that somebody else made. staff: the programme's own people, never counted as a result.
    """

    CREATED = "created"
    PRESERVED = "preserved"
    SECURED = "secured"
    PLACED = "placed"
    STAFF = "staff"


class State(StrEnum):
    """Where a job stands: claimed, then verified or not confirmed by somebody else, and at last ended."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    NOT_CONFIRMED = "not_confirmed"
    ENDED = "ended"


class Method(StrEnum):
    """How a job was checked. Only a visit sees the workplace; the employer's word alone is the weakest."""

    VISIT = "visit"
    PHONE = "phone"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class MissingView:
    """One floor of the decent-work test that a job does not reach, in words a person can check."""

    item: str
    title: str
    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class VerificationView:
    """One check of a job by somebody other than the claimant."""

    ref: Ref
    job_ref: Ref
    confirmed: bool
    method: Method
    on: date
    by: str
    evidence_ref: Ref | None
    terms_seen: Terms | None
    note: str


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """A later look at whether the person is still at work."""

    on: date
    months: int
    still_at_work: bool
    by: str
    evidence_ref: Ref | None


@dataclass(frozen=True, slots=True)
class PostView:
    """A post: one place of work at one employer, whoever holds it."""

    ref: Ref
    employer_ref: Ref
    title: str
    isco: str
    scope: str
    share_percent: int = 100
    salary_monthly: Money | None = None
    budget_line: str = ""
    funded_by: str = ""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job spell: one person in one post for a time, with its proof and its decent-work result."""

    ref: Ref
    post_ref: Ref
    employer_ref: Ref
    employer_name: str
    person_ref: Ref
    person_name: str
    title: str
    isco: str
    kind: Kind
    state: State
    started_on: date
    ended_on: date | None
    end_reason: str
    claimed_on: date
    claimed_by: str
    terms: Terms
    scope: str
    place: str
    evidence_ref: Ref | None
    threat_ref: Ref | None
    cause_ref: Ref | None
    is_verified: bool
    is_counted: bool
    is_decent: bool | None
    missing: tuple[MissingView, ...]
    test_version: str
    duplicate_of: Ref | None
    duplicate_rule: str
    sustained_6: Sustained
    sustained_12: Sustained
    verifications: tuple[VerificationView, ...] = ()
    follow_ups: tuple[FollowUpView, ...] = ()


@dataclass(frozen=True, slots=True)
class Floor:
    """One item of a country's decent-work test, as its package declares it."""

    id: str
    title: str
    mandatory: bool
    value: int | bool | str | None
    unit: str
    provenance: str
    source_title: str


@dataclass(frozen=True, slots=True)
class Floors:
    """A country's decent-work test: data with a version, so that a past result keeps the test it was held against."""

    country: str
    currency: str
    definition: str
    version: str
    items: tuple[Floor, ...]


@dataclass(frozen=True, slots=True)
class StaffCost:
    """A post of the programme's own staff and what it has cost up to a day (BUDGET-17)."""

    post: PostView
    person_ref: Ref
    started_on: date
    ended_on: date | None
    months: int
    cost: Money
