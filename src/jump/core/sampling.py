"""How many records to check, which ones, and how sure the answer is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, sqrt
from typing import TypeVar

Unit = TypeVar("Unit")

# Two-sided normal quantiles for the confidence levels in use.
_QUANTILES = {Decimal("0.80"): 1.2816, Decimal("0.90"): 1.6449, Decimal("0.95"): 1.9600, Decimal("0.99"): 2.5758}

SHARE_CHECKED = Fraction(1, 10)
CHECKED_MIN = 30


class SampleError(ValueError):
    """A sample cannot be drawn or judged with what was given."""

    code = "sampling.error"


def _quantile(confidence: Decimal) -> float:
    try:
        return _QUANTILES[confidence.quantize(Decimal("0.01"))]
    except KeyError:
        raise SampleError(f"use a confidence of {', '.join(str(level) for level in _QUANTILES)}") from None


def sample_size(
    population: int,
    *,
    margin: Decimal,
    confidence: Decimal = Decimal("0.95"),
    expected_share: Decimal = Decimal("0.5"),
) -> int:
    """How many of a finite population to draw so that a share is known within `margin` either way.

    n = n0 / (1 + (n0 - 1) / N) with n0 = z^2 p (1 - p) / e^2 (Cochran 1977, 4.4).

    >>> sample_size(20_000, margin=Decimal("0.05"))
    377
    >>> sample_size(40, margin=Decimal("0.05"))
    37
    """
    if population < 0 or not 0 < margin < 1 or not 0 < expected_share < 1:
        raise SampleError("margin and expected share lie between 0 and 1, a population is not negative")
    if population == 0:
        return 0
    z = _quantile(confidence)
    unlimited = z**2 * float(expected_share) * (1 - float(expected_share)) / float(margin) ** 2
    return min(population, ceil(unlimited / (1 + (unlimited - 1) / population)))


def verification_size(population: int, *, share: Fraction = SHARE_CHECKED, at_least: int = CHECKED_MIN) -> int:
    """The rule for job records: one in ten, or at least 30 a year; all of them where there are fewer.

    >>> verification_size(1_000), verification_size(120), verification_size(12)
    (100, 30, 12)
    """
    return min(population, max(ceil(population * share), at_least))


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """How many of a lot are looked at, and how well a share is then known, in the worst case of one half.

    `margin` is half the width of the interval; 0 where all are looked at.
    """

    population: int
    size: int
    confidence: Decimal
    margin: float

    @property
    def share(self) -> Fraction:
        return Fraction(self.size, self.population) if self.population else Fraction(0)


def plan_by_percent(population: int, percent: int, *, confidence: Decimal = Decimal("0.95")) -> SamplePlan:
    """So many of a hundred, rounded up: at least one of a lot that is not empty.

    >>> plan_by_percent(1_000, 20).size, round(plan_by_percent(1_000, 20).margin, 3)
    (200, 0.062)
    >>> plan_by_percent(3, 20).size
    1
    """
    if not 1 <= percent <= 100:
        raise SampleError("a percentage lies between 1 and 100")
    return _plan(population, ceil(Fraction(population * percent, 100)), confidence)


def plan_by_size(population: int, size: int, *, confidence: Decimal = Decimal("0.95")) -> SamplePlan:
    """So many, or all where there are fewer.

    >>> plan_by_size(40, 100).margin
    0.0
    """
    if size < 0:
        raise SampleError("a sample is not negative")
    return _plan(population, min(population, size), confidence)


def plan_by_error(
    population: int,
    *,
    margin: Decimal,
    confidence: Decimal = Decimal("0.95"),
    expected_share: Decimal = Decimal("0.5"),
) -> SamplePlan:
    """As few as keep the error within `margin` either way, if the share is no nearer one half than expected.

    >>> plan_by_error(20_000, margin=Decimal("0.05")).size
    377
    """
    size = sample_size(population, margin=margin, confidence=confidence, expected_share=expected_share)
    return _plan(population, size, confidence)


def _plan(population: int, size: int, confidence: Decimal) -> SamplePlan:
    if population < 0:
        raise SampleError("a population is not negative")
    z = _quantile(confidence)
    if size >= population or size == 0:
        return SamplePlan(population, size, confidence, 0.0 if size >= population else 1.0)
    correction = (population - size) / (population - 1)
    return SamplePlan(population, size, confidence, min(1.0, z * sqrt(0.25 / size * correction)))


@dataclass(frozen=True, slots=True)
class CountEstimate:
    """How many of a whole lot a checked sample speaks for: found for sure, most likely, and between which bounds."""

    found: int
    estimate: int
    low: int
    high: int


def count_estimate(*, hits: int, n: int, population: int, confidence: Decimal = Decimal("0.95")) -> CountEstimate:
    """What a checked sample says of the whole lot, in whole units: never fewer than were found, nor more than can be.

    >>> count_estimate(hits=3, n=100, population=1_000)
    CountEstimate(found=3, estimate=30, low=10, high=81)
    >>> count_estimate(hits=2, n=10, population=10)
    CountEstimate(found=2, estimate=2, low=2, high=2)
    """
    share = share_estimate(hits=hits, n=n, population=population, confidence=confidence)
    most = population - (n - hits)  # what was found wrong is wrong, what was found right is right
    return CountEstimate(
        found=hits,
        estimate=min(most, max(hits, round(Fraction(hits, n) * population))),
        low=max(hits, floor(share.low * population)),
        high=min(most, ceil(share.high * population - 1e-9)),
    )


@dataclass(frozen=True, slots=True)
class ShareEstimate:
    """A share found in a sample, with its standard error and interval for the whole population."""

    n: int
    hits: int
    population: int
    standard_error: float
    low: float
    high: float

    @property
    def share(self) -> Fraction:
        return Fraction(self.hits, self.n)


def share_estimate(*, hits: int, n: int, population: int, confidence: Decimal = Decimal("0.95")) -> ShareEstimate:
    """The share with Wilson's interval, narrowed by the finite population correction.

    A complete check has no error.

    >>> whole = share_estimate(hits=9, n=10, population=10)
    >>> whole.standard_error, whole.low, whole.high
    (0.0, 0.9, 0.9)
    """
    if not 0 <= hits <= n or not 1 <= n <= population:
        raise SampleError("a sample has 1 to all of the population, and hits are part of it")
    p = hits / n
    if n == population:
        return ShareEstimate(n, hits, population, 0.0, p, p)
    correction = (population - n) / (population - 1)
    z = _quantile(confidence)
    # Wilson's interval with the sample counted as n / correction: the same variance as drawing without return.
    effective = n / correction
    centre = (p + z**2 / (2 * effective)) / (1 + z**2 / effective)
    half = z * sqrt(p * (1 - p) / effective + z**2 / (4 * effective**2)) / (1 + z**2 / effective)
    error = sqrt(p * (1 - p) / n * correction)
    return ShareEstimate(n, hits, population, error, max(0.0, centre - half), min(1.0, centre + half))


def drawn(frame: Sequence[Unit], size: int, *, seed: int) -> tuple[Unit, ...]:
    """A simple random sample without return, in the order of the frame. The same seed draws the same units.

    >>> drawn(["a", "b", "c", "d"], 2, seed=7) == drawn(["a", "b", "c", "d"], 2, seed=7)
    True
    """
    if not 0 <= size <= len(frame):
        raise SampleError(f"cannot draw {size} from {len(frame)}")
    positions = sorted(random.Random(seed).sample(range(len(frame)), size))
    return tuple(frame[position] for position in positions)
