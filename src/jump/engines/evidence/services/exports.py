"""Giving submissions out: what leaves is masked for who asks, and the trail says who took what."""

from __future__ import annotations

from jump.base import audit
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.core.units import Ref
from jump.engines.evidence import queries
from jump.engines.evidence.definitions.kept import form_version
from jump.engines.evidence.queries import exports
from jump.engines.evidence.types import ExportAsked, ExportFile, ExportFormat

MIMES = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON: "application/json",
    ExportFormat.JSON_LINES: "application/x-ndjson",
    ExportFormat.GEOJSON: "application/geo+json",
}
CHUNKS = {
    ExportFormat.XLSX: exports.xlsx_chunks,
    ExportFormat.CSV: exports.csv_chunks,
    ExportFormat.JSON: exports.json_chunks,
    ExportFormat.JSON_LINES: exports.jsonl_chunks,
    ExportFormat.GEOJSON: exports.geojson_chunks,
}


def export(actor: Actor, *, asked: ExportAsked, kind: ExportFormat) -> ExportFile:
    """Begin an export. A form with repeats as CSV is a zip, a file for each table. Refuses who is not signed in."""
    if actor.user_id is None and not actor.is_system:
        require(actor, "evidence.submit")
    held = form_version(asked.form)
    note_export(actor, asked, kind.value)
    short = held.form.form_id.rpartition(".")[2]
    if kind is ExportFormat.CSV and len(exports.tables_of_form(asked.form)) > 1:
        return ExportFile(f"{short}.zip", "application/zip", exports.csv_zip_chunks(actor, asked))
    return ExportFile(f"{short}.{kind.value}", MIMES[kind], CHUNKS[kind](actor, asked))


def note_export(actor: Actor, asked: ExportAsked, kind: str) -> None:
    """Write into the trail who takes which submissions out, and how many they are at this moment."""
    facts = {
        "form": form_version(asked.form).form.form_id,
        "as": kind,
        "scope": asked.scope,
        "since": asked.since.isoformat() if asked.since else "",
        "until": asked.until.isoformat() if asked.until else "",
        "state": asked.state,
        "rows": queries.count_export(actor, asked),
    }
    with write_transaction():
        audit.record(actor, "evidence.export", Ref(""), facts=facts)
