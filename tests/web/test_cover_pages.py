"""Community insurance as its people use it: the manager, the treasurer, a member, the auditor."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.covered import Scheme

pytestmark = pytest.mark.django_db
SENEGAL = "jump/africa/SN/"


@pytest.fixture
def scheme(db: None, tmp_path: Path) -> Scheme:
    from jump.base import clock
    from tests.engines.finance import covered, makers

    makers.declare_places()
    covered.install_cover(tmp_path / "packages")
    clock.pin(date(2004, 6, 30))
    made = covered.Scheme()
    made.package()
    made.agree({"visit": 3_000})
    made.endow(50_000)
    return made


@pytest.fixture
def family(scheme: Scheme) -> Ref:
    made = scheme.family()
    scheme.pay(made, 9_000)
    return made


@pytest.fixture
def clerk(scheme: Scheme) -> Reader:
    return reader("partner", SENEGAL, "Khady")


@pytest.fixture
def national(scheme: Scheme) -> Reader:
    return reader("national_coordinator", SENEGAL, "Ousmane")


@pytest.fixture
def cashier(scheme: Scheme) -> Reader:
    return reader("fund_manager", SENEGAL, "Binta")


@pytest.fixture
def donor(scheme: Scheme) -> Reader:
    return reader("donor", "jump/", "Henrik")


def claim_typed(**changes: str) -> dict[str, str]:
    return {
        "key": "claim",
        "person": "per-AWA00000",
        "event_on": "2004-06-10",
        "on": "2004-06-11",
        "amount-visit": "2,000",
        "pay_to": "provider",
        "provider": "org-HEA1TH00",
        "papers": "F-1",
        "diagnosis": "malaria",
        **changes,
    }


def test_every_page_says_what_it_is_for_the_auditor_and_costs_little(
    scheme: Scheme, family: Ref, donor: Reader, django_assert_max_num_queries: Any
) -> None:
    claim = scheme.claim(family, {"visit": 2_000}, date(2004, 6, 10)).ref
    pages = {
        "/cover/": "Mutual of Ndiaye",
        f"/cover/{scheme.ref}/": "Village health cover",
        f"/cover/{scheme.ref}/families/": "Covered",
        f"/cover/{scheme.ref}/claims/": "Claim 1",
        f"/cover/{scheme.ref}/package/": "At most XOF 80,000 for a person in a year",
        f"/cover/{scheme.ref}/premium/": "Price of one person in a year",
        f"/cover/{scheme.ref}/board/": "The ten indicators",
        f"/cover/{scheme.ref}/cash/": "Start",
        f"/cover/{scheme.ref}/years/": "No year is closed yet",
        f"/cover/families/{family}/": "Visit to a health post",
        f"/cover/claims/{claim}/": "What was looked at",
        "/cover/mine/": "You are not insured",
    }
    for address, said in pages.items():
        with django_assert_max_num_queries(QUERIES_MAX):
            page = donor.client.get(address)
        assert page.status_code == 200, address
        assert said in words(page), address


@pytest.mark.covers("MICROINS-04")
def test_a_claim_goes_from_hand_to_hand_and_health_stays_out_of_sight(
    scheme: Scheme, family: Ref, clerk: Reader, national: Reader, cashier: Reader
) -> None:
    from jump.base.models import AuditEvent, RowGrant
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    done = clerk.client.post(f"/cover/families/{family}/claim/", claim_typed(), follow=True)
    assert "Claim 1 is entered" in done.content.decode()
    assert "malaria" not in done.content.decode()
    claim = finance.claims(SYSTEM, scheme_ref=scheme.ref)[0].ref

    doctor = reader("extension_worker", SENEGAL, "Doctor")
    RowGrant.objects.create(user=doctor.user, ref=finance.scheme(SYSTEM, scheme.ref).medical_ref)
    assert "malaria" not in doctor.client.get(f"/cover/claims/{claim}/").content.decode()
    assert "malaria" in words(doctor.client.get(f"/cover/claims/{claim}/?read=yes"))
    assert AuditEvent.objects.filter(action="finance.read_diagnosis", about=claim).count() == 1
    assert "malaria" not in national.client.get(f"/cover/claims/{claim}/?read=yes").content.decode()

    if finance.claim(SYSTEM, claim).needs_review:
        doctor.client.post(f"/cover/claims/{claim}/review/", {"key": "r", "why": "Seen.", "on": "2004-06-12"})
    refused = clerk.client.get(f"/cover/claims/{claim}/approve/")
    assert refused.status_code == 403
    assert "The member's own part XOF 400" in words(national.client.get(f"/cover/claims/{claim}/approve/"))
    national.client.post(f"/cover/claims/{claim}/approve/", {"key": "a", "on": "2004-06-12"})
    assert finance.claim(SYSTEM, claim).paid == finance.claim(SYSTEM, claim).asked - finance.claim(
        SYSTEM, claim
    ).asked.__class__(400, "XOF")
    paid = cashier.client.post(f"/cover/claims/{claim}/pay/", {"key": "p", "on": "2004-06-13"}, follow=True)
    assert "Paid by the scheme XOF 1,600" in words(paid)
    assert scheme.books["claims_payable"] == 0


@pytest.mark.covers("MICROINS-04")
def test_a_claim_that_may_not_be_paid_is_refused_on_the_page_with_the_reasons(
    scheme: Scheme, family: Ref, national: Reader
) -> None:
    claim = scheme.ready(family, {"visit": 2_000}, date(2004, 2, 10))
    answer = national.client.post(f"/cover/claims/{claim}/approve/", {"key": "a", "on": "2004-06-12"})
    assert answer.status_code == 422
    assert "This claim cannot be approved: Waiting period over" in words(answer)
    assert scheme.books["claims_payable"] == 0
    rejected = national.client.post(
        f"/cover/claims/{claim}/reject/",
        {"key": "r", "reasons": ["waiting_period"], "why": "Too early.", "on": "2004-06-12"},
        follow=True,
    )
    assert "In the waiting period" in words(rejected)


@pytest.mark.covers("MICROINS-02")
def test_a_family_is_enrolled_on_one_form_and_what_was_typed_stays(scheme: Scheme, clerk: Reader) -> None:
    typed = {
        "key": "e",
        "on": "2004-06-01",
        "person": "per-HEAD0000",
        "card": "17",
        "person-1": "per-CH11D000",
        "relation-1": "child",
        "card-1": "",
    }
    answer = clerk.client.post(f"/cover/{scheme.ref}/enrol/", typed)
    assert answer.status_code == 422
    assert 'value="per-CH11D000"' in answer.content.decode()
    done = clerk.client.post(f"/cover/{scheme.ref}/enrol/", {**typed, "card-1": "17-1"}, follow=True)
    assert "Begins with the first payment" in words(done)
    again = clerk.client.post(f"/cover/{scheme.ref}/enrol/", {**typed, "key": "f", "card": "18", "card-1": "18-1"})
    assert again.status_code == 422
    assert "is already insured in this scheme" in words(again)


@pytest.mark.covers("MICROINS-03")
def test_the_treasurer_collects_on_a_sheet_that_a_second_person_counts(
    scheme: Scheme, family: Ref, cashier: Reader
) -> None:
    second = reader("fund_manager", SENEGAL, "Second")
    sheet = cashier.client.get(f"/cover/{scheme.ref}/collect/")
    assert "What did the families pay?" in words(sheet)
    done = cashier.client.post(
        f"/cover/{scheme.ref}/collect/", {"key": "c", "on": "2004-06-30", family: "1,500"}, follow=True
    )
    assert "A second person has to count the money" in words(done)
    collection = done.request["PATH_INFO"].split("/")[2]
    held = scheme.books["cash"]
    refused = cashier.client.post(f"/collections/{collection}/count/", {"key": "n", "counted": "1,500"})
    assert refused.status_code == 403
    assert scheme.books["cash"] == held
    second.client.post(f"/collections/{collection}/count/", {"key": "n", "counted": "1,500"})
    assert scheme.books["cash"] == held + 1_500
    page = cashier.client.get(f"/collections/{collection}/")
    assert "Contribution to insurance" in words(page)
    assert "Mutual of Ndiaye" in words(page)


@pytest.mark.covers("MICROINS-05")
def test_a_change_of_the_contribution_is_tried_beside_what_is_in_force(scheme: Scheme, clerk: Reader) -> None:
    page = words(clerk.client.get(f"/cover/{scheme.ref}/premium/?contribution=400"))
    assert "You are trying a change. Nothing is saved" in page
    assert "Expected result of a year XOF 277,200 XOF -82,800" in page.replace("−", "-")
    wrong = clerk.client.get(f"/cover/{scheme.ref}/premium/?copay=lots&benefit=visit")
    assert "Write a number" in words(wrong)


@pytest.mark.covers("MICROINS-01")
def test_a_package_is_proposed_by_one_and_adopted_by_another_with_the_decision(
    scheme: Scheme, clerk: Reader, national: Reader
) -> None:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import SYSTEM

    early = clerk.client.post(
        f"/cover/{scheme.ref}/package/propose/",
        {"key": "p", "product": "step.village_health", "valid_from": "2004-06-01"},
    )
    assert early.status_code == 422
    assert "A package begins on a later day" in words(early)
    clerk.client.post(
        f"/cover/{scheme.ref}/package/propose/",
        {"key": "p", "product": "step.village_health", "valid_from": "2004-09-01"},
    )
    proposed = finance.packages_of(SYSTEM, scheme_ref=scheme.ref)[0]
    done = national.client.post(
        f"/cover/packages/{proposed.ref}/adopt/",
        {"key": "a", "decision": "res-M1NVTES0", "on": "2004-06-29"},
        follow=True,
    )
    assert "Adopted. It is in force from 1 September 2004" in done.content.decode().replace("&nbsp;", " ")


def test_a_member_sees_the_own_cover_and_nothing_of_others(scheme: Scheme, family: Ref) -> None:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from jump.base.models import RowGrant

    user = get_user_model()._default_manager.create_user(username="modou")
    RowGrant.objects.create(user=user, ref="per-M0D00000")
    client = Client()
    client.force_login(user)
    page = words(client.get("/cover/mine/"))
    assert "Covered" in page
    assert "Visit to a health post now" in page
    assert client.get(f"/cover/families/{family}/").status_code in {403, 404}
    assert client.get("/cover/").status_code == 403
