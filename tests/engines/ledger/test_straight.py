"""PostgreSQL books one plain entry in one journey, and the books are the same as by the long way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from jump.base.actors import Actor
from jump.base.refs import deterministic_refs, new_refs
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.models import Balance, Entry, Movement
from jump.engines.ledger.models import Line as LineRow
from jump.engines.ledger.models.functions import functions_sql
from jump.engines.ledger.models.guards import missing_guards
from jump.engines.ledger.services.booking import Draft
from jump.engines.ledger.services.straight import book_straight
from tests.engines.ledger.makers import DAY, Books, Pay, close_and_seal, open_books, putting_in

ODD = 'a "quoted" \\ {word}, NULL\nand more'


@pytest.fixture(autouse=True)
def _postgresql_alone(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("database") != "postgres":
        pytest.skip("only PostgreSQL has functions; on SQLite there is no journey to save")


def said(*lines: ledger.Line, key: str = "in-1", memo: str = "Contribution", on: date = DAY) -> ledger.Posting:
    return ledger.Posting(memo, on, lines, Ref("ctr-00000001"), key)


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_one_journey_to_the_database_and_durable(actor: Actor) -> None:
    put_in = putting_in(open_books(actor), actor)
    put_in(500)
    with CaptureQueriesContext(connection) as asked:
        put_in(500, key="in-2")
    assert len(asked) == 1
    assert "ledger_post(" in asked[0]["sql"]


def test_inside_a_transaction_an_entry_is_a_savepoint_and_keeps_the_commit_durable(books: Books, put_in: Pay) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO OFF")
        with CaptureQueriesContext(connection) as asked:
            put_in(500)
        assert [sql.split()[0] for sql in (one["sql"] for one in asked)] == ["SAVEPOINT", "SET", "SELECT", "RELEASE"]
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


def test_the_call_alone_makes_its_transaction_durable(books: Books, actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO OFF")
        cursor.execute(
            "SELECT number FROM ledger_post(%s, '', %s, now(), '', '', '', '', '', '', NULL, '', '{}', '{}', '{}', "
            "'{}', '{}', NULL)",
            [books.ref, DAY],
        )
        assert cursor.fetchone() == (None,)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_thousandth_entry_reads_no_more_rows_than_the_tenth(actor: Actor) -> None:
    """Plans are made while a new database has no statistics: none of them may lead through all entries of a book."""
    books = open_books(actor)
    for number in range(40):
        ledger.open_account(actor, book_ref=books.ref, code=f"own:{number}", title="Own", kind="asset", unit="THB")
    put_in, read = putting_in(books, actor), []

    def so_far() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables "
                "WHERE relname IN ('ledger_entry', 'ledger_account', 'ledger_line')"
            )
            return int(cursor.fetchone()[0] or 0)

    for number in range(300):
        with transaction.atomic():
            before = so_far()
            put_in(500, key=f"in-{number}")
            read.append(so_far() - before)
    assert set(read[10:]) == {read[10]}
    assert read[10] < 20


def rows(book_ref: Ref) -> list[list[Any]]:
    """Everything that postings wrote in a book, without what differs by chance."""
    entries = Entry.objects.filter(book__ref=book_ref).order_by("id")
    lines = LineRow.objects.filter(entry__in=entries).order_by("entry_id", "position")
    entry_columns = ["occurred_on", "month", "memo", "source", "key", "by", "reverses_id", "value_on"]
    line_columns = [
        "entry__key",
        "position",
        "account__code",
        "occurred_on",
        "amount_minor",
        *(f"label_{label}" for label in ledger.LABELS),
    ]
    return [
        list(entries.values_list(*entry_columns)),
        list(lines.values_list(*line_columns)),
        list(
            Balance.objects.filter(account__book__ref=book_ref).order_by("account__code").values_list("balance_minor")
        ),
        list(
            Movement.objects.filter(account__book__ref=book_ref)
            .order_by("account__code", "month")
            .values_list("account__code", "month", "debit_minor", "credit_minor")
        ),
    ]


def postings(books: Books) -> list[ledger.Posting]:
    labels = {"line": "1.2", "place": ODD, "type": "grant"}
    return [
        said(ledger.Line(books.cash, 500), ledger.Line(books.capital, -500)),
        said(
            ledger.Line(books.cash, -90, labels),
            ledger.Line(books.spent, 100, {"activity": "well"}),
            ledger.Line(books.cash, -10, unit="THB"),
            key="out-1",
            memo=ODD,
            on=date(2004, 7, 1),
        ),
        ledger.Posting(
            "Late",
            date(2004, 8, 1),
            (ledger.Line(books.bags, 3), ledger.Line(books.harvest, -3, {})),
            Ref(""),
            "bags",
            date(2003, 2, 1),
        ),
    ]


def test_the_books_are_the_same_as_by_the_long_way(books: Books, actor: Actor) -> None:
    other = open_books(actor, "other")
    straight = [book_straight(actor, books.ref, Draft(posting)) for posting in postings(books)]
    assert None not in straight
    long = [ledger.post_many(actor, book_ref=other.ref, postings=[posting])[0] for posting in postings(other)]

    assert rows(books.ref) == rows(other.ref)
    assert [
        [(line.account_code, line.amount_minor, line.unit, line.labels) for line in one.lines] for one in straight
    ] == [[(line.account_code, line.amount_minor, line.unit, line.labels) for line in one.lines] for one in long]
    for made in straight:
        assert made is not None
        assert ledger.entry(made.ref) == made
    connection.check_constraints()
    assert ledger.verify() == []


def test_a_seed_gives_the_same_references_by_either_way(books: Books, actor: Actor, put_in: Pay) -> None:
    with deterministic_refs(7):
        first, second = new_refs("ety", 1)[0], new_refs("ety", 1)[0]
    put_in(500, key="before")
    with deterministic_refs(7):
        assert put_in(500).ref == first
        exchanged = ledger.post(
            actor,
            book_ref=books.ref,
            memo="Sold",
            occurred_on=DAY,
            lines=[
                ledger.Line(books.cash, 5),
                ledger.Line(books.capital, -5),
                ledger.Line(books.bags, 1),
                ledger.Line(books.harvest, -1),
            ],
            source_ref=Ref(""),
            key="two units: the long way",
        )
    assert exchanged.ref == second


def test_the_same_key_again_is_the_same_entry_and_other_content_is_refused(books: Books, put_in: Pay) -> None:
    first = put_in(500)
    assert put_in(500) == first
    with pytest.raises(ledger.KeyReused):
        put_in(501)
    assert ledger.balance(books.cash) == 500


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        (lambda b: [ledger.Line(b.cash, -1), ledger.Line(b.capital, 1)], ledger.BelowFloor),
        (lambda b: [ledger.Line(b.cash, 5), ledger.Line(b.capital, -4)], ledger.Unbalanced),
        (lambda b: [ledger.Line(b.cash, 5), ledger.Line(b.harvest, -5)], ledger.UnitMixed),
        (lambda b: [ledger.Line(b.cash, 5, unit="EUR"), ledger.Line(b.capital, -5)], ledger.OtherUnit),
        (lambda b: [ledger.Line(b.cash, 5, unit="THB"), ledger.Line(b.capital, -5, unit="EUR")], ledger.OtherUnit),
        (lambda b: [ledger.Line(b.cash, 5), ledger.Line(Ref('a","b'), -5)], ledger.AccountUnknown),
        (lambda b: [ledger.Line(b.cash, 5)], ledger.TooFewLines),
        (lambda b: [ledger.Line(b.cash, 5), ledger.Line(b.capital, -5), ledger.Line(b.spent, 0)], ledger.TooFewLines),
    ],
)
def test_what_is_not_plain_is_refused_by_name_and_nothing_moves(
    books: Books, actor: Actor, lines: Callable[[Books], list[ledger.Line]], refusal: type[Exception]
) -> None:
    asked = said(*lines(books))
    assert book_straight(actor, books.ref, Draft(asked)) is None
    with pytest.raises(refusal):
        ledger.post_many(actor, book_ref=books.ref, postings=[asked])
    assert not Entry.objects.exists()
    assert set(ledger.balances(books.ref).values()) == {0}
    connection.check_constraints()


def test_an_account_of_another_book_is_not_plain(books: Books, actor: Actor) -> None:
    other = open_books(actor, "other")
    asked = said(ledger.Line(books.cash, 5), ledger.Line(other.capital, -5))
    assert book_straight(actor, books.ref, Draft(asked)) is None
    assert book_straight(actor, Ref("bok-nowhere"), Draft(asked)) is None
    assert not Entry.objects.exists()


def begin_closing(actor: Actor, book_ref: Ref, month: int) -> None:
    ledger.begin_closing(actor, book_ref=book_ref, month=month)


@pytest.mark.parametrize(("month", "sealed"), [(200406, False), (200406, True), (200407, True)])
def test_a_month_that_is_not_open_is_left_to_the_long_way(books: Books, actor: Actor, month: int, sealed: bool) -> None:
    (close_and_seal if sealed else begin_closing)(actor, books.ref, month)
    asked = said(ledger.Line(books.cash, 5), ledger.Line(books.capital, -5))
    assert book_straight(actor, books.ref, Draft(asked)) is None
    if sealed:
        with pytest.raises(ledger.PeriodClosed):
            ledger.post_many(actor, book_ref=books.ref, postings=[asked])
    else:
        assert ledger.post_many(actor, book_ref=books.ref, postings=[asked])[0].by == actor.key


def test_what_a_hold_reserves_is_not_free_for_a_posting(books: Books, actor: Actor, put_in: Pay) -> None:
    put_in(500)
    ledger.place_hold(actor, account_ref=books.cash, amount_minor=400, purpose="Loan", source_ref=Ref(""), key="h-1")
    out = said(ledger.Line(books.cash, -101), ledger.Line(books.spent, 101), key="out-1")
    assert book_straight(actor, books.ref, Draft(out)) is None
    fits = said(ledger.Line(books.cash, -100), ledger.Line(books.spent, 100), key="out-2")
    assert book_straight(actor, books.ref, Draft(fits)) is not None
    assert ledger.balance(books.cash) == 400


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_by_eight_at_once_to_different_accounts_posts_once(actor: Actor) -> None:
    books = open_books(actor)
    accounts = [
        ledger.open_account(actor, book_ref=books.ref, code=f"m{n}", title="Member", kind="asset", unit="THB")
        for n in range(8)
    ]
    told: list[str] = []
    ready = threading.Barrier(8)

    def send(account: Ref) -> None:
        try:
            connection.ensure_connection()
            ready.wait(20)
            made = ledger.post(
                actor,
                book_ref=books.ref,
                memo="Sent",
                occurred_on=DAY,
                lines=[ledger.Line(account, 5), ledger.Line(books.capital, -5)],
                source_ref=Ref(""),
                key="once",
            )
            told.append(made.ref)
        except ledger.KeyReused:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(told) == 8
    assert told.count("refused") == 7
    assert [entry.ref for entry in Entry.objects.all()] == [one for one in told if one != "refused"]
    assert ledger.verify() == []


@pytest.mark.parametrize(
    "sql",
    [
        "DROP FUNCTION ledger_post",
        "ALTER FUNCTION ledger_post SECURITY DEFINER",
        "ALTER FUNCTION ledger_post RESET ALL",
        functions_sql("postgresql")[0].replace("IF is_plain IS NOT TRUE", "IF false"),
    ],
)
def test_a_function_that_somebody_changed_is_named_by_the_proof(books: Books, sql: str) -> None:
    assert missing_guards(connection) == []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql)
        assert missing_guards(connection) == ["ledger_post"]
        assert [problem.ref for problem in ledger.verify(books.ref)] == ["ledger_post"]
        transaction.set_rollback(True)
    assert missing_guards(connection) == []
