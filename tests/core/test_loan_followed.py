"""A loan followed day by day with its late fees: nothing depends on when a fact became known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.schedules import (
    ALLOCATIONS,
    ChargedOff,
    Disbursed,
    Fact,
    LateFee,
    LateFeeOf,
    LoanAccount,
    LoanTerms,
    Paid,
    Part,
    PaymentKind,
    Practice,
    Refunded,
    Rescheduled,
    Reversed,
    Role,
    ScheduleKind,
    Status,
    Waived,
    WrittenOff,
    cash_entry,
    cash_standing,
    changes_on,
    followed_account,
    loan_account,
    state_of,
)

START = date(2026, 1, 15)
TERMS = LoanTerms(principal_minor=120_000, currency="PHP", instalments=12, rate_yearly=Decimal("0.12"))
ORDER = (Part.FEE, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL)
PRACTICE = Practice(allocation=ALLOCATIONS["fees_penalties_interest_principal_order"], recognises_income=False)
FEE = LateFee(percent=Decimal(2), after_days=7)
LENT = Disbursed(on=START, amount_minor=120_000, entered_on=START, ref="lent")
FIRST = 10_662  # of each of the twelve


def paid(amount: int, on: date, ref: str = "", kind: PaymentKind = PaymentKind.REPAYMENT) -> Paid:
    return Paid(on=on, amount_minor=amount, entered_on=on, ref=ref or f"paid {on}", kind=kind)


def follow(*facts: Fact, as_of: date, fee: LateFee = FEE, terms: LoanTerms = TERMS) -> LoanAccount:
    return followed_account(terms, [LENT, *facts], as_of=as_of, late_fee=fee, practice=PRACTICE)


# --- late fees --------------------------------------------------------------------------------------------------------


def test_a_late_fee_comes_once_per_instalment_when_its_days_are_over() -> None:
    """2 % of 106.62 on the eighth day, with the next instalment; one late fee is no reason for another."""
    assert follow(as_of=date(2026, 2, 22)).open_of(Part.PENALTY) == 0
    late = follow(as_of=date(2026, 2, 23))
    assert late.open_of(Part.PENALTY) == 213
    assert [line.due[Part.PENALTY] for line in late.instalments[:2]] == [0, 213]
    assert follow(as_of=date(2026, 3, 22)).open_of(Part.PENALTY) == 213


def test_what_the_percent_is_of_and_a_fixed_amount_are_terms() -> None:
    on = date(2026, 3, 23)  # the second instalment holds the fee of the first
    owed = {of: follow(as_of=on, fee=replace(FEE, of=of)).open_of(Part.PENALTY) for of in LateFeeOf}
    assert owed == {LateFeeOf.OPEN: 213 + 218, LateFeeOf.AGREED: 213 + 213, LateFeeOf.PRINCIPAL: 189 + 191}
    fixed = follow(as_of=on, fee=LateFee(fixed_minor=500, after_days=7))
    assert fixed.open_of(Part.PENALTY) == 1_000


def test_a_payment_found_late_takes_back_the_fee_that_should_not_have_been() -> None:
    on = date(2026, 3, 1)
    assert follow(as_of=on).open_of(Part.PENALTY) == 213
    assert follow(paid(FIRST, date(2026, 2, 15)), as_of=on).open_of(Part.PENALTY) == 0


def test_fees_after_the_last_instalment_are_no_payment_that_was_agreed() -> None:
    state = state_of(follow(as_of=date(2027, 1, 23)), date(2027, 1, 23))
    assert [line.is_extra for line in state.instalments] == [False] * 12 + [True]


def test_a_loan_written_off_or_charged_off_is_charged_no_more() -> None:
    for end in (
        WrittenOff(on=date(2026, 3, 1), entered_on=date(2026, 3, 1), ref="end"),
        ChargedOff(on=date(2026, 3, 1), entered_on=date(2026, 3, 1), ref="end"),
    ):
        account = follow(end, as_of=date(2026, 9, 1))
        assert [charge.amount_minor for charge in account.charges] == [213]


def test_a_late_fee_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        LateFee(percent=Decimal(-1))


# --- waivers, refunds, losses -----------------------------------------------------------------------------------------


def test_a_waiver_takes_the_oldest_first_and_never_principal() -> None:
    on = date(2026, 3, 20)
    before = follow(as_of=on)
    after = follow(Waived(on=on, amount_minor=1_300, part=Part.INTEREST, entered_on=on, ref="w"), as_of=on)
    assert before.open_of(Part.INTEREST) - after.open_of(Part.INTEREST) == 1_300
    assert [line.waived[Part.INTEREST] for line in after.instalments[:3]] == [1_200, 100, 0]
    assert after.open_of(Part.PRINCIPAL) == before.open_of(Part.PRINCIPAL)
    assert cash_standing(after.movements) == cash_standing(before.movements)
    with pytest.raises(ValueError, match="written off"):
        Waived(on=on, amount_minor=1, part=Part.PRINCIPAL, entered_on=on)


def test_a_waiver_of_a_day_goes_before_the_payment_of_that_day() -> None:
    on = date(2026, 2, 23)
    account = follow(
        paid(FIRST, on, "p"), Waived(on=on, amount_minor=213, part=Part.PENALTY, entered_on=on, ref="w"), as_of=on
    )
    assert account.movement("p").parts == {Part.FEE: 0, Part.PENALTY: 0, Part.INTEREST: 1_200, Part.PRINCIPAL: 9_462}


def test_money_beyond_what_is_owed_waits_and_goes_back() -> None:
    on, later = date(2026, 2, 15), date(2026, 3, 1)
    over = follow(paid(130_000, on), as_of=on)
    assert over.status is Status.OVERPAID
    assert cash_standing(over.movements)[Role.OVERPAID] == -over.overpaid_minor
    back = follow(
        paid(130_000, on), Refunded(on=later, amount_minor=over.overpaid_minor, entered_on=later, ref="r"), as_of=later
    )
    assert (back.overpaid_minor, back.owed_minor, back.status) == (0, 0, Status.CLOSED)
    assert Role.OVERPAID not in cash_standing(back.movements)


def test_a_bounced_payment_is_as_if_it_had_never_come_even_when_others_came_after_it() -> None:
    first, second = paid(FIRST, date(2026, 2, 15), "one"), paid(FIRST, date(2026, 3, 15), "two")
    bounced = Reversed(target_ref="one", entered_on=date(2026, 4, 1))
    day = date(2026, 4, 1)
    assert follow(first, second, bounced, as_of=day) == follow(second, as_of=day)


def test_losses_are_booked_once_and_what_comes_after_them_is_recovered() -> None:
    on = date(2026, 6, 1)
    facts: list[Fact] = [
        paid(FIRST, date(2026, 2, 15)),
        ChargedOff(on=date(2026, 4, 1), entered_on=date(2026, 4, 1), ref="c"),
        paid(5_000, date(2026, 4, 10)),
        WrittenOff(on=date(2026, 5, 1), entered_on=date(2026, 5, 1), ref="w"),
        paid(700, date(2026, 5, 20), kind=PaymentKind.RECOVERY),
    ]
    account = follow(*facts, as_of=on, fee=LateFee())
    held = cash_standing(account.movements)
    lost = 120_000 - 9_462
    assert held == {
        Role.FUND: -120_000 + FIRST + 5_700,
        Role.INTEREST_INCOME: -1_200,
        Role.WRITE_OFF: lost,
        Role.RECOVERY: -5_700,
    }
    state = state_of(account, on)
    assert (state.principal_minor, state.written_off_minor, state.recovered_minor) == (0, lost, 5_700)


# --- beside the order of entry ----------------------------------------------------------------------------------------


@st.composite
def payments(draw: st.DrawFn) -> list[Paid]:
    days = draw(st.lists(st.integers(0, 400), max_size=12))
    return [
        paid(draw(st.integers(1, 30_000)), START + timedelta(days=day), ref=f"p{number}")
        for number, day in enumerate(days)
    ]


@given(payments(), st.integers(0, 450), st.sampled_from([TERMS, replace(TERMS, kind=ScheduleKind.PROGRESSIVE)]))
def test_without_fees_it_is_the_loan_that_is_replayed_in_the_order_of_entry(
    facts: list[Paid], days: int, terms: LoanTerms
) -> None:
    """Each payment is used for the same parts, whatever the order in which payments became known."""
    known = START + timedelta(days=500)
    entered = [LENT, *(replace(fact, entered_on=known) for fact in facts)]
    replayed = loan_account(terms, entered, practice=PRACTICE)
    followed = follow(*facts, as_of=known, fee=LateFee(), terms=terms)
    assert {one.ref: one.parts for one in followed.movements} == {one.ref: one.parts for one in replayed.movements}
    assert followed.owed_minor == replayed.owed_minor
    assert followed.overpaid_minor == replayed.overpaid_minor
    as_of = START + timedelta(days=days)
    early = follow(*facts, as_of=as_of, fee=LateFee(), terms=terms)
    assert early == follow(*(fact for fact in facts if fact.on <= as_of), as_of=as_of, fee=LateFee(), terms=terms)


stories = st.lists(
    st.one_of(
        st.builds(lambda day, amount: ("paid", day, amount), st.integers(0, 500), st.integers(1, 60_000)),
        st.builds(lambda day, amount: ("waived", day, amount), st.integers(0, 500), st.integers(1, 3_000)),
        st.builds(lambda day, amount: ("moved", day, amount), st.integers(0, 200), st.integers(0, 4)),
        st.builds(lambda day, amount: ("bounced", day, amount), st.integers(0, 9), st.just(0)),
        st.builds(lambda day, amount: ("refund", day, amount), st.integers(0, 440), st.integers(1, 9_000)),
    ),
    max_size=10,
)


@given(
    stories,
    st.booleans(),
    st.sampled_from(sorted(ALLOCATIONS)),
    st.sampled_from([TERMS, replace(TERMS, kind=ScheduleKind.PROGRESSIVE)]),
)
def test_whatever_happens_the_books_are_the_loan(
    story: list[tuple[str, int, int]], is_lost: bool, order: str, terms: LoanTerms
) -> None:
    """Lines of each movement sum to zero; the claim in the books is the open principal, or nothing once lost."""
    facts: list[Fact] = [LENT]
    for number, (what, day, amount) in enumerate(story):
        on = START + timedelta(days=day)
        if what == "paid":
            facts.append(paid(amount, on, f"f{number}"))
        elif what == "waived":
            facts.append(Waived(on=on, amount_minor=amount, part=Part.INTEREST, entered_on=on, ref=f"f{number}"))
        elif what == "moved":
            facts.append(Rescheduled(from_on=on, entered_on=on, extra_terms=amount, ref=f"f{number}"))
        elif what == "bounced":
            facts.append(Reversed(target_ref=f"f{day}", entered_on=START))
        else:
            facts.append(Refunded(on=on, amount_minor=amount, entered_on=on, ref=f"f{number}"))
    if is_lost:
        facts.append(WrittenOff(on=START + timedelta(days=450), entered_on=START, ref="lost"))
    as_of = START + timedelta(days=600)
    practice = replace(PRACTICE, allocation=ALLOCATIONS[order])
    account = followed_account(terms, facts, as_of=as_of, late_fee=FEE, practice=practice)
    for movement in account.movements:
        assert sum(line.amount_minor for line in cash_entry(movement)) == 0
    held = cash_standing(account.movements)
    assert held.get(Role.PRINCIPAL, 0) == account.open_of(Part.PRINCIPAL)
    assert -held.get(Role.OVERPAID, 0) == account.overpaid_minor
    if is_lost:
        assert held.get(Role.PRINCIPAL, 0) == 0
    assert followed_account(terms, facts, as_of=as_of, late_fee=FEE, practice=practice) == account


@given(
    stories,
    st.integers(0, 500),
    st.sampled_from([FEE, LateFee(), LateFee(fixed_minor=5, after_days=45)]),
    st.sampled_from([TERMS, replace(TERMS, kind=ScheduleKind.PROGRESSIVE)]),
)
def test_a_loan_stands_as_it_did_until_the_day_on_which_time_alone_changes_it(
    story: list[tuple[str, int, int]], day: int, fee: LateFee, terms: LoanTerms
) -> None:
    """Everything but the day and the days late, up to the evening before; nothing ever changes after `NEVER`."""
    facts: list[Fact] = [LENT]
    for number, (what, offset, amount) in enumerate(story):
        on = START + timedelta(days=min(offset, day))
        if what == "paid":
            facts.append(paid(amount, on, f"f{number}"))
        elif what == "waived":
            facts.append(Waived(on=on, amount_minor=amount, part=Part.INTEREST, entered_on=on, ref=f"f{number}"))
        elif what == "moved":
            facts.append(Rescheduled(from_on=on, entered_on=on, extra_terms=amount, ref=f"f{number}"))

    def told(on: date) -> tuple[object, ...]:
        state = state_of(followed_account(terms, facts, as_of=on, late_fee=fee, practice=PRACTICE), on)
        names = ("principal_minor", "principal_late_minor", "due_minor", "owed_minor", "penalty_minor", "late_since")
        return (*(getattr(state, name) for name in names), state.overpaid_minor, state.next_due_on)

    start = START + timedelta(days=day)
    until = changes_on(followed_account(terms, facts, as_of=start, late_fee=fee, practice=PRACTICE), fee)
    assert until > start
    last = min(until - timedelta(days=1), start + timedelta(days=1_000))
    for on in {last, start + (last - start) / 2}:
        assert told(on) == told(start)
