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
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from difflib import get_close_matches
from fractions import Fraction

from jump.core.calendars import months_between

TEXT_LENGTH_MAX = 2_000
DEPTH_MAX = 20
NODES_MAX = 300  # with DEPTH_MAX keeps the deepest tree well inside Python's own stack
DIGITS_MAX = 34


class ExpressionError(ValueError):
    """A condition cannot be read or answered: where, why, and what to do about it."""

    code = "expressions.error"

    def __init__(self, message: str, *, position: int = 0, hint: str = "", text: str = "") -> None:
        self.message = message
        self.position = position
        self.hint = hint
        self.text = text
        where = f" (at character {position + 1} of {_window(text, position)!r})" if text else ""
        super().__init__(f"{message}{where}" + (f": {hint}" if hint else ""))


def _window(text: str, position: int, width: int = 80) -> str:
    """The part of a long text around a position."""
    if len(text) <= width:
        return text
    start = max(0, min(position - width // 2, len(text) - width))
    end = start + width
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


class MissingName(ExpressionError):
    """A name the condition asks for is not among the facts."""

    code = "expressions.missing_name"

    def __init__(self, name: str, *, position: int = 0, hint: str = "", text: str = "") -> None:
        super().__init__(f"nothing is known under {name!r}", position=position, hint=hint, text=text)
        self.name = name


class NotKnown(ExpressionError):
    """A value the condition needs is empty or not defined, so it cannot be answered yet."""

    code = "expressions.not_known"


# --- the tree ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Literal:
    at: int
    value: object


@dataclass(frozen=True, slots=True)
class _Name:
    at: int
    name: str


@dataclass(frozen=True, slots=True)
class _List:
    at: int
    items: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Not:
    at: int
    inner: _Node


@dataclass(frozen=True, slots=True)
class _Negative:
    at: int
    inner: _Node


@dataclass(frozen=True, slots=True)
class _Logic:
    at: int
    word: str
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Arithmetic:
    at: int
    sign: str
    left: _Node
    right: _Node


@dataclass(frozen=True, slots=True)
class _Comparison:
    at: int
    first: _Node
    rest: tuple[tuple[str, _Node], ...]


@dataclass(frozen=True, slots=True)
class _Call:
    at: int
    function: str
    arguments: tuple[_Node, ...]


_Node = _Literal | _Name | _List | _Not | _Negative | _Logic | _Arithmetic | _Comparison | _Call


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that was read and found well formed.

    >>> parse("2 * (members + 1) > 10").evaluate({"members": 5})
    True
    >>> sorted(parse("a.b + count(c)").names)
    ['a.b', 'c']
    """

    text: str
    root: _Node
    names: frozenset[str]

    def evaluate(self, facts: Mapping[str, object]) -> object:
        """The value under these facts. Numbers come back as Decimal."""
        with localcontext(Context(prec=DIGITS_MAX, traps=[InvalidOperation, DivisionByZero, Overflow])):
            return _Evaluation(self.text, facts).value(self.root)

    def holds(self, facts: Mapping[str, object]) -> bool:
        """Whether the condition is true; refuses an expression whose value is not true or false."""
        value = self.evaluate(facts)
        if not isinstance(value, bool):
            raise ExpressionError(
                f"a condition must be true or false, this gives {_shown(value)}",
                hint="compare it with something",
                text=self.text,
            )
        return value


# --- reading ----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?(?![\w.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)
      | (?P<string>'[^']*'|"[^"]*")
      | (?P<sign>==|!=|<=|>=|<|>|\+|-|\*|/|\(|\)|\[|\]|,)
    )""",
    re.VERBOSE,
)
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_WORDS = frozenset({"and", "or", "not", "in", "true", "false", "none"})
_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "none": None}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(
                f"{text[at]!r} is not understood here", position=at, hint=_hint_for(text, at), text=text
            )
        kind = found.lastgroup or ""
        word = found.group(kind)
        start = found.start(kind)
        if kind == "name" and word.lower() in _WORDS:
            kind, word = "word", word.lower()
        if kind == "number" and len(word) > DIGITS_MAX:
            raise ExpressionError(
                "the number is too long", position=start, hint=f"use at most {DIGITS_MAX} digits", text=text
            )
        yield _Token(kind, word, start)
        at = found.end()
    yield _Token("end", "", len(text))


def _hint_for(text: str, at: int) -> str:
    char = text[at]
    if char in "'\"":
        return "close the quotation mark"
    if char == "=":
        return "write == to compare"
    if char in "&|!":
        return "write and, or, not"
    if char in "{}$":
        return "write the name alone, without ${ }"
    if char.isdigit():
        return "write numbers as 12 or 12.5"
    return "remove it"


class _Reader:
    """Recursive descent over the tokens, counting depth and nodes as it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.index = 0
        self.depth = 0
        self.nodes = 0
        self.names: set[str] = set()

    def fail(self, token: _Token, message: str, hint: str) -> ExpressionError:
        return ExpressionError(message, position=token.at, hint=hint, text=self.text)

    @property
    def here(self) -> _Token:
        return self.tokens[self.index]

    def take(self) -> _Token:
        token = self.here
        if token.kind != "end":
            self.index += 1
        return token

    def next_is(self, *texts: str) -> bool:
        return self.here.kind in ("sign", "word") and self.here.text in texts

    def expect(self, sign: str, hint: str) -> None:
        if not self.next_is(sign):
            raise self.fail(self.here, f"{sign!r} is missing", hint)
        self.take()

    def count(self, token: _Token) -> None:
        self.nodes += 1
        if self.nodes > NODES_MAX:
            raise self.fail(token, "the condition is too long", "split it into several conditions")

    def whole(self) -> _Node:
        root = self.either()
        if self.here.kind != "end":
            raise self.fail(
                self.here, f"{self.here.text!r} is left over", "join the parts with and, or, or an operator"
            )
        return root

    def either(self) -> _Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self.fail(self.here, "the condition is nested too deeply", "use fewer brackets")
        node = self.logic("or", lambda: self.logic("and", self.negation))
        self.depth -= 1
        return node

    def logic(self, word: str, part: Callable[[], _Node]) -> _Node:
        start = self.here
        parts = [part()]
        while self.next_is(word):
            self.count(self.take())
            parts.append(part())
        return parts[0] if len(parts) == 1 else _Logic(start.at, word, tuple(parts))

    def negation(self) -> _Node:
        if self.next_is("not"):
            token = self.take()
            self.count(token)
            self.depth += 1
            if self.depth > DEPTH_MAX:
                raise self.fail(token, "the condition is nested too deeply", "use fewer 'not'")
            inner = self.negation()
            self.depth -= 1
            return _Not(token.at, inner)
        return self.comparison()

    def comparison(self) -> _Node:
        start = self.here
        first = self.sum_()
        rest: list[tuple[str, _Node]] = []
        while True:
            if self.here.kind == "sign" and self.here.text in _COMPARISONS:
                sign = self.take().text
            elif self.next_is("in"):
                self.take()
                sign = "in"
            elif self.next_is("not") and self.tokens[self.index + 1].text == "in":
                self.take()
                self.take()
                sign = "not in"
            else:
                break
            self.count(start)
            rest.append((sign, self.sum_()))
        return _Comparison(start.at, first, tuple(rest)) if rest else first

    def sum_(self) -> _Node:
        return self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.signed))

    def chain(self, signs: tuple[str, ...], part: Callable[[], _Node]) -> _Node:
        left = part()
        while self.next_is(*signs):
            token = self.take()
            self.count(token)
            left = _Arithmetic(token.at, token.text, left, part())
        return left

    def signed(self) -> _Node:
        if self.next_is("-"):
            token = self.take()
            self.count(token)
            if self.next_is("-"):
                raise self.fail(self.here, "two minus signs follow each other", "write one")
            return _Negative(token.at, self.atom())
        return self.atom()

    def atom(self) -> _Node:
        token = self.take()
        self.count(token)
        if token.kind == "number":
            return _Literal(token.at, Decimal(token.text))
        if token.kind == "string":
            return _Literal(token.at, token.text[1:-1])
        if token.kind == "word" and token.text in _CONSTANTS:
            return _Literal(token.at, _CONSTANTS[token.text])
        if token.kind == "sign" and token.text == "(":
            inner = self.either()
            self.expect(")", "close the bracket")
            return inner
        if token.kind == "sign" and token.text == "[":
            return _List(token.at, self.items("]"))
        if token.kind == "name":
            if self.next_is("("):
                return self.call(token)
            self.names.add(token.text)
            return _Name(token.at, token.text)
        if token.kind == "end":
            raise self.fail(token, "the condition stops too early", "a value is missing at the end")
        raise self.fail(token, f"a value is missing before {token.text!r}", "write a name, number or text there")

    def items(self, closing: str) -> tuple[_Node, ...]:
        found: list[_Node] = []
        while not self.next_is(closing):
            found.append(self.either())
            if self.next_is(","):
                self.take()
            elif not self.next_is(closing):
                raise self.fail(self.here, f"',' or {closing!r} is missing", "separate the items with commas")
        self.take()
        return tuple(found)

    def call(self, token: _Token) -> _Node:
        if token.text not in FUNCTIONS:
            near = get_close_matches(token.text, FUNCTIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else "use one of " + ", ".join(sorted(FUNCTIONS))
            raise self.fail(token, f"there is no function {token.text!r}", hint)
        self.take()
        arguments = self.items(")")
        least, most = FUNCTIONS[token.text]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} or more"
            raise self.fail(
                token, f"{token.text} takes {wanted} value(s), {len(arguments)} given", "add or remove values"
            )
        return _Call(token.at, token.text, arguments)


# Name -> (fewest, most) arguments.
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "count": (1, 1),
    "sum": (1, 20),
    "min": (1, 20),
    "max": (1, 20),
    "date": (1, 1),
    "days_between": (2, 2),
    "months_between": (2, 2),
    "is_empty": (1, 1),
    "share": (2, 2),
}


def parse(text: str) -> Expression:
    """Read a condition, or say where it is wrong and what to do (ExpressionError)."""
    if len(text) > TEXT_LENGTH_MAX:
        raise ExpressionError(
            f"the condition has {len(text)} characters", hint=f"keep it under {TEXT_LENGTH_MAX} or split it"
        )
    if not text.strip():
        raise ExpressionError("the condition is empty", hint="write true if it always holds")
    reader = _Reader(text)
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


# --- answering --------------------------------------------------------------------------------------------------


class _Evaluation:
    """One walk over the tree under one set of facts."""

    def __init__(self, text: str, facts: Mapping[str, object]) -> None:
        self.text = text
        self.facts = facts

    def fail(self, node: _Node, message: str, hint: str = "") -> ExpressionError:
        return ExpressionError(message, position=node.at, hint=hint, text=self.text)

    def not_known(self, node: _Node, message: str, hint: str = "") -> NotKnown:
        return NotKnown(message, position=node.at, hint=hint, text=self.text)

    def value(self, node: _Node) -> object:
        match node:
            case _Literal(value=value):
                return value
            case _Name():
                return self.lookup(node)
            case _List(items=items):
                return tuple(self.value(item) for item in items)
            case _Not(inner=inner):
                return not self.truth(inner)
            case _Negative(inner=inner):
                return -self.number(inner)
            case _Logic(word=word, parts=parts):
                if word == "and":
                    return all(self.truth(part) for part in parts)
                return any(self.truth(part) for part in parts)
            case _Arithmetic():
                return self.arithmetic(node)
            case _Comparison():
                return self.comparison(node)
            case _Call():
                return self.call(node)

    def lookup(self, node: _Name) -> object:
        if node.name in self.facts:
            return _plain(self.facts[node.name])
        value: object = self.facts
        walked: list[str] = []
        for part in node.name.split("."):
            walked.append(part)
            if isinstance(value, Mapping):
                if part not in value:
                    raise self.missing(node, ".".join(walked), value)
                value = value[part]
            elif isinstance(value, Sequence) and not isinstance(value, str):
                value = [item[part] for item in value if isinstance(item, Mapping) and part in item]
            elif value is None:
                return None
            else:
                raise self.missing(node, ".".join(walked), {})
        return _plain(value)

    def missing(self, node: _Name, name: str, among: Mapping[str, object]) -> MissingName:
        near = get_close_matches(name.rpartition(".")[2], [str(key) for key in among], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "give this fact, or take the name out of the condition"
        return MissingName(name, position=node.at, hint=hint, text=self.text)

    def truth(self, node: _Node) -> bool:
        value = self.value(node)
        if value is None:
            raise self.not_known(node, f"{self.called(node)} is not known yet", "test it with is_empty(...) first")
        if not isinstance(value, bool):
            raise self.fail(node, f"{_shown(value)} is neither true nor false", "compare it with something")
        return value

    def number(self, node: _Node) -> Decimal:
        value = self.value(node)
        if value is None:
            raise self.not_known(node, f"{self.called(node)} is not known yet", "test it with is_empty(...) first")
        if not isinstance(value, Decimal):
            raise self.fail(node, f"{_shown(value)} is not a number", "use a number here")
        return value

    def called(self, node: _Node) -> str:
        if isinstance(node, _Name):
            return repr(node.name)
        if isinstance(node, _Call):
            return f"the {node.function}"
        return "a value"

    def arithmetic(self, node: _Arithmetic) -> Decimal:
        left, right = self.number(node.left), self.number(node.right)
        try:
            match node.sign:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
            return left / right
        except (DivisionByZero, InvalidOperation):
            raise self.fail(
                node, "a number is divided by 0", "use share(part, whole), which says 'not defined'"
            ) from None
        except Overflow:
            raise self.fail(node, "the number becomes too large", "use smaller numbers") from None

    def comparison(self, node: _Comparison) -> bool:
        left_node, left = node.first, self.value(node.first)
        for sign, right_node in node.rest:
            right = self.value(right_node)
            if not self.compare(node, sign, (left_node, left), (right_node, right)):
                return False
            left_node, left = right_node, right
        return True

    def compare(self, node: _Comparison, sign: str, left: tuple[_Node, object], right: tuple[_Node, object]) -> bool:
        (left_node, one), (right_node, other) = left, right
        if sign in ("in", "not in"):
            found = self.contains(right_node, other, one)
            return found if sign == "in" else not found
        if sign in ("==", "!="):
            if one is not None and other is not None and _family(one) != _family(other):
                raise self.fail(
                    node, f"{_shown(one)} cannot be compared with {_shown(other)}", "compare like with like"
                )
            return (one == other) if sign == "==" else (one != other)
        for part, value in ((left_node, one), (right_node, other)):
            if value is None:
                raise self.not_known(part, f"{self.called(part)} is not known yet", "test it with is_empty(...) first")
        ordered = _order(one, other)
        if ordered is None:
            raise self.fail(
                node,
                f"{_shown(one)} and {_shown(other)} have no order",
                "compare numbers with numbers and dates with dates; write date('2026-01-31')",
            )
        return {"<": ordered < 0, "<=": ordered <= 0, ">": ordered > 0, ">=": ordered >= 0}[sign]

    def contains(self, node: _Node, container: object, item: object) -> bool:
        if container is None:
            raise self.not_known(node, f"{self.called(node)} is not known yet", "test it with is_empty(...) first")
        if isinstance(container, str):  # the answer to a multiple choice: codes with blanks between
            return item in container.split()
        if isinstance(container, tuple):
            return any(_family(item) == _family(other) and item == other for other in container)
        if isinstance(container, Mapping):
            return item in container
        raise self.fail(node, f"{_shown(container)} is not a list", "write a list such as ['a', 'b'] after in")

    def call(self, node: _Call) -> object:
        if node.function == "is_empty":
            return self.is_empty(node.arguments[0])
        arguments = node.arguments
        match node.function:
            case "count":
                return Decimal(self.size(arguments[0]))
            case "sum" | "min" | "max":
                return self.over(node)
            case "share":
                part, whole = self.number(arguments[0]), self.number(arguments[1])
                return None if whole == 0 else part / whole
            case "date":
                return self.day(arguments[0])
            case "days_between":
                return Decimal((self.day(arguments[1]) - self.day(arguments[0])).days)
        return Decimal(months_between(self.day(arguments[0]), self.day(arguments[1])))

    def is_empty(self, node: _Node) -> bool:
        """True also for an answer that was never given, as long as what should hold it is there."""
        try:
            value = self.value(node)
        except MissingName:
            if isinstance(node, _Name) and "." in node.name and node.name.partition(".")[0] in self.facts:
                return True
            raise
        if isinstance(value, str):
            return not value.strip()
        return value is None or (isinstance(value, (tuple, Mapping)) and not value)

    def size(self, node: _Node) -> int:
        value = self.value(node)
        if value is None:
            return 0
        if isinstance(value, (tuple, Mapping)):
            return len(value)
        if isinstance(value, str):
            return len(value.split())
        raise self.fail(node, f"{_shown(value)} is not a list", "count takes a list")

    def over(self, node: _Call) -> object:
        if len(node.arguments) == 1:
            value = self.value(node.arguments[0])
            values = list(value) if isinstance(value, tuple) else [value]
        else:
            values = [self.value(argument) for argument in node.arguments]
        known = [value for value in values if value is not None]
        if node.function == "sum":
            total = Decimal(0)
            for value in known:
                if not isinstance(value, Decimal):
                    raise self.fail(node, f"{_shown(value)} is not a number", "sum takes numbers")
                total += value
            return total
        if not known:
            return None
        numbers = [value for value in known if isinstance(value, Decimal)]
        days = [value for value in known if isinstance(value, date)]
        if len(numbers) == len(known):
            return min(numbers) if node.function == "min" else max(numbers)
        if len(days) == len(known):
            return min(days) if node.function == "min" else max(days)
        raise self.fail(node, f"{node.function} takes numbers or dates of one kind", "take the other values out")

    def day(self, node: _Node) -> date:
        value = self.value(node)
        if value is None:
            raise self.not_known(node, f"{self.called(node)} is not known yet", "test it with is_empty(...) first")
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value.strip()[:10])
            except ValueError:
                pass
        raise self.fail(node, f"{_shown(value)} is not a date", "write a date as date('2026-01-31')")


def _plain(value: object) -> object:
    """A fact in the language's own kinds: Decimal, text, date, truth, tuple, mapping, or None."""
    if value is None or isinstance(value, (bool, str, Decimal, Mapping)):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (Sequence, set, frozenset)):
        return tuple(_plain(item) for item in value)
    raise ExpressionError(f"a {type(value).__name__} cannot be used in a condition", hint="give plain values as facts")


def _order(one: object, other: object) -> int | None:
    """-1, 0 or 1; None where the two have no order."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return (one > other) - (one < other)
    if isinstance(one, date) and isinstance(other, date):
        return (one > other) - (one < other)
    return None


def _family(value: object) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, Decimal):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, date):
        return "date"
    return "none" if value is None else "list"


def _shown(value: object) -> str:
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value!r}"
    if isinstance(value, date):
        return f"the date {value.isoformat()}"
    return "a list"
