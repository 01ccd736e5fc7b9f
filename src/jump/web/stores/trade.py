"""Trade between stores: what some can give and others lack, agreed within declared prices, and its arrival."""

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
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.money.savings_forms import ReasonForm
from jump.web.stores import words
from jump.web.stores.forms import AgreeForm, ArrivalForm, OfferForm, WayForm
from jump.web.stores.pages import BOTH, act, crumbs, rights
from jump.web.who import names_of

Given = dict[str, Any]


@needs("finance.read")
@require_safe
def list_exchanges(request: HttpRequest) -> HttpResponse:
    """Where there is too much and where too little, what would suit both, and what was agreed."""
    actor = actor_of(request)
    offers = finance.exchange_offers(actor)
    proposals = _proposals(request)
    return render(
        request,
        "stores/exchanges.html",
        {
            "offers": [{"one": one, "kind": words.OFFERS[one.kind]} for one in offers],
            "proposals": proposals,
            "exchanges": [
                {"one": one, "state": words.EXCHANGES[one.state]} for one in finance.exchanges(actor, limit=30)
            ],
            "may_agree": can(actor, "finance.prepare"),
        },
    )


def _proposals(request: HttpRequest) -> list[finance.ProposedExchange]:
    """Trades that would suit both, at every place at which the reader may prepare money."""
    actor = actor_of(request)
    found = [
        one for path in actor.paths_with("finance.prepare") for one in finance.proposed_exchanges(actor, scope=path)
    ]
    return list({(one.offer.ref, one.need.ref): one for one in found}.values())


@needs("finance.prepare")
@require_http_methods(BOTH)
def offer(request: HttpRequest, ref: str) -> HttpResponse:
    """Say what a store can give, or what it lacks."""
    actor = actor_of(request)
    store = finance.store(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        finance.offer_exchange(
            actor,
            store_ref=store.ref,
            kind=given["kind"],
            quantity_minor=given["quantity"],
            price=Money(given["price"], store.currency),
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Saved. Other stores of the network can see it."))
        return redirect("stores:exchanges")

    page = act(store, heading=_("Offer or ask for grain"), send=_("Save"))
    form = OfferForm(request.POST or None, store=store)
    return act_page(request, form, do=do, page=page, fields=words.FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def way(request: HttpRequest, ref: str) -> HttpResponse:
    """Declare what it costs to bring one unit from this store to another."""
    actor = actor_of(request)
    store = finance.store(actor, Ref(ref))
    others = [(str(one.ref), one.title) for one in finance.stores(actor) if one.ref != store.ref]
    form = WayForm(request.POST or None, currency=store.currency, others=others)

    def do(given: Given) -> HttpResponse:
        finance.declare_way(
            actor,
            from_ref=store.ref,
            to_ref=Ref(given["to"]),
            per_unit=Money(given["per_unit"] or 0, store.currency),
            valid_from=given["on"],
            key=given["key"],
        )
        saved(request, _("Saved. Trades on this way are proposed with it."))
        return redirect("stores:exchanges")

    page = act(store, heading=_("Cost of transport"), send=_("Save"))
    return act_page(request, form, do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def agree(request: HttpRequest, offer_ref: str, need_ref: str) -> HttpResponse:
    """Agree a trade between an offer and a need."""
    actor = actor_of(request)
    pair = (offer_ref, need_ref)
    found = next((one for one in _proposals(request) if (one.offer.ref, one.need.ref) == pair), None)
    if found is None:
        raise NotFound(ref=offer_ref)

    def do(given: Given) -> HttpResponse:
        ref = finance.agree_exchange(
            actor,
            offer_ref=found.offer.ref,
            need_ref=found.need.ref,
            quantity_minor=given["quantity"],
            price=Money(given["price"], found.price.currency),
            on=given["on"],
            key=given["key"],
        )
        forget_tasks(actor)
        saved(request, _("Agreed. It is booked when a second person says what arrived."))
        return redirect("stores:exchange", ref=ref)

    page = {
        "heading": _("Agree this trade?"),
        "section": "money",
        "crumbs": crumbs((_("Trade between stores"), reverse("stores:exchanges"))),
        "send": _("Agree it"),
        "back": reverse("stores:exchanges"),
        "terms": [
            (_("From"), found.offer.store_title),
            (_("To"), found.need.store_title),
            (_("Transport of one unit"), formats.money(found.transport)),
            (_("One unit with transport"), formats.money(found.landed)),
        ],
    }
    return act_page(request, AgreeForm(request.POST or None, found=found), do=do, page=page, fields=words.FIELDS)


@needs("finance.read")
@require_safe
def show_exchange(request: HttpRequest, ref: str) -> HttpResponse:
    """One exchange as its waybill shows it, to print."""
    actor = actor_of(request)
    one = finance.exchange_of_stores(actor, Ref(ref))
    may = rights(request, one.scope)
    called = names_of([one.prepared_by, one.approved_by])
    waits = one.state is finance.ExchangeState.AGREED
    rows = [
        (_("From"), one.seller_title),
        (_("To"), one.buyer_title),
        (_("Sent"), formats.quantity(one.quantity)),
        (_("Arrived"), formats.quantity(one.arrived)),
        (_("Price of one unit"), formats.money(one.price)),
        (_("To the seller"), formats.money(one.goods)),
        (_("Transport"), formats.money(one.carriage)),
        (_("The buyer pays"), formats.money(one.landed)),
        (_("Waybill"), one.waybill or formats.MISSING),
    ]
    return render(
        request,
        "stores/exchange.html",
        {
            "one": one,
            "rows": rows,
            "state": words.EXCHANGES[one.state],
            "prepared_by": called.get(one.prepared_by, ""),
            "approved_by": called.get(one.approved_by, ""),
            "may_arrive": waits and may["second"] and one.prepared_by != actor.key,
            "may_drop": waits and may["prepare"],
        },
    )


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def arrive(request: HttpRequest, ref: str) -> HttpResponse:
    """Say what arrived, by the waybill: grain and money move in both stores."""
    actor = actor_of(request)
    one = finance.exchange_of_stores(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        finance.arrive_exchange(
            actor,
            exchange_ref=one.ref,
            waybill=given["waybill"],
            arrived_minor=given["arrived"],
            on=given["on"],
        )
        forget_tasks(actor)
        saved(request, _("Booked in both stores."))
        return redirect("stores:exchange", ref=one.ref)

    page = _about(one, heading=_("What arrived?"), send=_("Book it"))
    page["rows"] = [
        (_("Leaves %(store)s") % {"store": one.seller_title}, formats.quantity(one.quantity)),
        (_("To the seller"), formats.money(one.goods)),
        (_("The buyer pays with transport"), formats.money(one.landed)),
    ]
    form = ArrivalForm(request.POST or None, sent=one.quantity)
    return act_page(request, form, do=do, page=page, fields=words.FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up an exchange that has not arrived."""
    actor = actor_of(request)
    one = finance.exchange_of_stores(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        finance.drop_exchange(actor, exchange_ref=one.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. Nothing moved."))
        return redirect("stores:exchange", ref=one.ref)

    page = _about(one, heading=_("Give up this trade?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


def _about(one: finance.ExchangeView, **more: Any) -> dict[str, Any]:
    url = reverse("stores:exchange", args=[one.ref])
    return {
        "section": "money",
        "crumbs": crumbs((_("Trade between stores"), reverse("stores:exchanges")), (one.ref, url)),
        "back": url,
        **more,
    }
