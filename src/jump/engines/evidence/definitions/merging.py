"""Two edits of one record, neither knowing of the other: what each changed, question by question.

The edit that comes later is laid over what stands, against the answers that it began from. A question that only one of
the two changed takes that change (a *soft* conflict, where the other changed other questions); a question that both
changed to different answers keeps what stands (a *hard* conflict) and both answers are handed back for a person.
The words are those of ODK's entities: https://docs.getodk.org/central-entities/#conflicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jump.engines.evidence.definitions import answers as answered

DERIVED = frozenset({"calculate", "hidden", "note", "external"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One question that the edits answer differently: what it was, what stands, what came later. `is_hard`: both
    changed it. A path of a repeat names all its rows, where the number of rows is not the same."""

    path: str
    base: Any
    first: Any
    later: Any
    is_hard: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """The answers that both edits agree on, with every question that either of them changed, in the form's order."""

    answers: dict[str, Any]
    differences: tuple[Difference, ...]

    @property
    def is_parallel(self) -> bool:
        """Whether the record had changed under the edit: else the edit simply takes the place of what stood."""
        return any(_text(one.first) != _text(one.base) for one in self.differences)

    @property
    def hard(self) -> tuple[Difference, ...]:
        return tuple(one for one in self.differences if one.is_hard)

    @property
    def changes_anything(self) -> bool:
        """Whether the later edit brings something that does not stand and may be taken without a decision."""
        return any(not one.is_hard and _text(one.later) != _text(one.first) for one in self.differences)


def merge(
    fields: Sequence[Mapping[str, Any]],
    base: Mapping[str, Any],
    standing: Mapping[str, Any],
    later: Mapping[str, Any],
) -> Merged:
    """Lay `later` over `standing`; both began from `base`. All three are whole answers as rows carry them.

    What the phone notes of itself (times, its number) is the later's; a calculated answer is left out, so that the form
    works it out anew.
    """
    found: list[Difference] = []
    return Merged(_merged(fields, base, standing, later, "", found), tuple(found))


def with_answer(answers: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The answers with another one at a path; None takes the answer away. A row that is not there is left alone."""
    head, _dot, rest = path.partition(".")
    made = dict(answers)
    if not rest:
        made.pop(head, None)
        return made if value is None else {**made, head: value}
    number, _dot, inner = rest.partition(".")
    rows = list(made.get(head) or ())
    if int(number) < len(rows):
        rows[int(number)] = with_answer(rows[int(number)], inner, value)
        made[head] = rows
    return made


def answer_at(answers: Mapping[str, Any], path: str) -> Any:
    """The answer at a path, None where there is none."""
    at: Any = answers
    for step in path.split("."):
        if isinstance(at, list):
            at = at[int(step)] if int(step) < len(at) else None
        else:
            at = at.get(step) if isinstance(at, Mapping) else None
    return at


def _merged(
    fields: Sequence[Mapping[str, Any]],
    base: Mapping[str, Any],
    standing: Mapping[str, Any],
    later: Mapping[str, Any],
    prefix: str,
    found: list[Difference],
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in _questions(fields):
        key = field["key"]
        was, first, then = base.get(key), standing.get(key), later.get(key)
        if _is_derived(field):
            kept = None if _is_worked_out(field) else then if then is not None else first
        elif field["type"] == "repeat" and len(was or ()) == len(first or ()) == len(then or ()):
            rows = zip(was or (), first or (), then or (), strict=True)
            kept = [
                _merged(field["children"], *three, f"{prefix}{key}.{number}.", found)
                for number, three in enumerate(rows)
            ] or None
        else:
            kept = _chosen(f"{prefix}{key}", was, first, then, found)
        if kept is not None:
            made[key] = kept
    return made


def _chosen(path: str, base: Any, first: Any, later: Any, found: list[Difference]) -> Any:
    said = [_text(one) for one in (base, first, later)]
    if said[0] == said[1] == said[2]:
        return first
    is_hard = len(set(said)) == 3
    found.append(Difference(path, base, first, later, is_hard))
    return later if said[1] == said[0] else first


def _questions(fields: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for field in fields:
        if field["type"] == "group":
            yield from _questions(field["children"])
        else:
            yield field


def _is_derived(field: Mapping[str, Any]) -> bool:
    return field["type"] in DERIVED or bool(field.get("calculate")) or bool(field.get("meta"))


def _is_worked_out(field: Mapping[str, Any]) -> bool:
    """Whether the form works it out anew each time: what is worked out once is the phone's."""
    return bool(field.get("calculate")) and "once(" not in field["calculate"]


def _text(value: Any) -> Any:
    """An answer for comparing: 12.50 and 12.5 are the same number, no answer and an empty one the same."""
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        return tuple(tuple(sorted((key, _text(inner)) for key, inner in one.items())) for one in value)
    return _plain(answered.node_text(value))


def _plain(text: str) -> str:
    head, dot, tail = text.partition(".")
    if dot and tail.isdigit() and head.lstrip("-").isdigit():
        tail = tail.rstrip("0")
        return f"{head}.{tail}" if tail else head
    return text


__all__ = ["Difference", "Merged", "answer_at", "merge", "with_answer"]
