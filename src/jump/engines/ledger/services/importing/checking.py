"""Every row of the tables checked, and what it would post. Nothing here touches the database but to read.

A plain number is digits with at most one point, which begins the decimals; thousands are not grouped. A day is written
2004-06-15. So no cell can be read in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base.refusals import Refusal
from jump.core.units import INT64_MAX
from jump.engines.ledger.models.refusals import PeriodClosed, TooFewLines, TooManyDecimals, Unbalanced, UnitUnknown
from jump.engines.ledger.services.importing.reading import Table
from jump.engines.ledger.types import LABELS, AccountKind, RowProblem

LABEL_AT = tuple(f"label_{label}" for label in LABELS)
NO_LABELS = ("",) * len(LABEL_AT)
SHOWN = 500
_NUMBER = re.compile(r"-?\d+(\.\d*)?|-?\.\d+")
_MEMO_LENGTH = 300
_KEY_LENGTH = 120


@dataclass(slots=True)
class Account:
    """An account of the book, or one that the file opens."""

    code: str
    unit: str
    kind: str
    title: str = ""
    floor_minor: int | None = None
    pk: int = 0
    ref: str = ""


@dataclass(slots=True)
class Entry:
    """One entry to be posted: its day, what its key ends in, and its lines (account, minor units, labels)."""

    key: str
    day: str
    month: int
    memo: str
    value_on: str | None
    lines: list[tuple[Account, int, Sequence[str]]]
    row: int
    before: int  # mistakes found before it


@dataclass(slots=True)
class Plan:
    """What the file says. Only without problems may it be posted."""

    accounts: dict[str, Account]
    decimals: Mapping[str, int]
    months: Mapping[int, str]
    sealed_to: int
    opened: list[Account] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    count: int = 0
    wrong_row: int = 0
    has_labels: bool = False
    keys: set[str] = field(default_factory=set)
    amounts: dict[str, dict[str, int]] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        return sum(len(entry.lines) for entry in self.entries)

    def wrong(self, table: Table, row: int, column: str, code: str, text: str) -> None:
        """Note a problem; the first hundreds are shown, all are counted."""
        self.count += 1
        self.wrong_row = row
        if len(self.problems) < SHOWN:
            self.problems.append(RowProblem(table.sheet, row, table.called.get(column, column), code, text))

    def refused(self, table: Table, row: int, column: str, refusal: Refusal) -> None:
        self.wrong(table, row, column, refusal.code, refusal.sentence())


def check_tables(plan: Plan, tables: Sequence[Table]) -> None:
    """Accounts first, then entries, whatever the order of the sheets."""
    for table in tables:
        if _sort(table) == "accounts":
            _check_accounts(plan, table)
    for table in tables:
        sort = _sort(table)
        if sort == "pairs":
            _check_pairs(plan, table)
        elif sort == "lines":
            _check_lines(plan, table)
        elif not sort:
            text = _("A table needs the columns date, account and amount (or debit and credit), or account and kind.")
            plan.wrong(table, 1, "", "ledger.import_columns", text)
        for name in table.unknown:
            plan.wrong(table, 1, name, "ledger.import_column", _("Nobody reads a column of this name."))
    if not plan.entries and not plan.opened and not plan.count:
        plan.count = 1
        plan.problems.append(RowProblem("", 1, "", "ledger.import_empty", _("There is nothing in the file.")))


def _sort(table: Table) -> str:
    at = table.at
    if {"day", "debit_account", "credit_account", "amount"} <= at.keys():
        return "pairs"
    if {"day", "account"} <= at.keys() and ("amount" in at or "debit" in at or "credit" in at):
        return "lines"
    return "accounts" if {"account", "kind"} <= at.keys() else ""


def _check_accounts(plan: Plan, table: Table) -> None:
    for number, row in table.rows:
        if any(row):
            cell = _cells(table, row)
            code = cell["account"]
            floor = amount_of(plan, table, number, "floor", cell.get("floor", ""), cell.get("unit", "")) or None
            _open(plan, table, number, code, cell.get("kind", ""), cell.get("unit", ""), cell.get("title", ""), floor)


def _cells(table: Table, row: Sequence[str]) -> dict[str, str]:
    return {column: row[place].strip() if place < len(row) else "" for column, place in table.at.items()}


def _open(
    plan: Plan, table: Table, row: int, code: str, kind: str, unit: str, title: str, floor_minor: int | None
) -> Account | None:
    known = plan.accounts.get(code)
    if known is not None:
        if kind and known.kind != kind.lower():
            plan.wrong(table, row, "kind", "ledger.import_account", _("The account exists with another kind."))
        if unit and known.unit != unit:
            plan.wrong(table, row, "unit", "ledger.other_unit", _("The account is kept in another unit."))
        return known
    if not code or len(code) > 80:
        plan.wrong(table, row, "account", "ledger.import_account", _("An account needs a code of at most 80 letters."))
        return None
    if not kind:
        plan.wrong(table, row, "account", "ledger.account_unknown", _("There is no such account in this book."))
        return None
    if kind.lower() not in set(AccountKind):
        text = _("The kind is one of asset, liability, equity, income, expense.")
        plan.wrong(table, row, "kind", "ledger.import_kind", text)
        return None
    if unit not in plan.decimals:
        plan.refused(table, row, "unit", UnitUnknown(unit=unit))
        return None
    account = Account(code, unit, kind.lower(), title[:200] or code, floor_minor)
    plan.accounts[code] = account
    plan.opened.append(account)
    return account


def amount_of(plan: Plan, table: Table, row: int, column: str, text: str, unit: str) -> int:
    """The minor units of a cell; 0 for an empty one, and where there is a problem, which is noted."""
    plain = text.strip()
    if not plain:
        return 0
    if not _NUMBER.fullmatch(plain) or not plain.isascii():
        words = _("This is no plain number: digits, and a point before the decimals.")
        plan.wrong(table, row, column, "ledger.import_amount", words)
        return 0
    places = plan.decimals.get(unit, 0)
    whole, _point, decimals = plain.partition(".")
    kept = decimals.rstrip("0")
    if len(kept) > places:
        plan.refused(table, row, column, TooManyDecimals(text=plain, unit=unit, decimals=places))
        return 0
    minor = int((whole if whole not in ("", "-") else whole + "0") + kept.ljust(places, "0"))
    if abs(minor) > INT64_MAX:
        words = _("This amount is too large to be kept exactly.")
        plan.wrong(table, row, column, "ledger.import_amount", words)
        return 0
    return minor


def _month(plan: Plan, table: Table, row: int, column: str, text: str) -> int:
    """The month (200406) of a day; 0 where it is none, or where its books are closed, which is noted."""
    known = plan.days.get(text)
    if known:
        return known
    try:
        day = date.fromisoformat(text)
    except ValueError:
        plan.wrong(table, row, column, "ledger.import_day", _("This is no day written like 2004-06-15."))
        return 0
    month = day.year * 100 + day.month
    if column == "day" and (month <= plan.sealed_to or month in plan.months):
        state = plan.months.get(month, "sealed")
        plan.refused(table, row, column, PeriodClosed(month=f"{day:%Y-%m}", state=state))
        return 0
    if column == "day":
        plan.days[text] = month
    return month


def _close(plan: Plan, table: Table, entry: Entry) -> None:
    """The last line of an entry has come: do its lines make one? What is wrong in a line is said there and once."""
    lines = entry.lines
    if plan.count > entry.before:
        return
    if len(lines) < 2:
        plan.refused(table, entry.row, "amount" if "amount" in table.at else "debit", TooFewLines(lines=len(lines)))
    unit = lines[0][0].unit if lines else ""
    total = 0
    for account, amount, _labels in lines:
        if account.unit != unit:
            break
        total += amount
    else:
        if total and len(lines) > 1:
            plan.refused(table, entry.row, "amount", Unbalanced(unit=unit, difference_minor=total))
        return
    sums: dict[str, int] = {}
    for account, amount, _labels in lines:
        sums[account.unit] = sums.get(account.unit, 0) + amount
    for one, off in sorted(sums.items()):
        if off:
            plan.refused(table, entry.row, "amount", Unbalanced(unit=one, difference_minor=off))


def _begin(plan: Plan, table: Table, row: int, key: str, day: str, memo: str, value_on: str) -> Entry:
    before = plan.count
    month = plan.days.get(day) or _month(plan, table, row, "day", day)
    if key in plan.keys:
        plan.wrong(table, row, "entry", "ledger.import_entry", _("An entry of this number came before."))
    plan.keys.add(key)
    if len(memo) > _MEMO_LENGTH:
        plan.wrong(table, row, "memo", "ledger.import_memo", _("The note is longer than 300 letters."))
    if len(key) > _KEY_LENGTH:
        plan.wrong(table, row, "entry", "ledger.import_entry", _("The number is longer than 120 letters."))
    if value_on and not _month(plan, table, row, "value_on", value_on):
        value_on = ""
    return Entry(key, day, month, memo, value_on if value_on and value_on != day else None, [], row, before)


def _check_lines(plan: Plan, table: Table) -> None:
    """One line a row. Rows of one entry stand together and share its number, or its day and note.

    An empty number or day means the entry above. This runs a million times: what repeats is looked up, what is odd goes
    the long way round.
    """
    at, width = table.at, table.width
    i_day, i_account = at["day"], at["account"]
    i_entry, i_memo = at.get("entry", -1), at.get("memo", -1)
    i_amount, i_debit, i_credit = at.get("amount", -1), at.get("debit", -1), at.get("credit", -1)
    slow = [column for column in ("unit", "kind", "value_on", "title") if column in at]
    labels_at = [at.get(label, -1) for label in LABEL_AT]
    labelled = any(place >= 0 for place in labels_at)
    plan.has_labels = plan.has_labels or labelled
    accounts, amounts, entries = plan.accounts, plan.amounts, plan.entries
    entry: Entry | None = None
    last_key = ("", "", "")
    labels: Sequence[str] = NO_LABELS
    for number, row in table.rows:
        if len(row) < width:
            if not any(row):
                continue
            row = [*row, *[""] * (width - len(row))]
        day = row[i_day]
        voucher = row[i_entry] if i_entry >= 0 else ""
        memo = row[i_memo] if i_memo >= 0 else ""
        key = (voucher, "", "") if voucher else ("", day, memo)
        if entry is None or (key != last_key and (voucher or day)):
            if entry is not None:
                _close(plan, table, entry)
            last_key = key
            value_on = row[at["value_on"]].strip() if "value_on" in at else ""
            name = voucher.strip() or f"{table.sheet} {number}"
            entry = _begin(plan, table, number, name, day.strip(), memo.strip(), value_on)
            entries.append(entry)
        elif day and day.strip() != entry.day:
            plan.wrong(table, number, "day", "ledger.import_day", _("The lines of one entry have one day."))
        account = accounts.get(row[i_account])
        if account is None or slow:
            cell = _cells(table, row)
            account = _open(
                plan,
                table,
                number,
                cell["account"],
                cell.get("kind", ""),
                cell.get("unit", ""),
                cell.get("title", ""),
                None,
            )
            if account is None:
                entry.lines.append((_NOWHERE, 0, NO_LABELS))
                continue
        unit = account.unit
        known = amounts.get(unit)
        if known is None:
            known = amounts[unit] = {}
        if i_amount >= 0:
            minor = _amount(plan, table, number, "amount", row[i_amount], unit, known)
        else:
            minor = 0
            if i_debit >= 0 and row[i_debit]:
                minor = _amount(plan, table, number, "debit", row[i_debit], unit, known)
            if i_credit >= 0 and row[i_credit]:
                minor -= _amount(plan, table, number, "credit", row[i_credit], unit, known)
        if not minor and plan.wrong_row != number:
            column = "amount" if i_amount >= 0 else "debit"
            plan.wrong(table, number, column, "ledger.import_amount", _("A line needs an amount that is not zero."))
        if labelled:
            labels = [row[place].strip() if place >= 0 else "" for place in labels_at]
        entry.lines.append((account, minor, labels))
    if entry is not None:
        _close(plan, table, entry)


def _amount(plan: Plan, table: Table, row: int, column: str, text: str, unit: str, known: dict[str, int]) -> int:
    minor = known.get(text)
    if minor is None:
        before = plan.count
        minor = amount_of(plan, table, row, column, text, unit)
        if plan.count == before:
            known[text] = minor
    return minor


def _check_pairs(plan: Plan, table: Table) -> None:
    """One entry a row: so much from the account that is credited to the account that is debited."""
    for number, row in table.rows:
        if not any(row):
            continue
        cell: dict[str, Any] = _cells(table, row)
        key = cell.get("entry") or f"{table.sheet} {number}"
        entry = _begin(plan, table, number, key, cell["day"], cell.get("memo", ""), cell.get("value_on", ""))
        given = [cell.get(label, "") for label in LABEL_AT]
        labels: Sequence[str] = given if any(given) else NO_LABELS
        plan.has_labels = plan.has_labels or any(given)
        before = plan.count
        for column, sign in (("debit_account", 1), ("credit_account", -1)):
            account = plan.accounts.get(cell[column])
            if account is None:
                words = _("There is no such account in this book.")
                plan.wrong(table, number, column, "ledger.account_unknown", words)
                continue
            known = plan.amounts.setdefault(account.unit, {})
            minor = _amount(plan, table, number, "amount", cell["amount"], account.unit, known)
            if minor <= 0 and plan.count == before:
                words = _("What is moved is more than nothing.")
                plan.wrong(table, number, "amount", "ledger.import_amount", words)
            if cell.get("unit", account.unit) not in ("", account.unit):
                words = _("The account is kept in another unit.")
                plan.wrong(table, number, "unit", "ledger.other_unit", words)
            entry.lines.append((account, sign * minor, labels))
            if plan.count > before:
                break  # what is wrong with the amount is said once
        if len(entry.lines) == 2:
            _close(plan, table, entry)
        plan.entries.append(entry)


_NOWHERE = Account("", "", "")
