"""A package is checked like code: every finding names file and line, and nothing is loaded while one stands."""

from pathlib import Path

import pytest

from jump.base import packages
from jump.base.actors import ANONYMOUS, system_actor
from jump.base.models import PackageVersion
from jump.base.packages import PackageBroken, UnknownDefinition, VersionTaken
from jump.base.refusals import NotAllowed

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")

FRAME = """name: canteens
version: "1"
title: {en: School canteens, fr: Cantines scolaires}
languages: [en, fr]
engines: [cases]
"""
MESSAGES = """welcome:
  title: {en: Welcome, fr: Bienvenue}
  body: {en: Good day, fr: Bonjour}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "canteens"
    made.mkdir()
    (made / "programme.yaml").write_text(FRAME)
    (made / "messages.yaml").write_text(MESSAGES)
    return made


def said(folder: Path) -> list[str]:
    return [str(finding) for finding in packages.check([folder])]


def test_a_sound_package_has_no_finding_and_installs_once(folder: Path) -> None:
    assert said(folder) == []
    first = packages.install(ACTOR, folder)
    assert packages.install(ACTOR, folder).pk == first.pk
    found = packages.definition("messages", "canteens.welcome")
    assert (found.package, found.version, found.data["title"]["fr"]) == ("canteens", "1", "Bienvenue")


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("messages.yaml", "welcome:\n  title: [\n", "canteens/messages.yaml:3: This is not YAML"),
        ("messages.yaml", "", "canteens/messages.yaml:1: The file is empty."),
        (
            "messages.yaml",
            MESSAGES + "bye:\n  title: {en: Bye, fr: Au revoir}\n",
            "canteens/messages.yaml:4: canteens.bye: the entry lacks body.",
        ),
        ("messages.yaml", MESSAGES.replace(", fr: Bonjour", ""), "canteens/messages.yaml:3: This text has no fr."),
        ("messages.yaml", MESSAGES + MESSAGES, "canteens/messages.yaml:4: The key welcome stands twice."),
        ("mesages.yaml", MESSAGES, "canteens/mesages.yaml:1: No engine reads the file mesages.yaml."),
        (
            "programme.yaml",
            FRAME.replace("canteens", "lunch"),
            "canteens/programme.yaml:1: The package is called lunch",
        ),
        ("programme.yaml", FRAME + "uses: [nobody]\n", "canteens/programme.yaml:6: The package nobody is neither"),
        ("codes/x.yaml", "id: x\nitems: yes\n", "canteens/codes/x.yaml:2: canteens.x: items:"),
    ],
)
@pytest.mark.covers("REPLICATE-01")
def test_a_broken_package_is_named_by_file_and_line_and_nothing_is_loaded(
    folder: Path, file: str, text: str, expected: str
) -> None:
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text)
    assert any(line.startswith(expected) for line in said(folder)), said(folder)
    with pytest.raises(PackageBroken):
        packages.install(ACTOR, folder)
    assert PackageVersion.objects.count() == 0


def test_a_folder_without_programme_yaml_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert said(tmp_path / "empty") == [
        "empty/programme.yaml:1: The package has no programme.yaml. Add one: name, version, title."
    ]


@pytest.mark.covers("CER-24")
def test_a_changed_package_needs_a_new_version_and_the_old_one_stays_readable(folder: Path) -> None:
    packages.install(ACTOR, folder)
    (folder / "messages.yaml").write_text(MESSAGES.replace("Good day", "Hello"))
    with pytest.raises(VersionTaken):
        packages.install(ACTOR, folder)
    (folder / "programme.yaml").write_text(FRAME.replace('"1"', '"2"'))
    packages.install(ACTOR, folder)
    assert packages.definition("messages", "canteens.welcome").data["body"]["en"] == "Hello"
    assert packages.definition("messages", "canteens.welcome", "1").data["body"]["en"] == "Good day"


def test_numbers_with_a_point_and_dates_stay_text_so_that_nothing_becomes_a_float(folder: Path) -> None:
    (folder / "messages.yaml").write_text(
        "a:\n  title: {en: x, fr: x}\n  body: {en: y, fr: y}\n  n: [1, 2.50, 2004-01-31]\n"
    )
    entry = packages.read(folder).of("messages")[0]
    assert entry.data["n"] == [1, "2.50", "2004-01-31"]


def test_only_who_may_load_packages_loads_them(folder: Path) -> None:
    with pytest.raises(NotAllowed):
        packages.install(ANONYMOUS, folder)
    with pytest.raises(UnknownDefinition):
        packages.definition("messages", "canteens.welcome")
