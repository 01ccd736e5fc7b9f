"""Small value types that every other module shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Self

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1

# Crockford's base 32: no I, L, O or U, so that a reference read out over the telephone cannot be misheard as another.
REF_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REF_CODE_LENGTH = 8
_REF_PATTERN = re.compile(rf"[a-z][a-z0-9_]*-[{REF_ALPHABET}]{{{REF_CODE_LENGTH}}}")
_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})


class BadRef(ValueError):
    """The text is not a public reference."""

    code = "units.bad_ref"


class Ref(str):
    """A public reference such as `spell-7K2M9QXA`: what people, links and reports use instead of a row number.

    `Ref(text)` trusts its source; use `Ref.parse` for what a person typed.

    >>> Ref("spell-7K2M9QXA").kind
    'spell'
    >>> Ref.parse(" Spell-7k2m9qxa ")
    'spell-7K2M9QXA'
    """

    __slots__ = ()

    @property
    def kind(self) -> str:
        """What is referred to: the part before the last hyphen."""
        return self.rpartition("-")[0]

    @property
    def code(self) -> str:
        """The part after the last hyphen."""
        return self.rpartition("-")[2]

    @property
    def is_well_formed(self) -> bool:
        return _REF_PATTERN.fullmatch(self) is not None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference as typed: case, blanks and letters that look like digits are put right."""
        kind, hyphen, code = text.strip().rpartition("-")
        candidate = cls(f"{kind.lower()}{hyphen}{code.upper().translate(_LOOK_ALIKES)}")
        if not candidate.is_well_formed:
            raise BadRef(f"{text!r} is not a reference; one looks like 'spell-7K2M9QXA'")
        return candidate


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """A part of a whole, between 0 and 1, held exactly.

    >>> Share.of(1, 3).percent()
    Decimal('33.33')
    >>> Share.from_percent("12.5").value
    Fraction(1, 8)
    """

    value: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError(f"a share lies between 0 and 1, got {self.value}")

    @classmethod
    def of(cls, part: int | Decimal | Fraction, whole: int | Decimal | Fraction) -> Self:
        """The share `part` has in `whole`; a whole of 0 has no shares (ValueError)."""
        if whole == 0:
            raise ValueError("a share of nothing is not defined")
        return cls(Fraction(part) / Fraction(whole))

    @classmethod
    def from_percent(cls, percent: int | str | Decimal) -> Self:
        return cls(Fraction(Decimal(percent)) / 100)

    def percent(self, decimals: int = 2) -> Decimal:
        return rounded_fraction(self.value * 100, decimals)


@dataclass(frozen=True, slots=True, order=True)
class RateYearly:
    """A nominal rate for a year; 0.12 is 12 %."""

    value: Decimal

    @classmethod
    def from_percent(cls, percent: int | str | Decimal) -> Self:
        return cls(Decimal(percent) / 100)

    @property
    def monthly(self) -> RateMonthly:
        """The nominal rate for one of twelve equal months."""
        return RateMonthly(self.value / 12)


@dataclass(frozen=True, slots=True, order=True)
class RateMonthly:
    """A nominal rate for a month; 0.01 is 1 %."""

    value: Decimal

    @classmethod
    def from_percent(cls, percent: int | str | Decimal) -> Self:
        return cls(Decimal(percent) / 100)

    @property
    def yearly(self) -> RateYearly:
        return RateYearly(self.value * 12)


def rounded_fraction(value: Fraction, decimals: int) -> Decimal:
    """An exact fraction as a Decimal with so many decimals, halves to the even digit.

    >>> rounded_fraction(Fraction(2, 3), 2)
    Decimal('0.67')
    """
    scale = 10**decimals
    return Decimal(round(value * scale)).scaleb(-decimals)


def rounded_half_even(value: Decimal) -> int:
    """The nearest whole number; halves go to the even neighbour."""
    return int(value.to_integral_value(ROUND_HALF_EVEN))
