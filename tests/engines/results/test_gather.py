"""The one pass: whatever the facts, a roll-up is the recomputation, people are a set, and nothing disappears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.base.duties import Fact
from jump.core.indicators import Aggregate, tally
from jump.core.units import Ref
from jump.engines.results.services.compute import gather as kernel
from jump.engines.results.services.compute.gather import Gathered, Gatherer, gather, inputs_of, unpack
from jump.engines.results.services.compute.measures import (
    Measure,
    ancestors_and_self,
    calendar_start,
    period_name,
    period_of,
    read_measure,
)
from tests.engines.results.makers import DAY, INDICATORS, LAMAI, PLACES, RIVERSIDE, job, other

SEXES = ("female", "male", None)
ALL_PLACES = ("trial/", "trial/asia/", "trial/asia/PH/", *PLACES)


def measures(*names: str) -> list[Measure]:
    found = [read_measure(f"trial.{name}", "1", INDICATORS[name]) for name in names]
    return [one for one in found if one is not None]


def value(gathered: Gathered, scope: str, number: int = 0, dimension: str = "", category: str = "") -> Any:
    wanted = (number, scope, dimension, category)
    found = [one for one in gathered.values if (one.measure, one.scope, one.dimension, one.category) == wanted]
    return found[0].value if found else None


told = st.lists(
    st.tuples(
        st.sampled_from(ALL_PLACES),
        st.integers(0, 6),  # which person
        st.sampled_from(SEXES),
        st.booleans(),  # decent
        st.integers(1, 5_000),  # pay
        st.dates(date(2002, 1, 1), date(2004, 12, 31)),
    ),
    max_size=60,
)


def as_facts(rows: Sequence[tuple[Any, ...]]) -> list[Fact]:
    facts = []
    for number, (scope, person, sex, decent, pay, on) in enumerate(rows):
        codes = {"kind": "created", "decent": decent} | ({"sex": sex} if sex else {})
        party = Ref(f"per-{person:08d}")
        facts.append(Fact("trial.job", Ref(f"job-{number:08d}"), scope, on, party=party, codes=codes))
        facts.append(Fact("trial.pay", Ref(f"sub-{number:08d}"), scope, on, Decimal(pay), party=party, codes=codes))
    return facts


@pytest.mark.covers("PROG-02")
@given(rows=told)
def test_every_roll_up_equals_the_recomputation_from_the_facts(rows: list[tuple[Any, ...]]) -> None:
    facts = as_facts(rows)
    used = measures("jobs", "people", "share", "pay", "pay_middle")
    gathered = gather(facts, used, as_of=DAY)
    for scope in {path for fact in facts for path in ancestors_and_self(fact.scope)}:
        for sex in (None, "female", "male", "not_stated"):
            here = [
                fact
                for fact in facts
                if fact.scope.startswith(scope)
                and fact.on <= DAY
                and (sex is None or fact.codes.get("sex", "not_stated") == sex)
            ]
            jobs = tally(fact for fact in here if fact.kind == "trial.job")
            decent = tally(fact for fact in here if fact.kind == "trial.job" and fact.codes["decent"])
            pay = tally(fact for fact in here if fact.kind == "trial.pay")
            cell = ("", "") if sex is None else ("sex", sex)
            assert (value(gathered, scope, 0, *cell) or 0) == decent.n
            assert (value(gathered, scope, 1, *cell) or 0) == len(jobs.parties)
            share = Fraction(decent.n * 100, jobs.n) if jobs.n else None
            assert value(gathered, scope, 2, *cell) == share
            assert value(gathered, scope, 3, *cell) == pay.figure(Aggregate.MEAN).value
            assert value(gathered, scope, 4, *cell) == pay.figure(Aggregate.MEDIAN).value


@given(rows=told)
def test_lines_of_a_split_add_up_to_the_whole_because_not_stated_is_one_of_them(rows: list[tuple[Any, ...]]) -> None:
    gathered = gather(as_facts(rows), measures("jobs"), as_of=DAY)
    for scope in ALL_PLACES:
        whole = value(gathered, scope) or 0
        for dimension in ("sex", "age_group"):
            parts = [one for one in gathered.values if one.scope == scope and one.dimension == dimension]
            assert sum(one.value or 0 for one in parts) == whole


@given(rows=told, size=st.integers(1, 7))
def test_how_facts_are_packed_changes_nothing(rows: list[tuple[Any, ...]], size: int) -> None:
    facts = as_facts(rows)
    used = measures("jobs", "people", "share", "pay", "pay_middle")
    at_once = gather(facts, used, as_of=DAY)
    before = kernel.ROWS_IN_CHUNK
    kernel.ROWS_IN_CHUNK = size
    try:
        in_pieces = gather(list(reversed(facts)), used, as_of=DAY)
    finally:
        kernel.ROWS_IN_CHUNK = before

    def key(one: Any) -> tuple[Any, ...]:
        return (one.measure, one.scope, one.dimension, one.category)

    assert sorted(at_once.values, key=key) == sorted(in_pieces.values, key=key)
    assert at_once.facts == in_pieces.facts == sum(chunk.count for chunk in in_pieces.chunks)


@given(rows=told)
def test_the_inputs_of_a_value_are_exactly_the_facts_it_was_computed_from(rows: list[tuple[Any, ...]]) -> None:
    facts = as_facts(rows)
    (measure,) = measures("jobs")
    gathered = gather(facts, [measure], as_of=DAY)
    for scope in ("trial/", RIVERSIDE):
        chunks = [chunk for chunk in gathered.chunks if chunk.scope.startswith(scope)]
        found = inputs_of(chunks, measure, as_of=DAY, period_start=None, cell=("sex", "female"))
        assert {row.ref for _role, _kind, _place, row, _amount in found} == {
            fact.ref
            for fact in facts
            if fact.kind == "trial.job"
            and fact.scope.startswith(scope)
            and fact.on <= DAY
            and fact.codes["decent"]
            and fact.codes.get("sex") == "female"
        }


@pytest.mark.covers("PROG-02")
def test_one_person_in_two_communities_is_one_person_in_the_country() -> None:
    facts = [job(place, party="per-00000001") for place in PLACES]
    gathered = gather(facts, measures("people"), as_of=DAY)
    assert [value(gathered, place) for place in PLACES] == [1, 1, 1]
    assert [value(gathered, path) for path in ("trial/asia/PH/", "trial/asia/", "trial/")] == [1, 1, 1]


def test_totals_without_names_widen_the_bounds_and_never_add_to_the_count() -> None:
    listed = [job(party=f"per-{number:08d}") for number in range(3)]
    partner = Fact("trial.job", Ref("sub-00000001"), LAMAI, date(2004, 1, 1), Decimal(10), codes={})
    gathered = gather([*listed, partner], measures("people"), as_of=DAY)
    (whole,) = [one for one in gathered.values if one.scope == "trial/" and not one.dimension]
    assert (whole.value, whole.lower, whole.upper) == (10, 10, 13)


def test_a_ratio_of_nothing_is_not_defined_and_never_zero() -> None:
    gathered = gather([other("trial.spend", value="5000")], measures("cost_per_job"), as_of=DAY)
    whole = next(one for one in gathered.values if not one.dimension)
    assert (whole.value, whole.numerator) == (None, 5000)


@pytest.mark.covers("PROG-12")
def test_cost_per_job_is_told_for_groups_and_single_people_apart() -> None:
    facts = [
        other("trial.spend", value="9000", scheme="group"),
        other("trial.spend", value="1000", scheme="individual"),
        *(job(scheme="group") for _number in range(10)),
        job(scheme="individual"),
        job(scheme="individual", decent=False),
    ]
    gathered = gather(facts, measures("cost_per_job"), as_of=DAY)
    assert value(gathered, "trial/", 0, "scheme", "group") == 900
    assert value(gathered, "trial/", 0, "scheme", "individual") == 1000
    assert value(gathered, "trial/") == Fraction(10_000, 11)


def test_what_is_counted_over_a_period_starts_with_the_period() -> None:
    facts = [other("trial.meeting", on=day) for day in (date(2003, 12, 31), date(2004, 1, 1), date(2004, 6, 30))]
    gathered = gather(facts, measures("meetings"), as_of=DAY)
    assert value(gathered, "trial/") == 2
    quarter = gather(facts, measures("meetings"), as_of=DAY, period_start=date(2004, 4, 1))
    assert value(quarter, "trial/") == 1


def test_of_several_looks_at_one_group_only_the_latest_counts() -> None:
    facts = [
        other("trial.health", party="grp-00000001", survival="active", on=date(2003, 1, 1)),
        other("trial.health", party="grp-00000001", survival="closed", on=date(2004, 1, 1)),
        other("trial.health", party="grp-00000002", survival="active", on=date(2003, 1, 1)),
    ]
    gathered = gather(facts, measures("alive"), as_of=DAY)
    assert value(gathered, "trial/") == 50
    earlier = gather(facts, measures("alive"), as_of=date(2003, 6, 30))
    assert value(earlier, "trial/") == 100
    found = list(inputs_of(gathered.chunks, measures("alive")[0], as_of=DAY, period_start=None))
    assert sorted(role for role, *_rest in found) == ["denominator", "denominator", "numerator"]


def test_a_condition_that_asks_for_an_unknown_code_does_not_count_the_fact() -> None:
    facts = [job(), job(decent=None)]
    gathered = gather(facts, measures("jobs"), as_of=DAY)
    assert value(gathered, "trial/") == 1


def test_conditions_on_days_are_asked_row_by_row() -> None:
    data = {
        **INDICATORS["jobs"],
        "measure": {"fact": "trial.job", "where": "months_between(on, as_of) >= 6", "aggregate": "count"},
    }
    measure = read_measure("trial.old", "1", data)
    assert measure is not None
    gathered = gather([job(on=date(2003, 12, 30)), job(on=date(2004, 1, 2))], [measure], as_of=DAY)
    assert value(gathered, "trial/") == 1


def test_facts_at_a_place_nobody_knows_are_reported_and_not_lost_silently() -> None:
    gathered = gather([job("trial/nowhere/"), job()], measures("jobs"), as_of=DAY, scopes={RIVERSIDE: "project"})
    assert gathered.facts == 1
    assert gathered.problems == ["1 facts lie at 'trial/nowhere/', which is no place of the programme"]


def test_memory_holds_packed_rows_and_not_the_facts() -> None:
    gatherer = Gatherer(measures("jobs"), as_of=DAY)
    for number in range(2_500):
        gatherer.take(job(party=f"per-{number:08d}"))
    assert max(len(rows) for rows in gatherer.open.values()) < 1_000
    assert [chunk.count for chunk in gatherer.chunks] == [1_000, 1_000]
    assert len(unpack(gatherer.chunks[0].packed)) == 1_000


def test_periods_have_names_that_read_back() -> None:
    assert period_of("2004-H1") == (date(2004, 1, 1), date(2004, 6, 30))
    assert period_of("2004-Q4") == (date(2004, 10, 1), date(2004, 12, 31))
    assert period_of("2004") == (date(2004, 1, 1), date(2004, 12, 31))
    for name in ("2004-H3", "2004-Q0", "soon", "2004-X1"):
        with pytest.raises((ValueError, KeyError)):
            period_of(name)
    for months in (3, 6, 12):
        start = calendar_start(date(2004, 8, 5), months)
        assert period_of(period_name(start, months))[0] == start
