"""The statement of a fund: its cash over some days, as a page, a file and on paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.actors import require
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.excel import spreadsheet, wants_excel
from jump.web.paging import offset_of, page_of_list
from jump.web.printed import Part, pdf_url, printed, wants_pdf

MONTHS_SHOWN = 12
CASH = "cash"


@needs("ledger.read")
@require_safe
def show_statement(request: HttpRequest, ref: str) -> HttpResponse:
    """What came into the fund's cash and went out of it: a year unless other days are asked for."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    require(actor, "ledger.read", fund.scope)
    today = clock.today()
    since = max(day_asked(request, "since") or add_months(today, -MONTHS_SHOWN), fund.opened_on)
    until = max(min(day_asked(request, "until") or today, today), since)
    account = ledger.account(fund.book_ref, CASH).ref
    if wants_excel(request.GET) or wants_pdf(request.GET):
        whole = ledger.account_statement(actor, account_ref=account, since=since, until=until)
        if wants_excel(request.GET):
            return spreadsheet(str(fund.ref), *_table(fund, whole))
        owner = parties.names(actor, [fund.owner_ref]).get(fund.owner_ref, fund.owner_ref)
        return _paper(fund, whole, str(owner))
    page = page_of_list(request, ledger.count_lines(actor, account_ref=account, since=since, until=until))
    found = ledger.account_statement(
        actor, account_ref=account, since=since, until=until, limit=page.paginator.per_page, offset=offset_of(page)
    )
    query = request.GET.copy()
    query["as"] = "excel"
    return render(
        request,
        "money/fund_statement.html",
        {
            "fund": fund,
            "statement": found,
            "page": page,
            "pdf_url": pdf_url(request),
            "excel_url": f"?{query.urlencode()}",
        },
    )


def day_asked(request: HttpRequest, name: str) -> date | None:
    """A day of the address (2005-06-30), or None where it names none."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


def _paper(fund: finance.FundView, found: ledger.AccountStatement, owner: str) -> HttpResponse:
    head, rows = _table(fund, found)

    def money(minor: int) -> Money:
        return Money(minor, fund.currency)

    return printed(
        _("Statement of the fund: %(name)s") % {"name": fund.title},
        Part(
            head,
            rows,
            title=_("Cash and bank"),
            opening=(_("Cash at the start"), money(found.opening_minor)),
            closing=(_("Cash at the end"), money(found.closing_minor)),
            currency=fund.currency,
        ),
        number=fund.ref,
        since=found.since,
        until=found.until,
        facts=[
            (_("Owner"), owner),
            (_("Came in"), money(found.debit_minor)),
            (_("Went out"), money(found.credit_minor)),
            (_("Cash now"), fund.cash),
            (_("Lent, principal still owed"), fund.lent),
            (_("Kept for savers"), fund.savings),
            (_("Owed to banks"), fund.borrowed),
        ],
    )


def _table(
    fund: finance.FundView, found: ledger.AccountStatement
) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    head = [
        (_("Day"), _("Day in the books")),
        (_("What"), _("What the entry says")),
        (_("Entry"), _("Number of the entry")),
        (_("Came in"), _("Money in")),
        (_("Went out"), _("Money out")),
        (_("Cash"), _("What was there afterwards")),
    ]
    rows = [
        (
            one.occurred_on,
            one.memo,
            one.entry_ref,
            Money(one.amount_minor, fund.currency) if one.amount_minor > 0 else None,
            Money(-one.amount_minor, fund.currency) if one.amount_minor < 0 else None,
            Money(one.balance_after_minor, fund.currency),
        )
        for one in found.lines
    ]
    return head, rows
