"""What every request carries: who acts, and the effects of what was done."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from jump.base import outbox
from jump.base.actors import actor_for


class ActorMiddleware:
    """Sets ``request.actor``; its query runs only where somebody asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_for(request.user))  # type: ignore[attr-defined]
        return self.get_response(request)


class EffectsMiddleware:
    """Runs what this request caused before the answer leaves, so that the next page shows it.

    What fails here stays with the worker; the answer is not held up by it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        outbox.run_pending_of_this_request()
        return response
