"""What is decided about the budget: the reading of overhead, estimates, the provision, bridges until a donor pays."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jump.base import clock
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved, shown_again
from jump.web.money import donor_words as words
from jump.web.money.donor_forms import (
    BridgeForm,
    DecisionForm,
    EstimateForm,
    ExtendForm,
    ProvisionForm,
    ReadingForm,
    ReasonForm,
    ReplaceForm,
)
from jump.web.money.forms import EmptyForm
from jump.web.money.views.donors import Ground, ground
from jump.web.money.views.releases import ref_of
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
_CELL = ("country", "stage", "type")
FIELDS = {
    "finance.budget_short": "amount",
    "finance.decision_missing": "why",
    "finance.day_impossible": "on",
    "finance.bridge_over": "on",
    "finance.line_unknown": "source",
}


def _about(heading: str, home: str, title: str, **more: Any) -> dict[str, Any]:
    crumbs = [{"label": _("Budget"), "url": reverse("money:budget")}, {"label": title, "url": home}]
    return {"section": "money", "crumbs": crumbs, "heading": heading, "back": home, "send": _("Save"), **more}


def _cell_name(here: Ground, cell: finance.CellView) -> str:
    said = [
        here.names.say("country", cell.country),
        here.names.say("stage", cell.stage),
        here.names.say("type", cell.type),
    ]
    return ", ".join([*said, here.names.say("line", cell.line)] if cell.line else said)


@needs("finance.budget")
@require_http_methods(BOTH)
def choose_reading(request: HttpRequest) -> HttpResponse:
    """Say which reading of the agency's percent holds, and why."""
    here = ground(request)

    def do(given: dict[str, Any]) -> HttpResponse:
        decision = given["decision"]
        finance.choose_support_base(
            here.actor,
            base=given["base"],
            why=given["why"],
            on=given["on"],
            key=given["key"],
            budget_ref=here.budget.ref,
            decision_ref=ref_of(decision) if decision else None,
        )
        saved(request, _("Saved. It stands beside the figures with your name and the reason."))
        return redirect(f"{reverse('money:budget')}#readings")

    readings = finance.support_cost_readings(here.actor, budget_ref=here.budget.ref)
    page = _about(_("How is the agency’s percent read?"), reverse("money:budget"), _("Budget"))
    page["terms"] = [
        (
            words.READINGS[one.base],
            _("%(support)s agency cost, %(direct)s for the work")
            % {"support": formats.money(one.support), "direct": formats.money(one.direct)},
        )
        for one in readings
    ]
    return act_page(request, ReadingForm(request.POST or None), do=do, page=page, fields=FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def estimate(request: HttpRequest, ref: str) -> HttpResponse:
    """Say how much is still to be spent out of a part of the budget."""
    here = ground(request)
    cell = next((one for one in here.budget.cells if one.ref == ref), None)
    if cell is None:
        raise NotFound(ref=ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.estimate_cell(
            here.actor,
            cell_ref=cell.ref,
            amount=Money(given["amount"], here.budget.currency),
            why=given["why"],
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Saved. The forecast uses it from now on."))
        return redirect(f"{reverse('money:budget')}#forecast")

    page = _about(_("How much is still to be spent?"), reverse("money:budget"), _("Budget"))
    page["sub"] = _cell_name(here, cell)
    page["terms"] = [
        (_("Plan"), formats.money(cell.plan)),
        (_("Spent"), formats.money(cell.spent)),
        (_("Promised"), formats.money(cell.committed)),
        (_("Free"), formats.money(cell.free)),
    ]
    form = EstimateForm(request.POST or None, currency=here.budget.currency)
    return act_page(request, form, do=do, page=page, fields=FIELDS)


# --- the provision ------------------------------------------------------------------------------------------


@needs("finance.read")
@require_safe
def show_provision(request: HttpRequest) -> HttpResponse:
    """What the provision holds, and what was asked of it."""
    try:
        return render(request, "money/provision.html", _provision_page(request))
    except NotFound:
        return render(request, "money/provision.html", {"budget": None})


def _provision_page(request: HttpRequest) -> dict[str, Any]:
    here = ground(request)
    held = set(finance.provision_cells(here.actor, budget_ref=here.budget.ref))
    uses = finance.provision_uses(here.actor, budget_ref=here.budget.ref)
    called = names_of([key for one in uses for key in (one.asked_by, one.decided_by)])
    may = can(here.actor, "finance.budget", here.budget.scope)
    return {
        "budget": here.budget,
        "cells": [{"one": one, "name": _cell_name(here, one)} for one in here.budget.cells if one.ref in held],
        "uses": [
            {
                "one": one,
                "to": ", ".join(here.names.say(g, v) for g, v in zip(_CELL, one.to_name, strict=True)),
                "tag": words.PROVISIONS[one.state],
                "asked_by": called.get(one.asked_by, one.asked_by),
                "decided_by": called.get(one.decided_by, one.decided_by),
                "may": may and one.state == "asked" and one.asked_by != here.actor.key,
                "is_own": one.state == "asked" and one.asked_by == here.actor.key,
            }
            for one in uses
        ],
        "may_ask": can(here.actor, "finance.prepare"),
        "act": EmptyForm({}),
    }


def _use(request: HttpRequest, here: Ground, ref: str) -> finance.ProvisionView:
    found = next((one for one in finance.provision_uses(here.actor) if one.ref == ref), None)
    if found is None:
        raise NotFound(ref=ref)
    return found


@needs("finance.prepare")
@require_http_methods(BOTH)
def ask_provision(request: HttpRequest) -> HttpResponse:
    """Ask for money of the provision."""
    here = ground(request)
    held = set(finance.provision_cells(here.actor, budget_ref=here.budget.ref))
    # The provision is the programme's: who sees a country alone asks for it too.
    provisions = [(str(ref), _("Provision for cost increase")) for ref in held]
    cells = [(str(one.ref), _cell_name(here, one)) for one in here.budget.cells if one.ref not in held]

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.ask_provision(
            here.actor,
            provision_cell=Ref(given["from_cell"]),
            to_cell=Ref(given["to_cell"]),
            amount=Money(given["amount"], here.budget.currency),
            why=given["why"],
            on=given["on"],
            key=given["key"],
        )
        forget_tasks(here.actor)
        saved(request, _("Asked. A second person decides."))
        return redirect("money:provision")

    home = reverse("money:provision")
    page = _about(_("Where have costs risen?"), home, _("Provision"), send=_("Ask for it"))
    if not provisions:
        page["warning"] = _("The budget holds no provision. The coordinator adds it to the budget first.")
    form = ProvisionForm(request.POST or None, currency=here.budget.currency, provisions=provisions, cells=cells)
    return act_page(request, form, do=do, page=page, fields=FIELDS)


@needs("finance.budget")
@require_http_methods(BOTH)
def release_provision(request: HttpRequest, ref: str) -> HttpResponse:
    """Release what somebody else asked for, with the decision it rests on."""
    here = ground(request)
    one = _use(request, here, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.release_provision(
            here.actor, use_ref=one.ref, decision_ref=ref_of(given["decision"], "decision"), on=given["on"]
        )
        forget_tasks(here.actor)
        saved(request, _("%(amount)s of the provision is released.") % {"amount": formats.money(one.amount)})
        return redirect("money:provision")

    page = _decide_page(here, one, _("Release this out of the provision?"), send=_("Release it"))
    return act_page(request, DecisionForm(request.POST or None), do=do, page=page, fields=FIELDS)


@needs("finance.budget")
@require_http_methods(BOTH)
def refuse_provision(request: HttpRequest, ref: str) -> HttpResponse:
    """Leave the provision as it is, with the reason."""
    here = ground(request)
    one = _use(request, here, ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.refuse_provision(here.actor, use_ref=one.ref, why=given["why"], on=given["on"])
        forget_tasks(here.actor)
        saved(request, _("Not released. The reason stays on record."))
        return redirect("money:provision")

    page = _decide_page(here, one, _("Leave the provision as it is?"), send=_("Do not release it"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page, fields=FIELDS)


def _decide_page(here: Ground, one: finance.ProvisionView, heading: str, **more: Any) -> dict[str, Any]:
    page = _about(heading, reverse("money:provision"), _("Provision"), **more)
    page["terms"] = [
        (_("Amount"), formats.money(one.amount)),
        (_("Where costs have risen"), here.names.say("country", one.to_name[0])),
        (_("Why"), one.why),
        (_("Asked by"), names_of([one.asked_by]).get(one.asked_by, one.asked_by)),
    ]
    return page


# --- bridges ------------------------------------------------------------------------------------------------


@needs("finance.read")
@require_safe
def list_bridges(request: HttpRequest) -> HttpResponse:
    """Professionals paid until another donor is found; those that end first stand first."""
    return render(request, "money/bridges.html", _bridges_page(request))


def _bridges_page(request: HttpRequest) -> dict[str, Any]:
    actor, today = actor_of(request), clock.today()
    rows = finance.bridges(actor, as_of=today)
    titles = {one.id: one.title for one in finance.sources(actor)} if rows else {}
    return {
        "rows": [
            {
                "one": one,
                "tag": _bridge_tag(one),
                "donor": titles.get(one.replaced_by, one.replaced_by),
                "days": (one.ends_on - today).days,
                "may_pay": one.next_month is not None and can(actor, "finance.prepare", one.scope),
                "may_keep": can(actor, "finance.budget") and not one.replaced_by,
            }
            for one in rows
        ],
        "may_open": can(actor, "finance.budget"),
        "act": EmptyForm({}),
    }


def _bridge_tag(one: finance.BridgeView) -> tuple[str, str]:
    if one.replaced_by:
        return _("A donor is found"), "good"
    return (_("Ended"), "") if one.is_over or one.ends_on < clock.today() else (_("No donor yet"), "warn")


def _about_bridge(heading: str, **more: Any) -> dict[str, Any]:
    return _about(heading, reverse("money:bridges"), _("Paid until a donor is found"), **more)


@needs("finance.budget")
@require_http_methods(BOTH)
def open_bridge(request: HttpRequest) -> HttpResponse:
    """Pay a professional until another donor is found."""
    here = ground(request)
    form = BridgeForm(
        request.POST or None,
        currency=here.budget.currency,
        places=here.places,
        stages=here.of("stage"),
        lines=here.of("line"),
        types=here.of("type"),
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.open_bridge(
            here.actor,
            post_ref=given["post"],
            title=given["title"],
            scope=given["place"],
            stage=given["stage"],
            type=given["type"],
            line=given["line"],
            monthly=Money(given["amount"], here.budget.currency),
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            why=given["why"],
            key=given["key"],
            budget_ref=here.budget.ref,
        )
        saved(request, _("Saved. The months are promised out of the budget."))
        return redirect("money:bridges")

    page = _about_bridge(_("Which post is paid until a donor is found?"))
    return act_page(request, form, do=do, page=page, fields={**FIELDS, "finance.bridge_over": "ends_on"})


@needs("finance.prepare")
@require_POST
def pay_bridge(request: HttpRequest, ref: str) -> HttpResponse:
    """Pay the next month."""
    actor = actor_of(request)
    one = finance.bridge(actor, Ref(ref), as_of=clock.today())
    shown_again(request, "money/bridges.html", _bridges_page(request), form="act")
    paid = finance.pay_bridge(actor, bridge_ref=one.ref, month=one.next_month or one.ends_on, on=clock.today())
    saved(request, _("%(amount)s paid: %(what)s.") % {"amount": formats.money(paid.amount), "what": paid.memo})
    return redirect("money:bridges")


@needs("finance.budget")
@require_http_methods(BOTH)
def replace_bridge(request: HttpRequest, ref: str) -> HttpResponse:
    """Another donor pays the post from a day on."""
    here = ground(request)
    one = finance.bridge(here.actor, Ref(ref), as_of=clock.today())
    sources = [(row.id, row.title) for row in here.sources if not row.is_core]

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.replace_bridge(here.actor, bridge_ref=one.ref, source=given["source"], on=given["on"])
        saved(request, _("Saved. What the bridge had still promised is free again."))
        return redirect("money:bridges")

    page = _about_bridge(_("Which donor pays this post now?"), sub=one.title)
    if not sources:
        page["warning"] = _("No other donor stands in the budget yet. Record the source first.")
    return act_page(request, ReplaceForm(request.POST or None, sources=sources), do=do, page=page, fields=FIELDS)


@needs("finance.budget")
@require_http_methods(BOTH)
def extend_bridge(request: HttpRequest, ref: str) -> HttpResponse:
    """Go on paying up to a later day."""
    here = ground(request)
    one = finance.bridge(here.actor, Ref(ref), as_of=clock.today())

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.extend_bridge(here.actor, bridge_ref=one.ref, ends_on=given["ends_on"], why=given["why"])
        saved(request, _("Saved. It ends on %(on)s now.") % {"on": formats.day(given["ends_on"])})
        return redirect("money:bridges")

    page = _about_bridge(_("How long does it go on?"), sub=one.title)
    page["terms"] = [(_("Ends now on"), formats.day(one.ends_on)), (_("Pay of one month"), formats.money(one.monthly))]
    fields = {**FIELDS, "finance.bridge_over": "ends_on", "finance.budget_short": "ends_on"}
    return act_page(request, ExtendForm(request.POST or None), do=do, page=page, fields=fields)
