"""The tables of the ledger."""

from jump.engines.ledger.models.holds import Hold, HoldMove
from jump.engines.ledger.models.tables import (
    Account,
    Balance,
    Batch,
    Book,
    Closing,
    Entry,
    Exchange,
    Imported,
    Line,
    Link,
    Movement,
    Period,
    Seal,
    Unit,
)

__all__ = [
    "Account",
    "Balance",
    "Batch",
    "Book",
    "Closing",
    "Entry",
    "Exchange",
    "Hold",
    "HoldMove",
    "Imported",
    "Line",
    "Link",
    "Movement",
    "Period",
    "Seal",
    "Unit",
]
