"""A night of many loans on arrays: every figure is that of the exact functions, to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jump.core.schedules import (
    ALLOCATIONS,
    Disbursed,
    Disbursement,
    LateFee,
    LoanTerms,
    Paid,
    Part,
    Practice,
    accrued_interest,
    arrays,
    followed_account,
    schedule,
    state_of,
)

START = date(2026, 1, 15)
PRACTICE = Practice(allocation=ALLOCATIONS["fees_penalties_interest_principal_order"], recognises_income=False)


@st.composite
def books(draw: st.DrawFn) -> tuple[list[list[tuple[int, int]]], int, int, int]:
    """Loans of one product with what was paid on which day; days until the fee; its percent; today."""
    loans = [
        draw(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 20_000)), max_size=6))
        for _ in range(draw(st.integers(1, 4)))
    ]
    return loans, draw(st.sampled_from([0, 7, 29, 45])), draw(st.integers(1, 20)), draw(st.integers(0, 400))


@given(books())
def test_what_is_open_late_charged_and_earned_on_arrays_is_what_the_exact_functions_say(
    book: tuple[list[list[tuple[int, int]]], int, int, int],
) -> None:
    loans, after, percent, passed = book
    today = START + timedelta(days=passed)
    terms = LoanTerms(principal_minor=60_000, currency="PHP", instalments=6, rate_yearly=Decimal("0.12"))
    table = schedule(terms, disbursements=[Disbursement(START, 60_000)])
    days = np.array([line.due_on.toordinal() for line in table.instalments])
    starts = np.array([line.from_on.toordinal() for line in table.instalments])
    principal = np.array([[line.principal_minor] * len(loans) for line in table.instalments])
    interest = np.array([[line.interest_minor] * len(loans) for line in table.instalments])

    def paid_until(day: int) -> list[int]:
        return [sum(minor for on, minor in paid if START.toordinal() + on < day) for paid in loans]

    before = np.array([paid_until(min(day + after, today.toordinal()) + 1) for day in days])
    fees = arrays.late_fees(principal + interest, days, before, percent=(percent, 100), after_days=after)
    asked = arrays.charged(principal + interest, fees, days, after_days=after, today=today.toordinal())
    still_open = arrays.open_after(asked, np.array(paid_until(today.toordinal() + 1)))
    all_days = np.append(days, days[-1] + after + 1)
    late = arrays.days_late(all_days, still_open, today.toordinal())
    earned = arrays.earned(interest, starts, days, today.toordinal())
    principal_open = np.minimum(still_open[:-1], principal)
    interest_open = np.minimum(still_open[:-1] - principal_open, interest)
    accrued = np.maximum(earned - (interest - interest_open), 0).sum(axis=0)

    for position, paid in enumerate(loans):
        facts = [Disbursed(on=START, amount_minor=60_000, entered_on=START, ref="lent")]
        told = [
            Paid(on=START + timedelta(days=on), amount_minor=minor, entered_on=START + timedelta(days=on), ref=f"p{n}")
            for n, (on, minor) in enumerate(paid)
        ]
        account = followed_account(
            terms,
            [*facts, *told],
            as_of=today,
            late_fee=LateFee(percent=Decimal(percent), after_days=after),
            practice=PRACTICE,
        )
        if account.overpaid_minor:
            continue
        state = state_of(account, today)
        assert int(still_open[:, position].sum()) == state.owed_minor
        assert int(principal_open[:, position].sum()) == account.open_of(Part.PRINCIPAL)
        assert int(late[position]) == state.days_late
        assert int(accrued[position]) == accrued_interest(account.instalments, today)
