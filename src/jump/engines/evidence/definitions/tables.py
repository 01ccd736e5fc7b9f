"""Tables that expressions look into: the choices of a form, and the files that lie beside it (CSV, XML, GeoJSON)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

ROWS_MAX = 500_000
FIELD_BYTES_MAX = 1_000_000


class Table:
    """Rows of texts by column. A look-up by a column's value goes through an index that is made once."""

    def __init__(self, rows: Sequence[Mapping[str, str]]) -> None:
        self.rows = rows
        self._by: dict[str, dict[str, list[Mapping[str, str]]]] = {}

    def where(self, column: str, value: str) -> Sequence[Mapping[str, str]]:
        index = self._by.get(column)
        if index is None:
            index = self._by[column] = {}
            for row in self.rows:
                index.setdefault(row.get(column, ""), []).append(row)
        return index.get(value, ())


class Tables(Mapping[str, Table]):
    """Tables by the id under which a form knows them; each is made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Table]]) -> None:
        self._makers = makers
        self._made: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def stem_of(name: str) -> str:
    """The id of a file's table: its name without the ending.

    >>> stem_of("villages.csv")
    'villages'
    """
    return name.rpartition(".")[0] or name


def read_table(name: str, content: bytes) -> Table:
    """A file beside a form as a table. Raises ValueError where it is none of CSV, XML items or GeoJSON."""
    ending = name.lower().rpartition(".")[2]
    if ending == "csv":
        return Table(_csv(content))
    if ending == "xml":
        return Table(_xml(content))
    if ending == "geojson":
        return Table(_geojson(content))
    raise ValueError(f"{name} is no table")


def _csv(content: bytes) -> list[Mapping[str, str]]:
    text = content.decode("utf-8-sig")
    csv.field_size_limit(FIELD_BYTES_MAX)
    try:
        rows = list(zip(range(ROWS_MAX), csv.DictReader(io.StringIO(text), restval=""), strict=False))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    return [{str(key).strip(): value for key, value in row.items() if isinstance(value, str)} for _number, row in rows]


def _xml(content: bytes) -> list[Mapping[str, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        tree = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    return [
        {etree.QName(cell).localname: cell.text or "" for cell in item if isinstance(cell.tag, str)}
        for item in tree
        if isinstance(item.tag, str)
    ]


def _geojson(content: bytes) -> list[Mapping[str, str]]:
    made: list[Mapping[str, str]] = []
    for feature in json.loads(content).get("features", ()):
        known: dict[str, Any] = {**(feature.get("properties") or {}), "id": feature.get("id", "")}
        row = {key: str(value) for key, value in known.items() if value is not None}
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "Point":
            longitude, latitude, *_rest = geometry["coordinates"]
            row["geometry"] = f"{latitude} {longitude} 0 0"
        made.append(row)
    return made
