"""How alike two records are, field by field, in levels from 0 (the same) upwards; -1 where one of them says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from jump.core.duplicates.fields import Kind, Numbers, Records, Vocabulary

Levels = NDArray[np.int8]

# What a level says, the most alike first. Limits of likeness are our default (Winkler 1990, as others use them).
NAME_LEVELS = ("same", "sounds_the_same", "nearly_the_same", "alike", "somewhat_alike", "different")
DATE_LEVELS = ("same", "one_slip", "same_year", "near", "different")
NUMBER_LEVELS = ("same", "one_slip", "two_slips", "different")
TEXT_LEVELS = ("same", "nearly_the_same", "alike", "somewhat_alike", "different")
CODE_LEVELS = ("same", "different")
SWAP_LEVELS = ("in_place", "swapped")
LEVELS: dict[Kind, tuple[str, ...]] = {
    Kind.GIVEN: NAME_LEVELS,
    Kind.FAMILY: NAME_LEVELS,
    Kind.DATE: DATE_LEVELS,
    Kind.NUMBER: NUMBER_LEVELS,
    Kind.TEXT: TEXT_LEVELS,
    Kind.CODE: CODE_LEVELS,
}
SWAPPED = "name_order"  # whether given and family name stand in each other's place
_LIKENESS = (0.92, 0.85, 0.7)
_ALIKE = 3  # the last level of names that are alike
_SOUND_LENGTH_MIN = 4  # consonants from which one of them may differ


@dataclass(frozen=True, slots=True)
class Agreement:
    """One field of a pair: how alike the two are, and what it weighs for (above nought) or against one person."""

    field: str
    level: str
    weight: float


class Compared:
    """Levels of pairs, and for each pair the value that both share where they share one: rare values weigh more."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.words: list[tuple[str, ...]] = []
        self.levels: list[Levels] = []
        self.shared: dict[
            str, Numbers
        ] = {}  # by field: the distinct value of the left record, where the level is 0 or 1

    def add(self, name: str, words: tuple[str, ...], levels: Levels) -> None:
        self.names.append(name)
        self.words.append(words)
        self.levels.append(levels)


def agreements(records: Records, left: Numbers, right: Numbers) -> Compared:
    """Compare pairs of records, given by their places."""
    found = Compared()
    straight: dict[str, Levels] = {}
    for field in records.fields:
        column = records.column(field)
        straight[field.name] = _levels(field.kind, column.vocabulary, column.codes[left], column.codes[right])
        found.shared[field.name] = column.codes[left]
    order = _swap(records, straight, left, right)
    for field in records.fields:
        found.add(field.name, LEVELS[field.kind], straight[field.name])
    if order is not None:
        found.add(SWAPPED, SWAP_LEVELS, order)
    return found


def _swap(records: Records, straight: dict[str, Levels], left: Numbers, right: Numbers) -> Levels | None:
    """Where neither name is alike, look whether they stand in each other's place; if so their levels are those.

    The order of the names is known where both are alike, in place or in each other's.
    """
    if not (records.of(Kind.GIVEN) and records.of(Kind.FAMILY)):
        return None
    first, last = records.of(Kind.GIVEN)[0], records.of(Kind.FAMILY)[0]
    given, family = records.column(first), records.column(last)
    both = (straight[first.name] >= 0) & (straight[last.name] >= 0)
    in_place = both & (straight[first.name] <= _ALIKE) & (straight[last.name] <= _ALIKE)
    order = np.where(in_place, 0, -1).astype(np.int8)
    open_ = np.flatnonzero(both & (straight[first.name] > _ALIKE) & (straight[last.name] > _ALIKE))
    one, other, words = left[open_], right[open_], given.vocabulary
    as_last = _levels(Kind.GIVEN, words, given.codes[one], family.codes[other])
    as_first = _levels(Kind.FAMILY, words, family.codes[one], given.codes[other])
    crossed = (as_last <= _ALIKE) & (as_first <= _ALIKE)
    straight[first.name][open_[crossed]] = as_last[crossed]
    straight[last.name][open_[crossed]] = as_first[crossed]
    order[open_[crossed]] = 1
    return order


def _levels(kind: Kind, words: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    """The level of pairs of values, given by their numbers: 0 where they are one, -1 where one is empty."""
    levels = np.zeros(len(a), dtype=np.int8)
    apart = np.flatnonzero(a != b)
    levels[apart] = _COMPARE[kind](words, a[apart], b[apart])
    if kind is Kind.DATE:  # the same year, where no more is known of either
        levels[(a == b) & (words.dates[2][a] < 0)] = 2
    levels[(a == 0) | (b == 0)] = -1
    return levels


def _jaro_winkler(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = process.cpdist(
        one.tolist(), other.tolist(), scorer=JaroWinkler.normalized_similarity, dtype=np.float32, workers=-1
    )
    return made


def _slips(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.int32]:
    """How many letters are wrong, missing, too many or in each other's place."""
    made: NDArray[np.int32] = process.cpdist(
        one.tolist(), other.tolist(), scorer=OSA.distance, dtype=np.int32, workers=-1
    )
    return made


def _by_limits(likeness: NDArray[np.float32], first: int) -> Levels:
    """The level of each likeness: `first` above the first limit, one more for each limit it stays below."""
    levels = np.full(len(likeness), first + len(_LIKENESS), dtype=np.int8)
    for level, limit in reversed(list(enumerate(_LIKENESS, start=first))):
        levels[likeness >= limit] = level
    return levels


def _compare_names(words: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    levels = _by_limits(_jaro_winkler(words.texts[a], words.texts[b]), 2)
    part = np.flatnonzero((levels > 3) & (words.is_compound[a] | words.is_compound[b]))
    is_part = [_is_part(words.values[one], words.values[other]) for one, other in zip(a[part], b[part], strict=True)]
    levels[part[np.array(is_part, dtype=bool)]] = 3
    numbers, sounds = words.sounds
    open_ = np.flatnonzero(levels > 2)
    one, other = sounds[numbers[a[open_]]], sounds[numbers[b[open_]]]
    near = (_slips(one, other) <= 1) & (words.sound_lengths[a[open_]] >= _SOUND_LENGTH_MIN)
    levels[open_[near]] = 2
    levels[(numbers[a] == numbers[b]) & (numbers[a] > 0)] = 1
    return levels


def _is_part(one: str, other: str) -> bool:
    """Whether all words of the shorter name, or their first letters, are among those of the longer."""
    less, more = sorted((one.split(), other.split()), key=len)
    found = all(word in more or (len(word) == 1 and any(each[0] == word for each in more)) for word in less)
    return bool(less) and found


def _compare_dates(words: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    year, month, day = words.dates
    slips = _slips(words.texts[a], words.texts[b])
    levels = np.full(len(a), 4, dtype=np.int8)
    whole = (day[a] >= 0) & (day[b] >= 0)
    levels[(slips <= 2) | (whole & (month[a] == month[b]) & (day[a] == day[b]))] = 3
    same_year = year[a] == year[b]
    levels[same_year] = 2
    levels[same_year & whole & (month[a] == day[b]) & (day[a] == month[b])] = 1
    levels[whole & (slips == 1)] = 1
    return levels


def _compare_numbers(words: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    levels: Levels = np.minimum(_slips(words.texts[a], words.texts[b]), 3).astype(np.int8)
    return levels


def _compare_texts(words: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    return _by_limits(_jaro_winkler(words.texts[a], words.texts[b]), 1)


def _compare_codes(_words: Vocabulary, a: Numbers, _b: Numbers) -> Levels:
    return np.ones(len(a), dtype=np.int8)


_COMPARE: dict[Kind, Callable[[Vocabulary, Numbers, Numbers], Levels]] = {
    Kind.GIVEN: _compare_names,
    Kind.FAMILY: _compare_names,
    Kind.DATE: _compare_dates,
    Kind.NUMBER: _compare_numbers,
    Kind.TEXT: _compare_texts,
    Kind.CODE: _compare_codes,
}
