"""Bank statements: accounts with a bank behind them, taking a statement in, and its lines."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock, files
from jump.base.actors import can, require
from jump.base.db import write_transaction
from jump.base.refusals import BadInput, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved, shown_again
from jump.web.money import bank_words as words
from jump.web.money.bank_forms import BANK_FIELDS, ReadingForm, StatementForm
from jump.web.paging import offset_of, page_of_list
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
SALT = "jump.bank-file"
HOURS = 4
SHOWN = 50
TYPES = files.DOCUMENTS | {"application/octet-stream"}


@needs("ledger.read")
@require_safe
def list_accounts(request: HttpRequest, ref: str) -> HttpResponse:
    """The accounts of a book that a bank keeps, and how far each is reconciled."""
    actor = actor_of(request)
    book = next((one for one in ledger.books(actor) if one.ref == ref), None)
    if book is None:
        raise NotFound(ref=ref)
    return render(
        request, "money/bank_accounts.html", {"book": book, "accounts": ledger.bank_accounts(actor, book_ref=book.ref)}
    )


@needs("ledger.read")
@require_safe
def show_account(request: HttpRequest, ref: str) -> HttpResponse:
    """What is open between books and bank: proposals first, then what waits, what only one side knows, statements."""
    actor = actor_of(request)
    account = ledger.bank_account(actor, Ref(ref))
    may = can(actor, "ledger.reconcile", account.scope)
    bank = ledger.open_bank_lines(actor, account_ref=account.ref)
    book = ledger.open_book_lines(actor, account_ref=account.ref)
    free = [one for one in bank if one.prepared is None]
    receipts = finance.receipts_of(actor, [one.entry_ref for one in book]) if free else {}
    proposals = ledger.proposals_of(free, book, receipts)
    proposed = {one.ref for made in proposals for one in made.bank}
    lines = [one for one in bank if one.ref not in proposed]
    waiting = [one.prepared for one in bank if one.prepared]
    statements = ledger.bank_statements(actor, account_ref=account.ref, limit=12)
    done = ledger.reconciliations(actor, account_ref=account.ref, limit=12)
    called = names_of([one.prepared_by for one in (*waiting, *done)])
    return render(
        request,
        "money/bank_account.html",
        {
            "account": account,
            "may": may,
            "may_approve": can(actor, "ledger.approve", account.scope),
            "proposals": [_proposal(made) for made in proposals[:SHOWN]],
            "more_proposals": max(len(proposals) - SHOWN, 0),
            "lines": lines[:SHOWN],
            "more_lines": max(account.open_bank - len(proposed) - SHOWN, 0),
            "transit": book[:SHOWN],
            "transit_total": ledger.count_open_book_lines(actor, account_ref=account.ref) if book else 0,
            "waiting": [{"one": one, "by": called.get(one.prepared_by, "")} for one in waiting],
            "statements": [{"one": one, "form": words.FORMS[one.form]} for one in statements],
            "done": [{"one": one, "tag": words.STATES[one.state]} for one in done],
        },
    )


def _proposal(made: ledger.ProposalView) -> dict[str, Any]:
    key = f"{','.join(one.ref for one in made.bank)}|{','.join(one.key for one in made.book)}"
    why = _("named in the bank's text") if made.by_reference else _("same amount, days near each other")
    if len(made.bank) + len(made.book) > 2 and not made.by_reference:
        why = _("together the same amount")
    return {"made": made, "key": key, "why": why}


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def take(request: HttpRequest, ref: str) -> HttpResponse:
    """Upload a statement. XML is taken in at once; of a table a person says first what its columns mean."""
    actor = actor_of(request)
    account = ledger.bank_account(actor, Ref(ref))
    require(actor, "ledger.reconcile", account.scope)
    form = StatementForm(request.POST or None, request.FILES or None)
    page: dict[str, Any] = {"account": account, "form": form}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "money/bank_take.html", page, fields=BANK_FIELDS)
        upload = form.cleaned_data["file"]
        if upload.size > ledger.STATEMENT_BYTES_MAX:
            raise ledger.StatementTooLarge(
                size_mb=-(-upload.size // 1_000_000), max_mb=ledger.STATEMENT_BYTES_MAX // 1_000_000
            )
        data = upload.read()
        try:
            if ledger.looks_like_xml(data):
                taken = ledger.take_statement(actor, account_ref=account.ref, file_name=upload.name, data=data)
                return _taken(request, taken)
            table = ledger.read_head(actor, account_ref=account.ref, data=data)
        except ledger.StatementRefused as refusal:
            return _refused(request, "money/bank_take.html", page, refusal)
        upload.seek(0)
        with write_transaction():
            kept = files.store(actor, upload, name=upload.name, allowed=TYPES)
        token = signing.dumps([kept.ref, account.ref, actor.key, upload.name], salt=SALT)
        asked = ReadingForm(
            head=table.head, guess=table.guess, currency=account.unit, initial={"token": token}, today=clock.today()
        )
        return render(request, "money/bank_read.html", {"account": account, "form": asked, "table": table})
    return render(request, "money/bank_take.html", page, status=422 if form.errors else 200)


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def read(request: HttpRequest, ref: str) -> HttpResponse:
    """What the columns of a table mean; then it is taken in, or every mistake is named."""
    actor = actor_of(request)
    account = ledger.bank_account(actor, Ref(ref))
    require(actor, "ledger.reconcile", account.scope)
    if request.method != "POST":
        return redirect("money:bank_take", ref=ref)
    name, data = _kept_file(request, account.ref, actor.key)
    table = ledger.read_head(actor, account_ref=account.ref, data=data)
    form = ReadingForm(request.POST, head=table.head, guess=table.guess, currency=account.unit, today=clock.today())
    page: dict[str, Any] = {"account": account, "form": form, "table": table}
    if form.is_valid():
        shown_again(request, "money/bank_read.html", page)
        try:
            taken = ledger.take_statement(
                actor, account_ref=account.ref, file_name=name, data=data, reading=form.reading, stated=form.stated
            )
        except ledger.StatementRefused as refusal:
            return _refused(request, "money/bank_read.html", page, refusal)
        return _taken(request, taken)
    return render(request, "money/bank_read.html", page, status=422)


def _kept_file(request: HttpRequest, account_ref: Ref, key: str) -> tuple[str, bytes]:
    """The file that this person sent a moment ago for this account, and nobody else's."""
    try:
        ref, account, who, name = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        raise BadInput({"token": [_("The file is not kept any more. Send it again.")]}) from None
    if (account, who) != (account_ref, key):
        raise NotFound(ref=account_ref)
    with files.opened(Ref(ref)) as content:
        return str(name), content.read()


def _taken(request: HttpRequest, taken: tuple[ledger.BankStatementView, ...]) -> HttpResponse:
    new, known = sum(one.lines_new for one in taken), sum(one.lines_known for one in taken)
    text = _("Statement %(number)s is taken in: %(new)s new lines, %(known)s known before.")
    facts = {"number": taken[-1].number, "new": formats.number(new), "known": formats.number(known)}
    saved(request, text % facts)
    return redirect("money:bank_account", ref=taken[-1].account_ref)


def _refused(
    request: HttpRequest, template: str, page: dict[str, Any], refusal: ledger.StatementRefused
) -> HttpResponse:
    """The page again with every mistake by its place; nothing was taken in."""
    page["form"].add_error(None, f"{refusal.sentence()} {refusal.advice()}")
    return render(request, template, {**page, "problems": refusal.facts["rows"]}, status=422)


@needs("ledger.read")
@require_safe
def show_statement(request: HttpRequest, ref: str) -> HttpResponse:
    """One statement with its lines, and what each is matched with."""
    actor = actor_of(request)
    statement = ledger.bank_statement(actor, Ref(ref))
    account = ledger.bank_account(actor, statement.account_ref)
    if wants_excel(request.GET):
        lines = ledger.bank_lines(actor, statement_ref=statement.ref, limit=20_000)
        return _statement_file(statement, account, lines)
    page = page_of_list(request, statement.lines_new)
    lines = ledger.bank_lines(actor, statement_ref=statement.ref, limit=SHOWN, offset=offset_of(page))
    return render(
        request,
        "money/bank_statement.html",
        {
            "statement": statement,
            "account": account,
            "lines": lines,
            "page": page,
            "form": words.FORMS[statement.form],
            "by": names_of([statement.by]).get(statement.by, statement.by),
            "may_export": can(actor, "ledger.export", account.scope) and statement.file_ref is not None,
        },
    )


def _statement_file(
    statement: ledger.BankStatementView, account: ledger.BankAccountView, lines: list[ledger.BankLineView]
) -> HttpResponse:
    from jump.core.money import Money

    head = [
        (_("Day"), _("Day on which the bank booked it")),
        (_("Value date"), _("Day from which it counts at the bank")),
        (_("Amount"), _("Money out is below zero")),
        (_("Reference"), _("The bank's reference")),
        (_("Text"), _("What the bank wrote")),
        (_("Match"), _("Number of the match that holds it")),
    ]
    rows = (
        (one.booked_on, one.value_on, Money(one.amount_minor, account.unit), one.reference, one.text, one.match_ref)
        for one in lines
    )
    return spreadsheet(statement.number, head, rows, about=(account.title, account.number))


@needs("ledger.export")
@require_safe
def download(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The file as the bank sent it."""
    actor = actor_of(request)
    statement = ledger.bank_statement(actor, Ref(ref))
    require(actor, "ledger.export", ledger.bank_account(actor, statement.account_ref).scope)
    if statement.file_ref is None:
        raise NotFound(ref=ref)
    return FileResponse(files.opened(statement.file_ref), as_attachment=True, filename=statement.file_name)
