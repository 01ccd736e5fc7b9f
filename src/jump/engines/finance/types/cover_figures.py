"""What crosses the door of finance about the figures of a community scheme: its year, price and reserve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from jump.core.insurance import Alarm, Promptness, TenIndicator
from jump.core.money import Money
from jump.core.ratios import ExactRatio, Goal
from jump.core.units import Ref
from jump.engines.finance.types.cover import PaperState


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One of the ten: its exact ratio and the range it should lie in."""

    code: TenIndicator
    ratio: ExactRatio
    goal: Goal | None


@dataclass(frozen=True, slots=True)
class UseRow:
    """How often and how dear one benefit was, beside what was assumed (per insured and year)."""

    benefit: str
    title: str
    claims: int
    cost: Money
    frequency: ExactRatio
    assumed_frequency: Fraction
    mean_cost: ExactRatio
    assumed_cost: Fraction


@dataclass(frozen=True, slots=True)
class SchemeFigures:
    """A scheme's year up to a day, on the accrual basis, with the ten indicators."""

    scheme_ref: Ref
    since: date
    until: date
    currency: str
    families: int
    insured: int
    insured_before: int
    insured_in_force: int
    received: Money
    due: Money
    earned: Fraction
    unearned: Fraction
    paid_claims: Money
    outstanding: Fraction
    unreported: Fraction
    unreported_how: str
    incurred: Fraction
    expenses: Money
    subsidy: Money
    result: Fraction
    result_without_subsidy: Fraction
    cash: Money
    reserve: Money
    payable: Money
    claims_reported: int
    claims_rejected: int
    claims_open: int
    indicators: tuple[IndicatorView, ...]
    net_income_without_subsidy: ExactRatio
    promptness: Mapping[Promptness, ExactRatio]
    alarms: frozenset[Alarm]
    use: tuple[UseRow, ...]


@dataclass(frozen=True, slots=True)
class PremiumRow:
    """One benefit of the premium sheet, step by step (methods 07, 7.7)."""

    benefit: str
    title: str
    assumed_from: str
    assumed_frequency: Fraction
    own_claims: int
    own_frequency: ExactRatio
    weight: Fraction
    frequency: Fraction
    cost_minor: Fraction
    copay: Fraction
    ceiling: Money | None
    pure: Fraction


@dataclass(frozen=True, slots=True)
class PremiumSheet:
    """Frequency x cost, loadings, credibility, reserve: what a contribution must be, and what the one asked gives."""

    scheme_ref: Ref
    on: date
    currency: str
    rows: tuple[PremiumRow, ...]
    pure: Fraction
    safety: Fraction
    operating: Fraction
    surplus: Fraction
    total: Fraction
    selection: Fraction
    inflation: Fraction
    mean_family: Fraction
    family: Money
    needed_per_due: Money
    asked_per_due: Money
    dues_in_year: int
    insured: int
    families: int
    expected_contributions: Fraction
    expected_claims: Fraction
    expected_operating: Fraction
    expected_result: Fraction
    deviation: Money
    reserve_needed: Money
    reserve_held: Money
    chance_of_loss: Fraction
    runs: int
    sensitivity: Mapping[tuple[int, int], Fraction]

    @property
    def covers_itself(self) -> bool:
        return self.expected_result >= 0


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Changes to try on the premium sheet; what is not given stays as the package has it."""

    contribution_minor: int | None = None
    benefit: str = ""
    copay: Fraction | None = None
    ceiling_event_minor: int | None = None
    frequency_factor: Fraction | None = None


@dataclass(frozen=True, slots=True)
class YearView:
    """A closed year: what was earned, set aside and put into the reserve."""

    ref: Ref
    scheme_ref: Ref
    since: date
    until: date
    state: PaperState
    earned: Money
    outstanding: Money
    result: Money
    target: Money
    transfer: Money
    decision_ref: Ref | None
    prepared_by: str
    booked_by: str
    entry_ref: Ref | None
