"""Exact ratios that keep both their parts, means of balances, and goals with their verdicts.

Ratios are kept as numerator and denominator and shown to two decimals of a percent; a denominator of 0 is "not
defined", never 0 (finance rules, section 1, "Rounding"; methods 00, house rule 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from jump.core.bounds import Rate, Refused, exact
from jump.core.units import rounded_fraction


class NothingToAverage(Refused):
    """A mean needs at least one balance."""

    code = "ratios.nothing_to_average"


@dataclass(frozen=True, slots=True)
class ExactRatio:
    """A ratio of two exact numbers in the same unit (or so much per so many); not defined when the lower one is 0."""

    numerator: Fraction
    denominator: Fraction

    @property
    def value(self) -> Fraction | None:
        return self.numerator / self.denominator if self.denominator else None

    def percent(self, decimals: int = 2) -> Decimal | None:
        """In percent, halves to the even digit; None when not defined."""
        return None if self.value is None else rounded_fraction(self.value * 100, decimals)

    def rounded(self, decimals: int = 2) -> Decimal | None:
        """As a plain number, halves to the even digit; None when not defined."""
        return None if self.value is None else rounded_fraction(self.value, decimals)


def ratio(numerator: Rate, denominator: Rate) -> ExactRatio:
    """So much over so much, both exact.

    >>> ratio(2_710_000, 2_130_000).percent(1)
    Decimal('127.2')
    >>> ratio(1, 0).percent() is None
    True
    """
    return ExactRatio(exact(numerator, name="numerator"), exact(denominator, name="denominator"))


def growth(now: Rate, before: Rate) -> ExactRatio:
    """(now - before) / before; not defined when there was nothing before.

    >>> growth(108, 100).percent()
    Decimal('8.00')
    """
    return ratio(exact(now, name="now") - exact(before, name="before"), before)


def mean(balances: Sequence[Rate]) -> Fraction:
    """The mean of opening and closing balance, or of month ends where there are some. Say which when showing it.

    >>> mean([100, 105])
    Fraction(205, 2)
    """
    if not balances:
        raise NothingToAverage("a mean needs at least one balance")
    return sum((exact(balance, name="balance") for balance in balances), Fraction(0)) / len(balances)


class Verdict(StrEnum):
    """Whether a figure meets its goal."""

    MET = "met"
    MISSED = "missed"
    NOT_DEFINED = "not_defined"


@dataclass(frozen=True, slots=True)
class Goal:
    """A range a figure should lie in: from `low` to `high`, both included unless `is_open`; None leaves an end free."""

    low: Fraction | None = None
    high: Fraction | None = None
    is_open: bool = False

    def judge(self, value: Fraction | None) -> Verdict:
        """Whether the value lies in the range.

        >>> Goal.percent(high=5).judge(Fraction(8, 100)), Goal.percent(high=5).judge(Fraction(5, 100))
        (<Verdict.MISSED: 'missed'>, <Verdict.MET: 'met'>)
        """
        if value is None:
            return Verdict.NOT_DEFINED
        if self.is_open:
            inside = (self.low is None or value > self.low) and (self.high is None or value < self.high)
        else:
            inside = (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
        return Verdict.MET if inside else Verdict.MISSED

    @classmethod
    def percent(cls, *, low: Rate | None = None, high: Rate | None = None, is_open: bool = False) -> Goal:
        """A goal given in percent."""
        return cls(
            None if low is None else exact(low, name="low") / 100,
            None if high is None else exact(high, name="high") / 100,
            is_open,
        )
