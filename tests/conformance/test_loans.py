"""Runs any folder of outside loan cases.

`JUMP_LOAN_CASES=/some/folder pytest tests/conformance/test_loans.py -s` runs another folder in the same format.
A case the product cannot work out yet is skipped by name, with the reason.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.conformance.loan_cases import LoanCase, read_folder

FOLDER = Path(os.environ.get("JUMP_LOAN_CASES", Path(__file__).resolve().parents[3] / "shared" / "data" / "loans"))
CASES = read_folder(FOLDER) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not CASES, reason=f"no loan cases under {FOLDER}")


def of_kind(kind: str) -> list[LoanCase]:
    return [case for case in CASES if case.case["kind"] == kind]


@pytest.mark.parametrize("case", of_kind("schedule"), ids=lambda case: case.path.stem)
@pytest.mark.covers("RLF-06")
def test_a_schedule_agrees_with_the_outside_case_to_the_cent(case: LoanCase) -> None:
    if case.not_yet:
        pytest.skip(case.not_yet)
    assert case.differences() == []


@pytest.mark.parametrize(
    "case", [case for case in of_kind("transactions") if not case.not_yet], ids=lambda case: case.path.stem
)
@pytest.mark.covers("RLF-06")
def test_payments_charges_and_reversals_leave_what_the_outside_case_says(case: LoanCase) -> None:
    assert case.differences_after_events() == []


def test_the_outside_cases_are_counted() -> None:
    """How many were run and how many agree, for whoever reads the log."""
    for kind, compare in (
        ("schedule", LoanCase.differences),
        ("transactions", LoanCase.differences_after_events),
    ):
        whole = of_kind(kind)
        run = [case for case in whole if not case.not_yet]
        agree = [case for case in run if not compare(case)]
        print(f"\nloan cases ({kind}): {len(whole)} in all, {len(run)} run, {len(agree)} agree")
        for reason, count in Counter(case.not_yet for case in whole if case.not_yet).most_common():
            print(f"  not run yet: {count:3}  {reason}")
        assert len(agree) == len(run)
