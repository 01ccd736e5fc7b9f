"""Surveys of child labour: design, sample, rounds, trained staff and the state of surveys by country, through forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from jump.base import clock
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.evidence import duties
from jump.engines.evidence.services.refusals import AnswersInvalid
from jump.engines.parties import api as parties
from tests import makers
from tests.programmes.place import DAY, PH, RIVERSIDE, Place
from tests.programmes.test_content_training import filled

SURVEY = "child_labour_survey"
DESIGN: dict[str, Any] = {
    "survey_title": "Children at work 2004", "national_programme": "Labour force survey, each April",
    "office": "National Statistics Office", "purpose": "Where to work first.", "population": "5 to 17, whole country",
    "frame": "Households of Riverside", "frame_units": 12, "sample_size": 4, "rounds": 2, "months_between": 12,
    "national_min_age": 15, "light_min_age": 13,
}  # fmt: skip
FIELDWORK: dict[str, Any] = {
    "from_day": "2004-02-01", "to_day": "2004-02-20", "approached": 4, "answered": 3, "refused_why": "Away.",
}  # fmt: skip
CHILD: dict[str, Any] = {
    "child_sex": "female", "age": 12, "schooling": "attends", "hours_work": 0, "hours_chores": 3, "forced": "no",
}  # fmt: skip
HOUSEHOLD: dict[str, Any] = {
    "consents": "yes", "household_code": "H-12", "round_number": 1, "national_min_age": 15, "light_min_age": 13,
    "child": [CHILD],
}  # fmt: skip
DONE = ["BD", "KH", "GH", "IN", "ID", "NP", "PK", "PH", "SN", "TH", "TR"]  # 004, paragraph 10
UNDER_WAY = 14


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place(SURVEY)
    clock.forget_pin()


def send(place: Place, form: str, answers: dict[str, Any]) -> Any:
    return place.send(place.national, f"{SURVEY}.{form}", answers, place.country, PH)


def trained(place: Place, office: Ref, *, right: int = 18, practised: int = 2) -> Ref:
    """Somebody of the office who took the course, sat the test, and was certified if they passed."""
    person = makers.person(PH)
    course = cases.open_course(
        place.national, curriculum=f"{SURVEY}.survey_staff", title="Staff", scope=PH, level="national", starts_on=DAY,
        ends_on=DAY, key=f"course of {person}",
    )  # fmt: skip
    cases.enrol(place.national, course_ref=course, person_ref=person, group_ref=office, on=DAY)
    cases.record_session(
        place.national, kind="training", title="Day", scope=PH, held_on=DAY, course_ref=course,
        attendance=[cases.Attendee(person_ref=person)], key=f"day of {person}",
    )  # fmt: skip
    test = {"tested_on": "2004-03-01", "practised": practised, "questions": 20, "right": right}
    place.send(place.national, f"{SURVEY}.staff_test", test, person, PH)
    cases.finish_course(place.national, course_ref=course, on=DAY)
    return person


def drawn(number: int) -> dict[str, Any]:
    """A sample of the twelve households of Riverside, drawn by the engine, as the form of the round tells it."""
    units = [makers.group(RIVERSIDE, name=f"Household {number}-{one}", kind="household") for one in range(12)]
    maker = makers.someone("programme_coordinator", "jump/")
    sample = evidence.draw_sample(
        maker, title=f"Round {number}", units=units, size=4, seed=number, scope=RIVERSIDE, on=DAY
    )
    again = evidence.draw_sample(maker, title="Again", units=units, size=4, seed=number, scope=RIVERSIDE, on=DAY)
    assert (sample.drawn, sample.probability, len(set(sample.drawn))) == (again.drawn, "1/3", 4)
    return {
        "round_number": number, "sample_ref": sample.ref, "frame_units": len(sample.units),
        "drawn": len(sample.drawn), "drawn_on": "2004-03-01",
    }  # fmt: skip


@pytest.mark.covers("SIMPOC-01")
def test_a_survey_is_designed_as_part_of_a_national_programme_and_goes_from_round_to_round(place: Place) -> None:
    office = makers.organisation(PH, name="Statistics office", kind="statistics_office")
    case = place.case(f"{SURVEY}.survey", place.country)
    with pytest.raises(AnswersInvalid) as refusal:
        send(place, "survey_design", {**DESIGN, "national_programme": ""})
    assert list(refusal.value.errors()) == ["national_programme"]
    send(place, "survey_design", DESIGN)
    (line,) = evidence.entities(place.coordinator, register=f"{SURVEY}.survey", about=place.country)
    assert (line.values["national_programme"], line.values["rounds"]) == ("Labour force survey, each April", 2)

    trained(place, office)
    for number, following in ((1, "again"), (2, "last")):
        round_ = drawn(number)
        send(place, "survey_sample", {**round_, "drawn": 3})
        assert place.here(case) == ["sample"], "fewer than the design asks for"
        assert round(send(place, "survey_sample", round_).answers["probability"], 4) == Decimal("0.3333")
        assert place.here(case) == ["fieldwork"]
        send(place, "round_done", {**FIELDWORK, "round_number": number})
        report = {"round_number": number, "reported_on": "2004-03-01", "published_in": "Bulletin"}
        send(place, "round_report", {**report, "next_round": following})
    assert str(cases.case(makers.MAKER, case).state) == "closed"
    rounds = [step.key for step in cases.case(makers.MAKER, case).steps]
    assert Counter(rounds) == {"design": 1, "sample": 2, "fieldwork": 2, "report": 2}


@pytest.mark.covers("SIMPOC-02")
def test_fieldwork_waits_for_staff_who_hold_the_certificate_and_competence_is_known_by_office(place: Place) -> None:
    first, second = (makers.organisation(PH, name=name, kind="statistics_office") for name in ("North", "South"))
    case = place.case(f"{SURVEY}.survey", place.country)
    send(place, "survey_design", DESIGN)
    send(place, "survey_sample", drawn(1))
    failed, unpractised = trained(place, first, right=10), trained(place, first, practised=0)
    for one in (failed, unpractised):
        assert parties.qualifications(makers.MAKER, party_ref=one) == []
    (waiting,) = cases.case(place.national, case).here
    assert (waiting.key, str(waiting.state), [gate.met for gate in waiting.gates]) == ("fieldwork", "waiting", [False])

    able = trained(place, first)
    cases.look_again(place.national, on=DAY, case_ref=case)

    assert [one.code for one in parties.qualifications(makers.MAKER, party_ref=able)] == ["survey_staff"]
    (now,) = cases.case(place.national, case).here
    assert (now.key, str(now.state)) == ("fieldwork", "here")
    records = cases.training_records(place.national, curriculum=f"{SURVEY}.survey_staff")
    assert [(one.of_ref, one.people) for one in records] == [(first, 1)]
    trained(place, second)
    records = cases.training_records(place.national, curriculum=f"{SURVEY}.survey_staff")
    assert {one.of_ref: one.people for one in records} == {first: 1, second: 1}


@pytest.mark.covers("SIMPOC-05")
def test_coverage_shows_each_country_once_as_it_stands_now_with_where_that_is_known_from(place: Place) -> None:
    others = [f"X{chr(65 + number)}" for number in range(UNDER_WAY)]
    told = {"survey_year": 1999, "source": "Report to the Governing Body"}
    officer = makers.signed_in("programme_coordinator", "jump/")
    for country in DONE:
        state = {"country": country, "survey_state": "done", **told}
        place.send(officer, f"{SURVEY}.survey_status", state, place.country, "jump/")
    for country in others:
        state = {"country": country, "survey_state": "under_way", **told}
        place.send(officer, f"{SURVEY}.survey_status", state, place.country, "jump/")

    def coverage() -> dict[str, int]:
        lines = evidence.entities(place.coordinator, register=f"{SURVEY}.survey_status")
        assert len({one.label for one in lines}) == len(lines)
        return Counter(one.values["survey_state"] for one in lines)

    assert coverage() == {"done": 11, "under_way": 14}
    finished = {"country": others[0], "survey_state": "done", "survey_year": 2004, "source": "Bulletin"}
    place.send(officer, f"{SURVEY}.survey_status", finished, place.country, "jump/")
    assert coverage() == {"done": 12, "under_way": 13}
    (line,) = [
        one
        for one in evidence.entities(place.coordinator, register=f"{SURVEY}.survey_status")
        if one.label == others[0]
    ]
    history = evidence.entity_history(place.coordinator, line.ref)
    assert [one.values["survey_state"] for one in history] == ["under_way", "done"]
    with pytest.raises(AnswersInvalid):
        place.send(officer, f"{SURVEY}.survey_status", {**finished, "source": ""}, place.country, "jump/")


@pytest.mark.parametrize(
    ("child", "international", "national"),
    [
        ({"age": 4, "hours_work": 30, "hazards": ["none"]}, "outside", "outside"),
        ({"age": 9, "hours_work": 1, "hazards": ["none"]}, "child_labour", "child_labour"),
        ({"age": 12, "hours_work": 5, "hazards": ["none"]}, "permitted", "child_labour"),  # below the light-work age
        ({"age": 13, "hours_work": 14, "hazards": ["none"]}, "child_labour", "child_labour"),
        ({"age": 13, "hours_work": 13, "hazards": ["none"]}, "permitted", "permitted"),
        ({"age": 16, "hours_work": 42, "hazards": ["none"]}, "permitted", "permitted"),
        ({"age": 16, "hours_work": 43, "hazards": ["none"]}, "hazardous", "hazardous"),
        ({"age": 16, "hours_work": 2, "hazards": ["machines"]}, "hazardous", "hazardous"),
        ({"age": 16, "hours_work": 2, "hazards": ["none"], "forced": "yes"}, "worst_form", "worst_form"),
        ({"age": 10, "hours_work": 0}, "no_work", "no_work"),
    ],
)
def test_the_class_of_a_childs_work_is_made_by_the_form_under_the_international_and_the_national_rule(
    child: dict[str, Any], international: str, national: str
) -> None:
    outcome = filled(SURVEY, "household_questionnaire", {**HOUSEHOLD, "child": [{**CHILD, **child}]})
    assert outcome.errors == ()
    (said,) = outcome.answers["child"]
    assert (said["class"], said["class_national"]) == (international, national)


def test_what_a_household_says_is_kept_under_a_code_read_by_nobody_and_told_in_sums(place: Place) -> None:
    with pytest.raises(AnswersInvalid):
        send(place, "household_questionnaire", {**HOUSEHOLD, "household_code": "Cruz"})
    refused = place.send(place.worker, f"{SURVEY}.household_questionnaire", {**HOUSEHOLD, "consents": "no"}, place.ref)
    assert not evidence.submission(makers.MAKER, refused.ref).answers.get("child")
    sent = place.send(place.worker, f"{SURVEY}.household_questionnaire", HOUSEHOLD, place.ref)
    for reader in (place.national, place.coordinator, makers.signed_in("extension_worker", RIVERSIDE)):
        assert evidence.submissions(reader, form=f"{SURVEY}.household_questionnaire") == []
        with pytest.raises(NotFound):
            evidence.submission(reader, sent.ref)
    told = [one.codes["class"] for one in duties.facts(as_of=DAY) if one.kind == "evidence.child_surveyed"]
    assert told == ["no_work"]
