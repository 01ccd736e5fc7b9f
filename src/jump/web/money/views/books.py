"""The books: entries as booked, each with its lines, and the trial balance that proves them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jump.base import clock, duties
from jump.base.actors import can, require
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.web.access import actor_of, needs
from jump.web.links import page_of
from jump.web.money import words
from jump.web.paging import offset_of, page_of_list
from jump.web.who import names_of


@needs("ledger.read")
@require_safe
def list_books(request: HttpRequest) -> HttpResponse:
    """Every book the reader may see."""
    return render(request, "money/books.html", {"books": ledger.books(actor_of(request))})


def _seen(request: HttpRequest, ref: str) -> ledger.BookView:
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
    book = _seen(request, ref)
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
        book = _seen(request, entry.book_ref)
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
        },
    )


@needs("ledger.read")
@require_safe
def show_balance(request: HttpRequest, ref: str) -> HttpResponse:
    """The trial balance: debits and credits of every account; in each unit the two sides are equal."""
    book = _seen(request, ref)
    rows = ledger.trial_balance(book.ref, clock.today())
    sums: dict[str, list[int]] = {}
    for row in rows:
        side = sums.setdefault(row.unit, [0, 0, 0])
        side[0] += row.debit_minor
        side[1] += row.credit_minor
        side[2] += row.balance_minor
    shown: list[dict[str, Any]] = [
        {"row": row, "kind": words.ACCOUNT_KINDS[row.kind]} for row in rows if row.debit_minor or row.credit_minor
    ]
    return render(
        request,
        "money/balance.html",
        {
            "book": book,
            "rows": shown,
            "sums": sorted(sums.items()),
            "holds": all(side[2] == 0 for side in sums.values()),
            "may_export": can(actor_of(request), "ledger.export", book.scope),
        },
    )


@needs("ledger.export")
@require_safe
def download_entries(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Every line of a book as CSV."""
    book = _seen(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return _csv(ledger.export_csv(book.ref), f"{book.ref}-entries.csv")


@needs("ledger.export")
@require_safe
def download_balance(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The trial balance as CSV."""
    book = _seen(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return _csv(ledger.export_trial_balance(book.ref), f"{book.ref}-balance.csv")


@needs("ledger.export")
@require_safe
def download_journal(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The book as a journal that hledger reads: another program can prove our sums."""
    book = _seen(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return _csv(ledger.export_hledger(book.ref), f"{book.ref}.journal", "text/plain; charset=utf-8")


def _csv(rows: Iterator[str], name: str, kind: str = "text/csv; charset=utf-8") -> HttpResponseBase:
    answer = StreamingHttpResponse(rows, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


__all__ = [
    "download_balance",
    "download_entries",
    "download_journal",
    "list_books",
    "show_balance",
    "show_book",
    "show_entry",
]
