"""Tree and facts -> answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from difflib import get_close_matches
from fractions import Fraction

from jump.core.calendars import months_between
from jump.core.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    ExpressionError,
    ListOf,
    Literal,
    Logic,
    MissingName,
    Name,
    Negative,
    Node,
    Not,
    NotKnown,
)


class Evaluation:
    """One walk over the tree under one set of facts."""

    def __init__(self, text: str, facts: Mapping[str, object]) -> None:
        self.text = text
        self.facts = facts

    def fail(self, node: Node, message: str, hint: str = "") -> ExpressionError:
        return ExpressionError(message, position=node.at, hint=hint, text=self.text)

    def not_known(self, node: Node, message: str, hint: str = "") -> NotKnown:
        return NotKnown(message, position=node.at, hint=hint, text=self.text)

    def value(self, node: Node) -> object:
        match node:
            case Literal(value=value):
                return value
            case Name():
                return self.lookup(node)
            case ListOf(items=items):
                return tuple(self.value(item) for item in items)
            case Not(inner=inner):
                return not self.truth(inner)
            case Negative(inner=inner):
                return -self.number(inner)
            case Logic(word=word, parts=parts):
                if word == "and":
                    return all(self.truth(part) for part in parts)
                return any(self.truth(part) for part in parts)
            case Arithmetic():
                return self.arithmetic(node)
            case Comparison():
                return self.comparison(node)
            case Call():
                return self.call(node)

    def lookup(self, node: Name) -> object:
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

    def missing(self, node: Name, name: str, among: Mapping[str, object]) -> MissingName:
        near = get_close_matches(name.rpartition(".")[2], [str(key) for key in among], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "give this fact, or take the name out of the condition"
        return MissingName(name, position=node.at, hint=hint, text=self.text)

    def truth(self, node: Node) -> bool:
        value = self.value(node)
        if value is None:
            raise self.not_known(node, f"{self.called(node)} is not known yet", "test it with is_empty(...) first")
        if not isinstance(value, bool):
            raise self.fail(node, f"{shown(value)} is neither true nor false", "compare it with something")
        return value

    def number(self, node: Node) -> Decimal:
        value = self.value(node)
        if value is None:
            raise self.not_known(node, f"{self.called(node)} is not known yet", "test it with is_empty(...) first")
        if not isinstance(value, Decimal):
            raise self.fail(node, f"{shown(value)} is not a number", "use a number here")
        return value

    def called(self, node: Node) -> str:
        if isinstance(node, Name):
            return repr(node.name)
        if isinstance(node, Call):
            return f"the {node.function}"
        return "a value"

    def arithmetic(self, node: Arithmetic) -> Decimal:
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

    def comparison(self, node: Comparison) -> bool:
        left_node, left = node.first, self.value(node.first)
        for sign, right_node in node.rest:
            right = self.value(right_node)
            if not self.compare(node, sign, (left_node, left), (right_node, right)):
                return False
            left_node, left = right_node, right
        return True

    def compare(self, node: Comparison, sign: str, left: tuple[Node, object], right: tuple[Node, object]) -> bool:
        (left_node, one), (right_node, other) = left, right
        if sign in ("in", "not in"):
            found = self.contains(right_node, other, one)
            return found if sign == "in" else not found
        if sign in ("==", "!="):
            if one is not None and other is not None and _family(one) != _family(other):
                raise self.fail(node, f"{shown(one)} cannot be compared with {shown(other)}", "compare like with like")
            return (one == other) if sign == "==" else (one != other)
        for part, value in ((left_node, one), (right_node, other)):
            if value is None:
                raise self.not_known(part, f"{self.called(part)} is not known yet", "test it with is_empty(...) first")
        ordered = _order(one, other)
        if ordered is None:
            raise self.fail(
                node,
                f"{shown(one)} and {shown(other)} have no order",
                "compare numbers with numbers and dates with dates; write date('2026-01-31')",
            )
        return {"<": ordered < 0, "<=": ordered <= 0, ">": ordered > 0, ">=": ordered >= 0}[sign]

    def contains(self, node: Node, container: object, item: object) -> bool:
        if container is None:
            raise self.not_known(node, f"{self.called(node)} is not known yet", "test it with is_empty(...) first")
        if isinstance(container, str):  # the answer to a multiple choice: codes with blanks between
            return item in container.split()
        if isinstance(container, tuple):
            return any(_family(item) == _family(other) and item == other for other in container)
        if isinstance(container, Mapping):
            return item in container
        raise self.fail(node, f"{shown(container)} is not a list", "write a list such as ['a', 'b'] after in")

    def call(self, node: Call) -> object:
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

    def is_empty(self, node: Node) -> bool:
        """True also for an answer that was never given, as long as what should hold it is there."""
        try:
            value = self.value(node)
        except MissingName:
            if isinstance(node, Name) and "." in node.name and node.name.partition(".")[0] in self.facts:
                return True
            raise
        if isinstance(value, str):
            return not value.strip()
        return value is None or (isinstance(value, (tuple, Mapping)) and not value)

    def size(self, node: Node) -> int:
        value = self.value(node)
        if value is None:
            return 0
        if isinstance(value, (tuple, Mapping)):
            return len(value)
        if isinstance(value, str):
            return len(value.split())
        raise self.fail(node, f"{shown(value)} is not a list", "count takes a list")

    def over(self, node: Call) -> object:
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
                    raise self.fail(node, f"{shown(value)} is not a number", "sum takes numbers")
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

    def day(self, node: Node) -> date:
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
        raise self.fail(node, f"{shown(value)} is not a date", "write a date as date('2026-01-31')")


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


def shown(value: object) -> str:
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
