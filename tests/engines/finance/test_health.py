"""How a fund is doing: running costs by two people, and every figure worked out by hand beside the engine's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction

from jump.base import clock
from jump.base.refusals import NotAllowed, NotFound
from jump.core.ratios import Verdict
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance.models import FundCost
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DONOR,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    SEATS,
    SYSTEM,
    FundMaker,
    balances,
    php,
    usd,
)
from tests.engines.finance.savers import Savers

OPENS, ENDS = date(2004, 1, 1), date(2004, 12, 31)


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    clock.pin(date(2005, 6, 30))


# Running costs ------------------------------------------------------------------------------------------------


def cost(fund: Ref, amount_minor: int = 90_000_00, *, on: date = date(2004, 6, 1), key: str = "cost") -> Ref:
    return finance.prepare_fund_cost(
        NATIONAL, fund_ref=fund, amount=php(amount_minor), what="Pay of the bookkeeper", on=on, key=key
    )


def paid(fund_cost: Ref) -> finance.FundCostView:
    return finance.pay_fund_cost(COORDINATOR, cost_ref=fund_cost, on=date(2004, 6, 2))


def test_a_running_cost_leaves_the_fund_when_a_second_person_pays_it_and_once(fund: Ref) -> None:
    before = balances(fund)["cash"]
    made = cost(fund)
    assert cost(fund) == made
    assert balances(fund)["cash"] == before, "nothing leaves before the second person"

    first, again = paid(made), paid(made)

    assert (first.state, first.entry_ref) == ("paid", again.entry_ref)
    held = balances(fund)
    assert (held["cash"], held["costs"], sum(held.values())) == (before - 90_000_00, 90_000_00, 0)
    assert ledger.verify() == []
    connection.check_constraints()


def test_who_prepares_a_cost_does_not_pay_it_and_the_database_agrees(fund: Ref) -> None:
    made = cost(fund)
    with pytest.raises(finance.SamePerson):
        finance.pay_fund_cost(NATIONAL, cost_ref=made, on=date(2004, 6, 2))
    with pytest.raises(IntegrityError), transaction.atomic():
        FundCost.objects.filter(ref=made).update(state="paid", paid_by=NATIONAL.key, entry="ent-1")
    assert "costs" not in balances(fund)


def test_a_cost_never_touches_the_reserve_or_what_is_promised(fund: Ref) -> None:
    free = finance.free_of_fund(NATIONAL, fund_ref=fund).amount_minor
    made = cost(fund, free + 1)
    with pytest.raises(finance.FundShort) as refusal:
        paid(made)
    assert refusal.value.facts["free_minor"] == free
    assert finance.fund_costs(NATIONAL, fund_ref=fund)[0].state == "prepared"


@pytest.mark.parametrize("on", [date(2002, 12, 31), date(2005, 7, 1)])
def test_a_cost_of_a_day_before_the_fund_or_ahead_of_today_is_refused(fund: Ref, on: date) -> None:
    with pytest.raises(finance.DayImpossible):
        cost(fund, on=on)
    assert finance.fund_costs(NATIONAL, fund_ref=fund) == []


def test_another_currency_nothing_and_another_content_under_the_same_key_are_refused(fund: Ref) -> None:
    cost(fund)

    def ask(amount: object, key: str) -> None:
        finance.prepare_fund_cost(
            NATIONAL,
            fund_ref=fund,
            amount=amount,  # type: ignore[arg-type]
            what="Paper",
            on=date(2004, 6, 1),
            key=key,
        )

    with pytest.raises(finance.WrongCurrency):
        ask(usd(5), "a")
    with pytest.raises(finance.AmountNotPositive):
        ask(php(0), "b")
    with pytest.raises(finance.KeyReused):
        ask(php(5), "cost")
    assert len(finance.fund_costs(NATIONAL, fund_ref=fund)) == 1


def test_a_cost_that_was_given_up_is_never_paid(fund: Ref) -> None:
    made = cost(fund)
    with pytest.raises(finance.DecisionMissing):
        finance.drop_fund_cost(NATIONAL, cost_ref=made, why=" ")
    finance.drop_fund_cost(NATIONAL, cost_ref=made, why="Paid by the partner")
    with pytest.raises(finance.WrongState):
        paid(made)
    assert finance.fund_costs(NATIONAL, fund_ref=fund) == []


def test_costs_are_prepared_paid_and_read_only_by_those_who_may(fund: Ref) -> None:
    made = cost(fund)
    with pytest.raises(NotAllowed):
        finance.pay_fund_cost(DONOR, cost_ref=made, on=date(2004, 6, 2))
    with pytest.raises(NotFound):
        finance.fund_costs(NEIGHBOUR, fund_ref=fund)
    with pytest.raises(NotFound):
        finance.fund_health(NEIGHBOUR, fund_ref=fund, starts_on=OPENS, ends_on=ENDS)


def test_what_running_the_fund_took_is_no_longer_kept_interest(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, 240_000_00, on=date(2004, 1, 15))
    maker.repay(loan, 21_323_71, date(2004, 2, 15))
    kept = -balances(fund)["interest"]
    paid(cost(fund, kept - 100_00))
    with pytest.raises(finance.InterestShort) as refusal:
        finance.use_interest(
            COORDINATOR,
            fund_ref=fund,
            amount=php(100_01),
            purpose="Well",
            decision_ref=Ref("out-00000001"),
            on=date(2004, 7, 1),
            key="well",
        )
    assert refusal.value.facts["kept_minor"] == 100_00


# Figures ------------------------------------------------------------------------------------------------------


@pytest.fixture
def year(maker: FundMaker, fund: Ref) -> Ref:
    """A year of a fund of PHP 1,000,000.00: one loan paid each month, one never paid, and costs of 5,000.00.

    Lent on 15 January: 240,000 at 12 % over 12 months, of which eleven payments came in on their days; and 120,000 of
    which nothing came back: by 31 December it is more than 180 and less than 365 days late.
    """
    good = maker.running_loan(fund, 240_000_00, on=date(2004, 1, 15))
    maker.running_loan(fund, 120_000_00, on=date(2004, 1, 15), party=Ref("grp-LATE0000"))
    for month in range(2, 13):
        maker.repay(good, 21_323_71, date(2004, month, 15))
    paid(cost(fund, 5_000_00))
    return fund


def lent_minor(fund: Ref) -> int:
    return sum(amount for code, amount in balances(fund).items() if code.startswith("loan:"))


def figures(health: finance.FundHealth) -> dict[str, Fraction | None]:
    return {one.code: one.ratio.value for one in health.figures}


@pytest.mark.covers("RLF-08")
def test_portfolio_quality_and_provisions_follow_the_whole_balance_of_late_loans(year: Ref) -> None:
    health = finance.fund_health(MANAGER, fund_ref=year, starts_on=OPENS, ends_on=ENDS)

    par = Fraction(120_000_00, lent_minor(year))
    assert {days: found.value for days, found in health.par.items()} == dict.fromkeys((1, 30, 60, 90), par)
    late = [one for one in health.provisions.rows if one.loans and one.days_min > 0]
    assert [(one.days_min, one.days_max, one.provision_minor) for one in late] == [(181, 365, 108_000_00)]
    assert health.provisions.provision_minor == 108_000_00
    assert figures(health)["risk_coverage"] == Fraction(108_000_00, 120_000_00)
    assert {one.code: one.verdict for one in health.figures}["par30"] is Verdict.MISSED


@pytest.mark.covers("RLF-08")
def test_self_sufficiency_is_revenue_over_all_three_expenses_and_grants_are_no_revenue(year: Ref) -> None:
    earned = -balances(year)["interest"]
    health = finance.fund_health(MANAGER, fund_ref=year, starts_on=OPENS, ends_on=ENDS, inflation=Decimal("0.05"))

    assert health.year.financial_revenue_minor == earned
    assert health.year.provision_expense_minor == 108_000_00
    assert health.year.operating_expense_minor == 5_000_00
    found = figures(health)
    assert found["oss"] == Fraction(earned, 108_000_00 + 5_000_00)
    average = Fraction(health.value_before.amount_minor + health.value_now.amount_minor, 2)
    assert found["fss"] == Fraction(earned) / (108_000_00 + 5_000_00 + average * Fraction(5, 100))


@pytest.mark.covers("RLF-08")
def test_real_value_takes_out_what_was_put_in_and_what_prices_took(year: Ref) -> None:
    finance.contribute(SYSTEM, fund_ref=year, amount=php(50_000_00), source="donor", on=date(2004, 9, 1), key="more")
    health = finance.fund_health(MANAGER, fund_ref=year, starts_on=OPENS, ends_on=ENDS, inflation=Decimal("0.04"))

    assert health.value_before == php(1_000_000_00)
    assert health.value_now == php(balances(year)["cash"] + lent_minor(year) - 108_000_00)
    assert health.new_capital == php(50_000_00)
    now, must_be = health.value_now.amount_minor, Fraction(1_000_000_00) * Fraction(104, 100)
    assert figures(health)["real_growth"] == (now - 50_000_00 - must_be) / must_be
    assert figures(health)["turnover"] == Fraction(360_000_00) / Fraction(1_000_000_00 + now, 2)


def test_without_a_rate_of_inflation_what_needs_one_is_not_defined_and_never_zero(year: Ref) -> None:
    health = finance.fund_health(MANAGER, fund_ref=year, starts_on=OPENS, ends_on=ENDS)
    found = figures(health)
    assert [found[code] for code in ("fss", "sustainability", "real_growth", "capital_preserved")] == [None] * 4
    assert {one.code: one.verdict for one in health.figures}["capital_preserved"] is Verdict.NOT_DEFINED


def test_a_period_before_anything_was_lent_has_no_ratio_over_nothing(fund: Ref) -> None:
    health = finance.fund_health(MANAGER, fund_ref=fund, starts_on=date(2003, 2, 1), ends_on=date(2003, 3, 1))
    found = figures(health)
    assert [found[code] for code in ("par30", "repayment", "write_off", "yield", "oss")] == [None] * 5
    assert found["turnover"] == 0
    with pytest.raises(finance.PeriodBackwards):
        finance.fund_health(MANAGER, fund_ref=fund, starts_on=ENDS, ends_on=OPENS)


@pytest.mark.covers("RLF-08")
def test_the_page_of_a_fund_and_its_health_show_the_same_figures(maker: FundMaker) -> None:
    """One loan is paid late, its late fees first, one never: what is set aside follows the fund's own rules on both.

    Late fees are in neither repayment rate.
    """
    maker.rules = finance.FundRules({"reserve_share": Decimal("0"), "provision_1_30": Decimal("0.15")})
    own = maker.fund()
    first = date(2004, 1, 15)
    charged = {"on": first, "penalty_percent": "2", "penalty_after_days": 7}
    slow = maker.running_loan(own, 240_000_00, **charged)
    maker.running_loan(own, 120_000_01, party=Ref("grp-LATE0000"), **charged)
    for month in range(3, 9):
        maker.repay(slow, 21_323_71, date(2004, month, 5))
    for day in (date(2004, 2, 20), date(2004, 3, 10), date(2004, 7, 1), date(2004, 12, 31), date(2005, 6, 1)):
        page = finance.portfolio(MANAGER, as_of=day, fund_ref=own)
        health = finance.fund_health(MANAGER, fund_ref=own, starts_on=first, ends_on=day)
        assert page.provision.amount_minor == health.provisions.provision_minor > 0
        assert [page.par30, page.par60, page.par90] == [health.par[days] for days in (30, 60, 90)]
        assert [page.strict[days] for days in (30, 60, 90)] == [health.par_strict[days] for days in (30, 60, 90)]
        (repayment,) = (one.ratio for one in health.figures if one.code == "repayment")
        assert page.repaid == repayment
    owed = finance.contract(MANAGER, slow, date(2004, 3, 4))
    assert owed.penalty_open.amount_minor > 0
    due = finance.portfolio(MANAGER, as_of=date(2004, 3, 4), fund_ref=own).repaid.denominator
    assert due == sum(finance.contract(MANAGER, one.ref).schedule[0].due_minor for one in loans_of(own))


@pytest.mark.covers("RLF-08")
def test_each_fund_sets_aside_by_its_own_rules_in_the_portfolio_of_a_place(maker: FundMaker) -> None:
    """Two loans of 1,200.00 that are 200 days late: 90 % by the method, all of it by the rules of the other fund."""
    plain = maker.fund()
    maker.rules = finance.FundRules({"reserve_share": Decimal("0"), "provision_181_365": Decimal("1")})
    careful = maker.fund()
    for one in (plain, careful):
        maker.running_loan(one, 1_200_00, on=date(2004, 1, 15), instalments=12)
    seen = finance.portfolio(MANAGER, as_of=date(2004, 9, 1), scope="jump/asia/PH/")
    assert seen.provision == php(1_080_00 + 1_200_00)


def test_rules_that_set_less_aside_for_older_loans_are_refused_by_name(fund: Ref) -> None:
    before = finance.fund(MANAGER, fund).rules
    worse = finance.FundRules({"provision_61_90": Decimal("0.10")})
    with pytest.raises(finance.RulesImpossible) as refusal:
        finance.adopt_rules(COORDINATOR, fund_ref=fund, rules=worse, consulted=SEATS, valid_from=date(2004, 1, 1))
    assert "an older loan cannot need less" in str(refusal.value.facts["why"])
    assert finance.fund(MANAGER, fund).rules == before


def loans_of(fund: Ref) -> list[finance.ContractView]:
    return [finance.contract(MANAGER, one.ref) for one in finance.contracts(MANAGER, fund_ref=fund)]


def test_the_rules_of_a_fund_move_its_goals_and_its_provisions(maker: FundMaker) -> None:
    maker.rules = finance.FundRules(
        {"reserve_share": Decimal("0"), "par30_alert": Decimal("0.60"), "provision_181_365": Decimal("1")}
    )
    own = maker.fund()
    maker.running_loan(own, 120_000_00, on=date(2004, 1, 15))
    health = finance.fund_health(MANAGER, fund_ref=own, starts_on=OPENS, ends_on=ENDS)
    assert health.provisions.provision_minor == 120_000_00
    par30 = next(one for one in health.figures if one.code == "par30")
    assert (par30.goal.high if par30.goal else None, par30.verdict) == (Fraction(6, 10), Verdict.MISSED)


@pytest.mark.covers("SAVINGS-02")
def test_a_fund_that_keeps_savings_is_judged_by_the_ratios_of_credit_unions_too(year: Ref) -> None:
    assert finance.fund_health(MANAGER, fund_ref=year, starts_on=OPENS, ends_on=ENDS).pearls == ()
    savers = Savers(year)
    savers.pay_in(savers.account(), 100_000_00, on=date(2004, 3, 1))

    health = finance.fund_health(MANAGER, fund_ref=year, starts_on=OPENS, ends_on=ENDS)

    by_code = {one.code: one for one in health.pearls}
    assets = balances(year)["cash"] + lent_minor(year) - 108_000_00
    assert by_code["E5"].ratio.value == Fraction(100_000_00, assets)
    assert by_code["A1"].ratio.value == Fraction(120_000_00, lent_minor(year))
    assert by_code["P2"].ratio.value == Fraction(108_000_00, 120_000_00)
    assert by_code["A1"].verdict is Verdict.MISSED
    assert health.value_now == php(assets - 100_000_00), "savers' money is not the fund's own"
