"""Products and laws about ownership are package data: what is wrong in them is named with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jump.base import packages
from tests.engines.finance.makers import PROGRAMMES


def findings(tmp_path: Path, package: str, file: str, old: str, new: str) -> list[tuple[str, int, str]]:
    """What the check says when one line of a shipped file is spoiled; the line that was spoiled comes with it."""
    for name in ("common", package):
        shutil.copytree(PROGRAMMES / name, tmp_path / name)
    path = tmp_path / package / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    found = packages.check([tmp_path / "common", tmp_path / package])
    return [(one.file, one.line - line, one.message) for one in found]


@pytest.mark.parametrize("package", ["conversion", "incubation"])
def test_the_shipped_packages_have_no_findings(package: str) -> None:
    assert packages.check([PROGRAMMES / "common", PROGRAMMES / package]) == []


@pytest.mark.parametrize(
    ("package", "file", "old", "new", "words"),
    [
        ("incubation", "products.yaml", 'surplus_reserve: "0.45"', 'surplus_reserve: "0.95"', "pass the whole"),
        ("incubation", "products.yaml", 'early: "0.20"', 'early: "0.40"', "above 0.30"),
        ("incubation", "products.yaml", 'liquidity_reserve_share: "0.20"', 'liquidity_reserve_share: "2"', "liquidity"),
        ("incubation", "products.yaml", 'kept_share: "0.25"', 'kept_part: "0.25"', "nobody reads"),
        ("conversion", "products.yaml", "first: 2, last: 6", "first: 6, last: 2", "zero"),
        ("conversion", "products.yaml", "release_by: principal_and_interest", "release_by: luck", "luck"),
        ("conversion", "countries/ES.yaml", 'valid_to: "2015-11-13"', 'valid_to: "2016-11-13"', "same days"),
        ("conversion", "countries/ES.yaml", "members_min: 3", "member_min: 3", "members_min"),
        ("conversion", "countries/ES.yaml", "jurisdiction: ES", "jurisdiction: FR", "are of FR"),
        ("conversion", "countries/US.yaml", "year: 2003", "year: 2002", "stands twice"),
    ],
)
def test_a_spoiled_line_is_found_by_file_and_line(
    tmp_path: Path, package: str, file: str, old: str, new: str, words: str
) -> None:
    found = findings(tmp_path, package, file, old, new)
    assert found, "nothing was found"
    file_named, away, message = found[0]
    assert file_named == f"{package}/{file}"
    assert any(words in one[2] for one in found), [one[2] for one in found]
    # On the line itself, or on the line of the block it stands in (or that it contradicts).
    assert -12 <= away <= 20, (away, message)
