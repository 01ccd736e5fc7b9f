"""Stores in kind as they stand: lots, price bands, movements, loans of grain, and what a movement would do."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import (
    BandImpossible,
    BandMissing,
    PriceOutsideBand,
    QuotaUsed,
    StockShort,
)
from jump.engines.finance.models.refusals import (
    AmountNotPositive,
    BeforeLastMovement,
    WrongCurrency,
)
from jump.engines.finance.models.stores import GrainLoan, LotMove, PriceBand, StockLot, Store, StoreMove, StoreSeason
from jump.engines.finance.queries.checks import check_day
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.stores import (
    Band,
    GrainLoanView,
    LotPart,
    LotView,
    Quantity,
    StoreMoveKind,
    StoreMoveState,
    StoreMoveView,
    StorePreview,
    StoreRow,
    StoreView,
)
from jump.engines.ledger import api as ledger

_LEAVES = (StoreMoveKind.SOLD, StoreMoveKind.LENT, StoreMoveKind.SENT, StoreMoveKind.GIVEN, StoreMoveKind.LOST)
_CASH_IN = (StoreMoveKind.SOLD, StoreMoveKind.SENT, StoreMoveKind.CONTRIBUTED)


def store_row(actor: Actor, ref: Ref) -> Store:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: Store | None = Store.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def store(actor: Actor, ref: Ref) -> StoreView:
    """One store as it stands today."""
    row = store_row(actor, ref)
    lots = lots_of(row)
    season = row.seasons.exclude(state="closed").values_list("ref", flat=True).first()
    owed = sum(one.open.amount_minor for one in _loan_views(row, row.loans.all()))
    return StoreView(
        ref=Ref(row.ref),
        product=row.product,
        product_title=title_of(row.product_title),
        title=row.title,
        goods=title_of(row.goods),
        owner_ref=Ref(row.owner),
        scope=row.scope.path,
        unit=row.unit,
        currency=row.currency,
        terms=row.terms,
        opened_on=row.opened_on,
        book_ref=Ref(row.book),
        stock=quantity_of(row, sum(one.left.amount_minor for one in lots)),
        stock_cost=Money(sum(one.cost_left.amount_minor for one in lots), row.currency),
        cash=Money(cash_minor(row), row.currency),
        grain_owed=quantity_of(row, owed),
        band=band_on(row, clock.today()),
        lots=lots,
        season_ref=Ref(season) if season else None,
    )


def stores(actor: Actor, *, scope: str = "", owner_ref: Ref | None = None, limit: int = 50) -> list[StoreRow]:
    """Stores, the newest first, with what lies in them. Two statements."""
    rows = Store.objects.visible_to(actor).under(scope).select_related("scope")
    if owner_ref is not None:
        rows = rows.filter(owner=owner_ref)
    page = list(rows.order_by("-opened_on", "-id")[:limit])
    held = dict(
        LotMove.objects.filter(lot__store_id__in=[row.pk for row in page])
        .values_list("lot__store_id")
        .annotate(Sum("quantity_minor"))
        .order_by()
    )
    return [
        StoreRow(
            ref=Ref(row.ref),
            title=row.title,
            goods=title_of(row.goods),
            owner_ref=Ref(row.owner),
            scope=row.scope.path,
            stock=quantity_of(row, held.get(row.pk, 0)),
            opened_on=row.opened_on,
        )
        for row in page
    ]


def store_moves(actor: Actor, *, store_ref: Ref, limit: int = 50, offset: int = 0) -> list[StoreMoveView]:
    """Movements of a store, the latest first, each with the lots it touched."""
    row = store_row(actor, store_ref)
    page = row.moves.select_related("loan").order_by("-on", "-id")[offset : offset + limit]
    return [move_view(one, row) for one in page.prefetch_related("parts__lot")]


def count_store_moves(actor: Actor, *, store_ref: Ref) -> int:
    return int(store_row(actor, store_ref).moves.count())


def store_move(actor: Actor, ref: Ref) -> StoreMoveView:
    """One movement with its lots."""
    seen = Store.objects.visible_to(actor).values("pk")
    found = StoreMove.objects.filter(ref=ref, store__in=seen).select_related("store", "loan")
    one = found.prefetch_related("parts__lot").first()
    if one is None:
        raise NotFound(ref=ref)
    return move_view(one, one.store)


def store_moves_waiting(actor: Actor, *, store_ref: Ref | None = None, scope: str = "") -> list[StoreMoveView]:
    """Movements that one person prepared and a second one has to approve, oldest first."""
    seen = Store.objects.visible_to(actor).under(scope)
    rows = StoreMove.objects.filter(store__in=seen.values("pk"), state=StoreMoveState.PREPARED)
    if store_ref is not None:
        rows = rows.filter(store__ref=store_ref)
    rows = rows.exclude(kind__in=[StoreMoveKind.SENT, StoreMoveKind.RECEIVED]).select_related("store", "loan")
    return [move_view(one, one.store) for one in rows.prefetch_related("parts__lot").order_by("on", "id")]


def grain_loans(actor: Actor, *, store_ref: Ref, open_only: bool = False) -> list[GrainLoanView]:
    """Loans of grain of a store, the earliest due day first."""
    row = store_row(actor, store_ref)
    found = _loan_views(row, row.loans.order_by("due_on", "id"))
    return [one for one in found if one.open.amount_minor or not open_only]


def grain_loan(actor: Actor, ref: Ref) -> GrainLoanView:
    seen = Store.objects.visible_to(actor).values("pk")
    one = GrainLoan.objects.filter(ref=ref, store__in=seen).select_related("store").first()
    if one is None:
        raise NotFound(ref=ref)
    return _loan_views(one.store, [one])[0]


def suggested_band(actor: Actor, *, store_ref: Ref, market_price: Money) -> tuple[Money, Money]:
    """The lowest and the highest price by the rule of `core.in_kind.price_band`, from what the lots left had cost.

    The lowest is rounded up and the highest down, so that both keep the rule. Errors: BandImpossible.
    """
    row = store_row(actor, store_ref)
    lots = lots_of(row)
    held = sum(one.left.amount_minor for one in lots)
    spent = sum(one.cost_left.amount_minor for one in lots)
    cost = Fraction(spent * 10**row.decimals, held) if held else Fraction(0)
    found = rules.price_band(
        cost=cost,
        market_price=market_price.amount_minor,
        margin=Decimal(row.terms["sale_margin"]),
        market_share=Decimal(row.terms["market_share"]),
    )
    floor, ceiling = max(1, math.ceil(found.floor)), math.floor(found.ceiling)
    if floor > ceiling:
        raise BandImpossible(floor_minor=floor, ceiling_minor=ceiling, currency=row.currency)
    return Money(floor, row.currency), Money(ceiling, row.currency)


def preview_store_move(
    actor: Actor,
    *,
    store_ref: Ref,
    kind: StoreMoveKind | str,
    quantity_minor: int,
    on: date,
    price: Money | None = None,
    extra: Money | None = None,
    party_ref: Ref | None = None,
    lot: str = "",
) -> StorePreview:
    """What a movement would do. Saves nothing, refuses as the saving would."""
    row, sort = store_row(actor, store_ref), StoreMoveKind(kind)
    amount = check_move(
        row, sort, quantity_minor=quantity_minor, on=on, price=price, extra=extra, party_ref=party_ref, lot=lot
    )
    lots = lots_of(row)
    parts = () if sort.is_in or not quantity_minor else drawn(row, lots, quantity_minor, lot=lot)
    before = sum(one.left.amount_minor for one in lots)
    cash = cash_minor(row)
    paid = 0 if amount is None else amount.amount_minor
    if sort in (StoreMoveKind.BOUGHT, StoreMoveKind.COST):
        paid = -paid
    elif sort not in _CASH_IN or (sort is StoreMoveKind.CONTRIBUTED and quantity_minor):
        paid = 0
    due = None
    if sort is StoreMoveKind.LENT:
        due = quantity_of(row, rules.grain_due(lent=quantity_minor, rate=Decimal(row.terms["credit_margin"])))
    return StorePreview(
        kind=sort,
        on=on,
        quantity=quantity_of(row, quantity_minor),
        price=price,
        amount=Money(abs(paid), row.currency),
        stock_before=quantity_of(row, before),
        stock_after=quantity_of(row, before + (quantity_minor if sort.is_in else -quantity_minor)),
        cash_before=Money(cash, row.currency),
        cash_after=Money(cash + paid, row.currency),
        parts=parts,
        due=due,
    )


# --- rules of one store, for the services of this engine ------------------------------------------------------


def check_move(
    row: Store,
    kind: StoreMoveKind,
    *,
    quantity_minor: int,
    on: date,
    price: Money | None,
    extra: Money | None = None,
    party_ref: Ref | None = None,
    lot: str = "",
    own_minor: int = 0,
) -> Money | None:
    """Whether this may be, and what is paid for it. `own_minor` is what this very movement has already promised."""
    if quantity_minor < 0 or (not quantity_minor and kind not in (StoreMoveKind.COST, StoreMoveKind.CONTRIBUTED)):
        raise AmountNotPositive(amount_minor=quantity_minor)
    for given in (price, extra):
        if given is not None and given.currency != row.currency:
            raise WrongCurrency(expected=row.currency, given=given.currency)
    check_store_day(row, on)
    if kind in _LEAVES:
        _check_stock(row, quantity_minor, lot=lot, own_minor=own_minor)
    if kind is StoreMoveKind.SOLD:
        check_price(band_on(row, on), price, row, on)
        _check_quota(row, quantity_minor, on, party_ref)
    if kind is StoreMoveKind.LENT and party_ref is None:
        raise NotFound(ref="party")
    worth = quantity_of(row, quantity_minor).worth(price) if price is not None else Money.zero(row.currency)
    amount = worth + (extra if extra is not None else Money.zero(row.currency))
    pays = kind in (StoreMoveKind.BOUGHT, StoreMoveKind.COST, StoreMoveKind.SOLD)
    if amount.amount_minor < 0 or (amount.amount_minor == 0 and (pays or not quantity_minor)):
        raise AmountNotPositive(amount_minor=amount.amount_minor)
    return amount


def check_store_day(row: Store, on: date) -> None:
    """Not in the future, not before the store, not before the last movement."""
    check_day(on, earliest=row.opened_on)
    last = last_day(row)
    if last is not None and on < last:
        raise BeforeLastMovement(last_on=last.isoformat(), on=on.isoformat())


def last_day(row: Store) -> date | None:
    booked = row.moves.filter(state=StoreMoveState.BOOKED).order_by("-on").values_list("on", flat=True)
    found: date | None = booked.first()
    return found


def check_price(band: Band | None, price: Money | None, row: Store, on: date) -> None:
    """Whether a price lies in the declared band. Errors: BandMissing, PriceOutsideBand with the facts."""
    if band is None:
        raise BandMissing(on=on.isoformat(), store=row.ref)
    if price is None or not band.floor.amount_minor <= price.amount_minor <= band.ceiling.amount_minor:
        raise PriceOutsideBand(
            price_minor=price.amount_minor if price is not None else 0,
            floor_minor=band.floor.amount_minor,
            ceiling_minor=band.ceiling.amount_minor,
            currency=row.currency,
            goods_unit=title_of(row.unit_words),
            band=band.ref,
        )


def _check_stock(row: Store, quantity_minor: int, *, lot: str, own_minor: int) -> None:
    left = stock_minor(row, lot=lot)
    there = left if lot else left - promised_minor(row) + own_minor
    if quantity_minor > there:
        raise short(row, there=there, asked=quantity_minor)


def short(row: Store, *, there: int, asked: int) -> StockShort:
    return StockShort(
        there_quantity=max(there, 0),
        asked_quantity=asked,
        decimals=row.decimals,
        goods_unit=title_of(row.unit_words),
        store=row.ref,
    )


def _check_quota(row: Store, quantity_minor: int, on: date, party_ref: Ref | None) -> None:
    quota = int(row.terms.get("quota_minor", 0))
    if not quota or party_ref is None:
        return
    sold = row.moves.filter(kind=StoreMoveKind.SOLD, state=StoreMoveState.BOOKED, party=party_ref)
    sales = [
        rules.HouseholdSale(day, str(party_ref), int(quantity))
        for day, quantity in sold.values_list("on", "quantity_minor")
    ]
    days = int(row.terms["quota_days"])
    asked = rules.HouseholdSale(on, str(party_ref), quantity_minor)
    try:
        rules.check_quota(sales, asked, quota=quota, days=days)
    except rules.QuotaUsed as used:
        raise QuotaUsed(
            left_quantity=int(str(used.facts["left"])),
            asked_quantity=quantity_minor,
            days=days,
            decimals=row.decimals,
            goods_unit=title_of(row.unit_words),
        ) from used


def stock_minor(row: Store, *, lot: str = "") -> int:
    parts = LotMove.objects.filter(lot__store=row)
    if lot:
        parts = parts.filter(lot__mark=lot)
    return int(parts.aggregate(total=Coalesce(Sum("quantity_minor"), 0))["total"])


def promised_minor(row: Store) -> int:
    """What leaves the store once a second person agrees: not to be promised again."""
    waiting = row.moves.filter(state=StoreMoveState.PREPARED, kind__in=[kind.value for kind in _LEAVES])
    return int(waiting.aggregate(total=Coalesce(Sum("quantity_minor"), 0))["total"])


def cash_minor(row: Store) -> int:
    return ledger.balance(ledger.account(Ref(row.book), "cash").ref)


def lots_of(row: Store) -> tuple[LotView, ...]:
    """The lots in which something is left, the oldest first. One statement."""
    held = row.lots.annotate(left=Sum("parts__quantity_minor"), cost=Sum("parts__cost_minor"))
    return tuple(
        LotView(
            ref=Ref(one.ref),
            mark=one.mark,
            kind=StoreMoveKind(one.kind),
            quality=one.quality,
            received_on=one.received_on,
            received=quantity_of(row, one.received_minor),
            left=quantity_of(row, one.left),
            cost_left=Money(int(one.cost), row.currency),
        )
        for one in held.order_by("received_on", "id")
        if one.left
    )


def drawn(row: Store, lots: Sequence[LotView], quantity_minor: int, *, lot: str = "") -> tuple[LotPart, ...]:
    """Which lots a quantity would be taken from, and what it had cost."""
    kept = [rules.Lot(one.mark, one.received_on, one.left.amount_minor, one.cost_left.amount_minor) for one in lots]
    refs = {one.mark: one.ref for one in lots}
    try:
        taken = rules.draw(kept, quantity_minor, lot=lot)
    except rules.StockShort as error:
        raise short(row, there=int(str(error.facts["there"])), asked=quantity_minor) from error
    return tuple(
        LotPart(refs[one.mark], one.mark, quantity_of(row, one.quantity), Money(one.cost_minor, row.currency))
        for one in taken
    )


def band_on(row: Store, on: date) -> Band | None:
    """The prices declared for a day: the latest declaration up to it."""
    found = row.bands.filter(valid_from__lte=on).order_by("-valid_from", "-id").first()
    return band_view(found) if found is not None else None


def place_band(scope: str, *, unit: str, currency: str, on: date) -> Band | None:
    """The prices declared for trade between stores at a place or above it; the nearest place goes first."""
    rows = PriceBand.objects.filter(store=None, unit=unit, currency=currency, valid_from__lte=on)
    found = [one for one in rows.select_related("scope") if scope.startswith(one.scope.path)]
    best = max(found, key=lambda one: (len(one.scope.path), one.valid_from, one.pk), default=None)
    return band_view(best) if best is not None else None


def band_view(one: PriceBand) -> Band:
    return Band(
        ref=Ref(one.ref),
        floor=Money(one.floor_minor, one.currency),
        ceiling=Money(one.ceiling_minor, one.currency),
        valid_from=one.valid_from,
        basis=one.basis,
        decision_ref=Ref(one.decision) if one.decision else None,
        declared_by=one.declared_by,
    )


def running_season(row: Store) -> StoreSeason | None:
    found: StoreSeason | None = row.seasons.exclude(state="closed").first()
    return found


def quantity_of(row: Store, amount_minor: int | None) -> Quantity:
    return Quantity(int(amount_minor or 0), row.unit, row.decimals, title_of(row.unit_words))


# --- views ----------------------------------------------------------------------------------------------------


def _loan_views(row: Store, loans: Iterable[GrainLoan]) -> list[GrainLoanView]:
    found = list(loans)
    back = repaid_of(one.pk for one in found)
    today = clock.today()
    return [
        GrainLoanView(
            ref=Ref(one.ref),
            store_ref=Ref(row.ref),
            party_ref=Ref(one.party),
            lent=quantity_of(row, one.lent_minor),
            margin=one.margin,
            due=quantity_of(row, one.due_minor),
            repaid=quantity_of(row, back[one.pk][0]),
            open=quantity_of(row, one.due_minor - back[one.pk][0]),
            lent_on=one.lent_on,
            due_on=one.due_on,
            is_late=one.due_on < today and back[one.pk][0] < one.due_minor,
        )
        for one in found
    ]


def repaid_of(loans: Iterable[int]) -> Mapping[int, tuple[int, int]]:
    """Grain given back of each loan, and the cost that came back with it. A loan taken back counts as given back."""
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    rows = StoreMove.objects.filter(loan_id__in=list(loans)).filter(
        Q(kind=StoreMoveKind.REPAID, state=StoreMoveState.BOOKED) | Q(kind=StoreMoveKind.LENT, state="undone")
    )
    for pk, kind, quantity, cost, due in rows.values_list(
        "loan_id", "kind", "quantity_minor", "cost_minor", "loan__due_minor"
    ):
        before = found[pk]
        more = int(due) if kind == StoreMoveKind.LENT else int(quantity)
        found[pk] = (before[0] + more, before[1] + int(cost))
    return found


def move_view(one: StoreMove, row: Store) -> StoreMoveView:
    parts = tuple(
        LotPart(
            Ref(part.lot.ref),
            part.lot.mark,
            quantity_of(row, abs(part.quantity_minor)),
            Money(abs(part.cost_minor), row.currency),
        )
        for part in one.parts.all()
    )
    return StoreMoveView(
        ref=Ref(one.ref),
        store_ref=Ref(row.ref),
        kind=StoreMoveKind(one.kind),
        state=StoreMoveState(one.state),
        on=one.on,
        quantity=quantity_of(row, one.quantity_minor),
        price=Money(one.price_minor, row.currency) if one.price_minor is not None else None,
        amount=Money(one.amount_minor, row.currency),
        cost=Money(one.cost_minor, row.currency),
        party_ref=Ref(one.party) if one.party else None,
        loan_ref=Ref(one.loan.ref) if one.loan else None,
        receipt=one.receipt,
        memo=one.memo,
        prepared_by=one.prepared_by,
        booked_by=one.booked_by,
        entry_ref=Ref(one.entry) if one.entry else None,
        undone_by=Ref(one.undone_entry) if one.undone_entry else None,
        parts=parts,
    )


def lot_accounts(lots: Iterable[Ref]) -> dict[Ref, Ref]:
    rows: Any = StockLot.objects.filter(ref__in=list(lots))
    return {Ref(ref): Ref(account) for ref, account in rows.values_list("ref", "account")}
