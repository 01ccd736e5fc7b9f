"""Internal capital accounts: what each worker-owner has in the enterprise, from entry to pay-out.

Amounts are whole minor units of one currency, shares and rates exact. Accounts are mappings member -> value; the order
of members never matters. Every rate and limit is a parameter, since law and by-laws differ; the defaults printed in the
sources are named in the docstrings.

Sources: finance rules, section 5 (Mondragon-type accounts); methods 02, section 2.4 (posting rules 1, 4 and 5, closing
check).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from jump.core.bounds import Rate, exact, exact_not_negative, exact_share, not_negative, positive, whole
from jump.core.money import allocate
from jump.core.ownership.refusals import (
    AccountOverdrawn,
    DeductionTooHigh,
    PaidBeforeLeaving,
    TooManyInstalments,
    WrongSign,
)
from jump.core.sharing import shared, shared_up_to

# --- entry ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntrySplit:
    """A payment of the entry contribution: what goes to the member's account and what to the collective reserve."""

    account_minor: int
    reserve_minor: int


def entry(*, paid_minor: int, kept_share: Rate, paid_before_minor: int = 0) -> EntrySplit:
    """Split one payment of the entry contribution. The kept share is not returned on leaving.

    Paid in parts, the parts kept add up to the share of the whole, rounded once. Source: finance rules, 5.1; methods
    02, 2.4 rule 1 (published share 25 %, older texts 15 to 25 %).

    >>> entry(paid_minor=16_000_00, kept_share=Fraction(1, 4))
    EntrySplit(account_minor=1200000, reserve_minor=400000)
    """
    not_negative(paid_minor=paid_minor, paid_before_minor=paid_before_minor)
    share = exact_share(kept_share, name="kept_share")
    kept = round((paid_before_minor + paid_minor) * share) - round(paid_before_minor * share)
    return EntrySplit(paid_minor - kept, kept)


def entry_instalments(*, fee_minor: int, count: int) -> tuple[int, ...]:
    """An entry contribution paid from wages in equal parts; cents left over come first.

    >>> entry_instalments(fee_minor=100, count=3)
    (34, 33, 33)
    """
    not_negative(fee_minor=fee_minor)
    positive(count=count)
    return allocate(fee_minor, [1] * count)


# --- interest and revaluation -----------------------------------------------------------------------------------------


def account_interest(
    *,
    balances_minor: Mapping[str, int],
    rate: Rate,
    ceiling: Rate,
    surplus_minor: int,
    liquid_months_after: Rate | None = None,
    liquid_months_min: Rate = 2,
) -> dict[str, int]:
    """Interest on opening balances: at most the ceiling, only out of surplus, only while enough cash is left.

    Where the surplus does not carry it all, each gets a part by balance. Where fewer months of liquidity than
    `liquid_months_min` (our default 2) would be left, nobody gets any. Accounts below zero earn nothing. Sources:
    finance rules, 5.4 (ceiling: legal interest + 6 points in one law); methods 02, 2.4 rule 4.

    >>> seven, ceiling = Fraction(7, 100), Fraction(75, 1000)
    >>> account_interest(balances_minor={"m": 12_000_00}, rate=seven, ceiling=ceiling, surplus_minor=10**6)
    {'m': 84000}
    """
    used = min(exact_not_negative(rate, name="rate"), exact_not_negative(ceiling, name="ceiling"))
    earning = {name: max(0, held) for name, held in balances_minor.items()}
    short_of_cash = liquid_months_after is not None and exact(liquid_months_after) < exact(liquid_months_min)
    if surplus_minor <= 0 or short_of_cash:
        return dict.fromkeys(balances_minor, 0)
    asked = {name: round(held * used) for name, held in earning.items()}
    return asked if sum(asked.values()) <= surplus_minor else shared(surplus_minor, asked)


def revaluation(
    *, balances_minor: Mapping[str, int], rate: Rate, inflation: Rate, reserve_minor: int
) -> dict[str, int]:
    """What is added to each account for prices: at most inflation, at most the revaluation reserve.

    Source: finance rules, 5.5.

    >>> held, five, prices = {"a": 1_000, "b": 3_000}, Fraction(5, 100), Fraction(4, 100)
    >>> revaluation(balances_minor=held, rate=five, inflation=prices, reserve_minor=100)
    {'a': 25, 'b': 75}
    """
    not_negative(reserve_minor=reserve_minor)
    used = min(exact_not_negative(rate, name="rate"), max(Fraction(0), exact(inflation, name="inflation")))
    asked = {name: round(max(0, held) * used) for name, held in balances_minor.items()}
    return asked if sum(asked.values()) <= reserve_minor else shared(reserve_minor, asked)


# --- leaving ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PayOut:
    """One yearly instalment to a member who left."""

    number: int
    capital_minor: int
    interest_minor: int


@dataclass(frozen=True, slots=True)
class ExitSettlement:
    """What stays with the co-operative and what is paid, year by year."""

    deducted_minor: int
    payments: tuple[PayOut, ...]

    @property
    def capital_minor(self) -> int:
        return sum(payment.capital_minor for payment in self.payments)


def settle_exit(
    *,
    balance_minor: int,
    deduction: Rate = 0,
    deduction_max: Rate = Fraction(30, 100),
    instalments: int = 1,
    instalments_max: int = 5,
    rate_yearly: Rate = 0,
) -> ExitSettlement:
    """Pay an account out in yearly instalments, with interest on what is still unpaid.

    Balance is that of the last approved accounts; the deduction by cause (0 on retirement) goes to the reserve.
    Promise: deducted + capital paid = balance. Errors: DeductionTooHigh, TooManyInstalments. Sources: finance rules,
    5.7; methods 02, 2.4 rule 5 (up to 30 % and five years are its defaults).

    >>> [payment.capital_minor for payment in settle_exit(balance_minor=12_000_00, instalments=4).payments]
    [300000, 300000, 300000, 300000]
    """
    not_negative(balance_minor=balance_minor)
    positive(instalments=instalments, instalments_max=instalments_max)
    share, most = exact_share(deduction, name="deduction"), exact_share(deduction_max, name="deduction_max")
    rate = exact_not_negative(rate_yearly, name="rate_yearly")
    if share > most:
        raise DeductionTooHigh("the deduction passes its limit", deduction=str(share), most=str(most))
    if instalments > instalments_max:
        raise TooManyInstalments("too many years", instalments=instalments, most=instalments_max)
    deducted = round(balance_minor * share)
    unpaid = balance_minor - deducted
    payments: list[PayOut] = []
    for number, capital in enumerate(allocate(unpaid, [1] * instalments), start=1):
        payments.append(PayOut(number, capital, round(unpaid * rate)))
        unpaid -= capital
    return ExitSettlement(deducted, tuple(payments))


@dataclass(frozen=True, slots=True)
class WindUp:
    """How a closing co-operative's assets go out: debts, then accounts, then the federation."""

    debts_paid_minor: int
    debts_unpaid_minor: int
    members_minor: Mapping[str, int]
    federation_minor: int


def wind_up(*, assets_minor: int, debts_minor: int, balances_minor: Mapping[str, int]) -> WindUp:
    """Debts first, then members' accounts (by balance where they do not suffice), the rest to the federation.

    The collective reserve never goes to members. Source: finance rules, 5.7, last sentence.

    >>> wind_up(assets_minor=100, debts_minor=40, balances_minor={"a": 30, "b": 10})
    WindUp(debts_paid_minor=40, debts_unpaid_minor=0, members_minor={'a': 30, 'b': 10}, federation_minor=20)
    """
    not_negative(assets_minor=assets_minor, debts_minor=debts_minor)
    not_negative(**{f"account of {name}": held for name, held in balances_minor.items()})
    paid = min(assets_minor, debts_minor)
    members, rest = shared_up_to(assets_minor - paid, balances_minor, balances_minor)
    return WindUp(paid, debts_minor - paid, members, rest)


# --- the account itself -----------------------------------------------------------------------------------------------


class LineKind(StrEnum):
    """What moves a capital account."""

    ENTRY = "entry"
    SURPLUS = "surplus"
    INTEREST = "interest"
    REVALUATION = "revaluation"
    REFILL = "refill"
    LOSS = "loss"
    DEDUCTION = "deduction"
    PAY_OUT = "pay_out"
    # a line that was booked in error, and its opposite
    TAKEN_BACK = "taken_back"


_TAKES_OUT = frozenset({LineKind.LOSS, LineKind.DEDUCTION, LineKind.PAY_OUT})
_EITHER_WAY = frozenset({LineKind.TAKEN_BACK})


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line: above zero for what is added, below zero for losses, deductions and pay-outs."""

    on: date
    kind: LineKind
    amount_minor: int

    def __post_init__(self) -> None:
        whole(amount_minor=self.amount_minor)
        is_out = self.kind in _TAKES_OUT
        if self.amount_minor and self.kind not in _EITHER_WAY and (self.amount_minor < 0) != is_out:
            raise WrongSign("the line goes the wrong way", kind=self.kind, amount_minor=self.amount_minor)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line with the balance after it."""

    line: AccountLine
    balance_minor: int


def account_statement(
    lines: Iterable[AccountLine], *, left_on: date | None = None, may_fall_below_zero: bool = False
) -> tuple[StatementLine, ...]:
    """The account line by line: balance = entry + surplus + interest + revaluation - losses - pay-outs.

    Lines of one day: what is added first. Errors: PaidBeforeLeaving, AccountOverdrawn. Source: finance rules, 5;
    requirement INCUBATE-09.

    >>> day = date(2026, 1, 1)
    >>> lines = [AccountLine(day, LineKind.ENTRY, 5), AccountLine(day, LineKind.LOSS, -2)]
    >>> [row.balance_minor for row in account_statement(lines)]
    [5, 3]
    """
    balance = 0
    rows: list[StatementLine] = []
    for line in sorted(lines, key=lambda row: (row.on, row.amount_minor < 0, row.kind, row.amount_minor)):
        if line.kind is LineKind.PAY_OUT and (left_on is None or line.on < left_on):
            raise PaidBeforeLeaving("capital is paid out on leaving", on=str(line.on), left_on=str(left_on))
        balance += line.amount_minor
        if balance < 0 and not may_fall_below_zero:
            raise AccountOverdrawn("the account would fall below zero", on=str(line.on), balance_minor=balance)
        rows.append(StatementLine(line, balance))
    return tuple(rows)


def books_gap_minor(
    *,
    assets_minor: int,
    liabilities_minor: int,
    balances_minor: Iterable[int],
    reserve_minor: int,
    social_fund_minor: int = 0,
) -> int:
    """assets - liabilities - (accounts + reserve + social fund unspent): 0 when the books agree.

    Source: methods 02, 2.4, closing check of each period.

    >>> books_gap_minor(assets_minor=100, liabilities_minor=40, balances_minor=[30, 10], reserve_minor=20)
    0
    """
    return assets_minor - liabilities_minor - sum(balances_minor) - reserve_minor - social_fund_minor
