"""What a budget will come to, and whose money paid for what: to the last cent, whatever the order."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.bounds import NotPositive
from jump.core.budgets import (
    BudgetRefused,
    ForecastBasis,
    Inflow,
    Rule,
    Use,
    allocate_use,
    forecast,
    in_donor_currency,
    left_of,
    run_rate,
)

DAY = date(2026, 1, 1)
A, B = Inflow("a", "A", DAY, 100_00), Inflow("b", "B", DAY + timedelta(days=9), 200_00)


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def paid(shares: object) -> list[tuple[str, int]]:
    return [(one.inflow.donor if one.inflow else "", one.amount_minor) for one in shares]  # type: ignore[attr-defined]


# --- forecast -----------------------------------------------------------------------------------------------


def test_a_forecast_is_spend_commitments_and_what_is_still_planned() -> None:
    by_plan = forecast(plan_minor=1_000, spent_minor=300, committed_minor=200)
    assert (by_plan.total_minor, by_plan.still_planned_minor, by_plan.basis) == (1_000, 500, ForecastBasis.PLAN)
    over = forecast(plan_minor=400, spent_minor=300, committed_minor=200)
    assert (over.total_minor, over.still_planned_minor) == (500, 0)


def test_an_estimate_wears_off_as_money_is_spent_or_committed_after_its_day() -> None:
    """On the day of the estimate 300 was used and 500 still to come: 800 it stays until more than that is used."""

    def at(used: int) -> int:
        return forecast(
            plan_minor=1_000, spent_minor=used, committed_minor=0, estimate_minor=500, used_at_estimate_minor=300
        ).total_minor

    assert [at(used) for used in (300, 600, 800, 900)] == [800, 800, 800, 900]


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.none() | st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_a_forecast_is_never_below_what_is_spent_and_committed(
    plan: int, spent: int, committed: int, estimate: int | None, used: int
) -> None:
    found = forecast(
        plan_minor=plan,
        spent_minor=spent,
        committed_minor=committed,
        estimate_minor=estimate,
        used_at_estimate_minor=used,
    )
    assert found.total_minor == spent + committed + found.still_planned_minor >= spent + committed


def test_a_run_rate_carries_the_pace_so_far_to_the_end() -> None:
    time = {"starts_on": DAY, "ends_on": later(99)}
    assert run_rate(spent_minor=1_000, as_of=later(24), **time) == 4_000
    assert run_rate(spent_minor=1_000, as_of=later(150), **time) == 1_000
    assert run_rate(spent_minor=0, as_of=later(-1), **time) is None
    with pytest.raises(NotPositive):
        run_rate(spent_minor=1, starts_on=DAY, as_of=DAY, ends_on=later(-1))


# --- whose money --------------------------------------------------------------------------------------------


def test_a_use_is_paid_by_what_had_come_in_by_its_day() -> None:
    early, late = Use("u1", later(1), 30_00), Use("u2", later(9), 90_00)
    assert paid(allocate_use([A, B], [late, early])) == [("A", 30_00), ("A", 23_33), ("B", 66_67)]


def test_the_oldest_pays_first_where_the_rule_says_so() -> None:
    uses = [Use("u1", later(10), 120_00)]
    assert paid(allocate_use([B, A], uses, rule=Rule.FIRST_IN)) == [("A", 100_00), ("B", 20_00)]


def test_an_earmark_pays_first_for_what_it_is_for_and_never_for_anything_else() -> None:
    earmarked = Inflow("e", "E", DAY, 50_00, {"type": "cb", "place": "jump/asia/"})
    training = Use("u1", later(1), 70_00, {"type": "cb", "place": "jump/asia/PH/"})
    other = Use("u2", later(2), 10_00, {"type": "rlf", "place": "jump/asia/PH/"})
    assert paid(allocate_use([A, earmarked], [training, other])) == [("E", 50_00), ("A", 20_00), ("A", 10_00)]
    assert paid(allocate_use([earmarked], [other])) == [("", 10_00)]


def test_money_that_comes_back_goes_to_those_who_had_paid() -> None:
    uses = [Use("u1", later(9), 90_00, of="grant"), Use("back", later(20), -30_00, of="grant")]
    shares = allocate_use([A, B], uses)
    assert paid(shares) == [("A", 30_00), ("B", 60_00), ("A", -10_00), ("B", -20_00)]
    assert (left_of(A, shares), left_of(B, shares)) == (80_00, 160_00)
    with pytest.raises(BudgetRefused):
        allocate_use([A, B], [*uses, Use("more", later(21), -60_01, of="grant")])


inflows = st.lists(
    st.builds(
        lambda day, amount, type: (day, amount, {"type": type} if type else {}),
        st.integers(0, 20),
        st.integers(1, 10_000),
        st.sampled_from(["", "", "cb", "rlf"]),
    ),
    max_size=6,
)
spends = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9_000), st.sampled_from(["cb", "rlf"]), st.integers(0, 100)),
    max_size=8,
)


@given(inflows, spends, st.sampled_from(list(Rule)))
def test_nothing_is_lost_paid_twice_too_early_or_outside_its_earmark(
    came: list[tuple[int, int, dict[str, str]]], went: list[tuple[int, int, str, int]], rule: Rule
) -> None:
    gifts = [Inflow(f"i{n}", f"D{n % 3}", later(day), amount, mark) for n, (day, amount, mark) in enumerate(came)]
    uses = []
    for n, (day, amount, type, back) in enumerate(went):
        uses.append(Use(f"u{n}", later(day), amount, {"type": type}, of=f"c{n}"))
        if amount * back // 100:
            uses.append(Use(f"b{n}", later(day + 1), -(amount * back // 100), {"type": type}, of=f"c{n}"))
    shares = allocate_use(gifts, uses, rule=rule)
    for use in uses:
        assert sum(one.amount_minor for one in shares if one.use == use) == use.amount_minor
    for gift in gifts:
        assert 0 <= left_of(gift, shares) <= gift.amount_minor
    for one in shares:
        if one.inflow is not None:
            assert one.inflow.on <= one.use.on
            assert one.inflow.fits(one.use.labels)
    assert sum(one.amount_minor for one in shares) == sum(use.amount_minor for use in uses)
    assert allocate_use(reversed(gifts), reversed(uses), rule=rule) == shares


# --- the donor's own currency -------------------------------------------------------------------------------


def test_the_exchange_difference_stands_on_a_line_of_its_own() -> None:
    """EUR 1,000 came in as USD 1,100; USD 550 used at 0.90, USD 550 left at 0.95: EUR 495 + 522.50, 17.50 gained."""
    line = in_donor_currency(
        received_minor=100_000, uses=[(55_000, Fraction(90, 100))], left=(55_000, Fraction(95, 100))
    )
    assert (line.used_minor, line.left_minor, line.difference_minor) == (49_500, 52_250, -1_750)
    assert line.received_minor == line.used_minor + line.left_minor + line.difference_minor
