"""Words for savings, guarantees and links with banks, and the mark that goes with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.money import words

FORMS: dict[str, Any] = {
    "voluntary": gettext_lazy("Saved by choice"),
    "compulsory": gettext_lazy("Saved as a duty of members"),
    "term": gettext_lazy("Saved for a fixed time"),
    "shares": gettext_lazy("Member shares"),
}
SAVINGS_STATES: dict[str, tuple[Any, str]] = {
    "open": (gettext_lazy("Open"), "good"),
    "closed": (gettext_lazy("Closed"), ""),
}
MOVES: dict[str, Any] = {
    "deposit": gettext_lazy("Paid in"),
    "withdrawal": gettext_lazy("Taken out"),
    "interest": gettext_lazy("Interest"),
}
MOVE_STATES: dict[str, tuple[Any, str]] = {
    "prepared": (gettext_lazy("Waits for a second person"), "warn"),
    "booked": (gettext_lazy("Booked"), ""),
    "undone": (gettext_lazy("Taken back"), ""),
    "dropped": (gettext_lazy("Given up"), ""),
}
GUARANTEE_STATES: dict[str, tuple[Any, str]] = {
    "open": (gettext_lazy("In force"), "blue"),
    "called": (gettext_lazy("Called"), "bad"),
    "paid": (gettext_lazy("Paid"), "good"),
    "released": (gettext_lazy("Released"), ""),
}
LINES: dict[str, Any] = {
    "account": gettext_lazy("Account at a bank"),
    "credit_line": gettext_lazy("Credit line"),
}
LINE_MOVES: dict[str, Any] = {
    "drawn": gettext_lazy("Drawn"),
    "repaid": gettext_lazy("Paid back to the bank"),
    "paid_in": gettext_lazy("Paid in at the bank"),
    "taken_out": gettext_lazy("Taken out at the bank"),
}
_METHODS: dict[str, Any] = {
    "daily": gettext_lazy("on the balance of each day"),
    "minimum": gettext_lazy("on the smallest balance of each month"),
}


def interest(terms: Any) -> str:
    """4% a year on the balance of each day."""
    method = str(terms.get("interest_method", "none"))
    if method == "none":
        return _("no interest")
    rate = words.percent(Decimal(str(terms.get("rate_yearly", "0"))) * 100)
    return _("%(rate)s a year %(how)s") % {"rate": rate, "how": _METHODS[method]}


def account_terms(account: finance.SavingsAccountView) -> list[tuple[str, str]]:
    """The list of terms of a savings account; only what holds for it."""
    terms, currency = account.terms, account.currency
    rows = [
        (_("Kind"), str(FORMS[account.form])),
        (_("Opened"), formats.day(account.opened_on)),
        (_("Interest"), interest(terms)),
    ]
    if account.interest_until:
        rows.append((_("Interest posted up to"), formats.day(account.interest_until)))
    if account.matures_on:
        rows.append((_("Saved until"), formats.day(account.matures_on)))
    if int(terms.get("notice_days", 0)):
        days = int(terms["notice_days"])
        rows.append((_("Notice"), ngettext("%(n)s day", "%(n)s days", days) % {"n": days}))
    if int(terms.get("balance_min_minor", 0)):
        rows.append((_("Has to stay"), formats.money(int(terms["balance_min_minor"]), currency)))
    if terms.get("cover_share", "0") not in ("0", "0.0", ""):
        share = words.percent(Decimal(str(terms["cover_share"])) * 100)
        rows.append((_("Stands for loans"), _("%(share)s of what is owed") % {"share": share}))
    if account.form is finance.SavingsForm.SHARES:
        rows.append((_("One share"), formats.money(int(terms["share_value_minor"]), currency)))
    if account.closed_on:
        rows.append((_("Closed"), formats.day(account.closed_on)))
    return rows
