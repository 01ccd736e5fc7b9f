"""One course, and the weeks of one extension worker: what a reader must see of training, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model

from jump.base.actors import actor_for
from jump.base.models import RowGrant
from jump.cli.example.cast import CountryCast
from jump.cli.example.road import Community
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties

LEARNERS = 8
DAYS = (date(2004, 5, 11), date(2004, 5, 12))
VISITS = (date(2004, 5, 6), date(2004, 5, 20), date(2004, 6, 8), date(2004, 6, 24))
PLANNED = (date(2004, 7, 1), date(2004, 7, 2))


def keep_school(cast: CountryCast, one: Community, everywhere: Sequence[Community]) -> None:
    """A course for a group with certificates; the worker's visits, a signed month and a supervision.

    The worker is in charge of all these communities of the country, and visits this one.
    """
    worker_ref = _as_person(cast, one.letter_on)
    for each in everywhere:
        if each.place_ref:
            parties.assign_worker(cast.coordinator, worker_ref=worker_ref, to_ref=each.place_ref, on=each.letter_on)
    worker = actor_for(_user(cast))
    people = [villager.ref for villager in one.villagers[:LEARNERS]]
    course = cases.open_course(
        worker,
        curriculum="training.self_help",
        title=f"Self-help in {one.name}",
        scope=one.scope,
        level="grassroots",
        starts_on=DAYS[0],
        ends_on=DAYS[-1],
        trainers=[worker_ref],
        communities=[one.place_ref],
        key="example:course",
    )
    cases.enrol_many(worker, course_ref=course, people=[(ref, None) for ref in people], on=DAYS[0])
    for number, day in enumerate(DAYS):
        cases.record_session(
            worker,
            kind="training",
            title=("Rules, meetings, minutes", "Saving and keeping books")[number],
            scope=one.scope,
            held_on=day,
            hosts=[worker_ref],
            agenda=[cases.AgendaItem("Welcome", "09:00"), cases.AgendaItem("Work in pairs", "09:30")],
            materials=[cases.Product("Guide of the group")],
            attendance=[cases.Attendee(person_ref=ref) for ref in people[: LEARNERS - 2 * number]],
            minutes="All tried it themselves.",
            course_ref=course,
            key=f"example:course:{number}",
        )
    cases.finish_course(worker, course_ref=course, on=DAYS[-1])
    for number, day in enumerate(VISITS):
        cases.record_visit(
            worker,
            worker_ref=worker_ref,
            to_ref=one.place_ref,
            held_on=day,
            purpose="Books of the group",
            minutes="The books are written up to last week.",
            travel_km=24,
            travel_by="motorbike",
            key=f"example:visit:{number}",
        )
    for number, day in enumerate(PLANNED):
        cases.plan_visit(
            worker,
            worker_ref=worker_ref,
            to_ref=one.place_ref,
            planned_on=day,
            purpose=("Workbook", "Core team")[number],
            key=f"example:plan:{number}",
        )
    month = cases.sign_month(
        worker, worker_ref=worker_ref, month=VISITS[0], scope=one.scope, on=date(2004, 6, 1), note="Rain on two days."
    )
    cases.read_month(cast.coordinator, ref=month, on=date(2004, 6, 4), answer="Thank you.")
    cases.record_supervision(
        cast.coordinator,
        worker_ref=worker_ref,
        held_on=VISITS[1],
        minutes="People decide; the worker listens.",
        agreed=["Reach the two hamlets across the river"],
        scope=one.scope,
        key="example:supervision",
    )


def _user(cast: CountryCast) -> Any:
    return get_user_model()._default_manager.get(pk=cast.worker.user_id)


def _as_person(cast: CountryCast, on: date) -> Ref:
    """The worker as a registered person, tied to their sign-in."""
    given, _blank, family = cast.worker.name.partition(" ")
    ref = parties.register_person(
        cast.coordinator,
        scope=cast.coordinator.grants[0].path,
        given_name=given,
        family_name=family,
        sex="female",
        birth_year=1975,
        consents=("records",),
        on=on,
        key="example:worker",
    )
    RowGrant.objects.create(user_id=cast.worker.user_id, ref=ref, why="own record")
    return ref
