"""The command line: what it is asked, what it answers, and its exit codes."""

import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest

from jump.cli import main
from jump.cli.keep import copy_sqlite
from jump.cli.serve import free_port

BROKEN = """name: canteens
version: "1"
title: {en: School canteens}
languages: [en]
"""


def test_a_broken_package_is_named_by_file_and_line_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], db: Any
) -> None:
    folder = tmp_path / "canteens"
    folder.mkdir()
    (folder / "programme.yaml").write_text(BROKEN)
    assert main(["check", str(folder)]) == 1
    assert "canteens/programme.yaml:1: canteens: the entry lacks engines." in capsys.readouterr().out


def test_an_unknown_package_is_refused_with_the_names_there_are(db: Any) -> None:
    with pytest.raises(SystemExit, match="There is no package canteens"):
        main(["check", "canteens"])


def test_loading_a_broken_package_loads_nothing_and_prints_the_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], db: Any
) -> None:
    from jump.base.models import PackageVersion

    folder = tmp_path / "canteens"
    folder.mkdir()
    (folder / "programme.yaml").write_text(BROKEN)
    assert main(["load", str(folder)]) == 1
    assert "base.package_broken" in capsys.readouterr().err
    assert PackageVersion.objects.count() == 0


def test_the_next_free_port_is_taken_where_the_first_is_in_use() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port("127.0.0.1", port) <= port + 50


def test_a_backup_of_a_database_that_is_being_written_is_sound(tmp_path: Path) -> None:
    source = tmp_path / "source.sqlite3"
    with sqlite3.connect(source) as writing:
        writing.execute("PRAGMA journal_mode=WAL")
        writing.execute("CREATE TABLE t (n INTEGER)")
        writing.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(1000)])
    with sqlite3.connect(source) as open_writer:
        open_writer.execute("INSERT INTO t VALUES (-1)")  # not committed: not in the copy
        copy_sqlite(str(source), tmp_path / "copy.sqlite3")
        open_writer.rollback()
    with sqlite3.connect(tmp_path / "copy.sqlite3") as reading:
        assert reading.execute("SELECT count(*), min(n) FROM t").fetchone() == (1000, 0)


def test_restoring_over_an_existing_database_is_refused(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.JUMP_DATA = tmp_path
    (tmp_path / "jump.sqlite3").write_bytes(b"something")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz"):
        pass
    assert main(["restore", str(tmp_path / "a.tar.gz")]) == 1
    assert "already holds a database" in capsys.readouterr().err
    assert (tmp_path / "jump.sqlite3").read_bytes() == b"something"
