"""The door of the results engine: frameworks, indicators, values, frozen figures, plans, assumptions, references.

Framework:   framework(actor, version=None), frameworks(actor), node(actor, id), compare_frameworks(actor, old, new),
             approve_framework(actor, *, ref, on, why), export_logframe(actor, version=None) -> str (CSV),
             import_logframe(actor, *, text, title, version, on) -> Ref, gaps(actor) (outputs without indicator or reason)
Indicators:  indicators(actor), indicator(actor, id), set_baseline(...), set_target(...), split_target(...), targets(...),
             baselines(...)
Values:      compute(actor, *, as_of) -> Ref, computation(actor), recompute_later(actor), current(actor, *, indicator, scope),
             table(actor, *, scope, as_of=None), by_scope(actor, *, indicator, kind="country"),
             series(actor, *, indicator, scope, by="half_year"), headline(actor)
Figures:     freeze(actor, *, period, on) -> Ref, figure_set(actor, ref), figure_sets(actor), figures(actor, *, set_ref, ...),
             figure(actor, ref, *, limit, offset), reproduce(ref) -> Reproduction, fill_series(actor, *, upto)
Activities:  plan_activity, start_activity, finish_activity, drop_activity, activities, output_status, prove_output
Plans:       make_plan, approve_plan, roll_up_plans, plan, plans
Assumptions: assumptions(actor), review_assumption(...)
References:  reference_figures(actor), readings(actor), reference_figure(actor, id)
"""

from jump.engines.results.queries.activities import activities, activity, output_status, plan, plans
from jump.engines.results.queries.assumptions import assumption, assumptions
from jump.engines.results.queries.figures import (
    Reproduction,
    figure,
    figure_set,
    figure_sets,
    figures,
    reproduce,
)
from jump.engines.results.queries.frameworks import (
    compare_frameworks,
    export_logframe,
    framework,
    frameworks,
    gaps,
    node,
)
from jump.engines.results.queries.indicators import baselines, indicator, indicators, targets
from jump.engines.results.queries.references import readings, reference_figure, reference_figures
from jump.engines.results.queries.values import by_scope, computation, current, headline, series, table
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
from jump.engines.results.types import *  # noqa: F403  the views are part of the door

__all__ = [
    "framework", "frameworks", "node", "compare_frameworks", "approve_framework", "export_logframe", "import_logframe", "gaps",
    "indicators", "indicator", "set_baseline", "set_target", "split_target", "targets", "baselines",
    "compute", "computation", "recompute_later", "fill_series", "current", "table", "by_scope", "series", "headline",
    "freeze", "figure_set", "figure_sets", "figures", "figure", "reproduce", "Reproduction",
    "plan_activity", "start_activity", "finish_activity", "drop_activity", "activities", "activity",
    "output_status", "prove_output",
    "make_plan", "approve_plan", "roll_up_plans", "plan", "plans",
    "assumptions", "assumption", "review_assumption",
    "reference_figures", "reference_figure", "readings",
]  # fmt: skip
