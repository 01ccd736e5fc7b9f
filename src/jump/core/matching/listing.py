"""The best vacancies for one seeker, each score taken apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jump.core.matching.candidates import Flags, Ints, MatchingError

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Vacancies:
    """Vacancies as arrays. ISCO-08 codes have four digits; skills, wishes met and languages asked are bits of a number.

    `open` is false where a vacancy has no free place or asks for what is refused on other grounds (age, hazard).
    """

    isco: NDArray[np.integer]
    latitude: NDArray[np.floating]
    longitude: NDArray[np.floating]
    skills: NDArray[np.uint64]
    languages: NDArray[np.uint64]
    offers: NDArray[np.uint64]
    permit_needed: Flags
    open: Flags


@dataclass(frozen=True, slots=True)
class Seeker:
    isco: int
    latitude: float
    longitude: float
    distance_km_max: float
    skills: int
    languages: int
    wishes: int
    has_permit: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """Points for each part of a score; a programme's own, given with its package."""

    occupation: int
    skills: int
    distance: int
    wishes: int
    languages: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """One vacancy with its score and the points of each part, which sum to it."""

    vacancy: int
    score: int
    occupation: int
    skills: int
    distance: int
    wishes: int
    languages: int
    distance_km: float


def top(
    seeker: Seeker,
    vacancies: Vacancies,
    weights: Weights,
    *,
    count: int = 10,
    proposed: NDArray[np.integer] | None = None,
    proposed_max: int | None = None,
) -> tuple[Proposal, ...]:
    """The vacancies that fit one seeker best, best first; on equal score the nearer one, then the earlier one.

    Passed over: what is not open, beyond the seeker's distance, needs a permit the seeker has not, or was already
    `proposed` as often as `proposed_max`. Occupation gives its points by how many leading digits of ISCO-08 agree
    (major, sub-major, minor, unit group: a quarter each); skills, languages and wishes by the share met, all of them
    where nothing is asked; distance falls evenly from all points to none at the seeker's limit.
    """
    if count < 1 or seeker.distance_km_max <= 0:
        raise MatchingError("a list has at least one entry, and the distance a seeker goes is above zero")
    far = _distance_km(seeker, vacancies)
    allowed = vacancies.open & (far <= seeker.distance_km_max) & (~vacancies.permit_needed | seeker.has_permit)
    if proposed is not None and proposed_max is not None:
        allowed &= proposed < proposed_max
    rows = np.flatnonzero(allowed)
    far = far[rows]
    parts = {
        "occupation": weights.occupation * _same_digits(seeker.isco, vacancies.isco[rows]) // 4,
        "skills": _met(weights.skills, seeker.skills, vacancies.skills[rows]),
        "distance": np.floor(weights.distance * (1 - far / seeker.distance_km_max)).astype(np.int64),
        "wishes": _wished(weights.wishes, seeker.wishes, vacancies.offers[rows]),
        "languages": _met(weights.languages, seeker.languages, vacancies.languages[rows]),
    }
    score = np.sum(list(parts.values()), axis=0)
    if len(rows) > count:  # Whoever is below the last score of the list need not be sorted.
        last = np.partition(score, len(rows) - count)[len(rows) - count]
        keep = np.flatnonzero(score >= last)
    else:
        keep = np.arange(len(rows))
    best = keep[np.lexsort((rows[keep], far[keep], -score[keep]))][:count]
    return tuple(
        Proposal(
            vacancy=int(rows[k]),
            score=int(score[k]),
            distance_km=float(far[k]),
            **{name: int(points[k]) for name, points in parts.items()},
        )
        for k in best
    )


def _distance_km(seeker: Seeker, vacancies: Vacancies) -> NDArray[np.float64]:
    """Great-circle distance (haversine)."""
    here, there = np.radians(seeker.latitude), np.radians(vacancies.latitude)
    across = np.radians(vacancies.longitude - seeker.longitude)
    half = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(across / 2) ** 2
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1)))
    return distance


def _same_digits(isco: int, others: NDArray[np.integer]) -> Ints:
    same = [others // 10**cut == isco // 10**cut for cut in range(4)]
    count: Ints = np.sum(same, axis=0, dtype=np.int64)
    return count


def _met(points: int, has: int, asked: NDArray[np.uint64]) -> Ints:
    wanted = np.bitwise_count(asked).astype(np.int64)
    met = np.bitwise_count(asked & np.uint64(has)).astype(np.int64)
    share: Ints = np.where(wanted > 0, points * met // np.maximum(wanted, 1), points)
    return share


def _wished(points: int, wishes: int, offers: NDArray[np.uint64]) -> Ints:
    met = np.bitwise_count(offers & np.uint64(wishes)).astype(np.int64)
    many = wishes.bit_count()
    share: Ints = points * met // many if many else np.full(len(offers), points, np.int64)
    return share
