"""A programme on its feet, its framework and indicators, and facts that a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engines.results.makers import Facts
    from tests.makers import Ground


@pytest.fixture
def ground(db: None) -> Ground:
    from tests import makers
    from tests.engines.results.makers import install

    made = makers.ground()
    install()
    return made


@pytest.fixture
def facts(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> Facts:
    """The facts of all engines, as this test says them."""
    from jump.base import duties
    from tests.engines.results.makers import Facts

    told = Facts()
    monkeypatch.setattr(duties, "facts", told.as_of)
    return told
