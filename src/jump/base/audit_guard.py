"""Triggers that make the audit trail append-only, on both databases."""

from typing import Any

NAMES = ("base_audit_no_update", "base_audit_no_delete")


def statements(vendor: str) -> list[str]:
    """The SQL that installs the guard on this kind of database."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON base_auditevent "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END"
            for name, verb in zip(NAMES, ("UPDATE", "DELETE"), strict=True)
        ]
    return [
        "CREATE OR REPLACE FUNCTION base_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit trail is only ever added to'; END $$",
        f"CREATE TRIGGER {NAMES[0]} BEFORE UPDATE OR DELETE ON base_auditevent "
        "FOR EACH ROW EXECUTE FUNCTION base_audit_refuse()",
        f"CREATE TRIGGER {NAMES[1]} BEFORE TRUNCATE ON base_auditevent "
        "FOR EACH STATEMENT EXECUTE FUNCTION base_audit_refuse()",
    ]


def install(_apps: Any, schema_editor: Any) -> None:
    """Install the guard (migration)."""
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def remove(_apps: Any, schema_editor: Any) -> None:
    """Remove the guard (migration, backwards)."""
    on_table = "" if schema_editor.connection.vendor == "sqlite" else " ON base_auditevent"
    for name in NAMES:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}", params=None)
