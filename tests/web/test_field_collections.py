"""A meeting's collection from a phone: provisional until somebody else counted the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jump.base import clock
from jump.base.refusals import NotAllowed
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from tests.engines.finance.makers import RIVERSIDE, SYSTEM, php
from tests.web.area_fixtures import Reader, reader

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker
    from tests.engines.finance.savers import Savers

pytestmark = pytest.mark.django_db


@pytest.fixture
def weavers(money: FundMaker) -> Ref:
    return parties.register_group(
        SYSTEM, scope=RIVERSIDE, name="Weavers", kind="self_help_group", on=clock.today(), key="weavers"
    )


@pytest.fixture
def account(weavers: Ref, savers: Savers) -> Ref:
    return savers.account("compulsory_savings", owner=weavers, per_meeting_minor=50_00)


@pytest.fixture
def worker(money: FundMaker) -> Reader:
    return reader("extension_worker", RIVERSIDE, "Liza")


def sent(reader: Reader, account: Ref, **changes: Any) -> Any:
    told = {
        "key": "uuid:one",
        "group": str(finance.savings_account(SYSTEM, account).owner_ref),
        "on": clock.today().isoformat(),
        "currency": "PHP",
        "amounts": {account: 250_00},
        **changes,
    }
    return reader.client.post("/field/collection/", told, content_type="application/json")


@pytest.mark.covers("EXTWORK-03", "RLF-06")
def test_what_a_worker_collected_is_written_down_once_and_moves_no_money(
    worker: Reader, account: Ref, weavers: Ref
) -> None:
    made = [sent(worker, account) for _time in range(3)]
    assert [one.status_code for one in made] == [201, 201, 201]
    (written,) = finance.collections(SYSTEM, group_ref=weavers)
    assert {one.json()["ref"] for one in made} == {written.ref}
    assert (written.state, written.total.amount_minor) == (finance.CollectionState.PROVISIONAL, 250_00)
    assert finance.savings_account(SYSTEM, account).balance.amount_minor == 0


@pytest.mark.covers("RLF-06")
def test_a_worker_who_writes_down_cannot_count_and_the_office_can(
    worker: Reader, manager: Reader, account: Ref
) -> None:
    ref = sent(worker, account).json()["ref"]
    with pytest.raises(NotAllowed):
        finance.count_collection(worker.actor, collection_ref=ref, counted=php(250_00))
    finance.count_collection(manager.actor, collection_ref=ref, counted=php(250_00))
    assert finance.savings_account(SYSTEM, account).balance.amount_minor == 250_00


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amounts": {"sav-00000000": 100}}, 404, "base.not_found"),
        ({"amounts": {}}, 422, "finance.amount_not_positive"),
        ({"on": "2999-01-01"}, 422, "finance.day_impossible"),
        ({"on": "yesterday"}, 400, "field.collection_unreadable"),
        ({"currency": "XXX"}, 400, "field.collection_unreadable"),
        ({"amounts": {"sav-00000000": 1.5}}, 400, "field.collection_unreadable"),
        ({"amounts": {"sav-00000000": -100}}, 400, "field.collection_unreadable"),
        ({"amounts": {"sav-00000000": True}}, 400, "field.collection_unreadable"),
        ({"amounts": [1, 2]}, 400, "field.collection_unreadable"),
        ({"group": "grp-00000000"}, 404, "base.not_found"),
    ],
)
def test_a_collection_that_cannot_be_is_refused_by_name_and_nothing_is_written(
    worker: Reader, account: Ref, weavers: Ref, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = sent(worker, account, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert finance.collections(SYSTEM, group_ref=weavers) == []


def test_other_amounts_under_the_same_number_are_refused(worker: Reader, account: Ref, weavers: Ref) -> None:
    sent(worker, account)
    answer = sent(worker, account, amounts={account: 300_00})
    assert answer.status_code == 409
    (written,) = finance.collections(SYSTEM, group_ref=weavers)
    assert written.total.amount_minor == 250_00


def test_the_sheet_of_a_group_comes_with_the_packet(worker: Reader, account: Ref, weavers: Ref) -> None:
    taken = worker.client.get("/field/packet/").json()
    (sheet,) = [one for one in taken["sheets"] if one["group"] == weavers]
    assert (sheet["currency"], sheet["decimals"]) == ("PHP", 2)
    assert [(row["target"], row["due"], row["most"]) for row in sheet["rows"]] == [(account, 50_00, None)]


def test_what_is_not_even_json_is_refused(worker: Reader) -> None:
    answer = worker.client.post("/field/collection/", b"{", content_type="application/json")
    assert answer.status_code == 400
