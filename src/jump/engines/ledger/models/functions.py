"""A function of PostgreSQL that books one plain entry: all its statements in one journey, with plans made once.

It has no right of its own and passes no guard by: its rows meet the same triggers, keys and checks as any others. What
is not plainly right it leaves, having written nothing; then the services go their long way, which refuses by name.
`jump ledger verify` compares it with this text, as it does the guards.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

# Postings hold this lock shared, the sealing of a month alone: so no entry slips into a sealed month.
PERIOD_LOCK = 7101


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the database: what it is given and gives, how it is planned, and its body."""

    name: str
    given: str
    gives: str
    options: tuple[str, ...]
    body: str

    @property
    def sql(self) -> str:
        """The statements that put it in place of any earlier one."""
        gives = ", ".join(f"OUT {one}" for one in self.gives.split(", "))
        options = " ".join(f"SET {option}" for option in self.options)
        return (
            f"DROP FUNCTION IF EXISTS {self.name}; CREATE FUNCTION {self.name}({self.given}, {gives}) "
            f"LANGUAGE plpgsql {options} AS $${self.body}$$"
        )


# One plan serves all postings: made anew for each, planning costs more than the work. The rows are few, found by index.
_PLANNED = ("plan_cache_mode = 'force_generic_plan'", "enable_seqscan = 'off'")

POST = Function(
    "ledger_post",
    given=(
        "said_book text, said_ref text, said_on date, said_at timestamp with time zone, said_memo text, "
        "said_source text, said_key text, said_by text, said_sha256 text, said_batch text, said_value_on date, "
        "said_unit text, touched text[], moves bigint[], debits bigint[], line_refs text[], amounts bigint[], "
        "labels text[]"
    ),
    gives="number bigint, refs text[], codes text[], titles text[], unit text",
    options=_PLANNED,
    body=f"""
DECLARE
  the_book bigint;
  ids bigint[];
  is_plain boolean;
  said_month integer := extract(year from said_on) * 100 + extract(month from said_on);
BEGIN
  PERFORM set_config('synchronous_commit', 'on', true);
  SELECT k.id, pg_advisory_xact_lock_shared({PERIOD_LOCK}, k.id::integer)::text INTO the_book
  FROM ledger_book k WHERE k.ref = said_book;
  -- Rows are locked in the order of account ids, so two postings can never wait for each other in a ring. The plan is
  -- made while tables are empty and all ways seem short: `+ 0` leaves it the index by reference alone. For the same
  -- reason a used key is not looked for but refused by the rows' own key.
  SELECT array_agg(f.id), array_agg(f.ref), array_agg(f.code), array_agg(f.title), min(f.unit),
    bool_and(f.is_free) AND count(*) = cardinality(touched) AND min(f.unit) = max(f.unit)
    AND (said_unit = '' OR said_unit = min(f.unit)) AND NOT EXISTS (
      SELECT 1 FROM ledger_period p WHERE p.book_id = the_book AND p.month >= said_month
      AND (p.state = 'sealed' OR p.month = said_month AND p.state <> 'open'))
  INTO ids, refs, codes, titles, unit, is_plain
  FROM (
    SELECT a.id, a.ref, a.code, a.title, a.unit, (b.floor_minor IS NULL
      OR moves[array_position(touched, a.ref::text)] * b.sign >= 0 OR b.floor_minor
      <= (b.balance_minor + moves[array_position(touched, a.ref::text)]) * b.sign - b.reserved_minor) AS is_free
    FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
    WHERE a.ref = ANY(touched) AND a.book_id + 0 = the_book ORDER BY a.id FOR UPDATE OF b
  ) f;
  IF is_plain IS NOT TRUE THEN
    RETURN;
  END IF;
  INSERT INTO ledger_batch (ref, closing_id) VALUES (said_batch, said_batch);
  INSERT INTO ledger_entry (ref, book_id, occurred_on, month, recorded_at, memo, source, key, by, content_sha256,
    closing_id, value_on)
  VALUES (said_ref, the_book, said_on, said_month, said_at, said_memo, said_source, said_key, said_by, said_sha256,
    said_batch, said_value_on)
  RETURNING id INTO number;
  INSERT INTO ledger_line (entry_id, position, account_id, occurred_on, amount_minor, label_line, label_place,
    label_stage, label_activity, label_source, label_type)
  SELECT number, i, ids[array_position(refs, line_refs[i])], said_on, amounts[i],
    coalesce(labels[6 * i - 5], ''), coalesce(labels[6 * i - 4], ''), coalesce(labels[6 * i - 3], ''),
    coalesce(labels[6 * i - 2], ''), coalesce(labels[6 * i - 1], ''), coalesce(labels[6 * i], '')
  FROM generate_series(1, cardinality(amounts)) AS i;
  UPDATE ledger_balance b
  SET balance_minor = b.balance_minor + moves[array_position(touched, refs[array_position(ids, b.account_id)])]
  WHERE b.account_id = ANY(ids);
  INSERT INTO ledger_movement (account_id, month, debit_minor, credit_minor)
  SELECT ids[array_position(refs, touched[i])], said_month, debits[i], debits[i] - moves[i]
  FROM generate_series(1, cardinality(touched)) AS i
  ON CONFLICT (account_id, month) DO UPDATE SET debit_minor = ledger_movement.debit_minor + excluded.debit_minor,
    credit_minor = ledger_movement.credit_minor + excluded.credit_minor;
  INSERT INTO ledger_closing (entry_ref) VALUES (said_batch);
END
""",
)

FUNCTIONS: tuple[Function, ...] = (POST,)


def functions_sql(vendor: str) -> list[str]:
    """Every statement that puts the functions in place. SQLite has none: there is no journey to save."""
    return [function.sql for function in FUNCTIONS] if vendor == "postgresql" else []


def missing_functions(connection: BaseDatabaseWrapper) -> list[str]:
    """The functions that the database lacks or holds in another wording, or with rights of their own."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, pg_get_function_identity_arguments(p.oid), p.proconfig, p.prosrc FROM pg_proc p "
            "JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang "
            "WHERE n.nspname = current_schema() AND l.lanname = 'plpgsql' AND NOT p.prosecdef AND p.proname = ANY(%s)",
            [[function.name for function in FUNCTIONS]],
        )
        held = {name: (given, tuple(config or ()), body) for name, given, config, body in cursor.fetchall()}
    return sorted(one.name for one in FUNCTIONS if held.get(one.name) != (_given(one), _config(one), one.body))


def _given(function: Function) -> str:
    return ", ".join([function.given, *(f"OUT {one}" for one in function.gives.split(", "))])


def _config(function: Function) -> tuple[str, ...]:
    return tuple(option.replace(" = ", "=").replace("'", "") for option in function.options)
