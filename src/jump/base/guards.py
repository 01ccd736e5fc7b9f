"""Triggers that keep what no constraint on one row can: rows that are only ever added, columns that never change.

An engine lists its guards as data, installs them in a migration, and a check compares what is installed with the list
(Django rebuilds a SQLite table on some alterations and then the triggers are silently gone).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


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
    no_truncate: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A trigger in the words of each database, for what neither of the other two can say.

    ``sqlite`` follows ``CREATE TRIGGER name``. ``postgres`` says when and on what it fires, ``body`` is the function,
    ``options`` stand behind its language. Without its text a database has no such trigger.
    """

    name: str
    table: str
    sqlite: str = ""
    postgres: str = ""
    body: str = ""
    options: str = ""


Guard = AddedOnly | Kept | Rule


def _name(guard: AddedOnly | Kept, verb: str) -> str:
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
    if isinstance(guard, Rule):
        return [(guard.name, guard.table, f"CREATE TRIGGER {guard.name} {guard.sqlite}")] if guard.sqlite else []
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
    if isinstance(guard, Rule):
        if not guard.postgres:
            return []
        made = (
            f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql {guard.options} AS "
            f"$$ {guard.body} $$; CREATE TRIGGER {guard.name} {guard.postgres} EXECUTE FUNCTION {guard.name}()"
        )
        return [(guard.name, guard.table, made)]
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
    if guard.no_truncate:
        name = _name(guard, "TRUNCATE")
        found.append(
            (
                name,
                guard.table,
                f"{function}CREATE TRIGGER {name} BEFORE TRUNCATE ON {guard.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {refuse}()",
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


def missing(guards: Sequence[Guard], among: BaseDatabaseWrapper | None = None) -> list[str]:
    """The triggers of this list that the database lacks, has switched off or holds in another wording."""
    asked = connection if among is None else among
    wanted = {name: sql for name, _table, sql in statements(guards, asked.vendor)}
    with asked.cursor() as cursor:
        if asked.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            held = {name: _plain(sql) for name, sql in cursor.fetchall()}
            return sorted(name for name, sql in wanted.items() if held.get(name) != _plain(sql))
        cursor.execute(
            "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND n.nspname = current_schema()"
        )
        found = {name: (definition, body) for name, definition, body in cursor.fetchall()}
    return sorted(name for name, sql in wanted.items() if name not in found or not _same(sql, *found[name]))


def _same(sql: str, definition: str, body: str) -> bool:
    """Whether PostgreSQL holds what was written. It words a WHEN in its own way, so there the function must do."""
    _before, _, rest = sql.partition("$$")
    written, _, trigger = rest.partition("$$; ")
    if _plain(written) != _plain(body):
        return False
    return " WHEN (" in trigger or _shape(trigger) == _shape(definition)


def _plain(sql: str) -> str:
    return " ".join(sql.split()).rstrip(";")


def _shape(sql: str) -> str:
    """A trigger as the server words it back: schema names and the order of UPDATE OR DELETE do not matter."""
    return _plain(sql).replace(" public.", " ").replace("UPDATE OR DELETE", "DELETE OR UPDATE")


def drop_all(schema_editor: Any, prefix: str) -> None:
    """Take away every trigger on tables of this engine, whatever it is called, before a migration alters them."""
    asked = schema_editor.connection
    with asked.cursor() as cursor:
        if asked.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
            )
        found = [(name, table) for name, table in cursor.fetchall() if table.startswith(prefix)]
    for name, table in found:
        on_table = "" if asked.vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}", params=None)
