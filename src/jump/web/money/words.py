"""Words for what finance calls by code, and the mark that goes with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jump.engines.finance import api as finance
from jump.web import formats

KINDS: dict[str, Any] = {
    "loan": gettext_lazy("Loan"),
    "grant": gettext_lazy("Grant"),
    "service": gettext_lazy("Service contract"),
}
STATES: dict[str, Any] = {
    "waiting": gettext_lazy("Waiting for its first payment"),
    "running": gettext_lazy("Running"),
    "settled": gettext_lazy("Finished"),
    "written_off": gettext_lazy("Written off"),
    "cancelled": gettext_lazy("Cancelled"),
}
STATE_KINDS = {"waiting": "blue", "running": "", "settled": "good", "written_off": "bad", "cancelled": ""}
TRANCHES: dict[str, tuple[Any, str]] = {
    "planned": (gettext_lazy("Planned"), ""),
    "prepared": (gettext_lazy("Prepared, waits for a second person"), "warn"),
    "released": (gettext_lazy("Paid"), "good"),
    "cancelled": (gettext_lazy("Cancelled"), ""),
}
CONTRIBUTORS: dict[str, Any] = {
    "donor": gettext_lazy("Donor"),
    "community": gettext_lazy("Community"),
    "national": gettext_lazy("National side"),
    "partner": gettext_lazy("Partner"),
}
METHODS: dict[str, Any] = {
    "flat": gettext_lazy("of the whole amount"),
    "declining_equal_instalments": gettext_lazy("on what is left to pay"),
    "declining_equal_principal": gettext_lazy("on what is left to pay"),
}
RHYTHMS: dict[str, Any] = {
    "weekly": gettext_lazy("every week"),
    "fortnightly": gettext_lazy("every two weeks"),
    "monthly": gettext_lazy("every month"),
    "quarterly": gettext_lazy("every three months"),
}
ACCOUNT_KINDS: dict[str, Any] = {
    "asset": gettext_lazy("What is held"),
    "liability": gettext_lazy("What is owed"),
    "equity": gettext_lazy("Capital"),
    "income": gettext_lazy("What came in"),
    "expense": gettext_lazy("What went out"),
}


def days_late(days: int) -> str:
    return ngettext("%(n)s day late", "%(n)s days late", days) % {"n": formats.number(days)}


def late_kind(days: int) -> str:
    """A warning up to 30 days, then bad: the limit that portfolio at risk is read at."""
    return "bad" if days > 30 else "warn" if days else "good"


def state_tag(kind: str, state: str, late: int) -> tuple[str, str]:
    """The one word and mark of a contract: late goes before running."""
    if late and state == finance.ContractState.RUNNING:
        return days_late(late), late_kind(late)
    if state == finance.ContractState.RUNNING and kind == finance.ContractKind.LOAN:
        return _("On time"), "good"
    return str(STATES[state]), STATE_KINDS[state]


def mark(line: finance.InstalmentView) -> tuple[str, str]:
    """How an instalment stands; a plain word where it is still to come."""
    if line.mark is finance.InstalmentMark.PAID:
        return _("Paid"), "good"
    if line.mark is finance.InstalmentMark.LATE:
        return days_late(line.days_late), late_kind(line.days_late)
    if line.mark is finance.InstalmentMark.DUE:
        return _("Due today"), "blue"
    return _("To come"), ""


def percent(value: Any) -> str:
    """12.5% from 12.5."""
    exact = Decimal(str(value))
    return formats.share(exact / 100, max(0, -int(exact.normalize().as_tuple().exponent)) if exact % 1 else 0)


def rate(terms: Any) -> str:
    """12% a year on what is left to pay."""
    yearly = Decimal(str(terms.get("rate_yearly", "0") or "0"))
    if not yearly:
        return _("no interest")
    return _("%(rate)s a year %(how)s") % {
        "rate": percent(yearly * 100),
        "how": METHODS.get(str(terms.get("method")), ""),
    }


def headline(contract: finance.ContractView) -> str:
    """Loan ctr-… · PHP 240,000 over 12 payments · 12% a year on what is left to pay · rice mill."""
    parts = [f"{KINDS[contract.kind]} {contract.ref}"]
    amount = formats.money(contract.amount)
    if contract.kind is finance.ContractKind.LOAN:
        count = int(contract.terms.get("instalments") or 1)
        words = ngettext("%(amount)s over %(n)s payment", "%(amount)s over %(n)s payments", count)
        parts += [words % {"amount": amount, "n": count}, rate(contract.terms)]
    else:
        parts.append(amount)
    return " · ".join(part for part in (*parts, contract.purpose) if part)
