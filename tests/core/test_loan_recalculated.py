"""Interest on what is really owed, against sums that are done here day by day or by hand.

A rate of 36.5 % over 365 days is a thousandth a day, so that a hand can follow: 1,000 a day on 10,000.00.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.schedules import (
    Amortisation,
    ChargeAdded,
    Compounding,
    Disbursed,
    EarlyPayment,
    Fact,
    InterestBy,
    LoanAccount,
    LoanTerms,
    Paid,
    Part,
    PreClose,
    Recalculation,
    Rest,
    loan_account,
)

START = date(2026, 1, 1)
DAY = timedelta(days=1)
LENT = 1_000_000
FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))
PAYMENTS_MAX = 40


def terms(**changed: Any) -> LoanTerms:
    """Four months at a thousandth a day, interest counted on what is owed."""
    rule = {name: changed.pop(name) for name in list(changed) if name in Recalculation.__slots__}
    plain: dict[str, Any] = {
        "principal_minor": LENT,
        "currency": "PHP",
        "instalments": 4,
        "rate_yearly": Decimal("0.365"),
        "interest_by": InterestBy.DAY,
        "amortisation": Amortisation.EQUAL_PRINCIPAL,
    }
    return LoanTerms(**{**plain, **changed}, recalculation=Recalculation(**rule))


def lent(agreed: LoanTerms) -> Disbursed:
    return Disbursed(on=START, amount_minor=agreed.principal_minor, entered_on=START, ref="lent")


def paid(on: date, amount: int) -> Paid:
    return Paid(on=on, amount_minor=amount, entered_on=on, ref=f"paid {on}")


def account(agreed: LoanTerms, *facts: Fact, as_of: date) -> LoanAccount:
    return loan_account(agreed, [lent(agreed), *facts], as_of=as_of)


def column(found: LoanAccount, part: Part) -> list[int]:
    return [line.due[part] for line in found.instalments]


# --- money that comes early -------------------------------------------------------------------------------------------


def owed_by_day(found: LoanAccount, end: date, rest: Rest) -> Fraction:
    """The interest until a day: each day a share of what was lent, plus interest fallen due, less money that came.

    Money and interest count from the rest day on: the day itself, or the next due date. Nobody owes less than nothing.
    """
    agreed = found.terms

    def counted(day: date) -> date:
        if rest is Rest.DAILY:
            return day
        month = 0
        while (due := months_on(month)) < day:
            month += agreed.every
        return due

    moves: dict[date, int] = {}
    for tranche in found.disbursements:
        moves[tranche.on] = moves.get(tranche.on, 0) + tranche.amount_minor
    for movement in found.movements:
        if movement.ref.startswith("paid"):
            day = counted(movement.on)
            moves[day] = moves.get(day, 0) - movement.amount_minor
    for line in found.instalments:
        day = counted(line.due_on)
        moves[day] = moves.get(day, 0) + line.due[Part.INTEREST]
    total, balance, day = Fraction(0), 0, START
    while day < end:
        balance += moves.get(day, 0)
        total += max(0, balance) * Fraction(agreed.rate_yearly) / 365
        day += DAY
    return total


def months_on(months: int) -> date:
    return date(START.year + months // 12, months % 12 + 1, 1)


@given(
    early=st.sampled_from(EarlyPayment),
    amortisation=st.sampled_from(Amortisation),
    rest=st.sampled_from([Rest.DAILY, Rest.PERIOD]),
    instalments=st.integers(1, 6),
    every=st.integers(1, 2),
    principal=st.sampled_from([LENT, 777_777]),
    rate=st.sampled_from(["0.365", "0.12"]),
    second=st.none() | st.integers(1, 58),
    moves=st.lists(
        st.tuples(st.booleans(), st.integers(1, 58), st.sampled_from([0, 1_000, 30_000, 200_000, 350_000])),
        max_size=PAYMENTS_MAX,
    ),
)
def test_who_is_never_late_pays_interest_for_each_day_on_what_was_owed_that_day(
    early: EarlyPayment,
    amortisation: Amortisation,
    rest: Rest,
    instalments: int,
    every: int,
    principal: int,
    rate: str,
    second: int | None,
    moves: list[tuple[bool, int, int]],
) -> None:
    """Sums of money come inside a period, and so may a second tranche; what is due is paid on its day, or more."""
    agreed = terms(
        principal_minor=principal,
        instalments=instalments,
        every=every,
        rate_yearly=Decimal(rate),
        amortisation=amortisation,
        early=early,
        rest=rest,
    )
    later = principal // 3 if second and instalments > 1 else 0
    facts: list[Fact] = [Disbursed(on=START, amount_minor=principal - later, entered_on=START, ref="lent")]
    day, waiting = START, list(moves)
    tranche_on = START + (second or 0) * DAY
    found = loan_account(agreed, facts, as_of=day)
    while left := [line for line in found.instalments if line.open_minor]:
        due = left[0].due_on
        if later and tranche_on <= due:
            day = max(day, tranche_on)
            facts.append(Disbursed(on=day, amount_minor=later, entered_on=day, ref="second"))
            found, later = loan_account(agreed, facts, as_of=day), 0
            continue
        inside, days, amount = waiting.pop() if waiting else (False, 1, 0)
        if inside and amount and day + days * DAY < due:
            day += days * DAY
        else:
            day, amount = due, sum(line.open_minor for line in left if line.due_on <= due) + amount
        facts.append(Paid(on=day, amount_minor=amount, entered_on=day, ref=f"paid {len(facts)}"))
        found = loan_account(agreed, facts, as_of=day)
    charged = sum(column(found, Part.INTEREST))
    rounded = len(facts) + len(found.instalments)  # each stretch of unchanged balance is rounded once
    assert abs(charged - owed_by_day(found, day, rest)) <= rounded
    assert sum(column(found, Part.PRINCIPAL)) == principal
    assert sum(fact.amount_minor for fact in facts if isinstance(fact, Paid)) == (
        principal + charged + found.overpaid_minor
    )


@pytest.mark.parametrize(
    ("early", "principal"),
    [
        # 100,000 more than the first 250,000: 650,000 are left for three instalments, or those stay as they are.
        (EarlyPayment.LOWER_INSTALMENTS, [350_000, 216_667, 216_667, 216_666]),
        (EarlyPayment.FEWER_INSTALMENTS, [350_000, 250_000, 250_000, 150_000]),
        (EarlyPayment.LAST_INSTALMENT, [350_000, 250_000, 250_000, 150_000]),
        (EarlyPayment.NEXT_INSTALMENTS, [350_000, 150_000, 250_000, 250_000]),
    ],
)
def test_money_beyond_an_instalment_takes_the_effect_that_was_agreed(early: EarlyPayment, principal: list[int]) -> None:
    found = account(terms(early=early), paid(FEBRUARY, 281_000 + 100_000), as_of=FEBRUARY)
    assert column(found, Part.PRINCIPAL) == principal
    owed = [LENT, 650_000, 650_000 - principal[1], 650_000 - principal[1] - principal[2]]
    days = (31, 28, 31, 30)
    assert column(found, Part.INTEREST) == [
        round(Fraction(one * many, 1000)) for one, many in zip(owed, days, strict=True)
    ]


@pytest.mark.parametrize(
    ("early", "principal"),
    [
        (EarlyPayment.LOWER_INSTALMENTS, [417_400, 194_200, 194_200, 194_200]),
        (EarlyPayment.FEWER_INSTALMENTS, [417_400, 250_000, 250_000, 82_600]),
        (EarlyPayment.LAST_INSTALMENT, [417_400, 250_000, 250_000, 82_600]),
        (EarlyPayment.NEXT_INSTALMENTS, [417_400, 82_600, 250_000, 250_000]),
    ],
)
def test_money_inside_a_period_saves_the_interest_of_the_days_that_are_left(
    early: EarlyPayment, principal: list[int]
) -> None:
    # Ten days of 1,000 and 21 of 600; the rest of 440,000 is principal, 167,400 of it ahead of the plan.
    found = account(terms(early=early), paid(date(2026, 1, 11), 400_000), paid(FEBRUARY, 40_000), as_of=FEBRUARY)
    assert column(found, Part.INTEREST)[0] == 10 * 1_000 + 21 * 600
    assert column(found, Part.PRINCIPAL) == principal


@pytest.mark.parametrize(
    ("pre_close", "rest", "interest"),
    [
        # 750,000 are left from 1 February on; rest days of a week are 5, 12 and 19 February.
        (PreClose.THAT_DAY, Rest.DAILY, 10 * 750),
        (PreClose.REST_DAY, Rest.DAILY, 10 * 750),
        (PreClose.THAT_DAY, Rest.WEEKLY, 4 * 1_000 + 6 * 750),
        (PreClose.REST_DAY, Rest.WEEKLY, 4 * 1_000 + 7 * 750),
        (PreClose.THAT_DAY, Rest.PERIOD, 10 * 750),
        (PreClose.REST_DAY, Rest.PERIOD, 28 * 750),
        (PreClose.THAT_DAY, Rest.MONTHLY, 10 * 750),
        (PreClose.REST_DAY, Rest.MONTHLY, 28 * 750),
    ],
)
def test_a_loan_paid_off_bears_interest_to_that_day_or_to_its_rest_day(
    pre_close: PreClose, rest: Rest, interest: int
) -> None:
    day = date(2026, 2, 11)
    found = account(terms(pre_close=pre_close, rest=rest), paid(FEBRUARY, 281_000), paid(day, 5_000_000), as_of=day)
    assert column(found, Part.INTEREST) == [31_000, interest]
    assert column(found, Part.PRINCIPAL) == [250_000, 750_000]
    assert found.overpaid_minor == 5_000_000 - 750_000 - interest
    assert found.owed_minor == 0


# --- money that comes late --------------------------------------------------------------------------------------------

LATE = date(2026, 3, 11)  # ten days into the third month, two instalments late


@pytest.mark.parametrize(
    ("compounding", "more"),
    [
        (Compounding.NONE, 0),
        (Compounding.INTEREST, 10 * (31 + 21)),  # the interest of two months, ten days long
        (Compounding.FEE, 10 * 20),
        (Compounding.BOTH, 10 * (31 + 21 + 20)),
    ],
)
def test_what_is_late_bears_interest_in_the_running_period_until_money_comes(
    compounding: Compounding, more: int
) -> None:
    fee = ChargeAdded(due_on=FEBRUARY, amount_minor=20_000, part=Part.FEE, entered_on=START, ref="fee")
    found = account(terms(compounding=compounding), fee, paid(LATE, 1_000), as_of=LATE)
    assert column(found, Part.INTEREST) == [31_000, 21_000, 10 * 1_000 + 21 * 500 + more, 7_500]
    assert column(found, Part.PRINCIPAL) == [250_000] * 4
    assert column(found, Part.FEE) == [20_000, 0, 0, 0]
    first = found.instalments[0]
    assert (first.paid[Part.FEE], first.paid[Part.INTEREST]) == (1_000, 0)


def test_late_principal_that_is_paid_at_last_bears_interest_no_longer() -> None:
    # 281,000 on 11 March pay the first instalment: the second stays late until the day that is looked from.
    found = account(terms(), paid(LATE, 281_000), paid(date(2026, 3, 21), 1_000), as_of=date(2026, 3, 21))
    assert column(found, Part.INTEREST)[2] == 10 * 1_000 + 10 * 750 + 11 * 500


def test_after_the_last_due_date_late_principal_bears_interest_to_the_day_of_each_payment() -> None:
    until, again = date(2026, 4, 11), date(2026, 5, 1)
    found = account(terms(instalments=2), paid(until, 300_000), paid(again, 1_000), as_of=again)
    # 31,000 of the first payment are interest, 269,000 principal.
    assert column(found, Part.INTEREST) == [31_000, 14_000, 41 * 1_000, 20 * 731]
    assert column(found, Part.PRINCIPAL) == [500_000, 500_000, 0, 0]
    assert [line.due_on for line in found.instalments] == [FEBRUARY, MARCH, until, again]


NEXT = date(2026, 3, 21)


@pytest.mark.parametrize(
    ("amounts", "interest"),
    [
        # Both late instalments are paid; what comes later lowers the balance of the days that are left.
        ((552_000, 1_000), 10 * 1_000 + 21 * 500 - 11),
        # 119,000 go to the second instalment: 21,000 interest and 98,000 of the principal that is late.
        ((400_000, 1_000), 10 * 1_000 + 10 * (1_000 - 250 - 98) + 11 * 500),
    ],
)
def test_money_goes_from_late_instalment_to_late_instalment(amounts: tuple[int, int], interest: int) -> None:
    found = account(terms(), paid(LATE, amounts[0]), paid(NEXT, amounts[1]), as_of=NEXT)
    assert column(found, Part.INTEREST) == [31_000, 21_000, interest, 7_500]


def test_late_interest_bears_interest_until_the_day_it_is_paid() -> None:
    sixth = date(2026, 3, 6)
    agreed = terms(compounding=Compounding.INTEREST)
    found = account(agreed, paid(sixth, 281_000), paid(LATE, 271_000), paid(NEXT, 1_000), as_of=NEXT)
    # Five days with 31,000 and 21,000 of interest late, five with 21,000 and 250,000 paid, then nothing is late.
    assert column(found, Part.INTEREST)[2] == 5 * (1_000 + 52) + 5 * (750 + 21) + 21 * 500 - 11


def test_lines_of_interest_alone_end_with_the_loan() -> None:
    until, again, end = date(2026, 4, 11), date(2026, 4, 21), date(2026, 5, 1)
    agreed = terms(instalments=2)
    found = account(agreed, paid(until, 300_000), paid(again, 500_000), paid(end, 1_000), as_of=end)
    # 231,000 of principal and then 255,000 beside 14,000 of interest: 245,000 are left.
    assert column(found, Part.INTEREST) == [31_000, 14_000, 41_000, 10 * 731, 10 * 245]
    closed = account(agreed, paid(until, 300_000), paid(again, 1_000_000), as_of=again)
    assert column(closed, Part.INTEREST) == [31_000, 14_000, 41_000, 10 * 731]
    assert closed.overpaid_minor == 1_000_000 - 231_000 - 514_000 - 41_000 - 7_310
    assert closed.owed_minor == 0


def grown(balance: int, stretches: Iterable[int]) -> int:
    """What interest comes to where it is added after each stretch of days, every stretch rounded."""
    total = 0
    for days in stretches:
        total += round(Fraction((balance + total) * days, 1000))
    return total


@pytest.mark.parametrize(
    ("every", "january", "february"),
    [
        (Rest.DAILY, [1] * 31, [1] * 28),
        (Rest.WEEKLY, [7, 7, 7, 7, 3], [4, 7, 7, 7, 3]),  # 8, 15, 22, 29 January; 5, 12, 19, 26 February
        (Rest.MONTHLY, [31], [28]),
        (Rest.PERIOD, [31], [28]),
    ],
)
@pytest.mark.parametrize("compounding", [Compounding.INTEREST, Compounding.BOTH])
def test_interest_that_compounds_inside_a_period_bears_interest_from_those_days_on(
    compounding: Compounding, every: Rest, january: list[int], february: list[int]
) -> None:
    agreed = terms(compounding=compounding, compounding_every=every)
    planned = column(account(agreed, as_of=START), Part.INTEREST)
    assert planned[:2] == [grown(LENT, january), grown(750_000, february)]
    on_time = paid(FEBRUARY, 250_000 + planned[0])
    assert column(account(agreed, on_time, as_of=FEBRUARY), Part.INTEREST) == planned


@pytest.mark.parametrize("every", list(Rest))
def test_a_fee_that_is_paid_when_it_is_due_never_bears_interest(every: Rest) -> None:
    fee = ChargeAdded(due_on=FEBRUARY, amount_minor=20_000, part=Part.FEE, entered_on=START, ref="fee")
    agreed = terms(compounding=Compounding.FEE, compounding_every=every)
    found = account(agreed, fee, paid(FEBRUARY, 301_000), as_of=FEBRUARY)
    assert column(found, Part.INTEREST) == [31_000, 21_000, 15_500, 7_500]


def test_late_interest_that_compounds_daily_grows_until_it_is_paid() -> None:
    found = account(
        terms(compounding=Compounding.INTEREST, compounding_every=Rest.DAILY), paid(LATE, 1_000), as_of=LATE
    )
    first, second = grown(LENT, [1] * 31), grown(750_000, [1] * 28)
    ten = grown(LENT + first + second, [1] * 10)
    rest = grown(500_000 + ten, [1] * 21)  # what is late is taken to be paid; what grew this month is not due yet
    assert abs(column(found, Part.INTEREST)[2] - (ten + rest)) <= 2


@pytest.mark.parametrize("principal", [10**15, 2**62])
def test_the_largest_loans_that_can_be_kept_are_counted_too(principal: int) -> None:
    """Sixty-four bits of minor units, as the ledger has them: nineteen figures, and no cent of them goes astray."""
    agreed = terms(principal_minor=principal, amortisation=Amortisation.EQUAL_INSTALMENTS)
    inside = date(2026, 1, 21)
    found = account(agreed, paid(inside, principal // 2), as_of=inside)
    half = principal - principal // 2
    assert abs(column(found, Part.INTEREST)[0] - Fraction(principal * 20 + half * 11, 1000)) <= 2
    assert sum(column(found, Part.PRINCIPAL)) == principal
