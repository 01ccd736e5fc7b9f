"""Loan schedules: every instalment table returns exactly what was lent."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.calendars import Unit
from jump.core.schedules import (
    Amortisation,
    DayCount,
    Disbursement,
    InterestBy,
    InterestMethod,
    LoanTerms,
    ScheduleKind,
    TermsError,
    schedule,
)

START = date(2026, 1, 15)


@st.composite
def loans(draw: st.DrawFn) -> tuple[LoanTerms, tuple[Disbursement, ...]]:
    count = draw(st.integers(1, 60))
    principal = draw(st.integers(1, 10**12))
    unit = draw(st.sampled_from(Unit))
    terms = LoanTerms(
        principal_minor=principal,
        currency=draw(st.sampled_from(["THB", "JPY", "JOD", "XOF"])),
        instalments=count,
        rate_yearly=draw(st.decimals(0, 3, places=4)),
        every=draw(st.integers(1, 3)),
        unit=unit,
        method=draw(st.sampled_from(InterestMethod)),
        amortisation=draw(st.sampled_from(Amortisation)),
        kind=draw(st.sampled_from(ScheduleKind)),
        interest_by=draw(st.sampled_from(InterestBy)),
        day_count=DayCount.named(draw(st.sampled_from(["30/360", "actual/360", "actual/365", "actual/actual"]))),
        grace_principal=draw(st.integers(0, count - 1)),
        grace_interest=draw(st.integers(0, count - 1)),
        interest_free=draw(st.integers(0, 3)),
        instalment_multiple_minor=draw(st.sampled_from([1, 50, 100, 10_000])),
        amount_multiple_minor=draw(st.sampled_from([1, 1, 5])),
        principal_percent=draw(st.none() | st.decimals(1, 100, places=1)),
        own_contribution_percent=draw(st.sampled_from([Decimal(0), Decimal(25)])),
        fee_minor=draw(st.integers(0, 10**6)),
    )
    first = draw(st.integers(1, principal))
    tranches = [Disbursement(START, first)]
    if principal > first:
        tranches.append(
            Disbursement(START + timedelta(days=draw(st.integers(0, 0 if unit is Unit.DAYS else 5))), principal - first)
        )
    return terms, tuple(tranches)


@given(loans())
@pytest.mark.covers("RLF-06")
def test_every_schedule_returns_exactly_what_was_lent(loan: tuple[LoanTerms, tuple[Disbursement, ...]]) -> None:
    terms, tranches = loan
    table = schedule(terms, disbursements=tranches)
    assert table.principal_minor == terms.principal_minor
    assert table.instalments[-1].balance_minor == 0
    assert table.due_minor == table.principal_minor + table.interest_minor + terms.fee_minor
    assert all(min(line.principal_minor, line.interest_minor, line.balance_minor) >= 0 for line in table.instalments)


@given(loans())
def test_due_dates_never_go_back_and_numbers_count_up(loan: tuple[LoanTerms, tuple[Disbursement, ...]]) -> None:
    terms, tranches = loan
    lines = schedule(terms, disbursements=tranches).instalments
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert all(earlier.due_on <= later.due_on for earlier, later in itertools.pairwise(lines))


@given(loans())
def test_no_interest_is_charged_where_there_is_no_rate(loan: tuple[LoanTerms, tuple[Disbursement, ...]]) -> None:
    terms, tranches = loan
    assert schedule(replace(terms, rate_yearly=Decimal(0)), disbursements=tranches).interest_minor == 0


def of_product(**changes: object) -> LoanTerms:
    words: dict[str, object] = {
        "principal_minor": 1_200_000,
        "currency": "THB",
        "rate_yearly": Decimal("0.12"),
        "instalments": 12,
    }
    return LoanTerms.of_product(**(words | changes))  # type: ignore[arg-type]


def test_equal_instalments_are_equal_but_for_the_last_cents() -> None:
    table = schedule(of_product(), disbursed_on=START)
    assert {line.due_minor for line in table.instalments[:-1]} == {106_619}
    assert abs(table.instalments[-1].due_minor - 106_619) <= 12
    assert [line.interest_minor for line in table.instalments[:3]] == [12_000, 11_054, 10_098]


def test_equal_principal_pays_interest_on_what_is_still_owed() -> None:
    table = schedule(of_product(method="declining_equal_principal"), disbursed_on=START)
    assert {line.principal_minor for line in table.instalments} == {100_000}
    assert [line.interest_minor for line in table.instalments] == [1_000 * left for left in range(12, 0, -1)]


def test_flat_interest_is_on_the_amount_lent_all_the_time() -> None:
    table = schedule(of_product(method="flat"), disbursed_on=START)
    assert table.interest_minor == 144_000
    assert {line.interest_minor for line in table.instalments} == {12_000}


def test_the_declining_balance_never_costs_more_than_flat() -> None:
    flat = schedule(of_product(method="flat"), disbursed_on=START).interest_minor
    equal = schedule(of_product(), disbursed_on=START).interest_minor
    principal = schedule(of_product(method="declining_equal_principal"), disbursed_on=START).interest_minor
    assert principal < equal < flat


def test_a_published_leveraged_loan_is_reproduced_to_the_cent() -> None:
    """1,000,000 at 10 %, five level yearly payments of 263,797.48 (finance rules, 3)."""
    table = schedule(
        of_product(principal_minor=100_000_000, rate_yearly=Decimal("0.10"), instalments=5, rhythm="yearly"),
        disbursed_on=date(2026, 1, 1),
    )
    assert [line.interest_minor for line in table.instalments] == [
        10_000_000,
        8_362_025,
        6_560_253,
        4_578_303,
        2_398_159,
    ]
    assert [line.principal_minor for line in table.instalments][:4] == [16_379_748, 18_017_723, 19_819_495, 21_801_445]
    assert table.instalments[0].due_minor == 26_379_748


def test_grace_on_principal_leaves_interest_only() -> None:
    table = schedule(of_product(grace_instalments=3), disbursed_on=START)
    assert [line.principal_minor for line in table.instalments[:3]] == [0, 0, 0]
    assert [line.interest_minor for line in table.instalments[:3]] == [12_000] * 3
    assert table.instalments[3].principal_minor > 0


def test_interest_not_asked_in_grace_is_asked_with_the_first_instalment_after() -> None:
    table = schedule(replace(of_product(grace_instalments=3), grace_interest=2), disbursed_on=START)
    assert [line.interest_minor for line in table.instalments[:3]] == [0, 0, 36_000]


def test_interest_free_periods_bear_no_interest_at_all() -> None:
    terms = replace(of_product(method="declining_equal_principal"), interest_free=2)
    table = schedule(terms, disbursed_on=START)
    assert [line.interest_minor for line in table.instalments[:3]] == [0, 0, 10_000]


@pytest.mark.parametrize(
    ("count", "interest"), [("30/360", 1_000), ("actual/360", 1_033), ("actual/365", 1_019), ("actual/364", 1_022)]
)
def test_day_counts_make_the_interest_of_a_31_day_month(count: str, interest: int) -> None:
    terms = LoanTerms(
        principal_minor=100_000,
        currency="THB",
        instalments=1,
        rate_yearly=Decimal("0.12"),
        interest_by=InterestBy.DAY,
        day_count=DayCount.named(count),
    )
    assert schedule(terms, disbursed_on=date(2026, 1, 1)).interest_minor == interest


def test_instalments_are_rounded_to_the_coin_people_have() -> None:
    table = schedule(of_product(instalment_multiple_minor=5_000), disbursed_on=START)
    assert {line.due_minor for line in table.instalments[:-1]} == {105_000}
    assert table.principal_minor == 1_200_000


def test_a_fee_is_due_with_the_first_instalment_and_never_twice() -> None:
    table = schedule(of_product(fee_percent=Decimal(2)), disbursed_on=START)
    assert [line.fee_minor for line in table.instalments] == [24_000] + [0] * 11


def test_weekly_and_hand_made_due_dates() -> None:
    weekly = schedule(of_product(instalments=3, rhythm="weekly"), disbursed_on=START)
    assert [line.due_on for line in weekly.instalments] == [START + timedelta(weeks=week) for week in (1, 2, 3)]
    harvest = (date(2026, 6, 30), date(2026, 12, 31))
    by_hand = LoanTerms(
        principal_minor=100,
        currency="XOF",
        instalments=2,
        rate_yearly=Decimal("0.12"),
        due_dates=harvest,
        interest_by=InterestBy.DAY,
    )
    assert [line.due_on for line in schedule(by_hand, disbursed_on=START).instalments] == list(harvest)


@pytest.mark.parametrize(
    "changes",
    [
        {"principal_minor": 0},
        {"instalments": 0},
        {"rate_yearly": Decimal(-1)},
        {"grace_instalments": 12},
        {"method": "friendly"},
        {"rhythm": "sometimes"},
        {"instalment_multiple_minor": 0},
        {"currency": "???"},
    ],
)
def test_terms_that_contradict_each_other_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        of_product(**changes)


def test_a_schedule_needs_money_paid_out_before_its_last_due_date() -> None:
    for tranches in ((), (Disbursement(START, 0),), (Disbursement(START, 10), Disbursement(date(2030, 1, 1), 10))):
        with pytest.raises(TermsError):
            schedule(of_product(), disbursements=tranches)
    with pytest.raises(TermsError):
        schedule(of_product(), disbursed_on=START, disbursements=(Disbursement(START, 10),))
