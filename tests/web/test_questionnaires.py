"""Forms as things that are made: a coordinator uploads, sees all that is wrong, compares and publishes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jump.base import clock
from jump.engines.evidence import api as evidence
from tests import makers
from tests.engines.evidence.test_forms import HOUSEHOLD

pytestmark = pytest.mark.django_db
COUNTRY = "trial/asia/PH/"


@pytest.fixture
def ground() -> makers.Ground:
    clock.pin(datetime.date(2004, 6, 30))
    return makers.ground()


@pytest.fixture
def coordinator(client: Client, ground: makers.Ground) -> Client:
    return as_role(client, "national_coordinator")


def as_role(client: Client, role: str, path: str = COUNTRY) -> Client:
    from django.contrib.auth import get_user_model

    from jump.base.models import RoleAssignment
    from jump.base.scopes import node

    user = get_user_model().objects.create(username=f"{role}-{path}")
    RoleAssignment.objects.create(user=user, role=role, node=node(path), starts_on=datetime.date(2002, 1, 1))
    client.force_login(user)
    return client


def sent(client: Client, written: str = HOUSEHOLD, **more: Any) -> Any:
    file = SimpleUploadedFile("household.md", written.encode())
    given = {"file": file, "scope": COUNTRY, "data_class": "P2", "review": "all", **more}
    return client.post("/forms/upload/", given, follow=True)


def test_who_makes_the_first_form_is_told_how(coordinator: Client) -> None:
    page = coordinator.get("/forms/").content.decode()
    assert "No form yet" in page
    assert "/forms/upload/" in page


def test_a_form_is_uploaded_looked_at_and_published(coordinator: Client) -> None:
    answer = sent(coordinator)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Draft of version 1" in page
    address = answer.redirect_chain[-1][0]
    asked = coordinator.get(f"{address}preview/").content.decode()
    assert "How many people" in asked
    assert '<fieldset class="part stack" disabled>' in asked
    assert evidence.forms() == []

    done = coordinator.post(address, follow=True).content.decode()
    assert "Version 1 is published" in done
    assert evidence.form("own.household").data_class == "P2"
    assert "Household" in coordinator.get("/forms/").content.decode()


def test_everything_wrong_in_a_form_stands_in_one_table_and_nothing_is_kept(coordinator: Client) -> None:
    broken = HOUSEHOLD.replace("integer", "intiger").replace("| water | river", "| water | well")
    answer = sent(coordinator, broken)
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("survey, row 3", "Did you mean integer?", "choices, row 3", "household.md cannot be used yet"):
        assert words in page
    assert "No form yet" in coordinator.get("/forms/").content.decode()


def test_a_file_that_is_no_form_is_refused_in_words(coordinator: Client) -> None:
    for content in (b"\x00\x01\x02" * 400, b"PK\x03\x04 nothing", b" "):
        file = SimpleUploadedFile("photo.xlsx", content)
        answer = coordinator.post(
            "/forms/upload/", {"file": file, "scope": COUNTRY, "data_class": "P1", "review": "all"}
        )
        assert answer.status_code == 422
        assert "cannot be used yet" in answer.content.decode()


def test_a_new_version_is_compared_and_needs_a_tick_where_answers_are_no_longer_asked_for(
    coordinator: Client, ground: makers.Ground
) -> None:
    coordinator.post(sent(coordinator).redirect_chain[-1][0])
    evidence.submit(
        makers.someone("extension_worker"),
        form="own.household",
        answers={"head": "Maria", "members": 4, "water": "well"},
        scope=ground.scope,
        on=makers.DAY,
        key="first",
    )
    changed = sent(coordinator, HOUSEHOLD.replace("| | text | head | Head of the household |\n", ""))
    address, page = changed.redirect_chain[-1][0], changed.content.decode()
    assert "No longer asked" in page
    assert "Publish anyway" in page
    refused = coordinator.post(address)
    assert refused.status_code == 409
    assert "no longer asks for" in refused.content.decode()
    assert evidence.form("own.household").version == "1"

    coordinator.post(address, {"agreed": "on"})
    detail = coordinator.get("/forms/own.household/").content.decode()
    assert "From version 1 to version 2" in detail
    assert "Head of the household" in detail
    compared = coordinator.get("/forms/own.household/", {"before": "2", "after": "1"}).content.decode()
    assert "New question" in compared


def test_files_are_added_and_a_draft_is_thrown_away(coordinator: Client) -> None:
    written = HOUSEHOLD.replace("select_one water | water", "select_one_from_file wells.csv | water")
    answer = sent(coordinator, written)
    address = answer.redirect_chain[-1][0]
    assert "wells.csv" in answer.content.decode()
    assert "wells.csv" in coordinator.post(address).content.decode()
    added = coordinator.post(
        f"{address}files/", {"media": SimpleUploadedFile("wells.csv", b"name,label\na,A\n")}, follow=True
    )
    assert "The files lie beside the form." in added.content.decode()
    coordinator.post(f"{address}drop/")
    assert coordinator.get(address).status_code == 404
    assert evidence.forms() == []


def test_who_may_not_make_forms_sees_neither_the_upload_nor_a_draft(
    client: Client, ground: makers.Ground, coordinator: Client
) -> None:
    address = sent(coordinator).redirect_chain[-1][0]
    worker = as_role(Client(), "extension_worker")
    for path in ("/forms/upload/", address, f"{address}preview/"):
        assert worker.get(path).status_code == 403
    foreign = as_role(Client(), "national_coordinator", "trial/asia/TH/")
    assert foreign.get(address).status_code == 404
    assert COUNTRY not in foreign.get("/forms/upload/").content.decode()


def test_the_number_of_statements_does_not_grow_with_the_forms(coordinator: Client) -> None:
    makers.form("one")
    coordinator.get("/forms/")
    with CaptureQueriesContext(connection) as few:
        coordinator.get("/forms/")
    for number in range(5):
        makers.form(f"more_{number}")
    coordinator.get("/forms/")
    with CaptureQueriesContext(connection) as many:
        coordinator.get("/forms/")
    assert len(many) <= len(few) <= 14
