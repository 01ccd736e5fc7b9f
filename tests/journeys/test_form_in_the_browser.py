"""A form drawn by ODK Web Forms is filled in and sent under a policy of its own; without a script by the plain page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from jump.engines.evidence import api as evidence
from tests import makers

PASSWORD = "three plain words"
RIVERSIDE = "trial/asia/PH/riverside/"
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps a loop in this thread
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def site(live_server: Any) -> str:
    cache.clear()
    makers.ground()
    makers.form()
    made = makers.signed_in("extension_worker", RIVERSIDE, name="liza")
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.get(pk=made.user_id)
    user.set_password(PASSWORD)
    user.save()
    return str(live_server.url).replace("127.0.0.1", "localhost")


def opened(browser: Any, site: str, *, width: int = 360, script: bool = True) -> tuple[Any, list[str]]:
    """Liza's page, and what the browser complains about."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
    page = context.new_page()
    page.set_default_timeout(12_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site}/account/login/?next=/fill/")
    page.fill("[name=login]", "liza")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    return page, said


def shot(page: Any, name: str) -> None:
    if os.environ.get("JUMP_SHOTS"):
        page.screenshot(path=f"{os.environ['JUMP_SHOTS']}/{name}.png", full_page=True)


def a_photo() -> bytes:
    from io import BytesIO

    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (64, 48), "green").save(made, "JPEG")
    return made.getvalue()


def asked(page: Any, label: str) -> Any:
    """The control of a question of the engine."""
    return page.locator(".question-container", has_text=label).locator("input").first


@pytest.mark.parametrize("width", [360, 1280])
def test_a_form_is_filled_question_by_question_and_sent_and_the_browser_complains_of_nothing(
    browser: Any, site: str, width: int
) -> None:
    page, said = opened(browser, site, width=width)
    page.get_by_role("link", name="Visit", exact=True).click()
    page.get_by_role("link", name="Fill it in here").click()
    page.locator(".odk-form").wait_for()
    shot(page, f"engine-{width}")

    page.get_by_role("button", name="Send").click()
    page.get_by_text("questions with errors").wait_for()
    shot(page, f"engine-errors-{width}")

    page.locator(".p-datepicker-input").click()
    page.locator(".p-datepicker-day-selected, .p-datepicker-today span").first.click()
    asked(page, "Who received you").fill("Maria Santos")
    page.get_by_text("Yes", exact=True).click()
    asked(page, "Name").fill("Jose Cruz")
    asked(page, "Hours").press_sequentially("40")
    page.locator("input[type=file]").set_input_files(
        files=[{"name": "stall.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}]
    )
    page.get_by_role("button", name="Send").click()
    try:
        page.get_by_text("Visit is kept.").wait_for()
    except Exception:
        shot(page, f"engine-failed-{width}")
        raise AssertionError(f"{said} {page.inner_text('main')[:1500]}") from None

    (kept,) = evidence.submissions(makers.MAKER, form="trial.visit")
    assert (kept.source, kept.scope, kept.answers["host"]) == ("sync", RIVERSIDE, "Maria Santos")
    assert kept.answers["worker"] == [{"worker_name": "Jose Cruz", "hours": 40}]
    assert kept.answers["hours_total"] == 40
    assert len(kept.attachments) == 1
    assert said == []


def test_without_a_script_the_page_leads_to_the_plain_form(browser: Any, site: str) -> None:
    page, _said = opened(browser, site, script=False)
    page.goto(f"{site}/fill/trial.visit/here/")
    page.get_by_role("link", name="Visit").last.click()
    page.fill("[name='a-host']", "Maria Santos")
    shot(page, "plain-360")
    page.goto(f"{site}/fill/trial.visit/")
    shot(page, "offer-360")
    assert page.get_by_role("link", name="On paper: print the empty form").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_the_pages_of_forms_and_devices_and_none_scrolls_sideways(
    browser: Any, site: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from django.contrib.auth import get_user_model
    from django.test import Client

    from jump.engines.evidence.models import HeldBack
    from tests.engines.evidence.sending import instance, post

    made = makers.signed_in("national_coordinator", "trial/asia/PH/", name="jose")
    token = evidence.make_app_user(made, name="Phone of Liza", scope=RIVERSIDE)[1]
    for host in ("Maria Santos", "Somebody else"):
        xml = instance("uuid:1", host=host).replace(b"120.5", str(len(host)).encode())
        post(Client(), f"/openrosa/key/{token}/submission", xml)
    post(Client(), f"/openrosa/key/{token}/submission", instance("uuid:2", photo="a.jpg"), incomplete=True)
    user = get_user_model().objects.get(username="liza")
    user.role_assignments.update(role="national_coordinator")
    page, said = opened(browser, site, width=width)
    held = HeldBack.objects.get().ref
    addresses = {
        "list": "/fill/", "offer": "/fill/trial.visit/", "devices": "/devices/", "new-device": "/devices/new/",
        "not-placed": "/not-placed/", "held": f"/not-placed/{held}/", "take": f"/not-placed/{held}/take/",
    }  # fmt: skip
    for name, address in addresses.items():
        page.goto(f"{site}{address}")
        shot(page, f"{name}-{width}")
        found = Axe().run(page).response["violations"]
        assert found == [], f"{address}: {[(one['id'], [n['html'] for n in one['nodes']][:2]) for one in found]}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(f"{site}/devices/new/")
    page.fill("[name=name]", "Phone of Ana")
    page.select_option("[name=scope]", RIVERSIDE)
    page.get_by_role("button", name="Make the device and show its code").click()
    page.get_by_role("img", name="Settings code for ODK Collect").wait_for()
    shot(page, f"code-{width}")
    assert Axe().run(page).response["violations"] == []
    assert said == []
