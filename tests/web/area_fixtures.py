"""What the tests of the areas share: readers with a role and a browser, and pages read as text."""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.test import Client

from jump.base.actors import Actor, actor_for

_numbers = itertools.count(1)
QUERIES_MAX = 30


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with one role at one place, signed in."""

    user: Any
    client: Client

    @property
    def actor(self) -> Actor:
        return actor_for(self.user)


def reader(role: str, path: str, name: str = "") -> Reader:
    from django.contrib.auth import get_user_model

    from jump.base.models import RoleAssignment, ScopeNode

    number = next(_numbers)
    user = get_user_model()._default_manager.create_user(
        username=f"{role}-{number}", first_name=name or f"Reader{number}", last_name="Trial"
    )
    node = ScopeNode.objects.get(path=path)
    RoleAssignment.objects.create(user=user, role=role, node=node, starts_on=date(2000, 1, 1))
    client = Client()
    client.force_login(user)
    return Reader(user, client)


def words(answer: Any) -> str:
    """The text of a page as a reader sees it: no tags, single blanks."""
    main = answer.content.decode().split("<main", 1)[-1].split("</main>", 1)[0]
    text = html.unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text).strip()


def hidden(answer: Any, name: str) -> str:
    """The value of a hidden field of the page's form."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', answer.content.decode())
    assert found, f"no hidden field {name}"
    return html.unescape(found[1])
