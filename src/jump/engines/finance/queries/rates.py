"""Exchange rates of a day, and what holding another currency gained or lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import CURRENCY_EXPONENTS, Money
from jump.core.units import Ref
from jump.engines.finance.models import Budget, ExchangeRate
from jump.engines.finance.models.refusals import RateMissing
from jump.engines.finance.types import ExchangeResult
from jump.engines.ledger import api as ledger

ONE = Decimal(1)


def rate_on(given: str, wanted: str, on: date) -> Decimal:
    """What one major unit of `given` was worth in `wanted`: the last rate up to the day, in either direction."""
    if given == wanted:
        return ONE
    rows = ExchangeRate.objects.filter(on__lte=on).order_by("-on")
    straight = rows.filter(given=given, wanted=wanted).values_list("rate", flat=True).first()
    if straight is not None:
        return Decimal(straight)
    turned = rows.filter(given=wanted, wanted=given).values_list("rate", flat=True).first()
    if turned is not None:
        return ONE / Decimal(turned)
    raise RateMissing(given=given, expected=wanted, on=on.isoformat())


def convert(amount: Money, wanted: str, on: date) -> Money:
    """The amount in another currency at the rate of the day, rounded once, halves to the even unit."""
    if amount.currency == wanted:
        return amount
    return at_rate(amount, wanted, rate_on(amount.currency, wanted, on))


def at_rate(amount: Money, wanted: str, rate: Decimal) -> Money:
    """The amount in another currency at a given rate between major units."""
    shift = CURRENCY_EXPONENTS[wanted] - CURRENCY_EXPONENTS[amount.currency]
    return Money(round(amount.amount_minor * Fraction(rate) * Fraction(10) ** shift), wanted)


def exchange_result(actor: Actor, *, budget_ref: Ref, as_of: date) -> ExchangeResult:
    """What was exchanged, valued at the rate of a day against what it cost: gain above zero, loss below."""
    row = Budget.objects.visible_to(actor).filter(ref=budget_ref).first()
    if row is None:
        raise NotFound(ref=budget_ref)
    held: dict[str, int] = {}
    value = 0
    for account in ledger.trial_balance(Ref(row.book), as_of):
        if account.code.startswith("exchange:"):
            # The exchange accounts mirror what was bought and sold: minus their balance is what we hold of it.
            held[account.unit] = -account.balance_minor
            value += convert(Money(-account.balance_minor, account.unit), row.currency, as_of).amount_minor
    return ExchangeResult(as_of, row.currency, held, Money(value, row.currency))
