"""Extension workers: the days of a week, the month that is signed and read, supervision, absorption."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from jump.base import duties
from jump.base.actors import Actor, Grant
from jump.base.outbox import Cause
from jump.base.refusals import BadInput, NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.cases import effects
from jump.engines.cases.services.refusals import MonthNotOver, MonthSigned, NotTheirOwn
from jump.engines.parties import api as parties
from tests import makers
from tests.engines.cases.roads import keys

pytestmark = pytest.mark.django_db

MARCH = date(2004, 3, 1)
ABSORPTION: dict[str, Any] = {
    "id": "absorption",
    "subject": "worker",
    "title": {"en": "Absorption"},
    "start": "plan",
    "steps": {
        "plan": {
            "title": {"en": "Plan"},
            "kind": "form",
            "by": "national_coordinator",
            "form": "plan",
            "next": "result",
        },
        "result": {
            "title": {"en": "Result"},
            "kind": "form",
            "by": "national_coordinator",
            "form": "result",
            "outcome": "answers.result.outcome",
            "next": "closed",
        },
    },
}


def worker_of(ground, *places: Ref, name: str = "Wilma") -> tuple[Ref, Actor]:
    """A worker in charge of these places, and the actor behind their own sign-in."""
    ref = makers.person(given_name=name, family_name="Santos")
    for place in places:
        parties.assign_worker(makers.MAKER, worker_ref=ref, to_ref=place, on=date(2003, 1, 1))
    number = 200_000 + next(keys)
    grants = tuple(Grant("extension_worker", parties.scope_of(place)) for place in places)
    return ref, Actor(user_id=number, name=name, party_ref=ref, grants=grants, row_refs=frozenset({ref}))


def visit(actor: Actor, worker: Ref, to: Ref, day: date, **more: Any) -> Ref:
    return cases.record_visit(actor, worker_ref=worker, to_ref=to, held_on=day, key=f"v {next(keys)}", **more)


def test_a_week_shows_each_day_with_visits_planned_and_made_and_tasks_due(ground) -> None:
    ref, wilma = worker_of(ground, ground.riverside, ground.hilltop)
    planned = cases.plan_visit(
        wilma, worker_ref=ref, to_ref=ground.riverside, planned_on=date(2004, 3, 9), purpose="Savings group", key="p"
    )
    made = visit(wilma, ref, ground.hilltop, date(2004, 3, 8), travel_km=18, travel_by="motorbike")
    other, oscar = worker_of(ground, ground.riverside, name="Oscar")
    visit(oscar, other, ground.riverside, date(2004, 3, 8))
    cases.add_task(
        wilma, title="Bring the ledger", about=None, owner_role="extension_worker", owner_ref=ref,
        scope=ground.scope, due_on=date(2004, 3, 12), key="t",
    )  # fmt: skip

    week = cases.week(wilma, ref, date(2004, 3, 10))

    assert [day.day.isoformat() for day in week] == [f"2004-03-{day:02}" for day in range(8, 15)]
    assert [[one.ref for one in day.sessions] for day in week] == [[made], [planned], [], [], [], [], []]
    assert week[0].sessions[0].travel_km == 18
    assert [one.title for one in week[4].tasks] == ["Bring the ledger"]
    month = cases.days(wilma, ref, since=MARCH, until=date(2004, 3, 31))
    assert sum(len(day.sessions) for day in month) == 2


def test_a_planned_visit_becomes_the_record_once_and_its_way_counts(ground) -> None:
    ref, wilma = worker_of(ground, ground.riverside)
    planned = cases.plan_visit(
        wilma, worker_ref=ref, to_ref=ground.riverside, planned_on=date(2004, 3, 9), purpose="Savings", key="p"
    )
    asked = {"worker_ref": ref, "planned_ref": planned, "held_on": date(2004, 3, 9), "minutes": "Books in order."}
    made = cases.record_visit(wilma, **asked, travel_km=12, cost_minor=5_000, currency="PHP", key="v")
    assert made == planned
    assert cases.record_visit(wilma, **asked, travel_km=12, cost_minor=5_000, currency="PHP", key="v") == planned
    visit(wilma, ref, ground.riverside, date(2004, 3, 20), travel_km=30, cost_minor=250, currency="USD")

    way = cases.travel(wilma, ref, since=MARCH, until=date(2004, 3, 31))
    assert way == {"km": 42, "PHP": 5_000, "USD": 250}
    with pytest.raises(BadInput):
        visit(wilma, ref, ground.riverside, date(2004, 3, 21), travel_km=-1)
    with pytest.raises(NotFound):
        cases.record_visit(wilma, worker_ref=ref, held_on=MARCH, key="nowhere")


def test_a_month_is_made_of_records_signed_by_the_worker_and_read_by_another(ground, coordinator) -> None:
    ref, wilma = worker_of(ground, ground.riverside, ground.hilltop)
    ana = makers.person()
    first = visit(
        wilma, ref, ground.riverside, date(2004, 3, 2), attendance=[cases.Attendee(person_ref=ana)], travel_km=5
    )
    again = visit(wilma, ref, ground.riverside, date(2004, 3, 31), attendance=[cases.Attendee(person_ref=ana)])
    visit(wilma, ref, ground.hilltop, date(2004, 4, 1))
    cases.plan_visit(wilma, worker_ref=ref, to_ref=ground.hilltop, planned_on=date(2004, 3, 15), purpose="-", key="p")

    now = cases.worker_month(wilma, ref, date(2004, 3, 17))
    assert {one.key: one.number for one in now.counts} == {
        "visits": 2, "places": 1, "sessions": 0, "people": 1, "km": 5, "tasks": 0, "not_made": 1,
    }  # fmt: skip
    assert next(one.refs for one in now.counts if one.key == "visits") == (first, again)

    with pytest.raises(MonthNotOver):
        cases.sign_month(wilma, worker_ref=ref, month=MARCH, scope=ground.scope, on=date(2004, 3, 30))
    with pytest.raises(NotTheirOwn):
        cases.sign_month(coordinator, worker_ref=ref, month=MARCH, scope=ground.scope, on=date(2004, 4, 2))
    signed = cases.sign_month(wilma, worker_ref=ref, month=MARCH, scope=ground.scope, on=date(2004, 4, 2))
    assert cases.sign_month(wilma, worker_ref=ref, month=MARCH, scope=ground.scope, on=date(2004, 4, 3)) == signed

    visit(wilma, ref, ground.riverside, date(2004, 3, 3))
    kept = cases.worker_month(coordinator, ref, MARCH)
    assert (kept.number("visits"), kept.changed_since, kept.signed_on) == (2, True, date(2004, 4, 2))
    assert [one.ref for one in cases.months_to_read(coordinator)] == [signed]
    cases.read_month(coordinator, ref=signed, on=date(2004, 4, 5), answer="Thank you.")
    cases.read_month(coordinator, ref=signed, on=date(2004, 4, 6), answer="Thank you.")
    assert cases.worker_month(wilma, ref, MARCH).answer == "Thank you."
    assert cases.months_to_read(coordinator) == []
    with pytest.raises(MonthSigned):
        cases.read_month(coordinator, ref=signed, on=date(2004, 4, 6), answer="Something else.")
    (told,) = duties.describe_many(coordinator, [signed]).values()
    assert set(told.sources) >= {first, again}
    with pytest.raises(NotFound):
        cases.worker_month(makers.someone("national_coordinator", "trial/asia/TH/"), ref, MARCH)


def test_who_signed_cannot_also_read(ground) -> None:
    ref, wilma = worker_of(ground, ground.riverside)
    visit(wilma, ref, ground.riverside, date(2004, 3, 2))
    signed = cases.sign_month(wilma, worker_ref=ref, month=MARCH, scope=ground.scope, on=date(2004, 4, 2))
    both = Actor(wilma.user_id, "Wilma", ref, (*wilma.grants, Grant("national_coordinator", "trial/")), wilma.row_refs)
    with pytest.raises(NotTheirOwn):
        cases.read_month(both, ref=signed, on=date(2004, 4, 2))


@pytest.mark.covers("EXTWORK-05")
def test_each_worker_stands_in_the_overview_of_a_period_and_who_had_no_supervision_comes_first(
    ground, coordinator, django_assert_max_num_queries
) -> None:
    wilma, _actor = worker_of(ground, ground.riverside)
    oscar, _other = worker_of(ground, ground.hilltop, name="Oscar")
    trainer = makers.person(given_name="Tess")
    cases.record_supervision(
        coordinator, worker_ref=wilma, held_on=date(2004, 2, 10), minutes="Too early.", scope=ground.scope, key="s0"
    )
    note = cases.record_supervision(
        coordinator, worker_ref=wilma, held_on=date(2004, 3, 10), minutes="Visits are prepared well.",
        agreed=["Bring the diary"], scope=ground.scope, key="s1",
    )  # fmt: skip
    taught = cases.record_session(
        coordinator, kind=cases.TECHNICAL_TRAINING, title="Feasibility studies", scope=ground.country_scope,
        held_on=date(2004, 3, 12), hosts=[trainer],
        attendance=[cases.Attendee(person_ref=one) for one in (wilma, oscar)], key="tt",
    )  # fmt: skip

    with django_assert_max_num_queries(12):
        rows = cases.supervision_overview(coordinator, since=MARCH, until=date(2004, 3, 31))

    assert [(row.worker_ref, row.is_missing) for row in rows] == [(oscar, True), (wilma, False)]
    assert [one.ref for one in rows[1].supervised] == [note]
    assert [[one.ref for one in row.trained] for row in rows] == [[taught], [taught]]
    april = cases.supervision_overview(coordinator, since=date(2004, 4, 1), until=date(2004, 4, 30))
    assert [row.is_missing for row in april] == [True, True]


@pytest.mark.covers("EXTWORK-04")
def test_in_service_meetings_are_regular_or_the_month_without_one_is_shown(ground, coordinator) -> None:
    wilma, _actor = worker_of(ground, ground.riverside)
    partner = makers.person(given_name="Partner")
    held = [
        cases.record_session(
            coordinator,
            kind=cases.IN_SERVICE,
            title="Meeting of workers",
            scope=ground.country_scope,
            held_on=day,
            attendance=[cases.Attendee(person_ref=wilma), cases.Attendee(person_ref=partner, role="partner")],
            minutes="Cases were discussed.",
            key=f"m{day}",
        )
        for day in (date(2004, 1, 20), date(2004, 3, 20))
    ]
    rhythm = cases.meeting_rhythm(coordinator, since=date(2004, 1, 1), until=date(2004, 3, 31))
    assert [(one.month.month, one.sessions) for one in rhythm] == [(1, (held[0],)), (2, ()), (3, (held[1],))]
    assert {one.role for one in cases.attendees(coordinator, held[0])} == {"participant", "partner"}
    (row,) = cases.supervision_overview(coordinator, since=date(2004, 1, 1), until=date(2004, 3, 31))
    assert row.meetings == 2


@pytest.mark.covers("EXTWORK-06")
def test_absorption_is_complete_when_every_worker_is_placed_or_explained(ground, shelf, coordinator) -> None:
    makers.declared("road", {"procedures": {"absorption": ABSORPTION}})
    wilma, _one = worker_of(ground, ground.riverside)
    oscar, _two = worker_of(ground, ground.hilltop, name="Oscar")
    (held,) = parties.caseload(makers.MAKER, scope=ground.other_scope, as_of=MARCH)
    parties.end_assignment(makers.MAKER, ref=held.assignments[0].ref, on=date(2004, 1, 1))

    def view() -> cases.AbsorptionView:
        return cases.absorption(coordinator, procedure="road.absorption", as_of=date(2004, 6, 30))

    assert [(row.name, row.case_ref) for row in view().rows] == [("Oscar Santos", None), ("Wilma Santos", None)]

    def settle(worker: Ref, outcome: str) -> None:
        case = cases.open_case(
            coordinator, procedure="road.absorption", subject_ref=worker, scope=ground.country_scope, on=MARCH,
            key=f"a {worker}", title="Absorption",
        )  # fmt: skip
        for form, answers in (("plan", {}), ("result", {"outcome": outcome})):
            (step,) = cases.case(coordinator, case).here
            done = shelf.accepted(form, about=worker, **answers)
            cases.record_form(coordinator, step_ref=step.ref, submission_ref=done, on=MARCH)

    settle(oscar, "placed")
    assert (view().settled, view().is_complete) == (1, False)
    assert [row.name for row in view().rows] == ["Wilma Santos", "Oscar Santos"]
    settle(wilma, "explained")
    assert view().is_complete
    assert (view().number("placed"), view().number("explained")) == (1, 1)


# The report of a visit, written as a form ------------------------------------------------------------------------


def reported(worker: Ref, to: Ref, day: date, *, by: Actor = makers.MAKER, **more: Any) -> Ref:
    """What an accepted visit report causes, as packages declare it. `by` is who accepted it."""
    cause = Cause(f"report {next(keys)}", Ref(f"sub-{next(keys):08d}"), by, day, "")
    given = {
        "kind": "visit",
        "title": {"en": "Visit", "fr": "Visite"},
        "scope": parties.scope_of(to),
        "about": str(to),
        "held_on": day.isoformat(),
        "host": str(worker),
    }
    return Ref(effects.record_session(cause, **{**given, **more})["ref"])


def visits_in_march(worker: Ref, actor: Actor) -> tuple[int, int]:
    counts = {one.key: one.number for one in cases.worker_month(actor, worker, MARCH).counts}
    return counts["visits"], counts["not_made"]


def test_the_report_of_a_planned_visit_is_that_visit_and_no_second_one(ground) -> None:
    ref, wilma = worker_of(ground, ground.riverside)
    day = date(2004, 3, 9)
    planned = cases.plan_visit(
        wilma, worker_ref=ref, to_ref=ground.riverside, planned_on=day, purpose="Savings", key="p"
    )
    assert visits_in_march(ref, wilma) == (0, 1)

    assert reported(ref, ground.riverside, day, women="7", men=5, travel_km="12", travel_by="bus") == planned

    assert visits_in_march(ref, wilma) == (1, 0)
    view = cases.session(wilma, planned)
    assert (view.purpose, view.travel_km, view.totals) == (
        "Savings",
        12,
        {"female:not_stated": 7, "male:not_stated": 5},
    )
    assert reported(ref, ground.riverside, day) != planned, "a second report on that day tells of a second visit"


def test_a_visit_recorded_by_hand_is_not_counted_again_when_its_report_is_accepted(ground) -> None:
    ref, wilma = worker_of(ground, ground.riverside)
    day = date(2004, 3, 9)
    by_hand = visit(wilma, ref, ground.riverside, day, minutes="The books agree.", travel_km=14)

    assert reported(ref, ground.riverside, day, women=3, travel_km=99, minutes="Other words") == by_hand

    assert visits_in_march(ref, wilma) == (1, 0)
    view = cases.session(wilma, by_hand)
    assert (view.minutes, view.travel_km, view.totals) == ("The books agree.", 14, {"female:not_stated": 3})
    assert [one.ref.kind for one in view.products if one.ref] == ["sub"]


def test_the_report_of_somebody_else_of_another_day_or_place_leaves_the_plan_as_it_is(ground) -> None:
    ref, wilma = worker_of(ground, ground.riverside, ground.hilltop)
    other, _oscar = worker_of(ground, ground.riverside, name="Oscar")
    day = date(2004, 3, 9)
    planned = cases.plan_visit(wilma, worker_ref=ref, to_ref=ground.riverside, planned_on=day, purpose="", key="p")
    for told in (
        reported(other, ground.riverside, day),
        reported(ref, ground.hilltop, day),
        reported(ref, ground.riverside, date(2004, 3, 10)),
    ):
        assert told != planned
    assert visits_in_march(ref, wilma) == (2, 1)


def test_a_title_of_a_package_is_shown_in_the_language_of_the_reader(ground) -> None:
    ref, wilma = worker_of(ground, ground.riverside)
    told = reported(ref, ground.riverside, date(2004, 3, 9))
    assert cases.session(wilma, told).title == "Visit"
    with override("fr"):
        assert cases.session(wilma, told).title == "Visite"
        assert duties.describe(wilma, told).title == "Visite"
