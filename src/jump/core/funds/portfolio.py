"""The loans of a fund: what is at risk, what is paid on time, what is lost and what must be set aside.

Shapes: loans are `LoanLateness` rows (one per loan not written off), instalments `DueAndPaid` rows, amounts whole minor
units of one currency, means exact fractions (see `jump.core.ratios.mean`). Ratios come back as `ExactRatio`; a
denominator of 0 is not defined.

Sources: CGAP/SEEP consensus guidelines, 3rd edition 2003, and the CGAP technical guide on measuring results (2009), as
read in finance rules, section 1; the provisioning scale is the sector example in methods 11, section 11.5, source S7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from jump.core.bounds import Rate, Refused, exact_not_negative, exact_share, not_negative, positive
from jump.core.ratios import ExactRatio, ratio
from jump.core.schedules.state import InstalmentState

PAR_DAYS = (1, 30, 60, 90)


class FundFigureRefused(Refused):
    """A figure of a fund cannot be made of what was given."""

    code = "funds.figure_refused"


class ScaleBroken(FundFigureRefused):
    """Bands of a provisioning scale must rise in days, not fall in rate, and the last must be open."""

    code = "funds.scale_broken"


class PaidMoreThanDue(FundFigureRefused):
    """More is said to be paid on time than was due."""

    code = "funds.paid_more_than_due"


@dataclass(frozen=True, slots=True)
class LoanLateness:
    """What portfolio quality needs to know of one loan that is not written off."""

    principal_minor: int  # outstanding
    days_late: int
    principal_late_minor: int = 0
    is_rescheduled: bool = False


def par_table(
    loans: Iterable[LoanLateness], *, days: Sequence[int] = PAR_DAYS, with_rescheduled: bool = False
) -> Mapping[int, ExactRatio]:
    """Portfolio at risk for each number of days, in one pass over the loans.

    PAR n = whole outstanding principal of every loan more than n days late (strict form: and of every rescheduled
    loan) over all outstanding principal. PAR 1 counts loans more than one day late; days=(0,) counts any lateness.
    Errors: BelowZero for a negative balance or number of days. Source: finance rules, section 1, row PAR_n.

    >>> loans = [LoanLateness(100, 31), LoanLateness(300, 2), LoanLateness(600, 0)]
    >>> {days: str(found.percent()) for days, found in par_table(loans, days=(1, 30, 60)).items()}
    {1: '40.00', 30: '10.00', 60: '0.00'}
    """
    for limit in days:
        not_negative(days=limit)
    at_risk = dict.fromkeys(days, 0)
    whole_minor = 0
    for loan in loans:
        not_negative(principal_minor=loan.principal_minor, days_late=loan.days_late)
        whole_minor += loan.principal_minor
        for limit in at_risk:
            if loan.days_late > limit or (with_rescheduled and loan.is_rescheduled):
                at_risk[limit] += loan.principal_minor
    return {limit: ratio(late_minor, whole_minor) for limit, late_minor in at_risk.items()}


def arrears_rate(loans: Iterable[LoanLateness]) -> ExactRatio:
    """Late principal over outstanding principal. Report it only next to portfolio at risk (finance rules, section 1).

    >>> arrears_rate([LoanLateness(900, 31, 50), LoanLateness(100, 0)]).percent()
    Decimal('5.00')
    """
    late = whole = 0
    for loan in loans:
        late += loan.principal_late_minor
        whole += loan.principal_minor
    return ratio(late, whole)


# --- what fell due, and what came of it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DueAndPaid:
    """One instalment that fell due: what was due, what of it was paid by its due date, and what was paid so far."""

    due_minor: int
    paid_by_due_minor: int
    paid_minor: int

    def __post_init__(self) -> None:
        not_negative(due_minor=self.due_minor, paid_by_due_minor=self.paid_by_due_minor)
        if not self.paid_by_due_minor <= self.paid_minor <= self.due_minor:
            raise PaidMoreThanDue(
                "prepayments of later instalments do not count for this one",
                due_minor=self.due_minor,
                paid_by_due_minor=self.paid_by_due_minor,
                paid_minor=self.paid_minor,
            )


def fallen_due(
    instalments: Iterable[InstalmentState], *, until: date, since: date | None = None
) -> Iterator[DueAndPaid]:
    """The instalments of a loan that fell due from `since` to `until`, both included, with what came of them so far.

    What is due is what was agreed: principal, interest and fees. A late fee is neither due here nor paid, so that a
    fund which charges late fees, and collects them first, reports neither better nor worse for it; nor is a line that
    only holds charges after the last instalment. What was waived stays due and is not paid. Source: finance rules,
    section 1, rows "Current recovery rate" and "On-time repayment rate"; that late fees are left out and waivers are
    not is our reading, after the terms of the loan contract in the CGAP guide.
    """
    for line in instalments:
        if line.is_extra or line.due_on > until or (since is not None and line.due_on < since):
            continue
        yield DueAndPaid(line.agreed_minor, line.agreed_on_time_minor, line.agreed_paid_minor)


def on_time_rate(instalments: Iterable[DueAndPaid]) -> ExactRatio:
    """Amount paid on time over amount due. Never show it alone: put PAR beside it.

    Source: finance rules, section 1, row "On-time repayment rate".

    >>> on_time_rate([DueAndPaid(100, 100, 100), DueAndPaid(100, 50, 100)]).percent()
    Decimal('75.00')
    """
    due = paid = 0
    for row in instalments:
        due += row.due_minor
        paid += row.paid_by_due_minor
    return ratio(paid, due)


def current_recovery(instalments: Iterable[DueAndPaid]) -> ExactRatio:
    """Cash received on instalments that fell due in the period over those instalments; prepayments are left out.

    Source: finance rules, section 1, row "Current recovery rate"; methods 11, section 11.5, row "Repayment".

    >>> current_recovery([DueAndPaid(100, 100, 100), DueAndPaid(100, 50, 90)]).percent()
    Decimal('95.00')
    """
    due = paid = 0
    for row in instalments:
        due += row.due_minor
        paid += row.paid_minor
    return ratio(paid, due)


def annual_loss_rate(recovery: ExactRatio, *, term_years: Fraction) -> Fraction | None:
    """(1 - current recovery) / average term in years * 2 (finance rules, section 1).

    >>> annual_loss_rate(ratio(95, 100), term_years=Fraction(1, 4))
    Fraction(2, 5)
    """
    if recovery.value is None or term_years <= 0:
        return None
    return (1 - recovery.value) / term_years * 2


def write_off_ratio(*, written_off_minor: int, average_portfolio: Rate) -> ExactRatio:
    """Principal written off in the period over the average gross portfolio.

    Show it beside PAR, since a write-off improves PAR. Source: finance rules, section 1.
    """
    not_negative(written_off_minor=written_off_minor)
    return ratio(written_off_minor, exact_not_negative(average_portfolio, name="average_portfolio"))


def net_loss_ratio(*, written_off_minor: int, recovered_minor: int, average_portfolio: Rate) -> ExactRatio:
    """Written off less recovered of what had been written off, over the average gross portfolio.

    Below zero in a year that recovers more than it writes off. Our default; the sources give only the gross ratio.
    """
    not_negative(written_off_minor=written_off_minor, recovered_minor=recovered_minor)
    return ratio(written_off_minor - recovered_minor, exact_not_negative(average_portfolio, name="average_portfolio"))


def risk_coverage(*, allowance_minor: int, par30_minor: int) -> ExactRatio:
    """Loan-loss allowance over the PAR 30 amount. Source: finance rules, section 1."""
    not_negative(allowance_minor=allowance_minor, par30_minor=par30_minor)
    return ratio(allowance_minor, par30_minor)


def portfolio_yield(*, interest_and_fees_minor: int, average_portfolio: Rate) -> ExactRatio:
    """Interest and fees received on loans over the average gross portfolio. Source: finance rules, section 1."""
    not_negative(interest_and_fees_minor=interest_and_fees_minor)
    return ratio(interest_and_fees_minor, exact_not_negative(average_portfolio, name="average_portfolio"))


def operating_expense_ratio(*, operating_expense_minor: int, average_portfolio: Rate) -> ExactRatio:
    """Operating expense over the average gross portfolio. Source: finance rules, section 1."""
    not_negative(operating_expense_minor=operating_expense_minor)
    return ratio(operating_expense_minor, exact_not_negative(average_portfolio, name="average_portfolio"))


def cost_per_borrower(*, operating_expense_minor: int, average_borrowers: Rate) -> ExactRatio:
    """Operating expense, in minor units, per active borrower. Source: finance rules, section 1."""
    not_negative(operating_expense_minor=operating_expense_minor)
    return ratio(operating_expense_minor, exact_not_negative(average_borrowers, name="average_borrowers"))


def average_balance(*, portfolio_minor: int, active_borrowers: int) -> ExactRatio:
    """Outstanding principal, in minor units, per active borrower. Source: finance rules, section 1, annex A report."""
    not_negative(portfolio_minor=portfolio_minor, active_borrowers=active_borrowers)
    return ratio(portfolio_minor, active_borrowers)


def depth(*, average_balance_minor: Rate, income_per_head_minor: int) -> ExactRatio:
    """Average loan balance over national income per head, both in minor units. Source: finance rules, section 1."""
    not_negative(income_per_head_minor=income_per_head_minor)
    return ratio(exact_not_negative(average_balance_minor, name="average_balance_minor"), income_per_head_minor)


def revolving_speed(*, disbursed_minor: int, average_fund: Rate) -> ExactRatio:
    """How often the fund was lent in a year: disbursed over average fund value.

    Source: methods 11, section 11.5, row "Turnover" (alert below 0.7).

    >>> revolving_speed(disbursed_minor=84_000, average_fund=120_000).rounded()
    Decimal('0.70')
    """
    not_negative(disbursed_minor=disbursed_minor)
    return ratio(disbursed_minor, exact_not_negative(average_fund, name="average_fund"))


# --- provisioning ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProvisionBand:
    """Loans up to `days_max` days late (None: all later ones) need `rate` of their balance set aside."""

    days_max: int | None
    rate: Decimal | Fraction | int


# Methods 11, section 11.5, source S7 (a sector standard in India). The text leaves day 30 itself between "< 30" and
# "31-60"; read as 1 to 30.
PROVISION_SCALE = (
    ProvisionBand(0, Decimal("0")),
    ProvisionBand(30, Decimal("0.10")),
    ProvisionBand(60, Decimal("0.25")),
    ProvisionBand(90, Decimal("0.50")),
    ProvisionBand(180, Decimal("0.75")),
    ProvisionBand(365, Decimal("0.90")),
    ProvisionBand(None, Decimal("1")),
)


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """What one band holds and what must be set aside for it, in minor units."""

    days_min: int
    days_max: int | None
    rate: Fraction
    loans: int
    principal_minor: int
    provision_minor: int


@dataclass(frozen=True, slots=True)
class ProvisionTable:
    """The portfolio by age, with the allowance it needs."""

    rows: tuple[ProvisionRow, ...]

    @property
    def principal_minor(self) -> int:
        return sum(row.principal_minor for row in self.rows)

    @property
    def provision_minor(self) -> int:
        return sum(row.provision_minor for row in self.rows)


def provisioning(loans: Iterable[LoanLateness], *, scale: Sequence[ProvisionBand] = PROVISION_SCALE) -> ProvisionTable:
    """The portfolio by ageing bands and the allowance each band needs.

    Every loan falls in exactly one band, by its whole balance. A band's allowance is rounded once, halves to the even
    minor unit (our default). Errors: ScaleBroken, BelowZero. Source: methods 11, section 11.5.

    >>> table = provisioning([LoanLateness(1_000, 0), LoanLateness(1_000, 30), LoanLateness(1_000, 31)])
    >>> [row.provision_minor for row in table.rows[:3]], table.provision_minor
    ([0, 100, 250], 350)
    """
    rates = _checked(scale)
    counts, sums = [0] * len(scale), [0] * len(scale)
    for loan in loans:
        not_negative(principal_minor=loan.principal_minor, days_late=loan.days_late)
        position = next(
            index for index, band in enumerate(scale) if band.days_max is None or loan.days_late <= band.days_max
        )
        counts[position] += 1
        sums[position] += loan.principal_minor
    rows: list[ProvisionRow] = []
    days_min = 0
    for band, rate, count, principal_minor in zip(scale, rates, counts, sums, strict=True):
        rows.append(ProvisionRow(days_min, band.days_max, rate, count, principal_minor, round(principal_minor * rate)))
        days_min = (band.days_max or 0) + 1
    return ProvisionTable(tuple(rows))


def _checked(scale: Sequence[ProvisionBand]) -> list[Fraction]:
    rates = [exact_share(band.rate, name="provision rate") for band in scale]
    ends = [band.days_max for band in scale]
    if not scale or ends[-1] is not None or None in ends[:-1]:
        raise ScaleBroken("only the last band of a provisioning scale is open", bands=len(scale))
    closed = [end for end in ends if end is not None]
    if any(later <= earlier for earlier, later in pairwise(closed)) or min(closed, default=0) < 0:
        raise ScaleBroken("the days of a provisioning scale must rise", days=tuple(closed))
    if any(later < earlier for earlier, later in pairwise(rates)):
        raise ScaleBroken("an older loan cannot need less than a younger one", rates=tuple(map(str, rates)))
    return rates


def provision_expense(*, opening_minor: int, written_off_minor: int, required_minor: int) -> int:
    """What the period must expense so that the allowance ends where it must, in minor units.

    closing = opening + expense - written off, so expense = required - opening + written off; below zero it is released
    to income. Accounting identity, no source needed.

    >>> provision_expense(opening_minor=500, written_off_minor=200, required_minor=700)
    400
    """
    not_negative(opening_minor=opening_minor, written_off_minor=written_off_minor, required_minor=required_minor)
    return required_minor - opening_minor + written_off_minor


def borrower_ceiling_minor(*, fund_minor: int, share_max: Rate = Decimal("0.10")) -> int:
    """The most one borrower may owe, rounded down; 10 % of the fund is our default (methods 11, section 11.5)."""
    not_negative(fund_minor=fund_minor)
    return int(fund_minor * exact_share(share_max, name="share_max"))


def job_ceiling_minor(*, jobs: int, per_job_minor: int) -> int:
    """The most that may be lent for so many jobs (methods 11, section 11.5: 1,500 USD a job is our default)."""
    positive(jobs=jobs)
    not_negative(per_job_minor=per_job_minor)
    return jobs * per_job_minor
