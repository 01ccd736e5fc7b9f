"""A form as tables: the questions of the form are one, each repeat is one of its own below the one it stands in.

The same tables make the template, are read at the upload, and are the sheets, files and entity sets of an export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jump.engines.evidence.definitions.answers import FILE_TYPES, UNASKED

Field: TypeAlias = Mapping[str, Any]
Wanted: TypeAlias = Callable[[Field], bool]

KEY, DAY, PLACE, ABOUT, PARENT = "#key", "#day", "#place", "#about", "#parent"


@dataclass(slots=True)
class Table:
    """The questions of a form outside of repeats (`path` ""), or those of one repeat (`worker`, `worker.tool`)."""

    path: str
    repeat: Field | None = None
    columns: list[Field] = field(default_factory=list)
    parent: Table | None = None
    children: list[Table] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The name under which its rows stand in the answers of the table above."""
        return self.path.rpartition(".")[2]


def tables_of(fields: Sequence[Field], wanted: Wanted) -> list[Table]:
    """The tables of a form: the main one first, each repeat after the one that holds it."""
    main = Table("")
    _fill(main, fields, wanted)
    return list(_in_order(main))


def _fill(table: Table, fields: Sequence[Field], wanted: Wanted) -> None:
    for one in fields:
        if one["type"] == "group":
            _fill(table, one["children"], wanted)
        elif one["type"] == "repeat":
            path = f"{table.path}.{one['key']}" if table.path else one["key"]
            below = next((child for child in table.children if child.path == path), None)
            if below is None:
                below = Table(path, one, parent=table)
                table.children.append(below)
            _fill(below, one["children"], wanted)
        elif wanted(one) and all(known["key"] != one["key"] for known in table.columns):
            table.columns.append(one)


def _in_order(table: Table) -> Iterator[Table]:
    yield table
    for child in table.children:
        yield from _in_order(child)


def merged_tables(versions: Iterable[Sequence[Field]], wanted: Wanted) -> list[Table]:
    """The tables of several versions of a form together: the first version's questions first, then what others had."""
    main = Table("")
    for fields in versions:
        _fill(main, fields, wanted)
    return list(_in_order(main))


def is_typed_in(one: Field) -> bool:
    """Whether a person answers this question in a spreadsheet: files and what is worked out are not typed in."""
    kind = one["type"]
    if kind in UNASKED or kind in FILE_TYPES:
        return False
    return not (one.get("calculate") and one.get("read_only") == "true()")


def is_answered(one: Field) -> bool:
    """Whether a submission can hold an answer to it: everything but what is only read."""
    return one["type"] not in ("note", "external")
