"""Certificates: read, printed, and checked by anybody who holds the paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.actors import system_actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.engines.reports import api as reports
from jump.web.access import actor_of, signed_in
from jump.web.printed import PDF, pdf_url, wants_pdf

_READER = system_actor("check of a certificate")
NAME_MAX = 160


@require_safe
@signed_in
def certificate(request: HttpRequest, ref: str) -> HttpResponse:
    """A certificate for those who may see whose it is; `?as=pdf` is the paper."""
    actor = actor_of(request)
    held = parties.qualification(actor, Ref(ref))
    if held.claim is not parties.Claim.PROVED or held.kind != "certificate":
        raise NotFound(ref=ref)
    page = {
        **_facts(held.proof_ref, held.code),
        "held": held,
        "name": parties.names(actor, [held.party_ref])[held.party_ref],
        "is_valid": held.expires_on is None or held.expires_on >= clock.today(),
        "check_url": request.build_absolute_uri(reverse("training:check", args=[ref])),
        "pdf_url": pdf_url(request),
        "language": (get_language() or "en").split("-")[0],
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    if wants_pdf(request.GET):
        answer = HttpResponse(
            reports.make_pdf(render_to_string("training/certificate_print.html", page)), content_type=PDF
        )
        answer.headers["Content-Disposition"] = f'inline; filename="{ref}.pdf"'
        return answer
    return render(request, "training/certificate.html", page)


@require_safe
def check(request: HttpRequest, ref: str) -> HttpResponse:
    """Whether a certificate is real and still holds. Anybody may ask; the holder's name is never shown."""
    name = request.GET.get("name", "").strip()[:NAME_MAX]
    found = parties.check_certificate(Ref(ref), as_of=clock.today(), name=name)
    page = {**_facts(found.proof_ref, found.code), "found": found, "name": name}
    answer = render(request, "training/check.html", page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _facts(proof: Ref | None, code: str) -> dict[str, Any]:
    """What was learned, where and in how many hours: from the course that is the proof."""
    if proof is None or proof.kind != "crs":
        return {"title": code.replace("_", " "), "hours": None, "course": None, "given_by": ""}
    course = cases.course(_READER, proof)
    given_by = parties.names(_READER, [course.provider_ref]).get(course.provider_ref, "") if course.provider_ref else ""
    taught = {one.id: one.title for one in cases.curricula_overview(_READER)}
    return {
        "title": taught.get(course.curriculum, course.title),
        "hours": course.hours,
        "course": course,
        "given_by": given_by,
    }
