"""One instalment while money is put on it: what is due, paid, waived and written off, part by part.

A payment before the due date counts as in advance, one after it as late. An instalment is met on the day its last part
was paid, waived or written off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.schedules.parts import Part


class LineKind(StrEnum):
    """Where an instalment comes from."""

    REGULAR = "regular"
    OWN_CONTRIBUTION = "own_contribution"
    EXTRA = "extra"  # after the last one, for charges or refunds that come later


_NO_PARTS = dict.fromkeys(Part, 0)


def no_parts() -> dict[Part, int]:
    return _NO_PARTS.copy()  # asking an enumeration for its members costs ten times as much


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An instalment as it stands."""

    number: int
    from_on: date
    due_on: date
    kind: LineKind
    due: Mapping[Part, int]
    paid: Mapping[Part, int]
    waived: Mapping[Part, int]
    written_off: Mapping[Part, int]
    paid_early_minor: int
    paid_late_minor: int
    agreed_late_minor: int  # paid late of what was agreed: late fees left out
    met_on: date | None  # the day its last open part was paid, waived or written off

    def open_of(self, part: Part) -> int:
        return self.due[part] - self.paid[part] - self.waived[part] - self.written_off[part]

    @property
    def due_minor(self) -> int:
        return sum(self.due.values())

    @property
    def paid_minor(self) -> int:
        return sum(self.paid.values())

    @property
    def waived_minor(self) -> int:
        return sum(self.waived.values())

    @property
    def open_minor(self) -> int:
        return self.due_minor - self.paid_minor - self.waived_minor - sum(self.written_off.values())


class OpenLine:
    """An instalment of one loan, changed in place by whoever replays the loan."""

    __slots__ = (
        "accrued",
        "agreed_late_minor",
        "credited_minor",
        "due",
        "due_on",
        "from_on",
        "kind",
        "met_on",
        "number",
        "open_minor",
        "paid",
        "paid_early_minor",
        "paid_late_minor",
        "waived",
        "written_off",
    )

    def __init__(self, number: int, from_on: date, due_on: date, kind: LineKind = LineKind.REGULAR) -> None:
        self.number, self.from_on, self.due_on, self.kind = number, from_on, due_on, kind
        self.due, self.paid, self.accrued = no_parts(), no_parts(), no_parts()
        self.waived, self.written_off = no_parts(), no_parts()
        self.credited_minor = 0  # principal that grew by a refund beyond what was overpaid
        self.paid_early_minor = self.paid_late_minor = self.agreed_late_minor = self.open_minor = 0
        self.met_on: date | None = None

    @property
    def due_minor(self) -> int:
        return sum(self.due.values())

    @property
    def paid_minor(self) -> int:
        return sum(self.paid.values())

    def open_of(self, part: Part) -> int:
        return self.due[part] - self.paid[part] - self.waived[part] - self.written_off[part]

    def add_due(self, part: Part, amount_minor: int) -> None:
        if amount_minor:
            self.due[part] += amount_minor
            self.open_minor += amount_minor
            if self.open_minor:
                self.met_on = None

    def set_due(self, part: Part, amount_minor: int) -> None:
        self.add_due(part, amount_minor - self.due[part])

    def pay(self, part: Part, offered_minor: int, on: date) -> int:
        """Put money on one part; returns how much of it was used."""
        used = min(self.open_of(part), offered_minor)
        if used <= 0:
            return 0
        self.paid[part] += used
        if on < self.due_on:
            self.paid_early_minor += used
        elif on > self.due_on:
            self.paid_late_minor += used
            if part is not Part.PENALTY:
                self.agreed_late_minor += used
        self._close(used, on)
        return used

    def unpay(self, part: Part, amount_minor: int, on: date) -> None:
        """As if money put on a part that day had never come."""
        self.paid[part] -= amount_minor
        if on < self.due_on:
            self.paid_early_minor -= amount_minor
        elif on > self.due_on:
            self.paid_late_minor -= amount_minor
            if part is not Part.PENALTY:
                self.agreed_late_minor -= amount_minor
        self.open_minor += amount_minor
        self.met_on = None

    def waive(self, part: Part, amount_minor: int, on: date) -> int:
        used = max(0, min(self.open_of(part), amount_minor))
        self.waived[part] += used
        self._close(used, on)
        return used

    def write_off(self, on: date) -> dict[Part, int]:
        """Give up whatever is open; returns the parts."""
        given_up = {part: self.open_of(part) for part in Part}
        for part, amount in given_up.items():
            self.written_off[part] += amount
        self._close(sum(given_up.values()), on)
        return given_up

    def _close(self, amount_minor: int, on: date) -> None:
        self.open_minor -= amount_minor
        if amount_minor and not self.open_minor:
            self.met_on = on

    def covers(self, day: date, *, first: bool) -> bool:
        """Whether a charge due that day belongs here: after the start of the period, for the first one on it too."""
        return (self.from_on <= day if first else self.from_on < day) and day <= self.due_on

    def frozen(self) -> AccountLine:
        return AccountLine(
            number=self.number,
            from_on=self.from_on,
            due_on=self.due_on,
            kind=self.kind,
            due=self.due,
            paid=self.paid,
            waived=self.waived,
            written_off=self.written_off,
            paid_early_minor=self.paid_early_minor,
            paid_late_minor=self.paid_late_minor,
            agreed_late_minor=self.agreed_late_minor,
            met_on=self.met_on,
        )


def first_regular(lines: Iterable[OpenLine]) -> OpenLine | None:
    """The first instalment that is no own contribution: a charge due on the day of disbursement falls to it."""
    return next((line for line in lines if line.kind is LineKind.REGULAR), None)
