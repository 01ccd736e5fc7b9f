"""Splitting among named receivers so that nothing is lost and the order of names does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from jump.core.bounds import Rate, Refused, exact_not_negative, not_negative
from jump.core.money import allocate


class NobodyToShare(Refused):
    """There is something to share and nobody with a part in it."""

    code = "sharing.nobody"


def shared(amount: int, weights: Mapping[str, Rate]) -> dict[str, int]:
    """Split a whole amount by weights, exactly (largest remainder; among equals the name that sorts first).

    Shapes: `weights` name -> weight of at least 0; returns name -> part, in the order of the names given. The parts
    add up to the amount. Errors: BelowZero for a negative amount or weight, NobodyToShare where every weight is 0 and
    the amount is not. Rule: invariant "nothing is lost in a split (largest remainder)".

    >>> shared(100, {"b": 1, "a": 1, "c": 1})
    {'b': 33, 'a': 34, 'c': 33}
    """
    not_negative(amount=amount)
    names = sorted(weights)
    exact = [exact_not_negative(weights[name], name="weight") for name in names]
    if not any(exact):
        if amount:
            raise NobodyToShare("there is nobody to share with", amount=amount, names=len(names))
        return dict.fromkeys(weights, 0)
    parts = dict(zip(names, allocate(amount, exact), strict=True))
    return {name: parts[name] for name in weights}


def shared_up_to(amount: int, weights: Mapping[str, Rate], limits: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """Split by weights where nobody may get more than a limit; what one cannot take goes to the others.

    Returns (name -> part, what nobody could take). Parts and rest add up to the amount. A name without a limit has
    none. Errors: BelowZero.

    >>> shared_up_to(100, {"a": 1, "b": 1}, {"a": 20})
    ({'a': 20, 'b': 80}, 0)
    >>> shared_up_to(100, {"a": 1, "b": 1}, {"a": 20, "b": 30})
    ({'a': 20, 'b': 30}, 50)
    """
    not_negative(amount=amount, **{f"limit of {name}": limit for name, limit in limits.items()})
    exact: dict[str, Fraction] = {name: exact_not_negative(weight, name="weight") for name, weight in weights.items()}
    parts = dict.fromkeys(weights, 0)
    open_to = {name for name, weight in exact.items() if weight and limits.get(name, 1) > 0}
    left = amount
    while left and open_to:
        offered = shared(left, {name: exact[name] for name in open_to})
        full = {name for name in open_to if name in limits and parts[name] + offered[name] >= limits[name]}
        for name in full or open_to:  # those who are full first; the others are asked again with what is left
            taken = min(offered[name], limits[name] - parts[name]) if name in limits else offered[name]
            parts[name] += taken
            left -= taken
        open_to -= full
    return parts, left
