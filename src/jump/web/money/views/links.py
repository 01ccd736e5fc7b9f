"""Matching funds of a fund, and links with banks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.forms import saved
from jump.web.money import savings_words as words
from jump.web.money.forms import DayForm
from jump.web.money.savings_forms import AmountForm, LineForm, LineMoveForm, PledgeForm
from jump.web.money.views.funds import of_fund
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
LINK_FIELDS = {
    "finance.line_short": "amount",
    "finance.more_than_pledged": "amount",
    "finance.amount_not_positive": "limit",
    "finance.day_impossible": "on",
}


@needs("finance.prepare")
@require_http_methods(BOTH)
def pledge(request: HttpRequest, ref: str) -> HttpResponse:
    """Record what somebody promises beside the seed."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.pledge_matching(
            actor,
            fund_ref=fund.ref,
            party_ref=given["party"],
            source=given["source"],
            amount=Money(given["amount"], fund.currency),
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Saved. Nothing has come in yet."))
        return redirect(f"{reverse('money:fund', args=[ref])}#matching")

    page = of_fund(fund, heading=_("What is promised beside the seed?"), send=_("Save"))
    return act_page(request, PledgeForm(request.POST or None, currency=fund.currency), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def receive(request: HttpRequest, ref: str, pledge_ref: str) -> HttpResponse:
    """Money that came in under a promise."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    one = next((row for row in finance.matching(actor, fund_ref=fund.ref) if row.ref == pledge_ref), None)
    if one is None:
        raise NotFound(ref=pledge_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        amount = Money(given["amount"], fund.currency)
        finance.receive_matching(actor, pledge_ref=one.ref, amount=amount, on=given["on"], key=given["key"])
        saved(request, _("%(amount)s came in.") % {"amount": formats.money(amount)})
        return redirect(f"{reverse('money:fund', args=[ref])}#matching")

    page = of_fund(fund, heading=_("How much came in?"), send=_("Save"))
    page["rows"] = [
        (_("Promised"), formats.money(one.pledged)),
        (_("Came in so far"), formats.money(one.received)),
        (_("Still to come"), formats.money(one.left)),
    ]
    form = AmountForm(request.POST or None, currency=fund.currency)
    return act_page(request, form, do=do, page=page, fields=LINK_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def add_line(request: HttpRequest, ref: str) -> HttpResponse:
    """Record a link of a fund with a bank."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.open_bank_line(
            actor,
            product=given["product"],
            party_ref=fund.ref,
            bank_name=given["bank_name"],
            number=given["number"],
            currency=fund.currency,
            limit=Money(given["limit"], fund.currency) if given["limit"] else None,
            scope=fund.scope,
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Saved as %(ref)s.") % {"ref": made})
        return redirect("money:bank_line", ref=made)

    page = of_fund(fund, heading=_("Which bank, and what is agreed?"), send=_("Save"))
    form = LineForm(request.POST or None, currency=fund.currency)
    return act_page(request, form, do=do, page=page, fields=LINK_FIELDS)


@needs("finance.read")
@require_safe
def show_line(request: HttpRequest, ref: str) -> HttpResponse:
    """One link with a bank: what is agreed, and every amount with its day."""
    actor = actor_of(request)
    line = finance.bank_line(actor, Ref(ref))
    called = names_of([key for one in line.moves for key in (one.prepared_by, one.booked_by)])
    may_pay = can(actor, "finance.release", line.scope) or can(actor, "finance.approve", line.scope)
    fund = finance.fund(actor, line.fund_ref) if line.fund_ref else None
    return render(
        request,
        "money/bank_line.html",
        {
            "line": line,
            "kind": words.LINES[line.kind],
            "fund": fund,
            "party": fund.title if fund else parties.names(actor, [line.party_ref]).get(line.party_ref, line.party_ref),
            "moves": [
                {
                    "one": one,
                    "what": words.LINE_MOVES[one.kind],
                    "by": called.get(one.booked_by or one.prepared_by, ""),
                    "may_pay": may_pay and not one.is_booked,
                }
                for one in reversed(line.moves)
            ],
            "may_move": line.closed_on is None and can(actor, "finance.prepare", line.scope),
            "may_close": line.closed_on is None and can(actor, "finance.approve", line.scope),
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def move_on_line(request: HttpRequest, ref: str) -> HttpResponse:
    """An amount drawn or paid back, put in or taken out."""
    actor = actor_of(request)
    line = finance.bank_line(actor, Ref(ref))
    kinds = ("drawn", "repaid") if line.kind is finance.BankLineKind.CREDIT_LINE else ("paid_in", "taken_out")

    def do(given: dict[str, Any]) -> HttpResponse:
        amount = Money(given["amount"], line.limit.currency)
        finance.move_on_line(
            actor,
            line_ref=line.ref,
            kind=given["kind"],
            amount=amount,
            on=given["on"],
            key=given["key"],
            receipt=given["receipt"],
        )
        saved(request, _("Saved: %(amount)s.") % {"amount": formats.money(amount)})
        return redirect("money:bank_line", ref=ref)

    page = _of_line(line, heading=_("What moved?"), send=_("Save"))
    if line.kind is finance.BankLineKind.CREDIT_LINE:
        page["note"] = _("What is paid back to the bank waits until a second person pays it.")
        page["terms"] = [
            (_("May be drawn"), formats.money(line.limit)),
            (_("Still to pay back"), formats.money(line.owed)),
        ]
    form = LineMoveForm(
        request.POST or None, currency=line.limit.currency, kinds=[(one, words.LINE_MOVES[one]) for one in kinds]
    )
    return act_page(request, form, do=do, page=page, fields=LINK_FIELDS)


@needs("finance.release", "finance.approve")
@require_http_methods(BOTH)
def pay_bank(request: HttpRequest, ref: str, move_ref: str) -> HttpResponse:
    """Pay back to the bank what somebody else prepared."""
    actor = actor_of(request)
    line = finance.bank_line(actor, Ref(ref))
    one = next((row for row in line.moves if row.ref == move_ref), None)
    if one is None:
        raise NotFound(ref=move_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.pay_bank(actor, move_ref=one.ref, on=given["on"])
        saved(request, _("%(amount)s paid back to the bank.") % {"amount": formats.money(one.amount)})
        return redirect("money:bank_line", ref=ref)

    page = _of_line(line, heading=_("Pay this back to the bank?"), send=_("Pay it"))
    page["rows"] = [
        (_("Paid back"), formats.money(one.amount)),
        (_("Still to pay back afterwards"), formats.money(line.owed - one.amount)),
    ]
    page["terms"] = [(_("Prepared by"), names_of([one.prepared_by]).get(one.prepared_by, formats.MISSING))]
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=LINK_FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def close_line(request: HttpRequest, ref: str) -> HttpResponse:
    """End a link with a bank, when nothing is owed and nothing lies there."""
    actor = actor_of(request)
    line = finance.bank_line(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.close_bank_line(actor, line_ref=line.ref, on=given["on"])
        saved(request, _("The link with %(bank)s is closed.") % {"bank": line.bank_name})
        return redirect("money:bank_line", ref=ref)

    is_credit = line.kind is finance.BankLineKind.CREDIT_LINE
    page = _of_line(line, heading=_("Close this link with the bank?"), send=_("Close it"))
    page["terms"] = [(_("Still to pay back") if is_credit else _("Lies there"), formats.money(line.owed))]
    if line.owed or any(not one.is_booked for one in line.moves):
        page["warning"] = (
            _("It can be closed when everything is paid back to the bank.")
            if is_credit
            else _("It can be closed when nothing lies there any more.")
        )
    page["note"] = _("What moved stays on record.")
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=LINK_FIELDS)


def _of_line(line: finance.BankLineView, **more: Any) -> dict[str, Any]:
    home = reverse("money:bank_line", args=[line.ref])
    crumbs = [{"label": line.bank_name, "url": home}]
    return {"section": "money", "crumbs": crumbs, "sub": f"{words.LINES[line.kind]} · {line.ref}", "back": home, **more}
