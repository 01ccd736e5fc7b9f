"""Drawings: presentation attributes only, named for readers, inside their frame, on the page and in a document."""

from __future__ import annotations

import doctest
import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from jump.web import drawings
from jump.web.drawings import svg, world

DAYS = [date(2002, 1, 1) + timedelta(days=91 * step) for step in range(8)]
EVIL = "<script>&\"'"


def chart(**more: Any) -> SafeString:
    points = [drawings.Point(on, 100.0 * step) for step, on in enumerate(DAYS)]
    bands = [drawings.Band(date(2004, 6, 30), 700, 750, 800, 900, 1000)]
    return drawings.line_chart(
        key="c", title="Jobs", finding="700 jobs now.", points=points, bands=bands, target=950, **more
    )


ALL: dict[str, Callable[..., SafeString]] = {
    "line": chart,
    "bars": lambda **more: drawings.bars(
        key="b",
        title="Ideas",
        finding="41 ideas.",
        rows=[drawings.Bar(EVIL, 41, EVIL), drawings.Bar("Jobs", 0)],
        **more,
    ),
    "stacks": lambda **more: drawings.stacked_bars(
        key="s", title="Jobs", finding="98 jobs.", rows=[drawings.Stack(EVIL, (40, 58))], kinds=("Women", "Men"), **more
    ),
    "flow": lambda **more: drawings.flow(
        key="f", title="Money", finding="All of it.", flows=[drawings.Flow("Donor", EVIL, 620)], unit="US$", **more
    ),
    "balance": lambda **more: drawings.balance_chart(
        key="l",
        title="Left",
        finding="Half.",
        planned=[drawings.Point(on, 700.0 - 100 * step) for step, on in enumerate(DAYS)],
        paid=[drawings.Point(DAYS[0], 700.0), drawings.Point(DAYS[1], 600.0)],
        today=DAYS[2],
        **more,
    ),
}
MAP = drawings.world_map(key="m", title="Map", finding="Nine.", dots=[drawings.Dot.of_country("KE", EVIL, 5)])


def test_the_examples_hold() -> None:
    for name in ("svg", "world", "flow", "line", "bars", "balance"):
        assert doctest.testmod(import_module(f"jump.web.drawings.{name}")).failed == 0


@pytest.mark.parametrize("picture", [*(make(widths="wide") for make in ALL.values()), MAP], ids=[*ALL, "map"])
def test_a_drawing_is_well_formed_named_and_plain(picture: SafeString) -> None:
    root = etree.fromstring(picture.encode())
    names = (root.get("aria-labelledby") or "").split()
    ids = [node.get("id") for node in root if node.get("id")]
    assert root.get("role") == "img"
    assert names == ids
    assert len(names) == 2
    assert all(node.text for node in root[:2])
    for node in root.iter():
        assert "style" not in node.attrib
        assert "class" not in node.attrib
        for value in node.attrib.values():
            assert "var(" not in value
            assert "nan" not in value
        assert not any(name.startswith("on") for name in node.attrib)
    assert "<script" not in picture


@pytest.mark.parametrize("make", ALL.values(), ids=list(ALL))
def test_a_page_gets_two_drawings_with_ids_of_their_own_and_a_document_one(make: Callable[..., SafeString]) -> None:
    both = make()
    assert 'class="only-wide"' in both
    assert 'class="only-narrow"' in both
    ids = re.findall(r' id="([^"]+)"', both)
    assert len(ids) == len(set(ids))
    assert "only-wide" not in make(widths="wide")


def test_the_forecasts_limits_are_printed_beside_it() -> None:
    texts = [node.text for node in etree.fromstring(chart(widths="wide").encode()).iter("{*}text")]
    assert {"1,000", "800", "700"} <= set(texts)


def test_streams_are_as_wide_as_what_they_carry() -> None:
    flows = [drawings.Flow("Donor", "Training", 300), drawings.Flow("Donor", "Loans", 100)]
    picture = drawings.flow(key="f", title="t", finding="f", flows=flows, widths="wide")
    widths = [float(width) for width in re.findall(r'stroke-opacity=".32" stroke-width="([0-9.]+)"', picture)]
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.2)


def test_the_phone_gets_the_uses_of_money_by_size() -> None:
    flows = [drawings.Flow("Donor", "Small", 10), drawings.Flow("Donor", "Large", 90)]
    listed = drawings.flow(key="f", title="t", finding="f", flows=flows, widths="narrow")
    assert listed.index("Large") < listed.index("Small")


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [("TH", 645, 192), ("PH", 701, 201), ("KE", 485, 244), ("SN", 352, 196), ("HN", 169, 195), ("FJ", 839, 307)],
)
def test_countries_lie_where_the_outline_has_them(code: str, x: float, y: float) -> None:
    longitude, latitude, _side = drawings.CENTRES[code]
    assert math.dist(world.place(longitude, latitude), (x, y)) < 3


@given(
    values=st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=30),
    target=st.none() | st.floats(1, 1e9, allow_nan=False),
)
def test_a_line_never_leaves_its_frame(values: list[float], target: float | None) -> None:
    points = [drawings.Point(date(2000, 1, 1) + timedelta(days=30 * at), value) for at, value in enumerate(values)]
    picture = drawings.line_chart(key="k", title="t", finding="f", points=points, target=target, widths="wide")
    for place in re.findall(r'points="([^"]+)"', picture):
        for pair in place.split():
            x, y = (float(part) for part in pair.split(","))
            assert 51.9 <= x <= 674.1
            assert 23.9 <= y <= 296.1


@given(st.lists(st.floats(0, 300, allow_nan=False), min_size=1, max_size=6))
def test_labels_never_stand_on_each_other(places: list[float]) -> None:
    moved = svg.apart(sorted(places), 17, 0, 300)
    assert all(below - above >= 16.999 for above, below in pairwise(moved))


@given(st.floats(0.5, 1e12, allow_nan=False))
def test_ticks_are_few_round_and_never_above_the_highest_value(high: float) -> None:
    ticks = svg.nice_ticks(high)
    assert 1 <= len(ticks) <= 6
    assert ticks[0] == 0
    assert all(tick <= high * 1.000001 for tick in ticks[1:]) or ticks == (0.0, 1.0)


def test_empty_drawings_are_drawn_all_the_same() -> None:
    assert "<svg" in drawings.line_chart(key="k", title="t", finding="f", points=[])
    assert "<svg" in drawings.bars(key="k", title="t", finding="f", rows=[])
    assert "<svg" in drawings.flow(key="k", title="t", finding="f", flows=[])
    assert "<svg" in drawings.world_map(key="k", title="t", finding="f", dots=[])
