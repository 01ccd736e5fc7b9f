"""Refuses in templates what the content policy would ignore, and in stylesheets what breaks right-to-left pages.

Templates: no style="…", no <style>, no on…="…", no script with a body, no hx-on, no js: and no javascript: address.
Stylesheets: no physical left and right; use inline-start and inline-end. A line that truly means the paper's or the
screen's side says so in a comment: /* physical: why */.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

IN_TEMPLATES = [
    (
        re.compile(r"<[a-zA-Z][^<>]*?\sstyle\s*=", re.S),
        "a style attribute: use a class or an SVG attribute",
    ),
    (re.compile(r"<style\b", re.I), "a <style> element: use the stylesheet"),
    (re.compile(r"<[a-zA-Z][^<>]*?\son[a-z]+\s*=", re.S), "an on…= attribute: listen from a script file"),
    (re.compile(r"<script\b[^>]*>(?!\s*</script>)", re.I), "a script with a body: put it into a file"),
    (re.compile(r"\bhx-on\b"), "hx-on: it needs eval"),
    (re.compile(r"""["'](?:javascript|js):""", re.I), "a javascript: address"),
]
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)\b|(?:left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
    r"|border-(?:top|bottom)-(?:left|right)-radius)"
)


def in_template(text: str) -> Iterator[tuple[int, str]]:
    """Line and what is wrong, for one template. Django's comments are not looked at."""
    text = re.sub(r"\{#.*?#\}", lambda found: " " * len(found[0]), text)
    text = re.sub(r"\{% comment.*?endcomment %\}", lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.S)
    for pattern, wrong in IN_TEMPLATES:
        for found in pattern.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, wrong


def in_stylesheet(text: str) -> Iterator[tuple[int, str]]:
    """Line and what is wrong, for one stylesheet."""
    for number, line in enumerate(text.splitlines(), start=1):
        if PHYSICAL.search(line) and "/* physical:" not in line:
            yield (
                number,
                "a physical left or right: use inline-start or inline-end, or say /* physical: why */",
            )


def main() -> int:
    found = 0
    for folder in (ROOT / "src",):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".svg"} and path.is_file():
                problems = in_template(path.read_text())
            elif path.suffix == ".css" and not path.name.endswith(".min.css"):
                problems = in_stylesheet(path.read_text())
            else:
                continue
            for line, wrong in problems:
                print(f"{path.relative_to(ROOT)}:{line}: {wrong}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
