"""What may come: Monte Carlo with the seed as an argument. The same seed gives the same answer.

Forecasts here say how far verified history carries if it goes on as it did; they know nothing of what is planned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jump.core.calendars import add_months, month_end

PERCENTILES = (10, 25, 50, 75, 90)


def jobs_alive(
    *,
    started_month: NDArray[np.int32],
    exit_rate_monthly: NDArray[np.float64],
    horizon_months: int,
    draws: int,
    seed: int,
) -> NDArray[np.int32]:
    """Simulate how many jobs still exist at the end of each month.

    Returns shape (draws, horizon_months). The same seed gives the same answer.
    """
    assert started_month.shape == exit_rate_monthly.shape
    assert 1 <= draws <= 100_000
    assert 1 <= horizon_months <= 600
    assert started_month.size == 0 or ((exit_rate_monthly > 0) & (exit_rate_monthly <= 1)).all()

    rng = np.random.default_rng(seed)
    life_months = rng.geometric(exit_rate_monthly, size=(draws, started_month.size))
    alive = np.empty((draws, horizon_months), dtype=np.int32)
    for month in range(horizon_months):  # One month at a time keeps memory at draws x jobs.
        age_months = month - started_month
        alive[:, month] = ((age_months >= 0) & (life_months > age_months)).sum(axis=1)
    return alive


@dataclass(frozen=True, slots=True)
class MonthHistory:
    """One past month: jobs proved to have begun in it, and jobs that ended in it."""

    month: date  # any day of the month
    started: int
    ended: int = 0


@dataclass(frozen=True, slots=True)
class ForecastMonth:
    """Bands for one month end. Half of all runs lie between p25 and p75."""

    on: date
    p10: int
    p25: int
    p50: int
    p75: int
    p90: int


@dataclass(frozen=True, slots=True)
class JobsForecast:
    """Bands by month, and the chance that the target is reached by the last of them."""

    months: tuple[ForecastMonth, ...]
    target: int | None
    chance: float | None  # None without a target
    starts_monthly: float  # mean of the history used
    exit_rate_monthly: float
    history_months: int
    draws: int
    seed: int


def jobs_forecast(
    history: Sequence[MonthHistory],
    *,
    alive_now: int,
    horizon_months: int,
    target: int | None = None,
    cumulative: bool = False,
    draws: int = 2_000,
    seed: int,
) -> JobsForecast:
    """Carry verified history forward: starts as uneven as they were, ends at the rate they had.

    `history` is every month in order, also the empty ones. `alive_now` are the jobs at its end. Each run first draws
    how far the true rate of starting may lie from the one seen (gamma, from the history's length) and how uneven months
    are (negative binomial where they vary more than by chance), then draws each month. With `cumulative` nothing is
    taken off for jobs that end: the figure is jobs made so far.

    >>> steady = [MonthHistory(date(2026, month, 1), started=50) for month in range(1, 7)]
    >>> forecast = jobs_forecast(steady, alive_now=300, horizon_months=12, target=100, seed=1)
    >>> forecast.chance, forecast.months[0].p10 <= forecast.months[0].p50 <= forecast.months[0].p90
    (1.0, True)
    """
    if not history:
        raise ValueError("a forecast needs at least one month of history")
    if alive_now < 0 or any(month.started < 0 or month.ended < 0 for month in history):
        raise ValueError("jobs cannot be below zero")
    assert 1 <= draws <= 100_000
    assert 1 <= horizon_months <= 600

    rng = np.random.default_rng(seed)
    started = np.array([month.started for month in history], dtype=np.float64)
    exit_rate = _exit_rate(history, alive_now)
    exits_seen = sum(month.ended for month in history)
    exposure = max(exits_seen / exit_rate, 1.0) if exit_rate > 0 else 1.0

    size = started.size
    # Half a job of doubt keeps a history without starts from promising none for ever.
    rates = rng.gamma(started.sum() + 0.5, 1.0 / size, size=draws)
    if exits_seen and not cumulative:
        exit_rates = np.clip(rng.gamma(exits_seen, 1.0 / exposure, size=draws), 0.0, 1.0)
    else:
        exit_rates = np.zeros(draws)
    shape = _evenness(started)

    alive = np.full(draws, alive_now, dtype=np.int64)
    last_month = history[-1].month
    months: list[ForecastMonth] = []
    for step in range(1, horizon_months + 1):
        expected = rates if shape is None else rng.gamma(shape, rates / shape)
        alive = alive - rng.binomial(alive, exit_rates) + rng.poisson(expected)
        bands = np.percentile(alive, PERCENTILES, method="nearest").astype(np.int64)
        months.append(ForecastMonth(month_end(add_months(last_month.replace(day=1), step)), *map(int, bands)))
    return JobsForecast(
        months=tuple(months),
        target=target,
        chance=None if target is None else float((alive >= target).mean()),
        starts_monthly=float(started.mean()),
        exit_rate_monthly=exit_rate if not cumulative else 0.0,
        history_months=int(size),
        draws=draws,
        seed=seed,
    )


def _exit_rate(history: Sequence[MonthHistory], alive_now: int) -> float:
    """Jobs that ended over job-months at risk, walking back from the jobs there are now."""
    at_risk, ended, alive = 0, 0, alive_now
    for month in reversed(history):
        alive_before = max(0, alive - month.started + month.ended)
        at_risk += max(alive_before, month.ended)
        ended += month.ended
        alive = alive_before
    return min(1.0, ended / at_risk) if at_risk else 0.0


def _evenness(started: NDArray[np.float64]) -> float | None:
    """Shape of the gamma that makes months as uneven as seen; None when they vary no more than by chance."""
    if started.size < 3 or started.mean() == 0:
        return None
    extra = float(started.var(ddof=1) - started.mean())
    return float(started.mean()) ** 2 / extra if extra > 0 else None


def chance_of_reaching(values: NDArray[np.integer], target: int) -> float:
    """The share of runs that end at or above a target.

    >>> chance_of_reaching(np.array([1, 2, 3, 4]), 3)
    0.5
    """
    return float((values >= target).mean()) if values.size else 0.0
