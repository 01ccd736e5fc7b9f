"""Waivers, refunds, new plans and bounced payments as readers do them: one proposes, another agrees, all is kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker

pytestmark = pytest.mark.django_db
TODAY = date(2005, 6, 30)


@pytest.fixture
def loan(money: FundMaker) -> Ref:
    """240,000 pesos over 12 months at 12% a year, paid out on 27 November 2004; two payments made, late fees since."""
    ref = money.running_loan(money.fund(), on=date(2004, 11, 27), overpayment="keep", penalty_percent="2")
    money.repay(ref, 2_132_371, date(2004, 12, 27))
    money.repay(ref, 2_132_371, date(2005, 1, 27))
    return ref


def facts(loan: Ref) -> list[Any]:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    return list(finance.contract(SYSTEM, loan).loan_facts)


def test_a_waiver_is_proposed_by_one_and_agreed_by_another(national: Reader, coordinator: Reader, loan: Ref) -> None:
    way = f"/loans/{loan}/waive/"
    assert way in national.client.get(f"/loans/{loan}/").content.decode()
    sent = {"key": "w", "part": "penalty", "amount": "426.47", "on": "2005-06-30", "why": "The road was cut."}
    assert national.client.post(way, sent).status_code == 302
    (fact,) = facts(loan)
    page = national.client.get(f"/loans/{loan}/")
    assert "No longer asked for: late fees Waits for a second person The road was cut." in words(page)

    own = national.client.post(f"/loan-facts/{fact.ref}/agree/", {"key": "a", "on": "2005-06-30"})
    assert own.status_code == 403
    assert facts(loan)[0].state == "prepared"

    look = words(coordinator.client.get(f"/loan-facts/{fact.ref}/agree/"))
    assert "No longer asked for PHP 426.47" in look
    assert "The road was cut. Proposed by Jose" in look
    agreed = coordinator.client.post(f"/loan-facts/{fact.ref}/agree/", {"key": "a", "on": "2005-06-30"})
    assert agreed.status_code == 302
    assert facts(loan)[0].state == "agreed"


def test_more_than_is_open_is_refused_beside_the_amount_and_what_was_typed_stays(national: Reader, loan: Ref) -> None:
    sent = {"key": "w", "part": "interest", "amount": "90,000.00", "on": "2005-06-30", "why": "Too good."}
    answer = national.client.post(f"/loans/{loan}/waive/", sent)
    assert answer.status_code == 422
    assert "This is more than is owed" in words(answer)
    assert 'value="90,000.00"' in answer.content.decode()
    assert "Too good." in answer.content.decode()
    assert facts(loan) == []


def test_a_new_plan_is_shown_beside_the_old_one_before_it_is_proposed(
    national: Reader, coordinator: Reader, loan: Ref, django_assert_max_num_queries: Any
) -> None:
    way = f"/loans/{loan}/new-plan/"
    sent = {
        "key": "p",
        "from_on": "2005-02-27",
        "due_on": "2005-07-27",
        "extra_terms": "2",
        "grace_principal": "",
        "rate": "",
        "why": "The flood.",
    }
    with django_assert_max_num_queries(QUERIES_MAX):
        seen = national.client.post(way, sent)
    text = words(seen)
    assert seen.status_code == 200
    assert "Last payment now 27 November 2005" in text
    assert "Last payment afterwards 27 June 2006" in text
    assert "3 27 Feb 2005 21,323.71 27 Jul 2005" in text
    assert facts(loan) == []

    assert national.client.post(way, {**sent, "save": "1"}).status_code == 302
    (fact,) = facts(loan)
    assert fact.state == "prepared"
    with django_assert_max_num_queries(QUERIES_MAX):
        look = words(coordinator.client.get(f"/loan-facts/{fact.ref}/agree/"))
    assert "3 27 Feb 2005 21,323.71 27 Jul 2005" in look
    coordinator.client.post(f"/loan-facts/{fact.ref}/agree/", {"key": "a", "on": "2005-06-30"})
    after = words(coordinator.client.get(f"/loans/{loan}/"))
    assert "Planned anew since it was agreed" in after
    assert "2 of 14 payments" in after


def test_a_plan_that_changes_nothing_is_refused(national: Reader, loan: Ref) -> None:
    answer = national.client.post(
        f"/loans/{loan}/new-plan/", {"key": "p", "from_on": "2005-02-27", "extra_terms": "0", "why": "x"}
    )
    assert answer.status_code == 422
    assert "This changes nothing about the plan." in words(answer)


def test_what_was_paid_too_much_goes_back_by_two_people(
    national: Reader, coordinator: Reader, loan: Ref, money: FundMaker
) -> None:
    assert f"/loans/{loan}/refund/" not in national.client.get(f"/loans/{loan}/").content.decode()
    money.repay(loan, 30_000_000, TODAY)
    page = national.client.get(f"/loans/{loan}/")
    assert "Paid beyond what was owed" in words(page)
    assert f"/loans/{loan}/refund/" in page.content.decode()
    sent = {"key": "r", "amount": "100.00", "on": "2005-06-30", "why": "Counted twice."}
    assert national.client.post(f"/loans/{loan}/refund/", sent).status_code == 302
    (fact,) = facts(loan)
    look = words(coordinator.client.get(f"/loan-facts/{fact.ref}/agree/"))
    assert "Paid back in cash PHP 100.00" in look
    assert (
        coordinator.client.post(f"/loan-facts/{fact.ref}/agree/", {"key": "a", "on": "2005-06-30"}).status_code == 302
    )
    assert facts(loan)[0].state == "agreed"


def test_a_bounced_payment_is_taken_back_though_another_came_after_it(national: Reader, loan: Ref) -> None:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    first = finance.contract(SYSTEM, loan).repayments[-1]
    manager = reader("fund_manager", "jump/asia/PH/", "Grace")
    answer = manager.client.post(f"/repayments/{first.ref}/undo/", {"key": "u", "why": "The cheque bounced."})
    assert answer.status_code == 302
    text = words(manager.client.get(f"/loans/{loan}/"))
    assert f"Taken back: {first.ref} The cheque bounced." in text


def test_what_happened_stands_in_the_order_of_its_days_and_a_late_fee_is_no_thirteenth_payment(
    national: Reader, loan: Ref, django_assert_max_num_queries: Any
) -> None:
    from jump.base import clock

    clock.pin(date(2006, 3, 1))
    with django_assert_max_num_queries(QUERIES_MAX):
        page = national.client.get(f"/loans/{loan}/")
    text = words(page)
    story = text.split("First to last, in PHP")[-1].split("Latest first, in PHP")[0]
    assert story.index("Tranche 1 paid out") < story.index("Repayment, receipt")
    assert "2 of 12 payments" in text
    assert "Late fee 5 Dec 2005" in text
    assert " 13 " not in text.split("Schedule")[-1].split("All 240,000.00")[0]


@pytest.mark.covers("CROSS-04")
def test_only_those_who_may_propose_and_agree_are_let_in(loan: Ref, national: Reader) -> None:
    donor = reader("donor", "jump/").client
    for way in ("waive", "refund", "new-plan", "charge-off"):
        assert donor.get(f"/loans/{loan}/{way}/").status_code == 403, way
        assert f"/loans/{loan}/{way}/" not in donor.get(f"/loans/{loan}/").content.decode(), way
    national.client.post(
        f"/loans/{loan}/waive/",
        {"key": "w", "part": "interest", "amount": "1", "on": "2005-06-30", "why": "Why not."},
    )
    (fact,) = facts(loan)
    for way in ("agree", "drop", "undo"):
        assert donor.get(f"/loan-facts/{fact.ref}/{way}/").status_code == 403, way
    neighbour = reader("fund_manager", "jump/asia/TH/", "Noi").client
    assert neighbour.get(f"/loan-facts/{fact.ref}/agree/").status_code == 404


# A product tried out -------------------------------------------------------------------------------------------

TERMS = {
    "currency": "PHP",
    "amount": "100,000.00",
    "rate": "12",
    "method": "declining_equal_instalments",
    "instalments": "12",
    "rhythm": "monthly",
    "fee": "1",
    "penalty": "2",
    "after_days": "7",
}


def test_a_product_is_tried_out_before_it_is_offered(
    national: Reader, money: FundMaker, django_assert_max_num_queries: Any
) -> None:
    """PHP 100,000 at 12 % over twelve months with a fee of 1 %: 6,618.53 of interest."""
    assert "/loan-products/try/" in national.client.get("/funds/").content.decode()
    with django_assert_max_num_queries(QUERIES_MAX):
        text = words(national.client.get("/loan-products/try/", TERMS))
    assert "They pay back PHP 107,618.53 in 12 payments" in text
    assert "It costs PHP 7,618.53 PHP 6,618.53 interest, PHP 1,000.00 fees" in text
    assert "1 30 Jul 2005 7,884.88 1,000.00 1,000.00 9,884.88 92,115.12" in text
    assert (
        "If the first payment has not come by 6 August 2005, PHP 197.70 is charged; then PHP 10,082.58 is late" in text
    )
    assert "Rate with everything in it 14.80% a year" in text


def test_terms_that_contradict_each_other_are_refused_and_stay_in_the_form(national: Reader) -> None:
    answer = national.client.get("/loan-products/try/", {**TERMS, "grace": "12"})
    assert answer.status_code == 422
    assert "grace on principal must leave an instalment to repay it" in words(answer)
    assert 'value="100,000.00"' in answer.content.decode()


def test_who_may_not_prepare_loans_tries_none(money: FundMaker) -> None:
    donor = reader("donor", "jump/").client
    assert donor.get("/loan-products/try/").status_code == 403
    assert "/loan-products/try/" not in donor.get("/funds/").content.decode()
