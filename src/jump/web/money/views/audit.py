"""For auditors: an account line by line, the chain and its seals, and files that prove the books elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.actors import can, require
from jump.base.refusals import NotFound
from jump.core.calendars import add_months
from jump.core.money import CURRENCY_EXPONENTS, Money
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.web.access import actor_of, needs
from jump.web.excel import spreadsheet, wants_excel
from jump.web.money import bank_words, words
from jump.web.money.views.books import as_download, seen_book
from jump.web.money.views.fund_statements import day_asked
from jump.web.paging import offset_of, page_of_list
from jump.web.printed import Part, pdf_url, printed, wants_pdf
from jump.web.who import names_of

MONTHS_SHOWN = 12
PROVED_MAX = 20_000  # entries that a page proves; more are proved by the command line


@needs("ledger.read")
@require_safe
def show_account(request: HttpRequest, ref: str, account: str) -> HttpResponse:
    """One account line by line, with what it held after each: a year unless other days are asked for."""
    actor = actor_of(request)
    book = seen_book(request, ref)
    today = clock.today()
    until = min(day_asked(request, "until") or today, today)
    since = min(day_asked(request, "since") or add_months(until, -MONTHS_SHOWN), until)
    days: dict[str, date] = {"since": since, "until": until}
    if wants_excel(request.GET) or wants_pdf(request.GET):
        whole = _of_book(ledger.account_statement(actor, account_ref=Ref(account), **days), book)
        return _paper(whole) if wants_pdf(request.GET) else spreadsheet(whole.account.title, *_table(whole))
    page = page_of_list(request, ledger.count_lines(actor, account_ref=Ref(account), **days))
    found = ledger.account_statement(
        actor, account_ref=Ref(account), **days, limit=page.paginator.per_page, offset=offset_of(page)
    )
    _of_book(found, book)
    return render(
        request,
        "money/account.html",
        {
            "book": book,
            "found": found,
            "account": found.account,
            "kind": words.ACCOUNT_KINDS[found.account.kind],
            "page": page,
            "pdf_url": pdf_url(request),
            "excel_url": pdf_url(request).replace("as=pdf", "as=excel"),
            "may_bank": found.account.kind in ("asset", "liability") and found.account.unit in CURRENCY_EXPONENTS,
        },
    )


def _of_book(found: ledger.AccountStatement, book: ledger.BookView) -> ledger.AccountStatement:
    if found.account.book_ref != book.ref:
        raise NotFound(ref=found.account.ref)
    return found


def _table(found: ledger.AccountStatement) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    head = [
        (_("Day"), _("Day in the books")),
        (_("What"), _("What the entry says")),
        (_("Entry"), _("Number of the entry")),
        (_("Debit"), _("Sum on the debit side")),
        (_("Credit"), _("Sum on the credit side")),
        (_("Left"), _("Balance afterwards, debits above zero")),
    ]
    unit = found.account.unit

    def counted(minor: int) -> Any:
        return Money(minor, unit) if unit in CURRENCY_EXPONENTS else minor

    rows = [
        (
            one.occurred_on,
            one.memo,
            one.entry_ref,
            counted(one.debit_minor) if one.debit_minor else None,
            counted(one.credit_minor) if one.credit_minor else None,
            counted(one.balance_after_minor),
        )
        for one in found.lines
    ]
    return head, rows


def _paper(found: ledger.AccountStatement) -> HttpResponse:
    head, rows = _table(found)
    unit = found.account.unit
    is_money = unit in CURRENCY_EXPONENTS
    bounds = (found.opening_minor, found.closing_minor)
    first, last = (Money(one, unit) if is_money else one for one in bounds)
    return printed(
        _("Account %(title)s") % {"title": found.account.title},
        Part(head, rows, opening=(_("Before"), first), closing=(_("Left"), last), currency=unit if is_money else ""),
        number=found.account.code,
        since=found.since,
        until=found.until,
    )


@needs("ledger.read")
@require_safe
def show_chain(request: HttpRequest, ref: str) -> HttpResponse:
    """The proof of a book: whether everything is as it was posted, what is not linked yet, and the seals."""
    actor = actor_of(request)
    book = seen_book(request, ref)
    entries = ledger.count_entries(actor, book_ref=book.ref)
    proof = ledger.proof(book.ref) if entries <= PROVED_MAX else None
    seals = list(reversed(ledger.seals(book.ref)))
    called = names_of(one.by for one in seals)
    return render(
        request,
        "money/chain.html",
        {
            "book": book,
            "entries": entries,
            "proof": proof,
            "seals": [
                {"one": one, "title": bank_words.month(one.month), "by": called.get(one.by, one.by)} for one in seals
            ],
            "may_export": can(actor, "ledger.export", book.scope),
        },
    )


@needs("ledger.export")
@require_safe
def download_chain(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The book as a file that proves itself (`jump ledger verify-file`)."""
    book = seen_book(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return as_download(ledger.export_chain(book.ref), f"{book.ref}-chain.jsonl", "application/jsonl")


@needs("ledger.export")
@require_safe
def download_beancount(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The book as a journal that beancount reads."""
    book = seen_book(request, ref)
    require(actor_of(request), "ledger.export", book.scope)
    return as_download(ledger.export_beancount(book.ref), f"{book.ref}.beancount", "text/plain; charset=utf-8")
