"""Training: who may begin, who is certified, what participants say, which places were reached, who gave it."""

import io
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from jump.base import packages
from jump.base.refusals import BadInput, NotAllowed
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.cases import duties as own
from jump.engines.cases.models import Attendance, Enrolment
from jump.engines.cases.services.refusals import (
    CourseNotHeld,
    EntryClosed,
    ListHasProblems,
    ListUnreadable,
    ReasonMissing,
    SessionNotPlanned,
)
from jump.engines.parties import api as parties
from tests import makers
from tests.engines.cases.roads import DAY, TODAY, keys

pytestmark = pytest.mark.django_db

AGES = ("0-14", "15-24", "25-34", "35-49", "50+", "not_stated")
TRAINERS: dict[str, Any] = {
    "title": {"en": "Training of trainers"},
    "session": "training",
    "level": "national",
    "modules": [{"title": {"en": "Self-help"}, "hours": 8}, {"title": {"en": "Practice"}, "hours": 4}],
    "completion_percent": 75,
    "qualification": "trainer",
    "expires_months": 36,
    "evaluation": "course_evaluation",
    "revise_by": "national_coordinator",
    "gates": [
        {"id": "grown_up", "text": {"en": "18 or older"}, "needs": "age >= 18", "at": "entry"},
        {
            "id": "assessed",
            "text": {"en": "Assessed at 60 or more"},
            "needs": "tests.exit_test.score >= 60",
            "at": "exit",
        },
    ],
}


@pytest.fixture
def taught(ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A curriculum with gates; accepted forms have days here."""
    from jump.engines.evidence import api as evidence

    makers.declared(
        "road", {"curricula": {"trainers": TRAINERS, "next": {"title": {"en": "Next"}, "after": ["trainers"]}}}
    )
    held = evidence.latest

    def latest(about: Ref, form: str) -> Any:
        found = held(about, form)
        return SimpleNamespace(**{**vars(found), "on": TODAY}) if found is not None else None

    monkeypatch.setattr(evidence, "latest", latest)


def opened(actor, ground, curriculum: str = "road.trainers", **more: Any) -> Ref:
    asked = {
        "title": "Trainers of the north", "scope": ground.country_scope, "level": "national",
        "starts_on": DAY, "ends_on": date(2003, 3, 5), "key": f"c {next(keys)}", **more,
    }  # fmt: skip
    return cases.open_course(actor, curriculum=curriculum, **asked)


def day_held(actor, ground, course: Ref, people: list[Ref], on: date = DAY, **more: Any) -> Ref:
    return cases.record_session(
        actor, kind="training", title="A day", scope=more.pop("scope", ground.country_scope), held_on=on,
        course_ref=course, attendance=[cases.Attendee(person_ref=one) for one in people], key=f"d {next(keys)}", **more,
    )  # fmt: skip


# Gates and certificates -------------------------------------------------------------------------------------------


@pytest.mark.covers("TRAIN-05")
def test_a_trainer_is_certified_only_after_hours_and_assessment(ground, taught, shelf, coordinator) -> None:
    ana, ben, cara = makers.person(), makers.person(sex="male"), makers.person()
    course = opened(coordinator, ground)
    assert (
        cases.enrol_many(coordinator, course_ref=course, people=[(one, None) for one in (ana, ben, cara)], on=DAY) == 3
    )
    day_held(coordinator, ground, course, [ana, ben], hours=Decimal(8))
    day_held(coordinator, ground, course, [ana, ben, cara], date(2003, 3, 4), hours=Decimal(4))
    shelf.accepted("exit_test", about=ana, score=Decimal(72))
    shelf.accepted("exit_test", about=ben, score=Decimal(59))
    shelf.accepted("exit_test", about=cara, score=Decimal(95))

    assert cases.finish_course(coordinator, course_ref=course, on=date(2003, 3, 6)) == 1

    (certified,) = parties.qualifications(makers.MAKER, code="trainer")
    assert (certified.party_ref, str(certified.claim), certified.proof_ref) == (ana, "proved", course)
    assert certified.expires_on == date(2006, 3, 6)
    states = {one.person_ref: (one.state, one.certificate_ref) for one in cases.course(coordinator, course).enrolments}
    assert states == {ana: ("completed", certified.ref), ben: ("enrolled", None), cara: ("enrolled", None)}
    gates = cases.course_gates(coordinator, course_ref=course, person_ref=ben, on=TODAY)
    assert [(one.id, one.at, one.met) for one in gates] == [("grown_up", "entry", True), ("assessed", "exit", False)]


def test_an_entry_gate_lets_nobody_of_a_list_in_unless_it_is_waived_with_a_reason(
    ground, taught, worker, coordinator
) -> None:
    grown, child = makers.person(), makers.person(birth_year=1990)
    course = opened(coordinator, ground)

    with pytest.raises(EntryClosed) as refused:
        cases.enrol_many(worker, course_ref=course, people=[(grown, None), (child, None)], on=DAY)
    assert "18 or older" in refused.value.facts["missing"]
    assert Enrolment.objects.count() == 0
    with pytest.raises(NotAllowed):
        cases.enrol(
            makers.someone("core_team"), course_ref=course, person_ref=child, on=DAY, waive="She leads a group."
        )

    cases.enrol(coordinator, course_ref=course, person_ref=child, on=DAY, waive="She leads a group.")
    (gate, _exit) = cases.course_gates(coordinator, course_ref=course, person_ref=child, on=DAY)
    assert (gate.met, gate.why, gate.passed) == (False, "She leads a group.", True)


def test_a_curriculum_that_comes_after_another_asks_that_it_was_completed(ground, taught, shelf, coordinator) -> None:
    ana = makers.person()
    first = opened(coordinator, ground)
    cases.enrol(coordinator, course_ref=first, person_ref=ana, on=DAY)
    second = opened(coordinator, ground, "road.next")
    with pytest.raises(EntryClosed):
        cases.enrol(coordinator, course_ref=second, person_ref=ana, on=DAY)

    day_held(coordinator, ground, first, [ana])
    shelf.accepted("exit_test", about=ana, score=Decimal(80))
    cases.finish_course(coordinator, course_ref=first, on=date(2003, 3, 6))

    cases.enrol(coordinator, course_ref=second, person_ref=ana, on=date(2003, 3, 7))
    assert len(cases.course(coordinator, second).enrolments) == 1


def test_a_course_without_a_day_is_not_finished_and_an_unknown_level_is_refused(ground, taught, coordinator) -> None:
    course = opened(coordinator, ground)
    with pytest.raises(CourseNotHeld):
        cases.finish_course(coordinator, course_ref=course, on=DAY)
    with pytest.raises(BadInput):
        opened(coordinator, ground, level="village")


def test_who_leaves_is_not_certified_and_the_reason_stays(ground, taught, shelf, coordinator) -> None:
    ana = makers.person()
    course = opened(coordinator, ground)
    cases.enrol(coordinator, course_ref=course, person_ref=ana, on=DAY)
    with pytest.raises(ReasonMissing):
        cases.leave_course(coordinator, course_ref=course, person_ref=ana, on=DAY, why=" ")
    cases.leave_course(coordinator, course_ref=course, person_ref=ana, on=DAY, why="Harvest.")
    day_held(coordinator, ground, course, [ana])
    shelf.accepted("exit_test", about=ana, score=Decimal(80))
    assert cases.finish_course(coordinator, course_ref=course, on=date(2003, 3, 6)) == 0


@pytest.mark.covers("TRAIN-06")
@pytest.mark.parametrize("level", ["grassroots", "national", "regional", "interregional"])
def test_training_is_planned_and_recorded_at_every_level_with_sex_age_and_group(
    ground, taught, coordinator, level: str
) -> None:
    women = makers.group()
    ana, ben = makers.person(birth_year=1980), makers.person(sex="male", birth_year=1985)
    course = opened(coordinator, ground, level=level)
    cases.enrol_many(coordinator, course_ref=course, people=[(ana, women), (ben, None)], on=DAY)
    planned = cases.plan_session(
        coordinator, kind="training", title="First day", scope=ground.country_scope, planned_on=DAY,
        course_ref=course, facilitators=[ben], materials=[cases.Product("Guide")], hours=Decimal(6),
    )  # fmt: skip
    before = cases.attendees(coordinator, planned)
    assert {(one.person_ref, one.role, one.group_ref, one.attended) for one in before} == {
        (ana, "participant", women, False),
        (ben, "facilitator", None, False),
    }

    cases.record_session(
        coordinator, planned_ref=planned, held_on=DAY,
        attendance=[cases.Attendee(person_ref=one) for one in (ana, ben)], key="held",
    )  # fmt: skip

    view = cases.session(coordinator, planned)
    assert view.count.by_sex == {"female": 1, "male": 1}
    assert sum(view.count.by_age_group.values()) == 2
    assert view.materials == (cases.Product("Guide"),)
    listed = {one.person_ref: one for one in cases.attendees(coordinator, planned)}
    assert (listed[ana].group_ref, listed[ben].role) == (women, "facilitator")
    assert [one.level for one in cases.courses(coordinator, level=level)] == [level]


# Ticking and lists -------------------------------------------------------------------------------------------------


def test_ticks_are_kept_while_planned_and_a_held_list_changes_only_with_a_reason(ground, taught, worker) -> None:
    people = [makers.person() for _ in range(25)]
    session = cases.plan_session(
        worker, kind="training", title="Day", scope=ground.scope, planned_on=DAY, invited=people
    )
    cases.amend_attendance(worker, session_ref=session, came=people[:10])
    assert Attendance.objects.filter(attended=True).count() == 10
    cases.amend_attendance(worker, session_ref=session, came=people[5:20])
    assert set(Attendance.objects.filter(attended=True).values_list("person_ref", flat=True)) == set(people[5:20])

    cases.record_session(worker, planned_ref=session, held_on=DAY, key="held")
    assert cases.session(worker, session).count.people_max == 15
    with pytest.raises(ReasonMissing):
        cases.amend_attendance(worker, session_ref=session, came=people)
    cases.amend_attendance(worker, session_ref=session, came=people, why="The paper list has all of them.")
    assert cases.session(worker, session).count.people_max == 25


def test_the_list_of_a_cancelled_gathering_is_not_ticked(ground, worker) -> None:
    session = cases.plan_session(worker, kind="training", title="Day", scope=ground.scope, planned_on=DAY)
    cases.cancel_session(worker, session_ref=session, why="Rain.")
    with pytest.raises(SessionNotPlanned):
        cases.amend_attendance(worker, session_ref=session, came=[])


def workbook(*rows: tuple[object, ...], head: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(
        head or ("Number", "Given name", "Family name", "Sex", "Year of birth", "Age group", "Agrees to be registered")
    )
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.covers("TRAIN-06")
def test_a_list_names_every_wrong_cell_and_takes_nothing_of_it(ground, worker) -> None:
    ana = makers.person()
    session = cases.plan_session(worker, kind="training", title="Day", scope=ground.scope, planned_on=DAY)
    content = workbook(
        (str(ana), "", "", "", None, "", ""),
        (str(ana), "", "", "", None, "", ""),
        ("per-00000000", "", "", "", None, "", ""),
        ("", "Ben", "Cruz", "q", 1850, "20-29", "maybe"),
        ("", "", "", "f", None, "15-24", "yes"),
        ("what", "", "", "f", None, "", ""),
    )
    found = cases.read_people(content, ages=AGES, today=TODAY)

    assert [(one.row, one.column) for one in found.problems] == [
        (3, "Number"), (4, "Number"), (5, "Sex"), (5, "Year of birth"), (5, "Age group"),
        (5, "Agrees to be registered"), (6, "Given name"), (7, "Number"),
    ]  # fmt: skip
    with pytest.raises(ListHasProblems):
        cases.take_attendance(worker, session_ref=session, people=found, on=DAY, key="list")
    assert Attendance.objects.count() == 0
    assert parties.count_people(makers.MAKER, q="Ben") == 0


def test_who_agrees_is_registered_who_does_not_is_only_counted_and_twice_is_once(ground, worker) -> None:
    ana = makers.person()
    session = cases.plan_session(
        worker, kind="training", title="Day", scope=ground.scope, planned_on=DAY, invited=[ana]
    )
    content = workbook(
        (str(ana), "", "", "", None, "", ""),
        (2, "Benjamin", "Cruz", "Homme", 1980, "", "oui"),
        (3, "Nobody keeps this", "Name", "woman", None, "15-24", "no"),
    )
    found = cases.read_people(content, ages=AGES, today=TODAY)
    assert found.problems == ()
    again = cases.check_people(found.cells, ages=AGES, today=TODAY)
    assert again.people == found.people

    assert cases.take_attendance(worker, session_ref=session, people=again, on=DAY, key="list") == (1, 1, 1)
    assert cases.take_attendance(worker, session_ref=session, people=again, on=DAY, key="list") == (1, 1, 1)

    cases.record_session(worker, planned_ref=session, held_on=DAY, key="held")
    count = cases.session(worker, session).count
    assert (count.listed, count.unlisted, count.by_sex) == (2, 1, {"female": 2, "male": 1})
    assert parties.count_people(makers.MAKER, q="Benjamin") == 1
    assert parties.count_people(makers.MAKER, q="Nobody") == 0


def test_a_csv_with_semicolons_is_read_and_what_is_no_list_is_refused(ground, worker) -> None:
    found = cases.read_people("Sexe;Groupe d’âge\nfemme;15-24\n".encode(), ages=AGES, today=TODAY)
    assert [(one.sex, one.age_group) for one in found.people] == [("female", "15-24")]
    for content in (b"", b"\x89PNG\r\n\x00", b"PK\x03\x04nonsense", b"colour;size\nred;2\n", b"Sex\n" + b"f\n" * 501):
        with pytest.raises(ListUnreadable):
            cases.read_people(content, ages=AGES, today=TODAY)


def test_a_list_enrols_people_and_who_is_only_counted_cannot_be(ground, taught, coordinator) -> None:
    ana = makers.person()
    course = opened(coordinator, ground)
    good = cases.read_people(workbook((str(ana), "", "", "", None, "", "")), ages=AGES, today=TODAY)
    assert cases.take_enrolments(coordinator, course_ref=course, people=good, on=DAY, key="l") == 1
    assert cases.take_enrolments(coordinator, course_ref=course, people=good, on=DAY, key="l") == 0
    loose = cases.read_people(workbook(("", "", "", "f", None, "", "no")), ages=AGES, today=TODAY)
    with pytest.raises(ListHasProblems):
        cases.take_enrolments(coordinator, course_ref=course, people=loose, on=DAY, key="m")


# Evaluation, coverage, providers -----------------------------------------------------------------------------------


@pytest.mark.covers("TRAIN-07")
def test_a_finished_course_asks_for_a_revision_until_it_is_done_or_explained(
    ground, taught, coordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jump.engines.evidence import api as evidence

    ana = makers.person()
    course = opened(coordinator, ground)
    cases.enrol(coordinator, course_ref=course, person_ref=ana, on=DAY)
    day_held(coordinator, ground, course, [ana])
    given = [SimpleNamespace(ref=Ref(f"sub-{n}"), answers={"rating": n}) for n in (3, 4, 5)]
    monkeypatch.setattr(evidence, "submissions", lambda *_a, **known: given if known["about"] == course else [])
    cases.finish_course(coordinator, course_ref=course, on=date(2003, 3, 6))

    said = cases.course_evaluation(coordinator, course)
    assert (said.answered, said.asked, said.rating, said.revised) == (3, 1, Decimal(4), False)
    (task,) = cases.tasks(coordinator, about=course, as_of=TODAY)
    assert (task.ref, task.owner_role, task.due_on) == (said.revision_task, "national_coordinator", date(2003, 4, 5))

    with pytest.raises(ReasonMissing):
        cases.revision_done(coordinator, course_ref=course, on=TODAY, note="")
    cases.revision_done(coordinator, course_ref=course, on=TODAY, note="", proof_ref=Ref("wed-00000001"))
    assert cases.course_evaluation(coordinator, course).revised


@pytest.mark.covers("TRAIN-08")
def test_coverage_is_communities_trained_over_communities_planned_and_a_repeat_adds_a_round(
    ground, taught, coordinator, worker
) -> None:
    first = opened(coordinator, ground, communities=[ground.riverside, ground.hilltop])
    (view,) = cases.coverage(coordinator)
    assert (view.planned, view.trained, view.share) == ((ground.other_scope, ground.scope), (), Decimal(0))

    day_held(worker, ground, first, [], scope=ground.scope)
    cases.record_session(
        worker, kind="workshop", title="Workshop A", scope=ground.scope, held_on=DAY, curriculum="road.cer_a", key="a"
    )
    found = {one.curriculum: one for one in cases.coverage(coordinator)}
    assert (found["road.trainers"].share, found["road.trainers"].rounds) == (Decimal(1), 1)
    assert (found["road.cer_a"].planned, found["road.cer_a"].share) == ((ground.scope,), Decimal(1))

    repeat = opened(
        coordinator, ground, communities=[ground.hilltop], starts_on=date(2003, 6, 1), ends_on=date(2003, 6, 2)
    )
    day_held(coordinator, ground, repeat, [], date(2003, 6, 1))
    (view,) = cases.coverage(coordinator, curriculum="road.trainers")
    assert (len(view.planned), len(view.trained), view.rounds) == (2, 2, 2)
    (near,) = cases.coverage(coordinator, curriculum="road.trainers", scope=ground.scope)
    assert near.planned == (ground.scope,)

    places = [one for one in own.facts(as_of=TODAY) if one.kind == "cases.training_place"]
    assert {(one.party, one.codes["curriculum"], one.codes["trained"]) for one in places} == {
        (ground.riverside, "trainers", True), (ground.hilltop, "trainers", True), (ground.riverside, "cer_a", True),
    }  # fmt: skip


def passed(coordinator, ground, shelf, people: list[Ref], **more: Any) -> Ref:
    """A whole course of one day, passed by all."""
    on = more.pop("on", DAY)
    group = more.pop("group", None)
    course = opened(coordinator, ground, starts_on=on, ends_on=on, **more)
    cases.enrol_many(coordinator, course_ref=course, people=[(one, group) for one in people], on=on)
    day_held(coordinator, ground, course, people, on)
    for one in people:
        shelf.accepted("exit_test", about=one, score=Decimal(80))
    cases.finish_course(coordinator, course_ref=course, on=on)
    return course


@pytest.mark.covers("TRAIN-15")
def test_the_share_that_the_movement_delivers_is_people_and_not_attendances(ground, taught, shelf, coordinator) -> None:
    union = makers.group(name="Union of co-operatives", kind="cooperative")
    apex = makers.organisation(partner_class="national_apex")
    ministry = makers.organisation(kind="ministry", partner_class="government_agency")
    people = [makers.person() for _ in range(5)]
    passed(coordinator, ground, shelf, people[:2])
    passed(coordinator, ground, shelf, people[2:3], provider_ref=union)
    passed(coordinator, ground, shelf, people[2:4], provider_ref=apex, on=date(2003, 5, 5))
    passed(coordinator, ground, shelf, people[4:], provider_ref=ministry)

    share = cases.delivery_share(coordinator, since=date(2003, 1, 1), until=date(2003, 12, 31))
    assert share.by_provider == {"programme": 2, "movement": 2, "government": 1}
    assert (share.total, share.movement_share) == (5, Decimal(2) / 5)
    later = cases.delivery_share(coordinator, since=date(2003, 5, 1), until=date(2003, 12, 31))
    assert later.movement_share == 1
    facts = [one for one in own.facts(as_of=TODAY) if one.kind == "cases.trained"]
    assert len(facts) == 6
    assert {str(one.codes["delivered_by"]) for one in facts} == {"programme", "movement", "government"}
    assert all(one.codes["certified"] and one.codes["sex"] == "female" for one in facts)


@pytest.mark.covers("TRAIN-11", "TRAIN-12")
def test_training_records_are_kept_by_centre_and_by_organisation(ground, taught, shelf, coordinator) -> None:
    centre = makers.organisation(name="Resource centre", kind="resource_centre")
    union = makers.organisation(name="Workers’ union", kind="trade_union")
    ana, ben, cara = makers.person(), makers.person(sex="male"), makers.person()
    passed(coordinator, ground, shelf, [ana, ben], group=centre)
    passed(coordinator, ground, shelf, [ana], group=centre, on=date(2003, 5, 5))
    passed(coordinator, ground, shelf, [cara], group=union)

    records = {one.of_ref: one for one in cases.training_records(coordinator)}
    assert (records[centre].people, records[centre].by_sex) == (2, {"female": 1, "male": 1})
    assert records[centre].last_on == date(2003, 5, 5)
    assert records[union].people == 1
    assert [one.people for one in cases.training_records(coordinator, of=union)] == [1]
    assert cases.training_records(makers.someone("national_coordinator", "trial/asia/TH/")) == []


@pytest.mark.covers("TRAIN-13", "TRAIN-14")
def test_training_that_must_come_before_something_is_late_until_it_was_completed(
    ground, taught, shelf, coordinator
) -> None:
    makers.declared(
        "road",
        {
            "curricula": {"monitoring": {**TRAINERS, "title": {"en": "Monitoring"}, "before": "mid_term"}},
        },
    )
    starts_on = date(2002, 1, 1)  # mid-term is month 18: 1 July 2003

    def deadline(as_of: date) -> Any:
        (found,) = cases.training_deadlines(coordinator, starts_on=starts_on, as_of=as_of)
        return found

    assert (deadline(date(2003, 1, 1)).due_on, str(deadline(date(2003, 1, 1)).light)) == (date(2003, 7, 1), "blue")
    assert str(deadline(date(2003, 7, 2)).light) == "bad"
    late = deadline(date(2003, 7, 2))
    assert not late.in_time

    passed(coordinator, ground, shelf, [makers.person()], curriculum="road.monitoring", on=date(2003, 6, 2))
    found = deadline(date(2003, 7, 2))
    assert (found.in_time, found.completed, str(found.light)) == (True, 1, "good")
    before = deadline(date(2003, 6, 1))
    assert (before.completed, before.in_time) == (0, False)


def test_action_points_become_tasks_about_the_gathering_once(ground, worker) -> None:
    session = cases.record_session(worker, kind="meeting", title="Meeting", scope=ground.scope, held_on=DAY, key="m")
    points = [
        cases.ActionPoint("Ask the bank", "extension_worker", DAY + timedelta(days=7)),
        cases.ActionPoint("Write the letter", "core_team"),
    ]
    made = cases.add_action_points(worker, session_ref=session, points=points, key="p")
    assert cases.add_action_points(worker, session_ref=session, points=points, key="p") == made
    assert [one.title for one in cases.tasks(worker, about=session, as_of=TODAY)] == [
        "Ask the bank",
        "Write the letter",
    ]


def test_the_check_of_a_package_names_gates_forms_roles_and_days_that_are_not_there(tmp_path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "programme.yaml").write_text(
        "name: odd\nversion: '1'\ntitle: {en: Odd}\nlanguages: [en]\nengines: [cases]\nuses: []\n"
    )
    (folder / "curricula.yaml").write_text(
        "first:\n  title: {en: First}\n  evaluation: nobody\n  revise_by: king\n  before: never\n  gates:\n"
        "    - {id: odd, text: {en: Odd}, needs: 'height >= 3', at: entry}\n"
        "    - {id: lost, text: {en: Lost}, needs: 'tests.lost.score > 1', at: exit}\n"
    )
    said = " ".join(finding.message for finding in packages.check([folder]))
    for word in ("odd.nobody", "king", "odd.never", "height", "odd.lost"):
        assert word in said
