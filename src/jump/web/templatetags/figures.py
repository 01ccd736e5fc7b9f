"""Figures of indicators in words: percent with its sign, others with one decimal at most."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template

from jump.web import formats

register = template.Library()


@register.filter
def figure(value: Decimal | int | None, unit: str = "") -> str:
    """`{{ value.value|figure:value.unit }}`"""
    if value is None or value == "":
        return formats.MISSING
    exact = Decimal(value)
    decimals = 0 if exact == exact.to_integral_value() or abs(exact) >= 1000 else 1
    return formats.share(exact / 100) if unit == "percent" else formats.number(exact, decimals)


@register.filter
def part(parts: Iterable[Any], category: str) -> Any:
    """The line of this sex among the lines of a value: `{{ value.parts|part:"female" }}`."""
    return next((one for one in parts or () if (one.dimension, one.category) == ("sex", category)), None)
