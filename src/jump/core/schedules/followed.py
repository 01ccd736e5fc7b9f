"""(terms, facts, late fee, day) -> a loan as it truly stands, whenever its facts became known.

Facts are taken in the order of the days they count from. What was taken back is left out, as if it had never been. The
late fee that the product agrees is worked out on the way, once per instalment, from what was open that day: the same
facts always give the same fees, and a payment found late takes back a fee that should not have been charged. Of one
day, money paid out comes first, then charges, changes of the plan, waivers, payments, refunds and losses.

`state_of` says the same in the words of `state`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from jump.core.schedules.account import LoanAccount, Status
from jump.core.schedules.anew import Practice
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
from jump.core.schedules.lines import AccountLine, LineKind, OpenLine
from jump.core.schedules.movements import PAYMENTS, Movement, MovementKind
from jump.core.schedules.parts import AGREED_PARTS, Part
from jump.core.schedules.replay import LoanInHand
from jump.core.schedules.state import InstalmentState, LoanState
from jump.core.schedules.terms import LoanTerms

NEVER = date.max
CASH_PRACTICE = Practice(recognises_income=False)


class LateFeeOf(StrEnum):
    """What a late fee in percent is a part of."""

    OPEN = "open"  # everything open of the instalment
    AGREED = "agreed"  # the same without late fees
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFee:
    """Charged once per instalment, on the day after so many days have passed since it fell due."""

    percent: Decimal = Decimal(0)
    fixed_minor: int = 0
    after_days: int = 0
    of: LateFeeOf = LateFeeOf.OPEN

    def __post_init__(self) -> None:
        if self.percent < 0 or self.fixed_minor < 0 or self.after_days < 0:
            raise ValueError("a late fee cannot be below zero")

    def of_line(self, line: OpenLine) -> int:
        """What is charged for an instalment as it stands; nothing where nothing is open."""
        if not line.open_minor:
            return 0
        parts = {
            LateFeeOf.OPEN: tuple(Part),
            LateFeeOf.AGREED: AGREED_PARTS,
            LateFeeOf.PRINCIPAL: (Part.PRINCIPAL,),
        }[self.of]
        base = sum(line.open_of(part) for part in parts)
        return round(base * self.percent / 100) + self.fixed_minor


NO_LATE_FEE = LateFee()
_RANK: Mapping[type, int] = {
    Disbursed: 0,
    ChargeAdded: 1,
    Rescheduled: 2,
    Waived: 3,
    Paid: 4,
    PaidOff: 4,
    Refunded: 5,
    ChargedOff: 6,
    WrittenOff: 7,
}


def day_of(fact: Fact) -> date:
    """The day a fact counts from; a change of the plan counts from the day it was agreed."""
    if isinstance(fact, ChargeAdded):
        return fact.due_on
    return getattr(fact, "on", fact.entered_on) or fact.entered_on


def followed_account(
    terms: LoanTerms,
    facts: Iterable[Fact],
    *,
    as_of: date,
    late_fee: LateFee = NO_LATE_FEE,
    practice: Practice = CASH_PRACTICE,
) -> LoanAccount:
    """The loan at the end of a day, as its facts are known now. Facts are taken as checked when they were entered."""
    known = list(facts)
    gone = {fact.target_ref for fact in known if isinstance(fact, Reversed)}
    told = [fact for fact in known if not isinstance(fact, Reversed | Approved) and fact.ref not in gone]
    for fact in told:
        if isinstance(fact, Adjusted | ChargeWaived | WaiverUndone | DayEnded):
            raise TypeError(f"{type(fact).__name__} speaks of the order of entry, which is not followed here")
    kept = sorted((fact for fact in told if day_of(fact) <= as_of), key=_turn)
    walk = _Walk(terms, practice, late_fee)
    for fact in kept:
        day = day_of(fact)
        walk.charge_until(day)
        walk.take(replace(fact, entered_on=day))
    walk.charge_until(as_of)
    return walk.loan.account(as_of)


def _turn(fact: Fact) -> tuple[date, int]:
    is_recovery = isinstance(fact, Paid) and fact.kind is PaymentKind.RECOVERY
    return (day_of(fact), 8 if is_recovery else _RANK[type(fact)])


class _Walk:
    """A loan on its way from day to day."""

    def __init__(self, terms: LoanTerms, practice: Practice, late_fee: LateFee) -> None:
        self.loan = LoanInHand(terms, practice, checks=False)
        self.late_fee = late_fee
        self.charges = bool(late_fee.percent or late_fee.fixed_minor)
        self.looked_at: set[date] = set()  # due dates of instalments whose fee was worked out
        self.position = self.sequence = 0

    def take(self, fact: Fact) -> None:
        self.loan.take(fact, self.sequence)
        self.sequence += 1
        if isinstance(fact, Disbursed | Rescheduled):
            self.position = 0

    def charge_until(self, day: date) -> None:
        """Late fees that fall on days up to and including this one; on the day itself before its payments."""
        while self.charges:
            line = self._next_line()
            if line is None:
                return
            on = line.due_on + timedelta(days=self.late_fee.after_days + 1)
            if on > day:
                return
            self.looked_at.add(line.due_on)
            if self.loan.status is Status.WRITTEN_OFF or self.loan.charge_off is not None:
                continue
            amount = self.late_fee.of_line(line)
            if amount > 0:
                ref = f"late:{line.due_on}"
                self.take(ChargeAdded(due_on=on, amount_minor=amount, part=Part.PENALTY, entered_on=on, ref=ref))

    def _next_line(self) -> OpenLine | None:
        lines = self.loan.book.lines
        while self.position < len(lines):
            line = lines[self.position]
            if line.kind is LineKind.REGULAR and line.due_on not in self.looked_at:
                return line
            self.position += 1
        return None


def changes_on(account: LoanAccount, late_fee: LateFee = NO_LATE_FEE) -> date:
    """The first later day on which the loan stands otherwise though nothing happens to it; `NEVER` where there is none.

    Until the end of the day before, `state_of` says what it says at the end of the account's own day: nothing falls
    due, nothing becomes late, no late fee comes up. Days late follow from `late_since`. Interest that is worked out
    anew from what is really owed is asked for every day.
    """
    if account.terms.recalculation is not None:
        return account.as_of + timedelta(days=1)
    if _standing(account, MovementKind.CHARGE_OFF) or _standing(account, MovementKind.WRITE_OFF):
        return NEVER
    charges = bool(late_fee.percent or late_fee.fixed_minor)
    after = timedelta(days=late_fee.after_days + 1)
    days: list[date] = []
    for line in account.instalments:
        if not line.open_minor:
            continue
        days += (line.due_on, line.due_on + timedelta(days=1))
        if charges and line.kind is LineKind.REGULAR:
            days.append(line.due_on + after)
    return min((day for day in days if day > account.as_of), default=NEVER)


# --- in the words of `state` ------------------------------------------------------------------------------------------


def state_of(account: LoanAccount, day: date) -> LoanState:
    """How the loan stands at the end of a day.

    A loan written off or charged off owes nothing in the books; its instalments keep what is open of them.
    """
    charge_off = _standing(account, MovementKind.CHARGE_OFF)
    write_off = _standing(account, MovementKind.WRITE_OFF)
    loss = charge_off or write_off
    paid = [one for one in account.movements if one.kind in PAYMENTS and not one.is_reversed]
    back = [one for one in account.movements if one.kind is MovementKind.REFUND and not one.is_reversed]
    recovered = [one for one in paid if one.kind is MovementKind.RECOVERY or one.is_after_charge_off]
    lines = [line for line in account.instalments if line.open_minor]
    fallen_due = [line for line in lines if line.due_on <= day]
    late = [line for line in fallen_due if line.due_on < day]
    coming = lines[0] if lines and not loss else None
    if loss:
        fallen_due, late = [], []
    return LoanState(
        as_of=day,
        currency=account.terms.currency,
        lent_minor=sum(one.amount_minor for one in account.disbursements if one.on <= day),
        principal_minor=0 if loss else account.open_of(Part.PRINCIPAL),
        interest_minor=0 if loss else account.open_of(Part.INTEREST),
        fee_minor=0 if loss else account.open_of(Part.FEE),
        penalty_minor=0 if loss else account.open_of(Part.PENALTY),
        due_minor=sum(line.open_minor for line in fallen_due),
        principal_late_minor=sum(line.open_of(Part.PRINCIPAL) for line in late),
        paid_minor=sum(one.amount_minor for one in paid) - sum(one.amount_minor for one in back),
        overpaid_minor=account.overpaid_minor,
        written_off_minor=loss.parts[Part.PRINCIPAL] if loss else 0,
        recovered_minor=sum(one.amount_minor - one.overpaid_minor for one in recovered),
        days_late=(day - late[0].due_on).days if late else 0,
        late_since=late[0].due_on if late else None,
        next_due_on=coming.due_on if coming else None,
        next_due_minor=coming.open_minor if coming else 0,
        instalments=tuple(_instalment(line) for line in account.instalments),
    )


def _standing(account: LoanAccount, kind: MovementKind) -> Movement | None:
    return next((one for one in account.movements if one.kind is kind and not one.is_reversed), None)


def _instalment(line: AccountLine) -> InstalmentState:
    is_met = line.due_minor == line.paid_minor + line.waived_minor
    return InstalmentState(
        number=line.number,
        due_on=line.due_on,
        due=line.due,
        paid=line.paid,
        paid_on=line.met_on if is_met else None,
        waived_minor=line.waived_minor,
        agreed_late_minor=line.agreed_late_minor,
        is_extra=line.kind is LineKind.EXTRA,
    )
