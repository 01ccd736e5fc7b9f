"""Filled forms: the queue of those that wait for a look, one of them, what a reviewer says, and sending again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from jump.base import files
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.cases.forms import ManyVerdict, Reason, Verdict
from jump.web.cases.views import RIGHTS, subject_url, tell
from jump.web.context import forget_tasks
from jump.web.filling import answer_rows, fill_form
from jump.web.forms import saved, shown_again
from jump.web.links import address_of

PAGE = 50
READERS = (*RIGHTS, "evidence.submit", "evidence.review")
REMARK = "remark-"


@require_safe
@needs("evidence.review")
def reviews(request: HttpRequest) -> HttpResponse:
    """The desk: what waits for this reader's look, odd answers first, then the oldest. Nobody sees their own here."""
    state = request.GET.get("state", "")
    if state in words.FORM_STATES and state != "received":
        actor = actor_of(request)
        total = evidence.count_submissions(actor, state=state)
        page = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
        rows = evidence.submissions(actor, state=state, limit=PAGE, offset=(page.number - 1) * PAGE)
        return render(request, "cases/reviews.html", _queue(request, rows, state) | {"page": page, "total": total})
    return render(request, "cases/desk.html", _desk(request, ManyVerdict()))


@needs("evidence.review")
def review_many(request: HttpRequest) -> HttpResponse:
    """Say the same of all that are ticked. Each is looked at by itself: what one refuses holds up no other."""
    if request.method != "POST":
        return redirect("cases:reviews")
    form = ManyVerdict(request.POST)
    page = _desk(request, form)
    if not form.is_valid():
        return render(request, "cases/desk.html", page, status=422)
    shown_again(request, "cases/desk.html", page)
    refs = [Ref(ref) for ref in request.POST.getlist("ref")]
    verdict, why = form.cleaned_data["verdict"], form.cleaned_data["why"]
    outcomes = evidence.review_many(actor_of(request), refs=refs, verdict=verdict, why=why)
    forget_tasks(actor_of(request))
    titles = {line.ref: line.title for line in page["lines"]}
    return render(
        request,
        "cases/reviewed.html",
        {
            "done": [(one, titles.get(one.ref, one.ref)) for one in outcomes if not one.code],
            "refused": [(one, titles.get(one.ref, one.ref)) for one in outcomes if one.code],
            "word": REVIEWS[verdict],
        },
    )


def _desk(request: HttpRequest, form: ManyVerdict) -> dict[str, Any]:
    """The page of the desk, narrowed as the address says."""
    actor, asked = actor_of(request), request.GET
    chosen = {name: asked.get(name, "") for name in ("form", "scope", "by")}
    flagged = bool(asked.get("flagged"))
    number = max(1, int(asked["page"])) if asked.get("page", "").isdigit() else 1
    lines = evidence.review_desk(actor, **chosen, flagged=flagged, limit=PAGE + 1, offset=(number - 1) * PAGE)
    known = evidence.desk_filters(actor, **chosen)
    named = parties.names(actor, [one.about for one in lines[:PAGE] if one.about])
    ticked = request.POST.getlist("ref")
    kept = urlencode({name: value for name, value in [*chosen.items(), ("flagged", "1" if flagged else "")] if value})
    return {
        "form": form,
        "lines": lines[:PAGE],
        "rows": [
            {"one": one, "about": named.get(one.about or "", "") or one.place, "is_ticked": one.ref in ticked}
            for one in lines[:PAGE]
        ],
        "filters": [
            ("form", _("Form"), known.forms, chosen["form"]),
            ("scope", _("Place"), known.places, chosen["scope"]),
            ("by", _("By"), known.senders, chosen["by"]),
        ],
        "flagged": flagged,
        "total": known.total,
        "number": number,
        "next": f"?{kept}&page={number + 1}" if len(lines) > PAGE else "",
        "is_narrowed": bool(kept),
        "states": [
            (code, word) for code, (_kind, word) in words.FORM_STATES.items() if code not in ("draft", "received")
        ],
    }


def _queue(request: HttpRequest, rows: list[evidence.SubmissionView], state: str) -> dict[str, Any]:
    named = parties.names(actor_of(request), [one.about for one in rows if one.about])
    return {
        "rows": [
            {
                "one": one,
                "url": reverse("cases:submission", args=[one.ref]),
                "about": named.get(one.about or "", "") or one.scope,
                "by": _by(one),
                "kind": words.FORM_STATES[one.state.value][0],
                "word": words.FORM_STATES[one.state.value][1],
            }
            for one in rows
        ],
        "state": state,
        "states": [(code, word) for code, (_kind, word) in words.FORM_STATES.items() if code != "draft"],
    }


def _by(one: evidence.SubmissionView) -> str:
    if one.by in ("public", ""):
        return _("a visitor")
    return one.by_name or one.by


@require_safe
@needs(*READERS)
def submission(request: HttpRequest, ref: str) -> HttpResponse:
    """One filled form: what was answered, what was said about it, and what can be done with it."""
    page = _page(request, ref)
    page["form"] = Verdict() if page["may_look"] else None
    page["withdrawing"] = Reason() if page["may_withdraw"] else None
    return render(request, "cases/submission.html", page)


def _page(request: HttpRequest, ref: str) -> dict[str, Any]:
    actor = actor_of(request)
    found = evidence.submission(actor, Ref(ref))
    view = evidence.form(found.form, found.version, get_language())
    last = found.reviews[-1] if found.reviews else None
    remarks = last.comments if last is not None and found.state.value == "sent_back" else {}
    rows = answer_rows(view, found, remarks)
    kind, word = words.FORM_STATES[found.state.value]
    own = found.by_key == actor.key
    corrections = [one for one in evidence.revisions(actor, found.ref) if one.state in CORRECTIONS]
    to_look_at = next((one for one in corrections if one.state == "received"), None)
    waiting = found.state.value == "received" or to_look_at is not None
    reviewer = can(actor, "evidence.review", found.scope)
    about = found.about or _made_of(actor, found)
    return {
        "found": found,
        "rows": rows,
        "file_url": "cases:attachment",
        "kind": kind,
        "word": word,
        "by": _by(found),
        "about_name": parties.names(actor, [about]).get(about, "") if about else "",
        "about_url": subject_url(about) if about else "",
        "why_url": address_of("trace:ref", [found.ref]),
        "may_look": waiting and not own and reviewer,
        "own_waits": found.state.value == "received" and own,
        "correction": to_look_at,
        "crossed": evidence.conflicts_of(actor, found.ref),
        "changes": [
            (one.label, _shown(one.before), _shown(one.after))
            for one in (evidence.changes_of_revision(actor, found.ref) if to_look_at is not None else ())
        ],
        "may_withdraw": found.state.value == "accepted" and to_look_at is None and not own and reviewer,
        "may_see_becomes": waiting and reviewer,
        "came": [_becomes(one) for one in evidence.what_came_of(actor, ref=found.ref)],
        "may_again": found.state.value in ("sent_back", "draft") and can(actor, "evidence.submit", found.scope),
        "verdicts": [(REVIEWS.get(one.verdict, one.verdict), one) for one in found.reviews],
        "general": remarks.get("", ""),
        "remark": REMARK,
    }


def _made_of(actor: Actor, found: evidence.SubmissionView) -> Ref | None:
    """What began with an accepted form that was about nothing known yet, as a letter of interest is."""
    if found.state.value != "accepted":
        return None
    try:
        return cases.case_row(actor, proof_ref=found.ref).subject_ref
    except NotFound:
        return None


CORRECTIONS = frozenset({"received", "rejected", "sent_back", "replaced"})


def _shown(value: object) -> str:
    """An answer as one line of text."""
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one) for one in value)
    return "–" if value in (None, "") else str(value)


def _becomes(one: evidence.BecomesLine) -> dict[str, Any]:
    """One thing that a form causes, in words: what it is, what is done with it, and where it can be seen."""
    kind, word = words.BECOMES[one.what]
    return {
        "what": words.EFFECTS.get(one.effect, one.effect),
        "title": one.title or one.ref,
        "kind": kind,
        "word": word,
        "why": words.WHY_LEFT.get(one.why, "") if one.what == "left" else "",
        "url": address_of("trace:ref", [one.ref]) if one.ref else "",
    }


@require_safe
@needs("evidence.review")
def becomes(request: HttpRequest, ref: str) -> HttpResponse:
    """What a form would become if it were accepted now. Nothing is kept of it."""
    actor = actor_of(request)
    found = evidence.submission(actor, Ref(ref))
    tried = evidence.would_become(actor, ref=found.ref)
    page = {
        "found": found,
        "tried": tried,
        "lines": [_becomes(one) | {"url": ""} for one in tried.lines],
        "facts": [(kind.partition(".")[2].replace("_", " "), value, on) for kind, value, on in tried.facts],
    }
    return render(request, "cases/becomes.html", page)


@needs("evidence.review")
def withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    """Take an acceptance back, with a reason: the form waits for a look again."""
    if request.method != "POST":
        return redirect("cases:submission", ref)
    form = Reason(request.POST)
    page = _page(request, ref) | {"withdrawing": form, "form": form}
    shown_again(request, "cases/submission.html", page)
    evidence.withdraw(actor_of(request), ref=Ref(ref), why=request.POST.get("why", ""))
    forget_tasks(actor_of(request))
    saved(request, _("Taken back. The form waits for a look again."))
    return redirect("cases:submission", ref)


REVIEWS = {
    "withdraw": lazy("acceptance taken back"),
    "accept": lazy("accepted"),
    "reject": lazy("refused"),
    "send_back": lazy("sent back"),
}


@needs("evidence.review")
def look(request: HttpRequest, ref: str) -> HttpResponse:
    """Say what you find: right, to be looked at again, or refused."""
    actor = actor_of(request)
    page = _page(request, ref)
    form = Verdict(request.POST or None)
    page |= {"form": form, "may_look": True}
    if request.method == "POST" and form.is_valid():
        shown_again(request, "cases/submission.html", page)
        verdict, why = form.cleaned_data["verdict"], form.cleaned_data["why"]
        if verdict == "accept":
            evidence.accept(actor, ref=Ref(ref), why=why)
            text = _("Accepted. It counts from now on.")
        elif verdict == "reject":
            evidence.reject(actor, ref=Ref(ref), why=why)
            text = _("Refused. It stays in the books and causes nothing.")
        else:
            comments = {
                name.removeprefix(REMARK): words_.strip()
                for name, words_ in request.POST.items()
                if name.startswith(REMARK) and words_.strip()
            }
            evidence.send_back(actor, ref=Ref(ref), comments={**({"": why} if why.strip() else {}), **comments})
            text = _("Sent back with your words.")
        forget_tasks(actor)
        saved(request, text, print_url=reverse("cases:submission", args=[ref]), print_text=_("See what came of it"))
        return redirect("cases:reviews")
    return render(request, "cases/submission.html", page, status=422 if form.errors else 200)


@needs("evidence.submit")
def again(request: HttpRequest, ref: str) -> HttpResponse:
    """Put right what was sent back, and send it again."""
    found = evidence.submission(actor_of(request), Ref(ref))

    def sent(view: evidence.SubmissionView) -> HttpResponse:
        forget_tasks(actor_of(request))
        tell(request, view)
        return redirect("cases:submission", view.ref)

    return fill_form(
        request,
        found.form,
        version=found.version,
        scope=found.scope,
        about=found.about,
        again=found,
        done=sent,
        template="cases/again.html",
        page={
            "found": found,
            "general": found.reviews[-1].comments.get("", "") if found.reviews else "",
            "cancel_url": reverse("cases:submission", args=[found.ref]),
        },
    )


@require_safe
@needs(*READERS)
def attachment(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A photo or file of a form that the reader may see."""
    found = evidence.attachment(actor_of(request), Ref(ref))
    answer = FileResponse(files.opened(found.file_ref), content_type=found.mime, filename=found.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if not found.mime.startswith("image/"):
        answer.headers["Content-Disposition"] = f'attachment; filename="{found.ref}"'
    return answer
