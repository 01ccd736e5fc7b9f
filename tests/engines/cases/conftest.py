"""Ground to stand on for the tests of cases. Imports wait until Django is set up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from jump.base.actors import Actor
    from jump.core.units import Ref
    from tests.engines.cases.roads import Opener, Shelf
    from tests.makers import Ground


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Accepted forms and signed documents, standing in for evidence."""
    from jump.engines.evidence import api as evidence
    from tests.engines.cases.roads import Shelf

    made = Shelf()
    for name in (
        "submission",
        "latest",
        "count_submissions",
        "dossier_of",
        "is_complete",
        "dossier_version",
        "dossier",
    ):
        monkeypatch.setattr(evidence, name, getattr(made, name))
    return made


@pytest.fixture
def today(db: None) -> Iterator[date]:
    from jump.base import clock
    from tests.engines.cases.roads import TODAY

    clock.pin(TODAY)
    yield TODAY
    clock.forget_pin()


@pytest.fixture
def ground(db: None, today: date, shelf: Shelf) -> Ground:
    from tests import makers
    from tests.engines.cases.roads import declare

    made = makers.ground()
    declare()
    return made


@pytest.fixture
def worker() -> Actor:
    from tests import makers

    return makers.someone("extension_worker")


@pytest.fixture
def coordinator() -> Actor:
    from tests import makers

    return makers.someone("national_coordinator")


@pytest.fixture
def opened(ground: Ground, worker: Actor) -> Opener:
    """Opens a case of a road for Riverside."""
    from jump.engines.cases import api as cases
    from tests.engines.cases.roads import DAY, keys

    def make(road: str, *, on: date = DAY, subject: Ref | None = None, **more: Any) -> Ref:
        return cases.open_case(
            worker,
            procedure=f"road.{road}",
            subject_ref=subject or ground.riverside,
            scope=more.pop("scope", ground.scope),
            on=on,
            key=more.pop("key", f"case {next(keys)}"),
            **more,
        )

    return make
