"""Look for doubles among many records, or for the ones that one new record may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jump.core.duplicates import blocking
from jump.core.duplicates.comparing import Agreement, Compared, agreements
from jump.core.duplicates.fields import Field, Numbers, Records
from jump.core.duplicates.weights import Floats, Model, Weighed, adapted, train

HOUSEHOLD = "household"
_HOUSEHOLD_SAID_FROM = 0.1
LEARNT_FROM = 2_000  # records that teach how two of one person agree (our default)
_AT_ONCE = 2_000_000  # pairs compared at once, so that memory stays bounded
_KEPT_FROM = 0.01  # pairs less probable are forgotten (our default)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Pairs of records, by their places, that may be one person, each with its probability; and the weights used."""

    left: Numbers
    right: Numbers
    probability: Floats
    model: Model
    compared: int  # pairs that were looked at

    def pairs(self, probability_min: float) -> tuple[Numbers, Numbers]:
        enough = self.probability >= probability_min
        return self.left[enough], self.right[enough]


def find(
    fields: Sequence[Field],
    values: Mapping[str, Sequence[str]],
    *,
    seed: int = 1,
    sides: Sequence[int] | None = None,
    model: Model | None = None,
    usual: Model | None = None,
) -> Proposal:
    """Pairs of records that may be one person. With `sides`, only pairs of records of two sides (two partners' lists).

    `values` holds for each field one text a record, empty where unknown: names as they are written, dates as YYYY-MM-DD
    or YYYY, numbers with or without blanks. Without a `model` the weights are learnt from the records;
    with `usual` ones, fewer than 2,000 records teach only how often different people agree.

    Raises ValueError where the fields have values of different length.
    """
    records = Records(fields, values)
    side = None if sides is None else np.asarray(sides, dtype=np.int64)
    left, right = blocking.pairs(records, seed=seed, sides=side)
    if model is None and usual is not None and records.count < LEARNT_FROM:
        model = adapted(usual, records, seed=seed)
    model = model or train(records, left, right, seed=seed)
    kept: list[tuple[Numbers, Numbers, Floats]] = []
    for at in range(0, len(left), _AT_ONCE):
        one, other = left[at : at + _AT_ONCE], right[at : at + _AT_ONCE]
        probable = model.weigh(records, agreements(records, one, other), people=records.count).probability
        enough = probable >= _KEPT_FROM
        kept.append((one[enough], other[enough], probable[enough]))
    if not kept:
        none: Numbers = np.empty(0, dtype=np.int64)
        return Proposal(none, none, np.empty(0), model, 0)
    found = [np.concatenate(part) for part in zip(*kept, strict=True)]
    return Proposal(found[0], found[1], found[2], model, len(left))


def weigh(
    fields: Sequence[Field],
    one: Mapping[str, str],
    others: Sequence[Mapping[str, str]],
    *,
    model: Model,
    people: int,
) -> list[tuple[float, tuple[Agreement, ...]]]:
    """For each of the others how probably it is the one, of so many people, and what speaks for and against it."""
    everybody = [one, *others]
    values = {field.name: [each.get(field.name, "") for each in everybody] for field in fields}
    return explain(fields, values, [(0, k) for k in range(1, len(everybody))], model=model, people=people)


def explain(
    fields: Sequence[Field],
    values: Mapping[str, Sequence[str]],
    pairs: Sequence[tuple[int, int]],
    *,
    model: Model,
    people: int,
) -> list[tuple[float, tuple[Agreement, ...]]]:
    """For each pair of places how probably the two are one, of so many people, and what speaks for and against it."""
    if not pairs:
        return []
    records = Records(fields, values)
    both: Numbers = np.array(pairs, dtype=np.int64)
    compared = agreements(records, both[:, 0], both[:, 1])
    weighed = model.weigh(records, compared, people=people)
    probable = weighed.probability
    return [(float(probable[k]), _why(compared, weighed, k)) for k in range(len(pairs))]


def _why(compared: Compared, weighed: Weighed, k: int) -> tuple[Agreement, ...]:
    """The fields of which something is known, what weighs most first; and that they may be two of one household."""
    said = [
        Agreement(name, words[levels[k]], round(float(weighed.weights[name][k]), 2))
        for name, words, levels in zip(compared.names, compared.words, compared.levels, strict=True)
        if levels[k] >= 0
    ]
    household = float(weighed.household_probability[k])
    if household >= _HOUSEHOLD_SAID_FROM:
        said.append(Agreement(HOUSEHOLD, "perhaps_one", round(float(np.log2(1 - household + 1e-9)), 2)))
    return tuple(sorted(said, key=lambda each: -abs(each.weight)))
