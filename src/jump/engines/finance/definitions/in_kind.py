"""What packages say about goods, trades and wages: products of stores, markets and contracts with clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jump.base.packages import Entry, Finding
from jump.engines.finance.types.savings import ProductKind

_TEXT = {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}}
_DECIMAL = {"type": ["string", "integer"], "pattern": r"^\d+(\.\d+)?$"}
_WHOLE = {"type": "integer", "minimum": 0}
_SHARE = {"type": ["string", "integer"], "pattern": r"^(0(\.\d+)?|1(\.0+)?)$"}
_GOODS: Mapping[str, Any] = {"unit": {"type": "string"}, "unit_words": _TEXT, "goods": _TEXT}
STORE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["unit", "unit_words", "goods", "credit_margin", "sale_margin", "market_share", "result_split"],
    "additionalProperties": False,
    "properties": {
        **_GOODS,
        "credit_margin": _DECIMAL,
        "credit_months": {"type": "integer", "minimum": 1, "maximum": 24},
        "sale_margin": _DECIMAL,
        "market_share": _SHARE,
        "quota_minor": _WHOLE,
        "quota_days": {"type": "integer", "minimum": 1},
        "loss_target": _SHARE,
        "count_variance_max": _SHARE,
        "result_split": {"type": "object", "minProperties": 1, "additionalProperties": _SHARE},
    },
}
MARKET_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["unit", "unit_words", "goods", "grades", "fee_per_tonne_minor", "units_per_tonne"],
    "additionalProperties": False,
    "properties": {
        **_GOODS,
        "units_per_tonne": {"type": "integer", "minimum": 1},
        "grades": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "title", "price_minor"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string"},
                    "title": _TEXT,
                    "price_minor": {"type": "integer", "minimum": 1},
                    "premium_minor": _WHOLE,
                },
            },
        },
        "fee_per_tonne_minor": _WHOLE,
        "dues_per_unit_minor": _WHOLE,
        "credit_share_max": _SHARE,
        "scale_difference_max": _SHARE,
        "load_difference_max": _SHARE,
    },
}
CLIENT_CONTRACT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["checklist", "cooperative_share", "hours_per_day"],
    "additionalProperties": False,
    "properties": {
        "hours_per_day": {"type": ["string", "integer"], "pattern": r"^([1-9]|1\d|2[0-4])(\.\d+)?$"},
        "full_time_days": {"type": "integer", "minimum": 1, "maximum": 366},  # of a full-time year
        "contribution_share": _SHARE,
        "cooperative_share": _SHARE,
        "retention_share": _SHARE,
        "payment_days": _WHOLE,
        "pay_within_days": _WHOLE,
        "charges": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "title", "percent"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
                    "title": _TEXT,
                    "percent": _DECIMAL,
                },
            },
        },
        "checklist": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "text"],
                "additionalProperties": False,
                "properties": {"id": {"type": "string"}, "text": _TEXT},
            },
        },
    },
}

# Keys of a product, by name; `definitions.PRODUCT_SCHEMA` takes them in.
GOODS_PROPERTIES: Mapping[str, Any] = {
    "store": STORE_SCHEMA,
    "market": MARKET_SCHEMA,
    "client_contract": CLIENT_CONTRACT_SCHEMA,
}
GOODS_REQUIRED: tuple[Mapping[str, Any], ...] = tuple(
    {"if": {"properties": {"kind": {"const": kind}}}, "then": {"required": [kind]}} for kind in GOODS_PROPERTIES
)


def check_in_kind(entry: Entry) -> Iterator[Finding]:
    """Stores, markets and contracts with clients: parts that must make a whole, names that stand once."""
    data = entry.data
    if data["kind"] == ProductKind.STORE:
        parts = [Decimal(str(part)) for part in data["store"]["result_split"].values()]
        if sum(parts, Decimal(0)) != 1:
            yield entry.finding(
                ("store", "result_split"), f"The parts of the result add up to {sum(parts)}, not to 1.", "Make them 1."
            )
    if data["kind"] == ProductKind.MARKET and data.get("currency", "any") == "any":
        yield entry.finding(("currency",), f"The prices of {entry.full_id} have no currency.", "Name it (ISO 4217).")
    lists = {ProductKind.MARKET: ("grades",), ProductKind.CLIENT_CONTRACT: ("checklist", "charges")}
    for name in lists.get(ProductKind(data["kind"]), ()):
        ids = [one["id"] for one in data[data["kind"]].get(name, [])]
        if len(set(ids)) != len(ids):
            yield entry.finding((data["kind"], name), f"An id stands twice among the {name}.", "Keep one of them.")
