"""Package data that jobs reads: `countries/XX.yaml`, above all a country's decent-work test.

    iso: PH
    name: {en: Philippines, fr: Philippines}
    currency: PHP
    decent_work:
      version: "2003"
      items:
        - {id: pay_min, mandatory: true, value: 450000, unit: minor_monthly, provenance: ours, source_title: ""}
        - {id: hours_max, mandatory: true, value: 48, unit: hours_weekly}

Which items there are is the same everywhere; which are mandatory, and how high a floor is, is a country's own.
"""

from collections.abc import Iterator
from typing import Any

from jump.base.packages import CheckContext, DefinitionKind, Finding, PackageSource
from jump.core.money import CURRENCY_EXPONENTS

# Items with a threshold, and whether a bigger or a smaller number is better for the worker.
THRESHOLDS = {"pay_min": "at_least", "hours_max": "at_most", "duration": "at_least"}
YES_ITEMS = (
    "written_terms",
    "social_protection",
    "safety",
    "rights",
    "freely_chosen",
    "no_hazard_under_18",
    "paid_on_time",
    "equal_treatment",
)
ITEMS = (*THRESHOLDS, *YES_ITEMS)

_NUMBER = {"type": ["integer", "string", "boolean", "null"]}
_TEXT = {"type": ["object", "string"]}

COUNTRY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["iso", "name", "currency"],
    "properties": {
        "iso": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "name": _TEXT,
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "minimum_age": {"type": ["integer", "object"]},
        "decent_work": {
            "type": "object",
            "required": ["version", "items"],
            "properties": {
                "version": {"type": ["string", "integer"]},
                "items": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["id", "mandatory"],
                        "properties": {
                            "id": {"enum": list(ITEMS)},
                            "mandatory": {"type": "boolean"},
                            "value": _NUMBER,
                            "unit": {"type": "string"},
                            "title": _TEXT,
                            "provenance": {"type": "string"},
                            "source_title": _TEXT,
                        },
                    },
                },
            },
        },
    },
}


def check(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    """A floor that needs a number has one, no item stands twice, and the currency exists."""
    for entry in source.of("countries"):
        if entry.data.get("currency") not in CURRENCY_EXPONENTS:
            yield entry.finding(("currency",), "This is not a currency code of ISO 4217.", "Use one such as PHP.")
        seen: set[str] = set()
        for number, item in enumerate((entry.data.get("decent_work") or {}).get("items", ())):
            place = ("decent_work", "items", number)
            if item["id"] in seen:
                yield entry.finding(place, f"The item {item['id']} stands twice.", "Keep one of them.")
            seen.add(item["id"])
            if item["id"] in THRESHOLDS and not isinstance(item.get("value"), int):
                yield entry.finding(
                    place, f"The item {item['id']} needs a whole number as its value.", "Pay is in minor units a month."
                )


KINDS = (DefinitionKind("countries", "countries/*.yaml", "document", COUNTRY_SCHEMA, check=check),)
