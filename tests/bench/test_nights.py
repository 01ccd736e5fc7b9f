"""The night of many loans against its limit: an ordinary night, and how many loans a second are brought further."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

LOANS = int(os.environ.get("JUMP_BENCH_LOANS", "20000"))
NIGHT = date(2004, 6, 30)
LIMIT_SECONDS = 60  # for a million loans
MONTHLY = 21_323_71  # of a loan of 240,000.00 over twelve months at 12 % a year
SHARE_LATE = 10  # one in so many has not paid since April
BATCH = 1_000


def models_of_loans() -> tuple[tuple[type[Any], str], ...]:
    from jump.engines.finance.models import Instalment, LoanStanding, Repayment, Tranche

    return ((Tranche, "trn"), (Instalment, ""), (Repayment, "rep"), (LoanStanding, ""))


def patterns(maker: Any, fund: Any) -> Iterator[tuple[Any, Any]]:
    """For each day of a month a loan that was paid out on it: one paid back on its days, and one late since April."""
    from jump.base import clock
    from jump.engines.finance.models import Contract

    for day in range(30):
        pair = []
        for until in (NIGHT - timedelta(days=1), date(2004, 4, 30)):
            lent_on = date(2003, 11, 30) + timedelta(days=day)
            clock.pin(lent_on)
            ref = maker.running_loan(fund, on=lent_on, penalty_percent="2", penalty_after_days=7)
            row = Contract.objects.get(ref=ref)
            for due_on in row.instalments.filter(due_on__lte=until).values_list("due_on", flat=True):
                clock.pin(due_on)
                maker.repay(ref, MONTHLY, due_on)
            pair.append(row)
        yield pair[0], pair[1]


def copied(row: Any, **changed: Any) -> Any:
    held = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{**held, "id": None, **changed})


def clone(found: list[tuple[Any, Any]]) -> None:
    """Write the rows of `LOANS` loans like these."""
    from jump.engines.finance.models import Contract

    children = {
        row.pk: [(kind, list(model.objects.filter(contract=row))) for model, kind in models_of_loans()]
        for pair in found
        for row in pair
    }
    for start in range(0, LOANS, BATCH):
        numbers = range(start, min(start + BATCH, LOANS))
        like = [found[number % 30][number % SHARE_LATE == 0] for number in numbers]
        rows = [
            copied(row, ref=f"ctr-B{number:07}", key=f"bench-{number}", party=f"grp-B{number:07}")
            for row, number in zip(like, numbers, strict=True)
        ]
        Contract.objects.bulk_create(rows)
        for at, (model, kind) in enumerate(models_of_loans()):
            made = []
            for row, pattern, number in zip(rows, like, numbers, strict=True):
                for turn, child in enumerate(children[pattern.pk][at][1]):
                    own = {"ref": f"{kind}-{turn}{number:07}", "key": f"{kind}-{number}-{turn}"} if kind else {}
                    made.append(copied(child, contract_id=row.pk, **own, **({"receipt": ""} if kind == "rep" else {})))
            model.objects.bulk_create(made)


def settle() -> None:
    """What a database finds out for itself in time: how many rows its tables hold."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def seconds(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    count = work()
    return time.perf_counter() - began, count


@pytest.mark.django_db(transaction=True)
def test_a_night_of_many_loans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One night in which nobody whose payment is due has paid; then every plain loan, and late ones, are looked at."""
    from django.db import connection

    from jump.base import clock
    from jump.engines.finance import api as finance
    from jump.engines.finance.models import LoanStanding
    from tests.engines.finance.makers import SYSTEM, FundMaker, declare_places, install_products

    clock.pin(date(2003, 11, 1))
    declare_places()
    install_products(tmp_path)
    maker = FundMaker()
    maker.rate()
    found = list(patterns(maker, maker.fund(10**10)))
    clock.pin(NIGHT)
    finance.age_loans(SYSTEM, on=NIGHT - timedelta(days=1))
    clone(found)
    settle()

    touched = LoanStanding.objects.filter(changes_on__lte=NIGHT).count()
    night, aged = seconds(lambda: finance.age_loans(SYSTEM, on=NIGHT))
    assert aged == touched
    plain = LoanStanding.objects.filter(penalty_minor=0)
    plain.update(changes_on=NIGHT, as_of=NIGHT - timedelta(days=1))
    many, plain_aged = seconds(lambda: finance.age_loans(SYSTEM, on=NIGHT))
    late = LoanStanding.objects.filter(penalty_minor__gt=0).order_by("pk")[:1_000]
    LoanStanding.objects.filter(pk__in=late.values("pk")).update(changes_on=NIGHT)
    single, late_aged = seconds(lambda: finance.age_loans(SYSTEM, on=NIGHT))
    with capsys.disabled():
        print(
            f"\nthe night of {LOANS:,} loans, {connection.vendor}: {touched:,} touched, {night:.2f} s, a million in "
            f"{night / LOANS * 1_000_000:,.0f} s (limit {LIMIT_SECONDS}); plain loans {plain_aged / many:,.0f} a "
            f"second, a million in {many / plain_aged * 1_000_000:,.0f} s; exactly {late_aged / single:,.0f} a second"
        )
    assert plain_aged >= LOANS * (SHARE_LATE - 1) // SHARE_LATE
    assert night / LOANS * 1_000_000 <= LIMIT_SECONDS
