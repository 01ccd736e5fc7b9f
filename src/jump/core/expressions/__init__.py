"""The only language in which package data may state conditions: parsed, bounded, no code behind it.

    age >= 18 and sex in ["female", "male"] and share(women, members) >= 0.4

What there is: numbers (exact decimals), text in quotes, `true`, `false`, `none`, lists in square brackets; names with
dots (`letter.members.count`) looked up in the facts given, never as attributes; `+ - * /`; `== != < <= > >=` (also
chained); `in`, `not in`; `and`, `or`, `not`; and the functions named in `FUNCTIONS`. What there is not: assignment,
calls of anything else, loops, indexing, text joining. Every text, tree and number is bounded, so a condition always
ends quickly.

Facts are mappings. A dotted name goes down nested mappings; over a list of mappings it collects: `sum(members.shares)`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Context, DivisionByZero, InvalidOperation, Overflow, localcontext
from difflib import get_close_matches
from functools import lru_cache

from jump.core.expressions.answering import Evaluation, shown
from jump.core.expressions.reading import FUNCTIONS, Reader
from jump.core.expressions.tree import (
    DEPTH_MAX,
    DIGITS_MAX,
    NODES_MAX,
    TEXT_LENGTH_MAX,
    ExpressionError,
    MissingName,
    Node,
    NotKnown,
)

__all__ = [
    "DEPTH_MAX",
    "FUNCTIONS",
    "NODES_MAX",
    "TEXT_LENGTH_MAX",
    "Expression",
    "ExpressionError",
    "MissingName",
    "NotKnown",
    "check",
    "parse",
]


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that was read and found well formed.

    >>> parse("2 * (members + 1) > 10").evaluate({"members": 5})
    True
    >>> sorted(parse("a.b + count(c)").names)
    ['a.b', 'c']
    """

    text: str
    root: Node
    names: frozenset[str]

    def evaluate(self, facts: Mapping[str, object]) -> object:
        """The value under these facts. Numbers come back as Decimal."""
        with localcontext(Context(prec=DIGITS_MAX, traps=[InvalidOperation, DivisionByZero, Overflow])):
            return Evaluation(self.text, facts).value(self.root)

    def holds(self, facts: Mapping[str, object]) -> bool:
        """Whether the condition is true; refuses an expression whose value is not true or false."""
        value = self.evaluate(facts)
        if not isinstance(value, bool):
            raise ExpressionError(
                f"a condition must be true or false, this gives {shown(value)}",
                hint="compare it with something",
                text=self.text,
            )
        return value


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read a condition, or say where it is wrong and what to do (ExpressionError). The same text is read once."""
    if len(text) > TEXT_LENGTH_MAX:
        raise ExpressionError(
            f"the condition has {len(text)} characters", hint=f"keep it under {TEXT_LENGTH_MAX} or split it"
        )
    if not text.strip():
        raise ExpressionError("the condition is empty", hint="write true if it always holds")
    reader = Reader(text)
    root = reader.whole()
    return Expression(text=text, root=root, names=frozenset(reader.names))


def check(text: str, known_names: Collection[str]) -> list[str]:
    """Everything wrong with a condition, as sentences; an empty list means it can be used.

    A known name ending in `.*` allows everything below it.

    >>> check("age >= 18", {"age"})
    []
    >>> check("aged >= 18", {"age"})
    ["'aged' is not known here (at character 1 of 'aged >= 18'): did you mean 'age'?"]
    """
    try:
        expression = parse(text)
    except ExpressionError as error:
        return [str(error)]
    open_ends = tuple(name[:-1] for name in known_names if name.endswith(".*"))
    problems: list[str] = []
    for name in sorted(expression.names):
        if name in known_names or name.startswith(open_ends):
            continue
        near = get_close_matches(name, [known for known in known_names if not known.endswith(".*")], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "use a name that is declared for this place"
        found = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text)
        position = found.start() if found else 0
        problems.append(str(ExpressionError(f"{name!r} is not known here", position=position, hint=hint, text=text)))
    return problems
