"""An indicator's definition, ready to be applied to facts. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from jump.core import expressions
from jump.core.calendars import add_months

# Names of a condition that differ from row to row; every other name is a code of the fact.
ROW_NAMES = frozenset({"on", "until", "value", "party", "ref"})
MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "once": 600}
PERCENT = "percent"
NUMERATOR, DENOMINATOR = "numerator", "denominator"

Code = str | bool | int


@dataclass(frozen=True, slots=True)
class Row:
    """One fact as it is kept with a value: what it refers to, who, how much, when."""

    ref: str
    party: str
    value: Decimal
    on: date
    until: date | None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing counted: which facts, under which condition, how taken together."""

    role: str
    fact: str
    where: expressions.Expression | None
    aggregate: str
    value_code: str
    by: str

    @property
    def is_by_row(self) -> bool:
        """Whether the condition must be asked for every single fact."""
        return self.where is not None and bool(self.where.names & ROW_NAMES)

    @property
    def code_names(self) -> frozenset[str]:
        return (self.where.names - ROW_NAMES - {"as_of"}) if self.where is not None else frozenset()

    @property
    def extra_names(self) -> tuple[str, ...]:
        """Codes that are needed row by row: what is added up, and what is told apart."""
        return tuple(name for name in (self.value_code, "" if self.by == "party" else self.by) if name)

    def accepts(self, codes: Mapping[str, Code | None], as_of: date) -> bool:
        """Whether facts with these codes count. What is not known does not count."""
        return self.where is None or _holds(self.where, {**codes, "as_of": as_of})

    def accepts_row(self, codes: Mapping[str, Code | None], row: Row, as_of: date) -> bool:
        assert self.where is not None
        facts = {**codes, "as_of": as_of, "on": row.on, "until": row.until, "value": row.value}
        return _holds(self.where, {**facts, "party": row.party or None, "ref": row.ref})


def _holds(expression: expressions.Expression, facts: Mapping[str, object]) -> bool:
    missing = {name: None for name in expression.names if name not in facts}
    try:
        return expression.holds({**facts, **missing})
    except expressions.NotKnown:
        return False


@dataclass(frozen=True, slots=True)
class Measure:
    """A whole definition: its terms, how finely it is split, over which time."""

    id: str
    version: str
    unit: str
    aggregate: str
    terms: tuple[Term, ...]
    dimensions: tuple[str, ...]
    window: str
    months: int
    is_latest: bool
    is_headline: bool

    @property
    def is_additive(self) -> bool:
        return self.aggregate in ("count", "sum")

    def starts_on(self, as_of: date, period_start: date | None = None) -> date | None:
        """The first day that counts, for what is counted over a period: the calendar period that holds the day."""
        if self.window != "period":
            return None
        return period_start or calendar_start(as_of, self.months)


def calendar_start(day: date, months: int) -> date:
    """The first day of the calendar period of so many months that holds this day.

    >>> calendar_start(date(2004, 6, 30), 6), calendar_start(date(2004, 12, 1), 12)
    (datetime.date(2004, 1, 1), datetime.date(2004, 1, 1))
    """
    if months > 12:
        return date.min
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_of(name: str) -> tuple[date, date]:
    """First and last day of a period by its name; ValueError for what is none.

    >>> period_of("2004-H1")
    (datetime.date(2004, 1, 1), datetime.date(2004, 6, 30))
    """
    year_text, _, part = name.partition("-")
    year = int(year_text)
    if not part:
        start, months = date(year, 1, 1), 12
    elif part[0] == "H" and part[1:] in ("1", "2"):
        start, months = date(year, 6 * int(part[1:]) - 5, 1), 6
    elif part[0] == "Q" and part[1:] in ("1", "2", "3", "4"):
        start, months = date(year, 3 * int(part[1:]) - 2, 1), 3
    else:
        raise ValueError(name)
    return start, date.fromordinal(add_months(start, months).toordinal() - 1)


def period_name(start: date, months: int) -> str:
    """The name of the calendar period that begins on this day."""
    if months == 12:
        return str(start.year)
    letter = {6: "H", 3: "Q"}[months]
    return f"{start.year}-{letter}{(start.month - 1) // months + 1}"


def read_measure(full_id: str, version: str, data: Mapping[str, Any]) -> Measure | None:
    """The measure of a definition; None where it is planned and measures nothing yet."""
    measure = data.get("measure")
    if not measure:
        return None
    aggregate = str(measure["aggregate"])
    if aggregate == "ratio":
        parts: Sequence[tuple[str, Mapping[str, Any]]] = [
            (role, {"fact": measure.get("fact"), "aggregate": "count", **measure[role]})
            for role in (NUMERATOR, DENOMINATOR)
        ]
    else:
        parts = [(NUMERATOR, measure)]
    return Measure(
        id=full_id,
        version=version,
        unit=str(data["unit"]),
        aggregate=aggregate,
        terms=tuple(_term(role, term) for role, term in parts),
        dimensions=tuple(data.get("disaggregate") or ()),
        window=str(data.get("window") or "as_of"),
        months=MONTHS_OF[str(data.get("frequency") or "half_year")],
        is_latest=measure.get("latest_per") == "party",
        is_headline=bool(data.get("headline")),
    )


def _term(role: str, data: Mapping[str, Any]) -> Term:
    where = data.get("where")
    return Term(
        role=role,
        fact=str(data["fact"]),
        where=expressions.parse(str(where)) if where else None,
        aggregate=str(data.get("aggregate") or "count"),
        value_code=str(data.get("value") or ""),
        by=str(data.get("by") or "party"),
    )


@dataclass(frozen=True, slots=True)
class KindPlan:
    """What must be kept of the facts of one kind, for all measures that use it."""

    kind: str
    code_names: tuple[str, ...]
    extra_names: tuple[str, ...]
    uses: tuple[tuple[int, int], ...]  # (position of the measure, position of its term)


def kind_plans(measures: Sequence[Measure]) -> dict[str, KindPlan]:
    """By kind of fact: the codes that decide, the codes kept row by row, and who uses it."""
    kinds = {term.fact for measure in measures for term in measure.terms}
    plans: dict[str, KindPlan] = {}
    for kind in sorted(kinds):
        codes: set[str] = set()
        extra: list[str] = []
        uses: list[tuple[int, int]] = []
        for number, measure in enumerate(measures):
            for position, term in enumerate(measure.terms):
                if term.fact == kind:
                    codes |= term.code_names | set(measure.dimensions)
                    extra.extend(name for name in term.extra_names if name not in extra)
                    uses.append((number, position))
        plans[kind] = KindPlan(kind, tuple(sorted(codes)), tuple(extra), tuple(uses))
    return plans


def ancestors_and_self(path: str) -> list[str]:
    """A place's path and all those above it, from the top.

    >>> ancestors_and_self("jump/asia/PH/")
    ['jump/', 'jump/asia/', 'jump/asia/PH/']
    """
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[: end + 1]) + "/" for end in range(len(parts))]
