"""Matching lines of a bank with lines of the books by hand or as proposed; entries for what only the bank knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from jump.base import clock
from jump.base.actors import can, require
from jump.base.refusals import BadInput
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.forms import saved, shown_again
from jump.web.money.bank_forms import BANK_FIELDS, BookForm
from jump.web.money.forms import EmptyForm, WhyForm
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]


@needs("ledger.reconcile")
@require_POST
def confirm(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm the proposals that are ticked, all or none."""
    actor = actor_of(request)
    account = ledger.bank_account(actor, Ref(ref))
    pairs = []
    for value in request.POST.getlist("pair"):
        left, _mark, right = value.partition("|")
        pairs.append(([Ref(one) for one in left.split(",") if one], [one for one in right.split(",") if one]))
    if not pairs:
        raise BadInput({"pair": [_("Tick at least one.")]})
    made = ledger.confirm_matches(actor, account_ref=account.ref, pairs=pairs)
    said = ngettext("%(n)s match is confirmed.", "%(n)s matches are confirmed.", len(made))
    saved(request, said % {"n": formats.number(len(made))})
    return redirect("money:bank_account", ref=account.ref)


@needs("ledger.read")
@require_http_methods(BOTH)
def show_line(request: HttpRequest, ref: str) -> HttpResponse:
    """One line of a bank: what it may be in the books, chosen by hand, or an entry for it."""
    actor = actor_of(request)
    line = ledger.bank_line(actor, Ref(ref))
    account = ledger.bank_account(actor, line.account_ref)
    may = can(actor, "ledger.reconcile", account.scope)
    is_open = line.match_ref is None and (line.prepared is None or line.prepared.state == "dropped")
    match = ledger.bank_match(actor, line.match_ref) if line.match_ref else None
    page: dict[str, Any] = {
        "line": line,
        "account": account,
        "may": may,
        "is_open": is_open,
        "match": match,
        "match_by": names_of([match.by]).get(match.by, "") if match else "",
        "near": ledger.near_book_lines(actor, bank_line_ref=line.ref) if is_open and may else [],
        "chosen": request.POST.getlist("line"),
        "form": EmptyForm(request.POST if request.method == "POST" else None),
    }
    if request.method == "POST":
        require(actor, "ledger.reconcile", account.scope)
        shown_again(request, "money/bank_line_match.html", page)
        ledger.confirm_match(
            actor, account_ref=account.ref, bank_lines=[line.ref], book_lines=request.POST.getlist("line")
        )
        saved(request, _("The match is confirmed."))
        return redirect("money:bank_account", ref=account.ref)
    return render(request, "money/bank_line_match.html", page)


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a match back; its lines are open again."""
    actor = actor_of(request)
    match = ledger.bank_match(actor, Ref(ref))
    account = ledger.bank_account(actor, match.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.undo_match(actor, match_ref=match.ref, why=given["why"])
        saved(request, _("The match is taken back. Its lines are open again."))
        return redirect("money:bank_account", ref=account.ref)

    page = of_account(account, heading=_("Take back this match?"), send=_("Take it back"))
    page["terms"] = [
        *((formats.day(one.booked_on), f"{_('Bank')}: {_amount(one.amount_minor, account)}") for one in match.bank),
        *((formats.day(one.occurred_on), f"{_('Books')}: {_amount(one.amount_minor, account)}") for one in match.book),
    ]
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


def _amount(amount_minor: int, account: ledger.BankAccountView) -> str:
    return formats.money(amount_minor, account.unit)


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def book_it(request: HttpRequest, ref: str) -> HttpResponse:
    """Prepare an entry for a line that only the bank knows; another person approves it."""
    actor = actor_of(request)
    line = ledger.bank_line(actor, Ref(ref))
    account = ledger.bank_account(actor, line.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.prepare_bank_entry(
            actor,
            bank_line_ref=line.ref,
            other_code=given["other"],
            memo=given["memo"],
            occurred_on=given["on"] or None,
        )
        saved(request, _("Prepared. It is booked when a second person approves it."))
        return redirect("money:bank_account", ref=account.ref)

    kinds = ("expense",) if line.amount_minor < 0 else ("income", "equity", "liability")
    accounts = [
        one
        for one in ledger.accounts(account.book_ref)
        if one.unit == account.unit and one.kind in (*kinds, "expense", "income") and ":" not in one.code
    ]
    page = of_account(account, heading=_("Book what only the bank knows"), send=_("Prepare the entry"))
    page["terms"] = [
        (_("Day at the bank"), formats.day(line.booked_on)),
        (_("Amount"), _amount(line.amount_minor, account)),
        (_("What the bank wrote"), line.text or formats.MISSING),
    ]
    page["note"] = _("Nothing is booked before a second person approves it.")
    form = BookForm(request.POST or None, accounts=accounts, initial={"on": line.booked_on}, today=clock.today())
    return act_page(request, form, do=do, page=page, fields=BANK_FIELDS)


@needs("ledger.approve")
@require_http_methods(BOTH)
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve, and so post, an entry that somebody else prepared from a line of a bank."""
    actor = actor_of(request)
    one = ledger.bank_entry(actor, Ref(ref))
    account = ledger.bank_account(actor, one.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        done = ledger.approve_bank_entry(actor, entry_ref=one.ref)
        saved(request, _("Booked as %(ref)s and matched with the bank's line.") % {"ref": done.entry_ref})
        return redirect("money:bank_account", ref=account.ref)

    page = of_account(account, heading=_("Book this entry?"), send=_("Book it"))
    page["terms"] = [
        (_("Prepared by"), names_of([one.prepared_by]).get(one.prepared_by, formats.MISSING)),
        (_("In words"), one.memo),
        (_("Day in the books"), formats.day(one.occurred_on)),
    ]
    page["rows"] = [
        (account.title, _amount(one.amount_minor, account)),
        (one.other_title, _amount(-one.amount_minor, account)),
    ]
    return act_page(request, EmptyForm(request.POST if request.method == "POST" else None), do=do, page=page)


@needs("ledger.reconcile")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up an entry that was prepared."""
    actor = actor_of(request)
    one = ledger.bank_entry(actor, Ref(ref))
    account = ledger.bank_account(actor, one.account_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        ledger.drop_bank_entry(actor, entry_ref=one.ref, why=given["why"])
        saved(request, _("Given up. The bank's line is open again."))
        return redirect("money:bank_account", ref=account.ref)

    page = of_account(account, heading=_("Give up this entry?"), send=_("Give it up"))
    page["terms"] = [(_("In words"), one.memo), (_("Amount"), _amount(one.amount_minor, account))]
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


def of_account(account: ledger.BankAccountView, **more: Any) -> dict[str, Any]:
    """What every small page about a bank's account shares: the way back to it."""
    home = reverse("money:bank_account", args=[account.ref])
    crumbs = [
        {"label": _("Books"), "url": reverse("money:books")},
        {"label": account.title, "url": home},
    ]
    return {"section": "money", "crumbs": crumbs, "sub": account.title, "back": home, **more}
