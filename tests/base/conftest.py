"""A small tree and some users for the tests of the base."""

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from jump.base.actors import Actor


@pytest.fixture
def tree(db: Any) -> None:
    from jump.base.db import write_transaction
    from jump.base.scopes import declare_node

    with write_transaction():
        declare_node(None, "jump", "programme", "JUMP")
        declare_node("jump/", "asia", "region", "Asia")
        declare_node("jump/asia/", "PH", "country", "Philippines")
        declare_node("jump/asia/", "TH", "country", "Thailand")
        declare_node("jump/asia/PH/", "riverside", "project", "Riverside")
        declare_node(None, "ipec", "programme", "Another programme")


@pytest.fixture
def user_with(tree: None) -> Callable[..., "Actor"]:
    from django.contrib.auth import get_user_model

    from jump.base.actors import actor_for
    from jump.base.models import RoleAssignment
    from jump.base.scopes import node

    def make(
        role: str, path: str, *, name: str = "", starts_on: str = "2000-01-01", ends_on: str | None = None
    ) -> "Actor":
        user = get_user_model().objects.create(username=name or f"{role}@{path}")
        RoleAssignment.objects.create(
            user=user,
            role=role,
            node=node(path),
            starts_on=datetime.date.fromisoformat(starts_on),
            ends_on=datetime.date.fromisoformat(ends_on) if ends_on else None,
        )
        return actor_for(user)

    return make
