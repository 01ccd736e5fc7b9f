"""Nothing typed is lost: neither when a sign-in ends, nor when a form is refused, nor when we break."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jump.web.kept import FILES_BYTES_MAX, KEPT_COOKIE, PER_WRITER_MAX
from jump.web.models import KeptFile, KeptText
from tests.web.frame_fixtures import let_the_session_end, person, sign_in
from tests.web.frame_pages import RECEIVED

pytestmark = pytest.mark.usefixtures("frame")
WORDS = "The drying floor is finished.\nThe roof leaks."


def photo(name: str = "floor.jpg", content: bytes = b"picture") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def sent_after_the_session_ended(client: Client, **fields: Any) -> Any:
    person("liza")
    sign_in(client, "liza")
    let_the_session_end(client)
    return client.post("/visit/", {"note": WORDS, "receipt": "00913", **fields})


def test_words_typed_when_the_sign_in_has_ended_come_back_and_are_sent_with_one_button(client: Client) -> None:
    turned_away = sent_after_the_session_ended(client, photo=photo())
    assert turned_away.headers["Location"] == "/account/login/?next=/kept/"
    assert RECEIVED == []

    page = client.get(turned_away.headers["Location"]).content.decode()
    assert "Your words are kept" in page

    signed_in = client.post("/account/login/", {"login": "liza", "password": "three plain words", "next": "/kept/"})
    assert signed_in.headers["Location"] == "/kept/"
    shown = client.get("/kept/").content.decode()
    assert "The roof leaks." in shown
    assert "floor.jpg" in shown
    assert "Send it now" in shown
    assert 'action="/visit/"' in shown

    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    answer = client.post("/visit/", hidden)
    assert answer.status_code == 302
    assert RECEIVED[0]["note"] == WORDS
    assert RECEIVED[0]["fields"]["receipt"] == ["00913"]
    assert RECEIVED[0]["files"] == {"photo": ("floor.jpg", b"picture")}
    assert KeptText.objects.count() == 0
    assert KeptFile.objects.count() == 0


def test_kept_words_stay_when_sending_them_is_refused(client: Client) -> None:
    sent_after_the_session_ended(client, receipt="00912")
    sign_in(client, "liza")
    token = KeptText.objects.get().token
    answer = client.post("/visit/", {"_kept": token, "note": WORDS, "receipt": "00912"})
    assert answer.status_code == 409
    assert KeptText.objects.count() == 1
    assert RECEIVED == []


def test_nobody_else_is_shown_kept_words(client: Client) -> None:
    sent_after_the_session_ended(client)
    person("pedro")
    sign_in(client, "pedro")
    page = client.get("/kept/").content.decode()
    assert "roof" not in page
    assert "Nothing is waiting here" in page
    token = KeptText.objects.get().token
    client.post("/visit/", {"_kept": token, "note": "mine"})
    assert KeptText.objects.count() == 1


def test_a_strangers_form_is_not_kept(client: Client) -> None:
    answer = client.post("/visit/", {"note": WORDS})
    assert answer.status_code == 302
    assert KeptText.objects.count() == 0
    assert KEPT_COOKIE not in answer.cookies


def test_secrets_are_never_kept(client: Client) -> None:
    sent_after_the_session_ended(client, new_password="hush", otp_code="123456")
    kept = KeptText.objects.get()
    assert set(kept.fields) == {"note", "receipt"}


def test_files_too_large_are_named_and_the_words_are_kept_all_the_same(client: Client) -> None:
    sent_after_the_session_ended(client, photo=photo("huge.jpg", b"x" * (FILES_BYTES_MAX + 1)))
    assert KeptFile.objects.count() == 0
    sign_in(client, "liza")
    page = client.get("/kept/").content.decode()
    assert "huge.jpg" in page
    assert "The roof leaks." in page


def test_one_writer_fills_no_more_than_a_few_rows(client: Client) -> None:
    sent_after_the_session_ended(client)
    for number in range(PER_WRITER_MAX + 5):
        client.post("/visit/", {"note": f"note {number}"})
    assert KeptText.objects.count() == PER_WRITER_MAX
    assert KeptText.objects.latest("pk").fields["note"] == [f"note {PER_WRITER_MAX + 4}"]


def test_kept_words_can_be_thrown_away_by_their_writer(client: Client) -> None:
    sent_after_the_session_ended(client)
    sign_in(client, "liza")
    client.post("/kept/discard/")
    assert KeptText.objects.count() == 0


def test_a_page_that_was_open_too_long_keeps_its_words(client: Client) -> None:
    person("liza")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(KeptText._meta.get_field("writer").related_model.objects.get(username="liza"))
    answer = browser.post("/visit/", {"note": WORDS}, headers={"origin": "http://testserver"})
    assert answer.headers["Location"] == "/kept/"
    assert KeptText.objects.get().fields["note"] == [WORDS]


def test_a_form_from_another_site_is_neither_taken_nor_kept(client: Client) -> None:
    person("liza")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(KeptText._meta.get_field("writer").related_model.objects.get(username="liza"))
    answer = browser.post("/visit/", {"note": WORDS}, headers={"origin": "http://elsewhere.example"})
    assert answer.status_code == 403
    assert KeptText.objects.count() == 0
    assert RECEIVED == []


def test_a_refusal_shows_the_page_again_with_its_words_at_the_field_and_all_that_was_typed(client: Client) -> None:
    person("liza")
    sign_in(client, "liza")
    answer = client.post("/visit/", {"note": WORDS, "receipt": "00912"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "One thing to put right" in page
    assert '<a href="#id_receipt">Receipt</a>: Receipt 00912 is already used. Check the number.' in page
    assert "The roof leaks.</textarea>" in page
    assert 'value="00912"' in page
    assert RECEIVED == []


def test_a_refusal_of_fields_marks_each_of_them(client: Client) -> None:
    person("liza")
    sign_in(client, "liza")
    answer = client.post("/visit/", {"note": "bad"})
    assert answer.status_code == 422
    assert '<a href="#id_note">Note</a>: Say more.' in answer.content.decode()


def test_a_refusal_on_a_page_of_its_own_keeps_what_was_typed_ready_to_be_sent_again(client: Client) -> None:
    person("liza")
    sign_in(client, "liza")
    answer = client.post("/bare-visit/", {"note": WORDS, "receipt": "00912", "sending_key": "k1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Receipt 00912 is already used." in page
    assert "Check the number." in page
    assert "trial.receipt_used" in page
    assert "The roof leaks.</textarea>" in page
    assert '<input type="hidden" name="sending_key" value="k1">' in page
    assert 'action="/bare-visit/"' in page


def test_htmx_gets_the_refusal_without_the_frame(client: Client) -> None:
    person("liza")
    sign_in(client, "liza")
    answer = client.post("/bare-visit/", {"note": WORDS, "receipt": "00912"}, headers={"hx-request": "true"})
    assert answer.status_code == 409
    assert answer.content.decode().startswith('<div class="box bad" role="alert">')


def test_our_own_fault_shows_the_number_that_the_log_has_and_keeps_the_words(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    person("liza")
    sign_in(client, "liza")
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR, logger="jump.web"):
        answer = client.post("/visit/", {"note": "break"})
    page = answer.content.decode()
    assert answer.status_code == 500
    reference = re.search(r"E-[0-9A-F]{8}", page)
    assert reference is not None
    assert reference[0] in caplog.text
    assert "a fault of ours" not in page
    assert "Your words are kept" in page
    assert "break" in client.get("/kept/").content.decode()


def test_what_was_saved_is_told_once_on_the_next_page(client: Client) -> None:
    person("liza")
    sign_in(client, "liza")
    client.post("/visit/", {"note": WORDS})
    page = client.get("/help/").content.decode()
    assert '<div class="box good" role="status"><p class="strong">Visit saved.</p>' in page
    assert '<a href="/undo/">Undo</a> until midnight' in page
    assert "Visit saved." not in client.get("/help/").content.decode()
