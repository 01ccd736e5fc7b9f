"""The books in forms that other programs read: hledger's journal, and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Book, Entry, Line
from jump.engines.ledger.models.tables import LABEL_COLUMNS
from jump.engines.ledger.queries.accounts import trial_balance
from jump.engines.ledger.types import LABELS

_PLURAL = {
    "asset": "assets",
    "liability": "liabilities",
    "equity": "equity",
    "income": "income",
    "expense": "expenses",
}
_PAGE = 500


def account_name(book_ref: str, kind: str, code: str) -> str:
    """An account as hledger names it: the book, the kind, the code."""
    return f"{book_ref}:{_PLURAL[kind]}:{code}"


def export_hledger(book_ref: Ref | None = None, until: date | None = None) -> Iterator[str]:
    """A journal that `hledger -f` reads, line by line, for one book or for all. Constant memory."""
    yield "; Written by JUMP. Amounts in major units; debit is positive.\n"
    books = Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()
    units = Account.objects.filter(book__in=books).values_list("unit", flat=True).distinct().order_by("unit")
    for unit in units:
        yield f"commodity {_amount(100_000, unit)}\n"
    for book in books.order_by("id"):
        yield f"\n; {book.ref} {_one_line(book.title)}\n"
        for account in Account.objects.filter(book=book).order_by("code"):
            yield f"account {account_name(book.ref, account.kind, account.code)}\n"
        for entry, lines in _by_entry(book.pk, until):
            memo = _one_line(entry.memo)
            yield f"\n{entry.occurred_on.isoformat()} ({entry.pk}) {memo}  ; {entry.ref} {entry.source}\n"
            for line in lines:
                name = account_name(book.ref, line.account.kind, line.account.code)
                yield f"    {name}  {_amount(line.amount_minor, line.account.unit)}\n"


def export_csv(book_ref: Ref | None = None, until: date | None = None) -> Iterator[str]:
    """Every line with its entry and labels, as CSV, the first row naming the columns."""
    columns = "book entry number occurred_on recorded_at memo source reverses account kind unit amount_minor amount"
    yield _csv([*columns.split(), *LABELS])
    books = Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()
    for book in books.order_by("id"):
        for entry, lines in _by_entry(book.pk, until):
            for line in lines:
                yield _csv(
                    [
                        book.ref,
                        entry.ref,
                        entry.pk,
                        entry.occurred_on.isoformat(),
                        entry.recorded_at.isoformat(),
                        _safe(entry.memo),
                        entry.source,
                        entry.reverses.ref if entry.reverses else "",
                        line.account.code,
                        line.account.kind,
                        line.account.unit,
                        line.amount_minor,
                        _major(line.amount_minor, line.account.unit),
                        *(_safe(getattr(line, LABEL_COLUMNS[name])) for name in LABELS),
                    ]
                )


def export_trial_balance(book_ref: Ref | None = None, as_of: date | None = None) -> Iterator[str]:
    """The trial balance as CSV, accounts that were ever used, named as in the hledger journal."""
    yield _csv(["account", "title", "unit", "debit", "credit", "balance"])
    books = Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()
    for ref in books.order_by("id").values_list("ref", flat=True):
        for row in trial_balance(Ref(ref), as_of):
            if not row.debit_minor and not row.credit_minor:
                continue
            yield _csv(
                [
                    account_name(ref, row.kind.value, row.code),
                    _safe(row.title),
                    row.unit,
                    _major(row.debit_minor, row.unit),
                    _major(row.credit_minor, row.unit),
                    _major(row.balance_minor, row.unit),
                ]
            )


def _by_entry(book_id: int, until: date | None) -> Iterator[tuple[Entry, list[Line]]]:
    """Entries in the order of their days, with their lines, a page at a time."""
    rows = Entry.objects.filter(book_id=book_id)
    if until is not None:
        rows = rows.filter(occurred_on__lte=until)
    order = rows.order_by("occurred_on", "id")
    start = 0
    while page := list(order.select_related("reverses")[start : start + _PAGE]):
        lines: dict[int, list[Line]] = {entry.pk: [] for entry in page}
        wanted = Line.objects.filter(entry_id__in=list(lines)).select_related("account")
        for line in wanted.order_by("entry_id", "position"):
            lines[line.entry_id].append(line)
        for entry in page:
            yield entry, lines[entry.pk]
        start += _PAGE


def _major(amount_minor: int, unit: str) -> str:
    return f"{Decimal(amount_minor).scaleb(-CURRENCY_EXPONENTS.get(unit, 0)):f}"


def _amount(amount_minor: int, unit: str) -> str:
    """An amount as hledger reads it: a unit that is not only letters stands in quotes."""
    symbol = unit if unit.isalpha() else f'"{unit}"'
    text = _major(amount_minor, unit)
    return f"{text if '.' in text else text + '.'} {symbol}"


def _one_line(text: str) -> str:
    """A memo without what hledger would read as a comment or as a new line."""
    return " ".join(text.replace(";", ",").replace("|", "/").split()) or "-"


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def _csv(cells: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
