"""Pages that ask for a sign-in: strangers go to the sign-in page and come back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase

from jump.base.actors import Actor, can, require

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Only for people who are signed in."""
    wrapped: View = login_required(view)
    return wrapped


def needs(*rights: str) -> Callable[[View], View]:
    """Only for people who hold one of these rights somewhere; where exactly is for the services to say."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if not any(can(actor, right) for right in rights):
                require(actor, rights[0])
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
