"""Income as it is earned: interest day by day, charges from their due date, the rest when the loan is over.

At the end of a day income up to the day before is recognised, instalment by instalment: one that fell due in full and
dated on its due date, the running one in proportion of its days. What was recognised is never taken back here; a later
day only adds what is missing. A charged-off loan earns nothing.

Source: loan cases README (`end_of_day`), after Apache Fineract's periodic accruals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from jump.core.schedules.allocation import round_half_even
from jump.core.schedules.lines import AccountLine, LineKind, OpenLine, first_regular, no_parts
from jump.core.schedules.movements import OpenCharge
from jump.core.schedules.parts import CHARGES, Part

INCOME = (Part.INTEREST, *CHARGES)


class Accrued:
    """What has been recognised so far."""

    __slots__ = ("parts", "until")

    def __init__(self) -> None:
        self.parts = no_parts()
        self.until: date | None = None

    def add(self, parts: dict[Part, int], on: date) -> None:
        for part, amount in parts.items():
            self.parts[part] += amount
        self.until = on if self.until is None else max(self.until, on)


def rest(lines: Iterable[OpenLine], charges: Iterable[OpenCharge], accrued: Accrued) -> dict[Part, int]:
    """Income of the whole loan that was not recognised yet; lines remember that it is now."""
    found = no_parts()
    for line in lines:
        for part in INCOME:
            found[part] += line.due[part]
            line.accrued[part] = max(line.accrued[part], line.due[part])
    for charge in charges:
        found[charge.part] -= charge.unrecognised_minor
    return {part: max(0, found[part] - accrued.parts[part]) for part in found}


def until_yesterday(
    lines: Sequence[OpenLine], charges: Sequence[OpenCharge], accrued: Accrued, today: date
) -> list[tuple[date, dict[Part, int]]]:
    """What to recognise at the end of the day before today: the date to book it on and the parts."""
    till = today - timedelta(days=1)
    found: list[tuple[date, dict[Part, int]]] = []
    reached = accrued.until
    first = first_regular(lines)
    for line in lines:
        if _is_done(line, till):
            reached = line.due_on if line.kind is not LineKind.OWN_CONTRIBUTION else reached
            continue
        if line.from_on > till:
            break
        has_begun = line.from_on <= till if line is first else line.from_on < till
        if line.kind is LineKind.OWN_CONTRIBUTION or not has_begun:
            continue
        if line.due_on <= till:
            on, income = line.due_on, _income(line, charges, line.due_on)
            reached = line.due_on
        elif reached is None or reached < till:
            on, income = till, _income(line, charges, till)
        else:
            continue
        parts = {part: income[part] - line.accrued[part] for part in income}
        if sum(parts.values()) <= 0:
            continue
        for part in parts:
            line.accrued[part] += parts[part]
        found.append((on, parts))
    return found


def accrued_interest(lines: Iterable[AccountLine], day: date) -> int:
    """Interest earned by a day and neither paid nor waived: all of what fell due, the running part by its days."""
    found = 0
    for line in lines:
        days, passed = (line.due_on - line.from_on).days, (day - line.from_on).days
        if passed <= 0 and line.due_on > day:
            continue
        due = line.due[Part.INTEREST]
        earned = due if passed >= days else round_half_even(due * passed, days)
        settled = line.paid[Part.INTEREST] + line.waived[Part.INTEREST] + line.written_off[Part.INTEREST]
        found += max(0, earned - settled)
    return found


def _is_done(line: OpenLine, till: date) -> bool:
    """Fallen due, and everything on it recognised."""
    return line.due_on <= till and all(line.accrued[part] >= line.due[part] for part in INCOME)


def _income(line: OpenLine, charges: Iterable[OpenCharge], till: date) -> dict[Part, int]:
    income = no_parts()
    days = (line.due_on - line.from_on).days
    passed = (till - line.from_on).days
    income[Part.INTEREST] = (
        line.due[Part.INTEREST] if passed >= days else round_half_even(line.due[Part.INTEREST] * passed, days)
    )
    for charge in charges:
        if charge.line is line and charge.due_on <= till:
            charge.accrued_minor = charge.amount_minor - charge.unrecognised_minor
            income[charge.part] += charge.accrued_minor
    return income
