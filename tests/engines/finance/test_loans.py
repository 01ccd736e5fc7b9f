"""A loan from its contract to its last payment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from jump.base.refusals import NotAllowed, NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DAY,
    DONOR,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SECOND_MANAGER,
    SYSTEM,
    WORKER,
    FundMaker,
    acting,
    balances,
    php,
)


@pytest.mark.covers("RLF-06")
def test_a_loan_runs_from_contract_to_settlement_and_every_entry_balances(maker: FundMaker, fund: Ref) -> None:
    """PHP 240,000 over 12 months at 12 % a year: the loan on the design's page, to the cent."""
    loan = maker.running_loan(fund)

    view = finance.contract(MANAGER, loan, date(2003, 12, 1))
    assert [(line.due_on, line.principal_minor, line.interest_minor) for line in view.schedule[:2]] == [
        (date(2003, 12, 27), 18_923_71, 2_400_00),
        (date(2004, 1, 27), 19_112_95, 2_210_76),
    ]
    assert sum(line.principal_minor for line in view.schedule) == 240_000_00
    assert sum(line.interest_minor for line in view.schedule) == 15_884_50
    assert view.outstanding == php(240_000_00)
    assert balances(fund)["cash"] == 760_000_00

    for line in view.schedule:
        maker.repay(loan, line.due_minor, line.due_on)

    done = finance.contract(MANAGER, loan, date(2004, 12, 1))
    assert done.state == "settled"
    assert done.owed == php(0)
    assert done.paid == php(255_884_50)
    held = balances(fund)
    assert held["cash"] == 1_015_884_50
    assert held["interest"] == -15_884_50
    assert held[f"loan:{loan}"] == 0
    assert sum(held.values()) == 0
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("CER-16")
def test_nothing_is_paid_while_a_condition_is_open(maker: FundMaker, fund: Ref) -> None:
    loan = maker.loan(fund, met=False)
    finance.meet_condition(
        SYSTEM,
        contract_ref=loan,
        condition="agreement",
        proof_ref=Ref("sub-00000001"),
        decided_by=("user:21",),
        on=DAY,
    )
    tranche = finance.prepare_release(NATIONAL, contract_ref=loan, number=1, on=DAY)

    with pytest.raises(finance.ConditionOpen) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)

    assert refusal.value.facts == {"conditions": "approval, members_paid", "contract": loan}
    assert balances(fund)["cash"] == 1_000_000_00
    view = finance.contract(MANAGER, loan)
    assert view.state == "waiting"
    assert view.tranches[0].waits_for == ("approval", "members_paid")
    assert ledger.entries(SYSTEM, source_ref=tranche) == []


@pytest.mark.covers("CER-16")
def test_who_prepares_a_payment_does_not_release_it(maker: FundMaker, fund: Ref) -> None:
    loan = maker.loan(fund)
    tranche = finance.prepare_release(MANAGER, contract_ref=loan, number=1, on=DAY)

    with pytest.raises(finance.SamePerson) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)
    assert refusal.value.facts == {"doing": "release", "did": "prepare", "tranche": tranche}
    assert balances(fund)["cash"] == 1_000_000_00

    paid = finance.approve_release(SECOND_MANAGER, tranche_ref=tranche, on=DAY)
    assert (paid.state, paid.prepared_by, paid.released_by) == ("released", "user:3", "user:4")


def test_who_scores_does_not_release(maker: FundMaker, fund: Ref) -> None:
    loan = maker.loan(fund, met=False)
    maker.meet(loan, decided_by=("user:21", MANAGER.key))
    tranche = finance.prepare_release(NATIONAL, contract_ref=loan, number=1, on=DAY)

    with pytest.raises(finance.SamePerson) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)
    assert refusal.value.facts["did"] == "decide"
    assert balances(fund)["cash"] == 1_000_000_00


def test_who_prepares_an_award_cannot_approve_it_alone(maker: FundMaker, fund: Ref) -> None:
    loan = maker.loan(fund, met=False)
    with pytest.raises(finance.SamePerson):
        finance.meet_condition(
            NATIONAL,
            contract_ref=loan,
            condition="approval",
            proof_ref=Ref("rnd-00000001"),
            decided_by=(NATIONAL.key,),
            on=DAY,
        )
    assert not finance.contract(MANAGER, loan).conditions[0].is_met


def test_releasing_twice_pays_once(maker: FundMaker, fund: Ref) -> None:
    loan = maker.loan(fund)
    tranche = finance.prepare_release(NATIONAL, contract_ref=loan, number=1, on=DAY)
    first = finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)
    again = finance.approve_release(SECOND_MANAGER, tranche_ref=tranche, on=DAY)

    assert again == first
    assert balances(fund)["cash"] == 760_000_00


def test_a_payment_must_be_prepared_first(maker: FundMaker, fund: Ref) -> None:
    loan = maker.loan(fund)
    tranche = finance.contract(MANAGER, loan).tranches[0].ref
    with pytest.raises(finance.NotPrepared):
        finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)
    assert balances(fund)["cash"] == 1_000_000_00


@pytest.mark.covers("RLF-05")
def test_a_loan_is_refused_when_the_fund_would_fall_below_its_reserve(maker: FundMaker) -> None:
    fund = maker.fund(capital_minor=20_000_000)
    with pytest.raises(finance.FundShort) as refusal:
        maker.loan(fund, 18_000_001)
    assert refusal.value.facts == {"asked_minor": 18_000_001, "free_minor": 18_000_000, "currency": "PHP"}
    assert finance.count_contracts(MANAGER) == 0

    maker.running_loan(fund, 18_000_000)
    assert balances(fund)["cash"] == 2_000_000


@pytest.mark.covers("RLF-05")
def test_one_borrower_may_owe_no_more_than_the_rule_says(maker: FundMaker) -> None:
    maker.rules = finance.FundRules({"one_borrower_share_max": Decimal("0.10")})
    fund = maker.fund(capital_minor=100_000_000)
    maker.running_loan(fund, 6_000_000)

    with pytest.raises(finance.AboveLimit) as refusal:
        maker.loan(fund, 4_000_001)
    assert refusal.value.facts == {
        "asked_minor": 10_000_001,
        "limit_minor": 10_000_000,
        "currency": "PHP",
        "rule": "one_borrower_share_max",
    }
    maker.loan(fund, 4_000_000)
    maker.loan(fund, 10_000_000, party=Ref("grp-00000002"))


def test_a_loan_above_the_products_limit_is_refused_at_the_days_rate(maker: FundMaker, fund: Ref) -> None:
    """USD 15,000 at 53.50 is PHP 802,500."""
    with pytest.raises(finance.AboveLimit) as refusal:
        maker.loan(fund, 80_250_001)
    assert refusal.value.facts["limit_minor"] == 80_250_000


# --- repayments ---------------------------------------------------------------------------------------------


def test_the_preview_says_what_will_happen_and_saves_nothing(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    seen = finance.preview_repayment(MANAGER, contract_ref=loan, amount=php(21_323_71), on=date(2003, 12, 27))

    assert (seen.interest, seen.principal, seen.principal_after) == (
        php(2_400_00),
        php(18_923_71),
        php(221_076_29),
    )
    assert seen.owed_after == php(255_884_50 - 21_323_71)
    assert (seen.next_due_on, seen.next_due) == (date(2004, 1, 27), php(21_323_71))
    assert balances(fund)["cash"] == 760_000_00

    booked = maker.repay(loan, 21_323_71, date(2003, 12, 27))
    assert (booked.interest, booked.principal, booked.owed_after) == (seen.interest, seen.principal, seen.owed_after)


def test_more_than_is_owed_is_refused_and_nothing_moves(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    with pytest.raises(finance.MoreThanOwed) as refusal:
        maker.repay(loan, 255_884_51, date(2004, 1, 5))

    assert refusal.value.facts == {"asked_minor": 255_884_51, "owed_minor": 255_884_50, "currency": "PHP"}
    assert refusal.value.http_status == 422
    assert balances(fund)["cash"] == 760_000_00
    assert finance.contract(MANAGER, loan).repayments == ()


@pytest.mark.parametrize("amount_minor", [0, -500])
def test_zero_and_negative_amounts_are_refused(maker: FundMaker, fund: Ref, amount_minor: int) -> None:
    loan = maker.running_loan(fund)
    with pytest.raises(finance.AmountNotPositive):
        maker.repay(loan, amount_minor, date(2004, 1, 5))
    assert balances(fund)["cash"] == 760_000_00


def test_another_currency_is_refused(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    with pytest.raises(finance.WrongCurrency) as refusal:
        finance.repay(
            MANAGER, contract_ref=loan, amount=Money(100, "USD"), on=date(2004, 1, 5), receipt="00001", key="k"
        )
    assert refusal.value.facts == {"expected": "PHP", "given": "USD"}
    assert balances(fund)["cash"] == 760_000_00


def test_a_receipt_number_is_used_once_in_a_fund(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    other = maker.running_loan(fund, 1_000_000, party=Ref("grp-00000002"))
    maker.repay(other, 10_000, date(2004, 1, 5), receipt="00912")

    with pytest.raises(finance.ReceiptUsed) as refusal:
        maker.repay(loan, 21_323_71, date(2004, 1, 5), receipt="00912")
    assert refusal.value.facts == {"receipt": "00912", "contract": other}
    assert finance.contract(MANAGER, loan).repayments == ()


def test_the_same_slip_sent_twice_is_one_repayment(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    slip = {"contract_ref": loan, "on": date(2004, 1, 5), "receipt": "00871", "key": "phone-17"}
    first = finance.repay(MANAGER, amount=php(1_000_000), **slip)  # type: ignore[arg-type]
    again = finance.repay(MANAGER, amount=php(1_000_000), **slip)  # type: ignore[arg-type]
    assert again == first
    with pytest.raises(finance.KeyReused):
        finance.repay(MANAGER, amount=php(2_000_000), **slip)  # type: ignore[arg-type]
    assert balances(fund)["cash"] == 77_000_000


@pytest.mark.parametrize("on", [date(2003, 11, 26), date(2999, 1, 1)])
def test_a_day_before_the_loan_or_after_today_is_impossible(maker: FundMaker, fund: Ref, on: date) -> None:
    loan = maker.running_loan(fund)
    with pytest.raises(finance.DayImpossible):
        maker.repay(loan, 100, on)
    assert balances(fund)["cash"] == 760_000_00


@pytest.mark.covers("RLF-06")
def test_a_wrong_repayment_is_undone_by_a_reversal_and_the_receipt_is_free_again(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    maker.repay(loan, 21_323_71, date(2003, 12, 27), receipt="00655")
    wrong = maker.repay(loan, 500_000, date(2004, 1, 5), receipt="00656")

    with pytest.raises(finance.DecisionMissing):
        finance.undo_repayment(MANAGER, repayment_ref=wrong.ref, why="", on=date(2004, 1, 6), key="u1")
    undone = finance.undo_repayment(MANAGER, repayment_ref=wrong.ref, why="wrong loan", on=date(2004, 1, 6), key="u2")

    assert ledger.entry(wrong.entry_ref).reversed_by == undone.undone_by
    view = finance.contract(MANAGER, loan, date(2004, 1, 6))
    assert view.paid == php(21_323_71)
    assert view.outstanding == php(221_076_29)
    assert balances(fund)[f"loan:{loan}"] == 221_076_29
    maker.repay(loan, 400_000, date(2004, 1, 6), receipt="00656")
    assert ledger.verify() == []


def test_late_fees_come_once_per_instalment_after_the_days_agreed(maker: FundMaker, fund: Ref) -> None:
    """2 % of the open instalment, on the eighth day after it fell due."""
    loan = maker.running_loan(fund, penalty_percent="2", penalty_after_days=7)

    assert finance.contract(MANAGER, loan, date(2004, 1, 3)).owed == php(255_884_50)
    late = finance.contract(MANAGER, loan, date(2004, 1, 4))
    assert late.owed == php(255_884_50 + 426_47)
    assert (late.days_late, late.late_since) == (8, date(2003, 12, 27))
    assert finance.contract(MANAGER, loan, date(2004, 1, 26)).owed == late.owed


# --- late, written off --------------------------------------------------------------------------------------


@pytest.mark.covers("RLF-08")
def test_portfolio_at_risk_counts_whole_balances_by_days(maker: FundMaker, fund: Ref) -> None:
    on = date(2004, 3, 1)
    good = maker.running_loan(fund, 10_000_000, party=Ref("grp-00000002"), instalments=6, rate_yearly="0")
    late = maker.running_loan(fund, 30_000_000, party=Ref("grp-00000003"), instalments=6, rate_yearly="0")
    for due in (date(2003, 12, 27), date(2004, 1, 27), date(2004, 2, 27)):
        maker.repay(good, 1_666_667, due)
    maker.repay(late, 5_000_000, date(2003, 12, 27))

    seen = finance.portfolio(MANAGER, as_of=on, fund_ref=fund)

    assert finance.contract(MANAGER, late, on).days_late == 34
    assert (seen.loans, seen.borrowers, seen.late_loans) == (2, 2, 1)
    assert seen.outstanding == php(4_999_999 + 25_000_000)
    assert (seen.par30.numerator, seen.par30.denominator) == (25_000_000, 29_999_999)
    assert seen.par30.percent() == Decimal("83.33")
    assert (seen.par60.numerator, seen.par90.numerator) == (0, 0)
    assert finance.portfolio(MANAGER, as_of=date(2003, 12, 27), fund_ref=fund).par30.numerator == 0
    assert [row.ref for row in finance.who_owes(MANAGER, as_of=on)] == [late]


@pytest.mark.covers("RLF-06", "RLF-08")
def test_a_loan_is_written_off_by_two_people_and_still_collected(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    maker.repay(loan, 21_323_71, date(2003, 12, 27))
    finance.prepare_write_off(NATIONAL, contract_ref=loan, why="The mill burnt down.")
    with pytest.raises(finance.SamePerson):
        finance.write_off(NATIONAL, contract_ref=loan, on=date(2004, 6, 1), key="w")

    assert finance.write_off(COORDINATOR, contract_ref=loan, on=date(2004, 6, 1), key="w") == 221_076_29

    held = balances(fund)
    assert held["losses"] == 221_076_29
    assert held[f"loan:{loan}"] == 0
    seen = finance.portfolio(MANAGER, as_of=date(2004, 6, 30), fund_ref=fund)
    assert (seen.outstanding, seen.written_off) == (php(0), php(221_076_29))
    assert seen.par30.percent() is None

    maker.repay(loan, 50_000_00, date(2004, 6, 15))
    assert balances(fund)["recovered"] == -50_000_00
    with pytest.raises(finance.MoreThanOwed):
        maker.repay(loan, 171_076_30, date(2004, 6, 16))
    assert finance.contract(MANAGER, loan, date(2004, 6, 30)).recovered == php(50_000_00)
    assert ledger.verify() == []


# --- who sees and may ---------------------------------------------------------------------------------------


def test_a_fund_manager_of_another_country_sees_and_does_nothing_here(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    assert finance.contracts(NEIGHBOUR) == []
    assert finance.funds(NEIGHBOUR) == []
    with pytest.raises(NotFound):
        finance.contract(NEIGHBOUR, loan)
    with pytest.raises(NotFound):
        finance.repay(NEIGHBOUR, contract_ref=loan, amount=php(5), on=date(2004, 1, 1), receipt="1", key="n")


@pytest.mark.parametrize("who", [WORKER, DONOR, acting(8, "selection_panel")])
def test_workers_donors_and_panels_move_no_money(maker: FundMaker, fund: Ref, who: object) -> None:
    loan = maker.running_loan(fund)
    with pytest.raises((NotAllowed, NotFound)):
        finance.repay(who, contract_ref=loan, amount=php(5), on=date(2004, 1, 1), receipt="1", key="n")  # type: ignore[arg-type]
    with pytest.raises((NotAllowed, NotFound)):
        finance.prepare_release(who, contract_ref=loan, number=1, on=DAY)  # type: ignore[arg-type]
    assert finance.contract(SYSTEM, loan).repayments == ()


# --- invariants ---------------------------------------------------------------------------------------------


@pytest.mark.covers("RLF-06")
@given(
    amount_minor=st.integers(10_000, 50_000_000),
    months=st.integers(2, 12),
    shares=st.lists(st.integers(1, 100), min_size=1, max_size=5),
)
@pytest.mark.django_db
def test_whatever_is_paid_the_loan_account_is_what_is_still_owed(
    amount_minor: int, months: int, shares: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from django.db import transaction

    from jump.base import packages, scopes
    from tests.engines.finance.makers import declare_places, install_products

    scopes.forget_nodes()
    packages.forget()
    with transaction.atomic():
        declare_places()
        install_products(tmp_path_factory.mktemp("packages"))
        maker = FundMaker()
        maker.rate()
        fund = maker.fund()
        loan = maker.running_loan(fund, amount_minor, instalments=months, penalty_percent="2")
        day = date(2004, 1, 10)
        for share in shares:
            owed = finance.contract(SYSTEM, loan, day).owed.amount_minor
            part = max(owed * share // 100, 1)
            if owed == 0:
                break
            maker.repay(loan, part, day)
            day = date(day.year + (day.month == 12), day.month % 12 + 1, 10)
        view = finance.contract(SYSTEM, loan, day)
        held = balances(fund)
        assert held[f"loan:{loan}"] == view.outstanding.amount_minor
        paid = sum(one.amount.amount_minor for one in view.repayments)
        assert held["cash"] == 100_000_000 - amount_minor + paid
        assert -(held["interest"] + held["penalties"] + held["fees"]) == paid - (
            amount_minor - view.outstanding.amount_minor
        )
        assert sum(held.values()) == 0
        transaction.set_rollback(True)


def test_contract_lists_cost_the_same_however_many_there_are(
    maker: FundMaker, fund: Ref, django_assert_max_num_queries: object
) -> None:
    for number in range(5):
        maker.running_loan(fund, 1_000_000, party=Ref(f"grp-{number:08}"))
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        rows = finance.contracts(MANAGER, scope=RIVERSIDE)
    assert [row.outstanding for row in rows] == [php(1_000_000)] * 5


def test_a_refusal_names_amounts_as_people_write_them(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    with pytest.raises(finance.MoreThanOwed) as refusal:
        maker.repay(loan, 255_884_51, date(2004, 1, 5))
    assert refusal.value.sentence() == "This is more than is owed: 255,884.50 PHP is left to pay."
    assert refusal.value.as_problem()["facts"]["owed_minor"] == 255_884_50
