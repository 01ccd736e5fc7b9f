"""The pages of spreadsheets: the template, a file sent and checked, taken in, taken back; forms taken out."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from jump.base import clock, outbox
from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import SheetBatch, Submission
from tests import makers
from tests.engines.evidence.sheets import filled, visit
from tests.makers import DAY, Ground
from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

pytestmark = pytest.mark.django_db
PAGE = "/spreadsheets/trial.visit/"


@pytest.fixture
def ground(db: None) -> Ground:
    clock.pin(DAY)
    made = makers.ground()
    makers.form(about="place", data_class="P2")
    return made


@pytest.fixture
def liza(ground: Ground) -> Reader:
    return reader("extension_worker", ground.country_scope, "Liza")


def send(who: Reader, file: io.BytesIO, ground: Ground, **changed: Any) -> Any:
    upload = SimpleUploadedFile("visits.xlsx", file.getvalue())
    asked = {"file": upload, "scope": ground.scope, "on": DAY.isoformat(), **changed}
    return who.client.post(f"{PAGE}send/", asked, follow=True)


def test_the_template_comes_in_the_readers_language(liza: Reader) -> None:
    liza.client.get("/language/fr/")
    answer = liza.client.get(f"{PAGE}template/")
    assert answer["Content-Disposition"] == 'attachment; filename="visit-1.xlsx"'
    book = load_workbook(io.BytesIO(answer.content))
    assert "Est-ce ouvert ? *" in [cell.value for cell in book.worksheets[0][2]]


def test_a_file_is_checked_then_taken_in_then_taken_back(liza: Reader, ground: Ground) -> None:
    answer = send(liza, filled(liza.actor, [visit(), visit(host="Second")]), ground)
    told = words(answer)
    assert "checked, nothing saved yet" in told
    assert "Rows 2 Right and new 2 There already 0 Need a fix 0" in told
    assert "Take in all 2 rows" in told
    assert Submission.objects.count() == 0
    ref = SheetBatch.objects.get().ref

    taken = liza.client.post(f"/uploads/{ref}/import/", {"rows": "all"}, follow=True)
    assert "2 forms wait for a look by somebody else." in words(taken)
    assert Submission.objects.count() == 2

    asked = liza.client.get(f"/uploads/{ref}/undo/")
    assert "Forms taken back 2 Forms that were decided about and stay 0" in words(asked)
    missing = liza.client.post(f"/uploads/{ref}/undo/", {"why": "", "key": "k"})
    assert missing.status_code == 422
    undone = liza.client.post(f"/uploads/{ref}/undo/", {"why": "Wrong month", "key": "k"}, follow=True)
    assert "taken back" in words(undone)
    assert set(Submission.objects.values_list("state", flat=True)) == {"rejected"}


def test_what_is_wrong_stands_in_a_table_by_its_place_and_in_the_file(liza: Reader, ground: Ground) -> None:
    answer = send(liza, filled(liza.actor, [visit(sales=-3), visit()]), ground)
    told = words(answer)
    assert "Visit, row 4 H · Sales of the week 0 or more. Correct it." in told
    assert "Take in the 1 right row only" in told
    assert "Take in all" not in told
    ref = SheetBatch.objects.get().ref
    marked = liza.client.get(f"/uploads/{ref}/marked/")
    book = load_workbook(io.BytesIO(b"".join(marked.streaming_content)))
    assert book["Visit"]["H4"].comment.text == "0 or more. Correct it."
    assert liza.client.get(f"/uploads/{ref}/file/").status_code == 200
    refused = liza.client.post(f"/uploads/{ref}/import/", {"rows": "all"})
    assert "1 rows cannot be taken" in words(refused)
    liza.client.post(f"/uploads/{ref}/import/", {"rows": "valid"})
    assert Submission.objects.count() == 1


def test_a_file_that_is_none_is_told_beside_its_field_and_nothing_is_lost(liza: Reader, ground: Ground) -> None:
    answer = send(liza, io.BytesIO(b"a,b\n1,2\n"), ground)
    assert answer.status_code == 422
    assert "is not an Excel workbook" in words(answer)
    assert f'value="{ground.scope}" selected' in answer.content.decode()
    empty = liza.client.post(f"{PAGE}send/", {"scope": ground.scope, "on": DAY.isoformat()})
    assert (empty.status_code, "This is needed" in words(empty)) == (422, True)


def test_a_large_file_shows_how_far_it_is_until_it_is_done(liza: Reader, ground: Ground, monkeypatch: Any) -> None:
    from jump.engines.evidence.services import spreadsheets

    monkeypatch.setattr(spreadsheets, "AT_ONCE_BYTES", 0)
    answer = send(liza, filled(liza.actor, [visit()]), ground)
    page = answer.content.decode()
    assert "0 rows so far. You may leave this page; it goes on." in words(answer)
    assert 'hx-trigger="every 2s"' in page
    outbox.drain()
    ref = SheetBatch.objects.get().ref
    done = liza.client.get(f"/uploads/{ref}/")
    assert "hx-trigger" not in done.content.decode()
    assert "Take in 1 row" in words(done)


def test_others_see_neither_the_file_nor_the_buttons(liza: Reader, ground: Ground) -> None:
    send(liza, filled(liza.actor, [visit(sales=-1), visit()]), ground)
    ref = SheetBatch.objects.get().ref
    coordinator = reader("national_coordinator", ground.country_scope)
    told = words(coordinator.client.get(f"/uploads/{ref}/"))
    assert "Need a fix 1" in told
    for button in ("Take in", "marked", "as it came", "Take back"):
        assert button not in told
    stranger = reader("extension_worker", ground.foreign_scope)
    for path in ("", "file/", "marked/"):
        assert stranger.client.get(f"/uploads/{ref}/{path}").status_code == 404
    assert coordinator.client.get(f"/uploads/{ref}/file/").status_code == 404
    assert reader("donor", "trial/").client.get(PAGE).status_code == 403


@pytest.mark.parametrize("kind", ["xlsx", "csv", "json", "jsonl", "geojson"])
def test_forms_go_out_in_every_format_as_they_are_read(liza: Reader, ground: Ground, kind: str) -> None:
    makers.submission(liza.actor)
    answer = liza.client.get(f"{PAGE}out/", {"out-kind": kind, "out-state": "received", "out-in_words": "on"})
    assert answer.status_code == 200
    assert answer.streaming
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"] == f'attachment; filename="visit.{"zip" if kind == "csv" else kind}"'
    assert content[:2] == b"PK" if kind in ("xlsx", "csv") else content[:1] == b"{"
    if kind == "csv":
        assert b"Maria Santos" in zipfile.ZipFile(io.BytesIO(content)).read("submissions.csv")


def test_a_period_that_is_no_period_is_told_on_the_page(liza: Reader) -> None:
    answer = liza.client.get(
        f"{PAGE}out/", {"out-kind": "csv", "out-since_day": "31", "out-since_month": "2", "out-since_year": "2004"}
    )
    assert (answer.status_code, "There is no such day" in words(answer)) == (422, True)


def test_the_pages_say_what_to_do_when_empty_and_ask_little_of_the_database(
    liza: Reader, ground: Ground, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(QUERIES_MAX):
        listing = liza.client.get("/spreadsheets/")
    assert "Visit" in words(listing)
    with django_assert_max_num_queries(QUERIES_MAX):
        page = liza.client.get(PAGE)
    assert "You have sent no file yet" in words(page)
    assert "http://testserver/api/v1/forms/trial.visit.svc" in words(page)
    for _turn in range(3):
        send(liza, filled(liza.actor, [visit(), visit()]), ground)
    with django_assert_max_num_queries(QUERIES_MAX):
        assert "visits.xlsx" in words(liza.client.get(PAGE))
    view = evidence.sheets(liza.actor, form="trial.visit")[0]
    with django_assert_max_num_queries(QUERIES_MAX):
        liza.client.get(f"/uploads/{view.ref}/")
