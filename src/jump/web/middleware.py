"""What every request passes through: the content policy, refusals as pages, words that are kept."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url

from jump.base.actors import ANONYMOUS
from jump.base.refusals import NotAllowed, Refusal
from jump.web import kept as kept_words
from jump.web.errors import refusal_page
from jump.web.forms import show_refusal
from jump.web.models import KeptText

Answer = Callable[[HttpRequest], HttpResponseBase]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


class ContentPolicyMiddleware:
    """A strict content policy on every page: nothing inline, nothing from elsewhere.

    A route that needs more (the form engine, the API's pages) sets the header itself; a page with htmx may also
    connect to us.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        policy = POLICY + ("; connect-src 'self'" if getattr(request, "uses_htmx", False) else "")
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response


class RefusalMiddleware:
    """An expected no becomes a page: the same page with its words on the form, or a page of its own.

    A stranger who lacks a right is asked to sign in.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal) or request.path.startswith("/api/"):
            return None
        actor = getattr(request, "actor", ANONYMOUS)
        if isinstance(exception, NotAllowed) and actor.user_id is None:
            return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?next={request.get_full_path()}")
        again = getattr(request, "shown_again", None)
        if again is None:
            return refusal_page(request, exception)
        template, page, name, fields = again
        show_refusal(page[name], exception, fields)
        status = exception.http_status if exception.http_status in {403, 404, 409} else 422
        return render(request, template, page, status=status)


class KeptWordsMiddleware:
    """A form that arrives after the sign-in ran out is kept, and can be sent again after signing in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = self._words_sent(request)
        response = self.get_response(request)
        if self._was_turned_away(request, response):
            kept = kept_words.keep(request)
            if kept is not None:
                response = kept_words.to_sign_in(request)
                kept_words.mark(request, response, kept)
        elif sent is not None and response.status_code < 400:
            kept_words.forget(sent)
            response.delete_cookie(kept_words.KEPT_COOKIE)
        session = getattr(request, "session", None)
        if session is not None and session.accessed:
            kept_words.remember_writer(request, response)
        return response

    def _words_sent(self, request: HttpRequest) -> KeptText | None:
        """The kept words that this request sends, with their files given back."""
        if request.method != "POST" or request.path.startswith("/openrosa/") or "_kept" not in request.POST:
            return None  # a device's bytes are read once, where they are counted
        kept = kept_words.kept_for(request)
        if kept is None or kept.token != request.POST["_kept"]:
            return None
        kept_words.give_back_files(request, kept)
        return kept

    def _was_turned_away(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """A POST by nobody that was sent to the sign-in page."""
        if request.method != "POST" or response.status_code != 302:
            return False
        sign_in = resolve_url(settings.LOGIN_URL)
        to = response.headers.get("Location", "").split("?")[0]
        return to == sign_in and not request.path.startswith("/account/") and not request.user.is_authenticated
