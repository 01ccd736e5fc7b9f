"""Two real processes invest the savings of one fund at once: together no more than the liquidity reserve leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines.finance.investor import SAVED_MINOR
from tests.engines.finance.racing import Race
from tests.engines.ledger.arena import Arena

INVESTOR = "tests.engines.finance.investor"


def two_invest_at_once(arena: Arena) -> None:
    """Investments of 300.00 out of 8,000.00: 26 of them, whoever comes first, and 200.00 stay free."""
    race = Race(arena, INVESTOR).prepare()
    got = race.two("race", 300_00, 300_00)

    assert {one["code"] for one in got} == {"finance.savings_not_free"}
    found = race.prove()
    assert sum(one["done"] for one in got) == 26
    assert found["invested"] == 26 * 300_00 <= SAVED_MINOR * 8 // 10
    assert found["promised"] == 0
    assert found["problems"] == []


@pytest.mark.covers("INCUBATE-10")
def test_two_processes_invest_no_more_than_savings_leave_on_sqlite(tmp_path: Path) -> None:
    two_invest_at_once(Arena(tmp_path))


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=False)


@pytest.mark.covers("INCUBATE-10")
def test_two_processes_invest_no_more_than_savings_leave_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    two_invest_at_once(Arena(tmp_path, cluster.address))
