"""Counting a store with two people, and closing a season's account with two people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.refusals import BadInput, NotFound
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import CannotNow, CountAboveBook, CountMissing
from jump.engines.finance.models.refusals import KeyReused, NotPrepared, SamePerson
from jump.engines.finance.models.stores import StockCount, StockCountLine, Store, StoreMove, StoreSeason
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.store_counts import count_view, season_view
from jump.engines.finance.queries.stores import (
    check_store_day,
    drawn,
    last_day,
    lots_of,
    promised_minor,
    running_season,
    stock_minor,
)
from jump.engines.finance.services.store_entries import book_move, money_account
from jump.engines.finance.services.store_moves import require_second
from jump.engines.finance.services.stores import locked_store
from jump.engines.finance.types.stores import (
    CountState,
    LotPart,
    SeasonState,
    SeasonView,
    StockCountView,
    StoreMoveKind,
    StoreMoveState,
)
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def write_count(actor: Actor, *, store_ref: Ref, counted: Mapping[Ref, int], on: date, key: str) -> Ref:
    """Write down what was counted of every lot in which the book has something. Nothing is booked before a second
    person confirms it. Refused where more is counted than can be there: then a receipt is missing in the book.
    """
    with ledger.posting_transaction():
        row = locked_store(actor, store_ref)
        require(actor, "finance.prepare", row.scope.path)
        known = StockCount.objects.filter(key=key).first()
        if known is not None:
            if known.store_id != row.pk:
                raise KeyReused(key=key)
            return Ref(known.ref)
        check_store_day(row, on)
        if row.counts.filter(state=CountState.WRITTEN).exists():
            raise CannotNow(why=_("a count waits to be confirmed"))
        lots = lots_of(row)
        missing = [one.mark for one in lots if one.ref not in counted]
        if missing or not lots:
            raise BadInput({"lots": [_("Count every lot: %(marks)s.") % {"marks": ", ".join(missing) or "–"}]})
        for one in lots:
            _check_line(row, one.mark, one.left.amount_minor, counted[one.ref])
        made = StockCount.objects.create(store=row, on=on, written_by=actor.key, key=key)
        pks = dict(row.lots.values_list("ref", "pk"))
        StockCountLine.objects.bulk_create(
            StockCountLine(
                count=made, lot_id=pks[one.ref], book_minor=one.left.amount_minor, counted_minor=counted[one.ref]
            )
            for one in lots
        )
        record(actor, "finance.write_count", made.ref, facts={"store": row.ref})
    return Ref(made.ref)


def confirm_count(actor: Actor, *, count_ref: Ref, on: date) -> StockCountView:
    """Confirm a count as the second person: what is missing is booked as lost, lot by lot, in grain and at cost."""
    with ledger.posting_transaction():
        row, count = _locked_count(actor, count_ref)
        require_second(actor, row)
        if count.state == CountState.CONFIRMED:
            return count_view(row, count)
        if count.state != CountState.WRITTEN:
            raise NotPrepared(state=count.state, tranche=count.ref)
        if count.written_by == actor.key:
            raise SamePerson(doing="confirm", did="count", movement=count.ref)
        check_store_day(row, on)
        lots = {one.ref: one for one in lots_of(row)}
        parts: list[LotPart] = []
        for line in count.lines.select_related("lot").order_by("id"):
            lot = lots.get(Ref(line.lot.ref))
            held = lot.left.amount_minor if lot is not None else 0
            if held != line.book_minor:
                raise CannotNow(why=_("something moved since it was counted"))
            short = held - line.counted_minor
            if short and lot is not None:
                parts += drawn(row, [lot], short)
        if parts:
            one = StoreMove(
                store=row,
                book=row.book,
                kind=StoreMoveKind.LOST.value,
                state=StoreMoveState.BOOKED.value,
                on=on,
                quantity_minor=sum(part.quantity.amount_minor for part in parts),
                prepared_by=count.written_by,
                booked_by=actor.key,
                key=f"count:{count.ref}",
            )
            book_move(actor, row, one, parts=parts)
            count.move = one
        count.state, count.confirmed_by, count.on = CountState.CONFIRMED.value, actor.key, on
        count.save()
        record(actor, "finance.confirm_count", count.ref, facts={"store": row.ref})
        return count_view(row, count)


def drop_count(actor: Actor, *, count_ref: Ref, why: str) -> None:
    """Give up a count that nobody confirmed."""
    with ledger.posting_transaction():
        row, count = _locked_count(actor, count_ref)
        require(actor, "finance.prepare", row.scope.path)
        if count.state == CountState.DROPPED:
            return
        if count.state != CountState.WRITTEN:
            raise NotPrepared(state=count.state, tranche=count.ref)
        count.state, count.why = CountState.DROPPED.value, why[:300]
        count.save(update_fields=["state", "why"])
        record(actor, "finance.drop_count", count.ref, why=why)


def propose_season_close(actor: Actor, *, store_ref: Ref, on: date) -> SeasonView:
    """Propose to close the running season: everything is booked, and the store was counted after the last movement."""
    with ledger.posting_transaction():
        row = locked_store(actor, store_ref)
        require(actor, "finance.prepare", row.scope.path)
        season = _running(row)
        if season.state == SeasonState.PROPOSED:
            return season_view(row, season)
        _check_close(row, season, on)
        season.state, season.ends_on, season.proposed_by = SeasonState.PROPOSED.value, on, actor.key
        season.save(update_fields=["state", "ends_on", "proposed_by"])
        record(actor, "finance.propose_season_close", season.ref, facts={"store": row.ref})
        return season_view(row, season)


def close_season(actor: Actor, *, season_ref: Ref) -> SeasonView:
    """Close a season as the second person: its result is shared by the assembly's parts, a loss goes to the stock's
    capital, and the next season begins the day after with what is left.
    """
    with ledger.posting_transaction():
        found = StoreSeason.objects.filter(ref=season_ref).values_list("store__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=season_ref)
        row = locked_store(actor, Ref(found))
        season = row.seasons.get(ref=season_ref)
        require_second(actor, row)
        if season.state == SeasonState.CLOSED:
            return season_view(row, season)
        if season.state != SeasonState.PROPOSED or season.ends_on is None:
            raise CannotNow(why=_("nobody has proposed to close the season"))
        if season.proposed_by == actor.key:
            raise SamePerson(doing="close", did="propose", movement=season.ref)
        _check_close(row, season, season.ends_on)
        view = season_view(row, season)
        split = {name: part.amount_minor for name, part in view.split.items()}
        season.result_minor, season.split = view.result.amount_minor, split
        season.closing_minor = view.closing.amount_minor
        season.entry = _book_close(actor, row, season, view)
        season.state, season.approved_by = SeasonState.CLOSED.value, actor.key
        season.save()
        StoreSeason.objects.create(
            store=row,
            starts_on=season.ends_on,
            opening_minor=view.closing.amount_minor,
            key=f"{season.ref}:next",
        )
        record(actor, "finance.close_season", season.ref, facts={"result_minor": season.result_minor})
        return season_view(row, season)


def drop_season_close(actor: Actor, *, season_ref: Ref) -> None:
    """Give up a proposal to close a season, so that movements may be entered again."""
    with ledger.posting_transaction():
        found = StoreSeason.objects.filter(ref=season_ref).values_list("store__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=season_ref)
        row = locked_store(actor, Ref(found))
        require(actor, "finance.prepare", row.scope.path)
        season = row.seasons.get(ref=season_ref)
        if season.state == SeasonState.CLOSED:
            raise CannotNow(why=_("its season is closed"))
        season.state, season.ends_on, season.proposed_by = SeasonState.RUNNING.value, None, ""
        season.save(update_fields=["state", "ends_on", "proposed_by"])
        record(actor, "finance.drop_season_close", season.ref, facts={"store": row.ref})


# --- inside -------------------------------------------------------------------------------------------------


def _locked_count(actor: Actor, ref: Ref) -> tuple[Store, StockCount]:
    found = StockCount.objects.filter(ref=ref).values_list("store__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    row = locked_store(actor, Ref(found))
    return row, row.counts.get(ref=ref)


def _check_line(row: Store, mark: str, book: int, counted: int) -> None:
    if counted < 0:
        raise BadInput({"lots": [_("A count is not below zero.")]})
    if counted > book:
        raise CountAboveBook(
            mark=mark,
            counted_quantity=counted,
            book_quantity=book,
            decimals=row.decimals,
            goods_unit=title_of(row.unit_words),
        )


def _running(row: Store) -> StoreSeason:
    season = running_season(row)
    if season is None:
        raise NotFound(ref=f"season of {row.ref}")
    return season


def _check_close(row: Store, season: StoreSeason, on: date) -> None:
    check_store_day(row, on)
    if promised_minor(row) or row.moves.filter(state=StoreMoveState.PREPARED).exists():
        raise CannotNow(why=_("something waits for a second person"))
    last = last_day(row)
    if last is None or not stock_minor(row):
        return
    count = row.counts.filter(state=CountState.CONFIRMED, on__gte=last).order_by("-id").first()
    if count is None or sum(count.lines.values_list("counted_minor", flat=True)) != stock_minor(row):
        raise CountMissing(last_on=last.isoformat(), store=row.ref)


def _book_close(actor: Actor, row: Store, season: StoreSeason, view: SeasonView) -> str:
    """Income and expense of the season go to the parts that the assembly decided; nothing is left over."""
    place = {"place": row.scope.path}
    lines = [
        Line(money_account(actor, row, name), -amount, place)
        for name, amount in (
            ("sales", -view.sales.amount_minor),
            ("cost_of_sales", view.cost_of_sales.amount_minor),
            ("lost", view.lost.amount_minor),
            ("given", view.given.amount_minor),
            ("costs", view.costs.amount_minor),
        )
        if amount
    ]
    if not lines:
        return ""
    if view.result.amount_minor < 0:
        lines.append(Line(_part_account(actor, row, "loss", floor=None), -view.result.amount_minor, place))
    for name, part in view.split.items():
        if part.amount_minor:
            lines.append(Line(_part_account(actor, row, name, floor=0), -part.amount_minor, place))
    if len(lines) < 2:
        return ""
    entry = ledger.post(
        actor,
        book_ref=Ref(row.book),
        memo=f"Closing of season {season.ref} of {row.ref}",
        occurred_on=season.ends_on or season.starts_on,
        lines=lines,
        source_ref=Ref(season.ref),
        key=f"season:{season.ref}",
    )
    return entry.ref


def _part_account(actor: Actor, row: Store, name: str, *, floor: int | None) -> Ref:
    return ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=f"result_{name}:{row.ref}",
        title=f"Result: {name}, {row.ref}",
        kind="equity",
        unit=row.currency,
        floor_minor=floor,
    )
