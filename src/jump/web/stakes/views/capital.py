"""Internal capital accounts of a co-operative, one member's statement, the year's result, entry and leaving."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
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
from jump.web.printed import Part, pdf_url, printed, wants_pdf
from jump.web.stakes import forms, words
from jump.web.stakes.acts import step_page
from jump.web.stakes.views.steps import BOTH, SHOWN, crumbs_to, home_of, parties_in, step_rows


@needs("finance.read")
@require_safe
def show_capital(request: HttpRequest, ref: str) -> HttpResponse:
    """Every member's account, the collective reserve, the education fund, and every step so far."""
    actor = actor_of(request)
    view = finance.capital(actor, Ref(ref))
    steps = finance.steps(actor, subject_ref=view.ref, limit=SHOWN)
    pledges = finance.member_pledges(actor, enterprise_ref=view.enterprise_ref)
    names = parties.names(
        actor,
        [
            view.enterprise_ref,
            *(one.member_ref for one in view.accounts),
            *(one.person_ref for one in pledges),
            *parties_in(steps),
        ],
    )
    name = names.get(view.enterprise_ref, view.enterprise_ref)
    accounts = [
        {"one": one, "name": names.get(one.member_ref, one.member_ref), "state": words.STAKES[one.state]}
        for one in view.accounts
    ]
    if wants_excel(request.GET):
        head = [
            (_("Member"), _("Who owns the account")),
            (_("Number"), _("Number of the account")),
            (_("Joined"), _("Day of joining")),
            (_("Contribution"), _("Entry contribution agreed")),
            (_("Paid"), _("Paid of the contribution")),
            (_("On the account"), _("Balance today")),
            (_("State"), _("Open, leaving or closed")),
        ]
        rows = (
            (one["name"], one["one"].ref, one["one"].joined_on, one["one"].fee, one["one"].paid, one["one"].balance,
             str(one["state"][0]))
            for one in accounts
        )  # fmt: skip
        return spreadsheet(_("Capital accounts: %(name)s") % {"name": name}, head, rows)
    return render(
        request,
        "stakes/capital.html",
        {
            "view": view,
            "name": name,
            "accounts": accounts,
            "terms": _terms(view),
            "pledges": [
                {"one": one, "who": names.get(one.person_ref, one.person_ref)}
                for one in pledges
                if one.withdrawn_on is None
            ],
            "steps": step_rows(steps, names),
            "may": can(actor, "finance.prepare", view.scope),
        },
    )


def _terms(view: finance.CapitalView) -> list[tuple[str, str]]:
    def percent(name: str) -> str:
        return words.part(_fraction(view.terms[name]))

    split = " / ".join(
        (percent("surplus_reserve"), percent("surplus_education"), words.part(_members_part(view.terms)))
    )
    return [
        (_("Kept of the entry contribution"), percent("kept_share")),
        (_("Surplus: reserve / education / members"), split),
        (_("Interest at most"), percent("interest_ceiling")),
        (
            _("Interest is"),
            _("added to the account") if view.terms["interest_paid"] == "added" else _("paid in cash"),
        ),
        (_("Loss: reserve bears at most"), percent("loss_reserve_share_max")),
        (_("Paid out over at most"), _("%(n)s years") % {"n": view.terms["pay_out_years_max"]}),
    ]


def _fraction(text: Any) -> Any:
    from fractions import Fraction

    return Fraction(str(text))


def _members_part(terms: Any) -> Any:
    return 1 - _fraction(terms["surplus_reserve"]) - _fraction(terms["surplus_education"])


@needs("finance.read")
@require_safe
def show_member(request: HttpRequest, ref: str) -> HttpResponse:
    """A member's statement: every line with the balance after it, and what is still to be paid out."""
    actor = actor_of(request)
    until = min(_day(request.GET.get("until", "")) or clock.today(), clock.today())
    found = finance.member_statement(actor, account_ref=Ref(ref), since=_day(request.GET.get("since", "")), until=until)
    names = parties.names(actor, [found.row.member_ref, found.enterprise_ref])
    name = names.get(found.row.member_ref, found.row.member_ref)
    enterprise = names.get(found.enterprise_ref, found.enterprise_ref)
    currency = found.opening.currency
    lines = [
        (
            one.line.on,
            str(words.LINES[one.line.kind]),
            Money(one.line.amount_minor, currency),
            Money(one.balance_minor, currency),
        )
        for one in found.lines
    ]
    if wants_excel(request.GET) or wants_pdf(request.GET):
        head = [
            (_("Day"), _("Day of the line")),
            (_("What"), _("Entry, surplus, interest, loss, paid out")),
            (_("Amount"), _("Below zero where it takes out")),
            (_("On the account"), _("Balance after the line")),
        ]
        title = _("Statement of capital: %(name)s") % {"name": name}
        if wants_excel(request.GET):
            return spreadsheet(str(found.row.ref), head, lines)
        return printed(
            title,
            Part(
                head,
                lines,
                opening=(_("On the account before"), found.opening),
                closing=(_("On the account"), found.closing),
                currency=currency,
            ),
            number=found.row.ref,
            since=found.since,
            until=found.until,
            facts=[
                (_("Co-operative"), enterprise),
                (_("Entry contribution"), found.row.fee),
                (_("Paid"), found.row.paid),
            ],
        )
    return render(
        request,
        "stakes/member.html",
        {
            "found": found,
            "name": name,
            "enterprise": enterprise,
            "lines": lines,
            "state": words.STAKES[found.row.state],
            "pay_outs": found.pay_outs,
            "may": can(actor, "finance.prepare", found.scope),
            "pdf_url": pdf_url(request),
            "today": clock.today(),
        },
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@needs("finance.prepare")
@require_http_methods(BOTH)
def join(request: HttpRequest, ref: str) -> HttpResponse:
    """A new member, with the entry contribution that she owes."""
    actor = actor_of(request)
    view = finance.capital(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.open_member(
            actor,
            capital_ref=view.ref,
            member_ref=given["member"],
            fee=Money(given["fee"], view.currency),
            joined_on=given["on"],
            key=given["key"],
        )
        saved(request, _("Account %(ref)s is open. The contribution is paid with a step of its own.") % {"ref": made})
        return redirect("stakes:capital", ref=view.ref)

    page = {
        "section": "money",
        "crumbs": crumbs_to(view.ref),
        "heading": _("A new member"),
        "send": _("Open the account"),
        "back": home_of(view.ref),
    }
    form = forms.JoinForm(request.POST or None, currency=view.currency)
    return act_page(request, form, do=do, page=page, fields={"finance.already_kept": "member"})


@needs("finance.prepare")
@require_http_methods(BOTH)
def act(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Prepare one step of capital accounts."""
    actor = actor_of(request)
    view = finance.capital(actor, Ref(ref))
    if kind not in _ACTS:
        raise Http404
    names = parties.names(actor, [view.enterprise_ref, *(one.member_ref for one in view.accounts)])
    called = {one.ref: names.get(one.member_ref, one.member_ref) for one in view.accounts}
    form, ask = _ACTS[kind](request, actor, view, called)
    page = {
        "heading": words.KINDS[kind],
        "sub": f"{names.get(view.enterprise_ref, view.enterprise_ref)} · {view.ref}",
        "crumbs": crumbs_to(view.ref),
        "back": home_of(view.ref),
        "terms": _terms(view) if kind == "close_year" else [],
    }
    return step_page(
        request, form, subject_ref=view.ref, kind=finance.StepKind(kind), currency=view.currency, ask=ask, page=page
    )


def _members(view: finance.CapitalView, called: dict[Ref, str]) -> list[tuple[str, str]]:
    return [(str(one.ref), called[one.ref]) for one in view.open_accounts]


def _entry(request: HttpRequest, actor: Any, view: finance.CapitalView, called: dict[Ref, str]) -> Any:
    initial = {"account": request.GET.get("account", "")}
    form = forms.EntryForm(
        request.POST or None, currency=view.currency, chosen={"account": _members(view, called)}, initial=initial
    )
    return form, lambda given: {"account": given["account"], "amount_minor": given["amount"]}


def _year(request: HttpRequest, actor: Any, view: finance.CapitalView, called: dict[Ref, str]) -> Any:
    following = view.closed_until + 1 if view.closed_until else view.opened_on.year
    members = _members(view, called)
    form = forms.YearForm(request.POST or None, currency=view.currency, members=members, initial={"year": following})

    def ask(given: dict[str, Any]) -> dict[str, Any]:
        return {
            "year": given["year"],
            "surplus_minor": given["amount"] if given["result"] == "surplus" else -given["amount"],
            "interest_rate": given["interest"],
            "others_hours": given["others"] or 0,
            "labour": [
                {"account": ref, "hours": given[f"hours_{ref}"], "index": str(given[f"index_{ref}"])}
                for ref, _name in members
            ],
        }

    return form, ask


def _revalue(request: HttpRequest, actor: Any, view: finance.CapitalView, called: dict[Ref, str]) -> Any:
    initial = {"year": view.closed_until or view.opened_on.year}
    form = forms.RevalueForm(request.POST or None, currency=view.currency, initial=initial)
    return form, lambda given: {
        "year": given["year"],
        "rate": given["rate"],
        "inflation": given["inflation"],
        "reserve_minor": given["amount"],
    }


def _leave(request: HttpRequest, actor: Any, view: finance.CapitalView, called: dict[Ref, str]) -> Any:
    causes = [
        (name, f"{words.CAUSES.get(name, name)} ({words.part(_fraction(share))})")
        for name, share in view.terms["deductions"].items()
    ]
    initial = {"account": request.GET.get("account", "")}
    chosen = {"account": _members(view, called), "cause": causes}
    form = forms.LeaveForm(request.POST or None, currency=view.currency, chosen=chosen, initial=initial)
    return form, lambda given: {name: given[name] for name in ("account", "cause", "instalments")}


def _pay_out(request: HttpRequest, actor: Any, view: finance.CapitalView, called: dict[Ref, str]) -> Any:
    waiting = []
    for one in view.accounts:
        if one.state is finance.StakeState.LEAVING:
            due = next(pay for pay in finance.member_statement(actor, account_ref=one.ref).pay_outs if not pay.paid_on)
            words_of = f"{called[one.ref]} · {formats.money(due.capital + due.interest)} · {formats.day(due.due_on)}"
            waiting.append((f"{one.ref}/{due.number}", words_of))
    form = forms.PayOutForm(request.POST or None, currency=view.currency, chosen={"account": waiting})

    def ask(given: dict[str, Any]) -> dict[str, Any]:
        account, _slash, number = given["account"].partition("/")
        return {"account": account, "number": int(number), "paid_from": given["paid_from"]}

    return form, ask


def _pay_interest(request: HttpRequest, actor: Any, view: finance.CapitalView, called: dict[Ref, str]) -> Any:
    owed = [(str(one.ref), f"{called[one.ref]} · {formats.money(one.owed)}") for one in view.accounts if one.owed]
    form = forms.PayOutForm(request.POST or None, currency=view.currency, chosen={"account": owed})
    return form, lambda given: {"account": given["account"], "paid_from": given["paid_from"]}


_ACTS: dict[str, Any] = {
    "pay_entry": _entry,
    "close_year": _year,
    "revalue": _revalue,
    "leave": _leave,
    "pay_out": _pay_out,
    "pay_interest": _pay_interest,
}
