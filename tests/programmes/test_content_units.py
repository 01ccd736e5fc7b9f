"""Employment units in co-operatives: seekers, visits, counselling, awareness and contacts through their forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jump.base import clock
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.evidence import duties
from jump.engines.evidence.services.refusals import AnswersInvalid
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from tests import makers
from tests.programmes.place import DAY, RIVERSIDE, Place
from tests.programmes.test_content_training import wrong

UNITS = "employment_units"
SEEKER: dict[str, Any] = {
    "consents": ["records"], "given_name": "Rana", "family_name": "Haddad", "sex": "female", "birth_year": 1980,
    "nationality": "syrian", "skills": ["greenhouse", "packing"], "school": "secondary", "languages": ["arabic"],
    "years_worked": 6, "work_wanted": ["farm"], "hours_wanted": "full", "way_km": 20, "transport": "no",
    "childcare": "yes", "permit_state": "none",
}  # fmt: skip
CONDITIONS = ("transport_given", "housing_given", "childcare_given", "written_terms", "water_toilets",
              "protective_gear", "paid_on_time")  # fmt: skip
VISIT: dict[str, Any] = {
    "visited_on": "2004-02-20", "employer_name": "Al-Noor farm", "work_kind": "farm", "women_at_work": 6,
    "men_at_work": 8, "under_18": 0, "currency": "JOD", "agreed": "Shade until May.",
    **dict.fromkeys(CONDITIONS, "yes"), "vacancy": [],
}  # fmt: skip
POST = {"vacancy_title": "Picker", "vacancy_posts": 5, "vacancy_from": "2004-04-01", "vacancy_pay": "300",
        "vacancy_hours": 40, "vacancy_age": 18}  # fmt: skip
TALK: dict[str, Any] = {
    "held_on": "2004-02-24", "visits_stopped": "no", "channel": "in_person", "minutes": 40,
    "situation": "Wants work near home.", "plan_step": [{"step_what": "Ask for a permit", "step_by": "2004-03-10"}],
    "follow_up_on": "2004-03-20",
}  # fmt: skip


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place(UNITS)
    clock.forget_pin()


def facts(kind: str) -> list[tuple[int, dict[str, Any]]]:
    found = [one for one in duties.facts(as_of=DAY) if one.kind == kind]
    return [(int(one.value), dict(one.codes)) for one in found]


def seeker(place: Place, **changes: Any) -> Ref:
    """A seeker registered by the form."""
    known = {one.ref for one in parties.people(makers.MAKER, limit=100)}
    place.send(place.worker, f"{UNITS}.seeker_registration", {**SEEKER, **changes}, place.ref)
    (found,) = {one.ref for one in parties.people(makers.MAKER, limit=100)} - known
    return found


@pytest.mark.covers("EMPUNIT-01")
def test_six_units_are_at_home_in_six_co_operatives_each_with_staff_place_and_services(place: Place) -> None:
    hosts = [makers.group(RIVERSIDE, name=f"Co-operative {number}", kind="cooperative") for number in range(6)]
    staff = [makers.person(RIVERSIDE) for _host in hosts]
    for number, (host, person) in enumerate(zip(hosts, staff, strict=True)):
        answers = {
            "unit_name": f"Unit {number}", "opened_on": "2004-01-10", "unit_place": "First floor",
            "services": ["registration", "counselling"],
            "staff": [{"staff_ref": person, "staff_role": "unit_officer"}],
        }  # fmt: skip
        place.send(place.national, f"{UNITS}.unit_registration", answers, host)

    units = parties.groups(makers.MAKER, scope=RIVERSIDE, kind="employment_unit")
    hosted = {
        link.to_ref: link.from_ref
        for unit in units
        for link in parties.relations(makers.MAKER, of=unit.ref, kind="hosted_by", as_of=DAY)
    }
    assert set(hosted) == set(hosts)
    assert len(set(hosted.values())) == 6
    for host, person in zip(hosts, staff, strict=True):
        assert [one.person_ref for one in parties.members(makers.MAKER, hosted[host], DAY)] == [person]
        (line,) = evidence.entities(place.national, register=f"{UNITS}.employment_unit", about=host)
        assert (line.values["unit_place"], line.values["staff_number"]) == ("First floor", 1)
        assert line.values["services"] == ["registration", "counselling"]


@pytest.mark.covers("EMPUNIT-02")
def test_a_seeker_is_registered_only_with_consent_and_becomes_a_person_with_skills(place: Place) -> None:
    with pytest.raises(AnswersInvalid):
        place.send(place.worker, f"{UNITS}.seeker_registration", {"consents": []}, place.ref)
    assert parties.people(makers.MAKER, q="Rana") == []

    ref = seeker(place)

    person = parties.person(place.worker, ref)
    assert (person.name, person.sex.value, person.birth_year) == ("Rana Haddad", "female", 1980)
    assert {one.code for one in parties.qualifications(place.worker, party_ref=ref)} == {"greenhouse", "packing"}
    assert [one.purpose for one in parties.consents(place.worker, ref)] == ["records"]
    assert facts("evidence.seeker") == [(1, {"sex": "female", "nationality": "syrian"})]
    (sent,) = evidence.submissions(place.worker, form=f"{UNITS}.seeker_registration", about=ref)
    assert sent.answers["work_wanted"] == ["farm"]
    nationals = {**SEEKER, "nationality": "national"}
    del nationals["permit_state"]
    assert wrong(UNITS, "seeker_registration", nationals) == set()


@pytest.mark.covers("EMPUNIT-02")
def test_what_makes_it_harder_is_kept_only_where_the_seeker_agrees_to_that(place: Place) -> None:
    silent = seeker(place, vulnerability=["disability"])
    told = seeker(
        place, given_name="Samira", birth_year=1990, consents=["records", "sensitive"], vulnerability=["disability"]
    )
    assert [flag.code for flag in parties.person(makers.MAKER, silent).flags] == []
    assert [(flag.code, flag.data_class) for flag in parties.person(makers.MAKER, told).flags] == [("disability", "P3")]
    assert parties.person(place.national, told).flags == ()


@pytest.mark.covers("EMPUNIT-02")
def test_a_seeker_who_may_be_registered_already_is_shown_to_whoever_can_say_so(place: Place) -> None:
    first = seeker(place)
    seeker(place, given_name="Salma", birth_year=1986)
    seeker(place, given_name="Rashid", birth_year=1977, sex="male")
    assert cases.tasks(place.national, as_of=DAY) == []

    again = seeker(place, given_name="RANA", family_name="Haddád")

    (task,) = cases.tasks(place.national, as_of=DAY)
    assert (task.about, first in task.title, "Rana" in task.title) == (again, True, False)
    parties.mark_same(place.national, keep=first, duplicate=again, why="Same telephone")
    assert parties.head_count(makers.MAKER, scope=RIVERSIDE).total == 3


@pytest.mark.covers("EMPUNIT-03")
def test_a_visit_to_an_employer_is_logged_and_finds_none_or_any_number_of_vacancies(place: Place) -> None:
    place.send(place.worker, f"{UNITS}.workplace_visit", VISIT, place.ref)
    assert (len(facts("evidence.workplace_visit")), facts("evidence.vacancy_found")) == (1, [])

    second = {**VISIT, "visited_on": "2004-02-25", "vacancy": [POST, {**POST, "vacancy_title": "Packer"}]}
    place.send(place.worker, f"{UNITS}.workplace_visit", second, place.ref)

    (farm,) = parties.groups(makers.MAKER, scope=RIVERSIDE, kind="employer")
    visits = cases.sessions(makers.MAKER, kind="workplace_visit")
    assert {one.held_on for one in visits} == {date(2004, 2, 20), date(2004, 2, 25)}
    assert {one.about for one in visits} == {(farm.ref,)}, "the farm is known from the first visit on"
    assert [(posts, codes["work"]) for posts, codes in facts("evidence.vacancy_found")] == [
        (5, "Picker"),
        (5, "Packer"),
    ]
    assert wrong(UNITS, "workplace_visit", {**VISIT, "under_18": 1}) == {"under_18_work"}
    assert wrong(UNITS, "workplace_visit", {**VISIT, "vacancy": [{**POST, "vacancy_age": 15}]}) == {"vacancy_age"}


@pytest.mark.covers("EMPUNIT-05")
def test_counselling_leaves_a_plan_and_the_next_talk_is_owed_until_it_was_held(place: Place) -> None:
    ref = seeker(place)
    assert wrong(UNITS, "counselling", {**TALK, "follow_up_on": "2004-02-24"}) == {"follow_up_on"}
    sent = place.send(place.worker, f"{UNITS}.counselling", TALK, ref)
    assert sent.answers["plan_step"][0]["step_what"] == "Ask for a permit"
    (held,) = cases.sessions(makers.MAKER, kind="counselling")
    assert (held.about, held.held_on) == ((ref,), date(2004, 2, 24))
    (owed,) = cases.tasks(place.worker, as_of=DAY)
    assert (str(owed.state), owed.due_on, owed.about) == ("open", date(2004, 3, 20), ref)

    following = {**TALK, "held_on": "2004-03-01", "follow_up_on": "2004-04-01"}
    place.send(place.worker, f"{UNITS}.counselling", following, ref)

    owed_now = {one.due_on: str(one.state) for one in cases.tasks(place.worker, as_of=DAY)}
    assert owed_now == {date(2004, 3, 20): "done", date(2004, 4, 1): "open"}
    donor = makers.someone("donor", "jump/")
    assert evidence.submissions(donor, form=f"{UNITS}.counselling") == []


@pytest.mark.covers("EMPUNIT-06")
def test_awareness_of_law_safety_and_infection_counts_who_came_by_sex_and_nationality(place: Place) -> None:
    session = {
        "held_on": "2004-02-26", "topics": ["labour_law", "safety", "infection"], "audience": "both",
        "session_place": "Al-Noor farm",
        "attended": [
            {"attended_nationality": "syrian", "attended_women": 12, "attended_men": 5},
            {"attended_nationality": "national", "attended_women": 6, "attended_men": 8},
        ],
        "asked": "Who pays the permit?", "promised": "Masks by Monday.",
    }  # fmt: skip
    place.send(place.worker, f"{UNITS}.awareness", session, place.ref)
    (held,) = cases.sessions(makers.MAKER, kind="awareness")
    assert held.count.by_sex == {"female": 18, "male": 13}

    results.compute(makers.MAKER, as_of=DAY)
    value = results.current(makers.MAKER, indicator=f"{UNITS}.awareness_people", scope=RIVERSIDE)
    assert value.value == 31
    assert {(one.dimension, one.category): one.value for one in value.parts if one.ref} == {
        ("sex", "female"): 18, ("sex", "male"): 13, ("nationality", "syrian"): 17, ("nationality", "national"): 14,
    }  # fmt: skip
    assert Counter(codes["nationality"] for _number, codes in facts("evidence.awareness")) == {
        "syrian": 2,
        "national": 2,
    }


@pytest.mark.covers("EMPUNIT-09")
def test_during_a_lockdown_work_goes_on_by_telephone_and_message_and_nobody_is_met(place: Place) -> None:
    ref = seeker(place)
    call = {
        "talked_on": "2004-02-27", "visits_stopped": "yes", "channel": "phone", "reached": "yes", "tries": 2,
        "matter": "vacancy", "said": "A packer is wanted; she will call.",
    }  # fmt: skip
    assert wrong(UNITS, "service_contact", {**call, "channel": "in_person"}) == {"channel"}
    assert "channel" in wrong(UNITS, "counselling", {**TALK, "visits_stopped": "yes"})
    place.send(place.worker, f"{UNITS}.service_contact", call, ref)
    place.send(place.worker, f"{UNITS}.service_contact", {**call, "channel": "message", "reached": "no"}, ref)
    remote = {**TALK, "visits_stopped": "yes", "channel": "phone"}
    place.send(place.worker, f"{UNITS}.counselling", remote, ref)

    results.compute(makers.MAKER, as_of=DAY)
    value = results.current(makers.MAKER, indicator=f"{UNITS}.service_contacts", scope=RIVERSIDE)
    assert {one.category: one.value for one in value.parts if one.ref} == {"phone": 1, "message": 1}
    assert facts("evidence.counselling") == [(1, {"channel": "phone"})]
    log = evidence.submissions(place.worker, form=f"{UNITS}.service_contact", about=ref)
    assert [one.answers["tries"] for one in log] == [2, 2]


def test_the_forms_of_the_units_speak_the_languages_of_the_field(place: Place) -> None:
    for path in sorted((Path(parties.__file__).parents[2] / "programmes" / UNITS / "forms").glob("*.md")):
        heading = next(line for line in path.read_text(encoding="utf-8").splitlines() if "label::" in line)
        assert all(f"({language})" in heading for language in ("en", "fr", "es", "ar")), path.name
