"""Money as whole minor units of a currency: exact, never mixed, nothing lost in a split."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Self

from jump.core.units import INT64_MAX, INT64_MIN, rounded_fraction

# ISO 4217, active codes. Every code not named in the other tables has two decimals.
_TWO_DECIMALS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
"""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

CURRENCY_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(_FOUR_DECIMALS.split(), 4),
}


class AmountError(ValueError):
    """Something about an amount or its currency is not acceptable. `facts` say what."""

    code = "money.amount"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts


class UnknownCurrency(AmountError):
    """The code is not an active ISO 4217 currency."""

    code = "money.unknown_currency"


class CurrencyMismatch(AmountError):
    """Two amounts in different currencies were added, subtracted or compared."""

    code = "money.currency_mismatch"


class AmountOutOfRange(AmountError):
    """The amount does not fit a signed 64-bit integer of minor units."""

    code = "money.out_of_range"


class NotANumber(AmountError):
    """What was typed is not a number."""

    code = "money.not_a_number"


class NegativeAmount(AmountError):
    """An amount below zero was typed where only zero or more makes sense."""

    code = "money.negative"


class TooManyDecimals(AmountError):
    """More decimals were typed than the currency has."""

    code = "money.too_many_decimals"


class AmbiguousAmount(AmountError):
    """The one mark typed may group thousands or begin the decimals, and the two differ a thousandfold."""

    code = "money.ambiguous"


def exponent_of(currency: str) -> int:
    """How many decimals the currency has (ISO 4217).

    >>> exponent_of("THB"), exponent_of("JPY"), exponent_of("JOD")
    (2, 0, 3)
    """
    try:
        return CURRENCY_EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(f"{currency!r} is not a currency code of ISO 4217", currency=currency) from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units of one currency.

    >>> Money(123_450, "THB") + Money(50, "THB")
    Money(amount_minor=123500, currency='THB')
    >>> str(Money(123_450, "THB"))
    '1234.50 THB'
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount_minor, bool) or not isinstance(self.amount_minor, int):
            raise TypeError(f"minor units are a whole number, got {self.amount_minor!r}")
        exponent_of(self.currency)
        _within_range(self.amount_minor)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def from_major(cls, amount: Decimal | int | str, currency: str) -> Self:
        """An exact amount in major units; refuses more decimals than the currency has."""
        scaled = Fraction(Decimal(amount)) * 10 ** exponent_of(currency)
        if scaled.denominator != 1:
            raise TooManyDecimals(
                f"{amount} has more decimals than {currency}",
                text=str(amount),
                decimals=exponent_of(currency),
            )
        return cls(int(scaled), currency)

    @classmethod
    def parse(cls, text: str, currency: str, *, allow_negative: bool = False) -> Self:
        """An amount as a person typed it; see `parse_amount`."""
        return cls(parse_amount(text, currency, allow_negative=allow_negative), currency)

    @property
    def exponent(self) -> int:
        return CURRENCY_EXPONENTS[self.currency]

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        with localcontext() as context:
            context.prec = 40
            return Decimal(self.amount_minor).scaleb(-self.exponent)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self.currency} and {other.currency} cannot be mixed",
                left=self.currency,
                right=other.currency,
            )

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount_minor), self.currency)

    def __mul__(self, times: int) -> Money:
        """So many times the amount, exact. For rates use `at_rate`."""
        if isinstance(times, bool) or not isinstance(times, int):
            return NotImplemented
        return Money(self.amount_minor * times, self.currency)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount_minor < other.amount_minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount_minor <= other.amount_minor

    def __gt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount_minor > other.amount_minor

    def __ge__(self, other: Money) -> bool:
        self._same(other)
        return self.amount_minor >= other.amount_minor

    def at_rate(self, rate: Decimal | Fraction) -> Money:
        """The amount times a rate, rounded once, halves to the even unit."""
        return Money(round(self.amount_minor * Fraction(rate)), self.currency)

    def allocate(self, weights: Sequence[int | Decimal | Fraction]) -> tuple[Money, ...]:
        """Split without loss; see `allocate`."""
        return tuple(Money(part, self.currency) for part in allocate(self.amount_minor, weights))

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"


def sum_money(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, in the currency given even when there is nothing to add.

    >>> sum_money([], "EUR")
    Money(amount_minor=0, currency='EUR')
    """
    total = Money.zero(currency)
    for amount in amounts:
        total = total + amount
    return total


def allocate(amount_minor: int, weights: Sequence[int | Decimal | Fraction]) -> tuple[int, ...]:
    """Split an amount by weights so that the parts add up to exactly the amount (largest remainder).

    Units left over go to the largest fractions lost; among equals to the earlier position. A weight of 0 gets 0.
    A negative amount is split as its opposite.

    >>> allocate(100, [1, 1, 1])
    (34, 33, 33)
    >>> allocate(-100, [1, 1, 1])
    (-34, -33, -33)
    >>> allocate(5, [0, 1])
    (0, 5)
    """
    fractions = [Fraction(weight) for weight in weights]
    if any(weight < 0 for weight in fractions):
        raise ValueError("a weight cannot be negative")
    total = sum(fractions, Fraction(0))
    if total == 0:
        raise ValueError("at least one weight must be above zero")

    size, sign = abs(amount_minor), -1 if amount_minor < 0 else 1
    parts: list[int] = []
    remainders: list[Fraction] = []
    for weight in fractions:
        exact = size * weight / total
        part = exact.numerator // exact.denominator
        parts.append(part)
        remainders.append(exact - part)
    left = size - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda position: (-remainders[position], position))
    for position in by_remainder[:left]:
        parts[position] += 1
    return tuple(sign * part for part in parts)


def share_percent(part: int | Decimal, whole: int | Decimal, decimals: int = 2) -> Decimal | None:
    """The part in percent of the whole; None ("not defined", never 0) when the whole is 0.

    Rule: finance ratios are exact fractions shown to two decimals of a percent.

    >>> share_percent(338_881, 9_013_400)
    Decimal('3.76')
    >>> share_percent(0, 0) is None
    True
    """
    if whole == 0:
        return None
    return rounded_fraction(Fraction(part) * 100 / Fraction(whole), decimals)


_GROUP_BLANKS = {" ", "\u00a0", "\u202f", "\u2009"}
_APOSTROPHES = {"'", "\u2019"}
_MINUS_SIGNS = {"-", "\u2212", "\u2013"}
_ARABIC_DECIMAL, _ARABIC_GROUP = "\u066b", "\u066c"


def parse_amount(text: str, currency: str, *, allow_negative: bool = False, decimal_mark: str | None = None) -> int:
    """Minor units of an amount as typed, in any of the usual ways of writing and in any script's digits.

    When both marks occur the last one begins the decimals. A single comma before exactly three digits groups
    thousands; in a currency with three decimals that cannot be told apart, so it is refused unless
    `decimal_mark` ("." or ",") says how the reader writes.

    >>> parse_amount("1,234.50", "THB"), parse_amount("1 234,50", "EUR"), parse_amount("1,234", "XOF")
    (123450, 123450, 1234)
    >>> parse_amount("12,5", "USD")
    1250
    """
    exponent = exponent_of(currency)
    if decimal_mark not in (None, ".", ","):
        raise ValueError(f"the decimal mark is '.' or ',', got {decimal_mark!r}")
    plain = _plain_digits(text, decimal_mark)

    negative = False
    if plain[:1] in _MINUS_SIGNS:
        negative, plain = True, plain[1:].strip()
    elif plain[:1] == "+":
        plain = plain[1:].strip()

    whole, decimals = _split_marks(plain, text, exponent, decimal_mark)
    if len(decimals) > exponent and len(decimals) != 3:  # "1.000" may mean a thousand: refused below, never guessed
        decimals = decimals.rstrip("0").ljust(exponent, "0")
    if len(decimals) > exponent:
        raise TooManyDecimals(
            f"{text.strip()!r} has more decimals than {currency}, which has {exponent}",
            text=text,
            currency=currency,
            decimals=exponent,
        )
    amount_minor = int(whole or "0") * int(10**exponent) + int(decimals.ljust(exponent, "0") or "0")
    if negative:
        if not allow_negative and amount_minor:
            raise NegativeAmount(f"{text.strip()!r} is below zero", text=text)
        amount_minor = -amount_minor
    _within_range(amount_minor)
    return amount_minor


def _within_range(amount_minor: int) -> None:
    if not INT64_MIN <= amount_minor <= INT64_MAX:
        raise AmountOutOfRange("the amount is too large to be kept exactly", amount_minor=amount_minor)


def _plain_digits(text: str, decimal_mark: str | None) -> str:
    """Digits of any script as 0 to 9, Arabic marks as ours, blanks and apostrophes as one blank."""
    out: list[str] = []
    for char in text.strip():
        value = unicodedata.decimal(char, None)
        if value is not None:
            out.append(str(value))
        elif char == _ARABIC_DECIMAL:
            out.append("," if decimal_mark == "," else ".")
        elif char == _ARABIC_GROUP or char in _GROUP_BLANKS or char in _APOSTROPHES:
            out.append(" ")
        else:
            out.append(char)
    return "".join(out).strip()


def _split_marks(plain: str, text: str, exponent: int, decimal_mark: str | None) -> tuple[str, str]:
    """The whole part without grouping, and the decimals."""
    wrong = NotANumber(f"{text.strip()!r} is not an amount", text=text)
    if not any(char.isdigit() for char in plain) or any(char not in "0123456789., " for char in plain):
        raise wrong
    mark = decimal_mark if decimal_mark is not None else _guess_mark(plain, text, exponent)
    if mark is None:
        whole, decimals = plain, ""
    else:
        whole, _, decimals = plain.partition(mark)
        if decimals and not decimals.isdigit():
            raise wrong
    groups = whole.replace(",", " ").replace(".", " ").split(" ")
    used = {char for char in whole if not char.isdigit()}
    if len(used) > 1 or mark in used:
        raise wrong
    if len(groups) > 1:
        middle_fits = all(len(group) in (2, 3) for group in groups[1:-1])
        if not (1 <= len(groups[0]) <= 3 and middle_fits and len(groups[-1]) == 3):
            raise wrong
    return "".join(groups), decimals


def _guess_mark(plain: str, text: str, exponent: int) -> str | None:
    """Which mark begins the decimals: the last of two kinds, or a lone one that cannot group thousands."""
    last_dot, last_comma = plain.rfind("."), plain.rfind(",")
    if last_dot < 0 and last_comma < 0:
        return None
    if last_dot >= 0 and last_comma >= 0:
        return "." if last_dot > last_comma else ","
    mark = "." if last_dot >= 0 else ","
    if plain.count(mark) > 1:
        return None
    before, _, after = plain.partition(mark)
    groups_thousands = mark == "," and len(after) == 3 and 1 <= len(before) <= 3 and before != "0"
    if not groups_thousands:
        return mark
    if exponent == 3:
        raise AmbiguousAmount(
            f"{text.strip()!r} can be read in two ways; write it with a point before the decimals", text=text
        )
    return None


def round_to_multiple(amount_minor: int | Fraction | Decimal, multiple: int) -> int:
    """The nearest multiple, halves to the even multiple.

    >>> round_to_multiple(1_234, 100), round_to_multiple(1_250, 100), round_to_multiple(1_350, 100)
    (1200, 1200, 1400)
    """
    if multiple < 1:
        raise ValueError(f"a rounding multiple is at least 1, got {multiple}")
    return round(Fraction(amount_minor) / multiple) * multiple


def rounded_minor(value: Decimal) -> int:
    """Minor units from an exact Decimal, halves to the even unit."""
    return int(value.to_integral_value(ROUND_HALF_EVEN))
