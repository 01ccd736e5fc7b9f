"""Many writers at once, and a process or a server that dies in the middle."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engines.ledger.arena import Arena
from tests.engines.ledger.poster import WRITERS


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Arena:
    return Arena(tmp_path).prepare()


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=True)


@pytest.fixture
def on_postgres_server(cluster: Any, tmp_path: Path) -> Arena:
    return Arena(tmp_path, cluster.address).prepare()


def assert_fair_and_whole(arena: Arena, told: dict[str, Any]) -> None:
    assert told["errors"] == []
    assert len(told["counts"]) == WRITERS
    assert min(told["counts"]) * 2 >= max(told["counts"]), told["counts"]
    proof = arena.prove()
    assert proof["problems"] == []
    assert proof["entries"] == sum(told["counts"])
    assert sum(proof["balances"].values()) == 0
    assert proof["balances"]["cash"] == 100 * sum(told["counts"])


@pytest.mark.covers("RLF-06")
def test_eight_threads_post_on_sqlite_without_error_and_in_turn(on_sqlite: Arena) -> None:
    assert_fair_and_whole(on_sqlite, on_sqlite.race(processes=1, writers=WRITERS, seconds=2))


@pytest.mark.covers("RLF-06")
def test_eight_threads_post_on_postgresql_without_error_and_in_turn(on_postgres_server: Arena) -> None:
    assert_fair_and_whole(on_postgres_server, on_postgres_server.race(processes=1, writers=WRITERS, seconds=2))


def test_two_processes_on_sqlite_may_wait_but_never_fail_and_lose_nothing(on_sqlite: Arena) -> None:
    """One serving process is the rule there; a second one (a command) is slow and right."""
    told = on_sqlite.race(processes=2, writers=2, seconds=1)
    assert told["errors"] == []
    assert on_sqlite.prove()["entries"] == sum(told["counts"])
    assert on_sqlite.prove()["problems"] == []


def test_a_poster_killed_on_sqlite_leaves_whole_entries_and_loses_no_confirmed_one(on_sqlite: Arena) -> None:
    confirmed = on_sqlite.post_until_killed(after=200)
    assert_nothing_lost(on_sqlite, confirmed)


def test_a_poster_killed_on_postgresql_leaves_whole_entries_and_loses_no_confirmed_one(
    on_postgres_server: Arena,
) -> None:
    confirmed = on_postgres_server.post_until_killed(after=200)
    assert_nothing_lost(on_postgres_server, confirmed)


def test_a_postgresql_server_killed_while_posting_keeps_every_confirmed_entry(
    on_postgres_server: Arena, cluster: Any
) -> None:
    process = on_postgres_server.start("post", on_postgres_server.book, "1000", "s")
    assert process.stdout is not None
    confirmed = [process.stdout.readline().strip() for _ in range(200)]
    cluster.kill()
    rest, _ = process.communicate(timeout=60)
    confirmed += [line for line in rest.splitlines() if line.startswith("s-")]
    assert process.returncode != 0
    assert len(confirmed) < 1_000
    restart(cluster)
    assert_nothing_lost(on_postgres_server, confirmed)


def restart(cluster: Any) -> None:
    for attempt in range(20):
        try:
            cluster.start()
        except RuntimeError:
            if attempt == 19:
                raise
            time.sleep(0.3)
        else:
            return


def assert_nothing_lost(arena: Arena, confirmed: list[str]) -> None:
    """The proof is clean, nothing is half-done, and posting goes on where it stopped: the same keys post once."""
    proof = arena.prove()
    assert proof["problems"] == []
    assert set(confirmed) <= set(proof["keys"])
    assert len(proof["keys"]) in (len(confirmed), len(confirmed) + 1)
    assert proof["lines"] == 2 * proof["entries"]
    assert proof["balances"]["cash"] == 100 * proof["entries"]

    prefix = confirmed[0].split("-")[0]
    arena.run("post", arena.book, str(len(confirmed) + 5), prefix)
    again = arena.prove()
    assert again["problems"] == []
    assert again["entries"] == len(confirmed) + 5


def race_to_confirm(arena: Arena) -> list[list[str]]:
    line, entry = json.loads(arena.run("bank", arena.book))
    running = [arena.start("confirm", arena.book, line, entry) for _person in range(2)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready", process.communicate()[1][-3000:]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return sorted(json.loads(process.communicate(timeout=120)[0].strip().splitlines()[-1]) for process in running)


def assert_one_was_refused(arena: Arena) -> None:
    refused, matched = race_to_confirm(arena)
    assert (refused[0], matched[0]) == ("ledger.line_taken", "matched")
    assert refused[1] == matched[1]
    assert arena.prove()["problems"] == []
    assert arena.prove()["balances"]["cash"] == 100


def test_of_two_people_who_confirm_the_same_bank_line_at_once_one_is_refused_on_sqlite(on_sqlite: Arena) -> None:
    assert_one_was_refused(on_sqlite)


def test_of_two_people_who_confirm_the_same_bank_line_at_once_one_is_refused_on_postgresql(
    on_postgres_server: Arena,
) -> None:
    assert_one_was_refused(on_postgres_server)
