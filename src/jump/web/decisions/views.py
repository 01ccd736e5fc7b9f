"""Rounds: the list, one round, opening, interests, scores, ranking, decision, telling it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from jump.base import clock, i18n, packages
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.decisions import api as decisions
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.cases.views import subject_url
from jump.web.context import forget_tasks
from jump.web.decisions.forms import Decision, Interest, NewRound, Sheet
from jump.web.decisions.panel import may_sit
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved, shown_again
from jump.web.links import address_of

PAGE = 50
RIGHTS = ("decisions.open", "decisions.score", "decisions.decide")
READERS = (*RIGHTS, "cases.work", "results.read")
STATES: dict[str, tuple[str, Any]] = {
    "open": ("blue", lazy("Open")),
    "scored": ("warn", lazy("Scored")),
    "decided": ("warn", lazy("Decided, not told")),
    "published": ("good", lazy("Told")),
}


@require_safe
@needs(*READERS)
def rounds(request: HttpRequest) -> HttpResponse:
    """Which decisions are open, which were taken, and who waits for one."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    total = decisions.count_rounds(actor, state=state if state in STATES else "")
    page = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
    rows = decisions.rounds(actor, state=state if state in STATES else "", limit=PAGE, offset=(page.number - 1) * PAGE)
    waiting = decisions.waiting(actor, limit=200)
    return render(
        request,
        "decisions/rounds.html",
        {
            "rows": [
                {"one": one, "kind": STATES[one.state.value][0], "word": STATES[one.state.value][1]} for one in rows
            ],
            "page": page,
            "total": total,
            "state": state,
            "states": [(code, word) for code, (_kind, word) in STATES.items()],
            "waiting": _waiting(actor, waiting),
        },
    )


def _waiting(actor: Actor, found: Iterable[decisions.CandidateView]) -> list[dict[str, Any]]:
    """Who waits, by kind of decision, with the address to open a round where the reader may."""
    groups: dict[str, list[decisions.CandidateView]] = {}
    for one in found:
        groups.setdefault(one.definition, []).append(one)
    named = parties.names(actor, [one.subject_ref for many in groups.values() for one in many])
    lines = []
    for definition, many in groups.items():
        declared = packages.definition("rounds", definition)
        lines.append(
            {
                "title": i18n.text(declared.data["title"]),
                "names": [_title(one, named) for one in many],
                "count": len(many),
                "since": min(one.entered_on for one in many),
                "url": f"{reverse('decisions:open')}?kind={definition}" if _may_open(actor, declared) else "",
            }
        )
    return lines


def _may_open(actor: Actor, declared: packages.Definition) -> bool:
    role = str(declared.data.get("opens_by") or "")
    return can(actor, "decisions.open") or any(grant.role == role for grant in actor.grants)


def _title(one: decisions.CandidateView, named: dict[str, str]) -> str:
    return str(one.facts.get("title") or named.get(one.subject_ref) or one.subject_ref)


@needs(*READERS)
def open_round(request: HttpRequest) -> HttpResponse:
    """Open a round: first which decision and where, then the days and the panel."""
    actor = actor_of(request)
    asked = request.POST or request.GET
    kinds = {one.id: i18n.text(one.data["title"]) for one in packages.definitions("rounds") if _may_open(actor, one)}
    places = _places(actor)
    kind, scope = asked.get("kind", ""), asked.get("scope", "")
    if kind not in kinds or scope not in places:
        if not scope and len(places) == 1 and kind in kinds:
            scope = next(iter(places))
        else:
            page = {"kinds": kinds.items(), "places": places.items(), "kind": kind, "scope": scope}
            return render(request, "decisions/choose.html", page)
    declared = packages.definition("rounds", kind)
    people = may_sit(str(declared.data.get("panel_role") or ""), scope)
    form = NewRound(request.POST or None, panel=people, panel_min=int(declared.data.get("panel_min") or 0))
    page = {
        "form": form,
        "kind": kind,
        "scope": scope,
        "kind_title": kinds[kind],
        "place": places[scope],
        "criteria": _declared_criteria(declared),
        "outcomes": [i18n.text(one["title"]) for one in declared.data["outcomes"]],
        "waiting": decisions.waiting(actor, definition=kind, scope=scope, limit=200),
        "role": words.role(str(declared.data.get("panel_role") or "")),
        "key": request.POST.get("_key", "") or uuid.uuid4().hex,
    }
    if request.method == "POST" and form.is_valid():
        shown_again(request, "decisions/open.html", page)
        made = decisions.open_round(
            actor,
            definition=kind,
            scope=scope,
            opens_on=form.cleaned_data["opens_on"],
            closes_on=form.cleaned_data["closes_on"],
            panel=[int(one) for one in form.cleaned_data["panel"]],
            title=form.cleaned_data["title"],
            key=page["key"],
        )
        forget_tasks(actor)
        saved(request, _("The round is open. Number %(ref)s.") % {"ref": made})
        return redirect("decisions:round", made)
    return render(request, "decisions/open.html", page, status=422 if form.errors else 200)


def _places(actor: Actor) -> dict[str, str]:
    """Where the reader may open a round: the programme, the countries and the communities of their places."""
    mine = tuple(grant.path for grant in actor.grants)
    found: dict[str, str] = {}
    try:
        programme = parties.programme(actor)
    except NotFound:
        return found
    for path, name in [(programme.scope, programme.title)] + [
        (one.scope, one.name) for one in (*programme.countries, *programme.communities)
    ]:
        if path.startswith(mine):
            found[path] = name
    return found


def _declared_criteria(declared: packages.Definition) -> list[dict[str, Any]]:
    return [
        {
            "title": i18n.text(one["title"]),
            "weight": one.get("weight") or 0,
            "screening": bool(one.get("screening")),
            "scale": (one.get("scale_min", 0), one.get("scale_max", 5)),
        }
        for one in declared.data.get("criteria", ())
    ]


@require_safe
@needs(*READERS)
def detail(request: HttpRequest, ref: str) -> HttpResponse:
    """One round: what is decided by which criteria, who sits, how far it is, and the next thing to do."""
    return render(request, "decisions/round.html", _page(request, ref))


def _page(request: HttpRequest, ref: str, *, whole: bool = True) -> dict[str, Any]:
    """What the pages of a round show; without the reader's own sheets and the outcomes where they are not shown."""
    actor = actor_of(request)
    found = decisions.round_(actor, Ref(ref))
    named = parties.names(actor, [one.subject_ref for one in found.candidates])
    mine = (
        {one.candidate_ref: one for one in decisions.my_scores(actor, found.ref)}
        if whole and found.i_am_on_panel
        else {}
    )
    told = {one.candidate_ref: one for one in decisions.outcomes(actor, round_ref=found.ref)} if whole else {}
    kind, word = STATES[found.state.value]
    may_decide = found.i_am_on_panel or can(actor, "decisions.decide", found.scope)
    is_ballot = found.method.value == "ballot"
    return {
        "round": found,
        "kind": kind,
        "word": word,
        "method": METHODS.get(found.method.value, found.method.value),
        "candidates": [
            {
                "one": one,
                "name": _title(one, named),
                "url": address_of("cases:case", [one.candidate_ref])
                if one.candidate_ref.kind == "cas"
                else subject_url(one.subject_ref),
                "score_url": reverse("decisions:score", args=[found.ref, one.ref])
                if one.ref in mine and found.state.value == "open" and not is_ballot
                else "",
                "mine": mine.get(one.ref),
                "told": told.get(one.ref),
            }
            for one in found.candidates
        ],
        "is_ballot": is_ballot,
        "to_score": sum(1 for one in mine.values() if not one.complete and one.has_interest is not True),
        "may_close": may_decide and found.state.value == "open" and not is_ballot,
        "may_rank": not is_ballot and (found.state.value != "open" or found.scores_complete),
        "may_decide": may_decide
        and (found.state.value == "scored" or (found.state.value == "open" and (is_ballot or found.scores_complete))),
        "may_publish": may_decide and found.state.value == "decided",
        "present": [one.name for one in found.panel if one.user_id in found.present],
        "named": {one.ref: _title(one, named) for one in found.candidates},
    }


METHODS = {
    "weighted": lazy("Points with weights, and tests that must be passed"),
    "screening": lazy("Tests that must be passed"),
    "ballot": lazy("A vote of the people concerned"),
}


@needs("decisions.score", "decisions.decide", *READERS)
def score(request: HttpRequest, ref: str, candidate: str) -> HttpResponse:
    """Score one candidate. First everybody says whether they have an interest."""
    actor = actor_of(request)
    page = _page(request, ref)
    line = _candidate(page, candidate)
    mine = line["mine"]
    if mine is None or mine.has_interest is None:
        page |= {"form": Interest(), "line": line}
        return render(request, "decisions/interest.html", page)
    initial = {f"s-{name}": str(value) for name, value in mine.scores.items()}
    initial |= {f"c-{name}": text for name, text in mine.comments.items()}
    form = Sheet(request.POST or None, criteria=page["round"].criteria, initial=initial)
    page |= {"form": form, "line": line, "next": _next(page, candidate)}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "decisions/score.html", page)
        decisions.score(actor, candidate_ref=Ref(candidate), scores=form.scores(), comments=form.comments())
        forget_tasks(actor)
        saved(
            request,
            _("Your scores for %(name)s are saved. Nobody sees them before all are in.") % {"name": line["name"]},
        )
        return redirect(page["next"] or reverse("decisions:round", args=[ref]))
    return render(request, "decisions/score.html", page, status=422 if form.errors else 200)


def _candidate(page: dict[str, Any], candidate: str) -> dict[str, Any]:
    for line in page["candidates"]:
        if line["one"].ref == candidate:
            found: dict[str, Any] = line
            return found
    raise NotFound(ref=candidate)


def _next(page: dict[str, Any], candidate: str) -> str:
    """The next candidate of whom this member has not said all."""
    for line in page["candidates"]:
        mine = line["mine"]
        if mine is not None and line["one"].ref != candidate and not mine.complete and mine.has_interest is not True:
            return str(line["score_url"])
    return ""


@require_safe
@needs("decisions.score", "decisions.decide", *READERS)
def go_on_scoring(request: HttpRequest, ref: str) -> HttpResponse:
    """The first candidate of whom this member has not said all; the round itself when nothing is left to score."""
    return redirect(_next(_page(request, ref), "") or reverse("decisions:round", args=[ref]))


@needs("decisions.score", "decisions.decide", *READERS)
def interest(request: HttpRequest, ref: str, candidate: str) -> HttpResponse:
    """Say whether one has an interest in a candidate."""
    actor = actor_of(request)
    page = _page(request, ref)
    line = _candidate(page, candidate)
    form = Interest(request.POST or None)
    page |= {"form": form, "line": line}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "decisions/interest.html", page)
        has = form.cleaned_data["has_interest"] == "yes"
        decisions.declare_interest(
            actor, round_ref=Ref(ref), candidate_ref=Ref(candidate), has_interest=has, what=form.cleaned_data["what"]
        )
        forget_tasks(actor)
        if has:
            saved(request, _("Noted. You do not score this candidate."))
            return redirect(_next(page, candidate) or reverse("decisions:round", args=[ref]))
        return redirect("decisions:score", ref, candidate)
    return render(request, "decisions/interest.html", page, status=422 if form.errors else 200)


@require_POST
@needs(*RIGHTS)
def close(request: HttpRequest, ref: str) -> HttpResponse:
    """End scoring."""
    decisions.close_scoring(actor_of(request), round_ref=Ref(ref), on=clock.today())
    saved(request, _("Scoring is closed. The ranking can be seen."))
    return redirect("decisions:ranking", ref)


@require_safe
@needs(*READERS)
def ranking(request: HttpRequest, ref: str) -> HttpResponse:
    """The computed ranking, ties shown as ties."""
    page = _page(request, ref, whole=False)
    page |= _ranking(request, page)
    if wants_excel(request.GET):
        return _as_excel(page)
    return render(request, "decisions/ranking.html", page)


def _as_excel(page: dict[str, Any]) -> HttpResponse:
    criteria = [one.title for one in page["round"].criteria]
    head = [
        (_("Candidate"), ""),
        (_("Place"), _("In the computed ranking; the same place means a tie")),
        (_("Points"), _("Mean of the panel’s totals")),
        (_("Highest minus lowest"), _("How far the members are apart")),
        (_("Scored by"), _("Complete sheets")),
        *((title, _("Mean of this criterion")) for title in criteria),
    ]
    ids = [one.id for one in page["round"].criteria]
    lines = (
        (
            row["name"],
            row["one"].rank,
            row["one"].score,
            row["spread"],
            row["one"].scorers,
            *(row["one"].by_criterion.get(name) for name in ids),
        )
        for row in page["rows"]
    )
    return spreadsheet(page["round"].title, head, lines, about=[page["round"].ref])


def _ranking(request: HttpRequest, page: dict[str, Any]) -> dict[str, Any]:
    found = decisions.ranking(actor_of(request), page["round"].ref)
    titles = {one.id: one.title for one in page["round"].criteria}
    outcomes = {one.id: one.title for one in page["round"].outcomes}
    return {
        "ranking": found,
        "rows": [
            {
                "one": one,
                "name": page["named"].get(one.candidate_ref, one.candidate_ref),
                "spread": found.spread.get(one.candidate_ref),
                "failed": [titles.get(name, name) for name in one.screened_out],
                "suggests": outcomes.get(one.suggests, ""),
                "criteria": [(titles.get(name, name), mean) for name, mean in one.by_criterion.items()],
            }
            for one in found.rows
        ],
        "ties": [[page["named"].get(ref, ref) for ref in tie] for tie in found.ties],
    }


@needs(*RIGHTS)
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Record what the panel decides about every candidate, with reasons, minutes and who was present."""
    actor = actor_of(request)
    page = _page(request, ref, whole=False)
    if not page["is_ballot"]:
        page |= _ranking(request, page)
    live = [(line["one"].ref, line["name"]) for line in page["candidates"] if line["one"].state.value == "in_round"]
    if page.get("rows"):
        order = {row["one"].candidate_ref: number for number, row in enumerate(page["rows"])}
        live.sort(key=lambda one: order.get(one[0], len(order)))
    form = Decision(request.POST or None, round_=page["round"], candidates=live)
    places = {row["one"].candidate_ref: row for row in page.get("rows", ())}
    page |= {
        "form": form,
        "lines": [
            {"name": name, "row": places.get(can_ref), "outcome": form[f"o-{can_ref}"], "reason": form[f"r-{can_ref}"]}
            for can_ref, name in live
        ],
    }
    if request.method == "POST" and form.is_valid():
        shown_again(request, "decisions/decide.html", page)
        decisions.decide(
            actor,
            round_ref=Ref(ref),
            outcomes=form.choices(),
            minutes=form.cleaned_data["minutes"],
            present=[int(one) for one in form.cleaned_data["present"]],
            on=clock.today(),
        )
        forget_tasks(actor)
        saved(request, _("The decision is recorded. It is told when the round is published."))
        return redirect("decisions:round", ref)
    return render(request, "decisions/decide.html", page, status=422 if form.errors else 200)


@require_POST
@needs(*RIGHTS)
def publish(request: HttpRequest, ref: str) -> HttpResponse:
    """Tell everybody what was decided. After that nothing changes."""
    decisions.publish(actor_of(request), round_ref=Ref(ref), on=clock.today())
    forget_tasks(actor_of(request))
    saved(request, _("The outcomes are told. Cases go on and notices are sent."))
    return redirect("decisions:round", ref)


@require_safe
@needs(*READERS, "finance.read")
def committee(request: HttpRequest, ref: str) -> HttpResponse:
    """One committee: who sits for whom, and what it resolved."""
    actor = actor_of(request)
    found = decisions.committee(actor, Ref(ref))
    bodies = [one.body_ref for one in found.seats if one.body_ref]
    named = parties.names(actor, [*(one.party_ref for one in found.seats), *bodies])
    return render(
        request,
        "decisions/committee.html",
        {
            "committee": found,
            "seats": [
                {
                    "one": one,
                    "name": named.get(one.party_ref, one.party_ref),
                    "body": named.get(one.body_ref, "") if one.body_ref else "",
                    "office": one.office.replace("_", " "),
                    "seat_class": one.seat_class.replace("_", " "),
                }
                for one in found.seats
            ],
            "missing": [one.replace("_", " ") for one in found.missing_classes],
        },
    )
