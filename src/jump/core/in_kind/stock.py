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


@dataclass(frozen=True, slots=True)
class LotTaken:
    """What is taken out of one lot, and what that part had cost."""

    mark: str
    quantity: int
    cost_minor: int


def draw(lots: Iterable[Lot], quantity: int, *, lot: str = "") -> tuple[LotTaken, ...]:
    """Which lots a quantity is taken from: the one named, or in the order given (the oldest first).

    A part of a lot takes its share of the cost, rounded down; the last part takes the rest, so nothing is lost.
    Errors: StockShort with what is missing, NotPositive. Source: methods 10, section 10.2, "Books" (our default order).

    >>> first, second = Lot("a", date(2025, 12, 1), 100, 900), Lot("b", date(2026, 1, 5), 100, 1_000)
    >>> [(taken.mark, taken.quantity, taken.cost_minor) for taken in draw([first, second], 150)]
    [('a', 100, 900), ('b', 50, 500)]
    """
    positive(quantity=quantity)
    open_to = [one for one in lots if not lot or one.mark == lot]
    there = sum(one.quantity for one in open_to)
    if quantity > there:
        raise StockShort("more goes out than is there", lot=lot, there=there, short=quantity - there)
    left, taken = quantity, []
    for one in open_to:
        part = min(left, one.quantity)
        if part:
            cost = one.cost_minor if part == one.quantity else one.cost_minor * part // one.quantity
            taken.append(LotTaken(one.mark, part, cost))
            left -= part
    return tuple(taken)


def _take(lots: dict[str, Lot], move: StockMove) -> int:
    """Take a quantity out of the lots, the oldest first; returns what it had cost."""
    try:
        parts = draw(lots.values(), move.quantity, lot=move.lot)
    except StockShort as short:
        facts = {"on": str(move.on), "kind": move.kind, "lot": move.lot, "short": short.facts["short"]}
        raise StockShort("more goes out than is there", **facts) from short
    for part in parts:
        lot = lots[part.mark]
        if part.quantity == lot.quantity:
            del lots[part.mark]
        else:
            left = lot.quantity - part.quantity
            lots[part.mark] = Lot(lot.mark, lot.received_on, left, lot.cost_minor - part.cost_minor)
    return sum(part.cost_minor for part in parts)


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
