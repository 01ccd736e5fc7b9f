"""Beginning a road by hand: of what is not begun by a letter or an application, for a place or a group."""

from __future__ import annotations

import uuid
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
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.context import forget_tasks
from jump.web.forms import PageForm, saved, shown_again

OPENS = "cases.open"
PLACES = frozenset({"place", "any"})
GROUPS = frozenset({"group", "any"})
GROUPS_MAX = 500


class Beginning(PageForm):
    about = forms.ChoiceField(label=gettext_lazy("For whom"))
    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]


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
    return render(request, "cases/beginnings.html", {"rows": rows})


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


def _subjects(actor: Actor, subject: str) -> tuple[list[Any], dict[str, str]]:
    """Places and groups to choose from, and where each has its home."""
    choices: list[Any] = []
    homes: dict[str, str] = {}

    def add(heading: str, rows: list[Any]) -> None:
        if rows:
            choices.append((heading, [(str(row.ref), row.name) for row in rows]))
            homes.update({str(row.ref): row.scope for row in rows})

    allowed = actor.paths_with("cases.open")

    def may(rows: list[Any]) -> list[Any]:
        return [row for row in rows if any(row.scope.startswith(path) for path in allowed)]

    if subject in PLACES:
        add(_("Communities"), may(parties.communities(actor)))
        add(_("Countries"), may(parties.places(actor, kind="country")))
    if subject in GROUPS:
        add(_("Groups"), may(parties.groups(actor, limit=GROUPS_MAX)))
    return choices, homes
