"""Interest on what is really owed: a classic table worked out anew when money comes early or late.

The lines due before the day of the money are kept as they were; from there on each period's interest counts the balance
as payments left it, from the rest date on. Principal not paid in time keeps bearing interest until the rest date of the
day it is worked out; unpaid interest or fees do so too where they compound. Money ahead of schedule lowers the later
instalments, their number, or the next ones only. A loan paid off early bears interest to that day or to its rest date.
A tranche, a change of the plan or of the rate begins a new stretch, as in a table that is not worked out anew.

Source: loan cases README (`interest_recalculation`), after the cumulative generator of Apache Fineract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Context, localcontext

from jump.core.schedules.allocation import Sequential
from jump.core.schedules.cumulative import PRECISION, Plan
from jump.core.schedules.parts import Part
from jump.core.schedules.resting import ChargesIn, Money, RestingBalance, Row, put_in
from jump.core.schedules.terms import PreClose


def recalculated(
    plan: Plan,
    payments: Sequence[tuple[date, int]],
    *,
    kept: Sequence[Row],
    today: date,
    allocation: Sequential,
    charges_in: ChargesIn,
) -> list[Row]:
    """The table as it stands today: `kept` lines stay as they are, the rest is worked out from the payments."""
    with localcontext(Context(prec=PRECISION)):
        table = _Table(plan, payments, today, allocation, charges_in)
        table.keep(kept)
        table.work_out()
    return table.rows


class _Table(RestingBalance):
    """The lines of a table that is worked out anew."""

    def keep(self, kept: Sequence[Row]) -> None:
        for row in kept:
            self._add(row)
            if not row.is_interest_only:
                self.lend(row.due_on)
                self._settle(row.principal_minor, self._asked(row.interest_minor))
            for payment in self._taken(row.due_on):
                self._pay(payment)
            put_in(self.changes, row.due_on, -row.early_minor)
            put_in(self.changes, self.rest(row.due_on), row.early_minor - row.principal_minor)
            self._rest_until(row.due_on)

    def work_out(self) -> None:
        while self.owed or self.tranches:
            due = self.plan.due[self.position]
            self.lend(due)
            payments, early = self._before_due(due)
            self._one_line(due, payments, early)
        self._after_the_end()

    def _before_due(self, due: date) -> tuple[list[Money], int]:
        """Payments inside the period lower the balance from their rest date; returns what is left for the line."""
        taken = self._taken(due)
        left_over: list[Money] = []
        early = 0
        for payment in taken:
            rest = self.rest(payment.on)
            if rest >= due:
                continue
            left = self._pay(payment)
            if left and self._closes(payment.on, left):
                left_over.append(Money(payment.on, left))
                break
            if left:
                left_over.append(Money(due, left))
                used = min(left, self.owed)
                put_in(self.changes, rest, -used)
                early += used
                self.owed -= used
        return [*taken, *left_over], early

    def _closes(self, on: date, left: int) -> bool:
        """Whether this money pays the whole loan off, with interest to that day."""
        is_until_then = self.rule.pre_close is PreClose.THAT_DAY
        return is_until_then and self._interest(self.start, on) + self.owed <= left

    def _settle(self, principal: int, asked: int) -> None:
        """A line repays so much of the loan, where the plan asked for so much; what is beyond was paid ahead."""
        self.owed -= principal
        self.position += 1
        self.ahead = max(0, self.ahead + principal - asked)
        self._use_ahead()

    def _one_line(self, due: date, payments: Sequence[Money], early: int) -> None:
        """`early` of its principal came before it is due, and is off the balance already."""
        interest = self._interest(self.start, due)
        self.owed += early
        asked = self._asked(interest)
        principal = min(self.owed, max(early, asked - self.ahead))
        self._settle(principal, asked)
        self._add(Row(self.start, due, principal, interest, early))
        for payment in payments:
            if not payment.is_used:
                self._pay_line(payment)
        put_in(self.changes, self.rest(due), early - principal)
        self._rest_until(self.rows[-1].due_on)

    def _pay_line(self, payment: Money) -> None:
        """What a payment on the newest line leaves over is principal ahead of schedule."""
        left = self._pay(payment)
        left += self._saved_by(payment.on, left)
        used = min(left, self.owed)
        if not used:
            return
        row, line = self.rows[-1], self.lines[-1]
        self.rows[-1] = replace(row, principal_minor=row.principal_minor + used)
        line.add_due(Part.PRINCIPAL, used)
        line.pay(Part.PRINCIPAL, used, payment.on)
        put_in(self.changes, self.rest(payment.on), -used)
        self.owed -= used
        self.ahead += used
        self._use_ahead()

    def _saved_by(self, on: date, left: int) -> int:
        """A loan paid off inside a period bears interest only until then; returns what of the money that sets free."""
        row, line = self.rows[-1], self.lines[-1]
        until = on if self.rule.pre_close is PreClose.THAT_DAY else self.rest(on)
        if until >= row.due_on:
            return 0
        shorter = self._interest(row.from_on, until)
        saved = row.interest_minor - shorter - line.open_minor
        if self.owed > left + saved:
            return 0
        self.rows[-1] = replace(row, due_on=on, interest_minor=shorter)
        line.due_on = on
        line.due[Part.INTEREST] = line.paid[Part.INTEREST] = shorter
        return saved

    def _after_the_end(self) -> None:
        """Principal still late after the last due date makes lines of interest alone, up to today."""
        while self.start < self.today and any(self.late.values()):
            until = min([self.today, *(payment.on for payment in self.waiting)])
            interest = self._interest(self.start, until)
            if interest:
                self._add(Row(self.start, until, 0, interest, is_interest_only=True))
            for payment in self._taken(until):
                self._pay(payment)
            self._rest_until(until)
