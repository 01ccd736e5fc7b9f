"""Two real processes invest the savings of one fund at once: together no more than the liquidity reserve leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines.finance.investor import SAVED_MINOR
from tests.engines.ledger.arena import ROOT, Arena

INVESTOR = Path(__file__).with_name("investor.py")


def start(arena: Arena, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(INVESTOR), *words],
        env=arena.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-3000:]
    return out.strip().splitlines()[-1]


def two_invest_at_once(arena: Arena) -> None:
    """Investments of 300.00 out of 8,000.00: 26 of them, whoever comes first, and 200.00 stay free."""
    fund = told(start(arena, "prepare", str(arena.folder / "packages")))
    running = [start(arena, "race", fund, str(300_00)) for _ in range(2)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready", process.communicate()[1][-3000:]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    got: list[dict[str, Any]] = [json.loads(told(process)) for process in running]

    assert {one["code"] for one in got} == {"finance.savings_not_free"}
    found = json.loads(told(start(arena, "prove", fund)))
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
