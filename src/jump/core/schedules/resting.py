"""The balance interest is counted on, while money comes early or late; see `recalculation`.

It falls on rest dates. What fell due and is not paid is carried beside it, up to the rest date of today.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from jump.core.calendars import Unit, add
from jump.core.schedules.allocation import Sequential, use_money
from jump.core.schedules.cumulative import Plan, equal_instalment, equal_principal, money, rate_for_equal, rates_of
from jump.core.schedules.dates import stretch_rate
from jump.core.schedules.lines import LineKind, OpenLine
from jump.core.schedules.parts import CHARGES, Part
from jump.core.schedules.terms import Amortisation, Compounding, EarlyPayment, Recalculation, Rest

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table worked out anew; `early_minor` of its principal had come before it fell due."""

    from_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    early_minor: int = 0
    is_interest_only: bool = False


class Money:
    """A payment while it is used up."""

    __slots__ = ("amount_minor", "is_used", "on")

    def __init__(self, on: date, amount_minor: int) -> None:
        self.on, self.amount_minor, self.is_used = on, amount_minor, False


Amounts = dict[date, int]
ChargesIn = Callable[[date, date, bool], dict[Part, int]]


def put_in(amounts: Amounts, day: date, amount: int) -> None:
    amounts[day] = amounts.get(day, 0) + amount


class RestingBalance:
    """What one loan owes from rest date to rest date."""

    def __init__(
        self,
        plan: Plan,
        payments: Sequence[tuple[date, int]],
        today: date,
        allocation: Sequential,
        charges_in: ChargesIn,
    ) -> None:
        assert plan.terms.recalculation is not None
        self.plan, self.terms = plan, plan.terms
        self.rule: Recalculation = plan.terms.recalculation
        self.today, self.allocation, self.charges_in = today, allocation, charges_in
        self.waiting = [Money(on, amount) for on, amount in sorted(payments)]
        self.rows: list[Row] = []
        self.lines: list[OpenLine] = []
        self.position = 0
        self.start = plan.starts[0]
        self.tranches: Amounts = {}  # still to come
        for tranche in plan.lent:
            put_in(self.tranches, max(self.start, tranche.on), tranche.amount_minor)
        self.owed = 0
        self.equal = self.each = 0
        self.ahead = 0  # paid ahead and not yet taken off an instalment
        self.balance = 0  # that bears interest at the start of the period
        self.changes: Amounts = {}  # of it, from these days on
        self.late: Amounts = {}  # what fell due and is not paid, by the day from which it bears interest again
        self.last_rest = self.rest(today)
        self.rates = rates_of(plan)
        compounding = self.rule.compounding
        self.bearing = {Part.PRINCIPAL}
        if compounding in (Compounding.INTEREST, Compounding.BOTH):
            self.bearing |= {Part.INTEREST}
        if compounding in (Compounding.FEE, Compounding.BOTH):
            self.bearing |= set(CHARGES)

    def rest(self, day: date) -> date:
        """The first rest date on or after a day."""
        return self._next(day - DAY, self.rule.rest)

    def _next(self, day: date, rhythm: Rest) -> date:
        """The first date of a rhythm after a day; it counts from the disbursement, beyond the plan from its end."""
        if rhythm is Rest.DAILY:
            return day + DAY
        start, every, unit = self.plan.starts[0], 1, Unit.WEEKS if rhythm is Rest.WEEKLY else Unit.MONTHS
        if rhythm is Rest.PERIOD:
            listed = next((due for due in self.plan.due if due > day), None)
            if listed is not None:
                return listed
            start, every, unit = self.plan.due[-1], self.terms.every, self.terms.unit
        step = 0
        while add(start, every * step, unit) <= day:
            step += 1
        return add(start, every * step, unit)

    def lend(self, due: date) -> None:
        """Take what is paid out before the next due date, and spread what is owed over the instalments left."""
        lent = 0
        for day in [day for day in self.tranches if day < due]:
            lent += self.tranches[day]
            put_in(self.changes, day, self.tranches.pop(day))
        self.owed += lent
        if lent or self.position in self.plan.respread:
            self._spread(self.owed)

    def _spread(self, owed: int) -> None:
        """The equal part of what is owed, over the instalments from here on."""
        paying = self.plan.paying_from(self.position)
        self.equal = equal_instalment(self.terms, owed, paying, rate_for_equal(self.plan, self.rates, self.position))
        self.each = equal_principal(self.terms, owed, paying)

    def _asked(self, interest: int) -> int:
        """The principal of the instalment at hand, as planned; `interest` is what it asks for beside it."""
        if self.position >= self.plan.count - 1:
            return self.owed + self.ahead
        if self.plan.grace_principal(self.position):
            return 0
        if self.terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
            return self.each
        return max(0, self.equal - interest)

    def _use_ahead(self) -> None:
        """Money ahead of schedule takes its effect on the instalments from here on."""
        if self.ahead and self.rule.early is EarlyPayment.LOWER_INSTALMENTS:
            self._spread(self.owed)
        if self.rule.early is not EarlyPayment.NEXT_INSTALMENTS:
            self.ahead = 0

    def _interest(self, start: date, end: date) -> int:
        """Over a period, stretch by stretch of unchanged balance; each stretch is rounded."""
        changes = dict(self.changes)
        for day, amount in self.late.items():
            since = max(start, day)
            put_in(changes, since, amount)
            put_in(changes, max(since, self.last_rest), -amount)
        grows_on = self._grows_on(start, end)
        total = grown = 0
        begin, balance = start, self.balance
        for day in sorted(day for day in {*changes, *grows_on} if day < end):
            if day > begin:
                total += self._stretch(begin, day, balance)
                begin = day
            if day in grows_on:
                balance += total - grown
                grown = total
            balance += changes.get(day, 0)
        return total + self._stretch(begin, end, balance)

    def _grows_on(self, start: date, end: date) -> set[date]:
        """Days inside a period from which the interest run up so far bears interest; on its due date it always does."""
        found: set[date] = set()
        if Part.INTEREST in self.bearing:
            day = self._next(start, self.rule.compounding_every)
            while day < end:
                found.add(day)
                day = self._next(day, self.rule.compounding_every)
        return found

    def _stretch(self, begin: date, until: date, balance: int) -> int:
        for first, last, rate in zip(self.plan.starts, self.plan.due, self.rates, strict=True):
            if first <= begin and until <= last:
                return money(self.terms, balance * rate * (until - begin).days / (last - first).days)
        return money(self.terms, balance * stretch_rate(self.terms, begin, until, self._last_rate()))

    def _last_rate(self) -> Decimal:
        changed = [change.rate_yearly for change in self.plan.changes if change.rate_yearly is not None]
        return changed[-1] if changed else self.terms.rate_yearly

    def _pay(self, payment: Money) -> int:
        """Use a payment on the lines so far; returns what is left.

        What is paid late bears interest until the rest date of the payment.
        """
        use = use_money(self.allocation, self.lines, payment.amount_minor, on=payment.on)
        payment.is_used = True
        for line, part, used in use.pieces:
            if part in self.bearing and line.due_on < payment.on:
                since = self._late_since(line, part)
                put_in(self.late, since, -used)
                put_in(self.changes, max(since, self.start), used)
                put_in(self.changes, max(since, self.start, self.rest(payment.on)), -used)
        return use.left_minor

    def _taken(self, until: date) -> list[Money]:
        taken = [payment for payment in self.waiting if payment.on <= until]
        self.waiting = [payment for payment in self.waiting if payment.on > until]
        return taken

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        line = OpenLine(len(self.rows), row.from_on, row.due_on, LineKind.REGULAR)
        line.add_due(Part.PRINCIPAL, row.principal_minor)
        line.add_due(Part.INTEREST, row.interest_minor)
        charges = self.charges_in(row.from_on, row.due_on, len(self.rows) == 1)
        for part in CHARGES:
            line.add_due(part, charges[part])
        self.lines.append(line)

    def _rest_until(self, due: date) -> None:
        """Go on to a day: what changed the balance by then is in it, what is not paid is late."""
        self.start = due
        self.balance += sum(self.changes.pop(day) for day in [day for day in self.changes if day <= due])
        self.late = {}
        for line in self.lines:
            if line.open_minor:
                for part in self.bearing:
                    put_in(self.late, self._late_since(line, part), line.open_of(part))

    def _late_since(self, line: OpenLine, part: Part) -> date:
        """Principal bears interest as planned until the rest date; income bears none before it is due."""
        return self.rest(line.due_on) if part is Part.PRINCIPAL else line.due_on
