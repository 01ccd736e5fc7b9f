"""A village store from its first cash to its closed season: never below zero, inside its prices, with four eyes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.in_kind import FATIMA, LEAN, MOUSSA, OPENED, VILLAGE, Stores, held, xof
from tests.engines.finance.makers import COORDINATOR, DONOR, MANAGER, NATIONAL, NEIGHBOUR, SYSTEM, WORKER

HARVEST = date(2004, 11, 20)


@pytest.fixture
def stores(products: None) -> Stores:
    clock.pin(date(2005, 6, 30))
    return Stores()


@pytest.fixture
def store(stores: Stores) -> Ref:
    """A store with 500,000 CFA francs put in, 2,000 kg bought for 200,000 and 10,000 for sacks, prices 110 to 170."""
    ref = stores.store()
    stores.cash(ref)
    stores.buy(ref, 2_000, extra=10_000)
    stores.prices(ref)
    return ref


@pytest.mark.covers("ACOPAM-01")
def test_what_is_bought_lies_in_a_lot_and_grain_and_money_move_in_one_entry(stores: Stores, store: Ref) -> None:
    view = finance.store(MANAGER, store)

    assert (view.stock.major, view.stock_cost, view.cash) == (Decimal(2_000), xof(210_000), xof(290_000))
    (lot,) = view.lots
    assert (lot.left.major, lot.cost_left, lot.quality) == (Decimal(2_000), xof(210_000), "dry and clean")
    bought = next(one for one in finance.store_moves(MANAGER, store_ref=store) if one.kind == "bought")
    assert bought.entry_ref is not None
    units = [line.unit for line in ledger.entry(bought.entry_ref).lines]
    assert sorted(set(units)) == ["XOF", "kilogram"]
    book = held(VILLAGE)
    assert book[f"lot:{lot.ref}"] == 2_000_000
    assert book[f"stock:{store}"] == 210_000
    assert book["cash"] == 290_000
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("ACOPAM-01")
def test_a_sale_takes_the_oldest_lot_first_and_its_cost_with_it(stores: Stores, store: Ref) -> None:
    stores.buy(store, 500, price=120, on=date(2003, 12, 1))

    sold = stores.sell(store, 2_200)

    assert [(part.quantity.major, part.cost) for part in sold.parts] == [
        (Decimal(2_000), xof(210_000)),
        (Decimal(200), xof(24_000)),
    ]
    assert (sold.amount, sold.cost) == (xof(286_000), xof(234_000))
    view = finance.store(MANAGER, store)
    assert (view.stock.major, view.stock_cost) == (Decimal(300), xof(36_000))
    book = held(VILLAGE)
    assert (book[f"sales:{store}"], book[f"cost_of_sales:{store}"]) == (-286_000, 234_000)
    assert ledger.verify() == []


@pytest.mark.covers("ACOPAM-01")
@pytest.mark.parametrize("price", [109, 171])
def test_a_price_outside_the_band_is_refused_with_the_facts_and_nothing_moves(
    stores: Stores, store: Ref, price: int
) -> None:
    before = held(VILLAGE)

    with pytest.raises(finance.PriceOutsideBand) as refusal:
        stores.sell(store, 100, price=price)

    facts = refusal.value.facts
    assert (facts["price_minor"], facts["floor_minor"], facts["ceiling_minor"]) == (price, 110, 170)
    assert refusal.value.sentence() == (f"{price} XOF for one kg is outside what was agreed: from 110 XOF to 170 XOF.")
    assert held(VILLAGE) == before


@pytest.mark.covers("ACOPAM-01")
def test_nothing_is_sold_before_prices_are_declared_and_the_latest_declaration_holds(stores: Stores) -> None:
    store = stores.store()
    stores.cash(store)
    stores.buy(store, 1_000)
    with pytest.raises(finance.BandMissing):
        stores.sell(store, 10)

    stores.prices(store, 110, 120, on=date(2004, 6, 1))
    stores.prices(store, 130, 150, on=date(2004, 7, 10))
    assert stores.sell(store, 10, price=115, on=date(2004, 7, 9)).amount == xof(1_150)
    with pytest.raises(finance.PriceOutsideBand):
        stores.sell(store, 10, price=115, on=date(2004, 7, 10))
    with pytest.raises(finance.BandImpossible):
        stores.prices(store, 200, 150)


@pytest.mark.covers("ACOPAM-01")
def test_the_suggested_prices_follow_from_what_the_grain_had_cost(stores: Stores, store: Ref) -> None:
    # 210,000 / 2,000 kg = 105 a kilogram; x 1.10 = 115.5, rounded up; 85 % of 200 = 170.
    assert finance.suggested_band(MANAGER, store_ref=store, market_price=xof(200)) == (xof(116), xof(170))
    with pytest.raises(finance.BandImpossible):
        finance.suggested_band(MANAGER, store_ref=store, market_price=xof(130))


@pytest.mark.covers("ACOPAM-01")
def test_more_than_lies_there_is_refused_and_the_ledger_itself_lets_no_lot_fall_below_zero(
    stores: Stores, store: Ref
) -> None:
    with pytest.raises(finance.StockShort) as refusal:
        stores.sell(store, 2_001)
    assert refusal.value.facts["there_quantity"] == 2_000_000
    assert refusal.value.sentence() == "Only 2,000 kg is there; 2,001 kg is asked."

    view = finance.store(SYSTEM, store)
    lot = ledger.account(view.book_ref, f"lot:{view.lots[0].ref}").ref
    other = ledger.account(view.book_ref, f"grain_bought:{store}").ref
    with pytest.raises(ledger.BelowFloor):
        ledger.post(
            SYSTEM,
            book_ref=view.book_ref,
            memo="past the service",
            occurred_on=LEAN,
            lines=[ledger.Line(lot, -2_000_001), ledger.Line(other, 2_000_001)],
            source_ref=store,
            key="past",
        )
    assert stores.kilograms(store) == 2_000


@pytest.mark.covers("ACOPAM-01")
def test_a_household_buys_no_more_than_its_quota_in_fifteen_days(stores: Stores, store: Ref) -> None:
    stores.sell(store, 60, on=date(2004, 7, 1), party=MOUSSA)
    stores.sell(store, 100, on=date(2004, 7, 1), party=FATIMA)

    with pytest.raises(finance.QuotaUsed) as refusal:
        stores.sell(store, 41, on=date(2004, 7, 15), party=MOUSSA)
    assert refusal.value.facts["left_quantity"] == 40_000
    assert stores.sell(store, 41, on=date(2004, 7, 16), party=MOUSSA).quantity.major == 41


@pytest.mark.covers("ACOPAM-01")
def test_who_prepares_a_purchase_does_not_approve_it_and_it_is_booked_once(stores: Stores, store: Ref) -> None:
    ref = finance.prepare_store_move(
        MANAGER,
        store_ref=store,
        kind="bought",
        quantity_minor=100_000,
        price=xof(90),
        on=OPENED,
        key="mine",
        mark="mine",
    )
    assert stores.kilograms(store) == 2_000

    with pytest.raises(finance.SamePerson):
        finance.approve_store_move(MANAGER, move_ref=ref, on=OPENED)
    assert stores.kilograms(store) == 2_000

    for _press in range(2):
        done = finance.approve_store_move(NATIONAL, move_ref=ref, on=OPENED)
    assert (done.prepared_by, done.booked_by) == (MANAGER.key, NATIONAL.key)
    assert stores.kilograms(store) == 2_100
    assert held(VILLAGE)["cash"] == 281_000


def test_the_database_itself_wants_four_eyes(stores: Stores, store: Ref) -> None:
    from jump.engines.finance.models import StoreMove

    with pytest.raises(IntegrityError), transaction.atomic():
        StoreMove.objects.filter(kind="bought").update(booked_by=NATIONAL.key)


@pytest.mark.covers("ACOPAM-01")
def test_more_than_the_cash_box_holds_is_not_paid(stores: Stores, store: Ref) -> None:
    ref = finance.prepare_store_move(
        NATIONAL,
        store_ref=store,
        kind="bought",
        quantity_minor=10_000_000,
        price=xof(90),
        on=OPENED,
        key="too much",
        mark="big",
    )
    with pytest.raises(ledger.BelowFloor):
        finance.approve_store_move(MANAGER, move_ref=ref, on=OPENED)
    assert stores.kilograms(store) == 2_000
    assert finance.store_move(MANAGER, ref).state == "prepared"


@pytest.mark.covers("ACOPAM-01")
def test_grain_lent_in_the_lean_season_is_given_back_in_grain_with_its_margin(stores: Stores, store: Ref) -> None:
    loan = stores.lend(store, 100)

    view = finance.grain_loan(MANAGER, loan)
    assert (view.lent.major, view.due.major, view.due_on) == (Decimal(100), Decimal(130), date(2004, 12, 1))
    assert held(VILLAGE)[f"grain_owed:{loan}"] == 130_000
    assert held(VILLAGE)[f"lent:{store}"] == 10_500
    assert finance.store(MANAGER, store).grain_owed.major == 130

    with pytest.raises(finance.GrainOwedLess) as refusal:
        stores.give_back(loan, 131, HARVEST)
    assert refusal.value.facts["open_quantity"] == 130_000

    stores.give_back(loan, 65, HARVEST)
    stores.give_back(loan, 65, HARVEST)
    assert finance.grain_loan(MANAGER, loan).open.major == 0
    assert finance.grain_loans(MANAGER, store_ref=store, open_only=True) == []
    after = finance.store(MANAGER, store)
    # What the grain had cost comes back with it; the margin came at no cost.
    assert (after.stock.major, after.stock_cost) == (Decimal(2_030), xof(210_000))
    assert held(VILLAGE)[f"lent:{store}"] == 0
    assert ledger.verify() == []


def test_grain_that_waits_for_the_second_person_is_not_promised_twice(stores: Stores, store: Ref) -> None:
    ref = finance.prepare_store_move(
        NATIONAL,
        store_ref=store,
        kind="lent",
        quantity_minor=1_900_000,
        party_ref=MOUSSA,
        on=LEAN,
        key="waits",
    )
    assert [one.ref for one in finance.store_moves_waiting(MANAGER)] == [ref]
    with pytest.raises(finance.StockShort) as refusal:
        stores.sell(store, 101)
    assert refusal.value.facts["there_quantity"] == 100_000

    finance.drop_store_move(NATIONAL, move_ref=ref, why="he has enough")
    assert stores.sell(store, 101).quantity.major == 101


@pytest.mark.covers("ACOPAM-01")
def test_a_loss_is_booked_only_when_a_second_person_confirms_the_count(stores: Stores, store: Ref) -> None:
    (lot,) = finance.store(MANAGER, store).lots
    ref = finance.write_count(MANAGER, store_ref=store, counted={lot.ref: 1_930_000}, on=LEAN, key="c")
    assert stores.kilograms(store) == 2_000

    with pytest.raises(finance.SamePerson):
        finance.confirm_count(MANAGER, count_ref=ref, on=LEAN)
    assert stores.kilograms(store) == 2_000

    for _press in range(2):
        view = finance.confirm_count(NATIONAL, count_ref=ref, on=LEAN)
    assert (view.variance.percent(), view.is_for_control) == (Decimal("3.50"), True)
    assert stores.kilograms(store) == 1_930
    assert held(VILLAGE)[f"lost:{store}"] == 7_350  # 70 kg at 105
    assert ledger.verify() == []


def test_a_count_above_the_book_or_of_some_lots_only_is_refused(stores: Stores, store: Ref) -> None:
    (lot,) = finance.store(MANAGER, store).lots
    with pytest.raises(finance.CountAboveBook):
        finance.write_count(NATIONAL, store_ref=store, counted={lot.ref: 2_000_001}, on=LEAN, key="c")
    stores.buy(store, 100, on=date(2003, 12, 1))
    with pytest.raises(BadInput):
        finance.write_count(NATIONAL, store_ref=store, counted={lot.ref: 2_000_000}, on=LEAN, key="c")
    assert finance.stock_counts(MANAGER, store_ref=store) == []


def test_a_count_is_not_confirmed_after_something_moved(stores: Stores, store: Ref) -> None:
    (lot,) = finance.store(MANAGER, store).lots
    ref = finance.write_count(NATIONAL, store_ref=store, counted={lot.ref: 2_000_000}, on=LEAN, key="c")
    stores.sell(store, 10)
    with pytest.raises(finance.CannotNow):
        finance.confirm_count(MANAGER, count_ref=ref, on=LEAN)
    finance.drop_count(NATIONAL, count_ref=ref, why="counted again")
    assert stores.count(store, LEAN).state == "confirmed"


@pytest.mark.covers("ACOPAM-01")
def test_a_season_closes_with_turnover_loss_and_a_result_that_is_shared_to_the_last_franc(
    stores: Stores, store: Ref
) -> None:
    stores.sell(store, 1_500, price=140)
    loan = stores.lend(store, 200)
    stores.give_back(loan, 260, HARVEST)
    stores.count(store, HARVEST, missing=20)

    proposed = finance.propose_season_close(NATIONAL, store_ref=store, on=HARVEST)
    with pytest.raises(finance.CannotNow):
        stores.sell(store, 1, on=HARVEST)
    with pytest.raises(finance.SamePerson):
        finance.close_season(NATIONAL, season_ref=proposed.ref)
    view = finance.close_season(MANAGER, season_ref=proposed.ref)

    assert (view.opening.major, view.closing.major) == (Decimal(0), Decimal(540))
    assert {kind.value: one.major for kind, one in view.came_in.items()} == {"bought": 2_000, "repaid": 260}
    assert {kind.value: one.major for kind, one in view.went_out.items()} == {"sold": 1_500, "lent": 200, "lost": 20}
    # 1,500 kg at 140, which had cost 105; 20 kg lost at 105.
    assert (view.sales, view.cost_of_sales, view.lost) == (xof(210_000), xof(157_500), xof(2_100))
    assert view.result == xof(50_400)
    assert view.turnover.rounded() == Decimal("6.30")  # 1,700 kg over a mean of 270
    assert view.loss_rate.percent() == Decimal("0.88")  # 20 of 2,260
    assert view.repaid_share.percent() is None  # nothing fell due before the season ended
    assert {name: part.amount_minor for name, part in view.split.items()} == {
        "stock": 25_200,
        "repair": 10_080,
        "reserve": 7_560,
        "committee": 5_040,
        "social": 2_520,
    }
    book = held(VILLAGE)
    assert (book[f"sales:{store}"], book[f"cost_of_sales:{store}"], book[f"lost:{store}"]) == (0, 0, 0)
    assert book[f"result_stock:{store}"] == -25_200
    assert ledger.verify() == []
    following = finance.seasons(MANAGER, store_ref=store)[0]
    assert (following.state, following.opening.major, following.sales) == ("running", Decimal(540), xof(0))
    assert stores.sell(store, 10, on=HARVEST).quantity.major == 10


@pytest.mark.covers("ACOPAM-01")
def test_a_season_is_not_closed_before_the_store_is_counted(stores: Stores, store: Ref) -> None:
    stores.sell(store, 100)
    with pytest.raises(finance.CountMissing):
        finance.propose_season_close(NATIONAL, store_ref=store, on=LEAN)
    stores.count(store, LEAN)
    season = finance.propose_season_close(NATIONAL, store_ref=store, on=LEAN)
    finance.drop_season_close(NATIONAL, season_ref=season.ref)
    assert stores.sell(store, 1).quantity.major == 1


def test_a_season_with_a_loss_is_closed_against_what_members_own_and_nothing_is_shared(
    stores: Stores, store: Ref
) -> None:
    stores.count(store, LEAN, missing=1_000)
    season = finance.propose_season_close(NATIONAL, store_ref=store, on=LEAN)
    view = finance.close_season(MANAGER, season_ref=season.ref)
    assert view.result == xof(-105_000)
    assert sum(part.amount_minor for part in view.split.values()) == 0
    assert held(VILLAGE)[f"result_loss:{store}"] == 105_000
    assert ledger.verify() == []


def test_the_last_movement_is_taken_back_by_a_reversing_entry_and_earlier_ones_wait(stores: Stores, store: Ref) -> None:
    first = stores.sell(store, 100)
    second = stores.sell(store, 50)
    before = held(VILLAGE)

    with pytest.raises(finance.BeforeLastMovement):
        finance.undo_store_move(MANAGER, move_ref=first.ref, why="wrong", on=LEAN, key="u1")
    assert held(VILLAGE) == before

    done = finance.undo_store_move(MANAGER, move_ref=second.ref, why="he brought it back", on=LEAN, key="u2")
    assert done.state == "undone"
    assert done.undone_by is not None
    assert (stores.kilograms(store), finance.store(SYSTEM, store).stock_cost) == (Decimal(1_900), xof(199_500))
    assert ledger.verify() == []


def test_the_same_key_sells_once_and_with_other_content_is_refused(stores: Stores, store: Ref) -> None:
    for _press in range(2):
        finance.sell_from_store(
            MANAGER, store_ref=store, quantity_minor=10_000, price=xof(120), on=LEAN, key="once", receipt="S1"
        )
    assert stores.kilograms(store) == 1_990
    with pytest.raises(finance.KeyReused):
        finance.sell_from_store(
            MANAGER, store_ref=store, quantity_minor=11_000, price=xof(120), on=LEAN, key="once", receipt="S1"
        )
    with pytest.raises(finance.ReceiptUsed):
        finance.sell_from_store(
            MANAGER, store_ref=store, quantity_minor=11_000, price=xof(120), on=LEAN, key="twice", receipt="S1"
        )
    assert stores.kilograms(store) == 1_990


def test_days_come_in_order_and_never_ahead(stores: Stores, store: Ref) -> None:
    stores.sell(store, 10, on=date(2004, 7, 5))
    with pytest.raises(finance.BeforeLastMovement):
        stores.sell(store, 10, on=date(2004, 7, 4))
    with pytest.raises(finance.DayImpossible):
        stores.sell(store, 10, on=date(2005, 7, 1))
    assert stores.kilograms(store) == 1_990


def test_a_store_that_counts_in_bags_takes_whole_bags(stores: Stores) -> None:
    store = stores.store(product="cereal_bank_in_bags")
    finance.contribute_to_store(
        MANAGER, store_ref=store, on=OPENED, key="begin", quantity_minor=40, price=xof(5_000), mark="members"
    )
    view = finance.store(MANAGER, store)
    assert (view.stock.major, str(view.stock), view.stock_cost) == (Decimal(40), "40 bags", xof(200_000))


def test_who_may_not_does_not_and_who_may_not_see_finds_nothing(stores: Stores, store: Ref) -> None:
    for actor in (WORKER, DONOR, COORDINATOR):
        with pytest.raises(NotAllowed):
            finance.sell_from_store(actor, store_ref=store, quantity_minor=1_000, price=xof(120), on=LEAN, key="no")
    with pytest.raises(NotFound):
        finance.store(NEIGHBOUR, store)
    assert finance.stores(NEIGHBOUR) == []
    assert finance.store_moves_waiting(NEIGHBOUR) == []
    with pytest.raises(NotFound):
        finance.sell_from_store(NEIGHBOUR, store_ref=store, quantity_minor=1_000, price=xof(120), on=LEAN, key="no")
    assert stores.kilograms(store) == 2_000


def test_what_will_happen_is_told_and_nothing_is_saved(stores: Stores, store: Ref) -> None:
    seen = finance.preview_store_move(
        MANAGER, store_ref=store, kind="sold", quantity_minor=250_000, on=LEAN, price=xof(130)
    )
    assert (seen.amount, seen.stock_after.major, seen.cash_after) == (xof(32_500), Decimal(1_750), xof(322_500))
    lent = finance.preview_store_move(
        NATIONAL, store_ref=store, kind="lent", quantity_minor=100_000, on=LEAN, party_ref=MOUSSA
    )
    assert lent.due is not None
    assert (lent.due.major, lent.cash_after) == (Decimal(130), xof(290_000))
    assert stores.kilograms(store) == 2_000


def test_a_list_of_stores_takes_two_statements(stores: Stores, store: Ref, django_assert_num_queries: object) -> None:
    stores.store(owner=Ref("grp-0THER000"))
    with django_assert_num_queries(2):  # type: ignore[operator]
        rows = finance.stores(MANAGER)
    assert sorted(row.stock.major for row in rows) == [0, 2_000]


@pytest.mark.covers("ACOPAM-01")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["buy", "sell", "lend", "count"]), st.integers(1, 700)), max_size=8))
def test_stock_is_in_less_out_less_loss_and_value_follows_it_whatever_happens(
    stores: Stores, steps: list[tuple[str, int]]
) -> None:
    number = next(stores.numbers)
    owner = Ref(f"grp-PR0P{number:04}")
    store = stores.store(owner=owner)
    stores.cash(store, 10_000_000)
    stores.buy(store, 500, price=97)
    stores.prices(store)
    came, went = 500, 0
    for what, amount in steps:
        there = came - went
        if what == "buy":
            stores.buy(store, amount, price=103, on=LEAN)
            came += amount
        elif what == "count" and there:
            stores.count(store, LEAN, missing=1)
            went += 1
        elif what in ("sell", "lend") and amount <= there:
            {"sell": stores.sell, "lend": stores.lend}[what](store, amount)
            went += amount
        elif what == "sell":
            with pytest.raises(finance.StockShort):
                stores.sell(store, amount)
    view = finance.store(SYSTEM, store)
    assert view.stock.major == came - went >= 0
    book = held(owner)
    assert sum(amount for code, amount in book.items() if code.startswith("lot:")) == (came - went) * 1000
    assert book[f"stock:{store}"] == view.stock_cost.amount_minor
    assert ledger.verify() == []
