"""A loan's movements put on its lines, and used anew where something earlier changed.

For classic loans all of them go on a finished schedule; for progressive ones tranches and charges take their turn among
the payments. Where only payments come after the change, only they are taken off and put on again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from jump.core.schedules.account import RANGES, DelinquencyRange
from jump.core.schedules.allocation import ALLOCATIONS, Allocation, Sequential
from jump.core.schedules.book import LinesOf
from jump.core.schedules.facts import Rescheduled
from jump.core.schedules.lines import no_parts
from jump.core.schedules.movements import OUTSIDE_BALANCE, PAYMENTS, MovementKind, OpenCharge, OpenMovement
from jump.core.schedules.parts import Part
from jump.core.schedules.recalculation import recalculated
from jump.core.schedules.resting import Row
from jump.core.schedules.tables import plan_of
from jump.core.schedules.terms import Disbursement, LoanTerms

DEFAULT_ALLOCATION = ALLOCATIONS["fees_penalties_interest_principal_order"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """How a lender runs its loans, beside the terms of each."""

    allocation: Allocation = DEFAULT_ALLOCATION
    recognises_income: bool = True  # accruals at the end of the day and at the end of the loan
    arrears_grace_days: int = 0
    ranges: Sequence[DelinquencyRange] = RANGES


class FactRefused(ValueError):
    """A fact cannot happen to the loan as it stands."""

    code = "schedules.fact_refused"


def by_order(movement: OpenMovement) -> tuple[date, date, int]:
    return movement.order


class MovementsOf:
    """The movements and charges of one loan, and the lines they are put on."""

    def __init__(self, terms: LoanTerms, practice: Practice) -> None:
        self.terms, self.practice = terms, practice
        self.book = LinesOf(terms, practice.allocation)
        self.movements: list[OpenMovement] = []
        self.charges: list[OpenCharge] = []
        self.last_charge: OpenCharge | None = None
        self.changes: list[Rescheduled] = []
        self.rows: list[Row] = []
        self.latest: OpenMovement | None = None
        self.put_on: list[OpenMovement] = []  # in the order they were put on the lines
        self.charge_off: OpenMovement | None = None
        self.today = date.min

    def live(self) -> list[OpenMovement]:
        outside = (MovementKind.ACCRUAL, MovementKind.CHARGE_WAIVER)
        kept = [one for one in self.movements if not one.is_reversed and one.kind not in outside]
        return sorted(kept, key=by_order)

    def replay(self, *, since: date) -> None:
        if not any(one.kind is MovementKind.DISBURSEMENT for one in self.movements if not one.is_reversed):
            self.book.clear()
            return
        kept = {line.due_on: line.accrued for line in self.book.lines}
        self.book.clear()
        self.put_on, self.charge_off = [], None
        if self.book.is_progressive:
            self._replay_in_turn()
        else:
            self._replay_on_schedule(since)
        for line in self.book.lines:
            line.accrued = kept.get(line.due_on, line.accrued)
        self.book.tidy()
        self._mark_waived()

    def _replay_in_turn(self) -> None:
        """Tranches, charges and payments in order of their days."""
        items: list[tuple[tuple[date, date, int], Callable[[], None]]] = []
        live = self.live()
        first = next(one.order for one in live if one.kind is MovementKind.DISBURSEMENT)
        for movement in live:
            items.append((movement.order, lambda movement=movement: self.put(movement)))  # type: ignore[misc]
        for charge in self.charges:  # one agreed before the money was paid out waits for it
            turn = max(charge.order, first)
            items.append((turn, lambda charge=charge: self.put_charge(charge)))  # type: ignore[misc]
        for _, put in sorted(items, key=lambda item: item[0]):
            put()

    def put_charge(self, charge: OpenCharge) -> None:
        self.book.add_charge(charge)
        if charge.waived_on is None:
            self.book.use_overpaid(charge.counts_from)

    def put(self, movement: OpenMovement) -> None:
        movement.is_after_charge_off = self.charge_off is not None and movement.order > self.charge_off.order
        if movement.kind is MovementKind.CHARGE_OFF:
            self.charge_off = movement
        if movement.kind is not MovementKind.DISBURSEMENT:
            self.book.put(movement)
        elif self.book.is_progressive:
            tranches = [*self.book.tranches, Disbursement(movement.on, movement.amount_minor)]
            changes = [change for change in self.changes if change.entered_on <= self.today]
            self.book.set_schedule(tranches, changes)
            movement.overpaid_minor = 0
            self.book.use_overpaid(movement.on, movement)
        reach = self.book.reach_of(movement)
        movement.reach = max(reach, self.put_on[-1].reach) if self.put_on else reach
        self.put_on.append(movement)

    def _replay_on_schedule(self, since: date) -> None:
        """Everything on the finished schedule."""
        live = self.live()
        tranches = [Disbursement(one.on, one.amount_minor) for one in live if one.kind is MovementKind.DISBURSEMENT]
        if self.terms.recalculation is None:
            self.book.set_schedule(tranches, self.changes)
        else:
            self.rows = self._recalculated(tranches, live, since)
            self.book.set_rows(self.rows, tranches)
        for charge in self.charges:
            self.book.add_charge(charge)
        for movement in live:
            self.put(movement)

    def _recalculated(self, tranches: Sequence[Disbursement], live: Sequence[OpenMovement], since: date) -> list[Row]:
        kept: list[Row] = []
        for row in self.rows:
            if row.due_on >= since:
                break
            kept.append(row)
        while kept and not kept[-1].interest_minor:
            kept.pop()
        allocation = self.practice.allocation
        if not isinstance(allocation, Sequential):
            raise FactRefused("a classic loan with recalculated interest needs an order from line to line")
        tranches = sorted(tranches, key=lambda tranche: tranche.on)
        return recalculated(
            plan_of(self.terms, tranches, self.changes),
            [(one.on, one.amount_minor) for one in live if one.kind in PAYMENTS],
            kept=kept,
            today=self.today,
            allocation=allocation,
            charges_in=self._charges_in,
        )

    def _charges_in(self, start: date, end: date, first: bool) -> dict[Part, int]:
        found = no_parts()
        for charge in self.charges:
            after = start <= charge.due_on if first else start < charge.due_on
            if after and charge.due_on <= end and charge.waived_on is None:
                found[charge.part] += charge.amount_minor
        return found

    def _mark_waived(self) -> None:
        """A line whose last open part was waived is met on the day of the waiver."""
        waivers = [one for one in self.movements if one.kind is MovementKind.CHARGE_WAIVER and not one.is_reversed]
        for line in self.book.lines if waivers else ():
            days = [one.on for one in waivers if one.on > line.from_on]
            if days and not line.open_minor and line.due_minor and line.met_on is None:
                line.met_on = max(days)

    def again_from(self, order: tuple[date, date, int], movement: OpenMovement | None = None) -> bool:
        """Use anew only what comes after a place in the order; not where more than payments came after it."""
        if self.book.is_progressive and (self.terms.recalculation or any(one.order > order for one in self.charges)):
            return False
        cut = bisect_left(self.put_on, order, key=by_order)
        return self.redo(cut, lambda: self.put(movement) if movement is not None else None)

    def redo(self, cut: int, between: Callable[[], None]) -> bool:
        """Take payments off from a position on, do something, put them on again."""
        tail = self.put_on[cut:]
        if any(one.kind not in PAYMENTS for one in tail) or len(tail) > len(self.put_on) // 2 + 100:
            return False
        for one in reversed(tail):
            self.book.take_off(one)
        del self.put_on[cut:]
        between()
        for one in tail:
            if not one.is_reversed:
                self.put(one)
        return True

    def count_balances(self) -> None:
        """Principal owed after each movement that stands; one taken back keeps the balance it had."""
        balance = 0
        kept = (one for one in self.movements if not one.is_reversed and one.kind not in OUTSIDE_BALANCE)
        for movement in sorted(kept, key=by_order):
            if movement.kind is MovementKind.DISBURSEMENT:
                balance += movement.amount_minor - movement.overpaid_minor
            elif movement.kind is MovementKind.REFUND:
                balance += movement.parts[Part.PRINCIPAL]
            else:
                balance -= movement.parts[Part.PRINCIPAL]
            movement.balance_minor = max(0, balance)
