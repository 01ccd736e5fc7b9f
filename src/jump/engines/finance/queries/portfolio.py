"""How good the loans are: portfolio at risk, repayment, what must be set aside, turnover.

`LoansOfDay` is what many loans come to at the end of a day. Every page that tells of a fund's loans is made of it, so
that a figure is the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from jump.base.actors import Actor
from jump.core import funds
from jump.core.funds import DueAndPaid, LoanLateness, ProvisionTable
from jump.core.money import Money
from jump.core.ratios import ratio
from jump.core.schedules import InstalmentState
from jump.core.units import Ref
from jump.engines.finance.models import Contract, Fund
from jump.engines.finance.models.refusals import WrongCurrency
from jump.engines.finance.queries.funds import provision_scale, rules_of_all
from jump.engines.finance.queries.loans import LoanFile, loan_files
from jump.engines.finance.types import AgeBand, ContractKind, FundRules, PortfolioView

_CHUNK = 1_000
# Days late: on time, then as portfolio at risk is read.
AGES: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))
RISK_DAYS = (30, 60, 90)
NO_RULES = FundRules({}, version=0)


def portfolio(
    actor: Actor, *, as_of: date, fund_ref: Ref | None = None, scope: str = "", currency: str = ""
) -> PortfolioView:
    """The loans of a fund, or of a place in one currency, as they stood at the end of a day.

    Rules: finance-rules, 1 (CGAP/SEEP 2003): whole balances, days named, write-offs beside. Loans in several currencies
    are never added: name one. What must be set aside follows the rules of each fund on that day.
    """
    rows = Contract.objects.visible_to(actor).under(scope).filter(kind=ContractKind.LOAN)
    if fund_ref is not None:
        rows = rows.filter(fund__ref=fund_ref)
    if currency:
        rows = rows.filter(currency=currency)
    currencies = sorted(set(rows.values_list("currency", flat=True)))
    if len(currencies) > 1:
        raise WrongCurrency(expected=currencies[0], given=", ".join(currencies[1:]))
    found = LoansOfDay(as_of)
    ids = list(rows.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), _CHUNK):
        chunk = {row.pk: row for row in Contract.objects.filter(pk__in=ids[start : start + _CHUNK])}
        for pk, file in loan_files(chunk.values()).items():
            found.add(chunk[pk], file)
    rules = rules_of_all(Fund.objects.filter(pk__in=found.funds), as_of)
    return _view(found, rules, currency or (currencies[0] if currencies else "USD"))


class LoansOfDay:
    """What many loans of one currency come to at the end of a day, added one at a time."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.by_fund: dict[int | None, list[LoanLateness]] = {}
        self.parties: set[str] = set()
        self.instalments: list[InstalmentState] = []
        self.lent_minor = self.lent_in_year_minor = self.written_off_minor = self.recovered_minor = 0

    def add(self, row: Contract, file: LoanFile) -> None:
        """A loan that was paid out by then; one paid out later counts for nothing."""
        if file.first_on > self.day:
            return
        state = file.state(self.day)
        self.lent_minor += state.lent_minor
        if row.opened_on > self.day - timedelta(days=365):
            self.lent_in_year_minor += state.lent_minor
        self.written_off_minor += state.written_off_minor
        self.recovered_minor += state.recovered_minor
        self.instalments += (line for line in state.instalments if line.due_on <= self.day)
        if state.principal_minor:
            self.parties.add(row.party)
            one = LoanLateness(
                state.principal_minor, state.days_late, state.principal_late_minor, file.is_rescheduled(self.day)
            )
            self.by_fund.setdefault(row.fund_id, []).append(one)

    @property
    def funds(self) -> list[int]:
        return [pk for pk in self.by_fund if pk is not None]

    @property
    def late(self) -> list[LoanLateness]:
        """Every loan that owes principal, with how late it is."""
        return [one for loans in self.by_fund.values() for one in loans]

    def fallen_due(self, since: date | None = None) -> Iterable[DueAndPaid]:
        """What fell due from a day on, with what came of it."""
        return funds.fallen_due(self.instalments, until=self.day, since=since)

    def provisions(self, rules: Mapping[int, FundRules]) -> list[ProvisionTable]:
        """What each fund must set aside by its own rules; the method's scale where it has none."""
        return [
            funds.provisioning(loans, scale=provision_scale(rules.get(pk or 0, NO_RULES)))
            for pk, loans in self.by_fund.items()
        ]


def _view(found: LoansOfDay, rules: Mapping[int, FundRules], currency: str) -> PortfolioView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, currency)

    late = found.late
    risk = funds.par_table(late, days=RISK_DAYS)
    outstanding = sum(loan.principal_minor for loan in late)
    return PortfolioView(
        as_of=found.day,
        currency=currency,
        loans=len(late),
        borrowers=len(found.parties),
        lent=money(found.lent_minor),
        outstanding=money(outstanding),
        par30=risk[30],
        par60=risk[60],
        par90=risk[90],
        on_time=funds.on_time_rate(found.fallen_due()),
        repaid=funds.current_recovery(found.fallen_due()),
        written_off=money(found.written_off_minor),
        write_off_ratio=ratio(found.written_off_minor, found.lent_minor),
        recovered=money(found.recovered_minor),
        late_loans=sum(loan.days_late > 0 for loan in late),
        turnover=ratio(found.lent_in_year_minor, outstanding),
        strict=funds.par_table(late, days=RISK_DAYS, with_rescheduled=True),
        rescheduled=money(sum(loan.principal_minor for loan in late if loan.is_rescheduled)),
        provision=money(sum(table.provision_minor for table in found.provisions(rules))),
        ages=tuple(_band(late, low, high, currency) for low, high in AGES),
    )


def _band(late: Iterable[LoanLateness], low: int, high: int | None, currency: str) -> AgeBand:
    inside = [loan for loan in late if low <= loan.days_late and (high is None or loan.days_late <= high)]
    return AgeBand(low, high, len(inside), Money(sum(loan.principal_minor for loan in inside), currency))
