"""A case goes along its declared road: steps, gates, waivers, dates, rounds, versions."""

from datetime import date, timedelta

import pytest

from jump.base import duties
from jump.base.models import AuditEvent
from jump.base.refusals import NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.cases import services
from jump.engines.cases.models import Case, Step
from jump.engines.cases.services.refusals import (
    AlreadyOpen,
    CaseKeyReused,
    GateClosed,
    NoSuchGate,
    NotOptional,
    NotWaivable,
    ReasonMissing,
    StepNotHere,
    WrongStepKind,
)
from jump.engines.cases.types import CaseState, Light, StepState, TaskState
from tests import makers
from tests.engines.cases.roads import DAY, ROADS, TODAY, Opener, Shelf, declare, here, hold, step

pytestmark = pytest.mark.django_db


def people(count: int) -> list[Ref]:
    return [makers.person() for _ in range(count)]


def test_a_letter_opens_a_case_whose_first_step_is_done_by_the_letter(opened: Opener, shelf: Shelf, worker) -> None:
    letter = shelf.accepted("letter")

    case = cases.case(worker, opened("community", submission_ref=letter))

    assert case.title == "Riverside"
    assert [(one.key, one.state) for one in case.steps] == [
        ("letter", StepState.DONE),
        ("orientation", StepState.HERE),
        ("workshop_a", StepState.TODO),
        ("workbook", StepState.TODO),
        ("workshop_e", StepState.TODO),
    ]
    assert case.steps[0].proof_ref == letter
    assert case.steps[1].due_on == DAY + timedelta(days=30)


@pytest.mark.covers("SELECT-06")
def test_a_letter_sent_twice_is_refused_and_opens_nothing(opened: Opener, shelf: Shelf, ground) -> None:
    first = opened("community", submission_ref=shelf.accepted("letter"))

    with pytest.raises(AlreadyOpen) as refusal:
        opened("community", submission_ref=shelf.accepted("letter"))

    assert refusal.value.code == "cases.already_open"
    assert refusal.value.facts["case"] == first
    assert Case.objects.count() == 1


def test_the_same_key_opens_one_case_and_another_content_under_it_is_refused(opened: Opener, ground) -> None:
    first = opened("meetings", key="letter 7")
    assert opened("meetings", key="letter 7") == first
    with pytest.raises(CaseKeyReused):
        opened("meetings", key="letter 7", subject=ground.hilltop)
    assert Case.objects.count() == 1


def test_another_community_may_have_its_own_case(opened: Opener, ground) -> None:
    opened("meetings")
    opened("meetings", subject=ground.hilltop, scope=ground.other_scope)
    assert Case.objects.count() == 2


@pytest.mark.covers("CER-02", "CER-03")
def test_workshop_a_needs_the_orientation_and_enough_people(opened: Opener, shelf: Shelf, worker, coordinator) -> None:
    case = opened("community", submission_ref=shelf.accepted("letter"))
    orientation = here(worker, case)["orientation"]
    assert [(gate.name, gate.met) for gate in orientation.gates] == [("attendance", False)]

    hold(worker, orientation.ref, people(2))
    workshop = here(worker, case)["workshop_a"]
    assert [(gate.name, gate.met, gate.at) for gate in workshop.gates] == [
        ("after_orientation", True, "entry"),
        ("attendance", False, "exit"),
    ]

    hold(worker, workshop.ref, people(2))  # one too few: kept, and the step stays
    assert here(worker, case)["workshop_a"].state is StepState.HERE
    hold(worker, workshop.ref, people(1))
    assert list(here(worker, case)) == ["workbook"]


def test_a_step_that_is_not_reached_cannot_be_worked_on(opened: Opener, shelf: Shelf, worker) -> None:
    case = opened("community", submission_ref=shelf.accepted("letter"))
    orientation = here(worker, case)["orientation"]
    hold(worker, orientation.ref, people(2))

    with pytest.raises(StepNotHere):
        hold(worker, orientation.ref, people(2))
    assert Step.objects.filter(key="orientation").count() == 1
    assert len(cases.sessions(worker)) == 1


def test_a_step_takes_only_what_it_asks_for(opened: Opener, shelf: Shelf, worker) -> None:
    case = opened("community")
    letter = here(worker, case)["letter"]
    with pytest.raises(WrongStepKind):
        cases.record_form(worker, step_ref=letter.ref, submission_ref=shelf.accepted("other"), on=DAY)
    with pytest.raises(WrongStepKind):
        hold(worker, letter.ref, people(2))
    assert here(worker, case)["letter"].proof_ref is None


def test_an_accepted_form_about_the_subject_moves_the_step_that_waits_for_it(
    opened: Opener, shelf: Shelf, ground, worker
) -> None:
    case = opened("community")
    letter = shelf.accepted("letter", about=ground.riverside)
    for _ in range(2):  # told twice, done once
        services.form_accepted(makers.MAKER, submission_ref=letter, form="road.letter", about=ground.riverside, on=DAY)
    assert list(here(worker, case)) == ["orientation"]
    assert Step.objects.filter(key="letter").count() == 1


def to_workshop_e(worker, case: Ref, shelf: Shelf, ground, *, complete: bool) -> None:
    hold(worker, here(worker, case)["orientation"].ref, people(2))
    hold(worker, here(worker, case)["workshop_a"].ref, people(3))
    version = shelf.signed("workbook_1", ground.riverside, complete=complete, frozen_complete=True)
    cases.record_document(worker, step_ref=here(worker, case)["workbook"].ref, dossier_version_ref=version, on=DAY)


@pytest.mark.covers("CER-10")
def test_workshop_e_is_not_scheduled_before_the_workbook_is_complete(
    opened: Opener, shelf: Shelf, ground, worker
) -> None:
    case = opened("community", submission_ref=shelf.accepted("letter"), facts={"budget_ready": True})
    to_workshop_e(worker, case, shelf, ground, complete=False)
    workshop = here(worker, case)["workshop_e"]
    assert workshop.state is StepState.WAITING

    with pytest.raises(GateClosed) as refusal:
        cases.plan_session(
            worker, kind="workshop", title="E", scope=ground.scope, planned_on=DAY, step_ref=workshop.ref
        )
    assert refusal.value.facts["gates"] == ["workbook"]
    assert cases.sessions(worker, state="planned") == []

    shelf.signed("workbook_1", ground.riverside, complete=True)
    planned = cases.plan_session(
        worker, kind="workshop", title="E", scope=ground.scope, planned_on=DAY, step_ref=workshop.ref
    )
    assert cases.session(worker, planned).step_ref == workshop.ref
    assert here(worker, case)["workshop_e"].state is StepState.HERE


def test_an_incomplete_document_does_not_finish_its_step(opened: Opener, shelf: Shelf, ground, worker) -> None:
    case = opened("community", submission_ref=shelf.accepted("letter"))
    hold(worker, here(worker, case)["orientation"].ref, people(2))
    hold(worker, here(worker, case)["workshop_a"].ref, people(3))
    version = shelf.signed("workbook_1", ground.riverside, complete=False)
    with pytest.raises(WrongStepKind):
        cases.record_document(worker, step_ref=here(worker, case)["workbook"].ref, dossier_version_ref=version, on=DAY)
    assert list(here(worker, case)) == ["workbook"]


def test_a_gate_is_waived_with_a_reason_by_the_role_it_names_and_by_nobody_else(
    opened: Opener, shelf: Shelf, ground, worker, coordinator
) -> None:
    case = opened("community", submission_ref=shelf.accepted("letter"), facts={"budget_ready": True})
    to_workshop_e(worker, case, shelf, ground, complete=False)
    ref = here(worker, case)["workshop_e"].ref

    with pytest.raises(NotAllowed):
        cases.waive(worker, step_ref=ref, gate="workbook", why="in a hurry", on=DAY)
    with pytest.raises(NotWaivable):
        cases.waive(makers.someone("programme_coordinator"), step_ref=ref, gate="workbook", why="x", on=DAY)
    with pytest.raises(ReasonMissing):
        cases.waive(coordinator, step_ref=ref, gate="workbook", why="  ", on=DAY)
    with pytest.raises(NoSuchGate):
        cases.waive(coordinator, step_ref=ref, gate="weather", why="x", on=DAY)
    with pytest.raises(NotWaivable):  # this gate names nobody
        cases.waive(coordinator, step_ref=ref, gate="money", why="x", on=DAY)
    assert here(worker, case)["workshop_e"].state is StepState.WAITING

    cases.waive(coordinator, step_ref=ref, gate="workbook", why="One part comes by boat", on=DAY)
    cases.waive(coordinator, step_ref=ref, gate="workbook", why="said again", on=DAY)
    workshop = here(worker, case)["workshop_e"]
    gate = workshop.gates[0]
    assert (workshop.state, gate.met, gate.waived) == (StepState.HERE, False, True)
    assert gate.why == f"{coordinator.name}: One part comes by boat"


def test_a_fact_that_is_not_known_yet_keeps_a_gate_closed_and_opens_it_when_set(
    opened: Opener, shelf: Shelf, ground, worker
) -> None:
    case = opened("community", submission_ref=shelf.accepted("letter"))
    to_workshop_e(worker, case, shelf, ground, complete=True)
    assert here(worker, case)["workshop_e"].state is StepState.WAITING
    cases.set_facts(worker, case_ref=case, facts={"budget_ready": True}, on=DAY)
    assert here(worker, case)["workshop_e"].state is StepState.HERE


@pytest.mark.covers("INDISCO-02")
def test_minutes_of_the_village_meeting_are_needed_to_leave_its_step(opened: Opener, worker) -> None:
    case = opened("meetings")
    meeting = here(worker, case)["meeting"]
    ref = hold(worker, meeting.ref, people(4), issues=["No market on Mondays", "Road"], totals={"male:25-34": 3})
    assert list(here(worker, case)) == ["meeting"]
    assert cases.session(worker, ref).issues == ("No market on Mondays", "Road")

    hold(worker, meeting.ref, people(1), minutes="We want to earn from the river.")
    assert list(here(worker, case)) == ["choice"]


def test_a_step_is_left_when_the_tasks_that_its_form_caused_are_done_and_a_dropped_one_counts_no_more(
    opened: Opener, shelf: Shelf, ground, worker
) -> None:
    case = opened("set_up")
    plan = shelf.accepted("plan")

    def task(name: str, source: str) -> Ref:
        return cases.add_task(
            worker, title=name, about=ground.riverside, owner_role="extension_worker", scope=ground.scope, due_on=None,
            key=name, source=source,
        )  # fmt: skip

    roof, permit, sign = task("roof", plan), task("permit", plan), task("sign", plan)
    other = task("of another plan", "sub-00000009")
    cases.record_form(worker, step_ref=here(worker, case)["plan"].ref, submission_ref=plan, on=DAY)
    cases.finish_task(worker, ref=roof, on=DAY)
    cases.drop_task(worker, ref=sign, why="Nobody reads")
    assert list(here(worker, case)) == ["plan"]

    cases.finish_task(worker, ref=permit, on=DAY)

    assert cases.case(worker, case).state is CaseState.CLOSED
    assert cases.task(worker, other).state is TaskState.OPEN


@pytest.mark.covers("INDISCO-01")
def test_steps_come_in_strict_order_and_one_is_reopened_only_with_a_reason(opened: Opener, worker) -> None:
    case = opened("meetings")
    hold(worker, here(worker, case)["meeting"].ref, people(1), minutes="Held.")

    with pytest.raises(ReasonMissing):
        cases.reopen(worker, case_ref=case, step="meeting", why=" ", on=DAY)
    assert list(here(worker, case)) == ["choice"]

    again = cases.reopen(worker, case_ref=case, step="meeting", why="Half of the village was away", on=DAY)
    view = cases.case(worker, case)
    rows = [(one.key, one.round, one.state) for one in view.steps]
    assert rows == [
        ("meeting", 1, StepState.DONE),
        ("meeting", 2, StepState.HERE),
        ("choice", 1, StepState.SKIPPED),
    ]
    assert cases.step(worker, again).detail == "Half of the village was away"
    assert view.steps[0].proof_ref is not None  # what was done stays

    hold(worker, again, people(1), minutes="Held again.")
    assert [(one.key, one.round) for one in cases.case(worker, case).here] == [("choice", 2)]


def test_a_closed_case_is_reopened_with_its_history(opened: Opener, worker) -> None:
    case = opened("meetings")
    cases.close_case(worker, case_ref=case, outcome="withdrawn", why="The village moved", on=DAY)
    assert cases.case(worker, case).state is CaseState.CLOSED
    cases.reopen(worker, case_ref=case, step="meeting", why="They came back", on=DAY)
    view = cases.case(worker, case)
    assert (view.state, view.outcome, view.closed_on) == (CaseState.OPEN, "", None)


def test_a_closed_case_is_not_reopened_beside_an_open_one(opened: Opener, worker) -> None:
    first = opened("meetings")
    cases.close_case(worker, case_ref=first, outcome="withdrawn", why="The village moved", on=DAY)
    opened("meetings")
    with pytest.raises(AlreadyOpen):
        cases.reopen(worker, case_ref=first, step="meeting", why="They came back", on=DAY)
    assert cases.case(worker, first).state is CaseState.CLOSED


def test_only_an_optional_step_is_left_out_and_with_a_reason(opened: Opener, worker) -> None:
    case = opened("meetings")
    with pytest.raises(NotOptional):
        cases.skip_step(worker, step_ref=here(worker, case)["meeting"].ref, why="no time", on=DAY)
    hold(worker, here(worker, case)["meeting"].ref, people(1), minutes="Held.")
    choice = here(worker, case)["choice"].ref
    with pytest.raises(ReasonMissing):
        cases.skip_step(worker, step_ref=choice, why="", on=DAY)
    cases.skip_step(worker, step_ref=choice, why="They chose at the first meeting", on=DAY)
    view = cases.case(worker, case)
    assert view.state is CaseState.CLOSED
    assert view.steps[-1].state is StepState.SKIPPED
    assert view.steps[-1].detail == "They chose at the first meeting"


def test_a_running_case_keeps_the_version_that_it_started_with(opened: Opener, ground, worker) -> None:
    old = opened("meetings")
    changed = {
        **ROADS["meetings"],
        "start": "welcome",
        "steps": {"welcome": step("session", session="welcome", next="meeting"), **ROADS["meetings"]["steps"]},
    }
    declare("2", meetings=changed)
    new = opened("meetings", subject=ground.hilltop, scope=ground.other_scope)

    assert [one.key for one in cases.case(worker, old).steps] == ["meeting", "choice"]
    assert [one.key for one in cases.case(worker, new).steps] == ["welcome", "meeting", "choice"]
    assert (cases.case(worker, old).version, cases.case(worker, new).version) == ("1", "2")
    hold(worker, here(worker, old)["meeting"].ref, people(1), minutes="Held.")
    assert list(here(worker, old)) == ["choice"]


@pytest.mark.covers("PROG-06")
def test_a_country_goes_through_its_stages_and_leaves_the_first_only_with_an_approved_plan(
    opened: Opener, ground, coordinator
) -> None:
    case = opened("stage", subject=ground.philippines, scope=ground.country_scope, on=date(2002, 1, 10))
    stage = here(coordinator, case)["preparatory"]
    assert stage.length_months == (3, 4)

    assert cases.look_again(makers.MAKER, on=date(2002, 5, 20)) == 0
    assert list(here(coordinator, case)) == ["preparatory"]

    cases.set_facts(coordinator, case_ref=case, facts={"plan_approved": True, "sites": 3}, on=date(2002, 5, 1))
    pilot = here(coordinator, case)["pilot"]
    assert [(gate.name, gate.met) for gate in pilot.gates] == [("sites", False)]
    assert cases.look_again(makers.MAKER, on=date(2003, 6, 1)) == 0  # three sites: the pilot does not begin

    cases.set_facts(coordinator, case_ref=case, facts={"sites": 2}, on=date(2002, 5, 2))
    assert cases.look_again(makers.MAKER, on=date(2003, 1, 31)) == 0
    assert cases.look_again(makers.MAKER, on=date(2003, 2, 1)) == 1  # nine months after 1 May 2002
    done = {one.key: (one.entered_on, one.done_on) for one in cases.case(coordinator, case).steps}
    assert done["preparatory"] == (date(2002, 1, 10), date(2002, 5, 1))
    assert done["pilot"] == (date(2002, 5, 1), date(2003, 2, 1))
    assert done["development"] == (date(2003, 2, 1), None)


@pytest.mark.covers("PROG-07")
def test_a_stage_that_over_runs_is_warned_of_and_re_dating_it_keeps_the_old_date_and_the_warning(
    opened: Opener, ground, coordinator
) -> None:
    case = opened("stage", subject=ground.philippines, scope=ground.country_scope, on=date(2004, 2, 15))
    ref = here(coordinator, case)["preparatory"].ref
    assert cases.over_runs(coordinator, as_of=date(2004, 6, 15)) == []

    late = cases.over_runs(coordinator, as_of=TODAY)
    assert [(one.key, one.over_run_days) for one in late] == [("preparatory", 15)]
    warned = [one for one in duties.due(coordinator, TODAY) if one.ref == ref]
    assert [(one.severity, one.detail) for one in warned] == [("bad", "15 days over the planned length")]

    with pytest.raises(ReasonMissing):
        cases.re_date(coordinator, step_ref=ref, due_on=date(2004, 9, 1), why=" ")
    assert cases.step(coordinator, ref).datings == ()

    cases.re_date(coordinator, step_ref=ref, due_on=date(2004, 9, 1), why="The council was elected anew")
    view = cases.step(coordinator, ref)
    assert view.due_on == date(2004, 9, 1)
    assert [(one.old_due_on, one.new_due_on, one.why) for one in view.datings] == [
        (date(2004, 6, 15), date(2004, 9, 1), "The council was elected anew")
    ]
    assert view.over_run_days == 15


@pytest.mark.covers("PROG-10")
def test_the_four_steps_of_the_delivery_cycle_overlap_and_each_has_its_evidence(opened: Opener, worker) -> None:
    case = opened("delivery")
    assert list(here(worker, case)) == ["capacity", "organizing", "services", "policy"]

    for key in ("services", "capacity", "policy"):
        hold(worker, here(worker, case)[key].ref, people(2))
    assert list(here(worker, case)) == ["organizing"]
    hold(worker, here(worker, case)["organizing"].ref, people(2))

    view = cases.case(worker, case)
    assert [one.key for one in view.here] == ["closing"]
    proofs = [one.proof_ref for one in view.steps if one.key != "closing"]
    assert len(set(proofs)) == 4
    assert None not in proofs


@pytest.mark.covers("CER-12")
def test_steps_carry_a_traffic_light_by_due_date_and_late_ones_are_listed(opened: Opener, ground, worker) -> None:
    late = opened("community", on=date(2004, 5, 1), submission_ref=None)
    soon = opened("community", on=date(2004, 6, 10), subject=ground.hilltop, scope=ground.other_scope)
    for case in (late, soon):
        cases.reopen(worker, case_ref=case, step="orientation", why="to begin", on=cases.case(worker, case).opened_on)

    found = {one.case_ref: one.light for one in cases.open_steps(worker, as_of=TODAY)}
    assert found == {late: Light.BAD, soon: Light.WARN}
    assert [one.case_ref for one in cases.open_steps(worker, as_of=TODAY, late_only=True)] == [late]
    assert cases.count_open_steps(worker, as_of=TODAY, late_only=True) == 1


def test_a_list_of_cases_costs_few_statements_whatever_its_length(
    opened: Opener, ground, worker, django_assert_max_num_queries
) -> None:
    opened("meetings")
    opened("meetings", subject=ground.hilltop, scope=ground.other_scope)
    opened("delivery", subject=ground.hilltop, scope=ground.other_scope)
    cases.cases(worker)
    with django_assert_max_num_queries(2):
        rows = cases.cases(worker)
    assert [row.open_steps[0][0] for row in rows] == ["capacity", "meeting", "meeting"]
    assert cases.count_cases(worker, step="meeting") == 2
    assert [row.subject_ref for row in cases.cases(worker, scope=ground.other_scope, step="meeting")] == [
        ground.hilltop
    ]


def test_a_stranger_to_the_place_sees_no_case_and_a_community_sees_its_own(opened: Opener, ground) -> None:
    case = opened("meetings")
    stranger = makers.someone("extension_worker", ground.foreign_scope)
    assert cases.cases(stranger) == []
    with pytest.raises(NotFound):
        cases.case(stranger, case)
    with pytest.raises(NotAllowed):
        cases.re_date(stranger, step_ref=Step.objects.get().ref, due_on=TODAY, why="x")
    own = makers.someone("public", ground.foreign_scope, rows=(ground.riverside,))
    assert [row.ref for row in cases.cases(own)] == [case]


def test_a_case_of_finance_is_seen_by_who_may_see_money(opened: Opener, ground) -> None:
    case = opened("private", subject=makers.group())
    assert [row.ref for row in cases.cases(makers.someone("donor"))] == [case]
    assert cases.cases(makers.someone("selection_panel")) == []


@pytest.mark.covers("CROSS-01")
def test_every_change_of_a_case_is_on_the_trail_with_who_and_why(opened: Opener, worker, coordinator) -> None:
    case = opened("meetings")
    ref = here(worker, case)["meeting"].ref
    cases.waive(coordinator, step_ref=ref, gate="minutes", why="Nobody could write", on=DAY)
    hold(worker, ref, people(1))
    cases.reopen(worker, case_ref=case, step="meeting", why="Once more", on=DAY)

    trail = list(AuditEvent.objects.order_by("pk").values_list("action", "who", "why"))
    wanted = [
        ("cases.open", worker.key, ""),
        ("cases.waive", coordinator.key, "Nobody could write"),
        ("cases.record_session", worker.key, ""),
        ("cases.step_left", worker.key, ""),
        ("cases.reopen", worker.key, "Once more"),
    ]
    assert [line for line in trail if line[0].startswith("cases.")] == wanted


def test_a_case_rests_on_what_its_steps_were_given_the_letter_first(
    opened: Opener, shelf: Shelf, ground, worker
) -> None:
    letter = shelf.accepted("letter")
    case = opened("community", submission_ref=letter)
    held = hold(worker, here(worker, case)["orientation"].ref, people(2))
    described = duties.describe(worker, case)
    assert described is not None
    assert described.sources == (letter, held, ground.riverside)
    assert described.title == "Riverside"
    assert duties.describe(makers.someone("extension_worker", ground.foreign_scope), case) is None


def test_a_page_of_a_case_costs_few_statements_however_far_it_has_come(
    opened: Opener, shelf: Shelf, ground, worker, django_assert_max_num_queries
) -> None:
    case = opened("community", submission_ref=shelf.accepted("letter"), facts={"budget_ready": True})
    to_workshop_e(worker, case, shelf, ground, complete=False)
    cases.case(worker, case)
    with django_assert_max_num_queries(14):
        view = cases.case(worker, case)
    assert [(gate.name, gate.passed) for gate in view.steps[2].gates] == [
        ("after_orientation", True),
        ("attendance", True),
    ]
    assert [(gate.name, gate.passed) for gate in view.here[0].gates] == [
        ("workbook", False),
        ("money", True),
        ("after_cer_a", True),
    ]
