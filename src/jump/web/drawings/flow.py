"""Where money comes from and where it goes: streams between columns; on a phone a ranked list with bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from jump.web.drawings import tokens as t
from jump.web.drawings.svg import both, drawing, element, n, text
from jump.web.formats import number

COLOURS = (t.BLUE, t.WARN, t.VIOLET, t.BRAND, t.OCHRE, t.STONE)
WIDTH, NODE, TOP, GAP = 520.0, 16.0, 10.0, 30.0
LABELS = 168.0  # room for the longest words of the last column


@dataclass(frozen=True, slots=True)
class Flow:
    """So much goes from one place to the next."""

    source: str
    target: str
    value: float


@dataclass(slots=True)
class _Node:
    name: str
    column: int
    value: float = 0.0
    top: float = 0.0
    left: float = 0.0
    given: float = 0.0  # how much of its right edge is already taken
    taken: float = 0.0  # how much of its left edge
    colour: str = t.BRAND


def flow(
    *, key: str, title: str, finding: str, flows: Sequence[Flow], unit: str = "", widths: str = "both"
) -> SafeString:
    """Streams as wide as the sums they carry. `flows` are given column by column, from left to right."""
    wide = _streams(key, title, finding, flows)
    if widths == "wide":
        return wide
    return both(wide, _ranked(title, flows, unit), widths)


def _nodes(flows: Sequence[Flow]) -> dict[str, _Node]:
    """The places, each in the column after everything that flows into it."""
    nodes: dict[str, _Node] = {}
    for stream in flows:
        source = nodes.setdefault(stream.source, _Node(stream.source, 0))
        target = nodes.setdefault(stream.target, _Node(stream.target, source.column + 1))
        target.column = max(target.column, source.column + 1)
    for node in nodes.values():
        inwards = sum(stream.value for stream in flows if stream.target == node.name)
        outwards = sum(stream.value for stream in flows if stream.source == node.name)
        node.value = max(inwards, outwards)
    return nodes


def _streams(key: str, title: str, finding: str, flows: Sequence[Flow]) -> SafeString:
    nodes = _nodes(flows)
    columns = [
        [node for node in nodes.values() if node.column == column]
        for column in range(max((node.column for node in nodes.values()), default=0) + 1)
    ]
    most = max((sum(node.value for node in column) for column in columns), default=1) or 1
    tallest = max((len(column) for column in columns), default=1)
    height = max(200.0, 372.0)
    unit_height = (height - GAP * max(0, tallest - 1)) / most
    step = (WIDTH - LABELS - NODE - 4) / max(1, len(columns) - 1)
    for position, column in enumerate(columns):
        used = sum(node.value for node in column) * unit_height + GAP * (len(column) - 1)
        top = TOP + (height - used) / 2
        for node in column:
            node.left, node.top = 4 + position * step, top
            top += node.value * unit_height + GAP
    _colour(columns, flows, nodes)
    parts = [_stream(nodes[stream.source], nodes[stream.target], stream.value * unit_height) for stream in flows]
    for node in nodes.values():
        tall = max(1.0, node.value * unit_height)
        middle = node.top + tall / 2
        parts.append(element("rect", x=node.left, y=node.top, width=NODE, height=tall, rx=2, fill=node.colour))
        parts.append(text(node.left + NODE + 6, middle - 1, node.name, weight=650, halo=True))
        parts.append(text(node.left + NODE + 6, middle + 15, number(node.value), size=13, fill=t.INK_2, halo=True))
    return drawing(WIDTH, height + 20, parts, key=key, title=title, finding=finding)


def _colour(columns: list[list[_Node]], flows: Sequence[Flow], nodes: dict[str, _Node]) -> None:
    """Each of the first two columns has its own colours; later places take the colour of what feeds them."""
    for position, node in enumerate(columns[0] if columns else ()):
        node.colour = COLOURS[position % 3]
    for column in columns[1:]:
        for position, node in enumerate(column):
            feeds = [stream for stream in flows if stream.target == node.name]
            largest = max(feeds, key=lambda stream: stream.value)
            parent = nodes[largest.source]
            node.colour = COLOURS[3 + position % 3] if node.column == 1 else parent.colour


def _stream(source: _Node, target: _Node, thick: float) -> str:
    y1 = source.top + source.given + thick / 2
    y2 = target.top + target.taken + thick / 2
    source.given += thick
    target.taken += thick
    x1, x2 = source.left + NODE, target.left
    half = (x1 + x2) / 2
    colour = source.colour if source.column == 0 else target.colour
    path = f"M{n(x1)} {n(y1)}C{n(half)} {n(y1)} {n(half)} {n(y2)} {n(x2)} {n(y2)}"
    return element("path", d=path, fill="none", stroke=colour, stroke_opacity=".32", stroke_width=max(0.5, thick))


def _ranked(title: str, flows: Sequence[Flow], unit: str) -> SafeString:
    """The last column by size."""
    sources = {stream.source for stream in flows}
    ends: dict[str, float] = {}
    for stream in flows:
        if stream.target not in sources:
            ends[stream.target] = ends.get(stream.target, 0) + stream.value
    rows = sorted(ends.items(), key=lambda row: -row[1])
    page = {"title": title, "rows": rows, "most": rows[0][1] if rows else 1, "unit": unit}
    return SafeString(render_to_string("components/ranked.html", page))


def finding_of(flows: Sequence[Flow], unit: str) -> str:
    """Every stream in words, for a description.

    >>> finding_of([Flow("Donor", "Training", 620)], "US$ thousand")
    'Donor – Training: 620 US$ thousand'
    """
    return "; ".join(f"{one.source} – {one.target}: {number(one.value)} {unit}".strip() for one in flows)
