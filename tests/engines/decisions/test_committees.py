"""Committees: who must be represented, who sits when, what was resolved with which quorum."""

from datetime import date

import pytest

from jump.base import duties
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.decisions.models import Committee, Resolution, Seat
from jump.engines.decisions.services.refusals import (
    BallotCount,
    DecisionKeyReused,
    NoSeat,
    NotSecretary,
    NotTheirMeeting,
    Quorum,
    ReasonMissing,
    SeatsMissing,
    SeatTaken,
    SeatUndecided,
)
from tests import makers
from tests.engines.decisions.panels import DAY

pytestmark = pytest.mark.django_db
START = date(2003, 1, 15)


@pytest.fixture
def national(ground, coordinator) -> Ref:
    return decisions.constitute(
        coordinator,
        kind="national_committee",
        definition="panels.national",
        scope=ground.country_scope,
        on=START,
        key="national",
    )


def sit(coordinator, committee: Ref, *classes: str, on: date = START, **more) -> list[Ref]:
    found = []
    for one in classes:
        person = makers.person()
        decisions.seat(
            coordinator,
            committee_ref=committee,
            party_ref=person,
            seat_class=one,
            body_ref=makers.organisation(),
            on=on,
            **more,
        )
        found.append(person)
    return found


def resolve(coordinator, committee: Ref, votes: tuple[int, int, int] = (3, 0, 0), **more) -> Ref:
    asked = {"text": "Meet every three months", "on": date(2003, 2, 1), **more}
    return decisions.resolve(
        coordinator,
        committee_ref=committee,
        votes_for=votes[0],
        votes_against=votes[1],
        abstentions=votes[2],
        **asked,
    )


@pytest.mark.covers("JNCC-01")
def test_a_national_committee_has_member_bodies_with_named_representatives_of_every_class(
    coordinator, national: Ref
) -> None:
    assert decisions.committee(coordinator, national).missing_classes == ("workers", "employers", "ngo")
    people = sit(coordinator, national, "workers", "employers")
    assert not decisions.committee(coordinator, national).is_complete
    people += sit(coordinator, national, "ngo")
    view = decisions.committee(coordinator, national)
    assert view.is_complete
    assert [(one.party_ref, one.seat_class) for one in view.seats] == [
        (people[0], "workers"),
        (people[1], "employers"),
        (people[2], "ngo"),
    ]
    assert all(one.body_ref is not None for one in view.seats)
    with pytest.raises(SeatTaken):
        decisions.seat(coordinator, committee_ref=national, party_ref=people[0], seat_class="workers", on=START)


@pytest.mark.covers("STEER-01")
def test_a_projects_steering_committee_resolves_nothing_before_all_three_groups_sit(ground, coordinator) -> None:
    steering = decisions.constitute(
        coordinator,
        kind="steering",
        definition="panels.steering",
        scope=ground.scope,
        about_ref=ground.riverside,
        on=START,
    )
    sit(coordinator, steering, "beneficiaries", "local_partners")
    with pytest.raises(SeatsMissing) as refusal:
        resolve(coordinator, steering, (2, 0, 0))
    assert refusal.value.facts["missing"] == "local_government"
    assert Resolution.objects.count() == 0
    sit(coordinator, steering, "local_government")
    resolve(coordinator, steering)
    view = decisions.committee(coordinator, steering)
    assert (view.about_ref, view.is_complete, view.title) == (ground.riverside, True, "Steering committee")
    assert [one.ref for one in decisions.committees(coordinator, about_ref=ground.riverside)] == [steering]


@pytest.mark.covers("JNCC-02")
def test_the_committee_meets_with_an_agenda_and_its_secretary_records_minutes_and_resolutions(
    ground, coordinator, national: Ref
) -> None:
    sit(coordinator, national, "workers", "employers", "ngo")
    planned = cases.plan_session(
        coordinator,
        kind="committee_meeting",
        title="First meeting",
        scope=ground.country_scope,
        planned_on=date(2003, 2, 1),
        hosts=[national],
        agenda=[cases.AgendaItem("Plan for the year")],
    )
    meeting = cases.record_session(
        coordinator, planned_ref=planned, held_on=date(2003, 2, 1), minutes="The plan was read.", key="first"
    )
    others = cases.record_session(
        coordinator, kind="meeting", title="Another", scope=ground.country_scope, held_on=DAY, key="other"
    )
    with pytest.raises(NotSecretary):
        resolve(makers.someone("programme_coordinator"), national, session_ref=meeting)
    with pytest.raises(NotSecretary):  # of another country
        resolve(makers.someone("national_coordinator", "trial/asia/TH/"), national, session_ref=meeting)
    with pytest.raises(NotTheirMeeting):
        resolve(coordinator, national, session_ref=others)
    assert Resolution.objects.count() == 0

    first = resolve(coordinator, national, session_ref=meeting)
    second = resolve(coordinator, national, (1, 2, 0), text="Meet in the capital", session_ref=meeting)
    found = decisions.committee(coordinator, national).resolutions
    assert [(one.ref, one.number, one.passed, one.session_ref) for one in found] == [
        (first, 1, True, meeting),
        (second, 2, False, meeting),
    ]
    [session] = cases.sessions(coordinator, host_ref=national)
    assert (session.minutes, session.agenda[0].title) == ("The plan was read.", "Plan for the year")
    described = duties.describe(coordinator, first)
    assert described is not None
    assert described.sources == (meeting, national)


def test_a_resolution_needs_its_quorum_and_counts_no_more_votes_than_seats(coordinator, national: Ref) -> None:
    sit(coordinator, national, "workers", "employers", "ngo", "ngo", "workers")  # five seats, 60 in 100: three
    with pytest.raises(Quorum) as refusal:
        resolve(coordinator, national, (2, 0, 0))
    assert refusal.value.facts["needed"] == 3
    with pytest.raises(BallotCount):
        resolve(coordinator, national, (4, 1, 1))
    with pytest.raises(BadInput):
        resolve(coordinator, national, (3, 0, 0), text=" ")
    assert Resolution.objects.count() == 0
    first = resolve(coordinator, national, (2, 0, 1), key="one")
    assert resolve(coordinator, national, (2, 0, 1), key="one") == first
    with pytest.raises(DecisionKeyReused):
        resolve(coordinator, national, (3, 0, 0), key="one")


@pytest.mark.covers("JNCC-08")
def test_once_it_stands_the_committee_decides_who_joins_and_keeps_the_history_of_its_members(
    ground, coordinator, national: Ref
) -> None:
    people = sit(coordinator, national, "workers", "employers", "ngo")
    rejected = resolve(coordinator, national, (1, 2, 0), text="Admit the chamber")
    with pytest.raises(SeatUndecided):
        sit(coordinator, national, "women", on=date(2003, 6, 1), decided_by=rejected)
    with pytest.raises(SeatUndecided):
        sit(coordinator, national, "women", on=date(2003, 6, 1))
    assert Seat.objects.count() == 3

    admitted = resolve(coordinator, national, text="Admit the women's federation")
    [joined] = sit(coordinator, national, "women", on=date(2003, 6, 1), decided_by=admitted)
    with pytest.raises(ReasonMissing):
        decisions.end_seat(coordinator, committee_ref=national, party_ref=people[2], why="", on=date(2003, 9, 1))
    decisions.end_seat(
        coordinator, committee_ref=national, party_ref=people[2], why="Moved abroad", on=date(2003, 9, 1)
    )
    with pytest.raises(NoSeat):
        decisions.end_seat(coordinator, committee_ref=national, party_ref=people[2], why="again", on=date(2003, 9, 1))

    def members(day: date) -> list[Ref]:
        return [one.party_ref for one in decisions.committee(coordinator, national, as_of=day).seats]

    assert members(date(2003, 2, 1)) == people
    assert members(date(2003, 6, 1)) == [*people, joined]
    assert members(date(2003, 9, 1)) == [people[0], people[1], joined]
    everybody = decisions.committee(coordinator, national).seats
    assert [(one.ends_on, one.decided_by) for one in everybody] == [
        (None, None),
        (None, None),
        (date(2003, 9, 1), None),
        (None, admitted),
    ]
    assert decisions.committee(coordinator, national, as_of=date(2003, 9, 1)).missing_classes == ("ngo",)


@pytest.mark.covers("JNCC-06")
def test_a_working_group_stands_under_its_committee_with_mandate_members_and_products(
    ground, coordinator, national: Ref
) -> None:
    with pytest.raises(BadInput) as refusal:
        decisions.constitute(
            coordinator,
            kind="working_group",
            title="Law",
            scope=ground.country_scope,
            parent_ref=national,
            on=START,
        )
    assert list(refusal.value.errors()) == ["mandate"]
    team = decisions.constitute(
        coordinator,
        kind="working_group",
        title="Law",
        scope=ground.country_scope,
        parent_ref=national,
        mandate="Compare the cooperative laws",
        products=["Draft of a law", " "],
        on=START,
    )
    [member] = sit(coordinator, team, "expert")
    view = decisions.committee(coordinator, team)
    assert (view.parent_ref, view.mandate, view.products) == (
        national,
        "Compare the cooperative laws",
        ("Draft of a law",),
    )
    assert [one.party_ref for one in view.seats] == [member]
    assert [one.ref for one in decisions.committees(coordinator, parent_ref=national)] == [team]


@pytest.mark.covers("STEER-02")
def test_a_resolution_names_the_local_governments_job_programme_that_it_links_to(ground, coordinator) -> None:
    steering = decisions.constitute(
        coordinator, kind="steering", definition="panels.steering", scope=ground.scope, on=START
    )
    sit(coordinator, steering, "beneficiaries", "local_partners", "local_government")
    meeting = cases.record_session(
        coordinator,
        kind="steering_meeting",
        title="Second meeting",
        scope=ground.scope,
        held_on=date(2003, 2, 1),
        hosts=[steering],
        minutes="The mayor offered places.",
        key="second",
    )
    ref = resolve(
        coordinator,
        steering,
        text="Send twelve young people to the town's public works",
        session_ref=meeting,
        linked_programme="Public works of Riverside town",
    )
    [found] = decisions.committee(coordinator, steering).resolutions
    assert (found.ref, found.linked_programme, found.session_ref) == (ref, "Public works of Riverside town", meeting)
    from jump.engines.decisions import duties as own

    facts = [one for one in own.facts(as_of=DAY) if one.kind == "decisions.resolution"]
    assert [one.codes["linked"] for one in facts] == [True]


def test_who_coordinates_elsewhere_neither_sees_nor_changes_it(ground, coordinator, national: Ref) -> None:
    stranger = makers.someone("national_coordinator", "trial/asia/TH/")
    assert decisions.committees(stranger) == []
    with pytest.raises(NotFound):
        decisions.committee(stranger, national)
    with pytest.raises(NotAllowed):
        sit(stranger, national, "workers")
    with pytest.raises(NotAllowed):
        decisions.constitute(stranger, kind="x", title="X", scope=ground.country_scope, on=START)
    assert (Committee.objects.count(), Seat.objects.count()) == (1, 0)


def test_seats_become_facts_for_figures(coordinator, national: Ref) -> None:
    [woman, *_rest] = sit(coordinator, national, "workers", "employers", "ngo")
    from jump.engines.decisions import duties as own

    found = [one for one in own.facts(as_of=DAY) if one.kind == "decisions.seat"]
    assert [one.codes["class"] for one in found] == ["workers", "employers", "ngo"]
    assert (found[0].party, found[0].codes["active"]) == (woman, True)
