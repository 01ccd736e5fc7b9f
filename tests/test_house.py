"""The house itself: who may import whom, and what no import contract can see."""

import ast
import doctest
import importlib
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "jump"

ROWS = (  # from the top; engines in one row are strangers
    ("reports",),
    ("results",),
    ("decisions",),
    ("cases", "jobs", "finance"),
    ("evidence", "ledger"),
    ("parties",),
)
RANK = {engine: height for height, row in enumerate(reversed(ROWS), start=1) for engine in row}
ENGINE_FILES = {  # a file past some 400 lines becomes a folder of the same name
    "__init__.py", "api.py", "types.py", "models.py", "services.py", "queries.py", "definitions.py", "effects.py",
    "duties.py", "admin.py", "apps.py", "migrations", "templates",
}  # fmt: skip


def python_files(folder: Path, *, migrations: bool = False) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py")):
        if migrations or "migrations" not in path.parts:
            yield path


# Import contracts ----------------------------------------------------------------------------------------


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [str(program), "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    shutil.copytree(
        SOURCE,
        tmp_path / "src" / "jump",
        ignore=lambda _, names: [name for name in names if not ("." not in name or name.endswith(".py"))],
    )
    return tmp_path


def test_every_import_points_down_and_every_engine_is_entered_by_its_door() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("into", "line", "broken"),
    [
        ("engines/finance/planted.py", "from jump.engines.jobs import api", "Engines are ordered"),
        ("engines/ledger/planted.py", "import jump.engines.finance.api", "Engines are ordered"),
        ("base/planted.py", "from jump.engines.parties import api", "Imports point down only"),
        ("engines/finance/planted.py", "from jump.engines.ledger import models", "ledger is entered by"),
        ("web/planted.py", "from jump.engines.jobs.queries import job", "jobs is entered by"),
        ("core/planted.py", "from django.utils import timezone", "The core knows no framework"),
        ("core/planted.py", "import sqlite3", "The core knows no framework"),
        ("helpers/__init__.py", "", "Imports point down only"),
        ("engines/shortcuts/__init__.py", "", "Engines are ordered"),
    ],
    ids=[
        "a sibling engine", "an engine above", "an engine from base", "past a door", "past a door from a page",
        "a framework in core", "a database in core", "a folder nobody placed", "an engine nobody placed",
    ],
)  # fmt: skip
def test_a_planted_import_breaks_the_contract(copy_of_the_house: Path, into: str, line: str, broken: str) -> None:
    planted = copy_of_the_house / "src" / "jump" / into
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{line}\n")
    done = lint_imports(copy_of_the_house)
    assert done.returncode != 0
    verdicts = [said for said in done.stdout.splitlines() if said.startswith(broken) and "BROKEN" in said]
    assert verdicts or broken in done.stdout + done.stderr, done.stdout + done.stderr


def test_the_core_can_be_imported_where_django_is_absent() -> None:
    program = """
import importlib, pkgutil, sys
for name in ("django", "ninja", "sqlite3", "psycopg", "lxml", "openpyxl", "pyxform"):
    sys.modules[name] = None
import jump.core
for module in pkgutil.walk_packages(jump.core.__path__, "jump.core."):
    importlib.import_module(module.name)
print(sorted(name for name in sys.modules if name.startswith("django.")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def core_modules() -> list[str]:
    import jump.core

    return sorted(module.name for module in pkgutil.walk_packages(jump.core.__path__, "jump.core."))


@pytest.mark.parametrize("name", core_modules())
def test_the_examples_in_the_core_say_what_it_does(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


@pytest.mark.parametrize("engine", RANK)
def test_an_engine_has_the_same_files_as_every_other(engine: str) -> None:
    folder = SOURCE / "engines" / engine
    names = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    files = {
        f"{name}.py" if (folder / name / "__init__.py").exists() and name != "migrations" else name for name in names
    }
    assert len(files) == len(names), "a file and a folder of the same name"
    assert files <= ENGINE_FILES
    assert files >= {
        "__init__.py",
        "api.py",
        "types.py",
        "models.py",
        "services.py",
        "queries.py",
        "duties.py",
        "apps.py",
    }


# Four things the contract cannot see ---------------------------------------------------------------------

CLOCKS = {"today", "now", "utcnow", "time", "monotonic", "perf_counter", "time_ns", "localtime", "gmtime"}
CLOCK_OWNERS = {"date", "datetime", "time", "dt", "_dt"}


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def unclean(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of each read of a clock, of unseeded chance, of a file or of the environment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node).endswith("os.environ"):
            yield node.lineno, "os.environ"
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        head, _, last = name.rpartition(".")
        if last in CLOCKS and head.rpartition(".")[2] in CLOCK_OWNERS:
            yield node.lineno, name
        elif last in {"default_rng", "SeedSequence", "Random"} and not (node.args or node.keywords):
            yield node.lineno, f"{name}() without a seed"
        elif head == "random" or head.endswith(("np.random", "numpy.random")):
            if last not in {"default_rng", "SeedSequence", "Generator", "PCG64", "Random", "Philox"}:
                yield node.lineno, f"{name}: chance without a seed"
        elif name in {"open", "os.getenv", "uuid.uuid4", "secrets.token_hex", "secrets.token_urlsafe"}:
            yield node.lineno, name


@pytest.mark.parametrize(
    "planted",
    [
        "date.today()",
        "datetime.datetime.now()",
        "time.time()",
        "random.random()",
        "np.random.normal()",
        "numpy.random.default_rng()",
        "os.environ['X']",
        "open('x')",
    ],
)
def test_a_planted_clock_is_seen(planted: str) -> None:
    assert list(unclean(ast.parse(planted)))
    assert not list(unclean(ast.parse("np.random.default_rng(seed); rng.normal(); period.today; due.time()")))


def test_the_core_reads_no_clock_no_chance_and_no_file() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in python_files(SOURCE / "core")
        for line, name in unclean(ast.parse(path.read_text()))
    ]
    assert found == []


APPROACHES = {
    "jump_cer", "indisco", "labour_contracting", "incubation", "conversion", "revolving_fund", "employment_units",
    "work_permits", "eps_return", "country_scan", "ipec", "womemp", "step", "isep", "acopam", "seed_fund",
}  # fmt: skip


def docstrings(tree: ast.AST) -> set[int]:
    """Ids of the constants that are docstrings, which may give examples."""
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def programmes_named(tree: ast.AST, names: set[str]) -> Iterator[tuple[int, str]]:
    """Line and text of each string that is a programme's name or the full id of something in its package."""
    spared = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared:
            head = re.split(r"[./:]", node.value, maxsplit=1)[0]
            if head in names:
                yield node.lineno, node.value
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            of_programme = any(re.search(r"(programme|package)$", dotted(side)) for side in sides)
            for side in sides:
                if of_programme and isinstance(side, ast.Constant) and isinstance(side.value, str) and side.value:
                    yield side.lineno, f"compared with {side.value!r}"


def test_a_planted_programme_name_is_seen() -> None:
    for planted in (
        "x = 'jump_cer'",
        "if f == 'revolving_fund.rules': pass",
        "if case.programme == 'jump': pass",
    ):
        assert list(programmes_named(ast.parse(planted), APPROACHES))
    assert not list(programmes_named(ast.parse("'''As in jump_cer.'''\nstate = 'open'"), APPROACHES))


def test_no_engine_names_a_programme() -> None:
    folders = {path.parent.name for path in (SOURCE / "programmes").glob("*/programme.yaml")}
    names = (APPROACHES | folders) - {"jump", "common", "training", "step"}  # these are also plain words
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for folder in ("core", "base", "engines")
        for path in python_files(SOURCE / folder)
        for line, text in programmes_named(ast.parse(path.read_text()), names)
    ]
    assert found == []


def test_a_foreign_key_points_down() -> None:
    from django.apps import apps

    wrong = []
    for model in apps.get_models(include_auto_created=True):
        here = model._meta.app_label
        module = model.__module__
        if not module.startswith("jump."):
            continue
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model is None:
                continue
            there = field.related_model._meta.app_label  # type: ignore[union-attr]
            if there == here or there in {"auth", "contenttypes"}:
                continue
            if here == "base" or (there not in {"base"} and RANK.get(there, 99) >= RANK.get(here, 99)):
                wrong.append(f"{here}.{model.__name__}.{field.name} -> {there}")
    assert wrong == []


def effects_in(thing: object) -> Iterator[str]:
    """Every name that stands under `effect:` in package data, at any depth."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key == "effect" and isinstance(value, str):
                yield value
            else:
                yield from effects_in(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from effects_in(value)


def test_every_effect_that_a_package_names_is_offered() -> None:
    from ruamel.yaml import YAML

    from jump.base import outbox

    offered = set(outbox.offered())
    strangers = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((SOURCE / "programmes").rglob("*.yaml"))
        for name in effects_in(YAML(typ="safe", pure=True).load(path.read_text()))
        if name not in offered
    ]
    assert strangers == []


def test_every_engine_answers_the_six_duties() -> None:
    for engine in RANK:
        duties = importlib.import_module(f"jump.engines.{engine}.duties")
        assert duties.REF_KINDS, engine
        assert callable(duties.describe), engine


# What has no place in the product ------------------------------------------------------------------------


def test_pinned_versions_carry_hashes_and_no_address() -> None:
    assert not (ROOT / "uv.lock").exists()
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert not re.search(r"https?://|file://|--index-url|--find-links|--extra-index", text), path.name
        packages = re.findall(r"^[A-Za-z0-9._\[\]-]+==\S+", text, re.M)
        assert len(packages) > 40
        for block in re.split(r"\n(?=\S)", text):
            if "==" in block.split("\n")[0]:
                assert "--hash=sha256:" in block, block.split("\n")[0]


def test_packages_of_a_script_are_pinned_with_checksums_and_no_address() -> None:
    for path in (ROOT / "tools").glob("*/package-lock.json"):
        text = path.read_text()
        assert "://" not in text, f"{path}: take what names an address out, the funding of packages too"
        packages = json.loads(text)["packages"]
        assert all("integrity" in package for name, package in packages.items() if name), path


def test_what_runs_is_a_part_of_what_is_tested() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text()
        return set(re.findall(r"^([A-Za-z0-9._\[\]-]+==[^\s;]+)", text, re.M))

    assert pins("run.txt") <= pins("test.txt") <= pins("test-all.txt") <= pins("bench.txt")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('<p style="color:red">', "a style attribute"),
        ("<svg>\n<style>a{}</style>", "a <style> element"),
        ('<a\n href="/" onclick="x()">', "an on…= attribute"),
        ("<script>x()</script>", "a script with a body"),
        ('<div hx-on:click="x">', "hx-on"),
        ('<a href="javascript:x()">', "a javascript: address"),
    ],
)
def test_what_the_content_policy_would_ignore_is_refused_in_templates(text: str, wrong: str) -> None:
    from tools.lint_templates import in_template

    assert any(said.startswith(wrong) for _, said in in_template(text))
    assert not list(in_template('<script src="{% static \'x.js\' %}" defer></script><p class="style">on = 1</p>'))


def test_a_physical_side_is_refused_in_stylesheets() -> None:
    from tools.lint_templates import in_stylesheet

    for line in ("a { margin-left: 1px }", "a { text-align: right }", "a { left: 0 }"):
        assert list(in_stylesheet(line)), line
    for line in (
        "a { margin-inline-start: 1px }",
        "a { text-align: end }",
        "a { left: 0 } /* physical: paper */",
    ):
        assert not list(in_stylesheet(line)), line


def test_the_five_hundred_and_eleven_requirements_are_listed_once(shared: Path) -> None:
    pattern = re.compile(r"^\| ([A-Z0-9]+-\d+) \|", re.M)
    ours = pattern.findall((ROOT / "docs/reference/requirements.md").read_text())
    assert len(ours) == len(set(ours)) == 511
    assert ours == pattern.findall((shared / "mission/requirements.md").read_text())


def test_a_requirement_counts_only_when_its_test_passed(tmp_path: Path) -> None:
    (tmp_path / "docs/reference").mkdir(parents=True)
    (tmp_path / "tools").mkdir()
    (tmp_path / ".trace").mkdir()
    shutil.copy(ROOT / "tools/trace.py", tmp_path / "tools/trace.py")
    (tmp_path / "docs/reference/requirements.md").write_text(
        "".join(f"| A-0{number} | do something |\n" for number in range(1, 6))
    )
    outcomes = {"A-01": "passed", "A-02": "failed", "A-03": "skipped"}
    tests = {f"t{one}": {"covers": [one], "outcome": outcome} for one, outcome in outcomes.items()}
    tests["both"] = {"covers": ["A-02", "A-04"], "outcome": "passed"}
    (tmp_path / ".trace/test.json").write_text(json.dumps(tests))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "tools/trace.py")], capture_output=True, text=True, check=True
    )
    assert "2 of 5 requirements are covered" in done.stdout
    assert "A covering test failed: A-02" in done.stdout


# Docs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [path for path in sorted((ROOT / "docs").rglob("*.md")) if ">>> " in path.read_text()],
    ids=lambda path: path.stem,
)
def test_the_code_in_a_page_does_what_the_page_says(path: Path) -> None:
    found = doctest.testfile(str(path), module_relative=False)
    assert found.attempted > 0
    assert found.failed == 0


def test_the_package_of_the_tutorial_has_no_findings_and_a_misspelt_step_is_found(tmp_path: Path) -> None:
    from jump.base import packages

    text = (ROOT / "docs/tutorials/write-a-programme-package.md").read_text()
    folder = tmp_path / "school_gardens"
    for name, content in re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", text, re.M | re.S):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    around = [SOURCE / "programmes" / name for name in ("common", "jump")]
    ours = [str(one) for one in packages.check([*around, folder]) if "school_gardens" in str(one)]
    assert ours == []
    procedure = folder / "procedure.yaml"
    procedure.write_text(procedure.read_text().replace("next: visit", "next: vist"))
    found = [str(one) for one in packages.check([*around, folder]) if "school_gardens" in str(one)]
    assert found == [
        "school_gardens/procedure.yaml:14: After letter comes vist, which is not a step. Check the key.",
        "school_gardens/procedure.yaml:16: No way leads to the step visit. "
        "Name it under `next` of another step, or take it out.",
    ]


def test_every_indicator_form_and_effect_is_documented() -> None:
    from jump.base import outbox, packages

    declared = set(outbox.offered())
    for folder in (SOURCE / "programmes").iterdir():
        if (folder / "programme.yaml").exists():
            declared |= {entry.full_id for entry in packages.read(folder).entries}
    documented: set[str] = set()
    for page in ("packages.md", "indicators.md", "effects.md"):
        documented |= set(re.findall(r"`([\w.\-]+)`", (ROOT / "docs/reference" / page).read_text()))
    assert sorted(declared - documented) == [], "run make docs"
