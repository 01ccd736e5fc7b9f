"""How a fund is doing, and what it costs to run it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.ratios import Verdict
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import KeyedForm, act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import DayField, MoneyField, PageForm, saved
from jump.web.money import health_words as words
from jump.web.money.savings_forms import MoneyForm, ReasonForm
from jump.web.money.views.funds import of_fund
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
MONTHS_SHOWN = 12
COST_FIELDS = {
    "finance.wrong_currency": "amount",
    "finance.amount_not_positive": "amount",
    "finance.fund_short": "amount",
    "finance.day_impossible": "on",
    "finance.decision_missing": "what",
}


class PeriodForm(PageForm):
    """Which period, and what prices and money did in it."""

    since = DayField(label=lazy("First day"), quick=False)
    until = DayField(label=lazy("Last day"), quick=False)
    inflation = forms.DecimalField(
        label=lazy("Inflation in the period, per cent"),
        help_text=lazy("As the statistical office publishes it. Without it nothing is said after inflation."),
        min_value=Decimal(-50),
        max_value=Decimal(10_000),
        required=False,
    )
    market = forms.DecimalField(
        label=lazy("What a bank asks for a loan, per cent a year"),
        help_text=lazy("For money that the fund borrowed cheaply."),
        min_value=Decimal(0),
        max_value=Decimal(1_000),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("The last day must not be before the first"))
        return cleaned


class CostForm(MoneyForm):
    what = forms.CharField(label=lazy("What for?"), max_length=200)
    amount = MoneyField(label=lazy("Amount"))
    on = DayField(label=lazy("Day"))


class PaidForm(KeyedForm):
    on = DayField(label=lazy("Paid on"))


@needs("finance.read")
@require_safe
def show_health(request: HttpRequest, ref: str) -> HttpResponse:
    """Who pays late, what is set aside, whether the fund carries itself, and what it is worth after inflation."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    today = clock.today()
    usual = {"since": max(add_months(today, -MONTHS_SHOWN) + timedelta(days=1), fund.opened_on), "until": today}
    form = PeriodForm(request.GET if "until" in request.GET or "until_year" in request.GET else None, initial=usual)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else usual
    health = finance.fund_health(
        actor,
        fund_ref=fund.ref,
        starts_on=asked["since"],
        ends_on=asked["until"],
        inflation=_share(asked.get("inflation")),
        market_rate=_share(asked.get("market")),
    )
    rows = [_figure(one, health.currency) for one in health.figures]
    pearls = [_pearl(one, health.currency) for one in health.pearls]
    if wants_excel(request.GET):
        return _file(fund.title, health, [*rows, *pearls])
    costs = finance.fund_costs(actor, fund_ref=fund.ref)
    page = {
        "fund": fund,
        "health": health,
        "form": form,
        "rows": rows,
        "pearls": pearls,
        "missed": sum(row["is_missed"] for row in rows),
        "par": [
            (days, words.value(one, words.PERCENT, fund.currency), words.value(strict, words.PERCENT, fund.currency))
            for (days, one), strict in zip(health.par.items(), health.par_strict.values(), strict=True)
        ],
        "bands": [
            (_band(one), one, formats.share(Decimal(one.rate.numerator) / one.rate.denominator))
            for one in health.provisions.rows
        ],
        "costs": [
            {
                "one": one,
                "tag": words.COSTS[one.state][0],
                "kind": words.COSTS[one.state][1],
                "may_pay": one.state == "prepared"
                and one.prepared_by != actor.key
                and can(actor, "finance.approve", fund.scope),
                "may_drop": one.state == "prepared" and can(actor, "finance.prepare", fund.scope),
            }
            for one in costs
        ],
        "may_prepare": can(actor, "finance.prepare", fund.scope),
        "excel_url": _address(request),
    }
    return render(request, "money/health.html", page, status=422 if form.errors else 200)


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / 100


def _address(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["as"] = "excel"
    return f"?{query.urlencode()}"


def _figure(one: finance.HealthFigure, currency: str) -> dict[str, Any]:
    name, says, unit = words.FIGURES[one.code]
    tag, kind = words.VERDICTS[one.verdict]
    return {
        "code": one.code,
        "name": name,
        "says": says,
        "value": words.value(one.ratio, unit, currency),
        "goal": words.goal(one.goal, unit),
        "tag": tag,
        "kind": kind,
        "is_missed": one.verdict is Verdict.MISSED,
    }


def _pearl(one: Any, currency: str) -> dict[str, Any]:
    tag, kind = words.VERDICTS[one.verdict]
    return {
        "code": one.code,
        "name": words.PEARLS[one.code],
        "says": "",
        "value": words.value(one.ratio, words.PERCENT, currency),
        "goal": words.goal(one.goal, words.PERCENT),
        "tag": tag,
        "kind": kind,
        "is_missed": one.verdict is Verdict.MISSED,
    }


def _band(one: Any) -> str:
    if one.days_max == 0:
        return _("On time")
    if one.days_max is None:
        return _("%(first)s days late and more") % {"first": formats.number(one.days_min)}
    ends = {"first": formats.number(one.days_min), "last": formats.number(one.days_max)}
    return _("%(first)s to %(last)s days late") % ends


def _file(title: str, health: finance.FundHealth, rows: list[dict[str, Any]]) -> HttpResponse:
    head = [
        (_("Figure"), _("Its code in the method")),
        (_("Name"), _("What it is called")),
        (_("Value"), _("In the period")),
        (_("Goal"), _("What the fund's rules or the method ask for")),
        (_("State"), _("Whether the goal is met")),
    ]
    period = {"first": formats.day(health.starts_on), "last": formats.day(health.ends_on)}
    about = [title, _("From %(first)s to %(last)s") % period]
    found = ((one["code"], str(one["name"]), one["value"], one["goal"], str(one["tag"])) for one in rows)
    return spreadsheet(_("How the fund is doing"), head, found, about=about)


# Running costs ------------------------------------------------------------------------------------------------


@needs("finance.prepare")
@require_http_methods(BOTH)
def add_cost(request: HttpRequest, ref: str) -> HttpResponse:
    """Prepare a running cost; a second person pays it."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        amount = Money(given["amount"], fund.currency)
        finance.prepare_fund_cost(
            actor, fund_ref=fund.ref, amount=amount, what=given["what"], on=given["on"], key=given["key"]
        )
        saved(request, _("Prepared. A second person must pay it."))
        return redirect(_costs(ref))

    page = of_fund(fund, heading=_("Record a running cost"), send=_("Prepare it"))
    page["terms"] = [(_("Free to lend"), formats.money(fund.free))]
    form = CostForm(request.POST or None, currency=fund.currency)
    return act_page(request, form, do=do, page=page, fields=COST_FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def pay_cost(request: HttpRequest, ref: str, cost: str) -> HttpResponse:
    """Pay what somebody else prepared."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    one = _cost(actor, fund, cost)

    def do(given: dict[str, Any]) -> HttpResponse:
        done = finance.pay_fund_cost(actor, cost_ref=one.ref, on=given["on"])
        saved(request, _("%(amount)s paid out.") % {"amount": formats.money(done.amount)})
        return redirect(_costs(ref))

    page = of_fund(fund, heading=_("Pay this running cost?"), send=_("Pay it"))
    page["terms"] = [
        (_("What for"), one.what),
        (_("Prepared by"), names_of([one.prepared_by]).get(one.prepared_by, "")),
    ]
    page["rows"] = [
        (_("Amount"), formats.money(one.amount)),
        (_("Cash now"), formats.money(fund.cash)),
        (_("Cash afterwards"), formats.money(fund.cash - one.amount)),
    ]
    return act_page(request, PaidForm(request.POST or None), do=do, page=page, fields=COST_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop_cost(request: HttpRequest, ref: str, cost: str) -> HttpResponse:
    """Give up what is prepared and not paid."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    one = _cost(actor, fund, cost)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_fund_cost(actor, cost_ref=one.ref, why=given["why"])
        saved(request, _("Given up. Nothing was paid."))
        return redirect(_costs(ref))

    page = of_fund(fund, heading=_("Give up this running cost?"), send=_("Give it up"))
    page["terms"] = [(_("What for"), one.what), (_("Amount"), formats.money(one.amount))]
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


def _cost(actor: Actor, fund: finance.FundView, cost: str) -> finance.FundCostView:
    found = next((one for one in finance.fund_costs(actor, fund_ref=fund.ref) if one.ref == cost), None)
    if found is None:
        raise NotFound(ref=cost)
    return found


def _costs(ref: str) -> str:
    return f"{reverse('money:fund_health', args=[ref])}#costs"
