"""Movements of a store: buying, contributing, selling, lending and getting back grain, costs, taking back a mistake."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.refusals import BadInput, NotFound
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import CannotNow, GrainOwedLess, LotTwice
from jump.engines.finance.models.refusals import (
    BeforeLastMovement,
    DecisionMissing,
    KeyReused,
    NotPrepared,
    ReceiptUsed,
    SamePerson,
)
from jump.engines.finance.models.stores import GrainLoan, Store, StoreMove
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.stores import check_move, move_view, repaid_of, store_move
from jump.engines.finance.services.store_entries import book_move
from jump.engines.finance.services.stores import due_day, locked_store, margin_of
from jump.engines.finance.types.stores import SeasonState, StoreMoveKind, StoreMoveState, StoreMoveView
from jump.engines.ledger import api as ledger

_TWO_PEOPLE = (StoreMoveKind.BOUGHT, StoreMoveKind.COST, StoreMoveKind.LENT, StoreMoveKind.GIVEN)


def prepare_store_move(
    actor: Actor,
    *,
    store_ref: Ref,
    kind: StoreMoveKind | str,
    on: date,
    key: str,
    quantity_minor: int = 0,
    price: Money | None = None,
    extra: Money | None = None,
    party_ref: Ref | None = None,
    mark: str = "",
    quality: str = "",
    due_on: date | None = None,
    receipt: str = "",
    memo: str = "",
) -> Ref:
    """Prepare what takes money or unpaid grain out of the store: buying, a cost, a loan of grain, a gift.

    Nothing moves before a second person approves it; grain that waits is not promised twice. `price` is for one whole
    unit; `extra` is what sacks, transport and handling cost beside it. `mark` names the
    new lot.
    """
    sort = StoreMoveKind(kind)
    if sort not in _TWO_PEOPLE:
        raise CannotNow(why=_("this is not prepared, it is entered at once"), kind=sort.value)
    with ledger.posting_transaction():
        row = locked_store(actor, store_ref)
        require(actor, "finance.prepare", row.scope.path)
        known = StoreMove.objects.filter(key=key).select_related("store", "loan").first()
        if known is not None:
            return _same(known, row, sort, quantity_minor, on, key).ref
        amount = check_move(
            row, sort, quantity_minor=quantity_minor, on=on, price=price, extra=extra, party_ref=party_ref
        )
        _check_receipt(row, receipt)
        if sort is StoreMoveKind.BOUGHT:
            _check_mark(row, mark)
        if due_on is not None and due_on < on:
            raise BadInput({"due_on": [_("The day must not be before the day of the loan.")]})
        paid = sort in (StoreMoveKind.BOUGHT, StoreMoveKind.COST) and amount is not None
        one = StoreMove.objects.create(
            store=row,
            book=row.book,
            kind=sort.value,
            state=StoreMoveState.PREPARED.value,
            on=on,
            quantity_minor=quantity_minor,
            price_minor=price.amount_minor if price is not None and quantity_minor else None,
            amount_minor=amount.amount_minor if paid and amount is not None else 0,
            party=party_ref or "",
            mark=mark,
            quality=quality,
            due_on=(due_on or due_day(row, on)) if sort is StoreMoveKind.LENT else None,
            receipt=receipt,
            memo=memo[:200],
            prepared_by=actor.key,
            key=key,
        )
        record(actor, "finance.prepare_store_move", one.ref, facts={"store": row.ref, "kind": sort.value})
    return Ref(one.ref)


def approve_store_move(actor: Actor, *, move_ref: Ref, on: date) -> StoreMoveView:
    """Book what was prepared: grain and money move together. Who prepared it does not approve it; it is booked once."""
    with ledger.posting_transaction():
        row, one = locked_move(actor, move_ref)
        require_second(actor, row)
        kind = StoreMoveKind(one.kind)
        if kind not in _TWO_PEOPLE:
            raise CannotNow(why=_("it belongs to an exchange or a count"), kind=one.kind)
        if one.state == StoreMoveState.BOOKED:
            return move_view(one, row)
        if one.state != StoreMoveState.PREPARED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.prepared_by == actor.key:
            raise SamePerson(doing="approve", did="prepare", movement=one.ref)
        check_move(
            row,
            kind,
            quantity_minor=one.quantity_minor,
            on=on,
            price=None,
            extra=Money(one.amount_minor, row.currency),
            party_ref=Ref(one.party) if one.party else None,
            own_minor=0 if kind.is_in else one.quantity_minor,
        )
        one.on, one.booked_by = on, actor.key
        if kind is StoreMoveKind.BOUGHT:
            _check_mark(row, one.mark)
        if kind is StoreMoveKind.LENT:
            one.loan = _open_loan(actor, row, one)
        book_move(actor, row, one)
        record(actor, "finance.approve_store_move", one.ref, facts={"store": row.ref, "kind": one.kind})
        return store_move(actor, Ref(one.ref))


def drop_store_move(actor: Actor, *, move_ref: Ref, why: str) -> None:
    """Give up what was prepared: the grain it promised is free again."""
    with ledger.posting_transaction():
        row, one = locked_move(actor, move_ref)
        require(actor, "finance.prepare", row.scope.path)
        if one.state == StoreMoveState.DROPPED:
            return
        if one.state != StoreMoveState.PREPARED or StoreMoveKind(one.kind) not in _TWO_PEOPLE:
            raise NotPrepared(state=one.state, tranche=one.ref)
        one.state, one.why = StoreMoveState.DROPPED.value, why[:300]
        one.save(update_fields=["state", "why"])
        record(actor, "finance.drop_store_move", one.ref, why=why)


def sell_from_store(
    actor: Actor,
    *,
    store_ref: Ref,
    quantity_minor: int,
    price: Money,
    on: date,
    key: str,
    party_ref: Ref | None = None,
    lot: str = "",
    receipt: str = "",
) -> StoreMoveView:
    """Sell for cash at a price within the declared band, out of the oldest lots unless one is named.

    Refused with the facts where the price is outside the band, the household has used its quota or less is there.
    """
    return _at_once(
        actor,
        store_ref,
        StoreMoveKind.SOLD,
        quantity_minor=quantity_minor,
        price=price,
        on=on,
        key=key,
        party_ref=party_ref,
        lot=lot,
        receipt=receipt,
    )


def contribute_to_store(
    actor: Actor,
    *,
    store_ref: Ref,
    on: date,
    key: str,
    quantity_minor: int = 0,
    price: Money | None = None,
    cash: Money | None = None,
    party_ref: Ref | None = None,
    mark: str = "",
    quality: str = "",
    receipt: str = "",
) -> StoreMoveView:
    """What members put in to begin with: grain as a lot of its own at a declared price, or money into the cash box."""
    if quantity_minor and price is None:
        raise BadInput({"price": [_("Say what one unit is worth.")]})
    return _at_once(
        actor,
        store_ref,
        StoreMoveKind.CONTRIBUTED,
        quantity_minor=quantity_minor,
        price=price if quantity_minor else None,
        extra=None if quantity_minor else cash,
        on=on,
        key=key,
        party_ref=party_ref,
        mark=mark,
        quality=quality,
        receipt=receipt,
    )


def give_back_grain(
    actor: Actor,
    *,
    loan_ref: Ref,
    quantity_minor: int,
    on: date,
    key: str,
    mark: str,
    quality: str = "",
    receipt: str = "",
) -> StoreMoveView:
    """Grain given back on a loan, as a lot of its own. No more is taken than is owed."""
    found = GrainLoan.objects.filter(ref=loan_ref).values_list("store__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=loan_ref)
    with ledger.posting_transaction():
        row = locked_store(actor, Ref(found))
        loan = row.loans.get(ref=loan_ref)
        require(actor, "finance.collect", row.scope.path)
        known = StoreMove.objects.filter(key=key).select_related("store", "loan").first()
        if known is not None:
            return _same(known, row, StoreMoveKind.REPAID, quantity_minor, on, key)
        left = loan.due_minor - repaid_of([loan.pk])[loan.pk][0]
        if quantity_minor > left:
            raise GrainOwedLess(
                open_quantity=left,
                asked_quantity=quantity_minor,
                decimals=row.decimals,
                goods_unit=title_of(row.unit_words),
            )
        check_move(row, StoreMoveKind.REPAID, quantity_minor=quantity_minor, on=on, price=None)
        return _book_new(
            actor,
            row,
            StoreMoveKind.REPAID,
            quantity_minor=quantity_minor,
            on=on,
            key=key,
            party=loan.party,
            loan=loan,
            mark=mark,
            quality=quality,
            receipt=receipt,
        )


def undo_store_move(actor: Actor, *, move_ref: Ref, why: str, on: date, key: str) -> StoreMoveView:
    """Take back the last movement of a store by a reversing entry. Earlier ones wait until the later are undone."""
    with ledger.posting_transaction():
        row, one = locked_move(actor, move_ref)
        require(actor, "finance.collect", row.scope.path)
        if one.state == StoreMoveState.UNDONE:
            return move_view(one, row)
        if StoreMoveKind(one.kind) in (StoreMoveKind.SENT, StoreMoveKind.RECEIVED, StoreMoveKind.LOST):
            raise CannotNow(why=_("it belongs to an exchange or a count"), kind=one.kind)
        if one.state != StoreMoveState.BOOKED:
            raise CannotNow(why=_("it is not booked"), kind=one.kind)
        if one.season is not None and one.season.state != SeasonState.RUNNING:
            raise CannotNow(why=_("its season is closed"), kind=one.kind)
        if not why:
            raise DecisionMissing()
        later = row.moves.filter(state__in=["booked", "prepared"], pk__gt=one.pk).order_by("pk").first()
        if later is not None:
            raise BeforeLastMovement(last_on=later.on.isoformat(), on=one.on.isoformat())
        one.undone_entry = ledger.reverse(actor, entry_ref=Ref(one.entry), why=why, on=on, key=key).ref
        one.state, one.why = StoreMoveState.UNDONE.value, why[:300]
        one.save(update_fields=["undone_entry", "state", "why"])
        one.parts.all().delete()
        record(actor, "finance.undo_store_move", one.ref, why=why)
        return store_move(actor, Ref(one.ref))


# --- for the services of this engine ------------------------------------------------------------------------


def locked_move(actor: Actor, ref: Ref) -> tuple[Store, StoreMove]:
    found = StoreMove.objects.filter(ref=ref).values_list("store__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    row = locked_store(actor, Ref(found))
    return row, row.moves.select_related("loan", "season").get(ref=ref)


def require_second(actor: Actor, row: Store) -> None:
    if not can(actor, "finance.approve", row.scope.path):
        require(actor, "finance.release", row.scope.path)


# --- inside -------------------------------------------------------------------------------------------------


def _at_once(
    actor: Actor,
    store_ref: Ref,
    kind: StoreMoveKind,
    *,
    quantity_minor: int,
    price: Money | None,
    on: date,
    key: str,
    extra: Money | None = None,
    party_ref: Ref | None = None,
    lot: str = "",
    mark: str = "",
    quality: str = "",
    receipt: str = "",
) -> StoreMoveView:
    with ledger.posting_transaction():
        row = locked_store(actor, store_ref)
        require(actor, "finance.collect", row.scope.path)
        known = StoreMove.objects.filter(key=key).select_related("store", "loan").first()
        if known is not None:
            return _same(known, row, kind, quantity_minor, on, key)
        amount = check_move(
            row, kind, quantity_minor=quantity_minor, on=on, price=price, extra=extra, party_ref=party_ref, lot=lot
        )
        assert amount is not None, kind
        return _book_new(
            actor,
            row,
            kind,
            quantity_minor=quantity_minor,
            on=on,
            key=key,
            price=price,
            amount_minor=amount.amount_minor,
            party=str(party_ref or ""),
            mark=lot or mark,
            quality=quality,
            receipt=receipt,
        )


def _book_new(
    actor: Actor,
    row: Store,
    kind: StoreMoveKind,
    *,
    quantity_minor: int,
    on: date,
    key: str,
    price: Money | None = None,
    amount_minor: int = 0,
    party: str = "",
    loan: GrainLoan | None = None,
    mark: str = "",
    quality: str = "",
    receipt: str = "",
) -> StoreMoveView:
    _check_receipt(row, receipt)
    if kind.is_in and quantity_minor:
        _check_mark(row, mark)
    one = StoreMove(
        store=row,
        book=row.book,
        kind=kind.value,
        state=StoreMoveState.BOOKED.value,
        on=on,
        quantity_minor=quantity_minor,
        price_minor=price.amount_minor if price is not None else None,
        amount_minor=amount_minor,
        party=party,
        loan=loan,
        mark=mark,
        quality=quality,
        receipt=receipt,
        prepared_by=actor.key,
        booked_by=actor.key,
        key=key,
    )
    book_move(actor, row, one)
    record(actor, f"finance.store_{kind.value}", one.ref, facts={"store": row.ref, "quantity_minor": quantity_minor})
    return store_move(actor, Ref(one.ref))


def _open_loan(actor: Actor, row: Store, one: StoreMove) -> GrainLoan:
    margin = margin_of(row)
    made = GrainLoan(
        store=row,
        party=one.party,
        lent_minor=one.quantity_minor,
        margin=margin,
        due_minor=rules.grain_due(lent=one.quantity_minor, rate=margin),
        cost_minor=0,  # set when the lots are drawn
        lent_on=one.on,
        due_on=one.due_on or due_day(row, one.on),
    )
    made.account = ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=f"grain_owed:{made.ref}",
        title=f"Grain owed {made.ref}",
        kind="asset",
        unit=row.unit,
        floor_minor=0,
    )
    made.save()
    return made


def _same(known: StoreMove, row: Store, kind: StoreMoveKind, quantity: int, on: date, key: str) -> StoreMoveView:
    if (known.store_id, known.kind, known.quantity_minor) != (row.pk, kind.value, quantity):
        raise KeyReused(key=key)
    if known.on != on and known.prepared_by == known.booked_by:
        raise KeyReused(key=key)
    return move_view(known, row)


def _check_receipt(row: Store, receipt: str) -> None:
    if not receipt:
        return
    used = StoreMove.objects.filter(book=row.book, receipt=receipt, state__in=["prepared", "booked"])
    found = used.values_list("ref", flat=True).first()
    if found is not None:
        raise ReceiptUsed(receipt=receipt, contract=found)


def _check_mark(row: Store, mark: str) -> None:
    if not mark:
        raise BadInput({"mark": [_("Give the lot a mark, for example its day.")]})
    if row.lots.filter(mark=mark).exists():
        raise LotTwice(mark=mark, store=row.ref)
