"""Beginning a road: by hand for a place or a group, or with the form by which a group applies for something."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jump.base import clock, i18n, packages
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.cases.views import tell
from jump.web.context import forget_tasks
from jump.web.filling import fill_form
from jump.web.forms import PageForm, saved, shown_again

OPENS = "cases.open"
FINDS_GROUP = "parties.find_or_make_group"
PLACES = frozenset({"place", "any"})
GROUPS = frozenset({"group", "any"})
GROUPS_MAX = 500


class Applicant(PageForm):
    about = forms.ChoiceField(label=gettext_lazy("For whom"))

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]


class Beginning(Applicant):
    key = forms.CharField(widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class Application:
    """A form about a group whose acceptance begins a road. Two of its questions say which group, and are not asked."""

    id: str
    title: str
    review: str
    name_question: str
    ref_question: str


def applications() -> list[Application]:
    """What a group can apply for, as the packages declare it: the form finds its group and opens a case about it."""
    found = []
    for one in packages.definitions("form"):
        calls = {call["effect"]: call["with"] for call in one.data.get("on_accept", ())}
        group = calls.get(FINDS_GROUP)
        if one.data.get("about") != "group" or group is None or OPENS not in calls or "group_ref" not in group:
            continue
        found.append(
            Application(
                one.id,
                i18n.text(one.data["title"]),
                str(one.data.get("review") or ""),
                name_question=_question(group["name"]),
                ref_question=_question(group["group_ref"]),
            )
        )
    return sorted(found, key=lambda one: one.title)


def _question(told: Any) -> str:
    """The question behind "$answers.group_name"."""
    return str(told).rpartition("answers.")[2]


def _application(form_id: str) -> Application:
    found = next((one for one in applications() if one.id == form_id), None)
    if found is None:
        raise NotFound(ref=form_id)
    return found


def _by_hand() -> list[packages.Definition]:
    """The procedures about a place or a group that no accepted form opens by itself."""
    opened = {
        str(call["with"].get("procedure", ""))
        for form in packages.definitions("form")
        for call in form.data.get("on_accept", ())
        if call["effect"] == OPENS
    }
    found = [one for one in packages.definitions("procedures") if one.data.get("subject") in PLACES | GROUPS]
    return sorted((one for one in found if one.id not in opened), key=lambda one: i18n.text(one.data["title"]))


@require_safe
@needs("cases.open")
def choose(request: HttpRequest) -> HttpResponse:
    """What can be begun here?"""
    rows = []
    for one in _by_hand():
        start = one.data["start"]
        first = one.data["steps"][start if isinstance(start, str) else start[0]]
        rows.append(
            {
                "title": i18n.text(one.data["title"]),
                "url": reverse("cases:begin_one", args=[one.id]),
                "first": i18n.text(first["title"]),
                "role": words.role(str(first.get("by") or "")),
                "steps": len(one.data["steps"]),
            }
        )
    return render(request, "cases/beginnings.html", {"rows": rows, "applications": applications()})


@needs("evidence.submit")
def apply_for_any(request: HttpRequest, form_id: str) -> HttpResponse:
    """Choose the group that applies."""
    asked = _application(form_id)
    choices, homes = _subjects(actor_of(request), "group", "evidence.submit")
    form = Applicant(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        return redirect("cases:apply", asked.id, form.cleaned_data["about"])
    page = {"form": form, "title": asked.title, "any": bool(homes), "applies": True}
    return render(request, "cases/begin.html", page, status=422 if form.errors else 200)


@needs("evidence.submit")
def apply(request: HttpRequest, form_id: str, ref: str) -> HttpResponse:
    """The application of one group: a form of the package, with the group already told."""
    asked = _application(form_id)
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))

    def sent(view: evidence.SubmissionView) -> HttpResponse:
        forget_tasks(actor)
        tell(request, view)
        return redirect("people:group", group.ref)

    return fill_form(
        request,
        asked.id,
        scope=group.scope,
        about=group.ref,
        done=sent,
        template="cases/apply.html",
        page={"group": group, "cancel_url": reverse("people:group", args=[group.ref])},
        preset={asked.name_question: group.name, asked.ref_question: group.ref},
    )


@needs("cases.open")
def begin(request: HttpRequest, procedure: str) -> HttpResponse:
    """Begin it for one place or group."""
    declared = next((one for one in _by_hand() if one.id == procedure), None)
    if declared is None:
        raise NotFound(ref=procedure)
    actor = actor_of(request)
    choices, homes = _subjects(actor, str(declared.data["subject"]))
    form = Beginning(request.POST or None, choices=choices, initial={"key": uuid.uuid4().hex})
    title = i18n.text(declared.data["title"])
    page = {"form": form, "title": title, "any": bool(homes)}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "cases/begin.html", page)
        about = form.cleaned_data["about"]
        made = cases.open_case(
            actor,
            procedure=declared.id,
            subject_ref=Ref(about),
            scope=homes[about],
            on=clock.today(),
            key=f"begun:{form.cleaned_data['key']}",
        )
        forget_tasks(actor)
        saved(request, _("Begun: %(title)s. Number %(ref)s.") % {"title": title, "ref": made})
        return redirect("cases:case", made)
    return render(request, "cases/begin.html", page, status=422 if form.errors else 200)


def _subjects(actor: Actor, subject: str, right: str = OPENS) -> tuple[list[Any], dict[str, str]]:
    """Places and groups to choose from, and where each has its home."""
    choices: list[Any] = []
    homes: dict[str, str] = {}

    def add(heading: str, rows: list[Any]) -> None:
        if rows:
            choices.append((heading, [(str(row.ref), row.name) for row in rows]))
            homes.update({str(row.ref): row.scope for row in rows})

    allowed = actor.paths_with(right)

    def may(rows: list[Any]) -> list[Any]:
        return [row for row in rows if any(row.scope.startswith(path) for path in allowed)]

    if subject in PLACES:
        add(_("Communities"), may(parties.communities(actor)))
        add(_("Countries"), may(parties.places(actor, kind="country")))
    if subject in GROUPS:
        add(_("Groups"), may(parties.groups(actor, limit=GROUPS_MAX)))
    return choices, homes
