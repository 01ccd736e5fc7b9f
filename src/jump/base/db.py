"""Transactions that write: one fair writer at a time on SQLite, ordinary transactions on PostgreSQL.

SQLite lets one connection write at a time and gives waiting writers no order. So ``write_transaction`` takes a
first-come-first-served lock of this process before ``BEGIN IMMEDIATE`` (docs/decisions: database). On PostgreSQL the
lock is not taken: rows are locked by the queries themselves.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import OperationalError, connection, models, transaction
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseWrapper as SqliteWrapper
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal

Row = TypeVar("Row", bound=models.Model)


class DiskFull(Refusal):
    """The database's disk is full. Nothing of the transaction was kept."""

    code = "base.disk_full"
    http_status = 507
    message = _("The disk of the server is full. Nothing was saved.")
    what_to_do = _("Make room on the disk, then send again. What you typed is kept.")


class FairLock:
    """A re-entrant lock whose waiters are served in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._owner: int | None = None
        self._depth = 0
        self._waiters: deque[threading.Event] = deque()

    def acquire(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._owner == me:
                self._depth += 1
                return
            if self._owner is None and not self._waiters:
                self._owner, self._depth = me, 1
                return
            turn = threading.Event()
            self._waiters.append(turn)
        turn.wait()
        # The releaser handed the lock to us: owner and depth are set here, and nobody else can have taken it.
        with self._guard:
            self._owner, self._depth = me, 1

    def release(self) -> None:
        with self._guard:
            assert self._owner == threading.get_ident(), "released by a thread that does not hold it"
            self._depth -= 1
            if self._depth:
                return
            if self._waiters:
                # Owner stays "taken" (a value that is no thread) until the next waiter wakes.
                self._owner = -1
                self._waiters.popleft().set()
            else:
                self._owner = None

    @property
    def held(self) -> bool:
        return self._owner == threading.get_ident()


WRITER = FairLock()


def is_sqlite() -> bool:
    """Whether the default database is the embedded one."""
    return connection.vendor == "sqlite"


def locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Rows kept as they are until the transaction ends. SQLite has one writer at a time and needs no row locks."""
    return rows if is_sqlite() else rows.select_for_update(of=("self",))


def locked_free(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Of the rows, those that nobody else holds, kept until the transaction ends: for workers that share one heap."""
    return rows if is_sqlite() else rows.select_for_update(skip_locked=True, of=("self",))


def lock(row: Row) -> Row:
    """A row in hand, kept from now until the transaction ends: read anew, for it may have changed meanwhile."""
    if not is_sqlite():
        row.refresh_from_db(from_queryset=locked(type(row)._default_manager.all()))
    return row


@contextmanager
def write_transaction(*, durable: bool = False) -> Iterator[None]:
    """A transaction that writes; nested ones join the outer as savepoints.

    ``durable`` asks that a commit survive a power cut. On SQLite every commit of JUMP is already FULL
    (settings, init_command), so it asks for nothing more there; on PostgreSQL it sets ``synchronous_commit`` on.

    Raises DiskFull where the database says that its disk is full; the transaction is rolled back.
    """
    lock = is_sqlite() and not connection.in_atomic_block
    if lock:
        WRITER.acquire()
    try:
        with transaction.atomic():
            if durable and connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL synchronous_commit TO ON")
            yield
    except OperationalError as error:
        if says_disk_full(error):
            raise DiskFull from error
        raise
    finally:
        if lock:
            WRITER.release()


def says_disk_full(error: Exception) -> bool:
    """Whether a database error means that the disk is full (SQLITE_FULL, or PostgreSQL's class 53100)."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state == "53100" or "database or disk is full" in str(error)


def connect_checks() -> None:
    """Refuse a SQLite build or connection that would not keep the promises of the ledger."""
    connection_created.connect(_on_connection, dispatch_uid="jump.base.db")


def _on_connection(sender: Any, connection: Any, **_kwargs: Any) -> None:
    if isinstance(connection, SqliteWrapper):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")
            cursor.execute("PRAGMA foreign_keys = ON")
            # A statement that a trigger may refuse keeps a journal of its own; on disk it doubles the cost of each row.
            cursor.execute("PRAGMA temp_store = MEMORY")
