"""Grants are used for what they were given for, what is not used comes back, and then a grant closes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import COORDINATOR, MANAGER, MILLERS, NATIONAL, RIVERSIDE, SYSTEM, FundMaker, php, usd

ON = date(2003, 5, 2)
BACK = date(2003, 9, 1)
USES = ("start_up", "management_systems", "critical_services", "training")


@pytest.fixture
def funded(maker: FundMaker, budget: Ref) -> Ref:
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(5_000_000), on=date(2002, 1, 1), key="d"
    )
    return budget


def open_grant(amount: Money = usd(100_000), **terms: object) -> Ref:  # noqa: B008  # frozen
    return finance.open_contract(
        NATIONAL,
        product="seed_fund.seed_grant",
        party_ref=MILLERS,
        amount=amount,
        scope=RIVERSIDE,
        purpose="a food stall of returned workers",
        budget={"stage": "development", "source": "primary_donor"},
        terms=terms,
        on=ON,
        key="seed-1",
    )


def met(contract: Ref, *codes: str) -> Ref:
    for code in codes or ("award", "agreement", "ownership"):
        finance.meet_condition(
            NATIONAL,
            contract_ref=contract,
            condition=code,
            proof_ref=Ref("sub-00000001"),
            decided_by=("user:21",),
            on=ON,
        )
    return contract


def pay(contract: Ref, number: int = 1) -> finance.TrancheView:
    tranche = finance.prepare_release(NATIONAL, contract_ref=contract, number=number, on=ON)
    return finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)


def account(contract: Ref, amount: Money, use: str = "start_up", key: str = "slip-1") -> Ref:
    return finance.account_for_spend(
        NATIONAL, contract_ref=contract, amount=amount, proof_ref=Ref("sub-0000000P"), on=BACK, use=use, key=key
    )


def refund(contract: Ref, amount: Money, key: str = "back-1", receipt: str = "R-17") -> Ref:
    return finance.refund_grant(
        NATIONAL, contract_ref=contract, amount=amount, on=BACK, receipt=receipt, why="the stove cost less", key=key
    )


def cell() -> finance.CellView:
    return next(
        one for one in finance.cells(SYSTEM) if (one.country, one.stage, one.type) == ("PH", "development", "cb")
    )


@pytest.mark.covers("SEEDFUND-07")
def test_a_seed_grant_may_be_used_for_the_four_purposes_and_nothing_else(funded: Ref) -> None:
    grant = met(open_grant())
    pay(grant)
    with pytest.raises(finance.UseNotAllowed) as refusal:
        account(grant, usd(10_000), use="vehicle")
    assert "Start-up" in str(refusal.value.facts["allowed"])
    with pytest.raises(finance.UseNotAllowed):
        account(grant, usd(10_000), use="")
    assert finance.contract(SYSTEM, grant).proofs == ()

    for number, use in enumerate(USES):
        account(grant, usd(1_000 * (number + 1)), use=use, key=f"slip-{number}")
    seen = finance.contract(SYSTEM, grant).grant
    assert seen is not None
    assert {code: amount for code, _title, amount in seen.uses} == {
        "start_up": usd(1_000),
        "management_systems": usd(2_000),
        "critical_services": usd(3_000),
        "training": usd(4_000),
    }


@pytest.mark.covers("SEEDFUND-07")
def test_a_call_may_narrow_what_a_grant_is_for_and_never_widen_it(funded: Ref) -> None:
    with pytest.raises(finance.UseNotAllowed):
        open_grant(uses=["vehicle"])
    assert finance.count_contracts(SYSTEM) == 0
    grant = met(open_grant(uses=["training"]))
    pay(grant)
    with pytest.raises(finance.UseNotAllowed):
        account(grant, usd(10_000), use="start_up")
    account(grant, usd(10_000), use="training")


@pytest.mark.covers("SEEDFUND-08")
def test_the_next_tranche_waits_for_the_milestone_and_for_the_account_of_the_one_before(funded: Ref) -> None:
    grant = met(open_grant())
    pay(grant)
    account(grant, usd(50_000))
    tranche = finance.prepare_release(NATIONAL, contract_ref=grant, number=2, on=BACK)
    with pytest.raises(finance.ConditionOpen) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=BACK)
    assert refusal.value.facts["conditions"] == "milestone"
    with pytest.raises(finance.ProofMissing):
        finance.meet_condition(NATIONAL, contract_ref=grant, condition="milestone", proof_ref=Ref(""), on=BACK)
    met(grant, "milestone")
    assert finance.approve_release(MANAGER, tranche_ref=tranche, on=BACK).amount == usd(50_000)


@pytest.mark.covers("SEEDFUND-08", "CER-17")
def test_the_milestone_alone_does_not_pay_what_was_not_accounted_for(funded: Ref) -> None:
    grant = met(met(open_grant()), "milestone")
    pay(grant)
    account(grant, usd(10_000))
    with pytest.raises(finance.UnprovedSpend):
        pay(grant, 2)
    assert finance.contract(SYSTEM, grant).released == usd(50_000)


@pytest.mark.covers("SEEDFUND-08")
def test_what_was_not_used_comes_back_to_the_donors_money_and_the_cell(funded: Ref) -> None:
    grant = met(open_grant())
    pay(grant)
    account(grant, usd(30_000))
    assert (cell().spent, cell().free) == (usd(50_000), usd(17_900_000))

    first = refund(grant, usd(12_000))
    assert refund(grant, usd(12_000)) == first
    seen = finance.contract(SYSTEM, grant)
    assert seen.grant is not None
    assert (seen.grant.paid, seen.grant.proved, seen.grant.refunded, seen.grant.open) == (
        usd(50_000),
        usd(30_000),
        usd(12_000),
        usd(8_000),
    )
    assert (cell().spent, cell().committed, cell().free) == (usd(38_000), usd(50_000), usd(17_912_000))
    held = ledger.balances(finance.budget(SYSTEM).book_ref)
    assert held["bank:primary_donor"] == 5_000_000 - 38_000
    assert (held["expense:cb"], held[f"advance:{grant}"]) == (30_000, 8_000)
    by_source = finance.budget_report(SYSTEM, as_of=BACK, group_by=("source", "country"))
    spent = {tuple(one.key.values()): one.spent for one in by_source if one.spent.amount_minor}
    assert spent == {("primary_donor", "PH"): usd(38_000)}
    assert ledger.verify() == []


@pytest.mark.covers("SEEDFUND-08")
def test_no_more_comes_back_than_is_open_and_each_receipt_once(funded: Ref) -> None:
    grant = met(open_grant())
    with pytest.raises(finance.WrongState):
        refund(grant, usd(1))
    pay(grant)
    account(grant, usd(30_000))
    refund(grant, usd(1_000))
    for amount, key, receipt, expected in (
        (usd(19_001), "b2", "R-18", finance.MoreThanAdvanced),
        (usd(1_000), "b3", "R-17", finance.ReceiptUsed),
        (usd(2_000), "back-1", "R-17", finance.KeyReused),
        (php(1_000), "b4", "R-19", finance.WrongCurrency),
        (usd(0), "b5", "R-20", finance.AmountNotPositive),
    ):
        with pytest.raises(expected):
            refund(grant, amount, key, receipt)
    with pytest.raises(finance.MoreThanAdvanced):
        account(grant, usd(19_001), key="slip-2")
    assert cell().spent == usd(49_000)


@pytest.mark.covers("SEEDFUND-08")
def test_a_grant_closes_only_when_everything_paid_is_accounted_for_or_back(funded: Ref) -> None:
    grant = met(open_grant())
    pay(grant)
    account(grant, usd(30_000))
    close = {"contract_ref": grant, "why": "the second stall is not built", "on": BACK}
    with pytest.raises(finance.NotAccountedFor) as refusal:
        finance.close_grant(COORDINATOR, **close)  # type: ignore[arg-type]
    assert refusal.value.facts["open_minor"] == 20_000
    refund(grant, usd(20_000))
    assert cell().committed == usd(50_000)

    finance.close_grant(COORDINATOR, **close)  # type: ignore[arg-type]
    seen = finance.contract(SYSTEM, grant)
    assert (seen.state, [one.state for one in seen.tranches]) == ("settled", ["released", "cancelled"])
    assert (cell().spent, cell().committed) == (usd(30_000), usd(0))
    report = finance.budget_report(SYSTEM, as_of=BACK, group_by=("country",))
    assert {one.committed for one in report} == {usd(0)}
    before = finance.budget_report(SYSTEM, as_of=date(2003, 8, 31), group_by=("country",))
    assert {one.key["country"]: one.committed for one in before}["PH"] == usd(50_000)


def test_who_prepared_a_grant_does_not_close_it(funded: Ref) -> None:
    grant = met(open_grant())
    pay(grant)
    account(grant, usd(50_000))
    with pytest.raises(finance.SamePerson):
        finance.close_grant(NATIONAL, contract_ref=grant, why="done", on=BACK)
    assert finance.contract(SYSTEM, grant).state == "running"


def test_the_last_refund_settles_a_grant_of_which_all_was_paid(funded: Ref) -> None:
    grant = met(met(open_grant()), "milestone")
    pay(grant)
    account(grant, usd(50_000))
    pay(grant, 2)
    refund(grant, usd(50_000))
    assert finance.contract(SYSTEM, grant).state == "settled"


def test_local_money_that_comes_back_leaves_no_cent_on_the_grant(funded: Ref) -> None:
    """PHP 5,350 at 53.5 are USD 100; half of it, 50 dollars, is paid; 33 and 2,642 pesos are accounted for and back."""
    grant = met(open_grant(php(535_000)))
    pay(grant)
    account(grant, php(3_300))
    refund(grant, php(264_200))
    held = ledger.balances(finance.budget(SYSTEM).book_ref)
    assert held[f"advance:{grant}"] == 0
    assert held["bank:primary_donor:PHP"] == 264_200
    assert cell().spent.amount_minor == held["expense:cb"] == 62
    finance.add_rate(SYSTEM, given="USD", wanted="PHP", on=date(2003, 9, 2), rate=Decimal("50"), source="bank")
    result = finance.exchange_result(SYSTEM, budget_ref=funded, as_of=date(2003, 9, 2))
    assert result.held["PHP"] == 264_200
    assert result.result.amount_minor == 5_284 - 4_938
    assert ledger.verify() == []


def test_out_of_a_fund_it_comes_back_to_the_fund(maker: FundMaker) -> None:
    fund = maker.fund()
    grant = finance.open_contract(
        NATIONAL,
        product="seed_fund.seed_grant",
        party_ref=MILLERS,
        amount=php(1_000_000),
        scope=RIVERSIDE,
        purpose="stall",
        fund_ref=fund,
        on=ON,
        key="f",
    )
    pay(met(grant))
    refund(grant, php(100_000))
    seen = finance.fund(SYSTEM, fund)
    assert (seen.cash, finance.contract(SYSTEM, grant).outstanding) == (php(99_600_000), php(400_000))


@pytest.mark.covers("JBV-02")
def test_each_winner_of_the_joint_venture_call_gets_three_thousand_dinars_and_accounts_for_them(
    maker: FundMaker, budget: Ref
) -> None:
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(5_000_000), on=date(2002, 1, 1), key="d"
    )
    finance.add_rate(SYSTEM, given="JOD", wanted="USD", on=date(2003, 1, 1), rate=Decimal("1.41"), source="bank")

    def award(minor: int, key: str) -> Ref:
        return finance.open_contract(
            NATIONAL,
            product="employment_units.jbv_grant",
            party_ref=MILLERS,
            amount=Money(minor, "JOD"),
            scope=RIVERSIDE,
            purpose="greenhouses with refugee partners",
            budget={"stage": "development", "source": "primary_donor"},
            on=ON,
            key=key,
        )

    for minor in (2_999_999, 3_000_001):
        with pytest.raises(finance.AmountFixed) as refusal:
            award(minor, "w0")
        assert refusal.value.facts["each_minor"] == 3_000_000
    assert finance.count_contracts(SYSTEM) == 0

    grant = met(award(3_000_000, "w1"), "award", "agreement", "ownership", "training")
    assert cell().committed == usd(423_000)
    pay(grant)
    account(grant, Money(1_500_000, "JOD"))
    met(grant, "milestone")
    pay(grant, 2)
    account(grant, Money(1_500_000, "JOD"), key="slip-2")
    assert finance.contract(SYSTEM, grant).state == "settled"
    assert (cell().committed, cell().spent) == (usd(0), usd(423_000))


@pytest.mark.covers("JBV-02")
def test_the_first_dinar_waits_for_the_training(maker: FundMaker, budget: Ref) -> None:
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(5_000_000), on=date(2002, 1, 1), key="d"
    )
    finance.add_rate(SYSTEM, given="JOD", wanted="USD", on=date(2003, 1, 1), rate=Decimal("1.41"), source="bank")
    grant = finance.open_contract(
        NATIONAL,
        product="employment_units.jbv_grant",
        party_ref=MILLERS,
        amount=Money(3_000_000, "JOD"),
        scope=RIVERSIDE,
        purpose="greenhouses",
        budget={"stage": "development", "source": "primary_donor"},
        on=ON,
        key="w",
    )
    met(grant)
    tranche = finance.prepare_release(NATIONAL, contract_ref=grant, number=1, on=ON)
    with pytest.raises(finance.ConditionOpen) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)
    assert refusal.value.facts["conditions"] == "training"
