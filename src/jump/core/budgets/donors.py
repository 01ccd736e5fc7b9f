"""Several donors under one umbrella: which contribution paid which use, to the last minor unit.

Contributions flow into one pool; uses are paid out of it. A use is shared among the contributions that had come in by
its day and still have money: first those whose earmark fits it, then those without an earmark. An earmarked
contribution never pays for anything else. Within each group a declared rule decides: in proportion to what each has
left, or the oldest first. Money that comes back goes to the contributions that had paid, in proportion.

Source: requirement SEEDFUND-11 (report use to each, earmark respected); finance rules, section 7 (balance per grant).
The two rules and "earmarked first" are our default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from jump.core.bounds import Rate, Refused, exact, positive, whole
from jump.core.money import allocate


class BudgetRefused(Refused):
    """What was given contradicts itself."""

    code = "budgets.refused"


class Rule(StrEnum):
    """How a use is shared among contributions that may pay for it."""

    PROPORTIONAL = "proportional"
    FIRST_IN = "first_in"


@dataclass(frozen=True, slots=True)
class Inflow:
    """A contribution: from whom, when, how much, and what alone it may be used for (label: value; none: anything)."""

    ref: str
    donor: str
    on: date
    amount_minor: int
    earmark: Mapping[str, str] = field(default_factory=dict, hash=False)

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether a use with these labels is within the earmark. A place covers everything under it."""
        return all(
            labels.get(name, "").startswith(value) if name == "place" else labels.get(name, "") == value
            for name, value in self.earmark.items()
        )


@dataclass(frozen=True, slots=True)
class Use:
    """Money used, or below zero money that came back; `of` is what both belong to (a contract)."""

    ref: str
    on: date
    amount_minor: int
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    of: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a use that a contribution paid. Without a contribution (None): money that no contribution covers."""

    use: Use
    inflow: Inflow | None
    amount_minor: int


def allocate_use(
    inflows: Iterable[Inflow], uses: Iterable[Use], *, rule: Rule = Rule.PROPORTIONAL
) -> tuple[Share, ...]:
    """Share every use among the contributions, in the order of their days.

    Promises: the shares of a use add up to it; no contribution pays more than it is, or outside its earmark, or before
    it came in; what nobody could pay is a share of its own without a contribution. Errors: BudgetRefused where money
    comes back that was not used before.

    >>> day = date(2026, 1, 1)
    >>> gifts = [Inflow("a", "A", day, 100), Inflow("b", "B", day, 200)]
    >>> [(one.inflow.donor, one.amount_minor) for one in allocate_use(gifts, [Use("u", day, 100)])]
    [('A', 33), ('B', 67)]
    """
    given = sorted(inflows, key=lambda one: (one.on, one.ref))
    for one in given:
        positive(amount_minor=one.amount_minor)
    left = {one.ref: one.amount_minor for one in given}
    if len(left) != len(given):
        raise BudgetRefused("a contribution stands twice")
    paid: dict[str, dict[Inflow | None, int]] = {}
    shares: list[Share] = []
    # On one day money goes out before it comes back, so that it can have been used.
    for use in sorted(uses, key=lambda one: (one.on, one.amount_minor < 0, one.ref)):
        whole(amount_minor=use.amount_minor)
        by_inflow = _given_back(paid.get(use.of, {}), use) if use.amount_minor < 0 else _taken(given, left, use, rule)
        of = paid.setdefault(use.of, {})
        for inflow, amount in by_inflow:
            shares.append(Share(use, inflow, amount))
            of[inflow] = of.get(inflow, 0) + amount
            if inflow is not None:
                left[inflow.ref] -= amount
    return tuple(shares)


def left_of(inflow: Inflow, shares: Iterable[Share]) -> int:
    """What a contribution still has after these shares."""
    return inflow.amount_minor - sum(one.amount_minor for one in shares if one.inflow == inflow)


def _taken(given: Sequence[Inflow], left: Mapping[str, int], use: Use, rule: Rule) -> list[tuple[Inflow | None, int]]:
    found: list[tuple[Inflow | None, int]] = []
    open_minor = use.amount_minor
    may_pay = [one for one in given if one.on <= use.on and left[one.ref] > 0 and one.fits(use.labels)]
    for group in ([one for one in may_pay if one.earmark], [one for one in may_pay if not one.earmark]):
        parts = _split(min(open_minor, sum(left[one.ref] for one in group)), [left[one.ref] for one in group], rule)
        found += [(inflow, part) for inflow, part in zip(group, parts, strict=True) if part]
        open_minor -= sum(parts)
    return [*found, (None, open_minor)] if open_minor else found


def _split(amount_minor: int, left: Sequence[int], rule: Rule) -> list[int]:
    """An amount that is at most what is left in all, among what is left in each."""
    if not amount_minor:
        return [0] * len(left)
    if rule is Rule.PROPORTIONAL:
        return list(allocate(amount_minor, list(left)))
    parts = []
    for most in left:
        parts.append(min(most, amount_minor))
        amount_minor -= parts[-1]
    return parts


def _given_back(paid: Mapping[Inflow | None, int], use: Use) -> list[tuple[Inflow | None, int]]:
    back = -use.amount_minor
    payers = [inflow for inflow, amount in paid.items() if amount > 0]
    amounts = [paid[one] for one in payers]
    if back > sum(amounts):
        raise BudgetRefused("more comes back than was used", ref=use.ref, back_minor=back, used_minor=sum(amounts))
    return [(one, -part) for one, part in zip(payers, allocate(back, amounts), strict=True) if part]


@dataclass(frozen=True, slots=True)
class DonorLine:
    """A contribution in the currency it was given in: received = used + left + difference."""

    received_minor: int
    used_minor: int
    left_minor: int

    @property
    def difference_minor(self) -> int:
        """What exchange took (above zero) or gave (below zero) between the days of coming in and of use."""
        return self.received_minor - self.used_minor - self.left_minor


def in_donor_currency(*, received_minor: int, uses: Iterable[tuple[int, Rate]], left: tuple[int, Rate]) -> DonorLine:
    """What was used and what is left, each at its own rate, and the exchange difference as a line of its own.

    `uses` and `left` are amounts in the budget's minor units with what one of them is worth in the donor's minor units
    on its day; each is rounded once, halves to even. Source: requirement BUDGET-14 (gain or loss shown).

    >>> in_donor_currency(received_minor=1_000, uses=[(600, Fraction(9, 10))], left=(400, Fraction(1))).difference_minor
    60
    """
    whole(received_minor=received_minor)
    used = sum(round(amount * Fraction(exact(rate, name="rate"))) for amount, rate in uses)
    return DonorLine(received_minor, used, round(left[0] * Fraction(exact(left[1], name="rate"))))
