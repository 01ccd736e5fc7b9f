"""Statements as banks send them: what is read from each, and every mistake by its name and place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jump.core.banking import Statement
from jump.engines.ledger.services.banking.camt_statement import read_camt
from jump.engines.ledger.services.banking.csv_statement import read_table
from jump.engines.ledger.services.banking.problems import Problems
from jump.engines.ledger.services.banking.table import NoTable, guess, open_table, view
from jump.engines.ledger.types.banking import Reading, Stated
from tests.engines.ledger.bank_files import COLUMNS, MAY, NUMBER, POINTS, SIDES, Booked, camt

TODAY = date(2004, 6, 30)
MOVES = [(date(2004, 5, 3), 100_000), (date(2004, 5, 17), -25_000), (date(2004, 5, 31), -150)]


def read_xml(data: bytes, currency: str = "THB") -> tuple[list[Statement], list[tuple[str, str, str]]]:
    problems = Problems()
    made = read_camt(data, currency=currency, today=TODAY, problems=problems)
    return made, [(one.place, one.column, one.code) for one in problems.found]


def read_csv(
    data: bytes, reading: Reading | None = None, stated: Stated | None = None, currency: str = "THB"
) -> tuple[Statement | None, list[tuple[str, str, str]]]:
    problems = Problems()
    table = open_table(data)
    made = read_table(
        table,
        reading or guess(table.head),
        currency=currency,
        today=TODAY,
        stated=stated or Stated(),
        problems=problems,
    )
    return made, [(one.place, one.column, one.code) for one in problems.found]


# ISO 20022 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
def test_a_camt_statement_is_read_in_every_version(version: str) -> None:
    (made,), problems = read_xml(camt(MAY, version=version))
    assert problems == []
    assert (made.number, made.account) == ("STMT-2004-05", NUMBER)
    assert (made.opens_on, made.closes_on) == (date(2004, 5, 1), date(2004, 5, 31))
    assert (made.opening_minor, made.closing_minor) == (0, 74_850)
    assert [(one.booked_on, one.amount_minor) for one in made.lines] == MOVES
    transfer = made.lines[1]
    assert (transfer.value_on, transfer.reference) == (date(2004, 5, 18), "0517-1120")
    assert transfer.text == "TRANSFER ctr-00000001 TRANCHE 1"


def test_what_is_not_booked_yet_is_left_out() -> None:
    data = camt(MAY[:1]).replace(
        b"</Stmt>", camt(MAY[1:2]).split(b"</TxsSummry>\n")[1].split(b"</Stmt>")[0] + b"</Stmt>"
    )
    data = data.replace(b"<NbOfNtries>1<", b"<NbOfNtries>2<")
    head, _, tail = data.rpartition(b"<Sts>BOOK</Sts>")
    (made,), problems = read_xml(head + b"<Sts>PDNG</Sts>" + tail)
    assert problems == []
    assert [one.amount_minor for one in made.lines] == [100_000]


def test_an_overdrawn_account_begins_below_zero() -> None:
    (made,), problems = read_xml(camt(MAY, opening="-100.00"))
    assert problems == []
    assert (made.opening_minor, made.closing_minor) == (-10_000, 64_850)


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ((b"</Stmt>", b""), "ledger.broken", "/"),
        ((b'Ccy="THB">250', b'Ccy="USD">250'), "ledger.wrong_currency", "/Document/BkToCstmrStmt/Stmt/Ntry[2]/Amt"),
        ((b"<Ccy>THB</Ccy>", b"<Ccy>USD</Ccy>"), "ledger.wrong_currency", "/Document/BkToCstmrStmt/Stmt/Acct/Ccy"),
        ((b">250.00<", b">250.001<"), "ledger.too_many_decimals", "/Document/BkToCstmrStmt/Stmt/Ntry[2]/Amt"),
        ((b">250.00<", b">1e9<"), "ledger.amount_impossible", "/Document/BkToCstmrStmt/Stmt/Ntry[2]/Amt"),
        ((b">250.00<", b">-250.00<"), "ledger.amount_below_zero", "/Document/BkToCstmrStmt/Stmt/Ntry[2]/Amt"),
        (
            (b"<BookgDt><Dt>2004-05-17", b"<BookgDt><Dt>2004-05-32"),
            "ledger.day_impossible",
            "/Document/BkToCstmrStmt/Stmt/Ntry[2]/BookgDt",
        ),
        (
            (b"<BookgDt><Dt>2004-05-17", b"<BookgDt><Dt>2004-07-17"),
            "ledger.day_to_come",
            "/Document/BkToCstmrStmt/Stmt/Ntry[2]",
        ),
        (
            (b"<BookgDt><Dt>2004-05-17", b"<BookgDt><Dt>2004-04-17"),
            "ledger.day_outside",
            "/Document/BkToCstmrStmt/Stmt/Ntry[2]",
        ),
        ((b">748.50<", b">748.51<"), "ledger.sum_differs", "/Document/BkToCstmrStmt/Stmt"),
        ((b"<NbOfNtries>3<", b"<NbOfNtries>4<"), "ledger.count_differs", "/Document/BkToCstmrStmt/Stmt"),
        ((b"<Cd>CLBD</Cd>", b"<Cd>XXXX</Cd>"), "ledger.balance_missing", "/Document/BkToCstmrStmt/Stmt"),
        ((b"camt.053.001.02", b"camt.054.001.02"), "ledger.not_camt", "/"),
        ((b"camt.053.001.02", b"camt.053.001.01"), "ledger.not_camt", "/"),
        ((b"<Id>STMT-2004-05</Id>", b""), "ledger.number_missing", "/Document/BkToCstmrStmt/Stmt"),
    ],
)
def test_every_mistake_is_named_with_its_path_and_nothing_is_read(
    change: tuple[bytes, bytes], code: str, place: str
) -> None:
    made, problems = read_xml(camt(MAY).replace(*change, 1))
    assert code in [found for _place, _column, found in problems], problems
    where = next(at for at, _column, found in problems if found == code)
    assert where.split(" (")[0] == place
    assert made == []


def test_a_file_that_brings_definitions_is_refused_and_expands_nothing() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
        b'<!ENTITY c SYSTEM "file:///etc/passwd">]>'
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        b"<BkToCstmrStmt>&b;&c;</BkToCstmrStmt></Document>"
    )
    made, problems = read_xml(bomb)
    assert made == []
    assert problems == [("/", "", "ledger.doctype")]


# Tables -------------------------------------------------------------------------------------------------


def test_a_table_with_lines_above_its_head_points_and_commas_is_read_newest_first() -> None:
    shown = view(open_table(POINTS))
    assert (shown.delimiter, shown.encoding, shown.count) == (";", "utf-8", 3)
    assert shown.guess == Reading(
        day="Booking date",
        value_day="Value date",
        text="Description",
        reference="Reference",
        amount="Amount",
        balance="Balance",
    )
    made, problems = read_csv(POINTS)
    assert problems == []
    assert made is not None
    assert [(one.booked_on, one.amount_minor) for one in made.lines] == MOVES
    assert (made.opening_minor, made.closing_minor) == (0, 74_850)
    assert made.lines[1].value_on == date(2004, 5, 18)


def test_money_in_and_out_in_two_columns_is_read_and_the_sum_below_is_none_of_the_lines() -> None:
    made, problems = read_csv(COLUMNS)
    assert problems == []
    assert made is not None
    assert [(one.booked_on, one.amount_minor) for one in made.lines] == MOVES
    assert made.lines[0].text == "SEED TRANSFER, PROGRAMME"


def test_a_table_without_balances_needs_them_from_a_person() -> None:
    made, problems = read_csv(
        SIDES, Reading(day="Fecha", text="Concepto", amount="Importe", direction="D/C", dates="dmy")
    )
    assert made is None
    assert problems == [("", "opening", "ledger.balance_missing")]
    stated = Stated(opening_minor=5_00, closing_minor=755_00, until=date(2004, 5, 31))
    reading = Reading(day="Fecha", text="Concepto", amount="Importe", direction="D/C", dates="dmy")
    made, problems = read_csv(SIDES, reading, stated)
    assert problems == []
    assert made is not None
    assert (made.opening_minor, made.closing_minor, made.closes_on) == (500, 75_500, date(2004, 5, 31))
    assert made.lines[0].text == "Depósito semilla"
    assert read_csv(SIDES, reading, Stated(opening_minor=5_00, closing_minor=755_01))[1] == [
        ("", "closing", "ledger.sum_differs")
    ]


HEAD = "Date;Text;Amount;Balance\n"


@pytest.mark.parametrize(
    ("rows", "place", "column", "code"),
    [
        ("2004-05-03;a;1,00;1,00\n2004-02-30;b;1,00;2,00\n", "row 3", "Date", "ledger.day_impossible"),
        ("2004-05-03;a;1,00;1,00\n2004-12-30;b;1,00;2,00\n", "row 3", "Date", "ledger.day_to_come"),
        ("2004-05-03;a;1,00;1,00\n;b;1,00;2,00\n", "row 3", "Date", "ledger.day_missing"),
        ("03/04/2004;a;1,00;1,00\n", "row 2", "Date", "ledger.day_unclear"),
        ("2004-05-03;a;1,005;1,00\n2004-05-04;a;1,00;2,00\n", "row 2", "Amount", "ledger.too_many_decimals"),
        ("2004-05-03;a;1,00;1,00\n2004-05-04;b;0,0050;1,00\n", "row 3", "Amount", "ledger.too_many_decimals"),
        ("2004-05-03;a;1,00;1,00\n2004-05-04;b;zwei;1,00\n", "row 3", "Amount", "ledger.amount_impossible"),
        ("2004-05-03;a;1,00;1,00\n2004-05-04;b;;1,00\n", "row 3", "Amount", "ledger.amount_missing"),
        ("2004-05-03;a;1,00 USD;1,00\n", "row 2", "Amount", "ledger.wrong_currency"),
        ("2004-05-03;a;1.234,00;1.234,00\n2004-05-04;b;1,234.00;1,00\n", "row 3", "Amount", "ledger.decimals_mixed"),
        ("2004-05-03;a;1,00;1,00\n2004-05-04;b;1,00;3,00\n", "row 3", "Balance", "ledger.balance_differs"),
        ("", "row 1", "", "ledger.empty"),
    ],
)
def test_every_mistake_of_a_table_is_named_with_row_and_column(rows: str, place: str, column: str, code: str) -> None:
    made, problems = read_csv((HEAD + rows + ("x;y;z;w\n" if not rows else "")).encode() if rows else HEAD.encode())
    assert made is None
    assert (place, column, code) in problems, problems


def test_three_decimals_can_be_thousands_and_are_not_guessed() -> None:
    data = b"Date;Amount;Balance\n2004-05-03;1,234;1,234\n2004-05-04;1,000;2,234\n"
    made, problems = read_csv(data, currency="JOD")
    assert made is None
    assert problems[0] == ("row 2", "Balance", "ledger.amount_unclear")
    made, problems = read_csv(
        data, Reading(day="Date", amount="Amount", balance="Balance", decimal=","), currency="JOD"
    )
    assert problems == []
    assert made is not None
    assert made.closing_minor == 2_234
    plain, _problems = read_csv(data, currency="THB")
    assert plain is not None
    assert plain.closing_minor == 223_400


@pytest.mark.parametrize(("text", "minor"), [("100.00-", -10_000), ("(100.00)", -10_000), ("THB 100.00", 10_000)])
def test_amounts_are_read_as_banks_write_them(text: str, minor: int) -> None:
    made, problems = read_csv(
        f"Date;Amount\n2004-05-03;{text}\n".encode(), None, Stated(opening_minor=20_000, closing_minor=20_000 + minor)
    )
    assert problems == []
    assert made is not None
    assert made.lines[0].amount_minor == minor


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"hello", b"", b"1;2\n3;4\n", b"\xff\xfeab\xd8"])
def test_what_is_no_table_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NoTable):
        open_table(data)


def test_a_column_that_is_not_there_is_named() -> None:
    _made, problems = read_csv(HEAD.encode() + b"2004-05-03;a;1,00;1,00\n", Reading(day="Day", amount="Amount"))
    assert problems == [("row 1", "Day", "ledger.column_missing")]


def test_two_equal_lines_of_a_day_stay_two() -> None:
    from jump.core.banking import line_digests

    (made,), _problems = read_xml(camt([Booked("2004-05-03", "-2.00", "FEE"), Booked("2004-05-03", "-2.00", "FEE")]))
    digests = line_digests(made.lines)
    assert len(set(digests)) == 2
    again: Any = line_digests(made.lines)
    assert again == digests
