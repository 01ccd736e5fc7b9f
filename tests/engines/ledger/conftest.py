"""Books to post into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jump.base.actors import Actor
    from tests.engines.ledger.makers import Books, Pay


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
