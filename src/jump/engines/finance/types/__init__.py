"""What crosses the door of finance: kinds and states, and views of funds, contracts, repayments and budgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jump.core.money import Money
from jump.core.ratios import ExactRatio
from jump.core.units import Ref
from jump.engines.finance.types.donors import GrantAccount, SupportChoice
from jump.engines.finance.types.loans import LoanFactView


class ContractKind(StrEnum):
    """What is agreed: a loan comes back, a grant is accounted for, a service is paid on what it delivers."""

    LOAN = "loan"
    GRANT = "grant"
    SERVICE = "service"


class ContractState(StrEnum):
    """Waiting for its first payment, running, settled (nothing left to pay), written off, or cancelled."""

    WAITING = "waiting"
    RUNNING = "running"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"
    CANCELLED = "cancelled"


class TrancheState(StrEnum):
    """A tranche is planned, prepared by one person, and released by another."""

    PLANNED = "planned"
    PREPARED = "prepared"
    RELEASED = "released"
    CANCELLED = "cancelled"


class Contributor(StrEnum):
    """Who put money into a fund; each source is shown apart (000, 11.1(11))."""

    DONOR = "donor"
    COMMUNITY = "community"
    NATIONAL = "national"
    PARTNER = "partner"


class InstalmentMark(StrEnum):
    """How an instalment stands, in the words of the loan page."""

    PAID = "paid"
    LATE = "late"
    DUE = "due"
    TO_COME = "to_come"


# The four who must be asked before the rules of a fund are in force (000, 8.3(4)).
RULE_SEATS: tuple[str, ...] = ("programme_coordinator", "donor", "national_committee", "partner")


@dataclass(frozen=True, slots=True)
class FundRules:
    """The rules of a fund as numbers, by id: reserve_percent, borrower_limit_percent and what a package adds."""

    parameters: Mapping[str, Decimal]
    definition: str = ""
    version: int = 1
    valid_from: date | None = None
    consulted: Mapping[str, str] | None = None
    signed_ref: Ref | None = None  # the version of the signed text that these numbers stand in

    def get(self, name: str, otherwise: Decimal = Decimal(0)) -> Decimal:
        return self.parameters.get(name, otherwise)


@dataclass(frozen=True, slots=True)
class FundView:
    """A fund: what came in by source, what is lent, what may be lent now."""

    ref: Ref
    title: str
    owner_ref: Ref
    scope: str
    currency: str
    opened_on: date
    book_ref: Ref
    cash: Money
    lent: Money
    capital: Mapping[str, Money]
    earned: Money
    used_for_services: Money
    written_off: Money
    reserve: Money
    held: Money
    free: Money
    rules: FundRules
    savings: Money  # kept for savers: the fund owes it to them
    borrowed: Money  # drawn from lines with banks and not paid back

    @property
    def value(self) -> Money:
        """Cash and what is still to come back, without what belongs to savers and banks."""
        return self.cash + self.lent - self.savings - self.borrowed


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One figure of a fund: what the books show at the end of a day, and what was counted."""

    figure: str
    ledger: Money
    counted: Money

    @property
    def difference(self) -> Money:
        """Counted less books: below zero where something is missing."""
        return self.counted - self.ledger

    @property
    def agrees(self) -> bool:
        return self.counted == self.ledger


@dataclass(frozen=True, slots=True)
class HandOverView:
    """How a fund passes, or passed, from one owner to the next."""

    ref: Ref
    fund_ref: Ref
    from_ref: Ref
    to_ref: Ref
    counted_on: date
    counted: Mapping[str, Money]
    count_ref: Ref | None
    deed_ref: Ref | None
    on: date | None  # None: prepared, not signed
    state: str
    prepared_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class ConditionView:
    ref: Ref
    code: str
    text: str
    tranche: int | None  # None: needed before any payment
    met_on: date | None
    proof_ref: Ref | None
    decided_by: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        return self.met_on is not None


@dataclass(frozen=True, slots=True)
class TrancheView:
    ref: Ref
    number: int
    amount: Money
    state: TrancheState
    prepared_by: str
    prepared_on: date | None
    released_by: str
    released_on: date | None
    entry_ref: Ref | None
    waits_for: tuple[str, ...]  # codes of conditions that are still open


@dataclass(frozen=True, slots=True)
class InstalmentView:
    """One line of a schedule as it stands on a day, in minor units of the contract's currency."""

    number: int
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    paid_minor: int
    left_after_minor: int
    mark: InstalmentMark
    days_late: int
    paid_on: date | None
    waived_minor: int = 0
    is_extra: bool = False  # a charge after the last payment that was agreed

    @property
    def due_minor(self) -> int:
        return self.principal_minor + self.interest_minor + self.fee_minor + self.penalty_minor


@dataclass(frozen=True, slots=True)
class RepaymentView:
    ref: Ref
    contract_ref: Ref
    on: date
    amount: Money
    fee: Money
    penalty: Money
    interest: Money
    principal: Money
    owed_after: Money
    receipt: str
    entry_ref: Ref
    by: str
    overpaid: Money
    undone_by: Ref | None = None


@dataclass(frozen=True, slots=True)
class RepaymentPreview:
    """What will happen if this is saved. Nothing has been."""

    on: date
    amount: Money
    fee: Money
    penalty: Money
    interest: Money
    principal: Money
    owed_after: Money
    principal_after: Money
    days_late: int
    next_due_on: date | None
    next_due: Money
    due_now: Money
    owed_before: Money
    overpaid: Money
    is_late: bool = False  # it counts from before something that is already known


@dataclass(frozen=True, slots=True)
class SpendProofView:
    ref: Ref
    amount: Money
    proof_ref: Ref
    on: date
    use: str = ""


@dataclass(frozen=True, slots=True)
class WriteOffView:
    """A proposal to write a loan off, and its approval once somebody else gave it."""

    why: str
    prepared_by: str
    approved_by: str
    on: date | None
    amount: Money
    entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract as it stands on a day: money agreed, paid out, returned, accounted for and late."""

    ref: Ref
    kind: ContractKind
    product: str
    product_title: str
    party_ref: Ref
    fund_ref: Ref | None
    budget_ref: Ref | None
    scope: str
    purpose: str
    amount: Money
    state: ContractState
    opened_on: date
    cause_ref: Ref | None
    terms: Mapping[str, str | int]
    prepared_by: str
    as_of: date
    released: Money
    outstanding: Money  # principal of a loan still owed; what a grant has not accounted for yet
    due_now: Money
    owed: Money  # everything still to be paid, due or not
    paid: Money
    written_off: Money
    recovered: Money
    days_late: int
    late_since: date | None
    next_due_on: date | None
    next_due: Money
    conditions: tuple[ConditionView, ...]
    tranches: tuple[TrancheView, ...]
    schedule: tuple[InstalmentView, ...]
    repayments: tuple[RepaymentView, ...]
    proofs: tuple[SpendProofView, ...]
    account_ref: Ref | None
    overpaid: Money
    interest_open: Money
    fee_open: Money
    penalty_open: Money
    is_rescheduled: bool = False
    write_off: WriteOffView | None = None
    grant: GrantAccount | None = None  # of a grant: paid, accounted for by use, paid back
    loan_facts: tuple[LoanFactView, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract in a list."""

    ref: Ref
    kind: ContractKind
    product_title: str
    party_ref: Ref
    fund_ref: Ref | None
    scope: str
    purpose: str
    amount: Money
    released: Money
    outstanding: Money
    state: ContractState
    opened_on: date
    first_unpaid_on: date | None
    days_late: int


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Loans so many days late: from, to (None: and more), how many, and their whole outstanding principal."""

    days_from: int
    days_to: int | None
    loans: int
    outstanding: Money


@dataclass(frozen=True, slots=True)
class PortfolioView:
    """How good the loans of a fund (or of all funds in a place, in one currency) are on a day.

    Portfolio at risk counts the whole outstanding principal of late loans, by money and not by number; it is shown with
    what was written off, because writing off makes it look better.
    """

    as_of: date
    currency: str
    loans: int
    borrowers: int
    lent: Money
    outstanding: Money
    par30: ExactRatio
    par60: ExactRatio
    par90: ExactRatio
    on_time: ExactRatio  # paid by its day of what fell due, late fees left out
    repaid: ExactRatio  # received of what fell due, late fees left out
    written_off: Money
    write_off_ratio: ExactRatio  # of everything lent so far
    recovered: Money
    late_loans: int
    turnover: ExactRatio  # lent in the last twelve months over what is outstanding
    strict: Mapping[int, ExactRatio]  # at risk by days late, every rescheduled loan counted too
    rescheduled: Money  # outstanding of loans whose plan was changed
    provision: Money  # what the rules of each fund ask to set aside for late loans
    ages: tuple[AgeBand, ...]


@dataclass(frozen=True, slots=True)
class RealValue:
    """Whether a fund kept its purchasing power (CGAP guide, annex A)."""

    value_at_start: Money
    value_at_end: Money
    new_capital: Money
    inflation: Decimal
    growth: Decimal | None


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of a budget: its plan, what is promised and what is spent."""

    ref: Ref
    country: str
    place: str
    stage: str
    type: str
    line: str
    plan: Money
    committed: Money
    spent: Money
    printed: bool

    @property
    def free(self) -> Money:
        return self.plan - self.committed - self.spent


@dataclass(frozen=True, slots=True)
class SpentRow:
    """Money spent on one line out of cells of one type."""

    type: str
    line: str
    spent: Money


@dataclass(frozen=True, slots=True)
class SpentReport:
    """Where the money of a budget went; ``titles`` are the lines of the plan in every language."""

    currency: str
    titles: Mapping[str, Any]
    rows: tuple[SpentRow, ...]


@dataclass(frozen=True, slots=True)
class LoansAtPlace:
    """How many loans run at a place, and how many of them have an instalment past its day."""

    running: int
    late: int


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One row of a budget report: plan, commitment and spend for a combination of what was asked for."""

    key: Mapping[str, str]
    plan: Money
    committed: Money
    spent: Money
    refs: tuple[Ref, ...]  # cells that the plan is made of

    @property
    def free(self) -> Money:
        return self.plan - self.committed - self.spent


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A printed total that is not the sum of its cells. Reported, never mended."""

    what: Mapping[str, str]
    printed: Money
    computed: Money

    @property
    def difference(self) -> Money:
        return self.printed - self.computed


@dataclass(frozen=True, slots=True)
class SplitShare:
    """One part of the declared split (000, 8.3(4)): percent, what it gives, what the cells hold."""

    part: str
    percent: Decimal
    of_whole: Money
    in_cells: Money


@dataclass(frozen=True, slots=True)
class SplitCheck:
    whole: Money
    sums_to_100: bool
    shares: tuple[SplitShare, ...]


@dataclass(frozen=True, slots=True)
class SupportCostReading:
    """One way to read "13 percent": of the total, or on top of direct cost."""

    base: str
    support: Money
    direct: Money
    chosen: bool
    choice: SupportChoice | None = None  # of the reading that holds: who chose it and why


@dataclass(frozen=True, slots=True)
class LineView:
    number: int
    id: str
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source of money: the primary donor's is core and is held apart."""

    id: str
    title: str
    is_core: bool
    pledged: Money
    received: Money
    spent: Money
    starts_on: date
    ends_on: date
    place: str
    kind: str = ""
    allocation: str = ""

    @property
    def left(self) -> Money:
        return self.received - self.spent


@dataclass(frozen=True, slots=True)
class FundingGap:
    """Days on which no source covers a place."""

    place: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class BudgetView:
    ref: Ref
    title: str
    definition: str
    currency: str
    scope: str
    book_ref: Ref
    pledge: Money
    total: Money
    lines: tuple[LineView, ...]
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class SpendView:
    """Money spent, as kept: the amount paid and what it is in the budget's currency."""

    ref: Ref
    entry_ref: Ref
    on: date
    amount: Money
    in_budget: Money
    rate: Decimal
    line: str
    stage: str
    type: str
    source: str
    activity: str
    scope: str
    memo: str
    proof_ref: Ref | None


@dataclass(frozen=True, slots=True)
class AssetView:
    """Something bought that lasts: who holds it, and to whom it goes at the end."""

    ref: Ref
    title: str
    bought_on: date
    cost: Money
    scope: str
    holder_ref: Ref
    entry_ref: Ref
    state: str
    handed_over_on: date | None
    deed_ref: Ref | None
    spend_ref: Ref
    kept_minor: int  # operation and maintenance so far
    kept_currency: str  # of the budget
    condition: str  # as last found; empty: never checked
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class ExchangeResult:
    """What holding another currency gained (above zero) or lost, at the rate of a day."""

    as_of: date
    currency: str
    held: Mapping[str, int]
    result: Money
