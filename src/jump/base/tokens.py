"""Tokens of the API: made once, shown once, kept as a digest, ended by their owner or by time."""

import datetime
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from jump.base import clock
from jump.base.actors import Actor, actor_for
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.models import ApiToken
from jump.base.refusals import NotFound

LIFE = datetime.timedelta(days=30)  # our default


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token that still opens: what it is for, since when and until when. The token itself is not known."""

    id: int
    label: str
    made_at: datetime.datetime
    ends_at: datetime.datetime


def digest_of(token: str) -> str:
    """What is kept of a token: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_token(user: User, *, label: str) -> tuple[str, HeldToken]:
    """A new token of this user, and what is kept of it; the token itself is returned once and not kept."""
    token = secrets.token_urlsafe(32)
    moment = clock.now()
    with write_transaction():
        row = ApiToken.objects.create(
            user=user, digest=digest_of(token), label=label[:100], made_at=moment, ends_at=moment + LIFE
        )
        record(actor_for(user), "api.sign_in", facts={"label": label[:100]})
    return token, _held(row)


def tokens_of(user: User) -> Sequence[HeldToken]:
    """The tokens of this user that still open, the newest first."""
    return [
        _held(row) for row in ApiToken.objects.filter(user=user, ends_at__gt=clock.now()).order_by("-made_at", "-pk")
    ]


def end_token(user: User, *, token_id: int) -> None:
    """End one of one's own tokens. Raises NotFound for one that is not there, or not one's own."""
    with write_transaction():
        row = ApiToken.objects.filter(user=user, pk=token_id).first()
        if row is None:
            raise NotFound()
        row.delete()
        record(actor_for(user), "api.sign_out", facts={"label": row.label})


def give_back(token: str) -> None:
    """End the token that is shown."""
    with write_transaction():
        row = ApiToken.objects.select_related("user").filter(digest=digest_of(token)).first()
        if row is not None:
            row.delete()
            record(actor_for(row.user), "api.sign_out", facts={"label": row.label})


def owner_of(token: str) -> Actor | None:
    """Who acts by this token: nobody where it is unknown or has ended, or its owner may not sign in any more."""
    found = ApiToken.objects.filter(digest=digest_of(token), ends_at__gt=clock.now(), user__is_active=True)
    owner = found.values_list("user_id", flat=True).first()
    return None if owner is None else actor_for(User.objects.get(pk=owner))


def _held(row: ApiToken) -> HeldToken:
    return HeldToken(row.pk, row.label, row.made_at, row.ends_at)
