"""Many loans at once give the same cents as one loan at a time."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

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


@pytest.mark.parametrize(("tenths", "step"), [(1, 105), (3, 115)])
@pytest.mark.parametrize("multiple", [1, 100])
def test_hundreds_of_equal_instalments_that_lie_on_a_half_go_to_the_even_side(
    tenths: int, step: int, multiple: int
) -> None:
    """Two instalments at r = n/10 a period are P * (1+r)^2 / (2+r) each: a half for each odd number of steps.

    Numbers with a floating point miss the half on either side, so that each is worked out exactly.
    """
    lent = [step * multiple * odd for odd in range(1, 801, 2)]
    found = arrays.schedules(lent, instalments=2, rate=(tenths, 10), multiple_minor=multiple)
    rate = Fraction(tenths, 10)
    equal = [round(one * (1 + rate) ** 2 / (2 + rate) / multiple) * multiple for one in lent]
    interest = [round(one * rate) for one in lent]
    assert all((one * (1 + rate) ** 2 / (2 + rate) / multiple * 2).denominator == 1 for one in lent)
    assert found.interest_minor[0].tolist() == interest
    assert found.principal_minor[0].tolist() == [each - part for each, part in zip(equal, interest, strict=True)]
    assert found.principal_minor.sum(axis=0).tolist() == lent


def test_what_is_owed_falls_due_on_its_day_is_late_the_day_after_and_is_charged_after_its_days() -> None:
    """One cent open of an instalment due on day 10, a late fee five days after; then one due on day 40."""
    lines = arrays.Lines(*(np.array(column) for column in ([2], [10, 40], [0, 0], [0, 1], [1, 50])))

    def stand(today: int, known: int = 1, fee_after: int = 5) -> tuple[int, ...]:
        nothing = np.array([0])
        found = arrays.stands(
            lines,
            fee_paid=nothing,
            interest_paid=nothing,
            principal_paid=nothing,
            fee_after=np.array([fee_after]),
            known=np.array([known]),
            today=today,
        )
        columns = (found.due_minor, found.principal_late_minor, found.late_since, found.changes_on, found.is_charged)
        return tuple(int(column[0]) for column in columns)

    #                     due late since changes charged
    assert stand(9) == (0, 0, 0, 10, 0)
    assert stand(10) == (1, 0, 0, 11, 0)
    assert stand(11) == (1, 1, 10, 16, 0)
    assert stand(15) == (1, 1, 10, 16, 0)
    assert stand(16) == (1, 1, 10, 40, 1)
    assert stand(16, known=15) == (1, 1, 10, 40, 1)
    assert stand(16, known=16) == (1, 1, 10, 40, 0)
    assert stand(40, known=16) == (52, 1, 10, 41, 0)
    assert stand(41, known=16) == (52, 51, 10, 46, 0)
    assert stand(16, fee_after=arrays.NO_FEE) == (1, 1, 10, 40, 0)
    assert stand(16, fee_after=0) == (1, 1, 10, 40, 1)


def test_a_single_cent_that_is_open_makes_a_loan_late() -> None:
    days, cent = np.array([10, 40]), np.array([[1], [0]])
    assert [int(arrays.days_late(days, cent, today)[0]) for today in (10, 11, 50)] == [0, 1, 40]


def test_a_late_fee_counts_to_the_instalment_in_whose_period_its_day_lies() -> None:
    """Due on days 30 and 60, fees five days later; one that comes on a due day itself belongs to that instalment."""
    due, days = np.array([[100], [100]]), np.array([30, 60])
    nothing = np.zeros((2, 1), dtype=np.int64)
    assert arrays.late_fees(due, days, nothing, percent=(10, 100), after_days=5).tolist() == [[10], [11]]
    assert arrays.late_fees(due, days, nothing, percent=(10, 100), after_days=29).tolist() == [[10], [11]]
    assert arrays.late_fees(due, days, nothing, percent=(10, 100), after_days=30).tolist() == [[10], [10]]
    fees = np.array([[10], [11]])
    asked = [arrays.charged(due, fees, days, after_days=29, today=today)[:, 0].tolist() for today in (59, 60, 89, 90)]
    assert asked == [[100, 100, 0], [100, 110, 0], [100, 110, 0], [100, 110, 11]]


def test_the_largest_amounts_that_fit_are_counted_and_the_next_are_refused() -> None:
    fits = arrays._LIMIT - 1
    table = arrays.schedules([fits], instalments=1, rate=(1, 1))
    assert (int(table.principal_minor[0, 0]), int(table.interest_minor[0, 0])) == (fits, fits)
    assert int(arrays.interest(np.array([fits]), rate_yearly=(1, 1), days=1, year_days=1)[0]) == fits
    for too_much in ({"principal_minor": [fits + 1], "rate": (1, 1)}, {"principal_minor": [1], "rate": (1, fits)}):
        with pytest.raises(arrays.TooLarge):
            arrays.schedules(**too_much, instalments=1)  # type: ignore[arg-type]
    with pytest.raises(arrays.TooLarge):
        arrays.interest(np.array([fits + 1]), rate_yearly=(1, 1), days=1)
    assert arrays.schedules([0], instalments=1, rate=(0, 1)).principal_minor.tolist() == [[0]]
    with pytest.raises(TermsError):
        arrays.schedules([1], instalments=1, rate=(-1, 100))
    with pytest.raises(TermsError):
        arrays.schedules([1], instalments=1, rate=(1, 0))


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
