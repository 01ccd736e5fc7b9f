"""In which order money is used, as data, and the using of it.

Two ways are known. `Sequential` goes from the oldest instalment to the next, in one order of parts inside each; money
that comes before the due date may have an order of its own, where a step can be limited to charges already due.
`Stepwise` is the twelve-step order: past due, due and in advance, each with four parts, walked either instalment by
instalment (horizontal) or part by part (vertical); money ahead of schedule goes to the next instalment, to the last
one, or evenly over all of them.

Source: loan cases README (`allocation_strategy`, `allocation_rules`, `allocation_direction`), after Apache Fineract's
repayment strategies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from jump.core.schedules.lines import OpenLine, no_parts
from jump.core.schedules.parts import CHARGES, Part


class When(StrEnum):
    """An instalment as seen from the day of a payment."""

    PAST_DUE = "past_due"
    DUE = "due"
    IN_ADVANCE = "in_advance"


class Ahead(StrEnum):
    """Where money ahead of schedule goes."""

    NEXT = "next_installment"
    LAST = "last_installment"
    ALL = "reamortization"


class Direction(StrEnum):
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@dataclass(frozen=True, slots=True)
class Step:
    """One part in turn; `due_only` pays a charge in advance only as far as charges have fallen due."""

    part: Part
    due_only: bool = False


@dataclass(frozen=True, slots=True)
class Sequential:
    """Oldest instalment first; `early` is the order for money before the due date (the same order when empty)."""

    order: tuple[Part, ...]
    early: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        if sorted(self.order) != sorted(Part):
            raise ValueError("an allocation order names fee, penalty, interest and principal once each")


@dataclass(frozen=True, slots=True)
class Stepwise:
    """The twelve steps. `ahead` may differ by kind of payment; "" is for every other kind."""

    steps: tuple[tuple[When, Part], ...]
    direction: Direction = Direction.HORIZONTAL
    ahead: Mapping[str, Ahead] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.steps)) != 12 or len(self.steps) != 12:
            raise ValueError("the order names each part once for past due, due and in advance")

    def ahead_for(self, kind: str) -> Ahead:
        return self.ahead.get(kind) or self.ahead.get("", Ahead.NEXT)


Allocation = Sequential | Stepwise

_FEE, _PENALTY, _INTEREST, _PRINCIPAL = Part.FEE, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL

# The orders loan products name.
ALLOCATIONS: Mapping[str, Sequential] = {
    "penalties_fees_interest_principal_order": Sequential((_PENALTY, _FEE, _INTEREST, _PRINCIPAL)),
    "fees_penalties_interest_principal_order": Sequential((_FEE, _PENALTY, _INTEREST, _PRINCIPAL)),
    "interest_principal_penalties_fees_order": Sequential((_INTEREST, _PRINCIPAL, _PENALTY, _FEE)),
    "principal_interest_penalties_fees_order": Sequential((_PRINCIPAL, _INTEREST, _PENALTY, _FEE)),
    "due_penalty_fee_interest_principal_in_advance_principal_penalty_fee_interest": Sequential(
        (_PENALTY, _FEE, _INTEREST, _PRINCIPAL),
        early=(
            Step(_PENALTY, due_only=True),
            Step(_FEE, due_only=True),
            Step(_PRINCIPAL),
            Step(_PENALTY),
            Step(_FEE),
            Step(_INTEREST),
        ),
    ),
    "due_penalty_interest_principal_fee_in_advance_penalty_interest_principal_fee": Sequential(
        (_PENALTY, _INTEREST, _PRINCIPAL, _FEE),
        early=(
            Step(_PENALTY, due_only=True),
            Step(_FEE, due_only=True),
            Step(_PENALTY),
            Step(_INTEREST),
            Step(_PRINCIPAL),
            Step(_FEE),
        ),
    ),
}


class Use:
    """What one amount was used for: the parts, and on which instalment each piece."""

    __slots__ = ("left_minor", "parts", "pieces")

    def __init__(self, amount_minor: int) -> None:
        self.parts = no_parts()
        self.left_minor = amount_minor
        self.pieces: list[tuple[OpenLine, Part, int]] = []


Payer = Callable[[OpenLine, Part, int], int]


def use_money(
    allocation: Allocation,
    lines: Sequence[OpenLine],
    amount_minor: int,
    *,
    on: date,
    kind: str = "",
    charges_due: Mapping[Part, int] | None = None,
) -> Use:
    """Put an amount on instalments in order of due date. `charges_due`: unpaid charges fallen due by that day."""
    use = Use(amount_minor)

    def pay(line: OpenLine, part: Part, offered: int) -> int:
        used = line.pay(part, offered, on)
        if used:
            use.parts[part] += used
            use.left_minor -= used
            use.pieces.append((line, part, used))
        return used

    if isinstance(allocation, Sequential):
        _sequential(allocation, lines, use, pay, on, charges_due or {})
    elif allocation.direction is Direction.HORIZONTAL:
        _horizontal(allocation, lines, use, pay, on, allocation.ahead_for(kind))
    else:
        _vertical(allocation, lines, use, pay, on, allocation.ahead_for(kind))
    return use


def _sequential(
    allocation: Sequential,
    lines: Sequence[OpenLine],
    use: Use,
    pay: Payer,
    on: date,
    charges_due: Mapping[Part, int],
) -> None:
    for line in lines:
        if not use.left_minor:
            return
        if not line.open_minor:
            continue
        if on < line.due_on and allocation.early:
            for step in allocation.early:
                offered = min(charges_due.get(step.part, 0), use.left_minor) if step.due_only else use.left_minor
                pay(line, step.part, offered)
        else:
            for part in allocation.order:
                pay(line, part, use.left_minor)


def _when(line: OpenLine, on: date) -> When:
    if line.due_on < on:
        return When.PAST_DUE
    return When.DUE if line.due_on == on else When.IN_ADVANCE


def _targets(lines: Iterable[OpenLine], when: When, on: date, ahead: Ahead, part: Part | None = None) -> list[OpenLine]:
    """The instalments whose turn it is: the oldest one, or in advance what `ahead` says."""
    found = [
        line
        for line in lines
        if line.open_minor and _when(line, on) is when and (part is None or line.open_of(part) > 0)
    ]
    if when is When.IN_ADVANCE and ahead is Ahead.ALL:
        return found
    if when is When.IN_ADVANCE and ahead is Ahead.LAST:
        return found[-1:]
    return found[:1]


def _spread(targets: Sequence[OpenLine], part: Part, use: Use, pay: Payer) -> bool:
    """Evenly over the targets, never more than there is; the last takes what division leaves. Was anything used?"""
    each = round_half_even(use.left_minor, len(targets))
    rest = use.left_minor - each * len(targets)
    used = 0
    for line in targets:
        offered = each + (rest if line is targets[-1] else 0)
        used += pay(line, part, min(offered, use.left_minor))  # shares rounded up run out before the last one
    return used > 0


def round_half_even(amount_minor: int, count: int) -> int:
    whole, rest = divmod(amount_minor, count)
    twice = 2 * rest
    return whole + (1 if twice > count or (twice == count and whole % 2) else 0)


def _horizontal(allocation: Stepwise, lines: Sequence[OpenLine], use: Use, pay: Payer, on: date, ahead: Ahead) -> None:
    for when in dict.fromkeys(when for when, _ in allocation.steps):
        parts = [part for turn, part in allocation.steps if turn is when]
        while use.left_minor:
            targets = _targets(lines, when, on, ahead)
            if not targets:
                break
            used = [_spread(targets, part, use, pay) for part in parts]  # every part has its turn
            if not any(used):
                break


def _vertical(allocation: Stepwise, lines: Sequence[OpenLine], use: Use, pay: Payer, on: date, ahead: Ahead) -> None:
    for when, part in allocation.steps:
        while use.left_minor:
            targets = _targets(lines, when, on, ahead, part)
            if not targets or not _spread(targets, part, use, pay):
                break


__all__ = ["ALLOCATIONS", "CHARGES", "Ahead", "Allocation", "Direction", "Sequential", "Step", "Stepwise", "When"]
