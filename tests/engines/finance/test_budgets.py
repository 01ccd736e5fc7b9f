"""The programme's budget table, what is checked of it, and what is spent under it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jump.base.actors import Actor
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import COORDINATOR, NATIONAL, RIVERSIDE, SYSTEM, FundMaker, usd

ON = date(2003, 5, 2)
PH = "jump/asia/PH/"


@pytest.fixture
def funded(budget: Ref) -> Ref:
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(100_000_000), on=date(2002, 1, 2), key="d1"
    )
    return budget


def spend(
    amount: Money = usd(100_000),  # noqa: B008  # frozen
    *,
    key: str = "s1",
    who: Actor = NATIONAL,
    **given: object,
) -> finance.SpendView:
    asked: dict[str, object] = {
        "line": "training",
        "scope": RIVERSIDE,
        "stage": "pilot",
        "type": "cb",
        "on": ON,
        "memo": "Workshop A",
        "activity": "o7_a1",
        **given,
    }
    return finance.spend(who, amount=amount, key=key, **asked)  # type: ignore[arg-type]


@pytest.mark.covers("BUDGET-01")
def test_totals_are_computed_from_the_cells_of_the_printed_table(budget: Ref) -> None:
    seen = finance.budget(SYSTEM, budget)
    assert len(seen.cells) == 38
    assert seen.total == usd(252_000_000)

    rows = finance.budget_report(SYSTEM, as_of=ON, group_by=("stage", "type"))
    assert {(row.key["stage"], row.key["type"]): row.plan.amount_minor for row in rows} == {
        ("preparatory_pilot", "cb"): 20_500_000,
        ("preparatory_pilot", "rlf"): 9_000_000,
        ("development", "cb"): 168_500_000,
        ("development", "rlf"): 54_000_000,
    }
    by_country = finance.budget_report(SYSTEM, as_of=ON, group_by=("country",))
    plans = {row.key["country"]: row.plan.amount_minor for row in by_country}
    assert plans["TH"] == plans["NI"] == 27_000_000
    assert plans["all"] == 9_000_000
    assert len(plans) == 10


@pytest.mark.covers("BUDGET-01")
def test_the_printed_total_that_is_wrong_is_reported_and_not_mended(budget: Ref) -> None:
    """Printed 1,620,000 leaves out the regional 65,000; the other three totals agree."""
    (found,) = finance.discrepancies(SYSTEM, budget_ref=budget)
    assert found.what == {"stage": "development", "type": "cb"}
    assert (found.printed, found.computed, found.difference) == (
        usd(162_000_000),
        usd(168_500_000),
        usd(-6_500_000),
    )


@pytest.mark.covers("BUDGET-02")
def test_the_split_of_75_12_13_is_checked_against_pledge_and_cells(budget: Ref) -> None:
    check = finance.check_split(SYSTEM, budget_ref=budget)
    assert check.sums_to_100
    assert [(one.part, one.of_whole.amount_minor, one.in_cells.amount_minor) for one in check.shares] == [
        ("cb", 187_500_000, 189_000_000),
        ("rlf", 30_000_000, 63_000_000),
        ("agency", 32_500_000, 0),
    ]


@pytest.mark.covers("BUDGET-06")
def test_both_readings_of_thirteen_percent_are_given_and_one_is_chosen(budget: Ref) -> None:
    """325,000 of 2,500,000; or 287,610.62 on top of 2,212,389.38."""
    total, direct = finance.support_cost_readings(SYSTEM, budget_ref=budget)
    assert (total.support, total.direct, total.chosen) == (usd(32_500_000), usd(217_500_000), True)
    assert (direct.support, direct.direct, direct.chosen) == (usd(28_761_062), usd(221_238_938), False)


@pytest.mark.covers("BUDGET-05", "BUDGET-08")
def test_the_thirteen_donor_input_lines_are_the_chart_of_lines(budget: Ref) -> None:
    lines = finance.budget(SYSTEM, budget).lines
    assert [line.number for line in lines] == list(range(1, 14))
    assert {line.number: line.id for line in lines}[3] == "evaluation"
    with pytest.raises(finance.LineUnknown):
        spend(line="entertainment")


@pytest.mark.covers("BUDGET-08")
def test_evaluation_is_planned_on_its_own_line(budget: Ref) -> None:
    finance.open_cell(
        COORDINATOR,
        budget_ref=budget,
        place="jump/",
        country="all",
        stage="development",
        type="cb",
        line="evaluation",
        amount=usd(4_000_000),
        on=ON,
        why="mid-term and terminal evaluation",
        key="eval",
    )
    rows = finance.budget_report(SYSTEM, as_of=ON, group_by=("line",))
    assert {row.key["line"]: row.plan for row in rows}["evaluation"] == usd(4_000_000)


@pytest.mark.covers("BUDGET-04")
def test_preparation_and_pilot_are_paid_by_the_primary_donor_alone(funded: Ref) -> None:
    finance.receive(
        COORDINATOR, budget_ref=funded, source="other_donor", amount=usd(1_000_000), on=date(2002, 1, 2), key="d2"
    )
    with pytest.raises(finance.SourceNotAllowed) as refusal:
        spend(source="other_donor")
    assert refusal.value.facts == {"stage": "pilot", "source": "other_donor", "allowed": "primary_donor"}
    assert finance.count_spends(SYSTEM) == 0

    assert spend(source="other_donor", stage="development").source == "other_donor"
    assert spend(key="s2").source == "primary_donor"


@pytest.mark.covers("BUDGET-03")
@pytest.mark.parametrize(("type", "category"), [("cb", "loan_capital"), ("rlf", "salaries")])
def test_each_type_of_money_has_categories_it_may_not_buy(funded: Ref, type: str, category: str) -> None:
    with pytest.raises(finance.CategoryBlocked) as refusal:
        spend(type=type, category=category)
    assert refusal.value.facts == {"type": type, "category": category}
    assert finance.count_spends(SYSTEM) == 0


@pytest.mark.covers("BUDGET-15")
def test_spend_stands_beside_plan_by_line_country_stage_activity_and_source(funded: Ref) -> None:
    spend(usd(100_000), key="a")
    spend(usd(50_000), key="b", line="travel", activity="o8_a2")
    spend(usd(25_000), key="c", who=SYSTEM, scope="jump/africa/KE/", stage="development")

    rows = finance.budget_report(SYSTEM, as_of=ON, group_by=("country", "stage"))
    found = {(row.key["country"], row.key["stage"]): row for row in rows}
    assert found["PH", "preparatory_pilot"].spent == usd(150_000)
    assert found["PH", "preparatory_pilot"].free == usd(3_000_000 - 150_000)
    assert found["KE", "development"].spent == usd(25_000)
    by_activity = finance.budget_report(SYSTEM, as_of=ON, group_by=("activity", "line", "source"))
    assert {tuple(row.key.values()): row.spent.amount_minor for row in by_activity if row.spent} == {
        ("o7_a1", "training", "primary_donor"): 125_000,
        ("o8_a2", "travel", "primary_donor"): 50_000,
    }
    for group_by in (("country",), ("line",), ("activity", "source"), ("stage", "type")):
        report = finance.budget_report(SYSTEM, as_of=ON, group_by=group_by)
        assert sum(row.plan.amount_minor for row in report) == 252_000_000
        assert sum(row.spent.amount_minor for row in report) == 175_000


def test_a_national_coordinator_sees_the_cells_and_the_spend_of_that_country_alone(funded: Ref) -> None:
    spend(usd(100_000), key="a")
    spend(usd(25_000), key="c", who=SYSTEM, scope="jump/africa/KE/", stage="development")

    seen = finance.budget(NATIONAL)
    assert {cell.country for cell in seen.cells} == {"PH"}
    assert seen.total == usd(27_000_000)
    report = finance.budget_report(NATIONAL, as_of=ON, group_by=("country",))
    assert [(row.key["country"], row.spent) for row in report] == [("PH", usd(100_000))]
    assert [one.scope for one in finance.spends(NATIONAL)] == [RIVERSIDE]


@pytest.mark.covers("REPORT-03")
def test_what_the_report_says_was_spent_is_what_the_ledger_holds_under_the_same_labels(funded: Ref) -> None:
    spend(usd(100_000), key="a")
    spend(usd(50_000), key="b", line="travel")

    labelled = ledger.totals(SYSTEM, kinds=["expense"], labels={"place": f"{PH}*"}, group_by=["line"])
    assert {row.labels["line"]: row.amount_minor for row in labelled} == {"training": 100_000, "travel": 50_000}
    for seen in finance.spends(SYSTEM):
        lines = ledger.entry(seen.entry_ref).lines
        assert sum(line.amount_minor for line in lines if line.labels.get("line") == seen.line) == (
            seen.in_budget.amount_minor
        )


@pytest.mark.covers("BUDGET-15")
def test_spend_above_the_budget_is_refused_unless_it_is_approved(funded: Ref) -> None:
    with pytest.raises(finance.BudgetShort) as refusal:
        spend(usd(2_000_001))
    assert refusal.value.facts["free_minor"] == 2_000_000
    assert finance.count_spends(SYSTEM) == 0

    approved = finance.spend(
        SYSTEM,
        line="training",
        scope=RIVERSIDE,
        stage="pilot",
        type="cb",
        amount=usd(2_000_001),
        on=ON,
        memo="Workshop A, twice the people",
        key="approved",
        approval_ref=Ref("res-00000001"),
    )
    assert approved.proof_ref == "res-00000001"


def test_the_same_spend_is_booked_once(funded: Ref) -> None:
    first, again = spend(), spend()
    assert again == first
    with pytest.raises(finance.KeyReused):
        spend(usd(100_001))
    assert ledger.balances(finance.budget(SYSTEM).book_ref)["bank:primary_donor"] == 99_900_000


def test_what_has_not_come_in_cannot_be_spent(budget: Ref) -> None:
    with pytest.raises(finance.FundShort):
        spend()
    assert finance.count_spends(SYSTEM) == 0


# --- sources ------------------------------------------------------------------------------------------------


@pytest.mark.covers("LINKAGE-05")
def test_core_money_is_held_apart_and_gaps_in_funding_are_shown(funded: Ref) -> None:
    for code, core, starts, ends, place in (
        ("primary_donor", True, date(2002, 1, 1), date(2003, 1, 31), "jump/"),
        ("other_donor", False, date(2003, 3, 1), date(2004, 12, 31), PH),
    ):
        finance.record_source(
            COORDINATOR,
            budget_ref=funded,
            code=code,
            title=code,
            pledged=usd(250_000_000),
            starts_on=starts,
            ends_on=ends,
            place=place,
            is_core=core,
        )
    finance.receive(
        COORDINATOR, budget_ref=funded, source="other_donor", amount=usd(700_000), on=date(2003, 3, 1), key="o"
    )
    spend(usd(100_000), source="other_donor", stage="development")

    core, other = finance.sources(SYSTEM, budget_ref=funded)
    assert (core.is_core, core.received, core.spent) == (True, usd(100_000_000), usd(0))
    assert (other.is_core, other.received, other.spent, other.left) == (False, usd(700_000), usd(100_000), usd(600_000))
    gaps = finance.funding_gaps(
        SYSTEM, starts_on=date(2002, 1, 1), ends_on=date(2004, 12, 31), places=[PH, "jump/asia/TH/"]
    )
    assert [(gap.place, gap.starts_on, gap.ends_on) for gap in gaps] == [
        (PH, date(2003, 2, 1), date(2003, 2, 28)),
        ("jump/asia/TH/", date(2003, 2, 1), date(2004, 12, 31)),
    ]


def test_there_is_one_core_donor(budget: Ref) -> None:
    from django.db import IntegrityError, transaction

    def core(code: str) -> None:
        finance.record_source(
            COORDINATOR,
            budget_ref=budget,
            code=code,
            title=code,
            pledged=usd(5),
            starts_on=ON,
            ends_on=ON,
            place="jump/",
            is_core=True,
        )

    core("primary_donor")
    with pytest.raises(IntegrityError), transaction.atomic():
        core("second")


# --- currencies ---------------------------------------------------------------------------------------------


@pytest.mark.covers("BUDGET-14")
def test_local_money_is_reported_in_the_donors_currency_at_the_rate_of_its_day(maker: FundMaker, funded: Ref) -> None:
    finance.add_rate(SYSTEM, given="USD", wanted="PHP", on=date(2003, 5, 1), rate=Decimal("50"), source="central bank")
    paid = spend(Money(500_000, "PHP"))
    assert (paid.amount, paid.in_budget) == (Money(500_000, "PHP"), usd(10_000))
    assert spend(Money(500_000, "PHP"), key="s2", on=date(2003, 4, 30)).in_budget == usd(9_346)
    with pytest.raises(finance.RateMissing):
        spend(Money(500_000, "THB"), key="s3")


@pytest.mark.covers("BUDGET-14")
def test_what_an_exchange_gained_or_lost_is_shown(maker: FundMaker, funded: Ref) -> None:
    """USD 1,000 buys PHP 50,000; at 62.50 a dollar they are worth 800 only."""
    finance.add_rate(SYSTEM, given="USD", wanted="PHP", on=date(2003, 5, 1), rate=Decimal("50"), source="bank")
    finance.exchange(
        SYSTEM,
        budget_ref=funded,
        source="primary_donor",
        paid=usd(100_000),
        got=Money(5_000_000, "PHP"),
        on=date(2003, 5, 1),
        key="x",
    )
    at_once = finance.exchange_result(SYSTEM, budget_ref=funded, as_of=date(2003, 5, 1))
    assert at_once.result == usd(0)
    finance.add_rate(SYSTEM, given="USD", wanted="PHP", on=date(2003, 6, 1), rate=Decimal("62.5"), source="bank")
    later = finance.exchange_result(SYSTEM, budget_ref=funded, as_of=date(2003, 6, 1))
    assert later.result == usd(-20_000)

    spend(Money(2_500_000, "PHP"), on=date(2003, 6, 2))
    after = finance.exchange_result(SYSTEM, budget_ref=funded, as_of=date(2003, 6, 2))
    assert after.held["PHP"] == 2_500_000
    assert after.result == usd(-20_000)
    assert ledger.verify() == []
