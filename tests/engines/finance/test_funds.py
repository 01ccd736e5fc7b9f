"""Funds: whose money it is, by which rules, and what may be done with what it earns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DAY,
    MANAGER,
    NATIONAL,
    RIVERSIDE,
    SEATS,
    SYSTEM,
    FundMaker,
    balances,
    php,
    usd,
)


@pytest.mark.covers("RLF-04")
def test_a_fund_has_a_book_and_a_bank_account_of_its_own_and_takes_the_seed(maker: FundMaker, budget: Ref) -> None:
    """Twelve percent goes to the funds' own accounts: spend in the budget, capital in the fund, or neither."""
    finance.receive(COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(1_000_000), on=DAY, key="d")
    fund = finance.open_fund(
        SYSTEM,
        owner_ref=Ref("org-00000001"),
        title="Riverside fund",
        currency="PHP",
        scope=RIVERSIDE,
        on=DAY,
    )
    finance.transfer_seed(
        NATIONAL, fund_ref=fund, amount=usd(500_000), scope="jump/asia/PH/", stage="pilot", on=DAY, key="seed-1"
    )

    seen = finance.fund(SYSTEM, fund)
    assert (seen.owner_ref, seen.book_ref == finance.budget(SYSTEM).book_ref) == ("org-00000001", False)
    assert seen.cash == seen.capital["donor"] == php(26_750_000)
    assert ledger.balances(finance.budget(SYSTEM).book_ref)["bank:primary_donor"] == 500_000
    cell = next(
        one for one in finance.cells(SYSTEM) if (one.country, one.stage, one.type) == ("PH", "preparatory_pilot", "rlf")
    )
    assert (cell.spent, cell.free) == (usd(500_000), usd(500_000))

    with pytest.raises(finance.BudgetShort):
        finance.transfer_seed(
            NATIONAL, fund_ref=fund, amount=usd(500_001), scope="jump/asia/PH/", stage="pilot", on=DAY, key="seed-2"
        )
    assert finance.fund(SYSTEM, fund).cash == php(26_750_000)


@pytest.mark.covers("RLF-14")
def test_what_the_community_saved_stands_beside_the_seed_and_never_in_it(maker: FundMaker, fund: Ref) -> None:
    finance.contribute(NATIONAL, fund_ref=fund, amount=php(1_250_000), source="community", on=DAY, key="savings")

    seen = finance.fund(MANAGER, fund)
    assert seen.capital == {
        "donor": php(100_000_000),
        "community": php(1_250_000),
        "national": php(0),
        "partner": php(0),
    }
    assert seen.cash == php(101_250_000)


@pytest.mark.covers("RLF-03")
def test_rules_need_the_word_of_all_four_and_every_version_stays(maker: FundMaker, fund: Ref) -> None:
    new = finance.FundRules({"reserve_share": Decimal("0.20")})
    with pytest.raises(finance.SeatsMissing) as refusal:
        finance.adopt_rules(
            COORDINATOR,
            fund_ref=fund,
            rules=new,
            consulted={**SEATS, "donor": ""},
            valid_from=date(2004, 1, 1),
        )
    assert refusal.value.facts == {"missing": "donor"}
    assert finance.fund(MANAGER, fund).rules.version == 1

    assert finance.adopt_rules(COORDINATOR, fund_ref=fund, rules=new, consulted=SEATS, valid_from=date(2004, 1, 1)) == 2
    assert finance.fund(MANAGER, fund, date(2003, 12, 31)).rules.version == 1
    now = finance.fund(MANAGER, fund, date(2004, 1, 1))
    assert (now.rules.version, now.rules.consulted, now.reserve) == (2, SEATS, php(20_000_000))


@pytest.mark.covers("RLF-03")
def test_the_shipped_rules_become_numbers_of_the_fund(maker: FundMaker) -> None:
    maker.rules = finance.FundRules({}, definition="revolving_fund")
    rules = finance.fund(MANAGER, maker.fund()).rules
    assert rules.get("reserve_share") == Decimal("0.10")
    assert rules.get("one_borrower_share_max") == Decimal("0.10")
    assert rules.get("start_up_grant_needs_no_lender") == 1


@pytest.mark.covers("RLF-07")
def test_interest_stays_in_the_fund_and_leaves_it_by_decision_for_services_only(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    maker.repay(loan, 21_323_71, date(2003, 12, 27))
    assert finance.fund(MANAGER, fund).earned == php(2_400_00)
    use = {"fund_ref": fund, "purpose": "repair of the well", "on": date(2004, 1, 5)}

    with pytest.raises(finance.DecisionMissing):
        finance.use_interest(COORDINATOR, amount=php(100_000), decision_ref=Ref(""), key="w", **use)  # type: ignore[arg-type]
    with pytest.raises(finance.InterestShort) as refusal:
        finance.use_interest(COORDINATOR, amount=php(2_400_01), decision_ref=Ref("res-00000001"), key="w", **use)  # type: ignore[arg-type]
    assert refusal.value.facts["kept_minor"] == 2_400_00
    assert balances(fund)["services"] == 0

    finance.use_interest(COORDINATOR, amount=php(2_000_00), decision_ref=Ref("res-00000001"), key="w", **use)  # type: ignore[arg-type]
    seen = finance.fund(MANAGER, fund)
    assert (seen.earned, seen.used_for_services) == (php(2_400_00), php(2_000_00))
    with pytest.raises(finance.InterestShort):
        finance.use_interest(COORDINATOR, amount=php(400_01), decision_ref=Ref("res-00000002"), key="x", **use)  # type: ignore[arg-type]


@pytest.mark.covers("RLF-08")
def test_the_funds_real_value_is_its_growth_after_inflation_without_new_money(maker: FundMaker) -> None:
    """CGAP guide, annex A: 50,000 at the start, 5,000 new, 55,000 at the end without losses, inflation 4 %."""
    fund = maker.fund(capital_minor=5_000_000)
    finance.contribute(NATIONAL, fund_ref=fund, amount=php(500_000), source="national", on=date(2003, 6, 1), key="n")

    seen = finance.real_value(
        MANAGER, fund_ref=fund, starts_on=date(2003, 2, 1), ends_on=date(2004, 2, 1), inflation=Decimal("0.04")
    )
    assert (seen.value_at_start, seen.value_at_end, seen.new_capital) == (php(5_000_000), php(5_500_000), php(500_000))
    assert seen.growth is not None
    assert round(seen.growth * 100, 2) == Decimal("-3.85")


def test_a_promise_is_held_once_and_taken_up_by_the_contract(maker: FundMaker) -> None:
    fund = maker.fund(capital_minor=30_000_000)
    finance.reserve(SYSTEM, fund_ref=fund, amount=php(20_000_000), key="round-1-can-1")
    finance.reserve(SYSTEM, fund_ref=fund, amount=php(20_000_000), key="round-1-can-1")
    assert finance.free_of_fund(SYSTEM, fund_ref=fund) == php(7_000_000)

    with pytest.raises(finance.FundShort):
        finance.reserve(SYSTEM, fund_ref=fund, amount=php(7_000_001), key="round-2-can-1")
    with pytest.raises(finance.FundShort):
        maker.loan(fund, 20_000_000)

    finance.open_contract(
        NATIONAL,
        product="revolving_fund.group_loan",
        party_ref=Ref("grp-00000002"),
        amount=php(20_000_000),
        scope=RIVERSIDE,
        purpose="mill",
        fund_ref=fund,
        on=DAY,
        key="taken-up",
        reservation_key="round-1-can-1",
    )
    assert finance.fund(SYSTEM, fund).held == php(20_000_000)
    assert finance.free_of_fund(SYSTEM, fund_ref=fund) == php(7_000_000)


def test_money_promised_by_a_contract_is_not_promised_again_before_it_is_paid(maker: FundMaker) -> None:
    fund = maker.fund(capital_minor=30_000_000)
    first = maker.loan(fund, 20_000_000)
    with pytest.raises(finance.FundShort) as refusal:
        maker.loan(fund, 7_000_001, party=Ref("grp-00000002"))
    assert refusal.value.facts["free_minor"] == 7_000_000

    maker.pay_out(first)
    assert finance.fund(SYSTEM, fund).held == php(0)
    assert finance.free_of_fund(SYSTEM, fund_ref=fund) == php(7_000_000)


def test_a_promise_that_is_let_go_is_free_again(maker: FundMaker) -> None:
    fund = maker.fund(capital_minor=10_000_000)
    finance.reserve(SYSTEM, fund_ref=fund, amount=php(9_000_000), key="r")
    finance.release_reserve(SYSTEM, key="r", why="the candidate withdrew")
    assert finance.free_of_fund(SYSTEM, fund_ref=fund) == php(9_000_000)


def test_the_same_contribution_slip_counts_once(maker: FundMaker, fund: Ref) -> None:
    for _ in range(2):
        finance.contribute(NATIONAL, fund_ref=fund, amount=php(500), source="partner", on=DAY, key="slip")
    assert finance.fund(MANAGER, fund).capital["partner"] == php(500)
    with pytest.raises(finance.KeyReused):
        finance.contribute(NATIONAL, fund_ref=fund, amount=php(501), source="partner", on=DAY, key="slip")


@pytest.mark.parametrize("amount", [Money(0, "PHP"), Money(-5, "PHP"), Money(5, "USD")])
def test_a_contribution_is_above_zero_and_in_the_funds_currency(maker: FundMaker, fund: Ref, amount: Money) -> None:
    with pytest.raises((finance.AmountNotPositive, finance.WrongCurrency)):
        finance.contribute(NATIONAL, fund_ref=fund, amount=amount, source="partner", on=DAY, key="slip")
    assert finance.fund(MANAGER, fund).cash == php(100_000_000)
