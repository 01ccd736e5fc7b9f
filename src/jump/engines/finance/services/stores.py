"""Stores in kind: opening one, declaring its prices, and every movement of grain with its money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.scopes import node_id
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import BandImpossible
from jump.engines.finance.models.refusals import AmountNotPositive, DayImpossible, KeyReused, WrongCurrency
from jump.engines.finance.models.stores import PriceBand, Store, StoreSeason
from jump.engines.finance.queries.stores import band_view, store_row
from jump.engines.finance.services.savings import group_book, product_of
from jump.engines.finance.types.savings import ProductKind
from jump.engines.finance.types.stores import Band
from jump.engines.ledger import api as ledger

# What a product leaves out. Every figure is a default of ours that a package or a store may set (methods 10, 10.2).
TERMS: Mapping[str, str] = {
    "credit_margin": "0.30",
    "credit_months": "5",
    "sale_margin": "0.10",
    "market_share": "0.85",
    "quota_minor": "0",
    "quota_days": "15",
    "loss_target": "0.02",
    "count_variance_max": "0.03",
}


def open_store(
    actor: Actor,
    *,
    product: str,
    title: str,
    owner_ref: Ref,
    scope: str,
    currency: str,
    on: date,
    key: str,
    terms: Mapping[str, str | int] | None = None,
) -> Ref:
    """Open a store of a group in the group's own book, and its first season.

    The product's terms are copied and stay with the store if the package changes; `terms` may set other ones.
    """
    declared = product_of(product, ProductKind.STORE)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = Store.objects.filter(key=key).first()
        if known is not None:
            if (known.product, known.owner) != (declared.id, str(owner_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if on > clock.today():
            raise DayImpossible(on=on.isoformat(), earliest="", latest=clock.today().isoformat())
        Money.zero(currency)
        said = declared.data["store"]
        agreed = {name: str(said.get(name, usual)) for name, usual in TERMS.items()}
        agreed |= {name: str(value) for name, value in (terms or {}).items() if name in TERMS}
        row = Store.objects.create(
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            title=title[:200],
            goods=dict(said["goods"]),
            owner=owner_ref,
            book=group_book(actor, owner_ref, scope, currency),
            unit=said["unit"],
            decimals=ledger.unit(said["unit"]).decimals,
            unit_words=dict(said["unit_words"]),
            currency=currency,
            terms=agreed | {"result_split": dict(said["result_split"])},
            opened_on=on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        StoreSeason.objects.create(store=row, starts_on=on, key=f"{key}:season")
        record(actor, "finance.open_store", row.ref, facts={"product": declared.id, "owner": str(owner_ref)})
    return Ref(row.ref)


def declare_band(
    actor: Actor,
    *,
    store_ref: Ref,
    floor: Money,
    ceiling: Money,
    valid_from: date,
    key: str,
    decision_ref: Ref | None = None,
    basis: Mapping[str, str] | None = None,
) -> Band:
    """Declare between which prices the store sells from a day on, with what the assembly decided it on."""
    with ledger.posting_transaction():
        row = lock(store_row(actor, store_ref))
        require(actor, "finance.prepare", row.scope.path)
        return _declare(
            actor,
            key=key,
            store=row,
            scope_id=row.scope_id,
            unit=row.unit,
            currency=row.currency,
            floor=floor,
            ceiling=ceiling,
            valid_from=valid_from,
            decision_ref=decision_ref,
            basis=basis,
        )


def declare_place_band(
    actor: Actor,
    *,
    scope: str,
    unit: str,
    floor: Money,
    ceiling: Money,
    valid_from: date,
    key: str,
    decision_ref: Ref | None = None,
    basis: Mapping[str, str] | None = None,
) -> Band:
    """Declare between which prices stores at a place trade with each other: no trade outside it."""
    require(actor, "finance.approve", scope)
    with ledger.posting_transaction():
        ledger.unit(unit)
        return _declare(
            actor,
            key=key,
            store=None,
            scope_id=node_id(scope),
            unit=unit,
            currency=floor.currency,
            floor=floor,
            ceiling=ceiling,
            valid_from=valid_from,
            decision_ref=decision_ref,
            basis=basis,
        )


def _declare(
    actor: Actor,
    *,
    key: str,
    store: Store | None,
    scope_id: int,
    unit: str,
    currency: str,
    floor: Money,
    ceiling: Money,
    valid_from: date,
    decision_ref: Ref | None,
    basis: Mapping[str, str] | None,
) -> Band:
    known = PriceBand.objects.filter(key=key).first()
    if known is not None:
        if (known.floor_minor, known.ceiling_minor) != (floor.amount_minor, ceiling.amount_minor):
            raise KeyReused(key=key)
        return band_view(known)
    for given in (floor, ceiling):
        if given.currency != currency:
            raise WrongCurrency(expected=currency, given=given.currency)
    if floor.amount_minor <= 0:
        raise AmountNotPositive(amount_minor=floor.amount_minor)
    if floor.amount_minor > ceiling.amount_minor:
        raise BandImpossible(floor_minor=floor.amount_minor, ceiling_minor=ceiling.amount_minor, currency=currency)
    made = PriceBand.objects.create(
        store=store,
        scope_id=scope_id,
        unit=unit,
        currency=currency,
        floor_minor=floor.amount_minor,
        ceiling_minor=ceiling.amount_minor,
        valid_from=valid_from,
        basis=dict(basis or {}),
        decision=decision_ref or "",
        declared_by=actor.key,
        key=key,
    )
    record(
        actor,
        "finance.declare_band",
        made.ref,
        facts={"floor_minor": floor.amount_minor, "ceiling_minor": ceiling.amount_minor},
    )
    return band_view(made)


# --- for the services of this engine ------------------------------------------------------------------------


def locked_store(actor: Actor, ref: Ref) -> Store:
    return lock(store_row(actor, ref))


def margin_of(row: Store) -> Decimal:
    return Decimal(row.terms["credit_margin"])


def due_day(row: Store, on: date) -> date:
    return add_months(on, int(row.terms["credit_months"]))
