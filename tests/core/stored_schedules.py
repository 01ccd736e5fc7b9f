"""An oracle for loans: payments put on a stored schedule in the plainest way that can be written.

A payment goes to the oldest instalment that is open, there in the order given, then to the next. Late fees join the
instalment in whose period they fall due; after the last one they make a line of their own. It knows nothing of waivers,
changes of the plan, refunds or losses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from jump.core.schedules import Part, Schedule


@dataclass(frozen=True, slots=True)
class Charge:
    """A late fee, due on a day."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Payment:
    on: date
    amount_minor: int


@dataclass(slots=True)
class Line:
    """An instalment, with what was paid of each part and on which day."""

    due_on: date
    due: dict[Part, int]
    paid: list[tuple[date, Part, int]] = field(default_factory=list)
    is_extra: bool = False

    def open_of(self, part: Part) -> int:
        return self.due[part] - sum(amount for _on, of, amount in self.paid if of is part)

    @property
    def open_minor(self) -> int:
        return sum(self.open_of(part) for part in Part)


def lines_of(
    table: Schedule, events: Iterable[Charge | Payment], *, as_of: date, order: Sequence[Part]
) -> tuple[list[Line], int]:
    """The instalments after everything up to a day, and the money that found nothing to pay."""
    lines = [
        Line(
            row.due_on,
            {
                Part.FEE: row.fee_minor,
                Part.PENALTY: 0,
                Part.INTEREST: row.interest_minor,
                Part.PRINCIPAL: row.principal_minor,
            },
        )
        for row in table.instalments
    ]
    over = 0
    happened = [event for event in events if event.on <= as_of]
    for event in sorted(happened, key=lambda event: (event.on, isinstance(event, Payment))):
        if isinstance(event, Payment):
            over += _pay(lines, event, order)
        else:
            _charge(lines, event)
    return lines, over


def _charge(lines: list[Line], charge: Charge) -> None:
    for line in lines:
        if line.due_on >= charge.on:
            line.due[Part.PENALTY] += charge.amount_minor
            return
    due = {part: charge.amount_minor if part is Part.PENALTY else 0 for part in Part}
    lines.append(Line(charge.on, due, is_extra=True))


def _pay(lines: Iterable[Line], payment: Payment, order: Sequence[Part]) -> int:
    left = payment.amount_minor
    for line in lines:
        for part in order:
            used = min(left, line.open_of(part))
            if used:
                line.paid.append((payment.on, part, used))
                left -= used
    return left
