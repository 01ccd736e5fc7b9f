"""Recording exchange rates, and exchanging money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import ExchangeRate
from jump.engines.finance.models.refusals import AmountNotPositive, KeyReused
from jump.engines.finance.queries.budgets import budget_row
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.services.budgets import bank, exchange_account, pay_account
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def add_rate(actor: Actor, *, given: str, wanted: str, on: date, rate: Decimal, source: str) -> None:
    """Record what one major unit of a currency was worth in another on a day. A recorded day is not changed."""
    require(actor, "finance.prepare")
    Money.zero(given), Money.zero(wanted)
    if rate <= 0:
        raise AmountNotPositive(amount_minor=0)
    with write_transaction():
        row, made = ExchangeRate.objects.get_or_create(
            given=given, wanted=wanted, on=on, defaults={"rate": rate, "source": source, "by": actor.key}
        )
        if not made and Decimal(row.rate) != rate:
            raise KeyReused(key=f"{given} {wanted} {on.isoformat()}")


def exchange(actor: Actor, *, budget_ref: Ref, source: str, paid: Money, got: Money, on: date, key: str) -> Ref:
    """Change money of a source into another currency, at whatever was really paid and got."""
    with ledger.posting_transaction():
        row = budget_row(actor, budget_ref)
        require(actor, "finance.prepare", row.scope.path)
        check_amount(paid, row.currency)
        check_amount(got, got.currency)
        entry = ledger.post(
            actor,
            book_ref=Ref(row.book),
            memo=f"Exchange {paid} for {got}",
            occurred_on=on,
            lines=[
                Line(pay_account(actor, row, source, paid.amount_minor), -paid.amount_minor, {"source": source}),
                Line(exchange_account(actor, row, paid.currency), paid.amount_minor),
                Line(bank(actor, row, source, got.currency), got.amount_minor, {"source": source}),
                Line(exchange_account(actor, row, got.currency), -got.amount_minor),
            ],
            source_ref=Ref(row.ref),
            key=f"exchange:{key}",
        )
    return entry.ref
