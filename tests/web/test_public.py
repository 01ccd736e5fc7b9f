"""The door for visitors: the programme told without a sign-in, and the letter of interest as a plain page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jump.base import packages
from jump.base.models import PackageVersion
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from tests import makers
from tests.web import road_fixtures as road

PHOTO = b"\xff\xd8\xff\xe0" + b"jump" * 20


shipped, programme = road.shipped, road.road_db


def letters() -> list[evidence.SubmissionView]:
    return evidence.submissions(makers.MAKER, form="jump_cer.letter_of_interest")


def key_in(page: str) -> str:
    found = re.search(r'name="_key" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def send(client: Client, changes: dict[str, Any] | None = None, **more: Any) -> Any:
    answers = {name: value for name, value in {**road.LETTER, **(changes or {})}.items() if value is not None}
    return client.post("/letter/", {"_key": "k" * 32, **road.typed(answers), **more})


def test_a_visitor_reads_what_the_programme_is_without_signing_in(client: Client, programme: None) -> None:
    answer = client.get("/welcome/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Can your community create its own jobs?" in page
    assert "Philippines" in page
    assert 'href="/letter/"' in page


def test_before_packages_are_loaded_the_door_says_so_and_offers_no_letter(client: Client, programme: None) -> None:
    PackageVersion.objects.all().delete()
    packages.forget()
    page = client.get("/welcome/").content.decode()
    assert "Letters cannot be sent here yet" in page
    assert 'href="/letter/"' not in page
    assert client.get("/letter/").status_code == 404


def test_the_letter_is_a_plain_page_with_every_question_in_its_group(client: Client, programme: None) -> None:
    page = client.get("/letter/").content.decode()
    assert page.count('<fieldset class="part stack"') == 5, "four groups and one list with rows"
    assert "Name of the community" in page
    assert "<legend>Kind of place</legend>" in page.replace(' <span class="hint">(optional)</span>', "")
    assert 'type="file"' in page
    assert 'enctype="multipart/form-data"' in page
    assert "Only where “Does another job programme work here now?” is “Yes”." in page
    assert "<script" not in page.replace('<script src="', "").replace("</script>", "") or "src=" in page
    key_in(page)


@pytest.mark.covers("SELECT-06")
def test_anybody_sends_a_letter_and_gets_its_number_and_it_waits_for_a_look(client: Client, programme: None) -> None:
    answer = send(client)
    (letter,) = letters()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/thanks/{letter.ref}/"
    assert letter.state == "received"
    assert letter.answers["community_name"] == "Bagong Pag-asa"
    assert letter.answers["target_groups"] == ["unemployed", "youth"]
    assert letter.answers["supporter"] == [{"supporter_name": "Weavers’ association", "supporter_seat": "ngo"}]
    assert letter.answers["volunteers"] == 10, "the form's own sum"
    assert letter.source == "web"
    thanks = client.get(answer.headers["Location"]).content.decode()
    assert letter.ref in thanks
    assert "Rosa" not in thanks, "whoever opens the address learns nothing of the letter"
    assert cases.cases(makers.MAKER) == [], "nothing begins before somebody has looked"


def test_a_letter_pressed_twice_is_one_letter_with_one_number(client: Client, programme: None) -> None:
    first, second = send(client), send(client)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(letters()) == 1


def test_a_letter_changed_after_it_was_sent_is_refused_under_the_same_key_and_kept_on_the_page(
    client: Client, programme: None
) -> None:
    send(client)
    answer = send(client, {"population": 9})
    assert answer.status_code == 409
    assert 'value="9"' in answer.content.decode()
    (letter,) = letters()
    assert letter.answers["population"] == 4200


def test_errors_stand_at_the_top_and_at_the_field_and_nothing_typed_is_lost(client: Client, programme: None) -> None:
    answer = send(client, {"community_name": None, "country": "Philippines", "population": "many"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert letters() == []
    top = re.search(r'<div class="box bad" role="alert".*?</div>', page, re.S)
    assert top
    assert "3 things to put right" in top[0]
    for name in ("community_name", "country", "population"):
        assert f'href="#id_a-{name}"' in top[0]
    assert "Philippines is not among the choices." in top[0]
    assert re.search(r'id="id_a-country"[^>]*aria-invalid="true"', page) or re.search(
        r'aria-invalid="true"[^>]*id="id_a-country"', page
    )
    assert "Choose one" in page
    assert 'value="many"' in page
    assert "Weavers’ association" in page
    assert re.search(r'value="unemployed"[^>]*checked', page)
    assert "The factory closed." in page
    assert key_in(page) if "k" * 32 not in page else True


def test_a_day_that_does_not_exist_is_said_in_words_of_the_three_boxes(client: Client, programme: None) -> None:
    boxes = {"a-signed_on": "other", "a-signed_on_day": "31", "a-signed_on_month": "2", "a-signed_on_year": "2002"}
    answer = send(client, {"signed_on": None, "why": None}, **boxes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no such day. Check day, month and year" in page
    assert "2 things to put right" in page, "what evidence finds is told at the same time"
    assert 'value="31"' in page
    assert letters() == []


def test_rows_are_added_and_taken_out_by_plain_buttons_and_the_rest_stays(client: Client, programme: None) -> None:
    one = client.post("/letter/", {"_key": "k" * 32, **road.typed(road.LETTER), "_add": "supporter"})
    page = one.content.decode()
    assert one.status_code == 200
    assert 'name="n-supporter" value="2"' in page
    assert "Weavers’ association" in page
    assert "The factory closed." in page
    assert letters() == []
    rows = [{"supporter_name": "First", "supporter_seat": "ngo"}, {"supporter_name": "Second", "supporter_seat": "ngo"}]
    data = {"_key": "k" * 32, **road.typed({**road.LETTER, "supporter": rows}), "_remove": "supporter.0"}
    page = client.post("/letter/", data).content.decode()
    assert 'name="n-supporter" value="1"' in page
    assert "Second" in page
    assert "First" not in page


def test_rows_that_are_still_empty_stay_while_more_are_added(client: Client, programme: None) -> None:
    data = {"_key": "k" * 32, **road.typed({**road.LETTER, "supporter": [{"supporter_name": ""}] * 2})}
    page = client.post("/letter/", {**data, "_add": "supporter*10"}).content.decode()
    assert 'name="n-supporter" value="12"' in page
    assert 'value="supporter*10"' in page


def test_an_empty_row_is_not_an_answer(client: Client, programme: None) -> None:
    rows = [{"supporter_name": "", "supporter_seat": ""}, {"supporter_name": "Second", "supporter_seat": "ngo"}]
    send(client, {"supporter": rows})
    (letter,) = letters()
    assert letter.answers["supporter"] == [{"supporter_name": "Second", "supporter_seat": "ngo"}]


def test_numbers_are_read_as_the_readers_language_writes_them(client: Client, programme: None) -> None:
    send(client, {"population": "4,200"})
    assert letters()[0].answers["population"] == 4200
    french = Client(HTTP_ACCEPT_LANGUAGE="fr")
    answers = road.typed({**road.LETTER, "population": "5 300"})
    french.post("/letter/", {"_key": "f" * 32, **answers})
    assert sorted(one.answers["population"] for one in letters()) == [4200, 5300]


def test_a_photograph_comes_with_the_letter_and_survives_an_error(client: Client, programme: None) -> None:
    photo = SimpleUploadedFile("IMG.jpg", PHOTO, content_type="image/jpeg")
    answer = send(client, {"why": None}, **{"a-letter_photo": photo})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "letter_photo-IMG.jpg is kept." in page
    token = re.search(r'name="k-letter_photo" value="([^"]+)"', page)
    assert token
    answer = send(client, {"why": "The factory closed."}, **{"k-letter_photo": token[1]})
    assert answer.status_code == 302
    (letter,) = letters()
    assert [(one.path, one.size) for one in letter.attachments] == [("letter_photo", len(PHOTO))]


def test_a_made_up_word_for_a_kept_file_gives_no_file(client: Client, programme: None) -> None:
    send(client, None, **{"k-letter_photo": "eyJyZWYiOiJmaWwtMDAwMDAwMDAifQ:1:abc"})
    (letter,) = letters()
    assert letter.attachments == ()


def test_a_hand_made_answer_outside_the_choices_is_refused(client: Client, programme: None) -> None:
    answer = send(client, {"settlement_type": "moon"})
    assert answer.status_code == 422
    assert letters() == []


def test_only_public_forms_are_open_to_visitors(client: Client, programme: None) -> None:
    assert client.get("/write/common.information_request/").status_code == 200
    assert client.get("/write/jump_cer.visit_report/").status_code == 404
    assert client.get("/thanks/not-a-number/").status_code == 404


def test_the_letter_is_in_the_readers_language(client: Client, programme: None) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="fr").get("/letter/").content.decode()
    assert "Nom de la communauté" in page
    assert 'lang="fr"' in page


def test_a_worker_writes_down_a_letter_that_came_on_paper_and_somebody_else_looks_at_it(programme: None) -> None:
    client, actor = road.as_("liza", "extension_worker", "jump/asia/PH/")
    answer = send(client)
    (letter,) = letters()
    assert answer.headers["Location"] == f"/thanks/{letter.ref}/"
    assert letter.scope.startswith("jump/asia/PH/")
    assert letter.by_key == actor.key
    assert letter.state == "received"
