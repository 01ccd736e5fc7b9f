"""Words for what stores and markets call by code, and the mark that goes with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jump.engines.finance import api as finance
from jump.web import formats

MOVES: dict[str, Any] = {
    "bought": gettext_lazy("Bought"),
    "contributed": gettext_lazy("Put in by members"),
    "repaid": gettext_lazy("Given back"),
    "received": gettext_lazy("Received from another store"),
    "sold": gettext_lazy("Sold"),
    "lent": gettext_lazy("Lent"),
    "sent": gettext_lazy("Sent to another store"),
    "given": gettext_lazy("Given"),
    "lost": gettext_lazy("Lost"),
    "cost": gettext_lazy("Cost of the store"),
}
MOVE_STATES: dict[str, tuple[Any, str]] = {
    "prepared": (gettext_lazy("Waits for a second person"), "warn"),
    "booked": (gettext_lazy("Booked"), ""),
    "undone": (gettext_lazy("Taken back"), ""),
    "dropped": (gettext_lazy("Given up"), ""),
}
SEASONS: dict[str, tuple[Any, str]] = {
    "running": (gettext_lazy("Running"), ""),
    "proposed": (gettext_lazy("Waits for a second person"), "warn"),
    "closed": (gettext_lazy("Closed"), "good"),
}
PARTS: dict[str, Any] = {
    "stock": gettext_lazy("More stock"),
    "repair": gettext_lazy("Repair of the store"),
    "reserve": gettext_lazy("Reserve"),
    "committee": gettext_lazy("Committee"),
    "social": gettext_lazy("Social fund"),
}
OFFERS: dict[str, Any] = {"surplus": gettext_lazy("Too much"), "need": gettext_lazy("Too little")}
EXCHANGES: dict[str, tuple[Any, str]] = {
    "agreed": (gettext_lazy("Waits for its arrival"), "warn"),
    "arrived": (gettext_lazy("Arrived"), "good"),
    "dropped": (gettext_lazy("Given up"), ""),
}
TICKETS: dict[str, tuple[Any, str]] = {
    "weighed": (gettext_lazy("Waits to be accepted"), "warn"),
    "accepted": (gettext_lazy("To be paid"), "blue"),
    "paid": (gettext_lazy("Paid"), "good"),
    "dropped": (gettext_lazy("Given up"), ""),
}
MOMENTS: dict[str, Any] = {
    "start": gettext_lazy("At the start"),
    "noon": gettext_lazy("At noon"),
    "end": gettext_lazy("At the end"),
}
# Beside which field a refusal belongs.
FIELDS = {
    "finance.stock_short": "quantity",
    "finance.quota_used": "quantity",
    "finance.grain_owed_less": "quantity",
    "finance.offer_short": "quantity",
    "finance.amount_not_positive": "quantity",
    "finance.price_outside_band": "price",
    "finance.too_dear": "price",
    "finance.band_impossible": "floor",
    "finance.before_last_movement": "on",
    "finance.day_impossible": "on",
    "finance.receipt_used": "receipt",
    "finance.lot_twice": "mark",
    "finance.ticket_used": "serial",
    "finance.weighing_wrong": "gross",
    "finance.grade_unknown": "grade",
}


def prices(band: finance.Band | None) -> str:
    """XOF 116 to XOF 170 since 1 June 2004."""
    if band is None:
        return _("not declared yet")
    return _("%(floor)s to %(ceiling)s since %(day)s") % {
        "floor": formats.money(band.floor),
        "ceiling": formats.money(band.ceiling),
        "day": formats.day(band.valid_from),
    }


def terms(store: finance.StoreView) -> list[tuple[str, str]]:
    """What members agreed, in words."""
    said = store.terms
    rows = [
        (_("Prices for one %(unit)s") % {"unit": store.stock.label or store.unit}, prices(store.band)),
        (
            _("Loans of grain"),
            _("%(margin)s more is given back, after %(months)s months")
            % {"margin": formats.share(_part(said["credit_margin"])), "months": said["credit_months"]},
        ),
    ]
    if int(said["quota_minor"]):
        quota = finance.Quantity(int(said["quota_minor"]), store.unit, store.stock.decimals, store.stock.label)
        rows.append(
            (
                _("A household may buy"),
                _("%(quota)s in %(days)s days") % {"quota": formats.quantity(quota), "days": said["quota_days"]},
            )
        )
    rows.append((_("Loss at most"), formats.share(_part(said["loss_target"]), 1)))
    return rows


def _part(text: str) -> Decimal:
    return Decimal(text)
