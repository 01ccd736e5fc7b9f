"""Work for clients: contracts with their checklist, muster rolls, wage sheets to print, invoices and their payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.money.forms import DayForm
from jump.web.money.savings_forms import ReasonForm
from jump.web.stores.forms import people_of
from jump.web.stores.pages import BOTH, rights
from jump.web.wages.forms import (
    BASES,
    AcceptForm,
    ApproveForm,
    ChecklistForm,
    MusterForm,
    OpenContractForm,
    PaymentForm,
    SignForm,
)
from jump.web.who import names_of

Given = dict[str, Any]
CONTRACTS: dict[str, tuple[Any, str]] = {
    "draft": (gettext_lazy("Not signed yet"), "warn"),
    "signed": (gettext_lazy("Signed"), "good"),
    "ended": (gettext_lazy("Over"), ""),
}
ROLLS: dict[str, tuple[Any, str]] = {
    "written": (gettext_lazy("Waits to be accepted"), "warn"),
    "accepted": (gettext_lazy("Accepted"), "good"),
    "dropped": (gettext_lazy("Given up"), ""),
}
RUNS: dict[str, tuple[Any, str]] = {
    "prepared": (gettext_lazy("Waits for approval"), "warn"),
    "approved": (gettext_lazy("To be paid"), "blue"),
    "paid": (gettext_lazy("Paid"), "good"),
}
UNITS: dict[str, Any] = {
    "day": gettext_lazy("days"),
    "hour": gettext_lazy("hours"),
    "piece": gettext_lazy("pieces"),
}


def _crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    steps = [(_("Loan funds"), reverse("money:funds")), (_("Work for clients"), reverse("wages:list")), *more]
    return [{"label": label, "url": url} for label, url in steps]


def _act(contract: finance.ClientContractView, back: str = "", **more: Any) -> dict[str, Any]:
    url = reverse("wages:contract", args=[contract.ref])
    return {
        "section": "money",
        "sub": contract.title,
        "back": back or url,
        "crumbs": _crumbs((contract.title, url)),
        **more,
    }


@needs("finance.read")
@require_safe
def list_work(request: HttpRequest) -> HttpResponse:
    """Contracts with clients, wages that wait, invoices that are open."""
    actor = actor_of(request)
    contracts = finance.client_contracts(actor)
    invoices = finance.invoices(actor, open_only=True)
    names = parties.names(actor, [ref for one in contracts for ref in (one.cooperative_ref, one.client_ref)])
    return render(
        request,
        "wages/list.html",
        {
            "contracts": [
                {
                    "row": one,
                    "cooperative": names.get(one.cooperative_ref, one.cooperative_ref),
                    "client": names.get(one.client_ref, one.client_ref),
                    "state": CONTRACTS[one.state],
                }
                for one in contracts
            ],
            "waiting": finance.pay_runs_waiting(actor),
            "invoices": invoices,
            "may_open": can(actor, "finance.prepare"),
            "today": clock.today(),
        },
    )


@needs("finance.read")
@require_safe
def work_done(request: HttpRequest) -> HttpResponse:
    """People, days of work and full-time years that the contracts of a year brought, beside the jobs that count."""
    actor = actor_of(request)
    years = finance.years_of_work(actor)
    asked = request.GET.get("year", "")
    year = int(asked) if asked in map(str, years) else next(iter(years), clock.today().year)
    rows = finance.work_done(actor, year=year)
    cooperatives = [one.cooperative_ref for one in rows]
    may_count = can(actor, "jobs.claim") or can(actor, "jobs.verify")
    counted = jobs.counted_by_employer(actor, cooperatives) if may_count else {}
    names = parties.names(actor, cooperatives)
    return render(
        request,
        "wages/jobs.html",
        {
            "year": year,
            "years": years,
            "may_count": may_count,
            "rows": [
                {
                    "one": one,
                    "name": names.get(one.cooperative_ref, one.cooperative_ref),
                    "jobs": counted.get(one.cooperative_ref, 0),
                }
                for one in rows
            ],
            "days": sum(one.days for one in rows),
            "full_time": sum(one.full_time for one in rows),
            "lines_without_hours": sum(one.lines_without_hours for one in rows),
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_contract(request: HttpRequest) -> HttpResponse:
    """Write down a contract with a client, at the place of the co-operative."""
    actor = actor_of(request)
    form = OpenContractForm(request.POST or None)

    def do(given: Given) -> HttpResponse:
        group = parties.group(actor, given["cooperative"])
        ref = finance.open_client_contract(
            actor,
            product=given["product"],
            title=given["title"],
            work=given["work"],
            safety=given["safety"],
            cooperative_ref=group.ref,
            client_ref=given["client"],
            scope=group.scope,
            currency=given["currency"],
            rates=form.rates(),
            floor_daily=Money(given["floor"], given["currency"]),
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            key=given["key"],
        )
        saved(request, _("Written down. Agree the points for decent work; then a second person signs."))
        return redirect("wages:contract", ref=ref)

    page = {
        "heading": _("A contract with a client"),
        "section": "money",
        "crumbs": _crumbs(),
        "send": _("Write it down"),
        "back": reverse("wages:list"),
    }
    return act_page(request, form, do=do, page=page)


@needs("finance.read")
@require_safe
def show_contract(request: HttpRequest, ref: str) -> HttpResponse:
    """One contract: scope, rates, safety, checklist, rolls, invoices, and what is owed."""
    actor = actor_of(request)
    contract = finance.client_contract(actor, Ref(ref))
    names = parties.names(actor, [contract.cooperative_ref, contract.client_ref])
    called = names_of([contract.prepared_by, contract.signed_by])
    may = rights(request, contract.scope)
    is_draft = contract.state is finance.ClientContractState.DRAFT
    return render(
        request,
        "wages/contract.html",
        {
            "contract": contract,
            "cooperative": names.get(contract.cooperative_ref, contract.cooperative_ref),
            "client": names.get(contract.client_ref, contract.client_ref),
            "state": CONTRACTS[contract.state],
            "facts": [
                (_("Billed"), formats.money(contract.billed), ""),
                (
                    _("Owed by the client"),
                    formats.money(contract.owed_by_client),
                    _("and %(amount)s kept until the end") % {"amount": formats.money(contract.kept_by_client)}
                    if contract.kept_by_client.amount_minor
                    else "",
                ),
                (_("Paid to workers"), formats.money(contract.paid_to_workers), ""),
                (_("Owed to workers"), formats.money(contract.owed_to_workers), ""),
            ],
            "rates": [{"one": one, "basis": BASES[one.basis]} for one in contract.rates],
            "terms": _terms(contract),
            "rolls": [
                {"one": one, "state": ROLLS[one.state]} for one in finance.musters(actor, contract_ref=contract.ref)
            ],
            "invoices": finance.invoices(actor, contract_ref=contract.ref, limit=20),
            "prepared_by": called.get(contract.prepared_by, ""),
            "signed_by": called.get(contract.signed_by, ""),
            "open_points": sum(not one.is_met for one in contract.checklist),
            "may_agree": is_draft and may["prepare"],
            "may_sign": is_draft and may["second"] and contract.prepared_by != actor.key,
            "may_write": contract.state is finance.ClientContractState.SIGNED and may["prepare"],
        },
    )


def _terms(contract: finance.ClientContractView) -> list[tuple[str, str]]:
    said = contract.terms

    def part(name: str) -> str:
        return formats.share(Decimal(said[name]), 0 if Decimal(said[name]) * 100 % 1 == 0 else 1)

    return [
        (_("From"), formats.day(contract.starts_on)),
        (_("Until"), formats.day(contract.ends_on)),
        (_("Lowest pay of a day"), formats.money(contract.floor_daily)),
        (_("Left with the co-operative"), part("cooperative_share")),
        (_("Contributions"), part("contribution_share")),
        (_("Kept by the client until the end"), part("retention_share")),
        (_("The client pays within"), _("%(days)s days") % {"days": said["payment_days"]}),
        (_("Wages are paid within"), _("%(days)s days") % {"days": said["pay_within_days"]}),
    ]


@needs("finance.prepare")
@require_http_methods(BOTH)
def agree(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down what was agreed on each point for decent work."""
    actor = actor_of(request)
    contract = finance.client_contract(actor, Ref(ref))
    form = ChecklistForm(request.POST or None, contract=contract)

    def do(given: Given) -> HttpResponse:
        agreed = {one.id: given[one.id] for one in contract.checklist}
        finance.agree_checklist(actor, contract_ref=contract.ref, agreed=agreed)
        saved(request, _("Saved. When every point is agreed a second person signs."))
        return redirect("wages:contract", ref=contract.ref)

    page = _act(contract, heading=_("Points for decent work"), send=_("Save"))
    page["note"] = _("Write what was agreed. A point without words is still open.")
    return act_page(request, form, do=do, page=page)


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def sign(request: HttpRequest, ref: str) -> HttpResponse:
    """Sign as the second person."""
    actor = actor_of(request)
    contract = finance.client_contract(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        paper = Ref(given["paper"]) if given["paper"] else None
        finance.sign_client_contract(actor, contract_ref=contract.ref, on=given["on"], paper_ref=paper)
        saved(request, _("Signed. Muster rolls can be written."))
        return redirect("wages:contract", ref=contract.ref)

    page = _act(contract, heading=_("Sign this contract?"), send=_("Sign it"))
    page["terms"] = [(one.text, one.agreed or _("still open")) for one in contract.checklist]
    return act_page(request, SignForm(request.POST or None), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def write_muster(request: HttpRequest, ref: str) -> HttpResponse:
    """Write a muster roll for one task: each member with the days worked."""
    actor = actor_of(request)
    contract = finance.client_contract(actor, Ref(ref))
    form = MusterForm(
        request.POST or None,
        contract=contract,
        people=people_of(actor, contract.cooperative_ref, clock.today()),
    )

    def do(given: Given) -> HttpResponse:
        made = finance.write_muster(
            actor,
            contract_ref=contract.ref,
            period_from=given["period_from"],
            period_to=given["period_to"],
            entries=given["entries"],
            key=given["key"],
        )
        forget_tasks(actor)
        saved(request, _("Written. A second person accepts it with the paper that the client signed."))
        return redirect("wages:muster", ref=made)

    page = _act(contract, heading=_("Write a muster roll"), send=_("Write it"))
    return act_page(request, form, do=do, page=page, fields={"finance.day_impossible": "period_to"})


@needs("finance.read")
@require_safe
def show_muster(request: HttpRequest, ref: str) -> HttpResponse:
    """One muster roll, and what it becomes: wages and an invoice."""
    actor = actor_of(request)
    roll = finance.muster(actor, Ref(ref))
    contract = finance.client_contract(actor, roll.contract_ref)
    waits = roll.state is finance.MusterState.WRITTEN
    sheet = finance.preview_pay_run(actor, muster_ref=roll.ref)
    lines, charges = finance.preview_invoice(actor, muster_ref=roll.ref)
    names = parties.names(actor, [one.worker_ref for one in roll.rows if one.worker_ref])
    called = names_of([roll.written_by, roll.accepted_by])
    may = rights(request, contract.scope)
    return render(
        request,
        "wages/muster.html",
        {
            "roll": roll,
            "contract": contract,
            "state": ROLLS[roll.state],
            "rows": [
                {"one": one, "name": names.get(one.worker_ref, "") if one.worker_ref else _("The whole team")}
                for one in roll.rows
            ],
            "becomes": [
                (_("Gross wages"), formats.money(sheet.gross)),
                (_("Left with the co-operative"), formats.money(sheet.cooperative)),
                (_("Contributions"), formats.money(sheet.contribution)),
                (_("To the workers"), formats.money(sheet.net)),
                (_("Days of work"), formats.number(sheet.labour_days)),
                *((f"{_('Billed')}: {one.task}", formats.money(one.amount)) for one in lines),
                *((one.title, formats.money(one.amount)) for one in charges),
            ],
            "below": sum(one.is_below_floor for one in sheet.lines),
            "written_by": called.get(roll.written_by, ""),
            "accepted_by": called.get(roll.accepted_by, ""),
            "may_accept": waits and may["second"] and roll.written_by != actor.key,
            "may_drop": waits and may["prepare"],
        },
    )


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def accept_muster(request: HttpRequest, ref: str) -> HttpResponse:
    """Accept a muster roll as the second person: it becomes an invoice and a wage sheet."""
    actor = actor_of(request)
    roll = finance.muster(actor, Ref(ref))
    contract = finance.client_contract(actor, roll.contract_ref)
    sheet = finance.preview_pay_run(actor, muster_ref=roll.ref)

    def do(given: Given) -> HttpResponse:
        finance.accept_muster(actor, muster_ref=roll.ref, on=given["on"], proof_ref=Ref(given["proof"]))
        forget_tasks(actor)
        saved(request, _("Accepted. The invoice is booked; the wage sheet waits for approval."))
        return redirect("wages:muster", ref=roll.ref)

    rows = [(_("Gross wages"), formats.money(sheet.gross)), (_("To the workers"), formats.money(sheet.net))]
    page = _act(contract, reverse("wages:muster", args=[roll.ref]), heading=_("Accept this muster roll?"))
    page |= {"send": _("Accept it"), "rows": rows}
    return act_page(
        request, AcceptForm(request.POST or None), do=do, page=page, fields={"finance.day_impossible": "on"}
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop_muster(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a muster roll that was not accepted."""
    actor = actor_of(request)
    roll = finance.muster(actor, Ref(ref))
    contract = finance.client_contract(actor, roll.contract_ref)

    def do(given: Given) -> HttpResponse:
        finance.drop_muster(actor, muster_ref=roll.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. Its days can be written again."))
        return redirect("wages:contract", ref=contract.ref)

    page = _act(contract, heading=_("Give up this muster roll?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.read")
@require_safe
def show_pay_run(request: HttpRequest, ref: str) -> HttpResponse:
    """A wage sheet to read out, sign and print."""
    actor = actor_of(request)
    run = finance.pay_run(actor, Ref(ref))
    names = parties.names(actor, [one.worker_ref for one in run.lines])
    called = names_of([run.prepared_by, run.approved_by, run.paid_by])
    may = rights(request, run.scope)
    return render(
        request,
        "wages/pay_run.html",
        {
            "run": run,
            "state": RUNS[run.state],
            "lines": [{"one": one, "name": names.get(one.worker_ref, one.worker_ref)} for one in run.lines],
            "below": sum(one.is_below_floor for one in run.lines),
            "currency": run.net.currency,
            "is_late": run.state is not finance.PayRunState.PAID and run.pay_by < clock.today(),
            "people": [
                (said, called.get(key, ""))
                for said, key in (
                    (_("Prepared by"), run.prepared_by),
                    (_("Approved by"), run.approved_by),
                    (_("Paid by"), run.paid_by),
                )
                if key
            ],
            "may_approve": run.state is finance.PayRunState.PREPARED and may["second"] and run.prepared_by != actor.key,
            "may_pay": run.state is finance.PayRunState.APPROVED and may["release"] and run.prepared_by != actor.key,
        },
    )


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve a wage sheet as the second person."""
    actor = actor_of(request)
    run = finance.pay_run(actor, Ref(ref))
    contract = finance.client_contract(actor, run.contract_ref)

    def do(given: Given) -> HttpResponse:
        finance.approve_pay_run(actor, pay_run_ref=run.ref, on=given["on"], why=given["why"])
        forget_tasks(actor)
        saved(request, _("Approved. The wages can be paid."))
        return redirect("wages:pay_run", ref=run.ref)

    page = _act(contract, reverse("wages:pay_run", args=[run.ref]), heading=_("Approve this wage sheet?"))
    page |= {"send": _("Approve it"), "rows": _sums(run)}
    if any(one.is_below_floor for one in run.lines):
        page["warning"] = _("Somebody earns less than the lowest pay. Say why, or put it right first.")
    return act_page(
        request,
        ApproveForm(request.POST or None),
        do=do,
        page=page,
        fields={"finance.below_pay_floor": "why", "finance.day_impossible": "on"},
    )


def _sums(run: finance.PayRunView) -> list[tuple[str, str]]:
    return [
        (_("Gross wages"), formats.money(run.gross)),
        (_("Contributions"), formats.money(run.contribution)),
        (_("Left with the co-operative"), formats.money(run.cooperative)),
        (_("To the workers"), formats.money(run.net)),
    ]


@needs("finance.release")
@require_http_methods(BOTH)
def pay(request: HttpRequest, ref: str) -> HttpResponse:
    """Pay an approved wage sheet out of the cash box."""
    actor = actor_of(request)
    run = finance.pay_run(actor, Ref(ref))
    contract = finance.client_contract(actor, run.contract_ref)

    def do(given: Given) -> HttpResponse:
        finance.pay_wages(actor, pay_run_ref=run.ref, on=given["on"])
        forget_tasks(actor)
        saved(request, _("%(amount)s paid out as wages.") % {"amount": formats.money(run.net)})
        return redirect("wages:pay_run", ref=run.ref)

    page = _act(contract, reverse("wages:pay_run", args=[run.ref]), heading=_("Pay these wages?"), send=_("Pay them"))
    page["rows"] = [
        (_("In the cash box"), formats.money(contract.cash)),
        (_("Paid out in cash"), formats.money(run.net)),
        (_("In the cash box afterwards"), formats.money(contract.cash - run.net)),
    ]
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields={"finance.day_impossible": "on"})


@needs("finance.read")
@require_safe
def show_invoice(request: HttpRequest, ref: str) -> HttpResponse:
    """An invoice as the client gets it, and what was paid on it."""
    actor = actor_of(request)
    one = finance.invoice(actor, Ref(ref))
    names = parties.names(actor, [one.client_ref, one.cooperative_ref])
    may = rights(request, one.scope)
    return render(
        request,
        "wages/invoice.html",
        {
            "one": one,
            "client": names.get(one.client_ref, one.client_ref),
            "cooperative": names.get(one.cooperative_ref, one.cooperative_ref),
            "lines": [{"one": line, "unit": UNITS[line.basis]} for line in one.lines],
            "sums": [
                (_("Work"), formats.money(one.work)),
                *(
                    (f"{charge.title}, {formats.share(charge.percent / 100, 0)}", formats.money(charge.amount))
                    for charge in one.charges
                ),
                (_("Total"), formats.money(one.total)),
                *(
                    [(_("Kept until the end"), f"− {formats.money(one.retention)}")]
                    if one.retention.amount_minor
                    else []
                ),
                (_("To pay by %(day)s") % {"day": formats.day(one.due_on)}, formats.money(one.to_pay)),
                (_("Still open"), formats.money(one.open)),
            ],
            "state": (_("Paid"), "good")
            if not one.open.amount_minor
            else (_("Late"), "bad")
            if one.is_late
            else (_("Open"), "blue"),
            "may_receive": may["collect"] and (one.open.amount_minor or one.retention_open.amount_minor),
        },
    )


@needs("finance.collect")
@require_http_methods(BOTH)
def receive(request: HttpRequest, ref: str) -> HttpResponse:
    """Money that the client paid."""
    actor = actor_of(request)
    one = finance.invoice(actor, Ref(ref))
    contract = finance.client_contract(actor, one.contract_ref)
    form = PaymentForm(
        request.POST or None, currency=contract.currency, initial={"amount": one.open.amount_minor or None}
    )

    def do(given: Given) -> HttpResponse:
        amount = Money(given["amount"], contract.currency)
        finance.receive_invoice_payment(
            actor,
            invoice_ref=one.ref,
            amount=amount,
            on=given["on"],
            key=given["key"],
            receipt=given["receipt"],
            is_retention=given["kind"] == "kept",
        )
        saved(request, _("%(amount)s is in the cash box.") % {"amount": formats.money(amount)})
        return redirect("wages:invoice", ref=one.ref)

    page = _act(contract, reverse("wages:invoice", args=[one.ref]), heading=_("Payment of the client"), send=_("Save"))
    page["terms"] = [
        (_("Still open"), formats.money(one.open)),
        (_("Kept until the end"), formats.money(one.retention_open)),
    ]
    fields = {"finance.more_than_owed": "amount", "finance.day_impossible": "on"}
    return act_page(request, form, do=do, page=page, fields=fields)
