"""What the money of each donor was used for, to the cent, in the budget's currency and in the donor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.budgets import Inflow, Rule, Share, Use, allocate_use, in_donor_currency
from jump.core.money import CURRENCY_EXPONENTS, Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    Budget,
    BudgetContribution,
    Contribution,
    FundingPledge,
    FundingSource,
    MatchingPledge,
    Refund,
    Spend,
    Tranche,
)
from jump.engines.finance.models.refusals import RateMissing
from jump.engines.finance.queries.budgets import budget_row
from jump.engines.finance.queries.donors import pledge_row
from jump.engines.finance.queries.funds import fund_row
from jump.engines.finance.queries.rates import rate_on
from jump.engines.finance.types import ContractKind, TrancheState
from jump.engines.finance.types.donors import DonorStatement, PledgeKind, UseLine

_RATE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class _Given:
    """A contribution as the donor gave it, by its reference."""

    amount: Money
    given: Money
    on: date
    pledge: str
    party: str


@dataclass(frozen=True, slots=True)
class _Used:
    """What a use was, for people."""

    memo: str
    scope: str
    labels: Mapping[str, str]
    contract: str


@dataclass(frozen=True, slots=True)
class _Umbrella:
    """Contributions into one pool of money, what was used of it, and the rule that shares the uses."""

    currency: str
    title: str
    source: str
    rule: Rule
    given: Mapping[str, _Given]
    inflows: tuple[Inflow, ...]
    uses: tuple[Use, ...]
    told: Mapping[str, _Used]


def donor_statement(
    actor: Actor,
    *,
    as_of: date,
    pledge_ref: Ref | None = None,
    source: str = "",
    budget_ref: Ref | None = None,
    fund_ref: Ref | None = None,
) -> DonorStatement:
    """What a promise of a donor was used for, to the cent; without one, what all money of a source was used for.

    Where several donors share a source, each use is shared among them by the source's declared rule, earmarks first.
    The donor's own currency: each use at the rate of its day, what is left at the rate of `as_of`, and what exchange
    took or gave between as a line of its own. A pledge of a fund (SEEDFUND-11) is asked with `fund_ref`.
    """
    asked: FundingPledge | MatchingPledge | None
    if fund_ref is not None:
        whole, asked = _of_fund(actor, fund_ref, as_of), None
        if pledge_ref is not None:
            asked = MatchingPledge.objects.filter(ref=pledge_ref, fund__ref=fund_ref).first()
    else:
        asked = pledge_row(actor, pledge_ref) if pledge_ref is not None else None
        row = asked.budget if isinstance(asked, FundingPledge) else budget_row(actor, budget_ref)
        whole = _of_budget(actor, row, asked.source if isinstance(asked, FundingPledge) else source, as_of)
    if pledge_ref is not None and asked is None:
        raise NotFound(ref=pledge_ref)
    shares = allocate_use(whole.inflows, whole.uses, rule=whole.rule)
    return _statement(whole, shares, asked, as_of)


def _of_budget(actor: Actor, row: Budget, source: str, as_of: date) -> _Umbrella:
    """The money of one source of a budget: whoever sees a part of the budget only is told nothing of its donors."""
    if not any(row.scope.path.startswith(path) for path in actor.paths_viewing(Budget.data_class)):
        raise NotFound(ref=source)
    named = FundingSource.objects.filter(budget=row, code=source).first()
    came = BudgetContribution.objects.filter(budget=row, source=source, kind=PledgeKind.MONEY, on__lte=as_of)
    given, inflows = {}, []
    for one in came.select_related("pledge").order_by("on", "id"):
        earmark = one.pledge.earmark if one.pledge else {}
        given[one.ref] = _Given(
            Money(one.amount_minor, row.currency),
            Money(one.given_minor, one.given_currency),
            one.on,
            one.pledge.ref if one.pledge else "",
            one.party,
        )
        inflows.append(Inflow(one.ref, one.party, one.on, one.amount_minor, earmark))
    if not given and named is None:
        raise NotFound(ref=source)
    uses, told = [], {}
    spends = Spend.objects.filter(cell__budget=row, source=source, on__lte=as_of)
    for paid in spends.select_related("cell", "contract", "scope").order_by("on", "id"):
        labels = {
            "country": paid.cell.country,
            "place": paid.scope.path,
            **{name: getattr(paid, name) for name in ("stage", "type", "line", "activity")},
        }
        of = paid.contract.ref if paid.contract else paid.ref
        uses.append(Use(paid.ref, paid.on, paid.amount_minor, labels, of))
        told[paid.ref] = _Used(paid.memo, paid.scope.path, labels, paid.contract.ref if paid.contract else "")
    rule = Rule(named.allocation) if named else Rule.PROPORTIONAL
    title = named.title if named else source
    return _Umbrella(row.currency, title, source, rule, given, tuple(inflows), tuple(uses), told)


def _of_fund(actor: Actor, fund_ref: Ref, as_of: date) -> _Umbrella:
    """The money of a fund that gives grants: contributions in, tranches out, refunds back. Lent money is not used."""
    fund = fund_row(actor, fund_ref)
    given, inflows = {}, []
    rows = Contribution.objects.filter(fund=fund, on__lte=as_of).select_related("pledged__pledge")
    for one in rows.order_by("on", "id"):
        under = getattr(one, "pledged", None)
        promised = under.pledge if under else None
        amount = Money(one.amount_minor, fund.currency)
        party = promised.party if promised else ""
        given[one.ref] = _Given(amount, amount, one.on, promised.ref if promised else "", party)
        mark = promised.earmark if promised else {}
        inflows.append(Inflow(one.ref, party or one.source, one.on, one.amount_minor, mark))
    uses, told = [], {}

    def add(ref: str, on: date | None, minor: int, contract: Any, memo: str) -> None:
        assert on is not None, ref
        agreed = list(contract.terms.get("uses") or {})
        labels = {
            "place": contract.scope.path,
            "product": contract.product,
            "use": agreed[0] if len(agreed) == 1 else "",
        }
        uses.append(Use(ref, on, minor, labels, contract.ref))
        told[ref] = _Used(memo, contract.scope.path, labels, contract.ref)

    paid = Tranche.objects.filter(
        contract__fund=fund,
        contract__kind=ContractKind.GRANT,
        state=TrancheState.RELEASED,
        released_on__lte=as_of,
    )
    for tranche in paid.select_related("contract__scope").order_by("released_on", "id"):
        memo = f"{tranche.contract.purpose} ({tranche.number})"
        add(tranche.ref, tranche.released_on, tranche.amount_minor, tranche.contract, memo)
    back = Refund.objects.filter(contract__fund=fund, on__lte=as_of).select_related("contract__scope")
    for refund in back.order_by("on", "id"):
        add(refund.ref, refund.on, -refund.amount_minor, refund.contract, refund.why)
    return _Umbrella(fund.currency, fund.title, "", Rule.PROPORTIONAL, given, tuple(inflows), tuple(uses), told)


def _statement(
    whole: _Umbrella, shares: Sequence[Share], asked: FundingPledge | MatchingPledge | None, as_of: date
) -> DonorStatement:
    mine = {ref: one for ref, one in whole.given.items() if asked is None or one.pledge == asked.ref}
    own = _own_currency(whole, mine, asked)
    received = Money(sum(one.amount.amount_minor for one in mine.values()), whole.currency)
    given = Money(
        sum((one.given if one.given.currency == own else one.amount).amount_minor for one in mine.values()), own
    )
    rates = _Rates(whole.currency, own, _average(received, given))
    lines = _lines(whole, shares, mine, rates)
    used = sum(line.part.amount_minor for line in lines)
    in_own = in_donor_currency(
        received_minor=given.amount_minor,
        uses=[(line.part.amount_minor, rates.minor(line.on)) for line in lines],
        left=(received.amount_minor - used, rates.minor(as_of)),
    )
    zero = Money.zero(whole.currency)
    return DonorStatement(
        title=whole.title,
        party_ref=Ref(asked.party) if asked is not None else None,
        pledge_ref=Ref(asked.ref) if asked is not None else None,
        source=whole.source,
        rule=whole.rule.value,
        as_of=as_of,
        donors=len({one.party or one.pledge for one in whole.given.values()}),
        earmark=asked.earmark if asked is not None else {},
        pledged=Money(asked.amount_minor, whole.currency) if asked is not None else zero,
        received=received,
        used=Money(used, whole.currency),
        left=received - Money(used, whole.currency),
        given_received=given,
        given_used=Money(in_own.used_minor, own),
        given_left=Money(in_own.left_minor, own),
        exchange=Money(in_own.difference_minor, own),
        left_rate=_shown(rates.on(as_of)),
        uncovered=Money(sum(one.amount_minor for one in shares if one.inflow is None), whole.currency),
        in_kind=_in_kind_of(asked, as_of) if isinstance(asked, FundingPledge) else zero,
        received_on=tuple((one.on, one.amount, one.given) for one in mine.values()),
        lines=lines,
    )


def _own_currency(whole: _Umbrella, mine: Mapping[str, _Given], asked: FundingPledge | MatchingPledge | None) -> str:
    """The donor's own currency; money given in several is told in the budget's."""
    currencies = {one.given.currency for one in mine.values()}
    if isinstance(asked, FundingPledge):
        currencies.add(asked.given_currency)
    return currencies.pop() if len(currencies) == 1 else whole.currency


@dataclass(frozen=True, slots=True)
class _Rates:
    """One major unit of the budget's currency in the donor's, by day."""

    currency: str
    own: str
    average: Fraction | None  # at which the money really came in

    def on(self, day: date) -> Fraction:
        """The recorded rate of the day; where none is recorded, the rate at which the money came in."""
        try:
            return Fraction(rate_on(self.currency, self.own, day))
        except RateMissing:
            if self.average is None:
                raise
            return self.average

    def minor(self, day: date) -> Fraction:
        """The same between minor units."""
        return self.on(day) * Fraction(10) ** (CURRENCY_EXPONENTS[self.own] - CURRENCY_EXPONENTS[self.currency])


def _lines(whole: _Umbrella, shares: Sequence[Share], mine: Mapping[str, _Given], rates: _Rates) -> tuple[UseLine, ...]:
    parts: dict[str, int] = {}
    for one in shares:
        if one.inflow is not None and one.inflow.ref in mine:
            parts[one.use.ref] = parts.get(one.use.ref, 0) + one.amount_minor
    found = []
    for use in whole.uses:
        part = parts.get(use.ref, 0)
        if not part:
            continue
        told = whole.told[use.ref]
        found.append(
            UseLine(
                ref=Ref(use.ref),
                on=use.on,
                memo=told.memo,
                scope=told.scope,
                labels=told.labels,
                whole=Money(use.amount_minor, whole.currency),
                part=Money(part, whole.currency),
                given_part=Money(round(part * rates.minor(use.on)), rates.own),
                rate=_shown(rates.on(use.on)),
                contract_ref=Ref(told.contract) if told.contract else None,
            )
        )
    return tuple(found)


def _in_kind_of(asked: FundingPledge, as_of: date) -> Money:
    """What the same party gave this budget in kind: shown apart, never in the sums."""
    rows = BudgetContribution.objects.filter(budget=asked.budget, party=asked.party, on__lte=as_of)
    worth = rows.exclude(kind=PledgeKind.MONEY).aggregate(total=Sum("amount_minor"))["total"]
    return Money(int(worth or 0), asked.budget.currency)


def _average(received: Money, given: Money) -> Fraction | None:
    """One major unit of the budget's currency in the donor's, as it really came in."""
    if not received.amount_minor:
        return None
    scale = Fraction(10) ** (CURRENCY_EXPONENTS[received.currency] - CURRENCY_EXPONENTS[given.currency])
    return Fraction(given.amount_minor, received.amount_minor) * scale


def _shown(rate: Fraction) -> Decimal:
    return (Decimal(rate.numerator) / Decimal(rate.denominator)).quantize(_RATE).normalize()
