"""What crosses the door about curricula, courses and lists of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jump.core.units import Ref
from jump.engines.cases.types import Light


@dataclass(frozen=True, slots=True)
class CourseGateView:
    """One gate of a curriculum for one person. A gate that is waived counts as passed, with who and why."""

    id: str
    text: str
    at: str  # entry | exit
    met: bool
    why: str = ""

    @property
    def passed(self) -> bool:
        return self.met or bool(self.why)


@dataclass(frozen=True, slots=True)
class CurriculumView:
    """A curriculum in its latest version, and how often it was given."""

    id: str
    version: str
    title: str
    purpose: str
    audience: str
    level: str
    hours: Decimal
    modules: tuple[tuple[str, Decimal], ...]
    gates: tuple[CourseGateView, ...]
    qualification: str
    evaluation: str
    courses: int
    last_given_on: date | None


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """What participants say of a course: how many forms, and the mean of the question that rates it."""

    form: str
    answered: int
    asked: int
    rating: Decimal | None
    submissions: tuple[Ref, ...]
    revision_task: Ref | None
    revised: bool


@dataclass(frozen=True, slots=True)
class CoverageView:
    """Communities trained over communities planned, for one curriculum (TRAIN-08)."""

    curriculum: str
    title: str
    planned: tuple[str, ...]  # scope paths
    trained: tuple[str, ...]
    rounds: int  # how many courses or gatherings it took

    @property
    def share(self) -> Decimal | None:
        return Decimal(len(self.trained)) / len(self.planned) if self.planned else None


@dataclass(frozen=True, slots=True)
class DeliveryShare:
    """People trained in a period, by who gave the training; each person once for each class of provider."""

    since: date
    until: date
    by_provider: Mapping[str, int]
    total: int

    @property
    def movement_share(self) -> Decimal | None:
        return Decimal(self.by_provider.get("movement", 0)) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """People who completed a curriculum, of one organisation, centre or group, by sex."""

    curriculum: str
    of_ref: Ref | None
    people: int
    by_sex: Mapping[str, int]
    last_on: date


@dataclass(frozen=True, slots=True)
class TrainingDeadline:
    """A curriculum that must have been given before something begins: the first review, the phase-out."""

    curriculum: str
    title: str
    before: str
    due_on: date
    completed: int
    first_completed_on: date | None
    light: Light

    @property
    def in_time(self) -> bool:
        return self.first_completed_on is not None and self.first_completed_on < self.due_on


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One row of a list of people: known by number, to be registered with consent, or only counted."""

    row: int
    person_ref: Ref | None
    given_name: str
    family_name: str
    sex: str
    birth_year: int | None
    age_group: str
    group_ref: Ref | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class ListProblem:
    """What is wrong with one cell of a list: sheet row, column heading, what stands there, what to do."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A list as it was read: the good rows, every problem, and the cells again for the second sending."""

    people: tuple[ListedPerson, ...]
    problems: tuple[ListProblem, ...]
    cells: tuple[Mapping[str, str], ...] = ()
