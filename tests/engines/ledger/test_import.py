"""Taking over the books of an old fund: every row checked first, every mistake named, all or nothing, once."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook

from jump.base.actors import Actor, Grant
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.models import Imported
from tests.engines.ledger.makers import DAY, Books, Pay, close_and_seal

HISTORY = """date,voucher,memo,account,debit,credit,line,source
2004-01-31,1,Contribution,cash,1000.00,,,core
,,,capital:donor,,1000.00,,core
2004-02-10,2,Seed,spent,250.5,,a1,
2004-02-10,2,Seed,cash,,250.50,a1,
2004-03-01,3,Harvest; first,store,12,,,
2004-03-01,3,Harvest; first,harvest,,12,,
"""


def bring(actor: Actor, books: Books, text: str | bytes, name: str = "old.csv") -> ledger.ImportView:
    data = text.encode() if isinstance(text, str) else text
    return ledger.import_book(actor, book_ref=books.ref, file_name=name, data=data)


@pytest.mark.covers("RLF-06")
def test_a_history_is_taken_over_whole_in_all_its_units(actor: Actor, books: Books) -> None:
    made = bring(actor, books, HISTORY)

    assert (made.entries, made.lines, made.is_new) == (3, 6, True)
    assert ledger.balances(books.ref) == {
        "capital:donor": -100_000, "cash": 74_950, "harvest": -12, "spent": 25_050, "store": 12,
    }  # fmt: skip
    assert ledger.balance(books.cash, date(2004, 2, 9)) == 100_000
    entries = ledger.entries(actor, source_ref=made.ref)
    assert [entry.memo for entry in entries] == ["Harvest; first", "Seed", "Contribution"]
    assert [line.labels for line in entries[1].lines] == [{"line": "a1"}, {"line": "a1"}]
    assert ledger.verify(books.ref) == []
    assert ledger.seal_chain() == 3


def test_the_same_file_is_taken_over_once(actor: Actor, books: Books) -> None:
    first = bring(actor, books, HISTORY)
    again = bring(actor, books, HISTORY, name="renamed.csv")
    assert (again.ref, again.is_new) == (first.ref, False)
    assert ledger.proof(books.ref).entries == 3
    assert Imported.objects.count() == 1


WRONG = [
    ("2004-01-31,1,x,cash,1.234,,,\n,,,capital:donor,,1.23,,", "old", 2, "debit", "ledger.too_many_decimals"),
    ("2004-01-31,1,x,cash,1.23,,,\n,,,capital:donor,,1.22,,", "old", 2, "amount", "ledger.unbalanced"),
    ("2004-01-31,1,x,cash,1.23,,,\n,,,nowhere,,1.23,,", "old", 3, "account", "ledger.account_unknown"),
    ("31.1.2004,1,x,cash,1.23,,,\n,,,capital:donor,,1.23,,", "old", 2, "date", "ledger.import_day"),
    ('2004-01-31,1,x,cash,"1,230",,,\n,,,capital:donor,,1230,,', "old", 2, "debit", "ledger.import_amount"),
    ("2004-01-31,1,x,cash,,,,\n,,,capital:donor,,1.23,,", "old", 2, "debit", "ledger.import_amount"),
    ("2004-01-31,1,x,cash,1.23,,,", "old", 2, "debit", "ledger.too_few_lines"),
    ("2003-01-31,1,x,cash,1.23,,,\n,,,capital:donor,,1.23,,", "old", 2, "date", "ledger.period_closed"),
    ("2004-01-31,1,x,cash,5,,,\n,,,harvest,,5,,", "old", 2, "amount", "ledger.unbalanced"),
]


@pytest.mark.parametrize(("rows", "sheet", "row", "column", "code"), WRONG)
def test_a_wrong_row_is_named_by_sheet_row_and_column_and_nothing_is_posted(
    actor: Actor, books: Books, rows: str, sheet: str, row: int, column: str, code: str
) -> None:
    sealer = Actor(user_id=7, name="Coordinator", grants=(Grant("programme_coordinator", "jump/"),))
    close_and_seal(sealer, books.ref, 200301)
    good = "2004-05-05,9,good,cash,1,,,\n2004-05-05,9,good,capital:donor,,1,,"
    text = HISTORY.splitlines()[0] + "\n" + rows + "\n" + good + "\n"

    with pytest.raises(ledger.ImportRefused) as refusal:
        bring(actor, books, text)
    problems = refusal.value.facts["rows"]
    assert (sheet, row, column, code) in {(one["sheet"], one["row"], one["column"], one["code"]) for one in problems}
    assert refusal.value.facts["count"] == len(problems)
    assert all(one["text"] for one in problems)
    assert set(ledger.balances(books.ref).values()) == {0}
    assert ledger.proof(books.ref).entries == 0
    assert Imported.objects.count() == 0
    assert [one.code for one in ledger.check_import(actor, book_ref=books.ref, file_name="old.csv", data=text.encode())]


def test_every_mistake_of_a_file_is_named_at_once(actor: Actor, books: Books) -> None:
    text = "date,account,amount\n2004-01-31,cash,x\n2004-01-31,nobody,5\n2004-13-01,cash,1.001\n"
    problems = ledger.check_import(actor, book_ref=books.ref, file_name="f.csv", data=text.encode())
    found = [(one.row, one.column, one.code) for one in problems]
    assert (2, "amount", "ledger.import_amount") in found
    assert (3, "account", "ledger.account_unknown") in found
    assert (4, "date", "ledger.import_day") in found
    assert (4, "amount", "ledger.too_many_decimals") in found


def test_more_than_an_account_may_give_is_refused_as_in_a_posting(actor: Actor, books: Books) -> None:
    text = "date,account,amount\n2004-01-31,spent,5\n2004-01-31,cash,-5\n"
    with pytest.raises(ledger.BelowFloor) as refusal:
        bring(actor, books, text)
    assert refusal.value.facts == {"account": "cash", "held_minor": 0, "asked_minor": 500, "unit": "THB"}
    assert ledger.proof(books.ref).entries == 0
    assert Imported.objects.count() == 0


def workbook(changed: object = 5) -> bytes:
    """Accounts, opening balances and a cash book of an old fund, as a treasurer keeps them."""
    book = Workbook()
    accounts = book.active
    assert accounts is not None
    accounts.title = "Accounts"
    accounts.append(["account", "name", "kind", "unit"])
    accounts.append(["bank", "Bank", "asset", "THB"])
    accounts.append(["labour", "Labour given", "income", "labour_day"])
    accounts.append(["works", "Works", "asset", "labour_day"])
    opening = book.create_sheet("Opening")
    opening.append(["date", "account", "amount"])
    opening.append([date(2003, 12, 31), "bank", 1000.1])
    opening.append([date(2003, 12, 31), "capital:donor", -1000.1])
    cash = book.create_sheet("Cash book")
    cash.append(["date", "number", "text", "debit account", "credit account", "amount"])
    cash.append([date(2004, 1, 5), "R1", "Drawn", "cash", "bank", changed])
    cash.append([date(2004, 1, 6), "R2", "Digging", "works", "labour", 2.25])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_brings_accounts_opening_balances_and_history(actor: Actor, books: Books) -> None:
    ledger.declare_unit(actor, code="labour_day", title="Day of labour", decimals=2)
    made = bring(actor, books, workbook(), name="fund.xlsx")
    assert (made.entries, made.lines) == (3, 6)
    found = ledger.balances(books.ref)
    assert (found["bank"], found["cash"], found["works"], found["labour"]) == (99_510, 500, 225, -225)
    assert ledger.verify(books.ref) == []


def test_a_mistake_in_the_last_sheet_keeps_even_the_accounts_of_the_first_away(actor: Actor, books: Books) -> None:
    ledger.declare_unit(actor, code="labour_day", title="Day of labour", decimals=2)
    with pytest.raises(ledger.ImportRefused) as refusal:
        bring(actor, books, workbook(changed=5.005), name="fund.xlsx")
    (row,) = {(one["sheet"], one["row"], one["column"], one["code"]) for one in refusal.value.facts["rows"]}
    assert row == ("Cash book", 2, "amount", "ledger.too_many_decimals")
    assert "bank" not in ledger.balances(books.ref)


def test_what_is_no_spreadsheet_is_refused(actor: Actor, books: Books) -> None:
    from jump.base.refusals import BadInput

    with pytest.raises(BadInput):
        bring(actor, books, b"PK\x03\x04 no workbook", name="x.xlsx")
    with pytest.raises(BadInput):
        bring(actor, books, b"\0\1\2", name="x.csv")
    with pytest.raises(ledger.ImportRefused):
        bring(actor, books, "some,columns\n1,2\n")


def test_the_bulk_path_books_what_the_single_path_books(actor: Actor, books: Books, put_in: Pay) -> None:
    """300 entries at once and one by one: the same digests, the same balances, the same refusals."""
    from jump.engines.ledger.api import Line, Posting
    from jump.engines.ledger.models import Entry

    postings = [
        Posting(
            f'memo "{n}" \\ \t\n{n}',
            DAY,
            (Line(books.cash, n, {"line": "ä"}), Line(books.capital, -n)),
            Ref(""),
            f"k{n}",
        )
        for n in range(1, 301)
    ]
    views = ledger.post_many(actor, book_ref=books.ref, postings=postings)
    assert [view.ref for view in ledger.post_many(actor, book_ref=books.ref, postings=postings)] == [
        view.ref for view in views
    ]
    assert ledger.entry(views[7].ref) == views[7]
    assert ledger.balance(books.cash) == 300 * 301 // 2
    assert ledger.verify(books.ref) == []
    with pytest.raises(ledger.BelowFloor):
        ledger.post_many(
            actor,
            book_ref=books.ref,
            postings=[
                Posting("out", DAY, (Line(books.spent, 200), Line(books.cash, -200)), Ref(""), f"o{n}")
                for n in range(300)
            ],
        )
    assert Entry.objects.count() == 300


def test_a_reference_that_is_taken_already_is_replaced_wherever_in_a_long_history_it_falls(
    actor: Actor, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of half a million references one is taken in every ninth import: they are drawn from forty random bits."""
    from jump.base.refs import new_refs
    from jump.engines.ledger.services.importing import taking

    bring(actor, books, HISTORY)
    taken = ledger.entries(actor)[0].ref

    def unlucky(kind: str, count: int) -> list[Ref]:
        drawn = new_refs(kind, count)
        drawn[900] = taken
        return drawn

    monkeypatch.setattr(taking, "new_refs", unlucky)
    rows = [f"2004-04-01,{n},Fee,{side}\n" for n in range(1200) for side in ("cash,1,,,", "capital:donor,,1,,")]
    made = bring(actor, books, "date,voucher,memo,account,debit,credit,line,source\n" + "".join(rows))

    assert made.entries == 1200
    assert ledger.proof(books.ref).entries == 1203
    assert ledger.verify(books.ref) == []
