"""Many devices at once, and servers that die in the middle: one number is one submission, and nothing is lost."""

from __future__ import annotations

import json
import signal
from collections import Counter

import pytest

from tests.engines.finance.racing import Race
from tests.engines.ledger.arena import Arena

PROCESSES = 20


WHOLE = {"submissions": 1, "files": 1, "attachments": 1, "held": 0, "flags": 0, "whole": True}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def devices(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Race:
    """A database of its own with a form and a device, for all tests of this module: each sends a number of its own."""
    address = "" if request.param == "sqlite" else request.getfixturevalue("make_cluster")(durable=True).address
    return Race(Arena(tmp_path_factory.mktemp("devices"), address), "tests.engines.evidence.device").prepare()


def proof(devices: Race, number: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(devices.run("prove", devices.about, number))
    return found


@pytest.mark.covers("CROSS-05")
def test_twenty_processes_post_the_same_form_ten_times_each_and_it_is_one_submission(devices: Race) -> None:
    told = devices.two("race", *range(PROCESSES))

    heard = Counter(status for one in told for status in one["statuses"])
    assert heard == {201: 1, 202: PROCESSES * 10 - 1}
    assert proof(devices, "race") == WHOLE


@pytest.mark.parametrize("where", ["bytes", "rows", "commit", "answer"])
def test_a_server_killed_between_data_and_photos_loses_nothing_and_the_resend_completes_it(
    devices: Race, where: str
) -> None:
    dying = devices.start("die", devices.about, where)
    dying.communicate(timeout=240)
    assert dying.returncode == -signal.SIGKILL
    assert proof(devices, where)["submissions"] == (1 if where == "answer" else 0)

    assert json.loads(devices.run("send", devices.about, where)) == [202 if where == "answer" else 201, 202]
    assert proof(devices, where) == WHOLE
