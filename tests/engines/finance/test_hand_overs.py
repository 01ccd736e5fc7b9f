"""A fund that opens with what it needs, and passes to its owner when what was counted agrees with its books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base.outbox import Cause
from jump.base.refusals import NotAllowed, NotFound, Refusal
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance import effects
from jump.engines.finance.models import FundHandOver
from jump.engines.ledger import api as ledger
from jump.engines.parties import api as parties
from tests import makers
from tests.engines.finance.makers import (
    COORDINATOR,
    DAY,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SEATS,
    SYSTEM,
    FundMaker,
    php,
    usd,
)
from tests.engines.finance.savers import Savers

OWNER, COOPERATIVE = Ref("org-00000001"), Ref("grp-C00PERAT")
DEED = Ref("doc-DEED0001")
COUNTED_ON = date(2004, 2, 1)
SIGNED = finance.FundRules(
    {"reserve_share": Decimal("0.10")}, consulted=SEATS, signed_ref=Ref("dsv-RVLES001"), valid_from=date(2003, 11, 20)
)


# Opening -----------------------------------------------------------------------------------------------


def opened(**other: Any) -> Ref:
    asked: dict[str, Any] = {"owner_ref": OWNER, "title": "Riverside fund", "currency": "PHP", "scope": RIVERSIDE}
    asked |= {"on": DAY, "rules": SIGNED, "new_structure": True, "certificate": "fund_bookkeeping", "key": "case-1"}
    return finance.open_fund(SYSTEM, **{**asked, **other})


def certified(claim: str = "proved", on: date = DAY, **other: Any) -> Ref:
    keeper = makers.person(RIVERSIDE)
    parties.qualify(
        SYSTEM,
        party_ref=keeper,
        kind="certificate",
        code=other.pop("code", "fund_bookkeeping"),
        claim=claim,
        on=on,
        proof_ref=Ref("sub-00000001"),
        **other,
    )
    return keeper


@pytest.mark.covers("RLF-12")
def test_a_new_structure_opens_only_with_a_bookkeeper_whose_certificate_is_proved_and_in_force(places: None) -> None:
    keepers = {
        "nobody is named": None,
        "no certificate": makers.person(RIVERSIDE),
        "another certificate": certified(code="welding"),
        "only said": certified(claim="claimed"),
        "from tomorrow on": certified(on=date(2003, 11, 28)),
        "run out": certified(on=date(2002, 1, 1), expires_on=date(2003, 11, 26)),
    }
    for case, keeper in keepers.items():
        with pytest.raises(finance.BookkeeperNotCertified) as no:
            opened(bookkeeper_ref=keeper)
        assert (no.value.code, finance.funds(SYSTEM)) == ("finance.bookkeeper_not_certified", []), case

    keeper = certified()
    fund = opened(bookkeeper_ref=keeper)
    assert opened(bookkeeper_ref=keeper) == fund  # the same cause again opens nothing
    assert [one.ref for one in finance.funds(SYSTEM)] == [fund]
    with pytest.raises(finance.KeyReused):
        opened(bookkeeper_ref=keeper, currency="USD")


@pytest.mark.covers("RLF-03")
def test_a_new_structure_opens_only_under_rules_that_were_signed(places: None) -> None:
    keeper = certified()
    for rules in ("", replace(SIGNED, signed_ref=None)):
        with pytest.raises(finance.RulesNotSigned):
            opened(bookkeeper_ref=keeper, rules=rules)
    with pytest.raises(finance.RulesNotSigned):
        finance.signed_rules(None)
    with pytest.raises(finance.SeatsMissing):
        opened(bookkeeper_ref=keeper, rules=replace(SIGNED, consulted={**SEATS, "donor": ""}))
    assert finance.funds(SYSTEM) == []

    rules = finance.fund(SYSTEM, opened(bookkeeper_ref=keeper)).rules
    assert (rules.version, rules.signed_ref, rules.valid_from) == (1, Ref("dsv-RVLES001"), date(2003, 11, 20))


def test_the_same_signed_version_is_adopted_once(maker: FundMaker, fund: Ref) -> None:
    for _ in range(2):
        version = finance.adopt_rules(
            COORDINATOR, fund_ref=fund, rules=SIGNED, consulted=SEATS, valid_from=date(2003, 11, 20)
        )
        assert version == 2
    changed = replace(SIGNED, signed_ref=Ref("dsv-RVLES002"))
    assert finance.adopt_rules(COORDINATOR, fund_ref=fund, rules=changed, consulted=SEATS, valid_from=DAY) == 3


# What was counted, and the books -----------------------------------------------------------------------


@pytest.fixture
def lending(maker: FundMaker, fund: Ref) -> Ref:
    """A fund with money of two sources, a loan of which a part came back, savings, and a line with a bank."""
    finance.contribute(NATIONAL, fund_ref=fund, amount=php(1_250_000), source="community", on=DAY, key="savings")
    maker.repay(maker.running_loan(fund), 21_323_71, date(2003, 12, 27))
    savers = Savers(fund)
    savers.pay_in(savers.account(), 40_000, on=date(2004, 1, 5))
    line = finance.open_bank_line(
        NATIONAL,
        product="revolving_fund.bank_line",
        party_ref=fund,
        bank_name="Land Bank",
        currency="PHP",
        limit=php(300_000_00),
        scope="jump/asia/PH/",
        on=date(2004, 1, 5),
        ends_on=date(2006, 1, 5),
        key="line",
    )
    finance.move_on_line(NATIONAL, line_ref=line, kind="drawn", amount=php(5_000_00), on=date(2004, 1, 20), key="draw")
    return fund


def counted(fund: Ref, on: date = COUNTED_ON, **off: int) -> dict[str, Money]:
    """What stands in the book, account by account, and how far each count is off."""
    held = ledger.balances(finance.fund(SYSTEM, fund).book_ref, on)
    starts = {"loans": ("loan:",), "savings": ("savings:", "shares:"), "borrowed": ("bank:",), "capital": ("capital:",)}
    found = {"cash": held["cash"]}
    for figure, codes in starts.items():
        found[figure] = abs(sum(amount for code, amount in held.items() if code.startswith(codes)))
    return {figure: php(amount + off.get(figure, 0)) for figure, amount in found.items()}


def prepared(fund: Ref, **other: Any) -> Ref:
    asked: dict[str, Any] = {"to_ref": COOPERATIVE, "counted": counted(fund), "on": COUNTED_ON, "key": "count-1"}
    return finance.prepare_hand_over(other.pop("actor", NATIONAL), fund_ref=fund, **{**asked, **other})


@pytest.mark.covers("RLF-13", "PHASEOUT-05")
def test_each_figure_is_compared_with_the_book_of_the_fund_to_the_cent(lending: Ref) -> None:
    shown = counted(lending)
    assert [shown[name] for name in ("savings", "borrowed", "capital")] == [
        php(40_000),
        php(5_000_00),
        php(101_250_000),
    ]
    lines = finance.compare_balances(SYSTEM, fund_ref=lending, counted=shown, on=COUNTED_ON)
    assert [(line.figure, line.difference, line.agrees) for line in lines] == [
        (figure, php(0), True) for figure in ("cash", "loans", "savings", "borrowed", "capital")
    ]
    finance.balances_agree(MANAGER, fund_ref=lending, counted=shown, on=COUNTED_ON)

    for figure in shown:
        for cent in (1, -1):
            wrong = {**shown, figure: shown[figure] + php(cent)}
            with pytest.raises(finance.BalancesDiffer) as no:
                finance.balances_agree(MANAGER, fund_ref=lending, counted=wrong, on=COUNTED_ON)
            facts = no.value.facts
            assert (facts["ledger_minor"], facts["counted_minor"], facts["difference_minor"], facts["differing"]) == (
                shown[figure].amount_minor,
                shown[figure].amount_minor + cent,
                cent,
                [figure],
            )
        left_out = {name: amount for name, amount in shown.items() if name != figure}
        with pytest.raises(finance.BalancesDiffer):  # what nobody counted counts as nothing
            finance.balances_agree(MANAGER, fund_ref=lending, counted=left_out, on=COUNTED_ON)


def test_the_count_is_compared_with_the_day_on_which_it_was_made(lending: Ref) -> None:
    early = date(2003, 12, 1)
    assert counted(lending, early)["loans"] == php(24_000_000)
    finance.balances_agree(MANAGER, fund_ref=lending, counted=counted(lending, early), on=early)
    with pytest.raises(finance.BalancesDiffer):
        finance.balances_agree(MANAGER, fund_ref=lending, counted=counted(lending, early), on=COUNTED_ON)
    with pytest.raises(finance.WrongCurrency):
        finance.balances_agree(MANAGER, fund_ref=lending, counted={"cash": usd(1)}, on=COUNTED_ON)


@given(
    off=st.dictionaries(
        st.sampled_from(["cash", "loans", "savings", "borrowed", "capital"]), st.integers(-10_000, 10_000), min_size=1
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_differences_never_cancel_each_other_out(lending: Ref, off: dict[str, int]) -> None:
    wrong = {figure for figure, amount in off.items() if amount}
    given_ = counted(lending, **off)
    if not wrong:
        finance.balances_agree(MANAGER, fund_ref=lending, counted=given_, on=COUNTED_ON)
        return
    with pytest.raises(finance.BalancesDiffer) as no:
        finance.balances_agree(MANAGER, fund_ref=lending, counted=given_, on=COUNTED_ON)
    assert set(no.value.facts["differing"]) == wrong


# Passing it on -----------------------------------------------------------------------------------------


@pytest.mark.covers("RLF-13")
def test_one_person_counts_another_signs_and_the_fund_keeps_its_book_and_its_former_owner(lending: Ref) -> None:
    before = finance.fund(SYSTEM, lending)
    ref = prepared(lending)
    assert prepared(lending) == ref
    assert finance.fund(SYSTEM, lending).owner_ref == OWNER
    with pytest.raises(finance.SamePerson):
        finance.hand_over_fund(NATIONAL, hand_over_ref=ref, deed_ref=DEED, on=COUNTED_ON)
    with pytest.raises(finance.DecisionMissing):
        finance.hand_over_fund(COORDINATOR, hand_over_ref=ref, deed_ref=Ref(""), on=COUNTED_ON)
    with pytest.raises(finance.DayImpossible):
        finance.hand_over_fund(COORDINATOR, hand_over_ref=ref, deed_ref=DEED, on=date(2004, 1, 31))
    assert finance.fund(SYSTEM, lending) == before

    for _ in range(2):  # asked twice, done once
        finance.hand_over_fund(COORDINATOR, hand_over_ref=ref, deed_ref=DEED, on=date(2004, 2, 3))
    with pytest.raises(finance.WrongState):
        finance.hand_over_fund(COORDINATOR, hand_over_ref=ref, deed_ref=Ref("doc-DEED0002"), on=date(2004, 2, 3))
    assert finance.fund(SYSTEM, lending) == replace(before, owner_ref=COOPERATIVE)
    (passed,) = finance.hand_overs(MANAGER, fund_ref=lending)
    assert (passed.from_ref, passed.to_ref, passed.deed_ref, passed.on) == (OWNER, COOPERATIVE, DEED, date(2004, 2, 3))
    assert (passed.prepared_by, passed.approved_by, passed.state) == (NATIONAL.key, COORDINATOR.key, "done")
    assert passed.counted == counted(lending)
    with pytest.raises(finance.AlreadyOwner):
        prepared(lending, key="count-2")


@pytest.mark.covers("RLF-13")
def test_what_moved_between_the_count_and_the_deed_is_counted_again(lending: Ref) -> None:
    first = prepared(lending)
    finance.contribute(
        NATIONAL, fund_ref=lending, amount=php(1), source="partner", on=date(2004, 2, 2), key="after the count"
    )
    with pytest.raises(finance.BalancesDiffer) as no:
        finance.hand_over_fund(COORDINATOR, hand_over_ref=first, deed_ref=DEED, on=date(2004, 2, 3))
    assert no.value.facts["differing"] == ["cash", "capital"]
    assert finance.fund(SYSTEM, lending).owner_ref == OWNER

    later = date(2004, 2, 3)
    second = prepared(lending, counted=counted(lending, later), on=later, key="count-2")
    with pytest.raises(finance.WrongState):
        finance.hand_over_fund(COORDINATOR, hand_over_ref=first, deed_ref=DEED, on=later)
    finance.hand_over_fund(COORDINATOR, hand_over_ref=second, deed_ref=DEED, on=later)
    states = [one.state for one in finance.hand_overs(SYSTEM, fund_ref=lending)]
    assert (states, finance.fund(SYSTEM, lending).owner_ref) == (["dropped", "done"], COOPERATIVE)


def test_a_count_that_is_off_prepares_nothing_and_leaves_what_was_prepared(lending: Ref) -> None:
    ref = prepared(lending)
    with pytest.raises(finance.BalancesDiffer):
        prepared(lending, counted=counted(lending, cash=-1), key="count-2")
    assert [(one.ref, one.state) for one in finance.hand_overs(SYSTEM, fund_ref=lending)] == [(ref, "prepared")]


def test_only_who_prepares_and_who_approves_at_that_place_may(lending: Ref) -> None:
    with pytest.raises(NotAllowed):
        prepared(lending, actor=COORDINATOR)
    with pytest.raises(NotFound):
        prepared(lending, actor=NEIGHBOUR)
    ref = prepared(lending)
    with pytest.raises(NotAllowed):
        finance.hand_over_fund(MANAGER, hand_over_ref=ref, deed_ref=DEED, on=COUNTED_ON)
    with pytest.raises(NotFound):
        finance.hand_over_fund(NEIGHBOUR, hand_over_ref=ref, deed_ref=DEED, on=COUNTED_ON)
    assert finance.fund(SYSTEM, lending).owner_ref == OWNER


def test_the_database_itself_refuses_a_hand_over_by_one_person(lending: Ref) -> None:
    row = FundHandOver.objects.get(ref=prepared(lending))
    row.state, row.approved_by, row.deed, row.on = "done", row.prepared_by, DEED, COUNTED_ON
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# As effects --------------------------------------------------------------------------------------------


def said(fund: Ref, **other: Any) -> dict[str, Any]:
    shown = {figure: str(amount.major) for figure, amount in counted(fund).items()}
    cash = counted(fund)["cash"].amount_minor
    shown["cash"] = [str(php(cash - 100_00).major), "100"]  # a box and a bank account
    return {
        "fund_ref": fund,
        "scope": "jump/asia/PH/",
        "currency": "PHP",
        "on": "2004-02-01",
        "counted": shown,
        **other,
    }


def test_the_same_cause_twice_prepares_and_hands_over_once(lending: Ref) -> None:
    owner = makers.group(RIVERSIDE)
    cause = Cause("cases:stp-00000001:1#0#0", None, SYSTEM, COUNTED_ON)
    effects.balances_agree(cause, **said(lending))
    bound = [effects.prepare_hand_over(cause, **said(lending, owner_ref=owner)) for _ in range(2)]
    assert bound[0] == bound[1]
    assert (bound[0]["fund_ref"], bound[0]["owner_ref"]) == (lending, owner)
    signing = Cause("cases:stp-00000002:1#0#0", None, replace(SYSTEM, name="somebody else"), COUNTED_ON)
    for _ in range(2):
        done = effects.hand_over_fund(signing, hand_over_ref=bound[0]["ref"], deed_ref=DEED, on="2004-02-02")
        assert done == {"ref": lending}
    assert finance.fund(SYSTEM, lending).owner_ref == owner
    assert len(finance.hand_overs(SYSTEM, fund_ref=lending)) == 1


def test_a_form_cannot_name_the_fund_of_another_place_or_an_owner_that_nobody_knows(lending: Ref) -> None:
    cause = Cause("cases:stp-00000001:1#0#0", None, SYSTEM, COUNTED_ON)
    known = makers.group(RIVERSIDE)
    for wrong in ({"scope": RIVERSIDE, "owner_ref": known}, {"owner_ref": COOPERATIVE}, {"owner_ref": "per-R0SA0000"}):
        with pytest.raises(Refusal) as no:
            effects.prepare_hand_over(cause, **said(lending, **wrong))
        assert no.value.code == "base.not_found"
    assert finance.hand_overs(SYSTEM, fund_ref=lending) == []
