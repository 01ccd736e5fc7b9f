"""The door of the results engine: frameworks, indicators, values, frozen figures, plans, assumptions, references.

Framework:   framework(actor, version=None, *, package="") frameworks(actor) node(actor, id) gaps(actor)
             compare_frameworks(actor, *, old, new) approve_framework(actor, *, ref, on, why)
             export_logframe(actor, version=None) -> CSV import_logframe(actor, *, text, package, version, on, why)
Indicators:  indicators(actor) indicator(actor, id) targets(actor, *, indicator="", scope="") baselines(...)
             set_baseline(actor, *, indicator, scope, value, on, source_ref="", note="")
             set_target(actor, *, indicator, scope, by, value, dimension="", category="", why="")
             split_target(actor, *, indicator, scope, by, parts, dimension="", why="")
Values:      compute(actor, *, as_of) fill_series(actor, *, upto, by="half_year") recompute_later(actor, *, on)
             computation(actor) current(actor, *, indicator, scope="") table(actor, *, scope="", as_of=None)
             by_scope(actor, *, indicator, kind="country", scope="") headline(actor, *, scope="")
             series(actor, *, indicator, scope="", by="half_year", dimension="", category="")
             course(actor, *, kind="country", beside=()) -> Course: headline, places and series read together
             ground_of(actor, *, scope="") -> Ground: give it as `ground=` to table, current, by_scope, series,
             output_status and computation, which then do not read it again
             whole_value(actor, *, indicator, scope) -> Decimal | None
Figures:     freeze(actor, *, period, on, why="") figure_sets(actor) figure_set(actor, ref) reproduce(ref)
             figures(actor, *, set_ref, indicator="", scope="", whole_only=False) figure(actor, ref, *, limit, offset)
Activities:  plan_activity start_activity finish_activity drop_activity prove_output
             activities(actor, *, scope, node, state, plan_ref) activity(actor, ref) output_status(actor, *, scope)
Plans:       make_plan approve_plan roll_up_plans plan(actor, ref) plans(actor, *, scope, kind)
Assumptions: assumptions(actor) assumption(actor, ref) review_assumption(...)
References:  reference_figures(actor, *, kind, q) reference_figure(actor, id) readings(actor)
"""

from jump.engines.results.queries.activities import activities, activity, output_status, plan, plans
from jump.engines.results.queries.assumptions import assumption, assumptions
from jump.engines.results.queries.course import Course, course, whole_value
from jump.engines.results.queries.figures import (
    Reproduction,
    figure,
    figure_set,
    figure_sets,
    figures,
    reproduce,
)
from jump.engines.results.queries.frameworks import (
    Gap,
    NodeChange,
    compare_frameworks,
    export_logframe,
    framework,
    frameworks,
    gaps,
    node,
)
from jump.engines.results.queries.headline import headline
from jump.engines.results.queries.indicators import baselines, indicator, indicators, targets
from jump.engines.results.queries.references import readings, reference_figure, reference_figures
from jump.engines.results.queries.series import series
from jump.engines.results.queries.values import Ground, by_scope, computation, current, ground_of, table
from jump.engines.results.services.activities import (
    drop_activity,
    finish_activity,
    plan_activity,
    prove_output,
    start_activity,
)
from jump.engines.results.services.assumptions import review_assumption
from jump.engines.results.services.compute import compute, fill_series, recompute_later
from jump.engines.results.services.frameworks import approve_framework, import_logframe
from jump.engines.results.services.freeze import freeze
from jump.engines.results.services.plans import approve_plan, make_plan, roll_up_plans
from jump.engines.results.services.targets import set_baseline, set_target, split_target
from jump.engines.results.types import (
    ActivityState,
    ActivityView,
    AssumptionReviewView,
    AssumptionView,
    BaselineView,
    ComputationView,
    FigureSetView,
    FigureView,
    Forecast,
    FrameworkView,
    HeadlineView,
    IndicatorView,
    InputView,
    Level,
    Light,
    NodeView,
    OutputState,
    OutputStatus,
    Part,
    PlanKind,
    PlanSection,
    PlanView,
    ReadingView,
    ReferenceFigureView,
    ScopeRow,
    SeriesPoint,
    Sign,
    TableRow,
    TargetView,
    ValueView,
    Wording,
)

__all__ = [
    "framework",
    "frameworks",
    "node",
    "compare_frameworks",
    "approve_framework",
    "export_logframe",
    "import_logframe",
    "gaps",
    "indicators",
    "indicator",
    "set_baseline",
    "set_target",
    "split_target",
    "targets",
    "baselines",
    "compute",
    "computation",
    "recompute_later",
    "fill_series",
    "current",
    "table",
    "by_scope",
    "series",
    "headline",
    "course",
    "ground_of",
    "Ground",
    "Course",
    "whole_value",
    "freeze",
    "figure_set",
    "figure_sets",
    "figures",
    "figure",
    "reproduce",
    "Reproduction",
    "plan_activity",
    "start_activity",
    "finish_activity",
    "drop_activity",
    "activities",
    "activity",
    "output_status",
    "prove_output",
    "make_plan",
    "approve_plan",
    "roll_up_plans",
    "plan",
    "plans",
    "assumptions",
    "assumption",
    "review_assumption",
    "reference_figures",
    "reference_figure",
    "readings",
    "Gap",
    "NodeChange",
    "ActivityState",
    "ActivityView",
    "AssumptionReviewView",
    "AssumptionView",
    "BaselineView",
    "ComputationView",
    "FigureSetView",
    "FigureView",
    "Forecast",
    "FrameworkView",
    "HeadlineView",
    "IndicatorView",
    "InputView",
    "Level",
    "Light",
    "NodeView",
    "OutputState",
    "OutputStatus",
    "Part",
    "PlanKind",
    "PlanSection",
    "PlanView",
    "ReadingView",
    "ReferenceFigureView",
    "ScopeRow",
    "SeriesPoint",
    "Sign",
    "TableRow",
    "TargetView",
    "ValueView",
    "Wording",
]
