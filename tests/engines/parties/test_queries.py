"""What parties tells, to whom, and at what cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.actors import ANONYMOUS
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.engines.parties import duties
from tests import makers
from tests.makers import DAY, MAKER, Ground

pytestmark = pytest.mark.django_db


@pytest.mark.covers("CROSS-03")
def test_people_reach_only_those_whose_role_and_place_allow_it(ground: Ground) -> None:
    here = makers.person(given_name="Here")
    there = makers.person(given_name="There", scope=ground.foreign_scope)
    worker = makers.someone("extension_worker", ground.scope)
    team = makers.someone("core_team", ground.scope)
    donor = makers.someone("donor", "trial/")
    single = makers.someone("core_team", ground.scope, rows=(there,))

    assert [one.ref for one in parties.people(worker)] == [here]
    assert parties.people(team) == parties.people(donor) == parties.people(ANONYMOUS) == []
    assert [one.ref for one in parties.people(single)] == [there]
    assert parties.names(worker, [here, there]) == {here: "Here Reyes", there: f"Person {there}"}
    for actor in (team, donor, ANONYMOUS):
        with pytest.raises(NotFound):
            parties.person(actor, here)
    assert parties.head_count(donor).total == 2  # a donor sees aggregates
    assert parties.head_count(ANONYMOUS).total == 0
    assert parties.people(worker, q="There") == []


def test_a_person_engaged_in_another_place_is_seen_from_there_too(ground: Ground) -> None:
    guest = makers.person()
    lamai = makers.someone("extension_worker", ground.foreign_scope)
    assert parties.people(lamai) == []

    parties.enrol(MAKER, party_ref=guest, scope=ground.foreign_scope, role="trainee", on=DAY)

    assert [one.ref for one in parties.people(lamai)] == [guest]


def test_places_and_the_programme_are_public(ground: Ground) -> None:
    assert len(parties.communities(ANONYMOUS)) == 3
    assert parties.programme(ANONYMOUS).jobs_target == 300
    assert parties.groups(ANONYMOUS) == []


@pytest.mark.parametrize("number", [3, 40])
def test_lists_cost_the_same_however_many_there_are(
    ground: Ground, number: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    people = [makers.person(flags=("unemployed",)) for _ in range(number)]
    makers.group(members=people)
    worker = makers.someone("extension_worker", ground.scope)
    clock.today()  # asked once per process, not once per page

    with django_assert_max_num_queries(4):
        assert len(parties.people(worker)) == number
    with django_assert_max_num_queries(2):
        assert parties.groups(worker)[0].members_count == number
    with django_assert_max_num_queries(2):
        assert len(parties.names(worker, people)) == number
    with django_assert_max_num_queries(4):
        assert len(parties.codes_of(people, DAY)) == number
    with django_assert_max_num_queries(4):
        parties.programme(worker)


def test_codes_of_thousands_of_people_take_a_handful_of_statements(
    ground: Ground, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    from jump.base.refs import new_ref
    from jump.base.scopes import node_id
    from jump.engines.parties.models import Person

    home = node_id(ground.scope)
    Person.objects.bulk_create(
        [
            Person(
                ref=new_ref("per"),
                scope_id=home,
                sex="male" if number % 3 else "female",
                birth_year=1960 + number % 30,
                registered_on=DAY,
                registered_at="2004-03-01T00:00:00Z",
                registered_by="test",
            )
            for number in range(3_000)
        ],
        batch_size=500,
    )
    refs = list(Person.objects.values_list("ref", flat=True))

    with django_assert_max_num_queries(4):
        codes = parties.codes_of(refs, DAY)

    assert len(codes) == 3_000
    assert sum(code["sex"] == "female" for code in codes.values()) == 1_000
    assert parties.head_count(MAKER).women == 1_000


def test_age_group_follows_the_day(ground: Ground) -> None:
    ref = makers.person(born_on=date(1979, 7, 1), birth_year=None)

    groups = [parties.codes_of([ref], day)[ref]["age_group"] for day in (date(2004, 6, 30), date(2004, 7, 1))]

    assert groups == ["15_24", "25_34"]


def test_facts_name_each_person_once_by_party_and_carry_codes(ground: Ground) -> None:
    kept = makers.person(flags=("unemployed",))
    double = makers.person(scope=ground.other_scope)
    makers.person(on=date(2004, 9, 1))  # not yet there on the day asked
    parties.mark_same(MAKER, keep=kept, duplicate=double, why="same")
    group = makers.group(members=[kept], legal_form="cooperative")

    facts = list(duties.facts(as_of=DAY))

    people = [one for one in facts if one.kind == "parties.person"]
    assert {(one.ref, one.party, one.scope) for one in people} == {
        (kept, kept, ground.scope),
        (double, kept, ground.other_scope),
    }
    assert {one.codes["unemployed"] for one in people} == {True}
    [about_group] = [one for one in facts if one.kind == "parties.group"]
    assert (about_group.ref, about_group.value) == (group, 1)
    assert about_group.codes == {
        "kind": "self_help_group",
        "legal_form": "cooperative",
        "degree": 1,
        "status": "active",
        "members": 1,
        "women": 1,
        "women_in_office": 0,
        "women_group": True,
    }
    assert len([one for one in facts if one.kind == "parties.community"]) == 3


def test_a_reference_is_described_only_to_those_who_may_see_it(ground: Ground) -> None:
    person, group = makers.person(given_name="Rosa"), makers.group(name="Weavers")
    worker = makers.someone("extension_worker", ground.scope)
    stranger = makers.someone("extension_worker", ground.foreign_scope)

    described = duties.describe_many(worker, [person, group, ground.riverside])

    assert {one.title for one in described.values()} == {"Rosa Reyes", "Weavers", "Riverside"}
    assert described[person].url_name == "people:person"
    assert set(duties.describe_many(stranger, [person, group, ground.riverside])) == {ground.riverside}
    assert duties.describe(stranger, person) is None


def test_an_export_holds_what_the_reader_may_see_and_no_more(ground: Ground) -> None:
    person = makers.person(given_name="Rosa")
    makers.group()
    coordinator = makers.someone("programme_coordinator", "trial/")
    donor = makers.someone("donor", "trial/")

    rows = list(duties.export(coordinator, "trial/", DAY))

    assert [row["name"] for row in rows if row["table"] == "person"] == ["Rosa Reyes"]
    assert {row["table"] for row in duties.export(donor, "trial/", DAY)} == {"place"}
    assert [row["ref"] for row in rows if row["table"] == "person"] == [person]


def test_scope_and_place_of_any_party_are_found(ground: Ground) -> None:
    person, group = makers.person(), makers.group()

    assert {parties.scope_of(ref) for ref in (person, group, ground.riverside)} == {ground.scope}
    assert parties.place_name(person) == parties.place_name(ground.riverside) == "Riverside"
    assert parties.place_name(Ref("per-00000000")) == ""
    with pytest.raises(NotFound):
        parties.scope_of(Ref("per-00000000"))


@settings(max_examples=25)
@given(marks=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=10))
def test_clusters_are_the_same_as_joining_the_marks_by_hand(marks: list[tuple[int, int]]) -> None:
    from jump.base import packages, scopes
    from jump.engines.parties.services.refusals import SameCircle

    packages.forget()
    scopes.forget_nodes()
    from django.db import transaction

    with transaction.atomic():
        ground = makers.ground()
        refs = [makers.person(scope=ground.scope) for _ in range(8)]
        above: dict[int, int] = {}

        def root(one: int) -> int:
            while one in above:
                one = above[one]
            return one

        for keep, double in marks:
            circle = root(keep) == double or keep == double
            if circle or (double in above and above[double] != keep):
                with pytest.raises(SameCircle), transaction.atomic():
                    parties.mark_same(MAKER, keep=refs[keep], duplicate=refs[double], why="x")
            else:
                parties.mark_same(MAKER, keep=refs[keep], duplicate=refs[double], why="x")
                above[double] = keep
        assert parties.cluster_of(refs) == {refs[one]: refs[root(one)] for one in range(8)}
        assert parties.head_count(MAKER).total == len({root(one) for one in range(8)})
        transaction.set_rollback(True)
