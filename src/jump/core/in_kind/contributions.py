"""Gifts in kind valued by declared rates, pledges, and what partners add to a grant.

Quantities are exact in the unit of their rate (hour, day, month, piece); amounts whole minor units of one currency.

Sources: finance rules, section 7 (in-kind valued at a dated price list; matching ratio = partner part / grant part);
requirements PPPCSR-01 (kinds valued) and PPPCSR-03 (volunteer hours).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from jump.core.bounds import Rate, exact_not_negative, not_negative
from jump.core.in_kind.stock import InKindRefused
from jump.core.ratios import ExactRatio, ratio


class NoDeclaredRate(InKindRefused):
    """No rate, or more than one, is declared for this kind on this day."""

    code = "in_kind.no_declared_rate"


@dataclass(frozen=True, slots=True)
class DeclaredRate:
    """What one unit of a kind is worth, in minor units, from a day to a day (None: until further notice)."""

    kind: str
    rate_minor: Rate
    valid_from: date
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Gift:
    """Something given in kind: volunteer hours, a room for days, seed by the kilogram."""

    on: date
    kind: str
    quantity: Rate


def gift_value_minor(gift: Gift, rates: Iterable[DeclaredRate]) -> int:
    """quantity x the one rate declared for its kind on its day, rounded once, halves to even.

    Errors: NoDeclaredRate where there is none or more than one, BelowZero. Source: finance rules, section 7.

    >>> rates = [DeclaredRate("hour", 250, date(2026, 1, 1))]
    >>> gift_value_minor(Gift(date(2026, 3, 2), "hour", 6), rates)
    1500
    """
    found = [rate for rate in rates if rate.kind == gift.kind and rate.is_valid_on(gift.on)]
    if len(found) != 1:
        raise NoDeclaredRate("not exactly one rate is declared", kind=gift.kind, on=str(gift.on), found=len(found))
    worth = exact_not_negative(found[0].rate_minor, name="rate_minor")
    return round(exact_not_negative(gift.quantity, name="quantity") * worth)


def gifts_by_kind_minor(gifts: Iterable[Gift], rates: Iterable[DeclaredRate]) -> Mapping[str, int]:
    """The value of all gifts by kind; each gift is valued for itself, so sums of parts agree with the whole."""
    known = tuple(rates)
    sums: dict[str, int] = {}
    for gift in gifts:
        sums[gift.kind] = sums.get(gift.kind, 0) + gift_value_minor(gift, known)
    return dict(sorted(sums.items()))


@dataclass(frozen=True, slots=True)
class PledgeState:
    """What was promised and what came."""

    pledged_minor: int
    received_minor: int

    @property
    def open_minor(self) -> int:
        return max(0, self.pledged_minor - self.received_minor)

    @property
    def beyond_minor(self) -> int:
        return max(0, self.received_minor - self.pledged_minor)

    @property
    def kept(self) -> ExactRatio:
        return ratio(self.received_minor, self.pledged_minor)


def pledge_state(*, pledged_minor: int, received_minor: Iterable[int]) -> PledgeState:
    """Where a pledge stands after what was received, in money and in valued kind.

    >>> pledge_state(pledged_minor=10_000, received_minor=[4_000, 1_500]).open_minor
    4500
    """
    total = 0
    for amount in received_minor:
        not_negative(received_minor=amount)
        total += amount
    not_negative(pledged_minor=pledged_minor)
    return PledgeState(pledged_minor, total)


def matching_ratio(*, partner_cash_minor: int, partner_kind_minor: int, grant_minor: int) -> ExactRatio:
    """Partner part (cash and valued kind) over the grant part. Source: finance rules, section 7.

    >>> matching_ratio(partner_cash_minor=500, partner_kind_minor=1_500, grant_minor=10_000).percent()
    Decimal('20.00')
    """
    not_negative(partner_cash_minor=partner_cash_minor, partner_kind_minor=partner_kind_minor, grant_minor=grant_minor)
    return ratio(partner_cash_minor + partner_kind_minor, grant_minor)
