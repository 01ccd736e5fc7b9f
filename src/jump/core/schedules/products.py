"""The words a loan product uses -> the terms of a loan, its late fee and the order its money is used in.

A product is data: a mapping of names to plain values, as packages write them and contracts keep them. Everything the
schedules can do has a name here; what is left out has the default that `DEFAULTS` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any  # values of package data

from jump.core.calendars import RHYTHMS, Unit
from jump.core.schedules.allocation import ALLOCATIONS, Allocation, Sequential
from jump.core.schedules.anew import Practice
from jump.core.schedules.followed import LateFee, LateFeeOf
from jump.core.schedules.parts import Part
from jump.core.schedules.terms import (
    Compounding,
    DayCount,
    EarlyPayment,
    InterestBy,
    InterestMethod,
    LoanTerms,
    PreClose,
    Recalculation,
    Rest,
    Schedule,
    ScheduleKind,
    TermsError,
)

KEEPS, REFUSES = "keep", "refuse"
DAY_COUNTS = ("30/360", "actual/360", "actual/364", "actual/365", "actual/actual")
# What a product leaves out. Our defaults.
DEFAULTS: Mapping[str, Any] = {
    "rate_yearly": "0",
    "method": "declining_equal_instalments",
    "instalments": 1,
    "rhythm": "monthly",
    "schedule": ScheduleKind.CUMULATIVE.value,
    "interest_by": InterestBy.PERIOD.value,
    "partial_periods": False,
    "day_count": "actual/365",
    "grace_interest_instalments": 0,
    "interest_free_instalments": 0,
    "principal_percent": "",
    "instalment_multiple_minor": 1,
    "amount_multiple_minor": 1,
    "own_contribution_percent": "0",
    "due_days": [],
    "due_dates": [],
    "days_to_first_min": 0,
    "recalculation": {},
    "fee_percent": "0",
    "fee_minor": 0,
    "penalty_percent": "0",
    "penalty_minor": 0,
    "penalty_after_days": 7,
    "penalty_of": LateFeeOf.OPEN.value,
    "allocation": [part.value for part in (Part.FEE, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL)],
    "overpayment": REFUSES,
}
NEVER_AMORTISES = "a payment would be taken up by interest or rounding alone, and the whole loan fall on the last one"


def product_terms(words: Mapping[str, Any], *, principal_minor: int, currency: str, lent_on: date) -> LoanTerms:
    """The terms of a loan of a product; `lent_on` is the day the first money reached, or would reach, the borrower.

    >>> terms = product_terms(
    ...     {"rate_yearly": "0.1", "due_days": ["05-15", "11-15"], "instalments": 3},
    ...     principal_minor=90_000,
    ...     currency="KES",
    ...     lent_on=date(2026, 8, 1),
    ... )
    >>> [str(day) for day in terms.due_dates]
    ['2026-11-15', '2027-05-15', '2027-11-15']
    """

    def said(name: str) -> Any:
        value = words.get(name)
        return DEFAULTS[name] if value is None else value

    plain = LoanTerms.of_product(
        principal_minor=principal_minor,
        currency=currency,
        rate_yearly=Decimal(str(said("rate_yearly"))),
        instalments=int(said("instalments")),
        method=str(said("method")),
        rhythm=str(said("rhythm")),
        grace_instalments=_grace(words, str(said("rhythm"))),
        fee_percent=Decimal(str(said("fee_percent"))),
        instalment_multiple_minor=int(said("instalment_multiple_minor")),
    )
    percent = str(said("principal_percent"))
    own = Decimal(str(said("own_contribution_percent")))
    if percent and str(said("method")) != "declining_equal_principal":
        raise TermsError("a percent of the principal goes with declining_equal_principal")
    try:
        return replace(
            plain,
            kind=ScheduleKind(said("schedule")),
            interest_by=InterestBy(said("interest_by")),
            partial_periods=bool(said("partial_periods")),
            day_count=DayCount.named(str(said("day_count"))),
            grace_interest=int(said("grace_interest_instalments")),
            interest_free=int(said("interest_free_instalments")),
            principal_percent=Decimal(percent) if percent else None,
            amount_multiple_minor=int(said("amount_multiple_minor")),
            own_contribution_percent=own,
            own_contribution_automatic=own > 0,  # kept back when the money is paid out
            due_dates=_due_dates(said("due_dates"), said("due_days"), plain.instalments, lent_on),
            days_to_first_min=int(said("days_to_first_min")),
            recalculation=_recalculation(said("recalculation")),
            fee_minor=plain.fee_minor + int(said("fee_minor")),
        )
    except ValueError as wrong:
        raise TermsError(str(wrong)) from wrong


def _grace(words: Mapping[str, Any], rhythm: str) -> int:
    """Instalments of interest alone, said as such or in months."""
    if words.get("grace_instalments") is not None or not words.get("grace_months"):
        return int(words.get("grace_instalments") or 0)
    every, unit = RHYTHMS.get(rhythm, (1, Unit.MONTHS))
    if unit is not Unit.MONTHS:
        raise TermsError("a grace in months needs a rhythm in months")
    return int(words["grace_months"]) // every


def _due_dates(listed: Sequence[str], days: Sequence[str], count: int, after: date) -> tuple[date, ...]:
    """A list agreed day by day; or days of the year, a harvest's say, as often as there are instalments."""
    if listed:
        return tuple(date.fromisoformat(str(day)) for day in listed)
    if not days:
        return ()
    found: list[date] = []
    year = after.year
    while len(found) < count:
        found += sorted(day for day in (date.fromisoformat(f"{year}-{one}") for one in days) if day > after)
        year += 1
    return tuple(found[:count])


def _recalculation(words: Mapping[str, str]) -> Recalculation | None:
    if not words:
        return None
    return Recalculation(
        rest=Rest(words.get("rest", Rest.DAILY)),
        compounding=Compounding(words.get("compounding", Compounding.NONE)),
        compounding_every=Rest(words.get("compounding_every", Rest.PERIOD)),
        early=EarlyPayment(words.get("early", EarlyPayment.LOWER_INSTALMENTS)),
        pre_close=PreClose(words.get("pre_close", PreClose.THAT_DAY)),
    )


def late_fee_of(words: Mapping[str, Any]) -> LateFee:
    after = words.get("penalty_after_days")
    return LateFee(
        percent=Decimal(str(words.get("penalty_percent") or 0)),
        fixed_minor=int(words.get("penalty_minor") or 0),
        after_days=int(DEFAULTS["penalty_after_days"] if after is None else after),
        of=LateFeeOf(words.get("penalty_of") or LateFeeOf.OPEN),
    )


def allocation_of(words: Mapping[str, Any]) -> Allocation:
    """An order by its name, or the four parts in their order."""
    said = words.get("allocation") or DEFAULTS["allocation"]
    if isinstance(said, str):
        if said not in ALLOCATIONS:
            raise TermsError(f"{said!r} is not an order; use one of {', '.join(ALLOCATIONS)}")
        return ALLOCATIONS[said]
    return Sequential(tuple(Part(part) for part in said))


def practice_of(words: Mapping[str, Any]) -> Practice:
    return Practice(allocation=allocation_of(words), recognises_income=False)


def keeps_overpaid(words: Mapping[str, Any]) -> bool:
    """Whether money beyond what is owed is taken and given back later, or refused."""
    return str(words.get("overpayment") or REFUSES) == KEEPS


def amortises(table: Schedule) -> bool:
    """Whether every instalment that is not in a grace agreed repays something of what is owed by then.

    >>> from jump.core.schedules.tables import schedule
    >>> words = {"rate_yearly": "0.12", "instalments": 12, "instalment_multiple_minor": 1_000}
    >>> day = date(2026, 1, 31)
    >>> small, large = (product_terms(words, principal_minor=n, currency="EUR", lent_on=day) for n in (4_000, 120_000))
    >>> amortises(schedule(small, disbursed_on=day)), amortises(schedule(large, disbursed_on=day))
    (False, True)
    """
    paying = [line for line in table.instalments if not line.is_own_contribution]
    for line in paying[table.terms.grace_principal : -1]:
        if line.principal_minor <= 0 and line.balance_minor > 0:
            return False
    if table.terms.principal_percent is not None or table.terms.method is InterestMethod.FLAT:
        return True  # what the last one bears was agreed
    last = paying[-1].principal_minor
    usual = max((line.principal_minor for line in paying[table.terms.grace_principal : -1]), default=last)
    return last <= max(usual * 2, table.principal_minor // 2)
