"""Two answers to one question: both stand beside each other on a page, and a person decides with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import EditConflict, Submission
from tests import makers
from tests.engines.evidence.sending import instance

pytestmark = pytest.mark.django_db
RIVERSIDE = "trial/asia/PH/riverside/"
QUERIES_MAX = 30


def as_(role: str, path: str, name: str) -> tuple[Client, Any]:
    actor = makers.signed_in(role, path, name=name)
    client = Client()
    client.force_login(get_user_model().objects.get(pk=actor.user_id))
    return client, actor


@pytest.fixture
def crossed(db: None) -> tuple[Client, Any]:
    """Liza changed one form on two phones that were offline; her own page and herself."""
    makers.ground()
    makers.form(review="all")
    client, liza = as_("extension_worker", RIVERSIDE, "liza")
    cross(liza, 1)
    return client, liza


def cross(actor: Any, number: int) -> None:
    first = f"uuid:{number}"
    evidence.receive(actor, xml=instance(first), scope=RIVERSIDE)
    for at, host in enumerate(("Ana Lim", "Rosa Diaz")):
        xml = instance(f"{first}.{at}", deprecated=first, host=host)
        xml = xml.replace(b"Jose Cruz", b"Jose de la Cruz") if at else xml
        evidence.receive(actor, xml=xml, scope=RIVERSIDE)


@pytest.mark.covers("CROSS-05")
def test_a_coordinator_finds_both_answers_beside_each_other_and_decides(crossed: tuple[Client, Any]) -> None:
    jose, _actor = as_("national_coordinator", "trial/asia/PH/", "jose")
    row = EditConflict.objects.get()
    assert f"/conflicts/{row.ref}/" in jose.get("/conflicts/").content.decode()
    form_page = jose.get(f"/submissions/{row.submission.ref}/").content.decode()
    assert "Two people answered the same questions differently" in form_page
    page = jose.get(f"/conflicts/{row.ref}/").content.decode()
    for words in ("Maria Santos", "Ana Lim", "Rosa Diaz", "Jose de la Cruz", "liza"):
        assert words in page

    for given in ({}, {"q0": "later"}, {"q0": "both", "why": "x"}):
        answer = jose.post(f"/conflicts/{row.ref}/", given)
        assert answer.status_code == 422
    answer = jose.post(f"/conflicts/{row.ref}/", {"q0": "later", "why": "I asked the household."}, follow=True)
    assert "I asked the household." in answer.content.decode()
    shown = evidence.submission(makers.MAKER, Submission.objects.get().ref)
    assert shown.answers["host"] == "Rosa Diaz"
    assert "Nothing here" in jose.get("/conflicts/").content.decode()
    assert str(row.ref) in jose.get("/conflicts/?state=decided").content.decode()


@pytest.mark.covers("CROSS-03")
def test_who_wrote_one_of_the_answers_sees_both_and_cannot_decide(crossed: tuple[Client, Any]) -> None:
    liza, _actor = crossed
    row = EditConflict.objects.get()
    page = liza.get(f"/conflicts/{row.ref}/").content.decode()
    assert "Rosa Diaz" in page
    assert "nobody decides about their own answer" in page
    assert liza.post(f"/conflicts/{row.ref}/", {"q0": "first", "why": "Mine."}).status_code == 200
    row.refresh_from_db()
    assert row.state == "waiting"
    assert liza.get("/conflicts/").status_code == 403
    abroad, _somchai = as_("national_coordinator", "trial/asia/TH/", "somchai")
    assert abroad.get(f"/conflicts/{row.ref}/").status_code == 404
    assert str(row.ref) not in abroad.get("/conflicts/").content.decode()


def test_the_worker_is_told_on_the_phone_of_both_answers_and_of_the_decision(crossed: tuple[Client, Any]) -> None:
    liza, _actor = crossed
    (told,) = [one for one in liza.get("/field/packet/").json()["answers"] if one.get("crossed")]
    line = next(one for one in told["crossed"][0]["lines"] if one["hard"])
    assert line == {
        "question": "Who received you",
        "first": "Ana Lim",
        "later": "Rosa Diaz",
        "hard": True,
        "holds": "",
    }
    assert told["crossed"][0]["state"] == "waiting"
    jose, _coordinator = as_("national_coordinator", "trial/asia/PH/", "jose")
    jose.post(f"/conflicts/{EditConflict.objects.get().ref}/", {"q0": "first", "why": "Asked."})
    (told,) = [one for one in liza.get("/field/packet/").json()["answers"] if one.get("crossed")]
    assert (told["crossed"][0]["why"], told["crossed"][0]["lines"][0]["holds"]) == ("Asked.", "first")


def test_the_pages_ask_the_database_few_questions_however_many_wait(
    crossed: tuple[Client, Any], django_assert_max_num_queries: Any
) -> None:
    jose, _actor = as_("national_coordinator", "trial/asia/PH/", "jose")
    for number in range(2, 7):
        cross(crossed[1], number)
    for address in ("/conflicts/", f"/conflicts/{EditConflict.objects.first().ref}/"):
        jose.get(address)
        with django_assert_max_num_queries(QUERIES_MAX):
            assert jose.get(address).status_code == 200
