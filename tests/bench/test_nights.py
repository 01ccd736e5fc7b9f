"""The night of many loans against its limit: what an ordinary night touches, and a night that touches every loan."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

LOANS = int(os.environ.get("JUMP_BENCH_LOANS", "20000"))
TERMS = 12
PAID = 6  # payments that came in before the night
SHARE_LATE = 10  # one in so many did not pay what fell due last
NIGHT = date(2004, 6, 30)
LIMIT_SECONDS = 60  # for a million loans
BATCH = 2_000


def chunks(count: int) -> Iterator[range]:
    for start in range(0, count, BATCH):
        yield range(start, min(start + BATCH, count))


def clone_loans(first: Any) -> None:
    """Loans like this one, paid out over the days of a month and paid back on their days, all but one in ten."""
    from jump.engines.finance.models import Contract, Repayment, Tranche

    (tranche,) = first.tranches.all()
    for numbers in chunks(LOANS):
        rows, tranches, paid = [], [], []
        for number in numbers:
            lent_on = date(2003, 11, 30) + timedelta(days=number % 30)
            row = Contract(**{field.attname: getattr(first, field.attname) for field in Contract._meta.fields})
            row.pk, row.ref, row.key = None, f"ctr-B{number:07}", f"bench-{number}"
            row.party, row.opened_on = f"grp-B{number:07}", lent_on
            rows.append(row)
        Contract.objects.bulk_create(rows)
        for row, number in zip(rows, numbers, strict=True):
            lent_on = row.opened_on
            tranches.append(
                Tranche(
                    ref=f"trn-B{number:07}",
                    contract=row,
                    number=1,
                    amount_minor=tranche.amount_minor,
                    state=tranche.state,
                    released_on=lent_on,
                    prepared_by="a",
                    prepared_on=lent_on,
                    released_by="b",
                    entry=tranche.entry,
                )
            )
            for turn in range(PAID - (number % SHARE_LATE == 0)):
                on = lent_on + timedelta(days=30 * (turn + 1))
                paid.append(
                    Repayment(
                        ref=f"rpy-{turn}{number:06}",
                        contract=row,
                        fund_id=row.fund_id,
                        on=min(on, NIGHT - timedelta(days=1)),
                        amount_minor=21_323_71,
                        principal_minor=21_323_71,
                        owed_after_minor=0,
                        receipt="",
                        by="b",
                        key=f"bench-{number}-{turn}",
                        entry=tranche.entry,
                    )
                )
        Tranche.objects.bulk_create(tranches)
        Repayment.objects.bulk_create(paid)


def settle() -> None:
    """What a database finds out for itself in time: how many rows its tables hold."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.django_db(transaction=True)
def test_a_night_of_many_loans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """First every loan is worked out from its facts, as on a night that touches all of them; then comes one night."""
    from django.db import connection

    from jump.base import clock
    from jump.engines.finance import api as finance
    from jump.engines.finance.models import Contract, LoanStanding
    from tests.engines.finance.makers import SYSTEM, FundMaker, declare_places, install_products

    clock.pin(date(2003, 12, 1))
    declare_places()
    install_products(tmp_path)
    maker = FundMaker()
    maker.rate()
    ref = maker.running_loan(maker.fund(), penalty_percent="2", penalty_after_days=7)
    clone_loans(Contract.objects.get(ref=ref))
    clock.pin(NIGHT)
    settle()
    began = time.perf_counter()
    assert finance.age_loans(SYSTEM, on=NIGHT - timedelta(days=1)) == LOANS + 1
    every = (time.perf_counter() - began) / LOANS
    settle()
    touched = LoanStanding.objects.filter(changes_on__lte=NIGHT).count()
    began = time.perf_counter()
    assert finance.age_loans(SYSTEM, on=NIGHT) == touched
    night = (time.perf_counter() - began) / LOANS
    with capsys.disabled():
        print(
            f"\nthe night of {LOANS:,} loans, {connection.vendor}: {touched:,} touched, a million in "
            f"{night * 1_000_000:,.0f} s (limit {LIMIT_SECONDS}); a night that touches all of a million: "
            f"{every * 1_000_000:,.0f} s, {1 / every:,.0f} loans a second"
        )
    assert night * 1_000_000 <= LIMIT_SECONDS
