"""Fixtures for every test of the pages."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest


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
