"""Terms -> the table of instalments.

Every money amount is rounded once, halves to the even unit. Formulas: equal instalments of a declining balance are
E = P*r / (1 - (1+r)^-m); flat interest is amount * rate * time, spread evenly; what rounding leaves over goes to the
last instalment.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext

from jump.core.calendars import Unit, add, free_dates
from jump.core.money import round_to_multiple
from jump.core.schedules.terms import (
    Amortisation,
    DayCount,
    Disbursement,
    Instalment,
    InterestBy,
    InterestMethod,
    LoanTerms,
    Schedule,
    ScheduleKind,
    TermsError,
)

_PRECISION = 34


def schedule(
    terms: LoanTerms,
    *,
    disbursed_on: date | None = None,
    disbursements: Sequence[Disbursement] = (),
) -> Schedule:
    """The table of instalments for money paid out on one day, or in the tranches given.

    >>> terms = LoanTerms.of_product(
    ...     principal_minor=100_000,
    ...     currency="EUR",
    ...     rate_yearly=Decimal("0.12"),
    ...     instalments=3,
    ...     method="declining_equal_principal",
    ... )
    >>> table = schedule(terms, disbursed_on=date(2025, 12, 31))
    >>> [(str(line.due_on), line.principal_minor, line.interest_minor) for line in table.instalments]
    [('2026-01-31', 33333, 1000), ('2026-02-28', 33333, 667), ('2026-03-31', 33334, 333)]
    """
    if disbursed_on is not None:
        if disbursements:
            raise TermsError("give one day of disbursement or a list of disbursements, not both")
        disbursements = (Disbursement(disbursed_on, terms.principal_minor),)
    paid_out = tuple(sorted(disbursements, key=lambda tranche: tranche.on))
    if not paid_out or any(tranche.amount_minor <= 0 for tranche in paid_out):
        raise TermsError("a schedule needs at least one disbursement above zero")

    with localcontext(Context(prec=_PRECISION)):
        due = _due_dates(terms, paid_out[0].on)
        if paid_out[-1].on >= due[-1]:
            raise TermsError("money cannot be paid out on or after the last due date")
        own = [_own_contribution(terms, tranche) for tranche in paid_out]
        starts = (terms.first_period_start or paid_out[0].on, *due[:-1])
        lent = [
            replace(tranche, amount_minor=tranche.amount_minor - part)
            for tranche, part in zip(paid_out, own, strict=True)
        ]
        if terms.kind is ScheduleKind.PROGRESSIVE and (
            terms.method is InterestMethod.DECLINING or not terms.rate_yearly
        ):
            columns = _progressive(terms, starts, due, lent)
        else:
            columns = _cumulative(terms, starts, due, lent, sum(tranche.amount_minor for tranche in paid_out))
    return Schedule(terms, paid_out, _lines(terms, starts, due, paid_out, own, columns))


def _due_dates(terms: LoanTerms, disbursed_on: date) -> tuple[date, ...]:
    start = terms.first_period_start or disbursed_on
    if terms.due_dates:
        return free_dates(terms.due_dates, after=disbursed_on)
    first = terms.first_due_on or add(start, terms.every, terms.unit)
    earliest = disbursed_on + timedelta(days=terms.days_to_first_min)
    if first < earliest or terms.first_due_on is not None:
        first = max(first, earliest)
        later = (add(first, terms.every * step, terms.unit) for step in range(1, terms.instalments))
        return (first, *later)
    return tuple(add(start, terms.every * step, terms.unit) for step in range(1, terms.instalments + 1))


def _own_contribution(terms: LoanTerms, tranche: Disbursement) -> int:
    part = tranche.amount_minor * terms.own_contribution_percent / 100
    return round_to_multiple(part, max(terms.instalment_multiple_minor, terms.amount_multiple_minor)) if part else 0


def _lines(
    terms: LoanTerms,
    starts: Sequence[date],
    due: Sequence[date],
    paid_out: Sequence[Disbursement],
    own: Sequence[int],
    columns: Sequence[tuple[int, int]],
) -> tuple[Instalment, ...]:
    """Own contributions and instalments in order of date, numbered, with the balance after each."""
    rows: list[tuple[date, int, date, int, int, bool]] = []
    for tranche, part in zip(paid_out, own, strict=True):
        if part:
            rows.append((tranche.on, 0, tranche.on, part, 0, True))
    for start, day, (principal, interest) in zip(starts, due, columns, strict=True):
        rows.append((day, 1, start, principal, interest, False))
    rows.sort(key=lambda row: (row[0], row[1]))

    lines: list[Instalment] = []
    repaid, fee_open = 0, terms.fee_minor
    for number, (day, _, start, principal, interest, is_own) in enumerate(rows, start=1):
        fee = 0 if is_own else fee_open
        fee_open -= fee
        repaid += principal
        # A tranche paid out on a due date already shows in that line's balance.
        handed_out = sum(tranche.amount_minor for tranche in paid_out if tranche.on <= day)
        lines.append(Instalment(number, start, day, principal, interest, fee, handed_out - repaid, is_own))

    assert repaid == sum(tranche.amount_minor for tranche in paid_out)
    return tuple(lines)


# --- cumulative: one table from the terms ---------------------------------------------------------------------------


def _period_rate(terms: LoanTerms, start: date, end: date) -> Decimal:
    """The part of a year's rate that falls on one period."""
    year = Decimal(terms.day_count.year_days or 365)
    if terms.interest_by is InterestBy.DAY:
        if terms.day_count.month_days and terms.unit is Unit.MONTHS:
            return terms.rate_yearly * terms.day_count.month_days * terms.every / year
        return terms.rate_yearly * (end - start).days / year
    if terms.unit is Unit.MONTHS:
        return terms.rate_yearly * terms.every / 12
    return terms.rate_yearly * terms.every * (7 if terms.unit is Unit.WEEKS else 1) / year


def _cumulative(
    terms: LoanTerms,
    starts: Sequence[date],
    due: Sequence[date],
    lent: Sequence[Disbursement],
    paid_out_minor: int,
) -> list[tuple[int, int]]:
    rates = [
        Decimal(0) if position < terms.interest_free else _period_rate(terms, start, day)
        for position, (start, day) in enumerate(zip(starts, due, strict=True))
    ]
    if terms.method is InterestMethod.FLAT:
        columns = _flat(terms, due, lent, rates, paid_out_minor)
    else:
        columns = _declining(terms, starts, due, lent, rates)
    return _with_interest_grace(terms, columns)


def _money(terms: LoanTerms, amount: Decimal) -> int:
    return round_to_multiple(amount, terms.amount_multiple_minor)


def _step(terms: LoanTerms) -> int:
    return max(terms.instalment_multiple_minor, terms.amount_multiple_minor)


def _principal_of(terms: LoanTerms, lent_minor: int, remaining: int) -> int:
    if terms.principal_percent is not None:
        return round_to_multiple(lent_minor * terms.principal_percent / 100, _step(terms))
    return round_to_multiple(Decimal(lent_minor) / remaining, _step(terms))


def _flat(
    terms: LoanTerms,
    due: Sequence[date],
    lent: Sequence[Disbursement],
    rates: Sequence[Decimal],
    paid_out_minor: int,
) -> list[tuple[int, int]]:
    count = len(due)
    # On the whole amount, even where an own contribution is paid first.
    interest_total = _money(terms, paid_out_minor * sum(rates, Decimal(0)))
    charged = [position for position in range(count) if rates[position]] or [count - 1]
    interest_each = _money(terms, Decimal(interest_total) / len(charged))

    columns: list[tuple[int, int]] = []
    owed = paid = interest_left = 0
    interest_left = interest_total
    handed_out, base, base_position = 0, 0, terms.grace_principal
    for position, day in enumerate(due):
        now = sum(tranche.amount_minor for tranche in lent if tranche.on < day)
        if now != handed_out:  # another tranche: spread what is owed over the instalments left
            owed += now - handed_out
            handed_out, base, base_position = now, owed, max(position, terms.grace_principal)
        is_last = position == count - 1
        interest = interest_left if position == charged[-1] else interest_each if position in charged else 0
        interest = min(interest, interest_left)
        interest_left -= interest
        if is_last:
            principal = owed
        elif position < terms.grace_principal:
            principal = 0
        else:
            principal = _principal_of(terms, base, count - base_position)
            if terms.amortisation is Amortisation.EQUAL_INSTALMENTS and terms.instalment_multiple_minor > 1:
                principal += round_to_multiple(interest, _step(terms)) - interest
            principal = max(0, min(principal, owed))
        owed -= principal
        paid += principal
        columns.append((principal, interest))
    return columns


def _declining(
    terms: LoanTerms,
    starts: Sequence[date],
    due: Sequence[date],
    lent: Sequence[Disbursement],
    rates: Sequence[Decimal],
) -> list[tuple[int, int]]:
    count = len(due)
    columns: list[tuple[int, int]] = []
    owed = handed_out = 0
    equal, base, base_position = 0, 0, 0
    for position, (start, day) in enumerate(zip(starts, due, strict=True)):
        at_start = owed
        in_period = [tranche for tranche in lent if max(start, lent[0].on) <= tranche.on < day and tranche.on > start]
        now = sum(tranche.amount_minor for tranche in lent if tranche.on < day)
        opening = now - handed_out - sum(tranche.amount_minor for tranche in in_period)
        at_start += opening
        if now != handed_out:
            owed += now - handed_out
            handed_out = now
            base, base_position = owed, max(position, terms.grace_principal)
            equal = _equal_instalment(terms, base, count - base_position, rates[position])
        interest_exact = at_start * rates[position]
        for tranche in in_period:
            interest_exact += tranche.amount_minor * rates[position] * (day - tranche.on).days / (day - start).days
        interest = _money(terms, interest_exact)
        if position == count - 1:
            principal = owed
        elif position < terms.grace_principal:
            principal = 0
        elif terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
            principal = _principal_of(terms, base, count - base_position)
        else:
            principal = equal - interest
        principal = max(0, min(principal, owed))
        owed -= principal
        columns.append((principal, interest))
    return columns


def _equal_instalment(terms: LoanTerms, owed_minor: int, count: int, rate: Decimal) -> int:
    if rate == 0:
        return round_to_multiple(Decimal(owed_minor) / count, _step(terms))
    exact = owed_minor * rate / (1 - (1 + rate) ** -count)
    return round_to_multiple(exact, _step(terms))


def _with_interest_grace(terms: LoanTerms, columns: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Interest of the first periods is not asked then; the first instalment after carries it."""
    if not terms.grace_interest:
        return columns
    carried = sum(interest for _, interest in columns[: terms.grace_interest])
    return [
        (
            principal,
            0 if position < terms.grace_interest else interest + (carried if position == terms.grace_interest else 0),
        )
        for position, (principal, interest) in enumerate(columns)
    ]


# --- progressive: worked out anew whenever the balance changes ------------------------------------------------------


def _factor(day_count: DayCount, terms: LoanTerms, start: date, end: date) -> Decimal:
    """Rate for a whole period."""
    if day_count.month_days and terms.unit is Unit.MONTHS:
        return terms.rate_yearly * day_count.month_days * terms.every / Decimal(day_count.year_days or 360)
    if day_count.year_days is not None:
        return terms.rate_yearly * (end - start).days / Decimal(day_count.year_days)
    total, day = Decimal(0), start
    while day < end:
        until = min(end, date(day.year + 1, 1, 1))
        total += Decimal((until - day).days) / (366 if calendar.isleap(day.year) else 365)
        day = until
    return terms.rate_yearly * total


def _progressive(
    terms: LoanTerms, starts: Sequence[date], due: Sequence[date], lent: Sequence[Disbursement]
) -> list[tuple[int, int]]:
    factors = [_factor(terms.day_count, terms, start, day) for start, day in zip(starts, due, strict=True)]
    count = len(due)
    equals = [0] * count
    for step, tranche in enumerate(lent):
        # The period the money falls into; money paid out on a due date bears interest from the next one.
        first = next(position for position in range(count) if tranche.on < due[position])
        so_far = lent[: step + 1]
        before = _run(terms, starts, due, so_far, factors, equals, until=first)
        owed = sum(other.amount_minor for other in so_far) - sum(principal for principal, _ in before)
        equal = _equal_progressive(terms, owed, factors[first:])
        equals = _settled(terms, starts, due, so_far, factors, equals, first, equal)
    return _run(terms, starts, due, lent, factors, equals, until=count)


def _equal_progressive(terms: LoanTerms, owed_minor: int, factors: Sequence[Decimal]) -> int:
    """E = B * prod(1+f) / sum over j of prod over later i of (1+f_i)."""
    product, total = Decimal(1), Decimal(0)
    for factor in reversed(factors):
        total += product
        product *= 1 + factor
    return round_to_multiple(owed_minor * product / total, _step(terms))


def _settled(
    terms: LoanTerms,
    starts: Sequence[date],
    due: Sequence[date],
    lent: Sequence[Disbursement],
    factors: Sequence[Decimal],
    equals: Sequence[int],
    first: int,
    equal: int,
) -> list[int]:
    """Move E by its part of what the last instalment is off, if that brings the last one nearer."""
    count = len(due)

    def last_off(candidate: int) -> int:
        trial = [*equals[:first], *[candidate] * (count - first)]
        principal, interest = _run(terms, starts, due, lent, factors, trial, until=count)[-1]
        return principal + interest - candidate

    off = last_off(equal)
    if off:
        moved = equal + round_to_multiple(Decimal(off) / (count - first), _step(terms))
        if moved != equal and abs(last_off(moved)) < abs(off):
            equal = moved
    return [*equals[:first], *[equal] * (count - first)]


def _run(
    terms: LoanTerms,
    starts: Sequence[date],
    due: Sequence[date],
    lent: Sequence[Disbursement],
    factors: Sequence[Decimal],
    equals: Sequence[int],
    *,
    until: int,
) -> list[tuple[int, int]]:
    """Principal and interest of the first `until` periods; interest is rounded per stretch of unchanged balance."""
    columns: list[tuple[int, int]] = []
    repaid = 0
    for position in range(until):
        start, day = starts[position], due[position]
        changes = sorted({start, *(tranche.on for tranche in lent if start < tranche.on < day)})
        interest = 0
        for begin, end in zip(changes, (*changes[1:], day), strict=True):
            balance = sum(tranche.amount_minor for tranche in lent if tranche.on <= begin) - repaid
            part = factors[position] * (end - begin).days / (day - start).days
            interest += _money(terms, balance * part)
        owed = sum(tranche.amount_minor for tranche in lent if tranche.on < day) - repaid
        principal = owed if position == len(due) - 1 else max(0, min(owed, equals[position] - interest))
        repaid += principal
        columns.append((principal, interest))
    return columns
