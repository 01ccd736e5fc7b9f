"""A served installation with the example, as `make run` makes it, and a browser for each person."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

PASSWORD = "jobs-for-all-2004"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
START_SECONDS = 900  # the example is loaded first


@dataclass(frozen=True)
class Site:
    """A running server: its address and its data folder."""

    url: str
    data: Path

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `jump` on the same data."""
        command = [sys.executable, "-m", "jump", *words]
        return subprocess.run(command, env=_environment(self.data), capture_output=True, text=True)


def _environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUMP_", "DJANGO_"))}
    return {**kept, "JUMP_DATA": str(data), "JUMP_DATABASE": ""}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`jump run` on an empty data folder: the example is loaded, the address printed.

    With JUMP_JOURNEY_DATA a folder that holds the example already is copied instead.
    """
    data = tmp_path_factory.mktemp("installation")
    if os.environ.get("JUMP_JOURNEY_DATA"):
        shutil.copytree(os.environ["JUMP_JOURNEY_DATA"], data, dirs_exist_ok=True)
    log = (data / "server.log").open("w+")
    server = subprocess.Popen(
        [sys.executable, "-m", "jump", "run", "--port", "8700"],
        env=_environment(data),
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield Site(_address(server, data / "server.log"), data)
    finally:
        os.killpg(server.pid, 15)
        server.wait(timeout=20)
        log.close()


def _address(server: "subprocess.Popen[bytes]", log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-3000:]
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            try:
                with urlopen(f"{found.group()}/account/login/", timeout=5) as answer:
                    if answer.status == 200:
                        return found.group()
            except OSError:
                pass
        time.sleep(0.5)
    raise AssertionError(f"the server did not come up: {log.read_text()[-3000:]}")


def sign_in(page: Any, address: str, username: str, password: str = PASSWORD) -> None:
    """Sign in and see that it worked. Only so many may sign in within a minute: then wait, as a person would."""
    for _attempt in range(8):
        page.goto(f"{address}/account/login/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", password)
        with page.expect_navigation():
            page.click("main button[type=submit]")
        if "/account/login/" not in page.url:
            return
        time.sleep(10)
    raise AssertionError(f"{username} could not sign in: {page.inner_text('body')[:300]}")


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Any]:
    """Debian's Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def person(chrome: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """A page of a browser without JavaScript, signed in as one of the example's users (or a stranger)."""
    contexts = []

    def open_page(username: str = "", *, width: int = 1280, script: bool = False) -> Any:
        context = chrome.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        if username:
            sign_in(page, site.url, username)
        return page

    yield open_page
    for context in contexts:
        context.close()
