"""Savings that finance new co-operatives, and what people pledge to them.

A development fund invests within what its savings leave after the liquidity reserve (000, 2.3 box; INCUBATE-10). The
fund is locked while this is checked, and what is prepared counts as promised: two people at once cannot pass it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import DevelopmentFund, Fund, MemberPledge
from jump.engines.finance.models.ownership_refusals import (
    AlreadyKept,
    MoreThanInvested,
    SavingsNotFree,
    StepImpossible,
)
from jump.engines.finance.models.refusals import AmountNotPositive, DayImpossible, DecisionMissing, KeyReused
from jump.engines.finance.queries.funds import fund_row
from jump.engines.finance.queries.ownership.investing import development_of, invest_view
from jump.engines.finance.services.ownership.steps import RULES, Asked, Move, Rule, Worked
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types.ownership import StepKind
from jump.engines.finance.types.savings import ProductKind
from jump.engines.ledger import api as ledger


def make_development_fund(
    actor: Actor, *, fund_ref: Ref, product: str, on: date, key: str, liquidity_reserve_share: Decimal | None = None
) -> Ref:
    """Let a fund that keeps savings invest in new enterprises, with the liquidity reserve of the product or its own."""
    declared = product_of(product, ProductKind.DEVELOPMENT_FUND)
    with ledger.posting_transaction():
        row = lock(fund_row(actor, fund_ref))
        require(actor, "finance.approve", row.scope.path)
        known = DevelopmentFund.objects.filter(fund=row).first()
        if known is not None:
            if known.key != key:
                raise AlreadyKept(ref=row.ref)
            return Ref(row.ref)
        share = Decimal(str(declared.data["liquidity_reserve_share"]))
        share = share if liquidity_reserve_share is None else liquidity_reserve_share
        if not 0 <= share <= 1:
            raise StepImpossible(why="the liquidity reserve is a share between nothing and all")
        DevelopmentFund.objects.create(
            fund=row,
            product=declared.id,
            product_version=declared.version,
            terms={"liquidity_reserve_share": str(share)},
            opened_on=on,
            by=actor.key,
            key=key,
        )
        record(actor, "finance.make_development_fund", row.ref, facts={"liquidity_reserve_share": str(share)})
    return Ref(row.ref)


def _invest(asked: Asked) -> Worked:
    row, amount = asked.subject, int(asked.given["amount_minor"])
    if amount <= 0:
        raise AmountNotPositive(amount_minor=amount)
    found = invest_view(row, development_of(row), besides=asked.own)
    if amount > found.free.amount_minor:
        raise SavingsNotFree(
            free_minor=found.free.amount_minor,
            asked_minor=amount,
            savings_minor=found.savings.amount_minor,
            reserve_minor=found.liquidity_reserve.amount_minor,
            invested_minor=found.invested.amount_minor + found.promised.amount_minor,
            currency=row.currency,
        )
    return Worked(
        moves=(_invested(row, asked.given["enterprise"], amount), _cash(row, -amount)),
        figures={"total_minor": amount},
        amount_minor=amount,
        party=str(asked.given["enterprise"]),
    )


def _return(asked: Asked) -> Worked:
    """An enterprise gives back what was invested in it; what comes on top is income."""
    row, given = asked.subject, asked.given
    amount, income = int(given["amount_minor"]), int(given.get("income_minor", 0))
    if amount < 0 or income < 0 or not amount + income:
        raise AmountNotPositive(amount_minor=min(amount, income))
    left = ledger.balances(Ref(row.book)).get(f"invested:{given['enterprise']}", 0)
    if amount > left:
        raise MoreThanInvested(open_minor=left, asked_minor=amount, currency=row.currency)
    return Worked(
        moves=(
            _cash(row, amount + income),
            _invested(row, given["enterprise"], -amount),
            Move("investment_income", "Income of investments", "income", row.currency, -income, None),
        ),
        figures={"left_minor": left - amount, "income_minor": income},
        amount_minor=amount + income,
        party=str(given["enterprise"]),
    )


RULES.update(
    {
        StepKind.INVEST: Rule(_invest, "enterprise amount_minor"),
        StepKind.RETURN: Rule(_return, "enterprise amount_minor"),
    }
)


def _invested(row: Fund, enterprise: str, amount_minor: int) -> Move:
    return Move(f"invested:{enterprise}", f"Invested in {enterprise}", "asset", row.currency, amount_minor)


def _cash(row: Fund, amount_minor: int) -> Move:
    return Move("cash", "Cash and bank", "asset", row.currency, amount_minor)


# --- pledges ----------------------------------------------------------------------------------------------------------


def make_pledge(
    actor: Actor,
    *,
    product: str,
    person_ref: Ref,
    enterprise_ref: Ref,
    amount: Money,
    hours: int,
    on: date,
    scope: str,
    key: str,
    due_on: date | None = None,
) -> Ref:
    """Record what a prospective worker-owner promises: money, hours of work, or both. One open pledge per enterprise.

    Source: 000, 2.3 (people willing to put in time and money); requirement INCUBATE-04.
    """
    declared = product_of(product, ProductKind.PLEDGE)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = MemberPledge.objects.filter(key=key).first()
        if known is not None:
            if (known.person, known.enterprise, known.amount_minor) != (
                str(person_ref),
                str(enterprise_ref),
                amount.amount_minor,
            ):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if amount.amount_minor < 0 or hours < 0 or not (amount.amount_minor or hours):
            raise AmountNotPositive(amount_minor=amount.amount_minor)
        if due_on is not None and due_on < on:
            raise DayImpossible(on=due_on.isoformat(), earliest=on.isoformat(), latest="")
        other = MemberPledge.objects.filter(person=person_ref, enterprise=enterprise_ref, withdrawn_on=None).first()
        if other is not None:
            raise AlreadyKept(ref=other.ref)
        row = MemberPledge.objects.create(
            product=declared.id,
            person=person_ref,
            enterprise=enterprise_ref,
            currency=amount.currency,
            amount_minor=amount.amount_minor,
            hours=hours,
            on=on,
            due_on=due_on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        record(actor, "finance.pledge", row.ref, facts={"enterprise": str(enterprise_ref)})
    return Ref(row.ref)


def withdraw_pledge(actor: Actor, *, pledge_ref: Ref, on: date, why: str) -> None:
    """Take a pledge back, with the reason. What was paid stays paid."""
    with ledger.posting_transaction():
        row = MemberPledge.objects.visible_to(actor).select_related("scope").filter(ref=pledge_ref).first()
        if row is None:
            raise NotFound(ref=pledge_ref)
        require(actor, "finance.prepare", row.scope.path)
        if row.withdrawn_on is not None:
            return
        if not why:
            raise DecisionMissing()
        row.withdrawn_on, row.why = on, why[:300]
        row.save(update_fields=["withdrawn_on", "why"])
        record(actor, "finance.withdraw_pledge", row.ref, why=why)
