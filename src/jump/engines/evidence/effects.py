"""What declared data may cause in evidence. Each is safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jump.base.outbox import Cause
from jump.core.units import Ref
from jump.engines.evidence import services


def open_dossier(cause: Cause, *, definition: str, about: str, scope: str) -> Mapping[str, Any]:
    """A dossier about something, once: {"ref"}."""
    ref = services.open_dossier(
        cause.actor, definition=definition, about=Ref(about), scope=scope, on=cause.on, key=cause.key
    )
    return {"ref": ref}


def freeze_dossier(cause: Cause, *, dossier: str) -> Mapping[str, Any]:
    """The dossier as it is now, as a version: {"ref"}."""
    return {"ref": services.freeze_dossier(cause.actor, ref=Ref(dossier), on=cause.on, key=cause.key)}


def link_person(cause: Cause, *, submission: str, person: str) -> Mapping[str, Any]:
    """Note that a submission names a person, so that forgetting the person reaches it."""
    services.link_person(Ref(submission), Ref(person))
    return {"ref": submission}


def set_about(cause: Cause, *, submission: str, about: str, scope: str | None = "") -> Mapping[str, Any]:
    """Say what a submission is about, once that exists; its home moves there."""
    services.set_about(Ref(submission), Ref(about), scope or "")
    return {"ref": submission}


EFFECTS = {
    "evidence.open_dossier": open_dossier,
    "evidence.freeze_dossier": freeze_dossier,
    "evidence.link_person": link_person,
    "evidence.set_about": set_about,
}
