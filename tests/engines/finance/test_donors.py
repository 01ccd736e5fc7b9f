"""Several donors under one umbrella: what each promised, what came, and what it was used for, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jump.base.refusals import NotAllowed, NotFound
from jump.core.budgets import Rule
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DONOR,
    MANAGER,
    MILLERS,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SYSTEM,
    FundMaker,
    php,
    usd,
)

START, ON, END = date(2003, 1, 15), date(2003, 5, 2), date(2003, 12, 31)
BANK, BAKERY = Ref("org-BANK0000"), Ref("org-BAKERY00")


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


@pytest.fixture
def umbrella(budget: Ref) -> Ref:
    """A source that several donors share; the stage rules call it another donor."""
    finance.record_source(
        COORDINATOR,
        budget_ref=budget,
        code="partners",
        title="Private partners",
        pledged=usd(10_000_000),
        starts_on=date(2003, 1, 1),
        ends_on=date(2004, 12, 31),
        place="jump/",
        kind="other_donor",
    )
    return budget


def promise(budget: Ref, party: Ref, amount: Money, key: str, **more: object) -> Ref:
    return finance.record_pledge(
        COORDINATOR,
        budget_ref=budget,
        party_ref=party,
        source="partners",
        amount=amount,
        on=START,
        key=key,
        **more,  # type: ignore[arg-type]
    )


def come(budget: Ref, pledge: Ref, amount: Money, key: str, on: date = START, given: Money | None = None) -> Ref:
    return finance.receive(
        COORDINATOR,
        budget_ref=budget,
        source="partners",
        amount=amount,
        given=given,
        on=on,
        key=key,
        pledge_ref=pledge,
    )


def spend(minor: int, key: str, on: date = ON, **more: object) -> finance.SpendView:
    asked: dict[str, object] = {"line": "training", "scope": RIVERSIDE, "stage": "development", "type": "cb", **more}
    return finance.spend(NATIONAL, amount=usd(minor), on=on, memo="Course", key=key, source="partners", **asked)  # type: ignore[arg-type]


def told(budget: Ref, pledge: Ref | None = None, as_of: date = END) -> finance.DonorStatement:
    return finance.donor_statement(SYSTEM, as_of=as_of, pledge_ref=pledge, source="partners", budget_ref=budget)


@pytest.mark.covers("SEEDFUND-11", "BUDGET-15")
def test_what_is_spent_of_an_umbrella_is_shared_among_its_donors_to_the_cent(umbrella: Ref) -> None:
    bank, bakery = promise(umbrella, BANK, usd(200_000), "p1"), promise(umbrella, BAKERY, usd(100_000), "p2")
    come(umbrella, bank, usd(200_000), "c1")
    come(umbrella, bakery, usd(100_000), "c2")
    spend(100_000, "s1")
    spend(50_001, "s2", date(2003, 6, 1))

    first, second, whole = told(umbrella, bank), told(umbrella, bakery), told(umbrella)
    assert [line.part for line in first.lines] == [usd(66_667), usd(33_334)]
    assert [line.part for line in second.lines] == [usd(33_333), usd(16_667)]
    for one, two, both in zip(first.lines, second.lines, whole.lines, strict=True):
        assert one.part + two.part == both.part == both.whole
    assert (first.received, first.used, first.left) == (usd(200_000), usd(100_001), usd(99_999))
    assert (whole.donors, whole.rule, whole.uncovered) == (2, "proportional", usd(0))
    assert whole.left == usd(149_999)
    held = ledger.balances(finance.budget(SYSTEM).book_ref)["bank:partners"]
    assert held == first.left.amount_minor + second.left.amount_minor == 149_999


@pytest.mark.covers("SEEDFUND-11")
def test_an_earmark_is_respected_whatever_is_spent(umbrella: Ref) -> None:
    asia = promise(umbrella, BANK, usd(100_000), "p1", earmark={"place": "jump/asia/", "line": "equipment"})
    free = promise(umbrella, BAKERY, usd(100_000), "p2")
    come(umbrella, asia, usd(100_000), "c1")
    come(umbrella, free, usd(100_000), "c2")
    spend(60_000, "s1")
    spend(30_000, "s2", line="equipment")

    assert [(line.labels["line"], line.part) for line in told(umbrella, asia).lines] == [("equipment", usd(30_000))]
    assert [(line.labels["line"], line.part) for line in told(umbrella, free).lines] == [("training", usd(60_000))]
    spend(50_000, "s3", date(2003, 6, 1))
    assert told(umbrella).uncovered == usd(10_000)  # said, and charged to nobody's earmark
    assert told(umbrella, asia).used == usd(30_000)
    with pytest.raises(finance.LineUnknown):
        promise(umbrella, BANK, usd(1), "p3", earmark={"colour": "blue"})
    with pytest.raises(finance.LineUnknown):
        promise(umbrella, BANK, usd(1), "p3", earmark={"line": "entertainment"})


@pytest.mark.covers("SEEDFUND-11")
def test_the_declared_rule_decides_and_stands_on_the_statement(umbrella: Ref) -> None:
    bank, bakery = promise(umbrella, BANK, usd(50_000), "p1"), promise(umbrella, BAKERY, usd(100_000), "p2")
    come(umbrella, bank, usd(50_000), "c1")
    come(umbrella, bakery, usd(100_000), "c2", date(2003, 2, 1))
    spend(60_000, "s1")
    finance.record_source(
        COORDINATOR,
        budget_ref=umbrella,
        code="partners",
        title="Private partners",
        pledged=usd(10_000_000),
        starts_on=date(2003, 1, 1),
        ends_on=date(2004, 12, 31),
        place="jump/",
        kind="other_donor",
        allocation=Rule.FIRST_IN,
    )
    assert (told(umbrella, bank).used, told(umbrella, bakery).used) == (usd(50_000), usd(10_000))
    assert told(umbrella, bank).rule == "first_in"


@pytest.mark.covers("SEEDFUND-11", "SEEDFUND-08")
def test_a_refund_is_given_back_to_the_donors_who_had_paid(maker: FundMaker, umbrella: Ref) -> None:
    bank, bakery = promise(umbrella, BANK, usd(60_000), "p1"), promise(umbrella, BAKERY, usd(30_000), "p2")
    come(umbrella, bank, usd(60_000), "c1")
    come(umbrella, bakery, usd(30_000), "c2")
    grant = finance.open_contract(
        NATIONAL,
        product="seed_fund.seed_grant",
        party_ref=MILLERS,
        amount=usd(90_000),
        scope=RIVERSIDE,
        purpose="stall",
        budget={"stage": "development", "source": "partners"},
        on=ON,
        key="g",
    )
    for code in ("award", "agreement", "ownership"):
        finance.meet_condition(
            NATIONAL, contract_ref=grant, condition=code, proof_ref=Ref("sub-00000001"), decided_by=("user:9",), on=ON
        )
    tranche = finance.prepare_release(NATIONAL, contract_ref=grant, number=1, on=ON)
    finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)
    finance.refund_grant(
        NATIONAL, contract_ref=grant, amount=usd(9_000), on=date(2003, 7, 1), receipt="7", why="cheaper", key="b"
    )
    assert [line.part for line in told(umbrella, bank).lines] == [usd(30_000), usd(-6_000)]
    assert [line.part for line in told(umbrella, bakery).lines] == [usd(15_000), usd(-3_000)]
    assert told(umbrella, bank).left == usd(36_000)
    assert {line.contract_ref for line in told(umbrella, bank).lines} == {grant}


@pytest.mark.covers("BUDGET-14", "SEEDFUND-11")
def test_a_donor_is_told_in_its_own_currency_with_the_rates_and_the_exchange_difference(umbrella: Ref) -> None:
    """EUR 1,000.00 came as USD 1,100.00; 550.00 used at 0.95, 550.00 left at 0.80: 522.50 + 440.00 + 37.50."""
    for on, rate in ((START, "0.909"), (date(2003, 4, 1), "0.95"), (date(2003, 12, 1), "0.80")):
        finance.add_rate(SYSTEM, given="USD", wanted="EUR", on=on, rate=Decimal(rate), source="central bank")
    bank = promise(umbrella, BANK, eur(100_000), "p1")
    come(umbrella, bank, usd(110_000), "c1", given=eur(100_000))
    spend(55_000, "s1")

    seen = told(umbrella, bank)
    assert (seen.received, seen.given_received) == (usd(110_000), eur(100_000))
    (line,) = seen.lines
    assert (line.part, line.rate, line.given_part) == (usd(55_000), Decimal("0.95"), eur(52_250))
    assert (seen.given_used, seen.given_left, seen.left_rate) == (eur(52_250), eur(44_000), Decimal("0.8"))
    assert seen.exchange == eur(3_750)
    assert seen.given_used + seen.given_left + seen.exchange == seen.given_received


def test_without_a_recorded_rate_the_rate_at_which_the_money_came_in_is_used(umbrella: Ref) -> None:
    finance.add_rate(SYSTEM, given="EUR", wanted="USD", on=START, rate=Decimal("1.1"), source="agreement")
    bank = promise(umbrella, BANK, eur(100_000), "p1")
    come(umbrella, bank, usd(110_000), "c1", given=eur(100_000))
    spend(55_000, "s1")
    seen = told(umbrella, bank)
    assert (seen.given_used, seen.given_left, seen.exchange) == (eur(50_000), eur(50_000), eur(0))


def test_no_more_comes_in_under_a_promise_than_was_promised_and_once_each(umbrella: Ref) -> None:
    bank = promise(umbrella, BANK, usd(200_000), "p1")
    entry = come(umbrella, bank, usd(150_000), "c1")
    assert come(umbrella, bank, usd(150_000), "c1") == entry
    with pytest.raises(finance.KeyReused):
        come(umbrella, bank, usd(150_001), "c1")
    with pytest.raises(finance.MoreThanPledged) as refusal:
        come(umbrella, bank, usd(50_001), "c2")
    assert refusal.value.facts["open_minor"] == 50_000
    with pytest.raises(finance.PledgeNotThis):
        finance.receive(
            COORDINATOR,
            budget_ref=umbrella,
            source="primary_donor",
            amount=usd(1),
            on=START,
            key="c3",
            pledge_ref=bank,
        )
    seen = finance.funding_pledge(SYSTEM, bank)
    assert (seen.pledged, seen.came, seen.still_open) == (usd(200_000), usd(150_000), usd(50_000))
    assert ledger.balances(finance.budget(SYSTEM).book_ref)["bank:partners"] == 150_000


@pytest.mark.covers("BUDGET-04")
def test_an_umbrella_of_other_donors_pays_no_preparation_and_no_pilot(umbrella: Ref) -> None:
    bank = promise(umbrella, BANK, usd(200_000), "p1")
    come(umbrella, bank, usd(200_000), "c1")
    with pytest.raises(finance.SourceNotAllowed):
        spend(1_000, "s1", stage="pilot")
    assert spend(1_000, "s2").source == "partners"
    with pytest.raises(finance.LineUnknown):
        finance.record_source(
            COORDINATOR,
            budget_ref=umbrella,
            code="x",
            title="x",
            pledged=usd(1),
            starts_on=START,
            ends_on=END,
            place="jump/",
            kind="somebody",
        )


def test_who_sees_a_part_of_the_budget_only_is_told_nothing_of_its_donors(umbrella: Ref) -> None:
    bank = promise(umbrella, BANK, usd(200_000), "p1")
    come(umbrella, bank, usd(200_000), "c1")
    for query in (
        lambda: finance.donor_statement(NEIGHBOUR, as_of=END, source="partners"),
        lambda: finance.funding_pledge(NATIONAL, bank),
    ):
        with pytest.raises(NotFound):
            query()
    assert finance.funding_pledges(NATIONAL) == []
    assert finance.donor_statement(DONOR, as_of=END, pledge_ref=bank).received == usd(200_000)
    with pytest.raises(NotAllowed):
        finance.record_pledge(
            DONOR, budget_ref=umbrella, party_ref=BANK, source="partners", amount=usd(1), on=START, key="x"
        )


@pytest.mark.covers("SEEDFUND-11")
def test_a_fund_of_grants_tells_each_contributor_what_its_money_was_used_for(maker: FundMaker) -> None:
    """A bank gives PHP 6,000, a bakery 3,000 for start-ups alone; tranches of 4,500 go out, 500 come back."""
    fund = finance.open_fund(
        SYSTEM,
        owner_ref=Ref("org-00000001"),
        title="Seed fund",
        currency="PHP",
        scope="jump/asia/PH/",
        on=date(2003, 1, 10),
    )
    gifts = {}
    for party, amount, earmark in ((BANK, 600_000, {}), (BAKERY, 300_000, {"use": "start_up"})):
        gifts[party] = finance.pledge_matching(
            SYSTEM,
            fund_ref=fund,
            party_ref=party,
            source="partner",
            amount=php(amount),
            on=START,
            key=f"p{party}",
            earmark=earmark,
        )
        finance.receive_matching(SYSTEM, pledge_ref=gifts[party], amount=php(amount), on=START, key=f"c{party}")

    def grant(use: str, amount: int, key: str) -> Ref:
        ref = finance.open_contract(
            NATIONAL,
            product="seed_fund.seed_grant",
            party_ref=MILLERS,
            amount=php(amount),
            scope=RIVERSIDE,
            purpose=use,
            fund_ref=fund,
            terms={"uses": [use]},
            on=ON,
            key=key,
        )
        for code in ("award", "agreement", "ownership"):
            finance.meet_condition(
                NATIONAL, contract_ref=ref, condition=code, proof_ref=Ref("sub-00000001"), decided_by=("u",), on=ON
            )
        tranche = finance.prepare_release(NATIONAL, contract_ref=ref, number=1, on=ON)
        finance.approve_release(MANAGER, tranche_ref=tranche, on=ON)
        return ref

    grant("training", 400_000, "g1")
    stall = grant("start_up", 500_000, "g2")
    finance.refund_grant(
        NATIONAL, contract_ref=stall, amount=php(50_000), on=date(2003, 6, 1), receipt="1", why="cheaper", key="b"
    )

    def of(party: Ref) -> finance.DonorStatement:
        return finance.donor_statement(SYSTEM, as_of=END, pledge_ref=gifts[party], fund_ref=fund)

    assert [line.part for line in of(BANK).lines] == [php(200_000)]
    assert [line.part for line in of(BAKERY).lines] == [php(250_000), php(-50_000)]
    assert (of(BANK).left, of(BAKERY).left) == (php(400_000), php(100_000))
    assert finance.fund(SYSTEM, fund).cash == of(BANK).left + of(BAKERY).left


# --- in kind ------------------------------------------------------------------------------------------------


@pytest.fixture
def rates(umbrella: Ref) -> Ref:
    for on, minor in ((date(2003, 1, 1), 250), (date(2003, 7, 1), 300)):
        finance.declare_in_kind_rate(
            COORDINATOR,
            budget_ref=umbrella,
            what="mentoring",
            unit="hour",
            rate=usd(minor),
            place="jump/",
            valid_from=on,
            source="wage of a foreman, labour office",
        )
    return umbrella


def give(quantity: str, key: str, on: date = ON, **more: object) -> Money:
    asked: dict[str, object] = {"what": "mentoring", "unit": "hour", "kind": "expertise", **more}
    return finance.record_in_kind(
        NATIONAL,
        source="partners",
        quantity=Decimal(quantity),
        scope=RIVERSIDE,
        stage="development",
        line="training",
        on=on,
        key=key,
        **asked,  # type: ignore[arg-type]
    )


@pytest.mark.covers("PPPCSR-03", "BUDGET-12")
def test_volunteer_hours_are_ledger_lines_in_hours_valued_at_the_rate_of_their_day(rates: Ref) -> None:
    assert give("12.5", "v1") == usd(3_125)
    assert give("4", "v2", date(2003, 7, 1)) == usd(1_200)
    assert give("4", "v2", date(2003, 7, 1)) == usd(1_200)
    held = {one.code: (one.unit, one.balance_minor) for one in ledger.trial_balance(finance.budget(SYSTEM).book_ref)}
    assert held["expense:in_kind:hour"] == ("hour", 1_650)
    assert held["income:in_kind:partners:hour"] == ("hour", -1_650)
    assert held["expense:in_kind"] == ("USD", 4_325)
    (later, first) = finance.contributions(SYSTEM, in_kind=True)
    assert (first.quantity, first.unit, first.unit_rate, first.amount) == (
        Decimal("12.5"),
        "hour",
        usd(250),
        usd(3_125),
    )
    assert later.unit_rate == usd(300)
    assert ledger.verify() == []


@pytest.mark.covers("BUDGET-11", "BUDGET-12", "PPPCSR-03")
def test_what_is_given_in_kind_is_shown_beside_cash_and_never_in_it(rates: Ref) -> None:
    give("100", "v1")
    assert finance.in_kind_total(SYSTEM, as_of=END) == usd(25_000)
    assert finance.count_contributions(SYSTEM, in_kind=False) == 0
    assert {one.received for one in finance.sources(SYSTEM, budget_ref=rates)} == {usd(0)}
    assert {one.spent for one in finance.budget_report(SYSTEM, as_of=END)} == {usd(0)}
    assert finance.count_spends(SYSTEM) == 0
    with pytest.raises(finance.FundShort):
        spend(1, "s1")


@pytest.mark.covers("BUDGET-11", "BUDGET-12")
def test_nothing_is_valued_without_a_declared_rate_and_land_by_agreed_value(rates: Ref) -> None:
    for more in ({"what": "office"}, {"unit": "month"}, {"on": date(2002, 12, 31)}):
        with pytest.raises(finance.NoInKindRate):
            give("1", "v1", **more)  # type: ignore[arg-type]
    with pytest.raises(ledger.UnitUnknown):
        give("1", "v1", unit="smile", rate=usd(1))
    with pytest.raises(ledger.TooManyDecimals):
        give("1.001", "v1")
    with pytest.raises(finance.AmountNotPositive):
        give("0", "v1")
    assert finance.count_contributions(SYSTEM) == 0
    assert give("1.5", "v2", what="land", unit="hectare", kind="land", rate=usd(80_000)) == usd(120_000)


@pytest.mark.covers("BUDGET-11")
def test_the_rate_of_the_nearest_place_holds_and_a_recorded_day_is_not_changed(rates: Ref) -> None:
    def declare(minor: int) -> None:
        finance.declare_in_kind_rate(
            COORDINATOR,
            budget_ref=rates,
            what="mentoring",
            unit="hour",
            rate=php(minor),
            place="jump/asia/PH/",
            valid_from=date(2003, 5, 1),
            source="labour office",
        )

    finance.add_rate(SYSTEM, given="USD", wanted="PHP", on=date(2003, 1, 1), rate=Decimal("50"), source="bank")
    declare(10_000)
    declare(10_000)
    with pytest.raises(finance.KeyReused):
        declare(10_001)
    assert give("3", "v1") == usd(600)
    assert give("3", "v0", date(2003, 4, 30)) == usd(750)
    assert len(finance.in_kind_rates(SYSTEM)) == 3


@pytest.mark.covers("PPPCSR-01")
def test_pledges_in_money_facilities_and_expertise_stand_against_what_came(rates: Ref) -> None:
    finance.declare_in_kind_rate(
        COORDINATOR,
        budget_ref=rates,
        what="workshop_room",
        unit="month",
        rate=usd(20_000),
        place="jump/",
        valid_from=date(2003, 1, 1),
        source="rent of the quarter",
    )
    money = promise(rates, BANK, usd(500_000), "p1")
    room = promise(rates, BANK, None, "p2", kind="facilities", what="workshop_room", unit="month", quantity=Decimal(6))  # type: ignore[arg-type]
    hours = promise(rates, BANK, None, "p3", kind="expertise", what="mentoring", unit="hour", quantity=Decimal(40))  # type: ignore[arg-type]
    come(rates, money, usd(300_000), "c1")
    give("3", "g1", what="workshop_room", unit="month", kind="facilities", pledge_ref=room)
    give("25", "g2", pledge_ref=hours)
    give("25", "g3", date(2003, 8, 1), pledge_ref=hours)

    seen = {one.kind.value: one for one in finance.funding_pledges(SYSTEM, party_ref=BANK)}
    assert (seen["money"].pledged, seen["money"].came, seen["money"].still_open) == (
        usd(500_000),
        usd(300_000),
        usd(200_000),
    )
    assert (seen["facilities"].quantity, seen["facilities"].came_quantity) == (Decimal(6), Decimal(3))
    assert (seen["facilities"].pledged, seen["facilities"].came) == (usd(120_000), usd(60_000))
    assert (seen["expertise"].quantity, seen["expertise"].came_quantity) == (Decimal(40), Decimal(50))
    assert (seen["expertise"].pledged, seen["expertise"].came) == (usd(10_000), usd(6_250 + 7_500))
    assert seen["expertise"].still_open == usd(0)
    statement = finance.donor_statement(SYSTEM, as_of=END, pledge_ref=money)
    assert (statement.received, statement.in_kind) == (usd(300_000), usd(60_000 + 13_750))
    with pytest.raises(finance.PledgeNotThis):
        give("1", "g4", pledge_ref=room)
    with pytest.raises(finance.PledgeNotThis):
        come(rates, hours, usd(1), "c2")
