"""What an agreement weighs: learnt from the records, kept as plain numbers, shown with each proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jump.core.duplicates.comparing import LEVELS, SWAPPED, Compared, Levels, agreements
from jump.core.duplicates.fields import Column, Kind, Numbers, Records

Floats = NDArray[np.float64]

RANDOM_PAIRS = 200_000  # drawn to learn how often different people agree (our default)
ROUNDS_MAX = 60
SETTLED = 1e-4
COMMON_SHARE = 1 / 5_000  # values so common are kept with their share; the others are rare alike (our default)
HOUSEMATES_FIRST, HOUSEMATES_MIN = 1.0, 0.01  # of each person, who are registered too (our default)
DOUBLES_FIRST = 0.1  # of the records, before anything is known (our default)
PEOPLE_MIN = 1_000  # a smaller register is a part of a larger place, where others have like names (our default)
USUAL_PAIRS = 10_000  # pairs of a register that say as much as what is usual (our default)
LEAST_SHARE = 0.002  # of pairs of one person at any level, the least likely too (our default)
TRAINING_PAIRS_MAX = 500_000
# How two records of one person agree, before anything is learnt: the start of the search, and its place (our default).
_SAME_FIRST: dict[Kind, tuple[float, ...]] = {
    Kind.GIVEN: (0.75, 0.12, 0.06, 0.03, 0.02, 0.02),
    Kind.FAMILY: (0.75, 0.12, 0.06, 0.03, 0.02, 0.02),
    Kind.DATE: (0.86, 0.07, 0.05, 0.01, 0.01),
    Kind.NUMBER: (0.7, 0.02, 0.02, 0.26),
    Kind.TEXT: (0.75, 0.1, 0.07, 0.04, 0.04),
    Kind.CODE: (0.9, 0.1),
}
_IN_ORDER_FIRST = (0.95, 0.05)
_EITHER_ORDER = (0.5, 0.5)  # two different people with two names alike have them in the same order by chance
_ONE_VALUE_BELOW = {Kind.GIVEN: 2, Kind.FAMILY: 2, Kind.TEXT: 1, Kind.CODE: 1}  # below these levels both have one value


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the fields of pairs weigh, in bits, for one person and against two strangers; and for two of a household."""

    weights: Mapping[str, Floats]
    household: Floats
    same_odds: float  # log2 of the odds that two of the records, drawn by chance, are one person
    household_odds: float

    @property
    def probability(self) -> Floats:
        """That a pair is one person, and not two strangers or two of one household."""
        return self._shares()[0]

    @property
    def household_probability(self) -> Floats:
        """That a pair is two people of one household."""
        return self._shares()[1]

    def _shares(self) -> tuple[Floats, Floats]:
        whole = sum(self.weights.values(), np.zeros(len(self.household))) + self.same_odds
        same = np.exp2(np.clip(whole, -300, 300))
        household = np.exp2(np.clip(self.household + self.household_odds, -300, 300))
        return same / (1 + same + household), household / (1 + same + household)


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of levels by field, in bits, and how many doubles there are for each record.

    `same` and `different` are m and u of Fellegi and Sunter: how often two records of one person, and of two, stand at
    each level. `common` are values that many have, with their share of the records; `rare` is the share of all others.

    Two people of one household agree on much and are still two: that a pair may be such is weighed as a third case.
    """

    same: Mapping[str, tuple[float, ...]]
    different: Mapping[str, tuple[float, ...]]
    doubles_per_record: float
    housemates_per_record: float = HOUSEMATES_FIRST
    common: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    rare: Mapping[str, float] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """As it is kept: numbers, lists and words."""
        return {
            "same": {name: list(shares) for name, shares in self.same.items()},
            "different": {name: list(shares) for name, shares in self.different.items()},
            "doubles_per_record": self.doubles_per_record,
            "housemates_per_record": self.housemates_per_record,
            "common": {name: dict(values) for name, values in self.common.items()},
            "rare": dict(self.rare),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Model:
        return cls(
            same={name: tuple(shares) for name, shares in data["same"].items()},
            different={name: tuple(shares) for name, shares in data["different"].items()},
            doubles_per_record=data["doubles_per_record"],
            housemates_per_record=data["housemates_per_record"],
            common=data["common"],
            rare=data["rare"],
        )

    def weigh(self, records: Records, compared: Compared, *, people: int) -> Weighed:
        """By field, what each pair's agreement weighs in bits: nought where one of the two is unknown."""
        fields = {one.name: one for one in records.fields}
        count = len(compared.levels[0]) if compared.levels else 0
        weights: dict[str, Floats] = {}
        household = np.zeros(count)
        for name, levels in zip(compared.names, compared.levels, strict=True):
            different = np.append(np.log2(np.array(self.different[name])), 0.0)[levels]
            one = fields.get(name)
            if one is not None and name in self.rare:
                agrees = (levels >= 0) & (levels < _ONE_VALUE_BELOW[one.kind])
                rarity = self._rarity(name, records.columns[name])[compared.shared[name]]
                different = different - np.where(agrees, rarity, 0.0)
            weights[name] = np.where(
                levels < 0, 0.0, np.append(np.log2(np.array(self.same[name])), 0.0)[levels] - different
            )
            if one is not None:  # what people share they write down as one person writes it twice
                household += np.log2(one.shared * np.exp2(weights[name]) + 1 - one.shared)
        odds = np.log2(np.array([self.doubles_per_record, self.housemates_per_record]) * 2 / max(people, PEOPLE_MIN))
        return Weighed(weights, household, float(odds[0]), float(odds[1]))

    def _rarity(self, name: str, column: Column) -> Floats:
        """For each value how many bits more than the average agreement an agreement on it weighs."""
        common, rare = self.common.get(name, {}), self.rare[name]
        shares = np.array([common.get(value, rare) for value in column.vocabulary.values], dtype=np.float64)
        usual = sum(share**2 for share in common.values()) + max(0.0, 1 - sum(common.values())) * rare
        made: Floats = np.log2(max(usual, 1e-12) / shares)
        return made


def train(records: Records, left: Numbers, right: Numbers, *, seed: int, rounds: int = ROUNDS_MAX) -> Model:
    """Learn the weights from pairs that may be one person and from pairs drawn at random.

    Expectation and maximisation (Dempster, Laird and Rubin 1977) over the candidates; all other pairs of the records
    are taken to be different people.
    """
    chance = np.random.default_rng(seed)
    different = _different(records, chance)
    common, rare = _common(records)
    if len(left) > TRAINING_PAIRS_MAX:
        drawn = np.sort(chance.choice(len(left), TRAINING_PAIRS_MAX, replace=False))
        left, right, scale = left[drawn], right[drawn], len(left) / TRAINING_PAIRS_MAX
    else:
        scale = 1.0
    compared = agreements(records, left, right)
    same = {one.name: _SAME_FIRST[one.kind] for one in records.fields}
    if SWAPPED in compared.names:
        same[SWAPPED] = _IN_ORDER_FIRST
    model = Model(same, different, DOUBLES_FIRST, HOUSEMATES_FIRST, common, rare)
    for _round in range(rounds):
        weighed = model.weigh(records, compared, people=records.count)
        probable, of_household = weighed.probability, weighed.household_probability
        doubles = min(1.0, max(float(probable.sum()) * scale, 0.5) / max(1, records.count))
        housemates = max(HOUSEMATES_MIN, float(of_household.sum()) * scale / max(1, records.count))
        same = {
            name: _never_nought(_shares(_counts(levels, len(words), probable)))
            for name, words, levels in zip(compared.names, compared.words, compared.levels, strict=True)
        }
        moved = max(float(np.abs(np.array(same[name]) - np.array(model.same[name])).max()) for name in same)
        model = Model(same, different, doubles, housemates, common, rare)
        if moved < SETTLED:
            break
    return model


def adapted(usual: Model, records: Records, *, seed: int) -> Model:
    """Weights for a register that is too small to teach how two records of one person agree: that stays as usual.

    How often different people agree, and how common values are, is of the register, and the less so the smaller it is.
    """
    pairs = records.count * (records.count - 1) / 2
    own = _different(records, np.random.default_rng(seed))
    trust = pairs / (pairs + USUAL_PAIRS)
    different = {
        name: tuple(trust * mine + (1 - trust) * theirs for mine, theirs in zip(own[name], shares, strict=True))
        for name, shares in usual.different.items()
    }
    common, _rare = _common(records, besides=PEOPLE_MIN)
    rare = {name: min(COMMON_SHARE, 1 / (records.count + PEOPLE_MIN)) for name in common}
    return Model(usual.same, different, usual.doubles_per_record, usual.housemates_per_record, common, rare)


def _never_nought(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Whatever was not seen once will be: everything is written wrong some day."""
    return _shares(np.maximum(np.array(shares), LEAST_SHARE), padding=0.0)


def _counts(levels: Levels, width: int, shares: Floats | None = None) -> Floats:
    """How many pairs stand at each level, or how many of them are one person."""
    known = levels >= 0
    weights = None if shares is None else shares[known]
    return np.bincount(levels[known], weights, minlength=width).astype(np.float64)


def _shares(counts: Floats, *, padding: float = 0.5) -> tuple[float, ...]:
    """Shares that add up to one, none of them nought."""
    padded = counts + padding
    return tuple(float(one) for one in padded / padded.sum())


def _different(records: Records, chance: np.random.Generator) -> dict[str, tuple[float, ...]]:
    if records.count < 2:
        return {one.name: _shares(np.zeros(len(LEVELS[one.kind]))) for one in records.fields} | {SWAPPED: _EITHER_ORDER}
    left = chance.integers(0, records.count, RANDOM_PAIRS)
    right = (left + chance.integers(1, records.count, RANDOM_PAIRS)) % records.count
    compared = agreements(records, left, right)
    return {
        name: _shares(_counts(levels, len(words)))
        for name, words, levels in zip(compared.names, compared.words, compared.levels, strict=True)
        if name != SWAPPED
    } | {SWAPPED: _EITHER_ORDER}


def _common(records: Records, *, besides: int = 0) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Values that many have, with their share among the records and so many other people; and the share of the rest."""
    common: dict[str, dict[str, float]] = {}
    rare: dict[str, float] = {}
    for one in records.fields:
        if one.kind not in _ONE_VALUE_BELOW:
            continue
        column = records.column(one)
        count = int(column.is_known.sum())
        shares = column.shares * (count / max(1, count + besides))
        many = np.flatnonzero(shares >= COMMON_SHARE)
        common[one.name] = {column.vocabulary.values[k]: float(shares[k]) for k in many}
        rest = np.delete(shares, many)
        least = 1 / max(2, int(column.is_known.sum()))
        rare[one.name] = float((rest**2).sum() / rest.sum()) if rest.sum() > 0 else least
    return common, rare
