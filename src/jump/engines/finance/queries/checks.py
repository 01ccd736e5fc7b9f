"""What is asked of every amount and every day that somebody types. For this engine alone."""

from __future__ import annotations

from datetime import date

from jump.base import clock
from jump.core.money import Money
from jump.engines.finance.models.refusals import AmountNotPositive, DayImpossible, WrongCurrency


def check_amount(amount: Money, currency: str) -> None:
    """The amount is in this currency and above zero. Raises WrongCurrency, AmountNotPositive."""
    if amount.currency != currency:
        raise WrongCurrency(expected=currency, given=amount.currency)
    if amount.amount_minor <= 0:
        raise AmountNotPositive(amount_minor=amount.amount_minor)


def check_day(on: date, *, earliest: date, latest: date | None = None) -> None:
    """The day is not before the earliest and not after the latest (today if none). Raises DayImpossible."""
    last = clock.today() if latest is None else latest
    if not earliest <= on <= last:
        raise DayImpossible(on=on.isoformat(), earliest=earliest.isoformat(), latest=last.isoformat())
