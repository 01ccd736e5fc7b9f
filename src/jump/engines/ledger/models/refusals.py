"""What the ledger refuses, by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from jump.base.db import DiskFull as BaseDiskFull
from jump.base.refusals import KeyReused as BaseKeyReused
from jump.base.refusals import Refusal
from jump.core.money import CURRENCY_EXPONENTS


class AboutAmounts(Refusal):
    """A refusal whose sentences name amounts: `%(owed)s` is the fact `owed_minor` in its currency or unit."""

    def sentence(self) -> str:
        return self._with_amounts(super().sentence())

    def advice(self) -> str:
        return self._with_amounts(super().advice())

    def _with_amounts(self, sentence: str) -> str:
        facts = {**self.facts, **_amounts(self.facts)}
        try:
            return sentence % facts if "%(" in sentence else sentence
        except (KeyError, TypeError, ValueError):
            return sentence


def _amounts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Facts in minor units as people write them, grouped and with the decimals of the currency."""
    unit = str(facts.get("currency") or facts.get("unit") or "")
    decimals = CURRENCY_EXPONENTS.get(unit, 0)
    return {
        name.removesuffix(
            "_minor"
        ): f"{number_format(Decimal(value).scaleb(-decimals), decimals, force_grouping=True)} {unit}".strip()
        for name, value in facts.items()
        if name.endswith("_minor") and isinstance(value, int)
    }


class Unbalanced(AboutAmounts):
    """The lines of one unit do not sum to zero."""

    code = "ledger.unbalanced"
    http_status = 422
    message = _("The entry does not add up: %(difference)s too much on one side.")
    what_to_do = _("Check the amounts. What is taken from one account must arrive on another.")


class UnitMixed(Refusal):
    """The lines sum to zero only if different units are added together."""

    code = "ledger.unit_mixed"
    http_status = 422
    message = _("Amounts in %(units)s cannot be added to each other.")
    what_to_do = _("Exchange one for the other at a rate first, then post.")


class TooFewLines(Refusal):
    """An entry needs at least two lines, none of them zero."""

    code = "ledger.too_few_lines"
    http_status = 422
    message = _("An entry needs at least two lines that are not zero.")


class LabelUnknown(Refusal):
    """A line carries a label that the ledger does not keep."""

    code = "ledger.label_unknown"
    http_status = 422
    message = _("There is no label called %(label)s.")


class AccountUnknown(Refusal):
    """No such account in this book."""

    code = "ledger.account_unknown"
    http_status = 404
    message = _("There is no account %(account)s in this book.")


class PeriodClosed(Refusal):
    """The month is closing or sealed."""

    code = "ledger.period_closed"
    message = _("The books of %(month)s are closed.")
    what_to_do = _("Use a day in an open month, or ask the coordinator.")


class BelowFloor(AboutAmounts):
    """An account would fall below what it must hold."""

    code = "ledger.below_floor"
    message = _("There is not enough on %(account)s: it holds %(held)s above its least amount.")
    what_to_do = _("Nothing was booked. Use a smaller amount, or add to the account first.")


class KeyReused(BaseKeyReused):
    """The same key came again with other content."""

    code = "ledger.key_reused"


class AlreadyReversed(Refusal):
    """The entry was reversed before, or is a reversal itself."""

    code = "ledger.already_reversed"
    message = _("This entry was already put right by %(by)s.")


class DiskFull(BaseDiskFull):
    """The disk is full. Nothing of the entry was kept."""

    code = "ledger.disk_full"
    message = _("The disk of the server is full. Nothing was booked.")
