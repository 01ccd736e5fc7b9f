"""Two real processes sell the last bags of one store at once: one is refused, and no bag is sold twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engines.finance.seller import BAGS
from tests.engines.ledger.arena import ROOT, Arena

SELLER = Path(__file__).with_name("seller.py")


@dataclass
class Race:
    """One database with one store in it, and processes that sell out of it."""

    arena: Arena
    store: str = ""

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(SELLER), *words],
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
        self.store = self.run("prepare", str(self.arena.folder / "packages"))
        return self

    def two(self, bags: int) -> list[dict[str, Any]]:
        running = [self.start("race", self.store, str(bags)) for _ in range(2)]
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


def sell_out_at_once(race: Race) -> None:
    """Sales of 3 bags out of 100 in two lots: 33 of them, whoever comes first, and one bag stays."""
    told = race.two(3)
    assert {one["code"] for one in told} == {"finance.stock_short"}
    assert sum(one["done"] for one in told) == 33
    found = json.loads(race.run("prove", race.store))
    assert (found["bags"], found["held"], found["cash"]) == (1, 1, 33 * 3 * 6_000)
    assert found["worth"] == [5_000, 5_000]
    assert found["problems"] == []
    assert BAGS == 100


@pytest.mark.covers("ACOPAM-01")
def test_two_processes_sell_what_is_there_and_no_more_on_sqlite(tmp_path: Path) -> None:
    sell_out_at_once(Race(Arena(tmp_path)).prepare())


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=False)


@pytest.mark.covers("ACOPAM-01")
def test_two_processes_sell_what_is_there_and_no_more_on_postgresql(tmp_path: Path, cluster: Any) -> None:
    sell_out_at_once(Race(Arena(tmp_path, cluster.address)).prepare())
