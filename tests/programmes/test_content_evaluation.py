"""Evaluations, their reports and recommendations, and the two kinds of monitoring, through the forms of the package."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from jump.base import clock
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.evidence.services.refusals import AnswersInvalid
from jump.engines.parties import api as parties
from tests import makers
from tests.programmes.place import DAY, PH, RIVERSIDE, Place

EVAL = "evaluations"
PROGRAMME = "jump/"
STATES: dict[str, dict[str, Any]] = {
    "final": {}, "printed": {"copies": 200}, "published": {"receivers": ["community", "donor"]},
}  # fmt: skip
PLAN: dict[str, Any] = {
    "evaluation_kind": "terminal", "phase_ends_on": "2004-12-31", "starts_on": "2004-09-01", "ends_on": "2004-09-20",
    "evaluator": [{"evaluator_body": "University", "took_part": "no"}], "terms": "Jobs against 3,000.",
}  # fmt: skip
MISSION: dict[str, Any] = {
    "evaluation_kind": "terminal", "held_from": "2004-02-10", "held_to": "2004-02-20", "places_seen": 4,
    "against_targets": "Two thirds of the jobs.", "conclusion": "Go on.",
}  # fmt: skip
JOINT = ["donor", "government", "national", "agency"]


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place(EVAL)
    clock.forget_pin()


def programme_ref() -> Ref:
    view = parties.programme(makers.MAKER)
    assert view is not None
    return view.ref


def send(place: Place, form: str, answers: dict[str, Any], about: Ref | None = None, scope: str = PROGRAMME) -> Any:
    """A form of the programme's own, sent by one coordinator and looked at by another."""
    sender = makers.signed_in("programme_coordinator", PROGRAMME)
    return place.send(sender, f"{EVAL}.{form}", answers, about or programme_ref(), scope)


def opened(place: Place, procedure: str, about: Ref, scope: str = PROGRAMME) -> Ref:
    return cases.open_case(
        place.coordinator, procedure=f"{EVAL}.{procedure}", subject_ref=about, scope=scope, on=DAY, key=procedure,
        title=procedure,
    )  # fmt: skip


@pytest.mark.covers("EVAL-03")
def test_a_self_evaluation_report_is_final_then_printed_then_sent_out_and_published(place: Place) -> None:
    case = opened(place, "report", place.ref, RIVERSIDE)

    def now(state: str, **changes: Any) -> list[str]:
        answers = {
            "report_title": "Riverside 2003", "report_kind": "self", "report_state": state, "state_on": "2004-02-20",
            "report_place": "Library", **STATES[state], **changes,
        }  # fmt: skip
        send(place, "report_progress", answers, place.ref, RIVERSIDE)
        return place.here(case)

    assert now("published") == ["final"], "nothing is sent out that is not final"
    assert now("final") == ["printed"]
    assert now("published") == ["printed"], "nor before it is printed"
    with pytest.raises(AnswersInvalid):
        now("printed", copies="")
    assert now("printed") == ["published"]
    with pytest.raises(AnswersInvalid) as refusal:
        now("published", receivers=[])
    assert list(refusal.value.errors()) == ["receivers"]
    assert now("published") == []

    assert str(cases.case(makers.MAKER, case).state) == "closed"
    (line,) = evidence.entities(place.coordinator, register=f"{EVAL}.evaluation_report", about=place.ref)
    assert (line.values["report_state"], line.values["receivers"]) == ("published", ["community", "donor"])


@pytest.mark.covers("EVAL-05")
def test_the_terminal_evaluation_is_planned_near_the_end_by_people_who_had_no_part_in_the_programme(
    place: Place,
) -> None:
    starts_on = date(2001, 3, 1)  # three years before
    cases.plan_calendar(
        place.coordinator, package="jump", scope=PROGRAMME, starts_on=starts_on, until=date(2004, 6, 1),
        only=("jump.terminal_evaluation",),
    )  # fmt: skip
    case = opened(place, "terminal", programme_ref())
    bound = {"evaluator_body": "Executing agency", "took_part": "yes"}
    send(place, "evaluation_plan", {**PLAN, "evaluator": [*PLAN["evaluator"], bound]})
    assert place.here(case) == ["plan"], "who ran it does not judge it"
    (step,) = cases.case(place.coordinator, case).here
    with pytest.raises(Exception, match=r"cases\.not_waivable"):
        cases.waive(place.coordinator, step_ref=step.ref, gate="independent", why="He knows it best", on=DAY)
    send(place, "evaluation_plan", {**PLAN, "starts_on": "2004-03-20", "ends_on": "2004-03-30"})
    assert place.here(case) == ["plan"], "too early"
    send(place, "evaluation_plan", PLAN)
    assert place.here(case) == ["mission"]
    (owed,) = cases.tasks(place.coordinator, as_of=DAY)
    assert (owed.due_on, str(owed.state)) == (date(2004, 3, 1), "open")

    send(place, "evaluation_mission", {**MISSION, "evaluation_kind": "mid_term"})
    assert place.here(case) == ["mission"], "another evaluation is not this one"
    send(place, "evaluation_mission", MISSION)

    assert str(cases.case(makers.MAKER, case).state) == "closed"
    (owed,) = cases.tasks(place.coordinator, as_of=DAY)
    assert str(owed.state) == "done"
    (held,) = cases.sessions(place.coordinator, kind="terminal_mission")
    assert held.minutes == "Go on."


@pytest.mark.covers("EVAL-06")
def test_the_ex_post_evaluation_comes_a_year_after_phase_out_and_all_four_carry_it(place: Place) -> None:
    case = opened(place, "ex_post", programme_ref())
    plan = {"phased_out_on": "2003-02-01", "starts_on": "2004-02-15", "joint": JOINT, "questions": "What is left?"}
    with pytest.raises(AnswersInvalid) as refusal:
        send(place, "ex_post_plan", {**plan, "starts_on": "2004-01-15"})
    assert list(refusal.value.errors()) == ["phased_out_on"]
    report = {
        "held_from": "2004-02-15", "took_part": JOINT, "still_working": 9, "closed": 2, "conclusion": "Most stand.",
    }  # fmt: skip
    for missing in JOINT:
        send(place, "ex_post_plan", {**plan, "joint": [one for one in JOINT if one != missing]})
        assert place.here(case) == ["plan"], f"not without {missing}"
    send(place, "ex_post_plan", plan)
    send(place, "ex_post_report", {**report, "took_part": JOINT[:3]})
    assert place.here(case) == ["mission"]
    send(place, "ex_post_report", report)
    assert str(cases.case(makers.MAKER, case).state) == "closed"
    assert {one.held_on for one in cases.sessions(place.coordinator, kind="ex_post_mission")} == {date(2004, 2, 15)}


@pytest.mark.covers("EVAL-08")
def test_a_recommendation_has_an_owner_and_a_day_and_is_followed_to_response_and_action(place: Place) -> None:
    def recommended(text: str) -> Ref:
        answers = {
            "from_report": "Mid-term", "recommended": text, "because": "Books lag.", "owner": "national_coordinator",
            "due_on": "2004-03-15",
        }  # fmt: skip
        for lacking in ("owner", "due_on"):
            with pytest.raises(AnswersInvalid):
                send(place, "recommendation", {**answers, lacking: ""}, place.country, PH)
        return Ref(send(place, "recommendation", answers, place.country, PH).ref)

    def owed(about: Ref) -> list[tuple[str, str, date | None, str]]:
        found = cases.tasks(place.national, as_of=DAY, about=about)
        return [(one.title, one.owner_role, one.due_on, str(one.state)) for one in found]

    books, school = recommended("Train book-keepers"), recommended("Build a school")
    asked = ("Train book-keepers", "national_coordinator", date(2004, 3, 15))
    assert owed(books) == [(*asked, "open")]

    yes = {
        "response": "accepted", "why": "Right.", "action": "A course in May", "action_owner": "partner",
        "action_due": "2004-05-31",
    }  # fmt: skip
    with pytest.raises(AnswersInvalid):
        send(place, "management_response", {**yes, "action": ""}, books, PH)
    send(place, "management_response", yes, books, PH)
    action = ("A course in May", "partner", date(2004, 5, 31))
    assert owed(books) == [(*asked, "done"), (*action, "open")]
    send(place, "management_response", {"response": "rejected", "why": "Not our task."}, school, PH)
    assert [state for *_rest, state in owed(school)] == ["done"], "what is refused, with its reason, asks for no action"

    done = {"done_on": "2004-03-01", "what_changed": "Twelve keep books.", "proof": "List of the course"}
    send(place, "action_done", done, books, PH)
    assert owed(books) == [(*asked, "done"), (*action, "done")]
    lines = evidence.entities(place.national, register=f"{EVAL}.recommendation", about=place.country)
    assert {one.label: one.values["owner"] for one in lines} == {
        "Train book-keepers": "national_coordinator",
        "Build a school": "national_coordinator",
    }


@pytest.mark.covers("EVAL-09")
def test_administrative_monitoring_is_planned_apart_from_technical_and_one_never_counts_for_the_other(
    place: Place,
) -> None:
    cases.plan_calendar(
        place.coordinator, package=EVAL, scope=PH, starts_on=date(2003, 3, 1), until=date(2004, 3, 1),
        about=place.country,
    )  # fmt: skip

    def state() -> dict[tuple[str, date | None], str]:
        found = cases.tasks(place.coordinator, as_of=DAY)
        return {(one.title.split()[0], one.due_on): str(one.state) for one in found}

    first, second = date(2003, 9, 1), date(2004, 3, 1)
    assert state() == {
        ("Administrative", second): "open",
        ("Technical", first): "open",
        ("Technical", second): "open",
    }
    visit = {
        "monitoring_kind": "technical", "visited_on": "2004-02-10", "visited_by_office": "Specialist",
        "found": "Workshops are held.", "agreed": "Books by May.",
    }  # fmt: skip
    send(place, "monitoring_report", visit, place.country, PH)
    assert state() == {
        ("Administrative", second): "open",
        ("Technical", first): "open",  # the half-year in which nobody came stays late
        ("Technical", second): "done",
    }
    administrative = {**visit, "monitoring_kind": "administrative", "visited_by_office": "Area director"}
    send(place, "monitoring_report", administrative, place.country, PH)
    assert state()["Administrative", second] == "done"
    assert len(cases.sessions(place.coordinator, kind="administrative_monitoring")) == 1
    assert len(cases.sessions(place.coordinator, kind="technical_monitoring")) == 1
