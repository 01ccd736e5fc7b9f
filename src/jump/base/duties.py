"""The six questions that every engine answers, asked through here so that nobody imports upwards.

``describe`` for links and the walk back; ``due`` for to-do pages; ``facts`` for figures; ``export`` for hand-over and
a person's own copy; ``forget`` for erasure; ``recheck`` after two records were found to be one. Wiring fills the table.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import ModuleType
from typing import Any

from jump.base.actors import Actor
from jump.base.asking import Question, Row, ask
from jump.core.units import Ref


@dataclass(frozen=True, slots=True)
class Description:
    """What a reference is, in words for people. ``sources`` are what it rests on: the walk back follows them."""

    ref: Ref
    kind: str
    title: str
    detail: str = ""
    on: datetime.date | None = None
    place: str = ""
    url_name: str = ""
    url_args: tuple[str, ...] = ()
    sources: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Something that waits for this actor. ``severity`` is one of bad, warn, blue, good."""

    ref: Ref
    title: str
    detail: str
    on: datetime.date | None
    severity: str
    url_name: str
    url_args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """One sort of thing that may wait for an actor: what to ask, and what to say of the rows that came.

    ``tell`` is given the names of the parties that ``named`` picks, then the rows of each question.
    """

    questions: tuple[Question, ...]
    tell: Callable[..., Iterable[Due]]
    named: Callable[..., Iterable[str]] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened or holds, ready to be counted: who, where, when, how much, and of what sort."""

    kind: str
    ref: Ref
    scope: str
    on: datetime.date
    value: Decimal = Decimal(1)
    party: Ref | None = None
    until: datetime.date | None = None
    codes: Mapping[str, str | bool | int] = field(default_factory=dict)
    sources: tuple[Ref, ...] = ()


_engines: dict[str, ModuleType] = {}
_by_kind: dict[str, ModuleType] = {}

SEVERITY_ORDER = {"bad": 0, "warn": 1, "blue": 2, "good": 3}


def register(engine: str, module: ModuleType) -> None:
    """Make an engine's answers known. ``module.REF_KINDS`` are the kinds of reference that it describes."""
    _engines[engine] = module
    for kind in module.REF_KINDS:
        _by_kind[kind] = module


def describe(actor: Actor, ref: Ref) -> Description | None:
    """What this reference is, or None where nothing is there that the actor may see."""
    module = _by_kind.get(Ref(ref).kind)
    if module is None:
        return None
    found: Description | None = module.describe(actor, Ref(ref))
    return found


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """Descriptions of many references; those that the actor may not see are missing.

    An engine that offers ``describe_many`` is asked once for all of its own.
    """
    found: dict[Ref, Description] = {}
    groups: dict[str, list[Ref]] = {}
    for ref in refs:
        groups.setdefault(Ref(ref).kind, []).append(Ref(ref))
    for kind, mine in groups.items():
        module = _by_kind.get(kind)
        if module is None:
            continue
        if hasattr(module, "describe_many"):
            found.update(module.describe_many(actor, mine))
        else:
            found.update((one.ref, one) for ref in mine if (one := module.describe(actor, ref)) is not None)
    return found


def due(actor: Actor, as_of: datetime.date) -> list[Due]:
    """What waits for this actor in all engines, worst and oldest first.

    All that the engines ask goes out in one statement; the parties that the answers name are read together.
    """
    asked = [one for module in _engines.values() if hasattr(module, "waiting") for one in module.waiting(actor, as_of)]
    return sorted(told(actor, asked), key=lambda item: (SEVERITY_ORDER[item.severity], item.on or as_of, item.title))


def told(actor: Actor, asked: Iterable[Waiting]) -> list[Due]:
    """What these sorts of things come to, in their order."""
    sorts = list(asked)
    answers = iter(ask([question for one in sorts for question in one.questions]))
    rows: list[list[list[Row]]] = [[next(answers) for _question in one.questions] for one in sorts]
    wanted = [
        ref for one, held in zip(sorts, rows, strict=True) if one.named is not None for ref in one.named(*held) if ref
    ]
    called = _names(actor, wanted) if wanted else {}
    return [item for one, held in zip(sorts, rows, strict=True) for item in one.tell(called, *held)]


def _names(actor: Actor, refs: Sequence[str]) -> Mapping[str, str]:
    """What to call these parties: asked of the engine that knows them."""
    for module in _engines.values():
        if hasattr(module, "names"):
            found: Mapping[str, str] = module.names(actor, refs)
            return found
    return {}


def facts(as_of: datetime.date) -> Iterator[Fact]:
    """Every fact of every engine that holds on this day, as a stream."""
    for module in _engines.values():
        if hasattr(module, "facts"):
            yield from module.facts(as_of=as_of)


def export(actor: Actor, scope: str, as_of: datetime.date) -> Iterator[Mapping[str, Any]]:
    """Everything at and under a node, for hand-over or a person's own copy, engine by engine."""
    for name, module in _engines.items():
        if hasattr(module, "export"):
            for row in module.export(actor, scope, as_of):
                yield {"engine": name, **row}


def forget(person: Ref, as_of: datetime.date) -> dict[str, int]:
    """Erase what names this person in every engine; ledger, audit and frozen figures stay. Counts by engine."""
    return {name: module.forget(person, as_of) for name, module in _engines.items() if hasattr(module, "forget")}


def recheck(party: Ref) -> None:
    """Two records were found to be one party (or no longer): every engine looks for what this makes double."""
    for module in _engines.values():
        if hasattr(module, "recheck"):
            module.recheck(party)


def walk(actor: Actor, ref: Ref, *, depth: int = 12, breadth: int = 200) -> Iterable[tuple[int, Description]]:
    """The walk back from a reference to all that it rests on, first things first, each shown once."""
    seen: set[Ref] = set()
    level: list[Ref] = [ref]
    for distance in range(depth):
        found = describe_many(actor, [one for one in level if one not in seen][:breadth])
        seen.update(level)
        following: list[Ref] = []
        for one in level:
            if one in found:
                yield distance, found[one]
                following.extend(source for source in found[one].sources if source not in seen)
        level = list(dict.fromkeys(following))
        if not level:
            return
