"""Signing in to the API: a token acts as its owner until it ends; errors are problem documents with stable codes."""

import datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jump.api.tokens import TRIES_MAX
from jump.base.db import write_transaction
from jump.base.models import ApiToken, RoleAssignment
from jump.base.scopes import declare_node
from jump.base.tokens import digest_of

pytestmark = pytest.mark.django_db
WORD = "jobs-for-all-2004"


@pytest.fixture
def liza(db: Any) -> Any:
    user = get_user_model().objects.create_user("liza", password=WORD, first_name="Liza", last_name="Reyes")
    with write_transaction():
        top = declare_node(None, "jump", "programme", "JUMP")
    RoleAssignment.objects.create(user=user, role="extension_worker", node=top, starts_on=datetime.date(2002, 1, 1))
    return user


def post(path: str, body: dict[str, Any], **headers: str) -> Any:
    return Client().post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def token_of(word: str = WORD) -> str:
    return str(post("/sign-in", {"username": "liza", "password": word}).json()["token"])


def get(path: str, token: str) -> Any:
    return Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})


def test_a_token_acts_with_exactly_the_roles_of_its_owner(liza: Any) -> None:
    answer = get("/me", token_of())
    assert answer.json() == {"name": "Liza Reyes", "grants": [{"role": "extension_worker", "scope": "jump/"}]}


def test_only_the_digest_of_a_token_is_kept(liza: Any) -> None:
    token = token_of()
    row = ApiToken.objects.get()
    assert row.digest == digest_of(token)
    assert token not in str(vars(row))


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_without_a_token_the_answer_is_a_problem_document_with_a_code(liza: Any, token: str) -> None:
    answer = get("/me", token)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "api.token_unknown"


def test_a_wrong_password_gives_no_token_and_says_no_more_than_that(liza: Any) -> None:
    answer = post("/sign-in", {"username": "liza", "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "api.sign_in_refused")
    unknown = post("/sign-in", {"username": "nobody", "password": "wrong"})
    assert unknown.json()["title"] == answer.json()["title"]
    assert ApiToken.objects.count() == 0


def test_guessing_is_stopped(liza: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    for _try in range(TRIES_MAX):
        post("/sign-in", {"username": "liza", "password": "wrong"})
    answer = post("/sign-in", {"username": "liza", "password": WORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "api.too_many_tries")
    cache.clear()


def test_an_ended_token_and_one_given_back_open_nothing(liza: Any) -> None:
    token = token_of()
    ApiToken.objects.update(ends_at=datetime.datetime(2004, 1, 1, tzinfo=datetime.UTC))
    assert get("/me", token).status_code == 401
    other = token_of()
    assert post("/sign-out", {}, Authorization=f"Bearer {other}").status_code == 204
    assert get("/me", other).status_code == 401


def test_a_body_that_does_not_fit_names_the_field(liza: Any) -> None:
    answer = post("/sign-in", {"username": "liza"})
    assert (answer.status_code, answer.json()["code"]) == (422, "api.invalid")
    assert any("password" in name for name in answer.json()["facts"]["errors"])


def test_what_is_not_there_is_not_found_by_code(liza: Any) -> None:
    answer = get("/cases/cas-00000000", token_of())
    assert (answer.status_code, answer.json()["code"]) == (404, "base.not_found")


def test_the_description_names_every_refusal_of_every_route(liza: Any) -> None:
    described = Client().get("/api/v1/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            assert {"401", "403", "404", "422"} <= set(route["responses"]), f"{method} {path}"
