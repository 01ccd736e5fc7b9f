"""Fixtures for every test of the pages."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import Reader, reader

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker
    from tests.engines.finance.savers import Savers

TODAY = date(2005, 6, 30)


@pytest.fixture
def frame(settings: Any, db: Any) -> None:
    """The frame alone, with the trial pages, whatever areas exist."""
    from django.core.cache import cache
    from django.urls import clear_url_caches

    from tests.web import frame_pages

    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.web.frame_pages"
    clear_url_caches()
    cache.clear()
    frame_pages.RECEIVED.clear()


# Pages of money: a place with funds, and its staff ----------------------------------------------------------


@pytest.fixture
def money(db: None, tmp_path: Path) -> FundMaker:
    """Places, products and a maker of funds; today is 30 June 2005."""
    from jump.base import clock
    from tests.engines.finance import makers

    makers.declare_places()
    makers.install_products(tmp_path / "packages")
    clock.pin(TODAY)
    made = makers.FundMaker()
    made.rate()
    return made


@pytest.fixture
def fund(money: FundMaker) -> Ref:
    return money.fund()


@pytest.fixture
def savers(fund: Ref) -> Savers:
    from tests.engines.finance.savers import Savers

    return Savers(fund)


@pytest.fixture
def manager(money: FundMaker) -> Reader:
    return reader("fund_manager", "jump/asia/PH/", "Grace")


@pytest.fixture
def national(money: FundMaker) -> Reader:
    return reader("national_coordinator", "jump/asia/PH/", "Jose")


@pytest.fixture
def coordinator(money: FundMaker) -> Reader:
    return reader("programme_coordinator", "jump/", "Ana")
