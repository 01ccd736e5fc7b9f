"""A market that growers run themselves: weight and money in one entry, and nobody is paid twice for a ticket."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from jump.base import clock
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.in_kind import FATIMA, MOUSSA, OPENED, VILLAGE, Markets, held, xof
from tests.engines.finance.makers import (
    COORDINATOR,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SECOND_MANAGER,
    SYSTEM,
    WORKER,
)


@pytest.fixture
def markets(products: None) -> Markets:
    clock.pin(date(2005, 6, 30))
    return Markets()


@pytest.fixture
def market(markets: Markets) -> Ref:
    return markets.market()


@pytest.mark.covers("ACOPAM-03")
def test_one_accepted_weighing_posts_kilograms_and_money_together(markets: Markets, market: Ref) -> None:
    finance.lend_inputs(
        NATIONAL, market_ref=market, grower_ref=MOUSSA, amount=xof(100_000), on=OPENED, key="fertiliser"
    )
    ticket = markets.weigh(market)
    assert finance.market(MANAGER, market).weighed.major == 0

    for _press in range(2):
        done = finance.accept_weighing(MANAGER, ticket_ref=ticket.ref)

    # 740 kg x (200 + 10); input credit up to 60 % of the value; dues of 1 a kilogram; the rest to the grower.
    assert (done.net.major, done.value, done.premium) == (Decimal(740), xof(155_400), xof(7_400))
    assert (done.credit, done.dues, done.payable) == (xof(93_240), xof(740), xof(61_420))
    assert done.credit + done.dues + done.payable == done.value
    assert done.entry_ref is not None
    lines = {line.account_code.split(":")[0]: line for line in ledger.entry(done.entry_ref).lines}
    assert {line.unit for line in lines.values()} == {"kilogram", "XOF"}
    assert lines["yard"].amount_minor == 740_000
    assert lines["company"].amount_minor == 155_400
    book = held(VILLAGE)
    assert (book[f"growers:{market}"], book[f"credit:{market}:{MOUSSA}"]) == (-61_420, 6_760)
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("ACOPAM-03")
def test_nobody_is_paid_twice_for_a_ticket(markets: Markets, market: Ref) -> None:
    markets.cash(market, 1_000_000)
    ticket = markets.accepted(market)
    assert finance.market(MANAGER, market).owed_to_growers == xof(154_660)

    with pytest.raises(finance.SamePerson):
        finance.pay_ticket(MANAGER, ticket_ref=ticket.ref, on=OPENED, receipt="P1")
    for _press in range(2):
        paid = finance.pay_ticket(SECOND_MANAGER, ticket_ref=ticket.ref, on=OPENED, receipt="P1")

    assert (paid.state, paid.receipt, paid.payable) == ("paid", "P1", xof(154_660))
    book = held(VILLAGE)
    assert (book["cash"], book[f"growers:{market}"]) == (1_000_000 - 154_660, 0)
    with pytest.raises(finance.TicketUsed):
        markets.weigh(market, serial=ticket.serial, grower=FATIMA)
    assert len(finance.tickets(MANAGER, market_ref=market)) == 1


@pytest.mark.covers("ACOPAM-03")
def test_growers_are_paid_only_what_the_cash_box_holds(markets: Markets, market: Ref) -> None:
    markets.cash(market, 100_000)
    ticket = markets.accepted(market)
    with pytest.raises(ledger.BelowFloor):
        markets.pay(ticket.ref)
    assert finance.ticket(MANAGER, ticket.ref).state == "accepted"
    assert held(VILLAGE)["cash"] == 100_000


@pytest.mark.covers("ACOPAM-03")
def test_nothing_is_weighed_before_a_good_check_of_the_scale_that_day(markets: Markets) -> None:
    market = markets.market(checked=False)
    with pytest.raises(finance.ScaleUnchecked):
        markets.weigh(market)
    assert markets.check(market, shown=20_101).is_good is False
    with pytest.raises(finance.ScaleUnchecked):
        markets.weigh(market)
    assert finance.tickets(MANAGER, market_ref=market) == []
    assert markets.check(market, shown=20_100).is_good is True
    assert markets.weigh(market).net.major == 740


@pytest.mark.covers("ACOPAM-03")
def test_readers_who_disagree_an_empty_sheet_and_an_unknown_grade_are_refused(markets: Markets, market: Ref) -> None:
    with pytest.raises(finance.WeighingWrong) as refusal:
        markets.weigh(market, second=751)
    assert "the two readers did not read the same weight" in refusal.value.sentence()
    with pytest.raises(finance.WeighingWrong):
        markets.weigh(market, 10, 12)
    with pytest.raises(finance.WeighingWrong):
        markets.weigh(market, 12, 12)
    with pytest.raises(finance.GradeUnknown):
        markets.weigh(market, grade="third")
    assert finance.tickets(MANAGER, market_ref=market) == []


def test_who_weighed_does_not_accept_and_the_database_says_so_too(markets: Markets, market: Ref) -> None:
    from jump.engines.finance.models import WeighingTicket

    ticket = markets.weigh(market)
    own = finance.weigh(
        MANAGER,
        market_ref=market,
        serial="own",
        grower_ref=MOUSSA,
        grade="second",
        gross_minor=80_000,
        tare_minor=2_000,
        on=OPENED,
        key="own",
    )
    with pytest.raises(finance.SamePerson):
        finance.accept_weighing(MANAGER, ticket_ref=own.ref)
    finance.accept_weighing(MANAGER, ticket_ref=ticket.ref)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeighingTicket.objects.filter(ref=ticket.ref).update(accepted_by=NATIONAL.key)


@pytest.mark.covers("ACOPAM-03")
def test_a_truck_carries_the_sum_of_its_tickets_and_a_difference_at_the_factory_asks_for_an_inquiry(
    markets: Markets, market: Ref
) -> None:
    first, second = markets.accepted(market), markets.accepted(market, grower=FATIMA)
    waiting = markets.weigh(market)
    with pytest.raises(BadInput):
        finance.load_truck(
            NATIONAL, market_ref=market, waybill="T1", ticket_refs=[first.ref, waiting.ref], on=OPENED, key="t"
        )

    load = finance.load_truck(
        NATIONAL, market_ref=market, waybill="T1", ticket_refs=[first.ref, second.ref], on=OPENED, key="t"
    )

    assert (load.village.major, load.tickets) == (Decimal(1_480), 2)
    assert finance.market(MANAGER, market).in_yard.major == 0
    assert held(VILLAGE)[f"yard:{market}"] == 0
    with pytest.raises(BadInput):
        finance.load_truck(NATIONAL, market_ref=market, waybill="T2", ticket_refs=[first.ref], on=OPENED, key="t2")
    seen = finance.weigh_load(NATIONAL, load_ref=load.ref, factory_minor=1_450_000, on=OPENED)
    assert seen.needs_inquiry is True
    assert seen.index is not None
    assert seen.index.percent() == Decimal("97.97")
    (zone,) = finance.collected_in_zone(MANAGER, scope=RIVERSIDE)
    assert (zone.markets, zone.growers, zone.weighed.major, zone.loaded.major) == (1, 2, 1_480, 1_480)
    assert ledger.verify() == []


@pytest.mark.covers("ACOPAM-03")
def test_a_closed_market_earns_its_commission_for_each_tonne(markets: Markets, market: Ref) -> None:
    markets.cash(market, 1_000_000)
    ticket = markets.accepted(market)
    with pytest.raises(finance.CannotNow):
        finance.close_market(NATIONAL, market_ref=market, on=OPENED)
    markets.pay(ticket.ref)

    for _press in range(2):
        view = finance.close_market(NATIONAL, market_ref=market, on=OPENED)

    assert (view.commission, view.closed_on) == (xof(2_220), OPENED)  # 0.740 tonnes at 3,000
    assert held(VILLAGE)[f"commission:{market}"] == -2_220
    assert view.owed_by_company == xof(155_400 + 2_220 - 1_000_000)
    with pytest.raises(finance.CannotNow):
        markets.weigh(market)


def test_a_ticket_that_was_given_up_is_weighed_again_under_its_number(markets: Markets, market: Ref) -> None:
    ticket = markets.weigh(market, serial="0007")
    finance.drop_weighing(NATIONAL, ticket_ref=ticket.ref, why="the sheet tore")
    assert markets.weigh(market, serial="0007").state == "weighed"
    with pytest.raises(finance.NotPrepared):
        finance.accept_weighing(MANAGER, ticket_ref=ticket.ref)


def test_what_a_grower_will_get_is_told_before_anything_is_saved(markets: Markets, market: Ref) -> None:
    seen = finance.preview_ticket(
        NATIONAL, market_ref=market, grower_ref=MOUSSA, grade="second", gross_minor=80_500, tare_minor=2_000
    )
    assert (seen.net.major, seen.value, seen.dues) == (Decimal("78.5"), xof(13_345), xof(78))
    assert seen.payable == xof(13_267)
    assert finance.tickets(MANAGER, market_ref=market) == []


def test_prices_of_the_season_go_before_those_of_the_package(markets: Markets) -> None:
    ref = finance.open_market(
        NATIONAL,
        product="acopam.self_managed_cotton_market",
        title="Market",
        owner_ref=VILLAGE,
        company_ref=Ref("org-C0MPANY0"),
        scope=RIVERSIDE,
        currency="XOF",
        on=OPENED,
        key="season",
        prices_minor={"first": 230},
    )
    assert [grade.price for grade in finance.market(MANAGER, ref).grades] == [xof(230), xof(170)]


def test_who_may_not_does_not_and_who_may_not_see_finds_nothing(markets: Markets, market: Ref) -> None:
    ticket = markets.accepted(market)
    for actor in (WORKER, COORDINATOR, NATIONAL):
        with pytest.raises(NotAllowed):
            finance.pay_ticket(actor, ticket_ref=ticket.ref, on=OPENED, receipt="P1")
    with pytest.raises(NotFound):
        finance.market(NEIGHBOUR, market)
    assert finance.markets(NEIGHBOUR) == []
    assert finance.collected_in_zone(NEIGHBOUR, scope="jump/") == []
    assert finance.ticket(SYSTEM, ticket.ref).state == "accepted"
