"""The field app's page, its service worker and manifest, the data packet, and collections that come in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from jump.base import clock, files
from jump.base.actors import can
from jump.base.refusals import NotFound, Refusal
from jump.engines.evidence import api as evidence
from jump.web.access import actor_of
from jump.web.field import collections, shell
from jump.web.field import packet as packets
from jump.web.middleware import POLICY

FIELD_POLICY = (
    POLICY.replace("img-src 'self'", "img-src 'self' blob:")
    + "; connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self' blob:"
)
FIELD_PERMISSIONS = "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=(), interest-cohort=()"

View = Callable[..., HttpResponseBase]


@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """The page of the app: the same for everybody and without data, so that the phone may keep it."""
    response = render(request, "field/shell.html", shell.page(shell.version()))
    response["Content-Security-Policy"] = FIELD_POLICY
    response["Permissions-Policy"] = FIELD_PERMISSIONS
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the names of the files that it keeps and their version."""
    own = (shell.OWN / "worker.js").read_text()
    told = f"const VERSION = {json.dumps(shell.version())};\nconst FILES = {json.dumps(shell.files())};\n"
    response = HttpResponse(told + own, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What the phone needs to install the app."""
    return HttpResponse(
        render_to_string("field/manifest.json", shell.page("")), content_type="application/manifest+json"
    )


def in_the_field(view: View) -> View:
    """Answers in JSON for those who send forms: 401 to a stranger, 403 to whoever has no role in the field."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor = actor_of(request)
        if actor.user_id is None:
            return refused_json(401, "field.sign_in_first", _("Nobody is signed in."))
        if not can(actor, "evidence.submit"):
            return refused_json(403, "base.not_allowed", _("Your role does not send forms."))
        try:
            response = view(request, *args, **kwargs)
        except Refusal as refusal:
            response = refused_json(refusal.http_status, refusal.code, refusal.sentence(), refusal.advice())
        response["Date"] = http_date(clock.now().timestamp())
        return response

    return guarded


def refused_json(status: int, code: str, words: str, advice: str = "") -> JsonResponse:
    return JsonResponse({"code": code, "detail": words, "what_to_do": advice}, status=status)


@require_safe
@in_the_field
@ensure_csrf_cookie
def packet(request: HttpRequest) -> HttpResponse:
    """What this worker takes along; 304 where the phone has it already."""
    body = json.dumps(packets.packet(actor_of(request)), ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    known = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
    response = HttpResponse(status=304) if tag in known else HttpResponse(body, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@in_the_field
def form(request: HttpRequest, form_id: str, version: str) -> HttpResponse:
    """The XForm of a version. A version never changes, so the phone asks once."""
    response = HttpResponse(evidence.xform(form_id, version), content_type="text/xml; charset=utf-8")
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@require_safe
@in_the_field
def form_file(request: HttpRequest, form_id: str, version: str, name: str) -> HttpResponseBase:
    """A file that a form needs on the phone: a list of choices, a picture or a recording of a question."""
    for one in evidence.media_of(form_id, version):
        if one.name == name:
            return FileResponse(files.opened(one.file_ref), content_type=one.mime)
    raise NotFound(ref=name)


@require_POST
@in_the_field
def collection(request: HttpRequest) -> HttpResponse:
    """The collection of a meeting: written down, not booked. 201, also when the same comes again."""
    try:
        told = json.loads(request.body)
    except ValueError:
        return refused_json(400, "field.unreadable", _("The collection cannot be read."))
    return JsonResponse({"ref": collections.take(actor_of(request), told)}, status=201)
