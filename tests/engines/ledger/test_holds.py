"""Holds: an amount that is spoken for counts against what is free, and can never be promised twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from jump.base import clock
from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line
from jump.engines.ledger.models import Balance, Hold, HoldMove
from tests.engines.ledger.arena import Arena
from tests.engines.ledger.makers import DAY, Books, Pay

SOURCE = Ref("ctr-00000001")


def place(actor: Actor, books: Books, amount_minor: int, key: str = "h-1", **more: Any) -> ledger.HoldView:
    return ledger.place_hold(
        actor, account_ref=books.cash, amount_minor=amount_minor, purpose="Loan", source_ref=SOURCE, key=key, **more
    )


def pay_out(actor: Actor, books: Books, hold: ledger.HoldView, amount_minor: int, key: str = "out", **more: Any) -> Any:
    return ledger.post_hold(
        actor,
        hold_ref=hold.ref,
        memo="Pay-out",
        occurred_on=DAY,
        lines=[Line(books.spent, amount_minor), Line(books.cash, -amount_minor)],
        source_ref=SOURCE,
        key=key,
        **more,
    )


def test_what_is_reserved_is_not_free_for_anything_else(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(1_000)
    place(actor, books, 700)

    assert ledger.free(books.cash) == ledger.FreeView(1_000, 0, 700, 300)
    assert ledger.balance(books.cash) == 1_000
    with pytest.raises(ledger.BelowFloor) as refusal:
        place(actor, books, 301, key="h-2")
    assert refusal.value.facts == {
        "account": "cash", "held_minor": 300, "asked_minor": 301, "unit": "THB", "reserved_minor": 700,
    }  # fmt: skip
    with pytest.raises(ledger.BelowFloor):
        ledger.post(
            actor,
            book_ref=books.ref,
            memo="Rent",
            occurred_on=DAY,
            lines=[Line(books.spent, 301), Line(books.cash, -301)],
            source_ref=SOURCE,
            key="rent",
        )
    assert ledger.free(books.cash).free_minor == 300
    assert ledger.proof(books.ref).entries == 1
    assert ledger.verify(books.ref) == []


def test_a_hold_is_posted_whole_and_nothing_of_it_is_left(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(1_000)
    hold = place(actor, books, 1_000)
    entry = pay_out(actor, books, hold, 1_000)

    assert ledger.balance(books.cash) == 0
    assert ledger.hold(hold.ref).open_minor == 0
    assert ledger.free(books.cash) == ledger.FreeView(0, 0, 0, 0)
    assert pay_out(actor, books, hold, 1_000).ref == entry.ref
    assert [(move.kind, move.amount_minor) for move in HoldMove.objects.all()] == [("posted", 1_000)]
    assert ledger.verify(books.ref) == []


def test_a_part_is_posted_and_the_rest_stays_or_is_let_go(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(1_000)
    hold = place(actor, books, 900)
    pay_out(actor, books, hold, 400, key="first", keep_rest=True)
    assert (ledger.hold(hold.ref).open_minor, ledger.free(books.cash).free_minor) == (500, 100)

    pay_out(actor, books, hold, 100, key="second")
    assert (ledger.hold(hold.ref).open_minor, ledger.free(books.cash).free_minor) == (0, 500)
    with pytest.raises(ledger.HoldEnded) as refusal:
        pay_out(actor, books, hold, 1, key="third")
    assert refusal.value.facts == {"hold": hold.ref, "open_minor": 0, "asked_minor": 1, "unit": "THB"}
    assert ledger.balance(books.cash) == 500
    assert ledger.verify(books.ref) == []


def test_more_than_was_reserved_is_refused_and_the_hold_stays(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(1_000)
    hold = place(actor, books, 400)
    with pytest.raises(ledger.HoldEnded):
        pay_out(actor, books, hold, 401)
    with pytest.raises(ledger.Unbalanced):
        ledger.post_hold(
            actor,
            hold_ref=hold.ref,
            memo="odd",
            occurred_on=DAY,
            lines=[Line(books.spent, 99), Line(books.cash, -100)],
            source_ref=SOURCE,
            key="odd",
        )
    assert ledger.hold(hold.ref).open_minor == 400
    assert ledger.balance(books.cash) == 1_000
    assert ledger.verify(books.ref) == []


def test_a_hold_let_go_is_free_again_and_done_twice_is_done_once(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(1_000)
    hold = place(actor, books, 600)
    ledger.void_hold(actor, hold_ref=hold.ref)
    assert ledger.void_hold(actor, hold_ref=hold.ref).open_minor == 0
    assert ledger.free(books.cash).free_minor == 1_000
    assert ledger.holds(books.cash) == []
    assert HoldMove.objects.count() == 1


def test_a_hold_whose_time_is_over_counts_for_nothing(
    actor: Actor, books: Books, put_in: Pay, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(1_000)
    now = clock.now()
    hold = place(actor, books, 800, lapses_at=now + timedelta(days=30))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=31))
    assert ledger.free(books.cash).free_minor == 1_000
    with pytest.raises(ledger.HoldEnded):
        pay_out(actor, books, hold, 800)
    place(actor, books, 900, key="h-2")
    assert ledger.lapse_holds() == 0  # the new hold has ended the old one already
    assert ledger.hold(hold.ref).open_minor == 0
    assert ledger.verify(books.ref) == []


def test_the_same_key_reserves_once_and_with_another_amount_is_refused(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(1_000)
    hold = place(actor, books, 300)
    assert place(actor, books, 300) == hold
    with pytest.raises(ledger.KeyReused) as refusal:
        place(actor, books, 301)
    assert refusal.value.facts == {"key": "h-1", "hold": hold.ref}
    assert ledger.free(books.cash).reserved_minor == 300


def test_an_account_without_a_least_amount_takes_no_hold(actor: Actor, books: Books) -> None:
    with pytest.raises(ledger.NoFloor) as refusal:
        ledger.place_hold(actor, account_ref=books.spent, amount_minor=1, purpose="x", source_ref=SOURCE, key="h")
    assert (refusal.value.code, refusal.value.facts) == ("ledger.no_floor", {"account": "spent"})
    assert Hold.objects.count() == 0


RAW = [
    "UPDATE ledger_hold SET amount_minor = 1",
    "UPDATE ledger_hold SET open_minor = 1",
    "DELETE FROM ledger_hold",
    "DELETE FROM ledger_holdmove",
    "UPDATE ledger_holdmove SET amount_minor = 1",
    "UPDATE ledger_balance SET reserved_minor = 1001",
]


@pytest.mark.parametrize("sql", RAW)
def test_the_database_refuses_to_change_a_hold_or_to_reserve_too_much(
    actor: Actor, books: Books, put_in: Pay, sql: str
) -> None:
    put_in(1_000)
    hold = place(actor, books, 900)
    pay_out(actor, books, hold, 300, keep_rest=True)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert ledger.free(books.cash) == ledger.FreeView(700, 0, 600, 100)
    assert ledger.verify(books.ref) == []


def test_a_stranger_cannot_place_a_hold_on_more_than_is_free(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(1_000)
    pk = Balance.objects.values_list("pk", flat=True).get(account__ref=books.cash)
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.create(
            account_id=pk, amount_minor=1_001, open_minor=1_001, purpose="x", key="x", placed_at=clock.now(), by="x"
        )
    assert ledger.free(books.cash).free_minor == 1_000


# --- two people at once, and a process that dies --------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def arena(request: pytest.FixtureRequest, tmp_path: Path) -> Arena:
    if connection.vendor == "postgresql":
        pytest.skip("brings both databases itself; runs in the round on SQLite")
    if request.param == "sqlite":
        return Arena(tmp_path).prepare()
    make_cluster: Callable[..., Any] = request.getfixturevalue("make_cluster")
    return Arena(tmp_path, make_cluster(durable=True).address).prepare()


def test_processes_that_reserve_at_once_never_promise_more_than_there_is(arena: Arena) -> None:
    """Four processes want 40 times 100 of 1,000 each, and post half of what they get: 10 are given, never 11."""
    arena.run("post", arena.book, "10", "in")  # ten times 100 in cash
    running = [arena.start("reserve", arena.book, str(number)) for number in range(4)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready", process.communicate()[1][-3000:]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    given = refused = 0
    for process in running:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err[-3000:]
        told = json.loads(out.strip().splitlines()[-1])
        given, refused = given + told["given"], refused + told["refused"]
    assert (given, refused) == (10, 150)
    proof = arena.prove()
    assert proof["problems"] == []
    assert proof["free"]["held_minor"] == proof["balances"]["cash"]
    assert proof["free"]["free_minor"] == 0


def test_a_process_killed_between_holds_leaves_each_hold_whole_or_not_at_all(arena: Arena) -> None:
    arena.run("post", arena.book, "10", "in")
    process = arena.start("hold", arena.book, "1000", "k")
    assert process.stdout is not None
    confirmed = [process.stdout.readline().strip() for _ in range(60)]
    process.kill()
    process.communicate(timeout=60)
    assert all(confirmed)
    proof = arena.prove()
    assert proof["problems"] == []
    assert proof["free"]["free_minor"] + proof["free"]["reserved_minor"] == proof["balances"]["cash"]
    arena.run("hold", arena.book, "70", "k")  # the same keys go on where it stopped
    assert arena.prove()["problems"] == []


def test_the_time_of_a_hold_must_lie_ahead(actor: Actor, books: Books, put_in: Pay) -> None:
    from jump.base.refusals import BadInput

    put_in(1_000)
    with pytest.raises(BadInput):
        place(actor, books, 1, lapses_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert ledger.free(books.cash).reserved_minor == 0
