"""What reports reads of a package: report templates in ``reports/*.yaml``."""

from collections.abc import Iterable, Mapping
from typing import Any

from jump.base.packages import CheckContext, DefinitionKind, Finding, PackageSource

SECTIONS: Mapping[str, str] = {
    "executive_summary": "the answer first: jobs, money, what is late",
    "headline": "the main figure against its target, by sex",
    "countries": "the main figure by country",
    "indicators": "the results table, or the indicators named under `figures`",
    "outputs": "where each output stands, by its evidence",
    "activities": "activities done, running and late in the period",
    "budget": "plan, commitment and spend by stage and type, and the split",
    "loans": "the loan funds and the quality of their loans",
    "job_statement": "from claims to decent jobs, rule by rule",
    "assumptions": "what was assumed, and whether it still holds",
    "lessons": "what was learned, each with its record",
    "missing_inputs": "inputs that are due and have not come",
    "work_plan": "the annual work plan, attached",
    "text": "a paragraph of the template's own",
}

TEMPLATE: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "title", "period", "sections"],
    "additionalProperties": True,
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "object", "required": ["en"]},
        "period": {"enum": ["half_year", "year", "phase", "none"]},
        "sections": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"enum": sorted(SECTIONS)},
                    "title": {"type": "object", "required": ["en"]},
                    "text": {"type": "object", "required": ["en"]},
                    "figures": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "iati": {
            "type": "object",
            "required": ["reporter", "sector", "funder_type"],
            "properties": {
                "reporter": {
                    "type": "object",
                    "required": ["ref", "type", "name"],
                    "properties": {
                        "ref": {"type": "string", "pattern": "^[A-Z0-9-]+$"},
                        "type": {"type": ["string", "integer"]},
                        "name": {"type": "string"},
                    },
                },
                "sector": {"type": ["string", "integer"]},
                "funder_type": {"type": ["string", "integer"]},
                "partner_type": {"type": ["string", "integer"]},
                "indicators": {"type": "array", "items": {"type": "string"}},
            },
        },
        "provenance": {"enum": ["P", "S", "K", "D"]},
    },
}


def check(source: PackageSource, context: CheckContext) -> Iterable[Finding]:
    """Every figure that a template names is an indicator that some package declares."""
    for entry in source.of("report"):
        for number, section in enumerate(entry.data["sections"]):
            if section["kind"] == "text" and "text" not in section:
                yield entry.finding(("sections", number), "A section of kind text has no text.", "Add `text: {en: …}`.")
            for position, short in enumerate(section.get("figures") or ()):
                if not context.has("indicators", source.full(short)):
                    yield entry.finding(
                        ("sections", number, "figures", position),
                        f"No indicator is called {short}.",
                        "Use an id from indicators.yaml.",
                    )
        for position, short in enumerate((entry.data.get("iati") or {}).get("indicators") or ()):
            if not context.has("indicators", source.full(short)):
                yield entry.finding(
                    ("iati", "indicators", position),
                    f"No indicator is called {short}.",
                    "Use an id of indicators.yaml.",
                )


KINDS = (DefinitionKind("report", "reports/*.yaml", "document", TEMPLATE, check=check),)
