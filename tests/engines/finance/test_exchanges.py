"""Grain goes from where there is too much to where there is too little, inside declared prices, with its transport."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jump.base import clock
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.in_kind import LEAN, OPENED, VILLAGE, Stores, held, xof
from tests.engines.finance.makers import MANAGER, NATIONAL, NEIGHBOUR, RIVERSIDE, SYSTEM, WORKER

DRY = Ref("grp-DRYP1ACE")


@pytest.fixture
def stores(products: None) -> Stores:
    clock.pin(date(2005, 6, 30))
    return Stores()


@pytest.fixture
def seller(stores: Stores) -> Ref:
    ref = stores.store()
    stores.cash(ref)
    stores.buy(ref, 3_000)
    return ref


@pytest.fixture
def buyer(stores: Stores) -> Ref:
    ref = stores.store(owner=DRY)
    stores.cash(ref, 400_000)
    return ref


def declare(floor: int = 110, ceiling: int = 150) -> finance.Band:
    return finance.declare_place_band(
        NATIONAL,
        scope="jump/asia/PH/",
        unit="kilogram",
        floor=xof(floor),
        ceiling=xof(ceiling),
        valid_from=OPENED,
        key=f"place-{floor}-{ceiling}",
    )


def way(seller: Ref, buyer: Ref, per_unit: int = 12) -> None:
    finance.declare_way(
        NATIONAL, from_ref=seller, to_ref=buyer, per_unit=xof(per_unit), valid_from=OPENED, key=f"way-{per_unit}"
    )


def offer(store: Ref, kind: str, kilograms: int, price: int) -> Ref:
    return finance.offer_exchange(
        NATIONAL,
        store_ref=store,
        kind=kind,
        quantity_minor=kilograms * 1000,
        price=xof(price),
        on=LEAN,
        key=f"{kind}-{store}-{kilograms}-{price}",
    )


def agree(offered: Ref, need: Ref, kilograms: int, *, price: int | None = None, key: str = "x") -> Ref:
    return finance.agree_exchange(
        NATIONAL,
        offer_ref=offered,
        need_ref=need,
        quantity_minor=kilograms * 1000,
        on=LEAN,
        key=key,
        price=xof(price) if price else None,
    )


@pytest.mark.covers("ACOPAM-02")
def test_offers_and_needs_that_suit_each_other_are_proposed_with_transport(seller: Ref, buyer: Ref) -> None:
    declare()
    way(seller, buyer)
    offered, need = offer(seller, "surplus", 2_000, 120), offer(buyer, "need", 1_500, 135)

    (found,) = finance.proposed_exchanges(NATIONAL, scope="jump/asia/PH/")

    assert (found.offer.ref, found.need.ref, found.quantity.major) == (offered, need, Decimal(1_500))
    assert (found.price, found.transport, found.landed) == (xof(120), xof(12), xof(132))


@pytest.mark.covers("ACOPAM-02")
@pytest.mark.parametrize(("price", "most", "cost"), [(151, 200, 12), (109, 200, 12), (120, 131, 12), (120, 135, None)])
def test_nothing_is_proposed_outside_the_prices_above_what_the_buyer_can_pay_or_without_a_way(
    seller: Ref, buyer: Ref, price: int, most: int, cost: int | None
) -> None:
    declare()
    if cost is not None:
        way(seller, buyer, cost)
    offer(seller, "surplus", 2_000, price)
    offer(buyer, "need", 1_500, most)
    assert finance.proposed_exchanges(NATIONAL, scope="jump/asia/PH/") == []


@pytest.mark.covers("ACOPAM-02")
def test_kilograms_leave_one_store_and_enter_the_other_with_money_transport_and_waybill(
    stores: Stores, seller: Ref, buyer: Ref
) -> None:
    declare()
    way(seller, buyer)
    ref = agree(offer(seller, "surplus", 2_000, 120), offer(buyer, "need", 1_500, 135), 1_500)
    assert (stores.kilograms(seller), stores.kilograms(buyer)) == (3_000, 0)

    with pytest.raises(finance.SamePerson):
        finance.arrive_exchange(NATIONAL, exchange_ref=ref, waybill="W17", arrived_minor=1_500_000, on=LEAN)
    assert (stores.kilograms(seller), stores.kilograms(buyer)) == (3_000, 0)

    for _press in range(2):
        done = finance.arrive_exchange(MANAGER, exchange_ref=ref, waybill="W17", arrived_minor=1_490_000, on=LEAN)

    assert (done.goods, done.carriage, done.landed) == (xof(180_000), xof(18_000), xof(198_000))
    assert (stores.kilograms(seller), stores.kilograms(buyer)) == (1_500, 1_490)
    here, there = held(VILLAGE), held(DRY)
    assert here["cash"] == 500_000 - 300_000 + 180_000
    assert here[f"sales:{seller}"] == -180_000
    assert there["cash"] == 400_000 - 198_000
    # 10 kg were lost on the way: they are in the buyer's book, at what they had cost with transport.
    assert there[f"lost:{buyer}"] == 1_320
    assert there[f"stock:{buyer}"] == 196_680
    assert ledger.verify() == []
    assert finance.exchange_offer(MANAGER, done.offer_ref).left.major == 500
    assert finance.exchange_offers(MANAGER, kind="need") == []


@pytest.mark.covers("ACOPAM-02")
@pytest.mark.parametrize("price", [109, 151])
def test_no_trade_outside_the_declared_prices(stores: Stores, seller: Ref, buyer: Ref, price: int) -> None:
    declare()
    way(seller, buyer)
    offered, need = offer(seller, "surplus", 2_000, 120), offer(buyer, "need", 1_500, 200)
    with pytest.raises(finance.PriceOutsideBand) as refusal:
        agree(offered, need, 1_000, price=price)
    facts = refusal.value.facts
    assert (facts["price_minor"], facts["floor_minor"], facts["ceiling_minor"]) == (price, 110, 150)
    assert finance.exchanges(MANAGER) == []
    assert (stores.kilograms(seller), stores.kilograms(buyer)) == (3_000, 0)


@pytest.mark.covers("ACOPAM-02")
def test_a_trade_needs_declared_prices_a_way_and_a_buyer_who_can_pay(seller: Ref, buyer: Ref) -> None:
    offered, need = offer(seller, "surplus", 2_000, 120), offer(buyer, "need", 1_500, 131)
    with pytest.raises(finance.BandMissing):
        agree(offered, need, 1_000)
    declare()
    with pytest.raises(finance.NoWay):
        agree(offered, need, 1_000)
    way(seller, buyer)
    with pytest.raises(finance.TooDear) as refusal:
        agree(offered, need, 1_000)
    assert (refusal.value.facts["landed_minor"], refusal.value.facts["most_minor"]) == (132, 131)
    with pytest.raises(finance.CannotNow):
        agree(need, offered, 1_000)
    assert finance.exchanges(MANAGER) == []


def test_what_was_agreed_is_not_promised_twice_and_is_free_again_when_given_up(
    stores: Stores, seller: Ref, buyer: Ref
) -> None:
    declare()
    way(seller, buyer)
    stores.prices(seller)
    offered, need = offer(seller, "surplus", 2_900, 120), offer(buyer, "need", 5_000, 140)
    ref = agree(offered, need, 2_800)

    with pytest.raises(finance.OfferShort):
        agree(offered, need, 101, key="y")
    with pytest.raises(finance.StockShort):
        stores.sell(seller, 201)

    finance.drop_exchange(NATIONAL, exchange_ref=ref, why="the road is closed")
    assert stores.sell(seller, 201).quantity.major == 201
    assert finance.exchange_offer(MANAGER, offered).left.major == 2_900


def test_a_buyer_without_money_gets_nothing_and_nothing_is_half_done(stores: Stores, seller: Ref, buyer: Ref) -> None:
    declare()
    way(seller, buyer)
    stores.cash(seller, 1)
    ref = agree(offer(seller, "surplus", 3_000, 150), offer(buyer, "need", 3_000, 200), 2_900)
    with pytest.raises(ledger.BelowFloor):
        finance.arrive_exchange(MANAGER, exchange_ref=ref, waybill="W1", arrived_minor=2_900_000, on=LEAN)
    assert (stores.kilograms(seller), stores.kilograms(buyer)) == (3_000, 0)
    assert finance.exchange_of_stores(MANAGER, ref).state == "agreed"
    with pytest.raises(BadInput):
        finance.arrive_exchange(MANAGER, exchange_ref=ref, waybill="W1", arrived_minor=2_900_001, on=LEAN)


def test_who_may_not_see_both_stores_sees_no_exchange(seller: Ref, buyer: Ref) -> None:
    declare()
    way(seller, buyer)
    ref = agree(offer(seller, "surplus", 2_000, 120), offer(buyer, "need", 1_500, 135), 1_000)
    with pytest.raises(NotFound):
        finance.exchange_of_stores(NEIGHBOUR, ref)
    assert finance.exchanges(NEIGHBOUR) == []
    assert finance.exchange_offers(NEIGHBOUR) == []
    with pytest.raises(NotAllowed):
        finance.arrive_exchange(WORKER, exchange_ref=ref, waybill="W1", arrived_minor=1, on=LEAN)
    with pytest.raises(NotAllowed):
        finance.declare_place_band(
            MANAGER, scope=RIVERSIDE, unit="kilogram", floor=xof(1), ceiling=xof(2), valid_from=OPENED, key="no"
        )
    assert finance.exchange_of_stores(SYSTEM, ref).state == "agreed"
