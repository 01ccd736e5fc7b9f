"""Both sides rank: deferred acceptance; and lists of several proposals in which no vacancy comes too often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jump.core.matching.candidates import NOWHERE, Candidates, Ints, MatchingError, keep_best


def stable(candidates: Candidates, liking: NDArray[np.integer]) -> Ints:
    """The stable matching best for seekers: who goes where, when vacancies rank too (Gale and Shapley 1962).

    The score is the seeker's own ranking, `liking` (same shape) the vacancy's; only scores above zero are wanted and
    only likings from zero upwards are accepted. On equal liking who asked first stays, then the lower row.

    >>> two = Candidates(np.array([[0, 1], [0, 1]]), np.array([[2, 1], [2, 1]]), np.array([1, 1]))
    >>> stable(two, np.array([[1, 1], [5, 1]])).tolist()
    [1, 0]
    """
    return _deferred(candidates, liking, each=1, places=candidates.places)[:, 0]


def blocking_pairs(candidates: Candidates, liking: NDArray[np.integer], vacancy: Ints) -> Ints:
    """Pairs (seeker, vacancy) who would both rather have each other; none proves that the matching is stable."""
    score, like = candidates.score, np.asarray(liking)
    own = candidates.score_at(vacancy)
    placed = np.flatnonzero(vacancy != NOWHERE)
    taken = np.bincount(vacancy[placed], minlength=len(candidates.places))
    worst = np.full(len(candidates.places), np.iinfo(np.int64).max)
    liked = np.where(candidates.vacancy[placed] == vacancy[placed, None], like[placed], -1).max(axis=1)
    np.minimum.at(worst, vacancy[placed], liked)
    listed = (candidates.vacancy != NOWHERE) & (score > 0) & (like >= 0) & (candidates.places[candidates.vacancy] > 0)
    free, least = (taken < candidates.places)[candidates.vacancy], worst[candidates.vacancy]
    row, column = np.nonzero(listed & (score > own[:, None]) & (free | (like > least)))
    return np.column_stack([row, candidates.vacancy[row, column]]).astype(np.int64)


def lists(candidates: Candidates, *, each: int, proposed_max: int) -> Ints:
    """Up to `each` proposals for every seeker, best first, with no vacancy in more than `proposed_max` lists.

    Whoever scores higher keeps a contested proposal; nobody could swap a proposal for a better one without taking it
    from a higher score. -1 fills what stays empty.
    """
    if each < 1 or proposed_max < 1:
        raise MatchingError("a list has at least one proposal, a vacancy is proposed at least once")
    places = np.where(candidates.places > 0, proposed_max, 0)
    return _deferred(candidates, candidates.score, each=each, places=places)


def _deferred(candidates: Candidates, liking: NDArray[np.integer], *, each: int, places: NDArray[np.integer]) -> Ints:
    like = np.asarray(liking).astype(np.int64)
    if like.shape != candidates.score.shape:
        raise MatchingError("liking is a table of the shape of the scores")
    seekers = candidates.seekers
    listed = (candidates.vacancy != NOWHERE) & (candidates.score > 0) & (like >= 0)
    listed &= places[candidates.vacancy] > 0 if len(places) else False
    if like.max(initial=0) >= (1 << 40) - 1:
        raise MatchingError("likings lie below 2**40 - 1")
    order = np.argsort(np.where(listed, -candidates.score.astype(np.int64), 1 << 40), axis=1, kind="stable")
    ranked, liked = np.take_along_axis(candidates.vacancy, order, 1), np.take_along_axis(like, order, 1)
    length = listed.sum(axis=1)
    first = np.concatenate(([0], np.cumsum(places, dtype=np.int64)))
    held, owner = np.zeros(first[-1], np.int64), np.full(first[-1], NOWHERE, np.int64)
    asked = np.zeros(seekers, np.int64)
    wanting = np.repeat(np.arange(seekers), each)
    while len(wanting):
        who, many = np.unique(wanting, return_counts=True)
        turn = np.arange(len(wanting)) - np.repeat(np.cumsum(many) - many, many)
        who_each = np.repeat(who, many)
        position = asked[who_each] + turn
        asked[who] += many
        there = position < length[who_each]
        who_each, position = who_each[there], position[there]
        if not len(who_each):
            break
        vacancy = ranked[who_each, position].astype(np.int64)
        value = liked[who_each, position] + 1  # An empty place holds nothing, and nothing is less than liked a little.
        _, wanting = keep_best(vacancy=vacancy, value=value, who=who_each, first=first, held=held, owner=owner)
    kept = np.full((seekers, each), NOWHERE, np.int64)
    got = np.flatnonzero(owner != NOWHERE)
    who, vacancy = owner[got], np.repeat(np.arange(len(places)), places)[got]
    own = np.where(candidates.vacancy[who] == vacancy[:, None], candidates.score[who], -1).max(axis=1, initial=-1)
    place = np.lexsort((vacancy, -own, who))
    who, vacancy = who[place], vacancy[place]
    kept[who, np.arange(len(who)) - np.searchsorted(who, who)] = vacancy
    return kept
