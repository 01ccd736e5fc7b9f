"""That no lender will lend: refusals with their papers, the proof that a start-up grant asks for (000, 11.1(8))."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jump.base import files
from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.forms import saved
from jump.web.money import words
from jump.web.money.no_lender_form import NoLenderForm

BOTH = ["GET", "HEAD", "POST"]
TEMPLATE = "money/no_lender.html"
CONDITION = "no_lender"


@needs("finance.prepare")
@require_http_methods(BOTH)
def of_contract(request: HttpRequest, ref: str) -> HttpResponse:
    """Record it for the party of a grant; the page of the condition follows, with the new record as its proof."""
    actor = actor_of(request)
    contract = finance.contract(actor, Ref(ref))
    home = reverse("money:contract", args=[ref])
    asks = any(one.code == CONDITION and not one.is_met for one in contract.conditions)

    def do(given: dict[str, Any]) -> HttpResponse:
        made = _record(actor, contract.party_ref, contract.scope, given)
        saved(request, _("Saved as %(ref)s.") % {"ref": made})
        if not asks:
            return redirect(home)
        return redirect(f"{reverse('money:condition', args=[ref, CONDITION])}?proof={made}")

    page = {
        "crumbs": [
            {"label": _("Loans and grants"), "url": reverse("money:contracts")},
            {"label": f"{words.KINDS[contract.kind]} {contract.ref}", "url": home},
        ],
        "sub": parties.names(actor, [contract.party_ref]).get(contract.party_ref, contract.party_ref),
        "back": home,
    }
    return _ask(request, page, do)


@needs("finance.prepare")
@require_http_methods(BOTH)
def of_group(request: HttpRequest, ref: str) -> HttpResponse:
    """Record it for a group before it is given a grant."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    home = reverse("people:group", args=[ref])

    def do(given: dict[str, Any]) -> HttpResponse:
        made = _record(actor, group.ref, group.scope, given)
        saved(request, _("Saved as %(ref)s. Name it as the proof when a grant asks for it.") % {"ref": made})
        return redirect(home)

    page = {"crumbs": [{"label": group.name, "url": home}], "sub": group.name, "back": home}
    return _ask(request, page, do)


def _ask(request: HttpRequest, page: dict[str, Any], do: Any) -> HttpResponse:
    form = NoLenderForm(request.POST or None, request.FILES or None)
    shown = {"section": "money", "heading": _("Why will no lender lend?"), "send": _("Save"), **page}
    fields = {"finance.lender_available": "paper"}
    return act_page(request, form, do=do, page=shown, template=TEMPLATE, fields=fields)


def _record(actor: Actor, party_ref: Ref, scope: str, given: dict[str, Any]) -> Ref:
    return finance.record_no_lender(
        actor,
        party_ref=party_ref,
        scope=scope,
        on=given["on"],
        key=given["key"],
        why=given["why"],
        refusals=[finance.LenderRefusal(one["lender"], one["on"], _proof(actor, one)) for one in given["refusals"]],
        proof_ref=_proof(actor, given) if given["paper"] or given["proof"] else None,
    )


def _proof(actor: Actor, given: dict[str, Any]) -> Ref:
    """The paper that was added, or the record that was named."""
    paper = given["paper"]
    return files.store(actor, paper, name=paper.name).ref if paper else Ref(given["proof"])
