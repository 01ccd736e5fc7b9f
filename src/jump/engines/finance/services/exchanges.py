"""Trade between stores: offering and needing, agreeing at a declared price with transport, and what arrives."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import BadInput
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.exchanges import ExchangeOffer, StoreExchange, TransportWay
from jump.engines.finance.models.in_kind_refusals import CannotNow, NoWay, OfferShort, TooDear
from jump.engines.finance.models.refusals import (
    AmountNotPositive,
    KeyReused,
    NotPrepared,
    SamePerson,
    WrongCurrency,
)
from jump.engines.finance.models.stores import Store, StoreMove
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.exchanges import (
    exchange_of_stores,
    exchange_row,
    exchange_view,
    left_minor,
    offer_row,
    way_minor,
)
from jump.engines.finance.queries.stores import (
    check_move,
    check_price,
    check_store_day,
    drawn,
    lots_of,
    place_band,
    quantity_of,
    store_row,
)
from jump.engines.finance.services.store_entries import book_move
from jump.engines.finance.services.store_moves import require_second
from jump.engines.finance.services.stores import locked_store
from jump.engines.finance.types.exchanges import ExchangeState, ExchangeView, OfferKind
from jump.engines.finance.types.stores import StoreMoveKind, StoreMoveState
from jump.engines.ledger import api as ledger


def offer_exchange(
    actor: Actor,
    *,
    store_ref: Ref,
    kind: OfferKind | str,
    quantity_minor: int,
    price: Money,
    on: date,
    key: str,
    until: date | None = None,
) -> Ref:
    """Say what a store can give, and at what price; or what it lacks, and the most one unit may cost with transport."""
    with ledger.posting_transaction():
        row = locked_store(actor, store_ref)
        require(actor, "finance.prepare", row.scope.path)
        known = ExchangeOffer.objects.filter(key=key).first()
        if known is not None:
            if (known.store_id, known.quantity_minor) != (row.pk, quantity_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if price.currency != row.currency:
            raise WrongCurrency(expected=row.currency, given=price.currency)
        if quantity_minor <= 0 or price.amount_minor <= 0:
            raise AmountNotPositive(amount_minor=min(quantity_minor, price.amount_minor))
        if until is not None and until < on:
            raise BadInput({"until": [_("The last day must not be before the first.")]})
        made = ExchangeOffer.objects.create(
            store=row,
            kind=OfferKind(kind).value,
            quantity_minor=quantity_minor,
            price_minor=price.amount_minor,
            on=on,
            until=until,
            by=actor.key,
            key=key,
        )
        record(actor, "finance.offer_exchange", made.ref, facts={"store": row.ref, "kind": made.kind})
    return Ref(made.ref)


def withdraw_offer(actor: Actor, *, offer_ref: Ref, why: str) -> None:
    """Take back an offer or a need. What was agreed on it already stays."""
    with ledger.posting_transaction():
        one = lock(offer_row(actor, offer_ref))
        require(actor, "finance.prepare", one.store.scope.path)
        one.is_withdrawn = True
        one.save(update_fields=["is_withdrawn"])
        record(actor, "finance.withdraw_offer", one.ref, why=why)


def declare_way(actor: Actor, *, from_ref: Ref, to_ref: Ref, per_unit: Money, valid_from: date, key: str) -> None:
    """Declare what it costs to bring one unit from one store to another."""
    with ledger.posting_transaction():
        here, there = store_row(actor, from_ref), store_row(actor, to_ref)
        require(actor, "finance.prepare", here.scope.path)
        if here.pk == there.pk:
            raise BadInput({"to": [_("A way leads to another store.")]})
        if per_unit.currency != here.currency:
            raise WrongCurrency(expected=here.currency, given=per_unit.currency)
        known = TransportWay.objects.filter(key=key).first()
        if known is not None:
            if known.per_unit_minor != per_unit.amount_minor:
                raise KeyReused(key=key)
            return
        TransportWay.objects.create(
            from_store=here,
            to_store=there,
            per_unit_minor=per_unit.amount_minor,
            valid_from=valid_from,
            by=actor.key,
            key=key,
        )
        record(actor, "finance.declare_way", here.ref, facts={"to": there.ref, "minor": per_unit.amount_minor})


def agree_exchange(
    actor: Actor, *, offer_ref: Ref, need_ref: Ref, quantity_minor: int, on: date, key: str, price: Money | None = None
) -> Ref:
    """Agree a trade between an offer and a need, at the seller's price or another within the declared ones.

    Nothing moves yet, and the seller's goods are not promised twice. Refused outside the declared prices, without a
    declared transport cost, or where price and transport are more than the buyer can pay.
    """
    with ledger.posting_transaction():
        offer, need = offer_row(actor, offer_ref), offer_row(actor, need_ref)
        seller, buyer = _locked_pair(actor, offer.store, need.store)
        require(actor, "finance.prepare", seller.scope.path)
        require(actor, "finance.prepare", buyer.scope.path)
        known = StoreExchange.objects.filter(key=key).first()
        if known is not None:
            if (known.offer_id, known.need_id, known.quantity_minor) != (offer.pk, need.pk, quantity_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        asked = price or Money(offer.price_minor, seller.currency)
        transport = _check_terms(offer, need, seller, buyer, asked, quantity_minor, on)
        quantity = quantity_of(seller, quantity_minor)
        goods, carriage = quantity.worth(asked), quantity.worth(transport)
        check_move(seller, StoreMoveKind.SENT, quantity_minor=quantity_minor, on=on, price=asked)

        def move(store: Store, kind: StoreMoveKind, amount: Money, party: str) -> StoreMove:
            return StoreMove.objects.create(
                store=store,
                book=store.book,
                kind=kind.value,
                state=StoreMoveState.PREPARED.value,
                on=on,
                quantity_minor=quantity_minor,
                price_minor=asked.amount_minor,
                amount_minor=amount.amount_minor,
                party=party,
                prepared_by=actor.key,
                key=f"{key}:{kind.value}",
            )

        made = StoreExchange.objects.create(
            offer=offer,
            need=need,
            quantity_minor=quantity_minor,
            price_minor=asked.amount_minor,
            transport_minor=transport.amount_minor,
            on=on,
            sent=move(seller, StoreMoveKind.SENT, goods, buyer.owner),
            received=move(buyer, StoreMoveKind.RECEIVED, goods + carriage, seller.owner),
            prepared_by=actor.key,
            key=key,
        )
        record(actor, "finance.agree_exchange", made.ref, facts={"from": seller.ref, "to": buyer.ref})
    return Ref(made.ref)


def arrive_exchange(
    actor: Actor, *, exchange_ref: Ref, waybill: str, arrived_minor: int, on: date, mark: str = ""
) -> ExchangeView:
    """Book an exchange as the second person, by its waybill: goods leave one store and enter the other, the seller is
    paid, the buyer pays price and transport, and what was lost on the way stands in the buyer's book. Booked once.
    """
    with ledger.posting_transaction():
        one = exchange_row(actor, exchange_ref)
        seller, buyer = _locked_pair(actor, one.offer.store, one.need.store)
        one = exchange_row(actor, exchange_ref)
        require_second(actor, seller)
        require_second(actor, buyer)
        if one.state == ExchangeState.ARRIVED:
            return exchange_view(one)
        if one.state != ExchangeState.AGREED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.prepared_by == actor.key:
            raise SamePerson(doing="book", did="agree", movement=one.ref)
        if not waybill:
            raise BadInput({"waybill": [_("Write the number of the waybill.")]})
        if arrived_minor <= 0:
            raise AmountNotPositive(amount_minor=arrived_minor)
        if arrived_minor > one.quantity_minor:
            raise BadInput({"arrived": [_("No more arrives than was sent.")]})
        for store in (seller, buyer):
            check_store_day(store, on)
        one.state, one.waybill, one.arrived_minor = ExchangeState.ARRIVED.value, waybill, arrived_minor
        one.approved_by = actor.key
        one.sent.booked_by = one.received.booked_by = actor.key
        one.sent.on = one.received.on = on
        one.sent.memo = one.received.memo = waybill
        one.received.mark = mark or f"{one.ref}"
        book_move(actor, seller, one.sent)
        book_move(actor, buyer, one.received)
        if arrived_minor < one.quantity_minor:
            _lose_on_the_way(actor, buyer, one, one.quantity_minor - arrived_minor, on)
        one.save()
        record(actor, "finance.arrive_exchange", one.ref, facts={"waybill": waybill, "arrived_minor": arrived_minor})
        return exchange_of_stores(actor, Ref(one.ref))


def drop_exchange(actor: Actor, *, exchange_ref: Ref, why: str) -> None:
    """Give up an exchange that has not arrived: what it promised is free again."""
    with ledger.posting_transaction():
        one = exchange_row(actor, exchange_ref)
        seller, _buyer = _locked_pair(actor, one.offer.store, one.need.store)
        one = exchange_row(actor, exchange_ref)
        require(actor, "finance.prepare", seller.scope.path)
        if one.state == ExchangeState.DROPPED:
            return
        if one.state != ExchangeState.AGREED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        one.state, one.why = ExchangeState.DROPPED.value, why[:300]
        one.save(update_fields=["state", "why"])
        StoreMove.objects.filter(pk__in=[one.sent_id, one.received_id]).update(state=StoreMoveState.DROPPED.value)
        record(actor, "finance.drop_exchange", one.ref, why=why)


# --- inside -------------------------------------------------------------------------------------------------


def _locked_pair(actor: Actor, first: Store, second: Store) -> tuple[Store, Store]:
    """Both stores, locked in the order of their ids, so that two exchanges between them do not wait for each other."""
    held = {one.pk: locked_store(actor, Ref(one.ref)) for one in sorted((first, second), key=lambda one: one.pk)}
    return held[first.pk], held[second.pk]


def _check_terms(
    offer: ExchangeOffer, need: ExchangeOffer, seller: Store, buyer: Store, price: Money, quantity: int, on: date
) -> Money:
    """What one unit costs on the way, if everything about this trade is as it has to be."""
    if (offer.kind, need.kind) != (OfferKind.SURPLUS, OfferKind.NEED) or seller.pk == buyer.pk:
        raise CannotNow(why=_("one store must offer and another one need"))
    if offer.is_withdrawn or need.is_withdrawn:
        raise CannotNow(why=_("the offer or the need was taken back"))
    if (seller.unit, seller.currency) != (buyer.unit, buyer.currency):
        raise CannotNow(why=_("the two stores count in different units"))
    for given in (offer, need):
        open_to = left_minor(given)
        if quantity > open_to:
            raise OfferShort(
                open_quantity=open_to,
                asked_quantity=quantity,
                decimals=seller.decimals,
                goods_unit=title_of(seller.unit_words),
                offer=given.ref,
            )
    scope = _common_scope(seller.scope.path, buyer.scope.path)
    check_price(place_band(scope, unit=seller.unit, currency=seller.currency, on=on), price, seller, on)
    cost = way_minor(seller, buyer, on)
    if cost is None:
        raise NoWay(seller=seller.ref, buyer=buyer.ref)
    if price.amount_minor + cost > need.price_minor:
        raise TooDear(landed_minor=price.amount_minor + cost, most_minor=need.price_minor, currency=seller.currency)
    return Money(cost, seller.currency)


def _common_scope(first: str, second: str) -> str:
    """The node above both: prices of trade between two places are declared where both can see them."""
    parts = []
    for here, there in zip(first.split("/"), second.split("/"), strict=False):
        if here != there or not here:
            break
        parts.append(here)
    return "/".join(parts) + "/" if parts else ""


def _lose_on_the_way(actor: Actor, buyer: Store, one: StoreExchange, quantity: int, on: date) -> None:
    lot = next(each for each in lots_of(buyer) if each.mark == one.received.mark)
    lost = StoreMove(
        store=buyer,
        book=buyer.book,
        kind=StoreMoveKind.LOST.value,
        state=StoreMoveState.BOOKED.value,
        on=on,
        quantity_minor=quantity,
        memo=one.waybill,
        prepared_by=one.prepared_by,
        booked_by=actor.key,
        key=f"road:{one.ref}",
    )
    book_move(actor, buyer, lost, parts=drawn(buyer, [lot], quantity))
