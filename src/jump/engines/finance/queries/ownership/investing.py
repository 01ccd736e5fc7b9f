"""What a development fund may still invest of its savings, and what people pledged to enterprises being founded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Min, Sum

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    CapitalSet,
    DevelopmentFund,
    Fund,
    MemberPledge,
    OwnershipStep,
    ShareRegister,
)
from jump.engines.finance.queries.funds import fund_row, held_minor, reserve_minor, rules_of, saved_minor
from jump.engines.finance.types.ownership import InvestmentRow, InvestView, MemberPledgeView, StepKind, StepState
from jump.engines.ledger import api as ledger

_PAID_BY_MEMBER = (StepKind.PAY_ENTRY, StepKind.ISSUE, StepKind.PAY_PURCHASE)


def development_of(row: Fund) -> DevelopmentFund:
    """The development part of a fund. For this engine alone."""
    found = DevelopmentFund.objects.filter(fund=row).first()
    if found is None:
        raise NotFound(ref=row.ref)
    return found


def may_invest(actor: Actor, *, fund_ref: Ref) -> InvestView | None:
    """What a fund may still invest; None where it is no development fund."""
    row = fund_row(actor, fund_ref)
    found = DevelopmentFund.objects.filter(fund=row).first()
    return None if found is None else invest_view(row, found)


def invest_view(row: Fund, development: DevelopmentFund, *, besides: OwnershipStep | None = None) -> InvestView:
    """Savings less the liquidity reserve less what is invested or promised; never more than cash less all reserves.

    Source: requirement INCUBATE-10 (invested <= savings available after liquidity reserve). `besides` is a prepared
    investment that is not to count against itself.
    """
    held = ledger.balances(Ref(row.book))
    saved = saved_minor(held)
    share = Decimal(str(development.terms["liquidity_reserve_share"]))
    liquidity = -int(-saved * share // 1)
    invested = sum(amount for code, amount in held.items() if code.startswith("invested:"))
    waiting = OwnershipStep.objects.filter(subject=row.ref, kind=StepKind.INVEST, state=StepState.PREPARED)
    if besides is not None:
        waiting = waiting.exclude(pk=besides.pk)
    promised = int(waiting.aggregate(total=Sum("amount_minor"))["total"] or 0)
    cash = held.get("cash", 0)
    kept = liquidity + reserve_minor(row, rules_of(row)) + held_minor(row)
    free = min(saved - liquidity - invested - promised, cash - kept - promised)

    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    return InvestView(
        fund_ref=Ref(row.ref),
        reserve_share=str(share),
        savings=money(saved),
        liquidity_reserve=money(liquidity),
        invested=money(invested),
        promised=money(promised),
        cash=money(cash),
        free=money(max(0, free)),
        investments=tuple(_investments(row, held)),
    )


def _investments(row: Fund, held: Mapping[str, int]) -> list[InvestmentRow]:
    booked = OwnershipStep.objects.filter(subject=row.ref, kind=StepKind.INVEST, state=StepState.BOOKED)
    found = booked.values_list("party").annotate(Sum("amount_minor"), Min("on")).order_by("party")
    return [
        InvestmentRow(
            enterprise_ref=Ref(party),
            put_in=Money(int(total), row.currency),
            still_in=Money(held.get(f"invested:{party}", 0), row.currency),
            since=since,
        )
        for party, total, since in found
    ]


# --- pledges ----------------------------------------------------------------------------------------------------------


def member_pledges(
    actor: Actor, *, enterprise_ref: Ref | None = None, person_ref: Ref | None = None
) -> list[MemberPledgeView]:
    """What people promised to put in, with what each has paid since: entry contributions and shares. Few statements."""
    rows = MemberPledge.objects.visible_to(actor).select_related("scope").order_by("withdrawn_on", "on", "id")
    if enterprise_ref is not None:
        rows = rows.filter(enterprise=enterprise_ref)
    if person_ref is not None:
        rows = rows.filter(person=person_ref)
    found = list(rows)
    paid = _paid({row.enterprise for row in found}, {row.person for row in found})
    return [
        MemberPledgeView(
            ref=Ref(row.ref),
            person_ref=Ref(row.person),
            enterprise_ref=Ref(row.enterprise),
            amount=Money(row.amount_minor, row.currency),
            hours=row.hours,
            on=row.on,
            due_on=row.due_on,
            paid=Money(paid.get((row.enterprise, row.person, row.currency), 0), row.currency),
            withdrawn_on=row.withdrawn_on,
            scope=row.scope.path,
        )
        for row in found
    ]


def _paid(enterprises: set[str], people: set[str]) -> dict[tuple[str, str, str], int]:
    """(enterprise, person, currency) -> paid into capital accounts and for shares."""
    subjects = dict(CapitalSet.objects.filter(enterprise__in=enterprises).values_list("ref", "enterprise"))
    subjects |= dict(ShareRegister.objects.filter(enterprise__in=enterprises).values_list("ref", "enterprise"))
    rows = OwnershipStep.objects.filter(
        subject__in=list(subjects), party__in=people, kind__in=_PAID_BY_MEMBER, state=StepState.BOOKED
    )
    found: dict[tuple[str, str, str], int] = {}
    sums = rows.values_list("subject", "party", "currency").annotate(Sum("amount_minor")).order_by()
    for subject, party, currency, total in sums:
        key = (subjects[subject], party, currency)
        found[key] = found.get(key, 0) + int(total)
    return found
