"""How good a portfolio is: ratios over many loans, kept as numerator and denominator.

Rules: CGAP/SEEP consensus guidelines, 3rd edition 2003. A denominator of 0 is "not defined", never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jump.core.money import share_percent


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact ratio of two whole amounts in the same unit."""

    numerator: int
    denominator: int

    @property
    def value(self) -> Fraction | None:
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    def percent(self, decimals: int = 2) -> Decimal | None:
        return share_percent(self.numerator, self.denominator, decimals)


@dataclass(frozen=True, slots=True)
class LoanLateness:
    """What portfolio quality needs to know of one loan that is not written off."""

    principal_minor: int  # outstanding
    days_late: int
    principal_late_minor: int = 0
    is_rescheduled: bool = False


def portfolio_at_risk(loans: Iterable[LoanLateness], *, days: int, with_rescheduled: bool = False) -> Ratio:
    """The whole outstanding principal of loans more than `days` late, over all outstanding principal.

    Amounts, not numbers of loans; the whole balance, not the late part. The strict form adds every rescheduled loan.

    >>> loans = [LoanLateness(100_00, 31), LoanLateness(300_00, 30), LoanLateness(100_00, 0, is_rescheduled=True)]
    >>> portfolio_at_risk(loans, days=30).percent(), portfolio_at_risk(loans, days=30, with_rescheduled=True).percent()
    (Decimal('20.00'), Decimal('40.00'))
    """
    at_risk = whole = 0
    for loan in loans:
        whole += loan.principal_minor
        if loan.days_late > days or (with_rescheduled and loan.is_rescheduled):
            at_risk += loan.principal_minor
    return Ratio(at_risk, whole)


def arrears_rate(loans: Iterable[LoanLateness]) -> Ratio:
    """Late principal over outstanding principal. Report it only next to portfolio at risk."""
    late = whole = 0
    for loan in loans:
        late += loan.principal_late_minor
        whole += loan.principal_minor
    return Ratio(late, whole)


def current_recovery(*, received_on_due_minor: int, due_minor: int) -> Ratio:
    """Cash received on instalments falling due in the period, prepayments left out, over what fell due."""
    return Ratio(received_on_due_minor, due_minor)


def annual_loss_rate(recovery: Ratio, *, term_years: Fraction) -> Fraction | None:
    """(1 - current recovery) / average term in years * 2.

    >>> annual_loss_rate(Ratio(95, 100), term_years=Fraction(1, 4))
    Fraction(2, 5)
    """
    if recovery.value is None or term_years <= 0:
        return None
    return (1 - recovery.value) / term_years * 2


@dataclass(frozen=True, slots=True)
class ProvisionStep:
    """So much of the whole outstanding principal is set aside once a loan is more than so many days late."""

    after_days: int
    percent: Decimal


# PEARLS P1 and P2 (World Council of Credit Unions, Toolkit 4): 35 % of loans late 1 to 12 months, all of those later.
PROVISION_STEPS: tuple[ProvisionStep, ...] = (ProvisionStep(30, Decimal(35)), ProvisionStep(365, Decimal(100)))


def provision_minor(principal_minor: int, days_late: int, steps: Sequence[ProvisionStep] = PROVISION_STEPS) -> int:
    """What is set aside for a loan, by the step of the most days that it has passed.

    >>> [provision_minor(1_000, days) for days in (30, 31, 365, 366)]
    [0, 350, 350, 1000]
    """
    passed = [step for step in steps if days_late > step.after_days]
    if not passed:
        return 0
    return round(principal_minor * max(passed, key=lambda step: step.after_days).percent / 100)
