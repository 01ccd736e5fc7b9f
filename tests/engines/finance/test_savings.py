"""A savings account from its first deposit to its closing: never below zero, interest once, four eyes, statements."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import NotAllowed, NotFound, Refusal
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DONOR,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SYSTEM,
    WORKER,
    FundMaker,
    balances,
    php,
)
from tests.engines.finance.savers import OPENED, ROSA, WEAVERS, Savers


@pytest.fixture
def savers(fund: Ref) -> Savers:
    clock.pin(date(2005, 6, 30))
    return Savers(fund)


@pytest.mark.covers("SAVINGS-02")
def test_what_is_paid_in_and_taken_out_is_what_the_ledger_holds(savers: Savers, fund: Ref) -> None:
    account = savers.account()

    first = savers.pay_in(account, 500_00)
    savers.pay_in(account, 250_00, on=date(2004, 2, 1))
    out = savers.take_out(account, 100_00, on=date(2004, 2, 3))

    assert first.balance_after == php(500_00)
    assert out.balance_after == php(650_00)
    view = finance.savings_account(MANAGER, account)
    assert (view.balance, view.free, view.owner_ref, view.state) == (php(650_00), php(650_00), ROSA, "open")
    held = balances(fund)
    assert held[f"savings:{account}"] == -650_00
    assert held["cash"] == 1_000_000_00 + 650_00
    assert sum(held.values()) == 0
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("SAVINGS-02")
def test_more_than_is_saved_is_refused_with_the_facts_and_nothing_moves(savers: Savers, fund: Ref) -> None:
    account = savers.account()
    savers.pay_in(account, 500_00)

    with pytest.raises(finance.SavingsShort) as refusal:
        savers.ask(account, 500_01)

    assert refusal.value.code == "finance.savings_short"
    assert refusal.value.facts == {
        "asked_minor": 500_01,
        "free_minor": 500_00,
        "saved_minor": 500_00,
        "stays_minor": 0,
        "currency": "PHP",
    }
    assert len(finance.savings_account(SYSTEM, account).movements) == 1
    assert balances(fund)[f"savings:{account}"] == -500_00


@pytest.mark.covers("SAVINGS-02")
def test_the_ledger_itself_refuses_a_savings_account_below_zero(savers: Savers, fund: Ref) -> None:
    account = savers.account()
    savers.pay_in(account, 100_00)
    view = finance.savings_account(SYSTEM, account)

    with pytest.raises(ledger.BelowFloor):
        ledger.post(
            SYSTEM,
            book_ref=view.book_ref,
            memo="past the service",
            occurred_on=OPENED,
            lines=[
                ledger.Line(view.account_ref, 100_01),
                ledger.Line(ledger.account(view.book_ref, "cash").ref, -100_01),
            ],
            source_ref=account,
            key="past",
        )
    assert savers.saved(account) == 100_00


def test_money_that_waits_for_the_second_person_is_not_promised_twice(savers: Savers) -> None:
    account = savers.account()
    savers.pay_in(account, 500_00)
    waiting = savers.ask(account, 400_00)

    assert finance.savings_account(SYSTEM, account).free == php(100_00)
    assert [one.ref for one in finance.withdrawals_waiting(MANAGER)] == [waiting]
    with pytest.raises(finance.SavingsShort):
        savers.ask(account, 100_01)

    finance.drop_withdrawal(NATIONAL, movement_ref=waiting, why="she changed her mind")
    assert finance.savings_account(SYSTEM, account).free == php(500_00)


def test_who_prepares_a_withdrawal_does_not_pay_it_and_it_is_paid_once(savers: Savers, fund: Ref) -> None:
    account = savers.account()
    savers.pay_in(account, 500_00)
    waiting = finance.prepare_withdrawal(MANAGER, account_ref=account, amount=php(200_00), on=OPENED, key="mine")

    with pytest.raises(finance.SamePerson) as refusal:
        finance.pay_withdrawal(MANAGER, movement_ref=waiting, on=OPENED)
    assert refusal.value.facts == {"doing": "pay", "did": "prepare", "movement": waiting}
    assert savers.saved(account) == 500_00

    finance.pay_withdrawal(COORDINATOR, movement_ref=waiting, on=OPENED)
    finance.pay_withdrawal(COORDINATOR, movement_ref=waiting, on=OPENED)
    assert savers.saved(account) == 300_00
    assert balances(fund)["cash"] == 1_000_000_00 + 300_00


def test_the_database_refuses_a_withdrawal_of_one_person_alone(savers: Savers) -> None:
    from jump.engines.finance.models import SavingsMovement

    account = savers.account()
    savers.pay_in(account, 500_00)
    waiting = savers.ask(account, 100_00)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavingsMovement.objects.filter(ref=waiting).update(state="booked", booked_by=NATIONAL.key)


def test_the_same_key_pays_in_once_and_other_content_is_refused(savers: Savers) -> None:
    account = savers.account()
    for _ in range(2):
        finance.deposit(MANAGER, account_ref=account, amount=php(50_00), on=OPENED, key="once", receipt="7")
    assert savers.saved(account) == 50_00

    with pytest.raises(Refusal) as refusal:
        finance.deposit(MANAGER, account_ref=account, amount=php(60_00), on=OPENED, key="once")
    assert refusal.value.code == "finance.key_reused"
    with pytest.raises(finance.ReceiptUsed):
        finance.deposit(MANAGER, account_ref=account, amount=php(60_00), on=OPENED, key="two", receipt="7")
    assert savers.saved(account) == 50_00


def test_days_in_the_future_or_before_the_account_another_currency_and_nothing_are_refused(savers: Savers) -> None:
    from jump.core.money import Money

    account = savers.account()
    for on in (OPENED - timedelta(days=1), date(2005, 7, 1)):
        with pytest.raises(finance.DayImpossible):
            savers.pay_in(account, 10_00, on=on)
    with pytest.raises(finance.WrongCurrency):
        finance.deposit(MANAGER, account_ref=account, amount=Money(10, "USD"), on=OPENED, key="usd")
    with pytest.raises(finance.AmountNotPositive):
        savers.pay_in(account, 0)
    savers.pay_in(account, 10_00, on=date(2004, 3, 1))
    with pytest.raises(finance.BeforeLastMovement):
        savers.ask(account, 1_00, on=date(2004, 2, 28))
    assert savers.saved(account) == 10_00


@pytest.mark.covers("SAVINGS-02")
def test_interest_of_a_year_by_days_is_posted_once(savers: Savers, fund: Ref) -> None:
    """1,000.00 from the first day, 500.00 more from 1 July 2004, 4 % over 365 days."""
    account = savers.account()
    savers.pay_in(account, 1_000_00)
    savers.pay_in(account, 500_00, on=date(2004, 7, 1))

    done = finance.post_interest(NATIONAL, account_ref=account, until=date(2004, 12, 31))
    again = finance.post_interest(NATIONAL, account_ref=account, until=date(2004, 12, 31))

    # 2004 has 366 days: 1,000.00 x 366 + 500.00 x 184, times 4 % over 365
    expected = round(Decimal(1_000_00 * 366 + 500_00 * 184) * Decimal("0.04") / 365)
    assert done.total == php(expected) == php(50_19)
    assert (done.posted, again.posted, again.skipped) == (1, 0, 1)
    assert savers.saved(account) == 1_500_00 + 50_19
    held = balances(fund)
    assert held["savings_interest"] == 50_19
    assert held["cash"] == 1_000_000_00 + 1_500_00
    assert sum(held.values()) == 0
    with pytest.raises(finance.BeforeLastMovement):
        savers.pay_in(account, 1_00, on=date(2004, 12, 31))


def test_interest_by_the_smallest_balance_of_each_month_counts_deposits_up_to_the_tenth(savers: Savers) -> None:
    account = savers.account("compulsory_savings", rate_yearly="0.06")
    savers.pay_in(account, 1_000_00, on=date(2004, 1, 5))
    savers.pay_in(account, 500_00, on=date(2004, 1, 11))

    finance.post_interest(NATIONAL, account_ref=account, until=date(2004, 2, 29))

    # January counts 1,000.00 (the second deposit came after the tenth), February 1,500.00
    assert savers.saved(account) == 1_500_00 + 5_00 + 7_50


def test_interest_of_all_savers_of_a_fund_is_one_act_and_goes_on_where_it_stopped(savers: Savers) -> None:
    first, second = savers.account(), savers.account(owner=WEAVERS)
    savers.pay_in(first, 1_000_00)
    savers.pay_in(second, 3_650_00)

    january = finance.post_interest_of(NATIONAL, holder_ref=savers.holder, until=date(2004, 1, 31))
    to_march = finance.post_interest_of(NATIONAL, holder_ref=savers.holder, until=date(2004, 3, 31))

    assert (january.posted, january.total) == (2, php(3_40 + 12_40))
    assert [(one.period_from, one.period_to) for one in _interest(second)] == [
        (date(2004, 1, 1), date(2004, 1, 31)),
        (date(2004, 2, 1), date(2004, 3, 31)),
    ]
    assert to_march.posted == 2


def _interest(account: Ref) -> list[finance.SavingsMovementView]:
    found = [one for one in finance.savings_account(SYSTEM, account).movements if one.kind == "interest"]
    return [one for one in reversed(found) if one.state == "booked"]


@pytest.mark.parametrize("until", [date(2004, 3, 30), date(2005, 6, 30), date(2005, 7, 31)])
def test_interest_is_posted_for_whole_months_that_are_over(savers: Savers, until: date) -> None:
    account = savers.account()
    savers.pay_in(account, 1_000_00)
    with pytest.raises(finance.PeriodImpossible):
        finance.post_interest(NATIONAL, account_ref=account, until=until)
    assert savers.saved(account) == 1_000_00


def test_the_last_movement_is_taken_back_first_and_interest_can_be_posted_again(savers: Savers) -> None:
    account = savers.account()
    wrong = savers.pay_in(account, 1_000_00)
    finance.post_interest(NATIONAL, account_ref=account, until=date(2004, 1, 31))

    with pytest.raises(finance.BeforeLastMovement):
        finance.undo_movement(MANAGER, movement_ref=wrong.ref, why="typed twice", on=date(2004, 2, 2), key="undo")
    with pytest.raises(finance.DecisionMissing):
        finance.undo_movement(MANAGER, movement_ref=_interest(account)[0].ref, why="", on=date(2004, 2, 2), key="u")
    finance.undo_movement(
        MANAGER, movement_ref=_interest(account)[0].ref, why="too early", on=date(2004, 2, 2), key="undo-interest"
    )
    assert savers.saved(account) == 1_000_00
    again = finance.post_interest(NATIONAL, account_ref=account, until=date(2004, 1, 31))
    assert (again.posted, again.total) == (1, php(3_40))

    finance.undo_movement(MANAGER, movement_ref=_interest(account)[0].ref, why="x", on=date(2004, 2, 2), key="u2")
    undone = finance.undo_movement(MANAGER, movement_ref=wrong.ref, why="typed twice", on=date(2004, 2, 2), key="u3")
    assert undone.state == "undone"
    assert savers.saved(account) == 0
    assert ledger.verify() == []


def test_savings_for_a_fixed_time_stay_and_then_need_notice(savers: Savers) -> None:
    account = savers.account("term_savings")
    savers.pay_in(account, 1_000_00)

    with pytest.raises(finance.SavingsFixed) as refusal:
        savers.ask(account, 1_00, on=date(2004, 12, 31))
    assert refusal.value.facts["matures_on"] == "2005-01-01"
    with pytest.raises(finance.NoticeMissing):
        savers.ask(account, 1_00, on=date(2005, 1, 2))
    free_on = finance.give_notice(MANAGER, account_ref=account, amount=php(600_00), on=date(2005, 1, 2), key="notice")
    assert free_on == date(2005, 1, 16)
    with pytest.raises(finance.NoticeMissing):
        savers.ask(account, 600_01, on=free_on)
    savers.take_out(account, 600_00, on=free_on)
    with pytest.raises(finance.NoticeMissing):
        savers.ask(account, 1_00, on=free_on)
    assert savers.saved(account) == 400_00


def test_compulsory_savings_stand_for_the_loan_until_it_is_paid_back(
    savers: Savers, maker: FundMaker, fund: Ref
) -> None:
    account = savers.account("compulsory_savings", owner=WEAVERS)
    savers.pay_in(account, 5_000_00)
    loan = maker.running_loan(fund, 10_000_00, party=WEAVERS, on=date(2004, 2, 1), rate_yearly="0", instalments=1)

    view = finance.savings_account(SYSTEM, account)
    assert (view.blocked, view.free) == (php(2_000_00), php(3_000_00))
    with pytest.raises(finance.SavingsShort) as refusal:
        savers.ask(account, 3_000_01, on=date(2004, 2, 2))
    assert refusal.value.facts["stays_minor"] == 2_000_00

    maker.repay(loan, 10_000_00, date(2004, 3, 1))
    assert finance.savings_account(SYSTEM, account).free == php(5_000_00)


def test_shares_are_bought_and_given_back_whole(savers: Savers, fund: Ref) -> None:
    account = savers.account("share_savings", share_value_minor=100_00)
    savers.pay_in(account, 300_00)
    assert finance.savings_account(SYSTEM, account).shares == 3
    with pytest.raises(finance.SharesNotWhole):
        savers.pay_in(account, 150_00)
    assert balances(fund)[f"shares:{account}"] == -300_00


def test_closing_pays_everything_out_and_ends_the_account(savers: Savers, fund: Ref) -> None:
    account = savers.account()
    savers.pay_in(account, 730_00)
    waiting = finance.close_savings(NATIONAL, account_ref=account, on=date(2004, 5, 4), key="close")
    assert finance.savings_account(SYSTEM, account).state == "open"

    finance.pay_withdrawal(MANAGER, movement_ref=waiting, on=date(2004, 5, 4))

    view = finance.savings_account(SYSTEM, account)
    assert (view.state, view.closed_on, view.balance) == ("closed", date(2004, 5, 4), php(0))
    with pytest.raises(finance.WrongState):
        savers.pay_in(account, 1_00, on=date(2004, 5, 5))
    assert balances(fund)["cash"] == 1_000_000_00

    empty = savers.account()
    finance.pay_withdrawal(
        MANAGER, movement_ref=finance.close_savings(NATIONAL, account_ref=empty, on=OPENED, key="c2"), on=OPENED
    )
    assert finance.savings_account(SYSTEM, empty).state == "closed"


def test_members_of_a_group_get_their_accounts_in_one_go_and_only_once(savers: Savers, fund: Ref) -> None:
    members = [Ref(f"per-0000000{number}") for number in range(1, 6)]
    asked = {"group_ref": WEAVERS, "holder_ref": fund, "scope": RIVERSIDE, "currency": "PHP", "on": OPENED}

    def open_for(product: str, key: str) -> list[Ref]:
        return finance.open_savings_for_members(MANAGER, product=product, member_refs=members, key=key, **asked)

    made = open_for("revolving_fund.member_savings", "list")

    assert open_for("revolving_fund.member_savings", "list") == made
    kept = finance.savings(MANAGER, group_ref=WEAVERS, limit=50)
    assert {(one.ref, one.owner_ref) for one in kept} == set(zip(made, members, strict=True))
    with pytest.raises(Refusal):
        finance.open_savings_for_members(
            MANAGER,
            product="revolving_fund.member_savings",
            member_refs=members,
            key="dollars",
            **{**asked, "currency": "USD"},
        )
    assert finance.count_savings(MANAGER, group_ref=WEAVERS) == 5


@pytest.mark.covers("SAVINGS-02")
def test_a_statement_shows_opening_every_movement_and_closing(savers: Savers) -> None:
    account = savers.account()
    savers.pay_in(account, 1_000_00)
    savers.pay_in(account, 200_00, on=date(2004, 3, 2))
    savers.take_out(account, 50_00, on=date(2004, 3, 9))
    finance.post_interest(NATIONAL, account_ref=account, until=date(2004, 3, 31))

    found = finance.savings_statement(MANAGER, account_ref=account, since=date(2004, 3, 1), until=date(2004, 3, 31))

    assert found.opening == php(1_000_00)
    assert [(one.kind, one.amount, one.balance_after) for one in found.lines[:2]] == [
        ("deposit", php(200_00), php(1_200_00)),
        ("withdrawal", php(50_00), php(1_150_00)),
    ]
    assert found.closing == found.opening + found.paid_in - found.taken_out + found.interest
    assert found.closing.amount_minor == savers.saved(account)


@pytest.mark.covers("SAVINGS-02")
def test_a_group_keeps_the_savings_of_its_members_in_a_book_of_its_own(savers: Savers) -> None:
    box = Savers(WEAVERS)
    account = box.account()
    box.pay_in(account, 40_00)
    view = finance.savings_account(MANAGER, account)
    assert view.holder_ref == WEAVERS
    assert ledger.balances(view.book_ref) == {"cash": 40_00, f"savings:{account}": -40_00}


@pytest.mark.covers("RLF-14")
def test_savings_are_shown_apart_from_the_seed_and_are_not_lent(savers: Savers, fund: Ref) -> None:
    before = finance.fund(MANAGER, fund)
    account = savers.account()
    savers.pay_in(account, 5_000_00)
    after = finance.fund(MANAGER, fund)
    assert after.savings == php(5_000_00)
    assert after.capital == before.capital
    assert (after.free, after.value) == (before.free, before.value)
    assert after.cash == before.cash + php(5_000_00)
    assert finance.free_of_fund(MANAGER, fund_ref=fund) == before.free


def test_interest_given_to_savers_is_no_longer_there_for_services(savers: Savers, maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, 12_000_00, on=date(2004, 1, 5), rate_yearly="0.12", instalments=1)
    maker.repay(loan, 12_120_00, date(2004, 2, 5))
    account = savers.account()
    savers.pay_in(account, 10_000_00)
    finance.post_interest(NATIONAL, account_ref=account, until=date(2004, 1, 31))
    with pytest.raises(finance.InterestShort) as refusal:
        finance.use_interest(
            COORDINATOR,
            fund_ref=fund,
            amount=php(120_00),
            purpose="school",
            decision_ref=Ref("rnd-00000001"),
            on=date(2004, 3, 1),
            key="school",
        )
    assert refusal.value.facts["kept_minor"] == 120_00 - 33_97


def test_savings_are_seen_and_moved_only_by_those_who_may(savers: Savers) -> None:
    account = savers.account()
    savers.pay_in(account, 100_00)
    with pytest.raises(NotFound):
        finance.savings_account(NEIGHBOUR, account)
    assert finance.savings(NEIGHBOUR) == []
    assert [row.balance for row in finance.savings(DONOR)] == [php(100_00)]
    for who in (DONOR, WORKER):
        with pytest.raises(NotAllowed):
            finance.deposit(who, account_ref=account, amount=php(1), on=OPENED, key="no")
        with pytest.raises(NotAllowed):
            finance.prepare_withdrawal(who, account_ref=account, amount=php(1), on=OPENED, key="no")
    assert savers.saved(account) == 100_00


def test_a_product_of_another_kind_opens_no_savings_and_savings_are_no_loan(savers: Savers, fund: Ref) -> None:
    with pytest.raises(finance.ProductNotThis):
        savers.account("group_loan")
    with pytest.raises(finance.ProductNotThis):
        finance.open_contract(
            NATIONAL,
            product="revolving_fund.member_savings",
            party_ref=ROSA,
            amount=php(1_00),
            scope="jump/asia/PH/riverside/",
            purpose="x",
            fund_ref=fund,
            on=OPENED,
            key="no",
        )


STEPS = st.lists(
    st.tuples(st.sampled_from(["in", "out", "undo", "interest"]), st.integers(1, 90_000), st.integers(0, 25)),
    max_size=14,
)


@pytest.mark.covers("SAVINGS-02")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_the_sum_of_movements_is_the_balance_and_never_negative_on_any_day(
    savers: Savers, steps: list[tuple[str, int, int]]
) -> None:
    account, day = savers.account(), OPENED
    refused: set[str] = set()
    for what, amount, later in steps:
        day = min(day + timedelta(days=later), date(2005, 5, 31))
        try:
            if what == "in":
                savers.pay_in(account, amount, on=day)
            elif what == "out":
                savers.take_out(account, amount, on=day)
            elif what == "undo":
                booked = [one for one in finance.savings_account(SYSTEM, account).movements if one.state == "booked"]
                if booked:
                    key = f"undo-{next(savers.numbers)}"
                    newest = next(one for one in booked if one.ref == _newest(account))
                    finance.undo_movement(MANAGER, movement_ref=newest.ref, why="mistake", on=day, key=key)
            else:
                until = day.replace(day=1) - timedelta(days=1)
                finance.post_interest(NATIONAL, account_ref=account, until=until)
        except Refusal as refusal:
            refused.add(refusal.code)
        view = finance.savings_account(SYSTEM, account)
        moved = [one for one in view.movements if one.state == "booked"]
        total = sum((one.amount if one.is_in else -one.amount).amount_minor for one in moved)
        assert total == view.balance.amount_minor == -ledger.balance(view.account_ref) >= 0
        assert all(one.balance_after is not None and one.balance_after.amount_minor >= 0 for one in _by_day(moved))
        ends = [one.period_to for one in moved if one.kind == "interest"]
        assert len(ends) == len(set(ends))
    assert all(code.startswith("finance.") for code in refused), refused


def _by_day(moved: list[finance.SavingsMovementView]) -> list[finance.SavingsMovementView]:
    """The last movement of each day: what was saved at its close."""
    return list({one.on: one for one in reversed(moved)}.values())


def _newest(account: Ref) -> Ref:
    from jump.engines.finance.models import SavingsMovement

    rows = SavingsMovement.objects.filter(account__ref=account, state="booked").order_by("-pk")
    return Ref(rows.values_list("ref", flat=True)[0])
