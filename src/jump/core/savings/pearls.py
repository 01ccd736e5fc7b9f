"""PEARLS: how sound a savings and credit co-operative is, ratio by ratio, each with its goal.

Amounts are whole minor units of one currency at one date (`CreditUnion`) or over one year (`CreditUnionYear`). A mean
is that of opening and closing balance.

Source: World Council of Credit Unions, Toolkit no. 4 (Richardson 2009), as stated in finance rules, section 2; goals
are those printed there and may be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jump.core.bounds import Rate, exact, exact_share, not_negative
from jump.core.ratios import ExactRatio, Goal, Verdict, growth, mean, ratio

SHARE_1_TO_12 = Decimal("0.35")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUnion:
    """Balances at one date. `liabilities_minor` includes savings; late loans count with their whole balance."""

    total_assets_minor: int
    gross_loans_minor: int = 0
    allowance_minor: int = 0
    late_over_12_minor: int = 0
    late_1_to_12_minor: int = 0
    liquid_investments_minor: int = 0
    financial_investments_minor: int = 0
    non_financial_investments_minor: int = 0
    savings_minor: int = 0
    outside_credit_minor: int = 0
    shares_minor: int = 0
    institutional_capital_minor: int = 0
    transitory_capital_minor: int = 0
    liabilities_minor: int = 0
    problem_assets_minor: int = 0
    non_earning_assets_minor: int = 0
    non_interest_liabilities_minor: int = 0
    liquid_non_earning_minor: int = 0
    short_term_payables_minor: int = 0
    liquidity_reserve_minor: int = 0
    idle_liquid_minor: int = 0
    members: int = 0

    @property
    def net_loans_minor(self) -> int:
        return self.gross_loans_minor - self.allowance_minor

    @property
    def late_minor(self) -> int:
        return self.late_over_12_minor + self.late_1_to_12_minor

    def losses_expected(self, share_1_to_12: Rate = SHARE_1_TO_12) -> Fraction:
        """Late over 12 months in full, 1 to 12 months at the share, and problem assets."""
        return (
            self.late_over_12_minor + exact_share(share_1_to_12) * self.late_1_to_12_minor + self.problem_assets_minor
        )

    @property
    def net_capital(self) -> Fraction:
        """Institutional capital and allowance after expected losses: the numerator of E9."""
        return self.institutional_capital_minor + self.allowance_minor - self.losses_expected()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUnionYear:
    """Flows of one year."""

    loan_income_minor: int = 0
    interest_on_savings_minor: int = 0
    dividends_minor: int = 0
    gross_margin_minor: int = 0
    operating_expense_minor: int = 0
    provisions_minor: int = 0
    net_income_minor: int = 0
    written_off_minor: int = 0
    written_off_ever_minor: int = 0
    recovered_ever_minor: int = 0


@dataclass(frozen=True, slots=True)
class Protection:
    """How the allowance is used: first for loans over 12 months late, then for those 1 to 12 months late."""

    p1: ExactRatio
    p2: ExactRatio
    used_over_12_minor: int
    short_1_to_12: Fraction


def protection(
    *,
    allowance_minor: int,
    late_over_12_minor: int,
    late_1_to_12_minor: int,
    share_1_to_12: Rate = SHARE_1_TO_12,
) -> Protection:
    """P1 = allowance / (100 % of loans over 12 months late); P2 = (allowance - what P1 used) / (1 to 12 months late).

    `short_1_to_12` is what is missing to the share asked of P2, in minor units. Source: finance rules, section 2.

    >>> found = protection(allowance_minor=700, late_over_12_minor=500, late_1_to_12_minor=800)
    >>> found.used_over_12_minor, found.p2.percent(), found.short_1_to_12
    (500, Decimal('25.00'), Fraction(80, 1))
    """
    not_negative(
        allowance_minor=allowance_minor,
        late_over_12_minor=late_over_12_minor,
        late_1_to_12_minor=late_1_to_12_minor,
    )
    used = min(allowance_minor, late_over_12_minor)
    left = allowance_minor - used
    asked = exact_share(share_1_to_12, name="share_1_to_12") * late_1_to_12_minor
    return Protection(
        ratio(allowance_minor, late_over_12_minor),
        ratio(left, late_1_to_12_minor),
        used,
        max(Fraction(0), asked - left),
    )


def solvency(union: CreditUnion) -> ExactRatio:
    """P6 = [(assets + allowance) - (late over 12 + 35 % of late 1 to 12 + liabilities + problem assets - savings)]
    / (savings + shares). Source: finance rules, section 2.

    >>> union = CreditUnion(total_assets_minor=20_000, allowance_minor=700, late_over_12_minor=500,
    ...                     late_1_to_12_minor=800, liabilities_minor=15_000, savings_minor=14_000, shares_minor=2_000)
    >>> solvency(union).percent()
    Decimal('118.25')
    """
    burden = union.losses_expected() + union.liabilities_minor - union.savings_minor
    return ratio(union.total_assets_minor + union.allowance_minor - burden, union.savings_minor + union.shares_minor)


def pearls_goals(*, inflation: Rate = 0) -> Mapping[str, Goal]:
    """The goals printed in finance rules, section 2; those of R5 and S11 move with inflation.

    Figures without a number as a goal (P3, P4 "low", R1, R7, R8, R10, R12, S1 to S9) have none here.
    """
    rate = exact(inflation, name="inflation")
    return {
        "P1": Goal.percent(low=100),
        "P2": Goal.percent(low=35),
        "P5": Goal.percent(low=75, is_open=True),
        "P6": Goal.percent(low=111),
        "E1": Goal.percent(low=70, high=80),
        "E2": Goal.percent(high=16),
        "E3": Goal.percent(high=2),
        "E4": Goal.percent(high=0),
        "E5": Goal.percent(low=70, high=80),
        "E6": Goal.percent(high=5),
        "E7": Goal.percent(high=20),
        "E8": Goal.percent(low=10),
        "E9": Goal.percent(low=10),
        "A1": Goal.percent(high=5),
        "A2": Goal.percent(high=5),
        "A3": Goal.percent(low=200),
        "R5": Goal(low=rate, is_open=True),
        "R9": Goal.percent(high=5),
        "L1": Goal.percent(low=15, high=20),
        "L2": Goal.percent(low=10),
        "L3": Goal.percent(high=1, is_open=True),
        "S10": Goal.percent(low=15),
        "S11": Goal(low=rate + Fraction(1, 10), is_open=True),
    }


@dataclass(frozen=True, slots=True)
class PearlsFigure:
    """One ratio with its goal and whether it is met; `goal` None where the source gives no number."""

    code: str
    ratio: ExactRatio
    goal: Goal | None
    verdict: Verdict | None


def pearls(
    *,
    opening: CreditUnion,
    closing: CreditUnion,
    year: CreditUnionYear,
    inflation: Rate = 0,
    goals: Mapping[str, Goal] | None = None,
) -> Mapping[str, PearlsFigure]:
    """Every ratio of the list by its code, with its goal and verdict.

    P3 ("loans over 12 months late are written off in full") is given as late over 12 months / gross loans and met at 0.
    A3 takes capital net of expected losses as E9 does (our reading of "net"). Source: finance rules, section 2.
    """
    aims = {"P3": Goal.percent(high=0), **(pearls_goals(inflation=inflation) if goals is None else goals)}
    return {
        code: PearlsFigure(code, found, aims.get(code), aims[code].judge(found.value) if code in aims else None)
        for code, found in _ratios(opening, closing, year).items()
    }


def _ratios(opening: CreditUnion, closing: CreditUnion, year: CreditUnionYear) -> dict[str, ExactRatio]:
    assets = closing.total_assets_minor
    average_assets = mean([opening.total_assets_minor, assets])
    guard = protection(
        allowance_minor=closing.allowance_minor,
        late_over_12_minor=closing.late_over_12_minor,
        late_1_to_12_minor=closing.late_1_to_12_minor,
    )
    loans = mean([opening.gross_loans_minor, closing.gross_loans_minor])
    net_loans = mean([opening.net_loans_minor, closing.net_loans_minor])
    savings = mean([opening.savings_minor, closing.savings_minor])
    shares = mean([opening.shares_minor, closing.shares_minor])
    backing = closing.net_capital + closing.transitory_capital_minor + closing.non_interest_liabilities_minor
    liquid = closing.liquid_investments_minor + closing.liquid_non_earning_minor
    return {
        "P1": guard.p1,
        "P2": guard.p2,
        "P3": ratio(closing.late_over_12_minor, closing.gross_loans_minor),
        "P4": ratio(year.written_off_minor, loans),
        "P5": ratio(year.recovered_ever_minor, year.written_off_ever_minor),
        "P6": solvency(closing),
        "E1": ratio(closing.net_loans_minor, assets),
        "E2": ratio(closing.liquid_investments_minor, assets),
        "E3": ratio(closing.financial_investments_minor, assets),
        "E4": ratio(closing.non_financial_investments_minor, assets),
        "E5": ratio(closing.savings_minor, assets),
        "E6": ratio(closing.outside_credit_minor, assets),
        "E7": ratio(closing.shares_minor, assets),
        "E8": ratio(closing.institutional_capital_minor, assets),
        "E9": ratio(closing.net_capital, assets),
        "A1": ratio(closing.late_minor, closing.gross_loans_minor),
        "A2": ratio(closing.non_earning_assets_minor, assets),
        "A3": ratio(backing, closing.non_earning_assets_minor),
        "R1": ratio(year.loan_income_minor, net_loans),
        "R5": ratio(year.interest_on_savings_minor, savings),
        "R7": ratio(year.dividends_minor, shares),
        "R8": ratio(year.gross_margin_minor, average_assets),
        "R9": ratio(year.operating_expense_minor, average_assets),
        "R10": ratio(year.provisions_minor, average_assets),
        "R12": ratio(year.net_income_minor, average_assets),
        "L1": ratio(liquid - closing.short_term_payables_minor, closing.savings_minor),
        "L2": ratio(closing.liquidity_reserve_minor, closing.savings_minor),
        "L3": ratio(closing.idle_liquid_minor, assets),
        "S1": growth(closing.gross_loans_minor, opening.gross_loans_minor),
        "S2": growth(closing.liquid_investments_minor, opening.liquid_investments_minor),
        "S3": growth(closing.financial_investments_minor, opening.financial_investments_minor),
        "S4": growth(closing.non_financial_investments_minor, opening.non_financial_investments_minor),
        "S5": growth(closing.savings_minor, opening.savings_minor),
        "S6": growth(closing.outside_credit_minor, opening.outside_credit_minor),
        "S7": growth(closing.shares_minor, opening.shares_minor),
        "S8": growth(closing.institutional_capital_minor, opening.institutional_capital_minor),
        "S9": growth(closing.net_capital, opening.net_capital),
        "S10": growth(closing.members, opening.members),
        "S11": growth(assets, opening.total_assets_minor),
    }
