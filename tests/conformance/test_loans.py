"""Every case of the outside folder agrees on every asserted figure.

`JUMP_LOAN_CASES=/some/folder pytest tests/conformance/test_loans.py` runs another folder in the same format, as does
`python -m tests.conformance.loans /some/folder`.
"""

import json
import os
from pathlib import Path

import pytest

from tests.conformance.loan_cases import LoanCase, read_folder
from tests.conformance.loans import differences, main

FOLDER = Path(os.environ.get("JUMP_LOAN_CASES", Path(__file__).resolve().parents[3] / "shared" / "data" / "loans"))
CASES = read_folder(FOLDER) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not CASES, reason=f"no loan cases under {FOLDER}")


@pytest.mark.parametrize("case", [case for case in CASES if case.is_schedule], ids=lambda case: case.path.stem)
@pytest.mark.covers("RLF-06")
def test_a_schedule_agrees_with_the_outside_case_to_the_cent(case: LoanCase) -> None:
    assert list(differences(case)) == []


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_schedule], ids=lambda case: case.path.stem)
@pytest.mark.covers("RLF-06")
def test_what_happens_to_a_loan_leaves_what_the_outside_case_says(case: LoanCase) -> None:
    assert list(differences(case)) == []


def test_the_command_says_how_many_agree_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FOLDER)]) == 0
    lines = capsys.readouterr().out.splitlines()
    counted = [sum(case.is_schedule for case in CASES), sum(not case.is_schedule for case in CASES)]
    assert lines == [
        f"{name} cases: {count} of {count} agree on every asserted figure"
        for name, count in zip(("schedule", "transaction"), counted, strict=True)
    ]


def test_a_figure_that_is_off_by_one_cent_is_named_and_ends_badly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = next(case for case in CASES if case.is_schedule)
    case = json.loads(chosen.path.read_text("utf-8"))
    row = next(row for row in case["expected"]["periods"] if row["kind"] == "installment")
    row["principal"] = str(float(row["principal"]) + 0.01)
    (tmp_path / "wrong.json").write_text(json.dumps(case))
    assert main([str(tmp_path)]) == 1
    assert f"wrong: row {row['number']} principal is" in capsys.readouterr().out
