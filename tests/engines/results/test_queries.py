"""What pages read: tables, places, series, the headline, figures with their inputs; who sees what; and the cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jump.base import clock, duties
from jump.base.actors import ANONYMOUS, Actor
from jump.base.refusals import NotAllowed, NotFound
from jump.base.scopes import declare_node
from jump.engines.results import api as results
from jump.engines.results.api import Light
from tests import makers
from tests.engines.results.makers import (
    DAY,
    HILLTOP,
    LAMAI,
    PLACES,
    RIVERSIDE,
    Facts,
    coordinator,
    donor,
    install_figures,
    job,
    other,
)

pytestmark = pytest.mark.django_db

PC = coordinator()
DONOR = donor()


@pytest.fixture
def today(ground: makers.Ground) -> Any:
    """The example's day."""
    clock.pin(DAY)
    yield DAY
    clock.forget_pin()


# Tables ----------------------------------------------------------------------------------------------


@pytest.mark.covers("PROG-03")
def test_the_table_says_where_each_indicator_stands(facts: Facts, today: date) -> None:
    facts.jobs(100)
    results.compute(PC, as_of=today)

    rows = {row.indicator.id: row for row in results.table(PC)}
    jobs = rows["trial.jobs"]
    assert (jobs.baseline, jobs.target, jobs.value.value, jobs.gap) == (0, 300, 100, 200)
    assert jobs.target_by == date(2006, 12, 31)
    assert (jobs.share, jobs.share_of_time) == (Decimal("0.3333"), Decimal("0.4995"))  # 912 of 1826 days are over
    assert (jobs.light, jobs.light_text) == (Light.BAD, "Behind")
    assert rows["trial.people"].light is Light.NONE
    later = rows["trial.later"]
    assert (later.value.value, later.value.is_planned, later.light_text) == (None, True, "No data yet")
    assert later.value.planned_reason == "No form asks for it yet."


@pytest.mark.covers("GENDER-01")
def test_every_split_has_a_line_for_not_stated_even_when_it_is_empty(facts: Facts, today: date) -> None:
    facts.jobs(3)
    results.compute(PC, as_of=today)
    view = results.current(PC, indicator="trial.jobs")
    sexes = [(part.category, part.title, part.value) for part in view.parts if part.dimension == "sex"]
    assert sexes == [("female", "Women", 3), ("male", "Men", 0), ("not_stated", "Not stated", 0)]
    ages = [part.category for part in view.parts if part.dimension == "age_group"]
    assert ages == ["under_15", "15_24", "25_34", "35_54", "55_over", "not_stated"]
    empty = results.current(PC, indicator="trial.jobs", scope=LAMAI)
    assert (empty.value, empty.ref) == (0, None)
    assert results.current(PC, indicator="trial.share", scope=LAMAI).value is None  # not defined, never zero


def test_before_the_first_pass_nothing_is_claimed(ground: makers.Ground) -> None:
    assert results.computation(PC) is None
    assert results.current(PC, indicator="trial.jobs").value is None
    assert results.headline(PC).jobs is None
    assert results.series(PC, indicator="trial.jobs") == []


@pytest.mark.covers("PROG-03")
def test_an_indicator_is_told_country_by_country_with_its_target(facts: Facts, today: date) -> None:
    facts.jobs(50)
    facts.jobs(10, LAMAI, sex="male")
    results.compute(PC, as_of=today)
    rows = {row.place: row for row in results.by_scope(PC, indicator="trial.jobs")}
    assert {place: (row.value.value, row.target, row.share) for place, row in rows.items()} == {
        "Philippines": (50, 200, Decimal("0.25")),
        "Thailand": (10, 100, Decimal("0.1")),
    }
    assert rows["Thailand"].men is not None
    assert rows["Thailand"].men.value == 10
    assert [row.place for row in results.by_scope(PC, indicator="trial.jobs", kind="project")] == [
        "Hilltop",
        "Riverside",
        "Lamai",
    ]


def test_pages_cost_the_same_for_ten_and_for_a_thousand_people(
    facts: Facts, today: date, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from jump.base import packages

    def cost() -> list[int]:
        packages.forget()  # nothing is remembered: what a first reader pays
        found = []
        for ask in (
            lambda: results.headline(PC),
            lambda: results.table(PC),
            lambda: results.by_scope(PC, indicator="trial.jobs"),
            lambda: results.series(PC, indicator="trial.jobs"),
        ):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                ask()
            found.append(len(seen))
        return found

    facts.jobs(10)
    results.compute(PC, as_of=today)
    few = cost()
    for place in PLACES:
        facts.jobs(330, place)
    results.compute(PC, as_of=today)
    assert cost() == few
    assert max(few) <= 14


# Series and headline ----------------------------------------------------------------------------------


def test_a_series_gives_the_end_of_every_half_year_and_prefers_what_was_frozen(facts: Facts, today: date) -> None:
    for count, on in ((1, date(2002, 4, 1)), (2, date(2003, 2, 1)), (3, date(2004, 5, 1))):
        facts.add(*(job(on=on) for _number in range(count)))
    ref = results.freeze(PC, period="2003-H1", on=DAY)
    facts.add(job(on=date(2002, 5, 1)))  # came late: the frozen figure does not know it
    results.compute(PC, as_of=today)
    assert results.fill_series(PC, upto=today) == 4
    assert results.fill_series(PC, upto=today) == 0

    points = results.series(PC, indicator="trial.jobs")
    assert [(one.period, one.value, one.is_frozen) for one in points] == [
        ("2002-H1", 2, False),
        ("2002-H2", 2, False),
        ("2003-H1", 3, True),
        ("2003-H2", 4, False),
        ("2004-H1", 7, False),
    ]
    assert points[2].ref is not None
    assert results.figure(PC, points[2].ref).set_ref == ref
    years = results.series(PC, indicator="trial.jobs", by="year")
    assert [(one.period, one.value) for one in years] == [("2002", 2), ("2003", 4)]


@pytest.mark.covers("PROG-03", "INDICATORS-16")
def test_the_headline_says_whether_the_programme_is_on_course(facts: Facts, today: date) -> None:
    for month in range(1, 13):
        facts.add(*(job(on=date(2003, month, 3), sex="male" if month == 1 else "female") for _number in range(10)))
    results.compute(PC, as_of=today)
    head = results.headline(DONOR)

    assert (head.jobs, head.target, head.women, head.men, head.not_stated) == (120, 300, 110, 10, 0)
    assert (head.as_of, head.starts_on, head.indicator) == (DAY, date(2002, 1, 1), "trial.jobs")
    assert head.share == Decimal("0.4")
    assert head.share_of_time == Decimal("0.4995")
    assert head.expected_by_now == 150
    assert head.light is Light.WARN
    assert head.figure_ref == results.current(PC, indicator="trial.jobs").ref
    forecast = head.forecast
    assert forecast is not None
    assert forecast.months[-1] == date(2006, 12, 31)
    assert len(forecast.months) == len(forecast.middle) == 30
    assert all(
        a <= b <= c <= d <= e
        for a, b, c, d, e in zip(
            forecast.lowest, forecast.low, forecast.middle, forecast.high, forecast.highest, strict=True
        )
    )
    assert head.chance == forecast.chance
    assert 0 <= forecast.chance <= 1
    results.compute(PC, as_of=today)
    assert results.headline(DONOR).forecast == forecast  # the same facts give the same forecast


# Who sees what ----------------------------------------------------------------------------------------


def test_figures_about_fewer_than_five_people_are_hidden_from_those_who_see_aggregates(
    facts: Facts, today: date
) -> None:
    facts.jobs(20)
    facts.jobs(3, sex="male")
    facts.jobs(9, HILLTOP)
    facts.jobs(8, HILLTOP, sex="male")
    results.compute(PC, as_of=today)

    def men(actor: Actor, scope: str) -> Any:
        part = results.current(actor, indicator="trial.jobs", scope=scope).part("male")
        assert part is not None
        return "hidden" if part.is_hidden else part.value

    assert men(PC, RIVERSIDE) == 3
    assert men(DONOR, RIVERSIDE) == "hidden"
    assert men(DONOR, HILLTOP) == "hidden"  # or 11 less 8 would tell it
    local = makers.someone("extension_worker", RIVERSIDE)
    assert men(local, RIVERSIDE) == 3
    assert men(local, HILLTOP) == "hidden"


def test_a_hidden_figure_tells_nothing_on_any_page(facts: Facts, today: date) -> None:
    facts.jobs(2)
    results.compute(PC, as_of=today)
    ref = results.current(PC, indicator="trial.jobs").ref
    assert ref is not None

    view = results.figure(DONOR, ref)
    assert (view.value, view.n, view.is_hidden, view.inputs, view.inputs_total) == (None, 0, True, (), 0)
    assert results.headline(DONOR).jobs is None
    row = next(row for row in results.table(DONOR) if row.indicator.id == "trial.jobs")
    assert (row.value.value, row.gap, row.share, row.light_text) == (None, None, None, "Hidden")
    described = duties.describe(DONOR, ref)
    assert described is not None
    assert "hidden" in described.title
    assert described.sources == (results.indicator(PC, "trial.jobs").ref,)
    assert all(point.value is None for point in results.series(DONOR, indicator="trial.jobs") if point.is_hidden)


cells = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(["female", "male", None])), st.integers(1, 14), max_size=9
)


@settings(max_examples=25)
@given(told=cells)
def test_no_hidden_figure_follows_from_those_shown(facts: Facts, told: dict[tuple[str, str | None], int]) -> None:
    facts.told.clear()
    for (place, sex), count in told.items():
        facts.jobs(count, place, sex=sex)
    results.compute(PC, as_of=clock.today())
    tree = {
        "trial/": ("trial/asia/",),
        "trial/asia/": ("trial/asia/PH/", "trial/asia/TH/"),
        "trial/asia/PH/": (RIVERSIDE, HILLTOP),
        "trial/asia/TH/": (LAMAI,),
    }
    truth, shown = {}, {}
    for scope in (*tree, *PLACES):
        for actor, kept in ((PC, truth), (DONOR, shown)):
            view = results.current(actor, indicator="trial.jobs", scope=scope)
            kept[scope, ""] = None if view.is_hidden else view.value
            for part in view.parts:
                if part.dimension == "sex":
                    kept[scope, part.category] = None if part.is_hidden else part.value
    assert all(shown[cell] is None for cell, value in truth.items() if 0 < value < 5)
    # A reader fills in whatever a single line gives away, again and again, and still learns no small figure.
    lines = [[(scope, ""), *((scope, sex) for sex in ("female", "male", "not_stated"))] for scope in (*tree, *PLACES)]
    lines += [
        [(above, sex), *((one, sex) for one in below)]
        for above, below in tree.items()
        for sex in ("", "female", "male", "not_stated")
    ]
    known = dict(shown)
    changed = True
    while changed:
        changed = False
        for total, *parts in lines:
            unknown = [cell for cell in (total, *parts) if known[cell] is None]
            if len(unknown) == 1:
                cell = unknown[0]
                known[cell] = (
                    sum(known[part] for part in parts)
                    if cell == total
                    else known[total] - sum(known[part] for part in parts if part != cell)
                )
                changed = True
    assert all(known[cell] is None for cell, value in truth.items() if 0 < value < 5)


def test_places_below_a_community_are_for_those_who_see_its_people(facts: Facts, today: date) -> None:
    declare_node(RIVERSIDE, "weavers", "enterprise", "Weavers", "grp-00000001")
    facts.jobs(8, f"{RIVERSIDE}weavers/")
    results.compute(PC, as_of=today)
    assert results.current(PC, indicator="trial.jobs", scope=f"{RIVERSIDE}weavers/").value == 8
    with pytest.raises(NotFound):
        results.current(DONOR, indicator="trial.jobs", scope=f"{RIVERSIDE}weavers/")
    assert results.by_scope(DONOR, indicator="trial.jobs", kind="enterprise") == []
    hidden = results.current(PC, indicator="trial.jobs", scope=f"{RIVERSIDE}weavers/").ref
    assert hidden is not None
    assert duties.describe(DONOR, hidden) is None


def test_the_public_reads_the_headline_and_printed_figures_and_nothing_else(facts: Facts, today: date) -> None:
    install_figures()
    facts.jobs(40)
    results.compute(PC, as_of=today)
    assert results.headline(ANONYMOUS).jobs == 40
    assert len(results.reference_figures(ANONYMOUS)) == 4
    for ask in (results.table, results.indicators, results.framework, results.assumptions, results.targets):
        with pytest.raises(NotAllowed):
            ask(ANONYMOUS)
    ref = results.current(PC, indicator="trial.jobs").ref
    assert ref is not None
    with pytest.raises(NotAllowed):
        results.figure(ANONYMOUS, ref)


# The walk back -----------------------------------------------------------------------------------------


def test_a_figure_leads_to_the_records_it_was_computed_from_page_by_page(facts: Facts, today: date) -> None:
    mine = facts.jobs(7)
    facts.jobs(2, decent=False)
    facts.jobs(6, LAMAI)
    results.compute(PC, as_of=today)
    ref = results.current(PC, indicator="trial.jobs", scope=RIVERSIDE).ref
    assert ref is not None

    pages = [results.figure(PC, ref, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [len(page.inputs) for page in pages] == [3, 3, 1]
    assert {one.ref for page in pages for one in page.inputs} == {fact.ref for fact in mine}
    assert pages[0].inputs_total == 7
    described = duties.describe(PC, ref)
    assert described is not None
    assert set(described.sources[1:]) == {fact.ref for fact in mine}

    women = results.current(PC, indicator="trial.jobs").part("female")
    assert women is not None
    assert women.ref is not None
    assert results.figure(PC, women.ref).inputs_total == 13


def test_the_walk_back_of_a_ratio_names_both_its_parts(facts: Facts, today: date) -> None:
    facts.jobs(3)
    facts.jobs(1, decent=False)
    results.compute(PC, as_of=today)
    view = results.current(PC, indicator="trial.share")
    assert (view.value, view.numerator, view.denominator) == (75, 3, 4)
    assert view.ref is not None
    roles = sorted(one.role for one in results.figure(PC, view.ref).inputs)
    assert roles == ["denominator"] * 4 + ["numerator"] * 3


def test_whoever_sees_aggregates_is_told_how_many_records_and_not_which(facts: Facts, today: date) -> None:
    facts.jobs(30)
    results.compute(PC, as_of=today)
    ref = results.current(PC, indicator="trial.jobs").ref
    assert ref is not None
    view = results.figure(DONOR, ref)
    assert (view.value, view.inputs, view.inputs_total) == (30, (), 30)


@pytest.mark.covers("INDICATORS-16", "INDICATORS-25")
def test_a_verified_job_is_found_in_the_figure_and_the_figure_leads_back_to_its_visit(ground: makers.Ground) -> None:
    from jump.engines.jobs import duties as job_duties
    from tests.engines.jobs import makers as job_makers
    from tests.engines.results.makers import install

    job_makers.countries()
    staff = job_makers.staff()
    ref = job_makers.verified(staff)
    job_makers.verified(staff, confirmed=False)
    install("2", jobs={"measure": {"fact": "jobs.spell", "where": "decent == true", "aggregate": "count"}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duties, "facts", lambda as_of: job_duties.facts(as_of=as_of))
        results.compute(staff.coordinator, as_of=clock.today())

    view = results.current(staff.coordinator, indicator="trial.jobs")
    assert view.value == 1
    assert view.ref is not None
    seen = [described.ref for _depth, described in duties.walk(staff.coordinator, view.ref, depth=5)]
    assert ref in seen
    assert any(one.kind == "ver" for one in seen)


# Printed figures ---------------------------------------------------------------------------------------


@pytest.mark.covers("EVIDENCE-01", "EVIDENCE-02")
def test_printed_figures_carry_their_citation_place_and_period(ground: makers.Ground) -> None:
    install_figures()
    figures = {one.id: one for one in results.reference_figures(PC)}
    assert all(one.source for one in figures.values())
    assert (figures["trial.words"].value, figures["trial.words"].value_text) == (None, "more than half")
    (case,) = results.reference_figures(PC, kind="case")
    assert (case.geography, case.period, case.value) == ("Spain", "1956", 1956)
    assert [one.id for one in results.reference_figures(PC, q="printed")] == ["trial.printed"]
    described = duties.describe(PC, case.ref)
    assert described is not None
    assert described.detail.startswith("2.3")


@pytest.mark.covers("EVIDENCE-03")
def test_figures_that_disagree_stay_both_on_show_with_the_reading_used(ground: makers.Ground) -> None:
    install_figures()
    (reading,) = results.readings(PC)
    assert [one.value for one in reading.figures] == [1_620_000, 1_685_000]
    assert (reading.chosen, reading.chosen_value, reading.strength) == ("summed", "1685000", "firm")
    assert reading.why == "Totals are computed from the cells."


def test_texts_come_in_the_reader_s_language(facts: Facts, today: date) -> None:
    from django.utils import translation

    with translation.override("fr"):
        assert results.indicator(PC, "trial.jobs").title == "Emplois décents"
        assert results.framework(PC).roots[0].text == "Plus d’emplois"


def test_means_and_medians_say_how_many_they_rest_on(facts: Facts, today: date) -> None:
    for value in ("100", "200", "900"):
        facts.add(other("trial.pay", value=value, party="grp-00000001"))
    results.compute(PC, as_of=today)
    mean, middle = (results.current(PC, indicator=name) for name in ("trial.pay", "trial.pay_middle"))
    assert (mean.value, mean.n, middle.value) == (400, 3, 200)
