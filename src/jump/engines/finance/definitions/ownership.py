"""What packages say about ownership: products of registers, capital accounts, trusts, development funds and pledges,
and the law of a country in its `countries/XX.yaml`.

    labour_companies:            # versions of the law on companies that workers own, dated
      - title: {en: Act on labour companies}
        provenance: S
        provenance_of: {cure_months: K}
        rules: {id: es_1997, jurisdiction: ES, valid_from: "1997-04-25", members_min: 3, holder_max: "1/3", …}
    cooperatives:                # least shares of a surplus for reserve and education fund, dated
      - {title: …, valid_from: "1999-08-06", reserve_min: "0.20", education_min: "0.05", provenance: K}
    trust_limits:                # yearly limits of trusts for employees
      - {year: 2003, pay_cap_minor: 20000000, addition_max_minor: 4000000, provenance: K}

Other engines read other keys of the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator

from jump.base.packages import Entry, Finding, PackageSource
from jump.core.bounds import Refused
from jump.core.ownership import Cause, LabourCompanyLaw, LawUnclear, ReleaseBy, SurplusRule, cliff, graded
from jump.engines.finance.types.savings import ProductKind

_TEXT = {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}}
_SHARE = {"type": ["string", "integer"], "pattern": r"^(0(\.\d+)?|1(\.0+)?)$"}
_PROVENANCE = {"enum": ["P", "S", "D", "K", "R"]}
_WHOLE = {"type": "integer", "minimum": 0}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_CAUSES = [one.value for one in Cause]

# Keys of a product, by name; `definitions.PRODUCT_SCHEMA` takes them in.
PROPERTIES: Mapping[str, Any] = {
    # a register of shares
    "share_classes": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["id", "title", "labour"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
                "title": _TEXT,
                "labour": {"type": "boolean"},
            },
        },
    },
    # who is to own it all: those who are linked to the enterprise in this way, such as its founders
    "owned_by": {
        "type": "object",
        "required": ["relation", "title"],
        "additionalProperties": False,
        "properties": {"relation": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}, "title": _TEXT},
    },
    # how a new enterprise is paid for: what its money may come from; a guarantee backs and brings no money itself
    "financing_sources": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["id", "title", "brings_money"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
                "title": _TEXT,
                "brings_money": {"type": "boolean"},
            },
        },
    },
    # internal capital accounts
    "kept_share": _SHARE,
    "surplus_reserve": _SHARE,
    "surplus_education": _SHARE,
    "interest_ceiling": _SHARE,
    "interest_paid": {"enum": ["added", "cash"]},
    "loss_reserve_share_max": _SHARE,
    "may_fall_below_zero": {"type": "boolean"},
    "account_min_minor": _WHOLE,
    "deductions": {"type": "object", "minProperties": 1, "additionalProperties": _SHARE},
    "deduction_max": _SHARE,
    "pay_out_years_max": {"type": "integer", "minimum": 1},
    "exit_rate_yearly": _SHARE,
    # a trust
    "release_by": {"enum": [one.value for one in ReleaseBy]},
    "vesting": {
        "oneOf": [
            {
                "type": "object",
                "required": ["kind", "years"],
                "additionalProperties": False,
                "properties": {"kind": {"const": "cliff"}, "years": _WHOLE},
            },
            {
                "type": "object",
                "required": ["kind", "first", "last"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"const": "graded"},
                    "first": {"type": "integer", "minimum": 1},
                    "last": {"type": "integer", "minimum": 1},
                },
            },
        ]
    },
    "vesting_hours_min": _WHOLE,
    "full_vesting_causes": {"type": "array", "items": {"enum": _CAUSES}},
    "contribution_share_max": _SHARE,
    "addition_share_of_pay_max": _SHARE,
    "term_years_max": {"type": "integer", "minimum": 1},
    "payment_plan_years": {
        "type": "object",
        "required": _CAUSES,
        "additionalProperties": False,
        "properties": dict.fromkeys(_CAUSES, _WHOLE),
    },
    # a development fund
    "liquidity_reserve_share": _SHARE,
}

_NEEDED: Mapping[ProductKind, list[str]] = {
    ProductKind.SHARE_REGISTER: ["share_classes"],
    ProductKind.CAPITAL_ACCOUNT: ["kept_share", "surplus_reserve", "surplus_education", "deductions"],
    ProductKind.TRUST: ["release_by", "vesting"],
    ProductKind.DEVELOPMENT_FUND: ["liquidity_reserve_share"],
    ProductKind.FINANCING: ["financing_sources"],
}
REQUIRED: tuple[Mapping[str, Any], ...] = tuple(
    {"if": {"properties": {"kind": {"const": kind.value}}}, "then": {"required": names}}
    for kind, names in _NEEDED.items()
)

_LAW_NEEDS = ("id", "jurisdiction", "valid_from", "members_min", "holder_max", "cure_months", "reserve_share")
_COUNTRY: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "labour_companies": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title", "provenance", "rules"],
                "additionalProperties": False,
                "properties": {
                    "title": _TEXT,
                    "provenance": _PROVENANCE,
                    "provenance_of": {"type": "object", "additionalProperties": _PROVENANCE},
                    "source": {"type": "string"},
                    "rules": {"type": "object", "required": list(_LAW_NEEDS)},
                },
            },
        },
        "cooperatives": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title", "valid_from", "reserve_min", "education_min", "provenance"],
                "additionalProperties": False,
                "properties": {
                    "title": _TEXT,
                    "valid_from": _DAY,
                    "valid_to": _DAY,
                    "reserve_min": _SHARE,
                    "education_min": _SHARE,
                    "provenance": _PROVENANCE,
                    "source": {"type": "string"},
                },
            },
        },
        "trust_limits": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["year", "pay_cap_minor", "addition_max_minor", "provenance"],
                "additionalProperties": False,
                "properties": {
                    "year": {"type": "integer", "minimum": 1974},
                    "pay_cap_minor": {"type": "integer", "minimum": 1},
                    "addition_max_minor": {"type": "integer", "minimum": 1},
                    "provenance": _PROVENANCE,
                    "source": {"type": "string"},
                },
            },
        },
    },
}


def check_owned(entry: Entry) -> Iterator[Finding]:
    """What the shapes of these products cannot say."""
    data = entry.data
    kind = data["kind"]
    if kind == ProductKind.SHARE_REGISTER:
        names = [one["id"] for one in data["share_classes"]]
        if len(set(names)) != len(names):
            yield entry.finding(("share_classes",), "A class of shares stands twice.", "Keep one of them.")
    if kind == ProductKind.FINANCING:
        ids = [one["id"] for one in data["financing_sources"]]
        if len(set(ids)) != len(ids):
            yield entry.finding(("financing_sources",), "A source stands twice.", "Keep one of them.")
    if kind == ProductKind.CAPITAL_ACCOUNT:
        try:
            SurplusRule(Decimal(str(data["surplus_reserve"])), Decimal(str(data["surplus_education"])))
        except Refused as wrong:
            yield entry.finding(("surplus_reserve",), f"{entry.full_id}: {wrong}.", "Together they are at most 1.")
        most = Decimal(str(data.get("deduction_max", "1")))
        for cause, share in data["deductions"].items():
            if Decimal(str(share)) > most:
                yield entry.finding(
                    ("deductions", cause), f"The deduction for {cause} is above {most}.", "Lower it or raise the limit."
                )
    if kind == ProductKind.TRUST:
        said = data["vesting"]
        try:
            _ = cliff(said["years"]) if said["kind"] == "cliff" else graded(said["first"], said["last"])
        except Refused as wrong:
            yield entry.finding(("vesting",), f"{entry.full_id}: {wrong}.", "The last year comes after the first.")


def check_countries(source: PackageSource) -> Iterator[Finding]:
    """The law of a country as this engine reads it: its shape, its dates, no day with two versions."""
    for entry in source.of("countries"):
        broken = False
        for error in Draft202012Validator(dict(_COUNTRY)).iter_errors(entry.data):
            broken = True
            yield entry.finding(tuple(error.absolute_path), f"{entry.full_id}: {error.message}.", "Mend this line.")
        if not broken:
            yield from _check_laws(entry)
            yield from _check_once(entry)


def _check_laws(entry: Entry) -> Iterator[Finding]:
    found: list[LabourCompanyLaw] = []
    for number, said in enumerate(entry.data.get("labour_companies") or ()):
        where = ("labour_companies", number, "rules")
        try:
            law = LabourCompanyLaw.from_data(said["rules"])
        except (LawUnclear, ValueError, TypeError, KeyError) as wrong:
            facts = getattr(wrong, "facts", {})
            yield entry.finding(
                where, f"These rules cannot be read: {wrong} {facts or ''}".strip(), "Mend these lines."
            )
            continue
        if law.jurisdiction != entry.data["iso"]:
            yield entry.finding(where, f"The rules {law.id} are of {law.jurisdiction}.", "Use the file's country.")
        for other in found:
            if _overlap(law, other):
                yield entry.finding(where, f"{law.id} and {other.id} hold on the same days.", "Set valid_to.")
        found.append(law)


def _check_once(entry: Entry) -> Iterator[Finding]:
    seen: set[int] = set()
    for number, one in enumerate(entry.data.get("trust_limits") or ()):
        if one["year"] in seen:
            yield entry.finding(("trust_limits", number), f"{one['year']} stands twice.", "Keep one of them.")
        seen.add(one["year"])


def _overlap(one: LabourCompanyLaw, other: LabourCompanyLaw) -> bool:
    first, second = sorted((one, other), key=lambda law: law.valid_from)
    return first.valid_to is None or first.valid_to >= second.valid_from
