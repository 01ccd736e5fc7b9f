"""Dates as the field uses them: periods, due dates, half-years of a programme, fiscal years, ages.

No function here knows what day it is; the day is always an argument.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` to `end`, both included.

    >>> Period(date(2026, 1, 1), date(2026, 1, 31)).days
    31
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def overlap(self, other: Period) -> Period | None:
        """The days both have, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start <= end else None

    def overlaps(self, other: Period) -> bool:
        return self.overlap(other) is not None

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


class Unit(StrEnum):
    """What a rhythm counts in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


# The rhythms people name -> so many of a unit.
RHYTHMS: Mapping[str, tuple[int, Unit]] = {
    "daily": (1, Unit.DAYS),
    "weekly": (1, Unit.WEEKS),
    "fortnightly": (2, Unit.WEEKS),
    "monthly": (1, Unit.MONTHS),
    "two_monthly": (2, Unit.MONTHS),
    "quarterly": (3, Unit.MONTHS),
    "half_yearly": (6, Unit.MONTHS),
    "yearly": (12, Unit.MONTHS),
}


def add_months(day: date, months: int) -> date:
    """The same day so many months on; where the month is shorter, its last day.

    Count from the first date, not from the last result, or the 31st is lost for ever.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2024, 1, 31), 2)
    (datetime.date(2024, 2, 29), datetime.date(2024, 3, 31))
    >>> add_months(date(2024, 3, 31), -1)
    datetime.date(2024, 2, 29)
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def add(day: date, count: int, unit: Unit) -> date:
    """So many days, weeks or months on."""
    if unit is Unit.MONTHS:
        return add_months(day, count)
    return day + timedelta(days=count * (7 if unit is Unit.WEEKS else 1))


def month_end(day: date) -> date:
    """The last day of the month the day is in."""
    return date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])


def months_between(start: date, end: date) -> int:
    """Complete months from start to end; negative when end is earlier.

    >>> months_between(date(2026, 1, 31), date(2026, 2, 28)), months_between(date(2026, 1, 15), date(2026, 7, 15))
    (0, 6)
    """
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def due_dates(start: date, count: int, *, every: int = 1, unit: Unit = Unit.MONTHS) -> tuple[date, ...]:
    """So many due dates after `start`, each counted from `start` itself.

    >>> [str(day) for day in due_dates(date(2024, 1, 31), 3)]
    ['2024-02-29', '2024-03-31', '2024-04-30']
    >>> [str(day) for day in due_dates(date(2024, 1, 1), 2, every=2, unit=Unit.WEEKS)]
    ['2024-01-15', '2024-01-29']
    """
    if count < 1 or every < 1:
        raise ValueError("due dates need a count and a step of at least 1")
    return tuple(add(start, every * step, unit) for step in range(1, count + 1))


def due_dates_by_rhythm(start: date, count: int, rhythm: str) -> tuple[date, ...]:
    """Due dates after `start` in a named rhythm (see RHYTHMS)."""
    if rhythm not in RHYTHMS:
        raise ValueError(f"{rhythm!r} is not a rhythm; use one of {', '.join(RHYTHMS)}")
    every, unit = RHYTHMS[rhythm]
    return due_dates(start, count, every=every, unit=unit)


def free_dates(days: Iterable[date], *, after: date) -> tuple[date, ...]:
    """A list of due dates written by hand: each later than the one before, all after `after`."""
    found = tuple(days)
    if not found:
        raise ValueError("at least one due date is needed")
    for earlier, later in zip((after, *found), found, strict=False):
        if later <= earlier:
            raise ValueError(f"due dates must follow one another: {later} does not come after {earlier}")
    return found


def half_years(starts_on: date, count: int) -> tuple[Period, ...]:
    """The first `count` half-years of a programme, counted from its start.

    >>> [str(period.end) for period in half_years(date(2002, 1, 1), 3)]
    ['2002-06-30', '2002-12-31', '2003-06-30']
    """
    return _steps(starts_on, count, months=6)


def half_year_of(day: date, starts_on: date) -> tuple[int, Period]:
    """Which half-year of the programme a day is in: its number from 1, and its days."""
    if day < starts_on:
        raise ValueError(f"{day} is before the programme starts on {starts_on}")
    number = months_between(starts_on, day) // 6
    while add_months(starts_on, 6 * (number + 1)) <= day:  # a start on the 31st makes short months
        number += 1
    return number + 1, _step(starts_on, number, months=6)


def quarters(starts_on: date, count: int) -> tuple[Period, ...]:
    """The first `count` quarters counted from a start."""
    return _steps(starts_on, count, months=3)


def months_of(period: Period) -> tuple[Period, ...]:
    """The calendar months a period touches, each whole."""
    found: list[Period] = []
    day = period.start.replace(day=1)
    while day <= period.end:
        found.append(Period(day, month_end(day)))
        day = add_months(day, 1)
    return tuple(found)


def _step(starts_on: date, number: int, *, months: int) -> Period:
    return Period(
        add_months(starts_on, months * number),
        add_months(starts_on, months * (number + 1)) - timedelta(days=1),
    )


def _steps(starts_on: date, count: int, *, months: int) -> tuple[Period, ...]:
    return tuple(_step(starts_on, number, months=months) for number in range(count))


def fiscal_year(day: date, *, first_month: int = 1, first_day: int = 1) -> Period:
    """The fiscal year a day is in, for a year that begins on the given day of the given month.

    >>> fiscal_year(date(2026, 3, 1), first_month=7)
    Period(start=datetime.date(2025, 7, 1), end=datetime.date(2026, 6, 30))
    """
    begins = date(day.year, first_month, first_day)
    if day < begins:
        begins = date(day.year - 1, first_month, first_day)
    return Period(begins, date(begins.year + 1, first_month, first_day) - timedelta(days=1))


def days_covered(spans: Iterable[Period], within: Period) -> int:
    """How many days of `within` lie in at least one of the spans; overlaps count once.

    >>> year = Period(date(2026, 1, 1), date(2026, 12, 31))
    >>> days_covered([Period(date(2026, 1, 1), date(2026, 1, 10)), Period(date(2026, 1, 5), date(2026, 1, 12))], year)
    12
    """
    clipped = (span.overlap(within) for span in spans)
    return sum(piece.days for piece in merged(piece for piece in clipped if piece is not None))


def merged(spans: Iterable[Period]) -> Iterator[Period]:
    """The spans in order, those that touch or overlap made one."""
    current: Period | None = None
    for span in sorted(spans):
        if current is not None and span.start <= current.end + timedelta(days=1):
            current = Period(current.start, max(current.end, span.end))
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current


def age_at(born_on: date, day: date) -> int:
    """Completed years; born on 29 February, a year is completed on 1 March of a short year.

    >>> age_at(date(2008, 2, 29), date(2026, 2, 28)), age_at(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    if day < born_on:
        raise ValueError(f"{day} is before the birth on {born_on}")
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Ages from `years_min` to `years_max`, both included; no upper end when None."""

    code: str
    years_min: int
    years_max: int | None


# Youth is 15 to 24 (ILO, UN); packages may bring bands of their own.
AGE_BANDS = (
    AgeBand("under_15", 0, 14),
    AgeBand("15_24", 15, 24),
    AgeBand("25_34", 25, 34),
    AgeBand("35_54", 35, 54),
    AgeBand("55_over", 55, None),
)
NOT_STATED = "not_stated"


def age_band(age: int | None, bands: Sequence[AgeBand] = AGE_BANDS) -> str:
    """The code of the band an age is in; `not_stated` when the age is unknown or outside all bands.

    >>> age_band(24), age_band(25), age_band(None)
    ('15_24', '25_34', 'not_stated')
    """
    if age is None:
        return NOT_STATED
    for band in bands:
        if age >= band.years_min and (band.years_max is None or age <= band.years_max):
            return band.code
    return NOT_STATED


def age_band_of_birth_year(birth_year: int | None, day: date, bands: Sequence[AgeBand] = AGE_BANDS) -> str:
    """The band when only the year of birth is known; `not_stated` where the two possible ages disagree."""
    if birth_year is None:
        return NOT_STATED
    older = day.year - birth_year
    codes = {age_band(age, bands) for age in (older - 1, older) if age >= 0}
    return codes.pop() if len(codes) == 1 else NOT_STATED
