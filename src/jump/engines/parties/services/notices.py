"""Telling a party something: the record here, the carrying in base."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from jump.base import notices
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.core.units import Ref
from jump.engines.parties.models import Notice
from jump.engines.parties.services._find import found


def notify(
    actor: Actor,
    *,
    to_ref: Ref,
    template: str,
    facts: Mapping[str, Any],
    on: date,
    about_ref: Ref | None = None,
    key: str = "",
) -> Ref:
    """Send a notice to a party. The same key, or the same template about the same thing on the same day, is one."""
    key = key or f"{template}|{to_ref}|{about_ref or ''}|{on.isoformat()}"
    with write_transaction():
        party = found(to_ref)
        require(actor, "parties.write", party.scope.path)
        row, created = Notice.objects.get_or_create(
            key=key,
            defaults={
                "scope": party.scope,
                "to_ref": to_ref,
                "template": template,
                "facts": dict(facts),
                "about_ref": about_ref or "",
                "on": on,
            },
        )
        if created:
            notices.deliver(template=template, facts=facts, key=f"parties:{key}", party=to_ref, about=about_ref or "")
        return Ref(row.ref)
