"""Package data that results reads: `framework.yaml`, `indicators.yaml` and `reference.yaml`.

A definition is checked like code: the tree hangs together, every expression can be read and asks only for what a fact
can carry, every output has an indicator or says why not, and targets of places add up to the target of the whole.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor
from jump.base.packages import CheckContext, DefinitionKind, Entry, Finding, PackageSource
from jump.core import expressions
from jump.engines.results.services.install import install_framework, install_indicators, install_references
from jump.engines.results.types import Level

_TEXT = {"type": ["object", "string"]}
_NUMBER = {"type": ["integer", "string", "null"]}
AGGREGATES = ("count", "distinct", "sum", "ratio", "mean", "median")
FREQUENCIES = ("month", "quarter", "half_year", "year", "once")
PARENT_OF = {
    Level.DEVELOPMENT_OBJECTIVE: None,
    Level.IMMEDIATE_OBJECTIVE: Level.DEVELOPMENT_OBJECTIVE,
    Level.OUTPUT: Level.IMMEDIATE_OBJECTIVE,
    Level.ACTIVITY: Level.OUTPUT,
}

FRAMEWORK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["version", "nodes"],
    "properties": {
        "version": {"type": ["string", "integer"]},
        "title": _TEXT,
        "nodes": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "level", "text"],
                "properties": {
                    "id": {"type": "string", "pattern": "^[a-z0-9_.-]+$"},
                    "level": {"enum": [level.value for level in Level]},
                    "parent": {"type": ["string", "null"]},
                    "text": _TEXT,
                    "variants": {"type": "array", "items": {"type": "object", "required": ["text", "source"]}},
                    "activity_group": {"type": "string"},
                    "focus_area": {"type": "string"},
                    "no_indicator_reason": _TEXT,
                },
            },
        },
        "assumptions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "group", "text"],
                "properties": {"id": {"type": "string"}, "group": {"type": "string"}, "text": _TEXT},
            },
        },
    },
}

_TERM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "fact": {"type": "string", "pattern": "^[a-z_]+\\.[a-z0-9_]+$"},
        "where": {"type": "string"},
        "aggregate": {"enum": [one for one in AGGREGATES if one != "ratio"]},
        "value": {"type": "string"},
        "by": {"type": "string"},
    },
}

INDICATOR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "node", "unit", "definition", "frequency", "owner", "source_of_verification"],
    "properties": {
        "title": _TEXT,
        "node": {"type": "string"},
        "unit": {"type": "string"},
        "definition": _TEXT,
        "measure": {
            "type": "object",
            "additionalProperties": False,
            "required": ["aggregate"],
            "properties": {
                **_TERM["properties"],
                "aggregate": {"enum": list(AGGREGATES)},
                "numerator": _TERM,
                "denominator": _TERM,
                "latest_per": {"enum": ["party"]},
            },
        },
        "window": {"enum": ["as_of", "period"]},
        "disaggregate": {"type": "array", "items": {"type": "string"}},
        "baseline": {"type": ["integer", "string", "null", "object"]},
        "targets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["scope", "by", "value"],
                "properties": {"scope": {"type": "string"}, "by": {"type": "string"}, "value": _NUMBER},
            },
        },
        "source_of_verification": _TEXT,
        "frequency": {"enum": list(FREQUENCIES)},
        "owner": {"type": "string"},
        "good_direction": {"enum": ["up", "down", "none"]},
        "headline": {"type": "boolean"},
        "planned": {"type": "boolean"},
        "planned_reason": _TEXT,
        "provenance": {"type": "string"},
        "source": {"type": "string"},
    },
}

_CITED: dict[str, Any] = {
    "anyOf": [{"required": ["source"]}, {"required": ["source_title"]}],
    "type": "object",
    "required": ["id", "value", "unit"],
    "properties": {
        "id": {"type": "string"},
        "title": _TEXT,
        "value": {"type": ["integer", "string", "null", "boolean"]},
        "kind": {"type": "string"},
    },
}

REFERENCE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "figures": {"type": "array", "items": _CITED},
        "readings": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "figures", "text", "chosen", "why"],
                "properties": {"figures": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
            },
        },
    },
}


def _check_framework(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    for entry in source.of("framework"):
        yield from _check_tree(entry)
        measured = {one.data.get("node") for one in source.of("indicators")}
        for number, node in enumerate(entry.data["nodes"]):
            is_output = node["level"] == Level.OUTPUT
            if is_output and node["id"] not in measured and not node.get("no_indicator_reason"):
                yield entry.finding(
                    ("nodes", number),
                    f"The output {node['id']} has no indicator.",
                    "Add one to indicators.yaml, or say why not under no_indicator_reason.",
                )


def _check_tree(entry: Entry) -> Iterator[Finding]:
    levels: dict[str, Level] = {}
    for number, node in enumerate(entry.data["nodes"]):
        place = ("nodes", number)
        if node["id"] in levels:
            yield entry.finding(place, f"The node {node['id']} stands twice.", "Give each node its own id.")
        level = Level(node["level"])
        parent, wanted = node.get("parent"), PARENT_OF[level]
        if wanted is None and parent:
            yield entry.finding(place, f"{node['id']} is a development objective and has a parent.", "Remove it.")
        if wanted is not None and levels.get(parent or "") is not wanted:
            yield entry.finding(
                place,
                f"The parent {parent} of {node['id']} is not an earlier node of level {wanted}.",
                "Write parents before their children.",
            )
        levels[node["id"]] = level
        if level is Level.ACTIVITY and not node.get("activity_group"):
            yield entry.finding(
                place, f"The activity {node['id']} has no activity group.", "Map it; an unmapped one has no budget."
            )
    for number, assumption in enumerate(entry.data.get("assumptions") or ()):
        about = assumption.get("about")
        if about and about not in levels:
            yield entry.finding(("assumptions", number), f"There is no node {about}.", "Name a node of this framework.")


def _check_indicators(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    framework = source.of("framework")
    nodes = {node["id"] for entry in framework for node in entry.data["nodes"]}
    for entry in source.of("indicators"):
        data = entry.data
        if framework and data["node"] not in nodes:
            yield entry.finding(("node",), f"There is no node {data['node']}.", "Name a node of framework.yaml.")
        if not data.get("measure") and not data.get("planned"):
            yield entry.finding(
                (), "Nothing says how this is measured.", "Add a measure, or planned: true with a reason."
            )
        if data.get("planned") and not data.get("planned_reason"):
            yield entry.finding(("planned",), "A planned indicator says why it has no data yet.", "Add planned_reason.")
        yield from _check_measure(entry, data.get("measure") or {})
        yield from _check_targets(entry)


def _check_measure(entry: Entry, measure: Mapping[str, Any]) -> Iterator[Finding]:
    if not measure:
        return
    terms: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [(("measure",), measure)]
    if measure["aggregate"] == "ratio":
        for part in ("numerator", "denominator"):
            if part not in measure:
                yield entry.finding(("measure",), f"A ratio needs a {part}.", "Add it.")
            else:
                terms.append((("measure", part), measure[part]))
    elif "numerator" in measure or "denominator" in measure:
        yield entry.finding(("measure",), "Only a ratio has a numerator and a denominator.", "Write aggregate: ratio.")
    for place, term in terms:
        is_ratio_itself = term is measure and measure["aggregate"] == "ratio"
        if not is_ratio_itself and not (term.get("fact") or measure.get("fact")):
            yield entry.finding(place, "Nothing says which facts are counted.", "Add fact: engine.name.")
        if term.get("where"):
            try:
                expressions.parse(term["where"])
            except expressions.ExpressionError as error:
                yield entry.finding((*place, "where"), f"The condition cannot be read: {error}.", "Correct it.")


def _check_targets(entry: Entry) -> Iterator[Finding]:
    """Where places under one another have targets for the same day, the parts add up to the whole."""
    targets = list(entry.data.get("targets") or ())
    for number, whole in enumerate(targets):
        below = [
            one
            for one in targets
            if one is not whole and str(one["by"]) == str(whole["by"]) and one["scope"].startswith(whole["scope"])
        ]
        parts = [one for one in below if not any(one["scope"].startswith(o["scope"]) for o in below if o is not one)]
        total = sum((Decimal(str(one["value"])) for one in parts), Decimal(0))
        if parts and total != Decimal(str(whole["value"])):
            yield entry.finding(
                ("targets", number),
                f"The parts add up to {total}, the target of {whole['scope']} is {whole['value']}.",
                "Make them equal.",
            )


def _check_references(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    for entry in source.of("reference"):
        known = {figure["id"] for figure in entry.data.get("figures") or ()}
        for number, figure in enumerate(entry.data.get("figures") or ()):
            if figure.get("kind") == "case" and not (figure.get("period") and figure.get("geography")):
                yield entry.finding(
                    ("figures", number),
                    f"The comparison case {figure['id']} has no period or no place.",
                    "Both are needed to compare.",
                )
        for number, reading in enumerate(entry.data.get("readings") or ()):
            for one in reading["figures"]:
                if one not in known:
                    yield entry.finding(
                        ("readings", number), f"There is no figure {one}.", "Name a figure of this file."
                    )


def _install_framework(actor: Actor, source: PackageSource, version: str) -> None:
    for entry in source.of("framework"):
        install_framework(actor, package=source.name, version=version, data=entry.data, digest=source.digest)


def _install_indicators(actor: Actor, source: PackageSource, version: str) -> None:
    install_indicators(
        actor, package=source.name, version=version, data={e.full_id: e.data for e in source.of("indicators")}
    )


def _install_references(actor: Actor, source: PackageSource, version: str) -> None:
    for entry in source.of("reference"):
        install_references(package=source.name, version=version, data=entry.data)


KINDS = (
    DefinitionKind("framework", "framework.yaml", "document", FRAMEWORK_SCHEMA, _check_framework, _install_framework),
    DefinitionKind(
        "indicators", "indicators.yaml", "mapping", INDICATOR_SCHEMA, _check_indicators, _install_indicators
    ),
    DefinitionKind("reference", "reference.yaml", "document", REFERENCE_SCHEMA, _check_references, _install_references),
)
