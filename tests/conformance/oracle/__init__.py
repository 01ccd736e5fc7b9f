"""ODK's own form engine as a judge of ours: fetched by npm in one pinned version, run in Chromium.

Nothing of it is kept in the repository. `var/oracle` holds what was fetched.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any  # what a page of a browser answers is JSON

from lxml import etree

HERE = Path(__file__).resolve().parent
KEPT = HERE.parents[2] / "var" / "oracle"
SHA256 = "cf28450b1d2987ea139b45f540b27f49c24e7621a43ccd6afa3ae488ce8eaf45"
ORIGIN = "https://oracle.test"  # answered by the test itself
SECONDS = 120


class NoOracle(Exception):
    """The engine cannot be had here; the message says why."""


def engine() -> Path:
    """The engine's one file, fetched once and checked against its checksum. Raises NoOracle."""
    held = KEPT / "engine.js"
    if held.exists():
        return held
    if shutil.which("npm") is None:
        raise NoOracle("npm is not installed (on Debian: apt-get install npm)")
    [(name, version)] = json.loads((HERE / "package.json").read_text())["dependencies"].items()
    KEPT.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{version}"],
            cwd=KEPT,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NoOracle(f"npm gives no {name} {version}: {error}") from error
    [packed] = KEPT.glob("*.tgz")
    found = hashlib.sha256(packed.read_bytes()).hexdigest()
    if found != SHA256:
        raise NoOracle(f"{name} {version} has the checksum {found}, not {SHA256}")
    with tarfile.open(packed) as archive:
        content = archive.extractfile("package/dist/index.js")
        assert content is not None
        held.write_bytes(content.read())
    return held


class Oracle:
    """A page of a browser in which the engine waits."""

    def __init__(self, page: Any) -> None:
        files = {"/engine.js": engine(), "/driver.js": HERE / "driver.js"}
        page.route(f"{ORIGIN}/**", lambda route: self._serve(route, files))
        page.goto(f"{ORIGIN}/")
        page.wait_for_function("globalThis.isReady === true")
        self.page = page

    @staticmethod
    def _serve(route: Any, files: Mapping[str, Path]) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path in files:
            route.fulfill(body=files[path].read_text(), content_type="text/javascript")
        else:
            route.fulfill(body='<script type="module" src="/driver.js"></script>', content_type="text/html")

    def ask(self, xform: str, instance: str) -> list[dict[str, Any]]:
        """What the engine makes of a filling: a row for every node."""
        found: list[dict[str, Any]] = self.page.evaluate(
            "([xform, instance]) => ask(xform, instance)", [xform, instance]
        )
        return found


# The same filling as a device holds it ----------------------------------------------------------------


def instance_of(xform: str, schema: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """Answers as the instance that a device would keep."""
    tree = etree.fromstring(xform.encode())
    root = tree.find(".//{http://www.w3.org/2002/xforms}instance")
    assert root is not None
    made = etree.Element("data", id=root[0].get("id", ""), version=root[0].get("version", ""))
    _fill(made, schema["fields"], answers)
    meta = etree.SubElement(made, "meta")
    etree.SubElement(meta, "instanceID").text = "uuid:00000000-0000-4000-8000-000000000000"
    return etree.tostring(made, encoding="unicode")


def _fill(parent: Any, fields: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> None:
    from jump.engines.evidence.definitions.answers import node_text

    for field in fields:
        if field["type"] == "repeat":
            for row in answers.get(field["key"]) or ():
                _fill(etree.SubElement(parent, field["name"]), field["children"], row)
        elif field["type"] == "group":
            _fill(etree.SubElement(parent, field["name"]), field["children"], answers)
        else:
            value = answers.get(field["key"])
            etree.SubElement(parent, field["name"]).text = "" if _is_worked_out(field) else node_text(value)


def _is_worked_out(field: Mapping[str, Any]) -> bool:
    """Whether the engine is to work the value out; what chance gave once is told to both."""
    return bool(field.get("calculate")) and "random(" not in field["calculate"]


def references(
    fields: Sequence[Mapping[str, Any]], answers: Mapping[str, Any], above: str = "/data", prefix: str = ""
) -> Iterator[tuple[str, str, Mapping[str, Any], Any]]:
    """The engine's reference of every question and our path, its field and its answer."""
    for field in fields:
        here = f"{above}/{field['name']}"
        if field["type"] == "repeat":
            for number, row in enumerate(answers.get(field["key"]) or ()):
                path = f"{prefix}{field['key']}.{number}"
                yield from references(field["children"], row, f"{here}[{number + 1}]", f"{path}.")
        elif field["type"] == "group":
            yield from references(field["children"], answers, here, prefix)
        else:
            yield here, f"{prefix}{field['key']}", field, answers.get(field["key"])
