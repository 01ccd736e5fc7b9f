"""A meeting's collection as a phone sends it becomes a provisional sheet; a second person counts the money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from jump.base.actors import Actor
from jump.base.refusals import Refusal
from jump.core.money import CURRENCY_EXPONENTS, Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties

AMOUNT_MAX = 10**15
LINES_MAX = 2_000


class CollectionUnreadable(Refusal):
    """What came is no collection: written by another program, or damaged on the way."""

    code = "field.collection_unreadable"
    http_status = 400
    message = _("The collection cannot be read: %(why)s.")
    what_to_do = _("Keep it on the phone, save it to a file and take it to the office.")


def take(actor: Actor, told: Any) -> Ref:
    """Write a collection down, once per key, whoever brings it and however often.

    `told`: key, group, on (ISO day), currency, amounts (target reference to minor units). Raises what
    `finance.collect` refuses, and CollectionUnreadable.
    """
    try:
        key, group = str(told["key"]), Ref(str(told["group"]))
        on, currency = date.fromisoformat(str(told["on"])), str(told["currency"])
        amounts: Mapping[str, Any] = dict(told["amounts"])
    except (KeyError, TypeError, ValueError) as error:
        raise CollectionUnreadable(why=str(error)[:100]) from None
    if currency not in CURRENCY_EXPONENTS or not 0 < len(key) <= 100 or len(amounts) > LINES_MAX:
        raise CollectionUnreadable(why=currency[:10])
    for amount in amounts.values():
        if type(amount) is not int or not 0 < amount < AMOUNT_MAX:
            raise CollectionUnreadable(why=str(amount)[:40])
    parties.group(actor, group)  # it may be seen
    return finance.collect(
        actor,
        group_ref=group,
        amounts={Ref(target): Money(minor, currency) for target, minor in amounts.items()},
        on=on,
        key=f"field:{key}",
    )
