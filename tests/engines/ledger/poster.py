"""Posts into a ledger from a process of its own, so that it can be killed or raced.

python tests/engines/ledger/poster.py prepare                    tables, one book, accounts; prints the book
python tests/engines/ledger/poster.py post BOOK COUNT PREFIX     one entry after another; prints each key once confirmed
python tests/engines/ledger/poster.py race BOOK WRITERS SECONDS START   threads that post at once; prints counts and
errors python tests/engines/ledger/poster.py prove BOOK                 the proof, as JSON
python tests/engines/ledger/poster.py reserve BOOK WHO              reserve at once with others; prints what was given
python tests/engines/ledger/poster.py hold BOOK COUNT PREFIX        holds, one after another, to be killed in between
python tests/engines/ledger/poster.py bank BOOK                     take in a statement with one line; prints the line
python tests/engines/ledger/poster.py confirm BOOK LINE ENTRY       match them at once with others; prints what came of
it
python tests/engines/ledger/poster.py fill BOOK FOLDER              PostgreSQL: tables move to a small disk, posting
until it is full
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from datetime import date
from functools import cache
from typing import Any

WRITERS = 8


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jump.settings")
    import django

    django.setup()
    command, *words = sys.argv[1:]
    commands = {"prepare": prepare, "post": post, "race": race, "prove": prove, "fill": fill, "reserve": reserve}
    commands |= {"hold": hold, "bank": bank, "confirm": confirm}
    commands[command](*words)


def prepare() -> None:
    from django.core.management import call_command

    from jump.base.actors import system_actor
    from jump.base.scopes import declare_node
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    call_command("migrate", "ledger", verbosity=0)
    actor = system_actor("poster")
    declare_node(None, "jump", "programme", "JUMP")
    book = ledger.open_book(actor, ref_owner=Ref("fnd-00000001"), title="Raced", scope="jump/")
    ledger.open_account(actor, book_ref=book, code="cash", title="Cash", kind="asset", unit="THB", floor_minor=0)
    for number in range(WRITERS):
        ledger.open_account(actor, book_ref=book, code=f"capital:{number}", title="Capital", kind="equity", unit="THB")
        ledger.open_account(actor, book_ref=book, code=f"own:{number}", title="Own", kind="asset", unit="THB")
    print(book)


@cache
def accounts_of(book: str, *codes: str) -> dict[str, Any]:
    """The references of accounts, looked up once: who posts holds them already, on the fund or the loan."""
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    return dict(ledger.account_refs(Ref(book), codes))


def one_entry(book: str, writer: int, key: str, amount_minor: int = 100, *, shared: bool = True) -> None:
    """One entry between the cash that all writers share (or cash of the writer's own) and the writer's own account."""
    from jump.base.actors import system_actor
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    ref = Ref(book)
    cash, capital = "cash" if shared else f"own:{writer}", f"capital:{writer}"
    found = accounts_of(book, cash, capital)
    ledger.post(
        system_actor("poster"),
        book_ref=ref,
        memo="Contribution",
        occurred_on=date(2004, 6, 15),
        lines=[
            ledger.Line(found[cash], amount_minor),
            ledger.Line(found[capital], -amount_minor),
        ],
        source_ref=Ref("ctr-00000001"),
        key=key,
    )


def post(book: str, count: str, prefix: str) -> None:
    for number in range(int(count)):
        one_entry(book, 0, f"{prefix}-{number}")
        print(f"{prefix}-{number}", flush=True)


def race(book: str, writers: str, seconds: str, first: str = "", share: str = "shared") -> None:
    """Threads that post at once from the word go, each with a connection that it keeps: once for each line read."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def write(writer: int) -> tuple[int, float, str]:
        done, slowest = 0, 0.0
        who = (writer + int(first or 0)) % WRITERS
        both.wait(60)
        until = time.monotonic() + float(seconds)
        try:
            while (began := time.monotonic()) < until:
                one_entry(book, who, f"{os.getpid()}-{writer}-{time.monotonic_ns()}", shared=share == "shared")
                done += 1
                slowest = max(slowest, time.monotonic() - began)
        except Exception:
            return done, slowest, traceback.format_exc()
        return done, slowest, ""

    count = int(writers)
    both = threading.Barrier(count)  # so that each thread of the pool takes one writer
    with ThreadPoolExecutor(count, initializer=lambda: connection.ensure_connection()) as threads:
        print("ready", flush=True)
        for _go in sys.stdin:
            worked = time.process_time()
            counts, longest, errors = zip(*threads.map(write, range(count)), strict=True)
            told = {"counts": counts, "errors": [one for one in errors if one], "longest_s": max(longest)}
            print(json.dumps({**told, "worked_s": time.process_time() - worked}), flush=True)


def reserve(book: str, who: str) -> None:
    """From the word go reserve 100 of the shared cash, forty times; post every second hold. Prints what was given."""
    from jump.base.actors import system_actor
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    actor, ref = system_actor("poster"), Ref(book)
    cash, other = ledger.account(ref, "cash").ref, ledger.account(ref, "capital:0").ref
    print("ready", flush=True)
    sys.stdin.readline()
    given = refused = 0
    for number in range(40):
        try:
            held = ledger.place_hold(
                actor, account_ref=cash, amount_minor=100, purpose="Loan", source_ref=Ref(""), key=f"{who}-{number}"
            )
        except ledger.BelowFloor:
            refused += 1
            continue
        given += 1
        if given % 2:
            _post_hold(actor, held.ref, cash, other, 100, f"out-{who}-{number}")
    print(json.dumps({"given": given, "refused": refused}))


def _post_hold(actor: Any, hold_ref: Any, cash: Any, other: Any, amount_minor: int, key: str) -> None:
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    ledger.post_hold(
        actor,
        hold_ref=hold_ref,
        memo="Pay-out",
        occurred_on=date(2004, 6, 15),
        lines=[ledger.Line(cash, -amount_minor), ledger.Line(other, amount_minor)],
        source_ref=Ref(""),
        key=key,
    )


def hold(book: str, count: str, prefix: str) -> None:
    """One hold after another: posted in part, let go, or kept for a moment. Prints each key once confirmed."""
    from jump.base.actors import system_actor
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    actor, ref = system_actor("poster"), Ref(book)
    cash, other = ledger.account(ref, "cash").ref, ledger.account(ref, "capital:0").ref
    for number in range(int(count)):
        key = f"{prefix}-{number}"
        held = ledger.place_hold(actor, account_ref=cash, amount_minor=50, purpose="Loan", source_ref=Ref(""), key=key)
        if number % 3 and number < 30:
            _post_hold(actor, held.ref, cash, other, 5, f"out-{key}")
        else:
            ledger.void_hold(actor, hold_ref=held.ref)
        print(key, flush=True)


def bank(book: str) -> None:
    """A statement whose one line is the one entry; prints the line and the entry."""
    from jump.base.actors import system_actor
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger
    from jump.engines.ledger.models import BankLine, Entry

    one_entry(book, 0, "only")
    cash = ledger.account(Ref(book), "cash").ref
    table = b"Date,Amount,Balance\n2004-06-15,1.00,1.00\n"
    reading = ledger.Reading(day="Date", amount="Amount", balance="Balance")
    ledger.take_statement(system_actor("poster"), account_ref=cash, file_name="b.csv", data=table, reading=reading)
    print(json.dumps([BankLine.objects.get().ref, f"{Entry.objects.get().ref}:1"]))


def confirm(book: str, line: str, entry: str) -> None:
    """From the word go, say that these two are the same money; prints the match or the code of the refusal."""
    from jump.base.actors import system_actor
    from jump.base.refusals import Refusal
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    cash = ledger.account(Ref(book), "cash").ref
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        made = ledger.confirm_match(
            system_actor("poster"), account_ref=cash, bank_lines=[Ref(line)], book_lines=[entry]
        )
        print(json.dumps(["matched", made]))
    except Refusal as refusal:
        print(json.dumps([refusal.code, refusal.facts["match"]]))


def prove(book: str) -> None:
    import dataclasses

    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger
    from jump.engines.ledger.models import Entry

    found = ledger.proof(Ref(book))
    told: dict[str, Any] = {
        "entries": found.entries,
        "lines": found.lines,
        "not_linked": found.not_linked,
        "problems": [problem.text for problem in found.problems],
        "keys": list(Entry.objects.values_list("key", flat=True)),
        "balances": ledger.balances(Ref(book)),
        "free": dataclasses.asdict(ledger.free(ledger.account(Ref(book), "cash").ref)),
    }
    print(json.dumps(told))


def fill(book: str, folder: str) -> None:
    """Move the tables of lines and entries to a small disk and post until it is full; prints the refusal's code."""
    from pathlib import Path

    from django.db import connection

    from jump.base.refusals import Refusal

    place = Path(folder) / "space"
    place.mkdir()
    if os.geteuid() == 0:
        import shutil

        shutil.chown(place, "nobody", "nogroup")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        for table in ("ledger_line", "ledger_entry"):
            cursor.execute(f"ALTER TABLE {table} SET TABLESPACE small")
    ballast = Path(folder) / "ballast"
    free = os.statvfs(folder)
    ballast.write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - 64 * 1024))
    try:
        for number in range(10_000):
            one_entry(book, 0, f"full-{number}")
    except Refusal as refusal:
        print(refusal.code)
    else:
        print("never full")


if __name__ == "__main__":
    main()
