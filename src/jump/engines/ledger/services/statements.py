"""The statements by which postings find their accounts and write their rows, one text per vendor.

On PostgreSQL a small posting is one statement (one round trip) and its closing row a second; many rows go in by COPY.
On SQLite rows go in by many-row INSERTs: one statement journal for hundreds of rows, not one for each.
"""

from __future__ import annotations

# What each entry says for itself, the last two only where one of them has any; and what all entries of a batch share.
ENTRY_COLUMNS = (
    "id",
    "ref",
    "occurred_on",
    "month",
    "memo",
    "source",
    "key",
    "content_sha256",
    "reverses_id",
    "value_on",
)
BATCH_COLUMNS = ("book_id", "recorded_at", "by", "closing_id")
LINE_COLUMNS = (
    "entry_id",
    "position",
    "account_id",
    "occurred_on",
    "amount_minor",
    "label_line",
    "label_place",
    "label_stage",
    "label_activity",
    "label_source",
    "label_type",
)
_ENTRY = ", ".join((*ENTRY_COLUMNS[1:], *BATCH_COLUMNS))
_LINE = ", ".join(LINE_COLUMNS[1:])

SMALL = f"""
WITH new_entry AS (
  INSERT INTO ledger_entry ({_ENTRY})
  SELECT e.ref, e.occurred_on, e.month, e.memo, e.source, e.key, e.content_sha256, e.reverses_id, e.value_on,
         e.book_id, e.recorded_at, e.by, e.closing_id
  FROM jsonb_to_recordset(%s) AS e(ref text, book_id bigint, occurred_on date, month integer,
       recorded_at timestamptz, memo text, source text, key text, by text, reverses_id bigint, content_sha256 text,
       closing_id text, value_on date)
  ON CONFLICT DO NOTHING
  RETURNING id, ref, month, closing_id
), new_batch AS (
  INSERT INTO ledger_batch (ref, closing_id) SELECT DISTINCT closing_id, closing_id FROM new_entry
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
), in_month AS (
  INSERT INTO ledger_movement (account_id, month, debit_minor, credit_minor)
  SELECT l.account_id, n.month, sum(greatest(l.amount_minor, 0))::bigint, sum(greatest(-l.amount_minor, 0))::bigint
  FROM new_line l JOIN new_entry n ON n.id = l.entry_id GROUP BY l.account_id, n.month ORDER BY l.account_id, n.month
  ON CONFLICT (account_id, month) DO UPDATE SET debit_minor = ledger_movement.debit_minor + excluded.debit_minor,
    credit_minor = ledger_movement.credit_minor + excluded.credit_minor
)
SELECT ref, id FROM new_entry
"""

OPEN_BATCH = "INSERT INTO ledger_batch (ref, closing_id) VALUES (%s, %s)"
CLOSE_BATCH = "INSERT INTO ledger_closing (entry_ref) VALUES (%s)"
MOVE = "UPDATE ledger_balance SET balance_minor = balance_minor + %s WHERE account_id = %s"
_ADD = (
    " ON CONFLICT (account_id, month) DO UPDATE SET debit_minor = ledger_movement.debit_minor + excluded.debit_minor, "
    "credit_minor = ledger_movement.credit_minor + excluded.credit_minor"
)
_INTO_MONTH = "INSERT INTO ledger_movement (account_id, month, debit_minor, credit_minor) "
IN_MONTH = _INTO_MONTH + "VALUES (%s, %s, %s, %s)" + _ADD
# PostgreSQL: all of them in one statement. The balances are locked already, in the order of their accounts.
MOVE_SET = (
    "UPDATE ledger_balance b SET balance_minor = b.balance_minor + m.amount "
    "FROM unnest(%s::bigint[], %s::bigint[]) AS m(account_id, amount) WHERE b.account_id = m.account_id"
)
IN_MONTH_SET = _INTO_MONTH + "SELECT * FROM unnest(%s::bigint[], %s::integer[], %s::bigint[], %s::bigint[])" + _ADD
NEXT_IDS: dict[str, str] = {
    "postgresql": (
        "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence('ledger_entry', 'id')::regclass AS name OFFSET 0) "
        "s, generate_series(1, %s)"
    ),
    "sqlite": "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'ledger_entry'), 0)",
}

_FOUND = "a.id, a.ref, a.code, a.title, a.unit, b.balance_minor, b.sign, b.floor_minor, b.reserved_minor"
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

# Keys that were used before, (key, entry, digest), and months that are not open, ("", month, state). A sealed month
# seals those before it: ("", month, 'sealed') of the last one is always among them.
_SEALED_TO = "SELECT '', max(month){text}, 'sealed' FROM ledger_period WHERE book_id = %s AND state = 'sealed'"
KNOWN: dict[str, str] = {
    "postgresql": (
        "SELECT key, ref, content_sha256 FROM ledger_entry WHERE book_id = %s AND key = ANY(%s) UNION ALL "
        "SELECT '', month::text, state FROM ledger_period WHERE book_id = %s AND month = ANY(%s) UNION ALL "
        + _SEALED_TO.format(text="::text")
    ),
    "sqlite": (
        "SELECT key, ref, content_sha256 FROM ledger_entry WHERE book_id = %s "
        "AND key IN (SELECT value FROM json_each(%s)) UNION ALL "
        "SELECT '', month, state FROM ledger_period WHERE book_id = %s AND month IN (SELECT value FROM json_each(%s)) "
        "UNION ALL " + _SEALED_TO.format(text="")
    ),
}
