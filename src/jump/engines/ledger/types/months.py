"""What crosses the door about months of a book: how far each is, and what stands in the way of sealing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from jump.core.units import Ref


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month of a book: 200406 is June 2004. `by` is who changed its state last."""

    book_ref: Ref
    month: int
    state: str
    entries: int
    by: str = ""
    changed_at: datetime | None = None
    root: str = ""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What the ledger itself knows to be unfinished at the end of a month."""

    not_linked: int
    open_bank: int
    waiting: int
    holds: int
    not_reconciled: tuple[Ref, ...]  # accounts whose bank sends statements, not reconciled up to the month's end

    @property
    def needs_reason(self) -> bool:
        """Whether the month is sealed only with a reason. Links are made by sealing, and holds may go on."""
        return bool(self.open_bank or self.waiting)


@dataclass(frozen=True, slots=True)
class LateFact:
    """Something true in a month that was booked later, with the day on which it was true."""

    entry_ref: Ref
    memo: str
    occurred_on: date
    value_on: date
