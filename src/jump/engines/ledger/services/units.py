"""Declaring commodities, and exchanging one unit for another."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from django.utils.translation import gettext as _

from jump.base.actors import Actor
from jump.base.db import write_transaction
from jump.base.refusals import BadInput
from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import Ref
from jump.engines.ledger.models import Unit
from jump.engines.ledger.models.refusals import RateDiffers, UnitDeclared, UnitUnknown
from jump.engines.ledger.queries.accounts import account_by_ref
from jump.engines.ledger.queries.units import major, unit
from jump.engines.ledger.services.booking import Draft, book_drafts, posting_transaction
from jump.engines.ledger.services.books import open_account
from jump.engines.ledger.types import UNIT_CODE, AccountKind, EntryView, ExchangeView, Line, Posting, UnitView

TRADING = "trading"
_RATE_PLACES = Decimal(1).scaleb(-12)


def declare_unit(actor: Actor, *, code: str, title: str, decimals: int) -> UnitView:
    """Declare a commodity. The same again is the same unit; other decimals are refused, for booked amounts stay."""
    if code in CURRENCY_EXPONENTS:
        raise UnitDeclared(unit=code, decimals=CURRENCY_EXPONENTS[code])
    if not UNIT_CODE.fullmatch(code) or not 0 <= decimals <= 9:
        raise UnitUnknown(unit=code)
    with write_transaction():
        row, _made = Unit.objects.get_or_create(code=code, defaults={"title": title, "decimals": decimals})
        if row.decimals != decimals:
            raise UnitDeclared(unit=code, decimals=row.decimals)
        if row.title != title:
            Unit.objects.filter(pk=code).update(title=title)
    return UnitView(code, title, decimals, is_currency=False)


def exchange(
    actor: Actor,
    *,
    book_ref: Ref,
    given: Line,
    taken: Line,
    rate_on: date,
    memo: str,
    occurred_on: date,
    source_ref: Ref,
    key: str,
    rate: Decimal | None = None,
    origin: str = "",
    value_on: date | None = None,
) -> EntryView:
    """Give an amount of one unit for an amount of another, through the trading account of each unit.

    Both amounts are positive; what is given leaves its account, what is taken arrives on the other. `rate` says how
    many major units of what is taken one of what is given was worth on `rate_on`; the amounts must follow from it to
    within the smallest unit. Without it, it is worked out from the amounts. What the trading accounts are worth at
    today's rates is the gain or the loss (`trading_result`).
    """
    if given.amount_minor <= 0 or taken.amount_minor <= 0:
        raise BadInput({"amount": [_("Both amounts are more than nothing.")]})
    with posting_transaction():
        here, there = account_by_ref(given.account_ref), account_by_ref(taken.account_ref)
        if here.unit == there.unit:
            raise BadInput({"unit": [_("Both accounts are kept in the same unit.")]})
        kept = ExchangeView(here.unit, there.unit, _rate(here.unit, given, there.unit, taken, rate), rate_on, origin)
        lines = (
            Line(given.account_ref, -given.amount_minor, given.labels, given.unit),
            Line(_trading(actor, book_ref, here.unit), given.amount_minor),
            Line(taken.account_ref, taken.amount_minor, taken.labels, taken.unit),
            Line(_trading(actor, book_ref, there.unit), -taken.amount_minor),
        )
        posting = Posting(memo, occurred_on, lines, source_ref, key, value_on)
        return book_drafts(actor, book_ref=book_ref, drafts=[Draft(posting, exchange=kept)])[0]


def _trading(actor: Actor, book_ref: Ref, code: str) -> Ref:
    return open_account(
        actor,
        book_ref=book_ref,
        code=f"{TRADING}:{code}",
        title=f"Trading, {code}",
        kind=AccountKind.EQUITY,
        unit=code,
    )


def _rate(given: str, gave: Line, wanted: str, took: Line, rate: Decimal | None) -> Decimal:
    here, there = unit(given).decimals, unit(wanted).decimals
    with localcontext() as context:
        context.prec = 60
        if rate is None:
            worth = Decimal(took.amount_minor).scaleb(-there) / Decimal(gave.amount_minor).scaleb(-here)
            return worth.quantize(_RATE_PLACES, ROUND_HALF_EVEN) or _RATE_PLACES
        if not rate.is_finite() or rate <= 0 or rate != rate.quantize(_RATE_PLACES):
            raise BadInput({"rate": [_("A rate is more than nothing and has at most twelve decimals.")]})
        expected = int((Decimal(gave.amount_minor).scaleb(there - here) * rate).to_integral_value(ROUND_HALF_EVEN))
    if abs(expected - took.amount_minor) > 1:
        raise RateDiffers(
            given=major(gave.amount_minor, here),
            given_unit=given,
            unit=wanted,
            rate=str(rate),
            expected_minor=expected,
            taken_minor=took.amount_minor,
        )
    return rate
