"""Filled forms: the queue of those that wait for a look, one of them, what a reviewer says, and sending again."""

from __future__ import annotations

from typing import Any

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
from jump.web.cases.forms import Verdict
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
    """What waits for this reader's look, oldest first. Nobody sees their own here."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    if state in words.FORM_STATES and state != "received":
        total = evidence.count_submissions(actor, state=state)
        page = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
        rows = evidence.submissions(actor, state=state, limit=PAGE, offset=(page.number - 1) * PAGE)
    else:
        state = "received"
        number = max(1, int(request.GET["page"])) if request.GET.get("page", "").isdigit() else 1
        rows = evidence.waiting_for_review(actor, limit=PAGE + 1, offset=(number - 1) * PAGE)
        total, page = 0, None
        more = len(rows) > PAGE
        rows = rows[:PAGE]
        return render(request, "cases/reviews.html", _queue(request, rows, state) | {"number": number, "more": more})
    return render(request, "cases/reviews.html", _queue(request, rows, state) | {"page": page, "total": total})


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
    waiting = found.state.value == "received"
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
        "may_look": waiting and not own and can(actor, "evidence.review", found.scope),
        "own_waits": waiting and own,
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


REVIEWS = {"accept": lazy("accepted"), "reject": lazy("refused"), "send_back": lazy("sent back")}


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
