"""Reading courses: who may begin and who passed, what participants say, which places were reached, who gave them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from jump.base.actors import Actor, system_actor
from jump.base.packages import UnknownDefinition
from jump.base.refusals import NotFound
from jump.core import expressions
from jump.core.calendars import age_at
from jump.core.units import Ref
from jump.engines.cases.definitions import Curriculum, curricula, rhythms
from jump.engines.cases.definitions import curriculum as curriculum_named
from jump.engines.cases.models import Attendance, Course, Enrolment, Session, Task
from jump.engines.cases.queries.lights import light
from jump.engines.cases.types import CourseView, DeliveredBy, EnrolmentView, SessionState, TaskState
from jump.engines.cases.types.training import (
    CourseGateView,
    CoverageView,
    CurriculumView,
    DeliveryShare,
    EvaluationView,
    TrainingDeadline,
    TrainingRecord,
)
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties

REVISION = "course_revision:"  # the source of a task to revise; the reference of the course follows
EVALUATIONS_MAX = 500
_RULES = system_actor("rules of a curriculum")


def course(actor: Actor, ref: Ref) -> CourseView:
    """One course with its people. Raises NotFound."""
    found = _courses(Course.objects.visible_to(actor)).filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    taught = curriculum_named(found.curriculum, found.curriculum_version)
    return _view(found, taught, hours_attended(found, taught))


def courses(
    actor: Actor,
    *,
    scope: str = "",
    curriculum: str = "",
    level: str = "",
    provider_ref: Ref | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[CourseView]:
    """Courses, newest first. Four statements, however many."""
    rows = _selected(actor, scope=scope, curriculum=curriculum, level=level, provider_ref=provider_ref)
    found = list(_courses(rows).order_by("-starts_on", "-pk")[offset : offset + limit])
    taught = [(row, curriculum_named(row.curriculum, row.curriculum_version)) for row in found]
    hours = hours_of_many(taught)
    return [_view(row, one, hours.get(row.pk, {})) for row, one in taught]


def count_courses(
    actor: Actor, *, scope: str = "", curriculum: str = "", level: str = "", provider_ref: Ref | None = None
) -> int:
    return _selected(actor, scope=scope, curriculum=curriculum, level=level, provider_ref=provider_ref).count()


def _selected(actor: Actor, *, scope: str, curriculum: str, level: str, provider_ref: Ref | None) -> QuerySet[Course]:
    rows: QuerySet[Course] = Course.objects.visible_to(actor)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    if curriculum:
        rows = rows.filter(curriculum=curriculum)
    if level:
        rows = rows.filter(level=level)
    if provider_ref:
        rows = rows.filter(provider_ref=provider_ref)
    return rows


def _courses(rows: QuerySet[Course]) -> QuerySet[Course]:
    return rows.select_related("scope").prefetch_related("sessions", "enrolments")


def _view(row: Course, taught: Curriculum, hours: Mapping[str, Decimal]) -> CourseView:
    sessions_of = sorted(row.sessions.all(), key=lambda one: (one.held_on, one.pk))
    began = any(one.state == SessionState.HELD for one in sessions_of)
    return CourseView(
        ref=Ref(row.ref),
        curriculum=row.curriculum,
        version=row.curriculum_version,
        title=row.title,
        level=row.level,
        scope=row.scope.path,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state="finished" if row.finished_on is not None else "running" if began else "planned",
        trainers=tuple(Ref(ref) for ref in row.trainers),
        sessions=tuple(Ref(one.ref) for one in sessions_of),
        enrolments=tuple(
            EnrolmentView(
                person_ref=Ref(one.person_ref),
                group_ref=Ref(one.group_ref) if one.group_ref else None,
                state="completed" if one.completed_on else "left" if one.left_on else "enrolled",
                hours_attended=hours.get(one.person_ref, taught.hours * 0),
                completed_on=one.completed_on,
                certificate_ref=Ref(one.certificate_ref) if one.certificate_ref else None,
            )
            for one in row.enrolments.all()
        ),
        hours=taught.hours,
        delivered_by=DeliveredBy(row.delivered_by),
        provider_ref=Ref(row.provider_ref) if row.provider_ref else None,
        communities=tuple(Ref(ref) for ref in row.communities),
        finished_on=row.finished_on,
    )


def hours_attended(row: Course, taught: Curriculum) -> dict[str, Decimal]:
    """Hours per person. A session without its own hours has an equal share of the curriculum's."""
    return hours_of_many([(row, taught)]).get(row.pk, {})


def hours_of_many(rows: Sequence[tuple[Course, Curriculum]]) -> dict[int, dict[str, Decimal]]:
    """The same for several courses, by their key: one statement more than the sessions took."""
    worth: dict[int, tuple[int, Decimal]] = {}
    for row, taught in rows:
        held = [one for one in row.sessions.all() if one.state == SessionState.HELD]
        for one in held:
            worth[one.pk] = (row.pk, one.hours if one.hours is not None else taught.hours / len(held))
    if not worth:
        return {}
    hours: dict[int, dict[str, Decimal]] = {}
    came = Attendance.objects.filter(session__in=list(worth), attended=True).exclude(person_ref="")
    for session_id, person_ref in came.values_list("session_id", "person_ref"):
        course_pk, share = worth[session_id]
        mine = hours.setdefault(course_pk, {})
        mine[person_ref] = mine.get(person_ref, Decimal(0)) + share
    return hours


# Gates ----------------------------------------------------------------------------------------------------------


def course_gates(actor: Actor, *, course_ref: Ref, person_ref: Ref, on: date) -> list[CourseGateView]:
    """Every gate of the course for one person, entry gates first. Raises NotFound."""
    row = _courses(Course.objects.visible_to(actor)).filter(ref=course_ref).first()
    if row is None:
        raise NotFound(ref=course_ref)
    taught = curriculum_named(row.curriculum, row.curriculum_version)
    return [gate for at in ("entry", "exit") for gate in gates_of(row, taught, [person_ref], at=at, on=on)[person_ref]]


def gates_of(
    row: Course, taught: Curriculum, people: Sequence[Ref], *, at: str, on: date
) -> dict[Ref, tuple[CourseGateView, ...]]:
    """What must hold of each of these people at this end of the course, and whether it does.

    A curriculum that comes `after` others asks that they were completed. What is not known is not met.
    """
    declared = taught.gates_at(at)
    before = taught.after if at == "entry" else ()
    if not people or not (declared or before):
        return dict.fromkeys(people, ())
    facts = _facts(row, taught, people, on)
    waived = {one.person_ref: {gate["gate"]: gate["why"] for gate in one.gates_waived} for one in row.enrolments.all()}
    found: dict[Ref, tuple[CourseGateView, ...]] = {}
    for person in people:
        known = facts[person]
        completed = known["completed"]
        assert isinstance(completed, list)
        after = [
            CourseGateView(
                f"after_{one.rpartition('.')[2]}",
                _("“%s” was completed before.") % _title(one),
                "entry",
                one.rpartition(".")[2] in completed,
                waived.get(person, {}).get(f"after_{one.rpartition('.')[2]}", ""),
            )
            for one in before
        ]
        others = [
            CourseGateView(gate.id, gate.text, at, _holds(gate.needs, known), waived.get(person, {}).get(gate.id, ""))
            for gate in declared
        ]
        found[person] = (*after, *others)
    return found


def _title(full_id: str) -> str:
    try:
        return curriculum_named(full_id).title
    except UnknownDefinition:
        return full_id


def _holds(condition: str, known: Mapping[str, object]) -> bool:
    try:
        return expressions.parse(condition).holds(known)
    except (expressions.MissingName, expressions.NotKnown):
        return False


def _facts(row: Course, taught: Curriculum, people: Sequence[Ref], on: date) -> dict[Ref, dict[str, object]]:
    """What gates may name, for each person: three statements, and one for each test and person."""
    done: dict[str, list[str]] = {}
    past = Enrolment.objects.filter(person_ref__in=people, completed_on__lte=on).exclude(course=row)
    for person, curriculum in past.values_list("person_ref", "course__curriculum"):
        done.setdefault(person, []).append(curriculum.rpartition(".")[2])
    for person, curriculum in _attended_alone(people):
        done.setdefault(person, []).append(curriculum.rpartition(".")[2])
    codes = parties.codes_of(list(people), on)
    hours = hours_attended(row, taught)
    forms = {form for gate in taught.gates for form in gate.forms}
    found: dict[Ref, dict[str, object]] = {}
    for person in people:
        held = parties.qualifications(_RULES, party_ref=person, kind="certificate", as_of=on)
        born = parties.birth_of(person)
        known: dict[str, object] = {
            "sex": codes.get(person, {}).get("sex") or "not_stated",
            "completed": done.get(person, []),
            "certified": [one.code for one in held if one.claim == parties.Claim.PROVED],
            "hours_percent": (hours.get(person, Decimal(0)) * 100 / taught.hours if taught.hours else Decimal(100)),
            "tests": {form: dict(answers) for form in forms for answers in _test(row, taught, form, person)},
        }
        if born is not None and (age := _age(born, on)) is not None:
            known["age"] = age
        found[person] = known
    return found


def _attended_alone(people: Sequence[Ref]) -> Iterable[tuple[str, str]]:
    """Workshops that belong to no course: who was there has had what they teach."""
    rows = Attendance.objects.filter(
        person_ref__in=people, attended=True, session__state=SessionState.HELD, session__course__isnull=True
    ).exclude(session__curriculum="")
    return rows.values_list("person_ref", "session__curriculum").distinct()


def _test(row: Course, taught: Curriculum, form: str, person: Ref) -> Iterable[Mapping[str, object]]:
    """The answers of the last accepted form of this kind about the person, if it was filled since the course began."""
    latest = evidence.latest(person, taught.full(form))
    if latest is not None and latest.on >= row.starts_on:
        yield latest.answers


def _age(born: tuple[date | None, int | None], on: date) -> int | None:
    born_on, year = born
    if born_on is not None:
        return age_at(born_on, on)
    return on.year - year if year is not None else None


def tests_of(curriculum: str) -> list[tuple[str, str]]:
    """The gates of a curriculum that ask for a form about the person, each with the full id of that form."""
    taught = curriculum_named(curriculum)
    return [(gate.id, taught.full(form)) for gate in taught.gates for form in sorted(gate.forms)]


# Evaluation and revision ------------------------------------------------------------------------------------------


def course_evaluation(actor: Actor, course_ref: Ref) -> EvaluationView:
    """What participants say of a course, and whether curriculum and materials were revised after it (TRAIN-07)."""
    row = _courses(Course.objects.visible_to(actor)).filter(ref=course_ref).first()
    if row is None:
        raise NotFound(ref=course_ref)
    taught = curriculum_named(row.curriculum, row.curriculum_version)
    given = (
        evidence.submissions(
            _RULES, form=taught.evaluation, about=course_ref, state="accepted", limit=EVALUATIONS_MAX, bare=True
        )
        if taught.evaluation
        else []
    )
    ratings = [Decimal(str(one.answers[taught.rating])) for one in given if one.answers.get(taught.rating) is not None]
    task = Task.objects.filter(source=f"{REVISION}{course_ref}").first()
    return EvaluationView(
        form=taught.evaluation,
        answered=len(given),
        asked=sum(1 for one in row.enrolments.all() if one.left_on is None),
        rating=sum(ratings, Decimal(0)) / len(ratings) if ratings else None,
        submissions=tuple(one.ref for one in given),
        revision_task=Ref(task.ref) if task is not None else None,
        revised=task is not None and task.state == TaskState.DONE,
    )


def curricula_overview(actor: Actor) -> list[CurriculumView]:
    """Every installed curriculum with its gates, and how often it was given where this actor may look."""
    rows = Course.objects.visible_to(actor).order_by().values("curriculum")
    given = {row["curriculum"]: (row["n"], row["last"]) for row in rows.annotate(n=Count("pk"), last=Max("starts_on"))}
    return [
        CurriculumView(
            id=one.id,
            version=one.version,
            title=one.title,
            purpose=one.purpose,
            audience=one.audience,
            level=one.level,
            hours=one.hours,
            modules=tuple((module.title, module.hours) for module in one.modules),
            gates=tuple(CourseGateView(gate.id, gate.text, gate.at, False) for gate in one.gates),
            qualification=one.qualification,
            evaluation=one.evaluation,
            courses=given.get(one.id, (0, None))[0],
            last_given_on=given.get(one.id, (0, None))[1],
        )
        for one in curricula()
    ]


# Coverage, providers, records, deadlines ----------------------------------------------------------------------------


def coverage(actor: Actor, *, scope: str = "", curriculum: str = "", until: date | None = None) -> list[CoverageView]:
    """Communities trained over communities planned, for each curriculum that was planned anywhere (TRAIN-08).

    Planned is a community that a course names, or at whose own place a gathering of the curriculum stands that was
    not called off. Trained is one of them where it was held. A second round for a place adds a round, not a place.
    """
    asked = Course.objects.visible_to(actor)
    met = Session.objects.visible_to(actor).exclude(state=SessionState.CANCELLED).exclude(curriculum="")
    if curriculum:
        asked, met = asked.filter(curriculum=curriculum), met.filter(curriculum=curriculum)
    if until is not None:
        asked, met = asked.filter(starts_on__lte=until), met.filter(held_on__lte=until)
    narrowed = [
        CoverageView(
            one.curriculum,
            one.title,
            tuple(path for path in one.planned if path.startswith(scope)),
            tuple(path for path in one.trained if path.startswith(scope)),
            one.rounds,
        )
        for one in coverage_of(asked, met)
    ]
    return [one for one in narrowed if one.planned]


def coverage_of(asked: QuerySet[Course], met: QuerySet[Session]) -> list[CoverageView]:
    """Coverage of these courses and gatherings, for pages and for facts. Three statements."""
    planned: dict[str, set[str]] = {}
    trained: dict[str, set[str]] = {}
    rounds: dict[str, set[str]] = {}
    named: dict[str, str] = {}
    held = dict(Course.objects.filter(sessions__state=SessionState.HELD).values_list("ref", "curriculum").distinct())
    courses_ = list(asked.values_list("ref", "curriculum", "communities"))
    for ref in {str(place) for _ref, _curriculum, places in courses_ for place in places}:
        named[ref] = parties.scope_of(Ref(ref))
    for ref, curriculum, places in courses_:
        for place in places:
            planned.setdefault(curriculum, set()).add(named[place])
            if ref in held:
                trained.setdefault(curriculum, set()).add(named[place])
                rounds.setdefault(curriculum, set()).add(ref)
    at_places = met.filter(scope__kind="project").order_by()
    for ref, curriculum, path, state, course_ref in at_places.values_list(
        "ref", "curriculum", "scope__path", "state", "course__ref"
    ):
        planned.setdefault(curriculum, set()).add(path)
        if state == SessionState.HELD:
            trained.setdefault(curriculum, set()).add(path)
            rounds.setdefault(curriculum, set()).add(course_ref or ref)
    return [
        CoverageView(
            one, _title(one), tuple(sorted(planned[one])), tuple(sorted(trained.get(one, ()))), len(rounds.get(one, ()))
        )
        for one in sorted(planned)
    ]


def delivery_share(actor: Actor, *, since: date, until: date, scope: str = "") -> DeliveryShare:
    """Who gave the training that people completed in a period (TRAIN-15). People are counted, not attendances."""
    rows = _completed(actor, scope).filter(completed_on__gte=since, completed_on__lte=until)
    pairs = set(rows.values_list("person_ref", "course__delivered_by"))
    cluster = parties.cluster_of(sorted({person for person, _by in pairs})) if pairs else {}
    people = {(cluster.get(person, person), by) for person, by in pairs}
    counts: dict[str, int] = {}
    for _person, by in people:
        counts[by] = counts.get(by, 0) + 1
    return DeliveryShare(since, until, counts, sum(counts.values()))


def training_records(
    actor: Actor, *, scope: str = "", curriculum: str = "", of: Ref | None = None
) -> list[TrainingRecord]:
    """Who completed what, by curriculum and by the organisation, centre or group they came from (TRAIN-11, 12)."""
    rows = _completed(actor, scope)
    if curriculum:
        rows = rows.filter(course__curriculum=curriculum)
    if of is not None:
        rows = rows.filter(group_ref=of)
    found = [
        (taught, group, person, on)
        for taught, group, person, on in rows.values_list(
            "course__curriculum", "group_ref", "person_ref", "completed_on"
        )
        if on is not None
    ]
    people = sorted({person for _c, _g, person, _on in found})
    cluster = parties.cluster_of(people) if people else {}
    last = max((on for *_rest, on in found), default=date.min)
    codes = parties.codes_of([Ref(one) for one in people], last) if people else {}
    groups: dict[tuple[str, str], dict[str, date]] = {}
    for taught, group, person, on in found:
        mine = groups.setdefault((taught, group), {})
        canonical = cluster.get(person, person)
        mine[canonical] = max(on, mine.get(canonical, on))
    records = []
    for (taught, group), who in sorted(groups.items()):
        by_sex: dict[str, int] = {}
        for person in who:
            sex = str(codes.get(person, {}).get("sex") or "not_stated")
            by_sex[sex] = by_sex.get(sex, 0) + 1
        records.append(TrainingRecord(taught, Ref(group) if group else None, len(who), by_sex, max(who.values())))
    return records


def _completed(actor: Actor, scope: str) -> QuerySet[Enrolment]:
    seen = Course.objects.visible_to(actor)
    if scope:
        seen = seen.filter(scope__path__startswith=scope)
    return Enrolment.objects.filter(course__in=seen, completed_on__isnull=False).order_by()


def training_deadlines(actor: Actor, *, starts_on: date, as_of: date, scope: str = "") -> list[TrainingDeadline]:
    """Curricula that must be given before something begins, against the first day of that (TRAIN-13, 14).

    `starts_on` is the first day of the programme, from which its calendar counts.
    """
    found = []
    for one in curricula():
        if not one.before:
            continue
        rhythm = next((each for each in rhythms(one.before.partition(".")[0]) if each.id == one.before), None)
        if rhythm is None:
            continue
        due_on = next(due for _start, due in rhythm.periods(starts_on, date.max.replace(year=starts_on.year + 50)))
        rows = _completed(actor, scope).filter(course__curriculum=one.id, completed_on__lte=as_of)
        days = list(rows.values_list("completed_on", "person_ref"))
        first = min((day for day, _person in days if day is not None), default=None)
        found.append(
            TrainingDeadline(
                curriculum=one.id,
                title=one.title,
                before=rhythm.title,
                due_on=due_on,
                completed=len({person for _day, person in days}),
                first_completed_on=first,
                light=light(due_on, as_of, is_open=first is None or first >= due_on),
            )
        )
    return sorted(found, key=lambda one: (one.due_on, one.curriculum))
