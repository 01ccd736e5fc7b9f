"""What the field app takes along, and who gets it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jump.base import clock
from jump.base.models import RoleAssignment
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.web.field import packet as packets
from jump.web.field import shell
from tests import makers
from tests.web import road_fixtures
from tests.web.road_fixtures import as_, road_db, shipped

__all__ = ["road_db", "shipped"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("road_db")]
PH, TH = "jump/asia/PH/", "jump/asia/TH/"
QUERIES_MAX = 45


def fetched(client: Client, **headers: str) -> Any:
    return client.get("/field/packet/", headers=headers)


def person(scope: str, name: str) -> Any:
    return parties.register_person(
        makers.MAKER,
        scope=scope,
        given_name=name,
        family_name="Santos",
        sex="female",
        birth_year=1980,
        phone="0917 000 000",
        consents=("records",),
        on=road_fixtures.TODAY,
        key=f"person {name}",
    )


def group(scope: str, name: str) -> Any:
    return parties.register_group(
        makers.MAKER, scope=scope, name=name, kind="self_help_group", on=road_fixtures.TODAY, key=f"group {name}"
    )


# Who gets what ----------------------------------------------------------------------------------------------


@pytest.mark.covers("CROSS-05")
def test_a_worker_takes_along_the_people_and_groups_of_their_own_place_and_no_others() -> None:
    mine, other = person(PH, "Rosa"), person(TH, "Malee")
    weavers = group(PH, "Weavers")
    parties.join(makers.MAKER, group_ref=weavers, person_ref=mine, role="member", on=road_fixtures.TODAY)
    group(TH, "Silk makers")
    client, actor = as_("liza", "extension_worker", PH)

    taken = fetched(client).json()

    assert [one["ref"] for one in taken["people"]] == [mine]
    assert other not in json.dumps(taken)
    assert [(one["name"], one["members"]) for one in taken["groups"]] == [("Weavers", [mine])]
    assert taken["worker"] == {"key": actor.key, "name": actor.name}
    assert "0917" not in json.dumps(taken), "no telephone numbers on the phone"
    assert "1980" not in json.dumps(taken), "no birthdays on the phone"


@pytest.mark.covers("CROSS-03")
def test_who_may_not_see_names_takes_none_along() -> None:
    person(PH, "Rosa")
    client, _actor = as_("core", "core_team", PH)
    assert fetched(client).json()["people"] == []


def test_a_stranger_and_a_donor_get_nothing() -> None:
    assert fetched(Client()).status_code == 401
    assert Client().post("/field/collection/").status_code in {401, 403}
    client, _actor = as_("henrik", "donor", "jump/")
    assert fetched(client).status_code == 403


def test_an_ended_role_ends_the_lists() -> None:
    client, actor = as_("liza", "extension_worker", PH)
    clock.pin(None)
    last = clock.today() + timedelta(days=2)
    RoleAssignment.objects.filter(user_id=actor.user_id).update(ends_on=last)
    assert packets.expires_at(actor) == datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    RoleAssignment.objects.filter(user_id=actor.user_id).update(ends_on=clock.today() - timedelta(days=1))
    assert fetched(client).status_code == 403


def test_the_lists_end_two_weeks_after_the_contact() -> None:
    _client, actor = as_("liza", "extension_worker", PH)
    left = packets.expires_at(actor) - clock.now()
    assert timedelta(days=packets.DAYS_KEPT) <= left <= timedelta(days=packets.DAYS_KEPT + 1)


def test_a_worker_with_assignments_works_there_only() -> None:
    client, actor = as_("liza", "extension_worker", PH)
    worker = person(PH, "Liza")
    asia = parties.places(makers.MAKER, kind="country", scope=PH)[0]
    place = parties.declare_place(
        makers.MAKER, parent_ref=asia.ref, kind="community", name="Riverside", code="riverside", on=road_fixtures.TODAY
    )
    makers_grant(actor, worker)
    parties.assign_worker(makers.MAKER, worker_ref=worker, to_ref=place, on=road_fixtures.TODAY)
    from jump.base.actors import actor_for

    again = actor_for(get_user_model().objects.get(pk=actor.user_id))
    assert packets.assigned_scopes(again) == [parties.scope_of(place)]
    assert [one["name"] for one in fetched(client).json()["communities"]] == ["Riverside"]


def makers_grant(actor: Any, person_ref: Any) -> None:
    from jump.base.models import RowGrant

    RowGrant.objects.create(user_id=actor.user_id, ref=person_ref, why="own record")


# Small on a slow line -----------------------------------------------------------------------------------------


@pytest.mark.covers("CROSS-05")
def test_what_did_not_change_is_not_sent_again() -> None:
    client, _actor = as_("liza", "extension_worker", PH)
    first = fetched(client)
    tag = first.headers["ETag"]
    again = fetched(client, **{"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Date"], "the phone sets its time by every answer"
    person(PH, "Rosa")
    changed = fetched(client, **{"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_the_packet_asks_the_same_number_of_questions_whatever_the_number_of_people(
    django_assert_max_num_queries: Any,
) -> None:
    _client, actor = as_("liza", "extension_worker", PH)
    for name in ("Rosa", "Maria", "Elena", "Luz"):
        ref = person(PH, name)
        weavers = group(PH, f"Group of {name}")
        parties.join(makers.MAKER, group_ref=weavers, person_ref=ref, role="member", on=road_fixtures.TODAY)
    packets.packet(actor)
    with django_assert_max_num_queries(QUERIES_MAX):
        packets.packet(actor)


# Visits and forms ---------------------------------------------------------------------------------------------


@pytest.mark.covers("EXTWORK-03")
def test_the_visits_of_the_next_two_weeks_come_in_their_order_with_those_they_are_about() -> None:
    client, _actor = as_("liza", "extension_worker", PH)
    weavers = group(PH, "Weavers")
    day = road_fixtures.TODAY
    for title, on, at in (
        ("Second", day, "14:00"),
        ("First", day, "08:30"),
        ("Too late", day + timedelta(days=20), ""),
        ("Over", day - timedelta(days=1), ""),
    ):
        cases.plan_session(
            makers.MAKER,
            kind="visit",
            title=title,
            scope=PH,
            planned_on=on,
            about=[weavers],
            agenda=[cases.AgendaItem("Start", at)],
            key=title,
        )
    visits = fetched(client).json()["visits"]
    assert [(one["title"], one["at"], one["about"]) for one in visits] == [
        ("First", "08:30", [weavers]),
        ("Second", "14:00", [weavers]),
    ]


@pytest.mark.covers("EXTWORK-03")
def test_the_forms_come_with_their_titles_in_every_language_and_each_can_be_fetched() -> None:
    client, _actor = as_("liza", "extension_worker", PH)
    taken = fetched(client).json()
    forms = {one["id"]: one for one in taken["forms"]}
    visit = forms["jump_cer.visit_report"]
    assert {"en", "fr"} <= set(visit["title"])
    answer = client.get(f"{taken['urls']['forms']}{visit['id']}/{visit['version']}/")
    assert answer.status_code == 200
    assert b"<h:html" in answer.content
    assert "immutable" in answer.headers["Cache-Control"]
    assert "jump.official_request" not in forms, "a country's forms are written in the office"
    assert Client().get(f"{taken['urls']['forms']}{visit['id']}/{visit['version']}/").status_code == 401
    assert client.get("/field/forms/no.such/1/").status_code == 404
    assert client.get(f"/field/forms/{visit['id']}/{visit['version']}/no-such.csv").status_code == 404


# The app itself -----------------------------------------------------------------------------------------------


def test_the_page_of_the_app_holds_nothing_about_anybody_and_its_policy_is_the_strict_one_with_five_additions() -> None:
    client, actor = as_("liza", "extension_worker", PH)
    page, stranger = client.get("/field/"), Client().get("/field/")
    assert page.content == stranger.content, "the phone keeps one page for everybody"
    assert actor.name.encode() not in page.content
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' blob:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert "microphone=(self)" in page.headers["Permissions-Policy"]
    assert "microphone=()" in client.get("/help/").headers["Permissions-Policy"], "no other page hears"


def test_the_service_worker_names_every_file_of_the_app_and_a_version_of_them_all() -> None:
    told = Client().get("/field/worker.js").content.decode()
    for name in shell.files():
        assert f'"{name}"' in told
    assert all((shell.OWN / name).exists() for name in shell.names())
    assert shell.version() in told
    assert json.loads(Client().get("/field/manifest.webmanifest").content)["scope"] == "/field/"


def test_every_word_of_the_app_is_there_in_every_language_with_the_plural_forms_of_each() -> None:
    words = json.loads((shell.OWN / "words.json").read_text())
    many = {"en": 2, "fr": 2, "es": 2, "ar": 6}
    for name, said in words.items():
        assert set(said) == set(many), name
        lists = {code for code, text in said.items() if isinstance(text, list)}
        assert lists in (set(), set(many)), name
        for code in lists:
            assert len(said[code]) == many[code], f"{name} in {code}"
        assert all(said.values()), name


def test_every_word_that_the_script_asks_for_is_in_the_catalogue() -> None:
    import re

    words = json.loads((shell.OWN / "words.json").read_text())
    script = "".join((shell.OWN / name).read_text() for name in shell.names() if name.endswith(".js"))
    asked = set(re.findall(r'\bt\("([a-z_0-9]+)"', script))
    assert asked - set(words) == set()


def test_a_day_without_a_programme_is_not_told(settings: Any) -> None:
    client, _actor = as_("liza", "extension_worker", PH)
    assert fetched(client).json()["day"] == road_fixtures.TODAY.isoformat()
    clock.pin(None)
    assert fetched(client).json()["day"] == ""
    clock.pin(date(2002, 10, 1))


def test_the_packet_names_the_pictures_and_recordings_of_a_forms_questions_and_each_is_handed_out() -> None:
    form = makers.form(
        "pictures",
        "| survey |\n| | type | name | label::English (en) | image::English (en) |\n"
        "| | text | seen | What do you see? | house.png |\n",
        media={"house.png": makers.PHOTO, "film.mp4": b"\0\0\0\x18ftypmp42" + b"jump" * 20},
    )
    client, _actor = as_("liza", "extension_worker", PH)
    (told,) = [one for one in fetched(client).json()["forms"] if one["id"] == form]
    assert told["media"] == ["house.png"], "no films on a phone"
    answer = client.get(f"/field/forms/{form}/1/house.png")
    assert b"".join(answer.streaming_content) == makers.PHOTO
    assert answer.headers["Content-Type"].startswith("image/")
