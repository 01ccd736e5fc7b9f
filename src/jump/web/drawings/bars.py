"""Bars lying down: a funnel from ideas to jobs, and bars of several parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from jump.web.drawings import tokens as t
from jump.web.drawings.svg import both, drawing, element, text, two_part_text
from jump.web.formats import number

# Parts of a bar: the order of the design, women first.
PART_COLOURS = (t.BRAND, t.SUN, t.BLUE, t.EDGE, t.VIOLET)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its word, its figure, and a note beside the figure."""

    label: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar of several parts, in the order of the kinds."""

    label: str
    values: tuple[float, ...]


def bars(
    *, key: str, title: str, finding: str, rows: Sequence[Bar], fade: bool = True, widths: str = "both"
) -> SafeString:
    """Bars with their words at the start and their figures at the end. `fade`: pale to full, as things come true."""
    wide = _bars(640, 110, 380, 28, f"{key}-w", title, finding, rows, fade=fade, notes=True)
    narrow = _bars(340, 90, 150, 11, f"{key}-n", title, finding, rows, fade=fade, notes=False)
    return both(wide, narrow, widths)


def _bars(
    width: float,
    start: float,
    longest: float,
    shortest: float,
    key: str,
    title: str,
    finding: str,
    rows: Sequence[Bar],
    *,
    fade: bool,
    notes: bool,
) -> SafeString:
    most = max((row.value for row in rows), default=0) or 1
    start = max(start, 14 + 8.8 * max((len(row.label) for row in rows), default=0))
    longest = min(longest, width - start - (150 if notes else 100))
    parts = []
    for position, row in enumerate(rows):
        y = 6 + 40 * position
        length = max(shortest, row.value / most * longest) if row.value else 0
        parts.append(text(0, y + 19, row.label, size=15, weight=600))
        if length:
            strength = 0.45 + 0.55 * position / max(1, len(rows) - 1) if fade else 1
            parts.append(
                element(
                    "rect",
                    x=start,
                    y=y,
                    width=round(length),
                    height=28,
                    rx=4,
                    fill=t.BRAND,
                    fill_opacity=f"{strength:.2f}",
                )
            )
        note = row.note if notes else ""
        parts.append(two_part_text(start + round(length) + 8, y + 20, number(row.value), note))
    return drawing(width, 40 * len(rows), parts, key=key, title=title, finding=finding)


def stacked_bars(
    *, key: str, title: str, finding: str, rows: Sequence[Stack], kinds: Sequence[str], widths: str = "both"
) -> SafeString:
    """Bars of several parts with their sum at the end; the kinds are named above in the order of the parts."""
    wide = _stacks(640, 130, 420, f"{key}-w", title, finding, rows, kinds)
    narrow = _stacks(340, 96, 170, f"{key}-n", title, finding, rows, kinds)
    return both(wide, narrow, widths)


def _stacks(
    width: float,
    start: float,
    longest: float,
    key: str,
    title: str,
    finding: str,
    rows: Sequence[Stack],
    kinds: Sequence[str],
) -> SafeString:
    most = max((sum(row.values) for row in rows), default=0) or 1
    start = max(start, 14 + 8.8 * max((len(row.label) for row in rows), default=0))
    longest = min(longest, width - start - 70)
    parts, x, line = [], 0.0, 0
    for kind, colour in zip(kinds, PART_COLOURS, strict=False):
        needs = 44 + 8.4 * len(kind)
        if x and x + needs > width:
            x, line = 0.0, line + 1
        parts.append(element("rect", x=x, y=4 + 22 * line, width=14, height=10, rx=2, fill=colour))
        parts.append(text(x + 20, 14 + 22 * line, kind, fill=t.INK_2))
        x += needs
    head = 28 + 22 * line
    for position, row in enumerate(rows):
        y = head + 40 * position
        parts.append(text(0, y + 19, row.label, size=15, weight=600))
        x = start
        for value, colour in zip(row.values, PART_COLOURS, strict=False):
            length = value / most * longest
            if length > 0:
                parts.append(
                    element("rect", x=x, y=y, width=length, height=28, fill=colour, stroke="#fff", stroke_width=1)
                )
            x += length
        parts.append(two_part_text(x + 8, y + 20, number(sum(row.values)), ""))
    return drawing(width, head + 40 * len(rows), parts, key=key, title=title, finding=finding)
