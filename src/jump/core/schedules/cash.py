"""Movements -> lines of a ledger that knows income only when it is paid.

A lender of the size of a village keeps its books on money that moved: the one claim in the books is the principal;
interest, fees and penalties are income on the day they are paid, so that what is waived or never comes was never booked
as earned. `entries` is the other way, with income recognised as it accrues. A loan charged off or written off is a loss
of its principal, and what comes afterwards is recovered.

Source: our default; CGAP/SEEP (2003) leaves the basis to the lender and asks that it be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jump.core.schedules.entries import EntryLine, Role
from jump.core.schedules.movements import Movement, MovementKind
from jump.core.schedules.parts import Part

_EARNED: Mapping[Part, Role] = {
    Part.INTEREST: Role.INTEREST_INCOME,
    Part.FEE: Role.FEE_INCOME,
    Part.PENALTY: Role.PENALTY_INCOME,
}


def cash_entry(movement: Movement) -> tuple[EntryLine, ...]:
    """The ledger lines of one movement; they add up to zero."""
    parts, over, amount = movement.parts, movement.overpaid_minor, movement.amount_minor
    found: dict[Role, int] = {}

    def book(debit: Role, credit: Role, minor: int) -> None:
        found[debit] = found.get(debit, 0) + minor
        found[credit] = found.get(credit, 0) - minor

    match movement.kind:
        case MovementKind.DISBURSEMENT:
            book(Role.PRINCIPAL, Role.FUND, amount - over)
            book(Role.OVERPAID, Role.FUND, over)
        case MovementKind.RECOVERY:
            book(Role.FUND, Role.RECOVERY, amount)
        case MovementKind.REPAYMENT | MovementKind.OWN_CONTRIBUTION if movement.is_after_charge_off:
            book(Role.FUND, Role.RECOVERY, amount - over)
            book(Role.FUND, Role.OVERPAID, over)
        case MovementKind.REPAYMENT | MovementKind.OWN_CONTRIBUTION:
            book(Role.FUND, Role.PRINCIPAL, parts[Part.PRINCIPAL])
            for part, role in _EARNED.items():
                book(Role.FUND, role, parts[part])
            book(Role.FUND, Role.OVERPAID, over)
        case MovementKind.GOODWILL:
            book(Role.GOODWILL, Role.PRINCIPAL, parts[Part.PRINCIPAL])
        case MovementKind.CHARGE_OFF:
            book(Role.WRITE_OFF, Role.PRINCIPAL, parts[Part.PRINCIPAL])
        case MovementKind.WRITE_OFF if not movement.is_after_charge_off:
            book(Role.WRITE_OFF, Role.PRINCIPAL, parts[Part.PRINCIPAL])
        case MovementKind.REFUND:
            owed_again = Role.WRITE_OFF if movement.is_after_charge_off else Role.PRINCIPAL
            book(owed_again, Role.FUND, parts[Part.PRINCIPAL])
            book(Role.OVERPAID, Role.FUND, over)
        case _:  # an accrual, a waiver: nothing that was booked changes
            pass
    return tuple(EntryLine(role, minor) for role, minor in found.items() if minor)


def cash_standing(movements: Iterable[Movement]) -> dict[Role, int]:
    """The balance of every role after all movements that stand."""
    found: dict[Role, int] = {}
    for movement in movements:
        if not movement.is_reversed:
            for line in cash_entry(movement):
                found[line.role] = found.get(line.role, 0) + line.amount_minor
    return {role: minor for role, minor in found.items() if minor}
