"""The books in forms that other programs read: the journals of hledger and beancount, and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, Q, QuerySet

from jump.core.units import Ref
from jump.engines.ledger.models import Account, Book, Entry, Line, Unit
from jump.engines.ledger.models.tables import LABEL_COLUMNS
from jump.engines.ledger.queries.accounts import trial_balance
from jump.engines.ledger.queries.units import decimals_of, major
from jump.engines.ledger.types import LABELS

_PLURAL = {
    "asset": "assets",
    "liability": "liabilities",
    "equity": "equity",
    "income": "income",
    "expense": "expenses",
}
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ExportLine:
    """A line on its way out."""

    account: Account
    amount_minor: int
    labels: dict[str, str]


def account_name(book_ref: str, kind: str, code: str) -> str:
    """An account as hledger names it: the book, the kind, the code."""
    return f"{book_ref}:{_PLURAL[kind]}:{code}"


def export_hledger(book_ref: Ref | None = None, until: date | None = None) -> Iterator[str]:
    """A journal that `hledger -f` reads, line by line, for one book or for all. Constant memory.

    A value date stands as the secondary date, the rate of an exchange as a market price.
    """
    decimals = decimals_of()
    yield "; Written by JUMP. Amounts in major units; debit is positive.\n"
    for unit in _units(book_ref):
        yield f"commodity {_amount(10 ** (decimals[unit] + 3), unit, decimals)}\n"
    for book in _books(book_ref):
        yield f"\n; {book.ref} {_one_line(book.title)}\n"
        for account in Account.objects.filter(book=book).order_by("code"):
            yield f"account {account_name(book.ref, account.kind, account.code)}\n"
        for entry, lines in by_entry(book.pk, until):
            day = entry.occurred_on.isoformat() + (f"={entry.value_on.isoformat()}" if entry.value_on else "")
            if hasattr(entry, "exchange"):
                rate = entry.exchange
                price = f"{rate.rate.normalize():f} {_symbol(rate.wanted)}"
                yield f"\nP {rate.rate_on.isoformat()} {_symbol(rate.given)} {price}\n"
            yield f"\n{day} ({entry.pk}) {_one_line(entry.memo)}  ; {entry.ref} {entry.source}\n"
            for line in lines:
                name = account_name(book.ref, line.account.kind, line.account.code)
                yield f"    {name}  {_amount(line.amount_minor, line.account.unit, decimals)}\n"


def export_beancount(book_ref: Ref | None = None, until: date | None = None) -> Iterator[str]:
    """A file that `bean-check` reads, for one book or for all. Ends with what every account must hold, to the cent."""
    decimals = decimals_of()
    symbols = _bean_symbols(_units(book_ref))
    titles = dict(Unit.objects.values_list("code", "title"))
    yield 'option "title" "JUMP"\n'
    said: set[str] = set()
    for book in _books(book_ref):
        days = Entry.objects.filter(book=book).aggregate(first=Min("occurred_on"), last=Max("occurred_on"))
        first, last = days["first"] or date(1970, 1, 1), min(filter(None, (days["last"], until)), default=None)
        yield f"\n; {book.ref} {_one_line(book.title)}\n"
        names = _bean_names(book.ref, Account.objects.filter(book=book).order_by("id"))
        for account in Account.objects.filter(book=book).order_by("code"):
            unit = symbols[account.unit]
            if unit not in said:
                said.add(unit)
                yield f"1970-01-01 commodity {unit}\n  name: {_quoted(titles.get(account.unit, account.unit))}\n"
            yield f"{first.isoformat()} open {names[account.pk]} {unit}\n  code: {_quoted(account.code)}\n"
        for entry, lines in by_entry(book.pk, until):
            if hasattr(entry, "exchange"):
                rate = entry.exchange
                price = f"{symbols[rate.given]} {rate.rate.normalize():f} {symbols[rate.wanted]}"
                yield f"\n{rate.rate_on.isoformat()} price {price}\n"
            yield f"\n{entry.occurred_on.isoformat()} * {_quoted(entry.memo)}\n  entry: {_quoted(entry.ref)}\n"
            if entry.source:
                yield f"  source: {_quoted(entry.source)}\n"
            if entry.value_on:
                yield f"  value-on: {entry.value_on.isoformat()}\n"
            for line in lines:
                amount = major(line.amount_minor, decimals[line.account.unit])
                yield f"  {names[line.account.pk]}  {amount} {symbols[line.account.unit]}\n"
        if last is None:
            continue
        after = (last + timedelta(days=1)).isoformat()
        kept = {account.ref: account for account in Account.objects.filter(book=book)}
        for row in trial_balance(Ref(book.ref), until):
            name = names[kept[row.account_ref].pk]
            amount = major(row.balance_minor, decimals[row.unit])
            yield f"\n{after} balance {name}  {amount} ~ 0 {symbols[row.unit]}"
        yield "\n"


def export_csv(book_ref: Ref | None = None, until: date | None = None) -> Iterator[str]:
    """Every line with its entry and labels, as CSV, the first row naming the columns."""
    decimals = decimals_of()
    columns = (
        "book entry number occurred_on recorded_at memo source reverses account kind unit amount_minor amount value_on"
    )
    yield _csv([*columns.split(), *LABELS])
    for book in _books(book_ref):
        for entry, lines in by_entry(book.pk, until):
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
                        major(line.amount_minor, decimals[line.account.unit]),
                        entry.value_on.isoformat() if entry.value_on else "",
                        *(_safe(line.labels.get(name, "")) for name in LABELS),
                    ]
                )


def export_trial_balance(book_ref: Ref | None = None, as_of: date | None = None) -> Iterator[str]:
    """The trial balance as CSV, accounts that were ever used, named as in the hledger journal."""
    decimals = decimals_of()
    yield _csv(["account", "title", "unit", "debit", "credit", "balance"])
    for ref in _books(book_ref).values_list("ref", flat=True):
        for row in trial_balance(Ref(ref), as_of):
            if not row.debit_minor and not row.credit_minor:
                continue
            yield _csv(
                [
                    account_name(ref, row.kind.value, row.code),
                    _safe(row.title),
                    row.unit,
                    major(row.debit_minor, decimals[row.unit]),
                    major(row.credit_minor, decimals[row.unit]),
                    major(row.balance_minor, decimals[row.unit]),
                ]
            )


def by_entry(book_id: int, until: date | None = None) -> Iterator[tuple[Entry, list[ExportLine]]]:
    """Entries in the order of their days, with their lines, a page at a time."""
    rows = Entry.objects.filter(book_id=book_id)
    if until is not None:
        rows = rows.filter(occurred_on__lte=until)
    rows = rows.order_by("occurred_on", "id").select_related("reverses", "exchange")
    accounts = {account.pk: account for account in Account.objects.filter(book_id=book_id)}
    page = list(rows[:_PAGE])
    while page:
        lines = lines_of(page, accounts)
        for entry in page:
            yield entry, lines[entry.pk]
        last = page[-1]
        later = Q(occurred_on__gt=last.occurred_on) | Q(occurred_on=last.occurred_on, pk__gt=last.pk)
        page = list(rows.filter(later)[:_PAGE])


def lines_of(entries: Sequence[Entry], accounts: dict[int, Account] | None = None) -> dict[int, list[ExportLine]]:
    """The lines of these entries, in their order."""
    found: dict[int, list[ExportLine]] = {entry.pk: [] for entry in entries}
    rows = Line.objects.filter(entry_id__in=list(found)).order_by("entry_id", "position")
    columns = list(LABEL_COLUMNS.values())
    asked = list(rows.values_list("entry_id", "account_id", "amount_minor", *columns))
    if accounts is None:
        accounts = {one.pk: one for one in Account.objects.filter(pk__in={row[1] for row in asked})}
    for entry_id, account_id, amount, *labels in asked:
        given = {name: value for name, value in zip(LABEL_COLUMNS, labels, strict=True) if value}
        found[entry_id].append(ExportLine(accounts[account_id], amount, given))
    return found


def _books(book_ref: Ref | None) -> QuerySet[Book]:
    return (Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()).order_by("id")


def _units(book_ref: Ref | None) -> list[str]:
    books = Account.objects.filter(book__in=_books(book_ref).order_by().values("pk"))
    return list(books.values_list("unit", flat=True).distinct().order_by("unit"))


def _symbol(unit: str) -> str:
    """A unit that is not only letters stands in quotes."""
    return unit if unit.isalpha() else f'"{unit}"'


def _amount(amount_minor: int, unit: str, decimals: dict[str, int]) -> str:
    """An amount as hledger reads it."""
    text = major(amount_minor, decimals[unit])
    return f"{text if '.' in text else text + '.'} {_symbol(unit)}"


def _bean_symbols(units: Iterable[str]) -> dict[str, str]:
    """Units as beancount names them: capital letters, digits and hyphens, each its own. Currencies keep theirs."""
    symbols: dict[str, str] = {}
    for unit in sorted(units, key=lambda one: (one != one.upper(), one)):
        plain = re.sub(r"[^A-Z0-9]+", "-", unit.upper()).strip("-")
        symbol = number = plain if len(plain) > 1 else f"{plain}-UNIT"
        count = 1
        while number in symbols.values():
            count += 1
            number = f"{symbol}-{count}"
        symbols[unit] = number
    return symbols


def _bean_names(book_ref: str, accounts: Iterable[Account]) -> dict[int, str]:
    """Accounts as beancount names them: kind, book, code; each its own."""
    names: dict[int, str] = {}
    taken: set[str] = set()
    for account in accounts:
        parts = [book_ref, *account.code.split(":")]
        plain = [re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") or "X" for part in parts]
        name = ":".join([_PLURAL[account.kind].capitalize(), *(part[0].upper() + part[1:] for part in plain)])
        chosen, count = name, 1
        while chosen in taken:
            count += 1
            chosen = f"{name}-{count}"
        taken.add(chosen)
        names[account.pk] = chosen
    return names


def _quoted(text: str) -> str:
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


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
