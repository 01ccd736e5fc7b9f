"""The people of a course: enrolled by ticks or from a spreadsheet; who came, ticked on one phone."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.cases.sessions import age_bands
from jump.web.context import forget_tasks
from jump.web.excel import spreadsheet
from jump.web.forms import saved, shown_again
from jump.web.training.forms import ActionPoint, HeldDay, ListFile, Waiver, Why

PEOPLE_MAX = 200


@needs("cases.work")
def enrol(request: HttpRequest, ref: str) -> HttpResponse:
    """Tick who takes part; who is in already is ticked and stays."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    sent = request.POST if request.method == "POST" else None
    q = (sent or request.GET).get("q", "").strip()
    there = {one.person_ref for one in found.enrolments}
    rows = [one for one in parties.people(actor, q=q, limit=PEOPLE_MAX) if one.ref not in there]
    ticked = set(sent.getlist("who")) if sent is not None else set()
    groups = {one.ref: one.name for one in parties.groups(actor, limit=PEOPLE_MAX)}
    groups |= {one.ref: one.name for one in parties.organisations(actor, limit=PEOPLE_MAX)}
    form = Waiver(sent)
    page = {
        "course": found,
        "form": form,
        "q": q,
        "people": [{"ref": one.ref, "name": one.name, "on": one.ref in ticked} for one in rows],
        "groups": sorted(groups.items(), key=lambda one: one[1].casefold()),
        "group": (sent or {}).get("group", ""),
        "may_waive": can(actor, "cases.waive", found.scope),
        "total": parties.count_people(actor, q=q),
    }
    if sent is not None and "_find" not in sent and form.is_valid() and ticked:
        shown_again(request, "training/enrol.html", page)
        group = sent.get("group", "")
        new = cases.enrol_many(
            actor,
            course_ref=found.ref,
            people=[(Ref(one), Ref(group) if group in groups else None) for one in sorted(ticked)],
            on=clock.today(),
            waive=form.cleaned_data["waive"],
        )
        saved(request, ngettext("%(n)s person is enrolled.", "%(n)s people are enrolled.", new) % {"n": new})
        return redirect("training:course", ref)
    return render(request, "training/enrol.html", page)


@needs("cases.work")
def leave(request: HttpRequest, ref: str, person: str) -> HttpResponse:
    """Somebody leaves a course, with the reason."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    named = parties.names(actor, [person])
    form = Why(request.POST or None)

    def do(given: dict[str, Any]) -> HttpResponse:
        cases.leave_course(actor, course_ref=found.ref, person_ref=Ref(person), on=clock.today(), why=given["why"])
        saved(request, _("Kept."))
        return redirect("training:course", ref)

    back = reverse("training:course", args=[ref])
    page = {
        "heading": _("%(name)s leaves the course") % {"name": named.get(person, person)},
        "sub": found.title,
        "section": "training",
        "send": _("Save"),
        "back": back,
        "crumbs": [{"label": _("Training"), "url": reverse("training:list")}, {"label": found.title, "url": back}],
    }
    return act_page(request, form, do=do, page=page)


# Who came -------------------------------------------------------------------------------------------------------


@needs("cases.work")
def tick(request: HttpRequest, ref: str) -> HttpResponse:
    """Tick who came, on one phone: saved as people arrive, and closed when the day is over."""
    actor = actor_of(request)
    found = cases.session(actor, Ref(ref))
    listed = [one for one in cases.attendees(actor, found.ref) if one.person_ref]
    sent = request.POST if request.method == "POST" else None
    is_held = found.state is cases.SessionState.HELD
    came = set(sent.getlist("came")) if sent is not None else {one.person_ref for one in listed if one.attended}
    form = HeldDay(sent, today=clock.today(), initial={"held_on": min(found.held_on, clock.today())})
    if not is_held:
        del form.fields["why"]
    else:
        for name in ("held_on", "minutes", "issues"):
            del form.fields[name]
    groups = parties.names(actor, [one.group_ref for one in listed if one.group_ref])
    page = {
        "session": found,
        "form": form,
        "people": [
            {
                "ref": one.person_ref,
                "name": one.name,
                "note": groups.get(one.group_ref or "", "") or (_("leads") if one.role == "facilitator" else ""),
                "on": one.person_ref in came,
            }
            for one in sorted(listed, key=lambda one: one.name.casefold())
        ],
        "ticked": len(came),
        "is_held": is_held,
        "key": (sent or {}).get("_key", "") or uuid.uuid4().hex,
        "back": _back(found),
    }
    if sent is not None:
        is_over = "_over" in sent
        if not is_over and not is_held:
            cases.amend_attendance(actor, session_ref=found.ref, came=_refs(came, listed))
            saved(request, ngettext("%(n)s is ticked.", "%(n)s are ticked.", len(came)) % {"n": len(came)})
            return redirect("training:tick", ref)
        if form.is_valid():
            shown_again(request, "training/tick.html", page)
            given = form.cleaned_data
            cases.amend_attendance(actor, session_ref=found.ref, came=_refs(came, listed), why=given.get("why", ""))
            if is_over and not is_held:
                cases.record_session(
                    actor,
                    planned_ref=found.ref,
                    held_on=given["held_on"],
                    minutes=given["minutes"],
                    issues=[line.strip() for line in given["issues"].splitlines() if line.strip()],
                    key=page["key"],
                )
                forget_tasks(actor)
            saved(request, _("The list is saved."))
            return redirect("cases:session", ref)
    return render(request, "training/tick.html", page, status=422 if sent is not None and form.errors else 200)


def _refs(came: set[Any], listed: list[cases.Attendee]) -> list[Ref]:
    """Only people who stand on the list."""
    known = {one.person_ref for one in listed}
    return [Ref(one) for one in sorted(came) if one in known]


def _back(found: cases.SessionView) -> str:
    if found.course_ref is not None:
        return reverse("training:course", args=[found.course_ref])
    return reverse("cases:session", args=[found.ref])


@needs("cases.work")
def actions(request: HttpRequest, ref: str) -> HttpResponse:
    """Who does what by when after a gathering."""
    actor = actor_of(request)
    found = cases.session(actor, Ref(ref))
    form = ActionPoint(request.POST or None, today=clock.today())

    def do(given: dict[str, Any]) -> HttpResponse:
        point = cases.ActionPoint(given["title"], given["owner_role"], given["due_on"])
        cases.add_action_points(actor, session_ref=found.ref, points=[point], key=given["key"])
        forget_tasks(actor)
        saved(request, _("It is on the list of tasks."))
        return redirect("cases:session", ref)

    back = reverse("cases:session", args=[ref])
    page = {
        "heading": _("What is to be done?"),
        "sub": found.title,
        "section": "training",
        "send": _("Add"),
        "back": back,
        "crumbs": [{"label": found.title, "url": back}],
    }
    return act_page(request, form, do=do, page=page)


# Lists from a spreadsheet ----------------------------------------------------------------------------------------


@needs("cases.work")
def attendance_list(request: HttpRequest, ref: str) -> HttpResponse:
    """Everybody on a list came to this gathering."""
    actor = actor_of(request)
    found = cases.session(actor, Ref(ref))

    def take(people: cases.PeopleList, key: str) -> str:
        known, made, counted = cases.take_attendance(
            actor, session_ref=found.ref, people=people, on=min(found.held_on, clock.today()), key=key
        )
        facts = {"known": known, "made": made, "counted": counted}
        return _("Taken in: %(known)s known, %(made)s registered, %(counted)s counted.") % facts

    return _list_page(request, title=found.title, take=take, back=reverse("training:tick", args=[ref]))


@needs("cases.work")
def enrol_list(request: HttpRequest, ref: str) -> HttpResponse:
    """Everybody on a list is enrolled."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))

    def take(people: cases.PeopleList, key: str) -> str:
        new = cases.take_enrolments(actor, course_ref=found.ref, people=people, on=clock.today(), key=key)
        return ngettext("%(n)s person is enrolled.", "%(n)s people are enrolled.", new) % {"n": new}

    return _list_page(request, title=found.title, take=take, back=reverse("training:course", args=[ref]))


def _list_page(request: HttpRequest, *, title: str, take: Any, back: str) -> HttpResponse:
    """First the list is read and shown with what is wrong; then, with nothing wrong, it is taken in whole."""
    sent = request.POST if request.method == "POST" else None
    reads = sent is not None and "_take" not in sent
    form = ListFile(sent if reads else None, request.FILES if reads else None)
    ages = [code for code, _title in age_bands()]
    page: dict[str, Any] = {"form": form, "title": title, "back": back, "key": uuid.uuid4().hex}
    people: cases.PeopleList | None = None
    if sent is not None and "_take" in sent:
        cells = json.loads(sent.get("cells") or "[]")
        cells = [
            {str(name): str(value) for name, value in cell.items()} for cell in cells if isinstance(cell, dict)
        ] if isinstance(cells, list) else []  # fmt: skip
        people = cases.check_people(cells, ages=ages, today=clock.today())
        if people.people and not people.problems:
            shown_again(request, "training/people_list.html", page)
            saved(request, take(people, sent.get("_key") or page["key"]))
            return redirect(back)
    elif reads and form.is_valid():
        shown_again(request, "training/people_list.html", page)
        people = cases.read_people(form.cleaned_data["file"].read(), ages=ages, today=clock.today())
    if people is not None:
        page |= {
            "read": people,
            "cells": json.dumps(list(people.cells)),
            "known": sum(one.person_ref is not None for one in people.people),
            "new": sum(one.person_ref is None and one.agrees for one in people.people),
            "counted": sum(one.person_ref is None and not one.agrees for one in people.people),
        }
    is_wrong = form.errors or (people is not None and people.problems)
    return render(request, "training/people_list.html", page, status=422 if is_wrong else 200)


@require_safe
@needs("cases.work")
def empty_list(_request: HttpRequest) -> HttpResponse:
    """The list to fill in, with what each column means."""
    ages = ", ".join(code for code, _title in age_bands())
    head = [
        (_("Number"), _("The number of a registered person, such as per-7K2M9QXA. Then the rest may stay empty.")),
        (_("Given name"), _("Only of people who agree to be registered.")),
        (_("Family name"), _("Only of people who agree to be registered.")),
        (_("Sex"), _("Woman, man or other; empty is not stated.")),
        (_("Year of birth"), _("Four figures, if it is known.")),
        (_("Age group"), ages),
        (_("Group number"), _("The number of the group or organisation the person comes from.")),
        (_("Agrees to be registered"), _("Yes or no. Who does not agree is only counted, without a name.")),
    ]
    return spreadsheet(_("List of people"), head, [])
