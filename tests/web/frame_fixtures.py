"""What the tests of the frame share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from jump.base.models import RoleAssignment, ScopeNode

PASSWORD = "three plain words"


def person(name: str, role: str = "", path: str = "trial/") -> Any:
    """A user with a password, and a role if one is named."""
    user = get_user_model().objects.create_user(username=name, password=PASSWORD, first_name=name.capitalize())
    if role:
        node = ScopeNode.objects.filter(path=path).first() or ScopeNode.objects.create(
            path=path, kind="programme", title="Trial"
        )
        RoleAssignment.objects.create(user=user, role=role, node=node, starts_on=date(2000, 1, 1))
    return user


def sign_in(client: Client, name: str) -> Any:
    return client.post("/account/login/", {"login": name, "password": PASSWORD})


def let_the_session_end(client: Client) -> None:
    """What time does: the session is gone, the browser's other cookies are still there."""
    client.session.flush()
    del client.cookies["sessionid"]
