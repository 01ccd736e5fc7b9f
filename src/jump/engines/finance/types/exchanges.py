"""What crosses the door of finance about trade between stores: offers and needs, proposals, exchanges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.types.stores import Quantity


class OfferKind(StrEnum):
    """What a store can give, or what it lacks."""

    SURPLUS = "surplus"
    NEED = "need"


class ExchangeState(StrEnum):
    """Agreed by one person (nothing has moved), arrived with its entries by a second one, or given up."""

    AGREED = "agreed"
    ARRIVED = "arrived"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class OfferView:
    """So much to give at a price, or so much needed at the most one unit may cost with transport."""

    ref: Ref
    kind: OfferKind
    store_ref: Ref
    store_title: str
    scope: str
    quantity: Quantity
    left: Quantity
    price: Money
    on: date
    until: date | None
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class ProposedExchange:
    """A trade that would suit both, within the declared prices, the cheapest with transport first."""

    offer: OfferView
    need: OfferView
    quantity: Quantity
    price: Money
    transport: Money  # for one unit
    landed: Money  # price and transport for one unit


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One trade between two stores: what leaves one, what arrives in the other, money and transport."""

    ref: Ref
    state: ExchangeState
    offer_ref: Ref
    need_ref: Ref
    seller_ref: Ref
    seller_title: str
    buyer_ref: Ref
    buyer_title: str
    scope: str
    quantity: Quantity
    price: Money
    transport: Money
    goods: Money  # to the seller
    carriage: Money  # for the whole way
    landed: Money  # what the buyer pays in all
    on: date
    waybill: str
    arrived: Quantity | None
    prepared_by: str
    approved_by: str
    sent_ref: Ref
    received_ref: Ref
