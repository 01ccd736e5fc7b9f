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
    Fact,
    LateFee,
    LineKind,
    LoanTerms,
    Paid,
    Part,
    Practice,
    accrued_interest,
    arrays,
    changes_on,
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


# --- as days go by ----------------------------------------------------------------------------------------------------

ORDERS = ["fees_penalties_interest_principal_order", "principal_interest_penalties_fees_order"]
stories = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 30_000)), max_size=10)


@given(
    st.lists(st.tuples(stories, st.sampled_from([-1, 0, 7, 40]), st.integers(1, 12)), min_size=1, max_size=6),
    st.integers(0, 400),
    st.integers(1, 40),
    st.sampled_from(ORDERS),
)
def test_loans_on_arrays_stand_as_their_facts_say_as_days_go_by(
    loans: list[tuple[list[tuple[int, int]], int, int]], since: int, passed: int, order: str
) -> None:
    """Known to the end of one day, asked for a later one; a loan with a late fee open or money left is not plain."""
    lent_on = date(2026, 1, 31)
    known, today = lent_on + timedelta(days=since), lent_on + timedelta(days=since + passed)
    practice = Practice(allocation=ALLOCATIONS[order], recognises_income=False)
    told, rows, paid, after = [], [], [], []
    for story, days, count in loans:
        terms = LoanTerms.of_product(
            principal_minor=100_000,
            currency="PHP",
            rate_yearly=Decimal("0.2"),
            instalments=count,
            method="declining_equal_instalments",
            fee_percent=Decimal(1),
        )
        fee = LateFee(percent=Decimal(2), after_days=days) if days >= 0 else LateFee()
        facts: list[Fact] = [Disbursed(on=lent_on, amount_minor=100_000, entered_on=lent_on, ref="lent")]
        for number, (offset, amount) in enumerate(story):
            on = min(lent_on + timedelta(days=offset), known)
            facts.append(Paid(on=on, amount_minor=amount, entered_on=on, ref=f"p{number}"))
        before = followed_account(terms, facts, as_of=known, late_fee=fee, practice=practice)
        if before.open_of(Part.PENALTY) or before.overpaid_minor:
            continue
        account = followed_account(terms, facts, as_of=today, late_fee=fee, practice=practice)
        told.append((account, fee, len(account.charges) > len(before.charges)))
        rows.append([line for line in account.instalments if line.kind is not LineKind.EXTRA])
        movements = [one for one in before.movements if one.ref.startswith("p")]
        paid.append([sum(one.parts[part] for one in movements) for part in (Part.FEE, Part.INTEREST, Part.PRINCIPAL)])
        after.append(days)
    if not told:
        return
    lines = [line for one in rows for line in one]
    found = arrays.stands(
        arrays.Lines(
            np.array([len(one) for one in rows]),
            np.array([line.due_on.toordinal() for line in lines]),
            *(np.array([line.due[part] for line in lines]) for part in (Part.FEE, Part.INTEREST, Part.PRINCIPAL)),
        ),
        fee_paid=np.array([one[0] for one in paid]),
        interest_paid=np.array([one[1] for one in paid]),
        principal_paid=np.array([one[2] for one in paid]),
        fee_after=np.array(after),
        known=np.full(len(rows), known.toordinal()),
        today=today.toordinal(),
    )
    for position, (account, fee, is_charged) in enumerate(told):
        assert bool(found.is_charged[position]) is is_charged
        if is_charged:
            continue
        state = state_of(account, today)
        assert found.principal_minor[position] == state.principal_minor
        assert found.owed_minor[position] == state.owed_minor
        assert found.due_minor[position] == state.due_minor
        assert found.principal_late_minor[position] == state.principal_late_minor
        assert found.late_since[position] == (state.late_since.toordinal() if state.late_since else 0)
        assert found.changes_on[position] == changes_on(account, fee).toordinal()
