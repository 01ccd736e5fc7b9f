"""Counts of a store, and the account of a season: what came in, what went out, turnover, loss and result."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.ratios import ratio
from jump.core.units import Ref
from jump.engines.finance.models.stores import StockCount, Store, StoreMove, StoreSeason
from jump.engines.finance.queries.stores import quantity_of, store_row
from jump.engines.finance.types.stores import (
    CountLineView,
    CountState,
    Quantity,
    SeasonState,
    SeasonView,
    StockCountView,
    StoreMoveKind,
    StoreMoveState,
)


def stock_count(actor: Actor, ref: Ref) -> StockCountView:
    """One count with its lots."""
    seen = Store.objects.visible_to(actor).values("pk")
    one = StockCount.objects.filter(ref=ref, store__in=seen).select_related("store", "move").first()
    if one is None:
        raise NotFound(ref=ref)
    return count_view(one.store, one)


def stock_counts(actor: Actor, *, store_ref: Ref, limit: int = 20) -> list[StockCountView]:
    """Counts of a store, the latest first; given-up ones are left out."""
    row = store_row(actor, store_ref)
    rows = row.counts.exclude(state=CountState.DROPPED).select_related("move").prefetch_related("lines__lot")
    return [count_view(row, one) for one in rows.order_by("-on", "-id")[:limit]]


def season(actor: Actor, ref: Ref) -> SeasonView:
    """The account of one season."""
    seen = Store.objects.visible_to(actor).values("pk")
    one = StoreSeason.objects.filter(ref=ref, store__in=seen).select_related("store").first()
    if one is None:
        raise NotFound(ref=ref)
    return season_view(one.store, one)


def seasons(actor: Actor, *, store_ref: Ref, limit: int = 10) -> list[SeasonView]:
    """The seasons of a store, the latest first."""
    row = store_row(actor, store_ref)
    return [season_view(row, one) for one in row.seasons.order_by("-starts_on", "-id")[:limit]]


# --- for the services of this engine ------------------------------------------------------------------------


def count_view(row: Store, one: StockCount) -> StockCountView:
    lines = tuple(
        CountLineView(
            Ref(line.lot.ref),
            line.lot.mark,
            quantity_of(row, line.book_minor),
            quantity_of(row, line.counted_minor),
        )
        for line in sorted(one.lines.select_related("lot"), key=lambda line: line.pk)
    )
    in_book = sum(line.in_book.amount_minor for line in lines)
    counted = sum(line.counted.amount_minor for line in lines)
    found = rules.count_against_book(
        in_book=in_book, counted=counted, share_max=Decimal(row.terms["count_variance_max"])
    )
    return StockCountView(
        ref=Ref(one.ref),
        store_ref=Ref(row.ref),
        on=one.on,
        state=CountState(one.state),
        in_book=quantity_of(row, in_book),
        counted=quantity_of(row, counted),
        variance=found.variance,
        is_for_control=found.is_for_control,
        lines=lines,
        written_by=one.written_by,
        confirmed_by=one.confirmed_by,
        move_ref=Ref(one.move.ref) if one.move else None,
    )


def season_view(row: Store, one: StoreSeason) -> SeasonView:
    """Worked out from the booked movements of its time; a closed season keeps what was decided."""
    moved = _sums(row, one)
    money = _money(row.currency)

    def minor(kind: StoreMoveKind, what: str) -> int:
        return moved.get(kind, {}).get(what, 0)

    came = {kind: quantity_of(row, minor(kind, "quantity")) for kind in StoreMoveKind if kind.is_in}
    went: dict[StoreMoveKind, Quantity] = {
        kind: quantity_of(row, minor(kind, "quantity"))
        for kind in StoreMoveKind
        if not kind.is_in and kind is not StoreMoveKind.COST
    }
    total_in, total_out = _total(came), _total(went)
    lost = minor(StoreMoveKind.LOST, "quantity")
    closing = one.opening_minor + total_in - total_out
    sales = minor(StoreMoveKind.SOLD, "amount") + minor(StoreMoveKind.SENT, "amount")
    cost_of_sales = minor(StoreMoveKind.SOLD, "cost") + minor(StoreMoveKind.SENT, "cost")
    lost_cost, given = minor(StoreMoveKind.LOST, "cost"), minor(StoreMoveKind.GIVEN, "cost")
    costs = minor(StoreMoveKind.COST, "amount")
    result = sales - cost_of_sales - lost_cost - given - costs
    shares = {name: Decimal(part) for name, part in row.terms["result_split"].items()}
    split = rules.split_result(result, shares=shares) if result > 0 else dict.fromkeys(shares, 0)
    if one.state == SeasonState.CLOSED and one.split:
        split = {name: int(part) for name, part in one.split.items()}
    return SeasonView(
        ref=Ref(one.ref),
        store_ref=Ref(row.ref),
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        state=SeasonState(one.state),
        opening=quantity_of(row, one.opening_minor),
        came_in={kind: held for kind, held in came.items() if held.amount_minor},
        went_out={kind: held for kind, held in went.items() if held.amount_minor},
        closing=quantity_of(row, closing),
        sales=money(sales),
        cost_of_sales=money(cost_of_sales),
        lost=money(lost_cost),
        given=money(given),
        costs=money(costs),
        result=money(result),
        turnover=rules.turnover(went_out=total_out - lost, average_stock=Fraction(one.opening_minor + closing, 2)),
        loss_rate=rules.loss_rate(came_in=one.opening_minor + total_in, went_out=total_out - lost, counted=closing),
        loss_target=Decimal(row.terms["loss_target"]),
        repaid_share=_repaid(row, one),
        split={name: money(part) for name, part in split.items()},
        proposed_by=one.proposed_by,
        approved_by=one.approved_by,
        entry_ref=Ref(one.entry) if one.entry else None,
    )


def _sums(row: Store, one: StoreSeason) -> dict[StoreMoveKind, dict[str, int]]:
    """Booked movements of the season by kind. A season begins after the one before it was closed."""
    rows = StoreMove.objects.filter(store=row, state=StoreMoveState.BOOKED, season=one)
    sums = rows.values("kind").annotate(
        quantity=Sum("quantity_minor"), amount=Sum("amount_minor"), cost=Sum("cost_minor")
    )
    return {StoreMoveKind(found["kind"]): _plain(found) for found in sums.order_by()}


def _plain(found: Mapping[str, Any]) -> dict[str, int]:
    return {what: int(found[what] or 0) for what in ("quantity", "amount", "cost")}


def _total(held: Mapping[StoreMoveKind, Quantity]) -> int:
    return sum(one.amount_minor for one in held.values())


def _repaid(row: Store, one: StoreSeason) -> Any:
    """Grain given back over grain that fell due up to the end of the season."""
    until = one.ends_on or clock.today()
    due = row.loans.filter(due_on__gte=one.starts_on, due_on__lte=until)
    due = due.filter(moves__kind=StoreMoveKind.LENT, moves__state=StoreMoveState.BOOKED).distinct()
    owed = sum(due.values_list("due_minor", flat=True))
    back = StoreMove.objects.filter(loan__in=due, kind=StoreMoveKind.REPAID, state=StoreMoveState.BOOKED)
    return ratio(sum(back.values_list("quantity_minor", flat=True)), owed)


def _money(currency: str) -> Any:
    return lambda amount_minor: Money(int(amount_minor), currency)
