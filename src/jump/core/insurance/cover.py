"""Cover of a community insurance scheme: who is in benefit, what a claim is worth, and who may pay it.

Amounts are whole minor units of one currency; shares are exact. Health facts are no part of this: a claim line has the
code of a benefit and an amount.

Sources: methods 07, sections 7.1 (waiting period, ceiling, co-payment), 7.4 (states and reason codes), 7.5 (separate
signatures); requirements MICROINS-01 to MICROINS-04.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from random import Random

from jump.core.bounds import Rate, Refused, exact_share, not_negative
from jump.core.calendars import add_months


class InsuranceRefused(Refused):
    """A figure or a step of an insurance scheme cannot be."""

    code = "insurance.refused"


class StepNotAllowed(InsuranceRefused):
    """A claim cannot go from this state to that one."""

    code = "insurance.step_not_allowed"


class SamePerson(InsuranceRefused):
    """Entering, verifying and paying a claim need three people."""

    code = "insurance.same_person"


# --- contributions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """A contribution due on a day for the days from then to the day before the next due date."""

    on: date
    amount_minor: int

    def __post_init__(self) -> None:
        not_negative(amount_minor=self.amount_minor)


@dataclass(frozen=True, slots=True)
class ContributionState:
    """What was due and paid, and whether benefit is suspended. Due = covered by payments + arrears."""

    due_minor: int
    paid_minor: int
    arrears_minor: int
    ahead_minor: int
    oldest_unpaid_on: date | None
    is_suspended: bool


def contribution_state(
    *, dues: Iterable[Due], payments: Iterable[tuple[date, int]], as_of: date, grace_days: int = 0
) -> ContributionState:
    """Payments cover the oldest due first; benefit is suspended when a due is unpaid beyond the days of grace.

    Payments after `as_of` and dues after it do not count; the order of either does not matter. Errors: BelowZero.
    Source: requirement MICROINS-03 (right to benefit depends on paid status); days of grace are a rule of the scheme.

    >>> dues = [Due(date(2026, 1, 1), 100), Due(date(2026, 2, 1), 100)]
    >>> state = contribution_state(dues=dues, payments=[(date(2026, 1, 3), 150)], as_of=date(2026, 2, 10), grace_days=8)
    >>> state.arrears_minor, str(state.oldest_unpaid_on), state.is_suspended
    (50, '2026-02-01', True)
    """
    not_negative(grace_days=grace_days)
    paid = 0
    for on, amount_minor in payments:
        not_negative(payment_minor=amount_minor)
        paid += amount_minor if on <= as_of else 0
    left, due_minor = paid, 0
    oldest: date | None = None
    for due in sorted(dues, key=lambda one: (one.on, one.amount_minor)):
        if due.on > as_of:
            break
        due_minor += due.amount_minor
        covered = min(left, due.amount_minor)
        left -= covered
        if covered < due.amount_minor and oldest is None:
            oldest = due.on
    suspended = oldest is not None and as_of > oldest + timedelta(days=grace_days)
    return ContributionState(due_minor, paid, max(0, due_minor - paid), left, oldest, suspended)


# --- benefits ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit of a package. A limit of None is no limit."""

    code: str
    copay: Rate = 0
    waiting_months: int = 0
    ceiling_event_minor: int | None = None
    ceiling_year_minor: int | None = None
    events_year_max: int | None = None

    def __post_init__(self) -> None:
        exact_share(self.copay, name="copay")
        not_negative(
            waiting_months=self.waiting_months,
            ceiling_event_minor=self.ceiling_event_minor or 0,
            ceiling_year_minor=self.ceiling_year_minor or 0,
            events_year_max=self.events_year_max or 0,
        )


@dataclass(frozen=True, slots=True)
class BenefitPackage:
    """A version of what a scheme covers: benefits, and ceilings over all of them for a person's and a family's year."""

    version: str
    benefits: tuple[Benefit, ...]
    ceiling_year_minor: int | None = None
    ceiling_family_minor: int | None = None

    def __post_init__(self) -> None:
        codes = [benefit.code for benefit in self.benefits]
        if len(set(codes)) != len(codes):
            raise InsuranceRefused("a package names each benefit once", version=self.version)

    def benefit(self, code: str) -> Benefit | None:
        return next((benefit for benefit in self.benefits if benefit.code == code), None)


@dataclass(frozen=True, slots=True)
class Cover:
    """One insured person's cover: from the day she joined; `suspended` are days without benefit.

    `family` are the others who share the ceiling of a family.
    """

    person: str
    joined_on: date
    until: date
    suspended: tuple[tuple[date, date], ...] = ()
    family: frozenset[str] = frozenset()

    def is_in_force(self, day: date) -> bool:
        return self.joined_on <= day <= self.until and not any(start <= day <= end for start, end in self.suspended)


def benefit_from(cover: Cover, benefit: Benefit) -> date:
    """The first day after the waiting period (methods 07, 7.1: by default 3 months, deliveries 9).

    >>> benefit_from(Cover("a", date(2026, 1, 31), date(2026, 12, 31)), Benefit("ward", waiting_months=3))
    datetime.date(2026, 4, 30)
    """
    return add_months(cover.joined_on, benefit.waiting_months)


class Reason(StrEnum):
    """Why a claim, or part of it, is not paid: the reason codes of methods 07, section 7.4."""

    NOT_INSURED = "not_insured"
    WAITING_PERIOD = "waiting_period"
    OUTSIDE_PACKAGE = "outside_package"
    CEILING_USED = "ceiling_used"
    TARIFF_EXCEEDED = "tariff_exceeded"
    DOCUMENT_MISSING = "document_missing"
    DUPLICATE = "duplicate"
    SUSPECTED_FRAUD = "suspected_fraud"


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One service of a claim: what the provider asks, and the most the price list allows (None: no tariff)."""

    benefit: str
    amount_minor: int
    tariff_minor: int | None = None

    def __post_init__(self) -> None:
        not_negative(amount_minor=self.amount_minor, tariff_minor=self.tariff_minor or 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim for one event of one person at one provider."""

    ref: str
    person: str
    provider: str
    on: date
    lines: tuple[ClaimLine, ...]
    has_documents: bool = True
    is_suspect: bool = False
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class PaidBenefit:
    """What the scheme already paid for a person in the cover year, one row for each benefit of an event."""

    person: str
    provider: str
    on: date
    benefit: str
    paid_minor: int


@dataclass(frozen=True, slots=True)
class LineValue:
    """One line valued: asked = paid by the scheme + co-payment + what is refused."""

    benefit: str
    asked_minor: int
    paid_minor: int
    copay_minor: int
    refused_minor: int
    reasons: frozenset[Reason]


@dataclass(frozen=True, slots=True)
class ClaimValue:
    """A claim valued line by line; rejected where nothing is paid and something was refused."""

    lines: tuple[LineValue, ...]

    @property
    def paid_minor(self) -> int:
        return sum(line.paid_minor for line in self.lines)

    @property
    def asked_minor(self) -> int:
        return sum(line.asked_minor for line in self.lines)

    @property
    def by_member_minor(self) -> int:
        return self.asked_minor - self.paid_minor

    @property
    def reasons(self) -> frozenset[Reason]:
        return frozenset().union(*(line.reasons for line in self.lines))

    @property
    def is_rejected(self) -> bool:
        return not self.paid_minor and any(line.refused_minor for line in self.lines)


def value_claim(
    claim: Claim, *, cover: Cover, package: BenefitPackage, paid_before: Sequence[PaidBenefit] = ()
) -> ClaimValue:
    """What the scheme pays of a claim, and why not the rest.

    In this order: whole claim (insured on the day, documents, fraud, exclusion, duplicate of a paid one), then for
    each line: package, waiting period, tariff, co-payment of what is allowed, ceiling of the event, of the benefit's
    year, of the person's year, of the family's year, and number of events. `paid_before` are the rows of the same cover
    year. Promise: asked = paid + co-payment + refused for every line; no ceiling is passed. Sources: methods 07, 7.1
    and 7.4; requirement MICROINS-04 (claim within ceiling, in benefit, after the waiting period).
    """
    whole = _whole_claim_reason(claim, cover, paid_before)
    own = [row for row in paid_before if row.person == claim.person]
    spent_all = sum(row.paid_minor for row in own)
    household = cover.family | {claim.person}
    spent_family = sum(row.paid_minor for row in paid_before if row.person in household)
    spent: dict[str, int] = {}
    events: dict[str, set[tuple[str, date]]] = {}
    for row in own:
        spent[row.benefit] = spent.get(row.benefit, 0) + row.paid_minor
        if row.paid_minor:
            events.setdefault(row.benefit, set()).add((row.provider, row.on))
    in_event: dict[str, int] = {}
    lines: list[LineValue] = []
    for line in claim.lines:
        benefit = package.benefit(line.benefit)
        reason = whole or _line_reason(claim, cover, benefit)
        if benefit is None or reason is not None:
            why = frozenset({reason or Reason.OUTSIDE_PACKAGE})
            lines.append(LineValue(line.benefit, line.amount_minor, 0, 0, line.amount_minor, why))
            continue
        reasons: set[Reason] = set()
        allowed = line.amount_minor if line.tariff_minor is None else min(line.amount_minor, line.tariff_minor)
        if allowed < line.amount_minor:
            reasons.add(Reason.TARIFF_EXCEEDED)
        copay = round(allowed * exact_share(benefit.copay))
        rooms = [
            _room(benefit.ceiling_event_minor, in_event.get(benefit.code, 0)),
            _room(benefit.ceiling_year_minor, spent.get(benefit.code, 0)),
            _room(package.ceiling_year_minor, spent_all),
            _room(package.ceiling_family_minor, spent_family),
        ]
        earlier = events.get(benefit.code, set()) - {(claim.provider, claim.on)}
        if benefit.events_year_max is not None and len(earlier) >= benefit.events_year_max:
            rooms.append(0)
        paid = min([allowed - copay, *(room for room in rooms if room is not None)])
        if paid < allowed - copay:
            reasons.add(Reason.CEILING_USED)
        in_event[benefit.code] = in_event.get(benefit.code, 0) + paid
        spent[benefit.code] = spent.get(benefit.code, 0) + paid
        spent_all += paid
        spent_family += paid
        lines.append(
            LineValue(
                line.benefit, line.amount_minor, paid, copay, line.amount_minor - paid - copay, frozenset(reasons)
            )
        )
    return ClaimValue(tuple(lines))


def _room(limit_minor: int | None, used_minor: int) -> int | None:
    return None if limit_minor is None else max(0, limit_minor - used_minor)


def _whole_claim_reason(claim: Claim, cover: Cover, paid_before: Sequence[PaidBenefit]) -> Reason | None:
    if cover.person != claim.person or not cover.is_in_force(claim.on):
        return Reason.NOT_INSURED
    if not claim.has_documents:
        return Reason.DOCUMENT_MISSING
    if claim.is_suspect:
        return Reason.SUSPECTED_FRAUD
    if claim.is_excluded:
        return Reason.OUTSIDE_PACKAGE
    asked = {(claim.person, claim.provider, claim.on, line.benefit) for line in claim.lines}
    if any((row.person, row.provider, row.on, row.benefit) in asked and row.paid_minor for row in paid_before):
        return Reason.DUPLICATE
    return None


def _line_reason(claim: Claim, cover: Cover, benefit: Benefit | None) -> Reason | None:
    if benefit is None:
        return Reason.OUTSIDE_PACKAGE
    return Reason.WAITING_PERIOD if claim.on < benefit_from(cover, benefit) else None


# --- the way of a claim -----------------------------------------------------------------------------------------------


class ClaimState(StrEnum):
    """States of methods 07, section 7.4."""

    ENTERED = "entered"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    VALUED = "valued"
    PAID = "paid"
    REJECTED = "rejected"


_NEXT: Mapping[ClaimState, frozenset[ClaimState]] = {
    ClaimState.ENTERED: frozenset({ClaimState.CHECKED, ClaimState.REJECTED}),
    ClaimState.CHECKED: frozenset({ClaimState.REVIEWED, ClaimState.VALUED, ClaimState.REJECTED}),
    ClaimState.REVIEWED: frozenset({ClaimState.VALUED, ClaimState.REJECTED}),
    ClaimState.VALUED: frozenset({ClaimState.PAID, ClaimState.REJECTED}),
    ClaimState.PAID: frozenset(),
    ClaimState.REJECTED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """Who brought a claim into which state."""

    state: ClaimState
    by: str


def advance(
    steps: Sequence[ClaimStep], *, to: ClaimState, by: str, needs_review: bool = False
) -> tuple[ClaimStep, ...]:
    """The steps with one more, when it may follow and another person does it.

    Enter, verify (check, review, value) and pay need different people; a claim drawn for review is not valued without
    one. Errors: StepNotAllowed, SamePerson; the steps given are never changed. Sources: methods 07, 7.4 and 7.5.

    >>> steps = advance((), to=ClaimState.ENTERED, by="clerk")
    >>> [step.state.value for step in advance(steps, to=ClaimState.CHECKED, by="manager")]
    ['entered', 'checked']
    """
    known = tuple(steps)
    here = known[-1].state if known else None
    allowed = {ClaimState.ENTERED} if here is None else _NEXT[here]
    if to not in allowed or (needs_review and here is ClaimState.CHECKED and to is ClaimState.VALUED):
        raise StepNotAllowed("a claim cannot go this way", here=here, to=to)
    entered = {step.by for step in known if step.state is ClaimState.ENTERED}
    verified = {step.by for step in known} - entered
    if by in entered or (to is ClaimState.PAID and by in verified):
        raise SamePerson("somebody else has to do this", by=by, to=to)
    return (*known, ClaimStep(to, by))


def fraud_sample(refs: Iterable[str], *, share: Rate = Fraction(5, 100), seed: int) -> frozenset[str]:
    """The claims to look at more closely: at least so large a share (5 % by default), the same for the same seed.

    Source: methods 07, 7.1, "fraud sample 5 %".
    """
    names = sorted(set(refs))
    count = -(-len(names) * exact_share(share) // 1)
    return frozenset(Random(seed).sample(names, min(len(names), int(count))))
