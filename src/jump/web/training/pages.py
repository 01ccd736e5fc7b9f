"""Courses: which there are, what they cover, their days and people, what participants say, how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.filling import fill_form
from jump.web.forms import saved
from jump.web.paging import offset_of, page_of_list
from jump.web.training import words
from jump.web.training.forms import LastDay, NewCourse, NewDay, Note

RIGHTS = ("cases.work", "results.read")
PLACES_MAX = 300
YEAR_DAYS = 365


@require_safe
@needs(*RIGHTS)
def listing(request: HttpRequest) -> HttpResponse:
    """Every course, what training covers, who gives it, what must be given before something begins."""
    actor = actor_of(request)
    today = clock.today()
    page = page_of_list(request, cases.count_courses(actor))
    found = cases.courses(actor, limit=page.paginator.per_page, offset=offset_of(page))
    share = cases.delivery_share(actor, since=today - timedelta(days=YEAR_DAYS), until=today)
    programme = parties.first_programme()
    return render(
        request,
        "training/list.html",
        {
            "page": page,
            "courses": [_row(one) for one in found],
            "coverage": [
                {
                    "title": one.title,
                    "trained": len(one.trained),
                    "planned": len(one.planned),
                    "rounds": one.rounds,
                    "share": one.share,
                }
                for one in cases.coverage(actor, until=today)
            ],
            "deadlines": (
                cases.training_deadlines(actor, starts_on=programme[1], as_of=today) if programme is not None else []
            ),
            "providers": [(words.PROVIDERS.get(code, code), number) for code, number in share.by_provider.items()],
            "share": share,
            "may_begin": can(actor, "cases.work"),
            "may_write": can(actor, "reports.read"),
        },
    )


def _row(one: cases.CourseView) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "title": one.title,
        "level": words.LEVELS.get(one.level, one.level),
        "starts_on": one.starts_on,
        "people": len([each for each in one.enrolments if each.state != "left"]),
        "completed": len([each for each in one.enrolments if each.state == "completed"]),
        "state": words.COURSE_STATES.get(one.state, ("", one.state)),
        "provider": words.PROVIDERS[one.delivered_by.value],
    }


@needs("cases.work")
def begin(request: HttpRequest) -> HttpResponse:
    """Open a course of a curriculum."""
    actor = actor_of(request)
    here = actor.paths_with("cases.work")
    places = [one for one in parties.communities(actor, limit=PLACES_MAX) if one.scope.startswith(here)]
    nodes = {
        one.scope: one.name
        for one in [*parties.places(actor, kind="country"), *places]
        if can(actor, "cases.work", one.scope)
    }
    trainers = {str(ref): name for ref, name in cases.workers(actor, as_of=clock.today()).items()}
    if actor.party_ref is not None:
        trainers.setdefault(actor.party_ref, actor.name)
    providers = [(one.ref, one.name) for one in parties.organisations(actor, limit=PLACES_MAX)]
    providers += [(one.ref, one.name) for one in parties.groups(actor, kind="cooperative", limit=PLACES_MAX)]
    form = NewCourse(
        request.POST or None,
        today=clock.today(),
        curricula=[(one.id, one.title) for one in cases.curricula_overview(actor)],
        scopes=list(nodes.items()),
        providers=providers,
        trainers=list(trainers.items()),
        initial={"trainers": [actor.party_ref]},
        communities=[(place.ref, place.name) for place in places],
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        ref = cases.open_course(
            actor,
            curriculum=given["curriculum"],
            title=given["title"],
            scope=given["scope"],
            level=given["level"],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            provider_ref=Ref(given["provider"]) if given["provider"] else None,
            trainers=[Ref(one) for one in given.get("trainers", ())],
            communities=[Ref(one) for one in given.get("communities", ())],
            key=given["key"],
        )
        saved(request, _("The course is open. Now enrol people and plan its days."))
        return redirect("training:course", ref)

    page = {
        "heading": _("Open a course"),
        "section": "training",
        "send": _("Open the course"),
        "back": reverse("training:list"),
        "crumbs": [{"label": _("Training"), "url": reverse("training:list")}],
    }
    return act_page(request, form, do=do, page=page, fields={"cases.date_impossible": "ends_on"})


@require_safe
@needs(*RIGHTS)
def course(request: HttpRequest, ref: str) -> HttpResponse:
    """One course: its days, its people with hours and certificates, what they say, and what follows."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    taught = {one.id: one for one in cases.curricula_overview(actor)}.get(found.curriculum)
    days = sorted(cases.sessions(actor, course_ref=found.ref, limit=100), key=lambda one: one.held_on)
    groups = [one.group_ref for one in found.enrolments if one.group_ref]
    named = parties.names(
        actor,
        [
            *found.trainers,
            *(one.person_ref for one in found.enrolments),
            *groups,
            *found.communities,
            *([found.provider_ref] if found.provider_ref else []),
        ],
    )
    said = cases.course_evaluation(actor, found.ref)
    tests = sorted({form for gate in (taught.gates if taught else ()) for form in _tests(gate.id, found)})
    return render(
        request,
        "training/course.html",
        {
            "course": found,
            "taught": taught,
            "state": words.COURSE_STATES.get(found.state, ("", found.state)),
            "level": words.LEVELS.get(found.level, found.level),
            "provider": named.get(found.provider_ref or "", words.PROVIDERS[found.delivered_by.value]),
            "trainers": [named.get(one, one) for one in found.trainers],
            "communities": [named.get(one, one) for one in found.communities],
            "days": [
                {
                    "ref": one.ref,
                    "title": one.title,
                    "on": one.held_on,
                    "is_held": one.state is cases.SessionState.HELD,
                    "people": one.count.people_max,
                    "is_due": one.state is cases.SessionState.PLANNED and one.held_on <= clock.today(),
                }
                for one in days
            ],
            "people": [
                {
                    "ref": one.person_ref,
                    "name": named.get(one.person_ref, one.person_ref),
                    "group": named.get(one.group_ref or "", ""),
                    "hours": one.hours_attended,
                    "state": words.ENROLMENTS[
                        "missed" if one.state == "enrolled" and found.state == "finished" else one.state
                    ],
                    "is_here": one.state == "enrolled" and found.state != "finished",
                    "certificate": one.certificate_ref,
                }
                for one in found.enrolments
            ],
            "tests": tests,
            "said": said,
            "is_open": found.state != "finished",
            "may_work": can(actor, "cases.work", found.scope),
            "may_fill": can(actor, "evidence.submit", found.scope),
            "completed": sum(one.state == "completed" for one in found.enrolments),
        },
    )


def _tests(gate: str, found: cases.CourseView) -> list[str]:
    return [form for name, form in cases.tests_of(found.curriculum) if name == gate]


@needs("cases.work")
def plan_day(request: HttpRequest, ref: str) -> HttpResponse:
    """Plan a day of a course: everybody who is enrolled is invited."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    named = parties.names(actor, [*found.trainers, *(one.person_ref for one in found.enrolments)])
    form = NewDay(request.POST or None, today=clock.today(), people=list(named.items()))

    def do(given: dict[str, Any]) -> HttpResponse:
        cases.plan_session(
            actor,
            kind="training",
            title=given["title"],
            scope=found.scope,
            planned_on=given["planned_on"],
            agenda=_agenda(given["agenda"]),
            materials=[cases.Product(line) for line in _lines(given["materials"])],
            facilitators=[Ref(one) for one in given.get("facilitators", ())],
            hours=given["hours"],
            course_ref=found.ref,
            key=given["key"],
        )
        saved(request, _("The day is planned."))
        return redirect("training:course", ref)

    return act_page(request, form, do=do, page=_page(found, _("Plan a day"), _("Plan the day")))


def _agenda(text: str) -> list[cases.AgendaItem]:
    """Lines such as "09:30 Welcome" as points of a programme."""
    points = []
    for line in _lines(text):
        first, _blank, rest = line.partition(" ")
        is_time = len(first) in (4, 5) and first.replace(":", "").isdigit() and ":" in first
        points.append(cases.AgendaItem(rest.strip() or line, first) if is_time else cases.AgendaItem(line))
    return points


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _page(found: cases.CourseView, heading: str, send: str) -> dict[str, Any]:
    """What every short page of a course shows around its form."""
    back = reverse("training:course", args=[found.ref])
    return {
        "heading": heading,
        "sub": found.title,
        "section": "training",
        "send": send,
        "back": back,
        "crumbs": [{"label": _("Training"), "url": reverse("training:list")}, {"label": found.title, "url": back}],
    }


@needs("evidence.submit")
def evaluate(request: HttpRequest, ref: str) -> HttpResponse:
    """A participant says what the course was worth; no name is asked."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    said = cases.course_evaluation(actor, found.ref)
    if not said.form:
        raise NotFound(ref=ref)

    def done(_sent: Any) -> HttpResponse:
        saved(request, _("Thank you. It is kept with the course."))
        return redirect("training:course", ref)

    page = {"send": _("Send"), "cancel_url": reverse("training:course", args=[ref])}
    return fill_form(request, said.form, scope=found.scope, about=found.ref, done=done, page=page)


@needs("evidence.submit")
def test(request: HttpRequest, ref: str, form: str, person: str) -> HttpResponse:
    """A test or an assessment of one person in a course."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    if form not in {one for _gate, one in cases.tests_of(found.curriculum)} or person not in {
        one.person_ref for one in found.enrolments
    }:
        raise NotFound(ref=person)

    def done(_sent: Any) -> HttpResponse:
        saved(request, _("The test is kept."))
        return redirect("training:course", ref)

    page = {"send": _("Save the test"), "cancel_url": reverse("training:course", args=[ref])}
    return fill_form(request, form, scope=found.scope, about=Ref(person), done=done, page=page)


@needs("cases.work")
def finish(request: HttpRequest, ref: str) -> HttpResponse:
    """End a course: who attended enough and passed is certified."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    form = LastDay(request.POST or None, today=clock.today())

    def do(given: dict[str, Any]) -> HttpResponse:
        completed = cases.finish_course(actor, course_ref=found.ref, on=given["on"])
        forget_tasks(actor)
        saved(request, _("The course is finished. Completed: %(n)s.") % {"n": completed})
        return redirect("training:course", ref)

    page = _page(found, _("Finish the course"), _("Finish the course")) | {
        "warning": _("Nobody can be added afterwards. Record every day that was held first."),
    }
    return act_page(request, form, do=do, page=page)


@needs("cases.work")
def revised(request: HttpRequest, ref: str) -> HttpResponse:
    """Say that curriculum and materials need no change after this course."""
    actor = actor_of(request)
    found = cases.course(actor, Ref(ref))
    form = Note(request.POST or None)

    def do(given: dict[str, Any]) -> HttpResponse:
        cases.revision_done(actor, course_ref=found.ref, on=clock.today(), note=given["note"])
        forget_tasks(actor)
        saved(request, _("Kept."))
        return redirect("training:course", ref)

    return act_page(request, form, do=do, page=_page(found, _("Nothing needs to be changed"), _("Save")))
