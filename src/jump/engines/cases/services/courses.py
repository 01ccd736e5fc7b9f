"""Courses: opened from a declared curriculum, enrolled in, finished with a qualification for those who completed it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from jump.base import audit
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.cases.definitions import Curriculum
from jump.engines.cases.definitions import curriculum as curriculum_named
from jump.engines.cases.models import Attendance, Course, Enrolment
from jump.engines.cases.services.keys import digest_of, one_at_a_time
from jump.engines.cases.services.refusals import CaseKeyReused, CourseClosed, DateImpossible
from jump.engines.cases.types import SessionState
from jump.engines.parties import api as parties


def open_course(
    actor: Actor,
    *,
    curriculum: str,
    title: str,
    scope: str,
    level: str,
    starts_on: date,
    ends_on: date,
    trainers: Sequence[Ref] = (),
    key: str = "",
) -> Ref:
    """Open a course of this curriculum, in the version that is installed now."""
    require(actor, "cases.work", scope)
    digest = digest_of(curriculum, title, scope, level, starts_on, ends_on)
    with write_transaction():
        one_at_a_time(f"course {key}" if key else "")
        known = Course.objects.filter(key=key).first() if key else None
        if known is not None:
            if known.key_digest != digest:
                raise CaseKeyReused(key=key)
            return Ref(known.ref)
        if ends_on < starts_on:
            raise DateImpossible(day=ends_on, why="It lies before the first day.")
        taught = curriculum_named(curriculum)
        course = Course.objects.create(
            scope=node(scope),
            curriculum=taught.id,
            curriculum_version=taught.version,
            title=title,
            level=level,
            starts_on=starts_on,
            ends_on=ends_on,
            trainers=list(trainers),
            key=key or None,
            key_digest=digest,
        )
        audit.record(actor, "cases.open_course", course.ref, facts={"curriculum": taught.id, "level": level})
    return Ref(course.ref)


def enrol(actor: Actor, *, course_ref: Ref, person_ref: Ref, group_ref: Ref | None = None, on: date) -> None:
    """Enrol a person. Enrolling twice changes nothing."""
    with write_transaction():
        course = _course(actor, course_ref)
        _made, is_new = Enrolment.objects.get_or_create(
            course=course,
            person_ref=person_ref,
            defaults={"group_ref": str(group_ref or ""), "enrolled_on": on},
        )
        if is_new:
            audit.record(actor, "cases.enrol", course_ref, facts={"person": person_ref})


def finish_course(actor: Actor, *, course_ref: Ref, on: date) -> int:
    """End a course. Who attended enough of its hours has completed it, and it is written to their qualifications.

    Enough is the curriculum's `completion_percent` of its hours; hours of a session count in full or not at all.
    Returns how many completed.
    """
    with write_transaction():
        course = _course(actor, course_ref)
        taught = curriculum_named(course.curriculum, course.curriculum_version)
        hours = hours_attended(course, taught)
        completed = 0
        for enrolment in course.enrolments.filter(left_on__isnull=True):
            if hours.get(enrolment.person_ref, Decimal(0)) * 100 < taught.hours * taught.completion_percent:
                continue
            enrolment.completed_on = on
            enrolment.save(update_fields=["completed_on"])
            completed += 1
            if taught.qualification:
                parties.qualify(
                    actor,
                    party_ref=Ref(enrolment.person_ref),
                    kind="certificate",
                    code=taught.qualification,
                    claim="proved",
                    on=on,
                    proof_ref=course_ref,
                )
        course.finished_on = on
        course.save(update_fields=["finished_on"])
        audit.record(actor, "cases.finish_course", course_ref, facts={"completed": completed})
    return completed


def hours_attended(course: Course, taught: Curriculum) -> dict[str, Decimal]:
    """Hours per person. A session without its own hours has an equal share of the curriculum's."""
    sessions = list(course.sessions.filter(state=SessionState.HELD))
    if not sessions:
        return {}
    share = taught.hours / len(sessions)
    hours: dict[str, Decimal] = {}
    worth = {session.pk: session.hours if session.hours is not None else share for session in sessions}
    rows = Attendance.objects.filter(session__in=sessions, attended=True).exclude(person_ref="")
    for session_id, person_ref in rows.values_list("session_id", "person_ref"):
        hours[person_ref] = hours.get(person_ref, Decimal(0)) + worth[session_id]
    return hours


def _course(actor: Actor, ref: Ref) -> Course:
    course: Course | None = Course.objects.locked().select_related("scope").filter(ref=ref).first()
    if course is None:
        raise NotFound(ref=ref)
    require(actor, "cases.work", course.scope.path)
    if course.finished_on is not None:
        raise CourseClosed(course=ref)
    return course
