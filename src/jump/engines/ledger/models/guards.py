"""The guards: triggers by which the database itself refuses what the ledger forbids.

One list per vendor. A migration installs it; a system check and `ledger verify` compare what is installed with it.
A later migration that alters a guarded table calls `drop_guards` first and `install_guards` last, because Django
rebuilds a SQLite table on some alterations and its triggers would be gone without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY: dict[str, str] = {
    "ledger_entry": "an entry is never changed",
    "ledger_line": "a line is never changed",
    "ledger_closing": "a closing row is never changed",
    "ledger_link": "a link of the chain is never changed",
}

_FIXED_ACCOUNT = ("ref", "book_id", "code", "kind", "unit")

# --- SQLite -------------------------------------------------------------------------------------------------


def _sqlite() -> dict[str, str]:
    guards: dict[str, str] = {}
    for table, sentence in APPEND_ONLY.items():
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            guards[name] = (
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'ledger: {sentence}'); END"
            )
    guards["ledger_entry_open_month"] = (
        "CREATE TRIGGER ledger_entry_open_month BEFORE INSERT ON ledger_entry "
        "WHEN EXISTS (SELECT 1 FROM ledger_period p WHERE p.book_id = NEW.book_id AND p.month = NEW.month "
        "AND p.state = 'sealed') BEGIN SELECT RAISE(ABORT, 'ledger: the month is sealed'); END"
    )
    guards["ledger_entry_own_month"] = (
        "CREATE TRIGGER ledger_entry_own_month BEFORE INSERT ON ledger_entry "
        "WHEN NEW.month <> CAST(strftime('%Y%m', NEW.occurred_on) AS INTEGER) "
        "BEGIN SELECT RAISE(ABORT, 'ledger: the month is not that of the day'); END"
    )
    guards["ledger_line_entry_open"] = (
        "CREATE TRIGGER ledger_line_entry_open BEFORE INSERT ON ledger_line "
        "WHEN EXISTS (SELECT 1 FROM ledger_closing c JOIN ledger_entry e ON e.ref = c.entry_ref "
        "WHERE e.id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'ledger: the entry is closed'); END"
    )
    guards["ledger_closing_balanced"] = (
        "CREATE TRIGGER ledger_closing_balanced BEFORE INSERT ON ledger_closing BEGIN "
        "SELECT RAISE(ABORT, 'ledger: an entry has two lines or more') WHERE (SELECT count(*) FROM ledger_line l "
        "JOIN ledger_entry e ON e.id = l.entry_id WHERE e.ref = NEW.entry_ref) < 2; "
        "SELECT RAISE(ABORT, 'ledger: a unit does not sum to zero') WHERE EXISTS (SELECT 1 FROM ledger_line l "
        "JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_account a ON a.id = l.account_id "
        "WHERE e.ref = NEW.entry_ref GROUP BY a.unit HAVING sum(l.amount_minor) <> 0); "
        "SELECT RAISE(ABORT, 'ledger: an account of another book') WHERE EXISTS (SELECT 1 FROM ledger_line l "
        "JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_account a ON a.id = l.account_id "
        "WHERE e.ref = NEW.entry_ref AND (a.book_id <> e.book_id OR l.occurred_on <> e.occurred_on)); END"
    )
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _FIXED_ACCOUNT)
    guards["ledger_account_fixed"] = (
        f"CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'ledger: book, code, kind and unit of an account never change'); END"
    )
    for verb in ("UPDATE", "DELETE"):
        name = f"ledger_period_sealed_no_{verb.lower()}"
        guards[name] = (
            f"CREATE TRIGGER {name} BEFORE {verb} ON ledger_period WHEN OLD.state = 'sealed' "
            "BEGIN SELECT RAISE(ABORT, 'ledger: a sealed month stays sealed'); END"
        )
    return guards


# --- PostgreSQL ---------------------------------------------------------------------------------------------

_FUNCTIONS: dict[str, str] = {
    "ledger_refuse": "BEGIN RAISE EXCEPTION 'ledger: %', TG_ARGV[0] USING ERRCODE = 'check_violation'; END",
    "ledger_month_is_open": (
        "BEGIN IF EXISTS (SELECT 1 FROM ledger_period p WHERE p.book_id = NEW.book_id AND p.month = NEW.month "
        "AND p.state = 'sealed') THEN RAISE EXCEPTION 'ledger: the month is sealed' USING ERRCODE = 'check_violation'; "
        "END IF; IF NEW.month <> extract(year FROM NEW.occurred_on) * 100 + extract(month FROM NEW.occurred_on) THEN "
        "RAISE EXCEPTION 'ledger: the month is not that of the day' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END"
    ),
    "ledger_entry_is_open": (
        "BEGIN IF EXISTS (SELECT 1 FROM ledger_closing c JOIN ledger_entry e ON e.ref = c.entry_ref "
        "WHERE e.id = NEW.entry_id) THEN RAISE EXCEPTION 'ledger: the entry is closed' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END"
    ),
    "ledger_entry_is_balanced": (
        "DECLARE found_lines bigint; is_odd boolean; is_foreign boolean; BEGIN "
        "SELECT coalesce(sum(u.n), 0), coalesce(bool_or(u.total <> 0), false), coalesce(bool_or(u.stray), false) "
        "INTO found_lines, is_odd, is_foreign FROM (SELECT count(*) AS n, sum(l.amount_minor) AS total, "
        "bool_or(a.book_id <> e.book_id OR l.occurred_on <> e.occurred_on) AS stray FROM ledger_line l "
        "JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_account a ON a.id = l.account_id "
        "WHERE e.ref = NEW.entry_ref GROUP BY a.unit) u; "
        "IF found_lines < 2 THEN RAISE EXCEPTION 'ledger: an entry has two lines or more' "
        "USING ERRCODE = 'check_violation'; END IF; "
        "IF is_odd THEN RAISE EXCEPTION 'ledger: a unit does not sum to zero' USING ERRCODE = 'check_violation'; "
        "END IF; IF is_foreign THEN RAISE EXCEPTION 'ledger: an account of another book' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END"
    ),
    "ledger_account_is_fixed": (
        "BEGIN IF "
        + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _FIXED_ACCOUNT)
        + " THEN RAISE EXCEPTION 'ledger: book, code, kind and unit of an account never change' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END"
    ),
    "ledger_period_stays_sealed": (
        "BEGIN IF OLD.state = 'sealed' THEN RAISE EXCEPTION 'ledger: a sealed month stays sealed' "
        "USING ERRCODE = 'check_violation'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END"
    ),
}


def _postgresql() -> dict[str, str]:
    guards: dict[str, str] = {}
    for table, sentence in APPEND_ONLY.items():
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            guards[name] = (
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION ledger_refuse('{sentence}')"
            )
        # Row triggers do not see TRUNCATE.
        name = f"{table}_no_truncate"
        guards[name] = (
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('{sentence}')"
        )
    row = "FOR EACH ROW EXECUTE FUNCTION"
    guards["ledger_entry_open_month"] = (
        f"CREATE TRIGGER ledger_entry_open_month BEFORE INSERT ON ledger_entry {row} ledger_month_is_open()"
    )
    guards["ledger_line_entry_open"] = (
        f"CREATE TRIGGER ledger_line_entry_open BEFORE INSERT ON ledger_line {row} ledger_entry_is_open()"
    )
    guards["ledger_closing_balanced"] = (
        f"CREATE TRIGGER ledger_closing_balanced BEFORE INSERT ON ledger_closing {row} ledger_entry_is_balanced()"
    )
    guards["ledger_account_fixed"] = (
        f"CREATE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account {row} ledger_account_is_fixed()"
    )
    guards["ledger_period_sealed"] = (
        "CREATE TRIGGER ledger_period_sealed BEFORE UPDATE OR DELETE ON ledger_period "
        f"{row} ledger_period_stays_sealed()"
    )
    return guards


GUARDS: dict[str, dict[str, str]] = {"sqlite": _sqlite(), "postgresql": _postgresql()}
FUNCTIONS: dict[str, dict[str, str]] = {"sqlite": {}, "postgresql": _FUNCTIONS}


def install_sql(vendor: str) -> list[str]:
    """Every statement that installs the guards, in order."""
    functions = [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$"
        for name, body in FUNCTIONS[vendor].items()
    ]
    return [*functions, *GUARDS[vendor].values()]


def drop_sql(vendor: str) -> list[str]:
    """Every statement that takes the guards away. For migrations alone."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in GUARDS[vendor]]
    triggers = [
        f"DROP TRIGGER IF EXISTS {name} ON {sql.split(' ON ')[1].split(' ')[0]}" for name, sql in GUARDS[vendor].items()
    ]
    return [*triggers, *(f"DROP FUNCTION IF EXISTS {name}()" for name in FUNCTIONS[vendor])]


def install_guards(apps: Any, schema_editor: Any) -> None:
    """Step of a migration: install all guards."""
    for sql in install_sql(schema_editor.connection.vendor):
        schema_editor.execute(sql, params=None)


def drop_guards(apps: Any, schema_editor: Any) -> None:
    """Step of a migration: take all guards away, before a guarded table is altered."""
    for sql in drop_sql(schema_editor.connection.vendor):
        schema_editor.execute(sql, params=None)


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """What the database lacks, has switched off or has in another wording, by name."""
    expected = GUARDS[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'")
            installed = dict(cursor.fetchall())
            return sorted(name for name, sql in expected.items() if _plain(installed.get(name, "")) != _plain(sql))
        cursor.execute(
            "SELECT t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
            "AND n.nspname = current_schema() AND t.tgname LIKE 'ledger_%'"
        )
        installed = dict(cursor.fetchall())
        cursor.execute(
            "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = current_schema() AND p.proname LIKE 'ledger_%'"
        )
        bodies = dict(cursor.fetchall())
    lacking = {name for name, sql in expected.items() if _shape(installed.get(name, "")) != _shape(sql)}
    lacking |= {name for name, body in FUNCTIONS["postgresql"].items() if _plain(bodies.get(name, "")) != _plain(body)}
    return sorted(lacking)


def _plain(sql: str) -> str:
    return " ".join(sql.split()).rstrip(";")


def _shape(sql: str) -> str:
    """A trigger as the server words it back: schema names and the order of UPDATE OR DELETE do not matter."""
    text = _plain(sql).replace(" public.", " ").replace("UPDATE OR DELETE", "DELETE OR UPDATE")
    return text


def check_guards(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """System check: the guards of the ledger are in place in every database named."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor not in GUARDS or "ledger_line" not in connection.introspection.table_names():
            continue
        lacking = missing_guards(connection)
        if lacking:
            found.append(
                checks.Warning(
                    f"The ledger's guards are not all in place: {', '.join(lacking)}.",
                    hint="Migrate, or restore them by a migration; until then entries can be changed unseen.",
                    id="ledger.W001",
                )
            )
    return found
