"""Dates: month ends, due dates, half-years, ages."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.calendars import (
    NOT_STATED,
    AgeBand,
    Period,
    Unit,
    add_months,
    age_at,
    age_band,
    age_band_of_birth_year,
    days_covered,
    due_dates,
    due_dates_by_rhythm,
    fiscal_year,
    free_dates,
    half_year_of,
    half_years,
    merged,
    months_between,
    months_of,
    quarters,
)

days = st.dates(date(1950, 1, 1), date(2100, 12, 31))


def test_month_steps_keep_the_month_end_and_count_from_the_first_date() -> None:
    assert due_dates(date(2024, 1, 31), 4) == (
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
        date(2024, 5, 31),
    )


def test_rhythms_by_name() -> None:
    start = date(2026, 1, 1)
    assert due_dates_by_rhythm(start, 2, "weekly") == (date(2026, 1, 8), date(2026, 1, 15))
    assert due_dates_by_rhythm(start, 2, "fortnightly") == (date(2026, 1, 15), date(2026, 1, 29))
    assert due_dates_by_rhythm(start, 2, "quarterly") == (date(2026, 4, 1), date(2026, 7, 1))
    with pytest.raises(ValueError, match="is not a rhythm"):
        due_dates_by_rhythm(start, 2, "sometimes")


@given(days, st.integers(1, 60), st.sampled_from(Unit), st.integers(1, 6))
def test_due_dates_rise_and_the_last_is_where_one_long_step_leads(
    start: date, count: int, unit: Unit, every: int
) -> None:
    found = due_dates(start, count, every=every, unit=unit)
    assert len(found) == count
    assert all(earlier < later for earlier, later in zip((start, *found), found, strict=False))
    assert due_dates(start, 1, every=every * count, unit=unit)[0] == found[-1]


def test_dates_made_by_hand_must_follow_one_another() -> None:
    start = date(2026, 1, 1)
    assert free_dates([date(2026, 2, 1), date(2026, 4, 1)], after=start) == (date(2026, 2, 1), date(2026, 4, 1))
    for bad in ([], [start], [date(2026, 3, 1), date(2026, 2, 1)]):
        with pytest.raises(ValueError, match="due date"):
            free_dates(bad, after=start)


@given(days, st.integers(-600, 600))
def test_months_between_undoes_adding_months_up_to_the_month_end(start: date, months: int) -> None:
    end = add_months(start, months)
    if end.day == start.day:
        assert months_between(start, end) == months


def test_half_years_of_a_programme_follow_without_gap() -> None:
    found = half_years(date(2002, 3, 1), 6)
    assert found[0] == Period(date(2002, 3, 1), date(2002, 8, 31))
    assert all(later.start - earlier.end == timedelta(days=1) for earlier, later in itertools.pairwise(found))
    assert quarters(date(2002, 3, 1), 2)[1] == Period(date(2002, 6, 1), date(2002, 8, 31))


@given(days, st.integers(0, 4000))
def test_every_day_of_a_programme_lies_in_exactly_one_half_year(start: date, offset: int) -> None:
    day = start + timedelta(days=offset)
    number, period = half_year_of(day, start)
    assert day in period
    assert half_years(start, number)[-1] == period


def test_a_day_before_the_start_is_in_no_half_year() -> None:
    with pytest.raises(ValueError, match="before the programme"):
        half_year_of(date(2001, 12, 31), date(2002, 1, 1))


@given(days, st.integers(1, 12))
def test_every_day_lies_in_its_fiscal_year(day: date, first_month: int) -> None:
    year = fiscal_year(day, first_month=first_month)
    assert day in year
    assert year.days in (365, 366)


def test_months_of_a_period_are_whole() -> None:
    assert months_of(Period(date(2026, 1, 15), date(2026, 3, 1))) == (
        Period.month(2026, 1),
        Period.month(2026, 2),
        Period.month(2026, 3),
    )


def test_a_period_knows_what_it_shares_with_another() -> None:
    january, middle = Period.month(2026, 1), Period(date(2026, 1, 20), date(2026, 2, 10))
    assert january.overlap(middle) == Period(date(2026, 1, 20), date(2026, 1, 31))
    assert not january.overlaps(Period.month(2026, 2))
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 1, 2), date(2026, 1, 1))


def test_days_covered_twice_count_once() -> None:
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    spells = [Period.month(2026, 1), Period(date(2026, 1, 10), date(2026, 2, 5)), Period.month(2025, 12)]
    assert days_covered(spells, year) == 36


def test_a_birthday_completes_the_year() -> None:
    assert age_at(date(2000, 6, 15), date(2026, 6, 14)) == 25
    assert age_at(date(2000, 6, 15), date(2026, 6, 15)) == 26
    assert age_at(date(2008, 2, 29), date(2026, 2, 28)) == 17
    with pytest.raises(ValueError, match="before the birth"):
        age_at(date(2026, 1, 2), date(2026, 1, 1))


def test_youth_ends_with_24_and_an_unknown_age_is_not_stated() -> None:
    assert [age_band(age) for age in (14, 15, 24, 25, 34, 35, 54, 55, None)] == [
        "under_15",
        "15_24",
        "15_24",
        "25_34",
        "25_34",
        "35_54",
        "35_54",
        "55_over",
        NOT_STATED,
    ]


def test_a_birth_year_that_fits_two_bands_is_not_stated() -> None:
    day = date(2026, 6, 30)
    assert age_band_of_birth_year(2001, day) == NOT_STATED
    assert age_band_of_birth_year(2000, day) == "25_34"
    assert age_band_of_birth_year(None, day) == NOT_STATED


def test_half_years_of_a_programme_that_starts_on_the_31st_begin_at_the_end_of_february() -> None:
    starts_on = date(2020, 8, 31)
    for day, number, start in (
        (date(2021, 2, 27), 1, starts_on),
        (date(2021, 2, 28), 2, date(2021, 2, 28)),
        (date(2022, 2, 28), 4, date(2022, 2, 28)),
    ):
        found, period = half_year_of(day, starts_on)
        assert (found, period.start) == (number, start)
        assert period.start <= day <= period.end


def test_spans_that_touch_are_one_and_a_day_between_parts_them() -> None:
    first, next_day, later = (
        Period(date(2026, 1, start), date(2026, 1, end)) for start, end in ((1, 10), (11, 14), (16, 20))
    )
    whole = Period(first.start, next_day.end)
    assert list(merged([later, next_day, first])) == [whole, later]
    assert list(merged([first, first, later])) == [first, later]


def test_the_first_day_of_life_is_age_nought_and_a_year_of_birth_of_this_year_is_too() -> None:
    day = date(2026, 5, 1)
    assert age_at(day, day) == 0
    assert age_band_of_birth_year(2026, day) == "under_15"
    assert age_band_of_birth_year(2000, day, [AgeBand("adult", 18, None)]) == "adult"


def test_a_year_that_begins_nowhere_else_is_the_calendar_year() -> None:
    assert fiscal_year(date(2026, 1, 15)) == Period(date(2026, 1, 1), date(2026, 12, 31))


def test_due_dates_need_a_count_and_a_step() -> None:
    for count, every in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="a count and a step"):
            due_dates(date(2026, 1, 1), count, every=every)
