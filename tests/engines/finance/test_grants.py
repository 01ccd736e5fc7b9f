"""Grants: paid in tranches on conditions, accounted for before more is paid."""

from __future__ import annotations

from datetime import date

import pytest

from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    MANAGER,
    MILLERS,
    NATIONAL,
    RIVERSIDE,
    SYSTEM,
    FundMaker,
    php,
    usd,
)

ON = date(2003, 5, 2)


@pytest.fixture
def grant(maker: FundMaker, budget: Ref) -> Ref:
    """USD 5,000 out of the Philippine cell of the development stage, 40 / 40 / 20."""
    finance.receive(
        COORDINATOR,
        budget_ref=budget,
        source="primary_donor",
        amount=usd(5_000_000),
        on=date(2002, 1, 1),
        key="donor-1",
    )
    ref = open_grant()
    for code in ("approval", "procedure", "baseline"):
        meet(ref, code)
    return ref


def open_grant(amount_minor: int = 500_000, key: str = "grant-1") -> Ref:
    return finance.open_contract(
        NATIONAL,
        product="jump_cer.project_grant",
        party_ref=MILLERS,
        amount=usd(amount_minor),
        scope=RIVERSIDE,
        purpose="drying floor",
        budget={"stage": "development", "source": "primary_donor", "activity": "o9_a1"},
        cause_ref=Ref("cas-00000001"),
        on=ON,
        key=key,
    )


def meet(contract: Ref, code: str, proof: str = "sub-00000001") -> None:
    finance.meet_condition(
        NATIONAL, contract_ref=contract, condition=code, proof_ref=Ref(proof), decided_by=("user:21",), on=ON
    )


def pay(contract: Ref, number: int) -> finance.TrancheView:
    tranche = finance.prepare_release(NATIONAL, contract_ref=contract, number=number, on=ON)
    return finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)


def account(contract: Ref, amount_minor: int, key: str) -> Ref:
    return finance.account_for_spend(
        NATIONAL, contract_ref=contract, amount=usd(amount_minor), proof_ref=Ref("sub-0000000P"), on=ON, key=key
    )


@pytest.mark.covers("CER-15")
def test_no_money_before_the_financial_procedure_is_signed(maker: FundMaker, budget: Ref) -> None:
    contract = open_grant()
    meet(contract, "approval")
    meet(contract, "baseline")
    tranche = finance.prepare_release(NATIONAL, contract_ref=contract, number=1, on=ON)

    with pytest.raises(finance.ConditionOpen) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)
    assert refusal.value.facts["conditions"] == "procedure"
    assert finance.contract(SYSTEM, contract).released == usd(0)


@pytest.mark.covers("CER-16")
def test_a_grant_is_paid_in_the_tranches_of_its_product_and_in_their_order(grant: Ref) -> None:
    view = finance.contract(SYSTEM, grant)
    assert [one.amount for one in view.tranches] == [usd(200_000), usd(200_000), usd(100_000)]

    with pytest.raises(finance.TrancheOrder):
        finance.prepare_release(NATIONAL, contract_ref=grant, number=2, on=ON)
    assert pay(grant, 1).state == "released"
    assert finance.contract(SYSTEM, grant).released == usd(200_000)


@pytest.mark.covers("CER-16")
def test_nothing_is_paid_that_has_not_come_in_from_the_source(maker: FundMaker, budget: Ref) -> None:
    contract = open_grant()
    for code in ("approval", "procedure", "baseline"):
        meet(contract, code)
    with pytest.raises(finance.FundShort):
        pay(contract, 1)
    assert finance.contract(SYSTEM, contract).released == usd(0)


@pytest.mark.covers("CER-17")
def test_unproved_spend_over_the_limit_blocks_the_next_tranche(grant: Ref) -> None:
    """Ten percent of what was paid may be open; USD 200.01 of 2,000 is too much."""
    pay(grant, 1)
    account(grant, 179_999, "slip-1")
    meet(grant, "first_proof")

    with pytest.raises(finance.UnprovedSpend) as refusal:
        pay(grant, 2)
    assert refusal.value.facts == {
        "unproved_minor": 20_001,
        "limit_minor": 20_000,
        "currency": "USD",
        "contract": grant,
    }
    assert finance.contract(SYSTEM, grant).released == usd(200_000)

    account(grant, 1, "slip-2")
    assert pay(grant, 2).state == "released"


@pytest.mark.covers("CER-17")
def test_finance_meets_its_own_condition_when_the_first_tranche_is_accounted_for(grant: Ref) -> None:
    pay(grant, 1)
    account(grant, 100_000, "slip-1")
    assert "first_proof" in finance.contract(SYSTEM, grant).tranches[1].waits_for

    account(grant, 100_000, "slip-2")
    view = finance.contract(SYSTEM, grant)
    first = next(one for one in view.conditions if one.code == "first_proof")
    assert (first.met_on, first.proof_ref) == (ON, "sub-0000000P")
    assert view.tranches[1].waits_for == ()
    assert view.outstanding == usd(0)


def test_no_more_is_accounted_for_than_was_paid(grant: Ref) -> None:
    pay(grant, 1)
    with pytest.raises(finance.MoreThanAdvanced):
        account(grant, 200_001, "slip-1")
    assert finance.contract(SYSTEM, grant).proofs == ()


def test_a_grant_is_settled_when_all_is_paid_and_accounted_for(grant: Ref, budget: Ref) -> None:
    for number, amount in ((1, 200_000), (2, 200_000), (3, 100_000)):
        if number == 3:
            meet(grant, "launch")
        pay(grant, number)
        account(grant, amount, f"slip-{number}")

    assert finance.contract(SYSTEM, grant).state == "settled"
    held = ledger.balances(finance.budget(SYSTEM, budget).book_ref)
    assert held[f"advance:{grant}"] == 0
    assert held["expense:cb"] == 500_000
    assert held["bank:primary_donor"] == 4_500_000
    assert sum(held.values()) == 0
    assert ledger.verify() == []


@pytest.mark.covers("BUDGET-15")
def test_a_commitment_becomes_spend_as_tranches_are_paid(grant: Ref, budget: Ref) -> None:
    def cell() -> finance.CellView:
        found = [
            one
            for one in finance.cells(SYSTEM, budget_ref=budget)
            if (one.country, one.stage, one.type) == ("PH", "development", "cb")
        ]
        return found[0]

    assert (cell().plan, cell().committed, cell().spent) == (usd(18_000_000), usd(500_000), usd(0))
    pay(grant, 1)
    assert (cell().committed, cell().spent, cell().free) == (usd(300_000), usd(200_000), usd(17_500_000))


@pytest.mark.covers("BUDGET-15", "CER-16")
def test_a_contract_above_what_the_cell_has_left_is_refused(maker: FundMaker, budget: Ref) -> None:
    for number in range(7):
        open_grant(2_500_000, key=f"g{number}")
    with pytest.raises(finance.BudgetShort) as refusal:
        open_grant(500_001, key="too-much")
    assert refusal.value.facts["free_minor"] == 500_000
    open_grant(500_000, key="just-enough")


def test_a_cancelled_contract_gives_its_commitment_back(grant: Ref, budget: Ref) -> None:
    finance.cancel_contract(COORDINATOR, contract_ref=grant, why="withdrew", on=ON)
    assert {one.committed for one in finance.cells(SYSTEM, budget_ref=budget)} == {usd(0)}
    assert finance.contract(SYSTEM, grant).state == "cancelled"


# --- grants out of a fund -----------------------------------------------------------------------------------


@pytest.mark.covers("RLF-10")
def test_a_start_up_grant_waits_for_proof_that_no_lender_will_lend(maker: FundMaker) -> None:
    maker.rules = finance.FundRules({}, definition="revolving_fund")
    fund = maker.fund()
    ref = finance.open_contract(
        NATIONAL,
        product="revolving_fund.start_up_grant",
        party_ref=MILLERS,
        amount=php(1_000_000),
        scope=RIVERSIDE,
        purpose="first tools",
        fund_ref=fund,
        on=ON,
        key="start",
    )
    for code in ("approval", "procedure"):
        meet(ref, code)
    tranche = finance.prepare_release(NATIONAL, contract_ref=ref, number=1, on=ON)
    with pytest.raises(finance.ConditionOpen) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)
    assert refusal.value.facts["conditions"] == "no_lender"

    meet(ref, "no_lender", "ent-REFUSALS")
    finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)
    assert finance.contract(SYSTEM, ref).released == php(600_000)


@pytest.mark.covers("RLF-10")
def test_a_fund_gives_no_grant_under_a_product_that_does_not_ask_for_lenders(maker: FundMaker) -> None:
    maker.rules = finance.FundRules({}, definition="revolving_fund")
    fund = maker.fund()
    with pytest.raises(finance.LenderAvailable):
        finance.open_contract(
            NATIONAL,
            product="jump_cer.project_grant",
            party_ref=MILLERS,
            amount=php(1_000_000),
            scope=RIVERSIDE,
            purpose="first tools",
            fund_ref=fund,
            on=ON,
            key="start",
        )
    assert finance.count_contracts(SYSTEM) == 0
