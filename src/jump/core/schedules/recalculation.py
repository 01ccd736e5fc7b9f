"""Interest on what is really owed: a classic table worked out anew when money comes early or late.

The lines due before the day of the money are kept as they were; from there on each period's interest counts the balance
as payments left it, from the rest date on. Principal not paid in time keeps bearing interest until the rest date of the
day it is worked out; unpaid interest or fees do so too where they compound. Money ahead of schedule lowers the later
instalments, their number, or the next ones only. A loan paid off early bears interest to that day or to its rest date.

Source: loan cases README (`interest_recalculation`), after the cumulative generator of Apache Fineract.
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
    PreClose,
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


def _put(amounts: Amounts, day: date, amount: int) -> None:
    amounts[day] = amounts.get(day, 0) + amount


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
    table = _Table(plan, payments, today, allocation, charges_in)
    if kept and any(row.interest_minor for row in kept):
        table.keep(kept)
    table.work_out()
    return table.rows


class _Table:
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
        self.compounded_from: dict[date, Amounts] = {}
        self.uncompounded = 0
        self.last_rest = self.rest(today)
        self.count = plan.count
        self.periods = list(zip(plan.starts, plan.due, strict=True))
        self._spread(sum(tranche.amount_minor for tranche in plan.lent), 0)

    # --- rest and compounding days ---

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

    # --- amounts ---

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
            _put(changes, day, amount)
        for day, amount in self.lowers.items():
            _put(changes, day, -amount)
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

    # --- lines that stay ---

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
            _put(self.lowers, self.rest(row.due_on), row.principal_minor - early)
            self._compound_kept(row)
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
            _put(self.lowers, self.rest(payment.on), early)
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

    def _compound_kept(self, row: Row) -> None:
        charged = self._income(row)
        if self.rule.compounding is Compounding.NONE:
            return
        self.compounded_from[row.from_on] = dict(row.compounded)
        total = sum(row.compounded.values())
        for day, amount in row.compounded.items():
            _put(self.lowers, day, -amount)
        if total:
            _put(self.lowers, self.last_rest if row.due_on < self.today else self.rest(row.due_on), total)
            self.uncompounded = charged + self.uncompounded - total
        else:
            self.uncompounded += charged

    # --- the lines from here on ---

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

    def _taken(self, until: date) -> list[Money]:
        taken = [payment for payment in self.waiting if payment.on <= until]
        self.waiting = [payment for payment in self.waiting if payment.on > until]
        return taken

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
                _put(self.lowers, rest, left)
                early += left
                left_over.append(Money(due, left))
                looks_done = False
                self.owed -= left
                if self.owed < 0:
                    _put(self.lowers, rest, self.owed)
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
        _put(self.lowers, self.rest(due), principal - early)
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
                _put(self.lowers, self.rest(payment.on), left + add_back)
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

    # --- late money ---

    def _note_late(self, due: date) -> None:
        """Principal of lines fallen due and not paid bears interest again until the rest date of today."""
        self.late.clear()
        total = 0
        for row, line in zip(self.rows, self.lines, strict=True):
            rest = self.rest(line.due_on)
            if line.open_minor and line.due_on <= due and not row.is_interest_only and rest < self.today:
                _put(self.late, rest, line.open_of(Part.PRINCIPAL))
                total += line.open_of(Part.PRINCIPAL)
        if total:
            _put(self.late, self.last_rest, -total)

    def _paid_late(self, payment: Money, rest: date) -> None:
        """Late principal that is paid at last stops bearing interest on the rest date of the payment."""
        paid, seen = payment.parts[Part.PRINCIPAL], 0
        later: Amounts = {}
        for day in sorted(day for day in self.late if day < self.last_rest):
            amount = self.late[day]
            seen += amount
            if seen < paid:
                if day < rest:
                    _put(self.lowers, day, -amount)
                    _put(self.lowers, rest, amount)
            elif not later:
                part = amount - (seen - paid)
                _put(self.lowers, day, -part)
                _put(self.lowers, rest, part)
                _put(later, day, amount - part)
                _put(later, self.last_rest, part - amount)
            else:
                _put(later, day, amount)
                _put(later, self.last_rest, -amount)
        self.late = later
        self._pay_compounded(payment)

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

    # --- compounding ---

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
            _put(self.lowers, rest, paid)
            _put(self.lowers, self.last_rest, -paid)

    def _compounding_days(self, start: date, end: date) -> None:
        if self.rule.compounding is Compounding.NONE:
            return
        day, open_amount = self._next(start, self.rule.compounding_every), self.uncompounded
        while day < end:
            _put(self.compounding, day, open_amount)
            open_amount = 0
            day = self._next(day, self.rule.compounding_every)

    def _compound(self, due: date) -> None:
        """What the newest line charged begins to bear interest on its compounding days."""
        if self.rule.compounding is Compounding.NONE:
            return
        row = self.rows[-1]
        charged, total = self._income(row), -self.uncompounded
        day = self._next(row.from_on, self.rule.compounding_every)
        has_day = day <= row.due_on
        if not has_day:
            total = 0
        while day <= row.due_on:
            if day == row.due_on:
                _put(self.compounding, day, charged - total)
                total = charged
            else:
                total += self.compounding.get(day, 0)
            day = self._next(day, self.rule.compounding_every)
        if has_day:
            if row.due_on < self.today:
                _put(self.lowers, self.last_rest, total + self.uncompounded)
            else:
                _put(self.lowers, self.rest(due), charged)
        if total > 0:
            self.rows[-1] = replace(row, compounded={day: part for day, part in self.compounding.items() if part > 0})
            for day, amount in self.compounding.items():
                if day <= row.due_on:
                    _put(self.lowers, day, -amount)
            self.uncompounded = charged - total
        else:
            self.uncompounded += charged
        self.compounding = {}
