"""Savings, guarantees, banks and a meeting's collection as readers use them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, hidden, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker
    from tests.engines.finance.savers import Savers

pytestmark = pytest.mark.django_db
TODAY = date(2005, 6, 30)


@pytest.fixture
def account(savers: Savers) -> Ref:
    made = savers.account(per_meeting_minor=50_00)
    savers.pay_in(made, 1_000_00, on=date(2005, 1, 3))
    return made


@pytest.fixture
def neighbour(money: FundMaker) -> Reader:
    return reader("fund_manager", "jump/asia/TH/", "Noi")


def typed(**changes: Any) -> dict[str, Any]:
    return {"key": "one", "amount": "250.00", "on": "2005-06-30", "receipt": "00912", **changes}


def saved_minor(account: Ref) -> int:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    return finance.savings_account(SYSTEM, account).balance.amount_minor


def again(page: Any) -> dict[str, str]:
    return {name: hidden(page, name) for name in ("key", "amount", "on", "receipt")} | {"save": "1"}


@pytest.mark.covers("SAVINGS-02")
def test_a_deposit_is_shown_before_it_is_saved_and_saved_once(manager: Reader, account: Ref) -> None:
    check = manager.client.post(f"/savings/{account}/move/deposit/", typed())
    assert "Saved now PHP 1,000.00 Paid in PHP 250.00 Saved afterwards PHP 1,250.00" in words(check)
    assert saved_minor(account) == 1_000_00

    for _press in range(2):
        done = manager.client.post(f"/savings/{account}/move/deposit/", again(check), follow=True)
    assert saved_minor(account) == 1_250_00
    assert "Saved PHP 1,250.00" in words(done)
    assert "00912" in words(done)


@pytest.mark.covers("SAVINGS-02")
def test_money_goes_out_only_with_a_second_person(manager: Reader, national: Reader, account: Ref) -> None:
    check = manager.client.post(f"/savings/{account}/move/withdrawal/", typed())
    assert "Saved afterwards PHP 750.00" in words(check)
    manager.client.post(f"/savings/{account}/move/withdrawal/", again(check))
    assert saved_minor(account) == 1_000_00

    page = manager.client.get(f"/savings/{account}/").content.decode()
    movement = page.split("/savings-movements/")[1].split("/")[0]
    refused = manager.client.post(f"/savings-movements/{movement}/pay/", {"key": "p", "on": "2005-06-30"})
    assert refused.status_code == 403
    assert "A second person must do it" in words(refused)
    assert saved_minor(account) == 1_000_00

    assert "Waits for a second person" in words(national.client.get("/savings/"))
    shown = words(national.client.get(f"/savings-movements/{movement}/pay/"))
    assert "Prepared by Grace" in shown
    national.client.post(f"/savings-movements/{movement}/pay/", {"key": "p", "on": "2005-06-30"})
    assert saved_minor(account) == 750_00


@pytest.mark.covers("SAVINGS-02")
def test_more_than_is_saved_is_refused_beside_the_amount_and_keeps_what_was_typed(
    manager: Reader, account: Ref
) -> None:
    answer = manager.client.post(f"/savings/{account}/move/withdrawal/", typed(amount="1,000.01"))
    assert answer.status_code == 422
    assert "1,000.00 PHP may be taken out now; 1,000.01 PHP is asked" in words(answer)
    assert 'value="1,000.01"' in answer.content.decode()
    assert saved_minor(account) == 1_000_00


@pytest.mark.covers("SAVINGS-02")
def test_the_member_gets_a_statement_to_print_and_as_a_file(manager: Reader, savers: Savers, account: Ref) -> None:
    savers.take_out(account, 200_00, on=date(2005, 3, 1))
    page = manager.client.get(f"/savings/{account}/statement/?since=2005-02-01")
    text = words(page)
    assert "Saved at the start PHP 1,000.00" in text
    assert "Taken out PHP 200.00" in text
    assert "Saved at the end PHP 800.00" in text
    assert "1 Mar 2005 Taken out" in text
    file = manager.client.get(f"/savings/{account}/statement/?as=excel")
    assert "spreadsheet" in file["Content-Type"]


def test_a_movement_is_taken_back_with_its_reason(manager: Reader, account: Ref) -> None:
    page = manager.client.get(f"/savings/{account}/").content.decode()
    movement = page.split("/savings-movements/")[1].split("/")[0]
    assert manager.client.post(f"/savings-movements/{movement}/undo/", {"key": "u", "why": ""}).status_code == 422
    manager.client.post(f"/savings-movements/{movement}/undo/", {"key": "u", "why": "typed twice"})
    assert saved_minor(account) == 0
    assert "Taken back" in words(manager.client.get(f"/savings/{account}/"))


def test_interest_notice_and_closing_have_their_pages(
    manager: Reader, national: Reader, savers: Savers, account: Ref
) -> None:
    done = national.client.post(f"/savings/{account}/interest/", {"key": "i", "until": "2005-05-31"}, follow=True)
    assert "Interest posted up to 31 May 2005" in words(done)
    assert saved_minor(account) > 1_000_00
    fixed = savers.account("share_savings", share_value_minor=100_00)
    answer = manager.client.post(
        f"/savings/{fixed}/notice/", {"key": "n", "amount": "100.00", "on": "2005-06-30"}, follow=True
    )
    assert "May be taken out from 30 July 2005 on" in words(answer)
    closing = national.client.post(f"/savings/{account}/close/", {"key": "c", "on": "2005-06-30"}, follow=True)
    assert "a second person has paid it out" in words(closing)


def test_interest_of_all_savers_of_a_fund_is_one_act(national: Reader, fund: Ref, account: Ref) -> None:
    given = {"key": "i", "until": "2005-05-31"}
    done = national.client.post(f"/funds/{fund}/savings-interest/", given, follow=True)
    assert "posted to 1 account." in done.content.decode()
    first = saved_minor(account)
    assert first > 1_000_00
    again = national.client.post(f"/funds/{fund}/savings-interest/", given, follow=True)
    assert "posted to 0 accounts." in again.content.decode()
    assert saved_minor(account) == first


def test_an_account_is_opened_for_a_person_and_a_wrong_number_is_told(national: Reader, fund: Ref) -> None:
    from jump.engines.finance import api as finance
    from jump.engines.parties import api as parties
    from tests.engines.finance.makers import RIVERSIDE, SYSTEM

    group = parties.register_group(SYSTEM, scope=RIVERSIDE, name="Weavers", kind="self_help", on=date(2004, 1, 1))
    given = {
        "key": "o",
        "owner": str(group),
        "product": "revolving_fund.member_savings",
        "holder": str(fund),
        "on": "2005-06-30",
    }
    wrong = national.client.post("/savings/open/", {**given, "owner": "somebody"})
    assert wrong.status_code == 422
    assert "This is no number of a person" in words(wrong)
    done = national.client.post("/savings/open/", given, follow=True)
    assert "Weavers" in words(done)
    assert [row.owner_ref for row in finance.savings(SYSTEM)] == [group]


def test_an_empty_list_says_what_to_do_and_filters_say_so_too(manager: Reader, fund: Ref) -> None:
    assert "Open one for a member or a group" in words(manager.client.get("/savings/"))
    assert "Nothing fits these choices" in words(manager.client.get("/savings/?state=closed"))


@pytest.mark.covers("CROSS-03")
def test_the_neighbour_country_sees_no_savings_guarantee_bank_or_collection(
    neighbour: Reader, money: FundMaker, fund: Ref, account: Ref
) -> None:
    guarantee, line = _guarantee(money, fund), _line(fund)
    assert str(account) not in neighbour.client.get("/savings/").content.decode()
    for path in (
        f"/savings/{account}/",
        f"/savings/{account}/statement/",
        f"/guarantees/{guarantee}/",
        f"/bank-lines/{line}/",
    ):
        assert neighbour.client.get(path).status_code == 404, path


@pytest.mark.parametrize("role", ["donor", "extension_worker", "core_team"])
def test_readers_see_savings_and_move_nothing(money: FundMaker, account: Ref, role: str) -> None:
    who = reader(role, "jump/")
    text = words(who.client.get(f"/savings/{account}/"))
    assert "Saved PHP 1,000.00" in text
    assert "Pay in or take out" not in text
    assert who.client.post(f"/savings/{account}/move/deposit/", typed()).status_code == 403
    assert saved_minor(account) == 1_000_00


def _guarantee(money: FundMaker, fund: Ref) -> Ref:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import NATIONAL, php

    loan = money.running_loan(fund, 10_000_00, on=date(2005, 1, 3))
    return finance.open_guarantee(
        NATIONAL,
        product="revolving_fund.guarantee",
        guarantor_ref=Ref("org-VN10N000"),
        amount=php(5_000_00),
        percent=50,
        contract_ref=loan,
        on=date(2005, 1, 3),
        key="g",
    )


def _line(fund: Ref) -> Ref:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import NATIONAL, php

    return finance.open_bank_line(
        NATIONAL,
        product="revolving_fund.bank_line",
        party_ref=fund,
        bank_name="Land Bank",
        currency="PHP",
        scope="jump/asia/PH/",
        on=date(2005, 1, 5),
        limit=php(300_000_00),
        key="line",
    )


@pytest.mark.covers("RLF-09")
def test_a_guarantee_is_recorded_on_the_loan_page_and_its_limit_is_told(
    national: Reader, money: FundMaker, fund: Ref
) -> None:
    loan = money.running_loan(fund, 10_000_00, on=date(2005, 1, 3))
    assert "Nobody stands for this loan" in words(national.client.get(f"/loans/{loan}/"))
    given = {
        "key": "g",
        "product": "revolving_fund.guarantee",
        "guarantor": "org-VN10N000",
        "amount": "5,000.00",
        "percent": "50",
        "on": "2005-01-03",
        "proof": "",
    }
    refused = national.client.post(f"/loans/{loan}/guarantees/add/", {**given, "amount": "10,000.01"})
    assert refused.status_code == 422
    assert "is above the limit" in words(refused)

    done = national.client.post(f"/loans/{loan}/guarantees/add/", given, follow=True)
    assert "Up to PHP 5,000.00, 50% of what is owed." in words(done)
    assert "PHP 5,000.00" in words(national.client.get(f"/funds/{fund}/"))


@pytest.mark.covers("RLF-09")
@pytest.mark.covers("RLF-14")
def test_the_fund_page_shows_promised_money_savings_and_banks_apart(
    manager: Reader, fund: Ref, account: Ref, money: FundMaker
) -> None:
    from jump.engines.parties import api as parties
    from tests.engines.finance.makers import SYSTEM

    province = parties.register_organisation(
        SYSTEM, scope="jump/asia/PH/", name="Province", kind="government", on=date(2004, 1, 1)
    )
    manager.client.post(
        f"/funds/{fund}/matching/add/",
        {"key": "p", "party": str(province), "source": "national", "amount": "200,000.00", "on": "2005-02-01"},
    )
    page = manager.client.get(f"/funds/{fund}/")
    assert "Province National side · PHP 200,000.00 promised, PHP 0.00 came in." in words(page)
    pledge = page.content.decode().split("/matching/mat-")[1].split("/")[0]
    url = f"/funds/{fund}/matching/mat-{pledge}/receive/"
    refused = manager.client.post(url, {"key": "r", "amount": "200,000.01", "on": "2005-03-01"})
    assert refused.status_code == 422
    manager.client.post(url, {"key": "r", "amount": "50,000.00", "on": "2005-03-01"})

    manager.client.post(
        f"/funds/{fund}/bank-lines/add/",
        {
            "key": "b",
            "product": "revolving_fund.bank_line",
            "bank_name": "Land Bank",
            "number": "",
            "limit": "300,000.00",
            "on": "2005-01-05",
        },
    )
    text = words(manager.client.get(f"/funds/{fund}/"))
    assert "Donor PHP 1,000,000.00 National side PHP 50,000.00" in text
    assert "PHP 200,000.00 promised, PHP 50,000.00 came in." in text
    assert "Kept for savers PHP 1,000.00" in text
    assert "Land Bank Credit line · since 5 January 2005 · PHP 0.00 of PHP 300,000.00 drawn" in text


@pytest.mark.covers("SAVINGS-04")
def test_amounts_of_a_credit_line_stand_with_their_days_and_leave_with_four_eyes(
    manager: Reader, national: Reader, fund: Ref
) -> None:
    line = _line(fund)
    url = f"/bank-lines/{line}/move/"
    manager.client.post(url, {"key": "d", "kind": "drawn", "amount": "120,000.00", "on": "2005-02-01", "receipt": "A1"})
    manager.client.post(url, {"key": "r", "kind": "repaid", "amount": "20,000.00", "on": "2005-03-01", "receipt": ""})
    page = national.client.get(f"/bank-lines/{line}/")
    assert "1 Mar 2005 Paid back to the bank Waits for a second person" in words(page)
    assert "Still to pay back PHP 120,000.00" in words(page)
    pay = page.content.decode().split(f"/bank-lines/{line}/pay/")[1].split("/")[0]
    national.client.post(f"/bank-lines/{line}/pay/{pay}/", {"key": "p", "on": "2005-03-01"})
    assert "Still to pay back PHP 100,000.00" in words(national.client.get(f"/bank-lines/{line}/"))


@pytest.fixture
def weavers(money: FundMaker, fund: Ref, savers: Savers) -> tuple[Ref, Ref, Ref]:
    """A group of one member, its loan, and the member's savings account."""
    from jump.engines.parties import api as parties
    from tests.engines.finance.makers import RIVERSIDE, SYSTEM

    group = parties.register_group(SYSTEM, scope=RIVERSIDE, name="Weavers", kind="self_help", on=date(2004, 1, 1))
    person = parties.register_person(
        SYSTEM,
        scope=RIVERSIDE,
        given_name="Rosa",
        family_name="Cruz",
        sex="female",
        consents=("programme",),
        on=date(2004, 1, 1),
    )
    parties.join(SYSTEM, group_ref=group, person_ref=person, role="member", on=date(2004, 1, 1))
    loan = money.running_loan(fund, 6_000_00, party=group, on=date(2005, 5, 30), rate_yearly="0", instalments=2)
    return group, loan, savers.account(owner=person, per_meeting_minor=50_00)


def test_a_meeting_is_written_down_on_one_form_and_booked_when_a_second_person_counted_it(
    manager: Reader, national: Reader, weavers: tuple[Ref, Ref, Ref]
) -> None:
    from jump.engines.finance import api as finance

    group, loan, account = weavers
    page = words(manager.client.get(f"/groups/{group}/collection/"))
    assert "PHP 3,000.00 is due, PHP 6,000.00 is owed" in page
    assert "PHP 0.00 is saved" in page

    sheet = {"key": "s", "on": "2005-06-30", str(loan): "3,000.00", str(account): "50.00"}
    wrong = manager.client.post(f"/groups/{group}/collection/", {**sheet, str(loan): "6,000.01"})
    assert wrong.status_code == 422
    assert "This is more than is owed" in words(wrong)
    done = manager.client.post(f"/groups/{group}/collection/", sheet)
    url = done["Location"]
    assert "A second person has to count the money" in words(manager.client.get(url))
    assert saved_minor(account) == 0

    shown = words(national.client.get(url))
    assert "Count the money yourself" in shown
    assert "3,050.00" not in shown
    differs = national.client.post(f"{url}count/", {"key": "c", "counted": "3,040.00"})
    assert differs.status_code == 422
    assert "Counted is 3,040.00 PHP, written down is 3,050.00 PHP" in words(differs)
    assert saved_minor(account) == 0

    booked = national.client.post(f"{url}count/", {"key": "c", "counted": "3,050.00"}, follow=True)
    assert "PHP 3,050.00 counted by Jose" in words(booked)
    assert saved_minor(account) == 50_00
    assert finance.contract(manager.actor, loan).outstanding.amount_minor == 3_000_00


@pytest.mark.covers("ACOPAM-04")
def test_the_box_of_a_group_from_its_first_meeting_to_the_share_out(
    manager: Reader, national: Reader, weavers: tuple[Ref, Ref, Ref]
) -> None:
    from jump.engines.parties import api as parties

    group = weavers[0]
    person = parties.members(manager.actor, group, TODAY)[0].person_ref
    box = f"/groups/{group}/box/"
    assert "Open a cycle with the price of a share" in words(manager.client.get(box))
    rules = {"key": "c", "share": "4.00", "most": "5", "multiple": "3", "starts_on": "2005-01-03"}
    opened = national.client.post(f"{box}open/", {**rules, "ends_on": "2005-12-31"}, follow=True)
    assert "One share PHP 4.00" in words(opened)

    sheet = {"key": "m", "on": "2005-06-30", f"shares-{person}": "5", f"fine-{person}": "1.00"}
    refused = manager.client.post(f"{box}meeting/", {**sheet, f"shares-{person}": "6"})
    assert refused.status_code == 422
    assert "The rules of the group do not allow this" in words(refused)
    written = manager.client.post(f"{box}meeting/", sheet, follow=True)
    assert "In the box PHP 0.00" in words(written)
    meeting = national.client.get(box).content.decode().split("/box/meeting/")[1].split("/")[0]
    differs = national.client.post(f"{box}meeting/{meeting}/count/", {"key": "n", "counted": "20.00"})
    assert differs.status_code == 422
    counted = national.client.post(f"{box}meeting/{meeting}/count/", {"key": "n", "counted": "21.00"}, follow=True)
    assert "In the box PHP 21.00" in words(counted)

    shown = words(national.client.get(f"{box}share-out/"))
    assert "5 shares PHP 21.00" in shown
    national.client.post(f"{box}share-out/", {"key": "s", "on": "2005-06-30"})
    assert "Share-out waits for a second person" in words(manager.client.get(box))
    done = manager.client.post(f"{box}share-out/", {"key": "p", "on": "2005-06-30"}, follow=True)
    assert "Shared out" in words(done)
    assert "In the box PHP 0.00" in words(done)


def test_a_group_with_nothing_to_collect_is_told_what_to_do(manager: Reader, fund: Ref) -> None:
    from jump.engines.parties import api as parties
    from tests.engines.finance.makers import RIVERSIDE, SYSTEM

    group = parties.register_group(SYSTEM, scope=RIVERSIDE, name="Millers", kind="self_help", on=date(2004, 1, 1))
    assert "Open a savings account first" in words(manager.client.get(f"/groups/{group}/collection/"))


def test_no_page_asks_the_database_more_often_when_there_are_more_rows(
    manager: Reader,
    money: FundMaker,
    fund: Ref,
    savers: Savers,
    account: Ref,
    weavers: tuple[Ref, Ref, Ref],
    django_assert_max_num_queries: Any,
) -> None:
    from tests.engines.finance.savers import WEAVERS

    for number in range(12):
        other = savers.account(owner=weavers[0] if number % 2 else WEAVERS)
        savers.pay_in(other, 100_00 + number)
        savers.pay_in(account, 100_00 + number, on=TODAY)
    guarantee, line = _guarantee(money, fund), _line(fund)
    for path in (
        "/savings/",
        "/savings/open/",
        f"/savings/{account}/",
        f"/savings/{account}/statement/",
        f"/groups/{weavers[0]}/collection/",
        f"/groups/{weavers[0]}/box/",
        f"/guarantees/{guarantee}/",
        f"/bank-lines/{line}/",
        f"/funds/{fund}/",
    ):
        more = 4 if path.startswith("/funds/") else 0  # the rules of the fund and its loans of the day
        with django_assert_max_num_queries(QUERIES_MAX + more, info=path):
            assert manager.client.get(path).status_code == 200, path
