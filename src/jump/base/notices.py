"""Delivery of notices: the inbox of a user or a party. Mail and text messages are further carriers of the same row."""

from collections.abc import Mapping
from typing import Any

from jump.base import clock
from jump.base.models import Notice
from jump.core.units import Ref


def deliver(
    *,
    template: str,
    facts: Mapping[str, Any],
    key: str,
    user_id: int | None = None,
    party: Ref | str = "",
    about: Ref | str = "",
) -> bool:
    """Put one notice into an inbox; the same key delivers once. True if it was new."""
    _row, created = Notice.objects.get_or_create(
        key=key,
        defaults={
            "user_id": user_id,
            "party": str(party),
            "template": template,
            "facts": dict(facts),
            "about": str(about),
            "at": clock.now(),
        },
    )
    return created


def inbox(*, user_id: int | None = None, party: Ref | str = "", limit: int = 50) -> list[Notice]:
    """The newest notices of a user or a party."""
    rows = Notice.objects.filter(user_id=user_id) if user_id is not None else Notice.objects.filter(party=str(party))
    return list(rows.order_by("-at")[:limit])
