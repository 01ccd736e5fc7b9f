"""Markets that growers run themselves, as they stand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core import in_kind as rules
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models.in_kind_refusals import GradeUnknown, WeighingWrong
from jump.engines.finance.models.markets import Market, MarketLoad, ScaleCheck, WeighingTicket
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.markets import (
    Grade,
    LoadView,
    MarketRow,
    MarketView,
    ScaleCheckView,
    ScaleMoment,
    TicketPreview,
    TicketState,
    TicketView,
    ZoneTotal,
)
from jump.engines.finance.types.stores import Quantity
from jump.engines.ledger import api as ledger

POSTED = (TicketState.ACCEPTED.value, TicketState.PAID.value)


def market_row(actor: Actor, ref: Ref) -> Market:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: Market | None = Market.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def market(actor: Actor, ref: Ref) -> MarketView:
    """One market as it stands today."""
    row = market_row(actor, ref)
    sums = row.tickets.aggregate(
        net=Coalesce(Sum("net_minor", filter=Q(state__in=POSTED)), 0),
        value=Coalesce(Sum("value_minor", filter=Q(state__in=POSTED)), 0),
        yard=Coalesce(Sum("net_minor", filter=Q(state__in=POSTED, load=None)), 0),
        owed=Coalesce(Sum("payable_minor", filter=Q(state=TicketState.ACCEPTED)), 0),
        waiting=Count("pk", filter=Q(state=TicketState.WEIGHED)),
        to_pay=Count("pk", filter=Q(state=TicketState.ACCEPTED)),
    )

    def money(amount: int) -> Money:
        return Money(int(amount), row.currency)

    fee = rules.commission_minor(
        net=sums["net"],
        fee_per_tonne_minor=int(row.terms["fee_per_tonne_minor"]),
        units_per_tonne=int(row.terms["units_per_tonne"]),
    )
    return MarketView(
        ref=Ref(row.ref),
        product=row.product,
        product_title=title_of(row.product_title),
        title=row.title,
        goods=title_of(row.goods),
        owner_ref=Ref(row.owner),
        company_ref=Ref(row.company),
        scope=row.scope.path,
        unit=row.unit,
        unit_label=title_of(row.unit_words),
        decimals=row.decimals,
        currency=row.currency,
        terms=row.terms,
        grades=grades_of(row),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        book_ref=Ref(row.book),
        weighed=weight(row, sums["net"]),
        waiting=sums["waiting"],
        to_pay=sums["to_pay"],
        in_yard=weight(row, sums["yard"]),
        value=money(sums["value"]),
        owed_to_growers=money(sums["owed"]),
        owed_by_company=money(_held(row, f"company:{row.ref}")),
        cash=money(_held(row, "cash")),
        commission=money(fee),
        scale_today=scale_on(row, clock.today()),
    )


def markets(actor: Actor, *, scope: str = "", owner_ref: Ref | None = None, limit: int = 50) -> list[MarketRow]:
    """Markets, open ones first, then the newest. One statement."""
    rows = Market.objects.visible_to(actor).under(scope).select_related("scope")
    if owner_ref is not None:
        rows = rows.filter(owner=owner_ref)
    posted = Q(tickets__state__in=POSTED)
    sums: Any = rows.annotate(
        net=Coalesce(Sum("tickets__net_minor", filter=posted), 0),
        worth=Coalesce(Sum("tickets__value_minor", filter=posted), 0),
    )
    return [
        MarketRow(
            ref=Ref(one.ref),
            title=one.title,
            owner_ref=Ref(one.owner),
            scope=one.scope.path,
            opened_on=one.opened_on,
            closed_on=one.closed_on,
            weighed=weight(one, one.net),
            value=Money(int(one.worth), one.currency),
        )
        for one in sums.order_by("closed_on", "-opened_on", "-id")[:limit]
    ]


def collected_in_zone(actor: Actor, *, scope: str) -> list[ZoneTotal]:
    """What the markets at and under a place collected so far, by unit and currency."""
    seen = Market.objects.visible_to(actor).under(scope)
    rows = WeighingTicket.objects.filter(market__in=seen.values("pk"), state__in=POSTED)
    sums = rows.values("market__unit", "market__currency", "market__decimals").annotate(
        markets=Count("market_id", distinct=True),
        growers=Count("grower", distinct=True),
        net=Sum("net_minor"),
        loaded=Coalesce(Sum("net_minor", filter=Q(load__isnull=False)), 0),
        value=Sum("value_minor"),
    )
    labels = {one.unit: title_of(one.unit_words) for one in seen}
    return [
        ZoneTotal(
            unit=one["market__unit"],
            currency=one["market__currency"],
            markets=one["markets"],
            growers=one["growers"],
            weighed=Quantity(one["net"], one["market__unit"], one["market__decimals"], labels[one["market__unit"]]),
            loaded=Quantity(one["loaded"], one["market__unit"], one["market__decimals"], labels[one["market__unit"]]),
            value=Money(one["value"], one["market__currency"]),
        )
        for one in sums.order_by("market__unit", "market__currency")
    ]


def tickets(
    actor: Actor, *, market_ref: Ref, state: str = "", grower_ref: Ref | None = None, limit: int = 100, offset: int = 0
) -> list[TicketView]:
    """Tickets of a market, the latest first."""
    row = market_row(actor, market_ref)
    rows = row.tickets.select_related("load")
    if state:
        rows = rows.filter(state=state)
    if grower_ref is not None:
        rows = rows.filter(grower=grower_ref)
    return [ticket_view(one, row) for one in rows.order_by("-on", "-id")[offset : offset + limit]]


def ticket(actor: Actor, ref: Ref) -> TicketView:
    """One ticket: with it the grower's receipt is printed."""
    seen = Market.objects.visible_to(actor).values("pk")
    one = WeighingTicket.objects.filter(ref=ref, market__in=seen).select_related("market", "load").first()
    if one is None:
        raise NotFound(ref=ref)
    return ticket_view(one, one.market)


def market_loads(actor: Actor, *, market_ref: Ref, limit: int = 50) -> list[LoadView]:
    row = market_row(actor, market_ref)
    rows = row.loads.annotate(count=Count("tickets")).order_by("-on", "-id")[:limit]
    return [_load_view(one, row) for one in rows]


def market_load(actor: Actor, ref: Ref) -> LoadView:
    seen = Market.objects.visible_to(actor).values("pk")
    rows = MarketLoad.objects.filter(ref=ref, market__in=seen).annotate(count=Count("tickets"))
    one = rows.select_related("market").first()
    if one is None:
        raise NotFound(ref=ref)
    return _load_view(one, one.market)


def preview_ticket(
    actor: Actor,
    *,
    market_ref: Ref,
    grower_ref: Ref,
    grade: str,
    gross_minor: int,
    tare_minor: int,
    gross_second_minor: int | None = None,
) -> TicketPreview:
    """What accepting this weighing would do. Saves nothing."""
    row = market_row(actor, market_ref)
    pay = pay_of(
        row,
        grower=str(grower_ref),
        grade=grade,
        gross=gross_minor,
        tare=tare_minor,
        second=gross_second_minor,
        credit_minor=credit_owed(row, str(grower_ref)),
    )

    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return TicketPreview(
        net=weight(row, pay.net),
        value=money(pay.value_minor),
        premium=money(pay.premium_minor),
        credit=money(pay.credit_minor),
        dues=money(pay.dues_minor),
        payable=money(pay.paid_minor),
        credit_left=money(pay.credit_left_minor),
    )


# --- for the services of this engine ------------------------------------------------------------------------


def pay_of(
    row: Market,
    *,
    grower: str,
    grade: str,
    gross: int,
    tare: int,
    second: int | None,
    credit_minor: int,
    serial: str = "1",
) -> rules.GrowerPay:
    """What one weighing is worth and where it goes, by `core.in_kind.market_day`."""
    found = {one.id: one for one in grades_of(row)}
    if grade not in found:
        raise GradeUnknown(grade=grade, market=row.ref)
    scale = 10**row.decimals
    try:
        weighing = rules.Weighing(serial, grower, grade, gross, tare, second)
    except rules.InKindRefused as refused:
        raise WeighingWrong(why=_why(refused), rule=refused.code, serial=serial) from refused
    if not weighing.net:
        raise WeighingWrong(why=_("nothing lies in the sheet"), serial=serial)
    dues = Quantity(weighing.net, row.unit, row.decimals).worth(
        Money(int(row.terms["dues_per_unit_minor"]), row.currency)
    )
    day = rules.market_day(
        [weighing],
        prices={one.id: Fraction(one.price.amount_minor, scale) for one in found.values()},
        premiums={one.id: Fraction(one.premium.amount_minor, scale) for one in found.values()},
        credit_minor={grower: credit_minor},
        dues_minor={grower: dues.amount_minor},
        credit_share_max=Fraction(row.terms["credit_share_max"]),
    )
    return day.growers[0]


def _why(refused: rules.InKindRefused) -> str:
    if refused.code == rules.ReadersDisagree.code:
        return _("the two readers did not read the same weight")
    return _("the empty sheet is heavier than what was weighed")


def credit_owed(row: Market, grower: str) -> int:
    """What a grower still owes for inputs on this market."""
    return _held(row, credit_code(row, grower))


def _held(row: Market, code: str) -> int:
    """What an account of the market's book holds; nothing where it was never needed."""
    try:
        return ledger.balance(ledger.account(Ref(row.book), code).ref)
    except ledger.AccountUnknown:
        return 0


def credit_code(row: Market, grower: str) -> str:
    return f"credit:{row.ref}:{grower}"


def scale_on(row: Market, on: date) -> ScaleCheckView | None:
    """The latest check of the scale on a day."""
    one: ScaleCheck | None = row.checks.filter(on=on).order_by("-id").first()
    if one is None:
        return None
    return ScaleCheckView(
        on=one.on,
        moment=ScaleMoment(one.moment),
        known=weight(row, one.known_minor),
        shown=weight(row, one.shown_minor),
        is_good=one.is_good,
        by=one.by,
    )


def grades_of(row: Market) -> tuple[Grade, ...]:
    return tuple(
        Grade(
            one["id"],
            title_of(one["title"]),
            Money(int(one["price_minor"]), row.currency),
            Money(int(one.get("premium_minor", 0)), row.currency),
        )
        for one in row.grades
    )


def weight(row: Market, amount_minor: int) -> Quantity:
    return Quantity(int(amount_minor), row.unit, row.decimals, title_of(row.unit_words))


def ticket_view(one: WeighingTicket, row: Market) -> TicketView:
    titles = {grade.id: grade.title for grade in grades_of(row)}

    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return TicketView(
        ref=Ref(one.ref),
        market_ref=Ref(row.ref),
        state=TicketState(one.state),
        on=one.on,
        serial=one.serial,
        grower_ref=Ref(one.grower),
        grade=one.grade,
        grade_title=titles.get(one.grade, one.grade),
        gross=weight(row, one.gross_minor),
        tare=weight(row, one.tare_minor),
        net=weight(row, one.net_minor),
        price=money(one.price_minor),
        premium_price=money(one.premium_price_minor),
        value=money(one.value_minor),
        premium=money(one.premium_minor),
        credit=money(one.credit_minor),
        dues=money(one.dues_minor),
        payable=money(one.payable_minor),
        weighed_by=one.weighed_by,
        accepted_by=one.accepted_by,
        paid_by=one.paid_by,
        receipt=one.receipt,
        entry_ref=Ref(one.entry) if one.entry else None,
        paid_entry_ref=Ref(one.paid_entry) if one.paid_entry else None,
        load_ref=Ref(one.load.ref) if one.load else None,
    )


def _load_view(one: Any, row: Market) -> LoadView:
    found = None
    if one.factory_minor is not None:
        found = rules.compare_load(
            village=one.village_minor,
            factory=one.factory_minor,
            share_max=Fraction(row.terms["load_difference_max"]),
        )
    return LoadView(
        ref=Ref(one.ref),
        market_ref=Ref(row.ref),
        waybill=one.waybill,
        on=one.on,
        tickets=one.count,
        village=weight(row, one.village_minor),
        factory=weight(row, one.factory_minor) if one.factory_minor is not None else None,
        factory_on=one.factory_on,
        index=found.index if found is not None else None,
        needs_inquiry=found is not None and found.needs_inquiry,
    )
