"""Two real processes sell the last bags of one store at once: one is refused, and no bag is sold twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines.finance.racing import Race
from tests.engines.finance.seller import BAGS
from tests.engines.ledger.arena import Arena

SELLER = "tests.engines.finance.seller"


def sell_out_at_once(race: Race) -> None:
    """Sales of 3 bags out of 100 in two lots: 33 of them, whoever comes first, and one bag stays."""
    told = race.two("race", 3, 3)
    assert {one["code"] for one in told} == {"finance.stock_short"}
    assert sum(one["done"] for one in told) == 33
    found = race.prove()
    assert (found["bags"], found["held"], found["cash"]) == (1, 1, 33 * 3 * 6_000)
    assert found["worth"] == [5_000, 5_000]
    assert found["problems"] == []
    assert BAGS == 100


@pytest.mark.covers("ACOPAM-01")
def test_two_processes_sell_what_is_there_and_no_more_on_sqlite(tmp_path: Path) -> None:
    sell_out_at_once(Race(Arena(tmp_path), SELLER).prepare())


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=False)


@pytest.mark.covers("ACOPAM-01")
def test_two_processes_sell_what_is_there_and_no_more_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    sell_out_at_once(Race(Arena(tmp_path, cluster.address), SELLER).prepare())
