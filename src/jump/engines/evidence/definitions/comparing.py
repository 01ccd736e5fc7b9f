"""What one version of a form changes against another, question by question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jump.base import i18n
from jump.engines.evidence.types import FieldChange, FormChanges

RULES = ("relevant", "constraint", "calculate", "required", "itemset", "read_only")
NO_ANSWER = frozenset({"note", "group"})


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], *, versions: tuple[str, str] = ("", "")
) -> FormChanges:
    """The changes from one schema to another, by the path under which answers stand.

    A question that moves into another group keeps its path, so its answers go on; one that moves into a repeat
    does not.
    """
    old, new = dict(_by_path(before["fields"])), dict(_by_path(after["fields"]))
    both = [path for path in new if path in old]
    return FormChanges(
        *versions,
        added=tuple(_change(path, new[path], after=new[path]["type"]) for path in new if path not in old),
        removed=tuple(_change(path, old[path], before=old[path]["type"]) for path in old if path not in new),
        retyped=tuple(
            _change(path, new[path], old[path]["type"], new[path]["type"])
            for path in both
            if old[path]["type"] != new[path]["type"]
        ),
        choices_added=tuple(_choices(both, new, old, after, before, is_new=True)),
        choices_removed=tuple(_choices(both, old, new, before, after, is_new=False)),
        relabelled=tuple(
            _change(path, new[path], i18n.text(old[path].get("label")), i18n.text(new[path].get("label")))
            for path in both
            if old[path].get("label") != new[path].get("label")
        ),
        rules=tuple(
            _change(path, new[path], str(old[path].get(rule, "")), str(new[path].get(rule, "")))
            for path in both
            for rule in RULES
            if old[path].get(rule, "") != new[path].get(rule, "")
        ),
    )


def _change(path: str, field: Mapping[str, Any], before: str = "", after: str = "") -> FieldChange:
    return FieldChange(path, i18n.text(field.get("label")) or str(field["name"]), before, after)


def _by_path(fields: Sequence[Mapping[str, Any]], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for field in fields:
        path = f"{prefix}{field['key']}"
        if field["type"] not in NO_ANSWER:
            yield path, field
        yield from _by_path(field.get("children", ()), f"{path}." if field["type"] == "repeat" else prefix)


def _choices(
    paths: Sequence[str],
    fields: Mapping[str, Mapping[str, Any]],
    others: Mapping[str, Mapping[str, Any]],
    schema: Mapping[str, Any],
    other_schema: Mapping[str, Any],
    *,
    is_new: bool,
) -> Iterator[FieldChange]:
    """Codes that a question offers here and did not, or no longer does, there."""
    for path in paths:
        here = schema["lists"].get(fields[path].get("list", ""), ())
        there = {one["code"] for one in other_schema["lists"].get(others[path].get("list", ""), ())}
        if not there or not here:
            continue
        codes = ", ".join(one["code"] for one in here if one["code"] not in there)
        if codes:
            yield _change(path, fields[path], "" if is_new else codes, codes if is_new else "")
