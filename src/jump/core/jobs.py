"""What counts as a job, as a decent job, as a full-time job, and as a job that lasted.

Rules: a decent job passes every mandatory item of the test that is declared for its country and date; one person in one
post is one job, whoever reports it; a claim is not a job until someone else has proved it; created, preserved, secured
and placed jobs are counted apart and never added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self

from jump.core.calendars import Period, add_months, days_covered

FTE_DAYS_PER_YEAR = 240  # DCED: 240 days of 8 hours are one full-time year
FULL_TIME_HOURS_WEEKLY = 40
CONTINUITY_GAP_DAYS = 30  # a gap of up to 30 days does not break a job; a check may come 30 days early


class Kind(StrEnum):
    """What the programme did for the job. The four are never added together."""

    CREATED = "created"
    PRESERVED = "preserved"
    SECURED = "secured"
    PLACED = "placed"


# --- the decent-work test -------------------------------------------------------------------------------------------


class Missing(StrEnum):
    """An item of the decent-work test that a job does not pass. Values are the item ids of country data."""

    PAY = "pay_min"
    HOURS = "hours_max"
    WRITTEN_TERMS = "written_terms"
    SOCIAL_PROTECTION = "social_protection"
    SAFETY = "safety"
    RIGHTS = "rights"
    DURATION = "duration"
    FREELY_CHOSEN = "freely_chosen"
    NO_HAZARD = "no_hazard_under_18"
    PAID_ON_TIME = "paid_on_time"
    EQUAL_TREATMENT = "equal_treatment"


_NEEDS_VALUE = frozenset({Missing.PAY, Missing.HOURS, Missing.DURATION})


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a job as stated or seen. None means nobody asked or nobody knows."""

    pay_minor_monthly: int | None = None
    currency: str = ""
    hours_weekly: Decimal | int | None = None
    has_written_terms: bool | None = None
    has_social_protection: bool | None = None
    is_safe: bool | None = None
    has_rights: bool | None = None
    months_expected: int | None = None
    is_freely_chosen: bool | None = None
    is_free_of_hazard: bool | None = None  # nobody under 18 is exposed to hazardous work
    is_paid_on_time: bool | None = None
    is_equal: bool | None = None  # equal pay, and no discrimination or harassment reported


@dataclass(frozen=True, slots=True)
class FloorItem:
    """One item of the test. `value` is minor units a month, hours a week, or months; None for a yes/no item."""

    item: Missing
    mandatory: bool = True
    value: Decimal | int | None = None
    unit: str = ""
    provenance: str = ""
    source_title: str = ""


@dataclass(frozen=True, slots=True)
class DecentWorkFloor:
    """One version of a country's decent-work test."""

    country: str
    version: str
    currency: str
    items: tuple[FloorItem, ...]

    def __post_init__(self) -> None:
        names = [item.item for item in self.items]
        if len(set(names)) != len(names):
            raise ValueError(f"the decent-work test of {self.country} names an item twice")

    @classmethod
    def from_items(cls, *, country: str, version: str, currency: str, items: Iterable[Mapping[str, object]]) -> Self:
        """From package data: `{id, mandatory, value, unit, provenance, source_title}` each."""
        found: list[FloorItem] = []
        for item in items:
            value = item.get("value")
            is_number = value is not None and not isinstance(value, bool)
            found.append(
                FloorItem(
                    item=Missing(str(item["id"])),
                    mandatory=bool(item.get("mandatory", True)),
                    value=Decimal(str(value)) if is_number else None,
                    unit=str(item.get("unit", "")),
                    provenance=str(item.get("provenance", "")),
                    source_title=str(item.get("source_title", "")),
                )
            )
        return cls(country, version, currency, tuple(found))

    @property
    def mandatory(self) -> frozenset[Missing]:
        return frozenset(item.item for item in self.items if item.mandatory)

    @property
    def gaps(self) -> frozenset[Missing]:
        """Mandatory items nobody has put a value to yet; while there is one, no job can pass."""
        return frozenset(
            item.item for item in self.items if item.mandatory and item.item in _NEEDS_VALUE and item.value is None
        )


@dataclass(frozen=True, slots=True)
class DecentWorkResult:
    """How a job stands against one version of the test."""

    missing: frozenset[Missing]  # mandatory items not passed, for whatever reason
    unknown: frozenset[Missing]  # of these: not asked, not known, or no floor declared
    advisory: frozenset[Missing]  # items not passed that are not mandatory

    @property
    def is_decent(self) -> bool:
        return not self.missing


def decent_work_test(terms: Terms, floor: DecentWorkFloor) -> DecentWorkResult:
    """Test every item. What is not known is not passed: a job is decent only when it is shown to be."""
    missing: set[Missing] = set()
    unknown: set[Missing] = set()
    advisory: set[Missing] = set()
    for item in floor.items:
        passed = _passes(terms, item, floor)
        if passed:
            continue
        if not item.mandatory:
            advisory.add(item.item)
            continue
        missing.add(item.item)
        if passed is None:
            unknown.add(item.item)
    return DecentWorkResult(frozenset(missing), frozenset(unknown), frozenset(advisory))


def missing_for_decent(terms: Terms, floor: DecentWorkFloor) -> frozenset[Missing]:
    """Name what keeps a job from counting as decent; empty means it counts.

    >>> floor = DecentWorkFloor("TH", "1", "THB", (FloorItem(Missing.PAY, value=800_000), FloorItem(Missing.SAFETY)))
    >>> missing_for_decent(Terms(pay_minor_monthly=800_000, currency="THB", is_safe=True), floor)
    frozenset()
    >>> sorted(missing_for_decent(Terms(pay_minor_monthly=799_999, currency="THB"), floor))
    [<Missing.PAY: 'pay_min'>, <Missing.SAFETY: 'safety'>]
    """
    return decent_work_test(terms, floor).missing


def _passes(terms: Terms, item: FloorItem, floor: DecentWorkFloor) -> bool | None:
    """True, False, or None where it cannot be said."""
    match item.item:
        case Missing.PAY:
            if terms.pay_minor_monthly is None or item.value is None or terms.currency != floor.currency:
                return None
            return terms.pay_minor_monthly >= item.value
        case Missing.HOURS:
            if terms.hours_weekly is None or item.value is None:
                return None
            return terms.hours_weekly <= item.value
        case Missing.DURATION:
            if terms.months_expected is None or item.value is None:
                return None
            return terms.months_expected >= item.value
        case Missing.WRITTEN_TERMS:
            return terms.has_written_terms
        case Missing.SOCIAL_PROTECTION:
            return terms.has_social_protection
        case Missing.SAFETY:
            return terms.is_safe
        case Missing.RIGHTS:
            return terms.has_rights
        case Missing.FREELY_CHOSEN:
            return terms.is_freely_chosen
        case Missing.NO_HAZARD:
            return terms.is_free_of_hazard
        case Missing.PAID_ON_TIME:
            return terms.is_paid_on_time
        case Missing.EQUAL_TREATMENT:
            return terms.is_equal


# --- full-time equivalents ------------------------------------------------------------------------------------------


def fte_by_days(
    days_worked: int | Fraction, *, days_per_year: int = FTE_DAYS_PER_YEAR, capped: bool = True
) -> Fraction:
    """Days of work as full-time years, for seasonal and day labour; one person counts as at most one.

    >>> fte_by_days(60), fte_by_days(300), fte_by_days(300, capped=False)
    (Fraction(1, 4), Fraction(1, 1), Fraction(5, 4))
    """
    share = Fraction(days_worked) / days_per_year
    return min(share, Fraction(1)) if capped else share


def fte_by_hours(
    hours_weekly: Decimal | int,
    *,
    months: int | Fraction = 12,
    full_time_hours: int = FULL_TIME_HOURS_WEEKLY,
    capped: bool = True,
) -> Fraction:
    """Weekly hours over a full-time week, times the part of the year worked.

    >>> fte_by_hours(20), fte_by_hours(40, months=6), fte_by_hours(60)
    (Fraction(1, 2), Fraction(1, 2), Fraction(1, 1))
    """
    week = Fraction(hours_weekly) / full_time_hours
    if capped:
        week = min(week, Fraction(1))
    return week * Fraction(months) / 12


def fte_in_period(
    spells: Iterable[tuple[Period, Decimal | int]], period: Period, *, full_time_hours: int = FULL_TIME_HOURS_WEEKLY
) -> Fraction:
    """One person's full-time equivalent in a period from (days, weekly hours) spells; at most one at any time.

    Each day counts the sum of the weekly hours held on that day over a full-time week, capped at one.
    """
    clipped = [(overlap, hours) for span, hours in spells if (overlap := span.overlap(period)) is not None]
    edges = sorted(
        {period.start, *(span.start for span, _ in clipped), *(span.end + timedelta(1) for span, _ in clipped)}
    )
    total = Fraction(0)
    for begin, end in zip(edges, (*edges[1:], period.end + timedelta(1)), strict=True):
        hours = sum((Fraction(hours) for span, hours in clipped if begin in span), Fraction(0))
        total += min(hours / full_time_hours, Fraction(1)) * (end - begin).days
    return total / period.days


# --- jobs that last -------------------------------------------------------------------------------------------------


class Sustained(StrEnum):
    """Whether a job still existed so many months after it began."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not_yet"  # too early, or nobody has looked


@dataclass(frozen=True, slots=True)
class JobSpell:
    """When a job began and ended, and when somebody looked whether the person was still at work."""

    started_on: date
    ended_on: date | None = None
    seen_at_work: tuple[date, ...] = ()
    seen_gone: tuple[date, ...] = ()


def sustained_at(spell: JobSpell, months: int, as_of: date) -> Sustained:
    """Yes only on evidence: somebody saw the person at work at most 30 days before the anniversary, or later.

    No when the job had ended, or the person was found gone, more than 30 days before it. Otherwise not yet known, also
    after the day has passed.

    >>> spell = JobSpell(date(2026, 1, 1), seen_at_work=(date(2026, 6, 20),))
    >>> sustained_at(spell, 6, date(2026, 7, 2)), sustained_at(spell, 12, date(2026, 7, 2))
    (<Sustained.YES: 'yes'>, <Sustained.NOT_YET: 'not_yet'>)
    """
    anniversary = add_months(spell.started_on, months)
    earliest = anniversary - timedelta(days=CONTINUITY_GAP_DAYS)
    if spell.ended_on is not None and spell.ended_on <= as_of and spell.ended_on < earliest:
        return Sustained.NO
    seen = [day for day in spell.seen_at_work if day <= as_of]
    gone = [day for day in spell.seen_gone if day <= as_of and not any(day <= later for later in seen)]
    if any(day < earliest for day in gone):
        return Sustained.NO
    if as_of < earliest:
        return Sustained.NOT_YET
    if any(day >= earliest for day in seen):
        return Sustained.YES
    if spell.ended_on is not None and earliest <= spell.ended_on <= as_of:
        return Sustained.YES if spell.ended_on >= anniversary else Sustained.NO
    if any(day < anniversary for day in gone):
        return Sustained.NO
    return Sustained.NOT_YET


@dataclass(frozen=True, slots=True)
class Retention:
    """Jobs whose anniversary has passed: how many lasted, how many did not, how many nobody looked at."""

    months: int
    yes: int
    no: int
    unknown: int

    @property
    def reached(self) -> int:
        return self.yes + self.no + self.unknown

    @property
    def low(self) -> Fraction | None:
        """All unknown ended. This one is the headline."""
        return Fraction(self.yes, self.reached) if self.reached else None

    @property
    def high(self) -> Fraction | None:
        """All unknown lasted."""
        return Fraction(self.yes + self.unknown, self.reached) if self.reached else None


def retention(spells: Iterable[JobSpell], months: int, as_of: date) -> Retention:
    """Of the jobs that reached their anniversary, which part was still there."""
    counts = dict.fromkeys(Sustained, 0)
    for spell in spells:
        if add_months(spell.started_on, months) <= as_of:
            counts[sustained_at(spell, months, as_of)] += 1
    return Retention(months, counts[Sustained.YES], counts[Sustained.NO], counts[Sustained.NOT_YET])


# --- counting ------------------------------------------------------------------------------------------------------


class ClaimState(StrEnum):
    """Where a claim stands. That a job ended is said by its date, not by its state."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class JobClaim:
    """One report that a person holds a job, as far as counting needs it.

    `post` is what makes two claims of one person the same job (the post, or employer with occupation). `replaces` names
    the claim whose worker this one took over from; a ref outside the claims means a post that existed before.
    """

    ref: str
    person: str
    post: str
    kind: Kind
    started_on: date
    ended_on: date | None = None
    state: ClaimState = ClaimState.CLAIMED
    is_decent: bool = False
    replaces: str = ""
    sex: str = "not_stated"


class Rule(StrEnum):
    """Why a claim is not counted. In the order in which the rules are applied."""

    REFUSED = "refused"
    NOT_STARTED = "not_started"
    SAME_JOB = "same_job"
    SAME_POST_AGAIN = "same_post_again"
    REPLACEMENT = "replacement"
    NOT_VERIFIED = "not_verified"
    ENDED = "ended"
    NOT_DECENT = "not_decent"


RULE_TEXTS: Mapping[Rule, str] = {
    Rule.REFUSED: "The visit did not confirm the job.",
    Rule.NOT_STARTED: "The job had not begun on this day.",
    Rule.SAME_JOB: "The same person in the same post was reported more than once.",
    Rule.SAME_POST_AGAIN: "The person came back to the same post: still one job.",
    Rule.REPLACEMENT: "A new worker took over an existing post: not a new job.",
    Rule.NOT_VERIFIED: "Nobody but the claimant has confirmed the job yet.",
    Rule.ENDED: "The job had ended on this day.",
    Rule.NOT_DECENT: "The job does not pass the decent-work test.",
}


@dataclass(frozen=True, slots=True)
class RuleApplied:
    """One line of the statement: a rule and the claims it took away."""

    rule: Rule
    refs: tuple[str, ...]

    @property
    def took_away(self) -> int:
        return len(self.refs)

    @property
    def text(self) -> str:
        return RULE_TEXTS[self.rule]


@dataclass(frozen=True, slots=True)
class KindCount:
    """From the claims of one kind to its decent jobs, rule by rule. Claims minus all taken away are the decent jobs."""

    kind: Kind
    claims: int
    rules: tuple[RuleApplied, ...]
    counted: tuple[str, ...]  # verified, and still there where `ended` is applied
    decent: tuple[str, ...]
    people: int  # distinct people in the decent jobs
    decent_by_sex: Mapping[str, int]

    def took_away(self, rule: Rule) -> int:
        return next((line.took_away for line in self.rules if line.rule is rule), 0)


@dataclass(frozen=True, slots=True)
class JobCountStatement:
    """How the programme's figures come about. There is no total over kinds on purpose."""

    as_of: date
    kinds: tuple[KindCount, ...]
    kept_instead: Mapping[str, str] = field(default_factory=dict)  # claim taken away as a repeat -> claim kept
    in_several_kinds: int = 0  # person-posts claimed under more than one kind: do not add the kinds

    def of(self, kind: Kind) -> KindCount:
        return next(count for count in self.kinds if count.kind is kind)


_STATE_RANK = {ClaimState.VERIFIED: 0, ClaimState.CLAIMED: 1, ClaimState.NOT_CONFIRMED: 2}


def count_jobs(
    claims: Iterable[JobClaim],
    *,
    as_of: date,
    clusters: Mapping[str, str] | None = None,
    ended_counts: bool = False,
) -> JobCountStatement:
    """Apply every rule in turn and say what each took away.

    `clusters` maps a person's ref to the ref of the person they were found to be; others stand for themselves. With
    `ended_counts` a job that has ended still counts (cumulative figures); otherwise only jobs that exist on the day.

    >>> day = date(2026, 1, 1)
    >>> proved = ClaimState.VERIFIED
    >>> twice = [JobClaim(ref, "per-1", "pst-1", Kind.CREATED, day, None, proved, is_decent=True) for ref in "ab"]
    >>> created = count_jobs(twice, as_of=date(2026, 6, 30)).of(Kind.CREATED)
    >>> created.claims, created.took_away(Rule.SAME_JOB), len(created.decent)
    (2, 1, 1)
    """
    same_as = clusters or {}
    by_kind: dict[Kind, list[JobClaim]] = {kind: [] for kind in Kind}
    kinds_of: dict[tuple[str, str], set[Kind]] = defaultdict(set)
    seen: set[str] = set()
    for claim in claims:
        if claim.ref in seen:
            raise ValueError(f"claim {claim.ref} was given twice")
        seen.add(claim.ref)
        person = same_as.get(claim.person, claim.person)
        if claim.ended_on is not None and claim.ended_on > as_of:  # an end that lies ahead has not happened
            claim = replace(claim, ended_on=None)
        by_kind[claim.kind].append(replace(claim, person=person))
        if claim.state is not ClaimState.NOT_CONFIRMED:
            kinds_of[person, claim.post].add(claim.kind)
    kept_instead: dict[str, str] = {}
    counts = tuple(
        _count_kind(kind, found, as_of=as_of, ended_counts=ended_counts, kept_instead=kept_instead)
        for kind, found in by_kind.items()
    )
    shared = sum(1 for kinds in kinds_of.values() if len(kinds) > 1)
    return JobCountStatement(as_of, counts, kept_instead, shared)


def _count_kind(
    kind: Kind, claims: Sequence[JobClaim], *, as_of: date, ended_counts: bool, kept_instead: dict[str, str]
) -> KindCount:
    taken: dict[Rule, list[str]] = {rule: [] for rule in Rule}
    left: list[JobClaim] = []
    for claim in claims:
        if claim.state is ClaimState.NOT_CONFIRMED:
            taken[Rule.REFUSED].append(claim.ref)
        elif claim.started_on > as_of:
            taken[Rule.NOT_STARTED].append(claim.ref)
        else:
            left.append(claim)

    by_job: dict[tuple[str, str], list[JobClaim]] = defaultdict(list)
    for claim in left:
        by_job[claim.person, claim.post].append(claim)
    jobs = [_one_job(found, taken, kept_instead) for found in by_job.values()]

    origins = _origins(jobs, kept_instead)
    known = {job.ref for job in jobs}
    filled: set[str] = set()
    counted: list[JobClaim] = []
    for job in sorted(jobs, key=lambda job: (job.started_on, job.ref)):
        origin = origins[job.ref]
        if job.state is not ClaimState.VERIFIED:
            taken[Rule.NOT_VERIFIED].append(job.ref)
        elif job.ended_on is not None and not ended_counts:
            taken[Rule.ENDED].append(job.ref)
        elif origin in filled or origin not in known:
            taken[Rule.REPLACEMENT].append(job.ref)
        else:
            filled.add(origin)
            counted.append(job)
    decent = [job for job in counted if job.is_decent]
    taken[Rule.NOT_DECENT] = [job.ref for job in counted if not job.is_decent]

    by_sex: dict[str, int] = defaultdict(int)
    for job in decent:
        by_sex[job.sex] += 1
    assert len(claims) - sum(len(refs) for refs in taken.values()) == len(decent)
    return KindCount(
        kind=kind,
        claims=len(claims),
        rules=tuple(RuleApplied(rule, tuple(sorted(refs))) for rule, refs in taken.items()),
        counted=tuple(sorted(job.ref for job in counted)),
        decent=tuple(sorted(job.ref for job in decent)),
        people=len({job.person for job in decent}),
        decent_by_sex=dict(sorted(by_sex.items())),
    )


def _origins(jobs: Sequence[JobClaim], kept_instead: Mapping[str, str]) -> dict[str, str]:
    """Job -> the first job in its line of replacements, which may be one nobody reported (an older post).

    However many workers follow one another, the line is one job: it counts while any of them counts.
    """
    before = {job.ref: kept_instead.get(job.replaces, job.replaces) for job in jobs if job.replaces}
    origins: dict[str, str] = {}
    for job in jobs:
        origin, walked = job.ref, {job.ref}
        while origin in before and before[origin] not in walked:
            origin = before[origin]
            walked.add(origin)
        origins[job.ref] = origin
    return origins


def _one_job(claims: Sequence[JobClaim], taken: dict[Rule, list[str]], kept_instead: dict[str, str]) -> JobClaim:
    """All claims of one person in one post as one job: the best proved claim stands for them all.

    The job ran from the first start to the last end among the claims proved as well as the one kept, so that an
    unproved report can neither prolong nor revive a job.
    """
    kept = min(claims, key=lambda claim: (_STATE_RANK[claim.state], claim.started_on, claim.ref))
    for claim in claims:
        if claim.ref == kept.ref:
            continue
        rule = Rule.SAME_JOB if _is_continuous(kept, claim) else Rule.SAME_POST_AGAIN
        taken[rule].append(claim.ref)
        kept_instead[claim.ref] = kept.ref
    as_good = [claim for claim in claims if claim.state is kept.state]
    ends = [claim.ended_on for claim in as_good]
    return replace(
        kept,
        started_on=min(claim.started_on for claim in as_good),
        ended_on=None if None in ends else max(end for end in ends if end is not None),
    )


def _is_continuous(one: JobClaim, other: JobClaim) -> bool:
    """Whether two spells overlap or lie at most 30 days apart."""
    gap = timedelta(days=CONTINUITY_GAP_DAYS)
    one_end, other_end = one.ended_on or date.max - gap, other.ended_on or date.max - gap
    return one.started_on <= other_end + gap and other.started_on <= one_end + gap


def verification_rate(claims: Iterable[JobClaim]) -> Fraction | None:
    """Claims somebody else has confirmed over all claims; None when there are none."""
    states = [claim.state for claim in claims]
    return Fraction(states.count(ClaimState.VERIFIED), len(states)) if states else None


def days_worked(spells: Iterable[Period], within: Period) -> int:
    """Calendar days of a period covered by at least one spell."""
    return days_covered(spells, within)
