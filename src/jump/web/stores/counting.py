"""Prices, counts and seasons of a store: declared, counted and closed by two people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import KeyedForm, act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.money.forms import DayForm, WhyForm
from jump.web.stores import words
from jump.web.stores.forms import BandForm, StockCountForm
from jump.web.stores.pages import BOTH, act, rights
from jump.web.who import names_of

Given = dict[str, Any]


@needs("finance.prepare")
@require_http_methods(BOTH)
def declare_prices(request: HttpRequest, ref: str) -> HttpResponse:
    """Declare the lowest and the highest price, as the assembly decided them."""
    actor = actor_of(request)
    store = finance.store(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        finance.declare_band(
            actor,
            store_ref=store.ref,
            floor=Money(given["floor"], store.currency),
            ceiling=Money(given["ceiling"], store.currency),
            valid_from=given["on"],
            key=given["key"],
            decision_ref=Ref(given["decision"]) if given["decision"] else None,
        )
        saved(request, _("The prices are declared. No sale outside them is saved."))
        return redirect("stores:store", ref=store.ref)

    page = act(store, heading=_("Declare prices"), send=_("Declare them"))
    page["terms"] = [(_("Declared now"), words.prices(store.band)), (_("What the grain had cost"), _cost(store))]
    form = BandForm(request.POST or None, currency=store.currency)
    return act_page(request, form, do=do, page=page, fields=words.FIELDS)


def _cost(store: finance.StoreView) -> str:
    """What one unit of what lies there had cost."""
    if not store.stock.amount_minor:
        return formats.MISSING
    one = store.stock_cost.amount_minor * 10**store.stock.decimals // store.stock.amount_minor
    return _("%(cost)s for one %(unit)s") % {
        "cost": formats.money(Money(one, store.currency)),
        "unit": store.stock.label or store.unit,
    }


@needs("finance.prepare")
@require_http_methods(BOTH)
def write_count(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down what was counted, lot by lot, without seeing what the book says."""
    actor = actor_of(request)
    store = finance.store(actor, Ref(ref))
    form = StockCountForm(request.POST or None, store=store)

    def do(given: Given) -> HttpResponse:
        finance.write_count(actor, store_ref=store.ref, counted=form.counted(), on=given["on"], key=given["key"])
        forget_tasks(actor)
        saved(request, _("Written down. A second person confirms it; then what is missing is booked as lost."))
        return redirect("stores:store", ref=store.ref)

    page = act(store, heading=_("Count the store"), send=_("Write it down"))
    page["note"] = _("Weigh every lot. Nothing is booked before a second person has confirmed it.")
    return act_page(request, form, do=do, page=page, fields=words.FIELDS)


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def confirm_count(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm a count as the second person."""
    actor = actor_of(request)
    count = finance.stock_count(actor, Ref(ref))
    store = finance.store(actor, count.store_ref)

    def do(given: Given) -> HttpResponse:
        done = finance.confirm_count(actor, count_ref=count.ref, on=given["on"])
        forget_tasks(actor)
        said = _("Confirmed. The control committee should look at it.") if done.is_for_control else _("Confirmed.")
        saved(request, said)
        return redirect("stores:store", ref=store.ref)

    rows = [
        (
            _("Lot %(mark)s") % {"mark": line.mark},
            _("%(counted)s of %(book)s")
            % {"counted": formats.quantity(line.counted), "book": formats.quantity(line.in_book)},
        )
        for line in count.lines
    ]
    page = act(store, heading=_("Confirm this count?"), send=_("Confirm it"), rows=rows)
    page["terms"] = [
        (_("Counted by"), names_of([count.written_by]).get(count.written_by, formats.MISSING)),
        (
            _("Difference"),
            formats.share(count.variance.value, 1) if count.variance.value is not None else formats.MISSING,
        ),
    ]
    page["warning"] = (
        _("More is missing than may be. The control committee looks at it.") if count.is_for_control else ""
    )
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=words.FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop_count(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a count that nobody confirmed."""
    actor = actor_of(request)
    count = finance.stock_count(actor, Ref(ref))
    store = finance.store(actor, count.store_ref)

    def do(given: Given) -> HttpResponse:
        finance.drop_count(actor, count_ref=count.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. Count again."))
        return redirect("stores:store", ref=store.ref)

    page = act(store, heading=_("Give up this count?"), send=_("Give it up"))
    return act_page(request, WhyForm(request.POST or None), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def propose_close(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose to close the season."""
    actor = actor_of(request)
    store = finance.store(actor, Ref(ref))

    def do(given: Given) -> HttpResponse:
        season = finance.propose_season_close(actor, store_ref=store.ref, on=given["on"])
        forget_tasks(actor)
        saved(request, _("Proposed. A second person approves the account."))
        return redirect("stores:season", ref=season.ref)

    page = act(store, heading=_("Close the season"), send=_("Propose it"))
    page["note"] = _("The store is counted first. Until a second person has approved it nothing more can be entered.")
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=words.FIELDS)


@needs("finance.read")
@require_safe
def show_season(request: HttpRequest, ref: str) -> HttpResponse:
    """The account of a season, to read out at the assembly and to print."""
    actor = actor_of(request)
    season = finance.season(actor, Ref(ref))
    store = finance.store(actor, season.store_ref)
    may = rights(request, store.scope)
    called = names_of([season.proposed_by, season.approved_by])
    is_proposed = season.state is finance.SeasonState.PROPOSED
    loss = season.loss_rate.value
    return render(
        request,
        "stores/season.html",
        {
            "season": season,
            "store": store,
            "state": words.SEASONS[season.state],
            "grain": _grain(season),
            "money": _money(season),
            "split": [(words.PARTS.get(name, name), formats.money(part)) for name, part in season.split.items()],
            "is_loss": season.result.amount_minor < 0,
            "facts": [
                (
                    _("Turnover"),
                    formats.number(season.turnover.rounded(1)) if season.turnover.value else "–",
                    _("times"),
                ),
                (
                    _("Loss"),
                    formats.share(loss, 2) if loss is not None else formats.MISSING,
                    _("target: at most %(share)s") % {"share": formats.share(season.loss_target, 1)},
                ),
                (
                    _("Given back"),
                    formats.share(season.repaid_share.value, 0)
                    if season.repaid_share.value is not None
                    else formats.MISSING,
                    _("of grain that fell due"),
                ),
            ],
            "proposed_by": called.get(season.proposed_by, ""),
            "approved_by": called.get(season.approved_by, ""),
            "may_approve": is_proposed and may["second"] and season.proposed_by != actor.key,
            "may_drop": is_proposed and may["prepare"],
        },
    )


def _grain(season: finance.SeasonView) -> list[tuple[str, str]]:
    rows = [(_("At the start"), formats.quantity(season.opening))]
    rows += [(str(words.MOVES[kind]), f"+ {formats.quantity(held)}") for kind, held in season.came_in.items()]
    rows += [(str(words.MOVES[kind]), f"− {formats.quantity(held)}") for kind, held in season.went_out.items()]
    return [*rows, (_("At the end"), formats.quantity(season.closing))]


def _money(season: finance.SeasonView) -> list[tuple[str, str]]:
    rows = [(_("Sales"), formats.money(season.sales))]
    for words_, amount in (
        (_("What was sold had cost"), season.cost_of_sales),
        (_("Lost, at cost"), season.lost),
        (_("Given, at cost"), season.given),
        (_("Costs of the store"), season.costs),
    ):
        if amount.amount_minor:
            rows.append((words_, f"− {formats.money(amount)}"))
    return [*rows, (_("Result"), formats.money(season.result))]


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def close_season(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve the account of a season as the second person."""
    actor = actor_of(request)
    season = finance.season(actor, Ref(ref))
    store = finance.store(actor, season.store_ref)

    def do(given: Given) -> HttpResponse:
        finance.close_season(actor, season_ref=season.ref)
        forget_tasks(actor)
        saved(request, _("The season is closed. The next one has begun."))
        return redirect("stores:season", ref=season.ref)

    rows = [
        *_money(season),
        *((str(words.PARTS.get(name, name)), formats.money(part)) for name, part in season.split.items()),
    ]
    page = act(store, heading=_("Close the season?"), send=_("Close it"), rows=rows)
    return act_page(request, KeyedForm(request.POST or None), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop_close(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up the proposal to close a season."""
    actor = actor_of(request)
    season = finance.season(actor, Ref(ref))
    store = finance.store(actor, season.store_ref)

    def do(given: Given) -> HttpResponse:
        finance.drop_season_close(actor, season_ref=season.ref)
        forget_tasks(actor)
        saved(request, _("Given up. The season goes on."))
        return redirect("stores:store", ref=store.ref)

    page = act(store, heading=_("Go on with the season?"), send=_("Go on"))
    return act_page(request, KeyedForm(request.POST or None), do=do, page=page)
