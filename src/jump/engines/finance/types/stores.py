"""What crosses the door of finance about stores: quantities, lots, movements, loans of grain, counts, seasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from jump.core.in_kind import MoveKind
from jump.core.money import Money
from jump.core.ratios import ExactRatio
from jump.core.units import Ref


class StoreMoveKind(StrEnum):
    """What moves a store: the ways of `core.in_kind.MoveKind`, what came from another store, and what only costs."""

    BOUGHT = MoveKind.BOUGHT.value
    CONTRIBUTED = MoveKind.CONTRIBUTED.value
    REPAID = MoveKind.REPAID.value
    RECEIVED = "received"
    SOLD = MoveKind.SOLD.value
    LENT = MoveKind.LENT.value
    SENT = MoveKind.SENT.value
    GIVEN = MoveKind.GIVEN.value
    LOST = MoveKind.LOST.value
    COST = "cost"

    @property
    def is_in(self) -> bool:
        return self in _IN


_IN = frozenset({StoreMoveKind.BOUGHT, StoreMoveKind.CONTRIBUTED, StoreMoveKind.REPAID, StoreMoveKind.RECEIVED})


class StoreMoveState(StrEnum):
    """Prepared by one person (nothing has moved), booked, taken back by a reversing entry, or given up."""

    PREPARED = "prepared"
    BOOKED = "booked"
    UNDONE = "undone"
    DROPPED = "dropped"


class CountState(StrEnum):
    """Written down by one person, confirmed by a second one, or given up."""

    WRITTEN = "written"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


class SeasonState(StrEnum):
    """Running, closed with accounts that one person proposed and another approved."""

    RUNNING = "running"
    PROPOSED = "proposed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A whole number of the smallest unit of something that is no money (a gram, a bag)."""

    amount_minor: int
    unit: str
    decimals: int = 0
    label: str = ""  # how people call the unit

    @property
    def major(self) -> Decimal:
        return Decimal(self.amount_minor).scaleb(-self.decimals)

    def worth(self, price: Money) -> Money:
        """The quantity at a price for one whole unit, rounded once, halves to even."""
        exact = Fraction(self.amount_minor * price.amount_minor, 10**self.decimals)
        return Money(round(exact), price.currency)

    def __str__(self) -> str:
        return f"{self.major:f} {self.label or self.unit}"


@dataclass(frozen=True, slots=True)
class Band:
    """The lowest and the highest price of one unit, declared with what it rests on."""

    ref: Ref
    floor: Money
    ceiling: Money
    valid_from: date
    basis: Mapping[str, str]
    decision_ref: Ref | None
    declared_by: str


@dataclass(frozen=True, slots=True)
class LotView:
    """What is left of one receipt, and what that part had cost."""

    ref: Ref
    mark: str
    kind: StoreMoveKind
    quality: str
    received_on: date
    received: Quantity
    left: Quantity
    cost_left: Money


@dataclass(frozen=True, slots=True)
class LotPart:
    """How much one movement took from a lot or put into it."""

    lot_ref: Ref
    mark: str
    quantity: Quantity
    cost: Money


@dataclass(frozen=True, slots=True)
class StoreMoveView:
    """One movement of a store: grain and money together."""

    ref: Ref
    store_ref: Ref
    kind: StoreMoveKind
    state: StoreMoveState
    on: date
    quantity: Quantity
    price: Money | None
    amount: Money  # what was paid for it, in or out
    cost: Money  # what the grain had cost
    party_ref: Ref | None
    loan_ref: Ref | None
    receipt: str
    memo: str
    prepared_by: str
    booked_by: str
    entry_ref: Ref | None
    undone_by: Ref | None
    parts: tuple[LotPart, ...] = ()


@dataclass(frozen=True, slots=True)
class GrainLoanView:
    """A loan of grain: so much lent, so much to be given back with its margin."""

    ref: Ref
    store_ref: Ref
    party_ref: Ref
    lent: Quantity
    margin: Decimal
    due: Quantity
    repaid: Quantity
    open: Quantity
    lent_on: date
    due_on: date
    is_late: bool


@dataclass(frozen=True, slots=True)
class CountLineView:
    lot_ref: Ref
    mark: str
    in_book: Quantity
    counted: Quantity


@dataclass(frozen=True, slots=True)
class StockCountView:
    """A count of the store: written by one person, confirmed by another, who then books what is missing."""

    ref: Ref
    store_ref: Ref
    on: date
    state: CountState
    in_book: Quantity
    counted: Quantity
    variance: ExactRatio
    is_for_control: bool
    lines: tuple[CountLineView, ...]
    written_by: str
    confirmed_by: str
    move_ref: Ref | None


@dataclass(frozen=True, slots=True)
class SeasonView:
    """A season's account: quantities by kind, money, turnover and loss, and how the result is shared."""

    ref: Ref
    store_ref: Ref
    starts_on: date
    ends_on: date | None
    state: SeasonState
    opening: Quantity
    came_in: Mapping[StoreMoveKind, Quantity]
    went_out: Mapping[StoreMoveKind, Quantity]
    closing: Quantity
    sales: Money
    cost_of_sales: Money
    lost: Money
    given: Money
    costs: Money
    result: Money
    turnover: ExactRatio
    loss_rate: ExactRatio
    loss_target: Decimal
    repaid_share: ExactRatio
    split: Mapping[str, Money]
    proposed_by: str
    approved_by: str
    entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store as it stands: what lies in it by lot, what is owed to it in grain, its cash box and its price band."""

    ref: Ref
    product: str
    product_title: str
    title: str
    goods: str
    owner_ref: Ref
    scope: str
    unit: str
    currency: str
    terms: Mapping[str, str]
    opened_on: date
    book_ref: Ref
    stock: Quantity
    stock_cost: Money
    cash: Money
    grain_owed: Quantity
    band: Band | None
    lots: tuple[LotView, ...]  # oldest first
    season_ref: Ref | None


@dataclass(frozen=True, slots=True)
class StoreRow:
    ref: Ref
    title: str
    goods: str
    owner_ref: Ref
    scope: str
    stock: Quantity
    opened_on: date


@dataclass(frozen=True, slots=True)
class StorePreview:
    """What will happen if this is saved. Nothing has been."""

    kind: StoreMoveKind
    on: date
    quantity: Quantity
    price: Money | None
    amount: Money
    stock_before: Quantity
    stock_after: Quantity
    cash_before: Money
    cash_after: Money
    parts: tuple[LotPart, ...]
    due: Quantity | None = None  # of a loan of grain
