"""Courses: opened from a declared curriculum, enrolled in through its gates, finished with certificates."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from jump.base import audit
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node
from jump.core.calendars import add_months
from jump.core.units import Ref
from jump.engines.cases.definitions import curriculum as curriculum_named
from jump.engines.cases.models import Course, Enrolment, Task
from jump.engines.cases.queries.courses import REVISION, gates_of, hours_attended
from jump.engines.cases.services.keys import digest_of, one_at_a_time
from jump.engines.cases.services.refusals import (
    CaseKeyReused,
    CourseClosed,
    CourseNotHeld,
    DateImpossible,
    EntryClosed,
    ReasonMissing,
)
from jump.engines.cases.services.tasks import add_task, finish_task
from jump.engines.cases.types import DeliveredBy, SessionState
from jump.engines.parties import api as parties

LEVELS = ("grassroots", "national", "regional", "interregional")
REVISE_WITHIN_DAYS = 30  # our default


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
    provider_ref: Ref | None = None,
    communities: Sequence[Ref] = (),
    key: str = "",
) -> Ref:
    """Open a course of this curriculum, in the version that is installed now.

    `provider_ref` is the group or organisation that gives it; without one the programme does. `communities` are the
    places that the course is planned for: coverage counts against them. Refuses a level that is not one of
    grassroots, national, regional and interregional, and days in the wrong order.
    """
    require(actor, "cases.work", scope)
    digest = digest_of(curriculum, title, scope, level, starts_on, ends_on)
    with write_transaction():
        one_at_a_time(f"course {key}" if key else "")
        known = Course.objects.filter(key=key).first() if key else None
        if known is not None:
            if known.key_digest != digest:
                raise CaseKeyReused(key=key)
            return Ref(known.ref)
        if level not in LEVELS:
            raise BadInput({"level": [_("Choose one of: %s.") % ", ".join(LEVELS)]})
        if ends_on < starts_on:
            raise DateImpossible(day=ends_on, why=_("It lies before the first day."))
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
            provider_ref=str(provider_ref or ""),
            delivered_by=_delivered_by(actor, provider_ref).value,
            communities=_communities(actor, communities),
            key=key or None,
            key_digest=digest,
        )
        audit.record(actor, "cases.open_course", course.ref, facts={"curriculum": taught.id, "level": level})
    return Ref(course.ref)


def enrol(
    actor: Actor, *, course_ref: Ref, person_ref: Ref, group_ref: Ref | None = None, on: date, waive: str = ""
) -> None:
    """Enrol a person through the entry gates of the curriculum. Enrolling twice changes nothing.

    With a reason in `waive` somebody who may waive lets the person in all the same; the reason stays on record.
    """
    with write_transaction():
        course = _course(actor, course_ref)
        _enrol(actor, course, [(person_ref, group_ref)], on, waive)


def enrol_many(
    actor: Actor, *, course_ref: Ref, people: Sequence[tuple[Ref, Ref | None]], on: date, waive: str = ""
) -> int:
    """Enrol several people, each with the group they come from: all or, where a gate is closed for one, nobody.

    Returns how many are new.
    """
    with write_transaction():
        return _enrol(actor, _course(actor, course_ref), people, on, waive)


def _enrol(actor: Actor, course: Course, people: Sequence[tuple[Ref, Ref | None]], on: date, waive: str) -> int:
    taught = curriculum_named(course.curriculum, course.curriculum_version)
    there = set(course.enrolments.values_list("person_ref", flat=True))
    new = {person: group for person, group in people if person not in there}
    closed = {
        person: [gate for gate in gates if not gate.met]
        for person, gates in gates_of(course, taught, list(new), at="entry", on=on).items()
    }
    closed = {person: gates for person, gates in closed.items() if gates}
    if closed and waive.strip():
        require(actor, "cases.waive", course.scope.path)
    elif closed:
        names = parties.names(actor, list(closed))
        said = [f"{names[person]}: " + "; ".join(one.text for one in gates) for person, gates in closed.items()]
        raise EntryClosed(missing=" · ".join(said))
    for person, group in new.items():
        waived = [
            {"gate": gate.id, "by": actor.key, "why": waive.strip(), "on": on.isoformat()}
            for gate in closed.get(person, ())
        ]
        Enrolment.objects.create(
            course=course, person_ref=person, group_ref=str(group or ""), enrolled_on=on, gates_waived=waived
        )
        audit.record(
            actor, "cases.enrol", course.ref, why=waive.strip() if waived else "", facts={"person": str(person)}
        )
    return len(new)


def leave_course(actor: Actor, *, course_ref: Ref, person_ref: Ref, on: date, why: str) -> None:
    """Somebody leaves a course before its end; the reason stays on record. Leaving twice changes nothing."""
    with write_transaction():
        course = _course(actor, course_ref)
        enrolment = course.enrolments.filter(person_ref=person_ref).first()
        if enrolment is None:
            raise NotFound(ref=person_ref)
        if not why.strip():
            raise ReasonMissing(course=course_ref)
        if enrolment.left_on is None:
            enrolment.left_on = on
            enrolment.save(update_fields=["left_on"])
            audit.record(actor, "cases.leave_course", course_ref, why=why.strip(), facts={"person": person_ref})


def finish_course(actor: Actor, *, course_ref: Ref, on: date) -> int:
    """End a course. Who attended enough of its hours and passed its exit gates has completed it and is certified.

    Enough is the curriculum's `completion_percent` of its hours; hours of a session count in full or not at all. The
    certificate is a proved qualification whose proof is the course. Where the curriculum says who revises it, that
    role is given the task (TRAIN-07). Returns how many completed. Refuses a course of which no day was held.
    """
    with write_transaction():
        course = _course(actor, course_ref)
        if not course.sessions.filter(state=SessionState.HELD).exists():
            raise CourseNotHeld(course=course_ref)
        taught = curriculum_named(course.curriculum, course.curriculum_version)
        hours = hours_attended(course, taught)
        staying = list(course.enrolments.filter(left_on__isnull=True))
        exits = gates_of(course, taught, [Ref(one.person_ref) for one in staying], at="exit", on=on)
        completed = 0
        for enrolment in staying:
            if hours.get(enrolment.person_ref, Decimal(0)) * 100 < taught.hours * taught.completion_percent:
                continue
            if not all(gate.met for gate in exits.get(Ref(enrolment.person_ref), ())):
                continue
            enrolment.completed_on = on
            if taught.qualification:
                enrolment.certificate_ref = parties.qualify(
                    actor,
                    party_ref=Ref(enrolment.person_ref),
                    kind="certificate",
                    code=taught.qualification,
                    claim="proved",
                    on=on,
                    expires_on=add_months(on, taught.expires_months) if taught.expires_months else None,
                    proof_ref=course_ref,
                )
            enrolment.save(update_fields=["completed_on", "certificate_ref"])
            completed += 1
        course.finished_on = on
        course.save(update_fields=["finished_on"])
        audit.record(actor, "cases.finish_course", course_ref, facts={"completed": completed})
        if taught.revise_by:
            add_task(
                actor,
                title=_("Revise curriculum and materials after: %s") % course.title,
                about=course_ref,
                owner_role=taught.revise_by,
                scope=course.scope.path,
                due_on=on + timedelta(days=REVISE_WITHIN_DAYS),
                key=f"{REVISION}{course_ref}",
                source=f"{REVISION}{course_ref}",
            )
    return completed


def revision_done(actor: Actor, *, course_ref: Ref, on: date, note: str, proof_ref: Ref | None = None) -> None:
    """The revision after a course is done: by a new edition of the materials, or by saying why none is needed.

    Without the edition as proof the reason must be written. Said twice changes nothing.
    """
    with write_transaction():
        task = Task.objects.locked().filter(source=f"{REVISION}{course_ref}").first()
        if task is None:
            raise NotFound(ref=course_ref)
        if proof_ref is None and not note.strip():
            raise ReasonMissing(course=course_ref)
        finish_task(actor, ref=Ref(task.ref), on=on, note=note.strip(), proof_ref=proof_ref)


def _delivered_by(actor: Actor, provider: Ref | None) -> DeliveredBy:
    """The class of who gives a course: groups and apex bodies of co-operatives are the movement."""
    if provider is None:
        return DeliveredBy.PROGRAMME
    if provider.kind == "grp":
        parties.group(actor, provider)
        return DeliveredBy.MOVEMENT
    body = parties.organisation(actor, provider)
    if body.partner_class == parties.PartnerClass.NATIONAL_APEX:
        return DeliveredBy.MOVEMENT
    if body.partner_class == parties.PartnerClass.GOVERNMENT_AGENCY:
        return DeliveredBy.GOVERNMENT
    return DeliveredBy.OTHER


def _communities(actor: Actor, refs: Sequence[Ref]) -> list[str]:
    for ref in refs:
        parties.place(actor, ref)  # refuses what is not a place that this actor sees
    return [str(ref) for ref in dict.fromkeys(refs)]


def _course(actor: Actor, ref: Ref) -> Course:
    course: Course | None = Course.objects.locked().select_related("scope").filter(ref=ref).first()
    if course is None:
        raise NotFound(ref=ref)
    require(actor, "cases.work", course.scope.path)
    if course.finished_on is not None:
        raise CourseClosed(course=ref)
    return course
