"""Who may go where and how well it fits: the arrays that every matching starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOWHERE = -1
VACANCIES_MAX = 2**23
SCORE_MAX = 2**24

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class MatchingError(ValueError):
    """A matching was asked of arrays that do not fit each other, or for what cannot be."""

    code = "matching.error"


@dataclass(frozen=True, slots=True)
class Candidates:
    """Row by row the vacancies one seeker may be proposed, with a whole score each; -1 fills a short row.

    `vacancy` and `score` have shape (seekers, longest row), `places` one number for each vacancy. A pair that is not
    listed is not possible: distance, occupation and eligibility were looked at before. A pair whose score is not above
    zero is worth no more than staying without, and is never made.
    """

    vacancy: NDArray[np.integer]
    score: NDArray[np.integer]
    places: NDArray[np.integer]

    def __post_init__(self) -> None:
        if self.vacancy.ndim != 2 or self.vacancy.shape != self.score.shape or self.places.ndim != 1:
            raise MatchingError("vacancy and score are tables of one shape, places is one number for each vacancy")
        if not all(np.issubdtype(one.dtype, np.integer) for one in (self.vacancy, self.score, self.places)):
            raise MatchingError("vacancies, scores and places are whole numbers")
        if len(self.places) >= VACANCIES_MAX:
            raise MatchingError(f"at most {VACANCIES_MAX - 1} vacancies at once")
        if self.places.size and self.places.min() < 0:
            raise MatchingError("a vacancy cannot have fewer than no places")
        if self.vacancy.size and not NOWHERE <= self.vacancy.min() <= self.vacancy.max() < len(self.places):
            raise MatchingError("a candidate names a vacancy that is not there")
        if self.score.size and max(-int(self.score.min()), int(self.score.max())) > SCORE_MAX:
            raise MatchingError(f"scores lie within {SCORE_MAX} either way")

    @property
    def seekers(self) -> int:
        return len(self.vacancy)

    @property
    def first(self) -> Ints:
        """Where the places of each vacancy begin when all places stand in one row; one more at the end."""
        return np.concatenate(([0], np.cumsum(self.places, dtype=np.int64)))

    def score_at(self, vacancy: NDArray[np.integer]) -> Ints:
        """The score of each seeker at the vacancy given for it; zero for who stays without."""
        placed = np.flatnonzero(vacancy != NOWHERE)
        same = self.vacancy[placed] == vacancy[placed, None]
        if not same.any(axis=1).all():
            raise MatchingError("somebody is placed where no candidate allows it")
        found = np.zeros(self.seekers, np.int64)
        found[placed] = np.where(same, self.score[placed], -SCORE_MAX - 1).max(axis=1)
        return found


def keep_best(*, vacancy: Ints, value: Ints, who: Ints, first: Ints, held: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """Each vacancy keeps the best offers for its places, old and new; gives the vacancies asked and who goes again.

    `held` and `owner` say for every place what was offered and by whom (-1: nobody); both are changed. The first
    comer wins a tie. Values lie between 0 and 2**40 - 1.
    """
    asked = np.unique(vacancy)
    places = first[asked + 1] - first[asked]
    ends = np.cumsum(places)
    place = np.repeat(first[asked] - (ends - places), places) + np.arange(places.sum())
    every = np.concatenate([np.repeat(asked, places), vacancy])
    values, whose = np.concatenate([held[place], value]), np.concatenate([owner[place], who])
    order = np.argsort((every << 40) | ((1 << 40) - 1 - values), kind="stable")
    every = every[order]
    begins = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
    rank = np.arange(len(every)) - np.repeat(begins, np.diff(np.append(begins, len(every))))
    kept = rank < (first[every + 1] - first[every])
    held[place], owner[place] = values[order[kept]], whose[order[kept]]
    again = whose[order[~kept]]
    return asked, again[again >= 0]
