"""A trust that buys shares with a loan and gives them to employees: release, allocation, vesting, leaving.

Shares are whole numbers of the smallest part a plan keeps: whole shares, or ten-thousandths where it keeps four
decimals. Amounts are whole minor units. Limits of the law have no defaults here: they are data of a country and a date.

Sources: finance rules, section 3 (Treasury Reg. 54.4975-7(b)(8); NCEO answers; ESOP Partners articles); methods 02,
section 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from jump.core.bounds import Rate, exact_not_negative, exact_share, not_negative, positive
from jump.core.calendars import Period, add_months
from jump.core.ownership.refusals import OwnershipRefused
from jump.core.ratios import ExactRatio, ratio
from jump.core.sharing import shared, shared_up_to


class NothingToPay(OwnershipRefused):
    """A loan with nothing left to pay has nothing left to release."""

    code = "ownership.nothing_to_pay"


class MoreThanReleased(OwnershipRefused):
    """More shares would be allocated than were released."""

    code = "ownership.more_than_released"


class VestingBroken(OwnershipRefused):
    """A vesting rule never falls and ends at everything."""

    code = "ownership.vesting_broken"


# --- release from suspense --------------------------------------------------------------------------------------------


class ReleaseBy(StrEnum):
    """What the release follows."""

    PRINCIPAL_AND_INTEREST = "principal_and_interest"  # the general rule
    PRINCIPAL = "principal"  # the special rule, under conditions


@dataclass(frozen=True, slots=True)
class LoanPayment:
    """One year's payment of the loan that bought the shares, in minor units."""

    principal_minor: int
    interest_minor: int = 0

    def __post_init__(self) -> None:
        not_negative(principal_minor=self.principal_minor, interest_minor=self.interest_minor)

    def counted(self, by: ReleaseBy) -> int:
        return self.principal_minor + (self.interest_minor if by is ReleaseBy.PRINCIPAL_AND_INTEREST else 0)


def release(*, suspense: int, now: LoanPayment, later: Sequence[LoanPayment], by: ReleaseBy) -> int:
    """Shares released by this year's payment: suspense x now / (now + all later payments).

    `later` are the payments still to come, interest at the rate of the year's end, no extension counted. Rounded to
    the smallest part, halves to even; a last payment releases all that is left. Errors: NothingToPay where shares are
    in suspense and neither now nor later anything is paid. Source: finance rules, section 3, general and special rule.

    >>> release(suspense=30_000, now=LoanPayment(300_000), later=[LoanPayment(2_700_000)], by=ReleaseBy.PRINCIPAL)
    3000
    """
    not_negative(suspense=suspense)
    paid = now.counted(by)
    to_come = sum(payment.counted(by) for payment in later)
    if not paid + to_come:
        if suspense:
            raise NothingToPay("no payment is left to release the shares", suspense=suspense)
        return 0
    return round(Fraction(suspense * paid, paid + to_come))


def releases(
    *, suspense: int, payments: Sequence[LoanPayment], by: ReleaseBy, general_from: int | None = None
) -> tuple[int, ...]:
    """Shares released by each payment of one loan; they add up to all that were in suspense.

    `general_from` is the position of the first payment under the general rule, where a refinancing broke the conditions
    of the special one. Shares in suspense belong to their own loan: call once for each loan. Source: finance rules,
    section 3.

    >>> level = [LoanPayment(200, interest) for interest in (100, 80, 60, 40, 20)]
    >>> releases(suspense=1_000_000, payments=level, by=ReleaseBy.PRINCIPAL_AND_INTEREST)
    (230769, 215385, 200000, 184615, 169231)
    """
    left = suspense
    found: list[int] = []
    for position, payment in enumerate(payments):
        is_general = general_from is not None and position >= general_from
        used = ReleaseBy.PRINCIPAL_AND_INTEREST if is_general else by
        later = payments[position + 1 :]
        if not left or not (payment.counted(used) + sum(one.counted(used) for one in later)):
            found.append(0)
            continue
        found.append(release(suspense=left, now=payment, later=later, by=used))
        left -= found[-1]
    if left:
        raise NothingToPay("no payment is left to release the shares", suspense=left)
    return tuple(found)


def level_payments(*, principal_minor: int, rate_yearly: Rate, years: int) -> tuple[LoanPayment, ...]:
    """A standard amortisation table: equal yearly payments, the last one carries the rounding.

    Source: finance rules, section 3, both methods side by side (1,000,000 at 10 %, five payments of 263,797.48).

    >>> table = level_payments(principal_minor=1_000_000_00, rate_yearly=Fraction(1, 10), years=5)
    >>> [(one.principal_minor, one.interest_minor) for one in table[:2]]
    [(16379748, 10000000), (18017723, 8362025)]
    >>> sum(one.principal_minor for one in table)
    100000000
    """
    positive(principal_minor=principal_minor, years=years)
    rate = exact_not_negative(rate_yearly, name="rate_yearly")
    level = round(principal_minor * rate / (1 - 1 / (1 + rate) ** years)) if rate else principal_minor // years
    owed, table = principal_minor, []
    for year in range(1, years + 1):
        interest = round(owed * rate)
        principal = owed if year == years else min(owed, level - interest)
        table.append(LoanPayment(principal, interest))
        owed -= principal
    return tuple(table)


class PrincipalOnlyFails(StrEnum):
    """Why a loan may not release by principal alone."""

    SLOWER_THAN_LEVEL = "slower_than_level"
    INTEREST_NOT_STANDARD = "interest_not_standard"
    TERM_TOO_LONG = "term_too_long"


def principal_only_fails(
    *, payments: Sequence[LoanPayment], is_standard_table: bool, years_max: int
) -> frozenset[PrincipalOnlyFails]:
    """Why the special rule does not apply; empty means it may be used.

    `payments` are yearly over the whole term, renewals included. After t years at least t / years_max of all payments
    must be made; interest may be left out only as a standard amortisation table shows it; the term is at most
    `years_max`. Source: finance rules, section 3, special rule.
    """
    positive(years_max=years_max)
    amounts = [payment.counted(ReleaseBy.PRINCIPAL_AND_INTEREST) for payment in payments]
    total, done = sum(amounts), 0
    slower = False
    for years, amount in enumerate(amounts, start=1):
        done += amount
        slower = slower or done * years_max < total * min(years, years_max)
    found = {
        PrincipalOnlyFails.SLOWER_THAN_LEVEL: slower,
        PrincipalOnlyFails.INTEREST_NOT_STANDARD: not is_standard_table,
        PrincipalOnlyFails.TERM_TOO_LONG: len(payments) > years_max,
    }
    return frozenset(name for name, fails in found.items() if fails)


# --- contributions and allocation -------------------------------------------------------------------------------------


def counted_pay(pay_minor: Mapping[str, int], *, cap_minor: int | None) -> dict[str, int]:
    """Each person's pay up to the yearly cap. Source: finance rules, section 3, "Allocation"."""
    not_negative(**{f"pay of {name}": pay for name, pay in pay_minor.items()})
    return {name: pay if cap_minor is None else min(pay, cap_minor) for name, pay in pay_minor.items()}


def allocate_shares(pool: int, *, pay_minor: Mapping[str, int], cap_minor: int | None = None) -> dict[str, int]:
    """Released shares to people by capped pay, largest remainder. Hours may stand for pay (level formula).

    Source: finance rules, section 3, "Allocation".

    >>> allocate_shares(1_000, pay_minor={"a": 300, "b": 100}, cap_minor=200)
    {'a': 667, 'b': 333}
    """
    return shared(pool, counted_pay(pay_minor, cap_minor=cap_minor))


def allocate_contribution(
    contribution_minor: int,
    *,
    pay_minor: Mapping[str, int],
    cap_minor: int | None,
    addition_max_minor: int,
    share_of_pay_max: Rate = 1,
) -> tuple[dict[str, int], int]:
    """The year's addition for each person and what nobody may take.

    By capped pay; nobody above min(share of own pay, yearly amount); what one may not take goes to the others. In a
    leveraged plan this counts the contribution, not the share value; shares then follow these amounts. Source: finance
    rules, section 3, "Limits".

    >>> pay = {"a": 300, "b": 100}
    >>> allocate_contribution(200, pay_minor=pay, cap_minor=None, addition_max_minor=120)
    ({'a': 120, 'b': 80}, 0)
    """
    share = exact_not_negative(share_of_pay_max, name="share_of_pay_max")
    not_negative(addition_max_minor=addition_max_minor)
    limits = {name: min(int(pay * share), addition_max_minor) for name, pay in pay_minor.items()}
    return shared_up_to(contribution_minor, counted_pay(pay_minor, cap_minor=cap_minor), limits)


def principal_contribution_max_minor(*, covered_pay_minor: int, share: Rate) -> int:
    """The most an employer may contribute for loan principal, rounded down: a share of covered pay.

    25 % in one law. Source: finance rules, section 3, "Limits".
    """
    not_negative(covered_pay_minor=covered_pay_minor)
    return int(covered_pay_minor * exact_share(share))


def interest_is_unlimited(
    *, is_c_corporation: bool, highly_paid_minor: int, allocated_minor: int, share_max: Rate
) -> bool:
    """Whether interest comes on top of the limit: at most a share (one law: a third) may go to highly paid staff."""
    not_negative(highly_paid_minor=highly_paid_minor, allocated_minor=allocated_minor)
    return is_c_corporation and highly_paid_minor <= exact_share(share_max) * allocated_minor


# --- vesting and leaving ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vesting:
    """The vested share after 0, 1, 2 ... completed years; the last one holds for all later years."""

    shares: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        for share in self.shares:
            exact_share(share)
        if not self.shares or list(self.shares) != sorted(self.shares) or self.shares[-1] != 1:
            raise VestingBroken("a vesting rule never falls and ends at 1", shares=tuple(map(str, self.shares)))

    def after(self, years: int, *, is_full: bool = False) -> Fraction:
        """The vested share after so many years; everything at retirement age and at the end of the plan (`is_full`)."""
        not_negative(years=years)
        return Fraction(1) if is_full else self.shares[min(years, len(self.shares) - 1)]

    def is_as_fast_as(self, other: Vesting) -> bool:
        """Whether no year vests less than the other rule does."""
        last = max(len(self.shares), len(other.shares))
        return all(self.after(years) >= other.after(years) for years in range(last))


def cliff(years: int) -> Vesting:
    """Nothing before, everything from so many years on.

    >>> [str(cliff(3).after(years)) for years in (1, 2, 3)]
    ['0', '0', '1']
    """
    not_negative(years=years)
    return Vesting((*([Fraction(0)] * years), Fraction(1)))


def graded(first: int, last: int) -> Vesting:
    """Equal steps, the first after `first` years, everything after `last`.

    >>> [int(graded(2, 6).after(years) * 100) for years in range(1, 7)]
    [0, 20, 40, 60, 80, 100]
    """
    positive(first=first)
    steps = last - first + 1
    positive(steps=steps)
    return Vesting((*([Fraction(0)] * first), *(Fraction(step, steps) for step in range(1, steps + 1))))


def vesting_years(hours_by_year: Sequence[Rate], *, hours_min: int) -> int:
    """How many years count: those with at least so many hours (usually 1,000). Source: finance rules, section 3.

    >>> vesting_years([1_800, 999, 1_000], hours_min=1_000)
    2
    """
    return sum(1 for hours in hours_by_year if exact_not_negative(hours, name="hours") >= hours_min)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a leaver keeps and what falls back to the plan; together what she had."""

    vested: int
    forfeited: int


def leave(*, shares: int, vested_share: Rate) -> Leaving:
    """Split a leaver's shares, rounded to the smallest part, halves to even. Source: finance rules, 3, "Vesting".

    >>> leave(shares=101, vested_share=Fraction(2, 5))
    Leaving(vested=40, forfeited=61)
    """
    not_negative(shares=shares)
    vested = round(shares * exact_share(vested_share, name="vested_share"))
    return Leaving(vested, shares - vested)


class Cause(StrEnum):
    """Why somebody leaves."""

    RETIREMENT = "retirement"
    DEATH = "death"
    DISABILITY = "disability"
    OTHER = "other"


def payment_begins_by(*, plan_year_end: date, cause: Cause, plan_years: Mapping[Cause, int]) -> date:
    """The last day on which payment may begin; `plan_year_end` ends the plan year in which she left.

    `plan_years`: full plan years after that one, by whose end payment must begin; one law has 1 for retirement, death
    and disability and 6 for all others (finance rules, section 3, "Exit").

    >>> payment_begins_by(plan_year_end=date(2026, 12, 31), cause=Cause.OTHER, plan_years={Cause.OTHER: 6})
    datetime.date(2032, 12, 31)
    """
    if cause not in plan_years:
        raise OwnershipRefused("the law says nothing of this cause", cause=cause)
    return add_months(plan_year_end, 12 * plan_years[cause])


def put_windows(*, paid_out_on: date, valued_on: date, days: int) -> tuple[Period, Period]:
    """When an unlisted company must buy back: so many days after the pay-out, and again after the next valuation.

    Source: finance rules, section 3, "Exit" (two windows of 60 days).
    """
    positive(days=days)
    if valued_on <= paid_out_on:
        raise OwnershipRefused("the second window opens after the first", valued_on=str(valued_on))
    first, second = (Period(day + timedelta(days=1), day + timedelta(days=days)) for day in (paid_out_on, valued_on))
    return first, second


def diversifiable(
    *,
    shares: int,
    already: int,
    window_year: int,
    shares_by_year: Sequence[Rate],
) -> int:
    """How many shares may be turned into other assets this year, rounded down.

    The share of (shares held + already turned), less what was turned before. One law gives 25 % for five years, 50 %
    in the sixth, from 55 with ten years of participation; who has the right is for the caller. Source: finance rules,
    section 3, "Exit".

    >>> years = (Fraction(1, 4),) * 5 + (Fraction(1, 2),)
    >>> diversifiable(shares=1_000, already=0, window_year=1, shares_by_year=years)
    250
    >>> diversifiable(shares=750, already=250, window_year=6, shares_by_year=years)
    250
    """
    not_negative(shares=shares, already=already)
    positive(window_year=window_year)
    if window_year > len(shares_by_year):
        return 0
    asked = (shares + already) * exact_share(shares_by_year[window_year - 1])
    return min(shares, max(0, int(asked) - already))


# --- a year's figures -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrustYear:
    """What a year's return asks for: shares in and out of suspense, values, and people by status."""

    in_suspense: int
    released: int
    allocated: int
    unallocated_value_minor: int
    allocated_value_minor: int
    loan_owed_minor: int
    people: Mapping[str, int]

    @property
    def loan_to_suspense(self) -> ExactRatio:
        """Loan still owed over the value of shares in suspense."""
        return ratio(self.loan_owed_minor, self.unallocated_value_minor)


def trust_year(
    *,
    bought: int,
    released: int,
    allocated: Mapping[str, int],
    price_minor: int,
    loan_owed_minor: int,
    status: Mapping[str, str],
) -> TrustYear:
    """The figures of one year. Allocated is never more than released, released never more than bought.

    `price_minor` is per smallest part; `status` person -> active, left, retired ... Errors: MoreThanReleased,
    BelowZero. Sources: finance rules, section 3, "Form 5500 figures"; requirement CONVERT-05.
    """
    not_negative(bought=bought, released=released, price_minor=price_minor, loan_owed_minor=loan_owed_minor)
    not_negative(**{f"shares of {name}": held for name, held in allocated.items()})
    given = sum(allocated.values())
    if given > released or released > bought:
        raise MoreThanReleased("more than there is", bought=bought, released=released, allocated=given)
    people: dict[str, int] = {}
    for name in sorted(status):
        people[status[name]] = people.get(status[name], 0) + 1
    waiting = bought - released
    return TrustYear(waiting, released, given, waiting * price_minor, given * price_minor, loan_owed_minor, people)
