"""What counts as a job: proved, decent, once."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.calendars import Period
from jump.core.jobs import (
    ClaimState,
    DecentWorkFloor,
    FloorItem,
    JobClaim,
    JobSpell,
    Kind,
    Missing,
    Rule,
    Sustained,
    Terms,
    count_jobs,
    decent_work_test,
    fte_by_days,
    fte_by_hours,
    fte_in_period,
    missing_for_decent,
    retention,
    sustained_at,
    verification_rate,
)

FLOOR = DecentWorkFloor.from_items(
    country="PH",
    version="1",
    currency="PHP",
    items=[
        {"id": "pay_min", "mandatory": True, "value": 500_000, "unit": "minor a month", "provenance": "S"},
        {"id": "hours_max", "mandatory": True, "value": 48},
        {"id": "written_terms", "mandatory": True},
        {"id": "safety", "mandatory": True},
        {"id": "rights", "mandatory": True},
        {"id": "social_protection", "mandatory": False},
        {"id": "duration", "mandatory": True, "value": 6},
    ],
)
GOOD = Terms(
    pay_minor_monthly=500_000,
    currency="PHP",
    hours_weekly=48,
    has_written_terms=True,
    has_social_protection=True,
    is_safe=True,
    has_rights=True,
    months_expected=6,
)


@pytest.mark.covers("INDICATORS-25")
def test_a_job_exactly_on_every_floor_is_decent() -> None:
    assert missing_for_decent(GOOD, FLOOR) == frozenset()


@pytest.mark.parametrize(
    ("change", "item"),
    [
        ({"pay_minor_monthly": 499_999}, Missing.PAY),
        ({"currency": "USD"}, Missing.PAY),
        ({"hours_weekly": Decimal("48.5")}, Missing.HOURS),
        ({"has_written_terms": False}, Missing.WRITTEN_TERMS),
        ({"is_safe": False}, Missing.SAFETY),
        ({"has_rights": False}, Missing.RIGHTS),
        ({"months_expected": 5}, Missing.DURATION),
    ],
)
@pytest.mark.covers("INDICATORS-25")
def test_one_mandatory_item_missed_is_named_and_the_job_is_not_decent(change: dict[str, object], item: Missing) -> None:
    result = decent_work_test(replace(GOOD, **change), FLOOR)  # type: ignore[arg-type]
    assert result.missing == {item}
    assert not result.is_decent


def test_an_item_that_is_not_mandatory_is_shown_and_does_not_keep_a_job_from_counting() -> None:
    result = decent_work_test(replace(GOOD, has_social_protection=False), FLOOR)
    assert (result.is_decent, result.advisory) == (True, {Missing.SOCIAL_PROTECTION})


@pytest.mark.covers("INDICATORS-25")
def test_what_nobody_asked_is_not_passed_and_shown_as_unknown() -> None:
    result = decent_work_test(Terms(), FLOOR)
    assert result.missing == FLOOR.mandatory
    assert result.unknown == FLOOR.mandatory
    assert decent_work_test(replace(GOOD, is_safe=None), FLOOR).unknown == {Missing.SAFETY}


def test_a_country_without_a_pay_floor_has_a_gap_and_no_decent_jobs() -> None:
    floor = DecentWorkFloor("PH", "0", "PHP", (FloorItem(Missing.PAY), FloorItem(Missing.SAFETY)))
    assert floor.gaps == {Missing.PAY}
    result = decent_work_test(GOOD, floor)
    assert (result.missing, result.unknown) == ({Missing.PAY}, {Missing.PAY})
    assert FLOOR.gaps == frozenset()


def test_a_test_names_each_item_once_and_only_known_items() -> None:
    with pytest.raises(ValueError, match="twice"):
        DecentWorkFloor("PH", "1", "PHP", (FloorItem(Missing.PAY), FloorItem(Missing.PAY)))
    with pytest.raises(ValueError, match="lunch"):
        DecentWorkFloor.from_items(country="PH", version="1", currency="PHP", items=[{"id": "lunch"}])


# --- full-time equivalents ---


@pytest.mark.covers("LCC-05")
def test_seasonal_days_are_counted_against_the_declared_full_year() -> None:
    assert fte_by_days(120) == Fraction(1, 2)
    assert fte_by_days(120, days_per_year=200) == Fraction(3, 5)
    assert fte_by_days(300) == 1
    assert fte_by_days(300, capped=False) == Fraction(5, 4)


def test_weekly_hours_are_counted_against_a_full_week_and_the_part_of_the_year() -> None:
    assert fte_by_hours(20) == Fraction(1, 2)
    assert fte_by_hours(40, months=3) == Fraction(1, 4)
    assert fte_by_hours(48, full_time_hours=48) == 1
    assert fte_by_hours(60) == 1


def test_one_person_in_two_jobs_at_once_is_at_most_one_full_time() -> None:
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    half = Period(date(2026, 1, 1), date(2026, 7, 2))
    assert fte_in_period([(year, 20), (year, 30)], year) == 1
    assert fte_in_period([(year, 20)], year) == Fraction(1, 2)
    assert fte_in_period([(half, 40)], year) == Fraction(183, 365)
    assert fte_in_period([], year) == 0


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 200), st.integers(1, 80)), max_size=6))
def test_full_time_of_a_period_equals_the_sum_over_its_days(spells: list[tuple[int, int, int]]) -> None:
    period = Period(date(2026, 1, 1), date(2026, 3, 31))
    given_spells = [
        (Period(date(2025, 10, 1) + timedelta(start), date(2025, 10, 1) + timedelta(start + length)), hours)
        for start, length, hours in spells
    ]
    by_day = Fraction(0)
    for offset in range(period.days):
        day = period.start + timedelta(offset)
        by_day += min(sum((Fraction(hours, 40) for span, hours in given_spells if day in span), Fraction(0)), 1)
    assert fte_in_period(given_spells, period) == by_day / period.days


# --- jobs that last ---

BEGAN = date(2026, 1, 1)
HALF_YEAR = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("spell", "as_of", "answer"),
    [
        (JobSpell(BEGAN), date(2026, 3, 1), Sustained.NOT_YET),
        (JobSpell(BEGAN), date(2027, 1, 1), Sustained.NOT_YET),
        (JobSpell(BEGAN, seen_at_work=(HALF_YEAR,)), date(2026, 6, 30), Sustained.NOT_YET),
        (JobSpell(BEGAN, seen_at_work=(HALF_YEAR,)), HALF_YEAR, Sustained.YES),
        (JobSpell(BEGAN, seen_at_work=(date(2026, 6, 1),)), HALF_YEAR, Sustained.YES),
        (JobSpell(BEGAN, seen_at_work=(date(2026, 5, 31),)), HALF_YEAR, Sustained.NOT_YET),
        (JobSpell(BEGAN, seen_at_work=(date(2026, 11, 1),)), date(2026, 12, 1), Sustained.YES),
        (JobSpell(BEGAN, ended_on=date(2026, 4, 1)), date(2026, 4, 2), Sustained.NO),
        (JobSpell(BEGAN, ended_on=date(2026, 6, 20)), HALF_YEAR, Sustained.NO),
        (JobSpell(BEGAN, ended_on=date(2026, 7, 1)), HALF_YEAR, Sustained.YES),
        (JobSpell(BEGAN, seen_gone=(date(2026, 5, 1),)), date(2026, 5, 2), Sustained.NO),
        (JobSpell(BEGAN, seen_gone=(date(2026, 5, 1),), seen_at_work=(HALF_YEAR,)), HALF_YEAR, Sustained.YES),
    ],
)
@pytest.mark.covers("INDICATORS-13")
def test_a_job_lasted_half_a_year_only_on_evidence(spell: JobSpell, as_of: date, answer: Sustained) -> None:
    assert sustained_at(spell, 6, as_of) is answer


@pytest.mark.covers("INDICATORS-13")
def test_retention_shows_bounds_and_takes_the_lower_as_headline() -> None:
    spells = [
        JobSpell(BEGAN, seen_at_work=(HALF_YEAR,)),
        JobSpell(BEGAN, seen_at_work=(HALF_YEAR,)),
        JobSpell(BEGAN, ended_on=date(2026, 3, 1)),
        JobSpell(BEGAN),
        JobSpell(date(2026, 6, 1)),
    ]
    found = retention(spells, 6, date(2026, 8, 1))
    assert (found.yes, found.no, found.unknown, found.reached) == (2, 1, 1, 4)
    assert (found.low, found.high) == (Fraction(1, 2), Fraction(3, 4))
    assert retention([], 6, HALF_YEAR).low is None


# --- counting ---

DAY = date(2026, 1, 10)
AS_OF = date(2026, 6, 30)


def claim(ref: str, person: str = "per-1", post: str = "pst-1", **changes: object) -> JobClaim:
    plain = JobClaim(ref, person, post, Kind.CREATED, DAY, state=ClaimState.VERIFIED, is_decent=True, sex="female")
    return replace(plain, **changes)  # type: ignore[arg-type]


def decent(*claims: JobClaim, clusters: dict[str, str] | None = None, kind: Kind = Kind.CREATED) -> tuple[str, ...]:
    return count_jobs(claims, as_of=AS_OF, clusters=clusters).of(kind).decent


@pytest.mark.covers("INDICATORS-16")
def test_one_person_in_one_post_is_one_job_whoever_reports_it() -> None:
    statement = count_jobs([claim("job-a"), claim("job-b"), claim("job-c", person="per-2")], as_of=AS_OF)
    created = statement.of(Kind.CREATED)
    assert created.decent == ("job-a", "job-c")
    assert created.took_away(Rule.SAME_JOB) == 1
    assert statement.kept_instead == {"job-b": "job-a"}


@pytest.mark.covers("INDICATORS-16")
def test_two_records_found_to_be_one_person_are_one_job() -> None:
    two = (claim("job-a"), claim("job-b", person="per-9"))
    assert len(decent(*two)) == 2
    assert len(decent(*two, clusters={"per-9": "per-1"})) == 1


def test_coming_back_to_the_same_post_is_not_a_second_job() -> None:
    season = claim("job-a", ended_on=date(2026, 2, 1))
    again = claim("job-b", started_on=date(2026, 5, 1))
    created = count_jobs([season, again], as_of=AS_OF).of(Kind.CREATED)
    assert created.took_away(Rule.SAME_POST_AGAIN) == 1
    assert created.decent == ("job-a",), "and the job is there again, so it has not ended"


def test_a_claim_nobody_else_confirmed_is_not_a_job() -> None:
    created = count_jobs([claim("job-a", state=ClaimState.CLAIMED)], as_of=AS_OF).of(Kind.CREATED)
    assert (created.claims, created.took_away(Rule.NOT_VERIFIED), created.counted) == (1, 1, ())


def test_a_refused_claim_does_not_take_a_proved_one_with_it() -> None:
    assert decent(claim("job-a", state=ClaimState.NOT_CONFIRMED), claim("job-b")) == ("job-b",)


def test_an_unproved_report_cannot_revive_a_job_that_ended() -> None:
    ended = claim("job-a", ended_on=date(2026, 3, 1))
    still = claim("job-b", state=ClaimState.CLAIMED)
    created = count_jobs([ended, still], as_of=AS_OF).of(Kind.CREATED)
    assert (created.decent, created.took_away(Rule.ENDED)) == ((), 1)


def test_an_ended_job_counts_in_cumulative_figures_only() -> None:
    ended = [claim("job-a", ended_on=date(2026, 3, 1))]
    assert count_jobs(ended, as_of=AS_OF).of(Kind.CREATED).decent == ()
    assert count_jobs(ended, as_of=AS_OF, ended_counts=True).of(Kind.CREATED).decent == ("job-a",)
    assert count_jobs(ended, as_of=date(2026, 2, 1)).of(Kind.CREATED).decent == ("job-a",), "it had not ended then"


def test_a_new_worker_in_an_existing_post_is_not_a_new_job() -> None:
    first = claim("job-a", ended_on=date(2026, 3, 1))
    second = claim("job-b", person="per-2", started_on=date(2026, 3, 2), replaces="job-a")
    third = claim("job-c", person="per-3", started_on=date(2026, 5, 2), replaces="job-b")
    assert decent(first, second) == ("job-b",), "the job is still there, held by somebody else"
    assert decent(replace(first, ended_on=None), second) == ("job-a",)
    assert decent(first, second, third) == ("job-b",)
    cumulative = count_jobs([first, second, third], as_of=AS_OF, ended_counts=True).of(Kind.CREATED)
    assert (cumulative.decent, cumulative.took_away(Rule.REPLACEMENT)) == (("job-a",), 2)
    assert decent(claim("job-d", replaces="a post older than the programme")) == ()


@pytest.mark.covers("INDICATORS-16")
def test_kinds_are_never_added_and_an_overlap_between_them_is_said() -> None:
    created, placed = claim("job-a"), claim("job-b", kind=Kind.PLACED)
    statement = count_jobs([created, placed], as_of=AS_OF)
    assert [count.decent for count in statement.kinds] == [("job-a",), (), (), ("job-b",)]
    assert statement.in_several_kinds == 1
    assert not hasattr(statement, "total")


@pytest.mark.covers("INDICATORS-16")
def test_decent_jobs_are_split_by_sex_with_not_stated_as_a_line() -> None:
    claims = [
        claim("job-a"),
        claim("job-b", person="per-2", sex="male"),
        claim("job-c", person="per-3", sex="not_stated"),
    ]
    assert count_jobs(claims, as_of=AS_OF).of(Kind.CREATED).decent_by_sex == {"female": 1, "male": 1, "not_stated": 1}


def test_a_job_that_begins_later_is_not_there_yet() -> None:
    created = count_jobs([claim("job-a", started_on=date(2026, 7, 1))], as_of=AS_OF).of(Kind.CREATED)
    assert (created.took_away(Rule.NOT_STARTED), created.decent) == (1, ())


def test_the_same_claim_given_twice_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="given twice"):
        count_jobs([claim("job-a"), claim("job-a")], as_of=AS_OF)


def test_every_rule_is_said_in_words() -> None:
    statement = count_jobs([claim("job-a", is_decent=False)], as_of=AS_OF)
    lines = {line.rule: line for line in statement.of(Kind.CREATED).rules}
    assert list(lines) == list(Rule)
    assert lines[Rule.NOT_DECENT].took_away == 1
    assert all(line.text.endswith(".") for line in lines.values())


days = st.integers(0, 240).map(lambda offset: date(2025, 12, 1) + timedelta(offset))


@st.composite
def many_claims(draw: st.DrawFn) -> list[JobClaim]:
    size = draw(st.integers(0, 14))
    found: list[JobClaim] = []
    for number in range(size):
        start = draw(days)
        found.append(
            JobClaim(
                ref=f"job-{number}",
                person=f"per-{draw(st.integers(0, 4))}",
                post=f"pst-{draw(st.integers(0, 3))}",
                kind=draw(st.sampled_from(Kind)),
                started_on=start,
                ended_on=draw(st.none() | st.integers(0, 200).map(lambda more, start=start: start + timedelta(more))),
                state=draw(st.sampled_from(ClaimState)),
                is_decent=draw(st.booleans()),
                replaces=draw(st.sampled_from(["", "", f"job-{draw(st.integers(0, 14))}", "older"])),
                sex=draw(st.sampled_from(["female", "male", "not_stated"])),
            )
        )
    return found


@given(many_claims(), st.booleans())
@pytest.mark.covers("INDICATORS-16")
def test_claims_minus_what_each_rule_took_away_are_the_decent_jobs(claims: list[JobClaim], ended_counts: bool) -> None:
    statement = count_jobs(claims, as_of=AS_OF, ended_counts=ended_counts, clusters={"per-4": "per-0"})
    assert sum(count.claims for count in statement.kinds) == len(claims)
    for count in statement.kinds:
        taken = [ref for line in count.rules for ref in line.refs]
        assert len(taken) == len(set(taken)), "a claim is taken away once"
        assert sorted([*taken, *count.decent]) == sorted(one.ref for one in claims if one.kind is count.kind)
        assert set(count.decent) <= set(count.counted)
        assert sum(count.decent_by_sex.values()) == len(count.decent)


@given(many_claims())
def test_nobody_counts_twice_in_one_post_and_nothing_unproved_counts(claims: list[JobClaim]) -> None:
    by_ref = {one.ref: one for one in claims}
    for count in count_jobs(claims, as_of=AS_OF).kinds:
        pairs = [(by_ref[ref].person, by_ref[ref].post) for ref in count.counted]
        assert len(pairs) == len(set(pairs))
        assert all(by_ref[ref].state is ClaimState.VERIFIED for ref in count.counted)


@given(many_claims(), st.randoms(use_true_random=False))
def test_the_count_does_not_depend_on_the_order_of_reports(claims: list[JobClaim], shuffler: object) -> None:
    mixed = [*claims]
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    assert count_jobs(claims, as_of=AS_OF).kinds == count_jobs(mixed, as_of=AS_OF).kinds


def test_the_verification_rate_has_no_value_without_claims() -> None:
    assert verification_rate([]) is None
    assert verification_rate([claim("job-a"), claim("job-b", state=ClaimState.CLAIMED)]) == Fraction(1, 2)
