"""The guards: triggers by which the database itself refuses what the ledger forbids.

What is said here holds for our own mistakes and for a stranger with a connection alike:

- entries belong to a *batch*, what one posting writes. A batch is committed only with its closing row (deferred key),
  and the closing row is refused unless every entry of the batch has two lines or more and sums to zero in each unit;
- entries and lines are taken only by a batch that is open, which only its own transaction can see;
- nothing lands in a sealed month or before one;
- holds count against what is free by triggers of their own, so that no sum of them passes the check on a balance.

Rows are checked set by set where the database can (PostgreSQL: once per statement), so a million lines cost what their
look-ups cost. Single rows and many go the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jump.base.guards import AddedOnly, Guard, Kept, Rule, drop_all, missing, statements
from jump.engines.ledger.models.functions import functions_sql, missing_functions

APPEND_ONLY: dict[str, str] = {
    "ledger_batch": "a batch is never changed",
    "ledger_entry": "an entry is never changed",
    "ledger_line": "a line is never changed",
    "ledger_closing": "a closing row is never changed",
    "ledger_exchange": "a rate of an entry is never changed",
    "ledger_link": "a link of the chain is never changed",
    "ledger_seal": "a seal is never changed",
    "ledger_imported": "what was imported is never changed",
    "ledger_holdmove": "what became of a hold is never changed",
    "ledger_bankstatement": "a statement that was taken in is never changed",
    "ledger_reconciliationitem": "an item of a reconciliation is never changed",
}

# Functions that look rows up one by one, by index, whatever the planner thinks: a plan made for one row serves many.
_BY_INDEX = "SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off"


def _refuse(sentence: str) -> str:
    return f"RAISE EXCEPTION 'ledger: {sentence}' USING ERRCODE = 'check_violation';"


def _stop(sentence: str) -> str:
    return f"SELECT RAISE(ABORT, 'ledger: {sentence}')"


_BATCH_OPEN = "entries are taken by an open batch of a book alone"
_OWN_MONTH = "the month is not that of the day"
_SEALED = "the month is sealed"
_LINE_OPEN = "a line is taken by an open entry, for its own day and an account of its own book"
_FEW = "an entry has two lines or more"
_ODD = "a unit does not sum to zero"
_EMPTY = "there is nothing to close"

_NOT_OPEN = (
    "(NOT EXISTS (SELECT 1 FROM ledger_batch WHERE ref = NEW.closing_id) "
    "OR EXISTS (SELECT 1 FROM ledger_closing WHERE entry_ref = NEW.closing_id) "
    "OR NOT EXISTS (SELECT 1 FROM ledger_book WHERE id = NEW.book_id))"
)
_NOT_OWN_MONTH = "NEW.month <> CAST(substr(NEW.occurred_on, 1, 4) || substr(NEW.occurred_on, 6, 2) AS INTEGER)"
_IN_SEALED = (
    "EXISTS (SELECT 1 FROM ledger_period p WHERE p.book_id = NEW.book_id AND p.month >= NEW.month "
    "AND p.state = 'sealed')"
)

_ENTRY_OPEN = Rule(
    "ledger_entry_open",
    "ledger_entry",
    sqlite=(
        f"BEFORE INSERT ON ledger_entry WHEN {_NOT_OPEN} OR {_NOT_OWN_MONTH} OR {_IN_SEALED} BEGIN "
        f"{_stop(_BATCH_OPEN)} WHERE {_NOT_OPEN}; {_stop(_OWN_MONTH)} WHERE {_NOT_OWN_MONTH}; "
        f"{_stop(_SEALED)} WHERE {_IN_SEALED}; END"
    ),
    postgres=("AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT"),
    body=(
        "DECLARE not_open boolean; not_own boolean; in_sealed boolean; BEGIN "
        "SELECT bool_or(b.ref IS NULL OR k.id IS NULL OR c.entry_ref IS NOT NULL), bool_or(d.month <> "
        "extract(year from d.occurred_on)::integer * 100 + extract(month from d.occurred_on)::integer), "
        "bool_or(EXISTS (SELECT 1 FROM ledger_period p WHERE p.book_id = d.book_id AND p.month >= d.month "
        "AND p.state = 'sealed')) INTO not_open, not_own, in_sealed "
        "FROM (SELECT DISTINCT closing_id, book_id, month, occurred_on FROM added) d "
        "LEFT JOIN ledger_batch b ON b.ref = d.closing_id LEFT JOIN ledger_closing c ON c.entry_ref = d.closing_id "
        "LEFT JOIN ledger_book k ON k.id = d.book_id; "
        f"IF not_open THEN {_refuse(_BATCH_OPEN)} END IF; IF not_own THEN {_refuse(_OWN_MONTH)} END IF; "
        f"IF in_sealed THEN {_refuse(_SEALED)} END IF; RETURN NULL; END"
    ),
    options=_BY_INDEX,
)

_LINE_RULE = Rule(
    "ledger_line_open",
    "ledger_line",
    sqlite=(
        "BEFORE INSERT ON ledger_line WHEN NOT EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_account a "
        "ON a.id = NEW.account_id WHERE e.id = NEW.entry_id AND a.book_id = e.book_id "
        "AND e.occurred_on = NEW.occurred_on AND NOT EXISTS (SELECT 1 FROM ledger_closing c "
        f"WHERE c.entry_ref = e.closing_id)) BEGIN {_stop(_LINE_OPEN)}; END"
    ),
    postgres="AFTER INSERT ON ledger_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
    body=(
        "BEGIN IF EXISTS (SELECT 1 FROM added l LEFT JOIN ledger_entry e ON e.id = l.entry_id "
        "LEFT JOIN ledger_account a ON a.id = l.account_id LEFT JOIN ledger_closing c ON c.entry_ref = e.closing_id "
        "WHERE e.id IS NULL OR a.id IS NULL OR c.entry_ref IS NOT NULL OR a.book_id <> e.book_id "
        f"OR e.occurred_on <> l.occurred_on) THEN {_refuse(_LINE_OPEN)} END IF; RETURN NULL; END"
    ),
    options=_BY_INDEX,
)

_CLOSING_RULE = Rule(
    "ledger_closing_balanced",
    "ledger_closing",
    sqlite=(
        "BEFORE INSERT ON ledger_closing BEGIN "
        f"{_stop(_EMPTY)} WHERE NOT EXISTS (SELECT 1 FROM ledger_batch WHERE ref = NEW.entry_ref) "
        "OR NOT EXISTS (SELECT 1 FROM ledger_entry WHERE closing_id = NEW.entry_ref); "
        f"{_stop(_FEW)} WHERE EXISTS (SELECT 1 FROM ledger_entry e WHERE e.closing_id = NEW.entry_ref "
        "AND (SELECT count(*) FROM ledger_line l WHERE l.entry_id = e.id) < 2); "
        f"{_stop(_ODD)} WHERE EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id "
        "JOIN ledger_account a ON a.id = l.account_id WHERE e.closing_id = NEW.entry_ref "
        "GROUP BY e.id, a.unit HAVING sum(l.amount_minor) <> 0); END"
    ),
    postgres="AFTER INSERT ON ledger_closing REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
    body=(
        "DECLARE is_empty boolean; is_short boolean; is_odd boolean; BEGIN "
        "SELECT bool_or(nothing), bool_or(n < 2), bool_or(odd) INTO is_empty, is_short, is_odd FROM (SELECT u.id, "
        "bool_or(u.nothing) AS nothing, sum(u.n) AS n, bool_or(u.total <> 0) AS odd FROM (SELECT e.id, a.unit, "
        "bool_or(b.ref IS NULL OR e.id IS NULL) AS nothing, count(l.id) AS n, sum(l.amount_minor) AS total "
        "FROM added c LEFT JOIN ledger_batch b ON b.ref = c.entry_ref LEFT JOIN ledger_entry e "
        "ON e.closing_id = c.entry_ref LEFT JOIN ledger_line l ON l.entry_id = e.id "
        "LEFT JOIN ledger_account a ON a.id = l.account_id GROUP BY e.id, a.unit) u GROUP BY u.id) sums; "
        f"IF is_empty THEN {_refuse(_EMPTY)} END IF; IF is_short THEN {_refuse(_FEW)} END IF; "
        f"IF is_odd THEN {_refuse(_ODD)} END IF; RETURN NULL; END"
    ),
    options=_BY_INDEX,
)

_NO_FLOOR = "a hold needs an account with a least amount and begins whole"
_HOLD_RULES: tuple[Guard, ...] = (
    Rule(
        "ledger_hold_counts",
        "ledger_hold",
        sqlite=(
            f"AFTER INSERT ON ledger_hold BEGIN {_stop(_NO_FLOOR)} WHERE NEW.open_minor <> NEW.amount_minor OR "
            "NOT EXISTS (SELECT 1 FROM ledger_balance WHERE account_id = NEW.account_id AND floor_minor IS NOT NULL); "
            "UPDATE ledger_balance SET reserved_minor = reserved_minor + NEW.amount_minor "
            "WHERE account_id = NEW.account_id; END"
        ),
        postgres="AFTER INSERT ON ledger_hold FOR EACH ROW",
        body=(
            "BEGIN UPDATE ledger_balance SET reserved_minor = reserved_minor + NEW.amount_minor "
            "WHERE account_id = NEW.account_id AND floor_minor IS NOT NULL; "
            f"IF NOT FOUND OR NEW.open_minor <> NEW.amount_minor THEN {_refuse(_NO_FLOOR)} END IF; RETURN NULL; END"
        ),
    ),
    Rule(
        "ledger_holdmove_counts",
        "ledger_holdmove",
        sqlite=(
            "AFTER INSERT ON ledger_holdmove BEGIN UPDATE ledger_hold SET open_minor = open_minor - NEW.amount_minor "
            "WHERE id = NEW.hold_id; UPDATE ledger_balance SET reserved_minor = reserved_minor - NEW.amount_minor "
            "WHERE account_id = (SELECT account_id FROM ledger_hold WHERE id = NEW.hold_id); END"
        ),
        postgres="AFTER INSERT ON ledger_holdmove FOR EACH ROW",
        body=(
            "BEGIN UPDATE ledger_balance SET reserved_minor = reserved_minor - NEW.amount_minor "
            "WHERE account_id = (SELECT account_id FROM ledger_hold WHERE id = NEW.hold_id); "
            "UPDATE ledger_hold SET open_minor = open_minor - NEW.amount_minor WHERE id = NEW.hold_id; RETURN NULL; END"
        ),
    ),
    Rule(
        "ledger_hold_open_by_moves",
        "ledger_hold",
        sqlite=(
            "BEFORE UPDATE ON ledger_hold WHEN NEW.open_minor <> NEW.amount_minor - (SELECT "
            "coalesce(sum(amount_minor), 0) FROM ledger_holdmove WHERE hold_id = NEW.id) "
            f"BEGIN {_stop('a hold is used up by what became of it')}; END"
        ),
        postgres="BEFORE UPDATE ON ledger_hold FOR EACH ROW",
        body=(
            "BEGIN IF NEW.open_minor <> NEW.amount_minor - (SELECT coalesce(sum(amount_minor), 0) "
            "FROM ledger_holdmove WHERE hold_id = NEW.id) "
            f"THEN {_refuse('a hold is used up by what became of it')} END IF; RETURN NEW; END"
        ),
    ),
)

_HELD = "a signed reconciliation rests on this match"
_FREE = (
    "OLD.held_by_id IS NOT NULL AND NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM ledger_reconciliation r "
    "WHERE r.replaces_id = OLD.held_by_id AND r.state = 'prepared')"
)
_PASSED_ON = (
    "OLD.held_by_id IS NOT NULL AND (NEW.held_by_id IS NULL OR (NEW.held_by_id <> OLD.held_by_id AND NOT EXISTS "
    "(SELECT 1 FROM ledger_reconciliation r WHERE r.id = NEW.held_by_id AND r.replaces_id = OLD.held_by_id)))"
)
_PART_STAYS = (
    "NEW.is_live <> OLD.is_live AND (NEW.is_live OR "
    "EXISTS (SELECT 1 FROM ledger_bankmatch m WHERE m.id = OLD.match_id AND m.state = 'live'))"
)
_MATCH_RULES: tuple[Guard, ...] = (
    Rule(
        "ledger_bankmatch_held",
        "ledger_bankmatch",
        sqlite=f"BEFORE UPDATE ON ledger_bankmatch WHEN ({_FREE}) OR ({_PASSED_ON}) BEGIN {_stop(_HELD)}; END",
        postgres="BEFORE UPDATE ON ledger_bankmatch FOR EACH ROW",
        body=f"BEGIN IF ({_FREE}) OR ({_PASSED_ON}) THEN {_refuse(_HELD)} END IF; RETURN NEW; END",
    ),
    Rule(
        "ledger_bankmatchpart_stays",
        "ledger_bankmatchpart",
        sqlite=(
            f"BEFORE UPDATE ON ledger_bankmatchpart WHEN {_PART_STAYS} "
            f"BEGIN {_stop('a part follows its match, and an undone match stays undone')}; END"
        ),
        postgres="BEFORE UPDATE ON ledger_bankmatchpart FOR EACH ROW",
        body=(
            f"BEGIN IF {_PART_STAYS} THEN {_refuse('a part follows its match, and an undone match stays undone')} "
            "END IF; RETURN NEW; END"
        ),
    ),
)

GUARDS: tuple[Guard, ...] = (
    *(AddedOnly(table, f"ledger: {sentence}") for table, sentence in APPEND_ONLY.items()),
    Kept("ledger_unit", ("code", "decimals"), "ledger: a unit keeps its decimals", no_delete=True, no_truncate=True),
    Kept("ledger_book", ("id", "ref", "owner"), "ledger: a book keeps its owner", no_delete=True, no_truncate=True),
    Kept(
        "ledger_account",
        ("id", "ref", "book_id", "code", "kind", "unit"),
        "ledger: book, code, kind and unit of an account never change",
        no_delete=True,
        no_truncate=True,
    ),
    Kept("ledger_balance", ("account_id", "sign"), "ledger: a balance stays", no_delete=True, no_truncate=True),
    Kept(
        "ledger_period",
        ("book_id", "month", "state", "changed_at", '"by"'),
        "ledger: a sealed month stays sealed",
        when="OLD.state = 'sealed'",
        no_delete=True,
        no_truncate=True,
    ),
    Kept(
        "ledger_hold",
        ("id", "ref", "account_id", "amount_minor", "purpose", "source", "key", "placed_at", "lapses_at", '"by"'),
        "ledger: a hold is never changed",
        no_delete=True,
        no_truncate=True,
    ),
    Kept(
        "ledger_bankline",
        (
            "id",
            "ref",
            "account_id",
            "statement_id",
            "position",
            "booked_on",
            "value_on",
            "amount_minor",
            "reference",
            "digest",
        ),
        "ledger: a line of a statement is never changed",
        no_delete=True,
        no_truncate=True,
    ),
    Kept(
        "ledger_bankmatch",
        ("id", "ref", "account_id", "at", '"by"'),
        "ledger: a match stays on record",
        no_delete=True,
        no_truncate=True,
    ),
    Kept(
        "ledger_bankmatchpart",
        ("id", "match_id", "bank_line_id", "line_id"),
        "ledger: a part of a match stays on record",
        no_delete=True,
        no_truncate=True,
    ),
    Kept(
        "ledger_reconciliation",
        (
            "id",
            "ref",
            "account_id",
            "as_of",
            "state",
            "book_minor",
            "transit_minor",
            "bank_minor",
            "digest",
            "replaces_id",
            "why",
            "prepared_at",
            "prepared_by",
            "signed_at",
            "signed_by",
        ),
        "ledger: a reconciliation that was signed or given up is never changed",
        when="OLD.state <> 'prepared'",
        no_truncate=True,
    ),
    Kept(
        "ledger_reconciliation",
        ("id", "ref", "account_id", "as_of", "replaces_id"),
        "ledger: a reconciliation stays on record",
        no_delete=True,
    ),
    Kept(
        "ledger_bankentry",
        ("id", "ref", "bank_line_id", "other_id", "memo", "occurred_on", "value_on", "prepared_at", "prepared_by"),
        "ledger: an entry that was prepared stays on record",
        no_delete=True,
        no_truncate=True,
    ),
    Kept(
        "ledger_bankentry",
        ("state", "decided_at", "decided_by", "entry_id"),
        "ledger: what was decided about a prepared entry never changes",
        when="OLD.state <> 'prepared'",
    ),
    *_MATCH_RULES,
    _ENTRY_OPEN,
    _LINE_RULE,
    _CLOSING_RULE,
    *_HOLD_RULES,
)

_NEWEST_TABLE = "ledger_bankentry"


def install_sql(vendor: str) -> list[str]:
    """Every statement that installs the guards and the functions that write under them, in order."""
    return [*(sql for _name, _table, sql in statements(GUARDS, vendor)), *functions_sql(vendor)]


def drop_sql(vendor: str) -> list[str]:
    """Every statement that takes the guards away. For migrations alone."""
    return [
        f"DROP TRIGGER IF EXISTS {name}" + ("" if vendor == "sqlite" else f" ON {table}")
        for name, table, _sql in statements(GUARDS, vendor)
    ]


def install_guards(_apps: Any, schema_editor: Any) -> None:
    """Step of a migration: install all guards, once the tables are there that they speak of."""
    if _NEWEST_TABLE in schema_editor.connection.introspection.table_names():
        for sql in install_sql(schema_editor.connection.vendor):
            schema_editor.execute(sql, params=None)


def drop_guards(_apps: Any, schema_editor: Any) -> None:
    """Step of a migration: take all guards away, before a guarded table is altered."""
    drop_all(schema_editor, "ledger_")


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """What the database lacks, has switched off or has in another wording, by name."""
    return sorted([*missing(GUARDS, connection), *missing_functions(connection)])


def check_guards(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """System check: the guards of the ledger are in place in every database named."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor not in {"sqlite", "postgresql"}:
            continue
        if _NEWEST_TABLE not in connection.introspection.table_names():
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
