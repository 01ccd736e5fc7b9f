"""Figures: roll-up equals recomputation, nothing disappears, small figures stay hidden."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jump.core.calendars import Period
from jump.core.indicators import (
    NOT_STATED,
    TOTAL,
    Aggregate,
    Light,
    Tally,
    achievement,
    collapsed,
    disaggregated,
    distinct_bounds,
    hide_in_lines,
    hide_small,
    light,
    planned_to_date,
    ratio_of,
    rolled_up,
    tally,
    total_of,
)


@dataclass(frozen=True)
class Fact:
    ref: str
    party: str | None = None
    value: Decimal = Decimal(1)
    codes: dict[str, object] = field(default_factory=dict)


facts_of_a_place = st.lists(
    st.builds(
        Fact,
        ref=st.just("job"),
        party=st.none() | st.sampled_from([f"per-{number}" for number in range(8)]),
        value=st.decimals(-1000, 1000, places=2),
        codes=st.fixed_dictionaries(
            {}, optional={"sex": st.sampled_from(["female", "male", "", None]), "youth": st.booleans()}
        ),
    ),
    max_size=12,
)
AGGREGATES = [how for how in Aggregate if how is not Aggregate.RATIO]


@given(st.lists(facts_of_a_place, max_size=4), st.sampled_from(AGGREGATES))
def test_a_roll_up_equals_the_recomputation_from_raw_facts(places: list[list[Fact]], how: Aggregate) -> None:
    dimensions = ["sex", "youth"]
    everything = [fact for place in places for fact in place]
    from_places = rolled_up(disaggregated(place, dimensions) for place in places)
    from_facts = disaggregated(everything, dimensions)
    assert from_places == from_facts
    assert total_of(from_places).figure(how) == tally(everything).figure(how)
    assert collapsed(from_places, [0]) == disaggregated(everything, ["sex"])
    assert collapsed(from_places, [1]) == disaggregated(everything, ["youth"])


@given(facts_of_a_place)
def test_every_fact_is_in_exactly_one_line_of_a_split(facts: list[Fact]) -> None:
    table = disaggregated(facts, ["sex"])
    assert sum(cell.n for cell in table.values()) == len(facts)
    unstated = [fact for fact in facts if not fact.codes.get("sex")]
    assert table.get((NOT_STATED,), Tally()).n == len(unstated)


@given(facts_of_a_place, facts_of_a_place)
def test_people_of_two_places_are_a_set_and_never_a_sum(one: list[Fact], other: list[Fact]) -> None:
    named = {fact.party for fact in [*one, *other] if fact.party}
    unnamed = sum(1 for fact in [*one, *other] if fact.party is None)
    assert tally(one).joined(tally(other)).figure(Aggregate.DISTINCT).value == len(named) + unnamed


def test_two_records_of_one_person_count_once() -> None:
    facts = [Fact("a", "per-1"), Fact("b", "per-2")]
    assert tally(facts).figure(Aggregate.DISTINCT).value == 2
    assert tally(facts, clusters={"per-2": "per-1"}).figure(Aggregate.DISTINCT).value == 1


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=15))
def test_the_median_survives_a_roll_up_exactly(values: list[Decimal]) -> None:
    cut = len(values) // 2
    facts = [Fact("x", value=value) for value in values]
    joined = tally(facts[:cut]).joined(tally(facts[cut:]))
    assert joined.figure(Aggregate.MEDIAN).value == median([Fraction(value) for value in values])


def test_mean_and_ratio_keep_their_parts_and_are_not_defined_over_nothing() -> None:
    figure = tally([Fact("a", value=Decimal("1.5")), Fact("b", value=Decimal(2))]).figure(Aggregate.MEAN)
    assert (figure.value, figure.numerator, figure.denominator, figure.n) == (Fraction(7, 4), Fraction(7, 2), 2, 2)
    assert figure.rounded() == Decimal("1.75")
    for empty in (
        Tally().figure(Aggregate.MEAN),
        Tally().figure(Aggregate.MEDIAN),
        ratio_of(Fraction(1), Fraction(0), 0),
    ):
        assert empty.value is None
        assert empty.rounded() is None
    assert Tally().figure(Aggregate.COUNT).value == 0
    with pytest.raises(ValueError, match="ratio"):
        Tally().figure(Aggregate.RATIO)


@given(st.sets(st.integers(0, 30)), st.lists(st.sets(st.integers(0, 30)), max_size=4))
def test_where_only_totals_are_known_the_truth_lies_within_the_bounds(known: set[int], others: list[set[int]]) -> None:
    bounds = distinct_bounds({str(person) for person in known}, [len(other) for other in others])
    truth = len(known.union(*others))
    assert bounds.low <= truth <= bounds.high


def test_bounds_are_exact_where_everybody_is_named() -> None:
    assert distinct_bounds({"per-1", "per-2"}, []).is_exact


# --- targets ---


def test_lights_follow_what_was_planned_by_now() -> None:
    plan = Period(date(2002, 1, 1), date(2005, 12, 31))
    planned = planned_to_date(baseline=0, target=1_461, over=plan, as_of=date(2002, 12, 31))
    assert planned == 365
    assert light(achievement(329, planned)) is Light.GREEN
    assert light(achievement(328, planned)) is Light.AMBER
    assert light(achievement(255, planned)) is Light.RED
    assert light(achievement(5, 0)) is Light.NONE
    assert planned_to_date(baseline=10, target=20, over=plan, as_of=date(2001, 1, 1)) == 10
    assert planned_to_date(baseline=10, target=20, over=plan, as_of=date(2010, 1, 1)) == 20


def test_thresholds_are_parameters_and_a_fall_can_be_the_aim() -> None:
    assert light(Fraction(1, 2), green_from=Fraction(1, 2)) is Light.GREEN
    assert achievement(8, 6, baseline=10) == Fraction(1, 2)
    assert achievement(12, 6, baseline=10) == Fraction(-1, 2)


# --- hiding ---

Cells = dict[tuple[str, ...], int]


def test_a_figure_about_four_people_is_hidden_and_one_about_five_is_shown() -> None:
    assert hide_small({("a",): 4, ("b",): 50, ("c",): 60}).hidden == {("a",), ("b",)}
    assert hide_small({("a",): 5, ("b",): 50, ("c",): 60}).hidden == frozenset()
    assert hide_small({("a",): 0, ("b",): 50}).hidden == frozenset()


def test_hidden_neighbours_are_told_apart_from_small_ones() -> None:
    table = hide_small({("a",): 4, ("b",): 50, ("c",): 60})
    assert (table.small, table.beside) == ({("a",)}, {("b",)})
    assert table.shown == {("a",): None, ("b",): None, ("c",): 60, (TOTAL,): 114}


def test_two_small_figures_whose_sum_is_small_too_take_a_third_with_them() -> None:
    table = hide_small({("a",): 1, ("b",): 2, ("c",): 30, ("d",): 40})
    assert table.hidden == {("a",), ("b",), ("c",)}


def test_a_place_with_three_people_shows_nothing_at_all() -> None:
    table = hide_small(
        {
            ("x", "female"): 2,
            ("x", "male"): 1,
            ("y", "female"): 20,
            ("y", "male"): 30,
            ("z", "female"): 9,
            ("z", "male"): 9,
        }
    )
    assert table.shown["x", TOTAL] is None
    assert table.shown["x", "female"] is None
    assert table.shown["x", "male"] is None


def test_totals_by_the_name_total_and_negative_people_are_refused() -> None:
    with pytest.raises(ValueError, match="total"):
        hide_small({("total",): 3})
    with pytest.raises(ValueError, match="below zero"):
        hide_small({("a",): -1})
    assert hide_small({}).shown == {}


def consistent_tables(
    shown: dict[tuple[str, ...], int | None], rows: list[str], columns: list[str], most: int
) -> list[Cells]:
    """Every table of people that agrees with what is shown, by brute force."""
    keys = list(product(rows, columns))
    ranges = [range(most + 1) if shown[key] is None else [shown[key]] for key in keys]
    found: list[Cells] = []
    for values in product(*ranges):
        cells = dict(zip(keys, values, strict=True))
        totals: Cells = {}
        for row in [*rows, TOTAL]:
            for column in [*columns, TOTAL]:
                totals[row, column] = sum(
                    value for (one, other), value in cells.items() if row in (one, TOTAL) and column in (other, TOTAL)
                )
        if all(value is None or totals[key] == value for key, value in shown.items()):
            found.append(totals)
    return found


@settings(max_examples=25)
@given(st.lists(st.integers(0, 7), min_size=4, max_size=4))
def test_in_a_small_table_no_hidden_small_figure_can_be_worked_out(values: list[int]) -> None:
    rows, columns = ["f", "m"], ["old", "young"]
    cells = dict(zip(product(rows, columns), values, strict=True))
    table = hide_small(cells)
    tables = consistent_tables(dict(table.shown), rows, columns, most=8)
    assert tables, "the true table agrees with what is shown"
    for key in table.small:
        assert len({other[key] for other in tables}) > 1, f"{key} can be worked out"


@given(st.integers(2, 5), st.integers(2, 5), st.data())
def test_in_a_larger_table_every_small_figure_can_move_without_changing_what_is_shown(
    rows: int, columns: int, data: st.DataObject
) -> None:
    cells: Cells = {
        (f"r{row}", f"c{column}"): data.draw(st.sampled_from([0, 1, 2, 3, 4, 6, 9, 20, 50]))
        for row in range(rows)
        for column in range(columns)
    }
    table = hide_small(cells)
    assert all(value is None or value == 0 or value >= 5 for value in table.shown.values())
    for key in table.small:
        assert can_move(table.hidden, key, rows, columns), f"{key} can be worked out"


def can_move(hidden: frozenset[tuple[str, ...]], key: tuple[str, ...], rows: int, columns: int) -> bool:
    """Whether the hidden figures can change together, this one by one person, with every shown figure the same.

    A table with totals is a network (rows and columns are nodes, every figure a pipe): a figure can move if and only if
    it lies on a ring of hidden figures. Hidden figures are all above zero, so the ring can be turned.
    """
    first = (f"row {key[0]}", f"column {key[1]}")
    links: dict[str, set[str]] = {}
    for row, column in hidden - {key}:
        links.setdefault(f"row {row}", set()).add(f"column {column}")
        links.setdefault(f"column {column}", set()).add(f"row {row}")
    reached, fresh = set(), {first[0]}
    while fresh:
        reached |= fresh
        fresh = {there for here in fresh for there in links.get(here, set())} - reached
    return first[1] in reached


@given(st.dictionaries(st.tuples(st.sampled_from("abcdef")), st.integers(0, 30), min_size=1))
def test_in_one_line_what_is_hidden_adds_up_to_at_least_five_people_or_the_total_is_hidden(cells: Cells) -> None:
    table = hide_small(cells)
    hidden_sum = sum(cells[key] for key in table.hidden if key in cells)
    assert not table.small or table.shown[TOTAL,] is None or hidden_sum >= 5


def test_three_dimensions_and_the_same_answer_every_time() -> None:
    cells = {
        (place, sex, age): (hash_free * 7) % 11
        for hash_free, (place, sex, age) in enumerate(product("xyz", ["f", "m"], ["15_24", "25_34"]))
    }
    table = hide_small(cells)
    assert table == hide_small(dict(reversed(cells.items())))
    assert all(value is None or value == 0 or value >= 5 for value in table.shown.values())


def test_a_tree_of_places_is_protected_like_a_table() -> None:
    """A country of two communities, split by sex: figures of any shape, told by which parts make which total."""
    split = {("north", "f"): 3, ("north", "m"): 20, ("south", "f"): 30, ("south", "m"): 40}
    values = {
        **split,
        ("north", "all"): 23,
        ("south", "all"): 70,
        ("country", "f"): 33,
        ("country", "m"): 60,
        ("country", "all"): 93,
    }
    lines = [(((place, "f"), (place, "m")), (place, "all")) for place in ("north", "south", "country")]
    lines += [((("north", sex), ("south", sex)), ("country", sex)) for sex in ("f", "m", "all")]
    hidden = hide_in_lines(values, lines)
    assert ("north", "f") in hidden
    renamed = {tuple(TOTAL if code in ("country", "all") else code for code in key) for key in hidden}
    assert can_move(frozenset(renamed), ("north", "f"), 2, 2)


def test_a_rest_nobody_is_shown_already_keeps_its_neighbour_unknown() -> None:
    values = {("north",): 3, ("south",): 20, ("elsewhere",): 7, ("country",): 30}
    lines = [((("north",), ("south",), ("elsewhere",)), ("country",))]
    assert hide_in_lines(values, lines, unseen={("elsewhere",)}) == {("north",)}
    assert hide_in_lines(values, lines) == {("north",), ("elsewhere",)}
