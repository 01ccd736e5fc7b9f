"""Matching: the best total and its proof, stability, floors, families, lists and the report on bias."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jump.core.matching import (
    Candidates,
    Floor,
    MatchingError,
    Seeker,
    Vacancies,
    Weights,
    arrive,
    assign,
    assign_together,
    bias_report,
    blocking_pairs,
    is_optimal,
    lists,
    price_curve,
    stable,
    top,
    with_floors,
)


@st.composite
def small(draw: st.DrawFn, *, seekers_max: int = 5) -> Candidates:
    seekers, vacancies = draw(st.integers(1, seekers_max)), draw(st.integers(1, 4))
    rows = [draw(st.lists(st.integers(0, vacancies - 1), unique=True, max_size=4)) for _ in range(seekers)]
    vacancy = np.array([row + [-1] * (4 - len(row)) for row in rows])
    top_score = draw(st.sampled_from([3, 20, 1000]))
    flat = draw(st.lists(st.integers(-2, top_score), min_size=4 * seekers, max_size=4 * seekers))
    places = draw(st.lists(st.integers(0, 3), min_size=vacancies, max_size=vacancies))
    return Candidates(vacancy, np.array(flat).reshape(seekers, 4), np.array(places))


def every_assignment(candidates: Candidates) -> list[tuple[int, tuple[int, ...]]]:
    """All that keep the places, with their totals; tried one by one."""
    choices = []
    for row, scores in zip(candidates.vacancy.tolist(), candidates.score.tolist(), strict=True):
        choices.append([(-1, 0), *((v, s) for v, s in zip(row, scores, strict=True) if v >= 0)])
    found = []
    for chosen in product(*choices):
        went = tuple(v for v, _ in chosen)
        if all(went.count(v) <= places for v, places in enumerate(candidates.places.tolist())):
            found.append((sum(s for _, s in chosen), went))
    return found


@settings(max_examples=150, deadline=None)
@given(small())
def test_no_assignment_of_all_that_are_possible_is_better_and_the_prices_prove_it(candidates: Candidates) -> None:
    best = assign(candidates)
    assert best.total == max(total for total, _ in every_assignment(candidates))
    assert is_optimal(candidates, best)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 3, 50, 1000]), st.integers(1, 6))
def test_a_few_hundred_seekers_with_many_equal_scores_are_proved_best(seed: int, most: int, places_max: int) -> None:
    rng = np.random.default_rng(seed)
    vacancy = np.array([rng.permutation(60)[:8] for _ in range(300)])
    candidates = Candidates(vacancy, rng.integers(0, most + 1, (300, 8)), rng.integers(0, places_max + 1, 60))
    assert is_optimal(candidates, assign(candidates))


def test_a_proof_is_refused_for_a_lesser_assignment_and_for_one_place_given_twice() -> None:
    candidates = Candidates(np.array([[0, 1], [0, -1]]), np.array([[9, 8], [7, 0]]), np.array([1, 1]))
    best = assign(candidates)
    lesser = type(best)(np.array([0, -1]), best.price, 9)
    twice = type(best)(np.array([0, 0]), best.price, 16)
    assert is_optimal(candidates, best)
    assert not is_optimal(candidates, lesser)
    assert not is_optimal(candidates, twice)


@settings(max_examples=100, deadline=None)
@given(small(), st.integers(0, 1000))
def test_a_stable_matching_has_no_pair_who_would_rather_have_each_other(candidates: Candidates, seed: int) -> None:
    liking = np.random.default_rng(seed).integers(-1, 4, candidates.score.shape)
    went = stable(candidates, liking)
    taken = np.bincount(went[went >= 0], minlength=len(candidates.places))
    assert (taken <= candidates.places).all()
    assert blocking_pairs(candidates, liking, went).tolist() == []


def test_a_blocking_pair_is_found() -> None:
    candidates = Candidates(np.array([[0, 1], [0, 1]]), np.array([[2, 1], [2, 1]]), np.array([1, 1]))
    liking = np.array([[1, 1], [5, 1]])
    assert blocking_pairs(candidates, liking, np.array([0, 1])).tolist() == [[1, 0]]


@settings(max_examples=60, deadline=None)
@given(small(), st.integers(0, 31), st.sampled_from([Fraction(9, 20), Fraction(1, 3), Fraction(3, 4)]))
def test_a_floor_is_met_and_its_price_is_within_the_gap_it_states(
    candidates: Candidates, bits: int, share_min: Fraction
) -> None:
    member = np.array([bool(bits >> k & 1) for k in range(candidates.seekers)])
    met = with_floors(candidates, [Floor("women", member, share_min)])
    placed = met.assignment.vacancy >= 0
    assert (member & placed).sum() >= share_min * int(placed.sum())
    allowed = [
        total
        for total, went in every_assignment(candidates)
        if sum(1 for k, v in enumerate(went) if v >= 0 and member[k]) >= share_min * sum(v >= 0 for v in went)
    ]
    assert met.total_free - met.price <= max(allowed) <= met.total_free - met.price + met.gap_max


def crowd(seekers: int = 400, vacancies: int = 60, *, seed: int = 3) -> Candidates:
    rng = np.random.default_rng(seed)
    vacancy = np.array([rng.permutation(vacancies)[:10] for _ in range(seekers)])
    return Candidates(vacancy, rng.integers(1, 1000, (seekers, 10)), rng.integers(1, 5, vacancies))


def test_two_floors_are_met_at_once() -> None:
    candidates, rng = crowd(), np.random.default_rng(4)
    women, young = rng.random(400) < 0.3, rng.random(400) < 0.2
    met = with_floors(candidates, [Floor("women", women, Fraction(9, 20)), Floor("youth", young, Fraction(3, 10))])
    assert met.shares[0] >= Fraction(9, 20)
    assert met.shares[1] >= Fraction(3, 10)
    assert 0 <= met.gap_max < met.total_free / 100


def test_a_higher_floor_never_costs_less() -> None:
    women = np.random.default_rng(4).random(400) < 0.3
    curve = price_curve(crowd(), name="women", member=women, shares=[Fraction(k, 20) for k in (2, 8, 10, 12, 14)])
    assert curve[0].price == 0
    prices = [point.price for point in curve]
    assert prices == sorted(prices)
    assert all(point.share >= point.share_min for point in curve)


@settings(max_examples=60, deadline=None)
@given(small(), st.integers(0, 3))
def test_a_family_goes_together_or_not_at_all_and_the_limit_holds(candidates: Candidates, size: int) -> None:
    family = list(range(min(size, candidates.seekers)))
    found = assign_together(candidates, [family] if family else [])
    together = {int(found.vacancy[one]) for one in family}
    assert len(together) <= 1
    taken = np.bincount(found.vacancy[found.vacancy >= 0], minlength=len(candidates.places))
    assert (taken <= candidates.places).all()
    best = max(total for total, went in every_assignment(candidates) if len({went[one] for one in family}) <= 1)
    assert found.total <= best <= found.total_max


def test_nobody_is_in_two_families() -> None:
    with pytest.raises(MatchingError):
        assign_together(crowd(), [[0, 1], [1, 2]])


def test_no_vacancy_is_in_more_lists_than_the_cap() -> None:
    candidates = crowd()
    found = lists(candidates, each=3, proposed_max=7)
    assert found.shape == (400, 3)
    assert np.bincount(found[found >= 0], minlength=60).max() == 7
    for row in found:
        named = row[row >= 0]
        assert len(set(named.tolist())) == len(named)
    free = lists(candidates, each=3, proposed_max=400)
    best = np.take_along_axis(candidates.score, np.argsort(-candidates.score, axis=1), 1)[:, :3]
    assert sum(candidates.score_at(free[:, k]).sum() for k in range(3)) == best.sum()


def test_who_arrives_today_is_decided_by_yesterdays_prices_and_no_place_is_given_twice() -> None:
    yesterday = crowd(seed=3)
    other = crowd(seed=5)
    today = Candidates(other.vacancy, other.score, yesterday.places)
    price = assign(yesterday).price
    went = arrive(today, price, free=today.places)
    assert (np.bincount(went[went >= 0], minlength=60) <= today.places).all()
    assert (today.score_at(went)[went >= 0] >= price[went[went >= 0]]).all()
    left = today.places - np.bincount(went[went >= 0], minlength=60)
    worth_more = (today.score > price[today.vacancy]) & (left[today.vacancy] > 0)
    assert not worth_more[went < 0].any()
    assert 0 < int(today.score_at(went).sum()) <= assign(today).total


def vacancies() -> Vacancies:
    some = np.array([0b11, 0b01, 0, 0b11, 0b11], np.uint64)
    return Vacancies(
        isco=np.array([9211, 9212, 9211, 9211, 9211]),
        latitude=np.array([32.0, 32.1, 32.0, 32.0, 40.0]),
        longitude=np.full(5, 36.0),
        skills=some,
        languages=np.array([1, 1, 2, 1, 1], np.uint64),
        offers=np.array([1, 0, 1, 1, 1], np.uint64),
        permit_needed=np.array([False, False, False, True, False]),
        open=np.ones(5, np.bool_),
    )


def test_a_list_says_the_points_of_each_part_and_passes_over_what_is_far_or_needs_a_permit() -> None:
    seeker = Seeker(9211, 32.0, 36.0, 50.0, skills=0b01, languages=1, wishes=1, has_permit=False)
    weights = Weights(occupation=400, skills=200, distance=200, wishes=100, languages=100)
    found = top(seeker, vacancies(), weights)
    assert [one.vacancy for one in found] == [0, 2, 1]
    first, second, third = found
    assert (first.occupation, first.skills, first.distance, first.wishes, first.languages) == (400, 100, 200, 100, 100)
    assert (second.skills, second.languages) == (200, 0)
    assert (third.occupation, third.wishes) == (300, 0)
    assert third.distance_km == pytest.approx(11.12, abs=0.01)
    assert all(one.score == one.occupation + one.skills + one.distance + one.wishes + one.languages for one in found)


def test_a_vacancy_that_was_proposed_often_enough_is_passed_over() -> None:
    seeker = Seeker(9211, 32.0, 36.0, 50.0, skills=0b01, languages=1, wishes=1, has_permit=True)
    weights = Weights(occupation=400, skills=200, distance=200, wishes=100, languages=100)
    found = top(seeker, vacancies(), weights, proposed=np.array([3, 0, 0, 2, 0]), proposed_max=3)
    assert [one.vacancy for one in found] == [2, 3, 1]


def test_the_report_marks_a_group_that_is_placed_less_and_hides_small_numbers() -> None:
    group = np.repeat([0, 1, 2], [100, 100, 6])
    proposed = np.ones(206, np.bool_)
    placed = np.zeros(206, np.bool_)
    placed[:50] = placed[100:130] = placed[200:203] = True
    men, women, few = bias_report(group, ["men", "women", "few"], [("proposed", proposed), ("placed", placed)])
    assert (men.steps[1].rate, men.steps[1].ratio, men.steps[1].below_limit) == (Fraction(1, 2), Fraction(1), False)
    assert (women.steps[1].count, women.steps[1].ratio) == (30, Fraction(3, 5))
    assert women.steps[1].below_limit
    assert not women.steps[0].below_limit
    assert (few.registered, few.steps[1].count, few.steps[1].rate, few.steps[1].ratio) == (6, None, None, None)


@pytest.mark.parametrize(
    ("vacancy", "score", "places"),
    [
        ([[1]], [[1]], [1]),
        ([[0]], [[1, 2]], [1]),
        ([[0]], [[1]], [-1]),
        ([[0]], [[2**24 + 1]], [1]),
        ([[0]], [[0.5]], [1]),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    vacancy: list[list[int]], score: list[list[int]], places: list[int]
) -> None:
    with pytest.raises(MatchingError):
        Candidates(np.array(vacancy), np.array(score), np.array(places))
