"""The ten performance indicators of micro-insurance, on the accrual basis, and the alarms that follow from them.

Amounts are whole minor units of one currency or exact; ratios are `ExactRatio`. Cash-basis
figures have no place here.

Sources: Wipf and Garand, Performance indicators for microinsurance, 2nd ed. 2010, as stated in finance rules, section
6, and methods 07, section 7.3; readings and alarms are the defaults of methods 07 (7.3, 7.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from jump.core.bounds import Rate, exact_not_negative, not_negative
from jump.core.calendars import Period
from jump.core.insurance.cover import InsuranceRefused
from jump.core.ratios import ExactRatio, Goal, growth, ratio

# --- accruals ---------------------------------------------------------------------------------------------------------


def earned_premium(*, premium_minor: int, cover: Period, within: Period) -> Fraction:
    """The part of a premium that belongs to a period: premium x days covered in it / days of cover, exact.

    Source: finance rules, section 6 (pro rata by day).

    >>> year = Period(date(2025, 10, 1), date(2026, 9, 30))
    >>> quarter = Period(date(2025, 10, 1), date(2025, 12, 31))
    >>> round(earned_premium(premium_minor=12_00, cover=year, within=quarter))
    302
    """
    not_negative(premium_minor=premium_minor)
    days = cover.overlap(within)
    return Fraction(premium_minor * (days.days if days else 0), cover.days)


def unearned_premium(*, premium_minor: int, cover: Period, as_of: date) -> Fraction:
    """What of a premium is still to be earned after a day; earned and unearned make the premium."""
    if as_of < cover.start:
        return Fraction(premium_minor)
    return premium_minor - earned_premium(premium_minor=premium_minor, cover=cover, within=Period(cover.start, as_of))


def incurred_claims(*, paid_minor: int, outstanding_open: Rate, outstanding_close: Rate) -> Fraction:
    """Paid + change in outstanding claims (reported and unpaid + estimate of unreported), exact minor units.

    Source: finance rules, section 6; methods 07, 7.3.
    """
    not_negative(paid_minor=paid_minor)
    opening = exact_not_negative(outstanding_open, name="outstanding_open")
    return paid_minor + exact_not_negative(outstanding_close, name="outstanding_close") - opening


def unreported_by_delay(*, monthly_claims: Sequence[int], mean_delay_months: Rate, months: int = 3) -> Fraction:
    """Estimate of claims that happened and are not reported yet: mean delay x mean monthly claims of the last months.

    For schemes with less than two years of data. Source: methods 07, 7.3 (last 3 months, our default).

    >>> unreported_by_delay(monthly_claims=[900, 1_000, 1_100], mean_delay_months=Fraction(1, 2))
    Fraction(500, 1)
    """
    last = monthly_claims[-months:] if months > 0 else ()
    if len(last) < months or not last:
        raise InsuranceRefused("fewer months than the estimate looks back", months=months, given=len(last))
    for amount in last:
        not_negative(monthly_claims=amount)
    return Fraction(sum(last), months) * exact_not_negative(mean_delay_months, name="mean_delay_months")


def chain_ladder(triangle: Sequence[Sequence[int]]) -> Fraction:
    """Estimate of claims still to come, from cumulative claims by month of event (rows) and delay (columns), exact.

    Each row is one shorter than the row before. Factor of a column = sum of the next column / sum of this one over the
    rows that have both; a column of nothing is carried unchanged. Source: methods 07, 7.3 (chain ladder from 24 months
    of data on).

    >>> chain_ladder([[100, 150], [200]])
    Fraction(100, 1)
    """
    size = len(triangle)
    for position, row in enumerate(triangle):
        if len(row) != size - position:
            raise InsuranceRefused("each row of a triangle is one shorter", row=position, length=len(row))
        not_negative(first_of_row=row[0])
        if any(later < earlier for earlier, later in pairwise(row)):
            raise InsuranceRefused("cumulative claims do not fall", row=position)
    factors: list[Fraction] = []
    for column in range(size - 1):
        rows = triangle[: size - column - 1]
        now, later = sum(row[column] for row in rows), sum(row[column + 1] for row in rows)
        factors.append(Fraction(later, now) if now else Fraction(1))
    to_come = Fraction(0)
    for row in triangle:
        ultimate = Fraction(row[-1])
        for factor in factors[len(row) - 1 :]:
            ultimate *= factor
        to_come += ultimate - row[-1]
    return to_come


# --- promptness -------------------------------------------------------------------------------------------------------


class Promptness(StrEnum):
    """Days from event (or from complete file) to payment."""

    DAYS_7 = "0_7"
    DAYS_30 = "8_30"
    DAYS_90 = "31_90"
    LATER = "over_90"


def promptness(days: Iterable[int]) -> Mapping[Promptness, ExactRatio]:
    """Share of claims in each class of days; the classes make the whole. Source: finance rules, 6; methods 07, 7.3.

    >>> {step.value: str(share.percent()) for step, share in promptness([3, 7, 8, 31, 91]).items()}
    {'0_7': '40.00', '8_30': '20.00', '31_90': '20.00', 'over_90': '20.00'}
    """
    counts = dict.fromkeys(Promptness, 0)
    for one in days:
        not_negative(days=one)
        step = next((step for last, step in _LAST_DAY if one <= last), Promptness.LATER)
        counts[step] += 1
    total = sum(counts.values())
    return {step: ratio(count, total) for step, count in counts.items()}


_LAST_DAY = ((7, Promptness.DAYS_7), (30, Promptness.DAYS_30), (90, Promptness.DAYS_90))


# --- the ten ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeYear:
    """What the ten indicators need of one scheme and year. Subsidy is income that is not premium or return."""

    earned_premium: Fraction
    incurred_claims: Fraction
    incurred_expenses_minor: int
    other_income_minor: int = 0
    subsidy_minor: int = 0
    renewals: int = 0
    potential_renewals: int = 0
    claims_reported: int = 0
    claims_rejected: int = 0
    insured_before: int = 0
    insured_now: int = 0
    target_population: int = 0
    admitted_assets_minor: int = 0
    liabilities_minor: int = 0
    cash_minor: int = 0
    payables_3_months_minor: int = 0

    def __post_init__(self) -> None:
        if self.renewals > self.potential_renewals or self.claims_rejected > self.claims_reported:
            raise InsuranceRefused(
                "a part cannot be larger than its whole",
                renewals=self.renewals,
                potential_renewals=self.potential_renewals,
                claims_rejected=self.claims_rejected,
                claims_reported=self.claims_reported,
            )

    def net_income(self, *, with_subsidy: bool = True) -> Fraction:
        """Earned premium and other income less claims and expenses; with or without subsidy."""
        income = self.earned_premium + self.other_income_minor + (self.subsidy_minor if with_subsidy else 0)
        return income - self.incurred_claims - self.incurred_expenses_minor


class TenIndicator(StrEnum):
    """The ten, in the order of the handbook; promptness is a distribution and given by `promptness`."""

    NET_INCOME = "net_income"
    EXPENSES = "incurred_expenses"
    CLAIMS = "incurred_claims"
    RENEWAL = "renewal"
    PROMPTNESS = "promptness"
    REJECTION = "claims_rejection"
    GROWTH = "growth"
    COVERAGE = "coverage"
    SOLVENCY = "solvency"
    LIQUIDITY = "liquidity"


# Readings of methods 07, 7.3: our editable defaults. Promptness: at least 90 % within 30 days.
TEN_GOALS: Mapping[TenIndicator, Goal] = {
    TenIndicator.NET_INCOME: Goal.percent(low=0, high=10),
    TenIndicator.EXPENSES: Goal.percent(high=25),
    TenIndicator.CLAIMS: Goal.percent(low=60, high=85),
    TenIndicator.RENEWAL: Goal.percent(low=75),
    TenIndicator.PROMPTNESS: Goal.percent(low=90),
    TenIndicator.REJECTION: Goal(high=Fraction(5, 100), is_open=True),
    TenIndicator.GROWTH: Goal(low=Fraction(0), is_open=True),
    TenIndicator.SOLVENCY: Goal.percent(low=120),
    TenIndicator.LIQUIDITY: Goal.percent(low=100),
}


def ten_indicators(
    year: SchemeYear, *, days_to_payment: Iterable[int] = (), with_subsidy: bool = True
) -> Mapping[TenIndicator, ExactRatio]:
    """The ten indicators. Promptness is given as the share paid within 30 days.

    Show net income with and without subsidy. Source: finance rules, section 6; methods 07, 7.3.
    """
    steps = promptness(days_to_payment)
    within_30 = steps[Promptness.DAYS_7].numerator + steps[Promptness.DAYS_30].numerator
    return {
        TenIndicator.NET_INCOME: ratio(year.net_income(with_subsidy=with_subsidy), year.earned_premium),
        TenIndicator.EXPENSES: ratio(year.incurred_expenses_minor, year.earned_premium),
        TenIndicator.CLAIMS: ratio(year.incurred_claims, year.earned_premium),
        TenIndicator.RENEWAL: ratio(year.renewals, year.potential_renewals),
        TenIndicator.PROMPTNESS: ratio(within_30, steps[Promptness.DAYS_7].denominator),
        TenIndicator.REJECTION: ratio(year.claims_rejected, year.claims_reported),
        TenIndicator.GROWTH: growth(year.insured_now, year.insured_before),
        TenIndicator.COVERAGE: ratio(year.insured_now, year.target_population),
        TenIndicator.SOLVENCY: ratio(year.admitted_assets_minor, year.liabilities_minor),
        TenIndicator.LIQUIDITY: ratio(year.cash_minor, year.payables_3_months_minor),
    }


def combined_ratio(year: SchemeYear) -> ExactRatio:
    """Incurred claims and expenses over earned premium: indicators 2 and 3 together (methods 07, 7.3)."""
    return ratio(year.incurred_claims + year.incurred_expenses_minor, year.earned_premium)


class Alarm(StrEnum):
    """What the board must act on: methods 07, 7.7, alarm rules."""

    CLAIMS_3_MONTHS = "claims_over_90_percent_for_3_months"
    LIQUIDITY = "liquidity_below_100_percent"
    FEW_INSURED = "fewer_than_200_insured"
    ONE_PROVIDER = "one_provider_over_70_percent_of_cost"
    RENEWAL = "renewal_below_60_percent"


def alarms(
    *,
    monthly_claims_ratios: Sequence[ExactRatio],
    liquidity: ExactRatio,
    insured: int,
    cost_by_provider_minor: Mapping[str, int],
    renewal: ExactRatio,
    claims_max: Rate = Fraction(90, 100),
    insured_min: int = 200,
    provider_share_max: Rate = Fraction(70, 100),
    renewal_min: Rate = Fraction(60, 100),
    months: int = 3,
) -> frozenset[Alarm]:
    """The alarms of a month; a figure that is not defined raises none. Limits are our defaults (methods 07, 7.7)."""
    not_negative(insured=insured, **{f"cost of {name}": cost for name, cost in cost_by_provider_minor.items()})
    last = monthly_claims_ratios[-months:]
    cost = sum(cost_by_provider_minor.values())
    highest = max(cost_by_provider_minor.values(), default=0)
    found = {
        Alarm.CLAIMS_3_MONTHS: len(last) == months
        and all(one.value is not None and one.value > claims_max for one in last),
        Alarm.LIQUIDITY: liquidity.value is not None and liquidity.value < 1,
        Alarm.FEW_INSURED: insured < insured_min,
        Alarm.ONE_PROVIDER: highest > exact_not_negative(provider_share_max) * cost,
        Alarm.RENEWAL: renewal.value is not None and renewal.value < renewal_min,
    }
    return frozenset(name for name, is_raised in found.items() if is_raised)
