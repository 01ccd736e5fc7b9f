"""Families: the list, one family with its cover today, enrolling, collecting, leaving; and the member's own page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs, signed_in
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.cover import words
from jump.web.cover.forms import COVER_FIELDS, AddForm, CollectForm, EnrolForm, LeavesForm, WhyForm
from jump.web.cover.views.schemes import BOTH, crumbs_of
from jump.web.forms import saved, shown_again
from jump.web.paging import offset_of, page_of_list

SHEET_ROWS = 60


@needs("finance.read")
@require_safe
def list_families(request: HttpRequest, ref: str) -> HttpResponse:
    """Families in the order in which they joined, with their cover today and what they owe."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    with_ended = request.GET.get("ended") == "yes"
    page = page_of_list(request, finance.count_families(actor, scheme_ref=scheme.ref, with_ended=with_ended))
    rows = finance.families(actor, scheme_ref=scheme.ref, with_ended=with_ended, offset=offset_of(page))
    names = parties.names(actor, [one.head_ref for one in rows])
    return render(
        request,
        "cover/families.html",
        {
            "scheme": scheme,
            "page": page,
            "rows": [
                {
                    "row": one,
                    "name": names.get(one.head_ref, one.head_ref),
                    "state": words.STANDINGS[one.standing.reason],
                    "why": words.why(one.standing) if not one.standing.is_in_force else "",
                }
                for one in rows
            ],
            "filters": [("ended", _("Show"), [("yes", _("also those who left"))], "yes" if with_ended else "")],
            "may_enrol": can(actor, "finance.prepare", scheme.scope) and scheme.package is not None,
            "may_collect": can(actor, "finance.collect", scheme.scope),
        },
    )


@needs("finance.read")
@require_safe
def show_family(request: HttpRequest, ref: str) -> HttpResponse:
    """One family: who is covered today and why, what each benefit still gives, what was due and paid, its claims."""
    actor = actor_of(request)
    family = finance.family(actor, Ref(ref))
    claims = finance.claims(actor, family_ref=family.ref, limit=10)
    page = _family_page(request, family)
    page["claims"] = [{"row": one, "state": words.CLAIM_STATES[one.state]} for one in claims]
    page["may"] = {name: can(actor, f"finance.{name}", family.scope) for name in ("prepare", "approve")}
    return render(request, "cover/family.html", page)


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My cover today: for members, of their own family alone."""
    actor = actor_of(request)
    found = [_family_page(request, finance.my_family(actor, ref)) for ref in finance.my_families(actor)[:3]]
    return render(request, "cover/mine.html", {"families": found})


def _family_page(request: HttpRequest, family: finance.FamilyView) -> dict[str, Any]:
    names = parties.names(actor_of(request), [family.head_ref, *(one.person_ref for one in family.persons)])
    facts = [
        (_("Due so far"), formats.money(family.due), ""),
        (_("Paid"), formats.money(family.paid), ""),
        (_("Not paid"), formats.money(family.arrears), ""),
    ]
    if family.ahead:
        facts.append((_("Paid ahead"), formats.money(family.ahead), ""))
    if family.next_due:
        facts.append((_("Next contribution"), formats.money(family.next_due.amount), formats.day(family.next_due.on)))
    if family.left_of_family is not None:
        facts.append((_("Left for the family this year"), formats.money(family.left_of_family), ""))
    return {
        "family": family,
        "name": names.get(family.head_ref, family.head_ref),
        "state": words.STANDINGS[family.standing.reason],
        "why": words.why(family.standing),
        "facts": facts,
        "people": [
            {
                "one": one,
                "name": names.get(one.person_ref, one.person_ref),
                "relation": words.RELATIONS[one.relation],
                "state": words.STANDINGS[one.standing.reason],
                "why": words.why(one.standing),
                "benefits": [_benefit(benefit) for benefit in one.benefits],
            }
            for one in family.persons
        ],
        "contributions": family.contributions,
    }


def _benefit(one: finance.BenefitToday) -> dict[str, Any]:
    left = []
    if one.left is not None:
        left.append(formats.money(one.left))
    if one.events_left is not None:
        left.append(ngettext("%(n)s time", "%(n)s times", one.events_left) % {"n": one.events_left})
    since = _("now") if one.is_open else formats.day(one.from_day) if one.from_day else "–"
    return {
        "title": one.benefit.title,
        "is_open": one.is_open,
        "since": since,
        "left": ", ".join(left),
        "limits": words.limits(one.benefit),
        "copay": words.percent(one.benefit.copay, 0),
    }


@needs("finance.prepare")
@require_http_methods(BOTH)
def enrol(request: HttpRequest, ref: str) -> HttpResponse:
    """A new family with its dependants and cards."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    form = EnrolForm(request.POST or None)

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.enrol_family(
            actor,
            scheme_ref=scheme.ref,
            head=finance.NewInsured(given["person"], "head", given["card"]),
            dependants=form.dependants(),
            on=given["on"],
            key=given["key"],
        )
        saved(request, _("Enrolled. Its number is %(ref)s.") % {"ref": made})
        return redirect("cover:family", ref=made)

    page = {
        "heading": _("Enrol a family"),
        "sub": scheme.title,
        "section": "money",
        "send": _("Enrol"),
        "back": reverse("cover:families", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
    }
    return act_page(request, form, do=do, page=page, fields=COVER_FIELDS)


@needs("finance.collect")
@require_http_methods(BOTH)
def collect(request: HttpRequest, ref: str) -> HttpResponse:
    """What families pay on one day, on one sheet. It is provisional until a second person has counted it."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    page_of = page_of_list(request, finance.count_families(actor, scheme_ref=scheme.ref), rows=SHEET_ROWS)
    rows = finance.families(actor, scheme_ref=scheme.ref, limit=SHEET_ROWS, offset=offset_of(page_of))
    names = parties.names(actor, [one.head_ref for one in rows])
    form = CollectForm(request.POST or None, rows=rows, names=names, currency=scheme.currency)
    page = {
        "scheme": scheme,
        "form": form,
        "boxes": form.boxes(),
        "page": page_of,
        "waiting": finance.collections(actor, group_ref=scheme.ref, state="provisional"),
        "latest": finance.collections(actor, group_ref=scheme.ref, state="booked", limit=5),
    }
    if request.method == "POST" and form.is_valid():
        shown_again(request, "cover/collect.html", page)
        given = form.cleaned_data
        amounts = {one.ref: Money(given[one.ref], scheme.currency) for one in rows if given.get(one.ref)}
        made = finance.collect(actor, group_ref=scheme.ref, amounts=amounts, on=given["on"], key=given["key"])
        forget_tasks(actor)
        saved(request, _("Written down. A second person counts the money; then it is booked."))
        return redirect("money:collection", ref=made)
    return render(request, "cover/collect.html", page, status=422 if form.errors else 200)


def _act(
    request: HttpRequest, ref: str, form: Any, do: Any, *, heading: str, send: str, note: str = ""
) -> HttpResponse:
    """A page that does one thing for a family and leads back to it."""
    family = finance.family(actor_of(request), Ref(ref))

    def then(given: dict[str, Any]) -> HttpResponse:
        do(given)
        return redirect("cover:family", ref=family.ref)

    page = {
        "heading": heading,
        "sub": family.ref,
        "section": "money",
        "send": send,
        "note": note,
        "back": reverse("cover:family", args=[family.ref]),
        "crumbs": [
            {"label": family.scheme_title, "url": reverse("cover:scheme", args=[family.scheme_ref])},
            {"label": family.ref, "url": reverse("cover:family", args=[family.ref])},
        ],
    }
    return act_page(request, form, do=then, page=page, fields=COVER_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def add(request: HttpRequest, ref: str) -> HttpResponse:
    """Insure one more person with a family."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> None:
        one = finance.NewInsured(given["person"], given["relation"], given["card"])
        finance.add_insured(actor, family_ref=Ref(ref), insured=one, on=given["on"], key=given["key"])
        saved(request, _("Insured. Waiting periods count from that day."))

    return _act(request, ref, AddForm(request.POST or None), do, heading=_("Add a person"), send=_("Add"))


@needs("finance.prepare")
@require_http_methods(BOTH)
def leaves(request: HttpRequest, ref: str) -> HttpResponse:
    """Somebody leaves the family's cover."""
    actor = actor_of(request)
    family = finance.family(actor, Ref(ref))
    people = [one.person_ref for one in family.persons if one.left_on is None and one.person_ref != family.head_ref]
    names = parties.names(actor, people)
    form = LeavesForm(request.POST or None, people=[(one, names.get(one, one)) for one in people])

    def do(given: dict[str, Any]) -> None:
        finance.insured_leaves(actor, family_ref=family.ref, person_ref=Ref(given["person"]), on=given["on"])
        saved(request, _("Their cover ends on that day."))

    return _act(request, ref, form, do, heading=_("Somebody leaves"), send=_("End this cover"))


@needs("finance.prepare")
@require_http_methods(BOTH)
def end(request: HttpRequest, ref: str) -> HttpResponse:
    """The family leaves the scheme."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> None:
        finance.end_family(actor, family_ref=Ref(ref), on=given["on"], why=given["why"])
        saved(request, _("The cover of the family ends on that day."))

    note = _("What is owed or paid ahead stays in the books.")
    heading = _("The family leaves the scheme")
    return _act(request, ref, WhyForm(request.POST or None), do, heading=heading, send=_("End the cover"), note=note)


@needs("finance.approve")
@require_http_methods(BOTH)
def undo(request: HttpRequest, ref: str, family: str) -> HttpResponse:
    """Take back a contribution by a reversing entry."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> None:
        finance.undo_contribution(actor, contribution_ref=Ref(ref), why=given["why"], on=given["on"], key=f"undo:{ref}")
        saved(request, _("Taken back with a reversing entry."))

    form = WhyForm(request.POST or None)
    return _act(request, family, form, do, heading=_("Take back a contribution"), send=_("Take it back"))
