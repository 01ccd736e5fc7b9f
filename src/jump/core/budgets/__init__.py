"""What a budget will come to, whose money paid for what, and what it was worth in the donor's own currency."""

from jump.core.budgets.donors import (
    BudgetRefused,
    DonorLine,
    Inflow,
    Rule,
    Share,
    Use,
    allocate_use,
    in_donor_currency,
    left_of,
)
from jump.core.budgets.forecasts import Forecast, ForecastBasis, forecast, run_rate

__all__ = [
    "BudgetRefused",
    "DonorLine",
    "Forecast",
    "ForecastBasis",
    "Inflow",
    "Rule",
    "Share",
    "Use",
    "allocate_use",
    "forecast",
    "in_donor_currency",
    "left_of",
    "run_rate",
]
