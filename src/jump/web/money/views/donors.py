"""Donors and partners of the budget: what was promised, what came, what it was used for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.forms import saved
from jump.web.money import donor_words as words
from jump.web.money.donor_forms import (
    KindGivenForm,
    KindPledgeForm,
    KindRateForm,
    KindReceivedForm,
    MoneyPledgeForm,
    ReceivedForm,
)
from jump.web.money.views.budget import Names, names_of_budget
from jump.web.money.views.releases import ref_of
from jump.web.paging import offset_of, page_of_list

BOTH = ["GET", "HEAD", "POST"]
CAME_A_PAGE = 20
FIELDS = {
    "finance.more_than_pledged": "amount",
    "finance.no_in_kind_rate": "rate",
    "finance.amount_not_positive": "quantity",
    "finance.day_impossible": "on",
    "finance.rate_missing": "currency",
    "ledger.too_many_decimals": "quantity",
}
_SEPARATOR = "|"  # between thing and unit in a choice of rates


@dataclass(frozen=True, slots=True)
class Ground:
    """The budget that these pages are about, with its sources and what its codes are called."""

    actor: Actor
    budget: finance.BudgetView
    sources: list[finance.SourceView]
    names: Names

    @property
    def source_choices(self) -> list[tuple[str, str]]:
        return [(one.id, one.title) for one in self.sources]

    def of(self, group: str) -> list[tuple[str, str]]:
        return list(self.names.of.get(group, {}).items())

    @property
    def places(self) -> list[tuple[str, str]]:
        """Where the reader may record what came: the programme, and the places of its cells."""
        found = {cell.place: self.names.say("country", cell.country) for cell in self.budget.cells}
        whole = [(self.budget.scope, _("The whole programme"))]
        seen = [(path, name) for path, name in sorted(found.items(), key=lambda one: one[1]) if path not in whole[0]]
        return (whole if can(self.actor, "finance.budget", self.budget.scope) else []) + seen


def ground(request: HttpRequest) -> Ground:
    """The budget that the reader sees, or "there is none"."""
    actor = actor_of(request)
    view = finance.budget(actor, as_of=clock.today())
    sources = finance.sources(actor, budget_ref=view.ref, as_of=clock.today())
    return Ground(actor, view, sources, names_of_budget(actor, view, sources))


def outline(request: HttpRequest, *, with_sources: bool = False) -> Ground:
    """The same for pages that show no cells."""
    actor = actor_of(request)
    view = finance.budget_outline(actor)
    sources = finance.sources(actor, budget_ref=view.ref, as_of=clock.today()) if with_sources else []
    return Ground(actor, view, sources, names_of_budget(actor, view, sources))


def about_donors(heading: str, **more: Any) -> dict[str, Any]:
    """What every small page about donors shares: the way back."""
    home = reverse("money:donors")
    crumbs = [{"label": _("Budget"), "url": reverse("money:budget")}, {"label": _("Donors and partners"), "url": home}]
    return {"section": "money", "crumbs": crumbs, "heading": heading, "back": home, "send": _("Save"), **more}


@needs("finance.read")
@require_safe
def list_donors(request: HttpRequest) -> HttpResponse:
    """Promised, came and used, by donor; what came in kind beside it, never in the same sum."""
    try:
        here = outline(request, with_sources=True)
    except NotFound:
        return render(request, "money/donors.html", {"budget": None})
    actor, today = here.actor, clock.today()
    pledges = finance.funding_pledges(actor, budget_ref=here.budget.ref)
    page = page_of_list(request, finance.count_contributions(actor, budget_ref=here.budget.ref), rows=CAME_A_PAGE)
    came = finance.contributions(actor, budget_ref=here.budget.ref, limit=CAME_A_PAGE, offset=offset_of(page))
    called = parties.names(
        actor, [*(one.party_ref for one in pledges), *(one.party_ref for one in came if one.party_ref)]
    )
    units = words.units()
    whole = can(actor, "finance.read", here.budget.scope)
    titles = dict(here.source_choices)
    return render(
        request,
        "money/donors.html",
        {
            "budget": here.budget,
            "sources": [{"one": one, "url": _source_url(one, whole)} for one in here.sources],
            "money": [_pledge_row(one, called, here.names, units) for one in pledges if one.kind == "money"],
            "kind": [_pledge_row(one, called, here.names, units) for one in pledges if one.kind != "money"],
            "came": [
                {
                    "one": one,
                    "who": called.get(one.party_ref or Ref(""), titles.get(one.source, words.plain(one.source))),
                    "what": _what(one.kind, one.what),
                    "quantity": words.quantity(one.quantity, one.unit, units),
                }
                for one in came
            ],
            "page": page,
            "in_kind": finance.in_kind_total(actor, as_of=today, budget_ref=here.budget.ref),
            "exchange": finance.exchange_result(actor, budget_ref=here.budget.ref, as_of=today) if whole else None,
            "rates": [
                {"one": one, "what": words.plain(one.what), "unit": units.get(one.unit, one.unit)}
                for one in finance.in_kind_rates(actor, budget_ref=here.budget.ref)
            ],
            "may_keep": can(actor, "finance.budget", here.budget.scope),
            "may_record": can(actor, "finance.prepare") or can(actor, "finance.budget"),
        },
    )


def _source_url(one: finance.SourceView, whole: bool) -> str:
    return reverse("money:source_statement", args=[one.id]) if whole else ""


def _pledge_row(one: finance.PledgeView, called: dict[Ref, str], names: Names, units: dict[str, str]) -> dict[str, Any]:
    return {
        "one": one,
        "who": called.get(one.party_ref, one.party_ref),
        "what": _what(one.kind, one.what),
        "earmark": words.earmark(one.earmark, names),
        "quantity": words.quantity(one.quantity, one.unit, units),
        "came_quantity": words.quantity(one.came_quantity, one.unit, units),
        "is_open": bool(one.still_open.amount_minor),
    }


def _what(kind: str, what: str) -> str:
    name = str(words.PLEDGES[kind])
    return f"{name}: {words.plain(what)}" if what else name


@needs("finance.budget", "finance.prepare")
@require_http_methods(BOTH)
def promise_money(request: HttpRequest) -> HttpResponse:
    """Record money that a donor promises."""
    here = ground(request)
    form = MoneyPledgeForm(
        request.POST or None,
        currency=here.budget.currency,
        sources=here.source_choices,
        types=here.of("type"),
        lines=here.of("line"),
        places=[(cell.country, here.names.say("country", cell.country)) for cell in _one_a_country(here)],
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.record_pledge(
            here.actor,
            budget_ref=here.budget.ref,
            party_ref=given["party"],
            source=given["source"],
            amount=form.money,
            earmark={name: given[name] for name in ("type", "line", "country")},
            on=given["on"],
            until=given["until"],
            note=given["note"],
            key=given["key"],
        )
        saved(request, _("Saved. Nothing has come in yet."))
        return redirect("money:funding_pledge", ref=made)

    page = about_donors(_("What money is promised?"))
    return act_page(request, form, do=do, page=page, fields=FIELDS)


def _one_a_country(here: Ground) -> list[finance.CellView]:
    return list({cell.country: cell for cell in here.budget.cells if cell.country != "all"}.values())


def _rate_choices(here: Ground) -> list[tuple[str, str]]:
    """Each thing and unit once, with its latest value."""
    units, found = words.units(), {}
    for one in finance.in_kind_rates(here.actor, budget_ref=here.budget.ref):
        said = _("%(what)s: one %(unit)s is worth %(rate)s") % {
            "what": words.plain(one.what),
            "unit": units.get(one.unit, one.unit),
            "rate": formats.money(one.rate),
        }
        found.setdefault(f"{one.what}{_SEPARATOR}{one.unit}", said)
    return list(found.items())


@needs("finance.budget", "finance.prepare")
@require_http_methods(BOTH)
def promise_kind(request: HttpRequest) -> HttpResponse:
    """Record facilities, expertise or other things that a partner promises."""
    here = ground(request)
    rates = _rate_choices(here)
    form = KindPledgeForm(request.POST or None, rates=rates, sources=here.source_choices)

    def do(given: dict[str, Any]) -> HttpResponse:
        what, _sep, unit = given["rate"].partition(_SEPARATOR)
        made = finance.record_pledge(
            here.actor,
            budget_ref=here.budget.ref,
            party_ref=given["party"],
            source=given["source"],
            kind=given["kind"],
            what=what,
            unit=unit,
            quantity=given["quantity"],
            on=given["on"],
            until=given["until"],
            note=given["note"],
            key=given["key"],
        )
        saved(request, _("Saved as %(ref)s. Nothing has come yet.") % {"ref": made})
        return redirect("money:donors")

    page = about_donors(_("What is promised in kind?"), warning=_no_rates(rates))
    return act_page(request, form, do=do, page=page, fields=FIELDS)


def _no_rates(rates: list[tuple[str, str]]) -> str:
    return "" if rates else _("No value of a unit is declared yet. Declare one first: then it can be chosen here.")


@needs("finance.budget")
@require_http_methods(BOTH)
def declare_rate(request: HttpRequest) -> HttpResponse:
    """Say what one unit of something given is worth."""
    here = ground(request)
    form = KindRateForm(
        request.POST or None, currency=here.budget.currency, units=list(words.units().items()), places=here.places
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.declare_in_kind_rate(
            here.actor,
            budget_ref=here.budget.ref,
            what=given["what"],
            unit=given["unit"],
            rate=form.money,
            place=given["place"],
            valid_from=given["valid_from"],
            source=given["origin"],
        )
        saved(request, _("Saved. It holds until the next value is declared."))
        return redirect("money:donors")

    page = about_donors(_("What is one unit worth?"), note=_("A value that is declared is not changed afterwards."))
    return act_page(request, form, do=do, page=page, fields={"finance.key_reused": "valid_from"})


@needs("finance.budget", "finance.prepare")
@require_http_methods(BOTH)
def receive(request: HttpRequest, ref: str) -> HttpResponse:
    """What came in under a promise: money into the bank, or something in kind."""
    here = ground(request)
    one = finance.funding_pledge(here.actor, Ref(ref))
    name = parties.names(here.actor, [one.party_ref]).get(one.party_ref, one.party_ref)
    if one.kind == "money":
        return _receive_money(request, here, one, name)
    form = KindReceivedForm(request.POST or None, places=here.places, stages=here.of("stage"), lines=here.of("line"))

    def do(given: dict[str, Any]) -> HttpResponse:
        value = _record_kind(here, given, one.kind, one.what, one.unit, one.source, pledge_ref=one.ref)
        saved(request, _("Saved. It is worth %(value)s.") % {"value": formats.money(value)})
        return redirect("money:donors")

    units = words.units()
    page = about_donors(_("What came?"), sub=f"{name} · {_what(one.kind, one.what)}")
    page["terms"] = [
        (_("Promised"), words.quantity(one.quantity, one.unit, units)),
        (_("Came so far"), words.quantity(one.came_quantity, one.unit, units)),
    ]
    return act_page(request, form, do=do, page=page, fields=FIELDS)


def _receive_money(request: HttpRequest, here: Ground, one: finance.PledgeView, name: str) -> HttpResponse:
    currency = here.budget.currency
    form = ReceivedForm(request.POST or None, currency=currency, given_currency=one.given_pledged.currency)

    def do(given: dict[str, Any]) -> HttpResponse:
        amount = Money(given["amount"], currency)
        sent = Money(given["given"], one.given_pledged.currency) if given.get("given") else amount
        finance.receive(
            here.actor,
            budget_ref=here.budget.ref,
            source=one.source,
            amount=amount,
            given=sent,
            on=given["on"],
            key=given["key"],
            pledge_ref=one.ref,
        )
        saved(request, _("%(amount)s came in.") % {"amount": formats.money(sent)})
        return redirect("money:funding_pledge", ref=one.ref)

    page = about_donors(_("How much came in?"), sub=name)
    page["rows"] = [
        (_("Promised"), formats.money(one.given_pledged)),
        (_("Came in so far"), formats.money(one.given_came)),
        (_("Still to come"), formats.money(one.given_pledged - one.given_came)),
    ]
    fields = {**FIELDS, "finance.more_than_pledged": "given" if "given" in form.fields else "amount"}
    return act_page(request, form, do=do, page=page, fields=fields)


@needs("finance.prepare", "finance.budget")
@require_http_methods(BOTH)
def give(request: HttpRequest) -> HttpResponse:
    """Something in kind that nobody had promised: from the national side, a partner or the community."""
    here = ground(request)
    rates = _rate_choices(here)
    form: forms.Form = KindGivenForm(
        request.POST or None, rates=rates, places=here.places, stages=here.of("stage"), lines=here.of("line")
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        what, _sep, unit = given["rate"].partition(_SEPARATOR)
        value = _record_kind(here, given, given["kind"], what, unit, given["giver"])
        saved(request, _("Saved. It is worth %(value)s.") % {"value": formats.money(value)})
        return redirect("money:donors")

    page = about_donors(_("What was given in kind?"), warning=_no_rates(rates))
    page["note"] = _("It is kept in its own unit and valued. No money moves.")
    return act_page(request, form, do=do, page=page, fields=FIELDS)


def _record_kind(
    here: Ground, given: dict[str, Any], kind: str, what: str, unit: str, source: str, pledge_ref: Ref | None = None
) -> Money:
    proof = given["proof"]
    return finance.record_in_kind(
        here.actor,
        source=source,
        kind=kind,
        what=what,
        unit=unit,
        quantity=Decimal(given["quantity"]),
        scope=given["place"],
        stage=given["stage"],
        line=given["line"],
        on=given["on"],
        key=given["key"],
        pledge_ref=pledge_ref,
        proof_ref=ref_of(proof) if proof else None,
        budget_ref=here.budget.ref,
    )
