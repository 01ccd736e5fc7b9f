"""The list of communities and the page of one: seen by place and role, with empty states, in few queries."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from openpyxl import load_workbook

from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from tests import makers
from tests.web import road_fixtures as road

shipped, programme = road.shipped, road.road_db
pytestmark = pytest.mark.usefixtures("programme")
QUERIES_MAX = 30


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def rows_of(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/communities/[^"]+">([^<]+)</a>', page)


def test_a_stranger_is_asked_to_sign_in_and_comes_back() -> None:
    case = road.community()
    for address in ("/communities/", f"/communities/{case.subject_ref}/", f"/communities/{case.subject_ref}/record/"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/account/login/?next={address}"


def test_a_coordinator_sees_the_communities_of_their_country_and_no_others() -> None:
    road.community()
    road.community(community_name="Ban Mai", country="TH")
    client, _actor = road.as_("jose", "national_coordinator", "jump/asia/PH/")
    page = client.get("/communities/").content.decode()
    assert rows_of(page) == ["Bagong Pag-asa"]
    everybody, _actor = road.as_("ana", "programme_coordinator")
    assert sorted(rows_of(everybody.get("/communities/").content.decode())) == ["Bagong Pag-asa", "Ban Mai"]


def test_an_administrator_has_no_business_here() -> None:
    case = road.community()
    client, _actor = road.as_("kofi", "administrator")
    assert client.get("/communities/").status_code == 403
    assert client.get(f"/communities/{case.subject_ref}/").status_code == 403


def test_a_community_of_another_country_is_refused_by_name() -> None:
    case = road.community(community_name="Ban Mai", country="TH")
    client, _actor = road.as_("jose", "national_coordinator", "jump/asia/PH/")
    answer = client.get(f"/communities/{case.subject_ref}/")
    assert answer.status_code == 403
    assert "Your role does not allow this here." in answer.content.decode()


def test_the_list_is_chosen_by_country_step_state_and_name() -> None:
    road.community()
    road.selected(community_name="Masagana")
    road.community(community_name="Ban Mai", country="TH")
    client, _actor = road.as_("ana", "programme_coordinator")

    def found(**asked: str) -> list[str]:
        return sorted(rows_of(client.get("/communities/", asked).content.decode()))

    assert found(country="TH") == ["Ban Mai"]
    assert found(step="stakeholder_map") == ["Masagana"]
    assert found(step="screening") == ["Bagong Pag-asa", "Ban Mai"]
    assert found(q="masa") == ["Masagana"]
    assert found(state="open") == ["Bagong Pag-asa", "Ban Mai", "Masagana"]
    assert found(state="closed") == []
    page = client.get("/communities/", {"q": "Masagena"}).content.decode()
    assert "Nothing is called “Masagena”" in page
    assert ">Masagana</a>" in page, "the nearest name is offered"
    page = client.get("/communities/", {"country": "TH", "state": "closed"}).content.decode()
    assert "No community fits all of this" in page


def test_the_list_is_a_spreadsheet_too_with_the_same_filters() -> None:
    road.community()
    road.community(community_name="Ban Mai", country="TH")
    client, _actor = road.as_("ana", "programme_coordinator")
    page = client.get("/communities/", {"country": "PH"}).content.decode()
    assert "as=excel" in page
    answer = client.get("/communities/", {"country": "PH", "as": "excel"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.values)
    assert [row[0] for row in rows] == ["Community", "Bagong Pag-asa"]
    assert rows[1][4] == 4200, "a number, not a text"
    steps = client.get("/cases/", {"as": "excel"})
    other = load_workbook(BytesIO(steps.content)).active
    assert other is not None
    assert sorted(str(row[1]) for row in list(other.values)[1:]) == ["Bagong Pag-asa", "Ban Mai"]


def test_without_communities_the_list_says_when_they_come() -> None:
    client, _actor = road.as_("ana", "programme_coordinator")
    page = client.get("/communities/").content.decode()
    assert "No communities yet" in page
    assert "They appear when their letter of interest is accepted." in page


def test_the_list_costs_the_same_for_many_communities_as_for_few(django_assert_max_num_queries: Any) -> None:
    road.community()
    client, _actor = road.as_("ana", "programme_coordinator")
    client.get("/communities/")
    with django_assert_max_num_queries(QUERIES_MAX) as few:
        client.get("/communities/")
    for number in range(6):
        road.community(community_name=f"Purok {number}")
    with django_assert_max_num_queries(QUERIES_MAX) as many:
        assert len(rows_of(client.get("/communities/").content.decode())) == 7
    assert len(many) <= len(few) + 2


def test_a_communitys_page_shows_its_road_and_what_comes_next() -> None:
    case = road.selected()
    client, _actor = road.as_("liza", "extension_worker", "jump/asia/PH/")
    page = client.get(f"/communities/{case.subject_ref}/").content.decode()
    assert "<h1>Bagong Pag-asa</h1>" in page
    assert "Semi-urban · 4,200 people" in page
    steps = re.findall(r'<li class="(done|here|todo)"', page)
    assert steps[:4] == ["done", "done", "here", "todo"]
    assert 'aria-current="step"' in page
    assert "Before “Stakeholder map” is done" in page
    for words in (
        "No ideas yet",
        "No proposals from this community yet",
        "No contracts here yet",
        "None yet. They follow an approved proposal.",
    ):
        assert words in page
    assert "Record a visit" in page
    assert re.search(r"Extension worker</span><div><b>Liza</b>", page), "who to call is who holds the role here"


def test_a_donor_reads_the_page_and_is_offered_nothing_to_write() -> None:
    case = road.selected()
    client, _actor = road.as_("henrik", "donor")
    page = client.get(f"/communities/{case.subject_ref}/").content.decode()
    assert "<h1>Bagong Pag-asa</h1>" in page
    assert "Record a visit" not in page
    assert client.get(f"/communities/{case.subject_ref}/record/").status_code == 403


def test_tasks_are_ticked_off_and_the_page_says_how_many() -> None:
    case = road.selected()
    place = parties.place(makers.MAKER, case.subject_ref)
    first, second = (
        cases.add_task(
            makers.MAKER,
            title=title,
            about=place.ref,
            owner_role="extension_worker",
            scope=place.scope,
            due_on=road.TODAY,
            key=title,
        )
        for title in ("Book the school hall", "Print the sheets")
    )
    client, _actor = road.as_("liza", "extension_worker", "jump/asia/PH/")
    page = client.get(f"/communities/{place.ref}/").content.decode()
    assert "0 of 2 done" in page
    answer = client.post(f"/communities/{place.ref}/tasks/", {"task": [first]}, follow=True)
    page = answer.content.decode()
    assert "1 task is done." in page
    assert "1 of 2 done" in page
    assert cases.task(makers.MAKER, first).state == "done"
    assert cases.task(makers.MAKER, second).state == "open"


def test_who_may_not_work_here_ticks_nothing_off() -> None:
    case = road.selected()
    place = parties.place(makers.MAKER, case.subject_ref)
    task = cases.add_task(
        makers.MAKER,
        title="Hall",
        about=place.ref,
        owner_role="extension_worker",
        scope=place.scope,
        due_on=None,
        key="h",
    )
    client, _actor = road.as_("mali", "extension_worker", "jump/asia/TH/")
    answer = client.post(f"/communities/{place.ref}/tasks/", {"task": [task]})
    assert answer.status_code == 403
    assert cases.task(makers.MAKER, task).state == "open"


def test_a_visit_is_written_down_on_a_plain_page_and_what_was_agreed_becomes_a_task() -> None:
    case = road.selected()
    client, _actor = road.as_("liza", "extension_worker", "jump/asia/PH/")
    address = f"/communities/{case.subject_ref}/record/"
    page = client.get(address).content.decode()
    assert "Record a visit" in page
    empty = client.post(address, {"_key": "v" * 32})
    assert empty.status_code == 422
    assert evidence.submissions(makers.MAKER, form="jump_cer.visit_report") == []
    form = evidence.form("jump_cer.visit_report")
    answers = filled(form)
    answer = client.post(address, {"_key": "v" * 32, **road.typed(answers)}, follow=True)
    (sent,) = evidence.submissions(makers.MAKER, form="jump_cer.visit_report")
    assert sent.about == case.subject_ref
    assert f"Visit report saved. Number {sent.ref}." in answer.content.decode()


def filled(form: evidence.FormView) -> dict[str, Any]:
    """Answers to every question of a form that must be answered."""
    import random

    from jump.cli.example.fill import Filler

    filler = Filler(random.Random(1), {"by_name": {}, "any": ["As agreed."]})
    return filler.answers(form.id, road.TODAY, {})


@pytest.mark.parametrize("role", ["programme_coordinator", "extension_worker", "donor"])
def test_a_communitys_page_stays_within_its_queries(django_assert_max_num_queries: Any, role: str) -> None:
    case = road.selected()
    place = parties.place(makers.MAKER, case.subject_ref)
    for number in range(12):
        makers.group(place.scope, kind="enterprise", name=f"Enterprise {number}", members=[makers.person(place.scope)])
        cases.add_task(
            makers.MAKER,
            title=f"Task {number}",
            about=place.ref,
            owner_role="extension_worker",
            scope=place.scope,
            due_on=road.TODAY,
            key=f"t{number}",
        )
    client, _actor = road.as_("somebody", role)
    client.get(f"/communities/{place.ref}/")
    with django_assert_max_num_queries(QUERIES_MAX):
        page = client.get(f"/communities/{place.ref}/").content.decode()
    assert ("Enterprise 0" in page) is (role != "donor"), "a donor sees no single groups"
