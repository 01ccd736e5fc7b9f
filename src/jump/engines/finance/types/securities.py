"""What crosses the door of finance about guarantees, matching funds, lines with banks and collections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.types import Contributor


class GuaranteeState(StrEnum):
    """In force, called (the loan was written off), paid in full, or released because nothing is owed any more."""

    OPEN = "open"
    CALLED = "called"
    PAID = "paid"
    RELEASED = "released"


class BankLineKind(StrEnum):
    ACCOUNT = "account"
    CREDIT_LINE = "credit_line"


class LineMoveKind(StrEnum):
    """Of a credit line: drawn and repaid. Of an account at a bank: paid in and taken out."""

    DRAWN = "drawn"
    REPAID = "repaid"
    PAID_IN = "paid_in"
    TAKEN_OUT = "taken_out"


@dataclass(frozen=True, slots=True)
class GuaranteePaymentView:
    ref: Ref
    amount: Money
    on: date
    receipt: str
    is_booked: bool
    prepared_by: str
    booked_by: str
    entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class GuaranteeView:
    """A guarantee: who stands for which loan, up to how much, and what became of it."""

    ref: Ref
    product_title: str
    guarantor_ref: Ref
    fund_ref: Ref | None  # the fund that stands for the loan, if it is one of ours
    contract_ref: Ref | None
    lender: str
    borrower_ref: Ref
    jointly: tuple[Ref, ...]  # members who stand together, each for the whole
    scope: str
    amount: Money
    percent: Decimal
    called: Money
    paid: Money
    state: GuaranteeState
    opened_on: date
    ends_on: date | None
    called_on: date | None
    ended_on: date | None
    why: str
    by: str
    payments: tuple[GuaranteePaymentView, ...]

    @property
    def still_to_pay(self) -> Money:
        return self.called - self.paid


@dataclass(frozen=True, slots=True)
class Exposure:
    """What guarantees of one guarantor still stand for, and how much they may."""

    standing: Money
    limit: Money | None
    rule: str


@dataclass(frozen=True, slots=True)
class MatchingView:
    """A pledge beside the seed, and what came in under it."""

    ref: Ref
    fund_ref: Ref
    party_ref: Ref
    source: Contributor
    pledged: Money
    received: Money
    on: date
    until: date | None
    note: str

    @property
    def left(self) -> Money:
        return self.pledged - self.received


@dataclass(frozen=True, slots=True)
class LineMoveView:
    ref: Ref
    kind: LineMoveKind
    amount: Money
    on: date
    receipt: str
    is_booked: bool
    prepared_by: str
    booked_by: str
    entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class BankLineView:
    """A link with a bank: since when, how much may be drawn, how much was drawn and paid back."""

    ref: Ref
    kind: BankLineKind
    product_title: str
    bank_ref: Ref | None
    bank_name: str
    party_ref: Ref
    fund_ref: Ref | None
    scope: str
    number: str
    limit: Money
    drawn: Money
    repaid: Money
    opened_on: date
    ends_on: date | None
    closed_on: date | None
    moves: tuple[LineMoveView, ...]

    @property
    def owed(self) -> Money:
        """Of a credit line what is still to be paid back; of an account what lies there."""
        return self.drawn - self.repaid
