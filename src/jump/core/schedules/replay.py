"""Facts one after the other: what each does to a loan, and when everything has to be used anew.

A payment that counts from the latest day is put on top. A back-dated fact, a reversal or a charge makes the movements
be used anew in order of (day, day of entry, entry): all of them on a finished schedule for classic loans; for
progressive ones tranches and charges take their turn among the payments.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from jump.core.schedules import accruals
from jump.core.schedules.account import RANGES, DelinquencyRange, LoanAccount, Status
from jump.core.schedules.allocation import ALLOCATIONS, Allocation, Sequential
from jump.core.schedules.book import LinesOf
from jump.core.schedules.facts import (
    Adjusted,
    Approved,
    ChargeAdded,
    ChargedOff,
    ChargeWaived,
    DayEnded,
    Disbursed,
    Fact,
    Paid,
    PaidOff,
    Refunded,
    Rescheduled,
    Reversed,
    WaiverUndone,
    WrittenOff,
)
from jump.core.schedules.lines import no_parts
from jump.core.schedules.movements import OUTSIDE_BALANCE, PAYMENTS, MovementKind, OpenCharge, OpenMovement
from jump.core.schedules.parts import Part
from jump.core.schedules.recalculation import Row, recalculated
from jump.core.schedules.tables import own_contribution, plan_of
from jump.core.schedules.terms import Disbursement, LoanTerms

DEFAULT_ALLOCATION = ALLOCATIONS["fees_penalties_interest_principal_order"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """How a lender runs its loans, beside the terms of each."""

    allocation: Allocation = DEFAULT_ALLOCATION
    recognises_income: bool = True  # accruals at the end of the day and at the end of the loan
    arrears_grace_days: int = 0
    ranges: Sequence[DelinquencyRange] = RANGES


DEFAULT_PRACTICE = Practice()


def loan_account(
    terms: LoanTerms, facts: Iterable[Fact], *, as_of: date | None = None, practice: Practice = DEFAULT_PRACTICE
) -> LoanAccount:
    """The loan after all facts entered up to and including `as_of` (all of them without it)."""
    known = [fact for fact in facts if as_of is None or fact.entered_on <= as_of]
    loan = _Loan(terms, practice)
    for sequence, fact in enumerate(known):
        loan.take(fact, sequence)
    return loan.account(as_of or (known[-1].entered_on if known else date.min))


def _order(movement: OpenMovement) -> tuple[date, date, int]:
    return movement.order


class FactRefused(ValueError):
    """A fact cannot happen to the loan as it stands."""

    code = "schedules.fact_refused"


class _Loan:
    """A loan while its facts are taken."""

    def __init__(self, terms: LoanTerms, practice: Practice) -> None:
        self.terms, self.practice = terms, practice
        self.book = LinesOf(terms, practice.allocation)
        self.movements: list[OpenMovement] = []
        self.charges: list[OpenCharge] = []
        self.last_charge: OpenCharge | None = None
        self.changes: list[Rescheduled] = []
        self.rows: list[Row] = []
        self.accrued = accruals.Accrued()
        self.latest: OpenMovement | None = None
        self.put_on: list[OpenMovement] = []  # in the order they were put on the lines
        self.charge_off: OpenMovement | None = None
        self.status = Status.SUBMITTED
        self.sequence = 0
        self.today = date.min
        self.counted_on: date | None = None

    # --- facts ---

    def take(self, fact: Fact, sequence: int) -> None:
        self.sequence, self.today = sequence, fact.entered_on
        if isinstance(fact, Approved):
            self.status = Status.APPROVED
            return
        if isinstance(fact, DayEnded):
            self.end_day()
            return
        self._change(fact)
        self._after()

    def _change(self, fact: Fact) -> None:
        ref = getattr(fact, "ref", "") or str(self.sequence)
        match fact:
            case Disbursed():
                self.disburse(fact, ref)
            case Paid():
                self.add(MovementKind(fact.kind.value), fact.on, fact.amount_minor, ref)
            case PaidOff():
                self.pay_off(fact.on, ref)
            case Refunded():
                self.add(MovementKind.REFUND, fact.on, fact.amount_minor, ref)
            case ChargedOff():
                self.add(MovementKind.CHARGE_OFF, fact.on, 0, ref)
            case WrittenOff():
                self.add(MovementKind.WRITE_OFF, fact.on, 0, ref)
            case ChargeAdded():
                self.charge(fact, ref)
            case ChargeWaived():
                self.waive(fact, ref)
            case WaiverUndone():
                self.undo_waiver(fact)
            case Reversed():
                self.reverse(fact.target_ref)
            case Adjusted():
                self.adjust(fact, ref)
            case Rescheduled():
                self.changes.append(fact)
                self.replay(since=fact.from_on)
            case Approved() | DayEnded():
                pass
            case _:
                assert_never(fact)

    def disburse(self, fact: Disbursed, ref: str) -> None:
        overpaid = self.book.overpaid
        self.add(MovementKind.DISBURSEMENT, fact.on, fact.amount_minor, ref)
        if self.terms.own_contribution_automatic:
            own = own_contribution(self.terms, Disbursement(fact.on, fact.amount_minor)) - overpaid
            if own > 0:
                self.add(MovementKind.OWN_CONTRIBUTION, fact.on, own, f"{ref}:own")

    def pay_off(self, on: date, ref: str) -> None:
        """Exactly what closes the loan that day; where paying early lowers the interest, that is known by trying."""
        movement = self.add(MovementKind.REPAYMENT, on, self.book.payable(on), ref)
        if movement.overpaid_minor and self.terms.recalculation is not None and not self.book.is_progressive:
            movement.amount_minor -= movement.overpaid_minor
            self.replay(since=on)

    def add(self, kind: MovementKind, on: date, amount_minor: int, ref: str) -> OpenMovement:
        movement = OpenMovement(ref, kind, on, self.today, self.sequence, amount_minor)
        is_latest = self.latest is None or movement.order >= self.latest.order
        self.movements.append(movement)
        if kind is MovementKind.WRITE_OFF:
            self.status = Status.WRITTEN_OFF
        if self.terms.recalculation is not None and not self.book.is_progressive:
            self._add_recalculated(movement, is_latest=is_latest)
        elif is_latest and self._goes_on_top(movement):
            self._put(movement)
        elif not (kind in PAYMENTS and self._again_from(movement.order, movement)):
            self.replay(since=on)
        if is_latest:
            self.latest = movement
        return movement

    def _goes_on_top(self, movement: OpenMovement) -> bool:
        if not self.book.is_progressive:
            return movement.kind is not MovementKind.DISBURSEMENT
        return self.last_charge is None or self.last_charge.order <= movement.order

    def _add_recalculated(self, movement: OpenMovement, *, is_latest: bool) -> None:
        """Exactly what is due, on its day, is put on top; any other money makes the table be worked out anew."""
        due = next((line for line in self.book.lines if line.due_on == movement.on == self.today), None)
        moves_balance = movement.kind in PAYMENTS or movement.kind is MovementKind.DISBURSEMENT
        if is_latest and (not moves_balance or (due is not None and due.open_minor == movement.amount_minor)):
            self._put(movement)
            if not moves_balance or (due is not None and not due.open_minor):
                return
        self.replay(since=movement.on)

    def charge(self, fact: ChargeAdded, ref: str) -> None:
        charge = OpenCharge(ref, fact.part, fact.due_on, fact.entered_on, self.sequence, fact.amount_minor)
        self.charges.append(charge)
        if self.last_charge is None or charge.order > self.last_charge.order:
            self.last_charge = charge
        if self.book.lines and self.terms.recalculation is None and self._join(charge):
            return
        self.replay(since=fact.due_on)

    def _join(self, charge: OpenCharge) -> bool:
        """Add a charge without using everything anew, where only the latest payments can be touched by it."""
        if self.book.is_progressive:
            is_latest = self.latest is None or charge.counts_from >= self.latest.on
            if is_latest:
                self.book.add_charge(charge)
                self.book.use_overpaid(charge.counts_from)
            return is_latest
        cut = len(self.put_on)
        number = self.book.line_for(charge).number
        while cut and (self.put_on[cut - 1].reach >= number or self.put_on[cut - 1].on >= charge.due_on):
            cut -= 1
        return self._redo(cut, lambda: self.book.add_charge(charge))

    def _again_from(self, order: tuple[date, date, int], movement: OpenMovement | None = None) -> bool:
        """Use anew only what comes after a place in the order; not where more than payments came after it."""
        if self.book.is_progressive and (self.terms.recalculation or any(one.order > order for one in self.charges)):
            return False
        cut = bisect_left(self.put_on, order, key=_order)
        return self._redo(cut, lambda: self._put(movement) if movement is not None else None)

    def _redo(self, cut: int, between: Callable[[], None]) -> bool:
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
                self._put(one)
        return True

    def waive(self, fact: ChargeWaived, ref: str) -> None:
        charge = self._charge_named(fact.charge_ref, waived=False)
        on = min(charge.due_on, fact.entered_on)
        open_minor = charge.amount_minor - charge.paid_minor
        recognised = max(0, min(open_minor, charge.accrued_minor - charge.paid_minor))
        if not self.practice.recognises_income:
            recognised = open_minor
        charge.waived_on, charge.waived_minor = on, open_minor
        charge.unrecognised_minor = open_minor - recognised
        movement = OpenMovement(ref, MovementKind.CHARGE_WAIVER, on, self.today, self.sequence, open_minor)
        movement.parts[charge.part] = recognised
        self.movements.append(movement)
        self.replay(since=on)

    def undo_waiver(self, fact: WaiverUndone) -> None:
        charge = self._charge_named(fact.charge_ref, waived=True)
        charge.waived_on, charge.waived_minor, charge.unrecognised_minor = None, 0, 0
        for movement in reversed(self.movements):
            if movement.kind is MovementKind.CHARGE_WAIVER and not movement.is_reversed:
                movement.reversed_on = self.today
                break
        self.replay(since=charge.due_on)

    def _charge_named(self, ref: str, *, waived: bool) -> OpenCharge:
        for charge in reversed(self.charges):
            if (charge.waived_on is not None) is waived and ref in ("", charge.ref):
                return charge
        raise FactRefused("there is no such charge on the loan")

    def reverse(self, ref: str) -> OpenMovement:
        movement = next((one for one in self.movements if one.ref == ref and not one.is_reversed), None)
        if movement is None:
            raise FactRefused(f"there is no movement {ref!r} that could be taken back")
        self._balances()
        movement.reversed_on = self.today
        if movement.kind is MovementKind.WRITE_OFF:
            self.status = Status.ACTIVE
        kept = [one for one in self.movements if not one.is_reversed and one.kind is not MovementKind.ACCRUAL]
        self.latest = max(kept, key=_order, default=None)
        if movement.kind is MovementKind.ACCRUAL:
            return movement
        if movement is self.charge_off:
            self.charge_off = None
        is_plain = movement.kind in PAYMENTS and self.terms.recalculation is None
        if not (is_plain and self._take_back(movement)):
            self.replay(since=movement.on)
        return movement

    def _take_back(self, movement: OpenMovement) -> bool:
        used, pieces = (movement.parts, movement.overpaid_minor), movement.pieces
        is_done = self._again_from(movement.order)
        movement.parts, movement.overpaid_minor = used
        movement.pieces = pieces
        return is_done

    def adjust(self, fact: Adjusted, ref: str) -> None:
        target = self.reverse(fact.target_ref)
        if fact.amount_minor > 0:
            self.add(target.kind, fact.on or target.on, fact.amount_minor, ref)

    # --- using everything anew ---

    def live(self) -> list[OpenMovement]:
        outside = (MovementKind.ACCRUAL, MovementKind.CHARGE_WAIVER)
        kept = [one for one in self.movements if not one.is_reversed and one.kind not in outside]
        return sorted(kept, key=_order)

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
        for movement in self.live():
            items.append((movement.order, lambda movement=movement: self._put(movement)))  # type: ignore[misc]
        for charge in self.charges:
            items.append((charge.order, lambda charge=charge: self._put_charge(charge)))  # type: ignore[misc]
        for _, put in sorted(items, key=lambda item: item[0]):
            put()

    def _put_charge(self, charge: OpenCharge) -> None:
        self.book.add_charge(charge)
        if charge.waived_on is None:
            self.book.use_overpaid(charge.counts_from)

    def _put(self, movement: OpenMovement) -> None:
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
            self._put(movement)

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

    # --- after each fact ---

    def _after(self) -> None:
        self.counted_on = self.today
        if not self.book.lines or self.status is Status.WRITTEN_OFF:
            return
        if self.book.skip_paid():
            self.status = Status.ACTIVE
        else:
            self.status = Status.OVERPAID if self.book.overpaid else Status.CLOSED
            self._recognise_rest()

    @property
    def _is_charged_off(self) -> bool:
        return self.charge_off is not None

    def _recognise_rest(self) -> None:
        """A loan that is over has earned all its income."""
        if not self.practice.recognises_income or self._is_charged_off or self.terms.recalculation is not None:
            return
        parts = accruals.rest(self.book.lines, self.charges, self.accrued)
        if sum(parts.values()):
            on = max(one.on for one in self.movements if one.kind is not MovementKind.ACCRUAL and not one.is_reversed)
            self._accrue(on, parts)
        for charge in self.charges:
            charge.accrued_minor = charge.amount_minor - charge.unrecognised_minor

    def _accrue(self, on: date, parts: dict[Part, int]) -> None:
        ref = f"accrual:{self.sequence}:{len(self.movements)}"
        movement = OpenMovement(ref, MovementKind.ACCRUAL, on, self.today, self.sequence, sum(parts.values()))
        movement.parts = parts
        self.movements.append(movement)
        self.accrued.add(parts, on)

    def end_day(self) -> None:
        self.counted_on = self.today
        if self.status is not Status.ACTIVE or not self.practice.recognises_income or self._is_charged_off:
            return
        for on, parts in accruals.until_yesterday(self.book.lines, self.charges, self.accrued, self.today):
            self._accrue(on, parts)

    def _balances(self) -> None:
        """Principal owed after each movement that stands; one taken back keeps the balance it had."""
        balance = 0
        kept = (one for one in self.movements if not one.is_reversed and one.kind not in OUTSIDE_BALANCE)
        for movement in sorted(kept, key=_order):
            if movement.kind is MovementKind.DISBURSEMENT:
                balance += movement.amount_minor - movement.overpaid_minor
            elif movement.kind is MovementKind.REFUND:
                balance += movement.parts[Part.PRINCIPAL]
            else:
                balance -= movement.parts[Part.PRINCIPAL]
            movement.balance_minor = max(0, balance)

    def account(self, as_of: date) -> LoanAccount:
        self._balances()
        tranches = sorted(
            (one.on, one.amount_minor)
            for one in self.movements
            if one.kind is MovementKind.DISBURSEMENT and not one.is_reversed
        )
        return LoanAccount(
            terms=self.terms,
            as_of=as_of,
            status=self.status,
            disbursements=tuple(Disbursement(on, amount) for on, amount in tranches),
            instalments=tuple(line.frozen() for line in self.book.lines),
            movements=tuple(one.frozen() for one in sorted(self.movements, key=_order)),
            charges=tuple(charge.frozen() for charge in self.charges),
            overpaid_minor=self.book.overpaid,
            arrears_grace_days=self.practice.arrears_grace_days,
            ranges=self.practice.ranges,
            counted_on=self.counted_on,
        )
