"""`jump backup` and `jump restore`: the whole installation in one file, checked before it is called done."""

import argparse
import datetime
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

DATABASE, DUMP, FILES, SECRET = "jump.sqlite3", "jump.dump", "files", "secret_key"


def add(commands: Any) -> None:
    """The commands of this module."""
    backup = commands.add_parser("backup", help="write database, files and key into one archive, while serving")
    backup.add_argument("--out", type=Path, help="file to write (default: jump-DATE.tar.gz in this folder)")
    backup.set_defaults(function=write_backup)
    restore = commands.add_parser("restore", help="put an archive back into an empty data folder")
    restore.add_argument("archive", type=Path)
    restore.set_defaults(function=read_backup, needs_database=False)


def write_backup(asked: argparse.Namespace) -> int:
    """Take a consistent copy. The archive holds personal data and the key that opens it: keep it locked away."""
    from django.conf import settings
    from django.db import connection

    from jump.base import clock

    out = asked.out or Path(f"jump-{clock.now():%Y-%m-%d-%H%M}.tar.gz")
    with tempfile.TemporaryDirectory() as scratch:
        if connection.vendor == "sqlite":
            copy = Path(scratch) / DATABASE
            copy_sqlite(str(settings.DATABASES["default"]["NAME"]), copy)
        else:
            copy = Path(scratch) / DUMP
            dump_postgres(settings.DATABASES["default"], copy)
        with tarfile.open(out, "w:gz") as archive:
            archive.add(copy, copy.name)
            if Path(settings.MEDIA_ROOT).is_dir():
                archive.add(settings.MEDIA_ROOT, FILES)
            if (settings.JUMP_DATA / SECRET).exists():
                archive.add(settings.JUMP_DATA / SECRET, SECRET)
    out.chmod(0o600)
    print(f"{out}: {out.stat().st_size:,} bytes. It holds personal data and the key: keep it locked away.")
    return 0


def copy_sqlite(source: str, target: Path) -> None:
    """SQLite's own online copy, then its integrity check. Ends the command where the copy is not sound."""
    with sqlite3.connect(source) as reading, sqlite3.connect(target) as writing:
        reading.backup(writing)
        verdict = writing.execute("PRAGMA integrity_check").fetchone()[0]
    writing.close()
    reading.close()
    if verdict != "ok":
        raise SystemExit(f"The copy is not sound ({verdict}). No backup was written.")


def dump_postgres(database: dict[str, Any], target: Path) -> None:
    """PostgreSQL's own dump, in its custom format."""
    program = shutil.which("pg_dump")
    if program is None:
        raise SystemExit("pg_dump is not installed (on Debian: apt-get install postgresql-client).")
    command = [program, "--format=custom", f"--file={target}", f"--dbname={database['NAME']}"]
    for option, name in (("--host", "HOST"), ("--port", "PORT"), ("--username", "USER")):
        if database.get(name):
            command.append(f"{option}={database[name]}")
    environment = {"PGPASSWORD": str(database.get("PASSWORD") or ""), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, check=True, env=environment)


def read_backup(asked: argparse.Namespace) -> int:
    """Unpack into the data folder, which must hold no database yet; PostgreSQL dumps are put back by pg_restore."""
    from django.conf import settings

    data = Path(settings.JUMP_DATA)
    if (data / DATABASE).exists():
        print(f"{data} already holds a database. Set JUMP_DATA to an empty folder, then restore.", file=sys.stderr)
        return 1
    data.mkdir(parents=True, exist_ok=True)
    began = datetime.datetime.now(tz=datetime.UTC)
    with tarfile.open(asked.archive) as archive:
        archive.extractall(data, filter="data")
    if (data / DUMP).exists():
        print(f"Files are back. Now run: pg_restore --dbname=NAME {data / DUMP}")
    took = (datetime.datetime.now(tz=datetime.UTC) - began).total_seconds()
    print(f"{asked.archive} is back in {data} after {took:.0f} seconds.")
    return 0
