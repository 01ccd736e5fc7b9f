"""Pages of training: a course from opening to certificates, ticks on one phone, lists from a spreadsheet, materials."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.engines.reports import api as reports
from tests import makers
from tests.web.area_fixtures import QUERIES_MAX, hidden, words
from tests.web.training_ground import PH, RIVERSIDE, TODAY, School, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(db: None) -> School:
    return stand()


def posted(client: Client, url: str, **answers: Any) -> Any:
    """Fill the form of a page: its hidden key, and the days as three boxes."""
    page = client.get(url)
    assert page.status_code == 200, words(page)
    key = {"key": hidden(page, "key")} if 'name="key"' in page.content.decode() else {}
    return client.post(url, {**key, **answers})


@pytest.mark.covers("TRAIN-06")
def test_a_course_is_opened_planned_ticked_on_one_phone_and_finished(school: School) -> None:
    client = school.wilma.client
    page = client.get("/training/new/")
    boxes = re.findall(r'name="(starts_on[^"]*)"', page.content.decode())
    assert boxes, "the day has its boxes"
    answer = posted(
        client, "/training/new/", curriculum="training.self_help", title="Self-help in Riverside", level="grassroots",
        scope=RIVERSIDE, communities=[school.place], **boxes_of("starts_on"), **boxes_of("ends_on"),
    )  # fmt: skip
    (course,) = cases.courses(school.wilma.actor)
    assert answer.headers["Location"] == f"/training/{course.ref}/"

    answer = client.post(f"/training/{course.ref}/people/", {"who": school.people[:25]})
    assert answer.status_code == 302
    assert len(cases.course(school.wilma.actor, course.ref).enrolments) == 25
    answer = posted(
        client, f"/training/{course.ref}/day/", title="Day 1", hours="19", agenda="09:00 Welcome\nRules",
        materials="Guide", **boxes_of("planned_on"),
    )  # fmt: skip
    assert answer.status_code == 302
    day = school.day(course.ref)
    assert cases.session(school.wilma.actor, day).agenda == (
        cases.AgendaItem("Welcome", "09:00"),
        cases.AgendaItem("Rules"),
    )

    client.post(f"/gatherings/{day}/came/", {"came": school.people[:10]})
    assert "10 of 25 are ticked" in words(client.get(f"/gatherings/{day}/came/"))
    answer = client.post(
        f"/gatherings/{day}/came/",
        {"came": school.people[:20], "_over": "1", "_key": "k", "minutes": "All spoke.", **boxes_of("held_on")},
    )
    assert answer.headers["Location"] == f"/gatherings/{day}/"
    view = cases.session(school.wilma.actor, day)
    assert (view.count.people_max, view.minutes) == (20, "All spoke.")

    answer = client.post(f"/gatherings/{day}/came/", {"came": school.people[:21], "_over": "1", "_key": "k2"})
    assert answer.status_code == 422, "a held list is not changed without a reason"
    client.post(
        f"/gatherings/{day}/came/", {"came": school.people[:21], "_over": "1", "_key": "k3", "why": "She came late."}
    )
    assert cases.session(school.wilma.actor, day).count.people_max == 21

    answer = posted(client, f"/training/{course.ref}/finish/", **boxes_of("on"))
    assert answer.status_code == 302
    shown = words(client.get(f"/training/{course.ref}/"))
    assert "Finished" in shown
    assert shown.count("Certificate") >= 21
    assert "They are to be revised after this course" in shown
    posted(client, f"/training/{course.ref}/revised/", note="Everything was understood.")
    assert "Revised after this course" in words(client.get(f"/training/{course.ref}/"))


def boxes_of(name: str, day: Any = TODAY) -> dict[str, Any]:
    """A day as the three boxes of its field."""
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def test_every_page_of_a_course_of_25_asks_the_database_a_bounded_number_of_times(
    school: School, django_assert_max_num_queries: Any
) -> None:
    course = school.course(days=3)
    day = school.day(course)
    for url in (
        "/training/",
        f"/training/{course}/",
        f"/training/{course}/people/",
        f"/training/{course}/list/",
        f"/gatherings/{day}/came/",
        f"/gatherings/{day}/list/",
        f"/gatherings/{day}/",
        "/training/new/",
    ):
        with django_assert_max_num_queries(QUERIES_MAX):
            assert school.wilma.client.get(url).status_code == 200, url


# Lists ----------------------------------------------------------------------------------------------------------


def workbook(*rows: tuple[object, ...]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(
        ("Number", "Given name", "Family name", "Sex", "Year of birth", "Age group", "Agrees to be registered")
    )
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("list.xlsx", out.getvalue())


def test_a_list_is_looked_at_first_and_taken_in_whole_or_not_at_all(school: School) -> None:
    course = school.course(people=2)
    url = f"/gatherings/{school.day(course)}/list/"
    wrong = school.wilma.client.post(url, {"file": workbook(("", "Nina", "Ramos", "q", 1980, "", "yes"))})
    assert wrong.status_code == 422
    assert "Nothing was taken in" in words(wrong)
    assert "2 Sex q Write woman, man, other, or leave it empty." in words(wrong)
    assert parties.count_people(makers.MAKER, q="Nina") == 0

    right = school.wilma.client.post(
        url,
        {
            "file": workbook(
                (str(school.people[0]), "", "", "", None, "", ""),
                ("", "Nina", "Ramos", "f", 1980, "", "yes"),
                ("", "", "", "m", None, "15-24", "no"),
            )
        },
    )
    assert "Known already 1 To be registered 1" in words(right)
    sent = {"_take": "1", "_key": hidden(right, "_key"), "cells": hidden(right, "cells")}
    for _twice in range(2):
        assert school.wilma.client.post(url, sent).status_code == 302
    assert parties.count_people(makers.MAKER, q="Nina") == 1
    came = [one for one in cases.attendees(makers.MAKER, school.day(course)) if one.attended]
    assert sorted(bool(one.person_ref) for one in came) == [False, True, True]


def test_a_list_that_was_tampered_with_between_the_two_steps_is_checked_again(school: School) -> None:
    course = school.course(people=2)
    url = f"/gatherings/{school.day(course)}/list/"
    cells = json.dumps([{"row": "2", "number": "per-00000000"}])
    answer = school.wilma.client.post(url, {"_take": "1", "_key": "k", "cells": cells})
    assert answer.status_code == 422
    assert "Nobody has this number." in words(answer)
    assert school.wilma.client.post(url, {"_take": "1", "_key": "k", "cells": '"x"'}).status_code == 200


def test_what_is_no_list_says_so_and_the_empty_list_is_a_spreadsheet(school: School) -> None:
    course = school.course(people=2)
    url = f"/training/{course}/list/"
    answer = school.wilma.client.post(url, {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04damaged")})
    assert answer.status_code == 422
    assert "This list cannot be read" in words(answer)
    empty = school.wilma.client.get("/lists/people/")
    assert "spreadsheetml" in empty.headers["Content-Type"]


# Certificates ----------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(school: School) -> Ref:
    course = school.course(people=1)
    cases.record_session(
        school.wilma.actor, planned_ref=school.day(course), held_on=TODAY, key="d",
        attendance=[cases.Attendee(person_ref=school.people[0])],
    )  # fmt: skip
    cases.finish_course(school.wilma.actor, course_ref=course, on=TODAY)
    (enrolment,) = cases.course(school.wilma.actor, course).enrolments
    assert enrolment.certificate_ref is not None
    return enrolment.certificate_ref


@pytest.mark.covers("TRAIN-05")
def test_anybody_can_check_a_certificate_by_its_number_and_learns_no_name(school: School, certificate: Ref) -> None:
    stranger = Client()
    shown = stranger.get(f"/certificates/{certificate}/check/")
    assert shown.status_code == 200
    assert "This certificate is real" in words(shown)
    assert "Amado" not in shown.content.decode()
    assert "It was given to a person of this name." in words(
        stranger.get(f"/certificates/{certificate}/check/?name=amado%20%20CRUZ")
    )
    other = stranger.get(f"/certificates/{certificate}/check/?name=Belen+Cruz")
    assert "It was not given to a person of this name." in words(other)
    assert stranger.get("/certificates/qua-00000000/check/").status_code == 404


def test_the_certificate_with_its_name_is_for_those_who_may_see_the_person(school: School, certificate: Ref) -> None:
    assert "Amado Cruz" in words(school.wilma.client.get(f"/certificates/{certificate}/"))
    assert Client().get(f"/certificates/{certificate}/").status_code == 302
    from tests.web.area_fixtures import reader

    assert reader("core_team", RIVERSIDE).client.get(f"/certificates/{certificate}/").status_code == 404


def test_the_paper_is_a_pdf_with_number_and_address_to_check(school: School, certificate: Ref) -> None:
    pytest.importorskip("weasyprint", exc_type=OSError)
    answer = school.wilma.client.get(f"/certificates/{certificate}/?as=pdf")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    from pypdf import PdfReader

    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for word in ("Amado Cruz", str(certificate), "/check/"):
        assert word in re.sub(r"\s+", " ", text)


# Materials ---------------------------------------------------------------------------------------------------------


@pytest.mark.covers("TRAIN-03", "TRAIN-04")
def test_a_material_is_begun_tested_published_and_translated(school: School) -> None:
    client = school.jose.client
    answer = posted(
        client, "/materials/new/", title="Guide of the group", kind="guideline", curriculum="training.self_help",
        language="en",
    )  # fmt: skip
    (work,) = reports.works(school.jose.actor)
    assert answer.headers["Location"] == f"/materials/{work.ref}/"
    first = work.editions[0].ref
    assert posted(client, f"/editions/{first}/write/").status_code == 422
    posted(client, f"/editions/{first}/write/", file=SimpleUploadedFile("guide.pdf", b"%PDF-1.7 guide"))
    posted(client, f"/editions/{first}/test/", result="Read with six workers.", people="6", **boxes_of("on"))
    posted(client, f"/editions/{first}/publish/")
    posted(
        client, f"/materials/{work.ref}/next/", parent=first, language="fr", scope=PH, change="Translated.",
        **boxes_of("due_on"),
    )  # fmt: skip

    shown = words(client.get(f"/materials/{work.ref}/"))
    assert "Edition 2" in shown
    assert "From edition 1." in shown
    assert "French Asked for" in shown
    got = school.wilma.client.get(f"/editions/{first}/file/")
    assert b"".join(got.streaming_content) == b"%PDF-1.7 guide"
    listed = words(school.wilma.client.get("/materials/"))
    assert "Guide of the group" in listed
    assert school.wilma.client.get("/materials/new/").status_code == 403
