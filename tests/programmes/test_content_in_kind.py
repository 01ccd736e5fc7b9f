"""The shipped packages for stores, cotton markets, women's credit and work for clients, run by the engines."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jump.base import clock, outbox, packages
from jump.base.actors import Actor
from jump.core.money import Money
from jump.core.savings import BoxFact, BoxKind
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from jump.engines.parties import api as parties
from tests import makers

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2004, 3, 1)
_keys = itertools.count(1)


class Village:
    """A programme with one community, one group of villagers and the people who work it."""

    def __init__(self) -> None:
        clock.pin(date(2004, 6, 30))
        for folder in packages.in_order(["acopam", "labour_contracting"]):
            packages.install(makers.MAKER, folder)
        parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
        country = next(place for place in parties.places(makers.MAKER, kind="country") if place.code == "PH")
        community = parties.declare_place(
            makers.MAKER,
            parent_ref=country.ref,
            kind="community",
            name="Riverside",
            code="riverside",
            on=date(2002, 6, 1),
        )
        self.scope = "jump/asia/PH/riverside/"
        self.manager = makers.signed_in("fund_manager", "jump/asia/PH/")
        self.second = makers.signed_in("fund_manager", "jump/asia/PH/")
        self.national = makers.signed_in("national_coordinator", "jump/asia/PH/")
        self.partner = makers.signed_in("partner", "jump/asia/PH/")
        self.group = parties.register_group(
            makers.MAKER,
            scope=self.scope,
            name="Women of the river",
            kind="self_help_group",
            place_ref=community,
            on=date(2003, 1, 1),
        )
        self.people = [
            parties.register_person(
                makers.MAKER,
                scope=self.scope,
                given_name=name,
                family_name="Diallo",
                sex="female",
                birth_year=1970,
                place_ref=community,
                consents=("records",),
                on=date(2003, 1, 1),
            )
            for name in ("Awa", "Binta")
        ]

    def send(self, actor: Actor, form: str, answers: dict[str, Any]) -> Ref:
        sent = evidence.submit(actor, form=form, answers=answers, scope=self.scope, on=DAY, key=f"{form} {next(_keys)}")
        assert sent.state == "received"
        evidence.accept(self.national, ref=sent.ref)
        outbox.drain()
        return sent.ref


@pytest.fixture
def village(db: None) -> Village:
    return Village()


@pytest.mark.covers("LCC-04")
def test_an_accepted_muster_roll_of_the_field_becomes_an_invoice_and_a_wage_sheet(village: Village) -> None:
    contract = finance.open_client_contract(
        village.partner,
        product="labour_contracting.labour_contract",
        title="Clearing of the canal",
        work="Clear the canal",
        safety="Boots, gloves, first aid",
        cooperative_ref=village.group,
        client_ref=Ref("org-00000001"),
        scope=village.scope,
        currency="PHP",
        rates=[finance.TaskRate("clearing", finance.PayBasis.DAY, Money(400_00, "PHP"), Money(560_00, "PHP"))],
        floor_daily=Money(350_00, "PHP"),
        starts_on=date(2004, 1, 5),
        ends_on=date(2004, 12, 31),
        key="c",
    )
    points = [one.id for one in finance.client_contract(makers.MAKER, contract).checklist]
    finance.agree_checklist(village.partner, contract_ref=contract, agreed=dict.fromkeys(points, "agreed"))
    finance.sign_client_contract(village.manager, contract_ref=contract, on=date(2004, 1, 5))

    awa, binta = village.people
    line = {"task": "clearing", "hours": "8"}
    sent = village.send(
        village.partner,
        "labour_contracting.muster_roll",
        {
            "contract_ref": contract,
            "period_from": "2004-02-01",
            "period_to": "2004-02-29",
            "line": [
                {"worker_ref": awa, "worked_on": "2004-02-02", **line},
                {"worker_ref": binta, "worked_on": "2004-02-02", **line},
            ],
            "client_signed": "Somebody",
        },
    )

    assert outbox.failures(makers.MAKER) == []
    (roll,) = finance.musters(makers.MAKER, contract_ref=contract)
    assert (roll.state, roll.written_by, roll.accepted_by) == ("accepted", village.partner.key, village.national.key)
    assert roll.proof_ref == sent
    assert roll.pay_run_ref is not None
    assert roll.invoice_ref is not None
    sheet = finance.pay_run(makers.MAKER, roll.pay_run_ref)
    assert [(one.worker_ref, one.net) for one in sheet.lines] == [
        (one, Money(360_00, "PHP")) for one in sorted([awa, binta])
    ]
    assert finance.invoice(makers.MAKER, roll.invoice_ref).total == Money(1_254_40, "PHP")
    assert ledger.verify() == []


@pytest.mark.covers("ACOPAM-03")
def test_an_accepted_ticket_of_the_field_posts_weight_and_money(village: Village) -> None:
    market = finance.open_market(
        village.partner,
        product="acopam.self_managed_cotton_market",
        title="Market",
        owner_ref=village.group,
        company_ref=Ref("org-00000001"),
        scope=village.scope,
        currency="XOF",
        on=date(2004, 2, 20),
        key="m",
    )
    finance.check_scale(
        village.partner,
        market_ref=market,
        moment="start",
        known_minor=20_000,
        shown_minor=20_000,
        on=DAY,
        key="s",
    )
    answers = {
        "market_ref": market,
        "weighed_on": DAY.isoformat(),
        "serial": "0001",
        "grower_ref": village.people[0],
        "grade": "first",
        "gross": "82.5",
        "gross_second": "82.5",
        "tare": "2.5",
    }
    village.send(village.partner, "acopam.weighing_ticket", answers)

    (ticket,) = finance.tickets(makers.MAKER, market_ref=market)
    assert (ticket.state, ticket.net.major, ticket.value) == ("accepted", Decimal(80), Money(16_800, "XOF"))
    assert (ticket.weighed_by, ticket.accepted_by) == (village.partner.key, village.national.key)
    assert finance.market(makers.MAKER, market).owed_to_growers == Money(16_720, "XOF")
    assert ledger.verify() == []


@pytest.mark.covers("ACOPAM-01")
def test_grain_bought_is_prepared_by_the_form_and_booked_by_a_second_person(village: Village) -> None:
    store = finance.open_store(
        village.partner,
        product="acopam.village_cereal_bank",
        title="Store",
        owner_ref=village.group,
        scope=village.scope,
        currency="XOF",
        on=date(2004, 2, 20),
        key="s",
    )
    finance.contribute_to_store(
        village.manager, store_ref=store, on=date(2004, 2, 20), key="cash", cash=Money(50_000, "XOF")
    )
    village.send(
        village.partner,
        "acopam.store_receipt",
        {
            "store_ref": store,
            "bought_on": DAY.isoformat(),
            "quantity": "300.5",
            "price": "100",
            "extra": "500",
            "mark": "March",
            "quality": "dry",
        },
    )
    (move,) = finance.store_moves_waiting(makers.MAKER, store_ref=store)
    assert (move.prepared_by, move.amount, move.entry_ref) == (village.partner.key, Money(30_550, "XOF"), None)

    finance.approve_store_move(village.manager, move_ref=move.ref, on=DAY)
    view = finance.store(makers.MAKER, store)
    assert (view.stock.major, view.cash) == (Decimal("300.5"), Money(19_450, "XOF"))


def test_a_form_of_one_place_does_not_move_the_store_of_another(village: Village) -> None:
    parties_scope = "jump/asia/TH/"
    store = finance.open_store(
        makers.MAKER,
        product="acopam.village_cereal_bank",
        title="Far away",
        owner_ref=Ref("grp-FARAWAY0"),
        scope=parties_scope,
        currency="XOF",
        on=date(2004, 2, 20),
        key="far",
    )
    village.send(
        village.partner,
        "acopam.store_receipt",
        {"store_ref": store, "bought_on": DAY.isoformat(), "quantity": "1", "price": "1", "mark": "x"},
    )
    assert finance.store_moves(makers.MAKER, store_ref=store) == []
    assert [one.code for one in outbox.failures(makers.MAKER)] == ["base.not_found"]


@pytest.mark.covers("ACOPAM-04")
def test_a_womens_group_pools_savings_and_loans_with_the_products_of_the_package(village: Village) -> None:
    """Savings and loans of the box in one cycle, and a loan of the fund secured by the group's savings."""
    cycle = finance.open_cycle(
        village.partner,
        group_ref=village.group,
        scope=village.scope,
        share_value=Money(500, "XOF"),
        starts_on=date(2004, 1, 5),
        ends_on=date(2004, 12, 31),
        key="cycle",
    )
    awa, binta = (str(one) for one in village.people)
    meeting = finance.write_meeting(
        village.manager,
        cycle_ref=cycle,
        on=date(2004, 1, 12),
        facts=[
            BoxFact(date(2004, 1, 12), BoxKind.SHARES, awa, shares=5),
            BoxFact(date(2004, 1, 12), BoxKind.SHARES, binta, shares=3),
            BoxFact(date(2004, 1, 12), BoxKind.LENT, binta, amount_minor=3_000),
        ],
        key="m1",
    )
    view = finance.count_meeting(village.second, meeting_ref=meeting, counted=Money(1_000, "XOF"))
    assert (view.cash, view.owed) == (Money(1_000, "XOF"), {binta: Money(3_000, "XOF")})

    fund = finance.open_fund(
        makers.MAKER,
        owner_ref=Ref("org-00000001"),
        title="Women’s fund",
        currency="XOF",
        scope=village.scope,
        on=date(2004, 1, 5),
        rules=finance.FundRules({"reserve_share": Decimal("0")}),
        consulted=dict.fromkeys(finance.RULE_SEATS, "agreed in writing"),
    )
    finance.add_rate(
        makers.MAKER, given="USD", wanted="XOF", rate=Decimal(600), on=date(2002, 1, 1), source="Example bank"
    )
    finance.contribute(
        makers.MAKER,
        fund_ref=fund,
        amount=Money(1_000_000, "XOF"),
        source="donor",
        on=date(2004, 1, 6),
        key="seed",
    )
    savings = finance.open_savings(
        village.partner,
        product="acopam.women_savings",
        owner_ref=village.group,
        holder_ref=fund,
        scope=village.scope,
        currency="XOF",
        on=date(2004, 1, 12),
        key="sav",
    )
    finance.deposit(village.manager, account_ref=savings, amount=Money(60_000, "XOF"), on=date(2004, 1, 12), key="in")
    loan = finance.open_contract(
        village.national,
        product="acopam.women_credit",
        party_ref=village.group,
        amount=Money(200_000, "XOF"),
        scope=village.scope,
        purpose="petty trade",
        fund_ref=fund,
        on=DAY,
        key="loan",
    )
    tranche = finance.prepare_release(village.national, contract_ref=loan, number=1, on=DAY)
    with pytest.raises(finance.ConditionOpen):
        finance.approve_release(village.manager, tranche_ref=tranche, on=DAY, key="pay")
    for one in finance.contract(makers.MAKER, loan).conditions:
        finance.meet_condition(
            makers.MAKER,
            contract_ref=loan,
            condition=one.code,
            proof_ref=Ref("res-00000001"),
            decided_by=("user:901",),
            on=DAY,
        )
    finance.approve_release(village.manager, tranche_ref=tranche, on=DAY, key="pay")

    # A fifth of what is owed has to stay saved while the loan runs.
    account = finance.savings_account(makers.MAKER, savings)
    assert (account.balance, account.blocked, account.free) == tuple(
        Money(minor, "XOF") for minor in (60_000, 40_000, 20_000)
    )
    assert ledger.verify() == []


@pytest.mark.parametrize("package", ["acopam", "labour_contracting"])
def test_every_product_says_where_it_comes_from(package: str) -> None:
    from tests.programmes.test_content import load

    for name, product in load(f"{package}/products.yaml").items():
        assert product["provenance"] in {"P", "S", "D", "K", "R"}, name
        assert product["source"], name
        assert set(product["title"]) == {"en", "fr"}, name


@pytest.mark.covers("PPPCSR-03")
def test_hours_of_volunteers_come_by_a_form_of_the_partner_and_are_valued_at_the_declared_rate(
    village: Village,
) -> None:
    for folder in packages.in_order(["eps_return"]):
        packages.install(makers.MAKER, folder)
    budget = finance.declare_budget(makers.MAKER, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))
    finance.declare_in_kind_rate(
        makers.MAKER,
        budget_ref=budget,
        what="mentoring",
        unit="hour",
        rate=Money(12_50, "USD"),
        place="jump/",
        valid_from=date(2004, 1, 1),
        source="wage of a mentor",
    )
    pledge = finance.record_pledge(
        makers.MAKER,
        budget_ref=budget,
        party_ref=Ref("org-PARTNER0"),
        source="partners",
        kind="expertise",
        what="mentoring",
        unit="hour",
        quantity=Decimal(40),
        on=date(2004, 1, 10),
        key="promise",
    )
    answers = {
        "pledge_ref": pledge,
        "enterprise_ref": village.group,
        "worked_on": DAY.isoformat(),
        "volunteers": 2,
        "hours": "12.5",
        "work": "Taught how to keep a cash book",
    }

    village.send(village.partner, "eps_return.volunteer_log", answers)

    [promised] = finance.funding_pledges(makers.MAKER, budget_ref=budget)
    assert (promised.came_quantity, promised.came) == (Decimal("12.5"), Money(156_25, "USD"))
    [given] = finance.contributions(makers.MAKER, budget_ref=budget)
    assert given.proof_ref is not None
    assert given.proof_ref.kind == "sub"
    assert given.scope == village.scope
    assert finance.in_kind_total(makers.MAKER, as_of=date(2004, 6, 30), budget_ref=budget) == Money(156_25, "USD")
    assert ledger.verify() == []
