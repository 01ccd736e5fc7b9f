"""Compiles translations, and checks them; needs no gettext programs.

tools/translations.py            writes each .mo beside its .po
tools/translations.py --check    fails on a stale .mo, on a lost or made-up placeholder, on an entry marked fuzzy;
                                 says how many of our sentences each language has
"""

import ast
import gettext
import io
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "jump"
PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sdf]|%[sdf](?![a-z])|\{[a-z_0-9.]*\}")
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}

Entries = dict[tuple[str, str, str], list[str]]  # (context, sentence, plural) -> translations


def read_po(path: Path) -> tuple[Entries, list[str]]:
    """The entries of a .po file, and what is wrong with it."""
    entries: Entries = {}
    problems: list[str] = []
    parts: dict[str, str] = {}
    field = ""
    fuzzy = False
    start = 0

    def close() -> None:
        nonlocal parts, fuzzy
        if "msgid" in parts:
            texts = [text for name, text in sorted(parts.items()) if name.startswith("msgstr")]
            key = (parts.get("msgctxt", ""), parts["msgid"], parts.get("msgid_plural", ""))
            where = f"{path.relative_to(ROOT)}:{start}"
            if fuzzy:
                problems.append(f"{where}: marked fuzzy: check it and take the mark away")
            for text in texts:
                allowed = set(PLACEHOLDER.findall(key[1])) | set(PLACEHOLDER.findall(key[2]))
                given = set(PLACEHOLDER.findall(text))
                if key[1] and text and given - allowed:
                    problems.append(f"{where}: has {', '.join(sorted(given - allowed))}, which the sentence has not")
                if key[1] and text and not key[2] and allowed - given:
                    problems.append(f"{where}: lacks {', '.join(sorted(allowed - given))}")
            entries[key] = texts
        parts, fuzzy = {}, False

    for number, line in enumerate(path.read_text().splitlines(), start=1):
        line = line.strip()
        if line.startswith("#~") or not line or (line.startswith("#") and field == "msgstr"):
            if "msgstr" in "".join(parts):
                close()
                field = ""
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        found = re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)\s+(".*")$', line)
        if found:
            field = found[1]
            if field in {"msgid", "msgctxt"} and any(name.startswith("msgstr") for name in parts):
                close()
            if field == "msgid":
                start = number
            parts[field] = ast.literal_eval(found[2])
        elif line.startswith('"') and field:
            parts[field] += ast.literal_eval(line)
    close()
    return entries, problems


def mo_bytes(entries: Entries) -> bytes:
    """The compiled form, as gettext reads it."""
    rows = {}
    for (context, sentence, plural), texts in entries.items():
        if not any(texts):
            continue
        key = (f"{context}\x04" if context else "") + sentence + (f"\x00{plural}" if plural else "")
        rows[key.encode()] = "\x00".join(texts).encode()
    keys = sorted(rows)
    count = len(keys)
    ids = b"".join(key + b"\x00" for key in keys)
    texts_ = b"".join(rows[key] + b"\x00" for key in keys)
    begin_ids = 28 + 16 * count
    begin_texts = begin_ids + len(ids)
    table_ids, table_texts = [], []
    at_id, at_text = begin_ids, begin_texts
    for key in keys:
        table_ids += [len(key), at_id]
        table_texts += [len(rows[key]), at_text]
        at_id += len(key) + 1
        at_text += len(rows[key]) + 1
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    return head + struct.pack(f"<{4 * count}I", *table_ids, *table_texts) + ids + texts_


def catalogue(compiled: bytes) -> dict[object, str]:
    """What a compiled file says, whatever program compiled it."""
    said = dict(gettext.GNUTranslations(io.BytesIO(compiled))._catalog)  # type: ignore[attr-defined]
    return {key: text for key, text in said.items() if key != ""}


def our_sentences() -> set[str]:
    """Every sentence that the source marks for translation."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
                continue
            position = 1 if node.func.id.startswith("pgettext") else 0
            if len(node.args) > position and isinstance(node.args[position], ast.Constant):
                found.add(str(node.args[position].value))
    for path in SOURCE.rglob("*.html"):
        text = path.read_text()
        found.update(second for _, second in re.findall(r"""\{% translate (["'])(.*?)\1""", text))
        found.update(second for _, second in re.findall(r"""[ =(]_\((["'])(.*?)\1\)""", text))
    return found


def main() -> int:
    checking = "--check" in sys.argv
    sentences = our_sentences()
    wrong = 0
    for path in sorted(SOURCE.rglob("locale/*/LC_MESSAGES/*.po")):
        entries, problems = read_po(path)
        compiled = mo_bytes(entries)
        target = path.with_suffix(".mo")
        if not checking:
            target.write_bytes(compiled)
        elif not target.exists() or catalogue(target.read_bytes()) != catalogue(compiled):
            problems.append(f"{target.relative_to(ROOT)}: stale: run tools/translations.py")
        for problem in problems:
            print(problem)
        wrong += len(problems)
        have = sum(any(entries.get(("", one, ""), [])) for one in sentences)
        print(f"{path.relative_to(SOURCE)}: {have} of {len(sentences)} sentences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
