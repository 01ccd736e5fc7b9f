"""Donors, the forecast, the provision, bridges, grants that are paid back and equipment, as readers use the pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref

pytestmark = pytest.mark.django_db
TODAY = date(2004, 6, 30)
PARTY = "org-BANK0000"


@pytest.fixture
def budget(db: None, tmp_path: Path) -> Ref:
    """The programme's budget with its core donor, an umbrella of partners, rates and a provision."""
    from jump.base import clock
    from jump.engines.finance import api as finance
    from tests.engines.finance import makers

    makers.declare_places()
    makers.install_products(tmp_path / "packages")
    clock.pin(TODAY)
    ref = finance.declare_budget(makers.COORDINATOR, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))
    for code, kind in (("primary_donor", ""), ("partners", "other_donor")):
        finance.record_source(
            makers.COORDINATOR,
            budget_ref=ref,
            code=code,
            title={"primary_donor": "Primary donor", "partners": "Private partners"}[code],
            pledged=makers.usd(250_000_000),
            starts_on=date(2002, 1, 1),
            ends_on=date(2004, 12, 31),
            place="jump/",
            is_core=code == "primary_donor",
            kind=kind,
        )
    finance.receive(
        makers.COORDINATOR,
        budget_ref=ref,
        source="primary_donor",
        amount=makers.usd(50_000_000),
        on=date(2002, 1, 15),
        key="d",
    )
    finance.declare_in_kind_rate(
        makers.COORDINATOR,
        budget_ref=ref,
        what="mentoring",
        unit="hour",
        rate=makers.usd(1_250),
        place="jump/",
        valid_from=date(2003, 1, 1),
        source="labour office",
    )
    finance.open_cell(
        makers.COORDINATOR,
        budget_ref=ref,
        place="jump/",
        country="all",
        stage="development",
        type="cb",
        line="cost_increase",
        amount=makers.usd(1_000_000),
        on=date(2003, 1, 1),
        why="provision",
        key="prov",
    )
    return ref


@pytest.fixture
def coordinator(budget: Ref) -> Reader:
    return reader("programme_coordinator", "jump/", "Ana")


@pytest.fixture
def national(budget: Ref) -> Reader:
    return reader("national_coordinator", "jump/asia/PH/", "Jose")


@pytest.fixture
def manager(budget: Ref) -> Reader:
    return reader("fund_manager", "jump/asia/PH/", "Grace")


@pytest.fixture
def donor(budget: Ref) -> Reader:
    return reader("donor", "jump/", "Henrik")


def spend(minor: int, key: str, source: str = "partners", line: str = "training") -> Any:
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import NATIONAL, RIVERSIDE, usd

    return finance.spend(
        NATIONAL,
        line=line,
        scope=RIVERSIDE,
        stage="development",
        type="cb",
        amount=usd(minor),
        on=date(2004, 3, 1),
        memo="Course for bakers",
        key=key,
        source=source,
    )


def on(name: str, day: date) -> dict[str, str]:
    return {name: day.isoformat()}


# --- donors -------------------------------------------------------------------------------------------------


@pytest.mark.covers("SEEDFUND-11", "PPPCSR-01")
def test_a_promise_is_recorded_comes_in_and_its_use_is_told_on_page_and_in_excel(
    coordinator: Reader, donor: Reader, django_assert_max_num_queries: Any
) -> None:
    from jump.engines.finance import api as finance

    sent = {
        "key": "p1",
        "party": PARTY,
        "amount": "1000",
        "currency": "EUR",
        "source": "partners",
        "type": "cb",
        "line": "",
        "country": "",
        **on("on", date(2004, 1, 10)),
        "note": "",
    }
    refused = coordinator.client.post("/budget/donors/promise/", sent)
    assert "No rate from EUR to USD is recorded" in words(refused)
    assert finance.funding_pledges(coordinator.actor) == []
    finance.add_rate(
        coordinator_system(), given="EUR", wanted="USD", on=date(2004, 1, 1), rate=Decimal("1.1"), source="bank"
    )
    answer = coordinator.client.post("/budget/donors/promise/", sent)
    (pledge,) = finance.funding_pledges(coordinator.actor)
    assert answer["Location"] == f"/budget/promises/{pledge.ref}/"

    address = f"/budget/promises/{pledge.ref}/receive/"
    too_much = {"key": "c1", "given": "1001", "amount": "1101.10", **on("on", date(2004, 1, 20))}
    assert "Only 1,000.00 EUR of this pledge is still to come" in words(coordinator.client.post(address, too_much))
    coordinator.client.post(address, {**too_much, "given": "1000", "amount": "1100"})
    spend(55_000, "s1")

    with django_assert_max_num_queries(QUERIES_MAX):
        text = words(donor.client.get(f"/budget/promises/{pledge.ref}/"))
    assert "Received US$ 1,100.00 Used US$ 550.00 Left US$ 550.00" in text
    assert "Used, each at the rate of its day EUR 500.00" in text
    assert "Exchange difference EUR 0.00" in text
    assert "For: Type: Capacity building." in text
    assert "Course for bakers 7. Training Riverside 550.00 550.00" in text
    assert donor.client.get(f"/budget/promises/{pledge.ref}/?as=excel").status_code == 200
    with django_assert_max_num_queries(QUERIES_MAX):
        text = words(coordinator.client.get("/budget/donors/"))
    assert "EUR 1,000.00 EUR 1,000.00 All came" in text
    assert "Given in kind so far: worth US$ 0.00" in text


def coordinator_system() -> Any:
    from tests.engines.finance.makers import SYSTEM

    return SYSTEM


def test_what_is_wrong_with_a_promise_stands_at_its_field_and_what_was_typed_stays(coordinator: Reader) -> None:
    sent = {"key": "p", "party": "nobody", "amount": "x", "currency": "EURO", "source": "partners"}
    answer = coordinator.client.post("/budget/donors/promise/", sent)
    assert answer.status_code == 422
    text = words(answer)
    assert "This is no number of a person, a group or an organisation" in text
    assert 'value="nobody"' in answer.content.decode()


@pytest.mark.covers("PPPCSR-01", "PPPCSR-03")
def test_hours_of_volunteers_are_promised_come_in_and_stand_beside_money(coordinator: Reader, national: Reader) -> None:
    from jump.engines.finance import api as finance

    promised = coordinator.client.post(
        "/budget/donors/promise-in-kind/",
        {
            "key": "k1",
            "party": PARTY,
            "kind": "expertise",
            "rate": "mentoring|hour",
            "quantity": "40",
            "source": "partners",
            **on("on", date(2004, 1, 10)),
        },
    )
    assert promised.status_code == 302, words(promised)
    (pledge,) = finance.funding_pledges(coordinator.actor)
    came = {
        "key": "k2",
        "quantity": "12.5",
        "place": "jump/asia/PH/",
        "stage": "development",
        "line": "training",
        **on("on", date(2004, 2, 1)),
    }
    assert coordinator.client.post(f"/budget/promises/{pledge.ref}/receive/", came).status_code == 302
    text = words(coordinator.client.get("/budget/donors/"))
    assert "Expertise: Mentoring 40 × Hour of work 12.5 × Hour of work" in text
    assert "US$ 500.00 US$ 156.25" in text
    assert "Given in kind so far: worth US$ 156.25, beside all money." in text
    assert "Private partners 2,500,000.00 0.00 0.00 0.00" in text

    given = {**came, "key": "k3", "giver": "community", "kind": "labour", "rate": "mentoring|hour", "quantity": "0"}
    assert national.client.post("/budget/donors/give/", given).status_code == 422
    assert national.client.post("/budget/donors/give/", {**given, "quantity": "2"}).status_code == 302
    assert finance.in_kind_total(coordinator.actor, as_of=TODAY).amount_minor == 15_625 + 2_500


def test_a_value_in_kind_is_declared_by_who_keeps_the_budget(coordinator: Reader, national: Reader) -> None:
    from jump.engines.finance import api as finance

    sent = {
        "key": "r",
        "what": "Meeting room",
        "unit": "month",
        "amount": "200",
        "currency": "USD",
        "place": "jump/",
        **on("valid_from", date(2004, 1, 1)),
        "origin": "rent in the quarter",
    }
    assert national.client.post("/budget/donors/rates/add/", sent).status_code == 403
    assert coordinator.client.post("/budget/donors/rates/add/", sent).status_code == 302
    assert {one.what for one in finance.in_kind_rates(coordinator.actor)} == {"mentoring", "meeting_room"}
    other = coordinator.client.post("/budget/donors/rates/add/", {**sent, "amount": "201"})
    assert other.status_code in (409, 422)
    assert "Meeting room" in words(coordinator.client.get("/budget/donors/"))


def test_who_sees_a_country_alone_sees_no_statement_of_a_donor(national: Reader) -> None:
    assert national.client.get("/budget/sources/partners/").status_code == 404
    text = words(national.client.get("/budget/donors/"))
    assert "Record a promise of money" not in text


def test_a_statement_of_a_source_that_nobody_knows_is_not_found(coordinator: Reader) -> None:
    assert coordinator.client.get("/budget/sources/moon/").status_code == 404
    assert coordinator.client.get("/budget/sources/primary_donor/").status_code == 200


# --- plans --------------------------------------------------------------------------------------------------


@pytest.mark.covers("BUDGET-15")
def test_the_budget_says_what_it_will_come_to_by_both_methods(
    coordinator: Reader, national: Reader, django_assert_max_num_queries: Any
) -> None:
    from jump.engines.finance import api as finance

    spend(300_000, "s", source="primary_donor")
    cells = finance.cells(national.actor)
    cell = next(one for one in cells if (one.stage, one.type) == ("development", "cb"))
    sent = {"key": "e", "amount": "90000", **on("on", TODAY), "why": "fewer workshops"}
    assert national.client.post(f"/budget/cells/{cell.ref}/estimate/", sent).status_code == 302
    coordinator.client.get("/budget/")
    with django_assert_max_num_queries(QUERIES_MAX):
        text = words(coordinator.client.get("/budget/?forecast=cells"))
    forecast = text.split("What will it come to?")[1]
    assert "180,000.00 3,000.00 90,000.00 an estimate" in forecast
    assert "93,000.00 −87,000.00 3,605.26" in forecast  # 3,000 in 912 of 1,096 days
    by_country = words(coordinator.client.get("/budget/")).split("What will it come to?")[1]
    assert "PH 270,000.00 3,000.00 180,000.00 the rest of the plan, an estimate 183,000.00 −87,000.00" in by_country
    assert words(coordinator.client.get("/budget/?by=line")).count("What will it come to?") >= 1
    assert coordinator.client.get("/budget/?by=source").status_code == 200


@pytest.mark.covers("BUDGET-06")
def test_the_choice_of_a_reading_stands_beside_the_figures_with_name_and_reason(
    coordinator: Reader, national: Reader
) -> None:
    assert "Nobody has chosen yet" in words(coordinator.client.get("/budget/"))
    sent = {"key": "r", "base": "direct", **on("on", TODAY), "why": "as the donor reads it", "decision": ""}
    assert national.client.post("/budget/reading/", sent).status_code == 403
    assert coordinator.client.post("/budget/reading/", {**sent, "why": ""}).status_code == 422
    assert coordinator.client.post("/budget/reading/", sent).status_code == 302
    text = words(coordinator.client.get("/budget/"))
    assert "Chosen by Ana Trial on 30 June 2004: as the donor reads it" in text
    assert "On top of direct cost US$ 287,610.62 US$ 2,212,389.38 This one" in text


@pytest.mark.covers("BUDGET-07")
def test_the_provision_is_asked_for_by_one_and_released_by_another(coordinator: Reader, national: Reader) -> None:
    from jump.engines.finance import api as finance

    (held,) = finance.provision_cells(coordinator.actor)
    cell = next(one for one in finance.cells(national.actor) if (one.stage, one.type) == ("development", "cb"))
    sent = {
        "key": "a",
        "from_cell": held,
        "to_cell": cell.ref,
        "amount": "10001",
        **on("on", TODAY),
        "why": "fuel costs a third more",
    }
    short = national.client.post("/budget/provision/ask/", sent)
    assert "The budget for this has 10,000.00 USD left" in words(short)
    assert national.client.post("/budget/provision/ask/", {**sent, "amount": "4000"}).status_code == 302
    (use,) = finance.provision_uses(coordinator.actor)
    assert "You asked for it: a second person decides." in words(national.client.get("/budget/provision/"))
    assert national.client.get(f"/budget/provision/{use.ref}/release/").status_code == 403
    assert "Release it" in words(coordinator.client.get("/budget/provision/"))
    wrong = coordinator.client.post(
        f"/budget/provision/{use.ref}/release/", {"key": "b", "decision": "none", **on("on", TODAY)}
    )
    assert wrong.status_code == 422
    done = coordinator.client.post(
        f"/budget/provision/{use.ref}/release/", {"key": "b", "decision": "res-00000001", **on("on", TODAY)}
    )
    assert done.status_code == 302
    text = words(coordinator.client.get("/budget/provision/"))
    assert "US$ 6,000.00" in text
    assert "Released fuel costs a third more Asked by Jose Trial on 30 June 2004. Decided by Ana Trial" in text


@pytest.mark.covers("BUDGET-13")
def test_a_bridge_is_opened_paid_and_ended_when_a_donor_is_found(coordinator: Reader, national: Reader) -> None:
    from jump.engines.finance import api as finance

    sent = {
        "key": "o",
        "post": "pst-00000001",
        "title": "Marketing adviser",
        "place": "jump/asia/PH/",
        "stage": "development",
        "line": "national_professionals",
        "type": "cb",
        "amount": "1200",
        **on("starts_on", date(2004, 5, 1)),
        **on("ends_on", date(2004, 8, 31)),
        "why": "the other donor decides in July",
    }
    assert coordinator.client.post("/budget/bridges/open/", sent).status_code == 302
    (bridge,) = finance.bridges(coordinator.actor, as_of=TODAY)
    assert national.client.post(f"/budget/bridges/{bridge.ref}/pay/").status_code == 302
    text = words(national.client.get("/budget/bridges/"))
    assert "1 of 4 US$ 1,200.00 US$ 3,600.00 No donor yet" in text
    ended = coordinator.client.post(
        f"/budget/bridges/{bridge.ref}/replace/", {"key": "r", "source": "partners", **on("on", date(2004, 6, 1))}
    )
    assert ended.status_code == 302
    assert "A donor is found Private partners, from 1 June 2004" in words(coordinator.client.get("/budget/bridges/"))
    answer = national.client.post(f"/budget/bridges/{bridge.ref}/pay/")
    assert "is not paid by this bridge" in words(answer)
    assert finance.count_spends(coordinator.actor) == 1


# --- grants -------------------------------------------------------------------------------------------------


@pytest.fixture
def grant(budget: Ref) -> Ref:
    from jump.core.units import Ref as Number
    from jump.engines.finance import api as finance
    from tests.engines.finance.makers import MANAGER, MILLERS, NATIONAL, RIVERSIDE, SYSTEM, usd

    ref = finance.open_contract(
        SYSTEM,
        product="seed_fund.seed_grant",
        party_ref=MILLERS,
        amount=usd(100_000),
        scope=RIVERSIDE,
        purpose="a stall",
        budget={"stage": "development", "source": "primary_donor"},
        on=date(2004, 3, 1),
        key="g",
    )
    for code in ("award", "agreement", "ownership"):
        finance.meet_condition(
            NATIONAL,
            contract_ref=ref,
            condition=code,
            proof_ref=Number("sub-00000001"),
            decided_by=("user:99",),
            on=date(2004, 3, 1),
        )
    tranche = finance.prepare_release(NATIONAL, contract_ref=ref, number=1, on=date(2004, 3, 2))
    finance.approve_release(MANAGER, tranche_ref=tranche, on=date(2004, 3, 2))
    return ref


@pytest.mark.covers("SEEDFUND-07", "SEEDFUND-08")
def test_a_grant_is_accounted_for_by_use_paid_back_and_closed_on_its_page(
    national: Reader, coordinator: Reader, grant: Ref, django_assert_max_num_queries: Any
) -> None:
    account = {"key": "a", "amount": "300", **on("on", date(2004, 5, 1)), "proof": "sub-00000001"}
    assert national.client.post(f"/loans/{grant}/account/", account).status_code == 422
    assert national.client.post(f"/loans/{grant}/account/", {**account, "use": "vehicle"}).status_code == 422
    assert national.client.post(f"/loans/{grant}/account/", {**account, "use": "training"}).status_code == 302

    back = {"key": "b", "amount": "200.01", **on("on", date(2004, 6, 1)), "receipt": "R-7", "why": "cheaper"}
    assert "Only 200.00 USD is still to be accounted for" in words(
        national.client.post(f"/loans/{grant}/came-back/", back)
    )
    closing = {"key": "c", **on("on", date(2004, 6, 2)), "why": "done"}
    early = coordinator.client.post(f"/loans/{grant}/close/", closing)
    assert "200.00 USD of this grant is neither accounted for nor paid back" in words(early)
    assert national.client.post(f"/loans/{grant}/came-back/", {**back, "amount": "200"}).status_code == 302
    with django_assert_max_num_queries(QUERIES_MAX):
        text = words(national.client.get(f"/loans/{grant}/"))
    assert "Paid out US$ 500.00 Accounted for US$ 300.00 Paid back US$ 200.00 Neither yet US$ 0.00" in text
    assert "Training US$ 300.00" in text
    assert "US$ 200.00 paid back 1 June 2004 · Receipt R-7" in text
    assert coordinator.client.post(f"/loans/{grant}/close/", closing).status_code == 302
    assert "Finished" in words(national.client.get(f"/loans/{grant}/"))


# --- equipment ----------------------------------------------------------------------------------------------


@pytest.mark.covers("BUDGET-10")
def test_equipment_is_recorded_kept_checked_and_handed_over(
    national: Reader, manager: Reader, donor: Reader, django_assert_max_num_queries: Any
) -> None:
    from jump.engines.finance import api as finance

    paid = spend(80_000, "meter", source="primary_donor", line="equipment")
    sent = {"key": "a", "spend": paid.ref, "title": "Moisture meter", "holder": PARTY, **on("on", date(2004, 3, 1))}
    assert national.client.post("/equipment/add/", {**sent, "amount": "800.01"}).status_code == 422
    assert national.client.post("/equipment/add/", sent).status_code == 302
    (one,) = finance.assets(national.actor)
    address = f"/equipment/{one.ref}/"
    fuel = spend(1_500, "fuel", source="primary_donor", line="miscellaneous")
    assert (
        national.client.post(f"{address}upkeep/", {"key": "u", "spend": fuel.ref, "kind": "operation"}).status_code
        == 302
    )
    hand = {"key": "h", "to": "grp-00000001", "deed": "sub-00000001", **on("on", TODAY)}
    assert "It was not checked in the 31 days before" in words(national.client.post(f"{address}hand-over/", hand))
    assert (
        national.client.post(
            f"{address}check/", {"key": "c", "condition": "worn", **on("on", date(2004, 6, 29))}
        ).status_code
        == 302
    )
    assert national.client.post(f"{address}hand-over/", hand).status_code == 302
    with django_assert_max_num_queries(QUERIES_MAX):
        text = words(donor.client.get(address))
    assert "Cost US$ 800.00 Kept for US$ 15.00 Together US$ 815.00" in text
    assert "Handed over to grp-00000001 on 30 June 2004." in text
    assert "Record a check" not in text
    listed = words(donor.client.get("/equipment/"))
    assert "Moisture meter" in listed
    assert "Worn 29 Jun 2004" in listed
    assert donor.client.get("/equipment/?as=excel").status_code == 200
    assert donor.client.get("/equipment/?state=held").status_code == 200
    assert donor.client.get(f"{address}check/").status_code == 403
