"""Triggers that keep what a constraint on one row cannot: what is only ever added, and what never changes.

- terms, verifications, follow-ups and test results are only ever added;
- a spell keeps its kind, its person's reference, its claimant and its reference for ever;
- nobody verifies a claim that they made, or whose form they wrote.
"""

from typing import Any

ADDED_ONLY = ("jobs_termsrow", "jobs_verification", "jobs_followup", "jobs_decentworkresult")
KEPT = ("ref", "kind", "person_ref", "claimed_by", "author", "claimed_on")
_OWN = "nobody verifies a job that they claimed"
_KEPT = "the kind, person and claimant of a job never change"
_ADDED = "rows of this table are only ever added"


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
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in KEPT)
    found.append(
        (
            "jobs_spell_keeps",
            "jobs_jobspell",
            f"CREATE TRIGGER jobs_spell_keeps BEFORE UPDATE ON jobs_jobspell WHEN {changed} "
            f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
        )
    )
    found.append(
        (
            "jobs_not_own_claim",
            "jobs_verification",
            "CREATE TRIGGER jobs_not_own_claim BEFORE INSERT ON jobs_verification WHEN EXISTS "
            '(SELECT 1 FROM jobs_jobspell s WHERE s.id = NEW.spell_id AND NEW."by" IN (s.claimed_by, s.author)) '
            f"BEGIN SELECT RAISE(ABORT, '{_OWN}'); END",
        )
    )
    return found


def _postgres() -> list[tuple[str, str, str]]:
    found = [
        (
            f"{table}_added_only",
            table,
            "CREATE OR REPLACE FUNCTION jobs_added_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_ADDED}'; END $$; "
            f"CREATE TRIGGER {table}_added_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION jobs_added_only()",
        )
        for table in ADDED_ONLY
    ]
    found += [
        (
            f"{table}_no_truncate",
            table,
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION jobs_added_only()",
        )
        for table in ADDED_ONLY
    ]
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in KEPT)
    found.append(
        (
            "jobs_spell_keeps",
            "jobs_jobspell",
            "CREATE OR REPLACE FUNCTION jobs_spell_keeps() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$; "
            f"CREATE TRIGGER jobs_spell_keeps BEFORE UPDATE ON jobs_jobspell FOR EACH ROW WHEN ({changed}) "
            "EXECUTE FUNCTION jobs_spell_keeps()",
        )
    )
    found.append(
        (
            "jobs_not_own_claim",
            "jobs_verification",
            "CREATE OR REPLACE FUNCTION jobs_not_own_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF EXISTS (SELECT 1 FROM jobs_jobspell s "
            'WHERE s.id = NEW.spell_id AND NEW."by" IN (s.claimed_by, s.author)) '
            f"THEN RAISE EXCEPTION '{_OWN}'; END IF; RETURN NEW; END $$; "
            "CREATE TRIGGER jobs_not_own_claim BEFORE INSERT ON jobs_verification "
            "FOR EACH ROW EXECUTE FUNCTION jobs_not_own_claim()",
        )
    )
    return found


def install_guards(_apps: Any, schema_editor: Any) -> None:
    """Install every guard (migration)."""
    for _name, _table, statement in guards(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def drop_guards(_apps: Any, schema_editor: Any) -> None:
    """Remove every guard (migration, backwards, and before a guarded table is altered)."""
    vendor = schema_editor.connection.vendor
    for name, table, _statement in guards(vendor):
        on_table = "" if vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}", params=None)
