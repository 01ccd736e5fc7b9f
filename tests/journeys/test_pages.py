"""Every page of the product at both widths: no finding of axe, nothing blocked, no sideways scrolling, small enough."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.journeys.conftest import Site

pytestmark = pytest.mark.journey
FIRST_LOAD_MAX = 60_000  # bytes, compressed, all files (design/README.md, "Budget")
PAGES = (
    ("ana", "/"),
    ("ana", "/tasks/"),
    ("ana", "/communities/"),
    ("ana", "/people/"),
    ("ana", "/people/doubles/"),
    ("ana", "/people/doubles/search/"),
    ("ana", "/loans/"),
    ("ana", "/jobs/"),
    ("ana", "/results/"),
    ("ana", "/results/jump.jobs_total/"),
    ("ana", "/reports/"),
    ("ana", "/reports/write/"),
    ("ana", "/library/"),
    ("ana", "/packages/"),
    ("ana", "/forms/"),
    ("ana", "/forms/upload/"),
    ("ana", "/setup/"),
    ("ana", "/me/"),
    ("ana", "/devices/"),
    ("ana", "/reviews/"),
    ("ana", "/conflicts/"),
    ("ana", "/spreadsheets/"),
    ("ana", "/training/"),
    ("ana", "/materials/"),
    ("ana", "/workers/"),
    ("liza", "/workers/me/"),
    ("ana", "/why/"),
    ("admin", "/users/"),
    ("admin", "/users/new/"),
    ("", "/welcome/"),
)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(("username", "path"), PAGES)
def test_axe_finds_nothing_nothing_is_blocked_and_the_page_fits(
    person: Callable[..., Any], site: Site, username: str, path: str, width: int, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = person(username, width=width, script=True)
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
    answer = page.goto(f"{site.url}{path}")
    assert answer.status == 200, f"{path}: {answer.status}"
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    found = Axe().run(page)
    words = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found.response["violations"]]
    assert words == []
    assert blocked == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_first_visit_stays_within_its_budget(person: Callable[..., Any], site: Site) -> None:
    page = person("ana", script=True)
    weight: dict[str, int] = {}

    def weigh(response: Any) -> None:
        weight[response.url] = len(gzip.compress(response.body())) if response.status == 200 else 0

    page.on("response", weigh)
    page.goto(f"{site.url}/")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(weight.values()) <= FIRST_LOAD_MAX, weight


def test_pages_are_sent_compressed(site: Site) -> None:
    asked = Request(f"{site.url}/account/login/", headers={"Accept-Encoding": "gzip"})
    with urlopen(asked) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
