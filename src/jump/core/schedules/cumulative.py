"""Classic schedules: one table from the terms, for flat and declining interest.

Every money amount is rounded once, halves to the even unit. Equal instalments of a declining balance are
E = P*r / (1 - (1+r)^-m) with r the rate of the first period; flat interest is amount * rate * time, spread evenly. What
rounding leaves over goes to the last instalment. A tranche, more instalments or another rate begin a new stretch: what
is still owed is spread anew over the instalments left.

Source: loan cases README ("Formulas that reproduce the tables").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jump.core.money import round_to_multiple
from jump.core.schedules.dates import due_dates, period_rate
from jump.core.schedules.facts import Rescheduled
from jump.core.schedules.terms import Amortisation, Disbursement, InterestMethod, LoanTerms

Column = tuple[int, int]  # principal, interest


@dataclass(frozen=True, slots=True)
class Plan:
    """What a table is computed from: the periods, and what was lent in them."""

    terms: LoanTerms
    starts: tuple[date, ...]
    due: tuple[date, ...]
    lent: tuple[Disbursement, ...]  # without own contributions
    paid_out_minor: int  # with them
    changes: tuple[Rescheduled, ...] = ()

    @property
    def count(self) -> int:
        return len(self.due)

    def grace_principal(self, position: int) -> bool:
        return position < self.terms.grace_principal or self._in_change(position, "grace_principal")

    def grace_interest(self, position: int) -> bool:
        return position < self.terms.grace_interest or self._in_change(position, "grace_interest")

    def _in_change(self, position: int, name: str) -> bool:
        lengths = ((first, getattr(change, name)) for first, change in self.changed_at())
        return any(first <= position < first + length for first, length in lengths)

    def changed_at(self) -> list[tuple[int, Rescheduled]]:
        """From which position each change of the plan holds."""
        found = []
        for change in self.changes:
            day = change.due_on or change.from_on
            first = next((position for position, due in enumerate(self.due) if due >= day), self.count - 1)
            found.append((first, change))
        return found

    @property
    def respread(self) -> set[int]:
        """Positions from which a declining balance is spread anew."""
        return {
            first
            for first, change in self.changed_at()
            if change.extra_terms or change.grace_principal or change.rate_yearly is not None
        }

    def paying_from(self, position: int) -> int:
        """How many instalments from this one on repay principal, as far as was agreed by then."""
        count = self.terms.instalments
        count += sum(change.extra_terms for first, change in self.changed_at() if first <= position)
        return max(1, sum(not self.grace_principal(later) for later in range(position, count)))


PRECISION = 34  # digits of every sum here: nineteen before the minor unit's point, and _NOISE behind it
_NOISE = 15  # places behind the minor unit; beyond them stands only what a rate such as a twelfth was cut off by


def money(terms: LoanTerms, amount: Decimal) -> int:
    """Rounded once, halves to the even unit. A sixtieth of 90 is a half, although a sixtieth has no last digit."""
    return round_to_multiple(round(amount, _NOISE), terms.amount_multiple_minor)


def step_of(terms: LoanTerms) -> int:
    return max(terms.instalment_multiple_minor, terms.amount_multiple_minor)


def columns_of(plan: Plan) -> list[Column]:
    """Principal and interest of every instalment."""
    if plan.terms.method is InterestMethod.FLAT:
        return _flat(plan)
    return _with_interest_grace(plan, _declining(plan))


def equal_instalment(terms: LoanTerms, owed_minor: int, count: int, rate: Decimal) -> int:
    return annuity(owed_minor, count, rate, step_of(terms))


def annuity(owed_minor: int, count: int, rate: Decimal, multiple_minor: int) -> int:
    """P*r / (1 - (1+r)^-m), rounded once to the multiple, halves to the even one; an equal part without interest."""
    exact = owed_minor * rate / (1 - (1 + rate) ** -count) if rate else Decimal(owed_minor) / count
    return round_to_multiple(round(exact, _NOISE), multiple_minor)


def equal_principal(terms: LoanTerms, owed_minor: int, count: int) -> int:
    if terms.principal_percent is not None:
        return round_to_multiple(owed_minor * terms.principal_percent / 100, step_of(terms))
    return round_to_multiple(Decimal(owed_minor) / count, step_of(terms))


# --- flat -----------------------------------------------------------------------------------------------------------


def _flat_interest(plan: Plan, principal: Sequence[int]) -> list[int]:
    """Charged on the whole amount even where an own contribution is paid first; the last one takes the cents.

    More instalments spread what is left of the same interest; another rate is charged on what is not yet repaid, for
    the length of the loan, and spread over the instalments left.
    """
    terms = plan.terms
    plain = _planned_dates(plan)
    starts = (plan.starts[0], *plain[:-1])
    charged = [position for position in range(plan.count) if position >= terms.interest_free]
    asked = [position for position in charged if not plan.grace_interest(position)]

    def whole(rate_yearly: Decimal) -> Decimal:
        spans = list(zip(starts, plain, strict=True))[terms.interest_free :]
        return sum((period_rate(terms, start, end, rate_yearly) for start, end in spans), Decimal(0))

    total = money(terms, plan.paid_out_minor * whole(terms.rate_yearly))
    interest = [0] * plan.count
    asked_at_first = [position for position in asked if position < terms.instalments] or asked
    each = money(terms, Decimal(total) / max(1, len(asked_at_first)))
    given = 0
    changes = plan.changed_at()
    for position in asked:
        for first, change in changes:
            if first != position:
                continue
            left = sum(later >= position for later in asked)
            if change.rate_yearly is not None:
                repaid = plan.paid_out_minor - sum(principal[position:])
                total = given + money(terms, (plan.paid_out_minor - repaid) * whole(change.rate_yearly))
            each = money(terms, Decimal(total - given) / left)
        interest[position] = total - given if position == asked[-1] else min(each, total - given)
        given += interest[position]
    return interest


def _flat(plan: Plan) -> list[Column]:
    interest = _flat_interest(plan, _spread_principal(plan, [0] * plan.count))
    return list(zip(_spread_principal(plan, interest), interest, strict=True))


def _planned_dates(plan: Plan) -> tuple[date, ...]:
    """The dates flat interest is charged for: as agreed first, but to the new end where the last one was moved."""
    days = due_dates(plan.terms, plan.lent[0].on)
    moved = [change.due_on for change in plan.changes if change.due_on and change.from_on == days[-1]]
    return (*days[:-1], moved[-1]) if moved else days


def _spread_principal(plan: Plan, interest: Sequence[int]) -> list[int]:
    """Equal parts of all that was lent so far; with flat interest each whole instalment is a round amount.

    A later tranche makes every part from then on larger by the same measure, and the last one takes the rest; more
    instalments spread what is not yet repaid over those left.
    """
    terms = plan.terms
    respread = {first for first, change in plan.changed_at() if change.extra_terms or change.grace_principal}
    principal: list[int] = []
    owed = handed_out = each = counted = 0
    counted_from = 0
    for position, day in enumerate(plan.due):
        now = sum(tranche.amount_minor for tranche in plan.lent if tranche.on <= day)
        if position in respread:
            counted, counted_from = sum(principal), position
        if now != handed_out or position in respread:
            owed += now - handed_out
            handed_out = now
            each = equal_principal(terms, now - counted, plan.paying_from(counted_from))
        if position == plan.count - 1:
            part = owed
        elif plan.grace_principal(position):
            part = 0
        else:
            part = each
            if terms.amortisation is Amortisation.EQUAL_INSTALMENTS and terms.instalment_multiple_minor > 1:
                part += round_to_multiple(interest[position], step_of(terms)) - interest[position]
            part = max(0, min(part, owed))
        owed -= part
        principal.append(part)
    return principal


# --- declining balance ----------------------------------------------------------------------------------------------


def rates_of(plan: Plan) -> list[Decimal]:
    rates = []
    yearly = plan.terms.rate_yearly
    changed = {first: change.rate_yearly for first, change in plan.changed_at() if change.rate_yearly is not None}
    for position, (start, day) in enumerate(zip(plan.starts, plan.due, strict=True)):
        yearly = changed.get(position, yearly)
        free = position < plan.terms.interest_free
        rates.append(Decimal(0) if free else period_rate(plan.terms, start, day, yearly))
    return rates


def _declining(plan: Plan) -> list[Column]:
    terms, rates = plan.terms, rates_of(plan)
    respread = plan.respread
    columns: list[Column] = []
    owed = handed_out = equal = each = 0
    for position, (start, day) in enumerate(zip(plan.starts, plan.due, strict=True)):
        inside = [
            tranche for tranche in plan.lent if max(start, plan.lent[0].on) <= tranche.on < day and tranche.on > start
        ]
        now = sum(tranche.amount_minor for tranche in plan.lent if tranche.on < day)
        at_start = owed + now - handed_out - sum(tranche.amount_minor for tranche in inside)
        if now != handed_out or position in respread:
            owed += now - handed_out
            handed_out = now
            paying = plan.paying_from(position)
            equal = equal_instalment(terms, owed, paying, rate_for_equal(plan, rates, position))
            each = equal_principal(terms, owed, paying)
        exact = at_start * rates[position]
        for tranche in inside:
            exact += tranche.amount_minor * rates[position] * (day - tranche.on).days / (day - start).days
        interest = money(terms, exact)
        if position == plan.count - 1:
            principal = owed
        elif plan.grace_principal(position):
            principal = 0
        else:
            principal = each if terms.amortisation is Amortisation.EQUAL_PRINCIPAL else equal - interest
        principal = max(0, min(principal, owed))
        owed -= principal
        columns.append((principal, interest))
    return columns


def rate_for_equal(plan: Plan, rates: Sequence[Decimal], position: int) -> Decimal:
    """The rate of the first period, at the yearly rate that holds from here on."""
    yearly = plan.terms.rate_yearly
    for first, change in plan.changed_at():
        if first <= position and change.rate_yearly is not None:
            yearly = change.rate_yearly
    return period_rate(plan.terms, plan.starts[0], plan.due[0], yearly) if yearly else rates[position]


def _with_interest_grace(plan: Plan, columns: list[Column]) -> list[Column]:
    """Interest of the first periods is not asked then; the first instalment after carries it."""
    found: list[Column] = []
    carried = 0
    for position, (principal, interest) in enumerate(columns):
        if plan.grace_interest(position) and position < plan.count - 1:
            carried += interest
            found.append((principal, 0))
        else:
            found.append((principal, interest + carried))
            carried = 0
    return found
