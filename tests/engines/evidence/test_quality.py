"""What is odd about a filled form is accepted and shown to the reviewer; nothing of it is a refusal."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jump.base import clock
from jump.engines.evidence import api as evidence
from tests import makers

WALK = """
| survey |
| | type | name | label |
| | start | start | |
| | end | end | |
| | geopoint | spot | Where |
| | integer | eggs | Eggs |
| | text | who | Who |
| | text | what | What |
| | text | why | Why |
"""


@pytest.fixture
def walk(ground: makers.Ground) -> makers.Ground:
    clock.pin(date(2004, 3, 10))
    makers.form("walk", WALK)
    return ground


def codes(ground: makers.Ground, key: str, worker: Any = None, source: str = "odk", **changes: Any) -> list[str]:
    answers = {
        "start": "2004-03-10T08:00:00+00:00",
        "end": "2004-03-10T08:05:00+00:00",
        "spot": "14.5 121.0 0 0",
        "eggs": 10,
        "who": "Ana",
        "what": key,
        "why": "to see",
        **changes,
    }
    sent = evidence.submit(
        worker or makers.someone("extension_worker"),
        form="trial.walk",
        answers=answers,
        scope=ground.scope,
        on=date(2004, 3, 10),
        key=key,
        source=source,
    )
    assert sent.state.value == "received"
    return [one.code for one in sent.flags]


def test_a_form_filled_in_with_care_has_no_flag(walk: makers.Ground) -> None:
    assert codes(walk, "one") == []


def test_a_form_filled_in_too_fast_is_flagged(walk: makers.Ground) -> None:
    assert codes(walk, "one", end="2004-03-10T08:00:04+00:00") == ["too_fast"]


def test_a_form_that_arrives_late_and_a_clock_that_is_ahead_are_flagged(walk: makers.Ground) -> None:
    late = {"start": "2004-02-01T08:00:00+00:00", "end": "2004-02-01T08:05:00+00:00"}
    ahead = {"start": "2009-02-01T08:00:00+00:00", "end": "2009-02-01T08:05:00+00:00"}
    assert codes(walk, "late", **late) == ["sent_late"]
    assert codes(walk, "ahead", **ahead) == ["clock_wrong"]


def test_the_same_answers_from_the_same_person_are_flagged_and_from_another_are_not(walk: makers.Ground) -> None:
    worker = makers.someone("extension_worker")
    assert codes(walk, "one", worker, what="same") == []
    assert codes(walk, "two", worker, what="same") == ["identical"]
    assert codes(walk, "three", makers.someone("extension_worker"), what="same") == []


def test_a_form_filled_in_far_from_where_the_place_is_is_flagged(walk: makers.Ground) -> None:
    for number in range(5):
        assert codes(walk, f"near {number}", spot=f"14.5{number} 121.0 0 0") == []
    assert codes(walk, "far", spot="15.9 121.0 0 0") == ["far_away"]
    assert codes(walk, "near again", spot="14.52 121.01 0 0") == []


def test_an_answer_far_from_earlier_ones_is_flagged(walk: makers.Ground) -> None:
    for number in range(20):
        assert codes(walk, f"usual {number}", eggs=8 + number % 5) == []
    assert codes(walk, "odd", eggs=900) == ["outlier"]


def test_who_fills_in_a_page_is_not_held_against_others(walk: makers.Ground) -> None:
    worker = makers.someone("extension_worker")
    assert codes(walk, "one", worker, source="web", what="same") == []
    assert codes(walk, "two", worker, source="web", what="same") == []


def test_a_form_may_set_its_own_limits(walk: makers.Ground) -> None:
    makers.form("walk", WALK, version="2", quality={"seconds_min": 600})
    assert codes(walk, "one") == ["too_fast"]
