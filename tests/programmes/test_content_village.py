"""Village self-help, steps 5 to 8, and who lives there: walked through the forms as an extension worker would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from jump.base import clock, outbox
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.engines.reports import api as reports
from jump.engines.reports.types.works import NotTested
from jump.engines.results import api as results
from tests import makers
from tests.programmes.place import DAY, PH, RIVERSIDE, Place
from tests.programmes.test_content_training import DECISION, IDEA, MEETING, RESOURCES, STUDY, WEIGHED

CHOICE: dict[str, Any] = {
    "chosen_on": "2004-02-28", "women": 30, "men": 25, "explained": ["cooperative", "association"],
    "legal_form": "association", "why": "We know each other.", "dissent": "None.", "enterprise_name": "Rice store",
    "managed_by": "assembly", "structure": "Two hold the keys.",
}  # fmt: skip
PLAN: dict[str, Any] = {
    "planned_on": "2004-02-28",
    "setup_task": [
        {"task_what": "Permit of the council", "task_kind": "registration", "task_group": "Committee",
         "task_mandatory": "yes", "task_due": "2004-03-20"},
        {"task_what": "Dry floor", "task_kind": "premises", "task_group": "Men", "task_mandatory": "yes",
         "task_due": "2004-03-25"},
        {"task_what": "A sign", "task_kind": "other", "task_group": "Youth", "task_mandatory": "no",
         "task_due": "2004-04-25"},
    ],
}  # fmt: skip
RECRUITED: dict[str, Any] = {
    "recruited_on": "2004-03-01", "announced_how": "In the meeting.", "posts": 2, "applied_women": 3, "applied_men": 1,
    "taken_women": 2, "taken_men": 0, "chosen_how": "vote", "terms_agreed": "yes",
}  # fmt: skip
MONEY: dict[str, Any] = {
    "currency": "PHP", "needed": "40000",
    "source": [
        {"source_kind": "members", "source_amount": "10000", "source_there": "yes", "source_proof": "Receipts"},
        {"source_kind": "bank", "source_amount": "30000", "source_there": "yes", "source_proof": "Contract"},
    ],
}  # fmt: skip
TAUGHT: dict[str, Any] = {
    "held_on": "2004-02-29", "topics": ["bookkeeping"], "hours": 12, "language": "Tagalog", "given_by": "Union",
    "women": 4, "men": 1, "result": "They keep the cash book.",
}  # fmt: skip
STARTED: dict[str, Any] = {
    "started_on": "2004-03-01", "makes": "Stored rice for traders.", "workers_women": 2, "workers_men": 0,
    "currency": "PHP", "income_before": "3000", "households_asked": 2,
}  # fmt: skip
PERSON: dict[str, Any] = {
    "consents": ["records"], "given_name": "Lualhati", "family_name": "Cruz", "sex": "female", "birth_year": 1979,
}  # fmt: skip


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place("indisco")
    clock.forget_pin()


def decided(place: Place) -> Ref:
    """A village that has walked the first four steps."""
    case = place.case("indisco.village_steps", place.ref, RIVERSIDE)
    send = sender(place, case)
    send("village_meeting", MEETING)
    send("idea_card", IDEA)
    place.fill(case, "common.idea_weighing", WEIGHED, place.worker, RIVERSIDE)
    dossier = evidence.open_dossier(
        place.worker, definition="indisco.feasibility", about=place.ref, scope=RIVERSIDE, on=DAY
    )
    send("local_resources", RESOURCES)
    place.fill(case, "common.feasibility_study", STUDY, place.worker, RIVERSIDE)
    evidence.sign_dossier(place.worker, ref=dossier, on=DAY)
    version = evidence.freeze_dossier(place.worker, ref=dossier, on=DAY)
    (step,) = cases.case(makers.MAKER, case).here
    cases.record_document(place.worker, step_ref=step.ref, dossier_version_ref=version, on=DAY)
    send("village_decision", DECISION)
    return case


def sender(place: Place, case: Ref) -> Any:
    return lambda form, answers: place.fill(case, f"indisco.{form}", answers, place.worker, RIVERSIDE)


def organised(place: Place) -> tuple[Ref, Ref]:
    """The same village with its form chosen: the case and the business."""
    case = decided(place)
    sender(place, case)("organisation_choice", CHOICE)
    (business,) = parties.groups(makers.MAKER, scope=RIVERSIDE, kind="enterprise")
    return case, business.ref


def set_up(place: Place) -> tuple[Ref, Ref]:
    """The same village with its tasks done."""
    case, business = organised(place)
    sender(place, case)("setup_plan", PLAN)
    for task in cases.tasks(place.worker, as_of=DAY):
        cases.finish_task(place.worker, ref=task.ref, on=DAY)
    return case, business


def test_a_village_that_leaves_an_idea_is_done_and_one_that_changes_it_weighs_again(place: Place) -> None:
    case = decided(place)
    assert place.here(case) == ["organisation"]
    cases.reopen(place.worker, case_ref=case, step="decision", why="The elders asked again", on=DAY)
    sender(place, case)("village_decision", {**DECISION, "decision": "change"})
    assert place.here(case) == ["ideas"]


def test_a_form_of_organisation_is_chosen_among_several_and_the_business_is_known_by_it(place: Place) -> None:
    case = decided(place)
    sender(place, case)("organisation_choice", {**CHOICE, "explained": ["association"]})
    assert place.here(case) == ["organisation"], "one form alone is no choice"
    sender(place, case)("organisation_choice", CHOICE)
    assert place.here(case) == ["setup"]
    (business,) = parties.groups(makers.MAKER, scope=RIVERSIDE, kind="enterprise")
    assert (business.name, business.legal_form) == ("Rice store", "association")


@pytest.mark.covers("INDISCO-07")
def test_set_up_is_left_only_when_every_mandatory_task_is_done(place: Place) -> None:
    case, _business = organised(place)
    sender(place, case)("setup_plan", PLAN)
    owed = {task.title: task for task in cases.tasks(place.worker, as_of=DAY)}
    assert {title: task.due_on for title, task in owed.items()} == {
        "Permit of the council": date(2004, 3, 20),
        "Dry floor": date(2004, 3, 25),
    }
    assert place.here(case) == ["setup"]

    cases.finish_task(place.worker, ref=owed["Permit of the council"].ref, on=DAY)
    assert place.here(case) == ["setup"]
    (step,) = cases.case(place.worker, case).here
    assert [(gate.name, gate.met) for gate in step.gates] == [("mandatory_tasks_done", False)]

    cases.finish_task(place.worker, ref=owed["Dry floor"].ref, on=DAY)
    assert place.here(case) == ["manager", "recruitment", "financing", "training"]


def test_a_plan_in_which_nothing_must_be_done_does_not_leave_set_up(place: Place) -> None:
    case, _business = organised(place)
    sender(place, case)("setup_plan", {**PLAN, "setup_task": PLAN["setup_task"][2:]})
    assert (place.here(case), cases.tasks(place.worker, as_of=DAY)) == (["setup"], [])


@pytest.mark.covers("INDISCO-08")
@pytest.mark.parametrize("last", ["manager_appointment", "recruitment", "start_financing", "start_training"])
def test_operations_do_not_start_before_manager_workers_money_and_training_are_all_there(
    place: Place, last: str
) -> None:
    case, business = set_up(place)
    manager = {
        **PERSON, "appointed_on": "2004-03-01", "enterprise_ref": business, "candidates_women": 2, "candidates_men": 1,
        "chosen_how": "vote", "from_village": "yes", "terms_written": "yes", "duties": "Keys and books.",
    }  # fmt: skip
    four = {
        "manager_appointment": manager, "recruitment": RECRUITED, "start_financing": MONEY, "start_training": TAUGHT,
    }  # fmt: skip
    for form, answers in four.items():
        if form != last:
            sender(place, case)(form, answers)
    assert "start" not in place.here(case)
    assert len(place.here(case)) == 1

    sender(place, case)(last, four[last])

    assert place.here(case) == ["start"]
    (member,) = parties.members(makers.MAKER, business, DAY)
    assert member.role == "manager"
    assert parties.person(place.worker, member.person_ref).name == "Lualhati Cruz"


@pytest.mark.covers("INDISCO-08")
def test_money_that_is_only_hoped_for_nobody_taken_on_and_nobody_taught_leave_their_steps_open(place: Place) -> None:
    case, _business = set_up(place)
    send = sender(place, case)
    hoped = {"source_kind": "bank", "source_amount": "30000", "source_there": "no"}
    short = send("start_financing", {**MONEY, "source": [MONEY["source"][0], hoped]})
    assert short.answers["obtained"] == 10000
    send("recruitment", {**RECRUITED, "taken_women": 0})
    send("start_training", {**TAUGHT, "women": 0, "men": 0})
    assert place.here(case) == ["manager", "recruitment", "financing", "training"]


@pytest.mark.covers("INDISCO-09")
def test_the_start_has_its_day_and_jobs_and_incomes_are_checked_after_it(place: Place) -> None:
    case, business = set_up(place)
    send = sender(place, case)
    send(
        "manager_appointment",
        {
            **PERSON, "appointed_on": "2004-03-01", "enterprise_ref": business, "candidates_women": 1,
            "candidates_men": 0, "chosen_how": "vote", "from_village": "yes", "terms_written": "yes", "duties": "Keys.",
        },
    )  # fmt: skip
    for form, answers in (("recruitment", RECRUITED), ("start_financing", MONEY), ("start_training", TAUGHT)):
        send(form, answers)
    send("operation_start", STARTED)
    terms = dict.fromkeys(("has_written_terms", "has_social_protection", "is_safe", "has_rights"), "yes")
    send(
        "village_job",
        {
            **PERSON, **terms, "given_name": "Rosa", "enterprise_ref": business, "kind": "created", "title": "Storer",
            "started_on": "2004-03-01", "hours_weekly": "40", "pay_monthly": "5000", "currency": "PHP",
            "months_expected": 24,
        },
    )  # fmt: skip
    (job,) = jobs.jobs(makers.MAKER, employer_ref=business)
    assert (str(job.kind), job.started_on) == ("created", date(2004, 3, 1))
    assert place.here(case) == ["job_check"]

    check = {
        "job_ref": job.ref, "checked_on": "2004-03-01", "still_at_work": "yes", "currency": "PHP", "hours_weekly": "38",
        "pay_monthly": "5200", "income_before": "3000", "income_now": "5500", "seen": "At the scales.",
        "months_expected": 24, **terms,
    }  # fmt: skip
    checker = makers.signed_in("extension_worker", RIVERSIDE)
    place.fill(case, "indisco.job_check", check, checker, RIVERSIDE)
    assert place.here(case) == ["job_check"], "a look on the first day is no check after the start"

    later = DAY + timedelta(days=92)
    clock.pin(later)
    sent = evidence.submit(
        checker, form="indisco.job_check", answers={**check, "checked_on": later.isoformat()}, scope=RIVERSIDE,
        about=place.ref, on=later, key="check after three months",
    )  # fmt: skip
    outbox.drain()
    assert sent.answers["income_change"] == 2500
    assert str(cases.case(makers.MAKER, case).state) == "closed"
    seen = jobs.job(makers.MAKER, job.ref)
    assert (seen.is_verified, seen.verifications[-1].on, seen.terms.hours_weekly) == (True, later, 38)


# Who belongs to a people -----------------------------------------------------------------------------------------


def listed(place: Place, number: int, *, says: bool, consents: tuple[str, ...] = ("records", "sensitive")) -> Ref:
    answers = {
        "village_agrees": "yes", "consents": list(consents), "given_name": f"Ana {number}", "sex": "female",
        "birth_year": 1980, "identity": ["tribal_identity"] if says else [],
    }  # fmt: skip
    sent = place.send(place.worker, "indisco.villager", answers, place.ref)
    return Ref(sent.ref)


@pytest.mark.covers("INDISCO-11")
def test_belonging_to_a_people_is_asked_only_with_consent_and_read_by_nobody_who_was_not_granted_it(
    place: Place,
) -> None:
    sent = listed(place, 1, says=True, consents=("records",))
    assert "identity" not in evidence.submission(makers.MAKER, sent).answers, "without consent it is not even kept"
    listed(place, 2, says=True)
    (without, with_it) = sorted(parties.people(makers.MAKER, scope=RIVERSIDE), key=lambda one: one.name)
    assert [[flag.code for flag in one.flags] for one in (without, with_it)] == [[], ["tribal_identity"]]

    for reader in (place.worker, place.national, place.coordinator):
        assert parties.person(reader, with_it.ref).flags == ()
    other = makers.signed_in("extension_worker", RIVERSIDE)
    for reader in (other, place.national, place.coordinator):
        assert evidence.submissions(reader, form="indisco.villager") == []
        with pytest.raises(NotFound):
            evidence.submission(reader, sent)

    parties.withdraw_consent(place.worker, person_ref=with_it.ref, purpose="sensitive", on=DAY)
    assert parties.person(makers.MAKER, with_it.ref).flags == ()


@pytest.mark.covers("INDISCO-11")
def test_a_people_shows_in_sums_alone_and_not_before_there_are_five(place: Place) -> None:
    def shown(reader: Actor) -> dict[str, int | None]:
        value = results.current(reader, indicator="indisco.villagers", scope=RIVERSIDE)
        return {one.category: one.value for one in value.parts if one.dimension == "tribal_identity" and one.ref}

    readers = (place.worker, place.national, place.coordinator, makers.someone("donor", "jump/"))
    for number in range(4):
        listed(place, number, says=True)
    for number in range(4, 12):
        listed(place, number, says=False)
    results.compute(makers.MAKER, as_of=DAY)
    for reader in readers:
        assert shown(reader) == {"yes": None, "not_said": None}, "or 12 less 8 would tell it"
        value = results.current(reader, indicator="indisco.villagers", scope=RIVERSIDE)
        small = next(one for one in value.parts if one.category == "yes")
        figure = results.figure(reader, small.ref)
        assert (figure.value, figure.inputs, figure.inputs_total) == (None, (), 0)

    listed(place, 12, says=True)
    results.compute(makers.MAKER, as_of=DAY)
    for reader in readers:
        assert shown(reader) == {"yes": 5, "not_said": 8}
        value = results.current(reader, indicator="indisco.villagers", scope=RIVERSIDE)
        figure = results.figure(reader, next(one.ref for one in value.parts if one.category == "yes"))
        assert (figure.value, figure.inputs) == (5, ()), "the sum, and never who"


# The model ------------------------------------------------------------------------------------------------------


@pytest.mark.covers("INDISCO-12")
def test_a_model_is_published_after_its_trial_with_lessons_that_a_country_of_the_second_phase_builds_on(
    place: Place,
) -> None:
    note: dict[str, Any] = {
        "model_version": "indisco 2", "tried_from": "2003-01-10", "tried_to": "2004-02-10", "villages": 6, "started": 4,
        "result": "Four stores run.",
        "lesson": [
            {"lesson_title": "Women meet first", "lesson_text": "Hold their meeting before the village’s.",
             "lesson_context": "Hill villages"},
            {"lesson_title": "No form is prescribed", "lesson_text": "Explain three.", "lesson_context": "Everywhere"},
        ],
    }  # fmt: skip
    editor = place.coordinator
    work = reports.add_work(editor, title="Village self-help", kind="tool", scope="jump/", key="self-help")
    edition = reports.begin_edition(editor, work_ref=work, language="en", scope="jump/", on=DAY, key="first")
    reports.write_edition(editor, edition_ref=edition, address="https://example.org/self-help", licence="CC BY 4.0")
    with pytest.raises(NotTested):
        reports.publish_edition(editor, edition_ref=edition, on=DAY)
    elsewhere = makers.signed_in("partner", "jump/asia/TH/")
    assert reports.works(elsewhere) == []

    sent = place.send(place.national, "indisco.model_note", note, place.country, PH)

    lessons = {one.title: one for one in reports.lessons(editor, scope=PH)}
    assert set(lessons) == {"Women meet first", "No form is prescribed"}
    assert {(one.proof_ref, str(one.state)) for one in lessons.values()} == {(sent.ref, "draft")}
    (line,) = evidence.entities(editor, register="indisco.self_help_model")
    assert (line.label, line.values["villages"], line.values["lessons"]) == ("indisco 2", 6, 2)
    reports.note_test(
        editor, edition_ref=edition, on=DAY, result=f"{line.label}: {line.values['result']}", proof_ref=sent.ref
    )
    reports.publish_edition(editor, edition_ref=edition, on=DAY)
    for one in lessons.values():
        reports.publish_lesson(editor, lesson_ref=one.ref)

    (seen,) = reports.works(elsewhere)
    (published,) = seen.published
    assert (published.test_result, published.test_ref) == ("indisco 2: Four stores run.", sent.ref)
    adapted = reports.begin_edition(
        editor, work_ref=work, language="en", scope="jump/asia/TH/", on=DAY, parent_ref=edition, key="second",
        change="Women’s meeting comes first", because=[lessons["Women meet first"].ref],
    )  # fmt: skip
    reports.note_use(editor, lesson_ref=lessons["Women meet first"].ref, used_in=f"Second phase: {adapted}")
    assert reports.work_edition(editor, adapted).because == (lessons["Women meet first"].ref,)
    assert reports.lesson(editor, lessons["Women meet first"].ref).used_in == f"Second phase: {adapted}"
