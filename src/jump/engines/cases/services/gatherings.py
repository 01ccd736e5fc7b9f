"""Gatherings: planned, held, cancelled; who came, what came out of it, which reports on it are owed."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.i18n import FALLBACK, text
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.cases.models import Attendance, Course, ExpectedReport, Session, Step
from jump.engines.cases.services.keys import digest_of, one_at_a_time
from jump.engines.cases.services.procedures import moving
from jump.engines.cases.services.procedures.moving import Work
from jump.engines.cases.services.procedures.recording import step_to_work_on
from jump.engines.cases.services.refusals import (
    CaseKeyReused,
    DateImpossible,
    LooseName,
    ReasonMissing,
    ReportNotExpected,
    SessionNotPlanned,
)
from jump.engines.cases.services.tasks import add_task, finish_by_session
from jump.engines.cases.types import ActionPoint, AgendaItem, Attendee, Product, SessionState, StepKind
from jump.engines.parties import api as parties

SEXES = frozenset({"female", "male", "other", "not_stated"})
AGE_GROUPS_OPEN = "not_stated"
FACILITATOR = "facilitator"
PARTICIPANT = "participant"
TRAVEL_KM_MAX = 20_000


def plan_session(
    actor: Actor,
    *,
    kind: str,
    title: str,
    scope: str,
    planned_on: date,
    ended_on: date | None = None,
    hosts: Sequence[Ref] = (),
    about: Sequence[Ref] = (),
    agenda: Sequence[AgendaItem] = (),
    invited: Sequence[Ref] = (),
    purpose: str = "",
    facilitators: Sequence[Ref] = (),
    materials: Sequence[Product] = (),
    reports_from: Sequence[Ref] = (),
    details: Mapping[str, str] | None = None,
    step_ref: Ref | None = None,
    course_ref: Ref | None = None,
    curriculum: str = "",
    hours: Decimal | None = None,
    key: str = "",
) -> Ref:
    """Plan a gathering: date, programme, who hosts and facilitates, who is invited, who owes a report afterwards.

    A day of a course invites everybody who is enrolled and has not left, and its trainers give it, unless others are
    named. For a step of a case the entry gates of the step must be open: workshop E is not planned before the workbook
    is complete.
    """
    require(actor, "cases.work", scope)
    digest = digest_of(kind, title, scope, planned_on, ended_on, sorted(invited), step_ref, course_ref)
    with write_transaction():
        known = _known(key, digest)
        if known is not None:
            return known
        _check_period(planned_on, ended_on)
        step = step_to_work_on(actor, step_ref, StepKind.SESSION, planned_on)[1] if step_ref else None
        course = _course(course_ref)
        if course is not None:
            curriculum = curriculum or course.curriculum
            invited = invited or [
                Ref(one) for one in course.enrolments.filter(left_on=None).values_list("person_ref", flat=True)
            ]
        session = Session.objects.create(
            scope=node(scope),
            kind=kind,
            curriculum=curriculum or (step.asks if step is not None else ""),
            title=title,
            state=SessionState.PLANNED.value,
            held_on=planned_on,
            ended_on=ended_on,
            hosts=list(hosts) or (list(course.trainers) if course is not None else []),
            about=list(about),
            agenda=_agenda(agenda),
            purpose=purpose,
            details=dict(details or {}),
            step=step,
            course=course,
            materials=_materials(materials),
            hours=hours,
            recorded_by=actor.key,
            recorded_at=clock.now(),
            key=key or None,
            key_digest=digest,
        )
        _invite(session, [one for one in invited if one not in set(facilitators)], planned_on)
        _invite(session, facilitators, planned_on, role=FACILITATOR)
        _expect_reports(session, reports_from)
        audit.record(actor, "cases.plan_session", session.ref, facts={"kind": kind, "on": planned_on.isoformat()})
    return Ref(session.ref)


def record_session(
    actor: Actor,
    *,
    kind: str = "",
    title: str | Mapping[str, str] = "",
    scope: str = "",
    held_on: date,
    ended_on: date | None = None,
    hosts: Sequence[Ref] = (),
    about: Sequence[Ref] = (),
    agenda: Sequence[AgendaItem] = (),
    products: Sequence[Product] = (),
    issues: Sequence[str] = (),
    materials: Sequence[Product] = (),
    attendance: Sequence[Attendee] = (),
    totals: Mapping[str, int] | None = None,
    purpose: str = "",
    cost_minor: int | None = None,
    currency: str = "",
    minutes: str = "",
    travel_km: int | None = None,
    travel_by: str = "",
    hours: Decimal | None = None,
    details: Mapping[str, str] | None = None,
    reports_from: Sequence[Ref] = (),
    step_ref: Ref | None = None,
    course_ref: Ref | None = None,
    curriculum: str = "",
    planned_ref: Ref | None = None,
    key: str,
) -> Ref:
    """Record a gathering that took place. With `planned_ref` the plan becomes the record and lends what is not given.

    A title by language, as packages give it, is shown in the reader's.

    People are given one by one (sex and age group of registered people are taken from their record) and in `totals`
    for those who were only counted: {"female:15-24": 7}. For a step of a case, the case goes on if its gates allow.
    """
    words = dict(title) if isinstance(title, Mapping) else {}
    title = text(title, FALLBACK)
    digest = digest_of(
        kind, title, scope, held_on, ended_on, [str(one) for one in attendance], totals, step_ref, minutes
    )
    with write_transaction():
        known = _known(key, digest)
        if known is not None:
            return known
        planned = _planned(planned_ref)
        step_ref = step_ref or (Ref(planned.step.ref) if planned is not None and planned.step is not None else None)
        course = _course(course_ref) or (planned.course if planned is not None else None)
        work: Work | None = None
        step: Step | None = None
        if step_ref is not None:
            work, step = step_to_work_on(actor, step_ref, StepKind.SESSION, held_on)
            definition = work.procedure.steps[step.key]
            scope = scope or work.case.scope.path
            kind = kind or definition.session_kind
            title = title or text(definition.title)
        if planned is not None:
            kind, title, scope = kind or planned.kind, title or planned.title, scope or planned.scope.path
        _check_complete(kind=kind, title=title, scope=scope)
        require(actor, "cases.work", scope)
        _check_period(held_on, ended_on)
        _check_not_ahead(held_on)
        people = _people(attendance, held_on)
        counted = _totals(totals or {})
        if cost_minor is not None and (cost_minor < 0 or not currency):
            raise BadInput({"cost": [_("Give the cost as a positive amount with its currency.")]})
        if travel_km is not None and not 0 <= travel_km <= TRAVEL_KM_MAX:
            raise BadInput({"travel_km": [_("A way is between 0 and %s kilometres.") % TRAVEL_KM_MAX]})
        session = planned or Session(recorded_by=actor.key, recorded_at=clock.now())
        session.scope = node(scope)
        session.kind = kind
        session.title = title
        session.words = words or session.words
        session.state = SessionState.HELD.value
        session.held_on = held_on
        session.ended_on = ended_on
        session.curriculum = (
            curriculum
            or session.curriculum
            or (step.asks if step is not None else "")
            or (course.curriculum if course else "")
        )
        session.hosts = list(hosts) or session.hosts
        session.about = list(about) or session.about
        session.agenda = _agenda(agenda) or session.agenda
        session.products = [{"title": one.title, "ref": str(one.ref or "")} for one in products]
        session.issues = [issue.strip() for issue in issues if issue.strip()]
        session.totals = counted
        session.purpose = purpose or session.purpose
        session.cost_minor = cost_minor
        session.currency = currency if cost_minor is not None else ""
        session.minutes = minutes
        session.materials = _materials(materials) or session.materials
        session.travel_km = travel_km
        session.travel_by = travel_by
        session.hours = hours if hours is not None else session.hours
        session.details = {**session.details, **(details or {})}
        session.step = step
        session.course = course
        session.key = key
        session.key_digest = digest
        session.save()
        _attend(session, people)
        _expect_reports(session, reports_from)
        audit.record(
            actor,
            "cases.record_session",
            session.ref,
            facts={"kind": kind, "on": held_on.isoformat(), "listed": len(people), "counted": sum(counted.values())},
        )
        finish_by_session(
            actor, kind=kind, scope=scope, about=session.about, held_on=held_on, proof_ref=Ref(session.ref)
        )
        if work is not None and step is not None:
            moving.give_proof(step, Ref(session.ref))
            moving.settle(work)
    return Ref(session.ref)


def report_on_session(
    actor: Actor, *, session_ref: Ref, report: Product, totals: Mapping[str, int], travel_km: int | None, travel_by: str
) -> Ref:
    """A gathering that was recorded already gets its report, and from it the figures that nobody had given."""
    with write_transaction():
        session = Session.objects.locked().select_related("scope").get(ref=session_ref)
        require(actor, "cases.work", session.scope.path)
        if not any(one["ref"] == report.ref for one in session.products):
            session.products = [*session.products, {"title": report.title, "ref": str(report.ref)}]
        session.totals = session.totals or _totals(totals)
        if session.travel_km is None:
            session.travel_km, session.travel_by = travel_km, travel_by
        session.save(update_fields=["products", "totals", "travel_km", "travel_by"])
        audit.record(actor, "cases.report_on_session", session.ref, facts={"report": str(report.ref)})
    return Ref(session.ref)


def amend_attendance(
    actor: Actor, *, session_ref: Ref, came: Sequence[Ref], added: Sequence[Attendee] = (), why: str = ""
) -> None:
    """Put the list of a gathering right: exactly these of the people on it came, and these came besides.

    While the gathering is only planned the list may be ticked as people arrive. Once it is held a change needs a
    reason, which stays on record with the numbers before and after.
    """
    with write_transaction():
        session: Session | None = (
            Session.objects.locked().select_related("scope", "step", "course").filter(ref=session_ref).first()
        )
        if session is None:
            raise NotFound(ref=session_ref)
        require(actor, "cases.work", session.scope.path)
        if session.state == SessionState.CANCELLED:
            raise SessionNotPlanned(session=session_ref, state=session.state)
        if session.state == SessionState.HELD and not why.strip():
            raise ReasonMissing(session=session_ref)
        before = session.attendance.filter(attended=True).count()
        listed = set(session.attendance.exclude(person_ref="").values_list("person_ref", flat=True))
        session.attendance.filter(person_ref__in=[one for one in came if one in listed]).update(attended=True)
        session.attendance.exclude(person_ref="").exclude(person_ref__in=list(came)).update(attended=False)
        new = [Attendee(person_ref=one) for one in came if one not in listed]
        _attend(session, _people([*new, *added], session.held_on))
        audit.record(
            actor,
            "cases.amend_attendance",
            session_ref,
            why=why.strip(),
            facts={"before": before, "after": session.attendance.filter(attended=True).count()},
        )


def add_action_points(actor: Actor, *, session_ref: Ref, points: Sequence[ActionPoint], key: str) -> list[Ref]:
    """Write down who does what by when after a gathering: a task each, about the gathering. The same key, once."""
    with write_transaction():
        session = Session.objects.select_related("scope").filter(ref=session_ref).first()
        if session is None:
            raise NotFound(ref=session_ref)
        return [
            add_task(
                actor,
                title=point.title,
                about=session_ref,
                owner_role=point.owner_role,
                owner_ref=point.owner_ref,
                scope=session.scope.path,
                due_on=point.due_on,
                key=f"{key}:{number}",
                source=str(session_ref),
            )
            for number, point in enumerate(points)
        ]


def cancel_session(actor: Actor, *, session_ref: Ref, why: str) -> None:
    """Call off a planned gathering, with a reason."""
    with write_transaction():
        session = _planned(session_ref)
        assert session is not None
        require(actor, "cases.work", session.scope.path)
        if not why.strip():
            raise ReasonMissing(session=session_ref)
        session.state = SessionState.CANCELLED.value
        session.why_cancelled = why.strip()
        session.save(update_fields=["state", "why_cancelled"])
        audit.record(actor, "cases.cancel_session", session_ref, why=why.strip())


def add_session_report(actor: Actor, *, session_ref: Ref, from_ref: Ref, submission_ref: Ref, on: date) -> None:
    """Take in the report that a party owes on a gathering. The same report twice changes nothing."""
    with write_transaction():
        report = (
            ExpectedReport.objects.filter(session__ref=session_ref, from_ref=from_ref)
            .select_related("session__scope")
            .first()
        )
        if report is None:
            raise ReportNotExpected(session=session_ref, from_ref=from_ref)
        require(actor, "cases.work", report.session.scope.path)
        if report.submission_ref == submission_ref:
            return
        report.submission_ref = str(submission_ref)
        report.given_on = on
        report.save(update_fields=["submission_ref", "given_on"])
        audit.record(actor, "cases.session_report", session_ref, facts={"from": from_ref, "submission": submission_ref})


def plan_reconvening(
    actor: Actor,
    *,
    case_ref: Ref,
    title: str,
    planned_on: date,
    agenda: Sequence[AgendaItem] = (),
    step_ref: Ref | None = None,
    key: str = "",
) -> Ref:
    """Plan to bring everybody back who took part in any gathering of the case (CER-20): all of them are invited."""
    from jump.engines.cases.models import Case
    from jump.engines.cases.queries.gatherings import past_attendees

    case = Case.objects.filter(ref=case_ref).select_related("scope").first()
    if case is None:
        raise NotFound(ref=case_ref)
    everybody = past_attendees(actor, case_ref)
    return plan_session(
        actor,
        kind="reconvening",
        title=title,
        scope=case.scope.path,
        planned_on=planned_on,
        about=(case_ref,),
        agenda=agenda,
        invited=[person.person_ref for person in everybody.people if person.person_ref is not None],
        step_ref=step_ref,
        key=key,
    )


# Inside ---------------------------------------------------------------------------------------------


def _known(key: str, digest: str) -> Ref | None:
    one_at_a_time(f"session {key}" if key else "")
    known = Session.objects.filter(key=key).first() if key else None
    if known is None:
        return None
    if known.key_digest != digest:
        raise CaseKeyReused(key=key)
    return Ref(known.ref)


def _planned(ref: Ref | None) -> Session | None:
    if ref is None:
        return None
    session: Session | None = Session.objects.locked().select_related("scope", "step", "course").filter(ref=ref).first()
    if session is None:
        raise NotFound(ref=ref)
    if session.state != SessionState.PLANNED:
        raise SessionNotPlanned(session=ref, state=session.state)
    return session


def _course(ref: Ref | None) -> Course | None:
    if ref is None:
        return None
    course: Course | None = Course.objects.filter(ref=ref).first()
    if course is None:
        raise NotFound(ref=ref)
    return course


def _check_complete(**fields: str) -> None:
    missing = {name: [_("This is missing.")] for name, value in fields.items() if not value.strip()}
    if missing:
        raise BadInput(missing)


def _check_period(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise DateImpossible(day=ends_on, why=_("It lies before the first day."))


def _check_not_ahead(held_on: date) -> None:
    """What has not happened yet is planned, not recorded."""
    if held_on > clock.today():
        raise DateImpossible(day=held_on, why=_("It lies ahead. Plan the gathering, then record it when it was held."))


def _agenda(items: Sequence[AgendaItem]) -> list[dict[str, Any]]:
    return [
        {"title": item.title, "starts_at": item.starts_at, "speaker_ref": str(item.speaker_ref or "")} for item in items
    ]


def _materials(items: Sequence[Product]) -> list[dict[str, str]]:
    return [{"title": one.title.strip(), "ref": str(one.ref or "")} for one in items if one.title.strip()]


def _totals(totals: Mapping[str, int]) -> dict[str, int]:
    """Counted people by "sex:age_group"; "female" alone means that the age group was not asked."""
    counted: dict[str, int] = {}
    errors: list[str] = []
    for name, number in totals.items():
        sex, _colon, age_group = name.partition(":")
        if sex not in SEXES:
            errors.append(_("Use female, male, other or not_stated, then a colon and the age group: %s.") % name)
        elif not isinstance(number, int) or isinstance(number, bool) or number < 0:
            errors.append(_("A number of people is 0 or more: %s.") % name)
        elif number:
            whole = f"{sex}:{age_group or AGE_GROUPS_OPEN}"
            counted[whole] = counted.get(whole, 0) + number
    if errors:
        raise BadInput({"totals": errors})
    return counted


def _people(attendance: Sequence[Attendee], on: date) -> list[Attendee]:
    """The list as it is kept: no loose names, nobody twice, sex and age group from the record of who is registered."""
    for person in attendance:
        if person.name.strip() and person.person_ref is None:
            raise LooseName(name=person.name.strip())
        if person.person_ref is None and person.sex not in SEXES:
            raise BadInput({"attendance": [_("Use female, male, other or not_stated.") + f" {person.sex}"]})
    named = [person for person in attendance if person.person_ref is not None]
    codes = parties.codes_of([person.person_ref for person in named if person.person_ref is not None], on)
    found: dict[Ref, Attendee] = {}
    for person in named:
        assert person.person_ref is not None
        known = codes.get(person.person_ref)
        if known is None:
            raise NotFound(ref=person.person_ref)
        found.setdefault(
            person.person_ref,
            Attendee(
                person_ref=person.person_ref,
                role=person.role,
                sex=str(known.get("sex") or "not_stated"),
                age_group=str(known.get("age_group") or "not_stated"),
                group_ref=person.group_ref,
                invited=person.invited,
                attended=person.attended,
            ),
        )
    return [*found.values(), *(person for person in attendance if person.person_ref is None)]


def _attend(session: Session, people: Sequence[Attendee]) -> None:
    """Put the people on the list; who was invited and did not come stays on it as invited."""
    before = {row.person_ref: row for row in session.attendance.all() if row.person_ref}
    new: list[Attendance] = []
    for person in people:
        ref = str(person.person_ref or "")
        row = before.get(ref)
        if row is not None:
            row.attended = person.attended
            row.role = person.role if person.role != PARTICIPANT else row.role  # who facilitates stays so
            row.group_ref = str(person.group_ref or row.group_ref)
            row.save(update_fields=["attended", "role", "group_ref"])
            continue
        new.append(
            Attendance(
                session=session,
                person_ref=ref,
                group_ref=str(person.group_ref or ""),
                role=person.role,
                sex=person.sex,
                age_group=person.age_group,
                invited=person.invited,
                attended=person.attended,
            )
        )
    Attendance.objects.bulk_create(new)


def _invite(session: Session, invited: Sequence[Ref], on: date, *, role: str = "participant") -> None:
    codes = parties.codes_of(list(invited), on) if invited else {}
    groups = dict(session.course.enrolments.values_list("person_ref", "group_ref")) if session.course else {}
    Attendance.objects.bulk_create(
        Attendance(
            session=session,
            person_ref=str(ref),
            group_ref=groups.get(str(ref), ""),
            role=role,
            sex=str(codes.get(ref, {}).get("sex") or "not_stated"),
            age_group=str(codes.get(ref, {}).get("age_group") or "not_stated"),
            invited=True,
            attended=False,
        )
        for ref in dict.fromkeys(invited)
    )


def _expect_reports(session: Session, reports_from: Sequence[Ref]) -> None:
    for ref in dict.fromkeys(reports_from):
        ExpectedReport.objects.get_or_create(session=session, from_ref=str(ref))
