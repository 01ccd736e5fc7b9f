"""Cover on a day: what is paid, what is suspended, who waits again, and what is earned."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.calendars import Period, add_months
from jump.core.insurance import (
    Benefit,
    BenefitPackage,
    Claim,
    ClaimLine,
    Cover,
    Due,
    EntryRule,
    InsuranceRefused,
    PaidBenefit,
    PaidDue,
    Reason,
    StandingReason,
    contribution_state,
    earned_to,
    paid_dues,
    standing,
    suspended_spans,
    value_claim,
)

JOINED = date(2026, 1, 1)
MONTHLY = [Due(add_months(JOINED, number), 100) for number in range(12)]
LAST = date(2026, 12, 31)


def paid(*payments: tuple[date, int], as_of: date = LAST) -> tuple[PaidDue, ...]:
    return paid_dues(dues=MONTHLY, payments=payments, as_of=as_of)


def on(day: date, *payments: tuple[date, int], **rules: int | bool | None) -> tuple[str, date | None]:
    found = standing(
        joined_on=JOINED,
        left_on=None,
        paid=paid(*payments, as_of=day),
        day=day,
        grace_days=30,
        rule=EntryRule(**rules),  # type: ignore[arg-type]
    )
    return found.reason.value, found.counts_from


def test_cover_begins_with_the_first_payment_and_waiting_counts_from_it() -> None:
    assert on(date(2026, 1, 20)) == ("first_unpaid", None)
    assert on(date(2026, 1, 20), (date(2026, 1, 10), 100)) == ("in_force", date(2026, 1, 10))
    assert on(date(2026, 1, 9), (date(2026, 1, 10), 100)) == ("first_unpaid", None)
    assert on(date(2026, 1, 9), starts_with_payment=False) == ("in_grace", JOINED)


def test_an_unpaid_due_suspends_the_day_after_the_days_of_grace_and_a_payment_brings_cover_back_from_its_day() -> None:
    first, late = (date(2026, 1, 1), 100), (date(2026, 3, 20), 200)
    assert on(date(2026, 2, 1), first) == ("in_grace", JOINED)
    assert on(date(2026, 3, 3), first) == ("in_grace", JOINED)
    assert on(date(2026, 3, 4), first) == ("suspended", JOINED)
    assert on(date(2026, 3, 19), first, late) == ("suspended", JOINED)
    assert on(date(2026, 3, 20), first, late) == ("in_force", JOINED)


def test_a_payment_never_covers_days_that_are_gone() -> None:
    spans = suspended_spans(paid((date(2026, 1, 1), 100), (date(2026, 4, 1), 1_100)), grace_days=30, as_of=LAST)
    assert spans == (Period(date(2026, 3, 4), date(2026, 3, 31)),)


def test_after_a_long_suspension_one_waits_again_and_after_a_short_one_not() -> None:
    first, late = (date(2026, 1, 1), 100), (date(2026, 6, 15), 1_100)
    assert on(date(2026, 7, 1), first, late, again_after_days=90) == ("in_force", date(2026, 6, 15))
    assert on(date(2026, 7, 1), first, late, again_after_days=103) == ("in_force", JOINED)
    assert on(date(2026, 7, 1), first, late, again_after_days=None) == ("in_force", JOINED)


def test_who_left_is_covered_to_the_last_day_and_not_after() -> None:
    all_paid = paid((JOINED, 1_200))
    left = date(2026, 5, 10)
    before = standing(joined_on=JOINED, left_on=left, paid=all_paid, day=left)
    after = standing(joined_on=JOINED, left_on=left, paid=all_paid, day=left + timedelta(days=1))
    early = standing(joined_on=JOINED, left_on=left, paid=all_paid, day=JOINED - timedelta(days=1))
    assert [one.reason for one in (before, after, early)] == [
        StandingReason.IN_FORCE,
        StandingReason.ENDED,
        StandingReason.NOT_YET_JOINED,
    ]
    with pytest.raises(InsuranceRefused):
        standing(joined_on=JOINED, left_on=JOINED - timedelta(days=1), paid=all_paid, day=JOINED)


def test_what_is_earned_is_what_is_paid_pro_rata_by_day() -> None:
    two = paid((JOINED, 150))
    assert earned_to(two, last_until=LAST, as_of=date(2026, 1, 31)) == 100
    assert earned_to(two, last_until=LAST, as_of=date(2026, 2, 14)) == 100 + Fraction(50, 2)
    assert earned_to(two, last_until=LAST, as_of=LAST) == 150
    assert earned_to((), last_until=LAST, as_of=LAST) == 0


money = st.lists(st.tuples(st.dates(date(2026, 1, 1), LAST), st.integers(1, 400)), max_size=8)


@given(money, st.dates(JOINED, LAST))
def test_dues_paid_one_by_one_agree_with_arrears_and_nothing_is_lost(
    payments: list[tuple[date, int]], day: date
) -> None:
    found = paid_dues(dues=MONTHLY, payments=payments, as_of=day)
    state = contribution_state(dues=MONTHLY, payments=payments, as_of=day)
    until = [one for one in found if one.due.on <= day]
    assert sum(one.due.amount_minor - one.covered_minor for one in until) == state.arrears_minor
    assert sum(one.covered_minor for one in found) == min(state.paid_minor, 1_200)
    assert all((one.paid_on is not None) == (one.covered_minor == one.due.amount_minor) for one in found)


@given(money, st.dates(JOINED, LAST))
def test_what_is_earned_never_passes_what_is_paid_and_never_falls(payments: list[tuple[date, int]], day: date) -> None:
    found = paid_dues(dues=MONTHLY, payments=payments, as_of=LAST)
    now = earned_to(found, last_until=LAST, as_of=day)
    assert 0 <= now <= min(sum(amount for _on, amount in payments), 1_200)
    assert earned_to(found, last_until=LAST, as_of=day + timedelta(days=1)) >= now


def test_the_limit_of_a_family_is_shared_by_its_members() -> None:
    package = BenefitPackage("1", (Benefit("ward"),), ceiling_year_minor=800, ceiling_family_minor=1_000)
    cover = Cover("a", JOINED, LAST, family=frozenset({"a", "b"}))
    before = (
        PaidBenefit("b", "h", date(2026, 2, 1), "ward", 700),
        PaidBenefit("z", "h", date(2026, 2, 1), "ward", 900),
    )
    claim = Claim("c", "a", "h", date(2026, 3, 1), (ClaimLine("ward", 500),))
    value = value_claim(claim, cover=cover, package=package, paid_before=before)
    assert (value.paid_minor, value.reasons) == (300, frozenset({Reason.CEILING_USED}))


def test_what_is_excluded_is_not_paid() -> None:
    claim = Claim("c", "a", "h", date(2026, 3, 1), (ClaimLine("ward", 500),), is_excluded=True)
    value = value_claim(claim, cover=Cover("a", JOINED, LAST), package=BenefitPackage("1", (Benefit("ward"),)))
    assert (value.paid_minor, value.reasons) == (0, frozenset({Reason.OUTSIDE_PACKAGE}))
