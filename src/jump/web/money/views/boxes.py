"""A savings group's box: what lies in it, who holds shares and owes, a meeting's sheet, and the share-out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.savings import BoxFact, BoxKind
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import KeyedForm, act_page
from jump.web.forms import CountField, DayField, MoneyField, saved, shown_again
from jump.web.money.forms import DayForm
from jump.web.money.savings_forms import ReasonForm
from jump.web.money.views.meetings import CountForm
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
# Code of the box on the sheet, its words, and what it is in the group's book.
_PER_MEMBER: tuple[tuple[str, Any, BoxKind], ...] = (
    ("shares", gettext_lazy("Shares bought"), BoxKind.SHARES),
    ("returned", gettext_lazy("Paid back of a loan"), BoxKind.RETURNED),
    ("charge", gettext_lazy("Charge on the loan"), BoxKind.RETURNED),
    ("fine", gettext_lazy("Fine"), BoxKind.FINE),
    ("social_paid", gettext_lazy("Social fund"), BoxKind.SOCIAL_PAID),
    ("lent", gettext_lazy("Lent to the member"), BoxKind.LENT),
    ("social_help", gettext_lazy("Help from the social fund"), BoxKind.SOCIAL_HELP),
)
STATES: dict[str, tuple[Any, str]] = {
    "running": (gettext_lazy("Running"), "good"),
    "proposed": (gettext_lazy("Share-out waits for a second person"), "warn"),
    "shared": (gettext_lazy("Shared out"), ""),
}


class CycleForm(KeyedForm):
    """What the members agreed for one cycle."""

    share = MoneyField(label=gettext_lazy("Price of one share"))
    most = CountField(label=gettext_lazy("Most shares that one member buys at a meeting"), min_value=1, initial=5)
    multiple = forms.DecimalField(
        label=gettext_lazy("A loan is at most how many times the member's shares?"),
        min_value=0,
        initial=3,
        max_digits=6,
        decimal_places=2,
    )
    starts_on = DayField(label=gettext_lazy("Begins on"), future=True)
    ends_on = DayField(label=gettext_lazy("Ends on"), quick=False, future=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["share"].currency = currency  # type: ignore[attr-defined]


class BoxForm(KeyedForm):
    """One meeting: seven small boxes for each member; empty means nothing."""

    on = DayField(label=gettext_lazy("Day of the meeting"))

    def __init__(self, *args: Any, members: list[tuple[Ref, str]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        for ref, _name in members:
            for code, label, kind in _PER_MEMBER:
                field: forms.Field = MoneyField(label=label, currency=currency, allow_zero=True, required=False)
                if kind is BoxKind.SHARES:
                    field = CountField(label=label, required=False)
                self.fields[f"{code}-{ref}"] = field

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(name, [self[f"{code}-{ref}"] for code, _label, _kind in _PER_MEMBER]) for ref, name in self.members]

    def facts(self) -> list[BoxFact]:
        on, found = self.cleaned_data["on"], []
        for ref, _name in self.members:
            given = {code: self.cleaned_data.get(f"{code}-{ref}") or 0 for code, _label, _kind in _PER_MEMBER}
            charge = given.pop("charge")
            for code, _label, kind in _PER_MEMBER:
                number = given.get(code, 0)
                if kind is BoxKind.SHARES and number:
                    found.append(BoxFact(on, kind, str(ref), shares=number))
                elif code == "returned" and (number or charge):
                    found.append(BoxFact(on, kind, str(ref), number, charge_minor=charge))
                elif number and code != "charge":
                    found.append(BoxFact(on, kind, str(ref), number))
        return found


@needs("finance.read")
@require_safe
def show_box(request: HttpRequest, ref: str) -> HttpResponse:
    """The group's box today, its members' shares and debts, its meetings, and what a share-out would give."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    found = finance.cycles(actor, group_ref=group.ref)
    cycle = finance.cycle(actor, found[0]) if found else None
    page: dict[str, Any] = {"group": group, "cycle": cycle, "may_open": can(actor, "finance.prepare", group.scope)}
    if cycle is not None:
        page |= _cycle_page(request, cycle)
        page["may_open"] = page["may_open"] and cycle.state == "shared"
    return render(request, "money/box.html", page)


def _cycle_page(request: HttpRequest, cycle: finance.CycleView) -> dict[str, Any]:
    actor = actor_of(request)
    refs = [Ref(one) for one in sorted({*cycle.shares, *cycle.owed})]
    names = parties.names(actor, refs)
    called = names_of([key for one in cycle.meetings for key in (one.entered_by, one.counted_by)])
    second = can(actor, "finance.collect", cycle.scope) or can(actor, "finance.approve", cycle.scope)
    waits = any(not one.is_booked for one in cycle.meetings)
    return {
        "state": STATES[cycle.state],
        "members": [
            {"name": names.get(one, one), "shares": cycle.shares.get(one, 0), "owed": cycle.owed.get(one)}
            for one in refs
        ],
        "meetings": [
            {
                "one": one,
                "by": called.get(one.counted_by or one.entered_by, ""),
                "may_count": second and not one.is_booked and one.entered_by != actor.key,
                "may_drop": not one.is_booked and can(actor, "finance.collect", cycle.scope),
            }
            for one in reversed(cycle.meetings)
        ],
        "may_write": cycle.state == "running" and not waits and can(actor, "finance.collect", cycle.scope),
        "may_share": cycle.state == "running" and not waits and can(actor, "finance.prepare", cycle.scope),
        "may_pay": cycle.state == "proposed" and second,
    }


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_cycle(request: HttpRequest, ref: str) -> HttpResponse:
    """Open a cycle with the rules that the members agreed."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    funds = finance.funds(actor)
    currency = funds[0].currency if funds else "USD"

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.open_cycle(
            actor,
            group_ref=group.ref,
            scope=group.scope,
            share_value=Money(given["share"], currency),
            shares_per_meeting_max=given["most"],
            loan_multiple=given["multiple"],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            key=given["key"],
        )
        saved(request, _("The cycle is open. Write down the first meeting."))
        return redirect("money:box", ref=ref)

    page = _page(ref, group.name, heading=_("What did the members agree?"), send=_("Open the cycle"))
    fields = {"finance.day_impossible": "ends_on"}
    return act_page(request, CycleForm(request.POST or None, currency=currency), do=do, page=page, fields=fields)


@needs("finance.collect")
@require_http_methods(BOTH)
def write_meeting(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down one meeting of the group, member by member."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    cycle = _running(actor, group.ref)
    refs = [one.person_ref for one in parties.members(actor, group.ref, clock.today())]
    names = parties.names(actor, refs)
    form = BoxForm(
        request.POST or None, members=[(one, names.get(one, one)) for one in refs], currency=cycle.share_value.currency
    )
    page = {"group": group, "cycle": cycle, "form": form, "members": form.groups()}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "money/box_sheet.html", page, fields={"finance.day_impossible": "on"})
        given = form.cleaned_data
        finance.write_meeting(actor, cycle_ref=cycle.ref, on=given["on"], facts=form.facts(), key=given["key"])
        saved(request, _("Written down. A second person counts the box; then it is booked."))
        return redirect("money:box", ref=ref)
    return render(request, "money/box_sheet.html", page, status=422 if form.errors else 200)


@needs("finance.collect", "finance.approve")
@require_http_methods(BOTH)
def count_meeting(request: HttpRequest, ref: str, meeting: str) -> HttpResponse:
    """Count box and social fund together. Only if it is what there should be, the meeting is booked."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    cycle = _running(actor, group.ref)
    currency = cycle.share_value.currency

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.count_meeting(actor, meeting_ref=Ref(meeting), counted=Money(given["counted"], currency))
        saved(request, _("The meeting is booked."))
        return redirect("money:box", ref=ref)

    page = _page(ref, group.name, heading=_("Count the whole box"), send=_("Book it"))
    page["note"] = _("Count everything that lies in the box and in the social fund, after the meeting.")
    form = CountForm(request.POST or None, currency=currency)
    return act_page(request, form, do=do, page=page, fields={"finance.count_differs": "counted"})


@needs("finance.collect")
@require_http_methods(BOTH)
def drop_meeting(request: HttpRequest, ref: str, meeting: str) -> HttpResponse:
    """Give up a meeting's sheet that was not counted."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_meeting(actor, meeting_ref=Ref(meeting), why=given["why"])
        saved(request, _("Given up. Write it down again."))
        return redirect("money:box", ref=ref)

    page = _page(ref, group.name, heading=_("Give up this sheet?"), send=_("Give it up"))
    return act_page(request, ReasonForm(request.POST or None), do=do, page=page)


@needs("finance.prepare", "finance.collect", "finance.approve")
@require_http_methods(BOTH)
def share_out(request: HttpRequest, ref: str) -> HttpResponse:
    """See what everybody gets; one person proposes it, another pays it."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    cycle = _running(actor, group.ref)
    proposes = cycle.state == "running"

    def do(given: dict[str, Any]) -> HttpResponse:
        if proposes:
            finance.propose_share_out(actor, cycle_ref=cycle.ref)
            saved(request, _("Proposed. A second person pays it."))
        else:
            finance.pay_share_out(actor, cycle_ref=cycle.ref, on=given["on"])
            saved(request, _("The box is shared out."))
        return redirect("money:box", ref=ref)

    page = _page(ref, group.name, heading=_("Share out the box?"))
    page["send"] = _("Propose it") if proposes else _("Pay it")
    if cycle.state != "shared":
        shown_again(request, "components/act.html", {**page, "form": DayForm(request.POST or None)})
        found = finance.preview_share_out(actor, cycle_ref=cycle.ref)
        names = parties.names(actor, [Ref(line.member) for line in found.lines])
        page["rows"] = [
            (
                _("%(name)s, %(shares)s shares") % {"name": names.get(line.member, line.member), "shares": line.shares},
                formats.money(line.paid_minor, found.currency),
            )
            for line in found.lines
        ] + [
            (_("Set off against loans"), formats.money(found.set_off)),
            (_("Stays in the box"), formats.money(found.carried)),
            (_("All"), formats.money(found.pool)),
        ]
    return act_page(request, DayForm(request.POST or None), do=do, page=page, fields={"finance.day_impossible": "on"})


def _running(actor: Actor, group_ref: Ref) -> finance.CycleView:
    """The latest cycle of a group. Raises NotFound before the first."""
    found = finance.cycles(actor, group_ref=group_ref)
    if not found:
        raise NotFound(ref=group_ref)
    return finance.cycle(actor, found[0])


def _page(ref: str, name: str, **more: Any) -> dict[str, Any]:
    home = reverse("money:box", args=[ref])
    return {"section": "money", "crumbs": [{"label": name, "url": home}], "sub": name, "back": home, **more}
