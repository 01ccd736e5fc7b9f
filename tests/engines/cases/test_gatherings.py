"""Gatherings: who came, what came out of it, how many different people; courses and what they certify."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.base import duties
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.cases.models import Attendance, Session
from jump.engines.cases.services.refusals import (
    CaseKeyReused,
    CourseClosed,
    DateImpossible,
    LooseName,
    ReasonMissing,
    ReportNotExpected,
    SessionNotPlanned,
)
from jump.engines.cases.types import SessionState
from jump.engines.parties import api as parties
from tests import makers
from tests.engines.cases.roads import DAY, TODAY, Opener, here, hold, keys

pytestmark = pytest.mark.django_db


def held(worker, scope: str, people: list[Ref] = [], **more: Any) -> Ref:  # noqa: B006 - never changed
    asked: dict[str, Any] = {"kind": "meeting", "title": "A meeting", "held_on": DAY, "key": f"m {next(keys)}", **more}
    return cases.record_session(
        worker, scope=scope, attendance=[cases.Attendee(person_ref=one) for one in people], **asked
    )


@pytest.mark.covers("CER-03")
def test_a_session_keeps_agenda_products_and_attendance_by_sex_and_age(ground, worker) -> None:
    woman = makers.person(birth_year=1985)
    man = makers.person(sex="male", birth_year=1940)
    ref = held(
        worker,
        ground.scope,
        [woman, man, woman],  # listed twice, counted once
        totals={"female:15-24": 4, "not_stated": 2},
        agenda=[cases.AgendaItem("Welcome", "09:00", woman)],
        products=[cases.Product("List of leaks")],
        minutes="All were heard.",
    )
    view = cases.session(worker, ref)
    assert view.state is SessionState.HELD
    assert view.agenda == (cases.AgendaItem("Welcome", "09:00", woman),)
    assert view.products == (cases.Product("List of leaks"),)
    assert (view.count.listed, view.count.unlisted, view.count.people_min, view.count.people_max) == (2, 6, 8, 8)
    assert view.count.by_sex == {"female": 5, "male": 1, "not_stated": 2}
    assert sum(view.count.by_age_group.values()) == 8
    assert view.count.by_age_group["15-24"] == 4 + (
        1 if parties.codes_of([woman], DAY)[woman]["age_group"] == "15-24" else 0
    )


def test_sex_and_age_of_registered_people_come_from_their_record(ground, worker) -> None:
    man = makers.person(sex="male")
    ref = cases.record_session(
        worker,
        kind="meeting",
        title="A meeting",
        scope=ground.scope,
        held_on=DAY,
        attendance=[cases.Attendee(person_ref=man, sex="female")],
        key="one",
    )
    assert cases.session(worker, ref).count.by_sex == {"male": 1}


def test_a_loose_name_is_refused_and_nothing_is_kept(ground, worker) -> None:
    with pytest.raises(LooseName):
        cases.record_session(
            worker,
            kind="meeting",
            title="A meeting",
            scope=ground.scope,
            held_on=DAY,
            attendance=[cases.Attendee(name="Ana")],
            key="one",
        )
    assert Session.objects.count() == 0
    assert Attendance.objects.count() == 0


@pytest.mark.parametrize(
    ("totals", "field"),
    [({"girl:15-24": 3}, "totals"), ({"female:15-24": -1}, "totals")],
)
def test_impossible_totals_are_refused(ground, worker, totals: dict[str, int], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        held(worker, ground.scope, totals=totals)
    assert field in refusal.value.errors()
    assert Session.objects.count() == 0


def test_impossible_dates_are_refused(ground, worker) -> None:
    with pytest.raises(DateImpossible):
        held(worker, ground.scope, ended_on=date(2003, 3, 2))
    with pytest.raises(DateImpossible):
        held(worker, ground.scope, held_on=date(2004, 7, 1))
    assert Session.objects.count() == 0


def test_the_same_key_records_one_session(ground, worker) -> None:
    first = held(worker, ground.scope, key="one")
    assert held(worker, ground.scope, key="one") == first
    with pytest.raises(CaseKeyReused):
        held(worker, ground.scope, key="one", minutes="Something else")
    assert Session.objects.count() == 1


def test_two_records_of_one_person_are_one_person_at_a_gathering(ground, worker) -> None:
    keep, duplicate = makers.person(), makers.person()
    ref = held(worker, ground.scope, [keep, duplicate])
    assert cases.session(worker, ref).count.people_min == 2
    parties.mark_same(makers.MAKER, keep=keep, duplicate=duplicate, why="the same birth certificate")
    assert cases.session(worker, ref).count.people_min == 1


def test_people_of_several_gatherings_are_a_set_and_totals_widen_it_to_bounds(ground, worker) -> None:
    a, b, c = (makers.person() for _ in range(3))
    first = held(worker, ground.scope, [a, b])
    second = held(worker, ground.scope, [b, c])
    exact = cases.attendance_count([first, second])
    assert (exact.people_min, exact.people_max, exact.is_exact) == (3, 3, True)

    third = held(worker, ground.scope, [a], totals={"female": 10})
    bounds = cases.attendance_count([first, second, third])
    assert (bounds.people_min, bounds.people_max, bounds.is_exact) == (11, 13, False)


@given(
    lists=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=5),
    totals=st.lists(st.integers(0, 9), min_size=5, max_size=5),
)
def test_the_bounds_hold_whoever_the_unlisted_people_were(lists: list[set[int]], totals: list[int]) -> None:
    """Two extreme stories: unlisted people are all new, or as many as possible of them are the same people."""
    from jump.engines.cases.queries.gatherings import count_of

    rows = []
    for people, total in zip(lists, totals, strict=False):
        row = Session(pk=len(rows) + 1, state="held", totals={"female:not_stated": total} if total else {})
        row._prefetched_objects_cache = {
            "attendance": [Attendance(person_ref=f"per-{one}", sex="female", attended=True) for one in people]
        }
        rows.append(row)
    import unittest.mock

    with unittest.mock.patch.object(parties, "cluster_of", lambda refs: {ref: ref for ref in refs}):
        count = count_of(rows)
    everybody = set().union(*lists)
    all_new = len(everybody) + sum(totals[: len(lists)])
    # As few as possible: the unlisted of each session are first those listed elsewhere, then one common pool.
    pool = 0
    for people, total in zip(lists, totals, strict=False):
        pool = max(pool, total - len(everybody - people))
    fewest = len(everybody) + max(0, pool)
    assert count.people_max == all_new
    assert count.people_min == fewest
    assert sum(count.by_sex.values()) == all_new


@pytest.mark.covers("CER-20")
def test_the_reconvening_invites_everyone_who_took_part_once(opened: Opener, worker) -> None:
    case = opened("meetings")
    a, b, c, twin = (makers.person() for _ in range(4))
    hold(worker, here(worker, case)["meeting"].ref, [a, b], totals={"male": 5})
    hold(worker, here(worker, case)["meeting"].ref, [b, c, twin], minutes="Held.")
    held(worker, cases.case(worker, case).scope, [makers.person()])  # of another matter
    parties.mark_same(makers.MAKER, keep=a, duplicate=twin, why="the same person")

    past = cases.past_attendees(worker, case)
    assert [one.person_ref for one in past.people] == [a, b, c]
    assert past.unlisted == 5

    ref = cases.plan_reconvening(worker, case_ref=case, title="Once more together", planned_on=TODAY)
    invited = cases.attendees(worker, ref)
    assert [(one.person_ref, one.invited, one.attended) for one in invited] == [
        (a, True, False),
        (b, True, False),
        (c, True, False),
    ]
    assert cases.session(worker, ref).count.people_max == 0

    cases.record_session(worker, planned_ref=ref, held_on=TODAY, attendance=[cases.Attendee(person_ref=b)], key="came")
    came = {one.person_ref: one.attended for one in cases.attendees(worker, ref)}
    assert came == {a: False, b: True, c: False}
    assert cases.session(worker, ref).count.people_min == 1


@pytest.mark.covers("CER-22")
def test_the_closing_conference_is_planned_with_programme_speakers_communities_and_publicity(
    ground, coordinator
) -> None:
    speaker = makers.person()
    ref = cases.plan_session(
        coordinator,
        kind="closing_conference",
        title="What the pilots found",
        scope=ground.country_scope,
        planned_on=date(2004, 12, 1),
        ended_on=date(2004, 12, 2),
        agenda=[cases.AgendaItem("Riverside speaks", "10:00", speaker), cases.AgendaItem("Lunch", "12:30")],
        about=[ground.riverside, ground.hilltop],
        details={"publicity": "Radio, two weeks before; the newspaper of the province"},
        invited=[speaker],
        key="conference",
    )
    view = cases.session(coordinator, ref)
    assert view.state is SessionState.PLANNED
    assert [item.speaker_ref for item in view.agenda] == [speaker, None]
    assert view.about == (ground.riverside, ground.hilltop)
    assert view.details["publicity"].startswith("Radio")
    assert [one.ref for one in cases.sessions(coordinator, kind="closing_conference", state="planned")] == [ref]


def test_a_planned_session_is_cancelled_with_a_reason_and_then_not_recorded(ground, worker) -> None:
    ref = cases.plan_session(worker, kind="meeting", title="A meeting", scope=ground.scope, planned_on=DAY)
    with pytest.raises(ReasonMissing):
        cases.cancel_session(worker, session_ref=ref, why="")
    cases.cancel_session(worker, session_ref=ref, why="Flood")
    with pytest.raises(SessionNotPlanned):
        cases.record_session(worker, planned_ref=ref, held_on=DAY, key="one")
    assert cases.session(worker, ref).state is SessionState.CANCELLED


@pytest.mark.covers("NETWORK-03")
def test_a_study_tour_waits_for_a_learning_report_of_each_visiting_group(ground, shelf, coordinator) -> None:
    hosts, guests, others = makers.group(), makers.group(), makers.group(scope=ground.other_scope)
    ref = cases.record_session(
        coordinator,
        kind="study_tour",
        title="To the river",
        scope=ground.country_scope,
        held_on=DAY,
        hosts=[hosts],
        reports_from=[guests, others],
        key="tour",
    )
    assert cases.session(coordinator, ref).reports_missing == (guests, others)
    assert ref in {one.ref for one in duties.due(coordinator, TODAY)}

    report = shelf.accepted("tour_report")
    cases.add_session_report(coordinator, session_ref=ref, from_ref=guests, submission_ref=report, on=TODAY)
    assert cases.session(coordinator, ref).reports_missing == (others,)
    with pytest.raises(ReportNotExpected):
        cases.add_session_report(coordinator, session_ref=ref, from_ref=hosts, submission_ref=report, on=TODAY)
    cases.add_session_report(coordinator, session_ref=ref, from_ref=others, submission_ref=report, on=TODAY)
    assert ref not in {one.ref for one in duties.due(coordinator, TODAY)}
    assert [one.ref for one in cases.sessions(coordinator, host_ref=hosts)] == [ref]
    assert cases.sessions(coordinator, host_ref=guests) == []


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("consultation", marks=pytest.mark.covers("NETWORK-02")),
        pytest.param("donor_consultation", marks=pytest.mark.covers("INSTFW-07")),
        pytest.param("inter_agency_meeting", marks=pytest.mark.covers("LINKAGE-06")),
    ],
)
def test_a_consultation_keeps_its_issues_and_its_follow_up(ground, worker, kind: str) -> None:
    union = makers.group()
    ref = held(worker, ground.scope, kind=kind, hosts=[union], issues=["Credit comes too late", " "])
    task = cases.add_task(
        worker,
        title="Ask the bank for a date",
        about=ref,
        owner_role="extension_worker",
        scope=ground.scope,
        due_on=TODAY,
        key="follow-up",
        source=ref,
    )
    assert cases.session(worker, ref).issues == ("Credit comes too late",)
    assert [one.ref for one in cases.tasks(worker, about=ref, as_of=TODAY)] == [task]
    assert [one.ref for one in cases.sessions(worker, kind=kind, host_ref=union)] == [ref]


@pytest.mark.covers("NETWORK-06")
def test_a_meeting_on_the_tools_keeps_who_came_and_who_took_them_up(ground, worker) -> None:
    group, other = makers.group(), makers.group()
    leader = makers.person()
    ref = cases.record_session(
        worker,
        kind="tools_meeting",
        title="Which tools fit us",
        scope=ground.scope,
        held_on=DAY,
        attendance=[cases.Attendee(person_ref=leader, role="leader", group_ref=group)],
        totals={"female": 6, "male": 3},
        about=[group, other],
        details={"uptake": "The first group starts a self-help fund", "taken_up_by": group},
        key="tools",
    )
    view = cases.session(worker, ref)
    assert (view.count.people_min, view.count.by_sex) == (10, {"female": 7, "male": 3})
    assert view.details["taken_up_by"] == group
    assert [(one.role, one.group_ref) for one in cases.attendees(worker, ref)] == [("leader", group)]


@pytest.mark.covers("BUDGET-16")
def test_a_mission_keeps_purpose_and_cost_and_is_followed_until_its_report_has_come(ground, shelf, coordinator) -> None:
    traveller = makers.organisation()
    ref = cases.record_session(
        coordinator,
        kind="mission",
        title="Formulation mission",
        scope=ground.country_scope,
        held_on=date(2004, 5, 3),
        ended_on=date(2004, 5, 14),
        purpose="Formulate the country programme",
        cost_minor=412_500,
        currency="USD",
        reports_from=[traveller],
        key="mission",
    )
    view = cases.session(coordinator, ref)
    assert (view.purpose, view.cost_minor, view.currency) == ("Formulate the country programme", 412_500, "USD")
    missing = [one for one in duties.due(coordinator, TODAY) if one.ref == ref]
    assert [one.title for one in missing] == ["Report missing: Formulation mission"]
    report = shelf.accepted("mission_report")
    cases.add_session_report(coordinator, session_ref=ref, from_ref=traveller, submission_ref=report, on=TODAY)
    assert [one for one in duties.due(coordinator, TODAY) if one.ref == ref] == []
    described = duties.describe(coordinator, ref)
    assert described is not None
    assert described.sources == (report,)


def test_a_cost_without_currency_is_refused(ground, coordinator) -> None:
    with pytest.raises(BadInput):
        held(coordinator, ground.country_scope, cost_minor=100)
    with pytest.raises(BadInput):
        held(coordinator, ground.country_scope, cost_minor=-1, currency="USD")
    assert Session.objects.count() == 0


def test_who_works_elsewhere_neither_sees_nor_records(ground, worker) -> None:
    ref = held(worker, ground.scope, [makers.person()])
    stranger = makers.someone("extension_worker", ground.foreign_scope)
    with pytest.raises(NotFound):
        cases.session(stranger, ref)
    with pytest.raises(NotFound):
        cases.attendees(stranger, ref)
    assert cases.sessions(stranger) == []
    with pytest.raises(NotAllowed):
        held(stranger, ground.scope)
    assert Session.objects.count() == 1


def test_names_on_the_list_are_shown_to_who_may_see_them(ground, worker) -> None:
    person = makers.person(given_name="Ana", family_name="Reyes")
    ref = held(worker, ground.scope, [person])
    assert [one.name for one in cases.attendees(worker, ref)] == ["Ana Reyes"]
    team = makers.someone("core_team")
    assert [one.name for one in cases.attendees(team, ref)] != ["Ana Reyes"]


def test_a_forgotten_person_stays_as_a_number(ground, worker) -> None:
    person = makers.person()
    ref = held(worker, ground.scope, [person])
    from jump.engines.cases import duties as own

    assert own.forget(person, TODAY) == 1
    view = cases.session(worker, ref)
    assert (view.count.listed, view.count.people_min, view.count.by_sex) == (0, 1, {"female": 1})
    assert own.forget(person, TODAY) == 0


@pytest.mark.covers("TRAIN-06")
def test_a_course_is_planned_enrolled_in_delivered_and_certified_for_those_who_attended(ground, worker) -> None:
    group = makers.group()
    ana, ben = makers.person(), makers.person(sex="male")
    course = cases.open_course(
        worker,
        curriculum="road.orientation",
        title="Orientation of workers",
        scope=ground.country_scope,
        level="national",
        starts_on=DAY,
        ends_on=date(2003, 3, 6),
        key="course",
    )
    assert cases.course(worker, course).state == "planned"
    for person in (ana, ben, ana):
        cases.enrol(worker, course_ref=course, person_ref=person, group_ref=group, on=DAY)
    for day, present in ((3, [ana, ben]), (4, [ana])):
        held(worker, ground.country_scope, present, course_ref=course, held_on=date(2003, 3, day), kind="course_day")

    view = cases.course(worker, course)
    assert view.state == "running"
    assert [(one.person_ref, one.hours_attended) for one in view.enrolments] == [(ana, Decimal(6)), (ben, Decimal(3))]

    assert cases.finish_course(worker, course_ref=course, on=date(2003, 3, 6)) == 1
    view = cases.course(worker, course)
    assert [(one.person_ref, one.state, one.group_ref) for one in view.enrolments] == [
        (ana, "completed", group),
        (ben, "enrolled", group),
    ]
    certified = parties.qualifications(makers.MAKER, code="cer_worker")
    assert [(one.party_ref, str(one.claim), one.proof_ref) for one in certified] == [(ana, "proved", course)]
    assert cases.attendance_count(view.sessions).by_sex == {"female": 1, "male": 1}
    assert [one.level for one in cases.courses(worker, level="national")] == ["national"]
    with pytest.raises(CourseClosed):
        cases.enrol(worker, course_ref=course, person_ref=makers.person(), on=DAY)


def test_a_list_of_sessions_costs_few_statements_whatever_its_length(
    ground, worker, django_assert_max_num_queries
) -> None:
    for _ in range(4):
        held(worker, ground.scope, [makers.person()])
    with django_assert_max_num_queries(7):
        assert len(cases.sessions(worker)) == 4


def test_attendance_becomes_facts_for_figures(ground, worker) -> None:
    from jump.engines.cases import duties as own

    person = makers.person()
    ref = held(worker, ground.scope, [person], totals={"male:15-24": 3}, kind="workshop")
    found = list(own.facts(as_of=TODAY))
    assert [(one.kind, one.party, one.value) for one in found] == [
        ("cases.session", None, Decimal(1)),
        ("cases.attendance", person, Decimal(1)),
        ("cases.attendance", None, Decimal(3)),
    ]
    assert found[0].codes["people"] == 4
    assert (found[2].codes["sex"], found[2].codes["age_group"], found[2].codes["listed"]) == ("male", "15-24", False)
    assert {one.ref for one in found} == {ref}
    assert list(own.facts(as_of=date(2003, 3, 2))) == []
