"""The core reads no clock, no chance and no framework, and what its docstrings show is true."""

import ast
import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import jump.core

ROOT = Path(jump.core.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = sorted(found.name for found in pkgutil.walk_packages([str(ROOT)], "jump.core."))

CLOCK = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("time", "time"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
}
ALLOWED_OUTSIDE = {"anyascii", "jump", "numpy", "rapidfuzz"}
REFUSED_STANDARD = {
    "os",
    "sys",
    "io",
    "pathlib",
    "subprocess",
    "socket",
    "sqlite3",
    "time",
    "uuid",
    "secrets",
    "logging",
}
REFUSED_CALLS = {"eval", "exec", "compile", "open", "input", "print", "__import__", "globals"}


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_of_the_core_reads_the_clock_or_unseeded_chance(path: Path) -> None:
    for call in calls(ast.parse(path.read_text("utf-8"))):
        match call.func:
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                assert (owner, name) not in CLOCK, f"line {call.lineno}: today is an argument"
                if owner == "random":
                    assert name == "Random", f"line {call.lineno}: draw from random.Random(seed)"
                    assert call.args, f"line {call.lineno}: give the seed"
            case ast.Attribute(value=ast.Attribute(attr="random"), attr=name):
                assert name == "default_rng", f"line {call.lineno}: draw from default_rng(seed)"
                assert call.args, f"line {call.lineno}: give the seed"
            case ast.Name(id=name):
                assert name not in REFUSED_CALLS, f"line {call.lineno}: {name} has no place in the core"
            case _:
                pass


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_imports_nothing_but_the_standard_library_numpy_and_itself(path: Path) -> None:
    import sys

    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.partition(".")[0]
            assert top in ALLOWED_OUTSIDE or top in sys.stdlib_module_names, f"{name} is not for the core"
            assert top not in REFUSED_STANDARD, f"{name} reaches outside"
            assert top != "jump" or name.startswith("jump.core"), f"{name} lies above the core"


@pytest.mark.parametrize("name", MODULES)
def test_what_the_docstrings_show_is_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_values_of_the_core_cannot_be_changed() -> None:
    """Every dataclass that leaves a module is frozen and has slots."""
    import dataclasses

    for name in MODULES:
        module = importlib.import_module(name)
        for public in [thing for key, thing in vars(module).items() if not key.startswith("_")]:
            if isinstance(public, type) and dataclasses.is_dataclass(public) and public.__module__ == name:
                parameters = public.__dataclass_params__  # type: ignore[attr-defined]
                assert parameters.frozen, f"{name}.{public.__name__} is not frozen"
                assert "__slots__" in vars(public), f"{name}.{public.__name__} has no slots"
