"""From a letter of interest to the decision about a proposal: a whole road in a browser without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from jump.base import outbox
from jump.base.actors import actor_for
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.evidence import api as evidence
from tests import makers
from tests.web import road_fixtures as road

PASSWORD = "three plain words"
PH = "jump/asia/PH/"
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PEOPLE = (
    ("jose", "national_coordinator", PH),
    ("liza", "extension_worker", PH),
    ("ingrid", "selection_panel", "jump/"),
    ("moses", "selection_panel", "jump/"),
    ("chitra", "selection_panel", "jump/"),
)
PROPOSAL: dict[str, Any] = {
    "title": "Rice mill and drying floor",
    "er_code": "",
    "promoter": "Farmers of Bagong Pag-asa",
    "legal_form": "",
    "form_why": "The members chose it after talking it over.",
    "problem": "Rice is dried on the road and half its price is lost.",
    "market_evidence": "Two traders signed an order.",
    "product_made": "Milled rice",
    "operations": "Two shifts in the season.",
    "women": "12",
    "men": "8",
    "youth": "6",
    "unemployed_before": "15",
    "target_groups": "",
    "quarter.0.quarter_no": "1",
    "quarter.0.quarter_women": "12",
    "quarter.0.quarter_men": "8",
    "quarter.0.quarter_fte": "16",
    "quarter.0.quarter_wage": "4500",
    "training_need": "Bookkeeping",
    "environment_safety": "Husks are burnt in the dryer.",
    "governance": "A board of five, three of them women.",
    "sustainability": "The mill pays for its own repairs.",
    "currency": "PHP",
    "cost.0.cost_kind": "",
    "cost.0.cost_what": "Mill and floor",
    "cost.0.cost_amount": "240,000",
    "funding_product": "jump_cer.project_loan",
}


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps a loop in this thread
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def site(live_server: Any) -> str:
    cache.clear()
    road.programme()
    for name, role, path in PEOPLE:
        made = road.user(name, role, path)
        made.set_password(PASSWORD)
        made.save()
    return str(live_server.url).replace("127.0.0.1", "localhost")


def open_page(browser: Any, site: str, name: str = "", *, width: int = 360, script: bool = False) -> Any:
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
    page = context.new_page()
    page.set_default_timeout(30_000)
    if name:
        page.goto(f"{site}/account/login/?next=/communities/")
        page.fill("[name=login]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
    return page


def answer(page: Any, answers: Mapping[str, str]) -> None:
    """Fill in what is named: text is typed, "" takes the first choice of a question with choices."""
    for path, value in answers.items():
        name = f"a-{path}"
        control = page.locator(f'[name="{name}"]').first
        kind = control.get_attribute("type") or ""
        if kind in ("radio", "checkbox"):
            chosen = page.locator(f'[name="{name}"][value="{value}"]') if value else control
            chosen.first.check()
        elif control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(value) if value else control.select_option(index=1)
        else:
            control.fill(value)


def press(page: Any, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).first.click()


def follow(page: Any, words: str) -> None:
    page.get_by_role("link", name=words, exact=True).first.click()


def actor(name: str) -> Any:
    return actor_for(get_user_model().objects.get(username=name))


@pytest.mark.covers("SELECT-06", "SELECT-07", "CER-11", "CER-13")
def test_a_community_goes_from_its_letter_to_the_decision_about_its_proposal(browser: Any, site: str) -> None:
    # A visitor writes, forgets something, puts it right and gets a number.
    visitor = open_page(browser, site)
    visitor.goto(f"{site}/welcome/")
    follow(visitor, "Write a letter of interest")
    letter = {name: str(value) for name, value in road.LETTER.items() if isinstance(value, str | int)}
    del letter["population"], letter["signed_on"]
    answer(visitor, letter)
    answer(visitor, {"target_groups": "unemployed"})
    press(visitor, "Add another: Organisations that support the letter")
    answer(visitor, {"supporter.0.supporter_name": "Weavers’ association", "supporter.0.supporter_seat": "ngo"})
    press(visitor, "Send the letter")
    assert visitor.get_by_role("alert").get_by_text("2 things to put right").is_visible()
    answer(visitor, {"population": "4,200", "signed_on": "2002-10-01"})
    assert visitor.locator('[name="a-supporter.0.supporter_name"]').input_value() == "Weavers’ association"
    press(visitor, "Send the letter")
    (sent,) = evidence.submissions(makers.MAKER, form="jump_cer.letter_of_interest")
    assert visitor.get_by_text(sent.ref).is_visible()

    # The coordinator looks at it and opens a round for the panel.
    jose = open_page(browser, site, "jose", width=1280)
    jose.goto(f"{site}/reviews/")
    follow(jose, "Letter of interest (CER-00)")
    jose.get_by_label("It is right").check()
    press(jose, "Save what you found")
    jose.goto(f"{site}/communities/")
    assert jose.get_by_role("link", name="Bagong Pag-asa").is_visible()
    open_round(jose, site, "jump.pilot_communities", "Pilot places")

    # Three people say that they are free, score, and the coordinator records what they decide.
    for name in ("ingrid", "moses", "chitra"):
        score(open_page(browser, site, name), site, "Pilot places", "4")
    decide(jose, site, "Pilot places", "Selected", "Strong need and a ready team.")
    (row,) = cases.cases(makers.MAKER)
    assert [key for key, _title in row.open_steps] == ["stakeholder_map"]

    # The workshops are told by other tests: the road is entered again at the proposal.
    cases.reopen(actor("jose"), case_ref=row.ref, step="proposal", why="The workshops are done.", on=road.TODAY)
    liza = open_page(browser, site, "liza")
    liza.goto(f"{site}/communities/")
    follow(liza, "Bagong Pag-asa")
    follow(liza, "Go on with this step")
    press(liza, "Begin the document")
    liza.get_by_role("link", name="Fill in Project proposal").click()
    press(liza, "Add another: Financing")
    answer(liza, PROPOSAL)
    for number, (kind, who, amount) in enumerate(
        (("members", "Members", "40,000"), ("rlf_loan", "Programme", "200,000"))
    ):
        source = {"source_kind": kind, "source_who": who, "source_amount": amount}
        answer(liza, {f"source.{number}.{name}": value for name, value in source.items()})
    answer(liza, {"risk.0.risk_what": "A dry year", "risk.0.risk_answer": "Maize is milled too."})
    press(liza, "Send")
    assert liza.get_by_text("1 of 4 parts are there.").is_visible(), liza.inner_text("main")[:400]
    business_plan(liza)
    assert liza.get_by_text("2 of 4 parts are there.").is_visible(), liza.inner_text("main")[:400]
    the_other_parts()
    liza.reload()
    assert liza.get_by_text("All parts are there.").is_visible()
    sign_and_hand_in(browser, site, liza)

    # The panel reviews the proposal; the answer reaches the community's page with its reason.
    open_round(jose, site, "jump_cer.project_proposals", "Proposals of autumn")
    for name in ("ingrid", "moses", "chitra"):
        score(open_page(browser, site, name), site, "Proposals of autumn", "5")
    decide(jose, site, "Proposals of autumn", "Approved", "Good market, good group.")
    (row,) = cases.cases(makers.MAKER)
    assert [key for key, _title in row.open_steps] == ["financial_procedure"]
    liza.goto(f"{site}/communities/{row.subject_ref}/")
    table = liza.get_by_role("region", name="Table of proposals")
    assert table.get_by_text("Rice mill and drying floor").is_visible()
    assert table.get_by_text("Approved").is_visible()


def open_round(page: Any, site: str, kind: str, title: str) -> None:
    page.goto(f"{site}/rounds/")
    page.locator(f'a[href="/rounds/open/?kind={kind}"]').click()
    if page.locator("select[name=scope]").count():
        page.locator("select[name=scope]").select_option(PH)
        press(page, "Go on")
    page.fill("[name=title]", title)
    page.locator('[name=opens_on][value="2002-10-01"]').check()
    for part, value in (("day", "20"), ("year", "2002")):
        page.fill(f"[name=closes_on_{part}]", value)
    page.locator("[name=closes_on_month]").select_option("10")
    for name in ("Ingrid", "Moses", "Chitra"):
        page.get_by_label(name).check()
    press(page, "Open the round")
    assert page.get_by_role("heading", name=title).is_visible(), page.inner_text("main")[:500]


def score(page: Any, site: str, title: str, points: str) -> None:
    page.goto(f"{site}/rounds/")
    follow(page, title)
    page.get_by_role("link", name="Score Bagong Pag-asa").click()
    page.get_by_label("No", exact=True).check()
    press(page, "Save and go on")
    for line in page.locator('input[type=radio][name^="s-"]').all():
        name, value = line.get_attribute("name"), line.get_attribute("value")
        tests = page.locator(f'[name="{name}"]').count() == 2
        if value == ("1" if tests else points):
            line.check()
    press(page, "Save the scores")
    assert page.get_by_text("Nobody sees them before all are in.").is_visible(), page.inner_text("main")[:500]


def decide(page: Any, site: str, title: str, outcome: str, reason: str) -> None:
    page.goto(f"{site}/rounds/")
    follow(page, title)
    follow(page, "See the ranking")
    assert page.get_by_role("region", name="Table of the ranking").is_visible()
    follow(page, "Record the decision")
    page.get_by_label(outcome, exact=True).check()
    page.locator('textarea[name^="r-"]').fill(reason)
    for name in ("Ingrid", "Moses", "Chitra"):
        page.get_by_label(name).check()
    page.fill("[name=minutes]", "Every letter was read aloud.")
    press(page, "Record the decision")
    assert page.get_by_text("Nobody has been told yet.").is_visible(), page.inner_text("main")[:500]
    press(page, "Tell everybody")
    outbox.drain()
    assert page.get_by_text("The outcomes are told.").is_visible()


def business_plan(page: Any) -> None:
    """Thirty-six months of cash, with rows added by plain buttons; forty-two are there, six stay empty."""
    page.get_by_role("link", name="Fill in Business plan").click()
    press(page, "Add another: Cash flow by month, 36 months")
    for _times in range(4):
        press(page, "Add 10 more")
    words = (
        "customers",
        "competitors",
        "marketing",
        "production",
        "people_skills",
        "prices",
        "assumptions",
        "bad_year",
    )
    answer(page, dict.fromkeys(words, "As agreed in workshop E."))
    answer(page, {"currency": "PHP", "break_even_month": "9"})
    for number in range(36):
        row = {"month_no": str(number + 1), "cash_in": "30000", "cash_out": "15000", "loan_instalment": "6000"}
        answer(page, {f"month.{number}.{name}": value for name, value in row.items()})
    press(page, "Send")


def the_other_parts() -> None:
    """The action plan and the monitoring plan, sent as other tests send them."""
    case = cases.cases(makers.MAKER)[0]
    end = date(2003, 9, 30).isoformat()
    action = {"activity_code": "act.09.01", "action_owner": "Manager", "action_end": end, "action_amount": "240000"}
    given = {
        "jump_cer.cer_e3": {"currency": "PHP", "action": [{**action, "action_start": road.TODAY.isoformat()}]},
        "jump_cer.cer_e4": {"measure": [{"measure_target": "20", "measure_by": end}], "jobs_by_sex": "yes"},
    }
    for form, answers in given.items():
        evidence.submit(
            actor("liza"),
            form=form,
            answers=road.filled(form, **answers),
            scope=case.scope,
            about=case.subject_ref,
            on=road.TODAY,
            key=form,
        )
    outbox.drain()


def sign_and_hand_in(browser: Any, site: str, liza: Any) -> None:
    """The core team signs; the worker keeps a version and hands it in."""
    case = cases.cases(makers.MAKER)[0]
    made = road.user("teresita", "core_team", case.scope)
    made.set_password(PASSWORD)
    made.save()
    core = open_page(browser, site, "teresita")
    core.goto(liza.url.split("#")[0])
    assert core.get_by_text("The core team signs.").is_visible()
    press(core, "Sign")
    assert core.get_by_text("Signed by Teresita").is_visible(), core.inner_text("main")[:600]
    liza.reload()
    press(liza, "Keep as a version")
    press(liza, "Hand in version 1")
    assert [key for key, _title in cases.cases(makers.MAKER)[0].open_steps] == ["review"]


def test_every_page_of_the_road_is_free_of_axe_findings_and_of_sideways_scrolling(browser: Any, site: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    case = road.selected()
    waiting = road.community(community_name="Masagana")
    dossier = evidence.open_dossier(
        makers.MAKER, definition="jump_cer.proposal", about=case.subject_ref, scope=case.scope, on=road.TODAY
    )
    sent = evidence.submissions(makers.MAKER, form="jump_cer.letter_of_interest")[0]
    panel = [actor(name).user_id for name in ("ingrid", "moses", "chitra")]
    round_ref = decisions.open_round(
        actor("jose"),
        definition="jump.pilot_communities",
        scope=PH,
        opens_on=road.TODAY,
        closes_on=date(2002, 10, 20),
        panel=panel,
    )
    candidate = decisions.round_(makers.MAKER, round_ref).candidates[-1]
    orientation = cases.reopen(actor("jose"), case_ref=waiting.ref, step="orientation", why="A trial.", on=road.TODAY)
    makers.person(waiting.scope)
    step = case.here[0].ref
    pages = {
        "": ("/welcome/", "/letter/", "/thanks/sub-00000000/"),
        "jose": (
            "/communities/",
            f"/communities/{case.subject_ref}/",
            f"/communities/{case.subject_ref}/record/",
            "/cases/",
            f"/cases/{case.ref}/",
            f"/steps/{step}/",
            f"/steps/{step}/date/",
            f"/steps/{step}/fill/",
            f"/steps/{orientation}/",
            f"/steps/{orientation}/gathering/",
            f"/dossiers/{dossier}/",
            "/reviews/",
            f"/submissions/{sent.ref}/",
            "/rounds/",
            f"/rounds/open/?kind=jump.pilot_communities&scope={PH}",
            f"/rounds/{round_ref}/",
        ),
        "ingrid": (f"/rounds/{round_ref}/score/{candidate.ref}/",),
    }
    found: list[tuple[str, int, Any]] = []
    for width in (1280, 360, 320):
        for name, addresses in pages.items():
            page = open_page(browser, site, name, width=width, script=True)
            for address in addresses:
                shown = page.goto(site + address)
                assert shown.status == 200, address
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append((address, width, "scrolls sideways"))
                if width != 320:
                    for rule in Axe().run(page).response["violations"]:
                        found.append((address, width, (rule["id"], [node["html"][:160] for node in rule["nodes"]][:3])))
            page.context.close()
    assert found == []
