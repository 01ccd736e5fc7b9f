"""Two people at once: what one of them did is seen by the other, and money moves once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jump.base.refusals import Refusal
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DAY,
    MANAGER,
    NATIONAL,
    SECOND_MANAGER,
    FundMaker,
    balances,
    declare_places,
    install_products,
    php,
    usd,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committed(tmp_path: Path) -> tuple[FundMaker, Ref]:
    """A fund that other connections see."""
    declare_places()
    install_products(tmp_path)
    maker = FundMaker()
    maker.rate()
    return maker, maker.fund(30_000_000)


def at_once(*works: Callable[[], Any]) -> list[str]:
    """What each of them got: "done", or the code of its refusal."""
    told: list[str] = []
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        from django.db import connection

        ready.wait()
        try:
            work()
            told.append("done")
        except Refusal as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_the_last_of_a_loan_is_paid_once_when_two_send_it_at_once(committed: tuple[FundMaker, Ref]) -> None:
    maker, fund = committed
    loan = maker.running_loan(fund, 10_000_000, rate_yearly="0")

    def pay(receipt: str) -> Callable[[], Any]:
        return lambda: finance.repay(
            MANAGER, contract_ref=loan, amount=php(10_000_000), on=date(2004, 1, 5), receipt=receipt, key=receipt
        )

    assert at_once(pay("1"), pay("2"), pay("3")) == ["done", "finance.more_than_owed", "finance.more_than_owed"]
    assert balances(fund)["cash"] == 30_000_000
    assert ledger.verify() == []


def test_a_tranche_released_by_two_at_once_is_paid_once(committed: tuple[FundMaker, Ref]) -> None:
    maker, fund = committed
    tranche = finance.prepare_release(NATIONAL, contract_ref=maker.loan(fund, 10_000_000), number=1, on=DAY)

    def release(who: Any) -> Callable[[], Any]:
        return lambda: finance.approve_release(who, tranche_ref=tranche, on=DAY)

    assert at_once(release(MANAGER), release(SECOND_MANAGER)) == ["done", "done"]
    assert balances(fund)["cash"] == 20_000_000


def test_two_promises_at_once_never_promise_the_same_money(committed: tuple[FundMaker, Ref]) -> None:
    _maker, fund = committed

    def promise(key: str) -> Callable[[], Any]:
        return lambda: finance.reserve(MANAGER, fund_ref=fund, amount=php(20_000_000), key=key)

    assert at_once(promise("a"), promise("b")) == ["done", "finance.fund_short"]
    assert finance.fund(MANAGER, fund).held == php(20_000_000)


@pytest.fixture
def cell_with_little(committed: tuple[FundMaker, Ref]) -> Ref:
    """A budget whose Philippine development cell has USD 180,000 and plenty of money in the bank."""
    budget = finance.declare_budget(COORDINATOR, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(90_000_000), on=date(2002, 1, 2), key="d"
    )
    return budget


@pytest.mark.covers("BUDGET-15", "CER-16")
def test_of_two_who_take_the_last_of_a_cell_at_once_one_is_refused(cell_with_little: Ref) -> None:
    """One promises it by a contract, one holds it by a decision, one spends it: 12 of 18 million each."""

    def commit() -> Any:
        return finance.open_contract(
            NATIONAL,
            product="seed_fund.seed_grant",
            party_ref=Ref("grp-M1LLERS0"),
            amount=usd(12_000_000),
            scope="jump/asia/PH/riverside/",
            purpose="stall",
            budget={"stage": "development"},
            on=DAY,
            key="k1",
        )

    def hold() -> Any:
        return finance.reserve(
            MANAGER,
            amount=usd(12_000_000),
            key="k2",
            budget={"scope": "jump/asia/PH/", "stage": "development", "type": "cb"},
        )

    def pay() -> Any:
        return finance.spend(
            NATIONAL,
            line="training",
            scope="jump/asia/PH/",
            stage="development",
            type="cb",
            amount=usd(12_000_000),
            on=DAY,
            memo="course",
            key="k3",
        )

    assert at_once(commit, hold, pay) == ["done", "finance.budget_short", "finance.budget_short"]
    cells = finance.cells(COORDINATOR, budget_ref=cell_with_little)
    cell = next(one for one in cells if (one.country, one.stage, one.type) == ("PH", "development", "cb"))
    assert cell.committed + cell.spent == usd(12_000_000)
    assert ledger.verify() == []


def test_a_refund_sent_by_two_at_once_is_booked_once(cell_with_little: Ref) -> None:
    grant = finance.open_contract(
        NATIONAL,
        product="seed_fund.seed_grant",
        party_ref=Ref("grp-M1LLERS0"),
        amount=usd(100_000),
        scope="jump/asia/PH/riverside/",
        purpose="stall",
        budget={"stage": "development"},
        on=DAY,
        key="g",
    )
    for code in ("award", "agreement", "ownership"):
        finance.meet_condition(
            NATIONAL, contract_ref=grant, condition=code, proof_ref=Ref("sub-00000001"), decided_by=("u",), on=DAY
        )
    tranche = finance.prepare_release(NATIONAL, contract_ref=grant, number=1, on=DAY)
    finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)

    def back(who: Any, receipt: str) -> Callable[[], Any]:
        return lambda: finance.refund_grant(
            who, contract_ref=grant, amount=usd(40_000), on=DAY, receipt=receipt, why="cheaper", key=receipt
        )

    told = at_once(back(NATIONAL, "1"), back(NATIONAL, "2"))
    assert told == ["done", "finance.more_than_advanced"]
    seen = finance.contract(COORDINATOR, grant).grant
    assert seen is not None
    assert (seen.refunded, seen.open) == (usd(40_000), usd(10_000))
    assert ledger.verify() == []
