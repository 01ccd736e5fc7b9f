"""Same, ask a person, different; and which records become one group when pairs are joined."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from jump.core.duplicates.fields import Numbers


class Band(StrEnum):
    """What is done with a pair."""

    SAME = "same"
    ASK = "ask"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Bands:
    """From which probability two records are taken for one person, and from which a person is asked. Our defaults."""

    same_from: float = 0.99
    ask_from: float = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.ask_from <= self.same_from <= 1:
            raise ValueError("0 < ask_from <= same_from <= 1")

    def of(self, probability: float) -> Band:
        """
        >>> [Bands().of(share) for share in (0.999, 0.5, 0.1)]
        [<Band.SAME: 'same'>, <Band.ASK: 'ask'>, <Band.DIFFERENT: 'different'>]
        """
        if probability >= self.same_from:
            return Band.SAME
        return Band.ASK if probability >= self.ask_from else Band.DIFFERENT


def clusters(count: int, left: Numbers, right: Numbers) -> NDArray[np.int64]:
    """For each of `count` records the smallest place among those that pairs join it to, directly or through others.

    The order of the pairs makes no difference.

    >>> clusters(5, np.array([1, 3]), np.array([3, 4])).tolist()
    [0, 1, 2, 1, 1]
    """
    above = np.arange(count, dtype=np.int64)
    while len(left):
        one, other = above[left], above[right]
        apart = one != other
        left, right, one, other = left[apart], right[apart], one[apart], other[apart]
        if not len(left):
            break
        np.minimum.at(above, np.maximum(one, other), np.minimum(one, other))
        while True:
            higher = above[above]
            if (higher == above).all():
                break
            above = higher
    return above
