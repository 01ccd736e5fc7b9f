"""Sealed months, late facts, and the file by which a donor checks the books alone."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from jump.base.actors import Actor, Grant
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line
from tests.engines.ledger.makers import Books, Pay, close_and_seal

SEALER = Actor(user_id=7, name="Coordinator", grants=(Grant("programme_coordinator", "jump/"),))
MAY, JUNE, JULY = date(2004, 5, 20), date(2004, 6, 15), date(2004, 7, 1)


@pytest.fixture
def sealed(books: Books, put_in: Pay) -> list[ledger.SealView]:
    put_in(100, key="may", on=MAY)
    put_in(200, key="june", on=JUNE)
    put_in(300, key="july", on=JULY)
    close_and_seal(SEALER, books.ref, 200405)
    close_and_seal(SEALER, books.ref, 200406)
    return ledger.seals(books.ref)


def test_each_sealed_month_has_a_root_that_rests_on_the_one_before(sealed: list[ledger.SealView], books: Books) -> None:
    may, june = sealed
    assert (may.month, may.entries, may.position) == (200405, 1, 3)
    assert (june.month, june.entries, june.position) == (200406, 1, 3)
    assert june.previous == may.root
    assert len({may.root, june.root, may.previous}) == 3
    assert ledger.verify(books.ref) == []
    ledger.seal_period(SEALER, book_ref=books.ref, month=200406)  # sealed is sealed
    assert ledger.seals(books.ref) == sealed


def test_months_are_sealed_in_their_order(books: Books, put_in: Pay) -> None:
    put_in(100, key="may", on=MAY)
    put_in(200, key="june", on=JUNE)
    with pytest.raises(ledger.EarlierMonthOpen) as refusal:
        close_and_seal(SEALER, books.ref, 200406)
    assert refusal.value.facts == {"month": "2004-06", "earlier": "2004-05"}
    assert ledger.period_state(books.ref, 200406) == "closing"
    assert ledger.seals(books.ref) == []


@pytest.mark.parametrize("on", [MAY, JUNE, date(2003, 1, 1)])
def test_nothing_is_booked_in_a_sealed_month_or_before_it(
    sealed: list[ledger.SealView], books: Books, put_in: Pay, on: date
) -> None:
    with pytest.raises(ledger.PeriodClosed) as refusal:
        put_in(5, key="late", on=on)
    assert refusal.value.code == "ledger.period_closed"
    assert refusal.value.facts == {"month": f"{on:%Y-%m}", "state": "sealed"}
    assert ledger.balance(books.cash) == 600


def test_a_late_fact_is_booked_today_with_its_true_day(
    sealed: list[ledger.SealView], books: Books, actor: Actor
) -> None:
    entry = ledger.post(
        actor,
        book_ref=books.ref,
        memo="Receipt found in a drawer",
        occurred_on=JULY,
        value_on=MAY,
        lines=[Line(books.cash, 50), Line(books.capital, -50)],
        source_ref=Ref("ctr-00000001"),
        key="late",
    )
    assert (ledger.entry(entry.ref).occurred_on, ledger.entry(entry.ref).value_on) == (JULY, MAY)
    assert ledger.balance(books.cash, MAY) == 100
    assert ledger.value_balance(books.cash, MAY) == 150
    assert ledger.value_balance(books.cash, JULY) == ledger.balance(books.cash, JULY) == 650
    assert ledger.seals(books.ref) == sealed
    assert ledger.verify(books.ref) == []


def test_a_month_that_does_not_prove_itself_is_not_sealed(books: Books, put_in: Pay) -> None:
    from jump.engines.ledger.models import Balance

    put_in(100, key="may", on=MAY)
    Balance.objects.filter(account__ref=books.cash).update(balance_minor=101)
    with pytest.raises(ledger.ProofFailed) as refusal:
        close_and_seal(SEALER, books.ref, 200405)
    assert refusal.value.facts["problems"] == 1
    assert ledger.seals(books.ref) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_seal SET root = 'x'",
        "DELETE FROM ledger_seal",
        "UPDATE ledger_period SET state = 'open' WHERE state = 'sealed'",
    ],
)
def test_the_database_refuses_to_change_a_seal(sealed: list[ledger.SealView], sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


# --- the file alone -------------------------------------------------------------------------------------------


def written(books: Books) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger.export_chain(books.ref)]


def checked(rows: list[dict[str, Any]], root: str = "") -> ledger.FileProof:
    return ledger.verify_file((json.dumps(row) for row in rows), root=root)


def test_the_exported_file_proves_itself_without_the_database(
    sealed: list[ledger.SealView], books: Books, put_in: Pay
) -> None:
    put_in(5, key="after", on=JULY)
    found = checked(written(books), root=sealed[0].root)
    assert (found.books, found.entries, found.lines, found.not_linked, found.problems) == (1, 4, 8, 1, ())
    assert [root for _book, _month, root in found.roots] == [seal.root for seal in sealed]


@pytest.mark.parametrize("what", ["amount", "memo", "gone", "order", "seal", "sum", "root"])
def test_whatever_is_changed_in_the_file_is_found(sealed: list[ledger.SealView], books: Books, what: str) -> None:
    rows = written(books)
    entries = [row for row in rows if "entry" in row]
    root = ""
    if what == "amount":
        entries[0]["lines"][0][1] += 1
        entries[0]["lines"][1][1] -= 1
    elif what == "memo":
        entries[1]["memo"] = "another"
    elif what == "gone":
        rows.remove(entries[1])
    elif what == "order":
        entries[0]["position"], entries[1]["position"] = 2, 1
    elif what == "seal":
        next(row for row in rows if "seal" in row)["root"] = "0" * 64
    elif what == "sum":
        entries[0]["lines"][0][1] += 1
    else:
        root = "f" * 64
    codes = {problem.code for problem in checked(rows, root).problems}
    expected = {
        "amount": {"content", "chain", "seal"},
        "memo": {"content", "chain"},
        "gone": {"chain", "seal"},
        "order": {"chain"},
        "seal": {"seal"},
        "sum": {"content", "chain", "seal", "unbalanced"},
        "root": {"root"},
    }
    assert codes == expected[what]


def test_a_file_made_up_anew_is_found_by_the_root_noted_down(
    sealed: list[ledger.SealView], books: Books, put_in: Pay
) -> None:
    """A forger who works out every digest again cannot make the old root."""
    noted = sealed[0].root
    rows = [row for row in written(books) if "seal" not in row]
    assert checked(rows).problems == ()
    assert [problem.code for problem in checked(rows, noted).problems] == ["root"]


def test_a_file_that_is_none_is_said_to_be_none() -> None:
    assert [one.code for one in ledger.verify_file(["hello\n"]).problems] == ["unreadable", "empty"]
