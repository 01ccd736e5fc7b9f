"""Repayments: what will happen, saving, the receipt, and putting a mistake right."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved, shown_again
from jump.web.money.forms import REPAYMENT_FIELDS, RepaymentForm, WhyForm
from jump.web.money.views.contracts import contract_page
from jump.web.who import names_of


@needs("finance.collect")
@require_http_methods(["GET", "HEAD", "POST"])
def repay(request: HttpRequest, ref: str) -> HttpResponse:
    """First what will happen, then, with the same key, the saving of it."""
    actor = actor_of(request)
    if request.method != "POST":
        return redirect(f"{reverse('money:contract', args=[ref])}#repay")
    loan = finance.contract(actor, Ref(ref))
    form = RepaymentForm(request.POST, loan=loan)
    page = contract_page(request, Ref(ref), form)
    if not form.is_valid():
        return render(request, "money/contract.html", page, status=422)
    shown_again(request, "money/contract.html", page, fields=REPAYMENT_FIELDS)
    paid, on, receipt = form.cleaned_data["paid"], form.cleaned_data["on"], form.cleaned_data["receipt"]
    if "save" not in request.POST:
        preview = finance.preview_repayment(actor, contract_ref=Ref(ref), amount=paid, on=on)
        return render(request, "money/repay_check.html", {**page, "preview": preview, "rows": will_happen(preview)})
    done = finance.repay(
        actor, contract_ref=Ref(ref), amount=paid, on=on, receipt=receipt, key=form.cleaned_data["key"]
    )
    forget_tasks(actor)
    saved(
        request,
        _("Repayment of %(amount)s saved. Its number is %(ref)s.")
        % {"amount": formats.money(done.amount), "ref": done.ref},
        undo_url=reverse("money:undo", args=[done.ref]),
        undo_until=_("with a reversing entry"),
        print_url=reverse("money:repayment", args=[done.ref]),
    )
    return redirect(f"{reverse('money:contract', args=[ref])}#main")


def will_happen(preview: finance.RepaymentPreview) -> list[tuple[str, str]]:
    """What the money is used for, in the order in which it is used; the last row is what is left."""
    currency = preview.amount.currency

    def said(minor: int) -> str:
        return formats.amount(minor, currency)

    rows = [(_("Late fee"), said(preview.penalty.amount_minor))]
    if preview.fee.amount_minor:
        rows.append((_("Fee"), said(preview.fee.amount_minor)))
    rows += [
        (_("Interest"), said(preview.interest.amount_minor)),
        (_("Principal"), said(preview.principal.amount_minor)),
        (_("Left to pay afterwards, principal only"), said(preview.principal_after.amount_minor)),
    ]
    return rows


@needs("finance.read")
@require_safe
def show_repayment(request: HttpRequest, ref: str) -> HttpResponse:
    """The receipt of a repayment, to be printed."""
    actor = actor_of(request)
    one = finance.repayment(actor, Ref(ref))
    loan = finance.contract(actor, one.contract_ref)
    return render(
        request,
        "money/repayment.html",
        {
            "one": one,
            "loan": loan,
            "name": parties.names(actor, [loan.party_ref]).get(loan.party_ref, loan.party_ref),
            "by": names_of([one.by]).get(one.by, one.by),
            "may_undo": one.undone_by is None and can(actor, "finance.collect", loan.scope),
        },
    )


@needs("finance.collect")
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a repayment back by a reversing entry. Nothing is deleted."""
    actor = actor_of(request)
    one = finance.repayment(actor, Ref(ref))
    form = WhyForm(request.POST or None)

    def do(given: dict[str, object]) -> HttpResponse:
        finance.undo_repayment(
            actor, repayment_ref=one.ref, why=str(given["why"]), on=clock.today(), key=str(given["key"])
        )
        forget_tasks(actor)
        saved(request, _("Repayment %(ref)s is taken back by a reversing entry.") % {"ref": one.ref})
        return redirect("money:contract", ref=one.contract_ref)

    loan_url = reverse("money:contract", args=[one.contract_ref])
    page = {
        "section": "money",
        "crumbs": [{"label": _("Loan %(ref)s") % {"ref": one.contract_ref}, "url": loan_url}],
        "heading": _("Take back this repayment?"),
        "sub": _("A reversing entry is made today. The first entry stays in the books."),
        "terms": [
            (_("Amount"), formats.money(one.amount)),
            (_("Day"), formats.day(one.on)),
            (_("Receipt"), one.receipt),
        ],
        "send": _("Take it back"),
        "back": loan_url,
    }
    return act_page(request, form, do=do, page=page)
