"""Stores, markets and trade as readers use them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.in_kind import Markets, Stores

pytestmark = pytest.mark.django_db
TODAY = date(2004, 7, 1)


@pytest.fixture
def stores(db: None, tmp_path: Path) -> Stores:
    from jump.base import clock
    from tests.engines.finance import in_kind, makers

    makers.declare_places()
    makers.install_products(tmp_path / "packages")
    clock.pin(TODAY)
    return in_kind.Stores()


@pytest.fixture
def store(stores: Stores) -> Ref:
    made = stores.store()
    stores.cash(made)
    stores.buy(made, 2_000)
    stores.prices(made)
    return made


@pytest.fixture
def manager(stores: Stores) -> Reader:
    return reader("fund_manager", "jump/asia/PH/", "Grace")


@pytest.fixture
def second(stores: Stores) -> Reader:
    return reader("fund_manager", "jump/asia/PH/", "Pedro")


@pytest.fixture
def national(stores: Stores) -> Reader:
    return reader("national_coordinator", "jump/asia/PH/", "Jose")


@pytest.fixture
def donor(stores: Stores) -> Reader:
    return reader("donor", "jump/", "Henrik")


@pytest.fixture
def neighbour(stores: Stores) -> Reader:
    return reader("fund_manager", "jump/asia/TH/", "Noi")


def typed(**changes: Any) -> dict[str, Any]:
    return {"key": "one", "quantity": "250", "price": "130", "on": TODAY.isoformat(), "receipt": "S17", **changes}


def in_store(store: Ref) -> int:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    return int(finance.store(SYSTEM, store).stock.major)


@pytest.mark.covers("ACOPAM-01")
def test_a_sale_shows_what_will_happen_before_it_is_saved_and_is_saved_once(manager: Reader, store: Ref) -> None:
    check = manager.client.post(f"/stores/{store}/record/sold/", typed())
    said = words(check)
    assert "In the store now 2,000 kg Sold 250 kg" in said
    assert "In the store afterwards 1,750 kg Paid in XOF 32,500 In the cash box afterwards XOF 332,500" in said
    assert in_store(store) == 2_000

    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', check.content.decode()))
    assert again["receipt"] == "S17"
    for _press in range(2):
        done = manager.client.post(f"/stores/{store}/record/sold/", {**again, "save": "1"}, follow=True)
    assert in_store(store) == 1_750
    assert "Sold 250 kg XOF 32,500" in words(done)


@pytest.mark.covers("ACOPAM-01")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": "171"}, "171 XOF for one kg is outside what was agreed: from 110 XOF to 170 XOF."),
        ({"quantity": "2,001"}, "Only 2,000 kg is there; 2,001 kg is asked."),
        ({"quantity": "1.0005"}, "At most 3 decimals can be kept"),
        ({"quantity": "much"}, "This is not a quantity."),
        ({"on": "2003-01-01"}, "is not possible"),
    ],
    ids=["price", "stock", "decimals", "words", "day"],
)
def test_what_cannot_be_is_refused_beside_its_field_and_keeps_what_was_typed(
    manager: Reader, store: Ref, changes: dict[str, str], said: str
) -> None:
    answer = manager.client.post(f"/stores/{store}/record/sold/", typed(**changes))
    assert answer.status_code in (409, 422)
    assert said in words(answer)
    assert 'value="S17"' in answer.content.decode()
    assert in_store(store) == 2_000


@pytest.mark.covers("ACOPAM-01")
def test_grain_is_bought_only_with_a_second_person(manager: Reader, national: Reader, store: Ref) -> None:
    given = typed(quantity="100", price="95", extra="500", mark="July", quality="dry", receipt="", save="1")
    manager.client.post(f"/stores/{store}/record/bought/", given)
    assert in_store(store) == 2_000
    page = manager.client.get(f"/stores/{store}/")
    assert "Waits for a second person" in words(page)
    move = re.findall(r"/stores/moves/(stm-\w+)/", page.content.decode())[0]

    refused = manager.client.post(f"/stores/moves/{move}/approve/", {"key": "a", "on": TODAY.isoformat()})
    assert refused.status_code == 403
    assert in_store(store) == 2_000
    shown = words(national.client.get(f"/stores/moves/{move}/approve/"))
    assert "Bought 100 kg Paid out XOF 10,000 In the cash box afterwards XOF 290,000" in shown
    assert "Prepared by Grace" in shown
    national.client.post(f"/stores/moves/{move}/approve/", {"key": "a", "on": TODAY.isoformat()})
    assert in_store(store) == 2_100
    assert "July" in words(manager.client.get(f"/stores/moves/{move}/"))


@pytest.mark.covers("ACOPAM-01")
def test_grain_is_lent_and_given_back_on_its_pages(
    stores: Stores, manager: Reader, national: Reader, store: Ref
) -> None:
    from tests.engines.finance.in_kind import MOUSSA

    check = manager.client.post(f"/stores/{store}/record/lent/", typed(quantity="100", party=MOUSSA))
    assert "To be given back 130 kg" in words(check)
    loan = stores.lend(store, 100)
    page = manager.client.get(f"/stores/{store}/")
    assert "To be given back 130 kg" in words(page)
    assert f"/stores/loans/{loan}/give-back/" in page.content.decode()
    url = f"/stores/loans/{loan}/give-back/"
    assert "Still to be given back 30 kg" in words(manager.client.post(url, typed(quantity="100", mark="B1")))
    too_much = manager.client.post(url, typed(quantity="131", mark="B1", save="1"))
    assert "Only 130 kg is still to be given back" in words(too_much)
    manager.client.post(url, typed(quantity="130", mark="B1", save="1"))
    assert in_store(store) == 2_030


@pytest.mark.covers("ACOPAM-01")
def test_a_store_is_counted_and_its_season_closed_by_two_people(manager: Reader, national: Reader, store: Ref) -> None:
    page = manager.client.get(f"/stores/{store}/count/").content.decode()
    lot = re.findall(r'name="(lot-\w+)"', page)[0]
    assert "2,000" not in page.split("<form", 2)[-1]  # who counts is not told what the book says
    manager.client.post(f"/stores/{store}/count/", {"key": "c", "on": TODAY.isoformat(), lot: "1990"})
    listed = national.client.get(f"/stores/{store}/").content.decode()
    count = re.findall(r"/stores/counts/(stc-\w+)/confirm/", listed)[0]
    assert "1,990 kg of 2,000 kg" in words(national.client.get(f"/stores/counts/{count}/confirm/"))
    national.client.post(f"/stores/counts/{count}/confirm/", {"key": "c", "on": TODAY.isoformat()})
    assert in_store(store) == 1_990

    done = manager.client.post(f"/stores/{store}/close/", {"key": "s", "on": TODAY.isoformat()}, follow=True)
    season = done.redirect_chain[-1][0].rstrip("/").rpartition("/")[2]
    assert "Lost − 10 kg" in words(done)
    own = manager.client.post(f"/stores/seasons/{season}/close/", {"key": "s"})
    assert own.status_code == 403
    closed = national.client.post(f"/stores/seasons/{season}/close/", {"key": "s"}, follow=True)
    assert "The season is closed." in words(closed)
    assert "The season made a loss." in words(closed)


def test_prices_are_declared_a_store_opened_and_a_movement_taken_back(
    stores: Stores, manager: Reader, store: Ref
) -> None:
    given = {"key": "p", "floor": "120", "ceiling": "150", "on": TODAY.isoformat()}
    page = manager.client.post(f"/stores/{store}/prices/", given, follow=True)
    assert "XOF 120 to XOF 150 since 1 July 2004" in words(page)
    sold = stores.sell(store, 10)
    manager.client.post(f"/stores/moves/{sold.ref}/undo/", {"key": "u", "why": "wrong bag"})
    assert in_store(store) == 2_000


@pytest.mark.covers("ACOPAM-02")
def test_a_trade_is_proposed_agreed_and_arrives(stores: Stores, manager: Reader, national: Reader, store: Ref) -> None:
    from tests.engines.finance.test_exchanges import DRY, declare, offer, way

    buyer = stores.store(owner=DRY)
    stores.cash(buyer, 400_000)
    declare()
    way(store, buyer)
    offered, need = offer(store, "surplus", 2_000, 120), offer(buyer, "need", 1_500, 135)
    assert "1,500 kg XOF 120 XOF 132 Agree" in words(national.client.get("/stores/exchanges/"))
    url = f"/stores/exchanges/{offered}/{need}/agree/"
    outside = national.client.post(url, typed(quantity="1500", price="151"))
    assert outside.status_code == 422
    assert "is outside what was agreed" in words(outside)
    agreed = national.client.post(url, typed(quantity="1500", price="120"), follow=True)
    exchange = agreed.redirect_chain[-1][0].rstrip("/").rpartition("/")[2]
    given = {"key": "a", "waybill": "W17", "arrived": "1490", "on": TODAY.isoformat()}
    done = manager.client.post(f"/stores/exchanges/{exchange}/arrive/", given, follow=True)
    assert "Sent 1,500 kg Arrived 1,490 kg" in words(done)
    assert "The buyer pays XOF 198,000 Waybill W17" in words(done)
    assert (in_store(store), in_store(buyer)) == (500, 1_490)


@pytest.fixture
def markets(stores: Stores) -> Markets:
    from tests.engines.finance.in_kind import Markets

    return Markets()


@pytest.mark.covers("ACOPAM-03")
def test_a_market_day_from_the_scale_to_the_receipt(
    markets: Markets, manager: Reader, second: Reader, national: Reader
) -> None:
    from tests.engines.finance.in_kind import MOUSSA

    market = markets.market(on=TODAY, checked=False)
    markets.numbers = iter(range(900, 999))  # type: ignore[assignment]
    assert "The scale was not checked today." in words(national.client.get(f"/markets/{market}/"))
    day = TODAY.isoformat()
    scale = {"key": "s", "moment": "start", "known": "20", "shown": "20.2", "on": day}
    bad = national.client.post(f"/markets/{market}/scale/", scale, follow=True)
    assert "Nothing can be weighed on it." in words(bad)
    national.client.post(f"/markets/{market}/scale/", {**scale, "key": "s2", "shown": "20.05"})
    ticket = {
        "key": "t",
        "serial": "0001",
        "grower": MOUSSA,
        "grade": "first",
        "gross": "82.5",
        "gross_second": "82.5",
        "tare": "2.5",
        "on": day,
    }
    check = national.client.post(f"/markets/{market}/weigh/", ticket)
    assert "Net weight 80 kg Value XOF 16,800 Dues XOF 80 The grower gets XOF 16,720" in words(check)
    disagree = national.client.post(f"/markets/{market}/weigh/", {**ticket, "gross_second": "82"})
    assert "the two readers did not read the same weight" in words(disagree)
    written = national.client.post(f"/markets/{market}/weigh/", {**ticket, "save": "1"}, follow=True)
    ref = written.redirect_chain[-1][0].rstrip("/").rpartition("/")[2]
    manager.client.post(f"/tickets/{ref}/accept/", {"key": "a"})
    manager.client.post(f"/markets/{market}/cash/", {"key": "c", "amount": "50000", "on": day})
    for _press in range(2):
        paid = second.client.post(f"/tickets/{ref}/pay/", {"key": "p", "receipt": "P9", "on": day}, follow=True)
    text = words(paid)
    assert "The grower gets XOF 16,720 Paid against receipt P9." in text
    assert "Accepted by Grace" in text
    page = words(manager.client.get(f"/markets/{market}/"))
    assert "In the cash box XOF 33,280" in page
    loaded = national.client.post(
        f"/markets/{market}/load/", {"key": "l", "waybill": "T1", "tickets": [ref], "on": day}, follow=True
    )
    assert "T1 · 80 kg" in words(loaded)
    closed = national.client.post(f"/markets/{market}/close/", {"key": "z", "on": day}, follow=True)
    assert "Closed. The commission is XOF 240." in words(closed)


def test_an_empty_area_says_what_to_do_and_a_donor_sees_no_button(
    stores: Stores, manager: Reader, donor: Reader
) -> None:
    assert "Open one for a group that keeps grain." in words(manager.client.get("/stores/"))
    assert "No store offers or asks for grain" in words(manager.client.get("/stores/exchanges/"))
    assert "Open a store" not in words(donor.client.get("/stores/"))


def test_a_store_of_another_country_is_not_there(neighbour: Reader, store: Ref) -> None:
    for url in (f"/stores/{store}/", f"/stores/{store}/record/sold/", f"/stores/{store}/count/"):
        assert neighbour.client.get(url).status_code == 404


def test_the_pages_ask_few_questions_however_much_moved(
    stores: Stores, markets: Markets, manager: Reader, store: Ref, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        stores.sell(store, 10 + number)
    for number in range(3):
        stores.lend(store, 20 + number)
    market = markets.market(on=TODAY)
    for url in ("/stores/", f"/stores/{store}/", "/stores/exchanges/", f"/markets/{market}/"):
        with django_assert_max_num_queries(QUERIES_MAX):
            assert manager.client.get(url).status_code == 200
