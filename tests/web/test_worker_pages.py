"""Pages of extension workers: their week, a visit made, the month signed and read, supervision, absorption."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jump.base import clock
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from tests import makers
from tests.web.area_fixtures import QUERIES_MAX, reader, words
from tests.web.test_training_pages import boxes_of, posted
from tests.web.training_ground import RIVERSIDE, TODAY, School, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(db: None) -> School:
    return stand()


def test_a_visit_is_planned_stands_in_the_week_and_is_written_down_with_its_way(school: School) -> None:
    client, week = school.wilma.client, f"/workers/{school.worker}/"
    assert client.get("/workers/me/").headers["Location"] == week
    assert "My week" in words(client.get(week))
    answer = posted(client, f"{week}visit/", to=school.place, purpose="Savings group", **boxes_of("planned_on"))
    assert answer.headers["Location"] == f"{week}?day=2004-06-30"
    shown = words(client.get(week))
    assert "Savings group" in shown
    assert "It was made: write it down" in shown
    (visit,) = cases.sessions(school.wilma.actor, kind=cases.VISIT)

    made = f"/visits/{visit.ref}/made/"
    answer = posted(
        client, made, minutes="Books are in order.", travel_km="18", travel_by="motorbike", cost_minor="120",
        **boxes_of("held_on"),
    )  # fmt: skip
    assert answer.status_code == 302, words(answer)
    view = cases.session(school.wilma.actor, visit.ref)
    assert (view.travel_km, view.travel_by, view.cost_minor, view.currency) == (18, "motorbike", 12_000, "PHP")
    shown = words(client.get(week))
    assert "Kilometres 18" in shown
    assert "PHP 120.00" in shown
    assert "Visit: Riverside" in words(client.get(f"{week}?month=1"))


def test_a_month_is_signed_by_the_worker_and_read_by_the_coordinator(school: School) -> None:
    url = f"/workers/{school.worker}/2004-06/"
    visit = cases.record_visit(
        school.wilma.actor, worker_ref=school.worker, to_ref=school.place, held_on=date(2004, 6, 10), key="v"
    )
    shown = school.wilma.client.get(url)
    assert f"Visits made 1 {visit}" in words(shown)
    assert f'href="/gatherings/{visit}/"' in shown.content.decode()
    assert "I have read it" not in words(school.jose.client.get(url)), "nobody reads what is not signed"
    assert posted(school.wilma.client, url, note="The bridge was closed.").status_code == 302
    listed = words(school.jose.client.get("/workers/"))
    assert "Wilma Santos, June 2004" in listed
    assert posted(school.jose.client, url, answer="Thank you.").status_code == 302
    shown = words(school.wilma.client.get(url))
    assert "signed, and read on 30 June 2004" in shown
    assert "Thank you." in shown
    assert school.wilma.client.get(f"/workers/{school.worker}/2004-13/").status_code == 404


def test_a_month_that_is_not_over_cannot_be_signed_yet(school: School) -> None:
    clock.pin(date(2004, 6, 29))
    shown = words(school.wilma.client.get(f"/workers/{school.worker}/2004-06/"))
    assert "It can be signed on its last day." in shown


@pytest.mark.covers("EXTWORK-05")
def test_who_was_not_supervised_is_shown_until_a_note_is_written(school: School) -> None:
    client = school.jose.client
    assert "1 worker is missing" in words(client.get("/workers/"))
    url = f"/workers/{school.worker}/supervise/"
    page = client.get(url)
    assert page.status_code == 200
    sent = evidence.submit(
        school.jose.actor,
        form="jump.supervision_note",
        answers={
            "seen_on": "2004-06-20", "seen_how": "visit", "places_seen": 2, "plans": 4, "records": 3, "listens": 5,
            "includes_women": 4, "method": 4, "noted": "Visits are prepared.", "agreed": "Bring the diary.",
        },
        scope=RIVERSIDE, about=school.worker, on=TODAY, key="note",
    )  # fmt: skip
    assert sent.state == "accepted"
    from jump.base import outbox

    outbox.drain()
    shown = words(client.get("/workers/"))
    assert "nobody is missing" in shown
    assert "20 Jun 2004" in shown


@pytest.mark.covers("EXTWORK-06")
def test_the_overview_of_absorption_begins_a_plan_for_each_worker(school: School) -> None:
    client = school.jose.client
    shown = words(client.get("/workers/absorption/"))
    assert "0 of 1 are placed or explained" in shown
    assert "No plan yet" in shown
    answer = client.post(f"/workers/{school.worker}/absorb/")
    (case,) = cases.cases(makers.MAKER, procedure="jump.absorption")
    assert answer.headers["Location"] == f"/cases/{case.ref}/"
    assert client.post(f"/workers/{school.worker}/absorb/").headers["Location"] == f"/cases/{case.ref}/"
    assert "Plan To the case" in words(client.get("/workers/absorption/"))


def test_who_works_elsewhere_sees_no_week_and_no_month(school: School) -> None:
    stranger = reader("extension_worker", "jump/africa/KE/")
    for url in (f"/workers/{school.worker}/", f"/workers/{school.worker}/2004-06/"):
        assert stranger.client.get(url).status_code == 404
    assert school.wilma.client.get("/workers/").status_code == 403
    assert reader("core_team", RIVERSIDE).client.get("/workers/me/").status_code == 404


def test_pages_of_workers_ask_the_database_a_bounded_number_of_times(
    school: School, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        cases.record_visit(
            school.wilma.actor, worker_ref=school.worker, to_ref=school.place, held_on=date(2004, 6, 28 + number % 3),
            key=f"v{number}",
        )  # fmt: skip
    for client, url in (
        (school.wilma.client, f"/workers/{school.worker}/"),
        (school.wilma.client, f"/workers/{school.worker}/?month=1"),
        (school.wilma.client, f"/workers/{school.worker}/2004-06/"),
        (school.jose.client, "/workers/"),
        (school.jose.client, "/workers/absorption/"),
    ):
        with django_assert_max_num_queries(QUERIES_MAX):
            assert client.get(url).status_code == 200, url
