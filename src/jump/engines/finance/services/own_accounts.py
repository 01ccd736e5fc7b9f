"""The ledger accounts that a store, a market or a contract with a client has for itself in its owner's book."""

from __future__ import annotations

from collections.abc import Mapping

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.finance.models import ClientContract, Market, Store
from jump.engines.ledger import api as ledger

Declared = Mapping[str, tuple[str, str, int | None]]  # name -> title, kind, least amount


def own_account(actor: Actor, row: Store | Market | ClientContract, name: str, declared: Declared) -> Ref:
    """One of its accounts in its currency, opened when it is first needed."""
    title, kind, floor = declared[name]
    return ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=f"{name}:{row.ref}",
        title=f"{title}, {row.ref}",
        kind=kind,
        unit=row.currency,
        floor_minor=floor,
    )
