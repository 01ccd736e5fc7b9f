"""The expressions of a form: XPath 1.0 with the functions of XForms, answered over the answers of one submission.

elementpath reads the text (grammar, precedence, number of arguments); this module answers it the way ODK Collect does
(decision 0036), so that a form gives the same result in the field and here:

- an unanswered question is an empty text; a node that does not exist compares like one;
- a date counts as the number of days since 1 January 1970 wherever a number is asked for;
- numbers are exact decimals, never floats.

What an expression may cost is bounded: steps are counted over a whole filling, a pattern has a time. OutOfTime then.
"""

from __future__ import annotations

import base64
import hashlib
import math
import random
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias, cast

import regex
from django.utils.translation import gettext as _
from elementpath.exceptions import ElementPathError
from elementpath.tdop import Parser
from elementpath.xpath1 import XPath1Parser

from jump.engines.evidence.definitions.tables import Table

NAN = Decimal("NaN")
INFINITY = Decimal("Infinity")
EPOCH = date(1970, 1, 1)
NUMERIC_TYPES = frozenset({"integer", "decimal", "range"})
PATTERN_SECONDS_MAX = 0.25
STEPS_MAX = 4_000_000  # some seconds
DECIMALS_KEPT = Decimal("0.000000000001")

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


class BadExpression(ValueError):
    """The text is not an expression that a form may hold."""


class OutOfTime(ValueError):
    """An expression that cannot be answered within its bounds: what the device says is then taken as it is."""


@dataclass(slots=True, eq=False)
class Node:
    """A place in the instance: a question with its value as text, or a group or repeat with what is in it.

    `number` counts among neighbours of the same name, from 1; `table` stands for children that are made when looked at.
    """

    name: str
    type: str = "group"
    text: str = ""
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list)
    is_relevant: bool = True
    path: str = ""
    number: int = 1
    named: dict[str, list[Node]] | None = field(default=None, repr=False)
    table: Table | None = field(default=None, repr=False)

    def add(self, child: Node) -> Node:
        child.parent = self
        self.children.append(child)
        if self.named is None:
            self.named = {}
        alike = self.named.setdefault(child.name, [])
        alike.append(child)
        child.number = len(alike)
        return child

    def called(self, name: str) -> Sequence[Node]:
        """The children of this name, asked or not."""
        if self.table is not None and self.named is None:
            self.named = {"item": [item_of(row, self) for row in self.table.rows]}
        return self.named.get(name, ()) if self.named is not None else ()

    def below(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child.below()


def item_of(row: Mapping[str, str], parent: Node) -> Node:
    """A row of a table as an item of an instance."""
    item = Node("item", parent=parent)
    for column, text in row.items():
        item.add(Node(column, "text", text))
    return item


Value: TypeAlias = "list[Node] | str | Decimal | bool"


@dataclass(slots=True)
class Setting:
    """What an expression may know besides the instance: the day and instant, tables of choices, texts of the form.

    `changes` counts, for each name, how often a value of that name changed: what was worked out stays as long as these
    stay. `steps_left` is what is left of the bound on one filling.
    """

    root: Node
    today: date
    now: datetime
    tables: Mapping[str, Table] = field(default_factory=dict)
    choice_name: Callable[[str, str], str] = lambda path, code: code
    itext: Callable[[str], str] = lambda text_id: text_id
    steps_left: int = STEPS_MAX
    changes: dict[str, int] = field(default_factory=dict)
    kept: dict[int, tuple[Any, int, Any]] = field(default_factory=dict)
    instances: dict[str, Node] = field(default_factory=dict)

    def spend(self, steps: int) -> None:
        self.steps_left -= steps
        if self.steps_left < 0:
            raise OutOfTime(_("The form asks for more calculation than is done for one filling."))

    def instance(self, name: str) -> Node | None:
        """A table as an instance: `/root/item` and a child for each column."""
        made = self.instances.get(name)
        if made is None and name in self.tables:
            made = self.instances[name] = Node(name)
            made.add(Node("root", table=self.tables[name]))
        return made


# The grammar -----------------------------------------------------------------------------------------

_ARITIES: Mapping[str, Any] = {
    "if": 3,
    "coalesce": (1, None),
    "selected": 2,
    "selected-at": 2,
    "count-selected": 1,
    "count-non-empty": 1,
    "jr-choice-name": 2,
    "jr-itext": 1,
    "current": 0,
    "instance": 1,
    "once": 1,
    "int": 1,
    "round": (1, 2),
    "number": (0, 1),
    "position": (0, 1),
    "min": (1, None),
    "max": (1, None),
    "sum": 1,
    "abs": 1,
    "pow": 2,
    "sqrt": 1,
    "log10": 1,
    "exp": 1,
    "regex": 2,
    "ends-with": 2,
    "substr": (2, 3),
    "join": (1, None),
    "concat": (1, None),
    "upper-case": 1,
    "lower-case": 1,
    "today": 0,
    "now": 0,
    "date": 1,
    "date-time": 1,
    "decimal-date-time": 1,
    "decimal-time": 1,
    "format-date": 2,
    "format-date-time": 2,
    "boolean-from-string": 1,
    "uuid": (0, 1),
    "random": 0,
    "checklist": (2, None),
    "weighted-checklist": (2, None),
    "indexed-repeat": (3, None),
    "pulldata": 4,
    "area": 1,
    "enclosed-area": 1,
    "distance": (1, None),
    "geofence": 2,
    "pi": 0,
    "exp10": 1,
    "sin": 1,
    "cos": 1,
    "tan": 1,
    "asin": 1,
    "acos": 1,
    "atan": 1,
    "atan2": 2,
    "log": 1,
    "property": (0, 1),
    "version": 0,
    "intersects": 1,
    "randomize": (1, 2),
    "digest": (1, 3),
    "base64-decode": 1,
}


class FormParser(XPath1Parser):
    """XPath 1.0 as elementpath reads it, with a step allowed after a function: `current()/../x`."""

    PATH_STEP_LABELS = (*XPath1Parser.PATH_STEP_LABELS, "function")
    PATH_STEP_SYMBOLS = {*XPath1Parser.PATH_STEP_SYMBOLS, "("}

    def parse(self, source: str) -> Any:
        return Parser.parse(self, source)  # without elementpath's own evaluation of constants


for _name, _arity in _ARITIES.items():
    FormParser.symbol_table.pop(_name, None)
    FormParser.function(_name, nargs=_arity)


@lru_cache(maxsize=8_192)
def parse(text: str) -> Any:
    """The tree of an expression. Raises BadExpression with elementpath's words."""
    plain = text.replace("jr:choice-name(", "jr-choice-name(").replace("jr:itext(", "jr-itext(")
    try:
        return FormParser().parse(plain)
    except (ElementPathError, SyntaxError, ValueError, TypeError) as error:
        raise BadExpression(str(error).split("] ")[-1]) from error
    except RecursionError:
        raise BadExpression(_("it is nested too deeply")) from None


def check(text: str) -> None:
    """Read an expression and the patterns that stand in it as they are. Raises BadExpression."""
    for token in parse(text).iter():
        if token.symbol == "regex" and len(token) == 2 and token[1].symbol == "(string)":
            compiled(str(token[1].value))


# Kinds of value --------------------------------------------------------------------------------------


def text_of(value: Value) -> str:
    """The value as a text: of several nodes the first."""
    if isinstance(value, list):
        return _node_text(value[0]) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    return value


def number_text(value: Decimal) -> str:
    """A number as XForms writes it: 3, 2.5, NaN.

    >>> number_text(Decimal("3.00")), number_text(Decimal("0.10"))
    ('3', '0.1')
    """
    if not value.is_finite():
        return "NaN" if value.is_nan() else ("Infinity" if value > 0 else "-Infinity")
    if value == value.to_integral_value():
        return str(int(value))
    return format(value.quantize(DECIMALS_KEPT).normalize(), "f")


def number_of(value: Value) -> Decimal:
    """The value as a number; a date as days since 1970; NaN for what is no number.

    >>> number_of("1970-01-11"), number_of(" 2.5 "), number_of("")
    (Decimal('10'), Decimal('2.5'), Decimal('NaN'))
    """
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    text = text_of(value).strip()
    if _NUMBER.match(text):
        return Decimal(text)
    day = _DAY.match(text)
    if day:
        try:
            return Decimal((date(int(day[1]), int(day[2]), int(day[3])) - EPOCH).days)
        except ValueError:
            return NAN
    if _INSTANT.match(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return NAN
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        return Decimal(since.days) + Decimal(since.seconds) / 86_400
    return NAN


def truth_of(value: Value) -> bool:
    """The value as true or false; a single question counts by its answer, as in ODK."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return not value.is_nan() and value != 0
    if isinstance(value, str):
        return bool(value)
    if len(value) == 1 and not value[0].children:
        text = _node_text(value[0])
        return number_of(text) != 0 if value[0].type in NUMERIC_TYPES and text else bool(text)
    return bool(value)


def _node_text(node: Node) -> str:
    return node.text if node.is_relevant else ""


# Answering -------------------------------------------------------------------------------------------


def evaluate(text: str, here: Node, setting: Setting) -> Value:
    """The value of an expression at a node."""
    with localcontext() as context:
        context.prec = 34
        return _Answering(setting, here).value(parse(text), here)


def holds(text: str, here: Node, setting: Setting) -> bool:
    return truth_of(evaluate(text, here, setting))


class _Answering:
    """One expression being answered: `start` is what `current()` means."""

    def __init__(self, setting: Setting, start: Node) -> None:
        self.setting = setting
        self.start = start

    def value(self, token: Any, here: Node, at: tuple[int, int] = (1, 1)) -> Value:
        symbol = token.symbol
        self.setting.spend(1)
        if symbol == "(string)":
            return str(token.value)
        if symbol in ("(integer)", "(decimal)", "(float)"):
            return Decimal(str(token.value))
        if symbol == "(":
            return self.value(token[0], here, at)
        operator = _OPERATORS.get(symbol)
        if operator is not None and (len(token) == 2 or symbol in "+-"):
            return operator(self, token, here, at)
        if token.label == "function":
            function = _FUNCTIONS.get(symbol)
            if function is None:
                raise BadExpression(f"{symbol}() is not answered here")
            if symbol in _OVER_NODES and is_everywhere_alike(token):
                return self.once(token, lambda: function(_Call(self, token, here, at)))
            return function(_Call(self, token, here, at))
        return self.nodes(token, here, at)

    def once(self, token: Any, work: Callable[[], Value]) -> Value:
        """What is the same wherever it is asked is worked out again only when something that it names changed."""
        changes = self.setting.changes
        stamp = sum(changes.get(name, 0) for name in names_in(token))
        held = self.setting.kept.get(id(token))
        if held is not None and held[0] is token and held[1] == stamp:
            return cast(Value, held[2])
        value = work()
        self.setting.kept[id(token)] = (token, stamp, value)
        return value

    def nodes(self, token: Any, here: Node, at: tuple[int, int] = (1, 1)) -> list[Node]:
        """The nodes that a path names, seen from a node."""
        symbol = token.symbol
        match symbol:
            case "/" | "//":
                if len(token) == 2:
                    starts = self.nodes(token[0], here, at)
                    step = token[1]
                else:
                    starts = [self.setting.root]
                    step = token[0] if len(token) else None
                if step is None:
                    return starts
                if symbol == "//":
                    starts = [node for start in starts for node in (start, *start.below())]
                return _distinct(node for start in starts for node in self.nodes(step, start))
            case ".":
                return [here]
            case "..":
                return [here.parent] if here.parent is not None else []
            case "*":
                self.setting.spend(len(here.children))
                return [child for child in here.children if child.is_relevant]
            case "(name)":
                found = here.called(token.value)
                self.setting.spend(len(found))
                return [child for child in found if child.is_relevant]
            case "[":
                looked_up = self._looked_up(token, here)
                if looked_up is not None:
                    return looked_up
                found = self.nodes(token[0], here, at)
                kept = []
                for number, node in enumerate(found, start=1):
                    test = self.value(token[1], node, (number, len(found)))
                    if (number == test) if isinstance(test, Decimal) else truth_of(test):
                        kept.append(node)
                return kept
            case "|":
                return _distinct([*self.nodes(token[0], here, at), *self.nodes(token[1], here, at)])
            case "(":
                return self.nodes(token[0], here, at)
            case "child":
                return self.nodes(token[0], here)
            case "parent":
                return self.nodes(token[0], here.parent.parent) if here.parent and here.parent.parent else []
            case "@":
                return []
        value = self.value(token, here, at)
        if isinstance(value, list):
            return value
        raise BadExpression(f"{token.source} is not a path")

    def _looked_up(self, token: Any, here: Node) -> list[Node] | None:
        """`item[column = …]` over a table, where the other side does not depend on the item; else None."""
        if here.table is None or token[0].symbol != "(name)" or token[0].value != "item":
            return None
        test = token[1]
        if test.symbol != "=" or test[0].symbol != "(name)" or not _is_outside(test[1]):
            return None
        wanted = self.value(test[1], here)
        if isinstance(wanted, Decimal | bool):
            return None
        texts = [_node_text(node) for node in wanted] or [""] if isinstance(wanted, list) else [wanted]
        if isinstance(wanted, list) and any(node.type in NUMERIC_TYPES for node in wanted):
            texts = [number_text(number_of(text)) if text else text for text in texts]
        column = str(test[0].value)
        return [item_of(row, here) for text in dict.fromkeys(texts) for row in here.table.where(column, text)]


def _distinct(nodes: Any) -> list[Node]:
    return list({id(node): node for node in nodes}.values())


# What an expression depends on -----------------------------------------------------------------------

_OVER_NODES = frozenset({"count", "sum", "min", "max", "join", "concat", "count-non-empty"})
_CHANGEFUL = frozenset({"random", "uuid", "now", "today", "version", "property"})
ANYTHING = "*"


_known: dict[int, tuple[Any, frozenset[str], bool]] = {}
KNOWN_MAX = 50_000


def _about(token: Any) -> tuple[Any, frozenset[str], bool]:
    """What was found out about a part of an expression; tokens have no hash, so they are known by their place."""
    held = _known.get(id(token))
    if held is None or held[0] is not token:
        if len(_known) >= KNOWN_MAX:
            _known.clear()
        held = _known[id(token)] = (token, _names_in(token), _is_alike(token))
    return held


def names_in(token: Any) -> frozenset[str]:
    """The names of questions and groups that an expression speaks of; `*` where it may be any."""
    return _about(token)[1]


def is_everywhere_alike(token: Any) -> bool:
    """Whether a call speaks of the whole form only: of paths from the root, without tests and without `current()`."""
    return _about(token)[2]


def _names_in(token: Any) -> frozenset[str]:
    found = set()
    for inner in token.iter():
        if inner.symbol == "(name)":
            found.add(str(inner.value))
        elif inner.symbol in ("*", "//") and not (inner.symbol == "*" and len(inner) == 2):
            found.add(ANYTHING)
    return frozenset(found)


@lru_cache(maxsize=8_192)
def depends_on(text: str) -> frozenset[str]:
    """The names that an expression's value depends on."""
    return names_in(parse(text))


@lru_cache(maxsize=8_192)
def is_changeful(text: str) -> bool:
    """Whether the value may differ each time that it is asked: then what the device worked out stands."""
    for token in parse(text).iter():
        if token.symbol in _CHANGEFUL or (token.symbol == "randomize" and len(token) < 2):
            return True
    return False


def _is_alike(token: Any) -> bool:
    return all(_is_from_root(argument) or argument.symbol == "(string)" for argument in token)


def _is_from_root(token: Any) -> bool:
    while token.symbol == "/" and len(token) == 2 and token[1].symbol == "(name)":
        token = token[0]
    return bool(token.symbol == "/" and len(token) == 1 and token[0].symbol == "(name)")


def _is_outside(token: Any) -> bool:
    """Whether a side of a test means the same for every item: a text, a path from the root or from `current()`."""
    if token.symbol == "(":
        return _is_outside(token[0])
    if token.symbol == "(string)" or _is_from_root(token):
        return True
    while token.symbol == "/" and len(token) == 2:
        token = token[0]
    return bool(token.symbol == "current")


@lru_cache(maxsize=8_192)
def instance_named(text: str) -> str:
    """The instance that an expression looks into, if it names one: `instance('towns')/root/item[…]` gives towns."""
    for token in parse(text).iter():
        if token.symbol == "instance" and len(token) == 1 and token[0].symbol == "(string)":
            return str(token[0].value)
    return ""


def path_of(token: Any) -> list[str] | None:
    """The names of a plain path from the root: ["data", "house", "age"]; None for any other expression."""
    if not _is_from_root(token):
        return None
    names: list[str] = []
    while len(token) == 2:
        names.append(str(token[1].value))
        token = token[0]
    names.append(str(token[0].value))
    return names[::-1]


def _compare(answering: _Answering, token: Any, here: Node, at: tuple[int, int]) -> bool:
    sign = token.symbol
    left, right = answering.value(token[0], here, at), answering.value(token[1], here, at)
    if isinstance(left, bool) or isinstance(right, bool):
        return _signed(sign, Decimal(truth_of(left)), Decimal(truth_of(right)))
    pairs = ((one, other) for one in _atoms(left) for other in _atoms(right))
    return any(_pair(sign, one, other) for one, other in pairs)


def _atoms(value: Value) -> Sequence[tuple[str | Decimal | bool, bool]]:
    """What is compared, each with whether it is a number by its type; no node at all compares like an empty one."""
    if isinstance(value, list):
        return [(_node_text(node), node.type in NUMERIC_TYPES) for node in value] or [("", False)]
    return [(value, isinstance(value, Decimal))]


def _pair(sign: str, one: tuple[Any, bool], other: tuple[Any, bool]) -> bool:
    is_order = sign in ("<", "<=", ">", ">=")
    if is_order or isinstance(one[0], Decimal) or isinstance(other[0], Decimal) or (one[1] and other[1]):
        left, right = number_of(one[0]), number_of(other[0])
        typed = isinstance(one[0], Decimal) or isinstance(other[0], Decimal)
        if not is_order and not typed and (left.is_nan() or right.is_nan()):
            return (text_of(one[0]) == text_of(other[0])) == (sign == "=")
        return _signed(sign, left, right)
    return (text_of(one[0]) == text_of(other[0])) == (sign == "=")


def _signed(sign: str, left: Decimal, right: Decimal) -> bool:
    if left.is_nan() or right.is_nan():
        return sign == "!="
    match sign:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def _arithmetic(answering: _Answering, token: Any, here: Node, at: tuple[int, int]) -> Decimal:
    if len(token) == 1:
        only = number_of(answering.value(token[0], here, at))
        return -only if token.symbol == "-" else only
    left = number_of(answering.value(token[0], here, at))
    right = number_of(answering.value(token[1], here, at))
    if left.is_nan() or right.is_nan():
        return NAN
    try:
        match token.symbol:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "div":
                if right == 0:
                    return NAN if left == 0 else (INFINITY if left > 0 else -INFINITY)
                return left / right
        return NAN if right == 0 else left % right
    except InvalidOperation:
        return NAN


_OPERATORS: Mapping[str, Callable[[_Answering, Any, Node, tuple[int, int]], Value]] = {
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _compare),
    **dict.fromkeys(("+", "-", "*", "div", "mod"), _arithmetic),
    "and": lambda a, t, h, at: truth_of(a.value(t[0], h, at)) and truth_of(a.value(t[1], h, at)),
    "or": lambda a, t, h, at: truth_of(a.value(t[0], h, at)) or truth_of(a.value(t[1], h, at)),
}


# Functions -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Call:
    """A function being called: its arguments are answered when they are looked at."""

    answering: _Answering
    token: Any
    here: Node
    at: tuple[int, int]

    def __len__(self) -> int:
        return len(self.token)

    def value(self, number: int) -> Value:
        return self.answering.value(self.token[number], self.here, self.at)

    def text(self, number: int) -> str:
        return text_of(self.value(number))

    def number(self, number: int) -> Decimal:
        return number_of(self.value(number))

    def texts(self, start: int = 0) -> list[str]:
        """All arguments as texts; a path gives one per node."""
        found: list[str] = []
        for number in range(start, len(self)):
            value = self.value(number)
            found.extend([_node_text(node) for node in value] if isinstance(value, list) else [text_of(value)])
        return found

    def numbers(self) -> list[Decimal]:
        """All arguments as numbers; unanswered ones are left out."""
        return [number_of(text) for text in self.texts() if text.strip()]


def _round(call: _Call) -> Decimal:
    value = call.number(0)
    places = int(call.number(1)) if len(call) > 1 else 0
    if not value.is_finite():
        return value
    scaled = value.scaleb(places)
    return (scaled + Decimal("0.5")).to_integral_value(ROUND_FLOOR).scaleb(-places)


def _position(call: _Call) -> Decimal:
    if not len(call):
        return Decimal(call.at[0])
    value = call.value(0)
    if not isinstance(value, list) or not value:
        return NAN
    return Decimal(value[0].number)


def _selected_at(call: _Call) -> str:
    chosen, number = call.text(0).split(), call.number(1)
    return chosen[int(number)] if not number.is_nan() and 0 <= number < len(chosen) else ""


def _checklist(call: _Call, weighted: bool = False) -> bool:
    least, most = call.number(0), call.number(1)
    total = Decimal(0)
    step = 2 if weighted else 1
    for number in range(2, len(call), step):
        if truth_of(call.value(number)):
            total += call.number(number + 1) if weighted else 1
    return (least < 0 or total >= least) and (most < 0 or total <= most)


def _indexed(call: _Call) -> Value:
    """indexed-repeat(name, repeat, number, ...): the question's value in the repeat of that number."""
    target = path_of(call.token[0])
    if target is None:
        return _indexed_among(call)
    here, done = call.answering.setting.root, 0
    for number in range(1, len(call) - 1, 2):
        repeat, wanted = path_of(call.token[number]), call.number(number + 1)
        if repeat is None or target[: len(repeat)] != repeat or len(repeat) <= done:
            return _indexed_among(call)
        for name in repeat[done:-1]:
            inside = here.called(name)
            if not inside:
                return ""
            here = inside[0]
        rows = here.called(repeat[-1])
        if wanted.is_nan() or not 1 <= wanted <= len(rows):
            return ""
        here, done = rows[int(wanted) - 1], len(repeat)
    found = [here]
    for name in target[done:]:
        found = [child for node in found for child in node.called(name) if child.is_relevant]
    return found


def _indexed_among(call: _Call) -> Value:
    """The same for paths that are not plain."""
    found = call.value(0)
    if not isinstance(found, list):
        return found
    for number in range(1, len(call) - 1, 2):
        repeats, wanted = call.value(number), call.number(number + 1)
        if not isinstance(repeats, list) or wanted.is_nan() or not 1 <= wanted <= len(repeats):
            return ""
        inside = {id(node) for node in repeats[int(wanted) - 1].below()}
        call.answering.setting.spend(len(inside))
        found = [node for node in found if id(node) in inside]
    return found


def _moment(value: Value) -> datetime | None:
    text = text_of(value).strip()
    try:
        if _DAY.match(text):
            return datetime.combine(date.fromisoformat(text), time(0), tzinfo=UTC)
        if _INSTANT.match(text):
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    number = number_of(value)
    if number.is_nan():
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=float(number))


def _format(call: _Call) -> str:
    moment = _moment(call.value(0))
    if moment is None:
        return ""
    parts = {
        "%Y": f"{moment.year:04}",
        "%y": f"{moment.year % 100:02}",
        "%m": f"{moment.month:02}",
        "%n": str(moment.month),
        "%d": f"{moment.day:02}",
        "%e": str(moment.day),
        "%H": f"{moment.hour:02}",
        "%h": str(moment.hour),
        "%M": f"{moment.minute:02}",
        "%S": f"{moment.second:02}",
        "%3": f"{moment.microsecond // 1000:03}",
        "%b": moment.strftime("%b"),
        "%a": moment.strftime("%a"),
    }
    return re.sub(r"%[A-Za-z3]", lambda found: parts.get(found[0], found[0]), call.text(1))


def _date(call: _Call) -> str:
    moment = _moment(call.value(0))
    return moment.date().isoformat() if moment else ""


def _substr(call: _Call) -> str:
    text, start = call.text(0), call.number(1)
    end = call.number(2) if len(call) > 2 else Decimal(len(text))
    return text[int(start) : int(end)] if start.is_finite() and end.is_finite() else ""


def _substring(call: _Call) -> str:
    text, start = call.text(0), call.number(1)
    length = call.number(2) if len(call) > 2 else Decimal(len(text) + 1)
    if not start.is_finite() or length.is_nan():
        return ""
    first = start.to_integral_value(ROUND_HALF_UP)
    end = first + length.to_integral_value(ROUND_HALF_UP) if length.is_finite() else Decimal(len(text) + 1)
    return text[int(max(first - 1, Decimal(0))) : int(max(end - 1, Decimal(0)))]


@lru_cache(maxsize=2_000)
def compiled(pattern: str) -> Any:
    """A pattern of a form, as Java's and JavaScript's are mostly written. Raises BadExpression."""
    try:
        return regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError, ValueError) as error:
        facts = {"pattern": pattern[:60], "error": error}
        raise BadExpression(_("'%(pattern)s' is no pattern: %(error)s") % facts) from error


def _regex(call: _Call) -> bool:
    """Whether the whole text fits the pattern, as in Collect; a pattern that goes on for too long does not fit.

    Raises OutOfTime so that the answer is flagged and not refused.
    """
    try:
        return compiled(call.text(1)).fullmatch(call.text(0), timeout=PATTERN_SECONDS_MAX) is not None
    except TimeoutError:
        raise OutOfTime(_("The pattern %(pattern)s takes too long.") % {"pattern": call.text(1)[:60]}) from None


def _integer(call: _Call) -> Decimal:
    value = call.number(0)
    return value.to_integral_value(ROUND_DOWN) if value.is_finite() else value


def _decimal_time(call: _Call) -> Decimal:
    try:
        clock = time.fromisoformat(call.text(0)[:8])
    except ValueError:
        return NAN
    return Decimal(clock.hour * 3600 + clock.minute * 60 + clock.second) / 86_400


def _path(call: _Call, what: Callable[[float], float]) -> Decimal:
    value = call.number(0)
    if not value.is_finite():
        return NAN
    try:
        return Decimal(repr(what(float(value))))
    except (ValueError, OverflowError):
        return NAN


def _number_here(call: _Call) -> Decimal:
    return call.number(0) if len(call) else number_of([call.here])


def _power(call: _Call) -> Decimal:
    base, exponent = call.number(0), call.number(1)
    if abs(exponent) > 1_000:
        return NAN
    try:
        return base**exponent
    except (InvalidOperation, ArithmeticError):
        return NAN


def _instance(call: _Call) -> list[Node]:
    found = call.answering.setting.instance(call.text(0))
    return [found] if found is not None else []


def _pulled(call: _Call) -> str:
    """pulldata(file, column, key column, key): what the file beside the form says; empty where it says nothing."""
    name = call.text(0)
    tables = call.answering.setting.tables
    table = tables.get(name) or tables.get(name.removesuffix(".csv"))
    if table is None:
        raise BadExpression(f"the file {name} is not here")
    found = table.where(call.text(2), call.text(3))
    return found[0].get(call.text(1), "") if found else ""


def _digest(call: _Call) -> str:
    """digest(text, algorithm, encoding): base64 unless hex is asked for."""
    name = call.text(1).replace("-", "").lower()
    if name not in ("md5", "sha1", "sha256", "sha384", "sha512"):
        raise BadExpression(f"{call.text(1)!r} is no algorithm of digest")
    made = hashlib.new(name, call.text(0).encode(), usedforsecurity=False).digest()
    return made.hex() if len(call) > 2 and call.text(2) == "hex" else base64.b64encode(made).decode()


def _base64(call: _Call) -> str:
    try:
        return base64.b64decode(call.text(0), validate=True).decode()
    except ValueError:
        return ""


def _randomized(call: _Call) -> list[Node]:
    """The nodes shuffled by a seed as ODK's clients shuffle: Park-Miller numbers, Fisher-Yates from inside out."""
    nodes = list(_nodes_of(call))
    if len(call) < 2:
        return nodes
    stated = call.number(1)
    seed = int(math.fmod(int(stated), 2_147_483_647)) if stated.is_finite() else 0
    seed = seed + 2_147_483_646 if seed <= 0 else seed
    shuffled: list[Node] = []
    for number, node in enumerate(nodes):
        seed = seed * 16_807 % 2_147_483_647
        other = (seed - 1) * (number + 1) // 2_147_483_646
        shuffled.append(node)
        if other != number:
            shuffled[number], shuffled[other] = shuffled[other], node
    return shuffled


def _points(call: _Call, start: int = 0) -> list[tuple[float, float]]:
    """Latitude and longitude of each point of the arguments: shapes and lines, or one point a node."""
    found = []
    for text in call.texts(start):
        for point in text.split(";"):
            parts = point.split()
            if len(parts) >= 2:
                try:
                    found.append((float(parts[0]), float(parts[1])))
                except ValueError:
                    return []
    return found


EARTH_METRES = 6_378_100  # the radius that ODK's clients use


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance on the sphere.

    >>> round(metres_between((0, 0), (0, 1)))
    111319
    """
    (lat, lon), (lat_2, lon_2) = one, other
    half = math.sin(math.radians(lat_2 - lat) / 2) ** 2
    half += math.cos(math.radians(lat)) * math.cos(math.radians(lat_2)) * math.sin(math.radians(lon_2 - lon) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))


def _distance(call: _Call) -> Decimal:
    points = _points(call)
    total = sum(metres_between(one, other) for one, other in pairwise(points))
    return Decimal(f"{total:.2f}").normalize()


def _area(call: _Call) -> Decimal:
    """The area in square metres that the points enclose on the sphere, by the formula that ODK's clients use."""
    points = _points(call)
    if len(points) < 3:
        return Decimal(0)
    total = sum(
        math.radians(lon_2 - lon) * (2 + math.sin(math.radians(lat)) + math.sin(math.radians(lat_2)))
        for (lat, lon), (lat_2, lon_2) in zip(points, [*points[1:], points[0]], strict=True)
    )
    return Decimal(f"{abs(total * EARTH_METRES * EARTH_METRES / 2):.2f}").normalize()


def _inside(call: _Call) -> bool:
    """geofence(point, shape): whether the point lies in the shape."""
    point, shape = _points(call)[:1], []
    for part in call.text(1).split(";"):
        numbers = part.split()
        if len(numbers) >= 2:
            shape.append((float(numbers[0]), float(numbers[1])))
    if not point:
        return False
    lat, lon = point[0]
    crossed = False
    for (lat_1, lon_1), (lat_2, lon_2) in pairwise(shape):
        if (lat_2 > lat) != (lat_1 > lat) and lon < (lon_1 - lon_2) * (lat - lat_2) / (lat_1 - lat_2) + lon_2:
            crossed = not crossed
    return crossed


def _choice_name(call: _Call) -> str:
    return call.answering.setting.choice_name(call.text(1).strip(), call.text(0))


def _nodes_of(call: _Call) -> list[Node]:
    value = call.value(0)
    return value if isinstance(value, list) else []


def _average(numbers: Sequence[Decimal], pick: Callable[[Sequence[Decimal]], Decimal]) -> Decimal:
    known = [number for number in numbers if not number.is_nan()]
    return pick(known) if known else NAN


_FUNCTIONS: Mapping[str, Callable[[_Call], Value]] = {
    "if": lambda call: call.value(1) if truth_of(call.value(0)) else call.value(2),
    "coalesce": lambda call: next((text for text in call.texts() if text), ""),
    "once": lambda call: text_of([call.here]) or call.value(0),
    "selected": lambda call: call.text(1).strip() in call.text(0).split(),
    "selected-at": _selected_at,
    "count-selected": lambda call: Decimal(len(call.text(0).split())),
    "count-non-empty": lambda call: Decimal(sum(bool(text) for text in call.texts())),
    "jr-choice-name": _choice_name,
    "jr-itext": lambda call: call.answering.setting.itext(call.text(0)),
    "pulldata": _pulled,
    "digest": _digest,
    "base64-decode": _base64,
    "distance": _distance,
    "area": _area,
    "enclosed-area": _area,  # as JavaRosa has it too
    "geofence": _inside,
    "pi": lambda call: Decimal(repr(math.pi)),
    "exp10": lambda call: _path(call, lambda value: 10.0**value),
    "log": lambda call: _path(call, math.log),
    "sin": lambda call: _path(call, math.sin),
    "cos": lambda call: _path(call, math.cos),
    "tan": lambda call: _path(call, math.tan),
    "asin": lambda call: _path(call, math.asin),
    "acos": lambda call: _path(call, math.acos),
    "atan": lambda call: _path(call, math.atan),
    "atan2": lambda call: Decimal(repr(math.atan2(float(call.number(0)), float(call.number(1))))),
    "random": lambda call: Decimal(repr(random.random())),
    "current": lambda call: [call.answering.start],
    "instance": _instance,
    "not": lambda call: not truth_of(call.value(0)),
    "true": lambda call: True,
    "false": lambda call: False,
    "boolean": lambda call: truth_of(call.value(0)),
    "boolean-from-string": lambda call: call.text(0).strip().lower() in ("true", "1"),
    "string": lambda call: call.text(0) if len(call) else text_of([call.here]),
    "number": _number_here,
    "floor": lambda call: call.number(0).to_integral_value(ROUND_FLOOR) if call.number(0).is_finite() else NAN,
    "ceiling": lambda call: -((-call.number(0)).to_integral_value(ROUND_FLOOR)) if call.number(0).is_finite() else NAN,
    "round": _round,
    "abs": lambda call: abs(call.number(0)),
    "pow": _power,
    "sqrt": lambda call: _path(call, math.sqrt),
    "log10": lambda call: _path(call, math.log10),
    "exp": lambda call: _path(call, math.exp),
    "count": lambda call: Decimal(len(_nodes_of(call))),
    "sum": lambda call: sum(call.numbers(), Decimal(0)),
    "min": lambda call: _average(call.numbers(), min),
    "max": lambda call: _average(call.numbers(), max),
    "position": _position,
    "last": lambda call: Decimal(call.at[1]),
    "concat": lambda call: "".join(call.texts()),
    "join": lambda call: call.text(0).join(call.texts(1)),
    "contains": lambda call: call.text(1) in call.text(0),
    "starts-with": lambda call: call.text(0).startswith(call.text(1)),
    "ends-with": lambda call: call.text(0).endswith(call.text(1)),
    "substr": _substr,
    "substring": _substring,
    "substring-before": lambda call: call.text(0).partition(call.text(1))[0] if call.text(1) in call.text(0) else "",
    "substring-after": lambda call: call.text(0).partition(call.text(1))[2],
    "string-length": lambda call: Decimal(len(call.text(0) if len(call) else text_of([call.here]))),
    "normalize-space": lambda call: " ".join((call.text(0) if len(call) else text_of([call.here])).split()),
    "translate": lambda call: call.text(0).translate(_translation(call.text(1), call.text(2))),
    "upper-case": lambda call: call.text(0).upper(),
    "lower-case": lambda call: call.text(0).lower(),
    "regex": _regex,
    "today": lambda call: call.answering.setting.today.isoformat(),
    "now": lambda call: call.answering.setting.now.isoformat(),
    "date": _date,
    "date-time": lambda call: moment.isoformat() if (moment := _moment(call.value(0))) else "",
    "decimal-date-time": lambda call: call.number(0),
    "int": _integer,
    "decimal-time": _decimal_time,
    "format-date": _format,
    "format-date-time": _format,
    "uuid": lambda call: str(uuid.uuid4()),
    "checklist": _checklist,
    "weighted-checklist": lambda call: _checklist(call, weighted=True),
    "indexed-repeat": _indexed,
    "randomize": _randomized,
    "name": lambda call: call.here.name,
    "local-name": lambda call: call.here.name,
    "version": lambda call: "",
    "property": lambda call: "",
    "id": lambda call: [],
}


def _translation(old: str, new: str) -> dict[int, str | None]:
    made: dict[int, str | None] = {}
    for number, letter in enumerate(old):
        made.setdefault(ord(letter), new[number] if number < len(new) else None)
    return made


def unanswered_functions(text: str) -> list[str]:
    """Functions in an expression that are read but not answered on the server, such as pulldata."""
    found: list[str] = []

    def look(token: Any) -> None:
        if token.label == "function" and token.symbol not in _FUNCTIONS:
            found.append(token.symbol)
        for inner in token:
            look(inner)

    look(parse(text))
    return found


def rounded(value: Decimal) -> Decimal:
    """A calculated number without the noise of division."""
    if not value.is_finite() or value == value.to_integral_value():
        return value
    return value.quantize(DECIMALS_KEPT, rounding=ROUND_HALF_UP).normalize()
