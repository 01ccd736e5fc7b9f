"""(terms, facts, day) -> a loan as it stands: its instalments, every movement of money, what is owed, late and paid.

Facts are taken in the order they were entered. One that counts from today is put on top of what is there; one that
counts from an earlier day makes all payments be used anew in order of their days. What was booked stays in the history:
a movement that was taken back keeps the parts it had, one that is used anew has new parts (`entries` books the
difference). Nothing is stored between calls.

Source: loan cases README; behaviour after Apache Fineract's transaction processors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from jump.core.schedules.lines import AccountLine, LineKind
from jump.core.schedules.movements import LoanCharge, Movement
from jump.core.schedules.parts import Part
from jump.core.schedules.terms import Disbursement, LoanTerms


class Status(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ACTIVE = "active"
    CLOSED = "closed_obligations_met"
    OVERPAID = "overpaid"
    WRITTEN_OFF = "closed_written_off"


@dataclass(frozen=True, slots=True)
class DelinquencyRange:
    """A name for so many days late."""

    name: str
    days_min: int
    days_max: int | None = None


@dataclass(frozen=True, slots=True)
class Delinquency:
    """How late a loan is; no name and no day when it is not."""

    name: str = ""
    since: date | None = None
    days: int = 0


RANGES: tuple[DelinquencyRange, ...] = (
    DelinquencyRange("range_1", 1, 3),
    DelinquencyRange("range_3", 4, 30),
    DelinquencyRange("range_30", 31, 60),
    DelinquencyRange("range_60", 61, 90),
    DelinquencyRange("range_90", 91, 120),
    DelinquencyRange("range_120", 121, 150),
    DelinquencyRange("range_150", 151, 180),
    DelinquencyRange("range_180", 181, 240),
    DelinquencyRange("range_240", 241),
)


@dataclass(frozen=True, slots=True)
class LoanAccount:
    """One loan after the facts given."""

    terms: LoanTerms
    as_of: date
    status: Status
    disbursements: tuple[Disbursement, ...]
    instalments: tuple[AccountLine, ...]
    movements: tuple[Movement, ...]
    charges: tuple[LoanCharge, ...]
    overpaid_minor: int
    arrears_grace_days: int = 0
    ranges: Sequence[DelinquencyRange] = RANGES
    counted_on: date | None = None  # the day lateness was last counted

    def open_of(self, part: Part) -> int:
        return sum(line.open_of(part) for line in self.instalments)

    @property
    def owed_minor(self) -> int:
        return sum(line.open_minor for line in self.instalments)

    def late_lines(self, day: date, *, grace_days: int = 0) -> list[AccountLine]:
        if self.status is not Status.ACTIVE:
            return []
        last = day - timedelta(days=grace_days)
        return [line for line in self.instalments if line.open_minor and line.due_on < last]

    def overdue_minor(self, day: date) -> int:
        """What fell due before the day and is not paid, once the grace on arrears has run out."""
        return sum(line.open_minor for line in self.late_lines(day, grace_days=self.arrears_grace_days))

    def delinquency(self, day: date | None = None) -> Delinquency:
        """Days late begin after the grace of the oldest open instalment."""
        day = day or self.counted_on or self.as_of
        late = self.late_lines(day)
        if not late:
            return Delinquency()
        since = late[0].due_on + timedelta(days=self.arrears_grace_days)
        days = (day - since).days
        for named in self.ranges:
            if named.days_min <= days and (named.days_max is None or days <= named.days_max):
                return Delinquency(named.name, since, days)
        return Delinquency()

    def movement(self, ref: str) -> Movement:
        return next(movement for movement in self.movements if movement.ref == ref)

    def totals(self) -> Mapping[str, int]:
        """The sums under a schedule."""
        lines = self.instalments
        found = {part.value: sum(line.due[part] for line in lines) for part in Part}
        return found | {
            "due": sum(line.due_minor for line in lines),
            "paid": sum(line.paid_minor for line in lines),
            "early": sum(line.paid_early_minor for line in lines),
            "late": sum(line.paid_late_minor for line in lines),
            "owed": self.owed_minor,
        }


def with_balances(lines: Iterable[AccountLine], disbursements: Sequence[Disbursement]) -> list[tuple[AccountLine, int]]:
    """Each line with the principal that stays after it, tranches of the day counted before it; never below zero."""
    found, repaid = [], 0
    waiting = list(disbursements)
    lent = 0
    for line in lines:
        while waiting and _is_before(waiting[0], line):
            lent += waiting.pop(0).amount_minor
        repaid += line.due[Part.PRINCIPAL]
        found.append((line, max(0, lent - repaid)))
    return found


def _is_before(tranche: Disbursement, line: AccountLine) -> bool:
    if line.kind is LineKind.OWN_CONTRIBUTION:
        return tranche.on <= line.due_on
    return tranche.on < line.due_on or (tranche.on == line.due_on == line.from_on)
