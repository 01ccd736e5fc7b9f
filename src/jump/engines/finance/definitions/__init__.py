"""The package data that finance reads: products, rules of a fund, budgets and approvals, each with its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from jump.base.actors import RIGHTS
from jump.base.packages import CheckContext, DefinitionKind, Entry, Finding, PackageSource
from jump.core.money import CURRENCY_EXPONENTS
from jump.engines.finance.definitions.cover import COVER_SCHEMA, check_cover
from jump.engines.finance.definitions.in_kind import GOODS_PROPERTIES, GOODS_REQUIRED, check_in_kind
from jump.engines.finance.definitions.loans import PROPERTIES as LOAN_WORDS
from jump.engines.finance.definitions.loans import check_loan
from jump.engines.finance.definitions.ownership import PROPERTIES, REQUIRED, check_countries, check_owned
from jump.engines.finance.types import ContractKind
from jump.engines.finance.types.savings import InterestMethod, ProductKind, SavingsForm
from jump.engines.finance.types.securities import BankLineKind

_TEXT = {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}}
_DECIMAL = {"type": ["string", "integer"], "pattern": r"^\d+(\.\d+)?$"}
_PROVENANCE = {"enum": ["P", "S", "D", "K", "R"]}
_WHOLE = {"type": "integer", "minimum": 0}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}

PRODUCT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["kind", "title"],
    "additionalProperties": False,
    "allOf": [
        {
            "if": {"properties": {"kind": {"enum": [kind.value for kind in ContractKind]}}},
            "then": {"required": ["tranches", "conditions"]},
        },
        {
            "if": {"properties": {"kind": {"const": "savings"}}},
            "then": {"required": ["savings_form", "interest_method"]},
        },
        {"if": {"properties": {"kind": {"const": "guarantee"}}}, "then": {"required": ["percent_max"]}},
        {"if": {"properties": {"kind": {"const": "bank_line"}}}, "then": {"required": ["line_kind"]}},
        {"if": {"properties": {"kind": {"const": "cover"}}}, "then": {"required": ["currency", "cover"]}},
        *REQUIRED,
        *GOODS_REQUIRED,
    ],
    "properties": {
        "kind": {"enum": [kind.value for kind in ProductKind]},
        "title": _TEXT,
        "currency": {"type": "string"},
        "amount_max_minor": {"type": "integer", "minimum": 1},
        "amount_max_currency": {"enum": sorted(CURRENCY_EXPONENTS)},
        "amount_each_minor": {"type": "integer", "minimum": 1},
        "uses": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "title"],
                "additionalProperties": False,
                "properties": {"id": {"type": "string"}, "title": _TEXT},
            },
        },
        **LOAN_WORDS,
        "unproved_limit_percent": _DECIMAL,
        "needs_no_lender": {"type": "boolean"},
        # savings
        "savings_form": {"enum": [form.value for form in SavingsForm]},
        "interest_method": {"enum": [method.value for method in InterestMethod]},
        "year_days": {"enum": [0, 360, 364, 365]},  # 0: the real length of each year
        "counts_from_day": {"type": "integer", "minimum": 1, "maximum": 28},
        "earning_min_minor": _WHOLE,
        "balance_min_minor": _WHOLE,
        "notice_days": _WHOLE,
        "term_months": _WHOLE,
        "cover_share": _DECIMAL,
        "share_value_minor": {"type": "integer", "minimum": 1},
        "per_meeting_minor": _WHOLE,
        # guarantees and lines with banks
        "percent_max": {"type": ["string", "integer"], "pattern": r"^\d+(\.\d+)?$"},
        "exposure_max_minor": {"type": "integer", "minimum": 1},
        "exposure_max_currency": {"enum": sorted(CURRENCY_EXPONENTS)},
        "jointly": {"type": "boolean"},
        "line_kind": {"enum": [kind.value for kind in BankLineKind]},
        # community insurance
        "cover": COVER_SCHEMA,
        **PROPERTIES,
        **GOODS_PROPERTIES,
        "tranches": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["percent"],
                "additionalProperties": False,
                "properties": {
                    "percent": {"type": "integer", "minimum": 1, "maximum": 100},
                    "conditions": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "conditions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "text"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string"},
                    "text": _TEXT,
                    "met_by": {"type": "string"},
                },
            },
        },
        "approval": {"type": "string"},
        "budget_line": {"type": "string"},
        "type": {"type": "string"},
        "provenance": _PROVENANCE,
        "source": {"type": "string"},
        "source_title": {"type": "string"},
    },
}

RULE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["value", "unit", "text", "provenance"],
    "additionalProperties": False,
    "properties": {
        "value": {"type": ["string", "integer", "boolean"]},
        "unit": {"type": "string"},
        "text": _TEXT,
        "provenance": _PROVENANCE,
        "source_title": {"type": "string"},
        "source": {"type": "string"},
    },
}

APPROVAL_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["line", "right", "second_person"],
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "line": {"enum": ["administrative", "technical"]},
        "right": {"enum": sorted(RIGHTS)},
        "threshold_minor": _WHOLE,
        "second_person": {"type": "boolean"},
        "provenance": _PROVENANCE,
        "source": {"type": "string"},
    },
}

_NAMED: Mapping[str, Any] = {"id": {"type": "string"}, "title": _TEXT}
_TITLED: Mapping[str, Any] = {"type": "object", "required": ["id", "title"], "properties": _NAMED}
BUDGET_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["currency", "lines", "cells"],
    "properties": {
        "version": {"type": ["string", "integer"]},
        "currency": {"enum": sorted(CURRENCY_EXPONENTS)},
        "pledge_minor": _WHOLE,
        "lines": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["no", "id", "title"],
                "properties": {"no": {"type": "integer", "minimum": 1}, "id": {"type": "string"}, "title": _TEXT},
            },
        },
        "types": {"type": "array", "items": _TITLED},
        "stages": {
            "type": "array",
            "items": {**_TITLED, "properties": {**_NAMED, "covers": {"type": "array"}}},
        },
        "cells": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["stage", "type", "amount_minor"],
                "additionalProperties": False,
                "properties": {
                    "country": {"type": "string"},
                    "region": {"type": "string"},
                    "stage": {"type": "string"},
                    "type": {"type": "string"},
                    "line": {"type": "string"},
                    "amount_minor": _WHOLE,
                    "printed": {"type": "boolean"},
                },
                "oneOf": [{"required": ["country"]}, {"required": ["region"]}],
            },
        },
        "printed_totals": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["amount_minor"],
                "properties": {
                    "country": {"type": "string"},
                    "region": {"type": "string"},
                    "stage": {"type": "string"},
                    "type": {"type": "string"},
                    "line": {"type": "string"},
                    "reading": {"type": "string"},
                    "amount_minor": _WHOLE,
                },
            },
        },
        "starts_on": _DAY,
        "ends_on": _DAY,
        "provision_lines": {"type": "array", "items": {"type": "string"}},
        "split": {"type": "object", "additionalProperties": _DECIMAL},
        "support_base": {"enum": ["total", "direct"]},
        "support_percent": _DECIMAL,
        "stage_sources": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "blocked_categories": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


def _check_products(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    yield from check_countries(source)
    for entry in source.of("product"):
        data = entry.data
        yield from _check_kept(entry)
        yield from check_owned(entry)
        yield from check_in_kind(entry)
        shares = [tranche["percent"] for tranche in data.get("tranches", [])]
        if shares and sum(shares) != 100:
            yield entry.finding(
                ("tranches",), f"The tranches of {entry.full_id} add up to {sum(shares)} percent.", "Make them 100."
            )
        declared = {condition["id"] for condition in data.get("conditions", [])}
        for number, tranche in enumerate(data.get("tranches", [])):
            for code in tranche.get("conditions", []):
                if code not in declared:
                    yield entry.finding(
                        ("tranches", number, "conditions"),
                        f"The condition {code} is not declared.",
                        "Add it under `conditions`.",
                    )
        currency = data.get("currency", "any")
        if currency != "any" and currency not in CURRENCY_EXPONENTS:
            yield entry.finding(("currency",), f"{currency} is no currency code.", "Use ISO 4217, or `any`.")
        if "amount_each_minor" in data and (currency == "any" or data["kind"] != "grant"):
            yield entry.finding(("amount_each_minor",), "One amount for all needs a grant in one currency.", "Name it.")
        uses = [one["id"] for one in data.get("uses", ())]
        if uses and (data["kind"] != "grant" or len(set(uses)) != len(uses)):
            yield entry.finding(("uses",), f"{entry.full_id} names uses twice, or is no grant.", "Keep each once.")
        if data["kind"] == "loan":
            yield from check_loan(entry)
        if data.get("needs_no_lender") and "no_lender" not in declared:
            yield entry.finding(
                ("conditions",),
                f"{entry.full_id} is given only where no lender will lend and asks for no proof of it.",
                "Add the condition `no_lender` and name it in the first tranche.",
            )
        approval = data.get("approval")
        if approval and not context.has("approval", source.full(approval)):
            yield entry.finding(("approval",), f"The approval {approval} is not declared.", "See approvals.yaml.")


def _check_kept(entry: Entry) -> Iterator[Finding]:
    """Savings, guarantees and lines with banks: what one kind needs and what cannot be."""
    data = entry.data
    if data["kind"] == ProductKind.COVER:
        yield from check_cover(entry)
    elif "cover" in data:
        yield entry.finding(("cover",), f"{entry.full_id} is no product of cover.", "Take `cover` out.")
    if data["kind"] == ProductKind.SAVINGS:
        if data["interest_method"] != InterestMethod.NONE and "rate_yearly" not in data:
            yield entry.finding(("rate_yearly",), f"{entry.full_id} pays interest at no rate.", "Add rate_yearly.")
        if data["savings_form"] == SavingsForm.TERM and not data.get("term_months"):
            yield entry.finding(("term_months",), f"{entry.full_id} is fixed for no time.", "Add term_months.")
        if Decimal(str(data.get("cover_share", "0"))) > 1:
            yield entry.finding(("cover_share",), "Savings cannot stand for more than the whole loan.", "Use 0 to 1.")
    if data["kind"] == ProductKind.GUARANTEE and not 0 < Decimal(str(data["percent_max"])) <= 100:
        yield entry.finding(("percent_max",), "A guarantee covers 1 to 100 percent.", "Use 1 to 100.")


def _check_budget(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    for entry in source.of("budget"):
        data = entry.data
        lines = [line["id"] for line in data["lines"]]
        stages = {stage["id"] for stage in data.get("stages", [])}
        types = {one["id"] for one in data.get("types", [])}
        for name, values in (("line", lines), ("number", [line["no"] for line in data["lines"]])):
            if len(set(values)) != len(values):
                yield entry.finding(("lines",), f"A {name} stands twice among the lines.", "Keep one of them.")
        for number, cell in enumerate(data["cells"]):
            where = ("cells", number)
            if stages and cell["stage"] not in stages:
                yield entry.finding(where, f"The stage {cell['stage']} is not declared.", "Add it under `stages`.")
            if types and cell["type"] not in types:
                yield entry.finding(where, f"The type {cell['type']} is not declared.", "Add it under `types`.")
            if cell.get("line") and cell["line"] not in lines:
                yield entry.finding(where, f"The line {cell['line']} is not declared.", "Add it under `lines`.")
        for line in data.get("provision_lines", ()):
            if line not in lines:
                yield entry.finding(("provision_lines",), f"The line {line} is not declared.", "Add it under `lines`.")
        if data.get("starts_on", "") > data.get("ends_on", "9"):
            yield entry.finding(("ends_on",), "The budget ends before it starts.", "Put the days right.")
        split = data.get("split") or {}
        try:
            total = sum((Decimal(str(part)) for part in split.values()), Decimal(0))
        except InvalidOperation:  # the schema has already said so
            total = Decimal(100)
        if split and total != 100:
            yield entry.finding(("split",), f"The split adds up to {total} percent.", "Make it 100.")


KINDS: tuple[DefinitionKind, ...] = (
    DefinitionKind("product", "products.yaml", "mapping", PRODUCT_SCHEMA, check=_check_products),
    DefinitionKind("rule", "rules.yaml", "mapping", RULE_SCHEMA),
    DefinitionKind("approval", "approvals.yaml", "mapping", APPROVAL_SCHEMA),
    DefinitionKind("budget", "budget.yaml", "document", BUDGET_SCHEMA, check=_check_budget),
)
