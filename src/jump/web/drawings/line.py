"""A figure over time: what was counted, the forecast with its bands, and the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from jump.web.drawings import tokens as t
from jump.web.drawings.svg import Xy, apart, both, drawing, element, nice_ticks, points, text
from jump.web.formats import number


@dataclass(frozen=True, slots=True)
class Point:
    """A figure on a day."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class Band:
    """A forecast for a day: four futures in five lie between low and high, half between low_mid and high_mid."""

    on: date
    low: float
    low_mid: float
    middle: float
    high_mid: float
    high: float


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where the picture lies and how days and figures become places."""

    left: float
    right: float
    top: float
    bottom: float
    first: int
    last: int
    high: float

    def x(self, on: date) -> float:
        span = max(1, self.last - self.first)
        return self.left + (on.toordinal() - self.first) / span * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - value / self.high * (self.bottom - self.top)

    def at(self, on: date, value: float) -> Xy:
        return (self.x(on), self.y(value))


def line_chart(
    *,
    key: str,
    title: str,
    finding: str,
    points: Sequence[Point],
    bands: Sequence[Band] = (),
    target: float | None = None,
    target_label: str = "",
    now_label: str = "",
    widths: str = "both",
) -> SafeString:
    """What was counted as a line, the forecast as bands with its limits printed beside it, the target as a dashed line.

    `finding` says in a sentence what the picture shows; the same figures belong in a table below it.
    """
    shared = (title, finding, points, bands, target, target_label, now_label)
    wide = _draw(760, 330, 52, 674, 24, 296, f"{key}-w", *shared, years_each=1) if widths != "narrow" else SafeString()
    narrow = _draw(340, 250, 54, 286, 22, 220, f"{key}-n", *shared, years_each=2) if widths != "wide" else SafeString()
    return both(wide, narrow, widths)


def _draw(
    width: float,
    height: float,
    left: float,
    right: float,
    top: float,
    bottom: float,
    key: str,
    title: str,
    finding: str,
    counted: Sequence[Point],
    bands: Sequence[Band],
    target: float | None,
    target_label: str,
    now_label: str,
    *,
    years_each: int,
) -> SafeString:
    days = [point.on.toordinal() for point in counted] + [band.on.toordinal() for band in bands]
    first, last = (min(days), max(days)) if days else (0, 1)
    values = [point.value for point in counted] + [band.high for band in bands] + [target or 0]
    high = max(values, default=1) or 1
    plot = _Plot(left, right, top, bottom, first, last, high * 1.05)
    parts = [*_scale(plot, high), *_years(plot, bottom + (24 if years_each == 1 else 20), years_each)]
    if counted and bands:
        parts += _forecast(plot, counted[-1], bands)
    if target is not None:
        y = plot.y(target)
        parts.append(
            element("line", x1=left, x2=right, y1=y, y2=y, stroke=t.BAD, stroke_width=2, stroke_dasharray="7 5")
        )
        parts.append(text(left + 8, y - 7, target_label or number(target), weight=700, fill=t.BAD))
    if counted:
        parts += _counted(plot, counted, now_label)
    if bands:
        parts += _limits(plot, bands[-1])
    return drawing(width, height, parts, key=key, title=title, finding=finding)


def _scale(plot: _Plot, high: float) -> list[str]:
    parts = []
    for tick in nice_ticks(high):
        y = plot.y(tick)
        parts.append(element("line", x1=plot.left, x2=plot.right, y1=y, y2=y, stroke=t.LINE, stroke_width=1))
        parts.append(text(plot.left - 8, y + 5, number(tick), anchor="end", fill=t.INK_2))
    return parts


def _years(plot: _Plot, y: float, each: int) -> list[str]:
    """The years along the foot; a year stands where it begins."""
    first, last = date.fromordinal(max(1, plot.first)), date.fromordinal(max(1, plot.last))
    parts = []
    start = first.year if first.timetuple().tm_yday <= 31 else first.year + 1
    for year in range(start, last.year + 2, each):
        on = max(date(year, 1, 1).toordinal(), plot.first)
        if on > plot.last + 20:
            break
        x = plot.left + (on - plot.first) / max(1, plot.last - plot.first) * (plot.right - plot.left)
        parts.append(text(max(x, plot.left + 2), y, str(year), anchor="middle", fill=t.INK_2))
    return parts


def _forecast(plot: _Plot, now: Point, bands: Sequence[Band]) -> list[str]:
    start = plot.at(now.on, now.value)

    def area(low: str, high: str, fill: str) -> str:
        above = [plot.at(band.on, getattr(band, high)) for band in bands]
        below = [plot.at(band.on, getattr(band, low)) for band in reversed(bands)]
        return element("polygon", points=points([start, *above, *below, start]), fill=fill)

    middle = points([start, *(plot.at(band.on, band.middle) for band in bands)])
    return [
        area("low", "high", t.BAND_2),
        area("low_mid", "high_mid", t.BAND_1),
        element("polyline", fill="none", stroke=t.BRAND, stroke_width=2.5, stroke_dasharray="3 4", points=middle),
    ]


def _counted(plot: _Plot, counted: Sequence[Point], now_label: str) -> list[str]:
    places = [plot.at(point.on, point.value) for point in counted]
    x, y = places[-1]
    line = element(
        "polyline", fill="none", stroke=t.BRAND_DEEP, stroke_width=3.5, stroke_linejoin="round", points=points(places)
    )
    dot = element("circle", cx=x, cy=y, r=6, fill=t.BRAND_DEEP, stroke="#fff", stroke_width=2)
    anchor = "end" if x - plot.left > 110 else "start"
    words = text(x - 10 if anchor == "end" else x, y - 10, now_label, size=15, weight=700, anchor=anchor)
    return [line, dot, words if now_label else ""]


def _limits(plot: _Plot, last: Band) -> list[str]:
    """The limits of the forecast, printed beside it."""
    values = (last.high, last.middle, last.low)
    places = apart([plot.y(value) + 5 for value in values], 17, 14, plot.bottom)
    weights = (400, 700, 400)
    return [
        text(plot.right + 8, y, number(round(value)), weight=weight)
        for value, y, weight in zip(values, places, weights, strict=True)
    ]
