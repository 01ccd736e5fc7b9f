"""Charts and the map as inline SVG: presentation attributes only, a title, a description that tells the finding.

Each function returns the drawing for wide screens together with the one for phones. The same figures belong in a
table below it.
"""

from jump.web.drawings.balance import balance_chart
from jump.web.drawings.bars import Bar, Stack, bars, stacked_bars
from jump.web.drawings.flow import Flow, finding_of, flow
from jump.web.drawings.line import Band, Point, line_chart
from jump.web.drawings.world import CENTRES, Dot, world_map

__all__ = [
    "CENTRES",
    "Band",
    "Bar",
    "Dot",
    "Flow",
    "Point",
    "Stack",
    "balance_chart",
    "bars",
    "finding_of",
    "flow",
    "line_chart",
    "stacked_bars",
    "world_map",
]
