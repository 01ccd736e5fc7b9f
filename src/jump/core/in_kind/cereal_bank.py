"""A cereal bank: what grain costs, at what price it is sold, loans of grain, the year's result, trade between zones.

Quantities are whole kilograms (or another unit of the store), amounts whole minor units, prices exact per unit.

Source: methods 10, section 10.2 with its own sources (S4 GTZ, S6 Practical Action, S7, S8 FAO 1993, S9); numbers marked
there as defaults are parameters here and named in the docstrings. Trade: requirement ACOPAM-02.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from jump.core.bounds import Rate, exact, exact_not_negative, exact_share, not_negative, positive
from jump.core.in_kind.stock import InKindRefused
from jump.core.money import allocate
from jump.core.ratios import ExactRatio, ratio


class OutsideBand(InKindRefused):
    """A price lies outside the declared band."""

    code = "in_kind.outside_band"


class QuotaUsed(InKindRefused):
    """A household asks for more than its quota leaves."""

    code = "in_kind.quota_used"


class NothingLeft(InKindRefused):
    """A loss of everything leaves nothing to carry the cost."""

    code = "in_kind.nothing_left"


# --- cost and price ---------------------------------------------------------------------------------------------------


def cost_per_unit(*, costs_minor: Mapping[str, int], bought: int, loss: Rate) -> Fraction:
    """All costs / (quantity bought x (1 - loss)), in minor units.

    `costs_minor`: purchase, sacks, transport, handling, treatment, store, finance. Source: methods 10, 10.2, formulas.

    >>> cost_per_unit(costs_minor={"purchase": 5_700_00, "sacks": 180_00}, bought=100, loss=Fraction(2, 100))
    Fraction(6000, 1)
    """
    not_negative(**{f"cost of {name}": cost for name, cost in costs_minor.items()})
    positive(bought=bought)
    share = exact_share(loss, name="loss")
    if share == 1:
        raise NothingLeft("everything is lost", bought=bought)
    return sum(costs_minor.values()) / (bought * (1 - share))


def storage_cost_per_unit_day(*, store_cost_minor: int, days: int, average_units: Rate) -> ExactRatio:
    """Warehouse cost / days / average units in store, in minor units (methods 10, 10.2, source S8)."""
    not_negative(store_cost_minor=store_cost_minor)
    positive(days=days)
    return ratio(store_cost_minor, days * exact_not_negative(average_units, name="average_units"))


@dataclass(frozen=True, slots=True)
class PriceBand:
    """The lowest and the highest price per unit; no price at all where the lowest is above the highest."""

    floor: Fraction
    ceiling: Fraction

    @property
    def is_possible(self) -> bool:
        """Whether there is a price to sell at; if not: do not buy."""
        return self.floor <= self.ceiling

    def check(self, price: Rate) -> Fraction:
        """The price, when it lies in the band. Errors: OutsideBand."""
        found = exact(price, name="price")
        if not self.floor <= found <= self.ceiling:
            raise OutsideBand(
                "the price lies outside the band", price=str(found), floor=str(self.floor), ceiling=str(self.ceiling)
            )
        return found


def price_band(
    *,
    cost: Rate,
    market_price: Rate,
    margin: Rate = Decimal("0.10"),
    market_share: Rate = Decimal("0.85"),
) -> PriceBand:
    """Floor = cost x (1 + margin); ceiling = share of the lean-season market price. 10 % and 85 % are our defaults.

    Source: methods 10, 10.2, formulas.

    >>> price_band(cost=100, market_price=120).is_possible
    False
    """
    return PriceBand(
        exact_not_negative(cost, name="cost") * (1 + exact_not_negative(margin, name="margin")),
        exact_not_negative(market_price, name="market_price") * exact_share(market_share, name="market_share"),
    )


def net_return_to_storage(*, price_before: Rate, price_after: Rate, cost: Rate) -> Fraction:
    """(P1 - P0) - C per unit; below zero where storing did not pay (methods 10, 10.2, source S9).

    >>> net_return_to_storage(price_before=12_000, price_after=20_000, cost=3_000)
    Fraction(5000, 1)
    """
    return exact(price_after, name="price_after") - exact(price_before, name="price_before") - exact(cost, name="cost")


# --- need, quota, loans of grain --------------------------------------------------------------------------------------


def need(*, people: int, lean_months: Rate, own_stock: int, per_month: Rate = 18) -> int:
    """What is missing for the lean season: people x 18 kg a month x months - own stock, rounded up, at least 0.

    18 kg is our default. Source: methods 10, 10.2, row "Need estimate".

    >>> need(people=400, lean_months=3, own_stock=9_600)
    12000
    """
    not_negative(people=people, own_stock=own_stock)
    asked = people * exact_not_negative(per_month, name="per_month") * exact_not_negative(lean_months) - own_stock
    return max(0, -(-asked.numerator // asked.denominator))


def can_buy(*, need: int, cash_minor: int, price: Rate) -> int:
    """The need as far as cash goes, in whole units (methods 10, 10.2: "limited by cash")."""
    not_negative(need=need, cash_minor=cash_minor)
    asked = exact_not_negative(price, name="price")
    return need if not asked else min(need, int(cash_minor / asked))


@dataclass(frozen=True, slots=True)
class HouseholdSale:
    """What one household was sold on a day."""

    on: date
    household: str
    quantity: int


def quota_left(sales: Iterable[HouseholdSale], *, household: str, on: date, quota: int, days: int) -> int:
    """What a household may still buy: the quota less what it bought in the `days` up to and including `on`.

    Source: methods 10, 10.2 (for example 100 kg per household head in 15 days, source S7).

    >>> day = date(2026, 7, 20)
    >>> quota_left([HouseholdSale(day, "a", 60)], household="a", on=day, quota=100, days=15)
    40
    """
    positive(quota=quota, days=days)
    first = on - timedelta(days=days - 1)
    bought = sum(sale.quantity for sale in sales if sale.household == household and first <= sale.on <= on)
    return max(0, quota - bought)


def check_quota(sales: Iterable[HouseholdSale], sale: HouseholdSale, *, quota: int, days: int) -> HouseholdSale:
    """The sale, when the quota leaves room for it. Errors: QuotaUsed."""
    left = quota_left(sales, household=sale.household, on=sale.on, quota=quota, days=days)
    if sale.quantity > left:
        raise QuotaUsed("more than the quota leaves", household=sale.household, asked=sale.quantity, left=left)
    return sale


def grain_due(*, lent: int, rate: Rate) -> int:
    """What is to be given back of a loan of grain: loan x (1 + rate), to the nearest unit, halves to even.

    Published rates lie between 25 and 35 % (methods 10, 10.2, source S4).

    >>> grain_due(lent=100, rate=Fraction(30, 100))
    130
    """
    not_negative(lent=lent)
    return round(lent * (1 + exact_not_negative(rate, name="rate")))


def repayment_rate(*, repaid: int, due: int) -> ExactRatio:
    """Quantity given back over quantity due (methods 10, 10.2)."""
    not_negative(repaid=repaid, due=due)
    return ratio(repaid, due)


def next_loan_stock(*, lent: int, repaid_share: Rate, rate: Rate, unsold: int, loss: Rate) -> Fraction:
    """Next year's stock: lent x repayment rate x (1 + rate) + unsold x (1 - loss). Source: methods 10, 10.2.

    >>> nine_tenths, three_tenths, loss = Fraction(9, 10), Fraction(3, 10), Fraction(2, 100)
    >>> next_loan_stock(lent=4_000, repaid_share=nine_tenths, rate=three_tenths, unsold=100, loss=loss)
    Fraction(4778, 1)
    """
    not_negative(lent=lent, unsold=unsold)
    back = lent * exact_share(repaid_share, name="repaid_share") * (1 + exact_not_negative(rate, name="rate"))
    return back + unsold * (1 - exact_share(loss, name="loss"))


# Methods 10, 10.2, "Result split": our default, editable.
RESULT_SPLIT: Mapping[str, Rate] = {
    "stock": Decimal("0.50"),
    "repair": Decimal("0.20"),
    "reserve": Decimal("0.15"),
    "committee": Decimal("0.10"),
    "social": Decimal("0.05"),
}


def split_result(result_minor: int, *, shares: Mapping[str, Rate] = RESULT_SPLIT) -> dict[str, int]:
    """A season's result by the assembly's shares, to the last minor unit. A loss is not split (BelowZero).

    >>> split_result(1_001)
    {'stock': 501, 'repair': 200, 'reserve': 150, 'committee': 100, 'social': 50}
    """
    not_negative(result_minor=result_minor)
    parts = [exact_share(share) for share in shares.values()]
    if sum(parts) != 1:
        raise InKindRefused("the shares of a result make a whole", whole=str(sum(parts)))
    return dict(zip(shares, allocate(result_minor, parts), strict=True))


# --- a granary over years ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Granary:
    """A granary that lends grain in the lean season and sells what passes its capacity after the harvest."""

    capacity: int
    store_cost_minor: int
    life_years: int
    repairs_share: Rate  # of store cost, a year
    surplus_price: Rate  # per unit
    marketing_cost: Rate  # per unit sold
    rate: Rate  # interest in kind
    repaid_share: Rate
    loss: Rate
    lent_share: Rate = 1


@dataclass(frozen=True, slots=True)
class GranaryYear:
    """One season, quantities and amounts exact."""

    stock: Fraction
    lent: Fraction
    lost: Fraction
    repaid: Fraction
    sold: Fraction
    result: Fraction


def granary_years(granary: Granary, *, start: int, years: int) -> tuple[GranaryYear, ...]:
    """Season after season: lend, lose, get back, sell what passes the capacity; result = sales - store.

    Store cost is written down over its life, with repairs. Promise: start + interest = end + losses + unpaid + sold in
    quantity. Source: methods 10, 10.2, reference case (GTZ, granary type), with the formula for next year's stock.
    """
    not_negative(start=start, capacity=granary.capacity, store_cost_minor=granary.store_cost_minor)
    positive(years=years, life_years=granary.life_years)
    net_price = exact(granary.surplus_price) - exact(granary.marketing_cost)
    fixed = granary.store_cost_minor * (Fraction(1, granary.life_years) + exact_share(granary.repairs_share))
    stock, rows = Fraction(start), []
    for _ in range(years):
        lent = stock * exact_share(granary.lent_share)
        lost = (stock - lent) * exact_share(granary.loss)
        repaid = lent * exact_share(granary.repaid_share) * (1 + exact_not_negative(granary.rate))
        after = stock - lent - lost + repaid
        sold = max(Fraction(0), after - granary.capacity)
        rows.append(GranaryYear(stock, lent, lost, repaid, sold, sold * net_price - fixed))
        stock = after - sold
    return tuple(rows)


# --- trade between zones ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Surplus:
    """What a zone can give, at a price per unit in minor units."""

    zone: str
    quantity: int
    price: Rate


@dataclass(frozen=True, slots=True)
class Deficit:
    """What a zone lacks, and the most it can pay per unit with transport, in minor units."""

    zone: str
    quantity: int
    price_max: Rate


@dataclass(frozen=True, slots=True)
class Trade:
    """A proposed exchange: price to the seller, transport and price landed, per unit."""

    seller: str
    buyer: str
    quantity: int
    price: Fraction
    transport: Fraction

    @property
    def landed(self) -> Fraction:
        return self.price + self.transport


def match_zones(
    surpluses: Sequence[Surplus],
    deficits: Sequence[Deficit],
    *,
    transport: Mapping[tuple[str, str], Rate],
    band: PriceBand,
) -> tuple[Trade, ...]:
    """Exchanges between zones, the cheapest landed price first; among equals by name of seller and buyer.

    A seller's price must lie in the declared band, the landed price (with transport) must not pass what the buyer can
    pay, and a way without a transport cost is no way. Promise: nobody gives or gets more than she has or needs; the
    order of the lists does not matter. Cheapest first is our default and need not be the best whole. Errors:
    NotPositive. Source: requirement ACOPAM-02.
    """
    for surplus in surpluses:
        positive(quantity=surplus.quantity)
    for deficit in deficits:
        positive(quantity=deficit.quantity)
    ways: list[tuple[Fraction, str, str, int, int]] = []
    for here, surplus in enumerate(surpluses):
        price = exact_not_negative(surplus.price, name="price")
        if not band.floor <= price <= band.ceiling:
            continue
        for there, deficit in enumerate(deficits):
            carriage = transport.get((surplus.zone, deficit.zone))
            if carriage is None:
                continue
            landed = price + exact_not_negative(carriage, name="transport")
            if landed <= exact_not_negative(deficit.price_max, name="price_max"):
                ways.append((landed, surplus.zone, deficit.zone, here, there))
    gives = [surplus.quantity for surplus in surpluses]
    lacks = [deficit.quantity for deficit in deficits]

    def rank(way: tuple[Fraction, str, str, int, int]) -> tuple[Fraction, str, str, int, int]:
        return (*way[:3], -surpluses[way[3]].quantity, -deficits[way[4]].quantity)

    trades: list[Trade] = []
    for landed, seller, buyer, here, there in sorted(ways, key=rank):
        quantity = min(gives[here], lacks[there])
        if quantity:
            price = exact(surpluses[here].price)
            trades.append(Trade(seller, buyer, quantity, price, landed - price))
            gives[here] -= quantity
            lacks[there] -= quantity
    return tuple(trades)
