"""Loan products as package data: everything the schedules can do has a word, and what cannot be is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jump.base import clock, packages
from jump.core.units import Ref
from jump.engines.finance import api as finance
from tests.engines.finance.makers import MANAGER, FundMaker, php

START = """
name: pilot
version: "1"
title: {en: Pilot}
languages: [en]
engines: [finance]
uses: []
"""
LOAN = """\
harvest_loan:
  kind: loan
  title: {en: Harvest loan}
  rate_yearly: "0.24"
  method: declining_equal_principal
  instalments: 4
"""
END = """\
  tranches:
    - {percent: 100}
  conditions: []
  provenance: D
  source: "ours"
"""


def findings(folder: Path, *words: str) -> list[packages.Finding]:
    made = folder / "pilot"
    made.mkdir()
    (made / "programme.yaml").write_text(START)
    (made / "products.yaml").write_text(LOAN + "".join(f"  {line}\n" for line in words) + END)
    return list(packages.check([made]))


def test_every_word_of_a_loan_product_is_known(maker: FundMaker, tmp_path: Path) -> None:
    assert (
        findings(
            tmp_path,
            "schedule: progressive",
            "interest_by: daily",
            "partial_periods: true",
            "day_count: actual/actual",
            "rhythm: quarterly",
            "days_to_first_min: 20",
            "grace_months: 3",
            "grace_interest_instalments: 1",
            "interest_free_instalments: 1",
            "principal_percent: 20",
            "instalment_multiple_minor: 100",
            "own_contribution_percent: 10",
            "recalculation: {rest: daily, early: reduce_number_of_installments}",
            "fee_minor: 500",
            "penalty_percent: 2",
            "penalty_minor: 100",
            "penalty_of: principal",
            "allocation: interest_principal_penalties_fees_order",
            "overpayment: keep",
        )
        == []
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rhythm: monthly", "instalment_multiple_minor: 100000000"], "would never be paid back"),
        (["grace_instalments: 4"], "grace on principal must leave an instalment"),
        (["rhythm: weekly", "grace_months: 1"], "a grace in months needs a rhythm in months"),
        (["allocation: whatever"], "whatever"),
        (["due_days: ['02-30']"], "day is out of range for month"),
        (["day_count: 29/360"], "29/360"),
    ],
)
def test_what_cannot_be_is_said_by_the_check(maker: FundMaker, tmp_path: Path, words: list[str], said: str) -> None:
    found = findings(tmp_path, *words)
    assert len(found) == 1, found
    assert said in str(found[0])


def test_a_loan_that_would_never_be_paid_back_is_refused_when_it_is_opened(maker: FundMaker, fund: Ref) -> None:
    """PHP 4.00 in twelve payments that are rounded to ten pesos: everything would fall on the last one."""
    with pytest.raises(finance.TermsImpossible) as refusal:
        maker.loan(fund, 4_00, instalment_multiple_minor=10_00)
    assert "taken up by interest or rounding" in str(refusal.value.facts["why"])
    assert finance.count_contracts(MANAGER) == 0


def test_a_loan_is_paid_back_after_each_harvest(maker: FundMaker, fund: Ref) -> None:
    clock.pin(date(2004, 1, 1))
    loan = maker.running_loan(
        fund, 9_000_000, due_days=["05-15", "11-15"], instalments=3, method="declining_equal_principal"
    )
    view = finance.contract(MANAGER, loan)
    assert [line.due_on for line in view.schedule] == [date(2004, 5, 15), date(2004, 11, 15), date(2005, 5, 15)]
    assert [line.principal_minor for line in view.schedule] == [3_000_000] * 3
    assert view.schedule[0].interest_minor == round(9_000_000 * 0.12 * 170 / 365)


def test_an_own_contribution_is_kept_back_when_the_money_is_paid_out(maker: FundMaker, fund: Ref) -> None:
    clock.pin(date(2004, 1, 1))
    loan = maker.running_loan(fund, own_contribution_percent="10")
    view = finance.contract(MANAGER, loan)
    assert view.outstanding == php(216_000_00)
    assert finance.fund(MANAGER, fund).cash == php(1_000_000_00 - 216_000_00)
    assert (view.schedule[0].principal_minor, view.schedule[0].mark) == (24_000_00, "paid")
