"""A bank's statement beside the books: taken in whole, matched by people, reconciled by two; nothing moves by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock, scopes
from jump.base.actors import Actor, Grant
from jump.base.refusals import BadInput, NotAllowed, Refusal
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line, Stated
from jump.engines.ledger.models import BankLine, BankMatch, BankStatement, Entry, Reconciliation
from tests.engines.ledger.bank_files import COLUMNS, MAY, NUMBER, POINTS, Booked, camt
from tests.engines.ledger.makers import Books, open_books

GRACE = Actor(user_id=5, name="Grace", grants=(Grant("fund_manager", "jump/"),))
JOSE = Actor(user_id=6, name="Jose", grants=(Grant("national_coordinator", "jump/"),))
NOI = Actor(user_id=7, name="Noi", grants=(Grant("fund_manager", "other/"),))
DONOR = Actor(user_id=8, name="Donor", grants=(Grant("donor", "jump/"),))
END_OF_MAY = date(2004, 5, 31)

JUNE = (
    Booked("2004-06-02", "90.00", "CASH DEPOSIT RECEIPT 00912", "0602-0010"),
    Booked("2004-06-15", "110.00", "CASH DEPOSITS", "0615-0044"),
    Booked("2004-06-30", "0.75", "CREDIT INTEREST", "0630-0002"),
)


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    clock.pin(date(2004, 7, 5))


@pytest.fixture
def bank(books: Books, actor: Actor) -> Books:
    """A book whose May is: 1,000.00 came in, a tranche of 250.00 went out; the bank's fee of 1.50 nobody has booked."""
    ledger.open_account(actor, book_ref=books.ref, code="charges", title="Bank charges", kind="expense", unit="THB")
    ledger.open_account(actor, book_ref=books.ref, code="interest", title="Interest", kind="income", unit="THB")
    moved(books, actor, 1_000_00, date(2004, 5, 3), "seed")
    moved(books, actor, -250_00, date(2004, 5, 17), "tranche")
    return books


def moved(books: Books, actor: Actor, amount_minor: int, on: date, key: str, source: str = "ctr-00000001") -> str:
    """An entry on the bank's account; returns the key of its line there."""
    made = ledger.post(
        actor,
        book_ref=books.ref,
        memo=key,
        occurred_on=on,
        lines=[Line(books.cash, amount_minor), Line(books.capital, -amount_minor)],
        source_ref=Ref(source),
        key=key,
    )
    return f"{made.ref}:1"


def take(books: Books, data: bytes | None = None, **more: Any) -> tuple[ledger.BankStatementView, ...]:
    file = camt(MAY) if data is None else data
    return ledger.take_statement(GRACE, account_ref=books.cash, file_name="may.xml", data=file, **more)


def nothing_taken() -> bool:
    return not BankStatement.objects.exists() and not BankLine.objects.exists()


def codes(refusal: Any) -> list[str]:
    return [row["code"] for row in refusal.value.facts["rows"]]


def match_may(books: Books) -> None:
    """Confirm what is proposed, and have the fee booked by two people."""
    found = ledger.match_proposals(GRACE, account_ref=books.cash)
    ledger.confirm_matches(
        GRACE,
        account_ref=books.cash,
        pairs=[([one.ref for one in made.bank], [one.key for one in made.book]) for made in found],
    )
    for line in ledger.open_bank_lines(GRACE, account_ref=books.cash):
        made = ledger.prepare_bank_entry(GRACE, bank_line_ref=line.ref, other_code="charges", memo="Account fee")
        ledger.approve_bank_entry(JOSE, entry_ref=made)


def sign_may(books: Books) -> Ref:
    match_may(books)
    ref = ledger.prepare_reconciliation(GRACE, account_ref=books.cash, as_of=END_OF_MAY)
    ledger.sign_reconciliation(JOSE, reconciliation_ref=ref)
    return ref


# Taking in ----------------------------------------------------------------------------------------------


def test_a_statement_is_taken_in_with_its_balances_and_its_number_is_remembered(bank: Books) -> None:
    (taken,) = take(bank)
    assert (taken.number, taken.opens_on, taken.closes_on) == ("STMT-2004-05", date(2004, 5, 1), END_OF_MAY)
    assert (taken.opening_minor, taken.closing_minor, taken.lines_new, taken.lines_known) == (0, 748_50, 3, 0)
    account = ledger.bank_account(GRACE, bank.cash)
    assert (account.number, account.covered_to, account.open_bank) == (NUMBER, END_OF_MAY, 3)
    assert ledger.balance(bank.cash) == 750_00


def test_the_same_statement_is_refused_by_its_name_whatever_the_file(bank: Books) -> None:
    (taken,) = take(bank)
    for again in (camt(MAY), camt(MAY).replace(b"06:00:00", b"07:00:00"), camt(MAY, number="ANOTHER")):
        with pytest.raises(ledger.StatementKnown) as refusal:
            take(bank, again)
        assert refusal.value.facts["known"] == taken.ref
    assert BankStatement.objects.count() == 1
    assert BankLine.objects.count() == 3


def test_lines_that_come_again_in_another_statement_are_known_and_not_doubled(bank: Books) -> None:
    take(bank)
    longer = camt((*MAY[1:], JUNE[0]), opening="1000.00", since="2004-05-04", until="2004-06-02", number="ROLLING")
    (taken,) = take(bank, longer)
    assert (taken.lines_new, taken.lines_known) == (1, 2)
    assert BankLine.objects.count() == 4


def test_a_table_and_the_statement_in_xml_tell_the_same_lines(bank: Books) -> None:
    reading = ledger.read_head(GRACE, account_ref=bank.cash, data=POINTS).guess
    take(bank, POINTS, reading=reading)
    with pytest.raises(ledger.StatementKnown):
        take(bank)
    assert ledger.read_head(GRACE, account_ref=bank.cash, data=POINTS).guess == reading


def test_how_a_table_is_read_is_remembered_for_the_account(bank: Books) -> None:
    reading = ledger.read_head(GRACE, account_ref=bank.cash, data=COLUMNS).guess
    take(bank, COLUMNS, reading=replace(reading, dates="dmy"))
    assert ledger.read_head(GRACE, account_ref=bank.cash, data=COLUMNS).guess.dates == "dmy"
    more = COLUMNS.splitlines(keepends=True)[0] + b"02-Jun-2004,CASH,,90.00,838.50\n"
    (taken,) = take(bank, more)
    assert taken.lines_new == 1


def test_a_statement_that_does_not_begin_where_the_last_one_ended_is_refused(bank: Books) -> None:
    take(bank)
    july = camt(
        [Booked("2004-07-01", "5.00")], opening="800.00", since="2004-07-01", until="2004-07-04", number="STMT-2004-07"
    )
    with pytest.raises(ledger.StatementGap) as refusal:
        take(bank, july)
    assert refusal.value.facts["expected_minor"] == 748_50
    assert "800.00 THB" in refusal.value.sentence()
    assert BankStatement.objects.count() == 1


def test_an_earlier_statement_may_follow_if_it_leads_to_the_first(bank: Books) -> None:
    take(bank, camt(JUNE, opening="748.50", since="2004-06-01", until="2004-06-30", number="STMT-2004-06"))
    with pytest.raises(ledger.StatementGap):
        take(bank, camt(MAY, opening="0.01"))
    take(bank)
    assert ledger.bank_account(GRACE, bank.cash).starts_on == date(2004, 5, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<Document>", "ledger.broken"),
        (camt(MAY, currency="USD"), "ledger.wrong_currency"),
        (camt(MAY, closing="700.00"), "ledger.sum_differs"),
        (b"\x00\x01", "ledger.not_a_table"),
        (b"%PDF-1.7 not a table", "ledger.no_head"),
        (POINTS, "ledger.column_needed"),
    ],
)
def test_of_a_file_with_a_mistake_nothing_is_taken_in(bank: Books, data: bytes, code: str) -> None:
    with pytest.raises(ledger.StatementRefused) as refusal:
        take(bank, data)
    assert code in codes(refusal)
    assert nothing_taken()


def test_the_statement_of_another_account_is_refused(bank: Books) -> None:
    take(bank)
    with pytest.raises(ledger.StatementRefused) as refusal:
        take(bank, camt(JUNE, opening="748.50", since="2004-06-01", until="2004-06-30", number="N", account="DE02"))
    assert codes(refusal) == ["ledger.wrong_account"]
    assert BankStatement.objects.count() == 1


def test_fifty_megabytes_are_refused_by_their_size(bank: Books) -> None:
    with pytest.raises(ledger.StatementTooLarge) as refusal:
        take(bank, b"<" + b"x" * 50_000_000)
    assert refusal.value.facts == {"size_mb": 51, "max_mb": 10}
    assert nothing_taken()


@pytest.mark.parametrize(("who", "error"), [(NOI, ledger.AccountUnknown), (DONOR, NotAllowed)])
def test_who_may_not_takes_nothing_in(bank: Books, who: Actor, error: type[Exception]) -> None:
    with pytest.raises(error):
        ledger.take_statement(who, account_ref=bank.cash, file_name="x", data=camt(MAY))
    assert nothing_taken()


def test_only_what_a_bank_may_hold_is_reconciled(bank: Books) -> None:
    for account in (bank.spent, bank.bags):
        with pytest.raises(ledger.NotReconcilable):
            ledger.take_statement(GRACE, account_ref=account, file_name="x", data=camt(MAY))


# Matching -----------------------------------------------------------------------------------------------


def test_equal_amounts_near_in_time_are_proposed_and_nothing_happens_by_it(bank: Books) -> None:
    take(bank)
    found = ledger.match_proposals(GRACE, account_ref=bank.cash)
    assert [(one.amount_minor, one.is_sure, one.by_reference) for one in found] == [
        (-250_00, True, True),
        (1_000_00, True, False),
    ]
    assert BankMatch.objects.count() == 0


def test_receipts_in_the_text_and_several_lines_for_one_are_proposed(bank: Books, actor: Actor) -> None:
    take(bank, camt(JUNE, opening="748.50", since="2004-06-01", until="2004-06-30", number="STMT-2004-06"))
    other = moved(bank, actor, 90_00, date(2004, 6, 1), "same amount")
    receipt = moved(bank, actor, 90_00, date(2004, 5, 30), "receipt")
    parts = [moved(bank, actor, amount, date(2004, 6, 14), f"part {amount}") for amount in (30_00, 80_00)]
    receipt = moved(bank, actor, 90_00, date(2004, 6, 1), "with a receipt")
    words = {Ref(receipt.split(":")[0]): ["00912"]}
    found = ledger.match_proposals(GRACE, account_ref=bank.cash, words=words)
    by_bank = {one.bank[0].reference: [line.key for line in one.book] for one in found}
    assert by_bank["0602-0010"] == [receipt]
    assert sorted(by_bank["0615-0044"]) == sorted(parts)
    assert other not in by_bank["0602-0010"]
    assert "0630-0002" not in by_bank


def test_sides_that_are_not_the_same_amount_are_no_match(bank: Books) -> None:
    take(bank)
    fee = next(one for one in ledger.open_bank_lines(GRACE, account_ref=bank.cash) if one.amount_minor == -1_50)
    book = ledger.open_book_lines(GRACE, account_ref=bank.cash)
    with pytest.raises(ledger.MatchUneven) as refusal:
        ledger.confirm_match(GRACE, account_ref=bank.cash, bank_lines=[fee.ref], book_lines=[book[1].key])
    assert (refusal.value.facts["bank_minor"], refusal.value.facts["book_minor"]) == (-1_50, -250_00)
    for lines in ([], ["ety-00000000:1"], ["nonsense"]):
        with pytest.raises((BadInput, ledger.LineUnknown)):
            ledger.confirm_match(GRACE, account_ref=bank.cash, bank_lines=[fee.ref], book_lines=lines)
    assert BankMatch.objects.count() == 0


def test_a_line_is_matched_once_and_open_again_when_the_match_is_taken_back(bank: Books) -> None:
    take(bank)
    (made, _other) = ledger.match_proposals(GRACE, account_ref=bank.cash)
    pair = ([one.ref for one in made.bank], [one.key for one in made.book])
    ref = ledger.confirm_match(GRACE, account_ref=bank.cash, bank_lines=pair[0], book_lines=pair[1])
    with pytest.raises(ledger.LineTaken) as refusal:
        ledger.confirm_match(JOSE, account_ref=bank.cash, bank_lines=pair[0], book_lines=pair[1])
    assert refusal.value.facts == {"line": pair[0][0], "match": ref}
    ledger.undo_match(GRACE, match_ref=ref, why="wrong tranche")
    assert ledger.bank_match(GRACE, ref).state is ledger.MatchState.UNDONE
    again = ledger.confirm_match(JOSE, account_ref=bank.cash, bank_lines=pair[0], book_lines=pair[1])
    assert again != ref
    assert BankMatch.objects.count() == 2


def test_lines_of_another_account_are_unknown_here(bank: Books, actor: Actor) -> None:
    take(bank)
    line = ledger.open_bank_lines(GRACE, account_ref=bank.cash)[0]
    spent = Entry.objects.first()
    assert spent is not None
    with pytest.raises(ledger.LineUnknown):
        ledger.confirm_match(GRACE, account_ref=bank.cash, bank_lines=[line.ref], book_lines=[f"{spent.ref}:2"])


# What only the bank knows ---------------------------------------------------------------------------------


def test_a_charge_is_posted_when_a_second_person_approves_and_is_matched_then(bank: Books) -> None:
    take(bank)
    fee = next(one for one in ledger.open_bank_lines(GRACE, account_ref=bank.cash) if one.amount_minor == -1_50)
    made = ledger.prepare_bank_entry(GRACE, bank_line_ref=fee.ref, other_code="charges", memo="Account fee")
    assert ledger.balance(bank.cash) == 750_00
    with pytest.raises(ledger.LineTaken):
        ledger.prepare_bank_entry(JOSE, bank_line_ref=fee.ref, other_code="charges", memo="Again")
    with pytest.raises(NotAllowed):
        ledger.approve_bank_entry(GRACE, entry_ref=made)
    for _press in range(2):
        view = ledger.approve_bank_entry(JOSE, entry_ref=made)
    assert ledger.balance(bank.cash) == 748_50
    assert view.entry_ref is not None
    entry = ledger.entry(view.entry_ref)
    assert (entry.occurred_on, entry.source_ref, entry.memo) == (END_OF_MAY, fee.ref, "Account fee")
    assert ledger.bank_line(GRACE, fee.ref).match_ref is not None


def test_who_prepared_does_not_approve_whatever_the_rights(bank: Books) -> None:
    take(bank)
    fee = ledger.open_bank_lines(GRACE, account_ref=bank.cash)[2]
    made = ledger.prepare_bank_entry(JOSE, bank_line_ref=fee.ref, other_code="charges", memo="Account fee")
    with pytest.raises(ledger.OtherPersonNeeded):
        ledger.approve_bank_entry(JOSE, entry_ref=made)
    assert ledger.balance(bank.cash) == 750_00
    ledger.drop_bank_entry(GRACE, entry_ref=made, why="not a fee")
    with pytest.raises(ledger.NotOpen):
        ledger.approve_bank_entry(JOSE, entry_ref=made)
    assert ledger.balance(bank.cash) == 750_00


def test_a_line_of_a_sealed_month_is_booked_today_with_the_banks_day_as_its_true_day(bank: Books) -> None:
    sealer = Actor(user_id=9, name="Ana", grants=(Grant("programme_coordinator", "jump/"),))
    take(bank)
    ledger.begin_closing(GRACE, book_ref=bank.ref, month=200405)
    ledger.seal_period(sealer, book_ref=bank.ref, month=200405, despite="the fee is booked in July")
    fee = ledger.open_bank_lines(GRACE, account_ref=bank.cash)[2]
    made = ledger.prepare_bank_entry(
        GRACE, bank_line_ref=fee.ref, other_code="charges", memo="Account fee", occurred_on=date(2004, 7, 5)
    )
    view = ledger.approve_bank_entry(JOSE, entry_ref=made)
    assert view.entry_ref is not None
    entry = ledger.entry(view.entry_ref)
    assert (entry.occurred_on, entry.value_on) == (date(2004, 7, 5), END_OF_MAY)
    found = ledger.agreement(GRACE, account_ref=bank.cash, as_of=END_OF_MAY)
    assert (found.book_minor, found.bank_minor) == (750_00, 748_50)
    assert next(one.amount_minor for one in found.items if one.entry_ref == entry.ref) == -1_50


# Reconciling --------------------------------------------------------------------------------------------


def test_books_and_transit_make_the_bank_to_the_cent_and_a_second_person_signs(bank: Books, actor: Actor) -> None:
    take(bank)
    late = moved(bank, actor, 40_00, END_OF_MAY, "deposit under way")
    ref = sign_may(bank)
    found = ledger.reconciliation(GRACE, ref)
    assert (found.book_minor, found.transit_minor, found.bank_minor) == (788_50, -40_00, 748_50)
    assert [(one.key, one.amount_minor) for one in found.items] == [(late, -40_00)]
    assert (found.state, found.prepared_by, found.signed_by) == (ledger.PrepareState.DONE, GRACE.key, JOSE.key)


def test_what_was_in_transit_arrives_and_the_next_month_agrees(bank: Books, actor: Actor) -> None:
    take(bank)
    late = moved(bank, actor, 90_00, END_OF_MAY, "deposit under way")
    sign_may(bank)
    take(bank, camt(JUNE[:1], opening="748.50", since="2004-06-01", until="2004-06-30", number="STMT-2004-06"))
    (made,) = ledger.match_proposals(GRACE, account_ref=bank.cash)
    ledger.confirm_match(GRACE, account_ref=bank.cash, bank_lines=[one.ref for one in made.bank], book_lines=[late])
    ref = ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=date(2004, 6, 30))
    ledger.sign_reconciliation(JOSE, reconciliation_ref=ref)
    assert ledger.reconciliation(GRACE, ref).items == ()
    as_it_was = ledger.agreement(GRACE, account_ref=bank.cash, as_of=END_OF_MAY)
    assert (as_it_was.difference_minor, as_it_was.transit_minor) == (0, -90_00)


def test_while_a_line_of_the_bank_is_open_nothing_is_reconciled(bank: Books) -> None:
    take(bank)
    with pytest.raises(ledger.BankLinesOpen) as refusal:
        ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY)
    assert refusal.value.facts["count"] == 3
    with pytest.raises(ledger.NotCovered):
        ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=date(2004, 6, 1))
    assert Reconciliation.objects.count() == 0


def test_a_difference_from_before_the_first_statement_is_refused_with_its_amount(bank: Books, actor: Actor) -> None:
    moved(bank, actor, 7_00, date(2004, 4, 1), "never at the bank")
    take(bank)
    match_may(bank)
    with pytest.raises(ledger.DoesNotAgree) as refusal:
        ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY)
    assert refusal.value.facts["difference_minor"] == -7_00
    assert "-7.00 THB" in refusal.value.sentence()


def test_who_prepared_does_not_sign(bank: Books) -> None:
    take(bank)
    match_may(bank)
    ref = ledger.prepare_reconciliation(JOSE, account_ref=bank.cash, as_of=END_OF_MAY)
    with pytest.raises(ledger.OtherPersonNeeded):
        ledger.sign_reconciliation(JOSE, reconciliation_ref=ref)
    assert ledger.reconciliation(JOSE, ref).state is ledger.PrepareState.PREPARED


def test_what_changed_since_it_was_prepared_is_not_signed(bank: Books, actor: Actor) -> None:
    take(bank)
    match_may(bank)
    ref = ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY)
    moved(bank, actor, 40_00, END_OF_MAY, "booked meanwhile")
    with pytest.raises(ledger.ChangedMeanwhile):
        ledger.sign_reconciliation(JOSE, reconciliation_ref=ref)
    assert ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY) == ref
    ledger.sign_reconciliation(JOSE, reconciliation_ref=ref)
    assert ledger.reconciliation(JOSE, ref).transit_minor == -40_00


def test_a_signed_one_holds_its_matches_until_a_new_one_with_a_reason_is_begun(bank: Books) -> None:
    take(bank)
    first = sign_may(bank)
    line = next(one for one in all_lines(bank) if one.amount_minor == -250_00)
    match = line.match_ref
    assert match is not None
    with pytest.raises(ledger.MatchHeld):
        ledger.undo_match(GRACE, match_ref=match, why="wrong")
    with pytest.raises(ledger.AlreadyReconciled):
        ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY)
    with pytest.raises(BadInput):
        ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY, replaces=first)

    second = ledger.prepare_reconciliation(
        GRACE, account_ref=bank.cash, as_of=END_OF_MAY, replaces=first, why="the tranche was another one"
    )
    ledger.undo_match(GRACE, match_ref=match, why="wrong tranche")
    with pytest.raises(ledger.BankLinesOpen):
        ledger.sign_reconciliation(JOSE, reconciliation_ref=second)
    match_may(bank)
    assert ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY) == second
    ledger.sign_reconciliation(JOSE, reconciliation_ref=second)
    old = ledger.reconciliation(GRACE, first)
    assert (old.state, old.replaced_by) == (ledger.PrepareState.DONE, second)
    assert ledger.reconciliation(GRACE, second).why == "the tranche was another one"
    assert ledger.verify(bank.ref) == []


def all_lines(books: Books) -> list[ledger.BankLineView]:
    return [
        line
        for statement in ledger.bank_statements(GRACE, account_ref=books.cash)
        for line in ledger.bank_lines(GRACE, statement_ref=statement.ref)
    ]


def test_one_that_waits_can_be_given_up(bank: Books) -> None:
    take(bank)
    match_may(bank)
    ref = ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=END_OF_MAY)
    with pytest.raises(ledger.ReconciliationOpen):
        ledger.prepare_reconciliation(GRACE, account_ref=bank.cash, as_of=date(2004, 5, 30))
    ledger.drop_reconciliation(GRACE, reconciliation_ref=ref, why="wait for June")
    with pytest.raises(ledger.NotOpen):
        ledger.sign_reconciliation(JOSE, reconciliation_ref=ref)
    assert ledger.reconciliations(GRACE, account_ref=bank.cash) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_reconciliation SET bank_minor = 1, book_minor = 1, transit_minor = 0",
        "DELETE FROM ledger_reconciliation",
        "DELETE FROM ledger_reconciliationitem",
        "UPDATE ledger_reconciliationitem SET amount_minor = 1",
        "UPDATE ledger_bankmatch SET state = 'undone', undone_at = at",
        "UPDATE ledger_bankmatch SET held_by_id = NULL",
        "DELETE FROM ledger_bankmatch",
        "UPDATE ledger_bankmatchpart SET is_live = (1 = 0)",
        "DELETE FROM ledger_bankmatchpart",
        "UPDATE ledger_bankline SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_bankline",
        "UPDATE ledger_bankstatement SET closing_minor = 1",
        "DELETE FROM ledger_bankstatement",
        "UPDATE ledger_bankentry SET state = 'dropped', entry_id = NULL",
        "DELETE FROM ledger_bankentry",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_signed(bank: Books, actor: Actor, sql: str) -> None:
    take(bank)
    moved(bank, actor, 40_00, END_OF_MAY, "under way")
    sign_may(bank)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_the_bank_wrote_may_be_blanked_since_it_may_hold_a_name(bank: Books) -> None:
    take(bank)
    BankLine.objects.update(text="")
    assert not BankLine.objects.exclude(text="").exists()


# Whatever is done -----------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from(["match", "undo", "prepare", "drop", "reconcile", "sign", "replace", "take"]),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=25,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_no_matching_and_no_reconciling_ever_moves_a_balance(db: None, steps: list[tuple[str, int, int]]) -> None:
    scopes.forget_nodes()
    with transaction.atomic():
        actor = Actor(user_id=1, name="x", grants=(Grant("programme_coordinator", "jump/"),))
        books = open_books(actor)
        ledger.open_account(actor, book_ref=books.ref, code="charges", title="c", kind="expense", unit="THB")
        for number, amount in enumerate((100, 100, -50, 30, 20)):
            moved(books, actor, amount, date(2004, 5, 3 + number), f"k{number}")
        lines = [Booked(f"2004-05-0{4 + n}", f"{a / 100:.2f}", f"t{n}") for n, a in enumerate((100, 100, -50, 50, -1))]
        held, entries = ledger.balances(books.ref), ledger.count_entries(actor, book_ref=books.ref)
        for step in steps:
            try:
                take_step(books, lines, *step)
            except Refusal:
                continue
        assert ledger.balances(books.ref) == held
        assert ledger.count_entries(actor, book_ref=books.ref) == entries
        for row in Reconciliation.objects.all():
            assert row.bank_minor == row.book_minor + row.transit_minor
        transaction.set_rollback(True)


def take_step(books: Books, lines: list[Booked], what: str, one: int, other: int) -> None:
    if what == "take":
        take(books, camt(lines, until="2004-05-20"))
    bank = ledger.open_bank_lines(GRACE, account_ref=books.cash)
    book = ledger.open_book_lines(GRACE, account_ref=books.cash)
    last = ledger.reconciliations(GRACE, account_ref=books.cash)
    if what == "match" and bank and book:
        left, right = bank[one % len(bank)], [book[other % len(book)].key]
        if one == other:
            right = [line.key for line in book[-2:]]
        ledger.confirm_match(GRACE, account_ref=books.cash, bank_lines=[left.ref], book_lines=right)
    elif what == "undo" and BankMatch.objects.exists():
        match = list(BankMatch.objects.order_by("id"))[one % BankMatch.objects.count()]
        ledger.undo_match(GRACE, match_ref=Ref(match.ref), why="x")
    elif what == "prepare" and bank:
        ledger.prepare_bank_entry(GRACE, bank_line_ref=bank[one % len(bank)].ref, other_code="charges", memo="x")
    elif what == "drop":
        for waiting in ledger.bank_entries_waiting(GRACE, account_ref=books.cash):
            ledger.drop_bank_entry(GRACE, entry_ref=waiting.ref, why="x")
    elif what == "reconcile":
        ledger.prepare_reconciliation(GRACE, account_ref=books.cash, as_of=date(2004, 5, 10 + one))
    elif what == "sign" and last:
        ledger.sign_reconciliation(JOSE, reconciliation_ref=last[0].ref)
    elif what == "replace" and last:
        ledger.prepare_reconciliation(
            GRACE, account_ref=books.cash, as_of=last[0].as_of, replaces=last[0].ref, why="again"
        )


def test_what_a_table_does_not_say_a_person_says(bank: Books) -> None:
    table = b"Date,Amount\n2004-05-03,1000.00\n2004-05-17,-250.00\n2004-05-31,-1.50\n"
    reading = ledger.Reading(day="Date", amount="Amount")
    stated = Stated(opening_minor=0, closing_minor=748_50, since=date(2004, 5, 1), until=END_OF_MAY)
    (taken,) = take(bank, table, reading=reading, stated=stated)
    assert (taken.opens_on, taken.closes_on, taken.closing_minor) == (date(2004, 5, 1), END_OF_MAY, 748_50)


def test_a_month_with_open_lines_of_the_bank_is_sealed_only_with_a_reason(bank: Books) -> None:
    take(bank)
    ana = Actor(user_id=9, name="Ana", grants=(Grant("programme_coordinator", "jump/"),))
    ledger.begin_closing(GRACE, book_ref=bank.ref, month=200405)
    found = ledger.unfinished(ana, book_ref=bank.ref, month=200405)
    assert (found.open_bank, found.waiting, found.not_linked) == (3, 0, 2)
    assert found.not_reconciled == (bank.cash,)
    with pytest.raises(ledger.BankUnfinished):
        ledger.seal_period(ana, book_ref=bank.ref, month=200405)
    assert ledger.seals(bank.ref) == []
    ledger.seal_period(ana, book_ref=bank.ref, month=200405, despite="the bank sends its fee later")
    (month,) = ledger.months(ana, book_ref=bank.ref)
    assert (month.month, month.state, month.root) == (200405, "sealed", ledger.seals(bank.ref)[0].root)
