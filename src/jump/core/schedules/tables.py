"""Terms -> the table of instalments, classic or progressive (`cumulative`, `progressive`).

A tranche paid out on a due date already shows in that line's balance. Own contributions are due the same day as their
tranche: before the instalment of that day in a classic table, after it in a progressive one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Context, localcontext

from jump.core.money import round_to_multiple
from jump.core.schedules import cumulative, progressive
from jump.core.schedules.cumulative import PRECISION, Column, Plan, step_of
from jump.core.schedules.dates import due_dates
from jump.core.schedules.facts import Rescheduled
from jump.core.schedules.terms import (
    Disbursement,
    Instalment,
    InterestMethod,
    LoanTerms,
    Schedule,
    ScheduleKind,
    TermsError,
)


def schedule(
    terms: LoanTerms,
    *,
    disbursed_on: date | None = None,
    disbursements: Sequence[Disbursement] = (),
    changes: Sequence[Rescheduled] = (),
) -> Schedule:
    """The table of instalments for money paid out on one day, or in the tranches given.

    >>> from decimal import Decimal
    >>> terms = LoanTerms.of_product(
    ...     principal_minor=100_000,
    ...     currency="EUR",
    ...     rate_yearly=Decimal("0.12"),
    ...     instalments=3,
    ...     method="declining_equal_principal",
    ... )
    >>> table = schedule(terms, disbursed_on=date(2025, 12, 31))
    >>> [(str(line.due_on), line.principal_minor, line.interest_minor) for line in table.instalments]
    [('2026-01-31', 33333, 1000), ('2026-02-28', 33333, 667), ('2026-03-31', 33334, 333)]
    """
    if disbursed_on is not None:
        if disbursements:
            raise TermsError("give one day of disbursement or a list of disbursements, not both")
        disbursements = (Disbursement(disbursed_on, terms.principal_minor),)
    paid_out = tuple(sorted(disbursements, key=lambda tranche: tranche.on))
    if not paid_out or any(tranche.amount_minor <= 0 for tranche in paid_out):
        raise TermsError("a schedule needs at least one disbursement above zero")
    with localcontext(Context(prec=PRECISION)):
        plan = plan_of(terms, paid_out, changes)
        is_progressive = terms.kind is ScheduleKind.PROGRESSIVE and (
            terms.method is InterestMethod.DECLINING or not terms.rate_yearly
        )
        columns = progressive.columns_of(plan) if is_progressive else cumulative.columns_of(plan)
        own = [own_contribution(terms, tranche) for tranche in paid_out]
    return Schedule(terms, paid_out, _lines(plan, paid_out, own, columns))


def plan_of(terms: LoanTerms, paid_out: Sequence[Disbursement], changes: Sequence[Rescheduled] = ()) -> Plan:
    """The periods of a loan and what was lent in them."""
    due = due_dates(terms, paid_out[0].on, changes)
    is_late = paid_out[-1].on > due[-1] if terms.method is InterestMethod.FLAT else paid_out[-1].on >= due[-1]
    if is_late:
        raise TermsError("money cannot be paid out on or after the last due date")
    lent = tuple(
        replace(tranche, amount_minor=tranche.amount_minor - own_contribution(terms, tranche)) for tranche in paid_out
    )
    return Plan(
        terms=terms,
        starts=(terms.first_period_start or paid_out[0].on, *due[:-1]),
        due=due,
        lent=lent,
        paid_out_minor=sum(tranche.amount_minor for tranche in paid_out),
        changes=tuple(changes),
    )


def own_contribution(terms: LoanTerms, tranche: Disbursement) -> int:
    """The borrower's own part of a tranche, due the day it is paid out."""
    part = tranche.amount_minor * terms.own_contribution_percent / 100
    return round_to_multiple(part, step_of(terms)) if part else 0


def _lines(
    plan: Plan, paid_out: Sequence[Disbursement], own: Sequence[int], columns: Sequence[Column]
) -> tuple[Instalment, ...]:
    """Own contributions and instalments in order of date, numbered, with the balance after each."""
    own_first = plan.terms.kind is ScheduleKind.CUMULATIVE
    rows: list[tuple[date, int, date, int, int, bool]] = []
    for tranche, part in zip(paid_out, own, strict=True):
        if part:
            rows.append((tranche.on, 0 if own_first else 2, tranche.on, part, 0, True))
    for start, day, (principal, interest) in zip(plan.starts, plan.due, columns, strict=True):
        rows.append((day, 1, start, principal, interest, False))
    rows.sort(key=lambda row: (row[0], row[1]))

    lines: list[Instalment] = []
    repaid, fee_open = 0, plan.terms.fee_minor
    for number, (day, _, start, principal, interest, is_own) in enumerate(rows, start=1):
        fee = 0 if is_own else fee_open
        fee_open -= fee
        repaid += principal
        handed_out = sum(tranche.amount_minor for tranche in paid_out if tranche.on <= day)
        lines.append(Instalment(number, start, day, principal, interest, fee, handed_out - repaid, is_own))

    assert repaid == plan.paid_out_minor
    return tuple(lines)
