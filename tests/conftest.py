"""What every test stands on: a data folder of its own, one of two databases, and a record of what passed.

pytest tests/engines --database=postgres     starts a private PostgreSQL and runs on it
pytest --trace-name=test                     writes which requirements passed, for `make trace`
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# Two test processes on two cores: no deadline, and a bounded number of examples.
hypothesis_settings.register_profile(
    "jump",
    deadline=None,
    max_examples=int(os.environ.get("JUMP_EXAMPLES", "50")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    database=None,
)
hypothesis_settings.load_profile("jump")

_data = tempfile.TemporaryDirectory(prefix="jump-test-")
_cluster: Any = None


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("jump")
    group.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default=None,
        help="postgres: a private cluster",
    )
    group.addoption("--trace-name", default="", help="write results for `make trace` under this name")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Settings are read here, after the environment is set, so no test ever touches a real data folder."""
    global _cluster
    is_worker = hasattr(config, "workerinput")
    os.environ["JUMP_DATA"] = _data.name
    os.environ["JUMP_SECRET_KEY"] = "only for tests, never for people"
    os.environ["DJANGO_SETTINGS_MODULE"] = "jump.settings"
    wanted = config.getoption("database")
    if not is_worker and not config.option.collectonly:
        if wanted == "postgres" and not os.environ.get("JUMP_DATABASE", "").startswith("postgres"):
            from tools.postgres import MISSING, Cluster, binaries

            if binaries() is None:
                raise pytest.UsageError(MISSING)
            _cluster = Cluster().make()
            os.environ["JUMP_DATABASE"] = _cluster.address
        elif wanted != "postgres" and "JUMP_DATABASE" in os.environ and wanted == "sqlite":
            del os.environ["JUMP_DATABASE"]

    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow on purpose
    options = settings.DATABASES["default"]["OPTIONS"]
    if "init_command" in options and not any("bench" in str(word) for word in config.args):
        # Waiting for the disk proves nothing here; what a crash leaves is tested on databases of its own.
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    if not is_worker and config.getoption("trace_name"):
        config.pluginmanager.register(Trace(config.getoption("trace_name")), "jump-trace")


def pytest_unconfigure(config: pytest.Config) -> None:
    if _cluster is not None and not hasattr(config, "workerinput"):
        _cluster.stop()
    for leftover in Path(tempfile.gettempdir()).glob(f"jump-test-{os.getpid()}.sqlite3*"):
        leftover.unlink(missing_ok=True)


# What passed --------------------------------------------------------------------------------------------


def _known_ids() -> frozenset[str]:
    text = (ROOT / "docs/reference/requirements.md").read_text()
    return frozenset(re.findall(r"^\| ([A-Z0-9]+-\d+) \|", text, re.M))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the covered ids into each report; a made-up id stops the run."""
    known: frozenset[str] | None = None
    for item in items:
        ids = sorted({str(one) for mark in item.iter_markers("covers") for one in mark.args})
        if not ids:
            continue
        known = _known_ids() if known is None else known
        strangers = [one for one in ids if one not in known]
        if strangers:
            raise pytest.UsageError(f"{item.nodeid}: no such requirement: {', '.join(strangers)}")
        item.user_properties.append(("covers", ids))


class Trace:
    """Writes, when the run ends, each test that covers a requirement and whether it passed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tests: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        ids = dict(report.user_properties).get("covers")
        if not ids:
            return
        row = self.tests.setdefault(report.nodeid, {"covers": ids, "outcome": "not run"})
        if report.failed:
            row["outcome"] = "failed"
        elif report.when == "call" or report.skipped:
            row["outcome"] = report.outcome if row["outcome"] != "failed" else "failed"

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        folder = ROOT / ".trace"
        folder.mkdir(exist_ok=True)
        (folder / f"{self.name}.json").write_text(json.dumps(self.tests, indent=1, sort_keys=True))


# The database defends itself, also against Django's flush ------------------------------------------------


@contextmanager
def guards_lifted(connection: Any) -> Iterator[None]:
    """Let everything inside delete and truncate guarded tables. Only tests may; the product has no such door."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for _, sql in triggers:
                    cursor.execute(sql)
            else:
                cursor.execute("SET session_replication_role = origin")


@pytest.fixture(scope="session", autouse=True)
def _flush_guarded_tables() -> Iterator[None]:
    """Flush after tests that really commit: the guards are lifted around it and put back."""
    from django.db import connections
    from django.test import TransactionTestCase

    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with guards_lifted(connections["default"]):
            original(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _files_in_a_folder_of_their_own(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


# What a machine may lack: such tests skip by name --------------------------------------------------------


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the source documents and outside data, which stands beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: the source documents and outside data are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def hledger() -> str:
    """The hledger program, an outside judge of our books."""
    found = shutil.which("hledger")
    if not found:
        pytest.skip("hledger is not installed (on Debian: apt-get install hledger)")
    return found


@pytest.fixture(scope="session")
def pdftotext() -> str:
    """The program that reads the text back out of a PDF."""
    found = shutil.which("pdftotext")
    if not found:
        pytest.skip("pdftotext is not installed (on Debian: apt-get install poppler-utils)")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser that journeys drive."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def pango() -> None:
    """The system libraries that make PDFs, and a font that knows Arabic."""
    done = subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(
            "PDFs cannot be made here (on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-noto-core)"
        )


@pytest.fixture
def on_postgres() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


@pytest.fixture(scope="session")
def make_cluster() -> Iterator[Callable[..., Any]]:
    """Makes clusters of PostgreSQL that a test may kill; each is removed at the end."""
    from tools.postgres import MISSING, Cluster, binaries

    if binaries() is None:
        pytest.skip(MISSING)
    made = []

    def make(**options: Any) -> Any:
        cluster = Cluster(**options).make()
        made.append(cluster)
        return cluster

    yield make
    for cluster in made:
        cluster.stop()


@pytest.fixture(autouse=True)
def forget_what_this_process_remembers() -> Iterator[None]:
    """Caches of rows must not outlive the rows: each test rolls its own back."""
    yield
    from django.apps import apps

    if apps.ready:
        from jump.base import clock, packages, scopes

        clock.forget_pin()
        packages.forget()
        scopes.forget_nodes()
