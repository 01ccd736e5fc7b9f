"""What crosses the door about a loan's facts: waivers, refunds, new plans, and taking back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.money import Money
from jump.core.units import Ref


class LoanFactKind(StrEnum):
    """What can happen to a loan beside money going out and coming back."""

    WAIVER = "waiver"
    REFUND = "refund"
    RESCHEDULE = "reschedule"
    CHARGE_OFF = "charge_off"
    UNDONE = "undone"


class LoanFactState(StrEnum):
    PREPARED = "prepared"
    AGREED = "agreed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """How the plan of a loan changes, from the instalment that is due on `from_on`."""

    from_on: date
    due_on: date | None = None  # that instalment moves here and the later ones follow
    extra_terms: int = 0
    rate_yearly: Decimal | None = None
    grace_principal: int = 0
    grace_interest: int = 0

    @property
    def is_nothing(self) -> bool:
        moved = self.due_on is not None and self.due_on != self.from_on
        other = self.extra_terms or self.rate_yearly is not None or self.grace_principal or self.grace_interest
        return not (moved or other)


@dataclass(frozen=True, slots=True)
class LoanFactView:
    """One thing that happened to a loan, or waits for a second person; `kind` also names tranches and repayments."""

    ref: Ref
    contract_ref: Ref
    kind: str
    state: LoanFactState
    on: date
    amount: Money
    part: str = ""
    why: str = ""
    plan: NewPlan | None = None
    target_ref: Ref | None = None
    prepared_by: str = ""
    agreed_by: str = ""
    agreed_on: date | None = None
    entry_ref: Ref | None = None
    is_undone: bool = False


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of an old and a new schedule."""

    number: int
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    left_after_minor: int

    @property
    def due_minor(self) -> int:
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class ReschedulePreview:
    """The plan as it is and as it would be. Nothing is saved."""

    currency: str
    before: tuple[PlanLine, ...]
    after: tuple[PlanLine, ...]

    @property
    def interest_more_minor(self) -> int:
        return sum(line.interest_minor for line in self.after) - sum(line.interest_minor for line in self.before)


@dataclass(frozen=True, slots=True)
class ProductTrial:
    """What a loan product would ask of a borrower, before anybody is offered it. Amounts in minor units."""

    currency: str
    lines: tuple[PlanLine, ...]
    received_minor: int
    paid_minor: int
    interest_minor: int
    fee_minor: int
    rate_yearly: Decimal | None  # everything counted: the annual percentage rate
    late_on: date  # if the first payment has not come before
    late_fee_minor: int
    late_owed_minor: int

    @property
    def cost_minor(self) -> int:
        return self.interest_minor + self.fee_minor
