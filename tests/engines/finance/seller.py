"""Sells out of a store from a process of its own, so that two can be raced.

python -m tests.engines.finance.seller prepare FOLDER            tables, products, a store with 100 bags; prints it
python -m tests.engines.finance.seller race STORE BAGS           sells BAGS until refused; prints what it sold
python -m tests.engines.finance.seller prove STORE               what lies there, what the ledger holds, its proof
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.engines.finance.racing import command, until_refused

DAY = date(2004, 6, 15)
BAGS = 100


def prepare(folder: str) -> None:
    from django.core.management import call_command

    from jump.base import clock
    from jump.engines.finance import api as finance
    from tests.engines.finance.in_kind import OPENED, Stores, xof
    from tests.engines.finance.makers import MANAGER, declare_places, install_products

    call_command("migrate", verbosity=0)
    clock.pin(date(2005, 6, 30))
    declare_places()
    install_products(Path(folder))
    stores = Stores()
    store = stores.store(product="cereal_bank_in_bags")
    for number in (1, 2):
        finance.contribute_to_store(
            MANAGER,
            store_ref=store,
            on=OPENED,
            key=f"begin-{number}",
            quantity_minor=BAGS // 2,
            price=xof(5_000),
            mark=f"L{number}",
        )
    stores.prices(store, 5_000, 9_000)
    print(store)


def race(store: str, bags: str) -> None:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from tests.engines.finance.in_kind import xof
    from tests.engines.finance.makers import MANAGER

    def sell(key: str) -> None:
        finance.sell_from_store(
            MANAGER, store_ref=Ref(store), quantity_minor=int(bags), price=xof(6_000), on=DAY, key=key
        )

    until_refused(sell)


def prove(store: str) -> None:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from jump.engines.ledger import api as ledger
    from tests.engines.finance.makers import SYSTEM

    view = finance.store(SYSTEM, Ref(store))
    book = ledger.balances(view.book_ref)
    print(
        json.dumps(
            {
                "bags": view.stock.amount_minor,
                "held": sum(amount for code, amount in book.items() if code.startswith("lot:")),
                "cash": book["cash"],
                "worth": [view.stock_cost.amount_minor, book[f"stock:{store}"]],
                "problems": [problem.text for problem in ledger.verify()],
            }
        )
    )


if __name__ == "__main__":
    command(prepare=prepare, race=race, prove=prove)
