"""The ways to savings from a group and the list of funds; calling, closing, and where no lender lends."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker
    from tests.engines.finance.savers import Savers

pytestmark = pytest.mark.django_db
TODAY = date(2005, 6, 30)
PDF = b"%PDF-1.4\nno loan without a title to land\n"


@pytest.fixture(autouse=True)
def papers_in_a_folder_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def group(money: FundMaker) -> Ref:
    from jump.engines.parties import api as parties
    from tests.engines.finance.makers import RIVERSIDE, SYSTEM

    return parties.register_group(SYSTEM, scope=RIVERSIDE, name="Weavers", kind="self_help", on=date(2004, 1, 1))


# From a group to its savings ------------------------------------------------------------------------------


def test_the_page_of_a_group_leads_to_its_savings_its_box_and_the_sheet_of_a_meeting(
    manager: Reader, national: Reader, group: Ref, savers: Savers, django_assert_max_num_queries: Any
) -> None:
    savers.pay_in(savers.account(owner=group), 100_00)
    before = manager.client.get(f"/groups/{group}/")
    assert "Savings : 1 open account" in words(before)
    assert f"/savings/?group={group}" in before.content.decode()
    assert f"/groups/{group}/collection/" in before.content.decode()
    assert f'"/groups/{group}/box/open/"' in before.content.decode()

    rules = {"key": "c", "share": "4.00", "most": "5", "multiple": "3", "starts_on": "2005-01-03"}
    national.client.post(f"/groups/{group}/box/open/", {**rules, "ends_on": "2005-12-31"})
    with django_assert_max_num_queries(QUERIES_MAX):
        after = manager.client.get(f"/groups/{group}/").content.decode()
    assert f'"/groups/{group}/box/"' in after
    assert f'"/groups/{group}/box/open/"' not in after
    for way in (f"/savings/?group={group}", f"/groups/{group}/box/", f"/groups/{group}/collection/"):
        assert manager.client.get(way).status_code == 200, way


def test_the_members_of_a_group_get_accounts_in_one_go_and_who_has_one_is_not_asked_again(
    manager: Reader, group: Ref, savers: Savers, fund: Ref
) -> None:
    from jump.engines.finance import api as finance
    from jump.engines.parties import api as parties
    from tests.engines.finance.makers import RIVERSIDE, SYSTEM

    for name in ("Ana", "Ben", "Carla"):
        person = parties.register_person(
            SYSTEM,
            scope=RIVERSIDE,
            given_name=name,
            family_name="Cruz",
            sex="female",
            consents=("records",),
            on=date(2004, 1, 1),
        )
        parties.join(SYSTEM, group_ref=group, person_ref=person, role="member", on=date(2004, 1, 1))
    way = f"/groups/{group}/savings/open/"
    first = manager.client.get(way).content.decode()
    members = [one.person_ref for one in parties.members(SYSTEM, group, TODAY)]
    assert all(f'value="{one}"' in first for one in members)

    sent = {"product": "revolving_fund.member_savings", "holder": fund, "on": "2005-06-30", "key": "k"}
    nobody = manager.client.post(way, sent)
    assert nobody.status_code == 422
    assert "Choose at least one" in words(nobody)
    done = manager.client.post(way, {**sent, "members": members[:2]}, follow=True)

    assert "2 accounts are open." in words(done)
    assert {one.owner_ref for one in finance.savings(SYSTEM, group_ref=group)} == set(members[:2])
    again = manager.client.get(way).content.decode()
    assert [f'value="{one}"' in again for one in members] == [False, False, True]


@pytest.mark.covers("CROSS-04")
def test_each_way_from_a_group_is_shown_only_to_those_who_may_use_it(group: Ref, savers: Savers) -> None:
    savers.account(owner=group)
    donor = reader("donor", "jump/").client
    for way in ("collection/", "box/open/", "no-lender/"):
        assert f"/groups/{group}/{way}" not in donor.get(f"/groups/{group}/").content.decode(), way
        assert donor.get(f"/groups/{group}/{way}").status_code == 403, way
    reads = reader("extension_worker", "jump/asia/PH/").client.get(f"/groups/{group}/")
    assert "Savings : 1 open account" in words(reads)
    for way in ("collection/", "box/open/", "no-lender/"):
        assert f"/groups/{group}/{way}" not in reads.content.decode(), way


def test_a_reader_who_may_only_read_money_sees_no_empty_card_of_savings(group: Ref) -> None:
    reads = reader("extension_worker", "jump/asia/PH/").client.get(f"/groups/{group}/")
    assert reads.status_code == 200
    assert "Savings and meetings" not in words(reads)


def test_the_list_of_funds_shows_what_each_keeps_for_savers(manager: Reader, fund: Ref, savers: Savers) -> None:
    savers.pay_in(savers.account(), 1_000_00)
    page = manager.client.get("/funds/")
    assert f'<a href="/savings/?holder={fund}">PHP\u00a01,000.00</a>' in page.content.decode()
    assert manager.client.get("/funds/?as=excel").status_code == 200


# Where no lender lends ------------------------------------------------------------------------------------


@pytest.fixture
def grant(fund: Ref, group: Ref) -> Ref:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import NATIONAL, RIVERSIDE, php

    return finance.open_contract(
        NATIONAL,
        product="revolving_fund.start_up_grant",
        party_ref=group,
        amount=php(10_000_00),
        scope=RIVERSIDE,
        purpose="looms",
        fund_ref=fund,
        on=date(2005, 6, 1),
        key="grant",
    )


def refused(**changes: Any) -> dict[str, Any]:
    return {
        "key": "n",
        "why": "no title to land",
        "on": "2005-06-30",
        "lender_1": "Rural Bank",
        "on_1": "2005-06-10",
        "proof_1": "",
        **changes,
    }


def letter() -> SimpleUploadedFile:
    return SimpleUploadedFile("letter.pdf", PDF, content_type="application/pdf")


def exceptions(group: Ref) -> list[Any]:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    return finance.grant_exceptions(SYSTEM, party_ref=group)


@pytest.mark.covers("RLF-10")
def test_a_refusal_with_its_letter_is_recorded_on_the_grant_and_proves_its_condition(
    national: Reader, group: Ref, grant: Ref
) -> None:
    from jump.engines.finance import api as finance

    before = words(national.client.get(f"/loans/{grant}/"))
    assert "Nothing is on record. The grant is not paid before." in before
    assert "Record that no lender will lend" in before

    done = national.client.post(f"/loans/{grant}/no-lender/", {**refused(), "paper_1": letter()})
    (made,) = exceptions(group)
    assert [one.lender for one in made.refusals] == ["Rural Bank"]
    assert made.refusals[0].proof_ref.kind == "fil"
    assert done["Location"] == f"/loans/{grant}/conditions/no_lender/?proof={made.ref}"
    assert f'value="{made.ref}"' in national.client.get(done["Location"]).content.decode()

    national.client.post(done["Location"], {"key": "m", "proof": str(made.ref), "on": "2005-06-30"})
    condition = next(one for one in finance.contract(national.actor, grant).conditions if one.code == "no_lender")
    assert condition.proof_ref == made.ref
    after = words(national.client.get(f"/loans/{grant}/"))
    assert "no title to land Rural Bank (10 Jun 2005)" in after
    assert "Record that no lender will lend" not in after


@pytest.mark.covers("RLF-10")
def test_a_lender_without_a_letter_or_a_day_proves_nothing_and_what_was_typed_stays(
    national: Reader, group: Ref, grant: Ref
) -> None:
    url = f"/loans/{grant}/no-lender/"
    bare = national.client.post(url, refused(on_1=""))
    assert bare.status_code == 422
    assert "Say which day" in words(bare)
    assert "Add a photo or PDF of the letter, or name a record" in words(bare)
    assert 'value="Rural Bank"' in bare.content.decode()
    nothing = national.client.post(url, refused(lender_1="", on_1=""))
    assert nothing.status_code == 422
    assert "Add this paper, or name the lenders that refused" in words(nothing)
    wrong = national.client.post(url, refused(proof_1="the letter"))
    assert wrong.status_code == 422
    assert "This is not the number of a record" in words(wrong)
    assert exceptions(group) == []


@pytest.mark.covers("RLF-10")
def test_that_there_is_no_lender_at_all_is_recorded_for_a_group_before_its_grant_once(
    national: Reader, group: Ref
) -> None:
    assert f"/groups/{group}/no-lender/" in national.client.get(f"/groups/{group}/").content.decode()
    sent = {"key": "n", "why": "no bank within a day's walk", "on": "2005-06-30", "proof": "sub-00000001"}
    for _press in range(2):
        done = national.client.post(f"/groups/{group}/no-lender/", sent, follow=True)
    (made,) = exceptions(group)
    assert made.no_lender_at_all
    assert f"Saved as {made.ref}. Name it as the proof when a grant asks for it." in words(done)


@pytest.mark.parametrize("role", ["donor", "extension_worker"])
def test_who_may_not_prepare_money_records_no_refusal(group: Ref, grant: Ref, role: str) -> None:
    who = reader(role, "jump/")
    for url in (f"/loans/{grant}/no-lender/", f"/groups/{group}/no-lender/"):
        assert who.client.post(url, refused(proof_1="sub-00000001")).status_code == 403, url
    assert exceptions(group) == []


def test_a_neighbour_finds_neither_the_grant_nor_the_group(group: Ref, grant: Ref) -> None:
    neighbour = reader("fund_manager", "jump/asia/TH/", "Noi")
    for url in (f"/loans/{grant}/no-lender/", f"/groups/{group}/no-lender/"):
        assert neighbour.client.get(url).status_code == 404, url


# A guarantee for another lender ---------------------------------------------------------------------------


@pytest.fixture
def promise(fund: Ref, group: Ref) -> Ref:
    """The fund stands for 80% of what the group owes to a bank."""
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import NATIONAL, RIVERSIDE, php

    return finance.open_guarantee(
        NATIONAL,
        product="revolving_fund.guarantee",
        guarantor_ref=fund,
        amount=php(40_000_00),
        percent=80,
        lender="Rural Bank",
        borrower_ref=group,
        scope=RIVERSIDE,
        on=date(2005, 1, 3),
        key="g",
    )


@pytest.mark.covers("RLF-09")
def test_the_guarantee_of_another_lender_is_called_and_then_paid_with_four_eyes(
    manager: Reader, national: Reader, promise: Ref
) -> None:
    from jump.engines.finance import api as finance

    page = f"/guarantees/{promise}/"
    assert f"{page}call/" not in manager.client.get(page).content.decode()
    assert f"{page}call/" in national.client.get(page).content.decode()
    shown = words(national.client.get(f"{page}call/"))
    assert "Lender Rural Bank Up to PHP 40,000.00 Part of what is owed 80%" in shown

    sent = {"key": "c", "amount": "30,000.00", "why": "three instalments missed", "on": "2005-06-01"}
    assert manager.client.post(f"{page}call/", sent).status_code == 403
    for wrong in ({"why": ""}, {"amount": "0"}, {"on": "2005-01-02"}):
        assert national.client.post(f"{page}call/", {**sent, **wrong}).status_code == 422, wrong
    assert finance.guarantee(national.actor, promise).called.amount_minor == 0

    done = national.client.post(f"{page}call/", sent, follow=True)
    assert "Called PHP 24,000.00" in words(done)
    assert finance.guarantee(national.actor, promise).paid.amount_minor == 0
    again = national.client.post(f"{page}call/", {**sent, "key": "d"})
    assert again.status_code == 409
    assert finance.guarantee(national.actor, promise).called.amount_minor == 24_000_00

    manager.client.post(f"{page}payment/", {"key": "p", "amount": "24,000.00", "on": "2005-06-02", "receipt": ""})
    payment = "gpy-" + national.client.get(page).content.decode().split(f"{page}payment/gpy-")[1].split("/")[0]
    assert manager.client.post(f"{page}payment/{payment}/", {"key": "q", "on": "2005-06-02"}).status_code == 403
    national.client.post(f"{page}payment/{payment}/", {"key": "q", "on": "2005-06-02"})
    assert finance.guarantee(national.actor, promise).paid.amount_minor == 24_000_00


def test_a_guarantee_for_a_loan_of_ours_is_not_called_by_hand(money: FundMaker, national: Reader, fund: Ref) -> None:
    from jump.core.units import Ref
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import NATIONAL, php

    loan = money.running_loan(fund, 10_000_00, on=date(2005, 1, 3))
    one = finance.open_guarantee(
        NATIONAL,
        product="revolving_fund.guarantee",
        guarantor_ref=Ref("org-VN10N000"),
        amount=php(5_000_00),
        percent=50,
        contract_ref=loan,
        on=date(2005, 1, 3),
        key="g",
    )
    assert f"/guarantees/{one}/call/" not in national.client.get(f"/guarantees/{one}/").content.decode()
    assert "It is called when the loan is written off" in words(national.client.get(f"/guarantees/{one}/call/"))
    sent = {"key": "c", "amount": "1,000.00", "why": "late", "on": "2005-06-01"}
    assert national.client.post(f"/guarantees/{one}/call/", sent).status_code == 409
    assert finance.guarantee(national.actor, one).state == "open"


# Closing a link with a bank -------------------------------------------------------------------------------


@pytest.mark.covers("SAVINGS-04")
def test_a_credit_line_is_closed_only_when_everything_is_paid_back(
    manager: Reader, national: Reader, fund: Ref
) -> None:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import NATIONAL, php

    line = finance.open_bank_line(
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
    page, sent = f"/bank-lines/{line}/", {"key": "x", "on": "2005-06-30"}
    move = {"key": "d", "kind": "drawn", "amount": "100.00", "on": "2005-02-01", "receipt": "A1"}
    manager.client.post(f"{page}move/", move)
    assert f"{page}close/" not in manager.client.get(page).content.decode()
    assert manager.client.post(f"{page}close/", sent).status_code == 403
    shown = words(national.client.get(f"{page}close/"))
    assert "It can be closed when everything is paid back to the bank." in shown
    assert "Still to pay back PHP 100.00" in shown
    assert national.client.post(f"{page}close/", sent).status_code == 409
    assert finance.bank_line(national.actor, line).closed_on is None

    manager.client.post(f"{page}move/", {**move, "key": "r", "kind": "repaid", "on": "2005-03-01"})
    pay = national.client.get(page).content.decode().split(f"{page}pay/")[1].split("/")[0]
    national.client.post(f"{page}pay/{pay}/", {"key": "p", "on": "2005-03-01"})
    done = national.client.post(f"{page}close/", sent, follow=True)
    assert "Closed on 30 June 2005." in words(done)
    assert finance.bank_line(national.actor, line).closed_on == TODAY
    assert f"{page}close/" not in done.content.decode()


def test_no_new_page_asks_the_database_too_often(
    national: Reader, group: Ref, grant: Ref, promise: Ref, fund: Ref, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        sent = {"key": str(number), "why": "no bank", "on": "2005-06-30", "proof": "sub-00000001"}
        national.client.post(f"/groups/{group}/no-lender/", sent)
    paths = (
        f"/groups/{group}/",
        f"/groups/{group}/no-lender/",
        f"/loans/{grant}/",
        f"/loans/{grant}/no-lender/",
        f"/guarantees/{promise}/call/",
        "/funds/",
    )
    for path in paths:
        with django_assert_max_num_queries(QUERIES_MAX):
            assert national.client.get(path).status_code == 200, path


def test_a_missing_right_names_the_coordinators_of_ones_own_place_nearest_first(money: FundMaker) -> None:
    reader("programme_coordinator", "jump/", "Ana")
    reader("national_coordinator", "jump/asia/PH/", "Jose")
    reader("national_coordinator", "jump/asia/", "Chitra")
    reader("national_coordinator", "jump/asia/TH/", "Somchai")
    page = words(reader("donor", "jump/asia/PH/").client.get("/cases/begin/"))
    assert "One of these people can give it to you: Jose" in page
    assert page.index("Jose") < page.index("Chitra") < page.index("Ana")
    assert "Somchai" not in page


# How a fund is doing ------------------------------------------------------------------------------------------


def test_the_page_of_a_funds_health_says_what_is_not_as_it_should_be_in_few_queries(
    manager: Reader, money: FundMaker, fund: Ref, django_assert_max_num_queries: Any
) -> None:
    loan = money.running_loan(fund, 240_000_00, on=date(2004, 8, 15))
    money.running_loan(fund, 120_000_00, on=date(2004, 8, 15))
    money.repay(loan, 21_323_71, date(2004, 9, 15))
    with django_assert_max_num_queries(QUERIES_MAX):
        answer = manager.client.get(f"/funds/{fund}/health/")
    page = words(answer)
    assert "More than 30 days late" in page
    assert "100.00% at most 5% Not as it should be" in page
    assert "Carries itself without help (FSS)" in page
    assert "not defined" in page

    asked = {"since_day": "1", "since_month": "7", "since_year": "2004", "until_day": "30", "until_month": "6"}
    after = words(manager.client.get(f"/funds/{fund}/health/", {**asked, "until_year": "2005", "inflation": "4"}))
    assert "1 July 2004 to 30 June 2005" in after
    assert "Growth after inflation" in after
    assert "not defined" not in after.split("Growth after inflation")[1].split("Capital kept")[0]

    backwards = manager.client.get(f"/funds/{fund}/health/", {**asked, "until_year": "2003"})
    assert backwards.status_code == 422
    assert "The last day must not be before the first" in words(backwards)
    excel = manager.client.get(f"/funds/{fund}/health/?as=excel")
    assert excel["Content-Type"].startswith("application/vnd.openxmlformats")


def test_a_running_cost_is_prepared_by_one_and_paid_by_another_on_the_pages(
    manager: Reader, national: Reader, fund: Ref
) -> None:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    way = f"/funds/{fund}/costs/add/"
    wrong = manager.client.post(way, {"what": "Pay of May", "amount": "0", "on": "2005-06-30", "key": "c"})
    assert wrong.status_code == 422
    done = manager.client.post(
        way, {"what": "Pay of May", "amount": "1,500.00", "on": "2005-06-30", "key": "c"}, follow=True
    )
    assert "Prepared. A second person must pay it." in words(done)
    [made] = finance.fund_costs(SYSTEM, fund_ref=fund)
    pay = f"/funds/{fund}/costs/{made.ref}/pay/"
    assert pay not in done.content.decode(), "who prepared it is not offered to pay it"
    assert pay in national.client.get(f"/funds/{fund}/health/").content.decode()
    assert "Cash afterwards PHP 998,500.00" in words(national.client.get(pay))

    paid = words(national.client.post(pay, {"on": "2005-06-30", "key": "p"}, follow=True))
    assert "PHP 1,500.00 paid out." in paid
    assert "Running costs PHP 1,500.00" in paid
    assert finance.fund_costs(SYSTEM, fund_ref=fund)[0].state == "paid"
