"""Loan funds: what each holds, what it has lent, how well it is paid back, and the rules in force."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock, i18n, packages
from jump.base.actors import can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved
from jump.web.money import savings_words, words
from jump.web.money.forms import ContributionForm
from jump.web.money.views.contracts import contract_rows
from jump.web.money.views.securities import guarantee_rows, parties_of

LOANS_SHOWN = 25
LATE_READ = 1_000
REPAYMENTS_SHOWN = 8


@needs("finance.read")
@require_safe
def list_funds(request: HttpRequest) -> HttpResponse:
    """Every fund the reader may see, with what is late in it."""
    actor = actor_of(request)
    today = clock.today()
    found = finance.funds(actor)
    late = finance.who_owes(actor, as_of=today, limit=LATE_READ)
    owners = parties.names(actor, [one.owner_ref for one in found])
    rows = []
    for one in found:
        mine = [row for row in late if row.fund_ref == one.ref]
        owed = sum(row.outstanding.amount_minor for row in mine)
        rows.append(
            {
                "fund": one,
                "owner": owners.get(one.owner_ref, one.owner_ref),
                "late": len(mine),
                "late_amount": Money(owed, one.currency),
                "late_kind": words.late_kind(max((row.days_late for row in mine), default=0)),
            }
        )
    if wants_excel(request.GET):
        return _funds_file(rows)
    return render(
        request,
        "money/funds.html",
        {
            "rows": rows,
            "late": contract_rows(actor, late[:5]),
            "late_total": len(late),
            "loans": finance.count_contracts(actor, kind="loan", state="running"),
            "has_budget": bool(finance.budgets(actor)),
            "may_read_books": can(actor, "ledger.read"),
            "may_try": can(actor, "finance.prepare"),
        },
    )


def _funds_file(rows: list[dict[str, Any]]) -> HttpResponse:
    head = [
        (_("Number"), _("Number of the fund")),
        (_("Fund"), _("Its name")),
        (_("Owner"), _("Partner or community that owns it")),
        (_("Currency"), _("Currency of all amounts of the row")),
        (_("Cash"), _("Money in its bank account")),
        (_("Lent"), _("Principal that borrowers still owe")),
        (_("Kept in reserve"), _("Not lent, by the rules of the fund")),
        (_("Promised"), _("Decided or agreed, and not paid out yet")),
        (_("Free to lend"), _("Cash without reserve and promises")),
        (_("Savings"), _("Kept for savers, not the fund's own")),
        (_("Late loans"), _("Loans with a missed payment")),
        (_("Principal of late loans"), _("All that these loans still owe")),
    ]
    return spreadsheet(
        _("Loan funds"),
        head,
        (
            (
                row["fund"].ref,
                row["fund"].title,
                row["owner"],
                row["fund"].currency,
                row["fund"].cash,
                row["fund"].lent,
                row["fund"].reserve,
                row["fund"].held,
                row["fund"].free,
                row["fund"].savings,
                row["late"],
                row["late_amount"],
            )
            for row in rows
        ),
    )


@needs("finance.read")
@require_safe
def show_fund(request: HttpRequest, ref: str) -> HttpResponse:
    """One fund: its money by source, its loans with the late ones first, its rules."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    quality = finance.portfolio(actor, as_of=clock.today(), fund_ref=fund.ref)
    total = finance.count_contracts(actor, fund_ref=fund.ref)
    loans = contract_rows(actor, finance.contracts(actor, fund_ref=fund.ref, limit=LOANS_SHOWN))
    latest = finance.repayments(actor, fund_ref=fund.ref, limit=REPAYMENTS_SHOWN)
    guarantees = finance.guarantees(actor, fund_ref=fund.ref, limit=LOANS_SHOWN)
    matching = finance.matching(actor, fund_ref=fund.ref)
    names = parties.names(actor, [fund.owner_ref, *(one.party_ref for one in matching), *parties_of(guarantees)])
    capital = [(words.CONTRIBUTORS[source], money) for source, money in fund.capital.items() if money.amount_minor]
    return render(
        request,
        "money/fund.html",
        {
            "fund": fund,
            "owner": names.get(fund.owner_ref, fund.owner_ref),
            "quality": quality,
            "risk": [
                (label, found, int(found.numerator))
                for label, found in (
                    (_("More than 30 days late"), quality.par30),
                    (_("More than 60 days late"), quality.par60),
                    (_("More than 90 days late"), quality.par90),
                )
            ],
            "ages": [(_age_words(band), band) for band in quality.ages],
            "capital": capital,
            "capital_total": Money(sum(money.amount_minor for _name, money in capital), fund.currency),
            "loans": loans,
            "total": total,
            "more": max(total - len(loans), 0),
            "latest": latest,
            "guarantees": guarantee_rows(actor, guarantees, names=names, funds={fund.ref: fund.title}),
            "matching": [
                {
                    "one": one,
                    "source": words.CONTRIBUTORS[one.source],
                    "name": names.get(one.party_ref, one.party_ref),
                }
                for one in matching
            ],
            "bank_lines": [
                {"one": one, "kind": savings_words.LINES[one.kind]}
                for one in finance.bank_lines(actor, fund_ref=fund.ref)
            ],
            "rules": _rules(fund.rules),
            "may_contribute": can(actor, "finance.prepare", fund.scope),
            "may_read_book": can(actor, "ledger.read", fund.scope),
        },
    )


def _age_words(band: finance.AgeBand) -> str:
    """1 to 30 days late."""
    if band.days_to == 0:
        return _("On time")
    if band.days_to is None:
        return _("%(first)s days late and more") % {"first": formats.number(band.days_from)}
    return _("%(first)s to %(last)s days late") % {
        "first": formats.number(band.days_from),
        "last": formats.number(band.days_to),
    }


def _rules(rules: finance.FundRules) -> list[dict[str, Any]]:
    """Each rule in words: the package's sentence where it has one, and the value with its unit."""
    declared = {}
    if rules.definition:
        declared = {
            one.id.rpartition(".")[2]: one for one in packages.definitions("rule") if one.package == rules.definition
        } or {one.id.rpartition(".")[2]: one for one in packages.definitions("rule")}
    rows = []
    for name, value in rules.parameters.items():
        known = declared.get(name)
        unit = str(known.data.get("unit", "")) if known else ""
        rows.append(
            {
                "text": i18n.text(known.data["text"]) if known else name.replace("_", " ").capitalize(),
                "value": _rule_value(value, unit),
                "source": known.data.get("source_title", "") if known else "",
            }
        )
    return rows


def _rule_value(value: Decimal, unit: str) -> str:
    if unit == "yes_no":
        return _("Yes") if value else _("No")
    if unit == "share":
        return words.percent(value * 100)
    if unit.endswith("cents"):
        return formats.money(int(value), unit.split(" ")[0])
    return f"{formats.number(value)} {unit}".strip()


def of_fund(fund: finance.FundView, **more: Any) -> dict[str, Any]:
    """What every small page about a fund shares: the way back to it."""
    home = reverse("money:fund", args=[fund.ref])
    crumbs = [{"label": _("Loan funds"), "url": reverse("money:funds")}, {"label": fund.title, "url": home}]
    return {"section": "money", "crumbs": crumbs, "sub": fund.title, "back": home, **more}


@needs("finance.prepare")
@require_http_methods(["GET", "HEAD", "POST"])
def contribute(request: HttpRequest, ref: str) -> HttpResponse:
    """Put money into a fund; each kind of source stays apart."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.contribute(
            actor,
            fund_ref=fund.ref,
            amount=Money(given["amount"], fund.currency),
            source=given["source"],
            on=given["on"],
            key=given["key"],
            memo=given["memo"],
        )
        saved(request, _("Saved as %(ref)s.") % {"ref": made})
        return redirect("money:fund", ref=ref)

    page = of_fund(fund, heading=_("Put money into this fund"), send=_("Save"))
    page["terms"] = [(_("Cash now"), formats.money(fund.cash))]
    return act_page(request, ContributionForm(request.POST or None, currency=fund.currency), do=do, page=page)
