"""Loan cases of an outside folder against the product: `python -m tests.conformance.loans FOLDER`.

Every asserted figure is compared. Prints how many schedule and transaction cases agree on all of them and the first
difference of each that does not; ends with 0 only if all agree.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any  # a case is JSON of an outside format

from jump.core.schedules import LoanAccount, Movement, MovementKind, Part, Role, Status, history, with_balances
from tests.conformance.loan_cases import KIND_NAMES, LoanCase, day, read_folder, same_words

PARTS = {
    "principal": Part.PRINCIPAL,
    "interest": Part.INTEREST,
    "fees": Part.FEE,
    "penalties": Part.PENALTY,
}


def differences(case: LoanCase) -> Iterator[str]:
    """Every asserted figure the product works out differently."""
    if case.is_schedule:
        yield from _table(case)
        return
    accounts: dict[int, LoanAccount] = {}
    for check in case.case["checks"]:
        after = check["after_event"]
        if after not in accounts:
            accounts[after] = case.account_after(after)
        where = f"after event {after}, {check['what']}"
        compare = CHECKS.get(check["what"])
        if compare is None:
            yield f"{where}: this reader does not know such a check"
            continue
        for problem in compare(case, accounts[after], check):
            yield f"{where}: {problem}"


def _figures(case: LoanCase, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    for key in theirs.keys() - ours.keys() - CONTEXT:
        yield f"{key} is asserted and this reader does not compare it"
    for key, value in ours.items():
        if key not in theirs:
            continue
        wanted = theirs[key]
        if wanted is not None and isinstance(value, int) and not isinstance(value, bool) and key not in PLAIN:
            wanted = case.minor(wanted)
        if key == "type" and same_words(str(wanted), value):
            continue
        if wanted is None and isinstance(value, int) and key not in PLAIN:
            wanted = 0
        if wanted != value:
            yield f"{key} is {value} instead of {wanted}"


PLAIN = ("number", "days")
CONTEXT = {"kind", "after_event", "business_date", "what", "periods"}


def _table(case: LoanCase) -> Iterator[str]:
    table = case.table()
    expected = case.case["expected"]
    rows = [row for row in expected["periods"] if row["kind"] == "installment"]
    by_number = {line.number: line for line in table.instalments}
    if expected["complete"] and len(rows) != len(by_number):
        yield f"{len(by_number)} rows instead of {len(rows)}"
    for row in rows:
        line = by_number.get(row["number"])
        if line is None:
            yield f"row {row['number']} is missing"
            continue
        ours = {
            "number": line.number,
            "days": (line.due_on - line.from_on).days,
            "from_date": line.from_on.isoformat(),
            "due_date": line.due_on.isoformat(),
            "principal": line.principal_minor,
            "interest": line.interest_minor,
            "fees": line.fee_minor,
            "penalties": 0,
            "due": line.due_minor,
            "equal_installment": line.principal_minor + line.interest_minor,
            "balance": line.balance_minor,
        }
        for problem in _figures(case, ours, {key: value for key, value in row.items() if value is not None}):
            yield f"row {row['number']} {problem}"
    yield from _tranches(case, expected["periods"], [(one.on, one.amount_minor) for one in table.disbursements])
    totals = {
        "principal": table.principal_minor,
        "interest": table.interest_minor,
        "fees": table.fee_minor,
        "penalties": 0,
        "due": table.due_minor,
    }
    for problem in _figures(case, totals, expected.get("totals") or {}):
        yield f"totals: {problem}"


def _tranches(
    case: LoanCase, periods: Sequence[Mapping[str, Any]], tranches: Sequence[tuple[date, int]]
) -> Iterator[str]:
    wanted = [
        (day(row["date"]), case.minor(row["balance"]))
        for row in periods
        if row["kind"] == "disbursement" and row.get("balance") is not None
    ]
    if wanted and sorted(wanted) != sorted(tranches):
        yield f"tranches {sorted(tranches)} instead of {sorted(wanted)}"
    for row in periods:
        if row["kind"] == "disbursement":
            yield from _figures(case, {"fees": 0, "date": row["date"], "balance": case.minor(row["balance"])}, row)


def _schedule(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    rows = [row for row in check["periods"] if row["kind"] == "installment"]
    lines = with_balances(account.instalments, account.disbursements)
    if not len(rows) == len(lines) == check.get("installments", len(rows)):
        yield f"{len(lines)} rows instead of {len(rows)}"
        return
    for number, (row, (line, balance)) in enumerate(zip(rows, lines, strict=True), start=1):
        ours: dict[str, Any] = {
            "number": number,
            "days": (line.due_on - line.from_on).days,
            "from_date": line.from_on.isoformat(),
            "due_date": line.due_on.isoformat(),
            "paid_on": line.met_on.isoformat() if line.met_on else None,
            "balance": balance,
            **{name: line.due[part] for name, part in PARTS.items()},
            "due": line.due_minor,
            "paid": line.paid_minor,
            "paid_in_advance": line.paid_early_minor,
            "paid_late": line.paid_late_minor,
            "waived": line.waived_minor,
            "outstanding": line.open_minor,
        }
        for problem in _figures(case, ours, row):
            yield f"row {number} {problem}"
    yield from _tranches(case, check["periods"], [(one.on, one.amount_minor) for one in account.disbursements])


def _totals(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    sums = account.totals()
    ours = {
        **{name: sums[part.value] for name, part in PARTS.items()},
        "due": sums["due"],
        "paid": sums["paid"],
        "paid_in_advance": sums["early"],
        "paid_late": sums["late"],
        "outstanding": sums["owed"],
        "waived": sum(line.waived_minor for line in account.instalments),
    }
    yield from _figures(case, ours, check)


def _row(movement: Movement) -> dict[str, Any]:
    return {
        "date": movement.on.isoformat(),
        "type": KIND_NAMES[movement.kind],
        "amount": movement.amount_minor,
        **{name: movement.parts[part] for name, part in PARTS.items()},
        "overpaid": movement.overpaid_minor,
        "balance": movement.balance_minor,
        "reversed": movement.is_reversed,
    }


def _movements(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    """Two lists, whatever the order within them."""
    left = [_row(movement) for movement in account.movements]
    if len(left) != len(check["transactions"]):
        yield f"{len(left)} movements instead of {len(check['transactions'])}: {_listed(left)}"
    for theirs in check["transactions"]:
        match = next((ours for ours in left if not list(_figures(case, ours, theirs))), None)
        if match is not None:
            left.remove(match)
            continue
        near = [ours for ours in left if ours["date"] == theirs["date"] and ours["type"] == theirs["type"]]
        problems = "; ".join(_figures(case, near[0], theirs)) if near else "missing"
        yield f"{theirs['type']} of {theirs['date']}: {problems}"


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{row['type']} {row['date']}" for row in rows)


def _movement(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    theirs = check["transaction"]
    rows = [_row(movement) for movement in account.movements]
    if not any(not list(_figures(case, ours, theirs)) for ours in rows):
        near = [ours for ours in rows if ours["date"] == theirs["date"] and ours["type"] == theirs["type"]]
        yield f"{theirs['type']} of {theirs['date']} is {near} instead of {theirs}"


def _amount(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    ours = {
        "outstanding": account.owed_minor,
        "overpaid": account.overpaid_minor,
        "overdue": account.overdue_minor(day(check["business_date"])),
    }[check["what"]]
    wanted = case.minor(check["amount"] or 0)
    if ours != wanted:
        yield f"{ours} instead of {wanted}"


STATUS_WORDS = {
    "closed_obligations_met": Status.CLOSED,
    "closed_written_off": Status.WRITTEN_OFF,
    "closed_as_written_off": Status.WRITTEN_OFF,
    "closed_writen_off": Status.WRITTEN_OFF,
    "submitted_and_pending_approval": Status.SUBMITTED,
    "submitted": Status.SUBMITTED,
}


def _status(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    words = re.sub(r"[^a-z]+", "_", check["value"].lower()).strip("_")
    wanted = STATUS_WORDS.get(words, words)
    if account.status != wanted:
        yield f"{account.status} instead of {wanted}"


def _delinquency(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    found = account.delinquency()
    name = found.name or "no_delinquency"
    wanted = (check.get("range") or "no_delinquency").lower()
    if name != wanted:
        yield f"{name} instead of {wanted}"
    since = found.since.isoformat() if found.since else None
    if "since" in check and since != check["since"]:
        yield f"since {since} instead of {check['since']}"


# --- the journal: the source's test accounts by the role they play ---

ACCOUNTS: Mapping[Role, str] = {
    Role.FUND: "Suspense/Clearing account",
    Role.PRINCIPAL: "Loans Receivable",
    Role.INTEREST: "Interest/Fee Receivable",
    Role.FEE: "Interest/Fee Receivable",
    Role.PENALTY: "Interest/Fee Receivable",
    Role.OVERPAID: "Overpayment account",
    Role.INTEREST_INCOME: "Interest Income",
    Role.FEE_INCOME: "Fee Income",
    Role.PENALTY_INCOME: "Fee Income",
    Role.GOODWILL: "Goodwill Expense Account",
    Role.INTEREST_GIVEN: "Interest Income Charge Off",
    Role.FEE_GIVEN: "Fee Charge Off",
    Role.PENALTY_GIVEN: "Fee Charge Off",
    Role.CHARGE_OFF: "Credit Loss/Bad Debt",
    Role.INTEREST_CHARGED_OFF: "Interest Income Charge Off",
    Role.FEE_CHARGED_OFF: "Fee Charge Off",
    Role.PENALTY_CHARGED_OFF: "Fee Charge Off",
    Role.WRITE_OFF: "Written off",
    Role.RECOVERY: "Recoveries",
}
JOURNAL_NAMES = {
    "DISBURSEMENT": MovementKind.DISBURSEMENT,
    "DOWN_PAYMENT": MovementKind.OWN_CONTRIBUTION,
    "REPAYMENT": MovementKind.REPAYMENT,
    "GOODWILL_CREDIT": MovementKind.GOODWILL,
    "RECOVERY_REPAYMENT": MovementKind.RECOVERY,
    "ACCRUAL": MovementKind.ACCRUAL,
    "WAIVE_CHARGES": MovementKind.CHARGE_WAIVER,
    "CHARGE_OFF": MovementKind.CHARGE_OFF,
    "WRITE_OFF": MovementKind.WRITE_OFF,
    "WRITEOFF": MovementKind.WRITE_OFF,
    "CREDIT_BALANCE_REFUND": MovementKind.REFUND,
}
TYPES: Mapping[str, str] = {
    "Suspense/Clearing account": "LIABILITY",
    "Overpayment account": "LIABILITY",
    "Loans Receivable": "ASSET",
    "Interest/Fee Receivable": "ASSET",
    "Goodwill Expense Account": "EXPENSE",
    "Credit Loss/Bad Debt": "EXPENSE",
    "Written off": "EXPENSE",
}
Booked = Counter[tuple[str, bool, int]]  # account, whether debit, amount


def _ours(movement: Movement, unnamed: Mapping[str, str]) -> Booked:
    """Lines of one movement; what falls on one account on one side is one line, the mirror apart.

    `unnamed`: accounts that stand under another name in the case, by the type they have there.
    """
    lines = history(movement)
    half = len(lines) // 2 if movement.is_reversed else len(lines)
    found: Booked = Counter()
    for side in (lines[:half], lines[half:]):
        sums: Counter[tuple[str, bool]] = Counter()
        for line in side:
            account = ACCOUNTS[line.role]
            sums[unnamed.get(account, account), line.amount_minor > 0] += abs(line.amount_minor)
        found.update((account, is_debit, amount) for (account, is_debit), amount in sums.items())
    return found


def _journal(case: LoanCase, account: LoanAccount, check: Mapping[str, Any]) -> Iterator[str]:
    kind = JOURNAL_NAMES.get(check["transaction_type"])
    if kind is None:
        yield f"this reader does not know {check['transaction_type']}"
        return
    on = day(check["transaction_date"])
    wanted: Booked = Counter()
    for line in check["lines"]:
        amount = line["debit"] or line["credit"]
        wanted[line["account"], line["debit"] is not None, case.minor(amount)] += 1
    movements = [movement for movement in account.movements if movement.kind is kind and movement.on == on]
    names = _names_for(check["lines"])
    if not any(wanted == _ours(movement, unnamed) for movement in movements for unnamed in ({}, names)):
        booked = [dict(_ours(movement, {})) for movement in movements]
        yield f"{check['transaction_type']} of {on} books {booked} instead of {dict(wanted)}"


def _names_for(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """An account this reader has no name for stands for the accounts of its type that the case does not name."""
    known = set(ACCOUNTS.values())
    named = {line["account"] for line in lines}
    found: dict[str, str] = {}
    for line in lines:
        if line["account"] in known:
            continue
        for account in known - named:
            if TYPES.get(account, "INCOME") == line["account_type"]:
                found[account] = line["account"]
    return found


CHECKS = {
    "schedule": _schedule,
    "totals": _totals,
    "transactions": _movements,
    "transaction": _movement,
    "outstanding": _amount,
    "overpaid": _amount,
    "overdue": _amount,
    "status": _status,
    "delinquency": _delinquency,
    "journal": _journal,
}


def first_difference(case: LoanCase) -> str:
    """Empty when the product agrees on every asserted figure."""
    try:
        return next(differences(case), "")
    except Exception as error:  # one case that cannot be worked out must not hide the others
        return f"cannot be worked out: {type(error).__name__}: {error}"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m tests.conformance.loans FOLDER")
        return 2
    cases = read_folder(Path(arguments[0]))
    found = {case.path: first_difference(case) for case in cases}
    for name, is_schedule in (("schedule", True), ("transaction", False)):
        chosen = [case for case in cases if case.is_schedule is is_schedule]
        agree = sum(not found[case.path] for case in chosen)
        print(f"{name} cases: {agree} of {len(chosen)} agree on every asserted figure")
    for case in cases:
        if found[case.path]:
            print(f"  {case.path.stem}: {found[case.path]}")
    return 1 if any(found.values()) or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
