"""What is owed, late and paid of a loan on any day, beside an oracle written in the plainest way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.funds import DueAndPaid, current_recovery, fallen_due, on_time_rate
from jump.core.ratios import ratio
from jump.core.schedules import (
    ALLOCATIONS,
    Disbursed,
    Disbursement,
    Fact,
    LateFee,
    LoanState,
    LoanTerms,
    Paid,
    Part,
    PaymentKind,
    Practice,
    Waived,
    WrittenOff,
    followed_account,
    schedule,
    state_of,
)
from tests.core.stored_schedules import Charge, Line, Payment, lines_of

LENT_ON = date(2026, 1, 15)
TERMS = LoanTerms.of_product(
    principal_minor=120_000,
    currency="PHP",
    rate_yearly=Decimal("0.12"),
    instalments=12,
    method="declining_equal_principal",
    fee_percent=Decimal(1),
)
TABLE = schedule(TERMS, disbursements=[Disbursement(LENT_ON, 120_000)])
LENT = Disbursed(on=LENT_ON, amount_minor=120_000, entered_on=LENT_ON, ref="lent")
FIRST, SECOND = date(2026, 2, 15), date(2026, 3, 15)
FEE = LateFee(percent=Decimal(2), after_days=7)
NO_FEE = LateFee()
ORDER = (Part.FEE, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL)
PRACTICE = Practice(allocation=ALLOCATIONS["fees_penalties_interest_principal_order"], recognises_income=False)


def paid(on: date, amount: int, ref: str = "") -> Paid:
    return Paid(on=on, amount_minor=amount, entered_on=on, ref=ref or f"paid {on}")


def stands(*facts: Fact, on: date, fee: LateFee = NO_FEE) -> LoanState:
    return state_of(followed_account(TERMS, [LENT, *facts], as_of=on, late_fee=fee, practice=PRACTICE), on)


def test_a_new_loan_owes_principal_interest_and_fee_and_nothing_is_late() -> None:
    state = stands(on=LENT_ON)
    assert (state.principal_minor, state.interest_minor, state.fee_minor) == (120_000, 7_800, 1_200)
    assert (state.due_minor, state.days_late, state.next_due_on, state.next_due_minor) == (0, 0, FIRST, 12_400)


def test_a_loan_is_late_from_the_day_after_the_due_date() -> None:
    assert stands(on=FIRST).days_late == 0
    state = stands(on=FIRST + timedelta(days=31))
    assert (state.days_late, state.late_since) == (31, FIRST)
    assert state.due_minor == 12_400 + 11_100
    assert state.principal_late_minor == 10_000 + 10_000


def test_what_comes_after_the_day_asked_for_is_not_seen() -> None:
    assert stands(paid(SECOND, 50_000), on=FIRST) == stands(on=FIRST)


def test_a_written_off_loan_owes_nothing_but_what_comes_later_is_shown_as_recovered() -> None:
    lost, back = date(2026, 8, 1), date(2026, 8, 31)
    state = stands(
        paid(FIRST, 12_400),
        WrittenOff(on=lost, entered_on=lost, ref="lost"),
        replace(paid(back, 3_000), kind=PaymentKind.RECOVERY),
        on=date(2026, 12, 31),
    )
    assert (state.owed_minor, state.days_late, state.written_off_minor, state.recovered_minor) == (0, 0, 110_000, 3_000)


# --- what fell due, and what came of it -------------------------------------------------------------------------------


@pytest.mark.covers("RLF-08")
def test_late_fees_are_neither_due_nor_paid_where_a_fund_says_what_was_paid_back() -> None:
    """The first instalment of 124.00 is paid a month late, after a late fee of 2.48 that falls due with the second."""
    state = stands(paid(SECOND, 12_400 + 248 + 10_000), on=SECOND, fee=FEE)
    assert [line.due[Part.PENALTY] for line in state.instalments[:2]] == [0, 248]
    rows = list(fallen_due(state.instalments, until=SECOND))
    assert rows == [DueAndPaid(12_400, 0, 12_400), DueAndPaid(11_100, 10_000, 10_000)]
    assert current_recovery(rows) == ratio(22_400, 23_500)
    assert on_time_rate(rows) == ratio(10_000, 23_500)


@pytest.mark.covers("RLF-08")
def test_a_period_counts_the_instalments_that_fell_due_in_it_and_money_paid_ahead_when_they_do() -> None:
    facts = (paid(FIRST, 12_400 + 5_000),)
    after_one = stands(*facts, on=FIRST)
    assert list(fallen_due(after_one.instalments, until=FIRST)) == [DueAndPaid(12_400, 12_400, 12_400)]
    after_two = stands(*facts, on=SECOND)
    march = list(fallen_due(after_two.instalments, until=SECOND, since=FIRST + timedelta(days=1)))
    assert march == [DueAndPaid(11_100, 5_000, 5_000)]


def test_what_was_waived_was_due_and_never_came() -> None:
    waived = Waived(on=FIRST, amount_minor=1_200, part=Part.INTEREST, entered_on=FIRST, ref="w")
    state = stands(waived, paid(FIRST, 11_200), on=FIRST)
    assert state.due_minor == 0
    assert current_recovery(fallen_due(state.instalments, until=FIRST)) == ratio(11_200, 12_400)


def test_fees_charged_after_the_last_instalment_are_no_instalment() -> None:
    on = date(2027, 3, 1)
    rows = list(fallen_due(stands(on=on, fee=FEE).instalments, until=on))
    assert len(rows) == 12
    assert sum(row.due_minor for row in rows) == TABLE.due_minor


# --- beside the oracle ------------------------------------------------------------------------------------------------

payments = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 30_000)), max_size=15)


@given(payments, st.integers(0, 600))
def test_every_unit_received_is_used_once_or_shown_as_overpaid(found: list[tuple[int, int]], day: int) -> None:
    facts = [
        paid(LENT_ON + timedelta(days=offset), amount, f"p{number}") for number, (offset, amount) in enumerate(found)
    ]
    state = stands(*facts, on=LENT_ON + timedelta(days=day), fee=FEE)
    used = sum(line.paid_minor for line in state.instalments)
    assert used + state.overpaid_minor == state.paid_minor
    assert state.owed_minor == sum(line.due_minor for line in state.instalments) - used


@given(payments, st.integers(0, 600), st.sampled_from([FEE, LateFee(fixed_minor=300), NO_FEE]))
def test_a_loan_stands_as_its_payments_put_on_its_schedule_say(
    found: list[tuple[int, int]], day: int, fee: LateFee
) -> None:
    as_of = LENT_ON + timedelta(days=day)
    facts = [
        paid(LENT_ON + timedelta(days=offset), amount, f"p{number}") for number, (offset, amount) in enumerate(found)
    ]
    account = followed_account(TERMS, [LENT, *facts], as_of=as_of, late_fee=fee, practice=PRACTICE)
    if account.overpaid_minor:  # in the oracle money paid too early stays aside, here it is used for a later charge
        return
    charges = [Charge(charge.due_on, charge.amount_minor) for charge in account.charges]
    happened = [Payment(fact.on, fact.amount_minor) for fact in facts]
    lines, over = lines_of(TABLE, [*happened, *charges], as_of=as_of, order=ORDER)
    assert over == 0
    state = state_of(account, as_of)
    assert [(line.due_on, dict(line.due)) for line in state.instalments] == [(line.due_on, line.due) for line in lines]
    assert [line.open_minor for line in state.instalments] == [line.open_minor for line in lines]
    assert state.owed_minor == sum(line.open_minor for line in lines)
    assert state.principal_minor == sum(line.open_of(Part.PRINCIPAL) for line in lines)
    late = [line for line in lines if line.open_minor and line.due_on < as_of]
    assert state.days_late == (max((as_of - line.due_on).days for line in late) if late else 0)
    assert list(fallen_due(state.instalments, until=as_of)) == [_told(line) for line in _due(lines, as_of)]


def _due(lines: list[Line], as_of: date) -> list[Line]:
    return [line for line in lines if line.due_on <= as_of and not line.is_extra]


def _told(line: Line) -> DueAndPaid:
    agreed = [(on, amount) for on, part, amount in line.paid if part is not Part.PENALTY]
    return DueAndPaid(
        sum(amount for part, amount in line.due.items() if part is not Part.PENALTY),
        sum(amount for on, amount in agreed if on <= line.due_on),
        sum(amount for _on, amount in agreed),
    )
