"""Wages of a labour-contracting co-operative: from the muster roll to the wage sheet, the bill and the year's surplus.

Amounts are whole minor units of one currency, hours exact. Rates are minor units per hour.

Source: methods 02, section 2.1 (order-to-wage process, forms LCC-07 to LCC-13, formulas); requirement LCC-04.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from jump.core.bounds import Rate, exact_not_negative, exact_share, not_negative
from jump.core.in_kind.stock import InKindRefused
from jump.core.money import allocate
from jump.core.ratios import ExactRatio, ratio
from jump.core.sharing import shared


class DayTooLong(InKindRefused):
    """Somebody is down for more hours than a day has."""

    code = "in_kind.day_too_long"


class CommissionOutOfRange(InKindRefused):
    """A commission lies outside what the co-operative allows."""

    code = "in_kind.commission_out_of_range"


@dataclass(frozen=True, slots=True)
class MusterLine:
    """Person, day, hours and rate: one line of the muster roll. Work paid by the piece has pieces beside its hours."""

    worker: str
    on: date
    hours: Rate
    rate_hourly_minor: Rate
    sex: str = ""
    task: str = ""
    is_member: bool = True
    pieces: Rate = 0
    rate_piece_minor: Rate = 0


class Deduction(StrEnum):
    """What is taken off a wage, in this order as far as the wage goes."""

    CONTRIBUTION = "contribution"  # social security
    COOPERATIVE = "cooperative"  # what members agreed to leave with the co-operative
    ADVANCE = "advance"


@dataclass(frozen=True, slots=True)
class WageLine:
    """One worker's pay: gross = deductions + net, nothing below zero."""

    worker: str
    hours: Fraction
    gross_minor: int
    deducted_minor: Mapping[Deduction, int]
    net_minor: int
    advance_left_minor: int
    below_floor: bool


@dataclass(frozen=True, slots=True)
class WageSheet:
    """All workers of one wage period."""

    lines: tuple[WageLine, ...]

    @property
    def hours(self) -> Fraction:
        return sum((line.hours for line in self.lines), Fraction(0))

    @property
    def gross_minor(self) -> int:
        return sum(line.gross_minor for line in self.lines)

    @property
    def net_minor(self) -> int:
        return sum(line.net_minor for line in self.lines)

    def deducted_minor(self, kind: Deduction) -> int:
        return sum(line.deducted_minor[kind] for line in self.lines)


def wage_sheet(
    muster: Iterable[MusterLine],
    *,
    contribution_share: Rate = 0,
    cooperative_share: Rate = 0,
    advances_minor: Mapping[str, int] | None = None,
    advance_share_max: Rate = Decimal("0.50"),
    floor_hourly_minor: Rate = 0,
) -> WageSheet:
    """Pay = hours x rate + pieces x rate - deductions, for each worker of the muster roll.

    Gross is rounded once a worker, contributions and the co-operative's part are rounded once each, halves to even; an
    advance takes at most `advance_share_max` of the gross wage (our default) and what is left. `below_floor` marks a
    worker whose average hourly gross is below the floor (the higher of legal minimum and co-operative's own). Promise:
    gross = contributions + co-operative + advances + net, for each and in all; order of lines does not matter. Errors:
    DayTooLong, BelowZero. Source: methods 02, 2.1, steps 7 and 10; requirement LCC-04.

    >>> roll = [MusterLine("a", date(2026, 3, 2), 8, 50), MusterLine("a", date(2026, 3, 3), Decimal("7.5"), 50)]
    >>> sheet = wage_sheet(roll, cooperative_share=Decimal("0.1"), advances_minor={"a": 100})
    >>> sheet.gross_minor, sheet.deducted_minor(Deduction.COOPERATIVE), sheet.net_minor
    (775, 78, 597)
    """
    hours: dict[str, Fraction] = {}
    gross: dict[str, Fraction] = {}
    by_day: dict[tuple[str, date], Fraction] = {}
    for line in muster:
        worked = exact_not_negative(line.hours, name="hours")
        day = by_day.get((line.worker, line.on), Fraction(0)) + worked
        if day > 24:
            raise DayTooLong("a day has 24 hours", worker=line.worker, on=str(line.on), hours=str(day))
        by_day[line.worker, line.on] = day
        hours[line.worker] = hours.get(line.worker, Fraction(0)) + worked
        earned = worked * exact_not_negative(line.rate_hourly_minor, name="rate_hourly_minor")
        earned += exact_not_negative(line.pieces, name="pieces") * exact_not_negative(line.rate_piece_minor)
        gross[line.worker] = gross.get(line.worker, Fraction(0)) + earned
    contribution = exact_share(contribution_share, name="contribution_share")
    cooperative = exact_share(cooperative_share, name="cooperative_share")
    most = exact_share(advance_share_max, name="advance_share_max")
    floor = exact_not_negative(floor_hourly_minor, name="floor_hourly_minor")
    lines: list[WageLine] = []
    for worker in sorted(hours):
        pay = round(gross[worker])
        advance = (advances_minor or {}).get(worker, 0)
        not_negative(advance=advance)
        to_social = min(pay, round(gross[worker] * contribution))
        to_cooperative = min(pay - to_social, round(gross[worker] * cooperative))
        to_advance = min(advance, pay - to_social - to_cooperative, int(pay * most))
        taken = {
            Deduction.CONTRIBUTION: to_social,
            Deduction.COOPERATIVE: to_cooperative,
            Deduction.ADVANCE: to_advance,
        }
        lines.append(
            WageLine(
                worker=worker,
                hours=hours[worker],
                gross_minor=pay,
                deducted_minor=taken,
                net_minor=pay - sum(taken.values()),
                advance_left_minor=advance - to_advance,
                below_floor=gross[worker] < floor * hours[worker],
            )
        )
    return WageSheet(tuple(lines))


def team_pay(pot_minor: int, *, hours: Mapping[str, Rate]) -> dict[str, int]:
    """What a team earned together by the piece, to its workers by the hours of each (largest remainder, our default).

    >>> team_pay(1_000, hours={"a": 8, "b": 8, "c": 8})
    {'a': 334, 'b': 333, 'c': 333}
    """
    return shared(pot_minor, hours)


def pay_by_sex(muster: Iterable[MusterLine], *, task: str | None = None) -> Mapping[str, ExactRatio]:
    """Gross pay per hour, in minor units, by sex, for one task or for all: the equal-pay check of step 10.

    >>> roll = [MusterLine("a", date(2026, 3, 2), 8, 45, "f"), MusterLine("b", date(2026, 3, 2), 8, 50, "m")]
    >>> {sex: str(found.rounded()) for sex, found in pay_by_sex(roll).items()}
    {'f': '45.00', 'm': '50.00'}
    """
    hours: dict[str, Fraction] = {}
    gross: dict[str, Fraction] = {}
    for line in muster:
        if task is not None and line.task != task:
            continue
        worked = exact_not_negative(line.hours, name="hours")
        hours[line.sex] = hours.get(line.sex, Fraction(0)) + worked
        gross[line.sex] = gross.get(line.sex, Fraction(0)) + worked * exact_not_negative(line.rate_hourly_minor)
    return {sex: ratio(gross[sex], hours[sex]) for sex in sorted(hours)}


def non_member_hours(muster: Iterable[MusterLine]) -> ExactRatio:
    """Hours of non-members over all hours; above 20 % in a year offer membership (methods 02, 2.1, our default)."""
    others = total = Fraction(0)
    for line in muster:
        worked = exact_not_negative(line.hours, name="hours")
        total += worked
        others += Fraction(0) if line.is_member else worked
    return ratio(others, total)


def pay_by(*, period_end: date, days: int = 7) -> date:
    """The last day to pay a wage period: 7 days after its end (methods 02, 2.1, step 11).

    >>> pay_by(period_end=date(2026, 3, 31))
    datetime.date(2026, 4, 7)
    """
    not_negative(days=days)
    return period_end + timedelta(days=days)


# --- price and bill ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an order costs, in minor units."""

    labour_minor: int
    social_minor: int = 0
    materials_minor: int = 0
    equipment_minor: int = 0
    overhead_minor: int = 0
    contingency_minor: int = 0

    def __post_init__(self) -> None:
        not_negative(
            labour_minor=self.labour_minor,
            social_minor=self.social_minor,
            materials_minor=self.materials_minor,
            equipment_minor=self.equipment_minor,
            overhead_minor=self.overhead_minor,
            contingency_minor=self.contingency_minor,
        )


@dataclass(frozen=True, slots=True)
class Price:
    """The price of an order with its commission, and the share that goes to wages."""

    price_minor: int
    commission_minor: int
    wage_share: ExactRatio


def price_of(
    estimate: Estimate,
    *,
    commission: Rate = Decimal("0.07"),
    commission_min: Rate = Decimal("0.03"),
    commission_max: Rate = Decimal("0.12"),
) -> Price:
    """labour + social + materials + equipment + overhead + commission + contingency.

    The commission is a share of labour and materials, 7 % by default, allowed 3 to 12 % (our defaults). Wage share =
    (wages + contributions) / price; below 40 % in labour-only work is a warning. Errors: CommissionOutOfRange. Source:
    methods 02, 2.1, formulas.

    >>> price_of(Estimate(labour_minor=60_000, social_minor=6_000, materials_minor=40_000)).price_minor
    113000
    """
    share = exact_share(commission, name="commission")
    if not exact_share(commission_min) <= share <= exact_share(commission_max):
        raise CommissionOutOfRange("the commission is outside its range", commission=str(commission))
    asked = round((estimate.labour_minor + estimate.materials_minor) * share)
    wages = estimate.labour_minor + estimate.social_minor
    rest = estimate.materials_minor + estimate.equipment_minor + estimate.overhead_minor + estimate.contingency_minor
    price = wages + rest + asked
    return Price(price, asked, ratio(wages, price))


def retention_minor(*, bills_minor: Iterable[int], share: Rate, released_minor: int = 0) -> int:
    """What the client still holds back: the sum of bill x share, less what was released. Source: methods 02, 2.1.

    Errors: InKindRefused where more was released than held.

    >>> retention_minor(bills_minor=[100_000, 50_000], share=Decimal("0.05"), released_minor=2_500)
    5000
    """
    not_negative(released_minor=released_minor)
    part = exact_share(share, name="share")
    held = 0
    for bill in bills_minor:
        not_negative(bill_minor=bill)
        held += round(bill * part)
    if released_minor > held:
        raise InKindRefused("more released than held back", held_minor=held, released_minor=released_minor)
    return held - released_minor


# --- the year's surplus -----------------------------------------------------------------------------------------------

# Reserve 25 % is the law's least in one act (methods 02, 2.1, source S4); the other shares are our defaults.
SURPLUS_SPLIT: Mapping[str, Rate] = {
    "reserve": Decimal("0.25"),
    "education_and_welfare": Decimal("0.10"),
    "federation": Decimal("0.05"),
    "members": Decimal("0.60"),
}


@dataclass(frozen=True, slots=True)
class SurplusShared:
    """A surplus by fund, and the members' part by wages earned."""

    funds_minor: Mapping[str, int]
    members_minor: Mapping[str, int]


def share_surplus(
    surplus_minor: int,
    *,
    wages_minor: Mapping[str, int],
    shares: Mapping[str, Rate] = SURPLUS_SPLIT,
    reserve_min: Rate = Decimal("0.25"),
) -> SurplusShared:
    """Reserve first, then education and welfare, federation, and the rest to members by wages earned.

    Promise: funds without "members" + members' parts = surplus. Errors: InKindRefused where the shares are no whole,
    lack reserve or members, or give the reserve less than `reserve_min`; BelowZero. Source: methods 02, 2.1, formulas.

    >>> share_surplus(10_000, wages_minor={"a": 300, "b": 100}).members_minor
    {'a': 4500, 'b': 1500}
    """
    not_negative(surplus_minor=surplus_minor)
    parts = {name: exact_share(share, name=name) for name, share in shares.items()}
    if sum(parts.values()) != 1 or not {"reserve", "members"} <= set(parts):
        raise InKindRefused("the shares make a whole with reserve and members", shares=tuple(parts))
    if parts["reserve"] < exact_share(reserve_min, name="reserve_min"):
        raise InKindRefused("the reserve gets less than it must", reserve=str(parts["reserve"]), least=str(reserve_min))
    funds = dict(zip(parts, allocate(surplus_minor, list(parts.values())), strict=True))
    return SurplusShared(funds, shared(funds["members"], wages_minor))
