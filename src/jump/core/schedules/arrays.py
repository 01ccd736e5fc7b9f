"""Many loans at once: schedules, what is open, lateness and interest on arrays of whole minor units.

Every figure equals the exact functions to the cent. Interest is a whole-number division rounded half to even; an equal
instalment is found in floating point and, where that lies too near a half, by the exact function. Rows are instalments,
columns are loans. Amounts times a rate must fit 62 bits; `TooLarge` says so instead of wrapping around.

Source: the formulas of `cumulative` (loan cases README); CGAP/SEEP for portfolio at risk (finance rules, 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jump.core.schedules.cumulative import PRECISION, annuity
from jump.core.schedules.terms import METHODS, Amortisation, InterestMethod, TermsError

Whole: TypeAlias = NDArray[np.int64]
_BLOCK = 16_384  # loans at a time, so that a block stays in the cache
_LIMIT = 1 << 62
_NEAR_HALF = 1e-12  # of the amount: far more than floating point can be off


class TooLarge(ValueError):
    """An amount times a rate does not fit."""

    code = "schedules.too_large"


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Schedules of many loans: one row per instalment, one column per loan."""

    principal_minor: Whole
    interest_minor: Whole

    @property
    def due_minor(self) -> Whole:
        return self.principal_minor + self.interest_minor


def half_even(amount: Whole, divisor: Whole | int) -> Whole:
    """Divided and rounded to the nearest whole number, halves to the even one; nothing here is below zero.

    >>> half_even(np.array([5, 15, 25, 26]), 10).tolist()
    [0, 2, 2, 3]
    """
    whole: Whole = amount // divisor
    twice: Whole = (amount - whole * divisor) * 2
    up = (twice > divisor) | ((twice == divisor) & ((whole & 1) == 1))
    whole += up
    return whole


def schedules(
    principal_minor: Sequence[int] | Whole,
    *,
    instalments: int,
    rate: tuple[int, int] | tuple[Whole, Whole],
    method: str = "declining_equal_instalments",
    parts: Sequence[int] | None = None,
    grace_instalments: int = 0,
    multiple_minor: int = 1,
) -> Tables:
    """Classic schedules of loans with the same number of instalments.

    `rate` is a fraction (numerator, denominator), one for all or one per loan: of a whole period, or of one part of it
    where `parts` says how many parts each period has (days, say). Methods are those a loan product names.

    >>> table = schedules([100_000], instalments=3, rate=(1, 100), method="declining_equal_principal")
    >>> table.principal_minor[:, 0].tolist(), table.interest_minor[:, 0].tolist()
    ([33333, 33333, 33334], [1000, 667, 333])
    """
    if method not in METHODS:
        raise TermsError(f"{method!r} is not a method; use one of {', '.join(METHODS)}")
    if not 0 <= grace_instalments < instalments or multiple_minor < 1:
        raise TermsError("grace must leave an instalment, and a multiple is at least 1")
    lent = np.ascontiguousarray(principal_minor, dtype=np.int64)
    each = [1] * instalments if parts is None else list(parts)
    if len(each) != instalments:
        raise TermsError("one number of parts per instalment")
    numerator, denominator = _rate_part(rate[0], slice(None)), _rate_part(rate[1], slice(None))
    _check_fits(lent, numerator, denominator, sum(each))
    found = Tables(
        np.empty((instalments, lent.size), dtype=np.int64), np.empty((instalments, lent.size), dtype=np.int64)
    )
    plan = _Plan(method, each, grace_instalments, multiple_minor)
    for start in range(0, lent.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        plan.fill(
            lent[block],
            _rate_part(numerator, block),
            _rate_part(denominator, block),
            found.principal_minor[:, block],
            found.interest_minor[:, block],
        )
    return found


def _rate_part(value: int | Whole, block: slice) -> int | Whole:
    """One for all stays one number: dividing by it is much faster."""
    if isinstance(value, int):
        return value
    found: Whole = np.asarray(value, dtype=np.int64)[block]
    return found


def _check_fits(lent: Whole, numerator: int | Whole, denominator: int | Whole, parts: int) -> None:
    if not lent.size:
        return
    if int(lent.min()) < 0 or int(np.min(numerator)) < 0 or int(np.min(denominator)) < 1:
        raise TermsError("amounts and rates cannot be below zero")
    if int(lent.max()) * int(np.max(numerator)) * parts >= _LIMIT or int(np.max(denominator)) >= _LIMIT // 2:
        raise TooLarge("the amount times the rate is too large for many at once; use the exact function")


@dataclass(frozen=True, slots=True)
class _Plan:
    method: str
    parts: Sequence[int]
    grace: int
    multiple: int

    def fill(
        self, lent: Whole, numerator: int | Whole, denominator: int | Whole, principal: Whole, interest: Whole
    ) -> None:
        kind, amortisation = METHODS[self.method]
        paying = len(self.parts) - self.grace
        if kind is InterestMethod.FLAT:
            self._flat(lent, numerator, denominator, principal, interest)
            return
        owed = lent.copy()
        is_equal = amortisation is Amortisation.EQUAL_INSTALMENTS
        equal = self._equal(lent, numerator, denominator, paying) if is_equal else lent
        each = half_even(lent, paying * self.multiple) * self.multiple
        last = len(self.parts) - 1
        for row, count in enumerate(self.parts):
            interest[row] = half_even(owed * (numerator * count if count != 1 else numerator), denominator)
            if row == last:
                principal[row] = owed
            elif row < self.grace:
                principal[row] = 0
            else:
                part = equal - interest[row] if is_equal else each
                np.minimum(np.maximum(part, 0), owed, out=principal[row])
                owed -= principal[row]

    def _equal(self, lent: Whole, numerator: int | Whole, denominator: int | Whole, paying: int) -> Whole:
        """E = P*r / (1 - (1+r)^-m) with the rate of the first period, rounded to the multiple."""
        first = self.parts[0]
        numerators = np.broadcast_to(np.asarray(numerator, dtype=np.int64), lent.shape)
        denominators = np.broadcast_to(np.asarray(denominator, dtype=np.int64), lent.shape)
        rate = numerators * float(first) / denominators
        with np.errstate(invalid="ignore", divide="ignore"):
            exact = lent * np.where(rate > 0, rate / -np.expm1(-paying * np.log1p(rate)), 1.0 / paying) / self.multiple
        rounded: Whole = np.rint(exact).astype(np.int64)
        near = np.abs(np.abs(exact - rounded) - 0.5) <= exact * _NEAR_HALF + 1e-9
        for position in np.flatnonzero(near | (numerators == 0)):
            rounded[position] = _exact_equal(
                int(lent[position]),
                int(numerators[position]) * first,
                int(denominators[position]),
                paying,
                self.multiple,
            )
        return rounded * self.multiple

    def _flat(
        self, lent: Whole, numerator: int | Whole, denominator: int | Whole, principal: Whole, interest: Whole
    ) -> None:
        count = len(self.parts)
        total = half_even(lent * (numerator * sum(self.parts)), denominator)
        each = half_even(total, count)
        part = half_even(lent, (count - self.grace) * self.multiple) * self.multiple
        owed, left = lent.copy(), total.copy()
        for row in range(count):
            interest[row] = left if row == count - 1 else np.minimum(each, left)
            left -= interest[row]
            if row == count - 1:
                principal[row] = owed
            elif row < self.grace:
                principal[row] = 0
            else:
                rounded = part
                if self.multiple > 1:
                    rounded = part + half_even(interest[row], self.multiple) * self.multiple - interest[row]
                np.minimum(np.maximum(rounded, 0), owed, out=principal[row])
            owed -= principal[row]


def _exact_equal(lent: int, numerator: int, denominator: int, paying: int, multiple: int) -> int:
    """In multiples."""
    with localcontext(Context(prec=PRECISION)):
        return annuity(lent, paying, Decimal(numerator) / denominator, multiple) // multiple


# --- what is open, late and earned ----------------------------------------------------------------------------------


def open_after(due_minor: Whole, paid_minor: Whole) -> Whole:
    """What is open of each instalment once so much was paid in all, the oldest first.

    >>> open_after(np.array([[10], [10], [10]]), np.array([14])).tolist()
    [[0], [6], [10]]
    """
    so_far: Whole = np.cumsum(due_minor, axis=0)
    so_far -= paid_minor
    return np.clip(so_far, 0, due_minor)


def late_fees(
    due_minor: Whole, due_days: NDArray[Any], paid_before: Whole, *, percent: tuple[int, int], after_days: int
) -> Whole:
    """Late fees of loans that share their due days: per instalment, charged on the day after so many days.

    `paid_before` says per instalment what was paid in all before that day; `percent` is a fraction of what is open of
    the instalment, late fees that fell due with it counted too. Money goes to the oldest instalment first. A fee falls
    due with the instalment in whose period its day lies; after the last one it stands alone.

    >>> due, days = np.array([[100], [100]]), np.array([30, 60])
    >>> late_fees(due, days, np.array([[40], [40]]), percent=(10, 100), after_days=7).tolist()
    [[6], [11]]
    """
    fees: Whole = np.zeros_like(due_minor)
    asked = due_minor.copy()  # with the fees that fell due with each instalment
    joins = np.searchsorted(due_days, np.asarray(due_days) + after_days + 1, side="left")
    for row in range(len(due_days)):
        so_far: Whole = asked[: row + 1].sum(axis=0)
        still_open = np.clip(so_far - paid_before[row], 0, asked[row])
        fees[row] = half_even(still_open * percent[0], percent[1])
        if joins[row] < len(due_days):
            asked[joins[row]] += fees[row]
    return fees


def charged(due_minor: Whole, fees_minor: Whole, due_days: NDArray[Any], *, after_days: int, today: int) -> Whole:
    """What every instalment asks for today, with the late fees charged by now; those after the last in one row more."""
    days = np.asarray(due_days)
    asked: Whole = np.vstack([due_minor, np.zeros_like(due_minor[:1])])
    for row, place in enumerate(np.searchsorted(days, days + after_days + 1, side="left")):
        if days[row] + after_days + 1 <= today:
            asked[place] += fees_minor[row]
    return asked


def earned(interest_minor: Whole, from_days: NDArray[Any], due_days: NDArray[Any], today: int) -> Whole:
    """Interest earned by a day: all of what fell due, the running part by its days, rounded half to even.

    >>> earned(np.array([[30], [30]]), np.array([0, 30]), np.array([30, 60]), 40).tolist()
    [[30], [10]]
    """
    starts, ends = np.asarray(from_days, dtype=np.int64), np.asarray(due_days, dtype=np.int64)
    passed, days = np.clip(today - starts, 0, ends - starts), ends - starts
    found: Whole = np.stack(
        [half_even(line * int(gone), int(all_)) for line, gone, all_ in zip(interest_minor, passed, days, strict=True)]
    )
    return found


def days_late(due_days: NDArray[Any], open_minor: Whole, today: int) -> Whole:
    """Days since the oldest instalment that is open fell due; 0 when none is late. Days are whole numbers (ordinals).

    >>> days_late(np.array([[10], [20]]), np.array([[0], [5]]), 25).tolist()
    [5]
    """
    days = np.asarray(due_days, dtype=np.int64)
    days = np.broadcast_to(days if days.ndim == 2 else days[:, None], open_minor.shape)
    late = (open_minor > 0) & (days < today)
    oldest = np.where(late, days, today).min(axis=0)
    found: Whole = today - oldest
    return found


def at_risk(principal_minor: Whole, late_days: Whole, *, days: int) -> tuple[int, int]:
    """The whole outstanding principal of loans more than so many days late, and of all loans.

    >>> at_risk(np.array([100, 300]), np.array([31, 30]), days=30)
    (100, 400)
    """
    return int(principal_minor[late_days > days].sum()), int(principal_minor.sum())


def by_range(principal_minor: Whole, late_days: Whole, upper_days: Sequence[int]) -> Whole:
    """Outstanding principal per range of lateness: up to each upper end, and beyond the last one.

    >>> by_range(np.array([1, 2, 4, 8]), np.array([0, 30, 31, 99]), [0, 30, 60]).tolist()
    [1, 2, 4, 8]
    """
    places = np.searchsorted(np.asarray(upper_days), late_days, side="left")
    found: Whole = np.zeros(len(upper_days) + 1, dtype=np.int64)
    np.add.at(found, places, principal_minor)
    return found


def interest(balance_minor: Whole, *, rate_yearly: tuple[int, int], days: Whole | int, year_days: int = 365) -> Whole:
    """Interest on balances over days, rounded half to even.

    >>> interest(np.array([100_000]), rate_yearly=(12, 100), days=31).tolist()
    [1019]
    """
    numerator = np.asarray(days, dtype=np.int64) * rate_yearly[0]
    if balance_minor.size and int(np.max(balance_minor)) * int(np.max(numerator)) >= _LIMIT:
        raise TooLarge("the balance times the rate is too large for many at once; use the exact function")
    return half_even(balance_minor * numerator, rate_yearly[1] * year_days)


# --- how loans stand as days go by ------------------------------------------------------------------------------------

NO_FEE = -1
NEVER = date.max.toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Instalments of many loans, one loan after another, each in order of due date; `due_days` are ordinals.

    Loan i has `counts[i]` of them, one or more.
    """

    counts: Whole
    due_days: Whole
    fee_minor: Whole
    interest_minor: Whole
    principal_minor: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Stands:
    """How each loan stands at the end of a day; days are ordinals, `late_since` is 0 where nothing is late."""

    principal_minor: Whole
    owed_minor: Whole
    due_minor: Whole
    principal_late_minor: Whole
    late_since: Whole
    changes_on: Whole
    is_charged: NDArray[np.bool_]  # a late fee came up since the day known: for the exact functions


def stands(
    lines: Lines,
    *,
    fee_paid: Whole,
    interest_paid: Whole,
    principal_paid: Whole,
    fee_after: Whole,
    known: Whole,
    today: int,
) -> Stands:
    """How loans stand whose money goes to the oldest instalment first, as far as no late fee is open or comes up.

    Of each loan: what was paid of each part in all, after how many days a late fee comes (`NO_FEE` where none does),
    and the day to the end of which it is known. Equal to `state_of` and `changes_on` of the exact functions.

    >>> found = stands(
    ...     Lines(*(np.array(column) for column in ([2], [10, 40], [0, 0], [5, 5], [50, 50]))),
    ...     fee_paid=np.array([0]), interest_paid=np.array([5]), principal_paid=np.array([20]),
    ...     fee_after=np.array([7]), known=np.array([9]), today=11,
    ... )
    >>> [int(part[0]) for part in (found.owed_minor, found.due_minor, found.late_since, found.changes_on)]
    [85, 30, 10, 18]
    """
    starts = np.cumsum(lines.counts) - lines.counts
    of_loan = np.repeat(np.arange(lines.counts.size), lines.counts)

    def still(due: Whole, paid: Whole) -> Whole:
        so_far: Whole = np.cumsum(due)
        so_far -= (so_far[starts] - due[starts] + paid)[of_loan]
        return np.clip(so_far, 0, due)

    def in_all(minor: Whole) -> Whole:
        found: Whole = np.add.reduceat(minor, starts)
        return found

    def first(days: Whole) -> Whole:
        found: Whole = np.minimum.reduceat(days, starts)
        return found

    principal = still(lines.principal_minor, principal_paid)
    still_open = principal + still(lines.interest_minor, interest_paid) + still(lines.fee_minor, fee_paid)
    due, is_open = lines.due_days, still_open > 0
    late = is_open & (due < today)
    charged_on = due + (fee_after + 1)[of_loan]
    charges = is_open & (fee_after >= 0)[of_loan]
    later = [np.where(is_open & (day > today), day, NEVER) for day in (due, due + 1)]
    later.append(np.where(charges & (charged_on > today), charged_on, NEVER))
    since = first(np.where(late, due, NEVER))
    return Stands(
        principal_minor=in_all(principal),
        owed_minor=in_all(still_open),
        due_minor=in_all(np.where(due <= today, still_open, 0)),
        principal_late_minor=in_all(np.where(late, principal, 0)),
        late_since=np.where(since == NEVER, 0, since),
        changes_on=first(np.minimum.reduce(later)),
        is_charged=in_all((charges & (charged_on > known[of_loan]) & (charged_on <= today)).astype(np.int64)) > 0,
    )
