"""A loan and a job in a real browser without scripts: repay, release, claim, look; by keyboard; at two widths."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.frame_fixtures import PASSWORD

if TYPE_CHECKING:
    from tests.web.area_ground import Site

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps a loop in this thread
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@dataclass(frozen=True, slots=True)
class House:
    """The running site with what stands in it, and a door for each of the staff."""

    address: str
    site: Site
    enter: Callable[..., Any]


@pytest.fixture
def house(live_server: Any, browser: Any) -> House:
    from tests.web.area_ground import stand

    site = stand()
    address = str(live_server.url).replace("127.0.0.1", "localhost")

    def enter(name: str, *, width: int = 1280, scripts: bool = False) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=scripts, base_url=address
        )
        page = context.new_page()
        page.goto("/account/login/?next=/me/")
        page.fill("[name=login]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/me/")
        return page

    return House(address, site, enter)


def text(page: Any) -> str:
    return " ".join(page.inner_text("main").replace("\u00a0", " ").split())


def test_a_repayment_is_seen_saved_refused_and_taken_back_without_scripts(house: House) -> None:
    page = house.enter("grace", width=360)
    page.goto("/funds/")
    page.click("text=Riverside Rice Millers")
    page.click("text=Record a repayment >> nth=0")
    page.fill("[name=receipt]", "00912")
    page.press("[name=receipt]", "Enter")
    assert "Left to pay afterwards, principal only 103,493.14" in text(page)
    page.click("text=Save the repayment")
    assert "Repayment of PHP 21,323.71 saved." in text(page)
    assert "Still to pay PHP 103,493.14" in text(page)

    page.fill("[name=receipt]", "00912")
    page.fill("[name=amount]", "5,000")
    page.click("text=See what will happen")
    page.click("text=Save the repayment")
    assert "Receipt 00912 is already used by" in text(page)
    assert page.url.endswith("#repay")
    assert page.input_value("[name=amount]") == "5,000.00"
    assert page.input_value("[name=receipt]") == "00912"

    page.click("table >> text=00912")
    page.click("text=Take it back")
    page.fill("[name=why]", "Typed for the wrong loan")
    page.click("main button[type=submit]")
    assert "is taken back by a reversing entry." in text(page)
    assert "Still to pay PHP 123,581.04" in text(page)


def test_one_prepares_another_releases_and_the_books_still_add_up(house: House) -> None:
    national = house.enter("jose")
    national.goto(f"/loans/{house.site.waiting_loan}/")
    national.click("text=Prepare tranche 1")
    assert "A second person must release it." in text(national)

    manager = house.enter("grace")
    manager.goto(f"/loans/{house.site.waiting_loan}/")
    manager.click("text=Release tranche 1")
    assert "Cash afterwards PHP 3,037,942.26" in text(manager)
    manager.click("text=Release the money")
    assert "PHP 50,000.00 paid out." in text(manager)
    manager.goto(f"/funds/{house.site.fund}/")
    manager.click("text=Trial balance")
    assert "Yes. In the book" in text(manager)


def test_a_job_is_claimed_by_one_and_looked_at_by_another_without_scripts(house: House) -> None:
    worker = house.enter("liza", width=360)
    worker.goto(f"/groups/{house.site.mill}/")
    worker.click("text=Claim a job")
    worker.click("text=Ana Flores")
    answers = {"title": "Cook", "hours_weekly": "40", "pay_monthly": "7,500", "months_expected": "24"}
    for name, value in answers.items():
        worker.fill(f"[name=a-{name}]", value)
    worker.check("[name=a-kind][value=created]")
    worker.check("[name=a-started_on] >> nth=1")
    for name in ("has_written_terms", "has_social_protection", "is_safe", "has_rights"):
        worker.check(f"[name=a-{name}][value=yes]")
    worker.select_option("[name=a-status_before]", "unemployed")
    assert worker.input_value("[name=a-currency]") == "PHP"
    worker.click("text=Claim the job")
    assert "Now somebody else must look at it." in text(worker)
    job = worker.url.rstrip("/").rsplit("/", 1)[-1]
    worker.goto(f"/jobs/{job}/verify/")
    assert "yourself, so somebody else must check it." in text(worker)

    colleague = house.enter("ben")
    colleague.goto("/jobs/")
    colleague.click("text=Claims to look at")
    colleague.click(f"a[href='/jobs/{job}/verify/']")
    look(colleague)
    assert "Saved: the job is verified and decent. It counts." in text(colleague)
    colleague.goto("/jobs/statement/")
    created = text(colleague)[: text(colleague).index("Preserved")]
    assert "Claims 5 Verified 4 Decent jobs 3" in created


def look(page: Any) -> None:
    """Fill the form of the shipped package after a visit at which all was well."""
    page.check("[name=a-verified_on] >> nth=0")
    page.check("[name=a-method][value=visit]")
    for name in ("announced", "person_seen", "confirmed", "paid_on_time", "has_written_terms", "is_safe", "has_rights"):
        page.check(f"[name=a-{name}][value=yes]")
    for name in ("freely_chosen", "equal_treatment"):
        page.check(f"[name=a-{name}][value=yes]")
    page.check("[name=a-under_18_hazard][value=no]")
    page.check("[name=a-covers][value=health]")
    page.fill("[name=a-hours_weekly]", "40")
    page.fill("[name=a-pay_monthly]", "7,500")
    page.fill("[name=a-months_expected]", "24")
    page.check("[name=a-evidence_class][value=A]")
    page.click("text=Save what you found")


def test_somebody_is_found_before_a_second_record_is_made(house: House) -> None:
    page = house.enter("liza", width=360)
    page.goto("/people/new/")
    page.fill("[name=given_name]", "Marie")
    page.fill("[name=family_name]", "Santos")
    page.check("[name=sex][value=female]")
    page.select_option("[name=scope]", house.site.scope)
    page.check("[name=consents][value=records]")
    page.click("text=Register the person")
    assert "Is it one of these?" in text(page)
    page.click("text=Maria Santos")
    assert "born 1966" in text(page)


def pages_of(site: Site) -> list[str]:
    return [
        "/funds/",
        f"/funds/{site.fund}/",
        "/loans/",
        f"/loans/{site.loan}/",
        f"/loans/{site.waiting_loan}/",
        f"/loans/{site.loan}/statement/",
        "/budget/",
        "/books/",
        "/jobs/",
        f"/jobs/{site.job}/",
        "/jobs/waiting/",
        "/jobs/statement/",
        f"/jobs/{site.claim}/verify/",
        "/people/",
        f"/people/{site.people[0]}/",
        "/people/new/",
        "/people/search/?q=Maria Sanots",
        "/groups/",
        f"/groups/{site.mill}/",
        f"/groups/{site.mill}/join/?q=Maria",
        "/organisations/",
    ]


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(house: House, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = house.enter("jose", width=width, scripts=True)
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
    wrong: dict[str, Any] = {}
    for path in pages_of(house.site):
        page.goto(path)
        found: list[Any] = [
            (rule["id"], [node["html"][:160] for node in rule["nodes"]][:4])
            for rule in Axe().run(page).response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("scrolls sideways")
        if found:
            wrong[path] = found
    assert wrong == {}
    assert blocked == []


def test_no_page_scrolls_sideways_at_320_pixels(house: House) -> None:
    page = house.enter("jose", width=320, scripts=True)
    wide = []
    for path in pages_of(house.site):
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)
    assert wide == []
