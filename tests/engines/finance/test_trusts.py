"""A trust for employees: suspense, release, allocation, vesting, forfeiting, handing out, and a year's figures."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import MANAGER, NEIGHBOUR, SYSTEM
from tests.engines.finance.owners import ANA, BEN, CORA, SHARE, Owners, held, install_ownership, usd

# 1,000,000 at 10 %, five level payments, 100,000 shares (finance rules, section 3, both methods side by side).
LEVEL = ((163_797_48, 100_000_00), (180_177_23, 83_620_25), (198_194_95, 65_602_53), (218_014_45, 45_783_03),
         (239_815_89, 23_981_59))  # fmt: skip
PAY = (400_000_00, 1_800)


@pytest.fixture
def owners(products: None, tmp_path: Path) -> Owners:
    clock.pin(date(2012, 6, 30))
    install_ownership(tmp_path / "ownership")
    return Owners()


def book(trust: Ref) -> dict[str, int]:
    return held(finance.trust(SYSTEM, trust).book_ref)


@pytest.mark.covers("CONVERT-05")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("principal", [163_797_480, 180_177_230, 198_194_950, 218_014_450, 239_815_890]),
        ("principal_and_interest", [200_000_000] * 5),
    ],
)
def test_released_shares_follow_the_loan_repaid_by_either_rule(owners: Owners, by: str, expected: list[int]) -> None:
    """Shares of four decimals. The rules print one decimal: 16,379.7, 18,017.7 and so on, or 20,000 each year."""
    trust = owners.trust(contribution_share_max="1")
    owners.borrow(trust, LEVEL, 100_000, by=by)
    people = {owners.join(trust, Ref(f"per-W{number:07}")): (200_000_00, 1_800) for number in range(7)}

    told = [row.released for row in finance.trust(SYSTEM, trust).loans[0].table]
    released = [
        owners.plan_year(trust, year, principal + interest, people).figures["released"]
        for year, (principal, interest) in enumerate(LEVEL, start=2003)
    ]

    assert released == told
    assert all(abs(one - two) <= 10 for one, two in zip(released, expected, strict=True))
    assert sum(released) == 100_000 * SHARE
    view = finance.trust(SYSTEM, trust)
    assert (view.suspense, view.allocated, view.owed) == (0, 100_000 * SHARE, usd(0))


@pytest.mark.covers("CONVERT-05")
def test_a_plan_year_pays_the_loan_releases_and_allocates_by_capped_pay(owners: Owners) -> None:
    trust = owners.trust()
    owners.borrow(trust, [(20_000_00, 10_000_00), (20_000_00, 8_000_00), (20_000_00, 6_000_00)], 9_000)
    a, b = owners.join(trust, ANA), owners.join(trust, BEN)

    step = owners.plan_year(trust, 2003, 30_000_00, {a: (300_000_00, 1_800), b: (100_000_00, 1_800)}, 10_00)

    # 30 of 84 thousand are paid: 9,000 x 30/84 = 3,214.2857; Ana's pay counts up to 200,000: two parts to one.
    view = finance.trust(SYSTEM, trust)
    assert step.figures["released"] == 32_142_857
    assert {one.person_ref: one.shares for one in view.people} == {ANA: 21_428_571, BEN: 10_714_286}
    assert [one["addition_minor"] for one in step.figures["rows"]] == [20_000_00, 10_000_00]
    assert (view.suspense, view.allocated, view.owed) == (9_000 * SHARE - 32_142_857, 32_142_857, usd(40_000_00))
    loan = view.loans[0].ref
    assert book(trust) == {
        "shares_at_cost": 60_000_00,
        f"loan:{loan}": -40_000_00,
        "contributions": -30_000_00,
        "interest": 10_000_00,
        f"suspense:{loan}": 57_857_143,
        f"member:{a}": 21_428_571,
        f"member:{b}": 10_714_286,
        "trust_shares": -9_000 * SHARE,
    }
    assert [(row.year, row.released, row.is_booked) for row in view.loans[0].table] == [
        (2003, 32_142_857, True),
        (2004, 30_000_000, False),
        (2005, 27_857_143, False),
    ]
    assert ledger.verify() == []


@pytest.mark.covers("CONVERT-05")
def test_principal_alone_is_refused_where_its_conditions_are_not_met(owners: Owners) -> None:
    trust = owners.trust()
    with pytest.raises(finance.PrincipalOnlyRefused) as refused:
        owners.borrow(trust, [(10_00, 0)] * 11, 100, by="principal", standard=False)
    assert refused.value.facts["why"] == "interest not standard, slower than level, term too long"
    assert book(trust) == {}


@pytest.mark.covers("CONVERT-05")
def test_no_more_is_allocated_than_was_released_and_the_ledger_would_not_let_it(owners: Owners) -> None:
    trust = owners.trust()
    owners.borrow(trust, [(10_000_00, 0), (10_000_00, 0)], 1_000)
    person = owners.join(trust, ANA)
    owners.plan_year(trust, 2003, 10_000_00, {person: PAY})
    view = finance.trust(SYSTEM, trust)
    assert (view.allocated, view.suspense, view.bought) == (500 * SHARE, 500 * SHARE, 1_000 * SHARE)

    suspense = ledger.account(view.book_ref, f"suspense:{view.loans[0].ref}").ref
    member = ledger.account(view.book_ref, f"member:{person}").ref
    with pytest.raises(ledger.BelowFloor):
        ledger.post(
            SYSTEM,
            book_ref=view.book_ref,
            memo="past the service",
            occurred_on=date(2004, 2, 1),
            lines=[ledger.Line(member, 500 * SHARE + 1), ledger.Line(suspense, -500 * SHARE - 1)],
            source_ref=trust,
            key="past",
        )
    assert finance.trust(SYSTEM, trust).allocated == 500 * SHARE


@pytest.mark.covers("CONVERT-05")
@pytest.mark.parametrize(
    ("vesting", "years", "vested"),
    [
        ({"kind": "graded", "first": 2, "last": 6}, 1, "0"),
        ({"kind": "graded", "first": 2, "last": 6}, 2, "1/5"),
        ({"kind": "graded", "first": 2, "last": 6}, 4, "3/5"),
        ({"kind": "cliff", "years": 3}, 2, "0"),
        ({"kind": "cliff", "years": 3}, 3, "1"),
    ],
)
def test_who_leaves_keeps_what_is_vested_and_the_rest_is_given_to_the_others(
    owners: Owners, vesting: dict[str, object], years: int, vested: str
) -> None:
    trust = owners.trust(vesting=vesting)
    owners.borrow(trust, [(1_000_00, 0)] * 6, 6_000)
    a, b = owners.join(trust, ANA), owners.join(trust, BEN)
    for year in range(2003, 2003 + years):
        owners.plan_year(trust, year, 1_000_00, {a: PAY, b: PAY})
    had = years * 500 * SHARE

    left = owners.do(trust, "trust_leave", date(2003 + years, 2, 1), person=a, cause="other")

    kept = int(had * Fraction(vested))
    assert (left.figures["vested_share"], left.figures["vested"]) == (vested, kept)
    assert left.figures["payment_by"] == f"{2003 + years + 6}-12-31"
    assert finance.trust(SYSTEM, trust).forfeited == had - kept
    step = owners.plan_year(trust, 2003 + years, 1_000_00, {b: PAY})
    assert step.figures["forfeitures"] == had - kept
    view = finance.trust(SYSTEM, trust)
    assert view.forfeited == 0
    assert {one.person_ref: one.shares for one in view.people} == {ANA: kept, BEN: had + (had - kept) + 1_000 * SHARE}


@pytest.mark.covers("CONVERT-05")
def test_years_with_too_few_hours_do_not_count_and_retiring_vests_everything(owners: Owners) -> None:
    trust = owners.trust()
    owners.borrow(trust, [(1_000_00, 0)] * 3, 3_000)
    a, b = owners.join(trust, ANA), owners.join(trust, BEN)
    owners.plan_year(trust, 2003, 1_000_00, {a: (400_000_00, 999), b: PAY})
    owners.plan_year(trust, 2004, 1_000_00, {a: (400_000_00, 1_000), b: PAY})

    people = {one.person_ref: one for one in finance.trust(SYSTEM, trust).people}
    assert (people[ANA].years, people[BEN].years) == (1, 2)
    assert (people[ANA].vested, people[BEN].vested) == (0, 200 * SHARE)
    left = owners.do(trust, "trust_leave", date(2005, 2, 1), person=a, cause="retirement")
    assert (left.figures["forfeited"], left.figures["payment_by"]) == (0, "2006-12-31")


@pytest.mark.covers("CONVERT-05")
def test_the_statement_of_a_year_has_the_figures_that_a_return_asks_for(owners: Owners) -> None:
    trust = owners.trust(vesting={"kind": "cliff", "years": 1})
    owners.borrow(trust, [(10_000_00, 2_000_00), (10_000_00, 1_000_00)], 2_300)
    a, b, c = (owners.join(trust, person) for person in (ANA, BEN, CORA))
    owners.plan_year(trust, 2003, 12_000_00, {a: PAY, b: PAY, c: PAY}, 10_00)
    owners.do(trust, "trust_leave", date(2004, 2, 1), person=c, cause="retirement")
    owners.do(trust, "distribute", date(2004, 6, 1), person=c, shares=400 * SHARE, price_minor=10_00)
    owners.plan_year(trust, 2004, 11_000_00, {a: PAY, b: PAY}, 12_00)

    first = finance.trust_statement(MANAGER, trust_ref=trust, year=2003)
    second = finance.trust_statement(MANAGER, trust_ref=trust, year=2004)

    assert (first.released_in_year, first.figures.in_suspense) == (1_200 * SHARE, 1_100 * SHARE)
    assert (first.figures.unallocated_value_minor, first.figures.allocated_value_minor) == (11_000_00, 12_000_00)
    assert (first.principal_paid, first.interest_paid) == (usd(10_000_00), usd(2_000_00))
    assert first.figures.loan_owed_minor == 10_000_00
    assert dict(first.figures.people) == {"active": 3}
    assert (second.figures.in_suspense, second.figures.released, second.released_in_year) == (
        0,
        2_300 * SHARE,
        1_100 * SHARE,
    )
    assert second.distributed_in_year == 400 * SHARE
    assert second.figures.allocated_value_minor == 1_900 * 12_00
    assert dict(second.figures.people) == {"active": 2, "retirement": 1}
    with pytest.raises(NotFound):
        finance.trust_statement(MANAGER, trust_ref=trust, year=2005)


def test_limits_of_the_law_hold_and_nothing_moves(owners: Owners) -> None:
    trust = owners.trust()
    owners.borrow(trust, [(60_000_00, 1_000_00), (1_00, 0)], 1_000)
    person = owners.join(trust, ANA)
    before = book(trust)

    with pytest.raises(finance.ContributionShort) as short:
        owners.plan_year(trust, 2003, 60_000_00, {person: PAY})
    assert (short.value.facts["asked_minor"], short.value.facts["free_minor"]) == (61_000_00, 60_000_00)
    with pytest.raises(finance.AboveLimit) as principal:  # a quarter of 200,000 of counted pay
        owners.plan_year(trust, 2003, 61_000_00, {person: PAY})
    assert principal.value.facts["limit_minor"] == 50_000_00
    other = owners.join(trust, BEN)
    with pytest.raises(finance.AboveLimit) as addition:  # 40,000 for each of two
        owners.plan_year(trust, 2003, 80_000_01, {person: PAY, other: PAY})
    assert addition.value.facts["limit_minor"] == 80_000_00
    with pytest.raises(finance.YearOrder):
        owners.plan_year(trust, 2002, 61_000_00, {person: PAY})
    assert book(trust) == before


def test_a_year_whose_limits_no_package_knows_is_refused(owners: Owners) -> None:
    trust = owners.trust()
    person = owners.join(trust, ANA)
    with pytest.raises(finance.LawMissing) as refused:
        owners.plan_year(trust, 2010, 1_00, {person: PAY})
    assert refused.value.facts["country"] == "US"


def test_a_trust_is_not_seen_from_another_country(owners: Owners) -> None:
    trust = owners.trust()
    assert finance.trusts(NEIGHBOUR) == []
    with pytest.raises(NotFound):
        finance.trust(NEIGHBOUR, trust)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payments=st.lists(st.tuples(st.integers(1, 900_000), st.integers(0, 400_000)), min_size=1, max_size=4),
    shares=st.integers(1, 50_000),
    pay=st.tuples(st.integers(1, 9_000_000), st.integers(1, 9_000_000)),
)
@pytest.mark.covers("CONVERT-05")
def test_every_share_is_released_and_given_to_somebody_by_the_last_payment(
    owners: Owners, payments: list[tuple[int, int]], shares: int, pay: tuple[int, int]
) -> None:
    with transaction.atomic():
        trust = owners.trust(contribution_share_max="1", addition_share_of_pay_max="1000000")
        owners.borrow(trust, payments, shares)
        a, b = owners.join(trust, ANA), owners.join(trust, BEN)
        rich = {a: (pay[0] + 10_000_000, 1_500), b: (pay[1] + 10_000_000, 1_500)}
        for year, (principal, interest) in enumerate(payments, start=2003):
            owners.plan_year(trust, year, principal + interest, rich)
            view = finance.trust(SYSTEM, trust)
            assert view.allocated + view.suspense == view.bought == shares * SHARE
        assert (view.suspense, view.owed) == (0, usd(0))
        transaction.set_rollback(True)
