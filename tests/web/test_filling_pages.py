"""The ways to fill a form: with the engine under its own policy, without a script, and on paper."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jump.engines.evidence import api as evidence
from jump.web.filling.paper import paper_html
from jump.web.middleware import POLICY
from tests import makers

pytestmark = pytest.mark.django_db
RIVERSIDE = "trial/asia/PH/riverside/"
WEB_FORMS = Path(__file__).parents[2] / "src/jump/web/static/jump/web_forms"


@pytest.fixture
def liza(db: None) -> Client:
    makers.ground()
    makers.form()
    actor = makers.signed_in("extension_worker", RIVERSIDE, name="liza")
    client = Client()
    client.force_login(get_user_model().objects.get(pk=actor.user_id))
    return client


def test_the_vendored_form_engine_is_what_was_built_without_fonts_or_addresses_to_load_from() -> None:
    lines = dict(reversed(line.split("  ")) for line in (WEB_FORMS / "SHA256SUMS").read_text().splitlines())
    there = {path.name for path in WEB_FORMS.iterdir()} - {"SHA256SUMS"}
    assert set(lines) == there
    for name, sha256 in lines.items():
        assert hashlib.sha256((WEB_FORMS / name).read_bytes()).hexdigest() == sha256, name
    styles = (WEB_FORMS / "web-forms.min.css").read_text()
    assert not re.search(r"@font-face|data:font|@import|https?:", styles)
    assert "Apache-2.0" in (WEB_FORMS / "LICENCES.txt").read_text()


def test_the_engine_has_a_policy_of_its_own_route_with_a_fresh_nonce_and_all_others_stay_strict(liza: Client) -> None:
    first, again = (liza.get("/fill/trial.visit/here/").headers["Content-Security-Policy"] for _ in range(2))
    nonce = re.search(r"'nonce-([\w-]+)'", first)
    assert nonce
    assert nonce[1] not in again
    assert "style-src 'self' 'nonce-" in first
    assert "script-src 'self' 'wasm-unsafe-eval';" in first
    assert "unsafe-inline" not in first
    assert "default-src 'none'" in first
    for address in ("/fill/", "/fill/trial.visit/", "/fill/trial.visit/plain/", "/help/", "/communities/"):
        assert liza.get(address).headers["Content-Security-Policy"] == POLICY, address


def test_the_page_of_a_form_offers_every_way_and_keeps_what_it_is_about(liza: Client) -> None:
    page = liza.get(f"/fill/trial.visit/?scope={RIVERSIDE}").content.decode()
    for way in ("here", "plain", "paper"):
        assert f"/fill/trial.visit/{way}/?scope=trial%2Fasia%2FPH%2Friverside%2F" in page, way


def test_without_a_script_the_plain_form_is_sent_and_listed(liza: Client) -> None:
    key = re.search(r'name="_key" value="(\w+)"', liza.get("/fill/trial.visit/plain/").content.decode())
    assert key
    sent = liza.post(
        "/fill/trial.visit/plain/",
        {"_key": key[1], "a-host": "Maria", "a-is_open": "yes", "n-worker": "0", **_day(liza)},
    )
    assert sent.status_code == 302, sent.content.decode()[:3000]
    (kept,) = evidence.submissions(makers.MAKER, form="trial.visit")
    assert kept.ref in liza.get("/fill/trial.visit/").content.decode()


def _day(client: Client) -> dict[str, str]:
    """The three boxes of the day, by the names that the page gives them."""
    page = client.get("/fill/trial.visit/plain/").content.decode()
    names = re.findall(r'name="(a-visited_on[^"]*)"', page)
    values = {"day": "1", "month": "3", "year": "2004"}
    return {name: next((value for word, value in values.items() if word in name), "other") for name in names}


def test_a_form_on_paper_has_boxes_for_choices_and_lines_for_repeats(liza: Client) -> None:
    html = paper_html(evidence.form("trial.visit", language="en"), "Riverside")
    assert html.count('class="tick"') == 2
    assert '<th scope="col">Hours</th>' in html
    assert html.count("<tr>") > 8
    assert "Only where" in html
    assert "hours_total" not in html


def test_the_paper_is_a_tagged_pdf(liza: Client) -> None:
    pytest.importorskip("weasyprint", exc_type=OSError)
    import pypdf

    answer: Any = liza.get("/fill/trial.visit/paper/")
    assert answer.headers["Content-Type"] == "application/pdf"
    found = pypdf.PdfReader(BytesIO(answer.content))
    assert found.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Who received you" in "".join(page.extract_text() for page in found.pages)
