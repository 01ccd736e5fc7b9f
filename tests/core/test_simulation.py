"""Simulations: repeatable, right in the mean, and honest about how far they can see."""

from datetime import date
from time import perf_counter

import numpy as np
import pytest

from jump.core.simulation import MonthHistory, chance_of_reaching, jobs_alive, jobs_forecast


def months(starts: list[int], ends: list[int] | None = None) -> list[MonthHistory]:
    lost = ends or [0] * len(starts)
    return [
        MonthHistory(date(2003 + number // 12, number % 12 + 1, 1), begun, ended)
        for number, (begun, ended) in enumerate(zip(starts, lost, strict=True))
    ]


def test_a_constant_exit_rate_agrees_with_the_closed_form() -> None:
    jobs = 20_000
    alive = jobs_alive(
        started_month=np.zeros(jobs, dtype=np.int32),
        exit_rate_monthly=np.full(jobs, 0.01),
        horizon_months=60,
        draws=40,
        seed=5,
    )
    closed_form = jobs * 0.99 ** np.arange(60)
    assert np.abs(alive.mean(axis=0) / closed_form - 1).max() < 0.005
    assert (np.diff(alive, axis=1) <= 0).all()


def test_jobs_that_have_not_begun_are_not_alive() -> None:
    alive = jobs_alive(
        started_month=np.array([0, 3], dtype=np.int32),
        exit_rate_monthly=np.array([1e-12, 1e-12]),
        horizon_months=5,
        draws=3,
        seed=1,
    )
    assert alive.tolist() == [[1, 1, 1, 2, 2]] * 3


def test_the_kernel_runs_a_programme_of_twenty_thousand_jobs_within_seconds() -> None:
    began = perf_counter()
    jobs_alive(
        started_month=np.arange(20_000, dtype=np.int32) % 48,
        exit_rate_monthly=np.full(20_000, 0.01),
        horizon_months=60,
        draws=50,
        seed=1,
    )
    assert perf_counter() - began < 5


def test_the_same_seed_gives_the_same_forecast_and_another_seed_another() -> None:
    history = months([10, 20, 5, 30, 12, 8], [0, 1, 0, 2, 1, 0])
    one = jobs_forecast(history, alive_now=81, horizon_months=24, target=300, seed=7)
    assert one == jobs_forecast(history, alive_now=81, horizon_months=24, target=300, seed=7)
    assert one.months != jobs_forecast(history, alive_now=81, horizon_months=24, target=300, seed=8).months


def test_bands_are_ordered_and_widen_and_the_months_follow_the_history() -> None:
    forecast = jobs_forecast(months([10, 20, 5, 30, 12, 8]), alive_now=85, horizon_months=18, seed=3)
    for month in forecast.months:
        assert month.p10 <= month.p25 <= month.p50 <= month.p75 <= month.p90
    assert forecast.months[0].on == date(2003, 7, 31)
    assert forecast.months[-1].on == date(2004, 12, 31)
    first, last = forecast.months[0], forecast.months[-1]
    assert last.p90 - last.p10 > first.p90 - first.p10


def test_the_middle_of_a_steady_programme_goes_on_as_before() -> None:
    forecast = jobs_forecast(months([100] * 24), alive_now=2_400, horizon_months=12, seed=11)
    assert forecast.starts_monthly == 100
    assert abs(forecast.months[-1].p50 - 3_600) < 60


def test_jobs_end_at_the_rate_they_ended() -> None:
    history = months([0] * 24, [10] * 24)
    forecast = jobs_forecast(history, alive_now=760, horizon_months=12, seed=11)
    rate = 240 / sum(760 + 10 * back for back in range(1, 25))
    assert forecast.exit_rate_monthly == pytest.approx(rate)
    assert abs(forecast.months[-1].p50 - 760 * (1 - rate) ** 12) < 15
    cumulative = jobs_forecast(history, alive_now=760, horizon_months=12, seed=11, cumulative=True)
    assert cumulative.months[-1].p50 >= 760


def test_the_chance_is_one_for_what_is_done_and_falls_with_the_target() -> None:
    history = months([10, 20, 5, 30, 12, 8])

    def chance(target: int) -> float:
        found = jobs_forecast(history, alive_now=85, horizon_months=12, target=target, seed=2).chance
        assert found is not None
        return found

    assert chance(85) == 1.0
    assert chance(85) >= chance(200) >= chance(250) >= chance(400)
    assert chance(10_000) == 0.0
    assert jobs_forecast(history, alive_now=85, horizon_months=12, seed=2).chance is None


def test_forecasts_made_in_the_past_held_the_truth_about_as_often_as_they_say() -> None:
    """Half of what came should lie between p25 and p75, eight tenths between p10 and p90."""
    rng = np.random.default_rng(1)
    half = tenths = 0
    rounds = 200
    for seed in range(rounds):
        rate = rng.uniform(3, 60)
        starts = rng.poisson(rate, size=30)
        forecast = jobs_forecast(
            months([int(count) for count in starts[:18]]),
            alive_now=int(starts[:18].sum()),
            horizon_months=12,
            draws=400,
            seed=seed,
        )
        truth = int(starts.sum())
        last = forecast.months[-1]
        half += last.p25 <= truth <= last.p75
        tenths += last.p10 <= truth <= last.p90
    assert 0.40 <= half / rounds <= 0.62
    assert 0.72 <= tenths / rounds <= 0.90


def test_a_forecast_needs_a_past() -> None:
    with pytest.raises(ValueError, match="at least one month"):
        jobs_forecast([], alive_now=0, horizon_months=1, seed=1)
    nothing_yet = jobs_forecast(months([0, 0, 0]), alive_now=0, horizon_months=6, target=100, seed=1)
    assert nothing_yet.chance == 0.0


def test_the_chance_of_reaching_counts_runs() -> None:
    assert chance_of_reaching(np.array([1, 2, 3, 4]), 2) == 0.75
    assert chance_of_reaching(np.array([], dtype=np.int64), 2) == 0.0
