"""An extension worker's week, 360 pixels wide: what was planned is done, and the month says exactly what was done.

The field app is used on a phone that loses its network; every other page by a browser without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.field_person import fill, go, photo
from tests.journeys.test_field import PACKET, SENT_SINCE, Phone, last_sent, office_rows, review
from tests.journeys.test_whole_thread import fill_in, press, sent

pytestmark = pytest.mark.journey

TODAY = ("30", "6", "2004")  # the day on which the example stands still
PURPOSE = "Books and jobs of the mill"
PLACE = "Riverside"
COMMUNITY = "Bagumbayan Creek"
VISIT = {
    "Kilometres there and back": "18",
    "How you travelled": "Motorbike",
    "Women you talked with": "7",
    "Men you talked with": "5",
}


@pytest.fixture
def phone(chrome: Any, site: Site) -> Iterator[Phone]:
    one = Phone(chrome, site, "en")
    yield one
    one.context.close()


@pytest.mark.covers("EXTWORK-03", "EXTWORK-05", "CROSS-05")
def test_the_week_of_an_extension_worker_ends_with_a_month_that_says_exactly_what_was_done(
    phone: Phone, person: Callable[..., Any], site: Site
) -> None:
    desk, office, before = person("liza", width=360), person("jose"), last_sent(site)
    desk.goto(f"{site.url}/workers/me/")
    week = desk.url
    month = f"{week}2004-06/"
    figures = figures_of(desk, month)

    plan_a_visit(desk, week)
    assert changes_of(desk, month, figures) == {"Visits planned and not made": 1}

    phone.install("liza")
    report_the_visit(phone)
    write_a_collection(phone)
    letter = {"Name of the community": COMMUNITY, "Country": "Philippines", "work here now": "No"}
    phone.fill_in("Letter of interest (CER-00)", "", letter)
    phone.wait_for(waiting=3)
    phone.slow_line()
    phone.offline(False)
    phone.wait_for(sent=3)
    phone.look("week_friday")
    refs = {row[1].rpartition(".")[2]: row for row in office_rows(site, SENT_SINCE, before)}
    assert refs["visit_report"][4] == 1, "with its photograph"

    send_back_and_mend(phone, office, site, refs["letter_of_interest"][2])
    if refs["visit_report"][3] == "received":  # one in five reports is looked at
        review(office, site, refs["visit_report"][2], "It is right")
    visited = {"Visits made": 1, "Kilometres": 18}
    assert changes_of(desk, month, figures) == visited, "the plan became the visit, and it is counted once"
    desk.goto(week)
    says(desk, "18")
    desk.locator("[id='2004-06-30']").get_by_role("link", name=f"Visit: {PLACE}").click()
    says(desk, PURPOSE)
    fits(desk)

    course = hold_a_course(desk, site)
    supervise(office, site)
    assert changes_of(desk, month, figures) == {**visited, "Meetings and training given": 1, "Different people met": 4}

    sign_the_month(desk, office, site, month)
    assert changes_of(desk, month, figures) == {**visited, "Meetings and training given": 1, "Different people met": 4}
    desk.goto(course)
    assert "Visit: " not in desk.inner_text("main")
    assert phone.troubles == []


# The days -----------------------------------------------------------------------------------------------------


def plan_a_visit(desk: Any, week: str) -> None:
    """Monday, at the desk: the plan of the week."""
    desk.goto(week)
    desk.get_by_role("link", name="Plan a visit").click()
    desk.locator("[name=to]").select_option(label=PLACE)
    on_the_day(desk, "planned_on")
    desk.fill("[name=purpose]", PURPOSE)
    desk.locator("[name=purpose]").press("Enter")
    says(desk, "The visit is planned.", "body")
    says(desk, PURPOSE)
    fits(desk)


def report_the_visit(phone: Phone) -> None:
    """Tuesday, in the village without a network: the visit, its report and a photograph."""
    page = phone.page
    page.get_by_role("link", name=f"Visit: {PLACE}").first.wait_for()
    phone.look("week_today")
    phone.offline()
    page.locator("a.visit").filter(has_text=PLACE).first.click()
    phone.says(PURPOSE)
    page.get_by_role("link", name="Visit report").click()
    page.get_by_role("button", name=phone.words["ready"]).wait_for()
    fill(page, VISIT, picture=photo(1600, 1200))
    phone.look("week_report")
    page.get_by_role("button", name=phone.words["ready"]).click()
    phone.wait_for(waiting=1)


def write_a_collection(phone: Phone) -> None:
    """Wednesday: what members pay in at the meeting of their group."""
    page = phone.page
    packet = page.evaluate(PACKET)
    sheet = next(one for one in packet["sheets"] if any(row["due"] or row["most"] is None for row in one["rows"]))
    row = next(place for place, row in enumerate(sheet["rows"]) if row["due"] or row["most"] is None)
    group = next(one["name"] for one in packet["groups"] if one["ref"] == sheet["group"])
    go(page, "people")
    page.get_by_role("link", name=group, exact=True).click()
    page.get_by_role("link", name="Write the collection of a meeting").click()
    page.locator("main form input.in").nth(row).fill("20")
    page.get_by_role("button", name=phone.words["ready"]).click()
    phone.wait_for(waiting=2)


def send_back_and_mend(phone: Phone, office: Any, site: Site, ref: str) -> None:
    """The coordinator sends the letter back; the worker reads why, mends it, and it becomes a community."""
    page = phone.page
    review(office, site, ref, "Send it back", "Ask the council again.", {"population": "The census says 4,200."})
    phone.contact()
    phone.wait_for(sent=2, fix=1)
    go(page, "send")
    page.get_by_role("link", name=re.compile("Letter of interest")).click()
    phone.says("Ask the council again.")
    page.get_by_role("button", name=phone.words["mend"]).click()
    box = page.locator(".f").filter(has_text="People living in the community")
    box.filter(has_text="The census says 4,200.").wait_for()
    box.locator("input").fill("4200")
    page.get_by_role("button", name=phone.words["ready"]).click()
    phone.wait_for(sent=3)
    review(office, site, ref, "It is right")
    office.goto(f"{site.url}/submissions/{ref}/")
    office.get_by_role("link", name=f"Go to {COMMUNITY}").click()
    says(office, COMMUNITY, "h1")


def hold_a_course(desk: Any, site: Site) -> str:
    """Thursday: a day of a course; who came is ticked on the phone that goes round, and is counted by sex."""
    desk.goto(f"{site.url}/training/new/")
    desk.select_option("[name=curriculum]", "training.gender")
    desk.fill("[name=title]", "Who works when")
    desk.locator("[name=level]").first.check()
    for name in ("starts_on", "ends_on"):
        on_the_day(desk, name)
    fits(desk)
    desk.locator("[name=title]").press("Enter")
    says(desk, "The course is open.", "body")
    course = str(desk.url)
    desk.get_by_role("link", name="Enrol people").click()
    for number in range(6):
        desk.locator("[name=who]").nth(number).check()
    desk.get_by_role("button", name="Enrol them").last.click()
    says(desk, "6 people are enrolled.", "body")
    desk.get_by_role("link", name="Plan a day").click()
    desk.fill("[name=title]", "The first day")
    on_the_day(desk, "planned_on")
    desk.fill("[name=hours]", "6")
    desk.locator("[name=title]").press("Enter")
    desk.get_by_role("link", name="Tick who came").click()
    says(desk, "0 of 6 are ticked")
    for number in range(4):
        desk.locator("[name=came]").nth(number).check()
    desk.get_by_role("button", name="Save the ticks").click()
    says(desk, "4 of 6 are ticked")
    fits(desk)
    desk.get_by_role("button", name="It was held: save all").click()
    says(desk, "The list is saved.", "body")
    people, *by_sex = (int(re.sub(r"\D", "", one)) for one in desk.locator("#count dl dd").all_inner_texts())
    assert people == sum(by_sex) == 4, "attendance by sex"
    fits(desk)
    return course


def supervise(office: Any, site: Site) -> None:
    """Friday: the coordinator went along, and writes down what was seen and agreed."""
    office.goto(f"{site.url}/workers/")
    row = office.locator("#workers tr").filter(has_text="Liza Reyes")
    had = row.locator("td").first.get_by_role("link").count()
    row.get_by_role("link", name=re.compile("Write a note")).click()
    fill_in(office, {"noted": "She lets people decide.", "agreed": "The two hamlets across the river by August."})
    sent(office, "Save the note")
    says(office, "The note is kept.", "body")
    row = office.locator("#workers tr").filter(has_text="Liza Reyes")
    assert row.locator("td").first.get_by_role("link").count() == had + 1


def sign_the_month(desk: Any, office: Any, site: Site, month: str) -> None:
    """The end of the month: signed by the worker, read by the coordinator."""
    desk.goto(month)
    fits(desk)
    desk.fill("[name=note]", "A quiet month.")
    press(desk, "Sign")
    says(desk, "signed on 30 June 2004", "body")
    office.goto(f"{site.url}/workers/")
    office.get_by_role("link", name="Liza Reyes, June 2004").click()
    says(office, "A quiet month.")
    press(office, "I have read it")
    says(office, "signed, and read on 30 June 2004", "body")


# What a page says -----------------------------------------------------------------------------------------------


def figures_of(page: Any, month: str) -> dict[str, int]:
    """Every figure of the month's summary, by its name."""
    page.goto(month)
    rows = page.locator("#counts tbody tr")
    rows.first.wait_for()
    return {
        row.locator("th").inner_text().strip(): int(re.sub(r"\D", "", row.locator("td.num").inner_text()))
        for row in rows.all()
    }


def changes_of(page: Any, month: str, before: dict[str, int]) -> dict[str, int]:
    """By how much each figure differs from what it was, those alone that differ."""
    now = figures_of(page, month)
    assert now.keys() == before.keys()
    return {name: number - before[name] for name, number in now.items() if number != before[name]}


def on_the_day(page: Any, name: str) -> None:
    day, month, year = TODAY
    page.fill(f"[name={name}_day]", day)
    page.select_option(f"[name={name}_month]", month)
    page.fill(f"[name={name}_year]", year)


def says(page: Any, words: str, where: str = "main") -> None:
    page.locator(where).filter(has_text=words).first.wait_for()


def fits(page: Any) -> None:
    """Nothing scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
