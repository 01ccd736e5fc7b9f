"""Two real processes approve the claims of one family at once: no more is promised than the limit of the year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines.finance.racing import Race
from tests.engines.ledger.arena import Arena

APPROVER = "tests.engines.finance.approver"


def approve_all_at_once(race: Race) -> None:
    """30 claims of which each gives 8,000 by the rules: the benefit's year ends at 60,000, whoever approves."""
    told = race.two("race", 32, 33)
    found = race.prove()
    assert (found["promised"], found["payable"], found["problems"]) == (60_000, 60_000, [])
    assert found["valued"] == 8  # seven whole and one cut to what is left
    for one in told:
        assert set(one["codes"]) <= {"finance.claim_stopped", "finance.same_person", "finance.claim_state"}


@pytest.mark.covers("MICROINS-04")
def test_two_processes_promise_no_more_than_the_limit_on_sqlite(tmp_path: Path) -> None:
    approve_all_at_once(Race(Arena(tmp_path), APPROVER).prepare())


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=False)


@pytest.mark.covers("MICROINS-04")
def test_two_processes_promise_no_more_than_the_limit_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    approve_all_at_once(Race(Arena(tmp_path, cluster.address), APPROVER).prepare())
