"""A market day on a phone: the scale, weighing, the ticket with its receipt, payment, the truck."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import KeyedForm, act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved, warned
from jump.web.money.forms import DayForm
from jump.web.money.savings_forms import ReasonForm
from jump.web.stores import words
from jump.web.stores.forms import (
    CashForm,
    FactoryForm,
    InputsForm,
    LoadForm,
    PayTicketForm,
    ScaleForm,
    WeighForm,
    people_of,
)
from jump.web.stores.pages import BOTH, crumbs, rights
from jump.web.stores.steps import Outlook, two_steps
from jump.web.who import names_of

Given = dict[str, Any]
TICKETS_SHOWN = 30


@needs("finance.read")
@require_safe
def show_market(request: HttpRequest, ref: str) -> HttpResponse:
    """The market today: is the scale good, what was weighed, who is to be paid, what goes on the truck."""
    actor = actor_of(request)
    market = finance.market(actor, Ref(ref))
    tickets = finance.tickets(actor, market_ref=market.ref, limit=TICKETS_SHOWN)
    loads = finance.market_loads(actor, market_ref=market.ref, limit=5)
    names = parties.names(actor, [market.owner_ref, market.company_ref, *(one.grower_ref for one in tickets)])
    may = rights(request, market.scope)
    is_open = market.closed_on is None
    return render(
        request,
        "stores/market.html",
        {
            "market": market,
            "owner": names.get(market.owner_ref, market.owner_ref),
            "company": names.get(market.company_ref, market.company_ref),
            "tickets": [
                {
                    "one": one,
                    "name": names.get(one.grower_ref, one.grower_ref),
                    "state": words.TICKETS[one.state],
                }
                for one in tickets
            ],
            "loads": loads,
            "facts": _facts(market),
            "with_buyer": _with_buyer(market),
            "scale": market.scale_today,
            "is_open": is_open,
            "may": may,
            "today": clock.today(),
            "ways_in": _ways(market, may) if is_open else [],
            "grades": [(one.title, _price(one, market.unit_label)) for one in market.grades],
        },
    )


def _price(one: finance.Grade, unit: str) -> str:
    if not one.premium.amount_minor:
        return _("%(price)s for one %(unit)s") % {"price": formats.money(one.price), "unit": unit}
    return _("%(price)s and a premium of %(premium)s for one %(unit)s") % {
        "price": formats.money(one.price),
        "premium": formats.money(one.premium),
        "unit": unit,
    }


def _facts(market: finance.MarketView) -> list[tuple[str, str, str]]:
    to_pay = ngettext("%(n)s ticket", "%(n)s tickets", market.to_pay) % {"n": formats.number(market.to_pay)}
    return [
        (_("Weighed"), formats.quantity(market.weighed), formats.money(market.value)),
        (_("Owed to growers"), formats.money(market.owed_to_growers), to_pay),
        (_("In the cash box"), formats.money(market.cash), ""),
        (_("In the yard"), formats.quantity(market.in_yard), _("not on a truck yet")),
    ]


def _with_buyer(market: finance.MarketView) -> tuple[str, str]:
    """What the buyer owes the group, or has brought ahead of the weighing."""
    if market.owed_by_company.amount_minor < 0:
        return _("Brought ahead by the buyer"), formats.money(-market.owed_by_company)
    return _("Owed by the buyer"), formats.money(market.owed_by_company)


def _ways(market: finance.MarketView, may: dict[str, bool]) -> list[tuple[str, str]]:
    found = []
    if may["prepare"]:
        found += [
            (_("Weigh"), reverse("stores:weigh", args=[market.ref])),
            (_("Check the scale"), reverse("stores:scale", args=[market.ref])),
            (_("Inputs on credit"), reverse("stores:inputs", args=[market.ref])),
            (_("Load a truck"), reverse("stores:load", args=[market.ref])),
        ]
    if may["collect"]:
        found.append((_("Cash brought by the buyer"), reverse("stores:market_cash", args=[market.ref])))
    if may["approve"]:
        found.append((_("Close the market"), reverse("stores:market_close", args=[market.ref])))
    return found


def _act(market: finance.MarketView, **more: Any) -> dict[str, Any]:
    url = reverse("stores:market", args=[market.ref])
    return {"section": "money", "sub": market.title, "back": url, "crumbs": crumbs((market.title, url)), **more}


@needs("finance.prepare")
@require_http_methods(BOTH)
def check_scale(request: HttpRequest, ref: str) -> HttpResponse:
    """Put a known weight on the scale, and write down what it shows."""
    actor = actor_of(request)
    market = finance.market(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        done = finance.check_scale(
            actor,
            market_ref=market.ref,
            moment=given["moment"],
            known_minor=given["known"],
            shown_minor=given["shown"],
            on=given["on"],
            key=given["key"],
        )
        if done.is_good:
            saved(request, _("The scale is good. Weighing may begin."))
        else:
            warned(request, _("The scale is out. Nothing can be weighed on it. Set it right and check it again."))
        return redirect("stores:market", ref=market.ref)

    page = _act(market, heading=_("Check the scale"), send=_("Save"))
    form = ScaleForm(request.POST or None, market=market)
    return act_page(request, form, do=do, page=page, fields=words.FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def weigh(request: HttpRequest, ref: str) -> HttpResponse:
    """Write a ticket: weight, grade, and what the grower will get, before anything is saved."""
    actor = actor_of(request)
    market = finance.market(actor, Ref(ref))
    form = WeighForm(request.POST or None, market=market, people=people_of(actor, market.owner_ref, clock.today()))

    def look(given: Given) -> Outlook:
        seen = finance.preview_ticket(
            actor,
            market_ref=market.ref,
            grower_ref=Ref(given["grower"]),
            grade=given["grade"],
            gross_minor=given["gross"],
            gross_second_minor=given["gross_second"],
            tare_minor=given["tare"],
        )
        rows = [
            (_("Net weight"), formats.quantity(seen.net)),
            (_("Value"), formats.money(seen.value)),
        ]
        if seen.credit.amount_minor:
            rows.append((_("Inputs taken off"), formats.money(seen.credit)))
        if seen.dues.amount_minor:
            rows.append((_("Dues"), formats.money(seen.dues)))
        rows.append((_("The grower gets"), formats.money(seen.payable)))
        return Outlook(
            _("Write this ticket?"), rows, _("Write it"), _("A second person accepts it. Then it stands in the books.")
        )

    def do(given: Given) -> HttpResponse:
        done = finance.weigh(
            actor,
            market_ref=market.ref,
            serial=given["serial"],
            grower_ref=Ref(given["grower"]),
            grade=given["grade"],
            gross_minor=given["gross"],
            gross_second_minor=given["gross_second"],
            tare_minor=given["tare"],
            on=given["on"],
            key=given["key"],
        )
        forget_tasks(actor)
        saved(request, _("Ticket %(serial)s is written. A second person accepts it.") % {"serial": done.serial})
        return redirect("stores:ticket", ref=done.ref)

    page = _act(market, heading=_("Weigh"), send=_("See what will happen"))
    if market.scale_today is None or not market.scale_today.is_good:
        page["warning"] = _("The scale was not checked today, or it was out. Check it first.")
    return two_steps(request, form, look=look, do=do, page=page, fields=words.FIELDS)


@needs("finance.read")
@require_safe
def show_ticket(request: HttpRequest, ref: str) -> HttpResponse:
    """One ticket: the grower's receipt, to read on the phone or to print."""
    actor = actor_of(request)
    one = finance.ticket(actor, Ref(ref))
    market = finance.market(actor, one.market_ref)
    names = parties.names(actor, [one.grower_ref, market.owner_ref])
    called = names_of([one.weighed_by, one.accepted_by, one.paid_by])
    may = rights(request, market.scope)
    waits = one.state is finance.TicketState.WEIGHED
    rows = [
        (_("Weight with sheet"), formats.quantity(one.gross)),
        (_("Empty sheet"), formats.quantity(one.tare)),
        (_("Net weight"), formats.quantity(one.net)),
        (_("Grade"), one.grade_title),
        (_("Price of one %(unit)s") % {"unit": market.unit_label}, formats.money(one.price + one.premium_price)),
    ]
    if not waits:
        rows += [
            (_("Value"), formats.money(one.value)),
            (_("Inputs taken off"), formats.money(one.credit)),
            (_("Dues"), formats.money(one.dues)),
            (_("The grower gets"), formats.money(one.payable)),
        ]
    return render(
        request,
        "stores/ticket.html",
        {
            "one": one,
            "market": market,
            "name": names.get(one.grower_ref, one.grower_ref),
            "owner": names.get(market.owner_ref, market.owner_ref),
            "state": words.TICKETS[one.state],
            "rows": rows,
            "people": [
                (said, called.get(key, ""))
                for said, key in (
                    (_("Weighed by"), one.weighed_by),
                    (_("Accepted by"), one.accepted_by),
                    (_("Paid by"), one.paid_by),
                )
                if key
            ],
            "may_accept": waits and (may["approve"] or may["collect"]) and one.weighed_by != actor.key,
            "may_pay": one.state is finance.TicketState.ACCEPTED and may["release"] and one.accepted_by != actor.key,
            "may_drop": waits and may["prepare"],
        },
    )


@needs("finance.approve", "finance.collect")
@require_http_methods(BOTH)
def accept(request: HttpRequest, ref: str) -> HttpResponse:
    """Accept a weighing as the second person: weight and money are booked together."""
    actor = actor_of(request)
    one = finance.ticket(actor, Ref(ref))
    market = finance.market(actor, one.market_ref)

    def do(_given: Given) -> HttpResponse:
        finance.accept_weighing(actor, ticket_ref=one.ref)
        forget_tasks(actor)
        saved(request, _("Accepted. The grower can be paid."))
        return redirect("stores:ticket", ref=one.ref)

    rows = [(_("Net weight"), formats.quantity(one.net)), (_("Grade"), one.grade_title)]
    page = _act(market, heading=_("Accept ticket %(serial)s?") % {"serial": one.serial}, send=_("Accept it"), rows=rows)
    page["terms"] = [(_("Weighed by"), names_of([one.weighed_by]).get(one.weighed_by, formats.MISSING))]
    return act_page(request, KeyedForm(request.POST or None), do=do, page=page)


@needs("finance.release")
@require_http_methods(BOTH)
def pay(request: HttpRequest, ref: str) -> HttpResponse:
    """Pay a grower for one ticket, once."""
    actor = actor_of(request)
    one = finance.ticket(actor, Ref(ref))
    market = finance.market(actor, one.market_ref)

    def do(given: Given) -> HttpResponse:
        finance.pay_ticket(actor, ticket_ref=one.ref, on=given["on"], receipt=given["receipt"])
        saved(request, _("%(amount)s paid.") % {"amount": formats.money(one.payable)})
        return redirect("stores:ticket", ref=one.ref)

    rows = [
        (_("Paid out in cash"), formats.money(one.payable)),
        (_("In the cash box afterwards"), formats.money(market.cash - one.payable)),
    ]
    page = _act(market, heading=_("Pay ticket %(serial)s?") % {"serial": one.serial}, send=_("Pay it"), rows=rows)
    return act_page(request, PayTicketForm(request.POST or None), do=do, page=page, fields=words.FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a ticket that was not accepted."""
    actor = actor_of(request)
    one = finance.ticket(actor, Ref(ref))
    market = finance.market(actor, one.market_ref)

    def do(given: Given) -> HttpResponse:
        finance.drop_weighing(actor, ticket_ref=one.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. The number is free again."))
        return redirect("stores:market", ref=market.ref)

    page = _act(market, heading=_("Give up this ticket?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def inputs(request: HttpRequest, ref: str) -> HttpResponse:
    """Seed, fertiliser and the like that a grower had on credit."""
    actor = actor_of(request)
    market = finance.market(actor, Ref(ref))
    form = InputsForm(request.POST or None, market=market, people=people_of(actor, market.owner_ref, clock.today()))

    def do(given: Given) -> HttpResponse:
        finance.lend_inputs(
            actor,
            market_ref=market.ref,
            grower_ref=Ref(given["grower"]),
            amount=Money(given["amount"], market.currency),
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Saved. It is taken off what the goods are worth, up to the agreed part."))
        return redirect("stores:market", ref=market.ref)

    page = _act(market, heading=_("Inputs on credit"), send=_("Save"))
    return act_page(request, form, do=do, page=page, fields={"finance.day_impossible": "on"})


@needs("finance.collect")
@require_http_methods(BOTH)
def bring_cash(request: HttpRequest, ref: str) -> HttpResponse:
    """Money that the buyer brings to pay growers with."""
    actor = actor_of(request)
    market = finance.market(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        amount = Money(given["amount"], market.currency)
        finance.bring_market_cash(actor, market_ref=market.ref, amount=amount, on=given["on"], key=given["key"])
        saved(request, _("%(amount)s is in the cash box.") % {"amount": formats.money(amount)})
        return redirect("stores:market", ref=market.ref)

    page = _act(market, heading=_("Cash brought by the buyer"), send=_("Save"))
    return act_page(request, CashForm(request.POST or None, market=market), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def load(request: HttpRequest, ref: str) -> HttpResponse:
    """Load accepted tickets on a truck."""
    actor = actor_of(request)
    market = finance.market(actor, Ref(ref))
    open_ = [
        one
        for one in finance.tickets(actor, market_ref=market.ref, limit=500)
        if one.load_ref is None and one.state in (finance.TicketState.ACCEPTED, finance.TicketState.PAID)
    ]
    form = LoadForm(
        request.POST or None, tickets=[(one.ref, f"{one.serial} · {formats.quantity(one.net)}") for one in open_]
    )

    def do(given: Given) -> HttpResponse:
        done = finance.load_truck(
            actor,
            market_ref=market.ref,
            waybill=given["waybill"],
            ticket_refs=[Ref(one) for one in given["tickets"]],
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Loaded: %(weight)s.") % {"weight": formats.quantity(done.village)})
        return redirect("stores:market", ref=market.ref)

    page = _act(market, heading=_("Load a truck"), send=_("Load it"))
    return act_page(request, form, do=do, page=page, fields=words.FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def factory(request: HttpRequest, ref: str) -> HttpResponse:
    """What the factory weighed of a load."""
    actor = actor_of(request)
    one = finance.market_load(actor, Ref(ref))
    market = finance.market(actor, one.market_ref)

    def do(given: Given) -> HttpResponse:
        done = finance.weigh_load(actor, load_ref=one.ref, factory_minor=given["factory"], on=given["on"])
        if done.needs_inquiry:
            warned(request, _("The difference is larger than agreed. Ask the factory and the driver."))
        else:
            saved(request, _("Saved. The weights agree."))
        return redirect("stores:market", ref=market.ref)

    page = _act(market, heading=_("Weight at the factory"), send=_("Save"))
    page["terms"] = [(_("Waybill"), one.waybill), (_("Weighed in the village"), formats.quantity(one.village))]
    return act_page(request, FactoryForm(request.POST or None, market=market), do=do, page=page, fields=words.FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def close(request: HttpRequest, ref: str) -> HttpResponse:
    """Close a market; the buyer owes the group its commission."""
    actor = actor_of(request)
    market = finance.market(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        done = finance.close_market(actor, market_ref=market.ref, on=given["on"])
        saved(request, _("Closed. The commission is %(fee)s.") % {"fee": formats.money(done.commission)})
        return redirect("stores:market", ref=market.ref)

    rows = [
        (_("Weighed"), formats.quantity(market.weighed)),
        (_("Commission for the group"), formats.money(market.commission)),
    ]
    page = _act(market, heading=_("Close the market?"), send=_("Close it"), rows=rows)
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=words.FIELDS)
