"""Which values about people are too small to show to those who see aggregates only (invariant 7). Pure.

The whole tree of public places (programme, region, country, community) with every split is one system of figures; what
is hidden in it cannot be worked out from what is shown. Places below a community (an enterprise) are never shown to
such readers. A ratio or mean is hidden where it is about, or would reveal, fewer than five people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from jump.core.indicators import SMALL_CELL, TOTAL, Key, Line, hide_in_lines
from jump.engines.results.services.compute.gather import CellValue
from jump.engines.results.services.compute.measures import Measure

Cell = tuple[str, str, str]  # (place, dimension, category)


def small_cells(
    values: Iterable[CellValue], measures: Sequence[Measure], public_places: Mapping[str, str]
) -> set[tuple[int, Cell]]:
    """(position of the measure, cell) of every value to hide. `public_places` maps a public path to its kind."""
    by_measure: dict[int, list[CellValue]] = defaultdict(list)
    for value in values:
        by_measure[value.measure].append(value)
    found: set[tuple[int, Cell]] = set()
    for number, mine in by_measure.items():
        if not any(value.people for value in mine):
            continue
        below = [value for value in mine if value.scope not in public_places]
        found.update((number, cell_of(value)) for value in below if value.people)
        shown = [value for value in mine if value.scope in public_places]
        if measures[number].aggregate in ("count", "distinct", "sum"):
            found.update((number, cell) for cell in _hidden_in_tree(shown, measures[number]))
        else:
            found.update((number, cell_of(value)) for value in shown if _reveals(value))
    return found


def cell_of(value: CellValue) -> Cell:
    return (value.scope, value.dimension, value.category)


def _reveals(value: CellValue) -> bool:
    """Whether a ratio or mean is about few people, or says how few of many."""
    few_below = 0 < value.n < SMALL_CELL
    few_above = value.numerator is not None and 0 < value.numerator < SMALL_CELL
    return bool(value.people) and (few_below or few_above)


def _people_in(value: CellValue, measure: Measure) -> int:
    if measure.aggregate == "sum":
        return value.people
    return int(value.numerator or Fraction(0))


def _hidden_in_tree(values: Sequence[CellValue], measure: Measure) -> set[Cell]:
    numbers: dict[Key, int] = {_key(value): _people_in(value, measure) for value in values}
    children: dict[str, list[str]] = defaultdict(list)
    for place in {value.scope for value in values}:
        above = place.rstrip("/").rpartition("/")[0]
        if above:
            children[above + "/"].append(place)
    splits = {(dimension, category) for _place, dimension, category in numbers}
    lines: list[Line] = []
    unseen: set[Key] = set()
    for parent, places in children.items():
        for dimension, category in splits:
            parts: list[Key] = [
                (place, dimension, category) for place in sorted(places) if (place, dimension, category) in numbers
            ]
            total: Key = (parent, dimension, category)
            if not parts or total not in numbers:
                continue
            own = numbers[total] - sum(numbers[part] for part in parts)
            if own:  # recorded at the place itself: nobody is shown this rest, but it makes others unknown
                rest: Key = (f"{parent}*", dimension, category)
                numbers[rest] = abs(own)
                unseen.add(rest)
                parts.append(rest)
            lines.append((tuple(parts), total))
    for place in {value.scope for value in values}:
        by_dimension: dict[str, list[Key]] = defaultdict(list)
        for key in numbers:
            if key[0] == place and key[1] != TOTAL:
                by_dimension[key[1]].append(key)
        whole: Key = (place, TOTAL, TOTAL)
        if whole in numbers:
            lines.extend((tuple(sorted(parts)), whole) for parts in by_dimension.values())
    return {_cell(key) for key in hide_in_lines(numbers, lines, unseen=unseen)}


def _key(value: CellValue) -> Key:
    return (value.scope, value.dimension or TOTAL, value.category or TOTAL)


def _cell(key: Key) -> Cell:
    place, dimension, category = key
    return (place, "" if dimension == TOTAL else dimension, "" if category == TOTAL else category)
