"""Triggers: frozen figures and their inputs, targets, baselines, definitions and reviews are only ever added.

An approved plan keeps what it says (LOGFRAME and WORKPLAN rules); an activity keeps its node.
"""

from typing import Any

ADDED_ONLY = (
    "results_figureset",
    "results_figure",
    "results_figurechunk",
    "results_target",
    "results_baseline",
    "results_withdrawnbaseline",
    "results_indicatorversion",
    "results_assumptionreview",
    "results_outputproof",
    "results_node",
)
_ADDED = "rows of this table are only ever added: published figures and their inputs never change"
_PLAN = "an approved plan is kept as it was approved; make a new version"
PLAN_KEPT = ("ref", "kind", "title", "version", "starts_on", "ends_on", "sections", "approved_on", "scope_id")


def guards(vendor: str) -> list[tuple[str, str, str]]:
    """(name, table, SQL that makes it) for this kind of database."""
    return _sqlite() if vendor == "sqlite" else _postgres()


def _sqlite() -> list[tuple[str, str, str]]:
    found = [
        (
            f"{table}_no_{verb.lower()}",
            table,
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_ADDED}'); END",
        )
        for table in ADDED_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in PLAN_KEPT)
    found.append(
        (
            "results_plan_keeps",
            "results_plan",
            "CREATE TRIGGER results_plan_keeps BEFORE UPDATE ON results_plan "
            f"WHEN OLD.approved_on IS NOT NULL AND ({changed}) BEGIN SELECT RAISE(ABORT, '{_PLAN}'); END",
        )
    )
    return found


def _postgres() -> list[tuple[str, str, str]]:
    refuse = (
        "CREATE OR REPLACE FUNCTION results_added_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_ADDED}'; END $$; "
    )
    found = []
    for table in ADDED_ONLY:
        found.append(
            (
                f"{table}_added_only",
                table,
                f"{refuse} CREATE TRIGGER {table}_added_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION results_added_only()",
            )
        )
        found.append(
            (
                f"{table}_no_truncate",
                table,
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION results_added_only()",
            )
        )
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in PLAN_KEPT)
    found.append(
        (
            "results_plan_keeps",
            "results_plan",
            "CREATE OR REPLACE FUNCTION results_plan_keeps() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_PLAN}'; END $$; "
            "CREATE TRIGGER results_plan_keeps BEFORE UPDATE ON results_plan FOR EACH ROW "
            f"WHEN (OLD.approved_on IS NOT NULL AND ({changed})) EXECUTE FUNCTION results_plan_keeps()",
        )
    )
    return found


def install_guards(_apps: Any, schema_editor: Any) -> None:
    """Install the guards of every table that is there (migration): later ones are made by later migrations."""
    there = set(schema_editor.connection.introspection.table_names())
    for _name, table, statement in guards(schema_editor.connection.vendor):
        if table in there:
            schema_editor.execute(statement, params=None)


def drop_guards(_apps: Any, schema_editor: Any) -> None:
    """Remove every guard (migration, backwards, and before a guarded table is altered)."""
    vendor = schema_editor.connection.vendor
    for name, table, _statement in guards(vendor):
        on_table = "" if vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}", params=None)
