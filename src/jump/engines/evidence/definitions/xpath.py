"""The expressions of a form: XPath 1.0 with the functions of XForms, answered over the answers of one submission.

elementpath reads the text (grammar, precedence, number of arguments); this module answers it the way ODK Collect does,
so that a form gives the same result in the field and here:

- an unanswered question is an empty text; a node that does not exist compares like one;
- a date counts as the number of days since 1 January 1970 wherever a number is asked for;
- numbers are exact decimals, never floats.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from functools import lru_cache
from typing import Any, TypeAlias

import regex
from django.utils.translation import gettext as _
from elementpath.exceptions import ElementPathError
from elementpath.tdop import Parser
from elementpath.xpath1 import XPath1Parser

NAN = Decimal("NaN")
INFINITY = Decimal("Infinity")
EPOCH = date(1970, 1, 1)
NUMERIC_TYPES = frozenset({"integer", "decimal", "range"})
PATTERN_SECONDS_MAX = 0.25
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
    """A place in the instance: a question with its value as text, or a group or repeat with what is in it."""

    name: str
    type: str = "group"
    text: str = ""
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list)
    is_relevant: bool = True
    path: str = ""

    def add(self, child: Node) -> Node:
        child.parent = self
        self.children.append(child)
        return child

    def below(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child.below()


Value: TypeAlias = "list[Node] | str | Decimal | bool"


@dataclass(frozen=True, slots=True)
class Setting:
    """What an expression may know besides the instance: the day and instant, the lists of choices, names of choices."""

    root: Node
    today: date
    now: datetime
    instances: Mapping[str, Node] = field(default_factory=dict)
    choice_name: Callable[[str, str], str] = lambda path, code: code


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
    "pulldata": (3, None),
    "area": 1,
    "distance": (1, None),
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
        if symbol in ("(string)",):
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
            return function(_Call(self, token, here, at))
        return self.nodes(token, here, at)

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
                return [child for child in here.children if child.is_relevant]
            case "(name)":
                return [child for child in here.children if child.name == token.value and child.is_relevant]
            case "[":
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


def _distinct(nodes: Any) -> list[Node]:
    return list({id(node): node for node in nodes}.values())


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
    node = value[0] if isinstance(value, list) and value else call.here
    if node.parent is None:
        return Decimal(1)
    alike = [child for child in node.parent.children if child.name == node.name]
    return Decimal(next(number for number, child in enumerate(alike, start=1) if child is node))


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
    found = call.value(0)
    if not isinstance(found, list):
        return found
    for number in range(1, len(call) - 1, 2):
        repeats, wanted = call.value(number), call.number(number + 1)
        if not isinstance(repeats, list) or wanted.is_nan() or not 1 <= wanted <= len(repeats):
            return ""
        inside = {id(node) for node in repeats[int(wanted) - 1].below()}
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
    text = call.text(0)
    end = int(call.number(2)) if len(call) > 2 else len(text)
    return text[int(call.number(1)) : end]


def _substring(call: _Call) -> str:
    text, start = call.text(0), int(call.number(1))
    end = start + int(call.number(2)) if len(call) > 2 else len(text) + 1
    return text[max(start - 1, 0) : max(end - 1, 0)]


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
        return compiled(call.text(1)).search(call.text(0), timeout=PATTERN_SECONDS_MAX) is not None
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
    except ValueError:
        return NAN


def _number_here(call: _Call) -> Decimal:
    return call.number(0) if len(call) else number_of([call.here])


def _power(call: _Call) -> Decimal:
    base, exponent = call.number(0), call.number(1)
    try:
        return base**exponent
    except (InvalidOperation, ArithmeticError):
        return NAN


def _instance(call: _Call) -> list[Node]:
    found = call.answering.setting.instances.get(call.text(0))
    return [found] if found is not None else []


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
    "jr-itext": lambda call: call.text(0),
    "current": lambda call: [call.answering.start],
    "instance": _instance,
    "not": lambda call: not truth_of(call.value(0)),
    "true": lambda call: True,
    "false": lambda call: False,
    "boolean": lambda call: truth_of(call.value(0)),
    "boolean-from-string": lambda call: call.text(0).strip().lower() in ("true", "1"),
    "string": lambda call: call.text(0) if len(call) else text_of([call.here]),
    "number": _number_here,
    "int": _integer,
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
    "decimal-time": _decimal_time,
    "format-date": _format,
    "format-date-time": _format,
    "uuid": lambda call: str(uuid.uuid4()),
    "checklist": _checklist,
    "weighted-checklist": lambda call: _checklist(call, weighted=True),
    "indexed-repeat": _indexed,
    "randomize": _nodes_of,
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
