"""The append-only trail: who did what to which row, when and why."""

from collections.abc import Mapping
from typing import Any

from jump.base import clock
from jump.base.actors import Actor
from jump.base.guards import AddedOnly
from jump.base.models import AuditEvent
from jump.core.units import Ref

GUARDS = (AddedOnly("base_auditevent", "the audit trail is only ever added to"),)


def record(
    actor: Actor, action: str, ref: Ref | str = "", *, why: str = "", facts: Mapping[str, Any] | None = None
) -> None:
    """Write one event in the current transaction. No names and no P3 text in facts: the trail is never erased."""
    AuditEvent.objects.create(
        at=clock.now(), who=actor.key, action=action, about=str(ref), why=why, facts=dict(facts or {})
    )


def trail(ref: Ref, limit: int = 100) -> list[AuditEvent]:
    """The events about one row, newest first. The caller has checked that the row itself may be seen."""
    return list(AuditEvent.objects.filter(about=ref).order_by("-at", "-pk")[:limit])
