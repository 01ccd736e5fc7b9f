"""A self-managed cotton market: weighing, price by grade, what a grower is paid, what the group earns.

Weights are whole numbers of the scale's smallest step (the "unit"); prices are minor units per unit of weight, exact;
amounts whole minor units.

Source: methods 10, section 10.3 (forms CM-01 to CM-09 and formulas); requirement ACOPAM-03.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jump.core.bounds import Rate, exact_not_negative, exact_share, not_negative, positive
from jump.core.in_kind.stock import InKindRefused
from jump.core.ratios import ExactRatio, ratio
from jump.core.sharing import shared, shared_up_to


class ScaleWrong(InKindRefused):
    """The scale is further out than allowed; nothing may be weighed on it."""

    code = "in_kind.scale_wrong"


class ReadersDisagree(InKindRefused):
    """The two readers did not read the same weight."""

    code = "in_kind.readers_disagree"


class WeighingBroken(InKindRefused):
    """A weighing with a tare above the gross weight, or a serial used twice."""

    code = "in_kind.weighing_broken"


class GradeUnknown(InKindRefused):
    """There is no price for this grade."""

    code = "in_kind.grade_unknown"


def check_scale(*, known: int, shown: int, share_max: Rate = Decimal("0.005")) -> ExactRatio:
    """How far the scale is out on a known weight. Errors: ScaleWrong beyond +-0.5 % (form CM-01).

    >>> check_scale(known=20_000, shown=20_100).percent()
    Decimal('0.50')
    """
    positive(known=known)
    not_negative(shown=shown)
    off = ratio(abs(shown - known), known)
    if abs(shown - known) > exact_share(share_max, name="share_max") * known:
        raise ScaleWrong("the scale is out", known=known, shown=shown)
    return off


@dataclass(frozen=True, slots=True)
class Weighing:
    """One ticket (form CM-03): gross weight as both readers read it, tare, grade as grower and classifier agreed."""

    serial: str
    grower: str
    grade: str
    gross: int
    tare: int
    gross_second: int | None = None  # None where one reading was written down

    def __post_init__(self) -> None:
        not_negative(gross=self.gross, tare=self.tare)
        if self.tare > self.gross:
            raise WeighingBroken("the tare is above the gross weight", serial=self.serial)
        if self.gross_second is not None and self.gross_second != self.gross:
            raise ReadersDisagree(
                "the readers disagree", serial=self.serial, first=self.gross, second=self.gross_second
            )

    @property
    def net(self) -> int:
        """Gross less tare (methods 10, 10.3, formulas)."""
        return self.gross - self.tare


@dataclass(frozen=True, slots=True)
class GrowerPay:
    """What one grower's cotton is worth and where it goes: value = credit + dues + paid."""

    grower: str
    net: int
    value_minor: int
    premium_minor: int  # part of the value
    credit_minor: int
    dues_minor: int
    paid_minor: int
    credit_left_minor: int


@dataclass(frozen=True, slots=True)
class MarketDay:
    """All growers of a market day."""

    growers: tuple[GrowerPay, ...]

    @property
    def net(self) -> int:
        return sum(grower.net for grower in self.growers)

    @property
    def value_minor(self) -> int:
        return sum(grower.value_minor for grower in self.growers)

    @property
    def paid_minor(self) -> int:
        return sum(grower.paid_minor for grower in self.growers)


def market_day(
    weighings: Iterable[Weighing],
    *,
    prices: Mapping[str, Rate],
    premiums: Mapping[str, Rate] | None = None,
    credit_minor: Mapping[str, int] | None = None,
    dues_minor: Mapping[str, int] | None = None,
    credit_share_max: Rate = Decimal("0.60"),
) -> MarketDay:
    """What every grower of a market day is paid.

    Value = net x (price + premium of the grade), rounded for each ticket, halves to even. Input credit is taken off
    first, at most `credit_share_max` of the value (60 % is our default), then dues as far as value is left; the rest is
    paid. Promise: value = credit taken + dues taken + paid, nothing below zero, order of tickets does not matter.
    Errors: GradeUnknown, WeighingBroken for a serial used twice. Source: methods 10, 10.3; requirement ACOPAM-03.

    >>> ticket = Weighing("1", "a", "first", gross=752, tare=12)
    >>> day = market_day([ticket], prices={"first": 200}, credit_minor={"a": 100_000}, dues_minor={"a": 1_000})
    >>> day.growers[0].credit_minor, day.growers[0].paid_minor, day.growers[0].credit_left_minor
    (88800, 58200, 11200)
    """
    extra = premiums or {}
    tickets = sorted(weighings, key=lambda ticket: ticket.serial)
    net: dict[str, int] = {}
    value: dict[str, int] = {}
    premium: dict[str, int] = {}
    last = None
    for ticket in tickets:
        if ticket.serial == last:
            raise WeighingBroken("the serial is used twice", serial=ticket.serial)
        last = ticket.serial
        if ticket.grade not in prices:
            raise GradeUnknown("there is no price for this grade", grade=ticket.grade, serial=ticket.serial)
        price = exact_not_negative(prices[ticket.grade], name="price")
        plain = round(ticket.net * price)
        more = round(ticket.net * (price + exact_not_negative(extra.get(ticket.grade, 0), name="premium"))) - plain
        net[ticket.grower] = net.get(ticket.grower, 0) + ticket.net
        value[ticket.grower] = value.get(ticket.grower, 0) + plain + more
        premium[ticket.grower] = premium.get(ticket.grower, 0) + more
    share = exact_share(credit_share_max, name="credit_share_max")
    growers: list[GrowerPay] = []
    for grower in sorted(net):
        owed, due = (credit_minor or {}).get(grower, 0), (dues_minor or {}).get(grower, 0)
        not_negative(credit_minor=owed, dues_minor=due)
        credit = min(owed, int(value[grower] * share))
        dues = min(due, value[grower] - credit)
        paid = value[grower] - credit - dues
        growers.append(
            GrowerPay(grower, net[grower], value[grower], premium[grower], credit, dues, paid, owed - credit)
        )
    return MarketDay(tuple(growers))


@dataclass(frozen=True, slots=True)
class Load:
    """Village weight against factory weight of one truck (forms CM-06 and CM-07)."""

    village: int
    factory: int
    index: ExactRatio
    needs_inquiry: bool


def reconcile(*, tickets: Iterable[Weighing], loaded: int, factory: int, share_max: Rate = Decimal("0.02")) -> Load:
    """The waybill must equal its tickets; factory / village is the index; beyond 2 % there is an inquiry.

    Errors: WeighingBroken where the waybill is not the sum of its tickets. Source: methods 10, 10.3.
    """
    not_negative(loaded=loaded, factory=factory)
    village = sum(ticket.net for ticket in tickets)
    if village != loaded:
        raise WeighingBroken("the waybill is not the sum of its tickets", loaded=loaded, tickets=village)
    return compare_load(village=village, factory=factory, share_max=share_max)


def compare_load(*, village: int, factory: int, share_max: Rate = Decimal("0.02")) -> Load:
    """Factory weight over village weight of one load; beyond 2 % there is an inquiry (form CM-07).

    >>> compare_load(village=10_000, factory=9_790).needs_inquiry
    True
    """
    not_negative(village=village, factory=factory)
    off = abs(factory - village)
    return Load(village, factory, ratio(factory, village), off > exact_share(share_max) * village)


def commission_minor(*, net: int, fee_per_tonne_minor: Rate, units_per_tonne: int = 1_000) -> int:
    """What the company pays the group for running the market: tonnes x fee (form CM-08).

    >>> commission_minor(net=48_250, fee_per_tonne_minor=3_000)
    144750
    """
    not_negative(net=net)
    positive(units_per_tonne=units_per_tonne)
    return round(Fraction(net, units_per_tonne) * exact_not_negative(fee_per_tonne_minor, name="fee"))


def rebate(pool_minor: int, *, delivered: Mapping[str, int]) -> dict[str, int]:
    """The yearly rebate by weight delivered: R x kg / sum of kg, to the last minor unit (form CM-09).

    >>> rebate(100, delivered={"a": 2_000, "b": 1_000})
    {'a': 67, 'b': 33}
    """
    return shared(pool_minor, delivered)


def share_shortfall(
    short_minor: int, *, weights: Mapping[str, Rate], paid_minor: Mapping[str, int]
) -> tuple[dict[str, int], int]:
    """What members of a group bear of a debt one did not pay, by the group's rule, at most what each was paid.

    Returns (member -> part, what stays unpaid). Source: methods 10, 10.3, "joint-liability shortfall".
    """
    return shared_up_to(short_minor, weights, {name: paid_minor.get(name, 0) for name in weights})
