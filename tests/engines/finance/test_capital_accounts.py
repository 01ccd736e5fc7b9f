"""Internal capital accounts: entry, the year's result, interest, losses, leaving, to the cent and with four eyes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import NotAllowed, NotFound, Refusal
from jump.core.ownership import LineKind
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import DONOR, MANAGER, NATIONAL, NEIGHBOUR, SYSTEM
from tests.engines.finance.owners import (
    ANA,
    BEN,
    CORA,
    OPENED,
    POTTERS,
    Owners,
    held,
    install_ownership,
    usd,
)

MARCH = date(2004, 3, 15)


@pytest.fixture
def owners(products: None, tmp_path: Path) -> Owners:
    clock.pin(date(2010, 6, 30))
    install_ownership(tmp_path / "ownership")
    return Owners()


def book(capital: Ref) -> dict[str, int]:
    return held(finance.capital(SYSTEM, capital).book_ref)


def balances(capital: Ref) -> dict[Ref, int]:
    return {one.member_ref: one.balance.amount_minor for one in finance.capital(SYSTEM, capital).accounts}


@pytest.mark.covers("INCUBATE-09")
def test_a_quarter_of_the_entry_contribution_stays_with_the_reserve(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA)

    view = finance.capital(SYSTEM, capital)
    assert (view.in_accounts, view.reserve, view.cash) == (usd(12_000_00), usd(4_000_00), usd(16_000_00))
    assert book(capital) == {"cash": 16_000_00, "reserve": -4_000_00, f"member:{account}": -12_000_00}
    with pytest.raises(finance.MoreThanFee) as refused:
        owners.prepare(capital, "pay_entry", OPENED, account=account, amount_minor=1)
    assert refused.value.facts["open_minor"] == 0


@pytest.mark.covers("INCUBATE-09")
def test_an_entry_contribution_paid_in_parts_keeps_the_same_quarter_to_the_cent(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA, fee_minor=100_01, paid_minor=0)
    for paid in (33_33, 33_34, 33_34):
        owners.do(capital, "pay_entry", OPENED, account=account, amount_minor=paid)

    assert book(capital) == {"cash": 100_01, "reserve": -25_00, f"member:{account}": -75_01}
    assert finance.capital(SYSTEM, capital).accounts[0].paid == usd(100_01)


@pytest.mark.covers("INCUBATE-09")
def test_the_published_surplus_is_split_45_10_45_and_among_members_by_labour(owners: Owners) -> None:
    """200,000 by 45/10/45; weights 1,700 x 1.0, 1,700 x 1.5, 850 x 1.0 (finance rules, section 5)."""
    capital = owners.capital()
    a, b, c = (owners.member(capital, one, paid_minor=0) for one in (ANA, BEN, CORA))
    asked = owners.year(capital, 200_000_00, {a: (1_700, "1.0"), b: (1_700, "1.5"), c: (850, "1.0")})

    step = owners.do(**asked)

    view = finance.capital(SYSTEM, capital)
    assert (view.reserve, view.education, view.in_accounts) == (usd(90_000_00), usd(20_000_00), usd(90_000_00))
    assert balances(capital) == {ANA: 30_000_00, BEN: 45_000_00, CORA: 15_000_00}
    assert step.figures["members_minor"] == 90_000_00
    assert view.closed_until == 2003
    assert book(capital)["enterprise"] == 200_000_00
    assert ledger.verify() == []


@pytest.mark.covers("INCUBATE-09")
def test_interest_on_the_account_is_840_a_year_and_the_exit_four_payments_of_3000(owners: Owners) -> None:
    """16,000 paid, 12,000 on the account, 7 %: 840; paid out in cash, then four instalments (finance rules, 5)."""
    capital = owners.capital(interest_paid="cash")
    account = owners.member(capital, ANA)
    owners.do(**owners.year(capital, 840_00, {account: (1_700, "1")}, interest_rate="0.07"))

    view = finance.capital(SYSTEM, capital)
    assert (view.in_accounts, view.owed, view.reserve) == (usd(12_000_00), usd(840_00), usd(4_000_00))
    owners.do(capital, "pay_interest", MARCH, account=account)
    leaving = owners.do(capital, "leave", MARCH, account=account, cause="retirement", instalments=4)

    assert leaving.figures["deducted_minor"] == 0
    assert [(one["due_on"], one["capital_minor"]) for one in leaving.figures["payments"]] == [
        (f"{year}-03-15", 3_000_00) for year in (2005, 2006, 2007, 2008)
    ]
    with pytest.raises(finance.StepImpossible):  # not before its day
        owners.prepare(capital, "pay_out", date(2005, 3, 14), account=account, number=1)
    for number, year in enumerate((2005, 2006, 2007, 2008), start=1):
        owners.do(capital, "pay_out", date(year, 3, 15), account=account, number=number)

    assert book(capital) == {"cash": 16_000_00 - 840_00 - 12_000_00, "reserve": -4_000_00, "enterprise": 840_00}
    statement = finance.member_statement(SYSTEM, account_ref=account)
    assert [(one.line.kind, one.line.amount_minor, one.balance_minor) for one in statement.lines] == [
        (LineKind.ENTRY, 12_000_00, 12_000_00),
        *((LineKind.PAY_OUT, -3_000_00, left) for left in (9_000_00, 6_000_00, 3_000_00, 0)),
    ]
    assert statement.row.state is finance.StakeState.CLOSED
    assert [one.paid_on for one in statement.pay_outs] == [date(year, 3, 15) for year in (2005, 2006, 2007, 2008)]


@pytest.mark.covers("INCUBATE-09")
def test_a_balance_is_stake_and_allocations_and_interest_less_what_was_taken_out(owners: Owners) -> None:
    capital = owners.capital()
    a, b = owners.member(capital, ANA), owners.member(capital, BEN)
    hours = {a: (1_700, "1"), b: (1_700, "1.25")}
    owners.do(**owners.year(capital, 50_000_01, hours, interest_rate="0.05"))
    owners.do(capital, "revalue", date(2004, 4, 1), year=2003, rate="0.10", inflation="0.03", reserve_minor=10**9)
    owners.do(**owners.year(capital, -3_000_01, hours, year=2004, on=date(2005, 3, 1)))
    owners.do(capital, "leave", date(2005, 3, 2), account=a, cause="early", instalments=1)
    owners.do(capital, "pay_out", date(2005, 3, 2), account=a, number=1, paid_from="enterprise")

    for account, member in ((a, ANA), (b, BEN)):
        lines = finance.member_statement(SYSTEM, account_ref=account).lines
        assert lines[-1].balance_minor == sum(one.line.amount_minor for one in lines) == balances(capital)[member]
    assert {one.line.kind for one in finance.member_statement(SYSTEM, account_ref=a).lines} == {
        LineKind.ENTRY,
        LineKind.INTEREST,
        LineKind.SURPLUS,
        LineKind.REVALUATION,
        LineKind.LOSS,
        LineKind.DEDUCTION,
        LineKind.PAY_OUT,
    }
    assert balances(capital)[ANA] == 0
    assert sum(ledger.balances(finance.capital(SYSTEM, capital).book_ref).values()) == 0
    connection.check_constraints()


@pytest.mark.covers("INCUBATE-09")
def test_every_step_is_prepared_by_one_and_approved_by_another(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA)
    before = book(capital)
    step = owners.prepare(**owners.year(capital, 100_00, {account: (1, "1")}))

    assert book(capital) == before
    for actor, refusal in ((NATIONAL, finance.SamePerson), (DONOR, NotAllowed), (NEIGHBOUR, NotFound)):
        with pytest.raises(refusal):
            finance.approve_step(actor, step_ref=step)
    assert book(capital) == before
    done = finance.approve_step(MANAGER, step_ref=step)
    assert (done.prepared_by, done.approved_by) == (NATIONAL.key, MANAGER.key)
    assert finance.approve_step(MANAGER, step_ref=step) == done
    assert len(ledger.entries(SYSTEM, source_ref=step)) == 1


def test_what_will_happen_is_what_happens_and_saves_nothing(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA)
    asked = owners.year(capital, 1_000_00, {account: (10, "1")}, interest_rate="0.02")
    subject, kind, on = asked.pop("subject"), asked.pop("kind"), asked.pop("on")

    preview = finance.preview_step(NATIONAL, subject_ref=subject, kind=finance.StepKind(kind), asked=asked, on=on)
    assert finance.capital(SYSTEM, capital).closed_until is None
    assert finance.count_steps(SYSTEM, subject_ref=capital, state="prepared") == 0

    assert owners.do(subject, kind, on, **asked).figures == preview.figures


def test_a_year_is_closed_once_in_its_order_and_when_it_is_over(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA)
    hours = {account: (1, "1")}
    waiting = owners.prepare(**owners.year(capital, 100_00, hours))
    with pytest.raises(finance.StepNotOpen):
        owners.prepare(**owners.year(capital, 200_00, hours))
    finance.approve_step(MANAGER, step_ref=waiting)
    before = book(capital)

    for year, on in ((2003, MARCH), (2005, date(2006, 3, 1)), (2004, date(2004, 12, 30))):
        with pytest.raises(finance.YearOrder) as refused:
            owners.prepare(**owners.year(capital, 100_00, hours, year=year, on=on))
        assert refused.value.facts["next"] == 2004
    assert book(capital) == before


def test_a_loss_goes_to_the_reserve_up_to_its_share_and_then_to_members_and_never_below_zero(owners: Owners) -> None:
    capital = owners.capital()
    a, b = owners.member(capital, ANA, 400_00), owners.member(capital, BEN, 4_000_00)
    step = owners.do(**owners.year(capital, -2_000_00, {a: (1, "1"), b: (1, "1")}))

    # Reserve: 1,100.00, of which half of the loss is 1,000.00. Ana has 300.00 of her 500.00; 200.00 stay uncovered.
    assert (step.figures["reserve_minor"], step.figures["uncovered_minor"]) == (-1_000_00, 200_00)
    assert balances(capital) == {ANA: 0, BEN: 2_500_00}
    assert finance.capital(SYSTEM, capital).loss_carried == usd(200_00)

    later = owners.do(**owners.year(capital, 300_00, {a: (1, "1"), b: (1, "1")}, year=2004, on=date(2005, 2, 1)))
    assert (later.figures["covered_minor"], later.figures["members_minor"]) == (200_00, 45_00)
    assert finance.capital(SYSTEM, capital).loss_carried == usd(0)


def test_what_others_worked_for_goes_to_the_reserve(owners: Owners) -> None:
    capital = owners.capital(surplus_reserve="0", surplus_education="0")
    account = owners.member(capital, ANA, paid_minor=0)
    step = owners.do(**owners.year(capital, 100_00, {account: (300, "1")}, others_hours=100))
    assert (step.figures["from_non_members_minor"], balances(capital)) == (25_00, {ANA: 75_00})


def test_a_member_leaves_at_the_last_approved_accounts_with_the_deduction_of_the_cause(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA)
    with pytest.raises(finance.YearNotClosed):
        owners.prepare(capital, "leave", MARCH, account=account, cause="early", instalments=1)
    owners.do(**owners.year(capital, 0, {account: (1, "1")}))
    for cause, instalments in (("whim", 1), ("early", 6)):
        with pytest.raises(Refusal) as refused:
            owners.prepare(capital, "leave", MARCH, account=account, cause=cause, instalments=instalments)
        assert refused.value.code in ("finance.stake_unknown", "finance.step_impossible")

    owners.do(capital, "leave", MARCH, account=account, cause="early", instalments=1)

    assert balances(capital) == {ANA: 9_600_00}
    assert finance.capital(SYSTEM, capital).reserve == usd(4_000_00 + 2_400_00)
    with pytest.raises(finance.StakeUnknown):  # who left takes no part in the next result
        owners.prepare(**owners.year(capital, 100_00, {account: (1, "1")}, year=2004, on=date(2005, 1, 31)))


def test_the_law_of_the_country_sets_the_least_shares_of_reserve_and_education(owners: Owners) -> None:
    with pytest.raises(finance.StepImpossible) as refused:
        finance.open_capital(
            NATIONAL,
            product="incubation.member_share_account",
            enterprise_ref=POTTERS,
            scope="jump/asia/PH/riverside/",
            currency="EUR",
            on=OPENED,
            key="spain",
            jurisdiction="ES",
            terms={"surplus_reserve": "0.10", "surplus_education": "0.10"},
        )
    assert refused.value.facts["rule"] == "ownership.split_broken"
    assert finance.capital_of_enterprise(SYSTEM, POTTERS) is None


def test_a_member_has_one_open_account_and_strangers_see_none(owners: Owners) -> None:
    capital = owners.capital()
    account = owners.member(capital, ANA)
    with pytest.raises(finance.AlreadyKept):
        owners.member(capital, ANA)
    with pytest.raises(NotFound):
        finance.member_statement(NEIGHBOUR, account_ref=account)
    assert finance.capital_sets(NEIGHBOUR) == []
    assert [one.members for one in finance.capital_sets(MANAGER)] == [1]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    results=st.lists(st.integers(-5_000_000, 5_000_000), min_size=1, max_size=4),
    hours=st.tuples(*(st.integers(1, 2_500) for _ in range(3))),
    rate=st.sampled_from(["0", "0.033", "0.07"]),
)
@pytest.mark.covers("INCUBATE-09")
def test_not_a_cent_is_lost_in_any_course_of_years(
    owners: Owners, results: list[int], hours: tuple[int, int, int], rate: str
) -> None:
    with transaction.atomic():
        capital = owners.capital()
        accounts = [owners.member(capital, one, fee) for one, fee in ((ANA, 999_99), (BEN, 16_000_00), (CORA, 7_77))]
        paid = 999_99 + 16_000_00 + 7_77
        for year, result in enumerate(results, start=2003):
            asked: dict[str, Any] = owners.year(
                capital,
                result,
                {account: (worked, "1.1") for account, worked in zip(accounts, hours, strict=True)},
                year=year,
                on=date(year + 1, 2, 1),
                interest_rate=rate,
            )
            owners.do(**asked)
        view = finance.capital(SYSTEM, capital)
        whole = view.in_accounts + view.reserve + view.education - view.loss_carried
        assert whole.amount_minor == paid + sum(results)
        assert all(one.balance.amount_minor >= 0 for one in view.accounts)
        for one in view.accounts:
            lines = finance.member_statement(SYSTEM, account_ref=one.ref).lines
            assert sum(line.line.amount_minor for line in lines) == one.balance.amount_minor
        transaction.set_rollback(True)
