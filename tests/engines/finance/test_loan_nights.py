"""The night of the loans: cut off anywhere it goes on, repeated it changes nothing, and it holds nobody up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import NotAllowed, Refusal
from jump.core import schedules
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.ager import LOANS, ON
from tests.engines.finance.makers import COORDINATOR, DONOR, MANAGER, NATIONAL, SYSTEM, FundMaker, php
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
    with django_assert_max_num_queries(26):
        assert finance.age_loans(SYSTEM, on=ON) == 1
    row = LoanStanding.objects.get(contract__ref=loan)
    view = finance.contract(MANAGER, loan)
    assert (row.as_of, row.late_since, row.due_minor) == (ON, view.late_since, view.due_now.amount_minor)
    assert ((ON - date(2003, 12, 27)).days, row.principal_minor) == (view.days_late, 240_000_00)
    assert row.penalty_minor == view.penalty_open.amount_minor == 2_602_18
    assert row.changes_on == date(2004, 7, 5)  # the late fee of the instalment of 27 June
    assert finance.age_loans(SYSTEM, on=ON) == 0


def test_a_night_touches_no_loan_that_time_alone_does_not_change(
    maker: FundMaker, fund: Ref, django_assert_max_num_queries: Any
) -> None:
    """Twelve nights after the money was paid out nothing is due: nothing is read of the loan and nothing written."""
    from jump.engines.finance.models import LoanStanding

    clock.pin(date(2003, 12, 1))
    loan = maker.running_loan(fund, penalty_percent="2", penalty_after_days=7)
    before = LoanStanding.objects.values().get(contract__ref=loan)
    assert before["changes_on"] == date(2003, 12, 27)
    for day in range(2, 14):
        with django_assert_max_num_queries(14):
            assert finance.age_loans(SYSTEM, on=date(2003, 12, day)) == 0
    assert LoanStanding.objects.values().get(contract__ref=loan) == before


def test_a_day_on_which_a_payment_falls_due_and_the_day_after_it_are_worked_out_on_arrays(
    maker: FundMaker, fund: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is followed fact by fact until a late fee comes up."""
    from jump.engines.finance.models import LoanStanding
    from jump.engines.finance.services import loan_nights

    clock.pin(date(2003, 12, 1))
    loan = maker.running_loan(fund, penalty_percent="2", penalty_after_days=7)
    followed: list[date] = []
    monkeypatch.setattr(loan_nights, "_note", lambda *given: followed.append(given[-1]))
    due, late = date(2003, 12, 27), date(2003, 12, 28)
    assert finance.age_loans(SYSTEM, on=due) == 1
    row = LoanStanding.objects.get(contract__ref=loan)
    assert (row.as_of, row.due_minor, row.late_since, row.changes_on) == (due, 21_323_71, None, late)
    assert finance.age_loans(SYSTEM, on=late) == 1
    row = LoanStanding.objects.get(contract__ref=loan)
    assert (row.principal_late_minor, row.late_since, row.changes_on) == (18_923_71, due, date(2004, 1, 4))
    assert followed == []
    finance.age_loans(SYSTEM, on=date(2004, 1, 4))
    assert followed == [date(2004, 1, 4)]


def waive(loan: Ref, amount_minor: int, on: date) -> None:
    fact = finance.prepare_waiver(
        NATIONAL,
        contract_ref=loan,
        part="interest",
        amount=php(amount_minor),
        on=on,
        why="The harvest failed.",
        key=f"waive:{loan}:{on}",
    )
    finance.agree_loan_fact(COORDINATOR, fact_ref=fact, on=on)


STORIES = st.lists(
    st.one_of(
        st.tuples(st.just("paid"), st.integers(1, 60), st.integers(1, 40_000_00)),
        st.tuples(st.just("waived"), st.integers(1, 60), st.integers(1, 2_000_00)),
        st.tuples(st.just("night"), st.integers(1, 60), st.just(0)),
    ),
    min_size=1,
    max_size=8,
)
WORDS = st.sampled_from(
    [
        {"penalty_percent": "2", "penalty_after_days": 7},
        {"penalty_percent": "3", "penalty_after_days": 0, "allocation": "interest_principal_penalties_fees_order"},
        {"penalty_minor": 50_00, "penalty_after_days": 40},
        {"overpayment": "keep", "penalty_percent": "2"},
        {"recalculation": {"rest": "daily", "early": "reduce_number_of_installments"}, "penalty_percent": "2"},
        {},
    ]
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, STORIES)
def test_after_any_night_every_loan_stands_as_its_facts_say_and_the_books_with_it(
    maker: FundMaker, words: dict[str, Any], story: list[tuple[str, int, int]]
) -> None:
    """Days pass, some with a payment or a waiver, some with a night, some with neither; the last is a night."""
    from jump.engines.finance.models import Contract, LoanStanding
    from jump.engines.finance.queries.loans import loan_file
    from jump.engines.finance.services.loan_books import booked_of, note_standing

    day = date(2003, 12, 1)
    clock.pin(day)
    loan = maker.running_loan(maker.fund(), **words)
    for what, days, minor in [*story, ("night", 1, 0)]:
        day += timedelta(days=days)
        clock.pin(day)
        try:
            if what == "paid":
                maker.repay(loan, minor, day)
            elif what == "waived":
                waive(loan, minor, day)
            else:
                finance.age_loans(SYSTEM, on=day)
        except Refusal:
            continue
        if what != "night":
            continue
        row = Contract.objects.get(ref=loan)
        file, kept = loan_file(row), LoanStanding.objects.get(contract=row)
        assert file is not None
        if row.state != "running":
            continue
        account = file.account(day)
        exact = LoanStanding(contract=row, booked=booked_of(account), pk=kept.pk)
        note_standing(exact, account, schedules.state_of(account, day), file)
        told = [name for name in vars(exact) if name not in {"_state", "as_of"}]
        assert {name: getattr(kept, name) for name in told} == {name: getattr(exact, name) for name in told}
    assert ledger.verify() == []


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
