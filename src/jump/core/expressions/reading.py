"""Text -> tree: recursive descent over the tokens, counting depth and nodes as it goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from jump.core.expressions.tree import (
    DEPTH_MAX,
    DIGITS_MAX,
    NODES_MAX,
    Arithmetic,
    Call,
    Comparison,
    ExpressionError,
    ListOf,
    Literal,
    Logic,
    Name,
    Negative,
    Node,
    Not,
)

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


class Reader:
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

    def whole(self) -> Node:
        root = self.either()
        if self.here.kind != "end":
            raise self.fail(
                self.here, f"{self.here.text!r} is left over", "join the parts with and, or, or an operator"
            )
        return root

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self.fail(self.here, "the condition is nested too deeply", "use fewer brackets")
        node = self.logic("or", lambda: self.logic("and", self.negation))
        self.depth -= 1
        return node

    def logic(self, word: str, part: Callable[[], Node]) -> Node:
        start = self.here
        parts = [part()]
        while self.next_is(word):
            self.count(self.take())
            parts.append(part())
        return parts[0] if len(parts) == 1 else Logic(start.at, word, tuple(parts))

    def negation(self) -> Node:
        if self.next_is("not"):
            token = self.take()
            self.count(token)
            self.depth += 1
            if self.depth > DEPTH_MAX:
                raise self.fail(token, "the condition is nested too deeply", "use fewer 'not'")
            inner = self.negation()
            self.depth -= 1
            return Not(token.at, inner)
        return self.comparison()

    def comparison(self) -> Node:
        start = self.here
        first = self.sum_()
        rest: list[tuple[str, Node]] = []
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
        return Comparison(start.at, first, tuple(rest)) if rest else first

    def sum_(self) -> Node:
        return self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.signed))

    def chain(self, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
        left = part()
        while self.next_is(*signs):
            token = self.take()
            self.count(token)
            left = Arithmetic(token.at, token.text, left, part())
        return left

    def signed(self) -> Node:
        if self.next_is("-"):
            token = self.take()
            self.count(token)
            if self.next_is("-"):
                raise self.fail(self.here, "two minus signs follow each other", "write one")
            return Negative(token.at, self.atom())
        return self.atom()

    def atom(self) -> Node:
        token = self.take()
        self.count(token)
        if token.kind == "number":
            return Literal(token.at, Decimal(token.text))
        if token.kind == "string":
            return Literal(token.at, token.text[1:-1])
        if token.kind == "word" and token.text in _CONSTANTS:
            return Literal(token.at, _CONSTANTS[token.text])
        if token.kind == "sign" and token.text == "(":
            inner = self.either()
            self.expect(")", "close the bracket")
            return inner
        if token.kind == "sign" and token.text == "[":
            return ListOf(token.at, self.items("]"))
        if token.kind == "name":
            if self.next_is("("):
                return self.call(token)
            self.names.add(token.text)
            return Name(token.at, token.text)
        if token.kind == "end":
            raise self.fail(token, "the condition stops too early", "a value is missing at the end")
        raise self.fail(token, f"a value is missing before {token.text!r}", "write a name, number or text there")

    def items(self, closing: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.next_is(closing):
            found.append(self.either())
            if self.next_is(","):
                self.take()
            elif not self.next_is(closing):
                raise self.fail(self.here, f"',' or {closing!r} is missing", "separate the items with commas")
        self.take()
        return tuple(found)

    def call(self, token: _Token) -> Node:
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
        return Call(token.at, token.text, arguments)


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
