"""A million schedules of 36 instalments beside plain floating-point code, and loans with thousands of facts rebuilt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from jump.core.schedules import (
    ChargeAdded,
    DayEnded,
    Disbursed,
    Fact,
    LateFee,
    LoanTerms,
    Paid,
    Part,
    ScheduleKind,
    arrays,
    followed_account,
    loan_account,
    state_of,
)

LOANS, COUNT, ROUNDS = 1_000_000, 36, 3
START = date(2015, 1, 1)


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return found


def plain_floats(principal: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """As textbooks and numpy-financial do it: pmt, ipmt and ppmt in floating point, cents rounded at the end.

    No regard to what is left over: the principal of a loan need not add up to what was lent.
    """
    payment = principal * rate / (1 - (1 + rate) ** -COUNT)
    periods = np.arange(COUNT)[:, None]
    grown = (1 + rate) ** periods
    interest = (principal * grown - payment * (grown - 1) / rate) * rate
    return np.rint(payment - interest), np.rint(interest)


def test_a_million_schedules_of_36_instalments(capsys: pytest.CaptureFixture[str]) -> None:
    principal = np.random.default_rng(7).integers(10_000, 50_000_000, LOANS)
    ours = seconds(lambda: arrays.schedules(principal, instalments=COUNT, rate=(1, 100)))
    own_rates = (np.random.default_rng(8).integers(5, 30, LOANS), np.full(LOANS, 1_200))
    many = seconds(lambda: arrays.schedules(principal, instalments=COUNT, rate=own_rates))
    floats = seconds(lambda: plain_floats(principal, 0.01))
    table = arrays.schedules(principal, instalments=COUNT, rate=(1, 100))
    assert (table.principal_minor.sum(axis=0) == principal).all()
    lost = int((plain_floats(principal, 0.01)[0].sum(axis=0) != principal).sum())
    with capsys.disabled():
        print(f"\n{LOANS:,} schedules of {COUNT}: {min(ours):.2f} s (first {ours[0]:.2f} s); limit 2 s")
        print(f"  a rate per loan: {min(many):.2f} s (first {many[0]:.2f} s)")
        print(f"  plain floating point: {min(floats):.2f} s, principal off on {lost:,} loans; ours on none")
    assert min(ours) <= 2


def test_ageing_and_interest_of_a_million_loans(capsys: pytest.CaptureFixture[str]) -> None:
    principal = np.random.default_rng(7).integers(10_000, 50_000_000, LOANS)
    table = arrays.schedules(principal, instalments=COUNT, rate=(1, 100))
    due, days = table.due_minor, np.arange(COUNT) * 30
    paid = (due.sum(axis=0) * np.random.default_rng(9).random(LOANS)).astype(np.int64)

    def night() -> None:
        still_open = arrays.open_after(due, paid)
        late = arrays.days_late(days, still_open, 540)
        arrays.by_range(principal, late, [0, 30, 60, 90])
        arrays.interest(principal, rate_yearly=(12, 100), days=1)

    spent = seconds(night)
    with capsys.disabled():
        print(f"\nopen, late, ranges and a day's interest of {LOANS:,} loans: {min(spent):.2f} s")


def test_the_night_of_a_million_loans(capsys: pytest.CaptureFixture[str]) -> None:
    """Late fees, what is open, lateness, interest earned and provision of a million loans of twelve payments."""
    count, block, today = 12, 50_000, date(2016, 3, 1).toordinal()
    first = START.toordinal()
    days = np.array([first + 30 * number for number in range(1, count + 1)])
    starts = days - 30
    random = np.random.default_rng(11)

    def night() -> int:
        late_loans = 0
        for _ in range(0, LOANS, block):
            lent = random.integers(10_000, 50_000_000, block)
            table = arrays.schedules(lent, instalments=count, rate=(1, 100))
            due = table.due_minor
            paid = np.cumsum(due * (random.random((count, block)) > 0.2), axis=0)
            fees = arrays.late_fees(due, days, paid, percent=(2, 100), after_days=7)
            asked = arrays.charged(due, fees, days, after_days=7, today=today)
            still = arrays.open_after(asked, paid[-1])
            late = arrays.days_late(np.append(days, days[-1] + 8), still, today)
            arrays.earned(table.interest_minor, starts, days, today)
            owed = np.minimum(still[:-1], table.principal_minor).sum(axis=0)
            arrays.by_range(owed, late, [0, 30, 60, 90, 180, 365])
            arrays.at_risk(owed, late, days=30)
            late_loans += int((late > 0).sum())
        return late_loans

    spent = seconds(night, rounds=1)
    with capsys.disabled():
        print(f"\nthe night of {LOANS:,} loans on arrays: {min(spent):.1f} s; limit 60 s")
    assert min(spent) <= 60


def test_followed_loans_by_the_exact_functions(capsys: pytest.CaptureFixture[str]) -> None:
    """What the night costs where each loan is followed fact by fact."""
    terms = LoanTerms(principal_minor=10_000_000, currency="EUR", instalments=12, rate_yearly=Decimal("0.12"))
    facts: list[Fact] = [Disbursed(on=START, amount_minor=10_000_000, entered_on=START, ref="lent")]
    for number in range(6):
        day = START + timedelta(days=31 * (number + 1))
        facts.append(Paid(on=day, amount_minor=800_000, entered_on=day, ref=str(number)))
    as_of, fee, many = date(2016, 3, 1), LateFee(percent=Decimal(2), after_days=7), 500

    def night() -> None:
        for _ in range(many):
            state_of(followed_account(terms, facts, as_of=as_of, late_fee=fee), as_of)

    each = min(seconds(night)) / many
    with capsys.disabled():
        print(f"\na loan of 12 payments followed exactly: {each * 1000:.2f} ms, a million in {each * 1_000_000:,.0f} s")
    assert each <= 0.02


@pytest.mark.parametrize("kind", ScheduleKind)
def test_a_loan_with_4400_facts_is_rebuilt(kind: ScheduleKind, capsys: pytest.CaptureFixture[str]) -> None:
    terms = LoanTerms(
        principal_minor=10_000_000, currency="EUR", instalments=120, rate_yearly=Decimal("0.12"), kind=kind
    )
    lent = Disbursed(on=START, amount_minor=10_000_000, entered_on=START)
    mixed: list[Fact] = [lent]
    for number in range(1_100):
        day = START + timedelta(days=3 * number)
        mixed += [
            Paid(on=day, amount_minor=9_000, entered_on=day),
            DayEnded(entered_on=day),
            ChargeAdded(due_on=day + timedelta(days=2), amount_minor=300, part=Part.PENALTY, entered_on=day),
            Paid(on=day, amount_minor=300, entered_on=day),
        ]
    late: list[Fact] = [lent]
    for number in range(4_400):
        day = START + timedelta(days=number // 2)
        late.append(Paid(on=day, amount_minor=2_500, entered_on=day + timedelta(days=5 if number % 40 == 0 else 0)))
    late.sort(key=lambda fact: fact.entered_on)
    for name, facts in (("payments, charges, days ended", mixed), ("payments, 1 in 40 back-dated", late)):
        spent = min(seconds(lambda facts=facts: loan_account(replace(terms), facts)))  # type: ignore[misc]
        with capsys.disabled():
            print(f"\n{kind}: {len(facts):,} facts ({name}): {spent:.2f} s; limit 0.5 s")
        assert spent <= 0.5
