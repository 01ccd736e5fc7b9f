"""Money that goes out: prepared by one person, released by another; conditions, proof of use, write-offs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jump.base import clock, files
from jump.base.refusals import BadInput, NotFound
from jump.core.money import Money
from jump.core.units import BadRef, Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved, shown_again
from jump.web.money import words
from jump.web.money.forms import ConditionForm, DayForm, SpendProofForm, WhyForm
from jump.web.money.views.contracts import contract_page
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]


def page_of_contract(contract: finance.ContractView, name: str, **more: Any) -> dict[str, Any]:
    """What every small page about a contract shares: the way back to it."""
    home = reverse("money:contract", args=[contract.ref])
    crumbs = [
        {"label": _("Loans and grants"), "url": reverse("money:contracts")},
        {"label": f"{words.KINDS[contract.kind]} {contract.ref}", "url": home},
    ]
    return {"section": "money", "crumbs": crumbs, "sub": f"{name} · {words.headline(contract)}", "back": home, **more}


def named_contract(request: HttpRequest, ref: str) -> tuple[finance.ContractView, str]:
    actor = actor_of(request)
    contract = finance.contract(actor, Ref(ref))
    return contract, parties.names(actor, [contract.party_ref]).get(contract.party_ref, contract.party_ref)


def _tranche(contract: finance.ContractView, number: int) -> finance.TrancheView:
    found = next((one for one in contract.tranches if one.number == number), None)
    if found is None:
        raise NotFound(ref=f"{contract.ref} {number}")
    return found


@needs("finance.prepare")
@require_POST
def prepare(request: HttpRequest, ref: str, number: int) -> HttpResponse:
    """Prepare a tranche; a second person pays it."""
    actor = actor_of(request)
    shown_again(request, "money/contract.html", contract_page(request, Ref(ref)), form="act")
    finance.prepare_release(actor, contract_ref=Ref(ref), number=number, on=clock.today())
    forget_tasks(actor)
    saved(request, _("Tranche %(n)s is prepared. A second person must release it.") % {"n": number})
    return redirect("money:contract", ref=ref)


@needs("finance.release", "finance.approve")
@require_http_methods(BOTH)
def release(request: HttpRequest, ref: str, number: int) -> HttpResponse:
    """Pay a prepared tranche, after showing what will happen."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)
    tranche = _tranche(contract, number)
    who = names_of([tranche.prepared_by])

    def do(given: dict[str, Any]) -> HttpResponse:
        paid = finance.approve_release(actor, tranche_ref=tranche.ref, on=given["on"], key=given["key"])
        forget_tasks(actor)
        saved(
            request,
            _("%(amount)s paid out. The entry is %(ref)s.")
            % {"amount": formats.money(paid.amount), "ref": paid.entry_ref},
        )
        return redirect("money:contract", ref=ref)

    rows = [(_("Paid to %(name)s") % {"name": name}, formats.money(tranche.amount))]
    if contract.fund_ref:
        fund = finance.fund(actor, contract.fund_ref)
        rows += [
            (_("Cash of the fund now"), formats.money(fund.cash)),
            (_("Cash afterwards"), formats.money(fund.cash - tranche.amount)),
        ]
    still_open = [one.text for one in contract.conditions if one.code in tranche.waits_for]
    page = page_of_contract(
        contract,
        name,
        heading=_("Release tranche %(n)s?") % {"n": number},
        rows=rows,
        terms=[
            (_("Prepared by"), who.get(tranche.prepared_by, formats.MISSING)),
            (_("Prepared on"), formats.day(tranche.prepared_on)),
        ],
        warning=_("Still open: %(conditions)s") % {"conditions": " ".join(still_open)} if still_open else "",
        send=_("Release the money"),
    )
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields={"finance.day_impossible": "on"})


@needs("finance.prepare")
@require_http_methods(BOTH)
def meet_condition(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    """Record that a condition is met, with its proof."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)
    condition = next((one for one in contract.conditions if one.code == code), None)
    if condition is None:
        raise NotFound(ref=f"{ref} {code}")

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.meet_condition(
            actor,
            contract_ref=contract.ref,
            condition=code,
            proof_ref=ref_of(given["proof"]),
            decided_by=[actor.key],
            on=given["on"],
        )
        forget_tasks(actor)
        saved(request, _("The condition is met. Its proof is %(ref)s.") % {"ref": given["proof"]})
        return redirect("money:contract", ref=ref)

    page = page_of_contract(
        contract, name, heading=_("Is this condition met?"), terms=[(condition.text, "")], send=_("Save")
    )
    form = ConditionForm(request.POST or None, initial={"proof": request.GET.get("proof", "")})
    return act_page(request, form, do=do, page=page)


def ref_of(text: str, field: str = "proof") -> Ref:
    """The number of a record as a person typed it; the field says what is wrong with another text."""
    try:
        return Ref.parse(text.strip())
    except BadRef:
        raise BadInput(
            {field: [_("This is not the number of a record. It has three letters, a hyphen and eight signs.")]}
        ) from None


@needs("finance.prepare")
@require_http_methods(BOTH)
def account_for_spend(request: HttpRequest, ref: str) -> HttpResponse:
    """Show what paid money was used for."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)
    uses = [(code, title) for code, title, _amount in contract.grant.uses] if contract.grant else []
    form = SpendProofForm(request.POST or None, request.FILES or None, currency=contract.amount.currency, uses=uses)

    def do(given: dict[str, Any]) -> HttpResponse:
        paper = given["paper"]
        proof = files.store(actor, paper, name=paper.name).ref if paper else ref_of(given["proof"])
        done = finance.account_for_spend(
            actor,
            contract_ref=contract.ref,
            amount=Money(given["amount"], contract.amount.currency),
            proof_ref=proof,
            on=given["on"],
            key=given["key"],
            use=given.get("use", ""),
        )
        saved(request, _("Saved as %(ref)s.") % {"ref": done})
        return redirect("money:contract", ref=ref)

    page = page_of_contract(
        contract,
        name,
        heading=_("What was the money used for?"),
        terms=[
            (_("Paid out"), formats.money(contract.released)),
            (_("Not accounted for yet"), formats.money(contract.outstanding)),
        ],
        send=_("Save"),
    )
    fields = {"finance.more_than_advanced": "amount", "base.file_type": "paper", "base.file_too_large": "paper"}
    return act_page(request, form, do=do, page=page, fields=fields)


@needs("finance.prepare")
@require_http_methods(BOTH)
def propose_write_off(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose that a loan is no longer expected; someone else approves it."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.prepare_write_off(actor, contract_ref=contract.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("The write-off is proposed. A second person must approve it."))
        return redirect("money:contract", ref=ref)

    page = page_of_contract(
        contract,
        name,
        heading=_("Propose to write this loan off?"),
        terms=[
            (_("Still to pay"), formats.money(contract.outstanding)),
            (_("Late"), words.days_late(contract.days_late) if contract.days_late else _("No")),
        ],
        note=_("A loan that is written off is still collected if money comes. It stays on record."),
        send=_("Propose the write-off"),
    )
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


@needs("finance.approve")
@require_http_methods(BOTH)
def approve_write_off(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve a write-off that somebody else proposed."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)
    proposed = contract.write_off
    who = names_of([proposed.prepared_by]) if proposed else {}

    def do(given: dict[str, Any]) -> HttpResponse:
        gone = finance.write_off(actor, contract_ref=contract.ref, on=given["on"], key=given["key"])
        forget_tasks(actor)
        amount = formats.money(Money(gone, contract.amount.currency))
        saved(request, _("%(amount)s is written off.") % {"amount": amount})
        return redirect("money:contract", ref=ref)

    terms = [(_("Why"), proposed.why), (_("Proposed by"), who.get(proposed.prepared_by, ""))] if proposed else []
    page = page_of_contract(
        contract,
        name,
        heading=_("Write this loan off?"),
        terms=terms,
        rows=[
            (_("The fund loses"), formats.money(contract.outstanding)),
            (_("Left on the loan"), formats.money(Money(0, contract.amount.currency))),
        ],
        send=_("Write it off"),
    )
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields={"finance.day_impossible": "on"})


@needs("finance.prepare")
@require_http_methods(BOTH)
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a contract of which nothing was paid."""
    actor = actor_of(request)
    contract, name = named_contract(request, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.cancel_contract(actor, contract_ref=contract.ref, why=given["why"], on=clock.today())
        saved(request, _("Contract %(ref)s is cancelled. What it held is free again.") % {"ref": contract.ref})
        return redirect("money:contract", ref=ref)

    page = page_of_contract(contract, name, heading=_("Cancel this contract?"), send=_("Cancel the contract"))
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)
