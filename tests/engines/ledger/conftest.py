"""Books to post into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jump.base.actors import Actor
    from tests.engines.ledger.makers import Books, Pay


BRING_THEIR_OWN = ("test_concurrency", "test_disk_full")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that bring both databases themselves run in the round on SQLite and are left out of the other."""
    if config.getoption("database") != "postgres":
        return
    here = str(Path(__file__).parent)
    left_out = [item for item in items if str(item.path).startswith(here) and item.path.stem in BRING_THEIR_OWN]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def actor() -> Actor:
    from jump.base.actors import system_actor

    return system_actor("tests")


@pytest.fixture
def books(db: None, actor: Actor) -> Books:
    from tests.engines.ledger.makers import open_books

    return open_books(actor)


@pytest.fixture
def put_in(books: Books, actor: Actor) -> Pay:
    from tests.engines.ledger.makers import putting_in

    return putting_in(books, actor)
