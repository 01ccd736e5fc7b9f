"""Signing in with a token: made once, shown once, kept as a digest, ended by its owner or by time."""

import datetime
import hashlib
import secrets

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBasicAuth, HttpBearer

from jump.api.models import ApiToken
from jump.base import clock
from jump.base.actors import Actor, actor_for
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import Refusal

LIFE = datetime.timedelta(days=30)  # our default
TRIES_MAX = 10
TRIES_WINDOW_SECONDS = 300


class SignInRefused(Refusal):
    """Name or password is wrong, or the account asks for a second factor."""

    code = "api.sign_in_refused"
    http_status = 401
    message = _("Name and password do not match an account that may use the API.")
    what_to_do = _("Check both. An account with a second factor makes its token on the page My account.")


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


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(request: HttpRequest, *, username: str, password: str, label: str) -> tuple[str, ApiToken]:
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


def make_token(user: AbstractBaseUser, *, label: str) -> tuple[str, ApiToken]:
    """A new token of this user."""
    token = secrets.token_urlsafe(32)
    moment = clock.now()
    with write_transaction():
        row = ApiToken.objects.create(
            user=user, digest=digest_of(token), label=label[:100], made_at=moment, ends_at=moment + LIFE
        )
        record(actor_for(user), "api.sign_in", facts={"label": label[:100]})
    return token, row


def sign_out(token: str) -> None:
    """End a token."""
    with write_transaction():
        ApiToken.objects.filter(digest=digest_of(token)).delete()


class Token(HttpBearer):
    """Reads the token and puts its actor on the request."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        return _owner_of(request, token)


class TokenAsPassword(HttpBasicAuth):
    """The same token where a program asks for a name and a password, as Excel and Power BI do: any name will do."""

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Actor:
        return _owner_of(request, password)


def _owner_of(request: HttpRequest, token: str) -> Actor:
    row = (
        ApiToken.objects.filter(digest=digest_of(token), ends_at__gt=clock.now(), user__is_active=True)
        .values_list("user_id", flat=True)
        .first()
    )
    if row is None:
        raise TokenUnknown()
    actor = actor_for(get_user_model().objects.get(pk=row))
    request.actor = actor  # type: ignore[attr-defined]
    return actor
