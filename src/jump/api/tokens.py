"""Signing in to the API with name and password for a token, and with the token for everything else."""

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBasicAuth, HttpBearer

from jump.base.actors import Actor
from jump.base.refusals import Refusal
from jump.base.tokens import HeldToken, digest_of, make_token, owner_of

TRIES_MAX = 10
TRIES_WINDOW_SECONDS = 300


class SignInRefused(Refusal):
    """Name or password is wrong, or the account asks for a second factor."""

    code = "api.sign_in_refused"
    http_status = 401
    message = _("Name and password do not match an account that may use the API.")
    what_to_do = _("Check both. An account with a second factor makes its token on the page Tokens of your account.")


class TokenUnknown(Refusal):
    """No token, or one that has ended."""

    code = "api.token_unknown"
    http_status = 401
    message = _("The token is missing, wrong or has ended.")
    what_to_do = _("Sign in again at /api/v1/sign-in and send `Authorization: Bearer TOKEN`.")


class TooManyTries(Refusal):
    """Too many wrong sign-ins for one name."""

    code = "api.too_many_tries"
    http_status = 429
    message = _("Too many wrong sign-ins for this name.")
    what_to_do = _("Wait five minutes, then try again.")


def sign_in(request: HttpRequest, *, username: str, password: str, label: str) -> tuple[str, HeldToken]:
    """Make a token for a user; the token itself is returned once and not kept.

    Raises SignInRefused and TooManyTries.
    """
    from allauth.mfa.models import Authenticator
    from django.core.cache import cache

    tries_key = f"api-sign-in-{digest_of(username)}"
    if (cache.get(tries_key) or 0) >= TRIES_MAX:
        raise TooManyTries()
    user = authenticate(request, username=username, password=password)
    if user is None or Authenticator.objects.filter(user=user).exists():
        cache.add(tries_key, 0, TRIES_WINDOW_SECONDS)
        cache.incr(tries_key)
        raise SignInRefused()
    return make_token(user, label=label)


class Token(HttpBearer):
    """Reads the token and puts its actor on the request."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        return _owner_of(request, token)


class TokenAsPassword(HttpBasicAuth):
    """The same token where a program asks for a name and a password, as Excel and Power BI do: any name will do."""

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Actor:
        return _owner_of(request, password)


def _owner_of(request: HttpRequest, token: str) -> Actor:
    actor = owner_of(token)
    if actor is None:
        raise TokenUnknown()
    request.actor = actor  # type: ignore[attr-defined]
    return actor
