"""The words of a loan product in package data: everything the schedules can do, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jump.base.packages import Entry, Finding
from jump.core import schedules
from jump.core.calendars import RHYTHMS
from jump.core.schedules import (
    ALLOCATIONS,
    DAY_COUNTS,
    METHODS,
    NEVER_AMORTISES,
    Compounding,
    EarlyPayment,
    InterestBy,
    LateFeeOf,
    Part,
    PreClose,
    Rest,
    ScheduleKind,
)

_DECIMAL = {"type": ["string", "integer"], "pattern": r"^\d+(\.\d+)?$"}
_WHOLE = {"type": "integer", "minimum": 0}
_ONE_UP = {"type": "integer", "minimum": 1}
_DAY_OF_YEAR = {"type": "string", "pattern": r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"}

PROPERTIES: Mapping[str, Any] = {
    "rate_yearly": _DECIMAL,
    "method": {"enum": sorted(METHODS)},
    "schedule": {"enum": [kind.value for kind in ScheduleKind]},
    "interest_by": {"enum": [one.value for one in InterestBy]},
    "partial_periods": {"type": "boolean"},
    "day_count": {"enum": list(DAY_COUNTS)},
    "instalments": _ONE_UP,
    "instalments_max": _ONE_UP,
    "rhythm": {"enum": list(RHYTHMS)},
    "due_days": {"type": "array", "items": _DAY_OF_YEAR, "minItems": 1, "uniqueItems": True},
    "days_to_first_min": _WHOLE,
    "grace_months": _WHOLE,
    "grace_months_max": _WHOLE,
    "grace_instalments": _WHOLE,
    "grace_interest_instalments": _WHOLE,
    "interest_free_instalments": _WHOLE,
    "principal_percent": _DECIMAL,
    "instalment_multiple_minor": _ONE_UP,
    "amount_multiple_minor": _ONE_UP,
    "own_contribution_percent": _DECIMAL,
    "recalculation": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "rest": {"enum": [one.value for one in Rest]},
            "compounding": {"enum": [one.value for one in Compounding]},
            "compounding_every": {"enum": [one.value for one in Rest]},
            "early": {"enum": [one.value for one in EarlyPayment]},
            "pre_close": {"enum": [one.value for one in PreClose]},
        },
    },
    "fee_percent": _DECIMAL,
    "fee_minor": _WHOLE,
    "penalty_percent": _DECIMAL,
    "penalty_minor": _WHOLE,
    "penalty_after_days": _WHOLE,
    "penalty_of": {"enum": [one.value for one in LateFeeOf]},
    "allocation": {
        "oneOf": [
            {
                "type": "array",
                "items": {"enum": [part.value for part in Part]},
                "minItems": 4,
                "maxItems": 4,
                "uniqueItems": True,
            },
            {"enum": sorted(ALLOCATIONS)},
        ]
    },
    "overpayment": {"enum": ["refuse", "keep"]},
}

# A loan to try a product's words on: a day that is no end of month, an amount where the product names no limit.
_TRIED_ON, _TRIED_MINOR = date(2026, 1, 15), 10_000_000


def check_loan(entry: Entry) -> Iterator[Finding]:
    """A loan product lacks nothing, its words fit each other, and its loans are paid back by their payments."""
    data = entry.data
    missing = [needed for needed in ("rate_yearly", "method", "instalments") if needed not in data]
    for needed in missing:
        yield entry.finding((), f"The loan {entry.full_id} lacks {needed}.", "Add it.")
    if missing:
        return
    amount, currency = int(data.get("amount_max_minor", _TRIED_MINOR)), _currency(data)
    try:
        schedules.late_fee_of(data)
        schedules.allocation_of(data)
        terms = schedules.product_terms(data, principal_minor=amount, currency=currency, lent_on=_TRIED_ON)
        table = schedules.schedule(terms, disbursed_on=_TRIED_ON)
    except ValueError as wrong:
        yield entry.finding((), f"No loan of {entry.full_id} can be made: {wrong}.", "Change its terms.")
        return
    if not schedules.amortises(table):
        yield entry.finding(
            ("instalments",),
            f"A loan of {entry.full_id} would never be paid back: {NEVER_AMORTISES}.",
            "Lower the rate or the rounding, or name a grace.",
        )


def _currency(data: Mapping[str, Any]) -> str:
    said = str(data.get("currency", "any"))
    return str(data.get("amount_max_currency") or "USD") if said == "any" else said
