"""Ages loans from a process of its own, so that it can be killed and two can share the pages.

python -m tests.engines.finance.ager prepare FOLDER      tables, products, a fund, six loans that are late
python -m tests.engines.finance.ager age                 ages all of them, two at a time; prints how many
python -m tests.engines.finance.ager stop AFTER          stops before writing the loan after so many, until it is killed
python -m tests.engines.finance.ager tell                every loan's standing, and the proof of the ledger
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from tests.engines.finance.racing import command

ON = date(2004, 6, 30)
LOANS = 6


def prepare(folder: str) -> None:
    from django.core.management import call_command

    from jump.base import clock
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker, declare_places, install_products

    call_command("migrate", verbosity=0)
    clock.pin(date(2003, 12, 1))
    declare_places()
    install_products(Path(folder))
    maker = FundMaker()
    maker.rate()
    fund = maker.fund()
    for number in range(LOANS):
        maker.running_loan(fund, 1_000_000 + number, party=Ref(f"grp-0000000{number + 1}"), penalty_percent="2")
    clock.pin(ON)
    print("prepared")


def age() -> None:
    from jump.engines.finance import api as finance
    from jump.engines.finance.services.loan_nights import age_loans
    from tests.engines.finance.makers import SYSTEM

    assert finance.age_loans is age_loans
    print(age_loans(SYSTEM, on=ON, page=2))


def stop(after: str) -> None:
    """In the middle of a page, inside its transaction."""
    from jump.engines.finance.services import loan_nights
    from tests.engines.finance.makers import SYSTEM

    note, seen = loan_nights._note, 0

    def note_until(*given: Any) -> None:
        nonlocal seen
        seen += 1
        if seen > int(after):
            print("in the middle", flush=True)
            sys.stdin.readline()
        note(*given)

    loan_nights._note = note_until
    loan_nights.age_loans(SYSTEM, on=ON, page=2)


def tell() -> None:
    from jump.engines.finance.models import LoanStanding
    from jump.engines.ledger import api as ledger

    names = ("as_of", "late_since", "due_minor", "owed_minor", "penalty_minor", "changes_on")
    rows = [list(map(str, row)) for row in LoanStanding.objects.order_by("contract_id").values_list(*names)]
    print(json.dumps({"rows": rows, "problems": [problem.text for problem in ledger.verify()]}))


if __name__ == "__main__":
    command(prepare=prepare, age=age, stop=stop, tell=tell)
