"""A programme on its feet, two countries with a decent-work test, and people who report and check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engines.jobs.makers import Staff
    from tests.makers import Ground


@pytest.fixture
def ground(db: None) -> Ground:
    from tests import makers
    from tests.engines.jobs.makers import countries

    made = makers.ground()
    countries()
    return made


@pytest.fixture
def staff(ground: Ground) -> Staff:
    from tests.engines.jobs import makers

    return makers.staff()
