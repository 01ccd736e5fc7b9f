"""What a loan costs: all that is paid beyond what was lent, and the yearly rate that it comes to.

The annual percentage rate is the rate at which everything the borrower pays, counted back to the day the money came, is
worth what the borrower received; days over 365, compounded yearly. The nominal rate beside it is what twelve times the
monthly rate comes to.

Source: Directive 2008/48/EC, Annex I, part I (the equation of the annual percentage rate of charge), as the common
yardstick; no law of a programme country is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jump.core.schedules.terms import Schedule

_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class LoanCost:
    """`rate_yearly` is None where no rate does it: nothing is received, or nothing is paid back."""

    received_minor: int
    paid_minor: int
    interest_minor: int
    fee_minor: int
    rate_yearly: Decimal | None

    @property
    def cost_minor(self) -> int:
        return self.interest_minor + self.fee_minor


def cost_of(table: Schedule) -> LoanCost:
    """The cost of a loan that is paid as planned.

    >>> from jump.core.schedules.tables import schedule
    >>> from jump.core.schedules.terms import LoanTerms
    >>> terms = LoanTerms(principal_minor=100_000, currency="EUR", instalments=1, every=12, rate_yearly=Decimal("0.1"))
    >>> cost = cost_of(schedule(terms, disbursed_on=date(2026, 1, 1)))
    >>> cost.cost_minor, cost.rate_yearly
    (10000, Decimal('0.1000'))
    """
    flows = [(one.on, one.amount_minor) for one in table.disbursements]
    flows += [(line.due_on, -line.due_minor) for line in table.instalments]
    return LoanCost(
        received_minor=sum(one.amount_minor for one in table.disbursements),
        paid_minor=table.due_minor,
        interest_minor=table.interest_minor,
        fee_minor=table.fee_minor,
        rate_yearly=yearly_rate(flows),
    )


def yearly_rate(flows: Sequence[tuple[date, int]]) -> Decimal | None:
    """The rate at which flows, received above zero and paid below, are worth nothing; to a hundredth of a percent."""
    if not flows or not any(amount > 0 for _, amount in flows) or not any(amount < 0 for _, amount in flows):
        return None
    first = min(day for day, _ in flows)
    years = [((day - first).days / 365, amount) for day, amount in flows]

    def worth(rate: float) -> float:
        return float(sum(amount / (1 + rate) ** time for time, amount in years))

    low, high = -0.99, 1.0
    while worth(high) < 0:  # what is paid back weighs less the higher the rate
        high *= 2
        if high > 1e6:
            return None
    if worth(low) > 0:
        return None
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) < 0 else (low, middle)
    return Decimal(str(round(high, 4))).quantize(Decimal("0.0001"))
