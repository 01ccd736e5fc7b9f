"""/openrosa/: what ODK Collect and other clients of OpenRosa 1.0 ask (docs.getodk.org/openrosa).

Two doors to the same rooms: /openrosa/key/TOKEN/… for a device with a token, as ODK Central has it, and /openrosa/…
for a browser that is signed in, which then says where (`?scope=`) and about what (`&about=`), with the CSRF header.
Nothing here decides anything: bytes go to `evidence.receive`, answers come back as OpenRosa's documents.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadhandler import load_handler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import path, reverse
from django.utils.http import http_date
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from jump.base import clock, files
from jump.base.actors import Actor, require
from jump.base.refusals import NotFound, Refusal
from jump.core.units import Ref
from jump.engines.evidence import api as evidence

BYTES_MAX = 30_000_000
SPOOL_BYTES = 2_000_000
CHUNK = 1 << 16
XML_PART = "xml_submission_file"
INCOMPLETE = "*isIncomplete*"
KNOWN = re.compile(r"\d{1,15}")
SECONDS = re.compile(r"-?\d{1,10}")
ENVELOPE = "http://openrosa.org/http/response"
FORM_LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
ARRIVED = {
    evidence.Arrival.NEW: (201, gettext_lazy("Received. Thank you.")),
    evidence.Arrival.MORE: (201, gettext_lazy("The files were received. Thank you.")),
    evidence.Arrival.SAME: (202, gettext_lazy("This was received before. Nothing was kept twice.")),
    evidence.Arrival.CONFLICT: (
        409,
        gettext_lazy(
            "Other answers were received under this number before. Both are kept, and the coordinator decides."
        ),
    ),
}

View = Callable[..., HttpResponse]


class SignInFirst(Refusal):
    """Nobody is signed in, and there is no token."""

    code = "api.sign_in_first"
    http_status = 401
    message = gettext_lazy("Nobody is signed in.")
    what_to_do = gettext_lazy("Sign in and send again. What is filled in is kept on the device.")


class NotAsOpenRosa(Refusal):
    """A request that is not as OpenRosa describes it."""

    code = "api.not_as_openrosa"
    http_status = 400
    message = gettext_lazy("The request cannot be read: %(why)s")
    what_to_do = gettext_lazy("Send a multi-part POST with the form in xml_submission_file.")


class NoCsrfToken(Refusal):
    """A browser's request without the token that only our own pages can read."""

    code = "api.no_csrf_token"
    http_status = 403
    message = gettext_lazy("The request does not come from a page of JUMP.")
    what_to_do = gettext_lazy("Reload the page and send again.")


class _Csrf(CsrfViewMiddleware):
    """Django's check, asked here, after the size is known; its no becomes ours."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


class TooLarge(Refusal):
    """More bytes than one request may bring."""

    code = "api.too_large"
    http_status = 413
    message = gettext_lazy("One request may bring %(mb)s MB.")
    what_to_do = gettext_lazy("Send the files in several requests, or make photos smaller in the client's settings.")


@dataclass(frozen=True, slots=True)
class Door:
    """Who asks, where what they send belongs, and which forms they are offered (none named: all)."""

    actor: Actor
    scope: str
    forms: tuple[str, ...]
    token: str
    about: Ref | None = None
    is_revoked: bool = False
    clock_ahead: int = 0
    known_to: int | None = None

    def address(self, request: HttpRequest, name: str, *args: str) -> str:
        """An absolute address behind the same door."""
        found = (
            reverse(f"openrosa-device:{name}", args=[self.token, *args])
            if self.token
            else reverse(f"openrosa:{name}", args=args)
        )
        return request.build_absolute_uri(found)


# Answers ---------------------------------------------------------------------------------------------


def _message(status: int, text: str, nature: str = "") -> HttpResponse:
    said = f' nature="{escape(nature, {chr(34): "&quot;"})}"' if nature else ""
    return _xml(
        f'<OpenRosaResponse xmlns="{ENVELOPE}"><message{said}>{escape(text)}</message></OpenRosaResponse>', status
    )


def _xml(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', status=status, content_type="text/xml; charset=utf-8"
    )


def _refused(refusal: Refusal) -> HttpResponse:
    return _message(refusal.http_status, f"{refusal.sentence()} {refusal.advice()}".strip(), refusal.code)


def _as_openrosa(*methods: str) -> Callable[[View], View]:
    """Put the headers of OpenRosa on every answer, and make a refusal its message."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                response = _message(405, _("This address takes %(methods)s.") % {"methods": ", ".join(methods)})
                response["Allow"] = ", ".join(methods)
            else:
                try:
                    response = view(request, *args, **kwargs)
                except Refusal as refusal:
                    response = _refused(refusal)
            response["X-OpenRosa-Version"] = "1.0"
            response["X-OpenRosa-Accept-Content-Length"] = str(BYTES_MAX)
            response["Date"] = http_date(clock.now().timestamp())
            response["Cache-Control"] = "no-store"
            return response

        return answer

    return wrap


def _door(request: HttpRequest, token: str, *, sends: bool = False) -> Door:
    """Who asks. A revoked device still gets in where it sends, so that what it brings is held. Raises Refusal."""
    if token:
        found = evidence.device(token)
        if found.is_revoked and not sends:
            raise evidence.DeviceRevoked()
        return Door(found.actor, found.scope, found.forms, token, is_revoked=found.is_revoked)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.user_id is None:
        raise SignInFirst()
    require(actor, "evidence.submit")
    about = request.GET.get("about", "")
    if about and not Ref(about).is_well_formed:
        raise NotFound(ref=about[:40])
    ahead, known = (request.GET.get(name, "").strip() for name in ("clock", "known"))
    return Door(
        actor,
        request.GET.get("scope", ""),
        (),
        "",
        Ref(about) if about else None,
        clock_ahead=int(ahead) if SECONDS.fullmatch(ahead) else 0,
        known_to=int(known) if KNOWN.fullmatch(known) else None,
    )


# Forms -----------------------------------------------------------------------------------------------


@_as_openrosa("GET", "HEAD")
def form_list(request: HttpRequest, token: str = "") -> HttpResponse:
    """The forms that this device may fill; `?formID=` asks for one, `?listAllVersions=true` for all its versions."""
    door = _door(request, token)
    verbose = request.GET.get("verbose") == "true"
    wanted = request.GET.get("formID", "")
    rows = evidence.offered(get_language(), scope=door.scope or None, forms=door.forms)
    if wanted:
        rows = [one for one in rows if one.id == wanted]
    if request.GET.get("listAllVersions") == "true":
        rows = [one for form in rows for one in evidence.offered_versions(form.id, get_language())]
    parts = []
    for one in rows:
        described = f"<descriptionText>{escape(one.description)}</descriptionText>" if verbose else ""
        parts.append(
            f"<xform><formID>{escape(one.id)}</formID><name>{escape(one.title)}</name>"
            f"<version>{escape(one.version)}</version><hash>md5:{one.md5}</hash>{described}"
            f"<downloadUrl>{escape(door.address(request, 'form', one.id, one.version))}</downloadUrl>"
            f"<manifestUrl>{escape(door.address(request, 'manifest', one.id, one.version))}</manifestUrl></xform>"
        )
    return _xml(f'<xforms xmlns="{FORM_LIST}">{"".join(parts)}</xforms>')


@_as_openrosa("GET", "HEAD")
def form(request: HttpRequest, form_id: str, version: str, token: str = "") -> HttpResponse:
    """The XForm of any version that was ever published."""
    _offered(_door(request, token), form_id)
    response = HttpResponse(evidence.xform(form_id, version), content_type="text/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{form_id}.xml"'
    return response


@_as_openrosa("GET", "HEAD")
def manifest(request: HttpRequest, form_id: str, version: str, token: str = "") -> HttpResponse:
    """The files that a form needs on the device."""
    door = _door(request, token)
    _offered(door, form_id)
    parts = [
        f"<mediaFile><filename>{escape(one.name)}</filename><hash>md5:{one.md5}</hash>"
        f"<downloadUrl>{escape(door.address(request, 'media', form_id, version, one.name))}</downloadUrl></mediaFile>"
        for one in evidence.media_of(form_id, version)
    ]
    return _xml(f'<manifest xmlns="{MANIFEST}">{"".join(parts)}</manifest>')


@_as_openrosa("GET", "HEAD")
def media(request: HttpRequest, form_id: str, version: str, name: str, token: str = "") -> HttpResponse:
    """One file that a form needs."""
    _offered(_door(request, token), form_id)
    found = next((one for one in evidence.media_of(form_id, version) if one.name == name), None)
    if found is None:
        raise NotFound(ref=name[:80])
    with files.opened(found.file_ref) as stored:
        response = HttpResponse(stored.read(), content_type=found.mime)
    response["Content-Disposition"] = "attachment"
    return response


def _offered(door: Door, form_id: str) -> None:
    if door.forms and form_id not in door.forms:
        raise evidence.FormNotOffered(form=form_id)


# Submissions -----------------------------------------------------------------------------------------


@_as_openrosa("HEAD", "POST")
def submission(request: HttpRequest, token: str = "") -> HttpResponse:
    """HEAD tells where and how much may be sent (204). POST keeps a form: 201 new, 202 the same, 409 both kept."""
    if request.method == "HEAD":
        door = _door(request, token)
        response = HttpResponse(status=204)
    else:
        if _declared(request) > BYTES_MAX:
            raise TooLarge(mb=BYTES_MAX // 1_000_000)
        door = _door(request, token, sends=True)
        response = _take(request, door) if token else _take_signed_in(request, door)
    response["Location"] = door.address(request, "submission")
    return response


def _take(request: HttpRequest, door: Door) -> HttpResponse:
    with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as body:
        post, parts = _parsed(request, body)
        return _received(door, post, parts)


def _take_signed_in(request: HttpRequest, door: Door) -> HttpResponse:
    if not door.scope:
        raise NotAsOpenRosa(why=_("it does not say for which place (?scope=)."))
    require(door.actor, "evidence.submit", door.scope)
    try:
        refused = _Csrf(lambda _request: HttpResponse()).process_view(request, _take_signed_in, (), {})
        if refused is not None:
            raise NoCsrfToken()
        return _received(door, request.POST, request.FILES)
    except (MultiPartParserError, SuspiciousOperation, OSError) as error:
        raise NotAsOpenRosa(why=str(error)) from None


def _declared(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _parsed(request: HttpRequest, body: Any) -> tuple[Any, Any]:
    """The parts of a request, whether its length was declared or it came in chunks. Raises TooLarge, NotAsOpenRosa."""
    stream: Any = request.META["wsgi.input"] if "chunked" in _encoding(request) else request
    size = 0
    try:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > BYTES_MAX:
                raise TooLarge(mb=BYTES_MAX // 1_000_000)
            body.write(chunk)
    except OSError as error:
        raise NotAsOpenRosa(why=_("it broke off (%(error)s).") % {"error": error}) from None
    body.seek(0)
    handlers = [load_handler(name, request) for name in settings.FILE_UPLOAD_HANDLERS]
    meta = {"CONTENT_TYPE": request.META.get("CONTENT_TYPE", ""), "CONTENT_LENGTH": str(size)}
    if not meta["CONTENT_TYPE"].startswith("multipart/form-data"):
        raise NotAsOpenRosa(why=_("it is not multipart/form-data."))
    try:
        return MultiPartParser(meta, body, handlers).parse()
    except (MultiPartParserError, TooManyFilesSent, TooManyFieldsSent, RequestDataTooBig) as error:
        raise NotAsOpenRosa(why=str(error)) from None


def _encoding(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_TRANSFER_ENCODING", "")).lower()


def _received(door: Door, post: Any, parts: Any) -> HttpResponse:
    whole = parts.get(XML_PART)
    xml = whole.read() if whole is not None else str(post.get(XML_PART, "")).encode()
    if not xml:
        raise NotAsOpenRosa(why=_("the part xml_submission_file is missing."))
    sent = [
        evidence.SentAttachment(one.name or name, one)
        for name, several in parts.lists()
        if name != XML_PART
        for one in several
    ]
    receipt = evidence.receive(
        door.actor,
        xml=xml,
        files=sent,
        scope=door.scope,
        about=door.about,
        source="odk" if door.token else "sync",
        is_incomplete=str(post.get(INCOMPLETE, "")).lower() in {"yes", "true"},
        clock_ahead=door.clock_ahead,
        known_to=door.known_to,
    )
    status, text = ARRIVED[receipt.arrival]
    return _message(status, str(text), f"submit_{'conflict' if status == 409 else 'success'}")


ROOMS = [
    path("formList", form_list, name="form_list"),
    path("forms/<str:form_id>/<str:version>.xml", form, name="form"),
    path("forms/<str:form_id>/<str:version>/manifest", manifest, name="manifest"),
    path("forms/<str:form_id>/<str:version>/media/<path:name>", media, name="media"),
    path("submission", submission, name="submission"),
]
urlpatterns = ROOMS
