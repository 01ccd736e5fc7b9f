"""Things bought that last: the list, the page of one, and what happens to it until it is handed over."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import Actor, can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved
from jump.web.money import donor_words as words
from jump.web.money.donor_forms import AssetForm, CheckForm, CustodyForm, HandOverForm, UpkeepForm
from jump.web.money.views.donors import ground
from jump.web.money.views.releases import ref_of
from jump.web.paging import offset_of, page_of_list
from jump.web.places import titles_of
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
EXCEL_ROWS = 10_000
FIELDS = {
    "finance.day_impossible": "on",
    "finance.above_limit": "amount",
    "finance.amount_not_positive": "amount",
    "finance.key_reused": "spend",
    "finance.asset_unchecked": "on",
    "base.not_found": "spend",
}


@needs("finance.read")
@require_safe
def list_assets(request: HttpRequest) -> HttpResponse:
    """Equipment with its keepers: what it cost, what keeping it cost, how it was last found."""
    actor, state = actor_of(request), request.GET.get("state", "")
    state = state if state in words.ASSETS else ""
    if wants_excel(request.GET):
        return _file(_rows(actor, finance.assets(actor, state=state, limit=EXCEL_ROWS)))
    page = page_of_list(request, finance.count_assets(actor, state=state))
    rows = finance.assets(actor, state=state, limit=50, offset=offset_of(page))
    return render(
        request,
        "money/assets.html",
        {
            "rows": _rows(actor, rows),
            "page": page,
            "state": state,
            "states": [(code, title) for code, (title, _kind) in words.ASSETS.items()],
            "may_record": can(actor, "finance.prepare") or can(actor, "finance.approve"),
        },
    )


def _rows(actor: Actor, found: list[finance.AssetView]) -> list[dict[str, Any]]:
    called = parties.names(actor, [one.holder_ref for one in found])
    places = titles_of([one.scope for one in found])
    return [
        {
            "one": one,
            "holder": called.get(one.holder_ref, one.holder_ref),
            "place": places.get(one.scope, one.scope),
            "tag": words.ASSETS[one.state],
            "condition": words.CONDITIONS.get(one.condition, ""),
            "condition_kind": words.CONDITION_KINDS.get(one.condition, ""),
            "kept": _kept(one),
        }
        for one in found
    ]


def _kept(one: finance.AssetView) -> Money:
    return Money(one.kept_minor, one.kept_currency)


def _file(rows: list[dict[str, Any]]) -> HttpResponse:
    head = [
        (_("Number"), _("Number of the thing")),
        (_("What"), _("What was bought")),
        (_("Bought"), _("Day of the purchase")),
        (_("Currency"), _("Currency of what it cost")),
        (_("Cost"), _("What was paid for it")),
        (_("Kept for"), _("Operation and maintenance so far, in the currency of the budget")),
        (_("Where"), _("Place that it was bought for")),
        (_("Who keeps it"), _("Who keeps it, or got it for good")),
        (_("State"), _("In use, or handed over")),
        (_("Last found"), _("How it was found at the last check")),
        (_("Checked"), _("Day of the last check")),
    ]
    return spreadsheet(
        _("Equipment"),
        head,
        (
            (
                item["one"].ref,
                item["one"].title,
                item["one"].bought_on,
                item["one"].cost.currency,
                item["one"].cost,
                item["kept"],
                item["place"],
                item["holder"],
                item["tag"][0],
                item["condition"],
                item["one"].checked_on,
            )
            for item in rows
        ),
    )


@needs("finance.read")
@require_safe
def show_asset(request: HttpRequest, ref: str) -> HttpResponse:
    """One thing: what it cost, who keeps it, and everything that happened to it."""
    actor = actor_of(request)
    one = finance.asset(actor, Ref(ref))
    events = finance.asset_events(actor, one.ref)
    called = parties.names(actor, [one.holder_ref, *(event.holder_ref for event in events if event.holder_ref)])
    who = names_of([event.by for event in events])
    held = one.state == "held"
    may = can(actor, "finance.prepare", one.scope) or can(actor, "finance.approve", one.scope)
    return render(
        request,
        "money/asset.html",
        {
            **_rows(actor, [one])[0],
            "total": _total(one),
            "events": [
                {
                    "one": event,
                    "what": words.EVENTS[event.kind],
                    "detail": called.get(event.holder_ref, event.holder_ref)
                    if event.holder_ref
                    else words.CONDITIONS.get(event.condition, ""),
                    "by": who.get(event.by, event.by),
                }
                for event in events
            ],
            "may": may and held,
            "may_hand_over": held and can(actor, "finance.approve", one.scope),
        },
    )


def _total(one: finance.AssetView) -> Money | None:
    """Purchase and keeping together, where both are in one currency."""
    return one.cost + _kept(one) if one.cost.currency == one.kept_currency else None


@needs("finance.prepare", "finance.approve")
@require_http_methods(BOTH)
def add_asset(request: HttpRequest) -> HttpResponse:
    """Record a thing that lasts under the payment that paid it."""
    here = ground(request)
    form = AssetForm(
        request.POST or None, currency=here.budget.currency, initial={"spend": request.GET.get("spend", "")}
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.record_asset(
            here.actor,
            spend_ref=given["spend"],
            title=given["title"],
            holder_ref=given["holder"],
            on=given["on"],
            key=given["key"],
            cost=Money(given["amount"], here.budget.currency) if given["amount"] else None,
        )
        saved(request, _("Saved as %(ref)s.") % {"ref": made})
        return redirect("money:asset", ref=made)

    home = reverse("money:assets")
    page = {
        "section": "money",
        "crumbs": [{"label": _("Equipment"), "url": home}],
        "heading": _("What was bought that lasts?"),
        "back": home,
        "send": _("Save"),
    }
    return act_page(request, form, do=do, page=page, fields={**FIELDS, "finance.wrong_currency": "amount"})


def _of(one: finance.AssetView, heading: str, **more: Any) -> dict[str, Any]:
    home = reverse("money:asset", args=[one.ref])
    crumbs = [{"label": _("Equipment"), "url": reverse("money:assets")}, {"label": one.title, "url": home}]
    return {
        "section": "money",
        "crumbs": crumbs,
        "heading": heading,
        "sub": one.title,
        "back": home,
        "send": _("Save"),
        **more,
    }


@needs("finance.prepare", "finance.approve")
@require_http_methods(BOTH)
def custody(request: HttpRequest, ref: str) -> HttpResponse:
    """Give it into the keeping of somebody else."""
    actor = actor_of(request)
    one = finance.asset(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.give_custody(
            actor, asset_ref=one.ref, holder_ref=given["holder"], on=given["on"], key=given["key"], note=given["note"]
        )
        saved(request, _("Saved. It stays the project’s."))
        return redirect("money:asset", ref=ref)

    page = _of(one, _("Who keeps it now?"))
    return act_page(request, CustodyForm(request.POST or None), do=do, page=page, fields=FIELDS)


@needs("finance.prepare", "finance.approve")
@require_http_methods(BOTH)
def check(request: HttpRequest, ref: str) -> HttpResponse:
    """Say in what state it was found."""
    actor = actor_of(request)
    one = finance.asset(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.check_asset(
            actor,
            asset_ref=one.ref,
            condition=given["condition"],
            on=given["on"],
            key=given["key"],
            note=given["note"],
        )
        saved(request, _("Saved."))
        return redirect("money:asset", ref=ref)

    page = _of(one, _("How did you find it?"))
    return act_page(request, CheckForm(request.POST or None), do=do, page=page, fields=FIELDS)


@needs("finance.prepare", "finance.approve")
@require_http_methods(BOTH)
def upkeep(request: HttpRequest, ref: str) -> HttpResponse:
    """Say that a payment kept it working or in order."""
    actor = actor_of(request)
    one = finance.asset(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.book_upkeep(
            actor,
            asset_ref=one.ref,
            spend_ref=given["spend"],
            kind=given["kind"],
            key=given["key"],
            note=given["note"],
        )
        saved(request, _("Saved. The cost stands beside the purchase."))
        return redirect("money:asset", ref=ref)

    page = _of(one, _("What did it cost to keep?"), note=_("The payment is booked in the budget first."))
    return act_page(request, UpkeepForm(request.POST or None), do=do, page=page, fields=FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def hand_over(request: HttpRequest, ref: str) -> HttpResponse:
    """Give it over for good, by its deed."""
    actor = actor_of(request)
    one = finance.asset(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.hand_over_asset(
            actor, asset_ref=one.ref, to_ref=given["to"], deed_ref=ref_of(given["deed"], "deed"), on=given["on"]
        )
        saved(request, _("Handed over."))
        return redirect("money:asset", ref=ref)

    page = _of(one, _("Hand it over for good?"), send=_("Hand it over"))
    seen = formats.day(one.checked_on) if one.checked_on else _("never")
    page["terms"] = [
        (_("Last found"), words.CONDITIONS.get(one.condition, formats.MISSING)),
        (_("Checked"), seen),
    ]
    return act_page(request, HandOverForm(request.POST or None), do=do, page=page, fields=FIELDS)
