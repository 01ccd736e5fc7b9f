"""One pass over all facts: every indicator at every place, split by every category. Pure: no database, no clock.

Facts with the same kind, place and deciding codes fall into one bucket; a condition is asked once per bucket and not
once per fact. When a bucket is full it is counted, packed and forgotten, so memory holds the sets of distinct people,
the packed rows, and nothing else that grows with the number of facts.

Places: a value at a place is made of all facts at and under it. Counts and sums are added, people are joined as sets,
means keep sum and number, medians keep their values: so a roll-up equals the recomputation from the facts.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jump.base.duties import Fact
from jump.core.indicators import NOT_STATED
from jump.engines.results.services.compute.measures import (
    DENOMINATOR,
    NUMERATOR,
    PERCENT,
    Code,
    Measure,
    Row,
    Term,
    ancestors_and_self,
    kind_plans,
)

ROWS_IN_CHUNK = 1_000
TOTAL = ("", "")
PERSON = "per-"
NOTHING: dict[str, str] = {}

CellKey = tuple[str, str]  # (dimension, category); TOTAL is the whole


class State:
    """What is known of one cell while facts stream by. Joined upwards without loss."""

    __slots__ = ("n", "parties", "people", "total", "unnamed", "unnamed_most", "values")

    def __init__(self) -> None:
        self.n = 0
        self.people = 0
        self.total = Fraction(0)
        self.parties: set[str] | None = None
        self.values: Counter[Fraction] | None = None
        self.unnamed = 0
        self.unnamed_most = 0

    def add(
        self, term: Term, rows: Sequence[Row], amounts: Sequence[Decimal], keys: Sequence[str], people: int
    ) -> None:
        self.n += len(rows)
        self.people += people
        match term.aggregate:
            case "distinct":
                if self.parties is None:
                    self.parties = set()
                for row, key in zip(rows, keys, strict=True):
                    if key:
                        self.parties.add(key)
                    else:  # a total without names: it may overlap with others, so it only widens the bounds
                        self.unnamed += int(row.value)
                        self.unnamed_most = max(self.unnamed_most, int(row.value))
            case "sum" | "mean":
                self.total += sum(map(Fraction, amounts), Fraction(0))
            case "median":
                self.values = (self.values or Counter()) + Counter(map(Fraction, amounts))

    def join(self, other: State) -> None:
        self.n += other.n
        self.people += other.people
        self.total += other.total
        self.unnamed += other.unnamed
        self.unnamed_most = max(self.unnamed_most, other.unnamed_most)
        if other.parties is not None:
            if self.parties is None:
                self.parties = set(other.parties)
            else:
                self.parties |= other.parties
        if other.values is not None:
            self.values = (self.values or Counter()) + other.values

    def amount(self, aggregate: str) -> Fraction:
        """The plain amount of a count, a sum or a set; for means the sum."""
        match aggregate:
            case "count":
                return Fraction(self.n)
            case "distinct":
                return Fraction(max(len(self.parties or ()), self.unnamed_most))
        return self.total

    def median(self) -> Fraction | None:
        if not self.values:
            return None
        ordered = sorted(self.values.items())
        size = sum(times for _value, times in ordered)

        def at(position: int) -> Fraction:
            for value, times in ordered:
                if position < times:
                    return value
                position -= times
            raise IndexError(position)

        return (at((size - 1) // 2) + at(size // 2)) / 2


@dataclass(frozen=True, slots=True)
class CellValue:
    """One value: an indicator at a place, whole or for one category."""

    measure: int
    scope: str
    dimension: str
    category: str
    value: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    n: int
    people: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Facts of one bucket, packed: the inputs of every value that uses them."""

    kind: str
    scope: str
    codes: Mapping[str, Code | None]
    count: int
    packed: bytes

    def rows(self) -> list[Row]:
        return unpack(self.packed)


def pack(rows: Sequence[Row]) -> bytes:
    """Rows as compressed text."""
    plain = [
        [row.ref, row.party, str(row.value), row.on.isoformat(), row.until.isoformat() if row.until else "", row.extra]
        for row in rows
    ]
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 3)


def unpack(packed: bytes) -> list[Row]:
    return [
        Row(
            ref=one[0],
            party=one[1],
            value=Decimal(one[2]),
            on=date.fromisoformat(one[3]),
            until=date.fromisoformat(one[4]) if one[4] else None,
            extra=one[5],
        )
        for one in json.loads(zlib.decompress(bytes(packed)))
    ]


@dataclass(slots=True)
class Gathered:
    """The outcome of one pass."""

    values: list[CellValue]
    chunks: list[Chunk]
    facts: int
    problems: list[str] = field(default_factory=list)
    started: Counter[tuple[int, int]] = field(default_factory=Counter)
    ended: Counter[tuple[int, int]] = field(default_factory=Counter)


Bucket = tuple[str, str, tuple[Code | None, ...]]


class Gatherer:
    """Takes facts one by one; `finish` gives values and chunks."""

    def __init__(
        self,
        measures: Sequence[Measure],
        *,
        as_of: date,
        period_start: date | None = None,
        scopes: Mapping[str, str] | None = None,
        keep_rows: bool = True,
    ) -> None:
        self.measures = measures
        self.as_of = as_of
        self.plans = kind_plans(measures)
        self.starts = [measure.starts_on(as_of, period_start) for measure in measures]
        self.scopes = scopes  # known places; None takes every path as it comes
        self.keep_rows = keep_rows
        self.open: dict[Bucket, list[Row]] = {}
        self.states: dict[int, dict[str, dict[str, dict[CellKey, State]]]] = {}
        self.latest: dict[int, dict[str, tuple[date, str, dict[str, Code | None], Row]]] = {}
        self.accepted: dict[tuple[int, int, Bucket], bool] = {}
        self.chunks: list[Chunk] = []
        self.facts = 0
        self.lost: Counter[str] = Counter()
        self.started: Counter[tuple[int, int]] = Counter()
        self.ended: Counter[tuple[int, int]] = Counter()
        self.latest_measures = frozenset(n for n, measure in enumerate(measures) if measure.is_latest)

    def take(self, fact: Fact) -> None:
        """One fact. Facts that no indicator uses, or that lie after the day, are passed over."""
        plan = self.plans.get(fact.kind)
        if plan is None or fact.on > self.as_of:
            return
        scope = fact.scope
        if self.scopes is not None and scope not in self.scopes:
            self.lost[scope] += 1
            return
        codes = fact.codes
        bucket = (fact.kind, scope, tuple([codes.get(name) for name in plan.code_names]))
        rows = self.open.get(bucket)
        if rows is None:
            rows = self.open[bucket] = []
        extra = {name: str(codes.get(name, "")) for name in plan.extra_names} if plan.extra_names else NOTHING
        rows.append(Row(fact.ref, fact.party or "", fact.value, fact.on, fact.until, extra))
        self.facts += 1
        if len(rows) >= ROWS_IN_CHUNK:
            self.settle(bucket, rows)
            self.open[bucket] = []

    def settle(self, bucket: Bucket, rows: list[Row]) -> None:
        """Count a bucket for every measure that uses its kind, and pack it."""
        kind, scope, values = bucket
        plan = self.plans[kind]
        codes = dict(zip(plan.code_names, values, strict=True))
        for number, position in plan.uses:
            measure, term = self.measures[number], self.measures[number].terms[position]
            if number in self.latest_measures:
                if position == 0 or kind != measure.terms[0].fact:
                    self.keep_latest(number, scope, codes, rows)
                continue
            mine = self.accepted_rows(number, position, bucket, codes, rows)
            if mine:
                self.count(number, term, scope, codes, mine)
        if self.keep_rows:
            self.chunks.append(Chunk(kind, scope, codes, len(rows), pack(rows)))

    def accepted_rows(
        self, number: int, position: int, bucket: Bucket, codes: Mapping[str, Code | None], rows: Sequence[Row]
    ) -> Sequence[Row]:
        term = self.measures[number].terms[position]
        if term.is_by_row:
            rows = [row for row in rows if term.accepts_row(codes, row, self.as_of)]
        else:
            key = (number, position, (bucket[0], "", bucket[2]))
            accepted = self.accepted.get(key)
            if accepted is None:
                accepted = self.accepted[key] = term.accepts(codes, self.as_of)
            if not accepted:
                return ()
        start = self.starts[number]
        return rows if start is None else [row for row in rows if row.on >= start]

    def count(
        self,
        number: int,
        term: Term,
        scope: str,
        codes: Mapping[str, Code | None],
        rows: Sequence[Row],
    ) -> None:
        amounts = amounts_of(term, rows)
        keys = keys_of(term, rows)
        people = sum(1 for row in rows if row.party.startswith(PERSON))
        cells = self.states.setdefault(number, {}).setdefault(scope, {}).setdefault(term.role, {})
        measure = self.measures[number]
        for cell in (TOTAL, *((name, code_text(codes.get(name))) for name in measure.dimensions)):
            state = cells.get(cell)
            if state is None:
                state = cells[cell] = State()
            state.add(term, rows, amounts, keys, people)
        if measure.is_headline and term.role == NUMERATOR:
            for row in rows:
                self.started[row.on.year, row.on.month] += 1
                if row.until is not None:
                    self.ended[row.until.year, row.until.month] += 1

    def keep_latest(self, number: int, scope: str, codes: dict[str, Code | None], rows: Sequence[Row]) -> None:
        """Of several facts about one party only the latest counts."""
        held = self.latest.setdefault(number, {})
        start = self.starts[number]
        for row in rows:
            if start is not None and row.on < start:
                continue
            key = row.party or row.ref
            if key not in held or (row.on, row.ref) > (held[key][0], held[key][3].ref):
                held[key] = (row.on, scope, codes, row)

    def finish(self) -> Gathered:
        for bucket, rows in self.open.items():
            if rows:
                self.settle(bucket, rows)
        self.open.clear()
        for number, held in self.latest.items():
            for _on, scope, codes, row in held.values():
                for position, term in enumerate(self.measures[number].terms):
                    plan = self.plans[term.fact]
                    bucket = (term.fact, scope, tuple(codes.get(name) for name in plan.code_names))
                    if self.accepted_rows(number, position, bucket, codes, [row]):
                        self.count(number, term, scope, codes, [row])
        problems = [
            f"{count} facts lie at {scope!r}, which is no place of the programme" for scope, count in self.lost.items()
        ]
        return Gathered(list(self.rolled_up()), self.chunks, self.facts, problems, self.started, self.ended)

    def rolled_up(self) -> Iterator[CellValue]:
        """Values of every place, the deepest first; what was joined upwards is let go."""
        for number, measure in enumerate(self.measures):
            by_scope = self.states.pop(number, {})
            for scope in list(by_scope):
                for above in ancestors_and_self(scope):
                    by_scope.setdefault(above, {})
            for scope in sorted(by_scope, key=lambda path: (-path.count("/"), path)):
                roles = by_scope[scope]
                yield from values_of(number, measure, scope, roles)
                parents = ancestors_and_self(scope)[:-1]
                if parents:
                    join_into(by_scope[parents[-1]], roles)
                by_scope[scope] = {}


def join_into(parent: dict[str, dict[CellKey, State]], child: Mapping[str, Mapping[CellKey, State]]) -> None:
    for role, cells in child.items():
        mine = parent.setdefault(role, {})
        for cell, state in cells.items():
            if cell not in mine:
                mine[cell] = State()
            mine[cell].join(state)


def values_of(
    number: int, measure: Measure, scope: str, roles: Mapping[str, Mapping[CellKey, State]]
) -> Iterator[CellValue]:
    top, bottom = roles.get(NUMERATOR, {}), roles.get(DENOMINATOR, {})
    empty = State()
    for cell in sorted({*top, *bottom}):
        yield cell_value(number, measure, scope, cell, top.get(cell, empty), bottom.get(cell, empty))


def cell_value(number: int, measure: Measure, scope: str, cell: CellKey, top: State, bottom: State) -> CellValue:
    """One value from its states. A ratio is None, not 0, where nothing stands below the line."""
    lower: Fraction | None = None
    upper: Fraction | None = None
    n, people = top.n, top.people
    match measure.aggregate:
        case "ratio":
            numerator = top.amount(measure.terms[0].aggregate)
            denominator = bottom.amount(measure.terms[1].aggregate)
            scale = 100 if measure.unit == PERCENT else 1
            value = numerator * scale / denominator if denominator else None
            n, people = bottom.n, bottom.people
        case "mean":
            numerator, denominator = top.total, Fraction(top.n)
            value = numerator / denominator if denominator else None
        case "median":
            value = top.median()
            numerator, denominator = value or Fraction(0), Fraction(top.n)
        case _:
            value = numerator = top.amount(measure.aggregate)
            denominator = Fraction(1)
            if measure.aggregate == "distinct" and top.unnamed:
                lower, upper = value, Fraction(len(top.parties or ()) + top.unnamed)
    dimension, category = cell
    return CellValue(number, scope, dimension, category, value, numerator, denominator, lower, upper, n, people)


def code_text(value: Code | None) -> str:
    """A code as a category; empty and unknown are `not_stated`, so nothing disappears."""
    if value is None or value == "":
        return NOT_STATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def amounts_of(term: Term, rows: Sequence[Row]) -> Sequence[Decimal]:
    if term.aggregate not in ("sum", "mean", "median"):
        return ()
    if not term.value_code:
        return [row.value for row in rows]
    return [Decimal(row.extra.get(term.value_code) or "0") for row in rows]


def keys_of(term: Term, rows: Sequence[Row]) -> Sequence[str]:
    if term.aggregate != "distinct":
        return ()
    if term.by == "party":
        return [row.party for row in rows]
    return [row.extra.get(term.by, "") for row in rows]


def gather(
    facts: Iterable[Fact],
    measures: Sequence[Measure],
    *,
    as_of: date,
    period_start: date | None = None,
    scopes: Mapping[str, str] | None = None,
    keep_rows: bool = True,
) -> Gathered:
    """All values of all measures in one pass."""
    gatherer = Gatherer(measures, as_of=as_of, period_start=period_start, scopes=scopes, keep_rows=keep_rows)
    for fact in facts:
        gatherer.take(fact)
    return gatherer.finish()


def inputs_of(
    chunks: Iterable[Chunk], measure: Measure, *, as_of: date, period_start: date | None, cell: CellKey = TOTAL
) -> Iterator[tuple[str, str, str, Row, Decimal]]:
    """The facts behind one value: (role, kind, place, row, amount). Chunks are those at and under its place."""
    start = measure.starts_on(as_of, period_start)
    latest = _latest_only(chunks, start) if measure.is_latest else None
    for chunk in chunks if latest is None else latest:
        if not in_cell(chunk.codes, cell):
            continue
        rows = None
        for term in measure.terms:
            if term.fact != chunk.kind or (not term.is_by_row and not term.accepts(chunk.codes, as_of)):
                continue
            rows = chunk.rows() if rows is None else rows
            for row in rows:
                if start is not None and row.on < start:
                    continue
                if term.is_by_row and not term.accepts_row(chunk.codes, row, as_of):
                    continue
                amount = amounts_of(term, [row])
                yield term.role, chunk.kind, chunk.scope, row, amount[0] if amount else Decimal(1)


def in_cell(codes: Mapping[str, Code | None], cell: CellKey) -> bool:
    """Whether facts with these codes belong to the whole, or to this category of a dimension."""
    return cell == TOTAL or code_text(codes.get(cell[0])) == cell[1]


def _latest_only(chunks: Iterable[Chunk], start: date | None) -> list[Chunk]:
    """Chunks of one row each: of several facts about one party only the latest."""
    held: dict[str, tuple[Row, Chunk]] = {}
    for chunk in chunks:
        for row in chunk.rows():
            key = row.party or row.ref
            if (start is None or row.on >= start) and (
                key not in held or (row.on, row.ref) > (held[key][0].on, held[key][0].ref)
            ):
                held[key] = (row, chunk)
    return [Chunk(chunk.kind, chunk.scope, chunk.codes, 1, pack([row])) for row, chunk in held.values()]
