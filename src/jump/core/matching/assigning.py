"""The best total score under places, with the prices of vacancies that prove it, and arrivals decided by those prices.

The problem is a flow of least cost from seekers to vacancies. It is solved by an auction (Bertsekas 1979; with several
places of one kind: Bertsekas and Castanon 1989, The auction algorithm for the transportation problem): who is without
bids for the vacancy of most gain, gain being score less price, and raises its price to where the second best is as
good, plus a small step. Steps begin coarse and become fine. What the auction leaves is within `vacancies * step` of the
best; then the least whole prices are sought at which no gain is left anywhere. A finer auction follows until that
succeeds, and with a step below 1 / (vacancies + 1) it must.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jump.core.matching.candidates import NOWHERE, Candidates, Ints, MatchingError, keep_best

_NEVER = 1 << 41
_FIRST_SCALE = 16


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where each seeker goes (-1: stays without), and the price of a place at each vacancy: the least that prove it."""

    vacancy: Ints
    price: Ints
    total: int

    @property
    def placed(self) -> int:
        return int((self.vacancy != NOWHERE).sum())


def assign(candidates: Candidates) -> Assignment:
    """The assignment with the best total score; each seeker in one place at most, each vacancy within its places.

    >>> two = Candidates(np.array([[0, 1], [0, -1]]), np.array([[9, 8], [7, 0]]), np.array([1, 1]))
    >>> best = assign(two)
    >>> best.vacancy.tolist(), best.price.tolist(), best.total
    ([1, 0], [1, 0], 15)
    """
    vacancies = len(candidates.places)
    scale = min(_FIRST_SCALE, vacancies + 2)
    while True:
        rough = _auction(candidates, scale)
        price = _least_prices(candidates, rough)
        best = Assignment(rough, price, int(candidates.score_at(rough).sum()))
        if best.total == upper_bound(candidates, price):
            return best
        assert scale < vacancies + 2, "a step below 1 / (vacancies + 1) leaves no gain"
        scale = min(scale * 32, vacancies + 2)


def roughly(candidates: Candidates) -> Ints:
    """An assignment whose total may lie below the best by one point for each vacancy at most: for looking around."""
    return _auction(candidates, 1)


def upper_bound(candidates: Candidates, price: NDArray[np.integer]) -> int:
    """No assignment has a total above this, whatever the prices (none negative): gains of seekers, worth of places."""
    if len(price) != len(candidates.places) or (price.size and price.min() < 0):
        raise MatchingError("one price for each vacancy, none below zero")
    return int(_gains(candidates, price).sum() + (candidates.places * price.astype(np.int64)).sum())


def is_optimal(candidates: Candidates, assignment: Assignment) -> bool:
    """Whether the prices prove that no assignment is better: places kept, and the total reaches the upper bound.

    By weak duality nothing can be above the bound, so reaching it is proof (complementary slackness in one equation:
    everybody has the most gain at these prices, and only a full vacancy has a price).
    """
    placed = assignment.vacancy[assignment.vacancy != NOWHERE]
    if (np.bincount(placed, minlength=len(candidates.places)) > candidates.places).any():
        return False
    total = int(candidates.score_at(assignment.vacancy).sum())
    return total == assignment.total == upper_bound(candidates, assignment.price)


def arrive(candidates: Candidates, price: NDArray[np.integer], *, free: NDArray[np.integer]) -> Ints:
    """Seekers decided one after the other as they come, by the prices of the last assignment and the free places.

    Each goes where score less price is most and above zero, or as good as zero; a vacancy without a free place is
    passed over. Nobody who came earlier is moved. `free` is not changed. Prices keep places for those who fit better;
    where fewer such people come than yesterday, places stay empty that first come, first served would have filled.
    """
    left = np.array(free, np.int64)
    went = np.full(candidates.seekers, NOWHERE, np.int64)
    for seeker, (row, scores) in enumerate(zip(candidates.vacancy, candidates.score, strict=True)):
        gain = np.where((row >= 0) & (scores > 0) & (left[row] > 0), scores - price[row], -1)
        if gain.size and gain.max() >= 0:
            went[seeker] = row[gain.argmax()]
            left[went[seeker]] -= 1
    return went


def _gains(candidates: Candidates, price: NDArray[np.integer]) -> Ints:
    """What each seeker gains at these prices where it gains most; zero who gains nothing."""
    if not candidates.vacancy.shape[1]:
        return np.zeros(candidates.seekers, np.int64)
    ends = np.append(price.astype(np.int64), _NEVER)
    gain: Ints = np.maximum((candidates.score - ends[candidates.vacancy]).max(axis=1), 0)
    return gain


def _auction(candidates: Candidates, scale: int) -> Ints:
    """Steps from coarse to 1 / scale, with prices in units of 1 / scale; who sits where."""
    vacancies, first = len(candidates.places), candidates.first
    score = candidates.score.astype(np.int64) * scale
    of_place = np.repeat(np.arange(vacancies), candidates.places)
    steps = [1]
    while score.size and steps[0] * 64 < score.max():
        steps.insert(0, steps[0] * 16)
    floor, too_high = np.zeros(vacancies, np.int64), np.zeros(vacancies, np.bool_)
    for number, step in enumerate(steps):
        margin = 4 * steps[number - 1]
        while True:
            begin = np.where(too_high, 0, np.maximum(floor - margin, 0))
            owner, price = _bidding(candidates, score, first, floor=begin, step=step)
            unsold = np.bincount(of_place[owner == NOWHERE], minlength=vacancies).astype(np.bool_) & (begin > 0)
            too_high |= unsold
            if step > 1 or not unsold.any():
                break
            margin *= 4  # Somewhere nobody came at the price we began with: begin lower, in the end at nothing.
        floor = price
    where = np.full(candidates.seekers, NOWHERE, np.int64)
    where[owner[owner != NOWHERE]] = of_place[owner != NOWHERE]
    return where


def _bidding(candidates: Candidates, score: Ints, first: Ints, *, floor: Ints, step: int) -> tuple[Ints, Ints]:
    """All who are without bid at once, until nobody gains by bidding; prices only rise."""
    held = np.repeat(floor, candidates.places)
    owner = np.full(len(held), NOWHERE, np.int64)
    price = np.append(np.where(candidates.places > 0, floor, _NEVER), _NEVER)
    active = np.arange(candidates.seekers if candidates.vacancy.shape[1] else 0)
    while len(active):
        row = candidates.vacancy[active]
        gain = score[active] - price[row]
        rows, best = np.arange(len(active)), gain.argmax(axis=1)
        most = gain[rows, best]
        gain[rows, best] = 0
        second = np.maximum(gain.max(axis=1), 0)
        bids = most > 0
        if not bids.any():
            break
        vacancy = row[bids, best[bids]].astype(np.int64)
        value = price[vacancy] + (most - second)[bids] + step
        asked, active = keep_best(vacancy=vacancy, value=value, who=active[bids], first=first, held=held, owner=owner)
        price[asked] = held[first[asked + 1] - 1]
    return owner, np.where(candidates.places > 0, price[:-1], 0)


def _least_prices(candidates: Candidates, where: Ints) -> Ints:
    """The least whole prices at which nobody gains by moving, if the assignment is the best one.

    Up from nothing: who stays without may gain nothing, who is placed no more than it gains there. This ends for the
    best assignment; for another one a price would rise without end, and is stopped above the highest score.
    """
    price = np.append(np.zeros(len(candidates.places), np.int64), _NEVER)
    if not candidates.vacancy.size:
        return price[:-1]
    placed, at, top = np.flatnonzero(where != NOWHERE), candidates.score_at(where), int(candidates.score.max())
    rows = np.arange(candidates.seekers)
    while len(rows):
        before = price.copy()
        gain = np.where(where[rows] != NOWHERE, at[rows] - price[where[rows]], 0)
        np.maximum.at(price, candidates.vacancy[rows], candidates.score[rows] - gain[:, None])
        if price[:-1].max() > top:
            break
        rows = placed[(price != before)[where[placed]]]
    return price[:-1]
