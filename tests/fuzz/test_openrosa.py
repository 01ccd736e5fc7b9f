"""OpenRosa's endpoints answer anything with one of their own messages: never with trouble in the server."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from jump.engines.evidence import api as evidence
from tests import makers
from tests.engines.evidence.sending import instance, request

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("JUMP_EXAMPLES", "60"))
BOUNDED = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
)
EXPECTED = {201, 202, 400, 401, 403, 404, 405, 409, 413, 429}
WHOLE = instance("uuid:fuzz")
NAMES = st.sampled_from(["data", "host", "worker", "hours", "photo", "meta", "instanceID", "visited_on", "sales", "x"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40)
TREES: Any = st.recursive(
    st.tuples(NAMES, TEXTS), lambda inner: st.tuples(NAMES, st.lists(inner, max_size=6)), max_leaves=30
)


@pytest.fixture
def token(db: None) -> str:
    makers.ground()
    makers.form()
    coordinator = makers.someone("national_coordinator", "trial/asia/PH/")
    return evidence.make_app_user(coordinator, name="Phone", scope="trial/asia/PH/riverside/")[1]


def element(tree: Any) -> Any:
    name, inside = tree
    made = etree.Element(name)
    if isinstance(inside, str):
        made.text = inside
    else:
        made.extend([element(one) for one in inside])
    return made


def check(response: Any) -> None:
    assert response.status_code in EXPECTED, response.status_code
    assert response["X-OpenRosa-Version"] == "1.0"
    if response.content:
        etree.fromstring(response.content)


@BOUNDED
@given(
    st.lists(TREES, max_size=12), TEXTS, st.sampled_from(["1", "9", ""]), st.sampled_from(["trial.visit", "other", ""])
)
def test_any_tree_of_answers(token: str, trees: list[Any], number: str, version: str, form: str) -> None:
    root = etree.Element("data", id=form, version=version)
    root.extend([element(one) for one in trees])
    meta = etree.SubElement(root, "meta")
    etree.SubElement(meta, "instanceID").text = number
    body, kind = request(etree.tostring(root), {"a.jpg": makers.PHOTO})
    check(Client().generic("POST", f"/openrosa/key/{token}/submission", body, content_type=kind))


@BOUNDED
@given(st.binary(max_size=400), st.integers(0, len(WHOLE)), st.integers(0, 60))
def test_an_instance_with_bytes_changed(token: str, other: bytes, at: int, length: int) -> None:
    body, kind = request(WHOLE[:at] + other + WHOLE[at + length :])
    check(Client().generic("POST", f"/openrosa/key/{token}/submission", body, content_type=kind))


@BOUNDED
@given(
    st.binary(max_size=600), st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data", "text/xml", ""])
)
def test_any_body_of_any_type(token: str, body: bytes, kind: str) -> None:
    check(Client().generic("POST", f"/openrosa/key/{token}/submission", body, content_type=kind))


@BOUNDED
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]),
    st.sampled_from(["formList", "forms/{}/{}.xml", "forms/{}/{}/manifest", "forms/{}/{}/media/x", "submission"]),
    st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=20),
    st.booleans(),
)
def test_any_address_by_any_method(token: str, method: str, address: str, word: str, is_known: bool) -> None:
    from urllib.parse import quote

    safe = quote(word, safe="")
    path = address.format(safe, safe).replace("//", "/")
    response = Client().generic(method, f"/openrosa/key/{token if is_known else 'unknown'}/{path}?formID={safe}")
    assert response.status_code < 500
