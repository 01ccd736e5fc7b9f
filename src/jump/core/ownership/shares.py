"""A share register that always adds up, and shares bought by instalments.

Shares are whole numbers by class; prices whole minor units. Sources: requirement CONVERT-04 (the register always sums
to the issued shares); finance rules, section 4, row "share classes" (changing worker status changes the class).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.bounds import not_negative, positive
from jump.core.ownership.labour_company import Holder
from jump.core.ownership.refusals import OwnershipRefused


class HoldsTooFew(OwnershipRefused):
    """Somebody would give more shares than she holds."""

    code = "ownership.holds_too_few"


class FactIncomplete(OwnershipRefused):
    """A fact of the register lacks a party or a class, or names one too many."""

    code = "ownership.fact_incomplete"


class PaidTooMuch(OwnershipRefused):
    """More was paid for shares than they cost."""

    code = "ownership.paid_too_much"


class RegisterKind(StrEnum):
    """What can happen to shares."""

    ISSUE = "issue"  # to a holder
    TRANSFER = "transfer"  # from one holder to another
    CHANGE_CLASS = "change_class"  # of one holder, from one class to another
    CANCEL = "cancel"  # of a holder


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """One fact: `count` shares of `share_class`, held by `holder`."""

    on: date
    kind: RegisterKind
    share_class: str
    count: int
    holder: str
    to: str = ""
    to_class: str = ""

    def __post_init__(self) -> None:
        positive(count=self.count)
        needs_to = self.kind is RegisterKind.TRANSFER
        needs_class = self.kind is RegisterKind.CHANGE_CLASS
        if not self.holder or bool(self.to) != needs_to or bool(self.to_class) != needs_class:
            raise FactIncomplete("a fact names just what its kind needs", kind=self.kind, on=str(self.on))


@dataclass(frozen=True, slots=True)
class Register:
    """Who holds how many shares of which class, and how many are issued. The two always agree."""

    held: Mapping[tuple[str, str], int]
    issued: Mapping[str, int]

    def of(self, holder: str) -> int:
        return sum(count for (who, _), count in self.held.items() if who == holder)

    def holders(self, *, labour_classes: frozenset[str] = frozenset({"labour"})) -> tuple[Holder, ...]:
        """One row for each holder and kind of class, for `check_company`; who holds both appears twice."""
        sums: dict[tuple[str, bool], int] = defaultdict(int)
        for (who, share_class), count in self.held.items():
            sums[who, share_class in labour_classes] += count
        return tuple(Holder(who, count, is_labour) for (who, is_labour), count in sorted(sums.items()))


def register_of(facts: Iterable[RegisterFact]) -> Register:
    """The register after all facts, whatever order they are entered in; holdings are judged at the close of each day.

    Promise: for every class the holdings add up to the shares issued. Errors: HoldsTooFew with day, holder and class.

    >>> day = date(2026, 1, 1)
    >>> facts = [RegisterFact(day, RegisterKind.TRANSFER, "labour", 4, "a", to="b"),
    ...          RegisterFact(day, RegisterKind.ISSUE, "labour", 10, "a")]
    >>> register_of(facts).held
    {('a', 'labour'): 6, ('b', 'labour'): 4}
    """
    held: dict[tuple[str, str], int] = defaultdict(int)
    issued: dict[str, int] = defaultdict(int)
    by_day: dict[date, list[RegisterFact]] = defaultdict(list)
    for fact in facts:
        by_day[fact.on].append(fact)
    for day in sorted(by_day):
        for fact in by_day[day]:
            here = (fact.holder, fact.share_class)
            match fact.kind:
                case RegisterKind.ISSUE:
                    held[here] += fact.count
                    issued[fact.share_class] += fact.count
                case RegisterKind.TRANSFER:
                    held[here] -= fact.count
                    held[fact.to, fact.share_class] += fact.count
                case RegisterKind.CHANGE_CLASS:
                    held[here] -= fact.count
                    held[fact.holder, fact.to_class] += fact.count
                    issued[fact.share_class] -= fact.count
                    issued[fact.to_class] += fact.count
                case RegisterKind.CANCEL:
                    held[here] -= fact.count
                    issued[fact.share_class] -= fact.count
        for (who, share_class), count in sorted(held.items()):
            if count < 0:
                raise HoldsTooFew(
                    "more shares go out than are held", on=str(day), holder=who, share_class=share_class, short=-count
                )
    return Register(
        {key: count for key, count in sorted(held.items()) if count},
        {name: count for name, count in sorted(issued.items()) if count},
    )


@dataclass(frozen=True, slots=True)
class PaidUp:
    """Where a purchase by instalments stands."""

    shares: int
    rest_minor: int  # paid, not yet a whole share
    owed_minor: int


def paid_up(*, shares: int, price_minor: int, paid_minor: int) -> PaidUp:
    """How many of the shares bought are paid for. Errors: PaidTooMuch, NotPositive, BelowZero.

    >>> paid_up(shares=10, price_minor=2_500, paid_minor=6_000)
    PaidUp(shares=2, rest_minor=1000, owed_minor=19000)
    """
    positive(shares=shares, price_minor=price_minor)
    not_negative(paid_minor=paid_minor)
    cost = shares * price_minor
    if paid_minor > cost:
        raise PaidTooMuch("more than the shares cost", cost_minor=cost, paid_minor=paid_minor)
    return PaidUp(paid_minor // price_minor, paid_minor % price_minor, cost - paid_minor)
