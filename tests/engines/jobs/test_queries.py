"""What jobs tells, to whom, and at what cost; and that the count is honest whatever is reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jump.base import duties
from jump.base.actors import ANONYMOUS
from jump.base.refusals import NotAllowed
from jump.core.indicators import tally
from jump.core.jobs import Kind as CountedKind
from jump.core.jobs import Rule
from jump.core.units import Ref
from jump.engines.jobs import api as jobs
from jump.engines.jobs import duties as job_duties
from jump.engines.jobs.api import Terms
from jump.engines.jobs.models import JobSpell
from jump.engines.parties import api as parties
from tests import makers
from tests.engines.jobs.makers import CHECKED, DECENT, SCOPE, Staff, claimed, verified

pytestmark = pytest.mark.django_db

DAY = date(2004, 6, 30)


@pytest.mark.covers("INDICATORS-16", "PROG-03")
def test_the_statement_leads_from_claims_to_decent_jobs_and_names_what_each_rule_took_away(staff: Staff) -> None:
    person, employer = makers.person(), makers.group()
    verified(staff, person_ref=person, employer_ref=employer)
    repeated = verified(staff, person_ref=person, employer_ref=employer, started_on=date(2003, 6, 9))
    refused = verified(staff, confirmed=False)
    unchecked = claimed(staff.worker)
    poor = verified(staff, terms=Terms())

    created = jobs.statement(staff.coordinator, as_of=DAY).of(CountedKind.CREATED)

    assert (created.claims, len(created.counted), len(created.decent)) == (5, 2, 1)
    taken = {line.rule: line.refs for line in created.rules if line.refs}
    assert taken == {
        Rule.SAME_JOB: (repeated,),
        Rule.REFUSED: (refused,),
        Rule.NOT_VERIFIED: (unchecked,),
        Rule.NOT_DECENT: (poor,),
    }
    assert all(line.text for line in created.rules)
    assert created.decent_by_sex == {"female": 1}


def test_statements_of_places_add_up_to_the_statement_of_the_whole(staff: Staff, ground: makers.Ground) -> None:
    person, employer = makers.person(), makers.group()
    verified(staff, person_ref=person, employer_ref=employer)
    verified(staff, person_ref=person, employer_ref=employer, scope=ground.other_scope, started_on=date(2003, 6, 9))
    verified(staff, scope=ground.foreign_scope, terms=Terms())

    whole = jobs.statement(staff.coordinator, as_of=DAY).of(CountedKind.CREATED)
    parts = [
        jobs.statement(staff.coordinator, scope=path, as_of=DAY).of(CountedKind.CREATED)
        for path in (ground.scope, ground.other_scope, ground.foreign_scope)
    ]
    assert [part.claims for part in parts] == [1, 1, 1]
    assert [len(part.decent) for part in parts] == [1, 0, 0]
    assert sum(part.claims for part in parts) == whole.claims
    for rule in Rule:
        assert sum(part.took_away(rule) for part in parts) == whole.took_away(rule)


def test_the_statement_says_what_was_known_on_the_day(staff: Staff) -> None:
    verified(staff)
    before = jobs.statement(staff.coordinator, as_of=date(2003, 7, 15)).of(CountedKind.CREATED)
    assert (before.claims, before.took_away(Rule.NOT_VERIFIED), len(before.decent)) == (1, 1, 0)
    earlier = jobs.statement(staff.coordinator, as_of=date(2003, 6, 1)).of(CountedKind.CREATED)
    assert earlier.claims == 0


def test_claims_wait_for_everybody_but_their_claimant(staff: Staff, ground: makers.Ground) -> None:
    mine = claimed(staff.worker)
    theirs = claimed(staff.colleague, scope=ground.other_scope)
    verified(staff)

    assert [view.ref for view in jobs.waiting_for_verification(staff.worker)] == [theirs]
    assert [view.ref for view in jobs.waiting_for_verification(staff.colleague)] == [mine]
    assert jobs.count_waiting_for_verification(staff.coordinator) == 2
    assert jobs.count_waiting_for_verification(staff.coordinator, scope=ground.other_scope) == 1
    assert jobs.waiting_for_verification(staff.donor) == jobs.waiting_for_verification(ANONYMOUS) == []

    titles = [item.ref for item in job_duties.due(staff.colleague, date(2003, 12, 1))]
    assert mine in titles
    assert theirs not in titles


def test_jobs_reach_only_those_who_see_people_there(staff: Staff, ground: makers.Ground) -> None:
    here, there = verified(staff), verified(staff, scope=ground.foreign_scope)
    local = makers.someone("extension_worker", ground.scope)

    assert [view.ref for view in jobs.jobs(local)] == [here]
    assert jobs.count_jobs(staff.worker) == 2
    assert jobs.jobs(staff.donor) == []
    assert duties.describe(staff.donor, here) is None
    assert duties.describe(local, there) is None
    assert jobs.jobs(staff.worker, kind="placed") == []
    with pytest.raises(NotAllowed):
        jobs.statement(ANONYMOUS, as_of=DAY)


def test_a_job_leads_back_to_its_visit_its_claim_its_employer_and_its_cause(staff: Staff) -> None:
    ref = verified(staff, cause_ref=Ref("ctr-0000000A"), evidence_ref=Ref("fil-0000000B"))
    view = jobs.job(staff.worker, ref)
    described = duties.describe(staff.worker, ref)

    assert described is not None
    assert described.sources == (
        view.verifications[0].ref,
        Ref("fil-0000000B"),
        view.employer_ref,
        Ref("ctr-0000000A"),
        view.person_ref,
    )
    assert described.url_name == "jobs:job"
    visit = duties.describe(staff.worker, view.verifications[0].ref)
    assert visit is not None
    assert visit.sources == (view.verifications[0].evidence_ref,)
    assert [one.ref for one in jobs.jobs_of_sources(staff.worker, sources=[Ref("ctr-0000000A")])] == [ref]


def test_people_without_sight_of_names_see_masked_names(staff: Staff) -> None:
    ref = verified(staff)
    assert jobs.job(staff.worker, ref).person_name.endswith("Reyes")


@pytest.mark.covers("GENDER-06")
def test_facts_say_whether_the_employer_is_a_womens_group(staff: Staff) -> None:
    women = makers.group(kind="womens_group")
    all_women = makers.group(members=[makers.person(), makers.person()])
    mixed = makers.group(members=[makers.person(), makers.person(sex="male")])
    in_women, in_all_women, in_mixed = (verified(staff, employer_ref=one) for one in (women, all_women, mixed))

    found = {fact.ref: fact.codes["women_group"] for fact in job_duties.facts(as_of=DAY)}
    assert found == {in_women: True, in_all_women: True, in_mixed: False}


@pytest.mark.covers("INDISCO-10")
def test_secured_and_created_jobs_are_told_apart_by_sex_and_group_of_people(staff: Staff) -> None:
    tribal = makers.person(flags=("unemployed",))
    secured = verified(staff, kind="secured", person_ref=tribal)
    created = verified(staff, person_ref=makers.person(sex="male"))

    statement = jobs.statement(staff.worker, as_of=DAY)
    assert statement.of(CountedKind.SECURED).decent == (secured,)
    assert statement.of(CountedKind.SECURED).decent_by_sex == {"female": 1}
    assert statement.of(CountedKind.CREATED).decent == (created,)
    codes = {fact.ref: fact.codes for fact in job_duties.facts(as_of=DAY)}
    assert (codes[secured]["kind"], codes[secured]["flags"]) == ("secured", "unemployed")
    assert (codes[created]["kind"], codes[created]["sex"]) == ("created", "male")


def test_facts_and_the_statement_tell_the_same_count(staff: Staff) -> None:
    person, employer = makers.person(), makers.group()
    for day in (1, 2):
        verified(staff, person_ref=person, employer_ref=employer, started_on=date(2003, 6, day))
    verified(staff, terms=Terms())
    verified(staff, confirmed=False)
    claimed(staff.worker)

    facts = list(job_duties.facts(as_of=DAY))
    created = jobs.statement(staff.coordinator, as_of=DAY).of(CountedKind.CREATED)
    assert len(facts) == created.claims == 5
    assert {fact.ref for fact in facts if fact.codes["counted"]} == set(created.counted)
    assert {fact.ref for fact in facts if fact.codes["decent"]} == set(created.decent)


def test_facts_of_many_jobs_cost_a_few_queries(staff: Staff, django_assert_max_num_queries: Callable[..., Any]) -> None:
    person, employer = makers.person(), makers.group()
    for _number in range(3):
        verified(staff)
    one = JobSpell.objects.order_by("pk").first()
    assert one is not None
    rows = []
    for number in range(300):
        row = JobSpell.objects.get(pk=one.pk)
        row.pk, row.ref, row.key, row.person_ref, row.employer_ref = None, f"job-{number:08d}", None, person, employer
        row.duplicate_of = one.ref if number else ""
        rows.append(row)
    JobSpell.objects.bulk_create(rows)
    with django_assert_max_num_queries(16):
        facts = list(job_duties.facts(as_of=DAY))
    assert len(facts) == 303


def test_a_page_of_jobs_costs_the_same_for_one_and_for_many(
    staff: Staff, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for _number in range(6):
        verified(staff)
    with django_assert_max_num_queries(14):
        assert len(jobs.jobs(staff.worker)) == 6


reports = st.lists(
    st.tuples(
        st.integers(0, 2),  # which person
        st.integers(0, 1),  # which employer
        st.integers(1, 28),  # started on which day of June
        st.sampled_from(["claimed", "verified", "refused"]),
        st.booleans(),  # decent terms
    ),
    max_size=7,
)


@pytest.mark.covers("INDICATORS-16")
@settings(max_examples=12)
@given(told=reports, twins=st.booleans())
def test_one_job_counts_once_whatever_is_reported_and_merged(
    staff: Staff, told: list[tuple[int, int, int, str, bool]], twins: bool
) -> None:
    people = [makers.person() for _number in range(3)]
    employers = [makers.group() for _number in range(2)]
    refs = []
    for person, employer, day, outcome, decent in told:
        asked: dict[str, Any] = {
            "person_ref": people[person],
            "employer_ref": employers[employer],
            "started_on": date(2003, 6, day),
            "terms": DECENT if decent else Terms(),
        }
        refs.append(
            claimed(staff.worker, **asked)
            if outcome == "claimed"
            else verified(staff, confirmed=outcome == "verified", **asked)
        )
    if twins:
        parties.mark_same(staff.coordinator, keep=people[0], duplicate=people[1], why="same card")
        duties_recheck = job_duties.recheck
        duties_recheck(people[1])
    same = {1: 0} if twins else {}

    counted = {fact.ref for fact in job_duties.facts(as_of=DAY) if fact.ref in refs and fact.codes["counted"]}

    truly = {
        (same.get(person, person), employer)
        for person, employer, _day, outcome, _decent in told
        if outcome == "verified"
    }
    held = {
        (same.get(person, person), employer)
        for ref, (person, employer, _day, _outcome, _decent) in zip(refs, told, strict=True)
        if ref in counted
    }
    assert len(counted) == len(truly)  # one for each person at each employer, never two
    assert held == truly
    facts = [fact for fact in job_duties.facts(as_of=DAY) if fact.ref in counted]
    assert tally(facts).parties == {str(people[person]) for person, _employer in truly}


def test_export_and_forget_keep_the_count_and_drop_free_words(staff: Staff) -> None:
    person = makers.person()
    ref = verified(staff, person_ref=person)
    jobs.end_job(staff.worker, job_ref=ref, on=date(2004, 1, 1), why="moved in with her sister")

    assert job_duties.forget(person, DAY) == 1
    (row,) = list(job_duties.export(staff.worker, SCOPE, DAY))
    assert (row["ref"], row["state"]) == (ref, "ended")
    assert "sister" not in jobs.job(staff.worker, ref).end_reason
    assert CHECKED < DAY
