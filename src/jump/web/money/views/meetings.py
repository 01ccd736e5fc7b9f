"""A group's meeting: all members' loan dues and savings in one form, and the count by a second person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock, duties
from jump.base.actors import Actor, can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import KeyedForm, act_page
from jump.web.context import forget_tasks
from jump.web.forms import DayField, MoneyField, saved, shown_again
from jump.web.money.savings_forms import ReasonForm
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]


class SheetForm(KeyedForm):
    """One box per loan and savings account of the group and its members; empty means nothing was paid."""

    on = DayField(label=gettext_lazy("Day of the meeting"))

    def __init__(self, *args: Any, rows: list[finance.SheetRow], names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            self.fields[row.target_ref] = MoneyField(
                label=names.get(row.party_ref, row.party_ref),
                help_text=_("%(what)s: %(stands)s") % {"what": _box_label(row), "stands": _box_help(row)},
                currency=row.stands.currency,
                allow_zero=True,
                required=False,
                initial=row.due.amount_minor or None,
            )

    def boxes(self) -> list[forms.BoundField]:
        """One line each, as the sheet shows them: who, what for and how it stands, how much came in."""
        return [self[row.target_ref] for row in self.rows]

    def amounts(self) -> dict[Ref, Money]:
        currencies = {row.target_ref: row.stands.currency for row in self.rows}
        typed = {ref: self.cleaned_data.get(ref) for ref in currencies}
        return {ref: Money(minor, currencies[ref]) for ref, minor in typed.items() if minor}


class CountForm(KeyedForm):
    """How much a second person counted, without seeing what was written down."""

    counted = MoneyField(label=gettext_lazy("How much did you count?"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counted"].currency = currency  # type: ignore[attr-defined]


def _box_label(row: finance.SheetRow) -> str:
    return _("Loan: %(title)s") % {"title": row.title} if row.is_loan else row.title


def _box_help(row: finance.SheetRow) -> str:
    stands = formats.money(row.stands)
    if row.is_loan:
        due = formats.money(row.due) if row.due else ""
        return (
            _("%(due)s is due, %(owed)s is owed") % {"due": due, "owed": stands}
            if due
            else _("Nothing is due, %(owed)s is owed") % {"owed": stands}
        )
    return _("%(saved)s is saved") % {"saved": stands}


@needs("finance.collect", "finance.write_down")
@require_http_methods(BOTH)
def write_sheet(request: HttpRequest, ref: str) -> HttpResponse:
    """All that a meeting brings in, on one form. It is provisional until a second person has counted it."""
    actor = actor_of(request)
    if Ref(ref).kind == "sch":  # the families of an insurance scheme have a sheet of their own
        return redirect("cover:collect", ref=ref)
    group = parties.group(actor, Ref(ref))
    today = clock.today()
    day = _day(request.POST.get("on", "")) or today
    members = [one.person_ref for one in parties.members(actor, group.ref, today)]
    rows = finance.collection_sheet(actor, group_ref=group.ref, member_refs=members, on=min(day, today))
    names = parties.names(actor, [row.party_ref for row in rows])
    form = SheetForm(request.POST or None, rows=rows, names=names)
    waiting = finance.collections(actor, group_ref=group.ref, state="provisional")
    page = {
        "group": group,
        "form": form,
        "rows": rows,
        "boxes": form.boxes(),
        "waiting": waiting,
        "latest": finance.collections(actor, group_ref=group.ref, state="booked", limit=5),
    }
    if request.method == "POST" and form.is_valid():
        shown_again(request, "money/collection_sheet.html", page)
        made = finance.collect(
            actor,
            group_ref=group.ref,
            amounts=form.amounts(),
            on=form.cleaned_data["on"],
            key=form.cleaned_data["key"],
        )
        forget_tasks(actor)
        saved(request, _("Written down. A second person counts the money; then it is booked."))
        return redirect("money:collection", ref=made)
    return render(request, "money/collection_sheet.html", page, status=422 if form.errors else 200)


def _title_of(actor: Actor, ref: Ref) -> str:
    """What a collection is for where it is no group: an insurance scheme."""
    found = duties.describe(actor, ref)
    return found.title if found else str(ref)


@needs("finance.read")
@require_safe
def show_collection(request: HttpRequest, ref: str) -> HttpResponse:
    """What was written down at a meeting, and what it became. The counter does not see the sum before counting."""
    actor = actor_of(request)
    found = finance.collection(actor, Ref(ref))
    names = parties.names(actor, [found.group_ref, *(one.party_ref for one in found.lines)])
    called = names_of([found.entered_by, found.counted_by])
    is_open = found.state is finance.CollectionState.PROVISIONAL
    counts = can(actor, "finance.collect", found.scope) or can(actor, "finance.approve", found.scope)
    may_count = is_open and counts and found.entered_by != actor.key
    return render(
        request,
        "money/collection.html",
        {
            "found": found,
            "group": names.get(found.group_ref) or _title_of(actor, found.group_ref),
            "lines": [
                {"one": one, "name": names.get(one.party_ref, one.party_ref), "kind": one.target_ref.kind}
                for one in found.lines
            ],
            "entered_by": called.get(found.entered_by, ""),
            "counted_by": called.get(found.counted_by, ""),
            "is_open": is_open,
            "may_count": may_count,
            "may_drop": is_open and counts,
        },
    )


@needs("finance.collect", "finance.approve")
@require_http_methods(BOTH)
def count(request: HttpRequest, ref: str) -> HttpResponse:
    """Count the money of a meeting. Only if it is what was written down, all of it is booked."""
    actor = actor_of(request)
    found = finance.collection(actor, Ref(ref))
    currency = found.total.currency

    def do(given: dict[str, Any]) -> HttpResponse:
        counted = Money(given["counted"], currency)
        finance.count_collection(actor, collection_ref=found.ref, counted=counted)
        forget_tasks(actor)
        saved(request, _("%(amount)s is booked.") % {"amount": formats.money(counted)})
        return redirect("money:collection", ref=ref)

    page = _page(found, heading=_("Count the money"), send=_("Book it"))
    page["sub"] = _("Count it yourself before you look at the sheet.")
    form = CountForm(request.POST or None, currency=currency)
    return act_page(request, form, do=do, page=page, fields={"finance.count_differs": "counted"})


@needs("finance.collect", "finance.approve")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a sheet that is wrong; a new one is written."""
    actor = actor_of(request)
    found = finance.collection(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_collection(actor, collection_ref=found.ref, why=given["why"])
        saved(request, _("Given up. Write a new sheet with the right amounts."))
        return redirect("money:collection_new", ref=found.group_ref)

    page = _page(found, heading=_("Give up this sheet?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


def _page(found: finance.CollectionView, **more: Any) -> dict[str, Any]:
    home = reverse("money:collection", args=[found.ref])
    crumbs = [{"label": str(found.ref), "url": home}]
    return {"section": "money", "crumbs": crumbs, "sub": formats.day(found.on), "back": home, **more}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
