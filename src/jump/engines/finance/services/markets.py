"""A market that growers run themselves: opened, scale checked, weighed, accepted, paid, loaded, closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node_id
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import CannotNow, ScaleUnchecked, TicketUsed
from jump.engines.finance.models.markets import Market, MarketLoad, ScaleCheck, WeighingTicket
from jump.engines.finance.models.refusals import (
    AmountNotPositive,
    DayImpossible,
    KeyReused,
    NotPrepared,
    SamePerson,
    WrongCurrency,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.markets import (
    POSTED,
    credit_code,
    credit_owed,
    market,
    market_load,
    market_row,
    pay_of,
    scale_on,
    ticket_view,
)
from jump.engines.finance.services.own_accounts import Declared, own_account
from jump.engines.finance.services.savings import group_book, product_of
from jump.engines.finance.types.markets import (
    LoadView,
    MarketView,
    ScaleCheckView,
    ScaleMoment,
    TicketState,
    TicketView,
)
from jump.engines.finance.types.savings import ProductKind
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import EntryView, Line

# What a product leaves out: our defaults (methods 10, 10.3).
TERMS: Mapping[str, str] = {
    "fee_per_tonne_minor": "0",
    "dues_per_unit_minor": "0",
    "credit_share_max": "0.60",
    "scale_difference_max": "0.005",
    "load_difference_max": "0.02",
}
# Accounts of one market: code before the colon, title, kind, the least it may hold.
_ACCOUNTS: Declared = {
    "company": ("Owed by the buyer", "asset", None),
    "growers": ("Owed to growers", "liability", 0),
    "inputs": ("Inputs to pay to the buyer", "liability", None),
    "dues": ("Dues of growers", "income", None),
    "commission": ("Commission for the market", "income", None),
}


def open_market(
    actor: Actor,
    *,
    product: str,
    title: str,
    owner_ref: Ref,
    company_ref: Ref,
    scope: str,
    currency: str,
    on: date,
    key: str,
    prices_minor: Mapping[str, int] | None = None,
) -> Ref:
    """Open a market of a group for a buyer, with the grades of a product; `prices_minor` sets this season's prices."""
    declared = product_of(product, ProductKind.MARKET)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = Market.objects.filter(key=key).first()
        if known is not None:
            if (known.product, known.owner) != (declared.id, str(owner_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if on > clock.today():
            raise DayImpossible(on=on.isoformat(), earliest="", latest=clock.today().isoformat())
        said = declared.data["market"]
        prices = dict(prices_minor or {})
        if declared.data.get("currency", "any") not in ("any", currency) and not prices:
            raise WrongCurrency(expected=str(declared.data["currency"]), given=currency)
        decimals = ledger.unit(said["unit"]).decimals
        terms = {name: str(said.get(name, usual)) for name, usual in TERMS.items()}
        row = Market.objects.create(
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            title=title[:200],
            goods=dict(said["goods"]),
            owner=owner_ref,
            company=company_ref,
            book=group_book(actor, owner_ref, scope, currency),
            unit=said["unit"],
            decimals=decimals,
            unit_words=dict(said["unit_words"]),
            currency=currency,
            grades=[{**dict(one), "price_minor": prices.get(one["id"], one["price_minor"])} for one in said["grades"]],
            terms=terms | {"units_per_tonne": str(int(said["units_per_tonne"]) * 10**decimals)},
            opened_on=on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        record(actor, "finance.open_market", row.ref, facts={"product": declared.id, "owner": str(owner_ref)})
    return Ref(row.ref)


def check_scale(
    actor: Actor,
    *,
    market_ref: Ref,
    moment: ScaleMoment | str,
    known_minor: int,
    shown_minor: int,
    on: date,
    key: str,
) -> ScaleCheckView:
    """Write down what the scale shows for a known weight. A bad check is kept too: nothing is weighed after it."""
    with ledger.posting_transaction():
        row = _open_market(actor, market_ref, on)
        require(actor, "finance.prepare", row.scope.path)
        if not ScaleCheck.objects.filter(key=key).exists():
            if known_minor <= 0 or shown_minor < 0:
                raise AmountNotPositive(amount_minor=known_minor)
            ScaleCheck.objects.create(
                market=row,
                on=on,
                moment=ScaleMoment(moment).value,
                known_minor=known_minor,
                shown_minor=shown_minor,
                is_good=_is_good(row, known_minor, shown_minor),
                by=actor.key,
                key=key,
            )
            record(actor, "finance.check_scale", row.ref, facts={"known": known_minor, "shown": shown_minor})
        found = scale_on(row, on)
        assert found is not None
        return found


def lend_inputs(actor: Actor, *, market_ref: Ref, grower_ref: Ref, amount: Money, on: date, key: str) -> EntryView:
    """Seed, fertiliser and the like that a grower had on credit: taken off what the grower's goods are worth."""
    with ledger.posting_transaction():
        row = _open_market(actor, market_ref, on)
        require(actor, "finance.prepare", row.scope.path)
        check_amount(amount, row.currency)
        return _post(
            actor,
            row,
            f"Inputs on credit, {grower_ref}",
            on,
            [
                Line(_credit_account(actor, row, str(grower_ref)), amount.amount_minor),
                Line(_account(actor, row, "inputs"), -amount.amount_minor),
            ],
            f"inputs:{key}",
        )


def bring_market_cash(actor: Actor, *, market_ref: Ref, amount: Money, on: date, key: str) -> EntryView:
    """Money that the buyer brings to pay the growers with."""
    with ledger.posting_transaction():
        row = lock(market_row(actor, market_ref))
        require(actor, "finance.collect", row.scope.path)
        check_amount(amount, row.currency)
        cash = ledger.account(Ref(row.book), "cash").ref
        lines = [Line(cash, amount.amount_minor), Line(_account(actor, row, "company"), -amount.amount_minor)]
        return _post(actor, row, "Cash brought by the buyer", on, lines, f"cash:{key}")


def weigh(
    actor: Actor,
    *,
    market_ref: Ref,
    serial: str,
    grower_ref: Ref,
    grade: str,
    gross_minor: int,
    tare_minor: int,
    on: date,
    key: str,
    gross_second_minor: int | None = None,
) -> TicketView:
    """Write a ticket: weight as both readers read it, grade as grower and classifier agreed. Nothing has moved yet.

    Refused before a good check of the scale that day, and where the ticket number is used.
    """
    with ledger.posting_transaction():
        row = _open_market(actor, market_ref, on)
        require(actor, "finance.prepare", row.scope.path)
        known = WeighingTicket.objects.filter(key=key).select_related("market", "load").first()
        if known is not None:
            if (known.serial, known.gross_minor, known.grower) != (serial, gross_minor, str(grower_ref)):
                raise KeyReused(key=key)
            return ticket_view(known, known.market)
        scale = scale_on(row, on)
        if scale is None or not scale.is_good:
            raise ScaleUnchecked(on=on.isoformat(), market=row.ref)
        if not serial:
            raise BadInput({"serial": [_("Every weighing has its own ticket number.")]})
        if row.tickets.filter(serial=serial).exclude(state=TicketState.DROPPED).exists():
            raise TicketUsed(serial=serial, market=row.ref)
        pay = pay_of(
            row,
            grower=str(grower_ref),
            grade=grade,
            gross=gross_minor,
            tare=tare_minor,
            second=gross_second_minor,
            credit_minor=0,
            serial=serial,
        )
        said = next(one for one in row.grades if one["id"] == grade)
        one = WeighingTicket.objects.create(
            market=row,
            on=on,
            serial=serial,
            grower=grower_ref,
            grade=grade,
            gross_minor=gross_minor,
            tare_minor=tare_minor,
            net_minor=pay.net,
            price_minor=int(said["price_minor"]),
            premium_price_minor=int(said.get("premium_minor", 0)),
            weighed_by=actor.key,
            key=key,
        )
        record(actor, "finance.weigh", one.ref, facts={"market": row.ref, "net_minor": pay.net})
        return ticket_view(one, row)


def accept_weighing(actor: Actor, *, ticket_ref: Ref) -> TicketView:
    """Accept a weighing as the second person: weight and money are posted together, in one entry, once.

    Input credit is taken off up to the agreed part of the value, then dues; the rest is owed to the grower.
    """
    with ledger.posting_transaction():
        row, one = _locked_ticket(actor, ticket_ref)
        if not can(actor, "finance.approve", row.scope.path):
            require(actor, "finance.collect", row.scope.path)
        if one.state in POSTED:
            return ticket_view(one, row)
        if one.state != TicketState.WEIGHED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.weighed_by == actor.key:
            raise SamePerson(doing="accept", did="weigh", movement=one.ref)
        pay = pay_of(
            row,
            grower=one.grower,
            grade=one.grade,
            gross=one.gross_minor,
            tare=one.tare_minor,
            second=None,
            credit_minor=credit_owed(row, one.grower),
            serial=one.serial,
        )
        one.value_minor, one.premium_minor = pay.value_minor, pay.premium_minor
        one.credit_minor, one.dues_minor, one.payable_minor = pay.credit_minor, pay.dues_minor, pay.paid_minor
        one.state, one.accepted_by = TicketState.ACCEPTED.value, actor.key
        lines = [
            Line(_goods_account(actor, row, "yard", "asset", 0), one.net_minor),
            Line(_goods_account(actor, row, "weighed", "income", None), -one.net_minor),
            Line(_account(actor, row, "company"), one.value_minor),
            Line(_account(actor, row, "growers"), -one.payable_minor),
        ]
        if one.credit_minor:
            lines.append(Line(_credit_account(actor, row, one.grower), -one.credit_minor))
        if one.dues_minor:
            lines.append(Line(_account(actor, row, "dues"), -one.dues_minor))
        lines = [line for line in lines if line.amount_minor]
        one.entry = _post(actor, row, f"Ticket {one.ref}", one.on, lines, f"ticket:{one.ref}", source=Ref(one.ref)).ref
        one.save()
        record(actor, "finance.accept_weighing", one.ref, facts={"value_minor": one.value_minor})
        return ticket_view(one, row)


def pay_ticket(actor: Actor, *, ticket_ref: Ref, on: date, receipt: str) -> TicketView:
    """Pay a grower in cash for one ticket. Asking twice pays once; who accepted the ticket does not pay it."""
    with ledger.posting_transaction():
        row, one = _locked_ticket(actor, ticket_ref)
        require(actor, "finance.release", row.scope.path)
        if one.state == TicketState.PAID:
            return ticket_view(one, row)
        if one.state != TicketState.ACCEPTED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.accepted_by == actor.key:
            raise SamePerson(doing="pay", did="accept", movement=one.ref)
        if not receipt:
            raise BadInput({"receipt": [_("Write the number of the receipt that the grower signs.")]})
        check_day(on, earliest=one.on)
        if one.payable_minor:
            cash = ledger.account(Ref(row.book), "cash").ref
            lines = [Line(_account(actor, row, "growers"), one.payable_minor), Line(cash, -one.payable_minor)]
            memo = f"Payment of ticket {one.ref}"
            one.paid_entry = _post(actor, row, memo, on, lines, f"paid:{one.ref}", source=Ref(one.ref)).ref
        one.state, one.paid_by, one.paid_on, one.receipt = TicketState.PAID.value, actor.key, on, receipt
        one.save()
        record(actor, "finance.pay_ticket", one.ref, facts={"payable_minor": one.payable_minor})
        return ticket_view(one, row)


def drop_weighing(actor: Actor, *, ticket_ref: Ref, why: str) -> None:
    """Give up a ticket that was not accepted; its number is free again."""
    with ledger.posting_transaction():
        row, one = _locked_ticket(actor, ticket_ref)
        require(actor, "finance.prepare", row.scope.path)
        if one.state == TicketState.DROPPED:
            return
        if one.state != TicketState.WEIGHED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        one.state, one.why = TicketState.DROPPED.value, why[:300]
        one.save(update_fields=["state", "why"])
        record(actor, "finance.drop_weighing", one.ref, why=why)


def load_truck(
    actor: Actor, *, market_ref: Ref, waybill: str, ticket_refs: Sequence[Ref], on: date, key: str
) -> LoadView:
    """Load accepted tickets on a truck: the waybill is the sum of its tickets, and the goods leave the yard."""
    with ledger.posting_transaction():
        row = lock(market_row(actor, market_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = MarketLoad.objects.filter(key=key).values_list("ref", flat=True).first()
        if known is not None:
            return market_load(actor, Ref(known))
        check_day(on, earliest=row.opened_on)
        rows = list(row.tickets.filter(ref__in=ticket_refs, state__in=POSTED, load=None))
        if not rows or len(rows) != len(set(ticket_refs)):
            raise BadInput({"tickets": [_("Choose tickets that are accepted and not loaded yet.")]})
        if not waybill or row.loads.filter(waybill=waybill).exists():
            raise BadInput({"waybill": [_("Every load has its own waybill number.")]})
        village = sum(one.net_minor for one in rows)
        made = MarketLoad(market=row, waybill=waybill, on=on, village_minor=village, by=actor.key, key=key)
        lines = [
            Line(_goods_account(actor, row, "sent", "expense", None), village),
            Line(_goods_account(actor, row, "yard", "asset", 0), -village),
        ]
        memo = f"Load {made.ref}, waybill {waybill}"
        made.entry = _post(actor, row, memo, on, lines, f"load:{made.ref}", source=Ref(made.ref)).ref
        made.save()
        row.tickets.filter(pk__in=[one.pk for one in rows]).update(load=made)
        record(actor, "finance.load_truck", made.ref, facts={"tickets": len(rows), "village_minor": village})
        return market_load(actor, Ref(made.ref))


def weigh_load(actor: Actor, *, load_ref: Ref, factory_minor: int, on: date) -> LoadView:
    """Write down what the factory weighed. A difference beyond what was agreed asks for an inquiry."""
    with ledger.posting_transaction():
        found = MarketLoad.objects.filter(ref=load_ref).values_list("market__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=load_ref)
        row = lock(market_row(actor, Ref(found)))
        require(actor, "finance.prepare", row.scope.path)
        one = row.loads.get(ref=load_ref)
        if one.factory_minor is not None:
            return market_load(actor, load_ref)
        if factory_minor <= 0:
            raise AmountNotPositive(amount_minor=factory_minor)
        one.factory_minor, one.factory_on = factory_minor, on
        one.save(update_fields=["factory_minor", "factory_on"])
        record(actor, "finance.weigh_load", one.ref, facts={"factory_minor": factory_minor})
        return market_load(actor, load_ref)


def close_market(actor: Actor, *, market_ref: Ref, on: date) -> MarketView:
    """Close a market: every ticket is settled, and the buyer owes the group its commission for each tonne."""
    with ledger.posting_transaction():
        row = lock(market_row(actor, market_ref))
        require(actor, "finance.approve", row.scope.path)
        if row.closed_on is not None:
            return market(actor, Ref(row.ref))
        check_day(on, earliest=row.opened_on)
        if row.tickets.filter(state__in=[TicketState.WEIGHED, TicketState.ACCEPTED]).exists():
            raise CannotNow(why=_("tickets wait to be accepted or paid"))
        fee = market(actor, Ref(row.ref)).commission.amount_minor
        if fee:
            lines = [Line(_account(actor, row, "company"), fee), Line(_account(actor, row, "commission"), -fee)]
            memo = f"Commission of market {row.ref}"
            row.close_entry = _post(actor, row, memo, on, lines, f"commission:{row.ref}").ref
        row.closed_on = on
        row.save(update_fields=["closed_on", "close_entry"])
        record(actor, "finance.close_market", row.ref, facts={"commission_minor": fee})
        return market(actor, Ref(row.ref))


# --- inside -------------------------------------------------------------------------------------------------


def _open_market(actor: Actor, ref: Ref, on: date) -> Market:
    row = lock(market_row(actor, ref))
    if row.closed_on is not None:
        raise CannotNow(why=_("the market is closed"))
    check_day(on, earliest=row.opened_on)
    return row


def _locked_ticket(actor: Actor, ref: Ref) -> tuple[Market, WeighingTicket]:
    found = WeighingTicket.objects.filter(ref=ref).values_list("market__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    row = lock(market_row(actor, Ref(found)))
    return row, row.tickets.select_related("load").get(ref=ref)


def _is_good(row: Market, known: int, shown: int) -> bool:
    try:
        rules.check_scale(known=known, shown=shown, share_max=Fraction(row.terms["scale_difference_max"]))
    except rules.ScaleWrong:
        return False
    return True


def _post(
    actor: Actor, row: Market, memo: str, on: date, lines: Sequence[Line], key: str, source: Ref | None = None
) -> EntryView:
    return ledger.post(
        actor,
        book_ref=Ref(row.book),
        memo=memo,
        occurred_on=on,
        lines=lines,
        source_ref=source or Ref(row.ref),
        key=f"market:{key}",
    )


def _account(actor: Actor, row: Market, name: str) -> Ref:
    return own_account(actor, row, name, _ACCOUNTS)


def _credit_account(actor: Actor, row: Market, grower: str) -> Ref:
    return ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=credit_code(row, grower),
        title=f"Inputs on credit, {grower}",
        kind="asset",
        unit=row.currency,
        floor_minor=0,
    )


def _goods_account(actor: Actor, row: Market, name: str, kind: str, floor: int | None) -> Ref:
    return ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=f"{name}:{row.ref}",
        title=f"Goods {name}, {row.ref}",
        kind=kind,
        unit=row.unit,
        floor_minor=floor,
    )
