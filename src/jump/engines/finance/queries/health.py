"""How a fund is doing over a period: who pays late, what is set aside, whether it carries itself, what it is worth.

Every figure is worked out by `core.funds` and `core.savings.pearls` from the fund's own book and its loans (finance
rules, sections 1 and 2; methods 11, section 11.5). Inflation and the market rate are no facts of a fund: who asks says
them, and figures that need them are not defined without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from jump.base.actors import Actor
from jump.core.funds import portfolio as quality
from jump.core.funds import sustainability
from jump.core.funds.portfolio import LoanLateness
from jump.core.funds.sustainability import FUND_GOALS, FundYear, SubsidyAdjustments
from jump.core.money import Money
from jump.core.ratios import ExactRatio, Goal, mean, ratio
from jump.core.savings.pearls import CreditUnion, CreditUnionYear, PearlsFigure, pearls
from jump.core.units import Ref
from jump.engines.finance.models import Contract, Contribution, Fund, FundCost, SavingsAccount
from jump.engines.finance.models.refusals import PeriodBackwards
from jump.engines.finance.queries.funds import fund_row, provision_scale, rules_of
from jump.engines.finance.queries.loans import LoanFile, loan_files
from jump.engines.finance.queries.portfolio import LoansOfDay
from jump.engines.finance.types import ContractKind, FundRules
from jump.engines.finance.types.health import FundCostView, FundHealth, HealthFigure
from jump.engines.ledger import api as ledger

PAR_DAYS = (1, 30, 60, 90)
YEAR_DAYS = 365
MONTH_DAYS = 30
# The parameter of a fund's rules that moves a goal, and which end of the range it is.
_RULE_OF: Mapping[str, tuple[str, str]] = {
    "par30": ("par30_alert", "high"),
    "write_off": ("write_off_alert", "high"),
    "repayment": ("repayment_alert", "low"),
    "capital_preserved": ("capital_preserved_alert", "low"),
    "turnover": ("turnover_alert", "low"),
}


def cost_view(one: FundCost) -> FundCostView:
    """For this engine alone."""
    return FundCostView(
        ref=Ref(one.ref),
        fund_ref=Ref(one.fund.ref),
        what=one.what,
        amount=Money(one.amount_minor, one.fund.currency),
        on=one.on,
        state=one.state,
        prepared_by=one.prepared_by,
        paid_by=one.paid_by,
        proof_ref=Ref(one.proof) if one.proof else None,
        entry_ref=Ref(one.entry) if one.entry else None,
    )


def fund_costs(actor: Actor, *, fund_ref: Ref, limit: int = 50) -> list[FundCostView]:
    """The running costs of a fund, latest first; what was given up is left out."""
    row = fund_row(actor, fund_ref)
    rows = FundCost.objects.filter(fund=row).exclude(state=FundCost.DROPPED).select_related("fund")
    return [cost_view(one) for one in rows.order_by("-on", "-id")[:limit]]


def fund_health(
    actor: Actor,
    *,
    fund_ref: Ref,
    starts_on: date,
    ends_on: date,
    inflation: Decimal | None = None,
    market_rate: Decimal | None = None,
) -> FundHealth:
    """The figures of a fund from the first to the last day of a period, both included.

    `inflation` and `market_rate` are shares over the period (0.05 for 5 in 100). Raises PeriodBackwards.
    """
    if starts_on > ends_on:
        raise PeriodBackwards(starts_on=starts_on.isoformat(), ends_on=ends_on.isoformat())
    row = fund_row(actor, fund_ref)
    rules = rules_of(row, ends_on)
    loans = {one.pk: one for one in Contract.objects.filter(fund=row, kind=ContractKind.LOAN, opened_on__lte=ends_on)}
    files = [(loans[pk], file) for pk, file in loan_files(loans.values()).items()]
    before, now = (_stand(row, files, day, rules) for day in (starts_on - timedelta(days=1), ends_on))
    year = _year(before, now)
    new = Contribution.objects.filter(fund=row, on__gte=starts_on, on__lte=ends_on)
    added = sum(new.values_list("amount_minor", flat=True))
    asked = _Asked(row, starts_on, before, now, year, added, inflation, market_rate)
    return FundHealth(
        fund_ref=Ref(row.ref),
        currency=row.currency,
        starts_on=starts_on,
        ends_on=ends_on,
        inflation=inflation,
        market_rate=market_rate,
        par=quality.par_table(now.late, days=PAR_DAYS),
        par_strict=quality.par_table(now.late, days=PAR_DAYS, with_rescheduled=True),
        provisions=now.provisions,
        year=year,
        value_before=Money(before.value_minor, row.currency),
        value_now=Money(now.value_minor, row.currency),
        new_capital=Money(added, row.currency),
        figures=tuple(_figures(asked, rules)),
        pearls=tuple(_pearls(asked)) if now.savings_minor or before.savings_minor else (),
    )


@dataclass(frozen=True, slots=True)
class _Stand:
    """A fund at the end of a day: what its book holds, and its loans."""

    held: Mapping[str, int]
    loans: LoansOfDay
    late: tuple[LoanLateness, ...]
    provisions: quality.ProvisionTable
    savers: int

    def sum(self, *codes: str) -> int:
        return sum(amount for code, amount in self.held.items() if code.startswith(codes))

    @property
    def cash_minor(self) -> int:
        return self.held.get("cash", 0)

    @property
    def borrowers(self) -> int:
        return len(self.loans.parties)

    @property
    def loans_minor(self) -> int:
        return sum(loan.principal_minor for loan in self.late)

    @property
    def allowance_minor(self) -> int:
        return self.provisions.provision_minor

    @property
    def savings_minor(self) -> int:
        return -self.sum("savings:")

    @property
    def shares_minor(self) -> int:
        return -self.sum("shares:")

    @property
    def borrowed_minor(self) -> int:
        return max(0, -self.sum("bank:"))

    @property
    def value_minor(self) -> int:
        """What is the fund's own: cash and loans less the allowance, without savers' and lenders' money."""
        own = sustainability.fund_value_minor(
            cash_minor=self.cash_minor, portfolio_minor=self.loans_minor, allowance_minor=self.allowance_minor
        )
        return own - self.savings_minor - self.shares_minor - self.borrowed_minor

    @property
    def capital_minor(self) -> int:
        return -self.sum("capital:")

    @property
    def revenue_minor(self) -> int:
        return -self.sum("interest", "fees", "penalties")

    @property
    def financing_minor(self) -> int:
        return self.held.get("savings_interest", 0)

    @property
    def running_minor(self) -> int:
        return self.held.get("costs", 0)


def _stand(row: Fund, files: Iterable[tuple[Contract, LoanFile]], day: date, rules: FundRules) -> _Stand:
    loans = LoansOfDay(day)
    for contract, file in files:
        loans.add(contract, file)
    late = tuple(loans.late)
    return _Stand(
        held=ledger.balances(Ref(row.book), day),
        loans=loans,
        late=late,
        provisions=quality.provisioning(late, scale=provision_scale(rules)),
        savers=SavingsAccount.objects.filter(fund=row, opened_on__lte=day)
        .exclude(closed_on__lte=day)
        .values("owner")
        .distinct()
        .count(),
    )


def _year(before: _Stand, now: _Stand) -> FundYear:
    written_off = now.held.get("losses", 0) - before.held.get("losses", 0)
    return FundYear(
        financial_revenue_minor=max(0, now.revenue_minor - before.revenue_minor),
        financial_expense_minor=max(0, now.financing_minor - before.financing_minor),
        provision_expense_minor=quality.provision_expense(
            opening_minor=before.allowance_minor,
            written_off_minor=max(0, written_off),
            required_minor=now.allowance_minor,
        ),
        operating_expense_minor=max(0, now.running_minor - before.running_minor),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the figures are worked out from."""

    fund: Fund
    starts_on: date
    before: _Stand
    now: _Stand
    year: FundYear
    added_minor: int
    inflation: Decimal | None
    market_rate: Decimal | None

    @property
    def average_loans(self) -> Fraction:
        return mean([self.before.loans_minor, self.now.loans_minor])

    @property
    def average_value(self) -> Fraction:
        return mean([max(0, self.before.value_minor), max(0, self.now.value_minor)])

    @property
    def written_off_minor(self) -> int:
        return max(0, self.now.held.get("losses", 0) - self.before.held.get("losses", 0))

    @property
    def recovered_minor(self) -> int:
        return max(0, self.before.held.get("recovered", 0) - self.now.held.get("recovered", 0))


UNDEFINED = ratio(0, 0)


def _figures(asked: _Asked, rules: FundRules) -> Iterable[HealthFigure]:
    goals = _goals(rules)
    for code, found in _worked_out(asked).items():
        goal = goals.get(code)
        yield HealthFigure(code, found, goal, goal.judge(found.value) if goal is not None else None)


def _goals(rules: FundRules) -> dict[str, Goal]:
    """The method's goals, each moved to what the fund's own rules say."""
    goals = dict(FUND_GOALS)
    for code, (name, end) in _RULE_OF.items():
        if name in rules.parameters:
            limit = Fraction(rules.parameters[name])
            goals[code] = Goal(high=limit) if end == "high" else Goal(low=limit)
    goals["oss"] = goals["fss"] = Goal.percent(low=100)
    return goals


def _worked_out(asked: _Asked) -> dict[str, ExactRatio]:
    before, now, year = asked.before, asked.now, asked.year
    par30_minor = sum(loan.principal_minor for loan in now.late if loan.days_late > MONTH_DAYS)
    found = {
        "par30": quality.par_table(now.late, days=(MONTH_DAYS,))[MONTH_DAYS],
        "repayment": quality.current_recovery(now.loans.fallen_due(asked.starts_on)),
        "write_off": quality.write_off_ratio(
            written_off_minor=asked.written_off_minor, average_portfolio=asked.average_loans
        ),
        "net_loss": quality.net_loss_ratio(
            written_off_minor=asked.written_off_minor,
            recovered_minor=asked.recovered_minor,
            average_portfolio=asked.average_loans,
        ),
        "risk_coverage": quality.risk_coverage(allowance_minor=now.allowance_minor, par30_minor=par30_minor),
        "yield": quality.portfolio_yield(
            interest_and_fees_minor=year.financial_revenue_minor, average_portfolio=asked.average_loans
        ),
        "operating_expense": quality.operating_expense_ratio(
            operating_expense_minor=year.operating_expense_minor, average_portfolio=asked.average_loans
        ),
        "cost_per_borrower": quality.cost_per_borrower(
            operating_expense_minor=year.operating_expense_minor,
            average_borrowers=mean([before.borrowers, now.borrowers]),
        ),
        "average_balance": quality.average_balance(portfolio_minor=now.loans_minor, active_borrowers=now.borrowers),
        "oss": sustainability.operational_self_sufficiency(year),
        "turnover": quality.revolving_speed(
            disbursed_minor=now.loans.lent_minor - before.loans.lent_minor, average_fund=asked.average_value
        ),
    }
    return found | _after_inflation(asked)


def _after_inflation(asked: _Asked) -> dict[str, ExactRatio]:
    """The figures that need a rate of inflation; not defined where nobody said one."""
    now, inflation = asked.now, asked.inflation
    if inflation is None:
        return dict.fromkeys(("fss", "sustainability", "real_growth", "capital_preserved"), UNDEFINED)
    cheap = mean([asked.before.borrowed_minor, now.borrowed_minor])
    adjusted = SubsidyAdjustments(
        inflation=sustainability.inflation_adjustment(
            average_equity=asked.average_value, average_net_fixed_assets=0, inflation=inflation
        ),
        cost_of_funds=Fraction(0)
        if asked.market_rate is None
        else sustainability.cost_of_funds_adjustment(
            average_concessional_debt=cheap,
            market_rate=asked.market_rate,
            interest_paid_minor=0,
        ),
    )
    services = max(0, now.held.get("services", 0))
    return {
        "fss": sustainability.financial_self_sufficiency(asked.year, adjusted),
        "sustainability": sustainability.fund_sustainability(
            interest_and_fees_minor=asked.year.financial_revenue_minor,
            operating_minor=asked.year.operating_expense_minor,
            losses_minor=asked.written_off_minor,
            fund_minor=max(0, now.value_minor),
            inflation=inflation,
        ),
        "real_growth": sustainability.real_growth(
            start_minor=max(0, asked.before.value_minor),
            end_minor=now.value_minor,
            grants_minor=asked.added_minor,
            inflation=inflation,
        ),
        "capital_preserved": sustainability.capital_preserved(
            fund_minor=max(0, now.value_minor),
            community_grants_minor=services,
            capital_minor=asked.before.capital_minor + asked.added_minor,
            inflation=inflation,
        ),
    }


# --- savings and credit ---------------------------------------------------------------------------------------


def _pearls(asked: _Asked) -> Iterable[PearlsFigure]:
    """The ratios of the World Council of Credit Unions, for a fund that keeps its members' savings."""
    year = asked.year
    earned = year.financial_revenue_minor - year.expense_minor
    found = pearls(
        opening=_union(asked.before),
        closing=_union(asked.now),
        year=CreditUnionYear(
            loan_income_minor=year.financial_revenue_minor,
            interest_on_savings_minor=max(
                0, asked.now.held.get("savings_interest", 0) - asked.before.held.get("savings_interest", 0)
            ),
            gross_margin_minor=year.financial_revenue_minor - year.financial_expense_minor,
            operating_expense_minor=year.operating_expense_minor,
            provisions_minor=year.provision_expense_minor,
            net_income_minor=earned,
            written_off_minor=asked.written_off_minor,
            written_off_ever_minor=asked.now.held.get("losses", 0),
            recovered_ever_minor=max(0, -asked.now.held.get("recovered", 0)),
        ),
        inflation=asked.inflation if asked.inflation is not None else Decimal(0),
    )
    return found.values()


def _union(stand: _Stand) -> CreditUnion:
    """A fund's book in the words of a credit union. Cash earns nothing; what is nobody else's is its capital."""
    assets = stand.cash_minor + stand.loans_minor - stand.allowance_minor
    return CreditUnion(
        total_assets_minor=assets,
        gross_loans_minor=stand.loans_minor,
        allowance_minor=stand.allowance_minor,
        late_over_12_minor=sum(loan.principal_minor for loan in stand.late if loan.days_late > YEAR_DAYS),
        late_1_to_12_minor=sum(loan.principal_minor for loan in stand.late if MONTH_DAYS < loan.days_late <= YEAR_DAYS),
        savings_minor=stand.savings_minor,
        outside_credit_minor=stand.borrowed_minor,
        shares_minor=stand.shares_minor,
        institutional_capital_minor=max(0, assets - stand.savings_minor - stand.shares_minor - stand.borrowed_minor),
        liabilities_minor=stand.savings_minor + stand.borrowed_minor,
        non_earning_assets_minor=stand.cash_minor,
        liquid_non_earning_minor=stand.cash_minor,
        idle_liquid_minor=stand.cash_minor,
        members=stand.savers,
    )
