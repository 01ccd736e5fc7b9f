"""Guarantees: on the page of a loan, on a page of their own, and what a guarantor pays."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
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
from jump.web.money.savings_forms import CallForm, GuaranteeForm, MoveForm, ReasonForm
from jump.web.money.words import percent
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
GUARANTEE_FIELDS = {
    "finance.guarantee_exposure": "amount",
    "finance.above_limit": "amount",
    "finance.guarantor_is_borrower": "guarantor",
    "finance.more_than_called": "amount",
    "finance.day_impossible": "on",
    "finance.amount_not_positive": "amount",
}


def parties_of(found: list[finance.GuaranteeView]) -> list[Ref]:
    """Guarantors and borrowers, whose names a page needs; funds have titles of their own."""
    return [ref for one in found for ref in (one.guarantor_ref, one.borrower_ref) if ref.kind != "fnd"]


def guarantee_rows(
    actor: Actor,
    found: list[finance.GuaranteeView],
    *,
    names: dict[str, str] | None = None,
    funds: dict[Ref, str] | None = None,
) -> list[dict[str, Any]]:
    """Rows of a list with names and the one tag of each; names and titles that the page knows may be given."""
    if names is None:
        names = parties.names(actor, parties_of(found))
    others = [one for one in found if one.guarantor_ref.kind == "fnd" and one.guarantor_ref not in (funds or {})]
    if others:
        funds = {**(funds or {}), **{one.ref: one.title for one in finance.funds(actor)}}
    titles = funds or {}
    return [
        {
            "one": one,
            "guarantor": titles.get(one.guarantor_ref) or names.get(one.guarantor_ref, one.guarantor_ref),
            "borrower": names.get(one.borrower_ref, one.borrower_ref),
            "state": words.GUARANTEE_STATES[one.state],
        }
        for one in found
    ]


@needs("finance.read")
@require_safe
def show_guarantee(request: HttpRequest, ref: str) -> HttpResponse:
    """Who stands for which loan, up to how much, and what became of it."""
    actor = actor_of(request)
    found = finance.guarantee(actor, Ref(ref))
    row = guarantee_rows(actor, [found])[0]
    jointly = parties.names(actor, list(found.jointly))
    called = names_of([found.by, *(key for one in found.payments for key in (one.prepared_by, one.booked_by))])
    may_pay = can(actor, "finance.release", found.scope) or can(actor, "finance.approve", found.scope)
    collects = can(actor, "finance.collect", found.scope)
    return render(
        request,
        "money/guarantee.html",
        {
            **row,
            "jointly": [jointly.get(one, one) for one in found.jointly],
            "payments": [
                {
                    "one": one,
                    "prepared_by": called.get(one.prepared_by, ""),
                    "may_book": not one.is_booked and (may_pay if found.fund_ref else collects),
                }
                for one in found.payments
            ],
            "by": called.get(found.by, ""),
            "may_prepare": found.still_to_pay.amount_minor > 0
            and can(actor, "finance.prepare" if found.fund_ref else "finance.collect", found.scope),
            "may_call": _is_for_another_lender(found) and can(actor, "finance.approve", found.scope),
            "may_release": found.state == "open" and can(actor, "finance.approve", found.scope),
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def add(request: HttpRequest, ref: str) -> HttpResponse:
    """Record who stands for a loan."""
    actor = actor_of(request)
    loan = finance.contract(actor, Ref(ref))
    today = clock.today()

    def do(given: dict[str, Any]) -> HttpResponse:
        guarantor = Ref(given["guarantor"] or loan.party_ref)
        is_group = guarantor.kind == "grp"
        members = parties.members(actor, guarantor, today) if is_group and guarantor == loan.party_ref else []
        made = finance.open_guarantee(
            actor,
            product=given["product"],
            guarantor_ref=guarantor,
            amount=Money(given["amount"], loan.amount.currency),
            percent=given["percent"],
            contract_ref=loan.ref,
            jointly=[one.person_ref for one in members],
            proof_ref=Ref(given["proof"]) if given["proof"] else None,
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Guarantee %(ref)s is saved.") % {"ref": made})
        return redirect("money:contract", ref=ref)

    page = {
        "section": "money",
        "crumbs": [{"label": _("Loan %(ref)s") % {"ref": ref}, "url": reverse("money:contract", args=[ref])}],
        "heading": _("Who stands for this loan?"),
        "sub": parties.names(actor, [loan.party_ref]).get(loan.party_ref, loan.party_ref),
        "terms": [(_("Agreed"), formats.money(loan.amount))],
        "send": _("Save the guarantee"),
        "back": reverse("money:contract", args=[ref]),
    }
    form = GuaranteeForm(request.POST or None, currency=loan.amount.currency)
    return act_page(request, form, do=do, page=page, fields=GUARANTEE_FIELDS)


@needs("finance.prepare", "finance.collect")
@require_http_methods(BOTH)
def prepare_payment(request: HttpRequest, ref: str) -> HttpResponse:
    """What a guarantor pays. Out of a fund a second person pays it; what others bring is received at once."""
    actor = actor_of(request)
    found = finance.guarantee(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.prepare_guarantee_payment(
            actor,
            guarantee_ref=found.ref,
            amount=Money(given["amount"], found.amount.currency),
            on=given["on"],
            key=given["key"],
            receipt=given["receipt"],
        )
        if found.fund_ref:
            saved(request, _("Prepared. A second person pays it."))
        else:
            finance.book_guarantee_payment(actor, payment_ref=made, on=given["on"])
            saved(request, _("Received and booked."))
        return redirect("money:guarantee", ref=ref)

    page = _page(request, found, heading=_("What does the guarantor pay?"), send=_("Save"))
    page["rows"] = [
        (_("Called"), formats.money(found.called)),
        (_("Paid so far"), formats.money(found.paid)),
        (_("Still to pay"), formats.money(found.still_to_pay)),
    ]
    form = MoveForm(request.POST or None, currency=found.amount.currency)
    return act_page(request, form, do=do, page=page, fields=GUARANTEE_FIELDS)


@needs("finance.release", "finance.approve", "finance.collect")
@require_http_methods(BOTH)
def book_payment(request: HttpRequest, ref: str, payment: str) -> HttpResponse:
    """Pay what somebody else prepared."""
    actor = actor_of(request)
    found = finance.guarantee(actor, Ref(ref))
    one = next((row for row in found.payments if row.ref == payment), None)
    if one is None:
        raise NotFound(ref=payment)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.book_guarantee_payment(actor, payment_ref=one.ref, on=given["on"])
        saved(request, _("%(amount)s paid.") % {"amount": formats.money(one.amount)})
        return redirect("money:guarantee", ref=ref)

    page = _page(request, found, heading=_("Pay this guarantee?"), send=_("Pay it"))
    page["rows"] = [(_("Paid out in cash"), formats.money(one.amount))]
    page["terms"] = [(_("Prepared by"), names_of([one.prepared_by]).get(one.prepared_by, formats.MISSING))]
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=GUARANTEE_FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def call(request: HttpRequest, ref: str) -> HttpResponse:
    """Another lender asks the guarantor to pay. A guarantee for a loan of ours is called by writing the loan off."""
    actor = actor_of(request)
    found = finance.guarantee(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        done = finance.call_guarantee(
            actor,
            guarantee_ref=found.ref,
            owed=Money(given["amount"], found.amount.currency),
            why=given["why"],
            on=given["on"],
        )
        saved(request, _("Called for %(amount)s. Nothing is paid yet.") % {"amount": formats.money(done.called)})
        return redirect("money:guarantee", ref=ref)

    page = _page(request, found, heading=_("Call this guarantee?"), send=_("Call it"))
    page["terms"] = [
        *([(_("Lender"), found.lender)] if found.lender else []),
        (_("Up to"), formats.money(found.amount)),
        (_("Part of what is owed"), percent(found.percent)),
    ]
    if found.contract_ref:
        page["warning"] = _("This guarantee is for a loan of ours. It is called when the loan is written off.")
    page["note"] = _("The guarantor then owes this part of what is owed, and no more than the guarantee says.")
    form = CallForm(request.POST or None, currency=found.amount.currency, since=found.opened_on)
    return act_page(request, form, do=do, page=page, fields=GUARANTEE_FIELDS)


def _is_for_another_lender(found: finance.GuaranteeView) -> bool:
    return found.state is finance.GuaranteeState.OPEN and found.contract_ref is None


@needs("finance.approve")
@require_http_methods(BOTH)
def release(request: HttpRequest, ref: str) -> HttpResponse:
    """End a guarantee for which nothing was called."""
    actor = actor_of(request)
    found = finance.guarantee(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.release_guarantee(actor, guarantee_ref=found.ref, why=given["why"], on=clock.today())
        saved(request, _("Released. Nobody stands for the loan by this guarantee any more."))
        return redirect("money:guarantee", ref=ref)

    page = _page(request, found, heading=_("Release this guarantee?"), send=_("Release it"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


def _page(request: HttpRequest, found: finance.GuaranteeView, **more: Any) -> dict[str, Any]:
    row = guarantee_rows(actor_of(request), [found])[0]
    home = reverse("money:guarantee", args=[found.ref])
    crumbs = [{"label": str(found.ref), "url": home}]
    if found.contract_ref:
        crumbs.insert(
            0, {"label": str(found.contract_ref), "url": reverse("money:contract", args=[found.contract_ref])}
        )
    sub = _("%(guarantor)s for %(borrower)s") % {"guarantor": row["guarantor"], "borrower": row["borrower"]}
    return {"section": "money", "crumbs": crumbs, "sub": sub, "back": home, **more}
