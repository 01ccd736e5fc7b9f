"""Money of a meeting: written down, counted by a second person, then booked at once; and grants where nobody lends."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jump.base import clock
from jump.base.refusals import NotAllowed
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import (
    DAY,
    DONOR,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SECOND_MANAGER,
    SYSTEM,
    FundMaker,
    balances,
    php,
)
from tests.engines.finance.savers import ROSA, WEAVERS, Savers

MEETING = date(2004, 3, 1)


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    clock.pin(date(2005, 6, 30))


@pytest.fixture
def savers(fund: Ref) -> Savers:
    return Savers(fund)


@pytest.fixture
def due(maker: FundMaker, fund: Ref, savers: Savers) -> tuple[Ref, Ref]:
    """A loan of the group with one payment due at the meeting, and a member's savings account."""
    loan = maker.running_loan(fund, 6_000_00, party=WEAVERS, on=date(2004, 2, 1), rate_yearly="0", instalments=2)
    return loan, savers.account("compulsory_savings", per_meeting_minor=50_00)


def sheet(amounts: dict[Ref, int], key: str = "sheet") -> Ref:
    return finance.collect(
        MANAGER,
        group_ref=WEAVERS,
        amounts={ref: php(amount) for ref, amount in amounts.items()},
        on=MEETING,
        key=key,
    )


@pytest.mark.covers("RLF-06")
def test_the_sheet_lists_what_is_due_from_the_group_and_each_member(due: tuple[Ref, Ref]) -> None:
    loan, account = due
    rows = finance.collection_sheet(MANAGER, group_ref=WEAVERS, member_refs=[ROSA], on=MEETING)
    assert [(one.party_ref, one.target_ref, one.is_loan, one.due) for one in rows] == [
        (WEAVERS, loan, True, php(3_000_00)),
        (ROSA, account, False, php(50_00)),
    ]


def test_money_is_provisional_until_a_second_person_has_counted_it(due: tuple[Ref, Ref], fund: Ref) -> None:
    loan, account = due
    before = balances(fund)
    ref = sheet({loan: 3_000_00, account: 50_00})
    assert finance.collection(MANAGER, ref).state == "provisional"
    assert balances(fund) == before

    with pytest.raises(finance.SamePerson):
        finance.count_collection(MANAGER, collection_ref=ref, counted=php(3_050_00))
    done = finance.count_collection(SECOND_MANAGER, collection_ref=ref, counted=php(3_050_00))
    finance.count_collection(SECOND_MANAGER, collection_ref=ref, counted=php(3_050_00))

    assert (done.state, done.total, done.counted) == ("booked", php(3_050_00), php(3_050_00))
    assert [one.made_ref.kind for one in done.lines if one.made_ref] == ["rep", "smv"]
    assert finance.contract(MANAGER, loan).outstanding == php(3_000_00)
    assert finance.savings_account(MANAGER, account).balance == php(50_00)
    assert balances(fund)["cash"] == before["cash"] + 3_050_00
    assert ledger.verify() == []


def test_a_count_that_differs_books_nothing_and_says_by_how_much(due: tuple[Ref, Ref], fund: Ref) -> None:
    loan, account = due
    ref = sheet({loan: 3_000_00, account: 50_00})
    before = balances(fund)

    with pytest.raises(finance.CountDiffers) as refusal:
        finance.count_collection(NATIONAL, collection_ref=ref, counted=php(3_040_00))

    assert refusal.value.code == "finance.count_differs"
    assert refusal.value.facts == {
        "counted_minor": 3_040_00,
        "written_minor": 3_050_00,
        "difference_minor": -10_00,
        "currency": "PHP",
    }
    assert balances(fund) == before
    assert finance.collection(MANAGER, ref).state == "provisional"
    finance.count_collection(NATIONAL, collection_ref=ref, counted=php(3_050_00))


def test_a_line_that_can_no_longer_be_booked_keeps_the_whole_sheet_back(
    due: tuple[Ref, Ref], maker: FundMaker, fund: Ref
) -> None:
    loan, account = due
    ref = sheet({account: 50_00, loan: 6_000_00})
    maker.repay(loan, 1_000_00, MEETING)

    with pytest.raises(finance.MoreThanOwed):
        finance.count_collection(SECOND_MANAGER, collection_ref=ref, counted=php(6_050_00))

    assert finance.savings_account(SYSTEM, account).balance == php(0)
    assert finance.collection(SYSTEM, ref).state == "provisional"
    finance.drop_collection(MANAGER, collection_ref=ref, why="paid twice")
    with pytest.raises(finance.WrongState):
        finance.count_collection(SECOND_MANAGER, collection_ref=ref, counted=php(6_050_00))


def test_mistakes_are_refused_when_the_sheet_is_written(due: tuple[Ref, Ref]) -> None:
    loan, account = due
    with pytest.raises(finance.MoreThanOwed):
        sheet({loan: 6_000_01})
    with pytest.raises(finance.AmountNotPositive):
        sheet({loan: 0, account: 0})
    with pytest.raises(NotAllowed):
        finance.collect(DONOR, group_ref=WEAVERS, amounts={account: php(1)}, on=MEETING, key="donor")
    assert finance.collections(SYSTEM, group_ref=WEAVERS) == []

    first = sheet({loan: 1_00, account: 0})
    assert sheet({loan: 1_00}) == first
    with pytest.raises(finance.KeyReused):
        sheet({loan: 2_00})
    assert finance.collections(NEIGHBOUR) == []


def test_the_database_refuses_a_collection_counted_by_who_wrote_it(due: tuple[Ref, Ref]) -> None:
    from jump.engines.finance.models import Collection

    ref = sheet({due[0]: 1_00})
    with pytest.raises(IntegrityError), transaction.atomic():
        Collection.objects.filter(ref=ref).update(state="booked", counted_by=MANAGER.key)


def grant(fund: Ref, key: str = "grant") -> Ref:
    return finance.open_contract(
        NATIONAL,
        product="revolving_fund.start_up_grant",
        party_ref=WEAVERS,
        amount=php(10_000_00),
        scope=RIVERSIDE,
        purpose="looms",
        fund_ref=fund,
        on=DAY,
        key=key,
    )


@pytest.mark.covers("RLF-10")
def test_a_start_up_grant_is_paid_only_with_recorded_refusals_of_lenders(maker: FundMaker, fund: Ref) -> None:
    contract = grant(fund)
    for code in ("approval", "procedure"):
        finance.meet_condition(
            SYSTEM,
            contract_ref=contract,
            condition=code,
            proof_ref=Ref("rnd-00000001"),
            decided_by=("user:21",),
            on=DAY,
        )
    tranche = finance.prepare_release(NATIONAL, contract_ref=contract, number=1, on=DAY)
    with pytest.raises(finance.ConditionOpen) as refusal:
        finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)
    assert refusal.value.facts["conditions"] == "no_lender"
    assert balances(fund)["cash"] == 1_000_000_00

    proof = finance.record_no_lender(
        NATIONAL,
        party_ref=WEAVERS,
        scope=RIVERSIDE,
        on=DAY,
        key="asked",
        why="no title to land",
        refusals=[
            finance.LenderRefusal("Rural Bank", date(2003, 10, 1), Ref("fil-00000001")),
            finance.LenderRefusal("Land Bank", date(2003, 10, 9), Ref("fil-00000002")),
        ],
    )
    finance.meet_condition(NATIONAL, contract_ref=contract, condition="no_lender", proof_ref=proof, on=DAY)
    finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)

    assert balances(fund)["cash"] == 1_000_000_00 - 6_000_00
    found = finance.grant_exceptions(MANAGER, party_ref=WEAVERS)
    assert [one.lender for one in found[0].refusals] == ["Rural Bank", "Land Bank"]


@pytest.mark.covers("RLF-10")
def test_refusals_without_papers_or_of_somebody_else_prove_nothing(maker: FundMaker, fund: Ref) -> None:
    contract = grant(fund)
    for refusals in ([], [finance.LenderRefusal("Rural Bank", DAY, Ref(""))]):
        with pytest.raises(finance.LenderAvailable):
            finance.record_no_lender(
                NATIONAL, party_ref=WEAVERS, scope=RIVERSIDE, on=DAY, key="x", why="nobody", refusals=refusals
            )
    other = finance.record_no_lender(
        NATIONAL, party_ref=ROSA, scope=RIVERSIDE, on=DAY, key="y", why="no bank", proof_ref=Ref("sub-00000001")
    )
    for proof in (Ref(""), contract, other):
        with pytest.raises(finance.LenderAvailable) as refusal:
            finance.meet_condition(NATIONAL, contract_ref=contract, condition="no_lender", proof_ref=proof, on=DAY)
        assert refusal.value.code == "finance.lender_available"
    waiting = [one.code for one in finance.contract(MANAGER, contract).conditions if not one.is_met]
    assert "no_lender" in waiting


def test_what_waits_for_the_second_person_is_told_to_them_alone(due: tuple[Ref, Ref], savers: Savers) -> None:
    from jump.engines.finance import duties

    loan, account = due
    ref = sheet({loan: 1_00})
    savers.pay_in(account, 500_00)
    waiting = savers.ask(account, 10_00)

    def told(who: object) -> set[Ref]:
        return {one.ref for one in duties.due(who, date(2005, 6, 30))}  # type: ignore[arg-type]

    assert {ref, waiting} <= told(SECOND_MANAGER)
    assert ref not in told(MANAGER)
    assert waiting not in told(NATIONAL)
    assert not {ref, waiting} & told(NEIGHBOUR)


def test_savings_guarantees_and_collections_are_described_with_what_they_rest_on(
    due: tuple[Ref, Ref], savers: Savers
) -> None:
    from jump.engines.finance import duties

    account = due[1]
    moved = savers.pay_in(account, 500_00)
    found = duties.describe_many(MANAGER, [account, moved.ref, sheet({due[0]: 1_00})])
    assert found[moved.ref].sources == (account,)
    assert ROSA in found[account].sources
    assert len(found) == 3
    assert duties.describe_many(NEIGHBOUR, list(found)) == {}
    saved = [one for one in duties.facts(as_of=date(2005, 6, 30)) if one.kind == "finance.savings"]
    assert [(one.party, one.value, one.codes["saved_minor"]) for one in saved] == [(ROSA, 500, 500_00)]
