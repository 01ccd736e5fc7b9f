"""Who is proposed, referred and placed, group beside group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jump.core.matching.candidates import Flags, Ints, MatchingError

FOUR_FIFTHS = Fraction(4, 5)
CELL_MIN = 5


@dataclass(frozen=True, slots=True)
class Step:
    """How many of a group came to this step, of how many of the step before, and beside the group that does best.

    `ratio` is the group's share over the highest share of any group that is shown. None: hidden, or nothing to divide.
    """

    name: str
    count: int | None
    rate: Fraction | None
    ratio: Fraction | None
    below_limit: bool


@dataclass(frozen=True, slots=True)
class GroupReport:
    group: str
    registered: int | None
    steps: tuple[Step, ...]


def bias_report(
    group: Ints,
    names: Sequence[str],
    steps: Sequence[tuple[str, Flags]],
    *,
    ratio_min: Fraction = FOUR_FIFTHS,
    cell_min: int = CELL_MIN,
) -> tuple[GroupReport, ...]:
    """For each group, step by step (proposed, referred, placed), the share of those of the step before who came on.

    A step counts only those who came through all earlier ones. A ratio below `ratio_min` is marked: four fifths by
    default (Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D), our choice and no verdict. A count
    between 1 and `cell_min` - 1 is hidden with its rate, and so is every rate whose base is that small; a rate is also
    hidden where the few who did not come on are fewer than `cell_min`, as it would give them away.
    """
    if len(names) and group.size and not 0 <= group.min() <= group.max() < len(names):
        raise MatchingError("a seeker is of a group that has no name")
    if any(len(flags) != len(group) for _, flags in steps):
        raise MatchingError("a step says of each seeker whether it was reached")
    base = np.bincount(group, minlength=len(names))
    registered, through = base, np.ones(len(group), np.bool_)
    columns: list[list[Step]] = []
    for name, flags in steps:
        through = through & flags
        came = np.bincount(group[through], minlength=len(names))
        rates = [_rate(int(n), int(of), cell_min) for n, of in zip(came, base, strict=True)]
        best = max((rate for rate in rates if rate is not None), default=None)
        ratios = [rate / best if rate is not None and best else None for rate in rates]
        columns.append(
            [
                Step(name, None if rate is None else int(n), rate, ratio, ratio is not None and ratio < ratio_min)
                for n, rate, ratio in zip(came, rates, ratios, strict=True)
            ]
        )
        base = came
    return tuple(
        GroupReport(name, _shown(int(registered[k]), cell_min), tuple(column[k] for column in columns))
        for k, name in enumerate(names)
    )


def _shown(count: int, cell_min: int) -> int | None:
    return None if 0 < count < cell_min else count


def _rate(count: int, base: int, cell_min: int) -> Fraction | None:
    if base < cell_min or 0 < count < cell_min or 0 < base - count < cell_min:
        return None
    return Fraction(count, base)
