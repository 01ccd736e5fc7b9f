"""Pages for what goes wrong: a plain sentence, what was kept, what to do, whom to ask. Never a bare code."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi

from jump.base import clock
from jump.base.actors import ANONYMOUS
from jump.base.refusals import NotAllowed, Refusal
from jump.web import kept as kept_words
from jump.web.forms import all_fields

logger = logging.getLogger("jump.web")

COORDINATORS = ("national_coordinator", "programme_coordinator")
# Names of fields that are for the machine; shown to nobody, sent again as they are.
_MACHINE = ("key", "next", "version", "token")


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal on a page of its own; of a form it shows what was typed, ready to be put right and sent again."""
    page: dict[str, Any] = {"refusal": refusal, "sentence": refusal.sentence(), "advice": refusal.advice()}
    if isinstance(refusal, NotAllowed):
        scope = str(refusal.facts.get("scope", ""))
        page["who"] = who_can_give([scope] if scope else _works_at(request))
        page["can_ask"] = getattr(request, "actor", ANONYMOUS).user_id is not None
        page["right"], page["scope"] = refusal.facts.get("right", ""), refusal.facts.get("scope", "")
    if request.method == "POST":
        typed, hidden = _split(request)
        page.update(typed=typed, hidden=hidden, path=request.get_full_path(), files=list(request.FILES))
    template = "states/_refusal.html" if request.headers.get("HX-Request") else "states/refusal.html"
    return render(request, template, page, status=refusal.http_status)


def who_can_give(places: Iterable[str]) -> list[str]:
    """Names of the coordinators at one of these places or above it, nearest first."""
    from jump.base.models import RoleAssignment

    above = {place[: at + 1] for place in places for at, sign in enumerate(place) if sign == "/"}
    held = RoleAssignment.objects.held_on(clock.today()).filter(role__in=COORDINATORS, node__path__in=above)
    found = sorted(held.select_related("user", "node"), key=lambda row: -len(row.node.path))
    names = [row.user.get_full_name() or row.user.get_username() for row in found]
    return list(dict.fromkeys(names))[:3]


def _works_at(request: HttpRequest) -> list[str]:
    """The places at which whoever asks holds a role."""
    return [grant.path for grant in getattr(request, "actor", ANONYMOUS).grants]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain_page(request, "states/400.html", 400)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A page that needs a right: who can give it, with a button that asks."""
    page = {
        "who": who_can_give(_works_at(request)),
        "can_ask": getattr(request, "actor", ANONYMOUS).user_id is not None,
    }
    return render(request, "states/403.html", page, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "states/404.html", {"path": request.path}, status=404)


def server_trouble(request: HttpRequest) -> HttpResponse:
    """Our fault: a reference number that is also in the log, what was kept, who to call. Needs no database to show."""
    reference = f"E-{secrets.token_hex(4).upper()}"
    logger.error("%s %s %s", reference, request.method, request.path, exc_info=sys.exc_info())
    kept = None
    if request.method == "POST":
        try:
            kept = kept_words.keep(request)
        except Exception:
            logger.exception("%s: what was typed could not be kept", reference)
    answer = _plain_page(
        request, "states/500.html", 500, reference=reference, kept=kept, posted=request.method == "POST"
    )
    if kept is not None:
        kept_words.mark(request, answer, kept)
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open for too long, or the form came from elsewhere. Words from our own page are kept."""
    if request.method == "POST" and _from_our_page(request) and not request.path.startswith("/account/"):
        kept = kept_words.keep(request)
        if kept is not None:
            answer = redirect("kept") if request.user.is_authenticated else kept_words.to_sign_in(request)
            kept_words.mark(request, answer, kept)
            return answer
    return render(request, "states/csrf.html", status=403)


def _from_our_page(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on one of our pages."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(said).netloc == request.get_host()


def _plain_page(request: HttpRequest, template: str, status: int, **page: Any) -> HttpResponse:
    """A page that needs neither session nor database."""
    page |= {
        "page_language": get_language() or "en",
        "page_direction": "rtl" if get_language_bidi() else "ltr",
        "actor": ANONYMOUS,
        "plain": True,
    }
    return HttpResponse(render_to_string(template, page), status=status)


def _split(request: HttpRequest) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """What a person typed, to be shown and changed, and what only the machine needs."""
    typed, hidden = [], []
    for name, values in all_fields(request.POST).lists():
        for position, value in enumerate(values):
            last = name.rsplit("_", 1)[-1]
            if last in _MACHINE or last in {"ref", "id"} or name.startswith("_") or not value:
                hidden.append((name, value))
            else:
                typed.append(
                    {
                        "name": name,
                        "id": f"again_{name}_{position}",
                        "label": kept_words.label(name),
                        "value": value,
                        "long": len(value) > 60 or "\n" in value,
                    }
                )
    return typed, hidden


__all__ = ["bad_request", "csrf_failure", "not_allowed", "not_found", "refusal_page", "server_trouble"]
