"""The entry of one movement of a store: grain by lot, in its unit, and money or value, in its currency, together."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import CannotNow
from jump.engines.finance.models.stores import LotMove, StockLot, Store, StoreMove
from jump.engines.finance.queries.stores import drawn, lot_accounts, lots_of, repaid_of, running_season
from jump.engines.finance.services.own_accounts import Declared, own_account
from jump.engines.finance.types.stores import LotPart, SeasonState, StoreMoveKind, StoreMoveState
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

# Accounts of one store in its currency: code before the colon, title, kind, the least it may hold.
_MONEY: Declared = {
    "stock": ("Goods in store, at cost", "asset", 0),
    "lent": ("Grain lent, at cost", "asset", 0),
    "capital": ("Put in by members", "equity", 0),
    "sales": ("Sales", "income", None),
    "cost_of_sales": ("Cost of what was sold", "expense", None),
    "lost": ("Lost, at cost", "expense", None),
    "given": ("Given to the poorest, at cost", "expense", None),
    "costs": ("Costs of the store", "expense", None),
}
# Where the value of what leaves goes to.
_VALUE_TO: dict[StoreMoveKind, str] = {
    StoreMoveKind.SOLD: "cost_of_sales",
    StoreMoveKind.SENT: "cost_of_sales",
    StoreMoveKind.LENT: "lent",
    StoreMoveKind.GIVEN: "given",
    StoreMoveKind.LOST: "lost",
}


def book_move(actor: Actor, row: Store, one: StoreMove, *, parts: Sequence[LotPart] | None = None) -> None:
    """Book a movement of a locked store, once the right to do so is checked, and save it with its lots.

    What goes out is taken from the oldest lots, or from the one that `one.mark` names, or from `parts`.
    """
    kind = StoreMoveKind(one.kind)
    season = running_season(row)
    if season is not None and season.state == SeasonState.PROPOSED:
        raise CannotNow(why=_("the season is being closed"), season=season.ref)
    one.season = season
    lines: list[Line] = []
    came: StockLot | None = None
    if kind.is_in and one.quantity_minor:
        one.cost_minor = _cost_of_what_came(one, kind)
        came = _new_lot(actor, row, one)
        lines += _grain_in(actor, row, one, came, kind)
    elif not kind.is_in and one.quantity_minor:
        if parts is None:
            parts = drawn(row, lots_of(row), one.quantity_minor, lot=one.mark)
        one.cost_minor = sum(part.cost.amount_minor for part in parts)
        lines += _grain_out(actor, row, one, parts, kind)
    lines += _money(actor, row, one, kind)
    entry = ledger.post(
        actor,
        book_ref=Ref(row.book),
        memo=f"{kind.value.capitalize()} {one.ref} of {row.ref}",
        occurred_on=one.on,
        lines=lines,
        source_ref=Ref(one.ref),
        key=f"store:{one.ref}",
    )
    one.entry, one.state = entry.ref, StoreMoveState.BOOKED.value
    if kind is StoreMoveKind.LENT and one.loan is not None:
        one.loan.cost_minor = one.cost_minor
        one.loan.save(update_fields=["cost_minor"])
    one.save()
    if came is not None:
        came.save()
        LotMove.objects.create(move=one, lot=came, quantity_minor=one.quantity_minor, cost_minor=one.cost_minor)
    elif parts:
        lots = dict(StockLot.objects.filter(ref__in=[part.lot_ref for part in parts]).values_list("ref", "pk"))
        LotMove.objects.bulk_create(
            LotMove(
                move=one,
                lot_id=lots[part.lot_ref],
                quantity_minor=-part.quantity.amount_minor,
                cost_minor=-part.cost.amount_minor,
            )
            for part in parts
        )


def money_account(actor: Actor, row: Store, name: str) -> Ref:
    """One of the store's accounts in its currency."""
    return own_account(actor, row, name, _MONEY)


def _cost_of_what_came(one: StoreMove, kind: StoreMoveKind) -> int:
    """What a receipt cost: what was paid for it, or, for grain given back, its part of what the loan had cost."""
    if kind is not StoreMoveKind.REPAID or one.loan is None:
        return one.amount_minor
    repaid, cost_back = repaid_of([one.loan.pk])[one.loan.pk]
    owed, cost_left = one.loan.due_minor - repaid, one.loan.cost_minor - cost_back
    return cost_left if one.quantity_minor == owed else cost_left * one.quantity_minor // owed


def _new_lot(actor: Actor, row: Store, one: StoreMove) -> StockLot:
    made = StockLot(
        store=row,
        mark=one.mark,
        kind=one.kind,
        quality=one.quality,
        received_on=one.on,
        received_minor=one.quantity_minor,
    )
    made.account = ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=f"lot:{made.ref}",
        title=f"Lot {made.ref} of {row.ref}",
        kind="asset",
        unit=row.unit,
        floor_minor=0,
    )
    return made


def _grain_in(actor: Actor, row: Store, one: StoreMove, lot: StockLot, kind: StoreMoveKind) -> list[Line]:
    lines = [Line(Ref(lot.account), one.quantity_minor)]
    if kind is StoreMoveKind.REPAID and one.loan is not None:
        return [*lines, Line(Ref(one.loan.account), -one.quantity_minor)]
    return [*lines, Line(_grain_account(actor, row, kind.value, "income"), -one.quantity_minor)]


def _grain_out(actor: Actor, row: Store, one: StoreMove, parts: Sequence[LotPart], kind: StoreMoveKind) -> list[Line]:
    accounts = lot_accounts(part.lot_ref for part in parts)
    lines = [Line(accounts[part.lot_ref], -part.quantity.amount_minor) for part in parts]
    if kind is not StoreMoveKind.LENT or one.loan is None:
        return [*lines, Line(_grain_account(actor, row, kind.value, "expense"), one.quantity_minor)]
    margin = one.loan.due_minor - one.quantity_minor
    lines.append(Line(Ref(one.loan.account), one.loan.due_minor))
    if margin:
        lines.append(Line(_grain_account(actor, row, "margin", "income"), -margin))
    return lines


def _grain_account(actor: Actor, row: Store, name: str, kind: str) -> Ref:
    return ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=f"grain_{name}:{row.ref}",
        title=f"Goods {name}, {row.ref}",
        kind=kind,
        unit=row.unit,
    )


def _money(actor: Actor, row: Store, one: StoreMove, kind: StoreMoveKind) -> list[Line]:
    """Cash against sales, goods, capital or costs; and what the goods had cost, where they are now."""
    place = {"place": row.scope.path}
    cash = ledger.account(Ref(row.book), "cash").ref

    def pair(debit: Ref, credit: Ref, amount: int) -> list[Line]:
        return [Line(debit, amount, place), Line(credit, -amount, place)] if amount else []

    def account(name: str) -> Ref:
        return money_account(actor, row, name)

    if kind in (StoreMoveKind.BOUGHT, StoreMoveKind.RECEIVED):
        return pair(account("stock"), cash, one.amount_minor)
    if kind is StoreMoveKind.COST:
        return pair(account("costs"), cash, one.amount_minor)
    if kind is StoreMoveKind.CONTRIBUTED:
        return pair(account("stock") if one.quantity_minor else cash, account("capital"), one.amount_minor)
    if kind is StoreMoveKind.REPAID:
        return pair(account("stock"), account("lent"), one.cost_minor)
    lines = pair(account(_VALUE_TO[kind]), account("stock"), one.cost_minor)
    if kind in (StoreMoveKind.SOLD, StoreMoveKind.SENT):
        lines += pair(cash, account("sales"), one.amount_minor)
    return lines
