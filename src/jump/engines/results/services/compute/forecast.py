"""What the verified history promises for the headline target: computed with the values, and kept with them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from jump.core.calendars import add_months, months_between
from jump.core.simulation import MonthHistory, jobs_forecast
from jump.engines.results.models import Target
from jump.engines.results.services.compute.gather import Gathered

if TYPE_CHECKING:
    from jump.engines.results.services.compute.run import Defined

DRAWS = 2_000
SEED = 20_000
HORIZON_MONTHS_MAX = 120
LONG_AGO_MONTHS = 36


def forecast_of(defined: list[Defined], gathered: Gathered, *, as_of: date) -> dict[str, Any] | None:
    """Bands to the day of the target and the chance to reach it; None without history or target.

    The figure counts jobs made so far unless the definition asks for jobs that are still there (`active`).
    """
    headline = next((one for one in defined if one.measure.is_headline), None)
    if headline is None or not gathered.started:
        return None
    target = (
        Target.objects.filter(indicator=headline.indicator, dimension="")
        .order_by("scope_path", "-pk")
        .values_list("by", "value")
        .first()
    )
    if target is None or target[0] <= as_of:
        return None
    horizon = min(months_between(as_of.replace(day=1), target[0]), HORIZON_MONTHS_MAX)
    if horizon < 1:
        return None
    first = date(*min(gathered.started), 1)
    first = max(first, add_months(as_of.replace(day=1), -LONG_AGO_MONTHS))
    history = [
        MonthHistory(
            month=(month := add_months(first, step)),
            started=gathered.started[month.year, month.month],
            ended=gathered.ended[month.year, month.month],
        )
        for step in range(months_between(first, as_of.replace(day=1)) + 1)
    ]
    where = headline.measure.terms[0].where
    cumulative = where is None or "active" not in where.names
    so_far = sum(gathered.started.values())
    found = jobs_forecast(
        history,
        alive_now=so_far if cumulative else max(so_far - sum(gathered.ended.values()), 0),
        horizon_months=horizon,
        target=int(target[1]),
        cumulative=cumulative,
        draws=DRAWS,
        seed=SEED,
    )
    return {
        "indicator": headline.indicator.full_id,
        "months": [month.on.isoformat() for month in found.months],
        "p10": [month.p10 for month in found.months],
        "p25": [month.p25 for month in found.months],
        "p50": [month.p50 for month in found.months],
        "p75": [month.p75 for month in found.months],
        "p90": [month.p90 for month in found.months],
        "chance": str(round(found.chance, 4)) if found.chance is not None else None,
        "target": int(target[1]),
        "draws": found.draws,
        "seed": found.seed,
        "starts_monthly": str(round(found.starts_monthly, 2)),
        "exit_rate_monthly": str(round(found.exit_rate_monthly, 4)),
        "history_months": found.history_months,
    }
