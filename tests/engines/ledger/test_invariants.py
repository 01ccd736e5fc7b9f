"""Whatever is done in whatever order: sums are nothing, balances are lines, holds are covered, the chain holds."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.base.actors import Actor, Grant, system_actor
from jump.base.refusals import Refusal
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line, Posting
from tests.engines.ledger.makers import Books, close_and_seal, open_books

SEALER = Actor(user_id=7, name="Coordinator", grants=(Grant("programme_coordinator", "jump/"),))
NOWHERE = Ref("")
months = st.integers(1, 6)
amounts = st.integers(1, 1_000)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("in"), months, amounts),
        st.tuples(st.just("out"), months, amounts),
        st.tuples(st.just("grain"), months, amounts),
        st.tuples(st.just("again"), months, amounts),
        st.tuples(st.just("reverse"), months, st.integers(0, 20)),
        st.tuples(st.just("hold"), months, amounts),
        st.tuples(st.just("use"), months, st.tuples(st.integers(0, 5), amounts, st.booleans())),
        st.tuples(st.just("void"), months, st.integers(0, 5)),
        st.tuples(st.just("link"), months, st.just(0)),
        st.tuples(st.just("seal"), months, st.just(0)),
        st.tuples(st.just("many"), months, st.integers(1, 5)),
    ),
    min_size=1,
    max_size=25,
)


class Course:
    """A book, and beside it what it should hold by plain addition."""

    def __init__(self, books: Books) -> None:
        self.actor = system_actor("tests")
        self.books = books
        self.replay: dict[str, int] = {}
        self.entries: list[ledger.EntryView] = []
        self.holds: list[Ref] = []
        self.sealed_to = 0

    def post(self, key: str, month: int, *lines: Line) -> None:
        posting = Posting(key, date(2004, month, 9), lines, NOWHERE, key)
        for entry in ledger.post_many(self.actor, book_ref=self.books.ref, postings=[posting]):
            self.count(entry)

    def count(self, entry: ledger.EntryView) -> None:
        if entry.ref in {one.ref for one in self.entries}:
            return
        assert entry.occurred_on.month > self.sealed_to
        self.entries.append(entry)
        for line in entry.lines:
            self.replay[line.account_code] = self.replay.get(line.account_code, 0) + line.amount_minor

    def take(self, number: int, what: str, month: int, value: Any) -> None:
        books, key = self.books, f"{what}-{number}"
        if what in ("in", "again"):
            self.post("again" if what == "again" else key, month, Line(books.cash, value), Line(books.capital, -value))
        elif what == "out":
            self.post(key, month, Line(books.spent, value), Line(books.cash, -value))
        elif what == "grain":
            self.post(key, month, Line(books.bags, value), Line(books.harvest, -value))
        elif what == "many":
            lines = (Line(books.cash, 3), Line(books.capital, -3))
            many = [Posting(key, date(2004, month, 2), lines, NOWHERE, f"{key}-{n}") for n in range(value * 60)]
            for entry in ledger.post_many(self.actor, book_ref=books.ref, postings=many):
                self.count(entry)
        elif what == "reverse" and value < len(self.entries):
            first = self.entries[value]
            self.count(ledger.reverse(self.actor, entry_ref=first.ref, why="x", on=date(2004, month, 3), key=key))
        elif what == "hold":
            held = ledger.place_hold(
                self.actor, account_ref=books.cash, amount_minor=value, purpose="x", source_ref=NOWHERE, key=key
            )
            self.holds.append(held.ref)
        elif what == "use" and value[0] < len(self.holds):
            self.count(
                ledger.post_hold(
                    self.actor,
                    hold_ref=self.holds[value[0]],
                    memo=key,
                    occurred_on=date(2004, month, 4),
                    lines=[Line(books.spent, value[1]), Line(books.cash, -value[1])],
                    source_ref=NOWHERE,
                    key=key,
                    keep_rest=value[2],
                )
            )
        elif what == "void" and value < len(self.holds):
            ledger.void_hold(self.actor, hold_ref=self.holds[value])
        elif what == "link":
            ledger.seal_chain(books.ref)
        elif what == "seal":
            close_and_seal(SEALER, books.ref, 200400 + month)
            self.sealed_to = max(self.sealed_to, month)


@pytest.mark.covers("RLF-06")
@given(steps=steps)
@pytest.mark.django_db
def test_whatever_is_done_in_whatever_order_the_books_prove_themselves(steps: list[tuple[str, int, Any]]) -> None:
    from django.db import transaction

    from jump.base import scopes

    scopes.forget_nodes()
    with transaction.atomic():
        course = Course(open_books(system_actor("tests")))
        books = course.books
        for number, (what, month, value) in enumerate(steps):
            before = ledger.balances(books.ref), ledger.free(books.cash), len(course.entries)
            try:
                course.take(number, what, month, value)
            except Refusal:
                assert (ledger.balances(books.ref), ledger.free(books.cash), len(course.entries)) == before
            free = ledger.free(books.cash)
            assert free.free_minor is not None
            assert free.free_minor >= 0
            assert free.reserved_minor == sum(hold.open_minor for hold in ledger.holds(books.cash))
        held = {code: amount for code, amount in ledger.balances(books.ref).items() if amount}
        assert held == {code: amount for code, amount in course.replay.items() if amount}
        for unit in ("THB", "bag"):
            rows = [row for row in ledger.trial_balance(books.ref) if row.unit == unit]
            assert sum(row.balance_minor for row in rows) == 0
        found = ledger.proof(books.ref)
        assert (found.problems, found.entries) == ((), len(course.entries))
        alone = ledger.verify_file(ledger.export_chain(books.ref))
        assert (alone.problems, alone.entries) == ((), len(course.entries))
        assert json.dumps([seal.root for seal in ledger.seals(books.ref)]) == json.dumps(
            [root for _book, _month, root in alone.roots]
        )
        transaction.set_rollback(True)
