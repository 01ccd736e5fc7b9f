"""OpenRosa 1.0 through the door: what ODK Collect asks, in its order, and what happens when something is wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from jump.base.models import StoredFile
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import AppUser, HeldBack, SentInstance, Submission
from tests import makers
from tests.engines.evidence.sending import PHOTO_NAME, instance, post, request
from tests.makers import PHOTO

pytestmark = pytest.mark.django_db
RIVERSIDE = "trial/asia/PH/riverside/"
LIST = "{http://openrosa.org/xforms/xformsList}"


@pytest.fixture
def token(db: None) -> str:
    makers.ground()
    makers.form()
    return new_device()


def coordinator() -> Any:
    return makers.someone("national_coordinator", "trial/asia/PH/")


def new_device(**how: Any) -> str:
    _ref, token = evidence.make_app_user(coordinator(), name="Phone 1", scope=RIVERSIDE, **how)
    return token


def said(response: Any) -> str:
    """The message of an answer, which is OpenRosa's envelope."""
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(response.content)
    assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    return str(root[0].text)


@pytest.mark.covers("EXTWORK-03", "CROSS-05")
def test_the_requests_of_odk_collect_in_their_order_are_answered_to_the_specification(token: str) -> None:
    client = Client(enforce_csrf_checks=True)
    door = f"/openrosa/key/{token}"
    asks = {
        "X-OpenRosa-Version": "1.0",
        "Date": "Mon, 01 Mar 2004 10:00:00 GMT",
        "User-Agent": "org.odk.collect.android",
    }

    found = client.get(f"{door}/formList", headers=asks)
    assert (found.status_code, found["X-OpenRosa-Version"]) == (200, "1.0")
    assert int(found["X-OpenRosa-Accept-Content-Length"]) > 0
    assert found["Date"].endswith("GMT")
    xform = etree.fromstring(found.content).find(f"{LIST}xform")
    assert [one.tag.removeprefix(LIST) for one in xform] == [
        "formID", "name", "version", "hash", "downloadUrl", "manifestUrl",
    ]  # fmt: skip
    known = {one.tag.removeprefix(LIST): one.text for one in xform}
    assert (known["formID"], known["version"]) == ("trial.visit", "1")

    manifest = client.get(known["manifestUrl"], headers=asks)
    assert manifest.status_code == 200
    assert etree.fromstring(manifest.content).tag == "{http://openrosa.org/xforms/xformsManifest}manifest"

    form = client.get(known["downloadUrl"], headers=asks)
    import hashlib

    assert known["hash"] == f"md5:{hashlib.md5(form.content).hexdigest()}"
    assert etree.fromstring(form.content).tag == "{http://www.w3.org/1999/xhtml}html"

    head = client.head(f"{door}/submission", headers=asks)
    assert (head.status_code, head.content) == (204, b"")
    assert head["Location"] == f"http://testserver{door}/submission"
    assert {"X-OpenRosa-Version", "X-OpenRosa-Accept-Content-Length", "Date"} <= set(head.headers)

    sent = post(client, head["Location"], instance("uuid:1", photo=PHOTO_NAME), {PHOTO_NAME: PHOTO})
    assert sent.status_code == 201
    assert sent["X-OpenRosa-Version"] == "1.0"
    assert "Received" in said(sent)
    kept = Submission.objects.get()
    assert (kept.source, kept.scope.path, kept.form_version.form.form_id) == ("odk", RIVERSIDE, "trial.visit")
    assert [one.name for one in kept.attachments.all()] == [PHOTO_NAME]
    seen = evidence.submission(coordinator(), Ref(kept.ref))
    assert seen.answers["worker"][0]["hours"] == 40
    assert not seen.flags


def test_the_verbose_list_describes_and_all_versions_can_be_asked_for(token: str) -> None:
    makers.form(version="2")
    client = Client()
    address = f"/openrosa/key/{token}/formList"

    assert b"descriptionText" not in client.get(address).content
    assert b"descriptionText" in client.get(f"{address}?verbose=true").content
    latest = etree.fromstring(client.get(address).content)
    every = etree.fromstring(client.get(f"{address}?formID=trial.visit&listAllVersions=true").content)
    assert [one.text for one in latest.iter(f"{LIST}version")] == ["2"]
    assert [one.text for one in every.iter(f"{LIST}version")] == ["2", "1"]
    assert len(etree.fromstring(client.get(f"{address}?formID=trial.other").content)) == 0
    assert client.get(f"/openrosa/key/{token}/forms/trial.visit/1.xml").status_code == 200
    assert client.get(f"/openrosa/key/{token}/forms/trial.visit/9.xml").status_code == 404


def test_new_is_201_the_same_again_is_202_and_other_answers_under_the_number_are_409_with_both_kept(token: str) -> None:
    client = Client()
    address = f"/openrosa/key/{token}/submission"
    first, other = instance("uuid:7"), instance("uuid:7", host="Somebody else")

    assert [post(client, address, xml).status_code for xml in (first, first, other, other)] == [201, 202, 409, 409]
    assert Submission.objects.count() == SentInstance.objects.count() == 1
    held = HeldBack.objects.get()
    assert (held.reason, held.state, held.instance_id) == ("conflict", "waiting", "uuid:7")
    from jump.engines.evidence.services.receiving import raw_instance

    assert raw_instance(SentInstance.objects.get()) == first
    assert raw_instance(held) == other


def test_photos_come_in_several_posts_and_the_form_counts_when_the_last_is_there(token: str) -> None:
    client = Client()
    address = f"/openrosa/key/{token}/submission"
    xml = instance("uuid:8", photo=PHOTO_NAME)

    assert post(client, address, xml, incomplete=True).status_code == 201
    assert (SentInstance.objects.count(), Submission.objects.count()) == (1, 0)
    assert post(client, address, xml, {PHOTO_NAME: PHOTO}).status_code == 201
    kept = Submission.objects.get()
    assert not kept.flags
    assert kept.attachments.get().name == PHOTO_NAME
    assert post(client, address, xml, {PHOTO_NAME: PHOTO}).status_code == 202
    assert StoredFile.objects.count() == 1


def test_a_photo_that_never_came_is_a_flag_and_goes_when_it_comes_after_all(token: str) -> None:
    client = Client()
    address = f"/openrosa/key/{token}/submission"
    xml = instance("uuid:9", photo=PHOTO_NAME)

    post(client, address, xml)
    assert [one["code"] for one in Submission.objects.get().flags] == ["attachment_missing"]
    assert post(client, address, xml, {PHOTO_NAME: PHOTO}).status_code == 201
    assert Submission.objects.get().flags == []


def test_a_request_in_chunks_without_a_length_is_taken(token: str) -> None:
    import io

    from django.core.handlers.wsgi import WSGIHandler

    body, kind = request(instance("uuid:10"))
    heard: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/openrosa/key/{token}/submission",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_TYPE": kind,
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        WSGIHandler()(environ, lambda status, _headers: heard.append(status))
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    assert heard == ["201 Created"]


def test_every_version_ever_published_is_taken_for_ever(token: str) -> None:
    makers.form(version="2", data_class="P2")
    client = Client()
    address = f"/openrosa/key/{token}/submission"

    assert post(client, address, instance("uuid:11", version="1")).status_code == 201
    assert Submission.objects.get().form_version.version == "1"


def test_a_form_that_nobody_knows_is_refused_and_kept_with_its_bytes_for_a_person(token: str) -> None:
    client = Client()
    address = f"/openrosa/key/{token}/submission"
    sent = post(client, address, instance("uuid:12", form="other.census"), {"a.jpg": PHOTO})

    assert sent.status_code == 404
    assert "other.census" in said(sent)
    held = HeldBack.objects.get()
    assert (held.reason, held.form_id, [one["name"] for one in held.files]) == (
        "unknown_form",
        "other.census",
        ["a.jpg"],
    )


def test_a_form_of_another_project_is_refused_and_kept(token: str) -> None:
    makers.form("census")
    narrow = new_device(forms=["trial.census"])

    sent = post(Client(), f"/openrosa/key/{narrow}/submission", instance("uuid:13"))
    assert (sent.status_code, HeldBack.objects.get().reason) == (403, "not_offered")
    listed = etree.fromstring(Client().get(f"/openrosa/key/{narrow}/formList").content)
    assert [one.text for one in listed.iter(f"{LIST}formID")] == ["trial.census"]
    assert Client().get(f"/openrosa/key/{narrow}/forms/trial.visit/1.xml").status_code == 403


def test_a_revoked_device_gets_nothing_and_what_it_sends_is_kept_while_a_stranger_leaves_no_trace(token: str) -> None:
    client = Client()
    ref = Ref(AppUser.objects.get().ref)
    evidence.revoke_app_user(coordinator(), ref=ref)

    assert client.get(f"/openrosa/key/{token}/formList").status_code == 403
    assert post(client, f"/openrosa/key/{token}/submission", instance("uuid:14")).status_code == 403
    assert HeldBack.objects.get().reason == "revoked"
    assert post(client, "/openrosa/key/made-up/submission", instance("uuid:15")).status_code == 401
    assert client.get("/openrosa/key/made-up/formList").status_code == 401
    assert HeldBack.objects.count() == 1


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(b'<!ENTITY lol%d "%s">' % (n, b"&lol%d;" % (n - 1) * 10 if n else b"&lol;" * 10) for n in range(9))
    + b']><data id="trial.visit" version="1"><host>&lol8;</host></data>'
)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(BOMB, id="bomb"),
        pytest.param(
            b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><data id="trial.visit"><host>&x;</host></data>',
            id="entity",
        ),
        pytest.param(b'<data id="trial.visit">' + b"<a>" * 5000 + b"</a>" * 5000 + b"</data>", id="deep"),
        pytest.param(b'<data id="trial.visit">' + b"<a/>" * 300_000 + b"</data>", id="wide"),
        pytest.param(b"<data", id="broken"),
        pytest.param(b"\xff\xfe<\x00d\x00", id="utf-16"),
        pytest.param(b"no xml at all", id="text"),
        pytest.param(b"<data/>", id="nameless"),
        pytest.param(b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE x', id="utf-7"),
        pytest.param(
            b'<data id="trial.visit" version="1"><encryptedXmlFile>x</encryptedXmlFile></data>', id="encrypted"
        ),
    ],
)
def test_what_is_built_to_do_harm_is_refused_in_a_second_with_a_sentence_and_kept(token: str, xml: bytes) -> None:
    import time

    began = time.perf_counter()
    sent = post(Client(), f"/openrosa/key/{token}/submission", xml)

    assert sent.status_code == 400
    assert "cannot be read" in said(sent)
    assert HeldBack.objects.get().reason == "unreadable"
    assert Submission.objects.count() == 0
    assert time.perf_counter() - began < 2


def test_a_repeat_of_twenty_thousand_entries_is_taken_in_bounded_time(token: str) -> None:
    import time

    rows = "<worker><worker_name>A</worker_name><hours>4</hours></worker>" * 20_000
    xml = instance("uuid:20000").replace(b"<worker><worker_name>Jose", rows.encode() + b"<worker><worker_name>Jose", 1)
    began = time.perf_counter()
    assert post(Client(), f"/openrosa/key/{token}/submission", xml).status_code == 201
    assert time.perf_counter() - began < 60
    assert len(Submission.objects.get().answers["worker"]) == 20_002


@pytest.mark.covers("CROSS-04")
def test_the_place_leaves_photos_of_a_form_about_persons_and_the_resend_is_still_the_same(token: str) -> None:
    from jump.base import files
    from tests.base.test_photos import GPS, opened, photo

    makers.form("person", data_class="P2")
    xml = instance("uuid:gps", form="trial.person", photo=PHOTO_NAME)
    taken = photo("JPEG")
    address = f"/openrosa/key/{token}/submission"
    assert [post(Client(), address, xml, {PHOTO_NAME: taken}).status_code for _ in range(2)] == [201, 202]
    kept = files.opened(Ref(Submission.objects.get().attachments.get().file_ref)).read()
    assert GPS in opened(taken).getexif()
    assert GPS not in opened(kept).getexif()


NO_XML_PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (NO_XML_PART, "multipart/form-data; boundary=x", 400),
        (b"anything", "multipart/form-data", 400),
        (b"<data/>", "text/xml", 400),
        (b"x" * 30_000_001, "multipart/form-data; boundary=x", 413),
    ],
)  # fmt: skip
def test_a_request_that_is_not_as_openrosa_says_is_told_so(token: str, body: bytes, kind: str, status: int) -> None:
    sent = Client().generic("POST", f"/openrosa/key/{token}/submission", body, content_type=kind)

    assert sent.status_code == status
    assert said(sent)
    assert Client().put(f"/openrosa/key/{token}/submission").status_code == 405


def test_a_file_that_is_not_what_it_says_is_held_and_the_form_is_kept(token: str) -> None:
    xml = instance("uuid:16", photo=PHOTO_NAME)
    sent = post(Client(), f"/openrosa/key/{token}/submission", xml, {PHOTO_NAME: b"MZ\x90\x00\xff\xfe" + b"\x00" * 600})

    assert sent.status_code == 201
    assert HeldBack.objects.get().reason == "file"
    assert Submission.objects.get().attachments.count() == 0
    assert [one["code"] for one in Submission.objects.get().flags] == ["attachment_missing"]


def test_a_browser_sends_with_its_session_only_with_the_csrf_token(token: str) -> None:
    worker = makers.signed_in("extension_worker", RIVERSIDE, name="liza")
    from django.contrib.auth import get_user_model

    client = Client(enforce_csrf_checks=True)
    address = f"/openrosa/submission?scope={RIVERSIDE}&about=plc-00000001"
    assert post(client, address, instance("uuid:17")).status_code == 401
    client.force_login(get_user_model().objects.get(pk=worker.user_id))
    assert post(client, address, instance("uuid:17")).status_code == 403
    assert Submission.objects.count() == 0
    page = client.get("/account/logout/")
    csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert csrf
    body, kind = request(instance("uuid:17"))
    sent = client.generic("POST", address, body, content_type=kind, headers={"X-CSRFToken": csrf[1]})
    assert sent.status_code == 201
    kept = Submission.objects.get()
    assert (kept.source, kept.by_key, kept.about_ref) == ("sync", worker.key, "plc-00000001")
    other = client.generic(
        "POST", "/openrosa/submission?scope=trial/africa/", body, content_type=kind, headers={"X-CSRFToken": csrf[1]}
    )
    assert other.status_code == 403
