"""A database of its own for tests that kill or race real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
POSTER = Path(__file__).with_name("poster.py")


@dataclass
class Arena:
    """One data folder and one database, with a book in it."""

    folder: Path
    address: str = ""
    book: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "JUMP_DATA": str(self.folder),
            "JUMP_DATABASE": self.address,
            "DJANGO_SETTINGS_MODULE": "jump.settings",
        }

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, str(POSTER), *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip().splitlines()[-1]

    def prepare(self) -> Arena:
        self.book = self.run("prepare")
        return self

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(POSTER), *words],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def prove(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run("prove", self.book))
        return told

    def race(self, *, processes: int, writers: int, seconds: float, shared: bool = True) -> dict[str, Any]:
        """Let writers post at once, all to one account or each to its own, and add up what each of them managed."""
        with self.racers(processes=processes, writers=writers, seconds=seconds, shared=shared) as go:
            return go()

    @contextmanager
    def racers(
        self, *, processes: int, writers: int, seconds: float, shared: bool
    ) -> Iterator[Callable[[], dict[str, Any]]]:
        """Processes that stand ready: each call lets their writers post for some seconds and adds up what they did."""
        how = "shared" if shared else "own"
        running = [
            self.start("race", self.book, str(writers), str(seconds), str(number * writers), how)
            for number in range(processes)
        ]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready", process.communicate()[1][-3000:]
        try:
            yield lambda: _one_race(running)
        finally:
            for process in running:
                _out, err = process.communicate(timeout=240)
                assert process.returncode == 0, err[-3000:]

    def post_until_killed(self, *, after: int, total: int = 1_000, prefix: str = "k") -> list[str]:
        """Start posting, kill the process in the middle, and return the keys that were confirmed before."""
        process = self.start("post", self.book, str(total), prefix)
        assert process.stdout is not None
        confirmed = [process.stdout.readline().strip() for _ in range(after)]
        process.kill()
        rest, _ = process.communicate(timeout=60)
        confirmed += [line for line in rest.splitlines() if line.startswith(prefix)]
        assert after <= len(confirmed) < total, "the process was not killed in the middle"
        return confirmed


def _one_race(running: list[subprocess.Popen[str]]) -> dict[str, Any]:
    told: dict[str, Any] = {"counts": [], "errors": [], "longest_s": 0.0, "worked_s": 0.0}
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1][-3000:]
        one = json.loads(line)
        told["counts"] += one["counts"]
        told["errors"] += one["errors"]
        told["longest_s"] = max(told["longest_s"], one["longest_s"])
        told["worked_s"] += one["worked_s"]
    return told
