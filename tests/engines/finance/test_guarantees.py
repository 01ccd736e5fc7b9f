"""Who stands for a loan: up to a limit, called when it is written off, released when it is paid back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jump.base import clock
from jump.base.refusals import NotAllowed, NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DAY,
    DONOR,
    MANAGER,
    MILLERS,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SYSTEM,
    FundMaker,
    balances,
    php,
)

UNION = Ref("org-VN10N000")
MEMBERS = (Ref("per-00000001"), Ref("per-00000002"), Ref("per-00000003"))


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    clock.pin(date(2005, 6, 30))


def stand(
    contract: Ref | None, amount_minor: int, guarantor: Ref = UNION, percent: int | Decimal = 50, **more: Any
) -> Ref:
    given: dict[str, Any] = {"product": "revolving_fund.guarantee", "key": f"{guarantor}-{amount_minor}", **more}
    return finance.open_guarantee(
        NATIONAL,
        guarantor_ref=guarantor,
        amount=php(amount_minor),
        percent=percent,
        contract_ref=contract,
        on=DAY,
        **given,
    )


def written_off(maker: FundMaker, loan: Ref) -> int:
    finance.prepare_write_off(NATIONAL, contract_ref=loan, why="the mill burned down")
    return finance.write_off(COORDINATOR, contract_ref=loan, on=date(2004, 12, 1), key="off")


@pytest.mark.covers("RLF-09")
def test_a_guarantee_is_called_for_its_part_when_the_loan_is_written_off(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, 10_000_00, rate_yearly="0", instalments=1)
    half, fixed = stand(loan, 8_000_00), stand(loan, 1_000_00, Ref("per-00000009"), 80)
    maker.repay(loan, 2_000_00, date(2004, 3, 1))

    assert written_off(maker, loan) == 8_000_00

    called = finance.guarantee(MANAGER, half)
    assert (called.state, called.called, called.called_on) == ("called", php(4_000_00), date(2004, 12, 1))
    assert finance.guarantee(MANAGER, fixed).called == php(1_000_00)
    assert balances(fund)["losses"] == 8_000_00


@pytest.mark.covers("RLF-09")
def test_what_a_guarantor_pays_comes_back_to_the_fund_as_recovered(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, 10_000_00, rate_yearly="0", instalments=1)
    one = stand(loan, 8_000_00)
    written_off(maker, loan)

    payment = finance.prepare_guarantee_payment(
        MANAGER, guarantee_ref=one, amount=php(5_000_00), on=date(2005, 1, 5), key="pay", receipt="G1"
    )
    done = finance.book_guarantee_payment(MANAGER, payment_ref=payment, on=date(2005, 1, 5))
    finance.book_guarantee_payment(MANAGER, payment_ref=payment, on=date(2005, 1, 5))

    assert (done.state, done.paid, done.still_to_pay) == ("paid", php(5_000_00), php(0))
    held = balances(fund)
    assert held["recovered"] == -5_000_00
    assert held["cash"] == 1_000_000_00 - 10_000_00 + 5_000_00
    assert finance.contract(MANAGER, loan).recovered == php(5_000_00)
    assert ledger.verify() == []


def test_a_guarantor_pays_no_more_than_was_called_and_nothing_before(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, 10_000_00, rate_yearly="0", instalments=1)
    one = stand(loan, 8_000_00)

    def pay(amount_minor: int, key: str) -> Ref:
        return finance.prepare_guarantee_payment(
            MANAGER, guarantee_ref=one, amount=php(amount_minor), on=date(2005, 1, 5), key=key
        )

    with pytest.raises(finance.MoreThanCalled):
        pay(1, "early")
    written_off(maker, loan)
    pay(3_000_00, "first")
    with pytest.raises(finance.MoreThanCalled) as refusal:
        pay(2_000_01, "second")
    assert refusal.value.facts == {"asked_minor": 2_000_01, "open_minor": 2_000_00, "currency": "PHP"}
    assert balances(fund)["recovered"] == 0


@pytest.mark.covers("RLF-09")
def test_a_loan_paid_back_releases_its_guarantees_and_taking_that_back_restores_them(
    maker: FundMaker, fund: Ref
) -> None:
    loan = maker.running_loan(fund, 10_000_00, rate_yearly="0", instalments=1)
    one = stand(loan, 8_000_00)
    last = maker.repay(loan, 10_000_00, date(2004, 3, 1))
    assert finance.guarantee(MANAGER, one).state == "released"

    finance.undo_repayment(MANAGER, repayment_ref=last.ref, why="bounced", on=date(2004, 3, 4), key="undo")
    assert finance.guarantee(MANAGER, one).state == "open"

    waiting = maker.loan(fund, 5_000_00)
    two = stand(waiting, 1_000_00)
    finance.cancel_contract(NATIONAL, contract_ref=waiting, why="not needed", on=DAY)
    assert finance.guarantee(MANAGER, two).state == "released"


@pytest.mark.covers("RLF-09")
def test_a_fund_stands_for_no_more_than_its_rules_allow(maker: FundMaker) -> None:
    maker.rules = finance.FundRules({"guarantee_exposure_max": Decimal("0.20")})
    fund = maker.fund(100_000_00)

    def for_a_bank_loan(amount_minor: int, key: str) -> Ref:
        return stand(
            None,
            amount_minor,
            fund,
            lender="Rural Bank of Bulacan",
            borrower_ref=MILLERS,
            scope=RIVERSIDE,
            key=key,
        )

    first = for_a_bank_loan(15_000_00, "one")
    with pytest.raises(finance.GuaranteeExposure) as refusal:
        for_a_bank_loan(5_000_01, "two")

    assert refusal.value.code == "finance.guarantee_exposure"
    assert refusal.value.facts == {
        "asked_minor": 5_000_01,
        "standing_minor": 15_000_00,
        "limit_minor": 20_000_00,
        "currency": "PHP",
        "rule": "guarantee_exposure_max",
        "guarantor": fund,
    }
    assert [one.ref for one in finance.guarantees(MANAGER, fund_ref=fund)] == [first]
    for_a_bank_loan(5_000_00, "three")
    finance.release_guarantee(COORDINATOR, guarantee_ref=first, why="the bank was paid", on=date(2004, 5, 1))
    for_a_bank_loan(15_000_00, "four")


@pytest.mark.covers("RLF-09")
def test_nobody_else_stands_for_more_than_the_product_allows(maker: FundMaker, fund: Ref) -> None:
    """The product's limit is 20,000 dollars, 1,070,000 pesos at the rate of the day."""
    loan = maker.loan(fund, 50_000_00)
    for number in range(21):
        stand(loan, 50_000_00, key=f"n{number}")
    with pytest.raises(finance.GuaranteeExposure) as refusal:
        stand(loan, 20_000_01, key="last")
    assert refusal.value.facts["limit_minor"] == 1_070_000_00
    assert refusal.value.facts["standing_minor"] == 1_050_000_00


@pytest.mark.covers("RLF-09")
def test_a_called_guarantee_of_a_fund_leaves_it_with_four_eyes(maker: FundMaker, fund: Ref) -> None:
    one = stand(None, 40_000_00, fund, lender="Rural Bank", borrower_ref=MILLERS, scope=RIVERSIDE, percent=80)
    free = finance.fund(MANAGER, fund).free
    called = finance.call_guarantee(
        COORDINATOR, guarantee_ref=one, owed=php(30_000_00), why="three instalments missed", on=date(2004, 6, 1)
    )
    assert called.called == php(24_000_00)
    assert finance.fund(MANAGER, fund).free == free - php(24_000_00)

    payment = finance.prepare_guarantee_payment(
        MANAGER, guarantee_ref=one, amount=php(24_000_00), on=date(2004, 6, 2), key="pay"
    )
    with pytest.raises(finance.SamePerson):
        finance.book_guarantee_payment(MANAGER, payment_ref=payment, on=date(2004, 6, 2))
    assert balances(fund)["cash"] == 1_000_000_00

    finance.book_guarantee_payment(COORDINATOR, payment_ref=payment, on=date(2004, 6, 2))
    held = balances(fund)
    assert (held["cash"], held["guarantees"]) == (976_000_00, 24_000_00)
    assert sum(held.values()) == 0


def test_the_database_refuses_a_payment_out_of_a_fund_by_one_person(maker: FundMaker, fund: Ref) -> None:
    from jump.engines.finance.models import GuaranteePayment

    one = stand(None, 40_000_00, fund, lender="Rural Bank", borrower_ref=MILLERS, scope=RIVERSIDE)
    finance.call_guarantee(COORDINATOR, guarantee_ref=one, owed=php(10_000_00), why="late", on=date(2004, 6, 1))
    payment = finance.prepare_guarantee_payment(
        MANAGER, guarantee_ref=one, amount=php(1_00), on=date(2004, 6, 2), key="pay"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        GuaranteePayment.objects.filter(ref=payment).update(state="booked", booked_by=MANAGER.key)


def test_a_fund_may_stand_for_the_loan_of_another_fund_and_both_books_agree(maker: FundMaker, fund: Ref) -> None:
    other = maker.fund(50_000_00)
    loan = maker.running_loan(fund, 10_000_00, rate_yearly="0", instalments=1)
    one = stand(loan, 8_000_00, other)
    written_off(maker, loan)
    payment = finance.prepare_guarantee_payment(
        NATIONAL, guarantee_ref=one, amount=php(5_000_00), on=date(2005, 1, 5), key="pay"
    )
    finance.book_guarantee_payment(MANAGER, payment_ref=payment, on=date(2005, 1, 5))
    assert (balances(other)["cash"], balances(other)["guarantees"]) == (45_000_00, 5_000_00)
    assert balances(fund)["recovered"] == -5_000_00


@pytest.mark.covers("RLF-09")
def test_members_of_a_group_stand_together_for_its_loan(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, 9_000_00, rate_yearly="0", instalments=1)
    with pytest.raises(finance.GuarantorIsBorrower):
        stand(loan, 9_000_00, MILLERS)

    one = stand(loan, 9_000_00, MILLERS, 100, product="revolving_fund.joint_liability", jointly=[*MEMBERS, MEMBERS[0]])
    view = finance.guarantee(MANAGER, one)
    assert view.jointly == MEMBERS
    written_off(maker, loan)
    assert finance.guarantee(MANAGER, one).called == php(9_000_00)


def test_percent_amount_currency_and_state_of_the_loan_are_checked(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, 10_000_00, rate_yearly="0", instalments=1)
    with pytest.raises(finance.AboveLimit):
        stand(loan, 1_000_00, percent=81)
    with pytest.raises(finance.AboveLimit):
        stand(loan, 10_000_01)
    with pytest.raises(finance.WrongCurrency):
        finance.open_guarantee(
            NATIONAL,
            product="revolving_fund.guarantee",
            guarantor_ref=UNION,
            amount=Money(1, "USD"),
            percent=10,
            contract_ref=loan,
            on=DAY,
            key="usd",
        )
    with pytest.raises(finance.ProductNotThis):
        stand(loan, 1_000_00, product="revolving_fund.member_savings")
    maker.repay(loan, 10_000_00, date(2004, 3, 1))
    with pytest.raises(finance.WrongState):
        stand(loan, 1_000_00, key="late")
    assert finance.guarantees(SYSTEM) == []


def test_guarantees_are_seen_and_opened_only_by_those_who_may(maker: FundMaker, fund: Ref) -> None:
    loan = maker.loan(fund, 10_000_00)
    one = stand(loan, 1_000_00)
    assert finance.guarantees(NEIGHBOUR) == []
    with pytest.raises(NotFound):
        finance.guarantee(NEIGHBOUR, one)
    with pytest.raises(NotAllowed):
        finance.open_guarantee(
            DONOR,
            product="revolving_fund.guarantee",
            guarantor_ref=UNION,
            amount=php(1),
            percent=10,
            contract_ref=loan,
            on=DAY,
            key="donor",
        )
