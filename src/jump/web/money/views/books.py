"""The books: entries as booked, each with its lines, and the trial balance that proves them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jump.base import clock, duties
from jump.base.actors import can, require
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.web.access import actor_of, needs
from jump.web.excel import spreadsheet, wants_excel
from jump.web.links import page_of
from jump.web.money import words
from jump.web.money.views.fund_statements import day_asked
from jump.web.paging import offset_of, page_of_list
from jump.web.who import names_of


@needs("ledger.read")
@require_safe
def list_books(request: HttpRequest) -> HttpResponse:
    """Every book the reader may see."""
    return render(request, "money/books.html", {"books": ledger.books(actor_of(request))})


def seen_book(request: HttpRequest, ref: str) -> ledger.BookView:
    """The book, if this reader may see it."""
    found = next((one for one in ledger.books(actor_of(request)) if one.ref == ref), None)
    if found is None:
        raise NotFound(ref=ref)
    return found


@needs("ledger.read")
@require_safe
def show_book(request: HttpRequest, ref: str) -> HttpResponse:
    """Entries of a book, latest first."""
    actor = actor_of(request)
    book = seen_book(request, ref)
    page = page_of_list(request, ledger.count_entries(actor, book_ref=book.ref))
    entries = ledger.entries(actor, book_ref=book.ref, limit=50, offset=offset_of(page))
    called = names_of(entry.by for entry in entries)
    return render(
        request,
        "money/book.html",
        {
            "book": book,
            "page": page,
            "rows": [{"entry": one, "by": called.get(one.by, one.by), "sums": _sums(one)} for one in entries],
            "may_export": can(actor, "ledger.export", book.scope),
        },
    )


def _sums(entry: ledger.EntryView) -> list[tuple[str, int]]:
    """What moved in an entry, in each unit: the sum of its debits."""
    sums: dict[str, int] = {}
    for line in entry.lines:
        if line.amount_minor > 0:
            sums[line.unit] = sums.get(line.unit, 0) + line.amount_minor
    return sorted(sums.items())


@needs("ledger.read")
@require_safe
def show_entry(request: HttpRequest, ref: str) -> HttpResponse:
    """One entry with its lines, its cause, and what put it right."""
    actor = actor_of(request)
    entry = ledger.entry(Ref(ref))
    try:
        book = seen_book(request, entry.book_ref)
    except NotFound:
        raise NotFound(ref=ref) from None
    cause = duties.describe(actor, entry.source_ref) if entry.source_ref else None
    return render(
        request,
        "money/entry.html",
        {
            "entry": entry,
            "lines": [
                {"line": line, "debit": max(line.amount_minor, 0), "credit": max(-line.amount_minor, 0)}
                for line in entry.lines
            ],
            "book": book,
            "by": names_of([entry.by]).get(entry.by, entry.by),
            "cause": cause,
            "cause_url": page_of(cause) if cause else "",
            "late": entry.value_on if entry.value_on and entry.value_on != entry.occurred_on else None,
        },
    )


@needs("ledger.read")
@require_safe
def show_balance(request: HttpRequest, ref: str) -> HttpResponse:
    """The trial balance: debits and credits of every account; in each unit the two sides are equal."""
    book = seen_book(request, ref)
    today = clock.today()
    as_of = min(day_asked(request, "as_of") or today, today)
    rows = ledger.trial_balance(book.ref, as_of)
    sums: dict[str, list[int]] = {}
    for row in rows:
        side = sums.setdefault(row.unit, [0, 0, 0])
        side[0] += row.debit_minor
        side[1] += row.credit_minor
        side[2] += row.balance_minor
    shown: list[dict[str, Any]] = [
        {"row": row, "kind": words.ACCOUNT_KINDS[row.kind]} for row in rows if row.debit_minor or row.credit_minor
    ]
    if wants_excel(request.GET):
        return _balance_file(book, shown)
    return render(
        request,
        "money/balance.html",
        {
            "book": book,
            "as_of": as_of,
            "excel_url": f"?as_of={as_of.isoformat()}&as=excel",
            "rows": shown,
            "sums": sorted(sums.items()),
            "holds": all(side[2] == 0 for side in sums.values()),
            "may_export": can(actor_of(request), "ledger.export", book.scope),
        },
    )


def _balance_file(book: ledger.BookView, shown: list[dict[str, Any]]) -> HttpResponse:
    head = [
        (_("Account"), _("Name of the account")),
        (_("Code"), _("Its code in the book")),
        (_("Kind"), _("What it counts")),
        (_("Unit"), _("Currency or unit of all amounts of the row")),
        (_("Debits"), _("Sum of debits up to the day")),
        (_("Credits"), _("Sum of credits up to the day")),
        (_("Left"), _("Debits less credits")),
    ]
    decimals = ledger.decimals_of()

    def major(minor: int, unit: str) -> Decimal:
        return Decimal(minor).scaleb(-decimals[unit])

    return spreadsheet(
        book.title,
        head,
        (
            (
                item["row"].title,
                item["row"].code,
                str(item["kind"]),
                item["row"].unit,
                major(item["row"].debit_minor, item["row"].unit),
                major(item["row"].credit_minor, item["row"].unit),
                major(item["row"].balance_minor, item["row"].unit),
            )
            for item in shown
        ),
    )


@needs("ledger.export")
@require_safe
def download_entries(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Every line of a book as CSV."""
    book = seen_book(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return as_download(ledger.export_csv(book.ref), f"{book.ref}-entries.csv")


@needs("ledger.export")
@require_safe
def download_balance(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The trial balance as CSV."""
    book = seen_book(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return as_download(ledger.export_trial_balance(book.ref), f"{book.ref}-balance.csv")


@needs("ledger.export")
@require_safe
def download_journal(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The book as a journal that hledger reads: another program can prove our sums."""
    book = seen_book(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return as_download(ledger.export_hledger(book.ref), f"{book.ref}.journal", "text/plain; charset=utf-8")


def as_download(rows: Iterator[str], name: str, kind: str = "text/csv; charset=utf-8") -> HttpResponseBase:
    """Rows of text as a file, written while they are read."""
    answer = StreamingHttpResponse(rows, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


__all__ = [
    "as_download",
    "download_balance",
    "download_entries",
    "download_journal",
    "list_books",
    "seen_book",
    "show_balance",
    "show_book",
    "show_entry",
]
