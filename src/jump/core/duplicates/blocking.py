"""Which pairs are worth a comparison: those that share a key. All pairs of a million people would be 500 billion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jump.core.duplicates.fields import Field, Kind, Numbers, Records, compared_as
from jump.core.duplicates.spelling import skeleton

PAIRS_PER_RECORD = 2  # a key that proposes more than this is taken together with another (our default)
WINDOW = 40  # within a key that many share, neighbours so far apart in the order of their names (our default)
_SAMPLE = 100_000
_PARTS_MAX = 3


def pairs(
    records: Records, *, seed: int, sides: Numbers | None = None, per_record: float = PAIRS_PER_RECORD
) -> tuple[Numbers, Numbers]:
    """Pairs of places (the smaller first) that share a key; with `sides`, only pairs of two sides.

    Which keys are taken follows from the records: each simple key (a number, a date, the sound of a name), or two or
    three of them together, that would propose at most `per_record` pairs for each record.
    """
    count = records.count
    found: list[Numbers] = []
    order = _order(records)
    for key in _keys(records, seed=seed, per_record=per_record):
        places = np.flatnonzero(key >= 0)
        places = places[np.lexsort((order[places], key[places]))]
        said = key[places]
        for apart in range(1, min(WINDOW, len(places))):
            same = said[apart:] == said[:-apart]
            if not same.any():
                break
            one, other = places[:-apart][same], places[apart:][same]
            if sides is not None:
                crosses = sides[one] != sides[other]
                one, other = one[crosses], other[crosses]
            found.append(np.minimum(one, other) * count + np.maximum(one, other))
    both = np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
    both = both[
        np.diff(both, prepend=-1) > 0
    ]  # each once; numpy's own search for distinct numbers takes six times as long
    return both // max(1, count), both % max(1, count)


def _order(records: Records) -> Numbers:
    """A number for each record by which like records lie beside each other: names by their sound, then dates."""
    ranked: list[Numbers] = []
    for field in records.of(Kind.DATE) + records.of(Kind.GIVEN) + records.of(Kind.FAMILY):
        column = records.column(field)
        if field.kind is Kind.DATE:
            rank = _rank(column.vocabulary.texts)
        else:
            numbers, sounds = column.vocabulary.sounds
            rank = _rank(sounds)[numbers]
        ranked.append(rank[column.codes])
    return _rank_rows(ranked, records.count)


def _rank(texts: NDArray[Any]) -> Numbers:
    return _rank_rows([np.unique(texts.astype(str), return_inverse=True)[1]], len(texts))


def _rank_rows(keys: Sequence[Numbers], count: int) -> Numbers:
    """The place of each row when they are ordered, the last key first."""
    rank = np.empty(count, dtype=np.int64)
    rank[np.lexsort(tuple(keys)) if keys else np.arange(count)] = np.arange(count)
    return rank


def _keys(records: Records, *, seed: int, per_record: float) -> Iterator[Numbers]:
    simple = list(_simple_keys(records))  # each with the fields that it is made of
    drawn = np.random.default_rng(seed).permutation(records.count)[:_SAMPLE]
    taken: list[frozenset[int]] = []
    for parts in range(1, _PARTS_MAX + 1):
        for chosen in combinations(range(len(simple)), parts):
            if any(one <= set(chosen) for one in taken) or _overlap(simple, chosen):
                continue
            if _pairs_per_record(_together([simple[k][1][drawn] for k in chosen]), records.count) <= per_record:
                taken.append(frozenset(chosen))
                yield _together([simple[k][1] for k in chosen])


def _overlap(simple: Sequence[tuple[set[str], Numbers]], chosen: Sequence[int]) -> bool:
    """Parts of one field say nothing more together."""
    fields = [simple[k][0] for k in chosen]
    return len(set().union(*fields)) < sum(map(len, fields))


def _pairs_per_record(key: Numbers, count: int) -> float:
    """About how many pairs this key would propose for each of `count` records, from a sample of them."""
    known = key[key >= 0]
    if len(known) < 2:
        return 0.0
    _values, sizes = np.unique(known, return_counts=True)
    share = float((sizes * (sizes - 1)).sum()) / len(key) / max(1, len(key) - 1)
    return share * count / 2


def _together(keys: Sequence[Numbers]) -> Numbers:
    whole = keys[0].copy()
    for key in keys[1:]:
        width = int(key.max(initial=0)) + 1
        missing = (whole < 0) | (key < 0)
        if float(whole.max(initial=0) + 1) * width > 2.0**62:
            _values, whole = np.unique(whole, return_inverse=True)
        whole = whole * width + key
        whole[missing] = -1
    return whole


def _simple_keys(records: Records) -> Iterator[tuple[set[str], Numbers]]:
    names = records.of(Kind.GIVEN)[:1] + records.of(Kind.FAMILY)[:1]
    sounding = []
    for field in names:
        numbers, _sounds = records.column(field).vocabulary.sounds
        sounding.append(_none_if_empty(numbers[records.column(field).codes]))
        yield {field.name}, sounding[-1]
    if len(names) == 2:  # in either order
        low, high = np.minimum(*sounding), np.maximum(*sounding)
        yield {field.name for field in names}, np.where(low < 0, -1, low * (int(high.max(initial=0)) + 1) + high)
    for field in records.fields:
        words, codes = records.column(field).vocabulary, records.column(field).codes
        if field.kind is Kind.DATE:
            year, month, day = words.dates
            yield {field.name}, np.where(day >= 0, np.arange(len(day)), -1)[codes]
            yield {field.name}, year[codes]
            yield {field.name}, np.where(day >= 0, month * 100 + day, -1)[codes]
        elif field.kind is Kind.TEXT:
            yield {field.name}, _none_if_empty(words.sounds[0][codes])
        elif field.kind in (Kind.NUMBER, Kind.CODE):
            yield {field.name}, _none_if_empty(codes)


def _none_if_empty(codes: Numbers) -> Numbers:
    return np.where(codes > 0, codes, -1)


def search_keys(values: Mapping[str, str], fields: Sequence[Field]) -> list[str]:
    """Under which keys one record is kept, so that one like it is found among many without comparing all.

    Each is a short text: a number, or the sound of a name with a date or with the other name.

    >>> search_keys({"given": "Юлия", "family": "Hassan", "born": "1990-04-12"},
    ...             [Field("given", Kind.GIVEN), Field("family", Kind.FAMILY), Field("born", Kind.DATE)])
    ['hsn|yl', 'hsn|1990', 'yl|1990', 'hsn|04-12', 'yl|04-12']
    """
    names = [skeleton(values.get(field.name, "")) for field in fields if field.kind in (Kind.GIVEN, Kind.FAMILY)]
    names = sorted({name for name in names if name})
    keys = ["|".join(names)] if names else []
    for field in fields:
        value = values.get(field.name, "").strip()
        if not value:
            continue
        if field.kind is Kind.NUMBER:
            keys.append(f"{field.name}={compared_as(Kind.NUMBER, value)}")
        elif field.kind is Kind.DATE:
            keys += [f"{name}|{part}" for part in filter(None, (value[:4], value[5:])) for name in names]
        elif field.kind is Kind.CODE and field.name != "sex":
            keys += [f"{name}|{field.name}={value}" for name in names]
    return keys
