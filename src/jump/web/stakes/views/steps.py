"""The list of who owns what, one step with its approval, and what begins with a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock, duties
from jump.base.actors import can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import KeyedForm, act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.money.savings_forms import ReasonForm
from jump.web.stakes import forms as stake_forms
from jump.web.stakes import words
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
SHOWN = 50
HOMES = {"shr": "stakes:register", "cap": "stakes:capital", "trs": "stakes:trust", "fnd": "stakes:development"}


def home_of(ref: Ref) -> str:
    """The page of a register, of capital accounts, of a trust or of a development fund."""
    return reverse(HOMES[Ref(ref).kind], args=[ref])


def crumbs_to(ref: Ref | None = None) -> list[dict[str, str]]:
    found = [{"label": _("Who owns"), "url": reverse("stakes:list")}]
    return found if ref is None else [*found, {"label": str(ref), "url": home_of(ref)}]


def step_rows(steps: Sequence[finance.StepView], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Steps for the table that all pages of ownership share."""
    return [
        {
            "one": one,
            "what": words.KINDS[one.kind],
            "who": names.get(one.party_ref, one.party_ref) if one.party_ref else "",
            "shares": words.shares(one.shares) if one.shares else "",
            "state": words.STATES[one.state],
        }
        for one in steps
    ]


def parties_in(steps: Sequence[finance.StepView]) -> list[Ref]:
    return [one.party_ref for one in steps if one.party_ref]


@needs("finance.read")
@require_safe
def list_stakes(request: HttpRequest) -> HttpResponse:
    """Registers, capital accounts, trusts and pledges that this reader may see, and what waits."""
    actor = actor_of(request)
    registers, sets = finance.share_registers(actor), finance.capital_sets(actor)
    trusts, pledges = finance.trusts(actor), finance.member_pledges(actor)
    plans = finance.financing_plans(actor)
    waiting = finance.steps(actor, state="prepared")
    refs = [one.enterprise_ref for group in (registers, sets, trusts, pledges, plans) for one in group]
    names = parties.names(actor, [*refs, *(one.person_ref for one in pledges), *parties_in(waiting)])
    return render(
        request,
        "stakes/list.html",
        {
            "registers": [
                {
                    "one": one,
                    "name": names.get(one.enterprise_ref, one.enterprise_ref),
                    "issued": words.shares(one.issued),
                }
                for one in registers
            ],
            "sets": [{"one": one, "name": names.get(one.enterprise_ref, one.enterprise_ref)} for one in sets],
            "trusts": trusts,
            "plans": [
                {
                    "one": one,
                    "name": names.get(one.enterprise_ref, one.enterprise_ref),
                    "state": words.FINANCING[one.state],
                }
                for one in plans
            ],
            "pledges": [
                {
                    "one": one,
                    "who": names.get(one.person_ref, one.person_ref),
                    "name": names.get(one.enterprise_ref, one.enterprise_ref),
                }
                for one in pledges
            ],
            "waiting": step_rows(waiting, names),
            "may_open": can(actor, "finance.prepare"),
        },
    )


@needs("finance.read")
@require_safe
def show_step(request: HttpRequest, ref: str) -> HttpResponse:
    """One step: what was asked, what follows from it, who prepared and who approved it."""
    actor = actor_of(request)
    one = finance.step(actor, Ref(ref))
    names = parties.names(actor, [*words.refs_in(one.figures), *parties_in([one])])
    called = names_of([one.prepared_by, one.approved_by])
    mine, takes_back = one.prepared_by == actor.key, one.kind is finance.StepKind.TAKE_BACK
    may = can(actor, "finance.approve", one.scope) or can(actor, "finance.release", one.scope)
    terms = [
        (_("Day"), formats.day(one.on)),
        (_("Prepared by"), called.get(one.prepared_by, formats.MISSING)),
        (_("Approved by"), called.get(one.approved_by, formats.MISSING)),
    ]
    if one.party_ref:
        terms.insert(0, (_("Who"), names.get(one.party_ref, one.party_ref)))
    if one.why:
        undone = one.state is finance.StepState.REVERSED
        terms.append((_("Why it was taken back") if undone else _("Why it was given up"), one.why))
    if takes_back:
        terms.append((_("Why"), one.asked["why"]))
    return render(
        request,
        "stakes/step.html",
        {
            "step": one,
            "what": words.KINDS[one.kind],
            "state": words.STATES[one.state],
            "crumbs": crumbs_to(one.subject_ref),
            "home": home_of(one.subject_ref),
            "terms": [*terms, *words.what_of(one)],
            "rows": words.figure_rows(one.figures, one.amount.currency),
            "table": words.figure_table(one.figures, one.amount.currency, names),
            "is_waiting": one.state is finance.StepState.PREPARED,
            "may_approve": may and not mine,
            "is_own": mine,
            "may_drop": can(actor, "finance.prepare", one.scope),
            "may_take_back": one.state is finance.StepState.BOOKED and not takes_back,
            "taken_back": one.asked["step"] if takes_back else "",
        },
    )


@needs("finance.release", "finance.approve")
@require_http_methods(BOTH)
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Book what somebody else prepared."""
    actor = actor_of(request)
    one = finance.step(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.approve_step(actor, step_ref=one.ref)
        forget_tasks(actor)
        saved(request, _("%(what)s is booked.") % {"what": words.KINDS[one.kind]})
        return redirect("stakes:step", ref=one.ref)

    page = _step_page(one, heading=_("Approve this?"), send=_("Approve and book it"))
    page["rows"] = words.figure_rows(one.figures, one.amount.currency)
    page["terms"] = [(_("Day"), formats.day(one.on)), *words.what_of(one)]
    return act_page(request, KeyedForm(request.POST or None), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up what was prepared."""
    actor = actor_of(request)
    one = finance.step(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_step(actor, step_ref=one.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. Nothing was booked."))
        return redirect(home_of(one.subject_ref))

    page = _step_page(one, heading=_("Give this up?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.prepare")
@require_http_methods(BOTH)
def take_back(request: HttpRequest, ref: str) -> HttpResponse:
    """Prepare that a booked step is taken back; a second person approves it."""
    actor = actor_of(request)
    one = finance.step(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.take_back_step(actor, step_ref=one.ref, why=given["why"], on=clock.today(), key=given["key"])
        forget_tasks(actor)
        saved(request, _("Prepared. A second person approves it; nothing has moved yet."))
        return redirect("stakes:step", ref=made)

    page = _step_page(one, heading=_("Take this back?"), send=_("Prepare it for the second person"))
    page["terms"] = [(_("Day"), formats.day(one.on)), *words.what_of(one)]
    page["warning"] = _("The entry stays in the books; its opposite is booked beside it on the day of today.")
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


def _step_page(one: finance.StepView, **more: Any) -> dict[str, Any]:
    return {
        "section": "money",
        "crumbs": crumbs_to(one.subject_ref),
        "sub": f"{words.KINDS[one.kind]} · {one.ref}",
        "back": reverse("stakes:step", args=[one.ref]),
        **more,
    }


# --- beginnings -------------------------------------------------------------------------------------------------------


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Begin a register, capital accounts or a trust."""
    from django.http import Http404

    actor = actor_of(request)
    found = _OPENERS.get(kind)
    if found is None:
        raise Http404
    form_class, heading, opener = found

    def do(given: dict[str, Any]) -> HttpResponse:
        ref = opener(actor, given, parties.scope_of(given["enterprise"]))
        saved(request, _("%(ref)s is open.") % {"ref": ref})
        return redirect(home_of(ref))

    page = {
        "section": "money",
        "crumbs": crumbs_to(),
        "heading": heading,
        "send": _("Open it"),
        "back": reverse("stakes:list"),
    }
    initial = {"enterprise": request.GET.get("enterprise", "")}
    form = form_class(request.POST or None, initial=initial)
    return act_page(request, form, do=do, page=page, fields={"finance.already_kept": "enterprise"})


def _open_register(actor: Any, given: dict[str, Any], scope: str) -> Ref:
    return finance.open_register(
        actor,
        product=given["product"],
        enterprise_ref=given["enterprise"],
        scope=scope,
        nominal=Money.from_major(given["nominal"], given["currency"]),
        jurisdiction=given["jurisdiction"],
        founded_on=given["founded_on"],
        on=given["on"],
        key=given["key"],
    )


def _open_capital(actor: Any, given: dict[str, Any], scope: str) -> Ref:
    return finance.open_capital(
        actor,
        product=given["product"],
        enterprise_ref=given["enterprise"],
        scope=scope,
        currency=given["currency"],
        jurisdiction=given["jurisdiction"],
        on=given["on"],
        key=given["key"],
    )


def _open_trust(actor: Any, given: dict[str, Any], scope: str) -> Ref:
    return finance.open_trust(
        actor,
        product=given["product"],
        enterprise_ref=given["enterprise"],
        title=given["title"],
        scope=scope,
        currency=given["currency"],
        jurisdiction=given["jurisdiction"],
        on=given["on"],
        key=given["key"],
    )


_OPENERS: dict[str, tuple[type[stake_forms.OpenForm], Any, Callable[[Any, dict[str, Any], str], Ref]]] = {
    "register": (stake_forms.OpenRegisterForm, _lazy("Open a register of shares"), _open_register),
    "capital": (stake_forms.OpenCapitalForm, _lazy("Begin capital accounts"), _open_capital),
    "trust": (stake_forms.OpenTrustForm, _lazy("Open a trust for employees"), _open_trust),
}


@needs("finance.prepare")
@require_http_methods(BOTH)
def add_pledge(request: HttpRequest) -> HttpResponse:
    """Record what somebody promises to an enterprise that is being founded."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.make_pledge(
            actor,
            product=given["product"],
            person_ref=given["person"],
            enterprise_ref=given["enterprise"],
            amount=Money.from_major(given["amount"] or Decimal(0), given["currency"]),
            hours=given["hours"],
            on=given["on"],
            due_on=given["due_on"],
            scope=parties.scope_of(given["enterprise"]),
            key=given["key"],
        )
        saved(request, _("The pledge is saved."))
        return redirect("stakes:list")

    page = {
        "section": "money",
        "crumbs": crumbs_to(),
        "heading": _("Record a pledge"),
        "sub": _("Money, hours of work, or both."),
        "send": _("Save the pledge"),
        "back": reverse("stakes:list"),
    }
    fields = {"finance.amount_not_positive": "amount", "finance.already_kept": "person"}
    return act_page(request, stake_forms.PledgeForm(request.POST or None), do=do, page=page, fields=fields)


@needs("finance.prepare")
@require_http_methods(BOTH)
def withdraw_pledge(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a pledge back, with the reason."""
    actor = actor_of(request)
    one = duties.describe(actor, Ref(ref))
    if one is None:
        from jump.base.refusals import NotFound

        raise NotFound(ref=ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.withdraw_pledge(actor, pledge_ref=Ref(ref), on=clock.today(), why=given["why"])
        saved(request, _("The pledge is taken back. What was paid stays paid."))
        return redirect("stakes:list")

    page = {
        "section": "money",
        "crumbs": crumbs_to(),
        "heading": _("Take this pledge back?"),
        "sub": one.title,
        "send": _("Take it back"),
        "back": reverse("stakes:list"),
    }
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)
