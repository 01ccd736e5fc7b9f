"""What one unit in kind is worth: rates declared for a place, each from a day on and until the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from jump.base.actors import Actor
from jump.core.in_kind.contributions import DeclaredRate, Gift, gift_value_minor
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Budget, InKindRate
from jump.engines.finance.models.budget_refusals import NoInKindRate
from jump.engines.finance.queries.budgets import budget_row
from jump.engines.finance.types.donors import InKindRateView


@dataclass(frozen=True, slots=True)
class InKindValue:
    """What a quantity is worth, and the rate of one unit that says so."""

    value: Money
    rate: Money


def value_in_kind(row: Budget, *, place: str, what: str, unit: str, quantity: Decimal, on: date) -> InKindValue:
    """Quantity x the rate of the nearest place above, of its day (`core.in_kind.gift_value_minor`)."""
    near = [
        one
        for one in InKindRate.objects.filter(budget=row, what=what, unit=unit, valid_from__lte=on).order_by("id")
        if place.startswith(one.place)
    ]
    if not near:
        raise NoInKindRate(what=what.replace("_", " "), unit=unit.replace("_", " "), on=on.isoformat())
    deepest = max(len(one.place) for one in near)
    here = sorted((one for one in near if len(one.place) == deepest), key=lambda one: one.valid_from)
    ends = [one.valid_from - timedelta(days=1) for one in here[1:]]
    rates = [
        DeclaredRate(what, one.rate_minor, one.valid_from, end) for one, end in zip(here, [*ends, None], strict=True)
    ]
    minor = gift_value_minor(Gift(on, what, quantity), rates)
    last = here[-1]
    return InKindValue(Money(minor, last.currency), Money(last.rate_minor, last.currency))


def in_kind_rates(actor: Actor, *, budget_ref: Ref | None = None) -> list[InKindRateView]:
    """Declared rates, by what is given, the latest first."""
    row = budget_row(actor, budget_ref)
    return [
        InKindRateView(one.what, one.unit, Money(one.rate_minor, one.currency), one.place, one.valid_from, one.source)
        for one in InKindRate.objects.filter(budget=row).order_by("what", "unit", "place", "-valid_from")
    ]
