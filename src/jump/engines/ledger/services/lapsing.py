"""Holds whose time is over."""

from __future__ import annotations

from collections.abc import Sequence

from jump.base import clock
from jump.engines.ledger.models import Hold, HoldMove
from jump.engines.ledger.types import HoldEnd

_BY = "time"


def lapse_due(account_ids: Sequence[int] | None = None) -> int:
    """End the holds whose time is over, on these accounts or on all; returns the sum of what is free again.

    Called inside a transaction that holds the balances of these accounts.
    """
    now = clock.now()
    due = Hold.objects.filter(open_minor__gt=0, lapses_at__lte=now)
    if account_ids is not None:
        due = due.filter(account_id__in=account_ids)
    rows = list(due.order_by("account_id", "id").values_list("id", "open_minor"))
    for hold_id, open_minor in rows:
        HoldMove.objects.create(hold_id=hold_id, kind=HoldEnd.LAPSED.value, amount_minor=open_minor, at=now, by=_BY)
    return sum(open_minor for _hold, open_minor in rows)
