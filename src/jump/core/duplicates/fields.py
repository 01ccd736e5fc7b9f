"""What is compared, and records as columns of numbered values, so that each value is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jump.core.duplicates.spelling import folded, skeleton

Numbers = NDArray[np.int64]


class Kind(StrEnum):
    """How a field is compared."""

    GIVEN = "given"  # a name; may stand where the family name should, and the other way round
    FAMILY = "family"
    DATE = "date"  # YYYY-MM-DD, or YYYY where only the year is known
    NUMBER = "number"  # a national number, a telephone number: digits that belong to few people
    TEXT = "text"  # a line of an address
    CODE = "code"  # sex, place: one of a list


NAMES = (Kind.GIVEN, Kind.FAMILY)


# How often two people of one household have the same: a family name, a place, a telephone; a birthday if they are twins
# (24 of 1,000 people are: Monden, Pison and Smits 2021, Twin peaks). The others are our defaults.
_IN_A_HOUSEHOLD: dict[Kind, float] = {
    Kind.GIVEN: 0.01,
    Kind.FAMILY: 0.8,
    Kind.DATE: 0.024,
    Kind.NUMBER: 0.5,
    Kind.TEXT: 0.95,
    Kind.CODE: 0.95,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is known of each record, and how often people of one household share it."""

    name: str
    kind: Kind
    household_share: float | None = None

    @property
    def shared(self) -> float:
        return _IN_A_HOUSEHOLD[self.kind] if self.household_share is None else self.household_share


class Vocabulary:
    """Distinct values, each looked at once. Number 0 is the empty value: nothing is known."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.values: list[str] = [""]
        self._number: dict[str, int] = {"": 0}

    def codes(self, said: Sequence[str]) -> Numbers:
        """The number of each value as it is compared."""
        raw: dict[str, int] = {}
        order = [raw.setdefault(value, len(raw)) for value in said]
        numbers = np.empty(len(raw), dtype=np.int64)
        for place, value in enumerate(raw):
            cleaned = compared_as(self.kind, value)
            number = self._number.setdefault(cleaned, len(self.values))
            if number == len(self.values):
                self.values.append(cleaned)
            numbers[place] = number
        return numbers[np.array(order, dtype=np.int64)] if raw else np.empty(0, dtype=np.int64)

    def derived(self, of: Callable[[str], str]) -> tuple[Numbers, list[str]]:
        """For each value the number of what is made of it, and what is made; number 0 where nothing is."""
        number: dict[str, int] = {"": 0}
        made = [number.setdefault(of(value) if value else "", len(number)) for value in self.values]
        return np.array(made, dtype=np.int64), list(number)

    @cached_property
    def texts(self) -> NDArray[Any]:
        return _objects(self.values)

    @cached_property
    def sounds(self) -> tuple[Numbers, NDArray[Any]]:
        """Of each value the number of its skeleton; and the skeletons by number."""
        numbers, skeletons = self.derived(skeleton)
        return numbers, _objects(skeletons)

    @cached_property
    def sound_lengths(self) -> Numbers:
        numbers, skeletons = self.sounds
        return np.array([len(one) for one in skeletons], dtype=np.int64)[numbers]

    @cached_property
    def is_compound(self) -> NDArray[np.bool_]:
        """Whether a name has several words, or is a single letter: it may be a part of another."""
        return np.array([" " in value or len(value) == 1 for value in self.values], dtype=bool)

    @cached_property
    def dates(self) -> tuple[Numbers, Numbers, Numbers]:
        """Year, month and day of each value; -1 where unknown."""
        parts = np.full((len(self.values), 3), -1, dtype=np.int64)
        for row, value in enumerate(self.values):
            for column, part in enumerate(value.split("-")[:3] if value else ()):
                parts[row, column] = int(part) if part.isdecimal() else -1
        return parts[:, 0], parts[:, 1], parts[:, 2]


class Column:
    """One field of all records: which of the distinct values each of them has."""

    def __init__(self, vocabulary: Vocabulary, values: Sequence[str]) -> None:
        self.vocabulary = vocabulary
        self.codes = vocabulary.codes(values)

    @property
    def is_known(self) -> NDArray[np.bool_]:
        known: NDArray[np.bool_] = self.codes > 0
        return known

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """How large a part of the records that say something has each value."""
        known = self.codes[self.is_known]
        return np.bincount(known, minlength=len(self.vocabulary.values)) / max(1, len(known))


def _objects(values: Sequence[str]) -> NDArray[Any]:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


class Records:
    """Records to be compared: a column for each field, all of one length."""

    def __init__(self, fields: Sequence[Field], values: Mapping[str, Sequence[str]]) -> None:
        """Raises ValueError where a field has no values, or not as many as the others."""
        lengths = {field.name: len(values[field.name]) if field.name in values else -1 for field in fields}
        if len(set(lengths.values())) > 1 or -1 in lengths.values():
            raise ValueError(f"each field needs a value for each record: {lengths}")
        self.fields = tuple(fields)
        names = Vocabulary(Kind.GIVEN)  # given and family names are compared with one another
        self.columns = {
            field.name: Column(names if field.kind in NAMES else Vocabulary(field.kind), values[field.name])
            for field in fields
        }
        self.count = next(iter(lengths.values()), 0)

    def of(self, kind: Kind) -> list[Field]:
        return [field for field in self.fields if field.kind is kind]

    def column(self, field: Field) -> Column:
        return self.columns[field.name]


def compared_as(kind: Kind, value: str) -> str:
    """A value as it is compared: names folded, numbers without blanks and in plain digits."""
    return _CLEANED[kind](value) if value else ""


def _digits(value: str) -> str:
    if value.isascii() and value.isdecimal():
        return value
    return "".join(str(int(one)) for one in value if one.isdecimal()) or value.strip().casefold()


_CLEANED: dict[Kind, Callable[[str], str]] = {
    Kind.GIVEN: folded,
    Kind.FAMILY: folded,
    Kind.DATE: str.strip,
    Kind.NUMBER: _digits,
    Kind.TEXT: folded,
    Kind.CODE: str.strip,
}
