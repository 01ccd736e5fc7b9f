"""How a loan stands at the end of a day, in the words of those who ask: what is owed, due, late and paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jump.core.schedules.parts import AGREED_PARTS, Part


@dataclass(frozen=True, slots=True)
class InstalmentState:
    """One instalment as it stands on the day asked for. `agreed` is all of it but late fees."""

    number: int
    due_on: date
    due: Mapping[Part, int]
    paid: Mapping[Part, int]
    paid_on: date | None  # the day it was paid in full
    waived_minor: int = 0
    agreed_late_minor: int = 0  # paid after the due date, of what was agreed
    is_extra: bool = False  # charges that fell due after the last instalment; no payment that was agreed

    @property
    def due_minor(self) -> int:
        return sum(self.due.values())

    @property
    def paid_minor(self) -> int:
        return sum(self.paid.values())

    @property
    def open_minor(self) -> int:
        return self.due_minor - self.paid_minor - self.waived_minor

    @property
    def agreed_minor(self) -> int:
        return sum(self.due[part] for part in AGREED_PARTS)

    @property
    def agreed_paid_minor(self) -> int:
        return sum(self.paid[part] for part in AGREED_PARTS)

    @property
    def agreed_on_time_minor(self) -> int:
        return self.agreed_paid_minor - self.agreed_late_minor


@dataclass(frozen=True, slots=True)
class LoanState:
    """How a loan stands at the end of a day."""

    as_of: date
    currency: str
    lent_minor: int
    principal_minor: int  # outstanding
    interest_minor: int  # outstanding, as scheduled
    fee_minor: int
    penalty_minor: int
    due_minor: int  # fallen due up to the day and not paid
    principal_late_minor: int  # the late part of the principal
    paid_minor: int
    overpaid_minor: int
    written_off_minor: int  # principal
    recovered_minor: int  # received after the write-off
    days_late: int
    late_since: date | None
    next_due_on: date | None
    next_due_minor: int
    instalments: tuple[InstalmentState, ...]

    @property
    def owed_minor(self) -> int:
        """Everything still owed, due or not."""
        return self.principal_minor + self.interest_minor + self.fee_minor + self.penalty_minor

    @property
    def is_closed(self) -> bool:
        return self.owed_minor == 0
