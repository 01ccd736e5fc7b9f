"""Shares of an amount, and shares that stop at a limit."""

from __future__ import annotations

import pytest

from jump.core.bounds import BelowZero
from jump.core.sharing import shared, shared_up_to


def test_nothing_shared_among_people_without_weight_is_nothing_for_each() -> None:
    assert shared(0, {"b": 0, "a": 0}) == {"b": 0, "a": 0}


def test_no_amount_weight_or_limit_may_lie_below_zero() -> None:
    for amount, weights, limits in ((-1, {"a": 1}, {}), (1, {"a": -1}, {}), (1, {"a": 1}, {"a": -1})):
        with pytest.raises(BelowZero):
            shared_up_to(amount, weights, limits)
    with pytest.raises(BelowZero) as refused:
        shared(1, {"a": -1})
    assert "weight" in str(vars(refused.value))
