"""The money pages as readers use them: who may, what is shown, what is refused, what is kept."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, hidden, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker

pytestmark = pytest.mark.django_db
TODAY = date(2005, 6, 30)


@pytest.fixture
def loan(money: FundMaker, fund: Ref) -> Ref:
    """240,000 pesos over 12 months at 12% a year, paid out on 27 November 2004; six payments made."""
    ref = money.running_loan(fund, on=date(2004, 11, 27))
    for month, year in ((12, 2004), (1, 2005), (2, 2005), (3, 2005), (4, 2005), (5, 2005)):
        money.repay(ref, 2_132_371, date(year, month, 27))
    return ref


@pytest.fixture
def neighbour(money: FundMaker) -> Reader:
    return reader("fund_manager", "jump/asia/TH/", "Noi")


def typed(key: str = "one", **changes: Any) -> dict[str, Any]:
    return {"key": key, "kind": "first", "amount": "21,323.71", "on": "2005-06-30", "receipt": "00912", **changes}


# Reading ----------------------------------------------------------------------------------------------


def test_the_loan_page_tells_what_is_left_what_is_due_since_when_and_how_many_payments_were_made(
    manager: Reader, loan: Ref
) -> None:
    text = words(manager.client.get(f"/loans/{loan}/"))
    assert "Still to pay PHP 123,581.04 principal only" in text
    assert "Due now PHP 21,323.71 since 27 June 2005" in text
    assert "Paid so far PHP 127,942.26 6 of 12 payments" in text
    assert "3 days late" in text
    assert "PHP 240,000.00 over 12 payments · 12% a year on what is left to pay · rice mill and drying floor" in text


def test_the_schedule_shows_each_payment_with_its_mark_and_totals(manager: Reader, loan: Ref) -> None:
    text = words(manager.client.get(f"/loans/{loan}/"))
    assert "1 27 Dec 2004 18,923.71 2,400.00 21,323.71 221,076.29 Paid" in text
    assert "7 27 Jun 2005 20,087.90 1,235.81 21,323.71 103,493.14 3 days late" in text
    assert "8 27 Jul 2005 20,288.78 1,034.93 21,323.71 83,204.36 To come" in text
    assert "All 240,000.00 15,884.50 255,884.50" in text


@pytest.mark.covers("RLF-06")
def test_the_ledger_of_a_loan_is_latest_first_with_what_was_left_after_each_entry(manager: Reader, loan: Ref) -> None:
    text = words(manager.client.get(f"/loans/{loan}/")).split("Latest first, in PHP")[-1]
    latest = text.index("19,889.01 principal, 1,434.70 interest")
    first = text.index("Tranche 1 paid out")
    assert latest < first
    assert "240,000.00 240,000.00" in text[first:]


@pytest.mark.parametrize("path", ["/funds/", "/loans/", "/budget/"])
def test_a_stranger_is_asked_to_sign_in(money: FundMaker, client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


@pytest.mark.covers("CROSS-03")
@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("programme_coordinator", True),
        ("national_coordinator", True),
        ("extension_worker", True),
        ("core_team", True),
        ("partner", True),
        ("fund_manager", True),
        ("donor", True),
        ("selection_panel", False),
        ("administrator", False),
    ],
)
def test_who_may_read_money(money: FundMaker, fund: Ref, role: str, allowed: bool) -> None:
    answer = reader(role, "jump/").client.get("/funds/")
    assert answer.status_code == (200 if allowed else 403)
    assert ("Bulacan fund" in words(answer)) is allowed


def test_the_neighbour_country_sees_neither_fund_nor_loan_nor_book(neighbour: Reader, fund: Ref, loan: Ref) -> None:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    book = finance.fund(SYSTEM, fund).book_ref
    assert "Bulacan fund" not in words(neighbour.client.get("/funds/"))
    assert str(loan) not in neighbour.client.get("/loans/").content.decode()
    for path in (f"/funds/{fund}/", f"/loans/{loan}/", f"/books/{book}/", f"/books/{book}/entries.csv"):
        assert neighbour.client.get(path).status_code == 404, path


@pytest.mark.covers("RLF-08")
def test_the_fund_page_shows_cash_lent_capital_by_source_rules_and_how_late_loans_are(
    manager: Reader, fund: Ref, loan: Ref
) -> None:
    text = words(manager.client.get(f"/funds/{fund}/"))
    assert "Cash PHP 887,942.26" in text
    assert "Lent PHP 123,581.04" in text
    assert "Donor PHP 1,000,000.00" in text
    assert "Reserve share" in text
    assert "More than 30 days late 0%" in text
    assert "3 days late" in text


@pytest.mark.covers("RLF-08")
def test_the_page_of_a_fund_and_the_page_of_its_health_name_the_same_amount_to_set_aside(
    manager: Reader, money: FundMaker, fund: Ref, loan: Ref
) -> None:
    """One loan of 240,000.00 is three days late (10 % of 123,581.04), one of 12,000.00 is 185 days late (90 %)."""
    money.running_loan(fund, 12_000_00, on=date(2004, 11, 27))
    page = words(manager.client.get(f"/funds/{fund}/"))
    health = words(manager.client.get(f"/funds/{fund}/health/"))
    amount = "PHP 23,158.10"
    assert f"{amount} should be set aside for loans that may not come back." in page
    assert f"All PHP 135,581.04 {amount}" in health


def test_late_loans_stand_first_in_the_list(manager: Reader, money: FundMaker, fund: Ref, loan: Ref) -> None:
    newer = money.running_loan(fund, 1_000_000, on=date(2005, 6, 1))
    page = manager.client.get("/loans/").content.decode()
    assert page.index(str(loan)) < page.index(str(newer))
    only_late = manager.client.get("/loans/?late=1").content.decode()
    assert str(loan) in only_late
    assert str(newer) not in only_late


def test_no_money_page_asks_the_database_more_often_when_there_are_more_rows(
    manager: Reader, money: FundMaker, fund: Ref, loan: Ref, django_assert_max_num_queries: Any
) -> None:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    for number in range(6):
        money.running_loan(money.fund(), 1_000_000 + number, on=date(2005, 1, 3))
    book = finance.fund(SYSTEM, fund).book_ref
    paths = ["/funds/", f"/funds/{fund}/", "/loans/", f"/loans/{loan}/", f"/books/{book}/", f"/books/{book}/balance/"]
    for path in paths:
        with django_assert_max_num_queries(QUERIES_MAX):
            assert manager.client.get(path).status_code == 200, path


# Repaying ---------------------------------------------------------------------------------------------


def test_a_repayment_is_shown_before_it_is_saved_and_saved_with_the_same_key(manager: Reader, loan: Ref) -> None:
    from jump.engines.finance import api as finance

    check = manager.client.post(f"/loans/{loan}/repay/", typed())
    text = words(check)
    assert check.status_code == 200
    assert "Late fee 0.00 Interest 1,235.81 Principal 20,087.90" in text
    assert "Left to pay afterwards, principal only 103,493.14" in text
    assert len(finance.contract(manager.actor, loan).repayments) == 6

    again = {name: hidden(check, name) for name in ("key", "kind", "amount", "on", "receipt")}
    assert again["key"] == "one"
    done = manager.client.post(f"/loans/{loan}/repay/", {**again, "save": "1"}, follow=True)
    view = finance.contract(manager.actor, loan)
    assert len(view.repayments) == 7
    assert view.outstanding.amount_minor == 10_349_314
    assert view.repayments[0].receipt == "00912"
    assert f"Repayment of PHP 21,323.71 saved. Its number is {view.repayments[0].ref}." in words(done)


def test_pressing_save_twice_books_once(manager: Reader, loan: Ref) -> None:
    from jump.engines.finance import api as finance

    for _press in range(2):
        answer = manager.client.post(f"/loans/{loan}/repay/", typed(save="1"))
        assert answer.status_code == 302
    assert len(finance.contract(manager.actor, loan).repayments) == 7


def test_everything_pays_the_loan_back(manager: Reader, loan: Ref) -> None:
    from jump.engines.finance import api as finance

    owed = finance.contract(manager.actor, loan).owed
    check = manager.client.post(f"/loans/{loan}/repay/", typed(kind="all"))
    assert "Then the loan is paid back in full." in words(check)
    again = {name: hidden(check, name) for name in ("key", "kind", "amount", "on", "receipt")}
    manager.client.post(f"/loans/{loan}/repay/", {**again, "save": "1"})
    view = finance.contract(manager.actor, loan)
    assert view.state == "settled"
    assert view.repayments[0].amount == owed


def test_a_typed_amount_goes_before_the_choice_above_it(manager: Reader, loan: Ref) -> None:
    check = manager.client.post(f"/loans/{loan}/repay/", typed(amount="5,000"))
    assert "Save a repayment of PHP 5,000.00?" in words(check)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "900,000.00"}, "This is more than is owed: 127,942.24 PHP is left to pay."),
        ({"amount": "-5"}, "The amount must not be below zero"),
        ({"amount": "0"}, "The amount must be more than zero"),
        ({"amount": "5 EUR"}, "This is not an amount. Write only figures"),
        ({"on": "2005-07-30"}, "The day must not be in the future"),
        ({"on": "2004-11-26"}, "the earliest day is"),
        ({"receipt": ""}, "This is needed"),
    ],
)
def test_a_refused_repayment_changes_nothing_and_keeps_what_was_typed(
    manager: Reader, loan: Ref, changes: dict[str, str], sentence: str
) -> None:
    from jump.engines.finance import api as finance

    before = finance.contract(manager.actor, loan)
    sent = typed(**changes, save="1")
    answer = manager.client.post(f"/loans/{loan}/repay/", sent)
    assert answer.status_code in (409, 422)
    page = answer.content.decode()
    assert sentence in words(answer)
    assert f'value="{sent["amount"]}"' in page
    assert f'value="{sent["receipt"]}"' in page or not sent["receipt"]
    assert finance.contract(manager.actor, loan) == before


def test_a_used_receipt_is_refused_beside_its_field_naming_the_other_loan(
    manager: Reader, money: FundMaker, fund: Ref, loan: Ref
) -> None:
    other = money.running_loan(fund, 1_000_000, on=date(2005, 1, 3))
    money.repay(other, 50_000, date(2005, 2, 3), receipt="00912")
    answer = manager.client.post(f"/loans/{loan}/repay/", typed(save="1"))
    assert answer.status_code == 409
    said = f"Receipt 00912 is already used by {other}. Check the number."
    field = re.search(r'<div class="f err"><label for="id_receipt">.*?</div>', answer.content.decode(), re.S)
    assert field is not None
    assert said in field[0]
    assert 'value="00912"' in answer.content.decode()


@pytest.mark.parametrize("role", ["national_coordinator", "extension_worker", "donor", "partner", "core_team"])
def test_only_those_who_collect_may_take_money(money: FundMaker, loan: Ref, role: str) -> None:
    from jump.engines.finance import api as finance

    other = reader(role, "jump/")
    assert "Record a repayment" not in words(other.client.get(f"/loans/{loan}/"))
    assert other.client.post(f"/loans/{loan}/repay/", typed(save="1")).status_code == 403
    assert len(finance.contract(other.actor, loan).repayments) == 6


def test_a_receipt_can_be_printed_and_taken_back_by_a_reversing_entry_with_its_reason(
    manager: Reader, loan: Ref
) -> None:
    from jump.engines.finance import api as finance
    from jump.engines.ledger import api as ledger

    last = finance.contract(manager.actor, loan).repayments[0]
    receipt = manager.client.get(f"/repayments/{last.ref}/")
    assert "Amount PHP 21,323.71" in words(receipt)
    nothing_said = manager.client.post(f"/repayments/{last.ref}/undo/", {"key": "u", "why": ""})
    assert nothing_said.status_code == 422
    done = manager.client.post(f"/repayments/{last.ref}/undo/", {"key": "u", "why": "Wrong loan"}, follow=True)
    assert "is taken back by a reversing entry" in words(done)
    again = finance.repayment(manager.actor, last.ref)
    assert again.undone_by is not None
    assert ledger.entry(last.entry_ref).reversed_by == again.undone_by
    assert finance.contract(manager.actor, loan).outstanding.amount_minor == 14_347_005


# Money out --------------------------------------------------------------------------------------------


@pytest.mark.covers("CER-16")
def test_one_person_prepares_and_another_releases(
    manager: Reader, national: Reader, money: FundMaker, fund: Ref
) -> None:
    from jump.engines.finance import api as finance

    loan = money.loan(fund, 1_000_000, on=date(2005, 6, 1))
    done = national.client.post(f"/loans/{loan}/tranches/1/prepare/", follow=True)
    assert "A second person must release it." in words(done)

    asked = manager.client.get(f"/loans/{loan}/tranches/1/release/")
    assert "Cash of the fund now PHP 1,000,000.00 Cash afterwards PHP 990,000.00" in words(asked)
    manager.client.post(f"/loans/{loan}/tranches/1/release/", {"key": "r", "on": "2005-06-30"})
    view = finance.contract(manager.actor, loan)
    assert view.state == "running"
    assert view.tranches[0].released_by == manager.actor.key


def test_the_same_person_cannot_release_what_they_prepared(manager: Reader, money: FundMaker, fund: Ref) -> None:
    from jump.engines.finance import api as finance

    loan = money.loan(fund, 1_000_000, on=date(2005, 6, 1))
    manager.client.post(f"/loans/{loan}/tranches/1/prepare/")
    answer = manager.client.post(f"/loans/{loan}/tranches/1/release/", {"key": "r", "on": "2005-06-29"})
    assert answer.status_code == 403
    assert "A second person must do it." in words(answer)
    assert "29" in answer.content.decode()
    assert finance.contract(manager.actor, loan).released.amount_minor == 0


def test_open_conditions_are_named_and_stop_the_payment(
    manager: Reader, national: Reader, money: FundMaker, fund: Ref
) -> None:
    from jump.engines.finance import api as finance

    loan = money.loan(fund, 1_000_000, on=date(2005, 6, 1), met=False)
    national.client.post(f"/loans/{loan}/tranches/1/prepare/")
    page = words(manager.client.get(f"/loans/{loan}/"))
    assert "The credit committee approved the loan. Open" in page
    answer = manager.client.post(f"/loans/{loan}/tranches/1/release/", {"key": "r", "on": "2005-06-30"})
    assert answer.status_code == 409
    assert "The money cannot be paid yet. Still open: approval, agreement, members_paid." in words(answer)
    assert finance.contract(manager.actor, loan).released.amount_minor == 0


def test_a_condition_is_met_with_the_number_of_its_proof(national: Reader, money: FundMaker, fund: Ref) -> None:
    from jump.engines.finance import api as finance

    loan = money.loan(fund, 1_000_000, on=date(2005, 6, 1), met=False)
    wrong = national.client.post(
        f"/loans/{loan}/conditions/agreement/", {"key": "c", "proof": "a paper", "on": "2005-06-30"}
    )
    assert wrong.status_code == 422
    assert 'value="a paper"' in wrong.content.decode()
    right = {"key": "c", "proof": "dsv-00000001", "on": "2005-06-30"}
    national.client.post(f"/loans/{loan}/conditions/agreement/", right)
    met = {one.code: one for one in finance.contract(national.actor, loan).conditions}["agreement"]
    assert met.met_on == TODAY
    assert met.proof_ref == "dsv-00000001"


def test_a_fund_that_is_short_says_what_it_has(manager: Reader, national: Reader, money: FundMaker) -> None:
    from jump.engines.finance import api as finance

    small = money.fund(10_000_000)
    first = money.loan(small, 6_000_000, on=date(2005, 6, 1))
    money.pay_out(first, on=date(2005, 6, 1))
    answer = None
    try:
        second = money.loan(small, 3_500_000, on=date(2005, 6, 2))
    except finance.FundShort:
        return  # the promise itself is refused: nothing to release
    national.client.post(f"/loans/{second}/tranches/1/prepare/")
    answer = manager.client.post(f"/loans/{second}/tranches/1/release/", {"key": "r", "on": "2005-06-30"})
    assert answer.status_code == 409
    assert "PHP free" in words(answer)


def test_a_write_off_is_proposed_by_one_and_approved_by_another(
    manager: Reader, coordinator: Reader, loan: Ref
) -> None:
    from jump.engines.finance import api as finance

    manager.client.post(f"/loans/{loan}/write-off/propose/", {"key": "w", "why": "The mill burned down"})
    page = words(coordinator.client.get(f"/loans/{loan}/"))
    assert "The mill burned down" in page
    assert "Proposed by Grace Trial" in page
    assert manager.client.post(f"/loans/{loan}/write-off/", {"key": "a", "on": "2005-06-30"}).status_code == 403
    coordinator.client.post(f"/loans/{loan}/write-off/", {"key": "a", "on": "2005-06-30"})
    view = finance.contract(coordinator.actor, loan)
    assert view.state == "written_off"
    assert view.written_off.amount_minor == 12_358_104


def test_the_proposer_of_a_write_off_cannot_approve_it(national: Reader, loan: Ref) -> None:
    from jump.engines.finance import api as finance

    national.client.post(f"/loans/{loan}/write-off/propose/", {"key": "w", "why": "The mill burned down"})
    answer = national.client.post(f"/loans/{loan}/write-off/", {"key": "a", "on": "2005-06-30"})
    assert answer.status_code == 403
    assert "A second person must do it." in words(answer)
    assert finance.contract(national.actor, loan).state == "running"


@pytest.fixture
def grant(money: FundMaker, budget: Ref) -> Ref:
    """USD 5,000 in tranches of 40, 40 and 20 percent, the first paid."""
    from jump.core.units import Ref as Reference
    from jump.engines.finance import api as finance
    from tests.engines.finance import makers

    finance.receive(
        makers.COORDINATOR,
        budget_ref=budget,
        source="primary_donor",
        amount=makers.usd(5_000_000),
        on=date(2004, 1, 1),
        key="donor-1",
    )
    ref = finance.open_contract(
        makers.NATIONAL,
        product="jump_cer.project_grant",
        party_ref=makers.MILLERS,
        amount=makers.usd(500_000),
        scope=makers.RIVERSIDE,
        purpose="drying floor",
        budget={"stage": "development", "source": "primary_donor", "activity": "o9_a1"},
        cause_ref=Reference("cas-00000001"),
        on=date(2005, 6, 1),
        key="grant-1",
    )
    money.meet(ref, on=date(2005, 6, 1))
    money.pay_out(ref, on=date(2005, 6, 1))
    return ref


@pytest.mark.covers("CER-17")
def test_money_that_is_not_accounted_for_stops_the_next_tranche_until_its_papers_are_in(
    manager: Reader, national: Reader, grant: Ref
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from jump.engines.finance import api as finance

    page = words(national.client.get(f"/loans/{grant}/"))
    assert "Paid out US$ 2,000.00" in page
    assert "Not accounted for yet US$ 2,000.00" in page
    national.client.post(f"/loans/{grant}/tranches/2/prepare/")
    refused = manager.client.post(f"/loans/{grant}/tranches/2/release/", {"key": "r", "on": "2005-06-30"})
    assert refused.status_code == 409
    said = words(refused)
    assert "2,000.00 USD of earlier money is not accounted for; the limit is 200.00 USD." in said

    too_much = national.client.post(
        f"/loans/{grant}/account/", {"key": "a", "amount": "2,500", "on": "2005-06-20", "proof": "sub-00000001"}
    )
    assert too_much.status_code == 422
    assert "Only 2,000.00 USD is still to be accounted for." in words(too_much)
    assert 'value="2,500"' in too_much.content.decode()
    no_paper = national.client.post(f"/loans/{grant}/account/", {"key": "a", "amount": "1,900", "on": "2005-06-20"})
    assert no_paper.status_code == 422
    paper = SimpleUploadedFile("receipts.pdf", b"%PDF-1.4 receipts")
    national.client.post(
        f"/loans/{grant}/account/", {"key": "a", "amount": "1,900", "on": "2005-06-20", "paper": paper}
    )
    proof = finance.contract(national.actor, grant).proofs[0]
    assert proof.amount.amount_minor == 190_000
    assert str(proof.proof_ref).startswith("fil-")

    manager.client.post(f"/loans/{grant}/tranches/2/release/", {"key": "r", "on": "2005-06-30"})
    assert finance.contract(manager.actor, grant).released.amount_minor == 400_000


@pytest.mark.covers("RLF-14")
def test_money_of_the_community_is_put_in_and_stands_apart_from_the_seed(manager: Reader, fund: Ref) -> None:
    sent = {"key": "c", "amount": "15,000", "source": "community", "on": "2005-06-30", "memo": "Savings"}
    manager.client.post(f"/funds/{fund}/contribute/", sent)
    text = words(manager.client.get(f"/funds/{fund}/"))
    assert "Donor PHP 1,000,000.00 Community PHP 15,000.00 All PHP 1,015,000.00" in text
    worker = reader("extension_worker", "jump/")
    assert worker.client.post(f"/funds/{fund}/contribute/", {**sent, "key": "d"}).status_code == 403


def test_a_contract_of_which_nothing_was_paid_is_cancelled_with_its_reason(
    national: Reader, money: FundMaker, fund: Ref, loan: Ref
) -> None:
    from jump.engines.finance import api as finance

    waiting = money.loan(fund, 1_000_000, on=date(2005, 6, 1))
    national.client.post(f"/loans/{waiting}/cancel/", {"key": "x", "why": "The group found a bank"})
    assert finance.contract(national.actor, waiting).state == "cancelled"
    refused = national.client.post(f"/loans/{loan}/cancel/", {"key": "y", "why": "Changed our minds"})
    assert refused.status_code == 409
    assert "Changed our minds" in refused.content.decode()


# Files, budget, books ---------------------------------------------------------------------------------


def test_the_schedule_comes_as_a_spreadsheet_with_real_numbers_and_dates(manager: Reader, loan: Ref) -> None:
    import io
    from datetime import datetime

    from openpyxl import load_workbook

    answer = manager.client.get(f"/loans/{loan}/?as=excel")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.freeze_panes == "A2"
    row = [cell.value for cell in sheet[2]]
    assert row[:4] == [1, datetime(2004, 12, 27), 18923.71, 2400]


def test_a_statement_names_every_payment_and_every_receipt(manager: Reader, loan: Ref) -> None:
    text = words(manager.client.get(f"/loans/{loan}/statement/"))
    assert "Statement of account" in text
    assert "7 27 Jun 2005 21,323.71 0.00 3 days late" in text
    assert text.count("21,323.71") >= 18


def test_the_books_add_up_and_can_be_taken_away_by_those_who_may_export(
    manager: Reader, national: Reader, fund: Ref, loan: Ref
) -> None:
    from jump.engines.finance import api as finance

    book = finance.fund(manager.actor, fund).book_ref
    assert "Yes. In the book" in words(manager.client.get(f"/books/{book}/balance/"))
    entries = manager.client.get(f"/books/{book}/entries.csv")
    assert entries["Content-Type"].startswith("text/csv")
    assert b"".join(entries.streaming_content).count(b"\n") > 10
    assert national.client.get(f"/books/{book}/entries.csv").status_code == 403
    assert national.client.get(f"/books/{book}/").status_code == 200


def test_an_entry_shows_its_lines_its_cause_and_who_booked_it(manager: Reader, loan: Ref) -> None:
    from jump.engines.finance import api as finance

    last = finance.contract(manager.actor, loan).repayments[0]
    text = words(manager.client.get(f"/entries/{last.entry_ref}/"))
    assert "PHP 21,323.71" in text
    assert "Repayment" in text
    assert str(last.ref) in text


@pytest.fixture
def budget(money: FundMaker) -> Ref:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import COORDINATOR

    return finance.declare_budget(COORDINATOR, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))


@pytest.mark.covers("BUDGET-01", "BUDGET-02", "BUDGET-06")
def test_the_budget_shows_plan_and_spending_the_split_both_readings_and_totals_that_do_not_add_up(
    coordinator: Reader, budget: Ref, django_assert_max_num_queries: Any
) -> None:
    coordinator.client.get("/budget/")
    with django_assert_max_num_queries(QUERIES_MAX):
        text = words(coordinator.client.get("/budget/"))
    assert "PH Preparatory and pilot phases Capacity building 20,000.00 0.00 0.00 20,000.00" in text
    assert "Capacity building 75% US$ 1,875,000.00" in text
    assert "Revolving loan funds 12% US$ 300,000.00" in text
    assert "Agency cost 13% US$ 325,000.00" in text
    assert "The parts sum to 100%." in text
    assert "Of the whole US$ 325,000.00 US$ 2,175,000.00 This one" in text
    assert "On top of direct cost US$ 287,610.62" in text
    assert "US$ 1,620,000.00 US$ 1,685,000.00 US$ −65,000.00" in text


def test_the_budget_by_line_and_as_a_spreadsheet(coordinator: Reader, budget: Ref) -> None:
    assert coordinator.client.get("/budget/?by=line").status_code == 200
    assert coordinator.client.get("/budget/?by=nonsense").status_code == 200
    assert coordinator.client.get("/budget/?as=excel&by=source").status_code == 200


def test_without_a_budget_the_page_says_what_will_be_there(coordinator: Reader) -> None:
    assert "No budget yet" in words(coordinator.client.get("/budget/"))
