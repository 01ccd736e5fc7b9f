"""Every named route as every role: what is not for a role is refused, nothing breaks, nothing is open by mistake."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from jump.base import clock
from jump.base.actors import ROLES
from jump.base.db import write_transaction
from jump.base.models import RoleAssignment
from jump.base.scopes import declare_node, node

pytestmark = pytest.mark.django_db

# What anybody may open without signing in; every other page asks for a sign-in or says no.
OPEN_TO_ALL = {
    "/welcome/",
    "/help/",
    "/privacy/",
    "/accessibility/",
    "/why/",
    "/account/login/",
    "/account/logout/",
    "/account/password/reset/",
    "/kept/",
    "/field/",
    "/field/worker.js",
    "/field/manifest.webmanifest",
}
FRAME_OF_SIGN_IN = ("/account/", "/api/", "/openrosa/", "/design/", "/static/")
STRANGE_REF = "abc-00000000"


def plain_routes(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Every address of the site, with a number that names nothing wherever one is asked for."""
    for pattern in resolver.url_patterns:
        piece = str(pattern.pattern).lstrip("^").rstrip("$").replace("\\Z", "")
        if isinstance(pattern, URLResolver):
            yield from plain_routes(pattern, prefix + piece)
        elif isinstance(pattern, URLPattern):
            address = prefix + piece
            while "<" in address:
                before, _, rest = address.partition("<")
                _name, _, after = rest.partition(">")
                address = f"{before}{STRANGE_REF}{after}"
            if "(" not in address and "\\" not in address:
                yield address


def every_route() -> list[str]:
    return sorted(route for route in set(plain_routes(get_resolver())) if not route.startswith(FRAME_OF_SIGN_IN))


@pytest.fixture
def programme(db: Any) -> None:
    with write_transaction():
        declare_node(None, "jump", "programme", "JUMP")
    clock.pin(datetime.date(2004, 6, 30))


def signed_in(role: str) -> Client:
    client = Client()
    user = get_user_model().objects.create(username=role)
    if role != "public":
        RoleAssignment.objects.create(user=user, role=role, node=node("jump/"), starts_on=datetime.date(2002, 1, 1))
    client.force_login(user)
    return client


@pytest.mark.covers("CROSS-04")
def test_a_stranger_opens_nothing_but_the_open_pages(programme: None) -> None:
    client = Client()
    open_by_mistake = []
    for route in every_route():
        status = client.get(route).status_code
        assert status < 500, f"{route}: {status}"
        if status == 200 and route not in OPEN_TO_ALL and not route.startswith(("/letter", "/welcome", "/thanks")):
            open_by_mistake.append(route)
    assert open_by_mistake == []


@pytest.mark.covers("CROSS-04")
@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_route_breaks_and_what_names_nothing_is_refused_or_not_found(programme: None, role: str) -> None:
    client = signed_in(role)
    for route in every_route():
        answer = client.get(route)
        assert answer.status_code in {200, 302, 403, 404, 405, 422}, f"{route}: {answer.status_code}"
        if STRANGE_REF in route:
            assert answer.status_code != 200, f"{route} shows something that is not there"


def test_who_has_no_role_sees_no_list(programme: None) -> None:
    client = signed_in("public")
    for route in ("/communities/", "/people/", "/loans/", "/jobs/", "/results/", "/reports/", "/packages/"):
        assert client.get(route).status_code in {403, 404}, route
