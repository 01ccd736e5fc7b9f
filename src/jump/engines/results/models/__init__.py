"""Tables of the results engine, and the guards that keep what was frozen."""

from jump.engines.results.models.figures import Figure, FigureChunk, FigureSet
from jump.engines.results.models.frameworks import Assumption, AssumptionReview, FrameworkVersion, Node
from jump.engines.results.models.indicators import Baseline, Indicator, IndicatorVersion, Target, WithdrawnBaseline
from jump.engines.results.models.plans import Activity, OutputProof, Plan
from jump.engines.results.models.references import Reading, ReferenceFigure
from jump.engines.results.models.values import Computation, FactChunk, Value

__all__ = [
    "Activity",
    "Assumption",
    "AssumptionReview",
    "Baseline",
    "Computation",
    "FactChunk",
    "Figure",
    "FigureChunk",
    "FigureSet",
    "FrameworkVersion",
    "Indicator",
    "IndicatorVersion",
    "Node",
    "OutputProof",
    "Plan",
    "Reading",
    "ReferenceFigure",
    "Target",
    "Value",
    "WithdrawnBaseline",
]
