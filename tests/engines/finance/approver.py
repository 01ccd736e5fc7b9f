"""Approves claims from a process of its own, so that two can be raced for what is left of a family's limits.

python -m tests.engines.finance.approver prepare FOLDER       a scheme, a family, thirty claims; prints the scheme
python -m tests.engines.finance.approver race SCHEME USER     approves every claim it can, newest or oldest first
python -m tests.engines.finance.approver prove SCHEME         what was promised, by person, and the proof of the books
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from tests.engines.finance.racing import command, wait_for_the_start

EVENT = date(2004, 6, 1)
DAY = date(2004, 9, 1)


def prepare(folder: str) -> None:
    from django.core.management import call_command

    from jump.base import clock
    from tests.engines.finance.covered import Scheme, install_cover
    from tests.engines.finance.makers import declare_places

    call_command("migrate", verbosity=0)
    clock.pin(date(2005, 6, 30))
    declare_places()
    install_cover(Path(folder))
    scheme = Scheme()
    scheme.package()
    scheme.agree()
    family = scheme.family()
    scheme.pay(family, 18_000)
    for number in range(30):
        scheme.ready(family, {"ward": 10_000}, EVENT + timedelta(days=number))
    print(scheme.ref)


def race(scheme: str, user: str) -> None:
    """Approve one after the other; a claim for which nothing is left is stopped."""
    from jump.base.refusals import Refusal
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from tests.engines.finance.covered import SENEGAL
    from tests.engines.finance.makers import SYSTEM, acting

    actor = acting(int(user), "national_coordinator", SENEGAL)
    refs = [one.ref for one in finance.claims(SYSTEM, scheme_ref=Ref(scheme), limit=100)]
    wait_for_the_start()
    done, codes = 0, []
    for ref in refs if int(user) % 2 else reversed(refs):
        try:
            finance.approve_claim(actor, claim_ref=ref, on=DAY)
            done += 1
        except Refusal as refusal:
            codes.append(refusal.code)
    print(json.dumps({"done": done, "codes": sorted(set(codes))}))


def prove(scheme: str) -> None:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from jump.engines.ledger import api as ledger
    from tests.engines.finance.makers import SYSTEM

    found = finance.claims(SYSTEM, scheme_ref=Ref(scheme), limit=100)
    print(
        json.dumps(
            {
                "promised": sum(one.paid.amount_minor for one in found if one.paid),
                "valued": sum(one.state == "valued" for one in found),
                "payable": -ledger.balances(finance.scheme(SYSTEM, Ref(scheme)).book_ref)["claims_payable"],
                "problems": [problem.text for problem in ledger.verify()],
            }
        )
    )


if __name__ == "__main__":
    command(prepare=prepare, race=race, prove=prove)
