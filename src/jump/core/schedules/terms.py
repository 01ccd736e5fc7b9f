"""What a lender and a borrower can agree, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from jump.core.calendars import RHYTHMS, Unit
from jump.core.money import exponent_of


class TermsError(ValueError):
    """The terms contradict each other or leave something out."""

    code = "schedules.terms"


class InterestMethod(StrEnum):
    """What the rate is applied to."""

    FLAT = "flat"  # the amount lent, all the time
    DECLINING = "declining_balance"  # what is still owed


class Amortisation(StrEnum):
    """What stays equal from instalment to instalment."""

    EQUAL_INSTALMENTS = "equal_installments"
    EQUAL_PRINCIPAL = "equal_principal"


class InterestBy(StrEnum):
    """Whether interest counts whole repayment periods or days."""

    PERIOD = "same_as_repayment_period"
    DAY = "daily"


class ScheduleKind(StrEnum):
    """`cumulative`: one table from the terms. `progressive`: worked out anew whenever the balance changes."""

    CUMULATIVE = "cumulative"
    PROGRESSIVE = "progressive"


@dataclass(frozen=True, slots=True)
class DayCount:
    """How days become years. `month_days` 30 makes every month 30 days; None counts days as they are.

    `year_days` None takes the real length of each year (progressive schedules); cumulative ones then use 365.
    """

    year_days: int | None = 365
    month_days: int | None = None

    @classmethod
    def named(cls, name: str) -> Self:
        """From its usual name: 30/360, actual/360, actual/364, actual/365 or actual/actual."""
        found = {
            "30/360": (360, 30),
            "actual/360": (360, None),
            "actual/364": (364, None),
            "actual/365": (365, None),
            "actual/actual": (None, None),
        }.get(name)
        if found is None:
            raise TermsError(f"{name!r} is not a day count; use 30/360, actual/360, actual/365 or actual/actual")
        return cls(*found)


class Rest(StrEnum):
    """From when a payment lowers the balance that interest is counted on."""

    DAILY = "daily"
    PERIOD = "same_as_repayment"  # from the next due date on
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Compounding(StrEnum):
    """What unpaid income bears interest itself."""

    NONE = "none"
    INTEREST = "interest"
    FEE = "fee"
    BOTH = "interest_and_fee"


class EarlyPayment(StrEnum):
    """What money ahead of schedule changes."""

    LOWER_INSTALMENTS = "reduce_installment_amount"
    FEWER_INSTALMENTS = "reduce_number_of_installments"
    NEXT_INSTALMENTS = "reschedule_next_repayments"  # they ask for so much less until it is used up
    LAST_INSTALMENT = "adjust_last_unpaid_period"


class PreClose(StrEnum):
    """Until when interest counts if a loan is paid off early."""

    THAT_DAY = "till_pre_close_date"
    REST_DAY = "till_rest_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """Interest counted on what is really owed, day by day, instead of on the plan."""

    rest: Rest = Rest.DAILY
    compounding: Compounding = Compounding.NONE
    compounding_every: Rest = Rest.PERIOD
    early: EarlyPayment = EarlyPayment.LOWER_INSTALMENTS
    pre_close: PreClose = PreClose.THAT_DAY


# The three methods a loan product names -> interest and amortisation.
METHODS: Mapping[str, tuple[InterestMethod, Amortisation]] = {
    "flat": (InterestMethod.FLAT, Amortisation.EQUAL_INSTALMENTS),
    "declining_equal_instalments": (InterestMethod.DECLINING, Amortisation.EQUAL_INSTALMENTS),
    "declining_equal_principal": (InterestMethod.DECLINING, Amortisation.EQUAL_PRINCIPAL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """The agreed terms of one loan. New ways of lending add a field with a default, never change one.

    Fields in minor units end in `_minor`; `rate_yearly` is nominal (0.18 is 18 %).
    """

    principal_minor: int
    currency: str
    instalments: int
    rate_yearly: Decimal = Decimal(0)
    every: int = 1
    unit: Unit = Unit.MONTHS
    method: InterestMethod = InterestMethod.DECLINING
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENTS
    kind: ScheduleKind = ScheduleKind.CUMULATIVE
    interest_by: InterestBy = InterestBy.PERIOD
    partial_periods: bool = False  # a period longer or shorter than the rhythm counts as the part it is
    day_count: DayCount = field(default_factory=DayCount)
    grace_principal: int = 0  # the first n instalments carry interest only
    grace_interest: int = 0  # interest of the first n periods is asked with the instalment after them
    interest_free: int = 0  # no interest accrues in the first n periods
    instalment_multiple_minor: int = 1  # instalments are rounded to this; the last one takes the difference
    amount_multiple_minor: int = 1  # every amount is rounded to this
    principal_percent: Decimal | None = None  # each instalment repays this percent, the last one the rest
    own_contribution_percent: Decimal = Decimal(0)  # of each disbursement, due the same day
    own_contribution_automatic: bool = False  # booked as paid when the tranche is paid out
    recalculation: Recalculation | None = None
    fee_minor: int = 0  # due with the first instalment
    due_dates: tuple[date, ...] = ()  # a list made by hand instead of a rhythm
    first_due_on: date | None = None
    first_period_start: date | None = None  # due dates count from here; the first disbursement when None
    days_to_first_min: int = 0  # at least so many days from disbursement to the first due date

    def __post_init__(self) -> None:
        exponent_of(self.currency)
        problems = [
            (self.principal_minor <= 0, "the principal must be above zero"),
            (self.instalments < 1, "at least one instalment is needed"),
            (self.every < 1, "instalments are at least one step apart"),
            (self.rate_yearly < 0, "the rate cannot be below zero"),
            (
                min(self.grace_principal, self.grace_interest, self.interest_free) < 0,
                "grace cannot be below zero",
            ),
            (
                self.grace_principal >= self.instalments,
                "grace on principal must leave an instalment to repay it",
            ),
            (self.grace_interest >= self.instalments, "grace on interest must leave an instalment to pay it"),
            (min(self.instalment_multiple_minor, self.amount_multiple_minor) < 1, "a multiple is at least 1"),
            (
                not 0 <= self.own_contribution_percent < 100,
                "an own contribution lies between 0 and 100 percent",
            ),
            (self.fee_minor < 0, "a fee cannot be below zero"),
            (
                self.recalculation is not None and self.method is InterestMethod.FLAT and self.rate_yearly > 0,
                "flat interest is not counted on what is owed; leave recalculation out",
            ),
            (
                self.recalculation is not None and self.grace_interest > 0 and self.kind is ScheduleKind.CUMULATIVE,
                "grace on interest and recalculation do not go together in a classic schedule",
            ),
            (bool(self.due_dates) and len(self.due_dates) != self.instalments, "one due date per instalment"),
        ]
        for wrong, message in problems:
            if wrong:
                raise TermsError(message)

    @classmethod
    def of_product(
        cls,
        *,
        principal_minor: int,
        currency: str,
        rate_yearly: Decimal,
        instalments: int,
        method: str = "declining_equal_instalments",
        rhythm: str = "monthly",
        grace_instalments: int = 0,
        fee_percent: Decimal = Decimal(0),
        instalment_multiple_minor: int = 1,
    ) -> Self:
        """Terms from the words a loan product uses: a method of METHODS and a rhythm of `calendars.RHYTHMS`.

        >>> terms = LoanTerms.of_product(
        ...     principal_minor=100_000,
        ...     currency="THB",
        ...     rate_yearly=Decimal("0.12"),
        ...     instalments=3,
        ...     fee_percent=Decimal(1),
        ... )
        >>> terms.fee_minor
        1000
        """
        if method not in METHODS:
            raise TermsError(f"{method!r} is not a method; use one of {', '.join(METHODS)}")
        if rhythm not in RHYTHMS:
            raise TermsError(f"{rhythm!r} is not a rhythm; use one of {', '.join(RHYTHMS)}")
        interest, amortisation = METHODS[method]
        every, unit = RHYTHMS[rhythm]
        return cls(
            principal_minor=principal_minor,
            currency=currency,
            rate_yearly=rate_yearly,
            instalments=instalments,
            every=every,
            unit=unit,
            method=interest,
            amortisation=amortisation,
            grace_principal=grace_instalments,
            fee_minor=round(principal_minor * fee_percent / 100),
            instalment_multiple_minor=instalment_multiple_minor,
        )


@dataclass(frozen=True, slots=True)
class Disbursement:
    """Money that reached the borrower."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Instalment:
    """One line of a repayment schedule, in minor units of the loan's currency."""

    number: int
    from_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    balance_minor: int  # principal still owed after this line
    is_own_contribution: bool = False

    @property
    def due_minor(self) -> int:
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Schedule:
    """The instalments of a loan. The principal column always sums to exactly what was lent."""

    terms: LoanTerms
    disbursements: tuple[Disbursement, ...]
    instalments: tuple[Instalment, ...]

    @property
    def principal_minor(self) -> int:
        return sum(line.principal_minor for line in self.instalments)

    @property
    def interest_minor(self) -> int:
        return sum(line.interest_minor for line in self.instalments)

    @property
    def fee_minor(self) -> int:
        return sum(line.fee_minor for line in self.instalments)

    @property
    def due_minor(self) -> int:
        return self.principal_minor + self.interest_minor + self.fee_minor
