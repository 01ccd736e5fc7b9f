"""A disk that is full while posting: a refusal by name, and nothing half-done."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line, Posting
from tests.engines.ledger.makers import DAY, Books, open_books, putting_in


def batch(books: Books, number: int) -> list[Posting]:
    return [
        Posting(
            f"Contribution {number}-{item} " + "x" * 200,
            DAY,
            (Line(books.cash, 1), Line(books.capital, -1)),
            Ref("ctr-00000001"),
            f"{number}-{item}",
        )
        for item in range(50)
    ]


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_on_sqlite_refuses_the_entry_and_keeps_nothing_of_it(actor: Actor) -> None:
    books = open_books(actor)
    putting_in(books, actor)(500)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
    posted = 0

    def post_until_full() -> None:
        nonlocal posted
        for number in range(100):
            ledger.post_many(actor, book_ref=books.ref, postings=batch(books, number))
            posted += 1

    try:
        with pytest.raises(ledger.DiskFull) as refusal:
            post_until_full()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")

    assert (refusal.value.code, refusal.value.http_status) == ("ledger.disk_full", 507)
    assert ledger.balance(books.cash) == 500 + 50 * posted
    assert ledger.proof(books.ref).entries == 1 + 50 * posted
    assert ledger.verify() == []
    ledger.post_many(actor, book_ref=books.ref, postings=batch(books, posted))
    assert ledger.balance(books.cash) == 550 + 50 * posted


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 96 MB of its own, where this machine lets a test mount one."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small file system cannot be mounted here (needs root and mount)")
    place = Path(tempfile.mkdtemp(prefix="jump-small-"))  # where the server's own user can reach it
    place.chmod(0o755)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m,mode=0777", "tmpfs", str(place)], capture_output=True
    )
    if done.returncode:
        place.rmdir()
        pytest.skip("a small file system cannot be mounted here: " + done.stderr.decode().strip())
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)
    place.rmdir()


def test_a_full_disk_on_postgresql_refuses_the_entry_and_keeps_nothing_of_it(
    small_disk: Path, make_cluster: Callable[..., Any], tmp_path: Path
) -> None:
    """A table space on the small disk is filled; the poster is refused by name and the proof stays clean."""
    from tests.engines.ledger.arena import Arena

    cluster = make_cluster(durable=True)
    arena = Arena(tmp_path, cluster.address).prepare()
    told = arena.run("fill", arena.book, str(small_disk))
    assert told == "ledger.disk_full"
    proof = arena.prove()
    assert proof["problems"] == []
    assert proof["balances"]["cash"] == 100 * proof["entries"]
