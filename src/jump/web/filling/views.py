"""Every form to be filled: the list, and for each form the ways to fill it, with and without a script and on paper."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jump.base.actors import can
from jump.engines.evidence import api as evidence
from jump.web.access import actor_of, needs
from jump.web.filling.page import fill_form
from jump.web.filling.paper import paper
from jump.web.filling.subjects import Subject, subject_of
from jump.web.forms import saved
from jump.web.middleware import PERMISSIONS

RECENT = 5
# The form engine compiles its XPath grammar (WebAssembly) and writes styles at run time: allowed on this route alone.
ENGINE_POLICY = (
    "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'self' 'wasm-unsafe-eval'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ENGINE_PERMISSIONS = PERMISSIONS.replace("camera=()", "camera=(self)").replace("geolocation=()", "geolocation=(self)")


def engine_headers(response: HttpResponse, nonce: str) -> HttpResponse:
    """The policy of a page that draws forms with the engine, in place of the strict one."""
    response.headers["Content-Security-Policy"] = ENGINE_POLICY.format(nonce=nonce)
    response.headers["Permissions-Policy"] = ENGINE_PERMISSIONS.replace("microphone=()", "microphone=(self)")
    return response


@needs("evidence.submit")
def forms_list(request: HttpRequest) -> HttpResponse:
    """All forms, by package."""
    subject = subject_of(request)
    groups: dict[str, list[evidence.OfferedForm]] = {}
    for one in evidence.offered(get_language(), scope=subject.scope):
        groups.setdefault(one.id.partition(".")[0], []).append(one)
    shown = [
        {"title": name.replace("_", " ").capitalize(), "forms": sorted(found, key=_by_title)}
        for name, found in groups.items()
    ]
    return render(request, "filling/list.html", {"groups": shown, "subject": subject})


def _by_title(one: evidence.OfferedForm) -> str:
    return one.title


@needs("evidence.submit")
def form_offer(request: HttpRequest, form_id: str) -> HttpResponse:
    """The ways to fill one form, and what was sent with it last."""
    view = evidence.form(form_id, None, get_language())
    subject = subject_of(request)
    actor = actor_of(request)
    sent = evidence.submissions(actor, form=view.id, about=subject.about, scope=subject.scope, limit=RECENT, bare=True)
    return render(
        request,
        "filling/offer.html",
        {
            "filled": view,
            "subject": subject,
            "sent": sent,
            "versions": evidence.offered_versions(view.id, get_language()),
            "may_make_devices": can(actor, "evidence.review", subject.scope),
        },
    )


@needs("evidence.submit")
def engine(request: HttpRequest, form_id: str) -> HttpResponse:
    """The form in the browser, drawn by ODK Web Forms; without a script the page leads to the plain one."""
    view = evidence.form(form_id, None, get_language())
    subject = subject_of(request)
    nonce = secrets.token_urlsafe(16)
    response = render(
        request,
        "filling/engine.html",
        {
            "filled": view,
            "subject": subject,
            "nonce": nonce,
            "media_url": reverse("openrosa:media", args=[view.id, view.version, "-"]).removesuffix("-"),
            "form_url": reverse("openrosa:form", args=[view.id, view.version]),
            "send_url": reverse("openrosa:submission") + subject.door,
            "done_url": reverse("filling:sent", args=[view.id]) + subject.query,
        },
    )
    return engine_headers(response, nonce)


@needs("evidence.submit")
def sent(request: HttpRequest, form_id: str) -> HttpResponse:
    """Where the engine's page leads once the form is kept."""
    view = evidence.form(form_id, None, get_language())
    subject = subject_of(request)
    saved(request, _("%(title)s is kept.") % {"title": view.title})
    return redirect(subject.url or reverse("filling:offer", args=[view.id]) + subject.query)


@needs("evidence.submit")
def plain(request: HttpRequest, form_id: str) -> HttpResponse:
    """The same form as a page of the server, for a phone without script."""
    view = evidence.form(form_id, None, get_language())
    subject = subject_of(request)
    offer = reverse("filling:offer", args=[view.id]) + subject.query

    def done(kept: evidence.SubmissionView) -> HttpResponse:
        text = _("%(title)s saved. Number %(ref)s.") % {"title": kept.title, "ref": kept.ref}
        saved(request, text, print_url=reverse("cases:submission", args=[kept.ref]), print_text=_("Look at it"))
        return redirect(subject.url or offer)

    page: dict[str, Any] = {"subject": subject, "cancel_url": offer}
    return fill_form(
        request, view.id, scope=subject.scope, about=subject.about, done=done, template="filling/plain.html", page=page
    )


@needs("evidence.submit")
def on_paper(request: HttpRequest, form_id: str) -> HttpResponse:
    """The empty form as a PDF, to be filled by hand."""
    view = evidence.form(form_id, None, get_language())
    subject: Subject | None = subject_of(request)
    return paper(view, subject.name if subject is not None and subject.about else "")
