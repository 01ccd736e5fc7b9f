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
    DAY,
    MANAGER,
    NATIONAL,
    SECOND_MANAGER,
    FundMaker,
    balances,
    declare_places,
    install_products,
    php,
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
