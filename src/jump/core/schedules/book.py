"""The lines of one loan while its facts are taken one by one; see `account` for what comes out.

`LinesOf` knows how money, charges, refunds and losses change the lines, and how a schedule puts them there.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from jump.core.schedules import prepaid
from jump.core.schedules.allocation import Allocation, Sequential, Use, use_money
from jump.core.schedules.facts import Rescheduled
from jump.core.schedules.lines import LineKind, OpenLine, first_regular, no_parts
from jump.core.schedules.movements import PAYMENTS, MovementKind, OpenCharge, OpenMovement
from jump.core.schedules.parts import CHARGES, Part
from jump.core.schedules.resting import Row
from jump.core.schedules.tables import schedule
from jump.core.schedules.terms import Disbursement, LoanTerms, ScheduleKind

EVERY_LINE = 1 << 30


def _due(charge: OpenCharge) -> date:
    return charge.due_on


class LinesOf:
    """The instalments of one loan and what is put on them."""

    def __init__(self, terms: LoanTerms, allocation: Allocation) -> None:
        self.terms, self.allocation = terms, allocation
        self.lines: list[OpenLine] = []
        self.tranches: list[Disbursement] = []
        self.equals: dict[date, int] = {}
        self.early: prepaid.Early = []
        self.overpaid = 0
        self.first_open = 0  # no line before this one is open
        self.charges: list[OpenCharge] = []  # in order of due date
        self.first_pending = dict.fromkeys(CHARGES, 0)  # no charge before this one is pending

    @property
    def is_progressive(self) -> bool:
        return self.terms.kind is ScheduleKind.PROGRESSIVE

    def clear(self) -> None:
        self.lines, self.tranches, self.equals, self.early = [], [], {}, []
        self.overpaid, self.first_open, self.charges = 0, 0, []
        self.first_pending = dict.fromkeys(CHARGES, 0)

    def set_schedule(self, tranches: Sequence[Disbursement], changes: Sequence[Rescheduled]) -> None:
        """Lines of the schedule; ones that are there already keep what was paid and charged on them."""
        table = schedule(self.terms, disbursements=tranches, changes=changes)
        self.tranches = list(table.disbursements)
        regular = {line.due_on: line for line in self.lines if line.kind is LineKind.REGULAR}
        own = [line for line in self.lines if line.kind is LineKind.OWN_CONTRIBUTION]
        extra = [line for line in self.lines if line.kind is LineKind.EXTRA]
        found: list[OpenLine] = []
        for row in table.instalments:
            if row.is_own_contribution:
                line = own.pop(0) if own else OpenLine(row.number, row.due_on, row.due_on, LineKind.OWN_CONTRIBUTION)
            else:
                line = regular.get(row.due_on) or OpenLine(row.number, row.from_on, row.due_on)
                line.set_due(Part.INTEREST, row.interest_minor)
                if not line.due[Part.FEE]:
                    line.add_due(Part.FEE, row.fee_minor)
                self.equals[row.due_on] = row.principal_minor + row.interest_minor
            line.set_due(Part.PRINCIPAL, row.principal_minor + line.credited_minor)
            found.append(line)
        self._put_lines([*found, *extra])

    def set_rows(self, rows: Sequence[Row], tranches: Sequence[Disbursement]) -> None:
        """Lines of a table that was worked out anew from payments."""
        self.tranches = list(tranches)
        found = []
        for row in rows:
            line = OpenLine(0, row.from_on, row.due_on)
            line.add_due(Part.PRINCIPAL, row.principal_minor)
            line.add_due(Part.INTEREST, row.interest_minor)
            found.append(line)
        self._put_lines(found)

    def _put_lines(self, lines: Sequence[OpenLine]) -> None:
        first_day = self.tranches[0].on if self.tranches else None
        self.lines, self.first_open = list(lines), 0
        for number, line in enumerate(self.lines, start=1):
            line.number = number
            if not line.due_minor:
                line.met_on = first_day

    # --- charges ---

    def add_charge(self, charge: OpenCharge) -> None:
        insort(self.charges, charge, key=_due)
        self.first_open, self.first_pending = 0, dict.fromkeys(CHARGES, 0)
        charge.paid_minor = 0
        charge.line = self.line_for(charge, create=True)
        charge.line.add_due(charge.part, charge.amount_minor)
        if charge.waived_on is not None:
            charge.line.waive(charge.part, charge.waived_minor, charge.waived_on)

    def line_for(self, charge: OpenCharge, *, create: bool = False) -> OpenLine:
        """The line whose period the charge falls due in; after the last one, a line of its own."""
        last = max(line.due_on for line in self.lines if line.kind is not LineKind.EXTRA)
        if charge.due_on > last:
            return self._extra(last, charge.due_on) if create else self.lines[-1]
        first = first_regular(self.lines)
        for line in self.lines:
            if line.kind is LineKind.REGULAR and line.covers(charge.due_on, first=line is first):
                return line
        assert first is not None
        return first

    def _extra(self, after: date, due_on: date) -> OpenLine:
        line = next((line for line in self.lines if line.kind is LineKind.EXTRA), None)
        if line is None:
            line = OpenLine(len(self.lines) + 1, after, due_on, LineKind.EXTRA)
            self.lines.append(line)
        line.due_on = max(line.due_on, due_on)
        return line

    def charges_due(self, on: date, limit_minor: int) -> dict[Part, int]:
        """Charges fallen due by a day and not yet paid in full, counted no further than the limit."""
        due = no_parts()
        for part in CHARGES:
            for charge in self._pending(part):
                if charge.due_on > on or due[part] >= limit_minor:
                    break
                due[part] += charge.amount_minor
        return due

    def _pending(self, part: Part) -> Iterator[OpenCharge]:
        """Charges of one part that are not paid, oldest due date first."""
        is_first = True
        for position in range(self.first_pending[part], len(self.charges)):
            charge = self.charges[position]
            if charge.part is part and charge.is_pending:
                is_first = False
                yield charge
            elif is_first:
                self.first_pending[part] = position + 1

    def _pay_charges(self, parts: Mapping[Part, int]) -> None:
        for part in CHARGES:
            left = parts[part]
            for charge in self._pending(part) if left else ():
                used = min(left, charge.amount_minor - charge.paid_minor - charge.waived_minor)
                charge.paid_minor += used
                left -= used
                if not left:
                    break

    def _unpay_charges(self, parts: Mapping[Part, int]) -> None:
        for part in CHARGES:
            left = parts[part]
            for charge in reversed(self.charges):
                if not left:
                    break
                if charge.part is part:
                    used = min(left, charge.paid_minor)
                    charge.paid_minor -= used
                    left -= used
            if parts[part]:
                self.first_pending[part] = 0

    # --- movements ---

    def put(self, movement: OpenMovement) -> None:
        """Let a movement change the lines, and write into it what it was used for."""
        if movement.kind in PAYMENTS:
            self._payment(movement)
        elif movement.kind is MovementKind.REFUND:
            self._refund(movement)
        elif movement.kind is MovementKind.CHARGE_OFF:
            movement.parts = {part: sum(line.open_of(part) for line in self.lines) for part in Part}
            movement.amount_minor = sum(movement.parts.values())
        elif movement.kind is MovementKind.WAIVER:
            self._waive(movement)
        elif movement.kind is MovementKind.WRITE_OFF:
            movement.parts = no_parts()
            for line in self.lines:
                for part, amount in line.write_off(movement.on).items():
                    movement.parts[part] += amount
            movement.amount_minor = sum(movement.parts.values())

    def _waive(self, movement: OpenMovement) -> None:
        """Of the part named, as far as it is open; the oldest instalment first."""
        assert movement.waives is not None
        left, movement.parts = movement.amount_minor, no_parts()
        for line in self.lines:
            used = line.waive(movement.waives, left, movement.on)
            movement.parts[movement.waives] += used
            left -= used

    def _payment(self, movement: OpenMovement) -> None:
        movement.overpaid_minor = 0
        movement.parts, movement.pieces = no_parts(), []
        if movement.kind is MovementKind.RECOVERY:
            return
        use = self._use(movement.amount_minor, movement.on, movement.kind.value)
        movement.parts, movement.pieces = use.parts, use.pieces
        movement.overpaid_minor = use.left_minor
        self.overpaid += use.left_minor

    def take_off(self, movement: OpenMovement) -> None:
        """As if a payment that was put on last had never come."""
        for line, part, amount in movement.pieces:
            line.unpay(part, amount, movement.on)
        self._unpay_charges(movement.parts)
        self.overpaid -= movement.overpaid_minor
        self.first_open = 0

    def reach_of(self, movement: OpenMovement) -> int:
        """The furthest line a movement got to; beyond all of them if money was left or goes where rules say."""
        if movement.overpaid_minor or not isinstance(self.allocation, Sequential):
            return EVERY_LINE
        return max((line.number for line, _, _ in movement.pieces), default=-1)

    def _use(self, amount_minor: int, on: date, kind: str) -> Use:
        recalculates = self.is_progressive and self.terms.recalculation is not None
        before = {id(line): line.paid[Part.PRINCIPAL] for line in self.lines} if recalculates else {}
        if recalculates:
            prepaid.as_if_ending(self.terms, self.lines, self.tranches, self.equals, self.early, on)
            self.first_open = 0
        self.skip_paid()
        has_early_order = isinstance(self.allocation, Sequential) and self.allocation.early
        use = use_money(
            self.allocation,
            self.lines[self.first_open :] if self.first_open else self.lines,
            amount_minor,
            on=on,
            kind=kind,
            charges_due=self.charges_due(on, amount_minor) if has_early_order and self.charges else None,
        )
        if self.charges:
            self._pay_charges(use.parts)
        if recalculates:
            for line in self.lines:
                paid = line.paid[Part.PRINCIPAL] - before[id(line)]
                if paid and on < line.due_on:
                    self.early.append((on, line, paid))
            prepaid.work_out(self.terms, self.lines, self.tranches, self.equals, self.early, on)
        return use

    def skip_paid(self) -> bool:
        """Move on to the first open line; whether there is one."""
        while self.first_open < len(self.lines) and not self.lines[self.first_open].open_minor:
            self.first_open += 1
        return self.first_open < len(self.lines)

    def use_overpaid(self, on: date, movement: OpenMovement | None = None) -> None:
        """Money beyond what was owed pays what is newly owed."""
        if not self.overpaid:
            return
        left = self._use(self.overpaid, on, "").left_minor
        if movement is not None:
            movement.overpaid_minor = self.overpaid - left
        self.overpaid = left

    def _refund(self, movement: OpenMovement) -> None:
        """Overpaid money goes back; whatever goes back beyond that is owed again, as principal."""
        amount = movement.amount_minor
        from_overpaid = min(amount, self.overpaid)
        self.overpaid -= from_overpaid
        movement.overpaid_minor = from_overpaid
        movement.parts = no_parts()
        movement.parts[Part.PRINCIPAL] = amount - from_overpaid
        if amount == from_overpaid:
            return
        line = self._line_to_credit(movement.on)
        self.first_open = 0
        line.credited_minor += amount
        line.add_due(Part.PRINCIPAL, amount)
        line.pay(Part.PRINCIPAL, from_overpaid, movement.on)

    def _line_to_credit(self, on: date) -> OpenLine:
        lines = [line for line in self.lines if line.kind is not LineKind.OWN_CONTRIBUTION]
        for line in lines:
            if line.kind is LineKind.EXTRA or line.due_on > on:
                line.due_on = max(line.due_on, on)
                return line
        if lines[-1].due_on == on:
            return lines[-1]
        return self._extra(lines[-1].due_on, on)

    def payable(self, on: date) -> int:
        """What pays the loan off on a day."""
        if self.is_progressive and self.terms.recalculation is not None:
            prepaid.as_if_ending(self.terms, self.lines, self.tranches, self.equals, self.early, on)
        owed = sum(line.open_minor for line in self.lines)
        if self.is_progressive and self.terms.recalculation is not None:
            prepaid.work_out(self.terms, self.lines, self.tranches, self.equals, self.early, on)
        return owed

    def tidy(self) -> None:
        """An extra line that asks for nothing is no line."""
        self.lines = [line for line in self.lines if line.kind is not LineKind.EXTRA or line.due_minor]
