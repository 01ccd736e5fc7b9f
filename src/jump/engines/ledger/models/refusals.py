"""What the ledger refuses, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jump.base.db import DiskFull as BaseDiskFull
from jump.base.refusals import KeyReused as BaseKeyReused
from jump.base.refusals import Refusal


class Unbalanced(Refusal):
    """The lines of one unit do not sum to zero."""

    code = "ledger.unbalanced"
    http_status = 422
    message = _("The entry does not add up: %(difference_minor)s %(unit)s too much on one side.")
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


class BelowFloor(Refusal):
    """An account would fall below what it must hold."""

    code = "ledger.below_floor"
    message = _("There is not enough on %(account)s: it holds %(held_minor)s %(unit)s above its least amount.")
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
