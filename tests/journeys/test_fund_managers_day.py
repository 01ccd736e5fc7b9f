"""A fund manager's day on the loaded example: applications, a committee, money out, money in, and what came back.

Without scripts, and only by what stands on the pages: each person goes where a menu, a task or a link leads.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Site
from tests.journeys.test_whole_thread import People, fill_in, follow, menu, press, sent, text

pytestmark = pytest.mark.journey

MEETS = "Bakery of Tabing Ilog"  # the group whose meeting it is
APPLICANTS = {
    "Bakery of Tabing Ilog": "40,000",
    "Furniture workshop of Riverside": "30,000",
    "Waste collection of Tabing Ilog": "25,000",
    "Fish smoking and trade of Tabing Ilog": "20,000",
    "Rice mill of Riverside": "15,000",
}
APPROVED = ("Bakery of Tabing Ilog", "Furniture workshop of Riverside")
BOUNCES = "Furniture workshop of Riverside"
ROUND = "Credit committee of June 2004"


def at_group(page: Any, name: str) -> None:
    """From the menu to the page of a group."""
    menu(page, "People and groups")
    if page.get_by_role("link", name="Groups and enterprises").count():
        follow(page, "Groups and enterprises")
    page.locator("main input[name=q]").first.fill(name)
    page.locator("main input[name=q]").first.press("Enter")
    follow(page, name)


def five_groups_apply(people: People) -> None:
    """The worker writes each application at the group's page; the coordinator accepts it."""
    liza, jose = people.enter("liza"), people.enter("jose")
    for name, amount in APPLICANTS.items():
        at_group(liza, name)
        follow(liza, "Loan application")
        asked = {"amount": amount, "own_money": "9,000", "other_money": "0", "purpose": "Raw material and tools"}
        more = {"months": "12", "grace_months": "0", "jobs_women": "2", "jobs_men": "1", "late": "no"}
        fill_in(liza, {**asked, **more, "members_women": "9", "members_men": "7", "securities": "group"})
        sent(liza)
        people.look(liza, "day_applied")
        assert "Somebody else looks at it before it counts." in liza.inner_text("body")
        accept(jose, "Loan application")


def accept(page: Any, title: str) -> None:
    """Find a form among one's tasks, and accept it."""
    menu(page, "My tasks")
    page.locator("main li").filter(has_text=title).get_by_role("link").first.click()
    page.get_by_label("It is right").check()
    press(page, "Save what you found")


def each_is_appraised(people: People) -> None:
    """The fund manager finds five appraisals among her tasks."""
    grace = people.enter("grace")
    for number in range(len(APPLICANTS)):
        menu(grace, "My tasks")
        if number == 0:
            people.look(grace, "day_tasks")
        grace.locator("main li").filter(has_text="Appraisal").get_by_role("link").first.click()
        people.look(grace, "day_step")
        amount = next(amount for name, amount in APPLICANTS.items() if name in text(grace))
        follow(grace, "Fill in the form")
        answers = {"no_interest": "yes", "visited": "yes", "staff_borrows": "no", "debts_checked": "yes"}
        cash = {"sales": "60,000", "costs": "40,000", "instalment": "5,000", "opinion": "approve"}
        scores = dict.fromkeys(("character", "skills", "market", "security_value"), "4")
        agreed = {"amount_proposed": amount, "months_proposed": "12", "grace_proposed": "0"}
        fill_in(grace, {**answers, **cash, **scores, **agreed})
        sent(grace)
    people.look(grace, "day_appraised")


def the_committee_decides(people: People) -> None:
    """The fund manager opens the round, three of the panel score, the chair records: two approved, three deferred."""
    grace = people.enter("grace")
    menu(grace, "Proposals")
    people.look(grace, "day_waiting")
    follow(grace, "Open a round: Credit committee")
    if grace.locator("select[name=scope]").count():
        option = grace.locator("select[name=scope] option").filter(has_text="Philippines").first
        grace.locator("select[name=scope]").select_option(option.get_attribute("value"))
        press(grace, "Go on")
    grace.fill("[name=title]", ROUND)
    grace.locator('[name=opens_on][value="2004-06-30"]').check()
    grace.fill("[name=closes_on_day]", "14")
    grace.fill("[name=closes_on_year]", "2004")
    grace.locator("[name=closes_on_month]").select_option("7")
    for name in ("Ingrid", "Moses", "Chitra"):
        grace.get_by_label(name).check()
    people.look(grace, "day_round")
    press(grace, "Open the round")
    for name in ("panel1", "panel2", "panel3"):
        member = people.enter(name)
        menu(member, "My tasks")
        member.locator("main a").filter(has_text=ROUND).first.click()
        member.get_by_text("Do you have an interest in this candidate?").wait_for()
        while member.get_by_role("button", name="Save and go on").count():
            score(member)
    chair = people.enter("panel1")
    menu(chair, "Proposals")
    follow(chair, ROUND)
    follow(chair, "See the ranking")
    people.look(chair, "day_ranking")
    follow(chair, "Record the decision")
    chair.locator("[name=minutes]").wait_for()
    for row in chair.locator("main .part").filter(has=chair.locator('textarea[name^="r-"]')).all():
        wins = any(name in row.inner_text() for name in APPROVED)
        row.get_by_label("Approved" if wins else "Deferred", exact=True).check()
        row.locator('textarea[name^="r-"]').fill("Seen beside the others, and agreed after discussion.")
    for name in ("Ingrid", "Moses", "Chitra"):
        chair.get_by_label(name).check()
    chair.fill("[name=minutes]", "The committee read everything aloud and agreed.")
    press(chair, "Record the decision")
    people.look(chair, "day_decided")
    press(chair, "Tell everybody")
    people.look(chair, "day_told")
    assert "The outcomes are told." in chair.inner_text("body")


def score(page: Any) -> None:
    page.get_by_label("No", exact=True).check()
    press(page, "Save and go on")
    for line in page.locator('input[type=radio][name^="s-"]').all():
        tests = page.locator(f'[name="{line.get_attribute("name")}"]').count() == 2
        if line.get_attribute("value") == ("1" if tests else "4"):
            line.check()
    page.locator("main").get_by_role("button", name=re.compile("^Save (the scores|and go)")).click()
    page.get_by_text("Nobody sees them before all are in.").first.wait_for()


def one_is_paid_out_by_two(people: People) -> None:
    """The bakery signs the agreement; one prepares the tranche, another pays it: who prepared it cannot."""
    grace, jose = people.enter("grace"), people.enter("jose")
    menu(grace, "My tasks")
    agreement = grace.locator("main li").filter(has_text="Agreement and own part")
    agreement.filter(has_text=APPROVED[0]).get_by_role("link").first.click()
    follow(grace, "Fill in the form")
    signed = {"guarantee_signed": "yes", "signatures": "16", "own_part_paid": "4,000", "receipt": "OP-0001"}
    fill_in(grace, {**signed, "schedule_explained": "yes"})
    sent(grace)
    people.look(grace, "day_agreed")
    accept(jose, "Loan agreement")
    at_group(jose, APPROVED[0])
    jose.locator("main tr").filter(has_text="PHP 40,000.00").get_by_role("link").first.click()
    people.look(jose, "day_contract")
    press(jose, "Prepare tranche 1")
    assert "A second person must release it." in jose.inner_text("body")
    assert not jose.get_by_role("link", name="Release tranche 1").count()
    at_group(grace, APPROVED[0])
    grace.locator("main tr").filter(has_text="PHP 40,000.00").get_by_role("link").first.click()
    follow(grace, "Release tranche 1")
    people.look(grace, "day_release")
    press(grace, "Release the money")
    assert "PHP 40,000.00 paid out." in text_of(grace), text(grace)[:900]
    people.look(grace, "day_released")


def text_of(page: Any) -> str:
    return " ".join(page.inner_text("body").replace("\u00a0", " ").split())


def twelve_members_pay_at_a_meeting(people: People) -> None:
    """Twelve get accounts in one go; the sheet of the meeting counts when a second person has counted."""
    grace = people.enter("grace")
    at_group(grace, MEETS)
    follow(grace, "Open savings accounts for members")
    grace.get_by_role("button", name="Open them").wait_for()
    boxes = grace.locator("main input[name=members]")
    for number in range(12, boxes.count()):
        boxes.nth(number).uncheck()
    grace.locator("main [name=product]").select_option("revolving_fund.member_savings")
    people.look(grace, "day_open_accounts")
    press(grace, "Open them")
    assert "12 accounts are open." in text_of(grace), text_of(grace)[:900]
    phone = people.open_page("grace", width=360)
    phone.goto(grace.url)
    follow(phone, "Collection sheet of a meeting")
    phone.get_by_role("button", name="Write it down").wait_for()
    people.look(phone, "day_sheet")
    amounts = phone.locator("main form input[name^='sav-']")
    assert amounts.count() == 12
    first, last = amounts.first.bounding_box(), amounts.last.bounding_box()
    assert last["y"] + last["height"] - first["y"] <= 740, "twelve members stand on one screen of a phone"
    for number in range(12):
        amounts.nth(number).fill("100" if number % 2 else "50")
    press(phone, "Write it down")
    people.look(phone, "day_written")
    written = phone.url
    assert "A second person has to count the money." in text_of(phone)
    assert not phone.get_by_role("link", name="Count the money").count()
    jose = people.enter("jose")
    jose.goto(written)
    follow(jose, "Count the money")
    jose.fill("[name=counted]", "900")
    press(jose, "Book it")
    people.look(jose, "day_counted")
    assert "900.00 counted by" in text_of(jose)


def one_payment_bounces(people: People) -> None:
    """A repayment is taken, and taken back when the cheque bounces: the loan owes what it owed before."""
    grace = people.enter("grace")
    at_group(grace, BOUNCES)
    grace.locator("main tr").filter(has_text="PHP").get_by_role("link").first.click()
    grace.locator("#repay").wait_for()
    owed = left_to_pay(grace)
    form = grace.locator("#repay")
    form.locator("[name=kind]").last.check()
    form.locator("[name=amount]").fill("500")
    form.locator("[name=receipt]").fill("CHEQUE-1")
    press(grace, "See what will happen")
    press(grace, "Save the repayment")
    grace.get_by_text("PHP 500.00 saved.").wait_for()
    assert left_to_pay(grace) != owed
    grace.locator("main table").get_by_role("link", name="CHEQUE-1").first.click()
    follow(grace, "Take it back")
    grace.fill("[name=why]", "The cheque bounced")
    press(grace, "Take it back")
    people.look(grace, "day_bounced")
    assert "by a reversing entry." in text_of(grace)
    assert left_to_pay(grace) == owed


def left_to_pay(page: Any) -> str:
    """Still to pay, as the page of a loan says it."""
    return text_of(page).partition("Still to pay")[2].strip().partition(" of ")[0][:20]


def the_statement_is_printed(people: People) -> None:
    """The borrower's statement as a PDF that can be read: what was paid out and what is left."""
    grace = people.enter("grace")
    at_group(grace, APPROVED[0])
    grace.locator("main tr").filter(has_text="PHP 40,000.00").get_by_role("link").first.click()
    follow(grace, "Statement")
    people.look(grace, "day_statement")
    address = grace.locator("main a[href*='as=pdf'], .acts a[href*='as=pdf']").first.get_attribute("href")
    answer = grace.context.request.get(f"{grace.url.partition('?')[0]}{address}")
    assert answer.headers["content-type"] == "application/pdf", answer.text()[:300]
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.body(), capture_output=True, check=True)
    words = " ".join(read.stdout.decode().replace("\u00a0", " ").split())
    assert APPROVED[0] in words
    assert "40,000.00" in words


def the_month_is_closed_and_sealed(people: People) -> None:
    """The fund manager closes the first month; the coordinator sees what stands in the way and seals it for ever."""
    grace, ana = people.enter("grace"), people.enter("ana")
    for page in (grace, ana):
        menu(page, "Loan funds")
        follow(page, "Books")
        follow(page, "Revolving fund of Philippines")
        follow(page, "Months")
        follow(page, "July 2002")  # months are sealed in their order: the first comes first
        if page is grace:
            follow(grace, "Begin to close")
            press(grace, "Begin to close")
            assert "The month is closing. Another person seals it." in text_of(grace)
            people.look(grace, "day_closing")
            assert not grace.get_by_role("link", name="Seal", exact=True).count()
    people.look(ana, "day_to_seal")
    follow(ana, "Seal")
    ana.get_by_label("Yes, seal it").check()
    ana.fill("[name=despite]", "Looked at with the fund manager.")
    people.look(ana, "day_seal")
    press(ana, "Seal it")
    people.look(ana, "day_sealed")
    assert "The month is sealed." in text_of(ana)
    assert re.search(r"[0-9a-f]{64}", text_of(ana)), "the root is shown"


def test_a_fund_managers_day_from_five_applications_to_a_printed_statement(
    person: Callable[..., Any], site: Site
) -> None:
    people = People(person, site)
    five_groups_apply(people)
    each_is_appraised(people)
    the_committee_decides(people)
    one_is_paid_out_by_two(people)
    twelve_members_pay_at_a_meeting(people)
    one_payment_bounces(people)
    the_month_is_closed_and_sealed(people)
    the_statement_is_printed(people)
