"""Tests of a labour limited company: who holds the capital, how much one may hold, whose hours are worked, the reserve.

The law is data: a `LabourCompanyLaw` with its jurisdiction and dates. Capital is in minor units (or in shares of equal
value), hours are exact numbers of one year.

Source: finance rules, section 4 (a company law in its version until 13 November 2015 and from 14 November 2015, tests
L1 to L4); methods 02, section 2.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Self

from jump.core.bounds import Rate, exact_not_negative, exact_share, not_negative, positive
from jump.core.calendars import add_months
from jump.core.ownership.refusals import OwnershipRefused
from jump.core.ratios import ExactRatio, ratio
from jump.core.sharing import shared_up_to


class LawUnclear(OwnershipRefused):
    """The data of a law contradict themselves, or no law is in force on the day asked."""

    code = "ownership.law_unclear"


@dataclass(frozen=True, slots=True)
class HoursLimit:
    """The limit for companies with fewer workers than `workers_below` (None: all others)."""

    workers_below: int | None
    limit: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourCompanyLaw:
    """One version of the rules of one country."""

    id: str
    jurisdiction: str
    valid_from: date
    valid_to: date | None = None
    labour_share_above: Fraction = Fraction(1, 2)
    votes_too: bool = False
    members_min: int
    holder_max: Fraction
    exempt_kinds: frozenset[str] = frozenset()
    exempt_below: Fraction = Fraction(1, 2)
    equal_founders_months: int = 0
    hours_limits: tuple[HoursLimit, ...] = ()
    disability_left_out_percent: int | None = None
    cure_months: int
    cure_share_yearly: Fraction | None = None
    reserve_share: Fraction
    reserve_ceiling_times: Fraction | None = None
    reserve_ceiling_inclusive: bool = True

    def __post_init__(self) -> None:
        open_ends = [limit.workers_below for limit in self.hours_limits]
        closed = [end for end in open_ends if end is not None]
        if open_ends and (open_ends[-1] is not None or closed != sorted(set(closed)) or None in open_ends[:-1]):
            raise LawUnclear("the last limit of hours is for all others", law=self.id)
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise LawUnclear("a law cannot end before it begins", law=self.id)

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        """From package data: dates as ISO text, fractions as text ("1/3", "0.15"), hours_limits as a list of
        {workers_below, limit}. A key this class does not know is refused, so that no rule is silently lost."""
        known = {field.name: field.type for field in fields(cls)}
        strange = sorted(set(data) - set(known))
        if strange:
            raise LawUnclear("unknown keys", keys=tuple(strange))
        found: dict[str, object] = {}
        for name, value in data.items():
            kind = str(known[name])
            if name == "hours_limits":
                assert isinstance(value, Sequence)
                found[name] = tuple(HoursLimit(row.get("workers_below"), Fraction(str(row["limit"]))) for row in value)
            elif name == "exempt_kinds":
                assert isinstance(value, Sequence)
                found[name] = frozenset(map(str, value))
            elif "date" in kind and value is not None:
                found[name] = date.fromisoformat(str(value))
            elif "Fraction" in kind and value is not None:
                found[name] = Fraction(str(value))
            else:
                found[name] = value
        return cls(**found)  # type: ignore[arg-type]  # names are those of the fields, checked above


def law_on(laws: Iterable[LabourCompanyLaw], *, jurisdiction: str, day: date) -> LabourCompanyLaw:
    """The one version in force on a day. Errors: LawUnclear where there is none, or more than one."""
    found = [
        law
        for law in laws
        if law.jurisdiction == jurisdiction and law.valid_from <= day and (law.valid_to is None or day <= law.valid_to)
    ]
    if len(found) != 1:
        raise LawUnclear("not exactly one law is in force", jurisdiction=jurisdiction, day=str(day), found=len(found))
    return found[0]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds capital. `is_labour`: a worker with an open-ended contract giving paid, personal, direct work.

    Somebody may appear twice, with labour and with general capital; what one holds is then added up.
    """

    ref: str
    capital: int
    is_labour: bool = False
    kind: str = "person"
    votes: int | None = None  # as capital where None

    @property
    def votes_held(self) -> int:
        return self.capital if self.votes is None else self.votes


@dataclass(frozen=True, slots=True)
class WorkerYear:
    """What one worker worked in a year."""

    ref: str
    hours: Rate
    is_member: bool = False
    is_open_ended: bool = True
    disability_percent: int = 0


class Missed(StrEnum):
    """A test the company does not pass."""

    LABOUR_CAPITAL = "labour_capital"
    LABOUR_VOTES = "labour_votes"
    ONE_HOLDER = "one_holder"
    MEMBERS = "members"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class CompanyCheck:
    """Every figure of the tests and what is missed; empty means it is a labour company."""

    labour_capital: ExactRatio
    labour_votes: ExactRatio
    largest_holder: str
    largest_share: ExactRatio
    members: int
    hours: ExactRatio
    hours_limit: Fraction | None
    missed: frozenset[Missed]


def check_company(
    *,
    law: LabourCompanyLaw,
    holders: Sequence[Holder],
    workers: Sequence[WorkerYear],
    on: date,
    founded_on: date | None = None,
) -> CompanyCheck:
    """Run tests L1 to L3 of one company on one day.

    L1: labour capital / capital above the share of the law (and votes where it says so). L2: no holder above the
    maximum, except bodies of exempt kinds staying below their own limit, and two labour founders with half each for the
    months the law gives. L3: hours of open-ended workers who are not members / hours of members at most the limit for
    the number of workers; fixed-term workers and, where the law says so, workers with a disability are left out of the
    non-members' hours. Errors: BelowZero. Source: finance rules, section 4.
    """
    not_negative(**{f"capital of {holder.ref}": holder.capital for holder in holders})
    not_negative(**{f"votes of {holder.ref}": holder.votes_held for holder in holders})
    capital = sum(holder.capital for holder in holders)
    labour = ratio(sum(holder.capital for holder in holders if holder.is_labour), capital)
    votes = ratio(
        sum(holder.votes_held for holder in holders if holder.is_labour),
        sum(holder.votes_held for holder in holders),
    )
    in_all: dict[str, int] = {}
    for holder in holders:
        in_all[holder.ref] = in_all.get(holder.ref, 0) + holder.capital
    largest = max(in_all, key=lambda ref: (in_all[ref], ref), default="")
    exempt = frozenset(holder.ref for holder in holders if holder.kind in law.exempt_kinds)
    members = sum(1 for held in in_all.values() if held)
    hours, limit = _hours(law, workers)
    missed = {
        Missed.LABOUR_CAPITAL: labour.value is None or labour.value <= law.labour_share_above,
        Missed.LABOUR_VOTES: law.votes_too and (votes.value is None or votes.value <= law.labour_share_above),
        Missed.ONE_HOLDER: not _are_equal_founders(law, holders, on, founded_on)
        and any(_holds_too_much(law, held, capital, is_exempt=ref in exempt) for ref, held in in_all.items()),
        Missed.MEMBERS: members < law.members_min,
        Missed.HOURS: limit is not None and hours.numerator > limit * hours.denominator,
    }
    return CompanyCheck(
        labour,
        votes,
        largest,
        ratio(in_all.get(largest, 0), capital),
        members,
        hours,
        limit,
        frozenset(name for name, is_missed in missed.items() if is_missed),
    )


def _holds_too_much(law: LabourCompanyLaw, held: int, capital: int, *, is_exempt: bool) -> bool:
    if is_exempt:
        return held >= law.exempt_below * capital > 0
    return held > law.holder_max * capital


def _are_equal_founders(law: LabourCompanyLaw, holders: Sequence[Holder], on: date, founded_on: date | None) -> bool:
    own = [holder for holder in holders if holder.capital]
    return (
        founded_on is not None
        and len(own) == 2
        and all(holder.is_labour for holder in own)
        and own[0].capital == own[1].capital
        and on < add_months(founded_on, law.equal_founders_months)
    )


def _hours(law: LabourCompanyLaw, workers: Sequence[WorkerYear]) -> tuple[ExactRatio, Fraction | None]:
    members = others = Fraction(0)
    for worker in workers:
        worked = exact_not_negative(worker.hours, name="hours")
        percent = law.disability_left_out_percent
        if worker.is_member:
            members += worked
        elif worker.is_open_ended and (percent is None or worker.disability_percent < percent):
            others += worked
    count = len(workers)
    limit = next(
        (row.limit for row in law.hours_limits if row.workers_below is None or count < row.workers_below), None
    )
    return ratio(others, members), limit


def members_needed(*, open_ended: int, limit: Rate) -> int:
    """How many of the open-ended workers must be members, at equal hours, for the others to stay within the limit.

    The smallest m with (n - m) / m <= limit. Source: finance rules, section 4, example.

    >>> members_needed(open_ended=15, limit=Fraction(49, 100)), members_needed(open_ended=15, limit=Fraction(15, 100))
    (11, 14)
    """
    not_negative(open_ended=open_ended)
    asked = open_ended / (1 + exact_not_negative(limit, name="limit"))
    return -(-asked.numerator // asked.denominator)


def cure_path(*, hours: ExactRatio, limit: Rate, share_yearly: Rate) -> tuple[Fraction, ...]:
    """The most the ratio may be at the end of each year until it is back within the limit.

    At least `share_yearly` of the excess goes each year (a third, within three years, in the older law). Empty where
    nothing is to be cured. Source: finance rules, section 4, row "over the limit".

    >>> cure_path(hours=ratio(45, 100), limit=Fraction(15, 100), share_yearly=Fraction(1, 3))
    (Fraction(7, 20), Fraction(1, 4), Fraction(3, 20))
    """
    most, step = exact_not_negative(limit, name="limit"), exact_share(share_yearly, name="share_yearly")
    if hours.value is None or hours.value <= most:
        return ()
    if not step:
        raise LawUnclear("an excess that may stay for ever is no limit", share_yearly=str(share_yearly))
    excess, path = hours.value - most, []
    done = Fraction(0)
    while done < 1:
        done = min(Fraction(1), done + step)
        path.append(most + excess * (1 - done))
    return tuple(path)


def cure_deadline(law: LabourCompanyLaw, *, missed_on: date) -> date:
    """The day by which a company must be back within its limits."""
    return add_months(missed_on, law.cure_months)


def reserve_transfer_minor(
    *, law: LabourCompanyLaw, net_profit_minor: int, capital_minor: int, reserve_minor: int
) -> int:
    """L4: what goes from net profit to the special reserve, in minor units.

    min(share x net profit, what is missing to the ceiling); without a ceiling the share alone; nothing of a loss.
    Where the ceiling must be exceeded (`reserve_ceiling_inclusive` False) one minor unit more is missing. The share is
    rounded once, halves to the even unit (our default). Source: finance rules, section 4, L4 and reserve example.
    """
    not_negative(capital_minor=capital_minor, reserve_minor=reserve_minor)
    asked = round(max(0, net_profit_minor) * law.reserve_share)
    if law.reserve_ceiling_times is None:
        return asked
    ceiling = int(law.reserve_ceiling_times * capital_minor)
    missing = max(0, ceiling - reserve_minor)
    if not law.reserve_ceiling_inclusive and reserve_minor <= ceiling:
        missing = ceiling - reserve_minor + 1
    return min(asked, missing)


@dataclass(frozen=True, slots=True)
class Wish:
    """How many of the offered shares somebody would take, and in which row of priority she stands."""

    ref: str
    row: str
    shares: int


def place_offer(*, shares: int, wishes: Iterable[Wish], rows: Sequence[str]) -> tuple[dict[str, int], int]:
    """Who gets a leaver's shares: row by row, within a row by what was asked for. Returns (ref -> shares, left over).

    What is left over the company may buy. Rows of one law: open-ended workers who are not members, labour members,
    general members. Errors: LawUnclear for a wish in a row the law does not know, BelowZero. Source: finance rules,
    section 4, row "share classes"; splitting within a row by wish is our default.

    >>> wishes = [Wish("a", "worker", 6), Wish("b", "worker", 3), Wish("c", "general", 5)]
    >>> place_offer(shares=10, wishes=wishes, rows=["worker", "labour", "general"])
    ({'a': 6, 'b': 3, 'c': 1}, 0)
    """
    not_negative(shares=shares)
    by_row: dict[str, dict[str, int]] = {row: {} for row in rows}
    for wish in wishes:
        positive(shares=wish.shares)
        if wish.row not in by_row:
            raise LawUnclear("the law knows no such row", row=wish.row)
        by_row[wish.row][wish.ref] = by_row[wish.row].get(wish.ref, 0) + wish.shares
    placed: dict[str, int] = {}
    left = shares
    for row in rows:
        parts, left = shared_up_to(left, by_row[row], by_row[row])
        for ref, part in sorted(parts.items()):
            placed[ref] = placed.get(ref, 0) + part
    return placed, left
