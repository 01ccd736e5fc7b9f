"""Many loans at once give the same cents as one loan at a time."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jump.core.schedules import METHODS, DayCount, InterestBy, LoanTerms, Schedule, TermsError, arrays, schedule

START = date(2026, 1, 31)


def exact(principal: int, count: int, rate: Decimal, method: str, grace: int, multiple: int, daily: bool) -> Schedule:
    interest, amortisation = METHODS[method]
    terms = LoanTerms(
        principal_minor=principal,
        currency="THB",
        instalments=count,
        rate_yearly=rate,
        method=interest,
        amortisation=amortisation,
        interest_by=InterestBy.DAY if daily else InterestBy.PERIOD,
        day_count=DayCount(365),
        grace_principal=grace,
        instalment_multiple_minor=multiple,
    )
    return schedule(terms, disbursed_on=START)


@given(
    principals=st.lists(st.integers(1, 10**10), min_size=1, max_size=8),
    count=st.integers(1, 48),
    rate=st.decimals(0, 1, places=4),
    method=st.sampled_from(sorted(METHODS)),
    grace=st.integers(0, 5),
    multiple=st.sampled_from([1, 1, 25, 100, 5_000]),
    daily=st.booleans(),
)
@example(  # a sixtieth of what is owed is a half of a satang
    principals=[1_975_977_006],
    count=31,
    rate=Decimal("0.2"),
    method="declining_equal_instalments",
    grace=0,
    multiple=25,
    daily=False,
)
@pytest.mark.covers("RLF-06")
def test_schedules_on_arrays_equal_the_exact_ones_to_the_cent(
    principals: list[int], count: int, rate: Decimal, method: str, grace: int, multiple: int, daily: bool
) -> None:
    grace = min(grace, count - 1)
    tables = [exact(principal, count, rate, method, grace, multiple, daily) for principal in principals]
    days = [(line.due_on - line.from_on).days for line in tables[0].instalments]
    found = arrays.schedules(
        principals,
        instalments=count,
        rate=(int(rate * 10_000), 10_000 * (365 if daily else 12)),
        method=method,
        parts=days if daily else None,
        grace_instalments=grace,
        multiple_minor=multiple,
    )
    for column, table in enumerate(tables):
        assert found.principal_minor[:, column].tolist() == [line.principal_minor for line in table.instalments]
        assert found.interest_minor[:, column].tolist() == [line.interest_minor for line in table.instalments]
    assert (found.due_minor == found.principal_minor + found.interest_minor).all()


def test_each_loan_may_have_its_own_rate_and_blocks_do_not_show() -> None:
    size = 40_000
    principals = np.arange(1_000, 1_000 + size) * 37
    numerators = np.arange(size) % 400
    found = arrays.schedules(principals, instalments=12, rate=(numerators, np.full(size, 12_000)))
    for column in (0, 1, 399, 16_383, 16_384, size - 1):
        table = exact(
            int(principals[column]),
            12,
            Decimal(int(numerators[column])) / 1_000,
            "declining_equal_instalments",
            0,
            1,
            False,
        )
        assert found.principal_minor[:, column].tolist() == [line.principal_minor for line in table.instalments]


def test_an_equal_instalment_that_lies_on_a_half_is_rounded_as_the_exact_one() -> None:
    """5 over 2 without interest is 2.5 each: 2, then 3; with a multiple of 10, 50 over 2 is 20, then 30."""
    assert arrays.schedules([5, 7], instalments=2, rate=(0, 1)).principal_minor.tolist() == [[2, 4], [3, 3]]
    assert arrays.schedules([50], instalments=2, rate=(0, 1), multiple_minor=10).principal_minor.tolist() == [
        [20],
        [30],
    ]


def test_what_does_not_fit_is_refused_and_nothing_wraps_around() -> None:
    with pytest.raises(arrays.TooLarge):
        arrays.schedules([2**60], instalments=2, rate=(12, 100))
    with pytest.raises(arrays.TooLarge):
        arrays.interest(np.array([2**60]), rate_yearly=(12, 100), days=31)
    for wrong in ({"method": "friendly"}, {"grace_instalments": 2}, {"multiple_minor": 0}, {"parts": [1]}):
        with pytest.raises(TermsError):
            arrays.schedules([100], instalments=2, rate=(1, 100), **wrong)  # type: ignore[arg-type]
    with pytest.raises(TermsError):
        arrays.schedules([-1], instalments=2, rate=(1, 100))
    assert arrays.schedules([], instalments=2, rate=(1, 100)).principal_minor.shape == (2, 0)


@given(
    st.lists(st.integers(0, 1_000), min_size=3, max_size=3),
    st.integers(0, 3_000),
    st.integers(0, 100),
)
def test_lateness_on_arrays_is_that_of_the_oldest_open_instalment(due: list[int], paid: int, today: int) -> None:
    dues, days = np.array(due)[:, None], np.array([10, 40, 70])
    still_open = arrays.open_after(dues, np.array([paid]))
    assert int(still_open.sum()) == max(0, sum(due) - paid)
    late = [today - day for day, amount in zip(days, still_open[:, 0], strict=True) if amount and day < today]
    assert arrays.days_late(days, still_open, today).tolist() == [max(late, default=0)]


@pytest.mark.covers("RLF-08")
def test_portfolio_at_risk_and_ranges_take_whole_balances() -> None:
    principal, late = np.array([900, 50, 50]), np.array([31, 0, 30])
    assert arrays.at_risk(principal, late, days=30) == (900, 1_000)
    assert arrays.by_range(principal, late, [0, 30, 60]).tolist() == [50, 50, 900, 0]
