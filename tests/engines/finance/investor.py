"""Invests savings from a process of its own, so that two can be raced.

python -m tests.engines.finance.investor prepare FOLDER       tables, products, a fund with savings; prints the fund
python -m tests.engines.finance.investor race FUND AMOUNT     invests AMOUNT until refused; prints what it got
python -m tests.engines.finance.investor prove FUND           savings, what is invested, and the ledger's proof
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from tests.engines.finance.racing import command, until_refused

DAY = date(2004, 6, 15)
SAVED_MINOR = 10_000_00


def prepare(folder: str) -> None:
    from django.core.management import call_command

    from jump.base import clock
    from tests.engines.finance.makers import FundMaker, declare_places, install_products
    from tests.engines.finance.owners import Owners, install_ownership
    from tests.engines.finance.savers import Savers

    call_command("migrate", verbosity=0)
    clock.pin(date(2005, 6, 30))
    declare_places()
    install_products(Path(folder))
    install_ownership(Path(folder) / "ownership")
    fund = FundMaker().fund(5_000_00)
    savers = Savers(fund)
    savers.pay_in(savers.account(), SAVED_MINOR)
    Owners().development(fund)
    print(fund)


def race(fund: str, amount: str) -> None:
    """One person prepares, another approves, again and again, until the fund may invest no more."""
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import MANAGER, NATIONAL

    def invest(key: str) -> None:
        step = finance.prepare_step(
            NATIONAL,
            subject_ref=Ref(fund),
            kind=finance.StepKind.INVEST,
            asked={"enterprise": f"org-{os.getpid() % 10**8:08}", "amount_minor": int(amount)},
            on=DAY,
            key=key,
        )
        finance.approve_step(MANAGER, step_ref=step)

    until_refused(invest)


def prove(fund: str) -> None:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from jump.engines.ledger import api as ledger
    from tests.engines.finance.makers import SYSTEM

    found = finance.may_invest(SYSTEM, fund_ref=Ref(fund))
    assert found is not None
    print(
        json.dumps(
            {
                "savings": found.savings.amount_minor,
                "invested": found.invested.amount_minor,
                "promised": found.promised.amount_minor,
                "problems": [problem.text for problem in ledger.verify()],
            }
        )
    )


if __name__ == "__main__":
    command(prepare=prepare, race=race, prove=prove)
