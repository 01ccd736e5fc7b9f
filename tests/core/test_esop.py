"""A trust for employees: what is released, who gets it, what is vested, what a leaver takes."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.calendars import Period
from jump.core.ownership import (
    Cause,
    LoanPayment,
    MoreThanReleased,
    NothingToPay,
    OwnershipRefused,
    PrincipalOnlyFails,
    ReleaseBy,
    Vesting,
    VestingBroken,
    allocate_contribution,
    allocate_shares,
    cliff,
    diversifiable,
    graded,
    interest_is_unlimited,
    leave,
    payment_begins_by,
    principal_contribution_max_minor,
    principal_only_fails,
    put_windows,
    release,
    releases,
    trust_year,
    vesting_years,
)

BOTH, ONLY = ReleaseBy.PRINCIPAL_AND_INTEREST, ReleaseBy.PRINCIPAL
PART = 10_000  # a plan that keeps four decimals of a share


def level_payments(*, owed: int, payment: int, rate: Fraction, years: int) -> list[LoanPayment]:
    """A standard table: interest on what is owed; the last year pays the rest."""
    rows: list[LoanPayment] = []
    for year in range(1, years + 1):
        interest = round(owed * rate)
        principal = owed if year == years else payment - interest
        rows.append(LoanPayment(principal, interest))
        owed -= principal
    return rows


def level_principal(*, owed: int, rate: Fraction, years: int) -> list[LoanPayment]:
    part = owed // years
    rows: list[LoanPayment] = []
    for year in range(1, years + 1):
        principal = owed if year == years else part
        rows.append(LoanPayment(principal, round(owed * rate)))
        owed -= principal
    return rows


TABLE = level_payments(owed=1_000_000_00, payment=263_797_48, rate=Fraction(1, 10), years=5)


def test_the_loan_of_the_illustration_has_its_five_rows() -> None:
    """finance rules 3, "Both methods side by side": 1,000,000 at 10 %, five payments of 263,797.48."""
    assert [(row.interest_minor, row.principal_minor) for row in TABLE] == [
        (100_000_00, 163_797_48),
        (83_620_25, 180_177_23),
        (65_602_53, 198_194_95),
        (45_783_03, 218_014_45),
        (23_981_59, 239_815_89),
    ]


def test_level_payments_release_level_shares_with_interest_and_rising_ones_without() -> None:
    """finance rules 3, table: 16,379.7 / 18,017.7 / 19,819.5 / 21,801.4 / 23,981.6 against 20,000 a year."""
    only = releases(suspense=100_000 * PART, payments=TABLE, by=ONLY)
    assert [round(Decimal(shares) / PART, 1) for shares in only] == [
        Decimal(text) for text in ("16379.7", "18017.7", "19819.5", "21801.4", "23981.6")
    ]
    both = releases(suspense=100_000, payments=TABLE, by=BOTH)
    assert both == (20_000,) * 5


def test_level_principal_turns_the_roles() -> None:
    """finance rules 3: payments 300, 280, 260, 240, 220 thousand of 1,300; 20,000 each year by principal only."""
    table = level_principal(owed=1_000_000, rate=Fraction(1, 10), years=5)
    assert [row.counted(BOTH) for row in table] == [300_000, 280_000, 260_000, 240_000, 220_000]
    assert releases(suspense=100_000, payments=table, by=ONLY) == (20_000,) * 5
    both = releases(suspense=100_000 * PART, payments=table, by=BOTH)
    assert [round(Decimal(shares) / PART, 1) for shares in both] == [
        Decimal(text) for text in ("23076.9", "21538.5", "20000.0", "18461.5", "16923.1")
    ]


def test_each_loan_releases_its_own_shares() -> None:
    """finance rules 3, "Principal only": 300,000 of 3 million frees 3,000 of 30,000; 200,000 of 2 million 1,500."""
    first = release(suspense=30_000, now=LoanPayment(300_000), later=[LoanPayment(2_700_000)], by=ONLY)
    second = release(suspense=15_000, now=LoanPayment(200_000), later=[LoanPayment(1_800_000)], by=ONLY)
    assert (first, second, first + second) == (3_000, 1_500, 4_500)


payment_lists = st.lists(
    st.builds(LoanPayment, st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=15
).filter(lambda rows: rows[-1].principal_minor > 0)


@given(payment_lists, st.integers(0, 10**9), st.sampled_from(list(ReleaseBy)), st.integers(0, 15))
def test_all_shares_of_a_loan_are_released_and_no_more(
    payments: list[LoanPayment], suspense: int, by: ReleaseBy, general_from: int
) -> None:
    found = releases(suspense=suspense, payments=payments, by=by, general_from=general_from)
    assert sum(found) == suspense
    assert min(found) >= 0
    assert len(found) == len(payments)


@given(st.integers(1_000, 10**9), st.integers(0, 30), st.integers(1, 10), st.integers(0, 10**8))
def test_with_interest_nothing_is_released_later_when_principal_is_level(
    owed: int, rate: int, years: int, suspense: int
) -> None:
    """finance rules 3, property: principal + interest never releases later than principal only."""
    table = level_principal(owed=owed, rate=Fraction(rate, 100), years=years)
    _never_later(table, suspense)


@given(st.integers(10**6, 10**9), st.integers(1, 30), st.integers(1, 10), st.integers(0, 10**8))
def test_with_interest_nothing_is_released_later_when_payments_are_level(
    owed: int, rate: int, years: int, suspense: int
) -> None:
    growth = (1 + Fraction(rate, 100)) ** years
    payment = round(owed * Fraction(rate, 100) * growth / (growth - 1))
    _never_later(level_payments(owed=owed, payment=payment, rate=Fraction(rate, 100), years=years), suspense)


def _never_later(table: list[LoanPayment], suspense: int) -> None:
    both, only = (releases(suspense=suspense, payments=table, by=by) for by in (BOTH, ONLY))
    for year in range(1, len(table) + 1):
        # Interest is rounded to the minor unit and shares to the part: by so little the sums may cross.
        assert sum(both[:year]) >= sum(only[:year]) - 2 - suspense * len(table) // table[0].counted(BOTH)


def test_with_principal_paid_early_interest_can_release_later() -> None:
    """The property above does not hold for every loan: finance rules 3 states it without its condition."""
    early = [LoanPayment(99, 10), *[LoanPayment(0, 1)] * 20, LoanPayment(1, 1)]
    both, only = (releases(suspense=100_000, payments=early, by=by) for by in (BOTH, ONLY))
    assert both[0] < only[0]


def test_a_broken_condition_turns_to_the_general_rule_from_that_day() -> None:
    """finance rules 3: "If a refinancing breaks this, the general rule applies from that day on"."""
    plain = releases(suspense=100_000, payments=TABLE, by=ONLY)
    turned = releases(suspense=100_000, payments=TABLE, by=ONLY, general_from=2)
    assert turned[:2] == plain[:2]
    left = 100_000 - sum(plain[:2])
    assert turned[2:] == releases(suspense=left, payments=TABLE[2:], by=BOTH)


def test_the_special_rule_has_three_conditions() -> None:
    """finance rules 3: at least as fast as level over 10 years, standard table, at most 10 years."""
    level = [LoanPayment(100)] * 10
    assert principal_only_fails(payments=level, is_standard_table=True, years_max=10) == frozenset()
    assert principal_only_fails(payments=TABLE, is_standard_table=True, years_max=10) == frozenset()
    slow = [LoanPayment(99), LoanPayment(101), *level[2:]]
    assert principal_only_fails(payments=slow, is_standard_table=True, years_max=10) == {
        PrincipalOnlyFails.SLOWER_THAN_LEVEL
    }
    long = [*level, LoanPayment(0)]
    assert principal_only_fails(payments=long, is_standard_table=False, years_max=10) == {
        PrincipalOnlyFails.TERM_TOO_LONG,
        PrincipalOnlyFails.INTEREST_NOT_STANDARD,
    }


def test_shares_without_a_payment_to_release_them_are_refused() -> None:
    with pytest.raises(NothingToPay):
        release(suspense=1, now=LoanPayment(0, 5), later=[], by=ONLY)
    with pytest.raises(NothingToPay):
        releases(suspense=1, payments=[LoanPayment(0)], by=BOTH)
    assert release(suspense=0, now=LoanPayment(0), later=[], by=BOTH) == 0
    assert releases(suspense=0, payments=[LoanPayment(0)], by=BOTH) == (0,)


# --- allocation -------------------------------------------------------------------------------------------------------

pays = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10**7), min_size=1)


def test_shares_follow_pay_up_to_the_cap() -> None:
    """finance rules 3, "Allocation"; our own numbers."""
    pay = {"manager": 500_000, "baker": 40_000, "driver": 30_000}
    assert allocate_shares(1_000, pay_minor=pay, cap_minor=80_000) == {"manager": 533, "baker": 267, "driver": 200}


@given(st.integers(0, 10**9), pays, st.integers(1, 10**7))
def test_every_released_share_is_allocated(pool: int, pay: dict[str, int], cap: int) -> None:
    parts = allocate_shares(pool, pay_minor=pay, cap_minor=cap)
    assert sum(parts.values()) == pool
    assert parts == allocate_shares(pool, pay_minor=dict(reversed(pay.items())), cap_minor=cap)


@given(st.integers(0, 10**8), pays, st.integers(0, 10**6))
def test_nobody_gets_more_than_pay_or_the_yearly_amount(contribution: int, pay: dict[str, int], most: int) -> None:
    """finance rules 3, "Limits": min(100 % of pay, yearly amount)."""
    parts, left = allocate_contribution(contribution, pay_minor=pay, cap_minor=None, addition_max_minor=most)
    assert sum(parts.values()) + left == contribution
    assert all(part <= min(pay[name], most) for name, part in parts.items())
    assert not left or all(part == min(pay[name], most) for name, part in parts.items())


def test_limits_on_what_the_employer_contributes() -> None:
    """finance rules 3: 25 % of covered pay for principal; interest on top while a third at most is highly paid."""
    assert principal_contribution_max_minor(covered_pay_minor=1_000_001, share=Decimal("0.25")) == 250_000
    third = {"is_c_corporation": True, "allocated_minor": 900, "share_max": Fraction(1, 3)}
    assert interest_is_unlimited(highly_paid_minor=300, **third)  # type: ignore[arg-type]
    assert not interest_is_unlimited(highly_paid_minor=301, **third)  # type: ignore[arg-type]
    assert not interest_is_unlimited(highly_paid_minor=0, **{**third, "is_c_corporation": False})  # type: ignore[arg-type]


# --- vesting ----------------------------------------------------------------------------------------------------------


def test_the_two_vesting_rules_of_the_table() -> None:
    """finance rules 3, "Vesting": cliff 0/0/100; graded 0/20/40/60/80/100."""
    assert [int(cliff(3).after(years) * 100) for years in range(1, 4)] == [0, 0, 100]
    assert [int(graded(2, 6).after(years) * 100) for years in range(1, 7)] == [0, 20, 40, 60, 80, 100]
    assert graded(2, 6).after(40) == 1
    assert cliff(3).after(0, is_full=True) == 1


def test_a_plan_may_vest_faster_but_in_no_year_slower() -> None:
    assert cliff(2).is_as_fast_as(cliff(3))
    assert graded(1, 5).is_as_fast_as(graded(2, 6))
    assert not graded(2, 6).is_as_fast_as(cliff(3))
    assert not cliff(3).is_as_fast_as(graded(2, 6))
    assert not cliff(4).is_as_fast_as(cliff(3))
    for broken in ((), (Fraction(1, 2),), (Fraction(1), Fraction(0), Fraction(1))):
        with pytest.raises(VestingBroken):
            Vesting(broken)


def test_a_year_counts_from_a_thousand_hours() -> None:
    """finance rules 3, "Vesting"."""
    assert vesting_years([1_000, 999, Decimal("1000.5"), 0], hours_min=1_000) == 2


@given(st.integers(0, 10**9), st.integers(0, 8))
def test_a_leaver_keeps_what_is_vested_and_the_plan_gets_the_rest(shares: int, years: int) -> None:
    found = leave(shares=shares, vested_share=graded(2, 6).after(years))
    assert found.vested + found.forfeited == shares
    assert min(found.vested, found.forfeited) >= 0
    again = allocate_shares(found.forfeited, pay_minor={"a": 2, "b": 1})
    assert sum(again.values()) == found.forfeited


# --- leaving and the year ---------------------------------------------------------------------------------------------


def test_payment_begins_in_the_next_plan_year_or_by_the_sixth() -> None:
    """finance rules 3, "Exit"."""
    years = {Cause.RETIREMENT: 1, Cause.DEATH: 1, Cause.DISABILITY: 1, Cause.OTHER: 6}
    end = date(2023, 12, 31)
    assert payment_begins_by(plan_year_end=end, cause=Cause.RETIREMENT, plan_years=years) == date(2024, 12, 31)
    assert payment_begins_by(plan_year_end=end, cause=Cause.OTHER, plan_years=years) == date(2029, 12, 31)
    with pytest.raises(OwnershipRefused):
        payment_begins_by(plan_year_end=end, cause=Cause.OTHER, plan_years={})


def test_an_unlisted_company_buys_back_in_two_windows() -> None:
    """finance rules 3, "Exit": two 60-day windows."""
    first, second = put_windows(paid_out_on=date(2024, 3, 1), valued_on=date(2025, 1, 31), days=60)
    assert first == Period(date(2024, 3, 2), date(2024, 4, 30))
    assert (first.days, second.days, second.start) == (60, 60, date(2025, 2, 1))
    with pytest.raises(OwnershipRefused):
        put_windows(paid_out_on=date(2024, 3, 1), valued_on=date(2024, 3, 1), days=60)


def test_older_members_may_spread_a_quarter_and_in_the_last_year_half() -> None:
    """finance rules 3, "Exit": 25 % over five years, 50 % in the sixth."""
    shares_by_year = (Fraction(1, 4),) * 5 + (Fraction(1, 2),)
    held, already = 1_000, 0
    turned: list[int] = []
    for year in range(1, 8):
        turned.append(diversifiable(shares=held, already=already, window_year=year, shares_by_year=shares_by_year))
        held, already = held - turned[-1], already + turned[-1]
    assert turned == [250, 0, 0, 0, 0, 250, 0]


def test_the_year_of_a_trust_adds_up() -> None:
    """finance rules 3, "Form 5500 figures"; requirement CONVERT-05: allocated <= released."""
    shape = {"bought": 100_000, "price_minor": 12, "loan_owed_minor": 420_000}
    status = {"a": "active", "b": "active", "c": "left"}
    year = trust_year(released=40_000, allocated={"a": 30_000, "b": 10_000}, status=status, **shape)  # type: ignore[arg-type]
    assert (year.in_suspense, year.allocated, year.people) == (60_000, 40_000, {"active": 2, "left": 1})
    assert (year.unallocated_value_minor, year.allocated_value_minor) == (720_000, 480_000)
    assert year.loan_to_suspense.percent() == Decimal("58.33")
    with pytest.raises(MoreThanReleased) as refused:
        trust_year(released=39_999, allocated={"a": 40_000}, status=status, **shape)  # type: ignore[arg-type]
    assert refused.value.facts == {"bought": 100_000, "released": 39_999, "allocated": 40_000}
    with pytest.raises(MoreThanReleased):
        trust_year(released=100_001, allocated={}, status={}, **shape)  # type: ignore[arg-type]
