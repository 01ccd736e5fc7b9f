"""What happens to a loan beside money going out and coming back, and what the ledger says of it."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from jump.base import clock
from jump.base.refusals import NotAllowed, NotFound
from jump.core.schedules import Part, Role, cash_standing
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    COORDINATOR,
    DONOR,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    SECOND_MANAGER,
    SYSTEM,
    FundMaker,
    acting,
    balances,
    php,
)

if TYPE_CHECKING:
    from jump.engines.finance.queries.loans import LoanFile

TODAY = date(2004, 6, 30)
FIRST, SECOND, THIRD = date(2003, 12, 27), date(2004, 1, 27), date(2004, 2, 27)
EACH = 21_323_71


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    clock.pin(TODAY)


@pytest.fixture
def loan(maker: FundMaker, fund: Ref) -> Ref:
    """PHP 240,000 over twelve months at 12 % a year, paid out on 27 November 2003."""
    return maker.running_loan(fund)


def file_of(loan: Ref) -> LoanFile:
    from jump.engines.finance.models import Contract
    from jump.engines.finance.queries.loans import loan_file

    found = loan_file(Contract.objects.get(ref=loan))
    assert found is not None
    return found


def agreed(fact: Ref, on: date = TODAY) -> finance.LoanFactView:
    return finance.agree_loan_fact(COORDINATOR, fact_ref=fact, on=on)


def waiver(loan: Ref, amount_minor: int, part: str = "interest", on: date = TODAY, key: str = "w") -> Ref:
    return finance.prepare_waiver(
        NATIONAL, contract_ref=loan, part=part, amount=php(amount_minor), on=on, why="The harvest failed.", key=key
    )


def plan(loan: Ref, new: finance.NewPlan, key: str = "p") -> Ref:
    return finance.prepare_reschedule(
        NATIONAL, contract_ref=loan, plan=new, on=TODAY, why="The flood took the first harvest.", key=key
    )


def books_are_the_loans(fund: Ref, loans: list[Ref]) -> None:
    """Every account of the fund that loans move holds what the loans' facts say, and each claim is its loan's."""
    held = balances(fund)
    codes = {
        Role.INTEREST_INCOME: "interest",
        Role.FEE_INCOME: "fees",
        Role.PENALTY_INCOME: "penalties",
        Role.RECOVERY: "recovered",
        Role.WRITE_OFF: "losses",
        Role.OVERPAID: "overpaid",
    }
    standings = {loan: cash_standing(file_of(loan).account(clock.today()).movements) for loan in loans}
    for role, code in codes.items():
        assert held.get(code, 0) == sum(one.get(role, 0) for one in standings.values()), code
    for loan, standing in standings.items():
        assert held[f"loan:{loan}"] == standing.get(Role.PRINCIPAL, 0)
        assert finance.contract(MANAGER, loan).outstanding == php(standing.get(Role.PRINCIPAL, 0))
    rows = {row.ref: row.outstanding for row in finance.contracts(MANAGER, kind="loan")}
    assert rows == {loan: php(one.get(Role.PRINCIPAL, 0)) for loan, one in standings.items()}
    assert sum(held.values()) == 0


# --- waivers ----------------------------------------------------------------------------------------------------------


def test_a_waiver_is_agreed_by_a_second_person_and_moves_no_money(loan: Ref, fund: Ref) -> None:
    before = finance.contract(MANAGER, loan)
    fact = waiver(loan, 2_400_00)
    assert finance.contract(MANAGER, loan).owed == before.owed
    with pytest.raises(finance.SamePerson):
        finance.agree_loan_fact(NATIONAL, fact_ref=fact, on=TODAY)
    held = balances(fund)

    seen = agreed(fact)

    after = finance.contract(MANAGER, loan)
    assert (seen.state, seen.prepared_by, seen.agreed_by) == ("agreed", NATIONAL.key, COORDINATOR.key)
    assert after.owed == before.owed - php(2_400_00)
    assert (after.outstanding, after.schedule[0].waived_minor) == (before.outstanding, 2_400_00)
    assert balances(fund) == held
    assert [(one.kind, one.why) for one in after.loan_facts] == [("waiver", "The harvest failed.")]
    assert agreed(fact) == seen


@pytest.mark.parametrize("part", ["interest", "penalty", "fee"])
def test_no_more_is_waived_than_is_open_of_the_part(maker: FundMaker, fund: Ref, part: str) -> None:
    loan = maker.running_loan(fund, penalty_percent="2", penalty_after_days=7)
    open_minor = file_of(loan).account(TODAY).open_of(Part(part))
    with pytest.raises(finance.MoreThanOwed) as refusal:
        waiver(loan, open_minor + 1, part)
    assert refusal.value.facts == {"asked_minor": open_minor + 1, "owed_minor": open_minor, "currency": "PHP"}
    assert finance.contract(MANAGER, loan).loan_facts == ()


def test_principal_is_not_waived(loan: Ref) -> None:
    with pytest.raises(finance.MoreThanOwed):
        waiver(loan, 1, "principal")
    assert finance.contract(MANAGER, loan).loan_facts == ()


def test_a_waiver_is_taken_back_by_a_fact_that_names_it(loan: Ref, fund: Ref) -> None:
    owed = finance.contract(MANAGER, loan).owed
    fact = waiver(loan, 2_400_00)
    agreed(fact)
    back = finance.undo_loan_fact(COORDINATOR, fact_ref=fact, why="Wrong loan.", on=TODAY, key="back")

    after = finance.contract(MANAGER, loan)
    assert (back.kind, back.target_ref) == ("undone", fact)
    assert after.owed == owed
    assert [(one.ref, one.is_undone) for one in after.loan_facts] == [(fact, True), (back.ref, False)]
    assert finance.undo_loan_fact(COORDINATOR, fact_ref=fact, why="Again.", on=TODAY, key="twice").ref == back.ref
    books_are_the_loans(fund, [loan])


def test_what_was_proposed_can_be_given_up_and_is_then_not_agreed(loan: Ref) -> None:
    fact = waiver(loan, 2_400_00)
    finance.drop_loan_fact(NATIONAL, fact_ref=fact, why="They can pay after all.")
    with pytest.raises(finance.NotPrepared):
        agreed(fact)
    assert finance.contract(MANAGER, loan).schedule[0].waived_minor == 0


def test_nobody_proposes_or_sees_it_without_the_right(loan: Ref) -> None:
    for actor, refusal in ((DONOR, NotAllowed), (NEIGHBOUR, NotFound)):
        with pytest.raises(refusal):
            finance.prepare_waiver(
                actor, contract_ref=loan, part="interest", amount=php(1), on=TODAY, why="x", key=f"k{actor.key}"
            )
    fact = waiver(loan, 100)
    with pytest.raises(NotFound):
        finance.agree_loan_fact(NEIGHBOUR, fact_ref=fact, on=TODAY)
    with pytest.raises(NotFound):
        finance.loan_fact(NEIGHBOUR, fact)
    assert finance.loan_fact(MANAGER, fact).state == "prepared"


# --- payments found late, bounced, and beyond what is owed ------------------------------------------------------------


@pytest.mark.covers("RLF-06")
def test_a_payment_found_late_takes_back_the_late_fee_by_one_entry_of_today(maker: FundMaker, fund: Ref) -> None:
    """The payment of 27 December was lost in a drawer: the next one had paid a late fee of 426.47."""
    loan = maker.running_loan(fund, penalty_percent="2", penalty_after_days=7)
    second = maker.repay(loan, EACH, SECOND)
    assert second.penalty == php(0)  # it is charged with the second instalment, and the oldest is paid first
    third = maker.repay(loan, EACH, THIRD)
    assert third.penalty == php(426_47)
    known = [entry.ref for entry in ledger.entries(SYSTEM, account_ref=finance.contract(MANAGER, loan).account_ref)]

    late = maker.repay(loan, EACH, FIRST)

    entry = ledger.entry(late.entry_ref)
    assert (entry.occurred_on, entry.value_on) == (TODAY, FIRST)
    assert balances(fund)["penalties"] == 0
    assert finance.repayment(MANAGER, third.ref).penalty == php(0)
    after = [one.ref for one in ledger.entries(SYSTEM, account_ref=finance.contract(MANAGER, loan).account_ref)]
    assert set(known) < set(after)
    assert len(after) == len(known) + 1
    assert finance.contract(MANAGER, loan).paid == php(3 * EACH)
    books_are_the_loans(fund, [loan])


def test_a_fact_of_a_sealed_month_is_booked_today_with_its_true_day(loan: Ref, fund: Ref) -> None:
    book = finance.fund(SYSTEM, fund).book_ref
    for month in (200301, 200311, 200312):
        ledger.begin_closing(acting(8, "programme_coordinator"), book_ref=book, month=month)
        ledger.seal_period(COORDINATOR, book_ref=book, month=month)
    paid = finance.repay(MANAGER, contract_ref=loan, amount=php(EACH), on=FIRST, receipt="00077", key="late")
    entry = ledger.entry(paid.entry_ref)
    assert (entry.occurred_on, entry.value_on) == (TODAY, FIRST)
    assert finance.contract(MANAGER, loan, FIRST).paid == php(EACH)
    books_are_the_loans(fund, [loan])


@pytest.mark.covers("RLF-06")
def test_a_bounced_payment_is_taken_back_even_when_others_came_after_it(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund, penalty_percent="2", penalty_after_days=7)
    first = maker.repay(loan, EACH, FIRST)
    second = maker.repay(loan, EACH, SECOND)
    assert second.principal == php(19_112_95)

    undone = finance.undo_repayment(MANAGER, repayment_ref=first.ref, why="The cheque bounced.", on=TODAY, key="b")

    assert ledger.entry(first.entry_ref).reversed_by == undone.undone_by
    used = finance.repayment(MANAGER, second.ref)
    assert (used.interest, used.principal, used.penalty) == (php(2_400_00), php(18_923_71), php(0))
    view = finance.contract(MANAGER, loan)
    assert view.outstanding == php(240_000_00 - 18_923_71)
    assert [(one.kind, one.target_ref, one.why) for one in view.loan_facts] == [
        ("undone", first.ref, "The cheque bounced.")
    ]
    books_are_the_loans(fund, [loan])
    assert ledger.verify() == []


def test_money_beyond_what_is_owed_is_kept_where_the_product_says_so_and_given_back_by_two(
    maker: FundMaker, fund: Ref
) -> None:
    loan = maker.running_loan(fund, overpayment="keep")
    owed = finance.contract(MANAGER, loan, FIRST).owed.amount_minor
    seen = finance.preview_repayment(MANAGER, contract_ref=loan, amount=php(owed + 500_00), on=FIRST)
    assert seen.overpaid == php(500_00)
    paid = maker.repay(loan, owed + 500_00, FIRST)
    assert paid.overpaid == php(500_00)
    view = finance.contract(MANAGER, loan)
    assert (view.state, view.overpaid) == ("settled", php(500_00))
    assert balances(fund)["overpaid"] == -500_00

    with pytest.raises(finance.MoreThanOverpaid):
        finance.prepare_refund(NATIONAL, contract_ref=loan, amount=php(500_01), on=TODAY, why="Too much", key="r0")
    fact = finance.prepare_refund(NATIONAL, contract_ref=loan, amount=php(500_00), on=TODAY, why="Too much", key="r")
    cash = balances(fund)["cash"]
    with pytest.raises(finance.SamePerson):
        finance.agree_loan_fact(NATIONAL, fact_ref=fact, on=TODAY)
    assert balances(fund)["cash"] == cash
    agreed(fact)
    assert balances(fund)["cash"] == cash - 500_00
    assert balances(fund)["overpaid"] == 0
    assert finance.contract(MANAGER, loan).overpaid == php(0)
    books_are_the_loans(fund, [loan])


# --- new plans --------------------------------------------------------------------------------------------------------


def test_a_new_plan_is_seen_before_it_is_agreed_and_kept_afterwards(loan: Ref, fund: Ref, maker: FundMaker) -> None:
    maker.repay(loan, EACH, FIRST)
    new = finance.NewPlan(from_on=SECOND, due_on=date(2004, 7, 27), extra_terms=2)
    seen = finance.preview_reschedule(NATIONAL, contract_ref=loan, plan=new)
    assert [line.due_on for line in seen.after[:3]] == [FIRST, date(2004, 7, 27), date(2004, 8, 27)]
    assert (len(seen.before), len(seen.after)) == (12, 14)
    assert sum(line.principal_minor for line in seen.after) == 240_000_00
    assert finance.contract(MANAGER, loan).days_late > 0

    agreed(plan(loan, new))

    view = finance.contract(MANAGER, loan)
    assert [line.due_on for line in view.schedule] == [line.due_on for line in seen.after]
    assert [line.interest_minor for line in view.schedule] == [line.interest_minor for line in seen.after]
    assert (view.days_late, view.next_due_on, view.is_rescheduled) == (0, date(2004, 7, 27), True)
    assert finance.contract(MANAGER, loan, THIRD).is_rescheduled is False
    books_are_the_loans(fund, [loan])


@pytest.mark.covers("RLF-08")
def test_portfolio_at_risk_counts_a_rescheduled_loan_in_the_strict_form(loan: Ref, fund: Ref, maker: FundMaker) -> None:
    maker.repay(loan, EACH, FIRST)
    late = finance.portfolio(MANAGER, as_of=TODAY, fund_ref=fund)
    owed = 240_000_00 - 18_923_71
    assert (late.par90.numerator, late.provision) == (owed, php(round(owed * 0.75)))
    agreed(plan(loan, finance.NewPlan(from_on=SECOND, due_on=date(2004, 7, 27))))
    seen = finance.portfolio(MANAGER, as_of=TODAY, fund_ref=fund)
    assert (seen.par30.numerator, seen.strict[30].numerator, seen.strict[90].numerator) == (0, owed, owed)
    assert (seen.rescheduled, seen.provision) == (php(owed), php(0))
    assert [(band.days_from, band.loans) for band in seen.ages if band.loans] == [(0, 1)]


@pytest.mark.parametrize(
    "new",
    [
        finance.NewPlan(from_on=date(2004, 1, 1), extra_terms=1),  # nothing is due that day
        finance.NewPlan(from_on=FIRST, extra_terms=1),  # paid
        finance.NewPlan(from_on=SECOND, due_on=FIRST),  # before the one before it
    ],
)
def test_a_new_plan_begins_with_a_payment_that_is_open(loan: Ref, maker: FundMaker, new: finance.NewPlan) -> None:
    maker.repay(loan, EACH, FIRST)
    with pytest.raises(finance.NoSuchInstalment):
        plan(loan, new)
    with pytest.raises(finance.NothingChanges):
        plan(loan, finance.NewPlan(from_on=SECOND))
    assert finance.contract(MANAGER, loan).loan_facts == ()


# --- losses -----------------------------------------------------------------------------------------------------------


def test_a_loan_charged_off_is_a_loss_that_is_still_collected(loan: Ref, fund: Ref, maker: FundMaker) -> None:
    maker.repay(loan, EACH, FIRST)
    fact = finance.prepare_charge_off(NATIONAL, contract_ref=loan, on=THIRD, why="They left.", key="c")
    agreed(fact)
    assert balances(fund)["losses"] == 240_000_00 - 18_923_71
    maker.repay(loan, 1_000_00, TODAY)
    assert balances(fund)["recovered"] == -1_000_00
    books_are_the_loans(fund, [loan])
    with pytest.raises(finance.WrongState):
        finance.prepare_charge_off(NATIONAL, contract_ref=loan, on=TODAY, why="Again.", key="c2")


# --- whatever happens -------------------------------------------------------------------------------------------------


@pytest.mark.covers("RLF-06")
@pytest.mark.parametrize("seed", range(6))
def test_under_any_order_of_facts_the_books_are_the_loans(maker: FundMaker, seed: int) -> None:
    """Payments in order, found late or bounced, waivers, refunds, new plans, losses: after each the books agree."""
    chance = random.Random(seed)
    fund = maker.fund(capital_minor=1_000_000_00)
    clock.pin(date(2005, 6, 30))
    loans: list[Ref] = []
    for number in range(2):
        loans.append(
            maker.running_loan(
                fund,
                chance.choice([24_000_000, 10_000_001]),
                party=Ref(f"grp-0000000{number + 2}"),
                overpayment="keep",
                penalty_percent="2",
                penalty_after_days=chance.choice([3, 7, 40]),
                fee_percent=chance.choice(["0", "1"]),
                schedule=chance.choice(["cumulative", "progressive"]),
                method=chance.choice(["declining_equal_instalments", "declining_equal_principal", "flat"]),
                instalments=chance.choice([3, 12]),
                allocation=chance.choice(
                    [
                        ["fee", "penalty", "interest", "principal"],
                        "interest_principal_penalties_fees_order",
                        "due_penalty_fee_interest_principal_in_advance_principal_penalty_fee_interest",
                    ]
                ),
            )
        )
    done = 0
    for step in range(24):
        loan = chance.choice(loans)
        try:
            _something(maker, loan, chance, f"{seed}-{step}")
            done += 1
        except (
            finance.MoreThanOwed,
            finance.MoreThanOverpaid,
            finance.WrongState,
            finance.NoSuchInstalment,
            finance.NothingChanges,
            finance.DayImpossible,
            finance.TermsImpossible,
        ):
            pass
        books_are_the_loans(fund, loans)
    assert done > 8
    assert ledger.verify() == []


def _something(maker: FundMaker, loan: Ref, chance: random.Random, key: str) -> None:
    view = finance.contract(MANAGER, loan)
    on = date(2003, 11, 27) + timedelta(days=chance.randint(0, 560))
    what = chance.choice(["pay"] * 5 + ["bounce", "bounce", "waive", "refund", "plan", "undo", "charge_off", "lose"])
    if what == "pay":
        maker.repay(loan, chance.choice([1, 50_000, EACH, 5_000_000]), on)
    elif what == "bounce":
        standing = [one for one in view.repayments if one.undone_by is None]
        if standing:
            finance.undo_repayment(
                MANAGER, repayment_ref=chance.choice(standing).ref, why="Bounced.", on=clock.today(), key=key
            )
    elif what == "waive":
        part = chance.choice(["interest", "penalty", "fee"])
        agreed(waiver(loan, chance.randint(1, 200_000), part, on, key), clock.today())
    elif what == "refund":
        amount = php(max(1, view.overpaid.amount_minor))
        fact = finance.prepare_refund(
            NATIONAL, contract_ref=loan, amount=amount, on=clock.today(), why="Too much.", key=key
        )
        finance.agree_loan_fact(SECOND_MANAGER, fact_ref=fact, on=clock.today())
    elif what == "plan":
        still = [line for line in view.schedule if line.mark != "paid" and not line.is_extra]
        if still:
            line = chance.choice(still)
            new = finance.NewPlan(
                from_on=line.due_on,
                due_on=chance.choice([None, line.due_on + timedelta(days=chance.randint(1, 90))]),
                extra_terms=chance.randint(0, 3),
                rate_yearly=chance.choice([None, Decimal("0.06")]),
            )
            agreed(
                finance.prepare_reschedule(
                    NATIONAL, contract_ref=loan, plan=new, on=clock.today(), why="A flood.", key=key
                ),
                clock.today(),
            )
    elif what == "undo":
        facts = [one for one in view.loan_facts if one.kind != "undone" and not one.is_undone]
        if facts:
            finance.undo_loan_fact(
                COORDINATOR, fact_ref=chance.choice(facts).ref, why="Wrong.", on=clock.today(), key=key
            )
    elif what == "charge_off" and chance.random() < 0.3:
        agreed(
            finance.prepare_charge_off(NATIONAL, contract_ref=loan, on=clock.today(), why="Gone.", key=key),
            clock.today(),
        )
    elif what == "lose" and chance.random() < 0.2:
        finance.prepare_write_off(NATIONAL, contract_ref=loan, why="Gone for good.")
        finance.write_off(COORDINATOR, contract_ref=loan, on=clock.today(), key=key)
