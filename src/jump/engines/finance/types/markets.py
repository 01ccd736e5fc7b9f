"""What crosses the door of finance about a market that growers run themselves: grades, scale checks, tickets, loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.money import Money
from jump.core.ratios import ExactRatio
from jump.core.units import Ref
from jump.engines.finance.types.stores import Quantity


class ScaleMoment(StrEnum):
    """When a scale is checked on a known weight (methods 10, 10.3, form CM-01)."""

    START = "start"
    NOON = "noon"
    END = "end"


class TicketState(StrEnum):
    """Weighed (nothing has moved), accepted with its entry, paid out, or given up."""

    WEIGHED = "weighed"
    ACCEPTED = "accepted"
    PAID = "paid"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade with what one unit brings: price, and a premium on top where there is one."""

    id: str
    title: str
    price: Money
    premium: Money


@dataclass(frozen=True, slots=True)
class ScaleCheckView:
    on: date
    moment: ScaleMoment
    known: Quantity
    shown: Quantity
    is_good: bool
    by: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """One weighing: weight, grade, value, what is taken off, and what the grower gets."""

    ref: Ref
    market_ref: Ref
    state: TicketState
    on: date
    serial: str
    grower_ref: Ref
    grade: str
    grade_title: str
    gross: Quantity
    tare: Quantity
    net: Quantity
    price: Money
    premium_price: Money
    value: Money
    premium: Money  # part of the value
    credit: Money
    dues: Money
    payable: Money
    weighed_by: str
    accepted_by: str
    paid_by: str
    receipt: str
    entry_ref: Ref | None
    paid_entry_ref: Ref | None
    load_ref: Ref | None


@dataclass(frozen=True, slots=True)
class TicketPreview:
    """What accepting a weighing would do. Nothing has been saved."""

    net: Quantity
    value: Money
    premium: Money
    credit: Money
    dues: Money
    payable: Money
    credit_left: Money


@dataclass(frozen=True, slots=True)
class LoadView:
    """One truck: the tickets on it, village weight, and factory weight with the difference."""

    ref: Ref
    market_ref: Ref
    waybill: str
    on: date
    tickets: int
    village: Quantity
    factory: Quantity | None
    factory_on: date | None
    index: ExactRatio | None
    needs_inquiry: bool


@dataclass(frozen=True, slots=True)
class MarketView:
    """A market as it stands: its grades, what was weighed, what growers are owed, what the buyer owes the group."""

    ref: Ref
    product: str
    product_title: str
    title: str
    goods: str
    owner_ref: Ref
    company_ref: Ref
    scope: str
    unit: str
    unit_label: str
    decimals: int
    currency: str
    terms: Mapping[str, str]
    grades: tuple[Grade, ...]
    opened_on: date
    closed_on: date | None
    book_ref: Ref
    weighed: Quantity  # of accepted tickets
    waiting: int
    to_pay: int
    in_yard: Quantity
    value: Money
    owed_to_growers: Money
    owed_by_company: Money
    cash: Money
    commission: Money
    scale_today: ScaleCheckView | None


@dataclass(frozen=True, slots=True)
class MarketRow:
    ref: Ref
    title: str
    owner_ref: Ref
    scope: str
    opened_on: date
    closed_on: date | None
    weighed: Quantity
    value: Money


@dataclass(frozen=True, slots=True)
class ZoneTotal:
    """What the markets of a zone collected, in one unit and currency."""

    unit: str
    currency: str
    markets: int
    growers: int
    weighed: Quantity
    loaded: Quantity
    value: Money
