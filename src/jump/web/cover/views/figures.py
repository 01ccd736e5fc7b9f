"""The board sheet with the ten indicators, running costs and subsidies, and closed years."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.ratios import Verdict
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import KeyedForm, act_page
from jump.web.cover import words
from jump.web.cover.forms import COVER_FIELDS, CashForm, DayForm, YearDecisionForm, YearForm
from jump.web.cover.views.packages import whole
from jump.web.cover.views.schemes import BOTH, crumbs_of
from jump.web.forms import saved
from jump.web.who import names_of

VERDICTS = {Verdict.MET: "good", Verdict.MISSED: "bad", Verdict.NOT_DEFINED: ""}


@needs("finance.read")
@require_safe
def board(request: HttpRequest, ref: str) -> HttpResponse:
    """The sheet for a meeting of the board: the year to a day, with and without subsidy. Made to be printed."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    day = _day(request.GET.get("on", "")) or clock.today()
    found = finance.figures(actor, scheme_ref=scheme.ref, on=max(scheme.opened_on, min(day, clock.today())))
    currency = found.currency
    verdicts = {
        Verdict.MET: _("in range"),
        Verdict.MISSED: _("out of range"),
        Verdict.NOT_DEFINED: "",
    }
    indicators = []
    for one in found.indicators:
        verdict = one.goal.judge(one.ratio.value) if one.goal else Verdict.NOT_DEFINED
        indicators.append(
            {
                "title": words.TEN[one.code],
                "value": words.percent(one.ratio.value),
                "goal": words.goal(one),
                "verdict": verdicts[verdict],
                "kind": VERDICTS[verdict],
            }
        )
    return render(
        request,
        "cover/board.html",
        {
            "scheme": scheme,
            "found": found,
            "people": [
                (_("Insured at the start of the year"), formats.number(found.insured_before)),
                (_("Insured now"), formats.number(found.insured)),
                (_("Covered now"), formats.number(found.insured_in_force)),
                (_("Families"), formats.number(found.families)),
            ],
            "money": [
                (_("Contributions due"), formats.money(found.due)),
                (_("Contributions received"), formats.money(found.received)),
                (_("Contributions earned"), whole(found.earned, currency)),
                (_("Paid for days to come"), whole(found.unearned, currency)),
                (_("Claims paid"), formats.money(found.paid_claims)),
                (_("Claims reported and unpaid, or to be expected"), whole(found.outstanding, currency)),
                (_("of these not reported yet"), whole(found.unreported, currency)),
                (_("Claims of the year"), whole(found.incurred, currency)),
                (_("Running costs"), formats.money(found.expenses)),
                (_("Subsidies"), formats.money(found.subsidy)),
                (_("Result"), whole(found.result, currency)),
                (_("Result without subsidies"), whole(found.result_without_subsidy, currency)),
                (_("Cash"), formats.money(found.cash)),
                (_("Reserve"), formats.money(found.reserve)),
            ],
            "how": words.HOW_ESTIMATED[found.unreported_how],
            "indicators": indicators,
            "alone": words.percent(found.net_income_without_subsidy.value),
            "prompt": [(words.PROMPT[step], words.percent(one.value, 0)) for step, one in found.promptness.items()],
            "alarms": [words.ALARMS[one] for one in sorted(found.alarms)],
            "use": [
                {
                    "title": one.title,
                    "claims": one.claims,
                    "cost": formats.money(one.cost),
                    "frequency": _number(one.frequency.value),
                    "assumed": formats.number(float(one.assumed_frequency), 2),
                    "mean": whole(one.mean_cost.value, currency) if one.mean_cost.value is not None else "–",
                    "assumed_cost": whole(one.assumed_cost, currency),
                }
                for one in found.use
            ],
            "claims": [
                (_("Claims reported"), formats.number(found.claims_reported)),
                (_("Claims rejected"), formats.number(found.claims_rejected)),
                (_("Claims open"), formats.number(found.claims_open)),
            ],
        },
    )


def _number(value: Any) -> str:
    return "–" if value is None else formats.number(float(value), 2)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


# --- running costs and subsidies --------------------------------------------------------------------------------------


@needs("finance.read")
@require_safe
def show_cash(request: HttpRequest, ref: str) -> HttpResponse:
    """Running costs and subsidies of a scheme; what waits stands first."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    moves = finance.cash_moves(actor, scheme_ref=scheme.ref)
    called = names_of([one.prepared_by for one in moves])
    kinds = {finance.CashKind.EXPENSE: _("Running cost"), finance.CashKind.SUBSIDY: _("Subsidy")}
    pays = can(actor, "finance.release", scheme.scope) or can(actor, "finance.approve", scheme.scope)
    return render(
        request,
        "cover/cash.html",
        {
            "scheme": scheme,
            "rows": [
                {
                    "one": one,
                    "kind": kinds[one.kind],
                    "state": words.PAPERS[one.state],
                    "by": called.get(one.prepared_by, ""),
                    "may_pay": pays and one.state is finance.PaperState.PREPARED and one.prepared_by != actor.key,
                }
                for one in moves
            ],
            "may_prepare": can(actor, "finance.prepare", scheme.scope),
            "may_collect": can(actor, "finance.collect", scheme.scope),
        },
    )


@needs("finance.prepare", "finance.collect")
@require_http_methods(BOTH)
def add_cash(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Prepare a running cost, or write down a subsidy that came in."""
    actor = actor_of(request)
    if kind not in ("expense", "subsidy"):
        raise NotFound(ref=kind)
    scheme = finance.scheme(actor, Ref(ref))
    is_cost = kind == "expense"

    def do(given: dict[str, Any]) -> HttpResponse:
        act = finance.prepare_cover_expense if is_cost else finance.receive_subsidy
        act(
            actor,
            scheme_ref=scheme.ref,
            amount=Money(given["amount"], scheme.currency),
            on=given["on"],
            what=given["what"],
            key=given["key"],
        )
        saved(request, _("Prepared. A second person pays it.") if is_cost else _("Booked."))
        return redirect("cover:cash", ref=scheme.ref)

    page = {
        "heading": _("Prepare a running cost") if is_cost else _("Write down a subsidy"),
        "sub": scheme.title,
        "section": "money",
        "send": _("Prepare it") if is_cost else _("Book it"),
        "back": reverse("cover:cash", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
    }
    form = CashForm(request.POST or None, currency=scheme.currency)
    return act_page(request, form, do=do, page=page, fields=COVER_FIELDS)


@needs("finance.release", "finance.approve")
@require_http_methods(BOTH)
def pay_cost(request: HttpRequest, ref: str) -> HttpResponse:
    """Pay a running cost that somebody else prepared."""
    actor = actor_of(request)
    one = finance.cash_move(actor, Ref(ref))
    scheme = finance.scheme(actor, one.scheme_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.pay_cover_expense(actor, cash_ref=one.ref, on=given["on"])
        saved(request, _("%(amount)s paid out.") % {"amount": formats.money(one.amount)})
        return redirect("cover:cash", ref=scheme.ref)

    page = {
        "heading": _("Pay a running cost"),
        "sub": one.what,
        "section": "money",
        "send": _("Pay"),
        "rows": [(_("Paid out in cash"), formats.money(one.amount))],
        "back": reverse("cover:cash", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
    }
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=COVER_FIELDS)


# --- closed years -----------------------------------------------------------------------------------------------------


@needs("finance.read")
@require_safe
def show_years(request: HttpRequest, ref: str) -> HttpResponse:
    """Closed years: earned, set aside, result, and what went into the reserve."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    years = finance.cover_years(actor, scheme_ref=scheme.ref)
    may_book, may_prepare = (can(actor, right, scheme.scope) for right in ("finance.approve", "finance.prepare"))
    return render(
        request,
        "cover/years.html",
        {
            "scheme": scheme,
            "rows": [
                {
                    "one": one,
                    "state": words.PAPERS[one.state],
                    "may_book": may_book and one.state is finance.PaperState.PREPARED and one.prepared_by != actor.key,
                    "may_drop": may_prepare and one.state is finance.PaperState.PREPARED,
                }
                for one in years
            ],
            "may_prepare": may_prepare,
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def prepare_year(request: HttpRequest, ref: str) -> HttpResponse:
    """Work out what closing a year will book."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.prepare_year(actor, scheme_ref=scheme.ref, until=given["until"], key=given["key"])
        saved(request, _("Prepared. A second person books it with the decision of the assembly."))
        return redirect("cover:years", ref=scheme.ref)

    page = {
        "heading": _("Close a year"),
        "sub": scheme.title,
        "section": "money",
        "send": _("Work it out"),
        "back": reverse("cover:years", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
    }
    return act_page(request, YearForm(request.POST or None), do=do, page=page, fields=COVER_FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def book_year(request: HttpRequest, ref: str, year_ref: str) -> HttpResponse:
    """Book a prepared closing with the decision of the assembly."""
    actor = actor_of(request)
    scheme, one = _year(request, ref, year_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.book_year(actor, year_ref=one.ref, decision_ref=given["decision"])
        saved(request, _("The year is closed."))
        return redirect("cover:years", ref=scheme.ref)

    page = {
        "heading": _("Book the closing"),
        "sub": formats.day(one.until),
        "section": "money",
        "send": _("Book it"),
        "rows": [
            (_("Contributions earned"), formats.money(one.earned)),
            (_("Claims to be expected"), formats.money(one.outstanding)),
            (_("Result"), formats.money(one.result)),
            (_("Reserve that is needed"), formats.money(one.target)),
            (_("Into the reserve"), formats.money(one.transfer)),
        ],
        "back": reverse("cover:years", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
    }
    return act_page(request, YearDecisionForm(request.POST or None), do=do, page=page, fields=COVER_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop_year(request: HttpRequest, ref: str, year_ref: str) -> HttpResponse:
    """Give up a prepared closing."""
    scheme, one = _year(request, ref, year_ref)

    def do(_given: dict[str, Any]) -> HttpResponse:
        finance.drop_year(actor_of(request), year_ref=one.ref)
        saved(request, _("Given up. Nothing was booked."))
        return redirect("cover:years", ref=scheme.ref)

    page = {
        "heading": _("Give up the closing"),
        "sub": formats.day(one.until),
        "section": "money",
        "send": _("Give it up"),
        "back": reverse("cover:years", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
    }
    return act_page(request, KeyedForm(request.POST or None), do=do, page=page)


def _year(request: HttpRequest, ref: str, year_ref: str) -> tuple[finance.SchemeView, finance.YearView]:
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    found = next((one for one in finance.cover_years(actor, scheme_ref=scheme.ref) if one.ref == year_ref), None)
    if found is None:
        raise NotFound(ref=year_ref)
    return scheme, found
