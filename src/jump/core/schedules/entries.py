"""Movements -> lines of a ledger, by the role an account plays; which account plays it, the chart says.

Debits are above zero, credits below; the lines of a movement add up to zero. A movement that was taken back shows its
lines and their mirror. `adjustment` books what using everything anew changed: the difference, never the past.

Source: loan cases README (`journal`), after Apache Fineract's periodic accrual accounting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jump.core.schedules.movements import Movement, MovementKind
from jump.core.schedules.parts import Part


class Role(StrEnum):
    """What an account is for."""

    FUND = "fund"  # where money comes from and goes to
    PRINCIPAL = "principal_receivable"
    INTEREST = "interest_receivable"
    FEE = "fee_receivable"
    PENALTY = "penalty_receivable"
    OVERPAID = "overpaid"
    INTEREST_INCOME = "interest_income"
    FEE_INCOME = "fee_income"
    PENALTY_INCOME = "penalty_income"
    GOODWILL = "goodwill_expense"
    INTEREST_GIVEN = "interest_given_up"  # goodwill on interest
    FEE_GIVEN = "fee_given_up"
    PENALTY_GIVEN = "penalty_given_up"
    CHARGE_OFF = "charge_off_expense"
    INTEREST_CHARGED_OFF = "interest_charged_off"
    FEE_CHARGED_OFF = "fee_charged_off"
    PENALTY_CHARGED_OFF = "penalty_charged_off"
    WRITE_OFF = "write_off_expense"
    RECOVERY = "recovery_income"


@dataclass(frozen=True, slots=True)
class EntryLine:
    role: Role
    amount_minor: int  # debit above zero, credit below


RECEIVABLE: Mapping[Part, Role] = {
    Part.PRINCIPAL: Role.PRINCIPAL,
    Part.INTEREST: Role.INTEREST,
    Part.FEE: Role.FEE,
    Part.PENALTY: Role.PENALTY,
}
_INCOME = {Part.INTEREST: Role.INTEREST_INCOME, Part.FEE: Role.FEE_INCOME, Part.PENALTY: Role.PENALTY_INCOME}
_GIVEN = {
    Part.PRINCIPAL: Role.GOODWILL,
    Part.INTEREST: Role.INTEREST_GIVEN,
    Part.FEE: Role.FEE_GIVEN,
    Part.PENALTY: Role.PENALTY_GIVEN,
}
_CHARGED_OFF = {
    Part.PRINCIPAL: Role.CHARGE_OFF,
    Part.INTEREST: Role.INTEREST_CHARGED_OFF,
    Part.FEE: Role.FEE_CHARGED_OFF,
    Part.PENALTY: Role.PENALTY_CHARGED_OFF,
}
# Payments on a loan already charged off are recovered income, except an own contribution.
_RECOVERED = frozenset({MovementKind.REPAYMENT, MovementKind.GOODWILL})


def entry(movement: Movement) -> tuple[EntryLine, ...]:
    """The ledger lines of one movement, as if it stood."""
    amounts: dict[Role, int] = {}

    def book(debit: Role, credit: Role, amount: int) -> None:
        amounts[debit] = amounts.get(debit, 0) + amount
        amounts[credit] = amounts.get(credit, 0) - amount

    parts, over = movement.parts, movement.overpaid_minor
    match movement.kind:
        case MovementKind.DISBURSEMENT:
            book(Role.PRINCIPAL, Role.FUND, movement.amount_minor - over)
            book(Role.OVERPAID, Role.FUND, over)
        case MovementKind.REPAYMENT | MovementKind.OWN_CONTRIBUTION | MovementKind.GOODWILL:
            is_recovered = movement.is_after_charge_off and movement.kind in _RECOVERED
            is_goodwill = movement.kind is MovementKind.GOODWILL
            for part, amount in parts.items():
                book(
                    _GIVEN[part] if is_goodwill else Role.FUND,
                    Role.RECOVERY if is_recovered else RECEIVABLE[part],
                    amount,
                )
            book(Role.GOODWILL if is_goodwill else Role.FUND, Role.OVERPAID, over)
        case MovementKind.RECOVERY:
            book(Role.FUND, Role.RECOVERY, movement.amount_minor)
        case MovementKind.ACCRUAL:
            for part, role in _INCOME.items():
                book(RECEIVABLE[part], role, parts[part])
        case MovementKind.CHARGE_OFF:
            for part, amount in parts.items():
                book(_CHARGED_OFF[part], RECEIVABLE[part], amount)
        case MovementKind.WRITE_OFF | MovementKind.CHARGE_WAIVER | MovementKind.WAIVER:
            for part, amount in parts.items():
                book(Role.WRITE_OFF, RECEIVABLE[part], amount)
        case MovementKind.REFUND:
            owed_again = Role.CHARGE_OFF if movement.is_after_charge_off else Role.PRINCIPAL
            book(owed_again, Role.FUND, parts[Part.PRINCIPAL])
            book(Role.OVERPAID, Role.FUND, over)
    return tuple(EntryLine(role, amount) for role, amount in amounts.items() if amount)


def mirror(lines: Iterable[EntryLine]) -> tuple[EntryLine, ...]:
    return tuple(EntryLine(line.role, -line.amount_minor) for line in lines)


def history(movement: Movement) -> tuple[EntryLine, ...]:
    """What the ledger holds of a movement: its lines and, once it was taken back, their mirror."""
    lines = entry(movement)
    return (*lines, *mirror(lines)) if movement.is_reversed else lines


def balance(lines: Iterable[EntryLine]) -> dict[Role, int]:
    found: dict[Role, int] = {}
    for line in lines:
        found[line.role] = found.get(line.role, 0) + line.amount_minor
    return {role: amount for role, amount in found.items() if amount}


def standing(movements: Iterable[Movement]) -> dict[Role, int]:
    """The balance of every role after all movements."""
    return balance(line for movement in movements if not movement.is_reversed for line in entry(movement))


def adjustment(before: Sequence[Movement], after: Sequence[Movement]) -> tuple[EntryLine, ...]:
    """The one entry that brings a ledger from how a loan was known to how it is known now; empty when nothing changed.

    Booked on the day the change became known, whatever day it counts from.
    """
    old, new = standing(before), standing(after)
    roles = sorted({*old, *new})
    changed = ((role, new.get(role, 0) - old.get(role, 0)) for role in roles)
    return tuple(EntryLine(role, amount) for role, amount in changed if amount)
