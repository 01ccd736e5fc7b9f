"""Runs any folder of outside loan cases.

`JUMP_LOAN_CASES=/some/folder pytest tests/conformance/test_loans.py -s` runs another folder in the same format.
A case the product cannot work out yet is skipped by name, with the reason.
"""

import os
from pathlib import Path

import pytest

from tests.conformance.loan_cases import LoanCase, read_folder

FOLDER = Path(os.environ.get("JUMP_LOAN_CASES", Path(__file__).resolve().parents[3] / "shared" / "data" / "loans"))
CASES = read_folder(FOLDER) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not CASES, reason=f"no loan cases under {FOLDER}")


def schedule_cases() -> list[LoanCase]:
    return [case for case in CASES if case.case["kind"] == "schedule"]


@pytest.mark.parametrize("case", schedule_cases(), ids=lambda case: case.path.stem)
@pytest.mark.covers("RLF-06")
def test_a_schedule_agrees_with_the_outside_case_to_the_cent(case: LoanCase) -> None:
    if case.not_yet:
        pytest.skip(case.not_yet)
    assert case.differences() == []


def test_the_outside_cases_are_counted() -> None:
    """How many were run and how many agree, for whoever reads the log."""
    run = [case for case in schedule_cases() if not case.not_yet]
    agree = [case for case in run if not case.differences()]
    whole = len(schedule_cases())
    print(f"\nloan schedules: {len(agree)} of {whole} agree, {whole - len(run)} not run yet")
    assert len(agree) == len(run)
