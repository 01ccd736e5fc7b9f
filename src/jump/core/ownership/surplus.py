"""A year's result of a co-operative of workers: who gets what of a surplus, and who bears what of a loss.

Amounts are whole minor units of one currency, shares and rates exact. Labour is a mapping person -> `Labour`; the order
of people never matters. Every rate and limit is a parameter, since law and by-laws differ.

Sources: finance rules, section 5 (points 2, 3, 6 and the worker co-op variant); methods 02, section 2.4, rules 2, 3, 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from jump.core.bounds import Rate, exact, exact_not_negative, exact_share, not_negative
from jump.core.money import allocate
from jump.core.ownership.refusals import SplitBroken
from jump.core.sharing import shared, shared_up_to


@dataclass(frozen=True, slots=True)
class Labour:
    """What one person worked in the year: hours, and the index of her pay. Weight = hours x index."""

    hours: Rate
    index: Rate = 1
    is_member: bool = True

    @property
    def weight(self) -> Fraction:
        return exact_not_negative(self.hours, name="hours") * exact_not_negative(self.index, name="index")


@dataclass(frozen=True, slots=True)
class SurplusRule:
    """How a surplus is split: shares for the reserve and for education; the rest is the members'.

    The floors are those of the law. Published splits: 45/10/45 and 20/10/70 (reserve, education, members).
    """

    reserve: Rate
    education: Rate
    reserve_min: Rate = 0
    education_min: Rate = 0

    def __post_init__(self) -> None:
        reserve, education = exact_share(self.reserve), exact_share(self.education)
        if reserve + education > 1:
            raise SplitBroken("reserve and education pass the whole", reserve=str(reserve), education=str(education))
        if reserve < exact(self.reserve_min) or education < exact(self.education_min):
            raise SplitBroken(
                "the split falls below what the law asks",
                reserve=str(reserve),
                reserve_min=str(self.reserve_min),
                education=str(education),
                education_min=str(self.education_min),
            )


@dataclass(frozen=True, slots=True)
class SurplusSplit:
    """A surplus split to the last cent. `reserve_minor` includes what non-members' labour earned."""

    reserve_minor: int
    education_minor: int
    members_minor: Mapping[str, int]
    from_non_members_minor: int = 0


def split_surplus(*, surplus_minor: int, rule: SurplusRule, labour: Mapping[str, Labour]) -> SurplusSplit:
    """Reserve, education fund, and the rest to members by labour, never by capital.

    What non-members worked for goes to the reserve. Promise: reserve + education + members = surplus. Errors:
    BelowZero for a loss (see `split_loss`), NobodyToShare where nobody worked. Sources: finance rules, 5.2 and 5.3;
    methods 02, 2.4 rules 2 and 6.

    >>> rule = SurplusRule(Fraction(45, 100), Fraction(10, 100))
    >>> split = split_surplus(surplus_minor=200_000, rule=rule, labour={"a": Labour(1_700), "b": Labour(1_700, 2)})
    >>> split.reserve_minor, split.education_minor, split.members_minor
    (90000, 20000, {'a': 30000, 'b': 60000})
    """
    not_negative(surplus_minor=surplus_minor)
    reserve, education = exact_share(rule.reserve), exact_share(rule.education)
    to_reserve, to_education, to_labour = allocate(surplus_minor, [reserve, education, 1 - reserve - education])
    parts = shared(to_labour, {name: worked.weight for name, worked in labour.items()})
    others = sum(part for name, part in parts.items() if not labour[name].is_member)
    members = {name: part for name, part in parts.items() if labour[name].is_member}
    return SurplusSplit(to_reserve + others, to_education, members, others)


def graded_reserve_share(*, surplus_minor: int, wages_minor: int, steps: Sequence[tuple[Rate, Rate]]) -> Fraction:
    """A reserve share that grows with surplus / (wages + surplus): the share of the highest step reached.

    `steps` are (ratio from which, share), rising; they are data of the by-laws (finance rules, 5.2, last sentence).

    >>> steps = [(0, Fraction(1, 5)), (Fraction(1, 3), Fraction(1, 2))]
    >>> graded_reserve_share(surplus_minor=40, wages_minor=60, steps=steps)
    Fraction(1, 2)
    """
    not_negative(surplus_minor=surplus_minor, wages_minor=wages_minor)
    known = [(exact_share(start), exact_share(share)) for start, share in steps]
    if not known or known[0][0] != 0 or known != sorted(known):
        raise SplitBroken("steps begin at 0 and rise", steps=len(known))
    whole_minor = surplus_minor + wages_minor
    reached = Fraction(surplus_minor, whole_minor) if whole_minor else Fraction(0)
    return next(share for start, share in reversed(known) if reached >= start)


@dataclass(frozen=True, slots=True)
class LossSplit:
    """A loss: what the reserve bears, what members bear, and what nobody can bear yet (carried forward)."""

    reserve_minor: int
    members_minor: Mapping[str, int]
    uncovered_minor: int


def split_loss(
    *,
    loss_minor: int,
    reserve_minor: int,
    reserve_share_max: Rate,
    labour: Mapping[str, Labour],
    balances_minor: Mapping[str, int],
    may_fall_below_zero: bool = False,
) -> LossSplit:
    """A part to the reserve, the rest to members by labour, no account below zero unless the assembly decided so.

    Promise: reserve + members + uncovered = loss. The sources give the most the reserve bears as 50 % (finance rules,
    5.6), 40 % (methods 02, 2.4) or the share it gets of profits: hence a parameter without a default.

    >>> split_loss(loss_minor=100, reserve_minor=30, reserve_share_max=Fraction(1, 2),
    ...            labour={"a": Labour(1), "b": Labour(1)}, balances_minor={"a": 100, "b": 20})
    LossSplit(reserve_minor=30, members_minor={'a': 35, 'b': 20}, uncovered_minor=15)
    """
    not_negative(loss_minor=loss_minor, reserve_minor=reserve_minor)
    borne = min(round(loss_minor * exact_share(reserve_share_max, name="reserve_share_max")), reserve_minor)
    weights = {name: worked.weight for name, worked in labour.items() if worked.is_member}
    parts = shared(loss_minor - borne, weights)
    if not may_fall_below_zero:
        parts = {name: min(part, max(0, balances_minor.get(name, 0))) for name, part in parts.items()}
    return LossSplit(borne, parts, loss_minor - borne - sum(parts.values()))


def to_refill(balances_minor: Mapping[str, int], *, least_minor: int) -> dict[str, int]:
    """What each member must pay in again to reach the least account (finance rules, 5.6)."""
    not_negative(least_minor=least_minor)
    return {name: least_minor - held for name, held in balances_minor.items() if held < least_minor}


# --- patronage paid partly in cash, partly as written notices ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatronageSplit:
    """Net income split: collective part, cash and written notices by member."""

    collective_minor: int
    cash_minor: Mapping[str, int]
    notices_minor: Mapping[str, int]


def split_patronage(
    *,
    net_income_minor: int,
    members_share: Rate,
    cash_share: Rate,
    labour: Mapping[str, Labour],
    cash_share_min: Rate = Fraction(20, 100),
) -> PatronageSplit:
    """Members' share by labour, part in cash (at least 20 % so that notices are qualified), the rest as notices.

    Promise: collective + cash + notices = net income. Errors: SplitBroken for too little cash. Source: finance rules,
    section 5, "Worker co-op variant" (well-known; check the law before use).
    """
    not_negative(net_income_minor=net_income_minor)
    share, cash = exact_share(members_share, name="members_share"), exact_share(cash_share, name="cash_share")
    if cash < exact_share(cash_share_min):
        raise SplitBroken("too little is paid in cash", cash_share=str(cash), least=str(cash_share_min))
    collective, to_members = allocate(net_income_minor, [1 - share, share])
    parts = shared(to_members, {name: worked.weight for name, worked in labour.items() if worked.is_member})
    in_cash = {name: allocate(part, [cash, 1 - cash])[0] for name, part in parts.items()}
    return PatronageSplit(collective, in_cash, {name: part - in_cash[name] for name, part in parts.items()})


@dataclass(frozen=True, slots=True)
class Notice:
    """A written notice: what a member was credited for a year and has not been paid yet."""

    member: str
    year: int
    amount_minor: int


def pay_oldest(notices: Iterable[Notice], *, pool_minor: int) -> tuple[dict[tuple[str, int], int], int]:
    """Pay notices, the oldest year first; within a year by amount. Returns ((member, year) -> paid, what is left).

    Source: finance rules, 5, "Worker co-op variant" (revolving).

    >>> pay_oldest([Notice("a", 2021, 30), Notice("b", 2020, 40)], pool_minor=50)
    ({('b', 2020): 40, ('a', 2021): 10}, 0)
    """
    not_negative(pool_minor=pool_minor)
    by_year: dict[int, dict[str, int]] = {}
    for notice in notices:
        not_negative(amount_minor=notice.amount_minor)
        of_year = by_year.setdefault(notice.year, {})
        of_year[notice.member] = of_year.get(notice.member, 0) + notice.amount_minor
    paid: dict[tuple[str, int], int] = {}
    left = pool_minor
    for year in sorted(by_year):
        parts, left = shared_up_to(left, by_year[year], by_year[year])
        paid.update({(member, year): part for member, part in sorted(parts.items()) if part})
    return paid, left
