"""The whole thread in one go: from a letter that anybody may write to a counted job, and back by links.

No script, no database: only what a person sees on the pages of the loaded example. Nobody types an address but that of
the first page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import PASSWORD, Site, sign_in

pytestmark = pytest.mark.journey

COUNTRY, COUNTRY_CODE = "Peru", "PE"  # the one country of the example that may still choose a community
COMMUNITY = "Cerro Verde"
GROUP = "Tile makers of Cerro Verde"
IDEA = "Roof tiles of Cerro Verde"
WORDS = "As agreed at the meeting."
CORE = ("rosa", "plenty of clay here")

FIELDS = """() => [...document.querySelectorAll('main form [name^="a-"]')].map((node) => {
    const box = node.closest('.f') || node.closest('fieldset');
    const words = box ? (box.querySelector('label, legend') || box).textContent : '';
    return {name: node.name, tag: node.tagName, type: node.type, mode: node.inputMode || '',
            value: node.value, checked: Boolean(node.checked), optional: /\\(optional\\)/.test(words)};
})"""


def text(page: Any) -> str:
    return " ".join(page.inner_text("main").replace("\u00a0", " ").split())


def follow(page: Any, words: str) -> None:
    page.locator("main, nav").get_by_role("link", name=words, exact=True).first.click()


def press(page: Any, words: str) -> None:
    page.locator("main").get_by_role("button", name=words, exact=True).first.click()


def menu(page: Any, words: str) -> None:
    page.locator("nav.nav a").filter(has_text=words).first.click()


def fill_in(page: Any, answers: Mapping[str, str] | None = None) -> None:
    """Answer every question that is not optional: as told, else the first choice, a small number or a few words."""
    told = dict(answers or {})
    done: set[str] = set()
    page.locator('main form [name^="a-"]').first.wait_for(state="attached")  # the page that a link led to
    page.wait_for_load_state()
    fields = page.evaluate(FIELDS)
    names = {one["name"] for one in fields}
    for one in fields:
        name = one["name"]
        path = name.removeprefix("a-")
        last = path.rpartition(".")[2]
        part_of_a_day = re.sub(r"_(day|month|year)$", "", name) in names - {name}
        if name in done or part_of_a_day or one["type"] in ("hidden", "file"):
            continue
        wanted = told.get(path, told.get(last))
        if wanted is None and (one["optional"] or _is_answered(one, fields)):
            continue
        done.add(name)
        control = page.locator(f'main form [name="{name}"]')
        if wanted and re.fullmatch(r"\d{4}-\d\d-\d\d", wanted):
            on_a_day(page, name, wanted)
        elif one["type"] in ("radio", "checkbox"):
            (page.locator(f'main form [name="{name}"][value="{wanted}"]') if wanted else control).first.check()
        elif one["tag"] == "SELECT":
            control.select_option(wanted) if wanted else control.select_option(index=1)
        else:
            control.fill(wanted or {"numeric": "5", "decimal": "1000"}.get(one["mode"], WORDS))


def on_a_day(page: Any, name: str, day: str) -> None:
    """Another day than today: three boxes."""
    page.locator(f'main form [name="{name}"][value="other"]').check()
    year, month, date = day.split("-")
    page.locator(f'main form [name="{name}_day"]').fill(str(int(date)))
    page.locator(f'main form [name="{name}_month"]').select_option(str(int(month)))
    page.locator(f'main form [name="{name}_year"]').fill(year)


def _is_answered(one: Mapping[str, Any], fields: list[dict[str, Any]]) -> bool:
    if one["type"] in ("radio", "checkbox"):
        return any(other["checked"] for other in fields if other["name"] == one["name"])
    return bool(one["value"])


def sent(page: Any, words: str = "Send") -> None:
    """Send the form; what is to be put right is told by the test that fails."""
    press(page, words)
    wrong = page.locator("main .box.bad")
    assert wrong.count() == 0, f"{page.url}: {wrong.first.inner_text()}"


class People:
    """The browsers of those who take part, one each, and a picture of every page worth looking at."""

    def __init__(self, open_page: Callable[..., Any], site: Site) -> None:
        self.open_page, self.site = open_page, site
        self.pages: dict[str, Any] = {}
        self.before = 0
        self.pictures = os.environ.get("JUMP_JOURNEY_PICTURES", "")

    def enter(self, name: str = "", password: str = PASSWORD) -> Any:
        """The page of this person, at the first page of the product."""
        if name not in self.pages:
            self.pages[name] = self.open_page()
            if name:
                sign_in(self.pages[name], self.site.url, name, password)
        self.pages[name].goto(f"{self.site.url}/")
        return self.pages[name]

    def look(self, page: Any, name: str) -> None:
        if self.pictures:
            page.screenshot(path=Path(self.pictures) / f"{name}.png", full_page=True)


# --- the thread, step by step --------------------------------------------------------------------------------


def step_00_the_administrator_gives_the_staff_their_roles_in_the_country(people: People) -> None:
    """Nobody of Peru signs in yet: the administrator lends it the people of the Philippines."""
    page = people.enter("admin")
    for name, role in (("José Villanueva", "National coordinator"), ("Liza Reyes", "Extension worker")):
        give_role(page, name, role, COUNTRY)
    give_role(page, "Grace Ramos", "Fund manager", COUNTRY)
    people.look(page, "00_role")


def give_role(page: Any, name: str, role: str, place: str) -> None:
    menu(page, "Set-up")
    follow(page, "Users")
    page.get_by_label("Name or user name").fill(name.rpartition(" ")[2])
    press(page, "Search")
    follow(page, name)
    page.get_by_label("Role", exact=True).select_option(role)
    option = page.locator("select[name=path] option").filter(has_text=place).first
    page.locator("select[name=path]").select_option(option.get_attribute("value"))
    press(page, "Give the role")
    assert "The role is given from today on." in page.inner_text("body")


def step_01_anybody_sends_the_letter_of_a_new_community(people: People) -> None:
    """A stranger finds the letter on the first page, writes it and keeps its number."""
    page = people.enter()
    follow(page, "Write a letter of interest")
    people.look(page, "01_letter")
    letter = {
        "community_name": COMMUNITY,
        "country": COUNTRY_CODE,
        "settlement_type": "semi_urban",
        "contact_name": "Marta Figueroa",
        "body_name": f"Council of {COMMUNITY}",
        "population": "4,200",
        "unemployed_women": "520",
        "unemployed_men": "430",
        "volunteers_women": "8",
        "volunteers_men": "6",
        "other_programme": "no",
    }
    fill_in(page, letter)
    sent(page, "Send the letter")
    people.look(page, "01_thanks")
    assert "sub-" in text(page)


def step_02_the_letter_is_accepted_screened_and_the_community_is_selected(people: People) -> None:
    """The coordinator finds the letter among his tasks; the panel scores; the decision is recorded and told."""
    jose = people.enter("jose")
    menu(jose, "My tasks")
    people.look(jose, "02_tasks")
    jose.locator("main a").filter(has_text="Letter of interest").first.click()
    people.look(jose, "02_letter")
    assert COMMUNITY in text(jose)
    jose.get_by_label("It is right").check()
    press(jose, "Save what you found")
    people.look(jose, "02_accepted")
    follow(jose, "See what came of it")
    follow(jose, f"Go to {COMMUNITY}")
    people.look(jose, "02_new_community")
    assert "Screening and choice of pilot communities" in text(jose)
    a_round(people, "Choice of pilot communities", f"Pilot communities of {COUNTRY}, 2004", "Selected")
    jose = people.enter("jose")
    menu(jose, "Communities")
    follow(jose, COMMUNITY)
    people.look(jose, "02_community")
    assert "Stakeholder map" in text(jose)


def a_round(people: People, kind: str, title: str, outcome: str) -> None:
    """Open a round for who waits, score by three, decide, tell."""
    jose = people.enter("jose")
    menu(jose, "Proposals")
    people.look(jose, f"round_{outcome}_waiting")
    follow(jose, f"Open a round: {kind}")
    if jose.locator("select[name=scope]").count():
        option = jose.locator("select[name=scope] option").filter(has_text=COUNTRY).first
        jose.locator("select[name=scope]").select_option(option.get_attribute("value"))
        press(jose, "Go on")
    jose.fill("[name=title]", title)
    jose.locator('[name=opens_on][value="2004-06-30"]').check()
    for part, value in (("day", "14"), ("year", "2004")):
        jose.fill(f"[name=closes_on_{part}]", value)
    jose.locator("[name=closes_on_month]").select_option("7")
    for name in ("Ingrid", "Moses", "Chitra"):
        jose.get_by_label(name).check()
    people.look(jose, f"round_{outcome}_open")
    press(jose, "Open the round")
    people.look(jose, f"round_{outcome}_opened")
    for name in ("panel1", "panel2", "panel3"):
        member = people.enter(name)
        menu(member, "My tasks")
        people.look(member, f"round_{outcome}_{name}")
        member.locator("main a").filter(has_text=title).first.click()
        member.get_by_text("Do you have an interest in this candidate?").wait_for()
        while member.get_by_role("button", name="Save and go on").count():
            score(people, member, f"round_{outcome}_{name}")
    jose = people.enter("jose")
    menu(jose, "Proposals")
    follow(jose, title)
    people.look(jose, f"round_{outcome}_scored")
    follow(jose, "See the ranking")
    people.look(jose, f"round_{outcome}_ranking")
    follow(jose, "Record the decision")
    jose.locator("[name=minutes]").wait_for()
    for row in jose.locator("main .part").filter(has=jose.locator('textarea[name^="r-"]')).all():
        row.get_by_label(outcome if COMMUNITY in row.inner_text() else "Reserve", exact=True).check()
        row.locator('textarea[name^="r-"]').fill("Seen beside the others, and agreed after discussion.")
    for name in ("Ingrid", "Moses", "Chitra"):
        jose.get_by_label(name).check()
    jose.fill("[name=minutes]", "The panel read everything aloud and agreed.")
    people.look(jose, f"round_{outcome}_decide")
    press(jose, "Record the decision")
    assert "Nobody has been told yet." in text(jose), text(jose)[:600]
    press(jose, "Tell everybody")
    assert "The outcomes are told." in jose.inner_text("body")
    people.look(jose, f"round_{outcome}_told")


def score(people: People, page: Any, picture: str) -> None:
    page.get_by_label("No", exact=True).check()
    press(page, "Save and go on")
    for line in page.locator('input[type=radio][name^="s-"]').all():
        tests = page.locator(f'[name="{line.get_attribute("name")}"]').count() == 2
        if line.get_attribute("value") == ("1" if tests else "4"):
            line.check()
    people.look(page, f"{picture}_score")
    page.locator("main").get_by_role("button", name=re.compile("^Save (the scores|and go)")).click()
    page.get_by_text("Nobody sees them before all are in.").first.wait_for()


def at_step(page: Any, title: str) -> None:
    """From the list of communities to a step of this one's road."""
    menu(page, "Communities")
    follow(page, COMMUNITY)
    follow(page, "See every step")
    follow(page, title)


def fill_step(page: Any, title: str, answers: Mapping[str, str] | None = None, more: int = 0) -> None:
    """Fill the form that a step asks for; `more` rows are added to its first list."""
    at_step(page, title)
    follow(page, "Fill in the form")
    for _times in range(more):
        page.locator("main").get_by_role("button", name=re.compile("^Add another")).first.click()
    fill_in(page, answers)
    sent(page)


def step_03_a_core_team_is_formed_and_workshop_a_is_held(people: People) -> None:
    """The worker writes the map and the roster; the administrator lets a member of the core team in."""
    liza = people.enter("liza")
    at_step(liza, "Stakeholder map")
    people.look(liza, "03_step")
    follow(liza, "Fill in the form")
    people.look(liza, "03_form")
    fill_in(liza)
    sent(liza)
    people.look(liza, "03_sent")
    roster: dict[str, str] = {}
    for number, seat in enumerate(("public", "private", "ngo", "worker", "unemployed", "unemployed", "ngo", "private")):
        roster |= {
            f"member.{number}.member_name": f"{GIVEN[number]} Quispe",
            f"member.{number}.member_sex": "female" if number % 2 else "male",
            f"member.{number}.member_seat": seat,
            f"member.{number}.member_leads": "yes" if number == 1 else "no",
        }
    fill_step(liza, "Core team", roster, more=7)
    people.look(liza, "03_core_team")
    admin = people.enter("admin")
    menu(admin, "Set-up")
    follow(admin, "Users")
    follow(admin, "Add a user")
    who = {"first_name": "Rosa", "last_name": "Quispe", "username": CORE[0], "password": CORE[1], "role": "core_team"}
    for name, value in who.items():
        control = admin.locator(f"main [name={name}]")
        control.select_option(value) if name == "role" else control.fill(value)
    option = admin.locator("select[name=path] option").filter(has_text=COMMUNITY).first
    admin.locator("select[name=path]").select_option(option.get_attribute("value"))
    people.look(admin, "03_user")
    press(admin, "Add the user")
    assert "Rosa Quispe can sign in now." in admin.inner_text("body")
    fill_step(liza, "Review of the workshop materials", {"changed": "no"})
    gathering(people, liza, "Orientation of workers and core team", 8)
    gathering(people, liza, "Workshop A: the community and its preferred future", 26)
    people.look(liza, "03_workshop_a")
    menu(liza, "Communities")
    follow(liza, COMMUNITY)
    people.look(liza, "03_community")
    assert "Workshop B" in text(liza)


GIVEN = ("Pedro", "Rosa", "Luis", "Elena", "Hugo", "Nelly", "Raúl", "Carmen")


def gathering(people: People, page: Any, title: str, came: int) -> None:
    """Add the first by name, tick who is known, count the others, save."""
    at_step(page, title)
    people.look(page, f"gathering_{title[:10]}_step")
    page.locator("main").get_by_role("link", name=re.compile("^Record")).first.click()
    people.look(page, f"gathering_{title[:10]}")
    known = page.locator("main input[name=came]")
    if not known.count():
        for given in GIVEN[:2]:
            page.locator("summary").filter(has_text="Somebody who is not in the list").click()
            page.fill("[name=p-given_name]", given)
            page.fill("[name=p-family_name]", "Quispe")
            page.check(f"[name=p-sex][value={'female' if given == 'Rosa' else 'male'}]")
            page.check("[name=p-consent]")
            press(page, "Add this person and tick them")
    for box in page.locator("main input[name=came]").all():
        box.check()
    page.locator("summary").filter(has_text="People who were only counted").click()
    ticked = page.locator("main input[name=came]").count()
    page.get_by_label("Women, 25 to 34").fill(str(came - ticked))
    page.locator("main textarea").first.fill("Held as planned. The list of those present was signed.")
    people.look(page, f"gathering_{title[:10]}_filled")
    press(page, "Save the gathering")
    assert "The gathering is saved." in page.inner_text("body"), text(page)[:600]


def sheet(page: Any, title: str, name: str, answers: Mapping[str, str] | None = None, *, times: int = 1) -> None:
    """Fill a sheet of a gathering, as often as it is asked for."""
    for _time in range(times):
        at_step(page, title)
        follow(page, name)
        fill_in(page, answers)
        sent(page)


A = "Workshop A: the community and its preferred future"
B = "Workshop B: strengths, weaknesses and skills"
C = "Workshop C: ideas"
D = "Workshop D: evaluation and choice"
E = "Workshop E: from plan to project"


def step_04_ideas_are_written_scored_and_one_is_chosen(people: People) -> None:
    """Each workshop has its sheets; the core team writes the ideas and the minutes of the choice."""
    liza = people.enter("liza")
    profile = {"women": "2,150", "men": "2,050", "children_school_age": "800"}
    sheet(liza, A, "Community profile (CER-A1)", profile)
    sheet(liza, A, "Preferred future (CER-A2)")
    gathering(people, liza, B, 16)
    sheet(liza, B, "Factor survey (CER-B1)", times=15)
    sheet(liza, B, "Skills inventory (CER-B2)", {"holder_kind": "person"})
    sheet(liza, B, "Leak sheet (CER-B3)", {"share_outside": "0.8", "capturable_share": "0.4", "jobs_per_100k": "1.5"})
    sheet(liza, B, "Employer call sheet (CER-B4)", times=3)
    sheet(liza, B, "Missing services (CER-B5)")
    gathering(people, liza, C, 16)
    rosa = people.enter(*CORE)
    people.look(rosa, "04_core_home")
    for number in range(10):
        idea = {"title": IDEA if number == 0 else f"{THINGS[number]} of {COMMUNITY}", "owner_name": "Rosa Quispe"}
        sheet(rosa, C, "Idea card (CER-C1)", idea)
    people.look(rosa, "04_ideas")
    sheet(liza, C, "Clustering and merging (CER-C2)", {"kept_title": IDEA})
    gathering(people, liza, D, 16)
    sheet(liza, D, "Idea screening (CER-D1)", {"idea_title": IDEA})
    scored = {"idea_title": IDEA, "expected_jobs": "12", "expected_jobs_women": "7"}
    sheet(liza, D, "Weighted idea score (CER-D2)", scored, times=3)
    fill_step(rosa, "Ideas evaluated and chosen", MINUTES)
    people.look(rosa, "04_chosen")
    assert "it is among the tasks of the coordinator" in text(rosa)
    accept(people, "Selection minutes (CER-D3)")
    at_step(rosa, "Phase I workbook")
    people.look(rosa, "04_workbook")


def accept(people: People, title: str) -> None:
    """The coordinator finds a form of this community among his tasks and accepts it."""
    jose = people.enter("jose")
    menu(jose, "My tasks")
    waiting(jose, title).first.click()
    jose.get_by_label("It is right").check()
    press(jose, "Save what you found")
    assert "Accepted. It counts from now on." in jose.inner_text("body")


MINUTES = {"present_women": "9", "present_men": "7", "quorum": "12", "chosen_title": IDEA, "priority_title": IDEA}
THINGS = ("", "Bread", "Milk", "Honey", "Chairs", "Cloth", "Fish", "Eggs", "Bricks", "Soap")


def waiting(page: Any, title: str) -> Any:
    """The tasks about this form of this community."""
    return page.locator("main li").filter(has_text=title).filter(has_text=COMMUNITY).get_by_role("link")


def part(page: Any, name: str, answers: Mapping[str, str] | None = None, rows: Mapping[str, int] | None = None) -> None:
    """Fill one part of an open document; `rows` says how many more rows a list of the form gets."""
    page.get_by_role("link", name=f"Fill in {name}").click()
    for title, more in (rows or {}).items():
        if more > 20:
            press(page, f"Add another: {title}")
        for _time in range(4 if more > 20 else more):
            press(page, "Add 10 more" if more > 20 else f"Add another: {title}")
    fill_in(page, answers)
    sent(page)


def document(people: People, writer: Any, step: str, signer: Any, fill: Callable[[], None], picture: str) -> None:
    """Begin the document of a step, fill it, have it signed, keep a version and hand it in."""
    at_step(writer, step)
    if writer.get_by_role("button", name="Begin the document").count():
        press(writer, "Begin the document")
    else:
        follow(writer, "Open the document")
    fill()
    people.look(writer, f"{picture}_filled")
    if signer is not writer:
        at_step(signer, step)
        follow(signer, "Open the document")
    people.look(signer, f"{picture}_to_sign")
    press(signer, "Sign")
    assert "Signed by" in text(signer), text(signer)[:400]
    at_step(writer, step)
    follow(writer, "Open the document")
    press(writer, "Keep as a version")
    writer.get_by_role("button", name=re.compile("^Hand in version")).click()
    people.look(writer, f"{picture}_handed_in")
    assert "Handed in. The road goes on." in writer.inner_text("body"), text(writer)[:500]


def step_05_the_proposal_is_written_and_signed(people: People) -> None:
    """The workbook, the baseline, the plan and workshop E come first; the core team signs what is its own."""
    liza, jose, rosa = people.enter("liza"), people.enter("jose"), people.enter(*CORE)
    document(people, liza, "Phase I workbook", liza, lambda: None, "05_workbook")
    for _time in range(4):
        fill_step(liza, "Assessment of the workshops")

    def households() -> None:
        for number in range(10):
            part(liza, "Households", {"household_code": f"PE-{number:02d}-{number + 100}"})
        menu(jose, "My tasks")
        while waiting(jose, "Household baseline").count():  # one in ten is looked at by somebody else
            accept(people, "Household baseline")
            menu(jose, "My tasks")

    document(people, liza, "Baseline", jose, households, "05_baseline")
    plan = {"action_start": "2004-07-01", "action_end": "2004-12-31"}
    document(
        people,
        rosa,
        "Strategic economic renewal plan",
        rosa,
        lambda: part(rosa, "The plan", plan),
        "05_plan",
    )
    gathering(people, liza, E, 8)

    def proposal() -> None:
        part(rosa, "Project proposal", PROPOSAL, {"Financing": 1})
        people.look(rosa, "05_proposal_part")
        months = {"cash_in": "9,000", "cash_out": "5,000", "loan_instalment": "900", "break_even_month": "9"}
        numbered = {f"month.{number}.month_no": str(number + 1) for number in range(41)}
        part(rosa, "Business plan", months | numbered, {"Cash flow by month, 36 months": 35})
        dates = {
            "activity_code": "act.09.01",
            "action_start": "2004-07-01",
            "action_end": "2004-12-31",
            "measure_by": "2004-12-31",
        }
        part(rosa, "Action and budget plan", dates)
        part(rosa, "Monitoring plan", dates)

    document(people, rosa, "Project proposal and business plan", rosa, proposal, "05_proposal")
    people.look(rosa, "05_done")


PROPOSAL = {
    "title": IDEA,
    "promoter": GROUP,
    "women": "7",
    "men": "5",
    "youth": "4",
    "unemployed_before": "9",
    "quarter_women": "7",
    "quarter_men": "5",
    "quarter_fte": "11",
    "quarter_wage": "1,500",
    "cost_what": "Kiln and moulds",
    "cost_amount": "18,000",
    "source.0.source_kind": "members",
    "source.0.source_who": "Members",
    "source.0.source_amount": "3,000",
    "source.1.source_kind": "rlf_loan",
    "source.1.source_who": "Loan fund of Peru",
    "source.1.source_amount": "15,000",
    "funding_product": "jump_cer.project_loan",
    "milestone_on": "2004-12-31",
    "no_lender": "",
}


def step_06_the_panel_approves_the_proposal(people: People) -> None:
    """The road waits for the panel: a round of proposals, scored, decided, told."""
    a_round(people, "Review of project proposals", "Proposals of Peru, June 2004", "Approved")
    jose = people.enter("jose")
    menu(jose, "Communities")
    follow(jose, COMMUNITY)
    people.look(jose, "06_community")
    assert "Approved" in text(jose)


def step_07_the_loan_is_opened_released_and_repaid(people: People) -> None:
    """The procedure is signed, the loan opens by itself, one prepares, another pays, and the first money comes back."""
    grace = people.enter("grace")
    fill_step(grace, "Financial procedure signed", {"account_last_four": "1234", "report_days": "30"}, more=1)
    accept(people, "Financial procedure of an approved project")
    jose = people.enter("jose")
    the_loan(jose)
    people.look(jose, "07_loan_waiting")
    press(jose, "Prepare tranche 1")
    assert "A second person must release it." in jose.inner_text("body")
    grace = people.enter("grace")
    the_loan(grace)
    follow(grace, "Release tranche 1")
    people.look(grace, "07_release")
    press(grace, "Release the money")
    assert "paid out." in grace.inner_text("body"), text(grace)[:600]
    people.look(grace, "07_loan_running")
    form = grace.locator("#repay")
    form.locator("[name=kind]").last.check()
    form.locator("[name=amount]").fill("500")
    form.locator("[name=receipt]").fill("CV-0001")
    people.look(grace, "07_repay")
    press(grace, "See what will happen")
    people.look(grace, "07_what_will_happen")
    assert "What will happen" in text(grace)
    press(grace, "Save the repayment")
    people.look(grace, "07_repaid")
    assert "Repayment of PEN 500.00 saved." in text(grace) or "500.00 saved" in grace.inner_text("body").replace(
        "\u00a0", " "
    )


def the_loan(page: Any) -> None:
    """From the community to its contract."""
    menu(page, "Communities")
    follow(page, COMMUNITY)
    page.get_by_role("region", name="Table of contracts").get_by_role("link").first.click()


def step_08_a_job_is_claimed(people: People) -> None:
    """The enterprise is launched; the worker claims a job in it, and cannot look at it herself."""
    rosa = people.enter(*CORE)
    launch = {"enterprise_name": GROUP, "members_women": "7", "members_men": "5"}
    fill_step(rosa, "Launch of the enterprise", launch)
    accept(people, "Launch checklist")
    liza = people.enter("liza")
    menu(liza, "Jobs")
    people.look(liza, "08_jobs")
    follow(liza, "Claim a job")
    follow(liza, GROUP)
    people.look(liza, "08_who")
    follow(liza, "Somebody who is not in this list")
    job = {
        "given_name": "Elena",
        "family_name": "Huanca",
        "sex": "female",
        "birth_year": "1975",
        "status_before": "unemployed",
        "kind": "created",
        "title": JOB,
        "hours_weekly": "40",
        "pay_monthly": "1,500",
        "months_expected": "24",
    }
    fill_in(liza, job)
    people.look(liza, "08_claim")
    sent(liza, "Claim the job")
    people.look(liza, "08_claimed")
    assert "Now somebody else must look at it." in liza.inner_text("body")


JOB = "Roof tile maker"


def step_09_somebody_else_verifies_it_and_the_claimant_cannot(people: People) -> None:
    """The page tells the claimant why she may not, even with the coordinator's link; he looks, and it counts."""
    people.before = figure_of(people.enter("ana"))
    jose = people.enter("jose")
    menu(jose, "My tasks")
    jose.locator("main a").filter(has_text=f"Verify a job: {JOB}").first.click()
    people.look(jose, "09_verify")
    liza = people.enter("liza")
    menu(liza, "Jobs")
    follow(liza, "Elena Huanca")
    liza.get_by_text("You reported this job, so somebody else must look at it.").wait_for()
    assert liza.get_by_role("link", name="Look at this job").count() == 0
    liza.goto(jose.url)  # a link that he sends her
    people.look(liza, "09_claimant")
    assert "so somebody else must check it" in text(liza), text(liza)[:400]
    assert liza.get_by_role("button", name="Save what you found").count() == 0
    found = {
        "method": "visit",
        "under_18_hazard": "no",
        "covers": "health",
        "hours_weekly": "40",
        "pay_monthly": "1,500",
        "months_expected": "24",
        "evidence_class": "A",
    }
    fill_in(jose, found)
    sent(jose, "Save what you found")
    people.look(jose, "09_verified")
    assert "It counts." in jose.inner_text("body"), text(jose)[:500]


def figure_of(page: Any) -> int:
    """The count of decent jobs on the first page."""
    menu(page, "Home")
    return int(page.locator("main .big").first.inner_text().replace(",", ""))


def step_10_the_figure_of_the_first_page_and_the_report_tell_one_more(people: People) -> None:
    """The count is made anew behind the page; the report of the half-year carries it."""
    ana = people.enter("ana")
    before, wanted = people.before, people.before + 1
    for _time in range(60):
        if figure_of(ana) == wanted:
            break
        ana.wait_for_timeout(1000)
    people.look(ana, "10_home")
    assert figure_of(ana) == wanted, f"{before} before, {figure_of(ana)} now"
    menu(ana, "Reports")
    people.look(ana, "10_reports")
    follow(ana, "Write the six-monthly report")
    ana.get_by_label("Half-year").select_option("2004-H1")
    press(ana, "Make the report")
    people.look(ana, "10_report")
    assert f"{wanted:,}" in text(ana)


def step_11_the_figure_leads_back_to_the_letter(people: People) -> None:
    """By links alone: the figure, the job, the look at it, the enterprise, the loan, the proposal, the letter."""
    ana = people.enter("ana")
    ana.locator("main a.big").click()
    ana.get_by_role("heading", name="What it is made of").wait_for()
    people.look(ana, "11_figure")
    while not ana.locator("main tr").filter(has_text=JOB).count():  # oldest first: the new one stands on the last page
        number = ana.locator("main .pages [aria-current]").inner_text()
        ana.locator("main .pages a").filter(has_text="After").click()
        ana.locator("main .pages [aria-current]").filter(has_not_text=re.compile(rf"^\D*{number}\D*$")).wait_for()
    ana.locator("main tr").filter(has_text=JOB).get_by_role("link", name=re.compile("^job-")).click()
    ana.get_by_text(f"The road of {COMMUNITY} behind it").wait_for()
    people.look(ana, "11_job")
    why = ana.url
    for link, words in (
        ("Verification: Verified", "José Villanueva"),
        (f"Group: {GROUP}", GROUP),
        ("Loan: Project loan", "Still to pay"),
        ("Decision: Proposals of Peru, June 2004: Approved", "Told"),
        ("Version of a dossier: Project proposal", "Signed by Rosa Quispe"),
        ("Gathering: Workshop A: the community and its preferred future", "26"),
        ("Filled form: Letter of interest (CER-00)", f"Council of {COMMUNITY}"),
    ):
        follow(ana, link)
        ana.locator("main").get_by_text(words).first.wait_for()
        people.look(ana, f"11_{link.partition(':')[0].lower().replace(' ', '_')}")
        if "Letter" not in link:
            ana.go_back()
            ana.get_by_text(f"The road of {COMMUNITY} behind it").wait_for()
            assert ana.url == why


def test_a_letter_becomes_a_counted_job_and_the_figure_leads_back_to_it(person: Callable[..., Any], site: Site) -> None:
    people = People(person, site)
    step_00_the_administrator_gives_the_staff_their_roles_in_the_country(people)
    step_01_anybody_sends_the_letter_of_a_new_community(people)
    step_02_the_letter_is_accepted_screened_and_the_community_is_selected(people)
    step_03_a_core_team_is_formed_and_workshop_a_is_held(people)
    step_04_ideas_are_written_scored_and_one_is_chosen(people)
    step_05_the_proposal_is_written_and_signed(people)
    step_06_the_panel_approves_the_proposal(people)
    step_07_the_loan_is_opened_released_and_repaid(people)
    step_08_a_job_is_claimed(people)
    step_09_somebody_else_verifies_it_and_the_claimant_cannot(people)
    step_10_the_figure_of_the_first_page_and_the_report_tell_one_more(people)
    step_11_the_figure_leads_back_to_the_letter(people)
