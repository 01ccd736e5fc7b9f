"""When instalments fall due, also after the plan was changed.

Month steps clamp to the end of the month and count from the first date (31 January, 29 February, 31 March); a first due
date that was agreed becomes the date they count from. A moved due date takes the later ones with it, in the old rhythm.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from jump.core.calendars import Unit, add, free_dates
from jump.core.schedules.facts import Rescheduled
from jump.core.schedules.terms import LoanTerms


def count_of(terms: LoanTerms, changes: Sequence[Rescheduled] = ()) -> int:
    return terms.instalments + sum(change.extra_terms for change in changes)


def due_dates(terms: LoanTerms, disbursed_on: date, changes: Sequence[Rescheduled] = ()) -> tuple[date, ...]:
    """The due dates of all instalments, own contributions left out."""
    if terms.due_dates:
        days = list(free_dates(terms.due_dates, after=disbursed_on))
        for change in changes:
            _move_listed(days, change)
        return tuple(days)
    base = terms.first_period_start or disbursed_on
    first = terms.first_due_on or add(base, terms.every, terms.unit)
    earliest = disbursed_on + timedelta(days=terms.days_to_first_min)
    steps = 1
    if first < earliest or terms.first_due_on is not None:
        base, steps = max(first, earliest), 0
    moves = [change for change in changes if change.due_on is not None]
    days = []
    for _ in range(count_of(terms, changes)):
        day = add(base, terms.every * steps, terms.unit)
        for change in [move for move in moves if move.from_on <= day]:
            assert change.due_on is not None
            moves.remove(change)
            day = base = change.due_on
            steps = 0
        days.append(day)
        steps += 1
    return tuple(days)


def _move_listed(days: list[date], change: Rescheduled) -> None:
    """On a list made by hand only the one date moves; the later ones stay, none may be overtaken."""
    if change.due_on is None:
        return
    for position, day in enumerate(days):
        if day >= change.from_on:
            days[position] = change.due_on
            break
    days.sort()


def period_rate(terms: LoanTerms, start: date, end: date, rate_yearly: Decimal | None = None) -> Decimal:
    """The part of a year's rate that falls on one period of a cumulative schedule."""
    yearly = terms.rate_yearly if rate_yearly is None else rate_yearly
    year = Decimal(terms.day_count.year_days or 365)
    if terms.interest_by.value == "daily" or terms.due_dates:
        if terms.day_count.month_days and terms.unit is Unit.MONTHS and not terms.due_dates:
            return yearly * terms.day_count.month_days * terms.every / year
        return yearly * (end - start).days / year
    if terms.unit is Unit.MONTHS:
        return yearly * (months_of(terms, start, end) if terms.partial_periods else terms.every) / 12
    return yearly * terms.every * (7 if terms.unit is Unit.WEEKS else 1) / year


def months_of(terms: LoanTerms, start: date, end: date) -> Decimal:
    """How many months a period is: whole ones, and of the one begun the part of its days.

    Between two ends of month it is whole months, whatever their days.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    if (
        start.day == end.day
        or (_ends_month(end) and start.day > end.day)
        or (_ends_month(start) and end.day > start.day)
    ):
        return Decimal(months)
    whole = months if end.day > start.day else months - 1
    reached, next_one = add(start, whole, Unit.MONTHS), add(start, whole + 1, Unit.MONTHS)
    return whole + Decimal((end - reached).days) / (next_one - reached).days


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def stretch_rate(terms: LoanTerms, start: date, end: date, rate_yearly: Decimal | None = None) -> Decimal:
    """The part of a year's rate that falls on some days inside a period, counted by the day."""
    yearly = terms.rate_yearly if rate_yearly is None else rate_yearly
    return yearly * (end - start).days / Decimal(terms.day_count.year_days or 365)


def factor(terms: LoanTerms, start: date, end: date) -> Decimal:
    """The rate of a whole period of a progressive schedule; actual/actual splits at the turn of the year."""
    count = terms.day_count
    if count.month_days and terms.unit is Unit.MONTHS and not terms.due_dates:
        return terms.rate_yearly * count.month_days * terms.every / Decimal(count.year_days or 360)
    if count.year_days is not None:
        return terms.rate_yearly * (end - start).days / Decimal(count.year_days)
    total, day = Decimal(0), start
    while day < end:
        until = min(end, date(day.year + 1, 1, 1))
        total += Decimal((until - day).days) / (366 if calendar.isleap(day.year) else 365)
        day = until
    return terms.rate_yearly * total
