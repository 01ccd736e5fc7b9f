"""A new enterprise is paid for by a mix of sources that comes to just what it needs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock, duties
from jump.base.refusals import NotAllowed, NotFound
from jump.core.money import Money, allocate
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance.models import FinancingPlan
from tests.engines.finance.makers import MANAGER, NATIONAL, NEIGHBOUR, RIVERSIDE, WORKER
from tests.engines.finance.owners import POTTERS, install_ownership, usd

DAY = date(2004, 5, 3)
KINDS = ("member_capital", "community_savings", "loan", "grant")
USES = (finance.FinancingUse("Kiln", usd(3_000_00)), finance.FinancingUse("Clay for three months", usd(999_99)))
LOAN = Ref("con-10AN0000")


@pytest.fixture
def incubation(products: None, tmp_path: Path) -> None:
    clock.pin(date(2004, 6, 30))
    install_ownership(tmp_path / "ownership")


def source(kind: str, minor: int, record: Ref | None = None) -> finance.FinancingSource:
    return finance.FinancingSource(kind, usd(minor), record)


MIX = (
    source("member_capital", 1_600_00),
    source("community_savings", 400_00),
    source("loan", 1_500_00, LOAN),
    source("grant", 499_99),
    source("guarantee", 1_000_00),
)


def propose(sources: tuple[finance.FinancingSource, ...] = MIX, key: str = "plan", **more: object) -> Ref:
    return finance.propose_financing(
        NATIONAL,
        **{
            "product": "incubation.financing_plan",
            "enterprise_ref": POTTERS,
            "scope": RIVERSIDE,
            "currency": "USD",
            "uses": USES,
            "sources": sources,
            "on": DAY,
            "key": key,
            **more,
        },  # type: ignore[arg-type]
    )


@pytest.mark.covers("INCUBATE-07")
def test_member_capital_savings_loan_and_grant_come_to_what_is_needed_and_a_guarantee_backs(incubation: None) -> None:
    plan = finance.agree_financing(MANAGER, plan_ref=propose(), on=DAY)

    assert (plan.state, plan.total, plan.backed) == ("agreed", usd(3_999_99), usd(1_000_00))
    assert [(one.kind, one.amount, one.brings_money) for one in plan.sources] == [
        ("member_capital", usd(1_600_00), True),
        ("community_savings", usd(400_00), True),
        ("loan", usd(1_500_00), True),
        ("grant", usd(499_99), True),
        ("guarantee", usd(1_000_00), False),
    ]
    assert [one.record_ref for one in plan.sources if one.record_ref] == [LOAN]
    assert propose() == plan.ref  # sent twice


@pytest.mark.covers("INCUBATE-07")
def test_sources_that_differ_from_uses_by_a_cent_are_refused_with_both_sums(incubation: None) -> None:
    for cents in (-1, 1):
        with pytest.raises(finance.SourcesDiffer) as refused:
            propose((*MIX[:3], source("grant", 499_99 + cents), MIX[4]))
        assert refused.value.facts["difference_minor"] == -cents
    assert "$" not in refused.value.sentence()
    assert "3,999.99 USD are needed and the sources bring 4,000.00 USD" in refused.value.sentence()
    with pytest.raises(finance.SourcesDiffer):  # a guarantee is no money
        propose((source("guarantee", 3_999_99),))
    with pytest.raises(finance.LineUnknown):
        propose((source("lottery", 3_999_99),))
    with pytest.raises(finance.WrongCurrency):
        propose(uses=(finance.FinancingUse("Kiln", Money(3_999_99, "EUR")),))
    assert not FinancingPlan.objects.exists()


@pytest.mark.covers("INCUBATE-07")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    total=st.integers(1, 10**12), parts=st.lists(st.integers(1, 10**6), min_size=4, max_size=4), off=st.integers(-3, 3)
)
def test_a_plan_is_taken_exactly_when_its_sources_come_to_its_uses(
    incubation: None, total: int, parts: list[int], off: int
) -> None:
    shares = [(kind, part) for kind, part in zip(KINDS, allocate(total, parts), strict=True) if part]
    uses = (finance.FinancingUse("All", usd(total + off)),) if total + off > 0 else ()
    sources = tuple(source(kind, part) for kind, part in shares)
    key = f"{total}-{parts}-{off}"
    if off == 0:
        with transaction.atomic():
            ref = propose(sources, key=key, uses=uses)
        assert finance.financing_plan(MANAGER, ref).total == usd(total)
    elif uses:
        with pytest.raises(finance.SourcesDiffer):
            propose(sources, key=key, uses=uses)


def test_who_proposes_does_not_agree_and_a_later_plan_replaces_the_agreed_one(incubation: None) -> None:
    first = propose()
    assert [one.title for one in duties.due(MANAGER, DAY) if one.ref == first] == [
        "A financing plan waits for the second person"
    ]
    assert not any(one.ref == first for one in duties.due(NATIONAL, DAY))
    with pytest.raises(finance.SamePerson):
        finance.agree_financing(NATIONAL, plan_ref=first, on=DAY)
    with pytest.raises(NotAllowed):
        finance.agree_financing(WORKER, plan_ref=first, on=DAY)
    with pytest.raises(NotFound):
        finance.financing_plan(NEIGHBOUR, first)
    finance.agree_financing(MANAGER, plan_ref=first, on=DAY)
    second = propose(key="second")
    finance.agree_financing(MANAGER, plan_ref=second, on=DAY)

    states = {one.ref: str(one.state) for one in finance.financing_plans(MANAGER, enterprise_ref=POTTERS)}
    assert states == {first: "replaced", second: "agreed"}
    assert [one.ref for one in finance.financing_plans(MANAGER)] == [second]
    with pytest.raises(finance.StepNotOpen):
        finance.drop_financing(NATIONAL, plan_ref=second, why="too late")
    third = propose(key="third")
    finance.drop_financing(NATIONAL, plan_ref=third, why="prices rose")
    assert finance.financing_plan(MANAGER, third).why == "prices rose"


def test_the_database_itself_refuses_a_plan_whose_sums_differ(incubation: None) -> None:
    row = FinancingPlan.objects.get(ref=propose())
    for column in ("uses_minor", "sources_minor"):
        with pytest.raises(IntegrityError), transaction.atomic():
            FinancingPlan.objects.filter(pk=row.pk).update(**{column: 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        FinancingPlan.objects.filter(pk=row.pk).update(state="agreed", agreed_by=row.proposed_by, agreed_on=DAY)
