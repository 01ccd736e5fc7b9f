"""How good the loans are: portfolio at risk, repayment, turnover."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from jump.base.actors import Actor
from jump.core.money import Money
from jump.core.schedules import (
    LoanLateness,
    LoanState,
    Part,
    Ratio,
    portfolio_at_risk,
    provision_minor,
    provision_steps_of,
)
from jump.core.units import Ref
from jump.engines.finance.models import Contract
from jump.engines.finance.models.refusals import WrongCurrency
from jump.engines.finance.queries.loans import loan_files
from jump.engines.finance.types import AgeBand, ContractKind, PortfolioView

_CHUNK = 1_000
# Days late: on time, then as portfolio at risk is read.
AGES: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))


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
            if file.first_on <= as_of:
                tally.add(chunk[pk], file.state(as_of), is_rescheduled=file.is_rescheduled(as_of), words=file.words)
    return tally.view(currency or (currencies[0] if currencies else "USD"))


class _Tally:
    """Sums over loans, one loan at a time."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.late: list[LoanLateness] = []
        self.parties: set[str] = set()
        self.loans = self.late_loans = self.lent = self.lent_in_year = 0
        self.due = self.on_time = self.collected = self.written_off = self.recovered = self.provision = 0

    def add(self, row: Contract, state: LoanState, *, is_rescheduled: bool, words: Mapping[str, Any]) -> None:
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
            self.late.append(
                LoanLateness(state.principal_minor, state.days_late, state.principal_late_minor, is_rescheduled)
            )
            self.provision += provision_minor(state.principal_minor, state.days_late, provision_steps_of(words))
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
            strict={days: portfolio_at_risk(self.late, days=days, with_rescheduled=True) for days in (30, 60, 90)},
            rescheduled=Money(sum(loan.principal_minor for loan in self.late if loan.is_rescheduled), currency),
            provision=Money(self.provision, currency),
            ages=tuple(self._band(low, high, currency) for low, high in AGES),
        )

    def _band(self, low: int, high: int | None, currency: str) -> AgeBand:
        inside = [loan for loan in self.late if low <= loan.days_late and (high is None or loan.days_late <= high)]
        return AgeBand(low, high, len(inside), Money(sum(loan.principal_minor for loan in inside), currency))
