"""Whether a fund lives from its own work, and whether it keeps what its money can buy.

Amounts are whole minor units of one currency; means, rates and adjustments are exact. Grants are never revenue here.

Sources: finance rules, section 1 (CGAP/SEEP 2003; CGAP technical guide 2009, with annex A for a fund that keeps few
books); methods 11, section 11.5 for the ratios of a revolving fund and their alerts (our defaults).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jump.core.bounds import Rate, exact, exact_not_negative, exact_share, not_negative, positive
from jump.core.funds.portfolio import FundFigureRefused
from jump.core.ratios import ExactRatio, Goal, ratio


class SeriesTooShort(FundFigureRefused):
    """Fewer months were given than the rule looks back."""

    code = "funds.series_too_short"


@dataclass(frozen=True, slots=True, kw_only=True)
class FundYear:
    """Income and expense of one period, grants and subsidies left out."""

    financial_revenue_minor: int
    financial_expense_minor: int = 0
    provision_expense_minor: int = 0
    operating_expense_minor: int = 0

    def __post_init__(self) -> None:
        not_negative(
            financial_revenue_minor=self.financial_revenue_minor,
            financial_expense_minor=self.financial_expense_minor,
            operating_expense_minor=self.operating_expense_minor,
        )

    @property
    def expense_minor(self) -> int:
        return self.financial_expense_minor + self.provision_expense_minor + self.operating_expense_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyAdjustments:
    """What the fund would have had to pay without help and without inflation eating it; exact minor units."""

    inflation: Fraction = Fraction(0)
    cost_of_funds: Fraction = Fraction(0)
    in_kind: Fraction = Fraction(0)

    @property
    def total(self) -> Fraction:
        return self.inflation + self.cost_of_funds + self.in_kind


def operational_self_sufficiency(year: FundYear) -> ExactRatio:
    """OSS = financial revenue / (financial expense + loan-loss provision + operating expense).

    >>> year = FundYear(financial_revenue_minor=2_710_000, financial_expense_minor=1_340_000,
    ...                 provision_expense_minor=140_000, operating_expense_minor=650_000)
    >>> operational_self_sufficiency(year).percent(1)
    Decimal('127.2')
    """
    return ratio(year.financial_revenue_minor, year.expense_minor)


def financial_self_sufficiency(
    year: FundYear, adjustments: SubsidyAdjustments, *, revenue_adjustment: Rate = 0
) -> ExactRatio:
    """FSS = adjusted revenue / (the three expenses + subsidy adjustments + inflation adjustment).

    `revenue_adjustment` is added to revenue (below zero where interest was booked that will not come in).

    >>> year = FundYear(financial_revenue_minor=2_710_000, financial_expense_minor=2_130_000)
    >>> financial_self_sufficiency(year, SubsidyAdjustments(inflation=Fraction(150_000))).percent(1)
    Decimal('118.9')
    """
    revenue = year.financial_revenue_minor + exact(revenue_adjustment, name="revenue_adjustment")
    return ratio(revenue, year.expense_minor + adjustments.total)


def inflation_adjustment(*, average_equity: Rate, average_net_fixed_assets: Rate, inflation: Rate) -> Fraction:
    """(average equity - average net fixed assets) x inflation, in minor units; may be below zero."""
    return (
        exact(average_equity, name="average_equity")
        - exact_not_negative(average_net_fixed_assets, name="average_net_fixed_assets")
    ) * exact(inflation, name="inflation")


def imputed_capital_cost(*, performing_assets_minor: int, equity_share: Rate, inflation: Rate) -> Fraction:
    """The same adjustment where only the equity share of performing assets is known, in minor units.

    >>> imputed_capital_cost(performing_assets_minor=10_000_000, equity_share=Decimal("0.3"), inflation=Decimal("0.05"))
    Fraction(150000, 1)
    """
    not_negative(performing_assets_minor=performing_assets_minor)
    return performing_assets_minor * exact_share(equity_share, name="equity_share") * exact(inflation, name="inflation")


def cost_of_funds_adjustment(
    *, average_concessional_debt: Rate, market_rate: Rate, interest_paid_minor: int
) -> Fraction:
    """Average cheap debt x market rate - interest really paid, in minor units; below zero where more was paid."""
    not_negative(interest_paid_minor=interest_paid_minor)
    return (
        exact_not_negative(average_concessional_debt, name="average_concessional_debt")
        * exact_not_negative(market_rate, name="market_rate")
        - interest_paid_minor
    )


def in_kind_subsidy(*, market_value_minor: int, already_expensed_minor: int = 0) -> Fraction:
    """Market value of free staff, premises and the like that is not yet in the books, in minor units, at least 0."""
    not_negative(market_value_minor=market_value_minor, already_expensed_minor=already_expensed_minor)
    return Fraction(max(0, market_value_minor - already_expensed_minor))


# --- what the fund is worth ------------------------------------------------------------------------------------------


def fund_value_minor(*, cash_minor: int, portfolio_minor: int, allowance_minor: int) -> int:
    """Cash + gross portfolio - allowance, in minor units (annex A of the CGAP guide)."""
    not_negative(cash_minor=cash_minor, portfolio_minor=portfolio_minor, allowance_minor=allowance_minor)
    if allowance_minor > portfolio_minor:
        raise FundFigureRefused(
            "an allowance cannot be larger than the portfolio",
            allowance_minor=allowance_minor,
            portfolio_minor=portfolio_minor,
        )
    return cash_minor + portfolio_minor - allowance_minor


def real_growth(
    *, start_minor: int, end_minor: int, grants_minor: int = 0, member_capital_minor: int = 0, inflation: Rate
) -> ExactRatio:
    """Growth of the fund by its own work after inflation: what grants and new member capital brought is taken out.

    (end - grants - new capital) / (start x (1 + inflation)) - 1. Not defined for a fund that began with nothing.

    >>> real_growth(start_minor=50_000, end_minor=55_000, grants_minor=5_000, inflation=Decimal("0.04")).percent()
    Decimal('-3.85')
    """
    not_negative(start_minor=start_minor, grants_minor=grants_minor, member_capital_minor=member_capital_minor)
    must_be = start_minor * (1 + _inflation(inflation))
    return ratio(end_minor - grants_minor - member_capital_minor - must_be, must_be)


def real_value(*, amount_minor: int, price_index_start: Rate, price_index_now: Rate) -> Fraction:
    """What the amount can buy, in the prices of the start; minor units.

    >>> real_value(amount_minor=55_000, price_index_start=100, price_index_now=110)
    Fraction(50000, 1)
    """
    start, now = exact(price_index_start, name="price_index_start"), exact(price_index_now, name="price_index_now")
    if start <= 0 or now <= 0:
        raise FundFigureRefused("a price index is above zero", start=str(start), now=str(now))
    return amount_minor * start / now


def capital_preserved(
    *, fund_minor: int, community_grants_minor: int, capital_minor: int, inflation: Rate
) -> ExactRatio:
    """(fund now + grants it gave to the community) / (capital x (1 + inflation since it was paid in)).

    Source: methods 11, section 11.5 (alert below 95 %).

    >>> capital_preserved(fund_minor=950, community_grants_minor=50, capital_minor=1_000, inflation=0).percent()
    Decimal('100.00')
    """
    not_negative(fund_minor=fund_minor, community_grants_minor=community_grants_minor, capital_minor=capital_minor)
    return ratio(fund_minor + community_grants_minor, capital_minor * (1 + _inflation(inflation)))


def fund_sustainability(
    *, interest_and_fees_minor: int, operating_minor: int, losses_minor: int, fund_minor: int, inflation: Rate
) -> ExactRatio:
    """Interest and fees / (operating cost + losses + inflation x fund). Source: methods 11, section 11.5."""
    not_negative(
        interest_and_fees_minor=interest_and_fees_minor,
        operating_minor=operating_minor,
        losses_minor=losses_minor,
        fund_minor=fund_minor,
    )
    return ratio(interest_and_fees_minor, operating_minor + losses_minor + fund_minor * _inflation(inflation))


def cost_per_job(*, disbursed_minor: int, full_time_jobs: Rate) -> ExactRatio:
    """Lent per full-time job, in minor units. Source: methods 11, section 11.5."""
    not_negative(disbursed_minor=disbursed_minor)
    return ratio(disbursed_minor, exact_not_negative(full_time_jobs, name="full_time_jobs"))


def leverage(*, other_money_minor: int, fund_money_minor: int) -> ExactRatio:
    """Other money in the borrowers' projects over money of the fund. Source: methods 11, section 11.5."""
    not_negative(other_money_minor=other_money_minor, fund_money_minor=fund_money_minor)
    return ratio(other_money_minor, fund_money_minor)


# Where a figure of a revolving fund should lie: methods 11, section 11.5, column "Alert", our editable defaults.
FUND_GOALS: Mapping[str, Goal] = {
    "par30": Goal.percent(high=5),
    "write_off": Goal.percent(high=2),
    "repayment": Goal.percent(low=95),
    "sustainability": Goal.percent(low=100),
    "capital_preserved": Goal.percent(low=95),
    "turnover": Goal(low=Fraction(7, 10)),
    "leverage": Goal(low=Fraction(1, 2)),
}


def lending_rate(
    *,
    cost_of_funds: Rate,
    inflation: Rate,
    margin: Rate = Decimal("0.04"),
    above_inflation_min: Rate = Decimal("0.02"),
) -> Fraction:
    """The yearly rate a fund must ask: cost of funds + margin + inflation, at least inflation + 2 %.

    Source: methods 11, section 11.5, rule set (our defaults).

    >>> lending_rate(cost_of_funds=0, inflation=Decimal("0.06"))
    Fraction(1, 10)
    """
    rate = exact_not_negative(cost_of_funds, name="cost_of_funds") + exact(margin, name="margin")
    return _inflation(inflation) + max(rate, exact(above_inflation_min, name="above_inflation_min"))


def idle_cash_minor(
    month_ends: Sequence[tuple[int, int]], *, share_max: Rate = Decimal("0.30"), months: int = 6
) -> int:
    """What lay idle above the limit at every one of the last months: to be lent on or given back. 0 when none.

    `month_ends` are (cash, fund value) in minor units, oldest first. Source: methods 11, section 11.5, "Sweep".

    >>> idle_cash_minor([(50, 100)] * 6)
    20
    >>> idle_cash_minor([(50, 100)] * 5 + [(30, 100)])
    0
    """
    positive(months=months)
    if len(month_ends) < months:
        raise SeriesTooShort("fewer months than the rule looks back", months=months, given=len(month_ends))
    limit = exact_share(share_max, name="share_max")
    above: list[int] = []
    for cash_minor, fund_minor in month_ends[-months:]:
        not_negative(cash_minor=cash_minor, fund_minor=fund_minor)
        above.append(int(max(Fraction(0), cash_minor - limit * fund_minor)))
    return min(above)


def _inflation(rate: Rate) -> Fraction:
    found = exact(rate, name="inflation")
    if found <= -1:
        raise FundFigureRefused("prices cannot fall by everything", inflation=str(found))
    return found
