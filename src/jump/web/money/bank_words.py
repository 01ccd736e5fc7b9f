"""Words for bank statements, matches, reconciliations and months."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from jump.web import formats

COLUMNS: dict[str, Any] = {
    "day": gettext_lazy("Day on which the bank booked it"),
    "value_day": gettext_lazy("Value date"),
    "text": gettext_lazy("What the bank wrote"),
    "reference": gettext_lazy("The bank's reference"),
    "amount": gettext_lazy("Amount, money out below zero"),
    "money_in": gettext_lazy("Money in"),
    "money_out": gettext_lazy("Money out"),
    "direction": gettext_lazy("Whether in or out (C or D)"),
    "balance": gettext_lazy("Balance after the line"),
}
DATES: dict[str, Any] = {
    "auto": gettext_lazy("Find out"),
    "ymd": gettext_lazy("Year, month, day"),
    "dmy": gettext_lazy("Day, month, year"),
    "mdy": gettext_lazy("Month, day, year"),
}
DECIMALS: dict[str, Any] = {
    "auto": gettext_lazy("Find out"),
    ".": gettext_lazy("Point, as in 1,234.50"),
    ",": gettext_lazy("Comma, as in 1.234,50"),
}
BANK_CODES: dict[str, Any] = {
    "bank_charges": gettext_lazy("A charge of the bank"),
    "bank_interest": gettext_lazy("Interest from the bank"),
}
FORMS: dict[str, Any] = {"csv": gettext_lazy("Table (CSV)"), "camt": gettext_lazy("ISO 20022 (camt.053)")}
STATES: dict[str, tuple[Any, str]] = {
    "prepared": (gettext_lazy("Waits for a second person"), "warn"),
    "done": (gettext_lazy("Signed"), "good"),
    "dropped": (gettext_lazy("Given up"), ""),
}
MONTHS: dict[str, tuple[Any, str]] = {
    "open": (gettext_lazy("Open"), ""),
    "closing": (gettext_lazy("Closing"), "warn"),
    "sealed": (gettext_lazy("Sealed"), "good"),
}
WAITING: dict[str, tuple[Any, str]] = {
    "tranche": (gettext_lazy("A tranche is prepared and not approved"), "money:contract"),
    "write_off": (gettext_lazy("A write-off is proposed and not approved"), "money:contract"),
    "savings": (gettext_lazy("A payment to a saver is prepared and not approved"), "money:savings_account"),
    "collection": (gettext_lazy("Money was collected and is not counted"), "money:collection"),
    "guarantee": (gettext_lazy("A payment under a guarantee is prepared and not approved"), "money:guarantee"),
    "bank_move": (gettext_lazy("A payment to a bank is prepared and not approved"), "money:bank_line"),
}


def month(number: int) -> str:
    """200406 is June 2004."""
    return formats.month(date(number // 100, number % 100, 1))
