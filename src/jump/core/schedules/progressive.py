"""Progressive schedules: worked out anew whenever the balance changes.

The equal instalment over periods with factors f is E = B * prod(1+f) / sum over j of prod over later i of (1+f_i),
moved by its part of what the last instalment is off where that brings the last one nearer; a tranche begins a new E
from its period on. Interest is rounded for each stretch of unchanged balance.

Source: loan cases README ("Formulas that reproduce the tables", progressive).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from jump.core.money import round_to_multiple
from jump.core.schedules.cumulative import Column, Plan, money, step_of
from jump.core.schedules.dates import factor
from jump.core.schedules.terms import Amortisation, Disbursement, LoanTerms


def columns_of(plan: Plan) -> list[Column]:
    """Principal and interest of every instalment."""
    table = _Table(plan)
    return table.columns(until=plan.count)


class _Table:
    """The equal instalments of one loan, found tranche by tranche."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.terms = plan, plan.terms
        self.factors = _factors(plan)
        self.lent: tuple[Disbursement, ...] = ()
        self.equals = [0] * plan.count
        changed = plan.changed_at()
        respread = sorted({first for first, one in changed if one.extra_terms or one.rate_yearly is not None})
        for tranche in plan.lent:
            # The period the money falls into; money paid out on a due date bears interest from the next one.
            first = next((position for position, day in enumerate(plan.due) if tranche.on < day), plan.count - 1)
            self.lent = (*self.lent, tranche)
            self._respread(first)
        for first in respread:
            self._respread(first)

    def _respread(self, first: int) -> None:
        owed = sum(tranche.amount_minor for tranche in self.lent)
        owed -= sum(principal for principal, _ in self.columns(until=first))
        paying = self.plan.paying_from(first)
        skipped = next((p for p in range(first, self.plan.count) if not self.plan.grace_principal(p)), first)
        self._settle(first, _equal(self.terms, owed, self.factors[skipped : skipped + paying]))

    def _settle(self, first: int, equal: int) -> None:
        """Move E by its part of what the last instalment is off, if that brings the last one nearer."""
        count = self.plan.count - first
        off = self._try(first, equal)
        if off:
            moved = equal + round_to_multiple(Decimal(off) / count, step_of(self.terms))
            if moved != equal and abs(self._try(first, moved)) < abs(off):
                equal = moved
        self.equals = [*self.equals[:first], *[equal] * count]

    def _try(self, first: int, equal: int) -> int:
        """How far the last instalment is off E."""
        self.equals = [*self.equals[:first], *[equal] * (self.plan.count - first)]
        principal, interest = self.columns(until=self.plan.count)[-1]
        return principal + interest - equal

    def columns(self, *, until: int) -> list[Column]:
        """The first `until` periods; interest is rounded per stretch of unchanged balance."""
        columns: list[Column] = []
        repaid = carried = 0
        for position in range(until):
            start, day = self.plan.starts[position], self.plan.due[position]
            interest = self._interest(position, start, day, repaid)
            owed = sum(tranche.amount_minor for tranche in self.lent if tranche.on < day) - repaid
            principal = self._principal(position, owed, interest)
            if self.plan.grace_interest(position) and position < self.plan.count - 1:
                carried += interest
                interest = 0
            else:
                interest, carried = interest + carried, 0
            repaid += principal
            columns.append((principal, interest))
        return columns

    def _interest(self, position: int, start: date, day: date, repaid: int) -> int:
        changes = sorted({start, *(tranche.on for tranche in self.lent if start < tranche.on < day)})
        total = 0
        for begin, end in zip(changes, (*changes[1:], day), strict=True):
            balance = sum(tranche.amount_minor for tranche in self.lent if tranche.on <= begin) - repaid
            total += money(self.terms, balance * self.factors[position] * (end - begin).days / (day - start).days)
        return total

    def _principal(self, position: int, owed: int, interest: int) -> int:
        if position == self.plan.count - 1:
            return owed
        if self.plan.grace_principal(position):
            return 0
        if self.terms.amortisation is Amortisation.EQUAL_PRINCIPAL and self.terms.rate_yearly:
            each = round_to_multiple(Decimal(owed) / self.plan.paying_from(position), step_of(self.terms))
            return max(0, min(owed, each))
        return max(0, min(owed, self.equals[position] - interest))


def _factors(plan: Plan) -> list[Decimal]:
    terms = plan.terms
    changed = {first: change.rate_yearly for first, change in plan.changed_at() if change.rate_yearly is not None}
    factors = []
    for position, (start, day) in enumerate(zip(plan.starts, plan.due, strict=True)):
        if position in changed:
            terms = replace(terms, rate_yearly=changed[position])
        factors.append(Decimal(0) if position < terms.interest_free else factor(terms, start, day))
    return factors


def _equal(terms: LoanTerms, owed_minor: int, factors: Sequence[Decimal]) -> int:
    product, total = Decimal(1), Decimal(0)
    for rate in reversed(factors):
        total += product
        product *= 1 + rate
    return round_to_multiple(owed_minor * product / total, step_of(terms))
