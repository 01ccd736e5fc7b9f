"""What is owed, late and paid on any day, and what a payment would do before it is made."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.schedules import (
    AmountNotPositive,
    Charge,
    LoanEvent,
    LoanLateness,
    LoanTerms,
    MoreThanOwed,
    Part,
    Ratio,
    Repayment,
    WriteOff,
    annual_loss_rate,
    arrears_rate,
    current_recovery,
    loan_state,
    portfolio_at_risk,
    schedule,
    split_repayment,
)

LENT_ON = date(2026, 1, 15)
TABLE = schedule(
    LoanTerms.of_product(
        principal_minor=120_000,
        currency="PHP",
        rate_yearly=Decimal("0.12"),
        instalments=12,
        method="declining_equal_principal",
        fee_percent=Decimal(1),
    ),
    disbursed_on=LENT_ON,
)
FIRST, SECOND = date(2026, 2, 15), date(2026, 3, 15)


def test_a_new_loan_owes_principal_interest_and_fee_and_nothing_is_late() -> None:
    state = loan_state(TABLE, as_of=LENT_ON)
    assert (state.principal_minor, state.interest_minor, state.fee_minor) == (120_000, 7_800, 1_200)
    assert (state.due_minor, state.days_late, state.next_due_on, state.next_due_minor) == (0, 0, FIRST, 12_400)


def test_a_payment_goes_to_fee_then_penalty_then_interest_then_principal() -> None:
    events = [Charge(FIRST, 300)]
    split = split_repayment(TABLE, events, 2_000, on=FIRST)
    assert (split.fee_minor, split.penalty_minor, split.interest_minor, split.principal_minor) == (1_200, 300, 500, 0)
    assert split.owed_after_minor == 120_000 + 7_800 + 1_200 + 300 - 2_000


def test_the_order_of_use_is_data() -> None:
    order = (Part.PRINCIPAL, Part.INTEREST, Part.PENALTY, Part.FEE)
    split = split_repayment(TABLE, [], 10_500, on=FIRST, allocation=order)
    assert (split.principal_minor, split.interest_minor, split.fee_minor) == (10_000, 500, 0)
    with pytest.raises(ValueError, match="once each"):
        split_repayment(TABLE, [], 1, on=FIRST, allocation=(Part.PRINCIPAL, Part.PRINCIPAL, Part.FEE, Part.PENALTY))


def test_the_oldest_open_instalment_is_paid_before_a_newer_one() -> None:
    split = split_repayment(TABLE, [], 12_400 + 500, on=SECOND)
    assert (split.fee_minor, split.interest_minor, split.principal_minor) == (1_200, 1_200 + 500, 10_000)
    assert (split.days_late, split.next_due_on, split.next_due_minor) == (28, SECOND, 10_600)


def test_the_preview_says_exactly_what_happens() -> None:
    events: list[LoanEvent] = [Repayment(FIRST, 5_000)]
    preview = split_repayment(TABLE, events, 9_999, on=SECOND)
    state = loan_state(TABLE, [*events, Repayment(SECOND, 9_999)], as_of=SECOND)
    assert state.splits[-1] == preview
    assert state.owed_minor == preview.owed_after_minor


def test_more_than_is_owed_is_refused_with_the_figures() -> None:
    with pytest.raises(MoreThanOwed) as refused:
        split_repayment(TABLE, [], 129_001, on=FIRST)
    assert refused.value.facts == {"asked_minor": 129_001, "owed_minor": 129_000, "over_minor": 1}
    assert split_repayment(TABLE, [], 129_000, on=FIRST).closes


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_or_less_is_refused(amount: int) -> None:
    with pytest.raises(AmountNotPositive):
        split_repayment(TABLE, [], amount, on=FIRST)


def test_a_loan_is_late_from_the_day_after_the_due_date() -> None:
    assert loan_state(TABLE, as_of=FIRST).days_late == 0
    state = loan_state(TABLE, as_of=FIRST + timedelta(days=31))
    assert (state.days_late, state.late_since) == (31, FIRST)
    assert state.due_minor == 12_400 + 11_100
    assert state.principal_late_minor == 10_000 + 10_000


def test_a_payment_entered_late_is_replayed_on_its_own_date() -> None:
    on_time = [Repayment(FIRST, 12_400)]
    assert loan_state(TABLE, on_time, as_of=SECOND).days_late == 0
    assert loan_state(TABLE, [Repayment(SECOND, 11_100), *on_time], as_of=SECOND) == loan_state(
        TABLE, [*on_time, Repayment(SECOND, 11_100)], as_of=SECOND
    )


def test_what_comes_after_the_day_asked_for_is_not_seen() -> None:
    events: list[LoanEvent] = [Repayment(SECOND, 50_000), Charge(SECOND, 100)]
    assert loan_state(TABLE, events, as_of=FIRST) == loan_state(TABLE, [], as_of=FIRST)


def test_a_charge_after_the_last_instalment_makes_a_line_of_its_own() -> None:
    end = TABLE.instalments[-1].due_on
    events: list[LoanEvent] = [Repayment(FIRST, 129_000), Charge(end + timedelta(days=10), 700, Part.PENALTY)]
    state = loan_state(TABLE, events, as_of=end + timedelta(days=11))
    assert (state.owed_minor, state.penalty_minor, state.instalments[-1].number) == (700, 700, 13)


def test_money_paid_ahead_by_mistake_is_used_when_something_new_is_charged() -> None:
    events: list[LoanEvent] = [Repayment(FIRST, 129_500), Charge(SECOND, 700)]
    assert loan_state(TABLE, events[:1], as_of=FIRST).overpaid_minor == 500
    state = loan_state(TABLE, events, as_of=SECOND)
    assert (state.overpaid_minor, state.owed_minor) == (0, 200)


def test_a_written_off_loan_owes_nothing_but_what_comes_later_is_shown_as_recovered() -> None:
    late = date(2026, 8, 1)
    events: list[LoanEvent] = [Repayment(FIRST, 12_400), WriteOff(late), Repayment(late + timedelta(days=30), 3_000)]
    state = loan_state(TABLE, events, as_of=date(2026, 12, 31))
    assert (state.owed_minor, state.days_late, state.written_off_minor, state.recovered_minor) == (0, 0, 110_000, 3_000)


payments = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 30_000)), max_size=15)


@given(payments, st.integers(0, 600))
def test_every_unit_received_is_used_once_or_shown_as_overpaid(paid: list[tuple[int, int]], day: int) -> None:
    events = [Repayment(LENT_ON + timedelta(days=offset), amount) for offset, amount in paid]
    state = loan_state(TABLE, events, as_of=LENT_ON + timedelta(days=day))
    used = sum(line.paid_minor for line in state.instalments)
    assert used + state.overpaid_minor == state.paid_minor
    assert state.owed_minor == TABLE.due_minor - used
    for split in state.splits:
        parts = split.fee_minor + split.penalty_minor + split.interest_minor + split.principal_minor
        assert parts + split.overpaid_minor == split.amount_minor


@given(payments)
def test_the_order_in_which_payments_are_entered_does_not_matter(paid: list[tuple[int, int]]) -> None:
    events = [Repayment(LENT_ON + timedelta(days=offset), amount) for offset, amount in paid]
    day = LENT_ON + timedelta(days=501)
    one, other = loan_state(TABLE, events, as_of=day), loan_state(TABLE, reversed(events), as_of=day)
    assert (one.owed_minor, one.days_late, one.overpaid_minor) == (
        other.owed_minor,
        other.days_late,
        other.overpaid_minor,
    )


@given(payments, st.integers(1, 200_000), st.integers(0, 500))
def test_a_preview_never_disagrees_with_the_payment(paid: list[tuple[int, int]], amount: int, offset: int) -> None:
    day = LENT_ON + timedelta(days=offset)
    events = [Repayment(LENT_ON + timedelta(days=when), paid_minor) for when, paid_minor in paid if when <= offset]
    before = loan_state(TABLE, events, as_of=day)
    if amount > before.owed_minor:
        with pytest.raises(MoreThanOwed):
            split_repayment(TABLE, events, amount, on=day)
        return
    preview = split_repayment(TABLE, events, amount, on=day)
    after = loan_state(TABLE, [*events, Repayment(day, amount)], as_of=day)
    assert preview.owed_after_minor == after.owed_minor == before.owed_minor - amount


@pytest.mark.covers("RLF-08")
def test_portfolio_at_risk_agrees_with_a_published_portfolio() -> None:
    """A lender's page: 9,013,400 in all; PAR30 338,881, PAR60 237,931, PAR90 155,909 (finance rules, 1)."""
    late = [(30, 100_950), (60, 82_022), (90, 73_009), (120, 55_880), (180, 27_020)]
    loans = [LoanLateness(balance, days) for days, balance in late]
    loans.append(LoanLateness(9_013_400 - 338_881, 0))
    at_risk = {days: portfolio_at_risk(loans, days=days - 1) for days in (30, 60, 90)}
    assert {days: ratio.numerator for days, ratio in at_risk.items()} == {30: 338_881, 60: 237_931, 90: 155_909}
    assert [at_risk[days].percent() for days in (30, 60, 90)] == [Decimal("3.76"), Decimal("2.64"), Decimal("1.73")]


@pytest.mark.covers("RLF-08")
def test_portfolio_at_risk_takes_balances_not_numbers_and_strictly_also_rescheduled_loans() -> None:
    loans = [LoanLateness(900, 31, 50), LoanLateness(50, 0, is_rescheduled=True), LoanLateness(50, 30, 10)]
    assert portfolio_at_risk(loans, days=30) == Ratio(900, 1_000)
    assert portfolio_at_risk(loans, days=30, with_rescheduled=True) == Ratio(950, 1_000)
    assert arrears_rate(loans) == Ratio(60, 1_000)
    assert portfolio_at_risk([], days=30).percent() is None


def test_a_good_recovery_rate_on_short_loans_can_hide_a_great_yearly_loss() -> None:
    recovery = current_recovery(received_on_due_minor=95, due_minor=100)
    assert annual_loss_rate(recovery, term_years=Fraction(1, 4)) == Fraction(40, 100)
    assert annual_loss_rate(current_recovery(received_on_due_minor=0, due_minor=0), term_years=Fraction(1)) is None
