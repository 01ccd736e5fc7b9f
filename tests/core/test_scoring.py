"""Scores and rankings that anybody can compute again."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.scoring import (
    Criterion,
    ScoreError,
    departures,
    failed_screening,
    pairwise_scores,
    panel_score,
    panel_totals,
    rank_agreement,
    ranking,
    weighted_score,
)

# The ten criteria for ideas, weights 20 15 10 10 10 10 10 5 5 5, scale 0 to 5.
IDEAS = [Criterion(f"c{number}", weight) for number, weight in enumerate([20, 15, 10, 10, 10, 10, 10, 5, 5, 5])]


@pytest.mark.covers("CER-08")
def test_the_weighted_score_of_an_idea_is_the_weighted_mean_times_twenty() -> None:
    scores = dict(zip([criterion.id for criterion in IDEAS], [5, 4, 3, 3, 2, 4, 5, 1, 2, 3], strict=True))
    found = weighted_score(scores, IDEAS)
    mean = Fraction(sum(criterion.weight * scores[criterion.id] for criterion in IDEAS), 100)
    assert found.total == mean * 20 == 72
    assert sum(found.points.values()) == found.total
    assert found.points["c0"] == 20


def test_a_score_that_is_missing_outside_its_scale_or_undeclared_is_refused() -> None:
    one = [Criterion("jobs", 1, 1, 5)]
    for bad in ({}, {"jobs": 0}, {"jobs": 6}, {"jobs": 3, "charm": 5}):
        with pytest.raises(ScoreError):
            weighted_score(bad, one)
    with pytest.raises(ScoreError):
        weighted_score({"jobs": 3}, [Criterion("jobs", 0)])
    with pytest.raises(ScoreError):
        Criterion("jobs", 1, 5, 5)


def test_screening_passes_only_when_every_answer_is_yes() -> None:
    gates = [Criterion("legal", screening=True), Criterion("owner", screening=True), Criterion("jobs")]
    assert failed_screening({"legal": True, "owner": True}, gates) == ()
    assert failed_screening({"legal": True, "owner": False}, gates) == ("owner",)
    assert failed_screening({"legal": None}, gates) == ("legal", "owner")


@pytest.mark.covers("CER-08")
def test_ties_are_shown_and_broken_only_by_the_declared_keys_in_order() -> None:
    totals = {"a": 70, "b": 70, "c": 70, "d": 60}
    keys = {
        "a": {"jobs": 10, "women": Fraction(1, 2), "cost": 900},
        "b": {"jobs": 10, "women": Fraction(1, 2), "cost": 800},
        "c": {"jobs": 12, "women": Fraction(1, 4), "cost": 999},
    }
    rows = ranking(totals, tie_break=["jobs", "women", "-cost"], keys=keys)
    assert [(row.candidate, row.place) for row in rows] == [("c", 1), ("b", 2), ("a", 3), ("d", 4)]
    assert rows[0].tied_with == ("a", "b")
    assert [row.broken_by for row in rows] == ["jobs", "jobs", "jobs", ""]


@pytest.mark.covers("CER-08")
def test_what_no_key_tells_apart_shares_its_place() -> None:
    rows = ranking({"b": 70, "a": 70, "c": 50})
    assert [(row.candidate, row.place, row.tied_with) for row in rows] == [
        ("a", 1, ("b",)),
        ("b", 1, ("a",)),
        ("c", 3, ()),
    ]


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 20), max_size=12),
    st.randoms(use_true_random=False),
)
@pytest.mark.covers("CER-08")
def test_a_ranking_is_the_same_whatever_the_order_of_entry(totals: dict[str, int], shuffler: object) -> None:
    items = list(totals.items())
    shuffler.shuffle(items)  # type: ignore[attr-defined]
    rows = ranking(totals)
    assert ranking(dict(items)) == rows
    assert sorted(row.candidate for row in rows) == sorted(totals)
    assert all(
        earlier.total >= later.total and earlier.place <= later.place for earlier, later in itertools.pairwise(rows)
    )


def test_pairwise_ranking_counts_wins_over_the_others() -> None:
    wins = {("a", "b"): "a", ("b", "c"): "b", ("c", "a"): "a"}
    assert pairwise_scores(wins, ["a", "b", "c"]) == {"a": 1, "b": Fraction(1, 2), "c": 0}
    with pytest.raises(ScoreError, match="not been compared"):
        pairwise_scores({("a", "b"): "a"}, ["a", "b", "c"])
    with pytest.raises(ScoreError, match="at least two"):
        pairwise_scores({}, ["a"])


def test_a_panel_shows_mean_median_and_spread() -> None:
    score = panel_score([2, 3, 5, 5])
    assert (score.mean, score.median, score.spread, score.n) == (Fraction(15, 4), 4, 3, 4)
    with pytest.raises(ScoreError, match="nobody"):
        panel_score([])


def test_a_member_with_an_interest_is_left_out_for_that_candidate_alone() -> None:
    criteria = [Criterion("jobs")]
    sheets = {"ann": {"x": {"jobs": 5}, "y": {"jobs": 1}}, "ben": {"x": {"jobs": 3}}}
    totals = panel_totals(sheets, criteria)
    assert (totals["x"].n, totals["x"].mean) == (2, 80)
    assert (totals["y"].n, totals["y"].mean) == (1, 20)


def test_agreement_is_one_when_all_rank_alike_and_none_when_they_cancel_out() -> None:
    assert rank_agreement([{"a": 1, "b": 2, "c": 3}] * 3) == 1
    assert rank_agreement([{"a": 1, "b": 2}, {"a": 2, "b": 1}]) == 0
    assert rank_agreement([{"a": 1, "b": 1}] * 2) is None
    assert rank_agreement([{"a": 1, "b": 2}]) is None
    with pytest.raises(ScoreError, match="same candidates"):
        rank_agreement([{"a": 1, "b": 2}, {"a": 1}])


def test_agreement_with_ties_follows_the_textbook_correction() -> None:
    """Two members, ranks 1 2.5 2.5 4 and 1 2 3 4: S = 18.5, so W = 12*18.5 / (4*60 - 2*6) = 37/38."""
    members = [{"a": 9, "b": 5, "c": 5, "d": 1}, {"a": 4, "b": 3, "c": 2, "d": 1}]
    sums = [2, 4.5, 5.5, 8]
    squares = sum((total - 5) ** 2 for total in sums)
    assert rank_agreement(members) == Fraction(12) * Fraction(squares) / (4 * 60 - 2 * 6)


@given(st.lists(st.fixed_dictionaries({name: st.integers(0, 5) for name in "abcd"}), min_size=2, max_size=5))
def test_agreement_lies_between_none_and_full(members: list[dict[str, int]]) -> None:
    agreement = rank_agreement(members)
    assert agreement is None or 0 <= agreement <= 1


def test_a_decision_past_the_ranking_is_named_on_both_sides() -> None:
    rows = ranking({"a": 90, "b": 80, "c": 70})
    assert departures(rows, {"a", "b"}) == ()
    found = departures(rows, {"b", "c"})
    assert [(one.candidate, one.chosen, one.passed_over_by) for one in found] == [
        ("a", False, ("b", "c")),
        ("b", True, ("a",)),
        ("c", True, ("a",)),
    ]


def test_choosing_one_of_two_that_share_a_place_is_no_departure() -> None:
    assert departures(ranking({"a": 80, "b": 80}), {"b"}) == ()
