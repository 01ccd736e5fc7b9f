"""The frame in a real browser: accessibility rules, no sideways scrolling, nothing blocked by the policy, passkeys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import frame
from tests.web.frame_fixtures import PASSWORD, person

__all__ = ["frame"]

PAGES = ("/design/home/", "/design/community/", "/design/loan/", "/design/states/", "/help/", "/me/", "/nowhere/")
pytestmark = pytest.mark.journey


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps a loop in this thread
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def site(frame: None, live_server: Any) -> str:
    user = person("liza", "extension_worker")
    user.is_staff = True
    user.save()
    return str(live_server.url).replace("127.0.0.1", "localhost")


def signed_in(browser: Any, site: str, *, width: int, language: str = "en") -> Any:
    context = browser.new_context(viewport={"width": width, "height": 800})
    context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/account/login/?next=/me/")
    page.fill("[name=login]", "liza")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/me/")
    return page


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_and_the_policy_blocks_nothing(browser: Any, site: str, width: int, language: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = signed_in(browser, site, width=width, language=language)
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
    for path in PAGES:
        page.goto(site + path)
        found = [
            (rule["id"], [node["html"][:120] for node in rule["nodes"]])
            for rule in Axe().run(page).response["violations"]
        ]
        assert found == [], path
    assert blocked == []


def test_no_page_scrolls_sideways_at_320_pixels(browser: Any, site: str) -> None:
    page = signed_in(browser, site, width=320)
    for path in PAGES:
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_errors_take_the_focus_and_lead_to_their_fields(browser: Any, site: str) -> None:
    page = signed_in(browser, site, width=360)
    page.goto(f"{site}/visit/")
    page.fill("[name=note]", "seen")
    page.fill("[name=receipt]", "00912")
    page.click("main button[type=submit]")
    assert page.evaluate("document.activeElement.className") == "box bad"
    page.click("[role=alert] >> text=Receipt >> nth=0")
    assert page.evaluate("document.activeElement.id") == "id_receipt"
    assert page.input_value("[name=note]") == "seen"


def test_a_passkey_is_added_and_then_opens_the_account_under_the_strict_policy(browser: Any, site: str) -> None:
    page = signed_in(browser, site, width=1280)
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{site}/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
    page.fill("[name=name]", "Phone")
    page.click("#passkey_button")
    page.wait_for_url("**/recovery-codes/**")

    page.goto(f"{site}/account/logout/")
    page.click("main button[type=submit]")
    page.goto(f"{site}/account/login/?next=/me/")
    page.fill("[name=login]", "liza")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.click("#passkey_button")
    page.wait_for_url("**/me/")


def test_a_page_prints_without_bars_buttons_and_forms(browser: Any, site: str, tmp_path: Path) -> None:
    page = signed_in(browser, site, width=1280)
    page.goto(f"{site}/design/loan/")
    page.emulate_media(media="print")
    for hidden in (".top", ".nav", ".acts", "form"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator("h1").is_visible()
    page.pdf(path=str(tmp_path / "loan.pdf"))
    assert (tmp_path / "loan.pdf").stat().st_size > 10_000
