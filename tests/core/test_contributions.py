"""Gifts in kind, pledges and what partners add to a grant."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.bounds import BelowZero
from jump.core.in_kind import (
    DeclaredRate,
    Gift,
    NoDeclaredRate,
    gift_value_minor,
    gifts_by_kind_minor,
    matching_ratio,
    pledge_state,
)

RATES = [
    DeclaredRate("hour", 250, date(2025, 1, 1), date(2025, 12, 31)),
    DeclaredRate("hour", Decimal("262.5"), date(2026, 1, 1)),
    DeclaredRate("room_day", 4_000, date(2025, 1, 1)),
]


def test_a_gift_takes_the_rate_of_its_own_day() -> None:
    """finance rules 7: in-kind valued at a dated price list."""
    assert gift_value_minor(Gift(date(2025, 12, 31), "hour", 8), RATES) == 2_000
    assert gift_value_minor(Gift(date(2026, 1, 1), "hour", 8), RATES) == 2_100
    with pytest.raises(NoDeclaredRate) as refused:
        gift_value_minor(Gift(date(2024, 12, 31), "hour", 8), RATES)
    assert refused.value.facts == {"kind": "hour", "on": "2024-12-31", "found": 0}
    with pytest.raises(NoDeclaredRate):
        gift_value_minor(Gift(date(2026, 1, 1), "hour", 8), [*RATES, DeclaredRate("hour", 1, date(2026, 1, 1))])
    with pytest.raises(BelowZero):
        gift_value_minor(Gift(date(2026, 1, 1), "hour", -1), RATES)


gifts = st.lists(
    st.builds(
        Gift,
        st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        st.sampled_from(["hour", "room_day"]),
        st.decimals(0, 1_000, places=2),
    ),
    max_size=10,
)


@given(gifts, st.randoms(use_true_random=False))
def test_gifts_add_up_by_kind_in_any_order(some: list[Gift], chance: Random) -> None:
    turned = list(some)
    chance.shuffle(turned)
    found = gifts_by_kind_minor(some, RATES)
    assert sum(found.values()) == sum(gift_value_minor(gift, RATES) for gift in some)
    assert gifts_by_kind_minor(turned, RATES) == found


def test_a_pledge_is_open_until_kept() -> None:
    """Requirement PPPCSR-01; our own numbers."""
    state = pledge_state(pledged_minor=10_000, received_minor=[2_500, 5_000])
    assert (state.open_minor, state.beyond_minor, state.kept.percent()) == (2_500, 0, Decimal("75.00"))
    more = pledge_state(pledged_minor=10_000, received_minor=[12_000])
    assert (more.open_minor, more.beyond_minor) == (0, 2_000)
    with pytest.raises(BelowZero):
        pledge_state(pledged_minor=1, received_minor=[-1])


def test_the_matching_ratio_counts_cash_and_valued_kind() -> None:
    """finance rules 7: partner part / grant part."""
    found = matching_ratio(partner_cash_minor=1_000, partner_kind_minor=1_000, grant_minor=10_000)
    assert found.percent() == Decimal("20.00")
    assert matching_ratio(partner_cash_minor=1, partner_kind_minor=0, grant_minor=0).value is None
