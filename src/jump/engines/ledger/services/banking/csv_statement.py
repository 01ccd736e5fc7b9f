"""A bank's table as a statement: days, amounts and balances read as the table writes them, and checked row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from jump.core import money
from jump.core.banking import Statement, StatementLine
from jump.engines.ledger.services.banking.problems import Problems
from jump.engines.ledger.services.banking.table import Table
from jump.engines.ledger.types.banking import COLUMNS, Reading, Stated

TEXT_LENGTH = 500
REFERENCE_LENGTH = 120
_IN = {"c", "cr", "crdt", "credit", "in", "h", "haben", "+", "deposit", "cash in"}
_OUT = {"d", "dr", "dbit", "debit", "out", "s", "soll", "-", "−", "withdrawal", "cash out"}
_CODE = re.compile(r"\b[A-Z]{3}\b")
_YMD = re.compile(r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)(?:[T ].*)?")
_TWO = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d\d)(?:[T ].*)?")
_WORDS = re.compile(r"(\d{1,2})[-/. ]([A-Za-z]{3})[a-z]*[-/. ](\d{4}|\d\d)")
_THREE = re.compile(r"^[^.,]*[.,]\d{3}\D*$")
_FOOTER = re.compile(r"\b(sub-?)?(total|totals|totaux|sum|summe|suma|closing|saldo|solde|balance)\b", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(slots=True)
class _Row:
    number: int
    cells: dict[str, str]
    day: date | None = None
    value_day: date | None = None
    amount_minor: int | None = None
    balance_minor: int | None = None


def read_table(
    table: Table, reading: Reading, *, currency: str, today: date, stated: Stated, problems: Problems
) -> Statement | None:
    """The statement of a table, or None where anything is wrong: then `problems` says what and where."""
    columns = _columns(table, reading, problems)
    if problems:
        return None
    rows = [_Row(number, {name: cells[at] for name, at in columns.items()}) for number, cells in table.rows]
    amounts = [name for name in ("amount", "money_in", "money_out") if name in columns]
    # What has neither a day nor an amount is a line of the bank's own: a sum, a greeting.
    rows = [row for row in rows if row.cells["day"] or any(row.cells[name] for name in amounts)]
    while rows and not rows[-1].cells["day"] and _FOOTER.search(" ".join(_cells_of(table, rows[-1]))):
        rows.pop()  # the bank's own sum below the lines
    if not rows:
        problems.at_row(table.head_at, "", "empty")
        return None
    called = {name: table.head[at] for name, at in columns.items()}
    _read_days(rows, reading, called, today, problems)
    _read_amounts(rows, reading, called, currency, problems)
    if problems:
        return None
    return _statement(rows, called, currency, stated, problems)


def _cells_of(table: Table, row: _Row) -> tuple[str, ...]:
    return next(cells for number, cells in table.rows if number == row.number)


def _columns(table: Table, reading: Reading, problems: Problems) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in COLUMNS:
        wanted = getattr(reading, name)
        if wanted and wanted in table.head:
            found[name] = table.head.index(wanted)
        elif wanted:
            problems.at_row(table.head_at, wanted, "column_missing", name=wanted)
    if not reading.day:
        problems.at_row(table.head_at, "day", "column_needed")
    if not (reading.amount or (reading.money_in and reading.money_out)):
        problems.at_row(table.head_at, "amount", "amount_needed")
    return found


# Days ---------------------------------------------------------------------------------------------------


def _ymd(text: str) -> date | None:
    found = _YMD.fullmatch(text)
    return _day(found[1], found[2], found[3]) if found else None


def _dmy(text: str) -> date | None:
    found = _TWO.fullmatch(text)
    if found:
        return _day(found[3], found[2], found[1])
    named = _WORDS.fullmatch(text)
    if named and named[2].casefold() in _MONTHS:
        return _day(named[3], str(_MONTHS.index(named[2].casefold()) + 1), named[1])
    return None


def _mdy(text: str) -> date | None:
    found = _TWO.fullmatch(text)
    return _day(found[3], found[1], found[2]) if found else None


ORDERS: dict[str, Callable[[str], date | None]] = {"ymd": _ymd, "dmy": _dmy, "mdy": _mdy}


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _read_days(rows: Sequence[_Row], reading: Reading, called: dict[str, str], today: date, problems: Problems) -> None:
    texts = [row.cells[name] for row in rows for name in ("day", "value_day") if row.cells.get(name)]
    order = reading.dates if reading.dates in ORDERS else _order(texts)
    if order == "unclear":
        row = next(row for row in rows if _unclear(row.cells["day"]))
        problems.at_row(row.number, called["day"], "day_unclear", text=row.cells["day"])
        return
    read = ORDERS[order]
    for row in rows:
        if not row.cells["day"]:
            problems.at_row(row.number, called["day"], "day_missing")
            continue
        row.day = read(row.cells["day"])
        if row.day is None:
            problems.at_row(row.number, called["day"], "day_impossible", text=row.cells["day"])
        elif row.day > today:
            problems.at_row(row.number, called["day"], "day_to_come", text=row.cells["day"])
        if row.cells.get("value_day"):
            row.value_day = read(row.cells["value_day"])
            if row.value_day is None:
                problems.at_row(row.number, called["value_day"], "day_impossible", text=row.cells["value_day"])


def _order(texts: Sequence[str]) -> str:
    """The one order in which all days are days; where most are, the others are named later as impossible."""
    fits = {name: sum(1 for text in texts if read(text) is not None) for name, read in ORDERS.items()}
    best = max(fits.values())
    if fits["dmy"] == fits["mdy"] == best and any(_unclear(text) for text in texts):
        return "unclear"
    return next(name for name in ("ymd", "dmy", "mdy") if fits[name] == best)


def _unclear(text: str) -> bool:
    one, other = _dmy(text), _mdy(text)
    # With points the day stands first, wherever points are used.
    return one is not None and other is not None and one != other and "." not in text


# Amounts ------------------------------------------------------------------------------------------------


def _read_amounts(
    rows: Sequence[_Row], reading: Reading, called: dict[str, str], currency: str, problems: Problems
) -> None:
    names = [name for name in ("amount", "money_in", "money_out", "balance") if name in called]
    texts = [row.cells[name] for row in rows for name in names if row.cells[name]]
    mark = reading.decimal if reading.decimal in (".", ",") else _mark_of(texts, currency)

    def minor(row: _Row, name: str) -> int | None:
        return _minor(row, name, called[name], mark or None, currency, problems)

    for row in rows:
        if "balance" in called and row.cells["balance"]:
            row.balance_minor = minor(row, "balance")
        if "amount" in called:
            row.amount_minor = minor(row, "amount")
            if row.amount_minor is None and not row.cells["amount"]:
                problems.at_row(row.number, called["amount"], "amount_missing")
            elif row.amount_minor is not None and "direction" in called:
                row.amount_minor = _directed(row, called["direction"], row.amount_minor, problems)
            continue
        into, out = minor(row, "money_in"), minor(row, "money_out")
        if into and out:
            problems.at_row(row.number, called["money_out"], "two_amounts")
        elif into is None and out is None and not (row.cells["money_in"] or row.cells["money_out"]):
            problems.at_row(row.number, called["money_in"], "amount_missing")
        else:
            row.amount_minor = (into or 0) - abs(out or 0)


def _mark_of(texts: Sequence[str], currency: str) -> str:
    """The mark that begins the decimals of a table: what tells it for certain goes before what only hints at it."""
    certain = (decimal_mark(text, currency) for text in texts if _THREE.search(text) is None)
    hinted = (decimal_mark(text, currency) for text in texts)
    return next((mark for mark in (*certain, *hinted) if mark), "")


def _directed(row: _Row, column: str, amount_minor: int, problems: Problems) -> int | None:
    said = row.cells["direction"].casefold().strip()
    if said in _IN or said in _OUT:
        return abs(amount_minor) if said in _IN else -abs(amount_minor)
    problems.at_row(row.number, column, "direction_unknown", text=row.cells["direction"])
    return None


def decimal_mark(text: str, currency: str) -> str:
    """The mark that begins the decimals, as far as one amount tells it: the last of two kinds, or the only one where
    three digits behind it cannot be decimals of this currency.

    >>> [decimal_mark(text, "EUR") for text in ("1.234,50", "1,234.50", "12,5", "1,234", "1.234.567", "12")]
    [',', '.', ',', '.', ',', '']
    """
    digits = "".join(char for char in text if char.isdigit() or char in ".,")
    last_dot, last_comma = digits.rfind("."), digits.rfind(",")
    if last_dot >= 0 and last_comma >= 0:
        return "." if last_dot > last_comma else ","
    if last_dot < 0 and last_comma < 0:
        return ""
    mark, other = (".", ",") if last_dot >= 0 else (",", ".")
    if digits.count(mark) > 1:
        return other
    behind = len(digits) - digits.rfind(mark) - 1
    if behind != 3:
        return mark
    return "" if money.exponent_of(currency) == 3 else other


def _minor(row: _Row, name: str, column: str, mark: str | None, currency: str, problems: Problems) -> int | None:
    text = row.cells[name]
    if not text:
        return None
    plain, sign = _signed(text)
    for code in _CODE.findall(plain):
        if code != currency:
            problems.at_row(row.number, column, "wrong_currency", found=code, currency=currency)
            return None
        plain = plain.replace(code, "").strip()
    own = decimal_mark(plain, currency)
    if mark and own and own != mark and sum(plain.count(one) for one in ".,") > 1:
        problems.at_row(row.number, column, "decimals_mixed", text=text)
        return None
    try:
        return sign * money.parse_amount(plain, currency, allow_negative=True, decimal_mark=mark)
    except money.AmountError as problem:
        code = {
            "money.too_many_decimals": "too_many_decimals",
            "money.ambiguous": "amount_unclear",
        }.get(problem.code, "amount_impossible")
        problems.at_row(row.number, column, code, text=text, currency=currency)
        return None


def _signed(text: str) -> tuple[str, int]:
    """An amount and its sign where that stands behind it or is a pair of brackets: 100.00-, (100.00), 100.00 DR."""
    plain = text.strip()
    if plain.startswith("(") and plain.endswith(")"):
        return plain[1:-1].strip(), -1
    if plain[-1:] in "-−" and plain[:-1].strip():
        return plain[:-1].strip(), -1
    lower = plain.casefold()
    if lower.endswith(("dr", "cr")):
        return plain[:-2].strip(), -1 if lower.endswith("dr") else 1
    return plain, 1


# The whole ----------------------------------------------------------------------------------------------


def _statement(
    rows: list[_Row], called: dict[str, str], currency: str, stated: Stated, problems: Problems
) -> Statement | None:
    ordered = _oldest_first(rows)
    has_balance = "balance" in called and all(row.balance_minor is not None for row in ordered)
    opening, closing = stated.opening_minor, stated.closing_minor
    if has_balance:
        for before, row in pairwise(ordered):
            expected = (before.balance_minor or 0) + (row.amount_minor or 0)
            if row.balance_minor != expected:
                facts = {"found": _said(row.balance_minor, currency), "expected": _said(expected, currency)}
                problems.at_row(row.number, called["balance"], "balance_differs", **facts)
        first, last = ordered[0], ordered[-1]
        by_rows = ((first.balance_minor or 0) - (first.amount_minor or 0), last.balance_minor or 0)
        for said, found, row in ((opening, by_rows[0], first), (closing, by_rows[1], last)):
            if said is not None and said != found:
                facts = {"found": _said(found, currency), "expected": _said(said, currency)}
                problems.at_row(row.number, called["balance"], "balance_differs", **facts)
        opening, closing = by_rows
    if opening is None or closing is None:
        missing = "opening" if opening is None else "closing"
        problems.add("", missing, "balance_missing")
        return None
    lines = tuple(_line(row, row.number) for row in ordered if row.amount_minor)
    days = [row.day for row in ordered if row.day]
    opens_on = min(stated.since, *days) if stated.since else min(days)
    closes_on = max(stated.until, *days) if stated.until else max(days)
    for row in ordered:
        if (stated.since and row.day and row.day < stated.since) or (
            stated.until and row.day and row.day > stated.until
        ):
            problems.at_row(row.number, called["day"], "day_outside", text=row.cells["day"])
    made = Statement(
        number=f"{opens_on.isoformat()}/{closes_on.isoformat()}",
        account="",
        opens_on=opens_on,
        closes_on=closes_on,
        opening_minor=opening,
        closing_minor=closing,
        lines=lines,
    )
    if made.difference_minor:
        facts = {
            "opening": _said(opening, currency),
            "expected": _said(closing - made.difference_minor, currency),
            "closing": _said(closing, currency),
        }
        problems.add("", "closing", "sum_differs", **facts)
    return None if problems else made


def _oldest_first(rows: list[_Row]) -> list[_Row]:
    """Banks write the newest line first or last. Within a day the balances tell, where there are any."""
    first, last = rows[0].day, rows[-1].day
    assert first is not None
    assert last is not None
    if first != last:
        return rows if first < last else rows[::-1]
    if any(row.balance_minor is None for row in rows) or len(rows) < 2:
        return rows
    follows = (rows[0].balance_minor or 0) + (rows[1].amount_minor or 0) == rows[1].balance_minor
    return rows if follows else rows[::-1]


def _line(row: _Row, number: int) -> StatementLine:
    assert row.day is not None
    assert row.amount_minor is not None
    return StatementLine(
        booked_on=row.day,
        amount_minor=row.amount_minor,
        value_on=row.value_day,
        reference=row.cells.get("reference", "")[:REFERENCE_LENGTH],
        text=row.cells.get("text", "")[:TEXT_LENGTH],
        place=str(number),
    )


def _said(amount_minor: int | None, currency: str) -> str:
    return str(money.Money(amount_minor or 0, currency))
