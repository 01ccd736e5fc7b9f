"""Real processes on one database: started, raced against each other, and asked what came of it.

A test has a `Race` with the module that its processes run; that module ends in `command(prepare=…, race=…, prove=…)`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from tests.engines.ledger.arena import ROOT, Arena


@dataclass
class Race:
    """One database with what `prepare` made in it, and processes of one module that work on it."""

    arena: Arena
    module: str
    about: str = ""  # what `prepare` printed: the reference that the others are told

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", self.module, *words],
            env=self.arena.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> str:
        return _told(self.start(*words))

    def prepare(self) -> Self:
        self.about = self.run("prepare", str(self.arena.folder / "packages"))
        return self

    def two(self, how: str, *words: int) -> list[dict[str, Any]]:
        """Start one process for each word, let all go at once, and hear what each did."""
        running = [self.start(how, self.about, str(word)) for word in words]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready", process.communicate()[1][-3000:]
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(_told(process)) for process in running]

    def prove(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("prove", self.about))
        return found


def _told(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-3000:]
    return out.strip().splitlines()[-1]


# In the processes ---------------------------------------------------------------------------------------------


def command(**commands: Callable[..., None]) -> None:
    """Run the command that was named, with the words behind it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jump.settings")
    import django

    django.setup()
    name, *words = sys.argv[1:]
    commands[name](*words)


def wait_for_the_start() -> None:
    """Say that one is ready, and wait until all are."""
    from django.db import connection

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()


def until_refused(act: Callable[[str], object]) -> None:
    """Do it again and again, each with a key of its own, until it is refused; print how often and with which code."""
    from jump.base.refusals import Refusal

    wait_for_the_start()
    done, code = 0, ""
    while not code:
        try:
            act(f"{os.getpid()}-{done}")
            done += 1
        except Refusal as refusal:
            code = refusal.code
    print(json.dumps({"done": done, "code": code}))
