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
    LoanTerms,
    Paid,
    Part,
    ScheduleKind,
    arrays,
    loan_account,
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
