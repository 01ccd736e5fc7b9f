"""Interest on what is really owed: a classic table worked out anew when money comes early or late.

The lines due before the day of the money are kept as they were; from there on each period's interest counts the balance
as payments left it, from the rest date on. Principal not paid in time keeps bearing interest until the rest date of the
day it is worked out; unpaid interest or fees do so too where they compound. Money ahead of schedule lowers the later
instalments, their number, or the next ones only. A loan paid off early bears interest to that day or to its rest date.

Source: loan cases README (`interest_recalculation`), after the cumulative generator of Apache Fineract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Context, localcontext

from jump.core.calendars import add
from jump.core.schedules.allocation import Sequential
from jump.core.schedules.cumulative import PRECISION, Plan
from jump.core.schedules.parts import Part
from jump.core.schedules.resting import ChargesIn, Money, RestingBalance, Row, put_in
from jump.core.schedules.terms import (
    Amortisation,
    PreClose,
)


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
        if kept and any(row.interest_minor for row in kept):
            table.keep(kept)
        table.work_out()
    return table.rows


class _Table(RestingBalance):
    """The lines of a table that is worked out anew."""

    def keep(self, kept: Sequence[Row]) -> None:
        for row in kept:
            for day in [day for day in self.tranches if row.from_on < day <= row.due_on]:
                self.owed += self.tranches[day]
                self.lent += self.tranches[day]
            self._add(row)
            before = self.repaid
            self.repaid += row.principal_minor
            self.owed -= row.principal_minor
            planned = 0
            if not row.is_interest_only:
                self.position += 1
                is_equal = self.terms.amortisation is Amortisation.EQUAL_INSTALMENTS
                planned = self.equal - row.interest_minor if is_equal else self.each
            early = self._early_in(row, max(0, planned - self.ahead))
            self._account_ahead(row, planned, before)
            put_in(self.lowers, self.rest(row.due_on), row.principal_minor - early)
            self._compounded(row, self.rest(row.due_on))
            self._rest_until(row.due_on)
            self._note_late(row.due_on)
            self.start = row.due_on

    def _early_in(self, row: Row, planned: int) -> int:
        """Principal of a kept line that came before it was planned."""
        line, total = self.lines[-1], 0
        for payment in self._taken(row.due_on):
            before = line.paid[Part.PRINCIPAL]
            self._pay(payment)
            with_this = line.paid[Part.PRINCIPAL] - before
            beyond = line.paid[Part.PRINCIPAL] - planned
            early = min(with_this, beyond) if beyond > 0 else 0
            put_in(self.lowers, self.rest(payment.on), early)
            total += early
            self._pay_compounded(payment)
        return total

    def _account_ahead(self, row: Row, planned: int, repaid: int) -> None:
        existing = self.ahead - planned
        ahead = row.principal_minor + existing
        is_early = ahead > max(0, existing)
        self.ahead = max(0, ahead)
        if is_early and self.ahead:
            self._use_ahead(repaid + row.principal_minor, self.position)

    def work_out(self) -> None:
        while self.owed or any(day > self.start for day in self.tranches):
            due = self._due_at(self.position)
            self._compounding_days(self.start, due)
            for day in sorted(day for day in self.tranches if self.start < day <= due):
                self.owed += self.tranches[day]
                self.lent += self.tranches[day]
            payments, early, is_done = self._before_due(due)
            if is_done:
                break
            self._one_line(due, payments, early)
            self.position += 1
        self._after_the_end()

    def _due_at(self, position: int) -> date:
        if position < len(self.plan.due):
            return self.plan.due[position]
        return add(self.plan.due[-1], self.terms.every * (position - len(self.plan.due) + 1), self.terms.unit)

    def _before_due(self, due: date) -> tuple[list[Money], int, bool]:
        """Payments inside the period lower the balance from their rest date; returns what is left for the line."""
        taken = self._taken(due)
        left_over: list[Money] = []
        early, looks_done = 0, True
        for payment in taken:
            rest = self.rest(payment.on)
            if payment.on >= due or rest >= due:
                continue
            left = self._pay(payment)
            if left:
                if self._closes(payment.on, left):
                    left_over.append(Money(payment.on, left))
                    break
                put_in(self.lowers, rest, left)
                early += left
                left_over.append(Money(due, left))
                looks_done = False
                self.owed -= left
                if self.owed < 0:
                    put_in(self.lowers, rest, self.owed)
                    early += self.owed
                    self.owed = 0
            if payment.parts[Part.PRINCIPAL] + self._arrears(payment) and rest < self.last_rest:
                self._paid_late(payment, rest)
        is_done = looks_done and not self.owed and not any(day > self.start for day in self.tranches)
        return [*taken, *left_over], early, is_done and not left_over

    def _closes(self, on: date, left: int) -> bool:
        """Whether this money pays the whole loan off, with interest to that day."""
        if self.owed > left or self.rule.pre_close is PreClose.REST_DAY:
            return False
        saved = dict(self.compounding)
        interest = self._interest(self.start, on, self.resting)
        self.compounding = saved
        return interest + self.owed <= left

    def _one_line(self, due: date, payments: Sequence[Money], early: int) -> None:
        interest = self._interest(self.start, due, self.resting)
        principal = self._principal(interest, self.repaid - self.ahead)
        if principal > self.ahead:
            principal, self.ahead = principal - self.ahead, 0
        else:
            principal, self.ahead = 0, self.ahead - principal
        beyond = early - principal
        if beyond > 0:
            self.ahead += beyond
            self._use_ahead(self.repaid + principal + beyond, self.position + 1)
            principal += beyond
        self.owed -= principal - early
        if self.owed < 0:
            principal += self.owed
            self.owed = 0
        self._add(Row(self.start, due, principal, interest))
        principal = self._pay_line(due, payments, principal, interest)
        put_in(self.lowers, self.rest(due), principal - early)
        self._compound(due)
        self._rest_until(due)
        self.repaid += principal
        self.start = self.rows[-1].due_on

    def _pay_line(self, due: date, payments: Sequence[Money], principal: int, interest: int) -> int:
        """Payments of the period on the new line; what is left over goes to principal ahead of schedule."""
        for payment in payments:
            if payment.is_used:
                continue
            left = self._pay(payment)
            if left:
                self.owed -= left
                interest, saved = self._pay_off(payment.on, due, interest)
                principal += saved
                add_back = min(0, self.owed)
                self.owed = max(0, self.owed)
                put_in(self.lowers, self.rest(payment.on), left + add_back)
                self._grow_last(left + add_back + saved, interest, payment.on, saved)
                self.repaid += left + add_back
                self.ahead += left
                self._use_ahead(self.repaid + principal, self.position + 1)
            self._pay_compounded(payment)
        self._note_late(due)
        return principal

    def _pay_off(self, on: date, due: date, interest: int) -> tuple[int, int]:
        """A loan paid off inside a period: interest only until then, the rest of the money is principal."""
        charges = self.charges_in(on, due, self.position == 0)
        if on == due or self.owed - sum(charges.values()) > interest:
            return interest, 0
        until = on if self.rule.pre_close is PreClose.THAT_DAY else self.rest(on)
        shorter = self._interest(self.start, min(until, due), self.resting)
        saved = interest - shorter
        if self.owed - saved > 0:
            return interest, 0
        self.owed -= saved
        row = self.rows[-1]
        self.rows[-1] = replace(row, due_on=on, interest_minor=shorter)
        line = self.lines[-1]
        line.due_on = on
        line.due[Part.INTEREST] = shorter
        return shorter, saved

    def _grow_last(self, amount: int, interest: int, on: date, saved: int) -> None:
        row, line = self.rows[-1], self.lines[-1]
        self.rows[-1] = replace(row, principal_minor=row.principal_minor + amount, interest_minor=interest)
        line.add_due(Part.PRINCIPAL, amount)
        line.pay(Part.PRINCIPAL, amount, on)

    def _after_the_end(self) -> None:
        """Principal still late after the last due date makes lines of interest alone, up to today."""
        if not self.late or self.today <= self.start:
            return
        balance = self.resting
        while self.start < self.today:
            for payment in self._taken(self.start):
                self._pay(payment)
                self._paid_late(payment, self.rest(payment.on))
                self._note_late(self.start)
            upcoming = min([self.today, *(payment.on for payment in self.waiting if payment.on > self.start)])
            interest = self._interest(self.start, upcoming, balance)
            balance -= sum(self.lowers.pop(day) for day in [day for day in self.lowers if day <= upcoming])
            if interest:
                row = Row(self.start, upcoming, 0, interest, is_interest_only=True)
                self._add(row)
            self.start = upcoming
            if not any(line.open_minor for line in self.lines):
                break
