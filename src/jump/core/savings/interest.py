"""Interest on savings of three kinds, what may be withdrawn, and the dividend on member shares.

Amounts are whole minor units of one currency; rates are nominal and yearly (0.06 is 6 %). A day's balance is the
balance at its close, so movements of one day may come in any order.

Sources: issue of kinds (voluntary, compulsory, shares) from the savings part of the programme document, output 11; the
two ways of counting (daily and monthly minimum balance) are common practice and our defaults, each a parameter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from jump.core.bounds import Rate, Refused, exact_not_negative, exact_share, not_negative, whole
from jump.core.calendars import Period, months_of
from jump.core.sharing import shared


class SavingsRefused(Refused):
    """A figure or a movement of savings cannot be."""

    code = "savings.refused"


class Overdrawn(SavingsRefused):
    """More would be taken out than is there."""

    code = "savings.overdrawn"


class OutsidePeriod(SavingsRefused):
    """A movement lies outside the period it is counted in."""

    code = "savings.outside_period"


class NotWholeMonths(SavingsRefused):
    """Minimum balances are counted in whole calendar months."""

    code = "savings.not_whole_months"


class Blocked(SavingsRefused):
    """The money is there and may not be taken out: it stands for a loan, or the rules keep a minimum."""

    code = "savings.blocked"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money into (+) or out of (-) one savings account, in minor units."""

    on: date
    amount_minor: int

    def __post_init__(self) -> None:
        whole(amount_minor=self.amount_minor)


def balance_runs(
    *, opening_minor: int, movements: Iterable[Movement], period: Period
) -> tuple[tuple[Period, int], ...]:
    """The balance at the close of each day of the period, equal days put together.

    Errors: Overdrawn when a day would close below zero, OutsidePeriod, BelowZero for the opening balance.

    >>> january = Period(date(2026, 1, 1), date(2026, 1, 31))
    >>> runs = balance_runs(opening_minor=100, movements=[Movement(date(2026, 1, 11), 50)], period=january)
    >>> [(run.days, balance) for run, balance in runs]
    [(10, 100), (21, 150)]
    """
    not_negative(opening_minor=opening_minor)
    by_day: dict[date, int] = defaultdict(int)
    for movement in movements:
        if movement.on not in period:
            raise OutsidePeriod("a movement lies outside the period", on=str(movement.on))
        by_day[movement.on] += movement.amount_minor
    runs: list[tuple[Period, int]] = []
    start, balance = period.start, opening_minor
    for day in sorted(by_day):
        if day > start:
            runs.append((Period(start, day - timedelta(days=1)), balance))
        balance += by_day[day]
        if balance < 0:
            raise Overdrawn("the balance would fall below zero", on=str(day), balance_minor=balance)
        start = day
    runs.append((Period(start, period.end), balance))
    return tuple(runs)


def interest_daily(
    *,
    opening_minor: int,
    movements: Iterable[Movement],
    period: Period,
    rate_yearly: Rate,
    year_days: int | None = 365,
    balance_min_minor: int = 0,
) -> int:
    """Interest on the balance of each day, rounded once, halves to the even minor unit.

    Sum of (balance at close x days) x rate / days of the year. `year_days` None takes each year's real length. Days
    with less than `balance_min_minor` earn nothing. Errors as `balance_runs`. Our default way of counting.

    >>> year = Period(date(2026, 1, 1), date(2026, 12, 31))
    >>> interest_daily(opening_minor=100_000, movements=[], period=year, rate_yearly=Fraction(6, 100))
    6000
    """
    rate = exact_not_negative(rate_yearly, name="rate_yearly")
    if year_days is not None and year_days < 1:
        raise SavingsRefused("a year has days", year_days=year_days)
    earned = Fraction(0)
    for run, balance in balance_runs(opening_minor=opening_minor, movements=movements, period=period):
        if balance < balance_min_minor:
            continue
        for year in range(run.start.year, run.end.year + 1):
            part = run.overlap(Period(date(year, 1, 1), date(year, 12, 31)))
            assert part is not None
            in_year = year_days or (date(year + 1, 1, 1) - date(year, 1, 1)).days
            earned += Fraction(balance * part.days, in_year)
    return round(earned * rate)


@dataclass(frozen=True, slots=True)
class MonthInterest:
    """What one month earned, on its smallest balance."""

    month: Period
    balance_minor: int
    interest_minor: int


def interest_minimum(
    *,
    opening_minor: int,
    movements: Iterable[Movement],
    period: Period,
    rate_yearly: Rate,
    from_day: int = 1,
    balance_min_minor: int = 0,
) -> tuple[MonthInterest, ...]:
    """Interest of each month on its smallest balance from the close of `from_day` to the month's end.

    A month earns smallest balance x rate / 12, rounded once. from_day=10 lets deposits up to the tenth count.
    Errors: NotWholeMonths, and as `balance_runs`. Our default way of counting.

    >>> january = Period(date(2026, 1, 1), date(2026, 1, 31))
    >>> moves = [Movement(date(2026, 1, 5), 60_000), Movement(date(2026, 1, 20), -10_000)]
    >>> rows = interest_minimum(opening_minor=100_000, movements=moves, period=january, rate_yearly=Fraction(6, 100))
    >>> rows[0].balance_minor, rows[0].interest_minor
    (100000, 500)
    """
    rate = exact_not_negative(rate_yearly, name="rate_yearly")
    months = months_of(period)
    if months[0].start != period.start or months[-1].end != period.end:
        raise NotWholeMonths("the period begins or ends inside a month", start=str(period.start), end=str(period.end))
    if not 1 <= from_day <= 28:
        raise SavingsRefused("the day from which a month counts lies between 1 and 28", from_day=from_day)
    runs = balance_runs(opening_minor=opening_minor, movements=movements, period=period)
    rows: list[MonthInterest] = []
    for month in months:
        counted = Period(month.start.replace(day=from_day), month.end)
        smallest = min(balance for run, balance in runs if run.overlaps(counted))
        earning = smallest if smallest >= balance_min_minor else 0
        rows.append(MonthInterest(month, smallest, round(earning * rate / 12)))
    return tuple(rows)


# --- compulsory savings ----------------------------------------------------------------------------------------------


def compulsory_due_minor(*, meetings: int, per_meeting_minor: int, lent_minor: int = 0, loan_share: Rate = 0) -> int:
    """What a member must have saved by now: so much a meeting, and a share of what was lent to her, rounded up.

    Both parts are rules of the group; our shape.

    >>> compulsory_due_minor(meetings=10, per_meeting_minor=500, lent_minor=30_001, loan_share=Fraction(1, 10))
    8001
    """
    not_negative(meetings=meetings, per_meeting_minor=per_meeting_minor, lent_minor=lent_minor)
    of_loan = lent_minor * exact_share(loan_share, name="loan_share")
    return meetings * per_meeting_minor - (-of_loan.numerator // of_loan.denominator)


def blocked_minor(*, balance_minor: int, owed_minor: int, cover_share: Rate) -> int:
    """How much of the savings stands for a loan still owed: at most the balance, rounded up.

    >>> blocked_minor(balance_minor=5_000, owed_minor=20_001, cover_share=Fraction(1, 5))
    4001
    """
    not_negative(balance_minor=balance_minor, owed_minor=owed_minor)
    asked = owed_minor * exact_share(cover_share, name="cover_share")
    return min(balance_minor, -(-asked.numerator // asked.denominator))


def after_withdrawal_minor(
    *, balance_minor: int, amount_minor: int, blocked_minor: int = 0, kept_minor: int = 0
) -> int:
    """The balance after taking money out, when that is allowed.

    `blocked_minor` stands for loans, `kept_minor` must stay in the account. Errors: Overdrawn where the money is not
    there, Blocked where it is and may not go; nothing is taken in either case.

    >>> after_withdrawal_minor(balance_minor=1_000, amount_minor=600, blocked_minor=400)
    400
    """
    not_negative(
        balance_minor=balance_minor, amount_minor=amount_minor, blocked_minor=blocked_minor, kept_minor=kept_minor
    )
    if amount_minor > balance_minor:
        raise Overdrawn("more than the balance", balance_minor=balance_minor, amount_minor=amount_minor)
    stays = max(blocked_minor, kept_minor)
    if amount_minor and balance_minor - amount_minor < stays:
        raise Blocked(
            "part of the balance has to stay",
            balance_minor=balance_minor,
            amount_minor=amount_minor,
            stays_minor=stays,
        )
    return balance_minor - amount_minor


# --- member shares ----------------------------------------------------------------------------------------------------


def share_days(*, opening: int, movements: Iterable[Movement], period: Period) -> int:
    """Shares x days held in the period; movements count shares.

    >>> share_days(opening=10, movements=[], period=Period(date(2026, 1, 1), date(2026, 1, 31)))
    310
    """
    runs = balance_runs(opening_minor=opening, movements=movements, period=period)
    return sum(run.days * held for run, held in runs)


def dividend(*, pool_minor: int, share_days: Mapping[str, int]) -> dict[str, int]:
    """A dividend split by shares x days, to the last minor unit. Members who held nothing get nothing.

    >>> dividend(pool_minor=1_000, share_days={"a": 365, "b": 730})
    {'a': 333, 'b': 667}
    """
    return shared(pool_minor, share_days)


def dividend_pool_minor(*, surplus_minor: int, share_capital_minor: int, rate_max: Rate) -> int:
    """The most that may be paid on shares: a limited rate on share capital, never more than the surplus.

    Limited interest on shares is a co-operative principle; the rate is data of the country or of the by-laws.

    >>> dividend_pool_minor(surplus_minor=5_000, share_capital_minor=100_000, rate_max=Fraction(8, 100))
    5000
    """
    not_negative(share_capital_minor=share_capital_minor)
    whole(surplus_minor=surplus_minor)
    limit = int(share_capital_minor * exact_not_negative(rate_max, name="rate_max"))
    return max(0, min(surplus_minor, limit))
