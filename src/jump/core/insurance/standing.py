"""Whether a person is covered on a day, and why: contributions, days of grace, suspension and re-entry.

Dues and payments go in, days and reasons come out, the same for a family of one and of ten.

Sources: requirements MICROINS-02 (waiting period before benefit) and MICROINS-03 (right to benefit depends on paid
status); methods 07, 7.1 (waiting period). That cover begins with the first payment, and that a long suspension makes a
family wait again, are rules of a scheme: our defaults, not of the sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from jump.core.bounds import not_negative
from jump.core.calendars import Period, merged
from jump.core.insurance.cover import Due, InsuranceRefused
from jump.core.insurance.indicators import earned_premium

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PaidDue:
    """A due with what payments cover of it, and the day on which it was covered whole."""

    due: Due
    covered_minor: int
    paid_on: date | None


def paid_dues(*, dues: Iterable[Due], payments: Iterable[tuple[date, int]], as_of: date) -> tuple[PaidDue, ...]:
    """Dues in their order, each with what payments up to a day cover; the oldest due is covered first.

    Dues after `as_of` are covered too, by what was paid ahead.

    >>> dues = [Due(date(2026, 1, 1), 100), Due(date(2026, 2, 1), 100)]
    >>> [(one.covered_minor, str(one.paid_on)) for one in paid_dues(
    ...     dues=dues, payments=[(date(2026, 1, 3), 60), (date(2026, 1, 9), 90)], as_of=date(2026, 3, 1))]
    [(100, '2026-01-09'), (50, 'None')]
    """
    money = sorted((on, amount) for on, amount in payments if on <= as_of)
    for _on, amount in money:
        not_negative(payment_minor=amount)
    found, taken, paid, day = [], 0, 0, None
    rest = iter(money)
    for due in sorted(dues, key=lambda one: (one.on, one.amount_minor)):
        asked = taken + due.amount_minor
        while paid < asked:
            following = next(rest, None)
            if following is None:
                break
            day, paid = following[0], paid + following[1]
        whole = paid >= asked
        covered = min(due.amount_minor, max(0, paid - taken))
        found.append(PaidDue(due, covered, (day or due.on if due.amount_minor else due.on) if whole else None))
        taken = asked
    return tuple(found)


def suspended_spans(paid: Iterable[PaidDue], *, grace_days: int, as_of: date) -> tuple[Period, ...]:
    """Days without benefit: from the day after the days of grace of an unpaid due to the day before it was paid.

    A payment brings cover back from its own day on, never for days that are gone.

    >>> late = [PaidDue(Due(date(2026, 1, 1), 100), 100, date(2026, 1, 20))]
    >>> [(str(one.start), str(one.end)) for one in suspended_spans(late, grace_days=10, as_of=date(2026, 3, 1))]
    [('2026-01-12', '2026-01-19')]
    """
    not_negative(grace_days=grace_days)
    spans = []
    for one in paid:
        start = one.due.on + timedelta(days=grace_days) + _ONE_DAY
        end = as_of if one.paid_on is None else one.paid_on - _ONE_DAY
        if start <= min(end, as_of):
            spans.append(Period(start, min(end, as_of)))
    return tuple(merged(spans))


@dataclass(frozen=True, slots=True)
class EntryRule:
    """When cover begins and how one comes back. A suspension of more than `again_after_days` makes one wait again."""

    starts_with_payment: bool = True
    again_after_days: int | None = None

    def __post_init__(self) -> None:
        not_negative(again_after_days=self.again_after_days or 0)


class StandingReason(StrEnum):
    """Why a person is covered on a day, or is not."""

    IN_FORCE = "in_force"
    IN_GRACE = "in_grace"
    NOT_YET_JOINED = "not_yet_joined"
    FIRST_UNPAID = "first_unpaid"
    SUSPENDED = "suspended"
    ENDED = "ended"


COVERED = frozenset({StandingReason.IN_FORCE, StandingReason.IN_GRACE})


@dataclass(frozen=True, slots=True)
class Standing:
    """Cover of one person on one day. Waiting periods count from `counts_from`; None where cover has not begun."""

    day: date
    reason: StandingReason
    counts_from: date | None
    suspended_from: date | None = None
    unpaid_since: date | None = None

    @property
    def is_in_force(self) -> bool:
        return self.reason in COVERED


def standing(
    *,
    joined_on: date,
    left_on: date | None,
    paid: Sequence[PaidDue],
    day: date,
    grace_days: int = 0,
    rule: EntryRule | None = None,
) -> Standing:
    """Whether a person who joined on a day is covered on another, with the reason; the same whoever asks.

    The last day of cover is `left_on`. `paid` are the dues of the family, as known on or after the day.

    >>> paid = paid_dues(dues=[Due(date(2026, 1, 1), 100)], payments=[(date(2026, 1, 4), 100)], as_of=date(2026, 2, 1))
    >>> one = standing(joined_on=date(2026, 1, 1), left_on=None, paid=paid, day=date(2026, 1, 20))
    >>> one.reason.value, str(one.counts_from)
    ('in_force', '2026-01-04')
    """
    used = rule or EntryRule()
    if left_on is not None and left_on < joined_on:
        raise InsuranceRefused("nobody leaves before joining", joined_on=joined_on.isoformat())
    if day < joined_on:
        return Standing(day, StandingReason.NOT_YET_JOINED, None)
    if left_on is not None and day > left_on:
        return Standing(day, StandingReason.ENDED, None)
    begins = joined_on
    if used.starts_with_payment and paid:
        first = paid[0].paid_on
        if first is None or first > day:
            return Standing(day, StandingReason.FIRST_UNPAID, None, unpaid_since=paid[0].due.on)
        begins = max(joined_on, first)
    spans = suspended_spans([one for one in paid if one.due.on <= day], grace_days=grace_days, as_of=day)
    for span in spans:
        if used.again_after_days is not None and span.end < day and span.days > used.again_after_days:
            begins = max(begins, span.end + _ONE_DAY)
    open_due = next((one.due.on for one in paid if one.due.on <= day and not _paid_by(one, day)), None)
    now = next((span for span in spans if day in span), None)
    if now is not None:
        return Standing(day, StandingReason.SUSPENDED, begins, suspended_from=now.start, unpaid_since=open_due)
    reason = StandingReason.IN_FORCE if open_due is None else StandingReason.IN_GRACE
    return Standing(day, reason, begins, unpaid_since=open_due)


def earned_to(paid: Sequence[PaidDue], *, last_until: date, as_of: date) -> Fraction:
    """What of the contributions paid is earned by the end of a day, exact: each pro rata by day of the time it is for.

    A due is for the days to the day before the next due, the last one to `last_until`. Only what is paid is earned, so
    that the books never show income that nobody paid (our choice; finance rules, section 6 gives the pro rata).

    >>> year = [PaidDue(Due(date(2025, 10, 1), 12_00), 12_00, date(2025, 10, 1))]
    >>> round(earned_to(year, last_until=date(2026, 9, 30), as_of=date(2025, 12, 31)))
    302
    """
    if not paid:
        return Fraction(0)
    ends = [later.due.on - _ONE_DAY for _earlier, later in pairwise(paid)] + [last_until]
    total = Fraction(0)
    for one, end in zip(paid, ends, strict=True):
        if one.due.on <= as_of and one.covered_minor:
            cover = Period(one.due.on, max(end, one.due.on))
            total += earned_premium(premium_minor=one.covered_minor, cover=cover, within=Period(one.due.on, as_of))
    return total


def _paid_by(one: PaidDue, day: date) -> bool:
    return one.paid_on is not None and one.paid_on <= day
