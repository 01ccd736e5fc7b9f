"""The figures of a fund in words: what each is called, what it says, and in which unit it is shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from jump.core.ratios import ExactRatio, Goal, Verdict
from jump.web import formats

VERDICTS: dict[Verdict | None, tuple[Any, str]] = {
    Verdict.MET: (lazy("As it should be"), "good"),
    Verdict.MISSED: (lazy("Not as it should be"), "bad"),
    Verdict.NOT_DEFINED: (lazy("Not defined"), ""),
    None: ("", ""),
}
PERCENT, TIMES, MONEY = "percent", "times", "money"
# code: name, what it says, unit.
FIGURES: dict[str, tuple[Any, Any, str]] = {
    "par30": (
        lazy("More than 30 days late"),
        lazy("All that loans with a payment more than 30 days late still owe, of all that is owed (PAR30)"),
        PERCENT,
    ),
    "repayment": (lazy("Paid back"), lazy("What came in of what fell due in the period"), PERCENT),
    "write_off": (lazy("Written off"), lazy("Of the average that was lent"), PERCENT),
    "net_loss": (lazy("Lost in the end"), lazy("Written off less what came back, of the average lent"), PERCENT),
    "risk_coverage": (
        lazy("Set aside for late loans"),
        lazy("What is set aside, of what loans more than 30 days late owe"),
        PERCENT,
    ),
    "yield": (lazy("Earned on loans"), lazy("Interest and fees, of the average lent"), PERCENT),
    "operating_expense": (lazy("Cost of running it"), lazy("Running costs, of the average lent"), PERCENT),
    "cost_per_borrower": (lazy("Cost per borrower"), lazy("Running costs, per borrower on average"), MONEY),
    "average_balance": (lazy("Owed per borrower"), lazy("All that is owed, per borrower today"), MONEY),
    "oss": (
        lazy("Carries itself (OSS)"),
        lazy("Interest and fees, of interest paid, what was set aside and running costs. Grants are no revenue"),
        PERCENT,
    ),
    "fss": (
        lazy("Carries itself without help (FSS)"),
        lazy("The same, as if money had its price and prices had not eaten the capital"),
        PERCENT,
    ),
    "sustainability": (
        lazy("Keeps its capital"),
        lazy("Interest and fees, of running costs, losses and what prices took"),
        PERCENT,
    ),
    "real_growth": (
        lazy("Growth after inflation"),
        lazy("Without what was put in during the period"),
        PERCENT,
    ),
    "capital_preserved": (
        lazy("Capital kept"),
        lazy("What the fund is worth with what it gave to services, of what was put in at today’s prices"),
        PERCENT,
    ),
    "turnover": (lazy("Times lent"), lazy("Paid out in the period, of what the fund was worth on average"), TIMES),
}
PEARLS: dict[str, Any] = {
    "P1": lazy("Set aside for loans more than 12 months late"),
    "P2": lazy("Set aside for loans 1 to 12 months late"),
    "P3": lazy("Loans more than 12 months late and not written off"),
    "P4": lazy("Written off in the period, of loans"),
    "P5": lazy("Came back, of what was ever written off"),
    "P6": lazy("Solvency"),
    "E1": lazy("Loans, of all it has"),
    "E2": lazy("Liquid investments, of all it has"),
    "E3": lazy("Financial investments, of all it has"),
    "E4": lazy("Other investments, of all it has"),
    "E5": lazy("Savings, of all it has"),
    "E6": lazy("Borrowed from banks, of all it has"),
    "E7": lazy("Members’ shares, of all it has"),
    "E8": lazy("Capital of its own, of all it has"),
    "E9": lazy("Capital of its own after expected losses, of all it has"),
    "A1": lazy("Late loans, whole balance, of loans"),
    "A2": lazy("What earns nothing, of all it has"),
    "A3": lazy("Money without interest, against what earns nothing"),
    "R1": lazy("Earned on loans"),
    "R5": lazy("Interest given on savings"),
    "R7": lazy("Dividend on shares"),
    "R8": lazy("Left after the cost of money, of all it has"),
    "R9": lazy("Running costs, of all it has"),
    "R10": lazy("Set aside in the period, of all it has"),
    "R12": lazy("Result, of all it has"),
    "L1": lazy("Cash against savings"),
    "L2": lazy("Liquidity reserve against savings"),
    "L3": lazy("Idle cash, of all it has"),
    "S1": lazy("Growth of loans"),
    "S2": lazy("Growth of liquid investments"),
    "S3": lazy("Growth of financial investments"),
    "S4": lazy("Growth of other investments"),
    "S5": lazy("Growth of savings"),
    "S6": lazy("Growth of money borrowed"),
    "S7": lazy("Growth of shares"),
    "S8": lazy("Growth of capital of its own"),
    "S9": lazy("Growth of capital after expected losses"),
    "S10": lazy("Growth of members"),
    "S11": lazy("Growth of all it has"),
}
COSTS: dict[str, tuple[Any, str]] = {
    "prepared": (lazy("Waits for a second person"), "warn"),
    "paid": (lazy("Paid"), "good"),
}


def value(found: ExactRatio, unit: str, currency: str) -> str:
    """A figure in its unit; what has no denominator is not defined, and never zero."""
    if found.value is None:
        return _("not defined")
    if unit == MONEY:
        return formats.money(round(found.value), currency)
    if unit == TIMES:
        return formats.number(found.rounded(2), 2)
    return formats.share(found.rounded(6), 2)


def goal(aim: Goal | None, unit: str) -> str:
    """The range asked for, in words."""
    if aim is None:
        return ""
    low, high = _end(aim.low, unit), _end(aim.high, unit)
    if low and high:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return (_("more than %(low)s") if aim.is_open else _("at least %(low)s")) % {"low": low}
    return (_("less than %(high)s") if aim.is_open else _("at most %(high)s")) % {"high": high}


def _end(limit: Fraction | None, unit: str) -> str:
    if limit is None:
        return ""
    shown = Decimal(limit.numerator) / Decimal(limit.denominator)
    if unit == TIMES:
        return formats.number(shown)
    return formats.share(shown, 0 if (limit * 100).denominator == 1 else 1)
