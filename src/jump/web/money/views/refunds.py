"""Money of a grant that comes back, and closing a grant."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.money.donor_forms import ReasonForm, RefundForm
from jump.web.money.views.releases import named_contract, page_of_contract

BOTH = ["GET", "HEAD", "POST"]
FIELDS = {
    "finance.more_than_advanced": "amount",
    "finance.receipt_used": "receipt",
    "finance.day_impossible": "on",
    "finance.decision_missing": "why",
}


def _grant(contract: finance.ContractView) -> finance.GrantAccount:
    if contract.grant is None:
        raise NotFound(ref=contract.ref)
    return contract.grant


@needs("finance.prepare")
@require_http_methods(BOTH)
def refund(request: HttpRequest, ref: str) -> HttpResponse:
    """Record that money of a grant came back."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)
    grant = _grant(contract)

    def do(given: dict[str, Any]) -> HttpResponse:
        amount = Money(given["amount"], contract.amount.currency)
        finance.refund_grant(
            actor,
            contract_ref=contract.ref,
            amount=amount,
            on=given["on"],
            receipt=given["receipt"],
            why=given["why"],
            key=given["key"],
        )
        saved(request, _("%(amount)s is back where it came from.") % {"amount": formats.money(amount)})
        return redirect("money:contract", ref=ref)

    page = page_of_contract(
        contract,
        name,
        heading=_("How much came back?"),
        terms=[
            (_("Paid out"), formats.money(grant.paid)),
            (_("Accounted for"), formats.money(grant.proved)),
            (_("Paid back so far"), formats.money(grant.refunded)),
            (_("Neither yet"), formats.money(grant.open)),
        ],
        note=_("It goes back to the donor’s money and the part of the budget, or to the fund, that paid it."),
        send=_("Save"),
    )
    form = RefundForm(request.POST or None, currency=contract.amount.currency)
    return act_page(request, form, do=do, page=page, fields=FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def close(request: HttpRequest, ref: str) -> HttpResponse:
    """Close a grant: what was not paid out is free again."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)
    grant = _grant(contract)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.close_grant(actor, contract_ref=contract.ref, why=given["why"], on=given["on"])
        forget_tasks(actor)
        saved(request, _("Grant %(ref)s is closed.") % {"ref": contract.ref})
        return redirect("money:contract", ref=ref)

    page = page_of_contract(
        contract,
        name,
        heading=_("Close this grant?"),
        rows=[
            (_("Not accounted for and not paid back"), formats.money(grant.open)),
            (_("Not paid out, and free again"), formats.money(grant.unpaid)),
        ],
        warning=_("Everything paid must be accounted for or paid back first.") if grant.open.amount_minor else "",
        send=_("Close the grant"),
    )
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page, fields=FIELDS)
