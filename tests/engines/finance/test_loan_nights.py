"""The night of the loans: cut off anywhere it goes on, repeated it changes nothing, and it holds nobody up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jump.base import clock
from jump.base.refusals import NotAllowed
from jump.core.units import Ref
from jump.engines.finance import api as finance
from tests.engines.finance.ager import LOANS, ON
from tests.engines.finance.makers import DONOR, MANAGER, SYSTEM, FundMaker
from tests.engines.finance.racing import Race
from tests.engines.ledger.arena import Arena

AGER = "tests.engines.finance.ager"


def test_a_night_writes_how_each_loan_stands_and_a_second_one_finds_nothing_to_do(
    maker: FundMaker, fund: Ref, django_assert_max_num_queries: Any
) -> None:
    """PHP 240,000 paid out on 27 November 2003 and never paid back, on 30 June 2004."""
    from jump.engines.finance.models import LoanStanding

    clock.pin(date(2003, 12, 1))
    loan = maker.running_loan(fund, penalty_percent="2", penalty_after_days=7)
    clock.pin(ON)
    with django_assert_max_num_queries(20):
        assert finance.age_loans(SYSTEM, on=ON) == 1
    row = LoanStanding.objects.get(contract__ref=loan)
    view = finance.contract(MANAGER, loan)
    assert (row.as_of, row.days_late, row.due_minor) == (ON, view.days_late, view.due_now.amount_minor)
    assert (row.days_late, row.principal_minor) == (186, 240_000_00)
    assert row.penalty_minor == view.penalty_open.amount_minor == 2_602_18
    assert row.accrued_minor == sum(line.interest_minor for line in view.schedule[:7]) + round(1_034_93 * 3 / 30)
    assert finance.age_loans(SYSTEM, on=ON) == 0
    assert LoanStanding.objects.get(contract__ref=loan).accrued_minor == row.accrued_minor


def test_only_those_who_approve_or_the_machine_start_a_night(maker: FundMaker, fund: Ref) -> None:
    with pytest.raises(NotAllowed):
        finance.age_loans(DONOR, on=ON)


def test_the_worker_ages_loans_once_a_day(maker: FundMaker, fund: Ref) -> None:
    from jump.base import regular
    from jump.engines.finance.models import LoanStanding

    clock.pin(date(2003, 12, 1))
    loan = maker.running_loan(fund)
    clock.pin(ON)
    regular.forget()
    assert "loans" in regular.run_due()
    assert LoanStanding.objects.get(contract__ref=loan).as_of == ON
    assert "loans" not in regular.run_due()


# --- killed, and shared -----------------------------------------------------------------------------------------------


@dataclass
class Night(Race):
    """One database with late loans in it, and processes that age them."""

    module: str = AGER

    def stopped(self, after: int) -> subprocess.Popen[str]:
        process = self.start("stop", str(after))
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "in the middle", process.communicate()[1][-3000:]
        return process

    def tell(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("tell"))
        return found


def killed_in_the_middle(night: Night) -> None:
    """The page that was whole stays, the one that was cut leaves nothing, and the next run does the rest."""
    process = night.stopped(after=3)
    process.kill()
    process.communicate()
    aged = [row for row in night.tell()["rows"] if row[0] == str(ON)]
    assert len(aged) == 2
    assert night.run("age") == str(LOANS - 2)
    told = night.tell()
    assert {row[0] for row in told["rows"]} == {str(ON)}
    assert night.run("age") == "0"
    assert night.tell() == told
    assert told["problems"] == []


def test_a_night_that_is_killed_goes_on_where_it_stopped_on_sqlite(tmp_path: Path) -> None:
    killed_in_the_middle(Night(Arena(tmp_path)).prepare())


@pytest.fixture
def cluster(make_cluster: Callable[..., Any]) -> Any:
    return make_cluster(durable=False)


def test_a_night_that_is_killed_goes_on_and_two_workers_share_the_loans_on_postgresql(
    tmp_path: Path, cluster: Any
) -> None:
    """One stands in the middle of its page; the other ages everything else meanwhile and does not wait."""
    night = Night(Arena(tmp_path, cluster.address)).prepare()
    process = night.stopped(after=3)
    assert night.run("age") == str(LOANS - 4)
    process.kill()
    process.communicate()
    assert night.run("age") == "2"
    told = night.tell()
    assert {row[0] for row in told["rows"]} == {str(ON)}
    assert night.run("age") == "0"
    assert night.tell() == told
    assert told["problems"] == []
