"""Training, extension workers and village steps as shipped: each form and procedure does what its requirement asks."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jump.base import clock, packages
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.cases.definitions import procedure
from jump.engines.cases.models import Case
from jump.engines.cases.services.procedures import facts
from jump.engines.evidence import api as evidence
from jump.engines.evidence.definitions import answers as answering
from jump.engines.evidence.definitions import xlsform
from jump.engines.finance import api as finance
from jump.engines.finance.models import Contract
from jump.engines.parties import api as parties
from tests import makers
from tests.programmes.place import DAY, PH, RIVERSIDE, Place

PROGRAMMES = Path(__file__).resolve().parents[2] / "src" / "jump" / "programmes"
_keys = itertools.count(1)

NEED: dict[str, Any] = {
    "organisation_name": "Riverside women",
    "role": "womens_association",
    "asked_on": "2004-02-10",
    "women": 9,
    "men": 0,
    "need": [
        {"topic": "bookkeeping", "need_text": "Keep our own books", "need_people": 4, "urgency": 5},
        {"topic": "leadership", "need_text": "Lead a meeting", "need_people": 6, "urgency": 3},
    ],
    "limits": "Evenings, not at harvest.",
}
SUPPORT: dict[str, Any] = {
    "seen_on": "2004-02-12",
    "support": [
        {
            "body_name": "Ministry", "body_kind": "government", "support_topic": "skills", "reach": 40, "quality": 3,
            "goes_on": "yes",
        }
    ],
    "can_meet": 4, "can_plan": 3, "can_account": 1, "can_lead": 2,
    "gap": [{"gap_topic": "bookkeeping", "gap_text": "Nobody teaches books.", "gap_role": "group_member"}],
}  # fmt: skip
STAY: dict[str, Any] = {
    "learns": "Incubation of co-operatives.", "use_after": "With two groups.", "institution": "Institute",
    "host_country": "Spain", "from_day": "2004-06-01", "to_day": "2004-07-31", "currency": "USD", "fees": "1500",
    "travel_cost": "900", "living": "1500", "insurance": "100", "returns": "yes",
}  # fmt: skip
TERMS: dict[str, Any] = {
    "title": "Study of lenders", "purpose": "Which lender serves groups?", "days": 20, "currency": "USD", "fee": "3000",
    "output": [
        {"output_what": "Inception note", "output_due": "2004-03-20", "is_report": "yes"},
        {"output_what": "End-of-mission report", "output_due": "2004-05-01", "is_report": "yes"},
    ],
    "supervised_by": "National coordinator", "skills": "Rural finance",
}  # fmt: skip
WORK = {"period_to": "2004-02-28", "done": "Interviews.", "found": "No lender serves groups.", "advice": "A fund."}
SUPERVISION: dict[str, Any] = {
    "seen_on": "2004-02-20", "seen_how": "visit", "places_seen": 2, "plans": 4, "records": 3, "listens": 5,
    "includes_women": 4, "method": 4, "noted": "Visits are prepared.", "agreed": "Bring the diary.",
}  # fmt: skip
MEETING: dict[str, Any] = {
    "held_on": "2004-02-15", "called_by": "Council", "language": "Tagalog", "women": 22, "men": 18, "youth": 9,
    "womens_session": "yes",
    "issue": [{"issue_kind": "earning", "issue_text": "Rice is sold too early.", "raised_by": "women"}],
    "minutes": "All spoke.", "agreed": "Meet again with ideas.",
}  # fmt: skip
IDEA = {
    "title": "Rice store", "idea_kind": "income", "description": "Keep rice until prices rise.", "brought_by": "women",
    "wins": 3, "ideas_compared": 4, "why": "Prices double.",
}  # fmt: skip
WEIGHED: dict[str, Any] = {
    "idea_title": "Rice store", "weighed_on": "2004-02-20", "women": 12, "men": 8, "wanted": "yes", "legal": "yes",
    "harmless": "yes", "owned": "yes", "soon": "yes", "no_displacement": "yes", "said": "For: prices. Against: rats.",
    **dict.fromkeys(
        ("w_jobs", "w_market", "w_local", "w_feasible", "w_cost_per_job", "w_pays", "w_inclusive", "w_owners",
         "w_environment", "w_others"), 4,
    ),
}  # fmt: skip
STUDY: dict[str, Any] = {
    "idea_title": "Rice store", "studied_on": "2004-02-25", "people_asked": 30, "consent_given": "yes",
    "consent_how": "In the meeting, in Tagalog; two were against.", "buyers": "Traders", "price": "20",
    "sales_month": "9000", "competitors": 1, "market_ok": "yes", "process": "Buy, dry, store, sell.", "inputs": "Rice",
    "equipment": "Store", "making_ok": "yes", "workers_women": 3, "workers_men": 2, "skills_missing": "Books",
    "leader": "Elected", "people_ok": "yes", "currency": "PHP", "start_cost": "40000", "cost_month": "7000",
    "own_money": "10000", "permits": "Registration", "harms": "no", "risks": "Rats: closed bins.", "feasible": "yes",
    "why": "Prices double.",
}  # fmt: skip
RESOURCES: dict[str, Any] = {
    "walked_on": "2004-02-18", "women": 4, "men": 4,
    "resource": [{"resource_kind": "land", "resource_what": "12 ha rice", "use_right": "custom", "trend": "same"}],
    "season": "Lean: July, August.", "skills": "Weaving",
}  # fmt: skip
DECISION: dict[str, Any] = {
    "method": "hands", "adults": 90, "quorum": 46, "declared_on": "2004-02-15", "decided_on": "2004-02-28", "women": 30,
    "men": 25, "idea_title": "Rice store", "decision": "take", "for_votes": 50, "against_votes": 5,
    "dissent": "Too much work.", "decided_by": "All adults present",
}  # fmt: skip


def filled(package: str, form: str, given: dict[str, Any]) -> Any:
    """The answers of a form as the server takes them: ordered, calculated, with what is wrong."""
    converted = xlsform.convert((PROGRAMMES / package / "forms" / f"{form}.md").read_bytes())
    return answering.outcome(converted.schema, given, today=DAY, now=datetime(2004, 3, 1, 9, tzinfo=UTC))


def wrong(package: str, form: str, given: dict[str, Any]) -> set[str]:
    return {error.path.rpartition(".")[2] for error in filled(package, form, given).errors}


def line_of(contract: Ref) -> str:
    """The budget line that a contract is paid from."""
    return str(Contract.objects.get(ref=contract).labels["line"])


@pytest.fixture
def place(transactional_db: None) -> Any:
    clock.pin(DAY)
    yield Place("training", "indisco", "incubation")
    clock.forget_pin()


# Needs, support, courses --------------------------------------------------------------------------------------


@pytest.mark.covers("TRAIN-01")
def test_needs_are_kept_by_organisation_and_role_with_how_many_people(place: Place) -> None:
    place.send(place.worker, "training.training_need", NEED, place.ref)
    (kept,) = evidence.entities(makers.MAKER, register="training.training_need")
    assert (kept.label, kept.values["role"]) == ("Riverside women", "womens_association")
    assert (kept.values["needs"], kept.values["people_to_train"]) == (2, 10)
    assert "need_text" in wrong("training", "training_need", {**NEED, "need": [{**NEED["need"][0], "need_text": ""}]})


@pytest.mark.covers("TRAIN-02")
def test_support_and_capacity_are_appraised_before_training_starts_and_the_needs_are_its_product(place: Place) -> None:
    case = place.case("training.course_round", place.ref, RIVERSIDE)
    place.fill(case, "training.training_need", NEED, place.worker, RIVERSIDE)
    assert place.here(case) == ["support"]
    place.fill(case, "training.support_appraisal", {**SUPPORT, "gap": []}, place.national, RIVERSIDE)
    assert place.here(case) == ["support"], "an appraisal without needs leads nowhere"
    place.fill(case, "training.support_appraisal", SUPPORT, place.national, RIVERSIDE)
    assert place.here(case) == ["training"]
    assert filled("training", "support_appraisal", SUPPORT).answers["capacity_score"] == Decimal("2.5")


def test_the_mean_of_five_marks_is_the_rating_of_a_course_and_no_name_is_asked() -> None:
    marks = {"rating_content": 5, "rating_trainer": 4, "rating_material": 3, "rating_logistics": 4, "rating_voice": 4}
    given = {"sex": "female", **marks, "will_do": "Books.", "change_needed": "no"}
    outcome = filled("training", "course_evaluation", given)
    assert (outcome.errors, outcome.answers["rating"]) == ((), 4)
    assert wrong("training", "course_evaluation", {**given, "change_needed": "yes"}) == {"change_parts", "change_text"}
    assert wrong("training", "course_evaluation", {**given, "rating_voice": 6}) == {"rating_voice"}


@pytest.mark.covers("TRAIN-05")
def test_a_trainer_needs_the_certificate_of_a_worker_first_and_seventy_in_an_observed_session(place: Place) -> None:
    ana = makers.person(RIVERSIDE)

    def course(curriculum: str) -> Ref:
        return cases.open_course(
            place.national, curriculum=curriculum, title=curriculum, scope=PH, level="national", starts_on=DAY,
            ends_on=DAY, key=f"course {next(_keys)}",
        )  # fmt: skip

    trainers = course("training.trainer")
    with pytest.raises(Exception, match=r"cases\.entry_closed"):
        cases.enrol(place.national, course_ref=trainers, person_ref=ana, on=DAY)

    workers = course("training.extension_worker")
    for one, form, mark in (
        (workers, "exit_test", {"tested_on": "2004-03-01", "curriculum": "Workers", "questions": 20, "right": 15,
                                "exit_product": "A visit report"}),
        (trainers, "trainer_assessment", {
            "observed_on": "2004-03-01", "observed_session": "Saving", "participants": 18, "knows_subject": 4,
            "prepares": 4, "lets_people_work": 4, "includes": 4, "keeps_time": 3, "checks": 3, "strong": "Calm.",
            "improve": "Time.", "assessed_by": "Trainer of trainers"}),
    ):  # fmt: skip
        cases.enrol(place.national, course_ref=one, person_ref=ana, on=DAY)
        cases.record_session(
            place.national, kind="training", title="Day", scope=PH, held_on=DAY, course_ref=one,
            attendance=[cases.Attendee(person_ref=ana)], key=f"day {next(_keys)}",
        )  # fmt: skip
        place.send(place.national, f"training.{form}", mark, ana, PH)
        assert cases.finish_course(place.national, course_ref=one, on=DAY) == 1
    assert [one.code for one in parties.qualifications(makers.MAKER, party_ref=ana)] == ["extension_worker", "trainer"]
    assert cases.course_gates(place.national, course_ref=trainers, person_ref=ana, on=DAY)[-1].met


@pytest.mark.covers("TRAIN-13", "TRAIN-14")
def test_monitoring_comes_before_the_first_review_and_phase_out_training_before_phase_out(place: Place) -> None:
    found = cases.training_deadlines(place.national, starts_on=date(2002, 1, 1), as_of=DAY)
    assert [(one.curriculum, one.due_on) for one in found] == [
        ("training.monitoring", date(2003, 1, 1)),
        ("training.phase_out", date(2004, 7, 1)),
    ]
    assert [str(one.light) for one in found] == ["bad", "blue"]


# Fellowships and consultants ----------------------------------------------------------------------------------


@pytest.mark.covers("TRAIN-09")
def test_a_fellowship_is_awarded_placed_paid_in_two_parts_and_its_result_releases_the_last(place: Place) -> None:
    place.budget()
    ana = makers.person(PH)
    case = place.case("training.fellowship", ana)
    place.fill(case, "training.fellowship_application", STAY)
    assert place.here(case) == ["place"]
    (contract,) = finance.contracts(makers.MAKER, party_ref=ana)
    full = finance.contract(makers.MAKER, contract.ref)
    assert (full.amount, line_of(contract.ref)) == (Money(400_000, "USD"), "fellowships")
    assert {one.code: one.met_on is not None for one in full.conditions} == {
        "award": True, "place": False, "result": False,
    }  # fmt: skip

    place.fill(
        case,
        "training.fellowship_place",
        {"institution": "Institute", "accepted_on": "2004-02-28", "starts_on": "2004-06-01"},
    )
    assert place.here(case) == ["report"]
    report = {
        "returned_on": "2004-03-01", "completed": "yes", "learned": "Much.", "passed_on": "Two evenings.",
        "people_reached": 14, "currency": "USD", "cost_actual": "3900",
    }  # fmt: skip
    place.fill(case, "training.fellowship_report", report)
    done = cases.case(makers.MAKER, case)
    assert str(done.state) == "closed"
    full = finance.contract(makers.MAKER, contract.ref)
    assert all(one.met_on is not None for one in full.conditions)
    assert wrong("training", "fellowship_application", {**STAY, "returns": "no"}) == {"returns"}


@pytest.mark.covers("TRAIN-10")
def test_a_consultant_has_terms_contract_and_reports_due_and_the_last_part_waits_for_the_end_report(
    place: Place,
) -> None:
    place.budget()
    firm = makers.organisation(PH, name="Local consultant", kind="consultant")
    case = place.case("training.consultant_engagement", firm)
    place.fill(case, "training.terms_of_reference", TERMS)
    due = {one.title: one.due_on for one in cases.tasks(place.national, as_of=DAY)}
    assert due == {"Inception note": date(2004, 3, 20), "End-of-mission report": date(2004, 5, 1)}
    assert finance.contracts(makers.MAKER, party_ref=firm) == []

    signed = {"signed_on": "2004-03-01", "work_from": "2004-03-02", "work_to": "2004-05-01", "signed_by": "Both"}
    place.fill(case, "training.consultancy_agreement", signed)
    (contract,) = finance.contracts(makers.MAKER, party_ref=firm)
    assert line_of(contract.ref) == "sub_contractors"
    assert place.here(case) == ["end_report"]

    place.fill(case, "training.consultant_report", {**WORK, "report_kind": "progress"})
    assert place.here(case) == ["end_report"], "a progress report does not end the work"
    waiting = {one.code for one in finance.contract(makers.MAKER, contract.ref).conditions if one.met_on is None}
    assert waiting == {"end_report"}
    place.fill(case, "training.consultant_report", {**WORK, "report_kind": "end"})
    assert str(cases.case(makers.MAKER, case).state) == "closed"
    assert all(one.met_on is not None for one in finance.contract(makers.MAKER, contract.ref).conditions)


# Extension workers --------------------------------------------------------------------------------------------


@pytest.mark.covers("EXTWORK-05")
def test_an_accepted_supervision_note_stands_in_the_overview_of_the_period(place: Place) -> None:
    wilma = makers.person(RIVERSIDE, given_name="Wilma")
    parties.assign_worker(makers.MAKER, worker_ref=wilma, to_ref=place.ref, on=date(2003, 1, 1))
    (row,) = cases.supervision_overview(place.national, since=date(2004, 1, 1), until=date(2004, 3, 31))
    assert row.is_missing

    note = place.send(place.national, "jump.supervision_note", SUPERVISION, wilma, RIVERSIDE)

    (row,) = cases.supervision_overview(place.national, since=date(2004, 1, 1), until=date(2004, 3, 31))
    (seen,) = row.supervised
    assert (seen.held_on, seen.minutes, seen.products[0].ref) == (date(2004, 2, 20), "Visits are prepared.", note.ref)


@pytest.mark.covers("EXTWORK-06")
def test_a_country_does_not_leave_its_last_stage_before_every_worker_is_placed_or_explained(place: Place) -> None:
    wilma = makers.person(RIVERSIDE, given_name="Wilma")
    parties.assign_worker(makers.MAKER, worker_ref=wilma, to_ref=place.ref, on=date(2003, 1, 1))
    steps = packages.definition("procedures", "jump.country_stage").data["steps"]
    (gate,) = steps["development"]["gates"]
    assert (gate["needs"], gate["at"]) == ("settled.absorption == true", "exit")

    def holds() -> bool:
        case = Case.objects.select_related("scope").get(ref=country)
        return facts.holds(gate["needs"], case, procedure(case.procedure, case.procedure_version), as_of=DAY)[0]

    country = place.case("jump.country_stage", place.country)
    assert not holds()
    case = place.case("jump.absorption", wilma)
    plan = {
        "absorber": "cooperative", "body_name": "Union", "post": "Adviser", "by_day": "2004-12-01", "paid_share": 50,
        "steps": "Agree the pay.", "worker_agrees": "yes",
    }  # fmt: skip
    place.fill(case, "jump.absorption_plan", plan)
    assert not holds()
    assert wrong("jump", "absorption_result", {"outcome": "explained"}) == {"explanation"}
    place.fill(case, "jump.absorption_result", {"outcome": "placed", "from_day": "2004-03-01", "employer": "Union"})
    view = cases.absorption(place.national, procedure="jump.absorption", as_of=DAY)
    assert (view.is_complete, view.number("placed")) == (True, 1)
    assert holds()


@pytest.mark.covers("EXTWORK-04")
def test_the_meeting_of_workers_is_due_each_month_and_holding_it_finishes_the_task(place: Place) -> None:
    cases.plan_calendar(
        place.coordinator, package="jump", scope="jump/", starts_on=date(2003, 12, 1), until=date(2004, 3, 1),
        only=("jump.worker_meeting",),
    )  # fmt: skip
    cases.record_session(
        place.coordinator, kind=cases.IN_SERVICE, title="Workers", scope="jump/", held_on=date(2004, 1, 20),
        minutes="Cases.", key="meeting",
    )  # fmt: skip
    state = {one.due_on: str(one.state) for one in cases.tasks(place.coordinator, as_of=DAY)}
    assert state == {date(2004, 1, 1): "open", date(2004, 2, 1): "done", date(2004, 3, 1): "open"}


# Village steps -------------------------------------------------------------------------------------------------


@pytest.mark.covers("INDISCO-02", "INDISCO-03", "INDISCO-04", "INDISCO-05")
def test_a_village_meets_weighs_studies_and_decides_each_step_only_after_the_one_before(place: Place) -> None:
    case = place.case("indisco.village_steps", place.ref, RIVERSIDE)

    def send(form: str, answers: dict[str, Any]) -> Any:
        return place.fill(case, form, answers, place.worker, RIVERSIDE)

    send("indisco.village_meeting", {**MEETING, "issue": []})
    assert place.here(case) == ["meeting"], "a meeting that raised nothing leads nowhere"
    send("indisco.village_meeting", MEETING)
    assert place.here(case) == ["ideas"]
    (held, *_more) = cases.sessions(makers.MAKER, kind="village_meeting")
    assert (held.count.by_sex, held.minutes) == ({"female": 22, "male": 18}, "All spoke.")
    send("indisco.idea_card", IDEA)
    (idea,) = evidence.entities(makers.MAKER, register="indisco.village_idea")
    assert idea.values["pair_score"] == 1
    weighed = send("common.idea_weighing", WEIGHED)
    assert (weighed.answers["score"], weighed.answers["band"]) == (80, "proposal")
    assert place.here(case) == ["feasibility"]

    dossier = evidence.open_dossier(
        place.worker, definition="indisco.feasibility", about=place.ref, scope=RIVERSIDE, on=DAY
    )
    place.send(place.worker, "indisco.local_resources", RESOURCES, place.ref)
    place.send(place.worker, "common.feasibility_study", STUDY, place.ref)
    assert evidence.dossier(makers.MAKER, dossier).is_complete
    evidence.sign_dossier(place.worker, ref=dossier, on=DAY)
    version = evidence.freeze_dossier(place.worker, ref=dossier, on=DAY)
    (step,) = cases.case(makers.MAKER, case).here
    cases.record_document(place.worker, step_ref=step.ref, dossier_version_ref=version, on=DAY)
    assert place.here(case) == ["decision"]

    decided = send("indisco.village_decision", DECISION)
    assert (decided.answers["method"], decided.answers["quorum_met"]) == ("hands", "yes")
    assert place.here(case) == ["organisation"]


def test_the_quorum_was_set_before_and_without_it_nothing_is_taken_up() -> None:
    assert wrong("indisco", "village_decision", {**DECISION, "women": 10, "men": 10}) == {"decision"}
    assert wrong("indisco", "village_decision", {**DECISION, "declared_on": "2004-02-29"}) == {"decided_on"}
    assert wrong("indisco", "village_decision", {**DECISION, "quorum": 91}) == {"quorum", "decision"}


def test_a_study_cannot_call_feasible_what_nobody_buys_or_what_leaves_nothing() -> None:
    assert wrong("common", "feasibility_study", STUDY) == set()
    assert wrong("common", "feasibility_study", {**STUDY, "market_ok": "no"}) == {"feasible"}
    assert wrong("common", "feasibility_study", {**STUDY, "cost_month": "9000"}) == {"feasible"}
    assert wrong("common", "feasibility_study", {**STUDY, "cost_month": "9000", "feasible": "no"}) == set()
    answers = filled("common", "feasibility_study", STUDY).answers
    assert (answers["surplus_month"], answers["to_find"], answers["months_to_repay"]) == (2000, 30000, 15)


def test_an_idea_that_fails_one_question_of_the_screen_is_not_weighed() -> None:
    answers = filled("common", "idea_weighing", {**WEIGHED, "harmless": "no"}).answers
    assert (answers["passes"], answers["score"], answers["band"]) == ("no", 0, "park")


# Self-evaluation, enterprises --------------------------------------------------------------------


@pytest.mark.covers("EVAL-02")
def test_each_pilot_evaluates_itself_once_a_year_with_the_form_of_the_manual(place: Place) -> None:
    cases.plan_calendar(
        place.coordinator, package="jump", scope="jump/", starts_on=date(2002, 1, 1), until=date(2004, 3, 1),
        about=place.ref, only=("jump.self_evaluation",),
    )  # fmt: skip
    given: dict[str, Any] = {
        "held_on": "2004-02-20", "women": 20, "men": 15, "womens_session": "yes", "starts_itself": 4, "finds_money": 3,
        "decides": 4, "solves": 4, "includes": 5, "planned": "A store.", "happened": "It stands.", "gained": "Members.",
        "money": "Into the store.", "own_part": "All labour.", "next": "A mill.", "posted": "yes",
    }  # fmt: skip
    assert wrong("jump", "self_assessment", {**given, "womens_session": ""}) == {"womens_session"}
    for expected in (1, 2):
        sent = place.send(place.coordinator, "jump.self_assessment", given, place.ref, "jump/")
        done = [one for one in cases.tasks(place.coordinator, as_of=DAY) if str(one.state) == "done"]
        assert len(done) == expected, "one evaluation answers for one year"
        assert sent.answers["self_reliance"] == 4


def test_a_monthly_return_counts_what_is_left_and_limits_days_to_those_of_the_workers(place: Place) -> None:
    month: dict[str, Any] = {
        "month": "2004-02-15", "currency": "PHP", "sales": "9000", "other_income": "500", "materials": "3000",
        "wages": "4000", "other_costs": "700", "repaid": "600", "cash": "1200", "owed_to_us": "0", "we_owe": "300",
        "stock": "2000", "workers_women": 3, "workers_men": 1, "days_worked": 88, "new_members": 0, "left_members": 0,
        "accidents": 0, "books_current": "yes", "paid_on_time": "yes",
    }  # fmt: skip
    assert filled("incubation", "monthly_return", month).answers["surplus"] == 1800
    assert wrong("incubation", "monthly_return", {**month, "days_worked": 125}) == {"days_worked"}
    assert wrong("incubation", "monthly_return", {**month, "paid_on_time": "no"}) == {"why_late"}
