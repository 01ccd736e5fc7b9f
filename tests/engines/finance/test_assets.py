"""Equipment from purchase to hand-over: who keeps it, how it was found, what it cost to keep."""

from __future__ import annotations

from datetime import date

import pytest

from jump.base.refusals import NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from tests.engines.finance.makers import COORDINATOR, DONOR, NATIONAL, NEIGHBOUR, RIVERSIDE, SYSTEM, usd

ON, LATER, END = date(2003, 5, 2), date(2003, 9, 1), date(2004, 6, 1)
PARTNER, GROUP, DEED = Ref("org-00000001"), Ref("grp-00000001"), Ref("dsv-00000001")


@pytest.fixture
def funded(budget: Ref) -> Ref:
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(100_000_000), on=date(2002, 1, 2), key="d"
    )
    return budget


def spend(minor: int, key: str, on: date = ON, line: str = "equipment") -> finance.SpendView:
    return finance.spend(
        NATIONAL,
        line=line,
        scope=RIVERSIDE,
        stage="pilot",
        type="cb",
        amount=usd(minor),
        on=on,
        memo="Moisture meter",
        key=key,
    )


@pytest.fixture
def meter(funded: Ref) -> Ref:
    return finance.record_asset(
        NATIONAL, spend_ref=spend(80_000, "buy").ref, title="Moisture meter", holder_ref=PARTNER, on=ON, key="a1"
    )


def check(asset: Ref, on: date = LATER, condition: str = "good", key: str = "k1") -> Ref:
    return finance.check_asset(NATIONAL, asset_ref=asset, condition=condition, on=on, key=key)


@pytest.mark.covers("BUDGET-10")
def test_what_keeping_a_thing_cost_stands_beside_what_it_cost_to_buy(meter: Ref) -> None:
    finance.give_custody(NATIONAL, asset_ref=meter, holder_ref=GROUP, on=LATER, key="c1", note="for the harvest")
    check(meter, condition="worn")
    for kind, minor, key in (("operation", 1_500, "fuel"), ("maintenance", 2_500, "repair")):
        paid = spend(minor, key, LATER, line="miscellaneous")
        finance.book_upkeep(NATIONAL, asset_ref=meter, spend_ref=paid.ref, kind=kind, key=key)
    seen = finance.asset(SYSTEM, meter)
    assert (seen.cost, seen.kept_minor, seen.holder_ref, seen.condition) == (usd(80_000), 4_000, GROUP, "worn")
    assert seen.checked_on == LATER
    events = finance.asset_events(SYSTEM, meter)
    assert [one.kind for one in events] == ["maintenance", "operation", "check", "custody"]
    assert [one.cost for one in events] == [usd(2_500), usd(1_500), None, None]


@pytest.mark.covers("BUDGET-10")
def test_a_cost_keeps_one_thing_and_is_no_purchase(meter: Ref) -> None:
    paid = spend(1_500, "fuel", LATER)
    finance.book_upkeep(NATIONAL, asset_ref=meter, spend_ref=paid.ref, kind="operation", key="u1")
    with pytest.raises(finance.KeyReused):
        finance.book_upkeep(NATIONAL, asset_ref=meter, spend_ref=paid.ref, kind="maintenance", key="u2")
    bought = finance.asset(SYSTEM, meter).spend_ref
    with pytest.raises(finance.KeyReused):
        finance.book_upkeep(NATIONAL, asset_ref=meter, spend_ref=bought, kind="operation", key="u3")
    with pytest.raises(finance.LineUnknown):
        finance.book_upkeep(NATIONAL, asset_ref=meter, spend_ref=paid.ref, kind="polish", key="u4")
    assert finance.asset(SYSTEM, meter).kept_minor == 1_500


@pytest.mark.covers("BUDGET-10")
def test_things_bought_with_one_payment_never_cost_more_than_it(meter: Ref) -> None:
    paid = finance.asset(SYSTEM, meter).spend_ref
    with pytest.raises(finance.AmountNotPositive):
        finance.record_asset(NATIONAL, spend_ref=paid, title="Scale", holder_ref=PARTNER, on=ON, key="a2")
    two = spend(50_000, "two").ref
    finance.record_asset(NATIONAL, spend_ref=two, title="Scale", holder_ref=PARTNER, on=ON, key="a3", cost=usd(30_000))
    with pytest.raises(finance.AboveLimit) as refusal:
        finance.record_asset(
            NATIONAL, spend_ref=two, title="Scale", holder_ref=PARTNER, on=ON, key="a4", cost=usd(20_001)
        )
    assert refusal.value.facts["limit_minor"] == 20_000
    rest = finance.record_asset(NATIONAL, spend_ref=two, title="Sieve", holder_ref=PARTNER, on=ON, key="a5")
    assert finance.asset(SYSTEM, rest).cost == usd(20_000)


@pytest.mark.covers("BUDGET-10")
def test_it_is_handed_over_by_a_deed_after_it_was_checked_and_then_it_is_gone(meter: Ref) -> None:
    deed = {"asset_ref": meter, "to_ref": GROUP, "on": END}
    with pytest.raises(finance.DecisionMissing):
        finance.hand_over_asset(NATIONAL, deed_ref=Ref(""), **deed)  # type: ignore[arg-type]
    check(meter, date(2004, 4, 30))
    with pytest.raises(finance.AssetUnchecked):
        finance.hand_over_asset(NATIONAL, deed_ref=DEED, **deed)  # type: ignore[arg-type]
    assert finance.asset(SYSTEM, meter).state == "held"

    check(meter, date(2004, 5, 2), key="k2")
    finance.hand_over_asset(NATIONAL, deed_ref=DEED, **deed)  # type: ignore[arg-type]
    finance.hand_over_asset(NATIONAL, deed_ref=DEED, **deed)  # type: ignore[arg-type]
    seen = finance.asset(SYSTEM, meter)
    assert (seen.state, seen.holder_ref, seen.handed_over_on, seen.deed_ref) == ("handed_over", GROUP, END, DEED)
    for act in (
        lambda: check(meter, END, key="k3"),
        lambda: finance.give_custody(NATIONAL, asset_ref=meter, holder_ref=PARTNER, on=END, key="c9"),
        lambda: finance.hand_over_asset(NATIONAL, deed_ref=Ref("dsv-00000002"), **deed),  # type: ignore[arg-type]
    ):
        with pytest.raises(finance.AssetGone):
            act()
    assert finance.count_assets(SYSTEM, state="held") == 0


def test_who_may_not_prepare_keeps_no_things_and_a_neighbour_sees_none(meter: Ref) -> None:
    with pytest.raises(NotAllowed):
        finance.check_asset(DONOR, asset_ref=meter, condition="good", on=LATER, key="k")
    with pytest.raises(NotFound):
        finance.asset(NEIGHBOUR, meter)
    with pytest.raises(finance.LineUnknown):
        check(meter, condition="lovely")
    with pytest.raises(finance.DayImpossible):
        check(meter, date(2003, 5, 1))
    assert finance.asset_events(SYSTEM, meter) == []
    assert finance.assets(NEIGHBOUR) == []
