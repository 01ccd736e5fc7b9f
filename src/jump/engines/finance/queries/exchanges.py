"""Offers and needs of stores, which of them suit each other, and exchanges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Q, Sum

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.exchanges import ExchangeOffer, StoreExchange, TransportWay
from jump.engines.finance.models.stores import Store
from jump.engines.finance.queries.stores import place_band, quantity_of
from jump.engines.finance.types.exchanges import (
    ExchangeState,
    ExchangeView,
    OfferKind,
    OfferView,
    ProposedExchange,
)

_WITH_STORES = ("offer__store__scope", "need__store__scope", "sent", "received")


def exchange_offers(
    actor: Actor, *, scope: str = "", kind: OfferKind | str = "", store_ref: Ref | None = None, open_only: bool = True
) -> list[OfferView]:
    """What stores can give and what they lack, the latest first. Two statements."""
    seen = Store.objects.visible_to(actor).under(scope)
    rows = ExchangeOffer.objects.filter(store__in=seen.values("pk")).select_related("store__scope")
    if kind:
        rows = rows.filter(kind=OfferKind(kind).value)
    if store_ref is not None:
        rows = rows.filter(store__ref=store_ref)
    if open_only:
        rows = rows.filter(is_withdrawn=False).filter(Q(until__isnull=True) | Q(until__gte=clock.today()))
    found = _offer_views(rows.order_by("-on", "-id"))
    return [one for one in found if one.left.amount_minor or not open_only]


def exchange_offer(actor: Actor, ref: Ref) -> OfferView:
    return _offer_views([offer_row(actor, ref)])[0]


def proposed_exchanges(actor: Actor, *, scope: str, on: date | None = None) -> list[ProposedExchange]:
    """Which offers and needs suit each other at a place: within the declared prices, with transport, the cheapest
    landed price first (`core.in_kind.match_zones`). Where no prices or no way are declared nothing is proposed.
    """
    day = on or clock.today()
    offers = {one.ref: one for one in exchange_offers(actor, scope=scope, kind=OfferKind.SURPLUS)}
    needs = {one.ref: one for one in exchange_offers(actor, scope=scope, kind=OfferKind.NEED)}
    ways = _ways(day)
    found: list[ProposedExchange] = []
    sorts = {(one.quantity.unit, one.price.currency) for one in offers.values()}
    for unit, currency in sorted(sorts):
        band = place_band(scope, unit=unit, currency=currency, on=day)
        if band is None:
            continue
        mine = [one for one in offers.values() if (one.quantity.unit, one.price.currency) == (unit, currency)]
        wanted = [one for one in needs.values() if (one.quantity.unit, one.price.currency) == (unit, currency)]
        trades = rules.match_zones(
            [rules.Surplus(one.ref, one.left.amount_minor, one.price.amount_minor) for one in mine],
            [rules.Deficit(one.ref, one.left.amount_minor, one.price.amount_minor) for one in wanted],
            transport={
                (here.ref, there.ref): ways[here.store_ref, there.store_ref]
                for here in mine
                for there in wanted
                if (here.store_ref, there.store_ref) in ways
            },
            band=rules.PriceBand(Fraction(band.floor.amount_minor), Fraction(band.ceiling.amount_minor)),
        )
        for trade in trades:
            offer, need = offers[Ref(trade.seller)], needs[Ref(trade.buyer)]
            found.append(
                ProposedExchange(
                    offer=offer,
                    need=need,
                    quantity=type(offer.quantity)(trade.quantity, unit, offer.quantity.decimals, offer.quantity.label),
                    price=Money(int(trade.price), currency),
                    transport=Money(int(trade.transport), currency),
                    landed=Money(int(trade.landed), currency),
                )
            )
    return found


def exchanges(actor: Actor, *, scope: str = "", state: str = "", limit: int = 50) -> list[ExchangeView]:
    """Exchanges in which this actor may see both stores, the latest first."""
    seen = Store.objects.visible_to(actor).under(scope).values("pk")
    rows = StoreExchange.objects.filter(offer__store__in=seen, need__store__in=seen).select_related(*_WITH_STORES)
    if state:
        rows = rows.filter(state=state)
    return [exchange_view(one) for one in rows.order_by("-on", "-id")[:limit]]


def exchange_of_stores(actor: Actor, ref: Ref) -> ExchangeView:
    return exchange_view(exchange_row(actor, ref))


# --- for the services of this engine ------------------------------------------------------------------------


def offer_row(actor: Actor, ref: Ref) -> ExchangeOffer:
    seen = Store.objects.visible_to(actor).values("pk")
    one = ExchangeOffer.objects.filter(ref=ref, store__in=seen).select_related("store__scope").first()
    if one is None:
        raise NotFound(ref=ref)
    return one


def exchange_row(actor: Actor, ref: Ref) -> StoreExchange:
    seen = Store.objects.visible_to(actor).values("pk")
    rows = StoreExchange.objects.filter(ref=ref, offer__store__in=seen, need__store__in=seen)
    one = rows.select_related(*_WITH_STORES).first()
    if one is None:
        raise NotFound(ref=ref)
    return one


def left_minor(one: ExchangeOffer) -> int:
    """What is left of an offer or a need: exchanges that were agreed or have arrived are taken off."""
    return one.quantity_minor - _taken([one]).get(one.pk, 0)


def way_minor(seller: Store, buyer: Store, on: date) -> int | None:
    """What one unit costs on the way between two stores, as declared up to a day."""
    rows = TransportWay.objects.filter(from_store=seller, to_store=buyer, valid_from__lte=on)
    return rows.order_by("-valid_from", "-id").values_list("per_unit_minor", flat=True).first()


def _ways(on: date) -> dict[tuple[Ref, Ref], int]:
    rows: Any = TransportWay.objects.filter(valid_from__lte=on).order_by("valid_from", "id")
    values = rows.values_list("from_store__ref", "to_store__ref", "per_unit_minor")
    return {(Ref(here), Ref(there)): cost for here, there, cost in values}


def _taken(rows: Iterable[ExchangeOffer]) -> dict[int, int]:
    ids = [one.pk for one in rows]
    taken: dict[int, int] = {}
    for side in ("offer_id", "need_id"):
        found = StoreExchange.objects.exclude(state=ExchangeState.DROPPED).filter(**{f"{side}__in": ids})
        for pk, quantity in found.values_list(side).annotate(Sum("quantity_minor")).order_by():
            taken[pk] = taken.get(pk, 0) + int(quantity)
    return taken


def _offer_views(rows: Iterable[ExchangeOffer]) -> list[OfferView]:
    found = list(rows)
    taken = _taken(found)
    return [
        OfferView(
            ref=Ref(one.ref),
            kind=OfferKind(one.kind),
            store_ref=Ref(one.store.ref),
            store_title=one.store.title,
            scope=one.store.scope.path,
            quantity=quantity_of(one.store, one.quantity_minor),
            left=quantity_of(one.store, one.quantity_minor - taken.get(one.pk, 0)),
            price=Money(one.price_minor, one.store.currency),
            on=one.on,
            until=one.until,
            is_withdrawn=one.is_withdrawn,
        )
        for one in found
    ]


def exchange_view(one: StoreExchange) -> ExchangeView:
    seller, buyer = one.offer.store, one.need.store
    quantity = quantity_of(seller, one.quantity_minor)
    price, transport = Money(one.price_minor, seller.currency), Money(one.transport_minor, seller.currency)
    goods, carriage = quantity.worth(price), quantity.worth(transport)
    return ExchangeView(
        ref=Ref(one.ref),
        state=ExchangeState(one.state),
        offer_ref=Ref(one.offer.ref),
        need_ref=Ref(one.need.ref),
        seller_ref=Ref(seller.ref),
        seller_title=seller.title,
        buyer_ref=Ref(buyer.ref),
        buyer_title=buyer.title,
        scope=seller.scope.path,
        quantity=quantity,
        price=price,
        transport=transport,
        goods=goods,
        carriage=carriage,
        landed=goods + carriage,
        on=one.on,
        waybill=one.waybill,
        arrived=quantity_of(buyer, one.arrived_minor) if one.arrived_minor is not None else None,
        prepared_by=one.prepared_by,
        approved_by=one.approved_by,
        sent_ref=Ref(one.sent.ref),
        received_ref=Ref(one.received.ref),
    )
