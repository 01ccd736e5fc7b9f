"""Ground to stand on for the tests of parties."""

import pytest

from tests import makers


@pytest.fixture
def ground(db: None) -> makers.Ground:
    return makers.ground()
