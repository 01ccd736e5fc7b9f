"""Words for what ownership calls by code, and what a step shows before and after it is booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats

KINDS: dict[str, Any] = {
    "issue": gettext_lazy("New shares"),
    "transfer": gettext_lazy("Shares passed on"),
    "change_class": gettext_lazy("Change of class"),
    "cancel": gettext_lazy("Shares bought back"),
    "agree_purchase": gettext_lazy("Purchase by instalments"),
    "pay_purchase": gettext_lazy("Payment of a purchase"),
    "record_hours": gettext_lazy("Hours worked in a year"),
    "pay_entry": gettext_lazy("Entry contribution"),
    "close_year": gettext_lazy("Result of a year"),
    "revalue": gettext_lazy("Adjustment to prices"),
    "leave": gettext_lazy("A member leaves"),
    "pay_out": gettext_lazy("Paid out to a member who left"),
    "pay_interest": gettext_lazy("Interest paid in cash"),
    "borrow": gettext_lazy("Loan of the trust"),
    "trust_year": gettext_lazy("Plan year of the trust"),
    "trust_leave": gettext_lazy("An employee leaves"),
    "distribute": gettext_lazy("Shares handed out"),
    "invest": gettext_lazy("Investment"),
    "return": gettext_lazy("Investment that comes back"),
    "take_back": gettext_lazy("Taking back a booked step"),
}
STATES: dict[str, tuple[Any, str]] = {
    "prepared": (gettext_lazy("Waits for a second person"), "warn"),
    "booked": (gettext_lazy("Booked"), "good"),
    "dropped": (gettext_lazy("Given up"), ""),
    "reversed": (gettext_lazy("Taken back"), ""),
}
STAKES: dict[str, tuple[Any, str]] = {
    "open": (gettext_lazy("Open"), ""),
    "leaving": (gettext_lazy("Left, being paid out"), "blue"),
    "closed": (gettext_lazy("Closed"), ""),
}
HOLDERS: dict[str, Any] = {
    "person": gettext_lazy("A person"),
    "enterprise": gettext_lazy("An enterprise"),
    "public_body": gettext_lazy("A public body"),
    "non_profit": gettext_lazy("A non-profit body"),
    "social_economy": gettext_lazy("A body of the social economy"),
}
FINANCING: dict[str, tuple[Any, str]] = {
    "proposed": (gettext_lazy("Waits for a second person"), "warn"),
    "agreed": (gettext_lazy("Agreed"), "good"),
    "replaced": (gettext_lazy("Replaced"), ""),
    "dropped": (gettext_lazy("Given up"), ""),
}
CLASSES: dict[str, Any] = {
    "labour": gettext_lazy("Labour"),
    "general": gettext_lazy("General"),
    "founders": gettext_lazy("Founders"),
}
LINES: dict[str, Any] = {
    "entry": gettext_lazy("Entry contribution, the part on the account"),
    "surplus": gettext_lazy("Part of the surplus"),
    "interest": gettext_lazy("Interest"),
    "revaluation": gettext_lazy("Adjustment to prices"),
    "refill": gettext_lazy("Paid in again"),
    "loss": gettext_lazy("Part of the loss"),
    "deduction": gettext_lazy("Deduction on leaving"),
    "pay_out": gettext_lazy("Paid out"),
    "taken_back": gettext_lazy("Booked in error and taken back"),
}
CAUSES: dict[str, Any] = {
    "retirement": gettext_lazy("Retirement"),
    "death": gettext_lazy("Death"),
    "disability": gettext_lazy("Disability"),
    "agreed": gettext_lazy("By agreement"),
    "early": gettext_lazy("Before the agreed time, without cause"),
    "excluded": gettext_lazy("Excluded"),
    "other": gettext_lazy("Another cause"),
    "active": gettext_lazy("At work"),
}
MISSED: dict[str, Any] = {
    "labour_capital": gettext_lazy("Workers with an open-ended contract hold the majority of the shares"),
    "labour_votes": gettext_lazy("They hold the majority of the votes"),
    "one_holder": gettext_lazy("Nobody holds more than the limit"),
    "members": gettext_lazy("There are enough members"),
    "hours": gettext_lazy("Open-ended workers who are not members work few enough hours"),
}
PROVENANCE: dict[str, Any] = {
    "P": gettext_lazy("programme document"),
    "S": gettext_lazy("read in the source"),
    "K": gettext_lazy("from general knowledge: check the law"),
    "D": gettext_lazy("our own default"),
    "R": gettext_lazy("our own reading"),
}
RELEASE: dict[str, Any] = {
    "principal": gettext_lazy("by principal alone"),
    "principal_and_interest": gettext_lazy("by principal and interest"),
}
# What follows from a step, in the order in which it is told.
FIGURES: dict[str, Any] = {
    "surplus_minor": gettext_lazy("Result of the year"),
    "covered_minor": gettext_lazy("Covers an old loss"),
    "interest_minor": gettext_lazy("Interest"),
    "reserve_minor": gettext_lazy("To the collective reserve"),
    "education_minor": gettext_lazy("To the education fund"),
    "from_non_members_minor": gettext_lazy("Of the reserve, from work of others"),
    "members_minor": gettext_lazy("To the members, by labour"),
    "uncovered_minor": gettext_lazy("Loss that nobody can bear yet"),
    "account_minor": gettext_lazy("To the member's account"),
    "open_minor": gettext_lazy("Still to be paid of the contribution"),
    "balance_minor": gettext_lazy("On the account"),
    "deducted_minor": gettext_lazy("Deduction, to the reserve"),
    "capital_minor": gettext_lazy("Paid out of the account"),
    "contribution_minor": gettext_lazy("Contribution of the enterprise"),
    "principal_minor": gettext_lazy("Principal"),
    "price_minor": gettext_lazy("Value of one share"),
    "paid_minor": gettext_lazy("Paid so far"),
    "owed_minor": gettext_lazy("Still to be paid"),
    "left_minor": gettext_lazy("Still invested"),
    "income_minor": gettext_lazy("Income"),
    "value_minor": gettext_lazy("Value"),
    "total_minor": gettext_lazy("Amount"),
    "released": gettext_lazy("Shares released"),
    "forfeitures": gettext_lazy("Forfeited shares given out again"),
    "held": gettext_lazy("Shares held"),
    "vested": gettext_lazy("Stay with the employee"),
    "forfeited": gettext_lazy("Forfeited"),
    "passing": gettext_lazy("Shares that pass now"),
    "free_after": gettext_lazy("Free shares left to the giver"),
    "held_after": gettext_lazy("Shares held afterwards"),
    "years": gettext_lazy("Years that count"),
    "vested_share": gettext_lazy("Vested part"),
    "payment_by": gettext_lazy("Payment begins by"),
    "release_by": gettext_lazy("Release"),
    "workers": gettext_lazy("Workers"),
    "hours": gettext_lazy("Hours"),
    "instalments": gettext_lazy("Payments"),
}
_PARTS = frozenset(
    {"released", "forfeitures", "held", "vested", "forfeited", "passing", "free_after", "held_after", "shares", "after"}
)
_COLUMNS: dict[str, Any] = {
    "pay_minor": gettext_lazy("Pay"),
    "hours": gettext_lazy("Hours"),
    "addition_minor": gettext_lazy("Addition"),
    "before_minor": gettext_lazy("Before"),
    "interest_minor": gettext_lazy("Interest"),
    "part_minor": gettext_lazy("Part"),
    "after_minor": gettext_lazy("Afterwards"),
    "refill_minor": gettext_lazy("To pay in again"),
    "shares": gettext_lazy("Shares"),
    "after": gettext_lazy("Shares afterwards"),
    "due_on": gettext_lazy("Due on"),
    "capital_minor": gettext_lazy("Out of the account"),
    "released": gettext_lazy("Shares released"),
    "principal_minor": gettext_lazy("Principal"),
    "suspense_after": gettext_lazy("Left in suspense"),
}
ONE_SHARE = 10_000


def class_words(name: str) -> str:
    return str(CLASSES.get(name, name))


def shares(parts: int, one_share: int = ONE_SHARE) -> str:
    """Smallest parts as shares, with as many decimals as they need."""
    whole, rest = divmod(abs(parts), one_share)
    if not rest:
        return formats.number(parts // one_share) if parts >= 0 else formats.number(-whole)
    digits = len(str(Decimal(rest) / one_share).rstrip("0")) - 2
    return formats.number(Decimal(parts) / one_share, max(digits, 1))


def part(share: Fraction) -> str:
    """A share of the whole in percent with two decimals."""
    return f"{formats.number(Decimal(round(share * 10_000)) / 100, 2)}%"


def figure_rows(figures: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """What follows from a step, in words."""
    return [
        (str(label), _said(name, figures[name], currency)) for name, label in FIGURES.items() if _is_told(name, figures)
    ]


def figure_table(figures: Mapping[str, Any], currency: str, names: Mapping[str, str]) -> dict[str, Any] | None:
    """The rows of a step by member, by employee or by payment, as a table; None where there are none."""
    rows = figures.get("rows") or figures.get("payments") or figures.get("loans")
    if not rows:
        return None
    columns = [name for name in _COLUMNS if name in rows[0] and any(one.get(name) not in (0, None) for one in rows)]
    return {
        "head": [str(_COLUMNS[name]) for name in columns],
        "rows": [(_who(one, names), [_said(name, one[name], currency) for name in columns]) for one in rows],
    }


def refs_in(figures: Mapping[str, Any]) -> list[Ref]:
    """People named in a step's figures."""
    rows = figures.get("rows") or ()
    return [Ref(one.get("member") or one.get("who")) for one in rows if one.get("member") or one.get("who")]


def _who(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    who = row.get("member") or row.get("who")
    if who:
        return names.get(who, who)
    number = formats.number(int(row.get("number", 0)))
    return _("Payment %(number)s") % {"number": number}


def _is_told(name: str, figures: Mapping[str, Any]) -> bool:
    return figures.get(name) not in (None, "", 0) or (name == "surplus_minor" and name in figures)


def _said(name: str, value: Any, currency: str) -> str:
    if name.endswith("_minor"):
        return formats.money(Money(int(value), currency))
    if name in _PARTS or name == "suspense_after":
        return shares(int(value))
    if name == "vested_share":
        return part(Fraction(str(value)))
    if name == "release_by":
        return str(RELEASE.get(value, value))
    if name in ("payment_by", "due_on"):
        from datetime import date

        return formats.day(date.fromisoformat(str(value)))
    return formats.number(int(value)) if isinstance(value, int) else str(value)


def what_of(step: finance.StepView) -> list[tuple[str, str]]:
    """The amount and the shares of a step."""
    rows = []
    if step.amount:
        rows.append((_("Amount"), formats.money(step.amount)))
    if step.shares:
        rows.append((_("Shares"), shares(step.shares)))
    return rows


def choices(words: Mapping[str, Any], names: Iterable[str] | None = None) -> list[tuple[str, Any]]:
    """Codes with their words, all or those named, for a field."""
    return [(name, words.get(name, name)) for name in (words if names is None else names)]
