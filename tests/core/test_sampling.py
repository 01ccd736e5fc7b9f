"""How many to check, which, and how sure the answer is."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.sampling import SampleError, drawn, sample_size, share_estimate, verification_size


@pytest.mark.parametrize(("population", "size"), [(20_000, 377), (1_000, 278), (500, 218), (100, 80), (1, 1), (0, 0)])
def test_sample_sizes_for_five_percent_either_way_are_the_tabled_ones(population: int, size: int) -> None:
    """Krejcie and Morgan (1970) and every table after them."""
    assert sample_size(population, margin=Decimal("0.05")) == size


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_larger_population_never_needs_a_smaller_sample(one: int, other: int) -> None:
    small, large = sorted([one, other])
    assert sample_size(small, margin=Decimal("0.05")) <= sample_size(large, margin=Decimal("0.05")) <= 385


def test_one_record_in_ten_or_thirty_is_checked() -> None:
    assert [verification_size(size) for size in (0, 5, 30, 299, 301, 10_000)] == [0, 5, 30, 30, 31, 1_000]


@given(st.lists(st.integers(), unique=True, max_size=40), st.integers(0, 2**31), st.data())
def test_a_draw_is_without_return_in_frame_order_and_repeatable(
    frame: list[int], seed: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(0, len(frame)))
    sample = drawn(frame, size, seed=seed)
    assert sample == drawn(frame, size, seed=seed)
    assert len(set(sample)) == size
    assert [unit for unit in frame if unit in set(sample)] == list(sample)


def test_every_unit_is_drawn_about_equally_often() -> None:
    counts = dict.fromkeys(range(10), 0)
    for seed in range(2_000):
        for unit in drawn(range(10), 3, seed=seed):
            counts[unit] += 1
    assert all(520 < count < 680 for count in counts.values()), counts


def test_a_complete_check_has_no_error() -> None:
    whole = share_estimate(hits=45, n=50, population=50)
    assert (whole.share, whole.standard_error, whole.low, whole.high) == (Fraction(9, 10), 0.0, 0.9, 0.9)


@given(st.integers(2, 5_000), st.data())
def test_the_interval_holds_the_share_and_narrows_when_more_is_checked(population: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, population - 1))
    hits = data.draw(st.integers(0, n))
    found = share_estimate(hits=hits, n=n, population=population)
    assert 0 <= found.low <= float(found.share) + 1e-12
    assert float(found.share) - 1e-12 <= found.high <= 1
    wider = share_estimate(hits=hits, n=n, population=population, confidence=Decimal("0.99"))
    assert wider.high - wider.low >= found.high - found.low


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    population = [number < 140 for number in range(200)]
    covered = 0
    for seed in range(600):
        hits = sum(drawn(population, 40, seed=seed))
        found = share_estimate(hits=hits, n=40, population=200)
        covered += found.low <= 0.7 <= found.high
    assert 0.92 <= covered / 600 <= 0.985


def test_impossible_samples_are_refused() -> None:
    for bad in ((5, 4, 10), (0, 0, 10), (1, 11, 10)):
        with pytest.raises(SampleError):
            share_estimate(hits=bad[0], n=bad[1], population=bad[2])
    with pytest.raises(SampleError):
        drawn([1], 2, seed=1)
    with pytest.raises(SampleError):
        sample_size(10, margin=Decimal("0.05"), confidence=Decimal("0.5"))
