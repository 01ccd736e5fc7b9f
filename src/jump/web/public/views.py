"""The door for visitors: what the programme is, the letter of interest and the other public forms, and the thanks."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from jump.base import i18n, packages
from jump.base.actors import ANONYMOUS
from jump.base.refusals import NotFound
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from jump.web.access import actor_of
from jump.web.filling import fill_form

NUMBER = re.compile(r"^sub-[0-9A-Z]{4,12}$")
FIRST_STEP = "community"


def public_forms() -> list[packages.Definition]:
    """The forms that anybody may send, those by which a community begins first."""
    found = [one for one in packages.definitions("form") if one.data.get("public")]
    return sorted(found, key=lambda one: (one.data.get("subject") != FIRST_STEP, one.id))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the programme is, what it has reached, and how to begin."""
    try:
        programme = parties.programme(actor_of(request))
    except NotFound:
        programme = None
    try:
        headline = results.headline(actor_of(request))
    except NotFound:
        headline = None
    forms = public_forms()
    letter = next((one for one in forms if one.data.get("subject") == FIRST_STEP), None)
    return render(
        request,
        "public/home.html",
        {
            "programme": programme,
            "headline": headline,
            "letter": letter,
            "others": [{"id": one.id, "title": i18n.text(one.data["title"])} for one in forms if one is not letter],
            "road": ROAD,
        },
    )


ROAD = (
    {"state": "todo", "label": _("You write a letter"), "detail": _("Nothing is promised by sending it")},
    {"state": "todo", "label": _("A panel reads it"), "detail": _("You get an answer with its reasons")},
    {"state": "todo", "label": _("You meet in workshops"), "detail": _("Where we stand, what we want, what we can do")},
    {"state": "todo", "label": _("You choose projects"), "detail": _("With figures, a plan and a budget")},
    {"state": "todo", "label": _("Work begins"), "detail": _("With training, and a fund where one is needed")},
)


def letter(request: HttpRequest) -> HttpResponse:
    """The letter of interest of a community."""
    found = next((one for one in public_forms() if one.data.get("subject") == FIRST_STEP), None)
    if found is None:
        raise NotFound(ref=_("letter of interest"))
    return _public_form(request, found.id, "public/letter.html")


def write(request: HttpRequest, form_id: str) -> HttpResponse:
    """Any other form that anybody may send."""
    if form_id not in {one.id for one in public_forms()}:
        raise NotFound(ref=form_id)
    return _public_form(request, form_id, "public/write.html")


def _public_form(request: HttpRequest, form_id: str, template: str) -> HttpResponse:
    """A visitor writes to the programme; somebody of a place writes down there what came on paper."""
    programme = parties.programme(ANONYMOUS)
    places = actor_of(request).paths_with("evidence.submit")
    scope = programme.scope if programme.scope in places or not places else places[0]

    def sent(found: evidence.SubmissionView) -> HttpResponse:
        return redirect("public:thanks", found.ref)

    return fill_form(request, form_id, scope=scope, done=sent, template=template, page={"programme": programme})


@require_safe
def thanks(request: HttpRequest, ref: str) -> HttpResponse:
    """What happens now, with the number to keep. Nothing of the letter is shown: anybody may open this address."""
    if not NUMBER.match(ref):
        raise NotFound(ref=ref)
    return render(request, "public/thanks.html", {"ref": ref})
