"""Package data of community insurance: a benefit package with its limits, its contribution and its assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jump.base.packages import Entry, Finding
from jump.core.calendars import RHYTHMS
from jump.engines.finance.types.cover import ContributionPer, TargetGroup

_TEXT = {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}}
_DECIMAL = {"type": ["string", "integer"], "pattern": r"^\d+(\.\d+)?$"}
_WHOLE = {"type": "integer", "minimum": 0}
_LIMIT = {"type": "integer", "minimum": 1}
_CODE = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*$"}

_BENEFIT: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "title", "copay", "waiting_months", "frequency", "cost_minor", "assumed_from"],
    "additionalProperties": False,
    "properties": {
        "id": _CODE,
        "title": _TEXT,
        "copay": _DECIMAL,
        "waiting_months": {"type": "integer", "minimum": 0, "maximum": 36},
        "ceiling_event_minor": _LIMIT,
        "ceiling_year_minor": _LIMIT,
        "events_year_max": _LIMIT,
        # what the price rests on: acts per insured and year, mean cost of an act, and where both come from
        "frequency": _DECIMAL,
        "cost_minor": _WHOLE,
        "assumed_from": {"type": "string", "minLength": 1},
    },
}

COVER_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["benefits", "contribution", "grace_days", "claims", "loadings", "reserve"],
    "additionalProperties": False,
    "properties": {
        "benefits": {"type": "array", "minItems": 1, "items": _BENEFIT},
        "ceiling_year_minor": _LIMIT,
        "ceiling_family_minor": _LIMIT,
        "exclusions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "text"],
                "additionalProperties": False,
                "properties": {"id": _CODE, "text": _TEXT},
            },
        },
        "contribution": {
            "type": "object",
            "required": ["amount_minor", "per", "rhythm"],
            "additionalProperties": False,
            "properties": {
                "amount_minor": _LIMIT,
                "per": {"enum": [one.value for one in ContributionPer]},
                "rhythm": {"enum": sorted(RHYTHMS)},
                "coin_minor": _LIMIT,
            },
        },
        "grace_days": _WHOLE,
        "starts_with_payment": {"type": "boolean"},
        "waits_again_after_days": _WHOLE,
        "persons_max": _LIMIT,
        "year_starts_month": {"type": "integer", "minimum": 1, "maximum": 12},
        "targets": {"type": "array", "items": {"enum": [one.value for one in TargetGroup]}, "uniqueItems": True},
        "claims": {
            "type": "object",
            "required": ["report_within_days", "appeal_within_days"],
            "additionalProperties": False,
            "properties": {
                "report_within_days": _LIMIT,
                "appeal_within_days": _LIMIT,
                "review_share": _DECIMAL,
                "review_above_minor": _LIMIT,
            },
        },
        "loadings": {
            "type": "object",
            "additionalProperties": False,
            "required": ["safety"],
            "properties": {
                "safety": _DECIMAL,
                "selection": _DECIMAL,
                "inflation": _DECIMAL,
                "operating_minor": _WHOLE,
                "surplus_minor": _WHOLE,
                "mean_family": _DECIMAL,
                "full_credibility_claims": _LIMIT,
            },
        },
        "reserve": {
            "type": "object",
            "additionalProperties": False,
            "required": ["factor", "months_min"],
            "properties": {"factor": _DECIMAL, "months_min": _WHOLE, "transfer_share": _DECIMAL},
        },
    },
}


def check_cover(entry: Entry) -> Iterator[Finding]:
    """What one package of benefits needs beyond its schema, and what cannot be."""
    data, terms = entry.data, entry.data["cover"]
    if data.get("currency", "any") == "any":
        yield entry.finding(
            (), f"The amounts of {entry.full_id} are of no currency.", "Add `currency` with a code of ISO 4217."
        )
    seen: set[str] = set()
    for number, benefit in enumerate(terms["benefits"]):
        where = ("cover", "benefits", number)
        if benefit["id"] in seen:
            yield entry.finding((*where, "id"), f"The benefit {benefit['id']} stands twice.", "Keep one of them.")
        seen.add(benefit["id"])
        if Decimal(str(benefit["copay"])) > 1:
            yield entry.finding((*where, "copay"), "A co-payment is a share of the cost.", "Use 0 to 1.")
        event, year = benefit.get("ceiling_event_minor"), benefit.get("ceiling_year_minor")
        if event and year and event > year:
            yield entry.finding(
                (*where, "ceiling_event_minor"),
                f"The limit of an event of {benefit['id']} is above its limit of a year.",
                "Make it at most the limit of the year.",
            )
    person, family = terms.get("ceiling_year_minor"), terms.get("ceiling_family_minor")
    if person and family and person > family:
        yield entry.finding(
            ("cover", "ceiling_year_minor"),
            "The limit of a person is above the limit of the family.",
            "Make it at most the limit of the family.",
        )
    ids = [one["id"] for one in terms.get("exclusions", [])]
    if len(set(ids)) != len(ids):
        yield entry.finding(("cover", "exclusions"), "An exclusion stands twice.", "Keep one of them.")
    for name, share in (("review_share", terms["claims"].get("review_share")),):
        if share is not None and Decimal(str(share)) > 1:
            yield entry.finding(("cover", "claims", name), "A sample is a share of the claims.", "Use 0 to 1.")
    if Decimal(str(terms["reserve"].get("transfer_share", 1))) > 1:
        yield entry.finding(
            ("cover", "reserve", "transfer_share"), "No more than the whole surplus is kept.", "Use 0 to 1."
        )
