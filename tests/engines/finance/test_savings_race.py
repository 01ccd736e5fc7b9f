"""Two real processes take out of one savings account at once: it never falls below zero, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines.finance.racing import Race
from tests.engines.finance.withdrawer import SAVED_MINOR
from tests.engines.ledger.arena import Arena

WITHDRAWER = "tests.engines.finance.withdrawer"


def take_all_out_at_once(race: Race) -> None:
    """Withdrawals of 30.00 out of 1,000.00: 33 of them, whoever comes first, and 10.00 stay."""
    told = race.two("race", 30_00, 30_00)
    assert {one["code"] for one in told} == {"finance.savings_short"}
    assert sum(one["done"] for one in told) == 33
    found = race.prove()
    assert (found["saved"], found["held"], found["withdrawals"]) == (10_00, 10_00, 33)
    assert found["problems"] == []


def past_the_service_at_once(race: Race) -> None:
    """The ledger's floor alone stops both processes: nothing below zero, not a cent too much."""
    told = race.two("past", 30_00, 30_00)
    assert {one["code"] for one in told} == {"ledger.below_floor"}
    assert sum(one["done"] for one in told) == 33
    found = race.prove()
    assert found["held"] == SAVED_MINOR - 33 * 30_00
    assert found["problems"] == []


@pytest.mark.covers("SAVINGS-02")
def test_two_processes_take_out_what_is_there_and_no_more_on_sqlite(tmp_path: Path) -> None:
    take_all_out_at_once(Race(Arena(tmp_path), WITHDRAWER).prepare())


@pytest.mark.covers("SAVINGS-02")
def test_the_floor_of_the_ledger_holds_between_two_processes_on_sqlite(tmp_path: Path) -> None:
    past_the_service_at_once(Race(Arena(tmp_path), WITHDRAWER).prepare())


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=False)


@pytest.mark.covers("SAVINGS-02")
def test_two_processes_take_out_what_is_there_and_no_more_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    take_all_out_at_once(Race(Arena(tmp_path, cluster.address), WITHDRAWER).prepare())


@pytest.mark.covers("SAVINGS-02")
def test_the_floor_of_the_ledger_holds_between_two_processes_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    past_the_service_at_once(Race(Arena(tmp_path, cluster.address), WITHDRAWER).prepare())
