"""Which answers are about a person, and keeping them under a key of the submission."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jump.base import keys
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.models import FormVersion

PERSONAL = frozenset({"P2", "P3"})


def row_class(form: FormVersion) -> str:
    """The class of a submission as a whole.

    A form that marks its personal questions one by one (column data_class, or `personal` in forms.yaml) is a working
    paper whose marked answers are masked; one that marks none is as personal as it says.
    """
    stated = str(form.settings.get("data_class") or "P1")
    if stated in PERSONAL and any(class_of(form, field) in PERSONAL for field in _questions(form.schema["fields"])):
        return "P3" if stated == "P3" else "P1"
    return stated


def class_of(form: FormVersion, field: Mapping[str, Any]) -> str:
    """The class of one question: its own mark, else P1."""
    marked = str(field.get("data_class") or "")
    if not marked and field["key"] in form.settings.get("personal", ()):
        marked = "P2"
    return marked or "P1"


def _questions(fields: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for field in fields:
        if field["type"] in ("group", "repeat"):
            yield from _questions(field["children"])
        else:
            yield field


def split(form: FormVersion, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers in two: what may lie open, and what is about a person, by path."""
    personal = {
        path: value
        for path, field, value in answered.leaves(form.schema["fields"], answers)
        if class_of(form, field) in PERSONAL
    }
    opened = json.loads(json.dumps(answers))
    for path in personal:
        _set(opened, path, None)
    return opened, personal


def join(opened: Mapping[str, Any], personal: Mapping[str, Any]) -> dict[str, Any]:
    """The answers whole again, in the order of the form."""
    whole: dict[str, Any] = _copied(opened)
    for path, value in personal.items():
        _set(whole, path, value)
    return _without_blanks(whole)


def _copied(value: Any) -> Any:
    """Answers as they are kept, mappings and lists anew: a value may be set in them."""
    if isinstance(value, Mapping):
        return {key: _copied(one) if isinstance(one, dict | list) else one for key, one in value.items()}
    return [_copied(one) if isinstance(one, dict | list) else one for one in value]


def _without_blanks(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: [_without_blanks(row) if isinstance(row, Mapping) else row for row in value]
        if isinstance(value, list)
        else value
        for key, value in answers.items()
        if value is not None
    }


def _set(answers: dict[str, Any], path: str, value: Any) -> None:
    at: Any = answers
    *above, last = path.split(".")
    for step in above:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[last] = value


def seal(ref: Ref, personal: Mapping[str, Any], by_name: str, *, is_new: bool = False) -> str:
    """What is personal as one text under the submission's key; empty where there is nothing."""
    if not personal and not by_name:
        return ""
    held = None if is_new else keys.keys_of([ref]).get(ref)
    key = held if held is not None else keys.make(ref)
    return keys.encrypt(key, json.dumps({"answers": personal, "by_name": by_name}))


def seal_many(rows: Sequence[tuple[Ref, Mapping[str, Any]]]) -> list[str]:
    """The same for many new submissions: their keys are kept in one statement."""
    named = [ref for ref, personal in rows if personal]
    made = dict(zip(named, keys.make_many(named), strict=True)) if named else {}
    return [
        keys.encrypt(made[ref], json.dumps({"answers": personal, "by_name": ""})) if personal else ""
        for ref, personal in rows
    ]


def unseal(held: Mapping[str, bytes], ref: str, sealed: str) -> tuple[dict[str, Any], str]:
    """The personal answers and the name typed by the sender; nothing where the key is gone."""
    if not sealed or ref not in held:
        return {}, ""
    content = json.loads(keys.decrypt(held[ref], sealed))
    return content["answers"], content["by_name"]


def people_named(answers: Mapping[str, Any]) -> set[str]:
    """References to people among the answers."""
    found: set[str] = set()
    for value in answers.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                found |= people_named(one)
            elif isinstance(one, str) and one.startswith("per-") and Ref(one).is_well_formed:
                found.add(one)
    return found
