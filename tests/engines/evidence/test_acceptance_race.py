"""Two people accept one form at the same moment, and servers die while it comes about: it comes about once, whole."""

from __future__ import annotations

import json
import signal
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.engines.finance.racing import Race
from tests.engines.ledger.arena import Arena

ONCE = {
    "state": "accepted",
    "accepted": 1,
    "people": 1,
    "groups": 1,
    "members": 1,
    "tasks": 1,
    "facts": 1,
    "standing": 4,
    "failures": 0,
}
NOT_YET = {**ONCE, "people": 0, "groups": 0, "members": 0, "tasks": 0, "standing": 0}
REVIEWERS = 6


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Race:
    """A database of its own with a form that waits for a look, for all tests of this module."""
    address = "" if request.param == "sqlite" else request.getfixturevalue("make_cluster")(durable=True).address
    return Race(Arena(tmp_path_factory.mktemp("desk"), address), "tests.engines.evidence.reviewer").prepare()


def sent(desk: Race, name: str) -> Race:
    return replace(desk, about=desk.run("send", name))


@pytest.mark.parametrize("reviewers", [2, REVIEWERS])
def test_reviewers_who_accept_one_form_at_once_accept_it_once_and_it_comes_about_once(
    desk: Race, reviewers: int
) -> None:
    form = sent(desk, f"race-{reviewers}")
    heard: list[dict[str, Any]] = form.two("race", *range(1, reviewers + 1))

    assert Counter(one["said"] for one in heard) == {"accepted": 1, "evidence.not_waiting": reviewers - 1}
    assert form.prove() == ONCE


@pytest.mark.parametrize(
    ("where", "left"), [("queued", NOT_YET), ("amid", NOT_YET), ("before_commit", NOT_YET), ("after", ONCE)]
)
def test_an_acceptance_whose_server_is_killed_comes_about_whole_and_once_at_the_next_start(
    desk: Race, where: str, left: dict[str, Any]
) -> None:
    form = sent(desk, where)
    dying = form.start("die", form.about, where)
    dying.communicate(timeout=240)
    assert dying.returncode == -signal.SIGKILL
    assert form.prove() == left

    for _time in range(2):
        form.run("go_on", form.about)
        assert json.loads(form.run("prove", form.about)) == ONCE
