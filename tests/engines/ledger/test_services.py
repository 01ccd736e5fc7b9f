"""What posting promises."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from jump.base.actors import Actor, Grant
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line, Posting
from tests.engines.ledger.makers import DAY, Books, Pay, close_and_seal, open_books

SOURCE = Ref("ctr-00000001")


def nothing_moved(books: Books) -> bool:
    return set(ledger.balances(books.ref).values()) == {0} and ledger.proof(books.ref).entries == 0


@pytest.mark.covers("RLF-06")
def test_an_entry_moves_each_account_by_its_line_and_the_book_sums_to_zero(books: Books, put_in: Pay) -> None:
    entry = put_in(125_000)

    assert [(line.account_code, line.amount_minor) for line in entry.lines] == [
        ("cash", 125_000),
        ("capital:donor", -125_000),
    ]
    assert ledger.balance(books.cash) == 125_000
    assert ledger.balance(books.capital) == -125_000
    assert sum(ledger.balances(books.ref).values()) == 0
    assert ledger.entry(entry.ref) == entry
    assert ledger.verify(books.ref) == []
    connection.check_constraints()


@pytest.mark.covers("RLF-06")
def test_an_entry_that_does_not_sum_to_zero_is_refused_and_nothing_is_booked(actor: Actor, books: Books) -> None:
    with pytest.raises(ledger.Unbalanced) as refusal:
        ledger.post(
            actor,
            book_ref=books.ref,
            memo="odd",
            occurred_on=DAY,
            lines=[Line(books.cash, 100), Line(books.capital, -99)],
            source_ref=SOURCE,
            key="odd",
        )

    assert refusal.value.facts == {"unit": "THB", "difference_minor": 1}
    assert nothing_moved(books)


def test_baht_and_bags_are_never_added_to_each_other(actor: Actor, books: Books) -> None:
    with pytest.raises(ledger.UnitMixed) as refusal:
        ledger.post(
            actor,
            book_ref=books.ref,
            memo="mixed",
            occurred_on=DAY,
            lines=[Line(books.cash, 100), Line(books.harvest, -100)],
            source_ref=SOURCE,
            key="mixed",
        )

    assert refusal.value.facts == {"units": "THB, bag"}
    assert nothing_moved(books)


def test_one_entry_may_move_two_units_when_each_sums_to_zero(actor: Actor, books: Books) -> None:
    ledger.post(
        actor,
        book_ref=books.ref,
        memo="harvest and capital",
        occurred_on=DAY,
        lines=[Line(books.cash, 700), Line(books.capital, -700), Line(books.bags, 12), Line(books.harvest, -12)],
        source_ref=SOURCE,
        key="both",
    )

    assert ledger.balance(books.bags) == 12
    assert ledger.verify(books.ref) == []


@pytest.mark.parametrize("lines", [[], [("cash", 5)], [("cash", 0), ("capital", 0)]])
def test_an_entry_needs_two_lines_that_are_not_zero(actor: Actor, books: Books, lines: list[tuple[str, int]]) -> None:
    with pytest.raises(ledger.TooFewLines):
        ledger.post(
            actor,
            book_ref=books.ref,
            memo="short",
            occurred_on=DAY,
            lines=[Line(getattr(books, name), amount) for name, amount in lines],
            source_ref=SOURCE,
            key="short",
        )
    assert nothing_moved(books)


def test_the_same_key_and_content_post_once(books: Books, put_in: Pay) -> None:
    first = put_in(500, key="slip-7")
    again = put_in(500, key="slip-7")

    assert again == first
    assert ledger.balance(books.cash) == 500
    assert ledger.proof(books.ref).entries == 1


def test_the_same_key_with_another_amount_is_refused(books: Books, put_in: Pay) -> None:
    first = put_in(500, key="slip-7")

    with pytest.raises(ledger.KeyReused) as refusal:
        put_in(501, key="slip-7")

    assert refusal.value.code == "ledger.key_reused"
    assert refusal.value.facts == {"key": "slip-7", "entry": first.ref}
    assert ledger.balance(books.cash) == 500


def test_cash_cannot_fall_below_its_floor(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(500)

    with pytest.raises(ledger.BelowFloor) as refusal:
        pay(actor, books, 501)

    assert refusal.value.facts == {"account": "cash", "held_minor": 500, "asked_minor": 501, "unit": "THB"}
    assert ledger.balance(books.cash) == 500
    assert ledger.balance(books.spent) == 0


def pay(actor: Actor, books: Books, amount_minor: int, key: str = "out", on: date = DAY) -> ledger.EntryView:
    return ledger.post(
        actor,
        book_ref=books.ref,
        memo="Seed",
        occurred_on=on,
        lines=[Line(books.spent, amount_minor), Line(books.cash, -amount_minor)],
        source_ref=SOURCE,
        key=key,
    )


def test_a_floor_holds_the_account_in_its_own_direction(actor: Actor, books: Books, put_in: Pay) -> None:
    """Capital grows by credits: a floor of 400 lets 100 of 500 go and not 101."""
    put_in(500)
    ledger.set_floor(actor, account_ref=books.capital, floor_minor=400)

    with pytest.raises(ledger.BelowFloor):
        put_in(-101, key="back")
    put_in(-100, key="back-100")
    assert ledger.balance(books.capital) == -400


def test_a_floor_above_what_is_held_is_refused(actor: Actor, books: Books, put_in: Pay) -> None:
    put_in(500)
    with pytest.raises(ledger.BelowFloor):
        ledger.set_floor(actor, account_ref=books.cash, floor_minor=501)
    assert ledger.account(books.ref, "cash").floor_minor == 0


@pytest.mark.covers("RLF-06")
def test_a_mistake_is_put_right_by_its_mirror_image_once(actor: Actor, books: Books, put_in: Pay) -> None:
    wrong = put_in(900)
    undone = ledger.reverse(actor, entry_ref=wrong.ref, why="wrong fund", on=DAY, key="undo-1")

    assert undone.reverses == wrong.ref
    assert ledger.entry(wrong.ref).reversed_by == undone.ref
    assert ledger.balance(books.cash) == 0
    assert ledger.proof(books.ref).entries == 2
    assert ledger.reverse(actor, entry_ref=wrong.ref, why="wrong fund", on=DAY, key="undo-1").ref == undone.ref
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(actor, entry_ref=wrong.ref, why="again", on=DAY, key="undo-2")
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(actor, entry_ref=undone.ref, why="undo the undoing", on=DAY, key="undo-3")
    assert ledger.proof(books.ref).entries == 2
    assert ledger.verify(books.ref) == []


def test_many_entries_are_all_booked_or_none(actor: Actor, books: Books) -> None:
    good = Posting("in", DAY, (Line(books.cash, 10), Line(books.capital, -10)), SOURCE, "k1")
    bad = Posting("in", DAY, (Line(books.cash, 10), Line(books.capital, -11)), SOURCE, "k2")

    with pytest.raises(ledger.Unbalanced):
        ledger.post_many(actor, book_ref=books.ref, postings=[good, bad])
    assert nothing_moved(books)

    made = ledger.post_many(actor, book_ref=books.ref, postings=[good, good])
    assert made[0].ref == made[1].ref
    assert ledger.balance(books.cash) == 10


def test_writing_a_hundred_entries_takes_as_many_statements_as_writing_one(
    actor: Actor, books: Books, django_assert_max_num_queries: object
) -> None:
    postings = [
        Posting("in", DAY, (Line(books.cash, n), Line(books.capital, -n)), SOURCE, f"k{n}") for n in range(1, 101)
    ]
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        ledger.post_many(actor, book_ref=books.ref, postings=postings)
    assert ledger.balance(books.cash) == 5050


def test_an_account_of_another_book_is_unknown_here(actor: Actor, books: Books) -> None:
    other = open_books(actor, "other")
    with pytest.raises(ledger.AccountUnknown):
        ledger.post(
            actor,
            book_ref=books.ref,
            memo="stray",
            occurred_on=DAY,
            lines=[Line(books.cash, 5), Line(other.capital, -5)],
            source_ref=SOURCE,
            key="stray",
        )
    assert nothing_moved(books)


def test_a_label_nobody_declared_is_refused(actor: Actor, books: Books) -> None:
    with pytest.raises(ledger.LabelUnknown):
        ledger.post(
            actor,
            book_ref=books.ref,
            memo="label",
            occurred_on=DAY,
            lines=[Line(books.cash, 5, {"colour": "red"}), Line(books.capital, -5)],
            source_ref=SOURCE,
            key="label",
        )
    assert nothing_moved(books)


# --- months -------------------------------------------------------------------------------------------------

SEALER = Actor(user_id=7, name="Coordinator", grants=(Grant("programme_coordinator", "jump/"),))
CLERK = Actor(user_id=8, name="Fund manager", grants=(Grant("fund_manager", "jump/"),))


def test_a_closing_month_takes_entries_from_those_who_may_seal_alone(books: Books, put_in: Pay) -> None:
    put_in(500)
    ledger.begin_closing(SEALER, book_ref=books.ref, month=200406)

    with pytest.raises(ledger.PeriodClosed) as refusal:
        pay(CLERK, books, 5)
    assert refusal.value.facts == {"month": "2004-06", "state": "closing"}
    pay(SEALER, books, 5)
    assert ledger.balance(books.cash) == 495
    pay(CLERK, books, 1, key="july", on=date(2004, 7, 1))


def test_a_sealed_month_takes_nothing_and_is_never_opened_again(books: Books, put_in: Pay) -> None:
    put_in(500)
    assert close_and_seal(SEALER, books.ref, 200406) == 1

    with pytest.raises(ledger.PeriodClosed):
        pay(SEALER, books, 5)
    with pytest.raises(ledger.PeriodClosed):
        ledger.reopen_period(SEALER, book_ref=books.ref, month=200406, why="please")
    assert ledger.balance(books.cash) == 500
    assert ledger.proof(books.ref).not_linked == 0


def test_who_closes_and_who_seals_are_two_people(books: Books, put_in: Pay) -> None:
    from jump.base.refusals import NotAllowed

    put_in(500)
    with pytest.raises(ledger.NotClosing):
        ledger.seal_period(SEALER, book_ref=books.ref, month=200406)
    with pytest.raises(NotAllowed):
        ledger.seal_period(CLERK, book_ref=books.ref, month=200406)
    assert ledger.period_state(books.ref, 200406) == "open"
    ledger.begin_closing(SEALER, book_ref=books.ref, month=200406)
    with pytest.raises(ledger.OtherPersonNeeded):
        ledger.seal_period(SEALER, book_ref=books.ref, month=200406)
    assert ledger.period_state(books.ref, 200406) == "closing"
    assert ledger.seals(books.ref) == []
    ledger.begin_closing(CLERK, book_ref=books.ref, month=200406)
    ledger.seal_period(SEALER, book_ref=books.ref, month=200406)
    assert ledger.period_state(books.ref, 200406) == "sealed"


# --- the chain ----------------------------------------------------------------------------------------------


def test_the_proof_says_how_many_entries_the_chain_does_not_hold_yet(books: Books, put_in: Pay) -> None:
    for number in range(3):
        put_in(100 + number, key=f"k{number}")
    assert ledger.proof(books.ref).not_linked == 3

    assert ledger.seal_chain() == 3
    assert ledger.seal_chain() == 0
    put_in(5, key="later")
    found = ledger.proof(books.ref)
    assert (found.entries, found.not_linked, found.problems) == (4, 1, ())


# --- invariants ---------------------------------------------------------------------------------------------

moves = st.lists(
    st.tuples(
        st.sampled_from(["in", "out", "grain"]), st.integers(1, 10**12), st.dates(date(2003, 1, 1), date(2005, 12, 31))
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.covers("RLF-06")
@given(moves=moves)
@pytest.mark.django_db
def test_whatever_is_posted_balances_equal_their_lines_on_every_day(moves: list[tuple[str, int, date]]) -> None:
    from django.db import transaction

    from jump.base import scopes
    from jump.base.actors import system_actor

    actor = system_actor("tests")
    scopes.forget_nodes()
    with transaction.atomic():
        books = open_books(actor)
        sides = {"in": ("cash", "capital"), "out": ("spent", "cash"), "grain": ("bags", "harvest")}
        expected = dict.fromkeys(("cash", "capital", "spent", "bags", "harvest"), 0)
        history = []
        for number, (what, amount, on) in enumerate(moves):
            to, source = sides[what]
            try:
                ledger.post(
                    actor,
                    book_ref=books.ref,
                    memo=what,
                    occurred_on=on,
                    lines=[Line(getattr(books, to), amount), Line(getattr(books, source), -amount)],
                    source_ref=SOURCE,
                    key=f"move-{number}",
                )
            except ledger.BelowFloor:
                assert what == "out"
                assert expected["cash"] < amount
                continue
            expected[to] += amount
            expected[source] -= amount
            history.append((on, to, source, amount))
        for name, total in expected.items():
            assert ledger.balance(getattr(books, name)) == total
        for as_of in {on for on, *_ in history}:
            cash = sum(a for on, to, _, a in history if on <= as_of and to == "cash") - sum(
                a for on, _, source, a in history if on <= as_of and source == "cash"
            )
            assert ledger.balance(books.cash, as_of) == cash
            trial = {row.code: row.balance_minor for row in ledger.trial_balance(books.ref, as_of)}
            assert trial["cash"] == cash
            assert sum(trial.values()) == 0
        assert ledger.verify(books.ref) == []
        transaction.set_rollback(True)
