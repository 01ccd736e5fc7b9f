"""Registers, capital accounts, trusts and development funds as readers use them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, hidden, reader, words

if TYPE_CHECKING:
    from tests.web.area_ground import Site
    from tests.web.stake_ground import Stakes

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db: None) -> Site:
    from tests.web.area_ground import stand

    return stand()


@pytest.fixture
def stakes(site: Site) -> Stakes:
    from tests.web.stake_ground import own

    return own(site)


@pytest.fixture
def treasurer(site: Site) -> Reader:
    return reader("national_coordinator", "jump/asia/PH/", "Jose")


@pytest.fixture
def second(site: Site) -> Reader:
    return reader("fund_manager", "jump/asia/PH/", "Grace")


@pytest.fixture
def donor(site: Site) -> Reader:
    return reader("donor", "jump/", "Henrik")


@pytest.fixture
def neighbour(site: Site) -> Reader:
    return reader("fund_manager", "jump/asia/TH/", "Noi")


def held(stakes: Stakes) -> dict[str, int]:
    from jump.engines.finance import api as finance
    from tests.web.area_ground import SYSTEM

    return {str(one.holder_ref): one.held for one in finance.share_register(SYSTEM, stakes.register).holders}


def issue(site: Site, **changes: Any) -> dict[str, Any]:
    return {
        "key": "one",
        "holder": site.people[5],
        "holder_kind": "person",
        "share_class": "labour",
        "shares": "12.5",
        "price": "500.00",
        "on": "2004-06-30",
        **changes,
    }


PAGES = (
    "/ownership/",
    "/registers/{register}/",
    "/registers/{register}/test/",
    "/registers/{register}/holders/{holder}/",
    "/capital/{capital}/",
    "/capital-accounts/{account}/",
    "/trusts/{trust}/",
    "/trusts/{trust}/years/2003/",
    "/development/{fund}/",
)
FORMS = (
    *(f"/ownership/open/{kind}/" for kind in ("register", "capital", "trust")),
    "/ownership/pledges/add/",
    "/ownership/financing/add/",
    *(
        f"/registers/{{register}}/do/{kind}/"
        for kind in ("issue", "transfer", "change_class", "cancel", "agree_purchase", "pay_purchase", "record_hours")
    ),
    "/capital/{capital}/join/",
    *(
        f"/capital/{{capital}}/do/{kind}/"
        for kind in ("pay_entry", "close_year", "revalue", "leave", "pay_out", "pay_interest")
    ),
    "/trusts/{trust}/join/",
    *(f"/trusts/{{trust}}/do/{kind}/" for kind in ("borrow", "trust_year", "trust_leave", "distribute")),
    *(f"/development/{{fund}}/do/{kind}/" for kind in ("invest", "return")),
)


def address(page: str, site: Site, stakes: Stakes) -> str:
    return page.format(
        register=stakes.register,
        capital=stakes.capital,
        account=stakes.account,
        trust=stakes.trust,
        fund=stakes.fund,
        holder=site.people[0],
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_read_at_a_bounded_cost_by_who_may_and_by_nobody_else(
    site: Site,
    stakes: Stakes,
    donor: Reader,
    neighbour: Reader,
    page: str,
    django_assert_max_num_queries: Any,
) -> None:
    where = address(page, site, stakes)
    with django_assert_max_num_queries(QUERIES_MAX):
        assert donor.client.get(where).status_code == 200
    if page != "/ownership/":
        assert neighbour.client.get(where).status_code == 404
    else:
        assert "No register yet" in words(neighbour.client.get(where))


@pytest.mark.parametrize("page", FORMS)
def test_a_form_opens_for_who_prepares_and_for_nobody_else(
    site: Site, stakes: Stakes, treasurer: Reader, donor: Reader, neighbour: Reader, page: str
) -> None:
    where = address(page, site, stakes)
    assert treasurer.client.get(where).status_code == 200
    assert donor.client.get(where).status_code == 403
    if "{" in page:
        assert neighbour.client.get(where).status_code == 404


@pytest.mark.covers("CONVERT-04")
def test_the_register_shows_who_holds_what_and_that_it_adds_up(stakes: Stakes, treasurer: Reader, site: Site) -> None:
    text = words(treasurer.client.get(f"/registers/{stakes.register}/"))
    assert "4 holders of 92.5 shares on 30 June 2004." in text
    assert "What holders have is what was issued." in text
    assert "Nena Cruz A person 40 0 40 43.24%" in text
    assert "Jose Reyes A person 0 2.5 2.5 2.70%" in text
    assert "Issued 90 2.5 92.5" in text
    before = words(treasurer.client.get(f"/registers/{stakes.register}/?on=2003-02-28"))
    assert "Nobody holds shares on this day" in before
    assert "spreadsheet" in treasurer.client.get(f"/registers/{stakes.register}/?as=excel")["Content-Type"]


@pytest.mark.covers("CONVERT-04")
def test_new_shares_show_what_will_happen_then_wait_and_a_second_person_books_them(
    site: Site, stakes: Stakes, treasurer: Reader, second: Reader
) -> None:
    before = held(stakes)
    where = f"/registers/{stakes.register}/do/issue/"
    check = treasurer.client.post(where, issue(site))
    assert "Amount PHP 6,250.00" in words(check)
    assert "Shares held afterwards 12.5" in words(check)
    assert held(stakes) == before

    changed = treasurer.client.post(where, issue(site, shares="13", seen=hidden(check, "seen")))
    assert "Amount PHP 6,500.00" in words(changed)  # another answer: shown again, not saved
    assert "Waits" not in words(treasurer.client.get("/ownership/"))
    for _press in range(2):
        done = treasurer.client.post(where, issue(site, seen=hidden(check, "seen")), follow=True)
    assert "A second person approves it" in words(done)
    step = done.redirect_chain[-1][0].split("/")[3]

    refused = treasurer.client.post(f"/ownership/steps/{step}/approve/", {"key": "a"})
    assert refused.status_code == 403
    assert held(stakes) == before
    assert "Waits for a second person" in words(second.client.get("/ownership/"))
    booked = second.client.post(f"/ownership/steps/{step}/approve/", {"key": "a"}, follow=True)
    assert "Booked" in words(booked)
    assert held(stakes) == {**before, str(site.people[5]): 125_000}


def test_more_shares_than_are_free_are_refused_beside_the_field_and_what_was_typed_stays(
    site: Site, stakes: Stakes, treasurer: Reader
) -> None:
    before = held(stakes)
    answer = treasurer.client.post(
        f"/registers/{stakes.register}/do/transfer/",
        {
            "key": "t",
            "holder": site.people[0],
            "to": site.people[5],
            "to_kind": "person",
            "share_class": "labour",
            "shares": "31",
            "price": "0",
            "on": "2004-06-30",
        },
    )
    assert answer.status_code == 422
    assert "30 shares of this class are free; 31 are asked." in words(answer)  # ten are being sold by instalments
    assert 'value="31"' in answer.content.decode()
    assert held(stakes) == before


@pytest.mark.covers("CONVERT-04")
def test_the_tests_of_a_labour_company_are_shown_rule_by_rule(stakes: Stakes, treasurer: Reader) -> None:
    text = words(treasurer.client.get(f"/registers/{stakes.register}/test/"))
    assert "Act 4/1997 on labour companies" in text
    assert "2 rules are not met on 30 June 2004." in text
    assert "above 50.00% 97.30% Met" in text
    assert "at most 33.33% 43.24% · Nena Cruz Not met" in text
    assert "at least 3 4 Met" in text
    # Jose holds general shares, so his hours are those of a worker who is no member.
    assert "at most 25.00% 33.33% · year 2003 Not met" in text
    assert "No rules for ES are known" in words(
        treasurer.client.get(f"/registers/{stakes.register}/test/?on=1990-01-01")
    )


@pytest.mark.covers("INCUBATE-09")
def test_closing_a_year_shows_every_member_before_anything_is_saved(
    site: Site, stakes: Stakes, treasurer: Reader, second: Reader
) -> None:
    from jump.base import clock
    from jump.engines.finance import api as finance
    from tests.web.area_ground import SYSTEM

    clock.pin(date(2005, 6, 30))
    accounts = [one.ref for one in finance.capital(SYSTEM, stakes.capital).open_accounts]
    where = f"/capital/{stakes.capital}/do/close_year/"
    typed = {
        "key": "y",
        "year": "2004",
        "result": "surplus",
        "amount": "100,000.00",
        "interest": "0",
        "others": "0",
        "on": "2005-03-15",
        **{f"hours_{ref}": "1700" for ref in accounts},
        **{f"index_{ref}": "1" for ref in accounts},
    }
    check = treasurer.client.post(where, typed)
    text = words(check)
    assert "Result of the year PHP 100,000.00" in text
    assert "To the collective reserve PHP 45,000.00" in text
    assert "To the members, by labour PHP 45,000.00" in text
    assert "Nena Cruz PHP 21,000.00 PHP 15,000.00 PHP 36,000.00" in text
    assert finance.capital(SYSTEM, stakes.capital).closed_until == 2003

    done = treasurer.client.post(where, {**typed, "seen": hidden(check, "seen")}, follow=True)
    step = done.redirect_chain[-1][0].split("/")[3]
    second.client.post(f"/ownership/steps/{step}/approve/", {"key": "a"})
    assert finance.capital(SYSTEM, stakes.capital).closed_until == 2004
    again = treasurer.client.post(where, {**typed, "key": "z"})
    assert again.status_code == 422
    assert "The next year to close is 2005." in words(again)


@pytest.mark.covers("INCUBATE-09")
def test_a_member_gets_a_statement_to_read_to_print_and_as_a_file(stakes: Stakes, treasurer: Reader) -> None:
    page = treasurer.client.get(f"/capital-accounts/{stakes.account}/")
    text = words(page)
    assert "Statement of capital: Nena Cruz" in text
    assert "On the account PHP 21,000.00" in text
    assert "1 Mar 2003 Entry contribution, the part on the account 7,500.00 7,500.00" in text
    assert "15 Mar 2004 Part of the surplus 13,500.00 21,000.00" in text
    file = treasurer.client.get(f"/capital-accounts/{stakes.account}/?as=excel")
    assert "spreadsheet" in file["Content-Type"]


@pytest.mark.covers("CONVERT-05")
def test_a_trust_shows_its_release_table_and_the_figures_of_a_year(stakes: Stakes, treasurer: Reader) -> None:
    text = words(treasurer.client.get(f"/trusts/{stakes.trust}/"))
    assert "In suspense 3,000" in text
    assert "2003 US$ 10,000.00 US$ 2,000.00 1,000 Booked" in text
    assert "2004 US$ 10,000.00 US$ 2,000.00 1,000 To come" in text
    figures = words(treasurer.client.get(f"/trusts/{stakes.trust}/years/2003/"))
    assert "Shares released in the year 1,000" in figures
    assert "Value not given to employees yet US$ 30,000.00" in figures
    assert "Loans still owed US$ 30,000.00" in figures
    assert treasurer.client.get(f"/trusts/{stakes.trust}/years/2004/").status_code == 404


def test_a_loan_of_a_trust_is_prepared_from_its_terms(stakes: Stakes, treasurer: Reader, second: Reader) -> None:
    from jump.engines.finance import api as finance
    from tests.web.area_ground import SYSTEM

    where = f"/trusts/{stakes.trust}/do/borrow/"
    typed = {
        "key": "b",
        "amount": "1,000,000.00",
        "rate": "10",
        "years": "5",
        "shares": "100000",
        "release_by": "principal",
        "lender": "",
        "on": "2004-06-30",
    }
    check = treasurer.client.post(where, typed)
    assert "Principal US$ 1,000,000.00" in words(check)
    done = treasurer.client.post(where, {**typed, "seen": hidden(check, "seen")}, follow=True)
    step = done.redirect_chain[-1][0].split("/")[3]
    second.client.post(f"/ownership/steps/{step}/approve/", {"key": "a"})
    loan = finance.trust(SYSTEM, stakes.trust).loans[-1]
    assert loan.table[0].released == 163_797_480
    assert loan.owed.amount_minor == 1_000_000_00


@pytest.mark.covers("INCUBATE-10")
def test_more_than_savings_leave_is_refused_beside_the_amount(
    site: Site, stakes: Stakes, treasurer: Reader, donor: Reader
) -> None:
    text = words(donor.client.get(f"/development/{stakes.fund}/"))
    assert "PHP 25,000.00 may be invested." in text
    answer = treasurer.client.post(
        f"/development/{stakes.fund}/do/invest/",
        {"key": "i", "enterprise": site.mill, "amount": "25,000.01", "on": "2004-06-30"},
    )
    assert answer.status_code == 422
    assert "25,000.00 PHP may be invested; 25,000.01 PHP is asked." in words(answer)


@pytest.mark.covers("INCUBATE-04")
def test_a_pledge_is_recorded_and_stands_beside_what_was_paid(site: Site, stakes: Stakes, treasurer: Reader) -> None:
    done = treasurer.client.post(
        "/ownership/pledges/add/",
        {
            "key": "p",
            "product": "incubation.member_pledge",
            "person": site.people[1],
            "enterprise": site.mill,
            "currency": "PHP",
            "amount": "42000",
            "hours": "120",
            "on": "2004-06-30",
        },
        follow=True,
    )
    text = words(done)
    assert "The pledge is saved." in text
    # Lito paid 9,000.00 of his contribution and 15,000.00 for shares.
    assert "PHP 42,000.00 PHP 24,000.00 PHP 18,000.00 120" in text


def test_a_second_register_of_an_enterprise_is_refused_beside_its_number(
    site: Site, stakes: Stakes, treasurer: Reader
) -> None:
    typed = {
        "key": "r",
        "product": "conversion.share_account",
        "enterprise": site.mill,
        "jurisdiction": "ES",
        "currency": "PHP",
        "nominal": "500",
        "founded_on": "2003-03-01",
        "on": "2004-06-30",
    }
    answer = treasurer.client.post("/ownership/open/register/", typed)
    assert answer.status_code == 409
    assert f"This is already kept under the number {stakes.register}." in words(answer)


def test_hours_of_workers_are_read_line_by_line_and_a_bad_line_is_named(
    site: Site, stakes: Stakes, treasurer: Reader
) -> None:
    where = f"/registers/{stakes.register}/do/record_hours/"
    bad = {"key": "h", "year": "2003", "workers": f"{site.people[0]}, 1700, open\nsomebody, 3", "on": "2004-06-30"}
    answer = treasurer.client.post(where, bad)
    assert answer.status_code == 422
    assert "Line 2 cannot be read." in words(answer)


def test_what_waits_stands_among_the_tasks_of_the_second_person(site: Site, stakes: Stakes, second: Reader) -> None:
    from tests.web.stake_ground import prepare

    prepare(stakes.register, "issue", date(2004, 6, 1), holder=site.people[5], share_class="labour", shares=10_000)
    assert "A step of ownership waits for the second person" in words(second.client.get("/tasks/"))


@pytest.mark.covers("SEEDFUND-09")
def test_founders_stand_beside_the_owners_and_each_that_differs_is_named(
    site: Site, stakes: Stakes, treasurer: Reader, donor: Reader, django_assert_max_num_queries: Any
) -> None:
    from datetime import date

    from jump.base import packages
    from jump.core.money import Money
    from jump.engines.finance import api as finance
    from jump.engines.parties import api as parties
    from tests.web.area_ground import SYSTEM
    from tests.web.stake_ground import SHARE, do

    for folder in packages.in_order(["seed_fund"]):
        packages.install(SYSTEM, folder)
    shop = parties.register_group(SYSTEM, scope=site.scope, name="Noodle shop", kind="cooperative", on=date(2003, 1, 1))
    register = finance.open_register(
        SYSTEM,
        product="seed_fund.ownership_register",
        enterprise_ref=shop,
        scope=site.scope,
        nominal=Money(10_000, "PHP"),
        jurisdiction="PH",
        founded_on=date(2003, 3, 1),
        on=date(2003, 3, 1),
        key="founders",
    )
    owner, founder = site.people[0], site.people[1]
    do(register, "issue", date(2003, 3, 1), holder=owner, share_class="founders", shares=5 * SHARE)
    assert "Nobody is recorded as a founder yet." in words(treasurer.client.get(f"/registers/{register}/"))
    where = f"/registers/{register}/founders/add/"
    typed = {"key": "f", "founder": founder, "proof": "the plan", "on": "2003-03-01"}
    wrong = treasurer.client.post(where, typed)
    assert wrong.status_code == 422
    assert "This is not the number of a record." in words(wrong)
    assert donor.client.post(where, typed).status_code == 403

    saved = treasurer.client.post(where, {**typed, "proof": "sub-P1AN0000"}, follow=True)

    text = words(saved)
    assert "Not only its founders’" in text
    assert "holds no shares" in text
    assert "owns, but did not conceive it" in text
    treasurer.client.post(where, {**typed, "founder": owner, "proof": "sub-P1AN0000"})
    do(register, "issue", date(2004, 1, 5), holder=founder, share_class="founders", shares=5 * SHARE)
    with django_assert_max_num_queries(QUERIES_MAX):
        assert "Its founders’" in words(donor.client.get(f"/registers/{register}/"))
    assert treasurer.client.get(f"/registers/{stakes.register}/founders/add/").status_code == 404


@pytest.mark.covers("INCUBATE-07")
def test_a_financing_plan_is_proposed_line_by_line_and_agreed_by_a_second_person(
    site: Site, stakes: Stakes, treasurer: Reader, second: Reader, donor: Reader, django_assert_max_num_queries: Any
) -> None:
    where = "/ownership/financing/add/"
    typed = {
        "key": "plan",
        "enterprise": site.mill,
        "currency": "PHP",
        "on": "2004-06-01",
        "use_1": "A second mill",
        "needed_1": "90,000.00",
        "use_2": "Its shed",
        "needed_2": "10,000.50",
        "from_member_capital": "40,000.50",
        "from_loan": "60,000",
        "record_loan": "con-10AN0000",
        "from_guarantee": "30,000",
    }
    lacking = treasurer.client.post(where, {**typed, "needed_2": ""})
    assert lacking.status_code == 422
    assert "Say what the money is for, and how much" in words(lacking)
    differs = treasurer.client.post(where, {**typed, "from_loan": "59,999.99"})
    assert differs.status_code == 422
    assert "100,000.50 PHP are needed and the sources bring 100,000.49 PHP" in words(differs)

    made = treasurer.client.post(where, typed, follow=True)
    plan = made.redirect_chain[-1][0].split("/")[3]
    assert "You proposed this. A second person agrees to it." in words(made)
    agree = f"/ownership/financing/{plan}/agree/"
    assert treasurer.client.post(agree, {"key": "a", "on": "2004-06-02"}).status_code == 403
    text = words(second.client.post(agree, {"key": "a", "on": "2004-06-02"}, follow=True))
    assert "Loan con-10AN0000 PHP 60,000.00" in text
    assert "In neither sum PHP 30,000.00" in text
    with django_assert_max_num_queries(QUERIES_MAX):
        assert "Agreed by Grace" in words(donor.client.get(f"/ownership/financing/{plan}/"))
    assert "PHP 100,000.50" in words(treasurer.client.get("/ownership/"))
    late = treasurer.client.post(f"/ownership/financing/{plan}/drop/", {"key": "d", "why": "no"})
    assert late.status_code == 409
    assert "Only a step that waits can be approved or given up." in words(late)


def test_a_booked_step_is_taken_back_with_its_reason_and_a_second_person(
    site: Site, stakes: Stakes, treasurer: Reader, second: Reader, donor: Reader, django_assert_max_num_queries: Any
) -> None:
    before = held(stakes)
    check = treasurer.client.post(f"/registers/{stakes.register}/do/issue/", issue(site))
    made = treasurer.client.post(
        f"/registers/{stakes.register}/do/issue/", issue(site, seen=hidden(check, "seen")), follow=True
    )
    step = made.redirect_chain[-1][0].split("/")[3]
    second.client.post(f"/ownership/steps/{step}/approve/", {"key": "a"})
    assert held(stakes) != before
    assert "Take it back" in words(treasurer.client.get(f"/ownership/steps/{step}/"))
    where = f"/ownership/steps/{step}/take-back/"
    assert donor.client.get(where).status_code == 403

    asked = treasurer.client.get(where)
    assert "its opposite is booked beside it" in words(asked)
    lacking = treasurer.client.post(where, {"key": "b", "why": ""})
    assert lacking.status_code == 422
    for _press in range(2):
        waits = treasurer.client.post(where, {"key": "b", "why": "the wrong holder"}, follow=True)
    assert "nothing has moved yet" in words(waits)
    back = waits.redirect_chain[-1][0].split("/")[3]
    assert treasurer.client.post(f"/ownership/steps/{back}/approve/", {"key": "c"}).status_code == 403
    second.client.post(f"/ownership/steps/{back}/approve/", {"key": "c"})

    assert held(stakes) == before
    with django_assert_max_num_queries(QUERIES_MAX):
        told = words(donor.client.get(f"/ownership/steps/{step}/"))
    assert "Taken back" in told
    assert "Why it was taken back the wrong holder" in told
    assert "Take it back" not in words(treasurer.client.get(f"/ownership/steps/{back}/"))
    again = treasurer.client.post(where, {"key": "d", "why": "once more"})
    assert again.status_code == 409
    assert "This cannot be taken back" in words(again)
