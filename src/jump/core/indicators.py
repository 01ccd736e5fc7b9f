"""From facts to figures: aggregation, disaggregation, roll-up, bounds, targets, and hiding what would name a person.

Promises: a roll-up equals the recomputation from raw facts, for every split; what was not stated is a line of its own;
people are a set and never a sum; a figure about fewer than five people is hidden together with enough neighbours that
it cannot be worked out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import product
from typing import Protocol

from jump.core.calendars import Period

NOT_STATED = "not_stated"
TOTAL = "total"
SMALL_CELL = 5


class Countable(Protocol):
    """What is asked of a fact here; engines bring their own."""

    @property
    def ref(self) -> str: ...
    @property
    def party(self) -> str | None: ...
    @property
    def value(self) -> Decimal: ...
    @property
    def codes(self) -> Mapping[str, object]: ...


class Aggregate(StrEnum):
    """How facts become one figure."""

    COUNT = "count"
    DISTINCT = "distinct"  # people or parties, as a set
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value that keeps what it was made of. `value` is None where it is not defined."""

    value: Fraction | None
    numerator: Fraction
    denominator: Fraction
    n: int

    def rounded(self, decimals: int = 2) -> Decimal | None:
        if self.value is None:
            return None
        return Decimal(round(self.value * 10**decimals)).scaleb(-decimals)


@dataclass(frozen=True, slots=True)
class Tally:
    """Everything needed of a set of facts for any aggregate; two tallies can be joined without loss.

    Values are kept with how often each occurs, so that a median survives a roll-up.
    """

    n: int = 0
    total: Fraction = Fraction(0)
    parties: frozenset[str] = frozenset()
    without_party: int = 0
    values: tuple[tuple[Fraction, int], ...] = ()

    def joined(self, other: Tally) -> Tally:
        return Tally(
            n=self.n + other.n,
            total=self.total + other.total,
            parties=self.parties | other.parties,
            without_party=self.without_party + other.without_party,
            values=_counted(Counter(dict(self.values)) + Counter(dict(other.values))),
        )

    def figure(self, how: Aggregate) -> Figure:
        """The figure of these facts; for a ratio see `ratio_of`."""
        match how:
            case Aggregate.COUNT:
                return _whole(Fraction(self.n), self.n)
            case Aggregate.DISTINCT:
                # A fact that names nobody may be anybody; it cannot be recognised again, so it counts by itself.
                return _whole(Fraction(len(self.parties) + self.without_party), self.n)
            case Aggregate.SUM:
                return _whole(self.total, self.n)
            case Aggregate.MEAN:
                return ratio_of(self.total, Fraction(self.n), self.n)
            case Aggregate.MEDIAN:
                return self._median()
        raise ValueError("a ratio needs two sets of facts; use ratio_of")

    def _median(self) -> Figure:
        if not self.n:
            return Figure(None, Fraction(0), Fraction(0), 0)
        middle = [self._at((self.n - 1) // 2), self._at(self.n // 2)]
        value = sum(middle, Fraction(0)) / 2
        return Figure(value, value, Fraction(1), self.n)

    def _at(self, position: int) -> Fraction:
        for value, times in self.values:
            if position < times:
                return value
            position -= times
        raise IndexError(position)


def _whole(value: Fraction, n: int) -> Figure:
    return Figure(value, value, Fraction(1), n)


def _counted(counter: Counter[Fraction]) -> tuple[tuple[Fraction, int], ...]:
    return tuple(sorted(counter.items()))


def ratio_of(numerator: Fraction, denominator: Fraction, n: int) -> Figure:
    """A ratio that keeps both parts; not defined (None) when the denominator is 0."""
    return Figure(numerator / denominator if denominator else None, numerator, denominator, n)


def tally(facts: Iterable[Countable], *, clusters: Mapping[str, str] | None = None) -> Tally:
    """One pass over facts. `clusters` maps a party to the one it was found to be."""
    return _Gatherer(clusters or {}).over(facts)


class _Gatherer:
    """Collects facts of one cell."""

    __slots__ = ("clusters", "n", "parties", "total", "values", "without_party")

    def __init__(self, clusters: Mapping[str, str]) -> None:
        self.clusters = clusters
        self.n = 0
        self.total = Fraction(0)
        self.parties: set[str] = set()
        self.without_party = 0
        self.values: Counter[Fraction] = Counter()

    def add(self, fact: Countable) -> None:
        value = Fraction(fact.value)
        self.n += 1
        self.total += value
        self.values[value] += 1
        if fact.party is None:
            self.without_party += 1
        else:
            self.parties.add(self.clusters.get(fact.party, fact.party))

    def over(self, facts: Iterable[Countable]) -> Tally:
        for fact in facts:
            self.add(fact)
        return self.tally()

    def tally(self) -> Tally:
        return Tally(self.n, self.total, frozenset(self.parties), self.without_party, _counted(self.values))


Key = tuple[str, ...]


def code_of(fact: Countable, dimension: str) -> str:
    """The fact's code in a dimension; blank, None and absent are `not_stated`."""
    value = fact.codes.get(dimension)
    if value is None or value == "":
        return NOT_STATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def disaggregated(
    facts: Iterable[Countable], dimensions: Sequence[str], *, clusters: Mapping[str, str] | None = None
) -> dict[Key, Tally]:
    """One tally per combination of codes that occurs, in one pass. Nothing disappears: see NOT_STATED."""
    cells: dict[Key, _Gatherer] = {}
    for fact in facts:
        key = tuple(code_of(fact, dimension) for dimension in dimensions)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = _Gatherer(clusters or {})
        cell.add(fact)
    return {key: cells[key].tally() for key in sorted(cells)}


def rolled_up(tables: Iterable[Mapping[Key, Tally]]) -> dict[Key, Tally]:
    """Several tables of the same dimensions (places, periods) as one; equals the table of all their facts together."""
    joined: dict[Key, Tally] = {}
    for table in tables:
        for key, cell in table.items():
            joined[key] = joined[key].joined(cell) if key in joined else cell
    return {key: joined[key] for key in sorted(joined)}


def collapsed(table: Mapping[Key, Tally], keep: Sequence[int]) -> dict[Key, Tally]:
    """The same facts by fewer dimensions: positions to keep, in the order wanted; none keeps the total alone."""
    joined: dict[Key, Tally] = {}
    for key, cell in table.items():
        shorter = tuple(key[position] for position in keep)
        joined[shorter] = joined[shorter].joined(cell) if shorter in joined else cell
    return {key: joined[key] for key in sorted(joined)}


def total_of(table: Mapping[Key, Tally]) -> Tally:
    """All facts of a table as one tally; empty when there are none."""
    return collapsed(table, ()).get((), Tally())


@dataclass(frozen=True, slots=True)
class Bounds:
    """A figure that is only known to lie between two values."""

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


def distinct_bounds(known: frozenset[str] | set[str], totals_only: Sequence[int]) -> Bounds:
    """Distinct people where some partners give lists and others only totals.

    At least the largest single source, at most everybody once.

    >>> distinct_bounds({"per-1", "per-2"}, [10, 4])
    Bounds(low=10, high=16)
    """
    if any(total < 0 for total in totals_only):
        raise ValueError("a number of people cannot be below zero")
    return Bounds(max([len(known), *totals_only]), len(known) + sum(totals_only))


# --- targets --------------------------------------------------------------------------------------------------------


class Light(StrEnum):
    """Traffic light of progress against what was planned by now."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"  # nothing planned yet, or no value


GREEN_FROM = Fraction(9, 10)
AMBER_FROM = Fraction(7, 10)


def planned_to_date(*, baseline: Fraction | int, target: Fraction | int, over: Period, as_of: date) -> Fraction:
    """The straight line from baseline to target, day by day.

    >>> year = Period(date(2026, 1, 1), date(2026, 12, 31))
    >>> planned_to_date(baseline=0, target=365, over=year, as_of=date(2026, 1, 10))
    Fraction(10, 1)
    """
    passed = min(max((as_of - over.start).days + 1, 0), over.days)
    return Fraction(baseline) + (Fraction(target) - Fraction(baseline)) * Fraction(passed, over.days)


def achievement(actual: Fraction | int, planned: Fraction | int, *, baseline: Fraction | int = 0) -> Fraction | None:
    """The way gone over the way planned, from the baseline; works downwards too. None when nothing was planned yet.

    >>> achievement(45, 60), achievement(8, 6, baseline=10)
    (Fraction(3, 4), Fraction(1, 2))
    """
    way = Fraction(planned) - Fraction(baseline)
    return (Fraction(actual) - Fraction(baseline)) / way if way else None


def light(achieved: Fraction | None, *, green_from: Fraction = GREEN_FROM, amber_from: Fraction = AMBER_FROM) -> Light:
    """Green from 0.9 of what was planned by now, amber from 0.7, red below; thresholds are parameters.

    >>> light(Fraction(9, 10)), light(Fraction(7, 10)), light(Fraction(69, 100)), light(None)
    (<Light.GREEN: 'green'>, <Light.AMBER: 'amber'>, <Light.RED: 'red'>, <Light.NONE: 'none'>)
    """
    if achieved is None:
        return Light.NONE
    if achieved >= green_from:
        return Light.GREEN
    return Light.AMBER if achieved >= amber_from else Light.RED


# --- hiding small figures -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HiddenTable:
    """A table of people fit for the public. Keys carry `total` where a dimension is summed."""

    shown: Mapping[Key, int | None]  # None: hidden
    small: frozenset[Key]  # hidden because they are about fewer than five people
    beside: frozenset[Key]  # hidden so that the small ones cannot be worked out

    @property
    def hidden(self) -> frozenset[Key]:
        return self.small | self.beside


def hide_small(cells: Mapping[Key, int], *, threshold: int = SMALL_CELL) -> HiddenTable:
    """Hide figures about 1 to `threshold` - 1 people, and enough others that none can be worked out from the rest.

    `cells` are numbers of people by one or more dimensions, without totals; totals are added along every dimension and
    treated like any other figure. Zero is shown: it is about nobody. Two things are made sure of: no hidden small
    figure follows from the shown ones by adding and subtracting, and where hidden figures of one line can be had as a
    sum, that sum is itself about at least `threshold` people.

    >>> table = hide_small({("f", "young"): 3, ("f", "old"): 20, ("m", "young"): 9, ("m", "old"): 30})
    >>> [key for key, value in table.shown.items() if value is None]
    [('f', 'old'), ('f', 'young'), ('m', 'old'), ('m', 'young')]
    >>> table.shown["total", "total"]
    62
    """
    if any(value < 0 for value in cells.values()):
        raise ValueError("a number of people cannot be below zero")
    values, lines = _with_totals(cells)
    small = {key for key, value in values.items() if 0 < value < threshold}
    hidden = set(small)
    while extra := _more_to_hide(values, lines, hidden, small, threshold):
        hidden |= extra
    return HiddenTable(
        shown={key: None if key in hidden else values[key] for key in sorted(values)},
        small=frozenset(small),
        beside=frozenset(hidden - small),
    )


def hide_in_lines(
    values: Mapping[Key, int],
    lines: Sequence[Line],
    *,
    unseen: Collection[Key] = (),
    hidden: Collection[Key] = (),
    threshold: int = SMALL_CELL,
) -> frozenset[Key]:
    """The same for figures of any shape (a tree of places split by sex): `lines` say which parts make which total.

    `unseen` figures are never shown to anyone and need no protection; `hidden` are already hidden. Returns all keys to
    hide, those given among them.

    >>> values = {("a",): 3, ("b",): 20, ("c",): 9, (TOTAL,): 32}
    >>> sorted(hide_in_lines(values, [((("a",), ("b",), ("c",)), (TOTAL,))]))
    [('a',), ('c',)]
    """
    kept_back = set(unseen) | set(hidden)
    small = {key for key, value in values.items() if 0 < value < threshold and key not in set(unseen)}
    kept_back |= small
    while extra := _more_to_hide(values, lines, kept_back, small, threshold):
        kept_back |= extra
    return frozenset(kept_back - set(unseen))


Line = tuple[tuple[Key, ...], Key]  # parts, and the total they add up to
_Line = Line


def _with_totals(cells: Mapping[Key, int]) -> tuple[dict[Key, int], list[_Line]]:
    """The full table with totals along every dimension, and which parts add up to which total."""
    if not cells:
        return {}, []
    width = len(next(iter(cells)))
    if any(len(key) != width or TOTAL in key for key in cells):
        raise ValueError("all keys have the same dimensions, and none is called 'total'")
    codes = [sorted({key[position] for key in cells}) for position in range(width)]
    values: dict[Key, int] = {}
    for key in product(*([*found, TOTAL] for found in codes)):
        values[key] = 0
    for key, value in cells.items():
        for shape in product(*((code, TOTAL) for code in key)):
            values[shape] += value
    lines: list[_Line] = []
    for position in range(width):
        others = [[*found, TOTAL] for at, found in enumerate(codes) if at != position]
        for rest in product(*others):
            parts = tuple((*rest[:position], code, *rest[position:]) for code in codes[position])
            lines.append((parts, (*rest[:position], TOTAL, *rest[position:])))
    return values, lines


def _more_to_hide(
    values: Mapping[Key, int], lines: Sequence[_Line], hidden: set[Key], small: set[Key], threshold: int
) -> set[Key]:
    """Figures to hide as well; none when the table is safe."""
    extra: set[Key] = set()
    for parts, total in lines:
        unseen = [part for part in parts if part in hidden or part in extra]
        if not unseen or total in hidden or total in extra:
            continue
        if any(part in small for part in unseen) and sum(values[part] for part in unseen) < threshold:
            offer = _cheapest(values, [*parts, total], hidden | extra)
            if offer is not None:
                extra.add(offer)
    if extra:
        return extra

    known = _determined(lines, hidden)
    members = [frozenset((*parts, total)) for parts, total in lines]
    leaking = known & small
    while leaking:
        # Of the lines by which one leaking figure is worked out, step by step, open the one that costs least.
        chain, fresh = set[Key](), {min(leaking)}
        while fresh:
            chain |= fresh
            fresh = {key for line in members if line & fresh for key in line & known} - chain
        offers = [
            offer
            for line in members
            if line & chain and (offer := _cheapest(values, sorted(line), hidden | extra)) is not None
        ]
        offer = (
            min(offers, key=lambda key: _cost(values, key))
            if offers
            else _cheapest(values, list(values), hidden | extra)
        )
        if offer is not None:
            extra.add(offer)
        leaking -= chain
    return extra


def _cost(values: Mapping[Key, int], key: Key) -> tuple[int, int, Key]:
    """Totals last, then the smallest figure."""
    return (key.count(TOTAL), values[key], key)


def _cheapest(values: Mapping[Key, int], candidates: Sequence[Key], hidden: set[Key]) -> Key | None:
    """The figure to hide at least loss. Never a zero, which would hide nothing from one who adds up."""
    free = [key for key in candidates if key not in hidden and values[key] > 0]
    return min(free, key=lambda key: _cost(values, key)) if free else None


# A prime far above anything these tables of ones can produce: elimination in whole numbers instead of fractions.
_PRIME = 2**61 - 1


def _determined(lines: Sequence[_Line], hidden: set[Key]) -> set[Key]:
    """The hidden figures that follow from the shown ones by adding and subtracting (reduced row echelon form)."""
    pivots: dict[Key, dict[Key, int]] = {}
    used_in: dict[Key, set[Key]] = defaultdict(set)  # figure -> pivots whose row mentions it
    for parts, total in lines:
        row = {part: 1 for part in parts if part in hidden}
        if total in hidden:
            row[total] = _PRIME - 1
        for pivot in [key for key in row if key in pivots]:
            _subtract(row, pivots[pivot], row.get(pivot, 0))
        if not row:
            continue
        pivot = min(row, key=lambda key: (len(used_in[key]), key))
        inverse = pow(row[pivot], -1, _PRIME)
        row = {key: value * inverse % _PRIME for key, value in row.items()}
        for other in used_in.pop(pivot, set()):
            before = set(pivots[other])
            _subtract(pivots[other], row, pivots[other][pivot])
            for key in before ^ set(pivots[other]):
                (used_in[key].add if key in pivots[other] else used_in[key].discard)(other)
        pivots[pivot] = row
        for key in row:
            if key != pivot:
                used_in[key].add(pivot)
    return {pivot for pivot, row in pivots.items() if len(row) == 1}


def _subtract(row: dict[Key, int], other: Mapping[Key, int], times: int) -> None:
    if not times:
        return
    for key, value in other.items():
        left = (row.get(key, 0) - times * value) % _PRIME
        if left:
            row[key] = left
        else:
            row.pop(key, None)


def grouped(facts: Iterable[Countable], key: Callable[[Countable], str]) -> dict[str, list[Countable]]:
    """Facts by any key, in the order they came."""
    found: dict[str, list[Countable]] = defaultdict(list)
    for fact in facts:
        found[key(fact)].append(fact)
    return dict(found)
