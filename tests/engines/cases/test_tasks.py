"""Tasks: who owes what by when; rhythms of the calendar; what finishes them."""

from datetime import date

import pytest

from jump.base import duties
from jump.base.refusals import NotAllowed, NotFound
from jump.engines.cases import api as cases
from jump.engines.cases import services
from jump.engines.cases.models import Task
from jump.engines.cases.services.refusals import CaseKeyReused, ReasonMissing, TaskClosed
from jump.engines.cases.types import Light, TaskState
from tests import makers
from tests.engines.cases.roads import DAY, TODAY, keys

pytestmark = pytest.mark.django_db


def added(worker, scope: str, **more):
    asked = {
        "title": "Write to the council",
        "about": None,
        "owner_role": "extension_worker",
        "due_on": date(2004, 6, 25),
        "key": f"task {next(keys)}",
        **more,
    }
    return cases.add_task(worker, scope=scope, **asked)


def test_a_task_is_late_after_its_date_and_listed_as_such(ground, worker) -> None:
    ref = added(worker, ground.scope)
    added(worker, ground.scope, due_on=date(2004, 7, 1))
    [late] = cases.tasks(worker, as_of=TODAY, late_only=True)
    assert (late.ref, late.light, late.days_late) == (ref, Light.BAD, 5)
    assert cases.count_tasks(worker, as_of=TODAY, late_only=True) == 1
    assert [one.severity for one in duties.due(worker, TODAY)] == ["bad", "warn"]


def test_a_task_is_added_once_under_its_key(ground, worker) -> None:
    first = added(worker, ground.scope, key="one")
    assert added(worker, ground.scope, key="one") == first
    with pytest.raises(CaseKeyReused):
        added(worker, ground.scope, key="one", title="Something else")
    assert Task.objects.count() == 1


def test_a_task_is_finished_once_and_a_dropped_one_not_at_all(ground, worker) -> None:
    ref = added(worker, ground.scope)
    cases.finish_task(worker, ref=ref, on=date(2004, 6, 27), note="Sent")
    cases.finish_task(worker, ref=ref, on=TODAY, note="Sent again")
    view = cases.task(worker, ref)
    assert (view.state, view.finished_on, view.note, view.days_late) == (
        TaskState.DONE,
        date(2004, 6, 27),
        "Sent",
        2,
    )
    with pytest.raises(TaskClosed):
        cases.drop_task(worker, ref=ref, why="no longer")

    other = added(worker, ground.scope)
    with pytest.raises(ReasonMissing):
        cases.drop_task(worker, ref=other, why=" ")
    cases.drop_task(worker, ref=other, why="The council was dissolved")
    with pytest.raises(TaskClosed):
        cases.finish_task(worker, ref=other, on=TODAY)
    assert cases.task(worker, other).state is TaskState.DROPPED


def test_who_works_elsewhere_has_nothing_to_do_with_it(ground, worker) -> None:
    ref = added(worker, ground.scope)
    stranger = makers.someone("extension_worker", ground.foreign_scope)
    assert cases.tasks(stranger, as_of=TODAY) == []
    with pytest.raises(NotFound):
        cases.task(stranger, ref)
    with pytest.raises(NotAllowed):
        cases.finish_task(stranger, ref=ref, on=TODAY)
    with pytest.raises(NotAllowed):
        added(stranger, ground.scope)
    assert Task.objects.count() == 1


@pytest.mark.covers("EVAL-01", "EVAL-02")
def test_the_calendar_makes_the_tasks_of_a_project_once_whatever_the_repetitions(ground, worker) -> None:
    asked = {"package": "road", "scope": ground.scope, "starts_on": date(2003, 1, 1), "about": ground.riverside}
    assert cases.plan_calendar(worker, **asked, until=date(2003, 12, 31)) == 3
    assert cases.plan_calendar(worker, **asked, until=date(2003, 12, 31)) == 0
    assert cases.plan_calendar(worker, **asked, until=date(2004, 1, 1)) == 2
    due = [(one.title, one.due_on) for one in cases.tasks(worker, as_of=TODAY)]
    assert due == [
        ("Core teams meet", date(2003, 4, 1)),
        ("Core teams meet", date(2003, 7, 1)),
        ("Core teams meet", date(2003, 10, 1)),
        ("Core teams meet", date(2004, 1, 1)),
        ("Self-evaluation", date(2004, 1, 1)),  # one a year and project
    ]


@pytest.mark.covers("EVAL-04")
def test_the_mid_term_evaluation_is_due_after_eighteen_months_and_done_by_the_mission(ground) -> None:
    coordinator = makers.someone("programme_coordinator")
    assert (
        cases.plan_calendar(coordinator, package="road", scope="trial/", starts_on=date(2002, 1, 1), until=TODAY) == 1
    )
    [task] = cases.tasks(coordinator, as_of=TODAY)
    assert (task.due_on, task.owner_role) == (date(2003, 7, 1), "programme_coordinator")
    mission = cases.record_session(
        coordinator,
        kind="mid_term_mission",
        title="Mid-term evaluation",
        scope="trial/",
        held_on=date(2003, 6, 9),
        ended_on=date(2003, 6, 20),
        key="mission",
    )
    [task] = cases.tasks(coordinator, as_of=TODAY)
    assert (task.state, task.proof_ref, task.days_late) == (TaskState.DONE, mission, 0)


@pytest.mark.covers("CER-18")
def test_a_period_without_a_core_team_meeting_is_flagged(ground, worker, coordinator) -> None:
    cases.plan_calendar(
        worker, package="road", scope=ground.scope, starts_on=date(2003, 1, 1), until=date(2003, 12, 31)
    )
    for day in (date(2003, 2, 10), date(2003, 3, 10), date(2003, 7, 1), date(2003, 10, 1)):
        ref = cases.record_session(
            worker,
            kind="core_team_meeting",
            title="Core teams",
            scope=ground.scope,
            held_on=day,
            minutes="Accounts were explained.",
            details={"training_given": "Bookkeeping"},
            key=f"meeting {day}",
        )
    assert cases.session(worker, ref).details == {"training_given": "Bookkeeping"}
    rows = [(one.due_on, one.state, one.finished_on) for one in cases.tasks(worker, as_of=date(2003, 12, 31))]
    assert rows == [
        (date(2003, 4, 1), TaskState.DONE, date(2003, 2, 10)),
        (date(2003, 7, 1), TaskState.DONE, date(2003, 7, 1)),
        (date(2003, 10, 1), TaskState.DONE, date(2003, 10, 1)),
    ]
    Task.objects.all().delete()
    cases.plan_calendar(
        worker, package="road", scope=ground.scope, starts_on=date(2003, 1, 1), until=date(2003, 12, 31)
    )
    cases.record_session(
        worker, kind="core_team_meeting", title="Core teams", scope=ground.scope, held_on=date(2003, 9, 1), key="late"
    )
    missed = [one.due_on for one in cases.tasks(worker, as_of=date(2003, 12, 31), late_only=True)]
    assert missed == [date(2003, 4, 1), date(2003, 7, 1)]
    flagged = [one.on for one in duties.due(coordinator, date(2003, 12, 31)) if one.severity == "bad"]
    assert flagged == missed


@pytest.mark.covers("REPORT-04")
def test_a_consultants_missing_reports_are_chased_until_they_are_accepted(ground, shelf, worker, coordinator) -> None:
    consultant = makers.organisation()
    for number, due_on in enumerate((date(2004, 3, 31), date(2004, 6, 1))):
        added(
            coordinator,
            ground.country_scope,
            title=f"Report {number + 1} of the consultant",
            about=consultant,
            owner_role="national_coordinator",
            owner_ref=consultant,
            due_on=due_on,
            asks="road.consultant_report",
        )
    late = cases.tasks(coordinator, about=consultant, as_of=TODAY, late_only=True)
    assert [(one.title, one.days_late) for one in late] == [
        ("Report 1 of the consultant", 91),
        ("Report 2 of the consultant", 29),
    ]

    report = shelf.accepted("consultant_report", about=consultant)
    for _ in range(2):  # told twice
        services.form_accepted(
            makers.MAKER, submission_ref=report, form="road.consultant_report", about=consultant, on=TODAY
        )
    rows = [(one.title, one.state, one.proof_ref) for one in cases.tasks(coordinator, about=consultant, as_of=TODAY)]
    assert rows == [
        ("Report 1 of the consultant", TaskState.DONE, report),
        ("Report 2 of the consultant", TaskState.OPEN, None),
    ]


def test_a_finished_task_rests_on_its_proof(ground, shelf, worker) -> None:
    ref = added(worker, ground.scope, about=ground.riverside)
    proof = shelf.accepted("letter")
    cases.finish_task(worker, ref=ref, on=DAY, proof_ref=proof)
    described = duties.describe(worker, ref)
    assert described is not None
    assert described.sources == (proof, ground.riverside)
