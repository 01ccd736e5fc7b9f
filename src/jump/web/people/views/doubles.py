"""Records that may be one person: the list to decide, one pair side by side, and the search through everybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.forms import saved
from jump.web.jobs.views import places_of
from jump.web.paging import offset_of, page_of_list
from jump.web.people import words
from jump.web.people.forms import DoubleForm, SearchDoublesForm
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]


@needs("parties.merge")
@require_safe
def list_doubles(request: HttpRequest) -> HttpResponse:
    """Pairs that wait for a decision, the most probable first; and what the last search did."""
    actor = actor_of(request)
    sure = {"sure": True, "ask": False}.get(request.GET.get("band", ""))
    page = page_of_list(request, parties.count_possible_doubles(actor, sure=sure))
    rows = parties.possible_doubles(actor, sure=sure, limit=50, offset=offset_of(page))
    return render(
        request,
        "people/doubles.html",
        {
            "tab": "doubles",
            "band": request.GET.get("band", ""),
            "page": page,
            "rows": [pair_row(one) for one in rows],
            "counts": {
                "sure": parties.count_possible_doubles(actor, sure=True),
                "ask": parties.count_possible_doubles(actor, sure=False),
            },
            "searches": parties.doubles_searches(actor),
            "places": dict(places_of(actor)),
        },
    )


def pair_row(one: parties.DoubleView) -> dict[str, Any]:
    return {
        "one": one,
        "share": formats.chance(one.probability),
        "band": words.BANDS[one.band],
        "speaks_for": [words.agreement(said) for said in one.why if said.weight > 0][:3],
        "speaks_against": [words.agreement(said) for said in one.why if said.weight < 0][:3],
    }


@needs("parties.merge")
@require_http_methods(BOTH)
def show_double(request: HttpRequest, ref: str) -> HttpResponse:
    """Two records side by side, with what speaks for and against one person; and the decision."""
    actor = actor_of(request)
    pair = parties.possible_double(actor, Ref(ref))
    form = DoubleForm(
        request.POST or None,
        records=[(str(one.ref), f"{one.name} ({one.ref})") for one in (pair.one, pair.other)],
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        is_same = given["verdict"] != "different"
        keep = Ref(given["verdict"]) if is_same else None
        parties.decide_double(actor, ref=pair.ref, same=is_same, why=given["why"], keep=keep)
        if keep is not None:
            double = pair.other.ref if keep == pair.one.ref else pair.one.ref
            saved(
                request,
                _("%(duplicate)s is now marked as the same as %(keep)s. Figures are counted again.")
                % {"duplicate": double, "keep": keep},
                undo_url=reverse("people:not_same", args=[double]),
                undo_until=_("at any time"),
            )
        else:
            saved(request, _("They stay two people, and will not be asked about again."))
        return redirect("people:doubles")

    page = {
        "pair": pair,
        "row": pair_row(pair),
        "lines": compared_lines(pair),
        "decided_by": names_of([pair.decided_by]).get(pair.decided_by, ""),
        "may_decide": can(actor, "parties.merge", pair.one.scope) and can(actor, "parties.merge", pair.other.scope),
        "places": dict(places_of(actor)),
    }
    return act_page(request, form, do=do, page=page, template="people/double.html")


def compared_lines(pair: parties.DoubleView) -> list[dict[str, Any]]:
    """What each record says, what both have in common, and what that weighs."""
    said = {each.field: each for each in pair.why}
    lines = []
    for title, fields, show in (
        (_("Name"), ("given", "family", "name_order"), lambda one: one.name),
        (_("Sex"), ("sex",), lambda one: words.SEXES[one.sex]),
        (_("Born"), ("born",), words.born),
        (_("Place"), ("place",), lambda one: one.place_name),
        (_("Telephone"), ("phone",), lambda one: one.phone or "–"),
        (_("Groups"), (), lambda one: ", ".join(held.group_name for held in one.groups) or "–"),
        (_("Registered"), (), lambda one: formats.day(one.registered_on)),
    ):
        agreed = [said[name] for name in fields if name in said]
        lines.append(
            {
                "title": title,
                "one": show(pair.one),
                "other": show(pair.other),
                "said": [words.agreement(each) for each in agreed],
                "weight": sum(each.weight for each in agreed) if agreed else None,
            }
        )
    return lines


@needs("parties.merge")
@require_http_methods(BOTH)
def search_doubles(request: HttpRequest) -> HttpResponse:
    """Have everybody at and under a place looked through, in the background."""
    actor = actor_of(request)
    places = [(scope, name) for scope, name in places_of(actor) if can(actor, "parties.merge", scope)]
    form = SearchDoublesForm(request.POST or None, places=places)

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.ask_for_doubles(actor, scope=given["scope"])
        saved(request, _("Everybody there is being looked through. Pairs stand here when it is done."))
        return redirect("people:doubles")

    page = {
        "section": "people",
        "crumbs": [
            {"label": _("People and groups"), "url": reverse("people:list")},
            {"label": _("Possible doubles"), "url": reverse("people:doubles")},
        ],
        "heading": _("Look for records that are one person"),
        "sub": _("Names are compared as they sound, in every script. Nothing is merged by itself."),
        "send": _("Look through everybody"),
        "back": reverse("people:doubles"),
    }
    return act_page(request, form, do=do, page=page)
