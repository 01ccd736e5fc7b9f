"""A form of either origin is published once, with what devices need beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jump.base import files, packages
from jump.engines.evidence import api as evidence
from tests import makers

VILLAGES = b"name,label\nlamai,Lamai\n"
FROM_FILE = """
| survey |
| | type | name | label | media::image |
| | select_one_from_file villages.csv | village | Village | map.png |
"""


def test_the_xform_of_a_version_names_the_form_and_the_version_that_are_meant(ground: makers.Ground) -> None:
    makers.form(version="1")
    makers.form(version="2")

    assert '<data id="trial.visit" version="1">' in evidence.xform("trial.visit", "1")
    assert '<data id="trial.visit" version="2">' in evidence.xform("visit")


def test_the_files_that_a_form_needs_are_listed_with_their_check_sums(ground: makers.Ground) -> None:
    makers.form("places", FROM_FILE, media={"villages.csv": VILLAGES})

    [table] = evidence.media_of("trial.places")
    assert (table.name, table.mime, table.size) == ("villages.csv", "text/csv", len(VILLAGES))
    assert table.md5 == hashlib.md5(VILLAGES).hexdigest()
    assert table.sha256 == hashlib.sha256(VILLAGES).hexdigest()
    with files.opened(table.file_ref) as kept:
        assert kept.read() == VILLAGES


def test_a_package_is_not_loaded_while_a_file_that_its_form_needs_is_missing(db: None, tmp_path: Path) -> None:
    from jump.base.actors import system_actor

    root = tmp_path / "orchard"
    (root / "forms/places-media").mkdir(parents=True)
    (root / "programme.yaml").write_text(
        'name: orchard\nversion: "1"\ntitle: {en: Orchard}\nlanguages: [en]\nengines: [evidence]\n'
    )
    (root / "forms.yaml").write_text("places: {file: forms/places.md, title: {en: Places}}\n")
    (root / "forms/places.md").write_text(FROM_FILE)
    (root / "forms/places-media/villages.csv").write_bytes(VILLAGES)

    with pytest.raises(packages.PackageBroken) as refused:
        packages.install(system_actor("test"), root)
    assert "The form needs map.png" in str(refused.value.facts["findings"])

    (root / "forms/places-media/map.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    packages.install(system_actor("test"), root)
    assert [one.name for one in evidence.media_of("orchard.places")] == ["map.png", "villages.csv"]
