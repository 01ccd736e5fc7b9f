"""How good the loans are: portfolio at risk, repayment, turnover."""

from __future__ import annotations

from datetime import date, timedelta

from jump.base.actors import Actor
from jump.core.money import Money
from jump.core.schedules import LoanLateness, LoanState, Part, Ratio, portfolio_at_risk
from jump.core.units import Ref
from jump.engines.finance.models import Contract
from jump.engines.finance.models.refusals import WrongCurrency
from jump.engines.finance.queries.loans import loan_files
from jump.engines.finance.types import ContractKind, PortfolioView

_CHUNK = 1_000


def portfolio(
    actor: Actor, *, as_of: date, fund_ref: Ref | None = None, scope: str = "", currency: str = ""
) -> PortfolioView:
    """The loans of a fund, or of a place in one currency, as they stood at the end of a day.

    Rules: finance-rules, 1 (CGAP/SEEP 2003): whole balances, days named, write-offs beside. Loans in several currencies
    are never added: name one.
    """
    rows = Contract.objects.visible_to(actor).under(scope).filter(kind=ContractKind.LOAN)
    if fund_ref is not None:
        rows = rows.filter(fund__ref=fund_ref)
    if currency:
        rows = rows.filter(currency=currency)
    currencies = sorted(set(rows.values_list("currency", flat=True)))
    if len(currencies) > 1:
        raise WrongCurrency(expected=currencies[0], given=", ".join(currencies[1:]))
    tally = _Tally(as_of)
    ids = list(rows.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), _CHUNK):
        chunk = {row.pk: row for row in Contract.objects.filter(pk__in=ids[start : start + _CHUNK])}
        for pk, file in loan_files(chunk.values()).items():
            if file.schedule.disbursements[0].on <= as_of:
                tally.add(chunk[pk], file.state(as_of))
    return tally.view(currency or (currencies[0] if currencies else "USD"))


class _Tally:
    """Sums over loans, one loan at a time."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.late: list[LoanLateness] = []
        self.parties: set[str] = set()
        self.loans = self.late_loans = self.lent = self.lent_in_year = 0
        self.due = self.on_time = self.collected = self.written_off = self.recovered = 0

    def add(self, row: Contract, state: LoanState) -> None:
        self.lent += state.lent_minor
        if row.opened_on > self.as_of - timedelta(days=365):
            self.lent_in_year += state.lent_minor
        self.written_off += state.written_off_minor
        self.recovered += state.recovered_minor
        for line in state.instalments:
            if line.due_on <= self.as_of:
                owed = line.due[Part.PRINCIPAL] + line.due[Part.INTEREST] + line.due[Part.FEE]
                self.due += owed
                self.collected += min(line.paid_minor, owed)
                if line.paid_on is not None and line.paid_on <= line.due_on:
                    self.on_time += owed
        if state.principal_minor:
            self.loans += 1
            self.parties.add(row.party)
            self.late.append(LoanLateness(state.principal_minor, state.days_late, state.principal_late_minor))
            self.late_loans += state.days_late > 0

    def view(self, currency: str) -> PortfolioView:
        outstanding = sum(loan.principal_minor for loan in self.late)
        return PortfolioView(
            as_of=self.as_of,
            currency=currency,
            loans=self.loans,
            borrowers=len(self.parties),
            lent=Money(self.lent, currency),
            outstanding=Money(outstanding, currency),
            par30=portfolio_at_risk(self.late, days=30),
            par60=portfolio_at_risk(self.late, days=60),
            par90=portfolio_at_risk(self.late, days=90),
            on_time=Ratio(self.on_time, self.due),
            repaid=Ratio(self.collected, self.due),
            written_off=Money(self.written_off, currency),
            write_off_ratio=Ratio(self.written_off, self.lent),
            recovered=Money(self.recovered, currency),
            late_loans=self.late_loans,
            turnover=Ratio(self.lent_in_year, outstanding),
        )
