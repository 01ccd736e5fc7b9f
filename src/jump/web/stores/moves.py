"""Movements of a store: recorded in two steps, approved by a second person, given up or taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.refusals import NotFound
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
from jump.web.money.savings_forms import ReasonForm
from jump.web.stores import words
from jump.web.stores.forms import (
    ContributionForm,
    CostForm,
    GiveBackForm,
    GiveForm,
    LendForm,
    PurchaseForm,
    SaleForm,
    StoreForm,
    people_of,
)
from jump.web.stores.pages import BOTH, act, rights
from jump.web.stores.steps import Outlook, two_steps
from jump.web.who import names_of

Given = dict[str, Any]
_FORMS: dict[str, tuple[type[StoreForm], Any]] = {
    "sold": (SaleForm, gettext_lazy("Record a sale")),
    "bought": (PurchaseForm, gettext_lazy("Buy grain")),
    "contributed": (ContributionForm, gettext_lazy("Put in by members")),
    "lent": (LendForm, gettext_lazy("Lend grain")),
    "given": (GiveForm, gettext_lazy("Give grain from the social fund")),
    "cost": (CostForm, gettext_lazy("Enter a cost")),
}


@needs("finance.collect", "finance.prepare")
@require_http_methods(BOTH)
def record(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Record a movement: the form, then what will happen, then, with the same key, its saving."""
    actor = actor_of(request)
    if kind not in _FORMS:
        raise NotFound(ref=kind)
    store = finance.store(actor, Ref(ref))
    kind_form, heading = _FORMS[kind]
    form = kind_form(request.POST or None, store=store, people=people_of(actor, store.owner_ref, clock.today()))

    def money(given: Given, name: str) -> Money | None:
        minor = given.get(name)
        return Money(minor, store.currency) if minor else None

    def look(given: Given) -> Outlook:
        seen = finance.preview_store_move(
            actor,
            store_ref=store.ref,
            kind=kind,
            quantity_minor=given.get("quantity") or 0,
            on=given["on"],
            price=money(given, "price"),
            extra=money(given, "extra") or money(given, "cash"),
            party_ref=Ref(given["party"]) if given.get("party") else None,
        )
        return _outlook(seen)

    def do(given: Given) -> HttpResponse:
        if kind in ("sold", "contributed"):
            done = _at_once(actor, store, kind, given, money)
            saved(
                request,
                _("Saved. Its number is %(ref)s.") % {"ref": done.ref},
                undo_url=reverse("stores:undo", args=[done.ref]),
                undo_until=_("with a reversing entry"),
            )
        else:
            finance.prepare_store_move(
                actor,
                store_ref=store.ref,
                kind=kind,
                on=given["on"],
                key=given["key"],
                quantity_minor=given.get("quantity") or 0,
                price=money(given, "price"),
                extra=money(given, "extra"),
                party_ref=Ref(given["party"]) if given.get("party") else None,
                mark=given.get("mark", ""),
                quality=given.get("quality", ""),
                receipt=given.get("receipt", ""),
                memo=given.get("memo", ""),
            )
            saved(request, _("It is prepared. A second person books it."))
        forget_tasks(actor)
        return redirect(f"{reverse('stores:store', args=[store.ref])}#main")

    page = act(store, heading=str(heading), send=_("See what will happen"))
    page["note"] = _("Nothing is saved before you agree.")
    return two_steps(request, form, look=look, do=do, page=page, fields=words.FIELDS)


def _at_once(
    actor: Any,
    store: finance.StoreView,
    kind: str,
    given: Given,
    money: Callable[[Given, str], Money | None],
) -> finance.StoreMoveView:
    if kind == "sold":
        return finance.sell_from_store(
            actor,
            store_ref=store.ref,
            quantity_minor=given["quantity"],
            price=Money(given["price"], store.currency),
            on=given["on"],
            key=given["key"],
            party_ref=Ref(given["party"]) if given.get("party") else None,
            receipt=given["receipt"],
        )
    return finance.contribute_to_store(
        actor,
        store_ref=store.ref,
        on=given["on"],
        key=given["key"],
        quantity_minor=given.get("quantity") or 0,
        price=money(given, "price"),
        cash=money(given, "cash"),
        mark=given.get("mark", ""),
    )


def _outlook(seen: finance.StorePreview) -> Outlook:
    """The question, and what changes: grain, money, what is to be given back."""
    rows = [(_("In the store now"), formats.quantity(seen.stock_before))]
    if seen.quantity.amount_minor:
        rows.append((str(words.MOVES[seen.kind]), formats.quantity(seen.quantity)))
        rows += [(_("from lot %(mark)s") % {"mark": part.mark}, formats.quantity(part.quantity)) for part in seen.parts]
        rows.append((_("In the store afterwards"), formats.quantity(seen.stock_after)))
    if seen.amount.amount_minor:
        said = _("Paid in") if seen.cash_after > seen.cash_before else _("Paid out")
        rows += [(said, formats.money(seen.amount)), (_("In the cash box afterwards"), formats.money(seen.cash_after))]
    if seen.due is not None:
        rows.append((_("To be given back"), formats.quantity(seen.due)))
    at_once = seen.kind in (finance.StoreMoveKind.SOLD, finance.StoreMoveKind.CONTRIBUTED)
    what = f"{words.MOVES[seen.kind]}: {formats.quantity(seen.quantity)}" if seen.quantity.amount_minor else None
    return Outlook(
        heading=f"{what or words.MOVES[seen.kind]}?",
        rows=rows,
        send=_("Save it") if at_once else _("Prepare it"),
        note="" if at_once else _("Nothing moves yet. A second person books it."),
    )


@needs("finance.read")
@require_safe
def show_move(request: HttpRequest, ref: str) -> HttpResponse:
    """One movement with its lots, its entry and who did what."""
    actor = actor_of(request)
    one = finance.store_move(actor, Ref(ref))
    store = finance.store(actor, one.store_ref)
    may = rights(request, store.scope)
    names = parties.names(actor, [one.party_ref] if one.party_ref else [])
    called = names_of([one.prepared_by, one.booked_by])
    waits = one.state is finance.StoreMoveState.PREPARED and one.kind.value in _FORMS
    return render(
        request,
        "stores/move.html",
        {
            "one": one,
            "store": store,
            "what": words.MOVES[one.kind],
            "state": words.MOVE_STATES[one.state],
            "name": names.get(one.party_ref, "") if one.party_ref else "",
            "prepared_by": called.get(one.prepared_by, formats.MISSING),
            "booked_by": called.get(one.booked_by, formats.MISSING),
            "may_approve": may["second"] and waits and one.prepared_by != actor.key,
            "may_drop": may["prepare"] and waits,
            "may_undo": may["collect"] and one.state is finance.StoreMoveState.BOOKED and one.kind.value in _UNDOABLE,
        },
    )


_UNDOABLE = {"sold", "bought", "contributed", "lent", "given", "cost", "repaid"}


@needs("finance.approve", "finance.release")
@require_http_methods(BOTH)
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Book what somebody else prepared."""
    actor = actor_of(request)
    one = finance.store_move(actor, Ref(ref))
    store = finance.store(actor, one.store_ref)

    def do(given: Given) -> HttpResponse:
        finance.approve_store_move(actor, move_ref=one.ref, on=given["on"])
        forget_tasks(actor)
        saved(request, _("Booked."))
        return redirect("stores:store", ref=store.ref)

    rows = [(str(words.MOVES[one.kind]), formats.quantity(one.quantity))] if one.quantity.amount_minor else []
    if one.amount.amount_minor:
        rows += [
            (_("Paid out"), formats.money(one.amount)),
            (_("In the cash box afterwards"), formats.money(store.cash - one.amount)),
        ]
    page = act(store, heading=_("Book this?"), send=_("Book it"), rows=rows)
    page["terms"] = [(_("Prepared by"), names_of([one.prepared_by]).get(one.prepared_by, formats.MISSING))]
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields=words.FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up what was prepared and not booked."""
    actor = actor_of(request)
    one = finance.store_move(actor, Ref(ref))
    store = finance.store(actor, one.store_ref)

    def do(given: Given) -> HttpResponse:
        finance.drop_store_move(actor, move_ref=one.ref, why=given["why"])
        forget_tasks(actor)
        saved(request, _("Given up. Nothing moved."))
        return redirect("stores:store", ref=store.ref)

    page = act(store, heading=_("Give this up?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.collect")
@require_http_methods(BOTH)
def undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Take the last movement back by a reversing entry."""
    actor = actor_of(request)
    one = finance.store_move(actor, Ref(ref))
    store = finance.store(actor, one.store_ref)

    def do(given: Given) -> HttpResponse:
        finance.undo_store_move(actor, move_ref=one.ref, why=given["why"], on=clock.today(), key=given["key"])
        saved(request, _("%(ref)s is taken back by a reversing entry.") % {"ref": one.ref})
        return redirect("stores:store", ref=store.ref)

    page = act(store, heading=_("Take this back?"), send=_("Take it back"))
    page["sub"] = _("A reversing entry is made today. The first entry stays in the books.")
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.collect")
@require_http_methods(BOTH)
def give_back(request: HttpRequest, ref: str) -> HttpResponse:
    """Grain given back on a loan of grain."""
    actor = actor_of(request)
    loan = finance.grain_loan(actor, Ref(ref))
    store = finance.store(actor, loan.store_ref)
    form = GiveBackForm(request.POST or None, store=store, initial={"quantity": loan.open.amount_minor})

    def look(given: Given) -> Outlook:
        back = finance.Quantity(given["quantity"], store.unit, store.stock.decimals, store.stock.label)
        left = finance.Quantity(
            loan.open.amount_minor - given["quantity"], store.unit, store.stock.decimals, store.stock.label
        )
        rows = [
            (_("To be given back"), formats.quantity(loan.open)),
            (_("Given back now"), formats.quantity(back)),
            (_("Still to be given back"), formats.quantity(left)),
        ]
        return Outlook(_("Take this grain back?"), rows, _("Save it"))

    def do(given: Given) -> HttpResponse:
        done = finance.give_back_grain(
            actor,
            loan_ref=loan.ref,
            quantity_minor=given["quantity"],
            on=given["on"],
            key=given["key"],
            mark=given["mark"],
            quality=given["quality"],
        )
        saved(request, _("Saved. Its number is %(ref)s.") % {"ref": done.ref})
        return redirect("stores:store", ref=store.ref)

    name = parties.names(actor, [loan.party_ref]).get(loan.party_ref, loan.party_ref)
    page = act(store, heading=_("Grain given back"), send=_("See what will happen"))
    page["terms"] = [
        (_("Who"), name),
        (_("Lent"), formats.quantity(loan.lent)),
        (_("To be given back"), formats.quantity(loan.open)),
        (_("Due on"), formats.day(loan.due_on)),
    ]
    return two_steps(request, form, look=look, do=do, page=page, fields=words.FIELDS)
