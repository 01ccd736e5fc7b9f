"""Statements that are asked thousands of times: their text is made once, by the models, and kept.

Django makes the text of a query anew each time it is asked; for a row that is found by its reference that costs several
times what the database needs. A `Prepared` query is an ordinary queryset whose text and reading are kept after its
first use; `add` writes a new row as `save(force_insert=True)` does. Rows, locks and scopes are those of the queryset:
tests compare both ways. Use it where a profile names the query, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, cast
from uuid import UUID

from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.signals import post_save, pre_save
from django.db.models.sql import InsertQuery

Row = TypeVar("Row")
Model = TypeVar("Model", bound=models.Model)

_populators: Any = get_related_populators
NUMBER = 2_000_000_011  # stands for the first value where it is a whole number; no constant of a query is as large
Value: TypeAlias = str | int | UUID


class _Word(str):
    """Stands for a value that is text."""

    __slots__ = ("at",)
    at: int


@dataclass(frozen=True, slots=True)
class _Text:
    """What is kept of a query: its text, its values or where each comes from, and how a row is read."""

    sql: str
    values: tuple[Any, ...]
    slots: tuple[tuple[int, int, bool], ...]  # position among the values, number of the argument, whether as hex
    converters: tuple[tuple[int, list[Callable[..., Any]], Any], ...]
    model: type[models.Model] | None
    columns: slice
    names: list[str]
    populators: list[Any]
    annotations: tuple[tuple[str, int], ...]
    locks: bool


class Prepared(Generic[Row]):
    """A query of which only values change.

    `build` is called once for each kind of database with a stand-in for each value and returns a queryset of models or
    of `values_list` tuples. A value is a text, a whole number or a UUID and stands for itself, in an exact comparison:
    what `build` works out otherwise is kept as it was then, so it may not depend on the actor or the day.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._texts: dict[tuple[Any, ...], _Text] = {}

    def rows(self, *values: Value) -> list[Row]:
        """The rows, as the queryset would give them."""
        key = (connection.vendor, *(str if isinstance(value, str) else type(value) for value in values))
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._made(values)
        assert not text.locks or connection.in_atomic_block, "rows are locked inside a transaction"
        given = list(text.values)
        for at, number, is_hex in text.slots:
            value = values[number]
            given[at] = value.hex if is_hex and isinstance(value, UUID) else value
        with connection.cursor() as cursor:
            cursor.execute(text.sql, given)
            found = cursor.fetchall()
        return [self._read(text, row) for row in found]

    def first(self, *values: Value) -> Row | None:
        """The first row, or None. `build` says the order, and asks for one row where there may be more."""
        found = self.rows(*values)
        return found[0] if found else None

    def _made(self, values: Sequence[Value]) -> _Text:
        stand_ins: list[Any] = []
        for number, value in enumerate(values):
            if isinstance(value, str):
                word = _Word(f"value {number}")
                word.at = number
                stand_ins.append(word)
            elif isinstance(value, UUID):
                stand_ins.append(UUID(int=NUMBER + number))
            else:
                stand_ins.append(NUMBER + number)
        queryset = self._build(*stand_ins)
        assert queryset._iterable_class in (ModelIterable, ValuesListIterable), "models or tuples"
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql()
        slots = []
        for at, param in enumerate(params):
            if isinstance(param, _Word):
                slots.append((at, param.at, False))
            elif param in stand_ins:
                slots.append((at, stand_ins.index(param), False))
            elif isinstance(param, str) and any(isinstance(one, UUID) and one.hex == param for one in stand_ins):
                slots.append((at, int(param, 16) - NUMBER, True))  # SQLite has no such type
        assert {number for _at, number, _is_hex in slots} == set(range(len(values))), "each value is compared as it is"
        converters = compiler.get_converters([one[0] for one in compiler.select])
        info = compiler.klass_info if queryset._iterable_class is ModelIterable else None
        columns = slice(0, None)
        if info is not None:
            columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        return _Text(
            sql=sql,
            values=tuple(params),
            slots=tuple(slots),
            converters=tuple((at, functions, column) for at, (functions, column) in converters.items()),
            model=info["model"] if info is not None else None,
            columns=columns,
            names=[one[0].target.attname for one in compiler.select[columns]] if info is not None else [],
            populators=_populators(info, compiler.select, connection.alias) if info is not None else [],
            annotations=tuple((compiler.annotation_col_map or {}).items()) if info is not None else (),
            locks=bool(queryset.query.select_for_update),
        )

    @staticmethod
    def _read(text: _Text, row: Sequence[Any]) -> Any:
        cells = list(row)
        for at, functions, column in text.converters:
            value = cells[at]
            for function in functions:
                value = function(value, column, connection)
            cells[at] = value
        if text.model is None:
            return tuple(cells)
        made = text.model.from_db(connection.alias, text.names, cells[text.columns])
        for populator in text.populators:
            populator.populate(cells, made)
        for name, at in text.annotations:
            setattr(made, name, cells[at])
        return made


_inserts: dict[tuple[Any, ...], tuple[str, list[Any]]] = {}


def add(row: Model) -> Model:
    """Write a new row and give it back with its number, as `row.save(force_insert=True)` does.

    For models whose number the database gives, that have one table and that nobody listens to.
    """
    model = type(row)
    key = (connection.vendor, model)
    kept = _inserts.get(key)
    if kept is None:
        meta = model._meta
        assert not meta.parents, "a model of one table"
        assert not pre_save.has_listeners(model), "nobody listens"
        assert not post_save.has_listeners(model), "nobody listens"
        fields = [one for one in meta.local_concrete_fields if one is not meta.pk and not one.generated]
        query = InsertQuery(model)
        query.insert_values(fields, [row], raw=False)
        compiler = cast(Any, query.get_compiler(using=connection.alias))
        compiler.returning_fields = [meta.pk]
        kept = _inserts[key] = (compiler.as_sql()[0][0], fields)
    assert row.pk is None, "a new row"
    sql, fields = kept
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias
    return row
