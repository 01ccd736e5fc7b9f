"""Words for donors, contributions in kind, equipment and the plans of a budget."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jump.base import i18n, packages
from jump.web import formats

PLEDGES: dict[str, Any] = {
    "money": gettext_lazy("Money"),
    "facilities": gettext_lazy("Rooms and facilities"),
    "expertise": gettext_lazy("Expertise"),
    "labour": gettext_lazy("Labour"),
    "land": gettext_lazy("Land"),
    "goods": gettext_lazy("Goods"),
}
RULES: dict[str, Any] = {
    "proportional": gettext_lazy("in proportion to what each still has, earmarked money first"),
    "first_in": gettext_lazy("the oldest money first, earmarked money before it"),
}
BASES: dict[str, Any] = {
    "plan": gettext_lazy("the rest of the plan"),
    "estimate": gettext_lazy("an estimate"),
}
READINGS: dict[str, Any] = {
    "total": gettext_lazy("Of the whole"),
    "direct": gettext_lazy("On top of direct cost"),
}
PROVISIONS: dict[str, tuple[Any, str]] = {
    "asked": (gettext_lazy("Waits for a second person"), "warn"),
    "released": (gettext_lazy("Released"), "good"),
    "dropped": (gettext_lazy("Not released"), ""),
}
ASSETS: dict[str, tuple[Any, str]] = {
    "held": (gettext_lazy("In use"), "blue"),
    "handed_over": (gettext_lazy("Handed over"), "good"),
}
CONDITIONS: dict[str, Any] = {
    "good": gettext_lazy("Good"),
    "worn": gettext_lazy("Worn"),
    "damaged": gettext_lazy("Damaged"),
    "missing": gettext_lazy("Missing"),
}
CONDITION_KINDS = {"good": "good", "worn": "warn", "damaged": "bad", "missing": "bad"}
EVENTS: dict[str, Any] = {
    "custody": gettext_lazy("Given into keeping"),
    "check": gettext_lazy("Checked"),
    "operation": gettext_lazy("Cost of operation"),
    "maintenance": gettext_lazy("Cost of maintenance"),
}
EARMARKS: dict[str, Any] = {
    "country": gettext_lazy("Country"),
    "place": gettext_lazy("Place"),
    "stage": gettext_lazy("Stage"),
    "type": gettext_lazy("Type"),
    "line": gettext_lazy("Line"),
    "activity": gettext_lazy("Activity"),
    "product": gettext_lazy("Product"),
    "use": gettext_lazy("Use"),
}


def units() -> dict[str, str]:
    """What can be counted beside money, by the words of the packages."""
    return {one.id.rpartition(".")[2]: i18n.text(one.data["title"]) for one in packages.definitions("unit")}


def quantity(value: Decimal, unit: str, titles: Mapping[str, str]) -> str:
    """A number with what it counts."""
    return f"{formats.number(value.normalize() if value else value)} × {titles.get(unit, unit)}" if unit else ""


def plain(code: str) -> str:
    """A code that nobody gave a title to."""
    return code.replace("_", " ").capitalize()


def earmark(marks: Mapping[str, str], names: Any = None) -> str:
    """What alone money may be used for."""
    if not marks:
        return _("Anything in the budget")
    said = names.say if names is not None else lambda _group, code: plain(code)
    return ", ".join(f"{EARMARKS[name]}: {said(name, value)}" for name, value in marks.items())
