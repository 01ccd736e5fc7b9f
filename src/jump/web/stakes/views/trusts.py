"""A trust that holds shares for employees: the release table, people, a plan year, and a year's statement.
Also what a development fund invests.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.ownership import level_payments
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved
from jump.web.printed import Part, pdf_url, printed, wants_pdf
from jump.web.stakes import forms, words
from jump.web.stakes.acts import step_page
from jump.web.stakes.views.steps import BOTH, SHOWN, crumbs_to, home_of, parties_in, step_rows


@needs("finance.read")
@require_safe
def show_trust(request: HttpRequest, ref: str) -> HttpResponse:
    """Where the shares are, each loan with what it releases, each employee with what is hers."""
    actor = actor_of(request)
    view = finance.trust(actor, Ref(ref))
    steps = finance.steps(actor, subject_ref=view.ref, limit=SHOWN)
    names = parties.names(actor, [view.enterprise_ref, *(one.person_ref for one in view.people), *parties_in(steps)])
    years = range(view.opened_on.year, (view.closed_until or view.opened_on.year - 1) + 1)
    return render(
        request,
        "stakes/trust.html",
        {
            "view": view,
            "name": names.get(view.enterprise_ref, view.enterprise_ref),
            "facts": [
                (_("In suspense"), words.shares(view.suspense, view.one_share)),
                (_("Given to employees"), words.shares(view.allocated, view.one_share)),
                (_("Forfeited, to be given out"), words.shares(view.forfeited, view.one_share)),
                (_("Handed out"), words.shares(view.distributed, view.one_share)),
                (_("Still owed"), formats.money(view.owed)),
                (_("Cash"), formats.money(view.cash)),
            ],
            "loans": [
                {
                    "one": loan,
                    "release": words.RELEASE[loan.release_by],
                    "rows": [(row, words.shares(row.released, view.one_share)) for row in loan.table],
                    "shares": words.shares(loan.shares, view.one_share),
                }
                for loan in view.loans
            ],
            "people": [
                {
                    "one": one,
                    "name": names.get(one.person_ref, one.person_ref),
                    "shares": words.shares(one.shares, view.one_share),
                    "vested": words.shares(one.vested, view.one_share),
                    "share": words.part(one.vested_share),
                    "status": words.CAUSES.get(one.status, one.status),
                }
                for one in view.people
            ],
            "years": [str(year) for year in years],
            "steps": step_rows(steps, names),
            "may": can(actor, "finance.prepare", view.scope),
        },
    )


@needs("finance.read")
@require_safe
def show_year(request: HttpRequest, ref: str, year: str) -> HttpResponse:
    """The figures of a plan year that a yearly return asks for."""
    actor = actor_of(request)
    view = finance.trust(actor, Ref(ref))
    if not year.isdigit():
        raise NotFound(ref=year)
    found = finance.trust_statement(actor, trust_ref=view.ref, year=int(year))
    figures = found.figures

    def money(amount_minor: int) -> str:
        return formats.money(amount_minor, view.currency)

    rows = [
        (_("Shares in suspense"), words.shares(figures.in_suspense, found.one_share)),
        (_("Shares released in the year"), words.shares(found.released_in_year, found.one_share)),
        (_("Shares released so far"), words.shares(figures.released, found.one_share)),
        (_("Shares given to employees in the year"), words.shares(found.allocated_in_year, found.one_share)),
        (_("Shares of employees"), words.shares(figures.allocated, found.one_share)),
        (_("Shares forfeited in the year"), words.shares(found.forfeited_in_year, found.one_share)),
        (_("Shares handed out in the year"), words.shares(found.distributed_in_year, found.one_share)),
        (_("Value of one share"), formats.money(found.price)),
        (_("Value not given to employees yet"), money(figures.unallocated_value_minor)),
        (_("Value given to employees"), money(figures.allocated_value_minor)),
        (_("Contribution of the enterprise"), formats.money(found.contribution)),
        (_("Principal paid"), formats.money(found.principal_paid)),
        (_("Interest paid"), formats.money(found.interest_paid)),
        (_("Loans still owed"), money(figures.loan_owed_minor)),
        *((str(words.CAUSES.get(name, name)), formats.number(count)) for name, count in figures.people.items()),
    ]
    head = [(_("Figure"), _("What is counted")), (_("Value"), _("At the end of the plan year"))]
    title = _("Plan year %(year)s: %(name)s") % {"year": year, "name": view.title}
    if wants_excel(request.GET):
        return spreadsheet(title, head, rows)
    if wants_pdf(request.GET):
        return printed(title, Part(head, rows), number=view.ref)
    page = {"view": view, "year": year, "rows": rows, "title": title, "pdf_url": pdf_url(request)}
    return render(request, "stakes/trust_year.html", page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def join(request: HttpRequest, ref: str) -> HttpResponse:
    """An employee takes part in the trust."""
    actor = actor_of(request)
    view = finance.trust(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.join_trust(
            actor, trust_ref=view.ref, person_ref=given["member"], joined_on=given["on"], key=given["key"]
        )
        saved(request, _("Saved. Shares come with the next plan year."))
        return redirect("stakes:trust", ref=view.ref)

    page = {
        "section": "money",
        "crumbs": crumbs_to(view.ref),
        "heading": _("An employee takes part"),
        "send": _("Save"),
        "back": home_of(view.ref),
    }
    form = forms.JoinTrustForm(request.POST or None)
    return act_page(request, form, do=do, page=page, fields={"finance.already_kept": "member"})


@needs("finance.prepare")
@require_http_methods(BOTH)
def act(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Prepare one step of a trust."""
    actor = actor_of(request)
    view = finance.trust(actor, Ref(ref))
    if kind not in _ACTS:
        raise Http404
    names = parties.names(actor, [view.enterprise_ref, *(one.person_ref for one in view.people)])
    called = {one.ref: names.get(one.person_ref, one.person_ref) for one in view.people}
    form, ask = _ACTS[kind](request, view, called)
    page = {
        "heading": words.KINDS[kind],
        "sub": f"{view.title} · {view.ref}",
        "crumbs": crumbs_to(view.ref),
        "back": home_of(view.ref),
    }
    return step_page(
        request, form, subject_ref=view.ref, kind=finance.StepKind(kind), currency=view.currency, ask=ask, page=page
    )


def _borrow(request: HttpRequest, view: finance.TrustView, called: dict[Ref, str]) -> Any:
    form = forms.BorrowForm(request.POST or None, currency=view.currency)

    def ask(given: dict[str, Any]) -> dict[str, Any]:
        table = level_payments(
            principal_minor=given["amount"], rate_yearly=Fraction(given["rate"]), years=given["years"]
        )
        return finance.trust_loan_asked(
            payments=[(one.principal_minor, one.interest_minor) for one in table],
            shares=given["shares"] * words.ONE_SHARE,
            release_by=given["release_by"],
            is_standard_table=True,
            lender_ref=given["lender"] or None,
            key=given["key"],
        )

    return form, ask


def _year(request: HttpRequest, view: finance.TrustView, called: dict[Ref, str]) -> Any:
    people = [(str(one.ref), called[one.ref]) for one in view.people if one.left_on is None]
    following = view.closed_until + 1 if view.closed_until else view.opened_on.year
    form = forms.PlanYearForm(request.POST or None, currency=view.currency, people=people, initial={"year": following})

    def ask(given: dict[str, Any]) -> dict[str, Any]:
        return {
            "year": given["year"],
            "contribution_minor": given["contribution"],
            "price_minor": given["price"],
            "people": [
                {"person": ref, "pay_minor": given[f"pay_{ref}"], "hours": given[f"hours_{ref}"]}
                for ref, _name in people
            ],
        }

    return form, ask


def _leave(request: HttpRequest, view: finance.TrustView, called: dict[Ref, str]) -> Any:
    people = [(str(one.ref), called[one.ref]) for one in view.people if one.left_on is None]
    form = forms.TrustLeaveForm(request.POST or None, currency=view.currency, chosen={"account": people})
    return form, lambda given: {"person": given["account"], "cause": given["cause"]}


def _distribute(request: HttpRequest, view: finance.TrustView, called: dict[Ref, str]) -> Any:
    people = [
        (str(one.ref), f"{called[one.ref]} · {words.shares(one.shares, view.one_share)}")
        for one in view.people
        if one.left_on is not None and one.shares
    ]
    form = forms.DistributeForm(request.POST or None, currency=view.currency, chosen={"account": people})
    return form, lambda given: {
        "person": given["account"],
        "shares": given["shares"],
        "price_minor": given["price"],
    }


_ACTS: dict[str, Any] = {
    "borrow": _borrow,
    "trust_year": _year,
    "trust_leave": _leave,
    "distribute": _distribute,
}


# --- development funds ------------------------------------------------------------------------------------------------


@needs("finance.read")
@require_safe
def show_development(request: HttpRequest, ref: str) -> HttpResponse:
    """What a fund may still invest of its savings, and where they are."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    found = finance.may_invest(actor, fund_ref=fund.ref)
    steps = finance.steps(actor, subject_ref=fund.ref, limit=SHOWN)
    investments = found.investments if found else ()
    names = parties.names(actor, [*(one.enterprise_ref for one in investments), *parties_in(steps)])
    return render(
        request,
        "stakes/development.html",
        {
            "fund": fund,
            "found": found,
            "share": words.part(Fraction(found.reserve_share)) if found else "",
            "investments": [(one, names.get(one.enterprise_ref, one.enterprise_ref)) for one in investments],
            "steps": step_rows(steps, names),
            "may": can(actor, "finance.prepare", fund.scope),
            "may_begin": can(actor, "finance.approve", fund.scope),
        },
    )


@needs("finance.approve")
@require_http_methods(BOTH)
def begin_development(request: HttpRequest, ref: str) -> HttpResponse:
    """Let a fund invest its savings in new enterprises."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        from decimal import Decimal

        finance.make_development_fund(
            actor,
            fund_ref=fund.ref,
            product=given["product"],
            on=clock.today(),
            key=given["key"],
            liquidity_reserve_share=Decimal(given["reserve"]),
        )
        saved(request, _("The fund may invest what its savings leave after the reserve."))
        return redirect("stakes:development", ref=fund.ref)

    page = {
        "section": "money",
        "crumbs": [{"label": fund.title, "url": reverse("money:fund", args=[fund.ref])}],
        "heading": _("Let this fund invest savings?"),
        "send": _("Let it invest"),
        "back": reverse("money:fund", args=[fund.ref]),
    }
    return act_page(request, forms.DevelopmentForm(request.POST or None), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def invest(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Prepare an investment, or what comes back of one."""
    actor = actor_of(request)
    fund = finance.fund(actor, Ref(ref))
    found = finance.may_invest(actor, fund_ref=fund.ref)
    if kind not in ("invest", "return") or found is None:
        raise Http404
    names = parties.names(actor, [one.enterprise_ref for one in found.investments])
    inside = [
        (
            str(one.enterprise_ref),
            f"{names.get(one.enterprise_ref, one.enterprise_ref)} · {formats.money(one.still_in)}",
        )
        for one in found.investments
        if one.still_in
    ]
    form_class = forms.InvestForm if kind == "invest" else forms.ReturnForm
    form = form_class(
        request.POST or None, currency=fund.currency, chosen={"enterprise": inside} if kind == "return" else {}
    )

    def ask(given: dict[str, Any]) -> dict[str, Any]:
        asked = {"enterprise": str(given["enterprise"]), "amount_minor": given["amount"]}
        return asked if kind == "invest" else {**asked, "income_minor": given["income"]}

    page = {
        "heading": words.KINDS[kind],
        "sub": fund.title,
        "crumbs": crumbs_to(fund.ref),
        "back": home_of(fund.ref),
        "terms": [(_("May still be invested"), formats.money(found.free))],
    }
    return step_page(
        request, form, subject_ref=fund.ref, kind=finance.StepKind(kind), currency=fund.currency, ask=ask, page=page
    )
