"""What crosses the door of the results engine: frameworks, indicators, values, figures, plans, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jump.core.units import Ref

# --- framework -------------------------------------------------------------------------------------------


class Level(StrEnum):
    DEVELOPMENT_OBJECTIVE = "development_objective"
    IMMEDIATE_OBJECTIVE = "immediate_objective"
    OUTPUT = "output"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Wording:
    """Another wording of the same node, where the source states it twice (LOGFRAME-02)."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node of the framework's tree, with a stable id."""

    id: str
    number: str
    level: Level
    text: str
    parent: str | None
    variants: tuple[Wording, ...] = ()
    activity_group: str = ""
    focus_area: str = ""
    source: str = ""
    no_indicator_reason: str = ""
    indicators: tuple[str, ...] = ()
    children: tuple[NodeView, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """One version of a framework, as a tree from its development objective."""

    ref: Ref
    id: str
    package: str
    version: str
    title: str
    installed_on: date
    approved_on: date | None
    approved_by: str
    what_changed: str
    roots: tuple[NodeView, ...]
    counts: Mapping[str, int]


# --- indicators and their values -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """A definition: what is counted, how, from what, by whom and how often."""

    ref: Ref
    id: str
    version: str
    title: str
    definition: str
    unit: str
    node: str
    node_text: str
    number: str
    aggregate: str
    window: str
    disaggregate: tuple[str, ...]
    source_of_verification: str
    frequency: str
    owner: str
    is_planned: bool
    planned_reason: str
    is_headline: bool
    good_direction: str
    provenance: str
    source: str


class Light(StrEnum):
    """How an actual stands against the share of the target due by now. Always printed with its words."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a disaggregation. `is_hidden`: too few people to show, or a neighbour that would give them away."""

    dimension: str
    category: str
    title: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    n: int
    ref: Ref | None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ValueView:
    """The value of an indicator at a place, computed from records; `value` None means not defined, never zero."""

    ref: Ref | None
    indicator: str
    indicator_title: str
    unit: str
    scope: str
    place: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    n: int
    as_of: date
    target: Decimal | None
    target_by: date | None
    baseline: Decimal | None
    baseline_on: date | None
    parts: tuple[Part, ...] = ()
    is_hidden: bool = False
    is_planned: bool = False
    planned_reason: str = ""

    def part(self, category: str, dimension: str = "sex") -> Part | None:
        """The line of this category, if there is one."""
        return next((one for one in self.parts if (one.dimension, one.category) == (dimension, category)), None)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the results table: where an indicator stands."""

    indicator: IndicatorView
    value: ValueView
    baseline: Decimal | None
    target: Decimal | None
    target_by: date | None
    gap: Decimal | None
    share: Decimal | None
    share_of_time: Decimal | None
    light: Light
    light_text: str


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """An indicator at one place of a kind (country, community), with its target there."""

    scope: str
    place: str
    ref: str
    value: ValueView
    target: Decimal | None
    share: Decimal | None
    women: Part | None
    men: Part | None


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """The value at the end of one period."""

    period: str
    starts_on: date
    ends_on: date
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    ref: Ref | None
    is_frozen: bool
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class TargetView:
    ref: Ref
    indicator: str
    scope: str
    place: str
    category: str
    by: date
    value: Decimal
    set_by: str
    set_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class BaselineView:
    ref: Ref
    indicator: str
    scope: str
    place: str
    value: Decimal
    on: date
    source_ref: Ref | None
    note: str


@dataclass(frozen=True, slots=True)
class ComputationView:
    """One pass over the facts."""

    ref: Ref
    as_of: date
    finished_at: datetime
    facts: int
    values: int
    seconds: Decimal
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the simulation says: bands of the total on the target's day, and the chance to reach the target.

    Month by month: half of all futures lie between `low` and `high`, four in five between `lowest` and `highest`.
    """

    months: tuple[date, ...]
    lowest: tuple[int, ...]
    low: tuple[int, ...]
    middle: tuple[int, ...]
    high: tuple[int, ...]
    highest: tuple[int, ...]
    chance: Decimal
    draws: int
    seed: int
    assumptions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeadlineView:
    """Are we on course? Stored values only."""

    indicator: str
    title: str
    jobs: Decimal | None
    target: Decimal | None
    target_by: date | None
    women: Decimal | None
    men: Decimal | None
    not_stated: Decimal | None
    as_of: date | None
    figure_ref: Ref | None
    starts_on: date | None
    share: Decimal | None
    share_of_time: Decimal | None
    expected_by_now: Decimal | None
    light: Light
    forecast: Forecast | None
    chance: Decimal | None


# --- frozen figures --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InputView:
    """One fact a figure was computed from: the record it stands for, and what it gave."""

    ref: Ref
    fact: str
    party: Ref | None
    scope: str
    on: date
    amount: Decimal
    role: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure that was frozen with its inputs and the definition it was computed under, or a current value."""

    ref: Ref
    set_ref: Ref | None
    period: str
    indicator: str
    indicator_title: str
    definition: str
    unit: str
    definition_version: str
    scope: str
    place: str
    dimension: str
    category: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    n: int
    as_of: date
    frozen_at: datetime | None
    frozen_by: str
    target: Decimal | None
    baseline: Decimal | None
    is_hidden: bool
    inputs: tuple[InputView, ...]
    inputs_total: int


@dataclass(frozen=True, slots=True)
class FigureSetView:
    """All figures of one period, as they were on the day they were frozen."""

    ref: Ref
    period: str
    starts_on: date
    ends_on: date
    as_of: date
    frozen_at: datetime
    frozen_by: str
    figures: int
    digest: str
    revision: int = 1
    why: str = ""


# --- activities, plans, assumptions ----------------------------------------------------------------------


class ActivityState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An activity of the framework at one place (LOGFRAME-03)."""

    ref: Ref
    node: str
    node_text: str
    activity_group: str
    focus_area: str
    scope: str
    place: str
    title: str
    state: ActivityState
    starts_on: date | None
    ends_on: date | None
    done_on: date | None
    owner: str
    evidence_ref: Ref | None
    plan_ref: Ref | None
    budget_line: str
    note: str
    is_late: bool


class OutputState(StrEnum):
    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    EVIDENCE_MISSING = "evidence_missing"
    ACHIEVED = "achieved"


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """An output is achieved by its own accepted evidence, never by a count of activities (LOGFRAME-04)."""

    node: str
    number: str
    text: str
    scope: str
    state: OutputState
    planned: int
    running: int
    done: int
    dropped: int
    evidence: tuple[Ref, ...]
    achieved_on: date | None


class PlanKind(StrEnum):
    OVERALL = "overall"
    PROJECT = "project"
    ANNUAL = "annual"
    PLAN_OF_ACTION = "plan_of_action"
    REGIONAL = "regional"


@dataclass(frozen=True, slots=True)
class PlanSection:
    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """A work plan: its sections and its activities; an approved plan is never changed, a newer version replaces it."""

    ref: Ref
    kind: PlanKind
    title: str
    scope: str
    place: str
    version: int
    starts_on: date
    ends_on: date
    made_on: date
    made_by: str
    approved_on: date | None
    approved_by: str
    sections: tuple[PlanSection, ...]
    activities: tuple[ActivityView, ...] = ()
    rolled_up_from: tuple[Ref, ...] = ()


class Sign(StrEnum):
    """Whether an assumption still holds."""

    HOLDS = "holds"
    AT_RISK = "at_risk"
    FAILED = "failed"
    NOT_REVIEWED = "not_reviewed"


@dataclass(frozen=True, slots=True)
class AssumptionReviewView:
    on: date
    sign: Sign
    status: str
    response: str
    by: str
    evidence_ref: Ref | None


@dataclass(frozen=True, slots=True)
class AssumptionView:
    ref: Ref
    id: str
    group: str
    text: str
    about: str
    owner: str
    source: str
    sign: Sign
    reviewed_on: date | None
    is_due: bool
    fallback: str = ""
    reviews: tuple[AssumptionReviewView, ...] = ()


# --- reference figures -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReferenceFigureView:
    """A figure somebody else printed: its claim, place, period and citation (EVIDENCE-01, -02)."""

    ref: Ref
    id: str
    claim: str
    value: Decimal | None
    value_text: str
    unit: str
    qualifier: str
    kind: str
    geography: str
    period: str
    source: str
    section: str
    as_of: str
    note: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """Figures that disagree, the one we use, and why. Both stay on show (EVIDENCE-03)."""

    ref: Ref
    id: str
    text: str
    figures: tuple[ReferenceFigureView, ...]
    chosen: str
    chosen_value: str
    why: str
    strength: str
    source: str
