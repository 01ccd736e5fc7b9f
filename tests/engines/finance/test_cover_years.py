"""What a scheme earned, what it must expect, the ten indicators, the premium sheet, and the year closed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from jump.base import clock
from jump.base.refusals import NotAllowed
from jump.core.insurance import Promptness, TenIndicator
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.covered import ASSEMBLY, AWA, CASHIER, CLERK, NATIONAL, SECOND_CASHIER, Scheme, xof
from tests.engines.finance.makers import SYSTEM

YEAR_END = date(2004, 12, 31)
MINUTES = Ref("res-M1NVTES0")


@pytest.fixture
def year(scheme: Scheme) -> Scheme:
    """A family that paid its year, a claim paid in nine days, one rejected, one undecided, and a running cost."""
    family = scheme.family(AWA, ())
    scheme.pay(family, 6_000)
    ref = scheme.ready(family, {"visit": 2_000}, date(2004, 6, 1), reported_on=date(2004, 6, 4))
    scheme.approve(ref, date(2004, 6, 9))
    finance.pay_claim(CASHIER, claim_ref=ref, on=date(2004, 6, 10))
    no = scheme.ready(family, {"visit": 500}, date(2004, 8, 1), papers="")
    finance.reject_claim(NATIONAL, claim_ref=no, reasons=["document_missing"], why="No papers.", on=date(2004, 8, 2))
    scheme.ready(family, {"medicine": 1_000}, date(2004, 12, 20))
    cost = finance.prepare_cover_expense(
        CLERK, scheme_ref=scheme.ref, amount=xof(900), on=date(2004, 7, 1), what="Receipt books", key="cost"
    )
    finance.pay_cover_expense(CASHIER, cash_ref=cost.ref, on=date(2004, 7, 2))
    return scheme


def figures(scheme: Scheme, on: date = YEAR_END) -> finance.SchemeFigures:
    return finance.figures(SYSTEM, scheme_ref=scheme.ref, on=on)


def indicators(scheme: Scheme, on: date = YEAR_END) -> dict[TenIndicator, Fraction | None]:
    return {one.code: one.ratio.value for one in figures(scheme, on).indicators}


def test_a_premium_of_a_year_is_earned_day_by_day(cover_products: None) -> None:
    scheme = Scheme("step.mother_child")
    scheme.package()
    scheme.pay(scheme.family(), 6_000)
    found = figures(scheme, date(2004, 1, 31))
    assert found.earned == Fraction(6_000 * 31, 91)
    assert found.unearned == 6_000 - Fraction(6_000 * 31, 91)
    assert figures(scheme, date(2004, 3, 31)).earned == 6_000
    assert figures(scheme, YEAR_END).earned == 6_000


def test_figures_are_on_the_accrual_basis(year: Scheme) -> None:
    found = figures(year)
    assert (found.earned, found.received, found.due) == (6_000, xof(6_000), xof(6_000))
    assert (found.paid_claims, found.expenses, found.subsidy) == (xof(1_600), xof(900), xof(200_000))
    # undecided 1,000; reports came 3, 0 and 0 days after the event; no claims in the three months before December
    assert (found.outstanding, found.unreported, found.unreported_how) == (1_000, 0, "delay")
    assert found.incurred == 2_600
    assert found.result_without_subsidy == 6_000 - 2_600 - 900
    assert (found.claims_reported, found.claims_rejected, found.claims_open) == (3, 1, 1)


def test_the_ten_indicators_are_exact_and_not_defined_where_there_is_nothing_below_the_line(year: Scheme) -> None:
    found = indicators(year)
    assert found[TenIndicator.CLAIMS] == Fraction(2_600, 6_000)
    assert found[TenIndicator.EXPENSES] == Fraction(900, 6_000)
    assert found[TenIndicator.NET_INCOME] == Fraction(202_500, 6_000)
    assert figures(year).net_income_without_subsidy.value == Fraction(2_500, 6_000)
    assert found[TenIndicator.PROMPTNESS] == 1
    assert figures(year).promptness[Promptness.DAYS_30].value == 1
    assert found[TenIndicator.REJECTION] == Fraction(1, 3)
    assert found[TenIndicator.COVERAGE] == Fraction(1, 300)
    assert found[TenIndicator.SOLVENCY] == Fraction(203_500, 1_000)
    assert found[TenIndicator.LIQUIDITY] == Fraction(203_500, 1_000)
    assert found[TenIndicator.GROWTH] is None
    assert found[TenIndicator.RENEWAL] is None
    assert len(found) == 10


def test_an_empty_scheme_has_figures_and_no_ratio(cover_products: None) -> None:
    bare = Scheme()
    bare.package()
    assert {code for code, value in indicators(bare).items() if value is not None} == {TenIndicator.COVERAGE}


def test_claims_not_reported_yet_are_estimated_by_the_mean_delay(scheme: Scheme) -> None:
    family = scheme.family(AWA, ())
    scheme.pay(family, 6_000)
    for month in (8, 9, 10, 11):
        scheme.claim(family, {"visit": 3_000}, date(2004, month, 5), reported_on=date(2004, month, 15))
    found = figures(scheme)
    # 10 days of 365 are 120/365 of a month; 3,000 a month in September, October and November
    assert found.unreported == 3_000 * Fraction(120, 365)
    assert found.unreported_how == "delay"
    assert figures(scheme, date(2004, 9, 30)).unreported_how == "none"


def test_with_two_years_of_claims_the_chain_ladder_says_what_is_still_to_be_reported() -> None:
    from typing import Any, cast

    from jump.core.calendars import add_months
    from jump.engines.finance.queries.cover_figures import ClaimFact, SchemeFile

    def fact(month: int, asked: int, delay_months: int) -> ClaimFact:
        event = add_months(date(2004, 1, 5), month)
        return ClaimFact(event, add_months(event, delay_months), None, None, "entered", asked, 0, "")

    # Each month 1,000 are reported at once and 500 a month later, so that half as much again is still to come.
    facts = [fact(month, 1_000, 0) for month in range(30)] + [fact(month, 500, 1) for month in range(29)]
    file = SchemeFile(cast(Any, None), (), tuple(facts))
    assert file.unreported(date(2006, 6, 30)) == (500, "chain_ladder")
    assert file.unreported(date(2005, 12, 31))[1] == "delay"


def test_what_was_in_the_books_at_a_past_day_is_told_the_same_afterwards(year: Scheme) -> None:
    before = figures(year, date(2004, 6, 30))
    family = finance.families(SYSTEM, scheme_ref=year.ref)[0].ref
    year.pay(family, 3_000, date(2005, 1, 2))
    year.claim(family, {"visit": 1_000}, date(2005, 2, 1))
    assert figures(year, date(2004, 6, 30)) == before


@pytest.mark.covers("MICROINS-05")
def test_the_price_is_frequency_times_cost_with_loadings_step_by_step(scheme: Scheme) -> None:
    sheet = finance.premium_sheet(SYSTEM, scheme_ref=scheme.ref)
    assert [(one.benefit, one.pure) for one in sheet.rows] == [
        ("visit", Fraction(1_728)),  # 1.2 acts x 1.2 for selection x 1,500 x 0.8
        ("medicine", Fraction(1_260)),
        ("delivery", Fraction(432)),
        ("ward", Fraction(1_056)),
    ]
    assert sheet.pure == 4_476
    assert (sheet.safety, sheet.operating, sheet.surplus) == (Fraction(4_476, 10), 600, 200)
    assert sheet.total == Fraction(57_236, 10)
    assert sheet.needed_per_due == xof(500)  # 5,723.6 / 12 = 476.97, in coins of 25
    assert sheet.asked_per_due == xof(500)
    assert (sheet.insured, sheet.dues_in_year) == (300, 12)
    assert sheet.expected_result == 300 * (6_000 - 4_476 - 600)
    assert sheet.reserve_needed.amount_minor >= 300 * 4_476
    assert sheet == finance.premium_sheet(SYSTEM, scheme_ref=scheme.ref)


@pytest.mark.covers("MICROINS-05")
def test_a_change_is_tried_before_it_is_proposed(scheme: Scheme) -> None:
    kept = finance.premium_sheet(SYSTEM, scheme_ref=scheme.ref)
    less = finance.premium_sheet(SYSTEM, scheme_ref=scheme.ref, changes=finance.WhatIf(contribution_minor=400))
    assert kept.expected_result - less.expected_result == 300 * 100 * 12
    assert (kept.covers_itself, less.covers_itself) == (True, False)
    assert less.chance_of_loss > kept.chance_of_loss
    free = finance.premium_sheet(
        SYSTEM, scheme_ref=scheme.ref, changes=finance.WhatIf(benefit="visit", copay=Fraction(0))
    )
    assert free.rows[0].pure == 2_160
    assert free.rows[1:] == kept.rows[1:]
    more = finance.premium_sheet(SYSTEM, scheme_ref=scheme.ref, changes=finance.WhatIf(frequency_factor=Fraction(6, 5)))
    assert more.pure == kept.pure * Fraction(6, 5)
    assert finance.premium_sheet(SYSTEM, scheme_ref=scheme.ref) == kept


def test_own_experience_counts_as_far_as_there_are_claims(year: Scheme) -> None:
    sheet = finance.premium_sheet(SYSTEM, scheme_ref=year.ref, on=YEAR_END)
    visit = sheet.rows[0]
    assert visit.own_claims == 1
    assert 0 < visit.weight < Fraction(1, 10)
    assert visit.frequency < visit.assumed_frequency
    assert sheet.rows[2].weight == 0


@pytest.mark.covers("MICROINS-05")
def test_a_closed_year_books_what_is_earned_and_expected_and_fills_the_reserve(year: Scheme) -> None:
    clock.pin(date(2005, 3, 1))
    before = year.books
    prepared = finance.prepare_year(CLERK, scheme_ref=year.ref, until=YEAR_END, key="2004")
    assert year.books == before
    assert (prepared.earned, prepared.outstanding) == (xof(6_000), xof(1_000))
    assert prepared.result == xof(6_000 + 200_000 - 1_600 - 1_000 - 900)
    assert prepared.transfer == min(xof(101_250), prepared.target)
    with pytest.raises(NotAllowed):
        finance.book_year(CLERK, year_ref=prepared.ref, decision_ref=MINUTES)
    with pytest.raises(finance.DecisionMissing):
        finance.book_year(NATIONAL, year_ref=prepared.ref, decision_ref=Ref(""))
    for _press in range(2):
        booked = finance.book_year(NATIONAL, year_ref=prepared.ref, decision_ref=MINUTES)
    assert booked.decision_ref == MINUTES
    held = year.books
    assert (held["unearned"], held["contributions"], held["outstanding"]) == (0, -6_000, -1_000)
    assert held["reserve"] == -prepared.transfer.amount_minor == -held["surplus"]
    assert sum(held.values()) == 0
    assert ledger.verify() == []
    with pytest.raises(finance.YearOpen):
        finance.prepare_year(CLERK, scheme_ref=year.ref, until=YEAR_END, key="again")


def test_a_year_is_closed_after_it_is_over_and_as_it_was_prepared(year: Scheme) -> None:
    clock.pin(date(2005, 3, 1))
    for wrong in (date(2004, 6, 30), date(2005, 12, 31)):
        with pytest.raises(finance.YearOpen):
            finance.prepare_year(CLERK, scheme_ref=year.ref, until=wrong, key=f"wrong-{wrong}")
    prepared = finance.prepare_year(CLERK, scheme_ref=year.ref, until=YEAR_END, key="2004")
    year.endow(7_000, date(2004, 12, 30))
    with pytest.raises(finance.ClosingChanged):
        finance.book_year(NATIONAL, year_ref=prepared.ref, decision_ref=MINUTES)
    assert year.books["reserve"] == 0
    finance.drop_year(CLERK, year_ref=prepared.ref)
    again = finance.prepare_year(CLERK, scheme_ref=year.ref, until=YEAR_END, key="2004-2")
    assert again.result == prepared.result + xof(7_000)


def test_who_prepares_a_closing_or_a_cost_does_not_book_it(year: Scheme) -> None:
    clock.pin(date(2005, 3, 1))
    prepared = finance.prepare_year(NATIONAL, scheme_ref=year.ref, until=YEAR_END, key="own")
    with pytest.raises(finance.SamePerson):
        finance.book_year(NATIONAL, year_ref=prepared.ref, decision_ref=ASSEMBLY)
    cost = finance.prepare_cover_expense(
        CASHIER, scheme_ref=year.ref, amount=xof(100), on=date(2005, 2, 1), what="Pens", key="pens"
    )
    held = year.books
    with pytest.raises(finance.SamePerson):
        finance.pay_cover_expense(CASHIER, cash_ref=cost.ref, on=date(2005, 2, 1))
    assert year.books == held
    finance.pay_cover_expense(SECOND_CASHIER, cash_ref=cost.ref, on=date(2005, 2, 1))
    assert held["cash"] - year.books["cash"] == 100


def test_figures_cost_the_same_for_one_family_and_for_four(year: Scheme) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            figures(year)
        return len(queries)

    one = cost()
    for number in range(3):
        year.pay(year.family(Ref(f"per-HEAD000{number}"), ()), 500)
    assert cost() == one
