"""Forms of others pass or are refused by name, and nothing that calls itself a form makes the product stumble.

`JUMP_XLSFORMS=/some/folder pytest tests/conformance/test_xlsforms.py` runs another folder, as does
`python -m tests.conformance.xlsforms /some/folder`.
"""

import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from jump.engines.evidence.definitions import xlsform
from jump.engines.evidence.definitions.sheets import Problem
from tests import makers
from tests.conformance.xlsforms import forms_in, judge, report

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("JUMP_XLSFORMS", ROOT.parent / "shared" / "data" / "xlsforms"))
FORMS = forms_in(FOLDER) if FOLDER.is_dir() else []

# What the README beside the forms says of them: how many binds, or sheet and row of what stops them.
CONVERT = {
    "socio_economic_survey.xlsx": 18,
    "ifrc_distribution_site_assessment.xlsx": 98,
    "all_question_types.xlsx": 85,
    "pma_bfr5_selection.xlsx": 41,
    "sofala_s3m.xlsx": 520,
    "kobo_nested_repeats.xls": 11,
}
STOPPED = {
    "rhomis_core_livelihoods_v1_6.xlsx": {("choices", 67), ("choices", 68), ("choices", 69)},
    "unhcr_mena_household.xls": {("choices", 160)},
    "pma_household_questionnaire.xlsx": {("survey", 9)},
    "surveycto_head_aggregation.xlsx": {("survey", 22)},
}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_outside_form_passes_or_is_refused_by_name(path: Path, db: None) -> None:
    scope = makers.ground().scope
    result = judge(path, scope)
    assert result.is_good, result.lines
    if path.name in CONVERT:
        assert result.verdict == "passed", result.lines
    if path.name in STOPPED:
        assert result.verdict == "refused"


@pytest.mark.skipif(not FORMS, reason=f"no forms under {FOLDER}")
@pytest.mark.parametrize("name", sorted(CONVERT))
def test_an_open_form_has_as_many_binds_as_its_readme_says(name: str) -> None:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not in this folder")
    assert xlsform.convert(path.read_bytes()).xform.count("<bind ") == CONVERT[name]


@pytest.mark.skipif(not FORMS, reason=f"no forms under {FOLDER}")
@pytest.mark.parametrize("name", sorted(STOPPED))
def test_an_open_form_that_cannot_be_used_is_stopped_where_its_readme_says(name: str) -> None:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not in this folder")
    with pytest.raises(xlsform.FormBroken) as found:
        xlsform.convert(path.read_bytes())
    assert {(one.sheet, one.row) for one in found.value.problems} >= STOPPED[name]
    assert all(one.message and one.what_to_do for one in found.value.problems)


# Files that only call themselves forms ----------------------------------------------------------------

HEADINGS = ["type", "name", "label"]


def workbook(survey: list[list[str]], name: str = "survey", **sheets: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    for title, rows in {name: survey, **sheets}.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def packed(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD: dict[str, Callable[[], bytes]] = {
    "nothing at all": lambda: b"",
    "blanks": lambda: b"   \r\n\t",
    "noise": lambda: random.Random(1).randbytes(5_000),
    "noise that begins like an xlsx": lambda: b"PK\x03\x04" + random.Random(2).randbytes(900),
    "noise that begins like an xls": lambda: OLD + random.Random(3).randbytes(5_000),
    "a text": lambda: b"Dear colleague, please find the form attached.",
    "a Word document": lambda: packed(word__document=b"<a/>"),
    "a password": lambda: OLD + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 900,
    "a bomb": lambda: packed(**{"xl__workbook.xml": b"<a/>", "xl__sheet.xml": b"0" * 150_000_000}),
    "an empty sheet": lambda: workbook([]),
    "headings only": lambda: workbook([HEADINGS]),
    "no sheet survey": lambda: workbook([HEADINGS], name="first", second=[["a"]]),
    "no headings": lambda: workbook([["Our form"], ["please", "fill"]]),
    "a hundred thousand rows": lambda: workbook([HEADINGS, *(["text", f"q{n}", "Q"] for n in range(100_000))]),
    "groups in groups": lambda: workbook([HEADINGS, *(["begin_group", f"g{n}", "G"] for n in range(300))]),
    "one name for all": lambda: workbook([HEADINGS, *(["text", "same", "Q"] for _n in range(50))]),
    "ends without beginnings": lambda: workbook([HEADINGS, *(["end_repeat", "", ""] for _n in range(50))]),
}


@pytest.mark.parametrize("kind", sorted(BAD))
def test_what_only_calls_itself_a_form_is_refused_in_words(kind: str) -> None:
    with pytest.raises(xlsform.FormBroken) as found:
        xlsform.convert(BAD[kind]())
    assert all(one.sheet and one.message and one.what_to_do for one in found.value.problems)


WORDS = st.sampled_from(
    [
        "",
        "text",
        "integer",
        "select_one l",
        "select_multiple nothing",
        "begin_group",
        "end_group",
        "begin repeat",
        "end repeat",
        "calculate",
        "note",
        "rank l",
        "range",
        "image",
        "a",
        "b",
        "a b",
        "1a",
        "${a}",
        "${a",
        "${}",
        "${a} + ${b}",
        "sum(${a})",
        "regex(., '(')",
        "once(",
        "yes",
        "#REF!",
        "start=1 end=3 step=1",
        "'",
        "data",
        "meta",
        "مرحبا",
        "\x0b",
        "../a",
        "jr:choice-name(${a}, '${b}')",
    ]
)
COLUMNS = [
    "type",
    "name",
    "label",
    "relevant",
    "constraint",
    "calculation",
    "choice_filter",
    "parameters",
    "repeat_count",
]


@given(
    survey=st.lists(st.lists(WORDS, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=8),
    choices=st.lists(st.lists(WORDS, min_size=3, max_size=3), max_size=4),
)
def test_any_cells_make_a_form_or_problems_with_a_place_and_a_remedy(
    survey: list[list[str]], choices: list[list[str]]
) -> None:
    lines = ["| survey |", f"| | {' | '.join(COLUMNS)} |", *(f"| | {' | '.join(row)} |" for row in survey)]
    lines += ["", "| choices |", "| | list_name | name | label |", *(f"| | {' | '.join(row)} |" for row in choices)]
    converted, found = made_of("\n".join(lines).replace("\x0b", ""))
    assert converted is None or "<h:html" in converted.xform
    assert converted is not None or found
    assert all(one.sheet and one.message and one.what_to_do for one in found)
    assert not any("Traceback" in one.message or "pyxform cannot convert" in one.message for one in found)


def made_of(written: str) -> tuple[xlsform.Converted | None, list[Problem]]:
    try:
        return xlsform.convert(written.encode()), []
    except xlsform.FormBroken as broken:
        return None, broken.problems


# The command ------------------------------------------------------------------------------------------


def test_the_command_ends_well_only_if_every_form_passes_or_is_refused_by_name(tmp_path: Path) -> None:
    good = [HEADINGS, ["text", "head", "Head"], ["integer", "members", "Members"]]
    (tmp_path / "good.xlsx").write_bytes(workbook(good))
    (tmp_path / "good.xls").write_bytes(workbook([HEADINGS, ["text", "other", "Another form of the same number"]]))
    (tmp_path / "broken.xlsx").write_bytes(workbook([HEADINGS, ["txt", "head", "Head"]]))
    (tmp_path / "noise.xls").write_bytes(BAD["noise that begins like an xls"]())
    command = [sys.executable, "-m", "tests.conformance.xlsforms", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "broken.xlsx: refused" in done.stdout
    assert "sheet survey, row 2, column type" in done.stdout
    assert "4 forms: 2 pass, 2 are refused by name, 0 fail" in done.stdout


def test_a_form_that_fails_ends_badly(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jump.engines.evidence.definitions import answers

    path = tmp_path / "good.xlsx"
    path.write_bytes(workbook([HEADINGS, ["integer", "members", "Members"]]))
    scope = makers.ground().scope
    assert report([judge(path, scope)]) == 0

    monkeypatch.setitem(answers._READERS, "integer", lambda text: text)  # a check that no longer checks
    (tmp_path / "other.xlsx").write_bytes(workbook([HEADINGS, ["integer", "people", "People"]]))
    monkeypatch.setattr(answers, "UNKNOWN_QUESTION", "", raising=True)
    monkeypatch.setattr(answers._Sheet, "_look_for_strangers", lambda *_given: None)
    assert report([judge(tmp_path / "other.xlsx", scope)]) == 1
