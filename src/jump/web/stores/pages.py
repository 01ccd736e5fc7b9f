"""The list of stores and markets, and one store: lots, what waits, movements, loans of grain, season accounts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.forms import saved
from jump.web.links import address_of
from jump.web.paging import offset_of, page_of_list
from jump.web.stores import words
from jump.web.stores.forms import OpenMarketForm, OpenStoreForm, market_currency
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
MOVES_SHOWN = 20


@needs("finance.read")
@require_safe
def list_stores(request: HttpRequest) -> HttpResponse:
    """What lies in every store, what waits for a second person, and the markets."""
    actor = actor_of(request)
    stores, markets = finance.stores(actor), finance.markets(actor)
    names = parties.names(actor, [*(one.owner_ref for one in stores), *(one.owner_ref for one in markets)])
    waiting = finance.store_moves_waiting(actor)
    return render(
        request,
        "stores/list.html",
        {
            "stores": [{"row": one, "owner": names.get(one.owner_ref, one.owner_ref)} for one in stores],
            "markets": [{"row": one, "owner": names.get(one.owner_ref, one.owner_ref)} for one in markets],
            "waiting": [{"one": one, "what": words.MOVES[one.kind]} for one in waiting],
            "zone": finance.collected_in_zone(actor, scope="") if markets else [],
            "may_open": can(actor, "finance.prepare"),
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_store(request: HttpRequest) -> HttpResponse:
    """Open a store for a group, at the group's own place."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> HttpResponse:
        group = parties.group(actor, given["owner"])
        ref = finance.open_store(
            actor,
            product=given["product"],
            title=given["title"],
            owner_ref=group.ref,
            scope=group.scope,
            currency=given["currency"],
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("The store is open. Put in what members bring, and declare the prices."))
        return redirect("stores:store", ref=ref)

    page = {"heading": _("Open a store"), "send": _("Open it"), "section": "money", "crumbs": crumbs()}
    return act_page(request, OpenStoreForm(request.POST or None), do=do, page=page | {"back": reverse("stores:list")})


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_market(request: HttpRequest) -> HttpResponse:
    """Open a market that a group runs for a buyer."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> HttpResponse:
        group = parties.group(actor, given["owner"])
        ref = finance.open_market(
            actor,
            product=given["product"],
            title=given["title"],
            owner_ref=group.ref,
            company_ref=given["company"],
            scope=group.scope,
            currency=market_currency(given["product"]),
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("The market is open. Check the scale before the first weighing."))
        return redirect("stores:market", ref=ref)

    page = {"heading": _("Open a market"), "send": _("Open it"), "section": "money", "crumbs": crumbs()}
    return act_page(request, OpenMarketForm(request.POST or None), do=do, page=page | {"back": reverse("stores:list")})


@needs("finance.read")
@require_safe
def show_store(request: HttpRequest, ref: str) -> HttpResponse:
    """One store as it stands today, and what can be done now."""
    actor = actor_of(request)
    store = finance.store(actor, Ref(ref))
    page = page_of_list(request, finance.count_store_moves(actor, store_ref=store.ref), rows=MOVES_SHOWN)
    moves = finance.store_moves(actor, store_ref=store.ref, limit=MOVES_SHOWN, offset=offset_of(page))
    waiting = finance.store_moves_waiting(actor, store_ref=store.ref)
    loans = finance.grain_loans(actor, store_ref=store.ref, open_only=True)
    season = finance.season(actor, store.season_ref) if store.season_ref else None
    counts = finance.stock_counts(actor, store_ref=store.ref, limit=3)
    names = parties.names(
        actor,
        [
            store.owner_ref,
            *(one.party_ref for one in (*moves, *waiting) if one.party_ref),
            *(one.party_ref for one in loans),
        ],
    )
    called = names_of([key for one in moves for key in (one.prepared_by, one.booked_by)])
    may = rights(request, store.scope)
    return render(
        request,
        "stores/store.html",
        {
            "store": store,
            "owner": names.get(store.owner_ref, store.owner_ref),
            "owner_url": address_of("people:group", [store.owner_ref]),
            "facts": _facts(store),
            "terms": words.terms(store),
            "moves": [_move(one, names, called) for one in moves],
            "page": page,
            "waiting": [_move(one, names, called) for one in waiting],
            "loans": [{"one": one, "name": names.get(one.party_ref, one.party_ref)} for one in loans],
            "season": season,
            "season_state": words.SEASONS[season.state] if season else ("", ""),
            "counts": counts,
            "may": may,
            "ways_in": _ways(store, may),
        },
    )


def _move(one: finance.StoreMoveView, names: dict[str, str], called: dict[str, str]) -> dict[str, Any]:
    return {
        "one": one,
        "what": words.MOVES[one.kind],
        "state": words.MOVE_STATES[one.state],
        "name": names.get(one.party_ref, "") if one.party_ref else "",
        "by": called.get(one.booked_by or one.prepared_by, ""),
    }


def _facts(store: finance.StoreView) -> list[tuple[str, str, str]]:
    found = [
        (
            _("In the store"),
            formats.quantity(store.stock),
            _("had cost %(cost)s") % {"cost": formats.money(store.stock_cost)},
        ),
        (_("In the cash box"), formats.money(store.cash), ""),
    ]
    if store.grain_owed.amount_minor:
        found.append((_("To be given back"), formats.quantity(store.grain_owed), ""))
    return found


def _ways(store: finance.StoreView, may: dict[str, bool]) -> list[tuple[str, str]]:
    """What can be done now, by words and address; the first is the one of the button."""
    found = []
    if may["collect"]:
        found.append((_("Record a sale"), reverse("stores:record", args=[store.ref, "sold"])))
        found.append((_("Put in by members"), reverse("stores:record", args=[store.ref, "contributed"])))
    if may["prepare"]:
        found += [
            (_("Buy grain"), reverse("stores:record", args=[store.ref, "bought"])),
            (_("Lend grain"), reverse("stores:record", args=[store.ref, "lent"])),
            (_("Give grain from the social fund"), reverse("stores:record", args=[store.ref, "given"])),
            (_("Enter a cost"), reverse("stores:record", args=[store.ref, "cost"])),
            (_("Count the store"), reverse("stores:count", args=[store.ref])),
            (_("Declare prices"), reverse("stores:prices", args=[store.ref])),
            (_("Offer or ask for grain"), reverse("stores:offer", args=[store.ref])),
            (_("Close the season"), reverse("stores:close", args=[store.ref])),
        ]
    return found


# --- for the pages of this area -------------------------------------------------------------------------------


def rights(request: HttpRequest, scope: str) -> dict[str, bool]:
    """What the reader may do at this place."""
    actor = actor_of(request)
    approve = can(actor, "finance.approve", scope)
    release = can(actor, "finance.release", scope)
    return {
        "prepare": can(actor, "finance.prepare", scope),
        "collect": can(actor, "finance.collect", scope),
        "approve": approve,
        "release": release,
        "second": approve or release,
    }


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    """The way to a page of this area."""
    steps = [(_("Loan funds"), reverse("money:funds")), (_("Stores and markets"), reverse("stores:list")), *more]
    return [{"label": label, "url": url} for label, url in steps]


def act(store: finance.StoreView, **more: Any) -> dict[str, Any]:
    """What every page that does one thing to a store shows around its form."""
    url = reverse("stores:store", args=[store.ref])
    return {"section": "money", "sub": store.title, "back": url, "crumbs": crumbs((store.title, url)), **more}
