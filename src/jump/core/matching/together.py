"""Groups and families who go to one vacancy together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jump.core.matching.assigning import Assignment, assign
from jump.core.matching.candidates import NOWHERE, Candidates, Ints, MatchingError


@dataclass(frozen=True, slots=True)
class Together:
    """Who goes where with groups kept together; no such assignment has a total above `total_max`."""

    vacancy: Ints
    total: int
    total_max: int


def assign_together(candidates: Candidates, groups: Sequence[Sequence[int]]) -> Together:
    """Groups first, each to where it gains most at the prices of the assignment without groups; then all others.

    Exact: nobody is parted, places are kept, and the others are placed at the best total in what is left. A rule of
    thumb: which group goes where (the problem with groups is a packing problem, hard to solve to the end); how far it
    may be from the best is at most `total_max - total`, the total without any groups being the limit.
    """
    members = [np.array(sorted(group), np.int64) for group in groups]
    everyone = np.concatenate(members) if members else np.zeros(0, np.int64)
    if len(np.unique(everyone)) != len(everyone) or (
        everyone.size and not 0 <= everyone.min() <= everyone.max() < candidates.seekers
    ):
        raise MatchingError("a seeker is in one group at most, and is among the candidates")
    free: Assignment = assign(candidates)
    left = candidates.places.astype(np.int64).copy()
    went = np.full(candidates.seekers, NOWHERE, np.int64)
    offers = [(gain, -k, vacancy) for k, one in enumerate(members) for vacancy, gain in _offers(candidates, one, free)]
    done: set[int] = set()
    for _, minus_k, vacancy in sorted(offers, reverse=True):
        group = members[-minus_k]
        if -minus_k in done or left[vacancy] < len(group):
            continue
        done.add(-minus_k)
        went[group], left[vacancy] = vacancy, left[vacancy] - len(group)
    score = candidates.score.astype(np.int64).copy()
    score[everyone] = 0
    others = assign(Candidates(candidates.vacancy, score, left)).vacancy
    went = np.where(others != NOWHERE, others, went)
    return Together(went, int(candidates.score_at(went).sum()), free.total)


def _offers(candidates: Candidates, group: Ints, free: Assignment) -> list[tuple[int, int]]:
    """Vacancies that every one of the group may have, with what the group gains there above the worth of the places."""
    common = set(candidates.vacancy[group[0]].tolist()) - {NOWHERE} if len(group) else set()
    for one in group[1:]:
        common &= set(candidates.vacancy[one].tolist())
    offers = []
    for vacancy in sorted(common):
        rows = candidates.vacancy[group] == vacancy
        score = int(np.where(rows, candidates.score[group], -(1 << 30)).max(axis=1).sum())
        if score > 0:
            offers.append((vacancy, score - len(group) * int(free.price[vacancy])))
    return offers
