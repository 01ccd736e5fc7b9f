"""Postings through the service beside the same rows written by hand, and eight writers for ten seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

DAY = date(2004, 6, 15)
ENTRIES = 300
BATCH = 5_000


def rate(work: Callable[[int], None], count: int = ENTRIES) -> float:
    """How often a second, after one that warms up."""
    work(-1)
    began = time.perf_counter()
    for number in range(count):
        work(number)
    return count / (time.perf_counter() - began)


@pytest.mark.django_db(transaction=True)
def test_postings_through_the_service_against_raw_sql(capsys: pytest.CaptureFixture[str]) -> None:
    """Raw: the same rows by hand, a statement each, in the same kind of transaction. The limit is a quarter of it."""
    from django.db import connection

    from jump.base.actors import system_actor
    from jump.base.db import write_transaction
    from jump.base.refs import new_ref
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger
    from jump.engines.ledger.models import Account, Book
    from tests.engines.ledger.makers import open_books

    actor = system_actor("bench")
    books = open_books(actor)
    book_id = Book.objects.values_list("id", flat=True).get()
    cash, capital = (Account.objects.values_list("id", flat=True).get(ref=ref) for ref in (books.cash, books.capital))

    def through_service(number: int) -> None:
        ledger.post(
            actor,
            book_ref=books.ref,
            memo="Contribution",
            occurred_on=DAY,
            lines=[ledger.Line(books.cash, 100), ledger.Line(books.capital, -100)],
            source_ref=Ref("ctr-00000001"),
            key=f"service-{number}",
        )

    def by_hand(number: int) -> None:
        ref = new_ref("ety")
        with write_transaction(durable=True), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_entry (ref, book_id, occurred_on, month, recorded_at, memo, source, key, by, "
                "content_sha256, closing_id) VALUES (%s, %s, %s, 200406, '2004-06-15 12:00:00', 'Contribution', "
                "'ctr-00000001', %s, 'bench', '', %s)",
                [ref, book_id, DAY.isoformat(), f"raw-{number}", ref],
            )
            cursor.execute("SELECT id FROM ledger_entry WHERE ref = %s", [ref])
            entry_id = cursor.fetchone()[0]
            for position, (account, amount) in enumerate(((cash, 100), (capital, -100)), start=1):
                cursor.execute(
                    "INSERT INTO ledger_line (entry_id, position, account_id, occurred_on, amount_minor, label_line, "
                    "label_place, label_stage, label_activity, label_source, label_type) "
                    "VALUES (%s, %s, %s, %s, %s, '', '', '', '', '', '')",
                    [entry_id, position, account, DAY.isoformat(), amount],
                )
                cursor.execute(
                    "UPDATE ledger_balance SET balance_minor = balance_minor + %s WHERE account_id = %s",
                    [amount, account],
                )
            cursor.execute("INSERT INTO ledger_closing (entry_ref) VALUES (%s)", [ref])

    raw, service = rate(by_hand), rate(through_service)
    lines = (ledger.Line(books.cash, 100), ledger.Line(books.capital, -100))
    postings = [
        ledger.Posting("Contribution", DAY, lines, Ref("ctr-00000001"), f"bulk-{number}") for number in range(BATCH)
    ]
    began = time.perf_counter()
    ledger.post_many(actor, book_ref=books.ref, postings=postings)
    bulk = BATCH / (time.perf_counter() - began)

    with capsys.disabled():
        print(
            f"\npostings a second, {connection.vendor}: service {service:,.0f}, raw SQL {raw:,.0f} in the same run, "
            f"ratio {service / raw:.2f} (limit 0.25); in sets of {BATCH:,}: {bulk:,.0f}"
        )
    assert service / raw >= 0.25
    assert bulk > 3 * service


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_eight_writers_for_ten_seconds(
    vendor: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """No error, sums zero, the slowest thread at least half the fastest. All share one account of cash."""
    from tests.engines.ledger.arena import Arena
    from tests.engines.ledger.test_concurrency import assert_fair_and_whole

    address = ""
    if vendor == "postgresql":
        make_cluster: Callable[..., Any] = request.getfixturevalue("make_cluster")
        address = make_cluster(durable=True).address
    arena = Arena(tmp_path, address).prepare()
    told = arena.race(processes=1, writers=8, seconds=10)
    with capsys.disabled():
        print(
            f"\neight writers, one shared account, 10 s, {vendor}: {sum(told['counts']) / 10:,.0f} entries a second, "
            f"slowest to fastest {min(told['counts'])} : {max(told['counts'])} (limit 1 : 2), "
            f"longest wait {told['longest_s']:.2f} s"
        )
    assert_fair_and_whole(arena, told)
