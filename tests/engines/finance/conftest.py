"""Places, shipped products, funds and a budget to work with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.covered import Scheme
    from tests.engines.finance.makers import FundMaker


@pytest.fixture
def places(db: None) -> None:
    from tests.engines.finance.makers import declare_places

    declare_places()


@pytest.fixture
def products(places: None, tmp_path: Path) -> None:
    from tests.engines.finance.makers import install_products

    install_products(tmp_path)


@pytest.fixture
def maker(products: None) -> FundMaker:
    from tests.engines.finance.makers import FundMaker

    made = FundMaker()
    made.rate()
    return made


@pytest.fixture
def fund(maker: FundMaker) -> Ref:
    return maker.fund()


@pytest.fixture
def budget(products: None) -> Ref:
    from datetime import date

    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import COORDINATOR

    return finance.declare_budget(COORDINATOR, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))


@pytest.fixture
def cover_products(places: None, tmp_path: Path) -> None:
    from datetime import date

    from jump.base import clock
    from tests.engines.finance.covered import install_cover

    install_cover(tmp_path)
    clock.pin(date(2005, 6, 30))


@pytest.fixture
def scheme(cover_products: None) -> Scheme:
    """A scheme with its package adopted, a provider with prices, and money for its first claims."""
    from tests.engines.finance.covered import Scheme

    made = Scheme()
    made.package()
    made.agree({"visit": 3_000, "ward": 60_000})
    made.endow(200_000)
    return made
