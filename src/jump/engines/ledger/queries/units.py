"""Units: the decimals of currencies and of declared commodities, and amounts between people and the books."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation, localcontext

from django.utils.translation import gettext as _

from jump.base.refusals import BadInput
from jump.core import money
from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import INT64_MAX, INT64_MIN
from jump.engines.ledger.models import Unit
from jump.engines.ledger.models.refusals import TooManyDecimals, UnitUnknown
from jump.engines.ledger.types import UnitView


def unit(code: str) -> UnitView:
    """A currency of ISO 4217 or a declared commodity. Raises UnitUnknown."""
    if code in CURRENCY_EXPONENTS:
        return UnitView(code, code, CURRENCY_EXPONENTS[code], is_currency=True)
    row = Unit.objects.filter(code=code).first()
    if row is None:
        raise UnitUnknown(unit=code)
    return UnitView(row.code, row.title, row.decimals, is_currency=False)


def commodities() -> list[UnitView]:
    """Every declared commodity, by its code."""
    return [UnitView(row.code, row.title, row.decimals, is_currency=False) for row in Unit.objects.order_by("code")]


def decimals_of() -> dict[str, int]:
    """The decimals of every unit there is, in one short read."""
    return {**dict(Unit.objects.values_list("code", "decimals")), **CURRENCY_EXPONENTS}


def minor_of(amount: Decimal | int | str, code: str, *, decimals: int | None = None) -> int:
    """Major units as whole minor units, exactly. Refuses more decimals than the unit has; never rounds."""
    places = unit(code).decimals if decimals is None else decimals
    if isinstance(amount, str) and code in CURRENCY_EXPONENTS:
        try:
            return money.parse_amount(amount, code, allow_negative=True)
        except money.TooManyDecimals:
            raise TooManyDecimals(text=amount, unit=code, decimals=places) from None
        except money.AmountError as error:
            raise BadInput({"amount": [str(error)]}) from None
    try:
        exact = Decimal(amount.strip() if isinstance(amount, str) else amount)
    except InvalidOperation:
        raise BadInput({"amount": [_("This is not a number.")]}) from None
    if not exact.is_finite():
        raise BadInput({"amount": [_("This is not a number.")]})
    with localcontext() as context:
        context.prec = 60
        scaled = exact.scaleb(places)
        if scaled != scaled.to_integral_value():
            raise TooManyDecimals(text=str(amount), unit=code, decimals=places)
    if not INT64_MIN <= scaled <= INT64_MAX:
        raise BadInput({"amount": [_("This amount is too large to be kept exactly.")]})
    return int(scaled)


def major(amount_minor: int, decimals: int) -> str:
    """Minor units as major units, in plain digits with all decimals of the unit."""
    return f"{Decimal(amount_minor).scaleb(-decimals):f}"
