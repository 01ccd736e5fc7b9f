"""Frameworks: approve a version, and take one in from a table that a donor sent back."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.results.models import FrameworkVersion
from jump.engines.results.services.install import digest_of, install_framework
from jump.engines.results.services.refusals import LogframeBroken, ReasonMissing
from jump.engines.results.types import Level

# One column a field; a text has one column a language, and `variants` are numbered.
FIXED = ("id", "level", "parent", "activity_group", "focus_area", "owner", "source", "provenance")
PARENT_LEVEL = {
    Level.DEVELOPMENT_OBJECTIVE: None,
    Level.IMMEDIATE_OBJECTIVE: Level.DEVELOPMENT_OBJECTIVE,
    Level.OUTPUT: Level.IMMEDIATE_OBJECTIVE,
    Level.ACTIVITY: Level.OUTPUT,
}


def approve_framework(actor: Actor, *, ref: Ref, on: date, why: str) -> None:
    """Approve a version: who, when, and what changed against the one before (LOGFRAME-02). Approving twice is once."""
    require(actor, "results.freeze")
    if not why.strip():
        raise ReasonMissing
    with write_transaction():
        row = FrameworkVersion.objects.filter(ref=ref).first()
        if row is None:
            raise NotFound(ref=ref)
        if row.approved_on is None:
            row.approved_on, row.approved_by, row.what_changed = on, actor.key, why.strip()
            row.save(update_fields=["approved_on", "approved_by", "what_changed"])
            record(actor, "results.framework.approve", row.ref, why=why)


def import_logframe(actor: Actor, *, text: str, package: str, version: str, on: date, why: str) -> Ref:
    """Take in a framework as a table (see `export_logframe`) as a new version of a package's framework.

    The whole table is checked first; a broken line refuses it all (results.logframe_broken). The same content under
    the same version is the same framework.
    """
    require(actor, "base.packages")
    if not why.strip():
        raise ReasonMissing
    nodes = read_table(text)
    with write_transaction():
        present = FrameworkVersion.objects.filter(package=package, version=version).first()
        if present is not None:
            if present.digest != digest_of(nodes):
                raise LogframeBroken(line=1, what=f"version {version} is already there with other content")
            return Ref(present.ref)
        install_framework(
            actor,
            package=package,
            version=version,
            data={"nodes": nodes, "what_changed": why.strip()},
            digest=digest_of(nodes),
        )
        made = FrameworkVersion.objects.get(package=package, version=version)
        record(actor, "results.framework.import", made.ref, why=why, facts={"nodes": len(nodes), "on": on.isoformat()})
        return Ref(made.ref)


def read_table(text: str) -> list[dict[str, Any]]:
    """The nodes of a table, in its order."""
    reader = csv.DictReader(io.StringIO(text))
    missing = {"id", "level", "parent"} - set(reader.fieldnames or ())
    if missing:
        raise LogframeBroken(line=1, what=f"the columns {', '.join(sorted(missing))} are missing")
    nodes: list[dict[str, Any]] = []
    levels: dict[str, Level] = {}
    for number, row in enumerate(reader, start=2):
        node = _read_row(row, number)
        if node["id"] in levels:
            raise LogframeBroken(line=number, what=f"{node['id']} stands twice")
        level = Level(node["level"])
        wanted = PARENT_LEVEL[level]
        if (wanted is None and node.get("parent")) or (wanted and levels.get(node.get("parent") or "") is not wanted):
            raise LogframeBroken(line=number, what=f"{node['id']} has no fitting parent above it")
        levels[node["id"]] = level
        nodes.append(node)
    if not nodes:
        raise LogframeBroken(line=1, what="the table has no lines")
    return nodes


def _read_row(row: Mapping[str, str | None], number: int) -> dict[str, Any]:
    values = {name: (value or "") for name, value in row.items() if name}
    if values.get("level") not in {level.value for level in Level}:
        raise LogframeBroken(line=number, what=f"{values.get('level')!r} is no level")
    node: dict[str, Any] = {name: values[name] for name in FIXED if values.get(name)}
    if not node.get("id"):
        raise LogframeBroken(line=number, what="the id is empty")
    node["text"] = _languages(values, "text")
    if not node["text"]:
        raise LogframeBroken(line=number, what="the text is empty")
    reason = _languages(values, "no_indicator_reason")
    if reason:
        node["no_indicator_reason"] = reason
    variants = []
    position = 1
    while wording := _languages(values, f"variant_{position}"):
        variants.append({"text": wording, "source": values.get(f"variant_{position}_source", "")})
        position += 1
    if variants:
        node["variants"] = variants
    return node


def _languages(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {
        column.removeprefix(f"{name}:"): value
        for column, value in values.items()
        if column.startswith(f"{name}:") and value
    }
