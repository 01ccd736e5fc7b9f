"""What crosses the door of finance about community insurance: schemes, packages, families, claims and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from jump.core.insurance import Standing
from jump.core.money import Money
from jump.core.units import Ref


class ContributionPer(StrEnum):
    """A contribution is asked for each insured person, or once for the family."""

    PERSON = "person"
    FAMILY = "family"


class TargetGroup(StrEnum):
    """Whom a scheme is made for (004, 39 and 43: basic health of women and children, rural women in informal work)."""

    WOMEN = "women"
    CHILDREN = "children"
    INFORMAL_WOMEN = "informal_women"


class Relation(StrEnum):
    """How an insured person belongs to the family."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    OTHER = "other"


class VersionState(StrEnum):
    """A package of benefits is proposed, adopted by the assembly, or given up."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    DROPPED = "dropped"


class PayTo(StrEnum):
    """A claim is paid to the provider, or given back to the member who paid."""

    PROVIDER = "provider"
    MEMBER = "member"


class CashKind(StrEnum):
    """What moves in a scheme beside contributions and claims."""

    EXPENSE = "expense"
    SUBSIDY = "subsidy"


class PaperState(StrEnum):
    """Prepared by one person and waiting, booked by another, or given up."""

    PREPARED = "prepared"
    BOOKED = "booked"
    DROPPED = "dropped"


class AppealState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class CheckCode(StrEnum):
    """What is looked at before a claim is approved, each by name (methods 07, 7.4; requirement MICROINS-04)."""

    IN_FORCE = "in_force"
    WAITING = "waiting"
    PACKAGE = "package"
    REPORTED = "reported"
    PAPERS = "papers"
    EXCLUSION = "exclusion"
    PROVIDER = "provider"
    TARIFF = "tariff"
    SAME_EVENT = "same_event"
    LIMITS = "limits"
    COPAY = "copay"
    REVIEW = "review"


class CheckResult(StrEnum):
    """Fine; something to know (part is cut, or looks unusual); or reason enough not to pay."""

    FINE = "fine"
    NOTE = "note"
    STOPS = "stops"


@dataclass(frozen=True, slots=True)
class BenefitView:
    """One benefit as a package has it. A limit of None is no limit."""

    code: str
    title: str
    copay: Fraction
    waiting_months: int
    ceiling_event: Money | None
    ceiling_year: Money | None
    events_year_max: int | None


@dataclass(frozen=True, slots=True)
class PackageView:
    """A version of a scheme's benefit package: from a day on, by a decision of the assembly."""

    ref: Ref
    scheme_ref: Ref
    number: int
    product: str
    product_version: str
    title: str
    state: VersionState
    valid_from: date
    valid_until: date | None
    decision_ref: Ref | None
    proposed_by: str
    adopted_by: str
    benefits: tuple[BenefitView, ...]
    exclusions: Mapping[str, str]
    contribution: Money
    per: ContributionPer
    rhythm: str
    grace_days: int
    ceiling_person: Money | None
    ceiling_family: Money | None
    terms: Mapping[str, Any]
    sheet: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SchemeView:
    """A scheme with its package in force and its money today."""

    ref: Ref
    title: str
    legal_form: str
    owner_ref: Ref
    scope: str
    currency: str
    targets: tuple[TargetGroup, ...]
    target_population: int
    opened_on: date
    book_ref: Ref
    medical_ref: Ref
    package: PackageView | None
    families: int
    insured: int
    cash: Money
    reserve: Money
    payable: Money


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """A scheme in a list."""

    ref: Ref
    title: str
    owner_ref: Ref
    scope: str
    families: int
    insured: int
    claims_waiting: int


@dataclass(frozen=True, slots=True)
class ProviderView:
    """An agreement with a provider: which prices, from when, on what paper."""

    ref: Ref
    provider_ref: Ref
    tariff: Mapping[str, Money]
    starts_on: date
    ends_on: date | None
    proof_ref: Ref


@dataclass(frozen=True, slots=True)
class BenefitToday:
    """One benefit for one person on a day: from when, and what is left of its limits in this year."""

    benefit: BenefitView
    from_day: date | None
    is_open: bool
    left: Money | None
    events_left: int | None


@dataclass(frozen=True, slots=True)
class PersonCover:
    """One insured person: cover on a day with its reason, and what each benefit still gives."""

    ref: Ref
    person_ref: Ref
    relation: Relation
    card: str
    joined_on: date
    left_on: date | None
    standing: Standing
    benefits: tuple[BenefitToday, ...]
    left_of_year: Money | None


@dataclass(frozen=True, slots=True)
class ContributionView:
    ref: Ref
    on: date
    amount: Money
    receipt: str
    is_undone: bool
    entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class DueView:
    """A contribution that was due: how much, what of it is paid, and since when it was paid whole."""

    on: date
    amount: Money
    covered: Money
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A family in a scheme, as it stands on a day."""

    ref: Ref
    scheme_ref: Ref
    scheme_title: str
    head_ref: Ref
    scope: str
    currency: str
    day: date
    joined_on: date
    ended_on: date | None
    persons: tuple[PersonCover, ...]
    standing: Standing
    due: Money
    paid: Money
    arrears: Money
    ahead: Money
    next_due: DueView | None
    dues: tuple[DueView, ...]
    contributions: tuple[ContributionView, ...]
    left_of_family: Money | None


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family in a list or on a collection sheet."""

    ref: Ref
    head_ref: Ref
    persons: int
    standing: Standing
    arrears: Money
    ahead: Money
    due: Money
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """One thing that was looked at, what came of it, and the facts it rests on."""

    code: CheckCode
    result: CheckResult
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClaimLineView:
    benefit: str
    title: str
    asked: Money
    tariff: Money | None
    paid: Money | None
    copay: Money | None
    refused: Money | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimStepView:
    """Who brought a claim into which state, and when."""

    state: str
    by: str
    on: date
    why: str


@dataclass(frozen=True, slots=True)
class AppealView:
    ref: Ref
    on: date
    why: str
    state: AppealState
    decided_on: date | None
    decided_by: str
    answer: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim without any word about health: that is kept apart."""

    ref: Ref
    number: int
    scheme_ref: Ref
    family_ref: Ref
    person_ref: Ref
    provider_ref: Ref | None
    scope: str
    currency: str
    event_on: date
    reported_on: date
    pay_to: PayTo
    papers: str
    state: str
    asked: Money
    paid: Money | None
    needs_review: bool
    exclusion: str
    decided_on: date | None
    paid_on: date | None
    lines: tuple[ClaimLineView, ...]
    steps: tuple[ClaimStepView, ...]
    appeals: tuple[AppealView, ...]
    has_diagnosis: bool
    entry_refs: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    ref: Ref
    number: int
    family_ref: Ref
    person_ref: Ref
    event_on: date
    state: str
    asked: Money
    paid: Money | None
    needs_review: bool


@dataclass(frozen=True, slots=True)
class CashView:
    """An expense or a subsidy of a scheme."""

    ref: Ref
    scheme_ref: Ref
    kind: CashKind
    state: PaperState
    on: date
    amount: Money
    what: str
    prepared_by: str
    booked_by: str
    entry_ref: Ref | None
