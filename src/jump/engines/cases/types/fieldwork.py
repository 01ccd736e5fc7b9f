"""What crosses the door about extension workers: their days, months, supervision and absorption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jump.core.units import Ref
from jump.engines.cases.types import SessionView, TaskView

# The kinds of session by which the work of extension workers is counted.
VISIT = "visit"
SUPERVISION = "supervision"
TECHNICAL_TRAINING = "technical_training"
IN_SERVICE = "in_service_meeting"


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One day of a worker: the visits and gatherings planned and held, and the tasks that are due."""

    day: date
    sessions: tuple[SessionView, ...]
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """One figure of a monthly summary, and the records that it counts."""

    key: str
    number: int
    refs: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class MonthView:
    """A worker's month: computed from what was recorded until it is signed, from then on as it was signed."""

    ref: Ref | None
    worker_ref: Ref
    month: date
    counts: tuple[MonthCount, ...]
    signed_on: date | None = None
    signed_by: str = ""
    read_on: date | None = None
    read_by: str = ""
    note: str = ""
    answer: str = ""
    changed_since: bool = False  # what is on record now differs from what was signed

    def number(self, key: str) -> int:
        return next((one.number for one in self.counts if one.key == key), 0)


@dataclass(frozen=True, slots=True)
class SupervisionRow:
    """One worker in one period: when they were supervised, technical training, the month signed."""

    worker_ref: Ref
    name: str
    supervised: tuple[SessionView, ...]
    trained: tuple[SessionView, ...]
    meetings: int
    month_signed: bool

    @property
    def is_missing(self) -> bool:
        return not self.supervised


@dataclass(frozen=True, slots=True)
class AbsorptionRow:
    """One worker at the end of the project: the case of their absorption, and how it stands."""

    worker_ref: Ref
    name: str
    case_ref: Ref | None
    step: str
    outcome: str

    @property
    def is_settled(self) -> bool:
        return bool(self.outcome)


@dataclass(frozen=True, slots=True)
class AbsorptionView:
    """All workers: every one is placed or explained before the project ends (EXTWORK-06)."""

    rows: tuple[AbsorptionRow, ...]

    @property
    def settled(self) -> int:
        return sum(row.is_settled for row in self.rows)

    @property
    def is_complete(self) -> bool:
        return bool(self.rows) and self.settled == len(self.rows)

    def number(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)


@dataclass(frozen=True, slots=True)
class MeetingRhythm:
    """One month and the meetings of workers that were held in it; a month without one is shown."""

    month: date
    sessions: tuple[Ref, ...]
