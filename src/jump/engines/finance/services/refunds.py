"""Money of a grant that comes back, and closing a grant: everything paid is accounted for or paid back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Contract, Refund, Spend
from jump.engines.finance.models.budget_refusals import NotAccountedFor
from jump.engines.finance.models.refusals import (
    DecisionMissing,
    KeyReused,
    MoreThanAdvanced,
    ReceiptUsed,
    SamePerson,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.contracts import contract_row
from jump.engines.finance.services.budgets import bank, exchange_account, source_for
from jump.engines.finance.services.funds import locked_cell
from jump.engines.finance.services.releases import meet_own_conditions, settle_if_done, unproved_minor
from jump.engines.finance.types import ContractKind, ContractState, TrancheState
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def refund_grant(actor: Actor, *, contract_ref: Ref, amount: Money, on: date, receipt: str, why: str, key: str) -> Ref:
    """Take back money of a grant that was not used: it is free again where it came from, with its donor and cell.

    Never more than is neither accounted for nor paid back. Out of a fund it goes back to the fund. Money of another
    currency than the budget's comes into the source's account in that currency, at the rate of the grant; what exchange
    gains or loses on it afterwards is seen there. Source: SEEDFUND-08 (account for use); the refund is our default.
    """
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = Refund.objects.filter(key=key).first()
        if known is not None:
            if (known.contract_id, known.amount_minor) != (row.pk, amount.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        check_amount(amount, row.currency)
        if row.kind != ContractKind.GRANT or not row.account:
            raise WrongState(state=row.state)
        _check_day(row, on)
        left = unproved_minor(row)
        if amount.amount_minor > left:
            raise MoreThanAdvanced(asked_minor=amount.amount_minor, open_minor=left, currency=row.currency)
        if not why:
            raise DecisionMissing()
        if row.refunds.filter(receipt=receipt).exists():
            raise ReceiptUsed(receipt=receipt, contract=row.ref)
        back = Refund(
            contract=row,
            amount_minor=amount.amount_minor,
            on=on,
            receipt=receipt,
            why=why[:300],
            by=actor.key,
            key=key,
        )
        if row.fund:
            back.entry = _back_to_fund(actor, row, back)
        else:
            _back_to_budget(actor, row, back, is_last=amount.amount_minor == left)
        back.save()
        meet_own_conditions(actor, row, Ref(back.ref), on)
        settle_if_done(row, on)
        record(actor, "finance.refund_grant", row.ref, why=why, facts={"amount_minor": amount.amount_minor})
    return Ref(back.ref)


def close_grant(actor: Actor, *, contract_ref: Ref, why: str, on: date) -> None:
    """Close a grant of which not everything was paid out: what it had promised is free again.

    Only when everything paid is accounted for or paid back, with a reason, and not by who prepared the grant.
    """
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.approve", row.scope.path)
        if row.state == ContractState.SETTLED:
            return
        if row.kind != ContractKind.GRANT or row.state != ContractState.RUNNING:
            raise WrongState(state=row.state)
        if actor.key == row.prepared_by:
            raise SamePerson(doing="close", did="prepare")
        if not why:
            raise DecisionMissing()
        _check_day(row, on)
        left = unproved_minor(row)
        if left:
            raise NotAccountedFor(open_minor=left, currency=row.currency, contract=row.ref)
        row.tranches.exclude(state=TrancheState.RELEASED).update(state=TrancheState.CANCELLED.value)
        row.state, row.settled_on = ContractState.SETTLED.value, on
        row.save(update_fields=["state", "settled_on"])
        record(actor, "finance.close_grant", row.ref, why=why)


# --- inside -------------------------------------------------------------------------------------------------


def _check_day(row: Contract, on: date) -> None:
    paid = row.tranches.filter(state=TrancheState.RELEASED).order_by("-released_on").first()
    earliest = paid.released_on if paid and paid.released_on else row.opened_on
    check_day(on, earliest=earliest)


def _back_to_fund(actor: Actor, row: Contract, back: Refund) -> str:
    assert row.fund is not None
    book = Ref(row.fund.book)
    entry = ledger.post(
        actor,
        book_ref=book,
        memo=f"Refund under {row.ref}",
        occurred_on=back.on,
        lines=[
            Line(ledger.account(book, "cash").ref, back.amount_minor),
            Line(Ref(row.account), -back.amount_minor, {"place": row.scope.path}),
        ],
        source_ref=Ref(back.ref),
        key=f"refund:{back.key}",
    )
    return entry.ref


def _back_to_budget(actor: Actor, row: Contract, back: Refund, *, is_last: bool) -> None:
    """Spend below zero out of the same cell, line and source; the last refund or proof takes what rounding left."""
    assert row.cell is not None
    cell = locked_cell(row.cell.pk)
    budget, paid = cell.budget, Money(back.amount_minor, row.currency)
    source = source_for(budget, stage=row.labels["stage"], source=row.labels["source"])
    exact = round(Decimal(str(row.labels["rate"])) * back.amount_minor)
    in_budget = ledger.balance_locked(Ref(row.account)) if is_last else exact
    labels = {name: str(row.labels[name]) for name in ("line", "stage", "type", "activity")}
    labels |= {"source": source, "place": row.scope.path}
    came = [Line(bank(actor, budget, source, row.currency), back.amount_minor, {"source": source})]
    if row.currency != budget.currency:
        came += [
            Line(exchange_account(actor, budget, row.currency), -back.amount_minor),
            Line(exchange_account(actor, budget, budget.currency), in_budget),
        ]
    gone = Spend(
        cell=cell,
        contract=row,
        amount_minor=-in_budget,
        paid_minor=-paid.amount_minor,
        paid_currency=paid.currency,
        rate=Decimal(str(row.labels.get("rate_major", "1"))).quantize(Decimal("0.000000000001")),
        on=back.on,
        memo=f"Refund under {row.ref}",
        proof=row.ref,
        scope_id=row.scope_id,
        key=f"refund:{back.key}",
        **{name: labels[name] for name in ("line", "stage", "type", "source", "activity")},
    )
    entry = ledger.post(
        actor,
        book_ref=Ref(budget.book),
        memo=gone.memo,
        occurred_on=back.on,
        lines=[*came, Line(Ref(row.account), -in_budget, labels)],
        source_ref=Ref(back.ref),
        key=f"refund:{back.key}",
    )
    gone.entry = back.entry = entry.ref
    gone.save()
    back.spend = gone
