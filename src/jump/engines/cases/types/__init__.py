"""What crosses the door of cases: frozen views and the few plain inputs.

Three rooms: *procedures* (case, step, gate), *gatherings* (session, attendance, course), *tasks*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.units import Ref


class StepKind(StrEnum):
    """What kind of work a step asks for; one file each in services/procedures."""

    FORM = "form"
    SESSION = "session"
    DECISION = "decision"
    EFFECT = "effect"
    DOCUMENT = "document"
    WAIT = "wait"


class StepState(StrEnum):
    """Where a step stands. `waiting`: something else must happen first; `here`: somebody may work on it now."""

    TODO = "todo"
    HERE = "here"
    WAITING = "waiting"
    DONE = "done"
    WAIVED = "waived"
    SKIPPED = "skipped"


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class SessionState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Light(StrEnum):
    """The traffic light of something with a due date (CER-12)."""

    GOOD = "good"  # done, or no date presses
    BLUE = "blue"  # open, due later
    WARN = "warn"  # due within the next 14 days
    BAD = "bad"  # late


class DeliveredBy(StrEnum):
    """Who gives a course: the programme, the movement (co-operatives, their networks and unions), or another body."""

    PROGRAMME = "programme"
    MOVEMENT = "movement"
    GOVERNMENT = "government"
    OTHER = "other"


# --- procedures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GateView:
    """One gate of a step. A gate that is waived counts as passed; `why` then says who waived it and for what reason.

    `at` is `entry` (the step cannot be worked on before) or `exit` (the step cannot be left before).
    """

    name: str
    text: str
    met: bool
    waived: bool
    why: str = ""
    at: str = "exit"
    waivable_by: str = ""

    @property
    def passed(self) -> bool:
        return self.met or self.waived


@dataclass(frozen=True, slots=True)
class DatingView:
    """One re-dating of a step: the old date is kept."""

    old_due_on: date | None
    new_due_on: date
    why: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a case, entered or still to come (`ref` is None then).

    Entered again after a revision it is a new row.
    """

    ref: Ref | None
    case_ref: Ref
    key: str
    round: int
    title: str
    kind: StepKind
    state: StepState
    by_role: str
    entered_on: date | None
    due_on: date | None
    done_on: date | None
    outcome: str
    detail: str
    light: Light
    asks: str = ""  # full id of the form, curriculum, round or dossier that the step asks for
    session_kind: str = ""
    optional: bool = False
    proof_ref: Ref | None = None
    refused_code: str = ""
    refused_facts: Mapping[str, str] = field(default_factory=dict)
    gates: tuple[GateView, ...] = ()
    datings: tuple[DatingView, ...] = ()
    over_run_days: int = 0  # days beyond the planned length of the stage (PROG-07)
    length_months: tuple[int, int] | None = None
    provenance: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in (StepState.HERE, StepState.WAITING)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its whole road: what was done, where it stands, what is still to come."""

    ref: Ref
    procedure: str
    version: str
    subject_ref: Ref
    scope: str
    title: str
    state: CaseState
    outcome: str
    opened_on: date
    closed_on: date | None
    steps: tuple[StepView, ...]
    facts: Mapping[str, object]

    @property
    def here(self) -> tuple[StepView, ...]:
        """The steps that are open now."""
        return tuple(step for step in self.steps if step.is_open)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list: without its steps, with the keys and titles of those that are open."""

    ref: Ref
    procedure: str
    version: str
    subject_ref: Ref
    scope: str
    title: str
    state: CaseState
    outcome: str
    opened_on: date
    closed_on: date | None
    open_steps: tuple[tuple[str, str], ...]
    steps_done: int
    steps_total: int
    due_on: date | None
    light: Light


@dataclass(frozen=True, slots=True)
class OpenStep:
    """An open step in a list of work: whose it is, when it is due, how it stands."""

    ref: Ref
    case_ref: Ref
    procedure: str
    case_title: str
    subject_ref: Ref
    scope: str
    key: str
    title: str
    kind: StepKind
    state: StepState
    by_role: str
    due_on: date | None
    light: Light
    over_run_days: int
    detail: str


# --- gatherings ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One point of a programme; the speaker is a party."""

    title: str
    starts_at: str = ""  # "09:30"
    speaker_ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What a gathering made: a list, a plan, a decision; with the reference of the record where there is one."""

    title: str
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class ActionPoint:
    """What somebody is to do after a gathering, and by when: it becomes a task."""

    title: str
    owner_role: str
    due_on: date | None = None
    owner_ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Attendee:
    """One person at a gathering, or one unknown person of this sex and age group.

    Names live with parties only: whoever is to be named is registered there first and given as `person_ref`.
    `name` is filled in answers, where the reader may see it; given without `person_ref` it is refused.
    """

    person_ref: Ref | None = None
    name: str = ""
    role: str = "participant"
    sex: str = "not_stated"
    age_group: str = "not_stated"
    group_ref: Ref | None = None
    invited: bool = False
    attended: bool = True


@dataclass(frozen=True, slots=True)
class AttendanceCount:
    """How many different people. Exact where all are listed; with totals only, a lowest and a highest possible number.

    `by_sex` and `by_age_group` count attendances (listed people once, totals as given), "not_stated" as a line of
    its own.
    """

    people_min: int
    people_max: int
    listed: int
    unlisted: int
    by_sex: Mapping[str, int]
    by_age_group: Mapping[str, int]

    @property
    def is_exact(self) -> bool:
        return self.people_min == self.people_max


@dataclass(frozen=True, slots=True)
class SessionReportView:
    """A report on a gathering that is expected from one party: a study tour expects one from each visiting group."""

    from_ref: Ref
    submission_ref: Ref | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """Any gathering, visit or trip, with its people."""

    ref: Ref
    kind: str
    curriculum: str
    title: str
    scope: str
    state: SessionState
    held_on: date
    ended_on: date | None
    hosts: tuple[Ref, ...]
    about: tuple[Ref, ...]
    agenda: tuple[AgendaItem, ...]
    products: tuple[Product, ...]
    issues: tuple[str, ...]
    totals: Mapping[str, int]
    purpose: str
    cost_minor: int | None
    currency: str
    minutes: str
    details: Mapping[str, str]
    reports: tuple[SessionReportView, ...]
    materials: tuple[Product, ...]
    travel_km: int | None
    travel_by: str
    step_ref: Ref | None
    case_ref: Ref | None
    course_ref: Ref | None
    count: AttendanceCount

    @property
    def reports_missing(self) -> tuple[Ref, ...]:
        return tuple(report.from_ref for report in self.reports if report.submission_ref is None)


@dataclass(frozen=True, slots=True)
class PastAttendees:
    """Everyone who took part in the gatherings of a case (CER-20): people once each, and how many were only counted."""

    people: tuple[Attendee, ...]
    unlisted: int


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """One person in a course, with the certificate if they hold one."""

    person_ref: Ref
    group_ref: Ref | None
    state: str  # enrolled | completed | left
    hours_attended: Decimal
    completed_on: date | None
    certificate_ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course given from a declared curriculum."""

    ref: Ref
    curriculum: str
    version: str
    title: str
    level: str  # grassroots | national | regional | interregional
    scope: str
    starts_on: date
    ends_on: date
    state: str  # planned | running | finished
    trainers: tuple[Ref, ...]
    sessions: tuple[Ref, ...]
    enrolments: tuple[EnrolmentView, ...]
    hours: Decimal = Decimal(0)
    delivered_by: DeliveredBy = DeliveredBy.PROGRAMME
    provider_ref: Ref | None = None
    communities: tuple[Ref, ...] = ()
    finished_on: date | None = None


# --- tasks -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskView:
    """Who owes what by when, about what."""

    ref: Ref
    title: str
    about: Ref | None
    owner_role: str
    owner_ref: Ref | None
    scope: str
    due_on: date | None
    state: TaskState
    finished_on: date | None
    note: str
    proof_ref: Ref | None
    source: str  # "calendar:<id>", or the reference of what caused it
    asks: str  # full id of the form or report that finishes it, or empty
    light: Light
    days_late: int
