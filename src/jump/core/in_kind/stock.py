"""A stock kept by lots: what came in, what went out, what was lost, and what it cost.

Quantities are whole numbers of the store's own unit (a kilogram, a bag), costs whole minor units of one currency. Facts
of one day may come in any order: what comes in is counted first.

Sources: requirement ACOPAM-01 (stock = in - out - loss, never below zero); methods 10, section 10.2, "Books".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.bounds import Rate, Refused, exact_share, not_negative, positive
from jump.core.ratios import ExactRatio, ratio


class InKindRefused(Refused):
    """A figure or a movement in kind cannot be."""

    code = "in_kind.refused"


class StockShort(InKindRefused):
    """More would go out than lies in the store, or in the lot named."""

    code = "in_kind.stock_short"


class LotTwice(InKindRefused):
    """Two receipts carry the same lot mark."""

    code = "in_kind.lot_twice"


class MoveKind(StrEnum):
    """What moves a stock. The first three bring in, the others take out."""

    BOUGHT = "bought"
    REPAID = "repaid"  # a loan of grain given back
    CONTRIBUTED = "contributed"
    SOLD = "sold"
    LENT = "lent"
    SENT = "sent"  # to another zone
    GIVEN = "given"  # social fund
    LOST = "lost"


INTO = frozenset({MoveKind.BOUGHT, MoveKind.REPAID, MoveKind.CONTRIBUTED})
_ORDER = {kind: position for position, kind in enumerate(MoveKind)}


@dataclass(frozen=True, slots=True)
class StockMove:
    """One movement. `lot` marks what comes in; going out it names a lot, or none for the oldest first.

    `cost_minor` is what the whole quantity cost; only for what comes in.
    """

    on: date
    kind: MoveKind
    quantity: int
    lot: str = ""
    cost_minor: int = 0

    def __post_init__(self) -> None:
        positive(quantity=self.quantity)
        not_negative(cost_minor=self.cost_minor)
        if self.cost_minor and self.kind not in INTO:
            raise InKindRefused("what goes out takes its cost from its lot", kind=self.kind)
        if self.kind in INTO and not self.lot:
            raise InKindRefused("what comes in carries a lot mark", on=str(self.on), kind=self.kind)


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of one receipt."""

    mark: str
    received_on: date
    quantity: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class Flow:
    """How much moved in one way, and what it had cost."""

    quantity: int = 0
    cost_minor: int = 0


@dataclass(frozen=True, slots=True)
class Store:
    """Lots left, and everything that moved by kind."""

    lots: tuple[Lot, ...]
    flows: Mapping[MoveKind, Flow]

    @property
    def quantity(self) -> int:
        return sum(lot.quantity for lot in self.lots)

    @property
    def cost_minor(self) -> int:
        return sum(lot.cost_minor for lot in self.lots)

    def flow(self, kind: MoveKind) -> Flow:
        return self.flows.get(kind, Flow())


def store_of(moves: Iterable[StockMove]) -> Store:
    """The store after all movements, entered in whatever order; out of the oldest lot first unless one is named.

    Promises: quantity = in - out >= 0 after every movement; cost of what came in = cost of what went out + cost of what
    is left, to the last minor unit. Errors: StockShort with day, kind and what is missing; LotTwice.

    >>> day = date(2026, 11, 20)
    >>> store = store_of([StockMove(day, MoveKind.LENT, 30), StockMove(day, MoveKind.BOUGHT, 100, "1", 5_700)])
    >>> store.quantity, store.cost_minor, store.flow(MoveKind.LENT)
    (70, 3990, Flow(quantity=30, cost_minor=1710))
    """
    lots: dict[str, Lot] = {}
    flows: dict[MoveKind, Flow] = {}
    seen: set[str] = set()
    for move in sorted(moves, key=lambda one: (one.on, _ORDER[one.kind], one.lot, one.quantity, one.cost_minor)):
        if move.kind in INTO:
            if move.lot in seen:
                raise LotTwice("the lot mark is used twice", lot=move.lot, on=str(move.on))
            seen.add(move.lot)
            lots[move.lot] = Lot(move.lot, move.on, move.quantity, move.cost_minor)
            cost = move.cost_minor
        else:
            cost = _take(lots, move)
        before = flows.get(move.kind, Flow())
        flows[move.kind] = Flow(before.quantity + move.quantity, before.cost_minor + cost)
    return Store(tuple(lots.values()), flows)


def _take(lots: dict[str, Lot], move: StockMove) -> int:
    """Take a quantity out of the lots, the oldest first; returns what it had cost."""
    names = [move.lot] if move.lot else list(lots)
    there = sum(lots[name].quantity for name in names if name in lots)
    if move.quantity > there:
        raise StockShort(
            "more goes out than is there", on=str(move.on), kind=move.kind, lot=move.lot, short=move.quantity - there
        )
    left, cost = move.quantity, 0
    for name in names:
        lot = lots[name]
        taken = min(left, lot.quantity)
        part = lot.cost_minor if taken == lot.quantity else lot.cost_minor * taken // lot.quantity
        cost, left = cost + part, left - taken
        if taken == lot.quantity:
            del lots[name]
        else:
            lots[name] = Lot(name, lot.received_on, lot.quantity - taken, lot.cost_minor - part)
        if not left:
            break
    return cost


def loss_rate(*, came_in: int, went_out: int, counted: int) -> ExactRatio:
    """(in - out - closing count) / in. Below zero where more is counted than can be there.

    Source: methods 10, section 10.2 (target at most 2 %).

    >>> loss_rate(came_in=10_000, went_out=7_000, counted=2_850).percent()
    Decimal('1.50')
    """
    not_negative(came_in=came_in, went_out=went_out, counted=counted)
    return ratio(came_in - went_out - counted, came_in)


def turnover(*, went_out: int, average_stock: Rate) -> ExactRatio:
    """How often the stock went out: quantity out over the average stock (methods 10, section 10.2)."""
    not_negative(went_out=went_out)
    return ratio(went_out, average_stock)


@dataclass(frozen=True, slots=True)
class Count:
    """A count by witnesses against the book."""

    in_book: int
    counted: int
    variance: ExactRatio
    is_for_control: bool


def count_against_book(*, in_book: int, counted: int, share_max: Rate) -> Count:
    """The difference of a physical count; above `share_max` (our default 3 %) the control committee looks at it.

    Source: methods 10, section 10.2, "Books".

    >>> count_against_book(in_book=1_000, counted=969, share_max=ratio(3, 100).value).is_for_control
    True
    """
    not_negative(in_book=in_book, counted=counted)
    off = abs(counted - in_book)
    return Count(in_book, counted, ratio(off, in_book), off > exact_share(share_max, name="share_max") * in_book)
