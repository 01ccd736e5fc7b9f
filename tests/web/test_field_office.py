"""The way back: what a phone sent is told of at its next contact, and a file from a phone comes in by the same road."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jump.base.actors import Actor, actor_for
from jump.base.models import RoleAssignment, ScopeNode
from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import SentInstance, Submission
from tests import makers
from tests.engines.evidence.sending import PHOTO_NAME, instance, post
from tests.makers import PHOTO

pytestmark = pytest.mark.django_db
RIVERSIDE = "trial/asia/PH/riverside/"
SEND = f"/openrosa/submission?scope={RIVERSIDE}"


@pytest.fixture(autouse=True)
def ground(db: None) -> None:
    makers.ground()
    makers.form()


def at_riverside(name: str, role: str = "extension_worker") -> tuple[Client, Actor]:
    made = get_user_model()._default_manager.create_user(username=name, first_name=name.capitalize())
    node = ScopeNode.objects.get(path=RIVERSIDE)
    RoleAssignment.objects.create(user=made, role=role, node=node, starts_on=date(2002, 1, 1))
    client = Client()
    client.force_login(made)
    return client, actor_for(made)


def told(client: Client) -> dict[str, Any]:
    """What the packet says of each form that the phone sent, by its number."""
    return {one["id"]: one for one in client.get("/field/packet/").json()["answers"]}


def from_phone(*entries: dict[str, Any], **changes: Any) -> SimpleUploadedFile:
    whole = {"format": "jump.field", "version": 1, "worker": "Liza", "entries": list(entries), **changes}
    return SimpleUploadedFile("jump.json", json.dumps(whole).encode(), content_type="application/json")


def entry(number: str, photo: bytes = b"", **changes: Any) -> dict[str, Any]:
    files = [{"name": PHOTO_NAME, "type": "image/jpeg", "base64": base64.b64encode(photo).decode()}] if photo else []
    xml = instance(number, photo=PHOTO_NAME if photo else "").decode()
    return {
        "id": number,
        "kind": "form",
        "form": "trial.visit",
        "scope": RIVERSIDE,
        "xml": xml,
        "files": files,
        **changes,
    }


def taken_in(client: Client, file: Any) -> Any:
    return client.post("/field/files/", {"file": file})


@pytest.mark.covers("EXTWORK-03", "CROSS-05")
def test_a_reviewers_remarks_come_back_to_the_phone_by_question_and_the_mended_form_takes_the_place_of_the_first() -> (
    None
):
    client, _actor = at_riverside("liza")
    assert post(client, SEND, instance("uuid:1")).status_code == 201
    assert told(client)["uuid:1"]["state"] == "received"
    ref = told(client)["uuid:1"]["ref"]

    coordinator = makers.someone("national_coordinator", "trial/asia/PH/")
    evidence.send_back(coordinator, ref=ref, comments={"": "Look again.", "sales": "Too high?"})
    back = told(client)["uuid:1"]
    assert (back["state"], back["remarks"]) == ("sent_back", {"": "Look again.", "sales": "Too high?"})
    assert back["by"] == coordinator.name

    mended = instance("uuid:2", host="Maria Cruz", deprecated="uuid:1")
    assert post(client, SEND, mended).status_code == 201
    assert set(told(client)) == {"uuid:2"}, "the first was taken the place of"
    assert told(client)["uuid:2"] == {"id": "uuid:2", "ref": ref, "state": "received"}
    evidence.accept(coordinator, ref=ref)
    assert told(client)["uuid:2"]["state"] == "accepted"


@pytest.mark.covers("CROSS-03")
def test_nobody_hears_of_what_another_worker_sent() -> None:
    client, _actor = at_riverside("liza")
    other, _neighbour = at_riverside("noi")
    post(client, SEND, instance("uuid:1"))
    assert told(other) == {}


@pytest.mark.covers("CROSS-05")
def test_a_file_from_a_phone_comes_in_once_with_its_photographs_and_what_the_phone_sends_later_is_the_same() -> None:
    office, _coordinator = at_riverside("jose", "national_coordinator")
    client, _actor = at_riverside("liza")
    for words in ("Received", "Was here already"):
        answer = taken_in(office, from_phone(entry("uuid:1", PHOTO), entry("uuid:2")))
        assert answer.status_code == 200
        assert words in answer.content.decode()
    assert (SentInstance.objects.count(), Submission.objects.count()) == (2, 2)
    assert Submission.objects.get(instances__instance_id="uuid:1").attachments.count() == 1
    again = post(client, SEND, instance("uuid:1", photo=PHOTO_NAME), {PHOTO_NAME: PHOTO})
    assert again.status_code == 202
    assert Submission.objects.count() == 2


def test_one_damaged_entry_stops_no_other() -> None:
    office, _coordinator = at_riverside("jose", "national_coordinator")
    damaged: list[Any] = [
        {**entry("uuid:2"), "files": [{"name": "a.jpg", "base64": "%%%"}]},
        {**entry("uuid:3"), "xml": "<data"},
        {**entry("uuid:4"), "scope": "trial/asia/TH/"},
        {**entry("uuid:5"), "scope": "nowhere/"},
        {"kind": "collection", "sheet": {}},
        {"kind": "collection", "sheet": "x"},
        "not an entry",
    ]
    page = taken_in(office, from_phone(*damaged, entry("uuid:1"))).content.decode()
    assert page.count("Not taken") == len(damaged)
    assert page.count("Received") == 1
    assert list(SentInstance.objects.values_list("instance_id", flat=True)) == ["uuid:1"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": "other"}', b'{"format": "jump.field"}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_file_that_is_no_file_of_the_app_is_refused_with_what_to_do(content: bytes) -> None:
    office, _coordinator = at_riverside("jose", "national_coordinator")
    answer = taken_in(office, SimpleUploadedFile("x.json", content))
    assert answer.status_code == 422
    assert SentInstance.objects.count() == 0


def test_a_stranger_and_a_donor_take_nothing_in() -> None:
    assert Client().get("/field/files/").status_code == 302
    donor, _actor = at_riverside("henrik", "donor")
    assert donor.get("/field/files/").status_code == 403


@pytest.mark.covers("CROSS-05")
def test_a_phone_whose_clock_was_years_wrong_is_flagged_and_its_form_is_taken() -> None:
    """The phone sets its times right by the office's clock, and says by how much."""
    from jump.base import clock

    clock.pin(None)
    client, _actor = at_riverside("liza")
    office, _coordinator = at_riverside("jose", "national_coordinator")
    assert post(client, f"{SEND}&clock=94608000", instance("uuid:1")).status_code == 201
    assert post(client, f"{SEND}&clock=soon", instance("uuid:2")).status_code == 201
    taken_in(office, from_phone(entry("uuid:3", clock=-94608000)))
    flags = {
        one.instances.get().instance_id: [flag["message"] for flag in one.flags if flag["code"] == "clock_wrong"]
        for one in Submission.objects.all()
    }
    assert "1095.0 days ahead" in flags["uuid:1"][0]
    assert flags["uuid:2"] == []
    assert "1095.0 days behind" in flags["uuid:3"][0]
