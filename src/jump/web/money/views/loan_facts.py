"""Waivers, refunds, new plans and losses of a loan: proposed by one person, agreed by another, taken back by name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jump.base import clock
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved, shown_again
from jump.web.money import loan_words, words
from jump.web.money.forms import DayForm, WhyForm
from jump.web.money.loan_forms import LOAN_FACT_FIELDS, LossForm, RefundForm, RescheduleForm, WaiverForm
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]


@needs("finance.prepare")
@require_http_methods(BOTH)
def waive(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose that interest, fees or late fees are no longer asked for."""
    actor = actor_of(request)
    loan = finance.contract(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.prepare_waiver(
            actor,
            contract_ref=loan.ref,
            part=given["part"],
            amount=Money(given["amount"], loan.amount.currency),
            on=given["on"],
            why=given["why"],
            key=given["key"],
        )
        return _proposed(request, loan.ref)

    page = _page(request, loan, heading=_("What is no longer asked for?"), send=_("Propose it"))
    page["terms"] = [
        (_("Late fees"), formats.money(loan.penalty_open)),
        (_("Fees"), formats.money(loan.fee_open)),
        (_("Interest"), formats.money(loan.interest_open)),
    ]
    page["note"] = _("No money moves. A second person agrees to it. Principal is never waived: it is written off.")
    return act_page(request, WaiverForm(request.POST or None, loan=loan), do=do, page=page, fields=LOAN_FACT_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def refund(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose to give back what was paid beyond what was owed."""
    actor = actor_of(request)
    loan = finance.contract(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.prepare_refund(
            actor,
            contract_ref=loan.ref,
            amount=Money(given["amount"], loan.amount.currency),
            on=given["on"],
            why=given["why"],
            key=given["key"],
        )
        return _proposed(request, loan.ref)

    page = _page(request, loan, heading=_("Give money back?"), send=_("Propose it"))
    page["terms"] = [(_("Paid beyond what was owed"), formats.money(loan.overpaid))]
    page["note"] = _("Nothing is paid yet. A second person pays it.")
    if not loan.overpaid.amount_minor:
        page["warning"] = _("Nothing was paid beyond what was owed, so nothing can go back.")
    form = RefundForm(request.POST or None, overpaid=loan.overpaid)
    return act_page(request, form, do=do, page=page, fields=LOAN_FACT_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def reschedule(request: HttpRequest, ref: str) -> HttpResponse:
    """A new plan: first both schedules side by side, then the proposal."""
    actor = actor_of(request)
    loan = finance.contract(actor, Ref(ref))
    form = RescheduleForm(request.POST or None, loan=loan)
    page = {**_page(request, loan, heading=_("Plan the payments anew")), "form": form, "loan": loan}
    if request.method != "POST" or not form.is_valid():
        return render(request, "money/reschedule.html", page, status=422 if form.errors else 200)
    shown_again(request, "money/reschedule.html", page, fields=LOAN_FACT_FIELDS)
    if "save" not in request.POST:
        seen = finance.preview_reschedule(actor, contract_ref=loan.ref, plan=form.plan())
        return render(request, "money/reschedule.html", {**page, **_both(seen)})
    finance.prepare_reschedule(
        actor,
        contract_ref=loan.ref,
        plan=form.plan(),
        on=clock.today(),
        why=form.cleaned_data["why"],
        key=form.cleaned_data["key"],
    )
    return _proposed(request, loan.ref)


@needs("finance.prepare")
@require_http_methods(BOTH)
def charge_off(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose to book a loan as lost while it stays owed."""
    actor = actor_of(request)
    loan = finance.contract(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.prepare_charge_off(actor, contract_ref=loan.ref, on=given["on"], why=given["why"], key=given["key"])
        return _proposed(request, loan.ref)

    page = _page(request, loan, heading=_("Book this loan as lost?"), send=_("Propose it"))
    page["terms"] = [(_("Still to pay"), formats.money(loan.outstanding))]
    page["note"] = _("The borrower still owes it, and no more late fees come. Money that comes counts as recovered.")
    return act_page(request, LossForm(request.POST or None), do=do, page=page, fields=LOAN_FACT_FIELDS)


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def agree(request: HttpRequest, ref: str) -> HttpResponse:
    """Agree to what somebody else proposed, after seeing what it changes."""
    actor = actor_of(request)
    one = finance.loan_fact(actor, Ref(ref))
    loan = finance.contract(actor, one.contract_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.agree_loan_fact(actor, fact_ref=one.ref, on=given["on"])
        forget_tasks(actor)
        saved(request, _("Agreed: %(what)s.") % {"what": loan_words.what(one)})
        return redirect("money:contract", ref=loan.ref)

    page = _page(request, loan, heading=_("Do you agree?"), send=_("Agree"))
    page["terms"] = _fact_terms(one)
    template = "components/act.html"
    if one.kind == finance.LoanFactKind.REFUND:
        page |= {"heading": _("Pay this back?"), "send": _("Pay it back")}
        page["rows"] = [
            (_("Paid beyond what was owed"), formats.money(loan.overpaid)),
            (_("Paid back in cash"), formats.money(one.amount)),
        ]
    elif one.kind == finance.LoanFactKind.WAIVER:
        page["rows"] = [
            (_("Owed in all now"), formats.money(loan.owed)),
            (_("No longer asked for"), formats.money(one.amount)),
            (_("Owed in all afterwards"), formats.money(loan.owed - one.amount)),
        ]
    elif one.kind == finance.LoanFactKind.CHARGE_OFF:
        page["rows"] = [(_("The fund loses"), formats.money(loan.outstanding))]
    elif one.plan is not None and one.state == finance.LoanFactState.PREPARED:
        template = "money/reschedule_agree.html"
        page |= _both(finance.preview_reschedule(actor, contract_ref=loan.ref, plan=one.plan))
    return act_page(
        request, DayForm(request.POST or None), do=do, page=page, template=template, fields=LOAN_FACT_FIELDS
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up what was proposed."""
    actor = actor_of(request)
    one = finance.loan_fact(actor, Ref(ref))
    loan = finance.contract(actor, one.contract_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_loan_fact(actor, fact_ref=one.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. Nothing changed."))
        return redirect("money:contract", ref=loan.ref)

    page = _page(request, loan, heading=_("Give up this proposal?"), send=_("Give it up"), terms=_fact_terms(one))
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


@needs("finance.approve")
@require_http_methods(BOTH)
def undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Take back what was agreed, by a fact that names it."""
    actor = actor_of(request)
    one = finance.loan_fact(actor, Ref(ref))
    loan = finance.contract(actor, one.contract_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.undo_loan_fact(actor, fact_ref=one.ref, why=given["why"], on=clock.today(), key=given["key"])
        forget_tasks(actor)
        saved(request, _("%(ref)s is taken back. It stays on record.") % {"ref": one.ref})
        return redirect("money:contract", ref=loan.ref)

    page = _page(request, loan, heading=_("Take this back?"), send=_("Take it back"), terms=_fact_terms(one))
    page["note"] = _("What it changed in the books is put right today. The first entry stays.")
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


# --- inside -------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, loan: finance.ContractView, **more: Any) -> dict[str, Any]:
    """What every small page about a loan shares: whose it is and the way back."""
    name = parties.names(actor_of(request), [loan.party_ref]).get(loan.party_ref, loan.party_ref)
    home = reverse("money:contract", args=[loan.ref])
    crumbs = [
        {"label": _("Loans and grants"), "url": reverse("money:contracts")},
        {"label": f"{words.KINDS[loan.kind]} {loan.ref}", "url": home},
    ]
    return {"section": "money", "crumbs": crumbs, "sub": f"{name} · {words.headline(loan)}", "back": home, **more}


def _fact_terms(one: finance.LoanFactView) -> list[tuple[str, str]]:
    who = names_of([one.prepared_by])
    terms = [(_("What"), loan_words.what(one)), (_("From"), formats.day(one.on))]
    if one.amount.amount_minor:
        terms.append((_("Amount"), formats.money(one.amount)))
    return [*terms, (_("Why"), one.why), (_("Proposed by"), who.get(one.prepared_by, formats.MISSING))]


def _both(seen: finance.ReschedulePreview) -> dict[str, Any]:
    return {"seen": seen, "pairs": loan_words.side_by_side(seen), "rows": loan_words.plan_rows(seen)}


def _proposed(request: HttpRequest, loan_ref: Ref) -> HttpResponse:
    forget_tasks(actor_of(request))
    saved(request, _("Proposed. A second person must agree to it."))
    return redirect("money:contract", ref=loan_ref)
