"""The words of a loan product become terms, late fee and order of money; what is left out has a default."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jump.core.schedules import (
    ALLOCATIONS,
    Amortisation,
    InterestBy,
    InterestMethod,
    LateFee,
    LoanTerms,
    Part,
    Recalculation,
    ScheduleKind,
    Sequential,
    TermsError,
    products,
)
from jump.core.schedules.dates import months_of
from jump.core.schedules.followed import LateFeeOf
from jump.core.schedules.terms import Compounding, EarlyPayment, PreClose, Rest

LENT_ON = date(2026, 1, 31)


def terms(**words: Any) -> LoanTerms:
    return products.product_terms(words, principal_minor=100_000, currency="PHP", lent_on=LENT_ON)


def test_a_product_that_says_nothing_is_one_instalment_without_interest() -> None:
    plain = terms()
    assert (plain.instalments, plain.rate_yearly, plain.method) == (1, 0, InterestMethod.DECLINING)
    assert (plain.amortisation, plain.kind) == (Amortisation.EQUAL_INSTALMENTS, ScheduleKind.CUMULATIVE)
    assert (plain.interest_by, plain.partial_periods) == (InterestBy.PERIOD, False)
    assert (plain.day_count.year_days, plain.day_count.month_days) == (365, None)
    assert (plain.grace_principal, plain.grace_interest, plain.interest_free) == (0, 0, 0)
    assert (plain.principal_percent, plain.own_contribution_percent, plain.own_contribution_automatic) == (
        None,
        0,
        False,
    )
    assert (plain.instalment_multiple_minor, plain.amount_multiple_minor, plain.days_to_first_min) == (1, 1, 0)
    assert (plain.due_dates, plain.recalculation, plain.fee_minor) == ((), None, 0)


def test_every_word_of_a_product_reaches_its_term() -> None:
    full = terms(
        rate_yearly="0.18", method="declining_equal_principal", instalments=10, rhythm="quarterly",
        schedule="progressive", interest_by="daily", partial_periods=True, day_count="30/360", grace_instalments=2,
        grace_interest_instalments=1, interest_free_instalments=3, principal_percent="10",
        amount_multiple_minor=100, own_contribution_percent="15",
        days_to_first_min=20, fee_percent="2", fee_minor=50,
    )  # fmt: skip
    assert (full.rate_yearly, full.instalments, full.every) == (Decimal("0.18"), 10, 3)
    assert (full.amortisation, full.kind, full.interest_by) == (
        Amortisation.EQUAL_PRINCIPAL, ScheduleKind.PROGRESSIVE, InterestBy.DAY,
    )  # fmt: skip
    assert full.partial_periods is True
    assert (full.day_count.year_days, full.day_count.month_days) == (360, 30)
    assert (full.grace_principal, full.grace_interest, full.interest_free) == (2, 1, 3)
    assert (full.principal_percent, full.amount_multiple_minor, full.days_to_first_min) == (Decimal(10), 100, 20)
    assert (full.own_contribution_percent, full.own_contribution_automatic) == (Decimal(15), True)
    assert full.fee_minor == 2_000 + 50  # 2 % of what is lent, and a fixed part
    assert terms(rate_yearly=None, instalments=None).instalments == 1


def test_words_that_do_not_go_together_are_refused() -> None:
    for wrong in (
        {"principal_percent": "10"},
        {"method": "compound"},
        {"day_count": "actual/350"},
        {"schedule": "classic"},
        {"recalculation": {"rest": "hourly"}},
        {"grace_months": 3, "rhythm": "weekly"},
    ):
        with pytest.raises(TermsError):
            terms(**wrong)


def test_a_grace_is_said_in_instalments_or_in_whole_rhythms_of_months() -> None:
    assert terms(instalments=12, grace_months=6).grace_principal == 6
    assert terms(instalments=12, grace_months=6, rhythm="quarterly").grace_principal == 2
    assert terms(instalments=12, grace_months=7, rhythm="quarterly").grace_principal == 2
    assert terms(instalments=12, grace_months=6, grace_instalments=0).grace_principal == 0
    assert terms(instalments=12, grace_months=0).grace_principal == 0
    assert terms(instalments=12, grace_instalments=4, rhythm="weekly").grace_principal == 4


def test_due_dates_are_the_list_agreed_or_days_of_the_year_after_the_money() -> None:
    days = (date(2026, 6, 1), date(2026, 12, 24))
    assert terms(instalments=2, due_dates=["2026-06-01", "2026-12-24"]).due_dates == days
    harvest = terms(instalments=3, due_days=["11-15", "01-31", "05-15"]).due_dates
    # The day of the money itself is no due date.
    assert harvest == (date(2026, 5, 15), date(2026, 11, 15), date(2027, 1, 31))


def test_recalculation_takes_what_is_said_and_daily_plain_lower_instalments_where_nothing_is() -> None:
    assert terms(recalculation={"rest": "daily"}).recalculation == Recalculation()
    said = terms(
        recalculation={
            "rest": "weekly",
            "compounding": "interest_and_fee",
            "compounding_every": "monthly",
            "early": "reduce_number_of_installments",
            "pre_close": "till_rest_date",
        }
    ).recalculation
    assert said == Recalculation(
        rest=Rest.WEEKLY,
        compounding=Compounding.BOTH,
        compounding_every=Rest.MONTHLY,
        early=EarlyPayment.FEWER_INSTALMENTS,
        pre_close=PreClose.REST_DAY,
    )
    one = terms(recalculation={"pre_close": "till_rest_date"}).recalculation
    assert one == Recalculation(pre_close=PreClose.REST_DAY)


def test_a_late_fee_is_a_percent_or_an_amount_after_some_days_of_what_is_open() -> None:
    assert products.late_fee_of({}) == LateFee(percent=Decimal(0), fixed_minor=0, after_days=7, of=LateFeeOf.OPEN)
    said = {"penalty_percent": "2.5", "penalty_minor": 300, "penalty_after_days": 0}
    assert products.late_fee_of(said) == LateFee(
        percent=Decimal("2.5"), fixed_minor=300, after_days=0, of=LateFeeOf.OPEN
    )
    for of in LateFeeOf:
        assert products.late_fee_of({"penalty_of": of.value}).of is of
    with pytest.raises(ValueError, match="somebody"):
        products.late_fee_of({"penalty_of": "somebody"})


def test_the_order_of_money_is_a_name_or_the_four_parts() -> None:
    assert products.allocation_of({}) == Sequential((Part.FEE, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL))
    turned = ["principal", "interest", "penalty", "fee"]
    assert products.allocation_of({"allocation": turned}) == Sequential(tuple(Part(one) for one in turned))
    for name, order in ALLOCATIONS.items():
        assert products.allocation_of({"allocation": name}) is order
    with pytest.raises(TermsError, match="'mine' is not an order"):
        products.allocation_of({"allocation": "mine"})
    practice = products.practice_of({"allocation": turned})
    assert practice.recognises_income is False
    assert practice.allocation == products.allocation_of({"allocation": turned})


def test_money_beyond_what_is_owed_is_refused_unless_the_product_keeps_it() -> None:
    assert products.keeps_overpaid({"overpayment": "keep"}) is True
    assert [products.keeps_overpaid(one) for one in ({}, {"overpayment": "refuse"}, {"overpayment": None})] == [
        False
    ] * 3


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 15), date(2026, 4, 15), Decimal(3)),
        (date(2025, 11, 15), date(2026, 2, 15), Decimal(3)),
        (date(2026, 1, 31), date(2026, 2, 28), Decimal(1)),  # from one end of month to the next
        (date(2026, 2, 28), date(2026, 3, 31), Decimal(1)),
        (date(2026, 1, 30), date(2026, 2, 28), Decimal(1)),  # there is no 30 February
        (date(2026, 1, 15), date(2026, 2, 25), 1 + Decimal(10) / 28),
        (date(2026, 1, 15), date(2026, 2, 5), Decimal(21) / 31),
        (date(2026, 1, 15), date(2026, 3, 5), 1 + Decimal(18) / 28),
        (date(2026, 1, 28), date(2026, 2, 27), Decimal(30) / 31),
        (date(2026, 3, 30), date(2026, 4, 29), Decimal(30) / 31),
    ],
)
def test_a_stretch_is_whole_months_and_the_part_of_the_month_begun(start: date, end: date, months: Decimal) -> None:
    assert months_of(terms(), start, end) == months
