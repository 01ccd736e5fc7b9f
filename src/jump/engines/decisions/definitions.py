"""The package data that decisions reads: rounds (criteria, method, outcomes) and committees (seats, quorum)."""

from collections.abc import Iterable, Mapping
from typing import Any

from jump.base import outbox
from jump.base.actors import ROLES
from jump.base.packages import CheckContext, DefinitionKind, Entry, Finding, PackageSource

NO_COOPERATIVE = "no_cooperative"
_TEXT: Mapping[str, Any] = {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}}
_ID = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_WHERE_FROM: Mapping[str, Any] = {
    "provenance": {"type": "string"},
    "source": {"type": ["string", "object"]},
    "source_title": {"type": "string"},
    "note": {"type": ["string", "object"]},
}

_CRITERION: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "title"],
    "additionalProperties": False,
    "properties": {
        "id": _ID,
        "title": _TEXT,
        "help": _TEXT,
        "weight": {"type": "integer", "minimum": 0, "maximum": 1000},
        "scale_min": {"type": "integer"},
        "scale_max": {"type": "integer"},
        "screening": {"type": "boolean"},
        "computed": {"type": "boolean"},
        "indicator": {"type": "string"},
        "evidence": {"type": "boolean"},
        **_WHERE_FROM,
    },
}
_OUTCOME: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "title", "good"],
    "additionalProperties": False,
    "properties": {
        "id": _ID,
        "title": _TEXT,
        "good": {"type": "boolean"},
        "reserve": {"type": "boolean"},
        "reason_required": {"type": "boolean"},
        "notify": {"type": "string"},
        "calls": {"type": "array", "items": {"type": "object", "required": ["effect"]}},
        "reserves": {
            "type": "object",
            "required": ["currency"],
            "additionalProperties": False,
            "properties": {
                "fund": {"type": "string"},
                "amount": {"type": "string"},
                "amount_minor": {"type": ["string", "integer"]},
                "currency": {"type": "string"},
            },
        },
    },
}
_ROUND: Mapping[str, Any] = {
    "type": "object",
    "required": ["title", "method", "outcomes"],
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "help": _TEXT,
        "subject": {"type": "string"},
        "opens_by": {"type": "string"},
        "panel_role": {"type": "string"},
        "panel_min": {"type": "integer", "minimum": 0},
        "criteria": {"type": "array", "items": _CRITERION},
        "method": {"enum": ["weighted", "screening", "ballot"]},
        "tie_break": {"type": "array", "items": {"type": "string"}},
        "outcomes": {"type": "array", "items": _OUTCOME, "minItems": 1},
        "options": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "title"],
                "additionalProperties": False,
                "properties": {"id": _ID, "title": _TEXT, "cooperative": {"type": "boolean"}},
            },
        },
        "quorum_percent": {"type": "integer", "minimum": 0, "maximum": 100},
        "bands": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["score_min", "suggests"],
                "additionalProperties": False,
                "properties": {"score_min": {"type": "integer"}, "suggests": _ID},
            },
        },
        "committee": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "id": _ID,
                "title": _TEXT,
                "seats": {"type": "array", "items": {"type": "object", "required": ["id", "class"]}},
                "size": {"type": "integer", "minimum": 1},
                "women_min": {"type": "integer", "minimum": 0},
                "quorum": {"type": "integer", "minimum": 1},
                "staff_excluded": {"type": "boolean"},
            },
        },
        "capacity": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "max_total": {"type": "integer", "minimum": 1},
                "max_per_round": {"type": "integer", "minimum": 1},
                "max_per_country": {"type": "integer", "minimum": 1},
                "first_round_max_per_country": {"type": "integer", "minimum": 1},
            },
        },
        **_WHERE_FROM,
    },
}
_COMMITTEE: Mapping[str, Any] = {
    "type": "object",
    "required": ["title", "required_classes"],
    "additionalProperties": False,
    "properties": {
        "title": _TEXT,
        "about": {"type": "string"},
        "required_classes": {
            "type": "array",
            "items": {
                "oneOf": [
                    _ID,
                    {"type": "object", "required": ["id", "title"], "properties": {"id": _ID, "title": _TEXT}},
                ]
            },
        },
        "quorum_percent": {"type": "integer", "minimum": 1, "maximum": 100},
        "secretary_role": {"type": "string"},
        **_WHERE_FROM,
    },
}


def _check_rounds(source: PackageSource, context: CheckContext) -> Iterable[Finding]:
    for entry in source.of("rounds"):
        yield from _check_criteria(entry)
        yield from _check_outcomes(entry, source, context)
        for name in ("opens_by", "panel_role"):
            role = entry.data.get(name)
            if role and role not in ROLES:
                yield entry.finding((name,), f"{role} is not a role.", f"Use one of: {', '.join(sorted(ROLES))}.")
        if entry.data["method"] == "ballot":
            yield from _check_ballot(entry)


def _check_criteria(entry: Entry) -> Iterable[Finding]:
    criteria = list(entry.data.get("criteria") or ())
    method = entry.data["method"]
    ids = [criterion["id"] for criterion in criteria]
    for number, criterion in enumerate(criteria):
        if ids.index(criterion["id"]) != number:
            yield entry.finding(("criteria", number), f"The criterion {criterion['id']} stands twice.", "Keep one.")
        if not criterion.get("screening") and criterion.get("scale_max", 5) <= criterion.get("scale_min", 0):
            yield entry.finding(("criteria", number), f"The scale of {criterion['id']} does not rise.", "Mend it.")
    if method == "weighted" and not any(
        criterion.get("weight", 1) and not criterion.get("screening") for criterion in criteria
    ):
        yield entry.finding(("criteria",), "No criterion of this weighted round weighs anything.", "Give weights.")
    if method == "screening":
        if not criteria:
            yield entry.finding((), "A screening round has no criteria.", "Add them.")
        for number, criterion in enumerate(criteria):
            if not criterion.get("screening"):
                yield entry.finding(
                    ("criteria", number), f"{criterion['id']} is not a yes-or-no test.", "Add `screening: true`."
                )
    for number, key in enumerate(entry.data.get("tie_break") or ()):
        if key.removeprefix("-") not in ids:
            yield entry.finding(("tie_break", number), f"{key} is not a criterion of this round.", "Check the id.")


def _check_outcomes(entry: Entry, source: PackageSource, context: CheckContext) -> Iterable[Finding]:
    outcomes = list(entry.data["outcomes"])
    ids = [outcome["id"] for outcome in outcomes]
    for number, outcome in enumerate(outcomes):
        where = ("outcomes", number)
        if ids.index(outcome["id"]) != number:
            yield entry.finding(where, f"The outcome {outcome['id']} stands twice.", "Keep one.")
        if outcome.get("good") and outcome.get("reserve"):
            yield entry.finding(where, f"{outcome['id']} cannot be good and reserve at once.", "Choose one.")
    for number, band in enumerate(entry.data.get("bands") or ()):
        if band["suggests"] not in ids:
            yield entry.finding(("bands", number), f"{band['suggests']} is not an outcome of this round.", "Check it.")
    for number, outcome in enumerate(outcomes):
        where = ("outcomes", number)
        message = outcome.get("notify")
        if message and not context.has("messages", source.full(str(message))):
            yield entry.finding((*where, "notify"), f"Nobody declares the message {source.full(message)}.", "Add it.")
        for call_number, call in enumerate(outcome.get("calls") or ()):
            if call["effect"] not in outbox.offered():
                yield entry.finding(
                    (*where, "calls", call_number), f"No engine offers the effect {call['effect']}.", "Check its name."
                )


def _check_ballot(entry: Entry) -> Iterable[Finding]:
    """A ballot's options are its outcomes. Where one of them is a cooperative, "no cooperative" is always among them:
    a cooperative is never forced on a community (programme document 8.3(5), SELECT-10)."""
    options = list(entry.data.get("options") or ())
    outcomes = {outcome["id"] for outcome in entry.data["outcomes"]}
    if len(options) < 2:
        yield entry.finding((), "A ballot needs at least two options.", "Add `options:`.")
    for number, option in enumerate(options):
        if option["id"] not in outcomes:
            yield entry.finding(
                ("options", number), f"The option {option['id']} is not among the outcomes.", "Declare it as one."
            )
    if any(option.get("cooperative") for option in options) and NO_COOPERATIVE not in {one["id"] for one in options}:
        yield entry.finding(
            ("options",),
            "A cooperative may not be forced on a community: there is no option against it.",
            f"Add the option {NO_COOPERATIVE}.",
        )


def _check_committees(source: PackageSource, context: CheckContext) -> Iterable[Finding]:
    for entry in source.of("committees"):
        role = entry.data.get("secretary_role")
        if role and role not in ROLES:
            yield entry.finding(("secretary_role",), f"{role} is not a role.", "Check the name.")


ROUNDS = DefinitionKind("rounds", "rounds.yaml", "mapping", _ROUND, _check_rounds)
COMMITTEES = DefinitionKind("committees", "committees.yaml", "mapping", _COMMITTEE, _check_committees)
KINDS = (ROUNDS, COMMITTEES)
