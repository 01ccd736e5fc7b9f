"""What the jobs pages do: lists, one job, claiming, looking, following up, ending, and how the count comes about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock, outbox, packages
from jump.base.actors import Actor, can, require
from jump.base.packages import UnknownDefinition
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.excel import spreadsheet, wants_excel
from jump.web.filling import fill_form
from jump.web.forms import saved, warned
from jump.web.jobs import words
from jump.web.jobs.forms import EndForm
from jump.web.links import address_of
from jump.web.paging import offset_of, page_of_list
from jump.web.who import names_of

BOTH = ["GET", "HEAD", "POST"]
RIGHTS = ("jobs.claim", "jobs.verify")
EXCEL_ROWS = 10_000
LATEST = 20
# What is asked of somebody who is not in the books yet; a person already known is not asked again.
ABOUT_A_NEW_PERSON = frozenset({"given_name", "family_name", "sex", "birth_year", "flags", "consents"})


@needs(*RIGHTS)
@require_safe
def list_jobs(request: HttpRequest) -> HttpResponse:
    """Jobs by state, kind, place and result of the decent-work test, newest claim first."""
    actor, asked = actor_of(request), request.GET
    decent = {"yes": True, "no": False}.get(asked.get("decent", ""))
    chosen: dict[str, Any] = {
        "scope": asked.get("scope", ""),
        "state": asked.get("state", "") if asked.get("state", "") in words.STATES else "",
        "kind": asked.get("kind", "") if asked.get("kind", "") in words.KINDS else "",
        "employer_ref": Ref(asked["employer"]) if asked.get("employer") else None,
        "is_decent": decent,
    }
    if wants_excel(asked):
        return _jobs_file(jobs.jobs(actor, **chosen, limit=EXCEL_ROWS))
    total = jobs.count_jobs(actor, **chosen)
    page = page_of_list(request, total)
    rows = jobs.jobs(actor, **chosen, limit=50, offset=offset_of(page))
    query = asked.copy()
    query["as"] = "excel"
    return render(
        request,
        "jobs/list.html",
        {
            "page": page,
            "total": total,
            "rows": job_rows(rows),
            "waiting": jobs.count_waiting_for_verification(actor),
            "may_claim": can(actor, "jobs.claim"),
            "excel_url": f"?{query.urlencode()}",
            "filters": [
                ("scope", _("Place"), places_of(actor), asked.get("scope", "")),
                ("state", _("State"), [(code, said[0]) for code, said in words.STATES.items()], asked.get("state", "")),
                ("kind", _("Kind"), list(words.KINDS.items())[:4], asked.get("kind", "")),
                ("decent", _("Decent work"), [("yes", _("Decent")), ("no", _("Not decent yet"))], asked.get("decent")),
            ],
            "filters_kept": [("employer", asked["employer"])] if asked.get("employer") else [],
            "is_filtered": any(asked.get(name) for name in ("scope", "state", "kind", "decent", "employer")),
        },
    )


def job_rows(rows: list[jobs.JobView]) -> list[dict[str, Any]]:
    """Rows of a list with the words and marks of state and test."""
    out = []
    for one in rows:
        state, state_kind = words.STATES[one.state]
        decent, decent_kind = words.decent_tag(one)
        out.append(
            {
                "job": one,
                "kind": words.KINDS[one.kind],
                "state": state,
                "state_kind": state_kind,
                "decent": decent,
                "decent_kind": decent_kind,
                "missing": ", ".join(lack.title for lack in one.missing),
            }
        )
    return out


def places_of(actor: Actor) -> list[tuple[str, str]]:
    """Countries and communities to choose from, in the order of the tree."""
    found = parties.places(actor)
    return [(one.scope, one.name) for one in found if one.kind in ("country", "community")]


def _jobs_file(rows: list[jobs.JobView]) -> HttpResponse:
    head = [
        (_("Number"), _("Number of the job")),
        (_("Person"), _("Who works; a number where the name is not for you")),
        (_("Work"), _("What work is done")),
        (_("Employer"), _("Where")),
        (_("Place"), _("Community")),
        (_("Kind"), _("Created, preserved, secured or placed; kinds are never added")),
        (_("State"), _("Claimed, verified, not confirmed or ended")),
        (_("Started"), _("First day of work")),
        (_("Decent"), _("Result of the country’s test; empty where nobody has looked yet")),
        (_("Missing"), _("Floors that the job does not reach")),
    ]
    return spreadsheet(
        _("Jobs"),
        head,
        (
            (
                one.ref,
                one.person_name,
                one.title,
                one.employer_name,
                one.place,
                words.KINDS[one.kind],
                words.STATES[one.state][0],
                one.started_on,
                words.yes_no(one.is_decent) if one.is_decent is not None else "",
                ", ".join(lack.title for lack in one.missing),
            )
            for one in rows
        ),
    )


@needs(*RIGHTS)
@require_safe
def show_job(request: HttpRequest, ref: str) -> HttpResponse:
    """One job: terms, floors missed, looks, who claimed it, and what can be done now."""
    actor = actor_of(request)
    job = jobs.job(actor, Ref(ref))
    called = names_of([job.claimed_by, *(one.by for one in job.verifications), *(one.by for one in job.follow_ups)])
    verified = job.verifications[-1] if job.verifications else None
    row = job_rows([job])[0]
    mine = job.claimed_by == actor.key
    is_open = job.state in (jobs.State.CLAIMED, jobs.State.NOT_CONFIRMED)
    return render(
        request,
        "jobs/job.html",
        {
            **row,
            "terms": words.terms_rows(job.terms),
            "claimed_by": called.get(job.claimed_by, job.claimed_by),
            "looks": [
                {
                    "one": one,
                    "by": called.get(one.by, one.by),
                    "method": words.METHODS[one.method],
                    "terms": words.terms_rows(one.terms_seen) if one.terms_seen else [],
                }
                for one in reversed(job.verifications)
            ],
            "follow_ups": [{"one": one, "by": called.get(one.by, one.by)} for one in reversed(job.follow_ups)],
            "verified": verified,
            "lasted": [
                (_("Lasted 6 months"), words.LASTED[job.sustained_6]),
                (_("Lasted 12 months"), words.LASTED[job.sustained_12]),
            ],
            "meaning": words.KIND_MEANINGS.get(job.kind, ""),
            "floors": floors_of(job.scope),
            "employer_url": address_of("people:group", [job.employer_ref]),
            "person_url": address_of("people:person", [job.person_ref]),
            "is_mine": mine and is_open,
            "may_verify": can(actor, "jobs.verify", job.scope) and not mine and is_open,
            "may_follow": can(actor, "jobs.claim", job.scope) and job.state is jobs.State.VERIFIED,
            "may_end": can(actor, "jobs.claim", job.scope) and job.ended_on is None and job.is_verified,
        },
    )


def floors_of(scope: str) -> jobs.Floors | None:
    """The test of the country a place lies in; nothing where it has none."""
    try:
        return jobs.floors(jobs.country_of(scope))
    except UnknownDefinition:
        return None


@needs("jobs.verify")
@require_safe
def list_waiting(request: HttpRequest) -> HttpResponse:
    """Claims that this reader may look at, the oldest first; never their own."""
    actor = actor_of(request)
    scope = request.GET.get("scope", "")
    page = page_of_list(request, jobs.count_waiting_for_verification(actor, scope=scope))
    rows = jobs.waiting_for_verification(actor, scope=scope, limit=50, offset=offset_of(page))
    called = names_of(one.claimed_by for one in rows)
    today = clock.today()
    return render(
        request,
        "jobs/waiting.html",
        {
            "page": page,
            "rows": [
                {
                    "job": one,
                    "kind": words.KINDS[one.kind],
                    "by": called.get(one.claimed_by, one.claimed_by),
                    "days": (today - one.claimed_on).days,
                }
                for one in rows
            ],
            "filters": [("scope", _("Place"), places_of(actor), scope)],
        },
    )


def form_causing(effect: str) -> str:
    """The id of the form whose acceptance causes this effect; the packages in use say which."""
    for one in packages.definitions("form"):
        if any(call.get("effect") == effect for call in one.data.get("on_accept", ())):
            return one.id
    raise NotFound(ref=effect)


def _questions(fields: Iterable[evidence.FieldView]) -> frozenset[str]:
    """The names of all questions of a form."""
    names: set[str] = set()
    for one in fields:
        names |= {one.name} | _questions(one.children)
    return frozenset(names)


@needs("jobs.claim")
@require_safe
def choose_employer(request: HttpRequest) -> HttpResponse:
    """Where is the job? A group or enterprise to choose."""
    actor = actor_of(request)
    q = request.GET.get("q", "").strip()
    found = parties.groups(actor, q=q, limit=50)
    return render(request, "jobs/choose.html", {"q": q, "groups": found, "total": parties.count_groups(actor, q=q)})


@needs("jobs.claim")
@require_http_methods(BOTH)
def claim(request: HttpRequest, ref: str) -> HttpResponse:
    """Claim a job at a group: first who works, then the form of the package."""
    actor = actor_of(request)
    group = parties.group(actor, Ref(ref))
    require(actor, "jobs.claim", group.scope)
    who = request.GET.get("person", "")
    page: dict[str, Any] = {"group": group, "who": who, "home": reverse("people:group", args=[ref])}
    if not who:
        members = parties.members(actor, group.ref, clock.today())
        names = parties.names(actor, [one.person_ref for one in members])
        page["members"] = [(one, names.get(one.person_ref, one.person_ref)) for one in members]
        return render(request, "jobs/who.html", page)
    form_id = form_causing("jobs.claim")
    preset: dict[str, Any] = {"person_ref": ""}
    if who != "new":
        asked = _questions(evidence.form(form_id).fields)
        preset = {**dict.fromkeys(asked & ABOUT_A_NEW_PERSON, ""), "person_ref": str(Ref(who))}
        page["name"] = parties.names(actor, [Ref(who)]).get(who, who)
    floors = floors_of(group.scope)

    def done(sent: evidence.SubmissionView) -> HttpResponse:
        outbox.run_pending_of_this_request()
        forget_tasks(actor)
        made = next(
            (one for one in jobs.jobs(actor, employer_ref=group.ref, limit=LATEST) if one.evidence_ref == sent.ref),
            None,
        )
        if made is None:
            warned(
                request,
                _("The form is kept as %(ref)s, but no job could be made of it. The coordinator sees why.")
                % {"ref": sent.ref},
            )
            return redirect("people:group", ref=ref)
        saved(request, _("The job is claimed as %(ref)s. Now somebody else must look at it.") % {"ref": made.ref})
        return redirect("jobs:job", ref=made.ref)

    return fill_form(
        request,
        form_id,
        scope=group.scope,
        about=group.ref,
        done=done,
        template="jobs/claim.html",
        page={**page, "send": _("Claim the job"), "cancel_url": page["home"]},
        preset=preset,
        initial={"currency": floors.currency if floors else ""},
    )


@needs("jobs.verify")
@require_http_methods(BOTH)
def verify(request: HttpRequest, ref: str) -> HttpResponse:
    """Look at a job that somebody else claimed, with the form of the package."""
    actor = actor_of(request)
    jobs.require_verifier(actor, job_ref=Ref(ref))
    job = jobs.job(actor, Ref(ref))

    def done(sent: evidence.SubmissionView) -> HttpResponse:
        outbox.run_pending_of_this_request()
        forget_tasks(actor)
        found = jobs.job(actor, job.ref)
        look = next((one for one in found.verifications if one.evidence_ref == sent.ref), None)
        if look is None:
            warned(
                request,
                _("The form is kept as %(ref)s, but the job could not be verified. The coordinator sees why.")
                % {"ref": sent.ref},
            )
        elif not look.confirmed:
            saved(request, _("Saved: the job is not confirmed. It does not count."))
        elif found.is_decent:
            saved(request, _("Saved: the job is verified and decent. It counts."))
        else:
            saved(request, _("Saved: the job is verified. It does not pass the decent-work test yet."))
        return redirect("jobs:job", ref=ref)

    page = {
        **job_rows([job])[0],
        "terms": words.terms_rows(job.terms),
        "claimed_by": names_of([job.claimed_by]).get(job.claimed_by, job.claimed_by),
        "send": _("Save what you found"),
        "cancel_url": reverse("jobs:job", args=[ref]),
    }
    return fill_form(
        request,
        form_causing("jobs.verify"),
        scope=job.scope,
        about=job.ref,
        done=done,
        template="jobs/verify.html",
        page=page,
        preset={"job_ref": str(job.ref)},
        initial={"currency": job.terms.currency},
    )


@needs("jobs.claim")
@require_http_methods(BOTH)
def follow_up(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask later whether the person is still at work."""
    actor = actor_of(request)
    job = jobs.job(actor, Ref(ref))

    def done(sent: evidence.SubmissionView) -> HttpResponse:
        outbox.run_pending_of_this_request()
        forget_tasks(actor)
        found = jobs.job(actor, job.ref)
        if any(one.evidence_ref == sent.ref for one in found.follow_ups):
            saved(request, _("Saved as %(ref)s.") % {"ref": sent.ref})
        else:
            warned(request, _("The form is kept as %(ref)s. Nothing new is known of the job.") % {"ref": sent.ref})
        return redirect("jobs:job", ref=ref)

    page = {
        **job_rows([job])[0],
        "send": _("Save the answer"),
        "cancel_url": reverse("jobs:job", args=[ref]),
    }
    return fill_form(
        request,
        form_causing("jobs.follow_up"),
        scope=job.scope,
        about=job.ref,
        done=done,
        template="jobs/follow_up.html",
        page=page,
        preset={"job_ref": str(job.ref)},
        initial={"currency": job.terms.currency},
    )


@needs("jobs.claim")
@require_http_methods(BOTH)
def end(request: HttpRequest, ref: str) -> HttpResponse:
    """Record the last day of a job and why it ended."""
    actor = actor_of(request)
    job = jobs.job(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        jobs.end_job(actor, job_ref=job.ref, on=given["on"], why=given["why"])
        forget_tasks(actor)
        saved(request, _("The job %(ref)s has ended.") % {"ref": job.ref})
        return redirect("jobs:job", ref=ref)

    page = {
        "section": "jobs",
        "crumbs": [
            {"label": _("Jobs"), "url": reverse("jobs:list")},
            {"label": job.title, "url": reverse("jobs:job", args=[ref])},
        ],
        "heading": _("When did this job end?"),
        "sub": f"{job.person_name} · {job.title} · {job.employer_name}",
        "terms": [(_("Started"), formats.day(job.started_on))],
        "note": _("A job that was verified stays in the figures of what was reached, and leaves those of today."),
        "send": _("Save the end"),
        "back": reverse("jobs:job", args=[ref]),
    }
    return act_page(request, EndForm(request.POST or None), do=do, page=page)


@needs("results.read")
@require_safe
def show_statement(request: HttpRequest) -> HttpResponse:
    """From claims to decent jobs, rule by rule, for each kind apart."""
    actor = actor_of(request)
    scope = request.GET.get("scope", "")
    as_of = _day(request.GET.get("on", "")) or clock.today()
    ended_counts = request.GET.get("count", "ever") != "now"
    found = jobs.statement(actor, scope=scope, as_of=as_of, ended_counts=ended_counts)
    kinds = []
    for count in found.kinds:
        left = count.claims
        steps = []
        for line in count.rules:
            left -= line.took_away
            steps.append(
                {
                    "text": words.RULES[line.rule],
                    "took": line.took_away,
                    "left": left,
                    "refs": line.refs[:LATEST],
                    "more": max(line.took_away - LATEST, 0),
                }
            )
        kinds.append(
            {
                "code": count.kind.value,
                "title": words.KINDS[count.kind],
                "meaning": words.KIND_MEANINGS[count.kind],
                "count": count,
                "steps": steps,
                "decent": len(count.decent),
                "verified": len(count.counted),
                "by_sex": [(words.SEXES.get(sex, sex), n) for sex, n in count.decent_by_sex.items()],
            }
        )
    return render(
        request,
        "jobs/statement.html",
        {
            "kinds": kinds,
            "shared": found.in_several_kinds,
            "as_of": as_of,
            "ended_counts": ended_counts,
            "filters": [("scope", _("Place"), places_of(actor), scope)],
            "scope": scope,
        },
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
