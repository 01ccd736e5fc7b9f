"""Fillings of any form, generated: one that the form takes, and one that it must not call clean.

Values are tried one after the other until the form is content: usual ones first, then those that stand in its own
constraints. Nothing is known of the form but its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import chain, islice, pairwise
from typing import Any  # answers are JSON

import hypothesis
from hypothesis import strategies as st

from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions.tables import Table
from jump.engines.evidence.types import NewFile

ROUNDS_MAX = 400
PATTERN = re.compile(r"regex\([^,]+,\s*(?:'([^']*)'|\"([^\"]*)\")\s*\)")
QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
NAME = re.compile(r"/([A-Za-z_][\w.-]*)")
PDF = b"%PDF-1.4 a paper"
CONTENT = {
    "image": b"\xff\xd8\xff\xe0" + b"jump" * 20,
    "audio": b"OggS" + b"jump" * 20,
    "video": b"\0\0\0\x18ftypmp42" + b"jump" * 20,
    "file": PDF,
}
NAMES = {"image": "photo.jpg", "audio": "sound.ogg", "video": "film.mp4", "file": "paper.pdf"}
ASKED = frozenset(answered._READERS) | {
    "text",
    "barcode",
    "select_one",
    "select_multiple",
    "rank",
    "range",
    "acknowledge",
    "geotrace",
    "geoshape",
    *CONTENT,
}


class NoFilling(Exception):
    """No values were found that the form takes; the message names the question."""


class Filler:
    """Fills one form in, at one day."""

    def __init__(self, schema: Mapping[str, Any], *, now: datetime, tables: Mapping[str, Table] | None = None) -> None:
        self.schema = schema
        self.now = now
        self.tables = tables or {}
        self.waiting: dict[str, Iterator[Any]] = {}
        self.left_blank: set[str] = set()
        self.answers: dict[str, Any] = {}

    def valid(self) -> dict[str, Any]:
        """Answers to every question that is asked, as far as the form takes any. Raises NoFilling."""
        self.answers = self._rows(self.schema["fields"])
        for path, field, _value in list(self.leaves(self.answers)):
            if "random(" in field.get("calculate", ""):
                self.put(self.answers, path, "0.5")  # or each asking would ask other questions
        for _round in range(ROUNDS_MAX):
            outcome = self.outcome(self.answers)
            blank = [
                (path, field)
                for path, field, value in self.leaves(self.answers)
                if path in outcome.relevant and value is None and path not in self.left_blank and field["type"] in ASKED
            ]
            if blank:
                offered = self._offered()
                ready = [(path, field) for path, field in blank if "list" not in field or offered.get(path) != []]
                for path, field in ready or blank:  # choices that hang on others come after those
                    self._try_next(path, field, offered)
                continue
            if not outcome.errors:
                return self.answers
            fields = {path: field for path, field, _value in self.leaves(self.answers)}
            moved = False
            for error in outcome.errors:
                field = fields.get(error.path)
                if field is not None:
                    moved |= self._try_next(error.path, field, self._offered())
            if not moved:
                break
        for error in self.outcome(self.answers).errors:
            raise NoFilling(f"no answer was found for {error.path}: {error.message}")
        return self.answers

    def outcome(self, answers: Mapping[str, Any]) -> Any:
        return answered.outcome(
            self.schema,
            answers,
            today=self.now.date(),
            now=self.now,
            files=frozenset(self._files(answers)),
            tables=self.tables,
        )

    def files(self, answers: Mapping[str, Any]) -> list[NewFile]:
        """The attachments that these answers name."""
        return [NewFile(path, name, content) for name, (path, content) in self._files(answers).items()]

    def _files(self, answers: Mapping[str, Any]) -> dict[str, tuple[str, bytes]]:
        return {
            value: (path, CONTENT[field["type"]])
            for path, field, value in self.leaves(answers)
            if field["type"] in CONTENT and value is not None
        }

    def _offered(self) -> dict[str, list[str]]:
        return answered.offered(self.schema, self.answers, today=self.now.date(), now=self.now, tables=self.tables)

    # Trying ----------------------------------------------------------------------------------------

    def _try_next(self, path: str, field: Mapping[str, Any], offered: Mapping[str, list[str]]) -> bool:
        """Put the next value that may do; blank where none is left and none is needed. Whether anything changed."""
        if path not in self.waiting:
            self.waiting[path] = iter(self.values(path, field, offered.get(path)))
        for value in self.waiting[path]:
            self.put(self.answers, path, value)
            return True
        if path not in self.left_blank:
            self.left_blank.add(path)
            self.put(self.answers, path, None)
            return True
        return self._move_others(path, field)

    def _move_others(self, path: str, field: Mapping[str, Any]) -> bool:
        """Nothing does here while the answers that it depends on stay as they are: try others there."""
        text = " ".join(str(field.get(kind, "")) for kind in ("constraint", "itemset", "relevant"))
        names = set(NAME.findall(text)) - {field["name"], "data", "root", "item"}
        for other, another, _value in reversed(list(self.leaves(self.answers))):
            if another["name"] in names and other in self.waiting:
                following = next(self.waiting[other], None)
                if following is not None:
                    self.put(self.answers, other, following)
                    self.waiting.pop(path)
                    self.left_blank.discard(path)
                    return True
        return False

    def values(self, path: str, field: Mapping[str, Any], codes: list[str] | None) -> Iterator[Any]:
        """Values for a question, the usual ones first."""
        kind = field["type"]
        if kind in CONTENT:
            yield f"{path.replace('.', '-').replace('/', '-')}-{NAMES[kind]}"
        elif kind in ("select_one", "acknowledge"):
            yield from (codes if codes is not None else ["a"]) if kind == "select_one" else ["OK"]
        elif kind == "rank":
            yield codes or []
        elif kind == "select_multiple":
            offered = codes if codes is not None else ["a"]
            yield from ([code] for code in offered)
            yield from (list(pair) for pair in pairwise(offered))
            yield list(offered)
        else:
            text = f"{field.get('constraint', '')} {field.get('relevant', '')}"
            seen = set()
            for value in chain(_usual(kind, self.now, field), self._of_the_form(kind, text)):
                if value not in seen:
                    seen.add(value)
                    yield value

    def _of_the_form(self, kind: str, text: str) -> Iterator[Any]:
        """Values that stand in the form's own expressions, their neighbours, and answers that they refer to."""
        for one, other in PATTERN.findall(text):
            yield from _fitting(one or other)
        quoted = [one or other for one, other in QUOTED.findall(text)]
        names = set(NAME.findall(text))
        others = [str(value) for _path, field, value in self.leaves(self.answers) if field["name"] in names and value]
        if kind in ("date", "datetime"):
            for word in [*quoted, *others]:
                try:
                    day = date.fromisoformat(word[:10])
                except ValueError:
                    continue
                for step in (0, 1, -1, 30, -30, 400):
                    yield _day(kind, day + timedelta(days=step))
            return
        numbers = [number for word in [text, *others] for number in NUMBER.findall(word)]
        for number in dict.fromkeys(numbers):
            for step in (0, 1, -1):
                value = float(number) + step
                yield str(int(value)) if value.is_integer() else str(value)
            if kind == "text":
                yield from ("a" * min(int(abs(float(number))), 200), "1" * min(int(abs(float(number))), 200))
        if kind == "text":
            yield from quoted

    # Where answers lie -----------------------------------------------------------------------------

    def _rows(self, fields: list[Mapping[str, Any]]) -> dict[str, Any]:
        """One row in every repeat, so that what is inside is asked."""
        made: dict[str, Any] = {}
        for field in fields:
            if field["type"] == "group":
                made.update(self._rows(field["children"]))
            elif field["type"] == "repeat":
                made[field["key"]] = [self._rows(field["children"])]
        return made

    def leaves(self, answers: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
        """Every question with its path and its answer, None where there is none."""
        yield from _leaves(self.schema["fields"], answers, "")

    @staticmethod
    def put(answers: dict[str, Any], path: str, value: Any) -> None:
        at: Any = answers
        *above, last = path.split(".")
        for step in above:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value

    # Something wrong -------------------------------------------------------------------------------

    def invalid(self, valid: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The same answers with one of them wrong: which question, and the answers."""
        relevant = self.outcome(valid).relevant
        for path, field, value in self.leaves(valid):
            if path not in relevant or field["type"] not in ASKED:
                continue
            for wrong in _wrong(field, value):
                spoiled = copied(valid)
                self.put(spoiled, path, wrong)
                if any(error.path == path for error in self.outcome(spoiled).errors):
                    return path, spoiled
        return "no_such_question", {**valid, "no_such_question": "x"}


def _leaves(
    fields: list[Mapping[str, Any]], answers: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    for field in fields:
        if field["type"] == "group":
            yield from _leaves(field["children"], answers, prefix)
        elif field["type"] == "repeat":
            for number, row in enumerate(answers.get(field["key"]) or ()):
                yield from _leaves(field["children"], row, f"{prefix}{field['key']}.{number}.")
        else:
            yield f"{prefix}{field['key']}", field, answers.get(field["key"])


def _usual(kind: str, now: datetime, field: Mapping[str, Any]) -> Iterator[Any]:
    today = now.date()
    if kind == "range":
        parameters = field.get("parameters", {})
        yield str(parameters.get("start", "1"))
        yield str(parameters.get("end", "10"))
    elif kind in ("integer", "decimal"):
        yield from ("1", "2", "0", "5", "10", "18", "20", "25", "30", "40", "50", "100", "1000", "2000", "10000")
    elif kind in ("date", "datetime"):
        yield from (_day(kind, today - timedelta(days=days)) for days in (0, 1, 40, 400, 4_000, 11_000, 20_000))
        yield from (_day(kind, today + timedelta(days=days)) for days in (1, 30, 400))
    elif kind == "time":
        yield from ("10:30:00", "00:00:00", "23:59:00")
    elif kind == "geopoint":
        yield "14.5 121.0 0 0"
    elif kind == "geotrace":
        yield "14.5 121.0 0 0;14.6 121.1 0 0"
    elif kind == "geoshape":
        yield "14.5 121.0 0 0;14.6 121.1 0 0;14.5 121.1 0 0;14.5 121.0 0 0"
    else:
        yield from ("Maria Santos", "a", "abc", "1", "12", "123456789", "0712345678", "maria@example.org", "2004-03-01")


def _day(kind: str, day: date) -> str:
    return day.isoformat() if kind == "date" else f"{day.isoformat()}T10:30:00"


def _fitting(pattern: str) -> Iterator[str]:
    """A text that fits a pattern, if one is found soon."""
    try:
        whole = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
        quiet = hypothesis.settings(max_examples=200, database=None, deadline=None)
        yield hypothesis.find(whole, lambda text: bool(text), settings=quiet)
    except Exception:  # a pattern that only other engines read; other values are tried
        return


def _wrong(field: Mapping[str, Any], value: Any) -> Iterator[Any]:
    """Values that may be wrong for a question; whether they are is for the form to say."""
    kind = field["type"]
    if kind in ("integer", "decimal", "range", "date", "datetime", "time", "geopoint"):
        yield "in no time at all"
    if kind in ("select_one", "rank"):
        yield "no_such_choice" if kind == "select_one" else ["no_such_choice"]
    if kind == "select_multiple":
        yield ["no_such_choice"]
    if field.get("required"):
        yield None
    if field.get("constraint"):
        yield from islice(("-987654321", "987654321", "x" * 3_000, "?", "1700-01-01", "2300-01-01"), 6)


def copied(answers: Any) -> Any:
    if isinstance(answers, Mapping):
        return {key: copied(value) for key, value in answers.items()}
    return [copied(one) for one in answers] if isinstance(answers, list) else answers
