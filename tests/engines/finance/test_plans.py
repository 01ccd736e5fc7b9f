"""What is decided about a budget: the reading of overhead, the forecast, the provision, bridges until a donor pays."""

from __future__ import annotations

from datetime import date

import pytest

from jump.base import clock
from jump.core.budgets import ForecastBasis
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import COORDINATOR, NATIONAL, NEIGHBOUR, RIVERSIDE, SYSTEM, usd

ON = date(2003, 5, 2)
DECISION = Ref("res-00000001")


@pytest.fixture
def funded(budget: Ref) -> Ref:
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(100_000_000), on=date(2002, 1, 2), key="d1"
    )
    return budget


def cell(country: str = "PH", stage: str = "development", type: str = "cb", line: str = "") -> finance.CellView:
    return next(
        one
        for one in finance.cells(SYSTEM)
        if (one.country, one.stage, one.type, one.line) == (country, stage, type, line)
    )


def spend(amount: Money, key: str, on: date = ON) -> finance.SpendView:
    return finance.spend(
        NATIONAL,
        line="training",
        scope=RIVERSIDE,
        stage="development",
        type="cb",
        amount=amount,
        on=on,
        memo="Workshop",
        key=key,
    )


# --- the agency's thirteen percent --------------------------------------------------------------------------


def choose(base: str, key: str, on: date, why: str = "as the donor reads its agreement") -> None:
    finance.choose_support_base(COORDINATOR, base=base, why=why, on=on, key=key, decision_ref=DECISION)


@pytest.mark.covers("BUDGET-06")
def test_whoever_chooses_a_reading_of_thirteen_percent_stands_beside_it_with_the_reason(budget: Ref) -> None:
    total, direct = finance.support_cost_readings(SYSTEM, budget_ref=budget)
    assert total.choice is not None
    assert (total.choice.by, total.choice.on) == ("", None)  # the package's own reading: nobody chose yet

    choose("direct", "c1", date(2003, 1, 1))
    total, direct = finance.support_cost_readings(SYSTEM, budget_ref=budget)
    assert (total.chosen, direct.chosen) == (False, True)
    assert direct.choice == finance.SupportChoice(
        "direct", "as the donor reads its agreement", "user:1", date(2003, 1, 1), DECISION
    )
    assert (direct.support, direct.direct) == (usd(28_761_062), usd(221_238_938))
    assert finance.support_cost_readings(SYSTEM, as_of=date(2002, 12, 31))[0].chosen


def test_a_reading_is_chosen_with_a_reason_by_who_keeps_the_budget(budget: Ref) -> None:
    from jump.base.refusals import NotAllowed

    with pytest.raises(finance.DecisionMissing):
        choose("direct", "c1", ON, why="")
    with pytest.raises(finance.LineUnknown):
        choose("half", "c1", ON)
    with pytest.raises(NotAllowed):
        finance.choose_support_base(NATIONAL, base="direct", why="x", on=ON, key="c1")
    assert finance.support_cost_readings(SYSTEM)[0].chosen


# --- forecast -----------------------------------------------------------------------------------------------


def row(as_of: date = ON, **key: str) -> finance.ForecastRow:
    rows = finance.budget_forecast(SYSTEM, as_of=as_of, group_by=tuple(key))
    return next(one for one in rows if dict(one.key) == key)


@pytest.mark.covers("BUDGET-15")
def test_a_forecast_is_spend_commitments_and_what_is_still_planned_and_beside_it_the_run_rate(funded: Ref) -> None:
    """By 2 May 2003 487 of the 1,096 days are gone: 3,000 spent so far come to 6,751.54 at that pace."""
    spend(usd(300_000), "a")
    finance.reserve(
        SYSTEM, amount=usd(200_000), key="h", budget={"scope": RIVERSIDE, "stage": "development", "type": "cb"}
    )
    by_plan = row(country="PH", stage="development", type="cb")
    assert (by_plan.spent, by_plan.committed) == (usd(300_000), usd(200_000))
    assert (by_plan.still_planned, by_plan.forecast) == (usd(17_500_000), usd(18_000_000))
    assert by_plan.bases == (ForecastBasis.PLAN,)
    assert by_plan.run_rate == usd(675_154)

    finance.estimate_cell(NATIONAL, cell_ref=cell().ref, amount=usd(9_000_000), why="fewer workshops", on=ON, key="e1")
    by_estimate = row(country="PH", stage="development", type="cb")
    assert (by_estimate.still_planned, by_estimate.forecast) == (usd(9_000_000), usd(9_500_000))
    assert by_estimate.over == usd(-8_500_000)
    assert by_estimate.bases == (ForecastBasis.ESTIMATE,)

    spend(usd(1_000_000), "b", date(2003, 6, 1))
    later = row(date(2003, 6, 1), country="PH", stage="development", type="cb")
    assert (later.still_planned, later.forecast) == (usd(8_000_000), usd(9_500_000))


@pytest.mark.covers("BUDGET-15")
def test_every_grouping_of_a_forecast_comes_to_the_same_total(funded: Ref) -> None:
    spend(usd(300_000), "a")
    finance.estimate_cell(NATIONAL, cell_ref=cell().ref, amount=usd(1), why="done", on=ON, key="e1")
    for group_by in (("country",), ("stage", "type"), ("line",), ("country", "stage", "type", "line")):
        rows = finance.budget_forecast(SYSTEM, as_of=ON, group_by=group_by)
        assert sum(one.forecast.amount_minor for one in rows) == 252_000_000 - 18_000_000 + 300_001
        assert sum(one.plan.amount_minor for one in rows) == 252_000_000
    whole = finance.budget_forecast(SYSTEM, as_of=ON, group_by=())
    assert whole[0].bases == (ForecastBasis.PLAN, ForecastBasis.ESTIMATE)
    with pytest.raises(finance.LineUnknown):
        finance.budget_forecast(SYSTEM, as_of=ON, group_by=("source",))


def test_a_neighbour_estimates_nothing_and_sees_its_own_forecast_alone(funded: Ref) -> None:
    from jump.base.refusals import NotAllowed

    with pytest.raises(NotAllowed):
        finance.estimate_cell(NEIGHBOUR, cell_ref=cell().ref, amount=usd(1), why="x", on=ON, key="e1")
    assert {one.key["country"] for one in finance.budget_forecast(NEIGHBOUR, as_of=ON)} == {"TH"}


@pytest.mark.covers("BUDGET-15")
def test_what_a_decision_holds_stands_in_the_report_as_it_stands_in_the_cells(funded: Ref) -> None:
    finance.reserve(
        SYSTEM, amount=usd(200_000), key="h", budget={"scope": RIVERSIDE, "stage": "development", "type": "cb"}
    )
    rows = finance.budget_report(SYSTEM, as_of=ON, group_by=("country",))
    assert {one.key["country"]: one.committed for one in rows}["PH"] == usd(200_000) == cell().committed


# --- the provision for cost increase ------------------------------------------------------------------------


@pytest.fixture
def provision(funded: Ref) -> Ref:
    return finance.open_cell(
        COORDINATOR,
        budget_ref=funded,
        place="jump/",
        country="all",
        stage="development",
        type="cb",
        line="cost_increase",
        amount=usd(1_000_000),
        on=ON,
        why="provision",
        key="prov",
    )


def ask(provision: Ref, minor: int = 400_000, key: str = "p1", why: str = "fuel costs a third more") -> Ref:
    return finance.ask_provision(
        NATIONAL, provision_cell=provision, to_cell=cell().ref, amount=usd(minor), why=why, on=ON, key=key
    )


@pytest.mark.covers("BUDGET-07")
def test_the_provision_is_released_by_a_second_person_with_the_decision_it_rests_on(provision: Ref) -> None:
    use = ask(provision)
    assert ask(provision) == use
    assert (cell().plan, cell("all", line="cost_increase").plan) == (usd(18_000_000), usd(1_000_000))

    with pytest.raises(finance.DecisionMissing):
        finance.release_provision(COORDINATOR, use_ref=use, decision_ref=Ref(""), on=ON)
    finance.release_provision(COORDINATOR, use_ref=use, decision_ref=DECISION, on=ON)
    finance.release_provision(COORDINATOR, use_ref=use, decision_ref=DECISION, on=ON)
    assert (cell().plan, cell("all", line="cost_increase").plan) == (usd(18_400_000), usd(600_000))
    assert finance.budget(SYSTEM).total == usd(253_000_000)
    (seen,) = finance.provision_uses(SYSTEM)
    assert (seen.state, seen.asked_by, seen.decided_by, seen.decision_ref) == (
        "released",
        "user:2",
        "user:1",
        DECISION,
    )


@pytest.mark.covers("BUDGET-07")
def test_nobody_releases_what_they_asked_for_themselves(provision: Ref) -> None:
    use = finance.ask_provision(
        SYSTEM, provision_cell=provision, to_cell=cell().ref, amount=usd(5), why="fuel", on=ON, key="own"
    )
    with pytest.raises(finance.SamePerson):
        finance.release_provision(SYSTEM, use_ref=use, decision_ref=DECISION, on=ON)
    assert cell().plan == usd(18_000_000)


@pytest.mark.covers("BUDGET-07")
def test_the_provision_is_held_nothing_is_spent_or_moved_out_of_it_directly(provision: Ref) -> None:
    with pytest.raises(finance.ProvisionHeld):
        finance.spend(
            SYSTEM,
            line="cost_increase",
            scope="jump/",
            stage="development",
            type="cb",
            amount=usd(1),
            on=ON,
            memo="x",
            key="x",
        )
    with pytest.raises(finance.ProvisionHeld):
        finance.move_budget(
            COORDINATOR, from_cell=provision, to_cell=cell().ref, amount=usd(1), why="fuel", on=ON, key="m"
        )
    with pytest.raises(finance.BudgetShort):
        ask(provision, 1_000_001)
    with pytest.raises(finance.DecisionMissing):
        ask(provision, 1, why="")
    with pytest.raises(finance.LineUnknown):
        finance.ask_provision(
            NATIONAL, provision_cell=cell().ref, to_cell=cell().ref, amount=usd(1), why="x", on=ON, key="y"
        )
    assert (cell("all", line="cost_increase").plan, finance.count_spends(SYSTEM)) == (usd(1_000_000), 0)
    assert finance.provision_uses(SYSTEM) == []


def test_what_is_refused_stays_on_record_and_moves_nothing(provision: Ref) -> None:
    use = ask(provision)
    finance.refuse_provision(COORDINATOR, use_ref=use, why="costs fell again", on=ON)
    with pytest.raises(finance.WrongState):
        finance.release_provision(COORDINATOR, use_ref=use, decision_ref=DECISION, on=ON)
    assert cell("all", line="cost_increase").plan == usd(1_000_000)
    assert [one.state for one in finance.provision_uses(SYSTEM, state="dropped")] == ["dropped"]


# --- bridges ------------------------------------------------------------------------------------------------


def open_bridge(ends_on: date = date(2003, 6, 30), key: str = "b1", monthly: int = 120_000) -> Ref:
    return finance.open_bridge(
        COORDINATOR,
        post_ref=Ref("pst-00000001"),
        title="Marketing adviser",
        scope=RIVERSIDE,
        stage="development",
        type="cb",
        line="national_professionals",
        monthly=usd(monthly),
        starts_on=date(2003, 3, 1),
        ends_on=ends_on,
        why="the other donor decides in July",
        key=key,
    )


def pay(bridge: Ref, month: date, on: date = ON) -> finance.SpendView:
    return finance.pay_bridge(NATIONAL, bridge_ref=bridge, month=month, on=on)


@pytest.mark.covers("BUDGET-13")
def test_a_bridge_pays_a_professional_month_by_month_until_its_last_day(funded: Ref) -> None:
    bridge = open_bridge()
    assert (cell().committed, cell().spent) == (usd(480_000), usd(0))

    paid = pay(bridge, date(2003, 3, 15))
    assert (paid.line, paid.source, paid.amount) == ("national_professionals", "primary_donor", usd(120_000))
    assert (cell().committed, cell().spent) == (usd(360_000), usd(120_000))
    with pytest.raises(finance.MonthPaid):
        pay(bridge, date(2003, 3, 1))
    with pytest.raises(finance.BridgeOver):
        pay(bridge, date(2003, 7, 1))
    assert finance.count_spends(SYSTEM) == 1
    (seen,) = finance.bridges(SYSTEM, as_of=ON)
    assert (seen.months, seen.months_paid, seen.still_to_pay) == (4, 1, usd(360_000))
    assert (seen.ends_on, seen.next_month, seen.replaced_by) == (date(2003, 6, 30), date(2003, 4, 1), "")
    by_line = {one.key["line"]: one for one in finance.budget_report(SYSTEM, as_of=ON, group_by=("line",))}
    assert by_line["national_professionals"].committed == usd(360_000)


@pytest.mark.covers("BUDGET-13")
def test_when_another_donor_is_found_the_bridge_ends_and_what_it_held_is_free(funded: Ref) -> None:
    bridge = open_bridge()
    pay(bridge, date(2003, 3, 1))
    with pytest.raises(finance.LineUnknown):
        finance.replace_bridge(COORDINATOR, bridge_ref=bridge, source="other_donor", on=date(2003, 5, 1))
    finance.record_source(
        COORDINATOR,
        budget_ref=funded,
        code="other_donor",
        title="Other donor",
        pledged=usd(1_000_000),
        starts_on=date(2003, 5, 1),
        ends_on=date(2004, 12, 31),
        place="jump/asia/PH/",
    )
    with pytest.raises(finance.BridgeOver):  # March is paid
        finance.replace_bridge(COORDINATOR, bridge_ref=bridge, source="other_donor", on=date(2003, 3, 31))
    finance.replace_bridge(COORDINATOR, bridge_ref=bridge, source="other_donor", on=date(2003, 5, 1))

    seen = finance.bridge(SYSTEM, bridge, as_of=ON)
    assert (seen.replaced_by, seen.replaced_on, seen.months) == ("other_donor", date(2003, 5, 1), 2)
    assert cell().committed == usd(120_000)  # April alone
    pay(bridge, date(2003, 4, 1))
    with pytest.raises(finance.BridgeOver):
        pay(bridge, date(2003, 5, 1))
    assert finance.bridge(SYSTEM, bridge, as_of=ON).is_over
    assert ledger.verify() == []


@pytest.mark.covers("BUDGET-13")
def test_a_bridge_needs_the_money_and_a_reason_and_is_extended_with_both(funded: Ref) -> None:
    with pytest.raises(finance.BudgetShort):
        open_bridge(monthly=4_500_001)
    bridge = open_bridge(monthly=4_500_000)
    assert cell().free == usd(0)
    with pytest.raises(finance.BudgetShort):
        finance.extend_bridge(COORDINATOR, bridge_ref=bridge, ends_on=date(2003, 7, 31), why="not decided yet")
    with pytest.raises(finance.DecisionMissing):
        finance.extend_bridge(COORDINATOR, bridge_ref=bridge, ends_on=date(2003, 7, 31), why="")
    assert finance.bridge(SYSTEM, bridge, as_of=clock.today()).ends_on == date(2003, 6, 30)
    pay(bridge, date(2003, 3, 1))
    assert cell().free == usd(0)
