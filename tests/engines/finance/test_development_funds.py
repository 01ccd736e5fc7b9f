"""Savings of a community finance new co-operatives, within what the liquidity reserve leaves; pledges of members."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path

import pytest

from jump.base import clock
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import MANAGER, NATIONAL, NEIGHBOUR, RIVERSIDE, SYSTEM, FundMaker, balances, php
from tests.engines.finance.owners import ANA, BEN, OPENED, POTTERS, Owners, install_ownership, usd
from tests.engines.finance.savers import Savers

DAY = date(2004, 6, 15)
MILL = Ref("org-M1LL0000")
BAKERY = Ref("org-BAKERY00")


@pytest.fixture
def owners(products: None, tmp_path: Path) -> Owners:
    clock.pin(date(2005, 6, 30))
    install_ownership(tmp_path / "ownership")
    return Owners()


@pytest.fixture
def savings_fund(owners: Owners) -> Ref:
    """1,000.00 put in by a donor, of which a tenth is reserve, and 5,000.00 saved."""
    fund = FundMaker().fund(1_000_00)
    savers = Savers(fund)
    savers.pay_in(savers.account(), 5_000_00)
    owners.development(fund)
    return fund


def free(fund: Ref) -> int:
    found = finance.may_invest(SYSTEM, fund_ref=fund)
    assert found is not None
    return found.free.amount_minor


@pytest.mark.covers("INCUBATE-10")
def test_savings_less_the_liquidity_reserve_may_be_invested_and_not_a_cent_more(
    owners: Owners, savings_fund: Ref
) -> None:
    before = balances(savings_fund)
    assert free(savings_fund) == 4_000_00
    with pytest.raises(finance.SavingsNotFree) as refused:
        owners.prepare(savings_fund, "invest", DAY, enterprise=MILL, amount_minor=4_000_01)
    assert refused.value.facts == {
        "free_minor": 4_000_00,
        "asked_minor": 4_000_01,
        "savings_minor": 5_000_00,
        "reserve_minor": 1_000_00,
        "invested_minor": 0,
        "currency": "PHP",
    }
    assert balances(savings_fund) == before

    owners.do(savings_fund, "invest", DAY, enterprise=MILL, amount_minor=4_000_00)

    assert free(savings_fund) == 0
    now = balances(savings_fund)
    assert (now["cash"], now[f"invested:{MILL}"]) == (2_000_00, 4_000_00)
    assert ledger.verify() == []


@pytest.mark.covers("INCUBATE-10")
def test_what_is_prepared_counts_as_promised(owners: Owners, savings_fund: Ref) -> None:
    waiting = owners.prepare(savings_fund, "invest", DAY, enterprise=MILL, amount_minor=3_000_00)
    assert free(savings_fund) == 1_000_00
    with pytest.raises(finance.SavingsNotFree):
        owners.prepare(savings_fund, "invest", DAY, enterprise=BAKERY, amount_minor=1_000_01)
    finance.drop_step(NATIONAL, step_ref=waiting, why="the mill found another lender")
    assert free(savings_fund) == 4_000_00


@pytest.mark.covers("INCUBATE-10")
def test_savings_taken_out_since_it_was_prepared_stop_the_investment(owners: Owners, savings_fund: Ref) -> None:
    savers = Savers(savings_fund, numbers=count(100))
    account = finance.savings(SYSTEM, holder_ref=savings_fund)[0].ref
    waiting = owners.prepare(savings_fund, "invest", DAY, enterprise=MILL, amount_minor=4_000_00)
    savers.take_out(account, 1_000_00, on=DAY)

    with pytest.raises(finance.SavingsNotFree) as refused:
        finance.approve_step(MANAGER, step_ref=waiting)
    assert refused.value.facts["free_minor"] == 3_200_00
    assert f"invested:{MILL}" not in balances(savings_fund)


@pytest.mark.covers("INCUBATE-10")
def test_what_comes_back_may_be_invested_again_and_the_rest_is_income(owners: Owners, savings_fund: Ref) -> None:
    owners.do(savings_fund, "invest", DAY, enterprise=MILL, amount_minor=4_000_00)
    with pytest.raises(finance.MoreThanInvested):
        owners.prepare(savings_fund, "return", DAY, enterprise=MILL, amount_minor=4_000_01)
    owners.do(savings_fund, "return", DAY, enterprise=MILL, amount_minor=1_500_00, income_minor=200_00)

    found = finance.may_invest(SYSTEM, fund_ref=savings_fund)
    assert found is not None
    assert (found.free, found.invested) == (php(1_500_00), php(2_500_00))
    assert [(one.enterprise_ref, one.put_in, one.still_in) for one in found.investments] == [
        (MILL, php(4_000_00), php(2_500_00))
    ]
    assert balances(savings_fund)["investment_income"] == -200_00


def test_what_donors_put_in_stays_free_for_loans_after_savings_are_invested(owners: Owners, savings_fund: Ref) -> None:
    assert finance.free_of_fund(SYSTEM, fund_ref=savings_fund) == php(900_00)
    owners.do(savings_fund, "invest", DAY, enterprise=MILL, amount_minor=4_000_00)
    assert finance.free_of_fund(SYSTEM, fund_ref=savings_fund) == php(900_00)
    assert finance.fund(SYSTEM, savings_fund).free == php(900_00)


def test_a_fund_that_is_no_development_fund_invests_nothing(owners: Owners) -> None:
    fund = FundMaker().fund(1_000_00)
    assert finance.may_invest(SYSTEM, fund_ref=fund) is None
    with pytest.raises(NotFound):
        owners.prepare(fund, "invest", DAY, enterprise=MILL, amount_minor=1)


# --- pledges ----------------------------------------------------------------------------------------------------------


def promise(person: Ref = ANA, amount_minor: int = 500_00, hours: int = 200, key: str = "one") -> Ref:
    return finance.make_pledge(
        NATIONAL,
        product="incubation.member_pledge",
        person_ref=person,
        enterprise_ref=POTTERS,
        amount=usd(amount_minor),
        hours=hours,
        on=OPENED,
        due_on=date(2003, 12, 31),
        scope=RIVERSIDE,
        key=key,
    )


@pytest.mark.covers("INCUBATE-04")
def test_a_pledge_of_money_and_hours_is_met_by_what_the_member_pays_in(owners: Owners) -> None:
    promise()
    promise(BEN, 0, 40, key="two")
    capital = owners.capital()
    owners.member(capital, ANA, fee_minor=800_00, paid_minor=300_00)

    found = {one.person_ref: one for one in finance.member_pledges(MANAGER, enterprise_ref=POTTERS)}
    assert (found[ANA].hours, found[ANA].paid, found[ANA].open) == (200, usd(300_00), usd(200_00))
    assert (found[BEN].hours, found[BEN].open) == (40, usd(0))
    assert finance.member_pledges(NEIGHBOUR, enterprise_ref=POTTERS) == []


@pytest.mark.covers("INCUBATE-04")
def test_a_pledge_of_nothing_or_a_second_one_is_refused_until_the_first_is_taken_back(owners: Owners) -> None:
    with pytest.raises(finance.AmountNotPositive):
        promise(amount_minor=0, hours=0)
    first = promise()
    assert promise() == first
    with pytest.raises(finance.AlreadyKept):
        promise(key="other")
    with pytest.raises(finance.DecisionMissing):
        finance.withdraw_pledge(NATIONAL, pledge_ref=first, on=OPENED, why="")
    finance.withdraw_pledge(NATIONAL, pledge_ref=first, on=OPENED, why="moved away")
    promise(key="other")
    assert [one.withdrawn_on is None for one in finance.member_pledges(SYSTEM, person_ref=ANA)].count(True) == 1
