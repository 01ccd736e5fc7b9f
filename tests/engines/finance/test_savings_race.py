"""Two real processes take out of one savings account at once: it never falls below zero, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engines.finance.withdrawer import SAVED_MINOR
from tests.engines.ledger.arena import ROOT, Arena

WITHDRAWER = Path(__file__).with_name("withdrawer.py")


@dataclass
class Race:
    """One database with one savings account in it, and processes that take out of it."""

    arena: Arena
    account: str = ""
    script: Path = WITHDRAWER

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(self.script), *words],
            env=self.arena.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> str:
        out, err = (process := self.start(*words)).communicate(timeout=240)
        assert process.returncode == 0, err[-3000:]
        return out.strip().splitlines()[-1]

    def prepare(self) -> Race:
        self.account = self.run("prepare", str(self.arena.folder / "packages"))
        return self

    def two(self, how: str, *words: int) -> list[dict[str, Any]]:
        running = [self.start(how, self.account, str(word)) for word in words]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready", process.communicate()[1][-3000:]
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = []
        for process in running:
            out, err = process.communicate(timeout=240)
            assert process.returncode == 0, err[-3000:]
            told.append(json.loads(out.strip().splitlines()[-1]))
        return told

    def prove(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("prove", self.account))
        return found


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
    take_all_out_at_once(Race(Arena(tmp_path)).prepare())


@pytest.mark.covers("SAVINGS-02")
def test_the_floor_of_the_ledger_holds_between_two_processes_on_sqlite(tmp_path: Path) -> None:
    past_the_service_at_once(Race(Arena(tmp_path)).prepare())


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=False)


@pytest.mark.covers("SAVINGS-02")
def test_two_processes_take_out_what_is_there_and_no_more_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    take_all_out_at_once(Race(Arena(tmp_path, cluster.address)).prepare())


@pytest.mark.covers("SAVINGS-02")
def test_the_floor_of_the_ledger_holds_between_two_processes_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    past_the_service_at_once(Race(Arena(tmp_path, cluster.address)).prepare())
