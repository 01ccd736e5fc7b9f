"""What crosses the door of finance about savings: kinds, states and views of accounts, movements and statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.money import Money
from jump.core.units import Ref


class ProductKind(StrEnum):
    """What a product of a package offers.

    The first three promise money, the next three keep, secure or link it, six are about who owns and how a new
    enterprise is paid for; the next three deal in kind: a store, a market that growers run, work for a client; the
    last insures families.
    """

    LOAN = "loan"
    GRANT = "grant"
    SERVICE = "service"
    SAVINGS = "savings"
    GUARANTEE = "guarantee"
    BANK_LINE = "bank_line"
    SHARE_REGISTER = "share_register"
    CAPITAL_ACCOUNT = "capital_account"
    TRUST = "trust"
    DEVELOPMENT_FUND = "development_fund"
    PLEDGE = "pledge"
    FINANCING = "financing"
    STORE = "store"
    MARKET = "market"
    CLIENT_CONTRACT = "client_contract"
    COVER = "cover"


class SavingsForm(StrEnum):
    """Saved by choice, saved as a duty of members, saved for a fixed time, or member shares of a set value."""

    VOLUNTARY = "voluntary"
    COMPULSORY = "compulsory"
    TERM = "term"
    SHARES = "shares"


class InterestMethod(StrEnum):
    """Counted on the balance of each day, on the smallest balance of each month, or not paid (`core.savings`)."""

    DAILY = "daily"
    MINIMUM = "minimum"
    NONE = "none"


class SavingsState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class MovementKind(StrEnum):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    INTEREST = "interest"


class MovementState(StrEnum):
    """Prepared by one person (nothing has moved), booked, taken back by a reversing entry, or given up."""

    PREPARED = "prepared"
    BOOKED = "booked"
    UNDONE = "undone"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class SavingsMovementView:
    """One movement of a savings account, with what was saved after it."""

    ref: Ref
    account_ref: Ref
    kind: MovementKind
    state: MovementState
    on: date
    amount: Money
    balance_after: Money | None
    period_from: date | None
    period_to: date | None
    receipt: str
    prepared_by: str
    booked_by: str
    entry_ref: Ref | None
    undone_by: Ref | None
    closes: bool = False

    @property
    def is_in(self) -> bool:
        return self.kind is not MovementKind.WITHDRAWAL


@dataclass(frozen=True, slots=True)
class SavingsNoticeView:
    """Said in advance: so much will be taken out, from that day on."""

    amount: Money
    given_on: date
    free_on: date
    is_used: bool


@dataclass(frozen=True, slots=True)
class SavingsAccountView:
    """A savings account as it stands: what is saved, what may be taken out, and why not all of it."""

    ref: Ref
    product: str
    product_title: str
    form: SavingsForm
    owner_ref: Ref
    group_ref: Ref | None
    holder_ref: Ref
    fund_ref: Ref | None
    scope: str
    currency: str
    terms: Mapping[str, str]
    opened_on: date
    matures_on: date | None
    interest_until: date | None
    state: SavingsState
    closed_on: date | None
    book_ref: Ref
    account_ref: Ref
    balance: Money
    prepared: Money  # withdrawals that wait for the second person
    blocked: Money  # stands for a loan, or has to stay by the rules
    free: Money  # may be taken out now
    shares: int
    notices: tuple[SavingsNoticeView, ...]
    movements: tuple[SavingsMovementView, ...]  # latest first


@dataclass(frozen=True, slots=True)
class SavingsRow:
    """A savings account in a list."""

    ref: Ref
    product_title: str
    form: SavingsForm
    owner_ref: Ref
    group_ref: Ref | None
    holder_ref: Ref
    scope: str
    balance: Money
    state: SavingsState
    opened_on: date


@dataclass(frozen=True, slots=True)
class SavingsStatement:
    """What a member gets in hand: opening, every movement with the balance after it, closing."""

    account: SavingsAccountView
    since: date
    until: date
    opening: Money
    lines: tuple[SavingsMovementView, ...]  # oldest first
    paid_in: Money
    taken_out: Money
    interest: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class SavingsPreview:
    """What will happen if this is saved. Nothing has been."""

    kind: MovementKind
    on: date
    amount: Money
    before: Money
    after: Money
    free_after: Money
    shares_after: int


@dataclass(frozen=True, slots=True)
class InterestRun:
    """What posting interest did: accounts that were posted, accounts that had it already, and the sum."""

    until: date
    posted: int
    skipped: int
    total: Money
