"""Devices that send forms: made by a coordinator, known by a token that is shown once, revoked at any time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from jump.base import audit, clock
from jump.base.actors import Actor, Grant, actor_for, can, require
from jump.base.db import write_transaction
from jump.base.prepared import Prepared
from jump.base.refusals import BadInput, NotFound, Refusal
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence.models import AppUser, Form

RIGHT = "evidence.review"
TOKEN_BYTES = 48
SEEN_EVERY = timedelta(minutes=5)


class DeviceUnknown(Refusal):
    """A token that nobody was given."""

    code = "evidence.device_unknown"
    http_status = 401
    message = _("This device is not known here.")
    what_to_do = _("Ask the coordinator for a new settings code. What is filled in stays on the device.")


class DeviceRevoked(Refusal):
    """A device that was taken out of use, or whose carrier may no longer send forms of the place."""

    code = "evidence.device_revoked"
    http_status = 403
    message = _("This device was taken out of use.")
    what_to_do = _("Ask the coordinator for a new settings code. What is filled in stays on the device.")


@dataclass(frozen=True, slots=True)
class Device:
    """A device that asks: who acts, for which place, with which forms (none named: all)."""

    ref: Ref
    actor: Actor
    scope: str
    forms: tuple[str, ...]
    is_revoked: bool


def make_app_user(
    actor: Actor, *, name: str, scope: str, forms: Sequence[str] = (), carrier: int | None = None
) -> tuple[Ref, str]:
    """Make a device of a place; its token is returned once and not kept.

    `forms` are full ids, none for all that are offered; `carrier` is the account of the person who carries it.
    Refuses an empty name, a form or an account that does not exist.
    """
    require(actor, RIGHT, scope)
    errors: dict[str, list[str]] = {}
    if not name.strip():
        errors["name"] = [str(_("Give the device a name."))]
    known = set(Form.objects.filter(form_id__in=forms).values_list("form_id", flat=True))
    unknown = [one for one in forms if one not in known]
    if unknown:
        errors["forms"] = [str(_("There is no form %(form)s.") % {"form": unknown[0]})]
    if carrier is not None and not get_user_model().objects.filter(pk=carrier, is_active=True).exists():
        errors["carrier"] = [str(_("This person has no account any more."))]
    if errors:
        raise BadInput(errors)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with write_transaction():
        row = AppUser.objects.create(
            scope_id=node_id(scope),
            name=name.strip()[:100],
            carrier_id=carrier,
            forms=sorted(set(forms)),
            digest=digest_of(token),
            made_at=clock.now(),
            made_by=actor.key,
        )
        audit.record(actor, "evidence.make_app_user", Ref(row.ref), facts={"scope": scope})
    return Ref(row.ref), token


def revoke_app_user(actor: Actor, *, ref: Ref) -> None:
    """Take a device out of use, at once and for good. What it sent stays."""
    with write_transaction():
        row = AppUser.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, RIGHT, row.scope.path)
        changed = AppUser.objects.filter(pk=row.pk, revoked_at__isnull=True).update(
            revoked_at=clock.now(), revoked_by=actor.key
        )
        if changed:
            audit.record(actor, "evidence.revoke_app_user", ref)


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


_BY_DIGEST = Prepared(lambda digest: AppUser.objects.select_related("scope", "carrier").filter(digest=digest))


def device(token: str) -> Device:
    """The device that holds this token, revoked or not; the time it was seen is noted. Raises DeviceUnknown."""
    row = _BY_DIGEST.first(digest_of(token))
    if row is None:
        raise DeviceUnknown()
    carrier = actor_for(row.carrier)
    is_revoked = is_out_of_use(row, carrier)
    now = clock.now()
    if not is_revoked and (row.seen_at is None or now - row.seen_at > SEEN_EVERY):
        with write_transaction():
            AppUser.objects.filter(pk=row.pk).update(seen_at=now)
    return Device(Ref(row.ref), _actor(row, carrier), row.scope.path, tuple(row.forms), is_revoked)


def is_out_of_use(row: AppUser, carrier: Actor) -> bool:
    """Whether a device was revoked, or who carries it may no longer send forms of its place."""
    if row.revoked_at is not None or row.carrier is None:
        return row.revoked_at is not None
    return not row.carrier.is_active or not can(carrier, "evidence.submit", row.scope.path)


def _actor(row: AppUser, carrier: Actor) -> Actor:
    """Who acts through a device: its carrier where there is one, with nothing but the right to send at its place."""
    grants = (Grant("app_user", row.scope.path),)
    if row.carrier is None:
        return Actor(None, row.name, grants=grants, device_ref=Ref(row.ref))
    return replace(carrier, grants=grants, row_refs=frozenset(), device_ref=Ref(row.ref))
