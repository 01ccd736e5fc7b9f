"""Parts of a year that a period is, by day count; month ends; dates of a list that move."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from jump.core.calendars import Unit
from jump.core.schedules import DayCount, InterestBy, LoanTerms, Rescheduled
from jump.core.schedules.dates import due_dates, factor, period_rate, stretch_rate

TERMS = LoanTerms(principal_minor=1_000, currency="PHP", instalments=3, rate_yearly=Decimal("0.12"))
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)


def terms(count: str = "actual/365", **changes: object) -> LoanTerms:
    return replace(TERMS, day_count=DayCount.named(count), **changes)  # type: ignore[arg-type]


def is_part(found: Decimal, part: Fraction, rate: Fraction = Fraction(12, 100)) -> bool:
    return abs(Fraction(found) - rate * part) < Fraction(1, 10**20)


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [
        (date(2026, 1, 1), date(2026, 3, 1), Fraction(59, 365)),
        (date(2024, 1, 1), date(2024, 3, 1), Fraction(60, 366)),
        (date(2023, 12, 1), date(2024, 3, 1), Fraction(31, 365) + Fraction(60, 366)),
        (date(2023, 12, 1), date(2025, 2, 1), Fraction(31, 365) + 1 + Fraction(31, 365)),
    ],
)
def test_actual_actual_counts_the_days_of_each_year_in_its_own_length(start: date, end: date, part: Fraction) -> None:
    assert is_part(factor(terms("actual/actual"), start, end), part)


def test_months_of_thirty_days_are_the_same_part_whatever_their_days() -> None:
    """Two months of 30 days in a year of 360 are a sixth, by either kind of schedule."""
    two = terms("30/360", every=2)
    assert is_part(factor(two, JANUARY, MARCH), Fraction(1, 6))
    assert is_part(period_rate(replace(two, interest_by=InterestBy.DAY), JANUARY, MARCH), Fraction(1, 6))


@pytest.mark.parametrize(
    ("unit", "every", "count", "part"),
    [
        (Unit.WEEKS, 2, "actual/364", Fraction(14, 364)),
        (Unit.WEEKS, 2, "actual/actual", Fraction(14, 365)),
        (Unit.DAYS, 10, "actual/365", Fraction(10, 365)),
        (Unit.MONTHS, 2, "actual/365", Fraction(2, 12)),
    ],
)
def test_interest_by_the_period_takes_the_rhythm_and_not_the_days(
    unit: Unit, every: int, count: str, part: Fraction
) -> None:
    assert is_part(period_rate(terms(count, unit=unit, every=every), JANUARY, date(2026, 4, 7)), part)


def test_a_longer_first_period_counts_as_the_part_it_is_where_that_was_agreed() -> None:
    """15 January to 25 February: a month, and 10 of the 28 days to 15 March."""
    days = date(2026, 1, 15), date(2026, 2, 25)
    assert is_part(period_rate(terms(partial_periods=True), *days), (1 + Fraction(10, 28)) / 12)
    assert is_part(period_rate(terms(), *days), Fraction(1, 12))


def test_some_days_inside_a_period_are_their_part_of_the_year_at_the_rate_that_holds() -> None:
    days = date(2026, 1, 1), date(2026, 1, 11)
    assert is_part(stretch_rate(terms("actual/360"), *days), Fraction(10, 360))
    assert is_part(stretch_rate(terms("actual/actual"), *days, Decimal("0.24")), Fraction(10, 365), Fraction(24, 100))


def test_a_first_date_that_nobody_agreed_keeps_the_end_of_the_month() -> None:
    """28 days after 31 January is 28 February, which is the first date anyway; March still ends on the 31st."""
    lent_on, days = date(2026, 1, 31), (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))
    assert due_dates(terms(days_to_first_min=28), lent_on) == days
    assert due_dates(terms(days_to_first_min=29), lent_on) == (date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1))


def test_of_dates_listed_by_hand_one_moves_alone_and_none_is_overtaken() -> None:
    spring, summer, autumn = date(2026, 3, 15), date(2026, 6, 15), date(2026, 9, 15)
    listed = terms(due_dates=(spring, summer, autumn))
    july, october = date(2026, 7, 1), date(2026, 10, 1)
    for moved_to, found in ((july, (spring, july, autumn)), (october, (spring, autumn, october))):
        change = Rescheduled(from_on=summer, due_on=moved_to, entered_on=spring)
        assert due_dates(listed, JANUARY, [change]) == found
    other_rate = Rescheduled(from_on=summer, rate_yearly=Decimal("0.2"), entered_on=spring)
    assert due_dates(listed, JANUARY, [other_rate]) == (spring, summer, autumn)
