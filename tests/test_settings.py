"""Settings are safe without being set, and say what is wrong when they are set wrongly."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from jump.settings import database_from


def read(tmp_path: Path, expression: str, **environment: str) -> str:
    """What a setting is in a fresh process whose data folder is empty."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("JUMP_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-c", f"from jump import settings; print({expression})"],
        env={**clean, "JUMP_DATA": str(tmp_path / "data"), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_without_a_word_said_the_database_is_one_sqlite_file_in_the_data_folder(tmp_path: Path) -> None:
    found = database_from("", folder=tmp_path)
    assert found["NAME"] == str(tmp_path / "jump.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["OPTIONS"]["timeout"] == 20


def test_an_address_of_postgresql_is_taken_apart_also_with_a_socket_folder() -> None:
    found = database_from("postgres://ana:p%40ss@db.example:5433/jump?sslmode=require", folder=Path("/x"))
    assert [found[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "ana",
        "p@ss",
        "db.example",
        "5433",
        "jump",
    ]
    assert found["OPTIONS"] == {"sslmode": "require"}
    by_socket = database_from("postgres://jump@/jump?host=%2Frun%2Fpostgresql", folder=Path("/x"))
    assert (by_socket["HOST"], by_socket["PORT"], by_socket["OPTIONS"]) == ("/run/postgresql", "", {})


def test_an_unknown_database_is_refused_with_the_two_forms_that_are_right() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"begins with 'mysql:'.*sqlite:///path or postgres://"):
        database_from("mysql://x", folder=Path("/x"))


def test_the_secret_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = read(tmp_path, "settings.SECRET_KEY")
    assert len(first) >= 50
    assert read(tmp_path, "settings.SECRET_KEY") == first
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert read(tmp_path, "settings.SECRET_KEY", JUMP_SECRET_KEY="given") == "given"


def test_the_defaults_are_safe(tmp_path: Path) -> None:
    assert read(tmp_path, "settings.DEBUG") == "False"
    assert read(tmp_path, "settings.ALLOWED_HOSTS") == "['localhost', '127.0.0.1', '[::1]']"
    assert read(tmp_path, "settings.PASSWORD_HASHERS[0]") == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert read(tmp_path, "settings.SESSION_COOKIE_HTTPONLY") == "True"
    assert read(tmp_path, "settings.SESSION_COOKIE_SECURE", JUMP_HTTPS="1") == "True"
    assert read(tmp_path, "settings.SECURE_HSTS_SECONDS > 0", JUMP_HTTPS="1") == "True"


@pytest.mark.django_db
def test_tests_run_on_a_real_file_with_the_write_ahead_log_and_guards_that_fire_on_replace() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite only")
    with connection.cursor() as cursor:

        def pragma(name: str) -> Any:
            cursor.execute(f"PRAGMA {name}")
            return cursor.fetchone()[0]

        assert pragma("journal_mode") == "wal"
        assert pragma("foreign_keys") == 1
        assert pragma("recursive_triggers") == 1
    assert Path(str(connection.settings_dict["NAME"])).exists()
