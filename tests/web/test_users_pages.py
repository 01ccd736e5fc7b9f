"""Users and their roles: an administrator lets people in, gives and ends roles, and never his own."""

import datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jump.base import clock, users
from jump.base.actors import actor_for
from jump.base.models import AuditEvent, RoleAssignment
from jump.base.refusals import NotAllowed
from jump.base.scopes import declare_node
from tests.web.frame_fixtures import person, sign_in

pytestmark = pytest.mark.django_db
NEW = {
    "first_name": "Rosa",
    "last_name": "Quispe",
    "username": "rosa",
    "password": "plenty of clay",
    "role": "core_team",
    "path": "trial/hill/",
}


@pytest.fixture
def admin(client: Client) -> Any:
    clock.pin(datetime.date(2004, 6, 30))
    made = person("kofi", "administrator")
    declare_node("trial/", "hill", "project", "Hill")
    sign_in(client, "kofi")
    return made


def test_an_administrator_lets_somebody_in_with_a_role_at_a_place(client: Client, admin: Any) -> None:
    assert "users/" in client.get("/users/").content.decode()
    answer = client.post("/users/new/", {**NEW, "key": "one"}, follow=True)
    page = answer.content.decode()
    assert "Rosa Quispe can sign in now." in page
    assert "Core team" in page
    assert actor_for(get_user_model().objects.get(username="rosa")).grants[0].path == "trial/hill/"
    assert [one.action for one in AuditEvent.objects.order_by("pk")][-2:] == ["base.add_user", "base.give_role"]
    other = Client()
    assert other.post("/account/login/", {"login": "rosa", "password": NEW["password"]}).status_code == 302


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"username": "KOFI"}, "Somebody has this user name already"),
        ({"password": "short"}, "at least 10 characters"),
        ({"role": "public"}, "public is not one of the available choices"),
        ({"path": "elsewhere/"}, "elsewhere/ is not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_let_in(
    client: Client, admin: Any, changed: dict[str, str], words: str
) -> None:
    answer = client.post("/users/new/", {**NEW, **changed, "key": "one"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert get_user_model().objects.count() == 1


def test_a_role_is_given_once_and_ends_with_what_was_done_in_it_kept(client: Client, admin: Any) -> None:
    other = person("liza", "extension_worker", "trial/")
    client.post(f"/users/{other.pk}/", {"role": "partner", "path": "trial/hill/"})
    again = client.post(f"/users/{other.pk}/", {"role": "partner", "path": "trial/hill/"})
    assert "holds that role at this place already" in again.content.decode()
    held = RoleAssignment.objects.get(user=other, role="extension_worker")
    client.post(f"/users/{other.pk}/roles/{held.pk}/end/")
    held.refresh_from_db()
    assert held.ends_on == datetime.date(2004, 6, 29)
    assert {grant.role for grant in actor_for(other).grants} == {"partner"}


def test_nobody_gives_a_role_to_himself(client: Client, admin: Any) -> None:
    answer = client.post(f"/users/{admin.pk}/", {"role": "fund_manager", "path": "trial/"})
    assert "Nobody gives a role to himself." in answer.content.decode()
    assert RoleAssignment.objects.filter(user=admin).count() == 1


def test_others_neither_see_users_nor_give_roles(client: Client, admin: Any) -> None:
    worker = person("liza", "extension_worker", "trial/")
    for call in (
        lambda: users.users(actor_for(worker)),
        lambda: users.give_role(actor_for(worker), user_id=admin.pk, role="donor", path="trial/"),
    ):
        with pytest.raises(NotAllowed):
            call()
    other = Client()
    sign_in(other, "liza")
    assert other.get("/users/").status_code == 403
