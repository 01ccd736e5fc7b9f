"""Reading gatherings and their people. Distinct people are a set; who was only counted widens it to two bounds."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import QuerySet

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases.models import Attendance, Case, Session
from jump.engines.cases.types import (
    AgendaItem,
    AttendanceCount,
    Attendee,
    PastAttendees,
    Product,
    SessionReportView,
    SessionState,
    SessionView,
)
from jump.engines.parties import api as parties


def session(actor: Actor, ref: Ref) -> SessionView:
    """One gathering. Raises NotFound."""
    rows = Session.objects.visible_to(actor).filter(ref=ref)
    found = sessions_with_people(rows).first()
    if found is None:
        raise NotFound(ref=ref)
    return session_view(found)


def _selected(
    actor: Actor,
    *,
    scope: str,
    kind: str,
    state: str,
    case_ref: Ref | None,
    host_ref: Ref | None,
    course_ref: Ref | None,
    since: date | None,
    until: date | None,
) -> QuerySet[Session]:
    rows: QuerySet[Session] = Session.objects.visible_to(actor)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if case_ref:
        rows = rows.filter(step__case__ref=case_ref)
    if host_ref:  # references are long and unlike other text, so the text of the list answers on both databases
        rows = rows.filter(hosts__icontains=str(host_ref))
    if course_ref:
        rows = rows.filter(course__ref=course_ref)
    if since:
        rows = rows.filter(held_on__gte=since)
    if until:
        rows = rows.filter(held_on__lte=until)
    return rows


def sessions(
    actor: Actor,
    *,
    scope: str = "",
    kind: str = "",
    state: str = "",
    case_ref: Ref | None = None,
    host_ref: Ref | None = None,
    course_ref: Ref | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[SessionView]:
    """Gatherings, newest first. Four statements, however many."""
    rows = _selected(
        actor,
        scope=scope,
        kind=kind,
        state=state,
        case_ref=case_ref,
        host_ref=host_ref,
        course_ref=course_ref,
        since=since,
        until=until,
    )
    page = list(sessions_with_people(rows).order_by("-held_on", "-pk")[offset : offset + limit])
    cluster = clusters(page)
    return [session_view(row, cluster) for row in page]


def count_sessions(
    actor: Actor,
    *,
    scope: str = "",
    kind: str = "",
    state: str = "",
    case_ref: Ref | None = None,
    host_ref: Ref | None = None,
    course_ref: Ref | None = None,
    since: date | None = None,
    until: date | None = None,
) -> int:
    return _selected(
        actor,
        scope=scope,
        kind=kind,
        state=state,
        case_ref=case_ref,
        host_ref=host_ref,
        course_ref=course_ref,
        since=since,
        until=until,
    ).count()


def sessions_with_people(rows: QuerySet[Session]) -> QuerySet[Session]:
    return rows.select_related("scope", "step__case", "course").prefetch_related("attendance", "reports")


def session_view(row: Session, cluster: Mapping[str, str] | None = None) -> SessionView:
    return SessionView(
        ref=Ref(row.ref),
        kind=row.kind,
        curriculum=row.curriculum,
        title=row.name,
        scope=row.scope.path,
        state=SessionState(row.state),
        held_on=row.held_on,
        ended_on=row.ended_on,
        hosts=tuple(Ref(ref) for ref in row.hosts),
        about=tuple(Ref(ref) for ref in row.about),
        agenda=tuple(
            AgendaItem(item["title"], item["starts_at"], Ref(item["speaker_ref"]) if item["speaker_ref"] else None)
            for item in row.agenda
        ),
        products=tuple(Product(one["title"], Ref(one["ref"]) if one["ref"] else None) for one in row.products),
        issues=tuple(row.issues),
        totals=dict(row.totals),
        purpose=row.purpose,
        cost_minor=row.cost_minor,
        currency=row.currency,
        minutes=row.minutes,
        details=dict(row.details),
        reports=tuple(
            SessionReportView(Ref(one.from_ref), Ref(one.submission_ref) if one.submission_ref else None)
            for one in row.reports.all()
        ),
        materials=tuple(Product(one["title"], Ref(one["ref"]) if one["ref"] else None) for one in row.materials),
        travel_km=row.travel_km,
        travel_by=row.travel_by,
        step_ref=Ref(row.step.ref) if row.step is not None else None,
        case_ref=Ref(row.step.case.ref) if row.step is not None else None,
        course_ref=Ref(row.course.ref) if row.course is not None else None,
        count=count_of([row], cluster),
    )


def clusters(rows: Sequence[Session]) -> dict[str, str]:
    """Which records are one person, of everybody listed at these gatherings, asked once."""
    refs = {one.person_ref for row in rows for one in row.attendance.all() if one.person_ref}
    return parties.cluster_of(sorted(refs)) if refs else {}


def count_of(rows: Sequence[Session], cluster: Mapping[str, str] | None = None) -> AttendanceCount:
    """How many different people came to these gatherings, taken together.

    Whoever is listed counts once, whatever the number of gatherings and of records that name the same person. Of people
    who were only counted nobody knows whether they came twice: at least the largest single gathering (its listed
    and its counted people are different people), at most everybody.
    """
    came = [
        (row, [one for one in row.attendance.all() if one.attended]) for row in rows if row.state == SessionState.HELD
    ]
    if cluster is None:
        cluster = clusters(rows)
    listed: set[str] = set()
    unlisted = 0
    largest = 0
    by_sex: dict[str, int] = {}
    by_age_group: dict[str, int] = {}
    for row, people in came:
        here = {str(cluster.get(one.person_ref, one.person_ref)) for one in people if one.person_ref}
        loose = sum(1 for one in people if not one.person_ref) + sum(row.totals.values())
        largest = max(largest, len(here) + loose)
        unlisted += loose
        for one in people:
            who = str(cluster.get(one.person_ref, one.person_ref)) if one.person_ref else ""
            if who and who in listed:
                continue
            if who:
                listed.add(who)
            by_sex[one.sex] = by_sex.get(one.sex, 0) + 1
            by_age_group[one.age_group] = by_age_group.get(one.age_group, 0) + 1
        for name, number in row.totals.items():
            sex, _, age_group = name.partition(":")
            by_sex[sex] = by_sex.get(sex, 0) + number
            by_age_group[age_group] = by_age_group.get(age_group, 0) + number
    return AttendanceCount(
        people_min=max(len(listed), largest),
        people_max=len(listed) + unlisted,
        listed=len(listed),
        unlisted=unlisted,
        by_sex=by_sex,
        by_age_group=by_age_group,
    )


def attendance_count(session_refs: Sequence[Ref]) -> AttendanceCount:
    """The different people of several gatherings, with bounds. For rules and figures: numbers only, no names."""
    rows = Session.objects.filter(ref__in=list(session_refs)).prefetch_related("attendance")
    return count_of(list(rows))


def attendees(actor: Actor, session_ref: Ref) -> list[Attendee]:
    """The list of a gathering, with the names that the reader may see. Raises NotFound."""
    row = Session.objects.visible_to(actor).filter(ref=session_ref).first()
    if row is None:
        raise NotFound(ref=session_ref)
    return _named(actor, list(row.attendance.all()))


def _named(actor: Actor, rows: Sequence[Attendance]) -> list[Attendee]:
    names = parties.names(actor, [Ref(row.person_ref) for row in rows if row.person_ref])
    return [
        Attendee(
            person_ref=Ref(row.person_ref) if row.person_ref else None,
            name=names.get(row.person_ref, "") if row.person_ref else "",
            role=row.role,
            sex=row.sex,
            age_group=row.age_group,
            group_ref=Ref(row.group_ref) if row.group_ref else None,
            invited=row.invited,
            attended=row.attended,
        )
        for row in rows
    ]


def past_attendees(actor: Actor, case_ref: Ref) -> PastAttendees:
    """Everyone who came to any gathering of a case, once each, and how many were only counted. Raises NotFound."""
    case = Case.objects.visible_to(actor).filter(ref=case_ref).first()
    if case is None:
        raise NotFound(ref=case_ref)
    rows = list(
        Session.objects.filter(step__case=case, state=SessionState.HELD)
        .prefetch_related("attendance")
        .order_by("held_on", "pk")
    )
    people = [one for row in rows for one in row.attendance.all() if one.attended and one.person_ref]
    cluster = parties.cluster_of([Ref(one.person_ref) for one in people]) if people else {}
    once: dict[str, Attendance] = {}
    for one in people:
        once.setdefault(str(cluster.get(one.person_ref, one.person_ref)), one)
    return PastAttendees(people=tuple(_named(actor, list(once.values()))), unlisted=count_of(rows).unlisted)
