"""The frame's words in French, Spanish and Arabic: all there, compiled in line with the readable ones."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest

import jump.web

WEB = Path(jump.web.__file__).parent
FRAME_FOLDERS = ("account", "components", "frame", "mfa", "states")
LANGUAGES = ("fr", "es", "ar")


def entries(language: str) -> dict[str, list[str]]:
    """Each msgid with its translations (several where there are plural forms)."""
    found: dict[str, list[str]] = {}
    for chunk in (WEB / f"locale/{language}/LC_MESSAGES/django.po").read_text().split("\n\n")[1:]:
        parts: dict[str, str] = {}
        key = ""
        for row in chunk.splitlines():
            named = re.match(r"(msgid_plural|msgid|msgstr(?:\[\d\])?) (\".*\")", row)
            if named:
                key = named[1]
                parts[key] = ast.literal_eval(named[2])
            elif row.startswith('"'):
                parts[key] += ast.literal_eval(row)
        if "msgid" in parts:
            found[parts["msgid"]] = [text for name, text in parts.items() if name.startswith("msgstr")]
    return found


def words_of_templates() -> set[str]:
    """Every sentence that a template of the frame marks for translation (blocks are checked by their pages)."""
    marked: set[str] = set()
    for template in [
        WEB / "templates/base.html",
        *(p for f in FRAME_FOLDERS for p in (WEB / "templates" / f).rglob("*.html")),
    ]:
        text = template.read_text()
        marked |= set(re.findall(r'{%\s*translate "([^"]+)"', text))
        marked |= set(re.findall(r'[ =(]_\("([^"]+)"\)', text))
    return marked


@pytest.mark.covers("CROSS-02")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_frame_is_translated(language: str) -> None:
    catalogue = entries(language)
    assert len(catalogue) > 200
    assert [msgid for msgid, texts in catalogue.items() if not all(texts)] == []
    assert words_of_templates() - set(catalogue) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_says_what_the_readable_one_says(language: str) -> None:
    with (WEB / f"locale/{language}/LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for msgid, texts in entries(language).items():
        if len(texts) == 1:
            assert compiled.gettext(msgid) == texts[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_every_blank_that_the_page_fills(language: str) -> None:
    for msgid, texts in entries(language).items():
        if len(texts) == 1:
            assert set(re.findall(r"%\(\w+\)s", msgid)) == set(re.findall(r"%\(\w+\)s", texts[0])), msgid
