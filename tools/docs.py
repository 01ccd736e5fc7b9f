"""Writes the reference from the source, makes the site, and fails on a broken link or an id that nobody described.

tools/docs.py            writes docs/reference/*.md (all but requirements.md) and the pages in site/
tools/docs.py --check    writes nothing: fails where the reference is stale, a link broken, an id undescribed
"""

import argparse
import html
import importlib
import inspect
import os
import pkgutil
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "jump"
MADE = "*Made from the source by `make docs`; do not edit.*"


def cell(text: object) -> str:
    """Text that is safe inside a table."""
    return " ".join(str(text).replace("|", "\\|").split())


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    heads = list(head)
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def english(texts: Any) -> str:
    """The English of a text in several languages, or the text itself."""
    return str(texts.get("en", "")) if isinstance(texts, dict) else str(texts or "")


def modules(package: str) -> Iterator[Any]:
    """Every module of a package, imported."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


# One function per page: the text, and what is undescribed -----------------------------------------------


def settings_page() -> tuple[str, list[str]]:
    from jump import settings

    described = set(re.findall(r"^\| (JUMP_\w+) \|", settings.__doc__ or "", re.M))
    used = set()
    for path in SOURCE.rglob("*.py"):
        used.update(
            re.findall(
                r"""(?:environ(?:\.get\(|\[)|getenv\(|_flag\()\s*["'](JUMP_\w+)\b(?!["']\]\s*=[^=])""", path.read_text()
            )
        )
    lines = "\n".join(line for line in (settings.__doc__ or "").splitlines() if line.startswith("|"))
    text = f"# Settings\n\nRead from the environment. Each has a default that is safe on a laptop.\n\n{lines}\n"
    return text, [f"setting {name}: add a row to the table in settings.py" for name in sorted(used - described)]


def refusals_page() -> tuple[str, list[str]]:
    from jump.base.refusals import Refusal

    for package in ("jump.base", "jump.engines", "jump.web", "jump.api", "jump.cli"):
        list(modules(package))

    def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    by_code: dict[str, type[Refusal]] = {}
    missing = []
    for kind in sorted(set(below(Refusal)), key=lambda one: (one.code, one.__name__)):
        if not kind.__module__.startswith("jump."):
            continue
        if kind.code == Refusal.code or str(kind.message) == str(Refusal.message):
            if not kind.__subclasses__():
                missing.append(f"refusal {kind.__module__}.{kind.__name__}: give it a code and a message")
            continue
        by_code.setdefault(kind.code, kind)
    rows = [(f"`{code}`", kind.http_status, str(kind.message), str(kind.what_to_do)) for code, kind in by_code.items()]
    text = (
        "# Refusal codes\n\nWhat JUMP will not do, it refuses by name. The code is stable; the sentence may change. "
        "On the API a refusal is a problem document (RFC 9457) that carries the code and the facts.\n\n"
        + table(("code", "HTTP status", "what it says", "what to do"), rows)
        + "\n"
    )
    return text, missing


def effects_page() -> tuple[str, list[str]]:
    from jump.base import outbox

    rows, missing = [], []
    for name in sorted(outbox.offered()):
        function = outbox._offered[name]
        words = (inspect.getdoc(function) or "").split("\n\n")[0]
        if not words:
            missing.append(f"effect {name}: say in one line what it promises")
        arguments = list(inspect.signature(function).parameters.values())[1:]
        given = ", ".join(
            f"{one.name}" if one.default is inspect.Parameter.empty else f"{one.name} (may be left out)"
            for one in arguments
            if one.kind is not inspect.Parameter.VAR_KEYWORD
        )
        rows.append((f"`{name}`", words, given))
    text = (
        "# Effects\n\nWhat declared data may cause in an engine: named by a step, an accepted form, an outcome, "
        "a contract event or a date. An effect may run twice and then does nothing the second time.\n\n"
        + table(("effect", "what it does", "arguments"), rows)
        + "\n"
    )
    return text, missing


def packages_page() -> tuple[str, list[str]]:
    from jump.base import packages

    parts = ["# Programme packages", "", "What each shipped package declares. Indicators have a page of their own: "
             "[indicators](indicators.md).", ""]  # fmt: skip
    missing: list[str] = []
    for folder in sorted((SOURCE / "programmes").iterdir()):
        if not (folder / "programme.yaml").exists():
            continue
        source = packages.read(folder)
        parts += [f"## {source.name}", ""]
        rows = []
        for kind in sorted({entry.kind for entry in source.entries}):
            if kind in {"indicators", "indicator"}:
                continue
            for entry in source.of(kind):
                data = entry.data if isinstance(entry.data, dict) else {}
                title = english(data.get("title") or data.get("text") or data.get("name"))
                if not title and kind.rstrip("s") in {"form", "procedure", "round", "dossier", "register", "report"}:
                    missing.append(f"{kind} {entry.full_id}: give it a title ({folder.name})")
                rows.append((kind, f"`{entry.full_id}`", title))
        parts += [table(("kind", "id", "title"), rows), ""]
    return "\n".join(parts), missing


def indicators_page() -> tuple[str, list[str]]:
    from jump.base import packages

    parts = ["# Indicators", ""]
    missing: list[str] = []
    for folder in sorted((SOURCE / "programmes").iterdir()):
        if not (folder / "programme.yaml").exists():
            continue
        source = packages.read(folder)
        entries = [entry for entry in source.entries if entry.kind in {"indicator", "indicators"}]
        if not entries:
            continue
        rows = []
        for entry in entries:
            title, words = english(entry.data.get("title")), english(entry.data.get("definition"))
            if not title or not words:
                missing.append(f"indicator {entry.full_id}: give it a title and a definition")
            planned = " (planned: no source yet)" if entry.data.get("planned") else ""
            rows.append((f"`{entry.full_id}`", title + planned, words, entry.data.get("unit", "")))
        parts += [f"## {source.name}", "", table(("id", "title", "definition", "unit"), rows), ""]
    return "\n".join(parts), missing


def api_page() -> tuple[str, list[str]]:
    from ninja import NinjaAPI

    rows, missing = [], []
    module = importlib.import_module("jump.api.urls")
    found = [thing for thing in vars(module).values() if isinstance(thing, NinjaAPI)]
    if not found:
        found = [thing for one in modules("jump.api") for thing in vars(one).values() if isinstance(thing, NinjaAPI)]
    schema = found[0].get_openapi_schema()
    for path, methods in sorted(schema["paths"].items()):
        for method, operation in methods.items():
            words = operation.get("description") or operation.get("summary") or ""
            if not words:
                missing.append(f"API {method.upper()} {path}: say what it promises")
            answers = ", ".join(str(code) for code in operation.get("responses", {}))
            rows.append((f"`{method.upper()} {path}`", words.split("\n\n")[0], answers))
    text = (
        "# API\n\nThe same services that the pages call. The running server gives the whole description as OpenAPI.\n\n"
        + table(("route", "what it does", "answers"), rows)
        + "\n"
    )
    return text, missing


PAGES = {
    "settings.md": settings_page,
    "refusals.md": refusals_page,
    "effects.md": effects_page,
    "packages.md": packages_page,
    "indicators.md": indicators_page,
    "api.md": api_page,
}


# Links, code and the site --------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The names by which the headings of a page can be linked to."""
    return {
        re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.M)
    }


def broken_links(texts: dict[Path, str]) -> list[str]:
    """Each link from one page to another, or to a file of the project, that leads nowhere."""
    found = []
    for path, text in texts.items():
        prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.S)
        for link in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if target not in texts and not target.exists():
                found.append(f"{path.relative_to(ROOT)}: {link}: there is no such file")
            elif anchor and target in texts and anchor not in anchors(texts[target]):
                found.append(f"{path.relative_to(ROOT)}: {link}: there is no such heading")
    return found


def make_site(texts: dict[Path, str], folder: Path) -> None:
    """The pages as HTML beside one stylesheet."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable("table")
    folder.mkdir(exist_ok=True)
    styles = SOURCE / "web/static/jump/jump.css"
    (folder / "jump.css").write_text(styles.read_text() if styles.exists() else "")
    for path, text in texts.items():
        relative = path.relative_to(ROOT)
        target = folder / relative.with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * (len(relative.parts) - 1)
        body = re.sub(r'href="([^":]+)\.md(#[^"]*)?"', r'href="\1.html\2"', reader.render(text))
        title = html.escape(next(iter(re.findall(r"^# (.*)$", text, re.M)), relative.stem))
        target.write_text(
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title} · JUMP</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="stylesheet" href="{up}jump.css"></head>\n'
            f'<body><main class="wrap">\n<p><a href="{up}README.html">JUMP</a></p>\n{body}</main></body></html>\n'
        )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    checking = parser.parse_args().check
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jump.settings")
    os.environ.setdefault("JUMP_SECRET_KEY", "only for making the docs")
    data = tempfile.TemporaryDirectory(prefix="jump-docs-")
    os.environ.setdefault("JUMP_DATA", data.name)
    import django

    django.setup()
    problems: list[str] = []
    for name, page in PAGES.items():
        text, missing = page()
        head, _, rest = text.partition("\n\n")
        text = f"{head}\n\n{MADE}\n\n{rest}".rstrip() + "\n"
        problems += missing
        path = DOCS / "reference" / name
        if not checking:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            problems.append(f"docs/reference/{name}: out of date: run make docs")
    texts = {path: path.read_text() for path in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]}
    problems += broken_links(texts)
    if not checking:
        make_site(texts, ROOT / "site")
        print(f"{len(texts)} pages in site/, beginning with site/README.html")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
