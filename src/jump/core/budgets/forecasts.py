"""What a budget will have cost at its end: by what is known of the work, and by how fast money went so far.

Two answers that are never mixed. The first is spend so far + commitments + what is still planned; the second carries
the pace of the time that is over to the end. Both in whole minor units. Source: requirement BUDGET-15 (plan,
commitment, spend); the two methods and their formulas are our default.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from jump.core.bounds import NotPositive, not_negative, whole


class ForecastBasis(StrEnum):
    """What stands for "still planned"."""

    PLAN = "plan"  # nobody estimated: all of the plan that is free will be used
    ESTIMATE = "estimate"  # somebody said on a day how much is still to come beside what was committed


@dataclass(frozen=True, slots=True)
class Forecast:
    """What it will have come to, what of it is still planned, and what that rests on."""

    total_minor: int
    still_planned_minor: int
    basis: ForecastBasis


def forecast(
    *,
    plan_minor: int,
    spent_minor: int,
    committed_minor: int,
    estimate_minor: int | None = None,
    used_at_estimate_minor: int = 0,
) -> Forecast:
    """Spend so far + commitments + what is still planned.

    Without an estimate what is still planned is the free part of the plan. An estimate says how much was still to come
    on its day, when `used_at_estimate_minor` was spent or committed; what was spent or committed since is taken from
    it. Promise: never below spend + commitments.

    >>> forecast(plan_minor=1_000, spent_minor=300, committed_minor=200).total_minor
    1000
    >>> forecast(plan_minor=1_000, spent_minor=300, committed_minor=200, estimate_minor=150, used_at_estimate_minor=450)
    Forecast(total_minor=600, still_planned_minor=100, basis=<ForecastBasis.ESTIMATE: 'estimate'>)
    """
    whole(plan_minor=plan_minor, spent_minor=spent_minor, committed_minor=committed_minor)
    used = spent_minor + committed_minor
    if estimate_minor is None:
        still, basis = max(0, plan_minor - used), ForecastBasis.PLAN
    else:
        not_negative(estimate_minor=estimate_minor)
        still, basis = max(0, estimate_minor - (used - used_at_estimate_minor)), ForecastBasis.ESTIMATE
    return Forecast(used + still, still, basis)


def run_rate(*, spent_minor: int, starts_on: date, as_of: date, ends_on: date) -> int | None:
    """Spend so far x days of the whole time / days gone, rounded once, halves to even. Both ends count.

    None before the first day: there is no pace yet. After the last day it is what was spent. Errors: NotPositive where
    the time ends before it starts.

    >>> run_rate(spent_minor=100, starts_on=date(2026, 1, 1), as_of=date(2026, 1, 10), ends_on=date(2026, 1, 31))
    310
    """
    whole(spent_minor=spent_minor)
    days = (ends_on - starts_on).days + 1
    if days <= 0:
        raise NotPositive("the time of a budget ends before it starts", days=days)
    gone = (min(as_of, ends_on) - starts_on).days + 1
    if gone <= 0:
        return None
    return round(Fraction(spent_minor * days, gone))
