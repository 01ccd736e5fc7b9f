"""What an amount, a count, a rate or a share may be, and how it is refused by name when it is not.

Amounts and counts are whole numbers in their own smallest unit; rates and shares are Decimal or Fraction, never float,
because a float cannot hold 0.1 and an auditor finds the cent.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

Rate = int | Decimal | Fraction


class Refused(ValueError):
    """What was given breaks a rule. `code` is stable, `facts` say where."""

    code = "core.refused"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts


class NotWhole(Refused):
    """An amount or a count is a whole number of its smallest unit."""

    code = "core.not_whole"


class BelowZero(Refused):
    """Less than nothing was given where only nothing or more makes sense."""

    code = "core.below_zero"


class NotPositive(Refused):
    """Nothing, or less, was given where something is needed."""

    code = "core.not_positive"


class NotExact(Refused):
    """A rate or share is a whole number, a Decimal or a Fraction; never a float, never "not a number"."""

    code = "core.not_exact"


class NotAShare(Refused):
    """A share lies between 0 and 1."""

    code = "core.not_a_share"


def whole(**amounts: int) -> None:
    """Every amount is a whole number (of minor units, shares, grams ...)."""
    for name, amount in amounts.items():
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise NotWhole(f"{name} is a whole number, got {amount!r}", name=name, value=amount)


def not_negative(**amounts: int) -> None:
    """Every amount is a whole number and at least 0."""
    whole(**amounts)
    for name, amount in amounts.items():
        if amount < 0:
            raise BelowZero(f"{name} cannot be below zero, got {amount}", name=name, value=amount)


def positive(**amounts: int) -> None:
    """Every amount is a whole number and above 0."""
    whole(**amounts)
    for name, amount in amounts.items():
        if amount <= 0:
            raise NotPositive(f"{name} must be above zero, got {amount}", name=name, value=amount)


def exact(value: Rate, *, name: str = "rate") -> Fraction:
    """The value as an exact fraction.

    >>> exact(Decimal("0.1"))
    Fraction(1, 10)
    """
    if isinstance(value, bool) or not isinstance(value, Rate):
        raise NotExact(f"{name} is a Decimal or a Fraction, got {value!r}", name=name, value=value)
    if isinstance(value, Decimal) and not value.is_finite():
        raise NotExact(f"{name} is a number, got {value}", name=name, value=str(value))
    return Fraction(value)


def exact_not_negative(value: Rate, *, name: str = "rate") -> Fraction:
    """The value as an exact fraction of at least 0."""
    found = exact(value, name=name)
    if found < 0:
        raise BelowZero(f"{name} cannot be below zero, got {value}", name=name, value=str(value))
    return found


def exact_share(value: Rate, *, name: str = "share") -> Fraction:
    """The value as an exact fraction between 0 and 1."""
    found = exact(value, name=name)
    if not 0 <= found <= 1:
        raise NotAShare(f"{name} lies between 0 and 1, got {value}", name=name, value=str(value))
    return found
