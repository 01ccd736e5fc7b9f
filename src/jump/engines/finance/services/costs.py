"""Paying what it costs to run a fund: one person prepares, another pays, once."""

from __future__ import annotations

from datetime import date

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock, locked
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Fund, FundCost
from jump.engines.finance.models.refusals import DecisionMissing, KeyReused, SamePerson, WrongState
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.funds import fund_row
from jump.engines.finance.queries.health import cost_view
from jump.engines.finance.services.funds import require_free
from jump.engines.finance.types.health import FundCostView
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

COSTS = "costs"


def prepare_fund_cost(
    actor: Actor, *, fund_ref: Ref, amount: Money, what: str, on: date, key: str, proof_ref: Ref | None = None
) -> Ref:
    """Prepare a running cost. Nothing is paid before a second person agrees; the same key prepares once.

    Operating expense is a part of every sustainability ratio (finance rules, section 1): a fund whose costs somebody
    else pays looks better than it is, so they are booked where they arise.
    """
    with ledger.posting_transaction():
        fund = fund_row(actor, fund_ref)
        require(actor, "finance.prepare", fund.scope.path)
        check_amount(amount, fund.currency)
        if not what.strip():
            raise DecisionMissing()
        check_day(on, earliest=fund.opened_on)
        known = FundCost.objects.filter(key=key).first()
        if known is not None:
            if (known.fund_id, known.amount_minor, known.what) != (fund.pk, amount.amount_minor, what.strip()):
                raise KeyReused(key=key)
            return Ref(known.ref)
        made = FundCost.objects.create(
            fund=fund,
            what=what.strip(),
            amount_minor=amount.amount_minor,
            on=on,
            proof=proof_ref or "",
            prepared_by=actor.key,
            key=key,
        )
        record(actor, "finance.prepare_fund_cost", made.ref, facts={"amount_minor": amount.amount_minor})
        return Ref(made.ref)


def pay_fund_cost(actor: Actor, *, cost_ref: Ref, on: date) -> FundCostView:
    """Pay a prepared cost out of what the fund has free. Refuses who prepared it; paying twice pays once."""
    with ledger.posting_transaction():
        one, fund = _locked(actor, cost_ref)
        require(actor, "finance.approve", fund.scope.path)
        if one.state == FundCost.PAID:
            return cost_view(one)
        if one.state != FundCost.PREPARED:
            raise WrongState(state=one.state)
        if one.prepared_by == actor.key:
            raise SamePerson(doing="pay", did="prepare", cost=one.ref)
        check_day(on, earliest=one.on)
        require_free(fund, one.amount_minor)
        book = Ref(fund.book)
        account = ledger.open_account(
            actor, book_ref=book, code=COSTS, title="Running costs", kind="expense", unit=fund.currency
        )
        entry = ledger.post(
            actor,
            book_ref=book,
            memo=f"Running cost {one.ref}",
            occurred_on=on,
            lines=[
                Line(account, one.amount_minor, {"place": fund.scope.path}),
                Line(ledger.account(book, "cash").ref, -one.amount_minor, {"place": fund.scope.path}),
            ],
            source_ref=Ref(one.ref),
            key=f"fund-cost:{one.ref}",
        )
        one.state, one.paid_by, one.entry, one.on = FundCost.PAID, actor.key, entry.ref, on
        one.save(update_fields=["state", "paid_by", "entry", "on"])
        record(actor, "finance.pay_fund_cost", one.ref, facts={"amount_minor": one.amount_minor})
        return cost_view(one)


def drop_fund_cost(actor: Actor, *, cost_ref: Ref, why: str) -> None:
    """Give up a prepared cost, with the reason. What was paid is not given up."""
    with ledger.posting_transaction():
        one, fund = _locked(actor, cost_ref)
        require(actor, "finance.prepare", fund.scope.path)
        if one.state == FundCost.DROPPED:
            return
        if one.state != FundCost.PREPARED:
            raise WrongState(state=one.state)
        if not why.strip():
            raise DecisionMissing()
        one.state, one.why_dropped = FundCost.DROPPED, why.strip()[:200]
        one.save(update_fields=["state", "why_dropped"])
        record(actor, "finance.drop_fund_cost", one.ref, why=why)


def _locked(actor: Actor, cost_ref: Ref) -> tuple[FundCost, Fund]:
    found = FundCost.objects.filter(ref=cost_ref).values_list("fund__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=cost_ref)
    fund = lock(fund_row(actor, Ref(found)))
    return locked(FundCost.objects.filter(ref=cost_ref)).get(), fund
