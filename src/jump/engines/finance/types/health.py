"""How a fund is doing: its costs, and the figures by which funds of this kind are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jump.core.funds.portfolio import ProvisionTable
from jump.core.funds.sustainability import FundYear
from jump.core.money import Money
from jump.core.ratios import ExactRatio, Goal, Verdict
from jump.core.savings.pearls import PearlsFigure
from jump.core.units import Ref


@dataclass(frozen=True, slots=True)
class FundCostView:
    """A running cost: prepared, paid or given up."""

    ref: Ref
    fund_ref: Ref
    what: str
    amount: Money
    on: date
    state: str
    prepared_by: str
    paid_by: str
    proof_ref: Ref | None
    entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class HealthFigure:
    """One figure with what it is made of. `top` over `bottom`, in minor units of the fund; not defined over nothing.

    `goal` is the range that the fund's rules, or else the method, ask for; None where there is no number to reach.
    """

    code: str
    ratio: ExactRatio
    goal: Goal | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class FundHealth:
    """A fund over a period, by its books and its loans. Averages are the mean of the first and the last day."""

    fund_ref: Ref
    currency: str
    starts_on: date  # balances at the end of the day before are the opening ones
    ends_on: date
    inflation: Decimal | None
    market_rate: Decimal | None
    par: Mapping[int, ExactRatio]
    par_strict: Mapping[int, ExactRatio]
    provisions: ProvisionTable
    year: FundYear
    value_before: Money
    value_now: Money
    new_capital: Money
    figures: tuple[HealthFigure, ...]
    pearls: tuple[PearlsFigure, ...]
