"""The list of communities and the page of one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from jump.base import clock, i18n
from jump.base.actors import can, require
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.communities import about
from jump.web.context import forget_tasks
from jump.web.excel import spreadsheet, wants_excel
from jump.web.filling import fill_form
from jump.web.forms import saved

PAGE = 50
MOST = 2000
RIGHTS = ("cases.work", "cases.open", "results.read")


@require_safe
@needs(*RIGHTS)
def listing(request: HttpRequest) -> HttpResponse:
    """Every community of the reader's places: where it stands and what presses. By country, step, state and name."""
    actor = actor_of(request)
    country, step, state = (request.GET.get(name, "") for name in ("country", "step", "state"))
    q = request.GET.get("q", "").strip()
    mine = tuple(grant.path for grant in actor.grants)
    places = [one for one in parties.communities(actor, limit=MOST) if one.scope.startswith(mine)]
    procedures = about.procedures()
    found: dict[str, cases.CaseRow] = {}
    for row in cases.cases(actor, limit=MOST):
        if row.procedure in procedures:
            known = found.get(row.subject_ref)
            if known is None or (row.state.value == "open", row.steps_total) > (
                known.state.value == "open",
                known.steps_total,
            ):
                found[row.subject_ref] = row
    countries = {
        one.code: one.name
        for one in parties.places(actor, kind="country")
        if one.scope.startswith(mine) or any(path.startswith(one.scope) for path in mine)
    }
    rows = []
    for place in places:
        case = found.get(place.ref)
        keys = {key for key, _title in case.open_steps} if case is not None else set()
        if country and place.country != country:
            continue
        if step and step not in keys:
            continue
        if state and state != _state(case):
            continue
        if q and q.casefold() not in place.name.casefold():
            continue
        rows.append(_row(place, case, countries))
    if wants_excel(request.GET):
        return _as_excel(rows)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    steps = {
        key: i18n.text(one["title"])
        for procedure in procedures.values()
        for key, one in procedure.data["steps"].items()
    }
    late = sum(1 for row in rows if row["light"][0] == "bad")
    return render(
        request,
        "communities/list.html",
        {
            "page": page,
            "total": len(rows),
            "all": len(places),
            "late": late,
            "countries": sorted(countries.items(), key=lambda one: one[1]),
            "steps": steps.items(),
            "states": STATES.items(),
            "chosen": {"country": country, "step": step, "state": state, "q": q},
            "excel": excel_address(request),
            "filtered": bool(country or step or state or q),
            "near": _nearest(q, [place.name for place in places]) if q and not rows else "",
            "can_write": can(actor, "evidence.submit"),
        },
    )


def _as_excel(rows: list[dict[str, Any]]) -> HttpResponse:
    head = [
        (_("Community"), _("Its name")),
        (_("Number"), _("What to name when asking about it")),
        (_("Country"), ""),
        (_("Kind of place"), _("Urban, semi-urban or rural")),
        (_("People"), _("Living there, as last recorded")),
        (_("Step now"), _("What is open")),
        (_("Steps done"), _("On the straight road of the procedure")),
        (_("Steps in all"), ""),
        (_("Due"), _("The earliest day among the open steps")),
        (_("State"), ""),
    ]
    return spreadsheet(
        _("Communities"),
        head,
        (
            (
                row["name"],
                row["ref"],
                row["country"],
                row["settlement"],
                row["population"],
                row["here"],
                row["done"],
                row["of"],
                row["due_on"],
                row["light"][1],
            )
            for row in rows
        ),
    )


def excel_address(request: HttpRequest) -> str:
    """The same list with the same filters, as a spreadsheet."""
    query = request.GET.copy()
    query.pop("page", None)
    query["as"] = "excel"
    return f"?{query.urlencode()}"


STATES = {"open": lazy("On the road"), "late": lazy("Late"), "closed": lazy("Closed"), "none": lazy("Not begun")}


def _state(case: cases.CaseRow | None) -> str:
    if case is None:
        return "none"
    if case.state.value == "closed":
        return "closed"
    return "late" if case.light.value == "bad" else "open"


def _row(place: parties.PlaceView, case: cases.CaseRow | None, countries: dict[str, str]) -> dict[str, Any]:
    length = len(words.main_road(case.procedure, case.version)) if case is not None else 0
    return {
        "ref": place.ref,
        "name": place.name,
        "country": countries.get(place.country, place.country),
        "settlement": place.settlement_type.label,
        "population": place.population,
        "here": ", ".join(title for _key, title in case.open_steps) if case is not None else "",
        "done": min(case.steps_done, length) if case is not None else 0,
        "of": length,
        "due_on": case.due_on if case is not None else None,
        "light": _light(case),
    }


def _light(case: cases.CaseRow | None) -> tuple[str, Any]:
    state = _state(case)
    if state == "none":
        return "", _("Not begun")
    if state == "closed":
        return ("good", _("Completed")) if case is not None and case.outcome in words.COMPLETED else ("", _("Closed"))
    assert case is not None
    return words.LIGHTS[case.light.value]


def _nearest(q: str, names: list[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(q, names, n=1, cutoff=0.5)), "")


@require_safe
@needs(*RIGHTS)
def detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Where does this community stand, and what comes next?"""
    return render(request, "communities/detail.html", _page(request, ref))


def _page(request: HttpRequest, ref: str) -> dict[str, Any]:
    actor, today = actor_of(request), clock.today()
    place = _place(request, ref)
    case = about.main_case(actor, place)
    groups = parties.groups(actor, scope=place.scope, limit=100)
    teams = [one for one in groups if one.kind == "core_team"]
    firms = [one for one in groups if one.kind == "enterprise"]
    sent = about.written(actor, place)
    written = about.proposals(actor, place, case, sent)
    contracts = finance.contracts(actor, scope=place.scope, limit=20) if can(actor, "finance.read", place.scope) else []
    names = {one.ref: one.name for one in groups}
    call = about.people_to_call(actor, place, teams, sent, today)
    partners = [one["name"] for one in call if one["role"] == _("Partner")]
    sessions = cases.sessions(actor, scope=place.scope, limit=about.LATEST)
    came_in = evidence.recent(actor, scope=place.scope, limit=about.LATEST)
    here = case.here[0] if case is not None and case.here else None
    tag, tag_kind = words.standing(case) if case is not None else ("", "")
    return {
        "place": place,
        "sentence": about.sentence(place, partners),
        "case": case,
        "tag": tag,
        "tag_kind": tag_kind,
        "points": words.path_points(case, more_url=reverse("cases:case", args=[case.ref])) if case else [],
        "here": here,
        "todo": about.to_do(actor, place, today),
        "funnel": about.funnel(actor, place, written, len(firms)),
        "proposals": written[:8],
        "proposals_total": len(written),
        "enterprises": about.enterprises(actor, firms, contracts)[:8],
        "headline": about.headline(actor, place),
        "call": call,
        "latest": about.latest(sessions, came_in),
        "contracts": about.money_rows(contracts, names),
        "may_see_money": can(actor, "finance.read", place.scope),
        "may_record": can(actor, "evidence.submit", place.scope) and bool(about.form_giving("evidence.visit")),
        "today": today,
    }


def _place(request: HttpRequest, ref: str) -> parties.PlaceView:
    actor = actor_of(request)
    place = parties.place(actor, Ref(ref))
    if place.kind.value != "community":
        raise NotFound(ref=ref)
    if not any(can(actor, right, place.scope) for right in RIGHTS):
        require(actor, "results.read", place.scope)
    return place


@require_POST
@needs("cases.work")
def finish(request: HttpRequest, ref: str) -> HttpResponse:
    """Tick off what is done."""
    place = _place(request, ref)
    ticked = request.POST.getlist("task")
    for one in ticked:
        cases.finish_task(actor_of(request), ref=Ref(one), on=clock.today())
    if ticked:
        forget_tasks(actor_of(request))
        count = len(ticked)
        saved(request, ngettext("%(n)s task is done.", "%(n)s tasks are done.", count) % {"n": count})
    return redirect("communities:detail", place.ref)


@needs("evidence.submit")
def record(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down a visit."""
    return _record(request, ref, "evidence.visit", _("Record a visit"), _("Save the visit"))


@needs("evidence.submit")
def improve(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down something that became better in the community."""
    return _record(request, ref, "evidence.improvement", _("Record an improvement"), _("Save the improvement"))


def _record(request: HttpRequest, ref: str, kind: str, title: str, send: str) -> HttpResponse:
    place = _place(request, ref)
    form = about.form_giving(kind)
    if not form:
        raise NotFound(ref=kind)

    def sent(found: evidence.SubmissionView) -> HttpResponse:
        text = _("%(title)s saved. Number %(ref)s.") % {"title": found.title, "ref": found.ref}
        saved(request, text, print_url=reverse("cases:submission", args=[found.ref]), print_text=_("Look at it"))
        return redirect("communities:detail", place.ref)

    return fill_form(
        request,
        form,
        scope=place.scope,
        about=place.ref,
        done=sent,
        template="communities/record.html",
        page={
            "place": place,
            "heading": title,
            "send": send,
            "cancel_url": reverse("communities:detail", args=[place.ref]),
        },
    )
