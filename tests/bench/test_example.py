"""The whole example: what it holds, and how long an evaluator waits for it."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from tests.cli.test_example import loaded

SECONDS_MAX = float(os.environ.get("JUMP_BENCH_EXAMPLE_SECONDS", "60"))  # on two idle cores


def test_the_whole_example_is_loaded_in_under_a_minute(tmp_path: Path) -> None:
    began = time.perf_counter()
    example = loaded(tmp_path / "whole", countries=())
    seconds = time.perf_counter() - began
    print(f"the example was loaded in {seconds:.0f} s: {example['said'][-1]}")
    assert example["failures"] == example["ledger"] == 0
    outcomes = Counter(outcome for _ref, _title, outcome, _steps in example["cases"])
    assert outcomes == {"": 26, "done": 1, "reserve": 2, "not_selected": 2}
    assert 1_800 <= len(example["people"]) <= 2_200
    assert len({employer for _ref, _state, employer, _on in example["jobs"]}) == 40
    assert 580 <= len(example["jobs"]) <= 640
    assert 55 <= len(example["contracts"]) <= 65
    assert 3 <= sum(1 for _ref, days in example["contracts"] if days > 0) <= 20
    assert 0 < example["tasks"] < 60
    assert 400 <= float(example["headline"]) <= len(example["jobs"])
    assert seconds < SECONDS_MAX
