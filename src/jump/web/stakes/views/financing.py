"""How a new enterprise is paid for: what it needs, where the money comes from, and who agreed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import can
from jump.base.i18n import text
from jump.base.packages import definition
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.money.forms import DayForm
from jump.web.money.savings_forms import ReasonForm, products
from jump.web.money.views.releases import ref_of
from jump.web.stakes import words
from jump.web.stakes.forms import FinancingForm
from jump.web.stakes.views.steps import BOTH, crumbs_to
from jump.web.who import names_of


@needs("finance.read")
@require_safe
def show_financing(request: HttpRequest, ref: str) -> HttpResponse:
    """One plan: needs beside sources, what a guarantee backs, who proposed and who agreed."""
    actor = actor_of(request)
    plan = finance.financing_plan(actor, Ref(ref))
    names = parties.names(actor, [plan.enterprise_ref])
    called = names_of([plan.proposed_by, plan.agreed_by])
    waits = plan.state is finance.FinancingState.PROPOSED
    is_second = can(actor, "finance.approve", plan.scope) or can(actor, "finance.release", plan.scope)
    terms = [
        (_("Day"), formats.day(plan.on)),
        (_("Proposed by"), called.get(plan.proposed_by, formats.MISSING)),
        (_("Agreed by"), called.get(plan.agreed_by, formats.MISSING)),
    ]
    if plan.agreed_on:
        terms.append((_("Agreed on"), formats.day(plan.agreed_on)))
    if plan.why:
        terms.append((_("Why it was given up"), plan.why))
    return render(
        request,
        "stakes/financing.html",
        {
            "plan": plan,
            "name": names.get(plan.enterprise_ref, plan.enterprise_ref),
            "state": words.FINANCING[plan.state],
            "terms": terms,
            "is_own": waits and plan.proposed_by == actor.key,
            "may_agree": waits and is_second and plan.proposed_by != actor.key,
            "may_drop": waits and can(actor, "finance.prepare", plan.scope),
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def propose_financing(request: HttpRequest) -> HttpResponse:
    """Propose how a new enterprise is paid for."""
    actor = actor_of(request)
    product = next((code for code, _title in products(finance.ProductKind.FINANCING)), "")
    kinds = definition("product", product).data["financing_sources"] if product else []
    form = FinancingForm(
        request.POST or None,
        sources=[(one["id"], text(one["title"])) for one in kinds],
        initial={"enterprise": request.GET.get("enterprise", "")},
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        sources = [
            finance.FinancingSource(
                code,
                Money(given[f"from_{code}"], given["currency"]),
                ref_of(given[f"record_{code}"], f"record_{code}") if given[f"record_{code}"] else None,
            )
            for code in form.sources
            if given.get(f"from_{code}")
        ]
        ref = finance.propose_financing(
            actor,
            product=product,
            enterprise_ref=given["enterprise"],
            scope=parties.scope_of(given["enterprise"]),
            currency=given["currency"],
            uses=form.uses(),
            sources=sources,
            on=given["on"],
            key=given["key"],
        )
        forget_tasks(actor)
        saved(request, _("Proposed. A second person agrees to it."))
        return redirect("stakes:financing", ref=ref)

    page: dict[str, Any] = {
        "section": "money",
        "crumbs": crumbs_to(),
        "heading": _("How is the enterprise paid for?"),
        "sub": _("Sources come to just what is needed. A guarantee backs a loan and is not counted."),
        "send": _("Propose it"),
        "back": reverse("stakes:list"),
    }
    if not product:
        page["warning"] = _("No installed package says what an enterprise may be paid from. Load one first.")
    fields = {"finance.sources_differ": "from_loan", "finance.day_impossible": "on"}
    return act_page(request, form, do=do, page=page, fields=fields)


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def agree_financing(request: HttpRequest, ref: str) -> HttpResponse:
    """Agree to a plan as the second person."""
    actor = actor_of(request)
    plan = finance.financing_plan(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.agree_financing(actor, plan_ref=plan.ref, on=given["on"])
        forget_tasks(actor)
        saved(request, _("Agreed. It holds until a later plan replaces it."))
        return redirect("stakes:financing", ref=plan.ref)

    page = _about(plan, heading=_("Agree to this plan?"), send=_("Agree to it"))
    page["rows"] = [(one.title, formats.money(one.amount)) for one in plan.sources if one.brings_money]
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields={"finance.day_impossible": "on"})


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop_financing(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a plan that nobody has agreed to."""
    actor = actor_of(request)
    plan = finance.financing_plan(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_financing(actor, plan_ref=plan.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. The reason stays on record."))
        return redirect("stakes:list")

    page = _about(plan, heading=_("Give up this plan?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


def _about(plan: finance.FinancingView, **more: Any) -> dict[str, Any]:
    home = reverse("stakes:financing", args=[plan.ref])
    crumbs = [*crumbs_to(), {"label": str(plan.ref), "url": home}]
    return {"section": "money", "crumbs": crumbs, "sub": formats.money(plan.total), "back": home, **more}
