"""Donors and partners of a budget or a fund: what was promised, what came, what it was used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    BudgetContribution,
    FundingPledge,
)
from jump.engines.finance.queries.budgets import budget_row
from jump.engines.finance.types.donors import ContributionRow, PledgeKind, PledgeView
from jump.engines.ledger import api as ledger


def pledge_row(actor: Actor, ref: Ref) -> FundingPledge:
    """The row behind a reference, if this actor may see it."""
    rows = FundingPledge.objects.visible_to(actor).select_related("scope", "budget__scope")
    row: FundingPledge | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def funding_pledges(
    actor: Actor, *, budget_ref: Ref | None = None, kind: str = "", party_ref: Ref | None = None
) -> list[PledgeView]:
    """Promises to a budget with what came of each, by source and day. Three statements, however many promises."""
    row = budget_row(actor, budget_ref)
    wanted = {"kind": kind, "party": party_ref}
    rows = FundingPledge.objects.visible_to(actor).filter(
        budget=row, **{name: value for name, value in wanted.items() if value}
    )
    return _pledge_views(rows.select_related("scope", "budget").order_by("source", "on", "id"))


def funding_pledge(actor: Actor, ref: Ref) -> PledgeView:
    """One promise."""
    rows = FundingPledge.objects.visible_to(actor).filter(ref=ref).select_related("scope", "budget")
    for view in _pledge_views(rows):
        return view
    raise NotFound(ref=ref)


def _pledge_views(rows: Any) -> list[PledgeView]:
    found = list(rows)
    sums = {
        pk: (int(amount), int(given), int(quantity))
        for pk, amount, given, quantity in BudgetContribution.objects.filter(pledge__in=[one.pk for one in found])
        .values_list("pledge_id")
        .annotate(Sum("amount_minor"), Sum("given_minor"), Sum("quantity_minor"))
    }
    units = _units([one.unit for one in found])
    views = []
    for one in found:
        amount, given, quantity = sums.get(one.pk, (0, 0, 0))
        currency = one.budget.currency
        views.append(
            PledgeView(
                ref=Ref(one.ref),
                budget_ref=Ref(one.budget.ref),
                party_ref=Ref(one.party),
                source=one.source,
                kind=PledgeKind(one.kind),
                what=one.what,
                unit=one.unit,
                quantity=_quantity(one.quantity_minor, one.unit, units),
                came_quantity=_quantity(quantity, one.unit, units),
                pledged=Money(one.amount_minor, currency),
                came=Money(amount, currency),
                given_pledged=Money(one.given_minor, one.given_currency),
                given_came=Money(given, one.given_currency),
                earmark=one.earmark,
                on=one.on,
                until=one.until,
                scope=one.scope.path,
                note=one.note,
                proof_ref=Ref(one.proof) if one.proof else None,
            )
        )
    return views


def contributions(
    actor: Actor,
    *,
    budget_ref: Ref | None = None,
    pledge_ref: Ref | None = None,
    source: str = "",
    in_kind: bool | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[ContributionRow]:
    """What came in for a budget, the latest first. Money and kind are never added up with each other."""
    rows = _contributions(actor, budget_ref, pledge_ref, source, in_kind)
    page = rows.select_related("scope", "budget", "pledge").order_by("-on", "-id")[offset : offset + limit]
    found = list(page)
    units = _units([one.unit for one in found])
    return [
        ContributionRow(
            ref=Ref(one.ref),
            pledge_ref=Ref(one.pledge.ref) if one.pledge else None,
            party_ref=Ref(one.party) if one.party else None,
            source=one.source,
            kind=PledgeKind(one.kind),
            what=one.what,
            unit=one.unit,
            quantity=_quantity(one.quantity_minor, one.unit, units),
            amount=Money(one.amount_minor, one.budget.currency),
            given=Money(one.given_minor, one.given_currency),
            unit_rate=Money(one.rate_minor, one.given_currency) if one.rate_minor else None,
            scope=one.scope.path,
            on=one.on,
            entry_ref=Ref(one.entry),
            proof_ref=Ref(one.proof) if one.proof else None,
        )
        for one in found
    ]


def count_contributions(
    actor: Actor,
    *,
    budget_ref: Ref | None = None,
    pledge_ref: Ref | None = None,
    source: str = "",
    in_kind: bool | None = None,
) -> int:
    """How many there are for `contributions`."""
    return int(_contributions(actor, budget_ref, pledge_ref, source, in_kind).count())


def _contributions(
    actor: Actor, budget_ref: Ref | None, pledge_ref: Ref | None, source: str, in_kind: bool | None
) -> Any:
    rows = BudgetContribution.objects.visible_to(actor).filter(budget=budget_row(actor, budget_ref))
    if in_kind is not None:
        money = PledgeKind.MONEY.value
        rows = rows.exclude(kind=money) if in_kind else rows.filter(kind=money)
    wanted = {"pledge__ref": pledge_ref, "source": source}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def in_kind_total(actor: Actor, *, as_of: date, budget_ref: Ref | None = None) -> Money:
    """The value of everything that came in kind: a figure beside cash, never in it."""
    row = budget_row(actor, budget_ref)
    rows = _contributions(actor, Ref(row.ref), None, "", True).filter(on__lte=as_of)
    return Money(int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0), row.currency)


def _units(codes: Sequence[str]) -> dict[str, int]:
    return ledger.decimals_of() if any(codes) else {}


def _quantity(minor: int, unit: str, units: Mapping[str, int]) -> Decimal:
    return Decimal(minor).scaleb(-units[unit]) if unit else Decimal(0)
