"""What is left of a loan: the schedule as steps, what was really paid beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jump.web.drawings import tokens as t
from jump.web.drawings.line import Point, _Plot, _scale
from jump.web.drawings.svg import Xy, both, drawing, element, points, text
from jump.web.formats import day_short


def balance_chart(
    *,
    key: str,
    title: str,
    finding: str,
    planned: Sequence[Point],
    paid: Sequence[Point],
    today: date,
    widths: str = "both",
) -> SafeString:
    """What should be left after each due date (dashed) and what is left in truth (full line), in major units."""
    wide = _draw(640, 240, 70, 620, f"{key}-w", title, finding, planned, paid, today)
    narrow = _draw(340, 210, 62, 326, f"{key}-n", title, finding, planned, paid, today)
    return both(wide, narrow, widths)


def _steps(plot: _Plot, row: Sequence[Point], until: date | None = None) -> list[Xy]:
    """A debt stays until the day it changes."""
    places: list[Xy] = []
    for point in row:
        if places:
            places.append((plot.x(point.on), places[-1][1]))
        places.append(plot.at(point.on, point.value))
    if until is not None and places:
        places.append((plot.x(until), places[-1][1]))
    return places


def _draw(
    width: float,
    height: float,
    left: float,
    right: float,
    key: str,
    title: str,
    finding: str,
    planned: Sequence[Point],
    paid: Sequence[Point],
    today: date,
) -> SafeString:
    days = [point.on.toordinal() for point in (*planned, *paid)] or [0, 1]
    high = max((point.value for point in (*planned, *paid)), default=1) or 1
    plot = _Plot(left, right, 28, height - 34, min(days), max(*days, min(days) + 1), high * 1.05)
    parts = _scale(plot, high)
    parts.append(text(left, height - 12, day_short(planned[0].on) if planned else "", fill=t.INK_2))
    parts.append(text(right, height - 12, day_short(planned[-1].on) if planned else "", fill=t.INK_2, anchor="end"))
    parts.append(
        element(
            "polyline",
            fill="none",
            stroke=t.EDGE,
            stroke_width=2,
            stroke_dasharray="5 4",
            points=points(_steps(plot, planned)),
        )
    )
    if paid:
        now = min(max(today, paid[-1].on), date.fromordinal(plot.last))
        line = _steps(plot, paid, now)
        parts.append(
            element(
                "polyline",
                fill="none",
                stroke=t.BRAND_DEEP,
                stroke_width=3.5,
                stroke_linejoin="round",
                points=points(line),
            )
        )
        parts.append(
            element("circle", cx=line[-1][0], cy=line[-1][1], r=6, fill=t.BRAND_DEEP, stroke="#fff", stroke_width=2)
        )
    parts.append(element("line", x1=left, x2=left + 22, y1=12.0, y2=12.0, stroke=t.BRAND_DEEP, stroke_width=3.5))
    words = _("Still to pay")
    parts.append(text(left + 28, 17, words))
    start = left + 44 + 7.6 * len(words)
    parts.append(
        element(
            "line", x1=start, x2=start + 22, y1=12.0, y2=12.0, stroke=t.EDGE, stroke_width=2, stroke_dasharray="5 4"
        )
    )
    parts.append(text(start + 28, 17, _("By the schedule")))
    return drawing(width, height, parts, key=key, title=title, finding=finding)
