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
    """The month is closing or sealed, or lies before a sealed one."""

    code = "ledger.period_closed"
    message = _("The books of %(month)s are closed.")
    what_to_do = _("Use a day in an open month and give the true day as value date, or ask the coordinator.")


class EarlierMonthOpen(Refusal):
    """Months are sealed in their order: one before this is not sealed and has entries."""

    code = "ledger.earlier_month_open"
    message = _("The books of %(earlier)s are not sealed yet.")
    what_to_do = _("Seal the earlier month first.")


class NotClosing(Refusal):
    """A month is sealed only after somebody has begun to close it."""

    code = "ledger.not_closing"
    message = _("Nobody has begun to close the books of %(month)s.")
    what_to_do = _("One person begins to close the month; another seals it.")


class BankUnfinished(Refusal):
    """Lines of a bank up to the month's end are neither matched nor booked, or entries wait for approval."""

    code = "ledger.bank_unfinished"
    message = _("Up to the end of %(month)s %(open_bank)s lines of the bank are open and %(waiting)s entries wait.")
    what_to_do = _("Match or book them first, or seal with a reason; it stays on record.")


class ProofFailed(Refusal):
    """The month cannot be sealed: what the ledger holds does not agree with itself."""

    code = "ledger.proof_failed"
    message = _("The proof of the books found %(problems)s problems. The month was not sealed.")
    what_to_do = _("Run jump ledger verify, and show what it says to whoever looks after this server.")


class UnitUnknown(Refusal):
    """Neither a currency of ISO 4217 nor a declared commodity."""

    code = "ledger.unit_unknown"
    http_status = 422
    message = _("There is no unit called %(unit)s.")
    what_to_do = _("Use the three letters of a currency, or declare what is counted and with how many decimals.")


class UnitDeclared(Refusal):
    """A unit of this name exists with other decimals, or is a currency."""

    code = "ledger.unit_declared"
    message = _("%(unit)s is counted with %(decimals)s decimals already.")


class OtherUnit(Refusal):
    """An amount in one unit for an account that is kept in another."""

    code = "ledger.other_unit"
    http_status = 422
    message = _("The account %(account)s is kept in %(account_unit)s, not in %(asked_unit)s.")
    what_to_do = _("Exchange one for the other at a rate first, or use an account in this unit.")


class TooManyDecimals(Refusal):
    """An amount finer than the smallest part of its unit."""

    code = "ledger.too_many_decimals"
    http_status = 422
    message = _("%(text)s has more decimals than %(unit)s has: %(decimals)s.")


class RateDiffers(AboutAmounts):
    """The two amounts of an exchange do not follow from its rate."""

    code = "ledger.rate_differs"
    http_status = 422
    message = _("At this rate %(given)s %(given_unit)s are %(expected)s, not %(taken)s.")
    what_to_do = _("Check the rate and both amounts.")


class RateMissing(Refusal):
    """No rate was given for a unit that was exchanged."""

    code = "ledger.rate_missing"
    http_status = 422
    message = _("There is no rate from %(unit)s to %(wanted)s.")


class HoldEnded(AboutAmounts):
    """The hold was used up, let go or has lapsed, or holds less than is asked of it."""

    code = "ledger.hold_ended"
    message = _("Only %(open)s of this reservation are left.")
    what_to_do = _("Reserve the amount again, or use less of it.")


class NoFloor(Refusal):
    """An account without a least amount has no end, so nothing of it can be reserved."""

    code = "ledger.no_floor"
    http_status = 422
    message = _("Nothing can be reserved on %(account)s: it has no least amount.")


class ImportRefused(Refusal):
    """A file of old books has mistakes. All of them are named; nothing of the file was posted."""

    code = "ledger.import_refused"
    http_status = 422
    message = _("The file has %(count)s mistakes. Nothing was booked.")
    what_to_do = _("Put the rows right that are named here, and send the file again.")


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


class ReversalOfReversal(AlreadyReversed):
    """The entry is a reversal itself. What was right all along is booked again as a new entry."""

    code = "ledger.reversal_of_reversal"
    message = _("This entry puts %(reverses)s right. It is not put right itself.")
    what_to_do = _("Book again what was right, as a new entry.")


class DiskFull(BaseDiskFull):
    """The disk is full. Nothing of the entry was kept."""

    code = "ledger.disk_full"
    message = _("The disk of the server is full. Nothing was booked.")
