"""Savings groups with one box: shares bought at meetings, loans from the box, a social fund, and the share-out.

Amounts are whole minor units of one currency; shares are whole. Facts of one day may come in any order: money in is
counted before money out.

Sources: finance rules, section 1, "Share-out of a savings group" (marked as well-known); limits per meeting and per
loan are usual in village savings and loan associations and are parameters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from jump.core.bounds import Rate, exact_not_negative, not_negative, positive
from jump.core.ratios import ExactRatio, ratio
from jump.core.savings.interest import SavingsRefused
from jump.core.sharing import shared


class TooManyShares(SavingsRefused):
    """A member bought more shares at one meeting than the rules allow."""

    code = "savings.too_many_shares"


class BoxShort(SavingsRefused):
    """The box, or the social fund, does not hold what would be paid out."""

    code = "savings.box_short"


class LoanTooLarge(SavingsRefused):
    """A loan passes the multiple of the member's own savings."""

    code = "savings.loan_too_large"


class ReturnedTooMuch(SavingsRefused):
    """More of a loan was given back than is owed."""

    code = "savings.returned_too_much"


class NoShares(SavingsRefused):
    """Something is to be shared out and nobody holds a share."""

    code = "savings.no_shares"


@dataclass(frozen=True, slots=True)
class GroupRules:
    """What the group agreed for one cycle. Five shares a meeting and three times the savings are usual defaults."""

    share_value_minor: int
    shares_per_meeting_max: int = 5
    loan_multiple: Rate | None = 3

    def __post_init__(self) -> None:
        positive(share_value_minor=self.share_value_minor, shares_per_meeting_max=self.shares_per_meeting_max)
        if self.loan_multiple is not None:
            exact_not_negative(self.loan_multiple, name="loan_multiple")


class BoxKind(StrEnum):
    """What happens at a meeting. The first four bring money in, the last three take it out."""

    SHARES = "shares"
    FINE = "fine"
    RETURNED = "returned"
    SOCIAL_PAID = "social_paid"
    LENT = "lent"
    SOCIAL_HELP = "social_help"
    SPENT = "spent"


_IN_FIRST = {kind: position for position, kind in enumerate(BoxKind)}


@dataclass(frozen=True, slots=True)
class BoxFact:
    """One fact of a meeting. `shares` for SHARES, `charge_minor` for RETURNED, `amount_minor` for all but SHARES."""

    on: date
    kind: BoxKind
    member: str = ""
    amount_minor: int = 0
    shares: int = 0
    charge_minor: int = 0

    def __post_init__(self) -> None:
        not_negative(amount_minor=self.amount_minor, shares=self.shares, charge_minor=self.charge_minor)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a group stands: cash for loans, the social fund apart, shares and debts by member."""

    cash_minor: int = 0
    social_minor: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    owed_minor: Mapping[str, int] = field(default_factory=dict)
    charges_minor: int = 0
    fines_minor: int = 0
    spent_minor: int = 0

    @property
    def worth_minor(self) -> int:
        """What belongs to the shareholders: cash and what is owed to the box, without the social fund."""
        return self.cash_minor + sum(self.owed_minor.values())


def box_of(facts: Iterable[BoxFact], *, rules: GroupRules) -> Box:
    """Where a group stands after all facts of its cycle, whatever order they are entered in.

    Promise: worth = shares x share value + fines + charges - spent; neither cash nor social fund is ever below zero at
    the close of a day. Errors: TooManyShares, BoxShort, LoanTooLarge, ReturnedTooMuch, each with the day and member.

    >>> day, rules = date(2026, 1, 5), GroupRules(share_value_minor=200)
    >>> box = box_of([BoxFact(day, BoxKind.LENT, "a", 500), BoxFact(day, BoxKind.SHARES, "a", shares=5)], rules=rules)
    >>> box.cash_minor, box.worth_minor
    (500, 1000)
    """
    cash = social = charges = fines = spent = 0
    shares: dict[str, int] = defaultdict(int)
    owed: dict[str, int] = defaultdict(int)
    bought: dict[tuple[date, str], int] = defaultdict(int)
    in_order = sorted(
        facts,
        key=lambda fact: (
            fact.on,
            _IN_FIRST[fact.kind],
            fact.member,
            fact.amount_minor,
            fact.shares,
            fact.charge_minor,
        ),
    )
    for fact in in_order:
        where = {"on": str(fact.on), "member": fact.member}
        match fact.kind:
            case BoxKind.SHARES:
                bought[fact.on, fact.member] += fact.shares
                if bought[fact.on, fact.member] > rules.shares_per_meeting_max:
                    raise TooManyShares(
                        "more shares than one meeting allows",
                        shares=bought[fact.on, fact.member],
                        most=rules.shares_per_meeting_max,
                        **where,
                    )
                shares[fact.member] += fact.shares
                cash += fact.shares * rules.share_value_minor
            case BoxKind.FINE:
                fines += fact.amount_minor
                cash += fact.amount_minor
            case BoxKind.RETURNED:
                if fact.amount_minor > owed[fact.member]:
                    raise ReturnedTooMuch(
                        "more than is owed", owed_minor=owed[fact.member], amount_minor=fact.amount_minor, **where
                    )
                owed[fact.member] -= fact.amount_minor
                charges += fact.charge_minor
                cash += fact.amount_minor + fact.charge_minor
            case BoxKind.SOCIAL_PAID:
                social += fact.amount_minor
            case BoxKind.LENT:
                owed[fact.member] += fact.amount_minor
                _check_loan(owed[fact.member], shares[fact.member], rules, where)
                cash = _out_of(cash, fact.amount_minor, where)
            case BoxKind.SOCIAL_HELP:
                social = _out_of(social, fact.amount_minor, where)
            case BoxKind.SPENT:
                spent += fact.amount_minor
                cash = _out_of(cash, fact.amount_minor, where)
    return Box(
        cash_minor=cash,
        social_minor=social,
        shares=dict(sorted((member, held) for member, held in shares.items() if held)),
        owed_minor=dict(sorted((member, debt) for member, debt in owed.items() if debt)),
        charges_minor=charges,
        fines_minor=fines,
        spent_minor=spent,
    )


def _out_of(held_minor: int, amount_minor: int, where: Mapping[str, str]) -> int:
    if amount_minor > held_minor:
        raise BoxShort("the box does not hold so much", held_minor=held_minor, amount_minor=amount_minor, **where)
    return held_minor - amount_minor


def _check_loan(owed_minor: int, shares: int, rules: GroupRules, where: Mapping[str, str]) -> None:
    if rules.loan_multiple is None:
        return
    most = int(exact_not_negative(rules.loan_multiple) * shares * rules.share_value_minor)
    if owed_minor > most:
        raise LoanTooLarge("more than the savings carry", owed_minor=owed_minor, most_minor=most, **where)


# --- share-out -------------------------------------------------------------------------------------------------------


def share_value(
    *, box_minor: int, loans_returned_minor: int = 0, fines_minor: int = 0, welfare_minor: int = 0, shares: int
) -> ExactRatio:
    """What one share is worth: (box + loans returned in full + fines - welfare fund) / shares bought, in minor units.

    The parts must not overlap: a fine that lies in the box is counted in the box. Errors: BelowZero, BoxShort where the
    welfare fund is larger than all the rest. Source: finance rules, section 1.

    >>> share_value(box_minor=1_200_00, loans_returned_minor=3_300_00, welfare_minor=300_00, shares=1_000).value
    Fraction(420, 1)
    """
    not_negative(
        box_minor=box_minor,
        loans_returned_minor=loans_returned_minor,
        fines_minor=fines_minor,
        welfare_minor=welfare_minor,
        shares=shares,
    )
    pool = box_minor + loans_returned_minor + fines_minor - welfare_minor
    if pool < 0:
        raise BoxShort("the welfare fund is larger than what there is", pool_minor=pool)
    return ratio(pool, shares)


class Leftover(StrEnum):
    """What the written rule does with cents that do not divide."""

    LARGEST_REMAINDER = "largest_remainder"  # one more to those who lose most by rounding down
    NEXT_CYCLE = "next_cycle"  # everybody rounded down, the rest begins the next cycle's box


@dataclass(frozen=True, slots=True)
class ShareOutLine:
    """What one member is entitled to, what pays her debt, what she takes home and what she still owes."""

    member: str
    shares: int
    entitled_minor: int
    set_off_minor: int
    paid_minor: int
    still_owed_minor: int


@dataclass(frozen=True, slots=True)
class ShareOut:
    """The whole share-out. entitled = paid + set off for each; pool = all entitled + carried."""

    lines: tuple[ShareOutLine, ...]
    pool_minor: int
    carried_minor: int

    @property
    def paid_minor(self) -> int:
        return sum(line.paid_minor for line in self.lines)

    @property
    def set_off_minor(self) -> int:
        return sum(line.set_off_minor for line in self.lines)


def share_out(
    *,
    pool_minor: int,
    shares: Mapping[str, int],
    owed_minor: Mapping[str, int] | None = None,
    leftover: Leftover = Leftover.LARGEST_REMAINDER,
    coin_minor: int = 1,
) -> ShareOut:
    """Share the pool by shares, to the smallest coin; a member's own debt is taken off first.

    Promise: paid + set off + carried = pool. What is set off is not paid out: where the pool is cash it stays in the
    box; where the pool counts debts as money (`Box.worth_minor`) it is the debtor's own part. What does not divide
    goes by `leftover`; less than a coin is always carried to the next cycle. Errors: NoShares, BelowZero, NotPositive
    for the coin. Source: finance rules, section 1 (largest remainder; next cycle's fund by written rule).

    >>> done = share_out(pool_minor=4_200_00, shares={"a": 60, "b": 940}, owed_minor={"a": 100_00})
    >>> done.lines[0].paid_minor, done.carried_minor
    (15200, 0)
    """
    owed = owed_minor or {}
    not_negative(pool_minor=pool_minor, **{f"debt of {name}": debt for name, debt in owed.items()})
    not_negative(**{f"shares of {name}": held for name, held in shares.items()})
    positive(coin_minor=coin_minor)
    total = sum(shares.values())
    if not total and pool_minor:
        raise NoShares("nobody holds a share", pool_minor=pool_minor)
    coins = pool_minor // coin_minor
    if leftover is Leftover.LARGEST_REMAINDER:
        parts = shared(coins, shares) if total else {}
    else:
        parts = {name: coins * held // total for name, held in shares.items()} if total else {}
    lines: list[ShareOutLine] = []
    for member in sorted({*shares, *owed}):
        entitled = parts.get(member, 0) * coin_minor
        debt = owed.get(member, 0)
        set_off = min(debt, entitled)
        lines.append(ShareOutLine(member, shares.get(member, 0), entitled, set_off, entitled - set_off, debt - set_off))
    return ShareOut(tuple(lines), pool_minor, pool_minor - sum(line.entitled_minor for line in lines))


# --- women's credit and savings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreditSavings:
    """One group that pools savings and lends them, or many of them put together; minor units."""

    members: int
    women: int
    savings_minor: int
    lent_minor: int = 0

    def __post_init__(self) -> None:
        not_negative(
            members=self.members, women=self.women, savings_minor=self.savings_minor, lent_minor=self.lent_minor
        )
        if self.women > self.members:
            raise SavingsRefused("more women than members", women=self.women, members=self.members)

    @property
    def women_share(self) -> ExactRatio:
        return ratio(self.women, self.members)

    @property
    def savings_per_member(self) -> ExactRatio:
        return ratio(self.savings_minor, self.members)

    @property
    def lent_to_savings(self) -> ExactRatio:
        return ratio(self.lent_minor, self.savings_minor)


def put_together(groups: Iterable[CreditSavings]) -> CreditSavings:
    """The sums over groups that share no member (distinct people across groups are a set, counted elsewhere).

    Source: methods 10, section 10.1 (savings and credit of women's groups).

    >>> put_together([CreditSavings(20, 20, 100), CreditSavings(10, 8, 50)]).savings_minor
    150
    """
    rows = tuple(groups)
    return CreditSavings(
        sum(row.members for row in rows),
        sum(row.women for row in rows),
        sum(row.savings_minor for row in rows),
        sum(row.lent_minor for row in rows),
    )


def lendable_minor(group: CreditSavings, *, liquidity_share: Rate = Fraction(1, 10)) -> int:
    """What the group may still lend of its pooled savings after its liquidity reserve, rounded down, at least 0.

    Ten percent is our default (PEARLS L2); the rule "lent at most savings less reserve" is INCUBATE-10's.

    >>> lendable_minor(CreditSavings(20, 20, 1_000, 700))
    200
    """
    kept = group.savings_minor * exact_not_negative(liquidity_share, name="liquidity_share")
    return max(0, int(group.savings_minor - kept) - group.lent_minor)
