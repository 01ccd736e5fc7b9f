"""A country scan from the request to its relation with policy, walked through the forms of its package."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from jump.base import clock, outbox
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.evidence import api as evidence
from jump.engines.evidence.services.refusals import AnswersInvalid, DossierIncomplete
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from tests import makers
from tests.programmes.place import DAY, PH, Place

SCAN = "country_scan"
QUESTIONS = {0: 7, 1: 16, 2: 10, 3: 7, 4: 6, 5: 6}  # methods 04, 4.3
AREAS = ("employment", "protection", "standards", "dialogue", "globalisation")
PARTIES = ("government", "employers", "workers")
CRITERIA = ("explicit_request", "tripartite_commitment", "dialogue_institutions", "conditions")
REQUEST: dict[str, Any] = {
    "requested_on": "2003-11-02", "requested_by": "Ministry of Labour", "letter": "ML/2003/114",
    "committed": list(PARTIES), "dialogue_body": "Labour council, met in October.", "conditions": "Staff and funds.",
}  # fmt: skip
TEAM: dict[str, Any] = {
    "specialist": [{"topic": "employment", "specialist_line": "field", "specialism": "Employment"}],
    "focal_point": [{"focal_party": party, "focal_office": f"Office of {party}"} for party in PARTIES],
}
PLANNED: dict[str, Any] = {
    "mission_kind": "kick_off", "starts_on": "2004-03-08", "ends_on": "2004-03-12", "mission_title": "Kick-off, Manila",
    "expected": "Terms of the scan.", "members": 3,
}  # fmt: skip
HELD: dict[str, Any] = {
    "mission_kind": "kick_off", "held_from": "2004-02-23", "held_to": "2004-02-26", "met": list(PARTIES),
    "results": "All three parties want the scan.", "agreed": "Data by March, by the ministry.",
}  # fmt: skip
REVIEW = {"reviewed_on": "2004-03-01", "reviewed_by_office": "Secretariat", "verdict": "ready", "remarks": "None."}
ANALYSIS: dict[str, Any] = {
    "area_line": [
        {"analysed_area": area, "area_need": "3", "area_response": "1", "area_text": "More.", "area_source": "1.2"}
        for area in AREAS
    ]
}
TALKED: dict[str, Any] = {
    "held_on": "2004-03-01", "capacity_building": "yes", "minutes": "Youth first.",
    "present": [
        {"present_party": party, "present_body": party, "present_women": 2, "present_men": 3} for party in PARTIES
    ],
}  # fmt: skip
AGREED: dict[str, Any] = {
    "requested_on": "2003-11-02", "agreed_on": "2004-03-01", "how_agreed": "consensus",
    "priority": [{"priority_title": "Youth", "priority_area": "employment", "priority_step": "Service offices"}],
}  # fmt: skip
RELATED: dict[str, Any] = {
    "link": [
        {"instrument": "employment_policy", "instrument_title": "Policy 2004-2008", "relation": "feeds",
         "link_part": "Chapter 2"},
        {"instrument": "country_programme", "instrument_title": "Programme 2004-2007", "relation": "carried_by",
         "link_part": "Outcome 1"},
    ]
}  # fmt: skip


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place(SCAN)
    clock.forget_pin()


def codes(form: str, question: str) -> list[str]:
    fields = [each for one in evidence.form(f"{SCAN}.{form}").fields for each in (one, *one.children)]
    return [choice.code for field in fields if field.name == question for choice in field.choices]


def block(number: int, **changes: Any) -> dict[str, Any]:
    answer = {
        "answer_text": "Law of 2001.", "assessment": "1", "confidence": "medium", "source_kind": "document",
        "source": "Official gazette", **changes,
    }  # fmt: skip
    return {
        "owner_office": f"Office {number}", "owner_line": "field", "signed_on": "2004-02-20",
        "answer": [{"question": code, **answer} for code in codes(f"block_{number}", "question")],
    }  # fmt: skip


def figures(number: int) -> dict[str, Any]:
    there = {"there": "value", "figure_value": "5.5", "figure_unit": "%", "figure_year": 2003,
             "figure_source": "Statistics office", "source_date": "2004-01-15"}  # fmt: skip
    known = codes("macro_sheet", "series")[:number]
    rows = [
        {"series": code, **(there if place_ % 2 else {"there": "not_available"})} for place_, code in enumerate(known)
    ]
    return {"figure": rows}


def send(place: Place, form: str, answers: dict[str, Any]) -> Any:
    return place.send(place.national, f"{SCAN}.{form}", answers, place.country, PH)


def questionnaire(place: Place, *blocks: int, dossier: str = "scan") -> Ref:
    ref = evidence.open_dossier(place.national, definition=f"{SCAN}.{dossier}", about=place.country, scope=PH, on=DAY)
    for number in blocks:
        send(place, f"block_{number}", block(number))
    return ref


def decide(place: Place, scores: dict[str, int], outcome: str) -> None:
    panel = [makers.signed_in("programme_coordinator", "jump/") for _member in range(2)]
    members = [one.user_id for one in panel if one.user_id]
    round_ref = decisions.open_round(
        place.coordinator,
        definition=f"{SCAN}.scan_countries",
        scope="jump/",
        opens_on=DAY,
        closes_on=DAY,
        panel=members,
    )
    (candidate,) = decisions.round_(panel[0], round_ref).candidates
    for member in panel:
        decisions.declare_interest(member, round_ref=round_ref, candidate_ref=candidate.ref, has_interest=False)
        decisions.score(member, candidate_ref=candidate.ref, scores=scores)
    decisions.close_scoring(panel[0], round_ref=round_ref, on=DAY)
    decisions.decide(
        panel[0], round_ref=round_ref, outcomes=[decisions.Choice(candidate.ref, outcome, "As scored.")],
        minutes="Both agreed.", present=members, on=DAY,
    )  # fmt: skip
    decisions.publish(panel[0], round_ref=round_ref, on=DAY)
    outbox.drain()


def selected(place: Place) -> Ref:
    """A country that asked and met the four criteria."""
    case = place.case(f"{SCAN}.scan", place.country)
    send(place, "scan_request", REQUEST)
    decide(place, dict.fromkeys(CRITERIA, 1), "accepted")
    return case


@pytest.mark.covers("SCAN-04")
@pytest.mark.parametrize("lacking", [None, *CRITERIA])
def test_a_country_is_scanned_only_where_all_four_criteria_hold(place: Place, lacking: str | None) -> None:
    case = place.case(f"{SCAN}.scan", place.country)
    send(place, "scan_request", REQUEST)
    (line,) = evidence.entities(place.coordinator, register=f"{SCAN}.scan_request", about=place.country)
    assert (line.values["letter"], line.values["parties_committed"]) == ("ML/2003/114", 3)
    scores = {one: int(one != lacking) for one in CRITERIA}
    if lacking:
        with pytest.raises(Exception, match=rf"decisions\.screening_failed.*'{lacking}'"):
            decide(place, scores, "accepted")
        assert place.here(case) == ["eligibility"]
    else:
        decide(place, scores, "accepted")
        assert place.here(case) == ["team"]


@pytest.mark.covers("SCAN-01")
def test_the_questionnaire_has_a_section_for_each_theme_with_its_owner_and_answers_with_sources(
    place: Place,
) -> None:
    assert {number: len(codes(f"block_{number}", "question")) for number in QUESTIONS} == QUESTIONS
    for lacking in ({"owner_office": ""}, {"signed_on": ""}):
        with pytest.raises(AnswersInvalid):
            send(place, "block_1", {**block(1), **lacking})
    with pytest.raises(AnswersInvalid) as refusal:
        send(place, "block_1", block(1, source=""))
    assert "answer.0.source" in refusal.value.errors()
    send(place, "block_1", block(1, source_kind="expert", source=""))

    dossier = questionnaire(place, 0, 1, 2, 4, 5)
    view = evidence.dossier(place.national, dossier)
    assert not view.is_complete, "the core data are missing"
    send(place, "macro_sheet", figures(19))
    assert evidence.dossier(place.national, dossier).is_complete
    send(place, "block_2", {**block(2), "answer": block(2)["answer"][:9]})
    with pytest.raises(DossierIncomplete):  # a question of part 2 has no answer
        evidence.sign_dossier(place.coordinator, ref=dossier, on=DAY)
    send(place, "block_2", block(2))
    evidence.sign_dossier(place.coordinator, ref=dossier, on=DAY)
    first = evidence.dossier_version(place.national, evidence.freeze_dossier(place.national, ref=dossier, on=DAY))
    assert [row["answers"]["owner_office"] for row in first.sections["employment"]][-1] == "Office 1"
    send(place, "block_1", {**block(1), "owner_office": "Employment department"})
    second = evidence.dossier_version(place.national, evidence.freeze_dossier(place.national, ref=dossier, on=DAY))
    assert (first.number, second.number) == (1, 2)
    owners = [row["answers"]["owner_office"] for row in second.sections["employment"]]
    assert owners[-1] == "Employment department"
    assert evidence.dossier_version(place.national, first.ref).sections == first.sections, "a version never changes"


@pytest.mark.covers("SCAN-01")
def test_the_section_on_standards_is_a_variant_and_mandatory_only_there(place: Place) -> None:
    plain = questionnaire(place, 0, 1, 2, 4, 5)
    variant = evidence.open_dossier(place.national, definition=f"{SCAN}.dw_scan", about=place.country, scope=PH, on=DAY)
    send(place, "macro_sheet", figures(19))
    assert [evidence.dossier(place.national, one).is_complete for one in (plain, variant)] == [True, False]
    send(place, "block_3", block(3))
    assert [evidence.dossier(place.national, one).is_complete for one in (plain, variant)] == [True, True]


@pytest.mark.covers("SCAN-02", "SCAN-06", "SCAN-12")
def test_a_scan_is_analysed_reviewed_and_agreed_by_three_parties_before_there_are_priorities(
    place: Place,
) -> None:
    case = selected(place)
    send(place, "scan_team", {**TEAM, "focal_point": TEAM["focal_point"][:2]})
    assert place.here(case) == ["team"]
    send(place, "scan_team", TEAM)
    send(place, "mission_report", HELD)
    send(place, "macro_sheet", figures(14))
    assert place.here(case) == ["macro"], "less than four in five"
    send(place, "macro_sheet", figures(19))
    dossier = questionnaire(place, 0, 1, 2, 4, 5)
    assert place.here(case) == ["questionnaire"]
    evidence.sign_dossier(place.coordinator, ref=dossier, on=DAY)
    version = evidence.freeze_dossier(place.coordinator, ref=dossier, on=DAY)
    (here,) = cases.case(makers.MAKER, case).here
    cases.record_document(place.national, step_ref=here.ref, dossier_version_ref=version, on=DAY)

    assert send(place, "scan_analysis", ANALYSIS).answers["gaps"] == 10
    send(place, "scan_review", {**REVIEW, "verdict": "revise"})
    assert place.here(case) == ["analysis"], "what is not ready goes back"
    send(place, "scan_analysis", ANALYSIS)
    send(place, "scan_review", REVIEW)

    send(place, "dialogue_session", {**TALKED, "present": TALKED["present"][:2]})
    assert place.here(case) == ["dialogue"], "without the workers it is no dialogue of three parties"
    (here,) = cases.case(makers.MAKER, case).here
    with pytest.raises(Exception, match=r"cases\.not_waivable"):
        cases.waive(place.coordinator, step_ref=here.ref, gate="three_parties", why="They were ill", on=DAY)
    nobody = {"present_party": "workers", "present_body": "Union", "present_women": 0, "present_men": 0}
    send(place, "dialogue_session", {**TALKED, "present": [*TALKED["present"][:2], nobody]})
    assert place.here(case) == ["dialogue"], "a party on paper is not there"
    send(place, "dialogue_session", TALKED)
    assert {one.count.by_sex["female"] for one in cases.sessions(makers.MAKER, kind="dialogue")} == {4, 6}

    with pytest.raises(AnswersInvalid):  # dissent is written down
        send(place, "scan_agreement", {**AGREED, "how_agreed": "dissent"})
    send(place, "scan_agreement", {**AGREED, "priority": []})
    assert place.here(case) == ["agreement"]
    send(place, "scan_agreement", AGREED)
    for one in RELATED["link"]:
        send(place, "scan_relation", {"link": [one]})
        assert place.here(case) == ["relation"], "one of the two is not enough"
    send(place, "scan_relation", RELATED)
    assert str(cases.case(makers.MAKER, case).state) == "closed"


@pytest.mark.covers("SCAN-05")
def test_a_mission_is_planned_with_dates_and_owed_until_its_results_are_told(place: Place) -> None:
    with pytest.raises(AnswersInvalid):
        send(place, "mission_plan", {**PLANNED, "ends_on": "2004-03-01"})
    send(place, "mission_plan", PLANNED)
    (line,) = evidence.entities(place.coordinator, register=f"{SCAN}.mission", about=place.country)
    assert (line.label, line.values["starts_on"], line.values["ends_on"]) == (
        "Kick-off, Manila",
        "2004-03-08",
        "2004-03-12",
    )
    (owed,) = cases.tasks(place.national, as_of=DAY)
    assert (owed.title, owed.due_on, str(owed.state)) == ("Kick-off, Manila", date(2004, 3, 12), "open")
    thailand = next(one for one in parties.places(makers.MAKER, kind="country") if one.code == "TH")
    assert evidence.entities(place.coordinator, register=f"{SCAN}.mission", about=thailand.ref) == []

    send(place, "mission_report", HELD)

    (owed,) = cases.tasks(place.national, as_of=DAY)
    assert str(owed.state) == "done"
    (held,) = cases.sessions(place.coordinator, kind="mission")
    assert (held.about, held.held_on, held.minutes) == (
        (place.country,),
        date(2004, 2, 23),
        "All three parties want the scan.",
    )


@pytest.mark.covers("SCAN-07")
def test_a_macroeconomic_figure_has_its_source_and_date_or_is_said_to_be_missing(place: Place) -> None:
    whole = figures(19)
    for lacking in ("figure_source", "source_date", "figure_year"):
        broken = {"figure": [whole["figure"][0], {**whole["figure"][1], lacking: ""}]}
        with pytest.raises(AnswersInvalid) as refusal:
            send(place, "macro_sheet", broken)
        assert list(refusal.value.errors()) == [f"figure.1.{lacking}"]
    sent = send(place, "macro_sheet", whole)
    kept = {one["series"]: one for one in sent.answers["figure"]}
    assert (kept["gdp_growth"]["figure_source"], kept["gdp_growth"]["source_date"]) == (
        "Statistics office",
        "2004-01-15",
    )
    assert "figure_value" not in kept["population"]
    assert sent.answers["share"] == 1


@pytest.mark.covers("SCAN-08")
def test_lead_time_and_work_of_a_scan_are_shown_by_headquarters_and_field(place: Place) -> None:
    for line, days in (("hq", "3.5"), ("field", "8"), ("field", "4")):
        worked = {"worked_to": "2004-02-20", "worker_line": line, "specialism": "Employment", "days": days,
                  "worked_on": "analysis"}  # fmt: skip
        send(place, "scan_effort", worked)
    sent = send(place, "scan_agreement", AGREED)
    assert sent.answers["lead_days"] == 120

    results.compute(makers.MAKER, as_of=DAY)
    effort = results.current(place.coordinator, indicator=f"{SCAN}.scan_effort_days", scope=PH)
    assert effort.value == pytest.approx(15.5)
    assert {one.category: one.value for one in effort.parts if one.ref} == {"hq": 3.5, "field": 12}
    assert results.current(place.coordinator, indicator=f"{SCAN}.scan_lead_days", scope=PH).value == 120
