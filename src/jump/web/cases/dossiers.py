"""Documents in parts: a workbook or a proposal, filled section by section, signed, kept as versions, compared."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jump.base import clock, packages
from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.cases import words
from jump.web.cases.views import RIGHTS, subject_url, tell
from jump.web.context import forget_tasks
from jump.web.filling import fill_form
from jump.web.forms import saved


@require_POST
@needs("evidence.submit")
def begin(request: HttpRequest, ref: str) -> HttpResponse:
    """Begin the document that a step asks for."""
    actor = actor_of(request)
    step = cases.step(actor, Ref(ref))
    case = cases.case_row(actor, step_ref=step.ref)
    made = evidence.open_dossier(
        actor, definition=step.asks, about=case.subject_ref, scope=case.scope, on=clock.today()
    )
    return redirect("cases:dossier", made)


@require_safe
@needs(*RIGHTS, "evidence.submit")
def dossier(request: HttpRequest, ref: str) -> HttpResponse:
    """How complete is this document, and what is missing?"""
    return render(request, "cases/dossier.html", _page(request, ref))


def _page(request: HttpRequest, ref: str) -> dict[str, Any]:
    actor = actor_of(request)
    found = evidence.dossier(actor, Ref(ref))
    may_fill = can(actor, "evidence.submit", found.scope)
    signer = str(
        packages.definition("dossier", found.definition, found.definition_version).data.get("sign_off_by") or ""
    )
    to_sign = {one.role for one in found.signatures if one.on is None} if found.signatures else {signer}
    last = found.versions[-1] if found.versions else None
    step = _waiting_step(actor, found)
    return {
        "dossier": found,
        "about_name": parties.names(actor, [found.about]).get(found.about, ""),
        "about_url": subject_url(found.about),
        "sections": [
            {
                "section": one,
                "kind": words.SECTION_STATES[one.state.value][0],
                "word": words.SECTION_STATES[one.state.value][1],
                "fill_url": reverse("cases:section", args=[found.ref, one.key]) if may_fill else "",
                "sent": [(ref, reverse("cases:submission", args=[ref])) for ref in one.submissions[-5:]],
                "more": max(0, len(one.submissions) - 5),
                "waits": max(0, len(one.submissions) - one.filled) if one.filled < one.needed else 0,
            }
            for one in found.sections
        ],
        "checks": [
            {
                "text": one.text,
                "kind": "good" if one.met else "warn",
                "word": _("Met") if one.met else _("Not met") if one.met is False else _("Not known yet"),
            }
            for one in found.checks
        ],
        "signer": words.role(signer) if signer else "",
        "parties": [
            {
                "one": one,
                "role": words.role(one.role),
                "kind": "good" if one.on else "warn",
                "word": _("Signed") if one.on else _("Not signed yet"),
            }
            for one in found.signatures
        ],
        "may_sign": found.signed_on is None
        and actor.key not in {one.by_key for one in found.signatures}
        and any(grant.role in to_sign and found.scope.startswith(grant.path) for grant in actor.grants),
        "may_fill": may_fill,
        "last": last,
        "step": step,
        "step_url": reverse("cases:step", args=[step.ref]) if step is not None else "",
        "may_hand_in": step is not None and last is not None and can(actor, "cases.work", found.scope),
        "pairs": list(zip(found.versions, found.versions[1:], strict=False)),
    }


def _waiting_step(actor: Actor, found: evidence.DossierView) -> cases.StepView | None:
    """The open step that waits for this document, on whichever road of the place it stands."""
    for row in cases.cases(actor, subject_ref=found.about, state=cases.CaseState.OPEN.value):
        here = cases.case(actor, row.ref).here
        step = next((step for step in here if step.asks == found.definition), None)
        if step is not None:
            return step
    return None


@require_POST
@needs(*RIGHTS, "evidence.submit")
def sign(request: HttpRequest, ref: str) -> HttpResponse:
    """Put one's name under a complete document."""
    evidence.sign_dossier(actor_of(request), ref=Ref(ref), on=clock.today())
    saved(request, _("Signed."))
    return redirect("cases:dossier", ref)


@require_POST
@needs("evidence.submit")
def freeze(request: HttpRequest, ref: str) -> HttpResponse:
    """Keep the document as it is now as a version."""
    made = evidence.freeze_dossier(actor_of(request), ref=Ref(ref), on=clock.today())
    saved(request, _("Kept as a version. Number %(ref)s.") % {"ref": made})
    return redirect("cases:dossier", ref)


@require_POST
@needs("cases.work")
def hand_in(request: HttpRequest, ref: str) -> HttpResponse:
    """Give a step the version of the document that it waits for."""
    version = Ref(request.POST.get("version", ""))
    cases.record_document(actor_of(request), step_ref=Ref(ref), dossier_version_ref=version, on=clock.today())
    forget_tasks(actor_of(request))
    saved(request, _("Handed in. The road goes on."))
    return redirect("cases:step", ref)


@require_safe
@needs(*RIGHTS, "evidence.submit")
def compare(request: HttpRequest, ref: str) -> HttpResponse:
    """What changed between two versions, side by side."""
    actor = actor_of(request)
    found = evidence.dossier(actor, Ref(ref))
    known = {one.ref: one for one in found.versions}
    old, new = known.get(Ref(request.GET.get("a", "") or "dsv-")), known.get(Ref(request.GET.get("b", "") or "dsv-"))
    if old is None or new is None:
        if len(found.versions) < 2:
            raise NotFound(ref=ref)
        old, new = found.versions[-2], found.versions[-1]
    titles = {one.key: one.title for one in found.sections}
    return render(
        request,
        "cases/compare.html",
        {
            "dossier": found,
            "old": old,
            "new": new,
            "changes": [
                {"section": titles.get(one.path.partition(".")[0], ""), "change": one}
                for one in evidence.compare_versions(actor, old.ref, new.ref)
            ],
        },
    )


@needs("evidence.submit")
def fill(request: HttpRequest, ref: str, section: str) -> HttpResponse:
    """Fill one part of a document."""
    actor = actor_of(request)
    found = evidence.dossier(actor, Ref(ref))
    part = next((one for one in found.sections if one.key == section), None)
    if part is None:
        raise NotFound(ref=section)
    last = evidence.submission(actor, part.submissions[-1]) if part.submissions and part.needed <= 1 else None

    def sent(view: evidence.SubmissionView) -> HttpResponse:
        forget_tasks(actor)
        tell(request, view)
        return redirect("cases:dossier", found.ref)

    return fill_form(
        request,
        part.form,
        scope=found.scope,
        about=found.about,
        done=sent,
        # A part that is filled once is written anew from what it said last: the older one stays in the books.
        initial=last.answers if last is not None and not last.masked else None,
        template="cases/section.html",
        page={
            "dossier": found,
            "part": part,
            "from_last": last,
            "cancel_url": reverse("cases:dossier", args=[found.ref]),
        },
    )
