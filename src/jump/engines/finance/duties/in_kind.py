"""Finance's answers about goods, trades and wages: stores, exchanges, markets, work for clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting
from jump.core.jobs import FTE_DAYS_PER_YEAR
from jump.core.money import Money
from jump.core.units import Ref, rounded_fraction
from jump.engines.finance.models.exchanges import ExchangeOffer, StoreExchange
from jump.engines.finance.models.markets import Market, MarketLoad, WeighingTicket
from jump.engines.finance.models.pay_runs import (
    ClientContract,
    ClientInvoice,
    InvoicePayment,
    MusterRoll,
    PayRun,
)
from jump.engines.finance.models.stores import (
    GrainLoan,
    PriceBand,
    StockCount,
    StockLot,
    Store,
    StoreMove,
    StoreSeason,
)
from jump.engines.finance.types.exchanges import ExchangeState
from jump.engines.finance.types.markets import TicketState
from jump.engines.finance.types.pay_runs import MusterState, PayRunState
from jump.engines.finance.types.stores import CountState, SeasonState, StoreMoveState

_CHUNK = 500


def _refs(*texts: str | None) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(Ref(text) for text in texts if text))


def _stores(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Store.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("store"),
            row.title,
            detail=row.currency,
            on=row.opened_on,
            place=row.scope.title,
            url_name="stores:store",
            url_args=(row.ref,),
            sources=_refs(row.owner, row.book),
        )


def _of_store(
    word: Callable[[Any], str],
    model: Any,
    on: str,
    sources: Callable[[Any], tuple[Ref, ...]],
    url: str = "stores:store",
) -> Callable[[Actor, Sequence[Ref]], Iterator[Description]]:
    """How to describe what hangs on a store."""

    def described(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
        seen = Store.objects.visible_to(actor).values("pk")
        rows = model.objects.filter(ref__in=refs, store__in=seen).select_related("store__scope")
        for row in rows:
            yield Description(
                Ref(row.ref),
                word(row),
                row.store.title,
                on=getattr(row, on),
                place=row.store.scope.title,
                url_name=url,
                url_args=(row.store.ref,) if url == "stores:store" else (row.ref,),
                sources=_refs(row.store.ref, *sources(row)),
            )

    return described


def move_word(kind: str) -> str:
    words = {
        "bought": _("grain bought"),
        "contributed": _("put in by members"),
        "repaid": _("grain given back"),
        "received": _("grain received from another store"),
        "sold": _("grain sold"),
        "lent": _("grain lent"),
        "sent": _("grain sent to another store"),
        "given": _("grain given"),
        "lost": _("grain lost"),
        "cost": _("cost of the store"),
    }
    return words[kind]


def _bands(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in PriceBand.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "store"):
        yield Description(
            Ref(row.ref),
            _("prices declared"),
            f"{Money(row.floor_minor, row.currency)} – {Money(row.ceiling_minor, row.currency)}",
            on=row.valid_from,
            place=row.scope.title,
            sources=_refs(row.store.ref if row.store else None, row.decision),
        )


def _exchanges(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Store.objects.visible_to(actor).values("pk")
    rows = StoreExchange.objects.filter(ref__in=refs, offer__store__in=seen, need__store__in=seen)
    for row in rows.select_related("offer__store__scope", "need__store", "sent", "received"):
        yield Description(
            Ref(row.ref),
            _("exchange between stores"),
            f"{row.offer.store.title} – {row.need.store.title}",
            detail=row.waybill,
            on=row.on,
            place=row.offer.store.scope.title,
            url_name="stores:exchange",
            url_args=(row.ref,),
            sources=_refs(row.offer.ref, row.need.ref, row.sent.ref, row.received.ref),
        )


def _markets(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Market.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("market run by growers"),
            row.title,
            detail=row.currency,
            on=row.opened_on,
            place=row.scope.title,
            url_name="stores:market",
            url_args=(row.ref,),
            sources=_refs(row.owner, row.company, row.book),
        )


def _tickets(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Market.objects.visible_to(actor).values("pk")
    rows = WeighingTicket.objects.filter(ref__in=refs, market__in=seen).select_related("market__scope", "load")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("weighing ticket"),
            row.serial,
            detail=str(Money(row.value_minor, row.market.currency)),
            on=row.on,
            place=row.market.scope.title,
            url_name="stores:ticket",
            url_args=(row.ref,),
            sources=_refs(row.market.ref, row.grower, row.entry, row.paid_entry, row.load.ref if row.load else None),
        )


def _loads(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Market.objects.visible_to(actor).values("pk")
    rows = MarketLoad.objects.filter(ref__in=refs, market__in=seen).select_related("market__scope")
    for row in rows.prefetch_related("tickets"):
        yield Description(
            Ref(row.ref),
            _("load to the factory"),
            row.waybill,
            on=row.on,
            place=row.market.scope.title,
            url_name="stores:market",
            url_args=(row.market.ref,),
            sources=_refs(row.market.ref, row.entry, *(one.ref for one in row.tickets.all())),
        )


def _client_contracts(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in ClientContract.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("contract with a client"),
            row.title,
            detail=row.currency,
            on=row.starts_on,
            place=row.scope.title,
            url_name="wages:contract",
            url_args=(row.ref,),
            sources=_refs(row.cooperative, row.client, row.paper),
        )


def _musters(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = ClientContract.objects.visible_to(actor).values("pk")
    rows = MusterRoll.objects.filter(ref__in=refs, contract__in=seen).select_related("contract__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("muster roll"),
            row.contract.title,
            on=row.period_to,
            place=row.contract.scope.title,
            url_name="wages:muster",
            url_args=(row.ref,),
            sources=_refs(row.contract.ref, row.cause, row.client_proof),
        )


def _pay_runs(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = ClientContract.objects.visible_to(actor).values("pk")
    rows = PayRun.objects.filter(ref__in=refs, roll__contract__in=seen).select_related("roll__contract__scope")
    for row in rows:
        contract = row.roll.contract
        yield Description(
            Ref(row.ref),
            _("wage sheet"),
            contract.title,
            detail=str(Money(row.net_minor, contract.currency)),
            on=row.approved_on or row.roll.period_to,
            place=contract.scope.title,
            url_name="wages:pay_run",
            url_args=(row.ref,),
            sources=_refs(contract.ref, row.roll.ref, row.entry, row.paid_entry),
        )


def _invoices(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = ClientContract.objects.visible_to(actor).values("pk")
    rows = ClientInvoice.objects.filter(ref__in=refs, contract__in=seen).select_related("contract__scope", "roll")
    for row in rows.prefetch_related("payments"):
        yield Description(
            Ref(row.ref),
            _("invoice to a client"),
            row.contract.title,
            detail=str(Money(row.total_minor, row.contract.currency)),
            on=row.on,
            place=row.contract.scope.title,
            url_name="wages:invoice",
            url_args=(row.ref,),
            sources=_refs(row.contract.ref, row.roll.ref, row.entry, *(one.ref for one in row.payments.all())),
        )


def _invoice_payments(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = ClientContract.objects.visible_to(actor).values("pk")
    rows = InvoicePayment.objects.filter(ref__in=refs, invoice__contract__in=seen)
    for row in rows.select_related("invoice__contract__scope"):
        contract = row.invoice.contract
        yield Description(
            Ref(row.ref),
            _("payment of a client"),
            str(Money(row.amount_minor, contract.currency)),
            on=row.on,
            place=contract.scope.title,
            url_name="wages:invoice",
            url_args=(row.invoice.ref,),
            sources=_refs(row.invoice.ref, row.entry),
        )


def _none(_row: Any) -> tuple[Ref, ...]:
    return ()


DESCRIBERS: dict[str, Callable[[Actor, Sequence[Ref]], Iterator[Description]]] = {
    "sto": _stores,
    "bnd": _bands,
    "lot": _of_store(lambda _row: _("lot of goods"), StockLot, "received_on", _none),
    "stm": _of_store(
        lambda row: move_word(row.kind),
        StoreMove,
        "on",
        lambda row: _refs(row.party, row.entry, row.undone_entry),
        url="stores:move",
    ),
    "grl": _of_store(lambda _row: _("loan of grain"), GrainLoan, "lent_on", lambda row: _refs(row.party)),
    "stc": _of_store(lambda _row: _("count of a store"), StockCount, "on", _none),
    "ssn": _of_store(lambda _row: _("season of a store"), StoreSeason, "starts_on", lambda row: _refs(row.entry)),
    "xof": _of_store(lambda _row: _("offer or need of a store"), ExchangeOffer, "on", _none),
    "xch": _exchanges,
    "mkt": _markets,
    "tkt": _tickets,
    "mld": _loads,
    "clc": _client_contracts,
    "mus": _musters,
    "prn": _pay_runs,
    "inv": _invoices,
    "ipy": _invoice_payments,
}


# --- due ----------------------------------------------------------------------------------------------------


def waiting(actor: Actor, limit: int) -> Iterator[Waiting]:
    """What a second person has to do: approve movements and wage sheets, confirm counts, accept tickets and rolls."""
    if not (can(actor, "finance.release") or can(actor, "finance.approve")):
        return
    stores = Store.objects.visible_to(actor).values("pk")
    contracts = ClientContract.objects.visible_to(actor).values("pk")
    markets = Market.objects.visible_to(actor).values("pk")
    moves = StoreMove.objects.filter(state=StoreMoveState.PREPARED, store__in=stores)
    yield _to_do(
        moves.exclude(kind__in=["sent", "received"]).exclude(prepared_by=actor.key).order_by("on", "id")[:limit],
        _("A movement of a store waits for the second person"),
        ("store__title", "on", "stores:store", "store__ref"),
    )
    counts = StockCount.objects.filter(state=CountState.WRITTEN, store__in=stores).exclude(written_by=actor.key)
    yield _to_do(
        counts.order_by("on", "id")[:limit],
        _("A count of a store waits to be confirmed"),
        ("store__title", "on", "stores:store", "store__ref"),
    )
    seasons = StoreSeason.objects.filter(state=SeasonState.PROPOSED, store__in=stores)
    yield _to_do(
        seasons.exclude(proposed_by=actor.key).order_by("ends_on", "id")[:limit],
        _("The account of a season waits to be approved"),
        ("store__title", "ends_on", "stores:store", "store__ref"),
    )
    exchanges = StoreExchange.objects.filter(
        state=ExchangeState.AGREED, offer__store__in=stores, need__store__in=stores
    )
    yield _to_do(
        exchanges.exclude(prepared_by=actor.key).order_by("on", "id")[:limit],
        _("An exchange between stores waits for its arrival"),
        ("need__store__title", "on", "stores:exchange", "ref"),
    )
    tickets = WeighingTicket.objects.filter(state=TicketState.WEIGHED, market__in=markets)
    yield _to_do(
        tickets.exclude(weighed_by=actor.key).order_by("on", "id")[:limit],
        _("A weighing waits to be accepted"),
        ("serial", "on", "stores:ticket", "ref"),
    )
    rolls = MusterRoll.objects.filter(state=MusterState.WRITTEN, contract__in=contracts)
    yield _to_do(
        rolls.exclude(written_by=actor.key).order_by("period_to", "id")[:limit],
        _("A muster roll waits to be accepted"),
        ("contract__title", "period_to", "wages:muster", "ref"),
    )
    runs = PayRun.objects.exclude(state=PayRunState.PAID).filter(roll__contract__in=contracts)
    yield _to_do(
        runs.exclude(prepared_by=actor.key).order_by("pay_by", "id")[:limit],
        _("A wage sheet waits to be approved and paid"),
        ("roll__contract__title", "pay_by", "wages:pay_run", "ref"),
    )


def _to_do(rows: Any, title: str, columns: tuple[str, str, str, str]) -> Waiting:
    detail, on, url, arg = columns

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(Ref(row["ref"]), title, row[detail], row[on], "warn", url, (row[arg],))

    asked = tuple(dict.fromkeys(("ref", detail, on, arg)))
    return Waiting((Question(rows, asked),), tell)


# --- facts --------------------------------------------------------------------------------------------------


def facts(as_of: date) -> Iterator[Fact]:
    """Movements of stores in whole units, weighings, days of paid work and wages, each with what it rests on."""
    moves = StoreMove.objects.filter(state=StoreMoveState.BOOKED, on__lte=as_of, quantity_minor__gt=0)
    for row in moves.select_related("store__scope").order_by("id").iterator(_CHUNK):
        yield Fact(
            kind="finance.store_move",
            ref=Ref(row.ref),
            party=Ref(row.party) if row.party else Ref(row.store.owner),
            scope=row.store.scope.path,
            on=row.on,
            value=Decimal(row.quantity_minor).scaleb(-row.store.decimals),
            codes={
                "move": row.kind,
                "unit": row.store.unit,
                "currency": row.store.currency,
                "amount_minor": row.amount_minor,
                "cost_minor": row.cost_minor,
            },
            sources=_refs(row.ref, row.entry, row.store.ref),
        )
    tickets = WeighingTicket.objects.filter(state__in=["accepted", "paid"], on__lte=as_of)
    for ticket in tickets.select_related("market__scope").order_by("id").iterator(_CHUNK):
        yield Fact(
            kind="finance.weighing",
            ref=Ref(ticket.ref),
            party=Ref(ticket.grower),
            scope=ticket.market.scope.path,
            on=ticket.on,
            value=Decimal(ticket.net_minor).scaleb(-ticket.market.decimals),
            codes={
                "grade": ticket.grade,
                "unit": ticket.market.unit,
                "currency": ticket.market.currency,
                "value_minor": ticket.value_minor,
                "paid_minor": ticket.payable_minor if ticket.state == TicketState.PAID else 0,
            },
            sources=_refs(ticket.ref, ticket.entry, ticket.market.ref),
        )
    yield from _wage_facts(as_of)


def _wage_facts(as_of: date) -> Iterator[Fact]:
    """One fact for each worker of an approved wage sheet: days of work, and what they earned."""
    runs = PayRun.objects.exclude(state=PayRunState.PREPARED).filter(approved_on__lte=as_of)
    for run in runs.select_related("roll__contract__scope").prefetch_related("lines").order_by("id"):
        contract = run.roll.contract
        day = Fraction(Decimal(contract.terms["hours_per_day"]))
        for line in run.lines.all():
            yield Fact(
                kind="finance.paid_work",
                ref=Ref(run.ref),
                party=Ref(line.worker),
                scope=contract.scope.path,
                on=run.roll.period_to,
                value=rounded_fraction(Fraction(line.hours) / day, 4),
                codes={
                    "full_time_days": int(contract.terms.get("full_time_days", FTE_DAYS_PER_YEAR)),
                    "currency": contract.currency,
                    "gross_minor": line.gross_minor,
                    "net_minor": line.net_minor,
                    "contract": contract.ref,
                    "is_below_floor": line.is_below_floor,
                },
                sources=_refs(run.ref, run.roll.ref, run.entry, contract.ref),
            )


# --- export -------------------------------------------------------------------------------------------------


def export(actor: Actor, scope: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Stores, markets and contracts with clients at and under a node, for hand-over. Their books are the ledger's."""
    stores = Store.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id")
    for store in stores.iterator(_CHUNK):
        yield {"kind": "store", "ref": store.ref, "title": store.title, "owner": store.owner, "unit": store.unit}
    markets = Market.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id")
    for market in markets.iterator(_CHUNK):
        yield {"kind": "market", "ref": market.ref, "title": market.title, "owner": market.owner}
    contracts = ClientContract.objects.visible_to(actor).under(scope).filter(starts_on__lte=as_of).order_by("id")
    for contract in contracts.iterator(_CHUNK):
        yield {
            "kind": "client_contract",
            "ref": contract.ref,
            "title": contract.title,
            "client": contract.client,
            "cooperative": contract.cooperative,
            "currency": contract.currency,
            "state": contract.state,
            "starts_on": contract.starts_on.isoformat(),
        }
