"""Facts one after the other: what each does to a loan, and when everything has to be used anew.

A payment that counts from the latest day is put on top. A back-dated fact, a reversal or a charge makes the movements
be used anew in order of (day, day of entry, entry): all of them on a finished schedule for classic loans; for
progressive ones tranches and charges take their turn among the payments.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import assert_never

from jump.core.schedules import accruals
from jump.core.schedules.account import LoanAccount, Status
from jump.core.schedules.anew import FactRefused, MovementsOf, Practice, by_order
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
    PaymentKind,
    Refunded,
    Rescheduled,
    Reversed,
    Waived,
    WaiverUndone,
    WrittenOff,
)
from jump.core.schedules.movements import PAYMENTS, MovementKind, OpenCharge, OpenMovement
from jump.core.schedules.parts import Part
from jump.core.schedules.tables import own_contribution
from jump.core.schedules.terms import Disbursement, LoanTerms

DEFAULT_PRACTICE = Practice()


def loan_account(
    terms: LoanTerms, facts: Iterable[Fact], *, as_of: date | None = None, practice: Practice = DEFAULT_PRACTICE
) -> LoanAccount:
    """The loan after all facts entered up to and including `as_of` (all of them without it)."""
    known = [fact for fact in facts if as_of is None or fact.entered_on <= as_of]
    loan = LoanInHand(terms, practice)
    for sequence, fact in enumerate(known):
        loan.take(fact, sequence)
    return loan.account(as_of or (known[-1].entered_on if known else date.min))


class LoanInHand(MovementsOf):
    """A loan while its facts are taken. `checks` is False for facts that were checked when they were entered."""

    def __init__(self, terms: LoanTerms, practice: Practice, *, checks: bool = True) -> None:
        super().__init__(terms, practice)
        self.checks = checks
        self.accrued = accruals.Accrued()
        self.status = Status.SUBMITTED
        self.sequence = 0
        self.counted_on: date | None = None

    def take(self, fact: Fact, sequence: int) -> None:
        self.sequence, self.today = sequence, fact.entered_on
        if isinstance(fact, Approved):
            self.status = Status.APPROVED
            return
        if isinstance(fact, DayEnded):
            self.end_day()
            return
        if self.checks:
            self._check(fact)
        self._change(fact)
        self._after()

    def _check(self, fact: Fact) -> None:
        """Refuse what cannot happen to the loan as it stood when the fact was entered."""
        amount = getattr(fact, "amount_minor", 1)
        is_recovery = isinstance(fact, Paid) and fact.kind is PaymentKind.RECOVERY
        needs_money_out = isinstance(fact, Paid | PaidOff | Refunded | ChargedOff | WrittenOff)
        refusals = [
            (amount <= 0 and not isinstance(fact, Adjusted), "an amount must be above zero"),
            (needs_money_out and not self.book.lines, "nothing was paid out yet"),
            (isinstance(fact, Refunded) and amount > self.book.overpaid, "more would go back than was overpaid"),
            (isinstance(fact, ChargeAdded) and self._is_charged_off, "a charged-off loan takes no new charge"),
            (is_recovery and self.status is not Status.WRITTEN_OFF, "only a loan written off has recoveries"),
            (isinstance(fact, ChargedOff) and self._is_charged_off, "the loan is charged off already"),
        ]
        if self.status is Status.WRITTEN_OFF:
            is_allowed = is_recovery or isinstance(fact, Reversed | Adjusted)
            refusals.append((not is_allowed, "the loan was written off"))
        for is_wrong, why in refusals:
            if is_wrong:
                raise FactRefused(why)

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
            case Waived():
                self.add(MovementKind.WAIVER, fact.on, fact.amount_minor, ref, waives=fact.part)
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

    def add(
        self, kind: MovementKind, on: date, amount_minor: int, ref: str, *, waives: Part | None = None
    ) -> OpenMovement:
        movement = OpenMovement(ref, kind, on, self.today, self.sequence, amount_minor)
        movement.waives = waives
        is_latest = self.latest is None or movement.order >= self.latest.order
        self.movements.append(movement)
        if kind is MovementKind.WRITE_OFF:
            self.status = Status.WRITTEN_OFF
        if self.terms.recalculation is not None and not self.book.is_progressive:
            self._add_recalculated(movement, is_latest=is_latest)
        elif is_latest and self._goes_on_top(movement):
            self.put(movement)
        elif not (kind in PAYMENTS and self.again_from(movement.order, movement)):
            self.replay(since=on)
        if is_latest:
            self.latest = movement
        return movement

    def _goes_on_top(self, movement: OpenMovement) -> bool:
        if not self.book.is_progressive:
            return movement.kind is not MovementKind.DISBURSEMENT
        if self.last_charge is None:
            return True
        return bool(self.book.lines) and self.last_charge.order <= movement.order

    def _add_recalculated(self, movement: OpenMovement, *, is_latest: bool) -> None:
        """Exactly what is due, on its day, is put on top; any other money makes the table be worked out anew."""
        due = next((line for line in self.book.lines if line.due_on == movement.on == self.today), None)
        moves_balance = movement.kind in PAYMENTS or movement.kind is MovementKind.DISBURSEMENT
        if is_latest and (not moves_balance or (due is not None and due.open_minor == movement.amount_minor)):
            self.put(movement)
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
        return self.redo(cut, lambda: self.book.add_charge(charge))

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
        self.count_balances()
        movement.reversed_on = self.today
        if movement.kind is MovementKind.WRITE_OFF:
            self.status = Status.ACTIVE
        kept = [one for one in self.movements if not one.is_reversed and one.kind is not MovementKind.ACCRUAL]
        self.latest = max(kept, key=by_order, default=None)
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
        is_done = self.again_from(movement.order)
        movement.parts, movement.overpaid_minor = used
        movement.pieces = pieces
        return is_done

    def adjust(self, fact: Adjusted, ref: str) -> None:
        target = self.reverse(fact.target_ref)
        if fact.amount_minor > 0:
            self.add(target.kind, fact.on or target.on, fact.amount_minor, ref)

    def _after(self) -> None:
        self.counted_on = self.today
        if self.status is Status.WRITTEN_OFF:
            return
        if not self.book.lines:
            self.status = Status.APPROVED if self.status is not Status.SUBMITTED else self.status
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
        self.counted_on = self.today - timedelta(days=1)
        if self.status is not Status.ACTIVE or not self.practice.recognises_income or self._is_charged_off:
            return
        for on, parts in accruals.until_yesterday(self.book.lines, self.charges, self.accrued, self.today):
            self._accrue(on, parts)

    def account(self, as_of: date) -> LoanAccount:
        self.count_balances()
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
            movements=tuple(one.frozen() for one in sorted(self.movements, key=by_order)),
            charges=tuple(charge.frozen() for charge in self.charges),
            overpaid_minor=self.book.overpaid,
            arrears_grace_days=self.practice.arrears_grace_days,
            ranges=self.practice.ranges,
            counted_on=self.counted_on,
        )
