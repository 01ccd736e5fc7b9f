"""What the ledger holds of a loan is what is true of it: every fact books the difference, and only the difference.

A fact that comes after all others is booked on its own day. One that is found late changes what others were used for:
it makes one entry on the day it became known, with its true day as the value date, and what was booked stays. So does
one whose month is sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from jump.base import clock
from jump.base.actors import Actor
from jump.base.db import lock
from jump.base.prepared import Prepared
from jump.core import schedules
from jump.core.schedules import LoanAccount, LoanState, Part, Role
from jump.core.units import Ref
from jump.engines.finance.models import Contract, LoanStanding, Repayment
from jump.engines.finance.queries.contracts import contract_row
from jump.engines.finance.queries.loans import LoanFile
from jump.engines.finance.services.guarantees import release_for_settled, stand_again
from jump.engines.finance.types import ContractState
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import EntryView, Line

# The accounts of a fund's book, in the order in which an entry names them; the claim has an account of its own.
_CODES: Mapping[Role, str] = {
    Role.FUND: "cash",
    Role.PRINCIPAL: "",
    Role.FEE_INCOME: "fees",
    Role.PENALTY_INCOME: "penalties",
    Role.INTEREST_INCOME: "interest",
    Role.RECOVERY: "recovered",
    Role.WRITE_OFF: "losses",
    Role.OVERPAID: "overpaid",
}


_STANDING = Prepared(lambda pk: LoanStanding.objects.filter(contract=pk))
_REPAYMENTS = Prepared(lambda pk: Repayment.objects.filter(contract=pk, undone_entry=""))


def locked_loan(actor: Actor, contract_ref: Ref) -> Contract:
    """The row of a contract, kept until the transaction ends."""
    return lock(contract_row(actor, contract_ref))


def standing_of(row: Contract, file: LoanFile | None) -> LoanStanding:
    """How the loan stood, made from its facts where nobody looked before. Ask before a new fact is saved."""
    found = _STANDING.first(row.pk)
    if found is None:
        found = LoanStanding(contract=row, as_of=row.opened_on)
        if file is not None:
            found.booked = booked_of(file.account(file.day(clock.today())))
    return found


def book_truth(
    actor: Actor,
    row: Contract,
    standing: LoanStanding,
    file: LoanFile,
    *,
    on: date,
    memo: str,
    source_ref: Ref,
    key: str,
    is_late: bool = False,
) -> EntryView | None:
    """Book what is missing between the ledger and the facts; nothing where nothing is missing."""
    account = file.account(file.day(clock.today()))
    wanted = booked_of(account)
    assert row.fund is not None
    book = Ref(row.fund.book)
    missing = {role: wanted.get(role, 0) - int(standing.booked.get(role, 0)) for role in _CODES}
    entry = None
    if any(missing.values()):
        occurred_on, value_on = booking_day(book, on, is_late=is_late)
        entry = ledger.post(
            actor,
            book_ref=book,
            memo=memo,
            occurred_on=occurred_on,
            lines=_lines(actor, row, missing),
            source_ref=source_ref,
            key=key,
            value_on=value_on,
        )
    standing.booked = wanted
    _refresh(row, standing, account, schedules.state_of(account, account.as_of), file)
    return entry


def taken_back(
    actor: Actor, row: Contract, standing: LoanStanding, entry_ref: Ref, *, why: str, on: date, key: str
) -> Ref:
    """Reverse an entry of the loan, and say so in what is booked."""
    assert row.fund is not None
    entry = ledger.reverse(actor, entry_ref=entry_ref, why=why, on=open_day(Ref(row.fund.book), on), key=key)
    roles = {ref: role for role, ref in _accounts(actor, row, _CODES).items()}
    booked = {role: int(amount) for role, amount in standing.booked.items()}
    for line in entry.lines:
        role = roles[line.account_ref]
        booked[role] = booked.get(role, 0) + line.amount_minor
    standing.booked = booked
    return entry.ref


def booking_day(book: Ref, on: date, *, is_late: bool) -> tuple[date, date | None]:
    """The day of an entry, and its value date where that is another one."""
    day = clock.today() if is_late else open_day(book, on)
    return day, (None if day == on else on)


def open_day(book: Ref, on: date) -> date:
    """The day itself, or today where its month is closed."""
    return on if ledger.takes_entries(book, on) else clock.today()


# --- inside -------------------------------------------------------------------------------------------------


def booked_of(account: LoanAccount) -> dict[str, int]:
    """What the ledger has to hold of a loan, by role."""
    return {role.value: minor for role, minor in schedules.cash_standing(account.movements).items()}


def _lines(actor: Actor, row: Contract, missing: Mapping[Role, int]) -> list[Line]:
    moved = {role: minor for role, minor in missing.items() if minor}
    accounts = _accounts(actor, row, moved)
    place = {"place": row.scope.path}
    return [Line(accounts[role], minor, {} if role is Role.FUND else place) for role, minor in moved.items()]


def _accounts(actor: Actor, row: Contract, roles: Iterable[Role]) -> dict[Role, Ref]:
    assert row.fund is not None
    book = Ref(row.fund.book)
    codes = [_CODES[role] for role in roles if role not in (Role.PRINCIPAL, Role.OVERPAID)]
    found = ledger.account_refs(book, tuple(codes))
    own = (Role.PRINCIPAL, Role.OVERPAID)
    accounts: dict[Role, Ref] = {role: found[_CODES[role]] for role in roles if role not in own}
    if Role.PRINCIPAL in roles:
        accounts[Role.PRINCIPAL] = Ref(row.account)
    if Role.OVERPAID in roles:
        accounts[Role.OVERPAID] = ledger.open_account(
            actor,
            book_ref=book,
            code=_CODES[Role.OVERPAID],
            title="Paid beyond what was owed",
            kind="liability",
            unit=row.currency,
            floor_minor=0,
        )
    return accounts


def _refresh(row: Contract, standing: LoanStanding, account: LoanAccount, state: LoanState, file: LoanFile) -> None:
    """What lists show of a loan without following it again, and what each payment was truly used for."""
    note_standing(standing, account, state, file)
    standing.save()
    for one in _changed(row, account):
        one.save(
            update_fields=[
                "fee_minor",
                "penalty_minor",
                "interest_minor",
                "principal_minor",
                "recovered_minor",
                "overpaid_minor",
            ]
        )
    if row.state not in (ContractState.RUNNING, ContractState.SETTLED):
        return
    row.first_unpaid_on = state.next_due_on
    if state.is_closed and not state.written_off_minor:
        if row.state != ContractState.SETTLED:
            row.state, row.settled_on = ContractState.SETTLED.value, _last_day(file)
            release_for_settled(row, row.settled_on)
    elif row.state == ContractState.SETTLED:
        stand_again(row)
        row.state, row.settled_on = ContractState.RUNNING.value, None
    row.save(update_fields=["first_unpaid_on", "state", "settled_on"])


def note_standing(standing: LoanStanding, account: LoanAccount, state: LoanState, file: LoanFile) -> None:
    """Write how a loan stands into its row; the caller saves it."""
    standing.as_of = account.as_of
    standing.principal_minor, standing.principal_late_minor = state.principal_minor, state.principal_late_minor
    standing.due_minor, standing.owed_minor = state.due_minor, state.owed_minor
    standing.penalty_minor, standing.overpaid_minor = state.penalty_minor, state.overpaid_minor
    standing.late_since = state.late_since
    standing.changes_on = schedules.changes_on(account, schedules.late_fee_of(file.words))
    standing.is_rescheduled = file.is_rescheduled(account.as_of)


def _changed(row: Contract, account: LoanAccount) -> list[Repayment]:
    """Repayments whose money is used otherwise than was written down."""
    movements = {one.ref: one for one in account.movements}
    found = []
    for one in _REPAYMENTS.rows(row.pk):
        movement = movements.get(str(one.ref))
        if movement is None:
            continue
        before = _parts(one)
        used = parts_of(movement)
        if used != before:
            for name, minor in used.items():
                setattr(one, name, minor)
            found.append(one)
    return found


def parts_of(movement: schedules.Movement) -> dict[str, int]:
    """What a payment was used for, in the columns of a repayment."""
    is_loss = movement.kind is schedules.MovementKind.RECOVERY or movement.is_after_charge_off
    over = movement.overpaid_minor
    if is_loss:
        used = dict.fromkeys(("fee_minor", "penalty_minor", "interest_minor", "principal_minor"), 0)
        return {**used, "recovered_minor": movement.amount_minor - over, "overpaid_minor": over}
    return {
        "fee_minor": movement.parts[Part.FEE],
        "penalty_minor": movement.parts[Part.PENALTY],
        "interest_minor": movement.parts[Part.INTEREST],
        "principal_minor": movement.parts[Part.PRINCIPAL],
        "recovered_minor": 0,
        "overpaid_minor": over,
    }


def _parts(one: Repayment) -> dict[str, int]:
    names = ("fee_minor", "penalty_minor", "interest_minor", "principal_minor", "recovered_minor", "overpaid_minor")
    return {name: getattr(one, name) for name in names}


def _last_day(file: LoanFile) -> date:
    return max(schedules.day_of(fact) for fact in file.facts)
