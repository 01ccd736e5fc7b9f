"""Loans worked out by hand: charges paid in parts, overpaid money, late tranches, changed rates and days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jump.core.schedules import (
    Amortisation,
    ChargeAdded,
    Disbursed,
    Disbursement,
    Fact,
    InterestMethod,
    LoanAccount,
    LoanTerms,
    Paid,
    Part,
    Refunded,
    Rescheduled,
    Reversed,
    Waived,
    loan_account,
    schedule,
)

START = date(2026, 1, 15)
TERMS = LoanTerms.of_product(
    principal_minor=120_000,
    currency="PHP",
    rate_yearly=Decimal("0.12"),
    instalments=12,
    method="declining_equal_principal",
)
LENT = Disbursed(on=START, amount_minor=120_000, entered_on=START, ref="lent")
FEBRUARY, MARCH, APRIL = date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15)


def paid(amount: int, on: date, ref: str) -> Paid:
    return Paid(on=on, amount_minor=amount, entered_on=on, ref=ref)


def charge(amount: int, due_on: date, ref: str, part: Part = Part.PENALTY) -> ChargeAdded:
    return ChargeAdded(due_on=due_on, amount_minor=amount, part=part, entered_on=START, ref=ref)


def account(*facts: Fact, terms: LoanTerms = TERMS) -> LoanAccount:
    return loan_account(terms, [LENT, *facts])


def charges(found: LoanAccount) -> dict[str, int]:
    return {one.ref: one.paid_minor for one in found.charges}


# --- charges ----------------------------------------------------------------------------------------------------------


def test_charges_of_one_instalment_are_paid_oldest_first_and_in_parts() -> None:
    two = (charge(300, date(2026, 2, 1), "first"), charge(500, date(2026, 2, 10), "second"))
    day = date(2026, 2, 11)
    payments = (paid(200, day, "a"), paid(250, day, "b"), paid(100, day, "c"))
    stands = [charges(account(*two, *payments[:count])) for count in range(4)]
    assert stands == [
        {"first": 0, "second": 0},
        {"first": 200, "second": 0},
        {"first": 300, "second": 150},
        {"first": 300, "second": 250},
    ]


def test_charges_of_two_parts_are_paid_each_from_its_own_part() -> None:
    both = (charge(300, date(2026, 2, 1), "penalty"), charge(500, date(2026, 2, 1), "fee", Part.FEE))
    day = date(2026, 2, 11)
    found = account(*both, paid(450, day, "a"), paid(200, day, "b"))
    line = found.instalments[0]
    assert charges(found) == {"penalty": line.paid[Part.PENALTY], "fee": line.paid[Part.FEE]}
    assert sum(charges(found).values()) == 650


def test_a_payment_taken_back_leaves_charges_as_if_it_had_never_come() -> None:
    three = (
        charge(300, date(2026, 2, 1), "first"),
        charge(500, date(2026, 2, 10), "second"),
        charge(70, date(2026, 2, 12), "third", Part.FEE),
    )
    day = date(2026, 2, 13)
    payments = (paid(200, day, "a"), paid(400, day, "b"), paid(220, day, "c"))
    for number, taken in enumerate("abc"):
        back = account(*three, *payments, Reversed(target_ref=taken, entered_on=day, ref="back"))
        without = account(*three, *(one for at, one in enumerate(payments) if at != number))
        assert charges(back) == charges(without)
        assert [line.paid for line in back.instalments] == [line.paid for line in without.instalments]


def test_a_waiver_over_several_instalments_is_the_sum_of_what_each_gave_up() -> None:
    # Interest falls from 1,200 by 100 a month: 1,200 and 1,100, and 200 of the third month's 1,000.
    waived = Waived(on=START, amount_minor=2_500, part=Part.INTEREST, entered_on=START, ref="w")
    found = account(waived)
    [movement] = [one for one in found.movements if one.ref == "w"]
    assert movement.parts[Part.INTEREST] == 2_500
    assert [line.waived[Part.INTEREST] for line in found.instalments[:4]] == [1_200, 1_100, 200, 0]
    again = account(waived, replace(waived, amount_minor=300, ref="x"))
    assert [line.waived[Part.INTEREST] for line in again.instalments[:4]] == [1_200, 1_100, 500, 0]


# --- money beyond what was owed ---------------------------------------------------------------------------------------


def test_overpaid_money_adds_up_goes_back_in_parts_and_pays_what_is_newly_owed() -> None:
    owed = account().owed_minor
    day = date(2026, 3, 1)
    settled = (paid(owed + 100, day, "all"), paid(50, day, "more"))
    assert account(*settled).overpaid_minor == 150
    back = (Refunded(on=day, amount_minor=60, entered_on=day, ref="r1"),
            Refunded(on=day, amount_minor=40, entered_on=day, ref="r2"))  # fmt: skip
    assert account(*settled, *back).overpaid_minor == 50
    assert account(*settled, Reversed(target_ref="more", entered_on=day, ref="b")).overpaid_minor == 100


def test_money_given_back_is_owed_again_when_the_payment_it_came_from_is_taken_back() -> None:
    owed = account().owed_minor
    day = date(2026, 3, 1)
    facts = (
        paid(owed + 100, day, "all"),
        Refunded(on=day, amount_minor=60, entered_on=day, ref="r1"),
        Refunded(on=day, amount_minor=30, entered_on=day, ref="r2"),
        Reversed(target_ref="all", entered_on=day, ref="b"),
    )
    found = account(*facts)
    assert (found.overpaid_minor, found.owed_minor) == (0, owed + 60 + 30)
    assert sum(line.due[Part.PRINCIPAL] for line in found.instalments) == 120_000 + 90


# --- tables -----------------------------------------------------------------------------------------------------------


def test_a_tranche_in_the_middle_of_a_period_bears_interest_for_its_days_alone() -> None:
    """Declining balance, 12 % a year by periods of one month: 1 % of what is owed, and of the new money by its days."""
    second = date(2026, 2, 25)  # 10 days into a period of 28
    table = schedule(TERMS, disbursements=[Disbursement(START, 60_000), Disbursement(second, 60_000)])
    lines = [line for line in table.instalments if line.due_on > START]
    owed = 60_000 - lines[0].principal_minor
    assert lines[0].interest_minor == 600
    assert lines[1].interest_minor == round(Fraction(owed, 100) + Fraction(60_000, 100) * Fraction(18, 28))
    assert sum(line.principal_minor for line in lines) == 120_000
    owed += 60_000 - lines[1].principal_minor
    for line in lines[2:]:
        assert line.interest_minor == round(Fraction(owed, 100))
        owed -= line.principal_minor
    assert owed == 0


def test_a_rate_holds_from_the_instalment_it_is_changed_at_until_the_next_change() -> None:
    changes = (
        Rescheduled(from_on=APRIL, entered_on=START, rate_yearly=Decimal("0.24"), ref="up"),
        Rescheduled(from_on=date(2026, 7, 15), entered_on=START, rate_yearly=Decimal("0.06"), ref="down"),
    )
    table = schedule(TERMS, disbursed_on=START, changes=changes)
    owed, percents = 120_000, [1, 1, 2, 2, 2, *([Fraction(1, 2)] * 7)]
    for line, percent in zip(table.instalments, percents, strict=True):
        assert line.interest_minor == round(owed * Fraction(percent) / 100), line.number
        owed -= line.principal_minor
    assert owed == 0


def test_a_flat_loan_takes_the_same_interest_each_period_whatever_the_amortisation() -> None:
    for amortisation in Amortisation:
        terms = replace(TERMS, method=InterestMethod.FLAT, amortisation=amortisation)
        table = schedule(terms, disbursed_on=START)
        assert {line.interest_minor for line in table.instalments} == {1_200}
        assert {line.principal_minor for line in table.instalments} == {10_000}


def test_the_last_instalment_can_be_moved_alone_and_an_earlier_one_takes_the_later_ones_along() -> None:
    days = [line.due_on for line in schedule(TERMS, disbursed_on=START).instalments]
    last = Rescheduled(from_on=days[-1], due_on=date(2027, 2, 1), entered_on=START, ref="last")
    moved = [line.due_on for line in schedule(TERMS, disbursed_on=START, changes=[last]).instalments]
    assert moved == [*days[:-1], date(2027, 2, 1)]
    tenth = Rescheduled(from_on=days[9], due_on=date(2026, 11, 20), entered_on=START, ref="tenth")
    later = [line.due_on for line in schedule(TERMS, disbursed_on=START, changes=[tenth]).instalments]
    assert later == [*days[:9], date(2026, 11, 20), date(2026, 12, 20), date(2027, 1, 20)]


def test_more_instalments_spread_what_is_still_owed_over_all_that_are_left() -> None:
    more = Rescheduled(from_on=days_of(TERMS)[6], extra_terms=4, entered_on=START, ref="more")
    table = schedule(TERMS, disbursed_on=START, changes=[more])
    assert [line.principal_minor for line in table.instalments] == [10_000] * 6 + [6_000] * 10


def days_of(terms: LoanTerms) -> list[date]:
    return [line.due_on for line in schedule(terms, disbursed_on=START).instalments]
