"""The budget: plan, promised and spent side by side; the declared split; what the printed totals say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jump.base import clock, i18n, packages
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.excel import spreadsheet, wants_excel
from jump.web.money import donor_words
from jump.web.paging import offset_of, page_of_list
from jump.web.who import names_of

SPENDS_A_PAGE = 20
VIEWS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "place": (gettext_lazy("Country, stage and type"), ("country", "stage", "type")),
    "country": (gettext_lazy("Country"), ("country",)),
    "stage": (gettext_lazy("Stage and type"), ("stage", "type")),
    "line": (gettext_lazy("Budget line"), ("line",)),
    "source": (gettext_lazy("Source and type"), ("source", "type")),
    "activity": (gettext_lazy("Activity"), ("activity",)),
}
HEADS: dict[str, Any] = {
    "country": gettext_lazy("Country"),
    "stage": gettext_lazy("Stage"),
    "type": gettext_lazy("Type"),
    "line": gettext_lazy("Line"),
    "source": gettext_lazy("Source"),
    "activity": gettext_lazy("Activity"),
    "region": gettext_lazy("Region"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What the package and the tree of places call the codes of a budget."""

    of: Mapping[str, Mapping[str, str]]

    def say(self, group: str, code: str) -> str:
        if not code:
            return _("not said by the plan") if group in ("line", "source", "activity") else _("whole programme")
        known = self.of.get(group, {}).get(code)
        return known or (code if group == "country" else code.replace("_", " ").capitalize())


def names_of_budget(actor: Actor, view: finance.BudgetView, sources: list[finance.SourceView]) -> Names:
    declared = packages.definition("budget", view.definition).data
    countries = {place.code: place.name for place in parties.places(actor, kind="country")}
    return Names(
        {
            "country": {**countries, "all": _("whole programme")},
            "region": {"all": _("whole programme")},
            "stage": {one["id"]: i18n.text(one["title"]) for one in declared.get("stages", ())},
            "type": {one["id"]: i18n.text(one["title"]) for one in declared.get("types", ())},
            "line": {line.id: f"{line.number}. {i18n.text(line.title)}" for line in view.lines},
            "source": {one.id: one.title for one in sources},
        }
    )


@needs("finance.read")
@require_safe
def show_budget(request: HttpRequest) -> HttpResponse:
    """Plan against commitment and spend, in the grouping asked for."""
    actor = actor_of(request)
    today = clock.today()
    by = request.GET.get("by", "place")
    by = by if by in VIEWS else "place"
    try:
        view = finance.budget(actor, as_of=today)
    except NotFound:
        return render(request, "money/budget.html", {"budget": None})
    sources = finance.sources(actor, budget_ref=view.ref, as_of=today)
    names = names_of_budget(actor, view, sources)
    by_cell = request.GET.get("forecast") == "cells"
    groups = VIEWS[by][1]
    report = finance.budget_report(actor, as_of=today, budget_ref=view.ref, group_by=groups)
    rows = [
        {"names": [(HEADS[group], names.say(group, row.key[group])) for group in groups], "row": row} for row in report
    ]
    totals = _totals(view.currency, report)
    if wants_excel(request.GET):
        return _budget_file(view, groups, rows)
    page = page_of_list(request, finance.count_spends(actor), rows=SPENDS_A_PAGE)
    spends = finance.spends(actor, limit=SPENDS_A_PAGE, offset=offset_of(page))
    split, readings, printed_wrong = finance.budget_checks(actor, budget_ref=view.ref, as_of=today)
    return render(
        request,
        "money/budget.html",
        {
            "budget": view,
            "by": by,
            "views": [(code, title) for code, (title, _groups) in VIEWS.items()],
            "heads": [HEADS[group] for group in groups],
            "rows": rows,
            "totals": totals,
            "split": [
                {"name": names.say("type", one.part), "share": one, "difference": one.in_cells - one.of_whole}
                for one in split.shares
            ],
            "split_ok": split.sums_to_100,
            "whole": split.whole,
            "readings": readings,
            "choice": _choice(readings),
            "forecast": _forecast(actor, view, names, groups if by != "place" or by_cell else ("country",)),
            "by_cell": by_cell,
            "sees_whole": can(actor, "finance.read", view.scope),
            "may_keep": can(actor, "finance.budget", view.scope),
            "discrepancies": [
                {"what": ", ".join(names.say(group, code) for group, code in one.what.items()), "one": one}
                for one in printed_wrong
            ],
            "sources": sources,
            "spends": [{"one": one, "line": names.say("line", one.line)} for one in spends],
            "page": page,
        },
    )


def _choice(readings: tuple[finance.SupportCostReading, ...]) -> dict[str, Any] | None:
    """Who chose the reading that holds, and why; nothing where the package chose."""
    found = next((one.choice for one in readings if one.choice is not None), None)
    if found is None or found.on is None:
        return None
    return {"one": found, "by": names_of([found.by]).get(found.by, found.by)}


def _forecast(actor: Actor, view: finance.BudgetView, names: Names, groups: tuple[str, ...]) -> dict[str, Any] | None:
    """What the budget will come to, in the grouping of the page; by country where the page asks for something else."""
    by = groups if set(groups) <= set(finance.FORECAST_GROUPS) else ("country",)
    found = finance.budget_forecast(actor, as_of=clock.today(), budget_ref=view.ref, group_by=by, seen=view.cells)
    cells = {tuple(getattr(one, group) for group in by): one.ref for one in view.cells}
    is_cell = by == ("country", "stage", "type") and len(cells) == len(view.cells)
    rows = [
        {
            "one": row,
            "names": [(HEADS[group], names.say(group, row.key[group])) for group in by],
            "bases": ", ".join(str(donor_words.BASES[basis]) for basis in row.bases),
            "cell": cells.get(tuple(row.key[group] for group in by), "") if is_cell else "",
        }
        for row in found
    ]

    def total(name: str) -> Money:
        return Money(sum(getattr(row, name).amount_minor for row in found), view.currency)

    pace = [row.run_rate for row in found if row.run_rate is not None]
    return {
        "heads": [HEADS[group] for group in by],
        "rows": rows,
        "plan": total("plan"),
        "used": total("spent") + total("committed"),
        "still": total("still_planned"),
        "forecast": total("forecast"),
        "over": total("over"),
        "pace": Money(sum(one.amount_minor for one in pace), view.currency) if pace else None,
        "may": is_cell and can(actor, "finance.prepare"),
    }


def _totals(currency: str, report: list[finance.BudgetRow]) -> dict[str, Money]:
    def total(values: Any) -> Money:
        return Money(sum(values), currency)

    return {
        "plan": total(row.plan.amount_minor for row in report),
        "committed": total(row.committed.amount_minor for row in report),
        "spent": total(row.spent.amount_minor for row in report),
        "free": total(row.free.amount_minor for row in report),
    }


def _budget_file(view: finance.BudgetView, groups: tuple[str, ...], rows: list[dict[str, Any]]) -> HttpResponse:
    head = [(str(HEADS[group]), _("What the row is about")) for group in groups]
    head += [
        (_("Plan"), _("What the budget holds for it")),
        (_("Promised"), _("Agreed or decided, and not paid yet")),
        (_("Spent"), _("Paid up to the day")),
        (_("Free"), _("Plan without promised and spent")),
    ]
    return spreadsheet(
        view.title,
        head,
        (
            (
                *(name for _head, name in item["names"]),
                item["row"].plan,
                item["row"].committed,
                item["row"].spent,
                item["row"].free,
            )
            for item in rows
        ),
        about=(_("Amounts in %(currency)s") % {"currency": view.currency},),
    )
