"""Work for clients as readers use it: the contract, the muster roll, the wage sheet and the invoice."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.in_kind import Work

pytestmark = pytest.mark.django_db
MARCH = "2004-03-01"


@pytest.fixture
def work(db: None, tmp_path: Path) -> Work:
    from jump.base import clock
    from tests.engines.finance import in_kind, makers

    makers.declare_places()
    makers.install_products(tmp_path / "packages")
    clock.pin(date(2004, 6, 30))
    return in_kind.Work()


@pytest.fixture
def manager(work: Work) -> Reader:
    return reader("fund_manager", "jump/asia/PH/", "Grace")


@pytest.fixture
def second(work: Work) -> Reader:
    return reader("fund_manager", "jump/asia/PH/", "Pedro")


@pytest.fixture
def national(work: Work) -> Reader:
    return reader("national_coordinator", "jump/asia/PH/", "Jose")


def group_with_members() -> tuple[Ref, Ref]:
    """A co-operative of Riverside with one member."""
    from jump.engines.parties import api as parties
    from tests.engines.finance.makers import RIVERSIDE, SYSTEM

    group = parties.register_group(
        SYSTEM, scope=RIVERSIDE, name="Canal workers", kind="cooperative", on=date(2003, 1, 1)
    )
    person = parties.register_person(
        SYSTEM,
        scope=RIVERSIDE,
        given_name="Nena",
        family_name="Cruz",
        sex="female",
        birth_year=1970,
        consents=("records",),
        on=date(2003, 1, 1),
    )
    parties.join(SYSTEM, group_ref=group, person_ref=person, role="member", on=date(2003, 1, 1))
    return group, person


def given(group: Ref, **changes: str) -> dict[str, str]:
    return {
        "key": "c",
        "cooperative": group,
        "client": "org-CL1ENT00",
        "product": "labour_contracting.labour_contract",
        "title": "Clearing of the canal",
        "work": "Clear 3 km",
        "safety": "Boots and gloves",
        "currency": "PHP",
        "floor": "350",
        "starts_on": "2004-01-05",
        "ends_on": "2004-12-31",
        "task_1": "clearing",
        "basis_1": "day",
        "pay_1": "400",
        "bill_1": "560",
        "basis_2": "day",
        "basis_3": "day",
        **changes,
    }


@pytest.mark.covers("LCC-02", "LCC-04")
def test_a_contract_goes_from_its_words_to_paid_wages(
    work: Work, manager: Reader, second: Reader, national: Reader
) -> None:
    group, person = group_with_members()
    national_pages, manager_pages = national.client, manager.client
    lacking = national_pages.post("/client-work/open/", given(group, safety="", pay_1="lots"))
    assert lacking.status_code == 422
    assert "This is not an amount." in words(lacking)

    page = national_pages.post("/client-work/open/", given(group), follow=True)
    contract = page.redirect_chain[-1][0].rstrip("/").rpartition("/")[2]
    assert "clearing a day PHP 400.00 PHP 560.00" in words(page)
    early = manager_pages.post(f"/client-work/{contract}/sign/", {"key": "s", "on": "2004-01-05"})
    assert "The contract cannot be signed yet." in words(early)
    points = dict.fromkeys(("pay", "hours", "safety", "insurance", "age", "equal_pay"), "agreed")
    national_pages.post(f"/client-work/{contract}/agree/", {"key": "a", **points})
    own = national_pages.post(f"/client-work/{contract}/sign/", {"key": "s", "on": "2004-01-05"})
    assert own.status_code == 403
    assert "Signed" in words(
        manager_pages.post(f"/client-work/{contract}/sign/", {"key": "s", "on": "2004-01-05"}, follow=True)
    )

    roll = {"key": "m", "period_from": "2004-02-01", "period_to": "2004-02-29", "task": "clearing", "hours": "8"}
    wrong = national_pages.post(f"/client-work/{contract}/muster/", {**roll, person: "2, 31"})
    assert "Day 31 is not in the pay period" in words(wrong)
    written = national_pages.post(f"/client-work/{contract}/muster/", {**roll, person: "2, 3, 9-10"}, follow=True)
    muster = written.redirect_chain[-1][0].rstrip("/").rpartition("/")[2]
    assert "Nena Cruz 2 Feb 2004 clearing 8" in words(written)
    assert "To the workers PHP 1,440.00 Days of work 4" in words(written)

    accepted = manager_pages.post(
        f"/musters/{muster}/accept/", {"key": "x", "proof": "fil-00000001", "on": MARCH}, follow=True
    )
    text = accepted.content.decode()
    run, invoice = re.findall(r"/wage-sheets/(prn-\w+)/", text)[0], re.findall(r"/invoices/(inv-\w+)/", text)[0]
    refused = manager_pages.post(f"/wage-sheets/{run}/approve/", {"key": "p", "on": MARCH})
    assert refused.status_code == 403
    national_pages.post(f"/wage-sheets/{run}/approve/", {"key": "p", "on": MARCH})
    short = second.client.post(f"/wage-sheets/{run}/pay/", {"key": "p", "on": MARCH})
    assert short.status_code in (409, 422)
    paid = manager_pages.post(
        f"/invoices/{invoice}/receive/", {"key": "i", "kind": "bill", "amount": "2396.80", "on": MARCH}, follow=True
    )
    assert "Total PHP 2,508.80 Kept until the end − PHP 112.00" in words(paid)
    assert "Still open PHP 0.00" in words(paid)
    done = second.client.post(f"/wage-sheets/{run}/pay/", {"key": "p", "on": MARCH}, follow=True)
    sheet = words(done)
    assert "Nena Cruz 32 1,600.00 48.00 112.00 1,440.00" in sheet
    assert "Prepared by Grace" in sheet
    assert "Paid by Pedro" in sheet


@pytest.mark.covers("LCC-04")
def test_more_than_is_owed_is_refused_beside_the_amount(work: Work, manager: Reader) -> None:
    from tests.engines.finance.in_kind import invoice_of

    invoice = invoice_of(work.accepted(work.contract()))
    answer = manager.client.post(
        f"/invoices/{invoice}/receive/", {"key": "i", "kind": "bill", "amount": "9,999.00", "on": MARCH}
    )
    assert answer.status_code == 422
    assert "This is more than is owed: 3,044.15 PHP is left to pay." in words(answer)
    assert 'value="9,999.00"' in answer.content.decode()


def test_an_empty_area_says_what_to_do(work: Work, manager: Reader) -> None:
    text = words(manager.client.get("/client-work/"))
    assert "Write one for a co-operative that sells the work of its members." in text
    assert "No client owes anything." in text


def test_the_pages_ask_few_questions(work: Work, manager: Reader, django_assert_max_num_queries: Any) -> None:
    from tests.engines.finance.in_kind import invoice_of, run_of

    contract = work.contract()
    view = work.accepted(contract)
    for url in (
        "/client-work/",
        f"/client-work/{contract}/",
        f"/musters/{view.ref}/",
        f"/wage-sheets/{run_of(view)}/",
        f"/invoices/{invoice_of(view)}/",
    ):
        with django_assert_max_num_queries(QUERIES_MAX):
            assert manager.client.get(url).status_code == 200


@pytest.mark.covers("LCC-05")
def test_the_work_of_a_year_stands_by_co_operative_beside_the_jobs_that_count(
    work: Work, manager: Reader, django_assert_max_num_queries: Any
) -> None:
    empty = manager.client.get("/client-work/jobs/")
    assert "Nobody has worked for a client yet" in words(empty)
    _group, person = group_with_members()
    from decimal import Decimal

    from jump.engines.finance import api as finance

    contract = work.contract()
    work.accepted(contract)
    work.accepted(contract, [finance.MusterEntry(date(2004, 2, 2), "bricks", person, Decimal(0), 40)])

    with django_assert_max_num_queries(QUERIES_MAX):
        page = manager.client.get("/client-work/jobs/?year=1900")

    text = words(page)
    assert "In 2004, as accepted muster rolls say it" in text
    assert "Days of work 4.69 Full-time years 0.02" in text
    assert "1 line in pieces has no hours and is in none of these figures." in text
    assert "Jobs and days of work" in words(manager.client.get("/client-work/"))
