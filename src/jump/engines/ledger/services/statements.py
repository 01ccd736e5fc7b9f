"""The statements by which entries are written, set by set, one text per vendor.

Rows travel as one JSON parameter, so the text is constant however many entries there are. On PostgreSQL everything
is one statement (one round trip); each later part reads from the earlier ones, which fixes the order: entries, lines,
balances, months, and last the closing rows whose trigger checks the sums.
"""

from __future__ import annotations

_ENTRY = "ref, book_id, occurred_on, month, recorded_at, memo, source, key, by, reverses_id, content_sha256, closing_id"
_LINE = (
    "position, account_id, occurred_on, amount_minor, label_line, label_place, label_stage, label_activity, "
    "label_source, label_type"
)

POSTGRESQL = f"""
WITH new_entry AS (
  INSERT INTO ledger_entry ({_ENTRY})
  SELECT e.ref, e.book_id, e.occurred_on, e.month, e.recorded_at, e.memo, e.source, e.key, e.by, e.reverses_id,
         e.content_sha256, e.ref
  FROM jsonb_to_recordset(%s) AS e(ref text, book_id bigint, occurred_on date, month integer,
       recorded_at timestamptz, memo text, source text, key text, by text, reverses_id bigint, content_sha256 text)
  ON CONFLICT DO NOTHING
  RETURNING id, ref, month
), new_line AS (
  INSERT INTO ledger_line (entry_id, {_LINE})
  SELECT n.id, l.position, l.account_id, l.occurred_on, l.amount_minor, l.label_line, l.label_place, l.label_stage,
         l.label_activity, l.label_source, l.label_type
  FROM jsonb_to_recordset(%s) AS l(entry_ref text, position smallint, account_id bigint, occurred_on date,
       amount_minor bigint, label_line text, label_place text, label_stage text, label_activity text,
       label_source text, label_type text)
  JOIN new_entry n ON n.ref = l.entry_ref
  RETURNING entry_id, account_id, amount_minor
), moved AS (
  UPDATE ledger_balance b SET balance_minor = b.balance_minor + s.amount_minor
  FROM (SELECT account_id, sum(amount_minor)::bigint AS amount_minor FROM new_line GROUP BY account_id) s
  WHERE b.account_id = s.account_id
  RETURNING b.account_id
), in_month AS (
  INSERT INTO ledger_movement (account_id, month, debit_minor, credit_minor)
  SELECT l.account_id, n.month, sum(greatest(l.amount_minor, 0))::bigint, sum(greatest(-l.amount_minor, 0))::bigint
  FROM new_line l JOIN new_entry n ON n.id = l.entry_id GROUP BY l.account_id, n.month ORDER BY l.account_id, n.month
  ON CONFLICT (account_id, month) DO UPDATE SET debit_minor = ledger_movement.debit_minor + excluded.debit_minor,
    credit_minor = ledger_movement.credit_minor + excluded.credit_minor
  RETURNING account_id
), closed AS (
  INSERT INTO ledger_closing (entry_ref)
  SELECT n.ref FROM new_entry n
  WHERE (SELECT count(*) FROM new_line) >= 0 AND (SELECT count(*) FROM moved) >= 0
    AND (SELECT count(*) FROM in_month) >= 0
  RETURNING entry_ref
)
SELECT n.ref, n.id FROM new_entry n JOIN closed c ON c.entry_ref = n.ref
"""


def _take(*columns: str) -> str:
    return ", ".join(f"json_extract(j.value, '$.{column}')" for column in columns)


_NEW = "SELECT json_extract(value, '$.ref') FROM json_each(%s)"

# In this order, each with the parameter named beside it.
SQLITE: tuple[tuple[str, str], ...] = (
    (
        f"INSERT INTO ledger_entry ({_ENTRY}) SELECT "
        + _take("ref", "book_id", "occurred_on", "month", "recorded_at", "memo", "source", "key", "by")
        + ", json_extract(j.value, '$.reverses_id'), "
        + _take("content_sha256", "ref")
        + " FROM json_each(%s) AS j",
        "entries",
    ),
    (
        f"INSERT INTO ledger_line (entry_id, {_LINE}) SELECT (SELECT id FROM ledger_entry e WHERE e.ref = "
        "json_extract(j.value, '$.entry_ref')), " + _take(*_LINE.split(", ")) + " FROM json_each(%s) AS j",
        "lines",
    ),
    (
        "UPDATE ledger_balance SET balance_minor = balance_minor + s.amount_minor FROM (SELECT "
        "json_extract(value, '$.account_id') AS account_id, sum(json_extract(value, '$.amount_minor')) AS amount_minor "
        "FROM json_each(%s) GROUP BY 1) AS s WHERE ledger_balance.account_id = s.account_id",
        "lines",
    ),
    (
        "INSERT INTO ledger_movement (account_id, month, debit_minor, credit_minor) SELECT "
        "json_extract(value, '$.account_id'), json_extract(value, '$.month'), "
        "sum(max(json_extract(value, '$.amount_minor'), 0)), sum(max(-json_extract(value, '$.amount_minor'), 0)) "
        "FROM json_each(%s) WHERE true GROUP BY 1, 2 ON CONFLICT (account_id, month) DO UPDATE SET "
        "debit_minor = debit_minor + excluded.debit_minor, credit_minor = credit_minor + excluded.credit_minor",
        "lines",
    ),
    (f"INSERT INTO ledger_closing (entry_ref) {_NEW}", "entries"),
)
SQLITE_NUMBERS = f"SELECT ref, id FROM ledger_entry WHERE ref IN ({_NEW})"

_FOUND = "a.id, a.ref, a.code, a.title, a.unit, b.balance_minor, b.sign, b.floor_minor"
ACCOUNTS: dict[str, str] = {
    # Rows are locked in the order of account ids, so two postings can never wait for each other in a ring. The lock on
    # the book's months is shared by all postings; the statement after this one sees what a sealer committed before it.
    "postgresql": (
        "WITH book AS MATERIALIZED (SELECT k.id, n.path, pg_advisory_xact_lock_shared(%s, k.id::integer) AS held "
        "FROM ledger_book k JOIN base_scopenode n ON n.id = k.scope_id WHERE k.ref = %s) "
        f"SELECT book.id, book.path, {_FOUND} FROM book JOIN ledger_account a ON a.book_id = book.id "
        "JOIN ledger_balance b ON b.account_id = a.id WHERE a.ref = ANY(%s) ORDER BY a.id FOR UPDATE OF b"
    ),
    "sqlite": (
        f"SELECT k.id, n.path, {_FOUND} FROM ledger_book k JOIN base_scopenode n ON n.id = k.scope_id "
        "JOIN ledger_account a ON a.book_id = k.id JOIN ledger_balance b ON b.account_id = a.id "
        "WHERE k.ref = %s AND a.ref IN (SELECT value FROM json_each(%s)) ORDER BY a.id"
    ),
}

# Keys that were used before, and months that are not open: (key, entry, digest) and ("", month, state).
KNOWN: dict[str, str] = {
    "postgresql": (
        "SELECT key, ref, content_sha256 FROM ledger_entry WHERE book_id = %s AND key = ANY(%s) UNION ALL "
        "SELECT '', month::text, state FROM ledger_period WHERE book_id = %s AND month = ANY(%s)"
    ),
    "sqlite": (
        "SELECT key, ref, content_sha256 FROM ledger_entry WHERE book_id = %s "
        "AND key IN (SELECT value FROM json_each(%s)) UNION ALL "
        "SELECT '', month, state FROM ledger_period WHERE book_id = %s AND month IN (SELECT value FROM json_each(%s))"
    ),
}
