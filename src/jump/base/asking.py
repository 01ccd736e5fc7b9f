"""Several small questions in one statement.

A page that shows a little of everything would ask the database once for every sort of thing that may wait for somebody.
``ask`` joins such questions by UNION ALL, each row as one JSON object, so that their number does not count.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, QuerySet
from django.db.models.functions import JSONObject

Row: TypeAlias = dict[str, Any]


class _RowObject(JSONObject):
    """The columns of a row as one object.

    Django's own asks SQLite first whether it knows JSON, in a transaction that writes; every table of ours needs it.
    """

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:  # type: ignore[override]
        return Func.as_sql(self, compiler, connection, **more)


@dataclass(frozen=True, slots=True)
class Question:
    """Rows as they are wanted (filtered, in order, cut) and the columns to read: fields, lookups or annotations.

    Whole numbers, words, days, moments, truth and JSON come back as themselves. Decimals, bytes and fields with a
    reading of their own do not pass through here: JSON would change them.
    """

    rows: QuerySet[Any]
    columns: tuple[str, ...]


def ask(questions: Sequence[Question]) -> list[list[Row]]:
    """The rows of every question, in the order of the questions: one statement, or none where nothing can be found."""
    parts: list[str] = []
    given: list[Any] = []
    for number, one in enumerate(questions):
        asked = one.rows.values_list(_RowObject(**{column: F(column) for column in one.columns}))
        try:
            sql, params = asked.query.get_compiler(using=connection.alias).as_sql()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {number}, q{number}.* FROM ({sql}) AS q{number}")
        given.extend(params)
    found: list[list[Row]] = [[] for _one in questions]
    if not parts:
        return found
    readers = [{column: _reader(one.rows, column) for column in one.columns} for one in questions]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        for number, text in cursor.fetchall():
            held = json.loads(text) if isinstance(text, str) else text
            found[number].append({column: read(held[column]) for column, read in readers[number].items()})
    return found


def _reader(rows: QuerySet[Any], column: str) -> Callable[[Any], Any]:
    """How the value of a column comes back out of JSON."""
    annotation = rows.query.annotations.get(column)
    if annotation is not None:
        field: Any = annotation.output_field
    else:
        field = rows.query.names_to_path(column.split("__"), rows.model._meta, fail_on_missing=True)[1]
    match field:
        case models.DateTimeField():
            return _moment
        case models.DateField():
            return _day
        case models.JSONField():
            return _content
        case models.BooleanField():
            return bool
    changed = isinstance(field, models.DecimalField | models.BinaryField) or hasattr(field, "from_db_value")
    assert not changed, f"{column} does not pass through JSON"
    return _same


def _same(value: Any) -> Any:
    return value


def _day(value: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if value else None


def _moment(value: str | None) -> datetime.datetime | None:
    if not value:
        return None
    moment = datetime.datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def _content(value: Any) -> Any:
    """SQLite keeps JSON as text, so it stands as a text inside the object; PostgreSQL gives it as it is."""
    return json.loads(value) if isinstance(value, str) and connection.vendor == "sqlite" else value
