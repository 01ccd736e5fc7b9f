"""What crosses the door of finance about ownership: registers of shares, capital accounts, trusts, pledges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from jump.core.money import Money
from jump.core.ownership import CompanyCheck, LabourCompanyLaw, PaidUp, StatementLine, TrustYear
from jump.core.units import Ref

SHARE_UNIT = "share"


class StepKind(StrEnum):
    """What can be prepared by one person and approved by another."""

    # the register of shares of an enterprise
    ISSUE = "issue"
    TRANSFER = "transfer"
    CHANGE_CLASS = "change_class"
    CANCEL = "cancel"
    AGREE_PURCHASE = "agree_purchase"
    PAY_PURCHASE = "pay_purchase"
    RECORD_HOURS = "record_hours"
    # internal capital accounts of a co-operative
    PAY_ENTRY = "pay_entry"
    CLOSE_YEAR = "close_year"
    REVALUE = "revalue"
    LEAVE = "leave"
    PAY_OUT = "pay_out"
    PAY_INTEREST = "pay_interest"
    # a trust that holds shares for employees
    BORROW = "borrow"
    TRUST_YEAR = "trust_year"
    TRUST_LEAVE = "trust_leave"
    DISTRIBUTE = "distribute"
    # a development fund
    INVEST = "invest"
    RETURN = "return"
    # any of them: the last booked step is taken back
    TAKE_BACK = "take_back"


class StepState(StrEnum):
    """Prepared (nothing has moved), booked by a second person, given up, or taken back after it was booked."""

    PREPARED = "prepared"
    BOOKED = "booked"
    DROPPED = "dropped"
    REVERSED = "reversed"


class StakeState(StrEnum):
    """A member's account or a purchase: open, leaving (being paid out), or closed."""

    OPEN = "open"
    LEAVING = "leaving"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: what was asked, what follows from it, who prepared and who approved it."""

    ref: Ref
    subject_ref: Ref
    kind: StepKind
    state: StepState
    on: date
    party_ref: Ref | None
    amount: Money
    shares: int
    asked: Mapping[str, Any]
    figures: Mapping[str, Any]
    prepared_by: str
    approved_by: str
    entry_ref: Ref | None
    why: str
    scope: str


@dataclass(frozen=True, slots=True)
class StepPreview:
    """What a step would do. Nothing is saved."""

    kind: StepKind
    on: date
    amount: Money
    shares: int
    figures: Mapping[str, Any]


# --- the register of shares -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HolderRow:
    """What one holder has of each class, in the smallest part of a share, and her part of all shares."""

    holder_ref: Ref
    kind: str
    by_class: Mapping[str, int]
    held: int
    part: Fraction


@dataclass(frozen=True, slots=True)
class RegisterView:
    """The register of an enterprise on a day. Holdings and issued shares are read from different accounts."""

    ref: Ref
    enterprise_ref: Ref
    product: str
    product_title: str
    scope: str
    currency: str
    jurisdiction: str
    nominal: Money
    classes: tuple[str, ...]
    opened_on: date
    founded_on: date
    book_ref: Ref
    on: date
    one_share: int
    holders: tuple[HolderRow, ...]
    issued: Mapping[str, int]
    capital: Money

    @property
    def held(self) -> int:
        return sum(one.held for one in self.holders)

    @property
    def all_issued(self) -> int:
        return sum(self.issued.values())

    @property
    def adds_up(self) -> bool:
        """Whether, for every class, what holders have is what was issued."""
        return all(
            sum(one.by_class.get(name, 0) for one in self.holders) == self.issued.get(name, 0) for name in self.classes
        )


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of the list of registers."""

    ref: Ref
    enterprise_ref: Ref
    scope: str
    jurisdiction: str
    issued: int
    one_share: int
    opened_on: date


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """Shares bought by instalments: what passes to the buyer is what is paid for."""

    ref: Ref
    register_ref: Ref
    buyer_ref: Ref
    seller_ref: Ref | None
    share_class: str
    shares: int
    one_share: int
    price: Money
    instalments: tuple[tuple[date, Money], ...]
    paid: Money
    stands: PaidUp
    agreed_on: date
    state: StakeState

    def late(self, on: date) -> Money:
        """What was due by a day and is not paid."""
        due = sum((amount for day, amount in self.instalments if day <= on), Money.zero(self.paid.currency))
        return due - self.paid if due > self.paid else Money.zero(self.paid.currency)


@dataclass(frozen=True, slots=True)
class LabourTest:
    """The tests of a labour company on a day: which version of which law, every figure, what is missed."""

    on: date
    law: LabourCompanyLaw | None
    check: CompanyCheck | None
    provenance: Mapping[str, str]
    title: str
    hours_year: int | None
    workers: int
    members_needed: int | None
    cure_by: date | None
    wrong_class: tuple[tuple[Ref, str], ...]
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class FoundersTest:
    """Whether an enterprise belongs to those who conceived it, on a day. `part` is theirs of all issued shares."""

    on: date
    title: str
    relation: str
    founders: tuple[Ref, ...]
    without_shares: tuple[Ref, ...]
    others: tuple[Ref, ...]  # holders who did not conceive it
    part: Fraction

    @property
    def is_met(self) -> bool:
        return bool(self.founders) and not self.without_shares and not self.others


class FinancingState(StrEnum):
    """Proposed by one person, agreed by another, replaced by a later plan, or given up."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REPLACED = "replaced"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class FinancingUse:
    """What a part of the money is for."""

    title: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FinancingSource:
    """Where a part of the money comes from, with the record that arranges it: a contract, a pledge, a guarantee."""

    kind: str
    amount: Money
    record_ref: Ref | None = None
    title: str = ""
    brings_money: bool = True


@dataclass(frozen=True, slots=True)
class FinancingView:
    """One plan. What is backed by guarantees stands beside it and is in neither sum."""

    ref: Ref
    enterprise_ref: Ref
    scope: str
    state: FinancingState
    on: date
    uses: tuple[FinancingUse, ...]
    sources: tuple[FinancingSource, ...]
    total: Money
    backed: Money
    proposed_by: str
    agreed_by: str
    agreed_on: date | None
    why: str


# --- capital accounts -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CapitalRow:
    """One member's account in the list of a co-operative."""

    ref: Ref
    member_ref: Ref
    joined_on: date
    fee: Money
    paid: Money
    balance: Money
    owed: Money
    left_on: date | None
    state: StakeState


@dataclass(frozen=True, slots=True)
class CapitalView:
    """The capital accounts of a co-operative: accounts, the collective reserve and the education fund."""

    ref: Ref
    enterprise_ref: Ref
    product: str
    product_title: str
    scope: str
    currency: str
    terms: Mapping[str, Any]
    opened_on: date
    book_ref: Ref
    accounts: tuple[CapitalRow, ...]
    in_accounts: Money
    reserve: Money
    education: Money
    owed: Money
    loss_carried: Money
    cash: Money
    closed_until: int | None

    @property
    def open_accounts(self) -> tuple[CapitalRow, ...]:
        return tuple(one for one in self.accounts if one.state is StakeState.OPEN)


@dataclass(frozen=True, slots=True)
class CapitalSetRow:
    """One co-operative in the list."""

    ref: Ref
    enterprise_ref: Ref
    scope: str
    in_accounts: Money
    members: int
    opened_on: date


@dataclass(frozen=True, slots=True)
class PayOutView:
    """One instalment to a member who left."""

    number: int
    due_on: date
    capital: Money
    interest: Money
    paid_on: date | None
    step_ref: Ref | None


@dataclass(frozen=True, slots=True)
class MemberStatement:
    """A member's account line by line, for the member."""

    capital_ref: Ref
    enterprise_ref: Ref
    row: CapitalRow
    since: date
    until: date
    opening: Money
    lines: tuple[StatementLine, ...]
    closing: Money
    pay_outs: tuple[PayOutView, ...]
    scope: str


# --- trusts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrustLoanView:
    """A loan that bought shares: its table, what was released so far, what is to come."""

    ref: Ref
    lender_ref: Ref | None
    principal: Money
    shares: int
    release_by: str
    opened_on: date
    table: tuple[ReleaseRow, ...]
    owed: Money
    suspense: int


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One yearly payment and the shares it releases: as booked, or as it would be."""

    number: int
    year: int
    principal: Money
    interest: Money
    released: int
    is_booked: bool


@dataclass(frozen=True, slots=True)
class TrustPersonView:
    """One employee in the trust."""

    ref: Ref
    person_ref: Ref
    joined_on: date
    years: int
    vested_share: Fraction
    shares: int
    vested: int
    status: str
    left_on: date | None
    payment_by: date | None


@dataclass(frozen=True, slots=True)
class TrustView:
    """A trust as it stands now. `one_share` is how many smallest parts make one share."""

    ref: Ref
    enterprise_ref: Ref
    title: str
    scope: str
    currency: str
    terms: Mapping[str, Any]
    opened_on: date
    book_ref: Ref
    one_share: int
    bought: int
    suspense: int
    pool: int
    allocated: int
    forfeited: int
    distributed: int
    owed: Money
    cash: Money
    loans: tuple[TrustLoanView, ...]
    people: tuple[TrustPersonView, ...]
    closed_until: int | None


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """The figures of one plan year, as a yearly return asks for them."""

    year: int
    figures: TrustYear
    released_in_year: int
    allocated_in_year: int
    forfeited_in_year: int
    distributed_in_year: int
    contribution: Money
    principal_paid: Money
    interest_paid: Money
    price: Money
    one_share: int


# --- development funds and pledges ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InvestmentRow:
    """Savings put into one new enterprise: what went in so far, and what has not come back."""

    enterprise_ref: Ref
    put_in: Money
    still_in: Money
    since: date


@dataclass(frozen=True, slots=True)
class InvestView:
    """What a development fund may still invest, and why no more."""

    fund_ref: Ref
    reserve_share: str
    savings: Money
    liquidity_reserve: Money
    invested: Money
    promised: Money
    cash: Money
    free: Money
    investments: tuple[InvestmentRow, ...]


@dataclass(frozen=True, slots=True)
class MemberPledgeView:
    """What somebody promised to put into an enterprise that is being founded: money and time."""

    ref: Ref
    person_ref: Ref
    enterprise_ref: Ref
    amount: Money
    hours: int
    on: date
    due_on: date | None
    paid: Money
    withdrawn_on: date | None
    scope: str

    @property
    def open(self) -> Money:
        zero = Money.zero(self.amount.currency)
        return zero if self.withdrawn_on or self.paid >= self.amount else self.amount - self.paid
