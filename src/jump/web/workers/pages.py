"""Pages of extension workers, for themselves and for their coordinator."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from jump.base import clock, packages
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.calendars import add_months, month_end
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.filling import fill_form
from jump.web.forms import saved
from jump.web.links import address_of
from jump.web.workers.forms import PlanVisit, ReadMonth, SignMonth, VisitMade

PERIOD_MONTHS = 3  # supervision is looked at by the quarter
MONTHS_SHOWN = 6
GROUPS_MAX = 200
MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
COUNTS = {
    "visits": lazy("Visits made"),
    "places": lazy("Communities and groups reached"),
    "sessions": lazy("Meetings and training given"),
    "people": lazy("Different people met"),
    "km": lazy("Kilometres"),
    "tasks": lazy("Tasks done"),
    "not_made": lazy("Visits planned and not made"),
}
OUTCOMES = {"placed": ("good", lazy("Placed")), "explained": ("blue", lazy("Explained"))}


# The coordinator's view ------------------------------------------------------------------------------------------


@require_safe
@needs("evidence.review")
def supervision(request: HttpRequest) -> HttpResponse:
    """Each worker in this quarter: who was supervised, who is missing, whose month waits to be read."""
    actor = actor_of(request)
    today = clock.today()
    since, until = _quarter(_day(request, today))
    rows = cases.supervision_overview(actor, since=since, until=min(until, today))
    rhythm = cases.meeting_rhythm(actor, since=add_months(today.replace(day=1), -MONTHS_SHOWN + 1), until=today)
    waiting = cases.months_to_read(actor)
    named = parties.names(actor, [one.worker_ref for one in waiting])
    return render(
        request,
        "workers/supervision.html",
        {
            "since": since,
            "until": until,
            "before": (since - timedelta(days=1)).isoformat(),
            "after": (until + timedelta(days=1)).isoformat() if until < today else "",
            "rows": rows,
            "missing": sum(row.is_missing for row in rows),
            "rhythm": rhythm,
            "waiting": [
                {"name": named.get(one.worker_ref, one.worker_ref), "view": one, "key": f"{one.month:%Y-%m}"}
                for one in waiting
            ],
        },
    )


@needs("evidence.submit")
def supervise(request: HttpRequest, ref: str) -> HttpResponse:
    """The note on the supervision of one worker: the form of the package that is about it."""
    actor = actor_of(request)
    worker = _worker(actor, ref)
    form = _form_about("supervision")

    def done(_sent: Any) -> HttpResponse:
        saved(request, _("The note is kept."))
        return redirect("workers:list")

    page = {"send": _("Save the note"), "cancel_url": reverse("workers:list")}
    return fill_form(request, form, scope=_scope_of(actor, worker), about=worker, done=done, page=page)


def _form_about(word: str) -> str:
    """The form about a worker whose id tells this: a programme has one, under whatever package."""
    found = [
        one.id
        for one in packages.definitions("form")
        if one.data.get("subject") == "worker" and one.id.rpartition(".")[2].startswith(word)
    ]
    if not found:
        raise NotFound(ref=word)
    return found[0]


@require_safe
@needs("evidence.review", "cases.waive")
def absorption(request: HttpRequest) -> HttpResponse:
    """What becomes of each worker at the end: placed, explained, or still open."""
    actor = actor_of(request)
    procedure = _about_workers()
    view = cases.absorption(actor, procedure=procedure, as_of=clock.today())
    return render(
        request,
        "workers/absorption.html",
        {
            "view": view,
            "rows": [
                {
                    "row": row,
                    "state": OUTCOMES.get(row.outcome, ("warn", row.step or _("No plan yet"))),
                    "url": address_of("cases:case", [row.case_ref]) if row.case_ref else "",
                }
                for row in view.rows
            ],
            "placed": view.number("placed"),
            "explained": view.number("explained"),
            "open": len(view.rows) - view.settled,
            "may_open": can(actor, "cases.open"),
        },
    )


def _about_workers() -> str:
    """The procedure about workers that the packages declare."""
    found = [one.id for one in packages.definitions("procedures") if one.data.get("subject") == "worker"]
    if not found:
        raise NotFound(ref="worker")
    return found[0]


@needs("cases.open")
def absorb(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin the plan of one worker."""
    actor = actor_of(request)
    worker = _worker(actor, ref)
    procedure = _about_workers()
    known = cases.case_of(worker, procedure)
    if known is None and request.method == "POST":
        known = cases.open_case(
            actor,
            procedure=procedure,
            subject_ref=worker,
            scope=_scope_of(actor, worker),
            on=clock.today(),
            key=f"absorption {worker}",
            title=parties.names(actor, [worker])[worker],
        )
        forget_tasks(actor)
    return redirect("cases:case", known) if known is not None else redirect("workers:absorption")


# The worker's own view -------------------------------------------------------------------------------------------


@require_safe
@needs("cases.work")
def mine(request: HttpRequest) -> HttpResponse:
    """My week."""
    actor = actor_of(request)
    if actor.party_ref is None:
        return render(request, "workers/nobody.html", status=404)
    return redirect("workers:week", actor.party_ref)


@require_safe
@needs("cases.work")
def week(request: HttpRequest, ref: str) -> HttpResponse:
    """A worker's week: each day with visits planned and made and tasks due; with `?month=1` the whole month."""
    actor = actor_of(request)
    worker = _worker(actor, ref)
    today = clock.today()
    day = _day(request, today)
    is_month = "month" in request.GET
    first = day.replace(day=1) if is_month else day - timedelta(days=day.weekday())
    last = month_end(first) if is_month else first + timedelta(days=6)
    found = cases.days(actor, worker, since=first, until=last)
    about = parties.names(actor, [one for plan in found for each in plan.sessions for one in each.about])
    way = cases.travel(actor, worker, since=first, until=last)
    return render(
        request,
        "workers/week.html",
        {
            "worker": worker,
            "name": parties.names(actor, [worker])[worker],
            "is_mine": actor.party_ref == worker,
            "is_month": is_month,
            "first": first,
            "last": last,
            "before": (first - timedelta(days=1)).isoformat(),
            "after": (last + timedelta(days=1)).isoformat(),
            "month": f"{day:%Y-%m}",
            "day": day.isoformat(),
            "days": [
                {
                    "day": plan.day,
                    "is_today": plan.day == today,
                    "sessions": [
                        {
                            "ref": one.ref,
                            "title": one.title,
                            "where": ", ".join(about[each] for each in one.about if each in about),
                            "purpose": one.purpose,
                            "is_held": one.state is cases.SessionState.HELD,
                            "may_record": one.state is cases.SessionState.PLANNED
                            and one.kind == cases.VISIT
                            and one.held_on <= today,
                        }
                        for one in plan.sessions
                    ],
                    "tasks": plan.tasks,
                }
                for plan in found
                if not is_month or plan.sessions or plan.tasks
            ],
            "km": way["km"],
            "costs": [Money(minor, currency) for currency, minor in way.items() if currency != "km"],
        },
    )


@needs("cases.work")
def plan_visit(request: HttpRequest, ref: str) -> HttpResponse:
    """Plan a visit: it stands in the week and on the phone."""
    actor = actor_of(request)
    worker = _worker(actor, ref)
    form = PlanVisit(request.POST or None, today=clock.today(), places=_to_visit(actor, worker))

    def do(given: dict[str, Any]) -> HttpResponse:
        cases.plan_visit(
            actor,
            worker_ref=worker,
            to_ref=Ref(given["to"]),
            planned_on=given["planned_on"],
            purpose=given["purpose"],
            key=given["key"],
        )
        saved(request, _("The visit is planned."))
        return redirect(f"{reverse('workers:week', args=[ref])}?day={given['planned_on'].isoformat()}")

    return act_page(request, form, do=do, page=_page(actor, worker, _("Plan a visit"), _("Plan the visit")))


def _to_visit(actor: Actor, worker: Ref) -> list[tuple[str, str]]:
    """Where a worker may go: communities and groups in the places in their charge, else where the actor works."""
    held = parties.relations(actor, of=worker, kind="assignment", as_of=clock.today())
    charge = {parties.scope_of(one.to_ref) for one in held if one.from_ref == worker}
    wanted = tuple(charge) or actor.paths_with("cases.work")
    everywhere = [(one.ref, one.name, one.scope) for one in parties.communities(actor)]
    everywhere += [(one.ref, one.name, one.scope) for one in parties.groups(actor, limit=GROUPS_MAX)]
    return [(ref, name) for ref, name, scope in everywhere if scope.startswith(wanted)]


@needs("cases.work")
def made(request: HttpRequest, ref: str) -> HttpResponse:
    """A planned visit was made: what was found, how far the way was, what it cost."""
    actor = actor_of(request)
    found = cases.session(actor, Ref(ref))
    worker = next((one for one in found.hosts if one.kind == "per"), None)
    if found.kind != cases.VISIT or worker is None:
        raise NotFound(ref=ref)
    currency = _currency(actor, found.scope)
    form = VisitMade(
        request.POST or None,
        today=clock.today(),
        currency=currency,
        initial={"held_on": min(found.held_on, clock.today())},
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        cases.record_visit(
            actor,
            worker_ref=worker,
            planned_ref=found.ref,
            held_on=given["held_on"],
            minutes=given["minutes"],
            travel_km=given["travel_km"],
            travel_by=given["travel_by"],
            cost_minor=given["cost_minor"],
            currency=currency if given["cost_minor"] is not None else "",
            key=given["key"],
        )
        forget_tasks(actor)
        saved(request, _("The visit is kept."))
        return redirect(f"{reverse('workers:week', args=[worker])}?day={given['held_on'].isoformat()}")

    return act_page(request, form, do=do, page=_page(actor, worker, _("The visit was made"), _("Save"), found.title))


def _currency(actor: Actor, scope: str) -> str:
    """The currency of the country of a place."""
    for one in parties.places(actor, kind="country"):
        if scope.startswith(one.scope) and one.attributes.get("currency"):
            return str(one.attributes["currency"])
    return "USD"


@needs("cases.work", "evidence.review")
def month(request: HttpRequest, ref: str, month: str) -> HttpResponse:
    """A worker's month, made of what was recorded; signed by the worker, read by the coordinator."""
    actor = actor_of(request)
    worker = Ref(ref)
    matched = MONTH.match(month)
    if matched is None:
        raise NotFound(ref=month)
    first = date(int(matched[1]), int(matched[2]), 1)
    view = cases.worker_month(actor, worker, first)
    name = parties.names(actor, [worker]).get(worker, worker)
    is_mine = actor.party_ref == worker
    may_sign = is_mine and view.signed_on is None and clock.today() >= month_end(first)
    may_read = not is_mine and view.ref is not None and view.read_on is None and can(actor, "evidence.review")
    form: SignMonth | ReadMonth | None = None
    if may_sign:
        form = SignMonth(request.POST or None)
    elif may_read:
        form = ReadMonth(request.POST or None)
    if request.method == "POST" and form is not None and form.is_valid():
        if may_sign:
            cases.sign_month(
                actor,
                worker_ref=worker,
                month=first,
                scope=_scope_of(actor, worker),
                on=clock.today(),
                note=form.cleaned_data["note"],
            )
            saved(request, _("The month is signed."))
        elif view.ref is not None:
            cases.read_month(actor, ref=view.ref, on=clock.today(), answer=form.cleaned_data["answer"])
            saved(request, _("Kept: you have read it."))
        return redirect("workers:month", ref, month)
    return render(
        request,
        "workers/month.html",
        {
            "worker": worker,
            "name": name,
            "view": view,
            "month": first,
            "before": f"{add_months(first, -1):%Y-%m}",
            "after": f"{add_months(first, 1):%Y-%m}",
            "counts": [
                {
                    "title": COUNTS.get(one.key, one.key),
                    "number": one.number,
                    "refs": [(each, _address(each)) for each in one.refs],
                }
                for one in view.counts
            ],
            "form": form,
            "may_sign": may_sign,
            "may_read": may_read,
            "is_over": clock.today() >= month_end(first),
            "is_mine": is_mine,
            "way_back": reverse("workers:week", args=[ref]),
        },
    )


def _address(ref: Ref) -> str:
    if ref.kind == "ses":
        return address_of("cases:session", [ref])
    if ref.kind == "plc":
        return address_of("communities:detail", [ref])
    return address_of("people:group", [ref]) if ref.kind == "grp" else ""


# Shared ------------------------------------------------------------------------------------------------------------


def _worker(actor: Actor, ref: str) -> Ref:
    """A worker that this actor may look at: themselves, or one in charge of somebody where the actor may look."""
    worker = Ref(ref)
    if worker.kind != "per":
        raise NotFound(ref=ref)
    if actor.party_ref == worker:
        return worker
    if not any(one.from_ref == worker for one in parties.relations(actor, of=worker, kind="assignment")):
        raise NotFound(ref=ref)
    return worker


def _scope_of(actor: Actor, worker: Ref) -> str:
    """Where a worker's own papers belong: the place of their first assignment, or where they are registered."""
    held = parties.relations(actor, of=worker, kind="assignment", as_of=clock.today())
    return parties.scope_of(held[0].to_ref) if held else parties.scope_of(worker)


def _page(actor: Actor, worker: Ref, heading: str, send: str, sub: str = "") -> dict[str, Any]:
    back = reverse("workers:week", args=[worker])
    name = parties.names(actor, [worker]).get(worker, worker)
    return {
        "heading": heading,
        "sub": sub or name,
        "section": "workers",
        "send": send,
        "back": back,
        "crumbs": [{"label": name, "url": back}],
    }


def _day(request: HttpRequest, today: date) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today


def _quarter(day: date) -> tuple[date, date]:
    first = date(day.year, (day.month - 1) // PERIOD_MONTHS * PERIOD_MONTHS + 1, 1)
    return first, month_end(add_months(first, PERIOD_MONTHS - 1))
