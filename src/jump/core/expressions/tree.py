"""What a condition is made of, its limits, and what can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Literal:
    at: int
    value: object


@dataclass(frozen=True, slots=True)
class Name:
    at: int
    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    at: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    at: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Negative:
    at: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Logic:
    at: int
    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    at: int
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    at: int
    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Call:
    at: int
    function: str
    arguments: tuple[Node, ...]


Node = Literal | Name | ListOf | Not | Negative | Logic | Arithmetic | Comparison | Call
