"""A map of the world with a dot per place. The outline is one small file of our own (Equal Earth projection)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.safestring import SafeString

from jump.web.drawings import tokens as t
from jump.web.drawings.svg import drawing, element, text

# Equal Earth (Šavrič, Patterson, Jenny 2018), fitted to the outline: largest deviation 0.9 units at nine countries.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_MERIDIAN, _SCALE, _X, _Y = 26.0, 171.8, 454.7, 246.0
# Where the countries of the first programme lie: longitude, latitude, side of the label.
CENTRES: dict[str, tuple[float, float, str]] = {
    "TH": (100.6, 16.1, "start"),
    "PH": (121.8, 13.4, "end"),
    "FJ": (178.2, -17.7, "start"),
    "ZA": (24.8, -30.4, "end"),
    "KE": (37.7, 0.5, "end"),
    "SN": (-14.5, 14.4, "end"),
    "HN": (-86.5, 15.2, "start"),
    "BO": (-64.9, -16.7, "end"),
    "PY": (-58.3, -23.3, "end"),
    "NI": (-85.0, 12.9, "end"),
    "PE": (-75.0, -9.2, "start"),
}


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the map: the dot's area shows the value, `bad` makes it red; the label stands at its end or start."""

    label: str
    value: float
    longitude: float
    latitude: float
    bad: bool = False
    label_side: str = "end"
    country: str = ""

    @classmethod
    def of_country(cls, code: str, label: str, value: float, *, bad: bool = False) -> Dot:
        """A dot on a country we know the middle of."""
        longitude, latitude, side = CENTRES[code]
        return cls(label, value, longitude, latitude, bad, side, code)


@lru_cache(maxsize=1)
def _outline() -> dict[str, dict[str, str] | str]:
    found: dict[str, dict[str, str] | str] = json.loads((Path(__file__).parent / "land.json").read_text())
    return found


def place(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a point of the earth lies in the drawing.

    >>> [round(part) for part in place(37.9, 0.2)]
    [485, 245]
    """
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    turn = math.radians(longitude - _MERIDIAN)
    below = 9 * _A4 * theta**8 + 7 * _A3 * theta**6 + 3 * _A2 * theta**2 + _A1
    x = 2 * math.sqrt(3) * turn * math.cos(theta) / (3 * below)
    y = _A4 * theta**9 + _A3 * theta**7 + _A2 * theta**3 + _A1 * theta
    return _X + _SCALE * x, _Y - _SCALE * y


def world_map(*, key: str, title: str, finding: str, dots: Sequence[Dot]) -> SafeString:
    """The map; wrap it in `<div class="mapbox">`, so that a phone leaves the labels to the list that follows."""
    outline = _outline()
    countries = outline["countries"]
    assert isinstance(countries, dict)
    marked = "".join(countries.get(dot.country, "") for dot in dots)
    parts = [element("path", fill=t.LAND, stroke="#fff", stroke_width=".6", d=outline["land"])]
    others = "".join(shape for code, shape in countries.items() if code not in {dot.country for dot in dots})
    if others:
        parts.append(element("path", fill=t.LAND, stroke="#fff", stroke_width=".6", d=others))
    if marked:
        parts.append(element("path", fill=t.COUNTRY, stroke="#fff", stroke_width=".6", d=marked))
    most = max((dot.value for dot in dots), default=0) or 1
    for dot in dots:
        x, y = place(dot.longitude, dot.latitude)
        radius = max(4.0, 10.4 * math.sqrt(max(0.0, dot.value) / most))
        parts.append(
            element(
                "circle",
                cx=x,
                cy=y,
                r=radius,
                fill=t.BAD if dot.bad else t.BRAND,
                fill_opacity=".8",
                stroke="#fff",
                stroke_width="1.5",
            )
        )
        side = 1 if dot.label_side == "end" else -1
        anchor = "start" if side == 1 else "end"
        parts.append(text(x + side * (radius + 4), y + 5, dot.label, size=18, weight=600, anchor=anchor, halo=True))
    return drawing(850, 412, parts, key=key, title=title, finding=finding, left=56, top=24)
