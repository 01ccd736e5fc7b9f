"""Ground to stand on for the tests of decisions. Imports wait until Django is set up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jump.base.actors import Actor
    from tests.engines.decisions.panels import Panel
    from tests.makers import Ground


@pytest.fixture
def today(db: None) -> Iterator[date]:
    from jump.base import clock

    clock.pin(date(2004, 6, 30))
    yield date(2004, 6, 30)
    clock.forget_pin()


@pytest.fixture
def ground(db: None, today: date) -> Ground:
    from tests import makers
    from tests.engines.decisions.panels import declare

    made = makers.ground()
    declare()
    return made


@pytest.fixture
def coordinator(ground: Ground) -> Actor:
    from tests import makers

    return makers.signed_in("national_coordinator")


@pytest.fixture
def panel(ground: Ground) -> Panel:
    """Three members of a selection panel, signed in."""
    from tests import makers
    from tests.engines.decisions.panels import Panel

    return Panel([makers.signed_in("selection_panel") for _ in range(3)])
