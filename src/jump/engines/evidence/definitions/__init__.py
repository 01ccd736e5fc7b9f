"""Forms, registers and dossiers in package data: their schemas, their checks, and what installing a form makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jump.base import outbox
from jump.base.actors import ROLES, Actor
from jump.base.packages import (
    CheckContext,
    Definition,
    DefinitionKind,
    Entry,
    Finding,
    PackageSource,
    UnknownDefinition,
    definition,
)
from jump.core import expressions
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import xlsform

__all__ = ["KINDS", "UnknownDefinition", "answered", "convert_file", "dossier", "register", "sections_of"]

TEXTS: Mapping[str, Any] = {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}}
CALL: Mapping[str, Any] = {
    "type": "object",
    "required": ["effect"],
    "properties": {
        "effect": {"type": "string", "pattern": r"^[a-z]+\.[a-z_]+$"},
        "with": {"type": "object"},
        "bind": {"type": "string"},
        "for_each": {"type": "string"},
        "each_by": {"type": "string"},
        "when": {"type": "string"},
    },
    "additionalProperties": False,
}
FORM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["file", "title"],
    "properties": {
        "file": {"type": "string"},
        "title": TEXTS,
        "subject": {"type": "string"},
        "data_class": {"enum": ["P0", "P1", "P2", "P3", "F", "D"]},
        "personal": {"type": "array", "items": {"type": "string"}},
        "review": {"enum": ["none", "all", "sample", "two"]},
        "sample_percent": {"type": "integer", "minimum": 1, "maximum": 100},
        "public": {"type": "boolean"},
        "photo_place": {"enum": ["keep", "drop"]},
        "home_country": {"type": "string"},
        "register": {"type": "string"},
        "key": {"type": "string"},
        "about": {"type": "string"},
        "on_accept": {"type": "array", "items": CALL},
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "pattern": r"^evidence\.[a-z_]+$"},
                    "value": {"type": ["string", "integer"]},
                    "on": {"type": "string"},
                    "until": {"type": "string"},
                    "party": {"type": "string"},
                    "for_each": {"type": "string"},
                    "codes": {"type": "object"},
                },
                "additionalProperties": False,
            },
        },
        "quality": {
            "type": "object",
            "properties": {
                "seconds_min": {"type": "integer", "minimum": 1},
                "days_late_max": {"type": "integer", "minimum": 1},
                "metres_max": {"type": "integer", "minimum": 1},
            },
            "additionalProperties": False,
        },
        "worksheet": {"type": "string"},
        "provenance": {"enum": ["P", "S", "K", "D"]},
        "source_title": {"type": "string"},
        "source_year": {"type": ["string", "integer"]},
        "source": {"type": "string"},
    },
    "additionalProperties": False,
}
REGISTER_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["title", "key", "label"],
    "properties": {
        "title": TEXTS,
        "key": {"type": "string"},
        "label": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "freshness_days": {"type": "integer", "minimum": 1},
        "data_class": {"enum": ["P0", "P1", "P2", "P3", "F", "D"]},
        "provenance": {"enum": ["P", "S", "K", "D"]},
        "source_title": {"type": "string"},
        "source": {"type": "string"},
    },
    "additionalProperties": False,
}
DOSSIER_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["title", "sections"],
    "properties": {
        "title": TEXTS,
        "about": {"type": "string"},
        "sections": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["key", "title", "form"],
                "properties": {
                    "key": {"type": "string"},
                    "title": TEXTS,
                    "form": {"type": "string"},
                    "min": {"type": "integer", "minimum": 0},
                    "mandatory": {"type": "boolean"},
                },
                "additionalProperties": False,
            },
        },
        "data_class": {"enum": ["P1", "P2", "F"]},
        "sign_off_by": {"type": "string"},
        "signers": {
            "type": "array",
            "minItems": 2,
            "items": {
                "type": "object",
                "required": ["id", "title", "role"],
                "properties": {"id": {"type": "string"}, "title": TEXTS, "role": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "checks": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "text", "needs"],
                "properties": {"id": {"type": "string"}, "text": TEXTS, "needs": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "provenance": {"enum": ["P", "S", "K", "D"]},
        "source_title": {"type": "string"},
        "source": {"type": "string"},
    },
    "additionalProperties": False,
}

_converted: dict[tuple[str, int, int], xlsform.Converted | xlsform.FormBroken] = {}


def convert_file(path: Path) -> xlsform.Converted:
    """Convert a form file, remembered while the file stays as it is. Raises FormBroken."""
    stat = path.stat()
    key = (str(path), stat.st_mtime_ns, stat.st_size)
    if key not in _converted:
        try:
            _converted[key] = xlsform.convert(path.read_bytes())
        except xlsform.FormBroken as error:
            _converted[key] = error
    found = _converted[key]
    if isinstance(found, xlsform.FormBroken):
        raise found
    return found


# Checks ----------------------------------------------------------------------------------------------


def check_forms(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    """Every form file converts, and what forms.yaml says of it names questions, effects and registers that exist."""
    for entry in source.of("form"):
        path = source.folder / str(entry.data["file"])
        if not path.is_file():
            yield entry.finding(("file",), f"There is no file {entry.data['file']}.", "Check the name.")
            continue
        try:
            converted = convert_file(path)
        except xlsform.FormBroken as error:
            for problem in error.problems:
                yield Finding(
                    f"{source.folder.name}/{entry.data['file']}",
                    problem.line or problem.row,
                    f"{problem.where}: {problem.message}",
                    problem.what_to_do,
                )
            continue
        yield from _check_form_entry(entry, source, context, converted.schema)
        lying = media_beside(path, converted)
        for name in sorted(set(converted.schema["media"]) - lying.keys()):
            yield entry.finding(("file",), f"The form needs {name}.", f"Put it into {path.stem}-media beside the form.")


def _check_form_entry(
    entry: Entry, source: PackageSource, context: CheckContext, schema: Mapping[str, Any]
) -> Iterator[Finding]:
    data = entry.data
    if data.get("review") == "sample" and "sample_percent" not in data:
        yield entry.finding(("review",), "The review is by sample, but sample_percent is missing.", "Add it.")
    register = data.get("register")
    if register:
        held = context.get("register", source.full(str(register)))
        if held is None:
            yield entry.finding(("register",), f"There is no register {register}.", "Declare it in registers.yaml.")
        else:
            known = set(answered.keys_of(schema["fields"]))
            for name in [*held.get("fields", ()), held["label"]]:
                if name not in known and "{" not in str(name):
                    yield entry.finding(
                        ("register",), f"The register keeps {name}, but the form has no such question.", "Add it."
                    )
    bound = {"answers", "submission", "about", "scope", "on", "item", "ref", "sender"}
    for number, call in enumerate(data.get("on_accept", ())):
        where = ("on_accept", number)
        offered = outbox.offered()
        if offered and call["effect"] not in offered:
            yield entry.finding((*where, "effect"), f"No engine offers {call['effect']}.", "Check its name.")
        looked_up = [call.get("with"), call.get("for_each"), call.get("each_by")]
        yield from _check_look_ups(entry, where, looked_up, schema, bound)
        yield from _check_condition(entry, (*where, "when"), str(call.get("when") or ""), schema, bound)
        if call.get("each_by") and not call.get("for_each"):
            yield entry.finding(
                (*where, "each_by"), "Only entries of a repeat are told apart.", "Add for_each, or take each_by out."
            )
        if call.get("bind"):
            bound.add(str(call["bind"]))
    for number, fact in enumerate(data.get("facts", ())):
        yield from _check_look_ups(entry, ("facts", number), list(fact.values()), schema, bound - {"sender"})
    personal = set(data.get("personal", ()))
    keys = {str(field["key"]) for field in xlsform.fields_of(schema)}
    for name in sorted(personal - keys):
        yield entry.finding(("personal",), f"The form has no question {name}.", "Check the name.")


def _check_condition(
    entry: Entry, where: tuple[str | int, ...], condition: str, schema: Mapping[str, Any], bound: set[str]
) -> Iterator[Finding]:
    """A condition can be read, and speaks of questions and of results that there are."""
    if not condition:
        return
    questions = {f"answers.{key}" for key in answered.keys_of(schema["fields"])}
    known = {*questions, *(f"{one}.*" for one in questions), *bound, *(f"{one}.*" for one in bound - {"answers"})}
    for problem in expressions.check(condition, known):
        yield entry.finding(where, f"{condition}: {problem}", "Name a question as answers.x; an entry's as item.x.")


def _check_look_ups(
    entry: Entry, where: tuple[str | int, ...], values: Any, schema: Mapping[str, Any], bound: set[str]
) -> Iterator[Finding]:
    if isinstance(values, Mapping):
        values = list(values.values())
    if isinstance(values, list):
        for value in values:
            yield from _check_look_ups(entry, where, value, schema, bound)
        return
    if not isinstance(values, str) or not values.startswith("$"):
        return
    first, *rest = values.lstrip("$?").split(".")
    if first not in bound:
        yield entry.finding(
            where, f"{values} is not known here.", "Use $answers, $about, $on, $sender, or an earlier bind."
        )
    elif first == "answers" and rest and rest[0] not in set(answered.keys_of(schema["fields"])):
        yield entry.finding(where, f"{values}: the form has no question {rest[0]}.", "Check the name.")


def check_dossiers(source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    """Sections name forms that exist, the signer is a role, and every condition can be read."""
    for entry in source.of("dossier"):
        seen: set[str] = set()
        for number, section in enumerate(entry.data["sections"]):
            if section["key"] in seen:
                yield entry.finding(("sections", number), f"The section {section['key']} stands twice.", "Rename one.")
            seen.add(section["key"])
            if not context.has("form", source.full(section["form"])):
                yield entry.finding(
                    ("sections", number, "form"), f"There is no form {section['form']}.", "Declare it in forms.yaml."
                )
        signer = entry.data.get("sign_off_by")
        if signer and signer not in ROLES:
            yield entry.finding(("sign_off_by",), f"There is no role {signer}.", f"Use one of: {', '.join(ROLES)}.")
        yield from _check_signers(entry)
        for number, check in enumerate(entry.data.get("checks", ())):
            try:
                expressions.parse(check["needs"])
            except expressions.ExpressionError as error:
                yield entry.finding(("checks", number, "needs"), f"{error}", "Correct the condition.")


def _check_signers(entry: Entry) -> Iterator[Finding]:
    """A dossier is signed by one role or by several parties, each once and in a role that exists."""
    seen: set[str] = set()
    for number, signer in enumerate(entry.data.get("signers", ())):
        if signer["id"] in seen:
            yield entry.finding(("signers", number), f"The signer {signer['id']} stands twice.", "Keep one.")
        seen.add(signer["id"])
        if signer["role"] not in ROLES:
            yield entry.finding(
                ("signers", number, "role"), f"There is no role {signer['role']}.", f"Use one of: {', '.join(ROLES)}."
            )
    if seen and entry.data.get("sign_off_by"):
        yield entry.finding(
            ("sign_off_by",), "Both one role and several parties are named to sign.", "Keep one of the two."
        )


# Installing ------------------------------------------------------------------------------------------


def install_forms(actor: Actor, source: PackageSource, version: str) -> None:
    """Keep each form of a package as an immutable form version."""
    from jump.engines.evidence.definitions.kept import keep_form

    for entry in source.of("form"):
        path = source.folder / str(entry.data["file"])
        converted = convert_file(path)
        keep_form(
            form_id=entry.full_id,
            package=source.name,
            version=version,
            settings=full_settings(entry.data, source.full),
            converted=converted,
            media=media_beside(path, converted),
        )


def media_beside(path: Path, converted: xlsform.Converted) -> dict[str, bytes]:
    """The files that a form of a package needs, by name: they lie beside it in `<name>-media/`, as pyxform has it."""
    folder = path.parent / f"{path.stem}-media"
    found = {one.name: one.read_bytes() for one in sorted(folder.glob("*")) if one.is_file()}
    if converted.itemsets:
        found.setdefault(xlsform.ITEMSETS, converted.itemsets.encode())
    return found


def full_settings(data: Mapping[str, Any], full: Any) -> dict[str, Any]:
    """An entry of forms.yaml with its register by full id."""
    made = dict(data)
    if made.get("register"):
        made["register"] = full(str(made["register"]))
    return made


def register(register_id: str) -> Definition:
    return definition("register", register_id)


def dossier(dossier_id: str, version: str | None = None) -> Definition:
    return definition("dossier", dossier_id, version)


def sections_of(held: Definition) -> Sequence[Mapping[str, Any]]:
    """The sections of a dossier with full form ids."""
    return [{**section, "form": held.full(str(section["form"]))} for section in held.data["sections"]]


KINDS = (
    DefinitionKind("form", "forms.yaml", "mapping", FORM_SCHEMA, check=check_forms, install=install_forms),
    DefinitionKind("register", "registers.yaml", "mapping", REGISTER_SCHEMA),
    DefinitionKind("dossier", "dossiers.yaml", "mapping", DOSSIER_SCHEMA, check=check_dossiers),
)
