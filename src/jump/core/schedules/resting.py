"""The balance interest is counted on, while money comes early or late; see `recalculation`.

It falls on rest dates, rises again by principal that is late, and by unpaid income on compounding dates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from jump.core.calendars import Unit, add
from jump.core.schedules.allocation import Sequential, use_money
from jump.core.schedules.cumulative import Plan, equal_instalment, equal_principal, money
from jump.core.schedules.dates import period_rate, stretch_rate
from jump.core.schedules.lines import LineKind, OpenLine
from jump.core.schedules.parts import CHARGES, Part
from jump.core.schedules.terms import (
    Amortisation,
    Compounding,
    EarlyPayment,
    Recalculation,
    Rest,
)

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table worked out anew. `compounded`: what began to bear interest itself, by day."""

    from_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    compounded: Mapping[date, int] = field(default_factory=dict)
    is_interest_only: bool = False


class Money:
    """A payment while it is used up."""

    __slots__ = ("amount_minor", "is_used", "on", "parts")

    def __init__(self, on: date, amount_minor: int) -> None:
        self.on, self.amount_minor, self.is_used = on, amount_minor, False
        self.parts: Mapping[Part, int] = {}


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
        self.tranches = {tranche.on: 0 for tranche in plan.lent}
        for tranche in plan.lent:
            self.tranches[tranche.on] += tranche.amount_minor
        first = plan.lent[0].on
        self.owed = self.resting = self.tranches.pop(first)
        self.lent = self.owed
        self.repaid = 0  # principal of all lines so far
        self.ahead = 0  # paid ahead and not yet taken off an instalment
        self.lowers: Amounts = {}  # from these days on the balance is lower
        self.late: Amounts = {}  # from these days on late principal bears interest again
        self.compounding: Amounts = {}
        self.last_rest = self.rest(today)
        self.count = plan.count
        self.periods = list(zip(plan.starts, plan.due, strict=True))
        self._spread(sum(tranche.amount_minor for tranche in plan.lent), 0)

    def rest(self, day: date) -> date:
        """The first rest date on or after a day."""
        return self._next(day - DAY, self.rule.rest)

    def _next(self, day: date, rhythm: Rest) -> date:
        """The first date of a rhythm strictly after a day, counted from the disbursement."""
        start = self.plan.starts[0]
        every, unit = {
            Rest.DAILY: (1, Unit.DAYS),
            Rest.WEEKLY: (1, Unit.WEEKS),
            Rest.MONTHLY: (1, Unit.MONTHS),
            Rest.PERIOD: (self.terms.every, self.terms.unit),
        }[rhythm]
        if rhythm is Rest.DAILY:
            return day + DAY
        if rhythm is Rest.PERIOD:
            listed = next((due for due in self.plan.due if due > day), None)
            if listed is not None:
                return listed
            start = self.plan.due[-1]
        step = 0
        while add(start, every * step, unit) <= day:
            step += 1
        return add(start, every * step, unit)

    def _spread(self, owed: int, position: int) -> None:
        """The equal part of what is owed, over the instalments from a position on."""
        paying = self.plan.paying_from(position) if position < self.count else 1
        rate = period_rate(self.terms, self.plan.starts[0], self.plan.due[0])
        self.equal = equal_instalment(self.terms, owed, paying, rate)
        self.each = equal_principal(self.terms, owed, paying)

    def _spread_again(self, repaid: int, position: int) -> None:
        left = sum(tranche.amount_minor for tranche in self.plan.lent) - repaid
        if left > 0:
            self._spread(left, position)

    def _use_ahead(self, repaid: int, position: int) -> None:
        """Money ahead of schedule takes its effect."""
        if not self.ahead:
            return
        if self.rule.early is EarlyPayment.LOWER_INSTALMENTS:
            self._spread_again(repaid, position)
        if self.rule.early is not EarlyPayment.NEXT_INSTALMENTS:
            self.ahead = 0

    def _interest(self, start: date, end: date, balance: int) -> int:
        """Over a period, stretch by stretch of unchanged balance; each stretch is rounded."""
        changes = dict(self.late)
        for day, amount in self.tranches.items():
            put_in(changes, day, amount)
        for day, amount in self.lowers.items():
            put_in(changes, day, -amount)
        for day in self.compounding:
            changes.setdefault(day, 0)
        total = compounded = 0
        begin = start
        for day in sorted(changes):
            if day > end:
                break
            if day > begin:
                total += self._stretch(begin, day, balance)
                begin = day
            if day in self.compounding:
                balance += self.compounding[day]
                if self.rule.compounding in (Compounding.INTEREST, Compounding.BOTH):
                    balance += total - compounded
                    self.compounding[day] += total - compounded
                    compounded = total
            balance += changes[day]
        return total + self._stretch(begin, end, balance)

    def _stretch(self, begin: date, until: date, balance: int) -> int:
        period = next(((first, last) for first, last in self.periods if first <= begin and until <= last), None)
        if period is None:
            rate = stretch_rate(self.terms, begin, until)
        else:
            rate = period_rate(self.terms, *period) * (until - begin).days / (period[1] - period[0]).days
        return money(self.terms, balance * rate)

    def _principal(self, interest: int, repaid: int) -> int:
        if self.position >= self.count - 1:
            return self.lent - repaid
        if self.plan.grace_principal(self.position):
            return 0
        if self.terms.amortisation is Amortisation.EQUAL_PRINCIPAL:
            return self.each
        return self.equal - interest

    def _pay(self, payment: Money) -> int:
        """Use a payment on the lines so far; returns what is left."""
        use = use_money(self.allocation, self.lines, payment.amount_minor, on=payment.on)
        payment.is_used, payment.parts = True, use.parts
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
            line.add_due(part, charges.get(part, 0))
        self.lines.append(line)

    def _rest_until(self, due: date) -> None:
        self.resting -= sum(self.lowers.pop(day) for day in [day for day in self.lowers if day <= due])
        self.resting += sum(self.tranches.pop(day) for day in [day for day in self.tranches if day <= due])

    def _note_late(self, due: date) -> None:
        """Principal of lines fallen due and not paid bears interest again until the rest date of today."""
        self.late.clear()
        total = 0
        for row, line in zip(self.rows, self.lines, strict=True):
            rest = self.rest(line.due_on)
            if line.open_minor and line.due_on <= due and not row.is_interest_only and rest < self.today:
                put_in(self.late, rest, line.open_of(Part.PRINCIPAL))
                total += line.open_of(Part.PRINCIPAL)
        if total:
            put_in(self.late, self.last_rest, -total)

    def _paid_late(self, payment: Money, rest: date) -> None:
        """Late principal that is paid at last stops bearing interest on the rest date of the payment."""
        paid, seen = payment.parts[Part.PRINCIPAL], 0
        later: Amounts = {}
        for day in sorted(day for day in self.late if day < self.last_rest):
            amount = self.late[day]
            seen += amount
            if seen < paid:
                if day < rest:
                    put_in(self.lowers, day, -amount)
                    put_in(self.lowers, rest, amount)
            elif not later:
                part = amount - (seen - paid)
                put_in(self.lowers, day, -part)
                put_in(self.lowers, rest, part)
                put_in(later, day, amount - part)
                put_in(later, self.last_rest, part - amount)
            else:
                put_in(later, day, amount)
                put_in(later, self.last_rest, -amount)
        self.late = later
        self._pay_compounded(payment)

    def _arrears(self, payment: Money) -> int:
        """The part of a payment that had been bearing interest itself."""
        parts = payment.parts
        found = 0
        if self.rule.compounding in (Compounding.INTEREST, Compounding.BOTH):
            found += parts[Part.INTEREST]
        if self.rule.compounding in (Compounding.FEE, Compounding.BOTH):
            found += parts[Part.FEE] + parts[Part.PENALTY]
        return found

    def _income(self, row: Row) -> int:
        found = 0
        if self.rule.compounding in (Compounding.INTEREST, Compounding.BOTH):
            found += row.interest_minor
        if self.rule.compounding in (Compounding.FEE, Compounding.BOTH):
            found += sum(self.charges_in(row.from_on, row.due_on, row is self.rows[0]).values())
        return found

    def _pay_compounded(self, payment: Money) -> None:
        rest, paid = self.rest(payment.on), self._arrears(payment)
        if rest != self.last_rest and paid:
            put_in(self.lowers, rest, paid)
            put_in(self.lowers, self.last_rest, -paid)

    def _compounding_days(self, start: date, end: date) -> None:
        """Between two due dates interest begins to bear interest in the rhythm agreed; on due dates it always does."""
        if self.rule.compounding is Compounding.NONE:
            return
        day = self._next(start, self.rule.compounding_every)
        while day < end:
            self.compounding[day] = 0
            day = self._next(day, self.rule.compounding_every)

    def _compound(self, due: date) -> None:
        """What the newest line charged bears interest from its compounding days until it is paid, on its due date."""
        if self.rule.compounding is Compounding.NONE:
            return
        row = self.rows[-1]
        grown = {day: amount for day, amount in self.compounding.items() if day < row.due_on}
        grown[row.due_on] = self._income(row) - sum(grown.values())
        self.rows[-1] = replace(row, compounded=grown)
        self._compounded(self.rows[-1], self.rest(due))
        self.compounding = {}

    def _compounded(self, row: Row, paid: date) -> None:
        """The balance is higher from the compounding days of a line, and lower again where its income is paid."""
        for day, amount in row.compounded.items():
            put_in(self.lowers, day, -amount)
        put_in(self.lowers, self.last_rest if row.due_on < self.today else paid, sum(row.compounded.values()))
