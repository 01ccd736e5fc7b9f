"""Takes savings out from a process of its own, so that two can be raced.

python -m tests.engines.finance.withdrawer prepare FOLDER             tables, products, a fund, one account; prints it
python -m tests.engines.finance.withdrawer race ACCOUNT AMOUNT        takes AMOUNT out until refused; prints what it got
python -m tests.engines.finance.withdrawer past ACCOUNT AMOUNT        the same past the service, straight in the ledger
python -m tests.engines.finance.withdrawer prove ACCOUNT              what is saved, what the ledger holds, its proof
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.engines.finance.racing import command, until_refused

DAY = date(2004, 6, 15)
SAVED_MINOR = 1_000_00


def prepare(folder: str) -> None:
    from django.core.management import call_command

    from jump.base import clock
    from tests.engines.finance.makers import FundMaker, declare_places, install_products
    from tests.engines.finance.savers import Savers

    call_command("migrate", verbosity=0)
    clock.pin(date(2005, 6, 30))
    declare_places()
    install_products(Path(folder))
    savers = Savers(FundMaker().fund())
    account = savers.account()
    savers.pay_in(account, SAVED_MINOR)
    print(account)


def race(account: str, amount: str) -> None:
    """One person prepares, another pays, again and again, until the account has no more to give."""
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import MANAGER, NATIONAL, php

    def take(key: str) -> None:
        moved = finance.prepare_withdrawal(NATIONAL, account_ref=Ref(account), amount=php(int(amount)), on=DAY, key=key)
        finance.pay_withdrawal(MANAGER, movement_ref=moved, on=DAY)

    until_refused(take)


def past(account: str, amount: str) -> None:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from jump.engines.ledger import api as ledger
    from tests.engines.finance.makers import SYSTEM

    view = finance.savings_account(SYSTEM, Ref(account))
    cash = ledger.account(view.book_ref, "cash").ref

    def take(key: str) -> None:
        ledger.post(
            SYSTEM,
            book_ref=view.book_ref,
            memo="past the service",
            occurred_on=DAY,
            lines=[ledger.Line(view.account_ref, int(amount)), ledger.Line(cash, -int(amount))],
            source_ref=Ref(account),
            key=f"past-{key}",
        )

    until_refused(take)


def prove(account: str) -> None:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from jump.engines.ledger import api as ledger
    from tests.engines.finance.makers import SYSTEM

    view = finance.savings_account(SYSTEM, Ref(account))
    print(
        json.dumps(
            {
                "saved": view.balance.amount_minor,
                "held": -ledger.balance(view.account_ref),
                "withdrawals": sum(one.kind == "withdrawal" and one.state == "booked" for one in view.movements),
                "problems": [problem.text for problem in ledger.verify()],
            }
        )
    )


if __name__ == "__main__":
    command(prepare=prepare, race=race, past=past, prove=prove)
