"""A booked step of ownership is taken back by its opposite: with a reason, by two people, the latest first."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import NotAllowed, NotFound, Refusal
from jump.core.ownership import LineKind
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance.models import OwnershipStep
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import DONOR, MANAGER, NATIONAL, NEIGHBOUR, SYSTEM
from tests.engines.finance.owners import ANA, BEN, CORA, OPENED, SHARE, Owners, held, install_ownership, usd

TODAY = date(2010, 6, 30)
MARCH = date(2004, 3, 15)
keys = count(1)


@pytest.fixture
def owners(products: None, tmp_path: Path) -> Owners:
    clock.pin(TODAY)
    install_ownership(tmp_path / "ownership")
    return Owners()


def prepared(step: Ref, on: date = TODAY, why: str = "the wrong person") -> Ref:
    return finance.take_back_step(NATIONAL, step_ref=step, why=why, on=on, key=f"back-{next(keys)}")


def taken_back(step: Ref, on: date = TODAY) -> finance.StepView:
    return finance.approve_step(MANAGER, step_ref=prepared(step, on))


def shares(register: Ref, on: date | None = None) -> dict[Ref, int]:
    return {one.holder_ref: one.held // SHARE for one in finance.share_register(SYSTEM, register, on).holders}


@pytest.mark.covers("CONVERT-04")
def test_shares_issued_by_mistake_are_taken_back_by_an_opposite_entry_and_past_days_stay_as_told(
    owners: Owners,
) -> None:
    register = owners.register()
    owners.issue(register, ANA, 60)
    wrong = owners.issue(register, BEN, 40, price_minor=100_00, holder_kind="enterprise")
    before = held(finance.share_register(SYSTEM, register).book_ref)

    waits = prepared(wrong.ref)
    assert held(finance.share_register(SYSTEM, register).book_ref) == before  # nothing moves before the second person
    done = finance.approve_step(MANAGER, step_ref=waits)

    assert shares(register) == {ANA: 60}
    assert shares(register, date(2010, 6, 29)) == {ANA: 60, BEN: 40}
    assert held(finance.share_register(SYSTEM, register).book_ref) == {
        "issued:labour": -60 * SHARE,
        f"share:labour:{ANA}": 60 * SHARE,
    }
    assert done.entry_ref is not None
    mirror = ledger.entry(done.entry_ref)
    assert (mirror.reverses, mirror.occurred_on) == (wrong.entry_ref, TODAY)
    assert "wrong person" not in mirror.memo
    first = finance.step(SYSTEM, wrong.ref)
    assert (first.state, first.why) == (finance.StepState.REVERSED, "the wrong person")
    owners.issue(register, BEN, 30, on=TODAY)  # and done again, rightly
    assert shares(register) == {ANA: 60, BEN: 30}


def test_a_step_is_not_taken_back_while_later_ones_rest_upon_it(owners: Owners) -> None:
    register = owners.register()
    first = owners.issue(register, ANA, 60)
    later = owners.do(register, "transfer", OPENED, holder=ANA, to=BEN, share_class="labour", shares=20 * SHARE)

    with pytest.raises(finance.LaterStepsRest) as refused:
        prepared(first.ref)
    assert refused.value.facts == {"later": later.ref}
    assert shares(register) == {ANA: 40, BEN: 20}

    taken_back(later.ref)
    taken_back(first.ref)
    assert shares(register) == {}


def test_what_rests_upon_a_step_since_its_taking_back_was_prepared_stops_it(owners: Owners) -> None:
    register = owners.register()
    first = owners.issue(register, ANA, 60)
    waits = prepared(first.ref)
    owners.issue(register, BEN, 40, on=TODAY)
    with pytest.raises(finance.LaterStepsRest):
        finance.approve_step(MANAGER, step_ref=waits)
    assert shares(register) == {ANA: 60, BEN: 40}
    assert finance.step(SYSTEM, first.ref).state is finance.StepState.BOOKED


def test_taking_back_needs_a_reason_two_people_and_a_step_that_is_booked(owners: Owners) -> None:
    register = owners.register()
    waiting = owners.prepare(register, "issue", OPENED, holder=ANA, share_class="labour", shares=SHARE)
    with pytest.raises(finance.NotTakenBack):
        prepared(waiting)
    step = finance.approve_step(MANAGER, step_ref=waiting)
    with pytest.raises(Refusal) as refused:
        prepared(step.ref, why="  ")
    assert refused.value.code == "finance.decision_missing"
    with pytest.raises(NotAllowed):
        finance.take_back_step(DONOR, step_ref=step.ref, why="x", on=TODAY, key="donor")
    with pytest.raises(NotFound):
        finance.take_back_step(NEIGHBOUR, step_ref=step.ref, why="x", on=TODAY, key="neighbour")

    waits = prepared(step.ref)
    with pytest.raises(Refusal):
        finance.approve_step(NATIONAL, step_ref=waits)
    assert shares(register) == {ANA: 1}
    done = finance.approve_step(MANAGER, step_ref=waits)
    assert finance.approve_step(MANAGER, step_ref=waits) == done  # pressed twice, booked once
    for gone in (step.ref, done.ref):  # neither once more, nor a taking back
        with pytest.raises(finance.NotTakenBack):
            prepared(gone)
    assert shares(register) == {}


def test_the_database_itself_keeps_two_people_on_a_step_that_was_taken_back(owners: Owners) -> None:
    step = owners.issue(owners.register(), ANA, 1)
    taken_back(step.ref)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnershipStep.objects.filter(ref=step.ref).update(approved_by="")


@pytest.mark.covers("CONVERT-04")
def test_a_payment_and_then_its_purchase_are_taken_back(owners: Owners) -> None:
    register = owners.register()
    owners.issue(register, ANA, 60)
    agreed = owners.do(
        register, "agree_purchase", OPENED, buyer=BEN, buyer_kind="enterprise", seller=ANA, share_class="labour",
        shares=10 * SHARE, price_minor=100_00, instalments=[["2004-01-01", 500_00], ["2005-01-01", 500_00]],
    )  # fmt: skip
    [sale] = finance.share_purchases(SYSTEM, register_ref=register)
    paid = [
        owners.do(register, "pay_purchase", date(2004 + turn, 1, 1), purchase=sale.ref, amount_minor=500_00)
        for turn in (0, 1)
    ]
    assert shares(register) == {ANA: 50, BEN: 10}

    taken_back(paid[1].ref)
    [sale] = finance.share_purchases(SYSTEM, register_ref=register)
    assert (sale.state, sale.paid.amount_minor, shares(register)) == ("open", 500_00, {ANA: 55, BEN: 5})
    taken_back(paid[0].ref)
    taken_back(agreed.ref)
    assert finance.share_purchases(SYSTEM, register_ref=register) == []
    assert shares(register) == {ANA: 60}
    owners.do(register, "transfer", TODAY, holder=ANA, to=BEN, share_class="labour", shares=60 * SHARE)  # free again
    [ben] = finance.share_register(SYSTEM, register).holders
    assert (ben.holder_ref, ben.kind) == (BEN, "person")


@pytest.mark.covers("INCUBATE-09")
def test_a_closed_year_is_taken_back_for_every_member_and_closed_again_with_the_right_result(owners: Owners) -> None:
    capital = owners.capital()
    one, two = owners.member(capital, ANA), owners.member(capital, BEN)
    before = held(finance.capital(SYSTEM, capital).book_ref)
    hours = {one: (1600, "1"), two: (1600, "1")}
    wrong = owners.do(**owners.year(capital, 9_000_00, hours))
    assert finance.capital(SYSTEM, capital).closed_until == 2003

    taken_back(wrong.ref, MARCH)
    assert held(finance.capital(SYSTEM, capital).book_ref) == before
    assert finance.capital(SYSTEM, capital).closed_until is None
    owners.do(**owners.year(capital, 900_00, hours))
    statement = finance.member_statement(SYSTEM, account_ref=one)
    assert statement.closing == statement.row.balance
    kinds = [line.line.kind for line in statement.lines]
    assert (kinds.count(LineKind.TAKEN_BACK), kinds.count(LineKind.SURPLUS)) == (2, 1)


@pytest.mark.covers("INCUBATE-09")
def test_a_pay_out_and_the_leaving_before_it_are_taken_back_and_the_statement_still_adds_up(owners: Owners) -> None:
    capital = owners.capital()
    account, _other = owners.member(capital, ANA), owners.member(capital, BEN)
    owners.do(**owners.year(capital, 0, {}))
    left = owners.do(capital, "leave", MARCH, account=account, cause="retirement", instalments=1)
    paid = owners.do(capital, "pay_out", MARCH, account=account, number=1)
    assert finance.member_statement(SYSTEM, account_ref=account).row.state == "closed"

    taken_back(paid.ref)
    statement = finance.member_statement(SYSTEM, account_ref=account)
    assert (statement.row.state, statement.pay_outs[0].paid_on) == ("leaving", None)
    taken_back(left.ref)
    statement = finance.member_statement(SYSTEM, account_ref=account)
    assert (statement.row.state, statement.row.left_on, statement.pay_outs) == ("open", None, ())
    assert statement.closing == statement.row.balance == usd(12_000_00)


def test_a_leaving_is_not_taken_back_when_the_member_joined_again(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA)
    owners.do(**owners.year(capital, 0, {}))
    left = owners.do(capital, "leave", MARCH, account=account, cause="retirement", instalments=1)
    finance.open_member(NATIONAL, capital_ref=capital, member_ref=ANA, fee=usd(100_00), joined_on=MARCH, key="again")
    waits = prepared(left.ref)
    with pytest.raises(finance.AlreadyKept):
        finance.approve_step(MANAGER, step_ref=waits)
    assert finance.step(SYSTEM, left.ref).state is finance.StepState.BOOKED
    assert finance.member_statement(SYSTEM, account_ref=account).row.state == "leaving"


@pytest.mark.covers("CONVERT-05")
def test_a_plan_year_of_a_trust_and_its_loan_are_taken_back(owners: Owners) -> None:
    trust = owners.trust()
    loan = owners.borrow(trust, [(50_000_00, 10_000_00), (50_000_00, 5_000_00)], 1_000)
    ana, ben = owners.join(trust, ANA), owners.join(trust, BEN)
    before = held(finance.trust(SYSTEM, trust).book_ref)
    people = {ana: (400_000_00, 1800), ben: (400_000_00, 1800)}
    year = owners.plan_year(trust, 2003, 60_000_00, people)
    gone = owners.do(trust, "trust_leave", date(2004, 2, 1), person=ana, cause="other")

    taken_back(gone.ref, date(2004, 3, 1))
    assert {one.status for one in finance.trust(SYSTEM, trust).people} == {"active"}
    taken_back(year.ref, date(2004, 3, 1))
    view = finance.trust(SYSTEM, trust)
    assert held(view.book_ref) == before
    assert (view.closed_until, view.people[0].years) == (None, 0)
    with pytest.raises(NotFound):
        finance.trust_statement(SYSTEM, trust_ref=trust, year=2003)

    taken_back(loan.ref, date(2004, 3, 1))
    view = finance.trust(SYSTEM, trust)
    assert (view.loans, view.owed, held(view.book_ref)) == ((), usd(0), {})


COURSES = st.lists(
    st.sampled_from(["join", "year", "loss", "revalue", "leave", "pay_out", "interest", "back"]), max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=COURSES, amounts=st.lists(st.integers(1, 10**8), min_size=12, max_size=12))
def test_when_all_is_taken_back_the_books_are_empty_and_every_statement_added_up_on_the_way(
    owners: Owners, course: list[str], amounts: list[int]
) -> None:
    """Steps that the rules refuse are left out; what is booked is undone the latest first, down to nothing."""
    with transaction.atomic():
        capital = owners.capital(interest_paid="cash", surplus_reserve="0.45")
        standing: list[Ref] = []
        members = iter((ANA, BEN, CORA))
        for turn, (act, amount) in enumerate(zip(course, amounts, strict=False)):
            with_course(owners, capital, standing, members, act, amount, date(2004 + turn // 3, 3, 15))
            agree(capital)
        while standing:
            taken_back(standing.pop())
            agree(capital)
        assert held(finance.capital(SYSTEM, capital).book_ref) == {}
        connection.check_constraints()
        transaction.set_rollback(True)


def with_course(
    owners: Owners, capital: Ref, standing: list[Ref], members: Any, act: str, amount: int, on: date
) -> None:
    view = finance.capital(SYSTEM, capital)
    accounts = {one.ref: one for one in view.accounts}
    opened = [ref for ref, one in accounts.items() if one.state == "open"]
    year = (view.closed_until or on.year - 2) + 1
    asked: dict[str, Any]
    if act == "join":
        member = next(members, None)
        if member is None:
            return
        account = finance.open_member(
            NATIONAL, capital_ref=capital, member_ref=member, fee=usd(amount), joined_on=on, key=f"in-{next(keys)}"
        )
        asked = {"kind": "pay_entry", "account": account, "amount_minor": amount}
    elif act in ("year", "loss"):
        labour = [{"account": ref, "hours": 1000 + turn, "index": "1"} for turn, ref in enumerate(opened)]
        surplus = amount if act == "year" else -amount
        asked = {
            "kind": "close_year",
            "year": year,
            "surplus_minor": surplus,
            "labour": labour,
            "interest_rate": "0.05",
        }
    elif act == "revalue":
        asked = {"kind": "revalue", "year": year, "rate": "0.02", "inflation": "0.03", "reserve_minor": amount}
    elif act == "leave":
        asked = {"kind": "leave", "account": opened[:1] and opened[0], "cause": "retirement", "instalments": 1}
    elif act in ("pay_out", "interest"):
        account = next((ref for ref, one in accounts.items() if one.state == "leaving" or act == "interest"), "")
        kind = "pay_out" if act == "pay_out" else "pay_interest"
        asked = {"kind": kind, "account": account, "number": 1, "paid_from": "enterprise"}
    elif standing:
        taken_back(standing.pop(), on)
        return
    else:
        return
    try:
        with transaction.atomic():
            standing.append(owners.do(capital, asked.pop("kind"), on, **asked).ref)
    except Refusal:
        return


def agree(capital: Ref) -> None:
    """Each member's statement ends at what the ledger holds for her."""
    for one in finance.capital(SYSTEM, capital).accounts:
        assert finance.member_statement(SYSTEM, account_ref=one.ref).closing == one.balance
