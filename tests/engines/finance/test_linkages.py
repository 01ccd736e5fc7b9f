"""Matching funds beside the seed, and links with banks."""

from __future__ import annotations

from datetime import date

import pytest

from jump.base import clock
from jump.base.refusals import NotAllowed, NotFound
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
    balances,
    php,
)

PROVINCE = Ref("org-PR0V1NCE")
BANK = Ref("org-BANK0000")
WEAVERS = Ref("grp-WEAVERS0")


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    clock.pin(date(2005, 6, 30))


def pledge(fund: Ref, amount_minor: int = 200_000_00) -> Ref:
    return finance.pledge_matching(
        NATIONAL,
        fund_ref=fund,
        party_ref=PROVINCE,
        source="national",
        amount=php(amount_minor),
        on=date(2003, 2, 1),
        key=f"pledge-{amount_minor}",
    )


@pytest.mark.covers("RLF-09")
@pytest.mark.covers("RLF-14")
def test_matching_money_comes_in_under_its_pledge_and_stays_apart_from_the_seed(fund: Ref) -> None:
    one = pledge(fund)
    for _ in range(2):
        finance.receive_matching(NATIONAL, pledge_ref=one, amount=php(50_000_00), on=date(2003, 3, 1), key="first")

    found = finance.matching(MANAGER, fund_ref=fund)
    assert [(row.pledged, row.received, row.left, row.source) for row in found] == [
        (php(200_000_00), php(50_000_00), php(150_000_00), "national")
    ]
    view = finance.fund(MANAGER, fund)
    assert (view.capital["donor"], view.capital["national"]) == (php(1_000_000_00), php(50_000_00))
    assert balances(fund)["capital:national"] == -50_000_00
    assert ledger.verify() == []


@pytest.mark.covers("RLF-09")
def test_no_more_comes_in_under_a_pledge_than_was_pledged(fund: Ref) -> None:
    one = pledge(fund)
    with pytest.raises(finance.MoreThanPledged) as refusal:
        finance.receive_matching(NATIONAL, pledge_ref=one, amount=php(200_000_01), on=date(2003, 3, 1), key="x")
    assert refusal.value.facts == {"asked_minor": 200_000_01, "open_minor": 200_000_00, "currency": "PHP"}
    assert finance.fund(MANAGER, fund).capital["national"] == php(0)


def credit_line(fund: Ref, limit_minor: int = 300_000_00) -> Ref:
    return finance.open_bank_line(
        NATIONAL,
        product="revolving_fund.bank_line",
        party_ref=fund,
        bank_name="Land Bank",
        bank_ref=BANK,
        currency="PHP",
        scope="jump/asia/PH/",
        on=date(2004, 1, 5),
        limit=php(limit_minor),
        ends_on=date(2006, 1, 5),
        key="line",
    )


@pytest.mark.covers("SAVINGS-04")
def test_a_credit_line_is_drawn_and_repaid_with_dates_and_amounts_and_the_fund_owes_it(fund: Ref) -> None:
    line = credit_line(fund)
    before = finance.fund(MANAGER, fund)
    finance.move_on_line(NATIONAL, line_ref=line, kind="drawn", amount=php(120_000_00), on=date(2004, 2, 1), key="draw")

    after = finance.fund(MANAGER, fund)
    assert (after.borrowed, after.cash) == (php(120_000_00), before.cash + php(120_000_00))
    assert after.value == before.value

    back = finance.move_on_line(
        NATIONAL, line_ref=line, kind="repaid", amount=php(20_000_00), on=date(2004, 3, 1), key="back"
    )
    assert balances(fund)["cash"] == 1_120_000_00
    with pytest.raises(finance.SamePerson):
        finance.pay_bank(NATIONAL, move_ref=back, on=date(2004, 3, 1))
    finance.pay_bank(MANAGER, move_ref=back, on=date(2004, 3, 1))
    view = finance.pay_bank(MANAGER, move_ref=back, on=date(2004, 3, 1))

    assert (view.bank_name, view.bank_ref, view.opened_on, view.ends_on) == (
        "Land Bank",
        BANK,
        date(2004, 1, 5),
        date(2006, 1, 5),
    )
    assert [(one.kind, one.amount, one.on) for one in view.moves] == [
        ("drawn", php(120_000_00), date(2004, 2, 1)),
        ("repaid", php(20_000_00), date(2004, 3, 1)),
    ]
    assert view.owed == php(100_000_00)
    assert balances(fund)[f"bank:{line}"] == -100_000_00
    assert ledger.verify() == []


@pytest.mark.covers("SAVINGS-04")
def test_no_more_is_drawn_than_the_limit_nor_repaid_than_is_owed(fund: Ref) -> None:
    line = credit_line(fund)
    with pytest.raises(finance.LineShort) as refusal:
        finance.move_on_line(
            NATIONAL, line_ref=line, kind="drawn", amount=php(300_000_01), on=date(2004, 2, 1), key="a"
        )
    assert refusal.value.facts["free_minor"] == 300_000_00
    with pytest.raises(finance.LineShort):
        finance.move_on_line(NATIONAL, line_ref=line, kind="repaid", amount=php(1), on=date(2004, 2, 1), key="b")
    with pytest.raises(finance.ProductNotThis):
        finance.move_on_line(NATIONAL, line_ref=line, kind="paid_in", amount=php(1), on=date(2004, 2, 1), key="c")
    assert finance.bank_line(MANAGER, line).moves == ()
    assert balances(fund)["cash"] == 1_000_000_00


@pytest.mark.covers("SAVINGS-04")
def test_an_account_of_a_group_at_a_bank_is_recorded_with_what_lies_there(fund: Ref) -> None:
    line = finance.open_bank_line(
        NATIONAL,
        product="revolving_fund.bank_account",
        party_ref=WEAVERS,
        bank_name="Land Bank",
        number="…4711",
        currency="PHP",
        scope=RIVERSIDE,
        on=date(2004, 1, 5),
        key="account",
    )
    finance.move_on_line(NATIONAL, line_ref=line, kind="paid_in", amount=php(900_00), on=date(2004, 2, 1), key="a")
    finance.move_on_line(NATIONAL, line_ref=line, kind="taken_out", amount=php(150_00), on=date(2004, 2, 9), key="b")
    with pytest.raises(finance.LineShort):
        finance.move_on_line(
            NATIONAL, line_ref=line, kind="taken_out", amount=php(750_01), on=date(2004, 3, 1), key="c"
        )
    with pytest.raises(finance.WrongState):
        finance.close_bank_line(COORDINATOR, line_ref=line, on=date(2004, 3, 1))
    finance.move_on_line(NATIONAL, line_ref=line, kind="taken_out", amount=php(750_00), on=date(2004, 3, 1), key="d")
    finance.close_bank_line(COORDINATOR, line_ref=line, on=date(2004, 3, 1))

    found = finance.bank_lines(MANAGER, party_ref=WEAVERS)
    assert [(one.kind, one.owed, one.closed_on) for one in found] == [("account", php(0), date(2004, 3, 1))]


def test_lines_and_pledges_are_seen_and_kept_only_by_those_who_may(fund: Ref) -> None:
    line, one = credit_line(fund), pledge(fund)
    assert finance.bank_lines(NEIGHBOUR) == []
    with pytest.raises(NotFound):
        finance.bank_line(NEIGHBOUR, line)
    with pytest.raises(NotFound):
        finance.receive_matching(NEIGHBOUR, pledge_ref=one, amount=php(1), on=date(2003, 3, 1), key="n")
    with pytest.raises(NotAllowed):
        finance.move_on_line(DONOR, line_ref=line, kind="drawn", amount=php(1), on=date(2004, 2, 1), key="d")
    assert finance.bank_line(SYSTEM, line).moves == ()
