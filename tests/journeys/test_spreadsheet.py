"""Somebody fills the template of a form, sends it, reads what is wrong, takes in what is right, and takes forms out."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.journeys.conftest import Site

pytestmark = pytest.mark.journey
FORM = "jump.exchange_post"


def look(page: Any, picture: Path) -> None:
    """The page fits, and axe finds nothing in it."""
    from axe_playwright_python.sync_playwright import Axe

    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    found = Axe().run(page)
    assert [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found.response["violations"]] == []


@pytest.mark.parametrize("width", [360, 1280])
def test_a_spreadsheet_is_filled_checked_and_taken_in(
    person: Callable[..., Any], site: Site, width: int, tmp_path: Path
) -> None:
    plain, seen = person("ana", width=width), person("ana", width=width, script=True)
    plain.goto(f"{site.url}/spreadsheets/?q=Exchange")
    plain.get_by_role("link", name="Exchange between extension workers").click()
    template = plain.request.get(f"{site.url}/spreadsheets/{FORM}/template/")
    book = load_workbook(io.BytesIO(template.body()))
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row, (kind, title, body) in enumerate(
        [("Question", f"Seeds {width}", "Who has seeds?"), ("Poem", f"Rain {width}", None)], start=4
    ):
        sheet.cell(row, at["post_kind"], kind)
        sheet.cell(row, at["title"], title)
        sheet.cell(row, at["body"], body)
    file = tmp_path / "posts.xlsx"
    book.save(file)

    plain.set_input_files("[name=file]", file)
    plain.get_by_role("button", name="Check the file").click()
    told = plain.inner_text("main")
    assert "Poem is not among the choices." in told
    assert "This answer is missing." in told
    assert "Nobody has to look at this form" in told
    upload = plain.url
    plain.get_by_role("button", name="Take in the 1 right row only").click()
    assert "taken in" in plain.inner_text("main")

    for name, address in (
        ("list", f"{site.url}/spreadsheets/"),
        ("form", f"{site.url}/spreadsheets/{FORM}/"),
        ("upload", upload),
    ):
        seen.goto(address)
        look(seen, tmp_path / f"{name}.png")

    plain.goto(f"{site.url}/spreadsheets/{FORM}/")
    plain.get_by_label("JSON lines").check()
    with plain.expect_download() as going:
        plain.get_by_role("button", name="Take it out").click()
    assert f"Seeds {width}" in Path(going.value.path()).read_text()
