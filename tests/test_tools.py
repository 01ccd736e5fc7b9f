"""The project's own small tools do what their pages say."""

import gettext
import io
import subprocess
from pathlib import Path

import pytest

from tools import translations
from tools.docs import anchors, broken_links, table
from tools.postgres import MISSING, Cluster, binaries

ROOT = Path(__file__).resolve().parent.parent

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

#: a.py:1
msgid "Save the repayment"
msgstr "Enregistrer "
"le remboursement"

#: a.py:2
msgid "%(count)s person"
msgid_plural "%(count)s people"
msgstr[0] "%(count)s personne"
msgstr[1] "%(count)s personnes"

msgctxt "month"
msgid "May"
msgstr "mai"

msgid "Not yet"
msgstr ""
"""


@pytest.fixture
def po(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    path = tmp_path / "django.po"
    path.write_text(PO)
    return path


def test_a_compiled_translation_is_what_gettext_reads(po: Path) -> None:
    entries, problems = translations.read_po(po)
    assert problems == []
    catalogue = gettext.GNUTranslations(io.BytesIO(translations.mo_bytes(entries)))
    assert catalogue.gettext("Save the repayment") == "Enregistrer le remboursement"
    assert catalogue.ngettext("%(count)s person", "%(count)s people", 1) == "%(count)s personne"
    assert catalogue.ngettext("%(count)s person", "%(count)s people", 2) == "%(count)s personnes"
    assert catalogue.pgettext("month", "May") == "mai"
    assert catalogue.gettext("Not yet") == "Not yet"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('msgid "%(sum)s paid"\nmsgstr "payé"', "lacks %(sum)s"),
        ('msgid "paid"\nmsgstr "%(sum)s payé"', "has %(sum)s, which the sentence has not"),
        ('#, fuzzy\nmsgid "paid"\nmsgstr "payé"', "marked fuzzy"),
    ],
)
def test_a_translation_that_would_break_a_page_is_named_with_its_line(po: Path, entry: str, said: str) -> None:
    po.write_text(f"{PO}\n{entry}\n")
    _, problems = translations.read_po(po)
    assert len(problems) == 1
    assert said in problems[0]
    assert problems[0].startswith("django.po:")


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    here = ROOT / "docs" / "planted.md"
    there = ROOT / "docs" / "other.md"
    texts = {
        here: "[a](other.md) [b](other.md#what-is-owed) [c](nowhere.md) [d](other.md#gone) [e](https://example.org)",
        there: "# Other\n\n## What is owed?\n",
    }
    assert broken_links(texts) == [
        "docs/planted.md: nowhere.md: there is no such file",
        "docs/planted.md: other.md#gone: there is no such heading",
    ]
    assert anchors(texts[there]) == {"other", "what-is-owed"}
    assert table(("a",), [("x | y",)]) == "| a |\n|---|\n| x \\| y |"


def test_a_private_cluster_survives_being_killed_and_leaves_nothing() -> None:
    if binaries() is None:
        pytest.skip(MISSING)
    import psycopg

    cluster = Cluster(durable=True).make()
    try:
        with psycopg.connect(host=str(cluster.folder), user="jump", dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        cluster.kill()
        cluster.start()
        with psycopg.connect(host=str(cluster.folder), user="jump", dbname="postgres") as connection:
            row = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert row == (1,)
    finally:
        cluster.stop()
    assert not cluster.folder.exists()


@pytest.mark.parametrize("script", ["tools/env", "tools/lint", "tools/pin", "tools/test-all", ".ci/run"])
def test_each_script_is_sound_shell_and_may_be_run(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True).stderr == ""
