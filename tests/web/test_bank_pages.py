"""Bank statements, reconciliations, months and the auditor's pages as readers use them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.engines.ledger.bank_files import Booked, camt
from tests.web.area_fixtures import QUERIES_MAX, Reader, hidden, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker

pytestmark = pytest.mark.django_db
LINES = (
    Booked("2005-01-03", "1000000.00", "SEED TRANSFER", "A1"),
    Booked("2005-01-10", "-240000.00", "TRANSFER LOAN", "A2"),
    Booked("2005-01-31", "-350.00", "MONTHLY CHARGE", "A3"),
)


@pytest.fixture
def fund(money: FundMaker) -> Ref:
    """A million pesos in cash, of which a loan of 240,000 is paid out on 10 January 2005."""
    made = money.fund()
    money.running_loan(made, on=date(2005, 1, 10))
    return made


@pytest.fixture
def book(fund: Ref) -> Ref:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    return finance.fund(SYSTEM, fund).book_ref


@pytest.fixture
def cash(book: Ref) -> Ref:
    from jump.engines.ledger import api as ledger

    return ledger.account(book, "cash").ref


def statement(lines: tuple[Booked, ...] = LINES, **more: Any) -> bytes:
    told = {"opening": "0.00", "since": "2005-01-01", "until": "2005-01-31", "number": "JAN", "currency": "PHP"}
    return camt(lines, **{**told, **more})


def send(who: Reader, cash: Ref, data: bytes, name: str = "jan.xml") -> Any:
    return who.client.post(f"/bank-accounts/{cash}/take/", {"file": SimpleUploadedFile(name, data)}, follow=True)


def seeded_on(fund: Ref) -> date:
    from jump.engines.ledger.models import Entry

    found = Entry.objects.order_by("occurred_on").values_list("occurred_on", flat=True).first()
    assert found is not None
    return found


@pytest.fixture
def taken(fund: Ref, cash: Ref, manager: Reader) -> Ref:
    """January's statement, which begins on the day on which the seed came in."""
    day = seeded_on(fund)
    lines = (Booked(day.isoformat(), "1000000.00", "SEED TRANSFER", "A1"), *LINES[1:])
    answer = send(manager, cash, statement(lines, since=day.isoformat()))
    assert answer.status_code == 200, words(answer)
    assert "3 new lines, 0 known before" in words(answer)
    return cash


def balance(cash: Ref) -> int:
    from jump.engines.ledger import api as ledger

    return ledger.balance(cash)


def confirm_all(who: Reader, cash: Ref) -> Any:
    page = who.client.get(f"/bank-accounts/{cash}/").content.decode()
    pairs = re.findall(r'name="pair" value="([^"]+)"', page)
    return who.client.post(f"/bank-accounts/{cash}/confirm/", {"pair": pairs}, follow=True)


def book_the_charge(manager: Reader, national: Reader, cash: Ref) -> None:
    page = manager.client.get(f"/bank-accounts/{cash}/").content.decode()
    line = re.findall(r"/bank-statement-lines/(bln-\w+)/", page)[0]
    typed = {"key": "k", "other": "bank_charges", "memo": "Monthly charge"}
    made = manager.client.post(f"/bank-statement-lines/{line}/book/", typed, follow=True)
    entry = re.findall(r"/bank-entries/(bpe-\w+)/", made.content.decode())[0]
    assert manager.client.post(f"/bank-entries/{entry}/approve/").status_code == 403
    national.client.post(f"/bank-entries/{entry}/approve/")


def test_a_statement_is_matched_and_reconciled_by_two_people_from_page_to_page(
    taken: Ref, manager: Reader, national: Reader, pango: None
) -> None:
    before = balance(taken)
    text = words(manager.client.get(f"/bank-accounts/{taken}/"))
    assert "3 lines of the bank are open. Statements reach to 31 January 2005." in text
    assert "SEED TRANSFER" in text
    assert "MONTHLY CHARGE" in text.split("Only the bank knows")[1]

    done = words(confirm_all(manager, taken))
    assert "2 matches are confirmed." in done
    assert balance(taken) == before

    refused = manager.client.post(f"/bank-accounts/{taken}/reconcile/", {"key": "r", "as_of": "2005-01-31"})
    assert refused.status_code == 422 or refused.status_code == 409
    assert "1 lines of the bank up to 31 January 2005 are not matched" in words(refused)

    book_the_charge(manager, national, taken)
    assert balance(taken) == before - 350_00
    made = manager.client.post(f"/bank-accounts/{taken}/reconcile/", {"key": "r", "as_of": "2005-01-31"}, follow=True)
    ref = re.findall(r"brc-\w+", made.content.decode())[0]
    assert "It waits for a second person" in words(made)
    assert manager.client.post(f"/reconciliations/{ref}/sign/").status_code == 403
    signed = words(national.client.post(f"/reconciliations/{ref}/sign/", follow=True))
    assert "Books and bank agree." in signed
    assert "Balance of the books PHP 759,650.00 In transit PHP 0.00 Balance of the bank PHP 759,650.00" in signed

    from tests.web.test_printed import paper

    _file, text = paper(manager.client.get(f"/reconciliations/{ref}/?as=pdf"))
    assert "Balance of the books 759,650.00" in text
    assert "Balance of the bank 759,650.00" in text


def test_a_match_chosen_by_hand_must_be_the_same_amount(taken: Ref, manager: Reader) -> None:
    page = manager.client.get(f"/bank-accounts/{taken}/").content.decode()
    line = re.findall(r"/bank-statement-lines/(bln-\w+)/", page)[0]
    shown = manager.client.get(f"/bank-statement-lines/{line}/")
    keys = re.findall(r'name="line" value="([^"]+)"', shown.content.decode())
    refused = manager.client.post(f"/bank-statement-lines/{line}/", {"line": keys[:1]})
    assert refused.status_code == 422
    assert "-350.00 PHP" in words(refused)
    assert f'value="{keys[0]}" id="line_1" checked' in refused.content.decode()


def test_a_table_is_read_after_a_person_said_what_its_columns_mean(cash: Ref, fund: Ref, manager: Reader) -> None:
    day = seeded_on(fund).isoformat()
    table = f"Date;What;Amount;Balance\n{day};Seed;1.000.000,00;1.000.000,00\n2005-01-10;Loan;-240.000,00;760.000,00\n"
    asked = send(manager, cash, table.encode(), "jan.csv")
    assert "What do the columns mean?" in words(asked)
    token = hidden(asked, "token")
    wrong = {"token": token, "day": "Date", "dates": "auto", "decimal": "."}
    again = manager.client.post(f"/bank-accounts/{cash}/read/", {**wrong, "amount": "Amount", "balance": "Balance"})
    assert again.status_code == 422
    assert "row 2 Amount" in words(again)
    right = {**wrong, "decimal": "auto", "text": "What", "amount": "Amount", "balance": "Balance"}
    done = manager.client.post(f"/bank-accounts/{cash}/read/", right, follow=True)
    assert "2 new lines" in words(done)

    stolen = reader("fund_manager", "jump/asia/PH/", "Mallory")
    assert stolen.client.post(f"/bank-accounts/{cash}/read/", right).status_code == 404
    forged = manager.client.post(f"/bank-accounts/{cash}/read/", {**right, "token": token[:-2]})
    assert forged.status_code == 422


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<Document>", "The file is damaged or not complete"),
        (statement(currency="USD"), "/Document/BkToCstmrStmt/Stmt/Acct/Ccy"),
        (statement(closing="1.00"), "The lines lead from"),
        (b"<" + b"x" * 12_000_000, "13 MB"),
    ],
)
def test_every_mistake_of_a_file_stands_on_the_page_and_nothing_is_taken_in(
    cash: Ref, manager: Reader, data: bytes, said: str
) -> None:
    from jump.engines.ledger.models import BankStatement

    answer = send(manager, cash, data)
    assert answer.status_code in (413, 422)
    assert said in words(answer)
    assert BankStatement.objects.count() == 0


def test_the_same_statement_is_refused_beside_the_file(taken: Ref, fund: Ref, manager: Reader) -> None:
    day = seeded_on(fund)
    lines = (Booked(day.isoformat(), "1000000.00", "SEED TRANSFER", "A1"), *LINES[1:])
    answer = send(manager, taken, statement(lines, since=day.isoformat()))
    assert answer.status_code == 409
    assert "The statement JAN was taken in before" in words(answer)


def test_a_month_is_closed_by_one_and_sealed_by_another_with_what_stands_in_the_way(
    taken: Ref, book: Ref, manager: Reader, national: Reader, coordinator: Reader
) -> None:
    from jump.engines.ledger import api as ledger

    first = ledger.months(manager.actor, book_ref=book)[-1].month
    if first != 200501:
        manager.client.post(f"/books/{book}/months/{first}/close/")
        coordinator.client.post(f"/books/{book}/months/{first}/seal/", {"key": "s", "sure": "yes", "despite": "x"})
    page = words(manager.client.get(f"/books/{book}/months/200501/"))
    assert "Lines of the bank are not matched: 3" in page
    assert "Begin to close" in page
    manager.client.post(f"/books/{book}/months/200501/close/")
    assert ledger.period_state(book, 200501) == "closing"
    assert manager.client.post(f"/books/{book}/months/200501/seal/", {"sure": "yes"}).status_code == 403

    sealing = f"/books/{book}/months/200501/seal/"
    asked = coordinator.client.post(sealing, {"key": "s", "sure": "yes", "despite": ""})
    assert asked.status_code == 422
    assert ledger.period_state(book, 200501) == "closing"
    coordinator.client.post(sealing, {"key": "s", "sure": "yes", "despite": "The bank is late"})
    sealed = words(manager.client.get(f"/books/{book}/months/200501/"))
    root = ledger.seals(book)[-1].root
    assert root in sealed
    assert "Write it down outside this system" in sealed
    assert root[:24] in words(manager.client.get(f"/books/{book}/chain/"))


def test_who_began_to_close_a_month_does_not_seal_it(book: Ref, coordinator: Reader) -> None:
    from jump.engines.ledger import api as ledger

    first = ledger.months(coordinator.actor, book_ref=book)[-1].month
    coordinator.client.post(f"/books/{book}/months/{first}/close/")
    refused = coordinator.client.post(f"/books/{book}/months/{first}/seal/", {"key": "s", "sure": "yes"})
    assert refused.status_code == 403
    assert ledger.seals(book) == []
    coordinator.client.post(f"/books/{book}/months/{first}/open/", {"key": "o", "why": "a receipt is missing"})
    assert ledger.period_state(book, first) == "open"


def test_an_auditor_walks_from_the_balance_to_an_account_an_entry_and_its_cause(
    book: Ref, cash: Ref, manager: Reader
) -> None:
    balance_page = manager.client.get(f"/books/{book}/balance/?as_of=2005-01-09")
    assert "1,000,000.00" in words(balance_page)
    assert "760,000.00" not in words(balance_page)
    assert f"/books/{book}/accounts/{cash}/" in manager.client.get(f"/books/{book}/balance/").content.decode()
    lines = words(manager.client.get(f"/books/{book}/accounts/{cash}/?since=2005-01-10"))
    assert "Before PHP 1,000,000.00 Debits PHP 0.00 Credits PHP 240,000.00 Left PHP 760,000.00" in lines
    chain = words(manager.client.get(f"/books/{book}/chain/"))
    assert "Yes. 2 entries and 4 lines were worked out again" in chain
    assert "Problems 0" in chain


def test_files_for_other_programs_are_given_to_whoever_may(book: Ref, cash: Ref, manager: Reader) -> None:
    national = reader("national_coordinator", "jump/asia/PH/", "Jose")
    bean = b"".join(manager.client.get(f"/books/{book}/beancount.txt"))  # type: ignore[call-overload]
    assert b"open Assets" in bean
    rows = b"".join(manager.client.get(f"/books/{book}/chain.jsonl"))  # type: ignore[call-overload]
    assert b'"jump_ledger"' in rows
    for path in (f"/books/{book}/beancount.txt", f"/books/{book}/chain.jsonl"):
        assert national.client.get(path).status_code == 403
    for path in (f"/books/{book}/balance/?as=excel", f"/books/{book}/accounts/{cash}/?as=excel"):
        assert "spreadsheet" in manager.client.get(path)["Content-Type"]


def test_the_neighbour_sees_nothing_of_it(taken: Ref, book: Ref, manager: Reader) -> None:
    from jump.engines.ledger.models import BankLine, BankStatement

    neighbour = reader("fund_manager", "jump/asia/TH/", "Noi")
    line, sent = BankLine.objects.first(), BankStatement.objects.get()
    assert line is not None
    for path in (
        f"/books/{book}/bank/",
        f"/books/{book}/months/",
        f"/books/{book}/months/200501/",
        f"/books/{book}/chain/",
        f"/books/{book}/accounts/{taken}/",
        f"/bank-accounts/{taken}/",
        f"/bank-accounts/{taken}/take/",
        f"/bank-statements/{sent.ref}/",
        f"/bank-statements/{sent.ref}/file/",
        f"/bank-statement-lines/{line.ref}/",
        f"/bank-statement-lines/{line.ref}/book/",
    ):
        assert neighbour.client.get(path).status_code == 404, path


def test_no_page_asks_the_database_more_often_when_there_are_more_lines(
    taken: Ref, fund: Ref, book: Ref, money: FundMaker, manager: Reader, django_assert_max_num_queries: Any
) -> None:
    from jump.engines.ledger.models import BankStatement

    for number in range(6):
        money.running_loan(fund, 1_000_000 + number, on=date(2005, 1, 20))
    lines = tuple(Booked("2005-02-01", f"-{10_000 + n}.00", f"LOAN {n}", f"B{n}") for n in range(6))
    send(manager, taken, statement(lines, opening="759650.00", since="2005-02-01", until="2005-02-28", number="FEB"))
    assert BankStatement.objects.count() == 2
    for path in (
        f"/books/{book}/bank/",
        f"/bank-accounts/{taken}/",
        f"/bank-statements/{BankStatement.objects.latest('id').ref}/",
        f"/books/{book}/months/",
        f"/books/{book}/months/200501/",
        f"/books/{book}/accounts/{taken}/",
        f"/books/{book}/chain/",
    ):
        with django_assert_max_num_queries(QUERIES_MAX + 6 if "chain" in path else QUERIES_MAX):
            assert manager.client.get(path).status_code == 200, path
