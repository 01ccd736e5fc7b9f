"""`jump run` serves the product on this machine; `jump worker` does the work behind the pages on PostgreSQL."""

import argparse
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ADDRESS = "127.0.0.1"
PORT = 8000
PORTS_TRIED = 50
THREADS = min(8, 2 * (os.cpu_count() or 1))  # at work at once; what comes more waits its turn


def add(commands: Any) -> None:
    """The commands of this module."""
    run = commands.add_parser("run", help="serve on this machine, with the example programme where nothing is loaded")
    run.add_argument("--port", type=int, default=PORT, help=f"first port to try (default {PORT})")
    run.add_argument("--address", default=ADDRESS, help=f"address to serve on (default {ADDRESS})")
    run.add_argument("--fresh", action="store_true", help="throw the data folder's database away and start over")
    run.add_argument("--empty", action="store_true", help="do not load the example programme")
    run.set_defaults(function=run_server, needs_database=False)
    worker = commands.add_parser("worker", help="run effects and background work (PostgreSQL; SQLite needs none)")
    worker.set_defaults(function=run_worker)


def free_port(address: str, first: int) -> int:
    """The first port from here on that nobody listens on."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port between {first} and {first + PORTS_TRIED - 1}. Name another with --port.")


def run_server(asked: argparse.Namespace) -> int:
    """Migrate, load what is missing, print the address and the sign-ins, serve until stopped."""
    from django.conf import settings

    from jump.base.db import is_sqlite
    from jump.cli import _has_tables

    if asked.fresh:
        start_over()
    _has_tables()
    if not asked.empty:
        load_example_once()
    port = free_port(asked.address, asked.port)
    print(f"\n  JUMP is at http://{asked.address}:{port}/\n")
    print_sign_ins()
    print("  Stop it with Ctrl+C. The data is kept in", settings.JUMP_DATA, flush=True)

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ["JUMP_SERVING"] = "1"
    Granian(
        "jump.wsgi:application",
        address=asked.address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1 if is_sqlite() else 2,
        blocking_threads=THREADS,
        backpressure=256,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
    return 0


def start_over() -> None:
    """Remove the embedded database and its files. PostgreSQL is never emptied by a start."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "sqlite":
        raise SystemExit("FRESH works on the embedded database only. Empty a PostgreSQL database with its own tools.")
    connection.close()
    name = Path(str(settings.DATABASES["default"]["NAME"]))
    for suffix in ("", "-wal", "-shm"):
        Path(f"{name}{suffix}").unlink(missing_ok=True)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def load_example_once() -> None:
    """Load the example programme into an installation that holds no programme yet."""
    from jump.base.models import PackageVersion
    from jump.cli.example import load_example

    if PackageVersion.objects.exists():
        return
    began = time.monotonic()
    print("  Loading the example programme …", flush=True)
    with without_waiting_for_the_disk():
        load_example(progress=lambda words: print(f"    {words}", flush=True))
    print(f"  Loaded in {time.monotonic() - began:.0f} seconds.", flush=True)


@contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """Load into an empty embedded database without waiting for the disk at each commit; made safe at the end.

    Only here: what is lost in a power cut is the example, and `--fresh` loads it again.
    """
    from django.db import connection

    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def print_sign_ins() -> None:
    """One sign-in per role of the example; nothing where the example is not loaded."""
    from jump.cli.example import SIGN_INS, example_is_loaded

    if not example_is_loaded():
        return
    width = max(len(one.username) for one in SIGN_INS)
    print("  Sign in as one of these (example data only):")
    for one in SIGN_INS:
        print(f"    {one.username:<{width}}   {one.password}   {one.role}")
    print()


def run_worker(_asked: argparse.Namespace) -> int:
    """The worker process. On SQLite the serving process has its own thread, and a second writer would be unfair."""
    from jump.base.db import is_sqlite
    from jump.base.outbox import work_for_ever

    if is_sqlite():
        print("On the embedded database the server does this work itself. Nothing to do.", file=sys.stderr)
        return 2
    try:
        work_for_ever()
    except KeyboardInterrupt:
        return 0
    return 0
