"""What the database itself refuses, whoever asks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, IntegrityError, connection, transaction

from jump.base.actors import Actor
from jump.base.refs import new_ref
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.models import Account, Balance, Batch, Book, Closing, Entry, Period
from jump.engines.ledger.models import Line as LineRow
from jump.engines.ledger.models.guards import check_guards, drop_sql, install_sql, missing_guards
from tests.engines.ledger.makers import DAY, Books, Pay

BY_HAND = [
    "UPDATE ledger_entry SET memo = 'another'",
    "DELETE FROM ledger_entry",
    "UPDATE ledger_line SET amount_minor = amount_minor * 2",
    "DELETE FROM ledger_line",
    "DELETE FROM ledger_closing",
    "UPDATE ledger_closing SET entry_ref = 'ety-00000000'",
    "UPDATE ledger_account SET unit = 'EUR'",
    "UPDATE ledger_account SET code = 'loans' WHERE code = 'cash'",
]


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("sql", BY_HAND)
def test_the_database_refuses_to_change_what_was_booked(books: Books, put_in: Pay, sql: str) -> None:
    put_in(500)
    assert refused(sql)
    assert ledger.balance(books.cash) == 500
    assert ledger.verify(books.ref) == []


# What each vendor has to go round row triggers.
ROUND_ABOUT = {
    "sqlite": "INSERT OR REPLACE INTO ledger_line SELECT * FROM ledger_line",
    "postgresql": "TRUNCATE ledger_line CASCADE",
}


def test_the_database_refuses_to_replace_or_to_empty_what_was_booked(books: Books, put_in: Pay) -> None:
    put_in(500)
    assert refused(ROUND_ABOUT[connection.vendor])
    assert ledger.proof(books.ref).lines == 2
    assert ledger.verify(books.ref) == []


def raw_entry(books: Books, amounts: list[int], *, closed: bool = True, day: date = DAY) -> None:
    """What a stranger with a connection might write."""
    ref = new_ref("ety")
    Batch.objects.create(ref=ref, closing_id=ref)
    entry = Entry.objects.create(
        ref=ref,
        book=Book.objects.get(ref=books.ref),
        occurred_on=day,
        month=day.year * 100 + day.month,
        recorded_at="2004-06-15T12:00:00Z",
        memo="by hand",
        source="",
        key=str(ref),
        by="stranger",
        content_sha256="",
        closing_id=ref,
    )
    accounts = list(Account.objects.filter(book__ref=books.ref, unit="THB").order_by("id"))
    for position, amount in enumerate(amounts, start=1):
        LineRow.objects.create(
            entry=entry, position=position, account=accounts[position - 1], occurred_on=day, amount_minor=amount
        )
    if closed:
        Closing.objects.create(entry_ref=ref)


@pytest.mark.parametrize("amounts", [[100, -99], [100], []])
def test_the_database_refuses_an_entry_that_does_not_balance_or_has_too_few_lines(
    books: Books, amounts: list[int]
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        raw_entry(books, amounts)
    assert ledger.proof(books.ref).entries == 0


def test_the_database_refuses_to_commit_an_entry_that_was_never_closed(books: Books) -> None:
    with transaction.atomic():
        raw_entry(books, [100, -100], closed=False)
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        transaction.set_rollback(True)
    assert ledger.proof(books.ref).entries == 0


def test_the_database_refuses_another_line_for_a_closed_entry(books: Books, put_in: Pay) -> None:
    put_in(500)
    entry = Entry.objects.get()
    account = Account.objects.get(ref=books.cash)
    with pytest.raises(DatabaseError), transaction.atomic():
        LineRow.objects.create(entry=entry, position=3, account=account, occurred_on=DAY, amount_minor=1)
    assert ledger.proof(books.ref).lines == 2


def test_the_database_refuses_an_entry_in_a_sealed_month(books: Books) -> None:
    Period.objects.create(
        book=Book.objects.get(ref=books.ref), month=200406, state="sealed", changed_at="2004-07-01T00:00:00Z", by="x"
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        raw_entry(books, [100, -100])
    assert refused("UPDATE ledger_period SET state = 'open'")
    assert refused("DELETE FROM ledger_period")
    assert ledger.proof(books.ref).entries == 0


def test_the_database_refuses_a_balance_below_its_floor(books: Books, put_in: Pay) -> None:
    put_in(500)
    account = Account.objects.get(ref=books.cash)
    with pytest.raises(IntegrityError), transaction.atomic():
        Balance.objects.filter(account=account).update(balance_minor=-1)
    assert ledger.balance(books.cash) == 500


def test_a_balance_that_somebody_moved_by_hand_is_reported_and_not_repaired(books: Books, put_in: Pay) -> None:
    put_in(500)
    Balance.objects.filter(account__ref=books.cash).update(balance_minor=501)

    (problem,) = ledger.verify(books.ref)
    assert (problem.code, problem.ref) == ("balance", books.cash)
    assert problem.text == "The balance says 501, the lines say 500."
    assert ledger.balance(books.cash) == 501


def test_a_guard_that_is_gone_is_named_by_the_check_and_by_the_proof(books: Books) -> None:
    assert missing_guards(connection) == []
    assert check_guards(databases=["default"]) == []
    gone = "ledger_line_no_update"
    sql = next(one for one in drop_sql(connection.vendor) if gone in one)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql)
        assert missing_guards(connection) == [gone]
        (found,) = [one for one in run_checks(tags=["database"], databases=["default"]) if one.id == "ledger.W001"]
        assert gone in found.msg
        assert [problem.ref for problem in ledger.verify(books.ref)] == [gone]
        transaction.set_rollback(True)
    assert missing_guards(connection) == []


def test_the_guards_can_be_taken_away_and_put_back_by_a_migration(books: Books, put_in: Pay) -> None:
    put_in(500)
    with connection.cursor() as cursor:
        for sql in drop_sql(connection.vendor):
            cursor.execute(sql)
        assert len(missing_guards(connection)) > 10
        for sql in install_sql(connection.vendor):
            cursor.execute(sql)
    assert missing_guards(connection) == []
    assert refused(BY_HAND[0])


def tampered(sql: str, lifted: Callable[[Any], Any]) -> list[str]:
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute(sql)
    return sorted({problem.code for problem in ledger.verify()})


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("UPDATE ledger_entry SET memo = 'another' WHERE \"key\" = 'in-2'", ["content"]),
        ("UPDATE ledger_line SET label_source = 'other' WHERE amount_minor > 0", ["content"]),
        (
            "UPDATE ledger_line SET amount_minor = 7 WHERE amount_minor = 2",
            ["balance", "content", "month", "unbalanced"],
        ),
        ("UPDATE ledger_link SET digest = 'x' WHERE position = 2", ["chain"]),
        ("DELETE FROM ledger_link WHERE position = 2", ["chain"]),
    ],
)
def test_the_proof_finds_what_a_stranger_changed_behind_the_guards(
    books: Books, put_in: Pay, sql: str, codes: list[str]
) -> None:
    from tests.conftest import guards_lifted

    for number in (1, 2, 3):
        put_in(number, key=f"in-{number}")
    ledger.seal_chain()
    assert ledger.verify() == []
    connection.check_constraints()
    with transaction.atomic():
        assert tampered(sql, guards_lifted) == codes
        transaction.set_rollback(True)


def test_a_reference_is_kept_and_no_name(actor: Actor, books: Books) -> None:
    """A memo can never be erased: the ledger has no column for a name."""
    columns = {field.name for model in (Entry, LineRow, Account) for field in model._meta.fields}
    assert not columns & {"name", "person", "party", "given_name"}
    assert Ref(books.ref).is_well_formed
