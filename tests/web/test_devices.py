"""Devices and what they sent that could not be placed: shown once, revoked, decided by a person, in few queries."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jump.base import clock
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import AppUser, Attachment, EditConflict, HeldBack, SentInstance, Submission
from jump.engines.evidence.services.receiving import raw_instance
from jump.web.devices.codes import drawing, settings_of
from tests import makers
from tests.engines.evidence.sending import PHOTO_NAME, instance, post
from tests.makers import PHOTO

pytestmark = pytest.mark.django_db
RIVERSIDE = "trial/asia/PH/riverside/"
QUERIES_MAX = 30


@pytest.fixture(autouse=True)
def ground(db: None) -> None:
    makers.ground()
    makers.form()


def as_(role: str, path: str, name: str) -> tuple[Client, Any]:
    actor = makers.signed_in(role, path, name=name)
    client = Client()
    client.force_login(get_user_model().objects.get(pk=actor.user_id))
    return client, actor


@pytest.fixture
def jose() -> tuple[Client, Any]:
    return as_("national_coordinator", "trial/asia/PH/", "jose")


def device(actor: Any, **how: Any) -> str:
    return evidence.make_app_user(actor, name="Phone 1", scope=RIVERSIDE, **how)[1]


def send(token: str, xml: bytes, files: dict[str, bytes] | None = None) -> int:
    return int(post(Client(), f"/openrosa/key/{token}/submission", xml, files).status_code)


def test_a_coordinator_makes_a_device_and_its_code_is_shown_once(jose: tuple[Client, Any]) -> None:
    client, _actor = jose
    liza = makers.signed_in("extension_worker", RIVERSIDE, name="liza")
    asked = client.get("/devices/new/").content.decode()
    assert ">liza<" in asked
    key = re.search(r'name="key" value="(\w+)"', asked)
    assert key
    made = client.post(
        "/devices/new/",
        {"key": key[1], "name": "Phone of Liza", "scope": RIVERSIDE, "carrier": str(liza.user_id), "forms": []},
    )

    page = made.content.decode()
    assert made.headers["Cache-Control"] == "no-store"
    token = re.search(r"http://testserver/openrosa/key/([\w-]+)</bdi>", page)
    assert token
    assert '<svg viewBox="0 0' in page
    assert Client().get(f"/openrosa/key/{token[1]}/formList").status_code == 200
    listed = client.get("/devices/").content.decode()
    assert "Phone of Liza" in listed
    assert token[1] not in listed
    assert AppUser.objects.get().digest != token[1]

    assert send(token[1], instance("uuid:1")) == 201
    assert Submission.objects.get().by_key == liza.key
    client.post(f"/devices/{AppUser.objects.get().ref}/revoke/")
    assert "Revoked" in client.get("/devices/").content.decode()
    assert send(token[1], instance("uuid:2")) == 403


def test_the_code_holds_the_settings_of_odk_collect_packed_as_its_own_codes_are() -> None:
    packed = settings_of("https://example.org/openrosa/key/abc", "Phone")
    settings = json.loads(zlib.decompress(base64.b64decode(packed)))
    assert settings["general"]["server_url"] == "https://example.org/openrosa/key/abc"
    assert settings["general"]["form_update_mode"] == "match_exactly"
    assert settings["admin"] == {}
    assert drawing(packed).count("h1v1h-1z") > 400


def test_a_device_ends_with_the_role_of_who_carries_it(jose: tuple[Client, Any]) -> None:
    from jump.base.models import RoleAssignment

    _client, actor = jose
    liza = makers.signed_in("extension_worker", RIVERSIDE, name="liza", starts_on=clock.today())
    token = device(actor, carrier=liza.user_id)
    assert send(token, instance("uuid:3")) == 201
    RoleAssignment.objects.filter(user_id=liza.user_id).delete()
    assert send(token, instance("uuid:4")) == 403
    assert HeldBack.objects.get().reason == "revoked"


def test_of_two_answers_under_one_number_a_person_sees_what_differs_and_takes_the_other(
    jose: tuple[Client, Any],
) -> None:
    client, actor = jose
    token = device(actor)
    first, other = instance("uuid:5"), instance("uuid:5", host="Somebody else").replace(b">120.5<", b">130.5<")
    assert [send(token, first), send(token, other)] == [201, 409]
    held = HeldBack.objects.get()

    listed = client.get("/not-placed/").content.decode()
    assert "Other answers under a number that was there" in listed
    shown = client.get(f"/not-placed/{held.ref}/").content.decode()
    assert "120.5" in shown
    assert "130.5" in shown
    assert client.get(f"/not-placed/{held.ref}/bytes/").content == other
    assert client.post(f"/not-placed/{held.ref}/take/", {"key": "1", "note": "Rosa rang."}).status_code == 302

    kept = Submission.objects.get()
    assert (str(kept.answers["sales"]), kept.revision) == ("130.5", 2)
    assert raw_instance(SentInstance.objects.get()) == first
    assert [send(token, other), send(token, first)] == [202, 202]
    assert client.post(f"/not-placed/{held.ref}/take/", {"key": "2", "note": ""}).status_code == 409


def test_what_had_no_place_is_placed_as_its_senders_work_and_the_resend_is_known(jose: tuple[Client, Any]) -> None:
    client, actor = jose
    makers.form("census")
    token = device(actor, forms=["trial.census"])
    xml = instance("uuid:6", photo=PHOTO_NAME)
    assert send(token, xml, {PHOTO_NAME: PHOTO}) == 403
    held = HeldBack.objects.get()
    taken = client.post(f"/not-placed/{held.ref}/take/", {"key": "1", "scope": RIVERSIDE, "note": ""})

    assert taken.status_code == 302, taken.content.decode()[:2000]
    kept = Submission.objects.get()
    assert (kept.by_key, kept.source, kept.attachments.get().name) == (
        f"device:{AppUser.objects.get().ref}",
        "odk",
        PHOTO_NAME,
    )
    assert HeldBack.objects.get().state == "taken"


def test_what_cannot_be_read_is_laid_aside_with_a_reason_and_its_bytes_stay(jose: tuple[Client, Any]) -> None:
    client, actor = jose
    send(device(actor), b"no form at all")
    held = HeldBack.objects.get()

    assert client.post(f"/not-placed/{held.ref}/take/", {"key": "1", "note": "x"}).status_code == 409
    assert client.post(f"/not-placed/{held.ref}/lay-aside/", {"key": "1", "note": ""}).status_code == 422
    assert client.post(f"/not-placed/{held.ref}/lay-aside/", {"key": "1", "note": "A trial."}).status_code == 302
    held.refresh_from_db()
    assert (held.state, raw_instance(held)) == ("dismissed", b"no form at all")


def test_another_photo_under_the_same_name_is_held_and_may_take_its_place(jose: tuple[Client, Any]) -> None:
    client, actor = jose
    token = device(actor)
    xml, other = instance("uuid:7", photo=PHOTO_NAME), b"\xff\xd8\xff\xe0" + b"other" * 30
    assert [send(token, xml, {PHOTO_NAME: one}) for one in (PHOTO, other, PHOTO)] == [201, 409, 202]
    before = Attachment.objects.get().sha256
    held = HeldBack.objects.get()
    assert held.reason == "file_conflict"
    client.post(f"/not-placed/{held.ref}/take/", {"key": "1", "note": ""})
    assert Attachment.objects.get().sha256 != before


def test_a_form_whose_photos_never_came_is_listed_and_can_be_taken_without_them(jose: tuple[Client, Any]) -> None:
    client, actor = jose
    token = device(actor)
    post(Client(), f"/openrosa/key/{token}/submission", instance("uuid:8", photo=PHOTO_NAME), incomplete=True)
    assert "Take it without them" in client.get("/not-placed/").content.decode()
    assert client.post(f"/not-placed/{SentInstance.objects.get().ref}/finish/").status_code == 302
    assert [one["code"] for one in Submission.objects.get().flags] == ["attachment_missing"]


def test_a_revision_by_its_sender_is_a_new_turn_and_one_by_another_waits_for_a_person(jose: tuple[Client, Any]) -> None:
    """What the sender's own device sends in another order is laid over what stands: see test_conflicts."""
    client, actor = jose
    token, stranger = device(actor), device(actor)
    assert send(token, instance("uuid:a")) == 201
    assert send(token, instance("uuid:b", deprecated="uuid:a", host="Ana Lim")) == 201
    kept = Submission.objects.get()
    assert kept.revision == 2
    assert send(stranger, instance("uuid:c", deprecated="uuid:b", host="Nobody")) == 201
    assert send(token, instance("uuid:d", deprecated="uuid:a", host="Too late")) == 201
    assert [one.reason for one in HeldBack.objects.all()] == ["revision"]
    assert [one.paths for one in EditConflict.objects.all()] == [{"host": True}]
    assert Submission.objects.count() == 1
    assert client.post(f"/not-placed/{HeldBack.objects.first().ref}/take/", {"key": "1", "note": ""}).status_code == 302
    kept.refresh_from_db()
    assert kept.revision == 3


@pytest.mark.covers("CROSS-03")
def test_only_who_reviews_at_the_place_sees_devices_and_what_is_held(jose: tuple[Client, Any]) -> None:
    _client, actor = jose
    send(device(actor), b"no form at all")
    held = HeldBack.objects.get()
    worker, _liza = as_("extension_worker", RIVERSIDE, "liza")
    abroad, _somchai = as_("national_coordinator", "trial/asia/TH/", "somchai")

    assert worker.get("/devices/").status_code == worker.get("/not-placed/").status_code == 403
    assert "Phone 1" not in abroad.get("/devices/").content.decode()
    assert abroad.get(f"/not-placed/{held.ref}/").status_code == 404
    assert abroad.post(f"/devices/{AppUser.objects.get().ref}/revoke/").status_code == 404


def test_the_pages_ask_the_database_few_questions_however_much_waits(
    jose: tuple[Client, Any], django_assert_max_num_queries: Any
) -> None:
    client, actor = jose
    token = device(actor)
    for number in range(4):
        send(token, f"no form {number}".encode())
    for address in ("/devices/", "/devices/new/", "/not-placed/", f"/not-placed/{HeldBack.objects.first().ref}/"):
        with django_assert_max_num_queries(QUERIES_MAX):
            assert client.get(address).status_code == 200


@pytest.mark.covers("CROSS-04")
def test_what_devices_sent_word_for_word_is_forgotten_with_the_person(jose: tuple[Client, Any]) -> None:
    from jump.engines.evidence.services import forget_submissions

    _client, actor = jose
    token = device(actor)
    send(token, instance("uuid:9"))
    send(token, instance("uuid:9", host="Other"))
    person = Ref("per-00000001")
    Submission.objects.update(about_ref=person)
    assert forget_submissions(person)
    assert raw_instance(SentInstance.objects.get()) == raw_instance(HeldBack.objects.get()) == b""
