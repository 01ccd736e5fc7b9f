"""Triggers that keep what no constraint on one row can: rows that are only ever added, columns that never change.

An engine lists its guards as data, installs them in a migration, and a check compares what is installed with the list
(Django rebuilds a SQLite table on some alterations and then the triggers are silently gone).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class AddedOnly:
    """Rows of this table are only ever added."""

    table: str
    message: str


@dataclass(frozen=True, slots=True)
class Kept:
    """These columns of this table never change, where the old row fulfils ``when`` (SQL over OLD; empty: always)."""

    table: str
    columns: tuple[str, ...]
    message: str
    when: str = ""
    no_delete: bool = False


Guard = AddedOnly | Kept


def _name(guard: Guard, verb: str) -> str:
    if isinstance(guard, AddedOnly):
        return f"{guard.table}_no_{verb.lower()}"
    return f"{guard.table}_{'then_' if guard.when else ''}keeps_{verb.lower()}"


def statements(guards: Sequence[Guard], vendor: str) -> list[tuple[str, str, str]]:
    """(name, table, SQL that makes it) of every trigger for this kind of database."""
    return [made for guard in guards for made in (_sqlite(guard) if vendor == "sqlite" else _postgres(guard))]


def _changed(guard: Kept, vendor: str) -> str:
    differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in guard.columns)
    return f"({guard.when}) AND ({changed})" if guard.when else changed


def _sqlite(guard: Guard) -> list[tuple[str, str, str]]:
    stop = f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    found = []
    if isinstance(guard, AddedOnly):
        for verb in ("UPDATE", "DELETE"):
            name = _name(guard, verb)
            found.append((name, guard.table, f"CREATE TRIGGER {name} BEFORE {verb} ON {guard.table} {stop}"))
        return found
    name = _name(guard, "UPDATE")
    sql = f"CREATE TRIGGER {name} BEFORE UPDATE ON {guard.table} WHEN {_changed(guard, 'sqlite')} {stop}"
    found.append((name, guard.table, sql))
    if guard.no_delete:
        name = _name(guard, "DELETE")
        when = f"WHEN {guard.when} " if guard.when else ""
        found.append((name, guard.table, f"CREATE TRIGGER {name} BEFORE DELETE ON {guard.table} {when}{stop}"))
    return found


def _postgres(guard: Guard) -> list[tuple[str, str, str]]:
    refuse = f"{guard.table}_{'then_' if isinstance(guard, Kept) and guard.when else ''}guard"
    function = (
        f"CREATE OR REPLACE FUNCTION {refuse}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{guard.message}'; END $$; "
    )
    if isinstance(guard, AddedOnly):
        rows, whole = _name(guard, "UPDATE"), _name(guard, "TRUNCATE")
        return [
            (
                rows,
                guard.table,
                f"{function}CREATE TRIGGER {rows} BEFORE UPDATE OR DELETE ON {guard.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {refuse}()",
            ),
            (
                whole,
                guard.table,
                f"{function}CREATE TRIGGER {whole} BEFORE TRUNCATE ON {guard.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {refuse}()",
            ),
        ]
    name = _name(guard, "UPDATE")
    found = [
        (
            name,
            guard.table,
            f"{function}CREATE TRIGGER {name} BEFORE UPDATE ON {guard.table} FOR EACH ROW "
            f"WHEN ({_changed(guard, 'postgresql')}) EXECUTE FUNCTION {refuse}()",
        )
    ]
    if guard.no_delete:
        name = _name(guard, "DELETE")
        when = f"WHEN ({guard.when}) " if guard.when else ""
        found.append(
            (
                name,
                guard.table,
                f"{function}CREATE TRIGGER {name} BEFORE DELETE ON {guard.table} FOR EACH ROW {when}"
                f"EXECUTE FUNCTION {refuse}()",
            )
        )
    return found


def installer(guards: Sequence[Guard]) -> tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]]:
    """The two functions for a migration's RunPython: install, and remove again."""

    def install(_apps: Any, schema_editor: Any) -> None:
        for _trigger, _table, sql in statements(guards, schema_editor.connection.vendor):
            schema_editor.execute(sql, params=None)

    def remove(_apps: Any, schema_editor: Any) -> None:
        vendor = schema_editor.connection.vendor
        for name, table, _sql in statements(guards, vendor):
            on_table = "" if vendor == "sqlite" else f" ON {table}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}", params=None)

    return install, remove


def missing(guards: Sequence[Guard]) -> list[str]:
    """The triggers of this list that the database does not hold now."""
    wanted = {name for name, _table, _sql in statements(guards, connection.vendor)}
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return sorted(wanted - {row[0] for row in cursor.fetchall()})
