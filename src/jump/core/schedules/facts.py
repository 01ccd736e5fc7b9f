"""What can happen to a loan, in the order it was entered.

`on` is the day a fact counts from, `entered_on` the day it became known; an `on` before `entered_on` is back-dated and
makes the loan be replayed. `ref` is the caller's own name for a fact, so that a later one can speak of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.schedules.parts import CHARGES, Part


class PaymentKind(StrEnum):
    """Where money on a loan comes from."""

    REPAYMENT = "repayment"
    OWN_CONTRIBUTION = "down_payment"
    GOODWILL = "goodwill_credit"  # given by the lender
    RECOVERY = "recovery"  # after the loan was written off


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    entered_on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursed:
    on: date
    amount_minor: int
    entered_on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    on: date
    amount_minor: int
    entered_on: date
    kind: PaymentKind = PaymentKind.REPAYMENT
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOff:
    """Whatever is owed on that day is paid."""

    on: date
    entered_on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeAdded:
    due_on: date
    amount_minor: int
    part: Part
    entered_on: date
    ref: str = ""

    def __post_init__(self) -> None:
        if self.part not in CHARGES or self.amount_minor <= 0:
            raise ValueError("a charge is a fee or a penalty above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeWaived:
    """The charge named, or the latest one, is no longer asked for."""

    entered_on: date
    charge_ref: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """So much interest, fee or penalty is no longer asked for, of the oldest open instalments first."""

    on: date
    amount_minor: int
    part: Part
    entered_on: date
    ref: str = ""

    def __post_init__(self) -> None:
        if self.part is Part.PRINCIPAL or self.amount_minor <= 0:
            raise ValueError("interest, a fee or a penalty above zero is waived; principal is written off")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverUndone:
    """The waiver of the charge named, or the latest one, is taken back."""

    entered_on: date
    charge_ref: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed:
    """A payment or another movement of money is taken back, as if it had never been."""

    target_ref: str
    entered_on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """A payment is taken back and made again with another amount, on its own day unless `on` says another."""

    target_ref: str
    amount_minor: int
    entered_on: date
    on: date | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescheduled:
    """From the instalment due on or after `from_on`, the plan changes."""

    from_on: date
    entered_on: date
    due_on: date | None = None  # that instalment moves here, the later ones follow in the old rhythm
    extra_terms: int = 0  # so many instalments more
    rate_yearly: Decimal | None = None
    grace_principal: int = 0
    grace_interest: int = 0
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedOff:
    """The loan stays owed but no more income is recognised on it."""

    on: date
    entered_on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOff:
    """The loan is closed and what is open given up."""

    on: date
    entered_on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """Money paid beyond what was owed goes back to the borrower."""

    on: date
    amount_minor: int
    entered_on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEnded:
    """The night before this day's business: income up to the day before is recognised, lateness is counted."""

    entered_on: date
    ref: str = ""


Fact = (
    Approved
    | Disbursed
    | Paid
    | PaidOff
    | ChargeAdded
    | ChargeWaived
    | Waived
    | WaiverUndone
    | Reversed
    | Adjusted
    | Rescheduled
    | ChargedOff
    | WrittenOff
    | Refunded
    | DayEnded
)
