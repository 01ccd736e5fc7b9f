"""Floors for groups among those placed, what they cost, and the curve of that price.

A floor of 45 % women means: of those placed, at least 45 % are women. Each floor has a weight that is added to the
score of its group and taken from everybody's, in proportion (Lagrange). At whole weights the assignment is the best for
the weighted scores, proved as any other. Where the floor is overfulfilled by a little, the true price may lie lower by
what `gap_max` says and no more; nothing is claimed beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jump.core.matching.assigning import Assignment, assign, roughly
from jump.core.matching.candidates import NOWHERE, SCORE_MAX, Candidates, Flags, Ints, MatchingError

_ROUNDS_MAX = 6


@dataclass(frozen=True, slots=True)
class Floor:
    """At least this share of all who are placed belong to the group."""

    name: str
    member: Flags
    share_min: Fraction

    def __post_init__(self) -> None:
        if not 0 < self.share_min < 1 or self.share_min.denominator > 100:
            raise MatchingError(
                "a floor lies between 0 and 1, in whole per cents or a fraction with a denominator to 100"
            )

    def points(self) -> Ints:
        """What each seeker, if placed, adds to the group's side; the floor is met when the sum is not below zero."""
        num, den = self.share_min.numerator, self.share_min.denominator
        return np.where(self.member, den - num, -num).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Floored:
    """An assignment that meets its floors: what they cost in total score, within what, and what each group weighs."""

    assignment: Assignment
    total_free: int
    price: int
    gap_max: Fraction
    weights: tuple[Fraction, ...]
    shares: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class PricePoint:
    share_min: Fraction
    share: Fraction
    placed: int
    total: int
    price: int
    gap_max: Fraction


def with_floors(candidates: Candidates, floors: Sequence[Floor], *, free: Assignment | None = None) -> Floored:
    """The assignment under all floors at once, its price against the free one, and how far from the best it may be.

    `total_free - price` is its total; no assignment that meets the floors is better by more than `gap_max`. Refused
    when the floors are not met together by any weights tried.
    """
    if any(len(floor.member) != candidates.seekers for floor in floors):
        raise MatchingError("a floor says of each seeker whether it is of the group")
    free = free or assign(candidates)
    points = [floor.points() for floor in floors]
    fine = _fineness(candidates, points)
    highest = (int(candidates.score.max(initial=0)) + 1) * fine
    weights = [0] * len(floors)
    for _ in range(_ROUNDS_MAX):
        before = list(weights)
        for one in range(len(floors)):
            weights[one] = _least(candidates, points, weights, one, fine, highest)
        if weights == before:
            break
    best = free if not any(weights) else _weighed(candidates, points, weights, fine)
    for _ in range(40):  # The search looked at rough assignments; the exact one may need a step more.
        short = [k for k in range(len(floors)) if _sum(points[k], best.vacancy) < 0]
        if not short:
            break
        for k in short:
            weights[k] += max(1, weights[k] // 64)
        best = _weighed(candidates, points, weights, fine)
    else:
        raise MatchingError(f"these floors are not met together: {', '.join(floor.name for floor in floors)}")
    total = int(candidates.score_at(best.vacancy).sum())
    over = sum(weight * _sum(point, best.vacancy) for weight, point in zip(weights, points, strict=True))
    return Floored(
        assignment=best,
        total_free=free.total,
        price=free.total - total,
        gap_max=Fraction(over, fine),
        weights=tuple(Fraction(weight, fine) for weight in weights),
        shares=tuple(share(floor.member, best.vacancy) for floor in floors),
    )


def price_curve(
    candidates: Candidates, *, name: str, member: Flags, shares: Sequence[Fraction]
) -> tuple[PricePoint, ...]:
    """What each level of one floor costs in total score."""
    free = assign(candidates)
    points = []
    for share_min in shares:
        met = with_floors(candidates, [Floor(name, member, share_min)], free=free)
        placed, total = met.assignment.placed, met.total_free - met.price
        points.append(PricePoint(share_min, met.shares[0], placed, total, met.price, met.gap_max))
    return tuple(points)


def share(member: Flags, vacancy: Ints) -> Fraction:
    """The group's share of those placed; zero when nobody is."""
    placed = vacancy != NOWHERE
    return Fraction(int((member & placed).sum()), max(1, int(placed.sum())))


def _sum(points: Ints, vacancy: Ints) -> int:
    return int(points[vacancy != NOWHERE].sum())


def _fineness(candidates: Candidates, points: Sequence[Ints]) -> int:
    """Into how many parts a point of score is cut, so that weighted scores stay within bounds."""
    most = (int(np.abs(candidates.score).max(initial=0)) + 1) * (
        1 + sum(int(np.abs(one).max(initial=0)) for one in points)
    )
    return max(1, min(64, SCORE_MAX // (2 * most)))


def _scores(candidates: Candidates, points: Sequence[Ints], weights: Sequence[int], fine: int) -> Candidates:
    extra = np.zeros(candidates.seekers, np.int64)
    for weight, point in zip(weights, points, strict=True):
        extra += weight * point
    return Candidates(candidates.vacancy, candidates.score.astype(np.int64) * fine + extra[:, None], candidates.places)


def _weighed(candidates: Candidates, points: Sequence[Ints], weights: Sequence[int], fine: int) -> Assignment:
    best = assign(_scores(candidates, points, weights, fine))
    return Assignment(best.vacancy, best.price, int(candidates.score_at(best.vacancy).sum()))


def _least(
    candidates: Candidates, points: Sequence[Ints], weights: Sequence[int], one: int, fine: int, highest: int
) -> int:
    """The least weight of one group at which its floor is met, the others as they are; by halving."""

    def met(weight: int) -> bool:
        tried = [weight if k == one else old for k, old in enumerate(weights)]
        return _sum(points[one], roughly(_scores(candidates, points, tried, fine))) >= 0

    low, high = -1, 1
    if met(0):
        return 0
    while not met(high):
        if high >= highest:
            return high
        low, high = high, min(high * 4, highest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if met(middle) else (middle, high)
    return high
